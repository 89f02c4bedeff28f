/* SPDX-License-Identifier: MIT */
#ifndef TOOL_POLICY_H
#define TOOL_POLICY_H

/* How the address is searched: options common to `plan` and `run` (DIA-2). */

#include <prov/discover.h>

#include "options.h"

struct policy {
    const char *mode, *enterprise, *region, *on_nothing, *on_fetch_error;
    struct words disable, enable, servers;
    bool https_only, first_only, pin;

    bool has_mode;
    struct prov_discover_options options;
    struct prov_trust trust;
    struct prov_str hosts[32];
};

void policy_options(struct policy *policy, struct command_line *line);

/* TOOL_GO_ON, or TOOL_USAGE after a message. */
int policy_finish(struct policy *policy, const struct command *command);

#endif /* TOOL_POLICY_H */
