/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRANSPORT_H
#define TOOL_TRANSPORT_H

/* How files are fetched: trust, client certificate, proxy, DNS (NET-1, REF-5). */

#include <prov/adapters/curl.h>
#include <prov/discover.h>
#include <prov/limits.h>

#include "options.h"
#include "report.h"

struct transport {
    const char *ca, *ca_dir, *client_cert, *client_key, *proxy, *dns, *parallel;
};

void transport_options(struct transport *transport, struct command_line *line);

/* TOOL_GO_ON, or TOOL_USAGE after a message. */
int transport_finish(const struct transport *transport, const struct command *command,
                     struct prov_limits *limits);

/* TOOL_GO_ON, or TOOL_OUTSIDE after a finding. `mode` NULL = both families. */
int transport_open(const struct transport *transport, const enum prov_mode *mode,
                   struct report *report, struct prov_curl **out);

#endif /* TOOL_TRANSPORT_H */
