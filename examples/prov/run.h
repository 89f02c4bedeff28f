/* SPDX-License-Identifier: MIT */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

/* The parts of `prov run`: run.c drives a session and tells what it does, run_open.c sets it up,
 * run_trial.c is about settings that are to be confirmed. */

#include <prov/adapters/curl.h>
#include <prov/adapters/lan.h>
#include <prov/adapters/posix.h>
#include <prov/run.h>

#include "device.h"
#include "engine.h"
#include "policy.h"
#include "report.h"
#include "trace.h"
#include "transport.h"

#define DELAYS_MAX 16
#define NOTIFIERS_MAX 32 /* as many as an option of the command line can have */

/* New settings on trial. */
struct run_trial {
    const char *option;
    unsigned long seconds; /* 0 = none */
    bool told;             /* that they are */
    uint64_t began_ms;     /* the attempt that was told last */
};

struct run {
    const struct command *command;
    struct device device;
    struct report report;
    struct policy policy;
    struct transport transport;
    const char *state_dir, *url, *interface, *trace_name, *delay_option, *user_agent;
    const char *timeouts_option;
    const char *retry_option, *trigger_option, *boot_spread_option;
    const char *redirect_url, *group_option, *sip_port_option, *lease_file, *lease6_file;
    bool raw, once, json, hex, lenient, no_remember;
    struct words notifiers; /* who may send a check-sync, whatever the settings say */
    struct prov_endpoint group;
    unsigned long sip_port;
    struct prov_delay delays[DELAYS_MAX];
    size_t delay_count;
    enum prov_retry_model retry;
    enum prov_trigger trigger;
    unsigned long boot_spread_s;
    struct prov_zone zone;
    unsigned long timeouts_s[3]; /* connect, idle, whole; 0 = the library's */
    struct prov_str notify_from[NOTIFIERS_MAX];

    struct prov_posix_store *store;
    struct prov_curl *curl;
    struct prov_lan *lan; /* NULL without --interface */
    struct prov_net net;
    struct prov_clock clock;
    struct prov_session_config config;
    struct trace trace; /* to NULL: none */
    void *memory;
    struct prov_crypto crypto;
    struct prov_session *session;
    struct prov_run run;
    struct text settings_file; /* its name */
    struct text before;        /* the settings before the run that is under way or was the last */
    bool told;                 /* the attempt that has ended */
    bool told_wait;            /* that it waits for the time */
    struct run_trial trial;
};

/* A finding of the tool's own; always TOOL_OUTSIDE. */
int run_outside(struct run *r, enum prov_diag_code code, const char *source, const char *subject);

/* TOOL_GO_ON, or the exit code after a message; run_close() in any case. */
int run_open(struct run *r);

void run_close(struct run *r);

/* What the last start left behind in the folder. */
void run_tell_repaired(struct run *r);

/* False for no number of seconds. */
bool run_trial_read(struct run_trial *t);

/* After each step: a signal confirms, and what is on trial is told. */
void run_trial_look(struct run *r);

#endif /* TOOL_RUN_H */
