/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <prov/schema.h>

#include "core/apply_work.h"
#include "core/schema_walk.h"
#include "core/xml/xml.h"

/* ---- One change document ---- */

bool
prov_work_is_change(const struct prov_apply *a, uint32_t root)
{
    return a != NULL && a->x != NULL && root != PROV_XML_NONE && root <= a->x->node_count &&
           root != a->root && prov_xml_parent(a->x, root) == PROV_XML_NONE;
}

void
prov_work_doc_begin(struct prov_apply *a, struct prov_work_doc *doc)
{
    const struct prov_account *account = &a->account;

    *doc = (struct prov_work_doc){
        .scratch = prov_arena_mark(a->x->arena),
        .sections = account->section_count,
        .sections_dropped = account->sections_dropped,
        .changes = account->change_count,
        .changes_dropped = account->changes_dropped,
        .elements = a->element_count,
        .partial = a->partial,
    };
    doc->mark = prov_xml_mark(a->x);
}

static void
report_fatal(struct prov_apply *a, enum prov_status status)
{
    struct prov_diag diag = { .status = status };

    if (status == PROV_E_CALLBACK) {
        diag.code = PROV_D_CALLBACK;
        diag.subject = prov_str_z("prov_check.section");
    } else {
        diag.code = PROV_D_NO_ARENA_SPACE;
        diag.need = a->x->arena->need;
    }
    prov_diags_add(a->diags, &diag);
}

enum prov_status
prov_work_doc_end(struct prov_apply *a, const struct prov_work_doc *doc, enum prov_status status)
{
    if (status == PROV_OK) {
        prov_xml_keep(a->x, doc->mark);
    } else {
        prov_xml_rollback(a->x, doc->mark);
        a->account.section_count = doc->sections;
        a->account.sections_dropped = doc->sections_dropped;
        a->account.change_count = doc->changes;
        a->account.changes_dropped = doc->changes_dropped;
        a->element_count = doc->elements;
        a->partial = doc->partial;
        report_fatal(a, status);
    }
    prov_arena_release(a->x->arena, doc->scratch);
    return status;
}

/* ---- One section ---- */

static void
enter_result(struct prov_apply *a, const struct prov_section_result *result)
{
    struct prov_account *account = &a->account;

    if (account->section_count < account->section_cap)
        account->sections[account->section_count++] = *result;
    else
        account->sections_dropped++;
}

void
prov_work_begin(struct prov_work *w, struct prov_apply *a, struct prov_str name,
                enum prov_section_action action, uint32_t section)
{
    *w = (struct prov_work){
        .a = a,
        .result = { .name = name, .action = action, .file = a->file_count },
        .changes = a->account.change_count,
        .changes_dropped = a->account.changes_dropped,
        .elements = a->element_count - prov_work_count(a->x, section),
        .again = section != PROV_XML_NONE && prov_xml_has(a->x, section, NODE_DIRTY),
    };
    w->mark = prov_xml_mark(a->x);
}

/* The vendor's part. An answer that its contract does not allow is the vendor's mistake. */
static enum prov_status
run_check(struct prov_work *w, uint32_t section)
{
    const struct prov_check *check = &w->a->check;
    struct prov_diag diag = { .status = PROV_OK };

    if (check->section == NULL)
        return PROV_OK;
    const enum prov_status status = check->section(check->ctx, w->a->x, section, &diag);

    if (status == PROV_OK)
        return PROV_OK;
    if (status != PROV_E_INVALID)
        return PROV_E_CALLBACK;
    prov_work_refuse(w->a->x, section, PROV_D_CHECK_FAILED, prov_xml_name(w->a->x, section),
                     &w->result.why);
    if (diag.code == PROV_D_NONE)
        return PROV_E_INVALID;
    diag.status = PROV_E_INVALID;
    if (diag.line == 0) {
        diag.source = w->result.why.source;
        diag.line = w->result.why.line;
        diag.column = w->result.why.column;
    }
    w->result.why = diag;
    return PROV_E_INVALID;
}

/* Has a section of this name been checked and kept before? */
static bool
was_checked(const struct prov_apply *a, struct prov_str name)
{
    const struct prov_account *account = &a->account;

    for (uint32_t i = 0; i < account->section_count; i++) {
        const struct prov_section_result *r = &account->sections[i];

        if (r->changed && r->action != PROV_SECTION_DISCARDED && prov_str_eq(r->name, name))
            return true;
    }
    return false;
}

/* What has come with this change, and what it has touched. */
static enum prov_status
check_schema(struct prov_work *w, uint32_t section, const struct prov_schema *schema)
{
    const struct prov_apply *a = w->a;
    uint8_t checked[PROV_SCHEMA_TEXTS];

    memcpy(checked, a->checked, sizeof(checked));
    /* The settings' own part: there may be a second section of the name that nobody has looked at. */
    if (w->again && was_checked(a, schema->section.name))
        prov_schema_set_checked(checked, a->x->nodes[a->root].source);
    return prov_schema_check_rest(a->x, section, schema, checked, &w->result.why);
}

/* CHK-1: the dialect's schema, then the vendor's part. */
static enum prov_status
check_content(struct prov_work *w, uint32_t section)
{
    const struct prov_str name = prov_xml_name(w->a->x, section);
    const struct prov_schema *schema = prov_schema_find(w->a->dialect, name);
    enum prov_status status = PROV_OK;

    w->result.unchecked = schema == NULL && w->a->check.section == NULL;
    if (w->result.unchecked && w->a->refuse_unchecked)
        return prov_work_refuse(w->a->x, section, PROV_D_SCHEMA_NONE, name, &w->result.why);
    if (schema != NULL)
        status = check_schema(w, section, schema);
    return status == PROV_OK ? run_check(w, section) : status;
}

static enum prov_status
check_section(struct prov_work *w, uint32_t section)
{
    const uint32_t limit = w->a->x->limits.xml_nodes;
    uint32_t elements = 0;
    enum prov_status status = PROV_OK;

    if (section != PROV_XML_NONE)
        status = prov_section_verify(w->a, section, &elements, &w->result.why);
    if (status != PROV_OK)
        return status;
    if (elements > 0 && (w->elements >= limit || elements > limit - w->elements)) {
        status = prov_work_refuse(w->a->x, section, PROV_D_SECTION_ELEMENTS,
                                  prov_xml_name(w->a->x, section), &w->result.why);
        w->result.why.need = limit;
        return status;
    }
    w->a->element_count = w->elements + elements;
    return section != PROV_XML_NONE ? check_content(w, section) : PROV_OK;
}

static void
undo(struct prov_work *w, uint32_t elements)
{
    prov_xml_rollback(w->a->x, w->mark);
    w->a->account.change_count = w->changes;
    w->a->account.changes_dropped = w->changes_dropped;
    w->a->element_count = elements;
}

enum prov_status
prov_work_end(struct prov_work *w, uint32_t section, enum prov_status status)
{
    const struct prov_account *account = &w->a->account;
    const uint32_t elements = w->a->element_count;

    w->result.changed =
        account->change_count != w->changes || account->changes_dropped != w->changes_dropped;
    if (status == PROV_OK && w->result.changed)
        status = check_section(w, section);
    if (status == PROV_OK) {
        prov_xml_keep(w->a->x, w->mark);
        enter_result(w->a, &w->result);
        return PROV_OK;
    }
    undo(w, elements);
    if (prov_status_class(status) != PROV_CLASS_INPUT)
        return status;
    prov_work_discard(w->a, &w->result);
    return PROV_OK;
}

void
prov_work_discard(struct prov_apply *a, const struct prov_section_result *result)
{
    struct prov_section_result discarded = *result;

    discarded.action = PROV_SECTION_DISCARDED;
    discarded.changed = false;
    enter_result(a, &discarded);
    prov_diags_add(a->diags, &discarded.why);
    a->partial = true;
}

enum prov_status
prov_work_refuse(const struct prov_xml *x, uint32_t node, enum prov_diag_code code,
                 struct prov_str subject, struct prov_diag *why)
{
    struct prov_xml_place place;

    prov_xml_where(x, node, &place);
    *why = (struct prov_diag){
        .status = PROV_E_INVALID,
        .code = code,
        .line = place.line,
        .column = place.column,
        .source = place.source,
        .subject = subject,
    };
    return PROV_E_INVALID;
}

uint32_t
prov_work_section(const struct prov_apply *a, struct prov_str name)
{
    uint32_t n = prov_xml_first(a->x, a->root);

    while (n != PROV_XML_NONE && !prov_xml_is(a->x, n, name))
        n = prov_xml_next(a->x, n);
    return n;
}

uint32_t
prov_work_position(const struct prov_xml *x, uint32_t node)
{
    const struct prov_str name = prov_xml_name(x, node);
    uint32_t count = 0, nth = 0;

    for (uint32_t n = prov_xml_first(x, prov_xml_parent(x, node)); n != PROV_XML_NONE;
         n = prov_xml_next(x, n)) {
        count += prov_xml_is(x, n, name);
        nth = n == node ? count : nth;
        if (nth > 0 && count > 1)
            break;
    }
    return count > 1 ? nth : 0;
}

/* The position costs a walk over the siblings, which is spent on records that are kept only. */
void
prov_work_enter(struct prov_apply *a, struct prov_change change)
{
    struct prov_account *account = &a->account;

    if (account->change_count == account->change_cap) {
        account->changes_dropped++;
        return;
    }
    change.nth = prov_work_position(a->x, change.node);
    change.file = a->file_count;
    account->changes[account->change_count++] = change;
}

enum prov_status
prov_work_plain(struct prov_xml *x, struct prov_str raw, struct prov_str *plain)
{
    size_t i = 0;

    /* Below a blank no byte can stand in XML but white space; nearly all bytes are above `&`. */
    while (i < raw.len &&
           ((unsigned char)raw.ptr[i] > '&' || (raw.ptr[i] >= ' ' && raw.ptr[i] != '&')))
        i++;
    *plain = raw;
    if (i == raw.len)
        return PROV_OK;
    struct prov_buf out = { prov_arena_scratch(x->arena, raw.len, 1), raw.len, 0 };

    if (out.ptr == NULL || prov_xml_raw_decode(raw, &out) != PROV_OK)
        return PROV_E_SPACE;
    *plain = prov_buf_str(&out);
    return PROV_OK;
}

enum prov_status
prov_work_keep(struct prov_xml *x, struct prov_str *text)
{
    char *copy = prov_arena_perm(x->arena, text->len, 1);

    if (copy == NULL)
        return PROV_E_SPACE;
    if (text->len > 0)
        memcpy(copy, text->ptr, text->len);
    text->ptr = copy;
    return PROV_OK;
}
