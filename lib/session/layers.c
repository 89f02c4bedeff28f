/* SPDX-License-Identifier: MIT */

/*
 * Dialects whose settings are parameters from several files (PAN-1..3, PAN-5, REF-4).
 *
 * The store holds each file as it came, and the user's changes; what is in force is put together
 * anew by every attempt: once from what is saved, which tells where to look, and once more if the
 * files that were fetched are others.
 *
 * A file that cannot be had or read leaves the saved one of its kind in use. Without the first file,
 * or with none of those that it names, all saved files stay in use as they were together.
 */

#include "session/private.h"

/* By enum prov_layer. The factory's defaults are the vendor's own matter. */
static const enum prov_item items[PROV_LAYERS] = {
    [PROV_LAYER_INITIAL] = PROV_ITEM_INITIAL, [PROV_LAYER_MASTER] = PROV_ITEM_MASTER,
    [PROV_LAYER_PRODUCT] = PROV_ITEM_PRODUCT, [PROV_LAYER_STANDARD] = PROV_ITEM_STANDARD,
    [PROV_LAYER_USER] = PROV_ITEM_USER,
};

static enum prov_layer
layer_of(enum prov_item item)
{
    unsigned layer = PROV_LAYER_INITIAL;

    while (layer < PROV_LAYER_USER && items[layer] != item)
        layer++;
    return (enum prov_layer)layer;
}

/* ---- Reading ---- */

/* The parameters of a text, or of the document that it was read into. */
static enum prov_status
read_params(struct prov_session *s, struct prov_str name, struct prov_str text, uint32_t root,
            struct prov_params *out)
{
    const struct prov_param_rules *rules = s->config.dialect->layers->params;

    if (rules->cfg != NULL)
        return prov_params_read_text(out, rules, name, text, &s->work, &s->diags);
    return prov_params_read_xml(out, rules, &s->x, root, &s->work, &s->diags);
}

static enum prov_status
read_text(struct prov_session *s, struct prov_str name, struct prov_str text,
          struct prov_params *out)
{
    uint32_t root = PROV_XML_NONE;
    enum prov_status status = PROV_OK;

    if (s->config.dialect->layers->params->cfg == NULL)
        status = prov_xml_parse(&s->x, name, text, &root, &s->diags);
    return status == PROV_OK ? read_params(s, name, text, root, out) : status;
}

static enum prov_item
after_files(const struct prov_session *s)
{
    return prov_session_has_certs(s) ? PROV_ITEM_CERT_1 : PROV_ITEM_STATE;
}

bool
prov_session_layer_loaded(struct prov_session *s)
{
    const enum prov_layer layer = layer_of(s->item);
    const struct prov_verdict lost = { .code = PROV_D_SAVED_FILE };
    const struct prov_str name = prov_str_z(prov_layer_name(layer));
    struct prov_session_layer *l = &s->layers[layer];
    enum prov_status status;

    l->text = (struct prov_str){ s->settings_mem + s->item_start, s->settings_len - s->item_start };
    s->item_start = s->settings_len;
    s->item = s->item == PROV_ITEM_MASTER ? after_files(s) : (enum prov_item)(s->item + 1);
    if (l->text.len == 0)
        return true;
    status = read_text(s, name, l->text, &l->saved);
    l->has_saved = status == PROV_OK;
    if (status == PROV_OK || prov_session_is_fatal(s, status))
        return s->fatal == PROV_OK;
    if (layer == PROV_LAYER_USER)
        return false;
    prov_session_note(s, &lost, name, name);
    return true;
}

enum prov_status
prov_session_layer_take(struct prov_session *s, enum prov_layer layer, struct prov_str name,
                        struct prov_str text, uint32_t root)
{
    struct prov_session_layer *l = &s->layers[layer];
    enum prov_status status = PROV_OK;

    l->same = prov_session_layer_is_saved(s, layer, text);
    if (!l->same)
        status = read_params(s, name, text, root, &l->fresh);
    if (status != PROV_OK)
        return status;
    l->got = true;
    l->next = text;
    return PROV_OK;
}

bool
prov_session_layer_is_saved(const struct prov_session *s, enum prov_layer layer,
                            struct prov_str text)
{
    const struct prov_session_layer *l = &s->layers[layer];

    return l->has_saved && prov_str_eq(l->text, text);
}

const struct prov_params *
prov_session_layer_params(const struct prov_session *s, enum prov_layer layer)
{
    const struct prov_session_layer *l = &s->layers[layer];

    return l->got && !l->same ? &l->fresh : &l->saved;
}

/* ---- Putting together ---- */

/* Is there a list, of the old or of the new settings? */
static const struct prov_params *
list_of(const struct prov_session *s, enum prov_layer layer, bool fresh)
{
    const struct prov_session_layer *l = &s->layers[layer];

    if (fresh && l->got)
        return prov_session_layer_params(s, layer);
    if (fresh && !l->named && layer != PROV_LAYER_USER)
        return NULL;
    return l->has_saved ? &l->saved : NULL;
}

/*
 * Where the later setting counts, files that are new are later than all the user has done; the
 * state remembers what that was. What the user did after that is later than the saved files.
 */
static enum prov_status
merge(struct prov_session *s, bool fresh, struct prov_params *out)
{
    const bool known = s->state.stored && memcmp(s->state.settings, s->settings_digest, 32) == 0;
    struct prov_layer_input inputs[PROV_LAYERS];
    struct prov_layers merged;
    enum prov_status status;
    size_t n = 0;

    for (unsigned i = PROV_LAYER_INITIAL; i < PROV_LAYERS; i++) {
        const struct prov_params *p = list_of(s, (enum prov_layer)i, fresh);
        const uint64_t user = fresh || known ? 0 : 2;

        if (p != NULL)
            inputs[n++] =
                (struct prov_layer_input){ (enum prov_layer)i, i == PROV_LAYER_USER ? user : 1, p };
    }
    status = prov_layers_merge(&merged, s->config.dialect->layers, inputs, n, &s->work);
    if (status == PROV_OK)
        status = prov_layers_params(&merged, prov_str_z("settings"), &s->work, out);
    return status;
}

/* False if that ended the session: there is nothing in it that could be the files' fault. */
static bool
merge_into(struct prov_session *s, bool fresh, struct prov_params *out)
{
    const enum prov_status status = merge(s, fresh, out);

    if (status != PROV_OK)
        prov_session_fail(s, status);
    return status == PROV_OK;
}

static void
digest_user(struct prov_session *s)
{
    const struct prov_str text = s->layers[PROV_LAYER_USER].text;
    struct prov_sha256 h;

    prov_sha256_init(&h);
    prov_sha256_update(&h, text.ptr, text.len);
    prov_session_digest(s, &h, s->settings_digest);
}

bool
prov_session_layers_loaded(struct prov_session *s)
{
    enum prov_status status;

    digest_user(s);
    if (!merge_into(s, false, &s->merged[0]))
        return false;
    s->params = &s->merged[0];
    status =
        prov_discover_read_params(s->config.dialect, s->params, &s->work, &s->policy, &s->diags);
    s->has_policy = status == PROV_OK;
    if (status != PROV_OK)
        prov_session_fail(s, status);
    return status == PROV_OK;
}

/* ---- What changes ---- */

static bool
has_text(struct prov_str text)
{
    return text.len > 0;
}

/* A saved file that the first file does not name any more gives way to one without parameters. */
static bool
is_dropped(const struct prov_session *s, enum prov_layer layer)
{
    const struct prov_session_layer *l = &s->layers[layer];

    return !l->named && has_text(l->text) &&
           !prov_str_eq(l->text, s->config.dialect->settings_empty);
}

/* What is to be stored for a layer; empty = nothing. */
static struct prov_str
output_of(const struct prov_session *s, enum prov_layer layer)
{
    const struct prov_session_layer *l = &s->layers[layer];
    static const struct prov_str none = { NULL, 0 };

    if (l->got)
        return l->same ? none : l->next;
    return is_dropped(s, layer) ? s->config.dialect->settings_empty : none;
}

/* What the store holds afterwards; a file that is to be stored changes something. */
static uint64_t
measure(const struct prov_session *s, bool *changed)
{
    uint64_t bytes = s->layers[PROV_LAYER_USER].text.len;

    *changed = false;
    for (unsigned i = PROV_LAYER_INITIAL; i < PROV_LAYER_USER; i++) {
        const struct prov_str out = output_of(s, (enum prov_layer)i);

        *changed = *changed || has_text(out);
        bytes += has_text(out) ? out.len : s->layers[i].text.len;
    }
    return bytes + prov_session_certs_measure(s, changed);
}

/* Files that are named and could not be had. */
static uint32_t
missing(const struct prov_session *s, uint32_t *saved)
{
    uint32_t n = 0;

    *saved = 0;
    for (unsigned i = PROV_LAYER_INITIAL; i < PROV_LAYER_USER; i++) {
        const struct prov_session_layer *l = &s->layers[i];

        n += l->named && !l->got;
        if (l->named && !l->got && l->has_saved)
            *saved |= 1u << i;
    }
    return n;
}

/* STO-4. */
static void
list_changes(struct prov_session *s)
{
    struct prov_params_diff d = { .before = &s->merged[0], .after = &s->merged[1] };
    struct prov_param_difference one, *list;
    uint32_t n = 0, kept = 0;

    while (prov_params_diff_next(&d, &one))
        n++;
    kept = n < s->limits.changes ? n : s->limits.changes;
    list = prov_arena_perm(&s->work, kept * sizeof(*list), PROV_SESSION_ALIGN);
    if (list == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return;
    }
    d = (struct prov_params_diff){ .before = &s->merged[0], .after = &s->merged[1] };
    for (uint32_t i = 0; i < kept && prov_params_diff_next(&d, &one); i++)
        list[i] = one;
    s->changed = list;
    s->changed_count = kept;
    s->changed_dropped = n - kept;
}

void
prov_session_layers_digest(const struct prov_session *s, bool after, uint8_t out[32])
{
    struct prov_sha256 h;

    prov_sha256_init(&h);
    for (unsigned i = PROV_LAYER_INITIAL; i < PROV_LAYER_USER; i++) {
        const struct prov_str fresh = output_of(s, (enum prov_layer)i);
        const struct prov_str text = after && has_text(fresh) ? fresh : s->layers[i].text;

        prov_session_hash_text(&h, text);
    }
    prov_session_digest(s, &h, out);
}

/* What the next run compares with. */
static void
make_state(struct prov_session *s)
{
    prov_session_layers_digest(s, true, s->next_state.input);
    memcpy(s->next_state.settings, s->settings_digest, sizeof(s->settings_digest));
    s->next_state.stored = true;
    s->next_state.partial = false;
}

/* They are others than those that are saved. */
static void
store(struct prov_session *s)
{
    make_state(s);
    if (prov_session_trial_refuses(s) || !merge_into(s, true, &s->merged[1]))
        return;
    list_changes(s);
    s->phase = PROV_PHASE_STORE;
}

/* Some of the files are there. */
static void
decide(struct prov_session *s)
{
    const struct prov_verdict large = {
        PROV_OUTCOME_REFUSED, PROV_E_LIMIT, PROV_D_RESULT_TOO_LARGE, s->limits.settings_bytes, 0, 0
    };
    bool changed;
    const uint64_t bytes = measure(s, &changed);

    s->incomplete = missing(s, &s->record.saved) > 0 || prov_session_certs_missing(s);
    if (bytes > s->limits.settings_bytes) {
        prov_session_note(s, &large, prov_str_z(""), prov_str_z(""));
        prov_session_end(s, large.outcome, large.status);
    } else if (!changed) {
        prov_session_end(s, s->incomplete ? PROV_OUTCOME_PARTIAL : PROV_OUTCOME_UNCHANGED, PROV_OK);
    } else {
        store(s);
    }
}

/* The first file, and one of those that it names. */
static bool
is_usable(const struct prov_session *s)
{
    uint32_t named = 0, got = 0;

    for (unsigned i = PROV_LAYER_MASTER; i < PROV_LAYER_USER; i++) {
        named += s->layers[i].named;
        got += s->layers[i].got;
    }
    return s->layers[PROV_LAYER_INITIAL].got && (named == 0 || got > 0);
}

enum prov_turn
prov_session_layers_turn(struct prov_session *s)
{
    prov_session_open_sealed(s);
    if (s->phase != PROV_PHASE_CHANGE || s->fatal != PROV_OK)
        return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
    if (is_usable(s))
        decide(s);
    else
        prov_session_end(s, s->first_failure.outcome, s->first_failure.status);
    return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
}

/* ---- How it ends ---- */

static uint32_t
saved_files(const struct prov_session *s)
{
    uint32_t set = 0;

    for (unsigned i = PROV_LAYER_INITIAL; i < PROV_LAYER_USER; i++)
        set |= s->layers[i].has_saved ? 1u << i : 0;
    return set;
}

enum prov_outcome
prov_session_layers_outcome(struct prov_session *s, enum prov_outcome outcome)
{
    const struct prov_verdict v = { .code = PROV_D_SAVED_USED };
    const bool searched = s->phase == PROV_PHASE_SOURCE || s->phase == PROV_PHASE_FETCH ||
                          s->phase == PROV_PHASE_CHANGE;

    if (outcome != PROV_OUTCOME_REFUSED && outcome != PROV_OUTCOME_FAILED &&
        (outcome != PROV_OUTCOME_NOTHING || !prov_session_was_asked(s)))
        return outcome;
    if (!searched || s->event.document.len > 0 || s->trial.refused)
        return outcome;
    s->record.saved = saved_files(s);
    if (s->record.saved == 0)
        return outcome == PROV_OUTCOME_REFUSED ? PROV_OUTCOME_FAILED : outcome;
    prov_session_note(s, &v, prov_str_z(""), prov_str_z(""));
    return PROV_OUTCOME_SAVED;
}

/* ---- Store ---- */

bool
prov_session_layers_output(struct prov_session *s, enum prov_item *item, struct prov_str *piece)
{
    while (s->output_layer < PROV_LAYER_USER) {
        const enum prov_layer layer = (enum prov_layer)s->output_layer++;
        const struct prov_str text = output_of(s, layer);

        if (!has_text(text))
            continue;
        *item = items[layer];
        *piece = text;
        return true;
    }
    return prov_session_certs_output(s, item, piece);
}

void
prov_session_layers_stored(struct prov_session *s)
{
    struct prov_discover_settings policy;

    s->params = &s->merged[1];
    s->record.changed = s->changed;
    s->record.changed_count = s->changed_count;
    s->record.changed_dropped = s->changed_dropped;
    /* From now on these count for a check-sync. */
    if (prov_discover_read_params(s->config.dialect, s->params, &s->work, &policy, NULL) == PROV_OK)
        s->policy = policy;
    else
        prov_session_fail(s, PROV_E_SPACE);
}

const struct prov_params *
prov_session_params(const struct prov_session *s)
{
    return s != NULL ? s->params : NULL;
}
