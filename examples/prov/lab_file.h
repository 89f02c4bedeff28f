/* SPDX-License-Identifier: MIT */
#ifndef TOOL_LAB_FILE_H
#define TOOL_LAB_FILE_H

/* Files below one folder, as an HTTP server sees them. */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct lab_file {
    int fd; /* -1 = none */
    uint64_t size;
    time_t changed;
    char etag[64];
    char modified[40]; /* as in an HTTP header */
    const char *type;  /* content type by the name's ending */
};

/* The folder as an absolute path without links; NULL with errno if it is none. free() it. */
char *lab_folder(const char *name);

/*
 * Open the file of a request's path, percent-encoded, below `root`. Returns the HTTP status: 200,
 * 400 (malformed), 403 (outside the folder, or a folder), 404.
 */
unsigned lab_file_open(const char *root, const char *path, struct lab_file *file);

void lab_file_close(struct lab_file *file);

/* The client has this version already, as its conditional headers (or NULL) say. */
bool lab_file_is_known(const struct lab_file *file, const char *none_match,
                       const char *modified_since);

#endif /* TOOL_LAB_FILE_H */
