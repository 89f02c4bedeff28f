/* SPDX-License-Identifier: MIT */
#include <prov/diag.h>

#include "base/buf.h"
#include "base/diag_table.h"

void
prov_diags_add(struct prov_diags *list, const struct prov_diag *diag)
{
    if (list == NULL || diag == NULL)
        return;
    if (list->count < list->cap)
        list->items[list->count++] = *diag;
    else
        list->dropped++;
}

/* The registry is sorted by number. */
static const struct prov_diag_entry *
find(enum prov_diag_code code)
{
    size_t from = 0, to = prov_diag_table_count;

    while (from < to) {
        const size_t mid = from + (to - from) / 2;

        if (prov_diag_table[mid].code == (unsigned)code)
            return &prov_diag_table[mid];
        if (prov_diag_table[mid].code < (unsigned)code)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

enum prov_severity
prov_diag_severity(enum prov_diag_code code)
{
    const struct prov_diag_entry *e = find(code);

    return e != NULL ? (enum prov_severity)e->severity : PROV_SEVERITY_ERROR;
}

const char *
prov_diag_remedy(enum prov_diag_code code)
{
    const struct prov_diag_entry *e = find(code);

    return e != NULL ? e->remedy : "";
}

/* Enough to recognise the place; the whole of it stands in the file. */
#define SUBJECT_SHOWN 100u
#define PATH_SHOWN 500u

/* Invisible marks that turn the direction of text: U+200E..200F, 202A..202E, 2066..2069. */
static bool
turns_direction(const unsigned char *p)
{
    return p[0] == 0xE2 && ((p[1] == 0x80 && (p[2] == 0x8E || p[2] == 0x8F)) ||
                            (p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) ||
                            (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

/* Length of the valid UTF-8 sequence at the start of s, 0 if there is none or it is a control. */
static size_t
printable(struct prov_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (n == 1)
        return p[0] >= 0x20 && p[0] != 0x7F;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n > s.len || (p[0] == 0xC2 && p[1] < 0xA0))
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates, beyond U+10FFFF. */
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return turns_direction(p) ? 0 : n;
}

/* What somebody else wrote must not steer the terminal it is printed on. */
static void
put_shown(struct prov_buf *out, struct prov_str s, size_t most)
{
    static const char hex[] = "0123456789ABCDEF";
    const size_t end = s.len > most ? s.len - most : 0; /* bytes that are not shown */

    while (s.len > end) {
        const size_t n = printable(s);

        if (n == 0) {
            const unsigned c = (unsigned char)s.ptr[0];
            const char text[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

            prov_buf_put(out, text, sizeof(text));
        } else {
            prov_buf_put(out, s.ptr, n);
        }
        s = prov_str_cut(s, n == 0 ? 1 : n, s.len);
    }
    if (end > 0)
        prov_buf_put_z(out, "...");
}

/* A template holds {subject} and {need}; everything else is plain. */
static void
put_text(const struct prov_diag *d, struct prov_buf *out)
{
    static const struct prov_str subject = PROV_STR_INIT("{subject}");
    static const struct prov_str need = PROV_STR_INIT("{need}");
    const struct prov_diag_entry *e = find(d->code);
    struct prov_str t = prov_str_z(e != NULL ? e->text : "unknown diagnostic");

    while (t.len > 0) {
        size_t n = 1;

        if (t.len >= subject.len && memcmp(t.ptr, subject.ptr, subject.len) == 0) {
            put_shown(out, d->subject, SUBJECT_SHOWN);
            n = subject.len;
        } else if (t.len >= need.len && memcmp(t.ptr, need.ptr, need.len) == 0) {
            prov_buf_put_uint(out, d->need, 1);
            n = need.len;
        } else {
            prov_buf_put(out, t.ptr, 1);
        }
        t = prov_str_cut(t, n, t.len);
    }
    if (d->path.len > 0) {
        prov_buf_put_z(out, " (at ");
        put_shown(out, d->path, PATH_SHOWN);
        prov_buf_put_char(out, ')');
    }
}

static enum prov_status
finish(struct prov_buf *out, size_t mark)
{
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

enum prov_status
prov_diag_text(const struct prov_diag *diag, struct prov_buf *out)
{
    if (diag == NULL || out == NULL)
        return PROV_E_ARG;
    const size_t mark = out->len;

    put_text(diag, out);
    return finish(out, mark);
}

enum prov_status
prov_diag_format(const struct prov_diag *diag, struct prov_buf *out)
{
    if (diag == NULL || out == NULL)
        return PROV_E_ARG;
    const size_t mark = out->len;
    const bool warning = prov_diag_severity(diag->code) == PROV_SEVERITY_WARNING;

    if (diag->source.len > 0) {
        put_shown(out, diag->source, diag->source.len);
        prov_buf_put_char(out, ':');
    }
    if (diag->line > 0) {
        prov_buf_put_uint(out, diag->line, 1);
        prov_buf_put_char(out, ':');
    }
    if (diag->column > 0) {
        prov_buf_put_uint(out, diag->column, 1);
        prov_buf_put_char(out, ':');
    }
    if (out->len > mark)
        prov_buf_put_char(out, ' ');
    prov_buf_put_z(out, warning ? "warning: " : "error: ");
    put_text(diag, out);
    prov_buf_put_z(out, " [PROV-");
    prov_buf_put_uint(out, (uint64_t)diag->code, 4);
    prov_buf_put_char(out, ']');
    return finish(out, mark);
}
