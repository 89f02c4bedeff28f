/* SPDX-License-Identifier: MIT */
#include <prov/session.h>

#include <prov/abi.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "session/private.h"
#include "session/retry.h"

#define CONNECT_MS 5000u /* presets of NET-1 */
#define IDLE_MS 10000u
#define WHOLE_MS 60000u

/* ---- Set-up ---- */

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

/* Copy what the caller gave, each struct in its own version. */
static enum prov_status
import(struct prov_session *s, const struct prov_session_config *config, struct prov_diag *diag)
{
    static const struct prov_xml_heap none = { NULL, NULL, NULL };
    const size_t least = offsetof(struct prov_session_config, limits);

    if (prov_abi_import(&s->config, sizeof(s->config), config, least) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "session_config.size", 0);
    if (s->config.dialect == NULL || s->config.identity == NULL ||
        s->config.dialect->source_count > PROV_SESSION_SOURCES)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "", 0);
    if (s->config.dialect->size < sizeof(struct prov_dialect))
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "dialect.size", 0);
    if (prov_abi_import(&s->identity, sizeof(s->identity), s->config.identity,
                        offsetof(struct prov_identity, model)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "identity.size", 0);
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
}

static struct prov_buf
text_block(struct prov_arena *a, uint32_t bytes)
{
    struct prov_buf b = { prov_arena_perm(a, bytes, 1), bytes, 0 };

    return b;
}

/* Blocks that live as long as the session; false if one does not fit. */
static bool
take_blocks(struct prov_session *s, const struct prov_limits *l)
{
    struct prov_arena *a = &s->fixed;
    const size_t files = (size_t)l->tree_files + 1;
    bool ok = true;

    s->sources = prov_arena_perm(a, PROV_SESSION_SOURCES * sizeof(*s->sources), PROV_SESSION_ALIGN);
    s->diags.items = prov_arena_perm(a, l->diags * sizeof(*s->diags.items), PROV_SESSION_ALIGN);
    s->diags.cap = l->diags;
    s->files = prov_arena_perm(a, files * sizeof(*s->files), PROV_SESSION_ALIGN);
    s->fetches = prov_arena_perm(a, files * sizeof(*s->fetches), PROV_SESSION_ALIGN);
    s->settings_mem = prov_arena_perm(a, l->settings_bytes, 1);
    s->region_mem = prov_arena_perm(a, l->tree_bytes, 1);
    s->address = text_block(a, l->url_bytes);
    ok = s->sources != NULL && s->diags.items != NULL && s->files != NULL && s->fetches != NULL &&
         s->settings_mem != NULL && s->region_mem != NULL && s->address.ptr != NULL;
    for (uint32_t i = 0; i < l->fetches; i++) {
        s->slots[i].url = text_block(a, l->url_bytes);
        s->slots[i].secret = text_block(a, l->url_bytes);
        ok = ok && s->slots[i].url.ptr != NULL && s->slots[i].secret.ptr != NULL;
    }
    return ok;
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
    s->random = s->config.seed;
    s->salt = prov_retry_random(&s->random);
    s->salt += s->salt == 0; /* 0 would leave the choice to expat */
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
    s->record.sources = s->sources;
    s->record.fetches = s->fetches;
    s->record.diags = &s->diags;
    *out = s;
    return PROV_OK;
}

/* ---- What the parts share ---- */

uint32_t
prov_session_new_id(struct prov_session *s)
{
    return ++s->last_id;
}

void
prov_session_note(struct prov_session *s, const struct prov_verdict *v, struct prov_str source,
                  struct prov_str subject)
{
    const struct prov_diag d = {
        .status = v->status,
        .code = v->code,
        .source = source,
        .subject = subject,
        .need = v->need,
        .line = v->line,
        .column = v->column,
    };

    prov_diags_add(&s->diags, &d);
}

void
prov_session_end(struct prov_session *s, enum prov_outcome outcome, enum prov_status status)
{
    s->outcome = outcome;
    s->status = status;
    s->phase = PROV_PHASE_CLOSE;
    prov_session_cancel_all(s);
}

static void
publish_memory(struct prov_session *s)
{
    const size_t now = s->fixed.perm + s->work.high;

    if (now > s->record.memory_high)
        s->record.memory_high = now;
}

void
prov_session_fail(struct prov_session *s, enum prov_status status)
{
    const struct prov_diag *last = s->diags.count > 0 ? &s->diags.items[s->diags.count - 1] : NULL;
    const struct prov_verdict v = { PROV_OUTCOME_FAILED,          status, PROV_D_NO_ARENA_SPACE,
                                    s->fixed.perm + s->work.need, 0,      0 };

    if (s->fatal != PROV_OK)
        return;
    if (status == PROV_E_SPACE && (last == NULL || last->status != status))
        prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    s->fatal = status;
    s->record.outcome = PROV_OUTCOME_FAILED;
    s->record.status = status;
    publish_memory(s);
}

struct prov_str
prov_session_redact(struct prov_session *s, struct prov_str url)
{
    struct prov_buf out = { NULL, 0, 0 };

    if (url.len > s->limits.url_bytes)
        url.len = s->limits.url_bytes;
    out.cap = url.len + PROV_SESSION_STARS;
    out.ptr = prov_arena_perm(&s->work, out.cap, 1);
    if (out.ptr == NULL || prov_uri_redact(url, &out) != PROV_OK) {
        prov_session_fail(s, PROV_E_SPACE);
        return prov_str_z("");
    }
    return prov_buf_str(&out);
}

/* ---- Phases ---- */

/* A new attempt in the same memory. */
static enum prov_turn
begin_turn(struct prov_session *s)
{
    const uint32_t attempts = s->record.attempts + 1;
    const size_t high = s->record.memory_high;
    enum prov_status status;

    prov_arena_init(&s->work, s->fixed.base + s->fixed.perm, s->fixed.cap - s->fixed.perm);
    prov_region_init(&s->region, s->region_mem, s->limits.tree_bytes);
    s->diags.count = 0;
    s->diags.dropped = 0;
    s->item = PROV_ITEM_SETTINGS;
    s->settings_len = 0;
    s->settings_overflow = false;
    s->state_len = 0;
    s->has_state = false;
    s->first_failure = (struct prov_verdict){ .outcome = PROV_OUTCOME_NONE };
    s->retry_after_s = 0;
    s->outcome = PROV_OUTCOME_NONE;
    s->status = PROV_OK;
    s->record = (struct prov_record){
        .attempts = attempts,
        .sources = s->sources,
        .fetches = s->fetches,
        .diags = &s->diags,
        .memory_high = high,
    };
    s->phase = PROV_PHASE_LOAD;
    status = prov_xml_init(
        &s->x, &s->work, &s->limits,
        s->heap.alloc != NULL || s->heap.resize != NULL || s->heap.release != NULL ? &s->heap
                                                                                   : NULL,
        s->salt);
    if (status == PROV_OK)
        return PROV_TURN_AGAIN;
    prov_session_fail(s, status);
    return PROV_TURN_ANSWER;
}

/* Cancels first; then the outcome is published and, after a failure outside, a retry planned. What
 * was refused is not tried again: the same input gives the same answer (TRY-1). */
static enum prov_turn
close_turn(struct prov_session *s, struct prov_action *a)
{
    const struct prov_session_config *c = &s->config;

    if (prov_session_cancel_turn(s, a))
        return PROV_TURN_ANSWER;
    s->record.outcome = s->outcome;
    s->record.status = s->status;
    publish_memory(s);
    s->phase = PROV_PHASE_STOP;
    if (s->outcome == PROV_OUTCOME_FAILED &&
        (c->attempts == 0 || s->record.attempts < c->attempts)) {
        s->record.will_retry = true;
        s->record.retry_at_ms =
            s->now_ms + prov_retry_delay_ms(c->delays, c->delay_count, s->record.attempts,
                                            s->retry_after_s, &s->random);
        s->phase = PROV_PHASE_WAIT;
    }
    return PROV_TURN_AGAIN;
}

static enum prov_turn
wait_turn(struct prov_session *s, struct prov_action *a)
{
    if (s->now_ms >= s->record.retry_at_ms) {
        s->phase = PROV_PHASE_BEGIN;
        return PROV_TURN_AGAIN;
    }
    a->kind = PROV_DO_WAIT;
    a->until_ms = s->record.retry_at_ms;
    return PROV_TURN_ANSWER;
}

static enum prov_turn
turn(struct prov_session *s, struct prov_action *a)
{
    switch (s->phase) {
    case PROV_PHASE_BEGIN:
        return begin_turn(s);
    case PROV_PHASE_LOAD:
        return prov_session_load_turn(s, a);
    case PROV_PHASE_SOURCE:
        return prov_session_source_turn(s);
    case PROV_PHASE_FETCH:
        return prov_session_fetch_turn(s, a);
    case PROV_PHASE_CHANGE:
        return prov_session_change_turn(s);
    case PROV_PHASE_STORE:
        return prov_session_store_turn(s, a);
    case PROV_PHASE_CLOSE:
        return close_turn(s, a);
    case PROV_PHASE_WAIT:
        return wait_turn(s, a);
    case PROV_PHASE_STOP:
        break;
    }
    a->kind = PROV_DO_STOP;
    return PROV_TURN_ANSWER;
}

/* ---- Entry points ---- */

/* A clock that goes back is taken to stand still. */
static void
set_time(struct prov_session *s, uint64_t now_ms)
{
    if (now_ms > s->now_ms)
        s->now_ms = now_ms;
}

enum prov_status
prov_session_next(struct prov_session *s, uint64_t now_ms, struct prov_action *action)
{
    struct prov_action a = { .kind = PROV_DO_NOTHING };

    if (s == NULL || action == NULL)
        return PROV_E_ARG;
    set_time(s, now_ms);
    while (s->fatal == PROV_OK && turn(s, &a) == PROV_TURN_AGAIN)
        a = (struct prov_action){ .kind = PROV_DO_NOTHING };
    if (s->fatal != PROV_OK)
        return s->fatal;
    *action = a;
    return PROV_OK;
}

enum prov_status
prov_session_body(struct prov_session *s, uint32_t id, const void *bytes, size_t len)
{
    struct prov_slot *slot;

    if (s == NULL || (bytes == NULL && len > 0))
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    slot = prov_session_slot(s, id);
    if (slot != NULL)
        return len > 0 ? prov_session_fetch_body(s, slot, bytes, len) : PROV_OK;
    if (s->phase != PROV_PHASE_LOAD || s->io_id == 0 || id != s->io_id)
        return PROV_E_STATE;
    return len > 0 ? prov_session_load_body(s, bytes, len) : PROV_OK;
}

/* The port may say this about a fetch. */
static bool
documented(enum prov_status status)
{
    switch (status) {
    case PROV_OK:
    case PROV_E_NETWORK:
    case PROV_E_TIMEOUT:
    case PROV_E_NOT_FOUND:
    case PROV_E_DENIED:
    case PROV_E_LIMIT:
    case PROV_E_CANCELLED:
    case PROV_E_MEMORY:
        return true;
    case PROV_E_ARG:
    case PROV_E_STATE:
    case PROV_E_ABI:
    case PROV_E_CALLBACK:
    case PROV_E_SPACE:
    case PROV_E_SYNTAX:
    case PROV_E_TYPE:
    case PROV_E_INVALID:
    case PROV_E_NO_MATCH:
    case PROV_E_AMBIGUOUS:
    case PROV_E_STORAGE:
        break;
    }
    return false;
}

enum prov_status
prov_session_fetched(struct prov_session *s, uint32_t id, uint64_t now_ms,
                     const struct prov_fetch_result *result)
{
    struct prov_fetch_result r;
    struct prov_slot *slot;

    if (s == NULL || result == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    slot = prov_session_slot(s, id);
    if (slot == NULL)
        return PROV_E_STATE;
    set_time(s, now_ms);
    if (prov_abi_import(&r, sizeof(r), result, offsetof(struct prov_fetch_result, http_status)) !=
        PROV_OK)
        prov_session_fail(s, PROV_E_ABI);
    else if (!documented(r.status))
        prov_session_fail(s, PROV_E_CALLBACK);
    else
        prov_session_fetch_end(s, slot, &r);
    return s->fatal;
}

enum prov_status
prov_session_done(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status)
{
    if (s == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    if (s->io_id == 0 || id != s->io_id)
        return PROV_E_STATE;
    set_time(s, now_ms);
    if (status != PROV_OK && status != PROV_E_STORAGE &&
        (status != PROV_E_NOT_FOUND || s->phase != PROV_PHASE_LOAD))
        prov_session_fail(s, PROV_E_CALLBACK);
    else if (s->phase == PROV_PHASE_LOAD)
        prov_session_loaded(s, status);
    else
        prov_session_stored(s, status);
    return s->fatal;
}

const struct prov_record *
prov_session_record(const struct prov_session *s)
{
    static const struct prov_record none = { .outcome = PROV_OUTCOME_NONE };

    return s != NULL ? &s->record : &none;
}

void
prov_session_wipe(struct prov_session *s)
{
    if (s != NULL)
        prov_wipe(s->fixed.base, s->bytes);
}

const char *
prov_outcome_name(enum prov_outcome outcome)
{
    static const char *const names[] = { "none",    "applied", "unchanged", "partial",
                                         "refused", "failed",  "nothing" };

    return (unsigned)outcome < sizeof(names) / sizeof(names[0]) ? names[outcome] : "?";
}

const char *
prov_source_outcome_name(enum prov_source_outcome outcome)
{
    static const char *const names[] = { "not asked", "nothing", "url", "refused" };

    return (unsigned)outcome < sizeof(names) / sizeof(names[0]) ? names[outcome] : "?";
}
