/* SPDX-License-Identifier: MIT */
#include <prov/retry.h>

#include "support/prov_cmocka.h"
#include "support/prov_spread.h"

static void
draws_the_published_sequence(void **state)
{
    uint64_t s = 1234567;

    (void)state;
    /* reference values of splitmix64 for this seed */
    assert_true(prov_retry_random(&s) == UINT64_C(6457827717110365317));
    assert_true(prov_retry_random(&s) == UINT64_C(3203168211198807973));
    assert_true(prov_retry_random(&s) == UINT64_C(9817491932198370423));
}

static bool
is_wait(struct prov_wait w, uint64_t fixed_ms, uint64_t random_ms)
{
    return w.fixed_ms == fixed_ms && w.random_ms == random_ms;
}

static void
uses_the_list_and_repeats_its_end(void **state)
{
    static const struct prov_delay list[] = { { 1, 0 }, { 5, 2 }, { 9, UINT32_MAX } };
    static const struct {
        const char *name;
        uint64_t failures, fixed_ms, random_ms;
    } rows[] = {
        { "none counts as one", 0, 1000, 0 },
        { "first", 1, 1000, 0 },
        { "second", 2, 5000, 2000 },
        { "last", 3, 9000, UINT64_C(4294967295000) },
        { "after the last", 4, 9000, UINT64_C(4294967295000) },
        { "most", UINT64_MAX, 9000, UINT64_C(4294967295000) },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++)
        PROV_ROW(rows[i].name, is_wait(prov_retry_list_wait(list, 3, rows[i].failures),
                                       rows[i].fixed_ms, rows[i].random_ms));
}

static void
has_delays_of_its_own(void **state)
{
    static const struct prov_delay unused = { 1, 0 };
    static const struct prov_wait expected[] = {
        { 60000, 30000 }, { 300000, 60000 }, { 1800000, 300000 }, { 1800000, 300000 }
    };

    (void)state;
    for (uint32_t i = 0; i < PROV_COUNT(expected); i++) {
        const struct prov_wait e = expected[i];

        assert_true(is_wait(prov_retry_list_wait(NULL, 2, i + 1), e.fixed_ms, e.random_ms));
        assert_true(is_wait(prov_retry_list_wait(&unused, 0, i + 1), e.fixed_ms, e.random_ms));
    }
}

/* The table of TR-069 Amendment 6, 3.2.1.1, and what it does not speak of. */
static void
follows_the_formula_of_tr_069(void **state)
{
    static const struct {
        const char *name;
        struct prov_retry_formula f;
        uint64_t n, from_ms, to_ms;
    } rows[] = {
        { "1", { 0, 0 }, 1, 5000, 10000 },
        { "none counts as one", { 0, 0 }, 0, 5000, 10000 },
        { "2", { 0, 0 }, 2, 10000, 20000 },
        { "3", { 5, 2000 }, 3, 20000, 40000 },
        { "9", { 5, 2000 }, 9, 1280000, 2560000 },
        { "10", { 5, 2000 }, 10, 2560000, 5120000 },
        { "11", { 5, 2000 }, 11, 2560000, 5120000 },
        { "most", { 5, 2000 }, UINT64_MAX, 2560000, 5120000 },
        { "another minimum", { 60, 0 }, 2, 120000, 240000 },
        { "another multiplier", { 8, 1500 }, 3, 18000, 27000 },
        { "no growth", { 7, 1000 }, 9, 7000, 7000 },
        { "shrinking is no growth", { 7, 1 }, 9, 7000, 7000 },
        { "seven days are the end", { 3600, 10000 }, 9, 360000000, 604800000 },
        { "large numbers", { 65535, 65535 }, 10, 65535000, 604800000 },
        { "largest numbers", { UINT32_MAX, UINT32_MAX }, UINT64_MAX, 604800000, 604800000 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_wait w = prov_retry_formula_wait(&rows[i].f, rows[i].n);

        PROV_ROW(rows[i].name, is_wait(w, rows[i].from_ms, rows[i].to_ms - rows[i].from_ms));
    }
    assert_true(is_wait(prov_retry_formula_wait(NULL, 4), 40000, 40000));
}

static void
is_raised_by_the_server_within_bounds(void **state)
{
    static const struct {
        const char *name;
        uint64_t fixed_ms;
        uint32_t header_s;
        uint64_t ms;
    } rows[] = {
        { "none", 5000, 0, 5000 },
        { "shorter", 5000, 1, 5000 },
        { "the least", 0, 1, 1000 },
        { "longer", 5000, 6, 6000 },
        { "a day", 5000, 86400, 86400000 },
        { "more than a day", 5000, 86401, 86400000 },
        { "our own is longer than a day", 100000000, UINT32_MAX, 100000000 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_wait w = { rows[i].fixed_ms, 7 };

        /* the random part stays */
        PROV_ROW(rows[i].name, is_wait(prov_retry_raise(w, rows[i].header_s), rows[i].ms, 7));
    }
}

static void
draws_both_ends_of_a_range(void **state)
{
    unsigned seen = 0;
    uint64_t random = 3;

    (void)state;
    for (int i = 0; i < 200; i++) {
        const uint64_t ms = prov_retry_wait_ms((struct prov_wait){ 40, 2 }, &random);

        assert_in_range(ms, 40, 42);
        seen |= 1u << (ms - 40);
    }
    assert_int_equal(7, seen);
    assert_true(prov_retry_wait_ms((struct prov_wait){ 5, 0 }, &random) == 5);
}

/* ---- Lists as text ---- */

static void
reads_lists_of_delays(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        struct prov_delay last;
    } rows[] = {
        { "1800+300,3600+600", 2, { 3600, 600 } },
        { "5", 1, { 5, 0 } },
        { "0", 1, { 0, 0 } },
        { "1,2+3,86400+86400", 3, { 86400, 86400 } },
        { " \t7+007 \n", 1, { 7, 7 } },
        { "1,1,1,1", 4, { 1, 0 } },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].text);
        const struct prov_str text = { exact, strlen(rows[i].text) };
        struct prov_delay out[4];
        size_t count = 99;

        PROV_ROW(rows[i].text, prov_retry_read(text, out, 4, &count, NULL) == PROV_OK);
        PROV_ROW(rows[i].text, count == rows[i].count);
        PROV_ROW(rows[i].text, out[count - 1].fixed_s == rows[i].last.fixed_s &&
                                   out[count - 1].random_s == rows[i].last.random_s);
        free(exact);
    }
}

static void
refuses_what_is_no_list(void **state)
{
    static const struct {
        const char *text;
        uint32_t column;
    } rows[] = {
        { "", 1 },           { "+", 1 },
        { "x", 1 },          { "1+", 3 },
        { "1 +2", 2 },       { "1,", 3 },
        { "1,,2", 3 },       { "1+2+3", 4 },
        { "-1", 1 },         { "1.5", 2 },
        { "86401", 5 },      { "1+86401", 7 },
        { " 1, 2", 4 },      { "99999999999999999999", 5 },
        { "1800+300;5", 9 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].text);
        const struct prov_str text = { exact, strlen(rows[i].text) };
        struct prov_delay out[4];
        struct prov_diag diag = { 0 };
        size_t count = 99;

        PROV_ROW(rows[i].text, prov_retry_read(text, out, 4, &count, &diag) == PROV_E_SYNTAX);
        PROV_ROW(rows[i].text, count == 99 && diag.code == PROV_D_RETRY_TEXT);
        PROV_ROW(rows[i].text, diag.column == rows[i].column);
        free(exact);
    }
}

static void
refuses_a_list_that_does_not_fit_and_bad_arguments(void **state)
{
    const struct prov_str text = PROV_STR_INIT("1,2,3"), broken = { NULL, 1 };
    struct prov_delay out[3];
    struct prov_diag diag = { 0 };
    size_t count = 99;

    (void)state;
    for (size_t cap = 0; cap < 3; cap++) {
        assert_int_equal(PROV_E_SPACE, prov_retry_read(text, out, cap, &count, &diag));
        assert_int_equal(PROV_D_RETRY_MANY, diag.code);
        assert_int_equal(cap, diag.need);
        assert_int_equal(99, count);
    }
    assert_int_equal(PROV_OK, prov_retry_read(text, out, 3, &count, NULL));
    assert_int_equal(PROV_E_ARG, prov_retry_read(text, NULL, 3, &count, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, prov_retry_read(text, out, 3, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_retry_read(broken, out, 3, &count, NULL));
}

/* ---- Fleets (TRY-2) ---- */

/* Phones that start together, each with a seed of its own, even with the worst seeds. */
static void
spreads_starts_evenly(void **state)
{
    static struct spread s;

    (void)state;
    spread_begin(&s, 0, 600001);
    for (uint64_t phone = 0; phone < SPREAD_PHONES; phone++) {
        uint64_t random = phone;

        spread_add(&s, prov_retry_draw_ms(600000, &random));
    }
    spread_check(&s);
}

/* The phones of one maker: their addresses follow one another. */
static void
gives_every_device_a_slot_and_spreads_them_evenly(void **state)
{
    static const uint64_t windows[] = { 60000, 900000, 21300000, 86400000 };
    static struct spread s;

    (void)state;
    for (size_t w = 0; w < PROV_COUNT(windows); w++) {
        spread_begin(&s, 0, windows[w]);
        for (unsigned phone = 0; phone < SPREAD_PHONES; phone++)
            spread_add(&s, prov_retry_slot_ms(spread_device(phone), 1, windows[w]));
        spread_check(&s);
    }
    /* Two purposes have nothing to do with one another. */
    spread_begin(&s, 0, 1000000);
    for (unsigned phone = 0; phone < SPREAD_PHONES; phone++) {
        const uint64_t device = spread_device(phone);
        const uint64_t a = prov_retry_slot_ms(device, 1, 1000000);
        const uint64_t b = prov_retry_slot_ms(device, 2, 1000000);

        spread_add(&s, (a + 1000000 - b) % 1000000);
    }
    spread_check(&s);
}

static void
knows_a_device_again(void **state)
{
    const uint64_t device = prov_retry_device(prov_str_z("00:80:F0:C5:71:EB"));

    (void)state;
    assert_true(device == prov_retry_device(prov_str_z("0080f0c571eb")));
    assert_true(device == prov_retry_device(prov_str_z(" 00-80-F0-C5-71-EB")));
    assert_true(device != prov_retry_device(prov_str_z("0080f0c571ec")));
    assert_true(prov_retry_slot_ms(device, 1, 86400000) == prov_retry_slot_ms(device, 1, 86400000));
    assert_true(prov_retry_slot_ms(device, 1, 1) == 0);
    assert_true(prov_retry_slot_ms(device, 1, 0) == 0);
    /* kept for ever: a new version of the firmware does not move the fleet */
    assert_true(prov_retry_slot_ms(device, 1, 86400000) == 58807094);
}

/*
 * All phones fail in the same second, and again until the server is back. Of every wave of attempts
 * the fullest second has not much more than the mean, and waves get lower.
 */
static void
check_waves(uint64_t (*wait_ms)(uint64_t failures, uint64_t *random), uint64_t outage_ms)
{
    static uint64_t at[SPREAD_PHONES], random[SPREAD_PHONES];
    static struct spread s;
    double before = SPREAD_PHONES;

    for (uint64_t i = 0; i < SPREAD_PHONES; i++) {
        random[i] = i;
        at[i] = 0;
    }
    for (uint64_t wave = 1; wave < 20; wave++) {
        uint64_t first = UINT64_MAX, last = 0, left = 0;

        for (unsigned i = 0; i < SPREAD_PHONES; i++) {
            if (at[i] > outage_ms)
                continue; /* it has been served */
            at[i] += wait_ms(wave, &random[i]);
            first = at[i] < first ? at[i] : first;
            last = at[i] > last ? at[i] : last;
            left++;
        }
        if (left == 0)
            return;
        spread_begin(&s, first, last - first + 1);
        for (unsigned i = 0; i < SPREAD_PHONES; i++) {
            if (at[i] >= first && at[i] <= last)
                spread_add(&s, at[i]);
        }
        const double peak = spread_peak(&s);

        assert_true(peak <= 2.2 * spread_mean(&s));
        assert_true(peak / (double)(last - first + 1) <= before);
        before = peak / (double)(last - first + 1);
    }
}

static uint64_t
list_ms(uint64_t failures, uint64_t *random)
{
    return prov_retry_wait_ms(prov_retry_list_wait(NULL, 0, failures), random);
}

static uint64_t
formula_ms(uint64_t failures, uint64_t *random)
{
    return prov_retry_wait_ms(prov_retry_formula_wait(NULL, failures), random);
}

/* The server tells all of them the same, as it does when it is overloaded. */
static uint64_t
told_ms(uint64_t failures, uint64_t *random)
{
    return prov_retry_wait_ms(prov_retry_raise(prov_retry_list_wait(NULL, 0, failures), 900),
                              random);
}

static void
has_no_echo_after_an_outage(void **state)
{
    (void)state;
    check_waves(list_ms, 300000);
    check_waves(list_ms, 3600000);
    check_waves(formula_ms, 300000);
    check_waves(told_ms, 300000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_the_published_sequence),
        cmocka_unit_test(uses_the_list_and_repeats_its_end),
        cmocka_unit_test(has_delays_of_its_own),
        cmocka_unit_test(follows_the_formula_of_tr_069),
        cmocka_unit_test(is_raised_by_the_server_within_bounds),
        cmocka_unit_test(draws_both_ends_of_a_range),
        cmocka_unit_test(reads_lists_of_delays),
        cmocka_unit_test(refuses_what_is_no_list),
        cmocka_unit_test(refuses_a_list_that_does_not_fit_and_bad_arguments),
        cmocka_unit_test(spreads_starts_evenly),
        cmocka_unit_test(gives_every_device_a_slot_and_spreads_them_evenly),
        cmocka_unit_test(knows_a_device_again),
        cmocka_unit_test(has_no_echo_after_an_outage),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
