/* SPDX-License-Identifier: MIT */

/* What a search is told, and what it tells (DSC-5, DSC-7). */

#include "core/discover.h"

static const char *const outcomes[] = {
    [PROV_SOURCE_NOT_ASKED] = "not asked",
    [PROV_SOURCE_NOTHING] = "nothing",
    [PROV_SOURCE_URL] = "url",
    [PROV_SOURCE_REFUSED] = "refused",
};

const char *
prov_source_outcome_name(enum prov_source_outcome outcome)
{
    return (size_t)outcome < sizeof(outcomes) / sizeof(outcomes[0]) ? outcomes[outcome] : "?";
}

/* ---- Answers ---- */

/* The sources an answer is for, 0 if nobody asked. Those that lost meanwhile are among them. */
static uint32_t
answered(struct prov_discover *d, uint64_t now_ms, enum prov_need need)
{
    uint32_t set;

    if (d == NULL || (unsigned)need >= PROV_NEEDS || d->fatal != PROV_OK)
        return 0;
    if (d->need_state[need] != NEED_ASKED && d->need_state[need] != NEED_TO_CANCEL)
        return 0;
    prov_discover_tick(d, now_ms);
    set = d->owed[need];
    d->owed[need] = 0;
    d->need_state[need] = need <= PROV_NEED_DHCP6 ? NEED_KNOWN : NEED_IDLE;
    return set;
}

/* False if they cannot be looked at; what of them is malformed is left out. */
static bool
read_facts(struct prov_discover *d, bool v6, struct prov_str bytes)
{
    const struct prov_str source = prov_str_z(v6 ? "DHCPv6 answer" : "DHCP answer");
    struct prov_diag diag = { .status = PROV_E_LIMIT,
                              .code = PROV_D_DHCP_ANSWER_LONG,
                              .source = source,
                              .need = PROV_DISCOVER_DHCP_MAX };
    struct prov_str copy;
    enum prov_status status;

    if (bytes.len > PROV_DISCOVER_DHCP_MAX) {
        prov_diags_add(d->diags, &diag);
        return false;
    }
    if (!prov_discover_keep(d, bytes, &copy))
        return false;
    status =
        v6 ? prov_dhcp6_read(copy, PROV_DHCP_INPUT_AUTO, source, d->arena, &d->facts[1], d->diags)
           : prov_dhcp4_read(copy, PROV_DHCP_INPUT_AUTO, source, d->arena, &d->facts[0], d->diags);
    if (status == PROV_E_SPACE)
        d->fatal = status;
    return status == PROV_OK || status == PROV_E_SYNTAX;
}

void
prov_discover_dhcp(struct prov_discover *d, uint64_t now_ms, bool v6, struct prov_str bytes)
{
    const uint32_t set = answered(d, now_ms, v6 ? PROV_NEED_DHCP6 : PROV_NEED_DHCP4);

    if (set == 0)
        return;
    const bool fit = read_facts(d, v6, bytes);

    for (size_t i = d->from; i < d->to && d->fatal == PROV_OK; i++) {
        if ((set & prov_discover_bit(i)) == 0)
            continue;
        if (fit)
            prov_discover_look_up(d, i);
        else
            prov_discover_refuse(d, i, PROV_E_LIMIT, "the DHCP answer was refused");
    }
}

/* The address stays if it is not so long that it is refused in any case. */
static bool
keep_address(struct prov_discover *d, struct prov_str address, struct prov_str *out)
{
    *out = prov_str_trim(address);
    return out->len > PROV_DISCOVER_ADDRESS_MAX(d->limits.url_bytes) ||
           prov_discover_keep(d, *out, out);
}

void
prov_discover_address(struct prov_discover *d, uint64_t now_ms, enum prov_need need,
                      struct prov_str address, struct prov_str from, struct prov_str raw)
{
    const uint32_t set = need >= PROV_NEED_PNP ? answered(d, now_ms, need) : 0;

    for (size_t i = 0; set != 0 && i < d->to && d->fatal == PROV_OK; i++) {
        struct prov_str copy;

        if ((set & prov_discover_bit(i)) != 0 && prov_discover_keep(d, from, &d->records[i].from) &&
            prov_discover_put_message(d, i, raw) && keep_address(d, address, &copy))
            prov_discover_take(d, i, copy);
    }
}

void
prov_discover_document(struct prov_discover *d, uint64_t now_ms)
{
    const uint32_t set = answered(d, now_ms, PROV_NEED_REDIRECT);

    for (size_t i = 0; set != 0 && i < d->to; i++) {
        struct prov_source_record *r = &d->records[i];

        if ((set & prov_discover_bit(i)) == 0)
            continue;
        r->before = r->url = r->asked;
        const enum prov_trust_fault fault =
            prov_trust_judge(&d->trust, &d->known, PROV_SOURCE_BIT(r->kind), d->redirect);

        if (fault != PROV_TRUST_ALLOWED) {
            prov_discover_refuse_by_policy(d, i, fault);
            continue;
        }
        prov_discover_finish(d, i, PROV_SOURCE_URL,
                             d->winner == PROV_DISCOVER_NONE ? "the service sent the file itself"
                                                             : prov_discover_won_mate);
        if (d->winner != PROV_DISCOVER_NONE)
            continue;
        d->candidates[0] =
            (struct prov_discover_candidate){ prov_discover_template(d), d->redirect };
        d->candidate_count = 1;
        d->candidate = 0;
        prov_discover_win(d, i);
    }
}

void
prov_discover_nothing(struct prov_discover *d, uint64_t now_ms, enum prov_need need,
                      const char *reason)
{
    const uint32_t set = answered(d, now_ms, need);

    for (size_t i = 0; set != 0 && i < d->to; i++) {
        if ((set & prov_discover_bit(i)) != 0 && (d->waiting & prov_discover_bit(i)) != 0)
            prov_discover_finish(d, i, PROV_SOURCE_NOTHING, reason != NULL ? reason : "no answer");
    }
}

void
prov_discover_refused(struct prov_discover *d, uint64_t now_ms, enum prov_need need,
                      enum prov_status status, const char *reason)
{
    const uint32_t set = answered(d, now_ms, need);

    for (size_t i = 0; set != 0 && i < d->to; i++) {
        if ((set & prov_discover_bit(i)) != 0)
            prov_discover_refuse(d, i, status, reason != NULL ? reason : "the answer was refused");
    }
}

void
prov_discover_conflict(struct prov_discover *d, struct prov_str address, struct prov_str from)
{
    struct prov_diag diag = { .status = PROV_OK, .code = PROV_D_PNP_CONFLICT };

    for (size_t i = 0; d != NULL && d->fatal == PROV_OK && i < d->count; i++) {
        struct prov_source_record *r = &d->records[i];

        if (r->kind != PROV_SOURCE_PNP || !r->begun || r->conflict.len > 0)
            continue;
        if (prov_discover_redact(d, address, &r->conflict) &&
            prov_discover_keep(d, from, &diag.source))
            prov_diags_add(d->diags, &diag);
        return;
    }
}

/* ---- The result ---- */

bool
prov_discover_at(const struct prov_discover *d, size_t index, struct prov_discover_candidate *out)
{
    if (d == NULL || out == NULL || d->winner == PROV_DISCOVER_NONE || index >= d->candidate_count)
        return false;
    *out = d->candidates[index];
    return true;
}

struct prov_discover_candidate
prov_discover_url(const struct prov_discover *d)
{
    struct prov_discover_candidate c = { { NULL, 0 }, { NULL, 0 } };

    if (d != NULL && !d->ended)
        (void)prov_discover_at(d, d->candidate, &c);
    return c;
}

void
prov_discover_fetch_failed(struct prov_discover *d)
{
    if (d == NULL || d->winner == PROV_DISCOVER_NONE || !d->began || d->ended)
        return;
    d->candidate++;
    if (d->candidate < d->candidate_count)
        return;
    struct prov_source_record *r = &d->records[d->winner];

    if (prov_discover_proceeds(d->options.proceed_on_fetch_error,
                               d->rules[d->winner].proceed_on_fetch_error)) {
        r->won = false;
        r->reason = "its address could not be fetched";
        d->winner = PROV_DISCOVER_NONE;
        d->began = false;
        d->from = d->to; /* the step has had its say */
    } else {
        r->reason = "first address found, but it could not be fetched";
        d->ended = true;
    }
}

enum prov_status
prov_discover_status(const struct prov_discover *d)
{
    if (d == NULL)
        return PROV_E_ARG;
    if (d->fatal != PROV_OK)
        return d->fatal;
    return d->refused != PROV_OK ? d->refused : PROV_E_NOT_FOUND;
}

const struct prov_source_record *
prov_discover_winner(const struct prov_discover *d)
{
    return d != NULL && d->winner != PROV_DISCOVER_NONE ? &d->records[d->winner] : NULL;
}
