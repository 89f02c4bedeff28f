/* SPDX-License-Identifier: MIT */
#ifndef TOOL_ZONE_H
#define TOOL_ZONE_H

/* Local time by the C library. The library itself leaves zones to the vendor. */

#include <prov/schedule.h>

#include "text.h"

/* With a name it becomes the zone of this program; NULL = that of the environment. */
struct prov_zone zone_open(const char *name);

/* `Mon 2026-11-23 03:12:41 CET`. */
void zone_add_time(struct text *t, int64_t unix_ms);

/* `2026-11-23T03:12:41+01:00`. */
void zone_add_iso(struct text *t, int64_t unix_ms);

/* `@SECONDS` since 1970, or `YYYY-MM-DD[ HH:MM[:SS]]` of local time, with a blank or a T between. */
bool zone_read(const char *text, int64_t *unix_ms);

#endif /* TOOL_ZONE_H */
