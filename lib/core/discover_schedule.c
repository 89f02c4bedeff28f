/* SPDX-License-Identifier: MIT */

/* From what the settings say about times to the rules of a schedule (SCH-1, TRY-2). */

#include "core/discover.h"

static void
set_time(struct prov_schedule *out, uint32_t minute, uint32_t spread_s)
{
    out->time_count = 1;
    out->times[0] = (uint16_t)minute;
    out->time_spread_s = spread_s;
}

static uint8_t
weekdays(const struct prov_schedule_preset *p, const struct prov_said_times *s)
{
    unsigned days = p->days;

    for (unsigned i = 0; i < 7; i++) {
        if (s->days[i] == PROV_TOGGLE_ON)
            days |= 1u << i;
        if (s->days[i] == PROV_TOGGLE_OFF)
            days &= ~(1u << i);
    }
    return (uint8_t)days;
}

static bool
set_random(const struct prov_schedule_preset *p, const struct prov_said_times *s,
           struct prov_schedule *out)
{
    const uint32_t least = s->random_min_s < PROV_NOT_SAID ? s->random_min_s : p->random_min_s;
    const uint32_t most = s->random_max_s < PROV_NOT_SAID ? s->random_max_s : p->random_max_s;

    if (s->random != PROV_TOGGLE_ON)
        return true;
    if (least > most)
        return false;
    out->random_min_s = least;
    out->random_max_s = most;
    return true;
}

/* Runs on weekdays, at a time that is set or the phone's own. */
static bool
set_weekly(const struct prov_schedule_preset *p, const struct prov_said_times *s,
           struct prov_schedule *out)
{
    if (s->time == PROV_NO_ROW || (s->time == PROV_NOT_SAID && p->own_time_s == 0))
        return true;
    out->days = weekdays(p, s);
    if (s->time == PROV_NOT_SAID)
        set_time(out, 0, p->own_time_s);
    else
        set_time(out, s->time, p->time_spread_s);
    return set_random(p, s, out);
}

/* A time of every day switches the interval off. */
bool
prov_discover_schedule(const struct prov_schedule_preset *preset,
                       const struct prov_said_times *said, struct prov_schedule *out)
{
    const bool sound = set_weekly(preset, said, out);

    if (said->daily < PROV_NOT_SAID) {
        out->days = PROV_SCHEDULE_DAILY;
        set_time(out, said->daily, preset->time_spread_s);
    } else if (said->cyclic == PROV_TOGGLE_ON && said->cyclic_minutes < PROV_NOT_SAID) {
        const uint32_t tenth_s = said->cyclic_minutes * 6, most_s = preset->interval_spread_s;

        out->interval_minutes = said->cyclic_minutes;
        out->interval_spread_s = tenth_s < most_s ? tenth_s : most_s;
    }
    return sound;
}
