/* SPDX-License-Identifier: MIT */
#ifndef TOOL_FILE_H
#define TOOL_FILE_H

/* Files named on the command line. */

#include "report.h"
#include "text.h"

/* How reading ended. */
enum file_result {
    FILE_READ = 0,
    FILE_UNREADABLE = 1, /* an outside failure: reported */
    FILE_TOO_LARGE = 2,  /* more than the limit: reported */
};

/* Read a file, or stdin for "-", of at most `limit` bytes. */
enum file_result file_read(const char *name, size_t limit, struct text *out, struct report *r);

/* Bytes as they are, or nothing if the file does not exist or cannot be read; nothing is reported. */
void file_read_quietly(const char *name, struct text *out);

/*
 * Write a file so that it has either the old or the new content at any instant: a file beside it,
 * synchronised, renamed. Its mode is kept. What is no regular file is written straight.
 * False: reported, and an old file is untouched.
 */
bool file_write(const char *name, struct prov_str content, struct report *r);

/* Both names lead to one existing file. */
bool file_same(const char *a, const char *b);

/* For messages: "-" is shown as <stdin>. */
const char *file_shown_name(const char *name);

#endif /* TOOL_FILE_H */
