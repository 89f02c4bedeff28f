/* SPDX-License-Identifier: MIT */
#include <prov/schema.h>

#include "base/buf.h"
#include "core/schema_walk.h"

/* Longer paths are not kept: nobody reads them. */
#define PATH_BYTES 1024u

static const struct prov_str version = PROV_STR_INIT("version");

/* ---- Tables ---- */

const struct prov_schema *
prov_schema_find(const struct prov_dialect *dialect, struct prov_str section)
{
    for (size_t i = 0; dialect != NULL && i < dialect->schema_count; i++) {
        if (prov_str_eq(dialect->schemas[i].section.name, section))
            return &dialect->schemas[i];
    }
    return NULL;
}

static bool
has_name(const struct prov_schema_element *e, const struct prov_xml *x, uint32_t node)
{
    if ((e->flags & PROV_SCHEMA_NUMBERED) == 0)
        return prov_xml_is(x, node, e->name);
    const struct prov_str name = prov_xml_name(x, node);
    size_t end = name.len;

    while (end > 0 && prov_is_digit(name.ptr[end - 1]))
        end--;
    return end < name.len && prov_str_eq(prov_str_cut(name, 0, end), e->name);
}

/* Elements mostly stand in the order of the table, or repeat: so the search begins at the last. */
uint32_t
prov_schema_child(const struct prov_schema_element *parent, const struct prov_xml *x, uint32_t node,
                  uint32_t *hint)
{
    const uint32_t count = (uint32_t)parent->child_count;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t at = *hint + i < count ? *hint + i : *hint + i - count;

        if (has_name(&parent->children[at], x, node)) {
            *hint = at;
            return at + 1;
        }
    }
    return 0;
}

static bool
starts_with(struct prov_str s, struct prov_str with)
{
    return s.len >= with.len && prov_str_eq(prov_str_cut(s, 0, with.len), with);
}

/* About the file, not about the phone. */
static bool
is_neutral(struct prov_str attribute)
{
    static const struct prov_str prefixes[] = {
        PROV_STR_INIT("xmlns:"),
        PROV_STR_INIT("xml:"),
        PROV_STR_INIT("xsi:"),
    };

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (starts_with(attribute, prefixes[i]))
            return true;
    }
    return prov_str_eq(attribute, (struct prov_str)PROV_STR_INIT("xmlns"));
}

static const struct prov_schema_attribute *
find_attribute(const struct prov_schema_element *e, struct prov_str name)
{
    for (size_t i = 0; i < e->attribute_count; i++) {
        if (prov_str_eq(e->attributes[i].name, name))
            return &e->attributes[i];
    }
    return NULL;
}

bool
prov_schema_knows(const struct prov_schema_element *e, struct prov_str attribute, bool of_section)
{
    return (e->flags & PROV_SCHEMA_OPEN) != 0 || find_attribute(e, attribute) != NULL ||
           is_neutral(attribute) || (of_section && prov_str_eq(attribute, version));
}

/* ---- Is a table sound? ---- */

static bool
is_sound_type(const struct prov_value_type *t)
{
    return t == NULL || (prov_value_type_is_sound(t) &&
                         (t->kind != PROV_VALUE_LIST || prov_value_type_is_sound(t->item)));
}

static bool
is_sound_element(const struct prov_schema_element *e)
{
    const struct prov_schema_attribute *key = find_attribute(e, e->key);
    const bool free_ = (e->flags & PROV_SCHEMA_FREE) != 0;

    for (size_t i = 0; i < e->attribute_count; i++) {
        if (e->attributes[i].name.len == 0 || !is_sound_type(e->attributes[i].type))
            return false;
    }
    if (e->key.len > 0 && (free_ || key == NULL || !key->required))
        return false;
    if (e->child_count > UINT16_MAX || (e->child_count > 0 && (e->text != NULL || free_)))
        return false;
    return e->name.len > 0 && e->min <= (e->max == 0 ? 1 : e->max) && is_sound_type(e->text);
}

enum prov_status
prov_schema_verify(const struct prov_schema *schema, struct prov_str *fault)
{
    struct {
        const struct prov_schema_element *element;
        size_t next;
    } levels[PROV_SCHEMA_DEPTH];
    size_t depth = 0;

    if (schema == NULL)
        return PROV_E_ARG;
    levels[0].element = &schema->section;
    levels[0].next = 0;
    for (;;) {
        const struct prov_schema_element *e = levels[depth].element;
        const size_t next = levels[depth].next++;

        if ((next == 0 && !is_sound_element(e)) ||
            (next < e->child_count && depth + 1 == PROV_SCHEMA_DEPTH)) {
            if (fault != NULL)
                *fault = e->name;
            return PROV_E_ARG;
        }
        if (next < e->child_count) {
            levels[++depth].element = &e->children[next];
            levels[depth].next = 0;
        } else if (depth-- == 0) {
            return PROV_OK;
        }
    }
}

/* ---- Walking a section beside its table ---- */

void
prov_schema_walk_begin(struct prov_schema_walk *w, const struct prov_xml *x, uint32_t section,
                       const struct prov_schema_element *element)
{
    w->x = x;
    w->node = section;
    w->depth = 0;
    w->levels[0] = (struct prov_schema_level){ element, 0 };
}

/* The first one from here on that the table knows below the present level. */
static bool
enter(struct prov_schema_walk *w, uint32_t node)
{
    struct prov_schema_level *l = &w->levels[w->depth];

    for (; node != PROV_XML_NONE; node = prov_xml_next(w->x, node)) {
        const uint32_t child = prov_schema_child(l->element, w->x, node, &l->hint);

        if (child > 0) {
            w->node = node;
            w->levels[++w->depth] =
                (struct prov_schema_level){ &l->element->children[child - 1], 0 };
            return true;
        }
    }
    return false;
}

static bool
go_on(struct prov_schema_walk *w, uint32_t next)
{
    while (!enter(w, next)) {
        if (w->depth == 0)
            return false;
        next = prov_xml_next(w->x, w->node);
        w->node = prov_xml_parent(w->x, w->node);
        w->depth--;
    }
    return true;
}

bool
prov_schema_walk_next(struct prov_schema_walk *w)
{
    return go_on(w,
                 w->depth + 1 < PROV_SCHEMA_DEPTH ? prov_xml_first(w->x, w->node) : PROV_XML_NONE);
}

bool
prov_schema_walk_pass(struct prov_schema_walk *w)
{
    return go_on(w, PROV_XML_NONE);
}

/* ---- The check ---- */

struct checker {
    struct prov_xml *x;
    uint32_t section, node;
    const struct prov_schema_element *element; /* what the node is in the table */
    struct prov_diag *diag;
};

/* How many of its name stand before it, itself included; 0 if it is the only one. */
static uint32_t
position(const struct prov_xml *x, uint32_t node)
{
    const struct prov_str name = prov_xml_name(x, node);
    uint32_t count = 0, nth = 0;

    for (uint32_t n = prov_xml_first(x, prov_xml_parent(x, node)); n != PROV_XML_NONE;
         n = prov_xml_next(x, n)) {
        count += prov_xml_is(x, n, name);
        nth = n == node ? count : nth;
    }
    return count > 1 ? nth : 0;
}

static void
put_path(const struct checker *c, uint32_t node, struct prov_buf *out)
{
    uint32_t levels = 1;

    for (uint32_t n = node; n != c->section; n = prov_xml_parent(c->x, n))
        levels++;
    for (; levels > 0; levels--) {
        uint32_t n = node;

        for (uint32_t i = 1; i < levels; i++)
            n = prov_xml_parent(c->x, n);
        prov_buf_put_char(out, '/');
        prov_buf_put_str(out, prov_xml_name(c->x, n));
        const uint32_t nth = n != c->section ? position(c->x, n) : 0;

        if (nth > 0) {
            prov_buf_put_char(out, '[');
            prov_buf_put_uint(out, nth, 1);
            prov_buf_put_char(out, ']');
        }
    }
}

/* In perm memory, as long as the diagnostic; without it if there is no room. */
static struct prov_str
path_of(const struct checker *c, uint32_t node)
{
    struct prov_buf out = { NULL, 0, 0 };

    put_path(c, node, &out);
    out.cap = out.len;
    out.len = 0;
    if (out.cap <= PATH_BYTES)
        out.ptr = prov_arena_perm(c->x->arena, out.cap, 1);
    if (out.ptr != NULL)
        put_path(c, node, &out);
    return prov_buf_str(&out);
}

/* What a migration step has made stands in no file: then the element around it is shown. */
static void
locate(const struct checker *c, uint32_t node, struct prov_xml_place *place)
{
    prov_xml_where(c->x, node, place);
    while (place->line == 0 && node != c->section) {
        node = prov_xml_parent(c->x, node);
        prov_xml_where(c->x, node, place);
    }
}

/* at: where in the source, NULL for the element itself. */
static enum prov_status
refuse_at(const struct checker *c, uint32_t node, const char *at, enum prov_diag_code code,
          struct prov_str subject, size_t need)
{
    struct prov_xml_place place;

    if (c->diag == NULL)
        return PROV_E_INVALID;
    if (at == NULL || !prov_xml_where_at(c->x, at, &place))
        locate(c, node, &place);
    *c->diag = (struct prov_diag){
        .status = PROV_E_INVALID,
        .code = code,
        .line = place.line,
        .column = place.column,
        .source = place.source,
        .path = path_of(c, node),
        .subject = subject,
        .need = need,
    };
    return PROV_E_INVALID;
}

static enum prov_status
refuse(const struct checker *c, uint32_t node, enum prov_diag_code code, size_t need)
{
    return refuse_at(c, node, NULL, code, prov_xml_name(c->x, node), need);
}

static enum prov_status
fail(const struct checker *c, enum prov_status status, enum prov_diag_code code)
{
    if (c->diag != NULL)
        *c->diag = (struct prov_diag){ .status = status, .code = code };
    if (c->diag != NULL && status == PROV_E_SPACE)
        c->diag->need = c->x->arena->need;
    return status;
}

/* at: where the attribute stands, NULL for a text. */
static enum prov_status
check_value(const struct checker *c, const struct prov_value_type *type,
            struct prov_xml_chars *chars, struct prov_str subject, const char *at)
{
    enum prov_diag_code code = PROV_D_NONE;
    size_t need = 0;

    if (prov_value_check(type, chars, &code, &need) != PROV_OK)
        return fail(c, PROV_E_ARG, PROV_D_BAD_ARGUMENT);
    return code == PROV_D_NONE ? PROV_OK : refuse_at(c, c->node, at, code, subject, need);
}

static enum prov_status
check_attributes(const struct checker *c)
{
    const struct prov_schema_element *e = c->element;
    struct prov_xml_chars chars;
    struct prov_str name, raw;
    uint32_t cursor = 0;

    while (prov_xml_attr_next(c->x, c->node, &cursor, &name, &raw)) {
        const struct prov_schema_attribute *a = find_attribute(e, name);
        enum prov_status status = PROV_OK;

        if (a != NULL && a->type != NULL) {
            prov_xml_chars_raw(&chars, raw);
            status = check_value(c, a->type, &chars, a->name, raw.ptr);
        } else if (a == NULL && !prov_schema_knows(e, name, c->node == c->section)) {
            status = refuse_at(c, c->node, name.ptr, PROV_D_SCHEMA_UNKNOWN_ATTRIBUTE, name, 0);
        }
        if (status != PROV_OK)
            return status;
    }
    for (size_t i = 0; i < e->attribute_count; i++) {
        const struct prov_schema_attribute *a = &e->attributes[i];

        if (a->required && !prov_xml_attr(c->x, c->node, a->name, &raw))
            return refuse_at(c, c->node, NULL, PROV_D_SCHEMA_MISSING_ATTRIBUTE, a->name, 0);
    }
    return PROV_OK;
}

static enum prov_status
check_text(const struct checker *c)
{
    const struct prov_str name = prov_xml_name(c->x, c->node);
    struct prov_xml_chars chars;

    if (c->element->text == NULL)
        return prov_xml_text_is_blank(c->x, c->node) ? PROV_OK
                                                     : refuse(c, c->node, PROV_D_SCHEMA_TEXT, 0);
    prov_xml_chars_text(&chars, c->x, c->node);
    return check_value(c, c->element->text, &chars, name, NULL);
}

/* An attribute value as plain text, in scratch memory if it is not one already. */
static bool
plain(struct prov_xml *x, struct prov_str raw, struct prov_str *out)
{
    bool as_is = true;

    for (size_t i = 0; i < raw.len && as_is; i++)
        as_is = raw.ptr[i] != '&' && raw.ptr[i] != '\t' && raw.ptr[i] != '\r' && raw.ptr[i] != '\n';
    *out = raw;
    if (as_is)
        return true;
    struct prov_buf buf = { prov_arena_scratch(x->arena, raw.len, 1), raw.len, 0 };

    if (buf.ptr == NULL || prov_xml_raw_decode(raw, &buf) != PROV_OK)
        return false;
    *out = prov_buf_str(&buf);
    return true;
}

/* No element before this one has the same key. One without it is found when it is looked at. */
static enum prov_status
check_key(const struct checker *c, const struct prov_schema_element *e, uint32_t child)
{
    const size_t scratch = prov_arena_mark(c->x->arena);
    struct prov_str raw, value;

    if (e->key.len == 0 || !prov_xml_attr(c->x, child, e->key, &raw))
        return PROV_OK;
    if (!plain(c->x, raw, &value))
        return fail(c, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE);
    const uint32_t first =
        prov_xml_find_keyed(c->x, c->node, prov_xml_name(c->x, child), e->key, value, NULL);

    prov_arena_release(c->x->arena, scratch);
    if (first == child)
        return PROV_OK;
    return refuse_at(c, child, raw.ptr, PROV_D_SCHEMA_KEY_TWICE, e->key, 0);
}

static uint32_t
most(const struct prov_schema_element *e)
{
    return e->max == 0 ? 1 : e->max;
}

/* Which children there are; how many of each comes out in counts. */
static enum prov_status
count_children(const struct checker *c, uint32_t *counts)
{
    const struct prov_schema_element *e = c->element;
    enum prov_status status = PROV_OK;
    uint32_t hint = 0;

    for (uint32_t n = prov_xml_first(c->x, c->node); n != PROV_XML_NONE && status == PROV_OK;
         n = prov_xml_next(c->x, n)) {
        const uint32_t child = prov_schema_child(e, c->x, n, &hint);

        if (child == 0 && (e->flags & PROV_SCHEMA_OPEN) != 0)
            continue;
        if (child == 0)
            status = refuse(c, n, PROV_D_SCHEMA_UNKNOWN_ELEMENT, 0);
        else if (counts[child - 1] == most(&e->children[child - 1]))
            status = refuse(c, n, PROV_D_SCHEMA_TOO_MANY, most(&e->children[child - 1]));
        else
            status = check_key(c, &e->children[child - 1], n);
        if (status == PROV_OK)
            counts[child - 1]++;
    }
    return status;
}

static enum prov_status
check_children(const struct checker *c)
{
    const struct prov_schema_element *e = c->element;
    const size_t scratch = prov_arena_mark(c->x->arena);

    if (e->child_count == 0 && prov_xml_first(c->x, c->node) == PROV_XML_NONE)
        return PROV_OK;
    uint32_t *counts =
        prov_arena_scratch(c->x->arena, e->child_count * sizeof(*counts), _Alignof(uint32_t));

    if (counts == NULL)
        return fail(c, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE);
    enum prov_status status = count_children(c, counts);

    for (size_t i = 0; i < e->child_count && status == PROV_OK; i++) {
        if (counts[i] < e->children[i].min)
            status = refuse_at(c, c->node, NULL, PROV_D_SCHEMA_MISSING_ELEMENT, e->children[i].name,
                               e->children[i].min);
    }
    prov_arena_release(c->x->arena, scratch);
    return status;
}

static enum prov_status
check_element(const struct checker *c)
{
    enum prov_status status = PROV_OK;

    if ((c->element->flags & PROV_SCHEMA_FREE) != 0)
        return PROV_OK;
    status = check_attributes(c);
    if (status == PROV_OK)
        status = check_text(c);
    return status == PROV_OK ? check_children(c) : status;
}

static bool
is_checked(const struct prov_xml *x, uint32_t node, const uint8_t checked[PROV_SCHEMA_TEXTS])
{
    const uint8_t source = x->nodes[node].source;

    return !prov_xml_has(x, node, NODE_DIRTY) &&
           (checked[source / 8] & (uint8_t)(1u << source % 8)) != 0;
}

enum prov_status
prov_schema_check(struct prov_xml *x, uint32_t section, const struct prov_schema *schema,
                  struct prov_diag *diag)
{
    static const uint8_t none[PROV_SCHEMA_TEXTS] = { 0 };

    return prov_schema_check_rest(x, section, schema, none, diag);
}

enum prov_status
prov_schema_check_rest(struct prov_xml *x, uint32_t section, const struct prov_schema *schema,
                       const uint8_t checked[PROV_SCHEMA_TEXTS], struct prov_diag *diag)
{
    struct checker c = { .x = x, .section = section, .diag = diag };
    struct prov_schema_walk w;
    enum prov_status status = PROV_OK;
    bool more = true;

    if (x == NULL || schema == NULL || !prov_xml_is_live(x, section))
        return fail(&c, PROV_E_ARG, PROV_D_BAD_ARGUMENT);
    prov_schema_walk_begin(&w, x, section, &schema->section);
    while (more && status == PROV_OK) {
        const bool pass = is_checked(x, w.node, checked);

        c.node = w.node;
        c.element = prov_schema_walk_element(&w);
        if (!pass)
            status = check_element(&c);
        more = pass ? prov_schema_walk_pass(&w) : prov_schema_walk_next(&w);
    }
    return status;
}

/* ---- Restart ---- */

/* The element of the table that this one is; *marked: it or one around it asks for a restart. */
static const struct prov_schema_element *
find_in_table(const struct prov_xml *x, const struct prov_schema *schema, uint32_t section,
              uint32_t node, bool *marked)
{
    const struct prov_schema_element *e = &schema->section;
    uint32_t levels = 0, hint;

    for (uint32_t n = node; n != section; n = prov_xml_parent(x, n))
        levels++;
    *marked = (e->flags & PROV_SCHEMA_RESTART) != 0;
    for (; levels > 0 && !*marked; levels--) {
        uint32_t n = node;

        for (uint32_t i = 1; i < levels; i++)
            n = prov_xml_parent(x, n);
        hint = 0;
        const uint32_t child = prov_schema_child(e, x, n, &hint);

        if (child == 0)
            return NULL;
        e = &e->children[child - 1];
        *marked = (e->flags & PROV_SCHEMA_RESTART) != 0;
    }
    return e;
}

bool
prov_schema_restart(const struct prov_xml *x, uint32_t root, uint32_t node,
                    const struct prov_dialect *dialect)
{
    uint32_t section = node;
    struct prov_schema_walk w;
    bool marked = false;

    if (x == NULL || dialect == NULL || !prov_xml_exists(x, node))
        return false;
    while (section != PROV_XML_NONE && prov_xml_parent(x, section) != root)
        section = prov_xml_parent(x, section);
    const struct prov_schema *schema = prov_schema_find(dialect, prov_xml_name(x, section));

    if (section == PROV_XML_NONE || root == PROV_XML_NONE || schema == NULL)
        return false;
    const struct prov_schema_element *e = find_in_table(x, schema, section, node, &marked);

    if (e == NULL || marked)
        return marked;
    prov_schema_walk_begin(&w, x, node, e);
    while (prov_schema_walk_next(&w) && !marked)
        marked = (prov_schema_walk_element(&w)->flags & PROV_SCHEMA_RESTART) != 0;
    return marked;
}
