/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

/*
 * A phone of no particular make, and the worked example of a table of one's own (DIA-1). It asks
 * every source there is, knows every marker and takes every kind of XML file. To bring a new phone
 * family, copy this file, keep what the phone does and change the name; the engine stays as it is,
 * and the table may as well live in the vendor's program.
 */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * What may stand in an address, and what it is replaced by (MAC-1, MAC-2). The longest one that fits
 * wins, so the order is for the reader. The makers do not agree on `{mac}`: here it is in lower
 * case, as its own letters are.
 */
static const struct prov_marker markers[] = {
    { PROV_STR_INIT("{MAC}"), PROV_MARKER_MAC_UPPER },
    { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_LOWER },
    { PROV_STR_INIT("<MACADR>"), PROV_MARKER_MAC_UPPER },
    { PROV_STR_INIT("{MODEL}"), PROV_MARKER_MODEL },
    { PROV_STR_INIT("{type}"), PROV_MARKER_TYPE },
    { PROV_STR_INIT("<HWTYP>"), PROV_MARKER_TYPE },
    { PROV_STR_INIT("{serial}"), PROV_MARKER_SERIAL },
    { PROV_STR_INIT("<SERIAL>"), PROV_MARKER_SERIAL },
    { PROV_STR_INIT("{fwver}"), PROV_MARKER_FWVER },
};

/* In which address states a source is asked: multicast and DHCPv4 need IPv4, DHCPv6 needs IPv6. */
#define V4 (PROV_MODE_BIT(PROV_MODE_IPV4) | PROV_MODE_BIT(PROV_MODE_DUAL))
#define V6 (PROV_MODE_BIT(PROV_MODE_IPV6) | PROV_MODE_BIT(PROV_MODE_DUAL))

/* Nothing found: the next step is asked. The fetch failed: the search ends (DSC-5). */
#define SOURCE(k, s, m) \
    .kind = PROV_SOURCE_##k, .step = (s), .modes = (m), .proceed_on_nothing = true

/*
 * Where an address may come from, step by step (DSC-1). Two sources with the same step would be
 * asked at the same time. `.dhcp` says which options a source reads and how they become an
 * address (DHC-3 to DHC-8). `.enable`, not used here, is the place of a switch in the settings.
 */
static const struct prov_source_rule sources[] = {
    { SOURCE(MANUAL, 1, PROV_MODE_ALL) },
    { SOURCE(PNP, 2, V4) },
    { SOURCE(DHCP_43, 3, V4), .dhcp = { .form = PROV_DHCP_FORM_BARE, .option = 43 } },
    { SOURCE(DHCP, 4, V4),
      .dhcp = { .form = PROV_DHCP_FORM_JOIN, .option = 66, .file_option = 67, .bootp = true } },
    { SOURCE(DHCP_160, 5, V4), .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 160 } },
    { SOURCE(DHCP_159, 6, V4), .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 159 } },
    { SOURCE(DHCP_150, 7, V4),
      .dhcp = { .form = PROV_DHCP_FORM_ADDRESSES, .option = 150, .file_option = 67 } },
    { SOURCE(DHCP_125, 8, V4),
      .dhcp = { .form = PROV_DHCP_FORM_VENDOR, .option = 125, .sub_option = 1 } },
    { SOURCE(DHCPV6, 9, V6),
      .dhcp = { .form = PROV_DHCP_FORM_VENDOR, .v6 = true, .option = 17, .sub_option = 1 } },
    { SOURCE(DHCPV6_59, 10, V6),
      .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .v6 = true, .option = 59 } },
    { SOURCE(REDIRECT, 11, PROV_MODE_ALL) },
};

/* What the phone writes when it has no settings yet. */
#define EMPTY \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
    "<configuration>\n" \
    "</configuration>\n"

/* Kinds of files (DOC-1): all of them by way of a run, all but references when given by hand. */
#define BY_HAND \
    (PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_OPERATIONS) | \
     PROV_FILE_BIT(PROV_FILE_DIFF))

/*
 * What is left out is zero: no known sections, no keyed lists, no schemas and migrations, no
 * settings that say anything about provisioning, no redirection service of the maker.
 */
const struct prov_dialect prov_dialect_generic = {
    .size = sizeof(struct prov_dialect),
    .name = PROV_STR_INIT("generic"),
    .markers = markers,
    .marker_count = COUNT(markers),
    .sources = sources,
    .source_count = COUNT(sources),
    .file_types = BY_HAND | PROV_FILE_BIT(PROV_FILE_REFERENCE),
    .first_types = BY_HAND,
    .settings_root = PROV_STR_INIT("configuration"),
    .settings_empty = PROV_STR_INIT(EMPTY),
    .patch_preset = PROV_PATCH_MERGE,
    .patch_attributes = true,
    .reference_element = PROV_STR_INIT("url"),
    .tree_policy = PROV_TREE_ALL_OR_NOTHING,
    /* A server without a file name (66 alone, 150), and a host without a scheme (URL-2, URL-3). */
    .address_flags = PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES,
    .default_file = PROV_STR_INIT("{mac}.xml"),
};
