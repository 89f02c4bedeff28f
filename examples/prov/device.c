/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What a phone is when the command line does not say. The first row that fits is used. */
static const struct preset {
    const char *prefix; /* of the dialect's name */
    const char *model, *mac, *serial, *fwver, *vendor;
} presets[] = {
    /* clang-format off */
    { "auerswald-",    "D200",       "00095200000E", "0000000000", "2.12A",  "Auerswald" },
    { "panasonic-hdv", "KX-HDV130",  "0080F0C571EB", "0000000000", "01.000", "Panasonic" },
    { "panasonic-utg", "KX-UTG200B", "0080F0C571EB", "0000000000", "01.000", "Panasonic" },
    { "",              "phone",      "020000000001", "0000000000", "1.0",    "Vendor" },
    /* clang-format on */
};

#define LIMIT(member) \
    { \
#member, offsetof(struct prov_limits, member) \
    }

static const struct limit_name {
    const char *name;
    size_t offset;
} limit_names[] = {
    LIMIT(url_bytes),  LIMIT(file_bytes), LIMIT(settings_bytes), LIMIT(tree_bytes),
    LIMIT(tree_files), LIMIT(tree_depth), LIMIT(xml_depth),      LIMIT(xml_attributes),
    LIMIT(xml_nodes),  LIMIT(pool_nodes), LIMIT(path_steps),     LIMIT(fetches),
    LIMIT(diags),      LIMIT(changes),    LIMIT(sections),
};

void
device_options(struct device *device, struct command_line *line)
{
    const struct option options[] = {
        { .name = "dialect",
          .value = "NAME",
          .text = &device->dialect_name,
          .help = "phone family (auerswald-d)" },
        { .name = "mac", .value = "HEX", .text = &device->mac, .help = "MAC address" },
        { .name = "model", .value = "S", .text = &device->model, .help = "model name" },
        { .name = "type", .value = "S", .text = &device->type, .help = "hardware type" },
        { .name = "serial", .value = "S", .text = &device->serial, .help = "serial number" },
        { .name = "fwver", .value = "S", .text = &device->fwver, .help = "firmware version" },
        { .name = "vendor", .value = "S", .text = &device->vendor, .help = "maker" },
        { .name = "limit",
          .value = "NAME=N",
          .list = &device->limit_words,
          .help = "set a limit, such as file_bytes=1048576" },
    };

    command_line_add(line, options, TOOL_COUNT(options));
}

static int
unknown_dialect(const char *name, const struct command *command)
{
    struct text t = { 0 };
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count);

    text_add_operand(&t, prov_str_z(name));
    text_add_z(&t, "'; there are");
    for (size_t i = 0; i < count; i++) {
        text_add_z(&t, i == 0 ? " " : ", ");
        text_add(&t, all[i]->name);
    }
    const int code = tool_usage(command, "unknown dialect '%s", t.ptr);
    text_free(&t);
    return code;
}

static const struct preset *
preset_of(const struct prov_dialect *dialect)
{
    const struct preset *p = presets;

    for (; p->prefix[0] != '\0'; p++) {
        const size_t n = strlen(p->prefix);

        if (n <= dialect->name.len && memcmp(p->prefix, dialect->name.ptr, n) == 0)
            break;
    }
    return p;
}

static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Any of 00:09:52:00:00:0E, 00-09-52-00-00-0e, 0009.5200.000E, 00 09 52 00 00 0E, 00095200000e. */
static bool
read_mac(const char *text, char digits[13])
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        if (is_hex(*text)) {
            if (n == 12)
                return false;
            digits[n++] = *text;
        } else if (strchr(":-. ", *text) == NULL || n == 0 || n % 2 != 0 || !is_hex(text[1])) {
            return false;
        }
    }
    digits[n] = '\0';
    return n == 12;
}

static const char *
either(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

static int
fill_identity(struct device *d, const struct command *command)
{
    const struct preset *p = preset_of(d->dialect);

    if (!read_mac(either(d->mac, p->mac), d->mac_digits))
        return tool_usage(command, "--mac needs 12 hexadecimal digits, such as 00:09:52:00:00:0E");
    d->identity = (struct prov_identity){
        .size = sizeof(d->identity),
        .mac = prov_str_z(d->mac_digits),
        .model = prov_str_z(either(d->model, either(d->type, p->model))),
        .type = prov_str_z(either(d->type, either(d->model, p->model))),
        .serial = prov_str_z(either(d->serial, p->serial)),
        .fwver = prov_str_z(either(d->fwver, p->fwver)),
        .vendor = prov_str_z(either(d->vendor, p->vendor)),
    };
    return TOOL_GO_ON;
}

static int
bad_limit(const struct command *command, const char *word)
{
    struct text t = { 0 };

    text_add_operand(&t, prov_str_z(word));
    text_add_z(&t, "'; write NAME=N with one of");
    for (size_t i = 0; i < TOOL_COUNT(limit_names); i++)
        text_addf(&t, "%s %s", i == 0 ? "" : ",", limit_names[i].name);
    const int code = tool_usage(command, "bad limit '%s", t.ptr);
    text_free(&t);
    return code;
}

static bool
set_limit(struct prov_limits *limits, const char *word)
{
    const size_t len = strcspn(word, "=");
    unsigned long value;

    if (word[len] != '=' || !tool_number(word + len + 1, 1, UINT32_MAX, &value))
        return false;
    for (size_t i = 0; i < TOOL_COUNT(limit_names); i++) {
        const struct limit_name *l = &limit_names[i];

        if (strlen(l->name) != len || memcmp(l->name, word, len) != 0)
            continue;
        const uint32_t member = (uint32_t)value;

        memcpy((unsigned char *)limits + l->offset, &member, sizeof(member));
        return true;
    }
    return false;
}

static int
fill_limits(struct device *d, const struct command *command)
{
    struct prov_limits given = { .size = sizeof(given) };

    for (size_t i = 0; i < d->limit_words.count; i++) {
        const char *word = d->limit_words.items[i];

        if (!set_limit(&given, word))
            return bad_limit(command, word);
        if (prov_limits_resolve(&given, &d->limits) != PROV_OK)
            return tool_usage(command, "the limit '%s' is outside its range", word);
    }
    if (prov_limits_resolve(&given, &d->limits) != PROV_OK)
        return tool_usage(command, "the limits do not fit together");
    return TOOL_GO_ON;
}

int
device_finish(struct device *device, const struct command *command)
{
    const char *name = either(device->dialect_name, "auerswald-d");
    struct prov_diag diag = { 0 };

    device->dialect = prov_dialect_find(prov_str_z(name));
    if (device->dialect == NULL)
        return unknown_dialect(name, command);
    int code = fill_identity(device, command);
    if (code == TOOL_GO_ON)
        code = fill_limits(device, command);
    if (code == TOOL_GO_ON &&
        prov_macro_bind(device->dialect, &device->identity, &device->markers, &diag) != PROV_OK)
        code = tool_usage(command, "the device options do not serve this dialect's markers");
    return code;
}

int
device_needs_settings(const struct device *device, const struct command *command)
{
    if ((device->dialect->first_types & PROV_FILE_BIT(PROV_FILE_PATCH)) != 0)
        return TOOL_GO_ON;
    return tool_usage(command, "this version has no engine for the settings files of '%.*s' yet",
                      (int)device->dialect->name.len, device->dialect->name.ptr);
}
