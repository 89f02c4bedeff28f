/* SPDX-License-Identifier: MIT */
#include <prov/trust.h>

#include <prov/abi.h>
#include <prov/endpoint.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/host.h"

/* ---- Servers ---- */

/* An entry of the list, or the server of an address. */
struct server {
    bool below;                   /* every name below this one */
    struct prov_str name;         /* without a dot at the end; empty = an IP address */
    struct prov_endpoint address; /* its port is not used */
    uint16_t port;                /* 0 = any */
};

/* A dot at the end only says that the name is complete. */
static struct prov_str
bare_name(struct prov_str name)
{
    return name.len > 0 && name.ptr[name.len - 1] == '.' ? prov_str_cut(name, 0, name.len - 1)
                                                         : name;
}

/* Decimal, 1..65535, without leading zeros. */
static bool
read_port(struct prov_str text, uint16_t *port)
{
    uint32_t n = 0;

    if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!prov_is_digit(text.ptr[i]))
            return false;
        n = n * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *port = (uint16_t)n;
    return n <= UINT16_MAX;
}

/* What stands before the port, if there is one. */
static bool
cut_port(struct prov_str *text, uint16_t *port)
{
    size_t at = 0;

    while (at < text->len && text->ptr[at] != ':')
        at++;
    if (at == text->len)
        return true;
    if (!read_port(prov_str_cut(*text, at + 1, text->len), port))
        return false;
    *text = prov_str_cut(*text, 0, at);
    return true;
}

static bool
read_entry(struct prov_str text, struct server *out)
{
    struct server s = { .below = false };

    if (prov_endpoint_parse(text, &s.address) == PROV_OK) {
        s.port = s.address.port;
        *out = s;
        return true;
    }
    if (!cut_port(&text, &s.port))
        return false;
    s.below = text.len >= 2 && text.ptr[0] == '*' && text.ptr[1] == '.';
    text = s.below ? prov_str_cut(text, 2, text.len) : text;
    s.name = bare_name(text);
    *out = s;
    return s.name.len > 0 && prov_host_name_error(text) == PROV_HOST_OK &&
           prov_host_number_error(text) == PROV_HOST_OK;
}

static struct server
server_of(const struct prov_uri *u)
{
    struct server s = { .port = u->port };

    if (prov_endpoint_parse(u->host, &s.address) != PROV_OK)
        s.name = bare_name(u->host);
    return s;
}

static bool
is_below(struct prov_str name, struct prov_str top)
{
    if (name.len < top.len + 2 || name.ptr[name.len - top.len - 1] != '.')
        return false;
    return prov_str_eq_nocase(prov_str_cut(name, name.len - top.len, name.len), top);
}

static bool
fits(const struct server *entry, const struct server *s)
{
    if (entry->port != 0 && entry->port != s->port)
        return false;
    if (entry->name.len == 0 || s->name.len == 0)
        return entry->name.len == s->name.len &&
               prov_endpoint_same_host(&entry->address, &s->address);
    return entry->below ? is_below(s->name, entry->name) : prov_str_eq_nocase(s->name, entry->name);
}

static bool
is_listed(const struct prov_trust *t, const struct prov_uri *u)
{
    const struct server s = server_of(u);

    for (size_t i = 0; i < t->host_count; i++) {
        struct server entry;

        if (read_entry(t->hosts[i], &entry) && fits(&entry, &s))
            return true;
    }
    return t->host_count == 0;
}

/* ---- The policy ---- */

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code,
     struct prov_str subject)
{
    if (diag != NULL)
        *diag = (struct prov_diag){ .status = status, .code = code, .subject = subject };
    return status;
}

enum prov_status
prov_trust_resolve(const struct prov_trust *given, struct prov_trust *out, struct prov_diag *diag)
{
    struct prov_trust t = { .size = sizeof(t) };
    struct server unused;

    if (out == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, prov_str_z(""));
    if (given != NULL && prov_abi_import(&t, sizeof(t), given, sizeof(size_t)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, prov_str_z("struct prov_trust"));
    if (t.host_count > 0 && t.hosts == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, prov_str_z(""));
    for (size_t i = 0; i < t.host_count; i++) {
        if (!read_entry(t.hosts[i], &unused))
            return fail(diag, PROV_E_SYNTAX, PROV_D_TRUST_ENTRY, t.hosts[i]);
    }
    t.size = sizeof(t);
    t.sources = t.sources != 0 ? t.sources : PROV_TRUST_LOCAL;
    *out = t;
    return PROV_OK;
}

bool
prov_trust_is_over(const struct prov_trust *trust, const struct prov_trust_known *known,
                   uint32_t from)
{
    return (trust->sources & from) != 0 && trust->first_only && known->provisioned;
}

/* One that cannot be compared with counts as another. */
static bool
is_pinned(const struct prov_trust_known *known, const struct prov_uri *u)
{
    struct prov_uri pin;

    return known->pin.len == 0 ||
           (prov_uri_parse(known->pin, &pin, NULL) == PROV_OK && prov_uri_same_origin(&pin, u));
}

enum prov_trust_fault
prov_trust_judge(const struct prov_trust *trust, const struct prov_trust_known *known,
                 uint32_t from, struct prov_str url)
{
    struct prov_uri u;

    if ((trust->sources & from) == 0)
        return PROV_TRUST_ALLOWED;
    if (prov_trust_is_over(trust, known, from))
        return PROV_TRUST_NOT_FIRST;
    if (!trust->https_only && trust->host_count == 0 && !trust->pin)
        return PROV_TRUST_ALLOWED;
    if (prov_uri_parse(url, &u, NULL) != PROV_OK)
        return PROV_TRUST_NO_SERVER;
    if (trust->https_only && u.scheme != PROV_SCHEME_HTTPS)
        return PROV_TRUST_NOT_HTTPS;
    if (!is_listed(trust, &u))
        return PROV_TRUST_NOT_LISTED;
    return trust->pin && !is_pinned(known, &u) ? PROV_TRUST_NOT_PINNED : PROV_TRUST_ALLOWED;
}

static const struct {
    const char *reason;
    enum prov_diag_code code;
} faults[] = {
    [PROV_TRUST_ALLOWED] = { "", PROV_D_NONE },
    [PROV_TRUST_NOT_FIRST] = { "policy: only before the first provisioning",
                               PROV_D_TRUST_NOT_FIRST },
    [PROV_TRUST_NO_SERVER] = { "policy: it comes from no server", PROV_D_TRUST_NO_SERVER },
    [PROV_TRUST_NOT_HTTPS] = { "policy: https only", PROV_D_TRUST_NOT_HTTPS },
    [PROV_TRUST_NOT_LISTED] = { "policy: the server is not on the list", PROV_D_TRUST_NOT_LISTED },
    [PROV_TRUST_NOT_PINNED] = { "policy: not the server of the first provisioning",
                                PROV_D_TRUST_NOT_PINNED },
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

const char *
prov_trust_reason(enum prov_trust_fault fault)
{
    return (unsigned)fault < FAULTS ? faults[fault].reason : "";
}

enum prov_diag_code
prov_trust_code(enum prov_trust_fault fault)
{
    return (unsigned)fault < FAULTS ? faults[fault].code : PROV_D_NONE;
}

enum prov_status
prov_trust_origin(struct prov_str url, struct prov_buf *out)
{
    struct prov_uri u;
    enum prov_status status;
    size_t mark;

    if (out == NULL)
        return PROV_E_ARG;
    status = prov_uri_parse(url, &u, NULL);
    if (status != PROV_OK)
        return status;
    mark = out->len;
    prov_buf_put_z(out, prov_scheme_name(u.scheme));
    prov_buf_put_z(out, u.host_is_ipv6 ? "://[" : "://");
    for (size_t i = 0; i < u.host.len; i++)
        prov_buf_put_char(out, prov_lower(u.host.ptr[i]));
    prov_buf_put_z(out, u.host_is_ipv6 ? "]:" : ":");
    prov_buf_put_uint(out, u.port, 1);
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}
