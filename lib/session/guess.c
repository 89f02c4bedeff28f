/* SPDX-License-Identifier: MIT */

/*
 * Files of the last run that are asked for before they are named (REF-5), and what a 304 means
 * (STO-3).
 *
 * If the first file's address is the one of last time, the others that it led to are asked for side
 * by side with it. A file that is named takes over what is there or under way for its address and
 * credentials; what is not named is dropped unread. Nothing that happens to a guess matters before
 * that: one that fails, or for which there is no room, is fetched again when it is named. They have
 * the slots that named files leave, and one more while the first file is under way.
 *
 * A 304 brings no text. With layers the saved file stands for it. Without, it helps only if every
 * file answers so: then nothing has changed at all. As soon as one does not, the others are asked
 * again without conditions. A reference file is small, and without its text no other file is named:
 * it is always asked for as a whole, and its validator tells whether it is as it was.
 */

#include <prov/uri.h>

#include "base/buf.h"
#include "session/private.h"

/* ---- Which file is which ---- */

bool
prov_session_same_user(struct prov_str a, struct prov_str b)
{
    struct prov_uri u, v;

    return prov_uri_parse(a, &u, NULL) == PROV_OK && prov_uri_parse(b, &v, NULL) == PROV_OK &&
           prov_uri_same_origin(&u, &v) && prov_str_eq(u.user, v.user) &&
           prov_str_eq(u.password, v.password);
}

/* Does the user part of the first file's address go with it? */
static bool
carries_user(const struct prov_session *s, const struct prov_remembered *k)
{
    const struct prov_str first = s->tree.entries[0].url;
    struct prov_uri u, v;

    return k->auth && prov_uri_parse(first, &u, NULL) == PROV_OK && u.has_user &&
           prov_uri_parse(k->url, &v, NULL) == PROV_OK && prov_uri_same_origin(&u, &v);
}

/* The same address with the same credentials. */
static bool
is_entry(const struct prov_session *s, const struct prov_remembered *k, uint32_t entry)
{
    const struct prov_str url = s->tree.entries[entry].url;

    if (!prov_session_is_stripped(url, k->url))
        return false;
    if (url.len == k->url.len)
        return !carries_user(s, k);
    return carries_user(s, k) && prov_session_same_user(url, s->tree.entries[0].url);
}

/* A policy holds for a guess as for a file that is named. */
static void
leave_out(struct prov_session *s)
{
    struct prov_recall *m = &s->recall;
    struct prov_verdict v;

    for (uint32_t i = 1; i < m->count; i++) {
        if (prov_session_allows(s, m->files[i].url, &v))
            continue;
        m->guesses[i].state = PROV_GUESS_GONE;
        prov_session_changed(s); /* the tree cannot be what it was */
    }
}

void
prov_session_guess_begin(struct prov_session *s)
{
    struct prov_recall *m = &s->recall;

    m->fetched = true;
    m->guessing = m->count > 0 && prov_session_is_stripped(s->tree.entries[0].url, m->files[0].url);
    s->files[0].sought = true;
    s->files[0].known = m->guessing ? &m->files[0] : NULL;
    for (uint32_t i = 0; m->guessing && i < m->count; i++)
        m->guesses[i] = (struct prov_guess){ .entry = PROV_REF_NONE };
    if (m->guessing) {
        m->guesses[0].state = PROV_GUESS_GONE;
        m->guesses[0].entry = 0;
        leave_out(s);
    }
}

/* ---- Under way ---- */

uint32_t
prov_session_guess_next(const struct prov_session *s)
{
    const struct prov_recall *m = &s->recall;
    const uint32_t more = s->files[0].state == PROV_FILE_UNDER_WAY;

    if (!m->guessing || prov_session_slots_used(s) >= s->limits.fetches + more)
        return PROV_REF_NONE;
    for (uint32_t i = 1; i < m->count; i++) {
        if (m->guesses[i].state == PROV_GUESS_IDLE)
            return i;
    }
    return PROV_REF_NONE;
}

void
prov_session_guess_start(struct prov_session *s, struct prov_slot *slot, uint32_t guess)
{
    const struct prov_remembered *k = &s->recall.files[guess];
    struct prov_guess *g = &s->recall.guesses[guess];

    prov_session_assign(s, slot, k->url);
    slot->auth = carries_user(s, k);
    slot->guess = guess;
    g->state = PROV_GUESS_UNDER_WAY;
    g->record = (struct prov_fetch_record){ .url = k->url, .remembered = true };
}

static struct prov_slot *
slot_of(struct prov_session *s, uint32_t guess)
{
    struct prov_slot *slot = s->slots;

    while (slot->state == PROV_SLOT_FREE || slot->service || slot->guess != guess)
        slot++;
    return slot;
}

static void
drop(struct prov_session *s, uint32_t guess)
{
    struct prov_guess *g = &s->recall.guesses[guess];

    if (g->state == PROV_GUESS_UNDER_WAY)
        prov_session_cancel(s, slot_of(s, guess));
    else if (g->state == PROV_GUESS_THERE)
        prov_region_drop(&s->region, g->part);
    g->state = PROV_GUESS_GONE;
}

void
prov_session_guess_stop(struct prov_session *s)
{
    struct prov_recall *m = &s->recall;

    for (uint32_t i = 1; m->guessing && i < m->count; i++)
        drop(s, i);
    m->guessing = false;
}

bool
prov_session_guess_yield(struct prov_session *s)
{
    const struct prov_recall *m = &s->recall;

    for (uint32_t i = m->guessing ? m->count : 0; i > 1; i--) {
        if (m->guesses[i - 1].state != PROV_GUESS_UNDER_WAY)
            continue;
        drop(s, i - 1);
        return true;
    }
    return false;
}

void
prov_session_guess_shrink(struct prov_session *s)
{
    const struct prov_recall *m = &s->recall;

    for (uint32_t i = 1; m->guessing && i < m->count; i++) {
        if (m->guesses[i].state == PROV_GUESS_THERE)
            drop(s, i);
        else if (m->guesses[i].state == PROV_GUESS_UNDER_WAY)
            prov_session_give_up(s, slot_of(s, i), PROV_D_NET_TREE_TOO_LARGE);
    }
}

static void
complete(struct prov_session *s, struct prov_slot *slot, const struct prov_fetch_result *r,
         bool good)
{
    struct prov_guess *g = &s->recall.guesses[slot->guess];

    g->record.ended = true;
    g->record.http_status = r->http_status;
    g->record.ms = (uint32_t)(s->now_ms - slot->began_ms);
    if (g->record.redirects > 0)
        g->record.final_url = prov_session_redact(s, prov_buf_str(&slot->url)); /* has no user */
    g->auth = slot->auth;
    g->part = slot->part;
    g->state = good ? PROV_GUESS_THERE : PROV_GUESS_SAME;
    if (good)
        g->validator = prov_session_validator(s, r, &g->validator_is_etag);
}

void
prov_session_guess_end(struct prov_session *s, struct prov_slot *slot,
                       const struct prov_fetch_result *r, bool good)
{
    const struct prov_remembered *k = &s->recall.files[slot->guess];
    struct prov_guess *g = &s->recall.guesses[slot->guess];
    const bool same = prov_session_is_not_modified(slot, r);

    if (!good)
        prov_region_drop(&s->region, slot->part);
    if (good || same)
        complete(s, slot, r, good);
    else
        g->state = PROV_GUESS_GONE;
    if (same && !s->recall.conditional)
        g->state = PROV_GUESS_IDLE;
    if (!same && !(good && prov_session_is_as_known(slot, k, g->validator, g->validator_is_etag)))
        prov_session_changed(s);
    prov_session_forget(slot);
}

/* ---- Handing over ---- */

static void
copy_record(struct prov_session *s, uint32_t entry, const struct prov_guess *g)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);

    rec->bytes = g->record.bytes;
    rec->redirects = g->record.redirects;
    rec->http_status = g->record.http_status;
    rec->ms = g->record.ms;
    rec->ended = g->record.ended;
    rec->remembered = true;
    if (rec->ended)
        rec->final_url = rec->redirects > 0 ? g->record.final_url : rec->url;
}

/* The slot that brought it serves another one by now. */
static const struct prov_slot *
arrived(struct prov_session *s, uint32_t entry, const struct prov_guess *g,
        const struct prov_remembered *k)
{
    struct prov_slot *slot = &s->arrived;

    slot->entry = entry;
    slot->part = g->part;
    slot->auth = g->auth;
    slot->url.len = 0;
    prov_buf_put_str(&slot->url, g->record.redirects > 0 ? g->record.final_url : k->url);
    return slot;
}

static void
hand_over(struct prov_session *s, uint32_t entry, uint32_t guess, enum prov_guess_state state)
{
    const struct prov_guess *g = &s->recall.guesses[guess];
    struct prov_session_file *f = &s->files[entry];

    copy_record(s, entry, g);
    if (state == PROV_GUESS_UNDER_WAY) {
        struct prov_slot *slot = slot_of(s, guess);

        slot->guess = PROV_REF_NONE;
        slot->entry = entry;
        f->state = PROV_FILE_UNDER_WAY;
    } else if (state == PROV_GUESS_SAME) {
        prov_session_same(s, arrived(s, entry, g, f->known));
    } else {
        f->validator = g->validator;
        f->validator_is_etag = g->validator_is_etag;
        prov_session_file_complete(s, arrived(s, entry, g, f->known));
    }
}

/* One whose bytes were too many while it was not named is of no use. */
static bool
is_given_up(struct prov_session *s, uint32_t guess)
{
    return s->recall.guesses[guess].state == PROV_GUESS_UNDER_WAY &&
           slot_of(s, guess)->overflow != PROV_D_NONE;
}

/* False if nothing is there for it yet. */
static bool
seek(struct prov_session *s, uint32_t entry)
{
    struct prov_recall *m = &s->recall;
    uint32_t i = 1;
    enum prov_guess_state state;

    s->files[entry].sought = true;
    while (i < m->count &&
           (m->guesses[i].state == PROV_GUESS_GONE || !is_entry(s, &m->files[i], entry)))
        i++;
    if (i == m->count)
        return false;
    s->files[entry].known = &m->files[i];
    if (is_given_up(s, i))
        drop(s, i);
    state = m->guesses[i].state;
    m->guesses[i].state = PROV_GUESS_GONE;
    m->guesses[i].entry = entry;
    if (state == PROV_GUESS_IDLE || state == PROV_GUESS_GONE)
        return false;
    hand_over(s, entry, i, state);
    return true;
}

/* Has the file that named it last time been read, or will it not be? */
static bool
is_useless(const struct prov_session *s, uint32_t guess)
{
    const struct prov_recall *m = &s->recall;
    const struct prov_guess *parent = &m->guesses[m->files[guess].parent];

    if (parent->state != PROV_GUESS_GONE || parent->entry == PROV_REF_NONE)
        return parent->state == PROV_GUESS_GONE;
    return s->files[parent->entry].state == PROV_FILE_READY ||
           s->files[parent->entry].state == PROV_FILE_FAILED;
}

bool
prov_session_guess_turn(struct prov_session *s)
{
    const struct prov_recall *m = &s->recall;
    bool dropped = false;

    if (!m->guessing)
        return false;
    for (uint32_t e = 0; e != PROV_REF_NONE; e = s->tree.entries[e].next) {
        if (!s->files[e].sought && prov_session_certs_ready(s, e) && seek(s, e))
            return true;
    }
    if (prov_session_certs_pending(s))
        return false;
    for (uint32_t i = 1; i < m->count; i++) {
        if (m->guesses[i].state == PROV_GUESS_GONE || !is_useless(s, i))
            continue;
        drop(s, i);
        dropped = true; /* a cancel may be owed */
    }
    return dropped;
}

/* ---- Conditions ---- */

/* With layers: is the saved file of this kind what was fetched from there? */
static bool
is_saved(const struct prov_session *s, const struct prov_remembered *k, uint32_t layer)
{
    return k->layer == layer && s->layers[layer].has_saved;
}

static uint32_t
layer_of(const struct prov_session *s, uint32_t entry)
{
    return entry == 0 ? PROV_LAYER_INITIAL : s->files[entry].layer;
}

/* Validators belong to what is at the end of the way. */
static bool
leads_there(const struct prov_slot *slot, const struct prov_remembered *k)
{
    return prov_str_eq(prov_buf_str(&slot->url), k->final.len > 0 ? k->final : k->url);
}

const struct prov_remembered *
prov_session_condition(const struct prov_session *s, const struct prov_slot *slot)
{
    const struct prov_remembered *k = NULL;
    uint32_t layer;

    if (slot->service || !s->recall.conditional)
        return NULL;
    if (slot->guess != PROV_REF_NONE) {
        k = &s->recall.files[slot->guess];
        layer = k->layer;
    } else {
        k = s->files[slot->entry].known;
        layer = layer_of(s, slot->entry);
    }
    if (k == NULL || !leads_there(slot, k) ||
        (prov_session_has_layers(s) ? !is_saved(s, k, layer) : k->type == PROV_FILE_REFERENCE))
        return NULL;
    return k->etag.len > 0 || k->modified.len > 0 ? k : NULL;
}

bool
prov_session_is_not_modified(const struct prov_slot *slot, const struct prov_fetch_result *r)
{
    return slot->asked && r->status == PROV_OK && r->http_status == 304;
}

bool
prov_session_is_as_known(const struct prov_slot *slot, const struct prov_remembered *k,
                         struct prov_str validator, bool is_etag)
{
    return k != NULL && k->type == PROV_FILE_REFERENCE && leads_there(slot, k) &&
           validator.len > 0 && prov_str_eq(validator, is_etag ? k->etag : k->modified);
}

/* From the beginning, without conditions. */
static void
ask_again(struct prov_session *s, uint32_t entry)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);

    rec->not_modified = rec->ended = false;
    rec->redirects = 0;
    s->files[entry].state = PROV_FILE_WAITING;
}

void
prov_session_same(struct prov_session *s, const struct prov_slot *slot)
{
    struct prov_session_file *f = &s->files[slot->entry];
    const bool layers = prov_session_has_layers(s);

    prov_session_fetch_record(s, slot->entry)->not_modified = true;
    if (layers && is_saved(s, f->known, layer_of(s, slot->entry))) {
        prov_session_file_saved(s, slot);
    } else if (!layers && s->recall.conditional) {
        prov_session_fetch_record(s, slot->entry)->type = (enum prov_file_type)f->known->type;
        f->state = PROV_FILE_SAME;
    } else {
        f->known = NULL;
        ask_again(s, slot->entry);
    }
}

void
prov_session_changed(struct prov_session *s)
{
    struct prov_recall *m = &s->recall;

    if (!m->guessing || !m->conditional || prov_session_has_layers(s))
        return;
    m->conditional = false;
    for (uint32_t e = 0; e < s->tree.count; e++) {
        if (s->files[e].state == PROV_FILE_SAME)
            ask_again(s, e);
    }
    for (uint32_t i = 1; i < m->count; i++) {
        if (m->guesses[i].state == PROV_GUESS_SAME)
            m->guesses[i].state = PROV_GUESS_IDLE;
    }
}

/* They are those of last time, in the same order, and each has been asked. */
static bool
is_same_tree(const struct prov_session *s)
{
    const struct prov_recall *m = &s->recall;
    uint32_t i = 0;

    for (uint32_t e = 0; e != PROV_REF_NONE; e = s->tree.entries[e].next, i++) {
        const struct prov_session_file *f = &s->files[e];

        if (i == m->count || f->known != &m->files[i] ||
            (f->state != PROV_FILE_SAME && f->state != PROV_FILE_READY))
            return false;
    }
    return i == m->count;
}

/* Any other file than those that are as they were would have taken the conditions back. */
bool
prov_session_all_same(struct prov_session *s)
{
    struct prov_recall *m = &s->recall;

    if (prov_session_has_layers(s) || !m->guessing || !m->conditional || !is_same_tree(s))
        return false;
    m->same = true;
    s->record.unchanged_by_digest = true;
    prov_session_end(s, PROV_OUTCOME_UNCHANGED, PROV_OK);
    return true;
}

struct prov_str
prov_session_validator(struct prov_session *s, const struct prov_fetch_result *r, bool *is_etag)
{
    struct prov_str from = r->etag, none = { NULL, 0 };
    char *copy;

    *is_etag = prov_remember_is_validator(r->etag);
    if (!*is_etag)
        from = r->modified;
    if (s->config.no_remember || !prov_remember_is_validator(from))
        return none;
    copy = prov_arena_perm(&s->work, from.len, 1);
    if (copy == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return none;
    }
    memcpy(copy, from.ptr, from.len);
    return (struct prov_str){ copy, from.len };
}
