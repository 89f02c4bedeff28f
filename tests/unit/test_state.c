/* SPDX-License-Identifier: MIT */
#include "session/state.h"

#include "support/prov_cmocka.h"

#define HEX_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_B "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0EFEEEDECEBEAE9E8E7E6E5E4E3E2E1E0"
#define HEAD "libprov-state 2\n"
#define A "input " HEX_A "\n"
#define B "settings " HEX_B "\n"
#define P "partial 1\n"
#define C "before-input " HEX_A "\n"
#define D "before-settings " HEX_B "\n"
#define END "end\n"

static const struct row {
    const char *name;
    const char *text;
    bool good;
} rows[] = {
    { "all there", HEAD A B P END, true },
    { "another order", HEAD P B A END, true },
    { "a key of a later version", HEAD A "new thing\n" B P END, true },
    { "largest number", HEAD A B P "failures 18446744073709551615\n" END, true },
    { "pin", HEAD A B P "pin https://prov.example.com:8443\n" END, true },
    { "on trial", HEAD A B P "trial 2\n" C D "before-partial 1\n" END, true },
    { "half of what was before", HEAD A B P C END, false },
    { "the other half of it", HEAD A B P D END, false },
    { "empty", "", false },
    { "version alone", HEAD, false },
    { "another version", "libprov-state 1\n" A B P END, false },
    { "version without end", "libprov-state 2", false },
    { "input missing", HEAD B P END, false },
    { "settings missing", HEAD A P END, false },
    { "end missing", HEAD A B P, false },
    { "something behind the end", HEAD A B P END P, false },
    { "twice", HEAD A A B P END, false },
    { "last line without end", HEAD A B P "end", false },
    { "short digest", HEAD "input 0001\n" B P END, false },
    { "long digest", HEAD "input " HEX_A "00\n" B P END, false },
    { "no hexadecimal digit", HEAD "input g" HEX_A "\n" B P END, false },
    { "wrong digit",
      HEAD "input 0x"
           "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
           "\n" B P END,
      false },
    { "bad flag", HEAD A B "partial 0\n" END, false },
    { "long flag", HEAD A B "partial 11\n" END, false },
    { "no value", HEAD A B "partial \n" END, false },
    { "number too large", HEAD A B P "failures 18446744073709551616\n" END, false },
    { "number with a leading zero", HEAD A B P "failures 01\n" END, false },
    { "no number", HEAD A B P "failures x\n" END, false },
    { "sign", HEAD A B P "failures -1\n" END, false },
    { "pin with a blank", HEAD A B P "pin a b\n" END, false },
    { "empty pin", HEAD A B P "pin \n" END, false },
    { "CR LF", "libprov-state 2\r\n" A B P END, false },
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
            PROV_ROW(rows[i].name, s.stored && s.input[0] == 0 && s.input[31] == 0x1F);
            PROV_ROW(rows[i].name, s.settings[0] == 0xFF && s.settings[31] == 0xE0);
            PROV_ROW(rows[i].name, s.partial);
        } else {
            PROV_ROW(rows[i].name, memcmp(&s, &untouched, sizeof(s)) == 0);
        }
        free(exact);
    }
}

/* Everything set, and as long as it can be. */
static struct prov_state
full_state(void)
{
    struct prov_state s = {
        .stored = true,
        .partial = true,
        .provisioned = true,
        .undone = true,
        .before = true,
        .before_partial = true,
        .trial = UINT64_MAX,
        .failures = UINT64_MAX - 1,
        .not_before_s = UINT64_MAX - 2,
        .starts = UINT64_MAX - 3,
        .time_s = UINT64_MAX - 4,
        .pin.len = PROV_STATE_ORIGIN,
    };

    for (unsigned i = 0; i < 32; i++) {
        s.input[i] = (uint8_t)(i * 37);
        s.settings[i] = (uint8_t)(255 - i);
        s.refused[i] = (uint8_t)(i * 11);
        s.before_input[i] = (uint8_t)(i * 3);
        s.before_settings[i] = (uint8_t)(200 - i);
    }
    memset(s.pin.bytes, 'x', s.pin.len);
    return s;
}

static void
reads_what_it_wrote(void **state)
{
    const struct prov_state all[] = { full_state(), { .stored = false }, { .starts = 7 } };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(all); i++) {
        char mem[PROV_STATE_BYTES];
        struct prov_buf out = { mem, sizeof(mem), 0 };
        struct prov_state again;

        prov_state_write(&all[i], &out);
        assert_true(out.len <= sizeof(mem));
        assert_true(prov_state_read(prov_buf_str(&out), &again));
        assert_true(prov_state_same(&all[i], &again));
        /* and cut off anywhere it is none */
        for (size_t n = 0; n < out.len; n++)
            assert_false(prov_state_read((struct prov_str){ mem, n }, &again));
    }
}

static void
a_difference_in_any_value_is_seen(void **state)
{
    const struct prov_state full = full_state(), none = { .stored = false };
    struct prov_state other[] = { full, full, full, full, full, full, full, full, full,
                                  full, full, full, full, full, full, full, full };

    (void)state;
    other[0].stored = false;
    other[1].input[31] ^= 1;
    other[2].settings[0] ^= 1;
    other[3].partial = false;
    other[4].provisioned = false;
    other[5].pin.bytes[PROV_STATE_ORIGIN - 1] = 'y';
    other[6].pin.len--;
    other[7].trial--;
    other[8].undone = false;
    other[9].refused[7] ^= 1;
    other[10].failures = 0;
    other[11].not_before_s--;
    other[12].starts--;
    other[13].before = false;
    other[14].before_partial = false;
    other[15].before_input[3] ^= 1;
    other[16].before_settings[31] ^= 1;
    for (size_t i = 0; i < PROV_COUNT(other); i++) {
        assert_false(prov_state_same(&full, &other[i]));
        assert_false(prov_state_same(&other[i], &full));
    }
    assert_true(prov_state_same(&full, &full));
    assert_true(prov_state_same(&none, &none));
}

static void
refuses_a_text_that_is_too_long(void **state)
{
    char mem[PROV_STATE_BYTES + 1];
    struct prov_state s;

    (void)state;
    memset(mem, 'x', sizeof(mem));
    memcpy(mem, HEAD, strlen(HEAD));
    memcpy(mem + PROV_STATE_BYTES - strlen("\n" A B END), "\n" A B END, strlen("\n" A B END));
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
        cmocka_unit_test(a_difference_in_any_value_is_seen),
        cmocka_unit_test(refuses_a_text_that_is_too_long),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
