/* SPDX-License-Identifier: MIT */
#ifndef PROV_ARENA_H
#define PROV_ARENA_H

/**
 * @file
 * @brief The caller's memory for objects.
 *
 * Layer: base (pure). One block, used from both ends: *perm* grows from the
 * bottom and stays until the arena is set up again, *scratch* grows from the
 * top and is given back by mark and release. Nothing else is ever allocated by
 * base..driver.
 */

#include <stddef.h>
#include <stdint.h>

#include <prov/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Largest alignment that may be asked for: that of any object. */
#define PROV_ARENA_ALIGN_MAX ((size_t)16)

/** A block of memory. Set up by prov_arena_init(); read the members, do not write them. */
struct prov_arena {
    unsigned char *base; /**< Start of the block, borrowed until the arena is no longer used. */
    size_t cap;          /**< Bytes at @p base. */
    size_t perm;         /**< Bytes in use at the bottom. */
    size_t scratch;      /**< Bytes in use at the top. */
    size_t high;         /**< Highest perm + scratch so far. */
    size_t need;         /**< Bytes that would have sufficed up to and including the last request
                              that failed, for a block anywhere in memory; 0 = none has failed. */
};

/**
 * Take a block into use.
 *
 * @param[out] a      The arena. MUST NOT be NULL.
 * @param[in]  mem    The block, of any alignment. Borrowed as long as @p a is used.
 * @param[in]  bytes  Its size.
 * @threads   An arena is used by one thread at a time.
 * @cost      Constant.
 */
PROV_API void prov_arena_init(struct prov_arena *a, void *mem, size_t bytes);

/**
 * Zeroed memory that stays.
 *
 * @param[in,out] a      The arena.
 * @param[in]     bytes  Size, may be 0.
 * @param[in]     align  A power of two up to #PROV_ARENA_ALIGN_MAX; 1 for text.
 * @return    The memory, or NULL if it does not fit; then nothing has changed but `need`.
 * @ownership Lives in @p a until prov_arena_init() is called again.
 * @threads   An arena is used by one thread at a time.
 * @cost      O(bytes).
 */
PROV_API PROV_NODISCARD void *prov_arena_perm(struct prov_arena *a, size_t bytes, size_t align);

/**
 * As prov_arena_perm(), from the end that is given back by prov_arena_release().
 *
 * @ownership Lives in @p a until the release of a mark taken before.
 */
PROV_API PROV_NODISCARD void *prov_arena_scratch(struct prov_arena *a, size_t bytes, size_t align);

/** The present fill level of scratch, for prov_arena_release(). */
static inline size_t
prov_arena_mark(const struct prov_arena *a)
{
    return a->scratch;
}

/** Give back all scratch memory taken since @p mark. */
static inline void
prov_arena_release(struct prov_arena *a, size_t mark)
{
    a->scratch = mark;
}

#ifdef __cplusplus
}
#endif
#endif /* PROV_ARENA_H */
