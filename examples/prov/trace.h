/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRACE_H
#define TOOL_TRACE_H

/*
 * A run as JSON lines: a head, then one line for each event (doc/trace.md). The same code writes them
 * for a run and for its repetition, so that the lines can be compared.
 *
 *   trace.c         looks on (prov_run_watch()), keeps what belongs together
 *   trace_events.c  the lines about what passed by
 *   trace_record.c  the lines about what the session made of it
 *   trace_head.c    the head, both ways
 */

#include <stdio.h>

#include <jansson.h>

#include <prov/run.h>

#include "standin.h"
#include "zone_map.h"

#define TRACE_FORMAT 1
#define TRACE_SEEN 256

/* An action that is under way, with the bytes that came for it. */
struct trace_job {
    uint32_t id;
    enum prov_do kind;
    enum prov_item item;
    enum prov_ask_kind ask;
    struct text bytes;
};

/* What is told about a record only once. */
struct trace_told {
    bool any;
    uint32_t attempt;
    uint64_t began_ms; /* of it: each run counts its attempts from 1 */
    struct {
        enum prov_source_outcome outcome;
        const char *reason; /* NULL = not told */
    } sources[TRACE_SEEN];
    bool fetch[TRACE_SEEN];
    bool outcome;
    size_t findings;
    const char *waits_for;
};

struct trace {
    FILE *to;                          /* NULL = no file */
    void (*sink)(void *ctx, json_t *); /* or here; takes the line */
    void *sink_ctx;
    bool repeating;            /* what was told to the session, but not done, is not told again */
    struct standins *standins; /* NULL: what comes is concealed already */
    const struct prov_session *session;
    struct prov_crypto crypto; /* the real engine */
    struct prov_crypto hooked; /* ours, in front of it */
    uint64_t start_ms, now_ms;

    struct prov_zone zone; /* the real one */
    struct zone_map zones; /* what was told about it */

    struct prov_wall_time wall, told_wall;
    bool wall_told;
    bool wall_used;          /* the session was asked what to do since it was told the time, */
    uint64_t wall_used_ms;   /* then; and it said the same as before */
    bool reported;           /* something came since the last action */
    struct prov_action last; /* the last one that was told; spans are not used */
    struct trace_job *jobs;
    size_t job_count;
    struct text items[PROV_ITEMS]; /* of the store that is under way */
    struct trace_told told;
    struct prov_schedule_run next_run; /* that was told */
};

/* ---- trace.c ---- */

/* Before the session is set up: hook the trace into its configuration. */
void trace_hook(struct trace *t, struct prov_session_config *config);

/* The head; then events are told as they come. */
void trace_begin(struct trace *t, const struct prov_session *session,
                 const struct prov_session_config *config, uint64_t start_ms);

/* For prov_run_watch(). */
void trace_seen(void *ctx, const struct prov_watch_event *event);

/* The last line. NULL is no error. */
void trace_end(struct trace *t, int code, uint64_t now_ms);

void trace_free(struct trace *t);

/* One line; `more` gives its members and is freed. */
void trace_tell(struct trace *t, const char *event, json_t *more);

/* NULL if there is none. */
struct trace_job *trace_job_of(struct trace *t, uint32_t id);

/* ---- trace_events.c ---- */

/* Kinds of bytes, by what conceals them. */
enum trace_bytes {
    TRACE_FILE = 0,
    TRACE_ADDRESS = 1,
    TRACE_SIP = 2,
    TRACE_DHCP4 = 3,
    TRACE_DHCP6 = 4,
    TRACE_RECORD = 5,
    TRACE_OPENED = 6,
    TRACE_PLAIN = 7,
};

/* Set a member: `name` with text, or `nameHex` if the bytes are no text. Nothing if empty. */
void trace_set_bytes(const struct trace *t, json_t *j, const char *name, enum trace_bytes kind,
                     struct prov_str bytes);

json_t *trace_endpoint(const struct prov_endpoint *e);
const char *trace_item_name(enum prov_item item);
const char *trace_ask_name(enum prov_ask_kind kind);

void trace_action(struct trace *t, const struct prov_watch_event *e);
void trace_report(struct trace *t, const struct prov_watch_event *e);

/* ---- trace_record.c ---- */

void trace_record(struct trace *t);

/* ---- trace_head.c ---- */

json_t *trace_head(const struct trace *t, const struct prov_session_config *config);

/* A configuration as a head tells it. Spans live as long as the head. */
struct trace_config {
    struct prov_session_config session;
    struct prov_identity identity;
    struct prov_limits limits;
    struct prov_discover_options discover;
    struct prov_trust trust;
    struct prov_schedule schedule;
    struct prov_delay *delays;
    struct prov_str *notify_from, *hosts;
    uint64_t start_ms;
    bool crypto, zone;
};

/* False if the head is none, with the name of the member at fault (constant, or of the head). */
bool trace_read_head(const json_t *head, struct trace_config *out, const char **wrong);

void trace_config_free(struct trace_config *config);

#endif /* TOOL_TRACE_H */
