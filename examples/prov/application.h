/* SPDX-License-Identifier: MIT */
#ifndef TOOL_APPLICATION_H
#define TOOL_APPLICATION_H

/* Settings and changes in one pool, applied in order. */

#include "account.h"
#include "documents.h"

struct application {
    const struct device *device;
    struct report *report;
    const struct document *settings; /* borrowed */
    const struct document *changes;  /* borrowed */
    size_t change_count;

    struct documents docs;
    struct prov_apply apply;
    enum prov_file_type *types; /* of each change */
    struct prov_str *names;     /* of each change */
    uint32_t root;              /* of the settings */
    bool applied;               /* apply is valid */
};

/* Parse and apply everything. Call application_free() in any case. */
enum prov_status application_run(struct application *app);

/* Append the settings as they are now. */
void application_write(const struct application *app, struct text *out);

/* For the functions of account.h, while the pool exists. */
struct account_view application_view(const struct application *app);

/* Report the findings and turn the status into an exit code. The pool stays for the account. */
int application_report(struct application *app, enum prov_status status);

/* Free everything but what was borrowed. */
void application_free(struct application *app);

#endif /* TOOL_APPLICATION_H */
