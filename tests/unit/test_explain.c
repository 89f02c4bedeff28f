/* SPDX-License-Identifier: MIT */
#include <prov/explain.h>

#include <stdio.h>

#include "support/prov_settings.h"

#define ARENA (1u << 20)

/* One element a line, so that a line says which one is meant. */
static const char settings[] = "<configuration>\n" /* 1 */
                               "<keys><p>\n"
                               "<key keyNumber='1' l='a'/>\n" /* 3 */
                               "<key keyNumber='2' l='b'><u>x</u>\n"
                               "<v>y</v></key>\n" /* 5 */
                               "</p></keys>\n"
                               "<tel x='1'>\n" /* 7 */
                               "<a>1</a>\n"
                               "<b>1</b>\n" /* 9 */
                               "<c>1</c>\n"
                               "</tel>\n" /* 11 */
                               "<identities><identity>\n"
                               "<name>n</name></identity></identities>\n" /* 13 */
                               "</configuration>\n";

static const char patch[] = "<configuration>\n"
                            "<keys><p>\n"
                            "<key keyNumber='2' l='c'><u>z</u></key>\n" /* 3 */
                            "<key keyNumber='3'><u>n</u></key>\n"
                            "</p></keys>\n" /* 5 */
                            "<tel x='2'>\n"
                            "<b>2</b></tel>\n" /* 7 */
                            "<identities><identity>\n"
                            "<name>m</name></identity></identities>\n" /* 9 */
                            "<fresh><f/></fresh>\n"
                            "</configuration>\n";

static const char operations[] = "<operations>\n"
                                 "<delete path=\"/tel/c\"/>\n" /* 2 */
                                 "<replace path=\"/tel/b\"><b>3</b></replace>\n"
                                 "<add path=\"/tel\">\n"
                                 "<d>4</d></add>\n" /* 5 */
                                 "<delete path=\"/keys/p/key[@keyNumber='1']\"/>\n"
                                 "</operations>\n";

static const struct row {
    const char *path;
    const char *rule; /* "" = as loaded */
    const char *now;  /* source:line */
    const char *before, *by;
} rows[] = {
    { "/tel/a", "", "settings:8", "", "" },
    { "/keys", "", "settings:2", "", "" },
    { "/tel", "merged by path (PAT-2)", "settings:7", "", "patch:6" },
    { "/tel/b", "operation replace (OPS-4)", "operations:3", "patch:7", "operations:3" },
    { "/tel/d", "operation add (OPS-4)", "operations:5", "", "operations:4" },
    { "/keys/p/key[@keyNumber='2']", "merged by key (PAT-3)", "patch:3", "settings:4", "patch:3" },
    { "/keys/p/key[@keyNumber='2']/u", "merged by key (PAT-3)", "patch:3", "settings:4",
      "patch:3" },
    { "/keys/p/key[@keyNumber='3']/u", "merged by key (PAT-3)", "patch:4", "", "patch:4" },
    { "/identities/identity/name", "merged by path (PAT-2)", "patch:9", "settings:13", "patch:9" },
    { "/fresh/f", "section new (PAT-1)", "patch:10", "", "patch:10" },
};

static const struct row gone[] = {
    { "/tel/c", "operation delete (OPS-4)", "", "settings:10", "operations:2" },
    { "/tel/*[.='1'][3]", NULL, "", "", "" },
    { "/tel/c/", "operation delete (OPS-4)", "", "settings:10", "operations:2" },
    { "/tel/c[.='1']", "operation delete (OPS-4)", "", "settings:10", "operations:2" },
    { "/tel/c[.='2']", NULL, "", "", "" },
    { "/tel/c[1]", "operation delete (OPS-4)", "", "settings:10", "operations:2" },
    { "/tel/c[2]", NULL, "", "", "" },
    { "/tel[a='1']/c", "operation delete (OPS-4)", "", "settings:10", "operations:2" },
    { "/tel[a='2']/c", NULL, "", "", "" },
    { "/tel/c/e", NULL, "", "", "" },
    { "/keys/p/key[@keyNumber='1']", "operation delete (OPS-4)", "", "settings:3", "operations:6" },
    { "/keys/p/key[@keyNumber='9']", NULL, "", "", "" },
    { "/keys/p/key[@l='b']", "merged by key (PAT-3)", "", "settings:4", "patch:3" },
    { "/keys/p/key[@keyNumber='2']/v", "merged by key (PAT-3)", "", "settings:4", "patch:3" },
    { "/keys/p/key[@keyNumber='2']/w", NULL, "", "", "" },
};

static void
add_change(struct world *w, const char *name, const char *text)
{
    uint32_t root;

    assert_int_equal(
        PROV_OK, prov_xml_parse(&w->x, prov_str_z(name), world_text(w, text), &root, &w->diags));
    assert_int_equal(PROV_OK, prov_apply_change(&w->a, root, w->a.dialect->first_types, NULL));
    assert_false(w->a.partial);
}

static void
open_changed(struct world *w)
{
    assert_int_equal(PROV_OK, world_open(w, "auerswald-d", settings, ARENA, NULL, NULL));
    add_change(w, "patch", patch);
    add_change(w, "operations", operations);
}

static bool
is_at(const struct prov_xml_place *place, const char *want)
{
    char got[64] = "";

    if (place->line > 0)
        snprintf(got, sizeof(got), "%.*s:%u", (int)place->source.len, place->source.ptr,
                 (unsigned)place->line);
    return strcmp(got, want) == 0;
}

static enum prov_status
find(struct world *w, const char *text, struct prov_path *path, uint32_t *node)
{
    const enum prov_status st =
        prov_path_parse(prov_str_z(text), &w->x.limits, &w->arena, path, NULL);

    return st == PROV_OK ? prov_path_find(&w->x, w->root, path, node, NULL) : st;
}

static void
names_file_line_and_rule(void **state)
{
    struct world w;

    (void)state;
    open_changed(&w);
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct prov_path path;
        struct prov_origin o;
        uint32_t node;

        PROV_ROW(r->path, find(&w, r->path, &path, &node) == PROV_OK);
        PROV_ROW(r->path, prov_explain(&w.a, node, &o) && o.node == node);
        PROV_ROW(r->path, o.loaded == (r->rule[0] == '\0'));
        PROV_ROW(r->path, o.loaded == (o.change == NULL));
        PROV_ROW(r->path, o.loaded || strcmp(prov_change_rule_name(o.change->rule), r->rule) == 0);
        PROV_ROW(r->path, is_at(&o.now, r->now));
        PROV_ROW(r->path, is_at(&o.before, r->before));
        PROV_ROW(r->path, is_at(&o.by, r->by));
    }
    world_close(&w);
}

static void
names_what_took_an_element_away(void **state)
{
    struct world w;

    (void)state;
    open_changed(&w);
    for (size_t i = 0; i < PROV_COUNT(gone); i++) {
        const struct row *r = &gone[i];
        struct prov_path path;
        struct prov_origin o;
        uint32_t node;

        PROV_ROW(r->path, find(&w, r->path, &path, &node) == PROV_E_NO_MATCH);
        PROV_ROW(r->path, prov_explain_gone(&w.a, &path, &o) == (r->rule != NULL));
        if (r->rule == NULL)
            continue;
        PROV_ROW(r->path, strcmp(prov_change_rule_name(o.change->rule), r->rule) == 0);
        PROV_ROW(r->path, is_at(&o.before, r->before));
        PROV_ROW(r->path, is_at(&o.by, r->by));
    }
    world_close(&w);
}

/* Changes in force, each once; one that was overtaken is not listed. */
static void
lists_what_differs_below_an_element(void **state)
{
    static const char want[] = "/tel/c /tel/b /tel/d ";
    struct world w;
    struct prov_origin o;
    char mem[256];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    uint32_t cursor = 0, tel = PROV_XML_NONE;
    struct prov_path path;

    (void)state;
    open_changed(&w);
    assert_int_equal(PROV_OK, find(&w, "/tel", &path, &tel));
    while (prov_explain_below(&w.a, tel, &cursor, &o)) {
        assert_int_equal(PROV_OK, prov_change_path(&w.a, o.change, &out));
        mem[out.len++] = ' ';
    }
    assert_true(prov_str_is(mem, out.len, want));
    cursor = 0;
    assert_int_equal(PROV_OK, find(&w, "/tel/a", &path, &tel));
    assert_false(prov_explain_below(&w.a, tel, &cursor, &o));
    world_close(&w);
}

static void
lists_an_element_once_by_its_newest_change(void **state)
{
    struct world w;
    struct prov_origin o;
    uint32_t cursor = 0;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, NULL, NULL));
    add_change(&w, "one", "<configuration><tel x='2'/></configuration>");
    add_change(&w, "two", "<configuration>\n<tel x='3'/></configuration>");
    assert_true(prov_explain_below(&w.a, w.root, &cursor, &o));
    assert_true(is_at(&o.by, "two:2"));
    assert_false(prov_explain_below(&w.a, w.root, &cursor, &o));
    world_close(&w);
}

static void
tells_nothing_of_what_is_not_there(void **state)
{
    struct world w;
    struct prov_origin o = { .node = 77 };
    struct prov_path path;
    uint32_t cursor = 0, node;

    (void)state;
    open_changed(&w);
    assert_int_equal(PROV_E_NO_MATCH, find(&w, "/tel/c", &path, &node));
    assert_false(prov_explain(NULL, w.root, &o));
    assert_false(prov_explain(&w.a, w.root, NULL));
    assert_false(prov_explain(&w.a, PROV_XML_NONE, &o));
    assert_false(prov_explain(&w.a, 9999, &o));
    for (uint32_t i = 0; i < w.a.account.change_count; i++) {
        if (w.a.account.changes[i].old != w.a.account.changes[i].node)
            assert_false(prov_explain(&w.a, w.a.account.changes[i].old, &o));
    }
    assert_false(prov_explain_below(NULL, w.root, &cursor, &o));
    assert_false(prov_explain_below(&w.a, w.root, NULL, &o));
    assert_false(prov_explain_below(&w.a, w.root, &cursor, NULL));
    assert_false(prov_explain_gone(NULL, &path, &o));
    assert_false(prov_explain_gone(&w.a, NULL, &o));
    assert_false(prov_explain_gone(&w.a, &path, NULL));
    assert_int_equal(77, o.node);
    world_close(&w);
}

/* ---- Digests of changes (STO-4) ---- */

static void
digests_name_the_content_before_and_after(void **state)
{
    struct world w, old;
    uint8_t before[PROV_DIGEST_BYTES], after[PROV_DIGEST_BYTES], want[PROV_DIGEST_BYTES];
    unsigned seen = 0;

    (void)state;
    open_changed(&w);
    assert_int_equal(PROV_OK, world_open(&old, "auerswald-d", settings, ARENA, NULL, NULL));
    for (uint32_t i = 0; i < w.a.account.change_count; i++) {
        const struct prov_change *c = &w.a.account.changes[i];
        const unsigned set = prov_change_digest(&w.a, c, before, after);

        assert_int_equal(c->kind != PROV_CHANGE_ADDED, (set & 1) != 0);
        assert_int_equal(c->kind != PROV_CHANGE_REMOVED, (set & 2) != 0);
        if (set == 3)
            assert_memory_not_equal(before, after, sizeof(before));
        /* Settings are read first: the numbers of their elements are the same in both pools. */
        if (c->kind == PROV_CHANGE_REPLACED && c->rule == PROV_RULE_KEY) {
            assert_true(prov_xml_digest(&old.x, c->old, want));
            assert_memory_equal(want, before, sizeof(want));
            assert_true(prov_xml_digest(&w.x, c->node, want));
            assert_memory_equal(want, after, sizeof(want));
        }
        seen |= 1u << c->kind;
    }
    assert_int_equal(seen, 1u << PROV_CHANGE_ADDED | 1u << PROV_CHANGE_REPLACED |
                               1u << PROV_CHANGE_REMOVED | 1u << PROV_CHANGE_ATTRIBUTES);
    assert_int_equal(0, prov_change_digest(NULL, w.a.account.changes, before, after));
    assert_int_equal(0, prov_change_digest(&w.a, NULL, before, after));
    assert_int_equal(0, prov_change_digest(&w.a, w.a.account.changes, NULL, after));
    assert_int_equal(0, prov_change_digest(&w.a, w.a.account.changes, before, NULL));
    world_close(&w);
    world_close(&old);
}

/* The new value takes over attributes by way of the old tag, which must not be seen in the digest. */
static void
the_digest_before_is_of_the_tag_that_was_read(void **state)
{
    struct world w, old;
    uint8_t before[PROV_DIGEST_BYTES], after[PROV_DIGEST_BYTES], want[PROV_DIGEST_BYTES];
    static const char text[] = "<configuration><a x='1' y='1'>v</a></configuration>";

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", text, ARENA, NULL, NULL));
    assert_int_equal(PROV_OK, world_open(&old, "auerswald-d", text, ARENA, NULL, NULL));
    add_change(&w, "c", "<configuration><a x='2'>w</a></configuration>");
    assert_int_equal(1, w.a.account.change_count);
    assert_int_equal(3, prov_change_digest(&w.a, w.a.account.changes, before, after));
    assert_true(prov_xml_digest(&old.x, prov_xml_first(&old.x, old.root), want));
    assert_memory_equal(want, before, sizeof(want));
    world_is(&w, "<configuration><a x='2' y='1'>w</a></configuration>");
    world_close(&w);
    world_close(&old);
}

static void
every_rule_has_a_name(void **state)
{
    (void)state;
    for (int i = PROV_RULE_PATH; i <= PROV_RULE_DIFF; i++)
        assert_true(strlen(prov_change_rule_name((enum prov_change_rule)i)) > 0);
    assert_string_equal("", prov_change_rule_name((enum prov_change_rule)99));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_file_line_and_rule),
        cmocka_unit_test(names_what_took_an_element_away),
        cmocka_unit_test(lists_what_differs_below_an_element),
        cmocka_unit_test(lists_an_element_once_by_its_newest_change),
        cmocka_unit_test(tells_nothing_of_what_is_not_there),
        cmocka_unit_test(digests_name_the_content_before_and_after),
        cmocka_unit_test(the_digest_before_is_of_the_tag_that_was_read),
        cmocka_unit_test(every_rule_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
