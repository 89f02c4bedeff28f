/* SPDX-License-Identifier: MIT */
#include <prov/apply.h>

#include <prov/migrate.h>
#include <prov/ops.h>
#include <prov/patch.h>
#include <prov/rfc5261.h>

#include "core/apply_work.h"
#include "core/schema_walk.h"

/* ---- What kind a document is (DOC-1) ---- */

static bool
is_operations(const struct prov_xml *x, uint32_t root)
{
    const uint32_t first = prov_xml_first(x, root);

    for (uint32_t n = first; n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (prov_op_kind(x, n) == PROV_OP_NONE)
            return false;
    }
    return first != PROV_XML_NONE;
}

static bool
is_section(const struct prov_xml *x, struct prov_str name, const struct prov_dialect *dialect,
           uint32_t settings)
{
    for (size_t i = 0; i < dialect->section_count; i++) {
        if (prov_str_eq(dialect->sections[i], name))
            return true;
    }
    for (uint32_t n = prov_xml_first(x, settings); n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (prov_xml_is(x, n, name))
            return true;
    }
    return false;
}

/* A family of its own format has a name of its own for the root, of any case. */
static enum prov_file_type
settings_of(const struct prov_dialect *dialect, struct prov_str name)
{
    const struct prov_str root = dialect->settings_root;
    const bool patches = (dialect->file_types & PROV_FILE_BIT(PROV_FILE_PATCH)) != 0;

    if (root.len == 0)
        return PROV_FILE_UNKNOWN;
    if (patches)
        return prov_str_eq(root, name) ? PROV_FILE_PATCH : PROV_FILE_UNKNOWN;
    return prov_str_eq_nocase(root, name) ? PROV_FILE_PARAMS_XML : PROV_FILE_UNKNOWN;
}

/* The dialect at hand goes first; a file of another one is told as well, to be refused by name. */
static enum prov_file_type
settings_of_any(const struct prov_dialect *dialect, struct prov_str name)
{
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count);
    enum prov_file_type type = settings_of(dialect, name);

    for (size_t i = 0; i < count && type == PROV_FILE_UNKNOWN; i++)
        type = settings_of(all[i], name);
    return type;
}

enum prov_file_type
prov_file_detect(const struct prov_xml *x, uint32_t root, const struct prov_dialect *dialect,
                 uint32_t settings)
{
    static const struct {
        struct prov_str name;
        enum prov_file_type type;
    } roots[] = {
        { PROV_STR_INIT("operations"), PROV_FILE_OPERATIONS },
        { PROV_STR_INIT("referencedSettings"), PROV_FILE_REFERENCE },
        { PROV_STR_INIT("notifySync"), PROV_FILE_NOTIFY_SYNC },
    };

    if (x == NULL || dialect == NULL || root == PROV_XML_NONE || root > x->node_count)
        return PROV_FILE_UNKNOWN;
    const struct prov_str local = prov_xml_local_name(x, root);

    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        if (prov_str_eq(roots[i].name, local))
            return roots[i].type;
    }
    if (prov_diff_is_document(x, root))
        return PROV_FILE_DIFF;
    if (is_operations(x, root))
        return PROV_FILE_OPERATIONS;
    const enum prov_file_type type = settings_of_any(dialect, local);

    if (type == PROV_FILE_UNKNOWN && is_section(x, prov_xml_name(x, root), dialect, settings))
        return PROV_FILE_SECTION;
    return type;
}

/* ---- Applying ---- */

static void
report(struct prov_apply *a, uint32_t node, enum prov_status status, enum prov_diag_code code)
{
    struct prov_diag diag;

    prov_work_refuse(a->x, node, code, prov_xml_name(a->x, node), &diag);
    diag.status = status;
    prov_diags_add(a->diags, &diag);
}

static enum prov_status
take_account(struct prov_apply *a)
{
    struct prov_account *account = &a->account;
    struct prov_arena *arena = a->x->arena;

    account->section_cap = a->x->limits.sections;
    account->change_cap = a->x->limits.changes;
    account->sections =
        prov_arena_perm(arena, account->section_cap * sizeof(*account->sections), sizeof(void *));
    if (account->sections == NULL)
        return PROV_E_SPACE;
    account->changes =
        prov_arena_perm(arena, account->change_cap * sizeof(*account->changes), sizeof(void *));
    return account->changes != NULL ? PROV_OK : PROV_E_SPACE;
}

static bool
is_sound(const struct prov_dialect *dialect)
{
    for (size_t i = 0; i < dialect->schema_count; i++) {
        if (prov_schema_verify(&dialect->schemas[i], NULL) != PROV_OK)
            return false;
    }
    return prov_migrations_verify(dialect) == PROV_OK;
}

enum prov_status
prov_apply_init(struct prov_apply *a, struct prov_xml *x, uint32_t root,
                const struct prov_dialect *dialect, const struct prov_check *check,
                struct prov_diags *diags)
{
    if (a == NULL || x == NULL || dialect == NULL || root == PROV_XML_NONE || root > x->node_count)
        return PROV_E_ARG;
    if (dialect->size != sizeof(*dialect))
        return PROV_E_ABI;
    if (!is_sound(dialect))
        return PROV_E_ARG;
    struct prov_apply made = { .x = x, .root = root, .dialect = dialect, .diags = diags };

    if (check != NULL)
        made.check = *check;
    if (!prov_xml_is(x, root, dialect->settings_root)) {
        report(&made, root, PROV_E_TYPE, PROV_D_SETTINGS_ROOT);
        return PROV_E_TYPE;
    }
    const enum prov_status status = take_account(&made);

    if (status != PROV_OK)
        return status;
    made.element_count = prov_work_count(x, root);
    *a = made;
    return PROV_OK;
}

static enum prov_status
refuse_type(struct prov_apply *a, uint32_t root, enum prov_file_type type)
{
    enum prov_diag_code code = PROV_D_DOCUMENT_REFUSED;

    if (type == PROV_FILE_UNKNOWN)
        code = PROV_D_DOCUMENT_UNKNOWN;
    else if (type == PROV_FILE_REFERENCE)
        code = PROV_D_REFERENCE_BY_HAND;
    report(a, root, PROV_E_TYPE, code);
    return PROV_E_TYPE;
}

enum prov_status
prov_apply_change(struct prov_apply *a, uint32_t root, uint32_t types, enum prov_file_type *type)
{
    const uint32_t known = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION) |
                           PROV_FILE_BIT(PROV_FILE_OPERATIONS) | PROV_FILE_BIT(PROV_FILE_DIFF);

    if (!prov_work_is_change(a, root))
        return PROV_E_ARG;
    const enum prov_file_type kind = prov_file_detect(a->x, root, a->dialect, a->root);
    const uint8_t source = a->x->nodes[root].source;

    if (type != NULL)
        *type = kind;
    if ((types & known & PROV_FILE_BIT(kind)) == 0)
        return refuse_type(a, root, kind);
    if (kind == PROV_FILE_SECTION)
        report(a, root, PROV_OK, PROV_D_BARE_SECTION);
    enum prov_status status;

    if (kind == PROV_FILE_DIFF)
        status = prov_rfc5261_apply(a, root);
    else if (kind == PROV_FILE_OPERATIONS)
        status = prov_ops_apply(a, root);
    else
        status = prov_patch_apply(a, root, kind == PROV_FILE_SECTION);

    if (status == PROV_OK) {
        a->file_count++;
        prov_schema_set_checked(a->checked, source);
    }
    return status;
}
