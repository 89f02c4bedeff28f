/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRACE_MAKER_H
#define TOOL_TRACE_MAKER_H

/* How steps are made of lines: trace_steps.c what passes by, trace_decisions.c what is decided. */

#include "trace_steps.h"

/* What belongs to the id of an action. */
struct action {
    uint32_t id;
    size_t lane;
    const char *url; /* of a fetch, in its line */
    uint64_t bytes, pieces;
};

struct maker {
    struct steps *out;
    const json_t *line;
    unsigned number;
    json_t *redirects; /* addresses of redirection services, without user part */
    json_t *groups;    /* addresses of multicast groups */
    struct action *actions;
    size_t action_count;
    int64_t offset; /* of the wall clock, in seconds */
    const char *clock;
    const json_t *not_asked; /* the first source of a row that were not, for the same reason */
};

/* A step at the phone's lifeline; its label is to be written. */
struct text *maker_note(struct maker *m, enum step_style style);

/* A member with something before it; nothing if it is not there. */
void maker_add_member(struct text *t, const char *before, const json_t *line, const char *name);

/* `PROV_E_NOT_FOUND` as words. */
void maker_add_status(struct text *t, const char *name);

bool maker_is_ok(const json_t *line);

void maker_on_attempt(struct maker *m);
void maker_on_source(struct maker *m);
void maker_on_file(struct maker *m);
void maker_on_finding(struct maker *m);
void maker_on_outcome(struct maker *m);
void maker_on_wait(struct maker *m);
void maker_on_clock(struct maker *m);
void maker_on_trigger(struct maker *m);
void maker_on_unsealed(struct maker *m);
void maker_on_end(struct maker *m);
void maker_on_broken(struct maker *m);
void maker_on_confirm(struct maker *m);
void maker_on_schedule(struct maker *m);

#endif /* TOOL_TRACE_MAKER_H */
