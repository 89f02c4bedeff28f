/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "commands.h"
#include "device.h"
#include "report.h"

struct expand {
    const struct command *command;
    struct device device;
    struct report report;
    json_t *urls; /* NULL without --json */
    bool raw;
    bool json;
    int code;
};

static void
expand_one(struct expand *e, const char *url)
{
    const enum prov_macro_enc enc = e->raw ? PROV_MACRO_ENC_RAW : PROV_MACRO_ENC_PERCENT;
    struct text whole = { 0 };

    if (address_expand(&e->device, prov_str_z(url), enc, &whole, &e->report) != PROV_OK)
        e->code = TOOL_REFUSED;
    else
        address_print(text_str(&whole), e->urls);
    text_free(&whole);
}

static int
expand_all(struct expand *e, const struct command_line *line)
{
    report_init(&e->report, e->json);
    e->urls = e->json ? json_array() : NULL;
    for (size_t i = 0; i < line->operand_count; i++)
        expand_one(e, line->operands[i]);
    if (e->json)
        report_document(&e->report, json_pack("{s:o}", "urls", e->urls));
    return report_end(&e->report, e->code);
}

int
command_expand(const struct command *self, int argc, char **argv)
{
    struct expand e = { .command = self, .code = TOOL_DONE };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "raw", .flag = &e.raw, .help = "write values as they are, not percent-encoded" },
        { .name = "json", .flag = &e.json, .help = "print one JSON document" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&e.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&e.device, self);
    if (code == TOOL_GO_ON && line.operand_count == 0)
        code = tool_usage(self, "an URL is missing");
    if (code == TOOL_GO_ON)
        code = expand_all(&e, &line);
    free(line.operands);
    return code;
}
