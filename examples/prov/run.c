/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "file.h"
#include "interface.h"
#include "run_report.h"
#include "signals.h"
#include "zone.h"

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
        .hex = r->hex,
        .params = r->device.dialect->layers != NULL ? prov_session_params(r->session) : NULL,
        .folder = r->state_dir,
    };
}

/* The record says that DHCP could not be asked; why is known here. */
static void
tell_rights(struct run *r)
{
    const int why = prov_lan_error(r->lan);

    if (why == EACCES || why == EPERM)
        report_tool(&r->report, PROV_D_TOOL_DHCP_RIGHTS, prov_str_z(r->interface), strerror(why),
                    0);
}

static void
tell_findings(struct run *r)
{
    const struct prov_record *rec = prov_session_record(r->session);

    if (rec->diags != NULL) {
        struct prov_diags list = *rec->diags;

        report_diags(&r->report, &list);
    }
    tell_rights(r);
}

/* Another attempt follows, as in a phone. */
static bool
goes_on(const struct run *r, const struct prov_record *rec)
{
    return (rec->will_retry || rec->run_follows) && !r->once;
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
        if (rec->outcome == PROV_OUTCOME_NOTHING && r->lan == NULL)
            puts("with --interface IF, DHCP and SIP PnP are asked too");
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
    case PROV_OUTCOME_UNDONE:
        return TOOL_REFUSED;
    case PROV_OUTCOME_NOTHING:
        return TOOL_NOTHING;
    case PROV_OUTCOME_FAILED:
    case PROV_OUTCOME_SAVED:
    case PROV_OUTCOME_NONE:
        break;
    }
    return TOOL_OUTSIDE;
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

/* What a phone waits for that stays: its schedule, check-sync with an interface, SIGHUP. */
static void
tell_next(const struct run *r)
{
    struct text t = { 0 };

    run_report_add_next(&t, prov_session_record(r->session));
    if (t.len > 0)
        printf("%s\n", t.ptr);
    text_free(&t);
    puts(r->lan != NULL ? "waiting for a check-sync or SIGHUP" : "waiting for SIGHUP");
}

/* SIGHUP: run now. */
static enum prov_status
look_for_signal(struct run *r)
{
    const struct prov_trigger_event now = { .size = sizeof(now), .trigger = PROV_TRIGGER_MANUAL };

    if (!signals_run)
        return PROV_OK;
    signals_run = 0;
    return prov_run_trigger(&r->run, &now);
}

/* Tell what has ended, once. TOOL_GO_ON, or the exit code if nothing follows. */
static int
after_attempt(struct run *r, bool ended)
{
    const struct prov_record *rec = prov_session_record(r->session);

    if (!r->told) {
        tell_attempt(r);
        if (!goes_on(r, rec) && !r->once && !r->json)
            tell_next(r);
        fflush(stdout);
    }
    r->told = true;
    r->trial.began_ms = rec->began_ms;
    return goes_on(r, rec) || (ended && !r->once) ? TOOL_GO_ON : outcome_code(rec->outcome);
}

/* An attempt is under way. What the one before has left is where this one begins. */
static void
begin_attempt(struct run *r)
{
    if (r->told) {
        text_free(&r->before);
        file_read_quietly(r->settings_file.ptr, &r->before);
    }
    r->told = false;
}

static void
tell_wait(struct run *r, const struct prov_record *rec)
{
    if (rec->waits_for == NULL || r->told_wait)
        return;
    r->told_wait = true;
    fprintf(r->json ? stderr : stdout, "waiting for %s\n", rec->waits_for);
    fflush(stdout);
}

/* Until something is reported, the time is over, or it is time to look for signals. */
static enum prov_status
rest(struct run *r, const struct prov_run_state *state)
{
    const bool timer = state->waiting && state->wait_ms < SIGNALS_LOOK_MS;
    const uint32_t ms = timer ? state->wait_ms : SIGNALS_LOOK_MS;

    if (r->lan != NULL || state->under_way || !(state->waiting || state->ended))
        return r->net.ops->wait(r->net.ctx, ms, &r->run);
    r->clock.ops->sleep(r->clock.ctx, ms);
    return PROV_OK;
}

/* One turn. TOOL_GO_ON, or the exit code. */
static int
turn(struct run *r)
{
    const struct prov_record *rec = prov_session_record(r->session);
    struct prov_run_state state = { 0 };
    enum prov_status status = look_for_signal(r);
    int code = TOOL_GO_ON;

    if (status == PROV_OK)
        status = prov_run_step(&r->run, &state);
    if (status != PROV_OK)
        return broken(r, status);
    tell_wait(r, rec);
    /* Undoing takes one step: it begins and ends unseen. */
    if (rec->outcome == PROV_OUTCOME_NONE || rec->began_ms != r->trial.began_ms)
        begin_attempt(r);
    if (rec->outcome != PROV_OUTCOME_NONE && (state.ended || rec->will_retry || rec->on_trial))
        code = after_attempt(r, state.ended);
    if (code != TOOL_GO_ON && !rec->on_trial)
        return code;
    run_trial_look(r);
    status = rest(r, &state);
    return status == PROV_OK ? TOOL_GO_ON : broken(r, status);
}

static int
drive(struct run *r)
{
    int code = TOOL_GO_ON;

    while (code == TOOL_GO_ON && !signals_stop)
        code = turn(r);
    return code;
}

/* A signal came. An attempt that was under way has not been told yet. */
static int
interrupted(struct run *r)
{
    const struct prov_record *rec = prov_session_record(r->session);

    if (rec->outcome == PROV_OUTCOME_NONE)
        tell_attempt(r);
    else if (!r->once && !rec->will_retry)
        return outcome_code(rec->outcome); /* it only waited for the next run */
    return run_outside(r, PROV_D_TOOL_INTERRUPTED, "", "");
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
    trace_end(&r->trace, code, r->clock.ops->monotonic_ms(r->clock.ctx));
    return code;
}

static int
run(struct run *r)
{
    report_init(&r->report, r->json);
    signals_catch();
    if (!r->once)
        signals_catch_hangup();
    r->zone = zone_open(NULL);
    int code = run_open(r);

    if (code == TOOL_GO_ON) {
        code = drive_and_tell(r);
    } else if (r->json) {
        report_document(&r->report, json_pack("{s:s, s:[], s:[], s:[], s:[], s:n}", "outcome",
                                              code == TOOL_REFUSED ? "refused" : "failed",
                                              "sources", "fetches", "sections", "changes", "next"));
    }
    run_close(r);
    return report_end(&r->report, code);
}

/* ---- the command line ---- */

/* `--retry` knows one word more than `--delay`. */
static bool
read_delays(struct run *r)
{
    if (r->retry_option != NULL && r->delay_option != NULL)
        return false;
    if (r->retry_option != NULL && strcmp(r->retry_option, "tr069") == 0)
        r->retry = PROV_RETRY_FORMULA;
    else if (r->retry_option != NULL)
        r->delay_option = r->retry_option;
    return r->delay_option == NULL || prov_retry_read(prov_str_z(r->delay_option), r->delays,
                                                      DELAYS_MAX, &r->delay_count, NULL) == PROV_OK;
}

/* `CONNECT,IDLE,WHOLE`, in seconds; those at the end may be missing. */
static bool
read_timeouts(struct run *r)
{
    const char *at = r->timeouts_option;

    for (size_t i = 0; at != NULL && *at != '\0'; i++) {
        char word[8];
        const size_t len = strcspn(at, ",");

        if (len >= sizeof(word) || i == TOOL_COUNT(r->timeouts_s))
            return false;
        memcpy(word, at, len);
        word[len] = '\0';
        if (!tool_number(word, 1, 86400, &r->timeouts_s[i]))
            return false;
        at += len + (at[len] == ',');
    }
    return r->timeouts_option == NULL || r->timeouts_s[0] > 0;
}

static bool
read_trigger(struct run *r)
{
    const char *why = r->trigger_option;

    if (why != NULL && strcmp(why, "boot") == 0)
        r->trigger = PROV_TRIGGER_BOOT;
    return why == NULL || r->trigger == PROV_TRIGGER_BOOT || strcmp(why, "manual") == 0;
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
check_network_usage(struct run *r)
{
    if (!interface_group(r->group_option, &r->group))
        return tool_usage(r->command, "--group needs ADDRESS:PORT of a multicast group");
    if (r->interface == NULL && (r->lease_file != NULL || r->lease6_file != NULL || r->lenient ||
                                 r->notifiers.count > 0 || r->sip_port_option != NULL))
        return tool_usage(r->command, "--lease, --lease6, --lenient, --sip-port and --allow-notify "
                                      "go with --interface");
    if (r->sip_port_option == NULL)
        r->sip_port_option = "5060";
    if (!tool_number(r->sip_port_option, 0, 65535, &r->sip_port))
        return tool_usage(r->command, "--sip-port needs a number from 0 to 65535");
    return policy_finish(&r->policy, r->command);
}

static int
check_usage(struct run *r, const struct command_line *line)
{
    if (r->state_dir == NULL)
        return tool_usage(r->command, "--state is missing");
    if (line->operand_count > 0)
        return tool_usage(r->command, "operands are not expected; the address follows --url");
    if (!is_header_text(r->user_agent))
        return tool_usage(r->command, "--user-agent needs visible ASCII characters");
    if (!run_trial_read(&r->trial))
        return tool_usage(r->command, "--confirm needs a number of seconds, at most 86400");
    if (!read_delays(r))
        return tool_usage(r->command, "--delay or --retry needs FIXED+RANDOM[,FIXED+RANDOM]... in "
                                      "seconds, at most 86400 each; --retry also takes tr069");
    if (!read_trigger(r))
        return tool_usage(r->command, "--trigger needs manual or boot");
    if (r->boot_spread_option != NULL &&
        !tool_number(r->boot_spread_option, 0, 86400, &r->boot_spread_s))
        return tool_usage(r->command, "--boot-spread needs seconds, at most 86400");
    if (!read_timeouts(r))
        return tool_usage(r->command, "--timeouts needs CONNECT[,IDLE[,WHOLE]] in seconds, "
                                      "each from 1 to 86400");
    return check_network_usage(r);
}

/* Where the address comes from, and who may ask for another run. */
static void
network_options(struct run *r, struct command_line *line)
{
    const struct option options[] = {
        { .name = "interface",
          .value = "IF",
          .text = &r->interface,
          .help = "where to look for the address by PnP and DHCP" },
        { .name = "redirect-url",
          .value = "URL",
          .text = &r->redirect_url,
          .help = "address of a redirection service, with markers" },
        { .name = "group",
          .value = "ADDRESS:PORT",
          .text = &r->group_option,
          .help = "multicast group of PnP (" INTERFACE_GROUP ")" },
        { .name = "lenient", .flag = &r->lenient, .help = "take PnP answers that break the rules" },
        { .name = "lease",
          .value = "FILE",
          .text = &r->lease_file,
          .help = "what a DHCP client left, instead of asking" },
        { .name = "lease6",
          .value = "FILE",
          .text = &r->lease6_file,
          .help = "the same for DHCPv6" },
        { .name = "sip-port",
          .value = "N",
          .text = &r->sip_port_option,
          .help = "where check-sync is taken without --once (5060); 0 takes any free one" },
        { .name = "allow-notify",
          .value = "HOST",
          .list = &r->notifiers,
          .help = "take check-sync from this host, * = from all, whatever the settings say" },
    };

    command_line_add(line, options, TOOL_COUNT(options));
}

static void
run_options(struct run *r, struct command_line *line)
{
    const struct option what[] = {
        { .name = "state",
          .value = "DIR",
          .text = &r->state_dir,
          .help = "folder with the settings; made if missing" },
        { .name = "url", .value = "URL", .text = &r->url, .help = "address, with markers" },
    };
    const struct option how[] = {
        { .name = "once", .flag = &r->once, .help = "one attempt only" },
        { .name = "confirm",
          .value = "SECONDS",
          .text = &r->trial.option,
          .help = "undo new settings unless SIGUSR1 says that the phone is registered" },
        { .name = "trace",
          .value = "FILE",
          .text = &r->trace_name,
          .help = "write a JSON line for each event" },
        { .name = "delay",
          .value = "LIST",
          .text = &r->delay_option,
          .help = "seconds before further attempts: FIXED+RANDOM,..." },
        { .name = "retry",
          .value = "LIST",
          .text = &r->retry_option,
          .help = "the same, or tr069: the delays of TR-069" },
        { .name = "trigger",
          .value = "WHY",
          .text = &r->trigger_option,
          .help = "of the first run: manual or boot (manual)" },
        { .name = "boot-spread",
          .value = "S",
          .text = &r->boot_spread_option,
          .help = "with --trigger boot, wait up to so many seconds first" },
        { .name = "timeouts",
          .value = "LIST",
          .text = &r->timeouts_option,
          .help = "seconds for each file: CONNECT,IDLE,WHOLE (5,10,60)" },
        { .name = "user-agent",
          .value = "TEXT",
          .text = &r->user_agent,
          .help = "User-Agent, with markers" },
        { .name = "no-remember",
          .flag = &r->no_remember,
          .help = "fetch every file, whether it has changed or not" },
        { .name = "raw", .flag = &r->raw, .help = "write marker values as they are" },
        { .name = "hex", .flag = &r->hex, .help = "show the bytes that sources received" },
        { .name = "json", .flag = &r->json, .help = "print one JSON document instead" },
    };

    command_line_add(line, what, TOOL_COUNT(what));
    network_options(r, line);
    command_line_add(line, how, TOOL_COUNT(how));
    transport_options(&r->transport, line);
    policy_options(&r->policy, line);
    device_options(&r->device, line);
}

int
command_run(const struct command *self, int argc, char **argv)
{
    struct run *r = tool_alloc(sizeof(*r));
    struct command_line line = { .command = self };

    r->command = self;
    r->group_option = INTERFACE_GROUP;
    run_options(r, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code == TOOL_GO_ON)
        code = device_finish(&r->device, self);
    if (code == TOOL_GO_ON)
        code = check_usage(r, &line);
    if (code == TOOL_GO_ON)
        code = transport_finish(&r->transport, self, &r->device.limits);
    if (code == TOOL_GO_ON)
        code = run(r);
    free(line.operands);
    free(r);
    return code;
}
