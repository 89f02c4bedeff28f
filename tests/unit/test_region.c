/* SPDX-License-Identifier: MIT */
#include "session/region.h"

#include "support/prov_cmocka.h"

#define MOST 16

static struct prov_region_part parts[MOST];

/* Strings that grow in turn, in a block of exactly the size they need. */
static void
fills_the_block_to_the_last_byte(void **state)
{
    enum { N = 40, PARTS = 5 };
    char *mem = malloc(N * PARTS);
    struct prov_region r;
    uint32_t part[PARTS];

    (void)state;
    assert_non_null(mem);
    prov_region_init(&r, mem, N * PARTS, parts, MOST);
    for (unsigned p = 0; p < PARTS; p++)
        part[p] = prov_region_open(&r);
    for (unsigned i = 0; i < N; i++) {
        for (unsigned p = 0; p < PARTS; p++) {
            const char c = (char)('a' + (i * 7 + p) % 26);

            assert_true(prov_region_append(&r, part[p], &c, 1));
        }
    }
    assert_int_equal(0, prov_region_left(&r));
    assert_false(prov_region_append(&r, part[2], "x", 1));
    assert_true(prov_region_append(&r, part[2], "", 0));

    /* Completed in an order that is neither first nor last: every string stays whole. */
    static const unsigned order[PARTS] = { 3, 0, 4, 2, 1 };
    struct prov_str done[PARTS];

    for (unsigned k = 0; k < PARTS; k++)
        done[order[k]] = prov_region_keep(&r, part[order[k]]);
    assert_ptr_equal(mem, done[3].ptr);
    for (unsigned p = 0; p < PARTS; p++) {
        assert_int_equal(N, done[p].len);
        for (unsigned i = 0; i < N; i++)
            assert_int_equal('a' + (i * 7 + p) % 26, done[p].ptr[i]);
    }
    free(mem);
}

static void
keeps_complete_strings_where_they_are(void **state)
{
    char mem[64];
    struct prov_region r;

    (void)state;
    prov_region_init(&r, mem, sizeof(mem), parts, MOST);
    const uint32_t a = prov_region_open(&r), b = prov_region_open(&r), c = prov_region_open(&r);

    assert_true(prov_region_append(&r, a, "aaaa", 4));
    assert_true(prov_region_append(&r, b, "bb", 2));
    assert_true(prov_region_append(&r, c, "cccccc", 6));
    const struct prov_str kept = prov_region_keep(&r, b);

    assert_true(prov_region_append(&r, a, "AAAAAAAAAAAAAAAAAAAA", 20));
    assert_true(prov_region_append(&r, c, "C", 1));
    assert_true(prov_str_is(kept.ptr, kept.len, "bb"));

    const struct prov_str last = prov_region_keep(&r, c);
    const struct prov_str first = prov_region_keep(&r, a);

    assert_true(prov_str_is(kept.ptr, kept.len, "bb"));
    assert_true(prov_str_is(last.ptr, last.len, "ccccccC"));
    assert_true(prov_str_is(first.ptr, first.len, "aaaaAAAAAAAAAAAAAAAAAAAA"));
    assert_int_equal(64 - 33, prov_region_left(&r));
}

static void
gives_the_room_of_a_dropped_string_back(void **state)
{
    char mem[10];
    struct prov_region r;

    (void)state;
    prov_region_init(&r, mem, sizeof(mem), parts, MOST);
    const uint32_t a = prov_region_open(&r), b = prov_region_open(&r);

    assert_true(prov_region_append(&r, a, "0123456", 7));
    assert_false(prov_region_append(&r, b, "abcd", 4));
    assert_true(prov_region_append(&r, b, "abc", 3));
    prov_region_drop(&r, a);
    assert_int_equal(7, prov_region_left(&r));
    assert_true(prov_region_append(&r, b, "defghij", 7));
    const struct prov_str s = prov_region_keep(&r, b);

    assert_true(prov_str_is(s.ptr, s.len, "abcdefghij"));

    /* An empty string is one too. */
    const struct prov_str empty = prov_region_keep(&r, prov_region_open(&r));

    assert_int_equal(0, empty.len);
}

/* A long random history against plain copies. */
static void
agrees_with_a_simple_model(void **state)
{
    enum { CAP = 300 };
    static char model[MOST][CAP];
    size_t len[MOST] = { 0 };
    bool open[MOST] = { false };
    struct prov_region r;
    char *mem = malloc(CAP);
    uint32_t seed = 1;
    size_t kept = 0, used = 0;

    (void)state;
    assert_non_null(mem);
    prov_region_init(&r, mem, CAP, parts, MOST);
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        const uint32_t p = (seed >> 24) % MOST, n = (seed >> 16) % 9;
        const char text[9] = { (char)i, 1, (char)p, 3, 4, 5, 6, 7, 8 };

        if (!open[p]) {
            while (!open[p]) {
                const uint32_t got = prov_region_open(&r);

                assert_false(open[got]);
                open[got] = true;
                len[got] = 0;
            }
        } else if (n < 7) {
            assert_int_equal(n <= CAP - used, prov_region_append(&r, p, text, n));
            if (n <= CAP - used) {
                memcpy(model[p] + len[p], text, n);
                len[p] += n;
                used += n;
            }
        } else if (n == 7 || used < CAP - 8) {
            prov_region_drop(&r, p);
            open[p] = false;
            used -= len[p];
        } else {
            const struct prov_str s = prov_region_keep(&r, p);

            assert_ptr_equal(mem + kept, s.ptr);
            assert_int_equal(len[p], s.len);
            assert_memory_equal(model[p], s.ptr, s.len);
            kept += s.len;
            open[p] = false;
            if (kept > CAP / 2) { /* and from the beginning */
                prov_region_init(&r, mem, CAP, parts, MOST);
                memset(open, 0, sizeof(open));
                kept = used = 0;
            }
        }
        assert_int_equal(CAP - used, prov_region_left(&r));
    }
    free(mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_block_to_the_last_byte),
        cmocka_unit_test(keeps_complete_strings_where_they_are),
        cmocka_unit_test(gives_the_room_of_a_dropped_string_back),
        cmocka_unit_test(agrees_with_a_simple_model),
    };
    return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}
