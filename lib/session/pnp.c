/* SPDX-License-Identifier: MIT */

/*
 * The PnP exchange (PNP-1..4). It begins as a question of the search. When its address has won, the
 * socket stays open to the end of the window, while files are fetched: a repeated NOTIFY is
 * answered again, and a second address is told as a conflict.
 */

#include <prov/sip.h>

#include "session/private.h"

static struct prov_question *
question(struct prov_session *s)
{
    return &s->questions[PROV_NEED_PNP];
}

/* Nothing was opened, or it makes no sense to go on. */
static void
give_up(struct prov_session *s, const char *reason)
{
    prov_discover_nothing(&s->search, s->now_ms, PROV_NEED_PNP, reason);
}

/* The identity does not make a SUBSCRIBE. */
static void
refuse_subscribe(struct prov_session *s, struct prov_diag *d)
{
    d->source = prov_str_z("SUBSCRIBE");
    prov_diags_add(&s->diags, d);
    prov_discover_refused(&s->search, s->now_ms, PROV_NEED_PNP, d->status,
                          "the SUBSCRIBE cannot be written");
    question(s)->state = PROV_SLOT_CANCEL;
}

void
prov_session_pnp_opened(struct prov_session *s, enum prov_status status,
                        const struct prov_endpoint *local)
{
    struct prov_pnp_config c = {
        .size = sizeof(c),
        .identity = &s->identity,
        .group = s->config.pnp_group,
        .window_ms = s->config.pnp_window_ms,
        .lenient = s->config.pnp_lenient,
    };
    struct prov_diag d = { .status = PROV_OK };

    if (status != PROV_OK) {
        question(s)->state = PROV_SLOT_FREE;
        if (status == PROV_E_DENIED)
            s->cannot |= 1u << PROV_NEED_PNP;
        give_up(s, prov_session_unserved(PROV_NEED_PNP, status));
        return;
    }
    c.local = *local;
    c.seed = prov_retry_random(&s->random);
    memset(&s->pnp.seen, 0, sizeof(s->pnp.seen));
    status = prov_pnp_init(&s->pnp.machine, &c, &d);
    if (status != PROV_OK && !prov_session_is_fatal(s, status))
        refuse_subscribe(s, &d);
    s->pnp.open = status == PROV_OK;
}

/* Why the window is over without an address. */
static const char *
why_nothing(const struct prov_session_pnp *p)
{
    if (p->seen[PROV_PNP_NO_ADDRESS] > 0)
        return "the NOTIFY holds no address";
    if (p->seen[PROV_PNP_INCOMPLETE] > 0)
        return "the NOTIFY is incomplete";
    if (p->seen[PROV_PNP_RESPONSE] > 0)
        return "a server answered, but sent no address";
    if (p->seen[PROV_PNP_STRANGER] > 0)
        return "only a NOTIFY that belongs to nothing we asked";
    return "no answer";
}

/* What is to be done about the exchange now; sets the time when to look again. */
static bool
step(struct prov_session *s, struct prov_pnp_step *out)
{
    prov_pnp_next(&s->pnp.machine, s->now_ms, out);
    switch (out->kind) {
    case PROV_PNP_SEND:
        return true;
    case PROV_PNP_WAIT:
        question(s)->until_ms = out->until_ms;
        break;
    case PROV_PNP_END:
        if (s->pnp.seen[PROV_PNP_ADDRESS] == 0)
            give_up(s, why_nothing(&s->pnp));
        prov_session_unask(s, PROV_NEED_PNP);
        break;
    }
    return false;
}

bool
prov_session_pnp_send(struct prov_session *s, struct prov_endpoint *to, struct prov_str *bytes)
{
    struct prov_pnp_step now;

    if (!step(s, &now))
        return false;
    *to = now.to;
    *bytes = now.bytes;
    return true;
}

bool
prov_session_pnp_turn(struct prov_session *s, struct prov_action *a)
{
    const struct prov_question *q = question(s);

    if (q->state != PROV_SLOT_BUSY || !s->pnp.open ||
        !prov_session_pnp_send(s, &a->to, &a->datagram))
        return false;
    a->kind = PROV_DO_SEND;
    a->id = q->id;
    return true;
}

/* ---- Datagrams ---- */

static struct prov_str
text_of(const struct prov_endpoint *e, char mem[PROV_ENDPOINT_BYTES])
{
    struct prov_buf out = { mem, PROV_ENDPOINT_BYTES, 0 };

    return prov_endpoint_format(e, &out) == PROV_OK ? prov_buf_str(&out) : prov_str_z("");
}

/* The first one is told; a flood of them is no news. */
static void
conflict(struct prov_session *s, const struct prov_endpoint *from, struct prov_str bytes)
{
    char mem[PROV_ENDPOINT_BYTES];
    struct prov_sip notify;
    struct prov_str url;

    if (s->pnp.seen[PROV_PNP_CONFLICT] == 1 && prov_sip_read(bytes, &notify, NULL) == PROV_OK &&
        prov_pnp_body_url(&notify, &url))
        prov_discover_conflict(&s->search, url, text_of(from, mem));
}

void
prov_session_pnp_datagram(struct prov_session *s, const struct prov_endpoint *from,
                          struct prov_str bytes)
{
    struct prov_session_pnp *p = &s->pnp;
    const enum prov_pnp_verdict v = prov_pnp_datagram(&p->machine, s->now_ms, from, bytes);
    char mem[PROV_ENDPOINT_BYTES];

    p->seen[v] += p->seen[v] < UINT32_MAX;
    if (v == PROV_PNP_ADDRESS)
        prov_discover_address(&s->search, s->now_ms, PROV_NEED_PNP, prov_pnp_url(&p->machine),
                              text_of(from, mem), bytes);
    else if (v == PROV_PNP_CONFLICT)
        conflict(s, from, bytes);
    else if (v == PROV_PNP_STRANGER && p->seen[v] == 1)
        p->stranger = *from;
    else if (v == PROV_PNP_MALFORMED && p->seen[v] == 1)
        p->malformed = *from;
}

/* One word about all of a kind. */
static void
tell(struct prov_session *s, enum prov_pnp_verdict verdict, enum prov_diag_code code,
     const struct prov_endpoint *first)
{
    const struct prov_verdict v = { .code = code, .need = s->pnp.seen[verdict] };
    struct prov_buf who = { NULL, PROV_ENDPOINT_BYTES, 0 };

    if (s->pnp.seen[verdict] == 0 || s->fatal != PROV_OK)
        return;
    who.ptr = prov_arena_perm(&s->work, who.cap, 1);
    if (who.ptr == NULL || prov_endpoint_format(first, &who) != PROV_OK)
        prov_session_fail(s, PROV_E_SPACE);
    else
        prov_session_note(s, &v, prov_str_z(""), prov_buf_str(&who));
}

void
prov_session_pnp_close(struct prov_session *s)
{
    if (!s->pnp.open)
        return;
    s->pnp.open = false;
    tell(s, PROV_PNP_STRANGER, PROV_D_PNP_STRANGERS, &s->pnp.stranger);
    tell(s, PROV_PNP_MALFORMED, PROV_D_PNP_GARBAGE, &s->pnp.malformed);
}
