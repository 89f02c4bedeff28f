/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

/* A folder of a test's own, and whole files in it. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/prov_cmocka.h"

static char folder[64];

static inline const char *
in_folder(const char *name)
{
    static char path[4][160];
    static unsigned turn;

    turn = (turn + 1) % 4;
    assert_true(snprintf(path[turn], sizeof(path[0]), "%s/%s", folder, name) > 0);
    return path[turn];
}

static inline void
folder_make(void)
{
    strcpy(folder, "/tmp/prov-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static inline void
folder_empty(void)
{
    DIR *d = opendir(folder);
    const struct dirent *e;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.')
            assert_int_equal(0, unlink(in_folder(e->d_name)));
    }
    closedir(d);
}

static inline void
folder_remove(void)
{
    folder_empty();
    assert_int_equal(0, rmdir(folder));
}

static inline void
file_write(const char *name, const void *bytes, size_t len)
{
    FILE *f = fopen(in_folder(name), "wb");

    assert_non_null(f);
    assert_int_equal(len, fwrite(bytes, 1, len, f));
    assert_int_equal(0, fclose(f));
}

/* The whole file with a NUL behind it; NULL if there is none. Valid until the second next call. */
static inline const char *
file_read(const char *name)
{
    static char text[2][8192];
    static unsigned turn;
    FILE *f = fopen(in_folder(name), "rb");

    if (f == NULL)
        return NULL;
    turn ^= 1;
    text[turn][fread(text[turn], 1, sizeof(text[0]) - 1, f)] = '\0';
    fclose(f);
    return text[turn];
}

static inline bool
file_is(const char *name, const char *z)
{
    const char *text = file_read(name);

    return z == NULL ? text == NULL : text != NULL && strcmp(text, z) == 0;
}

#endif /* TESTS_FOLDER_H */
