/* SPDX-License-Identifier: MIT */
#include <prov/migrate.h>

#include <stdio.h>

#include "support/prov_settings.h"

#define ARENA (4u << 20)

/* The tables against what the maker documents, section by section. */

static void
every_table_is_sound(void **state)
{
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct prov_str fault = { NULL, 0 };

        for (size_t k = 0; k < all[i]->schema_count; k++)
            PROV_ROW(all[i]->name.ptr, prov_schema_verify(&all[i]->schemas[k], &fault) == PROV_OK);
        PROV_ROW(all[i]->name.ptr, prov_migrations_verify(all[i]) == PROV_OK);
    }
}

/* The newest of a section stands first, and lists agree with schemas. */
static void
tables_agree_with_each_other(void **state)
{
    const struct prov_dialect *d = prov_dialect_find(prov_str_z("auerswald-d"));

    (void)state;
    for (size_t i = 0; i < d->schema_count; i++) {
        const struct prov_schema *s = &d->schemas[i];
        bool known = false;

        for (size_t k = 0; k < d->section_count; k++)
            known = known || prov_str_eq(d->sections[k], s->section.name);
        PROV_ROW(s->section.name.ptr, known);
        PROV_ROW(s->section.name.ptr,
                 prov_version_compare(prov_schema_find(d, s->section.name)->version, s->version) >=
                     0);
    }
    assert_int_equal(0, prov_dialect_find(prov_str_z("auerswald-d100"))->schema_count);
}

/* Settings of a phone of this family, with its schemas. */
static void
open_phone(struct world *w, const char *settings)
{
    assert_int_equal(PROV_OK, world_open(w, "auerswald-d", settings, ARENA, NULL, NULL));
    w->a.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
}

static enum prov_status
accept(void *ctx, const struct prov_xml *x, uint32_t section, struct prov_diag *diag)
{
    (void)ctx;
    (void)x;
    (void)section;
    (void)diag;
    return PROV_OK;
}

static enum prov_status
refuse(void *ctx, const struct prov_xml *x, uint32_t section, struct prov_diag *diag)
{
    (void)ctx;
    (void)x;
    (void)section;
    *diag = (struct prov_diag){ .code = PROV_D_CHECK_FAILED };
    return PROV_E_INVALID;
}

#define KEY(n) "<key keyNumber='" n "'/>"
#define ID "<identity/>"

static const struct {
    const char *section;
    enum prov_diag_code code;
} rows[] = {
    /* clang-format off */
    { "<provisioning version='1.34.0'/>", PROV_D_NONE },
    { "<provisioning><execution><time></time></execution></provisioning>", PROV_D_NONE },
    { "<provisioning><execution><time/></execution></provisioning>", PROV_D_NONE },
    { "<provisioning><execution><time>\n</time></execution></provisioning>", PROV_D_NONE },
    { "<provisioning><execution><time>00:00</time></execution></provisioning>", PROV_D_NONE },
    { "<provisioning><execution><time>9:59</time></execution></provisioning>", PROV_D_NONE },
    { "<provisioning><execution><time>23:59</time></execution></provisioning>", PROV_D_NONE },
    { "<provisioning><execution><time>24:00</time></execution></provisioning>", PROV_D_SCHEMA_PATTERN },
    { "<provisioning><execution><time>12:60</time></execution></provisioning>", PROV_D_SCHEMA_PATTERN },
    { "<provisioning><execution><time>noon</time></execution></provisioning>", PROV_D_SCHEMA_PATTERN },
    { "<provisioning><execution><mondays>yes</mondays></execution></provisioning>", PROV_D_SCHEMA_NOT_BOOL },
    { "<provisioning><execution><minimalRandomDelay>-1</minimalRandomDelay></execution></provisioning>", PROV_D_SCHEMA_TOO_LOW },
    { "<provisioning><sip><allowlist/></sip></provisioning>", PROV_D_SCHEMA_MISSING_ELEMENT },
    { "<provisioning><sip><allowlist><allowlistEntry>h</allowlistEntry><allowlistEntry/></allowlist></sip></provisioning>", PROV_D_NONE },
    { "<provisioning><sip><whitelist/></sip></provisioning>", PROV_D_SCHEMA_UNKNOWN_ELEMENT },
    { "<provisioning><active>true</active><active>true</active></provisioning>", PROV_D_SCHEMA_TOO_MANY },
    { "<provisioning><url>http://h/{mac}</url><dhcp>1</dhcp><redirect>0</redirect><pbx>false</pbx></provisioning>", PROV_D_NONE },
    { "<update><check>true</check><autoInstall>false</autoInstall><url/><execution><time/></execution></update>", PROV_D_NONE },
    { "<update><dhcp>true</dhcp></update>", PROV_D_SCHEMA_UNKNOWN_ELEMENT },
    { "<users><user name='a'><role>admin</role><changePassword>1</changePassword></user><user name='b'/></users>", PROV_D_NONE },
    { "<users><user/></users>", PROV_D_SCHEMA_MISSING_ATTRIBUTE },
    { "<users><user name='a:b'/></users>", PROV_D_SCHEMA_PATTERN },
    { "<users><user name='a'/><user name='a'/></users>", PROV_D_SCHEMA_KEY_TWICE },
    { "<users><user name='a'><role>root</role></user></users>", PROV_D_SCHEMA_ENUM },
    { "<identities>" ID ID ID ID ID ID "</identities>", PROV_D_NONE },
    { "<identities>" ID ID ID ID ID ID ID "</identities>", PROV_D_SCHEMA_TOO_MANY },
    { "<identities><identity><registrarPort>65535</registrarPort></identity></identities>", PROV_D_NONE },
    { "<identities><identity><registrarPort>65536</registrarPort></identity></identities>", PROV_D_SCHEMA_TOO_HIGH },
    { "<identities><identity><registrarPort>70000</registrarPort></identity></identities>", PROV_D_SCHEMA_TOO_HIGH },
    { "<identities><identity><registrarPort>0</registrarPort></identity></identities>", PROV_D_SCHEMA_TOO_LOW },
    { "<identities><identity><dtmfMethod>inband</dtmfMethod></identity></identities>", PROV_D_NONE },
    { "<identities><identity><dtmfMethod>info</dtmfMethod></identity></identities>", PROV_D_SCHEMA_ENUM },
    { "<identities><identity><registerInterval>4</registerInterval></identity></identities>", PROV_D_SCHEMA_TOO_LOW },
    { "<identities><identity><registerInterval>61</registerInterval></identity></identities>", PROV_D_SCHEMA_TOO_HIGH },
    { "<identities><identity><notDocumented a='1'>x</notDocumented></identity></identities>", PROV_D_NONE },
    { "<identities><other/></identities>", PROV_D_SCHEMA_UNKNOWN_ELEMENT },
    { "<keys><phoneXtensions>" KEY("1") KEY("2") "</phoneXtensions><extensionModule1>" KEY("1") "</extensionModule1><extensionModule2/></keys>", PROV_D_NONE },
    { "<keys><phoneXtensions>" KEY("0") "</phoneXtensions></keys>", PROV_D_SCHEMA_TOO_LOW },
    { "<keys><phoneXtensions>" KEY("1") KEY("1") "</phoneXtensions></keys>", PROV_D_SCHEMA_KEY_TWICE },
    { "<keys><phoneXtensions><key/></phoneXtensions></keys>", PROV_D_SCHEMA_MISSING_ATTRIBUTE },
    { "<keys><extensionModule/></keys>", PROV_D_SCHEMA_UNKNOWN_ELEMENT },
    { "<keys><phoneXtensions><key keyNumber='1' label='l' info='i' icon='@drawable/x'><templateName>t</templateName><parameters><parameter name='n' value='v'/></parameters><keyConfiguration><lua><code> x > 1 </code></lua></keyConfiguration></key></phoneXtensions></keys>", PROV_D_NONE },
    { "<keys><phoneXtensions><key keyNumber='1'><parameters><parameter name='n'/><parameter name='n'/></parameters></key></phoneXtensions></keys>", PROV_D_SCHEMA_KEY_TWICE },
    { "<templates><template name='t' prio='-3' label='@param-@string/name'><keyConfiguration a='1'><lua/></keyConfiguration><parameters><parameter name='n' type='text' min='1' max='9' description='d' optional='true'><path>//invite/uri</path><mode>append</mode></parameter></parameters></template></templates>", PROV_D_NONE },
    { "<templates><template/></templates>", PROV_D_SCHEMA_MISSING_ATTRIBUTE },
    { "<templates><template name='t'/><template name='t'/></templates>", PROV_D_SCHEMA_KEY_TWICE },
    { "<templates><template name='t' prio='high'/></templates>", PROV_D_SCHEMA_NOT_INT },
    { "<telephony><callWaiting><active>false</active><tone>true</tone></callWaiting></telephony>", PROV_D_NONE },
    { "<telephony><callWaiting><tone>loud</tone></callWaiting></telephony>", PROV_D_SCHEMA_NOT_BOOL },
    { "<telephony><callForwarding><busy><active>true</active><target>1</target><timeout>15</timeout></busy></callForwarding></telephony>", PROV_D_NONE },
    { "<telephony><callForwarding><busy><timeout>soon</timeout></busy></callForwarding></telephony>", PROV_D_SCHEMA_NOT_INT },
    { "<telephony><callForwarding><never/></callForwarding></telephony>", PROV_D_SCHEMA_UNKNOWN_ELEMENT },
    { "<telephony><notDocumented/></telephony>", PROV_D_NONE },
    /* clang-format on */
};

static void
say_what_the_maker_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char text[1024];
        struct prov_diag diag = { 0 };
        struct world w;

        snprintf(text, sizeof(text), "<configuration>%s</configuration>", rows[i].section);
        open_phone(&w, text);
        const uint32_t section = prov_xml_first(&w.x, w.root);
        const struct prov_schema *schema =
            prov_schema_find(w.a.dialect, prov_xml_name(&w.x, section));

        PROV_ROW(rows[i].section, schema != NULL);
        (void)!prov_schema_check(&w.x, section, schema, &diag);
        if (diag.code != rows[i].code)
            fail_msg("%s: %d", rows[i].section, (int)diag.code);
        world_close(&w);
    }
}

/* Lists by number: as many as may be, and one more. */
static void
counts_keys(void **state)
{
    static const struct {
        const char *module;
        unsigned most;
    } modules[] = { { "phoneXtensions", 40 },
                    { "extensionModule1", 60 },
                    { "extensionModule9", 60 } };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(modules); i++) {
        for (unsigned count = modules[i].most; count <= modules[i].most + 1; count++) {
            char text[4096] = "<configuration><keys><", one[64];
            struct prov_diag diag = { 0 };
            struct world w;

            strcat(strcat(text, modules[i].module), ">");
            for (unsigned n = 1; n <= count; n++) {
                snprintf(one, sizeof(one), "<key keyNumber='%u'/>", n);
                strcat(text, one);
            }
            strcat(strcat(strcat(text, "</"), modules[i].module), "></keys></configuration>");
            open_phone(&w, text);
            (void)!prov_schema_check(&w.x, prov_xml_first(&w.x, w.root),
                                     prov_schema_find(w.a.dialect, prov_str_z("keys")), &diag);
            PROV_ROW(modules[i].module,
                     diag.code == (count > modules[i].most ? PROV_D_SCHEMA_TOO_MANY : PROV_D_NONE));
            PROV_ROW(modules[i].module,
                     diag.need == (count > modules[i].most ? modules[i].most : 0));
            world_close(&w);
        }
    }
}

/* The one rename that is documented, from any older version and from none. */
static void
renames_the_list_of_allowed_senders(void **state)
{
    static const char *const versions[] = { " version='1.8.8'", " version='1.26.10'",
                                            " version='?'", "" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(versions); i++) {
        char change[256];
        struct world w;

        open_phone(&w, "<configuration><provisioning version=\"1.34.0\"/>"
                       "</configuration>");
        snprintf(change, sizeof(change),
                 "<configuration><provisioning%s><sip><whitelist><whitelistEntry>h</whitelistEntry>"
                 "</whitelist></sip></provisioning></configuration>",
                 versions[i]);
        assert_int_equal(PROV_OK, world_apply(&w, change));
        world_is(&w, "<configuration><provisioning version=\"1.34.0\"><sip><allowlist>"
                     "<allowlistEntry>h</allowlistEntry></allowlist></sip></provisioning>"
                     "</configuration>");
        assert_int_equal(PROV_SECTION_MERGED, w.a.account.sections[0].action);
        assert_int_equal(0, w.a.account.sections[0].stripped);
        world_close(&w);
    }
}

/* CHK-1: the note, and the option that refuses. */
static void
notes_or_refuses_what_is_not_checked(void **state)
{
    static const char settings[] = "<configuration><network/></configuration>";
    static const char change[] = "<configuration><network><a/></network><update/></configuration>";
    struct world w;

    (void)state;
    open_phone(&w, settings);
    assert_int_equal(PROV_OK, world_apply(&w, change));
    assert_true(w.a.account.sections[0].unchecked && !w.a.account.sections[1].unchecked);
    assert_false(w.a.partial);
    world_close(&w);
    for (int checked = 0; checked < 2; checked++) {
        open_phone(&w, settings);
        w.a.refuse_unchecked = true;
        w.a.check.section = checked ? accept : NULL;
        assert_int_equal(PROV_OK, world_apply(&w, change));
        const struct prov_section_result *s = w.a.account.sections;

        assert_int_equal(checked ? PROV_SECTION_MERGED : PROV_SECTION_DISCARDED, s[0].action);
        assert_int_equal(checked ? PROV_D_NONE : PROV_D_SCHEMA_NONE, s[0].why.code);
        assert_int_equal(!checked, w.a.partial);
        assert_int_equal(PROV_SECTION_MERGED, s[1].action);
        world_close(&w);
    }
}

/* The callback is asked after the schema, and only about what keeps to it. */
static void
asks_the_callback_last(void **state)
{
    struct world w;

    (void)state;
    open_phone(&w, "<configuration><update/></configuration>");
    w.a.check.section = refuse;
    assert_int_equal(PROV_OK, world_apply(&w, "<configuration><update><check>?</check></update>"
                                              "</configuration>"));
    assert_int_equal(PROV_D_SCHEMA_NOT_BOOL, w.a.account.sections[0].why.code);
    assert_int_equal(PROV_OK, world_apply(&w, "<configuration><update><check>1</check></update>"
                                              "</configuration>"));
    assert_int_equal(PROV_D_CHECK_FAILED, w.a.account.sections[1].why.code);
    world_close(&w);
}

/* A dialect that cannot be relied on is refused before anything is done with it. */
static void
refuses_unsound_dialects(void **state)
{
    const struct prov_schema schemas[] = { { { 1, 0, 0 }, { .min = 2 } } };
    const struct prov_migration steps[] = { { .path = PROV_STR_INIT("a") } };
    struct prov_dialect d = *prov_dialect_find(prov_str_z("auerswald-d"));
    struct world w;

    (void)state;
    open_phone(&w, "<configuration/>");
    d.migrations = steps;
    d.migration_count = 1;
    assert_int_equal(PROV_E_ARG, prov_apply_init(&w.a, &w.x, w.root, &d, NULL, NULL));
    d.migration_count = 0;
    assert_int_equal(PROV_OK, prov_apply_init(&w.a, &w.x, w.root, &d, NULL, NULL));
    d.schemas = schemas;
    d.schema_count = 1;
    assert_int_equal(PROV_E_ARG, prov_apply_init(&w.a, &w.x, w.root, &d, NULL, NULL));
    world_close(&w);
}

/* What a step has to make finds no room in the pool: the section is left as it was. */
static void
discards_what_cannot_be_migrated(void **state)
{
    const struct prov_limits few = { .size = sizeof(few), .pool_nodes = 4 };
    static const char settings[] = "<configuration><update/></configuration>";
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &few, NULL));
    w.a.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
    assert_int_equal(PROV_OK,
                     world_apply(&w, "<configuration><update version='1'/></configuration>"));
    assert_int_equal(PROV_SECTION_DISCARDED, w.a.account.sections[0].action);
    assert_int_equal(PROV_D_XML_POOL_NODES, w.a.account.sections[0].why.code);
    assert_int_equal(4, w.a.account.sections[0].why.need);
    world_is(&w, settings);
    world_close(&w);
}

/* Renamed, stripped, merged and checked in every arena: all of it, or nothing. */
static void
works_or_undoes_everything_in_every_arena(void **state)
{
    static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 64 };
    static const char settings[] = "<configuration><provisioning version=\"1.34.0\"/>"
                                   "</configuration>";
    static const char change[] =
        "<configuration><provisioning version='1.8.8' patch='true' x='1'><sip><whitelist>"
        "<whitelistEntry>h</whitelistEntry></whitelist></sip><q/></provisioning></configuration>";
    size_t refused = 0, done = 0;

    (void)state;
    for (size_t bytes = 0; done < 3 && bytes < ARENA; bytes += 8) {
        struct world w;

        if (world_open(&w, "auerswald-d", settings, bytes, &small, NULL) != PROV_OK) {
            world_close(&w);
            continue;
        }
        w.a.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
        const enum prov_status st = world_apply(&w, change);

        assert_true(st == PROV_OK || st == PROV_E_SPACE);
        if (st == PROV_OK)
            world_is(&w, "<configuration><provisioning version=\"1.34.0\"><sip><allowlist>"
                         "<allowlistEntry>h</allowlistEntry></allowlist></sip></provisioning>"
                         "</configuration>");
        else
            world_is(&w, settings);
        assert_int_equal(st == PROV_OK, w.a.account.section_count);
        done += st == PROV_OK;
        refused += st != PROV_OK;
        world_close(&w);
    }
    assert_int_equal(3, done);
    assert_true(refused > 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_sound),
        cmocka_unit_test(tables_agree_with_each_other),
        cmocka_unit_test(say_what_the_maker_says),
        cmocka_unit_test(counts_keys),
        cmocka_unit_test(renames_the_list_of_allowed_senders),
        cmocka_unit_test(notes_or_refuses_what_is_not_checked),
        cmocka_unit_test(asks_the_callback_last),
        cmocka_unit_test(refuses_unsound_dialects),
        cmocka_unit_test(discards_what_cannot_be_migrated),
        cmocka_unit_test(works_or_undoes_everything_in_every_arena),
    };
    return cmocka_run_group_tests_name("auerswald_schema", tests, NULL, NULL);
}
