/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_RETRY_H
#define PROV_SESSION_RETRY_H

/* Delays between attempts (TRY-1, TRY-2). */

#include <prov/session.h>

/* Next number of a splitmix64 sequence: small, and evenly spread from any seed. */
uint64_t prov_retry_random(uint64_t *state);

/*
 * Milliseconds to wait after the attempt with this number, from 1. The list may be empty: then the
 * library's own is used; the last entry repeats. A server's Retry-After (0 = none) is clamped to
 * 1 s .. 24 h and raises the delay.
 */
uint64_t prov_retry_delay_ms(const struct prov_delay *delays, size_t count, uint32_t attempt,
                             uint32_t retry_after_s, uint64_t *random);

#endif /* PROV_SESSION_RETRY_H */
