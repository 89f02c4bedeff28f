/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRACE_STEPS_H
#define TOOL_TRACE_STEPS_H

/* A trace as people look at it: who said what to whom, and what was decided. */

#include "trace_read.h"

/* In the order in which they are drawn. */
enum lane_kind {
    LANE_PHONE = 0,
    LANE_DHCP = 1,
    LANE_GROUP = 2, /* multicast group of PnP */
    LANE_PNP = 3,   /* who answered there */
    LANE_SIP = 4,   /* who sent a check-sync */
    LANE_REDIRECT = 5,
    LANE_SERVER = 6, /* an origin: scheme, host, port */
    LANE_STORE = 7,
};

struct lane {
    enum lane_kind kind;
    struct text name;
};

enum step_style {
    STEP_PLAIN = 0,
    STEP_FAILED = 1,
    STEP_DECISION = 2,
};

struct step {
    uint64_t ms;
    unsigned line;   /* of the file */
    size_t from, to; /* lanes; equal: a note at one of them */
    enum step_style style;
    struct text label;
};

struct steps {
    struct lane *lanes; /* the first one is the phone */
    size_t lane_count;
    struct step *items;
    size_t count;
};

/* steps_free() afterwards. */
void steps_make(const struct trace_file *file, struct steps *out);
void steps_free(struct steps *s);

/* Lines for people, on stdout. */
void steps_print(const struct trace_file *file, const struct steps *s);

json_t *steps_json(const struct trace_file *file, const struct steps *s);

/* A sequence diagram. */
void steps_svg(const struct trace_file *file, const struct steps *s, struct text *out);

#endif /* TOOL_TRACE_STEPS_H */
