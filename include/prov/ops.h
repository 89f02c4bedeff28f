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
 * Operations on one section run in document order, each on the result of the one before (OPS-1).
 * Sections do not see each other, so they are worked on one after the other, in the order of first
 * mention. Then the section is verified as after a patch, and checked; if it is not valid, or one of
 * its operations failed, all operations on it are undone (OPS-5). The first operation that fails is
 * reported, with the place of its mistake in the file.
 *
 * An operation belongs to the section that the first step of its path names, even if the rest of the
 * path cannot be read. If no section can be told, the operation counts as a section of its own that
 * is discarded; the result then has the name of the operation.
 *
 * A section itself can be deleted, or replaced by one of the same name. `replace` by what is there
 * already is no change.
 *
 * @param[in,out] a     From prov_apply_init(). Gets results and changes under the number
 * `a->file_count`, which stays as it is.
 * @param[in]     root  Parent of the operations, a document root. Consumed: bodies move into the
 * settings.
 *
 * @retval PROV_OK         Done; `a->partial` is set if a section was discarded.
 * @retval PROV_E_ARG      A pointer is NULL, or @p root is not the root of a change.
 * @retval PROV_E_SPACE    No room for edits. Everything of this document is undone.
 * @retval PROV_E_CALLBACK The check broke its contract. Everything of this document is undone.
 * @memory    A small record for each operation and each section in scratch memory, given back; paths
 * with entities are kept in perm memory, where diagnostics point to them.
 * @threads   As its pool: one thread at a time.
 * @cost      Amortised O(size of the operations) for paths by key, plus O(size) of changed sections
 * for verifying, plus operations times sections in the worst case for sorting.
 */
PROV_API PROV_NODISCARD enum prov_status prov_ops_apply(struct prov_apply *a, uint32_t root);

#ifdef __cplusplus
}
#endif
#endif /* PROV_OPS_H */
