/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "application.h"
#include "commands.h"
#include "explain.h"
#include "file.h"
#include "params.h"

struct apply {
    const struct command *command;
    struct device device;
    struct report report;
    struct application app;
    struct document settings;
    struct document *changes;
    const char *const *names; /* the settings, then the changes */
    size_t change_count;
    const char *output; /* NULL = stdout */
    const char *user;
    struct words explain; /* paths */
    json_t *origins;      /* of these; NULL without --json */
    struct text result;
    bool json;
    bool changed;
    bool wrote; /* the output file */
};

static const char *
status_name(const struct apply *a, int code)
{
    if (code == TOOL_REFUSED || code == TOOL_OUTSIDE)
        return "refused";
    if (code == TOOL_PARTIAL)
        return "partial";
    return a->changed ? "applied" : "unchanged";
}

/* All files are looked at, so that every unreadable one is told. */
static int
read_inputs(struct apply *a)
{
    const struct prov_limits *l = &a->device.limits;
    int worst = document_read(&a->settings, a->names[0], l->settings_bytes, &a->report);

    for (size_t i = 0; i < a->change_count; i++) {
        const int code = document_read(&a->changes[i], a->names[i + 1], l->file_bytes, &a->report);

        worst = code > worst ? code : worst;
    }
    return worst;
}

/* A script finds its output file where it wants it, but a file that is right is not touched. */
static bool
must_write(const struct apply *a)
{
    return a->changed || !file_same(a->output, a->names[0]);
}

static int
deliver(struct apply *a, int code)
{
    const size_t limit = a->device.limits.settings_bytes;

    if (a->result.len > limit) {
        report_tool(&a->report, PROV_D_RESULT_TOO_LARGE, a->settings.name, "", limit);
        return TOOL_REFUSED;
    }
    if (a->output == NULL) {
        if (!a->json)
            fwrite(a->result.ptr, 1, a->result.len, stdout);
        return code;
    }
    if (!must_write(a))
        return code;
    a->wrote = file_write(a->output, text_str(&a->result), &a->report);
    return a->wrote ? code : TOOL_OUTSIDE;
}

static json_t *
files_json(const struct apply *a)
{
    json_t *list = json_array();

    for (size_t i = 0; i < a->change_count; i++) {
        const enum prov_file_type type = a->app.types != NULL ? a->app.types[i] : PROV_FILE_UNKNOWN;

        json_array_append_new(list,
                              json_pack("{s:o, s:s}", "name", report_string(a->changes[i].name),
                                        "type", prov_file_type_name(type)));
    }
    return list;
}

static void
print_json(struct apply *a, int code)
{
    const bool kept = code == TOOL_DONE || code == TOOL_PARTIAL;
    const struct account_view none = { 0 };
    const struct account_view view = kept ? application_view(&a->app) : none;
    json_t *doc =
        json_pack("{s:s, s:o, s:o, s:o}", "status", status_name(a, code), "files", files_json(a),
                  "sections", account_sections(&view), "changes", account_changes(&view));

    account_add_dropped(doc, &view);
    if (a->origins != NULL)
        json_object_set(doc, "explain", a->origins);
    report_document(&a->report, doc);
}

static void
print_account(struct apply *a, int code)
{
    const struct account_view view = application_view(&a->app);
    const bool kept = code == TOOL_DONE || code == TOOL_PARTIAL;

    for (uint32_t i = 0; kept && i < a->change_count; i++) {
        fprintf(stderr, "%s: %s\n", a->changes[i].shown.ptr, prov_file_type_name(a->app.types[i]));
        account_print_file(stderr, &view, i, 2);
    }
    fprintf(stderr, "result: %s", status_name(a, code));
    if (!kept)
        fputs(", nothing written", stderr);
    else if (a->wrote)
        fputs(", output file written", stderr);
    else if (a->output != NULL)
        fputs(", output file left as it is", stderr);
    fputs("\n", stderr);
}

static int
apply_all(struct apply *a)
{
    a->app = (struct application){
        .device = &a->device,
        .report = &a->report,
        .settings = &a->settings,
        .changes = a->changes,
        .change_count = a->change_count,
    };
    const int code = application_report(&a->app, application_run(&a->app));

    if (code != TOOL_DONE && code != TOOL_PARTIAL)
        return code;
    application_write(&a->app, &a->result);
    a->changed = prov_apply_changed(&a->app.apply);
    return deliver(a, code);
}

/* A path that leads to nothing is told by the exit code, unless that tells something worse. */
static int
explain(struct apply *a, int code)
{
    int result = code;

    if (code != TOOL_DONE && code != TOOL_PARTIAL)
        return code;
    for (size_t i = 0; i < a->explain.count; i++) {
        if (!explain_path(&a->app, a->explain.items[i], a->origins) && code == TOOL_DONE)
            result = TOOL_REFUSED;
    }
    return result;
}

static int
apply(struct apply *a)
{
    report_init(&a->report, a->json);
    a->changes = tool_alloc(a->change_count * sizeof(*a->changes));
    int code = read_inputs(a);

    if (code == TOOL_DONE)
        code = apply_all(a);
    if (a->json && a->explain.count > 0)
        a->origins = json_array();
    if (!a->json)
        print_account(a, code);
    const int explained = explain(a, code);

    if (a->json)
        print_json(a, code);
    json_decref(a->origins);
    application_free(&a->app);
    for (size_t i = 0; i < a->change_count; i++)
        document_free(&a->changes[i]);
    document_free(&a->settings);
    free(a->changes);
    text_free(&a->result);
    return report_end(&a->report, explained);
}

static int
apply_params(const struct apply *a)
{
    const struct params_job job = {
        .command = a->command,
        .device = &a->device,
        .names = a->names,
        .name_count = a->change_count + 1,
        .user = a->user,
        .output = a->output,
        .explain = &a->explain,
        .json = a->json,
    };

    return params_apply(&job);
}

static int
check_usage(struct apply *a, const struct command_line *line)
{
    const bool layers = a->device.dialect->layers != NULL;
    size_t from_stdin = a->user != NULL && strcmp(a->user, "-") == 0;
    const int code = layers ? TOOL_GO_ON : device_needs_settings(&a->device, a->command);

    if (code != TOOL_GO_ON)
        return code;
    if (a->user != NULL && !layers)
        return tool_usage(a->command, "--user is for panasonic dialects only");
    if (line->operand_count < (a->user != NULL ? 1 : 2))
        return tool_usage(a->command, "a settings file and at least one change file are needed");
    for (size_t i = 0; i < line->operand_count; i++)
        from_stdin += strcmp(line->operands[i], "-") == 0;
    if (from_stdin > 1)
        return tool_usage(a->command, "'-' can be given once only");
    a->names = line->operands;
    a->change_count = line->operand_count - 1;
    if (a->output != NULL && strcmp(a->output, "-") == 0)
        a->output = NULL;
    return TOOL_GO_ON;
}

int
command_apply(const struct command *self, int argc, char **argv)
{
    struct apply a = { .command = self };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "output",
          .letter = 'o',
          .value = "FILE",
          .text = &a.output,
          .help = "write the new settings there" },
        { .name = "user",
          .value = "FILE",
          .text = &a.user,
          .help = "changes made by the user (panasonic only)" },
        { .name = "explain",
          .value = "PATH",
          .list = &a.explain,
          .help = "say where a setting comes from" },
        { .name = "json", .flag = &a.json, .help = "print one JSON document instead" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&a.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&a.device, self);
    if (code == TOOL_GO_ON)
        code = check_usage(&a, &line);
    if (code == TOOL_GO_ON)
        code = a.device.dialect->layers != NULL ? apply_params(&a) : apply(&a);
    free(line.operands);
    return code;
}
