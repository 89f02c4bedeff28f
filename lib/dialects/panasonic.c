/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* MAC-2 */
static const struct prov_marker markers[] = {
    { PROV_STR_INIT("{MAC}"), PROV_MARKER_MAC_UPPER },
    { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_LOWER },
    { PROV_STR_INIT("{MODEL}"), PROV_MARKER_MODEL },
    { PROV_STR_INIT("{fwver}"), PROV_MARKER_FWVER },
};

#define V4 (PROV_MODE_BIT(PROV_MODE_IPV4) | PROV_MODE_BIT(PROV_MODE_DUAL))
#define V6 (PROV_MODE_BIT(PROV_MODE_IPV6) | PROV_MODE_BIT(PROV_MODE_DUAL))

/* One source: an address that was found is tried, and a failed fetch ends the search (DSC-5). */
#define SOURCE(k, s, m, e) \
    .kind = PROV_SOURCE_##k, .step = (s), .modes = (m), .proceed_on_nothing = true, \
    .enable = PROV_STR_INIT(e)

/* DHC-6: an option is an address of any form; the file option is not used. */
#define ADDRESS(o) .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = (o) }

/* DHC-8 */
#define VENDOR_17_1 \
    .dhcp = { .form = PROV_DHCP_FORM_VENDOR, .v6 = true, .option = 17, .sub_option = 1 }

/*
 * DSC-2 and DSC-3 give an order for each address state of the interface. All three are parts of the
 * one with IPv4 and IPv6 both up. No switch is known for the redirection service, nor one of
 * `panasonic-utg` for DHCPv6.
 */
static const struct prov_source_rule utg_sources[] = {
    { SOURCE(MANUAL, 1, PROV_MODE_ALL, "") },
    { SOURCE(PNP, 2, V4, "SIPPNP_ENABLE") },
    { SOURCE(DHCP_160, 3, V4, "OPTION160_ENABLE"), ADDRESS(160) },
    { SOURCE(DHCP_159, 4, V4, "OPTION159_ENABLE"), ADDRESS(159) },
    { SOURCE(DHCP_66, 5, V4, "OPTION66_ENABLE"), ADDRESS(66) },
    { SOURCE(DHCPV6, 6, V6, ""), VENDOR_17_1 },
    { SOURCE(REDIRECT, 7, V4, "") },
};

/* DHC-7: 160 and 159 are a server, 66 needs the host only; the file is that of option 67. */
#define SERVER(o) .dhcp = { .form = PROV_DHCP_FORM_SERVER, .option = (o), .file_option = 67 }
#define HOST(o) .dhcp = { .form = PROV_DHCP_FORM_HOST, .option = (o), .file_option = 67 }

static const struct prov_source_rule hdv_sources[] = {
    { SOURCE(MANUAL, 1, PROV_MODE_ALL, "") },
    { SOURCE(PNP, 2, V4, "SIPPNP_PROV_ENABLE") },
    { SOURCE(DHCP_160, 3, V4, "OPTION160_PROV_ENABLE"), SERVER(160) },
    { SOURCE(DHCP_159, 4, V4, "OPTION159_PROV_ENABLE"), SERVER(159) },
    { SOURCE(DHCP_66, 5, V4, "OPTION66_ENABLE"), HOST(66) },
    { SOURCE(DHCPV6, 6, V6, "DHCPV6_OPTION17_PROV_ENABLE"), VENDOR_17_1 },
};

static const struct prov_setting_rule utg_settings[] = {
    { PROV_SETTING_ACTIVE, PROV_STR_INIT("PROVISION_ENABLE") },
    { PROV_SETTING_URL, PROV_STR_INIT("USR_PROV_SVR_URL") },
    { PROV_SETTING_NOTIFY_EVENT, PROV_STR_INIT("CFG_RESYNC_FROM_SIP") },
    { PROV_SETTING_RETRY, PROV_STR_INIT("CFG_RTRY_INTVL") },
    { PROV_SETTING_DAILY, PROV_STR_INIT("CFG_RESYNC_TIME") },
    { PROV_SETTING_CYCLIC, PROV_STR_INIT("CFG_CYCLIC") },
    { PROV_SETTING_CYCLIC_MINUTES, PROV_STR_INIT("CFG_CYCLIC_INTVL") },
};

/* No parameter for an address given by hand is documented. */
static const struct prov_setting_rule hdv_settings[] = {
    { PROV_SETTING_ACTIVE, PROV_STR_INIT("PROVISION_ENABLE") },
    { PROV_SETTING_NOTIFY_EVENT, PROV_STR_INIT("CFG_RESYNC_FROM_SIP") },
    { PROV_SETTING_RETRY, PROV_STR_INIT("CFG_RTRY_INTVL") },
    { PROV_SETTING_DAILY, PROV_STR_INIT("CFG_RESYNC_TIME") },
    { PROV_SETTING_CYCLIC, PROV_STR_INIT("CFG_CYCLIC") },
    { PROV_SETTING_CYCLIC_MINUTES, PROV_STR_INIT("CFG_CYCLIC_INTVL") },
};

/* PAN-3: in the order of fetching. */
static const struct prov_stage_rule stages[] = {
    { PROV_STR_INIT("CFG_STANDARD_FILE_PATH"), PROV_LAYER_STANDARD },
    { PROV_STR_INIT("CFG_PRODUCT_FILE_PATH"), PROV_LAYER_PRODUCT },
    { PROV_STR_INIT("CFG_MASTER_FILE_PATH"), PROV_LAYER_MASTER },
};

/* PAN-3: one with a digit, up to three; older models have one without. */
static const struct prov_cert_rule certs[] = {
    { PROV_STR_INIT("CFG_ROOT_CERTIFICATE_PATH1"), 1 },
    { PROV_STR_INIT("CFG_ROOT_CERTIFICATE_PATH"), 1 },
    { PROV_STR_INIT("CFG_ROOT_CERTIFICATE_PATH2"), 2 },
    { PROV_STR_INIT("CFG_ROOT_CERTIFICATE_PATH3"), 3 },
};

#define RETRY_MINUTES 30u /* TRY-1 */

/* The maker is silent about spreading; a fleet must spread all the same (TRY-2). */
#define SCHEDULE \
    { \
        .time_spread_s = 1800, .interval_spread_s = 3600 \
    }

/* PAN-2. The second mark is that of older models; files for both are in use. */
static const struct prov_str hdv_marks[] = {
    PROV_STR_INIT("# Panasonic SIP Phone Standard Format File #"),
    PROV_STR_INIT("# PCC Standard Format File #"),
};

const struct prov_cfg_rules prov_panasonic_hdv_cfg = {
    .marks = hdv_marks,
    .mark_count = COUNT(hdv_marks),
    .line_bytes = 537,
    .name_bytes = 32,
    .value_bytes = 500,
    .equal = PROV_CFG_FIRST,
};

#define UTG_EMPTY \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
    "<PANASIPPhoneConfig>\n" \
    "</PANASIPPhoneConfig>\n"

const struct prov_dialect prov_dialect_panasonic_utg = {
    .size = sizeof(struct prov_dialect),
    .name = PROV_STR_INIT("panasonic-utg"),
    .markers = markers,
    .marker_count = COUNT(markers),
    .sources = utg_sources,
    .source_count = COUNT(utg_sources),
    .file_types = PROV_FILE_BIT(PROV_FILE_PARAMS_XML),
    .first_types = PROV_FILE_BIT(PROV_FILE_PARAMS_XML),
    .settings_root = PROV_STR_INIT("PANASIPPhoneConfig"),
    .settings_empty = PROV_STR_INIT(UTG_EMPTY),
    .patch_preset = PROV_PATCH_MERGE,
    .tree_policy = PROV_TREE_USE_OTHERS,
    .settings_form = PROV_SETTINGS_LEAVES,
    .settings = utg_settings,
    .setting_count = COUNT(utg_settings),
    .address_flags = PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES,
    .default_file = PROV_STR_INIT("{MODEL}.cfg"),
    .layers = &prov_panasonic_utg_layers,
    .stages = stages,
    .stage_count = COUNT(stages),
    .certs = certs,
    .cert_count = COUNT(certs),
    .file_key = PROV_STR_INIT("CFG_FILE_KEY"),
    .file_bits = PROV_STR_INIT("CFG_FILE_KEY_LENGTH"),
    .retry_minutes = RETRY_MINUTES,
    .schedule = SCHEDULE,
};

/* Settings are lines of text: there is no root element. */
const struct prov_dialect prov_dialect_panasonic_hdv = {
    .size = sizeof(struct prov_dialect),
    .name = PROV_STR_INIT("panasonic-hdv"),
    .markers = markers,
    .marker_count = COUNT(markers),
    .sources = hdv_sources,
    .source_count = COUNT(hdv_sources),
    .file_types = PROV_FILE_BIT(PROV_FILE_PARAMS_TEXT),
    .first_types = PROV_FILE_BIT(PROV_FILE_PARAMS_TEXT),
    .settings_empty = PROV_STR_INIT("# Panasonic SIP Phone Standard Format File #\n"),
    .patch_preset = PROV_PATCH_MERGE,
    .tree_policy = PROV_TREE_USE_OTHERS,
    .settings_form = PROV_SETTINGS_LINES,
    .settings = hdv_settings,
    .setting_count = COUNT(hdv_settings),
    .cfg_rules = &prov_panasonic_hdv_cfg,
    .address_max = 384,
    .default_file = PROV_STR_INIT("{MODEL}.cfg"),
    .layers = &prov_panasonic_hdv_layers,
    .stages = stages,
    .stage_count = COUNT(stages),
    .certs = certs,
    .cert_count = COUNT(certs),
    .retry_minutes = RETRY_MINUTES,
    .schedule = SCHEDULE,
};
