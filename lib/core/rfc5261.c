/* SPDX-License-Identifier: MIT */
#include "base/str.h"
#include "core/rfc5261_work.h"

/* The selector of an operation. */
struct entry {
    uint32_t node;
    struct prov_str raw; /* as written */
    struct prov_str sel; /* the same, plain */
};

static const struct prov_str sel_attribute = PROV_STR_INIT("sel");

struct diff {
    struct prov_apply *a;
    struct prov_order order;
    bool plain; /* no namespaces, neither in the settings nor in the document */
};

/* ---- Sorting operations by section ---- */

/* Where an operation belongs. Neither a name nor the root: nowhere. */
struct home {
    struct prov_str section;
    bool is_root;
};

/* What an operation brings into the root: the name of new sections; empty if they differ. */
static struct home
home_of_body(const struct prov_xml *x, uint32_t operation)
{
    const uint32_t first = prov_xml_first(x, operation);
    struct home home = { .section = prov_xml_local_name(x, first), .is_root = first == 0 };

    for (uint32_t n = first; n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (!prov_str_eq(prov_xml_local_name(x, n), home.section))
            home.section.len = 0;
    }
    return home;
}

static struct prov_str
attribute_of(const struct prov_xml *x, uint32_t node, const char *name)
{
    struct prov_str raw = { NULL, 0 };

    (void)prov_xml_attr(x, node, prov_str_z(name), &raw);
    return raw;
}

/* The operation puts its content directly into the root element. */
static bool
brings_sections(const struct prov_xml *x, uint32_t operation, const struct prov_sel *sel)
{
    const struct prov_str pos = attribute_of(x, operation, "pos");
    const bool inside = pos.len == 0 || prov_str_eq(pos, prov_str_z("prepend"));

    if (prov_diff_kind(x, operation) != PROV_DIFF_ADD ||
        attribute_of(x, operation, "type").ptr != NULL)
        return false;
    if (sel->step_count == 1)
        return sel->target != PROV_SEL_ELEMENT || inside;
    return sel->step_count == 2 && sel->target == PROV_SEL_ELEMENT && !inside;
}

/* The section that holds an element; PROV_XML_NONE for the root. */
static uint32_t
section_around(const struct prov_apply *a, uint32_t node)
{
    if (node == a->root)
        return PROV_XML_NONE;
    while (prov_xml_parent(a->x, node) != a->root)
        node = prov_xml_parent(a->x, node);
    return node;
}

/* Where an operation belongs, from its selector; if that says `*`, from what is there. */
static struct home
home_of(const struct diff *d, uint32_t node, const struct prov_sel *sel)
{
    const struct prov_xml *x = d->a->x;
    struct prov_sel_error error;
    struct prov_sel_hit hit;
    struct home home = { .is_root = sel->step_count == 1 };

    if (brings_sections(x, node, sel))
        return home_of_body(x, node);
    if (home.is_root)
        return home;
    home.section = sel->steps[1].name.local;
    if (sel->steps[1].name.any &&
        prov_sel_find(d->a->x, d->a->root, sel, d->plain, &hit, &error) == PROV_OK)
        home.section = prov_xml_local_name(x, section_around(d->a, hit.node));
    return home;
}

/* Where an operation belongs. What is wrong with it is seen later. The name lasts longer than the
 * selector, which may be in scratch memory. */
static enum prov_status
locate(struct diff *d, uint32_t node, struct prov_str raw, struct home *home)
{
    struct prov_xml *x = d->a->x;
    struct prov_sel_error error;
    struct prov_sel sel;
    struct prov_str text;
    enum prov_status status = prov_work_plain(x, raw, &text);

    if (status == PROV_OK)
        status = prov_sel_parse(x, d->a->root, node, text, &sel, &error);
    if (status == PROV_OK)
        *home = home_of(d, node, &sel);
    if (home->is_root)
        home->section = prov_xml_name(x, d->a->root);
    if (home->section.len > 0 && text.ptr != raw.ptr &&
        prov_order_find(&d->order, home->section, home->is_root) == NULL)
        status = prov_work_keep(x, &home->section);
    return status;
}

static enum prov_status
sort_one(struct diff *d, uint32_t node)
{
    struct prov_xml *x = d->a->x;
    const size_t scratch = prov_arena_mark(x->arena);
    struct home home = { .is_root = false };
    struct prov_str raw;
    enum prov_status status = PROV_OK;

    if (prov_xml_attr(x, node, sel_attribute, &raw)) {
        status = locate(d, node, raw, &home);
        prov_arena_release(x->arena, scratch);
    }
    if (status == PROV_E_SPACE)
        return status;
    return prov_order_put(&d->order, node, prov_order_find(&d->order, home.section, home.is_root),
                          home.section, home.is_root);
}

static enum prov_status
sort(struct diff *d, uint32_t root)
{
    const struct prov_xml *x = d->a->x;
    enum prov_status status = PROV_OK;

    for (uint32_t n = prov_xml_first(x, root); n != PROV_XML_NONE && status == PROV_OK;
         n = prov_xml_next(x, n))
        status = sort_one(d, n);
    return status;
}

/* ---- One operation ---- */

/* A group at work. */
struct job {
    const struct diff *d;
    const struct prov_order_unit *unit;
    uint32_t present; /* the section as it is now; PROV_XML_NONE if it is not there */
};

/* The attributes an operation may have, and the values of those that are words. */
static const struct option {
    struct prov_str name;
    enum prov_diff_kind kind;
    struct prov_str words[3];
    enum prov_diff_place places[3];
} options[] = {
    { PROV_STR_INIT("pos"),
      PROV_DIFF_ADD,
      { PROV_STR_INIT("before"), PROV_STR_INIT("after"), PROV_STR_INIT("prepend") },
      { PROV_DIFF_BEFORE, PROV_DIFF_AFTER, PROV_DIFF_PREPEND } },
    { PROV_STR_INIT("ws"),
      PROV_DIFF_REMOVE,
      { PROV_STR_INIT("before"), PROV_STR_INIT("after"), PROV_STR_INIT("both") },
      { PROV_DIFF_BEFORE, PROV_DIFF_AFTER, PROV_DIFF_BOTH } },
};

static bool
read_option(struct prov_diff_op *op, struct prov_str name, struct prov_str raw)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const struct option *o = &options[i];

        for (size_t k = 0; o->kind == op->kind && prov_str_eq(o->name, name) && k < 3; k++) {
            if (prov_xml_raw_is(raw, o->words[k])) {
                op->place = o->places[k];
                return true;
            }
        }
    }
    return false;
}

static enum prov_status
refuse(struct prov_diff_op *op, enum prov_diag_code code, struct prov_str subject)
{
    op->error = (struct prov_sel_error){ .code = code, .subject = subject };
    return PROV_E_INVALID;
}

static enum prov_status
read_options(struct prov_diff_op *op)
{
    static const struct prov_str sel = PROV_STR_INIT("sel"), type = PROV_STR_INIT("type");
    struct prov_xml *x = op->a->x;
    struct prov_str name, raw, prefix;
    uint32_t cursor = 0;

    while (prov_xml_attr_next(x, op->node, &cursor, &name, &raw)) {
        /* Attributes of other namespaces are no business of ours. */
        if (prov_str_eq(name, sel) || prov_ns_declares(name, &prefix) ||
            prov_ns_prefix(name).len > 0)
            continue;
        if (op->kind == PROV_DIFF_ADD && prov_str_eq(name, type)) {
            if (prov_work_plain(x, raw, &op->type) != PROV_OK)
                return PROV_E_SPACE;
            if (op->type.len > 0)
                continue;
        }
        if (!read_option(op, name, raw))
            return refuse(op, PROV_D_DIFF_ATTRIBUTE, name);
    }
    if (op->type.len > 0 && op->place != PROV_DIFF_INSIDE)
        return refuse(op, PROV_D_DIFF_ATTRIBUTE, prov_str_z("pos"));
    return PROV_OK;
}

/* The operation itself, before anything is looked for. */
static enum prov_status
check_operation(struct prov_diff_op *op, const struct entry *e)
{
    const struct prov_xml *x = op->a->x;
    const struct prov_str name = prov_xml_name(x, op->node);

    if (op->kind == PROV_DIFF_NONE)
        return refuse(op, PROV_D_DIFF_FORMAT, name);
    if (e->raw.ptr == NULL)
        return refuse(op, PROV_D_DIFF_NO_SELECTOR, name);
    if (op->kind == PROV_DIFF_REMOVE &&
        (prov_xml_first(x, op->node) != PROV_XML_NONE || !prov_xml_text_is_blank(x, op->node)))
        return refuse(op, PROV_D_DIFF_FORMAT, name);
    return read_options(op);
}

/* New sections have the name of the group, and are not there yet. */
static enum prov_status
check_new_sections(const struct job *j, struct prov_diff_op *op)
{
    const struct prov_xml *x = op->a->x;
    const uint32_t first = prov_xml_first(x, op->node);

    if (first == PROV_XML_NONE)
        return PROV_OK;
    if (j->unit->is_alone)
        return refuse(op, PROV_D_DIFF_SECTIONS, prov_xml_name(x, first));
    if (j->present != PROV_XML_NONE || prov_xml_next(x, first) != PROV_XML_NONE)
        return refuse(op, PROV_D_DIFF_SECTION_EXISTS, prov_xml_name(x, first));
    return PROV_OK;
}

/* An edit of the list of sections, or of the root's own tag. */
static enum prov_status
check_at_root(const struct job *j, struct prov_diff_op *op)
{
    const struct prov_xml *x = op->a->x;
    const bool of_section = op->sel.target == PROV_SEL_ELEMENT && op->hit.node != op->a->root;

    if (op->type.len > 0)
        return PROV_OK;
    if (op->kind == PROV_DIFF_ADD)
        return check_new_sections(j, op);
    if (!of_section)
        return PROV_OK;
    if (op->hit.node != j->present)
        return refuse(op, PROV_D_DIFF_OTHER_SECTION, prov_xml_name(x, op->node));
    const uint32_t body = prov_xml_first(x, op->node);

    if (op->kind == PROV_DIFF_REPLACE && body != PROV_XML_NONE &&
        !prov_str_eq(prov_xml_local_name(x, body), prov_xml_local_name(x, j->present)))
        return refuse(op, PROV_D_SECTION_RENAMED, prov_xml_name(x, body));
    return PROV_OK;
}

/* What was located is what the group stands for: a selector with `*` may find something else by
 * now. */
static enum prov_status
check_place(const struct job *j, struct prov_diff_op *op)
{
    const struct prov_str name = prov_xml_name(op->a->x, op->node);
    const uint32_t container = prov_diff_container(op);

    if (container == PROV_XML_NONE) {
        const bool element =
            op->kind != PROV_DIFF_ADD || prov_xml_first(op->a->x, op->node) != PROV_XML_NONE;

        return refuse(op, element ? PROV_D_DIFF_ROOT : PROV_D_DIFF_PROLOG, name);
    }
    if (container == op->a->root)
        return check_at_root(j, op);
    if (section_around(op->a, container) != j->present)
        return refuse(op, PROV_D_DIFF_OTHER_SECTION, name);
    return PROV_OK;
}

/* A section came or went. */
static void
follow_section(struct job *j, const struct prov_diff_op *op, uint32_t body)
{
    if (op->kind == PROV_DIFF_REMOVE && op->hit.node == j->present &&
        op->sel.target == PROV_SEL_ELEMENT)
        j->present = PROV_XML_NONE;
    else if (body != PROV_XML_NONE && prov_xml_parent(op->a->x, body) == op->a->root)
        j->present = body;
}

static enum prov_status
carry_out(struct job *j, struct prov_diff_op *op, const struct entry *e)
{
    struct prov_xml *x = op->a->x;
    const uint32_t body = prov_xml_first(x, op->node);
    enum prov_status status = check_operation(op, e);

    if (status == PROV_OK)
        status = prov_sel_parse(x, op->a->root, op->node, e->sel, &op->sel, &op->error);
    if (status == PROV_OK && op->kind == PROV_DIFF_ADD && op->sel.target >= PROV_SEL_ATTRIBUTE)
        status = refuse(op, PROV_D_DIFF_SELECTOR, prov_xml_name(x, op->node));
    if (status == PROV_OK)
        status = prov_sel_find(x, op->a->root, &op->sel, j->d->plain, &op->hit, &op->error);
    if (status == PROV_OK)
        status = check_place(j, op);
    if (status == PROV_OK)
        status = prov_diff_edit(op);
    if (status == PROV_OK)
        follow_section(j, op, body);
    return status;
}

/* The plain selector stays as long as diagnostics that show it: it goes to perm memory. */
static enum prov_status
read_entry(struct prov_apply *a, uint32_t node, struct entry *e)
{
    const size_t scratch = prov_arena_mark(a->x->arena);
    enum prov_status status = PROV_OK;

    *e = (struct entry){ .node = node };
    if (prov_xml_attr(a->x, node, sel_attribute, &e->raw)) {
        status = prov_work_plain(a->x, e->raw, &e->sel);
        if (status == PROV_OK && e->sel.ptr != e->raw.ptr)
            status = prov_work_keep(a->x, &e->sel);
        prov_arena_release(a->x->arena, scratch);
    }
    return status;
}

/* A mistake in the selector is shown where it stands in the file, if it was written plain. */
static void
explain(const struct prov_diff_op *op, const struct entry *e, enum prov_status status,
        struct prov_diag *why)
{
    const struct prov_xml *x = op->a->x;
    const bool in_selector =
        op->error.code == PROV_D_DIFF_SELECTOR || op->error.code == PROV_D_PATH_TOO_LONG;
    struct prov_xml_place place;

    prov_work_refuse(x, op->node, op->error.code, op->error.subject, why);
    why->status = status;
    why->path = e->sel;
    if (status == PROV_E_LIMIT)
        why->need = in_selector ? x->limits.path_steps : x->limits.pool_nodes;
    if (in_selector && e->sel.ptr == e->raw.ptr &&
        prov_xml_where_at(x, e->raw.ptr + op->error.at, &place)) {
        why->line = place.line;
        why->column = place.column;
    }
}

static enum prov_status
run_one(struct job *j, uint32_t node, struct prov_diag *why)
{
    struct prov_apply *a = j->d->a;
    const size_t scratch = prov_arena_mark(a->x->arena);
    struct prov_diff_op op = { .a = a, .node = node, .kind = prov_diff_kind(a->x, node) };
    struct entry e;
    enum prov_status status = read_entry(a, node, &e);

    if (status == PROV_OK)
        status = carry_out(j, &op, &e);
    if (prov_status_class(status) == PROV_CLASS_INPUT)
        explain(&op, &e, status, why);
    prov_arena_release(a->x->arena, scratch);
    return status;
}

/* ---- One section ---- */

static uint32_t
find_section(const struct prov_apply *a, struct prov_str name)
{
    uint32_t n = prov_xml_first(a->x, a->root);

    while (n != PROV_XML_NONE && !prov_str_eq(prov_xml_local_name(a->x, n), name))
        n = prov_xml_next(a->x, n);
    return n;
}

/* What no section is verified for: attributes of the root. */
static enum prov_status
verify_root(const struct prov_apply *a, struct prov_diag *why)
{
    struct prov_diag found;
    struct prov_diags one = { .items = &found, .cap = 1 };
    const enum prov_status status = prov_xml_check(a->x, a->root, &one);

    if (status != PROV_OK)
        *why = found;
    return status;
}

static enum prov_status
run_unit(const struct diff *d, struct prov_order_unit *unit)
{
    struct prov_work work;
    struct job j = { .d = d, .unit = unit };
    enum prov_status status = PROV_OK;

    if (!unit->is_alone && !unit->is_root)
        j.present = find_section(d->a, unit->name);
    prov_work_begin(&work, d->a, unit->name, PROV_SECTION_OPERATIONS, j.present);
    work.result.operations = unit->count;
    while (unit->left > 0 && status == PROV_OK)
        status = run_one(&j, prov_order_take(&d->order, unit), &work.result.why);
    if (status == PROV_OK && unit->is_root)
        status = verify_root(d->a, &work.result.why);
    return prov_work_end(&work, j.present, status);
}

enum prov_status
prov_rfc5261_apply(struct prov_apply *a, uint32_t root)
{
    struct diff d = { .a = a };
    struct prov_order_unit unit;
    struct prov_work_doc doc;

    if (!prov_work_is_change(a, root))
        return PROV_E_ARG;
    d.plain = prov_ns_is_plain(a->x, a->root) && prov_ns_is_plain(a->x, root);
    prov_work_doc_begin(a, &doc);
    enum prov_status status = prov_order_begin(&d.order, a, root);

    if (status == PROV_OK)
        status = sort(&d, root);
    while (status == PROV_OK && prov_order_next(&d.order, &unit))
        status = run_unit(&d, &unit);
    return prov_work_doc_end(a, &doc, status);
}

/* ---- Telling the document (DOC-1) ---- */

bool
prov_diff_is_document(const struct prov_xml *x, uint32_t root)
{
    const bool named = prov_str_eq(prov_xml_local_name(x, root), prov_str_z("diff"));
    bool selects = false, all = true;
    struct prov_str raw;

    for (uint32_t n = prov_xml_first(x, root); n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (prov_xml_attr(x, n, prov_str_z("path"), &raw))
            return false;
        selects = selects || prov_xml_attr(x, n, prov_str_z("sel"), &raw);
        all = all && prov_diff_kind(x, n) != PROV_DIFF_NONE;
    }
    return named || (selects && all);
}
