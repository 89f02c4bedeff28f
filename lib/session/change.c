/* SPDX-License-Identifier: MIT */

/* All files are there: are they the ones of last time, what do they change, and is there anything
 * to store (STO-1, STO-3). */

#include "session/private.h"

void
prov_session_hash_text(struct prov_sha256 *h, struct prov_str text)
{
    uint8_t length[8];

    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (uint8_t)((uint64_t)text.len >> (8 * i));
    prov_sha256_update(h, length, sizeof(length));
    prov_sha256_update(h, text.ptr, text.len);
}

/* Everything that the result depends on, but for the settings. */
static void
digest_input(struct prov_session *s, uint8_t out[32])
{
    struct prov_sha256 h;

    prov_sha256_init(&h);
    prov_session_hash_text(&h, s->config.dialect->name);
    for (uint32_t e = 0; e != PROV_REF_NONE; e = s->tree.entries[e].next) {
        if (s->files[e].state != PROV_FILE_READY)
            continue;
        prov_session_hash_text(&h, prov_session_fetch_record(s, e)->final_url);
        prov_session_hash_text(&h, s->files[e].text);
    }
    prov_session_digest(s, &h, out);
}

bool
prov_session_is_settled(const struct prov_session *s)
{
    return s->state.stored && !s->state.partial &&
           memcmp(s->state.settings, s->settings_digest, sizeof(s->settings_digest)) == 0;
}

static bool
same_as_last_time(const struct prov_session *s)
{
    return prov_session_is_settled(s) &&
           memcmp(s->state.input, s->next_state.input, sizeof(s->state.input)) == 0;
}

/* Is there a file that can be applied? */
static bool
has_change(struct prov_session *s)
{
    for (uint32_t e = 0; e < s->tree.count; e++) {
        if (s->files[e].state == PROV_FILE_READY &&
            !prov_session_is_reference(s, prov_session_fetch_record(s, e)->type))
            return true;
    }
    return false;
}

/* Apply one file; false if that ended the attempt or the session. */
static bool
apply_file(struct prov_session *s, uint32_t entry)
{
    const uint32_t types =
        s->config.dialect->file_types & ~(uint32_t)PROV_FILE_BIT(PROV_FILE_REFERENCE);
    struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);
    const uint32_t number = s->apply.file_count;
    const enum prov_status status =
        prov_apply_change(&s->apply, s->files[entry].root, types, &rec->type);

    if (status == PROV_OK) {
        rec->change = number;
        return true;
    }
    rec->status = status;
    if (status == PROV_E_TYPE)
        prov_session_end(s, PROV_OUTCOME_REFUSED, status);
    else
        prov_session_fail(s, status);
    return false;
}

static bool
apply_all(struct prov_session *s)
{
    s->record.apply = &s->apply;
    for (uint32_t e = 0; e != PROV_REF_NONE; e = s->tree.entries[e].next) {
        const enum prov_file_type type = prov_session_fetch_record(s, e)->type;

        if (s->files[e].state != PROV_FILE_READY || prov_session_is_reference(s, type))
            continue;
        if (!apply_file(s, e))
            return false;
    }
    return true;
}

/* Walk over the result once: its digest, its length, and whether it is what was loaded. */
static size_t
measure(struct prov_session *s, bool *same)
{
    struct prov_sha256 h;
    struct prov_str piece;
    size_t len = 0;

    *same = true;
    prov_sha256_init(&h);
    prov_xml_writer_init(&s->writer, &s->x, s->root);
    while (len <= s->limits.settings_bytes && prov_xml_writer_next(&s->writer, &piece)) {
        prov_sha256_update(&h, piece.ptr, piece.len);
        *same = *same && piece.len <= s->settings.len - len &&
                memcmp(piece.ptr, s->settings.ptr + len, piece.len) == 0;
        len += piece.len;
    }
    *same = *same && len == s->settings.len;
    prov_session_digest(s, &h, s->next_state.settings);
    return len;
}

/* What is to be done with the result. */
static void
decide(struct prov_session *s)
{
    const struct prov_verdict large = {
        PROV_OUTCOME_REFUSED, PROV_E_LIMIT, PROV_D_RESULT_TOO_LARGE, s->limits.settings_bytes, 0, 0
    };
    bool same;
    const size_t len = measure(s, &same);

    s->next_state.stored = true;
    s->next_state.partial = s->apply.partial;
    if (len > s->limits.settings_bytes) {
        prov_session_note(s, &large, prov_str_z(""), prov_str_z(""));
        prov_session_end(s, large.outcome, large.status);
    } else if (same) {
        prov_session_end(s, s->apply.partial ? PROV_OUTCOME_PARTIAL : PROV_OUTCOME_UNCHANGED,
                         PROV_OK);
    } else {
        s->phase = PROV_PHASE_STORE;
    }
}

enum prov_turn
prov_session_change_turn(struct prov_session *s)
{
    if (prov_session_has_layers(s))
        return prov_session_layers_turn(s);
    if (s->first_failure.outcome != PROV_OUTCOME_NONE && !has_change(s)) {
        prov_session_end(s, s->first_failure.outcome, s->first_failure.status);
        return PROV_TURN_AGAIN;
    }
    digest_input(s, s->next_state.input);
    memcpy(s->recall.input, s->next_state.input, sizeof(s->recall.input));
    if (same_as_last_time(s)) {
        s->record.unchanged_by_digest = true;
        prov_session_end(s, PROV_OUTCOME_UNCHANGED, PROV_OK);
    } else if (!prov_session_trial_refuses(s) && apply_all(s)) {
        decide(s);
    }
    return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
}
