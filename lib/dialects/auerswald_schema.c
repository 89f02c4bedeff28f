/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

/*
 * What the maker documents of the sections, in version 1.34.0. Where only a part of a section is
 * documented it is marked open, so that a phone's own settings are never taken for mistakes. Nothing
 * says that an element must be there: files in the field leave out what they do not set.
 */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define LEAF(n, t)         { .name = PROV_STR_INIT(n), .text = &(t) }
#define TREE(n, c)         { .name = PROV_STR_INIT(n), .children = (c), .child_count = COUNT(c) }
#define FREE(n)            { .name = PROV_STR_INIT(n), .flags = PROV_SCHEMA_FREE }
#define MAY(n, t)          { PROV_STR_INIT(n), false, &(t) }
#define MUST(n, t)         { PROV_STR_INIT(n), true, &(t) }
#define WITH(a)            .attributes = (a), .attribute_count = COUNT(a)
#define CHILDREN(c)        .children = (c), .child_count = COUNT(c)
#define VERSION            { 1, 34, 0 }
/* clang-format on */

/* ---- Types ---- */

static const struct prov_value_type any = { .kind = PROV_VALUE_ANY };
static const struct prov_value_type boolean = { .kind = PROV_VALUE_BOOL };
static const struct prov_value_type integer = { .kind = PROV_VALUE_INT,
                                                .min = INT32_MIN,
                                                .max = INT32_MAX };
static const struct prov_value_type seconds = { .kind = PROV_VALUE_INT, .max = INT32_MAX };
static const struct prov_value_type port = { .kind = PROV_VALUE_INT, .min = 1, .max = 65535 };
static const struct prov_value_type minutes = { .kind = PROV_VALUE_INT, .min = 5, .max = 60 };
static const struct prov_value_type from_1 = { .kind = PROV_VALUE_INT, .min = 1, .max = INT32_MAX };

/* The documented preset is empty, which the documented pattern does not match. */
static const struct prov_value_type time_of_day = {
    .kind = PROV_VALUE_PATTERN,
    .may_be_blank = true,
    .pattern = PROV_STR_INIT("^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$"),
};

static const struct prov_value_type user_name = {
    .kind = PROV_VALUE_PATTERN,
    .pattern = PROV_STR_INIT("^[^:]*$"),
};

static const struct prov_str roles[] = { PROV_STR_INIT("user"), PROV_STR_INIT("admin") };
static const struct prov_value_type role = { .kind = PROV_VALUE_ENUM,
                                             .words = roles,
                                             .word_count = COUNT(roles) };

static const struct prov_str dtmf_methods[] = { PROV_STR_INIT("rtpPayload"),
                                                PROV_STR_INIT("inband"), PROV_STR_INIT("sipInfo") };
static const struct prov_value_type dtmf_method = { .kind = PROV_VALUE_ENUM,
                                                    .words = dtmf_methods,
                                                    .word_count = COUNT(dtmf_methods) };

/* ---- provisioning, update ---- */

static const struct prov_schema_element execution[] = {
    LEAF("mondays", boolean),
    LEAF("tuesdays", boolean),
    LEAF("wednesdays", boolean),
    LEAF("thursdays", boolean),
    LEAF("fridays", boolean),
    LEAF("saturdays", boolean),
    LEAF("sundays", boolean),
    LEAF("time", time_of_day),
    LEAF("useRandomDelay", boolean),
    LEAF("minimalRandomDelay", seconds),
    LEAF("maximalRandomDelay", seconds),
};

static const struct prov_schema_element allowlist[] = {
    { .name = PROV_STR_INIT("allowlistEntry"), .min = 1, .max = PROV_SCHEMA_MANY, .text = &any },
};

static const struct prov_schema_element sip[] = {
    LEAF("active", boolean),
    TREE("allowlist", allowlist),
};

static const struct prov_schema_element provisioning[] = {
    LEAF("active", boolean),      LEAF("dhcp", boolean), LEAF("redirect", boolean),
    LEAF("pbx", boolean),         LEAF("url", any),      TREE("sip", sip),
    TREE("execution", execution),
};

/* Before 1.26.11 the list had another name; that the entries had one as well is our reading. */
static const struct prov_schema_element whitelist[] = {
    { .name = PROV_STR_INIT("whitelistEntry"), .min = 1, .max = PROV_SCHEMA_MANY, .text = &any },
};

static const struct prov_schema_element former_sip[] = {
    LEAF("active", boolean),
    TREE("whitelist", whitelist),
};

static const struct prov_schema_element former_provisioning[] = {
    LEAF("active", boolean),      LEAF("dhcp", boolean), LEAF("redirect", boolean),
    LEAF("pbx", boolean),         LEAF("url", any),      TREE("sip", former_sip),
    TREE("execution", execution),
};

static const struct prov_schema_element update[] = {
    LEAF("check", boolean),
    LEAF("autoInstall", boolean),
    LEAF("url", any),
    TREE("execution", execution),
};

/* ---- users ---- */

static const struct prov_schema_attribute user_attributes[] = { MUST("name", user_name) };

static const struct prov_schema_element user[] = {
    LEAF("displayName", any), LEAF("password", any),           LEAF("role", role),
    LEAF("image", any),       LEAF("changePassword", boolean),
};

static const struct prov_schema_element users[] = {
    { .name = PROV_STR_INIT("user"),
      .max = PROV_SCHEMA_MANY,
      WITH(user_attributes),
      CHILDREN(user),
      .key = PROV_STR_INIT("name") },
};

/* ---- identities: only the first of their settings are documented ---- */

static const struct prov_schema_element identity[] = {
    LEAF("active", boolean),           LEAF("username", any),  LEAF("password", any),
    LEAF("displayname", any),          LEAF("registrar", any), LEAF("registrarPort", port),
    LEAF("dtmfMethod", dtmf_method),   LEAF("domain", any),    LEAF("sendRegister", boolean),
    LEAF("registerInterval", minutes),
};

static const struct prov_schema_element identities[] = {
    { .name = PROV_STR_INIT("identity"), .max = 6, .flags = PROV_SCHEMA_OPEN, CHILDREN(identity) },
};

/* ---- keys ---- */

static const struct prov_schema_attribute parameter_attributes[] = {
    MUST("name", any),
    MAY("value", any),
};

static const struct prov_schema_element parameters[] = {
    { .name = PROV_STR_INIT("parameter"),
      .max = PROV_SCHEMA_MANY,
      WITH(parameter_attributes),
      .key = PROV_STR_INIT("name") },
};

static const struct prov_schema_attribute key_attributes[] = {
    MUST("keyNumber", from_1),
    MAY("label", any),
    MAY("info", any),
    MAY("icon", any),
};

static const struct prov_schema_element key[] = {
    LEAF("templateName", any),
    TREE("parameters", parameters),
    FREE("keyConfiguration"),
};

#define KEYS(most) \
    { \
        .name = PROV_STR_INIT("key"), .max = (most), WITH(key_attributes), CHILDREN(key), \
        .key = PROV_STR_INIT("keyNumber") \
    }

static const struct prov_schema_element phone_keys[] = { KEYS(40) };
static const struct prov_schema_element module_keys[] = { KEYS(60) };

static const struct prov_schema_element keys[] = {
    TREE("phoneXtensions", phone_keys),
    { .name = PROV_STR_INIT("extensionModule"),
      .max = PROV_SCHEMA_MANY,
      .flags = PROV_SCHEMA_NUMBERED,
      CHILDREN(module_keys) },
};

/* ---- templates ---- */

static const struct prov_schema_attribute template_parameter_attributes[] = {
    MUST("name", any), MAY("type", any),        MAY("min", any),
    MAY("max", any),   MAY("description", any), MAY("optional", boolean),
};

static const struct prov_schema_element template_parameter[] = {
    LEAF("path", any),
    LEAF("mode", any),
};

static const struct prov_schema_element template_parameters[] = {
    { .name = PROV_STR_INIT("parameter"),
      .max = PROV_SCHEMA_MANY,
      WITH(template_parameter_attributes),
      CHILDREN(template_parameter),
      .key = PROV_STR_INIT("name") },
};

static const struct prov_schema_attribute template_attributes[] = {
    MUST("name", any), MAY("prio", integer), MAY("description", any),
    MAY("icon", any),  MAY("label", any),
};

/* What a key does may be a program. */
static const struct prov_schema_element template_children[] = {
    FREE("keyConfiguration"),
    TREE("parameters", template_parameters),
};

static const struct prov_schema_element templates[] = {
    { .name = PROV_STR_INIT("template"),
      .max = PROV_SCHEMA_MANY,
      WITH(template_attributes),
      CHILDREN(template_children),
      .key = PROV_STR_INIT("name") },
};

/* ---- telephony: only these settings of it are documented ---- */

static const struct prov_schema_element call_waiting[] = {
    LEAF("active", boolean),
    LEAF("tone", boolean),
};

static const struct prov_schema_element forwarding[] = {
    LEAF("active", boolean),
    LEAF("target", any),
    LEAF("timeout", seconds),
};

static const struct prov_schema_element call_forwarding[] = {
    TREE("unconditional", forwarding),
    TREE("busy", forwarding),
    TREE("noResponse", forwarding),
};

static const struct prov_schema_element telephony[] = {
    TREE("callWaiting", call_waiting),
    TREE("callForwarding", call_forwarding),
};

/* ---- The sections ---- */

const struct prov_schema prov_auerswald_schemas[] = {
    { VERSION, TREE("provisioning", provisioning) },
    { { 1, 8, 8 }, TREE("provisioning", former_provisioning) },
    { VERSION, TREE("update", update) },
    { VERSION, TREE("users", users) },
    { VERSION, TREE("identities", identities) },
    { VERSION, TREE("keys", keys) },
    { VERSION, TREE("templates", templates) },
    { VERSION,
      { .name = PROV_STR_INIT("telephony"), .flags = PROV_SCHEMA_OPEN, CHILDREN(telephony) } },
};

/*
 * That the list of allowed senders was renamed is documented, the version is not: the list has its
 * new name in 1.26.11, the oldest version that is documented with it.
 */
const struct prov_migration prov_auerswald_migrations[] = {
    { PROV_STR_INIT("provisioning"),
      { 1, 26, 11 },
      PROV_MIGRATION_RENAME,
      PROV_STR_INIT("sip/whitelist"),
      PROV_STR_INIT("allowlist") },
    { PROV_STR_INIT("provisioning"),
      { 1, 26, 11 },
      PROV_MIGRATION_RENAME,
      PROV_STR_INIT("sip/allowlist/whitelistEntry"),
      PROV_STR_INIT("allowlistEntry") },
};
