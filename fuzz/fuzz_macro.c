/* SPDX-License-Identifier: MIT */
#include <prov/macro.h>

#include "fuzz_in.h"

/* Run once in a heap block of exactly cap bytes, so ASan sees every overrun. */
static enum prov_status
run(struct prov_str tmpl, const struct prov_macro_set *set, unsigned enc, size_t cap, char **mem,
    size_t *len, struct prov_diag *diag)
{
    *mem = malloc(cap > 0 ? cap : 1);
    FUZZ_CHECK(*mem != NULL);

    struct prov_buf out = { *mem, cap, 0 };
    const enum prov_status st = prov_macro_expand(tmpl, set, enc, &out, diag);

    FUZZ_CHECK(st == PROV_OK || out.len == 0);
    FUZZ_CHECK(out.len <= cap);
    *len = out.len;
    return st;
}

/* Is one of the markers at this column of the template? */
static bool
marker_at(struct prov_str tmpl, const struct prov_macro_set *set, uint32_t col)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct prov_str m = set->items[i].marker;

        if (m.len <= tmpl.len - (col - 1) && memcmp(m.ptr, tmpl.ptr + col - 1, m.len) == 0)
            return true;
    }
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const unsigned enc = fuzz_u8(&in) & 1;
    const size_t cap = fuzz_u8(&in);
    struct prov_macro items[2];
    const struct prov_macro_set set = { items, 2 };

    for (size_t i = 0; i < 2; i++) {
        items[i].marker = fuzz_str(&in, 8);
        items[i].value = fuzz_str(&in, 32);
    }
    const struct prov_str tmpl = fuzz_rest(&in);

    char *a, *b;
    size_t alen, blen;
    struct prov_diag diag = { 0 }, again = { 0 };
    const enum prov_status st = run(tmpl, &set, enc, cap, &a, &alen, &diag);

    switch ((unsigned)st) {
    case PROV_OK: /* the same input gives the same bytes in a tight buffer */
        FUZZ_CHECK(run(tmpl, &set, enc, alen, &b, &blen, &again) == PROV_OK);
        FUZZ_CHECK(blen == alen && memcmp(a, b, alen) == 0);
        free(b);
        break;
    case PROV_E_SPACE: /* the size that was asked for is enough, and minimal */
        FUZZ_CHECK(diag.need > cap);
        FUZZ_CHECK(run(tmpl, &set, enc, diag.need, &b, &blen, &again) == PROV_OK);
        FUZZ_CHECK(blen == diag.need);
        free(b);
        break;
    case PROV_E_DENIED: /* only raw, and the diagnostic points at a marker */
        FUZZ_CHECK(enc == PROV_MACRO_ENC_RAW);
        FUZZ_CHECK(diag.column >= 1 && diag.column <= tmpl.len);
        FUZZ_CHECK(marker_at(tmpl, &set, diag.column));
        break;
    case PROV_E_ARG:
        FUZZ_CHECK(items[0].marker.len == 0 || items[1].marker.len == 0);
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
    free(a);
    return 0;
}
