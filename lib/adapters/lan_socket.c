/* SPDX-License-Identifier: MIT */
#include "lan_job.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Either family. */
union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ---- our form and the system's ---- */

static bool
needs_scope(const uint8_t a[16])
{
    return (a[0] == 0xFE && (a[1] & 0xC0) == 0x80) || a[0] == 0xFF;
}

/* An address that is valid on one link only is meant on that of the socket's interface. */
static socklen_t
to_system(const struct prov_endpoint *e, unsigned index, union address *out)
{
    memset(out, 0, sizeof(*out));
    if (e->family == PROV_FAMILY_IPV4) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(e->port);
        memcpy(&out->v4.sin_addr, e->addr, 4);
        return sizeof(out->v4);
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(e->port);
    memcpy(&out->v6.sin6_addr, e->addr, 16);
    if (needs_scope(e->addr))
        out->v6.sin6_scope_id = index;
    return sizeof(out->v6);
}

static void
from_system(const union address *a, struct prov_endpoint *out)
{
    memset(out, 0, sizeof(*out));
    if (a->any.sa_family == AF_INET) {
        out->family = PROV_FAMILY_IPV4;
        out->port = ntohs(a->v4.sin_port);
        memcpy(out->addr, &a->v4.sin_addr, 4);
    } else {
        out->family = PROV_FAMILY_IPV6;
        out->port = ntohs(a->v6.sin6_port);
        memcpy(out->addr, &a->v6.sin6_addr, 16);
    }
}

bool
prov_lan_is_multicast(const struct prov_endpoint *e)
{
    return e->family == PROV_FAMILY_IPV4 ? (e->addr[0] & 0xF0) == 0xE0
                                         : e->family == PROV_FAMILY_IPV6 && e->addr[0] == 0xFF;
}

/* ---- opening ---- */

static bool
set_int(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

static bool
set_flags(int fd)
{
    const int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool
set_family(int fd, bool v6)
{
    if (v6)
        return set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
               set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
#ifdef IP_PKTINFO
    return set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
#else
    return true;
#endif
}

/* Among sockets that fit alike, Linux gives an IPv6 datagram to the first with SO_REUSEPORT, to the
 * latest without; and there SO_REUSEADDR alone is enough to share. */
static bool
set_shared(int fd)
{
#if defined(SO_REUSEPORT) && !defined(__linux__)
    (void)set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
#endif
    return set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

static bool
set_device(int fd, const char *interface)
{
#ifdef SO_BINDTODEVICE
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
                      (socklen_t)strlen(interface) + 1) == 0;
#else
    (void)fd;
    (void)interface;
    errno = ENOSYS;
    return false;
#endif
}

/* Not bound yet. */
static bool
create(const struct prov_lan *lan, struct prov_lan_socket *s, unsigned flags)
{
    const bool v6 = s->family == PROV_FAMILY_IPV6;

    s->fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
    return s->fd >= 0 && set_flags(s->fd) && set_family(s->fd, v6) &&
           ((flags & PROV_LAN_SHARED) == 0 || set_shared(s->fd)) &&
           ((flags & PROV_LAN_DEVICE) == 0 ||
            (set_int(s->fd, SOL_SOCKET, SO_BROADCAST, 1) && set_device(s->fd, lan->interface)));
}

enum prov_status
prov_lan_socket_open(struct prov_lan *lan, const struct prov_lan_state *state,
                     const struct prov_endpoint *at, unsigned flags, struct prov_lan_socket *out)
{
    struct prov_lan_socket s = { -1, at->family, state->index, state->lo_index };
    union address a;
    const socklen_t len = to_system(at, state->index, &a);

    if (!create(lan, &s, flags) || bind(s.fd, &a.any, len) != 0) {
        (void)prov_lan_failed(lan);
        prov_lan_socket_close(&s);
        return PROV_E_NETWORK;
    }
    *out = s;
    return PROV_OK;
}

/* Multicast goes out by the interface, no further than the link, and to this machine too. */
bool
prov_lan_socket_multicast(const struct prov_lan_socket *s, const struct prov_lan_state *state)
{
    if (s->family == PROV_FAMILY_IPV6)
        return set_int(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)s->index) &&
               set_int(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) &&
               set_int(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);

    struct ip_mreqn by = { .imr_ifindex = (int)s->index };

    memcpy(&by.imr_address, state->v4, sizeof(state->v4));
    return setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by)) == 0 &&
           set_int(s->fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
           set_int(s->fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
}

bool
prov_lan_socket_join(const struct prov_lan_socket *s, const struct prov_endpoint *group)
{
    struct ipv6_mreq v6 = { .ipv6mr_interface = s->index };
    struct ip_mreqn v4 = { .imr_ifindex = (int)s->index };

    if (s->family == PROV_FAMILY_IPV6) {
        memcpy(&v6.ipv6mr_multiaddr, group->addr, 16);
        return setsockopt(s->fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof(v6)) == 0;
    }
#ifdef IP_MULTICAST_ALL
    /* Else groups count that other programs have joined on other interfaces. */
    (void)set_int(s->fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
#endif
    memcpy(&v4.imr_multiaddr, group->addr, 4);
    return setsockopt(s->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof(v4)) == 0;
}

bool
prov_lan_socket_local(const struct prov_lan_socket *s, struct prov_endpoint *local)
{
    union address a;
    socklen_t len = sizeof(a);

    memset(&a, 0, sizeof(a));
    if (getsockname(s->fd, &a.any, &len) != 0)
        return false;
    from_system(&a, local);
    return true;
}

void
prov_lan_socket_close(struct prov_lan_socket *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
}

/* ---- datagrams ---- */

/* The interface that a datagram came in by; 0 = the system did not say. */
static unsigned
came_by(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        struct in6_pktinfo v6;

        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&v6, CMSG_DATA(c), sizeof(v6));
            return v6.ipi6_ifindex;
        }
#ifdef IP_PKTINFO
        struct in_pktinfo v4;

        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&v4, CMSG_DATA(c), sizeof(v4));
            return (unsigned)v4.ipi_ifindex;
        }
#endif
    }
    return 0;
}

/*
 * One datagram into lan->datagram; its length, SIZE_MAX if it does not count. `more` turns false
 * when there is none left.
 */
size_t
prov_lan_socket_receive(struct prov_lan *lan, const struct prov_lan_socket *s,
                        struct prov_endpoint *from, bool *more)
{
    union address a;
    union {
        struct cmsghdr align;
        char bytes[256];
    } control;
    struct iovec to = { lan->datagram, sizeof(lan->datagram) };
    struct msghdr m = { .msg_name = &a,
                        .msg_namelen = sizeof(a),
                        .msg_iov = &to,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control) };

    memset(&a, 0, sizeof(a));

    const ssize_t n = recvmsg(s->fd, &m, 0);

    *more = n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    if (n < 0)
        return SIZE_MAX;

    const unsigned by = came_by(&m);

    if (by != 0 && by != s->index && by != s->lo_index)
        return SIZE_MAX;
    from_system(&a, from);
    return (size_t)n;
}

/* A full queue drops the datagram, as the network may anyway. */
bool
prov_lan_socket_send(const struct prov_lan_socket *s, const struct prov_endpoint *to,
                     const void *bytes, size_t len)
{
    union address a;
    const socklen_t alen = to_system(to, s->index, &a);

    return sendto(s->fd, bytes, len, 0, &a.any, alen) >= 0 || errno == EAGAIN ||
           errno == EWOULDBLOCK || errno == ENOBUFS || errno == EINTR;
}
