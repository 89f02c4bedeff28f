/* SPDX-License-Identifier: MIT */

/* prov_session_init(): what the caller gave, each struct in its own version, and the memory. */

#include <prov/abi.h>

#include "base/arena.h"
#include "base/wipe.h"
#include "session/private.h"

#define CONNECT_MS 5000u /* presets of NET-1 */
#define IDLE_MS 10000u
#define WHOLE_MS 60000u
#define DHCP_MS 4000u
#define PNP_WINDOW_MS 5000u /* PNP-2 */
#define NOTIFY_INTERVAL_MS 10000u

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, const char *subject,
     size_t need)
{
    if (diag != NULL)
        *diag = (struct prov_diag){
            .status = status, .code = code, .subject = prov_str_z(subject), .need = need
        };
    return status;
}

/* Where to look: the session's own members go before those of the options. */
static enum prov_status
import_discover(struct prov_session *s, struct prov_diag *diag)
{
    const struct prov_discover_options *given = s->config.discover;
    struct prov_discover_options *o = &s->discover;

    *o = (struct prov_discover_options){ .size = sizeof(*o) };
    if (given != NULL && prov_abi_import(o, sizeof(*o), given,
                                         offsetof(struct prov_discover_options, mode)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "discover_options.size", 0);
    o->size = sizeof(*o);
    if (prov_str_trim(s->config.url).len > 0)
        o->manual_url = s->config.url;
    o->manual_url = prov_str_trim(o->manual_url);
    o->macro_raw = o->macro_raw || s->config.macro_raw;
    if (o->sources == NULL) { /* from here on the order is in the options, whosever it is */
        o->sources = s->config.dialect->sources;
        o->source_count = s->config.dialect->source_count;
    }
    return prov_trust_resolve(o->trust != NULL ? o->trust : s->config.dialect->trust, &s->trust,
                              diag);
}

/* The order of sources, and the address state that it is for. */
static bool
is_order(const struct prov_session *s)
{
    const struct prov_discover_options *o = &s->discover;

    if (o->source_count > PROV_DISCOVER_SOURCES || (o->source_count > 0 && o->sources == NULL) ||
        (unsigned)o->mode > PROV_MODE_DUAL)
        return false;
    for (size_t i = 1; i < o->source_count; i++) {
        if (o->sources[i].step < o->sources[i - 1].step)
            return false;
    }
    return true;
}

static bool
is_schedule(const struct prov_schedule *rules)
{
    static const struct prov_schedule_now now = { .known = false };
    struct prov_schedule_run run;

    return rules == NULL || prov_schedule_next(rules, &now, &run) == PROV_OK;
}

static bool
is_sound(const struct prov_session_config *c)
{
    return (unsigned)c->trigger <= PROV_TRIGGER_CHECK_SYNC &&
           (unsigned)c->notify <= PROV_CHOICE_NO && (unsigned)c->retry <= PROV_RETRY_FORMULA &&
           is_schedule(c->schedule) && (c->notify_from_count == 0 || c->notify_from != NULL);
}

/* Copy what the caller gave, each struct in its own version. */
static enum prov_status
import(struct prov_session *s, const struct prov_session_config *config, struct prov_diag *diag)
{
    static const struct prov_xml_heap none = { NULL, NULL, NULL };
    const size_t least = offsetof(struct prov_session_config, limits);
    enum prov_status status;

    if (prov_abi_import(&s->config, sizeof(s->config), config, least) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "session_config.size", 0);
    if (s->config.dialect == NULL || s->config.identity == NULL || !is_sound(&s->config))
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "", 0);
    if (s->config.dialect->size < sizeof(struct prov_dialect))
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "dialect.size", 0);
    if (prov_abi_import(&s->identity, sizeof(s->identity), s->config.identity,
                        offsetof(struct prov_identity, model)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "identity.size", 0);
    s->identity.size = sizeof(s->identity);
    status = import_discover(s, diag);
    if (status != PROV_OK)
        return status;
    if (!is_order(s))
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "", 0);
    s->heap = s->config.heap != NULL ? *s->config.heap : none;
    return PROV_OK;
}

/* The User-Agent goes into a header line: visible ASCII and blanks only. */
static enum prov_status
make_agent(struct prov_session *s, struct prov_diag *diag)
{
    struct prov_buf out = { s->agent_text, sizeof(s->agent_text), 0 };

    for (size_t i = 0; i < s->config.user_agent.len; i++) {
        if (s->config.user_agent.ptr[i] < 0x20 || s->config.user_agent.ptr[i] > 0x7E)
            return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "", 0);
    }
    if (prov_macro_expand(s->config.user_agent, &s->macros.set, PROV_MACRO_ENC_PERCENT, &out,
                          NULL) != PROV_OK)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "", 0);
    s->agent = prov_buf_str(&out);
    return PROV_OK;
}

static void
set_presets(struct prov_session_config *c)
{
    c->connect_ms = c->connect_ms != 0 ? c->connect_ms : CONNECT_MS;
    c->idle_ms = c->idle_ms != 0 ? c->idle_ms : IDLE_MS;
    c->whole_ms = c->whole_ms != 0 ? c->whole_ms : WHOLE_MS;
    c->dhcp_ms = c->dhcp_ms != 0 ? c->dhcp_ms : DHCP_MS;
    c->pnp_window_ms = c->pnp_window_ms != 0 ? c->pnp_window_ms : PNP_WINDOW_MS;
    c->notify_interval_ms = c->notify_interval_ms != 0 ? c->notify_interval_ms : NOTIFY_INTERVAL_MS;
    if (c->pnp_group.family == PROV_FAMILY_NONE)
        c->pnp_group = (struct prov_endpoint){ PROV_FAMILY_IPV4, { 224, 0, 1, 75 }, 5060 };
}

static bool
take_text(struct prov_arena *a, uint32_t bytes, struct prov_buf *out)
{
    *out = (struct prov_buf){ prov_arena_perm(a, bytes, 1), bytes, 0 };
    return out->ptr != NULL;
}

static bool
take_event(struct prov_arena *a, const struct prov_limits *l, struct prov_session_event *e)
{
    return take_text(a, l->url_bytes, &e->url) &&
           take_text(a, prov_session_snippet_bytes(l), &e->document);
}

/* For what is remembered. */
static bool
take_recall(struct prov_arena *a, const struct prov_limits *l, struct prov_recall *m)
{
    const size_t files = (size_t)l->tree_files + 1;

    m->text = prov_arena_perm(a, prov_session_recall_bytes(l), 1);
    m->files = prov_arena_perm(a, files * sizeof(*m->files), PROV_SESSION_ALIGN);
    m->guesses = prov_arena_perm(a, files * sizeof(*m->guesses), PROV_SESSION_ALIGN);
    return m->text != NULL && m->files != NULL && m->guesses != NULL;
}

/* Blocks that live as long as the session; false if one does not fit. */
static bool
take_blocks(struct prov_session *s, const struct prov_limits *l)
{
    struct prov_arena *a = &s->fixed;
    const size_t files = (size_t)l->tree_files + 1, rows = files + PROV_SESSION_TRIES;
    bool ok = true;

    s->sources =
        prov_arena_perm(a, PROV_DISCOVER_SOURCES * sizeof(*s->sources), PROV_SESSION_ALIGN);
    s->diags.items = prov_arena_perm(a, l->diags * sizeof(*s->diags.items), PROV_SESSION_ALIGN);
    s->diags.cap = l->diags;
    s->files = prov_arena_perm(a, files * sizeof(*s->files), PROV_SESSION_ALIGN);
    s->fetches = prov_arena_perm(a, rows * sizeof(*s->fetches), PROV_SESSION_ALIGN);
    s->settings_mem = prov_arena_bytes(a, l->settings_bytes);
    s->region_mem = prov_arena_bytes(a, l->tree_bytes);
    s->parts = prov_arena_perm(a, prov_session_parts(l) * sizeof(*s->parts), PROV_SESSION_ALIGN);
    ok = s->sources != NULL && s->diags.items != NULL && s->files != NULL && s->fetches != NULL &&
         s->settings_mem != NULL && s->region_mem != NULL && s->parts != NULL &&
         take_event(a, l, &s->event) && take_event(a, l, &s->later) &&
         take_text(a, l->url_bytes, &s->arrived.url) && take_recall(a, l, &s->recall);
    for (uint32_t i = 0; ok && i <= l->fetches; i++)
        ok = take_text(a, l->url_bytes, &s->slots[i].url) &&
             take_text(a, l->url_bytes, &s->slots[i].secret);
    return ok;
}

/* Parts of windows belong to the device; one without any name has others at every start. */
static uint64_t
device_number(const struct prov_session *s)
{
    const struct prov_str name = s->identity.mac.len > 0 ? s->identity.mac : s->identity.serial;

    return name.len > 0 ? prov_retry_device(name) : s->config.seed;
}

static enum prov_status
set_up(struct prov_session *s, const struct prov_session_config *config, struct prov_diag *diag)
{
    enum prov_status status = import(s, config, diag);

    if (status != PROV_OK)
        return status;
    status = prov_limits_resolve(s->config.limits, &s->limits);
    if (status != PROV_OK)
        return fail(diag, status, status == PROV_E_ABI ? PROV_D_ABI : PROV_D_BAD_ARGUMENT,
                    "limits.size", 0);
    status = prov_macro_bind(s->config.dialect, &s->identity, &s->macros, diag);
    if (status == PROV_OK)
        status = make_agent(s, diag);
    if (status != PROV_OK)
        return status;
    set_presets(&s->config);
    s->event.trigger = s->config.trigger;
    s->random = s->config.seed;
    s->salt = prov_retry_random(&s->random);
    s->salt += s->salt == 0; /* 0 would leave the choice to expat */
    s->time.device = device_number(s);
    s->time.last_ms = INT64_MIN;
    if (take_blocks(s, &s->limits))
        return PROV_OK;

    size_t need = SIZE_MAX;

    status = prov_session_memory(&s->limits, &need);
    return fail(diag, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, "", status == PROV_OK ? need : SIZE_MAX);
}

enum prov_status
prov_session_init(struct prov_session **out, void *mem, size_t bytes,
                  const struct prov_session_config *config, struct prov_diag *diag)
{
    struct prov_arena whole;
    struct prov_session *s;
    enum prov_status status;

    if (out == NULL || mem == NULL || config == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "", 0);
    prov_arena_init(&whole, mem, bytes);
    s = prov_arena_perm(&whole, sizeof(*s), PROV_SESSION_ALIGN);
    if (s == NULL)
        return fail(diag, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, "", whole.need);
    s->fixed = whole;
    s->bytes = bytes;
    status = set_up(s, config, diag);
    if (status != PROV_OK) {
        prov_wipe(mem, bytes);
        return status;
    }
    s->record.trigger = s->event.trigger;
    s->record.sources = s->sources;
    s->record.fetches = s->fetches;
    s->record.diags = &s->diags;
    *out = s;
    return PROV_OK;
}

void
prov_session_wipe(struct prov_session *s)
{
    if (s != NULL)
        prov_wipe(s->fixed.base, s->bytes);
}
