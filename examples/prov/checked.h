/* SPDX-License-Identifier: MIT */
#ifndef TOOL_CHECKED_H
#define TOOL_CHECKED_H

/* One file, looked at by itself. */

#include "documents.h"

struct checked {
    enum prov_file_type type;
    json_t *sections; /* array, as in the account of apply; NULL = not looked at */
    uint32_t items;   /* sections, operations or addresses */
    struct text what; /* for people: the names of the sections */
    int code;         /* TOOL_DONE, TOOL_PARTIAL (a section would be discarded), TOOL_REFUSED */
};

/*
 * Type, well-formedness, limits, and what can be said of the content. `settings` may be NULL; they
 * help to tell a section from an unknown root, and leave the content to the dry run.
 */
void checked_look(struct checked *c, const struct document *doc, const struct document *settings,
                  const struct device *device, struct report *r);

/* Name, type and result as JSON. */
json_t *checked_json(const struct checked *c, struct prov_str name);

/* The same as a line on stdout. */
void checked_print(const struct checked *c, struct prov_str name);

void checked_free(struct checked *c);

#endif /* TOOL_CHECKED_H */
