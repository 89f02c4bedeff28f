/* SPDX-License-Identifier: MIT */
#ifndef TOOL_EXPLAIN_H
#define TOOL_EXPLAIN_H

/* Where settings come from, after changes were applied. */

#include "application.h"

/*
 * One path. `list` gets the answer as JSON; NULL = lines on stderr. False: the path is malformed or
 * leads to nothing that was ever there, which was reported.
 */
bool explain_path(struct application *app, const char *path, json_t *list);

#endif /* TOOL_EXPLAIN_H */
