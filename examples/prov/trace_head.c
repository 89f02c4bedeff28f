/* SPDX-License-Identifier: MIT */

/* The head of a trace: what the session was set up with. A new member is a row of a table. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conceal.h"
#include "report.h"
#include "trace.h"

enum kind {
    KIND_U32,
    KIND_U64, /* as hexadecimal digits: JSON counts to 2^53 */
    KIND_BOOL,
    KIND_TEXT,
    KIND_ADDRESS,
    KIND_ENDPOINT,
    KIND_NAME, /* an enum, by its names */
};

struct field {
    const char *name;
    enum kind kind;
    size_t at;
    const char *const *names;
    size_t name_count;
};

static const char *const choices[] = { "preset", "yes", "no" };
static const char *const triggers[] = { "manual", "boot", "time", "check-sync" };
static const char *const modes[] = { "ipv4", "ipv6", "dual" };

#define NAMES(list) (list), TOOL_COUNT(list)
#define NONE NULL, 0

#define AT(member) offsetof(struct prov_identity, member)
static const struct field identity_fields[] = {
    { "mac", KIND_TEXT, AT(mac), NONE },     { "model", KIND_TEXT, AT(model), NONE },
    { "type", KIND_TEXT, AT(type), NONE },   { "serial", KIND_TEXT, AT(serial), NONE },
    { "fwver", KIND_TEXT, AT(fwver), NONE }, { "vendor", KIND_TEXT, AT(vendor), NONE },
};
#undef AT

#define LIMIT(member) \
    { \
#member, KIND_U32, offsetof(struct prov_limits, member), NONE \
    }
static const struct field limit_fields[] = {
    LIMIT(url_bytes),  LIMIT(file_bytes), LIMIT(settings_bytes), LIMIT(tree_bytes),
    LIMIT(tree_files), LIMIT(tree_depth), LIMIT(xml_depth),      LIMIT(xml_attributes),
    LIMIT(xml_nodes),  LIMIT(pool_nodes), LIMIT(path_steps),     LIMIT(fetches),
    LIMIT(diags),      LIMIT(changes),    LIMIT(sections),
};

#define AT(member) offsetof(struct prov_session_config, member)
static const struct field option_fields[] = {
    { "seed", KIND_U64, AT(seed), NONE },
    { "url", KIND_ADDRESS, AT(url), NONE },
    { "raw", KIND_BOOL, AT(macro_raw), NONE },
    { "userAgent", KIND_TEXT, AT(user_agent), NONE },
    { "attempts", KIND_U32, AT(attempts), NONE },
    { "connectMs", KIND_U32, AT(connect_ms), NONE },
    { "idleMs", KIND_U32, AT(idle_ms), NONE },
    { "wholeMs", KIND_U32, AT(whole_ms), NONE },
    { "noRemember", KIND_BOOL, AT(no_remember), NONE },
    { "refuseUnchecked", KIND_BOOL, AT(refuse_unchecked), NONE },
    { "group", KIND_ENDPOINT, AT(pnp_group), NONE },
    { "windowMs", KIND_U32, AT(pnp_window_ms), NONE },
    { "lenient", KIND_BOOL, AT(pnp_lenient), NONE },
    { "dhcpMs", KIND_U32, AT(dhcp_ms), NONE },
    { "trigger", KIND_NAME, AT(trigger), NAMES(triggers) },
    { "notifyIntervalMs", KIND_U32, AT(notify_interval_ms), NONE },
    { "notify", KIND_NAME, AT(notify), NAMES(choices) },
    { "confirmMs", KIND_U32, AT(confirm_ms), NONE },
};
#undef AT

#define AT(member) offsetof(struct prov_discover_options, member)
static const struct field discover_fields[] = {
    { "mode", KIND_NAME, AT(mode), NAMES(modes) },
    { "disabled", KIND_U32, AT(disabled), NONE },
    { "enabled", KIND_U32, AT(enabled), NONE },
    { "proceedOnNothing", KIND_NAME, AT(proceed_on_nothing), NAMES(choices) },
    { "proceedOnFetchError", KIND_NAME, AT(proceed_on_fetch_error), NAMES(choices) },
    { "manualUrl", KIND_ADDRESS, AT(manual_url), NONE },
    { "redirectUrl", KIND_ADDRESS, AT(redirect_url), NONE },
    { "enterprise", KIND_U32, AT(enterprise), NONE },
    { "regionUs", KIND_BOOL, AT(region_us), NONE },
    { "needsTime", KIND_NAME, AT(needs_time), NAMES(choices) },
    { "raw", KIND_BOOL, AT(macro_raw), NONE },
};
#undef AT

/* ---- Writing ---- */

static void
write_u64(json_t *j, const char *name, uint64_t value)
{
    char digits[17];

    snprintf(digits, sizeof(digits), "%016" PRIx64, value);
    json_object_set_new(j, name, json_string(digits));
}

static void
write_field(const struct trace *t, const struct field *f, const char *from, json_t *j)
{
    const void *at = from + f->at;
    struct prov_endpoint endpoint;
    struct prov_str text;
    uint64_t u64;
    uint32_t u32;
    bool flag;

    switch (f->kind) {
    case KIND_U32:
        memcpy(&u32, at, sizeof(u32));
        json_object_set_new(j, f->name, json_integer((json_int_t)u32));
        break;
    case KIND_U64:
        memcpy(&u64, at, sizeof(u64));
        write_u64(j, f->name, u64);
        break;
    case KIND_BOOL:
        memcpy(&flag, at, sizeof(flag));
        json_object_set_new(j, f->name, json_boolean(flag));
        break;
    case KIND_TEXT:
    case KIND_ADDRESS:
        memcpy(&text, at, sizeof(text));
        trace_set_bytes(t, j, f->name, f->kind == KIND_TEXT ? TRACE_PLAIN : TRACE_ADDRESS, text);
        break;
    case KIND_ENDPOINT:
        memcpy(&endpoint, at, sizeof(endpoint));
        if (endpoint.family != PROV_FAMILY_NONE)
            json_object_set_new(j, f->name, trace_endpoint(&endpoint));
        break;
    case KIND_NAME:
        memcpy(&u32, at, sizeof(u32)); /* an enum of ours is as long */
        json_object_set_new(j, f->name, json_string(u32 < f->name_count ? f->names[u32] : "?"));
        break;
    }
}

static json_t *
write_fields(const struct trace *t, const struct field *fields, size_t count, const void *from)
{
    json_t *j = json_object();

    for (size_t i = 0; i < count; i++)
        write_field(t, &fields[i], from, j);
    return j;
}

static json_t *
delays_json(const struct prov_session_config *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->delay_count; i++)
        json_array_append_new(list, json_pack("[I, I]", (json_int_t)c->delays[i].fixed_s,
                                              (json_int_t)c->delays[i].random_s));
    return list;
}

static json_t *
senders_json(const struct prov_session_config *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->notify_from_count; i++)
        json_array_append_new(list, report_string(c->notify_from[i]));
    return list;
}

json_t *
trace_head(const struct trace *t, const struct prov_session_config *c)
{
    static const struct prov_discover_options none = { .size = sizeof(none) };
    static const struct prov_limits preset = { .size = sizeof(preset) };
    json_t *options = write_fields(t, option_fields, TOOL_COUNT(option_fields), c);

    json_object_set_new(options, "delays", delays_json(c));
    json_object_set_new(options, "notifyFrom", senders_json(c));
    json_object_set_new(options, "crypto", json_boolean(c->crypto != NULL));
    return json_pack("{s:s, s:i, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "event", "trace", "format",
                     TRACE_FORMAT, "tool", PROV_VERSION, "dialect", report_string(c->dialect->name),
                     "startMs", (json_int_t)t->start_ms, "device",
                     write_fields(t, identity_fields, TOOL_COUNT(identity_fields), c->identity),
                     "limits",
                     write_fields(t, limit_fields, TOOL_COUNT(limit_fields),
                                  c->limits != NULL ? c->limits : &preset),
                     "options", options, "discover",
                     write_fields(t, discover_fields, TOOL_COUNT(discover_fields),
                                  c->discover != NULL ? c->discover : &none));
}

/* ---- Reading ---- */

static bool
read_number(const json_t *value, uint32_t *out)
{
    const json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 0 || n > UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool
read_u64(const json_t *value, uint64_t *out)
{
    const char *digits = json_string_value(value);
    char *end;

    if (digits == NULL || strlen(digits) != 16)
        return false;
    *out = strtoull(digits, &end, 16);
    return *end == '\0';
}

static bool
read_name(const struct field *f, const json_t *value, uint32_t *out)
{
    const char *name = json_string_value(value);

    for (uint32_t i = 0; name != NULL && i < f->name_count; i++) {
        if (strcmp(name, f->names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool
read_text(const json_t *value, struct prov_str *out)
{
    *out = (struct prov_str){ json_string_value(value), json_string_length(value) };
    return json_is_string(value);
}

static bool
read_field(const struct field *f, const json_t *value, char *to)
{
    struct prov_endpoint endpoint = { .family = PROV_FAMILY_NONE };
    struct prov_str text;
    uint64_t u64;
    uint32_t u32;
    bool flag;

    switch (f->kind) {
    case KIND_U32:
    case KIND_NAME:
        if (f->kind == KIND_U32 ? !read_number(value, &u32) : !read_name(f, value, &u32))
            return false;
        memcpy(to + f->at, &u32, sizeof(u32));
        return true;
    case KIND_U64:
        if (!read_u64(value, &u64))
            return false;
        memcpy(to + f->at, &u64, sizeof(u64));
        return true;
    case KIND_BOOL:
        flag = json_is_true(value);
        memcpy(to + f->at, &flag, sizeof(flag));
        return json_is_boolean(value);
    case KIND_TEXT:
    case KIND_ADDRESS:
        if (!read_text(value, &text))
            return false;
        memcpy(to + f->at, &text, sizeof(text));
        return true;
    case KIND_ENDPOINT:
        break;
    }
    if (!read_text(value, &text) || prov_endpoint_parse(text, &endpoint) != PROV_OK)
        return false;
    memcpy(to + f->at, &endpoint, sizeof(endpoint));
    return true;
}

/* A member that is not there is zero: it may be newer than the trace. */
static bool
read_fields(const struct field *fields, size_t count, const json_t *from, void *to,
            const char **wrong)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(from, fields[i].name);

        *wrong = fields[i].name;
        if (value != NULL && !read_field(&fields[i], value, to))
            return false;
    }
    return true;
}

static bool
read_delays(const json_t *list, struct trace_config *c)
{
    const size_t count = json_array_size(list);

    c->delays = tool_alloc(count * sizeof(*c->delays));
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(list, i);

        if (!read_number(json_array_get(pair, 0), &c->delays[i].fixed_s) ||
            !read_number(json_array_get(pair, 1), &c->delays[i].random_s))
            return false;
    }
    c->session.delays = count > 0 ? c->delays : NULL;
    c->session.delay_count = count;
    return true;
}

static bool
read_senders(const json_t *list, struct trace_config *c)
{
    const size_t count = json_array_size(list);

    c->notify_from = tool_alloc(count * sizeof(*c->notify_from));
    for (size_t i = 0; i < count; i++) {
        if (!read_text(json_array_get(list, i), &c->notify_from[i]))
            return false;
    }
    c->session.notify_from = count > 0 ? c->notify_from : NULL;
    c->session.notify_from_count = count;
    return true;
}

static bool
read_options(const json_t *head, struct trace_config *c, const char **wrong)
{
    const json_t *options = json_object_get(head, "options");

    if (!read_fields(option_fields, TOOL_COUNT(option_fields), options, &c->session, wrong) ||
        !read_fields(discover_fields, TOOL_COUNT(discover_fields),
                     json_object_get(head, "discover"), &c->discover, wrong) ||
        !read_fields(limit_fields, TOOL_COUNT(limit_fields), json_object_get(head, "limits"),
                     &c->limits, wrong) ||
        !read_fields(identity_fields, TOOL_COUNT(identity_fields), json_object_get(head, "device"),
                     &c->identity, wrong))
        return false;
    *wrong = "delays";
    if (!read_delays(json_object_get(options, "delays"), c))
        return false;
    *wrong = "notifyFrom";
    if (!read_senders(json_object_get(options, "notifyFrom"), c))
        return false;
    c->crypto = json_is_true(json_object_get(options, "crypto"));
    return true;
}

bool
trace_read_head(const json_t *head, struct trace_config *out, const char **wrong)
{
    struct prov_str dialect;

    *out = (struct trace_config){ .session = { .size = sizeof(out->session) },
                                  .identity = { .size = sizeof(out->identity) },
                                  .limits = { .size = sizeof(out->limits) },
                                  .discover = { .size = sizeof(out->discover) } };
    *wrong = "dialect";
    if (!read_text(json_object_get(head, "dialect"), &dialect))
        return false;
    out->session.dialect = prov_dialect_find(dialect);
    if (out->session.dialect == NULL)
        return false;
    *wrong = "startMs";
    if (!json_is_integer(json_object_get(head, "startMs")) ||
        json_integer_value(json_object_get(head, "startMs")) < 0)
        return false;
    out->start_ms = (uint64_t)json_integer_value(json_object_get(head, "startMs"));
    if (!read_options(head, out, wrong))
        return false;
    out->session.identity = &out->identity;
    out->session.limits = &out->limits;
    out->session.discover = &out->discover;
    return true;
}

void
trace_config_free(struct trace_config *config)
{
    free(config->delays);
    free(config->notify_from);
    config->delays = NULL;
    config->notify_from = NULL;
}
