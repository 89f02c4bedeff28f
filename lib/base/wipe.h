/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_WIPE_H
#define PROV_BASE_WIPE_H

/* Forgetting secrets. */

#include <stddef.h>

/* Zeros that the compiler may not leave out, even if nobody reads them afterwards. */
static inline void
prov_wipe(void *p, size_t n)
{
    volatile unsigned char *at = p;

    while (n-- > 0)
        *at++ = 0;
}

#endif /* PROV_BASE_WIPE_H */
