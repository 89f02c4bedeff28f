/* SPDX-License-Identifier: MIT */
#include "core/host.h"

#include "base/str.h"

size_t
prov_host_name_error(struct prov_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        const char c = host.ptr[i];

        if (!prov_is_alpha(c) && !prov_is_digit(c) && c != '-' && c != '_' && c != '.')
            return i;
        if (c == '.' && (i == 0 || host.ptr[i - 1] == '.'))
            return i;
    }
    return PROV_HOST_OK;
}

/* First byte that a dotted quad cannot hold. No leading zeros: some take them for octal. */
static size_t
quad_error(struct prov_str s)
{
    size_t i = 0;

    for (unsigned octet = 0; octet < 4; octet++) {
        unsigned value = 0;

        if (octet > 0) {
            if (i == s.len || s.ptr[i] != '.')
                return i;
            i++;
        }
        const size_t from = i;

        for (; i < s.len && prov_is_digit(s.ptr[i]); i++) {
            value = value * 10 + (unsigned)(s.ptr[i] - '0');
            if (value > 255 || (i > from && s.ptr[from] == '0'))
                return i;
        }
        if (i == from)
            return i;
    }
    return i < s.len ? i : PROV_HOST_OK;
}

/* The last label, of a host with or without a dot at the end. */
static struct prov_str
last_label(struct prov_str host)
{
    const size_t to = host.len > 0 && host.ptr[host.len - 1] == '.' ? host.len - 1 : host.len;
    size_t from = to;

    while (from > 0 && host.ptr[from - 1] != '.')
        from--;
    return prov_str_cut(host, from, to);
}

static bool
is_number(struct prov_str s)
{
    const bool hex = s.len >= 2 && s.ptr[0] == '0' && prov_lower(s.ptr[1]) == 'x';

    for (size_t i = hex ? 2 : 0; i < s.len; i++) {
        if (hex ? prov_hex_value(s.ptr[i]) < 0 : !prov_is_digit(s.ptr[i]))
            return false;
    }
    return s.len > 0;
}

size_t
prov_host_number_error(struct prov_str host)
{
    return is_number(last_label(host)) ? quad_error(host) : PROV_HOST_OK;
}

/* Past at most four hexadecimal digits. */
static size_t
skip_group(struct prov_str s, size_t i)
{
    const size_t from = i;

    while (i < s.len && i - from < 4 && prov_hex_value(s.ptr[i]) >= 0)
        i++;
    return i;
}

size_t
prov_host_ipv6_error(struct prov_str s)
{
    const bool leading = s.len >= 2 && s.ptr[0] == ':' && s.ptr[1] == ':';
    unsigned groups = 0;
    unsigned most = leading ? 7 : 8; /* `::` stands for one group at least */
    size_t i = leading ? 2 : 0;

    while (i < s.len || i == 0) {
        const size_t end = skip_group(s, i);

        if (end == i || groups >= most)
            return i;
        if (end < s.len && s.ptr[end] == '.') {
            const size_t bad = quad_error(prov_str_cut(s, i, s.len));

            if (groups + 2 > most || bad != PROV_HOST_OK)
                return groups + 2 > most ? end : i + bad;
            groups += 2;
            break;
        }
        groups++;
        if (end == s.len)
            break;
        if (s.ptr[end] != ':' || end + 1 == s.len)
            return end + (s.ptr[end] == ':' ? 1 : 0);
        i = end + 1;
        if (s.ptr[i] == ':') {
            if (most == 7)
                return i;
            most = 7;
            i++;
        }
    }
    return groups == most || (most == 7 && groups < most) ? PROV_HOST_OK : s.len;
}
