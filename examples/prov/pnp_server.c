/* SPDX-License-Identifier: MIT */
#include "pnp_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <prov/adapters/posix.h>

#include "interface.h"
#include "options.h"
#include "signals.h"
#include "sip_show.h"

#define FIRST_MS 500u /* RFC 3261 T1 */
#define TRIES 4u

/* Header values may be folded; copied into a message of ours they must not begin a line. */
static void
add_unfolded(struct text *t, struct prov_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.ptr[i];
        const struct prov_str one = { &c, 1 };

        text_add(t, c == '\r' || c == '\n' ? prov_str_z(" ") : one);
    }
}

/* A number that nobody guesses, for tags and branches. */
static uint64_t
next_number(struct pnp_server *s)
{
    s->seed ^= s->seed << 13;
    s->seed ^= s->seed >> 7;
    s->seed ^= s->seed << 17;
    return s->seed;
}

static void
log_line(const struct prov_endpoint *who, struct prov_str words)
{
    struct text t = { 0 };

    sip_show_time(&t);
    text_add_z(&t, " ");
    sip_show_endpoint(&t, who);
    text_add_z(&t, " ");
    text_add(&t, words);
    puts(t.ptr);
    fflush(stdout);
    text_free(&t);
}

/* What became of a request of ours. */
static void
log_result(const struct pnp_pending *p, const char *words)
{
    struct text t = { 0 };

    text_addf(&t, "%s %s", p->what, words);
    log_line(&p->to, text_str(&t));
    text_free(&t);
}

/* ---- requests of ours ---- */

static void
send_text(struct pnp_server *s, const struct prov_endpoint *to, struct prov_str message)
{
    if (prov_lan_send(s->lan, s->own, to, message.ptr, message.len) != PROV_OK)
        log_line(to, prov_str_z("cannot be reached"));
}

/* Send, and again until it is answered. With all places taken it is sent once. */
static void
send_request(struct pnp_server *s, const struct prov_endpoint *to, const char *what,
             struct prov_str call_id, struct text *message)
{
    struct pnp_pending *p = s->pending;

    send_text(s, to, text_str(message));
    while (p < s->pending + PNP_SERVER_PENDING && p->message != NULL)
        p++;
    if (p == s->pending + PNP_SERVER_PENDING || call_id.len >= sizeof(p->call_id))
        return;
    *p = (struct pnp_pending){
        .to = *to, .what = what, .tries = 1, .due_ms = signals_clock_ms() + FIRST_MS
    };
    memcpy(p->call_id, call_id.ptr, call_id.len);
    p->message = message->ptr; /* handed over */
    *message = (struct text){ 0 };
}

static void
forget(struct pnp_pending *p)
{
    free(p->message);
    *p = (struct pnp_pending){ .message = NULL };
}

static void
send_again(struct pnp_server *s)
{
    const uint64_t now = signals_clock_ms();

    for (struct pnp_pending *p = s->pending; p < s->pending + PNP_SERVER_PENDING; p++) {
        if (p->message == NULL || now < p->due_ms)
            continue;
        if (p->tries == TRIES) {
            log_result(p, "not answered");
            forget(p);
            continue;
        }
        p->due_ms = now + ((uint64_t)FIRST_MS << p->tries);
        p->tries++;
        send_text(s, &p->to, prov_str_z(p->message));
    }
}

static void
add_own_address(struct text *t, const struct pnp_server *s)
{
    sip_show_endpoint(t, &s->local);
}

/* Behind it come the body's headers and the body. */
static void
begin_notify(struct pnp_server *s, struct text *t, struct prov_str target)
{
    text_add_z(t, "NOTIFY ");
    add_unfolded(t, target);
    text_add_z(t, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
    add_own_address(t, s);
    text_addf(t, ";branch=z9hG4bK%016llx;rport\r\nMax-Forwards: 70\r\n",
              (unsigned long long)next_number(s));
}

static void
end_notify(struct pnp_server *s, struct text *t, const char *type, struct prov_str body)
{
    text_add_z(t, "Contact: <sip:");
    add_own_address(t, s);
    text_add_z(t, ">\r\n");
    if (body.len > 0)
        text_addf(t, "Content-Type: %s\r\n", type);
    text_addf(t, "Content-Length: %zu\r\n\r\n", body.len);
    text_add(t, body);
}

/* The address inside `<...>` of a Contact or From, or the whole value. */
static struct prov_str
uri_of(struct prov_str value)
{
    const char *open = memchr(value.ptr, '<', value.len);
    const char *close =
        open == NULL ? NULL : memchr(open, '>', value.len - (size_t)(open - value.ptr));

    if (close != NULL)
        return (struct prov_str){ open + 1, (size_t)(close - open - 1) };
    return prov_sip_token(value);
}

static void
send_address(struct pnp_server *s, const struct prov_endpoint *to, const struct prov_sip *subscribe,
             const char *tag)
{
    const struct prov_str contact = subscribe->headers[PROV_SIP_CONTACT];
    const struct prov_str from = subscribe->headers[PROV_SIP_FROM];
    const struct prov_str call_id = subscribe->headers[PROV_SIP_CALL_ID];
    struct text t = { 0 };

    begin_notify(s, &t, uri_of(contact.len > 0 ? contact : from));
    text_add_z(&t, "From: ");
    add_unfolded(&t, subscribe->headers[PROV_SIP_TO]);
    if (!prov_sip_param(subscribe->headers[PROV_SIP_TO], prov_str_z("tag"), NULL))
        text_addf(&t, ";tag=%s", tag);
    text_add_z(&t, "\r\nTo: ");
    add_unfolded(&t, from);
    text_add_z(&t, "\r\nCall-ID: ");
    add_unfolded(&t, call_id);
    text_add_z(&t, "\r\nCSeq: 1 NOTIFY\r\nEvent: ");
    add_unfolded(&t, subscribe->headers[PROV_SIP_EVENT]);
    text_add_z(&t, "\r\nSubscription-State: terminated;reason=timeout\r\n");
    end_notify(s, &t, "application/url", prov_str_z(s->url));
    send_request(s, to, "NOTIFY", call_id, &t);
    text_free(&t);
}

/* ---- what arrives ---- */

static void
on_subscribe(struct pnp_server *s, const struct prov_endpoint *from, const struct prov_sip *m)
{
    char room[PROV_LAN_REPLY_BYTES], tag[17];
    struct prov_buf reply = { room, sizeof(room), 0 };
    const struct sip_phone phone = sip_phone_of(m);
    struct text words = { 0 };

    snprintf(tag, sizeof(tag), "%016llx", (unsigned long long)next_number(s));
    const struct prov_sip_answer ok = { .status = 200,
                                        .reason = prov_str_z("OK"),
                                        .to_tag = prov_str_z(tag),
                                        .headers = prov_str_z("Expires: 0\r\n"),
                                        .from = from };

    if (prov_sip_answer(m, &ok, &reply) != PROV_OK)
        return;
    send_text(s, from, (struct prov_str){ room, reply.len });
    send_address(s, from, m, tag);
    text_add_z(&words, "SUBSCRIBE ");
    sip_show_phone(&words, &phone);
    text_add_z(&words, ": told ");
    text_add_operand(&words, prov_str_z(s->url));
    log_line(from, text_str(&words));
    text_free(&words);
}

/* What a phone means by an answer to a NOTIFY; the usual ones only. */
static const char *
meaning(unsigned status)
{
    static const struct {
        unsigned status;
        const char *words;
    } rows[] = {
        { 200, "accepted" },
        { 400, "malformed" },
        { 403, "forbidden: switched off, or not allowed to us" },
        { 481, "not asked for" },
        { 489, "another event is expected" },
        { 503, "too soon after the last one, or too busy" },
    };

    for (size_t i = 0; i < TOOL_COUNT(rows); i++) {
        if (rows[i].status == status)
            return rows[i].words;
    }
    return status < 300 ? "accepted" : "refused";
}

static void
on_response(struct pnp_server *s, const struct prov_sip *m)
{
    const struct prov_str id = m->headers[PROV_SIP_CALL_ID];

    for (struct pnp_pending *p = s->pending;
         m->status >= 200 && p < s->pending + PNP_SERVER_PENDING; p++) {
        if (p->message != NULL && prov_str_eq(id, prov_str_z(p->call_id))) {
            struct text words = { 0 };

            text_addf(&words, "answered with %u, %s", (unsigned)m->status, meaning(m->status));
            log_result(p, words.ptr);
            text_free(&words);
            forget(p);
        }
    }
}

/* For both listeners. Replies are sent here, so that the 200 goes out before the NOTIFY. */
static void
on_message(void *ctx, const struct prov_endpoint *from, struct prov_str bytes,
           struct prov_buf *reply)
{
    struct pnp_server *s = ctx;
    struct prov_sip m;

    (void)reply;
    if (prov_sip_read(bytes, &m, NULL) != PROV_OK)
        log_line(from, prov_str_z("no SIP message"));
    else if (!m.request)
        on_response(s, &m);
    else if (prov_str_eq(m.method, prov_str_z("SUBSCRIBE")))
        on_subscribe(s, from, &m);
}

/* ---- check-sync ---- */

void
pnp_server_check_sync(struct pnp_server *s, const struct prov_endpoint *phone, const char *url)
{
    struct text t = { 0 }, target = { 0 }, body = { 0 };
    char call_id[40];

    snprintf(call_id, sizeof(call_id), "%016llx@prov", (unsigned long long)next_number(s));
    text_add_z(&target, "sip:");
    sip_show_endpoint(&target, phone);
    if (url != NULL) {
        text_add_z(&body, "<notifySync><checkSync><url>");
        for (const char *c = url; *c != '\0'; c++)
            text_addf(&body, *c == '<' ? "&lt;" : *c == '&' ? "&amp;" : "%c", *c);
        text_add_z(&body, "</url></checkSync></notifySync>\n");
    }
    begin_notify(s, &t, text_str(&target));
    text_add_z(&t, "From: <sip:prov@");
    add_own_address(&t, s);
    text_addf(&t, ">;tag=%016llx\r\nTo: <", (unsigned long long)next_number(s));
    text_add(&t, text_str(&target));
    text_addf(&t, ">\r\nCall-ID: %s\r\nCSeq: 1 NOTIFY\r\nEvent: check-sync\r\n", call_id);
    end_notify(s, &t, "application/xml", text_str(&body));
    log_line(phone, prov_str_z("check-sync sent"));
    send_request(s, phone, "check-sync", prov_str_z(call_id), &t);
    text_free(&t);
    text_free(&target);
    text_free(&body);
}

/* ---- open, serve, close ---- */

int
pnp_server_open(struct pnp_server *s, const char *interface, const struct prov_endpoint *group,
                const char *url, struct report *report)
{
    const struct prov_lan_options options = { .size = sizeof(options), .interface = interface };
    struct prov_lan_listener l = { .size = sizeof(l), .on_message = on_message, .ctx = s };
    const struct prov_endpoint *at = NULL;
    enum prov_status status;

    *s = (struct pnp_server){ .url = url };
    status = prov_posix_seed(&s->seed);
    s->seed |= 1;
    if (status == PROV_OK)
        status = prov_lan_new(&s->lan, &options);
    l.at.family = group->family;
    if (status == PROV_OK)
        status = prov_lan_listen(s->lan, &l, &s->own, &s->local);
    if (status == PROV_OK)
        at = group;
    l.group = *group;
    if (status == PROV_OK)
        status = prov_lan_listen(s->lan, &l, &s->group, NULL);
    return status == PROV_OK ? TOOL_GO_ON
                             : interface_refused(s->lan, interface, at, status, report);
}

bool
pnp_server_turn(struct pnp_server *s, uint32_t max_ms)
{
    const enum prov_status status = prov_lan_wait(s->lan, max_ms);

    send_again(s);
    return status == PROV_OK;
}

void
pnp_server_close(struct pnp_server *s)
{
    for (size_t i = 0; i < PNP_SERVER_PENDING; i++)
        forget(&s->pending[i]);
    prov_lan_free(&s->lan);
}
