/* SPDX-License-Identifier: MIT */
#ifndef TOOL_DOCUMENTS_H
#define TOOL_DOCUMENTS_H

/* XML files in a pool whose memory grows until the work fits. */

#include <prov/apply.h>
#include <prov/xml.h>

#include "device.h"
#include "report.h"

/* A file that was read. */
struct document {
    struct prov_str name; /* fit for messages */
    struct text text;
    struct text shown; /* holds the name */
};

/*
 * A pool. documents_init(), then work after each documents_grow(),
 * then documents_report() and documents_free().
 */
struct documents {
    const struct device *device;
    void *mem;
    size_t bytes; /* of the next try */
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_diags diags;
};

/* TOOL_DONE, TOOL_REFUSED (too large) or TOOL_OUTSIDE (unreadable), reported. */
int document_read(struct document *doc, const char *name, size_t limit, struct report *r);

/* Free, and overwrite: settings hold secrets. */
void document_free(struct document *doc);

/* `input_bytes`: what will be parsed, for a good first guess. */
void documents_init(struct documents *docs, const struct device *device, size_t input_bytes);

/* A fresh pool in more memory than last time. False: enough is enough. */
bool documents_grow(struct documents *docs);

/* Read a document; findings are kept in `diags`. */
enum prov_status documents_parse(struct documents *docs, const struct document *doc,
                                 uint32_t *root);

/* Keep a finding about an element. `subject` is borrowed until it was reported. */
void documents_add(struct documents *docs, enum prov_diag_code code, uint32_t node,
                   struct prov_str subject);

/* Report the findings kept so far. */
void documents_flush(struct documents *docs, struct report *r);

/* Report what is left and turn the status into an exit code: at least one error unless PROV_OK. */
int documents_report(struct documents *docs, enum prov_status status, struct report *r);

/* Free the pool; once more is no error. */
void documents_free(struct documents *docs);

#endif /* TOOL_DOCUMENTS_H */
