/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <stdlib.h>

#include <prov/explain.h>

#include "mask.h"

/* Differing origins that are listed below one element. */
#define MOST_BELOW 20u

struct explain {
    const struct prov_apply *apply;
    json_t *list;
};

/* ---- For people ---- */

static void
add_place(struct text *t, const struct prov_xml_place *place)
{
    text_add(t, place->source);
    text_addf(t, ":%u:%u", (unsigned)place->line, (unsigned)place->column);
}

/* What is known of an element that no kept change explains. */
static void
add_unchanged(struct text *t, const struct prov_origin *o)
{
    if (o->loaded)
        text_add_z(t, "as loaded, not changed");
    else if (o->now.line == 0)
        text_add_z(t, "made by a migration step (MIG-1)");
    else
        text_add_z(t, "changed; more changes were made than are kept");
}

static bool
same_place(const struct prov_xml_place *a, const struct prov_xml_place *b)
{
    return prov_str_eq(a->source, b->source) && a->line == b->line && a->column == b->column;
}

static void
add_origin(struct text *t, const struct prov_origin *o)
{
    const struct prov_change *c = o->change;

    if (o->now.line > 0) {
        add_place(t, &o->now);
        text_add_z(t, ": ");
    }
    if (c == NULL) {
        add_unchanged(t, o);
        return;
    }
    text_add_z(t, prov_change_rule_name(c->rule));
    if (c->kind == PROV_CHANGE_ATTRIBUTES || c->kind == PROV_CHANGE_TEXT)
        text_addf(t, ", %s", c->kind == PROV_CHANGE_TEXT ? "text" : "attributes");
    if (o->by.line > 0 && !same_place(&o->by, &o->now)) {
        text_add_z(t, " at ");
        add_place(t, &o->by);
    }
    if (o->before.line > 0 && c->kind == PROV_CHANGE_REPLACED) {
        text_add_z(t, ", replaced ");
        add_place(t, &o->before);
    }
}

/* A line; the path may compare a password, file names may hold anything. */
static void
print(const char *indent, struct prov_str path, const char *gone, const struct prov_origin *o)
{
    struct text masked = { 0 }, raw = { 0 }, shown = { 0 };

    mask_path(path, &masked);
    text_addf(&raw, "%s: %s", masked.ptr, gone);
    add_origin(&raw, o);
    text_add_shown(&shown, text_str(&raw));
    fprintf(stderr, "%s%s\n", indent, shown.ptr);
    text_free(&masked);
    text_free(&raw);
    text_free(&shown);
}

/* ---- As JSON ---- */

static json_t *
place_json(const struct prov_xml_place *place)
{
    if (place->line == 0)
        return json_null();
    return json_pack("{s:o, s:I, s:I}", "file", report_string(place->source), "line",
                     (json_int_t)place->line, "column", (json_int_t)place->column);
}

static json_t *
origin_json(struct prov_str path, const struct prov_origin *o)
{
    const struct prov_change *c = o->change;
    struct text masked = { 0 };

    mask_path(path, &masked);
    json_t *json =
        json_pack("{s:o, s:b, s:o, s:o, s:o, s:o}", "path", report_string(text_str(&masked)),
                  "loaded", (int)o->loaded, "now", place_json(&o->now), "before",
                  place_json(&o->before), "by", place_json(&o->by), "rule",
                  c != NULL ? json_string(prov_change_rule_name(c->rule)) : json_null());
    json_object_set_new(json, "kind",
                        c != NULL ? json_string(prov_change_kind_name(c->kind)) : json_null());
    text_free(&masked);
    return json;
}

/* ---- Both ---- */

static void
add_change_path(struct text *t, const struct prov_apply *a, const struct prov_change *change)
{
    size_t room = 512;
    enum prov_status status;
    char *mem = NULL;
    struct prov_buf out;

    do {
        mem = tool_resize(mem, room);
        out = (struct prov_buf){ mem, room, 0 };
        status = prov_change_path(a, change, &out);
        room *= 2;
    } while (status == PROV_E_SPACE);
    text_add(t, prov_buf_str(&out));
    free(mem);
}

static void
tell_below(const struct explain *e, uint32_t node, json_t *entry)
{
    json_t *below = e->list != NULL ? json_array() : NULL;
    struct prov_origin o;
    uint32_t cursor = 0, count = 0;

    for (; prov_explain_below(e->apply, node, &cursor, &o); count++) {
        const bool removed = o.change->kind == PROV_CHANGE_REMOVED;
        struct text path = { 0 };

        if (count >= MOST_BELOW)
            continue;
        add_change_path(&path, e->apply, o.change);
        if (below != NULL)
            json_array_append_new(below, origin_json(text_str(&path), &o));
        else
            print("  ", text_str(&path), removed ? "removed, it stood at " : "", &o);
        text_free(&path);
    }
    if (below != NULL)
        json_object_set_new(entry, "below", below);
    if (count > MOST_BELOW && below != NULL)
        json_object_set_new(entry, "belowDropped", json_integer(count - MOST_BELOW));
    else if (count > MOST_BELOW)
        fprintf(stderr, "  and %u more\n", (unsigned)(count - MOST_BELOW));
}

static void
tell(const struct explain *e, struct prov_str path, const struct prov_origin *o, bool gone)
{
    const bool replaced = gone && o->change->kind == PROV_CHANGE_REPLACED;
    json_t *entry = NULL;

    if (e->list != NULL) {
        entry = origin_json(path, o);
        json_object_set_new(entry, "gone", json_boolean(gone));
        json_array_append_new(e->list, entry);
    } else {
        print("", path, !gone ? "" : replaced ? "gone, now " : "removed, it stood at ", o);
    }
    if (!gone)
        tell_below(e, o->node, entry);
}

/* The path stays in scratch memory until it is explained. */
static enum prov_status
look(struct application *app, const struct explain *e, struct prov_str text, struct prov_diag *diag)
{
    struct prov_path path;
    struct prov_origin o;
    uint32_t node;
    enum prov_status status =
        prov_path_parse(text, &app->docs.x.limits, &app->docs.arena, &path, diag);

    if (status != PROV_OK)
        return status;
    status = prov_path_find(&app->docs.x, app->root, &path, &node, diag);
    if (status == PROV_OK && prov_explain(e->apply, node, &o)) {
        tell(e, text, &o, false);
    } else if (status == PROV_E_NO_MATCH && prov_explain_gone(e->apply, &path, &o)) {
        tell(e, text, &o, true);
        status = PROV_OK;
    }
    return status;
}

bool
explain_path(struct application *app, const char *path, json_t *list)
{
    const struct explain e = { &app->apply, list };
    const size_t scratch = prov_arena_mark(&app->docs.arena);
    struct prov_diag diag = { 0 };
    const enum prov_status status = look(app, &e, prov_str_z(path), &diag);

    prov_arena_release(&app->docs.arena, scratch);
    if (status == PROV_OK)
        return true;
    diag.source = prov_str_z("--explain");
    report_diag(app->report, &diag);
    return false;
}
