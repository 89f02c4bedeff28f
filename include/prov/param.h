/* SPDX-License-Identifier: MIT */
#ifndef PROV_PARAM_H
#define PROV_PARAM_H

/**
 * @file
 * @brief Named parameters of a settings file, whatever its syntax: one list for XML and text
 * (PAN-1, PAN-2).
 *
 * Layer: core (pure, but for the heap inside expat that reading XML took before).
 *
 * A parameter is known by its name and a line number (that of a telephone line; 0 = none), not by
 * the place in its file. In text the line number is the end of the name: `SIP_PASS_1`. In XML it
 * is an attribute of the leaf element or of one around it: `<Line idx="1">`.
 *
 * A list is sorted by line number, then by the bytes of the name, and has each parameter once: of
 * several equal ones in a file the first or the last counts, as the rules say. Layers of such lists
 * are put together by prov/layer.h.
 */

#include <prov/cfg.h>
#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Largest line number. */
#define PROV_PARAM_INDEX_MAX 65535u

/* What a permission means. Bits. */
#define PROV_PARAM_OVERRIDES 1u /**< The file counts even against a change of the user. */
#define PROV_PARAM_READ_ONLY 2u /**< The user must not change it. */

/** A permission as it is written, and what it means. */
struct prov_param_perm {
    struct prov_str text; /**< Compared byte for byte. */
    uint8_t flags;        /**< Set of PROV_PARAM_ bits. */
};

/** How a family of phones writes parameters. Constant data of a dialect; lives as long as it is
 * used. */
struct prov_param_rules {
    const struct prov_cfg_rules
        *cfg;            /**< Text; which of equal ones counts stands there. NULL = XML,
                                           for which the members from @p root on are. */
    uint32_t file_bytes; /**< Largest file; 0 = no limit of its own. */

    struct prov_str root;          /**< Root element, compared without case. Not empty. */
    const struct prov_str *groups; /**< Children of the root that hold parameters, compared without
                                        case. */
    size_t group_count;            /**< 1..255. */
    struct prov_str index_element; /**< Element that holds the parameters of a line when they are
                                        written. Not empty. */
    struct prov_str index;         /**< Attribute with the line number. Not empty. */
    struct prov_str perm;          /**< Attribute with the permission. */
    struct prov_str access;        /**< Attribute that says which account sees the parameter. */
    const struct prov_param_perm *perms; /**< All that are known. May be NULL if there are none. */
    size_t perm_count;                   /**< 0..255. */
    enum prov_cfg_equal equal;           /**< Which one of equal ones in a file counts. */
};

/** One parameter. Spans are borrowed from the source or live in the arena of the list. */
struct prov_param {
    struct prov_str name;   /**< Without a prefix, and without the line number. Not empty. */
    struct prov_str value;  /**< Entities replaced, without white space at both ends in XML. */
    struct prov_str access; /**< ASCII letters as written; empty = not given. */
    uint32_t line;          /**< Of the source, from 1. */
    uint32_t column;        /**< In bytes from 1: of the element, or of the value in text. */
    uint32_t order;         /**< Place in the file, from 0. */
    uint16_t index;         /**< Line number; 0 = none. */
    uint8_t perm;  /**< Number of its permission in `rules->perms` from 1; 0 = not given. */
    uint8_t flags; /**< What that means. */
    uint8_t group; /**< Number in `rules->groups` from 0; in text 0. */
};

/** The parameters of one file, sorted by line number and name. In the caller's memory; members are
 * read-only. */
struct prov_params {
    const struct prov_param_rules *rules;
    struct prov_str source;         /**< Name for diagnostics. */
    const struct prov_param *items; /**< In the arena. */
    uint32_t count;
};

/**
 * Read a text file (PAN-2).
 *
 * @param[out]    out     The list. Unless #PROV_OK it is left as it was.
 * @param[in]     rules   With `cfg`. Borrowed as long as @p out.
 * @param[in]     source  Name for diagnostics. Borrowed as long as @p out and @p diags.
 * @param[in]     text    The file. Borrowed, unchanged, as long as @p out and @p diags.
 * @param[in,out] arena   The list lives there (perm). Borrowed for the call.
 * @param[in,out] diags   Gets one error on every result but #PROV_OK; warnings of prov_cfg_next();
 *                        and one for each parameter that stands twice, at the later one, with the
 *                        other line in `need`. May be NULL. Subjects are names, never values.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_ARG     @p out, @p rules, `rules->cfg` or @p arena is NULL, or as for
 *                        prov_cfg_begin().
 * @retval PROV_E_LIMIT   The file is larger than `file_bytes`, or as for prov_cfg_begin().
 * @retval PROV_E_TYPE    As for prov_cfg_begin().
 * @retval PROV_E_SYNTAX  As for prov_cfg_begin().
 * @retval PROV_E_SPACE   The arena is too small; `arena->need` would have done.
 * @memory    Perm: one struct for each line with a parameter.
 * @threads   Safe from any thread as long as @p arena and @p diags are not shared.
 * @cost      O(text.len + n log n) for n parameters.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_params_read_text(struct prov_params *out, const struct prov_param_rules *rules,
                      struct prov_str source, struct prov_str text, struct prov_arena *arena,
                      struct prov_diags *diags);

/**
 * Read an XML document: each leaf element below a group is a parameter (PAN-1).
 *
 * The white space around a value does not count. What cannot be understood is skipped with a
 * warning: an element below the root that is no group; an element with a line number that is none
 * (1..65535 in decimal digits), or inside an element that has one already. A permission that is not
 * known, an `access` that is not of 1..8 ASCII letters, and text beside elements have no effect,
 * with a warning.
 *
 * @param[out]    out    The list. Unless #PROV_OK it is left as it was.
 * @param[in]     rules  Without `cfg`. Borrowed as long as @p out.
 * @param[in]     x      The pool. Must not be edited as long as @p out is used.
 * @param[in]     root   From prov_xml_parse().
 * @param[in,out] arena  The list lives there (perm), and values that are not written as they are.
 *                       May be that of the pool. Borrowed for the call.
 * @param[in,out] diags  As for prov_params_read_text(). An error is there on every result but
 *                       #PROV_OK.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_ARG     A pointer but @p diags is NULL, @p root is no element, or a member of
 *                        @p rules is outside its range.
 * @retval PROV_E_TYPE    The root has another name.
 * @retval PROV_E_LIMIT   The file is larger than `file_bytes`.
 * @retval PROV_E_SPACE   The arena is too small; `arena->need` would have done up to that request.
 * @memory    Perm: one struct for each leaf, and the bytes of values with entities, CDATA, comments
 *            or CR in them. Unless #PROV_OK some of it may be spent.
 * @threads   As the pool: one at a time.
 * @cost      O(size + n log n) for n parameters.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_params_read_xml(struct prov_params *out, const struct prov_param_rules *rules,
                     const struct prov_xml *x, uint32_t root, struct prov_arena *arena,
                     struct prov_diags *diags);

/**
 * Find a parameter.
 *
 * @param[in] p      The list.
 * @param[in] name   Compared byte for byte.
 * @param[in] index  Line number; 0 = none.
 * @return    It, as long as the list; NULL if there is none or @p p is NULL.
 * @threads   Safe from any thread.
 * @cost      O(log n) compares of names.
 * @since     0.1
 */
PROV_API const struct prov_param *prov_params_find(const struct prov_params *p,
                                                   struct prov_str name, uint32_t index);

/**
 * Append the name of a parameter with its line number, as people write it: `SIP_PASS_1` in text,
 * `SIP_PASS[1]` for XML, the name alone without a line number.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p rules or @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(name.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_param_label(const struct prov_param_rules *rules,
                                                          struct prov_str name, uint32_t index,
                                                          struct prov_buf *out);

/**
 * Take a name as people write it apart; the reverse of prov_param_label(). A number counts if it is
 * 1..65535 without leading zeros and something stands before it; else all of it is the name.
 *
 * @param[in]  rules  Text or XML.
 * @param[in]  label  The name.
 * @param[out] name   Part of @p label.
 * @return     The line number; 0 = none. 0 too, with nothing done, if a pointer is NULL.
 * @threads    Safe from any thread.
 * @cost       Constant.
 * @since      0.1
 */
PROV_API uint32_t prov_param_split(const struct prov_param_rules *rules, struct prov_str label,
                                   struct prov_str *name);

/**
 * Append a new file with these parameters, in the order of the list, and nothing else.
 *
 * Text: the first mark, then a line for each, with CR LF. XML: the root, in it each group that has
 * parameters, in it the leaves; those with a line number inside elements named `index_element`.
 * Reading it gives an equal list: names, line numbers, values, permissions, access, groups. To
 * change a file that is there, and keep its comments and layout, use prov_cfg_write() or the
 * editing functions of prov/xml.h.
 *
 * @param[in]     p     A list that was read, or made by prov_layers_params().
 * @param[in,out] out   Appended to. Unless #PROV_OK its length and the bytes before it stay as they
 *                      were. Must not overlap with the list.
 * @param[out]    need  With #PROV_E_SPACE the capacity (`out->cap`) that would do. May be NULL.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p p or @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit.
 * @memory    Writes only to `out->ptr[out->len .. out->cap)`. No allocation.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(bytes + n * groups).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_params_write(const struct prov_params *p,
                                                           struct prov_buf *out, size_t *need);

#ifdef __cplusplus
}
#endif
#endif /* PROV_PARAM_H */
