/* SPDX-License-Identifier: MIT */
#include <prov/patch.h>

#include <prov/migrate.h>

#include "core/apply_work.h"

static const struct prov_str patch = PROV_STR_INIT("patch");
static const struct prov_str patch_default = PROV_STR_INIT("patchDefault");

/* One section of a change on its way into the settings. */
struct job {
    struct prov_apply *a;
    uint32_t section; /* of the change */
    uint32_t present; /* of the settings, PROV_XML_NONE if there is none */
    enum prov_patch_mode mode;
};

/* An xsd:boolean: true is merge. */
static bool
read_mode(struct prov_str raw, enum prov_patch_mode *mode)
{
    static const struct {
        struct prov_str text;
        enum prov_patch_mode mode;
    } words[] = {
        { PROV_STR_INIT("true"), PROV_PATCH_MERGE },
        { PROV_STR_INIT("1"), PROV_PATCH_MERGE },
        { PROV_STR_INIT("false"), PROV_PATCH_REPLACE },
        { PROV_STR_INIT("0"), PROV_PATCH_REPLACE },
    };

    raw = prov_str_trim(raw);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (prov_xml_raw_is(raw, words[i].text)) {
            *mode = words[i].mode;
            return true;
        }
    }
    return false;
}

/* PAT-1: the section's own attribute, else the root's, else the dialect's way. */
static enum prov_status
find_mode(struct job *j, uint32_t root, struct prov_diag *why)
{
    const struct prov_xml *x = j->a->x;
    struct prov_str raw, name = patch;
    struct prov_xml_place place;

    j->mode = j->a->dialect->patch_preset;
    if (!j->a->dialect->patch_attributes)
        return PROV_OK;
    if (!prov_xml_attr(x, j->section, name, &raw)) {
        name = patch_default;
        if (!prov_xml_attr(x, root, name, &raw))
            return PROV_OK;
    }
    if (read_mode(raw, &j->mode))
        return PROV_OK;
    prov_work_refuse(x, j->section, PROV_D_PATCH_VALUE, name, why);
    if (prov_xml_where_at(x, raw.ptr, &place)) {
        why->line = place.line;
        why->column = place.column;
    }
    return PROV_E_INVALID;
}

static void
enter(const struct job *j, enum prov_change_kind kind, enum prov_change_rule rule)
{
    prov_work_enter(
        j->a,
        (struct prov_change){
            .node = j->section, .old = j->present, .by = j->section, .kind = kind, .rule = rule });
}

static enum prov_status
append_section(struct job *j)
{
    const enum prov_status status = prov_xml_append(j->a->x, j->a->root, j->section);

    if (status != PROV_OK)
        return status;
    enter(j, PROV_CHANGE_ADDED, PROV_RULE_SECTION_NEW);
    j->present = j->section;
    return PROV_OK;
}

static enum prov_status
replace_section(struct job *j)
{
    if (prov_xml_equal(j->a->x, j->section, j->present))
        return PROV_OK;
    const enum prov_status status = prov_xml_replace(j->a->x, j->present, j->section);

    if (status != PROV_OK)
        return status;
    enter(j, PROV_CHANGE_REPLACED, PROV_RULE_SECTION_REPLACED);
    j->present = j->section;
    return PROV_OK;
}

/* The version that the settings say they have; 0.0.0 if they say nothing. */
static struct prov_version
present_version(const struct job *j)
{
    static const struct prov_str name = PROV_STR_INIT("version");
    struct prov_version version = { 0, 0, 0 };
    struct prov_str raw;

    if (prov_xml_attr(j->a->x, j->present, name, &raw))
        (void)prov_version_parse(raw, &version);
    return version;
}

/* MIG-1. The two attributes are about the change, they are no settings. */
static enum prov_status
bring_up_to_date(struct job *j, struct prov_section_result *result)
{
    const struct prov_str drop[] = { patch, patch_default };
    struct prov_xml *x = j->a->x;
    struct prov_migrated migrated = { 0, 0, false };
    enum prov_status status = prov_xml_merge_attrs(x, j->section, j->section, drop, 2, NULL);

    if (status != PROV_OK)
        return status;
    status = prov_migrate_section(x, j->section, j->a->dialect, present_version(j), j->a->diags,
                                  &migrated);
    if (status == PROV_E_LIMIT) {
        prov_work_refuse(x, j->section, PROV_D_XML_POOL_NODES, prov_xml_name(x, j->section),
                         &result->why);
        result->why.need = x->limits.pool_nodes;
    }
    result->stripped = migrated.stripped;
    if (migrated.stripped > 0)
        result->action = PROV_SECTION_STRIPPED;
    return status;
}

static enum prov_status
carry_over(struct job *j, struct prov_diag *why)
{
    if (j->present == PROV_XML_NONE)
        return append_section(j);
    if (j->mode == PROV_PATCH_REPLACE)
        return replace_section(j);
    return prov_section_merge(j->a, j->section, &j->present, why);
}

static enum prov_status
apply_section(struct prov_apply *a, uint32_t root, uint32_t section)
{
    const struct prov_str name = prov_xml_name(a->x, section);
    struct job j = { .a = a, .section = section, .present = prov_work_section(a, name) };
    struct prov_work work;

    prov_work_begin(&work, a, name, PROV_SECTION_MERGED, j.present);
    enum prov_status status = find_mode(&j, root, &work.result.why);

    if (status == PROV_OK && j.mode == PROV_PATCH_REPLACE)
        work.result.action = PROV_SECTION_REPLACED;
    if (status == PROV_OK)
        status = bring_up_to_date(&j, &work.result);
    if (status == PROV_OK)
        status = carry_over(&j, &work.result.why);
    return prov_work_end(&work, j.present, status);
}

enum prov_status
prov_patch_apply(struct prov_apply *a, uint32_t root, bool bare)
{
    struct prov_work_doc doc;
    enum prov_status status = PROV_OK;

    if (!prov_work_is_change(a, root))
        return PROV_E_ARG;
    prov_work_doc_begin(a, &doc);
    uint32_t next = bare ? root : prov_xml_first(a->x, root);

    while (next != PROV_XML_NONE && status == PROV_OK) {
        const uint32_t section = next; /* it moves */

        next = bare ? PROV_XML_NONE : prov_xml_next(a->x, section);
        status = apply_section(a, root, section);
    }
    return prov_work_doc_end(a, &doc, status);
}
