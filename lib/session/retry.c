/* SPDX-License-Identifier: MIT */
#include "session/retry.h"

#define RETRY_AFTER_MAX_S 86400u

uint64_t
prov_retry_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t
prov_retry_delay_ms(const struct prov_delay *delays, size_t count, uint32_t attempt,
                    uint32_t retry_after_s, uint64_t *random)
{
    static const struct prov_delay preset[] = { { 60, 30 }, { 300, 60 }, { 1800, 300 } };

    if (delays == NULL || count == 0) {
        delays = preset;
        count = sizeof(preset) / sizeof(preset[0]);
    }
    const struct prov_delay *d = &delays[attempt <= count ? attempt - 1 : count - 1];
    /* The window is far below 2^64: the bias of the remainder cannot be measured. */
    const uint64_t jitter = prov_retry_random(random) % ((uint64_t)d->random_s * 1000 + 1);
    const uint64_t own = (uint64_t)d->fixed_s * 1000 + jitter;
    const uint32_t clamped = retry_after_s <= RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S;
    const uint64_t server = (uint64_t)clamped * 1000;

    return own > server ? own : server;
}
