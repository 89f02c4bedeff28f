/* SPDX-License-Identifier: MIT */
#include "session/state.h"

#include "support/prov_cmocka.h"

#define HEX_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_B "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0EFEEEDECEBEAE9E8E7E6E5E4E3E2E1E0"
#define HEAD "libprov-state 1\n"
#define A "input " HEX_A "\n"
#define B "settings " HEX_B "\n"
#define P "partial 1\n"

static const struct row {
    const char *name;
    const char *text;
    bool good;
} rows[] = {
    { "all there", HEAD A B P, true },
    { "another order", HEAD P B A, true },
    { "a key of a later version", HEAD A "new thing\n" B P, true },
    { "empty", "", false },
    { "version alone", HEAD, false },
    { "another version", "libprov-state 2\n" A B P, false },
    { "version without end", "libprov-state 1", false },
    { "input missing", HEAD B P, false },
    { "settings missing", HEAD A P, false },
    { "partial missing", HEAD A B, false },
    { "twice", HEAD A A B P, false },
    { "last line without end", HEAD A B "partial 1", false },
    { "short digest", HEAD "input 0001\n" B P, false },
    { "long digest", HEAD "input " HEX_A "00\n" B P, false },
    { "no hexadecimal digit", HEAD "input g" HEX_A "\n" B P, false },
    { "wrong digit",
      HEAD "input 0x"
           "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
           "\n" B P,
      false },
    { "bad flag", HEAD A B "partial 2\n", false },
    { "long flag", HEAD A B "partial 11\n", false },
    { "no value", HEAD A B "partial \n", false },
    { "CR LF", "libprov-state 1\r\n" A B P, false },
};

static void
reads_only_what_is_of_our_making(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].text);
        struct prov_state s, untouched;

        memset(&s, 0x55, sizeof(s));
        untouched = s;
        PROV_ROW(rows[i].name, prov_state_read((struct prov_str){ exact, strlen(rows[i].text) },
                                               &s) == rows[i].good);
        if (rows[i].good) {
            PROV_ROW(rows[i].name, s.input[0] == 0 && s.input[31] == 0x1F);
            PROV_ROW(rows[i].name, s.settings[0] == 0xFF && s.settings[31] == 0xE0);
            PROV_ROW(rows[i].name, s.partial);
        } else {
            PROV_ROW(rows[i].name, memcmp(&s, &untouched, sizeof(s)) == 0);
        }
        free(exact);
    }
}

static void
reads_what_it_wrote(void **state)
{
    char mem[PROV_STATE_BYTES];

    (void)state;
    for (unsigned partial = 0; partial < 2; partial++) {
        struct prov_state s = { { 0 }, { 0 }, partial == 1 }, again = { { 0 }, { 0 }, false };
        struct prov_buf out = { mem, sizeof(mem), 0 };

        for (unsigned i = 0; i < 32; i++) {
            s.input[i] = (uint8_t)(i * 37);
            s.settings[i] = (uint8_t)(255 - i);
        }
        prov_state_write(&s, &out);
        assert_true(out.len <= sizeof(mem));
        assert_true(prov_state_read(prov_buf_str(&out), &again));
        assert_memory_equal(s.input, again.input, 32);
        assert_memory_equal(s.settings, again.settings, 32);
        assert_int_equal(s.partial, again.partial);
        /* and cut off anywhere it is none */
        for (size_t n = 0; n < out.len; n++)
            assert_false(prov_state_read((struct prov_str){ mem, n }, &again));
    }
}

static void
refuses_a_text_that_is_too_long(void **state)
{
    char mem[PROV_STATE_BYTES + 1];
    struct prov_state s;

    (void)state;
    memset(mem, 'x', sizeof(mem));
    memcpy(mem, HEAD A B P, strlen(HEAD A B P));
    mem[PROV_STATE_BYTES - 1] = '\n';
    mem[PROV_STATE_BYTES] = '\n';
    assert_true(prov_state_read((struct prov_str){ mem, PROV_STATE_BYTES }, &s));
    assert_false(prov_state_read((struct prov_str){ mem, PROV_STATE_BYTES + 1 }, &s));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_only_what_is_of_our_making),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(refuses_a_text_that_is_too_long),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
