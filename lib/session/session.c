/* SPDX-License-Identifier: MIT */

/* Phases, the next action, and how an attempt ends. */

#include <prov/session.h>

#include "session/private.h"

/* ---- What the parts share ---- */

void
prov_session_set_time(struct prov_session *s, uint64_t now_ms)
{
    if (now_ms > s->now_ms)
        s->now_ms = now_ms;
}

uint32_t
prov_session_new_id(struct prov_session *s)
{
    return ++s->last_id;
}

void
prov_session_note(struct prov_session *s, const struct prov_verdict *v, struct prov_str source,
                  struct prov_str subject)
{
    const struct prov_diag d = {
        .status = v->status,
        .code = v->code,
        .source = source,
        .subject = subject,
        .need = v->need,
        .line = v->line,
        .column = v->column,
    };

    prov_diags_add(&s->diags, &d);
}

void
prov_session_end(struct prov_session *s, enum prov_outcome outcome, enum prov_status status)
{
    s->cause = outcome;
    s->outcome = prov_session_has_layers(s) ? prov_session_layers_outcome(s, outcome) : outcome;
    s->status = status;
    s->phase = PROV_PHASE_CLOSE;
    prov_session_cancel_all(s);
    prov_session_unask_all(s);
}

static void
publish_memory(struct prov_session *s)
{
    const size_t now = s->fixed.perm + s->work.high;

    if (now > s->record.memory_high)
        s->record.memory_high = now;
}

void
prov_session_fail(struct prov_session *s, enum prov_status status)
{
    const struct prov_diag *last = s->diags.count > 0 ? &s->diags.items[s->diags.count - 1] : NULL;
    const struct prov_verdict v = { PROV_OUTCOME_FAILED,          status, PROV_D_NO_ARENA_SPACE,
                                    s->fixed.perm + s->work.need, 0,      0 };

    if (s->fatal != PROV_OK)
        return;
    if (status == PROV_E_SPACE && (last == NULL || last->status != status))
        prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    s->fatal = status;
    s->record.outcome = PROV_OUTCOME_FAILED;
    s->record.status = status;
    publish_memory(s);
}

bool
prov_session_is_fatal(struct prov_session *s, enum prov_status status)
{
    const enum prov_status_class c = prov_status_class(status);

    if (c != PROV_CLASS_CALLER && c != PROV_CLASS_SPACE)
        return false;
    prov_session_fail(s, status);
    return true;
}

struct prov_str
prov_session_redact(struct prov_session *s, struct prov_str url)
{
    struct prov_buf out = { NULL, 0, 0 };

    if (url.len > s->limits.url_bytes)
        url.len = s->limits.url_bytes;
    out.cap = url.len + PROV_SESSION_STARS;
    out.ptr = prov_arena_perm(&s->work, out.cap, 1);
    if (out.ptr == NULL || prov_uri_redact(url, &out) != PROV_OK) {
        prov_session_fail(s, PROV_E_SPACE);
        return prov_str_z("");
    }
    return prov_buf_str(&out);
}

/* ---- Phases ---- */

/* Everything that an attempt fills. */
static void
clear_attempt(struct prov_session *s)
{
    prov_arena_init(&s->work, s->fixed.base + s->fixed.perm, s->fixed.cap - s->fixed.perm);
    prov_region_init(&s->region, s->region_mem, s->limits.tree_bytes, s->parts,
                     prov_session_parts(&s->limits));
    s->diags.count = 0;
    s->diags.dropped = 0;
    s->item = prov_session_has_layers(s) ? PROV_ITEM_USER : PROV_ITEM_SETTINGS;
    s->item_start = 0;
    memset(s->layers, 0, sizeof(s->layers));
    memset(s->certs, 0, sizeof(s->certs));
    s->certs_settled = false;
    s->anchors = prov_str_z("");
    s->params = NULL;
    s->changed_count = s->changed_dropped = 0;
    s->incomplete = false;
    s->settings_len = 0;
    s->settings_overflow = false;
    s->state_len = 0;
    s->has_state = s->state_read = false;
    s->settled = false;
    s->state = s->next_state = (struct prov_state){ .stored = false };
    s->kept = false;
    s->recall.len = s->recall.count = 0;
    s->recall.conditional = s->recall.guessing = s->recall.fetched = s->recall.news = false;
    s->recall.same = false;
    s->recall.piece = NULL;
    s->has_policy = false;
    s->root = PROV_XML_NONE;
    s->searching = false;
    s->cannot = 0;
    s->service_document = false;
    s->direct_count = s->direct_next = 0;
    s->from = PROV_SOURCE_BIT(PROV_SOURCE_MANUAL);
    s->tries = 0;
    s->failed_try = (struct prov_verdict){ .outcome = PROV_OUTCOME_NONE };
    s->first_failure = (struct prov_verdict){ .outcome = PROV_OUTCOME_NONE };
    s->retry_after_s = 0;
    s->outcome = PROV_OUTCOME_NONE;
    s->status = PROV_OK;
    s->tree = (struct prov_ref_tree){ .count = 0 };
    s->trial.refused = false;
}

void
prov_session_load_again(struct prov_session *s)
{
    const struct prov_xml_heap *heap = &s->heap;
    enum prov_status status;

    clear_attempt(s);
    s->phase = PROV_PHASE_LOAD;
    if (heap->alloc == NULL && heap->resize == NULL && heap->release == NULL)
        heap = NULL;
    status = prov_xml_init(&s->x, &s->work, &s->limits, heap, s->salt);
    if (status != PROV_OK)
        prov_session_fail(s, status);
}

/* A new attempt in the same memory. */
static enum prov_turn
begin_turn(struct prov_session *s, struct prov_action *a)
{
    if (!prov_session_trial_first(s) && prov_session_holds(s, a))
        return PROV_TURN_ANSWER;
    s->record = (struct prov_record){
        .attempts = s->record.attempts + 1,
        .trigger = s->event.trigger,
        .began_ms = s->now_ms,
        .sources = s->sources,
        .fetches = s->fetches,
        .diags = &s->diags,
        .run_follows = s->has_later,
        .memory_high = s->record.memory_high,
        .time_s = s->time.bound_s,
    };
    prov_session_load_again(s);
    return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
}

bool
prov_session_was_asked(const struct prov_session *s)
{
    for (uint32_t i = 0; i < s->record.source_count; i++) {
        if (s->sources[i].begun && s->sources[i].kind != PROV_SOURCE_MANUAL)
            return true;
    }
    return false;
}

/* The outcome is published and maybe a retry planned. An event that waits comes sooner. */
static enum prov_turn
close_turn(struct prov_session *s)
{
    prov_session_settle(s);
    if (prov_session_has_news(s)) {
        s->phase = PROV_PHASE_KEEP;
        s->then = PROV_PHASE_CLOSE;
        return PROV_TURN_AGAIN;
    }
    s->record.outcome = s->outcome;
    s->record.status = s->status;
    publish_memory(s);
    if (prov_session_trial_begins(s))
        return PROV_TURN_AGAIN;
    s->phase = PROV_PHASE_STOP;
    s->told_stop = false;
    prov_session_read_policy_again(s);
    prov_session_foresee(s);
    if (!s->has_later && s->retries) {
        s->record.will_retry = true;
        s->record.retry_at_ms = s->now_ms + s->retry_ms;
        s->phase = PROV_PHASE_WAIT;
    }
    return PROV_TURN_AGAIN;
}

/* What is due by schedule takes the place of a retry. */
static enum prov_turn
wait_turn(struct prov_session *s, struct prov_action *a)
{
    const uint64_t scheduled = prov_session_scheduled(s), retry = s->record.retry_at_ms;

    if (s->now_ms >= scheduled) {
        prov_session_begin_scheduled(s);
        return PROV_TURN_AGAIN;
    }
    if (s->now_ms >= retry) {
        s->phase = PROV_PHASE_BEGIN;
        return PROV_TURN_AGAIN;
    }
    a->kind = PROV_DO_WAIT;
    a->until_ms = scheduled < retry ? scheduled : retry;
    return PROV_TURN_ANSWER;
}

/* The end of a run is told once before the next one overwrites its record. */
static enum prov_turn
stop_turn(struct prov_session *s, struct prov_action *a)
{
    const uint64_t scheduled = s->told_stop ? prov_session_scheduled(s) : PROV_SESSION_NEVER;

    if (s->has_later && s->told_stop) {
        prov_session_take_later(s);
        return PROV_TURN_AGAIN;
    }
    if (s->now_ms >= scheduled) {
        prov_session_begin_scheduled(s);
        return PROV_TURN_AGAIN;
    }
    if (scheduled != PROV_SESSION_NEVER) {
        a->kind = PROV_DO_WAIT;
        a->until_ms = scheduled;
        return PROV_TURN_ANSWER;
    }
    s->told_stop = true;
    a->kind = PROV_DO_STOP;
    return PROV_TURN_ANSWER;
}

static enum prov_turn
turn(struct prov_session *s, struct prov_action *a)
{
    switch (s->phase) {
    case PROV_PHASE_BEGIN:
        return begin_turn(s, a);
    case PROV_PHASE_LOAD:
        return prov_session_load_turn(s, a);
    case PROV_PHASE_SOURCE:
        return prov_session_source_turn(s, a);
    case PROV_PHASE_FETCH:
        return prov_session_fetch_turn(s, a);
    case PROV_PHASE_CHANGE:
        return prov_session_change_turn(s);
    case PROV_PHASE_STORE:
    case PROV_PHASE_KEEP:
    case PROV_PHASE_RESTORE:
        return prov_session_store_turn(s, a);
    case PROV_PHASE_CLOSE:
        return close_turn(s);
    case PROV_PHASE_TRIAL:
        return prov_session_trial_turn(s, a);
    case PROV_PHASE_WAIT:
        return wait_turn(s, a);
    case PROV_PHASE_READY:
        return prov_session_ready_turn(s);
    case PROV_PHASE_STOP:
        break;
    }
    return stop_turn(s, a);
}

/* What is owed whatever the phase: datagrams, then cancels. */
static bool
owed(struct prov_session *s, struct prov_action *a)
{
    return prov_session_pnp_turn(s, a) || prov_session_cancel_turn(s, a) ||
           prov_session_unask_turn(s, a);
}

/* Nothing can be started; but a question may have a time-out. */
static void
set_deadline(const struct prov_session *s, struct prov_action *a)
{
    const uint64_t until = prov_session_deadline(s);

    if (a->kind != PROV_DO_NOTHING || until == PROV_SESSION_NEVER)
        return;
    a->kind = PROV_DO_WAIT;
    a->until_ms = until > s->now_ms ? until : s->now_ms + 1;
    a->under_way = true;
}

enum prov_status
prov_session_next(struct prov_session *s, uint64_t now_ms, struct prov_action *action)
{
    struct prov_action a = { .kind = PROV_DO_NOTHING };

    if (s == NULL || action == NULL)
        return PROV_E_ARG;
    prov_session_set_time(s, now_ms);
    prov_session_look_at_clocks(s);
    if (s->fatal == PROV_OK)
        prov_session_expire(s);
    while (s->fatal == PROV_OK && !owed(s, &a) && turn(s, &a) == PROV_TURN_AGAIN)
        a = (struct prov_action){ .kind = PROV_DO_NOTHING };
    if (s->fatal != PROV_OK)
        return s->fatal;
    set_deadline(s, &a);
    *action = a;
    return PROV_OK;
}

/* ---- Reading ---- */

const struct prov_record *
prov_session_record(const struct prov_session *s)
{
    static const struct prov_record none = { .outcome = PROV_OUTCOME_NONE };

    return s != NULL ? &s->record : &none;
}

const char *
prov_outcome_name(enum prov_outcome outcome)
{
    static const char *const names[] = { "none",   "applied", "unchanged", "partial", "refused",
                                         "failed", "nothing", "saved",     "undone" };

    return (unsigned)outcome < sizeof(names) / sizeof(names[0]) ? names[outcome] : "?";
}

const char *
prov_trigger_name(enum prov_trigger trigger)
{
    static const char *const names[] = { "manual", "boot", "time", "check-sync" };

    return (unsigned)trigger < sizeof(names) / sizeof(names[0]) ? names[trigger] : "?";
}
