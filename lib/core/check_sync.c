/* SPDX-License-Identifier: MIT */
#include <prov/check_sync.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/check_sync_body.h"
#include "core/sip_text.h"

/* So long a request may be sent again because its response was lost (RFC 3261: 64 * T1). */
#define REPEAT_MS 32000u

/* What is said about each gate, in the order of enum gate. */
static const struct verdict {
    uint16_t answer;
    enum prov_diag_code code;
    const char *phrase; /* of the response */
    const char *reason; /* for the record */
} verdicts[] = {
    [GATE_OPEN] = { 200, PROV_D_NONE, "OK", "accepted" },
    [GATE_REPEATED] = { 200, PROV_D_NONE, "OK", "the one accepted last, sent once more" },
    [GATE_ACK] = { 0, PROV_D_CHECK_SYNC_METHOD, "", "an ACK is never answered" },
    [GATE_METHOD] = { 405, PROV_D_CHECK_SYNC_METHOD, "Method Not Allowed", "not a NOTIFY" },
    [GATE_EVENT] = { 489, PROV_D_CHECK_SYNC_EVENT, "Bad Event", "another event" },
    [GATE_OFF] = { 403, PROV_D_CHECK_SYNC_OFF, "Forbidden", "not enabled" },
    [GATE_SENDER] = { 403, PROV_D_CHECK_SYNC_SENDER, "Forbidden", "the sender is not allowed" },
    [GATE_RATE] = { 503, PROV_D_CHECK_SYNC_RATE, "Service Unavailable", "too soon after the last" },
    [GATE_SIZE] = { 413, PROV_D_CHECK_SYNC_SIZE, "Request Entity Too Large", "body too large" },
    [GATE_TYPE] = { 415, PROV_D_CHECK_SYNC_TYPE, "Unsupported Media Type", "body is not XML" },
    [GATE_BODY] = { 400, PROV_D_NONE, "Bad Body", "body cannot be read" },
    [GATE_DOCUMENT] = { 415, PROV_D_CHECK_SYNC_DOCUMENT, "Unsupported Document",
                        "a kind of document that is not taken" },
    [GATE_URL] = { 400, PROV_D_CHECK_SYNC_URL, "Bad Address", "the address cannot be one" },
};

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, const char *subject)
{
    if (diag != NULL)
        *diag =
            (struct prov_diag){ .status = status, .code = code, .subject = prov_str_z(subject) };
    return status;
}

/* ---- Who asks ---- */

static struct prov_str
event_name(const struct prov_check_sync_policy *policy)
{
    const struct prov_str name = prov_sip_token(policy->event);

    return name.len > 0 ? name : prov_str_z("check-sync");
}

/* The host of `Name <sip:user@host:port;x>` or `sip:host`; empty if there is none. */
static struct prov_str
host_of(struct prov_str from)
{
    static const char ends[] = ":;?>";
    const size_t bracket = prov_sip_find(from, 0, '<');
    struct prov_str uri = prov_sip_token(from);
    size_t at = 0, to;

    if (bracket < from.len)
        uri = prov_str_cut(from, bracket + 1, from.len);
    while (at < uri.len && uri.ptr[at] != ':' && uri.ptr[at] != '>')
        at++;
    if (at == uri.len || uri.ptr[at] == '>')
        return prov_str_cut(uri, 0, 0);
    at++;
    for (to = at; to < uri.len && uri.ptr[to] != '>'; to++)
        at = uri.ptr[to] == '@' ? to + 1 : at;
    for (to = at; to < uri.len && memchr(ends, uri.ptr[to], sizeof(ends) - 1) == NULL; to++)
        continue;
    return prov_str_trim(prov_str_cut(uri, at, to));
}

static bool
is_allowed(const struct prov_check_sync_policy *policy, const struct prov_endpoint *from,
           struct prov_str from_header)
{
    const struct prov_str name = host_of(from_header);

    for (size_t i = 0; i < policy->allow_count; i++) {
        const struct prov_str entry = prov_str_trim(policy->allow[i]);
        struct prov_endpoint host;

        if (prov_endpoint_parse(entry, &host) == PROV_OK) {
            if (prov_endpoint_same_host(&host, from))
                return true;
        } else if (entry.len > 0 && prov_str_eq_nocase(entry, name)) {
            return true;
        }
    }
    return false;
}

/* FNV-1a over Call-ID and CSeq: only the last one accepted is compared, and by its own sender. */
static uint64_t
id_of(const struct prov_sip *sip)
{
    const struct prov_str s = sip->headers[PROV_SIP_CALL_ID];
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
    for (unsigned shift = 0; shift < 32; shift += 8)
        h = (h ^ (sip->cseq >> shift & 0xFFu)) * UINT64_C(1099511628211);
    return h;
}

/* The gates before the body. */
static enum gate
ask_gates(const struct prov_check_sync_job *j)
{
    const struct prov_check_sync_policy *policy = &j->policy;
    const struct prov_check_sync_last *last = j->last;
    const uint64_t since = j->now_ms > last->at_ms ? j->now_ms - last->at_ms : 0;

    if (!prov_str_eq(j->sip.method, prov_str_z("NOTIFY")))
        return prov_str_eq(j->sip.method, prov_str_z("ACK")) ? GATE_ACK : GATE_METHOD;
    if (!prov_str_eq_nocase(prov_sip_token(j->sip.headers[PROV_SIP_EVENT]), event_name(policy)))
        return GATE_EVENT;
    if (!policy->enabled)
        return GATE_OFF;
    if (!policy->any_sender && !is_allowed(policy, j->from, j->sip.headers[PROV_SIP_FROM]))
        return GATE_SENDER;
    if (last->any && since < REPEAT_MS && last->id == id_of(&j->sip))
        return GATE_REPEATED;
    return last->any && since < policy->interval_ms ? GATE_RATE : GATE_OPEN;
}

static void
read_reboot(struct prov_check_sync_job *j)
{
    struct prov_str value;

    if (!prov_sip_param(j->sip.headers[PROV_SIP_EVENT], prov_str_z("reboot"), &value))
        return;
    j->made.reboot = prov_str_eq_nocase(value, prov_str_z("true"));
    j->made.has_reboot = j->made.reboot || prov_str_eq_nocase(value, prov_str_z("false"));
}

/* ---- The response ---- */

static bool
is_event_char(char c)
{
    return prov_is_alpha(c) || prov_is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* The event comes from the settings: it is shown only if it can do no harm in a header. */
static void
put_allowed_event(struct prov_buf *out, struct prov_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_event_char(name.ptr[i]) || i == 64)
            return;
    }
    prov_buf_put_z(out, "Allow-Events: ");
    prov_buf_put_str(out, name);
    prov_buf_put_z(out, "\r\n");
}

static void
put_headers(struct prov_buf *out, const struct prov_check_sync_job *j, enum gate gate)
{
    if (gate == GATE_METHOD)
        prov_buf_put_z(out, "Allow: NOTIFY\r\n");
    if (gate == GATE_EVENT)
        put_allowed_event(out, event_name(&j->policy));
    if (gate == GATE_TYPE || gate == GATE_DOCUMENT)
        prov_buf_put_z(out, "Accept: application/xml, text/xml\r\n");
    if (gate == GATE_RATE) {
        prov_buf_put_z(out, "Retry-After: ");
        prov_buf_put_uint(out, j->made.retry_after_s, 1);
        prov_buf_put_z(out, "\r\n");
    }
}

static enum prov_status
put_reply(const struct prov_check_sync_job *j, enum gate gate, struct prov_buf *reply)
{
    char headers[96], tag[16];
    struct prov_buf more = { headers, sizeof(headers), 0 };
    const size_t room = reply->cap > reply->len ? reply->cap - reply->len : 0;
    const bool enough = room >= PROV_CHECK_SYNC_REPLY_BYTES;
    struct prov_buf out = { room > 0 ? reply->ptr + reply->len : NULL,
                            enough ? PROV_CHECK_SYNC_REPLY_BYTES : room, 0 };
    const uint64_t id = id_of(&j->sip);

    /* The same for a repeated request, as RFC 3261 asks of those who keep no state. */
    for (unsigned i = 0; i < sizeof(tag); i++)
        tag[i] = (char)('a' + (id >> (4 * i) & 15u));
    put_headers(&more, j, gate);
    const struct prov_sip_answer answer = {
        .status = verdicts[gate].answer,
        .reason = prov_str_z(verdicts[gate].phrase),
        .to_tag = { tag, sizeof(tag) },
        .headers = prov_buf_str(&more),
        .from = j->from,
    };

    if (answer.status == 0)
        return PROV_OK;
    const enum prov_status status = prov_sip_answer(&j->sip, &answer, &out);

    reply->len += out.len;
    return status == PROV_E_SPACE && enough ? PROV_OK : status;
}

/* ---- All together ---- */

static enum prov_status
import(struct prov_check_sync_job *j, const struct prov_check_sync_policy *policy,
       struct prov_diag *diag)
{
    enum prov_status status =
        prov_abi_import(&j->policy, sizeof(j->policy), policy, sizeof(size_t));

    if (status != PROV_OK)
        return fail(diag, status, PROV_D_ABI, "prov_check_sync_policy");
    if (j->policy.allow == NULL && j->policy.allow_count > 0)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NULL);
    status = prov_limits_resolve(j->policy.limits, &j->limits);
    if (status != PROV_OK)
        return fail(diag, status, status == PROV_E_ABI ? PROV_D_ABI : PROV_D_BAD_ARGUMENT,
                    status == PROV_E_ABI ? "prov_limits" : NULL);
    if (j->policy.interval_ms == 0)
        j->policy.interval_ms = PROV_CHECK_SYNC_INTERVAL_MS;
    return PROV_OK;
}

/* What the caller learns of a gate; of a shut one nothing but that. */
static void
conclude(struct prov_check_sync_job *j, enum gate gate, struct prov_diag *diag)
{
    const struct verdict *v = &verdicts[gate];
    const uint64_t free_ms = j->last->at_ms + j->policy.interval_ms;

    if (gate != GATE_OPEN)
        j->made = (struct prov_check_sync){ .repeated = gate == GATE_REPEATED };
    if (gate == GATE_RATE)
        j->made.retry_after_s = (uint32_t)((free_ms - j->now_ms + 999) / 1000);
    j->made.answer = v->answer;
    j->made.reason = v->reason;
    if (diag == NULL)
        return;
    if (gate == GATE_BODY)
        *diag = j->diag;
    else
        *diag = (struct prov_diag){ .code = v->code,
                                    .need = gate == GATE_SIZE ? j->limits.file_bytes : 0 };
}

static enum prov_status
judge(struct prov_check_sync_job *j, struct prov_buf *reply, struct prov_diag *diag)
{
    enum gate gate = ask_gates(j);
    enum prov_status status = PROV_OK;

    if (gate == GATE_OPEN) {
        read_reboot(j);
        status = prov_check_sync_body(j, &gate);
    }
    if (status == PROV_E_SPACE || status == PROV_E_MEMORY)
        return fail(diag, status, status == PROV_E_SPACE ? PROV_D_NO_ARENA_SPACE : PROV_D_NO_HEAP,
                    NULL);
    if (status != PROV_OK)
        return fail(diag, status, PROV_D_BAD_ARGUMENT, NULL);
    conclude(j, gate, diag);
    status = put_reply(j, gate, reply);
    if (status != PROV_OK)
        return fail(diag, status, PROV_D_NO_BUFFER_SPACE, NULL);
    if (gate == GATE_OPEN)
        *j->last = (struct prov_check_sync_last){ true, j->now_ms, id_of(&j->sip) };
    return PROV_OK;
}

enum prov_status
prov_check_sync_read(const struct prov_check_sync_policy *policy,
                     const struct prov_dialect *dialect, const struct prov_endpoint *from,
                     uint64_t now_ms, struct prov_check_sync_last *last, struct prov_str message,
                     struct prov_arena *arena, struct prov_buf *reply, struct prov_check_sync *out,
                     struct prov_diag *diag)
{
    struct prov_check_sync_job j = {
        .dialect = dialect,
        .from = from,
        .now_ms = now_ms,
        .last = last,
        .arena = arena,
    };
    enum prov_status status;

    if (policy == NULL || dialect == NULL || from == NULL || last == NULL || reply == NULL ||
        out == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NULL);
    status = import(&j, policy, diag);
    if (status != PROV_OK)
        return status;
    status = prov_sip_read(message, &j.sip, diag);
    if (status != PROV_OK)
        return status;
    if (!j.sip.request)
        return fail(diag, PROV_E_SYNTAX, PROV_D_CHECK_SYNC_RESPONSE, NULL);
    status = judge(&j, reply, diag);
    if (status == PROV_OK)
        *out = j.made;
    return status;
}
