/* SPDX-License-Identifier: MIT */
#ifndef PROV_SCHEMA_H
#define PROV_SCHEMA_H

/**
 * @file
 * @brief What a section may hold, as constant tables, and the check against them (CHK-1, OPS-5).
 *
 * Layer: core (pure). The tables stand in dialects; a vendor brings its own in the same form.
 *
 * A table is a tree of constant arrays. Children may stand in any order. Arrays can be shared
 * between elements, but no element can be inside itself.
 */

#include <prov/dialect.h>
#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Nested elements of a table, the section included. */
#define PROV_SCHEMA_DEPTH 16u

/** Longest word of an enumeration, in bytes. */
#define PROV_SCHEMA_WORD_BYTES 63u

/** Any number of elements, for `max`. */
#define PROV_SCHEMA_MANY UINT32_MAX

/** Version of a section's settings. It counts settings, not firmware. */
struct prov_version {
    uint32_t major, minor, patch;
};

/** What kind of value a text is. */
enum prov_value_kind {
    PROV_VALUE_ANY = 0,     /**< Any text. */
    PROV_VALUE_STRING = 1,  /**< Any text of @p min to @p max characters. */
    PROV_VALUE_INT = 2,     /**< A whole number from @p min to @p max. */
    PROV_VALUE_BOOL = 3,    /**< `true`, `false`, `1`, `0`. */
    PROV_VALUE_ENUM = 4,    /**< One of @p words. */
    PROV_VALUE_PATTERN = 5, /**< A text as for #PROV_VALUE_STRING that @p pattern matches. */
    PROV_VALUE_LIST = 6, /**< @p min to @p max values of the kind @p item, with blanks between. */
};

/** The type of a text or of an attribute's value. White space around numbers, booleans and words
 * does not count. */
struct prov_value_type {
    enum prov_value_kind kind;
    bool may_be_blank; /**< White space alone, or nothing, is good as well. */
    int64_t min;       /**< Smallest number, or fewest characters or values. */
    int64_t max;       /**< Largest number, or most characters or values. 0 for characters and
                            values: no limit. */
    const struct prov_str *words; /**< At most #PROV_SCHEMA_WORD_BYTES bytes each. */
    size_t word_count;
    struct prov_str pattern; /**< Literals, `.`, `[a-z]`, `[^a-z]`, `?` `*` `+`, `|`, groups, `^`,
                                  `$`; a backslash before a punctuation mark. At most 64 of these. */
    const struct prov_value_type *item; /**< Of a list; no list itself. */
};

/** One attribute. */
struct prov_schema_attribute {
    struct prov_str name;
    bool required;
    const struct prov_value_type *type; /**< NULL = any. */
};

/** Marks of an element. */
enum prov_schema_flag {
    PROV_SCHEMA_FREE = 1,     /**< What is inside and its attributes are not looked at. */
    PROV_SCHEMA_OPEN = 2,     /**< Elements and attributes that the table does not name are good. */
    PROV_SCHEMA_NUMBERED = 4, /**< The name is followed by one or more digits. */
    PROV_SCHEMA_RESTART = 8,  /**< A change to it takes effect after a restart (STO-4). */
};

/** One element. */
struct prov_schema_element {
    struct prov_str name;
    uint32_t min;                       /**< Fewest of this name below one parent. */
    uint32_t max;                       /**< Most of them; 0 = 1. */
    uint32_t flags;                     /**< Set of `enum prov_schema_flag`. */
    const struct prov_value_type *text; /**< NULL = no text but white space. Not with children. */
    const struct prov_schema_attribute *attributes;
    size_t attribute_count;
    const struct prov_schema_element *children;
    size_t child_count;
    struct prov_str key; /**< Attribute that no two of this name below one parent have in common;
                              empty = none. */
};

/** The schema of one version of one section. The section may have an attribute `version` in any. */
struct prov_schema {
    struct prov_version version;
    struct prov_schema_element section; /**< Its name, attributes and children; `min` and `max` are
                                             not used. */
};

/**
 * Read a version: one to three whole numbers with dots between; a missing one is 0.
 *
 * @param[in]  text  White space around it does not count.
 * @param[out] out   Unless true is returned it is left as it was. May be NULL.
 * @return     False if it is no version, or a number is above UINT32_MAX.
 * @threads    Safe from any thread.
 * @cost       O(text.len).
 */
PROV_API bool prov_version_parse(struct prov_str text, struct prov_version *out);

/** Below 0, 0, or above 0, as @p a is older than, equal to, or newer than @p b. */
PROV_API int prov_version_compare(struct prov_version a, struct prov_version b);

/**
 * Is a table sound: names, patterns and words are well formed, ranges are not empty, no more than
 * #PROV_SCHEMA_DEPTH levels, fewer than 65,536 children of one element, no list of lists, no text
 * beside children, no key that is not a required attribute?
 *
 * @param[in]  schema  The table.
 * @param[out] fault   Name of the element at fault, or its parent's. Unless #PROV_E_ARG it is left
 * as it was. May be NULL.
 *
 * @retval PROV_OK     It is.
 * @retval PROV_E_ARG  @p schema is NULL, or it is not.
 * @threads   Safe from any thread.
 * @cost      O(size of the table).
 */
PROV_API PROV_NODISCARD enum prov_status prov_schema_verify(const struct prov_schema *schema,
                                                            struct prov_str *fault);

/**
 * The current schema of a section: the first one of this name in the dialect's list.
 *
 * @return    NULL if there is none, or @p dialect is NULL.
 * @threads   Safe from any thread.
 * @cost      O(schemas).
 */
PROV_API const struct prov_schema *prov_schema_find(const struct prov_dialect *dialect,
                                                    struct prov_str section);

/**
 * Check a section against a schema (CHK-1).
 *
 * Of each element: its attributes, its text, then which children it has and how many, and their
 * keys; then the children themselves in document order. The first violation ends the check.
 * Attributes named `xmlns`, `xmlns:*`, `xml:*` and `xsi:*` are always good.
 *
 * @param[in,out] x        The pool; prov_xml_find_keyed() may add indexes.
 * @param[in]     section  The section's element. Its own name is not looked at.
 * @param[in]     schema   A sound one, see prov_schema_verify(). What is nested deeper than
 * #PROV_SCHEMA_DEPTH is not looked at.
 * @param[out]    diag     Filled on every result but #PROV_OK. May be NULL. Each rule has a number
 * of its own (0901..0935). Place and @p subject are those of the element or attribute at fault (of
 * the parent, if an element is missing); `need` is the limit that was broken; `path` leads to the
 * element, with positions, without any value, or is empty if there was no room for it, or
 * it has more than 1,024 bytes.
 *
 * @retval PROV_OK         Valid.
 * @retval PROV_E_ARG      @p x or @p schema is NULL, the section does not exist, or a pattern of the
 * table is malformed.
 * @retval PROV_E_INVALID  A rule is broken.
 * @retval PROV_E_SPACE    No room in scratch memory for 4 bytes a child of the table, or for a key.
 * @ownership `diag->path` lives in the arena of the pool (perm); the rest points into the source and
 * the table.
 * @memory    Scratch memory, given back; for a violation its path in perm memory.
 * @threads   A pool is used by one thread at a time.
 * @cost      O(size of the section) amortised, times the children of one element in the table
 * where they stand in an order of their own; a pattern takes its length for each character.
 */
PROV_API PROV_NODISCARD enum prov_status prov_schema_check(struct prov_xml *x, uint32_t section,
                                                           const struct prov_schema *schema,
                                                           struct prov_diag *diag);

/**
 * Does a change to an element need a restart (STO-4)? It does if the element, one around it, or one
 * inside it, is marked #PROV_SCHEMA_RESTART.
 *
 * @param[in] x        The pool.
 * @param[in] root     Root of the settings; its children are sections.
 * @param[in] node     An element below @p root, or one that was until it was replaced or removed.
 * @param[in] dialect  Rules. One without a schema for the section never asks for a restart.
 * @return    False also if a pointer is NULL, or the element was never below @p root.
 * @threads   As its pool.
 * @cost      O(depth + size of the element).
 */
PROV_API bool prov_schema_restart(const struct prov_xml *x, uint32_t root, uint32_t node,
                                  const struct prov_dialect *dialect);

#ifdef __cplusplus
}
#endif
#endif /* PROV_SCHEMA_H */
