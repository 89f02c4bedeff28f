/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <prov/apply.h>
#include <prov/ref.h>

#include "address.h"
#include "commands.h"
#include "device.h"
#include "documents.h"
#include "file.h"
#include "report.h"

struct resolve {
    const struct command *command;
    struct device device;
    struct report report;
    struct documents docs;
    struct text base; /* after markers; may hold credentials */
    const char *base_option;
    bool json;
};

static void
print_tree(const struct prov_ref_tree *t, json_t *urls)
{
    /* Entry 0 is the reference file itself. */
    for (uint32_t i = t->entries[0].next; i != PROV_REF_NONE; i = t->entries[i].next)
        address_print(t->entries[i].url, urls);
}

/* The base is at fault, not the file. */
static enum prov_status
begin(struct resolve *r, struct prov_ref_tree *tree)
{
    const struct prov_str base = text_str(&r->base);
    struct prov_diag diag = { 0 };
    const enum prov_status status =
        prov_ref_tree_init(tree, &r->docs.arena, &r->device.limits, base, base, &diag);

    diag.source = prov_str_z("--base");
    if (status != PROV_OK)
        prov_diags_add(&r->docs.diags, &diag);
    return status;
}

static enum prov_status
walk(struct resolve *r, uint32_t root, json_t *urls)
{
    const struct device *d = &r->device;
    struct prov_ref_tree tree;
    enum prov_status status = begin(r, &tree);

    if (status != PROV_OK)
        return status;
    status = prov_ref_tree_add(&tree, 0, text_str(&r->base), &r->docs.x, root,
                               d->dialect->reference_element, &d->markers.set,
                               PROV_MACRO_ENC_PERCENT, &r->docs.diags);
    if (status == PROV_OK)
        print_tree(&tree, urls);
    return status;
}

/* One try in a given amount of memory. */
static enum prov_status
attempt(struct resolve *r, const struct document *doc, json_t *urls)
{
    uint32_t root;
    enum prov_status status = documents_parse(&r->docs, doc, &root);

    if (status != PROV_OK)
        return status;
    const enum prov_file_type type =
        prov_file_detect(&r->docs.x, root, r->device.dialect, PROV_XML_NONE);

    if (type == PROV_FILE_REFERENCE)
        return walk(r, root, urls);
    documents_add(&r->docs, PROV_D_TOOL_NOT_REFERENCE, root, prov_str_z(prov_file_type_name(type)));
    return PROV_E_TYPE;
}

static int
resolve_file(struct resolve *r, const char *name, json_t *urls)
{
    struct document doc = { 0 };
    enum prov_status status = PROV_E_SPACE;

    if (address_expand(&r->device, prov_str_z(r->base_option), PROV_MACRO_ENC_PERCENT, &r->base,
                       &r->report) != PROV_OK)
        return TOOL_REFUSED;
    int code = document_read(&doc, name, r->device.limits.file_bytes, &r->report);

    if (code == TOOL_DONE) {
        documents_init(&r->docs, &r->device, doc.text.len);
        while (status == PROV_E_SPACE && documents_grow(&r->docs))
            status = attempt(r, &doc, urls);
        code = documents_report(&r->docs, status, &r->report);
        documents_free(&r->docs);
    }
    document_free(&doc);
    return code;
}

static int
resolve(struct resolve *r, const char *name)
{
    json_t *urls = r->json ? json_array() : NULL;

    report_init(&r->report, r->json);
    const int code = resolve_file(r, name, urls);

    text_free(&r->base);
    if (r->json)
        report_document(&r->report, json_pack("{s:o}", "urls", urls));
    return report_end(&r->report, code);
}

int
command_resolve(const struct command *self, int argc, char **argv)
{
    struct resolve r = { .command = self };
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "base",
          .value = "URL",
          .text = &r.base_option,
          .help = "where the reference file came from" },
        { .name = "json", .flag = &r.json, .help = "print one JSON document" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    device_options(&r.device, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&r.device, self);
    if (code == TOOL_GO_ON && r.device.dialect->reference_element.len == 0)
        code = tool_usage(self, "this dialect has no reference files");
    if (code == TOOL_GO_ON && r.base_option == NULL)
        code = tool_usage(self, "--base is missing");
    if (code == TOOL_GO_ON && line.operand_count != 1)
        code = tool_usage(self, "exactly one file is needed");
    if (code == TOOL_GO_ON)
        code = resolve(&r, line.operands[0]);
    free(line.operands);
    return code;
}
