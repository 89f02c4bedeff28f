/* SPDX-License-Identifier: MIT */
#ifndef PROV_DIFF_H
#define PROV_DIFF_H

/**
 * @file
 * @brief Which settings differ between two documents (STO-4).
 *
 * Layer: core (pure).
 *
 * Members of a list with keys meet by key; of everything else the n-th of a name meets the n-th of
 * that name below the same parent, and so do members that share a key or have none. The order of
 * siblings beyond that, comments and white space between elements are no settings.
 */

#include <prov/apply.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One difference. A value is never part of it. */
struct prov_difference {
    /** #PROV_CHANGE_ADDED and #PROV_CHANGE_REMOVED: a whole element. #PROV_CHANGE_REPLACED: another
     * value; or a value in place of elements, or the other way round. #PROV_CHANGE_ATTRIBUTES: of the
     * element's attributes alone. #PROV_CHANGE_TEXT: text beside elements, and perhaps attributes. */
    enum prov_change_kind kind;
    uint32_t before; /**< Element of the old document, #PROV_XML_NONE for an added one. */
    uint32_t after;  /**< Element of the new document, #PROV_XML_NONE for a removed one. */
};

/** What a comparison knows of an element. Private. */
struct prov_diff_pair {
    uint32_t other; /**< Its counterpart. */
    uint32_t nth;   /**< Among siblings of its name, from 1; 0 = the only one. */
};

/** A comparison. In the caller's memory; members are private. */
struct prov_diff {
    struct prov_xml *x;
    const struct prov_dialect *dialect;
    struct prov_diff_pair *pairs; /**< By number of the element. */
    uint32_t before, after;       /**< The roots. */
    uint32_t node;                /**< Element of the new document that is looked at. */
    uint32_t gone;                /**< Next child of its counterpart that may be gone. */
    uint32_t stage;
};

/**
 * Compare two documents of one pool.
 *
 * @param[out]    d        The comparison. Unless #PROV_OK it is left as it was.
 * @param[in]     x        The pool. MUST NOT be edited as long as @p d is used.
 * @param[in]     dialect  Its lists say which elements meet by key.
 * @param[in]     before   Root of the old document.
 * @param[in]     after    Root of the new document, another one.
 * @param[in,out] arena    May be that of the pool. Its scratch memory gets 8 bytes for each element
 * of the pool, to be released by the caller after the last use of @p d.
 *
 * @retval PROV_OK       Ready for prov_diff_next().
 * @retval PROV_E_ARG    A pointer is NULL, or the roots do not exist, have parents, or are the same.
 * @retval PROV_E_SPACE  No room in scratch memory, which is as it was; `arena->need` would have done.
 * @memory    Besides what stays, for a while 16 bytes for each child of the widest pair of parents,
 * times 1.3 and up to a power of two.
 * @threads   As its pool: one thread at a time.
 * @cost      O(size of both documents) with names and keys that are short; attributes of one element
 * pairwise.
 */
PROV_API PROV_NODISCARD enum prov_status prov_diff_init(struct prov_diff *d, struct prov_xml *x,
                                                        const struct prov_dialect *dialect,
                                                        uint32_t before, uint32_t after,
                                                        struct prov_arena *arena);

/**
 * The next difference: an element, then what was removed below it, then its children in the order of
 * the new document.
 *
 * @param[in,out] d    From prov_diff_init().
 * @param[out]    out  The difference.
 * @return    False, @p out unchanged, if there are no more or a pointer is NULL.
 * @memory    None. No recursion.
 * @cost      O(size of both documents) for all calls together.
 */
PROV_API bool prov_diff_next(struct prov_diff *d, struct prov_difference *out);

/**
 * Append the path of a difference, in the form of prov_change_path(): that in the new document, for
 * what was removed that in the old one. The root itself is `/`. It holds keys, but no other value.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL, or the difference has no element.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @cost      O(depth * depth).
 */
PROV_API PROV_NODISCARD enum prov_status prov_diff_path(const struct prov_diff *d,
                                                        const struct prov_difference *difference,
                                                        struct prov_buf *out);

/**
 * Does the difference take effect after a restart only? As prov_change_restart(), for both sides.
 *
 * @return    False also if a pointer is NULL.
 * @cost      O(depth + size of the elements).
 */
PROV_API bool prov_diff_restart(const struct prov_diff *d,
                                const struct prov_difference *difference);

#ifdef __cplusplus
}
#endif
#endif /* PROV_DIFF_H */
