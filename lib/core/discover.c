/* SPDX-License-Identifier: MIT */

/*
 * The search for an address (DSC-1..8). The rules are walked step by step; the sources of a step
 * wait together, and the first answer with an address that can be used wins. A need is what is
 * asked for one source or, with DHCP, for several: its answer is kept for the later steps.
 */

#include "core/discover.h"

#include <prov/uri.h>

const char prov_discover_won_mate[] = "another source of the step won";
static const char won_first[] = "first address found";
static const char won_earlier[] = "an earlier source won";

/* ---- What becomes of a source ---- */

void
prov_discover_finish(struct prov_discover *d, size_t i, enum prov_source_outcome outcome,
                     const char *reason)
{
    struct prov_source_record *r = &d->records[i];

    r->outcome = outcome;
    r->reason = reason;
    if (!r->begun)
        r->began_ms = d->now_ms;
    r->begun = r->ended = true;
    r->ended_ms = d->now_ms;
    d->waiting &= ~prov_discover_bit(i);
}

void
prov_discover_refuse(struct prov_discover *d, size_t i, enum prov_status status, const char *reason)
{
    if (d->refused == PROV_OK)
        d->refused = status;
    prov_discover_finish(d, i, PROV_SOURCE_REFUSED, reason);
}

/* The diagnostic names the source by what was written, without secrets, or else by its name. */
static void
refuse_with(struct prov_discover *d, size_t i, struct prov_diag *diag, const char *reason)
{
    diag->source = d->records[i].before;
    if (diag->source.len == 0)
        diag->source = prov_str_z(prov_source_name(d->records[i].kind));
    prov_diags_add(d->diags, diag);
    prov_discover_refuse(d, i, diag->status, reason);
}

void
prov_discover_refuse_by_policy(struct prov_discover *d, size_t i, enum prov_trust_fault fault)
{
    struct prov_diag diag = { .status = PROV_E_DENIED, .code = prov_trust_code(fault) };

    refuse_with(d, i, &diag, prov_trust_reason(fault));
}

static void
cancel(struct prov_discover *d, size_t i)
{
    struct prov_source_record *r = &d->records[i];

    if (r->begun)
        prov_discover_finish(d, i, PROV_SOURCE_NOTHING,
                             "cancelled: another source of the step won");
    else
        r->reason = prov_discover_won_mate;
    d->waiting &= ~prov_discover_bit(i);
}

/* DSC-1: the others of the step are cancelled, and no further one is asked. */
void
prov_discover_win(struct prov_discover *d, size_t winner)
{
    d->winner = winner;
    d->records[winner].won = true;
    for (size_t i = d->from; i < d->count; i++) {
        struct prov_source_record *r = &d->records[i];

        if (i >= d->to && (d->off & prov_discover_bit(i)) == 0)
            r->reason = won_earlier;
        else if ((d->waiting & prov_discover_bit(i)) != 0)
            cancel(d, i);
        else if (i > winner && (d->off & prov_discover_bit(i)) == 0 && !r->begun)
            r->reason = prov_discover_won_mate;
    }
    for (unsigned n = 0; n < PROV_NEEDS; n++) {
        if (d->need_state[n] == NEED_TO_ASK) {
            d->need_state[n] = NEED_IDLE;
            d->owed[n] = 0;
        } else if (d->need_state[n] == NEED_ASKED) {
            d->need_state[n] = NEED_TO_CANCEL;
        }
    }
}

enum prov_trust_fault
prov_discover_allow(const struct prov_trust *trust, const struct prov_trust_known *known,
                    uint32_t from, struct prov_discover_candidate *found, size_t *count)
{
    enum prov_trust_fault first = PROV_TRUST_ALLOWED;
    size_t n = 0;

    if (trust == NULL || known == NULL || found == NULL || count == NULL)
        return PROV_TRUST_NO_SERVER;
    for (size_t i = 0; i < *count; i++) {
        const enum prov_trust_fault fault = prov_trust_judge(trust, known, from, found[i].url);

        if (fault == PROV_TRUST_ALLOWED)
            found[n++] = found[i];
        else if (first == PROV_TRUST_ALLOWED)
            first = fault;
    }
    *count = n;
    return n == 0 ? first : PROV_TRUST_ALLOWED;
}

/* The addresses that one of a source stands for; false if it is refused, or no memory is left. */
static bool
complete(struct prov_discover *d, size_t i, struct prov_str address,
         struct prov_discover_candidate *found, size_t *count)
{
    struct prov_source_record *r = &d->records[i];
    struct prov_diag diag = { 0 };
    const enum prov_status status =
        prov_discover_complete(d->dialect, d->macros, d->options.macro_raw, &d->limits, address,
                               d->arena, found, count, &diag);
    const struct prov_str first = found[0].url; /* as it may be left out */
    enum prov_trust_fault fault;

    if (status == PROV_E_SPACE) {
        d->fatal = status;
        return false;
    }
    if (status != PROV_OK) {
        refuse_with(d, i, &diag, "the address was refused");
        return false;
    }
    fault = prov_discover_allow(&d->trust, &d->known, PROV_SOURCE_BIT(r->kind), found, count);
    if (!prov_discover_redact(d, *count > 0 ? found[0].url : first, &r->url))
        return false;
    if (fault != PROV_TRUST_ALLOWED)
        prov_discover_refuse_by_policy(d, i, fault);
    return fault == PROV_TRUST_ALLOWED;
}

/* A source has an address: complete it, and win if nobody has. */
void
prov_discover_take(struct prov_discover *d, size_t i, struct prov_str address)
{
    struct prov_source_record *r = &d->records[i];
    struct prov_discover_candidate found[PROV_DISCOVER_URLS] = { { .url = { NULL, 0 } } };
    size_t count = 0;

    if (!prov_discover_redact(d, address, &r->before) || !complete(d, i, address, found, &count))
        return;
    prov_discover_finish(d, i, PROV_SOURCE_URL,
                         d->winner == PROV_DISCOVER_NONE ? won_first : prov_discover_won_mate);
    if (d->winner != PROV_DISCOVER_NONE)
        return;
    memcpy(d->candidates, found, count * sizeof(found[0]));
    d->candidate_count = count;
    d->candidate = 0;
    prov_discover_win(d, i);
}

/* ---- DHCP ---- */

/* The address in perm memory: once to learn its length, once to write it. */
static enum prov_status
dhcp_address(struct prov_discover *d, const struct prov_dhcp_rule *rule, struct prov_str *address,
             struct prov_diag *diag)
{
    const struct prov_dhcp_facts *facts = &d->facts[rule->v6];
    const struct prov_dhcp_policy policy = {
        .default_file = d->dialect->default_file,
        .enterprise = d->options.enterprise,
        .region_us = d->options.region_us,
    };
    struct prov_buf out = { NULL, 0, 0 };
    enum prov_status status = prov_dhcp_address(facts, rule, &policy, &out, diag);

    if (status == PROV_E_SPACE) {
        out.cap = diag->need;
        out.ptr = prov_arena_perm(d->arena, out.cap, 1);
        if (out.ptr == NULL)
            return PROV_E_SPACE;
        *diag = (struct prov_diag){ 0 };
        status = prov_dhcp_address(facts, rule, &policy, &out, diag);
    }
    *address = prov_buf_str(&out);
    return status;
}

void
prov_discover_look_up(struct prov_discover *d, size_t i)
{
    struct prov_str address;
    struct prov_diag diag = { 0 };

    if (!prov_discover_put_options(d, i))
        return;
    const enum prov_status status = dhcp_address(d, &d->rules[i].dhcp, &address, &diag);

    if (status == PROV_E_SPACE) {
        d->fatal = status;
    } else if (status == PROV_E_NOT_FOUND) {
        prov_discover_finish(d, i, PROV_SOURCE_NOTHING,
                             d->facts[d->rules[i].dhcp.v6].option_count > 0
                                 ? "not among the DHCP options"
                                 : "no DHCP data");
    } else if (status != PROV_OK) {
        refuse_with(d, i, &diag, "the DHCP option was refused");
    } else {
        if (diag.code != PROV_D_NONE) {
            diag.source = prov_str_z(prov_source_name(d->records[i].kind));
            prov_diags_add(d->diags, &diag);
        }
        prov_discover_take(d, i, address);
    }
}

/* ---- Asking ---- */

static void
ask_manual(struct prov_discover *d, size_t i)
{
    const struct prov_str address = prov_discover_manual(d);

    if (address.len == 0)
        prov_discover_finish(d, i, PROV_SOURCE_NOTHING, "no address is set");
    else
        prov_discover_take(d, i, address);
}

/* False if the source is done with: refused, or no memory. What a phone adds to the address of a
 * server (URL-2, URL-3) is not added to that of a service. */
static bool
expand_redirect(struct prov_discover *d, size_t i)
{
    const struct prov_str template = prov_discover_template(d);
    struct prov_diag diag = { 0 };
    const enum prov_status status = prov_discover_expand(
        d->macros, d->options.macro_raw, &d->limits, template, d->arena, &d->redirect, &diag);

    if (status == PROV_OK)
        return true;
    if (status == PROV_E_SPACE)
        d->fatal = status;
    else if (prov_discover_redact(d, template, &d->records[i].before))
        refuse_with(d, i, &diag, "the address of the service was refused");
    return false;
}

static void
ask(struct prov_discover *d, size_t i)
{
    const unsigned need = prov_discover_need(&d->rules[i]);

    if (need == PROV_NEED_NONE) {
        ask_manual(d, i);
        return;
    }
    if (need == PROV_NEED_REDIRECT && !expand_redirect(d, i))
        return;
    if (!prov_discover_put_asked(d, i))
        return;
    if (d->need_state[need] == NEED_KNOWN) {
        prov_discover_look_up(d, i);
        return;
    }
    d->need_state[need] = NEED_TO_ASK;
    d->owed[need] |= prov_discover_bit(i);
    d->waiting |= prov_discover_bit(i);
}

/* DSC-5. A source that was not asked has no say. */
static bool
stops_here(const struct prov_discover *d)
{
    for (size_t i = d->from; i < d->to; i++) {
        if ((d->off & prov_discover_bit(i)) == 0 &&
            !prov_discover_proceeds(d->options.proceed_on_nothing, d->rules[i].proceed_on_nothing))
            return true;
    }
    return false;
}

static void
stop(struct prov_discover *d)
{
    d->ended = true;
    for (size_t i = d->to; i < d->count; i++) {
        if ((d->off & prov_discover_bit(i)) == 0)
            d->records[i].reason = "the search stopped after an earlier source";
    }
}

static void
step(struct prov_discover *d)
{
    if (d->to == d->count || stops_here(d)) {
        stop(d);
        return;
    }
    d->from = d->to++;
    while (d->to < d->count && d->rules[d->to].step == d->rules[d->from].step)
        d->to++;
    for (size_t i = d->from; i < d->to && d->winner == PROV_DISCOVER_NONE && d->fatal == PROV_OK;
         i++) {
        if ((d->off & prov_discover_bit(i)) == 0)
            ask(d, i);
    }
}

/* ---- The caller's turn ---- */

/* The first need in a state. */
static bool
find_need(const struct prov_discover *d, enum prov_need_state state, enum prov_need *need)
{
    for (unsigned n = 0; n < PROV_NEEDS; n++) {
        if (d->need_state[n] == state) {
            *need = (enum prov_need)n;
            return true;
        }
    }
    return false;
}

/* Needs are told in the order of the sources that have them. */
static bool
begin_need(struct prov_discover *d, enum prov_need *need)
{
    for (size_t i = d->from; i < d->to; i++) {
        const unsigned n = prov_discover_need(&d->rules[i]);

        if ((d->waiting & prov_discover_bit(i)) == 0 || d->need_state[n] != NEED_TO_ASK)
            continue;
        d->need_state[n] = NEED_ASKED;
        for (size_t k = i; k < d->to; k++) {
            if ((d->owed[n] & prov_discover_bit(k)) != 0) {
                d->records[k].begun = true;
                d->records[k].began_ms = d->now_ms;
                d->records[k].reason = "no answer yet";
            }
        }
        *need = (enum prov_need)n;
        return true;
    }
    return false;
}

/* One look: false if there is nothing to tell before the next step has been taken. */
static bool
look(struct prov_discover *d, enum prov_discover_do *what, enum prov_need *need)
{
    if (find_need(d, NEED_TO_CANCEL, need)) {
        d->need_state[*need] = NEED_IDLE;
        d->owed[*need] = 0;
        *what = PROV_DISCOVER_CANCEL;
    } else if (begin_need(d, need)) {
        *what = PROV_DISCOVER_ASK;
    } else if (d->ended) {
        *what = PROV_DISCOVER_NOTHING;
    } else if (d->winner != PROV_DISCOVER_NONE) {
        d->began = true;
        d->records[d->winner].tried = true;
        *what = PROV_DISCOVER_FOUND;
    } else if (d->waiting != 0) {
        *what = PROV_DISCOVER_WAIT;
    } else {
        return false;
    }
    return true;
}

enum prov_status
prov_discover_next(struct prov_discover *d, uint64_t now_ms, enum prov_discover_do *what,
                   enum prov_need *need)
{
    if (d == NULL || what == NULL || need == NULL)
        return PROV_E_ARG;
    prov_discover_tick(d, now_ms);
    while (d->fatal == PROV_OK && !look(d, what, need))
        step(d);
    return d->fatal;
}

size_t
prov_discover_params(const struct prov_discover *d, bool v6, uint16_t *codes)
{
    size_t count = 0;

    for (size_t i = 0; d != NULL && codes != NULL && i < d->count; i++) {
        uint16_t more[PROV_DHCP_PARAMS_MAX];
        size_t n = 0, at;

        if ((d->off & prov_discover_bit(i)) == 0)
            n = prov_dhcp_params(&d->rules[i], 1, PROV_SOURCE_BIT(d->rules[i].kind), v6, more);
        for (size_t k = 0; k < n && count < PROV_DHCP_PARAMS_MAX; k++) {
            for (at = 0; at < count && codes[at] != more[k]; at++)
                ;
            if (at == count)
                codes[count++] = more[k];
        }
    }
    return count;
}

struct prov_str
prov_discover_redirect_url(const struct prov_discover *d)
{
    return d != NULL ? d->redirect : prov_str_z("");
}
