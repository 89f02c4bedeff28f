/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <errno.h>

/* ---- slots ---- */

struct prov_lan_ask *
prov_lan_ask_find(struct prov_lan *lan, uint32_t id)
{
    for (size_t i = 0; i < PROV_LAN_ASKS; i++) {
        if (lan->asks[i].used && lan->asks[i].id == id)
            return &lan->asks[i];
    }
    return NULL;
}

static struct prov_lan_ask *
free_slot(struct prov_lan *lan)
{
    for (size_t i = 0; i < PROV_LAN_ASKS; i++) {
        if (!lan->asks[i].used)
            return &lan->asks[i];
    }
    lan->error = EMFILE;
    return NULL;
}

void
prov_lan_ask_close(struct prov_lan_ask *a)
{
    prov_lan_socket_close(&a->sockets[0]);
    prov_lan_socket_close(&a->sockets[1]);
    a->used = false;
}

/* ---- beginning ---- */

static enum prov_status
begin_pnp(struct prov_lan *lan, struct prov_lan_ask *a, enum prov_family family,
          struct prov_endpoint *local)
{
    struct prov_endpoint at = { .family = family, .port = lan->options.pnp_port };
    struct prov_lan_state s;
    enum prov_status status = prov_lan_look_at(lan, &s);

    if (status != PROV_OK)
        return status;
    if (!(family == PROV_FAMILY_IPV6 ? s.has_v6 : s.has_v4))
        return PROV_E_NOT_FOUND;
    if (family == PROV_FAMILY_IPV6)
        memcpy(at.addr, s.v6, sizeof(s.v6));
    else
        memcpy(at.addr, s.v4, sizeof(s.v4));
    status = prov_lan_socket_open(lan, &s, &at, 0, &a->sockets[0]);
    if (status == PROV_OK && !(prov_lan_socket_multicast(&a->sockets[0], &s) &&
                               prov_lan_socket_local(&a->sockets[0], local)))
        status = prov_lan_failed(lan);
    return status;
}

static void
set_question(struct prov_lan_ask *a, const struct prov_ask *ask)
{
    a->kind = ask->kind;
    a->began_ms = prov_lan_now_ms();
    a->ends_ms = a->began_ms + ask->whole_ms;
    a->param_count =
        ask->param_count < PROV_DHCP_PARAMS_MAX ? ask->param_count : PROV_DHCP_PARAMS_MAX;
    if (a->param_count > 0)
        memcpy(a->params, ask->params, a->param_count * sizeof(a->params[0]));
}

enum prov_status
prov_lan_ask(void *ctx, uint32_t id, const struct prov_ask *ask, struct prov_endpoint *local,
             struct prov_run *run)
{
    struct prov_lan *lan = ctx;
    struct prov_lan_ask *a = free_slot(lan);

    if (a == NULL)
        return PROV_E_NETWORK;
    *a = (struct prov_lan_ask){ .used = true, .serial = ++lan->serial, .id = id, .run = run };
    a->sockets[0].fd = a->sockets[1].fd = -1;
    set_question(a, ask);

    const enum prov_status status = ask->kind == PROV_ASK_PNP
                                        ? begin_pnp(lan, a, ask->group.family, local)
                                        : prov_lan_dhcp_begin(lan, a);

    if (status != PROV_OK)
        prov_lan_ask_close(a);
    return status;
}

/*
 * Only that the group cannot be reached is a failure. An answer goes to an address that a stranger
 * chose: it must not be able to end the exchange by choosing one that the system refuses.
 */
enum prov_status
prov_lan_ask_send(void *ctx, uint32_t id, const struct prov_endpoint *to, const void *bytes,
                  size_t len)
{
    struct prov_lan *lan = ctx;
    const struct prov_lan_ask *a = prov_lan_ask_find(lan, id);

    if (a == NULL || a->kind != PROV_ASK_PNP || to->family != a->sockets[0].family) {
        lan->error = EINVAL;
        return PROV_E_NETWORK;
    }
    if (prov_lan_socket_send(&a->sockets[0], to, bytes, len))
        return PROV_OK;
    (void)prov_lan_failed(lan);
    return prov_lan_is_multicast(to) ? PROV_E_NETWORK : PROV_OK;
}

/* ---- serving ---- */

static void
end_dhcp(struct prov_lan_ask *a, enum prov_status status)
{
    const struct prov_lan_ask was = *a;

    prov_lan_ask_close(a);
    (void)prov_run_asked(was.run, was.id, status);
}

static void
take(struct prov_lan_ask *a, const struct prov_endpoint *from, struct prov_str bytes)
{
    if (a->kind == PROV_ASK_PNP) {
        (void)prov_run_datagram(a->run, a->id, from, bytes.ptr, bytes.len);
        return;
    }
    if (!prov_lan_dhcp_is_answer(a, bytes))
        return;

    const uint32_t serial = a->serial;
    const enum prov_status status = prov_run_body(a->run, a->id, bytes.ptr, bytes.len);

    if (a->used && a->serial == serial && status == PROV_E_STATE)
        prov_lan_ask_close(a);
    else if (a->used && a->serial == serial)
        end_dhcp(a, PROV_OK);
}

/* True if something was reported. What is told may end or cancel this and others. */
bool
prov_lan_ask_serve(struct prov_lan *lan, struct prov_lan_ask *a, size_t which)
{
    const uint32_t serial = a->serial;
    bool more = true, told = false;

    for (unsigned i = 0; more && i < PROV_LAN_BURST; i++) {
        struct prov_endpoint from;
        const size_t n = prov_lan_socket_receive(lan, &a->sockets[which], &from, &more);

        if (n == SIZE_MAX)
            continue;
        take(a, &from, (struct prov_str){ lan->datagram, n });
        told = told || a->kind == PROV_ASK_PNP || !a->used;
        if (!a->used || a->serial != serial)
            return true;
    }
    return told;
}

/* What the time asks for. True if something was reported. */
bool
prov_lan_ask_tick(struct prov_lan *lan, struct prov_lan_ask *a, uint64_t now)
{
    if (a->kind == PROV_ASK_PNP)
        return false;
    if (now >= a->ends_ms) {
        end_dhcp(a, PROV_E_TIMEOUT);
        return true;
    }
    if (now >= a->next_ms)
        prov_lan_dhcp_send(lan, a, now);
    return false;
}
