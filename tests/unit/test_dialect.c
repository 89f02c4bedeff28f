/* SPDX-License-Identifier: MIT */
#include <prov/cfg.h>
#include <prov/dialect.h>
#include <prov/macro.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

/* Append. */
static void
add(char *text, size_t size, const char *format, ...)
{
    const size_t len = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + len, size - len, format, args);
    va_end(args);
}

static const struct prov_dialect *
named(const char *name)
{
    const struct prov_dialect *d = prov_dialect_find(prov_str_z(name));

    assert_non_null(d);
    return d;
}

static void
finds_every_dialect_by_its_name(void **state)
{
    static const char *const names[] = { "auerswald-d", "auerswald-d100", "generic",
                                         "panasonic-hdv", "panasonic-utg" };
    size_t count = 0;
    const struct prov_dialect *const *all = prov_dialects(&count);

    (void)state;
    assert_int_equal(PROV_COUNT(names), count);
    assert_ptr_equal(all, prov_dialects(NULL));
    for (size_t i = 0; i < count; i++) {
        assert_true(prov_str_is(all[i]->name.ptr, all[i]->name.len, names[i]));
        assert_ptr_equal(all[i], prov_dialect_find(prov_str_z(names[i])));
    }
    assert_null(prov_dialect_find(prov_str_z("auerswald")));
    assert_null(prov_dialect_find(prov_str_z("Auerswald-d")));
    assert_null(prov_dialect_find(prov_str_z(NULL)));
}

/* What the engine relies on in any table. */
static void
every_table_is_sound(void **state)
{
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct prov_dialect *d = all[i];
        uint8_t step = 1;

        PROV_ROW(d->name.ptr, d->size == sizeof(*d));
        PROV_ROW(d->name.ptr, d->file_types != 0 && d->first_types != 0);
        PROV_ROW(d->name.ptr, (d->first_types & ~d->file_types) == 0);
        PROV_ROW(d->name.ptr, (d->first_types & PROV_FILE_BIT(PROV_FILE_REFERENCE)) == 0);
        PROV_ROW(d->name.ptr, d->settings_empty.len > 0 && d->source_count > 0);
        PROV_ROW(d->name.ptr, d->marker_count <= PROV_MACRO_MAX);
        PROV_ROW(d->name.ptr,
                 (d->address_flags & PROV_ADDRESS_ADD_FILE) == 0 || d->default_file.len > 0);
        PROV_ROW(d->name.ptr, (d->reference_element.len > 0) ==
                                  ((d->file_types & PROV_FILE_BIT(PROV_FILE_REFERENCE)) != 0));
        for (size_t k = 0; k < d->source_count; k++) { /* steps from 1, without gaps, in order */
            PROV_ROW(d->name.ptr, d->sources[k].step == step || d->sources[k].step == step + 1);
            step = d->sources[k].step;
            PROV_ROW(d->name.ptr, d->sources[k].modes != 0);
        }
        PROV_ROW(d->name.ptr, d->sources[0].step == 1);
        for (size_t k = 0; k < d->cert_count; k++) {
            PROV_ROW(d->name.ptr, d->layers != NULL && d->certs[k].place.len > 0);
            PROV_ROW(d->name.ptr, d->certs[k].number >= 1 && d->certs[k].number <= PROV_CERTS);
        }
        for (size_t k = 0; k < d->marker_count; k++)
            PROV_ROW(d->name.ptr, d->markers[k].text.len > 2);
        for (size_t k = 0; k < d->list_count; k++)
            PROV_ROW(d->name.ptr, d->lists[k].path.len > 0);
        for (size_t k = 0; k < d->section_count; k++)
            PROV_ROW(d->name.ptr, d->sections[k].len > 0);
    }
}

/* Kind and step of every source, in order: DSC-1, DSC-2, DSC-3. */
static void
asks_the_sources_in_the_order_of_the_makers(void **state)
{
    static const struct {
        const char *dialect, *order;
    } rows[] = {
        { "auerswald-d", "1dhcp 2redirect 2pnp 3manual " },
        { "auerswald-d100", "1dhcp 2redirect 2pnp 3manual " },
        { "generic", "1manual 2pnp 3dhcp-43 4dhcp 5dhcp-160 6dhcp-159 7dhcp-150 8dhcp-125 9dhcpv6 "
                     "10dhcpv6-59 11redirect " },
        { "panasonic-hdv", "1manual 2pnp 3dhcp-160 4dhcp-159 5dhcp-66 6dhcpv6 " },
        { "panasonic-utg", "1manual 2pnp 3dhcp-160 4dhcp-159 5dhcp-66 6dhcpv6 7redirect " },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_dialect *d = named(rows[i].dialect);
        char text[192] = "";

        for (size_t k = 0; k < d->source_count; k++) {
            const size_t len = strlen(text);

            snprintf(text + len, sizeof(text) - len, "%u%s ", (unsigned)d->sources[k].step,
                     prov_source_name(d->sources[k].kind));
            PROV_ROW(rows[i].dialect, d->sources[k].proceed_on_nothing);
            PROV_ROW(rows[i].dialect, !d->sources[k].proceed_on_fetch_error);
        }
        assert_string_equal(rows[i].order, text);
    }
}

static bool
has_list(const struct prov_dialect *d, const char *path, const char *key, uint32_t max)
{
    for (size_t i = 0; i < d->list_count; i++) {
        if (prov_str_eq(d->lists[i].path, prov_str_z(path)))
            return prov_str_eq(d->lists[i].key, prov_str_z(key)) && d->lists[i].max == max;
    }
    return false;
}

static void
knows_the_rules_of_current_auerswald_firmware(void **state)
{
    const struct prov_dialect *d = named("auerswald-d");

    (void)state;
    assert_int_equal(PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION) |
                         PROV_FILE_BIT(PROV_FILE_REFERENCE) | PROV_FILE_BIT(PROV_FILE_OPERATIONS) |
                         PROV_FILE_BIT(PROV_FILE_DIFF),
                     d->file_types);
    assert_int_equal(d->file_types & ~PROV_FILE_BIT(PROV_FILE_REFERENCE), d->first_types);
    assert_true(has_list(d, "keys/phoneXtensions/key", "keyNumber", 40));
    assert_true(has_list(d, "keys/*/key", "keyNumber", 60));
    assert_true(has_list(d, "templates/template", "name", 0));
    assert_true(has_list(d, "users/user", "name", 0));
    assert_true(has_list(d, "luaLibraries/luaLibrary", "name", 0));
    assert_true(has_list(d, "identities/identity", "", 6));
    assert_int_equal(6, d->list_count);
    assert_int_equal(9, d->section_count);
    assert_int_equal(PROV_PATCH_MERGE, d->patch_preset);
    assert_true(d->patch_attributes);
    assert_int_equal(PROV_TREE_ALL_OR_NOTHING, d->tree_policy);
    assert_true(prov_str_eq(d->settings_root, prov_str_z("configuration")));
    assert_true(prov_str_eq(d->reference_element, prov_str_z("url")));
}

static void
knows_what_early_firmware_cannot(void **state)
{
    const struct prov_dialect *d = named("auerswald-d100");

    (void)state;
    assert_int_equal(PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION) |
                         PROV_FILE_BIT(PROV_FILE_REFERENCE),
                     d->file_types);
    assert_int_equal(PROV_PATCH_REPLACE, d->patch_preset);
    assert_false(d->patch_attributes);
    assert_int_equal(PROV_TREE_ALL_OR_NOTHING, d->tree_policy);
    assert_int_equal(PROV_TREE_USE_OTHERS, named("panasonic-hdv")->tree_policy);
    assert_int_equal(PROV_TREE_USE_OTHERS, named("panasonic-utg")->tree_policy);
}

/* The options of each source (DHC-3 to DHC-8) and its switch (DSC-4): form, options, place. */
static void
knows_options_and_switches_of_every_source(void **state)
{
    static const struct {
        const char *dialect, *rules;
    } rows[] = {
        { "auerswald-d", "dhcp:join 66 67 43 b@provisioning/dhcp redirect@provisioning/redirect "
                         "pnp@provisioning/pbx manual@ " },
        { "auerswald-d100", "dhcp:join 66 67 43 b@provisioning/dhcp redirect@provisioning/redirect "
                            "pnp@provisioning/pbx manual@ " },
        { "generic", "manual@ pnp@ dhcp-43:bare 43@ dhcp:join 66 67 b@ dhcp-160:address 160@ "
                     "dhcp-159:address 159@ dhcp-150:addresses 150 67@ dhcp-125:vendor 125 /1@ "
                     "dhcpv6:vendor v6 17 /1@ dhcpv6-59:address v6 59@ redirect@ " },
        { "panasonic-hdv", "manual@ pnp@SIPPNP_PROV_ENABLE "
                           "dhcp-160:server 160 67@OPTION160_PROV_ENABLE "
                           "dhcp-159:server 159 67@OPTION159_PROV_ENABLE "
                           "dhcp-66:host 66 67@OPTION66_ENABLE "
                           "dhcpv6:vendor v6 17 /1@DHCPV6_OPTION17_PROV_ENABLE " },
        { "panasonic-utg",
          "manual@ pnp@SIPPNP_ENABLE dhcp-160:address 160@OPTION160_ENABLE "
          "dhcp-159:address 159@OPTION159_ENABLE "
          "dhcp-66:address 66@OPTION66_ENABLE dhcpv6:vendor v6 17 /1@ redirect@ " },
    };
    static const char *const forms[] = { "",      ":join",      ":address", ":server",
                                         ":host", ":addresses", ":vendor",  ":bare" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_dialect *d = named(rows[i].dialect);
        char text[600] = "";

        for (size_t k = 0; k < d->source_count; k++) {
            const struct prov_source_rule *r = &d->sources[k];
            const unsigned numbers[] = { r->dhcp.option, r->dhcp.file_option,
                                         r->dhcp.block_option };

            add(text, sizeof(text), "%s%s", prov_source_name(r->kind), forms[r->dhcp.form]);
            add(text, sizeof(text), r->dhcp.v6 ? "%s" : "", " v6");
            for (size_t n = 0; n < PROV_COUNT(numbers); n++)
                add(text, sizeof(text), numbers[n] != 0 ? " %u" : "", numbers[n]);
            add(text, sizeof(text), r->dhcp.sub_option != 0 ? " /%u" : "",
                (unsigned)r->dhcp.sub_option);
            add(text, sizeof(text), r->dhcp.bootp ? " b@%.*s " : "@%.*s ", (int)r->enable.len,
                r->enable.ptr);
        }
        assert_string_equal(rows[i].rules, text);
    }
}

/* What the settings say about provisioning, and what an address may lack. */
static void
knows_settings_and_addresses(void **state)
{
#define EXECUTION \
    "9" \
    "provisioning/execution/time " \
    "10" \
    "provisioning/execution/mondays " \
    "11" \
    "provisioning/execution/tuesdays " \
    "12" \
    "provisioning/execution/wednesdays " \
    "13" \
    "provisioning/execution/thursdays " \
    "14" \
    "provisioning/execution/fridays " \
    "15" \
    "provisioning/execution/saturdays " \
    "16" \
    "provisioning/execution/sundays " \
    "17" \
    "provisioning/execution/useRandomDelay " \
    "18" \
    "provisioning/execution/minimalRandomDelay " \
    "19" \
    "provisioning/execution/maximalRandomDelay "
    static const struct {
        const char *dialect, *settings, *file;
        uint32_t flags, max;
        enum prov_settings_form form;
        bool needs_time;
    } rows[] = {
        /* clang-format off */
        { "auerswald-d", "0provisioning/active 1provisioning/url 2provisioning/sip/active "
                         "3provisioning/sip/allowlist/allowlistEntry " EXECUTION, "", 0, 0,
          PROV_SETTINGS_SECTIONS, true },
        { "auerswald-d100", "0provisioning/active 1provisioning/url 2provisioning/sip/active "
                            "3provisioning/sip/allowlist/allowlistEntry " EXECUTION, "", 0, 0,
          PROV_SETTINGS_SECTIONS, true },
        { "generic", "", "{mac}.xml", PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES, 0,
          PROV_SETTINGS_SECTIONS, false },
        { "panasonic-hdv", "0PROVISION_ENABLE 4CFG_RESYNC_FROM_SIP "
                           "5CFG_RTRY_INTVL 6CFG_RESYNC_TIME 7CFG_CYCLIC 8CFG_CYCLIC_INTVL ", "{MODEL}.cfg", 0, 384,
          PROV_SETTINGS_LINES, false },
        { "panasonic-utg", "0PROVISION_ENABLE 1USR_PROV_SVR_URL 4CFG_RESYNC_FROM_SIP "
                           "5CFG_RTRY_INTVL 6CFG_RESYNC_TIME 7CFG_CYCLIC 8CFG_CYCLIC_INTVL ",
          "{MODEL}.cfg", PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES, 0,
          PROV_SETTINGS_LEAVES, false },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_dialect *d = named(rows[i].dialect);
        char text[900] = "";

        for (size_t k = 0; k < d->setting_count; k++)
            add(text, sizeof(text), "%u%.*s ", (unsigned)d->settings[k].setting,
                (int)d->settings[k].place.len, d->settings[k].place.ptr);
        assert_string_equal(rows[i].settings, text);
        PROV_ROW(rows[i].dialect, prov_str_eq(d->default_file, prov_str_z(rows[i].file)));
        PROV_ROW(rows[i].dialect, d->address_flags == rows[i].flags);
        PROV_ROW(rows[i].dialect, d->address_max == rows[i].max);
        PROV_ROW(rows[i].dialect, d->settings_form == rows[i].form);
        PROV_ROW(rows[i].dialect, d->needs_time == rows[i].needs_time);
        PROV_ROW(rows[i].dialect, d->redirect_url.len == 0); /* none is public */
        PROV_ROW(rows[i].dialect, (d->cfg_rules != NULL) == (rows[i].form == PROV_SETTINGS_LINES));
    }
}

/* PAN-2 */
static void
knows_the_text_files_of_hdv(void **state)
{
    const struct prov_cfg_rules *r = named("panasonic-hdv")->cfg_rules;

    (void)state;
    assert_int_equal(2, r->mark_count);
    assert_true(
        prov_str_eq(r->marks[0], prov_str_z("# Panasonic SIP Phone Standard Format File #")));
    assert_true(prov_str_eq(r->marks[1], prov_str_z("# PCC Standard Format File #")));
    assert_int_equal(537, r->line_bytes);
    assert_int_equal(32, r->name_bytes);
    assert_int_equal(500, r->value_bytes);
    assert_int_equal(PROV_CFG_FIRST, r->equal);
}

/* DIA-1: every marker there is. */
static void
generic_knows_every_marker(void **state)
{
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count), *generic = named("generic");

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < all[i]->marker_count; k++) {
            bool known = false;

            for (size_t n = 0; n < generic->marker_count; n++)
                known = known || prov_str_eq(generic->markers[n].text, all[i]->markers[k].text);
            PROV_ROW(all[i]->markers[k].text.ptr, known);
        }
    }
    assert_int_equal(9, generic->marker_count);
}

static void
names_files_and_sources(void **state)
{
    static const char *const files[] = { "unknown",    "patch",       "section",    "reference",
                                         "operations", "notify-sync", "params-xml", "params-text",
                                         "diff",       "certificate" };
    static const char *const sources[] = { "manual",   "pnp",      "dhcp",     "dhcp-160",
                                           "dhcp-159", "dhcp-66",  "dhcpv6",   "redirect",
                                           "dhcp-43",  "dhcp-150", "dhcp-125", "dhcpv6-59" };
    static const char *const modes[] = { "ipv4", "ipv6", "dual" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(files); i++)
        assert_string_equal(files[i], prov_file_type_name((enum prov_file_type)i));
    for (size_t i = 0; i < PROV_COUNT(sources); i++)
        assert_string_equal(sources[i], prov_source_name((enum prov_source_kind)i));
    for (size_t i = 0; i < PROV_COUNT(modes); i++)
        assert_string_equal(modes[i], prov_mode_name((enum prov_mode)i));
    assert_string_equal("", prov_mode_name((enum prov_mode)3));
    assert_string_equal("unknown", prov_file_type_name((enum prov_file_type)10));
    assert_string_equal("unknown", prov_file_type_name((enum prov_file_type) - 1));
    assert_string_equal("", prov_source_name((enum prov_source_kind)PROV_SOURCE_KINDS));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_dialect_by_its_name),
        cmocka_unit_test(every_table_is_sound),
        cmocka_unit_test(asks_the_sources_in_the_order_of_the_makers),
        cmocka_unit_test(knows_the_rules_of_current_auerswald_firmware),
        cmocka_unit_test(knows_what_early_firmware_cannot),
        cmocka_unit_test(knows_options_and_switches_of_every_source),
        cmocka_unit_test(knows_settings_and_addresses),
        cmocka_unit_test(knows_the_text_files_of_hdv),
        cmocka_unit_test(generic_knows_every_marker),
        cmocka_unit_test(names_files_and_sources),
    };
    return cmocka_run_group_tests_name("dialect", tests, NULL, NULL);
}
