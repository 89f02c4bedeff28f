/* SPDX-License-Identifier: MIT */
#include "checked.h"

#include <stdio.h>
#include <string.h>

#include <prov/path.h>
#include <prov/ref.h>

#include "account.h"
#include "address.h"
#include "options.h"

/* One look at one file in a given amount of memory. */
struct look {
    struct checked *c;
    const struct document *doc;
    const struct document *settings;
    const struct device *device;
    struct documents docs;
    uint32_t root;
};

static void
add_name(struct checked *c, struct prov_str name)
{
    text_add_z(&c->what, c->what.len == 0 ? "" : ", ");
    text_add_shown(&c->what, name);
}

/* ---- patch, section: applied to settings without any section ---- */

static void
list_sections(struct look *l)
{
    if (l->c->type == PROV_FILE_SECTION) {
        l->c->items = 1;
        add_name(l->c, prov_xml_local_name(&l->docs.x, l->root));
        return;
    }
    for (uint32_t n = prov_xml_first(&l->docs.x, l->root); n != PROV_XML_NONE;
         n = prov_xml_next(&l->docs.x, n)) {
        l->c->items++;
        add_name(l->c, prov_xml_local_name(&l->docs.x, n));
    }
}

static enum prov_status
look_at_patch(struct look *l)
{
    const struct device *d = l->device;
    struct prov_apply apply;
    uint32_t base;

    list_sections(l);
    if (l->settings != NULL)
        return PROV_OK;
    enum prov_status status =
        prov_xml_parse(&l->docs.x, l->doc->name, d->dialect->settings_empty, &base, &l->docs.diags);

    if (status == PROV_OK)
        status = prov_apply_init(&apply, &l->docs.x, base, d->dialect, NULL, &l->docs.diags);
    if (status == PROV_OK)
        status = prov_apply_change(&apply, l->root, PROV_FILE_BIT(l->c->type), NULL);
    if (status != PROV_OK)
        return status;
    const struct account_view view = { &apply, &l->doc->name, 1 };

    json_decref(l->c->sections);
    l->c->sections = account_sections(&view);
    l->c->code = apply.partial ? TOOL_PARTIAL : TOOL_DONE;
    return PROV_OK;
}

/* ---- operations: paths and bodies, as far as they can be told without settings ---- */

static json_t *
section_entry(struct look *l, struct prov_str name)
{
    json_t *entry, *string = report_string(name);
    size_t i;

    json_array_foreach(l->c->sections, i, entry)
    {
        if (json_equal(json_object_get(entry, "name"), string)) {
            json_decref(string);
            return entry;
        }
    }
    add_name(l->c, name);
    entry = json_pack("{s:o, s:s, s:i, s:n, s:b, s:o}", "name", string, "action", "operations",
                      "operations", 0, "reason", "changed", 0, "file", report_string(l->doc->name));
    json_array_append_new(l->c->sections, entry);
    return entry;
}

static void
count_operation(struct look *l, struct prov_str section, bool bad)
{
    json_t *entry = section_entry(l, section);
    const json_int_t n = json_integer_value(json_object_get(entry, "operations"));

    json_object_set_new(entry, "operations", json_integer(n + 1));
    if (!bad)
        return;
    json_object_set_new(entry, "action", json_string("discarded"));
    l->c->code = TOOL_PARTIAL;
}

/* What is wrong with an operation's body; PROV_D_NONE if it fits. */
static enum prov_diag_code
body_fault(const struct look *l, uint32_t op)
{
    const struct prov_str name = prov_xml_local_name(&l->docs.x, op);
    const uint32_t first = prov_xml_first(&l->docs.x, op);
    const bool none = first == PROV_XML_NONE;
    const bool one = !none && prov_xml_next(&l->docs.x, first) == PROV_XML_NONE;

    if (prov_str_eq(name, prov_str_z("delete")))
        return none && prov_xml_text_is_blank(&l->docs.x, op) ? PROV_D_NONE : PROV_D_DELETE_BODY;
    if (!prov_xml_text_is_blank(&l->docs.x, op))
        return PROV_D_OPERATION_TEXT;
    if (prov_str_eq(name, prov_str_z("replace")))
        return one ? PROV_D_NONE : PROV_D_REPLACE_BODY;
    return none ? PROV_D_ADD_BODY : PROV_D_NONE;
}

/* The column of a path's diagnostic counts in the path; the reader has the file open. */
static void
add_path_finding(struct look *l, struct prov_str raw, struct prov_diag *diag)
{
    struct prov_xml_place place;

    if (prov_xml_where_at(&l->docs.x, raw.ptr, &place)) {
        diag->source = place.source;
        diag->line = place.line;
        diag->column = place.column + (diag->column > 0 ? diag->column - 1 : 0);
    }
    prov_diags_add(&l->docs.diags, diag);
}

/* The section of a path; an empty name if the path cannot be read. Spans last until the release. */
static enum prov_status
read_path(struct look *l, struct prov_str raw, struct prov_str *section)
{
    char *plain = prov_arena_perm(&l->docs.arena, raw.len + 1, 1);
    struct prov_buf buf = { plain, raw.len + 1, 0 };
    struct prov_diag diag = { 0 };
    struct prov_path path;

    if (plain == NULL || prov_xml_raw_decode(raw, &buf) != PROV_OK)
        return PROV_E_SPACE;
    const size_t mark = prov_arena_mark(&l->docs.arena);
    const enum prov_status status =
        prov_path_parse(prov_buf_str(&buf), &l->device->limits, &l->docs.arena, &path, &diag);

    if (status == PROV_OK)
        *section = path.steps[0].name;
    else if (status != PROV_E_SPACE)
        add_path_finding(l, raw, &diag);
    prov_arena_release(&l->docs.arena, mark);
    return status;
}

static enum prov_status
look_at_operation(struct look *l, uint32_t op)
{
    struct prov_str raw, section = { NULL, 0 };
    bool bad = false;

    if (!prov_xml_attr(&l->docs.x, op, prov_str_z("path"), &raw)) {
        documents_add(&l->docs, PROV_D_OPERATION_NO_PATH, op, prov_xml_local_name(&l->docs.x, op));
        bad = true;
    } else {
        const enum prov_status status = read_path(l, raw, &section);

        if (status == PROV_E_SPACE)
            return status;
        bad = status != PROV_OK;
    }
    const enum prov_diag_code fault = body_fault(l, op);

    if (fault != PROV_D_NONE) {
        documents_add(&l->docs, fault, op, prov_xml_local_name(&l->docs.x, op));
        bad = true;
    }
    count_operation(l, section, bad);
    return PROV_OK;
}

static enum prov_status
look_at_operations(struct look *l)
{
    enum prov_status status = PROV_OK;

    for (uint32_t op = prov_xml_first(&l->docs.x, l->root);
         op != PROV_XML_NONE && status == PROV_OK; op = prov_xml_next(&l->docs.x, op)) {
        l->c->items++;
        if (l->settings == NULL)
            status = look_at_operation(l, op);
    }
    return status;
}

/* ---- reference, notifySync: their addresses ---- */

static enum prov_status
look_at_references(struct look *l)
{
    const struct prov_str base = PROV_STR_INIT("http://server.invalid/");
    const struct device *d = l->device;
    struct prov_ref_tree tree;
    struct prov_diag diag;
    enum prov_status status =
        prov_ref_tree_init(&tree, &l->docs.arena, &d->limits, base, base, &diag);

    if (status == PROV_OK)
        status =
            prov_ref_tree_add(&tree, 0, base, &l->docs.x, l->root, d->dialect->reference_element,
                              &d->markers.set, PROV_MACRO_ENC_PERCENT, &l->docs.diags);
    if (status == PROV_OK)
        l->c->items = tree.count - 1;
    return status;
}

static uint32_t
child(const struct look *l, uint32_t parent, const char *name)
{
    uint32_t n = parent != PROV_XML_NONE ? prov_xml_first(&l->docs.x, parent) : PROV_XML_NONE;

    while (n != PROV_XML_NONE &&
           !prov_str_eq_nocase(prov_xml_local_name(&l->docs.x, n), prov_str_z(name)))
        n = prov_xml_next(&l->docs.x, n);
    return n;
}

/* An empty address is allowed: it says that no transfer is possible. */
static enum prov_status
look_at_notify(struct look *l)
{
    const uint32_t url = child(l, child(l, l->root, "checkSync"), "url");
    const size_t room = l->doc->text.len + l->device->limits.url_bytes;
    char *mem = prov_arena_perm(&l->docs.arena, 2 * room, 1);
    struct prov_buf text = { mem, room, 0 }, whole = { mem != NULL ? mem + room : NULL, room, 0 };
    struct prov_diag diag = { 0 };
    struct prov_uri uri;

    if (url == PROV_XML_NONE || prov_xml_text_is_blank(&l->docs.x, url))
        return PROV_OK;
    if (mem == NULL || prov_xml_text(&l->docs.x, url, &text) != PROV_OK)
        return PROV_E_SPACE;
    enum prov_status status =
        prov_macro_expand(prov_str_trim(prov_buf_str(&text)), &l->device->markers.set,
                          PROV_MACRO_ENC_PERCENT, &whole, &diag);

    if (status == PROV_OK)
        status = prov_uri_parse(prov_buf_str(&whole), &uri, &diag);
    if (status != PROV_OK && status != PROV_E_SPACE) {
        struct prov_xml_place place;

        prov_xml_where(&l->docs.x, url, &place);
        diag.source = place.source;
        diag.line = place.line;
        diag.column = place.column;
        prov_diags_add(&l->docs.diags, &diag);
    }
    l->c->items = 1;
    return status;
}

/* ---- all kinds ---- */

static bool
is_accepted(const struct look *l)
{
    const struct prov_dialect *d = l->device->dialect;
    const uint32_t types = d->file_types | d->first_types | PROV_FILE_BIT(PROV_FILE_NOTIFY_SYNC);

    return l->c->type != PROV_FILE_UNKNOWN && (types & PROV_FILE_BIT(l->c->type)) != 0;
}

static enum prov_status
look_at_content(struct look *l)
{
    switch (l->c->type) {
    case PROV_FILE_PATCH:
    case PROV_FILE_SECTION:
        return look_at_patch(l);
    case PROV_FILE_OPERATIONS:
        return look_at_operations(l);
    case PROV_FILE_REFERENCE:
        return look_at_references(l);
    case PROV_FILE_NOTIFY_SYNC:
        return look_at_notify(l);
    case PROV_FILE_DIFF: /* all that can be said needs settings: the dry run says it */
    case PROV_FILE_UNKNOWN:
    case PROV_FILE_PARAMS_XML:
    case PROV_FILE_PARAMS_TEXT:
    case PROV_FILE_CERTIFICATE:
        break;
    }
    return PROV_OK;
}

/* Names of sections that only these settings have. Their own findings belong to the dry run. */
static uint32_t
settings_root(struct look *l)
{
    uint32_t root = PROV_XML_NONE;

    if (l->settings != NULL && documents_parse(&l->docs, l->settings, &root) != PROV_OK)
        root = PROV_XML_NONE;
    l->docs.diags.count = 0;
    l->docs.diags.dropped = 0;
    return root;
}

void
checked_free(struct checked *c)
{
    json_decref(c->sections);
    text_free(&c->what);
    c->sections = NULL;
}

static void
start_over(struct checked *c)
{
    checked_free(c);
    *c = (struct checked){ .sections = json_array(), .code = TOOL_DONE };
}

static enum prov_status
attempt(struct look *l)
{
    start_over(l->c);
    const uint32_t settings = settings_root(l);
    const enum prov_status status = documents_parse(&l->docs, l->doc, &l->root);

    if (status != PROV_OK)
        return status;
    l->c->type = prov_file_detect(&l->docs.x, l->root, l->device->dialect, settings);
    if (is_accepted(l))
        return look_at_content(l);
    documents_add(&l->docs,
                  l->c->type == PROV_FILE_UNKNOWN ? PROV_D_DOCUMENT_UNKNOWN
                                                  : PROV_D_DOCUMENT_REFUSED,
                  l->root, prov_xml_name(&l->docs.x, l->root));
    return PROV_E_TYPE;
}

void
checked_look(struct checked *c, const struct document *doc, const struct document *settings,
             const struct device *device, struct report *r)
{
    struct look l = { .c = c, .doc = doc, .settings = settings, .device = device };
    enum prov_status status = PROV_E_SPACE;

    documents_init(&l.docs, device, doc->text.len + (settings != NULL ? settings->text.len : 0));
    while (status == PROV_E_SPACE && documents_grow(&l.docs))
        status = attempt(&l);
    const int code = documents_report(&l.docs, status, r);

    if (code != TOOL_DONE)
        c->code = code;
    documents_free(&l.docs);
}

static const char *
result_name(int code)
{
    if (code == TOOL_DONE)
        return "ok";
    return code == TOOL_PARTIAL ? "would be applied in part" : "refused";
}

json_t *
checked_json(const struct checked *c, struct prov_str name)
{
    return json_pack("{s:o, s:s, s:s}", "name", report_string(name), "type",
                     prov_file_type_name(c->type), "result", result_name(c->code));
}

/* What the items are called: one, several. */
static const struct items {
    enum prov_file_type type;
    const char *one, *several;
} item_names[] = {
    { PROV_FILE_PATCH, "section", "sections" },
    { PROV_FILE_SECTION, "section", "sections" },
    { PROV_FILE_OPERATIONS, "operation", "operations" },
    { PROV_FILE_REFERENCE, "address", "addresses" },
    { PROV_FILE_NOTIFY_SYNC, "address", "addresses" },
};

static void
add_items(struct text *t, const struct checked *c)
{
    text_add_z(t, prov_file_type_name(c->type));
    for (size_t i = 0; i < TOOL_COUNT(item_names); i++) {
        if (item_names[i].type == c->type)
            text_addf(t, ", %u %s", (unsigned)c->items,
                      c->items == 1 ? item_names[i].one : item_names[i].several);
    }
}

void
checked_print(const struct checked *c, struct prov_str name)
{
    const bool readable = c->code == TOOL_DONE || c->code == TOOL_PARTIAL;
    struct text t = { 0 };

    text_add(&t, name);
    text_add_z(&t, ": ");
    if (readable) {
        add_items(&t, c);
        text_addf(&t, "%s%s: ", c->what.len > 0 ? ": " : "", c->what.len > 0 ? c->what.ptr : "");
    }
    text_add_z(&t, result_name(c->code));
    printf("%s\n", t.ptr);
    text_free(&t);
}
