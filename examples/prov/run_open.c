/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "interface.h"
#include "sip_show.h"

int
run_outside(struct run *r, enum prov_diag_code code, const char *source, const char *subject)
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
        return run_outside(r, PROV_D_TOOL_STATE_BUSY, r->state_dir, "");
    if (status != PROV_OK)
        return run_outside(r, PROV_D_TOOL_STATE_FOLDER, r->state_dir,
                           errno != 0 ? strerror(errno) : prov_status_name(status));
    /* Only now: opening completes or discards what a power cut left behind. */
    size_t len = strlen(r->state_dir);

    while (len > 0 && r->state_dir[len - 1] == '/')
        len--;
    text_addf(&r->settings_file, "%.*s/settings.xml", (int)len, r->state_dir);
    file_read_quietly(r->settings_file.ptr, &r->before);
    run_tell_repaired(r);
    return TOOL_GO_ON;
}

/* A lease file that was named is looked at now: in the search it would just be "nothing". */
static int
check_lease(struct run *r, const char *path, bool v6)
{
    const struct prov_lease_query query = { .size = sizeof(query),
                                            .v6 = v6,
                                            .interface = r->interface,
                                            .now_unix_s = (int64_t)time(NULL) };
    struct prov_diag found = { .status = PROV_E_SYNTAX,
                               .code = PROV_D_TOOL_LEASE,
                               .source = prov_str_z(path) };
    struct prov_buf out = { tool_alloc(PROV_LEASE_OUT_BYTES), PROV_LEASE_OUT_BYTES, 0 };

    if (path == NULL || access(path, R_OK) != 0) {
        free(out.ptr);
        return path == NULL ? TOOL_GO_ON
                            : run_outside(r, PROV_D_TOOL_FILE_READ, path, strerror(errno));
    }
    const enum prov_status status = prov_lease_load(&query, path, &out, &found.line);

    free(out.ptr);
    if (status == PROV_E_STORAGE)
        return run_outside(r, PROV_D_TOOL_FILE_READ, path, strerror(errno));
    if (status == PROV_E_NOT_FOUND)
        report_tool(&r->report, PROV_D_TOOL_LEASE_NONE, prov_str_z(path), "", 0);
    else if (status != PROV_OK)
        report_diag(&r->report, &found);
    return status == PROV_OK || status == PROV_E_NOT_FOUND ? TOOL_GO_ON : TOOL_REFUSED;
}

/* The local network: PnP, DHCP. The interface's addresses say which sources there are. */
static int
open_lan(struct run *r)
{
    struct prov_lan_options options = { .size = sizeof(options), .interface = r->interface };
    enum prov_status status;

    options.lease_file = r->lease_file;
    options.lease6_file = r->lease6_file;
    options.no_inform = r->lease_file != NULL || r->lease6_file != NULL;
    status = prov_lan_new(&r->lan, &options);
    if (status == PROV_OK && !r->policy.has_mode)
        status = prov_lan_mode(r->lan, &r->policy.options.mode);
    if (status != PROV_OK)
        return interface_refused(r->lan, r->interface, NULL, status, &r->report);
    r->net = prov_lan_net(r->lan, r->net);
    return TOOL_GO_ON;
}

static int
open_interface(struct run *r)
{
    int code = check_lease(r, r->lease_file, false);

    if (code == TOOL_GO_ON)
        code = check_lease(r, r->lease6_file, true);
    return code == TOOL_GO_ON ? open_lan(r) : code;
}

static int
open_network(struct run *r)
{
    const enum prov_mode *mode = r->policy.has_mode ? &r->policy.options.mode : NULL;
    const int code = transport_open(&r->transport, mode, &r->report, &r->curl);

    if (code != TOOL_GO_ON)
        return code;
    r->net = prov_curl_net(r->curl);
    return r->interface != NULL ? open_interface(r) : TOOL_GO_ON;
}

static int
open_trace(struct run *r)
{
    if (r->trace_name == NULL)
        return TOOL_GO_ON;
    r->trace.to = fopen(r->trace_name, "w");
    if (r->trace.to == NULL)
        return run_outside(r, PROV_D_TOOL_FILE_WRITE, r->trace_name, strerror(errno));
    r->trace.standins = standins_new();
    return r->trace.standins != NULL ? TOOL_GO_ON : run_outside(r, PROV_D_TOOL_RANDOM, "", "");
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
    struct prov_session_config *config = &r->config;
    struct prov_diag diag = { 0 };
    size_t bytes;

    *config = (struct prov_session_config){
        .size = sizeof(*config),
        .dialect = r->device.dialect,
        .identity = &r->device.identity,
        .limits = &r->device.limits,
        .url = prov_str_z(r->url),
        .macro_raw = r->raw,
        .no_remember = r->no_remember,
        .user_agent = prov_str_z(r->user_agent),
        .delays = r->delay_count > 0 ? r->delays : NULL,
        .delay_count = r->delay_count,
        .retry = r->retry,
        .trigger = r->trigger,
        .boot_spread_s = (uint32_t)r->boot_spread_s,
        .zone = r->zone,
        .follow_schedule = !r->once,
        .connect_ms = (uint32_t)(r->timeouts_s[0] * 1000),
        .idle_ms = (uint32_t)(r->timeouts_s[1] * 1000),
        .whole_ms = (uint32_t)(r->timeouts_s[2] * 1000),
        .discover = &r->policy.options,
        .crypto = engine_get(&r->crypto) ? &r->crypto : NULL,
        .pnp_group = r->group,
        .pnp_lenient = r->lenient,
        .notify = r->notifiers.count > 0 ? PROV_CHOICE_YES : PROV_CHOICE_PRESET,
        .notify_from = r->notify_from,
        .notify_from_count = r->notifiers.count,
        .confirm_ms = (uint32_t)(r->trial.seconds * 1000),
    };
    r->policy.options.redirect_url = prov_str_z(r->redirect_url);
    for (size_t i = 0; i < r->notifiers.count; i++)
        r->notify_from[i] = prov_str_z(r->notifiers.items[i]);
    if (prov_posix_seed(&config->seed) != PROV_OK)
        return run_outside(r, PROV_D_TOOL_RANDOM, "", "");
    if (prov_session_memory(&r->device.limits, &bytes) != PROV_OK)
        return run_outside(r, PROV_D_TOOL_MEMORY, "", "");
    r->memory = malloc(bytes);
    if (r->memory == NULL)
        return run_outside(r, PROV_D_TOOL_MEMORY, "", "");
    if (r->trace.to != NULL)
        trace_hook(&r->trace, config);
    const enum prov_status status = prov_session_init(&r->session, r->memory, bytes, config, &diag);

    return status == PROV_OK ? TOOL_GO_ON : refuse(r, status, &diag);
}

static int
bind_tables(struct run *r)
{
    const struct prov_store store = prov_posix_store_table(r->store);
    struct prov_diag diag = { 0 };

    r->clock = prov_posix_clock();
    const enum prov_status status =
        prov_run_init(&r->run, r->session, &r->net, &store, &r->clock, &diag);

    if (status != PROV_OK)
        return refuse(r, status, &diag);
    if (r->trace.to != NULL) {
        const struct prov_watch watch = { trace_seen, &r->trace };

        trace_begin(&r->trace, r->session, &r->config, r->clock.ops->monotonic_ms(r->clock.ctx));
        prov_run_watch(&r->run, &watch);
    }
    return TOOL_GO_ON;
}

/* A NOTIFY for the phone. */
static void
on_notify(void *ctx, const struct prov_endpoint *from, struct prov_str bytes,
          struct prov_buf *reply)
{
    struct run *r = ctx;
    struct prov_check_sync seen = { 0 };
    struct text t = { 0 };
    const enum prov_status status = prov_run_notify(&r->run, from, bytes, reply, &seen);

    sip_show_time(&t);
    text_add_z(&t, " ");
    sip_show_endpoint(&t, from);
    if (status != PROV_OK) {
        text_add_z(&t, " sent what is no SIP request");
    } else {
        text_addf(&t, " NOTIFY answered with %u: %s", (unsigned)seen.answer,
                  seen.reason != NULL ? seen.reason : "");
        if (seen.retry_after_s > 0)
            text_addf(&t, ", again in %u s", (unsigned)seen.retry_after_s);
    }
    fprintf(r->json ? stderr : stdout, "%s\n", t.ptr);
    fflush(stdout);
    text_free(&t);
}

/* A phone that stays takes check-sync. */
static int
open_listener(struct run *r)
{
    struct prov_lan_listener l = { .size = sizeof(l), .on_message = on_notify, .ctx = r };
    struct prov_endpoint local;
    struct text t = { 0 };

    if (r->lan == NULL || r->once)
        return TOOL_GO_ON;
    l.at.port = (uint16_t)r->sip_port;
    const enum prov_status status = prov_lan_listen(r->lan, &l, NULL, &local);

    if (status != PROV_OK)
        return interface_refused(r->lan, r->interface, &l.at, status, &r->report);
    sip_show_endpoint(&t, &local);
    fprintf(r->json ? stderr : stdout, "taking check-sync on %s\n", t.ptr);
    fflush(stdout);
    text_free(&t);
    return TOOL_GO_ON;
}

int
run_open(struct run *r)
{
    int (*const steps[])(struct run *) = { open_trace,   open_store,  open_network,
                                           open_session, bind_tables, open_listener };
    int code = TOOL_GO_ON;

    for (size_t i = 0; i < TOOL_COUNT(steps) && code == TOOL_GO_ON; i++)
        code = steps[i](r);
    return code;
}

/* What it did is done: a trace that is incomplete is told, and changes no exit code. */
static void
close_trace(struct run *r)
{
    if (r->trace.to != NULL) {
        const bool bad = ferror(r->trace.to) != 0;

        errno = 0;
        if (fclose(r->trace.to) != 0 || bad)
            (void)run_outside(r, PROV_D_TOOL_FILE_WRITE, r->trace_name,
                              errno != 0 ? strerror(errno) : "write error");
    }
    trace_free(&r->trace);
}

void
run_close(struct run *r)
{
    prov_lan_free(&r->lan);
    prov_curl_free(&r->curl);
    prov_posix_store_close(&r->store);
    if (r->session != NULL)
        prov_session_wipe(r->session);
    free(r->memory);
    close_trace(r);
    text_free(&r->settings_file);
    text_free(&r->before);
}
