/* SPDX-License-Identifier: MIT */

/*
 * The search of the address (DSC-1..5, URL-3). What prov/discover.h wants becomes actions; what it
 * finds becomes the first file. An event that brings an address or a document needs no search.
 */

#include "session/private.h"

static const char unable[] = "the port cannot ask the local network";

/* ---- Without a search ---- */

/* Every source is in the record all the same, and why it was not asked. */
static void
skip_sources(struct prov_session *s, const char *reason)
{
    const struct prov_source_rule *rules = s->discover.sources;
    const size_t count = s->discover.source_count;

    for (size_t i = 0; i < count; i++) {
        s->sources[i] = (struct prov_source_record){
            .kind = rules[i].kind,
            .step = rules[i].step,
            .reason = reason,
        };
    }
    s->record.source_count = (uint32_t)count;
}

/* The event's address stands for as many as one from a source would. */
static bool
complete_event(struct prov_session *s)
{
    struct prov_diag d = { .status = PROV_OK };
    struct prov_verdict v;
    enum prov_status status = prov_discover_complete(
        s->config.dialect, &s->macros.set, s->discover.macro_raw, &s->limits,
        prov_buf_str(&s->event.url), &s->work, s->direct, &s->direct_count, &d);

    if (status == PROV_OK && prov_session_allows_event(s, &v))
        return true;
    if (status == PROV_OK) {
        d = (struct prov_diag){ .status = v.status, .code = v.code };
        status = v.status;
    }
    if (!prov_session_is_fatal(s, status)) {
        d.source = prov_session_redact(s, prov_buf_str(&s->event.url));
        d.subject = prov_str_z(""); /* it may point into the event, which another one replaces */
        prov_diags_add(&s->diags, &d);
        prov_session_end(s, PROV_OUTCOME_REFUSED, status);
    }
    return false;
}

/* ---- The search ---- */

static bool
begin_search(struct prov_session *s)
{
    const struct prov_trust_known known = prov_session_known(s);
    const struct prov_discover_config c = {
        .size = sizeof(c),
        .dialect = s->config.dialect,
        .macros = &s->macros.set,
        .options = &s->discover,
        .settings = &s->policy,
        .limits = &s->limits,
        .arena = &s->work,
        .records = s->sources,
        .diags = &s->diags,
        .known = &known,
    };
    const enum prov_status status = prov_discover_init(&s->search, &c, NULL);

    if (status != PROV_OK) {
        prov_session_fail(s, status);
        return false;
    }
    s->record.source_count = (uint32_t)prov_discover_count(&s->search);
    return true;
}

static bool
allows_document(struct prov_session *s)
{
    struct prov_verdict v;

    if (prov_session_allows_event(s, &v))
        return true;
    prov_session_note(s, &v, prov_str_z("check-sync"), prov_str_z(""));
    prov_session_end(s, v.outcome, v.status);
    return false;
}

/* Set up whatever leads to the first file; false if that ended the attempt or the session. */
static bool
begin(struct prov_session *s)
{
    s->searching = true;
    if (s->event.document.len > 0) {
        skip_sources(s, "the settings came with check-sync");
        if (allows_document(s))
            prov_session_tree_snippet(s);
        return false;
    }
    if (!s->event.has_url)
        return begin_search(s);
    skip_sources(s, "the address came with check-sync");
    return complete_event(s);
}

/* Which need serves a source; false if none of the port's questions does. */
static bool
need_of(enum prov_source_kind kind, enum prov_need *need)
{
    *need = PROV_NEED_DHCP4;
    switch (kind) {
    case PROV_SOURCE_MANUAL:
    case PROV_SOURCE_REDIRECT:
        return false;
    case PROV_SOURCE_PNP:
        *need = PROV_NEED_PNP;
        return true;
    case PROV_SOURCE_DHCPV6:
    case PROV_SOURCE_DHCPV6_59:
        *need = PROV_NEED_DHCP6;
        return true;
    case PROV_SOURCE_DHCP:
    case PROV_SOURCE_DHCP_160:
    case PROV_SOURCE_DHCP_159:
    case PROV_SOURCE_DHCP_66:
    case PROV_SOURCE_DHCP_43:
    case PROV_SOURCE_DHCP_150:
    case PROV_SOURCE_DHCP_125:
        return true;
    }
    return false;
}

/* What the port cannot ask was not asked, though the search took it for asked in vain. */
static void
correct_records(struct prov_session *s)
{
    for (uint32_t i = 0; s->cannot != 0 && i < s->record.source_count; i++) {
        struct prov_source_record *r = &s->sources[i];
        enum prov_need need;

        if (r->outcome != PROV_SOURCE_NOTHING || !need_of(r->kind, &need) ||
            (s->cannot & 1u << need) == 0)
            continue;
        r->outcome = PROV_SOURCE_NOT_ASKED;
        r->reason = unable;
        r->begun = r->ended = false;
        r->asked = prov_str_z("");
    }
}

/* ---- What comes of it ---- */

/* No address is left. */
static enum prov_turn
end_search(struct prov_session *s)
{
    const struct prov_verdict none = {
        PROV_OUTCOME_NOTHING, PROV_E_NOT_FOUND, PROV_D_NO_ADDRESS, 0, 0, 0
    };
    const enum prov_status status =
        s->direct_count > 0 ? PROV_E_NOT_FOUND : prov_discover_status(&s->search);

    if (s->failed_try.outcome != PROV_OUTCOME_NONE) {
        prov_session_end(s, s->failed_try.outcome, s->failed_try.status);
    } else if (status != PROV_E_NOT_FOUND) {
        prov_session_end(s, PROV_OUTCOME_REFUSED, status);
    } else {
        prov_session_note(s, &none, prov_str_z(""), prov_str_z(""));
        prov_session_end(s, PROV_OUTCOME_NOTHING, PROV_OK);
    }
    return PROV_TURN_AGAIN;
}

/* An address to fetch the first file from, unless the service sent the file itself. */
static enum prov_turn
use(struct prov_session *s, const struct prov_discover_candidate *c)
{
    const struct prov_verdict many = { .status = PROV_E_LIMIT,
                                       .code = PROV_D_TOO_MANY_TRIES,
                                       .need = PROV_SESSION_TRIES };

    if (s->tries >= PROV_SESSION_TRIES) {
        prov_session_note(s, &many, prov_str_z(""), prov_str_z(""));
        return end_search(s);
    }
    s->phase = PROV_PHASE_FETCH;
    if (!prov_session_tree_begin(s, c))
        return PROV_TURN_ANSWER;
    if (s->service_document)
        prov_session_tree_adopt(s);
    else
        prov_session_guess_begin(s);
    return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
}

static enum prov_turn
next_direct(struct prov_session *s)
{
    if (s->direct_next < s->direct_count)
        return use(s, &s->direct[s->direct_next]);
    return end_search(s);
}

static enum prov_turn
next_found(struct prov_session *s)
{
    const struct prov_discover_candidate c = prov_discover_url(&s->search);

    s->from = PROV_SOURCE_BIT(prov_discover_winner(&s->search)->kind);
    return use(s, &c);
}

/* Let the machine go on until it owes nothing more at present. */
static enum prov_turn
go_on(struct prov_session *s, struct prov_action *a)
{
    enum prov_discover_do what = PROV_DISCOVER_ASK;
    enum prov_need need;

    while (what == PROV_DISCOVER_ASK || what == PROV_DISCOVER_CANCEL) {
        const enum prov_status status = prov_discover_next(&s->search, s->now_ms, &what, &need);

        if (status != PROV_OK)
            prov_session_fail(s, status);
        else if (what == PROV_DISCOVER_ASK)
            prov_session_ask(s, need);
        else if (what == PROV_DISCOVER_CANCEL)
            prov_session_unask(s, need);
        if (s->fatal != PROV_OK)
            return PROV_TURN_ANSWER;
    }
    correct_records(s);
    if (what == PROV_DISCOVER_FOUND)
        return next_found(s);
    if (what == PROV_DISCOVER_NOTHING)
        return end_search(s);
    if (!prov_session_ask_turn(s, a))
        (void)prov_session_start_turn(s, a);
    return PROV_TURN_ANSWER;
}

enum prov_turn
prov_session_source_turn(struct prov_session *s, struct prov_action *a)
{
    if (!s->searching && !begin(s))
        return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
    return s->event.has_url ? next_direct(s) : go_on(s, a);
}

void
prov_session_first_failed(struct prov_session *s, const struct prov_verdict *v)
{
    if (s->failed_try.outcome == PROV_OUTCOME_NONE)
        s->failed_try = *v;
    s->tries++;
    s->direct_next++;
    if (!s->event.has_url)
        prov_discover_fetch_failed(&s->search);
    s->phase = PROV_PHASE_SOURCE;
}
