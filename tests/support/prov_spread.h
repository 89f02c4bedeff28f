/* SPDX-License-Identifier: MIT */
#ifndef PROV_SPREAD_H
#define PROV_SPREAD_H

/* How evenly a fleet of phones spreads over a window of time: classes of equal width. */

#include <prov/retry.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define SPREAD_PHONES 100000u
#define SPREAD_CLASSES 100u

struct spread {
    uint64_t from, width; /* the window */
    uint64_t hits[SPREAD_CLASSES];
    uint64_t count;
};

static inline void
spread_begin(struct spread *s, uint64_t from, uint64_t width)
{
    *s = (struct spread){ .from = from, .width = width };
}

/* The test fails for a time outside the window. */
static inline void
spread_add(struct spread *s, uint64_t at)
{
    assert_true(at >= s->from && at - s->from < s->width);
    s->hits[(at - s->from) * SPREAD_CLASSES / s->width]++;
    s->count++;
}

static inline double
spread_mean(const struct spread *s)
{
    return (double)s->count / SPREAD_CLASSES;
}

static inline double
spread_peak(const struct spread *s)
{
    uint64_t peak = 0;

    for (unsigned i = 0; i < SPREAD_CLASSES; i++)
        peak = s->hits[i] > peak ? s->hits[i] : peak;
    return (double)peak;
}

/*
 * Chi-square against uniform. With 99 degrees of freedom a fair spread lies between 52.6 and 161 but
 * for one time in ten thousand at each end; a lower sum would be too even to be chance.
 */
static inline void
spread_check(const struct spread *s)
{
    const double mean = spread_mean(s);
    double sum = 0;

    for (unsigned i = 0; i < SPREAD_CLASSES; i++)
        sum += ((double)s->hits[i] - mean) * ((double)s->hits[i] - mean) / mean;
    if (sum < 52.6 || sum > 161)
        fail_msg("chi-square of %u phones in %u classes: %.1f", (unsigned)s->count, SPREAD_CLASSES,
                 sum);
}

/* One of a row of phones by the same maker. */
static inline uint64_t
spread_device(unsigned phone)
{
    char mac[13];

    (void)snprintf(mac, sizeof(mac), "000952%06x", phone);
    return prov_retry_device(prov_str_z(mac));
}

#endif /* PROV_SPREAD_H */
