/* SPDX-License-Identifier: MIT */

/* The head of a trace: what the session was set up with. A new member is a row of a table. */

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "trace_fields.h"

static const char *const choices[] = { "preset", "yes", "no" };
static const char *const triggers[] = { "manual", "boot", "time", "check-sync" };
static const char *const modes[] = { "ipv4", "ipv6", "dual" };
static const char *const models[] = { "list", "tr069" };

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
    { "retry", KIND_NAME, AT(retry), NAMES(models) },
    { "retryMinimumS", KIND_U32, AT(formula.minimum_s), NONE },
    { "retryMultiplier", KIND_U32, AT(formula.multiplier), NONE },
    { "attempts", KIND_U32, AT(attempts), NONE },
    { "bootSpreadS", KIND_U32, AT(boot_spread_s), NONE },
    { "followSchedule", KIND_BOOL, AT(follow_schedule), NONE },
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

#define AT(member) offsetof(struct prov_trust, member)
static const struct field trust_fields[] = {
    { "sources", KIND_U32, AT(sources), NONE },
    { "httpsOnly", KIND_BOOL, AT(https_only), NONE },
    { "firstOnly", KIND_BOOL, AT(first_only), NONE },
    { "pin", KIND_BOOL, AT(pin), NONE },
};
#undef AT

#define AT(member) offsetof(struct prov_schedule, member)
#define TIME(i) \
    { \
        "time" #i, KIND_U16, AT(times) + (i) * sizeof(uint16_t), NONE \
    }
static const struct field schedule_fields[] = {
    { "days", KIND_U8, AT(days), NONE },
    { "times", KIND_U8, AT(time_count), NONE },
    TIME(0),
    TIME(1),
    TIME(2),
    TIME(3),
    TIME(4),
    TIME(5),
    TIME(6),
    TIME(7),
    { "timeSpreadS", KIND_U32, AT(time_spread_s), NONE },
    { "randomMinS", KIND_U32, AT(random_min_s), NONE },
    { "randomMaxS", KIND_U32, AT(random_max_s), NONE },
    { "intervalMinutes", KIND_U32, AT(interval_minutes), NONE },
    { "intervalSpreadS", KIND_U32, AT(interval_spread_s), NONE },
};
#undef AT

#define WRITE(fields, from) fields_write(t, fields, TOOL_COUNT(fields), from)
#define READ(fields, from, to, wrong) fields_read(fields, TOOL_COUNT(fields), from, to, wrong)

/* ---- Writing ---- */

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
discover_json(const struct trace *t, const struct prov_discover_options *o)
{
    static const struct prov_discover_options none = { .size = sizeof(none) };
    json_t *j = WRITE(discover_fields, o != NULL ? o : &none);

    if (o != NULL && o->trust != NULL) {
        json_t *trust = WRITE(trust_fields, o->trust);

        json_object_set_new(trust, "hosts", fields_texts(o->trust->hosts, o->trust->host_count));
        json_object_set_new(j, "trust", trust);
    }
    return j;
}

static json_t *
options_json(const struct trace *t, const struct prov_session_config *c)
{
    json_t *j = WRITE(option_fields, c);

    json_object_set_new(j, "delays", delays_json(c));
    json_object_set_new(j, "notifyFrom", fields_texts(c->notify_from, c->notify_from_count));
    json_object_set_new(j, "crypto", json_boolean(c->crypto != NULL));
    json_object_set_new(j, "zone", json_boolean(c->zone.offset_s != NULL));
    if (c->schedule != NULL)
        json_object_set_new(j, "schedule", WRITE(schedule_fields, c->schedule));
    return j;
}

json_t *
trace_head(const struct trace *t, const struct prov_session_config *c)
{
    static const struct prov_limits preset = { .size = sizeof(preset) };

    return json_pack("{s:s, s:i, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "event", "trace", "format",
                     TRACE_FORMAT, "tool", PROV_VERSION, "dialect", report_string(c->dialect->name),
                     "startMs", (json_int_t)t->start_ms, "device",
                     WRITE(identity_fields, c->identity), "limits",
                     WRITE(limit_fields, c->limits != NULL ? c->limits : &preset), "options",
                     options_json(t, c), "discover", discover_json(t, c->discover));
}

/* ---- Reading ---- */

static bool
read_delays(const json_t *list, struct trace_config *c)
{
    const size_t count = json_array_size(list);

    c->delays = tool_alloc(count * sizeof(*c->delays));
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(list, i);

        if (!fields_number(json_array_get(pair, 0), &c->delays[i].fixed_s) ||
            !fields_number(json_array_get(pair, 1), &c->delays[i].random_s))
            return false;
    }
    c->session.delays = count > 0 ? c->delays : NULL;
    c->session.delay_count = count;
    return true;
}

static bool
read_options(const json_t *options, struct trace_config *c, const char **wrong)
{
    const json_t *schedule = json_object_get(options, "schedule");

    if (!READ(option_fields, options, &c->session, wrong) ||
        !READ(schedule_fields, schedule, &c->schedule, wrong))
        return false;
    c->session.schedule = schedule != NULL ? &c->schedule : NULL;
    c->crypto = json_is_true(json_object_get(options, "crypto"));
    c->zone = json_is_true(json_object_get(options, "zone"));
    *wrong = "delays";
    if (!read_delays(json_object_get(options, "delays"), c))
        return false;
    *wrong = "notifyFrom";
    if (!fields_read_texts(json_object_get(options, "notifyFrom"), &c->notify_from,
                           &c->session.notify_from_count))
        return false;
    c->session.notify_from = c->notify_from;
    return true;
}

static bool
read_discover(const json_t *discover, struct trace_config *c, const char **wrong)
{
    const json_t *trust = json_object_get(discover, "trust");

    if (!READ(discover_fields, discover, &c->discover, wrong) ||
        !READ(trust_fields, trust, &c->trust, wrong))
        return false;
    *wrong = "hosts";
    if (!fields_read_texts(json_object_get(trust, "hosts"), &c->hosts, &c->trust.host_count))
        return false;
    c->trust.hosts = c->hosts;
    c->discover.trust = trust != NULL ? &c->trust : NULL;
    return true;
}

static bool
read_dialect(const json_t *head, struct trace_config *c)
{
    const json_t *start = json_object_get(head, "startMs");
    struct prov_str dialect;

    if (!fields_text(json_object_get(head, "dialect"), &dialect) || !json_is_integer(start) ||
        json_integer_value(start) < 0)
        return false;
    c->start_ms = (uint64_t)json_integer_value(start);
    c->session.dialect = prov_dialect_find(dialect);
    return c->session.dialect != NULL;
}

bool
trace_read_head(const json_t *head, struct trace_config *out, const char **wrong)
{
    *out = (struct trace_config){ .session = { .size = sizeof(out->session) },
                                  .identity = { .size = sizeof(out->identity) },
                                  .limits = { .size = sizeof(out->limits) },
                                  .discover = { .size = sizeof(out->discover) },
                                  .trust = { .size = sizeof(out->trust) } };
    *wrong = "dialect";
    if (!read_dialect(head, out) ||
        !READ(limit_fields, json_object_get(head, "limits"), &out->limits, wrong) ||
        !READ(identity_fields, json_object_get(head, "device"), &out->identity, wrong) ||
        !read_options(json_object_get(head, "options"), out, wrong) ||
        !read_discover(json_object_get(head, "discover"), out, wrong))
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
    free(config->hosts);
    config->delays = NULL;
    config->notify_from = NULL;
    config->hosts = NULL;
}
