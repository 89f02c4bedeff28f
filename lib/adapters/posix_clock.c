/* SPDX-License-Identifier: MIT */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* getrandom() */
#endif

#include <prov/adapters/posix.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/random.h>
#endif

/* 2024-01-01T00:00:00Z: no device is older, so an earlier clock was never set. */
#define EARLIEST_TRUSTED INT64_C(1704067200)

static uint64_t
monotonic_ms(void *ctx)
{
    struct timespec t = { 0 };

    (void)ctx;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void
wall(void *ctx, struct prov_wall_time *out)
{
    struct timespec t = { 0 };

    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    out->unix_s = (int64_t)t.tv_sec;
    out->state = out->unix_s >= EARLIEST_TRUSTED ? PROV_CLOCK_TRUSTED : PROV_CLOCK_UNKNOWN;
}

static void
sleep_ms(void *ctx, uint32_t ms)
{
    const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

    (void)ctx;
    (void)nanosleep(&t, NULL); /* a signal ends it early, as the table allows */
}

struct prov_clock
prov_posix_clock(void)
{
    static const struct prov_clock_ops ops = { sizeof(ops), monotonic_ms, wall, sleep_ms };
    const struct prov_clock clock = { &ops, NULL };

    return clock;
}

/* False leaves it to the device file. */
static bool
ask_kernel(uint64_t *out)
{
#ifdef __linux__
    return getrandom(out, sizeof(*out), GRND_NONBLOCK) == (ssize_t)sizeof(*out);
#else
    (void)out;
    return false;
#endif
}

static bool
ask_device(uint64_t *out)
{
    const int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return false;
    do
        n = read(fd, out, sizeof(*out));
    while (n < 0 && errno == EINTR);

    const int saved = errno;

    (void)close(fd);
    errno = saved;
    return n == (ssize_t)sizeof(*out);
}

enum prov_status
prov_posix_seed(uint64_t *seed)
{
    uint64_t bits = 0;

    if (seed == NULL)
        return PROV_E_ARG;
    if (!ask_kernel(&bits) && !ask_device(&bits))
        return PROV_E_STORAGE;
    *seed = bits;
    return PROV_OK;
}
