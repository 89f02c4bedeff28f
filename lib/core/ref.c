/* SPDX-License-Identifier: MIT */
#include <prov/ref.h>

#include "base/buf.h"

/* One call of prov_ref_tree_add(); lives on its stack. */
struct work {
    struct prov_ref_tree *t;
    uint32_t entry;
    struct prov_str base;
    const struct prov_xml *x;
    const struct prov_macro_set *set;
    enum prov_macro_enc enc;
    struct prov_diags *diags;
    const struct prov_ref_address *at; /* instead of a document */
    uint32_t count;                    /* entries in use, the new ones too */
    struct prov_buf text;              /* of an element, later the address it leads to */
    struct prov_buf expanded;          /* after markers */
};

/* Tells what is wrong with an element; PROV_XML_NONE: with nothing in the file. */
static enum prov_status
report(const struct work *w, uint32_t node, struct prov_diag diag)
{
    struct prov_xml_place place;

    if (node != PROV_XML_NONE) {
        prov_xml_where(w->x, node, &place);
        diag.source = place.source;
        diag.line = place.line;
        diag.column = place.column;
    } else if (w->at != NULL) {
        diag.source = w->at->source;
        diag.line = w->at->line;
        diag.column = w->at->column;
    }
    prov_diags_add(w->diags, &diag);
    return diag.status;
}

static enum prov_status
refuse(const struct work *w, uint32_t node, enum prov_status status, enum prov_diag_code code,
       size_t need)
{
    return report(w, node, (struct prov_diag){ .status = status, .code = code, .need = need });
}

static void
ignore(const struct work *w, uint32_t node)
{
    const struct prov_diag diag = {
        .code = PROV_D_REF_NOT_URL,
        .subject = prov_xml_name(w->x, node),
    };

    if (node != PROV_XML_NONE)
        (void)report(w, node, diag);
}

/* False if there is no room; the arena has noted what would have done. */
static bool
copy(struct prov_arena *arena, struct prov_str from, struct prov_str *to)
{
    char *mem = prov_arena_perm(arena, from.len, 1);

    if (mem == NULL)
        return false;
    if (from.len > 0)
        memcpy(mem, from.ptr, from.len);
    to->ptr = mem;
    to->len = from.len;
    return true;
}

/* The element's text, trimmed. There is room for twice an address: white space and long markers. */
static enum prov_status
read_text(struct work *w, uint32_t node, struct prov_str *raw)
{
    const uint32_t most = w->t->limits->url_bytes;

    w->text.len = 0;
    if (prov_xml_text(w->x, node, &w->text) != PROV_OK)
        return refuse(w, node, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, most);
    *raw = prov_str_trim(prov_buf_str(&w->text));
    if (raw->len == 0)
        return refuse(w, node, PROV_E_SYNTAX, PROV_D_REF_URL_EMPTY, 0);
    return PROV_OK;
}

/* A marker as the set has it: that span outlives the text. */
static struct prov_str
lasting(const struct prov_macro_set *set, struct prov_str marker)
{
    struct prov_str found = { NULL, 0 };

    for (size_t i = 0; i < set->count && found.ptr == NULL; i++) {
        if (prov_str_eq(set->items[i].marker, marker))
            found = set->items[i].marker;
    }
    return found;
}

static enum prov_status
expand(struct work *w, uint32_t node, struct prov_str raw)
{
    struct prov_diag diag = { .status = PROV_OK };
    enum prov_status status;

    w->expanded.len = 0;
    status = prov_macro_expand(raw, w->set, w->enc, &w->expanded, &diag);
    if (status == PROV_OK)
        return status;
    if (status == PROV_E_SPACE)
        return refuse(w, node, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, w->t->limits->url_bytes);
    diag.subject = lasting(w->set, diag.subject);
    return report(w, node, diag);
}

/* A number whose text has no subject: the word would be gone before anybody reads it. */
static enum prov_diag_code
without_subject(enum prov_diag_code code)
{
    if (code == PROV_D_URL_SCHEME_UNKNOWN)
        return PROV_D_REF_SCHEME;
    return code == PROV_D_URL_ESCAPED_CONTROL ? PROV_D_REF_ESCAPED_CONTROL : code;
}

static enum prov_status
resolve(struct work *w, uint32_t node)
{
    const uint32_t most = w->t->limits->url_bytes;
    struct prov_diag diag = { .status = PROV_OK };
    enum prov_status status;

    w->text.len = 0;
    status = prov_uri_resolve(w->base, prov_buf_str(&w->expanded), PROV_URI_RULE_REFERENCE,
                              &w->text, &diag);
    if (status == PROV_E_SPACE || w->text.len > most)
        return refuse(w, node, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, most);
    if (status != PROV_OK)
        return refuse(w, node, status, without_subject(diag.code), diag.need);
    return PROV_OK;
}

static bool
is_path(struct prov_str a, struct prov_str b)
{
    static const struct prov_str top = PROV_STR_INIT("/");

    return prov_str_eq(a.len > 0 ? a : top, b.len > 0 ? b : top);
}

/* Both lead to the same file, as far as the text tells. */
static bool
is_same(struct prov_str a, struct prov_str b)
{
    struct prov_uri u, v;

    return prov_uri_parse(a, &u, NULL) == PROV_OK && prov_uri_parse(b, &v, NULL) == PROV_OK &&
           prov_uri_same_origin(&u, &v) && is_path(u.path, v.path) &&
           prov_str_eq(u.query, v.query) && prov_str_eq(u.user, v.user) &&
           prov_str_eq(u.password, v.password);
}

/* The address is open: that of the reference file, before or after redirects, or one above it. */
static bool
is_open(const struct work *w, struct prov_str url)
{
    if (is_same(url, w->base))
        return true;
    for (uint32_t i = w->entry; i != PROV_REF_NONE; i = w->t->entries[i].parent) {
        if (is_same(url, w->t->entries[i].url))
            return true;
    }
    return false;
}

/* Behind the entries in use; linked and counted when all are there. */
static enum prov_status
append(struct work *w, uint32_t node, struct prov_str url, struct prov_str raw)
{
    struct prov_ref_entry *e = &w->t->entries[w->count];
    struct prov_xml_place place = { .line = 0 };

    if (w->at != NULL)
        place = (struct prov_xml_place){ w->at->source, w->at->line, w->at->column };
    else
        prov_xml_where(w->x, node, &place);
    *e = (struct prov_ref_entry){
        .url = url,
        .raw = raw,
        .parent = w->entry,
        .next = w->count + 1,
        .depth = w->t->entries[w->entry].depth + 1,
        .line = place.line,
        .column = place.column,
    };
    w->count++;
    return PROV_OK;
}

/* One URL element. */
static enum prov_status
take(struct work *w, uint32_t node)
{
    struct prov_arena *arena = w->t->arena;
    struct prov_str raw, url = { NULL, 0 };
    enum prov_status status;

    ignore(w, prov_xml_first(w->x, node)); /* text only: a bare <SERIAL/> is no marker */
    status = read_text(w, node, &raw);
    if (status == PROV_OK && w->count == w->t->cap)
        status = refuse(w, node, PROV_E_LIMIT, PROV_D_REF_TOO_MANY, w->t->limits->tree_files);
    if (status == PROV_OK)
        status = expand(w, node, raw);
    if (status == PROV_OK && !copy(arena, raw, &raw))
        status = refuse(w, node, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, arena->need);
    if (status == PROV_OK)
        status = resolve(w, node);
    if (status == PROV_OK && is_open(w, prov_buf_str(&w->text)))
        status = refuse(w, node, PROV_E_DENIED, PROV_D_REF_CYCLE, 0);
    if (status == PROV_OK && !copy(arena, prov_buf_str(&w->text), &url))
        status = refuse(w, node, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, arena->need);
    return status == PROV_OK ? append(w, node, url, raw) : status;
}

static enum prov_status
take_all(struct work *w, uint32_t root, struct prov_str element)
{
    enum prov_status status = PROV_OK;
    uint32_t node = prov_xml_first(w->x, root);

    for (; status == PROV_OK && node != PROV_XML_NONE; node = prov_xml_next(w->x, node)) {
        if (prov_str_eq_nocase(prov_xml_local_name(w->x, node), element))
            status = take(w, node);
        else
            ignore(w, node);
    }
    return status;
}

/* Working memory, then every element; nothing is kept of either unless all went well. */
static enum prov_status
fill(struct work *w, uint32_t root, struct prov_str element)
{
    struct prov_arena *arena = w->t->arena;
    const size_t perm = arena->perm, mark = prov_arena_mark(arena);
    const size_t most = w->t->limits->url_bytes;
    enum prov_status status;
    char *mem = prov_arena_scratch(arena, 3 * most, 1);

    if (mem == NULL)
        return refuse(w, root, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, arena->need);
    w->expanded = (struct prov_buf){ mem, most, 0 };
    w->text = (struct prov_buf){ mem + most, 2 * most, 0 };
    status = take_all(w, root, element);
    prov_arena_release(arena, mark);
    if (status != PROV_OK)
        arena->perm = perm;
    return status;
}

enum prov_status
prov_ref_tree_add(struct prov_ref_tree *t, uint32_t entry, struct prov_str base,
                  const struct prov_xml *x, uint32_t root, struct prov_str element,
                  const struct prov_macro_set *set, enum prov_macro_enc enc,
                  struct prov_diags *diags)
{
    struct work w = {
        .t = t, .entry = entry, .base = base, .x = x, .set = set, .enc = enc, .diags = diags
    };
    struct prov_uri uri;
    enum prov_status status;

    if (t == NULL || x == NULL || set == NULL || entry >= t->count || element.len == 0 ||
        (unsigned)enc > PROV_MACRO_ENC_PERCENT || prov_xml_name(x, root).len == 0 ||
        prov_uri_parse(base, &uri, NULL) != PROV_OK)
        return refuse(&w, PROV_XML_NONE, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0);
    if (t->entries[entry].depth >= t->limits->tree_depth)
        return refuse(&w, root, PROV_E_LIMIT, PROV_D_REF_TOO_DEEP, t->limits->tree_depth);

    w.count = t->count;
    status = fill(&w, root, element);
    if (status == PROV_OK && w.count > t->count) {
        t->entries[w.count - 1].next = t->entries[entry].next;
        t->entries[entry].next = t->count;
        t->count = w.count;
    }
    return status;
}

/* One address that is no element. */
static enum prov_status
take_address(struct work *w)
{
    struct prov_arena *arena = w->t->arena;
    struct prov_str raw = prov_str_trim(w->at->text), url = { NULL, 0 };
    enum prov_status status = PROV_OK;

    if (raw.len == 0)
        return refuse(w, PROV_XML_NONE, PROV_E_SYNTAX, PROV_D_REF_URL_EMPTY, 0);
    if (w->count == w->t->cap)
        return refuse(w, PROV_XML_NONE, PROV_E_LIMIT, PROV_D_REF_TOO_MANY,
                      w->t->limits->tree_files);
    status = expand(w, PROV_XML_NONE, raw);
    if (status == PROV_OK)
        status = resolve(w, PROV_XML_NONE);
    if (status == PROV_OK &&
        (!copy(arena, raw, &raw) || !copy(arena, prov_buf_str(&w->text), &url)))
        status = refuse(w, PROV_XML_NONE, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, arena->need);
    return status == PROV_OK ? append(w, PROV_XML_NONE, url, raw) : status;
}

/* The last one that the entry has named, or the entry itself. Its files name none. */
static uint32_t
last_child(const struct prov_ref_tree *t, uint32_t entry)
{
    uint32_t last = entry;

    while (t->entries[last].next != PROV_REF_NONE &&
           t->entries[t->entries[last].next].parent == entry)
        last = t->entries[last].next;
    return last;
}

static void
link_last(struct prov_ref_tree *t, uint32_t entry)
{
    const uint32_t before = last_child(t, entry);

    t->entries[t->count].next = t->entries[before].next;
    t->entries[before].next = t->count;
    t->count++;
}

enum prov_status
prov_ref_tree_put(struct prov_ref_tree *t, uint32_t entry, struct prov_str base,
                  const struct prov_ref_address *address, const struct prov_macro_set *set,
                  enum prov_macro_enc enc, struct prov_diags *diags)
{
    struct work w = {
        .t = t, .entry = entry, .base = base, .set = set, .enc = enc, .diags = diags, .at = address
    };
    struct prov_uri uri;

    if (t == NULL || set == NULL || address == NULL || entry >= t->count ||
        (unsigned)enc > PROV_MACRO_ENC_PERCENT || prov_uri_parse(base, &uri, NULL) != PROV_OK)
        return refuse(&w, PROV_XML_NONE, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0);

    struct prov_arena *arena = t->arena;
    const size_t perm = arena->perm, mark = prov_arena_mark(arena);
    const size_t most = t->limits->url_bytes;
    char *mem = prov_arena_scratch(arena, 3 * most, 1);
    enum prov_status status;

    if (mem == NULL)
        return refuse(&w, PROV_XML_NONE, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, arena->need);
    w.expanded = (struct prov_buf){ mem, most, 0 };
    w.text = (struct prov_buf){ mem + most, 2 * most, 0 };
    w.count = t->count;
    status = take_address(&w);
    prov_arena_release(arena, mark);
    if (status == PROV_OK)
        link_last(t, entry);
    else
        arena->perm = perm;
    return status;
}

static enum prov_status
unready(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, size_t need)
{
    if (diag != NULL)
        *diag = (struct prov_diag){ .status = status, .code = code, .need = need };
    return status;
}

enum prov_status
prov_ref_tree_init(struct prov_ref_tree *t, struct prov_arena *arena,
                   const struct prov_limits *limits, struct prov_str url, struct prov_str raw,
                   struct prov_diag *diag)
{
    struct prov_ref_entry first = { .parent = PROV_REF_NONE, .next = PROV_REF_NONE };
    struct prov_uri uri;
    enum prov_status status;

    if (t == NULL || arena == NULL || limits == NULL)
        return unready(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0);
    status = prov_uri_parse(url, &uri, diag);
    if (status != PROV_OK)
        return status;
    if (url.len > limits->url_bytes)
        return unready(diag, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, limits->url_bytes);

    const size_t perm = arena->perm, cap = (size_t)limits->tree_files + 1;
    struct prov_ref_entry *entries =
        prov_arena_perm(arena, cap * sizeof(*entries), _Alignof(struct prov_ref_entry));

    if (entries == NULL || !copy(arena, url, &first.url) || !copy(arena, raw, &first.raw)) {
        arena->perm = perm;
        return unready(diag, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, arena->need);
    }
    entries[0] = first;
    *t = (struct prov_ref_tree){ arena, limits, entries, 1, (uint32_t)cap };
    return PROV_OK;
}
