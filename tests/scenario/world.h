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
    uint32_t delay_ms;
    const char *user; /* the answer is 401 without these; NULL = open */
    const char *password;
};

struct world_flight {
    uint32_t id; /* 0 = none */
    const struct world_reply *reply;
    bool refused; /* wrong user or password */
    size_t sent;
    uint64_t due_ms;
};

struct world_item {
    char *text; /* NULL = none */
    size_t len;
};

struct world {
    /* script */
    const struct world_reply *replies;
    size_t chunk;     /* bytes of one piece; 0 = the whole body */
    bool blocking;    /* fetch ends inside the call; no wait, no cancel */
    bool backwards;   /* of answers that are due the youngest comes first */
    bool interleave;  /* one piece of every fetch in turn */
    uint32_t power;   /* store calls until the power goes; 0 = never */
    bool late_commit; /* the power goes after the commit took effect, not before */
    enum prov_status load_status;
    enum prov_status begin_status, put_status, commit_status;

    /* state */
    uint64_t now_ms;
    struct world_flight flights[16];
    uint32_t flight_count, most_flights;
    uint32_t fetch_count, cancel_count, begin_count, commit_count, rollback_count, store_calls;
    uint32_t asked[64]; /* times that a row of replies was used */
    struct world_item items[2], next[2];
    bool in_transaction, dark;
    char log[400000];
    size_t log_len;
    bool log_cut;

    /* the library */
    struct prov_session_config config;
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

/* Store content. */
void world_set(struct world *w, enum prov_item item, const char *text);
bool world_has(const struct world *w, enum prov_item item, const char *text);
bool world_same(const struct world *a, const struct world *b, enum prov_item item);

/* Set a session up with w->config and w->limits, in memory of exactly the bound (or w->memory_bytes
 * if that is set), and bind it. */
enum prov_status world_open(struct world *w);

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
