/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_PRIVATE_H
#define PROV_SESSION_PRIVATE_H

/*
 * The parts of a session and what its files call of each other.
 *
 *   setup.c    prov_session_init(): what the caller gave, and the memory
 *   session.c  phases, prov_session_next(), how an attempt ends
 *   report.c   what the caller reports, by the id of an action
 *   memory.c   how much memory all of it needs at most
 *   load.c     what the store holds, at the beginning
 *   source.c   the search of the address: what prov/discover.h wants, and what comes of it
 *   ask.c      questions to the local network: start, bytes, end; DHCP
 *   pnp.c      the PnP exchange, which may outlive the search
 *   service.c  the redirection service's answer
 *   fetch.c    fetches under way: start, bytes, end
 *   redirect.c where a 3xx leads, and whether that is allowed
 *   recall.c   what is remembered of the last run's files, and whether that still counts
 *   guess.c    files that are asked for before they are named; what a 304 means
 *   tree.c     a file is complete: read it, follow references
 *   change.c   digest, apply, compare
 *   layers.c   the same for parameters from several files, and what is saved of them
 *   schedule.c the wall clock, and when the next run comes
 *   backoff.c  delays: between attempts, and of a start after failures
 *   seal.c     encrypted files
 *   certs.c    root certificates that the first file names
 *   output.c   what goes to the store
 *   trigger.c  what begins another run: triggers, check-sync
 *   trial.c    new settings that have to be confirmed, or are undone
 *   trust.c    where the source that the run began with may lead to
 *
 * Each phase has a turn function. It either fills the action or changes the phase. What is owed in
 * any phase comes first: datagrams of the PnP exchange, and cancels. When a turn has nothing to
 * start, the earliest time-out of all questions makes PROV_DO_WAIT of PROV_DO_NOTHING.
 *
 * The search is a machine of its own (prov/discover.h) that knows neither ids nor time-outs; here
 * its needs become actions, and reports become its answers. A first file that cannot be fetched
 * leads from FETCH back to SOURCE, where the machine gives the next address or ends (DSC-5, URL-3).
 *
 * Two events are kept: the one that began the run, for its further attempts, and one that came
 * meanwhile.
 */

#include <prov/dhcp.h>
#include <prov/layer.h>
#include <prov/pnp.h>
#include <prov/ref.h>
#include <prov/session.h>

#include "base/sha256.h"
#include "session/certs.h"
#include "session/recall.h"
#include "session/region.h"
#include "session/state.h"
#include "session/trial.h"
#include "session/trust.h"

#define PROV_SESSION_AGENT_BYTES 256u  /* longest User-Agent */
#define PROV_SESSION_DETAIL_BYTES 160u /* of the port's words about a failure */
#define PROV_SESSION_REDIRECTS 5u      /* NET-1 */
#define PROV_SESSION_STARS 4u          /* a redacted address may be longer by this */
#define PROV_SESSION_TRIES 32u         /* first files that are tried in one attempt */
#define PROV_SESSION_DHCP_BYTES 2048u  /* of options, or of a packet with them */
#define PROV_SESSION_SNIPPET 8192u     /* of a document that comes with a trigger */
#define PROV_SESSION_NEVER UINT64_MAX  /* no time-out runs */
#define PROV_SESSION_SLOTS 17u         /* most fetches side by side, and one more: see guess.c */

enum prov_phase {
    PROV_PHASE_BEGIN = 0,
    PROV_PHASE_LOAD = 1,
    PROV_PHASE_SOURCE = 2,
    PROV_PHASE_FETCH = 3,
    PROV_PHASE_CHANGE = 4,
    PROV_PHASE_STORE = 5,
    PROV_PHASE_CLOSE = 6, /* the outcome is decided; cancels may be owed */
    PROV_PHASE_KEEP = 7,  /* only the state is to be stored */
    PROV_PHASE_WAIT = 8,
    PROV_PHASE_STOP = 9,
    PROV_PHASE_TRIAL = 10,   /* new settings wait to be confirmed */
    PROV_PHASE_RESTORE = 11, /* the previous ones are to come back */
    PROV_PHASE_READY = 12,   /* all is loaded: may the network be asked? */
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
    PROV_FILE_SEALED = 4, /* encrypted, to be opened when all are there */
    PROV_FILE_SAME = 5,   /* 304: as far as it goes, all is as last time */
};

/* One file; same index as in the tree. */
struct prov_session_file {
    enum prov_file_state state;
    uint32_t place; /* in the record, which is in the order of applying */
    uint32_t root;  /* in the pool, once ready */
    struct prov_str text;
    enum prov_layer layer;               /* with layers: what it is, */
    uint8_t cert;                        /* unless it is the root certificate of this number */
    bool sought;                         /* among those that are remembered; it was: */
    const struct prov_remembered *known; /* or NULL */
    struct prov_str validator;           /* as received with the text */
    bool validator_is_etag;
};

/* A file of a dialect with layers, or the user's changes. */
struct prov_session_layer {
    bool has_saved; /* there is one in the store, and it can be used: */
    struct prov_str text;
    struct prov_params saved;
    bool named; /* the first file names it; itself always is */
    bool got;   /* it was fetched and can be used: */
    bool same;  /* it is the saved one */
    struct prov_str next;
    struct prov_params fresh; /* unless the same */
};

enum prov_slot_state {
    PROV_SLOT_FREE = 0,
    PROV_SLOT_START = 1,  /* DO_FETCH or DO_ASK is owed */
    PROV_SLOT_BUSY = 2,   /* the port is at work */
    PROV_SLOT_CANCEL = 3, /* DO_CANCEL is owed */
};

/* One fetch under way. */
struct prov_slot {
    enum prov_slot_state state;
    uint32_t id;
    bool service;   /* the redirection service, no file of the tree */
    uint32_t guess; /* a file that is not named yet, PROV_REF_NONE = it is */
    uint32_t entry; /* else which */
    bool asked;     /* whether it has changed; answered by 304 if it has not */
    uint32_t part;  /* in the region, while busy */
    uint64_t began_ms;
    bool auth;                    /* still at the origin that the credentials belong to */
    enum prov_diag_code overflow; /* the limit that a byte was too much for, 0 = none */
    uint32_t line, column;        /* of that byte */
    struct prov_buf url;          /* without user part */
    struct prov_buf secret;       /* user, then password, decoded; wiped at the end */
};

/* One question to the local network. */
struct prov_question {
    enum prov_slot_state state;
    uint32_t id;
    uint64_t until_ms; /* then it is looked at again, or given up */
};

/* DHCP as it answers. */
struct prov_session_dhcp {
    uint16_t params[PROV_DHCP_PARAMS_MAX];
    size_t len;
    bool overflow;
    char bytes[PROV_SESSION_DHCP_BYTES];
};

/* The PnP exchange. */
struct prov_session_pnp {
    bool open;                                /* its socket is */
    uint32_t seen[PROV_PNP_INCOMPLETE + 1];   /* datagrams of each verdict */
    struct prov_endpoint stranger, malformed; /* who sent the first of these */
    struct prov_pnp machine;
};

/* Clocks, and runs by schedule. */
struct prov_session_time {
    bool started; /* the session has been called: */
    uint64_t start_ms;
    bool told;          /* the wall clock, since it was looked at */
    bool trusted;       /* it can be trusted: */
    int64_t unix_ms;    /* this late it was ... */
    uint64_t at_ms;     /* ... then */
    uint64_t bound_s;   /* it has been this late, as the store knows; 0 = not known */
    uint64_t device;    /* whose part of a window this phone has */
    int64_t last_ms;    /* when the last run by time of day was planned for */
    uint64_t look_ms;   /* the plan is looked at again */
    uint64_t server_ms; /* nothing by schedule before: a server has asked for it */
};

/* A start holds back. */
struct prov_session_hold {
    bool done;             /* that was decided for this run: */
    bool backs_off;        /* after failures, not only for the spread */
    uint64_t other_ms;     /* until then at least */
    uint64_t failed_ms;    /* and until then, unless a clock says less: */
    uint64_t not_before_s; /* 0 = nothing more to be said */
};

/* What begins a run. */
struct prov_session_event {
    enum prov_trigger trigger;
    bool asked; /* by a person, while the session ran */
    bool has_url;
    struct prov_buf url;
    struct prov_buf document; /* empty = none */
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
    struct prov_session_config config;     /* presets in place of zeros */
    struct prov_discover_options discover; /* with the address and encoding of the above */
    struct prov_trust trust;               /* the options', or the dialect's */
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
    struct prov_wall_time wall;

    struct prov_session_event event, later; /* of this run; of the next one */
    bool has_later;
    bool told_stop;
    enum prov_phase then; /* after KEEP */
    struct prov_session_time time;
    struct prov_session_hold hold;
    bool looked; /* the store has been read once */
    struct prov_session_trial trial;
    struct prov_check_sync_last notified;

    enum prov_item item; /* that is loaded */
    size_t item_start;   /* with layers: several items share this memory */
    char *settings_mem;
    size_t settings_len;
    bool settings_overflow;
    struct prov_str settings; /* as loaded, or the dialect's empty ones */
    uint8_t settings_digest[32];
    char state_text[PROV_STATE_BYTES];
    size_t state_len; /* beyond PROV_STATE_BYTES: too long to be ours */
    bool has_state;
    bool state_read;
    struct prov_state state; /* as the store has it */

    bool has_policy; /* the settings have been read */
    struct prov_discover_settings policy;
    struct prov_source_record *sources;
    bool searching;  /* the search has begun */
    uint32_t cannot; /* needs, as bits, that the port cannot serve at all */
    struct prov_discover search;
    struct prov_question questions[3]; /* by enum prov_need */
    struct prov_session_dhcp dhcp[2];
    struct prov_session_pnp pnp;
    struct prov_fetch_record service; /* as of a file */
    bool service_document;            /* it answered with the first file itself: */
    struct prov_str service_text;
    uint32_t service_root;
    enum prov_file_type service_type;
    struct prov_discover_candidate direct[PROV_DISCOVER_URLS]; /* without a search */
    size_t direct_count, direct_next;
    uint32_t from; /* whose address is being followed, as in struct prov_trust */
    uint32_t tries;
    struct prov_verdict failed_try; /* the first; outcome NONE: none has failed */

    char *region_mem;
    struct prov_region region;
    struct prov_xml x;
    uint32_t root; /* of the settings */
    struct prov_ref_tree tree;
    struct prov_session_file *files;
    struct prov_fetch_record *fetches;
    struct prov_slot slots[PROV_SESSION_SLOTS];
    struct prov_slot arrived; /* stands for the one that has brought a guess */
    struct prov_region_part *parts;
    struct prov_recall recall;
    struct prov_verdict first_failure; /* outcome NONE: no file has failed */
    uint32_t retry_after_s;

    struct prov_session_layer layers[PROV_LAYERS];
    struct prov_params merged[2];     /* as saved; with the files that were fetched */
    const struct prov_params *params; /* those in force, NULL = not known yet */
    const struct prov_param_difference *changed;
    uint32_t changed_count, changed_dropped;
    bool incomplete;       /* a file that is named could not be had */
    uint32_t output_layer; /* next one to be stored */

    struct prov_session_cert certs[PROV_CERTS];
    bool certs_settled;      /* it is known which of them count */
    struct prov_str anchors; /* all that count */
    uint32_t output_cert;    /* next one to be stored, by index */

    struct prov_apply apply;
    struct prov_state
        next_state; /* as it is to be; what is about a run counts once that is stored */
    char next_text[PROV_STATE_BYTES];
    bool kept; /* the store has it, or does not take it */
    struct prov_xml_writer writer;
    bool settings_written;
    bool state_written;

    bool settled; /* whether another attempt follows: */
    bool retries;
    uint64_t retry_ms;         /* so much later */
    enum prov_outcome outcome; /* decided, not yet published */
    enum prov_outcome cause;   /* before saved files made it something else */
    enum prov_status status;
    struct prov_diags diags;
    struct prov_record record;
};

/* Longest document that can come with a trigger. */
static inline uint32_t
prov_session_snippet_bytes(const struct prov_limits *l)
{
    uint32_t n = PROV_SESSION_SNIPPET;

    n = l->file_bytes < n ? l->file_bytes : n;
    return l->tree_bytes < n ? l->tree_bytes : n;
}

static inline bool
prov_session_has_layers(const struct prov_session *s)
{
    return s->config.dialect->layers != NULL;
}

/* session.c */
/* The attempt goes on with what the store holds now; nothing else of it stays. */
void prov_session_load_again(struct prov_session *s);
/* A clock that goes back is taken to stand still. */
void prov_session_set_time(struct prov_session *s, uint64_t now_ms);
uint32_t prov_session_new_id(struct prov_session *s);
/* Add a diagnostic. Spans are borrowed as long as the attempt's record. */
void prov_session_note(struct prov_session *s, const struct prov_verdict *v, struct prov_str source,
                       struct prov_str subject);
/* The attempt ends so; what is under way is cancelled. */
void prov_session_end(struct prov_session *s, enum prov_outcome outcome, enum prov_status status);
/* The session ends for good: a caller's or port's mistake, or no memory. */
void prov_session_fail(struct prov_session *s, enum prov_status status);
/* False if it is neither; class caller and class space end the session. */
bool prov_session_is_fatal(struct prov_session *s, enum prov_status status);
/* Was the network asked for an address? It may answer next time; the settings will not. */
bool prov_session_was_asked(const struct prov_session *s);
/* A copy for the record, without user part, cut to the longest address; fails the session if there
 * is no room. */
struct prov_str prov_session_redact(struct prov_session *s, struct prov_str url);

/* digest.c */
/* The end of a digest that is compared with one of another run, or kept for one. */
void prov_session_digest(const struct prov_session *s, struct prov_sha256 *h, uint8_t out[32]);

/* load.c */
enum prov_turn prov_session_load_turn(struct prov_session *s, struct prov_action *a);
enum prov_status prov_session_load_body(struct prov_session *s, const void *bytes, size_t len);
void prov_session_loaded(struct prov_session *s, enum prov_status status);
/* The settings may be others by now: when do runs come? */
void prov_session_read_policy_again(struct prov_session *s);

/* source.c */
enum prov_turn prov_session_source_turn(struct prov_session *s, struct prov_action *a);
/* The first file cannot be fetched: another address may do. */
void prov_session_first_failed(struct prov_session *s, const struct prov_verdict *v);

/* ask.c */
void prov_session_ask(struct prov_session *s, enum prov_need need);
void prov_session_unask(struct prov_session *s, enum prov_need need);
/* True if the action is filled. */
bool prov_session_ask_turn(struct prov_session *s, struct prov_action *a);
bool prov_session_unask_turn(struct prov_session *s, struct prov_action *a);
void prov_session_unask_all(struct prov_session *s);
/* Questions whose time is over are given up. */
void prov_session_expire(struct prov_session *s);
/* When that is the case next, PROV_SESSION_NEVER if none is under way. */
uint64_t prov_session_deadline(const struct prov_session *s);
/* The DHCP question of an id, NULL if it is not under way. */
struct prov_question *prov_session_question(struct prov_session *s, uint32_t id);
enum prov_status prov_session_dhcp_body(struct prov_session *s, const struct prov_question *q,
                                        const void *bytes, size_t len);
void prov_session_dhcp_end(struct prov_session *s, struct prov_question *q,
                           enum prov_status status);
/* Why nothing comes of a question that could not be put. */
const char *prov_session_unserved(enum prov_need need, enum prov_status status);

/* pnp.c */
void prov_session_pnp_opened(struct prov_session *s, enum prov_status status,
                             const struct prov_endpoint *local);
bool prov_session_pnp_send(struct prov_session *s, struct prov_endpoint *to,
                           struct prov_str *bytes);
bool prov_session_pnp_turn(struct prov_session *s, struct prov_action *a);
void prov_session_pnp_datagram(struct prov_session *s, const struct prov_endpoint *from,
                               struct prov_str bytes);
/* The socket is about to be closed: what is worth a word is told. */
void prov_session_pnp_close(struct prov_session *s);

/* service.c */
void prov_session_service_begin(struct prov_session *s);
void prov_session_service_end(struct prov_session *s, struct prov_slot *slot,
                              const struct prov_fetch_result *r);

/* fetch.c */
enum prov_turn prov_session_fetch_turn(struct prov_session *s, struct prov_action *a);
bool prov_session_start_turn(struct prov_session *s, struct prov_action *a);
bool prov_session_cancel_turn(struct prov_session *s, struct prov_action *a);
struct prov_slot *prov_session_slot(struct prov_session *s, uint32_t id);
enum prov_status prov_session_fetch_body(struct prov_session *s, struct prov_slot *slot,
                                         const void *bytes, size_t len);
void prov_session_fetch_end(struct prov_session *s, struct prov_slot *slot,
                            const struct prov_fetch_result *r);
void prov_session_cancel_all(struct prov_session *s);
struct prov_fetch_record *prov_session_fetch_record(struct prov_session *s, uint32_t entry);
/* Of whatever a slot fetches. */
struct prov_fetch_record *prov_session_slot_record(struct prov_session *s,
                                                   const struct prov_slot *slot);
/* Slots in use. */
uint32_t prov_session_slots_used(const struct prov_session *s);
struct prov_slot *prov_session_slot_in(struct prov_session *s, enum prov_slot_state state);
/* Not wanted any more: the port is told if it has begun. */
void prov_session_cancel(struct prov_session *s, struct prov_slot *slot);
/* Bytes of a growing string do not count any more; its slot goes on to its end in vain. */
void prov_session_give_up(struct prov_session *s, struct prov_slot *slot, enum prov_diag_code why);
/* A file cannot be had or read: what that means for the run is the dialect's policy (REF-4). */
void prov_session_file_failed(struct prov_session *s, uint32_t entry, const struct prov_verdict *v);
/* Is the body there whole? If not, why. */
bool prov_session_judge(const struct prov_session *s, const struct prov_slot *slot,
                        const struct prov_fetch_result *r, struct prov_verdict *v);
bool prov_session_is_redirect(const struct prov_fetch_result *r);
/* The port's words, bounded and copied. */
struct prov_str prov_session_detail(struct prov_session *s, const struct prov_fetch_result *r);
/* A slot takes an address, which loses its user part. */
void prov_session_assign(struct prov_session *s, struct prov_slot *slot, struct prov_str url);
/* The slot is free; the port has no more claim on what the action pointed to. */
void prov_session_forget(struct prov_slot *slot);

/* redirect.c */
/* Let the slot's address be the new one; false and a verdict if that is not allowed. */
bool prov_session_redirect(struct prov_session *s, struct prov_slot *slot,
                           const struct prov_fetch_result *r, struct prov_verdict *v);
/* Where a Location leads, appended; false and a verdict if that is no address. */
bool prov_session_locate(const struct prov_session *s, struct prov_str base,
                         struct prov_str location, struct prov_buf *out, struct prov_verdict *v);
/* An address without its user part, appended. */
void prov_session_strip(struct prov_str url, struct prov_buf *out);
/* Is it the same address but for the user part, which the second has not? */
bool prov_session_is_stripped(struct prov_str url, struct prov_str stripped);

/* tree.c */
/* The first file, by an address of the search. */
bool prov_session_tree_begin(struct prov_session *s, const struct prov_discover_candidate *c);
/* The first file came with the redirection service's answer. */
void prov_session_tree_adopt(struct prov_session *s);
/* The first file came with the trigger. */
void prov_session_tree_snippet(struct prov_session *s);
/* The files that are still encrypted. */
void prov_session_open_sealed(struct prov_session *s);
void prov_session_file_complete(struct prov_session *s, const struct prov_slot *slot);
/* With layers: the file is the saved one. */
void prov_session_file_saved(struct prov_session *s, const struct prov_slot *slot);
/* Read a text as the dialect's files are. */
enum prov_status prov_session_read(struct prov_session *s, struct prov_str name,
                                   struct prov_str text, uint32_t *root, enum prov_file_type *type);
bool prov_session_is_reference(const struct prov_session *s, enum prov_file_type type);
/* Put a file in the tree that a parameter of the first file names. False if there is no such
 * parameter; `entry` is PROV_REF_NONE then, and also if the address is none. */
bool prov_session_put_named(struct prov_session *s, struct prov_str place, struct prov_str base,
                            struct prov_str source, uint32_t *entry);

/* change.c */
enum prov_turn prov_session_change_turn(struct prov_session *s);
/* Length first, so that no two lists of texts make the same bytes. */
void prov_session_hash_text(struct prov_sha256 *h, struct prov_str text);
/* The settings are those that the last run has made, and all went well. */
bool prov_session_is_settled(const struct prov_session *s);

/* layers.c */
/* An item has been loaded; false if that ended the session or, unless it did, if the item is the
 * user's and cannot be used. The next item is set. */
bool prov_session_layer_loaded(struct prov_session *s);
/* All have been loaded. */
bool prov_session_layers_loaded(struct prov_session *s);
/* A file is there: its text, or the document it was read into. */
enum prov_status prov_session_layer_take(struct prov_session *s, enum prov_layer layer,
                                         struct prov_str name, struct prov_str text, uint32_t root);
bool prov_session_layer_is_saved(const struct prov_session *s, enum prov_layer layer,
                                 struct prov_str text);
/* Of a file that was taken. */
const struct prov_params *prov_session_layer_params(const struct prov_session *s,
                                                    enum prov_layer layer);
enum prov_turn prov_session_layers_turn(struct prov_session *s);
/* Of all files as they are saved; or as they will be after this run. */
void prov_session_layers_digest(const struct prov_session *s, bool after, uint8_t out[32]);
/* PAN-5: an attempt that fails may have saved files to live on. */
enum prov_outcome prov_session_layers_outcome(struct prov_session *s, enum prov_outcome outcome);
bool prov_session_layers_output(struct prov_session *s, enum prov_item *item,
                                struct prov_str *piece);
void prov_session_layers_stored(struct prov_session *s);

/* schedule.c */
/* The wall clock as it is now; false unless it can be trusted. */
bool prov_session_wall_ms(const struct prov_session *s, int64_t *unix_ms);
/* The time has been set; what follows from what the wall clock was told. */
void prov_session_look_at_clocks(struct prov_session *s);
/* DSC-6: is there something to ask or to fetch, and no time to do it? */
bool prov_session_lacks_time(const struct prov_session *s);
/* The next run by schedule, for the record. */
void prov_session_foresee(struct prov_session *s);
/* When it is to begin, or the plan to be looked at again; PROV_SESSION_NEVER if there is none to be
 * followed. */
uint64_t prov_session_scheduled(struct prov_session *s);
void prov_session_begin_scheduled(struct prov_session *s);

/* backoff.c */
/* A server may ask for more time. */
void prov_session_take_retry_after(struct prov_session *s, const struct prov_fetch_result *r);
/* The attempt has ended: is there another one, and what of that is to be remembered? */
void prov_session_settle(struct prov_session *s);
void prov_session_forget_failures(struct prov_session *s);
/* The state is about to be stored. */
void prov_session_stamp(struct prov_session *s);
/* Is there something to wait for before an attempt? */
bool prov_session_holds(struct prov_session *s, struct prov_action *a);
enum prov_turn prov_session_ready_turn(struct prov_session *s);

/* seal.c */
bool prov_session_is_sealed(const struct prov_session *s, struct prov_str text);
/* Most bytes of a file that begins so: the limit is on what it holds, and encrypted it is larger. */
uint32_t prov_session_file_bytes(const struct prov_session *s, struct prov_str text);
/* Most bytes of any file that is fetched. */
uint32_t prov_session_most_bytes(const struct prov_session *s);
/* Let plain text stand in its place. A diagnostic is there unless it is done. */
enum prov_status prov_session_unseal(struct prov_session *s, struct prov_str name,
                                     struct prov_str *text);

/* output.c */
enum prov_turn prov_session_store_turn(struct prov_session *s, struct prov_action *a);
void prov_session_stored(struct prov_session *s, enum prov_status status);
/* The attempt has ended. Is there news that the next one has to know of? */
bool prov_session_has_news(struct prov_session *s);

/* trial.c, see also trial.h */
enum prov_turn prov_session_trial_turn(struct prov_session *s, struct prov_action *a);

/* trigger.c */
/* The caller has made sure that it fits. */
void prov_session_begin_run(struct prov_session *s, const struct prov_trigger_event *event);
/* The run that is under way is to begin once more when it has ended, unless another one follows. */
void prov_session_again(struct prov_session *s);
/* The event that came meanwhile is the one of the run that begins now. */
void prov_session_take_later(struct prov_session *s);

#endif /* PROV_SESSION_PRIVATE_H */
