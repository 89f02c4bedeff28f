/* SPDX-License-Identifier: MIT */
#include "world_lan.h"

#include <stdio.h>

/* ---- A phone family for tests ---- */

static const struct prov_marker markers[] = {
    { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_LOWER },
    { PROV_STR_INIT("{MODEL}"), PROV_MARKER_MODEL },
};
static const struct prov_source_rule sources[] = {
    { .kind = PROV_SOURCE_DHCP,
      .step = 1,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .dhcp = { .form = PROV_DHCP_FORM_JOIN, .option = 66, .file_option = 67 } },
    { .kind = PROV_SOURCE_REDIRECT, .step = 2, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    { .kind = PROV_SOURCE_PNP, .step = 2, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    { .kind = PROV_SOURCE_MANUAL, .step = 3, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
};
static const struct prov_str sections[] = {
    PROV_STR_INIT("telephony"),
    PROV_STR_INIT("keys"),
};
static const struct prov_list_rule lists[] = { { PROV_STR_INIT("key"), PROV_STR_INIT("id"), 0 } };

#define TYPES \
    (PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION) | \
     PROV_FILE_BIT(PROV_FILE_OPERATIONS))

#define DIALECT(policy) \
    { \
        .size = sizeof(struct prov_dialect), .name = PROV_STR_INIT("test"), .markers = markers, \
        .marker_count = PROV_COUNT(markers), .sources = sources, \
        .source_count = PROV_COUNT(sources), \
        .file_types = TYPES | PROV_FILE_BIT(PROV_FILE_REFERENCE), .first_types = TYPES, \
        .settings_root = PROV_STR_INIT("configuration"), \
        .settings_empty = PROV_STR_INIT("<configuration>\n</configuration>\n"), \
        .sections = sections, .section_count = PROV_COUNT(sections), .lists = lists, \
        .list_count = PROV_COUNT(lists), .patch_preset = PROV_PATCH_MERGE, \
        .patch_attributes = true, .reference_element = PROV_STR_INIT("url"), \
        .tree_policy = (policy), \
    }

const struct prov_dialect world_dialect = DIALECT(PROV_TREE_ALL_OR_NOTHING);
const struct prov_dialect world_lenient = DIALECT(PROV_TREE_USE_OTHERS);

const struct prov_identity world_identity = {
    .size = sizeof(struct prov_identity),
    .mac = PROV_STR_INIT("00:80:F0:C5:71:EB"),
    .model = PROV_STR_INIT("M1"),
};

/* ---- The log ---- */

void
world_note(struct world *w, const char *what, uint32_t id, struct prov_str text)
{
    const int n = snprintf(w->log + w->log_len, sizeof(w->log) - w->log_len, "%s %u %.*s\n", what,
                           (unsigned)id, (int)text.len, text.len > 0 ? text.ptr : "");

    if (n < 0 || (size_t)n >= sizeof(w->log) - w->log_len)
        w->log_cut = true;
    else
        w->log_len += (size_t)n;
}

bool
world_logged(const struct world *w, const char *text)
{
    return strstr(w->log, text) != NULL;
}

/* ---- Network ---- */

static const struct world_reply *
answer_to(struct world *w, struct prov_str url)
{
    const struct world_reply *found = NULL;

    for (size_t i = 0; w->replies[i].url != NULL && i < PROV_COUNT(w->asked); i++) {
        if (!prov_str_eq(url, prov_str_z(w->replies[i].url)))
            continue;
        found = &w->replies[i];
        if (w->asked[i]++ == 0)
            break;
    }
    return found;
}

static void
end_flight(struct world *w, struct world_flight *f)
{
    struct prov_fetch_result r = { .size = sizeof(r), .status = PROV_E_NETWORK };
    const uint32_t id = f->id;

    if (f->reply != NULL) {
        r.status = f->reply->status;
        r.http_status = f->reply->http != 0 ? f->reply->http : 200;
        if (r.status != PROV_OK && f->reply->http == 0)
            r.http_status = 0;
        r.location = prov_str_z(f->reply->location);
        r.retry_after_s = f->reply->retry_after_s;
        r.retry_after = prov_str_z(f->reply->retry_after);
        r.date = prov_str_z(f->reply->date);
        r.etag = prov_str_z(f->reply->etag);
        r.modified = prov_str_z(f->reply->modified);
    }
    if (f->same)
        r.http_status = 304;
    if (f->refused)
        r = (struct prov_fetch_result){ .size = sizeof(r), .http_status = 401 };
    f->id = 0;
    w->flight_count--;
    (void)!prov_run_done(&w->run, id, &r);
}

/* Deliver one piece, or the end. The piece is a heap copy of exact size. */
static void
move_flight(struct world *w, struct world_flight *f)
{
    const char *body = f->reply != NULL && f->reply->body != NULL ? f->reply->body : "";
    const size_t all =
        f->reply != NULL && f->reply->body_len != 0 ? f->reply->body_len : strlen(body);
    const size_t left = f->refused || f->same ? 0 : all - f->sent;
    const size_t n = w->chunk != 0 && w->chunk < left ? w->chunk : left;
    char *copy;

    if (left == 0) {
        end_flight(w, f);
        return;
    }
    copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, body + f->sent, n);
    f->sent += n;
    (void)!prov_run_body(&w->run, f->id, copy, n);
    free(copy);
}

/* The file is still the one that the phone has. */
static bool
is_same(const struct world_flight *f, const struct prov_fetch *req)
{
    if (f->reply == NULL || f->refused || f->reply->status != PROV_OK || f->reply->http != 0)
        return false;
    if (req->etag.len > 0)
        return prov_str_eq(req->etag, prov_str_z(f->reply->etag));
    return req->modified.len > 0 && prov_str_eq(req->modified, prov_str_z(f->reply->modified));
}

static enum prov_status
world_fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    struct world *w = ctx;
    struct world_flight *f = w->flights;

    assert_ptr_equal(run, &w->run);
    world_note(w, "fetch", id, req->url);
    world_note(w, "user", id, req->user);
    world_note(w, "password", id, req->password);
    world_note(w, "agent", id, req->user_agent);
    if (req->anchors.len > 0)
        world_note(w, "anchors", id, req->anchors);
    w->fetch_count++;
    while (f->id != 0)
        f++;
    *f = (struct world_flight){ .id = id, .reply = answer_to(w, req->url) };
    f->due_ms = w->now_ms + (f->reply != NULL ? f->reply->delay_ms : 0);
    f->refused = f->reply != NULL && f->reply->user != NULL &&
                 (!prov_str_eq(req->user, prov_str_z(f->reply->user)) ||
                  !prov_str_eq(req->password, prov_str_z(f->reply->password)));
    if (req->etag.len > 0)
        world_note(w, "if-none-match", id, req->etag);
    if (req->modified.len > 0)
        world_note(w, "if-modified-since", id, req->modified);
    f->same = is_same(f, req);
    w->same_count += f->same;
    if (++w->flight_count > w->most_flights)
        w->most_flights = w->flight_count;
    if (w->blocking) {
        w->now_ms = f->due_ms;
        while (f->id == id)
            move_flight(w, f);
    }
    return PROV_OK;
}

static void
world_cancel(void *ctx, uint32_t id)
{
    struct world *w = ctx;

    world_note(w, "cancel", id, prov_str_z(""));
    w->cancel_count++;
    world_lan_cancel(w, id);
    for (size_t i = 0; i < PROV_COUNT(w->flights); i++) {
        if (w->flights[i].id == id) {
            w->flights[i].id = 0;
            w->flight_count--;
        }
    }
}

/* The flight that is due first; of equal ones the oldest, or the youngest. */
static struct world_flight *
next_flight(struct world *w)
{
    struct world_flight *best = NULL;

    for (size_t i = 0; i < PROV_COUNT(w->flights); i++) {
        struct world_flight *f = &w->flights[i];

        if (f->id == 0)
            continue;
        if (best == NULL || f->due_ms < best->due_ms ||
            (f->due_ms == best->due_ms && (f->id > best->id) == w->backwards))
            best = f;
    }
    return best;
}

/* Whatever is due first: an end of a fetch, of a question, a datagram. */
static enum prov_status
world_wait(void *ctx, uint32_t max_ms, struct prov_run *run)
{
    struct world *w = ctx;
    struct world_flight *f = next_flight(w);
    const uint64_t lan = world_lan_due(w);
    uint64_t due = f != NULL && f->due_ms < lan ? f->due_ms : lan;

    assert_ptr_equal(run, &w->run);
    /* the library waits for something that it never asked for */
    assert_true(f != NULL || world_lan_asked(w));
    if (w->meanwhile != NULL)
        w->meanwhile(w);
    if (due > w->now_ms + max_ms) {
        w->now_ms += max_ms;
        return PROV_OK;
    }
    if (due > w->now_ms)
        w->now_ms = due;
    if (f == NULL || lan < f->due_ms) {
        world_lan_move(w);
        return PROV_OK;
    }
    if (w->interleave) {
        for (size_t i = 0; i < PROV_COUNT(w->flights); i++) {
            if (w->flights[i].id != 0 && w->flights[i].due_ms <= w->now_ms)
                move_flight(w, &w->flights[i]);
        }
        return PROV_OK;
    }
    const uint32_t id = f->id;

    while (f->id == id)
        move_flight(w, f);
    return PROV_OK;
}

static const struct prov_net_ops event_net = {
    .size = sizeof(event_net),
    .fetch = world_fetch,
    .cancel = world_cancel,
    .wait = world_wait,
};
static const struct prov_net_ops event_lan = {
    .size = sizeof(event_lan),
    .fetch = world_fetch,
    .cancel = world_cancel,
    .wait = world_wait,
    .ask = world_ask,
    .send = world_send,
};
static const struct prov_net_ops blocking_lan = {
    .size = sizeof(blocking_lan),
    .fetch = world_fetch,
    .cancel = world_cancel,
    .ask = world_ask,
    .send = world_send,
};
static const struct prov_net_ops blocking_net = {
    .size = sizeof(blocking_net),
    .fetch = world_fetch,
};

/* ---- Store ---- */

/* One call of the store; false once there is no power. */
static bool
powered(struct world *w)
{
    w->store_calls++;
    if (w->power != 0 && w->store_calls >= w->power)
        w->dark = true;
    return !w->dark;
}

static enum prov_status
world_load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    struct world *w = ctx;
    const struct world_item *it = &w->items[item];

    world_note(w, "load", id, prov_str_z(item == PROV_ITEM_SETTINGS ? "settings" : "state"));
    if (w->load_status != PROV_OK)
        return w->load_status;
    if (it->text == NULL)
        return PROV_E_NOT_FOUND;
    for (size_t at = 0; at < it->len;) {
        const size_t left = it->len - at;
        const size_t n = w->chunk != 0 && w->chunk < left ? w->chunk : left;

        (void)!prov_run_body(run, id, it->text + at, n);
        at += n;
    }
    return PROV_OK;
}

static void
drop_next(struct world *w)
{
    for (size_t i = 0; i < PROV_ITEMS; i++) {
        free(w->next[i].text);
        w->next[i] = (struct world_item){ NULL, 0 };
    }
    w->in_transaction = false;
}

static enum prov_status
world_begin(void *ctx)
{
    struct world *w = ctx;

    if (!powered(w))
        return PROV_E_STORAGE;
    world_note(w, "begin", 0, prov_str_z(""));
    w->begin_count++;
    if (w->begin_status != PROV_OK)
        return w->begin_status;
    drop_next(w);
    w->in_transaction = true;
    return PROV_OK;
}

static enum prov_status
world_put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    struct world *w = ctx;
    struct world_item *it = &w->next[item];

    if (!powered(w))
        return PROV_E_STORAGE;
    assert_true(w->in_transaction);
    assert_true(len > 0);
    if (w->put_status != PROV_OK)
        return w->put_status;
    it->text = realloc(it->text, it->len + len);
    assert_non_null(it->text);
    memcpy(it->text + it->len, bytes, len);
    it->len += len;
    return PROV_OK;
}

static bool
is_of_settings(size_t item)
{
    return item != PROV_ITEM_STATE && item != PROV_ITEM_USER && item != PROV_ITEM_TREE;
}

/* Make `to` what `from` is. */
static void
copy_item(struct world_item *to, const struct world_item *from)
{
    free(to->text);
    *to = (struct world_item){ NULL, 0 };
    if (from->text == NULL)
        return;
    to->text = malloc(from->len);
    assert_non_null(to->text);
    memcpy(to->text, from->text, from->len);
    to->len = from->len;
}

/* What is in force becomes what was before, if that is to change. */
static void
keep_previous(struct world *w)
{
    bool changes = false;

    for (size_t i = 0; i < PROV_ITEMS; i++)
        changes = changes || (is_of_settings(i) && w->next[i].text != NULL);
    for (size_t i = 0; i < PROV_ITEMS && changes; i++) {
        if (is_of_settings(i))
            copy_item(&w->previous[i], &w->items[i]);
    }
}

static void
take_next(struct world *w)
{
    for (size_t i = 0; i < PROV_ITEMS; i++) {
        if (w->next[i].text == NULL)
            continue;
        world_note(w, "commit", (uint32_t)i, (struct prov_str){ w->next[i].text, w->next[i].len });
        free(w->items[i].text);
        w->items[i] = w->next[i];
        w->next[i] = (struct world_item){ NULL, 0 };
    }
    w->in_transaction = false;
}

static enum prov_status
world_restore(void *ctx)
{
    struct world *w = ctx;
    const bool light = powered(w);

    assert_true(w->dark || w->in_transaction);
    if (w->restore_status != PROV_OK)
        return w->restore_status;
    if (!light && !(w->late_commit && w->in_transaction && w->store_calls == w->power))
        return PROV_E_STORAGE;
    w->restore_count++;
    for (size_t i = 0; i < PROV_ITEMS; i++) {
        assert_true(w->dark || !is_of_settings(i) || w->next[i].text == NULL);
        if (is_of_settings(i))
            copy_item(&w->items[i], &w->previous[i]);
    }
    world_note(w, "restore", 0, prov_str_z(""));
    take_next(w);
    return light ? PROV_OK : PROV_E_STORAGE;
}

static enum prov_status
world_commit(void *ctx)
{
    struct world *w = ctx;
    const bool light = powered(w);

    assert_true(w->dark || w->in_transaction);
    if (w->commit_status != PROV_OK)
        return w->commit_status;
    if (!light && !(w->late_commit && w->in_transaction && w->store_calls == w->power))
        return PROV_E_STORAGE;
    w->commit_count++;
    keep_previous(w);
    take_next(w);
    return light ? PROV_OK : PROV_E_STORAGE;
}

static void
world_rollback(void *ctx)
{
    struct world *w = ctx;

    w->rollback_count++;
    if (powered(w))
        drop_next(w);
}

static const struct prov_store_ops store_ops = {
    .size = sizeof(store_ops),
    .load = world_load,
    .begin = world_begin,
    .put = world_put,
    .commit = world_commit,
    .rollback = world_rollback,
    .restore = world_restore,
};
static const struct prov_store_ops old_store_ops = {
    .size = offsetof(struct prov_store_ops, restore),
    .load = world_load,
    .begin = world_begin,
    .put = world_put,
    .commit = world_commit,
    .rollback = world_rollback,
};

void
world_set(struct world *w, enum prov_item item, const char *text)
{
    free(w->items[item].text);
    w->items[item] = (struct world_item){ NULL, 0 };
    if (text != NULL) {
        w->items[item].text = prov_copy_exact(text);
        w->items[item].len = strlen(text);
    }
}

bool
world_has(const struct world *w, enum prov_item item, const char *text)
{
    if (text == NULL || w->items[item].text == NULL)
        return text == NULL && w->items[item].text == NULL;
    return prov_str_is(w->items[item].text, w->items[item].len, text);
}

bool
world_same(const struct world *a, const struct world *b, enum prov_item item)
{
    const struct world_item *x = &a->items[item], *y = &b->items[item];

    if (x->text == NULL || y->text == NULL)
        return x->text == y->text;
    return x->len == y->len && memcmp(x->text, y->text, x->len) == 0;
}

/* ---- Clock ---- */

static uint64_t
world_now(void *ctx)
{
    const struct world *w = ctx;

    return w->now_ms;
}

static void
world_sleep(void *ctx, uint32_t ms)
{
    struct world *w = ctx;

    w->now_ms += ms;
    if (w->meanwhile != NULL)
        w->meanwhile(w);
}

static void
world_wall(void *ctx, struct prov_wall_time *out)
{
    const struct world *w = ctx;

    out->state = w->trusted ? PROV_CLOCK_TRUSTED : PROV_CLOCK_LOWER_BOUND;
    if (w->now_ms < w->time_known_ms)
        out->state = PROV_CLOCK_UNKNOWN;
    out->unix_s = WORLD_EPOCH_MS / 1000 + (int64_t)(w->now_ms / 1000) + w->wall_shift_s;
}

static const struct prov_clock_ops clock_ops = {
    .size = sizeof(clock_ops),
    .monotonic_ms = world_now,
    .wall = world_wall,
    .sleep = world_sleep,
};
static const struct prov_clock_ops old_clock_ops = {
    .size = sizeof(old_clock_ops),
    .monotonic_ms = world_now,
    .sleep = world_sleep,
};

/* ---- Runs ---- */

struct world *
world_new(const char *url, const struct world_reply *replies)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->replies = replies;
    w->now_ms = 1000;
    w->limits.size = sizeof(w->limits);
    w->config = (struct prov_session_config){
        .size = sizeof(w->config),
        .dialect = &world_dialect,
        .identity = &world_identity,
        .limits = &w->limits,
        .seed = 42,
        .url = prov_str_z(url),
        .attempts = 1,
        .discover = &w->discover,
    };
    w->discover.size = sizeof(w->discover);
    world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
    return w;
}

void
world_free(struct world *w)
{
    drop_next(w);
    for (size_t i = 0; i < PROV_ITEMS; i++) {
        free(w->items[i].text);
        free(w->previous[i].text);
    }
    free(w->memory);
    free(w);
}

enum prov_status
world_open(struct world *w)
{
    const struct prov_net_ops *event = w->lan ? &event_lan : &event_net;
    const struct prov_net_ops *blocking = w->lan ? &blocking_lan : &blocking_net;
    const struct prov_net net = { w->blocking ? blocking : event, w };
    const struct prov_store store = { w->no_restore ? &old_store_ops : &store_ops, w };
    const struct prov_clock clock = { w->no_wall ? &old_clock_ops : &clock_ops, w };
    size_t bytes = w->memory_bytes;
    enum prov_status status;

    if (bytes == 0)
        assert_int_equal(PROV_OK, prov_session_memory(&w->limits, &bytes));
    free(w->memory);
    w->memory = malloc(bytes);
    assert_non_null(w->memory);
    w->record = NULL;
    status = prov_session_init(&w->session, w->memory, bytes, &w->config, NULL);
    if (status != PROV_OK)
        return status;
    w->record = prov_session_record(w->session);
    return prov_run_init(&w->run, w->session, &net, &store, &clock, NULL);
}

enum prov_status
world_loop(struct world *w)
{
    const enum prov_status status = prov_run_loop(&w->run);

    assert_false(w->log_cut);
    return status;
}

enum prov_outcome
world_run(struct world *w)
{
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(0, w->flight_count);
    assert_false(world_lan_asked(w));
    assert_int_equal(w->begin_count, w->commit_count + w->restore_count + w->rollback_count);
    return w->record->outcome;
}

void
world_reboot(struct world *w)
{
    drop_next(w);
    w->dark = false;
    w->power = 0;
    w->store_calls = 0;
    w->begin_count = w->commit_count = w->restore_count = w->rollback_count = w->fetch_count = 0;
    w->same_count = w->most_flights = 0;
    w->flight_count = 0;
    memset(w->flights, 0, sizeof(w->flights));
    memset(w->asked, 0, sizeof(w->asked));
}

/* ---- What was told ---- */

const struct prov_diag *
world_diag(const struct world *w, enum prov_diag_code code)
{
    for (uint32_t i = 0; i < w->record->diags->count; i++) {
        if (w->record->diags->items[i].code == code)
            return &w->record->diags->items[i];
    }
    return NULL;
}

static bool
holds(struct prov_str text, const char *part)
{
    const size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.len; i++) {
        if (memcmp(text.ptr + i, part, n) == 0)
            return true;
    }
    return false;
}

bool
world_tells(const struct world *w, const char *text)
{
    const struct prov_record *r = w->record;

    for (uint32_t i = 0; i < r->source_count; i++) {
        if (holds(r->sources[i].before, text) || holds(r->sources[i].url, text))
            return true;
    }
    for (uint32_t i = 0; i < r->fetch_count; i++) {
        if (holds(r->fetches[i].before, text) || holds(r->fetches[i].url, text) ||
            holds(r->fetches[i].final_url, text))
            return true;
    }
    for (uint32_t i = 0; i < r->diags->count; i++) {
        char mem[4096];
        struct prov_buf line = { mem, sizeof(mem), 0 };

        assert_int_equal(PROV_OK, prov_diag_format(&r->diags->items[i], &line));
        if (holds(prov_buf_str(&line), text))
            return true;
    }
    return false;
}
