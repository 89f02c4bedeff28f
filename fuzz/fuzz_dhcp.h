/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_DHCP_H
#define FUZZ_DHCP_H

/* What the harnesses of both versions share: readings, and what must hold for every address. */

#include <prov/dhcp.h>

#include "fuzz_in.h"

#define FUZZ_ARENA 70000u
#define FUZZ_DIAGS 4u

typedef enum prov_status fuzz_read_fn(struct prov_str bytes, enum prov_dhcp_input input,
                                      struct prov_str source, struct prov_arena *arena,
                                      struct prov_dhcp_facts *out, struct prov_diags *diags);

/* One reading in memory of its own. */
struct fuzz_reading {
    char *mem;
    struct prov_arena arena;
    struct prov_dhcp_facts facts;
    struct prov_diag items[FUZZ_DIAGS];
    struct prov_diags diags;
    enum prov_status status;
};

static inline void
fuzz_read(struct fuzz_reading *r, fuzz_read_fn *read, struct prov_str bytes,
          enum prov_dhcp_input input)
{
    const struct prov_str source = PROV_STR_INIT("fuzz");

    memset(r, 0, sizeof(*r));
    r->mem = malloc(FUZZ_ARENA);
    FUZZ_CHECK(r->mem != NULL);
    prov_arena_init(&r->arena, r->mem, FUZZ_ARENA);
    r->diags = (struct prov_diags){ r->items, FUZZ_DIAGS, 0, 0 };
    r->status = read(bytes, input, source, &r->arena, &r->facts, &r->diags);
    FUZZ_CHECK(r->status == PROV_OK || r->status == PROV_E_SYNTAX);
    FUZZ_CHECK((r->status == PROV_OK) ==
               (r->diags.count == 0 || r->items[r->diags.count - 1].status == PROV_OK));
}

static inline bool
fuzz_inside(struct prov_str part, const char *ptr, size_t len)
{
    return part.len == 0 || (part.ptr >= ptr && part.ptr + part.len <= ptr + len);
}

/* Every span lies in the input or in the arena; every offset in the input. */
static inline void
fuzz_check_spans(const struct fuzz_reading *r, struct prov_str bytes)
{
    const struct prov_dhcp_facts *f = &r->facts;

    for (size_t i = 0; i < f->option_count; i++) {
        const struct prov_dhcp_option *o = &f->options[i];

        FUZZ_CHECK(fuzz_inside(o->bytes, bytes.ptr, bytes.len) ||
                   fuzz_inside(o->bytes, r->mem, r->arena.perm));
        FUZZ_CHECK(o->offset < bytes.len);
    }
    FUZZ_CHECK(fuzz_inside(f->sname, bytes.ptr, bytes.len));
    FUZZ_CHECK(fuzz_inside(f->file, bytes.ptr, bytes.len));
    for (uint32_t i = 0; i < r->diags.count; i++)
        FUZZ_CHECK(r->items[i].column <= bytes.len && r->items[i].code != PROV_D_NONE);
}

/* The same options with the same values, but for their places. */
static inline void
fuzz_check_same(const struct prov_dhcp_facts *a, const struct prov_dhcp_facts *b)
{
    FUZZ_CHECK(a->option_count == b->option_count && a->message_type == b->message_type);
    for (size_t i = 0; i < a->option_count; i++) {
        FUZZ_CHECK(a->options[i].code == b->options[i].code);
        FUZZ_CHECK(prov_str_eq(a->options[i].bytes, b->options[i].bytes));
    }
}

static inline bool
fuzz_has_control(struct prov_str s)
{
    static const char digits[] = "0123456789abcdefABCDEF";

    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];

        if (c < 0x20 || c == 0x7F)
            return true;
        if (c != '%' || s.len - i < 3 || s.ptr[i + 2] == '\0' || !strchr(digits, s.ptr[i + 2]))
            continue;
        if (s.ptr[i + 1] == '0' || s.ptr[i + 1] == '1' ||
            (s.ptr[i + 1] == '7' && (s.ptr[i + 2] == 'f' || s.ptr[i + 2] == 'F')))
            return true;
    }
    return false;
}

static inline enum prov_status
fuzz_address_in(const struct prov_dhcp_facts *f, const struct prov_dhcp_rule *rule,
                const struct prov_dhcp_policy *policy, size_t cap, struct prov_buf *out,
                struct prov_diag *diag)
{
    char *mem = malloc(cap > 0 ? cap : 1);

    FUZZ_CHECK(mem != NULL);
    *out = (struct prov_buf){ mem, cap, 0 };
    const enum prov_status status = prov_dhcp_address(f, rule, policy, out, diag);

    FUZZ_CHECK(status == PROV_OK ? out->len <= cap : out->len == 0);
    FUZZ_CHECK(diag->status == status);
    return status;
}

/* Whatever the options are, an address is fit for a request line, and one status tells why not. */
static inline void
fuzz_check_address(const struct prov_dhcp_facts *f, const struct prov_dhcp_rule *rule,
                   const struct prov_dhcp_policy *policy)
{
    struct prov_diag diag, again;
    struct prov_buf out, tight;

    switch ((unsigned)fuzz_address_in(f, rule, policy, FUZZ_ARENA, &out, &diag)) {
    case PROV_OK:
        FUZZ_CHECK(out.len > 0 && !fuzz_has_control(prov_buf_str(&out)));
        FUZZ_CHECK(diag.code == PROV_D_NONE ||
                   prov_diag_severity(diag.code) == PROV_SEVERITY_WARNING);
        FUZZ_CHECK(fuzz_address_in(f, rule, policy, out.len, &tight, &again) == PROV_OK);
        FUZZ_CHECK(prov_str_eq(prov_buf_str(&out), prov_buf_str(&tight)));
        free(tight.ptr);
        FUZZ_CHECK(fuzz_address_in(f, rule, policy, out.len - 1, &tight, &again) == PROV_E_SPACE);
        FUZZ_CHECK(again.need == out.len);
        free(tight.ptr);
        break;
    case PROV_E_NOT_FOUND:
        FUZZ_CHECK(diag.code == PROV_D_NONE);
        break;
    case PROV_E_DENIED:
    case PROV_E_SYNTAX: /* the option that is at fault is there, or a BOOTP field stands in */
        FUZZ_CHECK(diag.code != PROV_D_NONE && diag.column > 0 && diag.need > 0);
        FUZZ_CHECK(rule->bootp || prov_dhcp_find(f, (uint16_t)diag.need) != NULL);
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
    free(out.ptr);
}

#endif /* FUZZ_DHCP_H */
