/* SPDX-License-Identifier: MIT */
#include "world_lan.h"

#include <stdio.h>

#define FLOOD_STEP_MS 10u
#define LOCAL_PORT 5070

static const struct prov_endpoint local_address = { PROV_FAMILY_IPV4,
                                                    { 192, 0, 2, 77 },
                                                    LOCAL_PORT };

static struct prov_endpoint
host(uint8_t last)
{
    const struct prov_endpoint e = { PROV_FAMILY_IPV4, { 192, 0, 2, last }, 5060 };

    return e;
}

/* ---- Questions ---- */

enum prov_status
world_ask(void *ctx, uint32_t id, const struct prov_ask *ask, struct prov_endpoint *local,
          struct prov_run *run)
{
    static const char *const names[] = { "dhcp4", "dhcp6", "pnp" };
    struct world *w = ctx;
    struct world_question *q = &w->questions[ask->kind];

    assert_ptr_equal(run, &w->run);
    assert_int_equal(0, q->id);
    world_note(w, "ask", id, prov_str_z(names[ask->kind]));
    w->ask_count++;
    if (ask->kind == PROV_ASK_PNP) {
        if (w->pnp_begin != PROV_OK)
            return w->pnp_begin;
        *local = local_address;
        *q = (struct world_question){ .id = id, .began_ms = w->now_ms };
        return PROV_OK;
    }
    const struct world_dhcp *d = &w->dhcp[ask->kind];

    assert_true(ask->param_count <= PROV_COUNT(w->params[0]));
    memcpy(w->params[ask->kind], ask->params, ask->param_count * sizeof(uint16_t));
    w->param_count[ask->kind] = ask->param_count;
    if (!d->there)
        return PROV_E_NOT_FOUND;
    if (d->begin != PROV_OK)
        return d->begin;
    *q = (struct world_question){ .id = id, .began_ms = w->now_ms };
    q->due_ms = d->silent ? UINT64_MAX : w->now_ms + d->delay_ms;
    if (w->blocking) {
        w->now_ms += d->silent ? ask->whole_ms : d->delay_ms;
        q->due_ms = w->now_ms;
        world_lan_move(w);
    }
    return PROV_OK;
}

void
world_lan_cancel(struct world *w, uint32_t id)
{
    for (size_t i = 0; i < PROV_COUNT(w->questions); i++) {
        if (w->questions[i].id == id)
            w->questions[i].id = 0;
    }
}

bool
world_lan_asked(const struct world *w)
{
    for (size_t i = 0; i < PROV_COUNT(w->questions); i++) {
        if (w->questions[i].id != 0)
            return true;
    }
    return false;
}

/* ---- What the phone sends ---- */

/* The rest of the line behind a header name. */
static void
copy_line(char *to, size_t cap, const char *text, const char *name)
{
    const char *at = strstr(text, name);
    size_t n;

    assert_non_null(at);
    at += strlen(name);
    n = strcspn(at, "\r");
    assert_true(n < cap);
    memcpy(to, at, n);
    to[n] = '\0';
}

enum prov_status
world_send(void *ctx, uint32_t id, const struct prov_endpoint *to, const void *bytes, size_t len)
{
    struct world *w = ctx;
    char text[4096];

    assert_true(len > 0 && len < sizeof(text));
    memcpy(text, bytes, len);
    text[len] = '\0';
    world_note(w, "send", id, (struct prov_str){ text, len });
    assert_int_equal(w->questions[PROV_ASK_PNP].id, id);
    w->send_count++;
    if (strncmp(text, "SUBSCRIBE ", 10) == 0) {
        assert_int_equal(224, to->addr[0]);
        copy_line(w->call_id, sizeof(w->call_id), text, "\r\nCall-ID: ");
        copy_line(w->from, sizeof(w->from), text, "\r\nFrom: ");
        return w->send_status;
    }
    assert_int_equal(192, to->addr[0]); /* an answer */
    w->answered[strncmp(text, "SIP/2.0 200", 11) == 0   ? 0
                : strncmp(text, "SIP/2.0 481", 11) == 0 ? 1
                                                        : 2]++;
    return w->send_status;
}

/* ---- What it receives ---- */

static size_t
write_notify(const struct world *w, const struct world_datagram *d, char *text, size_t cap)
{
    const bool spoof = d->message == WORLD_SPOOF;
    const char *body = d->message == WORLD_BARE ? "" : d->text;
    const int n = snprintf(text, cap,
                           "NOTIFY sip:phone@192.0.2.77:5070 SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 192.0.2.%u:5060;branch=z9hG4bK-%u\r\n"
                           "From: <sip:server@192.0.2.%u>;tag=srv\r\nTo: %s\r\n"
                           "Call-ID: %s\r\nCSeq: 1 NOTIFY\r\nEvent: ua-profile\r\n"
                           "%s"
                           "Content-Type: application/url\r\nContent-Length: %zu\r\n\r\n%s",
                           (unsigned)d->host, (unsigned)d->at_ms, (unsigned)d->host, w->from,
                           spoof ? "guessed@192.0.2.66" : w->call_id,
                           d->message == WORLD_LOOSE ? "" : "Subscription-State: active\r\n",
                           strlen(body), body);

    assert_true(n > 0 && (size_t)n < cap);
    return (size_t)n;
}

static size_t
write_ok(const struct world *w, char *text, size_t cap)
{
    const int n = snprintf(text, cap,
                           "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.77:5070;branch=z9hG4bKx\r\n"
                           "From: %s\r\nTo: %s;tag=srv\r\nCall-ID: %s\r\nCSeq: 1 SUBSCRIBE\r\n"
                           "Content-Length: 0\r\n\r\n",
                           w->from, w->from, w->call_id);

    assert_true(n > 0 && (size_t)n < cap);
    return (size_t)n;
}

/* In a block of exact size. */
static void
deliver(struct world *w, const struct prov_endpoint *from, const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    memcpy(copy, text, len);
    assert_int_equal(PROV_OK,
                     prov_run_datagram(&w->run, w->questions[PROV_ASK_PNP].id, from, copy, len));
    free(copy);
}

static void
deliver_row(struct world *w, const struct world_datagram *d)
{
    const struct prov_endpoint from = host(d->host);
    char text[4096];
    size_t len;

    if (d->message == WORLD_GARBAGE) {
        len = strlen(d->text);
        memcpy(text, d->text, len);
    } else if (d->message == WORLD_OK) {
        len = write_ok(w, text, sizeof(text));
    } else {
        len = write_notify(w, d, text, sizeof(text));
    }
    deliver(w, &from, text, len);
}

/* Random bytes, some of them behind a good beginning. */
static void
deliver_flood(struct world *w, unsigned count)
{
    for (unsigned i = 0; i < count && w->flood > 0; i++, w->flood--) {
        const struct prov_endpoint from = host((uint8_t)(w->flood & 0x7F));
        char text[96] = "NOTIFY sip:phone SIP/2.0\r\nVia: ";
        size_t at = (w->flood & 1) != 0 ? 0 : strlen(text);

        for (; at < sizeof(text); at++) {
            w->random = w->random * 6364136223846793005u + 1442695040888963407u;
            text[at] = (char)(w->random >> 56);
        }
        deliver(w, &from, text, sizeof(text));
    }
}

static const struct world_datagram *
next_datagram(const struct world *w)
{
    const struct world_question *q = &w->questions[PROV_ASK_PNP];

    if (q->id == 0 || w->datagrams == NULL || w->datagrams[q->next].at_ms == 0)
        return NULL;
    return &w->datagrams[q->next];
}

uint64_t
world_lan_due(const struct world *w)
{
    const struct world_question *pnp = &w->questions[PROV_ASK_PNP];
    const struct world_datagram *d = next_datagram(w);
    uint64_t due = d != NULL ? pnp->began_ms + d->at_ms : UINT64_MAX;

    if (pnp->id != 0 && w->flood > 0 && due > w->now_ms + FLOOD_STEP_MS)
        due = w->now_ms + FLOOD_STEP_MS;
    for (size_t i = 0; i < 2; i++) {
        if (w->questions[i].id != 0 && w->questions[i].due_ms < due)
            due = w->questions[i].due_ms;
    }
    return due;
}

static void
end_dhcp(struct world *w, size_t i)
{
    const uint32_t id = w->questions[i].id;
    const struct world_dhcp *d = &w->dhcp[i];

    w->questions[i].id = 0;
    for (size_t at = 0; d->bytes != NULL && at < d->len;) {
        const size_t left = d->len - at, n = w->chunk != 0 && w->chunk < left ? w->chunk : left;

        (void)!prov_run_body(&w->run, id, d->bytes + at, n);
        at += n;
    }
    (void)prov_run_asked(&w->run, id, d->silent ? PROV_E_TIMEOUT : d->end);
}

void
world_lan_move(struct world *w)
{
    struct world_question *pnp = &w->questions[PROV_ASK_PNP];
    const struct world_datagram *d = next_datagram(w);

    for (size_t i = 0; i < 2; i++) {
        if (w->questions[i].id != 0 && w->questions[i].due_ms <= w->now_ms)
            end_dhcp(w, i);
    }
    if (d != NULL && pnp->began_ms + d->at_ms <= w->now_ms) {
        pnp->next++;
        deliver_row(w, d);
    }
    if (pnp->id != 0)
        deliver_flood(w, 40 * FLOOD_STEP_MS);
}

/* ---- check-sync ---- */

unsigned
world_check_sync(struct world *w, uint8_t last, const char *body)
{
    const struct prov_endpoint from = host(last);
    static unsigned count;
    static char text[16384];
    char mem[2048];
    struct prov_buf reply = { mem, sizeof(mem), 0 };
    unsigned status = 0;
    const int n = snprintf(text, sizeof(text),
                           "NOTIFY sip:phone@192.0.2.77 SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 192.0.2.%u:5060;branch=z9hG4bK-c%u\r\n"
                           "From: <sip:server@192.0.2.%u>;tag=s\r\nTo: <sip:phone@192.0.2.77>\r\n"
                           "Call-ID: sync-%u\r\nCSeq: 1 NOTIFY\r\nEvent: check-sync\r\n"
                           "Content-Type: application/xml\r\nContent-Length: %zu\r\n\r\n%s",
                           (unsigned)last, count, (unsigned)last, count, strlen(body), body);

    count++;
    assert_true(n > 0 && (size_t)n < sizeof(text));
    const struct prov_str message = { text, (size_t)n };

    assert_int_equal(PROV_OK, prov_run_notify(&w->run, &from, message, &reply, NULL));
    assert_true(reply.len > 12);
    assert_int_equal(1, sscanf(mem, "SIP/2.0 %3u", &status));
    return status;
}

/* ---- The record ---- */

const struct prov_source_record *
world_source(const struct world *w, enum prov_source_kind kind)
{
    for (uint32_t i = 0; i < w->record->source_count; i++) {
        if (w->record->sources[i].kind == kind)
            return &w->record->sources[i];
    }
    return NULL;
}

bool
world_source_is(const struct world *w, enum prov_source_kind kind, enum prov_source_outcome outcome,
                const char *reason)
{
    const struct prov_source_record *r = world_source(w, kind);

    if (r != NULL && r->outcome == outcome && strcmp(r->reason, reason) == 0)
        return true;
    print_message("%s: %s: %s\n", prov_source_name(kind),
                  r != NULL ? prov_source_outcome_name(r->outcome) : "not there",
                  r != NULL ? r->reason : "");
    return false;
}
