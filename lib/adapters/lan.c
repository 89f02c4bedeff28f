/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define SLICE_MS 10u /* of the inner network while sockets of our own are open */

#define POLLS_MAX (2 * PROV_LAN_ASKS + PROV_LAN_LISTENERS)

uint64_t
prov_lan_now_ms(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

enum prov_status
prov_lan_failed(struct prov_lan *lan)
{
    lan->error = errno;
    return PROV_E_NETWORK;
}

int
prov_lan_error(const struct prov_lan *lan)
{
    return lan != NULL ? lan->error : 0;
}

/* ---- what to wait for ---- */

/* One open socket and whose it is. */
struct place {
    int fd;
    struct prov_lan_ask *ask; /* NULL = a listener's */
    size_t which;             /* of its sockets */
    struct prov_lan_ear *ear;
    uint32_t serial;
};

static size_t
list_sockets(struct prov_lan *lan, struct place out[POLLS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < PROV_LAN_ASKS; i++) {
        struct prov_lan_ask *a = &lan->asks[i];

        for (size_t k = 0; a->used && k < 2; k++) {
            if (a->sockets[k].fd >= 0)
                out[n++] = (struct place){ a->sockets[k].fd, a, k, NULL, a->serial };
        }
    }
    for (size_t i = 0; i < PROV_LAN_LISTENERS; i++) {
        struct prov_lan_ear *e = &lan->ears[i];

        if (e->used)
            out[n++] = (struct place){ e->socket.fd, NULL, 0, e, e->serial };
    }
    return n;
}

/* Until a question is to be sent again or is over; UINT64_MAX = none is. */
static uint64_t
time_left(const struct prov_lan *lan, uint64_t now)
{
    uint64_t left = UINT64_MAX;

    for (size_t i = 0; i < PROV_LAN_ASKS; i++) {
        const struct prov_lan_ask *a = &lan->asks[i];
        const uint64_t due = a->next_ms < a->ends_ms ? a->next_ms : a->ends_ms;

        if (!a->used || a->kind == PROV_ASK_PNP)
            continue;
        if (due <= now)
            return 0;
        left = due - now < left ? due - now : left;
    }
    return left;
}

/* ---- serving ---- */

static bool
serve(struct prov_lan *lan, const struct place *p)
{
    if (p->ask != NULL)
        return p->ask->used && p->ask->serial == p->serial &&
               prov_lan_ask_serve(lan, p->ask, p->which);
    if (!p->ear->used || p->ear->serial != p->serial)
        return false;
    prov_lan_ear_serve(lan, p->ear);
    return true;
}

static bool
tick(struct prov_lan *lan)
{
    const uint64_t now = prov_lan_now_ms();
    bool told = false;

    for (size_t i = 0; i < PROV_LAN_ASKS; i++) {
        if (lan->asks[i].used)
            told = prov_lan_ask_tick(lan, &lan->asks[i], now) || told;
    }
    return told;
}

/* Wait once, at most so long, and serve what there is. */
static enum prov_status
look(struct prov_lan *lan, uint64_t most_ms, bool *progress)
{
    struct place places[POLLS_MAX];
    struct pollfd fds[POLLS_MAX];
    const size_t n = list_sockets(lan, places);
    const uint64_t left = time_left(lan, prov_lan_now_ms());
    const uint64_t ms = left < most_ms ? left : most_ms;

    for (size_t i = 0; i < n; i++)
        fds[i] = (struct pollfd){ places[i].fd, POLLIN, 0 };

    const int ready = poll(fds, (nfds_t)n, ms < INT_MAX ? (int)ms : INT_MAX);

    if (ready < 0 && errno != EINTR)
        return prov_lan_failed(lan);
    *progress = *progress || ready < 0; /* a signal: the program may want to know */
    for (size_t i = 0; ready > 0 && i < n; i++) {
        if (fds[i].revents != 0)
            *progress = serve(lan, &places[i]) || *progress;
    }
    *progress = tick(lan) || *progress;
    return PROV_OK;
}

enum prov_status
prov_lan_wait(struct prov_lan *lan, uint32_t max_ms)
{
    enum prov_status status = PROV_OK;
    bool progress = false;

    if (lan == NULL)
        return PROV_E_ARG;
    if (lan->inside)
        return PROV_E_STATE;

    const uint64_t until = prov_lan_now_ms() + max_ms;
    uint64_t now = until - max_ms;

    lan->inside = true;
    do {
        status = look(lan, until - now, &progress);
        now = prov_lan_now_ms();
    } while (status == PROV_OK && !progress && now < until);
    lan->inside = false;
    return status;
}

/* ---- the table ---- */

/*
 * How many fetches the inner network has under way. Their ends are reported past us: a report of
 * no bytes tells whether a fetch is still known.
 */
static size_t
fetches_left(struct prov_lan *lan, struct prov_run *run)
{
    size_t n = 0;

    for (size_t i = 0; i < lan->fetch_count; i++) {
        const uint32_t id = lan->fetches[i];

        if (prov_run_body(run, id, "", 0) == PROV_OK)
            lan->fetches[n++] = id;
    }
    lan->fetch_count = n;
    return n;
}

static enum prov_status
fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    struct prov_lan *lan = ctx;

    if (lan->inner.ops == NULL)
        return PROV_E_NETWORK;

    const enum prov_status status = lan->inner.ops->fetch(lan->inner.ctx, id, req, run);

    if (status == PROV_OK && lan->inner.ops->wait != NULL && lan->fetch_count < PROV_LAN_FETCHES)
        lan->fetches[lan->fetch_count++] = id;
    return status;
}

static void
cancel(void *ctx, uint32_t id)
{
    struct prov_lan *lan = ctx;
    struct prov_lan_ask *a = prov_lan_ask_find(lan, id);

    if (a != NULL)
        prov_lan_ask_close(a);
    else if (lan->inner.ops != NULL && lan->inner.ops->cancel != NULL)
        lan->inner.ops->cancel(lan->inner.ctx, id);
}

static bool
has_sockets(const struct prov_lan *lan)
{
    bool any = false;

    for (size_t i = 0; i < PROV_LAN_ASKS; i++)
        any = any || lan->asks[i].used;
    for (size_t i = 0; i < PROV_LAN_LISTENERS; i++)
        any = any || lan->ears[i].used;
    return any;
}

/* One turn of both: the inner network waits if it has something under way, else our sockets do. */
static enum prov_status
turn(struct prov_lan *lan, uint64_t left, struct prov_run *run, bool *progress)
{
    const struct prov_net_ops *inner = lan->inner.ops;
    const size_t before = inner != NULL && inner->wait != NULL ? fetches_left(lan, run) : 0;
    const uint64_t most = has_sockets(lan) && left > SLICE_MS ? SLICE_MS : left;
    enum prov_status status = PROV_OK;

    if (inner != NULL && inner->wait != NULL)
        status = inner->wait(lan->inner.ctx, before > 0 ? (uint32_t)most : 0, run);
    if (status != PROV_OK)
        return status;
    *progress = *progress || (before > 0 && (!has_sockets(lan) || fetches_left(lan, run) < before));
    return look(lan, before > 0 || *progress ? 0 : left, progress);
}

static enum prov_status
wait_for(void *ctx, uint32_t max_ms, struct prov_run *run)
{
    struct prov_lan *lan = ctx;
    const uint64_t until = prov_lan_now_ms() + max_ms;
    uint64_t now = until - max_ms;
    enum prov_status status = PROV_OK;
    bool progress = false;

    if (lan->inside) {
        lan->error = EDEADLK;
        return PROV_E_NETWORK;
    }
    lan->inside = true;
    do {
        status = turn(lan, until - now, run, &progress);
        now = prov_lan_now_ms();
    } while (status == PROV_OK && !progress && now < until);
    lan->inside = false;
    return status;
}

struct prov_net
prov_lan_net(struct prov_lan *lan, struct prov_net inner)
{
    static const struct prov_net_ops ops = { .size = sizeof(ops),
                                             .fetch = fetch,
                                             .cancel = cancel,
                                             .wait = wait_for,
                                             .ask = prov_lan_ask,
                                             .send = prov_lan_ask_send };
    const struct prov_net table = { &ops, lan };

    lan->inner = inner;
    return table;
}

enum prov_status
prov_lan_watch(struct prov_lan *lan, int *fds, size_t cap, size_t *count, uint32_t *timeout_ms)
{
    struct place places[POLLS_MAX];

    if (lan == NULL || count == NULL || timeout_ms == NULL || (fds == NULL && cap > 0))
        return PROV_E_ARG;

    const size_t n = list_sockets(lan, places);
    const uint64_t left = time_left(lan, prov_lan_now_ms());

    for (size_t i = 0; i < n && i < cap; i++)
        fds[i] = places[i].fd;
    *count = n;
    *timeout_ms = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
    return n > cap ? PROV_E_SPACE : PROV_OK;
}

/* ---- creating and freeing ---- */

static bool
copy(char **to, const char *from)
{
    const size_t n = from != NULL ? strlen(from) + 1 : 0;

    *to = from != NULL ? malloc(n) : NULL;
    if (*to != NULL)
        memcpy(*to, from, n);
    return from == NULL || *to != NULL;
}

static bool
is_family_or_none(const struct prov_endpoint *e, enum prov_family family)
{
    return e->family == PROV_FAMILY_NONE || e->family == family;
}

static bool
is_good(const struct prov_lan_options *o)
{
    return o->interface != NULL && o->interface[0] != '\0' && strlen(o->interface) < IF_NAMESIZE &&
           (unsigned)o->lease_form <= PROV_LEASE_NETWORKD &&
           (unsigned)o->lease6_form <= PROV_LEASE_NETWORKD &&
           (o->vendor_class == NULL || strlen(o->vendor_class) <= 255) &&
           is_family_or_none(&o->dhcp4_server, PROV_FAMILY_IPV4) &&
           is_family_or_none(&o->dhcp6_server, PROV_FAMILY_IPV6);
}

enum prov_status
prov_lan_new(struct prov_lan **out, const struct prov_lan_options *options)
{
    struct prov_lan_options o = { .size = sizeof(o) };

    if (out == NULL || options == NULL)
        return PROV_E_ARG;
    if (prov_abi_import(&o, sizeof(o), options, sizeof(o.size)) != PROV_OK)
        return PROV_E_ABI;
    if (!is_good(&o))
        return PROV_E_ARG;

    struct prov_lan *lan = calloc(1, sizeof(*lan));

    if (lan == NULL)
        return PROV_E_MEMORY;
    lan->options = o;
    if (!copy(&lan->interface, o.interface) || !copy(&lan->lease_file, o.lease_file) ||
        !copy(&lan->lease6_file, o.lease6_file) || !copy(&lan->vendor_class, o.vendor_class)) {
        prov_lan_free(&lan);
        return PROV_E_MEMORY;
    }
    *out = lan;
    return PROV_OK;
}

void
prov_lan_free(struct prov_lan **lan)
{
    struct prov_lan *l = lan != NULL ? *lan : NULL;

    if (l == NULL)
        return;
    for (size_t i = 0; i < PROV_LAN_ASKS; i++) {
        if (l->asks[i].used)
            prov_lan_ask_close(&l->asks[i]);
    }
    for (size_t i = 0; i < PROV_LAN_LISTENERS; i++) {
        if (l->ears[i].used)
            prov_lan_socket_close(&l->ears[i].socket);
    }
    free(l->interface);
    free(l->lease_file);
    free(l->lease6_file);
    free(l->vendor_class);
    free(l);
    *lan = NULL;
}
