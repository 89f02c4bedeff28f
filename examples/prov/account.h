/* SPDX-License-Identifier: MIT */
#ifndef TOOL_ACCOUNT_H
#define TOOL_ACCOUNT_H

/* What happened to sections and paths, for people and as JSON. */

#include <stdio.h>

#include <jansson.h>

#include <prov/apply.h>

/* An account with the names of its change files. */
struct account_view {
    const struct prov_apply *apply; /* NULL: nothing was applied */
    const struct prov_str *names;   /* by number of the change */
    uint32_t name_count;
};

json_t *account_sections(const struct account_view *view);
json_t *account_changes(const struct account_view *view);

/* A digest as 64 hexadecimal digits; null if there is none. */
json_t *account_digest(const uint8_t *digest);

/* The sections of one change with their changed paths, indented by so many blanks. */
void account_print_file(FILE *to, const struct account_view *view, uint32_t file, int indent);

/* Members that tell what found no room, if there is any. */
void account_add_dropped(json_t *document, const struct account_view *view);

#endif /* TOOL_ACCOUNT_H */
