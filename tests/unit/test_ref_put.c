/* SPDX-License-Identifier: MIT */

/* Files that a parameter names: one address at a time in the tree. */

#include <prov/ref.h>

#include "support/prov_cmocka.h"

#define FIRST "http://u:p@prov.example.com/d/KX-1.cfg"
#define BYTES 40000u

static const struct prov_macro items[] = {
    { PROV_STR_INIT("{mac}"), PROV_STR_INIT("0080f0c571eb") },
    { PROV_STR_INIT("{MODEL}"), PROV_STR_INIT("KX 1") },
};
static const struct prov_macro_set set = { items, PROV_COUNT(items) };

struct world {
    struct prov_limits limits;
    struct prov_arena arena;
    struct prov_ref_tree tree;
    struct prov_diag items[4];
    struct prov_diags diags;
    char *mem;
};

static void
begin(struct world *w, size_t bytes)
{
    w->limits.size = sizeof(w->limits);
    assert_int_equal(PROV_OK, prov_limits_resolve(&w->limits, &w->limits));
    w->mem = malloc(bytes);
    assert_non_null(w->mem);
    prov_arena_init(&w->arena, w->mem, bytes);
    w->diags = (struct prov_diags){ w->items, PROV_COUNT(w->items), 0, 0 };
    assert_int_equal(PROV_OK, prov_ref_tree_init(&w->tree, &w->arena, &w->limits, prov_str_z(FIRST),
                                                 prov_str_z(FIRST), NULL));
}

static enum prov_status
put(struct world *w, const char *base, const char *text)
{
    char *exact = prov_copy_exact(text);
    const struct prov_ref_address at = { { exact, strlen(text) }, PROV_STR_INIT("first"), 7, 24 };
    enum prov_status status;

    w->diags.count = 0;
    status = prov_ref_tree_put(&w->tree, 0, prov_str_z(base), &at, &set, PROV_MACRO_ENC_PERCENT,
                               &w->diags);
    free(exact); /* it was copied */
    return status;
}

static const struct row {
    const char *name, *base, *text, *url;
    enum prov_diag_code code; /* PROV_D_NONE: it is taken */
} rows[] = {
    { "complete", FIRST, "http://other.example.com/a.cfg", "http://other.example.com/a.cfg",
      PROV_D_NONE },
    { "beside the first", FIRST, "Config{mac}.cfg",
      "http://u:p@prov.example.com/d/Config0080f0c571eb.cfg", PROV_D_NONE },
    { "at the root of the host", FIRST, "/{MODEL}.cfg", "http://u:p@prov.example.com/KX%201.cfg",
      PROV_D_NONE },
    { "blanks around it", FIRST, " \t a.cfg \n", "http://u:p@prov.example.com/d/a.cfg",
      PROV_D_NONE },
    { "never above the host", FIRST, "../../../a.cfg", "http://u:p@prov.example.com/a.cfg",
      PROV_D_NONE },
    { "a login stays where it belongs", "http://prov.example.com/d/x", "http://prov.example.com/a",
      "http://prov.example.com/a", PROV_D_NONE },
    { "its own login", FIRST, "http://a:b@h/c", "http://a:b@h/c", PROV_D_NONE },
    { "the first file itself is no cycle", FIRST, FIRST, FIRST, PROV_D_NONE },
    { "one slash", FIRST, "http:/prov.com/a.cfg", NULL, PROV_D_URL_SCHEME_SLASHES },
    { "unknown scheme", FIRST, "gopher://h/a", NULL, PROV_D_REF_SCHEME },
    { "a line end inside", FIRST, "a\nb", NULL, PROV_D_URL_BAD_BYTE },
};

static void
takes_one_address_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct world w = { .limits = { .size = 0 } };

        begin(&w, BYTES);
        const enum prov_status status = put(&w, r->base, r->text);

        if (r->code == PROV_D_NONE) {
            PROV_ROW(r->name, status == PROV_OK && w.tree.count == 2 && w.diags.count == 0);
            PROV_ROW(r->name, prov_str_eq(w.tree.entries[1].url, prov_str_z(r->url)));
            PROV_ROW(r->name, w.tree.entries[1].parent == 0 && w.tree.entries[0].next == 1);
        } else {
            PROV_ROW(r->name, status != PROV_OK && w.tree.count == 1 && w.diags.count == 1);
            PROV_ROW(r->name, w.items[0].code == r->code);
            PROV_ROW(r->name, w.items[0].line == 7 && w.items[0].column >= 24);
            PROV_ROW(r->name, prov_str_eq(w.items[0].source, prov_str_z("first")));
        }
        free(w.mem);
    }
}

static void
comes_behind_those_that_are_there(void **state)
{
    struct world w = { .limits = { .size = 0 } };
    static const char *const names[] = { "a", "b", "c" };
    uint32_t at = 0;

    (void)state;
    begin(&w, BYTES);
    for (size_t i = 0; i < PROV_COUNT(names); i++)
        assert_int_equal(PROV_OK, put(&w, "http://h/d/x", names[i]));
    for (size_t i = 0; i < PROV_COUNT(names); i++) {
        const struct prov_str url = w.tree.entries[at = w.tree.entries[at].next].url;

        assert_int_equal(*names[i], url.ptr[url.len - 1]);
    }
    assert_int_equal(PROV_REF_NONE, w.tree.entries[at].next);
    free(w.mem);
}

static void
holds_limits_exactly(void **state)
{
    struct world w = { .limits = { .tree_files = 2, .url_bytes = 64 } };
    char url[66] = "http://h/";

    (void)state;
    begin(&w, BYTES);
    memset(url + 9, 'x', 55);
    url[64] = 'x';
    url[65] = '\0';
    assert_int_equal(PROV_E_LIMIT, put(&w, "http://h/d/x", url));
    assert_int_equal(64, w.items[0].need);
    url[64] = '\0';
    assert_int_equal(PROV_OK, put(&w, "http://h/d/x", url));
    assert_int_equal(PROV_OK, put(&w, "http://h/d/x", "b"));
    assert_int_equal(PROV_E_LIMIT, put(&w, "http://h/d/x", "c"));
    assert_int_equal(2, w.items[0].need);
    assert_int_equal(3, w.tree.count);
    free(w.mem);

    w = (struct world){ .limits = { .tree_depth = 1 } };
    begin(&w, BYTES);
    assert_int_equal(PROV_OK, put(&w, "http://h/d/x", "b")); /* it is no reference file */
    free(w.mem);
}

static void
leaves_everything_as_it_was_in_every_smaller_arena(void **state)
{
    struct world all = { .limits = { .tree_files = 2, .url_bytes = 64 } };

    (void)state;
    begin(&all, BYTES);
    const size_t start = all.arena.perm;

    assert_int_equal(PROV_OK, put(&all, "http://h/d/x", "b{mac}"));
    for (size_t bytes = start; bytes < all.arena.high; bytes++) {
        struct world w = { .limits = { .tree_files = 2, .url_bytes = 64 } };

        begin(&w, bytes);
        assert_int_equal(PROV_E_SPACE, put(&w, "http://h/d/x", "b{mac}"));
        assert_int_equal(1, w.diags.count);
        assert_int_equal(1, w.tree.count);
        assert_int_equal(PROV_REF_NONE, w.tree.entries[0].next);
        assert_int_equal(start, w.arena.perm);
        free(w.mem);
    }
    free(all.mem);
}

static void
refuses_bad_arguments(void **state)
{
    struct world w = { .limits = { .size = 0 } };
    const struct prov_ref_address at = { PROV_STR_INIT("a"), PROV_STR_INIT("s"), 1, 1 };
    const struct prov_str base = PROV_STR_INIT("http://h/"), none = PROV_STR_INIT("h");
    const enum prov_macro_enc enc = PROV_MACRO_ENC_PERCENT;

    (void)state;
    begin(&w, BYTES);
    assert_int_equal(PROV_E_ARG, prov_ref_tree_put(NULL, 0, base, &at, &set, enc, NULL));
    assert_int_equal(PROV_E_ARG, prov_ref_tree_put(&w.tree, 1, base, &at, &set, enc, NULL));
    assert_int_equal(PROV_E_ARG, prov_ref_tree_put(&w.tree, 0, none, &at, &set, enc, NULL));
    assert_int_equal(PROV_E_ARG, prov_ref_tree_put(&w.tree, 0, base, NULL, &set, enc, NULL));
    assert_int_equal(PROV_E_ARG, prov_ref_tree_put(&w.tree, 0, base, &at, NULL, enc, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_ref_tree_put(&w.tree, 0, base, &at, &set, (enum prov_macro_enc)9, NULL));
    assert_int_equal(1, w.tree.count);
    free(w.mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_one_address_as_the_table_says),
        cmocka_unit_test(comes_behind_those_that_are_there),
        cmocka_unit_test(holds_limits_exactly),
        cmocka_unit_test(leaves_everything_as_it_was_in_every_smaller_arena),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("ref put", tests, NULL, NULL);
}
