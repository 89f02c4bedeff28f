/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/discover.h>

#include "address.h"
#include "commands.h"
#include "device.h"
#include "dhcp_data.h"
#include "file.h"
#include "report.h"

/* In hexadecimal digits with gaps a byte takes three characters, and a datagram has 65,535 bytes. */
#define CONTENT_MAX (4u * 65536u)
#define BYTES_MAX 65535u
#define ARENA_FIRST 65536u

struct dhcp {
    const struct command *command;
    struct device device;
    struct report report;
    const char *name;
    const char *enterprise, *region;
    struct prov_dhcp_policy policy;
    bool v6, option43, params, json;

    struct text shown_name;
    struct text bytes;
    char *mem; /* of the arena */
    size_t room;
    struct prov_arena arena;
    struct prov_dhcp_facts facts;

    json_t *sources; /* with --json */
    struct text url; /* of the first source that has one; with credentials */
    bool refused;    /* the data or a source was refused */
    bool found;
    bool stopped; /* a source had nothing, and its rule ends the search */
};

/* ---- What to request ---- */

static void
print_param(bool v6, unsigned code)
{
    const char *name = dhcp_option_name(v6, code);

    printf("%u%s%s\n", code, name != NULL ? " " : "", name != NULL ? name : "");
}

static json_t *
param_json(bool v6, unsigned code)
{
    const char *name = dhcp_option_name(v6, code);
    json_t *j = json_pack("{s:i}", "code", (int)code);

    if (name != NULL)
        json_object_set_new(j, "name", json_string(name));
    return j;
}

static int
print_params(struct dhcp *d)
{
    const struct prov_dialect *dialect = d->device.dialect;
    uint16_t codes[PROV_DHCP_PARAMS_MAX];
    const size_t count =
        prov_dhcp_params(dialect->sources, dialect->source_count, UINT32_MAX, d->v6, codes);
    json_t *params = json_array();

    for (size_t i = 0; i < count; i++) {
        if (d->json)
            json_array_append_new(params, param_json(d->v6, codes[i]));
        else
            print_param(d->v6, codes[i]);
    }
    if (d->json)
        report_document(&d->report, json_pack("{s:o}", "params", json_incref(params)));
    json_decref(params);
    return report_end(&d->report, count > 0 ? TOOL_DONE : TOOL_NOTHING);
}

/* ---- Reading ---- */

static int
load(struct dhcp *d)
{
    struct text content = { 0 }, bytes = { 0 };
    enum dhcp_content kind = d->v6 ? DHCP_CONTENT_V6 : DHCP_CONTENT_V4;
    int code = TOOL_GO_ON;

    if (d->option43)
        kind = DHCP_CONTENT_43;
    switch (file_read(d->name, CONTENT_MAX, &content, &d->report)) {
    case FILE_READ:
        if (!dhcp_data_decode(text_str(&content), d->name, &bytes, &d->report))
            code = TOOL_REFUSED;
        break;
    case FILE_UNREADABLE:
        code = TOOL_OUTSIDE;
        break;
    case FILE_TOO_LARGE:
        code = TOOL_REFUSED;
        break;
    }
    if (code == TOOL_GO_ON)
        dhcp_data_wrap(kind, text_str(&bytes), &d->bytes);
    if (code == TOOL_GO_ON && d->bytes.len > BYTES_MAX) {
        report_tool(&d->report, PROV_D_TOOL_FILE_TOO_LARGE, prov_str_z(file_shown_name(d->name)),
                    "", BYTES_MAX);
        code = TOOL_REFUSED;
    }
    text_free(&content);
    text_free(&bytes);
    return code;
}

/* In as much memory as it takes. */
static void
read_facts(struct dhcp *d)
{
    const enum prov_dhcp_input input = d->option43 ? PROV_DHCP_INPUT_OPTIONS : PROV_DHCP_INPUT_AUTO;
    struct prov_diag items[8];
    struct prov_diags diags = { items, TOOL_COUNT(items), 0, 0 };
    const struct prov_str source = text_str(&d->shown_name), bytes = text_str(&d->bytes);
    enum prov_status status;

    d->room = ARENA_FIRST;
    do {
        d->mem = tool_resize(d->mem, d->room);
        prov_arena_init(&d->arena, d->mem, d->room);
        diags.count = 0;
        status = d->v6 ? prov_dhcp6_read(bytes, input, source, &d->arena, &d->facts, &diags)
                       : prov_dhcp4_read(bytes, input, source, &d->arena, &d->facts, &diags);
        d->room *= 2;
    } while (status == PROV_E_SPACE);
    d->refused = status != PROV_OK;
    report_diags(&d->report, &diags);
}

/* ---- Sources ---- */

static enum prov_status
find_address(struct dhcp *d, const struct prov_source_rule *rule, struct text *before)
{
    struct prov_diag diag;

    text_reserve(before, 2 * BYTES_MAX);
    struct prov_buf out = { before->ptr, 2 * BYTES_MAX, 0 };
    const enum prov_status status =
        prov_dhcp_address(&d->facts, &rule->dhcp, &d->policy, &out, &diag);

    before->len = out.len;
    before->ptr[out.len] = '\0';
    diag.source = text_str(&d->shown_name);
    if (diag.code != PROV_D_NONE)
        report_diag(&d->report, &diag);
    return status;
}

/* All that the address can stand for, in memory of its own. */
static enum prov_status
complete(struct dhcp *d, struct prov_str before, struct prov_arena *arena, char **mem,
         struct prov_discover_candidate *urls, size_t *count)
{
    struct prov_diag diag;
    struct text source = { 0 };
    size_t room = ARENA_FIRST;
    enum prov_status status;

    do {
        *mem = tool_resize(*mem, room);
        prov_arena_init(arena, *mem, room);
        diag = (struct prov_diag){ .code = PROV_D_NONE };
        status = prov_discover_complete(d->device.dialect, &d->device.markers.set, false,
                                        &d->device.limits, before, arena, urls, count, &diag);
        room *= 2;
    } while (status == PROV_E_SPACE);
    if (status == PROV_OK)
        return status;
    text_add_redacted(&source, before);
    diag.source = text_str(&source);
    report_diag(&d->report, &diag);
    text_free(&source);
    return status;
}

static void
add_redacted_line(const char *head, struct prov_str url)
{
    struct text hidden = { 0 }, line = { 0 };

    text_add_z(&line, head);
    text_add_redacted(&hidden, url);
    text_add_shown(&line, text_str(&hidden));
    puts(line.ptr);
    text_free(&hidden);
    text_free(&line);
}

/* One source: a line and one for each address, or an object. */
static void
show_source(struct dhcp *d, const char *name, const char *outcome, struct prov_str before,
            const struct prov_discover_candidate *urls, size_t count)
{
    json_t *list = json_array();

    if (!d->json) {
        printf("source %s: %s\n", name, outcome);
        if (before.len > 0)
            add_redacted_line("  before markers: ", before);
    }
    for (size_t i = 0; i < count; i++) {
        if (d->json)
            json_array_append_new(list, report_address(urls[i].url));
        else
            add_redacted_line("  after markers:  ", urls[i].url);
    }
    if (d->json)
        json_array_append_new(d->sources,
                              json_pack("{s:s, s:s, s:o, s:O}", "name", name, "outcome", outcome,
                                        "before", report_address(before), "urls", list));
    json_decref(list);
}

static void
try_source(struct dhcp *d, const struct prov_source_rule *rule)
{
    struct prov_discover_candidate urls[PROV_DISCOVER_URLS];
    struct prov_arena arena;
    struct text before = { 0 };
    char *mem = NULL;
    size_t count = 0;
    enum prov_status status = find_address(d, rule, &before);
    const char *outcome = status == PROV_E_NOT_FOUND ? "nothing" : "refused";

    if (status == PROV_OK)
        status = complete(d, text_str(&before), &arena, &mem, urls, &count);
    if (status == PROV_OK)
        outcome = "url";
    else
        count = 0;
    show_source(d, prov_source_name(rule->kind), outcome, text_str(&before), urls, count);
    d->refused = d->refused || (status != PROV_OK && status != PROV_E_NOT_FOUND);
    if (count > 0 && !d->found && !d->stopped) {
        text_add(&d->url, urls[0].url);
        d->found = true;
    }
    d->stopped = d->stopped || (count == 0 && !rule->proceed_on_nothing);
    text_free(&before);
    free(mem);
}

static void
try_sources(struct dhcp *d)
{
    const struct prov_dialect *dialect = d->device.dialect;

    for (size_t i = 0; i < dialect->source_count; i++) {
        const struct prov_source_rule *rule = &dialect->sources[i];

        if (rule->dhcp.form != PROV_DHCP_FORM_NONE && rule->dhcp.v6 == d->v6)
            try_source(d, rule);
    }
}

/* ---- All of it ---- */

static void
show_options(const struct dhcp *d, json_t *options)
{
    for (size_t i = 0; i < d->facts.option_count; i++) {
        if (d->json)
            json_array_append_new(options, dhcp_option_json(d->v6, &d->facts.options[i]));
        else
            dhcp_option_print(d->v6, &d->facts.options[i]);
    }
    if (!d->json && d->facts.sname.len > 0)
        add_redacted_line("field sname: ", d->facts.sname);
    if (!d->json && d->facts.file.len > 0)
        add_redacted_line("field file: ", d->facts.file);
}

static void
finish_document(struct dhcp *d, json_t *options)
{
    const struct prov_dhcp_facts *f = &d->facts;

    report_document(&d->report,
                    json_pack("{s:O, s:o, s:O, s:b, s:i, s:o, s:o}", "options", options, "url",
                              d->found ? report_address(text_str(&d->url)) : json_null(), "sources",
                              d->sources, "packet", f->packet ? 1 : 0, "messageType",
                              (int)f->message_type, "sname", report_address(f->sname), "file",
                              report_address(f->file)));
}

static int
show(struct dhcp *d)
{
    json_t *options = json_array();

    d->sources = json_array();
    text_add_operand(&d->shown_name, prov_str_z(file_shown_name(d->name)));
    int code = load(d);

    if (code == TOOL_GO_ON) {
        read_facts(d);
        show_options(d, options);
        try_sources(d);
        code = d->found ? TOOL_DONE : d->refused ? TOOL_REFUSED : TOOL_NOTHING;
    }
    if (d->json)
        finish_document(d, options);
    else if (d->found)
        address_print(text_str(&d->url), NULL);
    json_decref(options);
    json_decref(d->sources);
    text_free(&d->shown_name);
    text_free(&d->bytes);
    text_free(&d->url);
    free(d->mem);
    return report_end(&d->report, code);
}

/* What the options say beyond the device. */
static int
finish_options(struct dhcp *d, size_t operands)
{
    unsigned long number = 0;

    if (d->enterprise != NULL && !tool_number(d->enterprise, 0, UINT32_MAX, &number))
        return tool_usage(d->command, "--enterprise needs a number");
    if (d->region != NULL && strcmp(d->region, "us") != 0)
        return tool_usage(d->command, "the only region is 'us'");
    if (d->v6 && d->option43)
        return tool_usage(d->command, "there is no option 43 with --v6");
    if (operands != (d->params ? 0 : 1))
        return tool_usage(d->command,
                          d->params ? "--params takes no file" : "exactly one file is needed");
    d->policy = (struct prov_dhcp_policy){
        .default_file = d->device.dialect->default_file,
        .enterprise = (uint32_t)number,
        .region_us = d->region != NULL,
    };
    return TOOL_GO_ON;
}

int
command_dhcp(const struct command *self, int argc, char **argv)
{
    struct dhcp d = { .command = self };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "v6", .flag = &d.v6, .help = "the data is of DHCPv6" },
        { .name = "option43",
          .flag = &d.option43,
          .help = "the file holds just the content of option 43" },
        { .name = "params", .flag = &d.params, .help = "print what a client has to request" },
        { .name = "enterprise",
          .value = "N",
          .text = &d.enterprise,
          .help = "enterprise number of vendor options (any)" },
        { .name = "region", .value = "us", .text = &d.region, .help = "region of the phone" },
        { .name = "json", .flag = &d.json, .help = "print one JSON document" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&d.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&d.device, self);
    if (code == TOOL_GO_ON)
        code = finish_options(&d, line.operand_count);
    if (code == TOOL_GO_ON) {
        d.name = d.params ? "" : line.operands[0];
        report_init(&d.report, d.json);
        code = d.params ? print_params(&d) : show(&d);
    }
    free(line.operands);
    return code;
}
