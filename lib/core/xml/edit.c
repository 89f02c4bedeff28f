/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

#include "base/buf.h"

/* ---- Lists ---- */

void
prov_xml_unlink(struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node n = *prov_xml_touch(x, node);
    const uint32_t first = x->nodes[n.parent].first;

    if (node == first)
        prov_xml_touch(x, n.parent)->first = n.next;
    else
        prov_xml_touch(x, n.prev)->next = n.next;
    if (n.next != PROV_XML_NONE)
        prov_xml_touch(x, n.next)->prev = n.prev;
    else if (node != first)
        prov_xml_touch(x, first)->prev = n.prev;
}

void
prov_xml_link_after(struct prov_xml *x, uint32_t at, uint32_t node)
{
    struct prov_xml_node *n = prov_xml_touch(x, node), *before = prov_xml_touch(x, at);
    const uint32_t after = before->next;

    n->parent = before->parent;
    n->prev = at;
    n->next = after;
    before->next = node;
    prov_xml_touch(x, after != PROV_XML_NONE ? after : x->nodes[n->parent].first)->prev = node;
}

void
prov_xml_link_last(struct prov_xml *x, uint32_t parent, uint32_t node)
{
    const uint32_t first = x->nodes[parent].first;
    struct prov_xml_node *n = prov_xml_touch(x, node);

    if (first != PROV_XML_NONE) {
        prov_xml_link_after(x, x->nodes[first].prev, node);
        return;
    }
    prov_xml_touch(x, parent)->first = node;
    n->parent = parent;
    n->prev = node;
    n->next = PROV_XML_NONE;
}

void
prov_xml_set_kind(struct prov_xml *x, uint32_t node, unsigned kind)
{
    struct prov_xml_node *n = prov_xml_touch(x, node);

    n->flags = (uint8_t)((n->flags & ~(unsigned)NODE_PLACE) | kind);
}

void
prov_xml_add_flags(struct prov_xml *x, uint32_t node, unsigned flags)
{
    struct prov_xml_node *n = prov_xml_touch(x, node);

    n->flags = (uint8_t)(n->flags | flags);
}

/* Every element around a change is written in pieces. */
void
prov_xml_set_dirty(struct prov_xml *x, uint32_t node)
{
    while (node != PROV_XML_NONE && !prov_xml_has(x, node, NODE_DIRTY)) {
        prov_xml_add_flags(x, node, NODE_DIRTY);
        node = x->nodes[node].parent;
    }
}

size_t
prov_xml_clean_above(const struct prov_xml *x, uint32_t node)
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
    struct prov_xml_node *n = prov_xml_touch(x, original);

    n->flags = (uint8_t)((n->flags & ~(unsigned)NODE_REPLACED) | NODE_DELETED);
}

/* Takes an element out of its tree, to be put elsewhere. */
void
prov_xml_detach(struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node n = x->nodes[node];

    if (n.parent == PROV_XML_NONE)
        return;
    prov_xml_set_dirty(x, n.parent);
    if ((n.flags & NODE_ORIGINAL) != 0)
        prov_xml_add_flags(x, n.parent, NODE_HOLED);
    if ((n.flags & NODE_IN_PLACE) != 0)
        bury_original(x, n.prev);
    prov_xml_unlink(x, node);
}

/* ---- Edits ---- */

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

    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + prov_xml_clean_above(x, parent)))
        return PROV_E_SPACE;
    prov_xml_set_dirty(x, parent);
    if (!prov_xml_has(x, node, NODE_ORIGINAL)) {
        prov_xml_detach(x, node);
        prov_xml_set_kind(x, node, 0);
    }
    prov_xml_add_flags(x, node, NODE_DELETED);
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

    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + prov_xml_clean_above(x, parent) +
                                 prov_xml_clean_above(x, x->nodes[with].parent)))
        return PROV_E_SPACE;
    prov_xml_detach(x, with);
    prov_xml_set_dirty(x, parent);
    prov_xml_link_after(x, node, with);
    if (prov_xml_has(x, node, NODE_ORIGINAL)) {
        prov_xml_add_flags(x, node, NODE_REPLACED);
        prov_xml_set_kind(x, with, NODE_IN_PLACE);
    } else {
        prov_xml_set_kind(x, with, x->nodes[node].flags & NODE_PLACE);
        prov_xml_unlink(x, node);
        prov_xml_set_kind(x, node, 0);
        prov_xml_add_flags(x, node, NODE_DELETED);
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

    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + prov_xml_clean_above(x, parent) +
                                 prov_xml_clean_above(x, x->nodes[node].parent)))
        return PROV_E_SPACE;
    prov_xml_detach(x, node);
    prov_xml_set_dirty(x, parent);
    prov_xml_link_last(x, parent, node);
    prov_xml_set_kind(x, node, NODE_APPENDED);
    prov_xml_index_put(x, node, PROV_XML_NONE, is_new);
    return PROV_OK;
}

/* ---- Tags ---- */

/* Memory for another start tag, and room to put it in force. */
static char *
tag_room(struct prov_xml *x, uint32_t node, size_t bytes)
{
    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + prov_xml_clean_above(x, node)))
        return NULL;
    char *tag = prov_arena_perm(x->arena, bytes, 1);

    if (tag == NULL || (uintptr_t)tag - (uintptr_t)x->arena->base > UINT32_MAX - bytes)
        return NULL;
    return tag;
}

static void
adopt_tag(struct prov_xml *x, uint32_t node, const char *tag)
{
    prov_xml_set_dirty(x, node);
    struct prov_xml_node *n = prov_xml_touch_tag(x, node);

    n->tag = (uint32_t)((uintptr_t)tag - (uintptr_t)x->arena->base);
    n->tag_source = 0;
    prov_xml_index_put(x, node, node, true);
}

static bool
is_name(struct prov_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (prov_is_blank(name.ptr[i]) || memchr("<>/='\"&", name.ptr[i], 7) != NULL)
            return false;
    }
    return name.len > 0;
}

enum prov_status
prov_xml_rename(struct prov_xml *x, uint32_t node, struct prov_str name)
{
    if (x == NULL || !prov_xml_is_live(x, node) || !is_name(name))
        return PROV_E_ARG;
    if (prov_xml_is(x, node, name))
        return PROV_OK;
    const struct prov_str old = prov_xml_tag(x, node);
    const struct prov_str rest = prov_str_cut(old, 1 + prov_xml_name(x, node).len, old.len);
    struct prov_buf tag = { NULL, 1 + name.len + rest.len, 0 };

    tag.ptr = tag_room(x, node, tag.cap);
    if (tag.ptr == NULL)
        return PROV_E_SPACE;
    prov_buf_put_char(&tag, '<');
    prov_buf_put_str(&tag, name);
    prov_buf_put_str(&tag, rest);
    adopt_tag(x, node, tag.ptr);
    return PROV_OK;
}

enum prov_status
prov_xml_retag(struct prov_xml *x, uint32_t node, struct prov_str tag)
{
    char *copy = tag_room(x, node, tag.len);

    if (copy == NULL)
        return PROV_E_SPACE;
    memcpy(copy, tag.ptr, tag.len);
    adopt_tag(x, node, copy);
    return PROV_OK;
}

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
    tag.cap = tag.len;
    tag.len = 0;
    tag.ptr = tag_room(x, node, tag.cap);
    if (tag.ptr == NULL)
        return PROV_E_SPACE;
    put_tag(&m, &tag);
    adopt_tag(x, node, tag.ptr);
    if (changed != NULL)
        *changed = true;
    return PROV_OK;
}
