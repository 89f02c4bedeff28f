/* SPDX-License-Identifier: MIT */
#ifndef TOOL_DIFF_H
#define TOOL_DIFF_H

/* What changed in a text, line by line, in the unified form. */

#include <stdio.h>

#include "text.h"

struct diff_text {
    const char *title;
    struct prov_str bytes; /* what is compared */
    struct prov_str shown; /* what is printed; the same number of lines */
};

/*
 * Print the difference, with three lines of context. Nothing if there is none. False, and nothing
 * is printed, if the texts differ too much for a difference to be of use.
 */
bool diff_print(FILE *to, const struct diff_text *before, const struct diff_text *after);

#endif /* TOOL_DIFF_H */
