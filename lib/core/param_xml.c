/* SPDX-License-Identifier: MIT */

/* Parameters of an XML document: leaf elements below the groups of the root (PAN-1). */

#include "base/str.h"
#include "core/param_work.h"
#include "core/xml/xml.h"

#define ACCESS_MAX 8u

/* One walk through the document. */
struct walk {
    struct prov_param_job *j;
    const struct prov_xml *x;
    uint32_t root;
    uint32_t node; /* the present element */
    uint32_t
        index_node; /* around it, or itself, with the line number; PROV_XML_NONE: there is none */
    uint16_t index;
    uint8_t group;
    bool enter; /* what is inside the present element is looked at */
    /* The last place that was told: lines are counted on from there. */
    struct prov_str text;
    size_t at, line_start;
    uint32_t line;
};

/* ---- Places: prov_xml_where() counts from the beginning each time ---- */

static void
start_text(struct walk *w, struct prov_str text)
{
    const bool marked = text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0;

    w->text = text;
    w->at = w->line_start = marked ? 3 : 0;
    w->line = 1;
}

static void
locate(struct walk *w, uint32_t node, uint32_t *line, uint32_t *column)
{
    const struct prov_str text = w->x->sources[w->x->nodes[node].source].text;
    const size_t to = prov_xml_tag_start(w->x, node);

    if (text.ptr != w->text.ptr || to < w->at)
        start_text(w, text);
    for (; w->at < to; w->at++) { /* before a `<`: there is always a byte behind a CR */
        const char c = text.ptr[w->at];

        if (c != '\n' && (c != '\r' || text.ptr[w->at + 1] == '\n'))
            continue;
        w->line++;
        w->line_start = w->at + 1;
    }
    *line = w->line;
    *column = (uint32_t)(to - w->line_start) + 1;
}

static void
report(struct walk *w, enum prov_status status, enum prov_diag_code code, size_t need)
{
    const uint32_t node = w->node;
    struct prov_diag diag = {
        .status = status,
        .code = code,
        .source = w->x->sources[w->x->nodes[node].source].name,
        .subject = prov_xml_local_name(w->x, node),
        .need = need,
    };

    if (w->j->items == NULL && status == PROV_OK)
        return; /* warnings come when everything is counted */
    locate(w, node, &diag.line, &diag.column);
    (void)prov_param_report(w->j, &diag);
}

static void
warn(struct walk *w, enum prov_diag_code code)
{
    report(w, PROV_OK, code, 0);
}

/* ---- One element ---- */

/* Decimal digits only. 0 if it is no line number. */
static uint16_t
read_index(struct prov_str raw)
{
    uint32_t value = 0;

    for (size_t i = 0; i < raw.len; i++) {
        if (!prov_is_digit(raw.ptr[i]))
            return 0;
        value = value * 10 + (uint32_t)(raw.ptr[i] - '0');
        if (value > PROV_PARAM_INDEX_MAX)
            return 0;
    }
    return (uint16_t)value;
}

/* The element's own line number, if it has one. False: it is to be skipped. */
static bool
take_index(struct walk *w)
{
    struct prov_str raw;

    if (!prov_xml_attr(w->x, w->node, w->j->rules->index, &raw))
        return true;
    const uint16_t index = read_index(raw);

    if (index == 0 || w->index_node != PROV_XML_NONE) {
        warn(w, index == 0 ? PROV_D_PARAM_INDEX : PROV_D_PARAM_INDEX_NESTED);
        return false;
    }
    w->index = index;
    w->index_node = w->node;
    return true;
}

static bool
is_word(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!prov_is_alpha(s.ptr[i]))
            return false;
    }
    return s.len <= ACCESS_MAX;
}

static void
take_rights(struct walk *w, struct prov_param *p)
{
    const struct prov_param_rules *rules = w->j->rules;
    struct prov_str raw;

    if (prov_xml_attr(w->x, w->node, rules->perm, &raw)) {
        for (size_t i = 0; i < rules->perm_count && p->perm == 0; i++) {
            if (!prov_xml_raw_is(raw, rules->perms[i].text))
                continue;
            p->perm = (uint8_t)(i + 1);
            p->flags = rules->perms[i].flags;
        }
        if (p->perm == 0)
            warn(w, PROV_D_PARAM_PERM);
    }
    if (prov_xml_attr(w->x, w->node, rules->access, &raw)) {
        if (is_word(raw))
            p->access = raw;
        else
            warn(w, PROV_D_PARAM_ACCESS);
    }
}

/* The bytes between the tags say what the value is: nothing to be replaced, nothing edited. */
static bool
is_plain(const struct walk *w, struct prov_str *value)
{
    const struct prov_xml_node *n = &w->x->nodes[w->node];

    if (n->first != PROV_XML_NONE || prov_xml_has(w->x, w->node, NODE_RELAID | NODE_HOLED))
        return false;
    *value = prov_xml_bytes(w->x, w->node, n->body, prov_xml_close_start(w->x, w->node));
    return value->len == 0 || (memchr(value->ptr, '&', value->len) == NULL &&
                               memchr(value->ptr, '<', value->len) == NULL &&
                               memchr(value->ptr, '\r', value->len) == NULL);
}

static bool
take_value(struct walk *w, struct prov_str *value)
{
    struct prov_xml_chars chars;
    size_t len = 0;
    int b;

    if (!is_plain(w, value)) {
        prov_xml_chars_text(&chars, w->x, w->node);
        while (prov_xml_chars_next(&chars) >= 0)
            len++;
        char *copy = prov_arena_perm(w->j->arena, len, 1);

        if (copy == NULL)
            return false;
        *value = (struct prov_str){ copy, len };
        prov_xml_chars_text(&chars, w->x, w->node);
        while ((b = prov_xml_chars_next(&chars)) >= 0)
            *copy++ = (char)b;
    }
    *value = prov_str_trim(*value);
    return true;
}

/* False: no room. */
static bool
take_leaf(struct walk *w)
{
    struct prov_param p = {
        .name = prov_xml_local_name(w->x, w->node),
        .order = w->j->count++,
        .index = w->index,
        .group = w->group,
    };

    if (w->j->items == NULL)
        return true;
    locate(w, w->node, &p.line, &p.column);
    take_rights(w, &p);
    if (!take_value(w, &p.value))
        return false;
    w->j->items[p.order] = p;
    return true;
}

/* ---- The way through the document ---- */

static bool
find_group(struct walk *w)
{
    const struct prov_param_rules *rules = w->j->rules;
    const struct prov_str name = prov_xml_local_name(w->x, w->node);

    for (size_t i = 0; i < rules->group_count; i++) {
        if (prov_str_eq_nocase(rules->groups[i], name)) {
            w->group = (uint8_t)i;
            return true;
        }
    }
    warn(w, PROV_D_PARAM_GROUP);
    return false;
}

/* False: no room. */
static bool
visit(struct walk *w)
{
    const bool group = prov_xml_parent(w->x, w->node) == w->root;

    w->enter = w->node == w->root || (group ? find_group(w) : take_index(w));
    if (!w->enter)
        return true;
    if (w->node != w->root && !group && prov_xml_first(w->x, w->node) == PROV_XML_NONE)
        return take_leaf(w);
    if (!prov_xml_text_is_blank(w->x, w->node))
        warn(w, PROV_D_PARAM_MIXED);
    return true;
}

/* To the next element in document order; what is left behind loses its line number. */
static void
go_on(struct walk *w)
{
    uint32_t next = w->enter ? prov_xml_first(w->x, w->node) : PROV_XML_NONE;

    while (next == PROV_XML_NONE && w->node != w->root) {
        if (w->node == w->index_node) {
            w->index_node = PROV_XML_NONE;
            w->index = 0;
        }
        next = prov_xml_next(w->x, w->node);
        w->node = prov_xml_parent(w->x, w->node);
    }
    w->node = next;
}

/* Count, or read if there is memory for it. False: no room. */
static bool
walk_all(struct prov_param_job *j, const struct prov_xml *x, uint32_t root)
{
    struct walk w = { .j = j, .x = x, .root = root, .node = root };
    bool room = true;

    j->count = 0;
    while (w.node != PROV_XML_NONE && room) {
        room = visit(&w);
        go_on(&w);
    }
    return room;
}

/* ---- Interface ---- */

static bool
are_rules(const struct prov_param_rules *r)
{
    return r->cfg == NULL && r->root.len > 0 && r->groups != NULL && r->group_count > 0 &&
           r->group_count <= UINT8_MAX && r->index_element.len > 0 && r->index.len > 0 &&
           r->perm_count <= UINT8_MAX && (r->perms != NULL || r->perm_count == 0) &&
           (unsigned)r->equal <= PROV_CFG_LAST;
}

static enum prov_status
check_document(struct prov_param_job *j, const struct prov_xml *x, uint32_t root)
{
    struct walk w = { .j = j, .x = x, .root = root, .node = root };
    const uint32_t most = j->rules->file_bytes;

    if (!prov_str_eq_nocase(prov_xml_local_name(x, root), j->rules->root)) {
        report(&w, PROV_E_TYPE, PROV_D_PARAM_ROOT, 0);
        return PROV_E_TYPE;
    }
    if (most > 0 && x->sources[x->nodes[root].source].text.len > most) {
        report(&w, PROV_E_LIMIT, PROV_D_PARAM_FILE_LONG, most);
        return PROV_E_LIMIT;
    }
    return PROV_OK;
}

static enum prov_status
no_room(const struct prov_param_job *j)
{
    const struct prov_diag diag = { .status = PROV_E_SPACE,
                                    .code = PROV_D_NO_ARENA_SPACE,
                                    .need = j->arena->need };

    return prov_param_report(j, &diag);
}

enum prov_status
prov_params_read_xml(struct prov_params *out, const struct prov_param_rules *rules,
                     const struct prov_xml *x, uint32_t root, struct prov_arena *arena,
                     struct prov_diags *diags)
{
    struct prov_param_job j = { .rules = rules, .arena = arena, .diags = diags };

    if (out == NULL || rules == NULL || x == NULL || arena == NULL || !prov_xml_exists(x, root) ||
        !are_rules(rules)) {
        const struct prov_diag diag = { .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };

        return prov_param_report(&j, &diag);
    }
    j.source = x->sources[x->nodes[root].source].name;
    const enum prov_status status = check_document(&j, x, root);

    if (status != PROV_OK)
        return status;
    (void)walk_all(&j, x, root);
    j.items = prov_arena_perm(arena, j.count * sizeof(*j.items), _Alignof(struct prov_param));
    if (j.items == NULL || !walk_all(&j, x, root))
        return no_room(&j);
    prov_param_finish(&j, out);
    return PROV_OK;
}
