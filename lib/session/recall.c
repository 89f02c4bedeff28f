/* SPDX-License-Identifier: MIT */

/*
 * What is remembered of the last run's files: addresses, and what tells whether a file has changed
 * (STO-3, REF-5). It belongs to exactly the files that the state tells of, or with layers to those
 * that are saved, and to the values that addresses were made with; else no conditions are put, but
 * the addresses are still worth a guess.
 *
 * An address with credentials of its own is not kept, nor are validators of which one file has none
 * (unless there are layers): nothing would come of asking the others.
 */

#include "base/buf.h"
#include "session/private.h"

/* ---- At the beginning ---- */

/* A text that is too long is not ours; that is no reason to stop the port. */
enum prov_status
prov_session_recall_body(struct prov_session *s, const void *bytes, size_t len)
{
    const size_t most = prov_session_recall_bytes(&s->limits);
    struct prov_recall *m = &s->recall;

    if (m->len > most || len > most - m->len) {
        m->len = most + 1;
        return PROV_OK;
    }
    memcpy(m->text + m->len, bytes, len);
    m->len += len;
    return PROV_OK;
}

/* Of the files, and of all else that would make other addresses of them, or refuse them. */
static void
digest(const struct prov_session *s, const uint8_t files[32], uint8_t out[32])
{
    const struct prov_limits *l = &s->limits;
    const uint32_t numbers[] = { l->url_bytes,  l->file_bytes,      l->tree_bytes,
                                 l->tree_files, l->tree_depth,      l->xml_depth,
                                 l->xml_nodes,  l->xml_attributes,  l->pool_nodes,
                                 l->path_steps, s->config.macro_raw };
    const struct prov_macro_set *set = &s->macros.set;
    struct prov_sha256 h;

    prov_sha256_init(&h);
    prov_session_hash_text(&h, s->config.dialect->name);
    for (size_t i = 0; i < set->count; i++) {
        prov_session_hash_text(&h, set->items[i].marker);
        prov_session_hash_text(&h, set->items[i].value);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const uint8_t bytes[] = { (uint8_t)(numbers[i] >> 24), (uint8_t)(numbers[i] >> 16),
                                  (uint8_t)(numbers[i] >> 8), (uint8_t)numbers[i] };

        prov_sha256_update(&h, bytes, sizeof(bytes));
    }
    prov_sha256_update(&h, files, 32);
    prov_session_digest(s, &h, out);
}

/* Does it belong to what is there? */
static bool
is_current(const struct prov_session *s, const uint8_t written[32])
{
    uint8_t files[32], now[32];

    if (prov_session_has_layers(s))
        prov_session_layers_digest(s, false, files);
    else
        memcpy(files, s->state.input, sizeof(files));
    digest(s, files, now);
    if (memcmp(now, written, sizeof(now)) != 0)
        return false;
    /* Files that were tried and undone are not as good as applied. */
    return prov_session_has_layers(s) || (prov_session_is_settled(s) && !s->state.undone);
}

void
prov_session_recalled(struct prov_session *s, enum prov_status status)
{
    struct prov_recall *m = &s->recall;
    const struct prov_str text = { m->text, m->len };
    uint8_t written[32];

    if (status == PROV_OK && m->len <= prov_session_recall_bytes(&s->limits) &&
        prov_remember_read(text, s->limits.url_bytes, written, m->files, s->limits.tree_files + 1,
                           &m->count))
        m->conditional = is_current(s, written);
    prov_session_trial_loaded(s);
}

/* ---- At the end ---- */

/* What can be told of a file. Its address is written to room; false if it has credentials of its
 * own. */
static bool
describe(struct prov_session *s, uint32_t entry, struct prov_buf *room, struct prov_remembered *out)
{
    const struct prov_ref_entry *t = &s->tree.entries[entry];
    const struct prov_session_file *f = &s->files[entry];
    const struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);
    const bool got =
        f->state == PROV_FILE_READY && (!prov_session_has_layers(s) || s->layers[f->layer].got);

    room->len = 0;
    prov_session_strip(t->url, room);
    *out = (struct prov_remembered){
        .url = prov_buf_str(room),
        .parent = t->parent == PROV_REF_NONE ? PROV_REMEMBER_NONE
                                             : s->files[t->parent].place - s->files[0].place,
        .type = rec->type,
        .layer = f->layer,
        .auth = room->len != t->url.len,
    };
    if (got && rec->redirects > 0)
        out->final = rec->final_url;
    if (got && rec->not_modified) {
        out->etag = f->known->etag;
        out->modified = f->known->modified;
    } else if (got && f->validator_is_etag) {
        out->etag = f->validator;
    } else if (got) {
        out->modified = f->validator;
    }
    return !out->auth || prov_session_same_user(t->url, s->tree.entries[0].url);
}

/* The piece at a place of the plan; empty behind the end. */
static struct prov_str
make_piece(struct prov_session *s, uint32_t place)
{
    const uint32_t files = s->recall.plan == PROV_RECALL_FIRST ? 1 : s->tree.count;
    const size_t most = prov_session_piece_bytes(&s->limits);
    struct prov_buf out = { s->recall.piece, most - s->limits.url_bytes, 0 };
    struct prov_buf room = { s->recall.piece + out.cap, s->limits.url_bytes, 0 };
    struct prov_remembered file;
    uint8_t base[32], all[32];
    uint32_t entry = 0;

    if (place == 0) {
        if (prov_session_has_layers(s))
            prov_session_layers_digest(s, true, base);
        else
            memcpy(base, s->recall.input, sizeof(base));
        digest(s, base, all);
        prov_remember_put_head(all, &out);
    } else if (place <= files) {
        for (uint32_t i = 1; i < place; i++)
            entry = s->tree.entries[entry].next;
        (void)describe(s, entry, &room, &file);
        if (s->recall.plan != PROV_RECALL_ALL)
            file.etag = file.modified = file.final = (struct prov_str){ NULL, 0 };
        prov_remember_put_file(&file, &out);
    } else if (place == files + 1) {
        prov_remember_put_end(&out);
    }
    return prov_buf_str(&out);
}

/* How much can be kept, and is of use. */
static enum prov_recall_plan
plan(struct prov_session *s)
{
    struct prov_buf room = { s->recall.piece, s->limits.url_bytes, 0 };
    size_t left = prov_session_recall_bytes(&s->limits);
    struct prov_remembered file;
    bool can_tell = true;

    s->recall.plan = PROV_RECALL_ALL;
    for (uint32_t e = 0; e < s->tree.count; e++) {
        if (!describe(s, e, &room, &file))
            return PROV_RECALL_FIRST;
        can_tell = can_tell && (file.etag.len > 0 || file.modified.len > 0);
    }
    for (uint32_t place = 0; place < s->tree.count + 2; place++) {
        const size_t n = make_piece(s, place).len;

        if (n > left)
            return PROV_RECALL_FIRST;
        left -= n;
    }
    return can_tell || prov_session_has_layers(s) ? PROV_RECALL_ALL : PROV_RECALL_ADDRESSES;
}

/* Is it what the store has? */
static bool
is_known(struct prov_session *s)
{
    const struct prov_recall *m = &s->recall;
    struct prov_str left = { m->text, m->len }, piece = make_piece(s, 0);

    for (uint32_t place = 1; piece.len > 0; place++) {
        if (piece.len > left.len || !prov_str_eq(prov_str_cut(left, 0, piece.len), piece))
            return false;
        left = prov_str_cut(left, piece.len, left.len);
        piece = make_piece(s, place);
    }
    return left.len == 0;
}

/* A tree that was fetched has led to settings that are new, or those that were there. */
static bool
is_worth_it(const struct prov_session *s)
{
    if (s->config.no_remember || !s->recall.fetched || s->recall.same)
        return false;
    return s->phase == PROV_PHASE_STORE || s->outcome == PROV_OUTCOME_UNCHANGED;
}

bool
prov_session_recall_news(struct prov_session *s)
{
    struct prov_recall *m = &s->recall;

    m->news = false;
    if (!is_worth_it(s))
        return false;
    if (m->piece == NULL)
        m->piece = prov_arena_perm(&s->work, prov_session_piece_bytes(&s->limits), 1);
    if (m->piece == NULL) /* no room, no memory of it: the next run asks for everything */
        return false;
    m->plan = plan(s);
    m->news = m->len > prov_session_recall_bytes(&s->limits) || !is_known(s);
    return m->news;
}

bool
prov_session_recall_output(struct prov_session *s, struct prov_str *piece)
{
    struct prov_str next = { NULL, 0 };

    if (s->recall.news)
        next = make_piece(s, s->recall.next++);
    if (next.len > 0)
        *piece = next;
    return next.len > 0;
}
