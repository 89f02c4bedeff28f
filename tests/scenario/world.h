/* SPDX-License-Identifier: MIT */
#ifndef SCENARIO_WORLD_H
#define SCENARIO_WORLD_H

/*
 * A fake world for whole sessions: scripted servers, a store that can lose its power, a clock.
 *
 * Everything the library asks of the world goes into a log, so that two runs can be compared byte
 * for byte. Nothing in here blocks or looks at the real time.
 */

#include <prov/prov.h>

#include "support/prov_cmocka.h"

/* What a server answers. Several rows for one address are its answers one after the other; the
 * last one repeats. An address that is in no row cannot be reached. */
struct world_reply {
    const char *url; /* without user part; NULL ends the table */
    const char *body;
    uint32_t http; /* 0 = 200 */
    enum prov_status status;
    const char *location;
    uint32_t retry_after_s;
    const char *retry_after, *date; /* headers as they are */
    uint32_t delay_ms;
    const char *user; /* the answer is 401 without these; NULL = open */
    const char *password;
    const char *etag; /* 304 if it is asked for with this one */
    const char *modified;
    size_t body_len; /* of a body with NUL bytes; 0 = it is a text */
};

struct world_flight {
    uint32_t id; /* 0 = none */
    const struct world_reply *reply;
    bool refused; /* wrong user or password */
    bool same;    /* not modified */
    size_t sent;
    uint64_t due_ms;
};

/* What DHCP answers. */
struct world_dhcp {
    bool there;        /* else the interface has none */
    const char *bytes; /* options or packet; NULL = an empty answer */
    size_t len;
    uint32_t delay_ms;
    bool silent;            /* never answers */
    enum prov_status begin; /* of `ask`, if not PROV_OK */
    enum prov_status end;   /* as reported */
};

/* What comes to the socket of a PnP exchange. */
enum world_message {
    WORLD_NOTIFY = 0,  /* belongs to our SUBSCRIBE */
    WORLD_SPOOF = 1,   /* wrong Call-ID */
    WORLD_OK = 2,      /* 200 to our SUBSCRIBE */
    WORLD_BARE = 3,    /* a NOTIFY without body */
    WORLD_GARBAGE = 4, /* the text as it is */
    WORLD_LOOSE = 5,   /* a NOTIFY that only a lenient phone takes */
};
struct world_datagram {
    uint32_t at_ms; /* since the socket was opened; 0 ends the table */
    enum world_message message;
    const char *text; /* the address, or the garbage */
    uint8_t host;     /* of 192.0.2.x */
};

/* A question under way. */
struct world_question {
    uint32_t id; /* 0 = none */
    uint64_t began_ms, due_ms;
    size_t next; /* datagram */
};

struct world_item {
    char *text; /* NULL = none */
    size_t len;
};

struct world;

struct world {
    /* script */
    const struct world_reply *replies;
    size_t chunk;     /* bytes of one piece; 0 = the whole body */
    bool blocking;    /* fetch ends inside the call; no wait, no cancel */
    bool backwards;   /* of answers that are due the youngest comes first */
    bool interleave;  /* one piece of every fetch in turn */
    uint32_t power;   /* store calls until the power goes; 0 = never */
    bool late_commit; /* the power goes after the commit took effect, not before */
    bool lan;         /* the port has `ask` and `send` */
    struct world_dhcp dhcp[2];
    const struct world_datagram *datagrams; /* NULL: multicast is silent */
    enum prov_status pnp_begin, send_status;
    uint32_t flood;                     /* random datagrams that come during the window */
    uint64_t time_known_ms;             /* when the wall clock is set */
    bool no_wall;                       /* the port has no wall clock */
    bool trusted;                       /* the wall clock, once it is set */
    int64_t wall_shift_s;               /* it has been set by so much */
    void (*meanwhile)(struct world *w); /* called by every wait and sleep */
    enum prov_status load_status;
    enum prov_status begin_status, put_status, commit_status, restore_status;
    bool no_restore; /* the store cannot */

    /* state */
    uint64_t now_ms;
    struct world_question questions[3];          /* by enum prov_ask_kind */
    uint32_t ask_count, send_count, answered[3]; /* 200, 481, any other */
    char call_id[128], from[256];                /* of our SUBSCRIBE */
    uint16_t params[2][32];
    size_t param_count[2];
    uint64_t random;
    struct world_flight flights[16];
    uint32_t flight_count, most_flights;
    uint32_t fetch_count, same_count, cancel_count, begin_count, commit_count, rollback_count,
        store_calls;
    uint32_t restore_count;
    uint32_t asked[64]; /* times that a row of replies was used */
    struct world_item items[PROV_ITEMS], next[PROV_ITEMS], previous[PROV_ITEMS];
    bool in_transaction, dark;
    char log[400000];
    size_t log_len;
    bool log_cut;

    /* the library */
    struct prov_session_config config;
    struct prov_discover_options discover;
    struct prov_limits limits;
    struct prov_session *session;
    struct prov_run run;
    void *memory;
    size_t memory_bytes;
    const struct prov_record *record;
};

extern const struct prov_dialect world_dialect; /* all or nothing */
extern const struct prov_dialect world_lenient; /* the other files are used */
extern const struct prov_identity world_identity;

#define WORLD_SETTINGS \
    "<configuration>\n" \
    "  <telephony><a>1</a><b>2</b></telephony>\n" \
    "  <keys><key id=\"1\">one</key></keys>\n" \
    "</configuration>\n"

/* Free it with world_free(). */
struct world *world_new(const char *url, const struct world_reply *replies);
void world_free(struct world *w);

/* The record of a source, NULL if the order has none of this kind. */
const struct prov_source_record *world_source(const struct world *w, enum prov_source_kind kind);
/* It ended so: outcome, reason. */
bool world_source_is(const struct world *w, enum prov_source_kind kind,
                     enum prov_source_outcome outcome, const char *reason);

/* A SIP NOTIFY with check-sync comes to the phone from 192.0.2.host; the status of the answer. */
unsigned world_check_sync(struct world *w, uint8_t host, const char *body);

/* Store content. */
void world_set(struct world *w, enum prov_item item, const char *text);
bool world_has(const struct world *w, enum prov_item item, const char *text);
bool world_same(const struct world *a, const struct world *b, enum prov_item item);

/* Set a session up with w->config and w->limits, in memory of exactly the bound (or w->memory_bytes
 * if that is set), and bind it. */
enum prov_status world_open(struct world *w);

/* Milliseconds of the wall clock when the monotonic one shows 0; in UTC it is 22:13:20. */
#define WORLD_EPOCH_MS INT64_C(1700000000000)

/* Let it run to its end. */
enum prov_status world_loop(struct world *w);

/* Both; the outcome. The test fails unless both succeed. */
enum prov_outcome world_run(struct world *w);

/* The phone restarts: same store, same server, new session. */
void world_reboot(struct world *w);

/* Is there a diagnostic with this number? Its place in the list or NULL. */
const struct prov_diag *world_diag(const struct world *w, enum prov_diag_code code);

/* A text stands in the record, or in the text of a diagnostic. */
bool world_tells(const struct world *w, const char *text);
bool world_logged(const struct world *w, const char *text);

#endif /* SCENARIO_WORLD_H */
