/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_IN_H
#define FUZZ_IN_H

/* Takes a fuzz input apart. Every harness includes it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Never compiled out, unlike assert(). */
#define FUZZ_CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: property broken: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

struct fuzz_in {
    const uint8_t *data;
    size_t size;
};

/* 0 when the input is used up. */
static inline uint8_t
fuzz_u8(struct fuzz_in *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

/* Up to n bytes. */
static inline struct prov_str
fuzz_take(struct fuzz_in *in, size_t n)
{
    struct prov_str s = { (const char *)in->data, n < in->size ? n : in->size };

    in->data += s.len;
    in->size -= s.len;
    return s;
}

/* A length byte, then at most max bytes. */
static inline struct prov_str
fuzz_str(struct fuzz_in *in, size_t max)
{
    const size_t n = fuzz_u8(in);

    return fuzz_take(in, n % (max + 1));
}

static inline struct prov_str
fuzz_rest(struct fuzz_in *in)
{
    return fuzz_take(in, in->size);
}

#endif /* FUZZ_IN_H */
