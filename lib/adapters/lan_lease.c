/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SCRATCH_BYTES 131072u

/* What it takes to look for an option in the bytes of a lease. */
static bool
has_wanted(const struct prov_lan_ask *a, struct prov_str bytes, struct prov_arena *arena)
{
    static const struct prov_str source = PROV_STR_INIT("lease");
    struct prov_dhcp_facts facts = { 0 };
    struct prov_diags diags = { 0 };
    const enum prov_status status = (a->kind == PROV_ASK_DHCP6 ? prov_dhcp6_read : prov_dhcp4_read)(
        bytes, PROV_DHCP_INPUT_AUTO, source, arena, &facts, &diags);

    if (status != PROV_OK && status != PROV_E_SYNTAX)
        return false;
    for (size_t i = 0; i < a->param_count; i++) {
        if (prov_dhcp_find(&facts, a->params[i]) != NULL ||
            (a->params[i] == 66 && facts.sname.len > 0) ||
            (a->params[i] == 67 && facts.file.len > 0))
            return true;
    }
    return a->param_count == 0 && facts.option_count > 0;
}

static bool
is_useful(const struct prov_lan_ask *a, struct prov_str bytes)
{
    void *scratch = malloc(SCRATCH_BYTES);
    struct prov_arena arena;
    bool useful = false;

    if (scratch == NULL)
        return false;
    prov_arena_init(&arena, scratch, SCRATCH_BYTES);
    useful = has_wanted(a, bytes, &arena);
    free(scratch);
    return useful;
}

static bool
read_one(struct prov_lan *lan, const struct prov_lan_ask *a, const struct prov_lan_state *s,
         const char *path, enum prov_lease_form form, struct prov_str *found)
{
    const time_t now = time(NULL);
    bool replaced = false;
    struct prov_lease_query q = { .size = sizeof(q), .form = form, .replaced = &replaced };
    struct prov_buf out = { lan->datagram, sizeof(lan->datagram), 0 };

    q.v6 = a->kind == PROV_ASK_DHCP6;
    q.interface = lan->interface;
    q.now_unix_s = now > 0 ? (int64_t)now : 0;
    if (s->has_v4 && !s->loopback) {
        q.address.family = PROV_FAMILY_IPV4;
        memcpy(q.address.addr, s->v4, sizeof(s->v4));
    }
    if (prov_lease_load(&q, path, &out, NULL) != PROV_OK || !is_useful(a, prov_buf_str(&out)))
        return false;
    if (replaced && !lan->options.no_inform) /* the server knows what the client hides */
        return false;
    *found = prov_buf_str(&out);
    return true;
}

/* Where Debian's clients keep their leases; `%s` = the interface's name. */
static const struct {
    const char *path;
    enum prov_lease_form form;
    bool v6;
} places[] = {
    { "/var/lib/dhcp/dhclient.%s.leases", PROV_LEASE_DHCLIENT, false },
    { "/var/lib/dhcpcd/%s.lease", PROV_LEASE_DHCPCD, false },
    { "/run/systemd/netif/leases/%s", PROV_LEASE_NETWORKD, false }, /* by its index */
    { "/var/lib/dhcp/dhclient6.%s.leases", PROV_LEASE_DHCLIENT, true },
    { "/var/lib/dhcpcd/%s.lease6", PROV_LEASE_DHCPCD, true },
};

static bool
fill_in(const char *path, const char *name, char *out, size_t cap)
{
    const char *mark = strstr(path, "%s");
    const int n = snprintf(out, cap, "%.*s%s%s", (int)(mark - path), path, name, mark + 2);

    return n > 0 && (size_t)n < cap;
}

static bool
look_around(struct prov_lan *lan, const struct prov_lan_ask *a, const struct prov_lan_state *s,
            struct prov_str *found)
{
    char index[16], path[128];

    (void)snprintf(index, sizeof(index), "%u", s->index);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const char *name = places[i].form == PROV_LEASE_NETWORKD ? index : lan->interface;

        if (places[i].v6 == (a->kind == PROV_ASK_DHCP6) &&
            fill_in(places[i].path, name, path, sizeof(path)) &&
            read_one(lan, a, s, path, places[i].form, found))
            return true;
    }
    return false;
}

/* The lease of a DHCP client that holds something wanted; a span of lan->datagram. */
bool
prov_lan_lease(struct prov_lan *lan, const struct prov_lan_ask *a, const struct prov_lan_state *s,
               struct prov_str *found)
{
    const bool v6 = a->kind == PROV_ASK_DHCP6;
    const char *file = v6 ? lan->lease6_file : lan->lease_file;
    const enum prov_lease_form form = v6 ? lan->options.lease6_form : lan->options.lease_form;

    if (lan->options.no_lease)
        return false;
    return file != NULL ? read_one(lan, a, s, file, form, found) : look_around(lan, a, s, found);
}
