/* SPDX-License-Identifier: MIT */
#include "documents.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "options.h"

#define MOST_BYTES ((size_t)1 << 30)

int
document_read(struct document *doc, const char *name, size_t limit, struct report *r)
{
    text_add_operand(&doc->shown, prov_str_z(file_shown_name(name)));
    doc->name = text_str(&doc->shown);
    switch (file_read(name, limit, &doc->text, r)) {
    case FILE_READ:
        return TOOL_DONE;
    case FILE_TOO_LARGE:
        return TOOL_REFUSED;
    case FILE_UNREADABLE:
        break;
    }
    return TOOL_OUTSIDE;
}

static void
wipe(void *mem, size_t bytes)
{
    volatile unsigned char *p = mem;

    while (bytes-- > 0)
        *p++ = 0;
}

void
document_free(struct document *doc)
{
    wipe(doc->text.ptr, doc->text.cap);
    text_free(&doc->text);
    text_free(&doc->shown);
    doc->name = (struct prov_str){ NULL, 0 };
}

void
documents_init(struct documents *docs, const struct device *device, size_t input_bytes)
{
    const struct prov_limits *l = &device->limits;

    /* Records, the account, rewritten tags and the undo journal; a wrong guess only costs time. */
    *docs = (struct documents){
        .device = device,
        .bytes = l->pool_nodes * (sizeof(struct prov_xml_node) + 16) + 2 * input_bytes +
                 l->changes * sizeof(struct prov_change) +
                 l->sections * sizeof(struct prov_section_result) + 512 * 1024,
    };
}

void
documents_free(struct documents *docs)
{
    wipe(docs->mem, docs->arena.cap);
    free(docs->mem);
    free(docs->diags.items);
    docs->mem = NULL;
    docs->arena = (struct prov_arena){ 0 };
    docs->diags = (struct prov_diags){ 0 };
}

bool
documents_grow(struct documents *docs)
{
    const struct prov_limits *limits = &docs->device->limits;
    enum prov_status status = PROV_E_SPACE;

    while (status == PROV_E_SPACE && docs->bytes <= MOST_BYTES) {
        documents_free(docs);
        docs->mem = tool_alloc(docs->bytes);
        prov_arena_init(&docs->arena, docs->mem, docs->bytes);
        docs->bytes *= 2;
        status = prov_xml_init(&docs->x, &docs->arena, limits, NULL, 0);
    }
    if (status != PROV_OK)
        return false;
    docs->diags.items = tool_alloc(limits->diags * sizeof(struct prov_diag));
    docs->diags.cap = limits->diags;
    return true;
}

enum prov_status
documents_parse(struct documents *docs, const struct document *doc, uint32_t *root)
{
    return prov_xml_parse(&docs->x, doc->name, text_str(&doc->text), root, &docs->diags);
}

void
documents_add(struct documents *docs, enum prov_diag_code code, uint32_t node,
              struct prov_str subject)
{
    struct prov_xml_place place;

    prov_xml_where(&docs->x, node, &place);
    const struct prov_diag diag = {
        .status = PROV_E_TYPE,
        .code = code,
        .source = place.source,
        .line = place.line,
        .column = place.column,
        .subject = subject,
    };
    prov_diags_add(&docs->diags, &diag);
}

void
documents_flush(struct documents *docs, struct report *r)
{
    report_diags(r, &docs->diags);
}

static int
code_of(enum prov_status status)
{
    switch (prov_status_class(status)) {
    case PROV_CLASS_OK:
        return TOOL_DONE;
    case PROV_CLASS_INPUT:
    case PROV_CLASS_POLICY:
        return TOOL_REFUSED;
    case PROV_CLASS_SPACE:
    case PROV_CLASS_CALLER:
    case PROV_CLASS_OUTSIDE:
        break;
    }
    return TOOL_OUTSIDE;
}

int
documents_report(struct documents *docs, enum prov_status status, struct report *r)
{
    const unsigned before = r->errors;

    if (prov_status_class(status) == PROV_CLASS_SPACE) {
        docs->diags.count = 0; /* they speak of the last try's arena */
        report_tool(r, PROV_D_TOOL_MEMORY, (struct prov_str){ NULL, 0 }, "", 0);
    }
    documents_flush(docs, r);
    if (status != PROV_OK && r->errors == before)
        report_tool(r, PROV_D_BAD_ARGUMENT, (struct prov_str){ NULL, 0 }, "", 0);
    return code_of(status);
}
