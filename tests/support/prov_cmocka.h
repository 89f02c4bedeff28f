/* SPDX-License-Identifier: MIT */
#ifndef PROV_CMOCKA_H
#define PROV_CMOCKA_H

/* cmocka with its prerequisites, and what our tests share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <prov/base.h>

#define PROV_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A check in a table test: a failure names the row. */
#define PROV_ROW(name, condition) \
    do { \
        if (!(condition)) \
            fail_msg("row '%s': %s", (name), #condition); \
    } while (0)

/* Heap copy without the NUL, so that ASan sees an over-read by one byte. Free it. */
static inline char *
prov_copy_exact(const char *z)
{
    const size_t n = strlen(z);
    char *copy = malloc(n > 0 ? n : 1);

    assert_non_null(copy);
    memcpy(copy, z, n);
    return copy;
}

static inline bool
prov_str_is(const char *ptr, size_t len, const char *z)
{
    return len == strlen(z) && (len == 0 || memcmp(ptr, z, len) == 0);
}

#endif /* PROV_CMOCKA_H */
