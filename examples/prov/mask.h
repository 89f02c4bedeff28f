/* SPDX-License-Identifier: MIT */
#ifndef TOOL_MASK_H
#define TOOL_MASK_H

/* Settings that can be shown: passwords and the like as ***. */

#include <prov/xml.h>

#include "standin.h"
#include "text.h"

/*
 * Append an XML document with secrets hidden: what stands in elements and attributes named like a
 * password, and the user part of every address. It has the same lines as before. What is not well
 * formed is hidden from there on.
 */
void mask_document(struct prov_str document, struct text *out);

/* The same with stand-ins: it is as long as before, and as well formed. NULL = as above. */
void mask_document_with(struct standins *standins, struct prov_str document, struct text *out);

/* Is what has this name a secret: `password`, `userPin`, `ADMIN_PASS`? */
bool mask_is_secret_name(struct prov_str name);

/* May a comment or a line like this be about a secret? */
bool mask_is_about_secret(struct prov_str text);

/* Append a path of an operation; a value that a predicate compares a secret with is hidden. */
void mask_path(struct prov_str path, struct text *out);

/* The element, one around it or one inside it has a name like a password. A digest of such an
 * element could be used to try short secrets. */
bool mask_is_secret(const struct prov_xml *x, uint32_t node);

#endif /* TOOL_MASK_H */
