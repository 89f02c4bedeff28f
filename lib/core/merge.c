/* SPDX-License-Identifier: MIT */
#include "core/apply_work.h"
#include "core/xml/xml.h"

/*
 * Merging goes in two turns. The first one looks at both trees as they are, finds the counterpart
 * of every element, and notes what is to be done; it refuses what cannot be merged. The second one
 * does it: elements move from one tree to the other, and siblings could not be counted any more.
 */

enum todo_kind {
    TODO_ATTRIBUTES, /* merge the attributes of node into those of with */
    TODO_VALUE,      /* replace with by node, which takes over its other attributes */
    TODO_WHOLE,      /* replace with by node */
    TODO_APPEND,     /* append node to with */
};

struct todo {
    uint32_t node; /* of the change */
    uint32_t with; /* of the settings */
    enum todo_kind kind;
};

/* The same in less memory: there may be as many as elements. */
struct note {
    uint32_t what; /* node * KINDS + kind */
    uint32_t with;
};
#define KINDS 4u

struct merge {
    struct prov_apply *a;
    struct prov_xml *x;
    struct prov_diag *why;
    struct note *notes; /* the first; the others are below: nothing else stays in scratch memory */
    uint32_t count;
    uint32_t section;  /* of the change */
    uint32_t node;     /* the element of the change that is looked at */
    uint32_t previous; /* its sibling before it, PROV_XML_NONE for the first */
    uint32_t parent;   /* counterpart of its parent */
    uint32_t with;     /* its counterpart; until that is known, the one of the previous sibling */
    bool in_step;      /* so far the children of both parents have the same names, one by one */
};

static enum prov_status
note(struct merge *m, enum todo_kind kind, uint32_t with)
{
    struct note *n = prov_arena_scratch(m->x->arena, sizeof(*n), sizeof(n->what));

    if (n == NULL)
        return PROV_E_SPACE;
    *n = (struct note){ m->node * KINDS + (uint32_t)kind, with };
    if (m->count++ == 0)
        m->notes = n;
    return PROV_OK;
}

static bool
has_children(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_first(x, node) != PROV_XML_NONE;
}

static bool
has_attributes(const struct prov_xml *x, uint32_t node)
{
    uint32_t cursor = 0;
    struct prov_str name, raw;

    return prov_xml_attr_next(x, node, &cursor, &name, &raw);
}

/* Nothing is given: in a list by position it only takes up a place. */
static bool
is_placeholder(const struct prov_xml *x, uint32_t node)
{
    return !has_children(x, node) && !has_attributes(x, node) && prov_xml_text_is_blank(x, node);
}

/* Both elements contain the same; their own attributes do not count. */
static bool
same_content(const struct prov_xml *x, uint32_t a, uint32_t b)
{
    struct prov_xml_chars ca, cb;

    prov_xml_chars_text(&ca, x, a);
    prov_xml_chars_text(&cb, x, b);
    if (!prov_xml_chars_equal(&ca, &cb))
        return false;
    a = prov_xml_first(x, a);
    b = prov_xml_first(x, b);
    while (a != PROV_XML_NONE && b != PROV_XML_NONE && prov_xml_equal(x, a, b)) {
        a = prov_xml_next(x, a);
        b = prov_xml_next(x, b);
    }
    return a == PROV_XML_NONE && b == PROV_XML_NONE;
}

/* What an element asks for that meets its counterpart. *descend: their children meet too. */
static enum prov_status
meet(struct merge *m, bool *descend)
{
    const bool blank = prov_xml_text_is_blank(m->x, m->node);
    const bool tree = has_children(m->x, m->with);

    /* What has no value can be filled, and keeps its comments. */
    *descend =
        blank && has_children(m->x, m->node) && (tree || prov_xml_text_is_blank(m->x, m->with));
    if (!*descend && !(blank && tree) && !same_content(m->x, m->node, m->with))
        return note(m, TODO_VALUE, m->with);
    return has_attributes(m->x, m->node) ? note(m, TODO_ATTRIBUTES, m->with) : PROV_OK;
}

/* The n-th of a name meets the n-th of that name: which one is this? */
static uint32_t
nth_counterpart(const struct merge *m, struct prov_str name)
{
    const struct prov_xml *x = m->x;
    uint32_t before = 0;

    for (uint32_t n = prov_xml_first(x, prov_xml_parent(x, m->node)); n != m->node;
         n = prov_xml_next(x, n))
        before += prov_xml_is(x, n, name);
    for (uint32_t n = prov_xml_first(x, m->parent); n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (prov_xml_is(x, n, name) && before-- == 0)
            return n;
    }
    return PROV_XML_NONE;
}

/* The same, without counting where the previous sibling shows the way. */
static uint32_t
find_counterpart(struct merge *m, struct prov_str name)
{
    const bool is_first = m->previous == PROV_XML_NONE;
    uint32_t next = PROV_XML_NONE;

    if (is_first)
        next = prov_xml_first(m->x, m->parent);
    else if (m->with != PROV_XML_NONE)
        next = prov_xml_next(m->x, m->with);
    if (m->in_step && next != PROV_XML_NONE && prov_xml_is(m->x, next, name))
        return next;
    m->in_step = false;
    if (is_first || !prov_xml_is(m->x, m->previous, name))
        return nth_counterpart(m, name);
    while (next != PROV_XML_NONE && !prov_xml_is(m->x, next, name))
        next = prov_xml_next(m->x, next);
    return next;
}

static enum prov_status
refuse_member(struct merge *m, enum prov_diag_code code, const struct prov_list_rule *rule)
{
    prov_work_refuse(m->x, m->node, code, rule->key, m->why);
    m->why->path = rule->path;
    return PROV_E_INVALID;
}

/* A member of a list with keys stands for its counterpart as a whole (PAT-3). */
static enum prov_status
look_at_member(struct merge *m, const struct prov_list_rule *rule)
{
    const size_t scratch = prov_arena_mark(m->x->arena);
    const struct prov_str name = prov_xml_name(m->x, m->node);
    struct prov_str raw, value;

    if (!prov_xml_attr(m->x, m->node, rule->key, &raw))
        return refuse_member(m, PROV_D_LIST_KEY_MISSING, rule);
    const enum prov_status status = prov_work_plain(m->x, raw, &value);

    if (status != PROV_OK)
        return status;
    const uint32_t first =
        prov_xml_find_keyed(m->x, prov_xml_parent(m->x, m->node), name, rule->key, value, NULL);

    m->with = prov_xml_find_keyed(m->x, m->parent, name, rule->key, value, NULL);
    prov_arena_release(m->x->arena, scratch);
    if (first != m->node)
        return refuse_member(m, PROV_D_LIST_KEY_TWICE, rule);
    if (m->with == PROV_XML_NONE)
        return note(m, TODO_APPEND, m->parent);
    return prov_xml_equal(m->x, m->node, m->with) ? PROV_OK : note(m, TODO_WHOLE, m->with);
}

static enum prov_status
look_at(struct merge *m, bool *descend)
{
    const struct prov_str name = prov_xml_name(m->x, m->node);
    const struct prov_list_rule *rule = prov_list_rule_find(m->a, m->parent, name);

    *descend = false;
    if (rule != NULL && rule->key.len > 0) {
        m->in_step = false;
        return look_at_member(m, rule);
    }
    m->with = find_counterpart(m, name);
    if (m->with == PROV_XML_NONE)
        return note(m, TODO_APPEND, m->parent);
    if (rule != NULL && is_placeholder(m->x, m->node))
        return PROV_OK;
    return meet(m, descend);
}

static void
go_down(struct merge *m)
{
    m->parent = m->with;
    m->node = prov_xml_first(m->x, m->node);
    m->previous = PROV_XML_NONE;
    m->in_step = true;
}

/* To the next sibling, or to the next one of whatever is above. Ends at the section. */
static void
go_on(struct merge *m)
{
    while (m->node != m->section) {
        const uint32_t next = prov_xml_next(m->x, m->node);

        if (next != PROV_XML_NONE) {
            m->previous = m->node;
            m->node = next;
            return;
        }
        m->node = prov_xml_parent(m->x, m->node);
        m->with = m->parent;
        m->parent = prov_xml_parent(m->x, m->parent);
        m->in_step = false;
    }
}

static enum prov_status
look(struct merge *m)
{
    bool descend;
    enum prov_status status = meet(m, &descend);

    while (status == PROV_OK) {
        if (descend)
            go_down(m);
        else
            go_on(m);
        if (m->node == m->section)
            break;
        status = look_at(m, &descend);
    }
    return status;
}

/* A member of a list says by which rule of the list it met its counterpart, or met none. */
static void
enter(const struct merge *m, const struct todo *t, enum prov_change_kind kind, uint32_t node,
      uint32_t old)
{
    const struct prov_list_rule *rule =
        prov_list_rule_find(m->a, prov_xml_parent(m->x, node), prov_xml_name(m->x, node));
    struct prov_change change = { .node = node, .old = old, .by = t->node, .kind = kind };

    if (rule != NULL)
        change.rule = rule->key.len > 0 ? PROV_RULE_KEY : PROV_RULE_POSITION;
    prov_work_enter(m->a, change);
}

static enum prov_status
merge_attributes(struct merge *m, const struct todo *t)
{
    bool changed = false;
    const enum prov_status status = prov_xml_merge_attrs(m->x, t->with, t->node, NULL, 0, &changed);

    if (status == PROV_OK && changed)
        enter(m, t, PROV_CHANGE_ATTRIBUTES, t->with, t->with);
    return status;
}

/* One element has an attribute that the other one has not. */
static bool
has_further_attribute(const struct prov_xml *x, uint32_t one, uint32_t other)
{
    uint32_t cursor = 0;
    struct prov_str name, raw, ignored;

    while (prov_xml_attr_next(x, one, &cursor, &name, &raw)) {
        if (!prov_xml_attr(x, other, name, &ignored))
            return true;
    }
    return false;
}

/* The new element's attributes go before the old one's: by way of the old one, which has both. */
static enum prov_status
take_over_attributes(struct merge *m, const struct todo *t)
{
    enum prov_status status = PROV_OK;

    if (!has_further_attribute(m->x, t->with, t->node))
        return PROV_OK;
    if (has_attributes(m->x, t->node))
        status = prov_xml_merge_attrs(m->x, t->with, t->node, NULL, 0, NULL);
    if (status == PROV_OK)
        status = prov_xml_merge_attrs(m->x, t->node, t->with, NULL, 0, NULL);
    return status;
}

static enum prov_status
replace(struct merge *m, const struct todo *t)
{
    enum prov_status status = PROV_OK;

    if (t->kind == TODO_VALUE)
        status = take_over_attributes(m, t);
    if (status == PROV_OK)
        status = prov_xml_replace(m->x, t->with, t->node);
    if (status == PROV_OK)
        enter(m, t, PROV_CHANGE_REPLACED, t->node, t->with);
    return status;
}

static enum prov_status
append(struct merge *m, const struct todo *t)
{
    const enum prov_status status = prov_xml_append(m->x, t->with, t->node);

    if (status == PROV_OK)
        enter(m, t, PROV_CHANGE_ADDED, t->node, PROV_XML_NONE);
    return status;
}

static enum prov_status
act(struct merge *m, const struct todo *t)
{
    switch (t->kind) {
    case TODO_ATTRIBUTES:
        return merge_attributes(m, t);
    case TODO_VALUE:
    case TODO_WHOLE:
        return replace(m, t);
    case TODO_APPEND:
        return append(m, t);
    }
    return PROV_OK;
}

enum prov_status
prov_section_merge(struct prov_apply *a, uint32_t section, uint32_t *settings,
                   struct prov_diag *why)
{
    struct merge m = {
        .a = a, .x = a->x, .why = why, .section = section, .node = section, .with = *settings
    };
    const size_t scratch = prov_arena_mark(a->x->arena);
    enum prov_status status = look(&m);

    for (uint32_t i = 0; i < m.count && status == PROV_OK; i++) {
        const struct note *n = m.notes - i;
        const struct todo t = { n->what / KINDS, n->with, (enum todo_kind)(n->what % KINDS) };

        status = act(&m, &t);
        if (status == PROV_OK && t.kind == TODO_VALUE && t.with == *settings)
            *settings = t.node;
    }
    prov_arena_release(a->x->arena, scratch);
    return status;
}
