/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FETCHING_H
#define TESTS_FETCHING_H

/* The network adapter under test, and one fetch in a line. */

#include <prov/adapters/curl.h>

#include "fake_run.h"
#include "servers.h"

static struct prov_curl *net;
static struct prov_net table;
static char url[256];

static inline uint64_t
clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static inline void
net_open(const struct prov_curl_options *options)
{
    assert_int_equal(PROV_OK, prov_curl_new(&net, options));
    table = prov_curl_net(net);
}

static inline int
open_plain(void **state)
{
    (void)state;
    net_open(NULL);
    return 0;
}

static inline int
net_close(void **state)
{
    (void)state;
    prov_curl_free(&net);
    fake_reset();
    return 0;
}

/* A request with generous time-outs; the address is in `url`. */
static inline struct prov_fetch
request(const char *scheme, const char *host, const char *server, const char *path)
{
    const struct prov_fetch r = {
        .size = sizeof(r),
        .url = { url, 0 },
        .max_bytes = 300000,
        .connect_ms = 5000,
        .idle_ms = 5000,
        .whole_ms = 10000,
    };
    struct prov_fetch filled = r;

    assert_true(port_of(server) != 0);
    assert_true(snprintf(url, sizeof(url), "%s://%s:%u%s", scheme, host, port_of(server), path) >
                0);
    filled.url.len = strlen(url);
    return filled;
}

static inline void
begin(uint32_t id, const struct prov_fetch *req)
{
    assert_int_equal(PROV_OK, table.ops->fetch(table.ctx, id, req, &fake_run));
}

/* Wait for the ids 1..last. */
static inline void
finish(uint32_t last)
{
    const uint64_t until = clock_ms() + 15000;

    for (uint32_t id = 1; id <= last; id++) {
        while (fakes[id].done == 0) {
            assert_true(clock_ms() < until);
            assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 1000, &fake_run));
        }
        assert_int_equal(1, fakes[id].done);
    }
}

static inline void
run_one(const struct prov_fetch *req)
{
    fake_reset();
    begin(1, req);
    finish(1);
}

/* By plain HTTP over IPv4. */
static inline void
get(const char *path)
{
    const struct prov_fetch req = request("http", "127.0.0.1", "http", path);

    run_one(&req);
}

static inline bool
ended(enum prov_status status, uint32_t http_status)
{
    return fakes[1].result.status == status && fakes[1].result.http_status == http_status;
}

#endif /* TESTS_FETCHING_H */
