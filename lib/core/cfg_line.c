/* SPDX-License-Identifier: MIT */
#include "core/cfg_line.h"

#include "base/str.h"

size_t
prov_cfg_name_end(struct prov_str s, size_t at)
{
    while (at < s.len && (prov_is_alpha(s.ptr[at]) || prov_is_digit(s.ptr[at]) || s.ptr[at] == '_'))
        at++;
    return at;
}

/* Bytes of a byte order mark. */
static size_t
order_mark(struct prov_str text)
{
    return text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Length of the UTF-8 sequence of two bytes or more at p, 0 if it is malformed. */
static size_t
sequence(const unsigned char *p, size_t left)
{
    const size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (p[0] < 0xC2 || p[0] > 0xF4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates, beyond U+10FFFF. */
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return n;
}

/* The first byte that is not UTF-8, s.len if there is none. */
static size_t
utf8_end(struct prov_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t at = 0, n = 1;

    while (at < s.len && n > 0) {
        n = p[at] < 0x80 ? 1 : sequence(p + at, s.len - at);
        at += n;
    }
    return at;
}

static void
skip(struct prov_cfg_work *w, size_t at, enum prov_diag_code code)
{
    w->line.kind = PROV_CFG_SKIPPED;
    w->line.code = code;
    w->fault = at;
}

/* Something else stands where the form of a line asks for a certain byte. */
static void
stray(struct prov_cfg_work *w, size_t at, enum prov_diag_code code)
{
    if (prov_cfg_is_byte(w->s, at, '\r'))
        code = PROV_D_CFG_CR;
    else if (prov_cfg_is_byte(w->s, at, ' ') || prov_cfg_is_byte(w->s, at, '\t'))
        code = PROV_D_CFG_BLANK;
    skip(w, at, code);
}

/* The form is right: the limits, then the encoding. The line counts even if that is wrong. */
static void
read_limits(struct prov_cfg_work *w, struct prov_str value, size_t from)
{
    if (w->name.len > w->rules->name_bytes) {
        w->need = w->rules->name_bytes;
        skip(w, w->from + w->need, PROV_D_CFG_NAME_LONG);
        return;
    }
    if (value.len > w->rules->value_bytes) {
        w->need = w->rules->value_bytes;
        skip(w, from + w->need, PROV_D_CFG_VALUE_LONG);
        return;
    }
    w->fault = from + utf8_end(value);
    w->line.code = w->fault < from + value.len ? PROV_D_CFG_NOT_UTF8 : PROV_D_NONE;
    w->line.kind = PROV_CFG_PARAMETER;
    w->line.name = w->name;
    w->line.value = value;
    w->line.column = (uint32_t)from + 1;
}

/* From the first byte behind the opening quotation mark. */
static void
read_value(struct prov_cfg_work *w, size_t from)
{
    const struct prov_str rest = prov_str_cut(w->s, from, w->s.len);
    const char *close = rest.len > 0 ? memchr(rest.ptr, '"', rest.len) : NULL;
    size_t at = from;

    if (close == NULL) {
        skip(w, from - 1, PROV_D_CFG_OPEN);
        return;
    }
    while (!prov_cfg_is_control(w->s.ptr[at]) && w->s.ptr[at] != '"')
        at++;
    if (w->s.ptr[at] != '"')
        skip(w, at, w->s.ptr[at] == '\r' ? PROV_D_CFG_CR : PROV_D_CFG_CONTROL);
    else if (at + 1 < w->s.len)
        stray(w, at + 1, PROV_D_CFG_BEHIND);
    else
        read_limits(w, prov_str_cut(w->s, from, at), from);
}

static void
read_parameter(struct prov_cfg_work *w)
{
    const size_t end = prov_cfg_name_end(w->s, w->from);

    if (end == w->from) {
        stray(w, end, PROV_D_CFG_NO_NAME);
    } else if (!prov_cfg_is_byte(w->s, end, '=')) {
        stray(w, end, PROV_D_CFG_NO_EQUALS);
    } else if (!prov_cfg_is_byte(w->s, end + 1, '"')) {
        stray(w, end + 1, PROV_D_CFG_NO_QUOTE);
    } else {
        w->name = prov_str_cut(w->s, w->from, end);
        read_value(w, end + 2);
    }
}

/* What a comment says does not matter; but a CR may hide a line that was meant to count. */
static void
read_comment(struct prov_cfg_work *w)
{
    const char *cr = memchr(w->s.ptr, '\r', w->s.len);

    w->line.kind = PROV_CFG_COMMENT;
    if (cr != NULL) {
        w->line.code = PROV_D_CFG_CR;
        w->fault = (size_t)(cr - w->s.ptr);
    }
}

static void
classify(struct prov_cfg_work *w)
{
    /* So that a line keeps its meaning when a writer puts a line end behind it. */
    const size_t bytes = prov_cfg_ends(w->line.raw) ? w->line.raw.len : w->s.len + 2;
    size_t at = w->from;

    while (prov_cfg_is_byte(w->s, at, ' ') || prov_cfg_is_byte(w->s, at, '\t'))
        at++;
    if (bytes > w->rules->line_bytes) {
        w->need = w->rules->line_bytes;
        skip(w, w->need < w->s.len ? w->need : w->s.len, PROV_D_CFG_LINE_LONG);
    } else if (at == w->s.len) {
        w->line.kind = PROV_CFG_BLANK;
    } else if (prov_cfg_is_byte(w->s, w->from, '#')) {
        read_comment(w);
    } else {
        read_parameter(w);
    }
    if (w->line.kind == PROV_CFG_SKIPPED)
        w->line.column = (uint32_t)w->fault + 1;
}

bool
prov_cfg_read_line(struct prov_cfg *c, struct prov_cfg_work *w)
{
    const struct prov_str rest = prov_str_cut(c->text, c->pos, c->text.len);

    if (rest.len == 0)
        return false;
    const char *lf = memchr(rest.ptr, '\n', rest.len);
    const size_t n = lf != NULL ? (size_t)(lf - rest.ptr) + 1 : rest.len;

    *w = (struct prov_cfg_work){ .rules = c->rules };
    w->line.raw = prov_str_cut(rest, 0, n);
    w->line.line = c->line + 1;
    w->line.column = 1;
    w->s = prov_str_cut(rest, 0, n - prov_cfg_line_end(w->line.raw).len);
    w->from = c->pos == 0 ? order_mark(w->s) : 0;
    classify(w);
    c->pos += n;
    c->line++;
    return true;
}

enum prov_cfg_stop
prov_cfg_stops(const struct prov_cfg_work *w)
{
    if (w->line.code == PROV_D_CFG_OPEN)
        return PROV_CFG_STOP_VALUE;
    if (w->fault < w->s.len)
        return PROV_CFG_STOP_NOT;
    if (w->line.code == PROV_D_CFG_NO_EQUALS)
        return PROV_CFG_STOP_NAME;
    return w->line.code == PROV_D_CFG_NO_QUOTE ? PROV_CFG_STOP_EQUALS : PROV_CFG_STOP_NOT;
}
