/* SPDX-License-Identifier: MIT */
#include <prov/schedule.h>

#include <prov/retry.h>

#include "support/prov_cmocka.h"
#include "support/prov_spread.h"

#define MIN_MS INT64_C(60000)
#define HOUR_MS (60 * MIN_MS)
#define DAY_MS (24 * HOUR_MS)

/* 2026-11-23, a Monday, 00:00:00 UTC */
#define MONDAY INT64_C(1795392000000)

/* ---- Zones ---- */

/* As in Berlin in 2026: 29 March 01:00 UTC to 25 October 01:00 UTC is summer. */
#define SPRING INT64_C(1774746000000)
#define AUTUMN INT64_C(1792890000000)

static int32_t
berlin(void *ctx, int64_t unix_s)
{
    (void)ctx;
    return unix_s >= SPRING / 1000 && unix_s < AUTUMN / 1000 ? 7200 : 3600;
}

/* Always the same. */
static int32_t
fixed(void *ctx, int64_t unix_s)
{
    (void)unix_s;
    return *(const int32_t *)ctx;
}

/* A whole day is left out, as on Samoa: from UTC-10 to UTC+14 on MONDAY 10:00 UTC. */
static int32_t
samoa(void *ctx, int64_t unix_s)
{
    (void)ctx;
    return unix_s >= (MONDAY + 10 * HOUR_MS) / 1000 ? 14 * 3600 : -10 * 3600;
}

static const struct prov_zone utc;
static const struct prov_zone in_berlin = { berlin, NULL };

static struct prov_schedule
daily(uint16_t minute)
{
    return (
        struct prov_schedule){ .days = PROV_SCHEDULE_DAILY, .time_count = 1, .times = { minute } };
}

static struct prov_schedule_now
at(int64_t unix_ms, struct prov_zone zone)
{
    return (struct prov_schedule_now){ .device = 7,
                                       .start_ms = 500,
                                       .now_ms = 1000,
                                       .known = true,
                                       .unix_ms = unix_ms,
                                       .zone = zone,
                                       .last_ms = INT64_MIN };
}

static struct prov_schedule_run
next(const struct prov_schedule *rules, const struct prov_schedule_now *now)
{
    struct prov_schedule_run run = { .why = PROV_SCHEDULE_CLOCK };

    assert_int_equal(PROV_OK, prov_schedule_next(rules, now, &run));
    return run;
}

/* ---- By time of day ---- */

#define MON 1u
#define TUE 2u
#define SUN 64u

static void
takes_the_next_time_on_a_day_that_counts(void **state)
{
    static const struct {
        const char *name;
        uint8_t days;
        uint16_t times[3];
        uint8_t count;
        int64_t now, expected; /* ms after MONDAY */
    } rows[] = {
        { "today", 0x7F, { 180 }, 1, 0, 3 * HOUR_MS },
        { "a millisecond before", 0x7F, { 180 }, 1, 3 * HOUR_MS - 1, 3 * HOUR_MS },
        { "at the time it has passed", 0x7F, { 180 }, 1, 3 * HOUR_MS, DAY_MS + 3 * HOUR_MS },
        { "tomorrow", 0x7F, { 180 }, 1, 4 * HOUR_MS, DAY_MS + 3 * HOUR_MS },
        { "midnight", 0x7F, { 0 }, 1, 1, DAY_MS },
        { "last minute", 0x7F, { 1439 }, 1, 0, DAY_MS - MIN_MS },
        { "tuesdays", TUE, { 60 }, 1, 0, DAY_MS + HOUR_MS },
        { "sundays", SUN, { 60 }, 1, 0, 6 * DAY_MS + HOUR_MS },
        { "in a week", MON, { 60 }, 1, 2 * HOUR_MS, 7 * DAY_MS + HOUR_MS },
        { "several, in any order", 0x7F, { 600, 60, 300 }, 3, 2 * HOUR_MS, 5 * HOUR_MS },
        { "several days", MON | SUN, { 60 }, 1, 2 * HOUR_MS, 6 * DAY_MS + HOUR_MS },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct prov_schedule rules = { .days = rows[i].days, .time_count = rows[i].count };
        const struct prov_schedule_now now = at(MONDAY + rows[i].now, utc);

        memcpy(rules.times, rows[i].times, sizeof(rows[i].times));
        const struct prov_schedule_run run = next(&rules, &now);

        PROV_ROW(rows[i].name, run.why == PROV_SCHEDULE_TIME && !run.moved);
        PROV_ROW(rows[i].name, run.unix_ms == MONDAY + rows[i].expected);
        PROV_ROW(rows[i].name, run.at_ms == 1000 + (uint64_t)(rows[i].expected - rows[i].now));
        PROV_ROW(rows[i].name, run.slot == run.unix_ms / MIN_MS);
    }
}

static void
knows_the_weekday_of_the_place(void **state)
{
    static const struct {
        const char *name;
        int32_t offset_s;
        int64_t now, expected;
    } rows[] = {
        { "east: it is Monday already", 14 * 3600, -12 * HOUR_MS, -13 * HOUR_MS + 7 * DAY_MS },
        { "east: soon", 14 * 3600, -20 * HOUR_MS, -13 * HOUR_MS },
        { "west: it is still Sunday", -12 * 3600, 5 * HOUR_MS, 13 * HOUR_MS },
        { "half an hour", 5 * 3600 + 1800, -DAY_MS, -DAY_MS + 19 * HOUR_MS + HOUR_MS / 2 },
        { "what no zone has counts as UTC", 86401, -DAY_MS, HOUR_MS },
        { "nor this", INT32_MIN, -DAY_MS, HOUR_MS },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        int32_t offset_s = rows[i].offset_s;
        const struct prov_schedule rules = { .days = MON, .time_count = 1, .times = { 60 } };
        const struct prov_schedule_now now =
            at(MONDAY + rows[i].now, (struct prov_zone){ fixed, &offset_s });

        PROV_ROW(rows[i].name, next(&rules, &now).unix_ms == MONDAY + rows[i].expected);
    }
}

static void
follows_the_clock_when_it_is_put_forward_and_back(void **state)
{
    static const struct {
        const char *name;
        uint16_t minute;
        int64_t from;     /* ms, of the change before which we ask, 20 hours earlier */
        int64_t expected; /* first run, ms after that change */
        int64_t then;     /* second run */
        bool moved;
    } rows[] = {
        { "before the gap", 119, SPRING, -MIN_MS, -MIN_MS + 23 * HOUR_MS, false },
        { "begin of the gap", 120, SPRING, 0, 23 * HOUR_MS, true },
        { "inside the gap", 150, SPRING, 0, 23 * HOUR_MS + 30 * MIN_MS, true },
        { "end of the gap", 180, SPRING, 0, 24 * HOUR_MS, false },
        { "after the gap", 181, SPRING, MIN_MS, MIN_MS + 24 * HOUR_MS, false },
        { "before the hour that comes twice", 119, AUTUMN, -HOUR_MS - MIN_MS,
          -MIN_MS + 24 * HOUR_MS, false },
        { "it begins", 120, AUTUMN, -HOUR_MS, 24 * HOUR_MS, false },
        { "in the middle", 150, AUTUMN, -HOUR_MS / 2, 24 * HOUR_MS + 30 * MIN_MS, false },
        { "after it", 180, AUTUMN, HOUR_MS, 25 * HOUR_MS, false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_schedule rules = daily(rows[i].minute);
        struct prov_schedule_now now = at(rows[i].from - 10 * HOUR_MS, in_berlin);
        struct prov_schedule_run run = next(&rules, &now);

        PROV_ROW(rows[i].name, run.unix_ms == rows[i].from + rows[i].expected);
        PROV_ROW(rows[i].name, run.moved == rows[i].moved);
        now.unix_ms = run.unix_ms;
        run = next(&rules, &now);
        PROV_ROW(rows[i].name, run.unix_ms == rows[i].from + rows[i].then && !run.moved);
    }
}

/* Two times of a day in one gap: both begin at its end, and are one run. */
static void
makes_one_run_of_two_times_in_a_gap(void **state)
{
    struct prov_schedule rules = daily(125);
    struct prov_schedule_now now = at(SPRING - HOUR_MS, in_berlin);

    (void)state;
    rules.time_count = 2;
    rules.times[1] = 170;
    assert_true(next(&rules, &now).unix_ms == SPRING);
    now.unix_ms = SPRING;
    assert_true(next(&rules, &now).unix_ms == SPRING + 23 * HOUR_MS + 5 * MIN_MS);
}

static void
bridges_a_day_that_is_left_out(void **state)
{
    const struct prov_schedule rules = daily(720);
    struct prov_schedule_now now = at(MONDAY - DAY_MS, (struct prov_zone){ samoa, NULL });
    struct prov_schedule_run run = next(&rules, &now);

    (void)state;
    assert_true(run.unix_ms == MONDAY - 2 * HOUR_MS); /* Sunday 12:00 at UTC-10 */
    now.unix_ms = run.unix_ms;
    run = next(&rules, &now);
    assert_true(run.moved && run.unix_ms == MONDAY + 10 * HOUR_MS); /* Monday does not exist */
    now.unix_ms = run.unix_ms;
    run = next(&rules, &now);
    assert_true(!run.moved && run.unix_ms == MONDAY + 22 * HOUR_MS); /* Tuesday 12:00 at UTC+14 */
}

/* ---- Parts of a device, and random ones ---- */

static void
puts_the_devices_part_and_a_random_one_behind_the_time(void **state)
{
    struct prov_schedule rules = daily(180);
    struct prov_schedule_now now = at(MONDAY, utc);
    uint32_t device_ms = 0, random_ms = 0;
    bool another = false;

    (void)state;
    rules.time_spread_s = 1800;
    rules.random_min_s = 60;
    rules.random_max_s = 3600;
    for (int day = 0; day < 50; day++) {
        const struct prov_schedule_run run = next(&rules, &now), again = next(&rules, &now);

        assert_true(again.unix_ms == run.unix_ms && again.at_ms == run.at_ms);
        assert_true(again.device_ms == run.device_ms && again.random_ms == run.random_ms);
        assert_true(run.device_ms < 1800000);
        assert_in_range(run.random_ms, 60000, 3600000);
        assert_true(run.unix_ms ==
                    MONDAY + day * DAY_MS + 3 * HOUR_MS + run.device_ms + run.random_ms);
        assert_true(day == 0 || run.device_ms == device_ms);
        another = another || (day > 0 && run.random_ms != random_ms);
        device_ms = run.device_ms;
        random_ms = run.random_ms;
        now.unix_ms = run.unix_ms;
    }
    assert_true(another);
    now.device++;
    assert_true(next(&rules, &now).device_ms != device_ms);
}

/* A run that lies a day behind its time comes all the same, and each comes once. */
static void
keeps_runs_that_overtake_one_another(void **state)
{
    struct prov_schedule rules = daily(60);
    struct prov_schedule_now now = at(MONDAY, utc);
    uint8_t runs[40] = { 0 };

    (void)state;
    rules.time_count = 4;
    rules.times[1] = 400;
    rules.times[2] = 800;
    rules.times[3] = 1200;
    rules.random_max_s = 86400;
    for (int i = 0; i < 100; i++) {
        const struct prov_schedule_run run = next(&rules, &now);
        const int64_t slot = run.slot - MONDAY / MIN_MS;

        assert_true(run.unix_ms > now.unix_ms);
        if (slot >= 0 && slot / 1440 < 10)
            runs[slot / 1440 * 4 + slot % 1440 / 400]++;
        now.unix_ms = now.last_ms = run.unix_ms;
    }
    for (size_t i = 0; i < PROV_COUNT(runs); i++)
        assert_int_equal(1, runs[i]);
}

static void
spreads_a_fleet_over_the_window(void **state)
{
    struct prov_schedule rules = daily(180);
    struct prov_schedule_now now = at(MONDAY, utc);
    static struct spread fixed_part, drawn;

    (void)state;
    rules.time_spread_s = 1800;
    spread_begin(&fixed_part, MONDAY + 3 * HOUR_MS, 1800000);
    for (unsigned phone = 0; phone < SPREAD_PHONES; phone++) {
        now.device = spread_device(phone);
        spread_add(&fixed_part, (uint64_t)next(&rules, &now).unix_ms);
    }
    spread_check(&fixed_part);
    rules.time_spread_s = 0;
    rules.random_min_s = 60;
    rules.random_max_s = 3600;
    spread_begin(&drawn, MONDAY + 3 * HOUR_MS + MIN_MS, 3540001);
    for (unsigned phone = 0; phone < SPREAD_PHONES; phone++) {
        now.device = spread_device(phone);
        spread_add(&drawn, (uint64_t)next(&rules, &now).unix_ms);
    }
    spread_check(&drawn);
}

/* ---- Clocks ---- */

static void
waits_for_a_clock_that_can_be_trusted(void **state)
{
    struct prov_schedule rules = daily(180);
    struct prov_schedule_now now = at(MONDAY, utc);
    struct prov_schedule_run run;

    (void)state;
    now.known = false;
    now.unix_ms = INT64_MAX; /* does not matter then */
    run = next(&rules, &now);
    assert_int_equal(PROV_SCHEDULE_CLOCK, run.why);
    assert_true(run.at_ms == 0 && run.unix_ms == 0);
    rules.interval_minutes = 60;
    run = next(&rules, &now);
    assert_int_equal(PROV_SCHEDULE_INTERVAL, run.why);
    assert_true(run.at_ms == 500 + 3600000 && run.unix_ms == 0);
}

static void
runs_no_slot_twice_when_the_clock_is_set_back(void **state)
{
    static const struct {
        const char *name;
        int64_t last, now, expected; /* ms after MONDAY */
    } rows[] = {
        { "not set back", 3 * HOUR_MS, 4 * HOUR_MS, DAY_MS + 3 * HOUR_MS },
        { "a second", 3 * HOUR_MS, 3 * HOUR_MS - 1000, DAY_MS + 3 * HOUR_MS },
        { "a day but a little", 3 * HOUR_MS, 3 * HOUR_MS - DAY_MS + 1, DAY_MS + 3 * HOUR_MS },
        { "a day", 3 * HOUR_MS, 3 * HOUR_MS - DAY_MS, DAY_MS + 3 * HOUR_MS },
        { "more: the calendar begins anew", 3 * HOUR_MS, 3 * HOUR_MS - DAY_MS - 1,
          3 * HOUR_MS - DAY_MS },
        { "years", INT64_C(3) * 365 * DAY_MS, 0, 3 * HOUR_MS },
        { "never run", INT64_MIN, 0, 3 * HOUR_MS },
    };
    const struct prov_schedule rules = daily(180);

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct prov_schedule_now now = at(MONDAY + rows[i].now, utc);

        now.last_ms =
            rows[i].name[0] == 'n' && rows[i].name[1] == 'e' ? INT64_MIN : MONDAY + rows[i].last;
        PROV_ROW(rows[i].name, next(&rules, &now).unix_ms == MONDAY + rows[i].expected);
    }
}

/* ---- By interval ---- */

static void
counts_intervals_from_the_start_of_the_phone(void **state)
{
    static const struct {
        const char *name;
        uint64_t now_ms, expected_ms;
    } rows[] = {
        { "at the start", 500, 3600500 },
        { "just before", 3600499, 3600500 },
        { "at the time", 3600500, 7200500 },
        { "later", 36000000, 36000500 },
    };
    const struct prov_schedule rules = { .interval_minutes = 60 };
    struct prov_schedule_now now = at(MONDAY, utc);

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        now.now_ms = rows[i].now_ms;
        const struct prov_schedule_run run = next(&rules, &now);

        PROV_ROW(rows[i].name, run.why == PROV_SCHEDULE_INTERVAL);
        PROV_ROW(rows[i].name, run.at_ms == rows[i].expected_ms && run.interval_minutes == 60);
        PROV_ROW(rows[i].name,
                 run.unix_ms == MONDAY + (int64_t)(rows[i].expected_ms - rows[i].now_ms));
    }
}

/* After a power cut all phones start in the same second. */
static void
spreads_intervals_over_a_fleet(void **state)
{
    const struct prov_schedule rules = { .interval_minutes = 60, .interval_spread_s = 360 };
    struct prov_schedule_now now = at(MONDAY, utc);
    static struct spread s;

    (void)state;
    now.start_ms = now.now_ms = 0;
    spread_begin(&s, 3600000, 360000);
    for (unsigned phone = 0; phone < SPREAD_PHONES; phone++) {
        now.device = spread_device(phone);
        const struct prov_schedule_run run = next(&rules, &now);

        assert_true(run.at_ms == 3600000 + run.device_ms);
        spread_add(&s, run.at_ms);
    }
    spread_check(&s);
    /* the second one comes an interval later, not a part later */
    const struct prov_schedule_run first = next(&rules, &now);

    now.now_ms = first.at_ms;
    assert_true(next(&rules, &now).at_ms == first.at_ms + 3600000);
}

static void
takes_the_earlier_one_of_both_rules(void **state)
{
    struct prov_schedule rules = daily(180);
    struct prov_schedule_now now = at(MONDAY, utc);

    (void)state;
    rules.interval_minutes = 240;
    assert_int_equal(PROV_SCHEDULE_TIME, next(&rules, &now).why);
    rules.interval_minutes = 120;
    assert_int_equal(PROV_SCHEDULE_INTERVAL, next(&rules, &now).why);
}

static void
has_nothing_to_do_without_a_rule(void **state)
{
    struct prov_schedule rules = { .days = 0x7F };
    const struct prov_schedule_now now = at(MONDAY, utc);

    (void)state;
    assert_int_equal(PROV_SCHEDULE_NONE, next(&rules, &now).why);
    rules = (struct prov_schedule){ .time_count = 1, .times = { 5 } };
    assert_int_equal(PROV_SCHEDULE_NONE, next(&rules, &now).why);
}

static void
refuses_bad_arguments(void **state)
{
    static const struct prov_schedule bad[] = {
        { .days = 0x80 },
        { .time_count = PROV_SCHEDULE_TIMES + 1 },
        { .days = 1, .time_count = 1, .times = { 1440 } },
        { .time_spread_s = 86401 },
        { .random_max_s = 86401 },
        { .random_min_s = 2, .random_max_s = 1 },
        { .time_spread_s = 2, .random_max_s = 86399 },
        { .interval_minutes = PROV_SCHEDULE_INTERVAL_MAX + 1 },
        { .interval_minutes = 1, .interval_spread_s = 61 },
    };
    const struct prov_schedule rules = daily(180);
    struct prov_schedule_now now = at(MONDAY, utc);
    struct prov_schedule_run run = { .why = PROV_SCHEDULE_CLOCK };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        assert_int_equal(PROV_E_ARG, prov_schedule_next(&bad[i], &now, &run));
    assert_int_equal(PROV_E_ARG, prov_schedule_next(NULL, &now, &run));
    assert_int_equal(PROV_E_ARG, prov_schedule_next(&rules, NULL, &run));
    assert_int_equal(PROV_E_ARG, prov_schedule_next(&rules, &now, NULL));
    now.now_ms = 499; /* before the start */
    assert_int_equal(PROV_E_ARG, prov_schedule_next(&rules, &now, &run));
    now.now_ms = PROV_SCHEDULE_CLOCK_MAX_MS + 1;
    assert_int_equal(PROV_E_ARG, prov_schedule_next(&rules, &now, &run));
    now = at(INT64_C(-62135596800001), utc);
    assert_int_equal(PROV_E_ARG, prov_schedule_next(&rules, &now, &run));
    now.unix_ms++;
    assert_int_equal(PROV_OK, prov_schedule_next(&rules, &now, &run));
    now.unix_ms = INT64_C(253402300800000);
    run.why = PROV_SCHEDULE_CLOCK;
    assert_int_equal(PROV_E_ARG, prov_schedule_next(&rules, &now, &run));
    assert_int_equal(PROV_SCHEDULE_CLOCK, run.why);
    now.unix_ms--;
    assert_int_equal(PROV_OK, prov_schedule_next(&rules, &now, &run));
}

/* ---- Text ---- */

static void
reads_times_of_day(void **state)
{
    static const struct {
        const char *text;
        int minute; /* -1 = none */
    } rows[] = {
        { "00:00", 0 },   { "0:00", 0 },   { "3:05", 185 },  { "03:05", 185 }, { "23:59", 1439 },
        { "24:00", -1 },  { "23:60", -1 }, { "", -1 },       { ":00", -1 },    { "3:5", -1 },
        { "003:05", -1 }, { "03-05", -1 }, { "03:05 ", -1 }, { "3:055", -1 },  { "a3:05", -1 },
        { "+3:05", -1 },  { "12345", -1 }, { "1:234", -1 },  { "-1:00", -1 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].text);
        const struct prov_str text = { exact, strlen(rows[i].text) };
        uint16_t minute = 9999;

        PROV_ROW(rows[i].text, prov_schedule_read_time(text, &minute) == (rows[i].minute >= 0));
        PROV_ROW(rows[i].text, minute == (rows[i].minute >= 0 ? rows[i].minute : 9999));
        free(exact);
    }
    assert_false(prov_schedule_read_time(prov_str_z("03:00"), NULL));
}

static void
says_why(void **state)
{
    static const struct {
        struct prov_schedule_run run;
        const char *text;
    } rows[] = {
        { { .why = PROV_SCHEDULE_NONE }, "no rule" },
        { { .why = PROV_SCHEDULE_CLOCK }, "time: waits for a clock that can be trusted" },
        { { .why = PROV_SCHEDULE_TIME, .slot = 1440 * 20000 + 180 }, "time: 03:00" },
        { { .why = PROV_SCHEDULE_TIME, .slot = -1 }, "time: 23:59" },
        { { .why = PROV_SCHEDULE_TIME, .slot = 180, .device_ms = 761000 },
          "time: 03:00 + 12 min 41 s of this device" },
        { { .why = PROV_SCHEDULE_TIME, .slot = 180, .device_ms = 41999, .random_ms = 3600000 },
          "time: 03:00 + 41 s of this device + 1 h 0 min 0 s drawn" },
        { { .why = PROV_SCHEDULE_INTERVAL, .interval_minutes = 60, .device_ms = 60000 },
          "interval: every 60 min since the start + 1 min 0 s of this device" },
        { { .why = PROV_SCHEDULE_TIME,
            .slot = 150,
            .moved = true,
            .device_ms = 86399000,
            .random_ms = 86399000 },
          "time: 02:30, which does not exist on this day: when the clock has been put forward"
          " + 23 h 59 min 59 s of this device + 23 h 59 min 59 s drawn" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const size_t full = strlen(rows[i].text);

        assert_true(full <= PROV_SCHEDULE_TEXT);
        for (size_t cap = 0; cap <= full; cap++) {
            char mem[PROV_SCHEDULE_TEXT];
            struct prov_buf out = { mem, cap, 0 };
            const enum prov_status status = prov_schedule_describe(&rows[i].run, &out);

            PROV_ROW(rows[i].text, status == (cap < full ? PROV_E_SPACE : PROV_OK));
            PROV_ROW(rows[i].text, prov_str_is(mem, out.len, cap < full ? "" : rows[i].text));
        }
    }
    assert_int_equal(PROV_E_ARG, prov_schedule_describe(NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_next_time_on_a_day_that_counts),
        cmocka_unit_test(knows_the_weekday_of_the_place),
        cmocka_unit_test(follows_the_clock_when_it_is_put_forward_and_back),
        cmocka_unit_test(makes_one_run_of_two_times_in_a_gap),
        cmocka_unit_test(bridges_a_day_that_is_left_out),
        cmocka_unit_test(puts_the_devices_part_and_a_random_one_behind_the_time),
        cmocka_unit_test(keeps_runs_that_overtake_one_another),
        cmocka_unit_test(spreads_a_fleet_over_the_window),
        cmocka_unit_test(waits_for_a_clock_that_can_be_trusted),
        cmocka_unit_test(runs_no_slot_twice_when_the_clock_is_set_back),
        cmocka_unit_test(counts_intervals_from_the_start_of_the_phone),
        cmocka_unit_test(spreads_intervals_over_a_fleet),
        cmocka_unit_test(takes_the_earlier_one_of_both_rules),
        cmocka_unit_test(has_nothing_to_do_without_a_rule),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(reads_times_of_day),
        cmocka_unit_test(says_why),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
