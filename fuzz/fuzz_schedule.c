/* SPDX-License-Identifier: MIT */
#include <prov/schedule.h>

#include "fuzz_in.h"

/* A zone with one change. */
struct zone {
    int64_t change_s;
    int32_t before, after;
};

static int32_t
offset(void *ctx, int64_t unix_s)
{
    const struct zone *z = ctx;

    return unix_s < z->change_s ? z->before : z->after;
}

static int64_t
number(struct fuzz_in *in, int64_t least, int64_t most)
{
    uint64_t n = 0;

    for (int i = 0; i < 7; i++)
        n = n << 8 | fuzz_u8(in);
    return least + (int64_t)(n % ((uint64_t)(most - least) + 1));
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The day of the week of a slot counts, and its time is one of the rules. */
static bool
is_slot(const struct prov_schedule *r, int64_t slot)
{
    const int64_t day = floor_div(slot, 1440);
    const int64_t weekday = day + 3 - floor_div(day + 3, 7) * 7;

    for (unsigned i = 0; i < r->time_count; i++) {
        if (slot - day * 1440 == r->times[i])
            return (r->days >> weekday & 1) != 0;
    }
    return false;
}

/* It lies behind its slot by its parts, and where it begins it is that time, unless there is none. */
static void
check_time(const struct prov_schedule *r, const struct prov_schedule_now *now,
           const struct prov_schedule_run *run)
{
    const int64_t begins = run->unix_ms - run->device_ms - run->random_ms;
    const struct zone *z = now->zone.ctx;

    FUZZ_CHECK(is_slot(r, run->slot));
    FUZZ_CHECK(run->device_ms == 0 || run->device_ms < r->time_spread_s * 1000);
    FUZZ_CHECK(run->random_ms >= r->random_min_s * 1000 &&
               run->random_ms <= r->random_max_s * 1000);
    FUZZ_CHECK(begins % 1000 == 0);
    if (run->moved)
        FUZZ_CHECK(begins == z->change_s * 1000 && z->after > z->before);
    else
        FUZZ_CHECK(begins / 1000 + offset(now->zone.ctx, begins / 1000) == run->slot * 60);
    FUZZ_CHECK(run->unix_ms > now->unix_ms);
    FUZZ_CHECK(run->at_ms - now->now_ms == (uint64_t)(run->unix_ms - now->unix_ms));
}

static void
check_interval(const struct prov_schedule *r, const struct prov_schedule_now *now,
               const struct prov_schedule_run *run)
{
    const uint64_t interval = r->interval_minutes * UINT64_C(60000);

    FUZZ_CHECK((run->at_ms - now->start_ms - run->device_ms) % interval == 0);
    FUZZ_CHECK(run->at_ms - now->now_ms <= interval + run->device_ms);
    FUZZ_CHECK(run->device_ms <= r->interval_spread_s * UINT64_C(1000));
}

static bool
is_same(const struct prov_schedule_run *a, const struct prov_schedule_run *b)
{
    return a->why == b->why && a->at_ms == b->at_ms && a->unix_ms == b->unix_ms &&
           a->slot == b->slot && a->device_ms == b->device_ms && a->random_ms == b->random_ms &&
           a->moved == b->moved && a->interval_minutes == b->interval_minutes;
}

/* Asked again a moment before, it is the same; from itself on, a later one. */
static void
check_order(const struct prov_schedule *r, const struct prov_schedule_now *now,
            const struct prov_schedule_run *run)
{
    struct prov_schedule_now later = *now;
    struct prov_schedule_run again;
    const uint64_t step = run->at_ms - now->now_ms;

    FUZZ_CHECK(step > 0);
    later.now_ms += step - 1;
    later.unix_ms += (int64_t)(step - 1);
    if (prov_schedule_next(r, &later, &again) != PROV_OK)
        return; /* beyond the calendar */
    FUZZ_CHECK(again.why == run->why && again.at_ms == run->at_ms && again.slot == run->slot);
    later.now_ms++;
    later.unix_ms++;
    if (prov_schedule_next(r, &later, &again) != PROV_OK)
        return;
    FUZZ_CHECK(again.at_ms > run->at_ms);
}

static struct prov_schedule
rules_of(struct fuzz_in *in)
{
    struct prov_schedule r = { .days = fuzz_u8(in) & 0x7F, .time_count = fuzz_u8(in) % 9 };

    for (unsigned i = 0; i < r.time_count; i++)
        r.times[i] = (uint16_t)number(in, 0, 1439);
    r.time_spread_s = (uint32_t)number(in, 0, 43200);
    r.random_max_s = (uint32_t)number(in, 0, 43200);
    r.random_min_s = (uint32_t)number(in, 0, r.random_max_s);
    if ((fuzz_u8(in) & 1) != 0)
        r.interval_minutes = (uint32_t)number(in, 1, PROV_SCHEDULE_INTERVAL_MAX);
    r.interval_spread_s = (uint32_t)number(in, 0, r.interval_minutes * 60);
    return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const struct prov_schedule r = rules_of(&in);
    struct zone z = { 0, (int32_t)number(&in, -50400, 50400), (int32_t)number(&in, -50400, 50400) };
    struct prov_schedule_now now = { .zone = { offset, &z }, .last_ms = INT64_MIN };
    struct prov_schedule_run run, again;

    now.device = (uint64_t)number(&in, 0, INT64_C(0xFFFFFFFFFFFF));
    now.start_ms = (uint64_t)number(&in, 0, INT64_C(1) << 40);
    now.now_ms = now.start_ms + (uint64_t)number(&in, 0, INT64_C(1) << 40);
    now.known = (fuzz_u8(&in) & 3) != 0;
    now.unix_ms = number(&in, INT64_C(-62135596800000), INT64_C(253402300799999));
    z.change_s = now.unix_ms / 1000 + number(&in, -1000000, 1000000);
    FUZZ_CHECK(prov_schedule_next(&r, &now, &run) == PROV_OK);
    FUZZ_CHECK(prov_schedule_next(&r, &now, &again) == PROV_OK);
    FUZZ_CHECK(is_same(&run, &again));
    switch (run.why) {
    case PROV_SCHEDULE_NONE:
        FUZZ_CHECK(r.interval_minutes == 0 && (r.days == 0 || r.time_count == 0));
        return 0;
    case PROV_SCHEDULE_CLOCK:
        FUZZ_CHECK(!now.known && r.interval_minutes == 0);
        return 0;
    case PROV_SCHEDULE_TIME:
        check_time(&r, &now, &run);
        break;
    case PROV_SCHEDULE_INTERVAL:
        check_interval(&r, &now, &run);
        break;
    }
    check_order(&r, &now, &run);
    return 0;
}
