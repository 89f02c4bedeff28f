/* SPDX-License-Identifier: MIT */
#include "run_report.h"

#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "diff.h"
#include "mask.h"
#include "timeline.h"
#include "zone.h"

#define NOT_APPLIED UINT32_MAX

/* Names of the change files by their number in the account: where they came from. */
static struct prov_str *
change_names(const struct prov_record *rec, uint32_t *count)
{
    struct prov_str *names;
    uint32_t n = 0;

    for (uint32_t i = 0; i < rec->fetch_count; i++) {
        if (rec->fetches[i].change != NOT_APPLIED && rec->fetches[i].change >= n)
            n = rec->fetches[i].change + 1;
    }
    names = tool_alloc(n * sizeof(*names));
    for (uint32_t i = 0; i < rec->fetch_count; i++) {
        if (rec->fetches[i].change != NOT_APPLIED)
            names[rec->fetches[i].change] = rec->fetches[i].url;
    }
    *count = n;
    return names;
}

uint32_t
run_report_next_s(const struct prov_record *record, uint64_t now_ms)
{
    if (record->retry_at_ms <= now_ms)
        return 0;
    return (uint32_t)((record->retry_at_ms - now_ms + 999) / 1000);
}

static struct timeline
timeline_of(const struct run_view *view)
{
    return (struct timeline){ view->record->sources, view->record->source_count,
                              view->record->began_ms, true, view->hex };
}

/* ---- parameters, of a dialect with layers ---- */

static const char *
kind_name(enum prov_param_change kind)
{
    static const char *const names[] = { "added", "removed", "replaced", "rights" };

    return (size_t)kind < TOOL_COUNT(names) ? names[kind] : "?";
}

/* The name as people write it. */
static void
add_label(struct text *t, const struct run_view *view, const struct prov_param_difference *d)
{
    const struct prov_param *p = d->after != NULL ? d->after : d->before;
    const size_t room = p->name.len + 16;
    struct prov_buf label = { tool_alloc(room), room, 0 };

    if (prov_param_label(view->params->rules, p->name, p->index, &label) == PROV_OK)
        text_add_shown(t, prov_buf_str(&label));
    free(label.ptr);
}

static json_t *
params_json(const struct run_view *view)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < view->record->changed_count; i++) {
        struct text t = { 0 };

        add_label(&t, view, &view->record->changed[i]);
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:b}", "path", report_string(text_str(&t)), "kind",
                            kind_name(view->record->changed[i].kind), "restart", 0));
        text_free(&t);
    }
    return list;
}

/* Which files of last time serve once more. */
static json_t *
saved_json(const struct prov_record *rec)
{
    json_t *list = json_array();

    for (unsigned layer = 0; layer < PROV_LAYERS; layer++) {
        if ((rec->saved & 1u << layer) != 0)
            json_array_append_new(list, json_string(prov_layer_name((enum prov_layer)layer)));
    }
    return list;
}

static void
print_params(const struct run_view *view)
{
    const struct prov_record *rec = view->record;

    for (unsigned layer = 0; layer < PROV_LAYERS; layer++) {
        if ((rec->saved & 1u << layer) != 0)
            printf("the saved %s file is used\n", prov_layer_name((enum prov_layer)layer));
    }
    for (uint32_t i = 0; i < rec->changed_count; i++) {
        struct text t = { 0 };

        add_label(&t, view, &rec->changed[i]);
        printf("  %-10s %s\n", kind_name(rec->changed[i].kind), t.ptr);
        text_free(&t);
    }
    if (rec->changed_dropped > 0)
        printf("  and %u more\n", (unsigned)rec->changed_dropped);
    printf("%u parameters in force, from the files in %s\n", (unsigned)view->params->count,
           view->folder);
}

/* ---- JSON ---- */

static json_t *
fetches_json(const struct prov_record *rec)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < rec->fetch_count; i++) {
        const struct prov_fetch_record *f = &rec->fetches[i];

        json_array_append_new(
            list, json_pack("{s:o, s:I, s:I, s:I, s:s, s:o, s:o, s:I, s:s, s:b, s:b}", "url",
                            report_address(f->url), "status", (json_int_t)f->http_status, "bytes",
                            (json_int_t)f->bytes, "ms", (json_int_t)f->ms, "type",
                            prov_file_type_name(f->type), "before", report_address(f->before),
                            "finalUrl", report_address(f->final_url), "redirects",
                            (json_int_t)f->redirects, "result", prov_status_name(f->status),
                            "notModified", f->not_modified, "remembered", f->remembered));
    }
    return list;
}

static void
add_why(struct text *t, const struct prov_schedule_run *run)
{
    char line[PROV_SCHEDULE_TEXT];
    struct prov_buf buf = { line, sizeof(line), 0 };

    if (prov_schedule_describe(run, &buf) == PROV_OK)
        text_add(t, (struct prov_str){ line, buf.len });
}

void
run_report_add_next(struct text *t, const struct prov_record *record)
{
    const struct prov_schedule_run *run = &record->next_run;

    if (run->why == PROV_SCHEDULE_NONE)
        return;
    text_add_z(t, "next run ");
    if (run->unix_ms != 0) {
        zone_add_time(t, run->unix_ms);
        text_add_z(t, " ");
    }
    text_add_z(t, "(");
    add_why(t, run);
    text_add_z(t, ")");
}

/* What comes first: a retry, or a run by schedule. */
static json_t *
next_json(const struct run_view *view)
{
    const struct prov_record *rec = view->record;
    const struct prov_schedule_run *run = &rec->next_run;
    const bool planned = run->at_ms > 0;
    struct text why = { 0 };
    json_t *next;

    if (rec->will_retry && (!planned || rec->retry_at_ms <= run->at_ms))
        return json_pack("{s:s, s:I, s:s}", "trigger", "retry", "at_s",
                         (json_int_t)run_report_next_s(rec, view->now_ms), "why",
                         "the attempt failed");
    if (!planned)
        return json_null();
    add_why(&why, run);
    next =
        json_pack("{s:s, s:I, s:s}", "trigger", prov_trigger_name(PROV_TRIGGER_TIME), "at_s",
                  run->at_ms > view->now_ms ? (json_int_t)((run->at_ms - view->now_ms + 999) / 1000)
                                            : (json_int_t)0,
                  "why", why.ptr);
    text_free(&why);
    return next;
}

static bool
has_result(const struct prov_record *rec)
{
    return rec->outcome == PROV_OUTCOME_APPLIED || rec->outcome == PROV_OUTCOME_PARTIAL ||
           rec->outcome == PROV_OUTCOME_UNCHANGED;
}

json_t *
run_report_json(const struct run_view *view)
{
    const struct prov_record *rec = view->record;
    uint32_t count;
    struct prov_str *names = change_names(rec, &count);
    const struct account_view account = { has_result(rec) ? rec->apply : NULL, names, count };
    const struct timeline sources = timeline_of(view);
    json_t *doc = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:b, s:s}", "outcome",
        prov_outcome_name(rec->outcome), "sources", timeline_json(&sources), "fetches",
        fetches_json(rec), "sections", account_sections(&account), "changes",
        view->params != NULL ? params_json(view) : account_changes(&account), "next",
        next_json(view), "attempts", (json_int_t)rec->attempts, "settings",
        report_string(prov_str_z(view->settings_file)), "written",
        !prov_str_eq(view->before, view->after), "trigger", prov_trigger_name(rec->trigger));

    if (view->params != NULL)
        json_object_set_new(doc, "saved", saved_json(rec));
    account_add_dropped(doc, &account);
    free(names);
    return doc;
}

/* ---- for people ---- */

static void
print_address(const char *title, struct prov_str url)
{
    struct text hidden = { 0 }, shown = { 0 };

    text_add_redacted(&hidden, url);
    text_add_shown(&shown, text_str(&hidden));
    text_add_z(&shown, "");
    printf("%s%s\n", title, shown.ptr);
    text_free(&hidden);
    text_free(&shown);
}

/* A status in words; the diagnostics tell the rest. */
static const char *
words_of(enum prov_status status)
{
    static const struct {
        enum prov_status status;
        const char *words;
    } rows[] = {
        { PROV_E_NETWORK, "transfer failed" }, { PROV_E_TIMEOUT, "timed out" },
        { PROV_E_NOT_FOUND, "not found" },     { PROV_E_DENIED, "refused" },
        { PROV_E_LIMIT, "over a limit" },      { PROV_E_CANCELLED, "cancelled" },
        { PROV_E_SYNTAX, "malformed" },        { PROV_E_TYPE, "wrong kind of file" },
    };

    for (size_t i = 0; i < TOOL_COUNT(rows); i++) {
        if (rows[i].status == status)
            return rows[i].words;
    }
    return prov_status_name(status);
}

static void
print_fetch(const struct prov_fetch_record *f)
{
    print_address("  ", f->url);
    if (!prov_str_eq(f->before, f->url))
        print_address("    written as:  ", f->before);
    if (f->final_url.len > 0 && !prov_str_eq(f->final_url, f->url))
        print_address("    came from:   ", f->final_url);
    printf("    ");
    if (!f->ended)
        printf("not ended, ");
    if (f->http_status != 0)
        printf("HTTP %u, ", (unsigned)f->http_status);
    if (f->not_modified)
        printf("not modified, ");
    if (f->status != PROV_OK)
        printf("%s, ", words_of(f->status));
    printf("%u bytes, %u ms", (unsigned)f->bytes, (unsigned)f->ms);
    if (f->type != PROV_FILE_UNKNOWN)
        printf(": %s", prov_file_type_name(f->type));
    puts("");
}

/* The whole tree is as it was: that is one line, not one for each file. A reference file always
 * comes whole. */
static bool
is_all_same(const struct prov_record *rec)
{
    uint32_t same = 0, whole = 0;

    for (uint32_t i = 0; i < rec->fetch_count; i++) {
        same += rec->fetches[i].not_modified;
        whole += rec->fetches[i].type == PROV_FILE_REFERENCE && !rec->fetches[i].not_modified;
    }
    return rec->outcome == PROV_OUTCOME_UNCHANGED && same > 0 && same + whole == rec->fetch_count;
}

static void
print_files(const struct prov_record *rec)
{
    uint32_t count;
    struct prov_str *names = change_names(rec, &count);
    const struct account_view account = { has_result(rec) ? rec->apply : NULL, names, count };

    if (is_all_same(rec)) {
        printf("%u files, none of them modified since the last run\n", (unsigned)rec->fetch_count);
        free(names);
        return;
    }
    if (rec->fetch_count > 0)
        puts("files, in the order of applying:");
    for (uint32_t i = 0; i < rec->fetch_count; i++) {
        print_fetch(&rec->fetches[i]);
        if (rec->fetches[i].change != NOT_APPLIED)
            account_print_file(stdout, &account, rec->fetches[i].change, 4);
    }
    free(names);
}

static void
print_diff(const struct run_view *view)
{
    struct text before = { 0 }, after = { 0 };

    mask_document(view->before, &before);
    mask_document(view->after, &after);
    const struct diff_text a = { "settings before", view->before, text_str(&before) };
    const struct diff_text b = { "settings after", view->after, text_str(&after) };

    if (!diff_print(stdout, &a, &b))
        printf("the settings differ too much to show: %zu bytes before, %zu bytes after\n",
               view->before.len, view->after.len);
    text_free(&before);
    text_free(&after);
}

void
run_report_print(const struct run_view *view)
{
    const struct prov_record *rec = view->record;
    const struct timeline sources = timeline_of(view);

    printf("attempt %u (%s)\n", (unsigned)rec->attempts, prov_trigger_name(rec->trigger));
    if (rec->outcome != PROV_OUTCOME_UNDONE) /* then nobody was to be asked */
        timeline_print(&sources);
    print_files(rec);
    if (view->params != NULL) {
        print_params(view);
    } else if (has_result(rec)) {
        print_diff(view);
        print_address("settings: ", prov_str_z(view->settings_file));
    }
    printf("outcome: %s", prov_outcome_name(rec->outcome));
    if (rec->outcome == PROV_OUTCOME_UNCHANGED)
        printf(", nothing written");
    if (rec->outcome == PROV_OUTCOME_NONE)
        printf(", the attempt has not ended");
    if (rec->unchanged_by_digest)
        printf(" (the same files on the same settings as last time)");
    puts("");
}
