/* SPDX-License-Identifier: MIT */
#ifndef PROV_EXPLAIN_H
#define PROV_EXPLAIN_H

/**
 * @file
 * @brief Where the present content of a setting comes from: file, line, and rule.
 *
 * Layer: core (pure). Reads the account of a run, so what found no room there
 * (`changes_dropped`) is told by its place alone.
 */

#include <prov/apply.h>
#include <prov/path.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where an element comes from. Places that do not apply are all zero. */
struct prov_origin {
    uint32_t node; /**< The element. With prov_explain_gone() the one that went. */
    const struct prov_change
        *change;                  /**< What made it as it is: the newest change to it, or the one
                                           that brought an element around it. NULL = none is kept. */
    bool loaded;                  /**< No change touched it: it is as it was loaded. */
    struct prov_xml_place now;    /**< Where it stands in its file. */
    struct prov_xml_place before; /**< With #PROV_CHANGE_REPLACED: what stood there before. */
    struct prov_xml_place by;     /**< What asked for the change: an operation or an element. */
};

/**
 * Where does an element of the settings come from?
 *
 * @param[in]  a     From prov_apply_init().
 * @param[in]  node  An element of the settings as they are now.
 * @param[out] out   The answer. `change` points into the account.
 * @return    False, @p out unchanged, if a pointer is NULL or @p node is not in the settings.
 * @threads   As its pool.
 * @cost      O(depth * changes), plus O(offset) for each place.
 */
PROV_API bool prov_explain(const struct prov_apply *a, uint32_t node, struct prov_origin *out);

/**
 * The next change below an element that is still in force, in the order of the account: an element
 * that came, one whose attributes or text are different, or one that was removed.
 *
 * @param[in]     a       From prov_apply_init().
 * @param[in]     node    An element of the settings as they are now.
 * @param[in,out] cursor  0 before the first call.
 * @param[out]    out     The answer.
 * @return    False, @p out unchanged, if there are no more or a pointer is NULL.
 * @threads   As its pool.
 * @cost      O(changes * (depth + changes)) for all calls together, plus places.
 */
PROV_API bool prov_explain_below(const struct prov_apply *a, uint32_t node, uint32_t *cursor,
                                 struct prov_origin *out);

/**
 * Which change took away what a path addresses? The newest one that removed the element or one
 * around it, or put another one in place of one around it. Elements around that one are matched as
 * they stand now.
 *
 * @param[in,out] a     From prov_apply_init(); prov_xml_find_keyed() may add indexes to its pool.
 * @param[in]     path  From prov_path_parse(), one for which prov_path_find() has no match.
 * @param[out]    out   The answer. `before` is where the removed or replaced element stood.
 * @return    False, @p out unchanged, if no change did, or a pointer is NULL.
 * @memory    As prov_path_find().
 * @threads   As its pool.
 * @cost      O(changes * steps * siblings).
 */
PROV_API bool prov_explain_gone(const struct prov_apply *a, const struct prov_path *path,
                                struct prov_origin *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_EXPLAIN_H */
