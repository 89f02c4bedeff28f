/* SPDX-License-Identifier: MIT */

/* What goes to the store: settings and state, in one transaction, or the state alone, be it beside
 * the previous settings. The settings come straight from the writer; there is no second copy of them in memory. */

#include "base/buf.h"
#include "session/private.h"

enum prov_turn
prov_session_store_turn(struct prov_session *s, struct prov_action *a)
{
    if (s->io_id != 0)
        return PROV_TURN_ANSWER;
    s->io_id = prov_session_new_id(s);
    if (s->phase == PROV_PHASE_STORE) {
        prov_session_learn(s);
        prov_session_forget_failures(s);
        prov_session_trial_mark(s);
    }
    prov_session_stamp(s);
    s->output_layer = PROV_LAYER_INITIAL;
    s->output_cert = 0;
    if (!prov_session_has_layers(s))
        prov_xml_writer_init(&s->writer, &s->x, s->root);
    if (s->phase == PROV_PHASE_STORE)
        (void)prov_session_recall_news(s);
    s->recall.next = 0;
    s->settings_written = s->phase != PROV_PHASE_STORE;
    s->state_written = false;
    a->kind = s->phase == PROV_PHASE_RESTORE ? PROV_DO_RESTORE : PROV_DO_STORE;
    a->id = s->io_id;
    return PROV_TURN_ANSWER;
}

static bool
next_settings(struct prov_session *s, enum prov_item *item, struct prov_str *piece)
{
    if (prov_session_has_layers(s))
        return prov_session_layers_output(s, item, piece);
    *item = PROV_ITEM_SETTINGS;
    return prov_xml_writer_next(&s->writer, piece);
}

bool
prov_session_output(struct prov_session *s, enum prov_item *item, struct prov_str *piece)
{
    if (s == NULL || item == NULL || piece == NULL)
        return false;
    if (s->fatal != PROV_OK || s->io_id == 0 || s->phase == PROV_PHASE_LOAD)
        return false;
    if (!s->settings_written && next_settings(s, item, piece))
        return true;
    s->settings_written = true;
    if (s->state_written) {
        *item = PROV_ITEM_TREE;
        return prov_session_recall_output(s, piece);
    }
    s->state_written = true;

    struct prov_buf text = { s->next_text, sizeof(s->next_text), 0 };

    prov_state_write(&s->next_state, &text);
    *item = PROV_ITEM_STATE;
    *piece = prov_buf_str(&text);
    return true;
}

bool
prov_session_has_news(struct prov_session *s)
{
    /* Files that make what is there already are as good as stored; but a document that came by
     * itself is none of the files that the next run compares with. Else, what was not stored is not
     * what was stored last. */
    if (s->outcome != PROV_OUTCOME_UNCHANGED || s->event.document.len > 0) {
        s->next_state.stored = s->state.stored;
        s->next_state.partial = s->state.partial;
        memcpy(s->next_state.input, s->state.input, sizeof(s->state.input));
        memcpy(s->next_state.settings, s->state.settings, sizeof(s->state.settings));
    }
    if (s->outcome == PROV_OUTCOME_APPLIED || s->outcome == PROV_OUTCOME_UNCHANGED ||
        s->outcome == PROV_OUTCOME_PARTIAL)
        prov_session_learn(s);
    else
        prov_session_unlearn(s);

    const bool tree = prov_session_recall_news(s);

    return !s->kept && (tree || !prov_state_same(&s->state, &s->next_state));
}

/* A state that cannot be kept changes nothing about how the attempt ended. */
static void
state_kept(struct prov_session *s, enum prov_status status)
{
    const struct prov_verdict v = { .code = PROV_D_STORE_KEEP };

    s->phase = s->then;
    s->kept = s->phase == PROV_PHASE_CLOSE;
    if (status == PROV_OK)
        s->state = s->next_state;
    else
        prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    prov_session_trial_kept(s);
}

static void
result_stored(struct prov_session *s)
{
    const bool layers = prov_session_has_layers(s);

    s->state = s->next_state;
    s->recall.fetched = false; /* it is remembered */
    s->trial.now = s->state.trial != 0 ? PROV_TRIAL_STORED : PROV_TRIAL_NONE;
    s->trial.resumed = s->trial.registered = false;
    if (layers)
        prov_session_layers_stored(s);
    prov_session_end(s,
                     (layers ? s->incomplete : s->apply.partial) ? PROV_OUTCOME_PARTIAL
                                                                 : PROV_OUTCOME_APPLIED,
                     PROV_OK);
}

void
prov_session_stored(struct prov_session *s, enum prov_status status)
{
    const struct prov_verdict v = {
        PROV_OUTCOME_FAILED, PROV_E_STORAGE, PROV_D_STORE_WRITE, 0, 0, 0
    };

    s->io_id = 0;
    if (s->phase == PROV_PHASE_KEEP) {
        state_kept(s, status);
    } else if (s->phase == PROV_PHASE_RESTORE) {
        prov_session_trial_restored(s, status);
    } else if (status == PROV_OK) {
        result_stored(s);
    } else {
        prov_session_trial_unmark(s);
        prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
        prov_session_end(s, v.outcome, v.status);
    }
}
