/* SPDX-License-Identifier: MIT */
#ifndef TOOL_REPLAY_H
#define TOOL_REPLAY_H

/*
 * A trace done once more. replay.c compares, replay_feed.c tells the session what it was told and
 * asks what to do when it was asked.
 */

#include "trace.h"
#include "trace_read.h"

struct replay {
    struct trace_file file;
    struct trace_config config;
    struct trace trace; /* its lines come to `now` */
    struct prov_session *session;
    void *memory;
    struct prov_crypto crypto;

    size_t at;           /* the line that is being done */
    size_t digest;       /* where to look for the next digest, */
    size_t unsealed;     /* and for what was decrypted next */
    struct json_t *now;  /* array: lines of this run that were not compared yet */
    struct text *bodies; /* by line of a `fetched` */
    size_t *given;       /* bytes of them that the session has */
    size_t zone;         /* how far local time is known */
    size_t actions;      /* reproduced so far */
};

/* Hooks for the session: they answer what was recorded. */
void replay_hook(struct replay *r, struct prov_session_config *config);

/* Do what a line says. False if it is one about what the session decided. */
bool replay_line(struct replay *r, const json_t *line);

/* Is it something that the session wanted done? */
bool replay_is_action(const json_t *line);

#endif /* TOOL_REPLAY_H */
