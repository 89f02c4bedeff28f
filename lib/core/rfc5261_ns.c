/* SPDX-License-Identifier: MIT */
#include "core/rfc5261_work.h"

static const struct prov_str nothing = PROV_STR_INIT("");
static const struct prov_str xml_uri = PROV_STR_INIT("http://www.w3.org/XML/1998/namespace");

/* ---- Names ---- */

struct prov_str
prov_ns_prefix(struct prov_str name)
{
    const char *colon = name.len > 0 ? memchr(name.ptr, ':', name.len) : NULL;

    return colon != NULL ? prov_str_cut(name, 0, (size_t)(colon - name.ptr)) : nothing;
}

struct prov_str
prov_ns_local(struct prov_str name)
{
    const struct prov_str prefix = prov_ns_prefix(name);

    return prefix.len > 0 ? prov_str_cut(name, prefix.len + 1, name.len) : name;
}

bool
prov_ns_same(struct prov_str a, struct prov_str b)
{
    struct prov_xml_chars left, right;

    prov_xml_chars_raw(&left, a);
    prov_xml_chars_raw(&right, b);
    return prov_xml_chars_equal(&left, &right);
}

bool
prov_ns_declares(struct prov_str attribute, struct prov_str *prefix)
{
    static const struct prov_str word = PROV_STR_INIT("xmlns");

    if (prov_str_eq(attribute, word)) {
        *prefix = nothing;
        return true;
    }
    if (!prov_str_eq(prov_ns_prefix(attribute), word))
        return false;
    *prefix = prov_ns_local(attribute);
    return true;
}

static bool
is_xml(struct prov_str prefix)
{
    static const struct prov_str word = PROV_STR_INIT("xml");

    return prov_str_eq(prefix, word);
}

/* ---- Declarations in force ---- */

static bool
declared_at(const struct prov_xml *x, uint32_t node, struct prov_str prefix, struct prov_str *uri)
{
    struct prov_str name, declared;
    uint32_t cursor = 0;

    while (prov_xml_attr_next(x, node, &cursor, &name, uri)) {
        if (prov_ns_declares(name, &declared) && prov_str_eq(declared, prefix))
            return true;
    }
    return false;
}

bool
prov_ns_find(const struct prov_xml *x, uint32_t node, struct prov_str prefix, struct prov_str *uri)
{
    if (is_xml(prefix)) {
        *uri = xml_uri;
        return true;
    }
    for (; node != PROV_XML_NONE; node = prov_xml_parent(x, node)) {
        if (declared_at(x, node, prefix, uri))
            return true;
    }
    *uri = nothing;
    return prefix.len == 0;
}

static bool
stands_for(const struct prov_xml *x, uint32_t node, struct prov_str prefix, struct prov_str uri)
{
    struct prov_str found;

    return prov_ns_find(x, node, prefix, &found) && prov_ns_same(found, uri);
}

static int
compare(struct prov_str a, struct prov_str b)
{
    const int first = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return first != 0 ? first : (a.len > b.len) - (a.len < b.len);
}

/* The better of two prefixes to write instead of `like`: the last one in alphabetical order that
 * does not come after it, or else the first of all. */
static bool
is_better(struct prov_str prefix, struct prov_str best, struct prov_str like)
{
    const bool before = compare(prefix, like) <= 0;

    if (before != (compare(best, like) <= 0))
        return before;
    return before ? compare(prefix, best) > 0 : compare(prefix, best) < 0;
}

/* A name can begin with the prefix: what stands behind `xmlns:` has passed the reader as the middle
 * of a name only. Of letters above 0x7F it is not known. */
static bool
can_begin(struct prov_str prefix, bool of_attribute)
{
    if (prefix.len == 0)
        return !of_attribute;
    return (prov_is_alpha(prefix.ptr[0]) || prefix.ptr[0] == '_') &&
           memchr(prefix.ptr, ':', prefix.len) == NULL;
}

/* The prefix for a URI at an element, instead of another one: that one, if it stands for the URI
 * here too; or the element's own one; or else the one next to it in alphabetical order. */
static bool
find_prefix(const struct prov_xml *x, uint32_t node, struct prov_str uri, bool of_attribute,
            struct prov_str like, struct prov_str *prefix)
{
    const struct prov_str own = prov_ns_prefix(prov_xml_name(x, node));
    struct prov_str name, raw, one;
    bool found = false;

    *prefix = stands_for(x, node, like, uri) ? like : own;
    if ((prefix->len > 0 || !of_attribute) && stands_for(x, node, *prefix, uri))
        return true;
    for (uint32_t n = node; n != PROV_XML_NONE; n = prov_xml_parent(x, n)) {
        uint32_t cursor = 0;

        while (prov_xml_attr_next(x, n, &cursor, &name, &raw)) {
            if (!prov_ns_declares(name, &one) || !can_begin(one, of_attribute) ||
                (found && !is_better(one, *prefix, like)) || !stands_for(x, node, one, uri))
                continue;
            *prefix = one;
            found = true;
        }
    }
    return found;
}

bool
prov_ns_prefix_of(const struct prov_xml *x, uint32_t node, struct prov_str uri,
                  struct prov_str like, struct prov_str *prefix)
{
    if (prov_ns_same(uri, xml_uri)) {
        *prefix = prov_str_z("xml");
        return true;
    }
    return find_prefix(x, node, uri, true, like, prefix);
}

uint32_t
prov_ns_walk(const struct prov_xml *x, uint32_t root, uint32_t node)
{
    const uint32_t child = prov_xml_first(x, node);

    if (child != PROV_XML_NONE)
        return child;
    while (node != root && prov_xml_next(x, node) == PROV_XML_NONE)
        node = prov_xml_parent(x, node);
    return node == root ? PROV_XML_NONE : prov_xml_next(x, node);
}

bool
prov_ns_is_plain(const struct prov_xml *x, uint32_t root)
{
    struct prov_str name, raw, prefix;

    for (uint32_t n = root; n != PROV_XML_NONE; n = prov_ns_walk(x, root, n)) {
        uint32_t cursor = 0;

        if (prov_ns_prefix(prov_xml_name(x, n)).len > 0)
            return false;
        while (prov_xml_attr_next(x, n, &cursor, &name, &raw)) {
            if (prov_ns_prefix(name).len > 0 || prov_ns_declares(name, &prefix))
                return false;
        }
    }
    return true;
}

/* ---- Names of a tree ---- */

/* The element's own name, then those of its attributes that are no declarations. */
struct names {
    const struct prov_xml *x;
    uint32_t node, cursor;
    bool started;
};

static bool
name_next(struct names *n, struct prov_str *name, bool *of_attribute)
{
    struct prov_str raw, prefix;

    *of_attribute = n->started;
    if (!n->started) {
        n->started = true;
        *name = prov_xml_name(n->x, n->node);
        return true;
    }
    while (prov_xml_attr_next(n->x, n->node, &n->cursor, name, &raw)) {
        if (!prov_ns_declares(*name, &prefix) && prov_ns_prefix(*name).len > 0)
            return true;
    }
    return false;
}

/* The element at or above this one, up to a root, that declares the prefix. */
static uint32_t
declared_by(const struct prov_xml *x, uint32_t root, uint32_t node, struct prov_str prefix)
{
    struct prov_str uri;

    while (!declared_at(x, node, prefix, &uri)) {
        if (node == root)
            return PROV_XML_NONE;
        node = prov_xml_parent(x, node);
    }
    return node;
}

bool
prov_ns_in_use(const struct prov_xml *x, uint32_t node, struct prov_str prefix)
{
    for (uint32_t n = node; n != PROV_XML_NONE; n = prov_ns_walk(x, node, n)) {
        struct names names = { .x = x, .node = n };
        struct prov_str name;
        bool of_attribute;

        while (name_next(&names, &name, &of_attribute)) {
            if (prov_str_eq(prov_ns_prefix(name), prefix) &&
                declared_by(x, node, n, prefix) == node)
                return true;
        }
    }
    return false;
}

/* ---- Moving to where other prefixes are in force ---- */

struct move {
    struct prov_xml *x;
    uint32_t node, target;
    struct prov_tag_prefix *first;
    struct prov_str unknown; /* a prefix that means nothing */
};

static enum prov_status
note_prefix(struct move *m, struct prov_str prefix, bool of_attribute)
{
    struct prov_tag_prefix *p = m->first;
    struct prov_str uri;

    while (p != NULL && !prov_str_eq(p->prefix, prefix))
        p = p->next;
    if (p != NULL) {
        p->of_attribute = p->of_attribute || of_attribute;
        return PROV_OK;
    }
    if (!prov_ns_find(m->x, m->node, prefix, &uri)) {
        m->unknown = prefix;
        return PROV_E_INVALID;
    }
    p = prov_arena_scratch(m->x->arena, sizeof(*p), sizeof(void *));
    if (p == NULL)
        return PROV_E_SPACE;
    *p = (struct prov_tag_prefix){
        .next = m->first, .prefix = prefix, .uri = uri, .of_attribute = of_attribute
    };
    m->first = p;
    return PROV_OK;
}

/* Every prefix that gets its meaning from outside the tree. */
static enum prov_status
note_prefixes(struct move *m)
{
    enum prov_status status = PROV_OK;

    for (uint32_t n = m->node; n != PROV_XML_NONE; n = prov_ns_walk(m->x, m->node, n)) {
        struct names names = { .x = m->x, .node = n };
        struct prov_str name;
        bool of_attribute;

        while (status == PROV_OK && name_next(&names, &name, &of_attribute)) {
            const struct prov_str prefix = prov_ns_prefix(name);

            if (!is_xml(prefix) && declared_by(m->x, m->node, n, prefix) == PROV_XML_NONE)
                status = note_prefix(m, prefix, of_attribute);
        }
    }
    return status;
}

/* The tree declares the prefix somewhere: inside, it cannot be taken for something else. */
static bool
is_declared_inside(const struct move *m, struct prov_str prefix)
{
    struct prov_str uri;

    for (uint32_t n = m->node; n != PROV_XML_NONE; n = prov_ns_walk(m->x, m->node, n)) {
        if (declared_at(m->x, n, prefix, &uri))
            return true;
    }
    return false;
}

static bool
will_be_declared(const struct move *m, struct prov_str prefix)
{
    const struct prov_tag_prefix *p = m->first;

    while (p != NULL && (!p->declared || !prov_str_eq(p->prefix, prefix)))
        p = p->next;
    return p != NULL;
}

/* A prefix that is declared with the tree hides the one of the same name outside. */
static void
declare_what_is_hidden(struct move *m)
{
    struct prov_tag_prefix *p = m->first;

    while (p != NULL) {
        const bool hidden = p->renamed && will_be_declared(m, p->with);

        if (hidden) {
            p->renamed = false;
            p->declared = true;
        }
        p = hidden ? m->first : p->next;
    }
}

/* What becomes of each prefix; false: all of them can stay. */
static bool
decide(struct move *m)
{
    bool any = false;

    for (struct prov_tag_prefix *p = m->first; p != NULL; p = p->next) {
        if (stands_for(m->x, m->target, p->prefix, p->uri))
            continue;
        any = true;
        p->renamed = p->uri.len > 0 &&
                     find_prefix(m->x, m->target, p->uri, p->of_attribute, p->prefix, &p->with) &&
                     !is_declared_inside(m, p->with);
        p->declared = !p->renamed;
    }
    declare_what_is_hidden(m);
    return any;
}

/* Where the tree declares a prefix itself, it is not the one from outside. */
static void
mark_own(struct move *m, uint32_t node)
{
    for (struct prov_tag_prefix *p = m->first; p != NULL; p = p->next)
        p->own = declared_by(m->x, m->node, node, p->prefix) != PROV_XML_NONE;
}

static enum prov_status
rewrite_all(struct move *m)
{
    struct prov_tag_edit edit = { .prefixes = m->first, .declares = true };
    enum prov_status status = PROV_OK;

    for (uint32_t n = m->node; n != PROV_XML_NONE && status == PROV_OK;
         n = prov_ns_walk(m->x, m->node, n)) {
        mark_own(m, n);
        status = prov_tag_rewrite(m->x, n, &edit);
        edit.declares = false;
    }
    return status;
}

enum prov_status
prov_ns_adapt(struct prov_xml *x, uint32_t node, uint32_t target, struct prov_str *prefix)
{
    struct move m = { .x = x, .node = node, .target = target };
    const size_t scratch = prov_arena_mark(x->arena);
    enum prov_status status = note_prefixes(&m);

    if (status == PROV_OK && decide(&m))
        status = rewrite_all(&m);
    *prefix = m.unknown;
    prov_arena_release(x->arena, scratch);
    return status;
}
