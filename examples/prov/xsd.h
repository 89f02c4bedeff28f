/* SPDX-License-Identifier: MIT */
#ifndef TOOL_XSD_H
#define TOOL_XSD_H

/*
 * XML schemas of the vendor's, which an integrator has in a folder. The file for a document has the
 * name of its root element and ends in .xsd; for `referencedSettings` it is
 * provisioning_references.xsd, for `notifySync` notify_sync.xsd. A root without a file of its own is
 * passed over, and each element in it is checked by its own file. Schemas include only files of the
 * folder.
 */

#include "documents.h"

/* False: built without libxml2. */
bool xsd_is_there(void);

/*
 * Check a document against the schemas of a folder. TOOL_DONE; TOOL_REFUSED: it is not valid, or
 * there is no schema for it; TOOL_OUTSIDE: a schema cannot be used. Everything is reported.
 */
int xsd_check(const char *folder, const struct document *doc, struct report *r);

#endif /* TOOL_XSD_H */
