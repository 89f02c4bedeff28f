/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TIMELINE_H
#define TOOL_TIMELINE_H

/* The sources of a record, on screen. */

#include <prov/discover.h>

#include "report.h"

struct timeline {
    const struct prov_source_record *sources;
    size_t count;
    uint64_t began_ms; /* on the clock of the records */
    bool times;        /* false on paper, where nothing takes time */
    bool hex;          /* what was received, too */
};

void timeline_print(const struct timeline *t);

/* `sources` of the JSON documents. */
json_t *timeline_json(const struct timeline *t);

#endif /* TOOL_TIMELINE_H */
