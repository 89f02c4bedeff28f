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
 * @param[out]    diag     Filled on every result but #PROV_OK. May be NULL. `column` counts in @p
 * text.
 *
 * @retval PROV_OK        Taken apart.
 * @retval PROV_E_ARG     A pointer is NULL.
 * @retval PROV_E_SYNTAX  Not of the form of OPS-2. An attribute step, `//`, `..`, an axis and a
 * function have numbers of their own.
 * @retval PROV_E_LIMIT   Too many steps or predicates.
 * @retval PROV_E_SPACE   No room in @p scratch; `diag->need` would have done.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status
prov_path_parse(struct prov_str text, const struct prov_limits *limits, struct prov_arena *scratch,
                struct prov_path *out, struct prov_diag *diag);

/**
 * Find the one element that a path addresses below a root (OPS-3).
 *
 * @param[in,out] x     The pool; prov_xml_find_keyed() may add indexes.
 * @param[in]     root  Root of the settings; the first step names one of its children.
 * @param[in]     path  From prov_path_parse().
 * @param[out]    node  The element. Unless #PROV_OK it is left as it was.
 * @param[out]    diag  Filled on every result but #PROV_OK. May be NULL. `column` is of the step
 * that hit nothing.
 *
 * @retval PROV_OK           Exactly one.
 * @retval PROV_E_ARG        A pointer is NULL or @p root does not exist.
 * @retval PROV_E_NO_MATCH   None.
 * @retval PROV_E_AMBIGUOUS  Two or more.
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
