/* SPDX-License-Identifier: MIT */
#include "support/prov_discover.h"

#include <stdio.h>

#define BIT(kind) PROV_SOURCE_BIT(PROV_SOURCE_##kind)

static struct reading {
    struct prov_arena documents, arena;
    struct prov_xml x;
    struct prov_diag items[8];
    struct prov_diags diags;
    struct prov_discover_settings out;
    _Alignas(16) char document_memory[600000];
    _Alignas(16) char memory[16384];
} r;

static uint32_t
parse(const char *text)
{
    uint32_t root = PROV_XML_NONE;

    prov_arena_init(&r.documents, r.document_memory, sizeof(r.document_memory));
    assert_int_equal(PROV_OK, prov_xml_init(&r.x, &r.documents, NULL, NULL, 0));
    assert_int_equal(
        PROV_OK, prov_xml_parse(&r.x, prov_str_z("settings.xml"), prov_str_z(text), &root, NULL));
    return root;
}

static void
begin(void)
{
    r.diags = (struct prov_diags){ r.items, PROV_COUNT(r.items), 0, 0 };
    memset(&r.out, 0x5A, sizeof(r.out));
    prov_arena_init(&r.arena, r.memory, sizeof(r.memory));
}

static void
read_xml(const char *dialect, const char *text)
{
    const uint32_t root = parse(text);

    begin();
    assert_int_equal(PROV_OK, prov_discover_read_xml(search_dialect(dialect), &r.x, root, &r.arena,
                                                     &r.out, &r.diags));
    assert_int_equal(0, r.arena.scratch);
}

/* The text is gone afterwards: nothing may point into it. */
static enum prov_status
read_text(const char *text)
{
    char *exact = prov_copy_exact(text);

    begin();
    const enum prov_status status = prov_discover_read_text(
        search_dialect("panasonic-hdv"), prov_str_z("settings.txt"),
        (struct prov_str){ exact, strlen(text) }, &r.arena, &r.out, &r.diags);

    free(exact);
    return status;
}

static bool
is(struct prov_str text, const char *expected)
{
    return prov_str_is(text.ptr, text.len, expected);
}

static void
reads_the_section_of_an_auerswald_phone(void **state)
{
    (void)state;
    read_xml("auerswald-d",
             "<configuration><update><url>http://no/</url><active>false</active></update>"
             "<provisioning><active>true</active><dhcp> false </dhcp><redirect>1</redirect>"
             "<url> http://u:p@h/&lt;MACADR>&amp;x </url><sip><active>true</active><allowlist>"
             "<allowlistEntry>192.0.2.1</allowlistEntry><allowlistEntry/>"
             "<allowlistEntry> pbx.example </allowlistEntry></allowlist></sip></provisioning>"
             "</configuration>");
    assert_false(r.out.off);
    assert_int_equal(BIT(DHCP) | BIT(REDIRECT), r.out.said);
    assert_int_equal(BIT(REDIRECT), r.out.on);
    assert_true(is(r.out.url, "http://u:p@h/<MACADR>&x"));
    assert_true(r.out.notify);
    assert_int_equal(2, r.out.notify_from_count);
    assert_true(is(r.out.notify_from[0], "192.0.2.1"));
    assert_true(is(r.out.notify_from[1], "pbx.example"));
    assert_int_equal(0, r.out.notify_event.len);
    assert_int_equal(0, r.diags.count);
}

/* The preset when the settings say nothing: on, but no check-sync. */
static void
takes_what_is_not_there_as_not_said(void **state)
{
    static const char *const texts[] = {
        "<configuration></configuration>",
        "<configuration><provisioning/></configuration>",
        "<configuration><provisioning><dhcp/><active></active><url> </url></provisioning>"
        "</configuration>",
        "<configuration><x><provisioning><dhcp>false</dhcp><active>false</active></provisioning></"
        "x>"
        "</configuration>",
        "<configuration><provisioning><dhcp><dhcp>false</dhcp></dhcp></provisioning>"
        "</configuration>",
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        read_xml("auerswald-d", texts[i]);
        PROV_ROW(texts[i], !r.out.off && r.out.said == 0 && r.out.on == 0);
        PROV_ROW(texts[i], r.out.url.len == 0 && !r.out.notify && r.out.notify_from_count == 0);
        PROV_ROW(texts[i], r.diags.count == 0);
    }
}

static void
understands_every_word_for_on_and_off(void **state)
{
    static const struct {
        const char *word;
        int on; /* -1 = no switch value */
    } rows[] = {
        { "true", 1 },     { "1", 1 },    { "Y", 1 },      { "yes", 1 },  { "on", 1 },
        { "false", 0 },    { "0", 0 },    { "N", 0 },      { "no", 0 },   { "off", 0 },
        { "TRUE", 1 },     { "oFF", 0 },  { "y", 1 },      { " n\n", 0 }, { "2", -1 },
        { "enabled", -1 }, { "tru", -1 }, { "truer", -1 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char text[200];

        snprintf(text, sizeof(text),
                 "<configuration>\n<provisioning>\n  <active>%s</active>\n</provisioning>\n"
                 "</configuration>",
                 rows[i].word);
        read_xml("auerswald-d", text);
        PROV_ROW(rows[i].word, r.out.off == (rows[i].on == 0));
        PROV_ROW(rows[i].word, r.diags.count == (rows[i].on < 0));
        if (rows[i].on >= 0)
            continue;
        PROV_ROW(rows[i].word, r.items[0].code == PROV_D_SETTING_SWITCH);
        PROV_ROW(rows[i].word, is(r.items[0].subject, "provisioning/active"));
        PROV_ROW(rows[i].word, is(r.items[0].source, "settings.xml") && r.items[0].line == 3);
    }
}

static void
reads_leaves_wherever_they_stand(void **state)
{
    (void)state;
    read_xml("panasonic-utg",
             "<PANASIPPhoneConfig><Device><System><Prov><PROVISION_ENABLE>N</PROVISION_ENABLE>"
             "<OPTION160_ENABLE>Y</OPTION160_ENABLE><OPTION159_ENABLE>N</OPTION159_ENABLE>"
             "<SIPPNP_ENABLE>N</SIPPNP_ENABLE><USR_PROV_SVR_URL>10.0.0.2</USR_PROV_SVR_URL>"
             "<CFG_RESYNC_FROM_SIP>resync</CFG_RESYNC_FROM_SIP></Prov></System></Device>"
             "<Initial><SIPPNP_ENABLE>Y</SIPPNP_ENABLE></Initial></PANASIPPhoneConfig>");
    assert_true(r.out.off);
    assert_int_equal(BIT(PNP) | BIT(DHCP_160) | BIT(DHCP_159), r.out.said);
    assert_int_equal(BIT(PNP) | BIT(DHCP_160), r.out.on); /* the last one counts */
    assert_true(is(r.out.url, "10.0.0.2"));
    assert_true(is(r.out.notify_event, "resync"));
    assert_true(r.out.notify); /* this family has no switch for it */
    read_xml("generic", "<configuration><provisioning><dhcp>false</dhcp></provisioning>"
                        "</configuration>");
    assert_int_equal(0, r.out.said);
    assert_true(r.out.notify);
}

static void
reads_lines_of_text(void **state)
{
    (void)state;
    assert_int_equal(PROV_OK, read_text("# Panasonic SIP Phone Standard Format File #\n"
                                        "PROVISION_ENABLE=\"Y\"\nOPTION66_ENABLE=\"N\"\n"
                                        "OPTION160_PROV_ENABLE=\"maybe\"\n"
                                        "SIPPNP_PROV_ENABLE=\"\"\n"
                                        "DHCPV6_OPTION17_PROV_ENABLE=\"Y\"\n"
                                        "CFG_RESYNC_FROM_SIP=\" check-sync \"\n"));
    assert_false(r.out.off);
    assert_int_equal(BIT(DHCP_66) | BIT(DHCPV6), r.out.said);
    assert_int_equal(BIT(DHCPV6), r.out.on);
    assert_true(is(r.out.notify_event, "check-sync"));
    assert_int_equal(0, r.out.url.len);
    assert_int_equal(1, r.diags.count);
    assert_int_equal(PROV_D_SETTING_SWITCH, r.items[0].code);
    assert_int_equal(4, r.items[0].line);
    assert_true(is(r.items[0].subject, "OPTION160_PROV_ENABLE"));
    assert_true(is(r.items[0].source, "settings.txt"));
}

/* A vendor's own table may name any setting in a text. */
static void
reads_every_setting_from_text(void **state)
{
    static const struct prov_setting_rule rules[] = {
        { PROV_SETTING_URL, PROV_STR_INIT("URL") },
        { PROV_SETTING_NOTIFY, PROV_STR_INIT("SYNC") },
        { PROV_SETTING_NOTIFY_FROM, PROV_STR_INIT("FROM") },
    };
    static const char text[] = "# PCC Standard Format File #\nURL=\"http://h/\"\nSYNC=\"N\"\n"
                               "FROM=\"192.0.2.1\"\n";
    struct prov_dialect own = *search_dialect("panasonic-hdv");
    size_t bytes = 0;
    enum prov_status status = PROV_E_SPACE;

    (void)state;
    own.settings = rules;
    own.setting_count = PROV_COUNT(rules);
    for (; status != PROV_OK; bytes++) { /* with as little memory as possible */
        begin();
        prov_arena_init(&r.arena, r.memory, bytes);
        status =
            prov_discover_read_text(&own, prov_str_z(""), prov_str_z(text), &r.arena, &r.out, NULL);
        assert_true(status == PROV_OK || status == PROV_E_SPACE);
        assert_true(bytes < sizeof(r.memory));
    }
    assert_true(is(r.out.url, "http://h/") && !r.out.notify);
    assert_int_equal(1, r.out.notify_from_count);
    assert_true(is(r.out.notify_from[0], "192.0.2.1"));
}

static void
says_nothing_if_the_text_is_refused(void **state)
{
    struct prov_discover_settings before;

    (void)state;
    memset(&before, 0x5A, sizeof(before));
    assert_int_equal(PROV_E_TYPE, read_text(""));
    assert_memory_equal(&before, &r.out, sizeof(before));
    assert_int_equal(PROV_E_TYPE, read_text("PROVISION_ENABLE=\"N\"\n"));
    assert_int_equal(1, r.diags.count);
}

static void
leaves_out_a_value_that_is_too_long(void **state)
{
    char text[5000];

    (void)state;
    for (int len = 4096; len <= 4097; len++) {
        snprintf(text, sizeof(text),
                 "<configuration><provisioning><url>%0*d</url></provisioning></configuration>", len,
                 0);
        read_xml("auerswald-d", text);
        assert_int_equal(len > 4096 ? 0 : len, r.out.url.len);
        assert_int_equal(len > 4096, r.diags.count);
    }
    assert_int_equal(PROV_D_SETTING_LONG, r.items[0].code);
    assert_true(is(r.items[0].subject, "provisioning/url"));
}

static void
refuses_every_smaller_arena(void **state)
{
    static const char text[] =
        "<configuration><provisioning><dhcp>false</dhcp><url>http://h/</url><sip><allowlist>"
        "<allowlistEntry>192.0.2.1</allowlistEntry></allowlist></sip></provisioning>"
        "</configuration>";
    const uint32_t root = parse(text);
    struct prov_discover_settings before;
    enum prov_status status = PROV_E_SPACE;

    (void)state;
    memset(&before, 0x5A, sizeof(before));
    for (size_t bytes = 0; status != PROV_OK; bytes += bytes < 4000 ? 51 : 1) {
        begin();
        prov_arena_init(&r.arena, r.memory, bytes);
        status = prov_discover_read_xml(search_dialect("auerswald-d"), &r.x, root, &r.arena, &r.out,
                                        &r.diags);
        if (status != PROV_OK) {
            assert_int_equal(PROV_E_SPACE, status);
            assert_memory_equal(&before, &r.out, sizeof(before));
        }
        assert_true(bytes < sizeof(r.memory) && r.arena.scratch == 0);
    }
    assert_int_equal(1, r.out.notify_from_count);
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_dialect *xml = search_dialect("auerswald-d"),
                              *text = search_dialect("panasonic-hdv");
    const struct prov_str none = PROV_STR_INIT("");
    const uint32_t root = parse("<configuration/>");

    (void)state;
    begin();
    assert_int_equal(PROV_E_ARG, prov_discover_read_xml(NULL, &r.x, root, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_xml(text, &r.x, root, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_xml(xml, NULL, root, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_xml(xml, &r.x, 99, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_xml(xml, &r.x, root, NULL, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_xml(xml, &r.x, root, &r.arena, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_text(NULL, none, none, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_text(xml, none, none, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_text(text, none, none, NULL, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_text(text, none, none, &r.arena, NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_section_of_an_auerswald_phone),
        cmocka_unit_test(takes_what_is_not_there_as_not_said),
        cmocka_unit_test(understands_every_word_for_on_and_off),
        cmocka_unit_test(reads_leaves_wherever_they_stand),
        cmocka_unit_test(reads_lines_of_text),
        cmocka_unit_test(reads_every_setting_from_text),
        cmocka_unit_test(says_nothing_if_the_text_is_refused),
        cmocka_unit_test(leaves_out_a_value_that_is_too_long),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("discover_settings", tests, NULL, NULL);
}
