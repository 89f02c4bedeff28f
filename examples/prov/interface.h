/* SPDX-License-Identifier: MIT */
#ifndef TOOL_INTERFACE_H
#define TOOL_INTERFACE_H

/* What the commands that use an interface of the local network share. */

#include <prov/adapters/lan.h>

#include "report.h"

#define INTERFACE_GROUP "224.0.1.75:5060" /* PNP-1 */

/* Read `ADDRESS:PORT` of a multicast group. */
bool interface_group(const char *text, struct prov_endpoint *group);

/* Append the interface's own address of a family; IPv6 without brackets. TOOL_GO_ON, or TOOL_OUTSIDE
 * after a message. */
int interface_address(const char *interface, enum prov_family family, struct text *t,
                      struct report *report);

/* A message why the interface, or the endpoint on it, cannot be used; `lan` may be NULL, and so may
 * `at`. Always TOOL_OUTSIDE. */
int interface_refused(const struct prov_lan *lan, const char *interface,
                      const struct prov_endpoint *at, enum prov_status status,
                      struct report *report);

#endif /* TOOL_INTERFACE_H */
