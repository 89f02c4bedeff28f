/* SPDX-License-Identifier: MIT */
#include <prov/patch.h>

#include <stdio.h>

#include "support/prov_settings.h"

/* What patches do is told by the cases of tests/golden; here is what files cannot show. */

#define ARENA (1u << 20)

static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 256 };

static const char settings[] = "<configuration>\n"
                               "  <keys>\n"
                               "    <phone>\n"
                               "      <key keyNumber=\"1\" label=\"a\"/>\n"
                               "    </phone>\n"
                               "  </keys>\n"
                               "  <update mode=\"x\"><check>true</check><url>u</url></update>\n"
                               "</configuration>\n";

static const char change[] =
    "<configuration><keys patch=\"true\"><phone a=\"1\"><key keyNumber=\"1\" label=\"b\"/>"
    "<key keyNumber=\"2\"/></phone></keys>"
    "<update mode=\"y\"><check>false</check></update><new/></configuration>";

static const char merged[] = "<configuration>\n"
                             "  <keys>\n"
                             "    <phone a=\"1\">\n"
                             "      <key keyNumber=\"1\" label=\"b\"/>\n"
                             "      <key keyNumber=\"2\"/>\n"
                             "    </phone>\n"
                             "  </keys>\n"
                             "  <update mode=\"y\"><check>false</check><url>u</url></update>\n"
                             "  <new/>\n"
                             "</configuration>\n";

/* A smaller arena is refused and the settings are as they were; a larger one is enough. */
static void
works_or_undoes_everything_in_every_arena(void **state)
{
    struct world w;
    size_t refused = 0, done = 0;

    (void)state;
    for (size_t bytes = 0; done < 3 && bytes < ARENA; bytes += 8) {
        const enum prov_status opened =
            world_open(&w, "auerswald-d", settings, bytes, &small, NULL);
        const enum prov_status st = opened == PROV_OK ? world_apply(&w, change) : opened;

        if (st == PROV_OK) {
            world_is(&w, merged);
            assert_int_equal(6, w.a.account.change_count);
            done++;
        } else if (opened == PROV_OK) {
            assert_int_equal(PROV_E_SPACE, st);
            world_is(&w, settings);
            assert_int_equal(0, w.a.account.change_count + w.a.account.section_count);
            assert_int_equal(PROV_D_NO_ARENA_SPACE, w.kept[0].code);
            assert_true(w.kept[0].need > bytes);
            assert_false(prov_apply_changed(&w.a));
            refused++;
        }
        world_close(&w);
    }
    assert_int_equal(3, done);
    assert_true(refused > 10);
}

static void
changes_nothing_the_second_time(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_OK, world_apply(&w, change));
    const uint32_t changes = w.a.account.change_count;

    assert_int_equal(PROV_OK, world_apply(&w, change));
    assert_int_equal(changes, w.a.account.change_count);
    assert_int_equal(6, w.a.account.section_count);
    assert_false(w.a.account.sections[3].changed);
    assert_int_equal(1, w.a.account.sections[3].file);
    world_is(&w, merged);
    world_close(&w);
}

/* What was replaced can still be read, as it was. */
static void
keeps_the_old_element_readable(void **state)
{
    struct world w;
    struct prov_str raw;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_OK, world_apply(&w, change));
    const struct prov_change *c = &w.a.account.changes[1];

    assert_int_equal(PROV_CHANGE_REPLACED, c->kind);
    assert_true(prov_xml_attr(&w.x, c->old, prov_str_z("label"), &raw));
    assert_true(prov_str_is(raw.ptr, raw.len, "a"));
    assert_true(prov_xml_attr(&w.x, c->node, prov_str_z("label"), &raw));
    assert_true(prov_str_is(raw.ptr, raw.len, "b"));
    world_close(&w);
}

/* 1 more than may be: each limit of a document holds for what is put together as well. */
static void
discards_what_could_not_be_read_again(void **state)
{
    static const struct {
        const char *name;
        struct prov_limits limits;
        const char *change;
        enum prov_diag_code code;
    } rows[] = {
        { "depth at the limit",
          { .size = sizeof(small), .xml_nodes = 64, .xml_depth = 4 },
          "<update><check><a/></check></update>",
          PROV_D_NONE },
        { "depth over it",
          { .size = sizeof(small), .xml_nodes = 64, .xml_depth = 4 },
          "<keys><phone><key keyNumber='2'><p/></key></phone></keys>",
          PROV_D_SECTION_DEPTH },
        { "attributes at the limit",
          { .size = sizeof(small), .xml_nodes = 64, .xml_attributes = 3 },
          "<update a='1' b='2'/>",
          PROV_D_NONE },
        { "attributes over it",
          { .size = sizeof(small), .xml_nodes = 64, .xml_attributes = 3 },
          "<update a='1' b='2' c='3'/>",
          PROV_D_SECTION_ATTRIBUTES },
        { "elements at the limit",
          { .size = sizeof(small), .xml_nodes = 9 },
          "<update><a/><b/></update>",
          PROV_D_NONE },
        { "elements over it",
          { .size = sizeof(small), .xml_nodes = 9 },
          "<update><a/><b/><c/></update>",
          PROV_D_SECTION_ELEMENTS },
        { "a new section over it",
          { .size = sizeof(small), .xml_nodes = 9 },
          "<configuration><n1/><n2/><n3/></configuration>",
          PROV_D_SECTION_ELEMENTS },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_diag *why;
        struct world w;

        /* bare sections warn first */
        assert_int_equal(PROV_OK,
                         world_open(&w, "auerswald-d", settings, ARENA, &rows[i].limits, NULL));
        assert_int_equal(PROV_OK, prov_patch_apply(&w.a, world_parse(&w, rows[i].change),
                                                   strncmp(rows[i].change, "<conf", 5) != 0));
        why = &w.a.account.sections[w.a.account.section_count - 1].why;
        PROV_ROW(rows[i].name, why->code == rows[i].code);
        PROV_ROW(rows[i].name, w.a.partial == (rows[i].code != PROV_D_NONE));
        PROV_ROW(rows[i].name, rows[i].code == PROV_D_NONE || (why->line > 0 && why->need > 0));
        world_close(&w);
    }
}

/* Deletions make room: the count of elements is kept, also when a section is discarded. */
static void
counts_elements_through_all_changes(void **state)
{
    const struct prov_limits nine = { .size = sizeof(nine), .xml_nodes = 9 };
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &nine, NULL));
    assert_int_equal(7, w.a.element_count);
    assert_int_equal(PROV_OK, world_apply(&w, "<update><a/><b/><c/></update>"));
    assert_int_equal(7, w.a.element_count);
    assert_int_equal(PROV_OK, world_apply(&w, "<update><a/><b/></update>"));
    assert_int_equal(9, w.a.element_count);
    assert_int_equal(PROV_OK, world_apply(&w, "<keys patch='0'/>"));
    assert_int_equal(7, w.a.element_count);
    world_close(&w);
}

/* The n-th meets the n-th in lists of any length, without counting anew for each. */
static void
merges_long_lists_in_order(void **state)
{
    enum { MEMBERS = 400 };
    const struct prov_limits many = { .size = sizeof(many), .xml_nodes = 2048 };
    static char before[32768], want[32768], after[32768];
    struct world w;

    (void)state;
    int b = sprintf(before, "<configuration><list>"), c = b;

    memcpy(want, before, (size_t)b);
    memcpy(after, before, (size_t)b);
    int n = b;

    for (int i = 0; i < MEMBERS; i++) {
        b += sprintf(before + b, "<e>%d</e><f>%d</f>", i, i);
        c += sprintf(after + c, "<f>%d</f>%s<e>%d</e>", i + (i % 3 == 0), i == 7 ? "<g/>" : "", i);
        n += sprintf(want + n, "<e>%d</e><f>%d</f>", i, i + (i % 3 == 0));
    }
    sprintf(before + b, "</list></configuration>");
    sprintf(after + c, "</list></configuration>");
    sprintf(want + n, "<g/></list></configuration>");
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", before, 2 * ARENA, &many, NULL));
    assert_int_equal(PROV_OK, world_apply(&w, after));
    world_is(&w, want);
    assert_int_equal((MEMBERS + 2) / 3 + 1, w.a.account.change_count + w.a.account.changes_dropped);
    world_close(&w);
}

static void
refuses_bad_arguments(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_E_ARG, prov_patch_apply(NULL, w.root, false));
    assert_int_equal(PROV_E_ARG, prov_patch_apply(&w.a, w.root, false));
    assert_int_equal(PROV_E_ARG, prov_patch_apply(&w.a, PROV_XML_NONE, false));
    assert_int_equal(PROV_E_ARG, prov_patch_apply(&w.a, 9999, false));
    const uint32_t root = world_parse(&w, change);

    assert_int_equal(PROV_E_ARG, prov_patch_apply(&w.a, prov_xml_first(&w.x, root), true));
    world_is(&w, settings);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_or_undoes_everything_in_every_arena),
        cmocka_unit_test(changes_nothing_the_second_time),
        cmocka_unit_test(keeps_the_old_element_readable),
        cmocka_unit_test(discards_what_could_not_be_read_again),
        cmocka_unit_test(counts_elements_through_all_changes),
        cmocka_unit_test(merges_long_lists_in_order),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("patch", tests, NULL, NULL);
}
