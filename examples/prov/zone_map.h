/* SPDX-License-Identifier: MIT */
#ifndef TOOL_ZONE_MAP_H
#define TOOL_ZONE_MAP_H

/* Offsets of local time at some instants, and what they say about others. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone_map {
    struct zone_point {
        int64_t unix_s;
        int32_t offset;
    } * points; /* in order */
    size_t count;
};

/*
 * An instant that is known, or lies between two with one offset that are less than two days apart:
 * offsets do not change twice in that time. False: it is not sure; *offset is the best guess, that of
 * the nearest one, or 0.
 */
bool zone_map_find(const struct zone_map *map, int64_t unix_s, int32_t *offset);

void zone_map_add(struct zone_map *map, int64_t unix_s, int32_t offset);
void zone_map_free(struct zone_map *map);

#endif /* TOOL_ZONE_MAP_H */
