/* SPDX-License-Identifier: MIT */
#include <prov/ops.h>

#include <stdio.h>

#include "support/prov_settings.h"

/* What operations do is told by the cases of tests/golden; here is what files cannot show. */

#define ARENA (1u << 20)

static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 256 };

static const char settings[] = "<configuration>\n"
                               "  <keys><phone><key keyNumber=\"1\"/></phone></keys>\n"
                               "  <update><check>true</check><url/></update>\n"
                               "</configuration>\n";

static const char change[] = "<operations>"
                             "<add path=\"/keys/phone\"><key keyNumber=\"2\"/></add>"
                             "<delete path=\"/update/check[.=&quot;true&quot;]\"/>"
                             "<replace path=\"/keys/phone/key[@keyNumber='1']\">"
                             "<key keyNumber=\"9\"/></replace>"
                             "<remove path=\"/other\"/>"
                             "</operations>";

static const char changed[] =
    "<configuration>\n"
    "  <keys><phone><key keyNumber=\"9\"/><key keyNumber=\"2\"/></phone></keys>\n"
    "  <update><url/></update>\n"
    "</configuration>\n";

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
            world_is(&w, changed);
            assert_int_equal(3, w.a.account.change_count);
            assert_int_equal(3, w.a.account.section_count);
            assert_true(w.a.partial);
            done++;
        } else if (opened == PROV_OK) {
            assert_int_equal(PROV_E_SPACE, st);
            world_is(&w, settings);
            assert_int_equal(0, w.a.account.change_count + w.a.account.section_count);
            assert_false(w.a.partial);
            refused++;
        }
        world_close(&w);
    }
    assert_int_equal(3, done);
    assert_true(refused > 10);
}

/* A key of a long list of settings, some 240 KB, is found, and nothing else moves. */
static void
touches_one_element_of_a_large_file(void **state)
{
    enum { KEYS = 3000 };
    static const char line[] = "\t\t<key keyNumber='%d'  label=\"Desk &amp; phone %d\"><!-- %d -->"
                               "<templateName>Dial</templateName></key>\r\n";
    const struct prov_limits large = { .size = sizeof(large), .xml_nodes = 8192 };
    char *text = malloc(400000), *want = malloc(400000);
    struct prov_dialect no_maximum = *prov_dialect_find(prov_str_z("auerswald-d"));
    const struct prov_list_rule rule = { PROV_STR_INIT("keys/*/key"), PROV_STR_INIT("keyNumber"),
                                         0 };
    struct world w;

    (void)state;
    assert_true(text != NULL && want != NULL);
    size_t n = (size_t)sprintf(text, "\xEF\xBB\xBF<configuration>\r\n<keys>\t<phone>\r\n");

    for (int i = 0; i < KEYS; i++)
        n += (size_t)sprintf(text + n, line, i, i, i);
    n += (size_t)sprintf(text + n, "</phone></keys><?pi?>\r\n</configuration>\r\n\r\n");
    assert_true(n > 240000);
    char *at = strstr(text, "<key keyNumber='1500'");
    const char *end = strstr(at, "</key>") + 6;

    memcpy(want, text, (size_t)(at - text));
    sprintf(want + (at - text), "<key keyNumber=\"1500\"/>%s", end);
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", text, 8 * ARENA, &large, NULL));
    no_maximum.lists = &rule;
    no_maximum.list_count = 1;
    no_maximum.schema_count = no_maximum.migration_count = 0;
    w.a.dialect = &no_maximum;
    assert_int_equal(PROV_OK, world_apply(&w, "<operations><replace path=\"/keys/phone/"
                                              "key[@keyNumber='1500']\"><key keyNumber=\"1500\"/>"
                                              "</replace></operations>"));
    assert_false(w.a.partial);
    world_is(&w, want);
    world_close(&w);
    free(text);
    free(want);
}

/* Many operations on many sections keep their order. */
static void
sorts_by_section_and_keeps_the_order(void **state)
{
    static const char *const order[] = { "update", "other", "keys", "delete" };
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_OK,
                     world_apply(&w, "<operations><add path='/update'><a/></add>"
                                     "<delete path='/other/a'/><add path='/keys'><b/></add>"
                                     "<delete path='/update/a'/><delete/>"
                                     "<add path='/keys[b]'><c/></add>"
                                     "<add path='/update'><d/></add></operations>"));
    assert_int_equal(PROV_COUNT(order), w.a.account.section_count);
    for (uint32_t i = 0; i < PROV_COUNT(order); i++) {
        const struct prov_section_result *s = &w.a.account.sections[i];

        PROV_ROW(order[i], prov_str_eq(s->name, prov_str_z(order[i])));
    }
    assert_int_equal(3, w.a.account.sections[0].operations);
    assert_true(w.a.account.sections[0].changed);
    assert_int_equal(2, w.a.account.sections[2].operations);
    assert_int_equal(PROV_SECTION_DISCARDED, w.a.account.sections[2].action);
    assert_int_equal(PROV_D_PATH_PREDICATE, w.a.account.sections[2].why.code);
    world_close(&w);
}

/* A section that is gone is not checked, and can come back by a patch only. */
static void
deletes_a_section_for_good(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_OK, world_apply(&w, "<operations><delete path='/update'/>"
                                              "</operations>"));
    assert_int_equal(4, w.a.element_count);
    assert_int_equal(PROV_OK, world_apply(&w, "<operations><add path='/update'><a/></add>"
                                              "</operations>"));
    assert_true(w.a.partial);
    assert_int_equal(PROV_D_PATH_NO_MATCH, w.a.account.sections[1].why.code);
    assert_int_equal(PROV_OK, world_apply(&w, "<update><check>false</check></update>"));
    world_is(&w, "<configuration>\n"
                 "  <keys><phone><key keyNumber=\"1\"/></phone></keys>\n"
                 "  <update><check>false</check></update>\n"
                 "</configuration>\n");
    world_close(&w);
}

/* Names of sections outlive the paths they were read from. */
static void
sorts_decoded_paths(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_OK,
                     world_apply(&w, "<operations>"
                                     "<add path='/k&#101;ys/phone'><key keyNumber='2'/></add>"
                                     "<delete path='/updat&#x65;/check'/>"
                                     "<add path='/nowhere-at-all/and/no/element/&#101;'><a/></add>"
                                     "<delete path='/keys/phone/key[@keyNumber=&apos;1&apos;]'/>"
                                     "</operations>"));
    assert_int_equal(3, w.a.account.section_count);
    assert_true(prov_str_eq(prov_str_z("keys"), w.a.account.sections[0].name));
    assert_int_equal(2, w.a.account.sections[0].operations);
    assert_true(prov_str_eq(prov_str_z("update"), w.a.account.sections[1].name));
    assert_int_equal(1, w.a.account.sections[1].operations);
    assert_true(prov_str_eq(prov_str_z("nowhere-at-all"), w.a.account.sections[2].name));
    world_is(&w, "<configuration>\n"
                 "  <keys><phone><key keyNumber='2'/></phone></keys>\n"
                 "  <update><url/></update>\n"
                 "</configuration>\n");
    world_close(&w);
}

/* A long list has an index, which must not hide a second member with the same key. */
static void
finds_a_key_that_is_there_twice(void **state)
{
    char text[1024], add[128];
    struct world w;

    (void)state;
    for (unsigned key = 0; key <= 21; key++) {
        size_t n = (size_t)sprintf(text, "<configuration><keys><phoneExtensions>");

        for (unsigned i = 1; i <= 20; i++)
            n += (size_t)sprintf(text + n, "<key keyNumber='%u'/>", i);
        sprintf(text + n, "</phoneExtensions></keys></configuration>");
        sprintf(add,
                "<operations><add path='/keys/phoneExtensions'><key keyNumber='%u'/></add>"
                "</operations>",
                key);
        assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", text, ARENA, &small, NULL));
        assert_int_equal(PROV_OK, world_apply(&w, add));
        assert_int_equal(key >= 1 && key <= 20, w.a.partial);
        if (key >= 1 && key <= 20)
            assert_int_equal(PROV_D_LIST_KEY_TWICE, w.a.account.sections[0].why.code);
        world_close(&w);
    }
}

static void
refuses_bad_arguments(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_E_ARG, prov_ops_apply(NULL, w.root));
    assert_int_equal(PROV_E_ARG, prov_ops_apply(&w.a, w.root));
    assert_int_equal(PROV_E_ARG, prov_ops_apply(&w.a, PROV_XML_NONE));
    assert_int_equal(PROV_E_ARG, prov_ops_apply(&w.a, 9999));
    world_is(&w, settings);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_or_undoes_everything_in_every_arena),
        cmocka_unit_test(touches_one_element_of_a_large_file),
        cmocka_unit_test(sorts_by_section_and_keeps_the_order),
        cmocka_unit_test(deletes_a_section_for_good),
        cmocka_unit_test(sorts_decoded_paths),
        cmocka_unit_test(finds_a_key_that_is_there_twice),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("ops", tests, NULL, NULL);
}
