/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

/*
 * Lists that hold all of an element's content. The writer knows what stands
 * between the tags, whatever was edited before; here it is asked, and each of its
 * pieces becomes an item.
 */

/* ---- Items ---- */

uint32_t
prov_xml_item_first(const struct prov_xml *x, uint32_t parent)
{
    return x->nodes[parent].first;
}

uint32_t
prov_xml_item_prev(const struct prov_xml *x, uint32_t item)
{
    const struct prov_xml_node *n = &x->nodes[item];

    return x->nodes[n->parent].first == item ? PROV_XML_NONE : n->prev;
}

struct prov_str
prov_xml_item_bytes(const struct prov_xml *x, uint32_t item)
{
    return prov_xml_bytes(x, item, x->nodes[item].tag, x->nodes[item].end);
}

static enum prov_xml_item
kind_of(struct prov_str bytes)
{
    if (bytes.len < 4 || bytes.ptr[0] != '<')
        return ITEM_TEXT;
    if (bytes.ptr[1] == '?')
        return ITEM_INSTRUCTION;
    return bytes.ptr[2] == '-' ? ITEM_COMMENT : ITEM_TEXT;
}

enum prov_xml_item
prov_xml_item_kind(const struct prov_xml *x, uint32_t item)
{
    return prov_xml_is_text(x, item) ? kind_of(prov_xml_item_bytes(x, item)) : ITEM_ELEMENT;
}

/* One item from the front of a text: a comment, an instruction, or all up to the next of them. */
static struct prov_str
cut_item(struct prov_str *rest)
{
    const char *from = rest->ptr, *end = from + rest->len, *at = from, *to = from;
    enum prov_xml_token kind = TOKEN_TEXT;
    struct prov_str token;

    while (kind != TOKEN_MISC && prov_xml_token_next(&at, end, &kind, &token)) {
        if (kind != TOKEN_MISC || to == from)
            to = at;
    }
    const size_t len = (size_t)(to - from);

    *rest = prov_str_cut(*rest, len, rest->len);
    return (struct prov_str){ from, len };
}

struct prov_str
prov_xml_item_cut(struct prov_str *rest, enum prov_xml_item *kind)
{
    const struct prov_str one = cut_item(rest);

    *kind = kind_of(one);
    return one;
}

/* ---- Laying an element out anew ---- */

/* Asked twice: first everything is counted, then it is put in order. */
struct laying {
    struct prov_xml *x;
    uint32_t node;
    uint32_t *order; /* NULL: count only */
    size_t texts, children;
};

/* The text as [from, to) of a source; a copy in the arena if it stands nowhere else. */
static bool
find_home(struct prov_xml *x, uint32_t node, struct prov_str text, struct prov_xml_node *out)
{
    const struct prov_str own = x->sources[x->nodes[node].source].text;
    const uintptr_t base = (uintptr_t)own.ptr, p = (uintptr_t)text.ptr;

    out->source = x->nodes[node].source;
    if (p >= base && p - base <= own.len) {
        out->tag = (uint32_t)(p - base);
    } else {
        char *copy = prov_arena_perm(x->arena, text.len, 1);
        const uintptr_t offset = (uintptr_t)copy - (uintptr_t)x->arena->base;

        if (copy == NULL || offset > UINT32_MAX - text.len)
            return false;
        memcpy(copy, text.ptr, text.len);
        out->tag = (uint32_t)offset;
        out->source = 0;
    }
    out->tag_source = out->source;
    out->end = out->tag + (uint32_t)text.len;
    return true;
}

/* A record that nothing leads to yet. PROV_XML_NONE: no memory. Room in the pool is the caller's. */
static uint32_t
new_text(struct prov_xml *x, uint32_t node, struct prov_str text)
{
    struct prov_xml_node made = { .flags = NODE_DEAD };

    if (!find_home(x, node, text, &made))
        return PROV_XML_NONE;
    x->nodes[++x->node_count] = made;
    return x->node_count;
}

static enum prov_status
lay_text(struct laying *l, struct prov_str text)
{
    while (text.len > 0) {
        const struct prov_str one = cut_item(&text);

        if (l->order != NULL) {
            const uint32_t item = new_text(l->x, l->node, one);

            if (item == PROV_XML_NONE)
                return PROV_E_SPACE;
            l->order[l->texts + l->children] = item;
        }
        l->texts++;
    }
    return PROV_OK;
}

static enum prov_status
lay_out(struct laying *l)
{
    struct prov_xml_writer w;
    enum prov_status status = PROV_OK;
    struct prov_str text;
    uint32_t child;

    l->texts = l->children = 0;
    prov_xml_writer_inside(&w, l->x, l->node);
    while (status == PROV_OK && prov_xml_writer_item(&w, &text, &child)) {
        if (child == PROV_XML_NONE) {
            status = lay_text(l, text);
        } else {
            if (l->order != NULL)
                l->order[l->texts + l->children] = child;
            l->children++;
        }
    }
    return status;
}

static void
link_all(struct laying *l)
{
    struct prov_xml *x = l->x;

    prov_xml_add_flags(x, l->node, NODE_RELAID);
    prov_xml_touch(x, l->node)->first = PROV_XML_NONE;
    for (size_t i = 0; i < l->texts + l->children; i++) {
        prov_xml_link_last(x, l->node, l->order[i]);
        prov_xml_set_kind(x, l->order[i], 0);
    }
}

static bool
has_records(const struct prov_xml *x, size_t n)
{
    return n <= x->limits.pool_nodes - x->node_count;
}

enum prov_status
prov_xml_relay(struct prov_xml *x, uint32_t node)
{
    struct laying l = { .x = x, .node = node };
    const size_t scratch = prov_arena_mark(x->arena);
    enum prov_status status;

    if (prov_xml_has(x, node, NODE_RELAID))
        return PROV_OK;
    status = lay_out(&l);
    const size_t items = l.texts + l.children;

    if (status != PROV_OK || !has_records(x, l.texts))
        return status != PROV_OK ? status : PROV_E_LIMIT;
    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + items))
        return PROV_E_SPACE;
    l.order = prov_arena_scratch(x->arena, (items + 1) * sizeof(*l.order), sizeof(*l.order));
    status = l.order != NULL ? lay_out(&l) : PROV_E_SPACE;
    if (status == PROV_OK)
        link_all(&l);
    prov_arena_release(x->arena, scratch);
    return status;
}

/* ---- Edits ---- */

/* The list is not empty. */
static void
link_before(struct prov_xml *x, uint32_t before, uint32_t item)
{
    const uint32_t parent = x->nodes[before].parent, prev = prov_xml_item_prev(x, before);

    if (prev != PROV_XML_NONE) {
        prov_xml_link_after(x, prev, item);
        return;
    }
    struct prov_xml_node *n = prov_xml_touch(x, item), *next = prov_xml_touch(x, before);

    n->parent = parent;
    n->prev = next->prev;
    n->next = before;
    next->prev = item;
    prov_xml_touch(x, parent)->first = item;
}

enum prov_status
prov_xml_item_put(struct prov_xml *x, uint32_t parent, uint32_t before, uint32_t item)
{
    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + prov_xml_clean_above(x, parent) +
                                 prov_xml_clean_above(x, x->nodes[item].parent)))
        return PROV_E_SPACE;
    prov_xml_detach(x, item);
    prov_xml_set_dirty(x, parent);
    if (before == PROV_XML_NONE)
        prov_xml_link_last(x, parent, item);
    else
        link_before(x, before, item);
    prov_xml_set_kind(x, item, 0);
    if (!prov_xml_is_text(x, item))
        prov_xml_index_put(x, item, PROV_XML_NONE, false);
    return PROV_OK;
}

enum prov_status
prov_xml_item_take(struct prov_xml *x, uint32_t item)
{
    if (!prov_xml_reserve(x, PROV_XML_EDIT_IMAGES + prov_xml_clean_above(x, x->nodes[item].parent)))
        return PROV_E_SPACE;
    prov_xml_detach(x, item);
    prov_xml_add_flags(x, item, NODE_DELETED);
    return PROV_OK;
}

/* ---- Where texts meet ---- */

/* The last bytes of the text before an item, the very last one first. */
static size_t
bytes_before(const struct prov_xml *x, uint32_t item, char out[2])
{
    size_t n = 0;

    for (uint32_t i = prov_xml_item_prev(x, item);
         n < 2 && i != PROV_XML_NONE && prov_xml_item_kind(x, i) == ITEM_TEXT;
         i = prov_xml_item_prev(x, i)) {
        const struct prov_str s = prov_xml_item_bytes(x, i);

        for (size_t at = s.len; at > 0 && n < 2; at--)
            out[n++] = s.ptr[at - 1];
    }
    return n;
}

/* A reference to stand for the first byte of the item; empty if there is no need. */
static struct prov_str
stand_in(const struct prov_xml *x, uint32_t item)
{
    static const struct prov_str line = PROV_STR_INIT("&#10;"), bracket = PROV_STR_INIT("&#93;"),
                                 greater = PROV_STR_INIT("&gt;"), none = PROV_STR_INIT("");
    const struct prov_str s = prov_xml_item_bytes(x, item);
    char before[2] = { '\0', '\0' };

    if (s.len == 0 || bytes_before(x, item, before) == 0)
        return none;
    if (before[0] == '\r' && s.ptr[0] == '\n')
        return line;
    if (before[0] == ']' && before[1] == ']' && s.ptr[0] == '>')
        return greater;
    return before[0] == ']' && s.ptr[0] == ']' ? bracket : none;
}

enum prov_status
prov_xml_item_mend(struct prov_xml *x, uint32_t item)
{
    if (item == PROV_XML_NONE || prov_xml_item_kind(x, item) != ITEM_TEXT)
        return PROV_OK;
    const struct prov_str text = stand_in(x, item);

    if (text.len == 0)
        return PROV_OK;
    if (!has_records(x, 1))
        return PROV_E_LIMIT;
    const uint32_t made = new_text(x, x->nodes[item].parent, text);

    if (made == PROV_XML_NONE || !prov_xml_reserve(x, PROV_XML_EDIT_IMAGES))
        return PROV_E_SPACE;
    prov_xml_touch_tag(x, item)->tag++;
    return prov_xml_item_put(x, x->nodes[item].parent, item, made);
}
