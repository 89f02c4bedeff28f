/* SPDX-License-Identifier: MIT */
#ifndef PROV_ABI_H
#define PROV_ABI_H

/**
 * @file
 * @brief Structs that may grow: `size` first, zero tail.
 *
 * Layer: base (pure). A struct of an older caller is shorter: what is missing
 * counts as zero. One of a newer caller is longer: what this library does not
 * know must be zero. Padding is copied as it is, so a new member is never put where an older
 * version of a struct had padding.
 */

#include <stddef.h>

#include <prov/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Copy a caller's struct into the layout of this library.
 *
 * @param[out] dst       Struct of this library; its own `size` is set to @p dst_size.
 *                       Unless #PROV_OK it is left as it was.
 * @param[in]  dst_size  `sizeof *dst`, at least `sizeof(size_t)`.
 * @param[in]  src       The caller's struct, whose first member is a `size_t` with its size.
 *                       Borrowed for the call; read up to that size and no further.
 * @param[in]  min_size  Smallest size that makes sense; at least `sizeof(size_t)`.
 *
 * @retval PROV_OK     Copied.
 * @retval PROV_E_ARG  @p dst or @p src is NULL, or a size is below `sizeof(size_t)`.
 * @retval PROV_E_ABI  `size` is below @p min_size or above 4096, or a byte that is not
 *                     known here is not zero.
 * @threads   Safe from any thread.
 * @cost      O(size).
 */
PROV_API PROV_NODISCARD enum prov_status prov_abi_import(void *dst, size_t dst_size,
                                                         const void *src, size_t min_size);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ABI_H */
