/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- addresses ---- */

static bool
is_link_local(const uint8_t a[16])
{
    return a[0] == 0xFE && (a[1] & 0xC0) == 0x80;
}

/* An address that the system still checks for duplicates cannot be bound. */
static bool
is_ready(const struct sockaddr_in6 *a)
{
    struct sockaddr_in6 at = *a;
    const int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    bool ready;

    at.sin6_port = 0;
    if (fd < 0)
        return false;
    ready = bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
    (void)close(fd);
    return ready;
}

static void
take_v4(struct prov_lan_state *s, const struct sockaddr_in *a)
{
    if (s->has_v4)
        return;
    memcpy(s->v4, &a->sin_addr, 4);
    s->has_v4 = true;
}

static void
take_v6(struct prov_lan_state *s, const struct sockaddr_in6 *a)
{
    const uint8_t *bytes = a->sin6_addr.s6_addr;
    const bool link = is_link_local(bytes);

    if ((link ? s->has_link : s->has_v6) || !is_ready(a))
        return;
    memcpy(link ? s->link : s->v6, bytes, 16);
    if (link)
        s->has_link = true;
    else
        s->has_v6 = true;
}

/* ---- the interface ---- */

static void
take(struct prov_lan_state *s, const struct ifaddrs *i)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (i->ifa_addr == NULL)
        return;
    if (i->ifa_addr->sa_family == AF_INET) {
        memcpy(&v4, i->ifa_addr, sizeof(v4));
        take_v4(s, &v4);
    } else if (i->ifa_addr->sa_family == AF_INET6) {
        memcpy(&v6, i->ifa_addr, sizeof(v6));
        take_v6(s, &v6);
    }
}

/* Every interface has at least one entry; one that is down may have addresses too. */
static void
walk(const struct ifaddrs *list, const char *name, struct prov_lan_state *s, bool *up)
{
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        if ((i->ifa_flags & IFF_LOOPBACK) != 0 && s->lo_index == 0)
            s->lo_index = if_nametoindex(i->ifa_name);
        if (strcmp(i->ifa_name, name) != 0 || (i->ifa_flags & IFF_UP) == 0 ||
            (i->ifa_flags & IFF_RUNNING) == 0)
            continue;
        *up = true;
        s->loopback = (i->ifa_flags & IFF_LOOPBACK) != 0;
        take(s, i);
    }
}

/* PROV_OK also when it has no address. */
enum prov_status
prov_lan_look_at(struct prov_lan *lan, struct prov_lan_state *s)
{
    struct prov_lan_state found = { .index = if_nametoindex(lan->interface) };
    struct ifaddrs *list = NULL;
    bool up = false;

    if (getifaddrs(&list) != 0)
        return prov_lan_failed(lan);
    walk(list, lan->interface, &found, &up);
    freeifaddrs(list);
    if (!up || found.index == 0)
        return PROV_E_NOT_FOUND;
    *s = found;
    return PROV_OK;
}

/* ---- what a program may ask ---- */

enum prov_status
prov_lan_mode(struct prov_lan *lan, enum prov_mode *mode)
{
    struct prov_lan_state s;

    if (lan == NULL || mode == NULL)
        return PROV_E_ARG;

    const enum prov_status status = prov_lan_look_at(lan, &s);

    if (status != PROV_OK)
        return status;
    if (!s.has_v4 && !s.has_v6)
        return PROV_E_NOT_FOUND;
    if (s.has_v4 && s.has_v6)
        *mode = PROV_MODE_DUAL;
    else
        *mode = s.has_v4 ? PROV_MODE_IPV4 : PROV_MODE_IPV6;
    return PROV_OK;
}

enum prov_status
prov_lan_address(struct prov_lan *lan, enum prov_family family, struct prov_endpoint *own)
{
    struct prov_endpoint e = { .family = family };
    struct prov_lan_state s;

    if (lan == NULL || own == NULL || (family != PROV_FAMILY_IPV4 && family != PROV_FAMILY_IPV6))
        return PROV_E_ARG;

    const enum prov_status status = prov_lan_look_at(lan, &s);

    if (status != PROV_OK)
        return status;
    if (!(family == PROV_FAMILY_IPV4 ? s.has_v4 : s.has_v6))
        return PROV_E_NOT_FOUND;
    if (family == PROV_FAMILY_IPV4)
        memcpy(e.addr, s.v4, sizeof(s.v4));
    else
        memcpy(e.addr, s.v6, sizeof(s.v6));
    *own = e;
    return PROV_OK;
}

enum prov_status
prov_lan_mac(struct prov_lan *lan, uint8_t mac[6])
{
    if (lan == NULL || mac == NULL)
        return PROV_E_ARG;
#ifdef SIOCGIFHWADDR
    static const uint8_t none[6] = { 0 };
    struct ifreq r = { 0 };
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const int ethernet = 1; /* ARPHRD_ETHER */

    memcpy(r.ifr_name, lan->interface, strlen(lan->interface));

    const bool told = fd >= 0 && ioctl(fd, SIOCGIFHWADDR, &r) == 0 &&
                      r.ifr_hwaddr.sa_family == ethernet &&
                      memcmp(r.ifr_hwaddr.sa_data, none, 6) != 0;

    if (fd >= 0)
        (void)close(fd);
    if (told)
        memcpy(mac, r.ifr_hwaddr.sa_data, 6);
    return told ? PROV_OK : PROV_E_NOT_FOUND;
#else
    return PROV_E_NOT_FOUND;
#endif
}
