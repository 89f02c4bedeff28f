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
    /** Resolved, with credentials. A secret: show it only through prov_uri_redact(). */
    struct prov_str url;
    /** As written in the reference file, trimmed, before markers; for the first file as it was
     *  given. May hold credentials too. */
    struct prov_str raw;
    uint32_t
        parent;     /**< Entry of the reference file that named it, #PROV_REF_NONE for the first. */
    uint32_t next;  /**< Next in the order of applying: depth first, document order. */
    uint32_t depth; /**< 0 for the first file. */
    uint32_t line;  /**< Where the parent names it; 0 for the first. */
    uint32_t column; /**< In bytes from 1; 0 for the first. */
};

/**
 * Files of a run, in order: begin with entry 0 and follow `next` until #PROV_REF_NONE.
 *
 * In the caller's memory; entries live in the arena. Members are read-only. An entry keeps its
 * number for ever, and its place in memory too.
 */
struct prov_ref_tree {
    struct prov_arena *arena;
    const struct prov_limits *limits;
    struct prov_ref_entry *entries;
    uint32_t count; /**< Entries in use, the first file included. */
    uint32_t cap;   /**< `limits->tree_files` + 1. */
};

/**
 * Begin a tree with its first file.
 *
 * @param[out]    t       The tree. Unless #PROV_OK it is left as it was.
 * @param[in,out] arena   Gets all entries at once and their texts (perm). Borrowed as long as @p t
 *                        is used. Unless #PROV_OK nothing of it is taken.
 * @param[in]     limits  From prov_limits_resolve(). Borrowed as long as @p t is used.
 * @param[in]     url     Address of the first file, complete, after markers. Copied.
 * @param[in]     raw     The same before markers. Copied.
 * @param[out]    diag    Filled on every result but #PROV_OK. May be NULL. With #PROV_E_SYNTAX as
 *                        for prov_uri_parse(); with #PROV_E_SPACE `need` is a capacity of the arena
 *                        that would have sufficed for what was asked for last.
 *
 * @retval PROV_OK        Ready; entry 0 is the first file.
 * @retval PROV_E_ARG     A pointer is NULL.
 * @retval PROV_E_SYNTAX  @p url is not of the form of URL-1.
 * @retval PROV_E_LIMIT   @p url is longer than `limits->url_bytes`.
 * @retval PROV_E_SPACE   The arena is too small.
 * @memory    (`tree_files` + 1) entries, and both texts, in the arena (perm).
 * @threads   A tree is used by one thread at a time.
 * @cost      O(tree_files + url.len + raw.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_ref_tree_init(struct prov_ref_tree *t, struct prov_arena *arena,
                   const struct prov_limits *limits, struct prov_str url, struct prov_str raw,
                   struct prov_diag *diag);

/**
 * Put the files that a reference file names behind it in the tree (REF-1..3, MAC-3).
 *
 * Child elements named as the dialect says (case and prefix do not matter) hold a URL each: their
 * text is trimmed, its markers are replaced, it is resolved against @p base. Every other element,
 * also one inside a URL element, is ignored with a warning. A file may be named twice; only a URL
 * that is open, that is, this reference file's own (before or after redirects) or that of one that
 * led to it, is refused as a cycle. Addresses are compared with their user part; the case of scheme
 * and host, a default port that is written, and `/` for an empty path make no difference.
 *
 * To be called once for an entry, in any order of entries: the files are always linked depth first.
 *
 * @param[in,out] t        The tree. Unless #PROV_OK it is left as it was, and so is its arena but
 *                         for `high` and `need`.
 * @param[in]     entry    Entry of the reference file.
 * @param[in]     base     The URL it finally came from, after redirects.
 * @param[in]     x        Pool with the document.
 * @param[in]     root     Its root.
 * @param[in]     element  Name of the URL elements. Not empty.
 * @param[in]     set      Markers. The texts of the markers are borrowed as long as @p diags.
 * @param[in]     enc      How values are written.
 * @param[in,out] diags    Gets one error on every result but #PROV_OK, with the place of the URL
 *                         element (of the root if it is about the whole file), and a warning for
 *                         each element that is ignored. May be NULL. What is wrong with an address
 *                         has the number that prov_uri_parse() gives, but for the two that show a
 *                         word of it: these have numbers of their own (05xx). Subjects point into
 *                         sources of @p x and markers of @p set; they hold no part of an address.
 *
 * @retval PROV_OK        Added, maybe none.
 * @retval PROV_E_ARG     A pointer is NULL, @p entry or @p root does not exist, @p element is
 *                        empty, @p enc is not known, a marker is empty, or @p base is not a
 *                        complete address.
 * @retval PROV_E_SYNTAX  A URL is empty, or not of the form of URL-1 after markers and resolution.
 * @retval PROV_E_DENIED  A raw marker value was refused; or a URL is open: a cycle (REF-3).
 * @retval PROV_E_LIMIT   The entry's depth is `tree_depth` (the first reference file counts as 1);
 *                        the tree would name more than `tree_files` files, the first one not
 *                        counted; a URL is longer than `url_bytes`, or its text, with white space
 *                        and before markers, twice that. `need` is the limit.
 * @retval PROV_E_SPACE   The arena is too small; `need` as for prov_ref_tree_init().
 * @memory    Two texts for each file in the arena (perm); during the call three times `url_bytes`
 *            (scratch).
 * @threads   A tree is used by one thread at a time.
 * @cost      O(files named * (length of a URL * markers + depth)), plus one look-up of a place,
 *            O(size of the document), for each element.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_ref_tree_add(struct prov_ref_tree *t, uint32_t entry, struct prov_str base,
                  const struct prov_xml *x, uint32_t root, struct prov_str element,
                  const struct prov_macro_set *set, enum prov_macro_enc enc,
                  struct prov_diags *diags);

/** An address that a file names by a parameter (PAN-3), and where it stands. */
struct prov_ref_address {
    struct prov_str text;   /**< With markers; blanks around it do not count. */
    struct prov_str source; /**< Name of the file for diagnostics. */
    uint32_t line;
    uint32_t column;
};

/**
 * Put one file behind its parent, and behind the files that the parent has already, in the tree.
 *
 * As prov_ref_tree_add(), but for a single address, and neither depth nor cycles count: the caller
 * does not follow what such a file names.
 *
 * @param[in] address  Its `text` is copied; `source` is borrowed as long as @p diags.
 *
 * @retval PROV_OK  Added; its entry is the last one, `t->count - 1`.
 * @retval other    As for prov_ref_tree_add().
 * @memory    As prov_ref_tree_add().
 * @threads   A tree is used by one thread at a time.
 * @cost      O(length of the address * markers).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_ref_tree_put(struct prov_ref_tree *t, uint32_t entry, struct prov_str base,
                  const struct prov_ref_address *address, const struct prov_macro_set *set,
                  enum prov_macro_enc enc, struct prov_diags *diags);

#ifdef __cplusplus
}
#endif
#endif /* PROV_REF_H */
