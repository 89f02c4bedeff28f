/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <errno.h>

static struct prov_lan_ear *
find(struct prov_lan *lan, uint32_t number)
{
    for (size_t i = 0; i < PROV_LAN_LISTENERS; i++) {
        if (lan->ears[i].used && lan->ears[i].serial == number)
            return &lan->ears[i];
    }
    return NULL;
}

static struct prov_lan_ear *
free_slot(struct prov_lan *lan)
{
    for (size_t i = 0; i < PROV_LAN_LISTENERS; i++) {
        if (!lan->ears[i].used)
            return &lan->ears[i];
    }
    return NULL;
}

/* ---- beginning ---- */

static bool
is_any(const struct prov_endpoint *e)
{
    static const uint8_t none[16] = { 0 };

    return memcmp(e->addr, none, sizeof(none)) == 0;
}

/* The family that it says, or IPv4; NONE if it contradicts itself. */
static enum prov_family
family_of(const struct prov_lan_listener *l)
{
    const enum prov_family at = l->at.family;
    const enum prov_family group = l->group.family;

    if (group == PROV_FAMILY_NONE)
        return at == PROV_FAMILY_NONE ? PROV_FAMILY_IPV4 : at;
    if (!prov_lan_is_multicast(&l->group) || (at != PROV_FAMILY_NONE && at != group))
        return PROV_FAMILY_NONE;
    return group;
}

/* In a group only what is sent to it: the port on our own address stays free for others. */
static bool
set_place(const struct prov_lan_listener *l, const struct prov_lan_state *s,
          struct prov_endpoint *at)
{
    const bool v6 = family_of(l) == PROV_FAMILY_IPV6;
    const bool group = l->group.family != PROV_FAMILY_NONE;

    *at = group ? l->group : l->at;
    at->family = family_of(l);
    if (at->port == 0)
        at->port = l->at.port;
    if (!(v6 ? s->has_v6 || s->has_link : s->has_v4))
        return false;
    if (!is_any(at))
        return true;
    if (v6)
        memcpy(at->addr, s->has_v6 ? s->v6 : s->link, sizeof(s->v6));
    else
        memcpy(at->addr, s->v4, sizeof(s->v4));
    return true;
}

static enum prov_status
open_at(struct prov_lan *lan, const struct prov_lan_listener *l, struct prov_lan_socket *out,
        struct prov_endpoint *local)
{
    const bool group = l->group.family != PROV_FAMILY_NONE;
    struct prov_endpoint at;
    struct prov_lan_state s;
    enum prov_status status = prov_lan_look_at(lan, &s);

    if (status != PROV_OK)
        return status;
    if (!set_place(l, &s, &at))
        return PROV_E_NOT_FOUND;
    status = prov_lan_socket_open(lan, &s, &at, group ? PROV_LAN_SHARED : 0, out);
    if (status != PROV_OK)
        return status;
    if (!prov_lan_socket_multicast(out, &s) || (group && !prov_lan_socket_join(out, &l->group)) ||
        !prov_lan_socket_local(out, local)) {
        (void)prov_lan_failed(lan);
        prov_lan_socket_close(out);
        return PROV_E_NETWORK;
    }
    return PROV_OK;
}

enum prov_status
prov_lan_listen(struct prov_lan *lan, const struct prov_lan_listener *listener, uint32_t *number,
                struct prov_endpoint *local)
{
    struct prov_lan_listener l = { .size = sizeof(l) };
    struct prov_lan_ear *e;
    struct prov_endpoint where;

    if (lan == NULL || listener == NULL)
        return PROV_E_ARG;
    if (prov_abi_import(&l, sizeof(l), listener, sizeof(l.size)) != PROV_OK)
        return PROV_E_ABI;
    if (l.on_message == NULL || family_of(&l) == PROV_FAMILY_NONE)
        return PROV_E_ARG;
    e = free_slot(lan);
    if (e == NULL)
        return PROV_E_LIMIT;

    const enum prov_status status = open_at(lan, &l, &e->socket, &where);

    if (status != PROV_OK)
        return status;
    e->used = true;
    e->serial = ++lan->serial;
    e->on_message = l.on_message;
    e->ctx = l.ctx;
    if (number != NULL)
        *number = e->serial;
    if (local != NULL)
        *local = where;
    return PROV_OK;
}

void
prov_lan_unlisten(struct prov_lan *lan, uint32_t number)
{
    struct prov_lan_ear *e = lan != NULL ? find(lan, number) : NULL;

    if (e == NULL)
        return;
    prov_lan_socket_close(&e->socket);
    e->used = false;
}

/* ---- datagrams ---- */

enum prov_status
prov_lan_send(struct prov_lan *lan, uint32_t number, const struct prov_endpoint *to,
              const void *bytes, size_t len)
{
    const struct prov_lan_ear *e = lan != NULL ? find(lan, number) : NULL;

    if (lan == NULL || to == NULL || (bytes == NULL && len > 0))
        return PROV_E_ARG;
    if (e == NULL)
        return PROV_E_STATE;
    if (to->family != e->socket.family)
        return PROV_E_ARG;
    return prov_lan_socket_send(&e->socket, to, bytes, len) ? PROV_OK : prov_lan_failed(lan);
}

/* The callback may end this listener, and begin another in its place. */
void
prov_lan_ear_serve(struct prov_lan *lan, struct prov_lan_ear *e)
{
    const uint32_t serial = e->serial;
    bool more = true;

    for (unsigned i = 0; more && i < PROV_LAN_BURST; i++) {
        struct prov_buf reply = { lan->reply, sizeof(lan->reply), 0 };
        struct prov_endpoint from;
        const size_t n = prov_lan_socket_receive(lan, &e->socket, &from, &more);

        if (n == SIZE_MAX)
            continue;
        e->on_message(e->ctx, &from, (struct prov_str){ lan->datagram, n }, &reply);
        if (!e->used || e->serial != serial)
            return;
        if (reply.len > 0 && reply.len <= sizeof(lan->reply) &&
            !prov_lan_socket_send(&e->socket, &from, lan->reply, reply.len))
            (void)prov_lan_failed(lan);
    }
}
