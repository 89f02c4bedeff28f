/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* poll(), close() */
#endif

#include "curl_job.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Connections that are begun before they are needed. The first file of a run, which leads to the
 * others, is fetched alone; while it is under way, further connections to the same server are made
 * (not what follows by TLS), and libcurl takes them when it would open one. That saves a round trip.
 * What nobody takes is closed.
 */

#define AHEAD_MAX 15
#define AHEAD_MS 10000 /* then nobody will come any more */

struct ahead {
    size_t count;
    size_t most;
    int taken; /* the one that libcurl was given last; -1 = none */
    uint64_t since_ms;
    struct {
        int fd;
        socklen_t len;
        struct sockaddr_storage to;
    } of[AHEAD_MAX];
};

/* Connected, and nothing has come: that would be the end of it. */
static bool
is_usable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT | POLLIN };
    int error = 0;
    socklen_t size = sizeof(error);

    return poll(&p, 1, 0) == 1 && p.revents == POLLOUT &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

/* One that leads there; -1 if there is none yet. */
static int
take(struct ahead *a, const struct curl_sockaddr *to)
{
    for (size_t i = 0; i < a->count; i++) {
        const int fd = a->of[i].fd;

        if (a->of[i].len != to->addrlen || memcmp(&a->of[i].to, &to->addr, to->addrlen) != 0 ||
            !is_usable(fd))
            continue;
        a->of[i] = a->of[--a->count];
        return fd;
    }
    return -1;
}

/* False if there cannot be more. */
static bool
begin_one(struct ahead *a, const struct curl_sockaddr *to)
{
    const int fd = socket(to->family, to->socktype, to->protocol);

    if (fd < 0)
        return false;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    (void)connect(fd, &to->addr, to->addrlen); /* how it ends is seen when it is wanted */
    a->of[a->count].fd = fd;
    a->of[a->count].len = to->addrlen;
    memcpy(&a->of[a->count].to, &to->addr, to->addrlen);
    a->count++;
    return true;
}

static bool
is_alone(const struct prov_curl *net)
{
    return net->jobs != NULL && net->jobs->next == NULL;
}

static curl_socket_t
on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct prov_curl *net = ctx;
    struct ahead *a = net->ahead;

    (void)purpose;
    a->taken = -1;
    if (to->socktype != SOCK_STREAM || to->addrlen > sizeof(a->of[0].to))
        return socket(to->family, to->socktype, to->protocol);
    a->taken = take(a, to);
    if (a->taken >= 0)
        return a->taken;
    if (a->count == 0 && is_alone(net)) {
        a->since_ms = prov_curl_now_ms();
        while (a->count < a->most && begin_one(a, to))
            ;
    }
    return socket(to->family, to->socktype, to->protocol);
}

static int
on_opened(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    const struct prov_curl *net = ctx;

    (void)purpose;
    return fd == net->ahead->taken ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

bool
prov_curl_ahead_init(struct prov_curl *net, const struct prov_curl_options *o)
{
    const uint32_t most = o->host_connections > 0 && o->host_connections <= o->connections_ahead
                              ? o->host_connections - 1
                              : o->connections_ahead;

    if (most == 0)
        return true;
    net->ahead = calloc(1, sizeof(*net->ahead));
    if (net->ahead == NULL)
        return false;
    net->ahead->most = most < AHEAD_MAX ? most : AHEAD_MAX;
    net->ahead->taken = -1;
    return true;
}

bool
prov_curl_ahead_set(struct job *j)
{
    if (j->net->ahead == NULL || !j->is_http)
        return true;
    return curl_easy_setopt(j->easy, CURLOPT_OPENSOCKETFUNCTION, on_open) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_OPENSOCKETDATA, j->net) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_SOCKOPTFUNCTION, on_opened) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_SOCKOPTDATA, j->net) == CURLE_OK;
}

static void
close_all(struct ahead *a)
{
    while (a->count > 0)
        (void)close(a->of[--a->count].fd);
}

void
prov_curl_ahead_check(struct prov_curl *net, uint64_t now)
{
    if (net->ahead != NULL && now >= net->ahead->since_ms + AHEAD_MS)
        close_all(net->ahead);
}

void
prov_curl_ahead_free(struct prov_curl *net)
{
    if (net->ahead != NULL)
        close_all(net->ahead);
    free(net->ahead);
}
