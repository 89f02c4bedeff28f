/* SPDX-License-Identifier: MIT */

/*
 * Holding back (TRY-1, TRY-2): delays between attempts, what a server asks for, and a start that
 * follows failures or crashes.
 *
 * Three numbers of the state survive a restart. `failures` are the attempts in a row that failed and
 * were to be tried again; they choose the delay. `not_before_s` is when that delay is over. `starts`
 * counts the starts of the phone since a run came to an end: it goes up before the first request of
 * the run at start, so a phone that crashes on what it gets asks less and less often.
 */

#include <prov/http_date.h>
#include <prov/retry.h>

#include "session/private.h"

#define RETRY_RANDOM_S 60u  /* behind a delay of the settings (TRY-2) */
#define CLOCK_POLL_MS 1000u /* DSC-6 */
#define STARTS_FREE 2u      /* starts without an end before the phone holds back */

/* ---- Retry-After ---- */

void
prov_session_take_retry_after(struct prov_session *s, const struct prov_fetch_result *r)
{
    const struct prov_http_now now = {
        .date = r->date,
        .known = s->wall.state == PROV_CLOCK_TRUSTED,
        .unix_s = s->wall.unix_s,
    };
    const uint32_t said = prov_http_retry_after(r->retry_after, &now);
    const uint32_t longest = said > r->retry_after_s ? said : r->retry_after_s;

    if (longest > s->retry_after_s)
        s->retry_after_s = longest;
}

/* ---- Delays ---- */

/* The session's own delays go before those of the settings. */
static struct prov_wait
wait_after(const struct prov_session *s, uint64_t failures)
{
    const struct prov_session_config *c = &s->config;
    const uint32_t said = s->has_policy ? s->policy.retry_minutes : 0;
    const uint32_t minutes = said != 0 ? said : c->dialect->retry_minutes;
    const struct prov_delay own = { minutes * 60, RETRY_RANDOM_S };
    const bool given = c->delays != NULL && c->delay_count > 0;

    if (c->retry == PROV_RETRY_FORMULA)
        return prov_retry_formula_wait(&c->formula, failures);
    if (given || minutes == 0)
        return prov_retry_list_wait(c->delays, c->delay_count, failures);
    return prov_retry_list_wait(&own, 1, 1);
}

/* A store that keeps nothing must not keep the delay from growing. */
static uint64_t
failures_now(const struct prov_session *s)
{
    const uint64_t kept = s->state.failures < UINT64_MAX ? s->state.failures + 1 : UINT64_MAX;

    return kept > s->record.attempts ? kept : s->record.attempts;
}

/* ---- The end of an attempt ---- */

/*
 * What failed outside may do better next time; so may a network that gave no address, if it was
 * asked at all. What was refused is not tried again: the same input gives the same answer (TRY-1).
 * A time of day in the settings switches this off (SCH-1).
 */
static bool
is_worth_another(const struct prov_session *s)
{
    if (s->has_policy && s->policy.daily)
        return false;
    if (s->outcome == PROV_OUTCOME_FAILED ||
        (s->outcome == PROV_OUTCOME_SAVED && s->cause != PROV_OUTCOME_NOTHING))
        return true;
    return s->cause == PROV_OUTCOME_NOTHING && prov_session_was_asked(s);
}

/* Somebody has answered, or nobody was asked, and the phone has lived through it. */
static bool
has_come_to_an_end(const struct prov_session *s)
{
    switch (s->outcome) {
    case PROV_OUTCOME_APPLIED:
    case PROV_OUTCOME_UNCHANGED:
    case PROV_OUTCOME_PARTIAL:
    case PROV_OUTCOME_REFUSED:
        return true;
    case PROV_OUTCOME_NOTHING:
        return !prov_session_was_asked(s);
    case PROV_OUTCOME_NONE:
    case PROV_OUTCOME_FAILED:
    case PROV_OUTCOME_SAVED:
    case PROV_OUTCOME_UNDONE:
        break;
    }
    return false;
}

void
prov_session_forget_failures(struct prov_session *s)
{
    s->next_state.failures = 0;
    s->next_state.not_before_s = 0;
    s->next_state.starts = 0;
}

/* The delay, for this session and for the next start. */
static void
plan_retry(struct prov_session *s)
{
    const struct prov_wait w = prov_retry_raise(wait_after(s, failures_now(s)), s->retry_after_s);
    const struct prov_wait server = prov_retry_raise((struct prov_wait){ 0, 0 }, s->retry_after_s);
    const uint64_t ms = prov_retry_wait_ms(w, &s->random);
    int64_t unix_ms = 0;

    s->retries = true;
    s->retry_ms = ms;
    s->time.server_ms = s->now_ms + server.fixed_ms;
    if (!s->state_read || s->status == PROV_E_STORAGE) /* nothing more is asked of such a store */
        return;
    s->next_state.failures = failures_now(s);
    s->next_state.not_before_s = 0;
    if (prov_session_wall_ms(s, &unix_ms) && unix_ms > 0)
        s->next_state.not_before_s = ((uint64_t)unix_ms + ms) / 1000 + 1;
}

void
prov_session_settle(struct prov_session *s)
{
    const uint32_t most = s->config.attempts;

    if (s->settled)
        return;
    s->settled = true;
    s->retries = false;
    s->time.server_ms = 0;
    s->next_state.failures = s->state.failures;
    s->next_state.not_before_s = s->state.not_before_s;
    s->next_state.starts = s->state.starts;
    s->next_state.time_s = s->state.time_s;
    if (has_come_to_an_end(s))
        prov_session_forget_failures(s);
    else if (!s->has_later && is_worth_another(s) && (most == 0 || s->record.attempts < most))
        plan_retry(s);
}

/* Whatever is stored says how late it is; for that alone nothing is (STO-3). */
void
prov_session_stamp(struct prov_session *s)
{
    int64_t unix_ms;

    if (prov_session_wall_ms(s, &unix_ms) && unix_ms > 0)
        s->next_state.time_s = (uint64_t)unix_ms / 1000;
}

/* ---- A start ---- */

static bool
is_first_of_start(const struct prov_session *s)
{
    return s->event.trigger == PROV_TRIGGER_BOOT && s->record.attempts == 1;
}

/* How long failures before this start hold it back, if no clock tells how much of that is over. */
static uint64_t
drawn_ms(struct prov_session *s)
{
    if (s->state.failures == 0)
        return 0;
    return prov_retry_wait_ms(wait_after(s, s->state.failures), &s->random);
}

/* What is left of it by the clock. One that goes wrong by years must not hold the phone for years. */
static uint64_t
rest_ms(const struct prov_session *s, int64_t unix_ms)
{
    const struct prov_wait w =
        prov_retry_raise(wait_after(s, s->state.failures), PROV_RETRY_AFTER_MAX_S);
    const uint64_t longest = w.fixed_ms + w.random_ms;
    const uint64_t now_s = unix_ms > 0 ? (uint64_t)unix_ms / 1000 : 0;
    const uint64_t until_s = s->hold.not_before_s;

    if (until_s <= now_s)
        return 0;
    return until_s - now_s < longest / 1000 ? (until_s - now_s) * 1000 : longest;
}

/* The clock may be set while the phone holds back. */
static uint64_t
hold_until(struct prov_session *s)
{
    struct prov_session_hold *h = &s->hold;
    int64_t unix_ms;

    if (h->not_before_s > 0 && prov_session_wall_ms(s, &unix_ms)) {
        h->failed_ms = s->now_ms + rest_ms(s, unix_ms);
        h->not_before_s = 0;
    }
    return h->failed_ms > h->other_ms ? h->failed_ms : h->other_ms;
}

/* TRY-2: a spread over the fleet; more if the phone starts again and again without an end. */
static bool
hold_begins(struct prov_session *s)
{
    struct prov_session_hold *h = &s->hold;
    const uint64_t spread =
        prov_retry_draw_ms((uint64_t)s->config.boot_spread_s * 1000, &s->random);
    uint64_t crashed = 0;

    if (h->done)
        return false;
    h->done = true;
    h->not_before_s = s->state.not_before_s;
    h->failed_ms = s->now_ms + drawn_ms(s);
    if (s->state.starts >= STARTS_FREE)
        crashed = prov_retry_wait_ms(wait_after(s, s->state.starts - STARTS_FREE + 1), &s->random);
    h->other_ms = s->now_ms + (spread > crashed ? spread : crashed);
    h->backs_off = crashed > spread || hold_until(s) > h->other_ms;
    return hold_until(s) > s->now_ms;
}

static bool
wait_for(struct prov_session *s, struct prov_action *a, const char *what, uint64_t until_ms)
{
    s->record.waits_for = what;
    s->record.waits_until_ms = until_ms;
    a->kind = PROV_DO_WAIT;
    a->until_ms = until_ms;
    return true;
}

bool
prov_session_holds(struct prov_session *s, struct prov_action *a)
{
    const uint64_t until = hold_until(s);

    if (s->now_ms < until)
        return wait_for(s, a,
                        s->hold.backs_off ? "the end of the delay after failures"
                                          : "its turn after the start",
                        until);
    if (s->looked && prov_session_lacks_time(s))
        return wait_for(s, a, "the time", s->now_ms + CLOCK_POLL_MS);
    return false;
}

enum prov_turn
prov_session_ready_turn(struct prov_session *s)
{
    const bool start = is_first_of_start(s);

    s->looked = true;
    s->time.bound_s = s->state.time_s;
    s->record.time_s = s->state.time_s;
    if (prov_session_lacks_time(s) || (start && hold_begins(s))) {
        s->record.attempts--; /* it has not begun: what was loaded may be old by then */
        s->phase = PROV_PHASE_BEGIN;
        return PROV_TURN_AGAIN;
    }
    s->phase = PROV_PHASE_SOURCE;
    if (start) {
        s->next_state.starts = s->state.starts < UINT64_MAX ? s->state.starts + 1 : UINT64_MAX;
        s->then = PROV_PHASE_SOURCE;
        s->phase = PROV_PHASE_KEEP;
    }
    return PROV_TURN_AGAIN;
}
