/* SPDX-License-Identifier: MIT */
#include <prov/ref.h>

#include "fuzz_in.h"

#define FILES 12u
#define DEPTH 3u
#define URL_BYTES 80u

static const struct prov_macro items[] = {
    { PROV_STR_INIT("{mac}"), PROV_STR_INIT("00095200000E") },
    { PROV_STR_INIT("<HWTYP>"), PROV_STR_INIT("../") },
    { PROV_STR_INIT("{s}"), PROV_STR_INIT("a b") },
    { PROV_STR_INIT("{@}"), PROV_STR_INIT("http://u:p@h/") },
};
static const struct prov_macro_set set = { items, sizeof(items) / sizeof(items[0]) };

/* Following next from the first file meets every entry once, children behind their parent. */
static void
check_order(const struct prov_ref_tree *t)
{
    uint32_t seen = 0, path[DEPTH + 2] = { 0 };

    for (uint32_t i = 0; i != PROV_REF_NONE; i = t->entries[i].next) {
        const struct prov_ref_entry *e = &t->entries[i];

        FUZZ_CHECK(i < t->count && seen < t->count && e->depth <= DEPTH);
        FUZZ_CHECK((i == 0) == (e->parent == PROV_REF_NONE) && (i == 0) == (e->depth == 0));
        /* Depth first: the parent is the last one of its depth that was met. */
        FUZZ_CHECK(i == 0 || e->parent == path[e->depth - 1]);
        path[e->depth] = i;
        seen++;
    }
    FUZZ_CHECK(seen == t->count && t->count <= t->cap);
}

static void
check_entries(const struct prov_ref_tree *t)
{
    for (uint32_t i = 1; i < t->count; i++) {
        const struct prov_ref_entry *e = &t->entries[i];
        struct prov_uri u;

        FUZZ_CHECK(e->url.len <= URL_BYTES && prov_uri_parse(e->url, &u, NULL) == PROV_OK);
        FUZZ_CHECK(e->raw.len > 0 && prov_str_eq(e->raw, prov_str_trim(e->raw)));
        FUZZ_CHECK(e->line > 0 && e->column > 0);
        for (uint32_t k = e->parent; k != PROV_REF_NONE; k = t->entries[k].parent)
            FUZZ_CHECK(!prov_str_eq(e->url, t->entries[k].url));
    }
}

/* Spans of a diagnostic point into the document or a marker, and everything can be printed. */
static void
check_diags(const struct prov_diags *diags, struct prov_str text, enum prov_status status)
{
    uint32_t errors = 0;

    for (uint32_t i = 0; i < diags->count; i++) {
        const struct prov_diag *d = &diags->items[i];
        const bool in_text =
            d->subject.ptr >= text.ptr && d->subject.ptr + d->subject.len <= text.ptr + text.len;
        char mem[1024];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        FUZZ_CHECK(prov_diag_format(d, &out) == PROV_OK || d->subject.len > 100);
        FUZZ_CHECK(in_text || d->subject.len == 0 || d->code == PROV_D_MACRO_BAD_VALUE);
        FUZZ_CHECK(d->line > 0 && d->column > 0);
        FUZZ_CHECK((d->status == PROV_OK) == (d->code == PROV_D_REF_NOT_URL));
        FUZZ_CHECK(d->status == PROV_OK || d->status == status);
        errors += d->status != PROV_OK;
    }
    FUZZ_CHECK(diags->dropped > 0 || errors == (status != PROV_OK));
}

static void
check_status(enum prov_status status, enum prov_macro_enc enc, const struct prov_diags *diags)
{
    switch ((unsigned)status) {
    case PROV_OK:
    case PROV_E_SYNTAX:
    case PROV_E_LIMIT:
    case PROV_E_SPACE:
        break;
    case PROV_E_DENIED:
        FUZZ_CHECK(diags->dropped > 0 || enc == PROV_MACRO_ENC_RAW ||
                   diags->items[diags->count - 1].code == PROV_D_REF_CYCLE);
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
}

/* Every file of the tree is the same reference file, until it is refused. */
static void
grow(struct prov_ref_tree *t, const struct prov_xml *x, uint32_t root, struct prov_str text,
     enum prov_macro_enc enc)
{
    enum prov_status status = PROV_OK;

    for (uint32_t i = 0; i < t->count && status == PROV_OK; i++) {
        struct prov_diag found[32];
        struct prov_diags diags = { found, 32, 0, 0 };
        struct prov_ref_entry before[FILES + 1];
        const uint32_t count = t->count;
        const size_t perm = t->arena->perm;

        memcpy(before, t->entries, count * sizeof(*before));
        status = prov_ref_tree_add(t, i, t->entries[i].url, x, root, prov_str_z("url"), &set, enc,
                                   &diags);
        check_status(status, enc, &diags);
        check_diags(&diags, text, status);
        check_order(t);
        check_entries(t);
        FUZZ_CHECK(t->arena->scratch == 0);
        FUZZ_CHECK(status == PROV_OK || (t->count == count && t->arena->perm == perm));
        FUZZ_CHECK(status == PROV_OK || memcmp(before, t->entries, count * sizeof(*before)) == 0);
    }
}

static void
run(struct prov_str text, const struct prov_xml *x, uint32_t root, struct fuzz_in *in)
{
    const enum prov_macro_enc enc = (enum prov_macro_enc)(fuzz_u8(in) & 1);
    const size_t bytes = (size_t)fuzz_u8(in) * 32;
    const struct prov_limits wanted = {
        .size = sizeof(wanted), .url_bytes = URL_BYTES, .tree_files = FILES, .tree_depth = DEPTH
    };
    const struct prov_str url = PROV_STR_INIT("http://u:p@h/d/r?x"), raw = PROV_STR_INIT("raw");
    struct prov_limits limits;
    struct prov_ref_tree t;
    struct prov_arena arena;
    void *mem = malloc(bytes > 0 ? bytes : 1);

    FUZZ_CHECK(mem != NULL && prov_limits_resolve(&wanted, &limits) == PROV_OK);
    prov_arena_init(&arena, mem, bytes);
    if (prov_ref_tree_init(&t, &arena, &limits, url, raw, NULL) == PROV_OK)
        grow(&t, x, root, text, enc);
    free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char pool[60000];
    const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 200, .pool_nodes = 200 };
    struct fuzz_in in = { data, size };
    struct fuzz_in head = { data, size < 2 ? size : 2 };
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;

    (void)fuzz_take(&in, 2);
    const struct prov_str text = fuzz_rest(&in);

    prov_arena_init(&arena, pool, sizeof(pool));
    FUZZ_CHECK(prov_xml_init(&x, &arena, &small, NULL, 1) == PROV_OK);
    if (prov_xml_parse(&x, prov_str_z("r.xml"), text, &root, NULL) == PROV_OK)
        run(text, &x, root, &head);
    return 0;
}
