/* SPDX-License-Identifier: MIT */
#include <prov/ops.h>

#include <prov/path.h>

#include "base/str.h"
#include "core/apply_work.h"

/* One operation of the document. */
struct op {
    uint32_t node; /* of the change */
    enum prov_op_kind kind;
    struct prov_str raw;  /* the attribute path as written */
    struct prov_str path; /* the same, plain */
};

static const struct prov_str path_attribute = PROV_STR_INIT("path");

enum prov_op_kind
prov_op_kind(const struct prov_xml *x, uint32_t node)
{
    static const struct {
        struct prov_str name;
        enum prov_op_kind kind;
    } kinds[] = {
        { PROV_STR_INIT("delete"), PROV_OP_DELETE },
        { PROV_STR_INIT("replace"), PROV_OP_REPLACE },
        { PROV_STR_INIT("add"), PROV_OP_ADD },
    };
    const struct prov_str name = prov_xml_local_name(x, node);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (prov_str_eq(kinds[i].name, name))
            return kinds[i].kind;
    }
    return PROV_OP_NONE;
}

/* ---- Sorting operations by section ---- */

/* The first step, if it names a section; empty if not. Whether the rest is a path is seen later. */
static enum prov_status
section_of(struct prov_apply *a, struct prov_str path, struct prov_str *section)
{
    const size_t scratch = prov_arena_mark(a->x->arena);
    struct prov_path first;
    size_t to = path.len > 0;

    while (to < path.len && path.ptr[to] != '/' && path.ptr[to] != '[')
        to++;
    const enum prov_status status =
        prov_path_parse(prov_str_cut(path, 0, to), &a->x->limits, a->x->arena, &first, NULL);

    *section = status == PROV_OK ? first.steps[0].name : prov_str_cut(path, 0, 0);
    prov_arena_release(a->x->arena, scratch);
    return status == PROV_E_SPACE ? status : PROV_OK;
}

/* The path begins with this section, so that its first step need not be read. That can be told from
 * the raw text, for no name has anything to be decoded. */
static bool
begins_with(struct prov_str path, struct prov_str section)
{
    const size_t len = section.len;

    return len > 0 && path.len > len + 1 && path.ptr[0] == '/' &&
           memcmp(path.ptr + 1, section.ptr, len) == 0 &&
           (path.ptr[len + 1] == '/' || path.ptr[len + 1] == '[');
}

/* The section of a path. In scratch memory, unless it is of the source; copied if it is new. */
static enum prov_status
find_section(struct prov_order *o, struct prov_str raw, struct prov_str *section)
{
    struct prov_str path;
    enum prov_status status = prov_work_plain(o->a->x, raw, &path);

    if (status == PROV_OK)
        status = section_of(o->a, path, section);
    if (status == PROV_OK && path.ptr != raw.ptr && prov_order_find(o, *section, false) == NULL)
        status = prov_work_keep(o->a->x, section);
    return status;
}

/* The section that an operation is for. What is wrong with the operation is seen later. */
static enum prov_status
sort_one(struct prov_order *o, uint32_t node)
{
    struct prov_xml *x = o->a->x;
    const size_t scratch = prov_arena_mark(x->arena);
    struct prov_str raw, section = { NULL, 0 };
    enum prov_status status = PROV_OK;

    if (prov_xml_attr(x, node, path_attribute, &raw)) {
        section = prov_order_recent(o);
        if (!begins_with(raw, section))
            status = find_section(o, raw, &section);
    }
    struct prov_order_group *group = prov_order_find(o, section, false);

    prov_arena_release(x->arena, scratch);
    if (status != PROV_OK)
        return status;
    return prov_order_put(o, node, group, section, false);
}

static enum prov_status
sort(struct prov_order *o, uint32_t root)
{
    const struct prov_xml *x = o->a->x;
    enum prov_status status = PROV_OK;

    for (uint32_t n = prov_xml_first(x, root); n != PROV_XML_NONE && status == PROV_OK;
         n = prov_xml_next(x, n))
        status = sort_one(o, n);
    return status;
}

/* ---- Working on one section ---- */

static enum prov_status
refuse(const struct prov_apply *a, const struct op *op, enum prov_diag_code code,
       struct prov_diag *why)
{
    return prov_work_refuse(a->x, op->node, code, prov_xml_name(a->x, op->node), why);
}

/* A mistake in the path is shown where it stands in the file. With entities before it the columns
 * of path and file are not the same: then the start of the path is shown. */
static enum prov_status
parse_path(struct prov_apply *a, const struct op *op, struct prov_path *out, struct prov_diag *why)
{
    struct prov_xml_place place;
    const enum prov_status status = prov_path_parse(op->path, &a->x->limits, a->x->arena, out, why);

    if (prov_status_class(status) != PROV_CLASS_INPUT)
        return status;
    const char *at = op->raw.ptr;

    if (op->path.ptr == op->raw.ptr)
        at += why->column - 1;
    if (prov_xml_where_at(a->x, at, &place)) {
        why->source = place.source;
        why->line = place.line;
        why->column = place.column;
    }
    return status;
}

/* The plain path stays as long as diagnostics that show it: it goes to perm memory. */
static enum prov_status
read_op(struct prov_apply *a, uint32_t node, struct op *op)
{
    const size_t scratch = prov_arena_mark(a->x->arena);
    enum prov_status status = PROV_OK;

    *op = (struct op){ .node = node, .kind = prov_op_kind(a->x, node) };
    if (prov_xml_attr(a->x, node, path_attribute, &op->raw)) {
        status = prov_work_plain(a->x, op->raw, &op->path);
        if (status == PROV_OK && op->path.ptr != op->raw.ptr)
            status = prov_work_keep(a->x, &op->path);
        prov_arena_release(a->x->arena, scratch);
    }
    return status;
}

/* The section as it is now. */
struct job {
    struct prov_apply *a;
    uint32_t present; /* PROV_XML_NONE if it is not there */
    struct prov_diag *why;
};

/* OPS-4: how many elements an operation has for its body. */
static enum prov_status
check_body(const struct job *j, const struct op *op)
{
    const struct prov_xml *x = j->a->x;
    const uint32_t body = prov_xml_first(x, op->node);
    const bool several = body != PROV_XML_NONE && prov_xml_next(x, body) != PROV_XML_NONE;
    const bool text = !prov_xml_text_is_blank(x, op->node);

    if (op->raw.ptr == NULL && op->kind != PROV_OP_NONE)
        return refuse(j->a, op, PROV_D_OPERATION_NO_PATH, j->why);
    switch (op->kind) {
    case PROV_OP_NONE:
        return refuse(j->a, op, PROV_D_OPERATION_UNKNOWN, j->why);
    case PROV_OP_DELETE:
        if (body != PROV_XML_NONE || text)
            return refuse(j->a, op, PROV_D_DELETE_BODY, j->why);
        break;
    case PROV_OP_REPLACE:
        if (body == PROV_XML_NONE || several)
            return refuse(j->a, op, PROV_D_REPLACE_BODY, j->why);
        break;
    case PROV_OP_ADD:
        if (body == PROV_XML_NONE)
            return refuse(j->a, op, PROV_D_ADD_BODY, j->why);
        break;
    }
    return text ? refuse(j->a, op, PROV_D_OPERATION_TEXT, j->why) : PROV_OK;
}

/* OPS-3. The memory of the path is given back before the edit that follows. */
static enum prov_status
find_target(const struct job *j, const struct op *op, uint32_t *target)
{
    struct prov_xml *x = j->a->x;
    const size_t scratch = prov_arena_mark(x->arena);
    struct prov_path path;
    enum prov_status status = parse_path(j->a, op, &path, j->why);

    if (status != PROV_OK)
        return status;
    status = prov_path_find(x, j->a->root, &path, target, j->why);
    prov_arena_release(x->arena, scratch);
    if (status != PROV_E_NO_MATCH && status != PROV_E_AMBIGUOUS)
        return status;
    refuse(j->a, op, j->why->code, j->why);
    j->why->status = status;
    j->why->path = op->path;
    return status;
}

static void
enter(struct job *j, const struct op *op, enum prov_change_kind kind, uint32_t node, uint32_t old)
{
    static const enum prov_change_rule rules[] = {
        [PROV_CHANGE_ADDED] = PROV_RULE_ADD,
        [PROV_CHANGE_REPLACED] = PROV_RULE_REPLACE,
        [PROV_CHANGE_REMOVED] = PROV_RULE_DELETE,
    };
    const struct prov_change change = {
        .node = node, .old = old, .by = op->node, .kind = kind, .rule = rules[kind]
    };

    prov_work_enter(j->a, change);
}

static enum prov_status
delete_element(struct job *j, const struct op *op, uint32_t target)
{
    struct prov_account before = j->a->account;

    /* Entered first: afterwards its position cannot be told. */
    enter(j, op, PROV_CHANGE_REMOVED, target, target);
    const enum prov_status status = prov_xml_delete(j->a->x, target);

    if (status != PROV_OK)
        j->a->account = before;
    else if (target == j->present)
        j->present = PROV_XML_NONE;
    return status;
}

static enum prov_status
replace_element(struct job *j, const struct op *op, uint32_t target)
{
    struct prov_xml *x = j->a->x;
    const uint32_t body = prov_xml_first(x, op->node);

    if (target == j->present && !prov_xml_is(x, target, prov_xml_name(x, body))) {
        const enum prov_status status = refuse(j->a, op, PROV_D_SECTION_RENAMED, j->why);

        j->why->subject = prov_xml_name(x, body);
        return status;
    }
    if (prov_xml_equal(x, target, body))
        return PROV_OK;
    const enum prov_status status = prov_xml_replace(x, target, body);

    if (status != PROV_OK)
        return status;
    enter(j, op, PROV_CHANGE_REPLACED, body, target);
    if (target == j->present)
        j->present = body;
    return PROV_OK;
}

static enum prov_status
add_elements(struct job *j, const struct op *op, uint32_t target)
{
    struct prov_xml *x = j->a->x;
    enum prov_status status = PROV_OK;
    uint32_t next = prov_xml_first(x, op->node);

    while (next != PROV_XML_NONE && status == PROV_OK) {
        const uint32_t body = next; /* it moves */

        next = prov_xml_next(x, body);
        status = prov_xml_append(x, target, body);
        if (status == PROV_OK)
            enter(j, op, PROV_CHANGE_ADDED, body, PROV_XML_NONE);
    }
    return status;
}

static enum prov_status
run_op(struct job *j, uint32_t node)
{
    uint32_t target = PROV_XML_NONE;
    struct op op;
    enum prov_status status = read_op(j->a, node, &op);

    if (status == PROV_OK)
        status = check_body(j, &op);
    if (status == PROV_OK)
        status = find_target(j, &op, &target);
    if (status != PROV_OK)
        return status;
    switch (op.kind) {
    case PROV_OP_NONE:
        break;
    case PROV_OP_DELETE:
        return delete_element(j, &op, target);
    case PROV_OP_REPLACE:
        return replace_element(j, &op, target);
    case PROV_OP_ADD:
        return add_elements(j, &op, target);
    }
    return PROV_OK;
}

static enum prov_status
run_unit(const struct prov_order *o, struct prov_order_unit *unit)
{
    struct prov_work work;
    struct job j = { .a = o->a };
    enum prov_status status = PROV_OK;

    if (!unit->is_alone)
        j.present = prov_work_section(o->a, unit->name);
    prov_work_begin(&work, o->a, unit->name, PROV_SECTION_OPERATIONS, j.present);
    work.result.operations = unit->count;
    j.why = &work.result.why;
    while (unit->left > 0 && status == PROV_OK)
        status = run_op(&j, prov_order_take(o, unit));
    return prov_work_end(&work, j.present, status);
}

enum prov_status
prov_ops_apply(struct prov_apply *a, uint32_t root)
{
    struct prov_order order;
    struct prov_order_unit unit;
    struct prov_work_doc doc;

    if (!prov_work_is_change(a, root))
        return PROV_E_ARG;
    prov_work_doc_begin(a, &doc);
    enum prov_status status = prov_order_begin(&order, a, root);

    if (status == PROV_OK)
        status = sort(&order, root);
    while (status == PROV_OK && prov_order_next(&order, &unit))
        status = run_unit(&order, &unit);
    return prov_work_doc_end(a, &doc, status);
}
