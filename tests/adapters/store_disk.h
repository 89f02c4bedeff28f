/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_DISK_H
#define TESTS_STORE_DISK_H

/* The store, compiled for the disk in memory, and what a test wants to know of its files. */

#include "disk.h"

#define openat disk_openat
#define write disk_write
#define read disk_read
#define fsync disk_fsync
#define renameat disk_renameat
#define linkat disk_linkat
#define unlinkat disk_unlinkat
#define close disk_close
#define fstatat disk_fstatat
#define mkdir disk_mkdir
#define flock(fd, operation) disk_flock(fd, operation)
#include "../../lib/adapters/posix_file.c"
#include "../../lib/adapters/posix_journal.c"
#include "../../lib/adapters/posix_previous.c"
#include "../../lib/adapters/posix_store.c"
#undef openat
#undef write
#undef read
#undef fsync
#undef renameat
#undef linkat
#undef unlinkat
#undef close
#undef fstatat
#undef mkdir
#undef flock

#define STORE "/store"

/* All files of a store by their content, so that two disks can be compared. */
struct content {
    uint64_t hash[PROV_POSIX_FILES]; /* 0 = no such file */
};

static struct content
content_now(void)
{
    struct content c;

    for (unsigned i = 0; i < PROV_POSIX_FILES; i++) {
        size_t len = 0;
        const char *text = disk_read_file(prov_posix_names[i].name, &len);
        uint64_t h = UINT64_C(0xCBF29CE484222325);

        for (size_t k = 0; k < len; k++)
            h = (h ^ (unsigned char)text[k]) * UINT64_C(0x100000001B3);
        c.hash[i] = text != NULL ? h | 1 : 0;
    }
    return c;
}

static bool
content_is(const struct content *c)
{
    const struct content now = content_now();

    return memcmp(&now, c, sizeof(now)) == 0;
}

/* No other file than those of a store at rest, and nobody else may read them. */
static bool
disk_is_tidy(void)
{
    for (int i = 0; i < disk->name_count; i++) {
        const int inode = disk->now.names[i];
        bool known = strcmp(disk->names[i], "lock") == 0;

        for (unsigned k = 0; k < PROV_POSIX_FILES; k++)
            known = known || strcmp(disk->names[i], prov_posix_names[k].name) == 0;
        if (inode >= 0 && (!known || disk->inodes[inode].mode != 0600))
            return false;
    }
    return true;
}

#endif /* TESTS_STORE_DISK_H */
