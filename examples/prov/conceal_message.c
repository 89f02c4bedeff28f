/* SPDX-License-Identifier: MIT */

/* Messages of the local network: SIP and DHCP. */

#include <stdlib.h>
#include <string.h>

#include "conceal.h"

/* ---- SIP ---- */

static size_t
line_end(struct prov_str s, size_t at)
{
    while (at < s.len && s.ptr[at] != '\n')
        at++;
    return at < s.len ? at + 1 : at;
}

static bool
begins(struct prov_str s, const char *word)
{
    const size_t n = strlen(word);

    return s.len >= n && prov_str_eq_nocase(prov_str_cut(s, 0, n), prov_str_z(word));
}

/* `sip:user:password@`: the password. A user alone is a name, not a secret. */
static void
conceal_uris(struct standins *s, struct prov_str line, struct text *out)
{
    size_t done = 0;

    for (size_t i = 0; i + 4 <= line.len; i++) {
        size_t colon, at;

        if (!begins(prov_str_cut(line, i, line.len), "sip:") &&
            !begins(prov_str_cut(line, i, line.len), "sips:"))
            continue;
        i += line.ptr[i + 3] == ':' ? 4 : 5;
        for (colon = i; colon < line.len && strchr(":@>; \r\n", line.ptr[colon]) == NULL; colon++)
            ;
        for (at = colon; at < line.len && strchr("@> \r\n", line.ptr[at]) == NULL; at++)
            ;
        if (colon == line.len || line.ptr[colon] != ':' || at == line.len || line.ptr[at] != '@')
            continue;
        standins_add_users(s, prov_str_cut(line, done, colon + 1), out);
        standins_add(s, prov_str_cut(line, colon + 1, at), out);
        done = at;
    }
    standins_add_users(s, prov_str_cut(line, done, line.len), out);
}

static void
conceal_header(struct standins *s, struct prov_str line, struct text *out)
{
    size_t colon = 0;

    if (!begins(line, "Authorization:") && !begins(line, "Proxy-Authorization:")) {
        conceal_uris(s, line, out);
        return;
    }
    while (line.ptr[colon] != ':')
        colon++;
    text_add(out, prov_str_cut(line, 0, colon + 1));
    standins_add(s, prov_str_cut(line, colon + 1, line.len), out);
}

void
conceal_sip(struct standins *s, struct prov_str bytes, struct text *out)
{
    size_t from = 0;

    if (s == NULL) {
        text_add(out, bytes);
        return;
    }
    while (from < bytes.len) {
        const size_t end = line_end(bytes, from);
        const struct prov_str line = prov_str_cut(bytes, from, end);

        from = end;
        conceal_header(s, line, out);
        if (line.len <= 2 && line.ptr[0] != ' ' && (line.ptr[0] == '\r' || line.ptr[0] == '\n'))
            break;
    }
    conceal_file(s, prov_str_cut(bytes, from, bytes.len), out);
}

/* ---- DHCP ---- */

static bool
is_text(char c)
{
    return c > ' ' && c <= '~';
}

/* Text with an '@' and no scheme: what stands before the '@' may be a user with a password. */
static void
conceal_word(struct standins *s, struct prov_str word, struct text *out)
{
    size_t at = word.len;
    bool scheme = false;

    for (size_t i = 0; i < word.len; i++) {
        at = word.ptr[i] == '@' ? i : at;
        scheme = scheme || (word.ptr[i] == ':' && begins(prov_str_cut(word, i, word.len), "://"));
    }
    if (scheme || at == word.len) {
        standins_add_users(s, word, out);
        return;
    }
    standins_add(s, prov_str_cut(word, 0, at), out);
    text_add(out, prov_str_cut(word, at, word.len));
}

static void
conceal_words(struct standins *s, struct prov_str bytes, struct text *out)
{
    size_t from = 0;

    while (from < bytes.len) {
        size_t to = from;

        while (to < bytes.len && is_text(bytes.ptr[to]))
            to++;
        conceal_word(s, prov_str_cut(bytes, from, to), out);
        if (to < bytes.len)
            text_add(out, prov_str_cut(bytes, to, to + 1));
        from = to + 1;
    }
}

/* Options of DHCPv4, and where the bytes of one code stand: a long one comes in pieces. */
struct options {
    char *bytes;
    size_t from, len;
    size_t *places;
};

static size_t
gather(const struct options *o, unsigned code, struct text *out)
{
    size_t n = 0, at = o->from;

    while (at + 1 < o->len && (unsigned char)o->bytes[at] != 255) {
        const unsigned here = (unsigned char)o->bytes[at];
        const size_t len = here == 0 ? 0 : (unsigned char)o->bytes[at + 1];

        at += here == 0 ? 1 : 2;
        for (size_t i = 0; i < len && at < o->len; i++, at++) {
            if (here != code)
                continue;
            o->places[n++] = at;
            text_add(out, (struct prov_str){ o->bytes + at, 1 });
        }
    }
    return n;
}

/* A whole message has its options behind a cookie. */
static size_t
options_at(struct prov_str bytes)
{
    static const char cookie[] = { 0x63, (char)0x82, 0x53, 0x63 };

    return bytes.len > 240 && memcmp(bytes.ptr + 236, cookie, sizeof(cookie)) == 0 ? 240 : 0;
}

static void
conceal_options(struct standins *s, struct options *o)
{
    for (unsigned code = 1; code < 255; code++) {
        struct text whole = { 0 }, hidden = { 0 };
        const size_t n = gather(o, code, &whole);

        conceal_words(s, text_str(&whole), &hidden);
        for (size_t i = 0; i < n; i++)
            o->bytes[o->places[i]] = hidden.ptr[i];
        text_free(&whole);
        text_free(&hidden);
    }
}

void
conceal_dhcp(struct standins *s, struct prov_str bytes, bool v6, struct text *out)
{
    const size_t from = v6 ? bytes.len : options_at(bytes);
    struct text copy = { 0 };

    if (s == NULL) {
        text_add(out, bytes);
        return;
    }
    conceal_words(s, prov_str_cut(bytes, 0, from), &copy);
    text_add(&copy, prov_str_cut(bytes, from, bytes.len));
    struct options o = { copy.ptr, from, copy.len, tool_alloc(copy.len * sizeof(size_t)) };

    conceal_options(s, &o);
    text_add(out, text_str(&copy));
    free(o.places);
    text_free(&copy);
}
