/* SPDX-License-Identifier: MIT */

/* The lines about decisions: what the session's record says that it did not say before. */

#include <string.h>

#include "report.h"
#include "trace.h"

static void
set_address(json_t *j, const char *name, struct prov_str url)
{
    if (url.len > 0)
        json_object_set_new(j, name, report_address(url));
}

static void
tell_source(struct trace *t, const struct prov_source_record *s)
{
    json_t *j = json_pack("{s:s, s:i, s:s, s:s}", "name", prov_source_name(s->kind), "step",
                          (int)s->step, "outcome", prov_source_outcome_name(s->outcome), "reason",
                          s->reason != NULL ? s->reason : "");

    if (s->won)
        json_object_set_new(j, "won", json_true());
    set_address(j, "asked", s->asked);
    set_address(j, "from", s->from);
    set_address(j, "before", s->before);
    set_address(j, "url", s->url);
    set_address(j, "conflict", s->conflict);
    trace_tell(t, "source", j);
}

/* Again if it has become something else. Those that were not asked are told at the end: until then
 * they may be. */
static void
tell_sources(struct trace *t, const struct prov_record *record, bool ended)
{
    for (uint32_t i = 0; i < record->source_count && i < TRACE_SEEN; i++) {
        const struct prov_source_record *s = &record->sources[i];

        if (s->reason == NULL || (s->outcome == PROV_SOURCE_NOT_ASKED && !ended) ||
            (t->told.sources[i].reason == s->reason && t->told.sources[i].outcome == s->outcome))
            continue;
        t->told.sources[i].reason = s->reason;
        t->told.sources[i].outcome = s->outcome;
        tell_source(t, s);
    }
}

static void
tell_file(struct trace *t, const struct prov_fetch_record *f)
{
    json_t *j = json_pack("{s:s, s:s, s:I}", "type", prov_file_type_name(f->type), "result",
                          prov_status_name(f->status), "bytes", (json_int_t)f->bytes);

    set_address(j, "url", f->url);
    if (!prov_str_eq(f->before, f->url))
        set_address(j, "before", f->before);
    if (!prov_str_eq(f->final_url, f->url))
        set_address(j, "finalUrl", f->final_url);
    if (f->http_status > 0)
        json_object_set_new(j, "status", json_integer((json_int_t)f->http_status));
    if (f->change != UINT32_MAX)
        json_object_set_new(j, "change", json_integer((json_int_t)f->change));
    if (f->not_modified)
        json_object_set_new(j, "notModified", json_true());
    if (f->remembered)
        json_object_set_new(j, "remembered", json_true());
    trace_tell(t, "file", j);
}

static void
tell_files(struct trace *t, const struct prov_record *record)
{
    for (uint32_t i = 0; i < record->fetch_count && i < TRACE_SEEN; i++) {
        if (t->told.fetch[i] || !record->fetches[i].ended)
            continue;
        t->told.fetch[i] = true;
        tell_file(t, &record->fetches[i]);
    }
}

static void
tell_findings(struct trace *t, const struct prov_record *record)
{
    const struct prov_diags *d = record->diags;

    if (d == NULL || d->count < t->told.findings)
        t->told.findings = 0;
    for (; d != NULL && t->told.findings < d->count; t->told.findings++)
        trace_tell(t, "finding", report_json(&d->items[t->told.findings]));
}

static json_t *
sections_json(const struct prov_apply *apply)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < apply->account.section_count; i++) {
        const struct prov_section_result *r = &apply->account.sections[i];

        json_array_append_new(list, json_pack("{s:o, s:s}", "name", report_string(r->name),
                                              "action", prov_section_action_name(r->action)));
    }
    return list;
}

static void
set_time(const struct trace *t, json_t *j, const char *name, uint64_t at_ms)
{
    const uint64_t since = at_ms > t->start_ms ? at_ms - t->start_ms : 0;

    json_object_set_new(j, name, json_integer((json_int_t)since));
}

static void
tell_outcome(struct trace *t, const struct prov_record *r)
{
    json_t *j = json_pack("{s:s, s:s}", "outcome", prov_outcome_name(r->outcome), "result",
                          prov_status_name(r->status));

    if (r->apply != NULL) {
        json_object_set_new(j, "sections", sections_json(r->apply));
        json_object_set_new(j, "changes", json_integer((json_int_t)r->apply->account.change_count));
    }
    if (r->changed_count > 0)
        json_object_set_new(j, "changes", json_integer((json_int_t)r->changed_count));
    if (r->unchanged_by_digest)
        json_object_set_new(j, "unchangedByDigest", json_true());
    if (r->will_retry)
        set_time(t, j, "retryAt", r->retry_at_ms);
    if (r->on_trial)
        set_time(t, j, "trialUntil", r->trial_until_ms);
    trace_tell(t, "outcome", j);
}

static void
begin_attempt(struct trace *t, const struct prov_record *record)
{
    t->told = (struct trace_told){ .any = true,
                                   .attempt = record->attempts,
                                   .began_ms = record->began_ms };
    trace_tell(t, "attempt",
               json_pack("{s:I, s:s}", "number", (json_int_t)record->attempts, "trigger",
                         prov_trigger_name(record->trigger)));
}

/* The next run by schedule, whenever it becomes another one. */
static void
tell_schedule(struct trace *t, const struct prov_schedule_run *next)
{
    static const char *const names[] = { "none", "time", "interval", "no clock" };
    const struct prov_schedule_run *told = &t->next_run;

    if ((unsigned)next->why >= TOOL_COUNT(names) ||
        (next->why == told->why && next->at_ms == told->at_ms && next->unix_ms == told->unix_ms))
        return;
    t->next_run = *next;
    json_t *j = json_pack("{s:s}", "why", names[next->why]);

    if (next->at_ms > t->start_ms)
        json_object_set_new(j, "at", json_integer((json_int_t)(next->at_ms - t->start_ms)));
    if (next->unix_ms != 0)
        json_object_set_new(j, "unix", json_integer((json_int_t)(next->unix_ms / 1000)));
    if (next->moved)
        json_object_set_new(j, "moved", json_true());
    trace_tell(t, "schedule", j);
}

void
trace_record(struct trace *t)
{
    const struct prov_record *record = prov_session_record(t->session);
    const bool ended = record->outcome != PROV_OUTCOME_NONE;

    if (record->attempts == 0)
        return;
    if (!t->told.any || record->attempts != t->told.attempt || record->began_ms != t->told.began_ms)
        begin_attempt(t, record);
    tell_sources(t, record, ended);
    tell_findings(t, record);
    if (ended && !t->told.outcome) {
        t->told.outcome = true;
        tell_files(t, record);
        tell_outcome(t, record);
    }
    tell_schedule(t, &record->next_run);
}
