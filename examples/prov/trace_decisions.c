/* SPDX-License-Identifier: MIT */

/* What the session decided, as notes. */

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "trace_maker.h"

#define SHORT_MS 100u /* shorter waits are not worth a line */
#define CLOCK_S 5     /* smaller corrections of the clock are not either */

void
maker_on_attempt(struct maker *m)
{
    struct text *t = maker_note(m, STEP_DECISION);

    text_addf(t, "attempt %" PRIu64, trace_number(m->line, "number"));
    maker_add_member(t, " (", m->line, "trigger");
    text_add_z(t, ")");
}

/* Sources that were not asked for one reason make one line. */
void
maker_on_source(struct maker *m)
{
    const bool asked = strcmp(trace_text(m->line, "outcome"), "not asked") != 0;
    const bool refused = strcmp(trace_text(m->line, "outcome"), "refused") == 0;

    if (!asked && m->not_asked != NULL &&
        strcmp(trace_text(m->not_asked, "reason"), trace_text(m->line, "reason")) == 0) {
        struct text *t = &m->out->items[m->out->count - 1].label;

        t->len -= strlen(trace_text(m->line, "reason")) + strlen(" not asked: ");
        maker_add_member(t, ", ", m->line, "name");
        maker_add_member(t, " not asked: ", m->line, "reason");
        return;
    }
    struct text *t = maker_note(m, refused ? STEP_FAILED : STEP_DECISION);

    maker_add_member(t, "", m->line, "name");
    if (!asked) {
        maker_add_member(t, " not asked: ", m->line, "reason");
        return;
    }
    maker_add_member(t, ": ", m->line, "outcome");
    if (json_is_true(json_object_get(m->line, "won")))
        text_add_z(t, ", wins");
    maker_add_member(t, ": ", m->line, "reason");
    maker_add_member(t, ": ", m->line, "url");
    maker_add_member(t, "; also answered: ", m->line, "conflict");
}

void
maker_on_file(struct maker *m)
{
    struct text *t = maker_note(m, maker_is_ok(m->line) ? STEP_DECISION : STEP_FAILED);

    maker_add_member(t, "", m->line, "url");
    maker_add_member(t, ": ", m->line, "type");
    if (json_object_get(m->line, "change") != NULL)
        text_add_z(t, ", applied");
    if (json_is_true(json_object_get(m->line, "notModified")))
        text_add_z(t, ", as last time");
    if (json_is_true(json_object_get(m->line, "remembered")))
        text_add_z(t, ", asked for before it was named");
    if (!maker_is_ok(m->line)) {
        text_add_z(t, ", ");
        maker_add_status(t, trace_text(m->line, "result"));
    }
}

void
maker_on_finding(struct maker *m)
{
    struct text *t = maker_note(m, STEP_FAILED);

    maker_add_member(t, "", m->line, "number");
    maker_add_member(t, " ", m->line, "severity");
    maker_add_member(t, ": ", m->line, "text");
    maker_add_member(t, ", ", m->line, "source");
    if (trace_number(m->line, "line") > 0)
        text_addf(t, " line %" PRIu64, trace_number(m->line, "line"));
}

void
maker_on_outcome(struct maker *m)
{
    const char *outcome = trace_text(m->line, "outcome");
    const bool bad = strcmp(outcome, "failed") == 0 || strcmp(outcome, "refused") == 0 ||
                     strcmp(outcome, "undone") == 0;
    struct text *t = maker_note(m, bad ? STEP_FAILED : STEP_DECISION);

    text_add_z(t, "outcome: ");
    text_add_shown(t, prov_str_z(outcome));
    if (json_is_true(json_object_get(m->line, "unchangedByDigest")))
        text_add_z(t, ", the same files on the same settings");
    if (trace_number(m->line, "changes") > 0)
        text_addf(t, ", %" PRIu64 " changes", trace_number(m->line, "changes"));
    if (trace_number(m->line, "trialUntil") > 0)
        text_addf(t, ", on trial until %.3f s", (double)trace_number(m->line, "trialUntil") / 1000);
    if (trace_number(m->line, "retryAt") > 0)
        text_addf(t, ", next attempt at %.3f s", (double)trace_number(m->line, "retryAt") / 1000);
}

void
maker_on_wait(struct maker *m)
{
    const uint64_t now = trace_number(m->line, "ms"), until = trace_number(m->line, "until");
    const bool reason = trace_text(m->line, "for")[0] != '\0';
    const struct steps *s = m->out;

    if (json_is_true(json_object_get(m->line, "underWay")) || (!reason && until < now + SHORT_MS))
        return;
    if (reason && s->count > 0 &&
        strncmp(s->items[s->count - 1].label.ptr, "waits for", strlen("waits for")) == 0)
        return; /* it says so every second */
    struct text *t = maker_note(m, STEP_DECISION);

    maker_add_member(t, "waits for ", m->line, "for");
    if (!reason)
        text_addf(t, "waits %.3f s", (double)(until - now) / 1000);
}

static void
add_date(struct text *t, int64_t unix_s)
{
    const time_t when = (time_t)unix_s;
    char date[32];
    struct tm tm;

    if (gmtime_r(&when, &tm) != NULL &&
        strftime(date, sizeof(date), ", %Y-%m-%dT%H:%M:%SZ", &tm) > 0)
        text_add_z(t, date);
}

void
maker_on_clock(struct maker *m)
{
    const int64_t unix_s = (int64_t)json_integer_value(json_object_get(m->line, "unix"));
    const int64_t offset = unix_s - (int64_t)(trace_number(m->line, "ms") / 1000);
    const int64_t off = offset > m->offset ? offset - m->offset : m->offset - offset;
    const char *state = trace_text(m->line, "state");

    if (m->clock != NULL && strcmp(m->clock, state) == 0 && off <= CLOCK_S)
        return;
    m->clock = state;
    m->offset = offset;
    struct text *t = maker_note(m, STEP_DECISION);

    maker_add_member(t, "the clock: ", m->line, "state");
    if (unix_s != 0)
        add_date(t, unix_s);
}

void
maker_on_trigger(struct maker *m)
{
    struct text *t = maker_note(m, STEP_DECISION);

    maker_add_member(t, "trigger: ", m->line, "trigger");
    maker_add_member(t, ", ", m->line, "url");
}

void
maker_on_unsealed(struct maker *m)
{
    struct text *t = maker_note(m, maker_is_ok(m->line) ? STEP_DECISION : STEP_FAILED);

    text_addf(t, "decrypts %" PRIu64 " bytes", trace_number(m->line, "bytes"));
    if (!maker_is_ok(m->line)) {
        text_add_z(t, ": ");
        maker_add_status(t, trace_text(m->line, "result"));
    }
}

void
maker_on_end(struct maker *m)
{
    text_addf(maker_note(m, STEP_DECISION), "end, exit code %" PRIu64,
              trace_number(m->line, "code"));
}

void
maker_on_broken(struct maker *m)
{
    maker_add_member(maker_note(m, STEP_FAILED), "the session ends: ", m->line, "result");
}

void
maker_on_confirm(struct maker *m)
{
    text_add_z(maker_note(m, STEP_DECISION), "the new settings are confirmed");
}

void
maker_on_schedule(struct maker *m)
{
    struct text *t = maker_note(m, STEP_DECISION);

    text_add_z(t, "next run by schedule");
    maker_add_member(t, ": ", m->line, "why");
    if (trace_number(m->line, "at") > 0)
        text_addf(t, ", at %.3f s", (double)trace_number(m->line, "at") / 1000);
    if (trace_number(m->line, "unix") > 0)
        add_date(t, (int64_t)trace_number(m->line, "unix"));
}
