/* SPDX-License-Identifier: MIT */
#include "mask.h"

#include <string.h>

struct masker {
    struct prov_str in;
    size_t pos;
    struct text *out;
    unsigned depth;
    unsigned whole_at;  /* everything in the element of this depth is secret; 0 = none */
    unsigned direct_at; /* only its own text is; 0 = none */
};

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
holds_word(struct prov_str s, const char *word)
{
    const size_t n = strlen(word);

    for (size_t i = 0; i + n <= s.len; i++) {
        size_t k = 0;

        while (k < n && lower(s.ptr[i + k]) == word[k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* `pin`, `PIN`, `userPin`, `user_pin`, but not `ping` or `spin`. */
static bool
is_pin(struct prov_str s)
{
    if (s.len < 3 || !prov_str_eq_nocase(prov_str_cut(s, s.len - 3, s.len), prov_str_z("pin")))
        return false;
    if (s.len == 3)
        return true;
    const char first = s.ptr[s.len - 3], before = s.ptr[s.len - 4];
    const bool letter = lower(before) >= 'a' && lower(before) <= 'z';

    return !letter || (first == 'P' && before == lower(before));
}

static bool
is_secret_name(struct prov_str s)
{
    static const char *const words[] = { "password", "passwd",     "passphrase", "secret",
                                         "token",    "credential", "privatekey" };

    for (size_t i = 0; i < TOOL_COUNT(words); i++) {
        if (holds_word(s, words[i]))
            return true;
    }
    return is_pin(s);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Each line's text becomes ***; blanks around it and line ends stay. */
static void
put_hidden(struct masker *m, struct prov_str s)
{
    size_t i = 0;

    while (i < s.len) {
        const size_t blank = i;

        while (i < s.len && is_blank(s.ptr[i]))
            i++;
        text_add(m->out, prov_str_cut(s, blank, i));
        if (i == s.len)
            break;
        while (i < s.len && s.ptr[i] != '\n')
            i++;
        text_add_z(m->out, "***");
    }
}

static void
put(struct masker *m, struct prov_str s, bool secret)
{
    if (secret)
        put_hidden(m, s);
    else
        text_add_without_users(m->out, s);
}

static bool
text_is_secret(const struct masker *m)
{
    return m->whole_at > 0 || (m->direct_at > 0 && m->direct_at == m->depth);
}

/* Position of a word at or after `from`; the length of the input if there is none. */
static size_t
find(const struct masker *m, size_t from, const char *word)
{
    const size_t n = strlen(word);

    for (size_t i = from; i + n <= m->in.len; i++) {
        if (memcmp(m->in.ptr + i, word, n) == 0)
            return i;
    }
    return m->in.len;
}

static bool
stands_here(const struct masker *m, const char *word)
{
    const size_t n = strlen(word);

    return m->in.len - m->pos >= n && memcmp(m->in.ptr + m->pos, word, n) == 0;
}

/* A stretch between two marks, such as a comment. */
static void
take_between(struct masker *m, const char *open, const char *close, bool secret)
{
    const size_t from = m->pos + strlen(open);
    const size_t to = find(m, from, close);
    const struct prov_str inside = prov_str_cut(m->in, from < to ? from : to, to);

    text_add_z(m->out, open);
    put(m, inside,
        secret || to == m->in.len || holds_word(inside, "passw") || holds_word(inside, "secret"));
    m->pos = to;
    if (to < m->in.len) {
        text_add_z(m->out, close);
        m->pos += strlen(close);
    }
}

/* One attribute at the read position of a tag. */
struct attribute {
    struct prov_str name, value;
    size_t value_at;
};

/* The next `name="value"` before `end`; false if there is no more. */
static bool
next_attribute(const struct masker *m, size_t *at, size_t end, struct attribute *a)
{
    const char *p = m->in.ptr;
    size_t i = *at, from;

    while (i < end && (is_blank(p[i]) || p[i] == '/'))
        i++;
    from = i;
    while (i < end && p[i] != '=' && !is_blank(p[i]))
        i++;
    a->name = prov_str_cut(m->in, from, i);
    while (i < end && p[i] != '"' && p[i] != '\'')
        i++;
    if (i >= end)
        return false;
    const char quote = p[i++];

    a->value_at = i;
    while (i < end && p[i] != quote)
        i++;
    a->value = prov_str_cut(m->in, a->value_at, i);
    *at = i < end ? i + 1 : end;
    return true;
}

/* An attribute says what the element is: `<parameter name="@string/password" value="..."/>`. */
static bool
is_named_secret(const struct masker *m, size_t from, size_t end)
{
    struct attribute a;

    while (next_attribute(m, &from, end, &a)) {
        if ((prov_str_eq_nocase(a.name, prov_str_z("name")) ||
             prov_str_eq_nocase(a.name, prov_str_z("key")) ||
             prov_str_eq_nocase(a.name, prov_str_z("id"))) &&
            is_secret_name(a.value))
            return true;
    }
    return false;
}

static void
put_attributes(struct masker *m, size_t from, size_t end, bool named_secret)
{
    struct attribute a;
    size_t at = from, done = from;

    while (next_attribute(m, &at, end, &a)) {
        const bool is_name = named_secret && is_secret_name(a.value) && a.name.len <= 4;

        text_add(m->out, prov_str_cut(m->in, done, a.value_at));
        put(m, a.value, m->whole_at > 0 || is_secret_name(a.name) || (named_secret && !is_name));
        done = a.value_at + a.value.len;
    }
    text_add(m->out, prov_str_cut(m->in, done, end));
}

/* Where the tag at the read position ends: its first unquoted `>`. */
static size_t
tag_end(const struct masker *m)
{
    char quote = '\0';

    for (size_t i = m->pos; i < m->in.len; i++) {
        const char c = m->in.ptr[i];

        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i;
    }
    return m->in.len;
}

static void
open_element(struct masker *m, struct prov_str name, bool named_secret)
{
    m->depth++;
    if (m->whole_at > 0)
        return;
    if (is_secret_name(name))
        m->whole_at = m->depth;
    else if (named_secret && m->direct_at > 0)
        m->whole_at = m->direct_at; /* nested: rather too much than too little */
    else if (named_secret)
        m->direct_at = m->depth;
}

static void
close_element(struct masker *m)
{
    if (m->whole_at == m->depth)
        m->whole_at = 0;
    if (m->direct_at == m->depth)
        m->direct_at = 0;
    m->depth -= m->depth > 0;
}

static void
take_tag(struct masker *m)
{
    const size_t end = tag_end(m);
    size_t name_end = m->pos + 1;

    if (end == m->in.len) { /* cut off */
        put(m, prov_str_cut(m->in, m->pos, end), true);
        m->pos = end;
        return;
    }
    const bool closing = m->in.ptr[m->pos + 1] == '/';
    const bool empty = m->in.ptr[end - 1] == '/';

    while (name_end < end && !is_blank(m->in.ptr[name_end]))
        name_end++;
    const struct prov_str name = prov_str_cut(m->in, m->pos + 1, name_end);
    const bool named = !closing && is_named_secret(m, name_end, end);

    text_add(m->out, prov_str_cut(m->in, m->pos, name_end));
    if (!closing && !empty)
        open_element(m, name, named);
    put_attributes(m, name_end, end, named);
    if (closing)
        close_element(m);
    text_add_z(m->out, ">");
    m->pos = end + 1;
}

static void
take_text(struct masker *m)
{
    const size_t end = find(m, m->pos, "<");

    put(m, prov_str_cut(m->in, m->pos, end), text_is_secret(m));
    m->pos = end;
}

void
mask_document(struct prov_str document, struct text *out)
{
    struct masker m = { .in = document, .out = out };

    while (m.pos < m.in.len) {
        if (m.in.ptr[m.pos] != '<')
            take_text(&m);
        else if (stands_here(&m, "<!--"))
            take_between(&m, "<!--", "-->", m.whole_at > 0);
        else if (stands_here(&m, "<![CDATA["))
            take_between(&m, "<![CDATA[", "]]>", text_is_secret(&m));
        else
            take_tag(&m);
    }
}

/* ---- paths ---- */

/* End of the quoted text that begins at `at`, behind its closing quote. */
static size_t
quoted_end(struct prov_str path, size_t at)
{
    size_t end = at + 1;

    while (end < path.len && path.ptr[end] != path.ptr[at])
        end++;
    return end < path.len ? end + 1 : end;
}

static void
put_quoted(struct text *out, struct prov_str quoted, bool secret)
{
    if (secret)
        text_add_z(out, "'***'");
    else
        text_add(out, quoted);
}

static bool
is_name_byte(char c)
{
    return c != '/' && c != '[' && c != ']' && c != '=' && c != '@' && c != '\'' && c != '"' &&
           !is_blank(c);
}

/*
 * `[@name='v']`, `[name='v']` and, in a step of that name, `[.='v']`. The name before a quoted text
 * says whether it is secret; `.` stands for the step.
 */
void
mask_path(struct prov_str path, struct text *out)
{
    struct prov_str step = { NULL, 0 }, name = { NULL, 0 };
    bool inside = false;

    for (size_t i = 0; i < path.len;) {
        const size_t from = i;
        const char c = path.ptr[i];

        if (inside && (c == '\'' || c == '"')) {
            const bool self = prov_str_eq(name, prov_str_z("."));

            i = quoted_end(path, i);
            put_quoted(out, prov_str_cut(path, from, i), is_secret_name(self ? step : name));
            continue;
        }
        while (i < path.len && is_name_byte(path.ptr[i]))
            i++;
        if (i > from && inside)
            name = prov_str_cut(path, from, i);
        else if (i > from)
            step = prov_str_cut(path, from, i);
        else
            i++;
        inside = c == '[' || (inside && c != ']');
        text_add(out, prov_str_cut(path, from, i));
    }
}

/* By the element's own name, an attribute's, or what an attribute `name` says. */
static bool
has_secret_name(const struct prov_xml *x, uint32_t node)
{
    struct prov_str name, raw;
    uint32_t cursor = 0;

    if (is_secret_name(prov_xml_name(x, node)))
        return true;
    while (prov_xml_attr_next(x, node, &cursor, &name, &raw)) {
        if (is_secret_name(name) || (prov_str_eq(name, prov_str_z("name")) && is_secret_name(raw)))
            return true;
    }
    return false;
}

/* The next element of the subtree in document order, PROV_XML_NONE at its end. */
static uint32_t
next_inside(const struct prov_xml *x, uint32_t root, uint32_t node)
{
    const uint32_t child = prov_xml_first(x, node);

    if (child != PROV_XML_NONE)
        return child;
    while (node != root && prov_xml_next(x, node) == PROV_XML_NONE)
        node = prov_xml_parent(x, node);
    return node != root ? prov_xml_next(x, node) : PROV_XML_NONE;
}

bool
mask_is_secret(const struct prov_xml *x, uint32_t node)
{
    for (uint32_t n = node; n != PROV_XML_NONE; n = next_inside(x, node, n)) {
        if (has_secret_name(x, n))
            return true;
    }
    for (uint32_t n = node; n != PROV_XML_NONE; n = prov_xml_parent(x, n)) {
        if (has_secret_name(x, n))
            return true;
    }
    return false;
}
