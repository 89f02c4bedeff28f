/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/uri.h>

static void *
checked(void *p)
{
    if (p == NULL) {
        fputs("prov: out of memory\n", stderr);
        exit(3);
    }
    return p;
}

void *
tool_alloc(size_t bytes)
{
    return checked(calloc(1, bytes > 0 ? bytes : 1));
}

void *
tool_resize(void *p, size_t bytes)
{
    return checked(realloc(p, bytes > 0 ? bytes : 1));
}

void
text_free(struct text *t)
{
    free(t->ptr);
    *t = (struct text){ 0 };
}

void
text_reserve(struct text *t, size_t more)
{
    const size_t need = t->len + more + 1;
    size_t cap = t->cap > 0 ? t->cap : 64;

    if (need <= t->cap)
        return;
    while (cap < need)
        cap *= 2;
    t->ptr = tool_resize(t->ptr, cap);
    t->cap = cap;
}

void
text_add(struct text *t, struct prov_str s)
{
    text_reserve(t, s.len);
    if (s.len > 0)
        memcpy(t->ptr + t->len, s.ptr, s.len);
    t->len += s.len;
    t->ptr[t->len] = '\0';
}

void
text_add_z(struct text *t, const char *z)
{
    text_add(t, prov_str_z(z));
}

void
text_addf(struct text *t, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0) {
        text_reserve(t, (size_t)n);
        (void)vsnprintf(t->ptr + t->len, (size_t)n + 1, format, again);
        t->len += (size_t)n;
    }
    va_end(again);
}

struct prov_str
text_str(const struct text *t)
{
    const struct prov_str s = { t->ptr, t->len };

    return s;
}

static size_t
expected_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    return c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* Length of the printable UTF-8 sequence at the start of s, 0 if there is none. */
static size_t
printable(struct prov_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    const size_t n = expected_length(p[0]);

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
    return n;
}

void
text_add_shown(struct text *t, struct prov_str s)
{
    while (s.len > 0) {
        const size_t n = printable(s);

        if (n == 0)
            text_addf(t, "\\x%02X", (unsigned)(unsigned char)s.ptr[0]);
        else
            text_add(t, prov_str_cut(s, 0, n));
        s = prov_str_cut(s, n == 0 ? 1 : n, s.len);
    }
}

static bool
ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#' || c == ' ' || c == '"' || c == '\'' || c == '<' ||
           c == '>' || c == '\n';
}

/*
 * Where the user part after a scheme ends: behind its last '@', or `from` if there is none. In XML
 * the '@' may be written as a character reference; then nothing is sure and all of it is hidden.
 */
static size_t
after_user(struct prov_str s, size_t from)
{
    size_t end = from, i = from;

    for (; i < s.len && !ends_authority(s.ptr[i]); i++) {
        if (s.ptr[i] == '@')
            end = i + 1;
    }
    if (i == s.len || s.ptr[i] != '#' || i == from || s.ptr[i - 1] != '&')
        return end;
    while (i < s.len && (s.ptr[i] == '#' || !ends_authority(s.ptr[i])))
        i++;
    return i;
}

bool
text_find_user(struct prov_str s, size_t at, size_t *from, size_t *to)
{
    for (size_t i = at; i + 3 <= s.len; i++) {
        if (memcmp(s.ptr + i, "://", 3) != 0)
            continue;
        *from = i + 3;
        *to = after_user(s, i + 3);
        if (*to > *from)
            return true;
    }
    return false;
}

/* Every address in a text, not only the one at its start. */
void
text_add_without_users(struct text *t, struct prov_str s)
{
    size_t from, to, done = 0;

    while (text_find_user(s, done, &from, &to)) {
        text_add(t, prov_str_cut(s, done, from));
        text_add_z(t, "***@");
        done = to;
    }
    text_add(t, prov_str_cut(s, done, s.len));
}

void
text_add_redacted(struct text *t, struct prov_str s)
{
    struct text once = { 0 };

    text_reserve(&once, s.len + 16);
    struct prov_buf out = { once.ptr, once.cap - 1, 0 };

    if (prov_uri_redact(s, &out) == PROV_OK)
        text_add_without_users(t, prov_buf_str(&out));
    else
        text_add_z(t, "***");
    text_free(&once);
}

static bool
holds_address(struct prov_str s)
{
    for (size_t i = 0; i + 3 <= s.len; i++) {
        if (memcmp(s.ptr + i, "://", 3) == 0)
            return true;
    }
    return false;
}

void
text_add_operand(struct text *t, struct prov_str s)
{
    struct text hidden = { 0 };

    if (holds_address(s))
        text_add_redacted(&hidden, s);
    else
        text_add(&hidden, s);
    text_add_shown(t, text_str(&hidden));
    text_free(&hidden);
}

char *
tool_show_operand(const char *z)
{
    struct text t = { 0 };

    text_add_operand(&t, prov_str_z(z));
    if (t.ptr == NULL)
        text_add_z(&t, "");
    return t.ptr;
}
