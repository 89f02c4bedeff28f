/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <string.h>

#include "base/wipe.h"

#define BLOCK 64u
#define LENGTH_AT 56u /* the last 8 bytes of the last block hold the length in bits */

static const uint32_t k[64] = {
    /* clang-format off */
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    /* clang-format on */
};

static const uint32_t start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* n is 1..31. */
static uint32_t
rotr(uint32_t x, unsigned n)
{
    return (x >> n) | (x << (32 - n));
}

static uint32_t
load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* FIPS 180-4, 6.2.2 step 1. */
static void
schedule(uint32_t w[64], const uint8_t *p)
{
    for (size_t t = 0; t < 16; t++)
        w[t] = load_be32(p + 4 * t);
    for (size_t t = 16; t < 64; t++) {
        const uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
        const uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);

        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/* One turn of step 3. The variables stay where they are: the caller moves their roles on. */
static inline void
turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f, uint32_t g,
     uint32_t *h, uint32_t kw)
{
    const uint32_t s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const uint32_t choice = g ^ (e & (f ^ g));
    const uint32_t t1 = *h + s1 + choice + kw;
    const uint32_t s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const uint32_t majority = (a & b) | (c & (a | b));

    *d += t1;
    *h = t1 + s0 + majority;
}

/* Steps 2 to 4; after eight turns each variable has its first role again. */
static void
compress(uint32_t state[8], const uint8_t *p)
{
    uint32_t w[64];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    schedule(w, p);
    for (size_t t = 0; t < 64; t += 8) {
        turn(a, b, c, &d, e, f, g, &h, k[t] + w[t]);
        turn(h, a, b, &c, d, e, f, &g, k[t + 1] + w[t + 1]);
        turn(g, h, a, &b, c, d, e, &f, k[t + 2] + w[t + 2]);
        turn(f, g, h, &a, b, c, d, &e, k[t + 3] + w[t + 3]);
        turn(e, f, g, &h, a, b, c, &d, k[t + 4] + w[t + 4]);
        turn(d, e, f, &g, h, a, b, &c, k[t + 5] + w[t + 5]);
        turn(c, d, e, &f, g, h, a, &b, k[t + 6] + w[t + 6]);
        turn(b, c, d, &e, f, g, h, &a, k[t + 7] + w[t + 7]);
    }

    const uint32_t v[8] = { a, b, c, d, e, f, g, h };

    for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
}

void
prov_sha256_init(struct prov_sha256 *h)
{
    memset(h, 0, sizeof(*h));
    memcpy(h->state, start, sizeof(start));
}

void
prov_sha256_update(struct prov_sha256 *h, const void *p, size_t n)
{
    const uint8_t *from = p;

    while (n > 0) {
        const size_t have = (size_t)(h->bytes % BLOCK);
        const size_t take = n < BLOCK - have ? n : BLOCK - have;

        if (take < BLOCK)
            memcpy(h->block + have, from, take);
        if (have + take == BLOCK)
            compress(h->state, take < BLOCK ? h->block : from);
        h->bytes += take;
        from += take;
        n -= take;
    }
}

void
prov_sha256_final(struct prov_sha256 *h, uint8_t out[PROV_SHA256_BYTES])
{
    static const uint8_t pad[BLOCK] = { 0x80 };
    const uint64_t bits = h->bytes * 8;
    const size_t have = (size_t)(h->bytes % BLOCK);
    uint8_t length[8];

    for (size_t i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    prov_sha256_update(h, pad, (have < LENGTH_AT ? LENGTH_AT : LENGTH_AT + BLOCK) - have);
    prov_sha256_update(h, length, sizeof(length));
    for (size_t i = 0; i < PROV_SHA256_BYTES; i++)
        out[i] = (uint8_t)(h->state[i / 4] >> (24 - 8 * (i % 4)));
    prov_wipe(h, sizeof(*h));
}
