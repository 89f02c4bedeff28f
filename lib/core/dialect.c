/* SPDX-License-Identifier: MIT */
#include <prov/dialect.h>

#include "dialects/dialects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const file_types[] = {
    [PROV_FILE_UNKNOWN] = "unknown",
    [PROV_FILE_PATCH] = "patch",
    [PROV_FILE_SECTION] = "section",
    [PROV_FILE_REFERENCE] = "reference",
    [PROV_FILE_OPERATIONS] = "operations",
    [PROV_FILE_NOTIFY_SYNC] = "notify-sync",
    [PROV_FILE_PARAMS_XML] = "params-xml",
    [PROV_FILE_PARAMS_TEXT] = "params-text",
    [PROV_FILE_DIFF] = "diff",
    [PROV_FILE_CERTIFICATE] = "certificate",
};

static const char *const sources[PROV_SOURCE_KINDS] = {
    [PROV_SOURCE_MANUAL] = "manual",     [PROV_SOURCE_PNP] = "pnp",
    [PROV_SOURCE_DHCP] = "dhcp",         [PROV_SOURCE_DHCP_160] = "dhcp-160",
    [PROV_SOURCE_DHCP_159] = "dhcp-159", [PROV_SOURCE_DHCP_66] = "dhcp-66",
    [PROV_SOURCE_DHCPV6] = "dhcpv6",     [PROV_SOURCE_REDIRECT] = "redirect",
    [PROV_SOURCE_DHCP_43] = "dhcp-43",   [PROV_SOURCE_DHCP_150] = "dhcp-150",
    [PROV_SOURCE_DHCP_125] = "dhcp-125", [PROV_SOURCE_DHCPV6_59] = "dhcpv6-59",
};

static const char *const modes[] = {
    [PROV_MODE_IPV4] = "ipv4",
    [PROV_MODE_IPV6] = "ipv6",
    [PROV_MODE_DUAL] = "dual",
};

const struct prov_dialect *const *
prov_dialects(size_t *count)
{
    if (count != NULL)
        *count = prov_dialect_table_count;
    return prov_dialect_table;
}

const struct prov_dialect *
prov_dialect_find(struct prov_str name)
{
    for (size_t i = 0; i < prov_dialect_table_count; i++) {
        if (prov_str_eq(prov_dialect_table[i]->name, name))
            return prov_dialect_table[i];
    }
    return NULL;
}

const char *
prov_file_type_name(enum prov_file_type type)
{
    return (size_t)type < COUNT(file_types) ? file_types[type] : "unknown";
}

const char *
prov_mode_name(enum prov_mode mode)
{
    return (size_t)mode < COUNT(modes) ? modes[mode] : "";
}

const char *
prov_source_name(enum prov_source_kind kind)
{
    return (size_t)kind < COUNT(sources) ? sources[kind] : "";
}
