/* SPDX-License-Identifier: MIT */
#include <prov/apply.h>

#include "support/prov_settings.h"

#define ARENA (1u << 20)

static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 256 };

static const char settings[] =
    "<configuration>\n"
    "  <keys><phone><key keyNumber=\"1\"/><key keyNumber=\"it's\"/></phone></keys>\n"
    "  <identities><identity><name>a</name></identity></identities>\n"
    "  <tide><high>1</high><high>2</high></tide>\n"
    "</configuration>\n";

/* ---- What kind a document is ---- */

static const struct type_row {
    const char *name;
    const char *text;
    enum prov_file_type type;
} type_rows[] = {
    /* clang-format off */
    { "patch",                "<configuration><keys/></configuration>",      PROV_FILE_PATCH },
    { "empty patch",          "<configuration/>",                            PROV_FILE_PATCH },
    { "patch, with a prefix", "<c:configuration xmlns:c='u'/>",              PROV_FILE_PATCH },
    { "patch, other case",    "<Configuration/>",                            PROV_FILE_UNKNOWN },
    { "operations",           "<operations/>",                               PROV_FILE_OPERATIONS },
    { "operations by name",   "<operations><keys/></operations>",            PROV_FILE_OPERATIONS },
    { "operations by content", "<x><add path=''/><delete/><replace/></x>",   PROV_FILE_OPERATIONS },
    { "diff by name",         "<p:diff xmlns:p='u'/>",                       PROV_FILE_DIFF },
    { "diff by content",      "<x><add sel=''/><remove/><replace/></x>",     PROV_FILE_DIFF },
    { "operations named diff", "<diff><add path=''/></diff>",                PROV_FILE_OPERATIONS },
    { "removals without sel", "<x><remove/></x>",                            PROV_FILE_UNKNOWN },
    { "operations inside",    "<configuration><add/></configuration>",       PROV_FILE_OPERATIONS },
    { "one is none",          "<x><add/><remove/></x>",                      PROV_FILE_UNKNOWN },
    { "reference",            "<referencedSettings/>",                       PROV_FILE_REFERENCE },
    { "reference, prefix",    "<r:referencedSettings xmlns:r='u'/>",         PROV_FILE_REFERENCE },
    { "notify",               "<notifySync/>",                               PROV_FILE_NOTIFY_SYNC },
    { "section of the dialect", "<users/>",                                  PROV_FILE_SECTION },
    { "section of the settings", "<tide/>",                                  PROV_FILE_SECTION },
    { "other family",         "<PANASIPPhoneConfig/>",                       PROV_FILE_PARAMS_XML },
    { "other family, other case", "<panaSipPhoneConfig/>",                   PROV_FILE_PARAMS_XML },
    { "none",                 "<page/>",                                     PROV_FILE_UNKNOWN },
    /* clang-format on */
};

static void
tells_kinds_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(type_rows); i++) {
        const struct type_row *r = &type_rows[i];
        struct world w;

        assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
        const uint32_t root = world_parse(&w, r->text);

        PROV_ROW(r->name, prov_file_detect(&w.x, root, w.a.dialect, w.root) == r->type);
        world_close(&w);
    }
}

static void
tells_nothing_of_what_is_not_there(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    const struct prov_dialect *d = w.a.dialect;
    const uint32_t tide = world_parse(&w, "<tide/>");

    assert_int_equal(PROV_FILE_UNKNOWN, prov_file_detect(NULL, w.root, d, PROV_XML_NONE));
    assert_int_equal(PROV_FILE_UNKNOWN, prov_file_detect(&w.x, PROV_XML_NONE, d, w.root));
    assert_int_equal(PROV_FILE_UNKNOWN, prov_file_detect(&w.x, 999, d, w.root));
    assert_int_equal(PROV_FILE_UNKNOWN, prov_file_detect(&w.x, w.root, NULL, w.root));
    assert_int_equal(PROV_FILE_UNKNOWN, prov_file_detect(&w.x, tide, d, PROV_XML_NONE));
    assert_int_equal(
        PROV_FILE_PATCH,
        prov_file_detect(&w.x, w.root, prov_dialect_find(prov_str_z("panasonic-hdv")), w.root));
    world_close(&w);
}

/* ---- Beginning ---- */

static void
begins_with_settings_of_the_dialect_only(void **state)
{
    struct world w;
    struct prov_apply a = { .file_count = 77 };

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    const struct prov_dialect *d = w.a.dialect;
    const struct prov_dialect short_one = { .size = 8 };
    const uint32_t other = world_parse(&w, "\n <other/>");

    assert_int_equal(PROV_E_TYPE, prov_apply_init(&a, &w.x, other, d, NULL, &w.diags));
    assert_int_equal(PROV_D_SETTINGS_ROOT, w.kept[0].code);
    assert_int_equal(PROV_E_TYPE, w.kept[0].status);
    assert_int_equal(2, w.kept[0].line);
    assert_int_equal(2, w.kept[0].column);
    assert_int_equal(PROV_E_ARG, prov_apply_init(NULL, &w.x, w.root, d, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_init(&a, NULL, w.root, d, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_init(&a, &w.x, w.root, NULL, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_init(&a, &w.x, PROV_XML_NONE, d, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_init(&a, &w.x, 999, d, NULL, NULL));
    assert_int_equal(PROV_E_ABI, prov_apply_init(&a, &w.x, w.root, &short_one, NULL, NULL));
    assert_int_equal(77, a.file_count);
    assert_int_equal(PROV_OK, prov_apply_init(&a, &w.x, w.root, d, NULL, NULL));
    assert_int_equal(0, a.file_count);
    world_close(&w);
}

/* ---- Kinds that are accepted ---- */

static void
applies_accepted_kinds_only(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        uint32_t types;
        enum prov_diag_code code;
    } rows[] = {
        { "patch not accepted", "<configuration><new/></configuration>",
          PROV_FILE_BIT(PROV_FILE_OPERATIONS), PROV_D_DOCUMENT_REFUSED },
        { "operations not accepted", "<operations><delete path='/tide'/></operations>",
          PROV_FILE_BIT(PROV_FILE_PATCH), PROV_D_DOCUMENT_REFUSED },
        { "section not accepted", "<tide><low/></tide>", PROV_FILE_BIT(PROV_FILE_PATCH),
          PROV_D_DOCUMENT_REFUSED },
        { "reference by hand", "<referencedSettings/>", PROV_FILE_BIT(PROV_FILE_PATCH),
          PROV_D_REFERENCE_BY_HAND },
        { "reference is never applied", "<referencedSettings/>", PROV_FILE_BIT(PROV_FILE_REFERENCE),
          PROV_D_REFERENCE_BY_HAND },
        { "another format is never applied", "<PANASIPPhoneConfig/>", UINT32_MAX,
          PROV_D_DOCUMENT_REFUSED },
        { "unknown", "<page/>", UINT32_MAX, PROV_D_DOCUMENT_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world w;
        enum prov_file_type type = (enum prov_file_type)99;

        assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
        const uint32_t root = world_parse(&w, rows[i].text);

        PROV_ROW(rows[i].name, prov_apply_change(&w.a, root, rows[i].types, &type) == PROV_E_TYPE);
        PROV_ROW(rows[i].name, w.diags.count == 1 && w.kept[0].code == rows[i].code);
        PROV_ROW(rows[i].name, w.kept[0].line == 1 && w.kept[0].column == 1);
        PROV_ROW(rows[i].name, type == prov_file_detect(&w.x, root, w.a.dialect, w.root));
        PROV_ROW(rows[i].name, w.a.file_count == 0 && !w.a.partial);
        world_is(&w, settings);
        world_close(&w);
    }
}

static void
refuses_bad_arguments(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    const uint32_t root = world_parse(&w, "<configuration><a/></configuration>");

    assert_int_equal(PROV_E_ARG, prov_apply_change(NULL, root, UINT32_MAX, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_change(&w.a, w.root, UINT32_MAX, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_change(&w.a, PROV_XML_NONE, UINT32_MAX, NULL));
    assert_int_equal(PROV_E_ARG, prov_apply_change(&w.a, 999, UINT32_MAX, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_apply_change(&w.a, prov_xml_first(&w.x, root), UINT32_MAX, NULL));
    assert_int_equal(0, w.diags.count);
    world_close(&w);
}

/* ---- The vendor's check ---- */

struct checker {
    enum prov_status answers[4]; /* to the first call, to the second ... */
    struct prov_diag diag;       /* filled in on every call */
    uint32_t calls;
    char names[4][16];
};

static enum prov_status
answer(void *ctx, const struct prov_xml *x, uint32_t section, struct prov_diag *diag)
{
    struct checker *c = ctx;
    const struct prov_str name = prov_xml_name(x, section);

    assert_true(c->calls < 4 && name.len < 16);
    memcpy(c->names[c->calls], name.ptr, name.len);
    *diag = c->diag;
    return c->answers[c->calls++];
}

static const char two[] =
    "<configuration><tide><high>3</high></tide><keys/><new><a/></new></configuration>";

static void
asks_the_check_once_for_each_changed_section(void **state)
{
    struct checker c = { .answers = { PROV_OK, PROV_E_INVALID } };
    const struct prov_check check = { answer, &c };
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, &check));
    assert_int_equal(PROV_OK, world_apply(&w, two));
    assert_int_equal(2, c.calls); /* nothing is different in keys */
    assert_string_equal("tide", c.names[0]);
    assert_string_equal("new", c.names[1]);
    assert_true(w.a.partial);
    assert_int_equal(1, w.a.account.change_count);
    assert_int_equal(11, w.a.element_count); /* as before: `new` is not there */
    /* the check said nothing more: the library names the section */
    const struct prov_diag *why = &w.a.account.sections[2].why;

    assert_int_equal(PROV_D_CHECK_FAILED, why->code);
    assert_int_equal(PROV_E_INVALID, why->status);
    assert_true(prov_str_is(why->subject.ptr, why->subject.len, "new"));
    assert_int_equal(50, why->column);
    assert_int_equal(1, w.diags.count);
    world_close(&w);
}

static void
passes_on_what_the_check_says(void **state)
{
    struct checker c = { .answers = { PROV_E_INVALID, PROV_E_INVALID } };
    const struct prov_check check = { answer, &c };
    struct world w;

    (void)state;
    c.diag = (struct prov_diag){ .code = PROV_D_CHECK_FAILED,
                                 .line = 9,
                                 .column = 8,
                                 .source = prov_str_z("mine"),
                                 .subject = prov_str_z("high") };
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, &check));
    assert_int_equal(PROV_OK, world_apply(&w, two));
    assert_int_equal(9, w.kept[0].line);
    assert_int_equal(8, w.kept[0].column);
    assert_int_equal(PROV_E_INVALID, w.kept[0].status);
    assert_true(prov_str_is(w.kept[0].source.ptr, w.kept[0].source.len, "mine"));
    world_is(&w, settings);
    c = (struct checker){ .answers = { PROV_E_INVALID } };
    c.diag = (struct prov_diag){ .code = PROV_D_CHECK_FAILED };
    assert_int_equal(PROV_OK, world_apply(&w, "<tide><high>7</high></tide>"));
    assert_int_equal(4, w.kept[3].line); /* no place was given: that of the section */
    assert_true(prov_str_is(w.kept[3].source.ptr, w.kept[3].source.len, "settings"));
    assert_int_equal(3 + 1, w.diags.count);
    world_close(&w);
}

/* Anything but the two answers undoes the whole document, sections that were fine included. */
static void
undoes_everything_if_the_check_breaks_its_contract(void **state)
{
    static const enum prov_status wrong[] = { PROV_E_SPACE, PROV_E_SYNTAX, PROV_E_CALLBACK,
                                              (enum prov_status)12345 };
    static const char *const changes[] = {
        "<configuration><tide><high>3</high></tide><update patch='x'/><new/></configuration>",
        "<operations><delete path='/tide/high[1]'/>"
        "<add path='/keys'><x/></add></operations>"
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(wrong) * 2; i++) {
        struct checker c = { .answers = { PROV_OK, wrong[i / 2] } };
        const struct prov_check check = { answer, &c };
        struct world w;

        assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, &check));
        assert_int_equal(PROV_E_CALLBACK, world_apply(&w, changes[i % 2]));
        world_is(&w, settings);
        assert_int_equal(0, w.a.account.section_count + w.a.account.change_count);
        assert_int_equal(0, w.a.file_count);
        assert_false(w.a.partial);
        assert_int_equal(PROV_D_CALLBACK, w.kept[w.diags.count - 1].code);
        assert_int_equal(PROV_E_CALLBACK, w.kept[w.diags.count - 1].status);
        assert_int_equal(i % 2 == 0 ? 2 : 1, w.diags.count);
        assert_int_equal(PROV_OK, world_apply(&w, "<tide/>")); /* nothing to check */
        world_close(&w);
    }
}

/* ---- The account ---- */

static void
keeps_the_first_records_and_counts_all(void **state)
{
    const struct prov_limits few = {
        .size = sizeof(few), .xml_nodes = 256, .sections = 1, .changes = 2
    };
    struct checker c = { .answers = { PROV_OK, PROV_E_INVALID } };
    const struct prov_check check = { answer, &c };
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &few, &check));
    assert_int_equal(PROV_OK, world_apply(&w, "<configuration><tide><a/><b/><c/></tide>"
                                              "<other><a/></other></configuration>"));
    assert_int_equal(1, w.a.account.section_count);
    assert_int_equal(1, w.a.account.sections_dropped);
    assert_int_equal(2, w.a.account.change_count);
    assert_int_equal(1, w.a.account.changes_dropped); /* those of `other` are undone */
    world_close(&w);
}

static void
knows_whether_a_change_is_in_force(void **state)
{
    const struct prov_limits few = { .size = sizeof(few), .xml_nodes = 256, .changes = 1 };
    struct checker c = { .answers = { PROV_E_INVALID, PROV_OK } };
    const struct prov_check check = { answer, &c };
    struct world w;

    (void)state;
    assert_false(prov_apply_changed(NULL));
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &few, &check));
    assert_false(prov_apply_changed(&w.a));
    assert_int_equal(PROV_OK, world_apply(&w, "<tide><high>1</high></tide>")); /* as it is */
    assert_int_equal(PROV_OK, world_apply(&w, "<tide><high>5</high></tide>")); /* discarded */
    assert_false(prov_apply_changed(&w.a));
    assert_int_equal(PROV_OK, world_apply(&w, "<tide><high>5</high></tide>"));
    assert_true(prov_apply_changed(&w.a));
    assert_int_equal(4 - 1, w.a.file_count);
    world_close(&w);
}

static const char paths[] =
    "<operations>"
    "<add path='/keys/phone'><key keyNumber='2'><p/></key></add>"
    "<add path=\"/keys/phone/key[@keyNumber='2']\"><q/></add>"
    "<delete path='/keys/phone/key[2]'/>"
    "<replace path='/identities/identity/name'><name>b</name></replace>"
    "<add path='/identities'><identity/></add>"
    "<delete path='/identities/identity[1]'/>"
    "<delete path='/tide/high[1]'/><delete path='/tide/high'/><delete path='/tide'/>"
    "</operations>";

static const char *const shown[] = {
    "/keys/phone/key[@keyNumber='2']",
    "/keys/phone/key[@keyNumber='2']/q",
    "/keys/phone/key[@keyNumber=\"it's\"]",
    "/identities/identity/name", /* its identity is gone, so its position is not known */
    "/identities/identity[2]",
    "/identities/identity[1]",
    "/tide/high[1]",
    "/tide/high",
    "/tide",
};

static void
shows_paths_of_changes(void **state)
{
    struct world w;
    char mem[64];

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    assert_int_equal(PROV_OK, world_apply(&w, paths));
    assert_int_equal(PROV_COUNT(shown), w.a.account.change_count);
    for (size_t i = 0; i < PROV_COUNT(shown); i++) {
        const struct prov_change *c = &w.a.account.changes[i];
        const size_t full = strlen(shown[i]);

        for (size_t cap = 0; cap < full; cap++) { /* every buffer that is too small */
            struct prov_buf out = { mem, cap, 0 };

            mem[cap] = '#';
            PROV_ROW(shown[i], prov_change_path(&w.a, c, &out) == PROV_E_SPACE);
            PROV_ROW(shown[i], out.len == 0 && mem[cap] == '#');
        }
        struct prov_buf out = { mem, full, 0 };

        PROV_ROW(shown[i], prov_change_path(&w.a, c, &out) == PROV_OK);
        PROV_ROW(shown[i], prov_str_is(out.ptr, out.len, shown[i]));
    }
    world_close(&w);
}

static void
shows_paths_where_lists_have_no_key(void **state)
{
    static const char *const want[] = { "/identities/identity[1]/name", "/keys/phone/key",
                                        "/keys/phone/key[@keyNumber='\"']" };
    struct world w;
    char mem[64];

    (void)state;
    assert_int_equal(PROV_OK,
                     world_open(&w, "auerswald-d",
                                "<configuration><identities><identity><name/></identity>"
                                "</identities><keys><phone><key/></phone></keys></configuration>",
                                ARENA, &small, NULL));
    assert_int_equal(PROV_OK,
                     world_apply(&w, "<operations><add path='/identities/identity/name'><x/></add>"
                                     "<replace path='/identities/identity/name'><name>b</name>"
                                     "</replace><delete path='/keys/phone/key'/>"
                                     "<add path='/keys/phone'><key keyNumber='&quot;'/></add>"
                                     "</operations>"));
    for (size_t i = 0; i < PROV_COUNT(want); i++) {
        struct prov_buf out = { mem, sizeof(mem), 0 };

        assert_int_equal(PROV_OK, prov_change_path(&w.a, &w.a.account.changes[i + 1], &out));
        PROV_ROW(want[i], prov_str_is(out.ptr, out.len, want[i]));
    }
    struct prov_buf out = { mem, sizeof(mem), 0 };
    const struct prov_change none = { .node = PROV_XML_NONE };

    assert_int_equal(PROV_E_ARG, prov_change_path(NULL, &w.a.account.changes[0], &out));
    assert_int_equal(PROV_E_ARG, prov_change_path(&w.a, NULL, &out));
    assert_int_equal(PROV_E_ARG, prov_change_path(&w.a, &none, &out));
    assert_int_equal(PROV_E_ARG, prov_change_path(&w.a, &w.a.account.changes[0], NULL));
    world_close(&w);
}

static void
names_actions_and_kinds(void **state)
{
    (void)state;
    assert_string_equal("merged", prov_section_action_name(PROV_SECTION_MERGED));
    assert_string_equal("replaced", prov_section_action_name(PROV_SECTION_REPLACED));
    assert_string_equal("operations", prov_section_action_name(PROV_SECTION_OPERATIONS));
    assert_string_equal("discarded", prov_section_action_name(PROV_SECTION_DISCARDED));
    assert_string_equal("stripped", prov_section_action_name(PROV_SECTION_STRIPPED));
    assert_string_equal("", prov_section_action_name((enum prov_section_action)5));
    assert_string_equal("added", prov_change_kind_name(PROV_CHANGE_ADDED));
    assert_string_equal("replaced", prov_change_kind_name(PROV_CHANGE_REPLACED));
    assert_string_equal("removed", prov_change_kind_name(PROV_CHANGE_REMOVED));
    assert_string_equal("text", prov_change_kind_name(PROV_CHANGE_TEXT));
    assert_string_equal("attributes", prov_change_kind_name(PROV_CHANGE_ATTRIBUTES));
    assert_string_equal("", prov_change_kind_name((enum prov_change_kind)5));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_kinds_as_the_table_says),
        cmocka_unit_test(tells_nothing_of_what_is_not_there),
        cmocka_unit_test(begins_with_settings_of_the_dialect_only),
        cmocka_unit_test(applies_accepted_kinds_only),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(asks_the_check_once_for_each_changed_section),
        cmocka_unit_test(passes_on_what_the_check_says),
        cmocka_unit_test(undoes_everything_if_the_check_breaks_its_contract),
        cmocka_unit_test(keeps_the_first_records_and_counts_all),
        cmocka_unit_test(knows_whether_a_change_is_in_force),
        cmocka_unit_test(shows_paths_of_changes),
        cmocka_unit_test(shows_paths_where_lists_have_no_key),
        cmocka_unit_test(names_actions_and_kinds),
    };
    return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
