/* SPDX-License-Identifier: MIT */
#include "session/retry.h"

#include "support/prov_cmocka.h"

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

static void
uses_the_list_and_repeats_its_end(void **state)
{
    static const struct prov_delay list[] = { { 1, 0 }, { 5, 0 }, { 9, 0 } };
    static const uint64_t expected[] = { 1000, 5000, 9000, 9000, 9000 };
    uint64_t random = 3;

    (void)state;
    for (uint32_t i = 0; i < PROV_COUNT(expected); i++)
        assert_true(prov_retry_delay_ms(list, 3, i + 1, 0, &random) == expected[i]);
    assert_true(prov_retry_delay_ms(list, 3, UINT32_MAX, 0, &random) == 9000);
}

static void
has_delays_of_its_own(void **state)
{
    static const uint64_t least[] = { 60, 300, 1800, 1800 }, more[] = { 30, 60, 300, 300 };
    static const struct prov_delay unused = { 1, 0 };
    uint64_t random = 3;

    (void)state;
    for (uint32_t i = 0; i < PROV_COUNT(least); i++) {
        const uint64_t ms = i % 2 == 0 ? prov_retry_delay_ms(NULL, 2, i + 1, 0, &random)
                                       : prov_retry_delay_ms(&unused, 0, i + 1, 0, &random);

        assert_in_range(ms, least[i] * 1000, (least[i] + more[i]) * 1000);
    }
}

static void
is_raised_by_the_server_within_bounds(void **state)
{
    static const struct {
        const char *name;
        uint32_t fixed_s, header_s;
        uint64_t ms;
    } rows[] = {
        { "none", 5, 0, 5000 },
        { "shorter", 5, 1, 5000 },
        { "the least", 0, 1, 1000 },
        { "longer", 5, 6, 6000 },
        { "a day", 5, 86400, 86400000 },
        { "more than a day", 5, 86401, 86400000 },
        { "our own is longer than a day", 100000, UINT32_MAX, 100000000 },
        { "largest", UINT32_MAX, 1, UINT64_C(4294967295000) },
    };
    uint64_t random = 3;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_delay d = { rows[i].fixed_s, 0 };

        PROV_ROW(rows[i].name,
                 prov_retry_delay_ms(&d, 1, 1, rows[i].header_s, &random) == rows[i].ms);
    }
}

/* TRY-2: phones that start together, each with a seed of its own, even with the worst seeds. */
static void
spreads_many_phones_evenly(void **state)
{
    enum { PHONES = 100000, CLASSES = 100 };
    static const struct prov_delay window = { 0, 600 };
    uint32_t hits[CLASSES] = { 0 };
    uint64_t longest = 0;

    (void)state;
    for (uint64_t phone = 0; phone < PHONES; phone++) {
        uint64_t random = phone;
        const uint64_t ms = prov_retry_delay_ms(&window, 1, 1, 0, &random);

        assert_true(ms <= 600000);
        longest = ms > longest ? ms : longest;
        hits[ms < 600000 ? ms / 6000 : CLASSES - 1]++;
    }
    assert_true(longest > 599000);
    for (unsigned i = 0; i < CLASSES; i++)
        assert_in_range(hits[i], PHONES / CLASSES * 85 / 100, PHONES / CLASSES * 115 / 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_the_published_sequence),
        cmocka_unit_test(uses_the_list_and_repeats_its_end),
        cmocka_unit_test(has_delays_of_its_own),
        cmocka_unit_test(is_raised_by_the_server_within_bounds),
        cmocka_unit_test(spreads_many_phones_evenly),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
