/* SPDX-License-Identifier: MIT */
#include <prov/dialect.h>

#include "support/prov_cmocka.h"

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
    static const char *const names[] = { "auerswald-d", "auerswald-d100", "panasonic-hdv",
                                         "panasonic-utg" };
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
        PROV_ROW(d->name.ptr, (d->reference_element.len > 0) ==
                                  ((d->file_types & PROV_FILE_BIT(PROV_FILE_REFERENCE)) != 0));
        for (size_t k = 0; k < d->source_count; k++) { /* steps from 1, without gaps, in order */
            PROV_ROW(d->name.ptr, d->sources[k].step == step || d->sources[k].step == step + 1);
            step = d->sources[k].step;
        }
        PROV_ROW(d->name.ptr, d->sources[0].step == 1);
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
        { "panasonic-hdv", "1manual 2pnp 3dhcp-160 4dhcp-159 5dhcp-66 6dhcpv6 " },
        { "panasonic-utg", "1manual 2pnp 3dhcp-160 4dhcp-159 5dhcp-66 6dhcpv6 7redirect " },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_dialect *d = named(rows[i].dialect);
        char text[128] = "";

        for (size_t k = 0; k < d->source_count; k++) {
            const char step[2] = { (char)('0' + d->sources[k].step), '\0' };

            strcat(strcat(strcat(text, step), prov_source_name(d->sources[k].kind)), " ");
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

static void
names_files_and_sources(void **state)
{
    static const char *const files[] = { "unknown",       "patch",          "section",
                                         "reference",     "operations",     "notify-sync",
                                         "panasonic-xml", "panasonic-text", "diff" };
    static const char *const sources[] = { "manual",   "pnp",     "dhcp",   "dhcp-160",
                                           "dhcp-159", "dhcp-66", "dhcpv6", "redirect" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(files); i++)
        assert_string_equal(files[i], prov_file_type_name((enum prov_file_type)i));
    for (size_t i = 0; i < PROV_COUNT(sources); i++)
        assert_string_equal(sources[i], prov_source_name((enum prov_source_kind)i));
    assert_string_equal("unknown", prov_file_type_name((enum prov_file_type)9));
    assert_string_equal("unknown", prov_file_type_name((enum prov_file_type) - 1));
    assert_string_equal("", prov_source_name((enum prov_source_kind)8));
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
        cmocka_unit_test(names_files_and_sources),
    };
    return cmocka_run_group_tests_name("dialect", tests, NULL, NULL);
}
