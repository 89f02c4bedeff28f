/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* MAC-1. The MAC address is in upper case for both spellings. */
static const struct prov_marker markers[] = {
    { PROV_STR_INIT("<SERIAL>"), PROV_MARKER_SERIAL },
    { PROV_STR_INIT("{serial}"), PROV_MARKER_SERIAL },
    { PROV_STR_INIT("<HWTYP>"), PROV_MARKER_TYPE },
    { PROV_STR_INIT("{type}"), PROV_MARKER_TYPE },
    { PROV_STR_INIT("<MACADR>"), PROV_MARKER_MAC_UPPER },
    { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_UPPER },
};

/*
 * DSC-1, DSC-5: the first address found is used, and a failed fetch ends the run. The maker's order
 * does not depend on the address state: with IPv6 alone, DHCPv4 and multicast simply bring nothing.
 */
static const struct prov_source_rule sources[] = {
    { .kind = PROV_SOURCE_DHCP,
      .step = 1,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .enable = PROV_STR_INIT("provisioning/dhcp"),
      /* DHC-3 to DHC-5 */
      .dhcp = { .form = PROV_DHCP_FORM_JOIN,
                .option = 66,
                .file_option = 67,
                .block_option = 43,
                .bootp = true } },
    { .kind = PROV_SOURCE_REDIRECT,
      .step = 2,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .enable = PROV_STR_INIT("provisioning/redirect") },
    { .kind = PROV_SOURCE_PNP,
      .step = 2,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .enable = PROV_STR_INIT("provisioning/pbx") },
    { .kind = PROV_SOURCE_MANUAL, .step = 3, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
};

#define EXECUTION "provisioning/execution/"

static const struct prov_setting_rule settings[] = {
    { PROV_SETTING_ACTIVE, PROV_STR_INIT("provisioning/active") },
    { PROV_SETTING_URL, PROV_STR_INIT("provisioning/url") },
    { PROV_SETTING_NOTIFY, PROV_STR_INIT("provisioning/sip/active") },
    { PROV_SETTING_NOTIFY_FROM, PROV_STR_INIT("provisioning/sip/allowlist/allowlistEntry") },
    { PROV_SETTING_TIME, PROV_STR_INIT(EXECUTION "time") },
    { PROV_SETTING_MONDAY, PROV_STR_INIT(EXECUTION "mondays") },
    { PROV_SETTING_TUESDAY, PROV_STR_INIT(EXECUTION "tuesdays") },
    { PROV_SETTING_WEDNESDAY, PROV_STR_INIT(EXECUTION "wednesdays") },
    { PROV_SETTING_THURSDAY, PROV_STR_INIT(EXECUTION "thursdays") },
    { PROV_SETTING_FRIDAY, PROV_STR_INIT(EXECUTION "fridays") },
    { PROV_SETTING_SATURDAY, PROV_STR_INIT(EXECUTION "saturdays") },
    { PROV_SETTING_SUNDAY, PROV_STR_INIT(EXECUTION "sundays") },
    { PROV_SETTING_RANDOM, PROV_STR_INIT(EXECUTION "useRandomDelay") },
    { PROV_SETTING_RANDOM_MIN, PROV_STR_INIT(EXECUTION "minimalRandomDelay") },
    { PROV_SETTING_RANDOM_MAX, PROV_STR_INIT(EXECUTION "maximalRandomDelay") },
};

/* SCH-1: without a time each phone has one of its own from 00:00 to 05:55. A time is to the minute, so
 * that a fleet may spread over that minute. Whether weekdays count that are not there differs. */
#define SCHEDULE(weekdays) \
    { \
        .days = (weekdays), .own_time_s = (5 * 60 + 55) * 60, .time_spread_s = 60, \
        .random_min_s = 60, .random_max_s = 3600, \
    }

static const struct prov_str sections[] = {
    PROV_STR_INIT("provisioning"), PROV_STR_INIT("update"),       PROV_STR_INIT("users"),
    PROV_STR_INIT("identities"),   PROV_STR_INIT("keys"),         PROV_STR_INIT("templates"),
    PROV_STR_INIT("telephony"),    PROV_STR_INIT("luaLibraries"), PROV_STR_INIT("userInterface"),
};

/* PAT-3, PAT-4. The first rule that fits counts: the phone itself has fewer keys than a module. */
static const struct prov_list_rule lists[] = {
    { PROV_STR_INIT("keys/phoneXtensions/key"), PROV_STR_INIT("keyNumber"), 40 },
    { PROV_STR_INIT("keys/*/key"), PROV_STR_INIT("keyNumber"), 60 },
    { PROV_STR_INIT("templates/template"), PROV_STR_INIT("name"), 0 },
    { PROV_STR_INIT("users/user"), PROV_STR_INIT("name"), 0 },
    { PROV_STR_INIT("luaLibraries/luaLibrary"), PROV_STR_INIT("name"), 0 },
    { PROV_STR_INIT("identities/identity"), PROV_STR_INIT(""), 6 },
};

#define EMPTY \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
    "<configuration>\n" \
    "</configuration>\n"

#define BY_HAND_D100 (PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION))
#define BY_HAND_D \
    (BY_HAND_D100 | PROV_FILE_BIT(PROV_FILE_OPERATIONS) | PROV_FILE_BIT(PROV_FILE_DIFF))

/* notifySync is no file: it is only ever the body of a check-sync. */
const struct prov_dialect prov_dialect_auerswald_d = {
    .size = sizeof(struct prov_dialect),
    .name = PROV_STR_INIT("auerswald-d"),
    .markers = markers,
    .marker_count = COUNT(markers),
    .sources = sources,
    .source_count = COUNT(sources),
    .file_types = BY_HAND_D | PROV_FILE_BIT(PROV_FILE_REFERENCE),
    .first_types = BY_HAND_D,
    .settings_root = PROV_STR_INIT("configuration"),
    .settings_empty = PROV_STR_INIT(EMPTY),
    .sections = sections,
    .section_count = COUNT(sections),
    .lists = lists,
    .list_count = COUNT(lists),
    .patch_preset = PROV_PATCH_MERGE,
    .patch_attributes = true,
    .reference_element = PROV_STR_INIT("url"),
    .tree_policy = PROV_TREE_ALL_OR_NOTHING,
    .schemas = prov_auerswald_schemas,
    .schema_count = COUNT(prov_auerswald_schemas),
    .migrations = prov_auerswald_migrations,
    .migration_count = COUNT(prov_auerswald_migrations),
    .settings_form = PROV_SETTINGS_SECTIONS,
    .settings = settings,
    .setting_count = COUNT(settings),
    .needs_time = true,
    .schedule = SCHEDULE(0x7F),
};

/*
 * Early firmware replaces whole sections, so the rules of lists have no use; what its sections hold
 * is not documented, so there is no schema. That it does not know the attributes patch and
 * patchDefault is our reading: its text does not speak of them.
 */
const struct prov_dialect prov_dialect_auerswald_d100 = {
    .size = sizeof(struct prov_dialect),
    .name = PROV_STR_INIT("auerswald-d100"),
    .markers = markers,
    .marker_count = COUNT(markers),
    .sources = sources,
    .source_count = COUNT(sources),
    .file_types = BY_HAND_D100 | PROV_FILE_BIT(PROV_FILE_REFERENCE),
    .first_types = BY_HAND_D100,
    .settings_root = PROV_STR_INIT("configuration"),
    .settings_empty = PROV_STR_INIT(EMPTY),
    .sections = sections,
    .section_count = COUNT(sections),
    .patch_preset = PROV_PATCH_REPLACE,
    .patch_attributes = false,
    .reference_element = PROV_STR_INIT("url"),
    .tree_policy = PROV_TREE_ALL_OR_NOTHING,
    .settings_form = PROV_SETTINGS_SECTIONS,
    .settings = settings,
    .setting_count = COUNT(settings),
    .needs_time = true,
    .schedule = SCHEDULE(0),
};
