/* SPDX-License-Identifier: MIT */
#include <prov/ops.h>

#include <prov/path.h>

#include "base/str.h"
#include "core/apply_work.h"

/* One operation of the document. */
struct op {
    struct op *next; /* on the same section */
    uint32_t node;   /* of the change */
    enum prov_op_kind kind;
    struct prov_str raw;  /* the attribute path as written */
    struct prov_str path; /* the same, plain */
};

/* The operations on one section, in document order. */
struct group {
    struct group *next; /* in the order of first mention */
    struct prov_str name;
    struct op *first, *last;
    uint32_t count;
    bool alone; /* no section can be told from its only operation */
};

struct groups {
    struct prov_apply *a;
    struct group *first, *last;
    struct group *recent; /* neighbours mostly work on the same section */
};

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

/* The path begins as those of the group do, so that its first step need not be read. */
static bool
begins_like(const struct group *g, struct prov_str path)
{
    const size_t len = g != NULL ? g->name.len : 0;

    return len > 0 && path.len > len + 1 && path.ptr[0] == '/' &&
           memcmp(path.ptr + 1, g->name.ptr, len) == 0 &&
           (path.ptr[len + 1] == '/' || path.ptr[len + 1] == '[');
}

static struct group *
find_group(struct groups *g, struct prov_str name)
{
    struct group *it = g->first;

    if (g->recent != NULL && prov_str_eq(g->recent->name, name))
        return g->recent;
    while (it != NULL && (it->alone || !prov_str_eq(it->name, name)))
        it = it->next;
    return it;
}

static struct group *
new_group(struct groups *g, struct prov_str name)
{
    struct group *it = prov_arena_scratch(g->a->x->arena, sizeof(*it), sizeof(void *));

    if (it == NULL)
        return NULL;
    it->name = name;
    if (g->last != NULL)
        g->last->next = it;
    else
        g->first = it;
    g->last = it;
    return it;
}

/* section: empty if it cannot be told. */
static enum prov_status
add_to_group(struct groups *g, const struct op *op, struct prov_str section)
{
    const bool alone = section.len == 0;
    struct group *group = alone ? NULL : find_group(g, section);

    if (group == NULL)
        group = new_group(g, alone ? prov_xml_name(g->a->x, op->node) : section);
    struct op *it = prov_arena_scratch(g->a->x->arena, sizeof(*it), sizeof(void *));

    if (group == NULL || it == NULL)
        return PROV_E_SPACE;
    *it = *op;
    if (group->last != NULL)
        group->last->next = it;
    else
        group->first = it;
    group->last = it;
    group->count++;
    group->alone = alone;
    g->recent = alone ? g->recent : group;
    return PROV_OK;
}

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
keep_plain(struct prov_apply *a, struct op *op)
{
    const size_t scratch = prov_arena_mark(a->x->arena);
    enum prov_status status = prov_work_plain(a->x, op->raw, &op->path);

    if (status == PROV_OK && op->path.ptr != op->raw.ptr) {
        char *copy = prov_arena_perm(a->x->arena, op->path.len, 1);

        if (copy == NULL)
            status = PROV_E_SPACE;
        else if (op->path.len > 0)
            memcpy(copy, op->path.ptr, op->path.len);
        op->path.ptr = copy;
    }
    prov_arena_release(a->x->arena, scratch);
    return status;
}

/* The section that an operation is for. What is wrong with the operation is seen later. */
static enum prov_status
sort_one(struct groups *g, uint32_t node)
{
    static const struct prov_str attribute = PROV_STR_INIT("path");
    struct op op = { .node = node, .kind = prov_op_kind(g->a->x, node) };
    struct prov_str section = { NULL, 0 };
    enum prov_status status = PROV_OK;

    if (prov_xml_attr(g->a->x, node, attribute, &op.raw)) {
        status = keep_plain(g->a, &op);
        if (status == PROV_OK && begins_like(g->recent, op.path))
            section = g->recent->name;
        else if (status == PROV_OK)
            status = section_of(g->a, op.path, &section);
    }
    return status == PROV_OK ? add_to_group(g, &op, section) : status;
}

static enum prov_status
sort(struct groups *g, uint32_t root)
{
    const struct prov_xml *x = g->a->x;
    enum prov_status status = PROV_OK;

    for (uint32_t n = prov_xml_first(x, root); n != PROV_XML_NONE && status == PROV_OK;
         n = prov_xml_next(x, n))
        status = sort_one(g, n);
    return status;
}

/* ---- Working on one section ---- */

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
run_op(struct job *j, const struct op *op)
{
    uint32_t target = PROV_XML_NONE;
    enum prov_status status = check_body(j, op);

    if (status == PROV_OK)
        status = find_target(j, op, &target);
    if (status != PROV_OK)
        return status;
    switch (op->kind) {
    case PROV_OP_NONE:
        break;
    case PROV_OP_DELETE:
        return delete_element(j, op, target);
    case PROV_OP_REPLACE:
        return replace_element(j, op, target);
    case PROV_OP_ADD:
        return add_elements(j, op, target);
    }
    return PROV_OK;
}

static enum prov_status
run_group(struct prov_apply *a, const struct group *group)
{
    struct prov_work work;
    struct job j = { .a = a };
    enum prov_status status = PROV_OK;

    if (!group->alone)
        j.present = prov_work_section(a, group->name);
    prov_work_begin(&work, a, group->name, PROV_SECTION_OPERATIONS, j.present);
    work.result.operations = group->count;
    j.why = &work.result.why;
    for (const struct op *op = group->first; op != NULL && status == PROV_OK; op = op->next)
        status = run_op(&j, op);
    return prov_work_end(&work, j.present, status);
}

enum prov_status
prov_ops_apply(struct prov_apply *a, uint32_t root)
{
    struct groups groups = { .a = a };
    struct prov_work_doc doc;

    if (!prov_work_is_change(a, root))
        return PROV_E_ARG;
    prov_work_doc_begin(a, &doc);
    enum prov_status status = sort(&groups, root);

    for (const struct group *g = groups.first; g != NULL && status == PROV_OK; g = g->next)
        status = run_group(a, g);
    return prov_work_doc_end(a, &doc, status);
}
