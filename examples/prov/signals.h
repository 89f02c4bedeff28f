/* SPDX-License-Identifier: MIT */
#ifndef TOOL_SIGNALS_H
#define TOOL_SIGNALS_H

/* SIGINT and SIGTERM end a command at the next look, so that it can tell what it did; SIGUSR1 asks it to do
 * something again. */

#include <signal.h>
#include <stdint.h>

#define SIGNALS_LOOK_MS 200u /* a signal is noticed at the latest after this time */

extern volatile sig_atomic_t signals_stop;
extern volatile sig_atomic_t signals_again;
extern volatile sig_atomic_t signals_run;

void signals_catch(void);

/* SIGHUP asks for a run, instead of ending the command. */
void signals_catch_hangup(void);

/* Until SIGINT or SIGTERM. */
void signals_wait(void);

/* Monotonic milliseconds. */
uint64_t signals_clock_ms(void);

#endif /* TOOL_SIGNALS_H */
