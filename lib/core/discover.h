/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_DISCOVER_H
#define PROV_CORE_DISCOVER_H

/* What the files discover*.c share. */

#include <prov/discover.h>

/* Longest DHCP answer that is looked at. */
#define PROV_DISCOVER_DHCP_MAX 4096u

/* Longest address before markers. */
#define PROV_DISCOVER_ADDRESS_MAX(url_bytes) (2 * (size_t)(url_bytes))

/* Number of needs. */
#define PROV_NEEDS 4u

/* The need of a source that asks nobody: the manual one. */
#define PROV_NEED_NONE PROV_NEEDS

/* `winner` while there is none. */
#define PROV_DISCOVER_NONE SIZE_MAX

/* How far the question has come. */
enum prov_need_state {
    NEED_IDLE = 0,
    NEED_TO_ASK = 1,    /* the caller has to be told */
    NEED_ASKED = 2,     /* the caller owes an answer */
    NEED_TO_CANCEL = 3, /* the caller has to be told; an answer is still taken for the record */
    NEED_KNOWN = 4,     /* DHCP: the facts are there, perhaps empty */
};

/* In the sets `off`, `waiting` and `owed`. */
static inline uint32_t
prov_discover_bit(size_t index)
{
    return (uint32_t)1 << index;
}

/* A clock that goes back stands still. */
static inline void
prov_discover_tick(struct prov_discover *d, uint64_t now_ms)
{
    if (now_ms > d->now_ms)
        d->now_ms = now_ms;
}

/* Whom a source asks. */
static inline unsigned
prov_discover_need(const struct prov_source_rule *rule)
{
    if (rule->kind == PROV_SOURCE_MANUAL)
        return PROV_NEED_NONE;
    if (rule->kind == PROV_SOURCE_PNP)
        return PROV_NEED_PNP;
    if (rule->kind == PROV_SOURCE_REDIRECT)
        return PROV_NEED_REDIRECT;
    return rule->dhcp.v6 ? PROV_NEED_DHCP6 : PROV_NEED_DHCP4;
}

/* DSC-5: the option, or else what the rule says. */
static inline bool
prov_discover_proceeds(enum prov_choice choice, bool preset)
{
    return choice == PROV_CHOICE_PRESET ? preset : choice == PROV_CHOICE_YES;
}

/* The address set by hand and the template of the redirection service, trimmed; empty = none. The
 * caller's word goes before that of the settings and the dialect. */
struct prov_str prov_discover_manual(const struct prov_discover *d);
struct prov_str prov_discover_template(const struct prov_discover *d);

/* ---- What becomes of a source (discover.c) ---- */

/* It has an outcome. `reason` is constant text. */
void prov_discover_finish(struct prov_discover *d, size_t index, enum prov_source_outcome outcome,
                          const char *reason);
void prov_discover_refuse(struct prov_discover *d, size_t index, enum prov_status status,
                          const char *reason);

/* The same with a diagnostic, of an address that the policy refuses. */
void prov_discover_refuse_by_policy(struct prov_discover *d, size_t index,
                                    enum prov_trust_fault fault);

/* It has one of the candidates, which stand in `d`, and wins the step (DSC-1). */
void prov_discover_win(struct prov_discover *d, size_t index);

/* It has an address: complete it, and win if nobody has. `address` lives as long as the search. */
void prov_discover_take(struct prov_discover *d, size_t index, struct prov_str address);

/* DHCP has answered: look for its options. */
void prov_discover_look_up(struct prov_discover *d, size_t index);

/* Reason of one that has an address, but lost. */
extern const char prov_discover_won_mate[];

/* ---- Text in the arena (discover_record.c). False = no room; the search has ended then. ---- */

bool prov_discover_keep(struct prov_discover *d, struct prov_str text, struct prov_str *out);

/* As prov_discover_keep(), of an address without its user part, cut at url_bytes. */
bool prov_discover_redact(struct prov_discover *d, struct prov_str address, struct prov_str *out);

/* Fills `asked` of a source: what it asks, for people. */
bool prov_discover_put_asked(struct prov_discover *d, size_t index);

/* Fills `raw`: the options that the source reads. */
bool prov_discover_put_options(struct prov_discover *d, size_t index);

/* Fills `raw`: the beginning of a message. */
bool prov_discover_put_message(struct prov_discover *d, size_t index, struct prov_str message);

/* ---- Addresses (discover_address.c) ---- */

/* Markers replaced and nothing added; otherwise as prov_discover_complete(). */
enum prov_status prov_discover_expand(const struct prov_macro_set *macros, bool macro_raw,
                                      const struct prov_limits *limits, struct prov_str address,
                                      struct prov_arena *arena, struct prov_str *out,
                                      struct prov_diag *diag);

/* discover_schedule.c */

/* Numbers of minutes or seconds, and minutes of a day: none of them is so large. */
#define PROV_NOT_SAID (UINT32_MAX - 1) /* it is not there, or no good */
#define PROV_NO_ROW UINT32_MAX         /* the dialect has no such setting */

/* A switch in the settings. */
enum prov_toggle {
    PROV_TOGGLE_NO_ROW = 0, /* the dialect has none */
    PROV_TOGGLE_NOT_SAID = 1,
    PROV_TOGGLE_OFF = 2,
    PROV_TOGGLE_ON = 3,
};

/* What the settings say about times. */
struct prov_said_times {
    enum prov_toggle cyclic, random, days[7];
    uint32_t cyclic_minutes, random_min_s, random_max_s;
    uint32_t daily, time; /* minutes since midnight */
};

/* What that comes to (SCH-1). False if the random delay has its ends the wrong way round: then there
 * is none. */
bool prov_discover_schedule(const struct prov_schedule_preset *preset,
                            const struct prov_said_times *said, struct prov_schedule *out);

#endif /* PROV_CORE_DISCOVER_H */
