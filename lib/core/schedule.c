/* SPDX-License-Identifier: MIT */

/* The next run (SCH-1). Every slot of the days around now is looked at, and the earliest run that is
 * still to come is taken. */

#include <prov/retry.h>
#include <prov/schedule.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/calendar.h"

#define DAY_MINUTES 1440
#define DAY_MS (INT64_C(1000) * PROV_DAY_S)
#define BACK 2   /* days: the run of a slot may lie a day behind it, and the gap of a zone too */
#define AHEAD 10 /* days: a week, one that has been run already, and the same */

/* What the device's parts are for: not the same one twice. */
enum purpose {
    PURPOSE_TIME = 1,
    PURPOSE_INTERVAL = 2,
    PURPOSE_RANDOM = 3, /* and the number of the slot above it */
};

static bool
is_sound(const struct prov_schedule *r, const struct prov_schedule_now *now)
{
    const uint32_t day = PROV_DAY_S;

    if (r->time_count > PROV_SCHEDULE_TIMES || r->days > PROV_SCHEDULE_DAILY ||
        r->time_spread_s > day || r->random_min_s > r->random_max_s || r->random_max_s > day ||
        r->time_spread_s + r->random_max_s > day ||
        r->interval_minutes > PROV_SCHEDULE_INTERVAL_MAX ||
        r->interval_spread_s > r->interval_minutes * 60)
        return false;
    for (unsigned i = 0; i < r->time_count; i++) {
        if (r->times[i] >= DAY_MINUTES)
            return false;
    }
    return now->now_ms >= now->start_ms && now->now_ms <= PROV_SCHEDULE_CLOCK_MAX_MS &&
           (!now->known ||
            (now->unix_ms >= PROV_TIME_MIN_S * 1000 && now->unix_ms / 1000 <= PROV_TIME_MAX_S));
}

/* ---- Local time ---- */

static int64_t
offset_at(const struct prov_zone *z, int64_t unix_s)
{
    const int32_t s = z->offset_s != NULL ? z->offset_s(z->ctx, unix_s) : 0;

    return s >= -PROV_DAY_S && s <= PROV_DAY_S ? s : 0;
}

/* The first instant with another offset than `before`; there is one up to `to`. */
static int64_t
change_between(const struct prov_zone *z, int64_t from, int64_t to, int64_t before)
{
    while (to - from > 1) {
        const int64_t middle = from + (to - from) / 2;

        if (offset_at(z, middle) == before)
            from = middle;
        else
            to = middle;
    }
    return to;
}

/* The instant at which a local time begins; *moved if it does not exist. */
static int64_t
instant_of(const struct prov_zone *z, int64_t local_s, bool *moved)
{
    const int64_t from = local_s - PROV_DAY_S, to = local_s + PROV_DAY_S;
    const int64_t before = offset_at(z, from), after = offset_at(z, to);
    const int64_t early = local_s - before, late = local_s - after;

    *moved = false;
    if (offset_at(z, early) == before)
        return early;
    if (offset_at(z, late) == after)
        return late;
    *moved = true;
    return change_between(z, from, to, before);
}

/* ---- Runs by time of day ---- */

/* The random part of a slot, in milliseconds. */
static uint32_t
random_part(const struct prov_schedule *r, uint64_t device, int64_t slot)
{
    const uint64_t purpose = PURPOSE_RANDOM + ((uint64_t)slot << 2);
    const uint64_t width = (uint64_t)(r->random_max_s - r->random_min_s) * 1000;

    return r->random_min_s * 1000 + (uint32_t)prov_retry_slot_ms(device, purpose, width + 1);
}

static struct prov_schedule_run
run_of(const struct prov_schedule *r, const struct prov_schedule_now *now, int64_t slot)
{
    struct prov_schedule_run run = { .why = PROV_SCHEDULE_TIME, .slot = slot };
    const int64_t begins = instant_of(&now->zone, slot * 60, &run.moved);

    run.device_ms =
        (uint32_t)prov_retry_slot_ms(now->device, PURPOSE_TIME, (uint64_t)r->time_spread_s * 1000);
    run.random_ms = r->random_max_s > 0 ? random_part(r, now->device, slot) : 0;
    run.unix_ms = begins * 1000 + run.device_ms + run.random_ms;
    return run;
}

/* After this a run is to come. One that is far ahead was run by a clock that went wrong. */
static int64_t
after_ms(const struct prov_schedule_now *now)
{
    const bool counts = now->last_ms > now->unix_ms && now->last_ms - DAY_MS <= now->unix_ms;

    return counts ? now->last_ms : now->unix_ms;
}

static void
look_at(const struct prov_schedule *r, const struct prov_schedule_now *now, int64_t slot,
        struct prov_schedule_run *best)
{
    const struct prov_schedule_run run = run_of(r, now, slot);

    if (run.unix_ms > after_ms(now) &&
        (best->why == PROV_SCHEDULE_NONE || run.unix_ms < best->unix_ms))
        *best = run;
}

static void
by_time(const struct prov_schedule *r, const struct prov_schedule_now *now,
        struct prov_schedule_run *best)
{
    const int64_t now_s = prov_floor_div(now->unix_ms, 1000);
    const int64_t today = prov_floor_div(now_s + offset_at(&now->zone, now_s), PROV_DAY_S);

    for (int64_t day = today - BACK; day <= today + AHEAD; day++) {
        if ((r->days >> prov_day_of_week(day) & 1) == 0)
            continue;
        for (unsigned i = 0; i < r->time_count; i++)
            look_at(r, now, day * DAY_MINUTES + r->times[i], best);
    }
    if (best->why != PROV_SCHEDULE_NONE)
        best->at_ms = now->now_ms + (uint64_t)(best->unix_ms - now->unix_ms);
}

/* ---- Runs by interval ---- */

static void
by_interval(const struct prov_schedule *r, const struct prov_schedule_now *now,
            struct prov_schedule_run *best)
{
    const uint64_t interval = (uint64_t)r->interval_minutes * 60000;
    const uint64_t part =
        prov_retry_slot_ms(now->device, PURPOSE_INTERVAL, (uint64_t)r->interval_spread_s * 1000);
    const uint64_t since = now->now_ms - now->start_ms;
    const uint64_t turns = since < part ? 1 : (since - part) / interval + 1;
    const uint64_t at = now->start_ms + part + turns * interval;

    if (best->why == PROV_SCHEDULE_TIME && best->at_ms <= at)
        return;
    *best = (struct prov_schedule_run){
        .why = PROV_SCHEDULE_INTERVAL,
        .at_ms = at,
        .unix_ms = now->known ? now->unix_ms + (int64_t)(at - now->now_ms) : 0,
        .interval_minutes = r->interval_minutes,
        .device_ms = (uint32_t)part,
    };
}

enum prov_status
prov_schedule_next(const struct prov_schedule *rules, const struct prov_schedule_now *now,
                   struct prov_schedule_run *out)
{
    struct prov_schedule_run best = { .why = PROV_SCHEDULE_NONE };

    if (rules == NULL || now == NULL || out == NULL || !is_sound(rules, now))
        return PROV_E_ARG;
    const bool timed = rules->time_count > 0 && rules->days != 0;

    if (timed && now->known)
        by_time(rules, now, &best);
    if (rules->interval_minutes > 0)
        by_interval(rules, now, &best);
    if (timed && best.why == PROV_SCHEDULE_NONE)
        best.why = PROV_SCHEDULE_CLOCK;
    *out = best;
    return PROV_OK;
}

/* ---- Text ---- */

bool
prov_schedule_read_time(struct prov_str text, uint16_t *minute)
{
    const size_t colon = text.len == 4 ? 1 : 2;
    uint16_t hours = 0, minutes = 0;

    if (minute == NULL || text.len < 4 || text.len > 5 || text.ptr[colon] != ':')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint16_t *n = i < colon ? &hours : &minutes;

        if (i == colon)
            continue;
        if (!prov_is_digit(text.ptr[i]))
            return false;
        *n = (uint16_t)(*n * 10 + (text.ptr[i] - '0'));
    }
    if (hours > 23 || minutes > 59)
        return false;
    *minute = (uint16_t)(hours * 60 + minutes);
    return true;
}

/* ` + 12 min 41 s TEXT`; nothing for no time at all. */
static void
put_part(struct prov_buf *out, uint32_t ms, const char *text)
{
    const uint32_t s = ms / 1000;

    if (ms == 0)
        return;
    prov_buf_put_z(out, " + ");
    if (s >= 3600) {
        prov_buf_put_uint(out, s / 3600, 1);
        prov_buf_put_z(out, " h ");
    }
    if (s >= 60) {
        prov_buf_put_uint(out, s / 60 % 60, 1);
        prov_buf_put_z(out, " min ");
    }
    prov_buf_put_uint(out, s % 60, 1);
    prov_buf_put_z(out, " s ");
    prov_buf_put_z(out, text);
}

static void
put_time(struct prov_buf *out, const struct prov_schedule_run *run)
{
    const int64_t minute = run->slot - prov_floor_div(run->slot, DAY_MINUTES) * DAY_MINUTES;

    prov_buf_put_z(out, "time: ");
    prov_buf_put_uint(out, (uint64_t)minute / 60, 2);
    prov_buf_put_char(out, ':');
    prov_buf_put_uint(out, (uint64_t)minute % 60, 2);
    if (run->moved)
        prov_buf_put_z(out,
                       ", which does not exist on this day: when the clock has been put forward");
    put_part(out, run->device_ms, "of this device");
    put_part(out, run->random_ms, "drawn");
}

enum prov_status
prov_schedule_describe(const struct prov_schedule_run *run, struct prov_buf *out)
{
    size_t mark;

    if (run == NULL || out == NULL)
        return PROV_E_ARG;
    mark = out->len;
    switch (run->why) {
    case PROV_SCHEDULE_NONE:
        prov_buf_put_z(out, "no rule");
        break;
    case PROV_SCHEDULE_TIME:
        put_time(out, run);
        break;
    case PROV_SCHEDULE_INTERVAL:
        prov_buf_put_z(out, "interval: every ");
        prov_buf_put_uint(out, run->interval_minutes, 1);
        prov_buf_put_z(out, " min since the start");
        put_part(out, run->device_ms, "of this device");
        break;
    case PROV_SCHEDULE_CLOCK:
        prov_buf_put_z(out, "time: waits for a clock that can be trusted");
        break;
    }
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}
