/* SPDX-License-Identifier: MIT */
#include <prov/migrate.h>

#include <stdio.h>

#include "support/prov_made.h"

#define ARENA (1u << 20)
struct pool {
    unsigned char *memory;
    char *text;
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
    struct prov_diag kept[16];
    struct prov_diags diags;
};

static bool
pool_open(struct pool *p, const char *text, size_t bytes, const struct prov_limits *limits)
{
    *p = (struct pool){ .memory = malloc(bytes > 0 ? bytes : 1), .text = prov_copy_exact(text) };
    assert_non_null(p->memory);
    p->diags = (struct prov_diags){ .items = p->kept, .cap = PROV_COUNT(p->kept) };
    prov_arena_init(&p->arena, p->memory, bytes);
    if (prov_xml_init(&p->x, &p->arena, limits, NULL, 1) != PROV_OK)
        return false;
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&p->x, prov_str_z("f"),
                                    (struct prov_str){ p->text, strlen(text) }, &p->root, NULL));
    return true;
}

static void
pool_close(struct pool *p)
{
    free(p->text);
    free(p->memory);
}

static bool
writes(const struct pool *p, const char *text)
{
    char mem[2048];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    const bool same = prov_xml_write(&p->x, p->root, &out, NULL) == PROV_OK &&
                      prov_str_is(out.ptr, out.len, text);

    if (!same)
        print_error("%.*s\n", (int)out.len, mem);
    return same;
}

static const struct row {
    const char *name, *before, *after;
    uint32_t steps, stripped;
    enum prov_diag_code warning; /* the first one */
    uint32_t warnings;
} rows[] = {
    /* clang-format off */
    { "all five steps", "<s version='1.0.0'><plain>p</plain><short>5</short><legacy>x</legacy><white><member>a</member><member> b</member></white></s>",
      "<s version=\"3.0.0\"><plain>p</plain><allow><entry>a</entry><entry> b</entry></allow><timers><short>5</short><long>60</long></timers></s>", 5, 0, PROV_D_NONE, 0 },
    { "from the middle", "<s version=\"2.1.0\"><short>5</short><legacy/><white/></s>",
      "<s version=\"3.0.0\"><timers><short>5</short><long>60</long></timers></s>", 3, 1, PROV_D_MIGRATION_ELEMENT, 1 },
    { "the last one only", "<s version='2.9'><timers/></s>", "<s version=\"3.0.0\"><timers><long>60</long></timers></s>", 1, 0, PROV_D_NONE, 0 },
    { "what is there stays", "<s version='2.9'><timers><long>7</long></timers></s>", "<s version=\"3.0.0\"><timers><long>7</long></timers></s>", 1, 0, PROV_D_NONE, 0 },
    { "of today", "<s version='3.0.0'><timers><short>1</short></timers></s>", "<s version='3.0.0'><timers><short>1</short></timers></s>", 0, 0, PROV_D_NONE, 0 },
    { "of today, other spelling", "<s version='3'><plain/></s>", "<s version=\"3.0.0\"><plain/></s>", 0, 0, PROV_D_NONE, 0 },
    { "newer", "<s version='3.0.1'><white/><plain/></s>", "<s version=\"3.0.0\"><plain/></s>", 0, 1, PROV_D_MIGRATION_NEWER, 2 },
    { "malformed, of version 1", "<s version='x'><white><member>a</member></white></s>", "<s version=\"3.0.0\"><allow><entry>a</entry></allow></s>", 5, 0, PROV_D_MIGRATION_VERSION, 1 },
    { "too long to be one", "<s version='1.0.0                                                                 '/>", "<s version=\"3.0.0\"/>", 0, 0, PROV_D_MIGRATION_VERSION, 1 },
    { "without version, of today", "<s><allow><entry id='1'>a</entry></allow></s>", "<s><allow><entry id='1'>a</entry></allow></s>", 0, 0, PROV_D_NONE, 0 },
    { "without version, of 2.1.0", "<s><short>5</short></s>", "<s><timers><short>5</short><long>60</long></timers></s>", 3, 0, PROV_D_NONE, 0 },
    { "without version, of 1.0.0", "<s><white><member/></white></s>", "<s><allow><entry/></allow></s>", 5, 0, PROV_D_NONE, 0 },
    { "without version, of none", "<s><white/><short/><what/></s>", "<s><allow/><timers><short/><long>60</long></timers></s>", 5, 1, PROV_D_MIGRATION_ELEMENT, 1 },
    { "attributes", "<s version='3.0.0' a='1' xmlns='u' b='2'><plain c='3'>x</plain><allow><entry id='7' no='8'/></allow></s>",
      "<s version='3.0.0' xmlns='u'><plain>x</plain><allow><entry id='7'/></allow></s>", 0, 4, PROV_D_MIGRATION_ATTRIBUTE, 4 },
    { "many attributes", "<s a='1' b='1' c='1' d='1' e='1' f='1' g='1' h='1' i='1' j='1' k='1'/>", "<s/>", 5, 11, PROV_D_MIGRATION_ATTRIBUTE, 9 },
    { "many elements", "<s version='3.0.0'> <a/> <a/> <a/> <a/> <a/> <a/> <a/> <a/> <a/> <a/> </s>", "<s version='3.0.0'> </s>", 0, 10, PROV_D_MIGRATION_ELEMENT, 9 },
    { "free and open", "<s version='3.0.0'><free a='1'><b/></free><open a='1'><b/></open></s>", "<s version='3.0.0'><free a='1'><b/></free><open a='1'><b/></open></s>", 0, 0, PROV_D_NONE, 0 },
    { "no schema", "<t version='0.1' a='1'><short/></t>", "<t version='0.1' a='1'><short/></t>", 0, 0, PROV_D_NONE, 0 },
    { "no steps", "<plainOnly version='1.0.0'><member/><short/></plainOnly>", "<plainOnly version=\"1.2.3\"><member/></plainOnly>", 0, 1, PROV_D_MIGRATION_ELEMENT, 1 },
    /* clang-format on */
};

static void
follows_the_table(void **state)
{
    const struct prov_version none = { 0, 0, 0 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct prov_migrated done = { 0 };
        struct pool p;

        assert_true(pool_open(&p, r->before, ARENA, NULL));
        const size_t mark = prov_xml_mark(&p.x);

        PROV_ROW(r->name,
                 prov_migrate_section(&p.x, p.root, &made, none, &p.diags, &done) == PROV_OK);
        PROV_ROW(r->name, writes(&p, r->after));
        PROV_ROW(r->name, done.steps == r->steps && done.stripped == r->stripped);
        PROV_ROW(r->name, done.newer == (r->warning == PROV_D_MIGRATION_NEWER));
        PROV_ROW(r->name, p.diags.count == r->warnings && p.kept[0].code == r->warning);
        for (uint32_t k = 0; k < p.diags.count; k++) {
            PROV_ROW(r->name, p.kept[k].status == PROV_OK && p.kept[k].line == 1);
            PROV_ROW(r->name, prov_diag_severity(p.kept[k].code) == PROV_SEVERITY_WARNING);
        }
        PROV_ROW(r->name, prov_migrate_section(&p.x, p.root, &made, none, NULL, NULL) == PROV_OK);
        PROV_ROW(r->name,
                 strcmp(r->before, r->after) == 0 || r->steps == 0 || writes(&p, r->after));
        prov_xml_rollback(&p.x, mark);
        PROV_ROW(r->name, writes(&p, r->before));
        pool_close(&p);
    }
}

/* The column is that of the element or attribute that is left out. */
static void
warns_where_it_stands(void **state)
{
    const struct prov_version none = { 0, 0, 0 };
    struct pool p;

    (void)state;
    assert_true(
        pool_open(&p, "<s version='3.0.0'\n a='secret'>\n  <what>secret</what></s>", ARENA, NULL));
    assert_int_equal(PROV_OK, prov_migrate_section(&p.x, p.root, &made, none, &p.diags, NULL));
    assert_int_equal(2, p.diags.count);
    assert_int_equal(2, p.kept[0].line);
    assert_int_equal(2, p.kept[0].column);
    assert_int_equal(3, p.kept[1].line);
    assert_int_equal(3, p.kept[1].column);
    for (uint32_t i = 0; i < 2; i++) {
        char mem[256] = "";
        struct prov_buf out = { mem, sizeof(mem) - 1, 0 };

        assert_int_equal(PROV_OK, prov_diag_format(&p.kept[i], &out));
        assert_null(strstr(mem, "secret"));
    }
    pool_close(&p);
}

/* The phone's own settings may be newer than the table: then that is the phone's version. */
static void
takes_the_newer_of_settings_and_table(void **state)
{
    static const struct {
        const char *name, *before, *after;
        struct prov_version present;
        bool newer;
    } versions[] = {
        { "older than the settings", "<s version='3.5'/>", "<s version=\"4.0.0\"/>", V(4, 0, 0),
          false },
        { "as the settings", "<s version='4.0.0'/>", "<s version='4.0.0'/>", V(4, 0, 0), false },
        { "newer than both", "<s version='4.0.1'/>", "<s version=\"4.0.0\"/>", V(4, 0, 0), true },
        { "settings are old", "<s version='2.0.0'/>", "<s version=\"3.0.0\"/>", V(1, 0, 0), false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(versions); i++) {
        struct prov_migrated done;
        struct pool p;

        assert_true(pool_open(&p, versions[i].before, ARENA, NULL));
        PROV_ROW(versions[i].name, prov_migrate_section(&p.x, p.root, &made, versions[i].present,
                                                        NULL, &done) == PROV_OK);
        PROV_ROW(versions[i].name, writes(&p, versions[i].after));
        PROV_ROW(versions[i].name, done.newer == versions[i].newer);
        pool_close(&p);
    }
}

/* Each kind of step by itself, on a section whose schema takes everything. */
static const struct {
    const char *name;
    struct prov_migration step;
    const char *before, *after;
} kinds[] = {
    /* clang-format off */
    { "rename keeps attributes", STEP(V(1, 0, 0), RENAME, "a", "b"), "<s><a x='1' >t</a ><c><a/></c></s>", "<s><b x='1' >t</b><c><a/></c></s>" },
    { "rename anywhere", STEP(V(1, 0, 0), RENAME, "*/a", "b"), "<s><a><a/></a><c>\n <a/>\n</c></s>", "<s><a><b/></a><c>\n <b/>\n</c></s>" },
    { "rename anything", STEP(V(1, 0, 0), RENAME, "l/*", "m"), "<s><l><x/><m/><y>1</y></l></s>", "<s><l><m/><m/><m>1</m></l></s>" },
    { "rename to the same", STEP(V(1, 0, 0), RENAME, "a", "a"), "<s><a/></s>", "<s><a/></s>" },
    { "move up", STEP(V(1, 0, 0), MOVE, "a/b", ""), "<s><a><b/><c/><b/></a></s>", "<s><a><c/></a><b/><b/></s>" },
    { "move to what is there", STEP(V(1, 0, 0), MOVE, "b", "a"), "<s>\n <a>\n  <c/>\n </a>\n <b/>\n <b>1</b>\n</s>", "<s>\n <a>\n  <c/>\n  <b/>\n  <b>1</b>\n </a>\n</s>" },
    { "move to what is made", STEP(V(1, 0, 0), MOVE, "b", "x/y"), "<s>\n <b/>\n</s>", "<s>\n  <x><y><b/></y></x>\n</s>" },
    { "move from several places", STEP(V(1, 0, 0), MOVE, "*/b", "z"), "<s><a><b>1</b></a><c><b>2</b></c><z><b>0</b></z></s>", "<s><a></a><c></c><z><b>0</b><b>1</b><b>2</b></z></s>" },
    { "move what has children", STEP(V(1, 0, 0), MOVE, "b", "a"), "<s><b><c/></b><x/><b>1</b></s>", "<s><x/><a><b><c/></b><b>1</b></a></s>" },
    { "move to where it is", STEP(V(1, 0, 0), MOVE, "a/b", "a"), "<s><a><b/></a></s>", "<s><a><b/></a></s>" },
    { "move nothing", STEP(V(1, 0, 0), MOVE, "b", "x"), "<s><a/></s>", "<s><a/></s>" },
    { "delete", STEP(V(1, 0, 0), DELETE, "a/b", ""), "<s><a><b><b/></b><c/><b/></a><b/></s>", "<s><a><c/></a><b/></s>" },
    { "delete anything", STEP(V(1, 0, 0), DELETE, "*", ""), "<s><a/><b/></s>", "<s></s>" },
    { "default", STEP(V(1, 0, 0), DEFAULT, "a", "<&>\""), "<s/>", "<s><a>&lt;&amp;&gt;&quot;</a></s>" },
    { "default of several", STEP(V(1, 0, 0), DEFAULT, "l/*/n", "7"), "<s><l><m/><m><n>1</n></m><k/></l><m/></s>", "<s><l><m><n>7</n></m><m><n>1</n></m><k><n>7</n></k></l><m/></s>" },
    { "default without a place", STEP(V(1, 0, 0), DEFAULT, "l/n", "7"), "<s><m/></s>", "<s><m/></s>" },
    { "set", STEP(V(1, 0, 0), SET, "a", "7"), "<s><a x='1'>6</a><b/><a><c/></a><a>7</a></s>", "<s><a x='1'>7</a><b/><a>7</a><a>7</a></s>" },
    { "set what is not there", STEP(V(1, 0, 0), SET, "a", ""), "<s> <b/> </s>", "<s> <b/><a></a> </s>" },
    /* clang-format on */
};

static void
does_what_each_kind_says(void **state)
{
    const struct prov_version none = { 0, 0, 0 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(kinds); i++) {
        const struct prov_schema all = { V(1, 0, 0),
                                         { .name = S("s"), .flags = PROV_SCHEMA_FREE } };
        const struct prov_schema strict[] = { all, { V(0, 0, 0), { .name = S("s") } } };
        struct prov_dialect d = {
            .schemas = strict, .schema_count = 1, .migrations = &kinds[i].step, .migration_count = 1
        };
        struct pool p;

        PROV_ROW(kinds[i].name, prov_migrations_verify(&d) == PROV_OK);
        assert_true(pool_open(&p, kinds[i].before, ARENA, NULL));
        /* Everything keeps to the schema of today: so it is of today, and nothing is done. */
        PROV_ROW(kinds[i].name,
                 prov_migrate_section(&p.x, p.root, &d, none, NULL, NULL) == PROV_OK);
        PROV_ROW(kinds[i].name, writes(&p, kinds[i].before));
        pool_close(&p);

        /* With a version it is not compared with schemas. */
        char *old = malloc(strlen(kinds[i].before) + 32),
             *new = malloc(strlen(kinds[i].after) + 32);

        assert_true(old != NULL && new != NULL);
        sprintf(old, "<s version='0.9'%s", kinds[i].before + 2);
        sprintf(new, "<s version=\"1.0.0\"%s", kinds[i].after + 2);
        assert_true(pool_open(&p, old, ARENA, NULL));
        PROV_ROW(kinds[i].name,
                 prov_migrate_section(&p.x, p.root, &d, none, NULL, NULL) == PROV_OK);
        PROV_ROW(kinds[i].name, writes(&p, new));
        pool_close(&p);
        free(old);
        free(new);
    }
}

static void
tells_sound_steps_from_others(void **state)
{
    static const struct {
        const char *name;
        struct prov_migration pair[2];
    } bad[] = {
        { "no path", { STEP(V(1, 0, 0), DELETE, "", "") } },
        { "slash at the end", { STEP(V(1, 0, 0), DELETE, "a/", "") } },
        { "slash at the start", { STEP(V(1, 0, 0), DELETE, "/a", "") } },
        { "empty step", { STEP(V(1, 0, 0), DELETE, "a//b", "") } },
        { "no new name", { STEP(V(1, 0, 0), RENAME, "a", "") } },
        { "new name with a slash", { STEP(V(1, 0, 0), RENAME, "a", "b/c") } },
        { "any new name", { STEP(V(1, 0, 0), RENAME, "a", "*") } },
        { "place with an asterisk", { STEP(V(1, 0, 0), MOVE, "a", "b/*") } },
        { "place inside", { STEP(V(1, 0, 0), MOVE, "a", "a/b") } },
        { "place itself", { STEP(V(1, 0, 0), MOVE, "a/b", "a/b") } },
        { "place may be inside", { STEP(V(1, 0, 0), MOVE, "*", "b") } },
        { "any default", { STEP(V(1, 0, 0), DEFAULT, "a/*", "1") } },
        { "any value set", { STEP(V(1, 0, 0), SET, "*", "1") } },
        { "unknown kind",
          { { S("s"), V(1, 0, 0), (enum prov_migration_kind)99, S("a"), S("b") } } },
        { "newer than the schema", { STEP(V(3, 0, 1), DELETE, "a", "") } },
        { "no schema", { { S("t"), V(1, 0, 0), PROV_MIGRATION_DELETE, S("a"), S("") } } },
        { "not sorted", { STEP(V(2, 0, 0), DELETE, "a", ""), STEP(V(1, 0, 0), DELETE, "a", "") } },
    };
    struct prov_dialect d = made;

    (void)state;
    assert_int_equal(PROV_OK, prov_migrations_verify(&d));
    assert_int_equal(PROV_E_ARG, prov_migrations_verify(NULL));
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        d.migrations = bad[i].pair;
        d.migration_count = bad[i].pair[1].section.len > 0 ? 2 : 1;
        PROV_ROW(bad[i].name, prov_migrations_verify(&d) == PROV_E_ARG);
    }
}

/* A smaller arena is refused; what was done until then can be undone. */
static void
works_or_can_be_undone_in_every_arena(void **state)
{
    static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 40 };
    const struct prov_version none = { 0, 0, 0 };
    unsigned refused = 0, done = 0;

    (void)state;
    for (size_t bytes = 0; done < 3 && bytes < ARENA; bytes += 4) {
        struct pool p;

        if (pool_open(&p, rows[0].before, bytes, &small)) {
            const size_t mark = prov_xml_mark(&p.x);
            const enum prov_status st =
                prov_migrate_section(&p.x, p.root, &made, none, &p.diags, NULL);

            assert_true(st == PROV_OK || st == PROV_E_SPACE);
            assert_true(st == PROV_E_SPACE || writes(&p, rows[0].after));
            assert_true(st == PROV_OK || p.arena.need > bytes);
            prov_xml_rollback(&p.x, mark);
            assert_true(writes(&p, rows[0].before));
            refused += st == PROV_E_SPACE;
            done += st == PROV_OK;
        }
        pool_close(&p);
    }
    assert_int_equal(3, done);
    assert_true(refused > 10);
}

/* The text has 8 elements, and two are made. */
static void
refuses_what_the_pool_cannot_hold(void **state)
{
    const struct prov_version none = { 0, 0, 0 };

    (void)state;
    for (uint32_t room = 8; room <= 12; room++) {
        const struct prov_limits limits = { .size = sizeof(limits), .pool_nodes = room };
        struct pool p;

        assert_true(pool_open(&p, rows[0].before, ARENA, &limits));
        assert_int_equal(room < 10 ? PROV_E_LIMIT : PROV_OK,
                         prov_migrate_section(&p.x, p.root, &made, none, &p.diags, NULL));
        pool_close(&p);
    }
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_version none = { 0, 0, 0 };
    const struct prov_migration wrong[] = { { S("s"), V(3, 0, 0), (enum prov_migration_kind)99,
                                              S("a"), S("b") } };
    struct prov_dialect d = made;
    struct pool p;

    (void)state;
    assert_true(pool_open(&p, "<s version='1'/>", ARENA, NULL));
    assert_int_equal(PROV_E_ARG, prov_migrate_section(NULL, p.root, &d, none, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_migrate_section(&p.x, p.root, NULL, none, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_migrate_section(&p.x, 9, &d, none, NULL, NULL));
    d.migrations = wrong;
    d.migration_count = 1;
    assert_int_equal(PROV_E_ARG, prov_migrate_section(&p.x, p.root, &d, none, NULL, NULL));
    pool_close(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(warns_where_it_stands),
        cmocka_unit_test(takes_the_newer_of_settings_and_table),
        cmocka_unit_test(does_what_each_kind_says),
        cmocka_unit_test(tells_sound_steps_from_others),
        cmocka_unit_test(works_or_can_be_undone_in_every_arena),
        cmocka_unit_test(refuses_what_the_pool_cannot_hold),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
