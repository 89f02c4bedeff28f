/* SPDX-License-Identifier: MIT */
#include <prov/path.h>

#include "support/prov_cmocka.h"

static struct prov_limits limits;

static int
set_up(void **state)
{
    (void)state;
    return prov_limits_resolve(NULL, &limits) == PROV_OK ? 0 : -1;
}

/* ---- Taking a path apart ---- */

static const struct parse_row {
    const char *name;
    const char *path;
    enum prov_diag_code code;
    uint32_t column; /* of the mistake */
    uint32_t steps, predicates;
} parse_rows[] = {
    /* clang-format off */
    { "section alone",        "/keys",                   PROV_D_NONE, 0, 1, 0 },
    { "steps",                "/keys/a/b",               PROV_D_NONE, 0, 3, 0 },
    { "trailing slash",       "/keys/a/",                PROV_D_NONE, 0, 2, 0 },
    { "any name",             "/keys/*/b",               PROV_D_NONE, 0, 3, 0 },
    { "attribute is",         "/k/a[@n='1']",            PROV_D_NONE, 0, 2, 1 },
    { "double quotes",        "/k/a[@n=\"1\"]",          PROV_D_NONE, 0, 2, 1 },
    { "slash in quotes",      "/k/a[@n='@x/y[1]']/",     PROV_D_NONE, 0, 2, 1 },
    { "has attribute",        "/k/a[@n]",                PROV_D_NONE, 0, 2, 1 },
    { "position",             "/k/a[4294967295]",        PROV_D_NONE, 0, 2, 1 },
    { "child is",             "/k/a[b='1']",             PROV_D_NONE, 0, 2, 1 },
    { "self is",              "/k/a[.='1']",             PROV_D_NONE, 0, 2, 1 },
    { "several",              "/k[@v]/a[@n='1'][2][.='']", PROV_D_NONE, 0, 2, 4 },
    { "blanks inside",        "/k/a[ @n = '1' ][ 2 ][\t. = 'x']", PROV_D_NONE, 0, 2, 3 },
    { "odd names",            "/k:a/_b-c.d9/\xC3\xBC",   PROV_D_NONE, 0, 3, 0 },
    { "after any",            "/k/*[2]",                 PROV_D_NONE, 0, 2, 1 },

    { "empty",                "",                        PROV_D_PATH_EMPTY, 1, 0, 0 },
    { "root",                 "/",                       PROV_D_PATH_EMPTY, 1, 0, 0 },
    { "relative",             "keys/a",                  PROV_D_PATH_RELATIVE, 1, 0, 0 },
    { "dot relative",         "./keys",                  PROV_D_PATH_RELATIVE, 1, 0, 0 },
    { "double slash first",   "//keys",                  PROV_D_PATH_DOUBLE_SLASH, 2, 0, 0 },
    { "double slash inside",  "/keys//a",                PROV_D_PATH_DOUBLE_SLASH, 7, 0, 0 },
    { "double slash last",    "/keys/a//",               PROV_D_PATH_DOUBLE_SLASH, 9, 0, 0 },
    { "attribute step",       "/k/a/@n",                 PROV_D_PATH_ATTRIBUTE, 6, 0, 0 },
    { "up",                   "/k/../a",                 PROV_D_PATH_DOTS, 4, 0, 0 },
    { "here",                 "/k/./a",                  PROV_D_PATH_DOTS, 4, 0, 0 },
    { "up in a predicate",    "/k/a[../b='1']",          PROV_D_PATH_DOTS, 6, 0, 0 },
    { "axis",                 "/k/child::a",             PROV_D_PATH_AXIS, 9, 0, 0 },
    { "axis in a predicate",  "/k/a[b::c='1']",          PROV_D_PATH_AXIS, 7, 0, 0 },
    { "axis of attribute",    "/k/a[@b::c='1']",         PROV_D_PATH_AXIS, 8, 0, 0 },
    { "function step",        "/k/text()",               PROV_D_PATH_FUNCTION, 8, 0, 0 },
    { "last",                 "/k/a[last()]",            PROV_D_PATH_FUNCTION, 10, 0, 0 },
    { "call of any",          "/k/*()",                  PROV_D_PATH_FUNCTION, 5, 0, 0 },
    { "any section",          "/*/a",                    PROV_D_PATH_FIRST_STEP, 2, 0, 0 },
    { "digit first",          "/k/1a",                   PROV_D_PATH_NAME, 4, 0, 0 },
    { "blank for a name",     "/k/ a",                   PROV_D_PATH_NAME, 4, 0, 0 },
    { "blank after a name",   "/k/a ",                   PROV_D_PATH_BAD_BYTE, 5, 0, 0 },
    { "after any, a name",    "/k/*a",                   PROV_D_PATH_BAD_BYTE, 5, 0, 0 },
    { "after a predicate",    "/k/a[1]b",                PROV_D_PATH_BAD_BYTE, 8, 0, 0 },
    { "lone bracket",         "/k/a]",                   PROV_D_PATH_BAD_BYTE, 5, 0, 0 },
    { "empty predicate",      "/k/a[]",                  PROV_D_PATH_PREDICATE, 6, 0, 0 },
    { "child exists",         "/k/a[b]",                 PROV_D_PATH_PREDICATE, 7, 0, 0 },
    { "no quotes",            "/k/a[@n=1]",              PROV_D_PATH_PREDICATE, 9, 0, 0 },
    { "other operator",       "/k/a[@n!='1']",           PROV_D_PATH_PREDICATE, 8, 0, 0 },
    { "two tests",            "/k/a[@n='1' and @m]",     PROV_D_PATH_PREDICATE, 13, 0, 0 },
    { "any attribute",        "/k/a[@*]",                PROV_D_PATH_PREDICATE, 7, 0, 0 },
    { "self alone",           "/k/a[.]",                 PROV_D_PATH_PREDICATE, 7, 0, 0 },
    { "open bracket",         "/k/a[",                   PROV_D_PATH_PREDICATE_OPEN, 5, 0, 0 },
    { "open after position",  "/k/a[1",                  PROV_D_PATH_PREDICATE_OPEN, 5, 0, 0 },
    { "open after attribute", "/k/a[@n",                 PROV_D_PATH_PREDICATE_OPEN, 5, 0, 0 },
    { "open after child",     "/k/a[b",                  PROV_D_PATH_PREDICATE_OPEN, 5, 0, 0 },
    { "open after equals",    "/k/a[b=",                 PROV_D_PATH_PREDICATE_OPEN, 5, 0, 0 },
    { "open after value",     "/k/a[@n='1'",             PROV_D_PATH_PREDICATE_OPEN, 5, 0, 0 },
    { "open quote",           "/k/a[@n='1]",             PROV_D_PATH_QUOTE_OPEN, 9, 0, 0 },
    { "other quote",          "/k/a[@n='1\"]",           PROV_D_PATH_QUOTE_OPEN, 9, 0, 0 },
    { "position 0",           "/k/a[0]",                 PROV_D_PATH_POSITION, 6, 0, 0 },
    { "position too large",   "/k/a[4294967296]",        PROV_D_PATH_POSITION, 6, 0, 0 },
    { "position that wraps",  "/k/a[18446744073709551617]", PROV_D_PATH_POSITION, 6, 0, 0 },
    { "position far too large", "/k/a[99999999999999999999999]", PROV_D_PATH_POSITION, 6, 0, 0 },
    /* clang-format on */
};

static void
takes_paths_apart_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(parse_rows); i++) {
        const struct parse_row *r = &parse_rows[i];
        unsigned char memory[2048];
        struct prov_arena arena;
        struct prov_path path = { .step_count = 77 };
        struct prov_diag diag = { 0 };
        char *exact = prov_copy_exact(r->path);

        prov_arena_init(&arena, memory, sizeof(memory));
        const enum prov_status st = prov_path_parse((struct prov_str){ exact, strlen(r->path) },
                                                    &limits, &arena, &path, &diag);

        PROV_ROW(r->name, st == (r->code == PROV_D_NONE ? PROV_OK : PROV_E_SYNTAX));
        PROV_ROW(r->name, diag.status == st && diag.code == r->code);
        PROV_ROW(r->name, diag.column == r->column);
        if (st == PROV_OK) {
            PROV_ROW(r->name, path.step_count == r->steps);
            PROV_ROW(r->name, path.predicate_count == r->predicates);
        } else {
            PROV_ROW(r->name, path.step_count == 77 && arena.scratch == 0);
        }
        free(exact);
    }
}

static void
gives_the_parts(void **state)
{
    unsigned char memory[1024];
    struct prov_arena arena;
    struct prov_path p;
    const struct prov_str text = PROV_STR_INIT("/keys[2]/*[@n='a\"b'][@m]/x[c=\"\"][.='t']");

    (void)state;
    prov_arena_init(&arena, memory, sizeof(memory));
    assert_int_equal(PROV_OK, prov_path_parse(text, &limits, &arena, &p, NULL));
    assert_true(prov_str_is(p.steps[0].name.ptr, p.steps[0].name.len, "keys"));
    assert_true(prov_str_is(p.steps[1].name.ptr, p.steps[1].name.len, "*"));
    assert_int_equal(10, p.steps[1].column);
    assert_int_equal(1, p.steps[1].predicate_first);
    assert_int_equal(2, p.steps[1].predicate_count);
    assert_int_equal(PROV_PATH_POSITION, p.predicates[0].test);
    assert_int_equal(2, p.predicates[0].position);
    assert_int_equal(PROV_PATH_ATTR_IS, p.predicates[1].test);
    assert_true(prov_str_is(p.predicates[1].value.ptr, p.predicates[1].value.len, "a\"b"));
    assert_int_equal(PROV_PATH_HAS_ATTR, p.predicates[2].test);
    assert_int_equal(PROV_PATH_CHILD_IS, p.predicates[3].test);
    assert_true(prov_str_is(p.predicates[3].name.ptr, p.predicates[3].name.len, "c"));
    assert_int_equal(0, p.predicates[3].value.len);
    assert_int_equal(PROV_PATH_SELF_IS, p.predicates[4].test);
}

static void
counts_steps_and_predicates_up_to_the_limit(void **state)
{
    static const struct {
        const char *path;
        enum prov_status status;
    } rows[] = {
        { "/a/b", PROV_OK },
        { "/a/b/c", PROV_OK },
        { "/a/b/c/", PROV_OK },
        { "/a/b/c/d", PROV_E_LIMIT },
        { "/a[1][1]", PROV_OK },
        { "/a[1][1]/b[1]", PROV_OK },
        { "/a[1][1]/b[1]/c", PROV_OK },
        { "/a[1][1]/b[1][1]", PROV_E_LIMIT },
    };
    struct prov_limits few = limits;

    (void)state;
    few.path_steps = 3;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        unsigned char memory[1024];
        struct prov_arena arena;
        struct prov_path p;
        struct prov_diag diag = { 0 };

        prov_arena_init(&arena, memory, sizeof(memory));
        PROV_ROW(rows[i].path, prov_path_parse(prov_str_z(rows[i].path), &few, &arena, &p, &diag) ==
                                   rows[i].status);
        PROV_ROW(rows[i].path, diag.need == (rows[i].status == PROV_OK ? 0 : 3));
    }
}

static void
refuses_every_smaller_arena(void **state)
{
    const struct prov_str text = PROV_STR_INIT("/keys/phone/key[@n='3'][2]/");
    unsigned char memory[1024];
    struct prov_arena arena;
    struct prov_path p;
    size_t full;

    (void)state;
    prov_arena_init(&arena, memory, sizeof(memory));
    assert_int_equal(PROV_OK, prov_path_parse(text, &limits, &arena, &p, NULL));
    full = arena.scratch;
    for (size_t cap = 0; cap + 32 < full; cap++) {
        struct prov_diag diag = { 0 };

        prov_arena_init(&arena, memory, cap);
        assert_int_equal(PROV_E_SPACE, prov_path_parse(text, &limits, &arena, &p, &diag));
        assert_int_equal(PROV_D_NO_ARENA_SPACE, diag.code);
        assert_true(diag.need > cap);
        assert_int_equal(0, arena.scratch);
        assert_int_equal(PROV_E_SPACE, prov_path_parse(text, &limits, &arena, &p, NULL));
    }
}

/* ---- Finding ---- */

static const char doc[] =
    "<configuration><keys v='1'>"
    "<phone><key n='1' l='a'><t>x</t></key><key n='2' l='b'><t>y</t><p/></key>"
    "<key n='3' l='b'>own<t>x</t></key></phone>"
    "<module><key n='1' l='c'><t>z</t></key><key n='9'/><key n='9'/></module>"
    "<spare><key n='1' l='a'/></spare>"
    "</keys><list><e>1</e><e>2</e><f>2</f><e q='a&amp;b'>3 &lt; 4</e></list>"
    "<twin/><twin/></configuration>";

static const struct find_row {
    const char *name;
    const char *path;
    enum prov_status status;
    uint32_t column;
    const char *tag; /* how the element found begins */
} find_rows[] = {
    /* clang-format off */
    { "section",            "/keys",                      PROV_OK, 0, "<keys v" },
    { "by key",             "/keys/phone/key[@n='2']",    PROV_OK, 0, "<key n='2'" },
    { "by key, then more",  "/keys/phone/key[@n='2']/p/", PROV_OK, 0, "<p/>" },
    { "by any key",         "/keys/*/key[@n='3']",        PROV_OK, 0, "<key n='3'" },
    { "several parents",    "/keys/*/key[@n='1']",        PROV_E_AMBIGUOUS, 9, NULL },
    { "one has the child",  "/keys/*/key[@n='1']/t[.='z']", PROV_OK, 0, "<t>z" },
    { "key twice",          "/keys/module/key[@n='9']",   PROV_E_AMBIGUOUS, 14, NULL },
    { "key twice, first",   "/keys/module/key[@n='9'][1]", PROV_OK, 0, "<key n='9'/><key" },
    { "key twice, second",  "/keys/module/key[@n='9'][2]", PROV_OK, 0, "<key n='9'/></mod" },
    { "key twice, third",   "/keys/module/key[@n='9'][3]", PROV_E_NO_MATCH, 14, NULL },
    { "key once, first",    "/keys/phone/key[@n='2'][1]", PROV_OK, 0, "<key n='2'" },
    { "key once, second",   "/keys/phone/key[@n='2'][2]", PROV_E_NO_MATCH, 13, NULL },
    { "position",           "/list/e[2]",                 PROV_OK, 0, "<e>2" },
    { "position of any",    "/list/*[3]",                 PROV_OK, 0, "<f>" },
    { "test, then count",   "/keys/phone/key[@l='b'][2]", PROV_OK, 0, "<key n='3'" },
    { "count, then test",   "/keys/phone/key[2][@l='b']", PROV_OK, 0, "<key n='2'" },
    { "count twice",        "/list/e[2][1]",              PROV_OK, 0, "<e>2" },
    { "count beyond",       "/list/e[2][2]",              PROV_E_NO_MATCH, 7, NULL },
    { "count per parent",   "/keys/*/key[1][@l='c']",     PROV_OK, 0, "<key n='1' l='c'" },
    { "has attribute",      "/list/e[@q]",                PROV_OK, 0, "<e q" },
    { "entity in attribute", "/list/e[@q='a&b']",         PROV_OK, 0, "<e q" },
    { "entity in text",     "/list/e[.='3 < 4']",         PROV_OK, 0, "<e q" },
    { "child is",           "/keys/phone/key[t='y']",     PROV_OK, 0, "<key n='2'" },
    { "child of two",       "/keys/phone/key[t='x']",     PROV_E_AMBIGUOUS, 13, NULL },
    { "own text",           "/keys/phone/key[.='own']",   PROV_OK, 0, "<key n='3'" },
    { "any with text 2",    "/list/*[.='2'][2]",          PROV_OK, 0, "<f>" },
    { "no section",         "/nokeys/a/b",                PROV_E_NO_MATCH, 2, NULL },
    { "no step",            "/keys/phone/nokey/t",        PROV_E_NO_MATCH, 13, NULL },
    { "no key",             "/keys/phone/key[@n='4']/t",  PROV_E_NO_MATCH, 13, NULL },
    { "no attribute",       "/keys/phone/key[@no='4']",   PROV_E_NO_MATCH, 13, NULL },
    { "two sections",       "/twin",                      PROV_E_AMBIGUOUS, 2, NULL },
    { "second section",     "/twin[2]",                   PROV_OK, 0, "<twin/></conf" },
    { "deepest step named", "/keys/*/key[@n='3']/none",   PROV_E_NO_MATCH, 21, NULL },
    /* clang-format on */
};

static void
finds_as_the_table_says(void **state)
{
    unsigned char *memory = malloc(1 << 20);
    const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 256 };
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;

    (void)state;
    prov_arena_init(&arena, memory, 1 << 20);
    assert_int_equal(PROV_OK, prov_xml_init(&x, &arena, &small, NULL, 1));
    assert_int_equal(PROV_OK, prov_xml_parse(&x, prov_str_z("d"), prov_str_z(doc), &root, NULL));
    for (size_t i = 0; i < PROV_COUNT(find_rows); i++) {
        const struct find_row *r = &find_rows[i];
        struct prov_path p;
        struct prov_diag diag = { 0 };
        struct prov_xml_place place;
        uint32_t node = 12345;
        const size_t mark = prov_arena_mark(&arena);

        PROV_ROW(r->name,
                 prov_path_parse(prov_str_z(r->path), &limits, &arena, &p, NULL) == PROV_OK);
        PROV_ROW(r->name, prov_path_find(&x, root, &p, &node, &diag) == r->status);
        PROV_ROW(r->name, diag.status == r->status && diag.column == r->column);
        PROV_ROW(r->name, (r->status == PROV_OK) == (node != 12345));
        if (r->status == PROV_OK) {
            prov_xml_where(&x, node, &place);
            PROV_ROW(r->name, strncmp(doc + place.column - 1, r->tag, strlen(r->tag)) == 0);
        } else {
            PROV_ROW(r->name, prov_str_eq(diag.path, prov_str_z(r->path)));
            PROV_ROW(r->name, prov_path_find(&x, root, &p, &node, NULL) == r->status);
        }
        prov_arena_release(&arena, mark);
    }
    free(memory);
}

static void
refuses_bad_arguments(void **state)
{
    unsigned char *memory = malloc(1 << 16);
    const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 16 };
    const struct prov_str text = PROV_STR_INIT("/a[1]");
    const struct prov_str none = { NULL, 3 };
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_path p = { .step_count = 0 };
    struct prov_diag diag = { 0 };
    uint32_t root, node;

    (void)state;
    prov_arena_init(&arena, memory, 1 << 16);
    assert_int_equal(PROV_OK, prov_xml_init(&x, &arena, &small, NULL, 1));
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&x, prov_str_z("d"), prov_str_z("<c><a/></c>"), &root, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_find(&x, root, &p, &node, &diag)); /* no steps */
    assert_int_equal(PROV_E_ARG, prov_path_parse(text, NULL, &arena, &p, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, prov_path_parse(text, &limits, NULL, &p, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_parse(text, &limits, &arena, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_parse(none, &limits, &arena, &p, NULL));
    assert_int_equal(PROV_OK, prov_path_parse(text, &limits, &arena, &p, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_find(NULL, root, &p, &node, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_find(&x, root, NULL, &node, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_find(&x, root, &p, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_find(&x, PROV_XML_NONE, &p, &node, NULL));
    assert_int_equal(PROV_E_ARG, prov_path_find(&x, 99, &p, &node, &diag));
    assert_int_equal(PROV_OK, prov_path_find(&x, root, &p, &node, &diag));

    assert_non_null(prov_arena_scratch(&arena, arena.cap - arena.perm - arena.scratch, 1));
    assert_int_equal(PROV_E_SPACE, prov_path_find(&x, root, &p, &node, &diag));
    assert_int_equal(PROV_D_NO_ARENA_SPACE, diag.code);
    assert_int_equal(PROV_E_SPACE, prov_path_find(&x, root, &p, &node, NULL));
    free(memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_paths_apart_as_the_table_says),
        cmocka_unit_test(gives_the_parts),
        cmocka_unit_test(counts_steps_and_predicates_up_to_the_limit),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(finds_as_the_table_says),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("path", tests, set_up, NULL);
}
