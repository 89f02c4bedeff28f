/* SPDX-License-Identifier: MIT */
#include <prov/pnp.h>

#include "base/buf.h"
#include "core/pnp_message.h"

/* RFC 3261, section 17.1.2: a request that is no INVITE over UDP. */
#define T1_MS 500u
#define T2_MS 4000u

enum prov_status
prov_pnp_init(struct prov_pnp *p, const struct prov_pnp_config *config, struct prov_diag *diag)
{
    const size_t least = offsetof(struct prov_pnp_config, group);
    struct prov_pnp_config c;
    struct prov_pnp_words words;
    enum prov_status status = PROV_E_ARG;
    enum prov_diag_code code = PROV_D_BAD_ARGUMENT;

    if (p != NULL && config != NULL) {
        status = prov_abi_import(&c, sizeof(c), config, least);
        code = PROV_D_ABI;
    }
    if (status != PROV_OK) {
        const struct prov_str subject = prov_str_z(code == PROV_D_ABI ? "prov_pnp_config" : NULL);

        if (diag != NULL)
            *diag = (struct prov_diag){ .status = status, .code = code, .subject = subject };
        return status;
    }
    status = prov_pnp_words(&c, &words, diag);
    if (status != PROV_OK)
        return status;
    memset(p, 0, sizeof(*p));
    p->group = words.group;
    p->window_ms = c.window_ms > 0 ? c.window_ms : PROV_PNP_WINDOW_MS;
    p->lenient = c.lenient;
    memcpy(p->call_id, words.call_id, sizeof(p->call_id));
    memcpy(p->from_tag, words.from_tag, sizeof(p->from_tag));
    memcpy(p->branch, words.branch, sizeof(p->branch));
    struct prov_buf out = { p->subscribe, sizeof(p->subscribe), 0 };

    prov_pnp_put_subscribe(&words, &out);
    p->subscribe_len = out.len;
    return PROV_OK;
}

/* ---- What is to be sent, and when ---- */

static void
begin(struct prov_pnp *p, uint64_t now_ms)
{
    p->begun = true;
    p->ends_ms = now_ms + p->window_ms;
    p->next_ms = now_ms;
    p->interval_ms = T1_MS;
}

static void
send_reply(struct prov_pnp *p, struct prov_pnp_step *step)
{
    *step = (struct prov_pnp_step){
        .kind = PROV_PNP_SEND,
        .bytes = { p->reply, p->reply_len },
        .to = p->reply_to,
    };
    p->reply_len = 0;
}

static void
send_subscribe(struct prov_pnp *p, uint64_t now_ms, struct prov_pnp_step *step)
{
    *step = (struct prov_pnp_step){
        .kind = PROV_PNP_SEND,
        .bytes = { p->subscribe, p->subscribe_len },
        .to = p->group,
    };
    p->next_ms = now_ms + p->interval_ms;
    p->interval_ms = p->interval_ms < T2_MS / 2 ? 2 * p->interval_ms : T2_MS;
}

void
prov_pnp_next(struct prov_pnp *p, uint64_t now_ms, struct prov_pnp_step *step)
{
    if (!p->begun)
        begin(p, now_ms);
    const bool asks = !p->answered && !p->found;

    if (p->reply_len > 0) {
        send_reply(p, step);
    } else if (now_ms >= p->ends_ms) {
        *step = (struct prov_pnp_step){ .kind = PROV_PNP_END };
    } else if (asks && now_ms >= p->next_ms) {
        send_subscribe(p, now_ms, step);
    } else {
        const bool early = asks && p->next_ms < p->ends_ms;

        *step = (struct prov_pnp_step){
            .kind = PROV_PNP_WAIT,
            .until_ms = early ? p->next_ms : p->ends_ms,
        };
    }
}

/* ---- What arrives ---- */

/* One datagram; lives on the stack of prov_pnp_datagram(). */
struct arrival {
    struct prov_pnp *p;
    const struct prov_endpoint *from;
    struct prov_sip sip;
};

static bool
has_our_call_id(const struct arrival *a)
{
    const struct prov_str ours = { a->p->call_id, sizeof(a->p->call_id) };

    return prov_str_eq(a->sip.headers[PROV_SIP_CALL_ID], ours);
}

/* Its sender has answered our SUBSCRIBE. */
static bool
is_server(const struct arrival *a)
{
    for (uint32_t i = 0; i < a->p->server_count; i++) {
        if (prov_endpoint_same_host(&a->p->servers[i], a->from))
            return true;
    }
    return false;
}

/* One that does not fit into the memory set aside is not sent: the sender made it too long. */
static enum prov_pnp_verdict
answer(const struct arrival *a, enum prov_pnp_verdict verdict, uint16_t status, const char *reason,
       const char *headers)
{
    struct prov_pnp *p = a->p;
    const struct prov_sip_answer what = {
        .status = status,
        .reason = prov_str_z(reason),
        .to_tag = { p->from_tag, sizeof(p->from_tag) },
        .headers = prov_str_z(headers),
        .from = a->from,
    };
    struct prov_buf out = { p->reply, sizeof(p->reply), 0 };

    if (prov_sip_answer(&a->sip, &what, &out) == PROV_OK) {
        p->reply_len = out.len;
        p->reply_to = *a->from;
    }
    return verdict;
}

static enum prov_pnp_verdict
take_response(const struct arrival *a)
{
    struct prov_pnp *p = a->p;

    if (!has_our_call_id(a) || a->sip.cseq != 1 ||
        !prov_str_eq(a->sip.cseq_method, prov_str_z("SUBSCRIBE")))
        return PROV_PNP_OTHER;
    if (a->sip.status < 200) {
        p->interval_ms = T2_MS;
    } else if (a->sip.status < 300) {
        p->answered = true;
        if (p->server_count < PROV_PNP_SERVERS && !is_server(a))
            p->servers[p->server_count++] = *a->from;
    }
    return PROV_PNP_RESPONSE;
}

static bool
has_tag(struct prov_str header)
{
    struct prov_str tag;

    return prov_sip_param(header, prov_str_z("tag"), &tag) && tag.len > 0;
}

/* The topmost Via names an address, and it is not the sender's. */
static bool
has_foreign_via(const struct arrival *a)
{
    struct prov_str via = a->sip.headers[PROV_SIP_VIA];
    const char *comma = memchr(via.ptr, ',', via.len);
    struct prov_endpoint host;
    size_t at;

    if (comma != NULL)
        via.len = (size_t)(comma - via.ptr);
    via = prov_sip_token(via);
    at = via.len;
    while (at > 0 && via.ptr[at - 1] != ' ' && via.ptr[at - 1] != '\t' && via.ptr[at - 1] != '\n')
        at--;
    return prov_endpoint_parse(prov_str_cut(via, at, via.len), &host) == PROV_OK &&
           !prov_endpoint_same_host(&host, a->from);
}

/* What a NOTIFY of ours lacks; NULL = nothing. */
static const char *
lack(const struct arrival *a)
{
    const struct prov_str *h = a->sip.headers;

    if (!has_tag(h[PROV_SIP_FROM]) || !has_tag(h[PROV_SIP_TO]))
        return "Missing Tag";
    if (h[PROV_SIP_SUBSCRIPTION_STATE].len == 0)
        return "Missing Subscription-State";
    return has_foreign_via(a) ? "Foreign Via" : NULL;
}

static enum prov_pnp_verdict
take_url(const struct arrival *a)
{
    struct prov_pnp *p = a->p;
    enum prov_pnp_verdict verdict = PROV_PNP_NO_ADDRESS;
    struct prov_str url;

    if (prov_pnp_body_url(&a->sip, &url)) {
        const bool same = prov_str_eq(url, prov_pnp_url(p));

        verdict = !p->found ? PROV_PNP_ADDRESS : same ? PROV_PNP_REPEATED : PROV_PNP_CONFLICT;
    }
    if (verdict == PROV_PNP_ADDRESS) {
        p->found = true;
        memcpy(p->url, url.ptr, url.len);
        p->url_len = url.len;
    }
    return answer(a, verdict, 200, "OK", NULL);
}

static enum prov_pnp_verdict
take_request(const struct arrival *a)
{
    const struct prov_str event = prov_sip_token(a->sip.headers[PROV_SIP_EVENT]);
    const struct prov_str method = a->sip.method;

    /* Other phones ask the group as well, and our own SUBSCRIBE may come back from it. */
    if (prov_str_eq(method, prov_str_z("SUBSCRIBE")) || prov_str_eq(method, prov_str_z("ACK")))
        return PROV_PNP_OTHER;
    if (!prov_str_eq(method, prov_str_z("NOTIFY")))
        return answer(a, PROV_PNP_OTHER, 405, "Method Not Allowed", "Allow: NOTIFY\r\n");
    if (event.len > 0 && !prov_str_eq_nocase(event, prov_str_z("ua-profile")))
        return answer(a, PROV_PNP_OTHER, 489, "Bad Event", "Allow-Events: ua-profile\r\n");
    if (!a->p->lenient) {
        if (!has_our_call_id(a) && !is_server(a))
            return answer(a, PROV_PNP_STRANGER, 481, "Subscription Does Not Exist", NULL);
        const char *what = lack(a);

        if (what != NULL)
            return answer(a, PROV_PNP_INCOMPLETE, 400, what, NULL);
    }
    return take_url(a);
}

enum prov_pnp_verdict
prov_pnp_datagram(struct prov_pnp *p, uint64_t now_ms, const struct prov_endpoint *from,
                  struct prov_str bytes)
{
    struct arrival a = { .p = p, .from = from };

    if (!p->begun || now_ms >= p->ends_ms)
        return PROV_PNP_NONE;
    if (prov_sip_read(bytes, &a.sip, NULL) != PROV_OK)
        return PROV_PNP_MALFORMED;
    return a.sip.request ? take_request(&a) : take_response(&a);
}

struct prov_str
prov_pnp_url(const struct prov_pnp *p)
{
    const struct prov_str url = { p->url, p->url_len };

    return url;
}

const char *
prov_pnp_verdict_name(enum prov_pnp_verdict verdict)
{
    static const char *const names[] = {
        [PROV_PNP_NONE] = "outside the window",
        [PROV_PNP_RESPONSE] = "response",
        [PROV_PNP_ADDRESS] = "address",
        [PROV_PNP_REPEATED] = "address repeated",
        [PROV_PNP_CONFLICT] = "conflict",
        [PROV_PNP_STRANGER] = "stranger",
        [PROV_PNP_NO_ADDRESS] = "no address",
        [PROV_PNP_MALFORMED] = "malformed",
        [PROV_PNP_OTHER] = "other",
        [PROV_PNP_INCOMPLETE] = "incomplete",
    };

    return (unsigned)verdict < sizeof(names) / sizeof(names[0]) ? names[verdict] : "";
}
