/* SPDX-License-Identifier: MIT */
#ifndef PROV_STR_H
#define PROV_STR_H

/**
 * @file
 * @brief A borrowed stretch of bytes.
 *
 * Layer: base (pure).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <prov/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that belong to somebody else. Not NUL-terminated. */
struct prov_str {
    const char *ptr; /**< May be NULL if @p len is 0. */
    size_t len;      /**< In bytes. */
};

/** Initialiser from a string literal. */
#define PROV_STR_INIT(lit) \
    { \
        (lit), sizeof(lit) - 1 \
    }

/** A span over a NUL-terminated string; NULL gives the empty span. */
static inline struct prov_str
prov_str_z(const char *z)
{
    struct prov_str s = { z, z != NULL ? strlen(z) : 0 };
    return s;
}

/** Same length and same bytes. */
static inline bool
prov_str_eq(struct prov_str a, struct prov_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Bytes [from, to) of @p s. MUST hold: from <= to <= s.len. */
static inline struct prov_str
prov_str_cut(struct prov_str s, size_t from, size_t to)
{
    struct prov_str r = { s.ptr != NULL ? s.ptr + from : NULL, to - from };
    return r;
}

/**
 * Equal when the ASCII letters A-Z and a-z count as the same. The locale is not asked.
 *
 * @return    True if equal.
 * @threads   Safe from any thread.
 * @cost      O(a.len).
 */
PROV_API bool prov_str_eq_nocase(struct prov_str a, struct prov_str b);

/**
 * Without blank, tab, CR and LF at both ends.
 *
 * @return    A span inside @p s.
 * @threads   Safe from any thread.
 * @cost      O(s.len).
 */
PROV_API struct prov_str prov_str_trim(struct prov_str s);

#ifdef __cplusplus
}
#endif
#endif /* PROV_STR_H */
