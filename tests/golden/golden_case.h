/* SPDX-License-Identifier: MIT */
#ifndef PROV_GOLDEN_CASE_H
#define PROV_GOLDEN_CASE_H

/* Folders with a case each: their files, and comparing with what is expected. */

#include <stdbool.h>
#include <stddef.h>

#include <prov/buf.h>

struct text {
    char *ptr; /* with a NUL behind it; from malloc(), NULL = there is no such file */
    size_t len;
};

bool case_read(const char *name, const char *file, struct text *out);

/* The file is what was got, or becomes it with --update. Fails the test otherwise. */
void case_compare(const char *name, const char *file, struct prov_str got);

/* Append to a report, which has to have room. */
void case_say(struct prov_buf *report, const char *format, ...);

/* Run a test for each folder that holds the file `probe`, with the folder's name as its state.
 * usage: PROGRAM FOLDER [--update] */
int case_main(int argc, char **argv, const char *probe, void (*test)(void **state));

#endif /* PROV_GOLDEN_CASE_H */
