/* SPDX-License-Identifier: MIT */

/* Fetches under way: start, bytes, end (NET-1, NET-2, REF-5). */

#include "base/buf.h"
#include "base/wipe.h"
#include "session/private.h"

struct prov_fetch_record *
prov_session_fetch_record(struct prov_session *s, uint32_t entry)
{
    return &s->fetches[s->files[entry].place];
}

/* The redirection service has a record of its own, that nobody is shown; so has a guess. */
struct prov_fetch_record *
prov_session_slot_record(struct prov_session *s, const struct prov_slot *slot)
{
    if (slot->service)
        return &s->service;
    if (slot->guess != PROV_REF_NONE)
        return &s->recall.guesses[slot->guess].record;
    return prov_session_fetch_record(s, slot->entry);
}

/* An address with the credentials that belong to it; a guess has them from the first file. */
static struct prov_str
address_of(const struct prov_session *s, const struct prov_slot *slot)
{
    if (slot->service)
        return prov_discover_redirect_url(&s->search);
    return s->tree.entries[slot->guess != PROV_REF_NONE ? 0 : slot->entry].url;
}

struct prov_slot *
prov_session_slot(struct prov_session *s, uint32_t id)
{
    for (uint32_t i = 0; i <= s->limits.fetches; i++) {
        if (s->slots[i].state == PROV_SLOT_BUSY && s->slots[i].id == id)
            return &s->slots[i];
    }
    return NULL;
}

struct prov_slot *
prov_session_slot_in(struct prov_session *s, enum prov_slot_state state)
{
    for (uint32_t i = 0; i <= s->limits.fetches; i++) {
        if (s->slots[i].state == state)
            return &s->slots[i];
    }
    return NULL;
}

uint32_t
prov_session_slots_used(const struct prov_session *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i <= s->limits.fetches; i++)
        n += s->slots[i].state != PROV_SLOT_FREE;
    return n;
}

/* Next file to fetch, in the order of applying. */
static uint32_t
next_waiting(const struct prov_session *s)
{
    uint32_t e = 0;

    while (e != PROV_REF_NONE && s->files[e].state != PROV_FILE_WAITING)
        e = s->tree.entries[e].next;
    return e;
}

void
prov_session_assign(struct prov_session *s, struct prov_slot *slot, struct prov_str url)
{
    slot->state = PROV_SLOT_START;
    slot->service = false;
    slot->guess = PROV_REF_NONE;
    slot->began_ms = s->now_ms;
    slot->url.len = 0;
    prov_session_strip(url, &slot->url);
    slot->auth = slot->url.len != url.len;
}

/* Give a slot to a file. */
static void
assign(struct prov_session *s, struct prov_slot *slot, uint32_t entry)
{
    prov_session_assign(s, slot, s->tree.entries[entry].url);
    slot->entry = entry;
    s->files[entry].state = PROV_FILE_UNDER_WAY;
}

/* User and password of the file's own address, for as long as the fetch lasts. */
static void
unlock(struct prov_session *s, struct prov_slot *slot, struct prov_fetch *f)
{
    struct prov_uri u;

    if (!slot->auth || prov_uri_parse(address_of(s, slot), &u, NULL) != PROV_OK)
        return;
    /* Decoding never makes a text longer: both fit where the address fitted. */
    bool ok = prov_uri_decode(u.user, &slot->secret) == PROV_OK;
    const size_t user = slot->secret.len;

    ok = ok && prov_uri_decode(u.password, &slot->secret) == PROV_OK;
    f->user = prov_str_cut(prov_buf_str(&slot->secret), 0, ok ? user : 0);
    f->password = prov_str_cut(prov_buf_str(&slot->secret), user, ok ? slot->secret.len : user);
}

static void
start(struct prov_session *s, struct prov_slot *slot, struct prov_action *a)
{
    const struct prov_remembered *known = prov_session_condition(s, slot);

    slot->state = PROV_SLOT_BUSY;
    slot->asked = known != NULL;
    slot->id = prov_session_new_id(s);
    slot->part = prov_region_open(&s->region);
    slot->overflow = PROV_D_NONE;
    slot->line = slot->column = 1;
    prov_session_slot_record(s, slot)->bytes = 0;
    a->kind = PROV_DO_FETCH;
    a->id = slot->id;
    a->fetch = (struct prov_fetch){
        .size = sizeof(struct prov_fetch),
        .url = prov_buf_str(&slot->url),
        .user_agent = s->agent,
        .max_bytes = prov_session_most_bytes(s),
        .connect_ms = s->config.connect_ms,
        .idle_ms = s->config.idle_ms,
        .whole_ms = s->config.whole_ms,
        .anchors = prov_session_anchors(s, slot),
    };
    if (known != NULL) {
        a->fetch.etag = known->etag;
        a->fetch.modified = known->modified;
    }
    unlock(s, slot, &a->fetch);
}

bool
prov_session_start_turn(struct prov_session *s, struct prov_action *a)
{
    struct prov_slot *slot = prov_session_slot_in(s, PROV_SLOT_START);

    if (slot != NULL)
        start(s, slot, a);
    return slot != NULL;
}

/* Give a slot to the next file, be it a guess. */
static void
assign_next(struct prov_session *s, uint32_t entry)
{
    const uint32_t guess = entry == PROV_REF_NONE ? prov_session_guess_next(s) : PROV_REF_NONE;

    if (entry != PROV_REF_NONE)
        assign(s, prov_session_slot_in(s, PROV_SLOT_FREE), entry);
    else if (guess != PROV_REF_NONE)
        prov_session_guess_start(s, prov_session_slot_in(s, PROV_SLOT_FREE), guess);
}

/* Is anything under way that the result depends on? */
static bool
is_waiting(const struct prov_session *s)
{
    for (uint32_t i = 0; i <= s->limits.fetches; i++) {
        if (s->slots[i].state == PROV_SLOT_BUSY && s->slots[i].guess == PROV_REF_NONE)
            return true;
    }
    return false;
}

enum prov_turn
prov_session_fetch_turn(struct prov_session *s, struct prov_action *a)
{
    uint32_t entry;

    if (prov_session_certs_turn(s) || prov_session_guess_turn(s))
        return s->fatal == PROV_OK ? PROV_TURN_AGAIN : PROV_TURN_ANSWER;
    entry = next_waiting(s);
    if (prov_session_slot_in(s, PROV_SLOT_START) == NULL) {
        const bool full = prov_session_slots_used(s) >= s->limits.fetches;
        const bool held = entry != PROV_REF_NONE && !prov_session_certs_ready(s, entry);

        if (entry != PROV_REF_NONE && !held && full && prov_session_guess_yield(s))
            return PROV_TURN_AGAIN; /* the cancel first */
        if (entry == PROV_REF_NONE || held || !full)
            assign_next(s, held ? PROV_REF_NONE : entry);
    }
    if (prov_session_start_turn(s, a) || entry != PROV_REF_NONE || is_waiting(s))
        return PROV_TURN_ANSWER;
    if (prov_session_all_same(s))
        return PROV_TURN_AGAIN;
    prov_session_guess_stop(s);
    s->phase = PROV_PHASE_CHANGE;
    return PROV_TURN_AGAIN;
}

void
prov_session_forget(struct prov_slot *slot)
{
    prov_wipe(slot->secret.ptr, slot->secret.cap);
    slot->secret.len = 0;
    slot->id = 0;
    slot->state = PROV_SLOT_FREE;
}

bool
prov_session_cancel_turn(struct prov_session *s, struct prov_action *a)
{
    struct prov_slot *slot = prov_session_slot_in(s, PROV_SLOT_CANCEL);

    if (slot == NULL)
        return false;
    a->kind = PROV_DO_CANCEL;
    a->id = slot->id;
    prov_session_forget(slot);
    return true;
}

void
prov_session_cancel(struct prov_session *s, struct prov_slot *slot)
{
    struct prov_fetch_record *rec = prov_session_slot_record(s, slot);

    if (slot->guess != PROV_REF_NONE)
        s->recall.guesses[slot->guess].state = PROV_GUESS_GONE;
    else if (!slot->service)
        s->files[slot->entry].state = PROV_FILE_FAILED;
    rec->ended = true;
    rec->status = PROV_E_CANCELLED;
    rec->ms = (uint32_t)(s->now_ms - slot->began_ms);
    if (slot->state == PROV_SLOT_START) {
        prov_session_forget(slot);
        return;
    }
    prov_region_drop(&s->region, slot->part);
    slot->state = PROV_SLOT_CANCEL;
}

void
prov_session_cancel_all(struct prov_session *s)
{
    for (uint32_t i = 0; i <= s->limits.fetches; i++) {
        if (s->slots[i].state == PROV_SLOT_START || s->slots[i].state == PROV_SLOT_BUSY)
            prov_session_cancel(s, &s->slots[i]);
    }
}

/* Move a place on over bytes. */
static void
advance(struct prov_slot *slot, struct prov_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        slot->column++;
        if (bytes.ptr[i] == '\n') {
            slot->line++;
            slot->column = 1;
        }
    }
}

void
prov_session_give_up(struct prov_session *s, struct prov_slot *slot, enum prov_diag_code why)
{
    if (slot->state != PROV_SLOT_BUSY || slot->overflow != PROV_D_NONE)
        return;
    slot->overflow = why;
    prov_region_drop(&s->region, slot->part);
    slot->part = prov_region_open(&s->region);
}

/*
 * More than fits: what counts from now on is only which limit it was, and where. The record says
 * how much was taken, as if the bytes had come one by one.
 */
static enum prov_status
overflow(struct prov_session *s, struct prov_slot *slot, struct prov_str bytes, size_t file_left,
         size_t tree_left)
{
    struct prov_fetch_record *rec = prov_session_slot_record(s, slot);
    const size_t taken = file_left <= tree_left ? file_left : tree_left;

    advance(slot, prov_region_text(&s->region, slot->part));
    advance(slot, prov_str_cut(bytes, 0, taken));
    rec->bytes += (uint32_t)taken;
    prov_session_give_up(
        s, slot, file_left <= tree_left ? PROV_D_NET_FILE_TOO_LARGE : PROV_D_NET_TREE_TOO_LARGE);
    return PROV_E_LIMIT;
}

/* How many bytes more the file may have; its beginning tells what it is. */
static size_t
file_room(struct prov_session *s, const struct prov_slot *slot, struct prov_str piece)
{
    const uint32_t taken = prov_session_slot_record(s, slot)->bytes, plain = s->limits.file_bytes;
    const struct prov_str begin = taken > 0 ? prov_region_text(&s->region, slot->part) : piece;

    return (taken + piece.len <= plain ? plain : prov_session_file_bytes(s, begin)) - taken;
}

enum prov_status
prov_session_fetch_body(struct prov_session *s, struct prov_slot *slot, const void *bytes,
                        size_t len)
{
    const struct prov_str piece = { bytes, len };
    size_t file_left;

    if (slot->overflow != PROV_D_NONE)
        return PROV_E_LIMIT;
    if (slot->asked)
        prov_session_changed(s); /* else there would be no body */
    if (len > prov_region_left(&s->region) && slot->guess == PROV_REF_NONE)
        prov_session_guess_shrink(s);
    file_left = file_room(s, slot, piece);
    if (len > file_left || !prov_region_append(&s->region, slot->part, bytes, len))
        return overflow(s, slot, piece, file_left, prov_region_left(&s->region));
    prov_session_slot_record(s, slot)->bytes += (uint32_t)len;
    return PROV_OK;
}

/* What a status of the port means. */
static const struct port_row {
    enum prov_status status;
    enum prov_diag_code code;
    bool headless; /* the transfer broke: an HTTP status that was seen does not count */
} port_rows[] = {
    { PROV_E_NETWORK, PROV_D_NET_FAILED, true },
    { PROV_E_TIMEOUT, PROV_D_NET_TIMEOUT, true },
    { PROV_E_CANCELLED, PROV_D_NET_STOPPED, true },
    { PROV_E_MEMORY, PROV_D_NET_NO_MEMORY, true },
    { PROV_E_NOT_FOUND, PROV_D_NET_NOT_FOUND, false },
    { PROV_E_DENIED, PROV_D_NET_REFUSED, false },
};

static const struct port_row *
port_row(enum prov_status status)
{
    for (size_t i = 0; i < sizeof(port_rows) / sizeof(port_rows[0]); i++) {
        if (port_rows[i].status == status)
            return &port_rows[i];
    }
    return NULL;
}

/* What an HTTP status other than 200 means; the last row is for all others. */
static const struct http_row {
    uint32_t from, to;
    enum prov_status status;
    enum prov_diag_code code;
} http_rows[] = {
    { 304, 304, PROV_E_NETWORK, PROV_D_HTTP_NOT_ASKED },
    { 401, 401, PROV_E_DENIED, PROV_D_HTTP_REFUSED },
    { 403, 403, PROV_E_DENIED, PROV_D_HTTP_REFUSED },
    { 404, 404, PROV_E_NOT_FOUND, PROV_D_HTTP_NOT_FOUND },
    { 407, 407, PROV_E_DENIED, PROV_D_HTTP_REFUSED },
    { 408, 408, PROV_E_TIMEOUT, PROV_D_HTTP_SERVER },
    { 410, 410, PROV_E_NOT_FOUND, PROV_D_HTTP_NOT_FOUND },
    { 429, 429, PROV_E_NETWORK, PROV_D_HTTP_SERVER },
    { 500, 599, PROV_E_NETWORK, PROV_D_HTTP_SERVER },
    { 0, UINT32_MAX, PROV_E_NETWORK, PROV_D_HTTP_STATUS },
};

static void
judge_http(uint32_t status, struct prov_verdict *v)
{
    const struct http_row *r = http_rows;

    while (status < r->from || status > r->to)
        r++;
    *v = (struct prov_verdict){ PROV_OUTCOME_FAILED, r->status, r->code, status, 0, 0 };
}

static bool
is_http(const struct prov_slot *slot)
{
    struct prov_uri u;

    return prov_uri_parse(prov_buf_str(&slot->url), &u, NULL) == PROV_OK &&
           (u.scheme == PROV_SCHEME_HTTP || u.scheme == PROV_SCHEME_HTTPS);
}

/* The answer's head counts before its body. */
bool
prov_session_judge(const struct prov_session *s, const struct prov_slot *slot,
                   const struct prov_fetch_result *r, struct prov_verdict *v)
{
    const struct port_row *row = port_row(r->status);
    enum prov_diag_code large = slot->overflow;

    if (r->status == PROV_E_LIMIT && large == PROV_D_NONE)
        large = s->limits.file_bytes <= s->limits.tree_bytes ? PROV_D_NET_FILE_TOO_LARGE
                                                             : PROV_D_NET_TREE_TOO_LARGE;
    if (r->http_status != 0 && r->http_status != 200 && (row == NULL || !row->headless)) {
        judge_http(r->http_status, v);
    } else if (large != PROV_D_NONE) {
        *v = (struct prov_verdict){ .outcome = PROV_OUTCOME_REFUSED,
                                    .status = PROV_E_LIMIT,
                                    .code = large,
                                    .need = large == PROV_D_NET_FILE_TOO_LARGE
                                                ? s->limits.file_bytes
                                                : s->limits.tree_bytes,
                                    .line = slot->line,
                                    .column = slot->column };
    } else if (row != NULL) {
        *v = (struct prov_verdict){ PROV_OUTCOME_FAILED, row->status, row->code, 0, 0, 0 };
    } else if (r->http_status == 0 && is_http(slot)) {
        *v = (struct prov_verdict){
            PROV_OUTCOME_FAILED, PROV_E_NETWORK, PROV_D_HTTP_STATUS_MISSING, 0, 0, 0
        };
    } else {
        return true;
    }
    return false;
}

/* The text of a diagnostic cannot be without any. */
struct prov_str
prov_session_detail(struct prov_session *s, const struct prov_fetch_result *r)
{
    const size_t n =
        r->detail.len < PROV_SESSION_DETAIL_BYTES ? r->detail.len : PROV_SESSION_DETAIL_BYTES;
    char *copy;

    if (n == 0)
        return prov_str_z("no reason given");
    copy = prov_arena_perm(&s->work, n, 1);
    if (copy == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return prov_str_z("");
    }
    memcpy(copy, r->detail.ptr, n);
    return (struct prov_str){ copy, n };
}

void
prov_session_file_failed(struct prov_session *s, uint32_t entry, const struct prov_verdict *v)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);

    rec->status = v->status;
    s->files[entry].state = PROV_FILE_FAILED;
    if (s->first_failure.outcome == PROV_OUTCOME_NONE && s->files[entry].cert == 0)
        s->first_failure = *v;
    /* A budget that is exceeded is never a matter of one file alone (REF-3); but with layers, a file
     * that is too large is one that cannot be had. */
    if (s->config.dialect->tree_policy == PROV_TREE_ALL_OR_NOTHING ||
        (v->code == PROV_D_NET_FILE_TOO_LARGE && !prov_session_has_layers(s)) ||
        v->code == PROV_D_NET_TREE_TOO_LARGE)
        prov_session_end(s, v->outcome, v->status);
}

bool
prov_session_is_redirect(const struct prov_fetch_result *r)
{
    static const uint16_t codes[] = { 301, 302, 303, 307, 308 };
    const struct port_row *row = port_row(r->status);

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (r->http_status == codes[i])
            return row == NULL || !row->headless;
    }
    return false;
}

static void
failed(struct prov_session *s, uint32_t entry, const struct prov_fetch_result *r,
       const struct prov_verdict *v)
{
    const struct prov_str subject = prov_session_detail(s, r);

    if (v->outcome == PROV_OUTCOME_FAILED)
        prov_session_take_retry_after(s, r);
    prov_session_note(s, v, prov_session_fetch_record(s, entry)->final_url, subject);
    prov_session_changed(s);
    if (entry == 0 && v->outcome == PROV_OUTCOME_FAILED) {
        prov_session_fetch_record(s, entry)->status = v->status;
        s->files[entry].state = PROV_FILE_FAILED;
        prov_session_guess_stop(s);
        prov_session_first_failed(s, v);
        return;
    }
    prov_session_file_failed(s, entry, v);
}

/* The fetch has ended for good: complete its record. */
static void
record_end(struct prov_session *s, struct prov_slot *slot, const struct prov_fetch_result *r)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, slot->entry);

    rec->ended = true;
    rec->http_status = r->http_status;
    rec->ms = (uint32_t)(s->now_ms - slot->began_ms);
    rec->final_url =
        rec->redirects == 0 ? rec->url : prov_session_redact(s, prov_buf_str(&slot->url));
}

/* A named file, once its slot is free: what is not under way is not cancelled if the run ends. */
static void
file_end(struct prov_session *s, struct prov_slot *slot, const struct prov_fetch_result *r,
         struct prov_verdict *v)
{
    struct prov_session_file *f = &s->files[slot->entry];
    const bool same = prov_session_is_not_modified(slot, r);

    if (v->code != PROV_D_NONE || same || !prov_session_judge(s, slot, r, v)) {
        prov_region_drop(&s->region, slot->part);
        if (same)
            prov_session_same(s, slot);
        else
            failed(s, slot->entry, r, v);
        return;
    }
    f->validator = prov_session_validator(s, r, &f->validator_is_etag);
    if (!prov_session_is_as_known(slot, f->known, f->validator, f->validator_is_etag))
        prov_session_changed(s);
    prov_session_file_complete(s, slot);
}

void
prov_session_fetch_end(struct prov_session *s, struct prov_slot *slot,
                       const struct prov_fetch_result *r)
{
    struct prov_verdict v = { PROV_OUTCOME_NONE, PROV_OK, PROV_D_NONE, 0, 0, 0 };

    if (slot->service) {
        prov_session_service_end(s, slot, r);
        return;
    }
    if (prov_session_is_redirect(r) && prov_session_redirect(s, slot, r, &v)) {
        prov_region_drop(&s->region, slot->part);
        prov_session_forget(slot);
        slot->state = PROV_SLOT_START;
        return;
    }
    if (slot->guess != PROV_REF_NONE) {
        const bool good = v.code == PROV_D_NONE && prov_session_judge(s, slot, r, &v);

        prov_session_guess_end(s, slot, r, good);
        return;
    }
    record_end(s, slot, r);
    if (s->fatal != PROV_OK)
        return;
    prov_session_forget(slot);
    file_end(s, slot, r, &v);
}
