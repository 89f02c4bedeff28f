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
    PROV_SECTION_STRIPPED = 4,   /**< `stripped`: merged, replaced or new, without what the schema
                                      does not know (MIG-1). */
};

/** One section of one change file. */
struct prov_section_result {
    struct prov_str name; /**< Element name; points into a source or the pool's arena. */
    enum prov_section_action action;
    uint32_t file;        /**< Number of the change file in the run, from 0. */
    uint32_t operations;  /**< Operations on it, also when discarded; 0 for a patch. */
    struct prov_diag why; /**< With `discarded`: the reason. `why.code` 0 = none. */
    bool changed;         /**< Something in the section is different now. */
    bool unchecked; /**< With @p changed: neither a schema nor a callback looked at it (CHK-1). */
    uint32_t stripped; /**< Elements and attributes of the change that were left out. */
};

/** How a path came to be different. */
enum prov_change_kind {
    PROV_CHANGE_ADDED = 0,
    PROV_CHANGE_REPLACED = 1,
    PROV_CHANGE_REMOVED = 2,
    PROV_CHANGE_ATTRIBUTES = 3,
    PROV_CHANGE_TEXT = 4, /**< Text, comments or processing instructions directly in the element. */
};

/** Which rule made a change. */
enum prov_change_rule {
    PROV_RULE_PATH = 0,             /**< Merged by path (PAT-2). */
    PROV_RULE_KEY = 1,              /**< Merged by key (PAT-3). */
    PROV_RULE_POSITION = 2,         /**< Merged by position (PAT-4). */
    PROV_RULE_SECTION_REPLACED = 3, /**< The section was replaced (PAT-1). */
    PROV_RULE_SECTION_NEW = 4,      /**< The section was not there (PAT-1). */
    PROV_RULE_DELETE = 5,           /**< Operation `delete` (OPS-4). */
    PROV_RULE_REPLACE = 6,          /**< Operation `replace` (OPS-4). */
    PROV_RULE_ADD = 7,              /**< Operation `add` (OPS-4). */
    PROV_RULE_DIFF = 8,             /**< A step of a diff (OPS-6). */
};

/** One changed element. */
struct prov_change {
    uint32_t node; /**< The new element; for #PROV_CHANGE_REMOVED the old one, still readable. */
    uint32_t old;  /**< The element before, #PROV_XML_NONE for an added one; still readable. For
                      #PROV_CHANGE_ATTRIBUTES and #PROV_CHANGE_TEXT the same as @p node: its tag and
                      content before are not kept. */
    uint32_t nth; /**< Position among siblings of its name at the time, from 1; 0 = the only one. */
    uint32_t file; /**< As in prov_section_result. */
    uint32_t
        by; /**< Element of the change file that asked for it: an operation, or the element that
                    was merged; #PROV_XML_NONE = not told. It is readable, not to be edited. */
    enum prov_change_kind kind;
    enum prov_change_rule rule;
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
     * it, if it keeps to the dialect's schema, or there is none.
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
    uint8_t checked[32];   /**< A bit for each text of the pool: what it has brought was checked. */
    bool refuse_unchecked; /**< The caller's choice after prov_apply_init(): discard a section that
                                 neither a schema nor a callback looks at (CHK-1). */
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
 * @retval PROV_E_ARG    @p a, @p x or @p dialect is NULL, the root does not exist, or a schema or
 * migration of the dialect is not sound, see prov_schema_verify() and prov_migrations_verify().
 * @retval PROV_E_ABI    `dialect->size` does not fit.
 * @retval PROV_E_TYPE   The root element is not the dialect's settings root; a diagnostic says so.
 * @retval PROV_E_SPACE  The arena is too small; `arena->need` would have done. @p a is as it was.
 * @ownership @p x, @p dialect and @p diags are borrowed as long as @p a is used.
 * @threads   As its pool: one thread at a time.
 * @cost      O(size of the settings), to count them, plus O(size of the dialect's tables).
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
 * whose children are all delete, replace or add, at least one, is operations; but one named `diff`,
 * or whose children are all add, replace or remove, some of them with `sel`, is a diff, unless one of
 * them has `path`. Else the settings root
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
 * other element that is not the only one of its name; the root is `/`. The element is shown as it stood at the time
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

/**
 * Does a change take effect after a restart only (STO-4)? It does if the dialect's schema marks the
 * element, one around it, or one inside it, before or after the change. Without a schema: no.
 *
 * @param[in] a       NULL = false.
 * @param[in] change  An entry of the account. NULL = false.
 * @threads   As its pool.
 * @cost      O(depth + size of the element before and after).
 */
PROV_API bool prov_change_restart(const struct prov_apply *a, const struct prov_change *change);

/**
 * Digests of a change (STO-4): what was there before and what is there now, as prov_xml_digest()
 * makes them. For #PROV_CHANGE_ATTRIBUTES they are of the start tag alone. The start tag before is
 * the one that was read, also after several changes.
 *
 * @param[in]  a       From prov_apply_init().
 * @param[in]  change  An entry of the account.
 * @param[out] before  Set if there was an element. MUST NOT be NULL.
 * @param[out] after   Set if there is one. MUST NOT be NULL.
 * @return    1 = @p before is set, 2 = @p after is set, 3 = both. A pointer that is NULL: 0. For
 * #PROV_CHANGE_TEXT the content before is not kept: 2.
 * @threads   As its pool.
 * @cost      O(size of the element before and after).
 */
PROV_API unsigned prov_change_digest(const struct prov_apply *a, const struct prov_change *change,
                                     uint8_t before[PROV_DIGEST_BYTES],
                                     uint8_t after[PROV_DIGEST_BYTES]);

/** A rule in words, with its id: `merged by path (PAT-2)`; `""` for a value that is not in the enum. */
PROV_API const char *prov_change_rule_name(enum prov_change_rule rule);

/** Name of an action as the tool prints it; `""` for a value that is not in the enum. */
PROV_API const char *prov_section_action_name(enum prov_section_action action);

/** `added`, `replaced`, `removed`, `attributes`, `text`; `""` for a value that is not in the enum. */
PROV_API const char *prov_change_kind_name(enum prov_change_kind kind);

#ifdef __cplusplus
}
#endif
#endif /* PROV_APPLY_H */
