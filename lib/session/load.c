/* SPDX-License-Identifier: MIT */

/* What the store holds. Read before the network is asked: the section names must be known, and a
 * store that is broken is better noticed at once. */

#include "session/private.h"

enum prov_turn
prov_session_load_turn(struct prov_session *s, struct prov_action *a)
{
    if (s->io_id == 0) {
        s->io_id = prov_session_new_id(s);
        a->kind = PROV_DO_LOAD;
        a->id = s->io_id;
        a->item = s->item;
    }
    return PROV_TURN_ANSWER;
}

static enum prov_status
settings_body(struct prov_session *s, const void *bytes, size_t len)
{
    if (s->settings_overflow || len > s->limits.settings_bytes - s->settings_len) {
        s->settings_overflow = true;
        return PROV_E_LIMIT;
    }
    memcpy(s->settings_mem + s->settings_len, bytes, len);
    s->settings_len += len;
    return PROV_OK;
}

/* A state that is too long is not ours; that is no reason to stop the port. */
static void
state_body(struct prov_session *s, const void *bytes, size_t len)
{
    if (s->state_len > PROV_STATE_BYTES || len > PROV_STATE_BYTES - s->state_len) {
        s->state_len = PROV_STATE_BYTES + 1;
        return;
    }
    memcpy(s->state_text + s->state_len, bytes, len);
    s->state_len += len;
}

enum prov_status
prov_session_load_body(struct prov_session *s, const void *bytes, size_t len)
{
    if (s->item == PROV_ITEM_TREE)
        return prov_session_recall_body(s, bytes, len);
    if (s->item != PROV_ITEM_STATE)
        return settings_body(s, bytes, len);
    state_body(s, bytes, len);
    return PROV_OK;
}

/* The store is at fault, whatever class the reason has: another attempt may find it mended. */
static void
broken(struct prov_session *s, enum prov_status status, enum prov_diag_code code, size_t need)
{
    const struct prov_verdict v = { PROV_OUTCOME_FAILED, status, code, need, 0, 0 };
    static const char *const names[PROV_ITEMS] = { "settings",      "state",        "user",
                                                   "initial",       "standard",     "product",
                                                   "master",        "tree",         "certificate 1",
                                                   "certificate 2", "certificate 3" };

    prov_session_note(s, &v, prov_str_z(""), prov_str_z(names[s->item]));
    prov_session_end(s, v.outcome, v.status);
}

/* Class caller and space end the session; what is wrong with the text is the store's fault. */
static bool
usable(struct prov_session *s, enum prov_status status)
{
    if (status != PROV_OK && !prov_session_is_fatal(s, status))
        broken(s, PROV_E_STORAGE, PROV_D_STORE_SETTINGS, 0);
    return status == PROV_OK;
}

/* What they say about provisioning itself (DSC-4, PNP-5). */
static bool
read_policy(struct prov_session *s)
{
    const enum prov_status status =
        prov_discover_read_xml(s->config.dialect, &s->x, s->root, &s->work, &s->policy, &s->diags);

    s->has_policy = status == PROV_OK;
    return usable(s, status);
}

/* The attempt has changed them: when runs come, the new ones say. If there is no room to look, the next
 * attempt will. */
void
prov_session_read_policy_again(struct prov_session *s)
{
    const size_t before = s->work.perm;
    struct prov_discover_settings now;
    enum prov_status status;

    if (!s->has_policy ||
        (s->outcome != PROV_OUTCOME_APPLIED && s->outcome != PROV_OUTCOME_PARTIAL))
        return;
    if (prov_session_has_layers(s))
        status = prov_discover_read_params(s->config.dialect, s->params, &s->work, &now, NULL);
    else
        status = prov_discover_read_xml(s->config.dialect, &s->x, s->root, &s->work, &now, NULL);
    s->work.perm = before;
    if (status == PROV_OK)
        s->policy.schedule = now.schedule;
}

/* They are read into the pool, for a change to be applied to them. */
static bool
read_settings(struct prov_session *s)
{
    if (!usable(s, prov_xml_parse(&s->x, prov_str_z("settings"), s->settings, &s->root, &s->diags)))
        return false;
    if (!usable(s, prov_apply_init(&s->apply, &s->x, s->root, s->config.dialect, &s->config.check,
                                   &s->diags)))
        return false;
    s->apply.refuse_unchecked = s->config.refuse_unchecked;
    return true;
}

static void
settings_loaded(struct prov_session *s, enum prov_status status)
{
    struct prov_sha256 h;

    s->settings = (struct prov_str){ s->settings_mem, s->settings_len };
    if (status == PROV_E_NOT_FOUND)
        s->settings = s->config.dialect->settings_empty;
    prov_sha256_init(&h);
    prov_sha256_update(&h, s->settings.ptr, s->settings.len);
    prov_session_digest(s, &h, s->settings_digest);
    if (read_settings(s) && read_policy(s))
        s->item = PROV_ITEM_STATE;
}

static void
state_loaded(struct prov_session *s, enum prov_status status)
{
    const struct prov_str text = { s->state_text, s->state_len };

    if (status == PROV_OK) {
        s->has_state = prov_state_read(text, &s->state);
        if (!s->has_state) {
            const struct prov_verdict v = { .code = PROV_D_STORE_STATE };

            prov_session_note(s, &v, prov_str_z(""), prov_str_z("state"));
        }
    }
    s->next_state = s->state;
    s->state_read = true;
    if (prov_session_has_layers(s) && !prov_session_layers_loaded(s))
        return;
    if (s->config.no_remember)
        prov_session_trial_loaded(s);
    else
        s->item = PROV_ITEM_TREE;
}

static void
layer_loaded(struct prov_session *s)
{
    if (!prov_session_layer_loaded(s) && s->fatal == PROV_OK)
        broken(s, PROV_E_STORAGE, PROV_D_STORE_SETTINGS, 0);
}

void
prov_session_loaded(struct prov_session *s, enum prov_status status)
{
    s->io_id = 0;
    if (s->item == PROV_ITEM_TREE)
        prov_session_recalled(s, status);
    else if (s->item != PROV_ITEM_STATE && s->settings_overflow)
        broken(s, PROV_E_LIMIT, PROV_D_STORE_TOO_LARGE, s->limits.settings_bytes);
    else if (status == PROV_E_STORAGE)
        broken(s, PROV_E_STORAGE, PROV_D_STORE_LOAD, 0);
    else if (s->item == PROV_ITEM_SETTINGS)
        settings_loaded(s, status);
    else if (s->item >= PROV_ITEM_CERT_1)
        prov_session_cert_loaded(s);
    else if (s->item != PROV_ITEM_STATE)
        layer_loaded(s);
    else
        state_loaded(s, status);
}
