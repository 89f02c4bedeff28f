/* SPDX-License-Identifier: MIT */
#include "mask.h"

#include <string.h>

struct masker {
    struct prov_str in;
    size_t pos;
    struct text *out;
    struct standins *standins; /* NULL = stars */
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

/*
 * A short word counts only where it is the last one of a name: `pin`, `userPin`, `user_pin`,
 * `ADMIN_PASS_1`, but not `ping`, `spin` or `passThrough`.
 */
static bool
ends_with_word(struct prov_str s, const char *word)
{
    const size_t n = strlen(word);

    while (s.len > 0 &&
           ((s.ptr[s.len - 1] >= '0' && s.ptr[s.len - 1] <= '9') || s.ptr[s.len - 1] == '_'))
        s.len--;
    if (s.len < n || !prov_str_eq_nocase(prov_str_cut(s, s.len - n, s.len), prov_str_z(word)))
        return false;
    if (s.len == n)
        return true;
    const char first = s.ptr[s.len - n], before = s.ptr[s.len - n - 1];
    const bool letter = lower(before) >= 'a' && lower(before) <= 'z';

    return !letter || (first != lower(first) && before == lower(before));
}

bool
mask_is_secret_name(struct prov_str s)
{
    static const char *const words[] = { "password", "passwd",     "passphrase", "secret",
                                         "token",    "credential", "privatekey" };
    static const char *const last[] = { "pin", "pass", "pwd", "psk", "file_key" };

    for (size_t i = 0; i < TOOL_COUNT(words); i++) {
        if (holds_word(s, words[i]))
            return true;
    }
    for (size_t i = 0; i < TOOL_COUNT(last); i++) {
        if (ends_with_word(s, last[i]))
            return true;
    }
    return false;
}

bool
mask_is_about_secret(struct prov_str text)
{
    return holds_word(text, "passw") || holds_word(text, "secret") || holds_word(text, "_pass");
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
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
put_quoted(struct standins *standins, struct text *out, struct prov_str quoted, bool secret)
{
    if (!secret) {
        text_add(out, quoted);
    } else if (standins == NULL || quoted.len < 2) {
        text_add_z(out, "'***'");
    } else {
        text_add(out, prov_str_cut(quoted, 0, 1));
        standins_add(standins, prov_str_cut(quoted, 1, quoted.len - 1), out);
        text_add(out, prov_str_cut(quoted, quoted.len - 1, quoted.len));
    }
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
static void
put_path(struct standins *standins, struct prov_str path, struct text *out)
{
    struct prov_str step = { NULL, 0 }, name = { NULL, 0 };
    bool inside = false;

    for (size_t i = 0; i < path.len;) {
        const size_t from = i;
        const char c = path.ptr[i];

        if (inside && (c == '\'' || c == '"')) {
            const bool self = prov_str_eq(name, prov_str_z("."));

            i = quoted_end(path, i);
            put_quoted(standins, out, prov_str_cut(path, from, i),
                       mask_is_secret_name(self ? step : name));
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

void
mask_path(struct prov_str path, struct text *out)
{
    put_path(NULL, path, out);
}

/* Does a path lead to a secret, or through one? What it compares with does not count. */
static bool
names_secret(struct prov_str path)
{
    for (size_t i = 0; i < path.len;) {
        const size_t from = i;

        if (path.ptr[i] == '\'' || path.ptr[i] == '"') {
            i = quoted_end(path, i);
            continue;
        }
        while (i < path.len && is_name_byte(path.ptr[i]))
            i++;
        if (mask_is_secret_name(prov_str_cut(path, from, i)))
            return true;
        i += i == from;
    }
    return false;
}

/* ---- elements ---- */

/* Each line's text becomes ***; blanks around it and line ends stay. */
static void
put_stars(struct masker *m, struct prov_str s)
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
    if (secret && m->standins != NULL)
        standins_add(m->standins, s, m->out);
    else if (secret)
        put_stars(m, s);
    else if (m->standins != NULL)
        standins_add_users(m->standins, s, m->out);
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
    put(m, inside, secret || to == m->in.len || mask_is_about_secret(inside));
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

/* What a tag says about secrets in its element. */
struct tag {
    bool whole;  /* everything in it is one, but for attributes that say where it goes */
    bool direct; /* its own text and attributes are */
    bool inside; /* of an element that is secret */
};

static bool
is_one_of(struct prov_str name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (prov_str_eq_nocase(name, prov_str_z(list[i])))
            return true;
    }
    return false;
}

/* Attributes of a change that say where it goes, and how. */
static bool
is_place(struct prov_str name)
{
    static const char *const list[] = { "path", "sel", "type", "pos", "ws", "patch" };

    return is_one_of(name, list, TOOL_COUNT(list));
}

/* Attributes that say who may change a value: nothing to hide, but much depends on them. */
static bool
is_right(struct prov_str name)
{
    static const char *const list[] = { "perm", "access" };

    return is_one_of(name, list, TOOL_COUNT(list));
}

static bool
is_label(struct prov_str name)
{
    static const char *const list[] = { "name", "key", "id" };

    return is_one_of(name, list, TOOL_COUNT(list));
}

/*
 * An attribute says what the element is: `<parameter name="@string/password" value="..."/>`; or where
 * it goes: `<replace path="/users/user/password">`.
 */
static struct tag
read_tag(const struct masker *m, size_t from, size_t end, struct prov_str name)
{
    struct tag t = { mask_is_secret_name(name), false, m->whole_at > 0 };
    struct attribute a;

    while (next_attribute(m, &from, end, &a)) {
        t.whole = t.whole || (is_place(a.name) && names_secret(a.value));
        t.direct = t.direct || (is_label(a.name) && mask_is_secret_name(a.value));
    }
    return t;
}

static void
put_attribute(struct masker *m, const struct attribute *a, const struct tag *t)
{
    const bool is_name = is_label(a->name) && mask_is_secret_name(a->value);

    if (m->standins != NULL && is_right(a->name))
        text_add(m->out, a->value);
    else if (!t->inside && is_place(a->name))
        put_path(m->standins, a->value, m->out);
    else
        put(m, a->value,
            m->whole_at > 0 || t->whole || mask_is_secret_name(a->name) || (t->direct && !is_name));
}

static void
put_attributes(struct masker *m, size_t from, size_t end, const struct tag *t)
{
    struct attribute a;
    size_t at = from, done = from;

    while (next_attribute(m, &at, end, &a)) {
        text_add(m->out, prov_str_cut(m->in, done, a.value_at));
        put_attribute(m, &a, t);
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
open_element(struct masker *m, const struct tag *t)
{
    m->depth++;
    if (m->whole_at > 0)
        return;
    if (t->whole)
        m->whole_at = m->depth;
    else if (t->direct && m->direct_at > 0)
        m->whole_at = m->direct_at; /* nested: rather too much than too little */
    else if (t->direct)
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

/* A tag without an end: with stand-ins it stays one, so that it is refused for the same reason. */
static void
take_cut_tag(struct masker *m, size_t name_end)
{
    const struct tag t = { true, true, false };

    if (m->standins == NULL) {
        put(m, prov_str_cut(m->in, m->pos, m->in.len), true);
    } else {
        text_add(m->out, prov_str_cut(m->in, m->pos, name_end));
        put_attributes(m, name_end, m->in.len, &t);
    }
    m->pos = m->in.len;
}

static void
take_tag(struct masker *m)
{
    const size_t end = tag_end(m);
    size_t name_end = m->pos + 1;

    while (name_end < end && !is_blank(m->in.ptr[name_end]))
        name_end++;
    if (end == m->in.len) {
        take_cut_tag(m, name_end);
        return;
    }
    const bool closing = m->in.ptr[m->pos + 1] == '/';
    const bool empty = m->in.ptr[end - 1] == '/';
    const struct tag t =
        closing ? (struct tag){ false, false, false }
                : read_tag(m, name_end, end, prov_str_cut(m->in, m->pos + 1, name_end));

    text_add(m->out, prov_str_cut(m->in, m->pos, name_end));
    if (!closing && !empty)
        open_element(m, &t);
    put_attributes(m, name_end, end, &t);
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
mask_document_with(struct standins *standins, struct prov_str document, struct text *out)
{
    struct masker m = { .in = document, .out = out, .standins = standins };

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

void
mask_document(struct prov_str document, struct text *out)
{
    mask_document_with(NULL, document, out);
}

/* By the element's own name, an attribute's, or what an attribute `name` says. */
static bool
has_secret_name(const struct prov_xml *x, uint32_t node)
{
    struct prov_str name, raw;
    uint32_t cursor = 0;

    if (mask_is_secret_name(prov_xml_name(x, node)))
        return true;
    while (prov_xml_attr_next(x, node, &cursor, &name, &raw)) {
        if (mask_is_secret_name(name) ||
            (prov_str_eq(name, prov_str_z("name")) && mask_is_secret_name(raw)))
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
