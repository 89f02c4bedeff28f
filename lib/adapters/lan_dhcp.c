/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <prov/adapters/posix.h>

#define DHCP4_SERVER_PORT 67u
#define DHCP4_CLIENT_PORT 68u
#define DHCP6_CLIENT_PORT 546u
#define DHCP6_SERVER_PORT 547u
#define FIRST_INTERVAL_MS 1000u
#define MESSAGE_BYTES 2048u

/* ---- sending ---- */

static uint64_t
random_bits(void)
{
    uint64_t bits = 0;

    /* Without entropy the answers are told apart all the same, only they are easier to guess. */
    if (prov_posix_seed(&bits) != PROV_OK)
        bits = prov_lan_now_ms() * UINT64_C(0x9E3779B97F4A7C15);
    return bits;
}

static enum prov_status
write_message(struct prov_lan_ask *a, uint64_t now, struct prov_buf *out)
{
    const uint64_t spent = now - a->began_ms;

    if (a->kind == PROV_ASK_DHCP6) {
        a->v6.elapsed_cs = spent / 10 < UINT16_MAX ? (uint16_t)(spent / 10) : UINT16_MAX;
        return prov_dhcp6_information_request(&a->v6, a->params, a->param_count, out);
    }
    a->v4.secs = spent / 1000 < UINT16_MAX ? (uint16_t)(spent / 1000) : UINT16_MAX;
    return prov_dhcp4_inform(&a->v4, a->params, a->param_count, out);
}

/* Like RFC 2131 4.1 and RFC 8415 15 have it: doubling, with a random part so that phones that
 * started together drift apart. */
static void
set_next(struct prov_lan_ask *a, uint64_t now)
{
    const uint32_t tenth = a->interval_ms / 10;

    a->next_ms = now + a->interval_ms - tenth + (uint32_t)(random_bits() % (2 * tenth + 1));
    a->interval_ms *= 2;
}

/* A message that could not be sent was lost: the next one may get through. */
void
prov_lan_dhcp_send(struct prov_lan *lan, struct prov_lan_ask *a, uint64_t now)
{
    char bytes[MESSAGE_BYTES];
    struct prov_buf out = { bytes, sizeof(bytes), 0 };

    set_next(a, now);
    if (write_message(a, now, &out) == PROV_OK &&
        !prov_lan_socket_send(&a->sockets[0], &a->server, out.ptr, out.len))
        (void)prov_lan_failed(lan);
}

bool
prov_lan_dhcp_is_answer(const struct prov_lan_ask *a, struct prov_str packet)
{
    return a->kind == PROV_ASK_DHCP6 ? prov_dhcp6_is_answer(&a->v6, packet)
                                     : prov_dhcp4_is_answer(&a->v4, packet);
}

/* ---- beginning ---- */

static void
set_client(struct prov_lan *lan, struct prov_lan_ask *a, const struct prov_lan_state *s)
{
    const uint32_t xid = (uint32_t)random_bits();

    if (prov_lan_mac(lan, a->v4.mac) != PROV_OK) /* loopback has none */
        memset(a->v4.mac, 0, sizeof(a->v4.mac));
    a->v4.xid = xid;
    memcpy(a->v4.address, s->v4, sizeof(s->v4));
    a->v4.vendor_class = prov_str_z(lan->vendor_class);
    prov_dhcp6_duid(a->v4.mac, a->duid);
    a->v6.xid = xid & 0xFFFFFF;
    a->v6.duid = (struct prov_str){ (const char *)a->duid, sizeof(a->duid) };
}

static void
set_server(const struct prov_lan *lan, struct prov_lan_ask *a)
{
    static const struct prov_endpoint broadcast = { PROV_FAMILY_IPV4, { 255, 255, 255, 255 }, 0 };
    static const struct prov_endpoint agents = { PROV_FAMILY_IPV6,
                                                 { 0xFF, 0x02, [13] = 1, [15] = 2 },
                                                 0 };
    const bool v6 = a->kind == PROV_ASK_DHCP6;

    a->server = v6 ? lan->options.dhcp6_server : lan->options.dhcp4_server;
    if (a->server.family == PROV_FAMILY_NONE)
        a->server = v6 ? agents : broadcast;
    if (a->server.port == 0)
        a->server.port = v6 ? DHCP6_SERVER_PORT : DHCP4_SERVER_PORT;
}

static struct prov_endpoint
own_port(const struct prov_lan *lan, bool v6)
{
    const uint16_t port = v6 ? lan->options.dhcp6_port : lan->options.dhcp4_port;
    struct prov_endpoint at = { .family = v6 ? PROV_FAMILY_IPV6 : PROV_FAMILY_IPV4, .port = port };

    if (port == 0)
        at.port = v6 ? DHCP6_CLIENT_PORT : DHCP4_CLIENT_PORT;
    return at;
}

/*
 * Two sockets: one takes answers to any address, as from servers that broadcast. The other is
 * bound to our own address, because a DHCP client that runs on the interface may be, too, and the
 * system gives a datagram to the socket that fits best, among equals to the latest. Without it
 * we still have the first.
 */
static enum prov_status
open_both(struct prov_lan *lan, struct prov_lan_ask *a, const struct prov_lan_state *s)
{
    const bool v6 = a->kind == PROV_ASK_DHCP6;
    const bool own = v6 ? s->has_link : s->has_v4;
    struct prov_endpoint at = own_port(lan, v6);
    const enum prov_status status =
        prov_lan_socket_open(lan, s, &at, PROV_LAN_SHARED | PROV_LAN_DEVICE, &a->sockets[0]);

    if (status != PROV_OK || !own)
        return status;
    if (v6)
        memcpy(at.addr, s->link, sizeof(s->link));
    else
        memcpy(at.addr, s->v4, sizeof(s->v4));
    if (prov_lan_socket_open(lan, s, &at, PROV_LAN_SHARED | PROV_LAN_DEVICE, &a->sockets[1]) !=
        PROV_OK)
        a->sockets[1].fd = -1;
    return PROV_OK;
}

static bool
can_ask(const struct prov_lan *lan, const struct prov_lan_ask *a, const struct prov_lan_state *s)
{
    const bool v6 = a->kind == PROV_ASK_DHCP6;
    const bool told =
        (v6 ? lan->options.dhcp6_server : lan->options.dhcp4_server).family != PROV_FAMILY_NONE;

    if (lan->options.no_inform || (s->loopback && !told))
        return false;
    return v6 ? s->has_link || (told && s->has_v6) : s->has_v4;
}

/* Answered at once from a lease (then the slot is free again), or begun. */
enum prov_status
prov_lan_dhcp_begin(struct prov_lan *lan, struct prov_lan_ask *a)
{
    struct prov_lan_state s;
    struct prov_str lease;
    enum prov_status status = prov_lan_look_at(lan, &s);

    if (status != PROV_OK)
        return status;
    if (!(a->kind == PROV_ASK_DHCP6 ? s.has_v6 || s.has_link : s.has_v4))
        return PROV_E_NOT_FOUND; /* whatever leases there are, they are not of now */
    if (prov_lan_lease(lan, a, &s, &lease)) {
        const struct prov_lan_ask was = *a;

        prov_lan_ask_close(a);
        if (prov_run_body(was.run, was.id, lease.ptr, lease.len) != PROV_E_STATE)
            (void)prov_run_asked(was.run, was.id, PROV_OK);
        return PROV_OK;
    }
    if (!can_ask(lan, a, &s))
        return PROV_E_NOT_FOUND;
    status = open_both(lan, a, &s);
    if (status != PROV_OK)
        return status;
    set_client(lan, a, &s);
    set_server(lan, a);
    a->interval_ms = FIRST_INTERVAL_MS;
    prov_lan_dhcp_send(lan, a, a->began_ms);
    return PROV_OK;
}
