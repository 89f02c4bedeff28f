/* SPDX-License-Identifier: MIT */

/*
 * Where the address comes from (DSC-1..5, DSC-7). The dialect's list is walked step by step;
 * sources of one step are asked together, and the first address of a step wins. Every source
 * leaves a record.
 */

#include "base/buf.h"
#include "session/private.h"

/* Why a source that needs something from the port was not asked, by enum prov_source_kind. */
static const char *const not_given[] = {
    "no address is set",
    "the port offers no multicast exchange",
    "no DHCP data given by the port",
    "no DHCP data given by the port",
    "no DHCP data given by the port",
    "no DHCP data given by the port",
    "no DHCPv6 data given by the port",
    "the port offers no redirect service",
};

/* Refuse an address; the diagnostic names the source by what was written, without secrets. */
static void
refuse(struct prov_session *s, struct prov_source_record *r, struct prov_diag *d)
{
    r->outcome = PROV_SOURCE_REFUSED;
    r->reason = "the address was refused";
    d->source = r->before;
    if (s->status == PROV_OK)
        s->status = d->status;
    prov_diags_add(&s->diags, d);
}

/* Replace the markers of the configured address; false if what comes out is no address. */
static bool
expand(struct prov_session *s, struct prov_str raw, struct prov_diag *d)
{
    const enum prov_macro_enc enc =
        s->config.macro_raw ? PROV_MACRO_ENC_RAW : PROV_MACRO_ENC_PERCENT;
    struct prov_uri parts;
    enum prov_status status;

    s->address.len = 0;
    status = prov_macro_expand(raw, &s->macros.set, enc, &s->address, d);
    if (status == PROV_E_SPACE) {
        d->status = PROV_E_LIMIT;
        d->code = PROV_D_URL_TOO_LONG;
        d->need = s->limits.url_bytes;
        d->subject = prov_str_z("");
    }
    return status == PROV_OK && prov_uri_parse(prov_buf_str(&s->address), &parts, d) == PROV_OK;
}

static void
ask_manual(struct prov_session *s, struct prov_source_record *r)
{
    const struct prov_str raw = prov_str_trim(s->config.url);
    struct prov_diag d = { 0 };

    if (raw.len == 0) {
        r->outcome = PROV_SOURCE_NOTHING;
        r->reason = not_given[PROV_SOURCE_MANUAL];
        return;
    }
    r->before = prov_session_redact(s, raw);
    if (!expand(s, raw, &d)) {
        refuse(s, r, &d);
        return;
    }
    r->outcome = PROV_SOURCE_URL;
    r->url = prov_session_redact(s, prov_buf_str(&s->address));
    /* For people only; markers may have made it shorter. */
    s->address_raw =
        prov_str_cut(raw, 0, raw.len < s->limits.url_bytes ? raw.len : s->limits.url_bytes);
}

static void
ask(struct prov_session *s, struct prov_source_record *r)
{
    if (r->kind == PROV_SOURCE_MANUAL)
        ask_manual(s, r);
    else
        r->reason = (unsigned)r->kind < sizeof(not_given) / sizeof(not_given[0])
                        ? not_given[r->kind]
                        : "this library does not know the source";
}

/* Ask all sources of one step. True if one of them has an address; the first one wins. */
static bool
ask_step(struct prov_session *s, size_t from, size_t to)
{
    bool won = false;

    for (size_t i = from; i < to; i++) {
        struct prov_source_record *r = &s->sources[i];

        ask(s, r);
        if (r->outcome != PROV_SOURCE_URL)
            continue;
        r->won = !won;
        r->reason = won ? "another source of the step won" : "first address found";
        won = true;
    }
    return won;
}

/* End of the step that begins here. */
static size_t
step_end(const struct prov_dialect *d, size_t from)
{
    size_t to = from + 1;

    while (to < d->source_count && d->sources[to].step == d->sources[from].step)
        to++;
    return to;
}

/* Ask step by step until one has an address or the dialect says stop. */
static bool
search(struct prov_session *s)
{
    const struct prov_dialect *d = s->config.dialect;
    const char *stopped = NULL;
    bool won = false;

    for (size_t from = 0, to; from < d->source_count; from = to) {
        to = step_end(d, from);
        for (size_t i = from; i < to; i++) {
            s->sources[i] = (struct prov_source_record){
                .kind = d->sources[i].kind,
                .step = d->sources[i].step,
                .reason = stopped,
            };
        }
        if (stopped != NULL)
            continue;
        won = ask_step(s, from, to);
        if (won)
            stopped = "an earlier source won";
        else if (!d->sources[from].proceed_on_nothing)
            stopped = "the dialect stops after an earlier source";
    }
    return won;
}

enum prov_turn
prov_session_source_turn(struct prov_session *s)
{
    const struct prov_verdict nothing = {
        PROV_OUTCOME_NOTHING, PROV_E_NOT_FOUND, PROV_D_NO_ADDRESS, 0, 0, 0
    };
    const bool found = search(s);

    s->record.source_count = (uint32_t)s->config.dialect->source_count;
    if (s->fatal != PROV_OK)
        return PROV_TURN_ANSWER;
    if (found) {
        s->status = PROV_OK;
        s->phase = PROV_PHASE_FETCH;
        return prov_session_tree_begin(s) ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
    }
    if (s->status != PROV_OK) {
        prov_session_end(s, PROV_OUTCOME_REFUSED, s->status);
        return PROV_TURN_AGAIN;
    }
    prov_session_note(s, &nothing, prov_str_z(""), prov_str_z(""));
    prov_session_end(s, PROV_OUTCOME_NOTHING, PROV_OK);
    return PROV_TURN_AGAIN;
}
