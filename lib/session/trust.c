/* SPDX-License-Identifier: MIT */

/*
 * Where the source that a run began with may lead to (prov/trust.h). The search judges what sources
 * answer; here is judged what comes of it, and what the phone remembers for later runs.
 */

#include "base/buf.h"
#include "session/private.h"

/* What is remembered. With a pin, a run of a phone that has none stays where it began. */
static struct prov_trust_known
known_of(const struct prov_session *s, bool in_tree)
{
    const struct prov_state_text *pin = &s->state.pin;
    struct prov_trust_known known = { s->state.provisioned, { pin->bytes, pin->len } };

    if (in_tree && pin->len == 0 && s->tree.count > 0)
        known.pin = s->tree.entries[0].url;
    return known;
}

static bool
judge(enum prov_trust_fault fault, struct prov_verdict *v)
{
    if (fault == PROV_TRUST_ALLOWED)
        return true;
    *v = (struct prov_verdict){
        PROV_OUTCOME_REFUSED, PROV_E_DENIED, prov_trust_code(fault), 0, 0, 0
    };
    return false;
}

bool
prov_session_allows(const struct prov_session *s, struct prov_str url, struct prov_verdict *v)
{
    const struct prov_trust_known known = known_of(s, true);

    return judge(prov_trust_judge(&s->trust, &known, s->from, url), v);
}

struct prov_trust_known
prov_session_known(const struct prov_session *s)
{
    return known_of(s, false);
}

bool
prov_session_allows_event(struct prov_session *s, struct prov_verdict *v)
{
    const struct prov_trust_known known = known_of(s, false);
    enum prov_trust_fault fault;

    s->from = s->event.trigger == PROV_TRIGGER_CHECK_SYNC ? PROV_TRUST_CHECK_SYNC
                                                          : PROV_SOURCE_BIT(PROV_SOURCE_MANUAL);
    if (s->event.document.len > 0)
        fault = prov_trust_judge(&s->trust, &known, s->from, prov_str_z(""));
    else
        fault = prov_discover_allow(&s->trust, &known, s->from, s->direct, &s->direct_count);
    return judge(fault, v);
}

bool
prov_session_check_entry(struct prov_session *s, uint32_t entry)
{
    const struct prov_ref_entry *e = &s->tree.entries[entry];
    struct prov_verdict v;

    if (prov_session_allows(s, e->url, &v))
        return true;
    v.line = e->line;
    v.column = e->column;
    prov_session_note(s, &v, prov_session_fetch_record(s, e->parent)->final_url, prov_str_z(""));
    prov_session_file_failed(s, entry, &v);
    return false;
}

/* A document that came with a trigger is of no server. */
void
prov_session_learn(struct prov_session *s)
{
    struct prov_state *next = &s->next_state;
    struct prov_buf pin = { next->pin.bytes, sizeof(next->pin.bytes), 0 };

    if (s->event.document.len > 0 || s->tree.count == 0)
        return;
    next->provisioned = true;
    if (next->pin.len == 0 && prov_trust_origin(s->tree.entries[0].url, &pin) == PROV_OK)
        next->pin.len = pin.len;
}

void
prov_session_unlearn(struct prov_session *s)
{
    s->next_state.provisioned = s->state.provisioned;
    s->next_state.pin = s->state.pin;
}
