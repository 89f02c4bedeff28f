/* SPDX-License-Identifier: MIT */
#include "application.h"

#include <stdlib.h>

static enum prov_status
apply_one(struct application *app, size_t index)
{
    uint32_t root;
    enum prov_status status = documents_parse(&app->docs, &app->changes[index], &root);

    if (status != PROV_OK)
        return status;
    return prov_apply_change(&app->apply, root, app->device->dialect->first_types,
                             &app->types[index]);
}

/* One try in a given amount of memory. */
static enum prov_status
attempt(struct application *app)
{
    struct documents *docs = &app->docs;
    enum prov_status status = documents_parse(docs, app->settings, &app->root);

    if (status == PROV_OK)
        status = prov_apply_init(&app->apply, &docs->x, app->root, app->device->dialect, NULL,
                                 &docs->diags);
    app->applied = status == PROV_OK;
    for (size_t i = 0; i < app->change_count && status == PROV_OK; i++)
        status = apply_one(app, i);
    return status;
}

enum prov_status
application_run(struct application *app)
{
    enum prov_status status = PROV_E_SPACE;
    size_t bytes = app->settings->text.len;

    app->types = tool_alloc(app->change_count * sizeof(*app->types));
    app->names = tool_alloc(app->change_count * sizeof(*app->names));
    for (size_t i = 0; i < app->change_count; i++) {
        bytes += app->changes[i].text.len;
        app->names[i] = app->changes[i].name;
    }
    documents_init(&app->docs, app->device, bytes);
    while (status == PROV_E_SPACE && documents_grow(&app->docs))
        status = attempt(app);
    return status;
}

void
application_write(const struct application *app, struct text *out)
{
    struct prov_xml_writer w;
    struct prov_str piece;

    prov_xml_writer_init(&w, &app->docs.x, app->root);
    while (prov_xml_writer_next(&w, &piece))
        text_add(out, piece);
}

struct account_view
application_view(const struct application *app)
{
    return (struct account_view){
        .apply = app->applied ? &app->apply : NULL,
        .names = app->names,
        .name_count = (uint32_t)app->change_count,
    };
}

int
application_report(struct application *app, enum prov_status status)
{
    const int code = documents_report(&app->docs, status, app->report);

    return code == TOOL_DONE && app->apply.partial ? TOOL_PARTIAL : code;
}

void
application_free(struct application *app)
{
    documents_free(&app->docs);
    app->applied = false;
    free(app->types);
    free(app->names);
    app->types = NULL;
    app->names = NULL;
}
