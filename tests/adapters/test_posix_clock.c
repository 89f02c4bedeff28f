/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1
#include <prov/adapters/posix.h>

#include <sys/time.h>
#include <signal.h>
#include <time.h>

#include "support/prov_cmocka.h"

static void
time_goes_on_and_never_back(void **state)
{
    const struct prov_clock c = prov_posix_clock();
    const uint64_t before = c.ops->monotonic_ms(c.ctx);

    (void)state;
    c.ops->sleep(c.ctx, 20);

    const uint64_t after = c.ops->monotonic_ms(c.ctx);

    assert_true(after >= before + 20);
    assert_true(after < before + 5000);
}

static void
the_wall_clock_is_the_systems(void **state)
{
    const struct prov_clock c = prov_posix_clock();
    struct prov_wall_time w = { 0 };

    (void)state;
    c.ops->wall(c.ctx, &w);
    assert_true(w.unix_s >= (int64_t)time(NULL) - 2 && w.unix_s <= (int64_t)time(NULL) + 2);
    assert_int_equal(w.unix_s >= 1704067200 ? PROV_CLOCK_TRUSTED : PROV_CLOCK_UNKNOWN, w.state);
}

static void
on_alarm(int sig)
{
    (void)sig;
}

static void
a_signal_ends_the_sleep(void **state)
{
    const struct prov_clock c = prov_posix_clock();
    const struct sigaction act = { .sa_handler = on_alarm };
    const struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
    const uint64_t before = c.ops->monotonic_ms(c.ctx);

    (void)state;
    assert_int_equal(0, sigaction(SIGALRM, &act, NULL));
    assert_int_equal(0, setitimer(ITIMER_REAL, &soon, NULL));
    c.ops->sleep(c.ctx, 10000);
    assert_true(c.ops->monotonic_ms(c.ctx) < before + 5000);
}

static void
seeds_differ(void **state)
{
    uint64_t a = 0;
    uint64_t b = 0;

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_posix_seed(NULL));
    assert_int_equal(PROV_OK, prov_posix_seed(&a));
    assert_int_equal(PROV_OK, prov_posix_seed(&b));
    assert_true(a != b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_goes_on_and_never_back),
        cmocka_unit_test(the_wall_clock_is_the_systems),
        cmocka_unit_test(a_signal_ends_the_sleep),
        cmocka_unit_test(seeds_differ),
    };
    return cmocka_run_group_tests_name("posix_clock", tests, NULL, NULL);
}
