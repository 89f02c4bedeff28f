/* SPDX-License-Identifier: MIT */

/* What the store found at the start, and new settings on trial. */

#include <stdio.h>
#include <unistd.h>

#include "run.h"
#include "signals.h"

/* With --json the one document is all that standard output gets. */
static FILE *
for_people(const struct run *r)
{
    return r->json ? stderr : stdout;
}

void
run_tell_repaired(struct run *r)
{
    const char *which = NULL;

    switch (prov_posix_store_repaired(r->store)) {
    case PROV_POSIX_REPAIR_NONE:
        return;
    case PROV_POSIX_REPAIR_COMPLETED:
        which = "it is completed, what was new is in force";
        break;
    case PROV_POSIX_REPAIR_DISCARDED:
        which = "it is discarded, what was there before is in force";
        break;
    }
    fprintf(for_people(r), "the last run ended while something was stored: %s\n", which);
    fflush(for_people(r));
}

bool
run_trial_read(struct run_trial *t)
{
    return t->option == NULL || tool_number(t->option, 1, 86400, &t->seconds);
}

static void
confirm(struct run *r)
{
    const bool taken = prov_run_confirm(&r->run) == PROV_OK;

    signals_again = 0;
    fprintf(for_people(r), "%s\n",
            taken ? "registered: the new settings stay" : "registered; nothing is on trial");
    fflush(for_people(r));
}

void
run_trial_look(struct run *r)
{
    const struct prov_record *rec = prov_session_record(r->session);

    if (rec->on_trial && !r->trial.told) {
        fprintf(for_people(r),
                "on trial for %lu s; kill -USR1 %ld says that the phone is registered\n",
                r->trial.seconds, (long)getpid());
        fflush(for_people(r));
    }
    r->trial.told = rec->on_trial;
    if (signals_again)
        confirm(r);
}
