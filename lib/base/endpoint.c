/* SPDX-License-Identifier: MIT */
#include <prov/endpoint.h>

#include "base/buf.h"
#include "base/str.h"

#define GROUPS 8u

/* First twelve bytes of an IPv4 address that is mapped into IPv6. */
static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

/* The four bytes of an IPv4 address in whatever form, NULL for any other. */
static const uint8_t *
ipv4_of(const struct prov_endpoint *e)
{
    if (e->family == PROV_FAMILY_IPV4)
        return e->addr;
    return e->family == PROV_FAMILY_IPV6 && memcmp(e->addr, mapped, sizeof(mapped)) == 0
               ? e->addr + sizeof(mapped)
               : NULL;
}

bool
prov_endpoint_same_host(const struct prov_endpoint *a, const struct prov_endpoint *b)
{
    const uint8_t *p = ipv4_of(a), *q = ipv4_of(b);

    if (p != NULL && q != NULL)
        return memcmp(p, q, 4) == 0;
    return a->family == PROV_FAMILY_IPV6 && b->family == PROV_FAMILY_IPV6 &&
           memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* ---- Writing ---- */

static void
put_ipv4(struct prov_buf *out, const uint8_t *addr)
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0)
            prov_buf_put_char(out, '.');
        prov_buf_put_uint(out, addr[i], 1);
    }
}

static unsigned
group_at(const uint8_t *addr, unsigned i)
{
    return (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
}

/* Zero groups from i on. */
static unsigned
zeros_at(const uint8_t *addr, unsigned i)
{
    unsigned n = 0;

    while (i + n < GROUPS && group_at(addr, i + n) == 0)
        n++;
    return n;
}

static void
put_group(struct prov_buf *out, unsigned group)
{
    static const char hex[] = "0123456789abcdef";
    bool begun = false;

    for (unsigned shift = 16; shift > 0; shift -= 4) {
        const unsigned digit = group >> (shift - 4) & 15u;

        begun = begun || digit > 0 || shift == 4;
        if (begun)
            prov_buf_put_char(out, hex[digit]);
    }
}

/* RFC 5952: the longest run of two zeros or more becomes `::`, the first of equal ones. */
static void
put_ipv6(struct prov_buf *out, const uint8_t *addr)
{
    unsigned gap = GROUPS, gap_len = 1;

    if (memcmp(addr, mapped, sizeof(mapped)) == 0) {
        prov_buf_put_z(out, "::ffff:");
        put_ipv4(out, addr + sizeof(mapped));
        return;
    }
    for (unsigned i = 0; i < GROUPS; i++) {
        if (zeros_at(addr, i) > gap_len) {
            gap = i;
            gap_len = zeros_at(addr, i);
        }
    }
    for (unsigned i = 0; i < GROUPS;) {
        if (i == gap) {
            prov_buf_put_z(out, "::");
            i += gap_len;
            continue;
        }
        if (i > 0 && i != gap + gap_len)
            prov_buf_put_char(out, ':');
        put_group(out, group_at(addr, i++));
    }
}

enum prov_status
prov_endpoint_format(const struct prov_endpoint *e, struct prov_buf *out)
{
    if (e == NULL || out == NULL)
        return PROV_E_ARG;
    if (e->family == PROV_FAMILY_NONE)
        return PROV_OK;
    if (e->family != PROV_FAMILY_IPV4 && e->family != PROV_FAMILY_IPV6)
        return PROV_E_ARG;
    const size_t mark = out->len;

    if (e->family == PROV_FAMILY_IPV4) {
        put_ipv4(out, e->addr);
    } else {
        prov_buf_put_char(out, '[');
        put_ipv6(out, e->addr);
        prov_buf_put_char(out, ']');
    }
    if (e->port > 0) {
        prov_buf_put_char(out, ':');
        prov_buf_put_uint(out, e->port, 1);
    }
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

/* ---- Reading ---- */

/* All of s as a number of at most most, no zeros in front. */
static bool
read_number(struct prov_str s, unsigned most, unsigned *out)
{
    unsigned value = 0;

    if (s.len == 0 || s.len > 5 || (s.len > 1 && s.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!prov_is_digit(s.ptr[i]))
            return false;
        value = value * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *out = value;
    return value <= most;
}

static bool
read_ipv4(struct prov_str s, uint8_t *addr)
{
    size_t from = 0;

    for (unsigned octet = 0; octet < 4; octet++) {
        unsigned value;
        size_t to = from;

        while (to < s.len && s.ptr[to] != '.')
            to++;
        if ((to == s.len) != (octet == 3) || !read_number(prov_str_cut(s, from, to), 255, &value))
            return false;
        addr[octet] = (uint8_t)value;
        from = to + 1;
    }
    return true;
}

/* An IPv6 address being read. */
struct groups {
    uint8_t addr[16];
    unsigned count;
    unsigned gap; /* groups before `::`; GROUPS + 1 = there is none */
};

/* Past one group, or past an IPv4 address at the end; s.len + 1 if it is neither. */
static size_t
take_group(struct groups *g, struct prov_str s, size_t at)
{
    unsigned value = 0;
    size_t to = at;

    for (; to < s.len && to - at < 4 && prov_hex_value(s.ptr[to]) >= 0; to++)
        value = value << 4 | (unsigned)prov_hex_value(s.ptr[to]);
    if (to < s.len && s.ptr[to] == '.') {
        if (g->count + 2 > GROUPS ||
            !read_ipv4(prov_str_cut(s, at, s.len), g->addr + (size_t)2 * g->count))
            return s.len + 1;
        g->count += 2;
        return s.len;
    }
    if (to == at || g->count == GROUPS)
        return s.len + 1;
    g->addr[2 * g->count] = (uint8_t)(value >> 8);
    g->addr[2 * g->count + 1] = (uint8_t)(value & 0xFFu);
    g->count++;
    return to;
}

/* Past the colon or colons between two groups; s.len + 1 if there are none, or one at an end. */
static size_t
take_colons(struct groups *g, struct prov_str s, size_t at)
{
    if (s.ptr[at] != ':' || at + 1 == s.len)
        return s.len + 1;
    if (s.ptr[at + 1] != ':')
        return at > 0 ? at + 1 : s.len + 1;
    if (g->gap <= GROUPS)
        return s.len + 1;
    g->gap = g->count;
    return at + 2;
}

static bool
read_ipv6(struct prov_str s, uint8_t *addr)
{
    struct groups g = { .count = 0, .gap = GROUPS + 1 };
    size_t at = s.len > 0 && s.ptr[0] == ':' ? take_colons(&g, s, 0) : 0;

    while (at < s.len) {
        at = take_group(&g, s, at);
        if (at < s.len)
            at = take_colons(&g, s, at);
    }
    if (at > s.len || s.len == 0 || (g.gap > GROUPS ? g.count != GROUPS : g.count == GROUPS))
        return false;
    const size_t head = g.gap > GROUPS ? sizeof(g.addr) : (size_t)2 * g.gap;
    const size_t tail = (size_t)2 * g.count - (g.gap > GROUPS ? sizeof(g.addr) : head);

    memset(addr, 0, sizeof(g.addr));
    memcpy(addr, g.addr, head);
    memcpy(addr + sizeof(g.addr) - tail, g.addr + head, tail);
    return true;
}

static size_t
count_colons(struct prov_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == ':' ? 1 : 0;
    return n;
}

/* The host ends there: behind the bracket, at the only colon, or at the end. */
static size_t
host_end(struct prov_str s, bool brackets)
{
    size_t i = 0;

    if (!brackets && count_colons(s) != 1)
        return s.len;
    while (i < s.len && s.ptr[i] != (brackets ? ']' : ':'))
        i++;
    return brackets && i < s.len ? i + 1 : i;
}

enum prov_status
prov_endpoint_parse(struct prov_str text, struct prov_endpoint *out)
{
    struct prov_endpoint e = { .family = PROV_FAMILY_IPV4 };
    unsigned port = 0;

    if (out == NULL)
        return PROV_E_ARG;
    if (text.len == 0 || text.len > PROV_ENDPOINT_BYTES)
        return PROV_E_SYNTAX;
    const bool brackets = text.ptr[0] == '[';
    const size_t end = host_end(text, brackets);
    struct prov_str host = prov_str_cut(text, 0, end);

    if (end < text.len &&
        (text.ptr[end] != ':' ||
         !read_number(prov_str_cut(text, end + 1, text.len), 65535, &port) || port == 0))
        return PROV_E_SYNTAX;
    if (brackets && (host.len < 2 || host.ptr[host.len - 1] != ']'))
        return PROV_E_SYNTAX;
    if (brackets)
        host = prov_str_cut(host, 1, host.len - 1);
    if (brackets || count_colons(host) > 0)
        e.family = PROV_FAMILY_IPV6;
    if (e.family == PROV_FAMILY_IPV6 ? !read_ipv6(host, e.addr) : !read_ipv4(host, e.addr))
        return PROV_E_SYNTAX;
    e.port = (uint16_t)port;
    *out = e;
    return PROV_OK;
}
