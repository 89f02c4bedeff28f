/* SPDX-License-Identifier: MIT */

/*
 * New settings on trial (STO-2).
 *
 * The mark that they are on trial is stored in the transaction that stores them, so no power cut
 * separates the two. It counts the starts of the phone that the trial may still see. The state also
 * keeps what was known of the settings before, which belongs to them again when they come back.
 *
 *   stored, mark 2 ──► TRIAL ── confirmed ──► KEEP without mark
 *                        └──── window over ─► LOAD, RESTORE, LOAD: outcome `undone`
 *   start, mark 2 ───► KEEP with mark 1, TRIAL with a window of its own, then the run goes on
 *   start, mark 1 ───► RESTORE, LOAD: outcome `undone`, the run follows
 *
 * Undoing is an attempt of its own that asks no network: what the store holds is read before, for
 * the state, and after, for what is in force now. It waits for nothing, not even for the time
 * (DSC-6): settings that keep the phone from its time server must not keep it from those before.
 */

#include "session/private.h"

#define MARK_FRESH 2u   /* one more start may see the trial */
#define MARK_RESUMED 1u /* the next one undoes it */

bool
prov_session_trial_first(const struct prov_session *s)
{
    return s->trial.now == PROV_TRIAL_OVER || s->trial.now == PROV_TRIAL_BACK;
}

/* ---- The state ---- */

/* What is known of the settings before, as that of the settings in force. */
static void
swap_back(struct prov_state *n)
{
    n->stored = n->before;
    n->partial = n->before_partial;
    memcpy(n->input, n->before_input, sizeof(n->input));
    memcpy(n->settings, n->before_settings, sizeof(n->settings));
}

static void
unmark(struct prov_state *n)
{
    n->trial = 0;
    n->before = n->before_partial = false;
}

void
prov_session_trial_mark(struct prov_session *s)
{
    struct prov_state *n = &s->next_state;

    n->undone = false;
    unmark(n);
    if (s->config.confirm_ms == 0)
        return;
    n->trial = MARK_FRESH;
    n->before = s->state.stored;
    n->before_partial = s->state.partial;
    memcpy(n->before_input, s->state.input, sizeof(n->before_input));
    memcpy(n->before_settings, s->state.settings, sizeof(n->before_settings));
}

void
prov_session_trial_unmark(struct prov_session *s)
{
    unmark(&s->next_state);
    s->next_state.undone = s->state.undone;
}

bool
prov_session_trial_refuses(struct prov_session *s)
{
    const struct prov_verdict v = {
        PROV_OUTCOME_REFUSED, PROV_E_DENIED, PROV_D_TRIAL_REFUSED, 0, 0, 0
    };

    if (!s->state.undone || s->event.asked ||
        memcmp(s->state.refused, s->next_state.input, sizeof(s->state.refused)) != 0)
        return false;
    prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    s->trial.refused = true;
    prov_session_end(s, v.outcome, v.status);
    return true;
}

/* ---- The window ---- */

static void
open_window(struct prov_session *s)
{
    s->trial.now = PROV_TRIAL_ON;
    s->trial.until_ms = s->now_ms + s->config.confirm_ms;
    s->record.on_trial = true;
    s->record.trial_until_ms = s->trial.until_ms;
    s->phase = PROV_PHASE_TRIAL;
}

bool
prov_session_trial_begins(struct prov_session *s)
{
    if (s->trial.now != PROV_TRIAL_STORED)
        return false;
    open_window(s);
    return true;
}

/* The state is stored without the mark, then the session goes on as it would have. */
static void
confirmed(struct prov_session *s, enum prov_phase then)
{
    unmark(&s->next_state);
    s->trial.now = PROV_TRIAL_NONE;
    s->then = then;
    s->phase = PROV_PHASE_KEEP;
}

static void
undo(struct prov_session *s)
{
    struct prov_state *n = &s->next_state;

    s->trial.now = PROV_TRIAL_OVER;
    n->undone = n->stored;
    memcpy(n->refused, n->input, sizeof(n->refused));
    swap_back(n);
    unmark(n);
    s->phase = PROV_PHASE_RESTORE;
}

/* The window is over. What an attempt has loaded serves to undo it; else another one does that. */
static void
give_up(struct prov_session *s)
{
    s->record.on_trial = false;
    s->record.waits_for = NULL;
    s->trial.now = PROV_TRIAL_OVER;
    if (s->trial.resumed) {
        undo(s);
        return;
    }
    s->trial.alone = true;
    s->phase = PROV_PHASE_BEGIN;
}

enum prov_turn
prov_session_trial_turn(struct prov_session *s, struct prov_action *a)
{
    if (s->trial.registered) {
        s->record.on_trial = false;
        s->record.waits_for = NULL;
        confirmed(s, s->trial.resumed ? PROV_PHASE_READY : PROV_PHASE_CLOSE);
        return PROV_TURN_AGAIN;
    }
    if (s->now_ms >= s->trial.until_ms) {
        give_up(s);
        return PROV_TURN_AGAIN;
    }
    a->kind = PROV_DO_WAIT;
    a->until_ms = s->trial.until_ms;
    return PROV_TURN_ANSWER;
}

enum prov_status
prov_session_confirm(struct prov_session *s, uint64_t now_ms)
{
    if (s == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    prov_session_set_time(s, now_ms);
    if (s->config.confirm_ms == 0 ||
        (s->trial.now != PROV_TRIAL_UNSEEN && s->trial.now != PROV_TRIAL_STORED &&
         s->trial.now != PROV_TRIAL_ON))
        return PROV_E_STATE;
    s->trial.registered = true;
    return PROV_OK;
}

/* ---- A start ---- */

/* The settings are on trial since the start before. */
static void
resume(struct prov_session *s)
{
    s->trial.resumed = true;
    s->next_state.trial = MARK_RESUMED;
    s->then = PROV_PHASE_TRIAL;
    s->phase = PROV_PHASE_KEEP;
}

void
prov_session_trial_kept(struct prov_session *s)
{
    if (s->phase != PROV_PHASE_TRIAL)
        return;
    open_window(s);
    s->record.waits_for = "the registration";
    s->record.waits_until_ms = s->trial.until_ms;
}

/* The settings before are in force again, and read. */
static void
tell_undone(struct prov_session *s)
{
    const struct prov_verdict v = { .code = PROV_D_TRIAL_UNDONE };

    s->trial.now = PROV_TRIAL_NONE;
    prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    if (!s->trial.alone)
        prov_session_again(s);
    s->trial.alone = false;
    prov_session_end(s, PROV_OUTCOME_UNDONE, PROV_E_TIMEOUT);
}

/* Nothing is on trial, or not any more. */
static void
go_on(struct prov_session *s)
{
    s->phase = PROV_PHASE_READY;
    s->trial.now = PROV_TRIAL_NONE;
    s->trial.alone = false;
    if (s->state.trial != 0) /* confirmed, or trials are off by now */
        confirmed(s, PROV_PHASE_READY);
    s->trial.registered = s->trial.registered && s->state.trial != 0;
}

void
prov_session_trial_loaded(struct prov_session *s)
{
    if (s->trial.now == PROV_TRIAL_BACK)
        tell_undone(s);
    else if (s->state.trial == 0 || s->config.confirm_ms == 0 || s->trial.registered)
        go_on(s);
    else if (s->trial.now != PROV_TRIAL_OVER && s->state.trial >= MARK_FRESH)
        resume(s);
    else
        undo(s);
}

/* ---- Back ---- */

void
prov_session_trial_restored(struct prov_session *s, enum prov_status status)
{
    const bool none = status == PROV_E_NOT_FOUND;
    const struct prov_verdict v = { .code =
                                        none ? PROV_D_TRIAL_NO_PREVIOUS : PROV_D_TRIAL_RESTORE };

    if (status == PROV_OK) {
        s->trial.now = PROV_TRIAL_BACK;
        prov_session_load_again(s);
        return;
    }
    s->next_state = s->state;
    if (none) { /* nothing to go back to, today or later */
        unmark(&s->next_state);
        s->trial.now = PROV_TRIAL_NONE;
    }
    prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    prov_session_end(s, PROV_OUTCOME_FAILED, status);
}

bool
prov_session_restores(const struct prov_session *s)
{
    return s != NULL && s->config.confirm_ms != 0;
}
