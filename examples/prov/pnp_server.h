/* SPDX-License-Identifier: MIT */
#ifndef TOOL_PNP_SERVER_H
#define TOOL_PNP_SERVER_H

/* The other side of SIP PnP, for labs: answers SUBSCRIBEs with an address, and sends check-sync. */

#include <prov/adapters/lan.h>

#include "report.h"

#define PNP_SERVER_PENDING 16

/* A request that waits for its answer; sent again until it comes, a few times. */
struct pnp_pending {
    struct prov_endpoint to;
    char *message;    /* NULL = free */
    const char *what; /* for the log */
    char call_id[80];
    unsigned tries;
    uint64_t due_ms;
};

struct pnp_server {
    struct prov_lan *lan;
    uint32_t group;             /* listener on the group */
    uint32_t own;               /* listener for what is not multicast */
    struct prov_endpoint local; /* of it */
    const char *url;            /* what phones are told; with markers */
    uint64_t seed;
    uint32_t sent;
    struct pnp_pending pending[PNP_SERVER_PENDING];
};

/* Listen on an interface. `url` is borrowed. TOOL_GO_ON, or an exit code after a message. */
int pnp_server_open(struct pnp_server *s, const char *interface, const struct prov_endpoint *group,
                    const char *url, struct report *report);

/* Serve for at most so long. False if the network failed. */
bool pnp_server_turn(struct pnp_server *s, uint32_t max_ms);

/* Send a check-sync to a phone; `url` NULL = none. */
void pnp_server_check_sync(struct pnp_server *s, const struct prov_endpoint *phone,
                           const char *url);

void pnp_server_close(struct pnp_server *s);

#endif /* TOOL_PNP_SERVER_H */
