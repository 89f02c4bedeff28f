/* SPDX-License-Identifier: MIT */

/* prov listen: every SUBSCRIBE that phones send to the PnP group, decoded. */

#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "interface.h"
#include "report.h"
#include "sip_show.h"
#include "signals.h"

struct listen {
    const struct command *command;
    struct report report;
    const char *interface, *group_option, *count_option, *seconds_option;
    bool json, raw;
    unsigned long count, seconds;
    struct prov_endpoint group;
    unsigned long seen;
    struct prov_lan *lan;
};

/* ---- one message ---- */

static json_t *
phone_json(const struct sip_phone *phone, const struct prov_sip *m, const char *from)
{
    struct text now = { 0 };

    sip_show_time(&now);
    json_t *time = report_string(text_str(&now));
    text_free(&now);
    return json_pack("{s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "time", time, "from",
                     from, "method", report_string(m->method), "user", report_string(phone->user),
                     "mac", phone->mac, "event", report_string(phone->event), "vendor",
                     report_string(phone->vendor), "model", report_string(phone->model), "version",
                     report_string(phone->version), "userAgent",
                     report_string(m->headers[PROV_SIP_USER_AGENT]));
}

/* Without users of addresses, as everywhere. */
static json_t *
message_json(struct prov_str bytes)
{
    struct text hidden = { 0 };

    text_add_without_users(&hidden, bytes);
    json_t *j = report_string(text_str(&hidden));
    text_free(&hidden);
    return j;
}

/* One JSON document a line: a listener has no end. */
static void
tell_json(const struct listen *l, const struct sip_phone *phone, const struct prov_sip *m,
          const char *from, struct prov_str bytes)
{
    json_t *line = phone_json(phone, m, from);

    if (l->raw)
        json_object_set_new(line, "message", message_json(bytes));
    json_dumpf(line, stdout, JSON_COMPACT);
    json_decref(line);
}

static void
tell_line(const struct sip_phone *phone, const struct prov_sip *m, const char *from)
{
    struct text t = { 0 };

    sip_show_time(&t);
    text_addf(&t, " %s ", from);
    text_add_operand(&t, m->method);
    text_add_z(&t, " ");
    sip_show_phone(&t, phone);
    text_add_z(&t, ", event ");
    text_add_operand(&t, phone->event);
    if (m->headers[PROV_SIP_USER_AGENT].len > 0) {
        text_add_z(&t, ", agent ");
        text_add_operand(&t, m->headers[PROV_SIP_USER_AGENT]);
    }
    fputs(t.ptr, stdout);
    text_free(&t);
}

static void
tell_raw(struct prov_str bytes)
{
    struct text t = { 0 };
    size_t from = 0;

    while (bytes.len > 0 && (bytes.ptr[bytes.len - 1] == '\n' || bytes.ptr[bytes.len - 1] == '\r'))
        bytes.len--;
    for (size_t i = 0; i <= bytes.len; i++) {
        if (i < bytes.len && bytes.ptr[i] != '\n')
            continue;
        struct prov_str line = { bytes.ptr + from, i - from };

        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        text_add_z(&t, "\n    ");
        text_add_operand(&t, line);
        from = i + 1;
    }
    fputs(t.ptr, stdout);
    text_free(&t);
}

static void
tell_malformed(struct listen *l, const char *from, struct prov_str bytes, struct prov_diag *diag)
{
    diag->source = prov_str_z(from);
    fflush(stdout);
    report_diag(&l->report, diag);
    if (l->raw && !l->json) {
        tell_raw(bytes);
        puts("");
    }
}

static void
on_message(void *ctx, const struct prov_endpoint *from, struct prov_str bytes,
           struct prov_buf *reply)
{
    struct listen *l = ctx;
    struct text who = { 0 };
    struct prov_diag diag = { 0 };
    struct prov_sip m;

    (void)reply; /* only listening */
    sip_show_endpoint(&who, from);
    l->seen++;
    if (prov_sip_read(bytes, &m, &diag) != PROV_OK) {
        tell_malformed(l, who.ptr, bytes, &diag);
    } else if (m.request) {
        const struct sip_phone phone = sip_phone_of(&m);

        if (l->json)
            tell_json(l, &phone, &m, who.ptr, bytes);
        else
            tell_line(&phone, &m, who.ptr);
        if (l->raw && !l->json)
            tell_raw(bytes);
        puts("");
    }
    fflush(stdout);
    text_free(&who);
}

/* ---- the command ---- */

static void
announce(const struct listen *l)
{
    struct text t = { 0 };

    text_add_z(&t, "listening to ");
    sip_show_endpoint(&t, &l->group);
    text_addf(&t, " on %s\n", l->interface);
    fputs(t.ptr, l->json ? stderr : stdout);
    fflush(stdout);
    text_free(&t);
}

static int
open_listener(struct listen *l)
{
    const struct prov_lan_options options = { .size = sizeof(options), .interface = l->interface };
    const struct prov_lan_listener listener = {
        .size = sizeof(listener), .group = l->group, .on_message = on_message, .ctx = l
    };
    enum prov_status status = prov_lan_new(&l->lan, &options);

    if (status == PROV_OK)
        status = prov_lan_listen(l->lan, &listener, NULL, NULL);
    if (status != PROV_OK)
        return interface_refused(l->lan, l->interface, &l->group, status, &l->report);
    announce(l);
    return TOOL_GO_ON;
}

/* Until a signal, the count or the time. */
static int
listen_loop(struct listen *l)
{
    const uint64_t end = signals_clock_ms() + (uint64_t)l->seconds * 1000u;

    while (!signals_stop && (l->count == 0 || l->seen < l->count) &&
           (l->seconds == 0 || signals_clock_ms() < end)) {
        if (prov_lan_wait(l->lan, SIGNALS_LOOK_MS) != PROV_OK)
            return interface_refused(l->lan, l->interface, NULL, PROV_E_NETWORK, &l->report);
    }
    return l->seen > 0 ? TOOL_DONE : TOOL_NOTHING;
}

static int
check_usage(struct listen *l, const struct command_line *line)
{
    if (l->interface == NULL)
        return tool_usage(l->command, "--interface is missing");
    if (!interface_group(l->group_option, &l->group))
        return tool_usage(l->command, "--group needs ADDRESS:PORT of a multicast group");
    if (!tool_number(l->count_option, 0, 1000000, &l->count))
        return tool_usage(l->command, "--count needs a number from 0 to 1000000");
    if (!tool_number(l->seconds_option, 0, 1000000, &l->seconds))
        return tool_usage(l->command, "--seconds needs a number from 0 to 1000000");
    if (line->operand_count > 0)
        return tool_usage(l->command, "operands are not expected");
    return TOOL_GO_ON;
}

int
command_listen(const struct command *self, int argc, char **argv)
{
    struct listen l = {
        .command = self, .group_option = INTERFACE_GROUP, .count_option = "0", .seconds_option = "0"
    };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "interface", .value = "IF", .text = &l.interface, .help = "where to listen" },
        { .name = "group",
          .value = "ADDRESS:PORT",
          .text = &l.group_option,
          .help = "multicast group (" INTERFACE_GROUP ")" },
        { .name = "count", .value = "N", .text = &l.count_option, .help = "end after N messages" },
        { .name = "seconds",
          .value = "N",
          .text = &l.seconds_option,
          .help = "end after N seconds" },
        { .name = "raw", .flag = &l.raw, .help = "print whole messages too" },
        { .name = "json", .flag = &l.json, .help = "one JSON document a line" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = check_usage(&l, &line);
    if (code == TOOL_GO_ON) {
        report_init(&l.report, false);
        signals_catch();
        code = open_listener(&l);
        if (code == TOOL_GO_ON)
            code = listen_loop(&l);
        code = report_end(&l.report, code);
    }
    prov_lan_free(&l.lan);
    free(line.operands);
    return code;
}
