/* SPDX-License-Identifier: MIT */
#ifndef PROV_PATCH_H
#define PROV_PATCH_H

/**
 * @file
 * @brief Patch documents: sections that are merged or replaced (PAT-1..5).
 *
 * Layer: core (pure). Called by prov_apply_change(), which tells kinds apart.
 */

#include <prov/apply.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Apply a document of sections.
 *
 * Each section by itself: it is merged or replaced (PAT-1), checked, and kept; or, if it cannot be
 * merged or fails its check, left as it was and recorded as discarded (PAT-5). A value that is
 * equal already keeps its bytes.
 *
 * @param[in,out] a     From prov_apply_init().
 * @param[in]     root  `configuration` element of the change; or the section itself if @p bare.
 * @param[in]     bare  The root is the section (DOC-1).
 *
 * @retval PROV_OK         Done; `a->partial` is set if a section was discarded.
 * @retval PROV_E_ARG      A pointer is NULL or the node does not exist.
 * @retval PROV_E_SPACE    No room for edits. What was applied so far is undone.
 * @retval PROV_E_CALLBACK The check broke its contract. What was applied so far is undone.
 * @cost      O(size of the change) amortised, plus O(size of a replaced element) for comparing.
 */
PROV_API PROV_NODISCARD enum prov_status prov_patch_apply(struct prov_apply *a, uint32_t root,
                                                          bool bare);

#ifdef __cplusplus
}
#endif
#endif /* PROV_PATCH_H */
