/* SPDX-License-Identifier: MIT */

/* When runs come, and what holds them back (TRY-1, TRY-2, SCH-1, DSC-6). */

#include <stdio.h>

#include "world.h"

#define PATCH(a) "<configuration><telephony><a>" a "</a></telephony></configuration>"

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* 03:00 UTC, on the monotonic clock: the world begins at 22:13:20. */
#define THREE (UINT64_C(17200) * SECOND)

static const struct world_reply good[] = {
    { .url = "http://h/p", .body = PATCH("9") },
    { .url = NULL },
};
static const struct world_reply silence[] = { { .url = NULL } };
static const struct prov_delay steps[] = { { 100, 0 }, { 1000, 0 }, { 4000, 0 } };

static const struct prov_schedule at_three = { .days = PROV_SCHEDULE_DAILY,
                                               .time_count = 1,
                                               .times = { 180 } };
static const struct prov_schedule every_hour = { .interval_minutes = 60 };

static struct world *
phone(const struct world_reply *replies)
{
    struct world *w = world_new("http://h/p", replies);

    w->trusted = true;
    w->config.attempts = 0;
    w->config.delays = steps;
    w->config.delay_count = PROV_COUNT(steps);
    w->config.follow_schedule = true;
    return w;
}

/* The next run, to its end. */
static void
run_next(struct world *w)
{
    assert_int_equal(PROV_OK, world_loop(w));
}

static void
first_run(struct world *w)
{
    assert_int_equal(PROV_OK, world_open(w));
    run_next(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_int_equal(1000, w->now_ms);
}

/* ---- By schedule ---- */

static void
waits_for_the_next_run_by_itself(void **state)
{
    struct world *w = phone(good);

    (void)state;
    w->config.schedule = &at_three;
    first_run(w);
    for (uint64_t day = 0; day < 3; day++) {
        assert_int_equal(PROV_SCHEDULE_TIME, w->record->next_run.why);
        assert_int_equal(THREE + day * DAY, w->record->next_run.at_ms);
        assert_true(w->record->next_run.unix_ms ==
                    WORLD_EPOCH_MS + (int64_t)w->record->next_run.at_ms);
        run_next(w);
        assert_int_equal(PROV_TRIGGER_TIME, w->record->trigger);
        assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
        assert_int_equal(THREE + day * DAY, w->now_ms);
        assert_int_equal(2 + day, w->fetch_count);
    }
    world_free(w);
}

static void
tells_the_next_run_also_if_others_wait_for_it(void **state)
{
    struct world *w = phone(good);
    struct prov_run_state s;

    (void)state;
    w->config.schedule = &at_three;
    w->config.follow_schedule = false;
    first_run(w);
    assert_int_equal(THREE, w->record->next_run.at_ms);
    for (int i = 0; i < 3; i++) {
        w->now_ms += DAY;
        assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
        assert_true(s.ended);
    }
    world_free(w);
}

static void
ends_for_good_without_a_rule(void **state)
{
    struct world *w = phone(good);
    struct prov_run_state s;

    (void)state;
    first_run(w);
    assert_int_equal(PROV_SCHEDULE_NONE, w->record->next_run.why);
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_true(s.ended && !s.waiting);
    world_free(w);
}

static void
runs_by_interval_whatever_the_clock_says(void **state)
{
    struct world *w = phone(good);

    (void)state;
    w->config.schedule = &every_hour;
    w->no_wall = true;
    first_run(w);
    for (uint64_t n = 1; n < 5; n++) {
        run_next(w);
        assert_int_equal(1000 + n * HOUR, w->now_ms);
        assert_int_equal(PROV_TRIGGER_TIME, w->record->trigger);
        assert_int_equal(PROV_SCHEDULE_INTERVAL, w->record->next_run.why);
    }
    world_free(w);
}

static uint64_t change_ms;
static int64_t change_s;

static void
change_clock(struct world *w)
{
    if (change_s != 0 && w->now_ms >= change_ms) {
        w->wall_shift_s += change_s;
        change_s = 0;
    }
}

/* One run at 03:00, then the clock is set, then what comes next. */
static void
runs_no_slot_twice_and_loses_at_most_what_was_jumped_over(void **state)
{
    static const struct {
        const char *name;
        uint64_t at;    /* when it is set, on the monotonic clock */
        int64_t by_s;   /* forward */
        uint64_t first; /* next two runs, on the monotonic clock */
        uint64_t second;
    } rows[] = {
        { "a little forward", THREE + HOUR, 600, THREE + DAY - 10 * MINUTE,
          THREE + 2 * DAY - 10 * MINUTE },
        { "over a slot: at once", THREE + HOUR, 86400, THREE + HOUR, THREE + DAY },
        { "over many slots: one of them at once", THREE + HOUR, 86400 * 100, THREE + HOUR,
          THREE + DAY },
        { "a little back", THREE + HOUR, -600, THREE + DAY + 10 * MINUTE,
          THREE + 2 * DAY + 10 * MINUTE },
        { "before the slot that was run", THREE + HOUR, -7200, THREE + DAY + 2 * HOUR,
          THREE + 2 * DAY + 2 * HOUR },
        { "nearly a day", THREE + HOUR, -3600 - 86400 + 60, THREE + 2 * DAY + HOUR - MINUTE,
          THREE + 3 * DAY + HOUR - MINUTE },
        { "days: the calendar begins anew", THREE + HOUR, -86400 * 10, THREE + DAY,
          THREE + 2 * DAY },
        { "a second is no jump", THREE + HOUR, 1, THREE + DAY, THREE + 2 * DAY },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = phone(good);

        w->config.schedule = &at_three;
        w->meanwhile = change_clock;
        first_run(w);
        run_next(w);
        assert_int_equal(THREE, w->now_ms);
        change_ms = rows[i].at;
        change_s = rows[i].by_s;
        run_next(w);
        /* the clock is looked at once a minute */
        PROV_ROW(rows[i].name, w->now_ms >= rows[i].first && w->now_ms <= rows[i].first + MINUTE);
        run_next(w);
        PROV_ROW(rows[i].name, w->now_ms >= rows[i].second && w->now_ms <= rows[i].second + MINUTE);
        world_free(w);
    }
}

/* Local time 02:30 does not exist on the 16th: at 01:00 UTC the offset goes from 1 to 2 hours. */
static int32_t
changing(void *ctx, int64_t unix_s)
{
    (void)ctx;
    return unix_s >= WORLD_EPOCH_MS / 1000 + 96400 ? 7200 : 3600;
}

static void
follows_daylight_time(void **state)
{
    static const struct prov_schedule rules = { .days = PROV_SCHEDULE_DAILY,
                                                .time_count = 1,
                                                .times = { 150 } };
    struct world *w = phone(good);

    (void)state;
    w->config.schedule = &rules;
    w->config.zone.offset_s = changing;
    first_run(w);
    run_next(w);
    assert_int_equal(11800 * SECOND, w->now_ms); /* 01:30 UTC */
    run_next(w);
    assert_int_equal(96400 * SECOND, w->now_ms); /* the first instant after the gap */
    run_next(w);
    assert_int_equal((11800 + 2 * 86400 - 3600) * SECOND, w->now_ms); /* 00:30 UTC */
    world_free(w);
}

static void
waits_for_a_clock_to_be_trusted(void **state)
{
    struct world *w = phone(good);
    struct prov_run_state s;

    (void)state;
    w->config.schedule = &at_three;
    w->trusted = false;
    first_run(w);
    assert_int_equal(PROV_SCHEDULE_CLOCK, w->record->next_run.why);
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_true(s.waiting && s.wait_ms == 60000);
    w->now_ms = THREE + HOUR; /* no run: nobody knew that it was three */
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_true(s.waiting && w->fetch_count == 1);
    w->trusted = true;
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_int_equal(THREE + DAY, w->record->next_run.at_ms);
    w->trusted = false; /* what is planned stays */
    run_next(w);
    assert_int_equal(THREE + DAY, w->now_ms);
    world_free(w);
}

static void
fail_until(struct world *w)
{
    /* What is told about the next run is when it will be. */
    if (w->record->will_retry && w->record->fetches[0].http_status == 503)
        assert_true(w->record->next_run.at_ms >= UINT64_C(7200000));
    if (w->now_ms > change_ms)
        w->replies = good;
}

static void
replaces_a_retry_but_not_before_the_server_allows(void **state)
{
    static const struct world_reply busy[] = {
        { .url = "http://h/p", .http = 503, .retry_after = "7200" },
        { .url = NULL },
    };

    (void)state;
    for (int told = 0; told < 2; told++) {
        struct world *w = phone(told ? busy : silence);
        static const struct prov_delay late = { 40000, 0 };

        w->config.schedule = &every_hour;
        w->config.delays = &late;
        w->config.delay_count = 1;
        w->meanwhile = fail_until;
        change_ms = HOUR - MINUTE;
        assert_int_equal(PROV_OK, world_open(w));
        run_next(w);
        assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
        assert_int_equal(PROV_TRIGGER_TIME, w->record->trigger);
        assert_int_equal(1000 + (told ? 2 : 1) * HOUR, w->now_ms);
        assert_int_equal(1, w->record->attempts);
        assert_int_equal(2, w->fetch_count);
        world_free(w);
    }
}

/* A run that is due while an attempt is under way is served by that. */
static void
does_not_run_again_for_what_came_due_meanwhile(void **state)
{
    static const struct world_reply slow[] = {
        { .url = "http://h/p", .body = PATCH("9"), .delay_ms = 4000000 },
        { .url = NULL },
    };
    struct world *w = phone(slow);

    (void)state;
    w->config.schedule = &every_hour;
    assert_int_equal(PROV_OK, world_open(w));
    run_next(w);
    assert_int_equal(4001000, w->now_ms);
    assert_int_equal(1000 + 2 * HOUR, w->record->next_run.at_ms);
    world_free(w);
}

/* ---- Settings ---- */

#define HEAD "# Panasonic SIP Phone Standard Format File #\r\n"

/* With a time of day there is no retry and no interval; and what a run has stored counts. */
static void
takes_the_schedule_from_the_settings(void **state)
{
    static const struct world_reply files[] = {
        { .url = "http://h/p", .body = HEAD "CFG_STANDARD_FILE_PATH=\"http://h/s\"\r\n" },
        { .url = "http://h/s", .body = HEAD "CFG_CYCLIC=\"Y\"\r\nCFG_CYCLIC_INTVL=\"10\"\r\n" },
        { .url = NULL },
    };
    struct world *w = phone(silence);

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    w->config.delays = NULL;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    world_set(w, PROV_ITEM_USER,
              HEAD "CFG_RESYNC_TIME=\"03:00\"\r\nCFG_CYCLIC=\"Y\"\r\nCFG_CYCLIC_INTVL=\"10\"\r\n");
    assert_int_equal(PROV_OK, world_open(w));
    run_next(w);
    assert_int_equal(PROV_OUTCOME_FAILED, w->record->outcome);
    assert_false(w->record->will_retry);
    run_next(w);
    assert_int_equal(2, w->fetch_count);
    assert_in_range(w->now_ms, THREE, THREE + 30 * MINUTE - 1); /* its part of half an hour */
    world_set(w, PROV_ITEM_USER, HEAD);
    w->replies = files;
    run_next(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_int_equal(PROV_SCHEDULE_INTERVAL, w->record->next_run.why);
    assert_int_equal(10, w->record->next_run.interval_minutes);
    world_free(w);
}

static void
takes_new_settings_into_account_at_once(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/p",
          .body = "<configuration><provisioning><execution><time>4:00</time></execution>"
                  "</provisioning></configuration>" },
        { .url = NULL },
    };
    struct world *w = phone(replies);

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
    world_set(w, PROV_ITEM_SETTINGS,
              "<configuration><provisioning version=\"1.34.0\">"
              "<execution><time>3:00</time></execution></provisioning>"
              "</configuration>");
    assert_int_equal(PROV_OK, world_open(w));
    run_next(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_in_range(w->record->next_run.at_ms, THREE + HOUR, THREE + HOUR + MINUTE - 1);
    world_free(w);
}

/* ---- Failures ---- */

static void
start_again(struct world *w, enum prov_trigger why)
{
    world_reboot(w);
    w->config.seed++;
    w->config.trigger = why;
    assert_int_equal(PROV_OK, world_open(w));
}

static uint64_t
waits_ms(struct world *w)
{
    struct prov_run_state s;

    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_true(s.waiting && !s.under_way);
    return s.wait_ms;
}

/* Fails twice, 1,000 s are to be waited, and 10 of them are over when the phone starts again. */
static struct world *
inside_a_delay(bool trusted)
{
    struct world *w = phone(silence);
    struct prov_run_state s;

    w->trusted = trusted;
    w->blocking = true;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(100 * SECOND, waits_ms(w));
    w->now_ms += 100 * SECOND;
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_int_equal(1000 * SECOND, s.wait_ms);
    w->now_ms += 10 * SECOND;
    return w;
}

static void
waits_for_the_rest_of_the_delay_after_a_start(void **state)
{
    struct world *w = inside_a_delay(true);

    (void)state;
    start_again(w, PROV_TRIGGER_BOOT);
    assert_in_range(waits_ms(w), 990 * SECOND, 991 * SECOND);
    assert_string_equal("the end of the delay after failures", w->record->waits_for);
    assert_int_equal(0, w->record->attempts);
    assert_int_equal(0, w->fetch_count);
    w->now_ms += 991 * SECOND;
    assert_int_equal(4000 * SECOND, waits_ms(w)); /* the third failure in a row */
    assert_int_equal(1, w->fetch_count);
    assert_null(w->record->waits_for);
    w->replies = good;
    w->now_ms += 4000 * SECOND;
    run_next(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    start_again(w, PROV_TRIGGER_BOOT);
    run_next(w); /* at once */
    assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
    world_free(w);
}

static void
draws_the_delay_anew_without_a_clock(void **state)
{
    struct world *w = inside_a_delay(false);

    (void)state;
    start_again(w, PROV_TRIGGER_BOOT);
    assert_int_equal(1000 * SECOND, waits_ms(w));
    w->now_ms += 10 * SECOND;
    w->trusted = true; /* but when that was, nobody knew then */
    assert_int_equal(990 * SECOND, waits_ms(w));
    world_free(w);
    w = inside_a_delay(true);
    w->trusted = false;
    start_again(w, PROV_TRIGGER_BOOT);
    assert_int_equal(1000 * SECOND, waits_ms(w));
    w->now_ms += 300 * SECOND;
    w->trusted = true; /* and now it is known again */
    assert_in_range(waits_ms(w), 690 * SECOND, 691 * SECOND);
    world_free(w);
}

static void
does_not_wait_for_years_if_the_clock_was_wrong(void **state)
{
    struct world *w = inside_a_delay(true);

    (void)state;
    w->wall_shift_s = -86400 * 3650;
    start_again(w, PROV_TRIGGER_BOOT);
    assert_int_equal(DAY, waits_ms(w));
    start_again(w, PROV_TRIGGER_BOOT);
    w->wall_shift_s = 86400 * 3650; /* long over */
    assert_int_equal(4000 * SECOND, waits_ms(w));
    assert_int_equal(1, w->fetch_count);
    world_free(w);
}

static void
lets_people_and_servers_go_before_any_delay(void **state)
{
    static const enum prov_trigger triggers[] = { PROV_TRIGGER_MANUAL, PROV_TRIGGER_CHECK_SYNC,
                                                  PROV_TRIGGER_TIME };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(triggers); i++) {
        const struct prov_trigger_event e = { .size = sizeof(e), .trigger = triggers[i] };
        struct world *w = inside_a_delay(true);

        start_again(w, triggers[i]);
        assert_int_equal(4000 * SECOND, waits_ms(w));
        assert_int_equal(1, w->fetch_count);
        start_again(w, PROV_TRIGGER_BOOT); /* held back, until somebody asks */
        assert_int_equal(0, w->fetch_count);
        assert_true(waits_ms(w) > 3900 * SECOND);
        w->replies = good;
        assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
        run_next(w);
        assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
        assert_int_equal(triggers[i], w->record->trigger);
        world_free(w);
    }
}

/* A phone that crashes a while after each start: how many requests in twenty starts? */
static unsigned
requests_of(uint64_t life_ms, bool trusted, uint64_t *apart_ms)
{
    struct world *w = phone(good);
    unsigned requests = 0;
    uint64_t last = 0;

    w->config.boot_spread_s = 0;
    w->trusted = trusted;
    w->config.delays = NULL; /* 60+30, 300+60, 1800+300 */
    *apart_ms = 0;
    for (int i = 0; i < 20; i++) {
        const uint64_t until = w->now_ms + life_ms;
        struct prov_run_state s = { .ended = false };

        start_again(w, PROV_TRIGGER_BOOT);
        while (w->fetch_count == 0 && w->now_ms < until) {
            assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
            w->now_ms += s.waiting && s.wait_ms < SECOND ? s.wait_ms : SECOND;
        }
        if (w->fetch_count > 0) { /* what comes of it makes it crash */
            requests++;
            *apart_ms = last > 0 ? w->now_ms - last : 0;
            last = w->now_ms;
        }
        w->now_ms = until > w->now_ms ? until : w->now_ms;
    }
    world_free(w);
    return requests;
}

static void
makes_no_request_loop_of_a_crash_loop(void **state)
{
    uint64_t apart;

    (void)state;
    for (int trusted = 0; trusted < 2; trusted++) {
        /* shorter lives than the first delay: two requests, never another one */
        assert_int_equal(2, requests_of(5 * SECOND, trusted, &apart));
        assert_int_equal(2, requests_of(59 * SECOND, trusted, &apart));
        /* longer ones: further and further apart */
        assert_int_equal(3, requests_of(200 * SECOND, trusted, &apart));
        assert_int_equal(20, requests_of(HOUR, trusted, &apart));
        assert_in_range(apart, 30 * MINUTE, 2 * HOUR);
    }
}

/* STO-3: a start leaves a mark and takes it away; others that change nothing write nothing. */
static void
writes_at_start_and_nothing_else_if_nothing_changes(void **state)
{
    static const enum prov_trigger triggers[] = { PROV_TRIGGER_MANUAL, PROV_TRIGGER_TIME,
                                                  PROV_TRIGGER_CHECK_SYNC };
    struct world *w = phone(good);
    char before[1024];

    (void)state;
    first_run(w);
    assert_int_equal(1, w->begin_count);
    snprintf(before, sizeof(before), "%.*s", (int)w->items[PROV_ITEM_STATE].len,
             w->items[PROV_ITEM_STATE].text);
    for (size_t i = 0; i < PROV_COUNT(triggers); i++) {
        w->now_ms += DAY;
        start_again(w, triggers[i]);
        run_next(w);
        assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
        assert_int_equal(0, w->begin_count);
        assert_true(world_has(w, PROV_ITEM_STATE, before));
    }
    start_again(w, PROV_TRIGGER_BOOT);
    run_next(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
    assert_int_equal(2, w->begin_count);
    assert_true(world_logged(w, "\nstarts 1\n"));
    world_free(w);
}

/* A store that keeps nothing must not turn into a loop either. */
static void
delays_grow_without_a_store(void **state)
{
    struct world *w = phone(silence);

    (void)state;
    w->blocking = true;
    w->commit_status = PROV_E_STORAGE;
    assert_int_equal(PROV_OK, world_open(w));
    for (size_t i = 0; i < PROV_COUNT(steps); i++) {
        const uint64_t ms = waits_ms(w);

        assert_int_equal(steps[i].fixed_s * SECOND, ms);
        assert_non_null(world_diag(w, PROV_D_STORE_KEEP));
        w->now_ms += ms;
    }
    world_free(w);
}

static void
waits_by_the_formula_if_told(void **state)
{
    struct world *w = phone(silence);
    uint64_t low = 5 * SECOND;

    (void)state;
    w->config.retry = PROV_RETRY_FORMULA;
    w->blocking = true;
    assert_int_equal(PROV_OK, world_open(w));
    for (int n = 1; n <= 12; n++) {
        const uint64_t ms = waits_ms(w);

        assert_in_range(ms, low, 2 * low);
        low *= n < 10 ? 2 : 1;
        w->now_ms += ms;
    }
    world_free(w);
}

#define DATE(hms) "Tue, 14 Nov 2023 " hms " GMT"

static void
waits_as_long_as_the_server_says(void **state)
{
    static const struct {
        const char *name, *header, *date;
        bool trusted;
        uint64_t ms;
    } rows[] = {
        { "none", NULL, NULL, true, 100 * SECOND },
        { "less than our own", "99", NULL, true, 100 * SECOND },
        { "seconds", "500", NULL, false, 500 * SECOND },
        { "too much", "1000000", NULL, false, DAY },
        { "date against the answer's own", DATE("08:20:00"), DATE("08:00:00"), false,
          1200 * SECOND },
        { "date against the clock", DATE("22:23:20"), NULL, true, 599 * SECOND },
        { "date against nothing", DATE("22:23:20"), NULL, false, 100 * SECOND },
        { "malformed", "soon", DATE("08:00:00"), true, 100 * SECOND },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = {
            { .url = "http://h/p",
              .http = 503,
              .retry_after = rows[i].header,
              .date = rows[i].date },
            { .url = NULL },
        };
        struct world *w = phone(replies);

        w->trusted = rows[i].trusted;
        w->blocking = true;
        assert_int_equal(PROV_OK, world_open(w));
        PROV_ROW(rows[i].name, waits_ms(w) == rows[i].ms);
        PROV_ROW(rows[i].name, world_diag(w, PROV_D_HTTP_SERVER) != NULL);
        world_free(w);
    }
}

/* ---- A start ---- */

static void
waits_its_turn_after_the_start(void **state)
{
    uint64_t sum = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct world *w = phone(good);

        w->config.seed = seed;
        w->config.trigger = PROV_TRIGGER_BOOT;
        w->config.boot_spread_s = 600;
        assert_int_equal(PROV_OK, world_open(w));
        const uint64_t ms = waits_ms(w);

        assert_in_range(ms, 1, 600 * SECOND);
        assert_string_equal("its turn after the start", w->record->waits_for);
        assert_int_equal(1000 + ms, w->record->waits_until_ms);
        assert_int_equal(0, w->fetch_count);
        w->now_ms += ms / 2;
        assert_int_equal(ms - ms / 2, waits_ms(w)); /* drawn once */
        run_next(w);
        assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
        assert_int_equal(1000 + ms, w->now_ms);
        assert_int_equal(1, w->record->attempts);
        sum += ms;
        world_free(w);
    }
    assert_in_range(sum / 20, 200 * SECOND, 400 * SECOND);
}

static void
has_no_spread_for_other_triggers(void **state)
{
    struct world *w = phone(good);

    (void)state;
    w->config.boot_spread_s = 600;
    first_run(w);
    world_free(w);
}

/* ---- Without a clock (DSC-6) ---- */

static void
starts_from_the_time_that_was_stored_last(void **state)
{
    struct world *w = phone(good);
    struct prov_run_state s;

    (void)state;
    w->discover.needs_time = PROV_CHOICE_YES;
    first_run(w);
    assert_true(world_logged(w, "\ntime 1700000001\n"));
    assert_int_equal(0, w->record->time_s);
    w->time_known_ms = UINT64_MAX;
    start_again(w, PROV_TRIGGER_MANUAL);
    run_next(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
    assert_int_equal(1700000001, w->record->time_s);
    world_set(w, PROV_ITEM_STATE, NULL);
    start_again(w, PROV_TRIGGER_MANUAL);
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_string_equal("the time", w->record->waits_for);
    assert_int_equal(0, w->fetch_count);
    world_free(w);
}

/* A clock that is no more than a lower bound is not stored as one. */
static void
stores_a_time_that_can_be_trusted_only(void **state)
{
    struct world *w = phone(good);

    (void)state;
    w->trusted = false;
    first_run(w);
    assert_false(world_logged(w, "\ntime "));
    world_free(w);
}

static void
refuses_a_configuration_that_is_none(void **state)
{
    static const struct prov_schedule bad = { .days = 0x80 };
    struct world *w = phone(good);

    (void)state;
    w->config.schedule = &bad;
    assert_int_equal(PROV_E_ARG, world_open(w));
    w->config.schedule = NULL;
    w->config.retry = (enum prov_retry_model)2;
    assert_int_equal(PROV_E_ARG, world_open(w));
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_the_next_run_by_itself),
        cmocka_unit_test(tells_the_next_run_also_if_others_wait_for_it),
        cmocka_unit_test(ends_for_good_without_a_rule),
        cmocka_unit_test(runs_by_interval_whatever_the_clock_says),
        cmocka_unit_test(runs_no_slot_twice_and_loses_at_most_what_was_jumped_over),
        cmocka_unit_test(follows_daylight_time),
        cmocka_unit_test(waits_for_a_clock_to_be_trusted),
        cmocka_unit_test(replaces_a_retry_but_not_before_the_server_allows),
        cmocka_unit_test(does_not_run_again_for_what_came_due_meanwhile),
        cmocka_unit_test(takes_the_schedule_from_the_settings),
        cmocka_unit_test(takes_new_settings_into_account_at_once),
        cmocka_unit_test(waits_for_the_rest_of_the_delay_after_a_start),
        cmocka_unit_test(draws_the_delay_anew_without_a_clock),
        cmocka_unit_test(does_not_wait_for_years_if_the_clock_was_wrong),
        cmocka_unit_test(lets_people_and_servers_go_before_any_delay),
        cmocka_unit_test(makes_no_request_loop_of_a_crash_loop),
        cmocka_unit_test(writes_at_start_and_nothing_else_if_nothing_changes),
        cmocka_unit_test(delays_grow_without_a_store),
        cmocka_unit_test(waits_by_the_formula_if_told),
        cmocka_unit_test(waits_as_long_as_the_server_says),
        cmocka_unit_test(waits_its_turn_after_the_start),
        cmocka_unit_test(has_no_spread_for_other_triggers),
        cmocka_unit_test(starts_from_the_time_that_was_stored_last),
        cmocka_unit_test(stores_a_time_that_can_be_trusted_only),
        cmocka_unit_test(refuses_a_configuration_that_is_none),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
