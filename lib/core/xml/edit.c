/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

#include "base/buf.h"

/* ---- The journal ---- */

/* Small enough for a phone, large enough to be rare. */
#define CHUNK_IMAGES 64u

struct prov_xml_journal {
    struct prov_xml_journal *older;
    uint32_t count;
    uint32_t nodes[CHUNK_IMAGES];
    struct prov_xml_node images[CHUNK_IMAGES];
};

/* Room for n more images, so that what comes after cannot fail half-way. */
static bool
reserve(struct prov_xml *x, size_t n)
{
    while (x->open_marks > 0 && x->undo_room < n) {
        struct prov_xml_journal *j =
            prov_arena_perm(x->arena, sizeof(*j), _Alignof(struct prov_xml_journal));

        if (j == NULL)
            return false;
        j->older = x->spare;
        x->spare = j;
        x->undo_room += CHUNK_IMAGES;
    }
    return true;
}

/* A record that is about to be changed. */
static struct prov_xml_node *
touch(struct prov_xml *x, uint32_t node)
{
    struct prov_xml_node *n = &x->nodes[node];
    struct prov_xml_journal *j = x->journal;

    if (x->open_marks == 0 || n->epoch == x->epoch)
        return n;
    if (j == NULL || j->count == CHUNK_IMAGES) {
        j = x->spare;
        x->spare = j->older;
        j->older = x->journal;
        j->count = 0;
        x->journal = j;
    }
    j->nodes[j->count] = node;
    j->images[j->count++] = *n;
    x->undo_count++;
    x->undo_room--;
    n->epoch = x->epoch;
    return n;
}

/* Records that were copied in the stretch before must be copied again. */
static void
next_epoch(struct prov_xml *x)
{
    if (++x->epoch != 0)
        return;
    for (uint32_t i = 1; i <= x->node_count; i++)
        x->nodes[i].epoch = 0;
    x->epoch = 1;
}

static void
drop_newest(struct prov_xml *x)
{
    struct prov_xml_journal *j = x->journal;

    x->undo_count--;
    x->undo_room++;
    if (--j->count == 0) {
        x->journal = j->older;
        j->older = x->spare;
        x->spare = j;
    }
}

size_t
prov_xml_mark(struct prov_xml *x)
{
    x->open_marks++;
    next_epoch(x);
    return x->undo_count;
}

static bool
close_mark(struct prov_xml *x)
{
    if (x->open_marks == 0)
        return false;
    x->open_marks--;
    next_epoch(x);
    return true;
}

void
prov_xml_rollback(struct prov_xml *x, size_t mark)
{
    if (!close_mark(x))
        return;
    if (x->undo_count > mark)
        prov_xml_index_drop_all(x);
    while (x->undo_count > mark) {
        const struct prov_xml_journal *j = x->journal;
        struct prov_xml_node *n = &x->nodes[j->nodes[j->count - 1]];

        *n = j->images[j->count - 1];
        n->epoch = 0;
        drop_newest(x);
    }
}

void
prov_xml_keep(struct prov_xml *x, size_t mark)
{
    (void)mark; /* inside another mark everything is still needed */
    if (!close_mark(x) || x->open_marks > 0)
        return;
    while (x->undo_count > 0)
        drop_newest(x);
}

/* ---- Lists ---- */

static void
unlink_node(struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node n = *touch(x, node);
    const uint32_t first = x->nodes[n.parent].first;

    if (node == first)
        touch(x, n.parent)->first = n.next;
    else
        touch(x, n.prev)->next = n.next;
    if (n.next != PROV_XML_NONE)
        touch(x, n.next)->prev = n.prev;
    else if (node != first)
        touch(x, first)->prev = n.prev;
}

static void
insert_after(struct prov_xml *x, uint32_t at, uint32_t node)
{
    struct prov_xml_node *n = touch(x, node), *before = touch(x, at);
    const uint32_t after = before->next;

    n->parent = before->parent;
    n->prev = at;
    n->next = after;
    before->next = node;
    touch(x, after != PROV_XML_NONE ? after : x->nodes[n->parent].first)->prev = node;
}

static void
append_node(struct prov_xml *x, uint32_t parent, uint32_t node)
{
    const uint32_t first = x->nodes[parent].first;
    struct prov_xml_node *n = touch(x, node);

    if (first != PROV_XML_NONE) {
        insert_after(x, x->nodes[first].prev, node);
        return;
    }
    touch(x, parent)->first = node;
    n->parent = parent;
    n->prev = node;
    n->next = PROV_XML_NONE;
}

static void
set_kind(struct prov_xml *x, uint32_t node, unsigned kind)
{
    struct prov_xml_node *n = touch(x, node);

    n->flags = (uint8_t)((n->flags & ~(unsigned)NODE_PLACE) | kind);
}

static void
add_flags(struct prov_xml *x, uint32_t node, unsigned flags)
{
    struct prov_xml_node *n = touch(x, node);

    n->flags = (uint8_t)(n->flags | flags);
}

/* Every element around a change is written in pieces. */
static void
set_dirty(struct prov_xml *x, uint32_t node)
{
    while (node != PROV_XML_NONE && !prov_xml_has(x, node, NODE_DIRTY)) {
        add_flags(x, node, NODE_DIRTY);
        node = x->nodes[node].parent;
    }
}

static size_t
clean_above(const struct prov_xml *x, uint32_t node)
{
    size_t n = 0;

    for (; node != PROV_XML_NONE && !prov_xml_has(x, node, NODE_DIRTY); n++)
        node = x->nodes[node].parent;
    return n;
}

/* What replaced the original is gone: so the original is deleted after all. */
static void
bury_original(struct prov_xml *x, uint32_t original)
{
    struct prov_xml_node *n = touch(x, original);

    n->flags = (uint8_t)((n->flags & ~(unsigned)NODE_REPLACED) | NODE_DELETED);
}

/* Takes an element out of its tree, to be put elsewhere. */
static void
detach(struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node n = x->nodes[node];

    if (n.parent == PROV_XML_NONE)
        return;
    set_dirty(x, n.parent);
    if ((n.flags & NODE_ORIGINAL) != 0)
        add_flags(x, n.parent, NODE_HOLED);
    if ((n.flags & NODE_IN_PLACE) != 0)
        bury_original(x, n.prev);
    unlink_node(x, node);
}

/* ---- Edits ---- */

/* Records touched by one edit, apart from ancestors that become dirty: the element, the other one,
 * two parents, and five neighbours. */
#define EDIT_IMAGES 12u

static bool
is_around(const struct prov_xml *x, uint32_t outer, uint32_t node)
{
    while (node != PROV_XML_NONE && node != outer)
        node = x->nodes[node].parent;
    return node == outer;
}

/* It stands where it was read, so it was never below this parent, nor in an index of it. */
static bool
is_new_to(const struct prov_xml *x, uint32_t parent, uint32_t node)
{
    const struct prov_xml_node *n = &x->nodes[node];

    return n->parent != parent && (n->parent == PROV_XML_NONE || (n->flags & NODE_ORIGINAL) != 0);
}

enum prov_status
prov_xml_delete(struct prov_xml *x, uint32_t node)
{
    if (x == NULL || !prov_xml_is_live(x, node) || x->nodes[node].parent == PROV_XML_NONE)
        return PROV_E_ARG;
    const uint32_t parent = x->nodes[node].parent;

    if (!reserve(x, EDIT_IMAGES + clean_above(x, parent)))
        return PROV_E_SPACE;
    set_dirty(x, parent);
    if (!prov_xml_has(x, node, NODE_ORIGINAL)) {
        detach(x, node);
        set_kind(x, node, 0);
    }
    add_flags(x, node, NODE_DELETED);
    return PROV_OK;
}

enum prov_status
prov_xml_replace(struct prov_xml *x, uint32_t node, uint32_t with)
{
    if (x == NULL || !prov_xml_is_live(x, node) || !prov_xml_is_live(x, with) ||
        x->nodes[node].parent == PROV_XML_NONE || is_around(x, with, node))
        return PROV_E_ARG;
    const uint32_t parent = x->nodes[node].parent;
    const bool is_new = is_new_to(x, parent, with);

    if (!reserve(x, EDIT_IMAGES + clean_above(x, parent) + clean_above(x, x->nodes[with].parent)))
        return PROV_E_SPACE;
    detach(x, with);
    set_dirty(x, parent);
    insert_after(x, node, with);
    if (prov_xml_has(x, node, NODE_ORIGINAL)) {
        add_flags(x, node, NODE_REPLACED);
        set_kind(x, with, NODE_IN_PLACE);
    } else {
        set_kind(x, with, x->nodes[node].flags & NODE_PLACE);
        unlink_node(x, node);
        set_kind(x, node, 0);
        add_flags(x, node, NODE_DELETED);
    }
    prov_xml_index_put(x, with, node, is_new);
    return PROV_OK;
}

enum prov_status
prov_xml_append(struct prov_xml *x, uint32_t parent, uint32_t node)
{
    if (x == NULL || !prov_xml_is_live(x, parent) || !prov_xml_is_live(x, node) ||
        is_around(x, node, parent))
        return PROV_E_ARG;
    const bool is_new = is_new_to(x, parent, node);

    if (!reserve(x, EDIT_IMAGES + clean_above(x, parent) + clean_above(x, x->nodes[node].parent)))
        return PROV_E_SPACE;
    detach(x, node);
    set_dirty(x, parent);
    append_node(x, parent, node);
    set_kind(x, node, NODE_APPENDED);
    prov_xml_index_put(x, node, PROV_XML_NONE, is_new);
    return PROV_OK;
}

/* ---- Attributes ---- */

struct merge {
    const struct prov_xml *x;
    uint32_t node, from;
    const struct prov_str *drop;
    size_t drop_count;
    bool changed;
};

static bool
is_dropped(const struct merge *m, struct prov_str name)
{
    for (size_t i = 0; i < m->drop_count; i++) {
        if (prov_str_eq(m->drop[i], name))
            return true;
    }
    return false;
}

static bool
find(struct prov_str tag, struct prov_str name, struct prov_xml_attribute *out)
{
    uint32_t cursor = 0;

    while (prov_xml_attribute_next(tag, &cursor, out)) {
        if (prov_str_eq(out->name, name))
            return true;
    }
    return false;
}

static bool
same_value(struct prov_str a, struct prov_str b)
{
    struct prov_xml_chars left, right;

    prov_xml_chars_raw(&left, a);
    prov_xml_chars_raw(&right, b);
    return prov_xml_chars_equal(&left, &right);
}

/* An attribute the element has already. */
static void
put_own(struct merge *m, const struct prov_xml_attribute *own, struct prov_str other,
        struct prov_buf *out)
{
    struct prov_xml_attribute given;

    if (is_dropped(m, own->name)) {
        m->changed = true;
    } else if (m->from == m->node || !find(other, own->name, &given) ||
               same_value(own->raw, given.raw)) {
        prov_buf_put_str(out, own->whole);
    } else {
        prov_buf_put(out, own->whole.ptr, own->whole.len - own->text.len);
        prov_buf_put_str(out, given.text);
        m->changed = true;
    }
}

static void
put_tag(struct merge *m, struct prov_buf *out)
{
    const struct prov_str tag = prov_xml_tag(m->x, m->node), other = prov_xml_tag(m->x, m->from);
    struct prov_xml_attribute a, own;
    uint32_t cursor = 0, end = 1 + (uint32_t)prov_xml_name(m->x, m->node).len;

    prov_buf_put(out, tag.ptr, end);
    while (prov_xml_attribute_next(tag, &cursor, &a)) {
        put_own(m, &a, other, out);
        end = cursor;
    }
    cursor = 0;
    while (m->from != m->node && prov_xml_attribute_next(other, &cursor, &a)) {
        if (is_dropped(m, a.name) || find(tag, a.name, &own))
            continue;
        prov_buf_put_char(out, ' ');
        prov_buf_put_str(out, a.text);
        m->changed = true;
    }
    prov_buf_put(out, tag.ptr + end, tag.len - end);
}

enum prov_status
prov_xml_merge_attrs(struct prov_xml *x, uint32_t node, uint32_t from, const struct prov_str *drop,
                     size_t drop_count, bool *changed)
{
    struct merge m = { x, node, from, drop, drop_count, false };
    struct prov_buf tag = { NULL, 0, 0 };

    if (x == NULL || !prov_xml_is_live(x, node) || !prov_xml_exists(x, from) ||
        (drop == NULL && drop_count > 0))
        return PROV_E_ARG;
    put_tag(&m, &tag); /* only to see what comes out, and how long it is */
    if (changed != NULL && !m.changed)
        *changed = false;
    if (!m.changed)
        return PROV_OK;
    if (!reserve(x, EDIT_IMAGES + clean_above(x, node)))
        return PROV_E_SPACE;
    tag.cap = tag.len;
    tag.len = 0;
    tag.ptr = prov_arena_perm(x->arena, tag.cap, 1);
    if (tag.ptr == NULL || (uintptr_t)tag.ptr - (uintptr_t)x->arena->base > UINT32_MAX - tag.cap)
        return PROV_E_SPACE;
    put_tag(&m, &tag);
    set_dirty(x, node);
    struct prov_xml_node *n = touch(x, node);

    n->tag = (uint32_t)((uintptr_t)tag.ptr - (uintptr_t)x->arena->base);
    n->tag_source = 0;
    if (changed != NULL)
        *changed = true;
    prov_xml_index_put(x, node, node, true);
    return PROV_OK;
}
