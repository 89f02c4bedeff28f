/* SPDX-License-Identifier: MIT */
#include "core/rfc5261_work.h"

/* Everything one call of prov_sel_find() needs. */
struct finder {
    struct prov_xml *x;
    const struct prov_sel *sel;
    bool plain;
    uint32_t *passed; /* per test: elements of the present list that came to it */
    uint32_t root;
    uint32_t level; /* step that is being matched */
    uint32_t node;  /* candidate for that step */
    uint32_t hits;
    struct prov_sel_hit hit;
    bool mixed; /* the text of an element with children was asked for */
};

/* ---- Names ---- */

static bool
is_named(const struct finder *f, uint32_t node, const struct prov_sel_name *name)
{
    struct prov_str uri;

    if (name->any)
        return true;
    if (f->plain)
        return name->uri.len == 0 && prov_xml_is(f->x, node, name->local);
    if (!prov_str_eq(prov_xml_local_name(f->x, node), name->local))
        return false;
    return prov_ns_find(f->x, node, prov_ns_prefix(prov_xml_name(f->x, node)), &uri) &&
           prov_ns_same(uri, name->uri);
}

/* An attribute that is no declaration of a namespace. */
static bool
find_attribute(const struct finder *f, uint32_t node, const struct prov_sel_name *name,
               struct prov_str *written, struct prov_str *raw)
{
    struct prov_str uri, prefix;
    uint32_t cursor = 0;

    while (prov_xml_attr_next(f->x, node, &cursor, written, raw)) {
        if (prov_ns_declares(*written, &prefix) ||
            !prov_str_eq(prov_ns_local(*written), name->local))
            continue;
        prefix = prov_ns_prefix(*written);
        uri = (struct prov_str){ NULL, 0 };
        if (prefix.len > 0 && !prov_ns_find(f->x, node, prefix, &uri))
            continue;
        if (prov_ns_same(uri, name->uri))
            return true;
    }
    return false;
}

/* ---- Predicates ---- */

/* The text of an element is all text inside it; where it has children that is not looked into. */
static bool
has_text(struct finder *f, uint32_t node, struct prov_str value)
{
    if (prov_xml_first(f->x, node) != PROV_XML_NONE) {
        f->mixed = true;
        return false;
    }
    return prov_xml_text_is(f->x, node, value);
}

static bool
has_child_with(struct finder *f, uint32_t node, const struct prov_sel_test *t)
{
    for (uint32_t c = prov_xml_first(f->x, node); c != PROV_XML_NONE; c = prov_xml_next(f->x, c)) {
        if (is_named(f, c, &t->name) && has_text(f, c, t->value))
            return true;
    }
    return false;
}

/* nth counts the elements that came to this test, this one included. */
static bool
test_holds(struct finder *f, uint32_t node, const struct prov_sel_test *t, uint32_t nth)
{
    struct prov_str written, raw;

    switch (t->kind) {
    case PROV_SEL_ATTRIBUTE_IS:
        return find_attribute(f, node, &t->name, &written, &raw) && prov_xml_raw_is(raw, t->value);
    case PROV_SEL_POSITION:
        return nth == t->position;
    case PROV_SEL_CHILD_IS:
        return has_child_with(f, node, t);
    case PROV_SEL_SELF_IS:
        return has_text(f, node, t->value);
    }
    return false;
}

/* The candidate passes its step. Called once for each element of a list, in order. */
static bool
candidate_passes(struct finder *f)
{
    const struct prov_sel_step *s = &f->sel->steps[f->level];

    if (!is_named(f, f->node, &s->name))
        return false;
    for (uint32_t i = s->test_first; i < s->test_first + s->test_count; i++) {
        f->passed[i]++;
        if (!test_holds(f, f->node, &f->sel->tests[i], f->passed[i]))
            return false;
    }
    return true;
}

/* ---- Walking ---- */

/* The one child that a key names; hits > 1 if an index cannot tell. */
static uint32_t
by_key(struct finder *f, uint32_t parent, uint32_t *hits)
{
    const struct prov_sel_step *s = &f->sel->steps[f->level];
    const struct prov_sel_test *t = &f->sel->tests[s->test_first];

    *hits = 2;
    if (!f->plain || s->name.any || s->name.uri.len > 0 || s->test_count == 0 ||
        t->kind != PROV_SEL_ATTRIBUTE_IS || t->name.uri.len > 0)
        return PROV_XML_NONE;
    return prov_xml_find_keyed(f->x, parent, s->name.local, t->name.local, t->value, hits);
}

/* Enter the list below a parent; none: the document, which has the root. */
static void
enter(struct finder *f, uint32_t parent)
{
    const struct prov_sel_step *s = &f->sel->steps[f->level];
    uint32_t hits;

    for (uint32_t i = 0; i < s->test_count; i++)
        f->passed[s->test_first + i] = 0;
    if (parent == PROV_XML_NONE) {
        f->node = f->root;
        return;
    }
    f->node = by_key(f, parent, &hits);
    if (hits > 1)
        f->node = prov_xml_first(f->x, parent);
}

static void
advance(struct finder *f)
{
    uint32_t hits;

    if (f->level == 0) {
        f->node = PROV_XML_NONE;
        return;
    }
    (void)by_key(f, prov_xml_parent(f->x, f->node), &hits);
    f->node = hits > 1 ? prov_xml_next(f->x, f->node) : PROV_XML_NONE;
}

/* ---- The last part ---- */

/* Nodes of one kind in an element, counted. Items of text side by side are one node. */
struct counter {
    const struct prov_sel *sel;
    bool in_text;
    uint32_t count;
};

static bool
is_instruction_for(struct prov_str bytes, struct prov_str target)
{
    const size_t end = 2 + target.len;

    return target.len == 0 ||
           (bytes.len > end && memcmp(bytes.ptr + 2, target.ptr, target.len) == 0 &&
            (prov_is_blank(bytes.ptr[end]) || bytes.ptr[end] == '?'));
}

/* The next item, or PROV_SEL_ELEMENT for a child. True: it is the beginning of one that counts. */
static bool
count_one(struct counter *c, enum prov_xml_item kind, struct prov_str bytes)
{
    static const enum prov_xml_item wanted[] = {
        [PROV_SEL_TEXT] = ITEM_TEXT,
        [PROV_SEL_COMMENT] = ITEM_COMMENT,
        [PROV_SEL_INSTRUCTION] = ITEM_INSTRUCTION,
    };
    const bool goes_on = c->in_text && kind == ITEM_TEXT;

    c->in_text = kind == ITEM_TEXT && (c->in_text || bytes.len > 0);
    if (goes_on || kind != wanted[c->sel->target] || bytes.len == 0)
        return false;
    if (kind == ITEM_INSTRUCTION && !is_instruction_for(bytes, c->sel->name.local))
        return false;
    c->count++;
    return true;
}

/* In an element that is not relaid, which looking at it does not change. */
static void
count_inside(const struct prov_xml *x, uint32_t node, struct counter *c)
{
    const struct prov_str none = { NULL, 0 };
    struct prov_xml_writer w;
    struct prov_str text;
    uint32_t child;

    prov_xml_writer_inside(&w, x, node);
    while (prov_xml_writer_item(&w, &text, &child)) {
        if (child != PROV_XML_NONE)
            (void)count_one(c, ITEM_ELEMENT, none);
        while (text.len > 0) {
            enum prov_xml_item kind;
            const struct prov_str one = prov_xml_item_cut(&text, &kind);

            (void)count_one(c, kind, one);
        }
    }
}

static struct prov_str
bytes_of(const struct prov_xml *x, uint32_t item)
{
    return prov_xml_is_text(x, item) ? prov_xml_item_bytes(x, item) : (struct prov_str){ NULL, 0 };
}

uint32_t
prov_sel_item(const struct prov_xml *x, const struct prov_sel *sel, const struct prov_sel_hit *hit)
{
    struct counter c = { .sel = sel };
    uint32_t item = prov_xml_item_first(x, hit->node);

    while (item != PROV_XML_NONE &&
           (!count_one(&c, prov_xml_item_kind(x, item), bytes_of(x, item)) || c.count != hit->nth))
        item = prov_xml_item_next(x, item);
    return item;
}

static uint32_t
count_nodes(const struct prov_xml *x, const struct prov_sel *sel, uint32_t node)
{
    struct counter c = { .sel = sel };

    if (!prov_xml_has(x, node, NODE_RELAID)) {
        count_inside(x, node, &c);
        return c.count;
    }
    for (uint32_t i = prov_xml_item_first(x, node); i != PROV_XML_NONE;
         i = prov_xml_item_next(x, i))
        (void)count_one(&c, prov_xml_item_kind(x, i), bytes_of(x, i));
    return c.count;
}

static bool
find_declaration(const struct finder *f, struct prov_str *written)
{
    struct prov_str raw, prefix;
    uint32_t cursor = 0;

    while (prov_xml_attr_next(f->x, f->node, &cursor, written, &raw)) {
        if (prov_ns_declares(*written, &prefix) && prov_str_eq(prefix, f->sel->name.local))
            return true;
    }
    return false;
}

/* How often the last part hits in the element of the last step. */
static uint32_t
last_hits(const struct finder *f, struct prov_sel_hit *hit)
{
    const struct prov_sel *sel = f->sel;
    struct prov_str raw;
    uint32_t count = 1;

    *hit = (struct prov_sel_hit){ .node = f->node, .nth = 1 };
    switch (sel->target) {
    case PROV_SEL_ELEMENT:
        break;
    case PROV_SEL_ATTRIBUTE:
        return find_attribute(f, f->node, &sel->name, &hit->attribute, &raw);
    case PROV_SEL_NAMESPACE:
        return find_declaration(f, &hit->attribute);
    case PROV_SEL_TEXT:
    case PROV_SEL_COMMENT:
    case PROV_SEL_INSTRUCTION:
        count = count_nodes(f->x, sel, f->node);
        if (sel->position > 0) {
            count = count >= sel->position;
            hit->nth = sel->position;
        }
        break;
    }
    return count;
}

static void
take_hits(struct finder *f)
{
    struct prov_sel_hit hit;
    const uint32_t hits = last_hits(f, &hit);

    if (f->hits == 0 && hits > 0)
        f->hit = hit;
    f->hits += hits;
}

/* Walk the elements that the steps allow, depth first, by parent links, up to a second hit. */
static void
search(struct finder *f)
{
    uint32_t parent = PROV_XML_NONE;

    enter(f, parent);
    while (f->hits < 2) {
        if (f->node == PROV_XML_NONE) {
            if (f->level == 0)
                return;
            f->level--;
            f->node = parent;
            parent = prov_xml_parent(f->x, parent);
            advance(f);
        } else if (!candidate_passes(f)) {
            advance(f);
        } else if (f->level + 1 < f->sel->step_count) {
            parent = f->node;
            f->level++;
            enter(f, parent);
        } else {
            take_hits(f);
            advance(f);
        }
    }
}

enum prov_status
prov_sel_find(struct prov_xml *x, uint32_t root, const struct prov_sel *sel, bool plain,
              struct prov_sel_hit *hit, struct prov_sel_error *error)
{
    struct finder f = { .x = x, .sel = sel, .plain = plain, .root = root };
    const size_t mark = prov_arena_mark(x->arena);

    f.passed = prov_arena_scratch(x->arena, sel->test_count * sizeof(*f.passed), sizeof(*f.passed));
    if (f.passed == NULL)
        return PROV_E_SPACE;
    search(&f);
    prov_arena_release(x->arena, mark);
    if (f.mixed) {
        *error = (struct prov_sel_error){ .code = PROV_D_DIFF_STRING_VALUE };
        return PROV_E_INVALID;
    }
    if (f.hits == 1) {
        *hit = f.hit;
        return PROV_OK;
    }
    const bool prefix = f.hits == 0 && sel->target == PROV_SEL_NAMESPACE;

    *error = (struct prov_sel_error){ .code = prefix        ? PROV_D_DIFF_PREFIX
                                              : f.hits == 0 ? PROV_D_DIFF_UNLOCATED
                                                            : PROV_D_DIFF_SEVERAL };
    return prefix ? PROV_E_INVALID : f.hits == 0 ? PROV_E_NO_MATCH : PROV_E_AMBIGUOUS;
}
