/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <prov/path.h>

#include "application.h"
#include "checked.h"
#include "commands.h"
#include "file.h"
#include "params.h"
#include "xsd.h"

struct check {
    const struct command *command;
    struct device device;
    struct report report;
    struct application app; /* the dry run on the settings */
    struct document settings;
    struct document *docs;
    struct checked *results; /* one for each file */
    size_t count;
    const char *settings_name;
    const char *xsd; /* folder; NULL = none */
    bool json;
    int code;
};

static int
worse(int a, int b)
{
    static const int order[] = { TOOL_DONE, TOOL_PARTIAL, TOOL_REFUSED, TOOL_OUTSIDE };
    size_t ra = 0, rb = 0;

    for (size_t i = 0; i < TOOL_COUNT(order); i++) {
        ra = order[i] == a ? i : ra;
        rb = order[i] == b ? i : rb;
    }
    return ra > rb ? a : b;
}

static const char *
status_name(int code)
{
    if (code == TOOL_DONE)
        return "unchanged"; /* a check never changes anything */
    return code == TOOL_PARTIAL ? "partial" : "refused";
}

static void
check_file(struct check *c, size_t index, const char *name)
{
    struct checked *result = &c->results[index];
    const size_t limit = c->device.limits.file_bytes;

    result->code = document_read(&c->docs[index], name, limit, &c->report);
    if (result->code == TOOL_DONE)
        checked_look(result, &c->docs[index], c->settings_name != NULL ? &c->settings : NULL,
                     &c->device, &c->report);
    if (c->xsd != NULL && (result->code == TOOL_DONE || result->code == TOOL_PARTIAL))
        result->code = worse(result->code, xsd_check(c->xsd, &c->docs[index], &c->report));
    c->code = worse(c->code, result->code);
}

static bool
can_be_applied(const struct check *c, const struct checked *result)
{
    return result->code == TOOL_DONE &&
           (c->device.dialect->first_types & PROV_FILE_BIT(result->type)) != 0;
}

/* What is fine by itself, one after the other, on the settings. */
static void
dry_run(struct check *c, struct document *fine)
{
    size_t n = 0;

    for (size_t i = 0; i < c->count; i++) {
        if (can_be_applied(c, &c->results[i]))
            fine[n++] = c->docs[i];
    }
    c->app = (struct application){
        .device = &c->device,
        .report = &c->report,
        .settings = &c->settings,
        .changes = fine,
        .change_count = n,
    };
    c->code = worse(c->code, application_report(&c->app, application_run(&c->app)));
}

static void
print_json(struct check *c)
{
    const struct account_view view = application_view(&c->app);
    json_t *files = json_array();
    json_t *sections = account_sections(&view);

    for (size_t i = 0; i < c->count; i++) {
        json_array_append_new(files, checked_json(&c->results[i], c->docs[i].name));
        if (c->settings_name == NULL)
            json_array_extend(sections, c->results[i].sections);
    }
    json_t *doc = json_pack("{s:s, s:o, s:o, s:o}", "status", status_name(c->code), "files", files,
                            "sections", sections, "changes", account_changes(&view));

    account_add_dropped(doc, &view);
    report_document(&c->report, doc);
}

static void
print_lines(struct check *c)
{
    const struct account_view view = application_view(&c->app);

    for (size_t i = 0; i < c->count; i++)
        checked_print(&c->results[i], c->docs[i].name);
    if (view.apply == NULL)
        return;
    printf("on %s:\n", c->settings.shown.ptr);
    for (uint32_t i = 0; i < view.name_count; i++)
        account_print_file(stdout, &view, i, 2);
}

static int
check(struct check *c, const struct command_line *line)
{
    struct document *fine = tool_alloc(line->operand_count * sizeof(*fine));

    report_init(&c->report, c->json);
    c->count = line->operand_count;
    c->docs = tool_alloc(c->count * sizeof(*c->docs));
    c->results = tool_alloc(c->count * sizeof(*c->results));
    if (c->settings_name != NULL)
        c->code = document_read(&c->settings, c->settings_name, c->device.limits.settings_bytes,
                                &c->report);
    const bool usable = c->settings_name != NULL && c->code == TOOL_DONE;

    for (size_t i = 0; i < c->count; i++)
        check_file(c, i, line->operands[i]);
    if (usable)
        dry_run(c, fine);
    if (c->json)
        print_json(c);
    else
        print_lines(c);
    application_free(&c->app);
    for (size_t i = 0; i < c->count; i++) {
        checked_free(&c->results[i]);
        document_free(&c->docs[i]);
    }
    document_free(&c->settings);
    free(c->docs);
    free(c->results);
    free(fine);
    return report_end(&c->report, c->code);
}

static int
check_params(const struct check *c, const struct command_line *line)
{
    const struct params_job job = {
        .command = c->command,
        .device = &c->device,
        .names = line->operands,
        .name_count = line->operand_count,
        .json = c->json,
    };

    return params_check(&job);
}

/* Of the files of this dialect; TOOL_GO_ON if they are as for the others. */
static int
check_usage(const struct check *c, const struct command_line *line)
{
    if (line->operand_count == 0)
        return tool_usage(c->command, "a file is missing");
    if (c->device.dialect->layers == NULL)
        return device_needs_settings(&c->device, c->command);
    if (c->settings_name != NULL || c->xsd != NULL)
        return tool_usage(c->command, "--settings and --xsd are not for this dialect");
    return TOOL_GO_ON;
}

int
command_check(const struct command *self, int argc, char **argv)
{
    struct check c = { .command = self, .code = TOOL_DONE };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "settings",
          .value = "FILE",
          .text = &c.settings_name,
          .help = "apply the files to a copy of these" },
        { .name = "xsd",
          .value = "DIR",
          .text = &c.xsd,
          .help = "check against the XML schemas there" },
        { .name = "json", .flag = &c.json, .help = "print one JSON document instead" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&c.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&c.device, self);
    if (code == TOOL_GO_ON)
        code = check_usage(&c, &line);
    if (code == TOOL_GO_ON && c.xsd != NULL && !xsd_is_there())
        code = tool_usage(self, "--xsd cannot be used: this program was built without libxml2");
    if (code == TOOL_GO_ON)
        code = c.device.dialect->layers != NULL ? check_params(&c, &line) : check(&c, &line);
    free(line.operands);
    return code;
}
