/* SPDX-License-Identifier: MIT */
#ifndef TOOL_PARAMS_H
#define TOOL_PARAMS_H

/* apply and check for phones whose settings are parameters from several files. */

#include "documents.h"
#include "options.h"

struct params_job {
    const struct command *command;
    const struct device *device; /* its dialect has layers */
    const char *const *names;    /* apply: the settings, then the changes */
    size_t name_count;
    const char *user;   /* apply: changes made by the user; NULL = none */
    const char *output; /* apply: NULL = stdout */
    const struct words *explain;
    bool json;
};

/*
 * The settings, the files on them, and the user's changes. Files are given in the order in which a
 * phone fetches them; where a later setting counts, the user's are the latest. An exit code.
 */
int params_apply(const struct params_job *job);

/* Each file by itself. An exit code. */
int params_check(const struct params_job *job);

#endif /* TOOL_PARAMS_H */
