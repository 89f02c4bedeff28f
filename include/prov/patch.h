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
 * A section for which the dialect has a schema is first brought to the phone's version, and what the
 * schema does not know is left out (MIG-1), see prov/migrate.h; that can be seen in its result.
 *
 * Each section by itself: it is merged or replaced (PAT-1), checked, and kept; or, if it cannot be
 * merged or fails its check, left as it was and recorded as discarded (PAT-5). A value that is
 * equal already keeps its bytes, and is no change. The attributes `patch` and `patchDefault` of a
 * section are left out of the settings.
 *
 * Merging (PAT-2): the n-th element of a name meets the n-th of that name below the same parent.
 * Attributes merge by name; an element without children gives the value, an element with children
 * leads to them. A blank one without children gives no value to an element that has children. What
 * has no counterpart is appended. Members of lists with a key (PAT-3) stand for their counterpart
 * as a whole; in a list by position (PAT-4) an empty element without attributes gives nothing.
 *
 * A changed section, in whatever way, keeps to the rules of its lists (every key is there, and once;
 * not more than the most members) and to the limits of a document (`xml_depth`, `xml_attributes`,
 * `xml_nodes`), or is discarded.
 *
 * @param[in,out] a     From prov_apply_init(). Gets results and changes under the number
 * `a->file_count`, which stays as it is.
 * @param[in]     root  `configuration` element of the change, a document root; or the section
 * itself if @p bare. Consumed: its elements move into the settings.
 * @param[in]     bare  The root is the section (DOC-1).
 *
 * @retval PROV_OK         Done; `a->partial` is set if a section was discarded.
 * @retval PROV_E_ARG      A pointer is NULL, or @p root is not the root of a change.
 * @retval PROV_E_SPACE    No room for edits. Everything of this document is undone.
 * @retval PROV_E_CALLBACK The check broke its contract. Everything of this document is undone.
 * @memory    A note for each difference in scratch memory, given back; the undo journal; rewritten
 * start tags in perm memory.
 * @threads   As its pool: one thread at a time.
 * @cost      O(size of the change) amortised, plus O(size) of replaced elements for comparing and of
 * changed sections for verifying. Siblings of many different names in another order than in the
 * settings are looked for one by one.
 */
PROV_API PROV_NODISCARD enum prov_status prov_patch_apply(struct prov_apply *a, uint32_t root,
                                                          bool bare);

#ifdef __cplusplus
}
#endif
#endif /* PROV_PATCH_H */
