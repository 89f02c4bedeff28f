/* SPDX-License-Identifier: MIT */
#ifndef TOOL_ENGINE_H
#define TOOL_ENGINE_H

#include <stdbool.h>

#include <prov/enc.h>

/* The cipher engine that the tool was built with; false if it was built without. */
bool engine_get(struct prov_crypto *out);

#endif /* TOOL_ENGINE_H */
