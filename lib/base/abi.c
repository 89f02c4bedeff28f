/* SPDX-License-Identifier: MIT */
#include <prov/abi.h>

#include <stdbool.h>
#include <string.h>

/* No struct of ours comes near; a size above it is an uninitialised member. */
#define LARGEST_STRUCT 4096

static bool
is_zero(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

enum prov_status
prov_abi_import(void *dst, size_t dst_size, const void *src, size_t min_size)
{
    size_t size;

    if (dst == NULL || src == NULL || dst_size < sizeof(size) || min_size < sizeof(size))
        return PROV_E_ARG;
    memcpy(&size, src, sizeof(size));
    if (size < min_size || size > LARGEST_STRUCT)
        return PROV_E_ABI;

    const size_t known = size < dst_size ? size : dst_size;

    if (!is_zero((const unsigned char *)src + known, size - known))
        return PROV_E_ABI;
    memset(dst, 0, dst_size);
    memcpy(dst, src, known);
    memcpy(dst, &dst_size, sizeof(dst_size));
    return PROV_OK;
}
