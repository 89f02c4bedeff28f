/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <prov/adapters/curl.h>
#include <prov/adapters/posix.h>
#include <prov/run.h>

#include "commands.h"
#include "device.h"
#include "file.h"
#include "report.h"
#include "run_report.h"
#include "trace.h"

#define DELAYS_MAX 16
#define LOOK_MS 200u /* a signal is noticed at the latest after this time */

struct run {
    const struct command *command;
    struct device device;
    struct report report;
    const char *state_dir, *url, *interface, *trace_name, *ca, *delay_option, *user_agent;
    bool raw, once, json;
    struct prov_delay delays[DELAYS_MAX];
    size_t delay_count;

    struct prov_posix_store *store;
    struct prov_curl *curl;
    struct prov_net net; /* without the trace */
    struct prov_clock clock;
    FILE *trace_file;
    struct trace trace;
    void *memory;
    struct prov_session *session;
    struct prov_run run;
    struct text settings_file; /* its name */
    struct text before;        /* the settings before the run */
};

static volatile sig_atomic_t stop_asked;

static void
on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

static void
catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- opening ---- */

static int
outside(struct run *r, enum prov_diag_code code, const char *source, const char *subject)
{
    report_tool(&r->report, code, prov_str_z(source), subject, 0);
    return TOOL_OUTSIDE;
}

static int
open_store(struct run *r)
{
    errno = 0;
    const enum prov_status status = prov_posix_store_open(&r->store, r->state_dir);

    if (status == PROV_E_STATE)
        return outside(r, PROV_D_TOOL_STATE_BUSY, r->state_dir, "");
    if (status != PROV_OK)
        return outside(r, PROV_D_TOOL_STATE_FOLDER, r->state_dir,
                       errno != 0 ? strerror(errno) : prov_status_name(status));
    /* Only now: opening completes or discards what a power cut left behind. */
    size_t len = strlen(r->state_dir);

    while (len > 0 && r->state_dir[len - 1] == '/')
        len--;
    text_addf(&r->settings_file, "%.*s/settings.xml", (int)len, r->state_dir);
    file_read_quietly(r->settings_file.ptr, &r->before);
    return TOOL_GO_ON;
}

static int
open_network(struct run *r)
{
    const struct prov_curl_options options = { .size = sizeof(options), .ca_file = r->ca };

    if (r->ca != NULL && access(r->ca, R_OK) != 0)
        return outside(r, PROV_D_TOOL_FILE_READ, r->ca, strerror(errno));
    if (prov_curl_new(&r->curl, &options) != PROV_OK)
        return outside(r, PROV_D_TOOL_NETWORK, "", "");
    r->net = prov_curl_net(r->curl);
    return TOOL_GO_ON;
}

static int
open_trace(struct run *r)
{
    if (r->trace_name == NULL)
        return TOOL_GO_ON;
    r->trace_file = fopen(r->trace_name, "w");
    return r->trace_file != NULL
               ? TOOL_GO_ON
               : outside(r, PROV_D_TOOL_FILE_WRITE, r->trace_name, strerror(errno));
}

static int
refuse(struct run *r, enum prov_status status, const struct prov_diag *diag)
{
    const enum prov_status_class class = prov_status_class(status);

    report_diag(&r->report, diag);
    return class == PROV_CLASS_INPUT || class == PROV_CLASS_POLICY ? TOOL_REFUSED : TOOL_OUTSIDE;
}

static int
open_session(struct run *r)
{
    struct prov_session_config config = {
        .size = sizeof(config),
        .dialect = r->device.dialect,
        .identity = &r->device.identity,
        .limits = &r->device.limits,
        .url = prov_str_z(r->url),
        .macro_raw = r->raw,
        .user_agent = prov_str_z(r->user_agent),
        .delays = r->delay_count > 0 ? r->delays : NULL,
        .delay_count = r->delay_count,
    };
    struct prov_diag diag = { 0 };
    size_t bytes;

    if (prov_posix_seed(&config.seed) != PROV_OK)
        return outside(r, PROV_D_TOOL_RANDOM, "", "");
    if (prov_session_memory(&r->device.limits, &bytes) != PROV_OK)
        return outside(r, PROV_D_TOOL_MEMORY, "", "");
    r->memory = malloc(bytes);
    if (r->memory == NULL)
        return outside(r, PROV_D_TOOL_MEMORY, "", "");
    const enum prov_status status =
        prov_session_init(&r->session, r->memory, bytes, &config, &diag);

    return status == PROV_OK ? TOOL_GO_ON : refuse(r, status, &diag);
}

static int
bind_tables(struct run *r)
{
    struct prov_net net = r->net;
    struct prov_store store = prov_posix_store_table(r->store);
    struct prov_diag diag = { 0 };

    r->clock = prov_posix_clock();
    trace_init(&r->trace, r->trace_file, &net, &store, &r->clock, r->session);
    const enum prov_status status =
        prov_run_init(&r->run, r->session, &net, &store, &r->clock, &diag);

    return status == PROV_OK ? TOOL_GO_ON : refuse(r, status, &diag);
}

static int
open_all(struct run *r)
{
    int (*const steps[])(struct run *) = { open_trace, open_store, open_network, open_session,
                                           bind_tables };
    int code = TOOL_GO_ON;

    for (size_t i = 0; i < TOOL_COUNT(steps) && code == TOOL_GO_ON; i++)
        code = steps[i](r);
    return code;
}

static void
close_all(struct run *r)
{
    prov_curl_free(&r->curl);
    prov_posix_store_close(&r->store);
    if (r->session != NULL)
        prov_session_wipe(r->session);
    free(r->memory);
    if (r->trace_file != NULL)
        fclose(r->trace_file);
    text_free(&r->settings_file);
    text_free(&r->before);
}

/* ---- the account ---- */

static struct run_view
view_of(const struct run *r, const struct text *after)
{
    return (struct run_view){
        .record = prov_session_record(r->session),
        .settings_file = r->settings_file.ptr,
        .before = text_str(&r->before),
        .after = text_str(after),
        .now_ms = r->clock.ops->monotonic_ms(r->clock.ctx),
    };
}

static void
tell_findings(struct run *r)
{
    const struct prov_record *rec = prov_session_record(r->session);

    if (rec->diags != NULL) {
        struct prov_diags list = *rec->diags;

        report_diags(&r->report, &list);
    }
}

/* Only what may be better next time is tried again. */
static bool
goes_on(const struct run *r, const struct prov_record *rec)
{
    return rec->will_retry && !r->once && rec->outcome == PROV_OUTCOME_FAILED;
}

/* What the attempt that has just ended did. With --json that is told at the end only. */
static void
tell_attempt(struct run *r)
{
    const struct prov_record *rec = prov_session_record(r->session);
    struct text after = { 0 };

    file_read_quietly(r->settings_file.ptr, &after);
    const struct run_view view = view_of(r, &after);

    if (!r->json) {
        run_report_print(&view);
        fflush(stdout); /* before the findings on stderr */
        tell_findings(r);
        if (rec->will_retry)
            printf("%s in %u s\n", goes_on(r, rec) ? "next attempt" : "a phone would try again",
                   (unsigned)run_report_next_s(rec, view.now_ms));
        fflush(stdout);
    }
    text_free(&after);
}

static void
tell_document(struct run *r)
{
    struct text after = { 0 };

    file_read_quietly(r->settings_file.ptr, &after);
    const struct run_view view = view_of(r, &after);

    report_document(&r->report, run_report_json(&view));
    text_free(&after);
}

/* ---- the loop: as prov_run_loop(), but it can be stopped and tells each attempt ---- */

static int
outcome_code(enum prov_outcome outcome)
{
    switch (outcome) {
    case PROV_OUTCOME_APPLIED:
    case PROV_OUTCOME_UNCHANGED:
        return TOOL_DONE;
    case PROV_OUTCOME_PARTIAL:
        return TOOL_PARTIAL;
    case PROV_OUTCOME_REFUSED:
        return TOOL_REFUSED;
    case PROV_OUTCOME_NOTHING:
        return TOOL_NOTHING;
    case PROV_OUTCOME_FAILED:
    case PROV_OUTCOME_NONE:
        break;
    }
    return TOOL_OUTSIDE;
}

static void
pause_run(const struct run *r, uint32_t ms)
{
    while (ms > 0 && !stop_asked) {
        const uint32_t part = ms < LOOK_MS ? ms : LOOK_MS;

        r->clock.ops->sleep(r->clock.ctx, part);
        ms -= part;
    }
}

/* Nothing is under way. TOOL_GO_ON, or the exit code if this was the last attempt. */
static int
between_attempts(struct run *r, uint32_t wait_ms)
{
    const struct prov_record *rec = prov_session_record(r->session);
    const bool again = rec->will_retry && rec->outcome != PROV_OUTCOME_NONE;

    if (again) {
        tell_attempt(r);
        if (!goes_on(r, rec))
            return outcome_code(rec->outcome);
    }
    pause_run(r, wait_ms);
    return TOOL_GO_ON;
}

static int
broken(struct run *r, enum prov_status status)
{
    const struct prov_diag *diag = prov_run_diag(&r->run);
    struct prov_diag own = { .status = status, .code = PROV_D_TOOL_NETWORK };

    tell_attempt(r);
    report_diag(&r->report, diag != NULL && diag->code != PROV_D_NONE ? diag : &own);
    return TOOL_OUTSIDE;
}

/* One turn. TOOL_GO_ON, or the exit code. */
static int
turn(struct run *r)
{
    struct prov_run_state state = { 0 };
    enum prov_status status = prov_run_step(&r->run, &state);

    trace_record(&r->trace);
    if (status != PROV_OK)
        return broken(r, status);
    if (state.ended) {
        tell_attempt(r);
        return outcome_code(prov_session_record(r->session)->outcome);
    }
    if (state.waiting)
        return between_attempts(r, state.wait_ms);
    status = r->net.ops->wait(r->net.ctx, LOOK_MS, &r->run);
    return status == PROV_OK ? TOOL_GO_ON : broken(r, status);
}

static int
drive(struct run *r)
{
    int code = TOOL_GO_ON;

    catch_signals();
    while (code == TOOL_GO_ON && !stop_asked)
        code = turn(r);
    return code;
}

/* A signal came. An attempt that was under way has not been told yet. */
static int
interrupted(struct run *r)
{
    if (prov_session_record(r->session)->outcome == PROV_OUTCOME_NONE)
        tell_attempt(r);
    return outside(r, PROV_D_TOOL_INTERRUPTED, "", "");
}

/* From the first turn to the document. */
static int
drive_and_tell(struct run *r)
{
    int code = drive(r);

    if (r->json)
        tell_findings(r);
    if (code == TOOL_GO_ON)
        code = interrupted(r);
    if (r->json)
        tell_document(r);
    return code;
}

static int
run(struct run *r)
{
    report_init(&r->report, r->json);
    int code = open_all(r);

    if (code == TOOL_GO_ON) {
        code = drive_and_tell(r);
    } else if (r->json) {
        report_document(&r->report, json_pack("{s:s, s:[], s:[], s:[], s:[], s:n}", "outcome",
                                              code == TOOL_REFUSED ? "refused" : "failed",
                                              "sources", "fetches", "sections", "changes", "next"));
    }
    close_all(r);
    return report_end(&r->report, code);
}

/* ---- the command line ---- */

/* `FIXED[+RANDOM]`, in seconds, separated by commas. */
static bool
read_delays(struct run *r)
{
    const char *at = r->delay_option;

    while (at != NULL && *at != '\0') {
        char word[32];
        const size_t len = strcspn(at, ",");
        unsigned long fixed, random = 0;

        if (len >= sizeof(word) || r->delay_count == DELAYS_MAX)
            return false;
        memcpy(word, at, len);
        word[len] = '\0';
        char *plus = strchr(word, '+');

        if (plus != NULL)
            *plus++ = '\0';
        if (!tool_number(word, 0, 86400, &fixed) ||
            (plus != NULL && !tool_number(plus, 0, 86400, &random)))
            return false;
        r->delays[r->delay_count++] = (struct prov_delay){ (uint32_t)fixed, (uint32_t)random };
        at += len + (at[len] == ',');
    }
    return r->delay_option == NULL || r->delay_count > 0;
}

/* It becomes a header line: a line end in it would begin another one. */
static bool
is_header_text(const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text < 0x20 || *text == 0x7F)
            return false;
    }
    return true;
}

static int
check_usage(struct run *r, const struct command_line *line)
{
    const int code = device_needs_settings(&r->device, r->command);

    if (code != TOOL_GO_ON)
        return code;
    if (r->interface != NULL)
        return tool_usage(r->command, "--interface is not there yet: this version does not look "
                                      "for the address on the network, use --url");
    if (r->state_dir == NULL)
        return tool_usage(r->command, "--state is missing");
    if (line->operand_count > 0)
        return tool_usage(r->command, "operands are not expected; the address follows --url");
    if (!is_header_text(r->user_agent))
        return tool_usage(r->command, "--user-agent needs visible ASCII characters");
    if (!read_delays(r))
        return tool_usage(r->command, "--delay needs FIXED+RANDOM[,FIXED+RANDOM]... in seconds, "
                                      "at most 86400 each");
    return TOOL_GO_ON;
}

int
command_run(const struct command *self, int argc, char **argv)
{
    struct run *r = tool_alloc(sizeof(*r));
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "state",
          .value = "DIR",
          .text = &r->state_dir,
          .help = "folder with the settings; made if missing" },
        { .name = "url", .value = "URL", .text = &r->url, .help = "address, with markers" },
        { .name = "interface",
          .value = "IF",
          .text = &r->interface,
          .help = "where to look for the address (not in this version)" },
        { .name = "once", .flag = &r->once, .help = "one attempt only" },
        { .name = "trace",
          .value = "FILE",
          .text = &r->trace_name,
          .help = "write a JSON line for each event" },
        { .name = "ca",
          .value = "FILE",
          .text = &r->ca,
          .help = "trusted authorities (PEM); default: the system's" },
        { .name = "delay",
          .value = "LIST",
          .text = &r->delay_option,
          .help = "seconds before further attempts: FIXED+RANDOM,..." },
        { .name = "user-agent",
          .value = "TEXT",
          .text = &r->user_agent,
          .help = "User-Agent, with markers" },
        { .name = "raw", .flag = &r->raw, .help = "write marker values as they are" },
        { .name = "json", .flag = &r->json, .help = "print one JSON document instead" },
    };

    r->command = self;
    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&r->device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code == TOOL_GO_ON)
        code = device_finish(&r->device, self);
    if (code == TOOL_GO_ON)
        code = check_usage(r, &line);
    if (code == TOOL_GO_ON)
        code = run(r);
    free(line.operands);
    free(r);
    return code;
}
