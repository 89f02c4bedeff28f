/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

#include "base/buf.h"

/* ---- Tokens of well-formed text; `end` is never passed all the same ---- */

static bool
starts(const char *at, const char *end, struct prov_str with)
{
    return (size_t)(end - at) >= with.len && memcmp(at, with.ptr, with.len) == 0;
}

/* The byte after the next `mark`, whose last byte is `>`; the end if there is none. */
static const char *
after(const char *at, const char *end, struct prov_str mark)
{
    const char *from = at;

    while (at < end && (at = memchr(at, '>', (size_t)(end - at))) != NULL) {
        at++;
        if ((size_t)(at - from) >= mark.len && memcmp(at - mark.len, mark.ptr, mark.len) == 0)
            return at;
    }
    return end;
}

/* What begins with `<` and is no tag. */
static const struct special {
    struct prov_str opens, closes;
    enum prov_xml_token kind;
} specials[] = {
    { PROV_STR_INIT("<!--"), PROV_STR_INIT("-->"), TOKEN_MISC },
    { PROV_STR_INIT("<![CDATA["), PROV_STR_INIT("]]>"), TOKEN_CDATA },
    { PROV_STR_INIT("<?"), PROV_STR_INIT("?>"), TOKEN_MISC },
};
#define SPECIALS (sizeof(specials) / sizeof(specials[0]))

static void
take_markup(const char **at, const char *end, enum prov_xml_token *kind, struct prov_str *token)
{
    const char *from = *at;

    for (size_t i = 0; i < SPECIALS; i++) {
        const struct special *s = &specials[i];

        if (starts(from, end, s->opens)) {
            const char *inside = from + s->opens.len;

            *at = after(inside, end, s->closes);
            *kind = s->kind;
            *token = (struct prov_str){ inside, (size_t)(*at - inside) - s->closes.len };
            return;
        }
    }
    *at = prov_xml_tag_end(from, end);
    *token = (struct prov_str){ from, (size_t)(*at - from) };
    *kind = from[1] == '/' ? TOKEN_END : (*at)[-2] == '/' ? TOKEN_EMPTY : TOKEN_START;
}

bool
prov_xml_token_next(const char **at, const char *end, enum prov_xml_token *kind,
                    struct prov_str *token)
{
    const char *from = *at;

    if (from == end)
        return false;
    if (*from == '<') {
        take_markup(at, end, kind, token);
        return true;
    }
    const char *stop = memchr(from, '<', (size_t)(end - from));

    *at = stop != NULL ? stop : end;
    *kind = TOKEN_TEXT;
    *token = (struct prov_str){ from, (size_t)(*at - from) };
    return true;
}

/* ---- Gaps ---- */

static bool
is_blank(struct prov_str s)
{
    return prov_str_trim(s).len == 0;
}

/* The first element inside a gap: its first byte and the one after it. */
static bool
find_hole(const char **from, const char **to, const char *end)
{
    enum prov_xml_token kind;
    struct prov_str token;
    const char *at = *from, *start = at;
    size_t depth = 0;

    while (prov_xml_token_next(&at, end, &kind, &token)) {
        if (kind == TOKEN_START && depth++ == 0)
            *from = start;
        if (kind == TOKEN_EMPTY && depth == 0)
            *from = start;
        if (kind == TOKEN_END)
            depth--;
        if ((kind == TOKEN_EMPTY || kind == TOKEN_END) && depth == 0) {
            *to = at;
            return true;
        }
        start = at;
    }
    return false;
}

/*
 * An element that is gone takes the white space before it along. If text stands
 * there, every blank of it counts; behind a comment none does.
 */
static void
trim_gap(struct prov_str text, struct prov_xml_gap *gap)
{
    const char *at = text.ptr + gap->from, *end = text.ptr + gap->to;
    enum prov_xml_token kind, last = TOKEN_MISC;
    struct prov_str token;
    uint32_t keep = gap->from;

    while (prov_xml_token_next(&at, end, &kind, &token)) {
        if (kind == TOKEN_TEXT && is_blank(token))
            continue;
        last = kind;
        keep = (uint32_t)(at - text.ptr);
    }
    if (last == TOKEN_MISC)
        gap->to = keep;
    /* `]]` and `>`, CR and LF would become something else side by side. */
    gap->split = gap->to > gap->from && (end[-1] == ']' || end[-1] == '\r') && last != TOKEN_MISC;
}

void
prov_xml_gaps_init(struct prov_xml_gaps *g, const struct prov_xml *x, uint32_t node)
{
    *g = (struct prov_xml_gaps){ x, node, x->nodes[node].first, x->nodes[node].body, false };
}

/* Where the gap ends that holds no original any more: at the next original, or the end tag. */
static uint32_t
gap_limit(struct prov_xml_gaps *g)
{
    uint32_t child = g->child;

    while (child != PROV_XML_NONE && !prov_xml_has(g->x, child, NODE_ORIGINAL | NODE_APPENDED))
        child = g->x->nodes[child].next;
    g->child = child;
    if (child != PROV_XML_NONE && prov_xml_has(g->x, child, NODE_ORIGINAL))
        return prov_xml_tag_start(g->x, child);
    return prov_xml_close_start(g->x, g->node);
}

static bool
gap_before_hole(struct prov_xml_gaps *g, struct prov_str text, struct prov_xml_gap *out)
{
    const char *from = text.ptr + g->at, *to = NULL;

    if (!prov_xml_has(g->x, g->node, NODE_HOLED) || !find_hole(&from, &to, text.ptr + out->to))
        return false;
    out->to = (uint32_t)(from - text.ptr);
    g->at = (uint32_t)(to - text.ptr);
    trim_gap(text, out);
    return true;
}

/* In a list that is the whole content each text item is a gap, and there is none elsewhere. */
static void
relaid_gap(struct prov_xml_gaps *g, struct prov_xml_gap *out)
{
    const uint32_t item = g->child;

    *out = (struct prov_xml_gap){ .owner = g->node };
    if (item == PROV_XML_NONE) {
        g->ended = out->last = true;
        return;
    }
    const struct prov_xml_node *n = &g->x->nodes[item];

    g->child = n->next;
    if (prov_xml_is_text(g->x, item))
        *out = (struct prov_xml_gap){ .owner = item, .from = n->tag, .to = n->end };
    else
        out->child = item;
}

bool
prov_xml_gap_next(struct prov_xml_gaps *g, struct prov_xml_gap *out)
{
    const struct prov_xml *x = g->x;

    if (g->ended)
        return false;
    if (prov_xml_has(x, g->node, NODE_RELAID)) {
        relaid_gap(g, out);
        return true;
    }
    const struct prov_str text = x->sources[x->nodes[g->node].source].text;

    *out = (struct prov_xml_gap){ .owner = g->node, .from = g->at, .to = gap_limit(g) };
    if (gap_before_hole(g, text, out))
        return true;
    const uint32_t child = g->child;

    if (child == PROV_XML_NONE || !prov_xml_has(x, child, NODE_ORIGINAL)) {
        g->at = out->to;
        g->ended = out->last = true;
        return true;
    }
    g->child = x->nodes[child].next;
    g->at = x->nodes[child].end;
    if (prov_xml_has(x, child, NODE_DELETED))
        trim_gap(text, out);
    else
        out->child = prov_xml_has(x, child, NODE_REPLACED) ? g->child : child;
    return true;
}

/* ---- Decoded bytes ---- */

void
prov_xml_chars_raw(struct prov_xml_chars *c, struct prov_str raw)
{
    *c = (struct prov_xml_chars){ .attribute = true };
    c->gaps.ended = true;
    if (raw.len > 0) {
        c->at = raw.ptr;
        c->end = raw.ptr + raw.len;
    }
}

void
prov_xml_chars_text(struct prov_xml_chars *c, const struct prov_xml *x, uint32_t node)
{
    *c = (struct prov_xml_chars){ .attribute = false };
    prov_xml_gaps_init(&c->gaps, x, node);
}

/* Makes the next token of character data the present one. */
static bool
next_run(struct prov_xml_chars *c)
{
    enum prov_xml_token kind;
    struct prov_str token;
    struct prov_xml_gap gap;

    for (;;) {
        while (c->run != c->run_end && prov_xml_token_next(&c->run, c->run_end, &kind, &token)) {
            if (kind > TOKEN_CDATA || token.len == 0)
                continue;
            c->at = token.ptr;
            c->end = token.ptr + token.len;
            c->kind = (uint8_t)kind;
            return true;
        }
        if (!prov_xml_gap_next(&c->gaps, &gap))
            return false;
        const struct prov_str s = prov_xml_bytes(c->gaps.x, gap.owner, gap.from, gap.to);

        c->run = s.ptr;
        c->run_end = s.ptr + s.len;
    }
}

/* Lays a character out as UTF-8: its first byte is the result, the others wait. */
static int
put_utf8(struct prov_xml_chars *c, uint32_t code)
{
    static const uint8_t lead[] = { 0x00, 0xC0, 0xE0, 0xF0 };
    const uint8_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    for (uint8_t i = 0; i < more; i++) {
        c->held[i] = (unsigned char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    c->held_count = more;
    return (int)(lead[more] | code);
}

/* The number of `&#65;` or `&#x41;`; 0 if it is none. */
static uint32_t
char_reference(struct prov_str digits)
{
    const bool hex = digits.len > 0 && digits.ptr[0] == 'x';
    uint32_t code = 0;

    for (size_t i = hex ? 1 : 0; i < digits.len; i++) {
        const int v = prov_hex_value(digits.ptr[i]);

        if (v < 0 || (!hex && v > 9))
            return 0;
        code = code * (hex ? 16u : 10u) + (uint32_t)v;
        if (code > 0x10FFFF)
            return 0;
    }
    return code;
}

static uint32_t
entity(struct prov_str name)
{
    static const struct {
        struct prov_str name;
        uint32_t code;
    } known[] = {
        { PROV_STR_INIT("lt"), '<' },   { PROV_STR_INIT("gt"), '>' },
        { PROV_STR_INIT("amp"), '&' },  { PROV_STR_INIT("apos"), '\'' },
        { PROV_STR_INIT("quot"), '"' },
    };

    if (name.len > 0 && name.ptr[0] == '#')
        return char_reference(prov_str_cut(name, 1, name.len));
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (prov_str_eq(name, known[i].name))
            return known[i].code;
    }
    return 0;
}

/* The character of a reference that begins at `at`, 0 if it is none; and the byte after it. */
static uint32_t
reference(const char *at, const char *end, const char **after_it)
{
    const char *name = at + 1;
    const char *stop = memchr(name, ';', (size_t)(end - name));

    if (stop == NULL)
        return 0;
    *after_it = stop + 1;
    return entity((struct prov_str){ name, (size_t)(stop - name) });
}

bool
prov_xml_is_reference(struct prov_str text)
{
    const char *after_it;

    return reference(text.ptr, text.ptr + text.len, &after_it) != 0;
}

/* At an ampersand. One that begins nothing known stands for itself. */
static int
take_reference(struct prov_xml_chars *c)
{
    const char *after_it = c->at;
    const uint32_t code = reference(c->at, c->end, &after_it);

    c->at = code != 0 ? after_it : c->at + 1;
    return put_utf8(c, code != 0 ? code : '&');
}

int
prov_xml_chars_next(struct prov_xml_chars *c)
{
    if (c->held_count > 0)
        return c->held[--c->held_count];
    if (c->at == c->end && !next_run(c))
        return -1;
    if (*c->at == '&' && c->kind == TOKEN_TEXT)
        return take_reference(c);
    char b = *c->at++;

    if (b == '\r') {
        if (c->at < c->end && *c->at == '\n')
            c->at++;
        b = '\n';
    }
    if (c->attribute && prov_is_blank(b))
        b = ' ';
    return (unsigned char)b;
}

bool
prov_xml_chars_equal(struct prov_xml_chars *a, struct prov_xml_chars *b)
{
    int from_a, from_b;

    do {
        from_a = prov_xml_chars_next(a);
        from_b = prov_xml_chars_next(b);
    } while (from_a == from_b && from_a >= 0);
    return from_a == from_b;
}

static bool
chars_are(struct prov_xml_chars *c, struct prov_str plain)
{
    for (size_t i = 0; i < plain.len; i++) {
        if (prov_xml_chars_next(c) != (unsigned char)plain.ptr[i])
            return false;
    }
    return prov_xml_chars_next(c) < 0;
}

static enum prov_status
put_all(struct prov_xml_chars *c, struct prov_buf *out)
{
    const size_t mark = out->len;

    for (int b = prov_xml_chars_next(c); b >= 0; b = prov_xml_chars_next(c))
        prov_buf_put_char(out, (char)b);
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

/* ---- The public face ---- */

bool
prov_xml_raw_is(struct prov_str raw, struct prov_str plain)
{
    struct prov_xml_chars c;
    size_t i = 0;

    /* Most values are plain and need no decoder. */
    while (i < raw.len && i < plain.len && raw.ptr[i] == plain.ptr[i] && raw.ptr[i] != '&' &&
           !prov_is_blank(raw.ptr[i]))
        i++;
    if (i == raw.len)
        return i == plain.len;
    prov_xml_chars_raw(&c, prov_str_cut(raw, i, raw.len));
    return chars_are(&c, prov_str_cut(plain, i, plain.len));
}

enum prov_status
prov_xml_raw_decode(struct prov_str raw, struct prov_buf *out)
{
    struct prov_xml_chars c;

    if (out == NULL)
        return PROV_E_ARG;
    prov_xml_chars_raw(&c, raw);
    return put_all(&c, out);
}

enum prov_status
prov_xml_text(const struct prov_xml *x, uint32_t node, struct prov_buf *out)
{
    struct prov_xml_chars c;

    if (out == NULL || !prov_xml_exists(x, node))
        return PROV_E_ARG;
    prov_xml_chars_text(&c, x, node);
    return put_all(&c, out);
}

bool
prov_xml_text_is(const struct prov_xml *x, uint32_t node, struct prov_str plain)
{
    struct prov_xml_chars c;

    if (!prov_xml_exists(x, node))
        return false;
    prov_xml_chars_text(&c, x, node);
    return chars_are(&c, plain);
}

bool
prov_xml_text_is_blank(const struct prov_xml *x, uint32_t node)
{
    struct prov_xml_chars c;
    int b;

    if (!prov_xml_exists(x, node))
        return true;
    prov_xml_chars_text(&c, x, node);
    do {
        while (c.at != c.end && prov_is_blank(*c.at))
            c.at++;
        b = prov_xml_chars_next(&c);
    } while (b >= 0 && prov_is_blank((char)b));
    return b < 0;
}
