/* SPDX-License-Identifier: MIT */
#ifndef TOOL_MASK_H
#define TOOL_MASK_H

/* Settings that can be shown: passwords and the like as ***. */

#include "text.h"

/*
 * Append an XML document with secrets hidden: what stands in elements and attributes named like a
 * password, and the user part of every address. It has the same lines as before. What is not well
 * formed is hidden from there on.
 */
void mask_document(struct prov_str document, struct text *out);

/* Append a path of an operation; a value that a predicate compares a secret with is hidden. */
void mask_path(struct prov_str path, struct text *out);

#endif /* TOOL_MASK_H */
