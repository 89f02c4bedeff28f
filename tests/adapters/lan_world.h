/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LAN_WORLD_H
#define TESTS_LAN_WORLD_H

/*
 * What the tests of the local network share: the functions that a port reports to, in place of the
 * driver's, plain sockets for the other side, and a network of the test's own where the system
 * allows that. Each test program includes this once.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* unshare() */
#endif

#include <prov/adapters/lan.h>
#include <prov/dhcp.h>
#include <prov/run.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/prov_cmocka.h"

/* ---- the driver ---- */

#define IDS 80

static struct told {
    bool known; /* under way: the test says when it begins */
    size_t len;
    unsigned pieces, asked, done, datagrams;
    enum prov_status status;
    struct prov_endpoint from; /* of the latest datagram */
    char bytes[2048];          /* of the latest datagram, or the body */
} told[IDS];

static struct prov_run fake_run;
static enum prov_status body_answer;     /* to bytes that are reported */
static void (*on_datagram)(uint32_t id); /* called when one was reported */

enum prov_status
prov_run_body(struct prov_run *run, uint32_t id, const void *bytes, size_t len)
{
    struct told *t = &told[id];

    assert_ptr_equal(&fake_run, run);
    assert_true(id < IDS);
    if (!t->known)
        return PROV_E_STATE;
    if (len == 0)
        return PROV_OK;
    t->pieces++;
    assert_true(t->len + len <= sizeof(t->bytes));
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
    return body_answer;
}

enum prov_status
prov_run_done(struct prov_run *run, uint32_t id, const struct prov_fetch_result *result)
{
    assert_ptr_equal(&fake_run, run);
    assert_true(id < IDS && told[id].known);
    told[id].known = false;
    told[id].done++;
    told[id].status = result->status;
    return PROV_OK;
}

enum prov_status
prov_run_asked(struct prov_run *run, uint32_t id, enum prov_status status)
{
    assert_ptr_equal(&fake_run, run);
    assert_true(id < IDS && told[id].known);
    told[id].known = false;
    told[id].asked++;
    told[id].status = status;
    return PROV_OK;
}

enum prov_status
prov_run_datagram(struct prov_run *run, uint32_t id, const struct prov_endpoint *from,
                  const void *bytes, size_t len)
{
    struct told *t = &told[id];

    assert_ptr_equal(&fake_run, run);
    assert_true(id < IDS && t->known);
    t->datagrams++;
    t->from = *from;
    t->len = len;
    memcpy(t->bytes, bytes, len < sizeof(t->bytes) ? len : sizeof(t->bytes));
    if (on_datagram != NULL)
        on_datagram(id);
    return PROV_OK;
}

/* ---- the object under test ---- */

static struct prov_lan *lan;
static struct prov_net table;

static inline uint64_t
clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static inline void
lan_open(const struct prov_lan_options *options)
{
    static const struct prov_net none = { NULL, NULL };

    memset(told, 0, sizeof(told));
    body_answer = PROV_OK;
    on_datagram = NULL;
    assert_int_equal(PROV_OK, prov_lan_new(&lan, options));
    table = prov_lan_net(lan, none);
}

static inline int
lan_close(void **state)
{
    (void)state;
    prov_lan_free(&lan);
    return 0;
}

static inline enum prov_status
ask(uint32_t id, const struct prov_ask *q, struct prov_endpoint *local)
{
    told[id].known = true;

    const enum prov_status status = table.ops->ask(table.ctx, id, q, local, &fake_run);

    if (status != PROV_OK)
        told[id].known = false;
    return status;
}

static inline void
cancel(uint32_t id)
{
    told[id].known = false;
    table.ops->cancel(table.ctx, id);
}

static inline void
wait_ms(uint32_t ms)
{
    assert_int_equal(PROV_OK, table.ops->wait(table.ctx, ms, &fake_run));
}

/* Wait until it is no longer 0, for five seconds at most. */
static inline void
wait_until(const unsigned *count)
{
    const uint64_t until = clock_ms() + 5000;

    while (*count == 0) {
        assert_true(clock_ms() < until);
        wait_ms(1000);
    }
}

/* ---- the other side ---- */

static inline struct prov_endpoint
at4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    const struct prov_endpoint e = { PROV_FAMILY_IPV4, { a, b, c, d }, port };

    return e;
}

static inline struct prov_endpoint
at6(const char *text, uint16_t port)
{
    struct prov_endpoint e = { .family = PROV_FAMILY_IPV6, .port = port };

    assert_int_equal(1, inet_pton(AF_INET6, text, e.addr));
    return e;
}

static inline socklen_t
to_sockaddr(const struct prov_endpoint *e, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(e->port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };

    memset(out, 0, sizeof(*out));
    memcpy(&v4.sin_addr, e->addr, 4);
    memcpy(&v6.sin6_addr, e->addr, 16);
    if (e->family == PROV_FAMILY_IPV4)
        memcpy(out, &v4, sizeof(v4));
    else
        memcpy(out, &v6, sizeof(v6));
    return e->family == PROV_FAMILY_IPV4 ? sizeof(v4) : sizeof(v6);
}

/* A plain UDP socket on an address; its port comes back in `at`. */
static inline int
peer_open(struct prov_endpoint *at)
{
    const bool v4 = at->family == PROV_FAMILY_IPV4;
    const int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
    struct sockaddr_storage a;
    socklen_t len = to_sockaddr(at, &a);
    uint16_t port = 0;

    assert_true(fd >= 0);
    assert_int_equal(0, bind(fd, (const struct sockaddr *)&a, len));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&a, &len));
    memcpy(&port, (const char *)&a + 2, 2); /* the same place in both families */
    at->port = ntohs(port);
    return fd;
}

static inline bool
peer_send(int fd, const struct prov_endpoint *to, const void *bytes, size_t len)
{
    struct sockaddr_storage a;
    const socklen_t alen = to_sockaddr(to, &a);

    return sendto(fd, bytes, len, 0, (const struct sockaddr *)&a, alen) == (ssize_t)len;
}

/* What arrives within the time; SIZE_MAX = nothing. */
static inline size_t
peer_receive(int fd, int ms, char *bytes, size_t cap, struct sockaddr_storage *from)
{
    struct pollfd p = { fd, POLLIN, 0 };
    socklen_t len = sizeof(*from);

    if (poll(&p, 1, ms) != 1)
        return SIZE_MAX;

    const ssize_t n = recvfrom(fd, bytes, cap, 0, (struct sockaddr *)from, &len);

    return n >= 0 ? (size_t)n : SIZE_MAX;
}

/* ---- a network of our own ---- */

static bool own_network; /* the test has one, and may do what it likes in it */
static bool own_users;   /* it is root only in there */

static inline bool
loopback_up(void)
{
    struct ifreq r = { 0 };
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool up;

    memcpy(r.ifr_name, "lo", 3);
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
    close(fd);
    return up;
}

static inline bool
write_to(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return good;
}

/* With a namespace of users, in which we are root, anybody may have one. */
static inline bool
leave_as_user(void)
{
    char users[32], groups[32];

    (void)snprintf(users, sizeof(users), "0 %u 1", (unsigned)getuid());
    (void)snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)getgid());
    own_users = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
    return own_users && write_to("/proc/self/uid_map", users) &&
           write_to("/proc/self/setgroups", "deny") && write_to("/proc/self/gid_map", groups);
}

/* Where it is not allowed the tests use the system's loopback and leave out the rest. */
static inline void
leave_network(void)
{
    own_network = unshare(CLONE_NEWNET) == 0 || leave_as_user();
    if (!own_network)
        fprintf(stderr, "not allowed: a network namespace; the system's loopback is used\n");
}

static inline bool
run(const char *command)
{
    return system(command) == 0;
}

/* The system tells of a cable some time after it was plugged in: look again for five seconds. */
static inline bool
mode_becomes(enum prov_status status, enum prov_mode *mode)
{
    const uint64_t until = clock_ms() + 5000;
    const enum prov_mode before = *mode;
    enum prov_status now;

    do {
        *mode = before;
        now = prov_lan_mode(lan, mode);
    } while (now != status && clock_ms() < until && poll(NULL, 0, 5) == 0);
    return now == status;
}

#endif /* TESTS_LAN_WORLD_H */
