/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRACE_H
#define TOOL_TRACE_H

/* What a run does, as one JSON line for each event. It stands between the session and the port. */

#include <stdbool.h>
#include <stdio.h>

#include <prov/run.h>

#define TRACE_SEEN 256

struct trace {
    FILE *to; /* NULL = no trace; then nothing is done */
    struct prov_net net;
    struct prov_store store;
    struct prov_clock clock;
    const struct prov_session *session;
    uint64_t start_ms;
    uint32_t attempt;  /* the one that is being told */
    uint64_t began_ms; /* of it: each run counts its attempts from 1 */
    bool source_seen[TRACE_SEEN];
    bool fetch_seen[TRACE_SEEN];
    bool outcome_seen;
};

/* Begin, and put the trace between: *net and *store are replaced by tables that tell. */
void trace_init(struct trace *t, FILE *to, struct prov_net *net, struct prov_store *store,
                const struct prov_clock *clock, const struct prov_session *session);

/* Tell what is new in the record. */
void trace_record(struct trace *t);

/* Tell about a NOTIFY for the phone. */
void trace_notify(struct trace *t, const struct prov_endpoint *from,
                  const struct prov_check_sync *seen);

#endif /* TOOL_TRACE_H */
