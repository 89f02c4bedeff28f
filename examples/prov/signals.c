/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include <stddef.h>

#include <prov/adapters/posix.h>

volatile sig_atomic_t signals_stop;
volatile sig_atomic_t signals_again;
volatile sig_atomic_t signals_run;

static void
on_signal(int number)
{
    if (number == SIGUSR1)
        signals_again = 1;
    else if (number == SIGHUP)
        signals_run = 1;
    else
        signals_stop = 1;
}

void
signals_catch(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

void
signals_catch_hangup(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, NULL);
}

void
signals_wait(void)
{
    const struct prov_clock clock = prov_posix_clock();

    while (!signals_stop)
        clock.ops->sleep(clock.ctx, SIGNALS_LOOK_MS);
}

uint64_t
signals_clock_ms(void)
{
    const struct prov_clock clock = prov_posix_clock();

    return clock.ops->monotonic_ms(clock.ctx);
}
