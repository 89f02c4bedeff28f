/* SPDX-License-Identifier: MIT */
#ifndef PROV_APPLY_H
#define PROV_APPLY_H

/**
 * @file
 * @brief Change documents on settings: what kind a file is, apply it, and tell what happened
 * (DOC-1, DOC-3, PAT-5).
 *
 * Layer: core (pure). The work on sections is in prov/patch.h and prov/ops.h.
 */

#include <prov/dialect.h>
#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What was done with a section. Names as the tool prints them. */
enum prov_section_action {
    PROV_SECTION_MERGED = 0,     /**< `merged` */
    PROV_SECTION_REPLACED = 1,   /**< `replaced`, or new */
    PROV_SECTION_OPERATIONS = 2, /**< `operations` */
    PROV_SECTION_DISCARDED = 3,  /**< `discarded`: as before the change */
    PROV_SECTION_STRIPPED = 4,   /**< `stripped` */
};

/** One section of one change file. */
struct prov_section_result {
    struct prov_str name; /**< Element name; points into a source or the pool's arena. */
    enum prov_section_action action;
    uint32_t file;        /**< Number of the change file in the run, from 0. */
    uint32_t operations;  /**< Operations on it, also when discarded; 0 for a patch. */
    struct prov_diag why; /**< With `discarded`: the reason. `why.code` 0 = none. */
    bool changed;         /**< Something in the section is different now. */
};

/** How a path came to be different. */
enum prov_change_kind {
    PROV_CHANGE_ADDED = 0,
    PROV_CHANGE_REPLACED = 1,
    PROV_CHANGE_REMOVED = 2,
    PROV_CHANGE_ATTRIBUTES = 3,
};

/** One changed element. */
struct prov_change {
    uint32_t node; /**< The new element; for #PROV_CHANGE_REMOVED the old one, still readable. */
    uint32_t old;  /**< The element before, #PROV_XML_NONE for an added one; still readable. For
                      #PROV_CHANGE_ATTRIBUTES the same as @p node: its tag before is not kept. */
    uint32_t nth; /**< Position among siblings of its name at the time, from 1; 0 = the only one. */
    uint32_t file; /**< As in prov_section_result. */
    enum prov_change_kind kind;
};

/** Account of a run of changes. Arrays live in the arena; the first ones are kept, all are counted.
 */
struct prov_account {
    struct prov_section_result *sections;
    uint32_t section_count, section_cap, sections_dropped;
    struct prov_change *changes;
    uint32_t change_count, change_cap, changes_dropped;
};

/** The vendor's check of a section (OPS-5, CHK-1). */
struct prov_check {
    /**
     * OPTIONAL. Is this section valid? Called once for each touched section after all changes to
     * it.
     *
     * @param[in]  ctx      From @p ctx below.
     * @param[in]  x        The pool. MUST NOT be edited. Borrowed for the call.
     * @param[in]  section  The section's element.
     * @param[out] diag     MUST be filled on #PROV_E_INVALID: code #PROV_D_CHECK_FAILED, place,
     * subject. Its spans MUST last as long as the pool. Where it has no code or no line, those of
     * the section are taken.
     * @return     #PROV_OK, or #PROV_E_INVALID. Anything else counts as #PROV_E_CALLBACK.
     */
    enum prov_status (*section)(void *ctx, const struct prov_xml *x, uint32_t section,
                                struct prov_diag *diag);
    void *ctx;
};

/** Settings that are being changed. In the caller's memory. */
struct prov_apply {
    struct prov_xml *x; /**< The pool of settings and changes. */
    uint32_t root;      /**< Root of the settings. */
    const struct prov_dialect *dialect;
    struct prov_check check;
    struct prov_diags *diags; /**< May be NULL. */
    struct prov_account account;
    uint32_t file_count;    /**< Changes so far. */
    uint32_t element_count; /**< Elements of the settings, their root included. */
    bool partial;           /**< A section was discarded. */
};

/**
 * Begin to change settings.
 *
 * @param[out]    a        The state. MUST NOT be NULL.
 * @param[in]     x        Pool that holds the settings; its arena gets the account (perm).
 * @param[in]     root     Root of the settings, from prov_xml_parse().
 * @param[in]     dialect  Rules.
 * @param[in]     check    NULL = no check. Copied.
 * @param[in,out] diags    May be NULL.
 *
 * @retval PROV_OK       Ready.
 * @retval PROV_E_ARG    @p a, @p x or @p dialect is NULL, or the root does not exist.
 * @retval PROV_E_ABI    `dialect->size` does not fit.
 * @retval PROV_E_TYPE   The root element is not the dialect's settings root; a diagnostic says so.
 * @retval PROV_E_SPACE  The arena is too small; `arena->need` would have done. @p a is as it was.
 * @ownership @p x, @p dialect and @p diags are borrowed as long as @p a is used.
 * @threads   As its pool: one thread at a time.
 * @cost      O(size of the settings), to count them.
 */
PROV_API PROV_NODISCARD enum prov_status prov_apply_init(struct prov_apply *a, struct prov_xml *x,
                                                         uint32_t root,
                                                         const struct prov_dialect *dialect,
                                                         const struct prov_check *check,
                                                         struct prov_diags *diags);

/**
 * What kind of document a root is (DOC-1).
 *
 * `operations`, `referencedSettings` and `notifySync` are told by name, with any prefix. Else a root
 * whose children are all delete, replace or add, at least one, is operations. Else the settings root
 * of the dialect, or of another dialect of this library, says what it is. Else a root that is one of
 * the dialect's sections, or a section of @p settings, is a section.
 *
 * @param[in] x         The pool.
 * @param[in] root      Root of the document.
 * @param[in] dialect   Rules.
 * @param[in] settings  Root of the settings to compare section names with, or #PROV_XML_NONE.
 * @return    The kind; #PROV_FILE_UNKNOWN if it is none, or a pointer is NULL.
 * @threads   As its pool.
 * @cost      O(children of the root + sections).
 */
PROV_API enum prov_file_type prov_file_detect(const struct prov_xml *x, uint32_t root,
                                              const struct prov_dialect *dialect,
                                              uint32_t settings);

/**
 * Apply one change document, already read into the pool, in the order of calls.
 *
 * @param[in,out] a     From prov_apply_init().
 * @param[in]     root  Root of the change. Consumed: it is not to be used or written any more.
 * @param[in]     types Accepted kinds, a set of #PROV_FILE_BIT (DOC-3).
 * @param[out]    type  The kind it was. May be NULL. Set on #PROV_E_TYPE too.
 *
 * @retval PROV_OK         Applied, and `a->file_count` counts it; with sections discarded
 * `a->partial` is set (PAT-5, OPS-5), and each has a diagnostic with line and column.
 * @retval PROV_E_ARG      A pointer is NULL, or @p root is not a document root, or is the settings'.
 * @retval PROV_E_TYPE     A kind that is not accepted here, or that is not one to apply (a
 * reference file, say); one diagnostic says which. The settings are unchanged.
 * @retval PROV_E_SPACE    No room for edits; the settings are as before this change. One diagnostic.
 * @retval PROV_E_CALLBACK The check broke its contract; the settings are as before this change. One
 * diagnostic.
 * @threads   As its pool: one thread at a time.
 * @cost      O(size of the change) amortised, plus O(size of the sections it names) to count and
 * verify them, plus the check. See prov/patch.h and prov/ops.h.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_apply_change(struct prov_apply *a, uint32_t root, uint32_t types, enum prov_file_type *type);

/**
 * Changes are in force: the settings read differently from what was loaded. A value that a later
 * change set back to what it was counts as changed.
 *
 * @param[in] a  NULL = false.
 * @cost      Constant.
 */
PROV_API bool prov_apply_changed(const struct prov_apply *a);

/**
 * Append the path of a change, such as `/keys/phoneXtensions/key[@keyNumber='3']`.
 *
 * List members carry their key or position as a predicate, as the dialect's lists say; so does any
 * other element that is not the only one of its name. The element is shown as it stood at the time
 * of the change, those around it as they stand now. A key with `'` in it stands in `"`.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL, or the change has no element.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @cost      O(depth * (depth + siblings)).
 */
PROV_API PROV_NODISCARD enum prov_status prov_change_path(const struct prov_apply *a,
                                                          const struct prov_change *change,
                                                          struct prov_buf *out);

/** Name of an action as the tool prints it; `""` for a value that is not in the enum. */
PROV_API const char *prov_section_action_name(enum prov_section_action action);

/** `added`, `replaced`, `removed`, `attributes`; `""` for a value that is not in the enum. */
PROV_API const char *prov_change_kind_name(enum prov_change_kind kind);

#ifdef __cplusplus
}
#endif
#endif /* PROV_APPLY_H */
