/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include "support/prov_cmocka.h"

static void
put_everything(struct prov_buf *b)
{
    prov_buf_put(b, "ab", 2);
    prov_buf_put(b, NULL, 0);
    prov_buf_put_str(b, prov_str_z(NULL));
    prov_buf_put_str(b, prov_str_z("cde"));
    prov_buf_put_char(b, '-');
    prov_buf_put_uint(b, 1207, 1);
    prov_buf_put_z(b, "!");
}

/* One check after a whole run of puts is enough, and tells the size that would have done. */
static void
counts_on_after_an_overflow_without_writing(void **state)
{
    static const char expected[] = "abcde-1207!";
    const size_t full = sizeof(expected) - 1;

    (void)state;
    for (size_t cap = 0; cap <= full + 2; cap++) {
        char *mem = malloc(cap > 0 ? cap : 1); /* exact: ASan sees a byte too many */
        struct prov_buf b = { mem, cap, 0 };

        assert_non_null(mem);
        put_everything(&b);
        assert_int_equal(full, b.len);
        assert_true(prov_buf_fits(&b) == (cap >= full));
        if (cap >= full)
            assert_true(prov_str_eq(prov_buf_str(&b), prov_str_z(expected)));
        free(mem);
    }
}

static void
stays_overflowed_at_the_end_of_size_t(void **state)
{
    char mem[4] = { 0 };
    struct prov_buf b = { mem, sizeof(mem), 1 };

    (void)state;
    prov_buf_put(&b, mem, SIZE_MAX - 1);
    assert_int_equal(SIZE_MAX, b.len);
    prov_buf_put_char(&b, 'x');
    assert_int_equal(SIZE_MAX, b.len);
    assert_false(prov_buf_fits(&b));
}

static const struct row {
    const char *name;
    uint64_t v;
    unsigned width;
    const char *text;
} rows[] = {
    /* clang-format off */
    { "zero has one digit",  0,          0,  "0" },
    { "zero of width 1",     0,          1,  "0" },
    { "one digit",           9,          1,  "9" },
    { "two digits",          10,         1,  "10" },
    { "padded",              17,         4,  "0017" },
    { "just wide enough",    1207,       4,  "1207" },
    { "wider than asked",    65535,      4,  "65535" },
    { "largest",             UINT64_MAX, 1,  "18446744073709551615" },
    { "widest",              7,          20, "00000000000000000007" },
    { "wider than there is", 7,          99, "00000000000000000007" },
    /* clang-format on */
};

static void
writes_numbers_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char mem[32];
        struct prov_buf b = { mem, sizeof(mem), 0 };

        prov_buf_put_uint(&b, rows[i].v, rows[i].width);
        PROV_ROW(rows[i].name, prov_str_is(b.ptr, b.len, rows[i].text));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_on_after_an_overflow_without_writing),
        cmocka_unit_test(stays_overflowed_at_the_end_of_size_t),
        cmocka_unit_test(writes_numbers_by_the_table),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
