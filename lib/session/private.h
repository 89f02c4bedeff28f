/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_PRIVATE_H
#define PROV_SESSION_PRIVATE_H

/*
 * The parts of a session and what its files call of each other.
 *
 *   session.c  set up, public entry points, phases, how an attempt ends
 *   memory.c   how much memory all of it needs at most
 *   load.c     what the store holds, at the beginning
 *   source.c   where the address comes from
 *   fetch.c    fetches under way: start, bytes, end
 *   redirect.c where a 3xx leads, and whether that is allowed
 *   tree.c     a file is complete: read it, follow references
 *   change.c   digest, apply, compare
 *   output.c   what goes to the store
 *
 * Each phase has a turn function. It either fills the action or changes the phase.
 */

#include <prov/ref.h>
#include <prov/session.h>

#include "session/region.h"
#include "session/state.h"

#define PROV_SESSION_SOURCES 32u       /* most sources of a dialect */
#define PROV_SESSION_AGENT_BYTES 256u  /* longest User-Agent */
#define PROV_SESSION_DETAIL_BYTES 160u /* of the port's words about a failure */
#define PROV_SESSION_REDIRECTS 5u      /* NET-1 */
#define PROV_SESSION_STARS 4u          /* a redacted address may be longer by this */

enum prov_phase {
    PROV_PHASE_BEGIN = 0,
    PROV_PHASE_LOAD = 1,
    PROV_PHASE_SOURCE = 2,
    PROV_PHASE_FETCH = 3,
    PROV_PHASE_CHANGE = 4,
    PROV_PHASE_STORE = 5,
    PROV_PHASE_CLOSE = 6, /* the outcome is decided; cancels may be owed */
    PROV_PHASE_WAIT = 7,
    PROV_PHASE_STOP = 8,
};

/* What a turn function did. */
enum prov_turn {
    PROV_TURN_AGAIN = 0,  /* another phase: ask again */
    PROV_TURN_ANSWER = 1, /* the action is filled, or the session has failed for good */
};

enum prov_file_state {
    PROV_FILE_WAITING = 0,
    PROV_FILE_UNDER_WAY = 1,
    PROV_FILE_READY = 2, /* read into the pool */
    PROV_FILE_FAILED = 3,
};

/* One file; same index as in the tree. */
struct prov_session_file {
    enum prov_file_state state;
    uint32_t place; /* in the record, which is in the order of applying */
    uint32_t root;  /* in the pool, once ready */
    struct prov_str text;
    uint64_t began_ms;
};

enum prov_slot_state {
    PROV_SLOT_FREE = 0,
    PROV_SLOT_START = 1,  /* DO_FETCH is owed */
    PROV_SLOT_BUSY = 2,   /* the port is at work */
    PROV_SLOT_CANCEL = 3, /* DO_CANCEL is owed */
};

/* One fetch under way. */
struct prov_slot {
    enum prov_slot_state state;
    uint32_t id;
    uint32_t entry;
    uint32_t part;                /* in the region, while busy */
    bool auth;                    /* still at the origin that the credentials belong to */
    enum prov_diag_code overflow; /* the limit that a byte was too much for, 0 = none */
    uint32_t line, column;        /* of that byte */
    struct prov_buf url;          /* without user part */
    struct prov_buf secret;       /* user, then password, decoded; wiped at the end */
};

/* Nothing in this library needs a stricter alignment. */
union prov_session_align {
    void *p;
    uint64_t u;
    size_t n;
};
#define PROV_SESSION_ALIGN sizeof(union prov_session_align)

/* Why a file or a run ends badly. */
struct prov_verdict {
    enum prov_outcome outcome; /* refused or failed */
    enum prov_status status;
    enum prov_diag_code code;
    size_t need;
    uint32_t line; /* 0 = not about a place in the file */
    uint32_t column;
};

struct prov_session {
    struct prov_session_config config; /* presets in place of zeros */
    struct prov_identity identity;
    struct prov_limits limits;
    struct prov_xml_heap heap;
    struct prov_macro_table macros;
    char agent_text[PROV_SESSION_AGENT_BYTES];
    struct prov_str agent;

    struct prov_arena fixed; /* the whole memory; what lives as long as the session */
    struct prov_arena work;  /* the rest of it, set up afresh by every attempt */
    size_t bytes;
    size_t high; /* most bytes of all attempts */

    enum prov_phase phase;
    enum prov_status fatal;
    uint64_t now_ms;
    uint64_t random;
    uint64_t salt;
    uint32_t last_id;
    uint32_t io_id; /* the load or store under way, 0 = none */

    enum prov_item item; /* that is loaded */
    char *settings_mem;
    size_t settings_len;
    bool settings_overflow;
    struct prov_str settings; /* as loaded, or the dialect's empty ones */
    uint8_t settings_digest[32];
    char state_text[PROV_STATE_BYTES];
    size_t state_len; /* beyond PROV_STATE_BYTES: too long to be ours */
    bool has_state;
    struct prov_state state;

    struct prov_source_record *sources;
    struct prov_buf address; /* the winner's, with credentials */
    struct prov_str address_raw;

    char *region_mem;
    struct prov_region region;
    struct prov_xml x;
    uint32_t root; /* of the settings */
    struct prov_ref_tree tree;
    struct prov_session_file *files;
    struct prov_fetch_record *fetches;
    struct prov_slot slots[PROV_REGION_PARTS];
    struct prov_verdict first_failure; /* outcome NONE: no file has failed */
    uint32_t retry_after_s;

    struct prov_apply apply;
    struct prov_state next_state;
    char next_text[PROV_STATE_BYTES];
    struct prov_xml_writer writer;
    bool settings_written;
    bool state_written;

    enum prov_outcome outcome; /* decided, not yet published */
    enum prov_status status;
    struct prov_diags diags;
    struct prov_record record;
};

/* session.c */
uint32_t prov_session_new_id(struct prov_session *s);
/* Add a diagnostic. Spans are borrowed as long as the attempt's record. */
void prov_session_note(struct prov_session *s, const struct prov_verdict *v, struct prov_str source,
                       struct prov_str subject);
/* The attempt ends so; what is under way is cancelled. */
void prov_session_end(struct prov_session *s, enum prov_outcome outcome, enum prov_status status);
/* The session ends for good: a caller's or port's mistake, or no memory. */
void prov_session_fail(struct prov_session *s, enum prov_status status);
/* A copy for the record, without user part, cut to the longest address; fails the session if there
 * is no room. */
struct prov_str prov_session_redact(struct prov_session *s, struct prov_str url);

/* load.c */
enum prov_turn prov_session_load_turn(struct prov_session *s, struct prov_action *a);
enum prov_status prov_session_load_body(struct prov_session *s, const void *bytes, size_t len);
void prov_session_loaded(struct prov_session *s, enum prov_status status);

/* source.c */
enum prov_turn prov_session_source_turn(struct prov_session *s);

/* fetch.c */
enum prov_turn prov_session_fetch_turn(struct prov_session *s, struct prov_action *a);
bool prov_session_cancel_turn(struct prov_session *s, struct prov_action *a);
struct prov_slot *prov_session_slot(struct prov_session *s, uint32_t id);
enum prov_status prov_session_fetch_body(struct prov_session *s, struct prov_slot *slot,
                                         const void *bytes, size_t len);
void prov_session_fetch_end(struct prov_session *s, struct prov_slot *slot,
                            const struct prov_fetch_result *r);
void prov_session_cancel_all(struct prov_session *s);
struct prov_fetch_record *prov_session_fetch_record(struct prov_session *s, uint32_t entry);
/* A file cannot be had or read: what that means for the run is the dialect's policy (REF-4). */
void prov_session_file_failed(struct prov_session *s, uint32_t entry, const struct prov_verdict *v);

/* redirect.c */
/* Let the slot's address be the new one; false and a verdict if that is not allowed. */
bool prov_session_redirect(struct prov_session *s, struct prov_slot *slot,
                           const struct prov_fetch_result *r, struct prov_verdict *v);
/* An address without its user part, appended. */
void prov_session_strip(struct prov_str url, struct prov_buf *out);

/* tree.c */
bool prov_session_tree_begin(struct prov_session *s);
void prov_session_file_complete(struct prov_session *s, const struct prov_slot *slot);
bool prov_session_is_reference(const struct prov_session *s, enum prov_file_type type);

/* change.c */
enum prov_turn prov_session_change_turn(struct prov_session *s);

/* output.c */
enum prov_turn prov_session_store_turn(struct prov_session *s, struct prov_action *a);
void prov_session_stored(struct prov_session *s, enum prov_status status);

#endif /* PROV_SESSION_PRIVATE_H */
