/* SPDX-License-Identifier: MIT */
#include "zone_map.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define TWO_DAYS_S 172800u

/* The first point that is not before an instant; the count if there is none. */
static size_t
place_of(const struct zone_map *map, int64_t unix_s)
{
    size_t from = 0, to = map->count;

    while (from < to) {
        const size_t middle = from + (to - from) / 2;

        if (map->points[middle].unix_s < unix_s)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Without overflow, whatever a file says. */
static uint64_t
between(int64_t earlier, int64_t later)
{
    return (uint64_t)later - (uint64_t)earlier;
}

bool
zone_map_find(const struct zone_map *map, int64_t unix_s, int32_t *offset)
{
    const size_t i = place_of(map, unix_s);
    const struct zone_point *after = i < map->count ? &map->points[i] : NULL;
    const struct zone_point *before = i > 0 ? &map->points[i - 1] : NULL;

    *offset = 0;
    if (after != NULL && before != NULL)
        *offset = between(before->unix_s, unix_s) < between(unix_s, after->unix_s) ? before->offset
                                                                                   : after->offset;
    else if (after != NULL || before != NULL)
        *offset = after != NULL ? after->offset : before->offset;
    if (after != NULL && after->unix_s == unix_s) {
        *offset = after->offset;
        return true;
    }
    return after != NULL && before != NULL && after->offset == before->offset &&
           between(before->unix_s, after->unix_s) < TWO_DAYS_S;
}

void
zone_map_add(struct zone_map *map, int64_t unix_s, int32_t offset)
{
    const size_t i = place_of(map, unix_s);

    if (i < map->count && map->points[i].unix_s == unix_s) {
        map->points[i].offset = offset;
        return;
    }
    map->points = tool_resize(map->points, (map->count + 1) * sizeof(*map->points));
    memmove(map->points + i + 1, map->points + i, (map->count - i) * sizeof(*map->points));
    map->points[i] = (struct zone_point){ unix_s, offset };
    map->count++;
}

void
zone_map_free(struct zone_map *map)
{
    free(map->points);
    *map = (struct zone_map){ NULL, 0 };
}
