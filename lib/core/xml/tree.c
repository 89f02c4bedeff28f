/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

#define SOURCES 256u

enum prov_status
prov_xml_init(struct prov_xml *x, struct prov_arena *arena, const struct prov_limits *limits,
              const struct prov_xml_heap *heap, uint64_t hash_salt)
{
    struct prov_xml made = { .arena = arena, .hash_salt = hash_salt };
    const size_t table = SOURCES * sizeof(struct prov_xml_source);

    if (x == NULL || arena == NULL)
        return PROV_E_ARG;
    if (heap != NULL && (heap->alloc == NULL || heap->resize == NULL || heap->release == NULL))
        return PROV_E_ARG;
    const enum prov_status status = prov_limits_resolve(limits, &made.limits);

    if (status != PROV_OK)
        return status;
    /* One request for both, so that a refusal takes nothing. */
    const size_t records = ((size_t)made.limits.pool_nodes + 1) * sizeof(struct prov_xml_node);
    unsigned char *mem = prov_arena_perm(arena, table + records, _Alignof(struct prov_xml_source));

    if (mem == NULL)
        return PROV_E_SPACE;
    made.sources = (struct prov_xml_source *)(void *)mem;
    made.nodes = (struct prov_xml_node *)(void *)(mem + table);
    made.sources[0].text = (struct prov_str){ (const char *)arena->base, arena->cap };
    if (heap != NULL)
        made.heap = *heap;
    *x = made;
    return PROV_OK;
}

/* ---- Walking ---- */

uint32_t
prov_xml_first(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_exists(x, node) ? prov_xml_living(x, x->nodes[node].first) : PROV_XML_NONE;
}

uint32_t
prov_xml_next(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_exists(x, node) ? prov_xml_living(x, x->nodes[node].next) : PROV_XML_NONE;
}

uint32_t
prov_xml_parent(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_exists(x, node) ? x->nodes[node].parent : PROV_XML_NONE;
}

/* The reader numbers elements as they begin: what is inside an element follows it. */
uint32_t
prov_xml_size(const struct prov_xml *x, uint32_t node)
{
    uint32_t last = node;

    while (x->nodes[last].first != PROV_XML_NONE)
        last = x->nodes[x->nodes[last].first].prev;
    return last - node + 1;
}

/* ---- Tags ---- */

/* No raw `<` can stand inside a tag, so the last one before the content begins it. */
uint32_t
prov_xml_tag_start(const struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node *n = &x->nodes[node];
    const char *text = x->sources[n->source].text.ptr;
    uint32_t at = n->body;

    if (n->tag_source == n->source)
        return n->tag;
    do
        at--;
    while (text[at] != '<');
    return at;
}

uint32_t
prov_xml_close_start(const struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node *n = &x->nodes[node];
    const char *text = x->sources[n->source].text.ptr;
    uint32_t at = n->end;

    if (n->body == n->end)
        return at;
    do
        at--;
    while (text[at] != '<');
    return at;
}

/* The byte after the first `>` that is not in quotes; the end if there is none. */
const char *
prov_xml_tag_end(const char *tag, const char *end)
{
    char quote = '\0';

    for (; tag < end; tag++) {
        if (quote != '\0')
            quote = *tag == quote ? '\0' : quote;
        else if (*tag == '"' || *tag == '\'')
            quote = *tag;
        else if (*tag == '>')
            return tag + 1;
    }
    return end;
}

struct prov_str
prov_xml_tag(const struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node *n = &x->nodes[node];
    const struct prov_str text = x->sources[n->tag_source].text;

    if (n->tag_source == n->source)
        return prov_str_cut(text, n->tag, n->body);
    const char *end = prov_xml_tag_end(text.ptr + n->tag, text.ptr + text.len);

    return prov_str_cut(text, n->tag, (size_t)(end - text.ptr));
}

/* In a tag that is well formed nothing below a blank stands but white space. Letters are all above
 * `>`, so they are asked one question. */
static inline bool
ends_name(char c)
{
    return (unsigned char)c <= '>' && (c <= ' ' || c == '>' || c == '/' || c == '=');
}

struct prov_str
prov_xml_name(const struct prov_xml *x, uint32_t node)
{
    struct prov_str name = { NULL, 0 };

    if (!prov_xml_exists(x, node))
        return name;
    name.ptr = x->sources[x->nodes[node].tag_source].text.ptr + x->nodes[node].tag + 1;
    while (!ends_name(name.ptr[name.len]))
        name.len++;
    return name;
}

struct prov_str
prov_xml_local_name(const struct prov_xml *x, uint32_t node)
{
    const struct prov_str name = prov_xml_name(x, node);
    const char *colon = name.len > 0 ? memchr(name.ptr, ':', name.len) : NULL;

    return colon != NULL ? prov_str_cut(name, (size_t)(colon + 1 - name.ptr), name.len) : name;
}

bool
prov_xml_is(const struct prov_xml *x, uint32_t node, struct prov_str name)
{
    if (!prov_xml_exists(x, node) || name.len == 0)
        return false;
    const struct prov_xml_node *n = &x->nodes[node];
    const struct prov_str text = x->sources[n->tag_source].text;
    const char *at = text.ptr + n->tag + 1;

    /* A tag ends with `>`: there is always a byte after the name. */
    if (name.len >= text.len - n->tag - 1)
        return false;
    return memcmp(at, name.ptr, name.len) == 0 && ends_name(at[name.len]);
}

/* ---- Attributes ---- */

/* cursor: 0, then the offset after the closing quote of the attribute before. */
bool
prov_xml_attribute_next(struct prov_str tag, uint32_t *cursor, struct prov_xml_attribute *out)
{
    const char *from = tag.ptr + *cursor;

    if (*cursor == 0) {
        from++;
        while (!ends_name(*from))
            from++;
    }
    const char *at = from;

    while (prov_is_blank(*at))
        at++;
    if (*at == '>' || *at == '/')
        return false;
    const char *name = at;

    while (!ends_name(*at))
        at++;
    out->name = (struct prov_str){ name, (size_t)(at - name) };
    while (*at != '"' && *at != '\'')
        at++;
    const char quote = *at++;
    const char *raw = at;

    at = memchr(raw, quote, tag.len - (size_t)(raw - tag.ptr));
    out->raw = (struct prov_str){ raw, (size_t)(at - raw) };
    at++;
    out->whole = (struct prov_str){ from, (size_t)(at - from) };
    out->text = (struct prov_str){ name, (size_t)(at - name) };
    *cursor = (uint32_t)(at - tag.ptr);
    return true;
}

/* The tag and what follows it. The length is not needed: a walk over attributes ends at the `>`. */
static struct prov_str
from_tag(const struct prov_xml *x, uint32_t node)
{
    const struct prov_xml_node *n = &x->nodes[node];
    const struct prov_str text = x->sources[n->tag_source].text;

    return prov_str_cut(text, n->tag, text.len);
}

bool
prov_xml_attr_next(const struct prov_xml *x, uint32_t node, uint32_t *cursor, struct prov_str *name,
                   struct prov_str *raw)
{
    struct prov_xml_attribute a;

    if (!prov_xml_exists(x, node) || !prov_xml_attribute_next(from_tag(x, node), cursor, &a))
        return false;
    *name = a.name;
    *raw = a.raw;
    return true;
}

bool
prov_xml_attr(const struct prov_xml *x, uint32_t node, struct prov_str name, struct prov_str *raw)
{
    struct prov_xml_attribute a;
    uint32_t cursor = 0;

    if (!prov_xml_exists(x, node))
        return false;
    const struct prov_str tag = from_tag(x, node);

    while (prov_xml_attribute_next(tag, &cursor, &a)) {
        if (prov_str_eq(a.name, name)) {
            *raw = a.raw;
            return true;
        }
    }
    return false;
}

/* ---- Places ---- */

#define BOM "\xEF\xBB\xBF"
#define BOM_LEN 3u

/* CR LF, LF and CR each end a line. No column is counted for a byte order mark. */
void
prov_xml_locate(struct prov_str text, size_t at, struct prov_xml_place *out)
{
    const bool marked = text.len >= BOM_LEN && memcmp(text.ptr, BOM, BOM_LEN) == 0;
    size_t line_start = marked && at >= BOM_LEN ? BOM_LEN : 0;

    out->line = 1;
    for (size_t i = line_start; i < at; i++) {
        const char c = text.ptr[i];

        if (c == '\n' || (c == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n'))) {
            out->line++;
            line_start = i + 1;
        }
    }
    out->column = (uint32_t)(at - line_start) + 1;
}

void
prov_xml_where(const struct prov_xml *x, uint32_t node, struct prov_xml_place *out)
{
    *out = (struct prov_xml_place){ .line = 0 };
    if (!prov_xml_exists(x, node) || prov_xml_is_made(x, x->nodes[node].source))
        return;
    const struct prov_xml_source *s = &x->sources[x->nodes[node].source];

    out->source = s->name;
    prov_xml_locate(s->text, prov_xml_tag_start(x, node), out);
}

bool
prov_xml_where_at(const struct prov_xml *x, const char *at, struct prov_xml_place *out)
{
    const uintptr_t p = (uintptr_t)at;

    for (uint32_t i = 1; i <= x->source_count; i++) {
        const struct prov_xml_source *s = &x->sources[i];
        const uintptr_t from = (uintptr_t)s->text.ptr;

        if (p >= from && p - from <= s->text.len && !prov_xml_is_made(x, i)) {
            out->source = s->name;
            prov_xml_locate(s->text, p - from, out);
            return true;
        }
    }
    return false;
}

/* ---- Comparing ---- */

/* Character data of an element with children: runs of white space as one, none at the ends. */
struct squeezed {
    struct prov_xml_chars chars;
    int held; /* read ahead; -1: nothing */
    bool started;
};

static int
squeezed_next(struct squeezed *s)
{
    int b = s->held;

    s->held = -1;
    if (b >= 0)
        return b;
    b = prov_xml_chars_next(&s->chars);
    if (b >= 0 && prov_is_blank((char)b)) {
        while (b >= 0 && prov_is_blank((char)b))
            b = prov_xml_chars_next(&s->chars);
        if (b >= 0 && s->started) {
            s->held = b;
            b = ' ';
        }
    }
    s->started = true;
    return b;
}

bool
prov_xml_same_text(const struct prov_xml *x, uint32_t a, uint32_t b)
{
    struct squeezed left = { .held = -1 }, right = { .held = -1 };
    int from_left, from_right;

    prov_xml_chars_text(&left.chars, x, a);
    prov_xml_chars_text(&right.chars, x, b);
    if (prov_xml_first(x, a) == PROV_XML_NONE)
        return prov_xml_chars_equal(&left.chars, &right.chars);
    do {
        from_left = squeezed_next(&left);
        from_right = squeezed_next(&right);
    } while (from_left == from_right && from_left >= 0);
    return from_left == from_right;
}

static uint32_t
attribute_count(const struct prov_xml *x, uint32_t node)
{
    struct prov_str name, raw;
    uint32_t cursor = 0, n = 0;

    while (prov_xml_attr_next(x, node, &cursor, &name, &raw))
        n++;
    return n;
}

/* Nothing in it has to be decoded: it means what it is. */
static bool
is_plain(struct prov_str raw)
{
    size_t i = 0;

    while (i < raw.len && (unsigned char)raw.ptr[i] >= ' ' && raw.ptr[i] != '&')
        i++;
    return i == raw.len;
}

static bool
same_value(struct prov_str a, struct prov_str b)
{
    struct prov_xml_chars from_a, from_b;

    if (prov_str_eq(a, b))
        return true;
    if (is_plain(a) && is_plain(b))
        return false;
    prov_xml_chars_raw(&from_a, a);
    prov_xml_chars_raw(&from_b, b);
    return prov_xml_chars_equal(&from_a, &from_b);
}

bool
prov_xml_same_attributes(const struct prov_xml *x, uint32_t a, uint32_t b)
{
    struct prov_str name, left, right;
    uint32_t cursor = 0, count = 0;

    for (; prov_xml_attr_next(x, a, &cursor, &name, &left); count++) {
        if (!prov_xml_attr(x, b, name, &right) || !same_value(left, right))
            return false;
    }
    return attribute_count(x, b) == count;
}

/* The two themselves; and whether both have children, or none. */
static bool
same_element(const struct prov_xml *x, uint32_t a, uint32_t b)
{
    return prov_xml_is(x, a, prov_xml_name(x, b)) && prov_xml_same_attributes(x, a, b) &&
           (prov_xml_first(x, a) == PROV_XML_NONE) == (prov_xml_first(x, b) == PROV_XML_NONE) &&
           prov_xml_same_text(x, a, b);
}

bool
prov_xml_equal(const struct prov_xml *x, uint32_t a, uint32_t b)
{
    const uint32_t root = a;

    if (x == NULL || !prov_xml_exists(x, a) || !prov_xml_exists(x, b))
        return false;
    while (same_element(x, a, b)) {
        uint32_t next_a = prov_xml_first(x, a), next_b = prov_xml_first(x, b);

        while (next_a == PROV_XML_NONE && next_b == PROV_XML_NONE && a != root) {
            next_a = prov_xml_next(x, a);
            next_b = prov_xml_next(x, b);
            a = x->nodes[a].parent;
            b = x->nodes[b].parent;
        }
        if (next_a == PROV_XML_NONE || next_b == PROV_XML_NONE)
            return next_a == next_b;
        a = next_a;
        b = next_b;
    }
    return false;
}

/* ---- Limits of what was edited ---- */

static enum prov_status
too_much(const struct prov_xml *x, uint32_t node, enum prov_diag_code code, uint32_t limit,
         struct prov_diags *diags)
{
    struct prov_diag diag = { .status = PROV_E_LIMIT, .code = code, .need = limit };
    struct prov_xml_place place;

    prov_xml_where(x, node, &place);
    diag.source = place.source;
    diag.line = place.line;
    diag.column = place.column;
    diag.subject = prov_xml_name(x, node);
    prov_diags_add(diags, &diag);
    return PROV_E_LIMIT;
}

enum prov_status
prov_xml_check(const struct prov_xml *x, uint32_t root, struct prov_diags *diags)
{
    const struct prov_diag bad = { .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };
    uint32_t node = root, depth = 1, count = 0;

    if (x == NULL || !prov_xml_is_live(x, root)) {
        prov_diags_add(diags, &bad);
        return PROV_E_ARG;
    }
    while (node != PROV_XML_NONE) {
        if (depth > x->limits.xml_depth)
            return too_much(x, node, PROV_D_XML_TOO_DEEP, x->limits.xml_depth, diags);
        if (attribute_count(x, node) > x->limits.xml_attributes)
            return too_much(x, node, PROV_D_XML_ATTRIBUTES, x->limits.xml_attributes, diags);
        if (++count > x->limits.xml_nodes)
            return too_much(x, node, PROV_D_XML_NODES, x->limits.xml_nodes, diags);
        uint32_t next = prov_xml_first(x, node);

        depth += next != PROV_XML_NONE;
        while (next == PROV_XML_NONE && node != root) {
            next = prov_xml_next(x, node);
            node = x->nodes[node].parent;
            depth -= next == PROV_XML_NONE;
        }
        node = next;
    }
    return PROV_OK;
}
