/* SPDX-License-Identifier: MIT */
#ifndef PROV_PATH_H
#define PROV_PATH_H

/**
 * @file
 * @brief Paths that address one element of the settings (OPS-2, OPS-3).
 *
 * Layer: core (pure).
 */

#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which test a predicate makes. */
enum prov_path_test {
    PROV_PATH_ATTR_IS = 0,  /**< `[@name='value']` */
    PROV_PATH_HAS_ATTR = 1, /**< `[@name]` */
    PROV_PATH_POSITION = 2, /**< `[n]`, among the elements that passed the tests before it */
    PROV_PATH_CHILD_IS = 3, /**< `[name='value']` */
    PROV_PATH_SELF_IS = 4,  /**< `[.='value']` */
};

/** One predicate. */
struct prov_path_predicate {
    enum prov_path_test test;
    uint32_t position;     /**< From 1. */
    struct prov_str name;  /**< Attribute or child. */
    struct prov_str value; /**< Plain text between the quotes. */
};

/** One step. */
struct prov_path_step {
    struct prov_str name; /**< `*` = any. */
    uint32_t column;      /**< In the path, from 1. */
    uint32_t predicate_first;
    uint32_t predicate_count;
};

/** A path taken apart. Spans are borrowed from its text; steps and predicates live in scratch
 * memory. */
struct prov_path {
    struct prov_str text;
    const struct prov_path_step *steps;
    uint32_t step_count;
    const struct prov_path_predicate *predicates;
    uint32_t predicate_count;
};

/**
 * Take a path apart (OPS-2): absolute, steps by name or `*`, predicates, a trailing `/` allowed.
 * The first step is a section's name, never `*`.
 *
 * @param[in]     text     The path, plain (entities replaced).
 * @param[in]     limits   `path_steps` bounds steps and, separately, predicates. MUST be resolved,
 * not NULL.
 * @param[in,out] scratch  Gets the steps. Release it when the path is no longer used.
 * @param[out]    out      The parts. Unless #PROV_OK it is left as it was.
 * @param[out]    diag     Filled on every result but #PROV_OK. May be NULL. `column` counts bytes
 * of @p text from 1, `path` is @p text.
 *
 * @retval PROV_OK        Taken apart.
 * @retval PROV_E_ARG     A pointer is NULL, or the text has UINT32_MAX bytes or more.
 * @retval PROV_E_SYNTAX  Not of the form of OPS-2; `column` is of the byte at fault, or of the
 * bracket or quotation mark that has no end. An attribute step, `//`, `.` and `..`, an axis, a
 * function, a position of 0 and others have numbers of their own (0451..0477).
 * @retval PROV_E_LIMIT   More than `path_steps` steps or predicates; `diag->need` is the limit.
 * @retval PROV_E_SPACE   No room in @p scratch; `diag->need` would have done.
 * @ownership The parts point into @p text and @p scratch; both must last as long as @p out is used.
 * @memory    At most one record for each `/` and each `[` of the text. Unless #PROV_OK, @p scratch
 * is as it was.
 * @threads   Safe from any thread that owns @p scratch.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status
prov_path_parse(struct prov_str text, const struct prov_limits *limits, struct prov_arena *scratch,
                struct prov_path *out, struct prov_diag *diag);

/**
 * Find the one element that a path addresses below a root (OPS-3).
 *
 * `[n]` counts the elements of one parent that passed the tests before it. Texts are compared with
 * entities replaced. A path that hits two elements is found out at the second one.
 *
 * @param[in,out] x     The pool; prov_xml_find_keyed() may add indexes.
 * @param[in]     root  Root of the settings; the first step names one of its children.
 * @param[in]     path  From prov_path_parse().
 * @param[out]    node  The element. Unless #PROV_OK it is left as it was.
 * @param[out]    diag  Filled on every result but #PROV_OK. May be NULL. `column` is of the step
 * that hit nothing, or, with #PROV_E_AMBIGUOUS, of the last one; `path` is the path's text.
 *
 * @retval PROV_OK           Exactly one.
 * @retval PROV_E_ARG        A pointer is NULL, @p root does not exist, or the path has no step.
 * @retval PROV_E_NO_MATCH   None.
 * @retval PROV_E_AMBIGUOUS  Two or more.
 * @retval PROV_E_SPACE      No room for a counter for each step and predicate in scratch memory; `diag->need`
 * would have done.
 * @memory    4 bytes of scratch memory a step and a predicate, given back. No recursion.
 * @threads   A pool is used by one thread at a time.
 * @cost      Amortised constant a step for `name[@key='v']`; otherwise O(elements below the steps
 * so far).
 */
PROV_API PROV_NODISCARD enum prov_status prov_path_find(struct prov_xml *x, uint32_t root,
                                                        const struct prov_path *path,
                                                        uint32_t *node, struct prov_diag *diag);

#ifdef __cplusplus
}
#endif
#endif /* PROV_PATH_H */
