/* SPDX-License-Identifier: MIT */
#include "core/dhcp.h"

#include "base/str.h"

/* What reading and understanding options share. */

enum prov_status
prov_dhcp_report(struct prov_diags *diags, enum prov_status status, enum prov_diag_code code,
                 struct prov_str source, const struct prov_dhcp_item *item)
{
    const struct prov_diag diag = {
        .status = status,
        .code = code,
        .source = source,
        .column = item != NULL ? (uint32_t)item->offset + 1 : 0,
        .need = item != NULL ? item->code : 0,
    };

    prov_diags_add(diags, &diag);
    return status;
}

enum prov_status
prov_dhcp_no_space(struct prov_diags *diags, struct prov_str source, const struct prov_arena *arena)
{
    const struct prov_diag diag = {
        .status = PROV_E_SPACE,
        .code = PROV_D_NO_ARENA_SPACE,
        .source = source,
        .need = arena->need,
    };

    prov_diags_add(diags, &diag);
    return PROV_E_SPACE;
}

bool
prov_dhcp_may_read(struct prov_str bytes, enum prov_dhcp_input input,
                   const struct prov_arena *arena, const struct prov_dhcp_facts *out)
{
    return arena != NULL && out != NULL && bytes.len <= PROV_DHCP_BYTES_MAX &&
           (bytes.ptr != NULL || bytes.len == 0) && (unsigned)input <= PROV_DHCP_INPUT_PACKET;
}

const struct prov_dhcp_option *
prov_dhcp_find(const struct prov_dhcp_facts *facts, uint16_t code)
{
    for (size_t i = 0; i < facts->option_count; i++) {
        if (facts->options[i].code == code)
            return &facts->options[i];
    }
    return NULL;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Without blanks at both ends and NULs at the end: servers send either behind the other. */
static struct prov_str
strip(struct prov_str s)
{
    size_t from = 0, to = s.len;

    while (to > 0 && (s.ptr[to - 1] == '\0' || is_space(s.ptr[to - 1])))
        to--;
    while (from < to && is_space(s.ptr[from]))
        from++;
    return prov_str_cut(s, from, to);
}

static bool
is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

enum prov_status
prov_dhcp_text(struct prov_str bytes, struct prov_str *text, struct prov_diag *diag)
{
    struct prov_str s = strip(bytes);
    enum prov_status status = text != NULL ? PROV_OK : PROV_E_ARG;
    size_t i = 0;

    if (s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0])
        s = strip(prov_str_cut(s, 1, s.len - 1));
    while (i < s.len && !is_control(s.ptr[i]))
        i++;
    if (status == PROV_OK && i < s.len)
        status = PROV_E_DENIED;
    if (status == PROV_OK) {
        *text = s;
    } else if (diag != NULL) {
        const bool control = status == PROV_E_DENIED;

        *diag = (struct prov_diag){
            .status = status,
            .code = control ? PROV_D_DHCP_CONTROL : PROV_D_BAD_ARGUMENT,
            .column = control ? (uint32_t)((size_t)(s.ptr - bytes.ptr) + i) + 1 : 0,
        };
    }
    return status;
}

size_t
prov_dhcp_escaped_control(struct prov_str s)
{
    for (size_t i = 0; i + 2 < s.len; i++) {
        if (s.ptr[i] != '%')
            continue;
        const int high = prov_hex_value(s.ptr[i + 1]), low = prov_hex_value(s.ptr[i + 2]);

        if ((high == 0 || high == 1) && low >= 0)
            return i;
        if (high == 7 && low == 15)
            return i;
    }
    return s.len;
}

static bool
joins_pairs(char c)
{
    return c == ':' || c == '-' || is_space(c);
}

size_t
prov_dhcp_unhex(struct prov_str text, char *out, size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len;) {
        if (joins_pairs(text.ptr[i]) && n > 0) {
            i++;
            continue;
        }
        if (i + 1 == text.len || n == cap || prov_hex_value(text.ptr[i]) < 0 ||
            prov_hex_value(text.ptr[i + 1]) < 0)
            return 0;
        out[n++] = (char)(prov_hex_value(text.ptr[i]) * 16 + prov_hex_value(text.ptr[i + 1]));
        i += 2;
    }
    return n;
}

static bool
parts_list(char c)
{
    return c == ',' || c == ';' || is_space(c);
}

struct prov_str
prov_dhcp_first_of_list(struct prov_str text)
{
    struct prov_str first = { NULL, 0 };
    struct prov_endpoint e;

    for (size_t i = 0; i < text.len; i++) {
        const size_t from = i;

        while (i < text.len && !parts_list(text.ptr[i]))
            i++;
        const struct prov_str one = prov_str_cut(text, from, i);

        if (one.len == 0)
            continue;
        if (prov_endpoint_parse(one, &e) != PROV_OK || e.family != PROV_FAMILY_IPV4)
            return text;
        if (first.len == 0)
            first = one;
    }
    return first.len > 0 ? first : text;
}
