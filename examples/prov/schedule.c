/* SPDX-License-Identifier: MIT */

/* prov schedule: when a phone with these settings would run, and why. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <prov/adapters/posix.h>
#include <prov/discover.h>
#include <prov/retry.h>
#include <prov/run.h>

#include "commands.h"
#include "documents.h"
#include "zone.h"

#define COUNT_MAX 1000

struct schedule {
    const struct command *command;
    struct device device;
    struct report report;
    const char *settings_name, *state_dir, *from_option, *zone_option, *count_option;
    unsigned long count;
    bool json;
    struct prov_zone zone;
    int64_t from_ms;
    struct prov_schedule rules;
    bool known; /* the rules are */
};

/* ---- the rules: from a file ---- */

static enum prov_status
read_xml(struct schedule *p, struct documents *docs, const struct document *doc,
         struct prov_discover_settings *out)
{
    uint32_t root;
    const enum prov_status status = documents_parse(docs, doc, &root);

    if (status != PROV_OK)
        return status;
    return prov_discover_read_xml(p->device.dialect, &docs->x, root, &docs->arena, out,
                                  &docs->diags);
}

/* What the settings say lives in the documents' memory; only the rules are kept. */
static int
read_document(struct schedule *p, const struct document *doc)
{
    const struct prov_dialect *d = p->device.dialect;
    struct prov_discover_settings out = { 0 };
    struct documents docs;
    enum prov_status status = PROV_E_SPACE;

    documents_init(&docs, &p->device, doc->text.len);
    while (status == PROV_E_SPACE && documents_grow(&docs))
        status = d->settings_form != PROV_SETTINGS_LINES
                     ? read_xml(p, &docs, doc, &out)
                     : prov_discover_read_text(d, doc->name, text_str(&doc->text), &docs.arena,
                                               &out, &docs.diags);
    p->rules = out.schedule;
    p->known = status == PROV_OK;
    const int code = documents_report(&docs, status, &p->report);

    documents_free(&docs);
    return code;
}

static int
read_settings(struct schedule *p)
{
    struct document doc = { 0 };
    int code = document_read(&doc, p->settings_name, p->device.limits.settings_bytes, &p->report);

    if (code == TOOL_DONE)
        code = read_document(p, &doc);
    document_free(&doc);
    return code;
}

/* ---- the rules: from a folder, by a session that asks nobody ---- */

static enum prov_status
no_fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    (void)ctx;
    (void)id;
    (void)req;
    (void)run;
    return PROV_E_NETWORK;
}

static enum prov_status
run_alone(struct schedule *p, struct prov_posix_store *posix, struct prov_session *session)
{
    static const struct prov_net_ops nobody = { .size = sizeof(nobody), .fetch = no_fetch };
    const struct prov_net net = { &nobody, NULL };
    const struct prov_store store = prov_posix_store_table(posix);
    const struct prov_clock clock = prov_posix_clock();
    const struct prov_schedule *rules;
    struct prov_run run;
    enum prov_status status = prov_run_init(&run, session, &net, &store, &clock, NULL);

    if (status == PROV_OK)
        status = prov_run_loop(&run);
    rules = prov_session_schedule(session);
    p->known = status == PROV_OK && rules != NULL;
    if (p->known)
        p->rules = *rules;
    if (prov_session_record(session)->outcome == PROV_OUTCOME_FAILED) {
        struct prov_diags list = *prov_session_record(session)->diags;

        report_diags(&p->report, &list);
        p->known = false;
    }
    return status;
}

static int
read_stored(struct schedule *p, struct prov_posix_store *posix)
{
    const struct prov_discover_options nowhere = { .size = sizeof(nowhere),
                                                   .disabled = UINT32_MAX,
                                                   .needs_time = PROV_CHOICE_NO };
    const struct prov_session_config config = { .size = sizeof(config),
                                                .dialect = p->device.dialect,
                                                .identity = &p->device.identity,
                                                .limits = &p->device.limits,
                                                .attempts = 1,
                                                .discover = &nowhere };
    struct prov_session *session = NULL;
    size_t bytes = 0;
    void *memory;

    if (prov_session_memory(&p->device.limits, &bytes) != PROV_OK)
        return TOOL_OUTSIDE;
    memory = tool_alloc(bytes);
    if (prov_session_init(&session, memory, bytes, &config, NULL) == PROV_OK) {
        (void)run_alone(p, posix, session);
        prov_session_wipe(session);
    }
    free(memory);
    return p->known ? TOOL_DONE : TOOL_OUTSIDE;
}

/* Opening a folder makes it: one that is not there is told instead. */
static int
read_state(struct schedule *p)
{
    struct prov_posix_store *posix = NULL;
    struct stat st;
    enum prov_status status = PROV_E_STORAGE;

    if (stat(p->state_dir, &st) == 0 && S_ISDIR(st.st_mode))
        status = prov_posix_store_open(&posix, p->state_dir);
    if (status != PROV_OK) {
        report_tool(&p->report,
                    status == PROV_E_STATE ? PROV_D_TOOL_STATE_BUSY : PROV_D_TOOL_STATE_FOLDER,
                    prov_str_z(p->state_dir), "there is no such folder", 0);
        return TOOL_OUTSIDE;
    }
    const int code = read_stored(p, posix);

    prov_posix_store_close(&posix);
    return code;
}

/* ---- the runs ---- */

static uint64_t
device_number(const struct schedule *p)
{
    const struct prov_identity *id = &p->device.identity;

    return prov_retry_device(id->mac.len > 0 ? id->mac : id->serial);
}

static void
add_why(struct text *t, const struct prov_schedule_run *run)
{
    char line[PROV_SCHEDULE_TEXT];
    struct prov_buf buf = { line, sizeof(line), 0 };

    if (prov_schedule_describe(run, &buf) == PROV_OK)
        text_add(t, (struct prov_str){ line, buf.len });
}

static void
show_run(const struct prov_schedule_run *run, json_t *runs)
{
    struct text at = { 0 }, why = { 0 };

    add_why(&why, run);
    if (runs == NULL) {
        zone_add_time(&at, run->unix_ms);
        printf("%s  %s  %s\n", at.ptr, prov_trigger_name(PROV_TRIGGER_TIME), why.ptr);
    } else {
        zone_add_iso(&at, run->unix_ms);
        json_array_append_new(runs,
                              json_pack("{s:s, s:I, s:s, s:s}", "at", at.ptr, "unixMs",
                                        (json_int_t)run->unix_ms, "trigger",
                                        prov_trigger_name(PROV_TRIGGER_TIME), "why", why.ptr));
    }
    text_free(&at);
    text_free(&why);
}

/* As if the phone had started at the moment we look from. How many there are. */
static unsigned long
show_runs(struct schedule *p, json_t *runs)
{
    struct prov_schedule_now now = { .device = device_number(p),
                                     .known = true,
                                     .unix_ms = p->from_ms,
                                     .zone = p->zone,
                                     .last_ms = INT64_MIN };
    struct prov_schedule_run run;
    unsigned long n = 0;

    while (n < p->count && prov_schedule_next(&p->rules, &now, &run) == PROV_OK &&
           run.why != PROV_SCHEDULE_NONE) {
        show_run(&run, runs);
        now.now_ms = run.at_ms;
        now.unix_ms = now.last_ms = run.unix_ms;
        n++;
    }
    return n;
}

static int
make_schedule(struct schedule *p)
{
    json_t *runs = p->json ? json_array() : NULL;
    struct text from = { 0 };
    unsigned long n = 0;
    int code = p->settings_name != NULL ? read_settings(p) : read_state(p);

    if (p->known)
        n = show_runs(p, runs);
    if (p->known && n == 0) {
        code = TOOL_NOTHING;
        if (!p->json)
            puts("no runs by schedule; there are those at start, by hand and by check-sync");
    }
    zone_add_iso(&from, p->from_ms);
    if (p->json)
        report_document(&p->report, json_pack("{s:s, s:o}", "from", from.ptr, "runs", runs));
    text_free(&from);
    return report_end(&p->report, code);
}

/* ---- the command line ---- */

static int
check_usage(struct schedule *p, const struct command_line *line)
{
    if (line->operand_count > 0)
        return tool_usage(p->command, "there are no operands");
    if ((p->settings_name == NULL) == (p->state_dir == NULL))
        return tool_usage(p->command, "either --settings or --state is needed");
    if (!tool_number(p->count_option, 1, COUNT_MAX, &p->count))
        return tool_usage(p->command, "--count needs a number from 1 to 1000");
    p->zone = zone_open(p->zone_option);
    if (p->from_option != NULL && !zone_read(p->from_option, &p->from_ms))
        return tool_usage(p->command,
                          "--from needs YYYY-MM-DD[ HH:MM[:SS]] or @SECONDS since 1970");
    return TOOL_GO_ON;
}

static int64_t
now_ms(void)
{
    const struct prov_clock clock = prov_posix_clock();
    struct prov_wall_time wall = { .unix_s = 0 };

    clock.ops->wall(clock.ctx, &wall);
    return wall.unix_s * 1000;
}

int
command_schedule(const struct command *self, int argc, char **argv)
{
    static struct schedule p;
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "settings",
          .value = "FILE",
          .text = &p.settings_name,
          .help = "settings of the phone" },
        { .name = "state",
          .value = "DIR",
          .text = &p.state_dir,
          .help = "or the folder of a phone, as of 'prov run'" },
        { .name = "from",
          .value = "TIME",
          .text = &p.from_option,
          .help = "from when on, and the phone's start: YYYY-MM-DD[ HH:MM[:SS]] (now)" },
        { .name = "zone",
          .value = "TZ",
          .text = &p.zone_option,
          .help = "local time of the phone, such as Europe/Berlin (that of this machine)" },
        { .name = "count",
          .value = "N",
          .text = &p.count_option,
          .help = "how many runs to show (10)" },
        { .name = "json", .flag = &p.json, .help = "print one JSON document" },
    };

    p = (struct schedule){ .command = self, .count_option = "10", .from_ms = now_ms() };
    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&p.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&p.device, self);
    if (code == TOOL_GO_ON)
        code = check_usage(&p, &line);
    if (code == TOOL_GO_ON) {
        report_init(&p.report, p.json);
        code = make_schedule(&p);
    }
    free(line.operands);
    return code;
}
