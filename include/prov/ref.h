/* SPDX-License-Identifier: MIT */
#ifndef PROV_REF_H
#define PROV_REF_H

/**
 * @file
 * @brief Reference files: the URLs they lead to, and the tree these make (REF-1..3).
 *
 * Layer: core (pure).
 */

#include <prov/macro.h>
#include <prov/uri.h>
#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Not an entry. */
#define PROV_REF_NONE UINT32_MAX

/** One file of a tree. */
struct prov_ref_entry {
    struct prov_str
        url; /**< Resolved, with credentials. A secret: show it only through prov_uri_redact(). */
    struct prov_str raw; /**< As written in the reference file, trimmed, before markers; for the
                            first the manual URL. */
    uint32_t
        parent;     /**< Entry of the reference file that named it, #PROV_REF_NONE for the first. */
    uint32_t next;  /**< Next in the order of applying (depth first, document order). */
    uint32_t depth; /**< 0 for the first file. */
    uint32_t line;  /**< Where the parent names it. */
    uint32_t column;
};

/** Files of a run, in order. In the caller's memory; entries live in the arena. Members are
 * read-only. */
struct prov_ref_tree {
    struct prov_arena *arena;
    const struct prov_limits *limits;
    struct prov_ref_entry *entries;
    uint32_t count;
    uint32_t cap;
};

/**
 * Begin a tree with its first file.
 *
 * @param[out]    t       The tree.
 * @param[in,out] arena   Gets the entries and their URLs (perm). Borrowed as long as @p t is used.
 * @param[in]     limits  Resolved limits. Borrowed as long as @p t is used.
 * @param[in]     url     Address of the first file, complete. Copied.
 * @param[in]     raw     The same before markers. Copied.
 * @param[out]    diag    Filled on every result but #PROV_OK. May be NULL.
 *
 * @retval PROV_OK        Ready; entry 0 is the first file.
 * @retval PROV_E_ARG     A pointer is NULL.
 * @retval PROV_E_SYNTAX  @p url is not of the form of URL-1.
 * @retval PROV_E_SPACE   The arena is too small.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_ref_tree_init(struct prov_ref_tree *t, struct prov_arena *arena,
                   const struct prov_limits *limits, struct prov_str url, struct prov_str raw,
                   struct prov_diag *diag);

/**
 * Put the files that a reference file names behind it in the tree (REF-1..3).
 *
 * Child elements named as the dialect says (case and prefix do not matter) hold a URL each:
 * trimmed, markers replaced, resolved against @p base.
 *
 * @param[in,out] t        The tree. Unless #PROV_OK it is left as it was.
 * @param[in]     entry    Entry of the reference file.
 * @param[in]     base     The URL it finally came from, after redirects.
 * @param[in]     x        Pool with the document.
 * @param[in]     root     Its root.
 * @param[in]     element  Name of the URL elements.
 * @param[in]     set      Markers.
 * @param[in]     enc      How values are written.
 * @param[in,out] diags    Gets one error on every result but #PROV_OK, and a warning for each child
 * that is no URL element. May be NULL. Sources and subjects hold no credentials.
 *
 * @retval PROV_OK        Added, maybe none.
 * @retval PROV_E_ARG     A pointer is NULL or an entry or node does not exist.
 * @retval PROV_E_SYNTAX  A URL is empty or not of the form of URL-1 after markers and resolution.
 * @retval PROV_E_DENIED  A raw marker value was refused; or a URL is one that is open further up: a
 * cycle (REF-3).
 * @retval PROV_E_LIMIT   Too deep or too many files (REF-3), or a URL is too long.
 * @retval PROV_E_SPACE   The arena is too small.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_ref_tree_add(struct prov_ref_tree *t, uint32_t entry, struct prov_str base,
                  const struct prov_xml *x, uint32_t root, struct prov_str element,
                  const struct prov_macro_set *set, enum prov_macro_enc enc,
                  struct prov_diags *diags);

#ifdef __cplusplus
}
#endif
#endif /* PROV_REF_H */
