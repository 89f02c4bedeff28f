/* SPDX-License-Identifier: MIT */
#ifndef TOOL_ADDRESS_H
#define TOOL_ADDRESS_H

/* Addresses as commands use them. */

#include "device.h"
#include "report.h"

/* Replace markers and append. Unless PROV_OK it was reported. */
enum prov_status address_expand(const struct device *device, struct prov_str url,
                                enum prov_macro_enc enc, struct text *out, struct report *r);

/* Print an address without its user part: into the array, or as a line if that is NULL. */
void address_print(struct prov_str url, json_t *urls);

#endif /* TOOL_ADDRESS_H */
