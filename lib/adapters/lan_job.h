/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_LAN_JOB_H
#define PROV_ADAPTERS_LAN_JOB_H

/* The local network of one interface; private to the adapter. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* struct in6_pktinfo, struct ip_mreqn */
#endif

#include <prov/adapters/lan.h>
#include <prov/dhcp.h>
#include <prov/run.h>

#define PROV_LAN_ASKS 8u     /* under way at the same time */
#define PROV_LAN_FETCHES 64u /* more than any session begins */

/* How the interface is. */
struct prov_lan_state {
    unsigned index;
    unsigned lo_index; /* of the loopback interface, 0 = none */
    bool loopback;
    bool has_v4, has_v6, has_link;
    uint8_t v4[4];
    uint8_t v6[16];   /* global or unique local */
    uint8_t link[16]; /* link-local */
};

/* A socket. */
struct prov_lan_socket {
    int fd; /* -1 = none */
    enum prov_family family;
    unsigned index;    /* datagrams of other interfaces are dropped ... */
    unsigned lo_index; /* ... but for those of this machine */
};

/* A DHCP question or a PnP exchange. */
struct prov_lan_ask {
    bool used;
    uint32_t serial; /* a slot may be used anew while it is being served */
    uint32_t id;
    enum prov_ask_kind kind;
    struct prov_run *run;
    struct prov_lan_socket sockets[2];
    uint64_t began_ms, next_ms, ends_ms; /* DHCP */
    uint32_t interval_ms;
    uint16_t params[PROV_DHCP_PARAMS_MAX];
    size_t param_count;
    struct prov_dhcp4_client v4;
    struct prov_dhcp6_client v6;
    uint8_t duid[10];
    struct prov_endpoint server;
};

struct prov_lan_ear {
    bool used;
    uint32_t serial;
    struct prov_lan_socket socket;
    prov_lan_message on_message;
    void *ctx;
};

struct prov_lan {
    char *interface, *lease_file, *lease6_file, *vendor_class;
    struct prov_lan_options options; /* its strings are not used */
    struct prov_net inner;
    struct prov_lan_ask asks[PROV_LAN_ASKS];
    struct prov_lan_ear ears[PROV_LAN_LISTENERS];
    uint32_t fetches[PROV_LAN_FETCHES]; /* ids of the inner network that may be under way */
    size_t fetch_count;
    uint32_t serial; /* of the latest slot */
    int error;
    bool inside; /* being served */
    char reply[PROV_LAN_REPLY_BYTES];
    char datagram[PROV_LEASE_OUT_BYTES];
};

/* lan.c */
uint64_t prov_lan_now_ms(void);
enum prov_status prov_lan_failed(struct prov_lan *lan);

/* lan_state.c */
enum prov_status prov_lan_look_at(struct prov_lan *lan, struct prov_lan_state *s);

/* lan_socket.c */
#define PROV_LAN_SHARED 1u /* others may have the port too: groups, DHCP clients */
#define PROV_LAN_DEVICE 2u /* everything goes by the interface, broadcast too */
enum prov_status prov_lan_socket_open(struct prov_lan *lan, const struct prov_lan_state *s,
                                      const struct prov_endpoint *at, unsigned flags,
                                      struct prov_lan_socket *out);
bool prov_lan_socket_multicast(const struct prov_lan_socket *s, const struct prov_lan_state *state);
bool prov_lan_socket_join(const struct prov_lan_socket *s, const struct prov_endpoint *group);
bool prov_lan_socket_local(const struct prov_lan_socket *s, struct prov_endpoint *local);
void prov_lan_socket_close(struct prov_lan_socket *s);
size_t prov_lan_socket_receive(struct prov_lan *lan, const struct prov_lan_socket *s,
                               struct prov_endpoint *from, bool *more);
bool prov_lan_socket_send(const struct prov_lan_socket *s, const struct prov_endpoint *to,
                          const void *bytes, size_t len);
bool prov_lan_is_multicast(const struct prov_endpoint *e);

/* lan_dhcp.c */
enum prov_status prov_lan_dhcp_begin(struct prov_lan *lan, struct prov_lan_ask *a);
bool prov_lan_dhcp_is_answer(const struct prov_lan_ask *a, struct prov_str packet);
void prov_lan_dhcp_send(struct prov_lan *lan, struct prov_lan_ask *a, uint64_t now);

/* lan_lease.c */
bool prov_lan_lease(struct prov_lan *lan, const struct prov_lan_ask *a,
                    const struct prov_lan_state *s, struct prov_str *found);

/* lan_ask.c */
void prov_lan_ask_close(struct prov_lan_ask *a);
enum prov_status prov_lan_ask(void *ctx, uint32_t id, const struct prov_ask *ask,
                              struct prov_endpoint *local, struct prov_run *run);
enum prov_status prov_lan_ask_send(void *ctx, uint32_t id, const struct prov_endpoint *to,
                                   const void *bytes, size_t len);
struct prov_lan_ask *prov_lan_ask_find(struct prov_lan *lan, uint32_t id);
bool prov_lan_ask_serve(struct prov_lan *lan, struct prov_lan_ask *a, size_t which);
bool prov_lan_ask_tick(struct prov_lan *lan, struct prov_lan_ask *a, uint64_t now);

/* lan_listen.c */
void prov_lan_ear_serve(struct prov_lan *lan, struct prov_lan_ear *e);

#endif /* PROV_ADAPTERS_LAN_JOB_H */
