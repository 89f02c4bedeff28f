/* SPDX-License-Identifier: MIT */
#ifndef PROV_LIMITS_H
#define PROV_LIMITS_H

/**
 * @file
 * @brief How large, deep and many things may be.
 *
 * Layer: base (pure). Run-time values: one binary serves every product.
 */

#include <stddef.h>
#include <stdint.h>

#include <prov/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Every member: 0 = the default given here. A value above the range is refused by
 * prov_limits_resolve(). */
struct prov_limits {
    size_t size;        /**< `sizeof(struct prov_limits)` as the caller compiled it. */
    uint32_t url_bytes; /**< Longest URL after markers, bytes, 16..65535. Default 2,048. */
    uint32_t
        file_bytes; /**< Largest file that is fetched (REF-3), of an encrypted one what it holds,
                              1..2^30. Default 262,144. */
    uint32_t
        settings_bytes; /**< Largest settings file, before and after, 1..2^30. Default 262,144. */
    uint32_t
        tree_bytes; /**< All fetched files of a run together (REF-3), 1..2^30. Default 1,048,576. */
    uint32_t
        tree_files; /**< Files named by reference files in a run (REF-3), 1..200. Default 32. */
    uint32_t
        tree_depth; /**< Nested reference files (REF-3): the first has depth 1, 1..32. Default 4. */
    uint32_t xml_depth;      /**< Nested elements (DOC-2), 1..1,000. Default 32. */
    uint32_t xml_attributes; /**< Attributes of one element (DOC-2), 1..10,000. Default 64. */
    uint32_t xml_nodes;      /**< Elements of one document (DOC-2), 1..2^24. Default 8,192. */
    uint32_t pool_nodes; /**< Elements of the settings and all changes of a run together, 1..2^25.
                              Default: twice @p xml_nodes. */
    uint32_t path_steps; /**< Steps of one path (OPS-2), 1..1,000. Default 32. */
    uint32_t fetches;    /**< Fetches side by side (REF-5), 1..16. Default 6. */
    uint32_t diags; /**< Diagnostics kept for one run, 1..65,535; more are counted. Default 64. */
    uint32_t
        changes; /**< Changed paths kept for one run, 1..2^24; more are counted. Default 256. */
    uint32_t
        sections; /**< Section results kept for one run, 1..65,535; more are counted. Default 64. */
};

/**
 * Put the defaults in place of zeros.
 *
 * @param[in]  in   NULL = all defaults. Borrowed for the call.
 * @param[out] out  Every member set. Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK     Done.
 * @retval PROV_E_ARG  @p out is NULL, or a member is outside its range.
 * @retval PROV_E_ABI  `in->size` does not fit this library (see prov/abi.h).
 * @threads   Safe from any thread.
 * @cost      Constant.
 */
PROV_API PROV_NODISCARD enum prov_status prov_limits_resolve(const struct prov_limits *in,
                                                             struct prov_limits *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_LIMITS_H */
