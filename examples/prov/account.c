/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "mask.h"
#include "report.h"
#include "text.h"

static void
add_path(struct text *t, const struct prov_apply *a, const struct prov_change *change)
{
    struct text whole = { 0 };
    size_t room = 512;
    enum prov_status status;

    do {
        text_reserve(&whole, room);
        struct prov_buf out = { whole.ptr, room, 0 };

        status = prov_change_path(a, change, &out);
        whole.len = out.len;
        room *= 2;
    } while (status == PROV_E_SPACE);
    mask_path(text_str(&whole), t);
    text_free(&whole);
}

static json_t *
name_of(const struct account_view *view, uint32_t file)
{
    return file < view->name_count ? report_string(view->names[file]) : json_null();
}

static json_t *
reason_of(const struct prov_section_result *s)
{
    struct text t = { 0 };

    if (s->why.code == PROV_D_NONE)
        return s->unchecked ? json_string("unchecked: there is no schema for it") : json_null();
    report_text(&t, &s->why);
    json_t *reason = report_string(text_str(&t));
    text_free(&t);
    return reason;
}

json_t *
account_sections(const struct account_view *view)
{
    json_t *list = json_array();

    for (uint32_t i = 0; view->apply != NULL && i < view->apply->account.section_count; i++) {
        const struct prov_section_result *s = &view->apply->account.sections[i];

        json_array_append_new(
            list, json_pack("{s:o, s:s, s:I, s:o, s:b, s:o}", "name", report_string(s->name),
                            "action", prov_section_action_name(s->action), "operations",
                            (json_int_t)s->operations, "reason", reason_of(s), "changed",
                            (int)s->changed, "file", name_of(view, s->file)));
    }
    return list;
}

json_t *
account_digest(const uint8_t *digest)
{
    char hex[2 * PROV_DIGEST_BYTES + 1];

    if (digest == NULL)
        return json_null();
    for (size_t i = 0; i < PROV_DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return json_string(hex);
}

static json_t *
change_json(const struct account_view *view, const struct prov_change *c)
{
    uint8_t before[PROV_DIGEST_BYTES], after[PROV_DIGEST_BYTES];
    const bool secret = mask_is_secret(view->apply->x, c->node) ||
                        (c->old != PROV_XML_NONE && mask_is_secret(view->apply->x, c->old));
    const unsigned set = secret ? 0 : prov_change_digest(view->apply, c, before, after);
    struct text path = { 0 };

    add_path(&path, view->apply, c);
    json_t *json =
        json_pack("{s:o, s:b, s:s, s:s, s:o, s:o, s:o}", "path", report_string(text_str(&path)),
                  "restart", (int)prov_change_restart(view->apply, c), "kind",
                  prov_change_kind_name(c->kind), "rule", prov_change_rule_name(c->rule), "file",
                  name_of(view, c->file), "before", account_digest((set & 1) != 0 ? before : NULL),
                  "after", account_digest((set & 2) != 0 ? after : NULL));
    text_free(&path);
    return json;
}

json_t *
account_changes(const struct account_view *view)
{
    json_t *list = json_array();

    for (uint32_t i = 0; view->apply != NULL && i < view->apply->account.change_count; i++)
        json_array_append_new(list, change_json(view, &view->apply->account.changes[i]));
    return list;
}

void
account_add_dropped(json_t *document, const struct account_view *view)
{
    if (view->apply == NULL)
        return;
    const struct prov_account *a = &view->apply->account;

    if (a->sections_dropped > 0)
        json_object_set_new(document, "sectionsDropped", json_integer(a->sections_dropped));
    if (a->changes_dropped > 0)
        json_object_set_new(document, "changesDropped", json_integer(a->changes_dropped));
}

static bool
has_earlier(const struct prov_account *a, uint32_t index)
{
    const struct prov_section_result *s = &a->sections[index];

    for (uint32_t i = 0; i < index; i++) {
        if (a->sections[i].file == s->file && prov_str_eq(a->sections[i].name, s->name))
            return true;
    }
    return false;
}

/* The path begins with this section: `/name`, then a step, a predicate or the end. */
static bool
is_inside(struct prov_str path, struct prov_str section)
{
    if (path.len < section.len + 1 || path.ptr[0] != '/' ||
        !prov_str_eq(prov_str_cut(path, 1, section.len + 1), section))
        return false;
    if (path.len == section.len + 1)
        return true;
    const char after = path.ptr[section.len + 1];

    return after == '/' || after == '[';
}

static void
print_changes(FILE *to, const struct account_view *view, const struct prov_section_result *s,
              int indent)
{
    const struct prov_account *a = &view->apply->account;

    for (uint32_t i = 0; i < a->change_count; i++) {
        struct text path = { 0 }, shown = { 0 };

        if (a->changes[i].file != s->file)
            continue;
        add_path(&path, view->apply, &a->changes[i]);
        if (is_inside(text_str(&path), s->name)) {
            text_add_shown(&shown, text_str(&path));
            fprintf(to, "%*s%-10s %s\n", indent, "", prov_change_kind_name(a->changes[i].kind),
                    shown.ptr);
        }
        text_free(&shown);
        text_free(&path);
    }
}

static void
print_section(FILE *to, const struct prov_section_result *s, int indent)
{
    struct text t = { 0 };

    text_addf(&t, "%*s", indent, "");
    text_add_shown(&t, s->name.len > 0 ? s->name : prov_str_z("(no section)"));
    text_addf(&t, ": %s", prov_section_action_name(s->action));
    if (s->operations > 0)
        text_addf(&t, ", %u operation%s", (unsigned)s->operations, s->operations == 1 ? "" : "s");
    if (s->why.code != PROV_D_NONE) {
        text_add_z(&t, ": ");
        report_text(&t, &s->why);
        text_addf(&t, " [PROV-%04u]", (unsigned)s->why.code);
    } else if (!s->changed && s->action != PROV_SECTION_DISCARDED) {
        text_add_z(&t, ", nothing new");
    } else if (s->unchecked) {
        text_add_z(&t, ", unchecked: there is no schema for it");
    }
    fprintf(to, "%s\n", t.ptr);
    text_free(&t);
}

void
account_print_file(FILE *to, const struct account_view *view, uint32_t file, int indent)
{
    if (view->apply == NULL)
        return;
    const struct prov_account *a = &view->apply->account;

    for (uint32_t i = 0; i < a->section_count; i++) {
        if (a->sections[i].file != file)
            continue;
        print_section(to, &a->sections[i], indent);
        if (a->sections[i].changed && !has_earlier(a, i))
            print_changes(to, view, &a->sections[i], indent + 2);
    }
}
