/* SPDX-License-Identifier: MIT */

/*
 * Time: the wall clock, and when the next run comes (SCH-1, DSC-6).
 *
 * The wall clock is told from time to time. What is kept is one instant of it, and the monotonic
 * clock goes on from there; only when both have drifted apart is another instant taken and the plan
 * made anew. So what was said about waiting stays the same until something has happened.
 */

#include <prov/retry.h>

#include "core/calendar.h"
#include "session/private.h"

#define JUMP_MS 2000         /* the clock is told in whole seconds, and a moment later */
#define LOOK_MS 900000u      /* a plan by the wall clock is looked at so often */
#define CLOCK_LOOK_MS 60000u /* and so is whether there is a clock to be trusted */

/* ---- The wall clock ---- */

void
prov_session_clock(struct prov_session *s, const struct prov_wall_time *wall)
{
    static const struct prov_wall_time unknown = { .state = PROV_CLOCK_UNKNOWN };

    if (s == NULL)
        return;
    s->wall = wall != NULL && (unsigned)wall->state <= PROV_CLOCK_TRUSTED ? *wall : unknown;
    if (s->wall.unix_s < PROV_TIME_MIN_S || s->wall.unix_s > PROV_TIME_MAX_S)
        s->wall = unknown;
    s->time.told = true;
}

bool
prov_session_wall_ms(const struct prov_session *s, int64_t *unix_ms)
{
    if (s->time.trusted)
        *unix_ms = s->time.unix_ms + (int64_t)(s->now_ms - s->time.at_ms);
    return s->time.trusted;
}

/* A slot that the clock has jumped over is due at once; after any other jump the plan is made anew.
 */
static void
jumped(struct prov_session *s)
{
    struct prov_schedule_run *run = &s->record.next_run;

    s->time.look_ms = 0;
    if (run->why == PROV_SCHEDULE_TIME && run->unix_ms <= s->time.unix_ms)
        run->at_ms = s->now_ms;
    else if (s->phase == PROV_PHASE_STOP || s->phase == PROV_PHASE_WAIT)
        prov_session_foresee(s);
}

void
prov_session_look_at_clocks(struct prov_session *s)
{
    const int64_t told_ms = s->wall.unix_s * 1000;
    int64_t known_ms;

    if (!s->time.started) {
        s->time.started = true;
        s->time.start_ms = s->now_ms;
    }
    if (!s->time.told)
        return;
    s->time.told = false;
    if (s->wall.state != PROV_CLOCK_TRUSTED) {
        s->time.trusted = false; /* what is planned stays, by the monotonic clock */
        return;
    }
    if (prov_session_wall_ms(s, &known_ms) && told_ms - known_ms <= JUMP_MS &&
        known_ms - told_ms <= JUMP_MS)
        return;
    s->time.trusted = true;
    s->time.unix_ms = told_ms;
    s->time.at_ms = s->now_ms;
    jumped(s);
}

bool
prov_session_lacks_time(const struct prov_session *s)
{
    const enum prov_choice choice = s->discover.needs_time;
    const bool needs =
        choice == PROV_CHOICE_PRESET ? s->config.dialect->needs_time : choice == PROV_CHOICE_YES;

    return needs && s->wall.state == PROV_CLOCK_UNKNOWN && s->time.bound_s == 0 &&
           s->event.document.len == 0;
}

/* ---- The plan ---- */

const struct prov_schedule *
prov_session_schedule(const struct prov_session *s)
{
    if (s == NULL)
        return NULL;
    if (s->config.schedule != NULL)
        return s->config.schedule;
    return s->has_policy ? &s->policy.schedule : NULL;
}

/* A server that asked to be left alone is, by a run of the schedule too. */
static void
hold_back(const struct prov_session *s, struct prov_schedule_run *run)
{
    const uint64_t until = s->time.server_ms;

    if (run->at_ms == 0 || run->at_ms >= until)
        return;
    if (run->unix_ms != 0)
        run->unix_ms += (int64_t)(until - run->at_ms);
    run->at_ms = until;
}

void
prov_session_foresee(struct prov_session *s)
{
    struct prov_schedule_now now = {
        .device = s->time.device,
        .start_ms = s->time.start_ms,
        .now_ms = s->now_ms,
        .zone = s->config.zone,
        .last_ms = s->time.last_ms,
    };

    now.known = prov_session_wall_ms(s, &now.unix_ms);
    s->record.next_run = (struct prov_schedule_run){ .why = PROV_SCHEDULE_NONE };
    /* Without rules, or with a clock beyond all bounds, none comes. */
    const enum prov_status ignored =
        prov_schedule_next(prov_session_schedule(s), &now, &s->record.next_run);
    (void)ignored;
    hold_back(s, &s->record.next_run);
}

/* Look again after so long; the same time until then. */
static uint64_t
look_again(struct prov_session *s, uint64_t ms)
{
    if (s->now_ms >= s->time.look_ms)
        s->time.look_ms = s->now_ms + ms;
    return s->time.look_ms;
}

uint64_t
prov_session_scheduled(struct prov_session *s)
{
    const struct prov_schedule_run *run = &s->record.next_run;
    uint64_t at = run->at_ms;

    if (!s->config.follow_schedule || run->why == PROV_SCHEDULE_NONE)
        return PROV_SESSION_NEVER;
    if (run->why == PROV_SCHEDULE_CLOCK)
        return look_again(s, CLOCK_LOOK_MS);
    if (at < s->time.server_ms)
        at = s->time.server_ms;
    if (at > s->now_ms && run->why == PROV_SCHEDULE_TIME) {
        const uint64_t look = look_again(s, LOOK_MS);

        return look < at ? look : at;
    }
    return at;
}

void
prov_session_begin_scheduled(struct prov_session *s)
{
    const struct prov_trigger_event t = { .size = sizeof(t), .trigger = PROV_TRIGGER_TIME };

    if (s->record.next_run.why == PROV_SCHEDULE_TIME)
        s->time.last_ms = s->record.next_run.unix_ms;
    prov_session_begin_run(s, &t);
}
