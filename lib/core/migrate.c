/* SPDX-License-Identifier: MIT */
#include <prov/migrate.h>

#include "base/buf.h"
#include "core/schema_walk.h"

/* Of one section so many are named; of more only the number is told. */
#define SHOWN 8u
#define VERSION_BYTES 64u
#define DROP_AT_ONCE 8u

static const struct prov_str version_name = PROV_STR_INIT("version");
static const struct prov_str nothing = PROV_STR_INIT("");

struct job {
    struct prov_xml *x;
    uint32_t section;
    struct prov_str name;
    const struct prov_dialect *dialect;
    struct prov_diags *diags;
    struct prov_version version; /* of the section */
    struct prov_version phone;
    struct prov_migrated done;
};

/* ---- Paths ---- */

static struct prov_str
take_last(struct prov_str *path)
{
    size_t at = path->len;

    while (at > 0 && path->ptr[at - 1] != '/')
        at--;
    const struct prov_str step = prov_str_cut(*path, at, path->len);

    *path = prov_str_cut(*path, 0, at > 0 ? at - 1 : 0);
    return step;
}

static struct prov_str
take_first(struct prov_str *path)
{
    size_t at = 0;

    while (at < path->len && path->ptr[at] != '/')
        at++;
    const struct prov_str step = prov_str_cut(*path, 0, at);

    *path = prov_str_cut(*path, at < path->len ? at + 1 : at, path->len);
    return step;
}

static bool
is_any(struct prov_str step)
{
    return step.len == 1 && step.ptr[0] == '*';
}

/* The element is what the path names; an empty one names the section. */
static bool
stands_at(const struct job *j, uint32_t node, struct prov_str path)
{
    while (path.len > 0 && node != j->section) {
        const struct prov_str step = take_last(&path);

        if (!is_any(step) && !prov_xml_is(j->x, node, step))
            return false;
        node = prov_xml_parent(j->x, node);
    }
    return path.len == 0 && node == j->section;
}

/* The next element in document order; not below this one if it is to be passed. */
static uint32_t
walk(const struct job *j, uint32_t node, bool pass)
{
    const uint32_t child = pass ? PROV_XML_NONE : prov_xml_first(j->x, node);

    if (child != PROV_XML_NONE)
        return child;
    while (node != j->section) {
        const uint32_t next = prov_xml_next(j->x, node);

        if (next != PROV_XML_NONE)
            return next;
        node = prov_xml_parent(j->x, node);
    }
    return PROV_XML_NONE;
}

static uint32_t
child_named(const struct job *j, uint32_t parent, struct prov_str name)
{
    uint32_t n = prov_xml_first(j->x, parent);

    while (n != PROV_XML_NONE && !prov_xml_is(j->x, n, name))
        n = prov_xml_next(j->x, n);
    return n;
}

/* ---- Steps ---- */

static enum prov_status
add_element(struct job *j, uint32_t parent, struct prov_str name, struct prov_str text,
            uint32_t *made)
{
    const enum prov_status status = prov_xml_make(j->x, name, nothing, nothing, text, made);

    return status == PROV_OK ? prov_xml_append(j->x, parent, *made) : status;
}

/* The element at a path of names, made if it is not there. */
static enum prov_status
find_place(struct job *j, struct prov_str path, uint32_t *place)
{
    enum prov_status status = PROV_OK;
    uint32_t n = j->section;

    while (path.len > 0 && status == PROV_OK) {
        const struct prov_str name = take_first(&path);
        const uint32_t parent = n;

        n = child_named(j, parent, name);
        if (n == PROV_XML_NONE)
            status = add_element(j, parent, name, nothing, &n);
    }
    *place = n;
    return status;
}

static enum prov_status
move(struct job *j, const struct prov_migration *m, uint32_t node)
{
    uint32_t place = PROV_XML_NONE;
    const enum prov_status status = find_place(j, m->value, &place);

    if (status != PROV_OK || prov_xml_parent(j->x, node) == place)
        return status;
    return prov_xml_append(j->x, place, node);
}

/* For rename, move and delete: what is done with one element. */
static enum prov_status
change_one(struct job *j, const struct prov_migration *m, uint32_t node)
{
    if (m->kind == PROV_MIGRATION_RENAME)
        return prov_xml_rename(j->x, node, m->value);
    return m->kind == PROV_MIGRATION_MOVE ? move(j, m, node) : prov_xml_delete(j->x, node);
}

static enum prov_status
change_all(struct job *j, const struct prov_migration *m)
{
    const bool stays = m->kind == PROV_MIGRATION_RENAME;
    enum prov_status status = PROV_OK;
    uint32_t next = walk(j, j->section, false);

    while (next != PROV_XML_NONE && status == PROV_OK) {
        const uint32_t node = next;
        const bool hit = stands_at(j, node, m->path);

        next = walk(j, node, hit && !stays);
        if (hit)
            status = change_one(j, m, node);
    }
    return status;
}

/* The element gets this text and nothing else inside; its attributes stay. */
static enum prov_status
set_text(struct job *j, uint32_t node, struct prov_str text)
{
    uint32_t made;

    if (prov_xml_first(j->x, node) == PROV_XML_NONE && prov_xml_text_is(j->x, node, text))
        return PROV_OK;
    enum prov_status status =
        prov_xml_make(j->x, prov_xml_name(j->x, node), nothing, nothing, text, &made);

    if (status == PROV_OK)
        status = prov_xml_merge_attrs(j->x, made, node, NULL, 0, NULL);
    return status == PROV_OK ? prov_xml_replace(j->x, node, made) : status;
}

/* A value below one element. */
static enum prov_status
give_one(struct job *j, const struct prov_migration *m, uint32_t parent, struct prov_str name)
{
    enum prov_status status = PROV_OK;
    uint32_t next = child_named(j, parent, name), made;

    if (next == PROV_XML_NONE)
        return add_element(j, parent, name, m->value, &made);
    while (m->kind == PROV_MIGRATION_SET && next != PROV_XML_NONE && status == PROV_OK) {
        const uint32_t node = next;

        next = prov_xml_next(j->x, node);
        if (prov_xml_is(j->x, node, name))
            status = set_text(j, node, m->value);
    }
    return status;
}

static enum prov_status
give_all(struct job *j, const struct prov_migration *m)
{
    struct prov_str parents = m->path;
    const struct prov_str name = take_last(&parents);
    enum prov_status status = PROV_OK;

    for (uint32_t n = j->section; n != PROV_XML_NONE && status == PROV_OK; n = walk(j, n, false)) {
        if (stands_at(j, n, parents))
            status = give_one(j, m, n, name);
    }
    return status;
}

static enum prov_status
apply_step(struct job *j, const struct prov_migration *m)
{
    switch (m->kind) {
    case PROV_MIGRATION_RENAME:
    case PROV_MIGRATION_MOVE:
    case PROV_MIGRATION_DELETE:
        return change_all(j, m);
    case PROV_MIGRATION_DEFAULT:
    case PROV_MIGRATION_SET:
        return give_all(j, m);
    }
    return PROV_E_ARG;
}

static bool
is_for(const struct job *j, const struct prov_migration *m)
{
    return prov_str_eq(m->section, j->name);
}

static enum prov_status
apply_steps(struct job *j)
{
    enum prov_status status = PROV_OK;

    for (size_t i = 0; i < j->dialect->migration_count && status == PROV_OK; i++) {
        const struct prov_migration *m = &j->dialect->migrations[i];

        if (!is_for(j, m) || prov_version_compare(j->version, m->before) >= 0)
            continue;
        status = apply_step(j, m);
        j->done.steps++;
    }
    return status;
}

/* ---- Warnings ---- */

/* at: where in the source, NULL for the element itself. */
static void
warn(const struct job *j, enum prov_diag_code code, uint32_t node, const char *at,
     struct prov_str subject, size_t need)
{
    struct prov_xml_place place;

    if (at == NULL || !prov_xml_where_at(j->x, at, &place))
        prov_xml_where(j->x, node, &place);
    const struct prov_diag diag = {
        .status = PROV_OK,
        .code = code,
        .line = place.line,
        .column = place.column,
        .source = place.source,
        .subject = subject,
        .need = need,
    };

    prov_diags_add(j->diags, &diag);
}

static void
note_stripped(struct job *j, enum prov_diag_code code, uint32_t node, struct prov_str name)
{
    const char *at = code == PROV_D_MIGRATION_ATTRIBUTE ? name.ptr : NULL;

    if (j->done.stripped++ < SHOWN)
        warn(j, code, node, at, name, 0);
}

/* ---- Stripping ---- */

/* A few at a time; *more: there may be others. */
static enum prov_status
strip_some_attributes(struct job *j, uint32_t node, const struct prov_schema_element *e, bool *more)
{
    struct prov_str drop[DROP_AT_ONCE], name, raw;
    uint32_t cursor = 0;
    size_t count = 0;

    while (count < DROP_AT_ONCE && prov_xml_attr_next(j->x, node, &cursor, &name, &raw)) {
        if (prov_schema_knows(e, name, node == j->section))
            continue;
        note_stripped(j, PROV_D_MIGRATION_ATTRIBUTE, node, name);
        drop[count++] = name;
    }
    *more = count == DROP_AT_ONCE;
    return count > 0 ? prov_xml_merge_attrs(j->x, node, node, drop, count, NULL) : PROV_OK;
}

static enum prov_status
strip_children(struct job *j, uint32_t node, const struct prov_schema_element *e)
{
    enum prov_status status = PROV_OK;
    uint32_t next = prov_xml_first(j->x, node), hint = 0;

    while (next != PROV_XML_NONE && status == PROV_OK) {
        const uint32_t child = next;

        next = prov_xml_next(j->x, child);
        if (prov_schema_child(e, j->x, child, &hint) > 0)
            continue;
        note_stripped(j, PROV_D_MIGRATION_ELEMENT, child, prov_xml_name(j->x, child));
        status = prov_xml_delete(j->x, child);
    }
    return status;
}

static enum prov_status
strip_element(struct job *j, uint32_t node, const struct prov_schema_element *e)
{
    enum prov_status status = PROV_OK;
    bool more = true;

    if ((e->flags & (PROV_SCHEMA_FREE | PROV_SCHEMA_OPEN)) != 0)
        return PROV_OK;
    while (more && status == PROV_OK)
        status = strip_some_attributes(j, node, e, &more);
    return status == PROV_OK ? strip_children(j, node, e) : status;
}

static enum prov_status
strip(struct job *j, const struct prov_schema *schema)
{
    struct prov_schema_walk w;
    enum prov_status status;

    prov_schema_walk_begin(&w, j->x, j->section, &schema->section);
    do
        status = strip_element(j, w.node, prov_schema_walk_element(&w));
    while (status == PROV_OK && prov_schema_walk_next(&w));
    if (j->done.stripped > SHOWN)
        warn(j, PROV_D_MIGRATION_MORE, j->section, NULL, j->name, j->done.stripped - SHOWN);
    return status;
}

/* ---- Versions ---- */

/* The attribute's version; a malformed one is as good as none, and is told. */
static bool
read_version(struct job *j)
{
    char mem[VERSION_BYTES];
    struct prov_buf text = { mem, sizeof(mem), 0 };
    struct prov_str raw;

    if (!prov_xml_attr(j->x, j->section, version_name, &raw))
        return false;
    if (prov_xml_raw_decode(raw, &text) == PROV_OK &&
        prov_version_parse(prov_buf_str(&text), &j->version))
        return true;
    warn(j, PROV_D_MIGRATION_VERSION, j->section, raw.ptr, j->name, 0);
    return false;
}

static bool
has_steps(const struct job *j)
{
    for (size_t i = 0; i < j->dialect->migration_count; i++) {
        if (is_for(j, &j->dialect->migrations[i]))
            return true;
    }
    return false;
}

/* Without an attribute: the newest version whose schema the section keeps to. */
static enum prov_status
match_version(struct job *j)
{
    const struct prov_dialect *d = j->dialect;

    for (size_t i = 0; i < d->schema_count; i++) {
        if (!prov_str_eq(d->schemas[i].section.name, j->name))
            continue;
        const enum prov_status status = prov_schema_check(j->x, j->section, &d->schemas[i], NULL);

        if (status == PROV_OK)
            j->version = d->schemas[i].version;
        if (status != PROV_E_INVALID)
            return status;
    }
    return PROV_OK;
}

/* What the attribute says is true from now on; where there is none, none is needed. */
static enum prov_status
write_version(struct job *j)
{
    const uint32_t numbers[3] = { j->phone.major, j->phone.minor, j->phone.patch };
    char mem[VERSION_BYTES];
    struct prov_buf text = { mem, sizeof(mem), 0 };
    struct prov_str raw;
    uint32_t made;

    for (size_t i = 0; i < 3; i++) {
        prov_buf_put(&text, ".", i > 0);
        prov_buf_put_uint(&text, numbers[i], 1);
    }
    if (!prov_xml_attr(j->x, j->section, version_name, &raw) ||
        prov_xml_raw_is(raw, prov_buf_str(&text)))
        return PROV_OK;
    const enum prov_status status =
        prov_xml_make(j->x, j->name, version_name, prov_buf_str(&text), nothing, &made);

    if (status != PROV_OK)
        return status;
    return prov_xml_merge_attrs(j->x, j->section, made, NULL, 0, NULL);
}

static enum prov_status
migrate(struct job *j, const struct prov_schema *schema)
{
    enum prov_status status = PROV_OK;

    if (!read_version(j) && has_steps(j))
        status = match_version(j);
    if (status != PROV_OK)
        return status;
    j->done.newer = prov_version_compare(j->version, j->phone) > 0;
    if (j->done.newer)
        warn(j, PROV_D_MIGRATION_NEWER, j->section, NULL, j->name, 0);
    status = apply_steps(j);
    if (status == PROV_OK)
        status = strip(j, schema);
    return status == PROV_OK ? write_version(j) : status;
}

enum prov_status
prov_migrate_section(struct prov_xml *x, uint32_t section, const struct prov_dialect *dialect,
                     struct prov_version present, struct prov_diags *diags,
                     struct prov_migrated *out)
{
    struct job j = { .x = x, .section = section, .dialect = dialect, .diags = diags };
    enum prov_status status = PROV_OK;

    if (x == NULL || dialect == NULL || !prov_xml_is_live(x, section))
        return PROV_E_ARG;
    j.name = prov_xml_name(x, section);
    const struct prov_schema *schema = prov_schema_find(dialect, j.name);

    if (schema != NULL) {
        j.phone = prov_version_compare(present, schema->version) > 0 ? present : schema->version;
        status = migrate(&j, schema);
    }
    if (status == PROV_OK && out != NULL)
        *out = j.done;
    return status;
}

/* ---- Are the steps sound? ---- */

/* Steps of names, or asterisks where they may stand; at least one. */
static bool
is_sound_path(struct prov_str path, bool any_inside, bool any_last)
{
    if (path.len == 0 || path.ptr[path.len - 1] == '/')
        return false;
    while (path.len > 0) {
        const struct prov_str step = take_first(&path);

        if (step.len == 0 || (is_any(step) && !(path.len > 0 ? any_inside : any_last)))
            return false;
    }
    return true;
}

/* What is moved cannot go into itself. */
static bool
leads_into(struct prov_str place, struct prov_str path)
{
    while (path.len > 0) {
        const struct prov_str inner = take_first(&place), outer = take_first(&path);

        if (!is_any(outer) && !prov_str_eq(inner, outer))
            return false;
        if (inner.len == 0)
            return false;
    }
    return true;
}

static bool
is_sound(const struct prov_migration *m)
{
    switch (m->kind) {
    case PROV_MIGRATION_RENAME:
        return is_sound_path(m->path, true, true) && is_sound_path(m->value, false, false) &&
               memchr(m->value.ptr, '/', m->value.len) == NULL;
    case PROV_MIGRATION_MOVE:
        return is_sound_path(m->path, true, true) &&
               (m->value.len == 0 || is_sound_path(m->value, false, false)) &&
               !leads_into(m->value, m->path);
    case PROV_MIGRATION_DELETE:
        return is_sound_path(m->path, true, true);
    case PROV_MIGRATION_DEFAULT:
    case PROV_MIGRATION_SET:
        return is_sound_path(m->path, true, false);
    }
    return false;
}

enum prov_status
prov_migrations_verify(const struct prov_dialect *dialect)
{
    if (dialect == NULL)
        return PROV_E_ARG;
    for (size_t i = 0; i < dialect->migration_count; i++) {
        const struct prov_migration *m = &dialect->migrations[i];
        const struct prov_schema *schema = prov_schema_find(dialect, m->section);

        if (!is_sound(m) || schema == NULL || prov_version_compare(m->before, schema->version) > 0)
            return PROV_E_ARG;
        for (size_t k = 0; k < i; k++) {
            const struct prov_migration *earlier = &dialect->migrations[k];

            if (prov_str_eq(earlier->section, m->section) &&
                prov_version_compare(earlier->before, m->before) > 0)
                return PROV_E_ARG;
        }
    }
    return PROV_OK;
}
