/* SPDX-License-Identifier: MIT */
#ifndef SCENARIO_WORLD_LAN_H
#define SCENARIO_WORLD_LAN_H

/* The local network of the fake world: DHCP, multicast. */

#include "world.h"

void world_note(struct world *w, const char *what, uint32_t id, struct prov_str text);

enum prov_status world_ask(void *ctx, uint32_t id, const struct prov_ask *ask,
                           struct prov_endpoint *local, struct prov_run *run);
enum prov_status world_send(void *ctx, uint32_t id, const struct prov_endpoint *to,
                            const void *bytes, size_t len);
void world_lan_cancel(struct world *w, uint32_t id);

/* Is a question under way? */
bool world_lan_asked(const struct world *w);

/* When something comes next, UINT64_MAX for never; and let it come. */
uint64_t world_lan_due(const struct world *w);
void world_lan_move(struct world *w);

#endif /* SCENARIO_WORLD_LAN_H */
