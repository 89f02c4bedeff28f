/* SPDX-License-Identifier: MIT */
#include <prov/diff.h>

#include <prov/schema.h>

#include "base/buf.h"
#include "core/apply_work.h"
#include "core/xml/xml.h"

enum stage {
    STAGE_ELEMENT = 0, /* the element itself */
    STAGE_GONE = 1,    /* what is gone below it */
    STAGE_ON = 2,      /* its children, or what comes after it */
    STAGE_END = 3,
};

/* ---- Which children meet ---- */

/* Children of a pair of parents that have one name, and one key where the list has keys. */
struct slot {
    uint32_t sample; /* one of them; PROV_XML_NONE: the slot is free */
    uint32_t queue;  /* old ones that have not met yet, linked by `other` */
    uint32_t mark;   /* of old ones the last, of new ones the first */
    uint32_t count;  /* on the side that is looked at */
};

struct meeting {
    struct prov_diff *d;
    struct prov_apply view; /* for the rules of lists */
    uint32_t parent;        /* in the old document */
    struct slot *slots;
    uint32_t mask;
    struct prov_str name; /* the rule was looked up for this one: neighbours mostly share it */
    struct prov_str key;  /* its attribute; empty = none */
};

static uint32_t
hash_byte(uint32_t h, unsigned char b)
{
    return (h ^ b) * 16777619u;
}

static uint32_t
hash_raw(uint32_t h, struct prov_str raw)
{
    struct prov_xml_chars chars;
    int b;

    prov_xml_chars_raw(&chars, raw);
    while ((b = prov_xml_chars_next(&chars)) >= 0)
        h = hash_byte(h, (unsigned char)b);
    return h;
}

static bool
same_raw(struct prov_str a, struct prov_str b)
{
    struct prov_xml_chars left, right;

    if (prov_str_eq(a, b))
        return true;
    prov_xml_chars_raw(&left, a);
    prov_xml_chars_raw(&right, b);
    return prov_xml_chars_equal(&left, &right);
}

static void
look_up_rule(struct meeting *m, struct prov_str name)
{
    if (prov_str_eq(m->name, name))
        return;
    const struct prov_list_rule *rule = prov_list_rule_find(&m->view, m->parent, name);

    m->name = name;
    m->key = rule != NULL ? rule->key : (struct prov_str){ NULL, 0 };
}

/* Of the same name as the present one: do both have the key, or neither? */
static bool
same_key(const struct meeting *m, uint32_t node, bool keyed, struct prov_str raw)
{
    struct prov_str other;

    if (m->key.len == 0)
        return true;
    if (!prov_xml_attr(m->d->x, node, m->key, &other))
        return !keyed;
    return keyed && same_raw(other, raw);
}

/* The slot of an element, perhaps a free one. There is always one that is free. */
static struct slot *
find_slot(struct meeting *m, uint32_t node)
{
    const struct prov_xml *x = m->d->x;
    const struct prov_str name = prov_xml_name(x, node);
    struct prov_str raw = { NULL, 0 };
    uint32_t h = 2166136261u ^ (uint32_t)x->hash_salt ^ (uint32_t)(x->hash_salt >> 32);

    look_up_rule(m, name);
    const bool keyed = m->key.len > 0 && prov_xml_attr(x, node, m->key, &raw);

    for (size_t i = 0; i < name.len; i++)
        h = hash_byte(h, (unsigned char)name.ptr[i]);
    h = keyed ? hash_raw(h, raw) : h;
    for (uint32_t at = h ^ (h >> 15);; at++) {
        struct slot *s = &m->slots[at & m->mask];

        if (s->sample == PROV_XML_NONE ||
            (prov_xml_is(x, s->sample, name) && same_key(m, s->sample, keyed, raw)))
            return s;
    }
}

/* The only one of a name has no number. */
static void
give_number(struct prov_diff_pair *pairs, struct slot *s, uint32_t node, uint32_t first)
{
    s->sample = node;
    if (++s->count == 1)
        return;
    pairs[first].nth = 1;
    pairs[node].nth = s->count;
}

static void
take_old(struct meeting *m, uint32_t node)
{
    struct slot *s = find_slot(m, node);

    if (s->count == 0)
        s->queue = node;
    else
        m->d->pairs[s->mark].other = node;
    s->mark = node;
    give_number(m->d->pairs, s, node, s->queue);
}

static void
take_new(struct meeting *m, uint32_t node)
{
    struct slot *s = find_slot(m, node);
    struct prov_diff_pair *pairs = m->d->pairs;
    const uint32_t old = s->queue;

    s->mark = s->count == 0 ? node : s->mark;
    give_number(pairs, s, node, s->mark);
    if (old == PROV_XML_NONE)
        return;
    s->queue = pairs[old].other;
    pairs[old].other = node;
    pairs[node].other = old;
}

static uint32_t
child_count(const struct prov_xml *x, uint32_t parent)
{
    uint32_t count = 0;

    for (uint32_t n = prov_xml_first(x, parent); n != PROV_XML_NONE; n = prov_xml_next(x, n))
        count++;
    return count;
}

/* Those that did not meet keep no link to each other. */
static void
leave_alone(struct meeting *m)
{
    for (uint32_t i = 0; i <= m->mask; i++) {
        uint32_t n = m->slots[i].queue;

        while (n != PROV_XML_NONE) {
            const uint32_t next = m->d->pairs[n].other;

            m->d->pairs[n].other = PROV_XML_NONE;
            n = next;
        }
    }
}

static void
start_new_side(struct meeting *m)
{
    for (uint32_t i = 0; i <= m->mask; i++) {
        m->slots[i].count = 0;
        m->slots[i].mark = PROV_XML_NONE;
    }
}

static enum prov_status
meet_children(struct prov_diff *d, uint32_t before, uint32_t after, struct prov_arena *arena)
{
    const struct prov_xml *x = d->x;
    const size_t scratch = prov_arena_mark(arena);
    const size_t children = (size_t)child_count(x, before) + child_count(x, after);
    struct meeting m = { .d = d, .parent = before };
    size_t room = 4;

    while (room < children + children / 3 + 1)
        room *= 2;
    m.view = (struct prov_apply){ .x = d->x, .root = d->before, .dialect = d->dialect };
    m.mask = (uint32_t)room - 1;
    m.slots = prov_arena_scratch(arena, room * sizeof(*m.slots), sizeof(uint32_t));
    if (m.slots == NULL)
        return PROV_E_SPACE;
    for (uint32_t n = prov_xml_first(x, before); n != PROV_XML_NONE; n = prov_xml_next(x, n))
        take_old(&m, n);
    start_new_side(&m);
    for (uint32_t n = prov_xml_first(x, after); n != PROV_XML_NONE; n = prov_xml_next(x, n))
        take_new(&m, n);
    leave_alone(&m);
    prov_arena_release(arena, scratch);
    return PROV_OK;
}

/* ---- Comparing two that meet ---- */

static bool
has_children(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_first(x, node) != PROV_XML_NONE;
}

/* What is inside is compared one by one. A value and elements are not. */
static bool
goes_deeper(const struct prov_xml *x, uint32_t before, uint32_t after)
{
    const bool old = has_children(x, before), new = has_children(x, after);

    if (!prov_xml_is(x, after, prov_xml_name(x, before)))
        return false; /* roots only */
    if (old == new)
        return old;
    return prov_xml_text_is_blank(x, old ? after : before);
}

static bool
same_name_and_text(const struct prov_xml *x, uint32_t before, uint32_t after)
{
    const bool old = has_children(x, before);

    /* White space is not counted if the first one has children. */
    return prov_xml_is(x, after, prov_xml_name(x, before)) &&
           prov_xml_same_text(x, old ? before : after, old ? after : before);
}

/* The two themselves. False: nothing differs. */
static bool
compare(const struct prov_diff *d, uint32_t before, uint32_t after, struct prov_difference *out)
{
    const bool deeper = goes_deeper(d->x, before, after);
    struct prov_difference it = { PROV_CHANGE_ATTRIBUTES, before, after };

    if (!deeper && has_children(d->x, before) != has_children(d->x, after))
        it.kind = PROV_CHANGE_REPLACED;
    else if (!same_name_and_text(d->x, before, after))
        it.kind = deeper ? PROV_CHANGE_TEXT : PROV_CHANGE_REPLACED;
    else if (prov_xml_same_attributes(d->x, before, after))
        return false;
    *out = it;
    return true;
}

static bool
is_entered(const struct prov_diff *d, uint32_t node)
{
    return d->pairs[node].other != PROV_XML_NONE && goes_deeper(d->x, d->pairs[node].other, node);
}

/* Where to go after an element of the new document. */
static uint32_t
step(const struct prov_diff *d, uint32_t node)
{
    uint32_t next = is_entered(d, node) ? prov_xml_first(d->x, node) : PROV_XML_NONE;

    while (next == PROV_XML_NONE && node != d->after) {
        next = prov_xml_next(d->x, node);
        node = prov_xml_parent(d->x, node);
    }
    return next;
}

/* ---- Interface ---- */

static bool
is_root(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_exists(x, node) && prov_xml_parent(x, node) == PROV_XML_NONE;
}

enum prov_status
prov_diff_init(struct prov_diff *d, struct prov_xml *x, const struct prov_dialect *dialect,
               uint32_t before, uint32_t after, struct prov_arena *arena)
{
    if (d == NULL || x == NULL || dialect == NULL || arena == NULL || before == after ||
        !is_root(x, before) || !is_root(x, after))
        return PROV_E_ARG;
    const size_t scratch = prov_arena_mark(arena);
    struct prov_diff made = {
        .x = x, .dialect = dialect, .before = before, .after = after, .node = after
    };
    enum prov_status status = PROV_OK;

    made.pairs = prov_arena_scratch(arena, ((size_t)x->node_count + 1) * sizeof(*made.pairs),
                                    sizeof(uint32_t));
    if (made.pairs == NULL)
        return PROV_E_SPACE;
    made.pairs[before].other = after;
    made.pairs[after].other = before;
    for (uint32_t n = after; n != PROV_XML_NONE && status == PROV_OK; n = step(&made, n)) {
        if (is_entered(&made, n))
            status = meet_children(&made, made.pairs[n].other, n, arena);
    }
    if (status == PROV_OK)
        *d = made;
    else
        prov_arena_release(arena, scratch);
    return status;
}

/* The element itself; then what is gone below its counterpart is next. */
static bool
look_at_element(struct prov_diff *d, struct prov_difference *out)
{
    const uint32_t before = d->pairs[d->node].other;

    d->stage = STAGE_ON;
    if (before == PROV_XML_NONE) {
        *out = (struct prov_difference){ PROV_CHANGE_ADDED, PROV_XML_NONE, d->node };
        return true;
    }
    if (goes_deeper(d->x, before, d->node)) {
        d->stage = STAGE_GONE;
        d->gone = prov_xml_first(d->x, before);
    }
    return compare(d, before, d->node, out);
}

static bool
look_for_gone(struct prov_diff *d, struct prov_difference *out)
{
    while (d->gone != PROV_XML_NONE) {
        const uint32_t n = d->gone;

        d->gone = prov_xml_next(d->x, n);
        if (d->pairs[n].other == PROV_XML_NONE) {
            *out = (struct prov_difference){ PROV_CHANGE_REMOVED, n, PROV_XML_NONE };
            return true;
        }
    }
    d->stage = STAGE_ON;
    return false;
}

static void
go_on(struct prov_diff *d)
{
    d->node = step(d, d->node);
    d->stage = d->node != PROV_XML_NONE ? STAGE_ELEMENT : STAGE_END;
}

bool
prov_diff_next(struct prov_diff *d, struct prov_difference *out)
{
    bool found = false;

    if (d == NULL || out == NULL)
        return false;
    while (!found && d->stage != STAGE_END) {
        if (d->stage == STAGE_ELEMENT)
            found = look_at_element(d, out);
        else if (d->stage == STAGE_GONE)
            found = look_for_gone(d, out);
        else
            go_on(d);
    }
    return found;
}

static enum prov_status
put_step(const struct prov_diff *d, const struct prov_apply *view, uint32_t node,
         struct prov_buf *out)
{
    const struct prov_str name = prov_xml_name(d->x, node);
    const struct prov_list_rule *rule =
        prov_list_rule_find(view, prov_xml_parent(d->x, node), name);
    const uint32_t nth = d->pairs[node].nth;

    prov_buf_put_char(out, '/');
    prov_buf_put_str(out, name);
    if (rule != NULL && rule->key.len > 0)
        return prov_work_put_key(d->x, node, rule->key, out);
    if (rule == NULL && nth == 0)
        return PROV_OK;
    prov_buf_put_char(out, '[');
    prov_buf_put_uint(out, nth > 0 ? nth : 1, 1);
    prov_buf_put_char(out, ']');
    return PROV_OK;
}

/* Below the root, one step after the other. */
static enum prov_status
put_steps(const struct prov_diff *d, uint32_t root, uint32_t node, struct prov_buf *out)
{
    const struct prov_apply view = { .x = d->x, .root = root, .dialect = d->dialect };
    enum prov_status status = PROV_OK;
    uint32_t levels = 0;

    for (uint32_t n = node; n != root; n = prov_xml_parent(d->x, n))
        levels++;
    if (levels == 0)
        prov_buf_put_char(out, '/');
    while (levels-- > 0 && status == PROV_OK) {
        uint32_t n = node;

        for (uint32_t up = levels; up > 0; up--)
            n = prov_xml_parent(d->x, n);
        status = put_step(d, &view, n, out);
    }
    return status;
}

enum prov_status
prov_diff_path(const struct prov_diff *d, const struct prov_difference *difference,
               struct prov_buf *out)
{
    if (d == NULL || difference == NULL || out == NULL ||
        (difference->before == PROV_XML_NONE && difference->after == PROV_XML_NONE))
        return PROV_E_ARG;
    const bool gone = difference->after == PROV_XML_NONE;
    const size_t mark = out->len;
    const enum prov_status status = put_steps(d, gone ? d->before : d->after,
                                              gone ? difference->before : difference->after, out);

    if (status == PROV_OK && prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

bool
prov_diff_restart(const struct prov_diff *d, const struct prov_difference *difference)
{
    if (d == NULL || difference == NULL)
        return false;
    return prov_schema_restart(d->x, d->before, difference->before, d->dialect) ||
           prov_schema_restart(d->x, d->after, difference->after, d->dialect);
}
