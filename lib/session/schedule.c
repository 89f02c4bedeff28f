/* SPDX-License-Identifier: MIT */

/* Time: the wall clock, what a server asks for, delays between attempts (TRY-1, DSC-6). */

#include <prov/http_date.h>
#include <prov/retry.h>

#include "session/private.h"

#define RETRY_RANDOM_S 60u /* behind a delay of the settings (TRY-2) */

/* ---- The wall clock ---- */

void
prov_session_clock(struct prov_session *s, const struct prov_wall_time *wall)
{
    static const struct prov_wall_time unknown = { .state = PROV_CLOCK_UNKNOWN };

    if (s == NULL)
        return;
    s->wall = wall != NULL && (unsigned)wall->state <= PROV_CLOCK_TRUSTED ? *wall : unknown;
}

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

    if (given || minutes == 0)
        return prov_retry_list_wait(c->delays, c->delay_count, failures);
    return prov_retry_list_wait(&own, 1, 1);
}

uint64_t
prov_session_retry_ms(struct prov_session *s)
{
    const struct prov_wait w = wait_after(s, s->record.attempts);

    return prov_retry_wait_ms(prov_retry_raise(w, s->retry_after_s), &s->random);
}
