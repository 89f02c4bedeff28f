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

/*
 * DSC-2 and DSC-3 give an order for each address mode of the interface. These are the orders with
 * IPv4 and IPv6 both up, of which the other two are parts.
 */
static const struct prov_source_rule utg_sources[] = {
    /* clang-format off */
    { PROV_SOURCE_MANUAL,   1, true, false },
    { PROV_SOURCE_PNP,      2, true, false },
    { PROV_SOURCE_DHCP_160, 3, true, false },
    { PROV_SOURCE_DHCP_159, 4, true, false },
    { PROV_SOURCE_DHCP_66,  5, true, false },
    { PROV_SOURCE_DHCPV6,   6, true, false },
    { PROV_SOURCE_REDIRECT, 7, true, false },
    /* clang-format on */
};

static const struct prov_source_rule hdv_sources[] = {
    /* clang-format off */
    { PROV_SOURCE_MANUAL,   1, true, false },
    { PROV_SOURCE_PNP,      2, true, false },
    { PROV_SOURCE_DHCP_160, 3, true, false },
    { PROV_SOURCE_DHCP_159, 4, true, false },
    { PROV_SOURCE_DHCP_66,  5, true, false },
    { PROV_SOURCE_DHCPV6,   6, true, false },
    /* clang-format on */
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
    .file_types = PROV_FILE_BIT(PROV_FILE_PANASONIC_XML),
    .first_types = PROV_FILE_BIT(PROV_FILE_PANASONIC_XML),
    .settings_root = PROV_STR_INIT("PANASIPPhoneConfig"),
    .settings_empty = PROV_STR_INIT(UTG_EMPTY),
    .patch_preset = PROV_PATCH_MERGE,
    .tree_policy = PROV_TREE_USE_OTHERS,
};

/* Settings are lines of text: there is no root element. */
const struct prov_dialect prov_dialect_panasonic_hdv = {
    .size = sizeof(struct prov_dialect),
    .name = PROV_STR_INIT("panasonic-hdv"),
    .markers = markers,
    .marker_count = COUNT(markers),
    .sources = hdv_sources,
    .source_count = COUNT(hdv_sources),
    .file_types = PROV_FILE_BIT(PROV_FILE_PANASONIC_TEXT),
    .first_types = PROV_FILE_BIT(PROV_FILE_PANASONIC_TEXT),
    .settings_empty = PROV_STR_INIT("# Panasonic SIP Phone Standard Format File #\n"),
    .patch_preset = PROV_PATCH_MERGE,
    .tree_policy = PROV_TREE_USE_OTHERS,
};
