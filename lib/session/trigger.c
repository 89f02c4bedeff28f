/* SPDX-License-Identifier: MIT */

/* What begins another run (SCH-1): triggers of the caller, and check-sync (PNP-5). */

#include <prov/abi.h>

#include <prov/sip.h>

#include "base/buf.h"
#include "session/private.h"

#define NOT_READY_S 10u /* Retry-After of an answer before anything is known */

/* ---- Events ---- */

/* The caller has made sure that it fits. */
static void
copy_event(struct prov_session_event *e, const struct prov_trigger_event *t)
{
    e->trigger = t->trigger;
    e->asked = t->trigger == PROV_TRIGGER_MANUAL;
    e->has_url = t->has_url;
    e->url.len = 0;
    e->document.len = 0;
    prov_buf_put_str(&e->url, t->url);
    prov_buf_put_str(&e->document, t->document);
}

/* A run begins afresh, with all its attempts; no start holds it back. */
static void
begin(struct prov_session *s)
{
    s->record.attempts = 0;
    s->record.will_retry = false;
    s->record.run_follows = false;
    s->has_later = false;
    s->hold = (struct prov_session_hold){ .done = false };
    s->trial.alone = false;
    s->phase = PROV_PHASE_BEGIN;
}

void
prov_session_begin_run(struct prov_session *s, const struct prov_trigger_event *event)
{
    copy_event(&s->event, event);
    begin(s);
}

void
prov_session_again(struct prov_session *s)
{
    struct prov_session_event *e = &s->later;

    if (s->has_later)
        return;
    e->trigger = s->event.trigger;
    e->asked = s->event.asked;
    e->has_url = s->event.has_url;
    e->url.len = 0;
    e->document.len = 0;
    prov_buf_put_str(&e->url, prov_buf_str(&s->event.url));
    prov_buf_put_str(&e->document, prov_buf_str(&s->event.document));
    s->has_later = true;
    s->record.run_follows = true;
}

void
prov_session_take_later(struct prov_session *s)
{
    const struct prov_session_event now = s->later;

    s->later = s->event;
    s->event = now;
    begin(s);
}

static bool
is_idle(const struct prov_session *s)
{
    return s->phase == PROV_PHASE_STOP || s->phase == PROV_PHASE_WAIT ||
           s->phase == PROV_PHASE_BEGIN;
}

static void
accept(struct prov_session *s, const struct prov_trigger_event *t)
{
    if (is_idle(s)) {
        prov_session_begin_run(s, t);
        return;
    }
    copy_event(&s->later, t);
    s->has_later = true;
    s->record.run_follows = true;
}

static bool
fits(const struct prov_session *s, const struct prov_trigger_event *t)
{
    return t->url.len <= s->event.url.cap && t->document.len <= s->event.document.cap;
}

enum prov_status
prov_session_trigger(struct prov_session *s, uint64_t now_ms,
                     const struct prov_trigger_event *event)
{
    struct prov_trigger_event t;

    if (s == NULL || event == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    if (prov_abi_import(&t, sizeof(t), event, offsetof(struct prov_trigger_event, has_url)) !=
        PROV_OK)
        return PROV_E_ABI;
    if ((unsigned)t.trigger > PROV_TRIGGER_CHECK_SYNC)
        return PROV_E_ARG;
    t.url = prov_str_trim(t.url);
    if (t.has_url && t.url.len == 0)
        return PROV_E_ARG;
    if (!fits(s, &t))
        return PROV_E_LIMIT;
    prov_session_set_time(s, now_ms);
    accept(s, &t);
    return PROV_OK;
}

/* ---- check-sync ---- */

/* One sender that stands for all. */
static bool
is_anybody(const struct prov_str *list, size_t count)
{
    return count == 1 && prov_str_eq(list[0], prov_str_z("*"));
}

/* What the configuration says goes before the settings. */
static struct prov_check_sync_policy
policy_of(const struct prov_session *s, const struct prov_limits *limits)
{
    const struct prov_session_config *c = &s->config;
    const bool own = c->notify_from_count > 0;
    const bool heap = s->heap.alloc != NULL || s->heap.resize != NULL || s->heap.release != NULL;

    return (struct prov_check_sync_policy){
        .size = sizeof(struct prov_check_sync_policy),
        .enabled =
            c->notify == PROV_CHOICE_PRESET ? s->policy.notify : c->notify == PROV_CHOICE_YES,
        .any_sender = is_anybody(c->notify_from, c->notify_from_count),
        .allow = own ? c->notify_from : s->policy.notify_from,
        .allow_count = own ? c->notify_from_count : s->policy.notify_from_count,
        .event = s->policy.notify_event,
        .interval_ms = c->notify_interval_ms,
        .limits = limits,
        .heap = heap ? &s->heap : NULL,
        .hash_salt = s->salt,
    };
}

/* Nothing is known of the settings, or there is no room to read: later, perhaps. */
static enum prov_status
answer_later(const struct prov_endpoint *from, struct prov_str message, const char *reason,
             struct prov_buf *reply, struct prov_check_sync *out)
{
    const struct prov_sip_answer later = {
        .status = 503,
        .reason = PROV_STR_INIT("Service Unavailable"),
        .headers = PROV_STR_INIT("Retry-After: 10\r\n"),
        .from = from,
    };
    struct prov_sip sip;
    enum prov_status status = prov_sip_read(message, &sip, NULL);

    if (status == PROV_OK && (!sip.request || prov_str_eq(sip.method, prov_str_z("ACK"))))
        status = PROV_E_SYNTAX;
    if (status != PROV_OK)
        return status;
    *out = (struct prov_check_sync){ .answer = later.status,
                                     .retry_after_s = NOT_READY_S,
                                     .reason = reason };
    return prov_sip_answer(&sip, &later, reply);
}

/* Does it ask for a run? An empty address says that no transfer is possible. */
static bool
is_call(const struct prov_check_sync *c)
{
    if (c->answer != 200 || c->repeated || c->other)
        return false;
    return c->has_url ? c->url.len > 0 : !c->has_data || c->data;
}

/* The free part of the attempt's memory serves for the moment; nothing of it stays. */
static enum prov_status
read_notify(struct prov_session *s, const struct prov_endpoint *from, struct prov_str message,
            struct prov_buf *reply, struct prov_check_sync *out)
{
    const struct prov_arena *w = &s->work;
    struct prov_limits limits = s->limits;
    struct prov_check_sync_policy policy;
    struct prov_arena gap;
    enum prov_status status;

    limits.file_bytes = prov_session_snippet_bytes(&s->limits);
    policy = policy_of(s, &limits);
    prov_arena_init(&gap, w->base + w->perm, w->cap - w->perm - w->scratch);
    status = prov_check_sync_read(&policy, s->config.dialect, from, s->now_ms, &s->notified,
                                  message, &gap, reply, out, NULL);
    if (status == PROV_E_SPACE && gap.need > gap.cap)
        return answer_later(from, message, "there is no memory to read it now", reply, out);
    return status;
}

enum prov_status
prov_session_notify(struct prov_session *s, uint64_t now_ms, const struct prov_endpoint *from,
                    struct prov_str message, struct prov_buf *reply, struct prov_check_sync *seen)
{
    struct prov_check_sync c = { .answer = 0 };
    enum prov_status status;

    if (s == NULL || from == NULL || reply == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    prov_session_set_time(s, now_ms);
    status = s->has_policy
                 ? read_notify(s, from, message, reply, &c)
                 : answer_later(from, message, "the settings are not known yet", reply, &c);
    if (status != PROV_OK)
        return status;
    if (is_call(&c)) {
        const struct prov_trigger_event t = {
            .size = sizeof(t),
            .trigger = PROV_TRIGGER_CHECK_SYNC,
            .has_url = c.has_url,
            .url = c.url,
            .document = prov_str_trim(c.document), /* so long it was measured */
        };

        accept(s, &t);
    }
    if (seen != NULL)
        *seen = c;
    return PROV_OK;
}
