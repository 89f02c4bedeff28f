/* SPDX-License-Identifier: MIT */
#ifndef PROV_TEST_DHCP_H
#define PROV_TEST_DHCP_H

/* Readings of DHCP data, with everything they need. */

#include <prov/dhcp.h>

#include "support/prov_cmocka.h"

#define B PROV_STR_INIT

struct reading {
    char *input; /* heap copy of the exact size */
    enum prov_status status;
    struct prov_dhcp_facts facts;
    struct prov_diag items[4];
    struct prov_diags diags;
    struct prov_arena arena;
    _Alignas(16) char mem[16384];
};

static inline char *
exact_bytes(struct prov_str s)
{
    char *copy = malloc(s.len > 0 ? s.len : 1);

    assert_non_null(copy);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

/* Free with end_reading(). */
static inline void
begin_reading(struct reading *r, bool v6, struct prov_str bytes, enum prov_dhcp_input input)
{
    const struct prov_str source = PROV_STR_INIT("lease");

    memset(r, 0, sizeof(*r));
    r->input = exact_bytes(bytes);
    r->diags = (struct prov_diags){ r->items, PROV_COUNT(r->items), 0, 0 };
    prov_arena_init(&r->arena, r->mem, sizeof(r->mem));
    const struct prov_str copy = { r->input, bytes.len };

    r->status = v6 ? prov_dhcp6_read(copy, input, source, &r->arena, &r->facts, &r->diags)
                   : prov_dhcp4_read(copy, input, source, &r->arena, &r->facts, &r->diags);
}

static inline void
end_reading(struct reading *r)
{
    free(r->input);
}

/* The option of a code has this value. */
static inline bool
option_is(const struct prov_dhcp_facts *f, uint16_t code, struct prov_str value)
{
    const struct prov_dhcp_option *o = prov_dhcp_find(f, code);

    return o != NULL && prov_str_eq(o->bytes, value);
}

#define PACKET_HEAD 240u

/* An answer of a server with fields and options; its length. */
static inline size_t
make_packet(char *out, struct prov_str sname, struct prov_str file, struct prov_str options)
{
    static const char head[] = { 2, 1, 6, 0, 0x12, 0x34, 0x56, 0x78 };
    static const char mac[] = { 0x00, 0x09, 0x52, 0x00, 0x00, 0x0E };

    memset(out, 0, PACKET_HEAD);
    memcpy(out, head, sizeof(head));
    memcpy(out + 28, mac, sizeof(mac));
    memcpy(out + 44, sname.ptr, sname.len);
    memcpy(out + 108, file.ptr, file.len);
    memcpy(out + 236, "\x63\x82\x53\x63", 4);
    memcpy(out + PACKET_HEAD, options.ptr, options.len);
    return PACKET_HEAD + options.len;
}

#endif /* PROV_TEST_DHCP_H */
