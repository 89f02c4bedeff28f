/* SPDX-License-Identifier: MIT */
#ifndef PROV_POSIX_FILE_H
#define PROV_POSIX_FILE_H

/*
 * System calls on files of a folder: repeated when a signal interrupts them, and continued when
 * they move less than they were asked to. False or -1: errno says why.
 */

#include <stdbool.h>
#include <sys/types.h>

bool prov_posix_sync(int fd);

int prov_posix_open_at(int at, const char *name, int flags);

/* Does not disturb errno, which holds the reason of the failure that led here. Sets *fd to -1. */
void prov_posix_close_fd(int *fd);

bool prov_posix_write_all(int fd, const char *p, size_t n);

ssize_t prov_posix_read_some(int fd, char *p, size_t n);

/* One that is not there is no failure and does not disturb errno. *was tells; may be NULL. */
bool prov_posix_remove(int at, const char *name, bool *was);

/*
 * An empty file of our own (mode 0600). Never truncates one that is there: a left-over may be a
 * second link to the settings in force.
 */
int prov_posix_create(int at, const char *name);

/* What a name leads to. */
struct prov_posix_file_id {
    bool there;
    dev_t device;
    ino_t inode;
};

bool prov_posix_identify(int at, const char *name, struct prov_posix_file_id *out);

/* A second name for a file, or a copy of it where the file system has no hard links. */
bool prov_posix_duplicate(int at, const char *from, const char *to);

#endif /* PROV_POSIX_FILE_H */
