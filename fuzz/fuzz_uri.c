/* SPDX-License-Identifier: MIT */
#include <prov/uri.h>

#include <arpa/inet.h>

#include "fuzz_in.h"

static bool
contains(struct prov_str s, struct prov_str part)
{
    for (size_t i = 0; i + part.len <= s.len; i++) {
        if (memcmp(s.ptr + i, part.ptr, part.len) == 0)
            return true;
    }
    return false;
}

static size_t
count_at(struct prov_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '@';
    return n;
}

static bool
inside(struct prov_str part, struct prov_str all)
{
    return part.len == 0 || (part.ptr >= all.ptr && part.ptr + part.len <= all.ptr + all.len);
}

/* The system knows the same IPv6 addresses, but for zones. */
static bool
system_takes(struct prov_str host)
{
    struct in6_addr address;
    char text[64];

    if (host.len == 0 || host.len >= sizeof(text) || memchr(host.ptr, 0, host.len) != NULL)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* Exactly the addresses the system takes are taken. */
static void
check_ipv6(struct prov_str text)
{
    char url[80] = "http://[";
    const struct prov_str s = { url, 9 + text.len };
    struct prov_uri u;

    if (text.len > 60 || contains(text, prov_str_z("]"))) /* there the host would end */
        return;
    if (text.len > 0)
        memcpy(url + 8, text.ptr, text.len);
    url[8 + text.len] = ']';
    FUZZ_CHECK((prov_uri_parse(s, &u, NULL) == PROV_OK) == system_takes(text));
}

/* The origin, path and query are the whole text; every part lies in it. */
static void
check_parts(struct prov_str text, const struct prov_uri *u)
{
    const size_t rest = text.len - u->origin.len - u->path.len;

    FUZZ_CHECK(u->origin.ptr == text.ptr && inside(u->path, text) && inside(u->query, text));
    FUZZ_CHECK(rest == (rest > 0 ? u->query.len + 1 : 0));
    FUZZ_CHECK(inside(u->user, u->origin) && inside(u->password, u->origin));
    FUZZ_CHECK(u->host.len > 0 && inside(u->host, u->origin) && u->port > 0);
    FUZZ_CHECK(u->path.len == 0 || u->path.ptr[0] == '/');
    FUZZ_CHECK(u->has_user ||
               (!u->has_password && memchr(u->origin.ptr, '@', u->origin.len) == NULL));
    FUZZ_CHECK(!u->host_is_ipv6 || system_takes(u->host));
    for (size_t i = 0; i < text.len; i++)
        FUZZ_CHECK(text.ptr[i] > 0x20 && text.ptr[i] < 0x7F && text.ptr[i] != '#');
}

/* A wrong byte is found as soon as it is there: what stands behind it does not matter. */
static void
check_refusal(struct prov_str text, const struct prov_diag *diag)
{
    FUZZ_CHECK(diag->status == PROV_E_SYNTAX && diag->code != PROV_D_NONE);
    FUZZ_CHECK(diag->column >= 1 && diag->column <= text.len + 1);
    FUZZ_CHECK(inside(diag->subject, text));
}

static void
check_redaction(struct prov_str text, const struct prov_uri *u)
{
    char *mem = malloc(text.len + 4);
    struct prov_buf out = { mem, text.len + 4, 0 };
    struct prov_str shown;

    FUZZ_CHECK(mem != NULL && prov_uri_redact(text, &out) == PROV_OK);
    shown = prov_buf_str(&out);
    if (u ==
        NULL) /* nobody knows where a user part would end: nothing up to the last `@` is shown */
        FUZZ_CHECK(count_at(shown) == (count_at(text) > 0 ? 1 : 0));
    if (u != NULL && u->has_user) {
        const size_t len = u->user.len + (u->has_password ? 1 + u->password.len : 0);
        const struct prov_str user = { u->user.ptr, len };
        const size_t from = (size_t)(user.ptr - text.ptr) + len + 1;
        struct prov_uri v;

        FUZZ_CHECK(prov_uri_parse(shown, &v, NULL) == PROV_OK);
        FUZZ_CHECK(prov_str_eq(v.user, prov_str_z("***")) && !v.has_password);
        FUZZ_CHECK(shown.len + len == text.len + 3 && prov_str_eq(v.host, u->host));
        /* Unless the same word stands elsewhere too, or is part of the scheme or the stars. */
        if (len > 6 && !contains(prov_str_cut(text, from, text.len), user))
            FUZZ_CHECK(!contains(shown, user));
    }
    free(mem);
}

static enum prov_status
resolve(struct prov_str base, struct prov_str ref, enum prov_uri_rule rule, size_t cap, char **mem,
        struct prov_buf *out, struct prov_diag *diag)
{
    *mem = malloc(cap > 0 ? cap : 1);
    FUZZ_CHECK(*mem != NULL);
    *out = (struct prov_buf){ *mem, cap, 0 };
    const enum prov_status status = prov_uri_resolve(base, ref, rule, out, diag);

    FUZZ_CHECK(status == PROV_OK ? out->len <= cap : out->len == 0);
    return status;
}

/* No segment of a result is a dot segment. */
static bool
has_dots(struct prov_str path)
{
    for (size_t from = 0, i = 0; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/')
            continue;
        const struct prov_str segment = prov_str_cut(path, from, i);

        if (prov_str_eq(segment, prov_str_z(".")) || prov_str_eq(segment, prov_str_z("..")))
            return true;
        from = i + 1;
    }
    return false;
}

static void
check_result(struct prov_str base, struct prov_str ref, enum prov_uri_rule rule,
             struct prov_str result)
{
    struct prov_uri b, r, v;
    struct prov_buf again;
    struct prov_diag diag = { 0 };
    char *mem;

    FUZZ_CHECK(prov_uri_parse(base, &b, NULL) == PROV_OK);
    FUZZ_CHECK(prov_uri_parse(result, &r, NULL) == PROV_OK);
    FUZZ_CHECK(!has_dots(r.path));
    /* Credentials come from the reference, or from a base of the same origin. */
    if (r.has_user && !contains(ref, r.user))
        FUZZ_CHECK(prov_uri_same_origin(&b, &r) && prov_str_eq(b.user, r.user));
    if (prov_uri_parse(ref, &v, NULL) == PROV_OK)
        FUZZ_CHECK(prov_uri_same_origin(&v, &r) && prov_str_eq(v.query, r.query));
    /* A result is complete: from any base of another origin it leads to itself. */
    FUZZ_CHECK(resolve(prov_str_z("ftp://other.example:9/x"), result, rule, result.len, &mem,
                       &again, &diag) == PROV_OK);
    FUZZ_CHECK(prov_str_eq(prov_buf_str(&again), result));
    free(mem);
}

static void
check_resolution(struct prov_str base, struct prov_str ref, enum prov_uri_rule rule, size_t cap)
{
    struct prov_diag diag = { 0 };
    struct prov_buf out, second;
    char *mem, *mem2;
    enum prov_status status = resolve(base, ref, rule, cap, &mem, &out, &diag);

    switch ((unsigned)status) {
    case PROV_OK:
        check_result(base, ref, rule, prov_buf_str(&out));
        break;
    case PROV_E_SPACE: /* the size that was asked for is enough, and minimal */
        FUZZ_CHECK(diag.need > cap);
        FUZZ_CHECK(resolve(base, ref, rule, diag.need, &mem2, &second, &diag) == PROV_OK);
        FUZZ_CHECK(second.len == second.cap);
        check_result(base, ref, rule, prov_buf_str(&second));
        free(mem2);
        break;
    case PROV_E_SYNTAX:
        check_refusal(ref, &diag);
        break;
    default: /* not in the documented set; inputs are too short for a limit */
        FUZZ_CHECK(false);
    }
    free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size > 4096 ? 4096 : size };
    const enum prov_uri_rule rule = (enum prov_uri_rule)(fuzz_u8(&in) & 1);
    const size_t cap = fuzz_u8(&in);
    const struct prov_str base = fuzz_str(&in, 100);
    const struct prov_str text = fuzz_rest(&in);
    struct prov_diag diag = { 0 };
    struct prov_uri u;
    const enum prov_status status = prov_uri_parse(text, &u, &diag);

    if (status == PROV_OK) {
        check_parts(text, &u);
    } else {
        FUZZ_CHECK(status == PROV_E_SYNTAX);
        check_refusal(text, &diag);
    }
    check_ipv6(text);
    check_redaction(text, status == PROV_OK ? &u : NULL);
    if (prov_uri_parse(base, &u, NULL) == PROV_OK)
        check_resolution(base, text, rule, cap);
    return 0;
}
