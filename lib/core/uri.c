/* SPDX-License-Identifier: MIT */
#include <prov/uri.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/host.h"

#define LONGEST 65535u

static const struct scheme {
    struct prov_str name;
    uint16_t port;
} schemes[] = {
    [PROV_SCHEME_HTTP] = { PROV_STR_INIT("http"), 80 },
    [PROV_SCHEME_HTTPS] = { PROV_STR_INIT("https"), 443 },
    [PROV_SCHEME_FTP] = { PROV_STR_INIT("ftp"), 21 },
    [PROV_SCHEME_TFTP] = { PROV_STR_INIT("tftp"), 69 },
};
#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

/* One reading of an address; lives on the stack of the public function. */
struct scan {
    struct prov_str text;
    struct prov_diag *diag;
    size_t pos; /* next unread byte of text */
    struct prov_uri uri;
};

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, size_t need)
{
    if (diag != NULL)
        *diag = (struct prov_diag){ .status = status, .code = code, .need = need };
    return status;
}

/* A wrong byte. The subject is never taken from a part that may hold credentials. */
static enum prov_status
wrong(struct prov_diag *diag, enum prov_diag_code code, size_t pos, struct prov_str subject)
{
    if (diag != NULL) {
        *diag = (struct prov_diag){
            .status = PROV_E_SYNTAX,
            .code = code,
            .column = (uint32_t)pos + 1,
            .subject = subject,
        };
    }
    return PROV_E_SYNTAX;
}

static enum prov_status
wrong_at(const struct scan *s, enum prov_diag_code code, size_t pos)
{
    const struct prov_str none = { NULL, 0 };

    return wrong(s->diag, code, pos, none);
}

static bool
is_alnum(char c)
{
    return prov_is_alpha(c) || prov_is_digit(c);
}

/* c is not NUL and stands in a list. */
static bool
is_one_of(char c, const char *list)
{
    return c != '\0' && strchr(list, c) != NULL;
}

/* First place at or after from where a byte of the list stands, or the end. */
static size_t
find(struct prov_str s, size_t from, const char *list)
{
    while (from < s.len && !is_one_of(s.ptr[from], list))
        from++;
    return from;
}

static bool
has_prefix(struct prov_str s, size_t from, const char *prefix)
{
    const size_t n = strlen(prefix);

    return s.len >= from && s.len - from >= n && memcmp(s.ptr + from, prefix, n) == 0;
}

/* The byte that %XX at this place stands for, -1 if it is no escape. */
static int
escaped(struct prov_str s, size_t pos)
{
    if (s.len - pos < 3 || s.ptr[pos] != '%' || prov_hex_value(s.ptr[pos + 1]) < 0 ||
        prov_hex_value(s.ptr[pos + 2]) < 0)
        return -1;
    return prov_hex_value(s.ptr[pos + 1]) * 16 + prov_hex_value(s.ptr[pos + 2]);
}

static bool
is_control(int byte)
{
    return (byte >= 0 && byte < 0x20) || byte == 0x7F;
}

/* Length of a scheme's name at the start of a text that has a colon behind it, else 0. */
static size_t
scheme_len(struct prov_str s)
{
    size_t n = 0;

    while (n < s.len && (is_alnum(s.ptr[n]) || is_one_of(s.ptr[n], "+-.")))
        n++;
    return n > 0 && n < s.len && s.ptr[n] == ':' && prov_is_alpha(s.ptr[0]) ? n : 0;
}

/* Number of a scheme, SCHEMES if it is none of ours. */
static size_t
scheme_of(struct prov_str name)
{
    size_t i = 0;

    while (i < SCHEMES && !prov_str_eq_nocase(schemes[i].name, name))
        i++;
    return i;
}

static enum prov_status
read_scheme(struct scan *s)
{
    const size_t n = scheme_len(s->text);
    const struct prov_str name = prov_str_cut(s->text, 0, n);
    const size_t number = scheme_of(name);

    if (s->text.len == 0)
        return wrong_at(s, PROV_D_URL_EMPTY, 0);
    if (!has_prefix(s->text, n, "://")) {
        /* What stands before the colon of "name:word@host" is a user, not to be shown. */
        if (number == SCHEMES)
            return wrong_at(s, PROV_D_URL_SCHEME_MISSING, 0);
        return wrong_at(s, PROV_D_URL_SCHEME_SLASHES, n + (has_prefix(s->text, n, ":/") ? 2 : 1));
    }
    if (n == 0)
        return wrong_at(s, PROV_D_URL_SCHEME_MISSING, 0);
    if (number == SCHEMES)
        return wrong(s->diag, PROV_D_URL_SCHEME_UNKNOWN, 0, name);
    s->uri.scheme = (enum prov_scheme)number;
    s->pos = n + 3;
    return PROV_OK;
}

/* RFC 3986 userinfo, up to the `@` at this place. */
static enum prov_status
read_user(struct scan *s, size_t at)
{
    const size_t colon = find(s->text, s->pos, ":@");

    for (size_t i = s->pos; i < at; i++) {
        const int byte = escaped(s->text, i);

        if (is_control(byte))
            return wrong_at(s, PROV_D_URL_USER_CONTROL, i);
        if (byte < 0 && !is_alnum(s->text.ptr[i]) && !is_one_of(s->text.ptr[i], "-._~!$&'()*+,;=:"))
            return wrong_at(s, PROV_D_URL_USERINFO, i);
        i += byte >= 0 ? 2 : 0;
    }
    s->uri.has_user = true;
    s->uri.user = prov_str_cut(s->text, s->pos, colon);
    s->uri.has_password = colon < at;
    if (colon < at)
        s->uri.password = prov_str_cut(s->text, colon + 1, at);
    s->pos = at + 1;
    return PROV_OK;
}

static enum prov_status
read_ipv6(struct scan *s, size_t end)
{
    const size_t close = find(s->text, s->pos, "]/?#@");
    const size_t from = s->pos + 1;
    size_t bad;

    if (close >= end || s->text.ptr[close] != ']')
        return wrong_at(s, PROV_D_URL_IPV6, close);
    s->uri.host = prov_str_cut(s->text, from, close);
    s->uri.host_is_ipv6 = true;
    bad = prov_host_ipv6_error(s->uri.host);
    if (bad != PROV_HOST_OK)
        return wrong_at(s, PROV_D_URL_IPV6, from + bad);
    s->pos = close + 1;
    if (s->pos < end && s->text.ptr[s->pos] != ':')
        return wrong_at(s, PROV_D_URL_HOST, s->pos);
    return PROV_OK;
}

static enum prov_status
read_host(struct scan *s, size_t end)
{
    const size_t to = find(s->text, s->pos, ":/?#");
    size_t bad;

    if (s->pos == end || s->text.ptr[s->pos] == ':')
        return wrong_at(s, PROV_D_URL_HOST_MISSING, s->pos);
    if (s->text.ptr[s->pos] == '[')
        return read_ipv6(s, end);
    s->uri.host = prov_str_cut(s->text, s->pos, to);
    bad = prov_host_name_error(s->uri.host);
    if (bad != PROV_HOST_OK)
        return wrong_at(s, PROV_D_URL_HOST, s->pos + bad);
    bad = prov_host_number_error(s->uri.host);
    if (bad != PROV_HOST_OK)
        return wrong_at(s, PROV_D_URL_IPV4, s->pos + bad);
    s->pos = to;
    return PROV_OK;
}

static enum prov_status
read_port(struct scan *s, size_t end)
{
    const size_t from = s->pos + 1;
    unsigned port = 0;

    s->uri.port = schemes[s->uri.scheme].port;
    if (s->pos == end)
        return PROV_OK;
    for (size_t i = from; i < end; i++) {
        if (prov_is_digit(s->text.ptr[i]))
            port = port * 10 + (unsigned)(s->text.ptr[i] - '0');
        if (!prov_is_digit(s->text.ptr[i]) || port > UINT16_MAX)
            return wrong_at(s, PROV_D_URL_PORT, i);
    }
    if (port == 0)
        return wrong_at(s, PROV_D_URL_PORT, from);
    s->uri.port = (uint16_t)port;
    s->pos = end;
    return PROV_OK;
}

/* User part, host and port; up to here goes the origin. */
static enum prov_status
read_authority(struct scan *s)
{
    const size_t end = find(s->text, s->pos, "/?#");
    const size_t at = find(s->text, s->pos, "@/?#");
    enum prov_status status = PROV_OK;

    if (at < end) {
        const size_t second = find(s->text, at + 1, "@/?#");

        status = read_user(s, at);
        if (status == PROV_OK && second < end)
            status = wrong_at(s, PROV_D_URL_SECOND_AT, second);
    }
    if (status == PROV_OK)
        status = read_host(s, end);
    if (status == PROV_OK)
        status = read_port(s, end);
    if (status == PROV_OK)
        s->uri.origin = prov_str_cut(s->text, 0, end);
    return status;
}

/* Path and query hold visible ASCII. */
static enum prov_status
check_tail(struct prov_str text, size_t from, struct prov_diag *diag)
{
    const struct prov_str none = { NULL, 0 };

    for (size_t i = from; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];

        if (c == '#')
            return wrong(diag, PROV_D_URL_FRAGMENT, i, none);
        if (c <= 0x20 || c >= 0x7F)
            return wrong(diag, PROV_D_URL_BAD_BYTE, i, none);
        if (is_control(escaped(text, i)))
            return wrong(diag, PROV_D_URL_ESCAPED_CONTROL, i, prov_str_cut(text, i, i + 3));
    }
    return PROV_OK;
}

/* Everything behind `scheme://`. */
static enum prov_status
read_rest(struct scan *s)
{
    enum prov_status status = read_authority(s);

    if (status == PROV_OK)
        status = check_tail(s->text, s->pos, s->diag);
    if (status != PROV_OK)
        return status;
    const size_t mark = find(s->text, s->pos, "?");

    s->uri.path = prov_str_cut(s->text, s->pos, mark);
    s->uri.query = prov_str_cut(s->text, mark < s->text.len ? mark + 1 : mark, s->text.len);
    return PROV_OK;
}

enum prov_status
prov_uri_parse(struct prov_str text, struct prov_uri *out, struct prov_diag *diag)
{
    struct scan s = { .text = text, .diag = diag };
    enum prov_status status;

    if (out == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0);
    if (text.len > LONGEST)
        return fail(diag, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, LONGEST);
    status = read_scheme(&s);
    if (status == PROV_OK)
        status = read_rest(&s);
    if (status == PROV_OK)
        *out = s.uri;
    return status;
}

/* ---- Resolving ---- */

/* Where a reference leads: an address in pieces. The path is dir and path joined. */
struct target {
    struct prov_str scheme; /* with :// */
    struct prov_str user;   /* with @, or empty */
    struct prov_str host;   /* with port */
    struct prov_str dir;
    struct prov_str path;
    struct prov_str query; /* with ?, or empty */
};

/* Bytes of the user part with its `@`. */
static size_t
user_len(const struct prov_uri *u)
{
    return u->has_user ? u->user.len + (u->has_password ? u->password.len + 1 : 0) + 1 : 0;
}

static void
set_origin(struct target *t, const struct prov_uri *u, size_t prefix)
{
    const size_t host = prefix + user_len(u);

    t->scheme = prov_str_cut(u->origin, 0, prefix);
    t->user = prov_str_cut(u->origin, prefix, host);
    t->host = prov_str_cut(u->origin, host, u->origin.len);
}

static size_t
prefix_len(const struct prov_uri *u)
{
    return schemes[u->scheme].name.len + 3;
}

/* What follows a position, path and query. */
static void
set_tail(struct target *t, struct prov_str text, size_t from)
{
    const size_t mark = find(text, from, "?");

    t->path = prov_str_cut(text, from, mark);
    t->query = prov_str_cut(text, mark, text.len);
}

/* A complete address, or with a base one that lacks its scheme only: `//host/x`. */
static enum prov_status
from_address(const struct prov_uri *base, struct prov_str ref, bool has_scheme, struct target *t,
             struct prov_diag *diag)
{
    struct scan s = { .text = ref, .diag = diag, .pos = 2, .uri = { .scheme = base->scheme } };
    struct target b = { .dir = { NULL, 0 } };
    enum prov_status status = PROV_OK;

    if (has_scheme)
        status = read_scheme(&s);
    if (status == PROV_OK)
        status = read_rest(&s);
    if (status != PROV_OK)
        return status;
    set_origin(&b, base, prefix_len(base));
    set_origin(t, &s.uri, has_scheme ? prefix_len(&s.uri) : 2);
    set_tail(t, ref, s.uri.origin.len);
    if (!has_scheme)
        t->scheme = b.scheme;
    if (!s.uri.has_user && prov_uri_same_origin(base, &s.uri))
        t->user = b.user;
    return PROV_OK;
}

/* A path, a query, or nothing at all. */
static enum prov_status
from_path(const struct prov_uri *base, struct prov_str base_text, struct prov_str ref,
          enum prov_uri_rule rule, struct target *t, struct prov_diag *diag)
{
    static const struct prov_str top = PROV_STR_INIT("/");
    const enum prov_status status = check_tail(ref, 0, diag);
    size_t dir = base->path.len;

    if (status != PROV_OK)
        return status;
    set_origin(t, base, prefix_len(base));
    set_tail(t, ref, 0);
    if (t->path.len == 0 && rule == PROV_URI_RULE_RFC3986) {
        t->path = base->path;
        if (t->query.len == 0)
            t->query = prov_str_cut(base_text, base->origin.len + base->path.len, base_text.len);
        return PROV_OK;
    }
    if (t->path.len > 0 && t->path.ptr[0] == '/')
        return PROV_OK;
    while (dir > 0 && base->path.ptr[dir - 1] != '/')
        dir--;
    t->dir = dir > 0 ? prov_str_cut(base->path, 0, dir) : top;
    return PROV_OK;
}

/* In a reference file `a:b.xml` is a file name, but a slip such as `http:/host` is none. */
static bool
is_complete(struct prov_str ref, enum prov_uri_rule rule)
{
    const size_t n = scheme_len(ref);

    return n > 0 && (rule == PROV_URI_RULE_RFC3986 || has_prefix(ref, n, "://") ||
                     scheme_of(prov_str_cut(ref, 0, n)) < SCHEMES);
}

static char
byte_of(const struct target *t, size_t i)
{
    return i < t->dir.len ? t->dir.ptr[i] : t->path.ptr[i - t->dir.len];
}

/* 1 for the segment `.`, 2 for `..`, else 0. */
static unsigned
dots(const struct target *t, size_t from, size_t to)
{
    if (to - from == 0 || to - from > 2 || byte_of(t, from) != '.' || byte_of(t, to - 1) != '.')
        return 0;
    return (unsigned)(to - from);
}

/*
 * The path without dot segments (RFC 3986 section 5.2.4), read from its end: a `..` takes away the
 * next segment to its left that is not taken yet. So it needs no memory, and one pass gives the
 * length, a second one writes.
 *
 * @param end  Where the path is to end, NULL to measure only.
 */
static size_t
put_path(const struct target *t, char *end)
{
    const size_t len = t->dir.len + t->path.len;
    size_t skip = 0, n = 0, from;

    for (size_t to = len; to > 0; to = from - 1) {
        for (from = to; byte_of(t, from - 1) != '/';)
            from--;
        const unsigned d = dots(t, from, to);

        if (d == 2)
            skip++;
        if (d == 0 && skip > 0) {
            skip--;
        } else if (d == 0 || to == len) { /* a dot segment at the end leaves its slash */
            for (size_t i = d == 0 ? to : from; i >= from; i--) {
                n++;
                if (end != NULL)
                    *--end = byte_of(t, i - 1);
            }
        }
    }
    return n;
}

static enum prov_status
put_target(const struct target *t, struct prov_buf *out, struct prov_diag *diag)
{
    const size_t path = put_path(t, NULL);
    const size_t len = t->scheme.len + t->user.len + t->host.len + path + t->query.len;

    if (len > LONGEST)
        return fail(diag, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, LONGEST);
    if (out->len > out->cap || len > out->cap - out->len) {
        const size_t need = out->len <= SIZE_MAX - len ? out->len + len : SIZE_MAX;

        return fail(diag, PROV_E_SPACE, PROV_D_NO_BUFFER_SPACE, need);
    }
    prov_buf_put_str(out, t->scheme);
    prov_buf_put_str(out, t->user);
    prov_buf_put_str(out, t->host);
    out->len += path;
    (void)put_path(t, out->ptr + out->len);
    prov_buf_put_str(out, t->query);
    return PROV_OK;
}

enum prov_status
prov_uri_resolve(struct prov_str base, struct prov_str ref, enum prov_uri_rule rule,
                 struct prov_buf *out, struct prov_diag *diag)
{
    struct target t = { .dir = { NULL, 0 } };
    struct prov_uri b;
    enum prov_status status;

    if (out == NULL || (unsigned)rule > PROV_URI_RULE_RFC3986 ||
        prov_uri_parse(base, &b, NULL) != PROV_OK)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0);
    if (ref.len > LONGEST)
        return fail(diag, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, LONGEST);
    if (rule == PROV_URI_RULE_RFC3986)
        ref = prov_str_cut(ref, 0, find(ref, 0, "#"));
    else if (ref.len == 0)
        return wrong(diag, PROV_D_URL_EMPTY, 0, ref);

    if (is_complete(ref, rule))
        status = from_address(&b, ref, true, &t, diag);
    else if (rule == PROV_URI_RULE_RFC3986 && has_prefix(ref, 0, "//"))
        status = from_address(&b, ref, false, &t, diag);
    else
        status = from_path(&b, base, ref, rule, &t, diag);
    return status == PROV_OK ? put_target(&t, out, diag) : status;
}

bool
prov_uri_same_origin(const struct prov_uri *a, const struct prov_uri *b)
{
    return a->scheme == b->scheme && a->port == b->port && prov_str_eq_nocase(a->host, b->host);
}

/* ---- For people, and for transports ---- */

static enum prov_status
finish(struct prov_buf *out, size_t mark)
{
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

/* Where the part to hide begins, and where its `@` is; false if there is nothing to hide. */
static bool
find_user(struct prov_str text, size_t *from, size_t *at)
{
    const size_t n = scheme_len(text);
    struct prov_uri u;

    *from = has_prefix(text, n, "://") ? n + 3 : 0;
    if (prov_uri_parse(text, &u, NULL) == PROV_OK) {
        *at = *from + user_len(&u) - 1;
        return u.has_user;
    }
    /* No address: nobody knows where a password ends, so the last `@` of all counts. */
    for (*at = text.len; *at > *from && text.ptr[*at - 1] != '@';)
        --*at;
    return (*at)-- > *from;
}

enum prov_status
prov_uri_redact(struct prov_str text, struct prov_buf *out)
{
    size_t from, at;

    if (out == NULL)
        return PROV_E_ARG;
    const size_t mark = out->len;

    if (find_user(text, &from, &at)) {
        prov_buf_put(out, text.ptr, from);
        prov_buf_put_z(out, "***@");
        text = prov_str_cut(text, at + 1, text.len);
    }
    prov_buf_put_str(out, text);
    return finish(out, mark);
}

enum prov_status
prov_uri_decode(struct prov_str text, struct prov_buf *out)
{
    if (out == NULL)
        return PROV_E_ARG;
    const size_t mark = out->len;

    for (size_t i = 0; i < text.len; i++) {
        const int byte = escaped(text, i);

        prov_buf_put_char(out, byte >= 0 ? (char)byte : text.ptr[i]);
        i += byte >= 0 ? 2 : 0;
    }
    return finish(out, mark);
}

const char *
prov_scheme_name(enum prov_scheme scheme)
{
    return (size_t)scheme < SCHEMES ? schemes[scheme].name.ptr : "";
}
