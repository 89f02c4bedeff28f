/* SPDX-License-Identifier: MIT */

/* Questions to the local network: start, end, time-outs; and DHCP, whose answer is bytes (DHC-9). */

#include "session/private.h"

#define QUESTIONS 3u

/* As the port knows a need. */
static const enum prov_ask_kind kinds[QUESTIONS] = {
    [PROV_NEED_DHCP4] = PROV_ASK_DHCP4,
    [PROV_NEED_DHCP6] = PROV_ASK_DHCP6,
    [PROV_NEED_PNP] = PROV_ASK_PNP,
};

void
prov_session_ask(struct prov_session *s, enum prov_need need)
{
    if (need == PROV_NEED_REDIRECT)
        prov_session_service_begin(s);
    else
        s->questions[need] = (struct prov_question){ .state = PROV_SLOT_START };
}

/* The port is told if it has begun. */
static void
unask(struct prov_session *s, enum prov_need need)
{
    struct prov_question *q = &s->questions[need];

    if (q->state == PROV_SLOT_START)
        q->state = PROV_SLOT_FREE;
    if (q->state != PROV_SLOT_BUSY)
        return;
    if (need == PROV_NEED_PNP)
        prov_session_pnp_close(s);
    q->state = PROV_SLOT_CANCEL;
}

void
prov_session_unask(struct prov_session *s, enum prov_need need)
{
    if (need == PROV_NEED_REDIRECT)
        prov_session_cancel_all(s); /* during the search nothing else is fetched */
    else
        unask(s, need);
}

void
prov_session_unask_all(struct prov_session *s)
{
    for (unsigned need = 0; need < QUESTIONS; need++)
        unask(s, (enum prov_need)need);
}

/* What the port is to ask. */
static void
describe(struct prov_session *s, enum prov_need need, struct prov_ask *out)
{
    *out = (struct prov_ask){ .size = sizeof(*out), .kind = kinds[need] };
    if (need == PROV_NEED_PNP) {
        out->group = s->config.pnp_group;
        out->whole_ms = s->config.pnp_window_ms;
        return;
    }
    struct prov_session_dhcp *d = &s->dhcp[need];

    d->len = 0;
    d->overflow = false;
    out->params = d->params;
    out->param_count = prov_discover_params(&s->search, need == PROV_NEED_DHCP6, d->params);
    out->whole_ms = s->config.dhcp_ms;
}

bool
prov_session_ask_turn(struct prov_session *s, struct prov_action *a)
{
    for (unsigned need = 0; need < QUESTIONS; need++) {
        struct prov_question *q = &s->questions[need];

        if (q->state != PROV_SLOT_START)
            continue;
        a->kind = PROV_DO_ASK;
        a->id = prov_session_new_id(s);
        describe(s, (enum prov_need)need, &a->ask);
        *q = (struct prov_question){ PROV_SLOT_BUSY, a->id, s->now_ms + a->ask.whole_ms };
        if (need == PROV_NEED_PNP)
            s->pnp.open = false;
        return true;
    }
    return false;
}

bool
prov_session_unask_turn(struct prov_session *s, struct prov_action *a)
{
    for (unsigned need = 0; need < QUESTIONS; need++) {
        struct prov_question *q = &s->questions[need];

        if (q->state != PROV_SLOT_CANCEL)
            continue;
        a->kind = PROV_DO_CANCEL;
        a->id = q->id;
        q->state = PROV_SLOT_FREE;
        return true;
    }
    return false;
}

uint64_t
prov_session_deadline(const struct prov_session *s)
{
    uint64_t until = PROV_SESSION_NEVER;

    for (unsigned need = 0; need < QUESTIONS; need++) {
        const struct prov_question *q = &s->questions[need];

        if (q->state == PROV_SLOT_BUSY && q->until_ms < until)
            until = q->until_ms;
    }
    return until;
}

void
prov_session_expire(struct prov_session *s)
{
    for (unsigned need = 0; need < QUESTIONS; need++) {
        struct prov_question *q = &s->questions[need];

        if (q->state != PROV_SLOT_BUSY || s->now_ms < q->until_ms)
            continue;
        if (need == PROV_NEED_PNP && s->pnp.open)
            continue; /* it keeps its own time */
        q->state = PROV_SLOT_CANCEL;
        prov_discover_nothing(&s->search, s->now_ms, (enum prov_need)need, "no answer");
    }
}

/* ---- DHCP ---- */

struct prov_question *
prov_session_question(struct prov_session *s, uint32_t id)
{
    for (unsigned need = PROV_NEED_DHCP4; need <= PROV_NEED_DHCP6; need++) {
        if (s->questions[need].state == PROV_SLOT_BUSY && s->questions[need].id == id)
            return &s->questions[need];
    }
    return NULL;
}

static enum prov_need
need_of(const struct prov_session *s, const struct prov_question *q)
{
    return q == &s->questions[PROV_NEED_DHCP6] ? PROV_NEED_DHCP6 : PROV_NEED_DHCP4;
}

enum prov_status
prov_session_dhcp_body(struct prov_session *s, const struct prov_question *q, const void *bytes,
                       size_t len)
{
    struct prov_session_dhcp *d = &s->dhcp[need_of(s, q)];

    if (d->overflow || len > sizeof(d->bytes) - d->len) {
        d->overflow = true;
        return PROV_E_LIMIT;
    }
    memcpy(d->bytes + d->len, bytes, len);
    d->len += len;
    return PROV_OK;
}

const char *
prov_session_unserved(enum prov_need need, enum prov_status status)
{
    const bool pnp = need == PROV_NEED_PNP;

    if (status == PROV_E_NOT_FOUND)
        return pnp ? "the interface has no multicast" : "the interface has no DHCP";
    if (status == PROV_E_TIMEOUT)
        return "no answer";
    return "the question could not be sent";
}

static void
too_large(struct prov_session *s, enum prov_need need)
{
    const struct prov_verdict v = { .status = PROV_E_LIMIT,
                                    .code = PROV_D_DHCP_ANSWER_LONG,
                                    .need = PROV_SESSION_DHCP_BYTES };

    prov_session_note(s, &v, prov_str_z(need == PROV_NEED_DHCP6 ? "DHCPv6" : "DHCP"),
                      prov_str_z(""));
    prov_discover_refused(&s->search, s->now_ms, need, v.status, "the answer is too long");
}

void
prov_session_dhcp_end(struct prov_session *s, struct prov_question *q, enum prov_status status)
{
    const enum prov_need need = need_of(s, q);
    const struct prov_session_dhcp *d = &s->dhcp[need];
    const struct prov_str bytes = { d->bytes, d->len };

    q->state = PROV_SLOT_FREE;
    if (status == PROV_E_DENIED)
        s->cannot |= 1u << need;
    if (status != PROV_OK)
        prov_discover_nothing(&s->search, s->now_ms, need, prov_session_unserved(need, status));
    else if (d->overflow)
        too_large(s, need);
    else if (d->len == 0)
        prov_discover_nothing(&s->search, s->now_ms, need, "no DHCP data");
    else
        prov_discover_dhcp(&s->search, s->now_ms, need == PROV_NEED_DHCP6, bytes);
}
