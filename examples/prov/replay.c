/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "report.h"

#define SHOWN 160u /* bytes of a value that differs */
#define BEFORE 40u /* of them, what stands before the difference */

struct job {
    const struct command *command;
    const char *name;
    bool json;
    struct report report;
    struct replay replay;
    const json_t *recorded, *now; /* the first difference; one of them may be NULL */
    unsigned number;              /* its line */
    bool different;
};

/* ---- Comparing ---- */

/* Not about what the session did: its clock, what its hooks answered, the end. */
static bool
is_beside(const json_t *line)
{
    static const char *const events[] = { "clock", "digest", "unsealed", "zone", "end" };

    for (size_t i = 0; i < TOOL_COUNT(events); i++) {
        if (trace_is(line, events[i]))
            return true;
    }
    return false;
}

static void
sink(void *ctx, json_t *line)
{
    struct replay *r = ctx;

    json_array_append_new(r->now, line);
}

static bool
differ(struct job *j, const json_t *recorded, const json_t *now)
{
    j->different = true;
    j->recorded = recorded;
    j->now = now;
    j->number = recorded != NULL ? j->replay.file.lines[j->replay.at].number : 0;
    return false;
}

/* Lines about decisions stand before the line of what was done, or behind that of what was told. */
static void
do_next_line(struct replay *r)
{
    for (size_t i = r->at; i < r->file.count; i++) {
        const json_t *line = r->file.lines[i].json;

        if (!is_beside(line) && replay_line(r, line))
            return;
    }
}

/* The body of an answer is what the session is told, not what it does. */
static bool
is_same(const json_t *recorded, const json_t *now)
{
    json_t *a = json_copy((json_t *)(uintptr_t)recorded), *b = json_copy((json_t *)(uintptr_t)now);

    if (trace_is(recorded, "fetched") && trace_is(now, "fetched")) {
        json_object_del(a, "text");
        json_object_del(b, "text");
        json_object_del(a, "textHex");
        json_object_del(b, "textHex");
    }
    const bool same = json_equal(a, b) != 0;

    json_decref(a);
    json_decref(b);
    return same;
}

/* One recorded line against the first that is left of this run. */
static bool
compare_line(struct job *j, const json_t *line)
{
    struct replay *r = &j->replay;

    if (json_array_size(r->now) == 0)
        do_next_line(r);
    const json_t *now = json_array_get(r->now, 0);

    if (now == NULL || !is_same(line, now))
        return differ(j, line, now);
    json_array_remove(r->now, 0);
    r->actions += replay_is_action(line);
    return true;
}

static void
compare(struct job *j)
{
    struct replay *r = &j->replay;
    bool same = true;

    for (r->at = 1; r->at < r->file.count; r->at++) {
        const json_t *line = r->file.lines[r->at].json;

        if (is_beside(line))
            (void)replay_line(r, line);
        else
            same = compare_line(j, line);
        if (!same)
            break;
    }
    if (same && r->file.ended && json_array_size(r->now) > 0)
        (void)differ(j, NULL, json_array_get(r->now, 0));
}

/* ---- The account ---- */

/* A value, around the place where it begins to differ. */
static void
print_value(const char *title, const json_t *value, size_t at)
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    const size_t len = text != NULL ? strlen(text) : 0;
    const size_t from = at > BEFORE ? at - BEFORE : 0;
    const size_t to = len - from < SHOWN ? len : from + SHOWN;
    struct text shown = { 0 };

    if (text != NULL)
        text_add_shown(&shown, (struct prov_str){ text + from, to - from });
    printf("      %s %s%s%s\n", title, from > 0 ? "..." : "", text != NULL ? shown.ptr : "nothing",
           to < len ? "..." : "");
    text_free(&shown);
    free(text);
}

static size_t
first_difference(const json_t *a, const json_t *b)
{
    char *x = a != NULL ? json_dumps(a, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    char *y = b != NULL ? json_dumps(b, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    size_t at = 0;

    while (x != NULL && y != NULL && x[at] != '\0' && x[at] == y[at])
        at++;
    free(x);
    free(y);
    return at;
}

static void
print_member(const char *name, const json_t *recorded, const json_t *now)
{
    const size_t at = first_difference(recorded, now);

    if (recorded != NULL && now != NULL && json_equal(recorded, now))
        return;
    printf("    %s\n", name);
    print_value("recorded:", recorded, at);
    print_value("now:     ", now, at);
}

/* Lines of the same kind differ in members; others as a whole. */
static void
print_difference(const struct job *j)
{
    const char *name;
    json_t *value;

    if (j->number > 0)
        printf("line %u is not reproduced", j->number);
    else
        printf("the recorded run ends, now it goes on");
    printf(" (%zu actions are)\n", j->replay.actions);
    if (j->recorded == NULL || j->now == NULL ||
        strcmp(trace_text(j->recorded, "event"), trace_text(j->now, "event")) != 0) {
        print_member("event", j->recorded, j->now);
        return;
    }
    printf("  %s:\n", trace_text(j->recorded, "event"));
    json_object_foreach((json_t *)(uintptr_t)j->recorded, name, value)
    {
        print_member(name, value, json_object_get(j->now, name));
    }
    json_object_foreach((json_t *)(uintptr_t)j->now, name, value)
    {
        if (json_object_get(j->recorded, name) == NULL)
            print_member(name, NULL, value);
    }
}

static void
print_account(const struct job *j)
{
    const char *version = trace_text(j->replay.file.lines[0].json, "tool");

    if (strcmp(version, PROV_VERSION) != 0)
        printf("recorded with prov %s, this is " PROV_VERSION "\n", version);
    if (j->different) {
        print_difference(j);
        return;
    }
    printf("reproduced %zu actions\n", j->replay.actions);
    if (!j->replay.file.ended)
        puts("the trace ends before the run");
}

static json_t *
account_json(const struct job *j)
{
    json_t *difference = json_null();

    if (j->different)
        difference = json_pack("{s:I, s:O?, s:O?}", "line", (json_int_t)j->number, "recorded",
                               j->recorded, "now", j->now);
    return json_pack("{s:I, s:b, s:o}", "reproduced", (json_int_t)j->replay.actions, "complete",
                     (int)j->replay.file.ended, "difference", difference);
}

/* ---- The run ---- */

static int
refuse(struct job *j, enum prov_diag_code code, const char *subject)
{
    const struct prov_diag diag = { .status = PROV_E_INVALID,
                                    .code = code,
                                    .source = prov_str_z(j->name),
                                    .line = 1,
                                    .subject = prov_str_z(subject) };

    report_diag(&j->report, &diag);
    return TOOL_REFUSED;
}

static int
open_session(struct job *j)
{
    struct replay *r = &j->replay;
    struct prov_diag diag = { 0 };
    const char *wrong = "";
    size_t bytes;

    if (!trace_read_head(r->file.lines[0].json, &r->config, &wrong))
        return refuse(j, PROV_D_TOOL_TRACE_HEAD, wrong);
    replay_hook(r, &r->config.session);
    if (prov_session_memory(&r->config.limits, &bytes) != PROV_OK)
        return refuse(j, PROV_D_TOOL_TRACE_HEAD, "limits");
    r->memory = tool_alloc(bytes);
    if (prov_session_init(&r->session, r->memory, bytes, &r->config.session, &diag) != PROV_OK) {
        report_diag(&j->report, &diag);
        return TOOL_REFUSED;
    }
    r->now = json_array();
    r->bodies = tool_alloc(r->file.count * sizeof(*r->bodies));
    r->given = tool_alloc(r->file.count * sizeof(*r->given));
    r->trace = (struct trace){ .sink = sink,
                               .sink_ctx = r,
                               .repeating = true,
                               .session = r->session,
                               .start_ms = r->config.start_ms,
                               .now_ms = r->config.start_ms };
    return TOOL_GO_ON;
}

static void
close_session(struct replay *r)
{
    for (size_t i = 0; r->bodies != NULL && i < r->file.count; i++)
        text_free(&r->bodies[i]);
    free(r->bodies);
    free(r->given);
    trace_free(&r->trace);
    trace_config_free(&r->config);
    json_decref(r->now);
    free(r->memory);
    trace_file_free(&r->file);
}

static int
replay(struct job *j)
{
    report_init(&j->report, j->json);
    int code = trace_file_read(j->name, &j->replay.file, &j->report);

    if (code == TOOL_GO_ON)
        code = open_session(j);
    if (code == TOOL_GO_ON) {
        compare(j);
        code = j->different ? TOOL_REFUSED : TOOL_DONE;
        if (j->json)
            report_document(&j->report, account_json(j));
        else
            print_account(j);
    } else if (j->json) {
        report_document(&j->report,
                        json_pack("{s:i, s:b, s:n}", "reproduced", 0, "complete", 0, "difference"));
    }
    close_session(&j->replay);
    return report_end(&j->report, code);
}

int
command_replay(const struct command *self, int argc, char **argv)
{
    struct job *j = tool_alloc(sizeof(*j));
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "json", .flag = &j->json, .help = "print one JSON document instead" },
    };

    j->command = self;
    command_line_add(&line, options, TOOL_COUNT(options));
    int code = command_line_parse(&line, argc, argv);

    if (code == TOOL_GO_ON && line.operand_count != 1)
        code = tool_usage(self, "one trace is expected");
    if (code == TOOL_GO_ON) {
        j->name = line.operands[0];
        code = replay(j);
    }
    free(line.operands);
    free(j);
    return code;
}
