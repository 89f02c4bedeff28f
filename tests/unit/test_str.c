/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include "support/prov_cmocka.h"

/* Two letters that differ in case only, and look-alikes around the alphabet. */
static const struct eq_row {
    const char *name, *a, *b;
    bool same, nocase;
} eq_rows[] = {
    /* clang-format off */
    { "both empty",            "",         "",         true,  true },
    { "one empty",             "",         "a",        false, false },
    { "same",                  "abc",      "abc",      true,  true },
    { "case",                  "aBcZ",     "AbCz",     false, true },
    { "a prefix",              "abc",      "abcd",     false, false },
    { "last byte",             "abc",      "abd",      false, false },
    { "@ is no letter",        "@",        "`",        false, false },
    { "[ is no letter",        "[",        "{",        false, false },
    { "only ASCII is folded",  "\xC3\x84", "\xC3\xA4", false, false },
    { "digits have no case",   "1",        "\x11",     false, false },
    /* clang-format on */
};

static void
compares_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(eq_rows); i++) {
        const struct eq_row *r = &eq_rows[i];
        char *a = prov_copy_exact(r->a), *b = prov_copy_exact(r->b);
        const struct prov_str x = { a, strlen(r->a) }, y = { b, strlen(r->b) };

        PROV_ROW(r->name, prov_str_eq(x, y) == r->same && prov_str_eq(y, x) == r->same);
        PROV_ROW(r->name, prov_str_eq_nocase(x, y) == r->nocase);
        PROV_ROW(r->name, prov_str_eq_nocase(y, x) == r->nocase);
        free(a);
        free(b);
    }
}

static const struct trim_row {
    const char *name, *in, *out;
} trim_rows[] = {
    /* clang-format off */
    { "nothing",           "",                "" },
    { "only blanks",       " \t\r\n",         "" },
    { "nothing to do",     "a",               "a" },
    { "both ends",         "\r\n a b \t",     "a b" },
    { "front",             "  a",             "a" },
    { "back",              "a\n",             "a" },
    { "other controls stay", "\v a \f",       "\v a \f" },
    { "no-break space stays", "\xC2\xA0x",    "\xC2\xA0x" },
    /* clang-format on */
};

static void
trims_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(trim_rows); i++) {
        const struct trim_row *r = &trim_rows[i];
        char *in = prov_copy_exact(r->in);
        const struct prov_str out = prov_str_trim((struct prov_str){ in, strlen(r->in) });

        PROV_ROW(r->name, prov_str_is(out.ptr, out.len, r->out));
        PROV_ROW(r->name, out.ptr >= in && out.ptr + out.len <= in + strlen(r->in));
        free(in);
    }
}

static void
lives_with_spans_without_memory(void **state)
{
    const struct prov_str none = prov_str_z(NULL), empty = prov_str_z("");

    (void)state;
    assert_null(none.ptr);
    assert_int_equal(0, none.len);
    assert_true(prov_str_eq(none, empty));
    assert_true(prov_str_eq_nocase(none, empty));
    assert_int_equal(0, prov_str_trim(none).len);
    assert_null(prov_str_cut(none, 0, 0).ptr);
}

static void
cuts_out_a_part(void **state)
{
    const struct prov_str s = PROV_STR_INIT("abcdef");

    (void)state;
    assert_true(prov_str_eq(prov_str_z("cd"), prov_str_cut(s, 2, 4)));
    assert_true(prov_str_eq(s, prov_str_cut(s, 0, 6)));
    assert_int_equal(0, prov_str_cut(s, 6, 6).len);
}

/* Each of the 256 bytes against an independent list. */
static void
classes_every_byte(void **state)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
    static const char digits[] = "0123456789", blanks[] = " \t\r\n";
    static const char hex[] = "0123456789abcdef", hex_upper[] = "0123456789ABCDEF";

    (void)state;
    for (int i = 1; i < 256; i++) {
        const char c = (char)(unsigned char)i;
        const char *u = strchr(upper, c), *l = strchr(lower, c);
        const char *h = strchr(hex, c), *hu = strchr(hex_upper, c);
        const int value = h != NULL ? (int)(h - hex) : hu != NULL ? (int)(hu - hex_upper) : -1;

        assert_true(prov_is_alpha(c) == (u != NULL || l != NULL));
        assert_true(prov_is_digit(c) == (strchr(digits, c) != NULL));
        assert_true(prov_is_blank(c) == (strchr(blanks, c) != NULL));
        assert_int_equal(value, prov_hex_value(c));
        assert_int_equal(u != NULL ? lower[u - upper] : c, prov_lower(c));
        assert_int_equal(l != NULL ? upper[l - lower] : c, prov_upper(c));
    }
    assert_false(prov_is_alpha(0) || prov_is_digit(0) || prov_is_blank(0));
    assert_int_equal(-1, prov_hex_value(0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_by_the_table),
        cmocka_unit_test(trims_by_the_table),
        cmocka_unit_test(lives_with_spans_without_memory),
        cmocka_unit_test(cuts_out_a_part),
        cmocka_unit_test(classes_every_byte),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
