/* SPDX-License-Identifier: MIT */
#ifndef PROV_OPS_H
#define PROV_OPS_H

/**
 * @file
 * @brief Operations documents: delete, replace, add (OPS-1..5).
 *
 * Layer: core (pure). Called by prov_apply_change(), which tells kinds apart.
 */

#include <prov/apply.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Apply an operations document.
 *
 * Operations on one section run in document order, each on the result of the one before. Sections
 * do not see each other, so they are worked on one after the other, in the order of first mention.
 * Then the section is checked; if it is not valid, or one of its operations failed, all operations
 * on it are undone (OPS-5). An operation whose path cannot be read or names no section counts as a
 * section of its own that is discarded.
 *
 * @param[in,out] a     From prov_apply_init().
 * @param[in]     root  Parent of the operations.
 *
 * @retval PROV_OK         Done; `a->partial` is set if a section was discarded.
 * @retval PROV_E_ARG      A pointer is NULL or the node does not exist.
 * @retval PROV_E_SPACE    No room for edits. What was applied so far is undone.
 * @retval PROV_E_CALLBACK The check broke its contract. What was applied so far is undone.
 * @cost      Amortised O(size of the operations) for paths by key.
 */
PROV_API PROV_NODISCARD enum prov_status prov_ops_apply(struct prov_apply *a, uint32_t root);

#ifdef __cplusplus
}
#endif
#endif /* PROV_OPS_H */
