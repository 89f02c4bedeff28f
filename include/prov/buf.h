/* SPDX-License-Identifier: MIT */
#ifndef PROV_BUF_H
#define PROV_BUF_H

/**
 * @file
 * @brief The caller's memory for bytes that a function produces.
 *
 * Layer: base (pure). Functions append. On failure they leave `len` as it was.
 */

#include <prov/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Memory of the caller with a fill level. */
struct prov_buf {
    char *ptr;  /**< May be NULL if @p cap is 0. */
    size_t cap; /**< Bytes at @p ptr. */
    size_t len; /**< Bytes in use. */
};

/** What has been written so far. */
static inline struct prov_str
prov_buf_str(const struct prov_buf *b)
{
    struct prov_str s = { b->ptr, b->len };
    return s;
}

#ifdef __cplusplus
}
#endif
#endif /* PROV_BUF_H */
