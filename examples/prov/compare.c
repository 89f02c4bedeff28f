/* SPDX-License-Identifier: MIT */

/* prov diff: which settings differ between two files. */

#include <stdlib.h>
#include <string.h>

#include <prov/diff.h>

#include "account.h"
#include "commands.h"
#include "documents.h"
#include "mask.h"

struct compare {
    const struct command *command;
    struct device device;
    struct report report;
    struct document files[2]; /* old, new */
    struct documents docs;
    uint32_t roots[2];
    struct prov_diff diff;
    json_t *list; /* NULL without --json */
    unsigned count;
    bool json;
};

/* What is printed of a kind. */
static const struct kind {
    char sign;
    const char *what; /* NULL: the whole element */
} kinds[] = {
    [PROV_CHANGE_ADDED] = { '+', NULL },   [PROV_CHANGE_REPLACED] = { '~', "value" },
    [PROV_CHANGE_REMOVED] = { '-', NULL }, [PROV_CHANGE_ATTRIBUTES] = { '~', "attributes" },
    [PROV_CHANGE_TEXT] = { '~', "text" },
};

/* Keys named like a password are hidden. */
static void
add_path(struct text *t, const struct compare *c, const struct prov_difference *it)
{
    size_t room = 512;
    enum prov_status status;
    char *mem = NULL;
    struct prov_buf out;

    do {
        mem = tool_resize(mem, room);
        out = (struct prov_buf){ mem, room, 0 };
        status = prov_diff_path(&c->diff, it, &out);
        room *= 2;
    } while (status == PROV_E_SPACE);
    mask_path(prov_buf_str(&out), t);
    free(mem);
}

static void
add_place(struct text *t, const struct compare *c, uint32_t node, const char *before)
{
    struct prov_xml_place place;

    if (node == PROV_XML_NONE)
        return;
    prov_xml_where(&c->docs.x, node, &place);
    text_add_z(t, before);
    text_add(t, place.source);
    text_addf(t, ":%u", (unsigned)place.line);
}

static void
print_line(const struct compare *c, const struct prov_difference *it)
{
    const struct kind *kind = &kinds[it->kind];
    struct text t = { 0 }, path = { 0 };

    add_path(&path, c, it);
    text_addf(&t, "%c ", kind->sign);
    text_add_shown(&t, text_str(&path));
    if (kind->what != NULL)
        text_addf(&t, " %s", kind->what);
    add_place(&t, c, it->before, "  ");
    add_place(&t, c, it->after, it->before != PROV_XML_NONE ? " -> " : "  ");
    if (prov_diff_restart(&c->diff, it))
        text_add_z(&t, "  restart");
    printf("%s\n", t.ptr);
    text_free(&path);
    text_free(&t);
}

static json_t *
side_json(const struct compare *c, uint32_t node)
{
    struct prov_xml_place place;
    uint8_t digest[PROV_DIGEST_BYTES];

    if (!prov_xml_digest(&c->docs.x, node, digest))
        return json_null();
    const bool secret = mask_is_secret(&c->docs.x, node);

    prov_xml_where(&c->docs.x, node, &place);
    return json_pack("{s:o, s:I, s:I, s:o}", "file", report_string(place.source), "line",
                     (json_int_t)place.line, "column", (json_int_t)place.column, "digest",
                     account_digest(secret ? NULL : digest));
}

static void
add_json(struct compare *c, const struct prov_difference *it)
{
    struct text path = { 0 };

    add_path(&path, c, it);
    json_array_append_new(
        c->list,
        json_pack("{s:o, s:s, s:b, s:o, s:o}", "path", report_string(text_str(&path)), "kind",
                  prov_change_kind_name(it->kind), "restart", (int)prov_diff_restart(&c->diff, it),
                  "before", side_json(c, it->before), "after", side_json(c, it->after)));
    text_free(&path);
}

static enum prov_status
read_one(struct compare *c, size_t i)
{
    const enum prov_status status = documents_parse(&c->docs, &c->files[i], &c->roots[i]);
    const struct prov_str root = c->device.dialect->settings_root;

    if (status != PROV_OK || prov_xml_is(&c->docs.x, c->roots[i], root))
        return status;
    documents_add(&c->docs, PROV_D_SETTINGS_ROOT, c->roots[i],
                  prov_xml_name(&c->docs.x, c->roots[i]));
    return PROV_E_TYPE;
}

static enum prov_status
attempt(struct compare *c)
{
    enum prov_status status = read_one(c, 0);

    if (status == PROV_OK)
        status = read_one(c, 1);
    if (status == PROV_OK)
        status = prov_diff_init(&c->diff, &c->docs.x, c->device.dialect, c->roots[0], c->roots[1],
                                &c->docs.arena);
    return status;
}

static int
compare(struct compare *c)
{
    enum prov_status status = PROV_E_SPACE;
    struct prov_difference it;

    documents_init(&c->docs, &c->device, c->files[0].text.len + c->files[1].text.len);
    while (status == PROV_E_SPACE && documents_grow(&c->docs))
        status = attempt(c);
    const int code = documents_report(&c->docs, status, &c->report);

    for (; status == PROV_OK && prov_diff_next(&c->diff, &it); c->count++) {
        if (c->json)
            add_json(c, &it);
        else
            print_line(c, &it);
    }
    documents_free(&c->docs);
    return code;
}

static const char *
status_name(const struct compare *c, int code)
{
    if (code != TOOL_DONE)
        return "refused";
    return c->count > 0 ? "different" : "equal";
}

static int
run(struct compare *c, const struct command_line *line)
{
    const size_t limit = c->device.limits.settings_bytes;

    report_init(&c->report, c->json);
    c->list = c->json ? json_array() : NULL;
    int code = document_read(&c->files[0], line->operands[0], limit, &c->report);
    const int other = document_read(&c->files[1], line->operands[1], limit, &c->report);

    code = other > code ? other : code;
    if (code == TOOL_DONE)
        code = compare(c);
    if (c->json)
        report_document(&c->report, json_pack("{s:s, s:o}", "status", status_name(c, code),
                                              "differences", c->list));
    else if (code == TOOL_DONE && c->count == 0)
        puts("no difference");
    document_free(&c->files[0]);
    document_free(&c->files[1]);
    return report_end(&c->report, code);
}

int
command_diff(const struct command *self, int argc, char **argv)
{
    struct compare c = { .command = self };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "json", .flag = &c.json, .help = "print one JSON document instead" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&c.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&c.device, self);
    if (code == TOOL_GO_ON)
        code = device_needs_settings(&c.device, self);
    if (code == TOOL_GO_ON && line.operand_count != 2)
        code = tool_usage(self, "exactly two settings files are needed");
    if (code == TOOL_GO_ON && strcmp(line.operands[0], "-") == 0 &&
        strcmp(line.operands[1], "-") == 0)
        code = tool_usage(self, "'-' can be given once only");
    if (code == TOOL_GO_ON)
        code = run(&c, &line);
    free(line.operands);
    return code;
}
