/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_SHA256_H
#define PROV_BASE_SHA256_H

/*
 * SHA-256 (FIPS 180-4). Used to notice what is unchanged (STO-3) and to name values without
 * showing them (STO-4). Not a place where speed matters; no allocation, no tables in RAM.
 */

#include <stddef.h>
#include <stdint.h>

#define PROV_SHA256_BYTES 32

/* A digest under way. Lives wherever the caller puts it; copying it copies the state. */
struct prov_sha256 {
    uint32_t state[8];
    uint64_t bytes;    /* taken in so far */
    uint8_t block[64]; /* the tail that does not fill a block yet: bytes % 64 of it */
};

void prov_sha256_init(struct prov_sha256 *h);

/* Any chunking gives the same digest. p may be NULL if n is 0. */
void prov_sha256_update(struct prov_sha256 *h, const void *p, size_t n);

/* Writes the digest and wipes h; for another one start with prov_sha256_init(). */
void prov_sha256_final(struct prov_sha256 *h, uint8_t out[PROV_SHA256_BYTES]);

#endif /* PROV_BASE_SHA256_H */
