/* SPDX-License-Identifier: MIT */
#ifndef PROV_LAYER_H
#define PROV_LAYER_H

/**
 * @file
 * @brief Parameters from several places, put together by the rules of a phone family: what counts,
 * where it comes from, and what it beat (PAN-1, PAN-2, STO-4).
 *
 * Layer: core (pure).
 *
 * Which of several values counts:
 *
 *  1. They are put in order: higher rank of the layer first; of equal rank the later stamp; of
 *     equal stamps the layer further down in #prov_layer.
 *  2. The first one counts, with one exception. If its layer *yields* (the user's changes do), and
 *     the best value of all layers that do not yield has #PROV_PARAM_OVERRIDES and comes from a
 *     layer that may override, then that one goes to the front. A permission in a file that is
 *     beaten by another file has no say.
 *
 * Permission and access are those of the best value of all layers that do not yield, whether it
 * counts or not: a file tells what the user may do, a change of the user does not. Read-only
 * forbids new changes; one that is there still counts unless the file overrides it.
 *
 * The order in which the files were read or are given has no influence, only layer and stamp have.
 *
 *     struct prov_layer_input in[] = { { PROV_LAYER_STANDARD, 0, &file }, { PROV_LAYER_USER, 0, &web } };
 *     struct prov_layers l;
 *
 *     if (prov_layers_merge(&l, rules, in, 2, &arena) == PROV_OK)
 *         found = prov_layers_find(&l, name, 0);
 */

#include <prov/param.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where parameters come from. */
enum prov_layer {
    PROV_LAYER_FACTORY = 0,  /**< Defaults of the phone. */
    PROV_LAYER_INITIAL = 1,  /**< Initial or pre-provisioning file (PAN-3). */
    PROV_LAYER_MASTER = 2,   /**< File for all phones. */
    PROV_LAYER_PRODUCT = 3,  /**< File for a model. */
    PROV_LAYER_STANDARD = 4, /**< File for one phone. */
    PROV_LAYER_USER = 5,     /**< Changes by web page or at the phone. */
};

/** Number of layers. */
#define PROV_LAYERS 6u

/** What holds for one layer. */
struct prov_layer_rule {
    uint8_t rank;   /**< Higher is stronger; among equal ones the later setting counts. */
    bool overrides; /**< #PROV_PARAM_OVERRIDES of its parameters counts. */
    bool yields;    /**< Goes behind a parameter that overrides; its own permissions have no say. */
};

/** How a family of phones puts layers together. Constant data of a dialect; lives as long as it is
 * used. */
struct prov_layer_rules {
    const struct prov_param_rules *params;      /**< How its files are read. */
    struct prov_layer_rule layers[PROV_LAYERS]; /**< By #prov_layer. */
};

/** One file, or the user's changes. */
struct prov_layer_input {
    enum prov_layer layer;
    uint64_t stamp; /**< When it was set: a time, a counter. Files that were fetched together have
                         one stamp if their layers are to decide between them. */
    const struct prov_params *params;
};

/** A value that was given for a parameter. */
struct prov_layer_value {
    const struct prov_param *param;       /**< With line and column. */
    const struct prov_layer_input *input; /**< With layer, stamp and the name of the source. */
};

/** A parameter of the result. */
struct prov_layered {
    struct prov_str name;
    uint32_t index;                        /**< Line number; 0 = none. */
    uint32_t count;                        /**< Entries at @p values; at least 1. */
    const struct prov_layer_value *values; /**< All that were given: the one that counts, then those
                                                it beat, in order. */
    const struct prov_param *ruling;       /**< Has the permission and access that hold; NULL = no
                                                file says anything: the user may do all. */
    bool read_only;                        /**< The user must not change it. */
};

/** The result. In the caller's memory; members are read-only. */
struct prov_layers {
    const struct prov_layer_rules *rules;
    const struct prov_layered *items; /**< Sorted by line number, then by name. */
    uint32_t count;
};

/** Why a value comes before the next one. */
enum prov_layer_why {
    PROV_LAYER_WHY_SOLE = 0,  /**< There is no next one. */
    PROV_LAYER_WHY_RANK = 1,  /**< Its layer has a higher rank. */
    PROV_LAYER_WHY_STAMP = 2, /**< Of equal rank; it was set later. */
    PROV_LAYER_WHY_LAYER = 3, /**< Set at the same time; its layer is the closer one. */
    PROV_LAYER_WHY_PERM = 4,  /**< Its permission overrides. */
};

/**
 * Put layers together.
 *
 * @param[out]    out     The result. Unless #PROV_OK it is left as it was.
 * @param[in]     rules   Borrowed as long as @p out.
 * @param[in]     inputs  In any order; no two with the same layer and stamp. They and their lists
 *                        are borrowed, unchanged, as long as @p out. May be NULL if @p count is 0.
 * @param[in]     count   Entries at @p inputs.
 * @param[in,out] arena   The result lives there (perm). Borrowed for the call.
 *
 * @retval PROV_OK       Done.
 * @retval PROV_E_ARG    A pointer is NULL, a layer is not in the enum, two inputs have the same layer
 *                       and stamp, a list was read by other rules than `rules->params`, or there
 *                       are UINT32_MAX values or more.
 * @retval PROV_E_SPACE  The arena is too small; `arena->need` would have done up to that request.
 *                       Only memory was spent.
 * @memory    Perm: two pointers for each value, and one struct for each parameter.
 * @threads   Safe from any thread as long as @p arena is not shared.
 * @cost      O(v log v) for v values, plus O(count * count).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_layers_merge(struct prov_layers *out,
                                                           const struct prov_layer_rules *rules,
                                                           const struct prov_layer_input *inputs,
                                                           size_t count, struct prov_arena *arena);

/**
 * Find a parameter of the result. To walk over all of them, read `items[0 .. count)`.
 *
 * @param[in] l      From prov_layers_merge().
 * @param[in] name   Compared byte for byte.
 * @param[in] index  Line number; 0 = none.
 * @return    It, as long as the result; NULL if there is none or @p l is NULL.
 * @threads   Safe from any thread.
 * @cost      O(log n) compares of names.
 * @since     0.1
 */
PROV_API const struct prov_layered *prov_layers_find(const struct prov_layers *l,
                                                     struct prov_str name, uint32_t index);

/**
 * Why does the n-th value of a parameter come before the next one?
 *
 * @param[in] l     From prov_layers_merge().
 * @param[in] item  One of its items.
 * @param[in] n     Entry of `item->values`.
 * @return    The reason; #PROV_LAYER_WHY_SOLE too if a pointer is NULL or there is no such entry.
 * @threads   Safe from any thread.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API enum prov_layer_why prov_layers_why(const struct prov_layers *l,
                                             const struct prov_layered *item, uint32_t n);

/**
 * The result as one list: what a phone works with. It can be written, or be a layer again. Values
 * have the lines of the files they come from; permission and access are those of `ruling`, without
 * one there are none.
 *
 * @param[in]     l      From prov_layers_merge().
 * @param[in]     source Name for diagnostics. Borrowed as long as @p out.
 * @param[in,out] arena  The list lives there (perm). Borrowed for the call.
 * @param[out]    out    The list; its spans are those of the inputs. Unless #PROV_OK it is left as
 *                       it was.
 *
 * @retval PROV_OK       Done.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_SPACE  The arena is too small; `arena->need` would have done.
 * @threads   Safe from any thread as long as @p arena is not shared.
 * @cost      O(n).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_layers_params(const struct prov_layers *l,
                                                            struct prov_str source,
                                                            struct prov_arena *arena,
                                                            struct prov_params *out);

/** How a parameter differs between two lists. */
enum prov_param_change {
    PROV_PARAM_ADDED = 0,
    PROV_PARAM_REMOVED = 1,
    PROV_PARAM_VALUE = 2,  /**< Another value, and perhaps more. */
    PROV_PARAM_RIGHTS = 3, /**< The same value, but another permission or access. */
};

/** One difference. */
struct prov_param_difference {
    enum prov_param_change kind;
    const struct prov_param *before; /**< NULL for an added one. */
    const struct prov_param *after;  /**< NULL for a removed one. */
};

/** A comparison of two lists. Set @p before and @p after; the rest is zero. Both are borrowed. */
struct prov_params_diff {
    const struct prov_params *before;
    const struct prov_params *after;
    uint32_t old_at; /**< Entries that were passed. */
    uint32_t new_at;
};

/**
 * The next parameter that differs, in the order of the lists (STO-4).
 *
 * @param[in,out] d    The comparison.
 * @param[out]    out  The difference.
 * @return    False, @p out unchanged, if there are no more or a pointer is NULL.
 * @threads   A comparison is used by one thread at a time.
 * @cost      O(bytes of both lists) for all calls together.
 * @since     0.1
 */
PROV_API bool prov_params_diff_next(struct prov_params_diff *d, struct prov_param_difference *out);

/** Name of a layer: `factory`, `initial`, `master`, `product`, `standard`, `user`; `""` for a value
 * that is not in the enum. Constant text. */
PROV_API const char *prov_layer_name(enum prov_layer layer);

#ifdef __cplusplus
}
#endif
#endif /* PROV_LAYER_H */
