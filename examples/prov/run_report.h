/* SPDX-License-Identifier: MIT */
#ifndef TOOL_RUN_REPORT_H
#define TOOL_RUN_REPORT_H

/* The account of a run. */

#include <jansson.h>

#include <prov/session.h>

#include "report.h"
#include "text.h"

/* What is known besides the record. */
struct run_view {
    const struct prov_record *record;
    const char *settings_file; /* where the settings are kept */
    struct prov_str before;    /* the settings before the run */
    struct prov_str after;     /* and now */
    uint64_t now_ms;
    bool hex;                         /* show what the sources received */
    const struct prov_params *params; /* in force, of a dialect with layers; else NULL */
    const char *folder;               /* where the files of such a dialect are kept */
};

/* An attempt for people, on stdout. */
void run_report_print(const struct run_view *view);

/* The document of --json without its findings. */
json_t *run_report_json(const struct run_view *view);

/* Seconds until the next attempt, rounded up. */
uint32_t run_report_next_s(const struct prov_record *record, uint64_t now_ms);

/* Append `next run Mon 2026-11-23 03:12:41 CET (time: 03:00 + 12 min 41 s of this device)`; nothing
 * if none is planned. */
void run_report_add_next(struct text *t, const struct prov_record *record);

#endif /* TOOL_RUN_REPORT_H */
