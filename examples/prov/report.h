/* SPDX-License-Identifier: MIT */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

/* Where findings go: to stderr as lines, or into the JSON document. */

#include <stdbool.h>

#include <jansson.h>

#include <prov/diag.h>

#include "text.h"

struct report {
    json_t *diagnostics; /* array when --json is given, else NULL */
    unsigned errors;     /* how many errors were reported */
};

/* Begin; with json the findings are collected. */
void report_init(struct report *r, bool json);

/* One finding, at once. Its spans are not needed afterwards. */
void report_diag(struct report *r, const struct prov_diag *diag);

/* All findings of a list; then the list is empty. `dropped` ones are mentioned. */
void report_diags(struct report *r, struct prov_diags *list);

/* A finding of the tool's own about a file or an address. */
void report_tool(struct report *r, enum prov_diag_code code, struct prov_str source,
                 const char *subject, size_t need);

/* Text of any bytes as a JSON string. */
json_t *report_string(struct prov_str s);

/* An address without its user part; null for an empty one. */
json_t *report_address(struct prov_str url);

/* One finding as JSON. */
json_t *report_json(const struct prov_diag *diag);

/* Print the document with the findings in it, and free it. False if stdout cannot take it. */
bool report_document(struct report *r, json_t *document);

/* Append the text of a finding, without place and number. */
void report_text(struct text *t, const struct prov_diag *diag);

/* Flush stdout. Its code, or TOOL_OUTSIDE with a message when what was printed got lost. */
int report_end(struct report *r, int code);

#endif /* TOOL_REPORT_H */
