/* SPDX-License-Identifier: MIT */
#include <prov/migrate.h>

#include "fuzz_in.h"

/*
 * Input: a byte with the number of steps, each step as a byte for its kind, one for its version and
 * two strings, path and value; then a section. Steps that are not sound are passed over.
 */

#define MEMORY (1u << 20)
#define MOST_STEPS 6

static const struct prov_value_type any = { .kind = PROV_VALUE_ANY };
static const struct prov_schema_attribute attributes[] = { { PROV_STR_INIT("id"), false, NULL } };

#define LEAF(n) \
    { \
        .name = PROV_STR_INIT(n), .text = &any, .max = PROV_SCHEMA_MANY \
    }

static const struct prov_schema_element inner[] = { LEAF("x"), LEAF("y") };
static const struct prov_schema_element today[] = {
    LEAF("a"),
    { .name = PROV_STR_INIT("b"),
      .max = PROV_SCHEMA_MANY,
      .attributes = attributes,
      .attribute_count = 1,
      .children = inner,
      .child_count = 2 },
    { .name = PROV_STR_INIT("free"), .flags = PROV_SCHEMA_FREE },
    { .name = PROV_STR_INIT("open"), .flags = PROV_SCHEMA_OPEN },
};
static const struct prov_schema_element former[] = { LEAF("c"), LEAF("x") };
static const struct prov_schema schemas[] = {
    { { 9, 0, 0 }, { .name = PROV_STR_INIT("s"), .children = today, .child_count = 4 } },
    { { 4, 0, 0 }, { .name = PROV_STR_INIT("s"), .children = former, .child_count = 2 } },
};

struct world {
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
};

static bool
open_text(struct world *w, void *memory, struct prov_str text)
{
    static const struct prov_limits limits = { .size = sizeof(limits),
                                               .xml_nodes = 200,
                                               .pool_nodes = 800 };

    prov_arena_init(&w->arena, memory, MEMORY);
    FUZZ_CHECK(prov_xml_init(&w->x, &w->arena, &limits, NULL, 1) == PROV_OK);
    return prov_xml_parse(&w->x, prov_str_z("f"), text, &w->root, NULL) == PROV_OK;
}

static struct prov_str
written(const struct world *w)
{
    size_t need = 0;
    struct prov_buf out = { NULL, 0, 0 };

    FUZZ_CHECK(prov_xml_write(&w->x, w->root, &out, &need) == PROV_E_SPACE);
    out = (struct prov_buf){ malloc(need), need, 0 };
    FUZZ_CHECK(out.ptr != NULL);
    FUZZ_CHECK(prov_xml_write(&w->x, w->root, &out, NULL) == PROV_OK);
    return prov_buf_str(&out);
}

static void
free_text(struct prov_str s)
{
    char *p;

    memcpy(&p, &s.ptr, sizeof(p));
    free(p);
}

static size_t
read_steps(struct fuzz_in *in, struct prov_migration *steps)
{
    size_t count = fuzz_u8(in) % (MOST_STEPS + 1);

    for (size_t i = 0; i < count; i++) {
        const uint8_t kind = fuzz_u8(in);

        steps[i] = (struct prov_migration){ .section = PROV_STR_INIT("s"),
                                            .before = { fuzz_u8(in) % 10, 0, 0 },
                                            .kind = (enum prov_migration_kind)(kind % 5) };
        steps[i].path = fuzz_str(in, 12);
        steps[i].value = fuzz_str(in, 12);
    }
    return count;
}

/* A name that XML would not take comes only from a table: nobody writes one. */
static bool
is_plain(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (strchr("abcdsxy/* ", s.ptr[i]) == NULL || s.ptr[i] == '\0')
            return false;
    }
    return true;
}

static bool
is_usable(const struct prov_dialect *d)
{
    for (size_t i = 0; i < d->migration_count; i++) {
        const struct prov_migration *m = &d->migrations[i];

        if (!is_plain(m->path) || !is_plain(m->value) ||
            (m->path.len > 0 && memchr(m->path.ptr, ' ', m->path.len) != NULL) ||
            (m->kind <= PROV_MIGRATION_MOVE && m->value.len > 0 &&
             memchr(m->value.ptr, ' ', m->value.len) != NULL))
            return false;
    }
    return prov_migrations_verify(d) == PROV_OK;
}

/* Nothing is left that the schema does not know. */
static void
check_stripped(struct world *w)
{
    struct prov_diag diag = { 0 };
    const enum prov_status st = prov_schema_check(&w->x, w->root, &schemas[0], &diag);

    FUZZ_CHECK(st == PROV_OK || st == PROV_E_INVALID);
    FUZZ_CHECK(diag.code != PROV_D_SCHEMA_UNKNOWN_ELEMENT &&
               diag.code != PROV_D_SCHEMA_UNKNOWN_ATTRIBUTE);
}

/* What was written means the same when it is read, and is of today: only once is it migrated. */
static void
check_written(struct world *w, void *other, struct prov_str text, const struct prov_dialect *d)
{
    const struct prov_version none = { 0, 0, 0 };
    struct prov_migrated done;
    struct prov_str raw;
    struct world again;
    uint32_t root;

    FUZZ_CHECK(prov_xml_parse(&w->x, prov_str_z("again"), text, &root, NULL) == PROV_OK);
    FUZZ_CHECK(prov_xml_equal(&w->x, w->root, root));
    if (!prov_xml_attr(&w->x, w->root, prov_str_z("version"), &raw))
        return;
    FUZZ_CHECK(prov_xml_raw_is(raw, prov_str_z("9.0.0")));
    FUZZ_CHECK(open_text(&again, other, text));
    FUZZ_CHECK(prov_migrate_section(&again.x, again.root, d, none, NULL, &done) == PROV_OK);
    FUZZ_CHECK(done.steps == 0 && done.stripped == 0 && !done.newer);
    const struct prov_str second = written(&again);

    FUZZ_CHECK(prov_str_eq(text, second));
    free_text(second);
}

static void
migrate(void *memory, void *other, struct prov_str text, const struct prov_dialect *d)
{
    const struct prov_version none = { 0, 0, 0 };
    struct prov_diag kept[4];
    struct prov_diags diags = { kept, 4, 0, 0 };
    struct prov_migrated done = { 99, 99, true };
    struct world w;

    if (!open_text(&w, memory, text) || !prov_xml_is(&w.x, w.root, prov_str_z("s")))
        return;
    const size_t mark = prov_xml_mark(&w.x);
    const enum prov_status st = prov_migrate_section(&w.x, w.root, d, none, &diags, &done);

    FUZZ_CHECK(st == PROV_OK || st == PROV_E_LIMIT || st == PROV_E_SPACE);
    for (uint32_t i = 0; i < diags.count; i++)
        FUZZ_CHECK(kept[i].status == PROV_OK && kept[i].subject.len > 0);
    if (st == PROV_OK) {
        FUZZ_CHECK(done.steps <= d->migration_count && (done.stripped > 0) <= (diags.count > 0));
        check_stripped(&w);
        const struct prov_str now = written(&w);

        if (prov_xml_check(&w.x, w.root, NULL) == PROV_OK)
            check_written(&w, other, now, d);
        free_text(now);
    } else {
        FUZZ_CHECK(done.steps == 99);
    }
    prov_xml_rollback(&w.x, mark);
    const struct prov_str back = written(&w);

    FUZZ_CHECK(prov_str_eq(back, text));
    free_text(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    struct prov_migration steps[MOST_STEPS];
    struct prov_dialect d = { .schemas = schemas, .schema_count = 2, .migrations = steps };
    void *memory = malloc(MEMORY), *other = malloc(MEMORY);

    FUZZ_CHECK(memory != NULL && other != NULL);
    d.migration_count = read_steps(&in, steps);
    const struct prov_str rest = fuzz_rest(&in);

    if (is_usable(&d)) {
        char *exact = malloc(rest.len > 0 ? rest.len : 1);

        FUZZ_CHECK(exact != NULL);
        if (rest.len > 0)
            memcpy(exact, rest.ptr, rest.len);
        migrate(memory, other, (struct prov_str){ exact, rest.len }, &d);
        free(exact);
    }
    free(memory);
    free(other);
    return 0;
}
