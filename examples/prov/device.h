/* SPDX-License-Identifier: MIT */
#ifndef TOOL_DEVICE_H
#define TOOL_DEVICE_H

/* Which phone the tool is taken for, and what it can bear: options common to all commands. */

#include <prov/dialect.h>
#include <prov/macro.h>

#include "options.h"

/* The options as given, and what they make. MUST NOT be copied once device_finish() was called. */
struct device {
    const char *dialect_name, *mac, *model, *type, *serial, *fwver, *vendor;
    struct words limit_words;

    const struct prov_dialect *dialect;
    struct prov_identity identity;
    struct prov_macro_table markers;
    struct prov_limits limits; /* resolved */
    char mac_digits[13];
};

/* Add the options to a command line. */
void device_options(struct device *device, struct command_line *line);

/* Fill in the defaults of the dialect. TOOL_GO_ON, or TOOL_USAGE after a message. */
int device_finish(struct device *device, const struct command *command);

/* TOOL_GO_ON, or TOOL_USAGE after a message that the command cannot do this dialect. */
int device_needs_settings(const struct device *device, const struct command *command);

#endif /* TOOL_DEVICE_H */
