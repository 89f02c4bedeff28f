/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include <string.h>

#include "report.h"

#define PIECE_BYTES ((size_t)16 << 20) /* no port gives so much at once */

static uint64_t
time_of(const struct replay *r, const json_t *line)
{
    return r->config.start_ms + trace_number(line, "ms");
}

static uint32_t
id_of(const json_t *line)
{
    return (uint32_t)trace_number(line, "id");
}

/* An event of its line, with what all of them have. */
static struct prov_watch_event
event_of(const struct replay *r, const json_t *line, enum prov_watch_kind kind)
{
    return (struct prov_watch_event){ .size = sizeof(struct prov_watch_event),
                                      .kind = kind,
                                      .now_ms = time_of(r, line),
                                      .id = id_of(line) };
}

/* ---- What the session is asked ---- */

static void
ask_next(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_ACTION);
    struct prov_action action;

    e.status = prov_session_next(r->session, e.now_ms, &action);
    if (e.status == PROV_OK) {
        e.action = &action;
        e.id = action.id;
    }
    trace_seen(&r->trace, &e);
}

static void
do_next(struct replay *r, const json_t *line)
{
    r->trace.reported = true; /* whatever it says now, it was worth a line then */
    ask_next(r, line);
}

static void
do_reply(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_REPLY);
    struct prov_endpoint to;

    if (!prov_session_reply(r->session, e.id, e.now_ms, &to, &e.bytes))
        return;
    e.peer = &to;
    trace_seen(&r->trace, &e);
}

/* It said the same as before: then nothing is told. */
static void
do_asked_again(struct replay *r, const json_t *line)
{
    const bool reported = r->trace.reported;

    r->trace.reported = false;
    ask_next(r, line);
    r->trace.reported = reported;
}

/* ---- What it is told ---- */

static void
do_clock(struct replay *r, const json_t *line)
{
    struct prov_wall_time wall = { .state = PROV_CLOCK_UNKNOWN };

    if (strcmp(trace_text(line, "state"), "trusted") == 0)
        wall.state = PROV_CLOCK_TRUSTED;
    else if (strcmp(trace_text(line, "state"), "lower bound") == 0)
        wall.state = PROV_CLOCK_LOWER_BOUND;
    wall.unix_s = (int64_t)json_integer_value(json_object_get(line, "unix"));
    prov_session_clock(r->session, &wall);
    if (json_is_true(json_object_get(line, "asked")))
        do_asked_again(r, line);
}

static void
give(struct replay *r, const json_t *line, struct prov_str bytes)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_BODY);

    e.bytes = bytes;
    e.status = prov_session_body(r->session, e.id, bytes.ptr, bytes.len);
    trace_seen(&r->trace, &e);
}

/* The line with the whole body that this is a piece of; the number of lines if it was not kept. */
static size_t
end_of_body(const struct replay *r, uint32_t id)
{
    size_t i = r->at;

    while (i < r->file.count &&
           !(id_of(r->file.lines[i].json) == id && trace_is(r->file.lines[i].json, "fetched")))
        i++;
    return i;
}

/* What was never read is not kept; any bytes will do. */
static void
do_body(struct replay *r, const json_t *line)
{
    const size_t told = (size_t)trace_number(line, "bytes"), end = end_of_body(r, id_of(line));
    const size_t n = told < PIECE_BYTES ? told : PIECE_BYTES;
    struct text piece = { 0 };

    if (end < r->file.count && r->bodies[end].len == 0)
        (void)trace_bytes(r->file.lines[end].json, "text", &r->bodies[end]);
    if (end < r->file.count && r->given[end] + n <= r->bodies[end].len) {
        text_add(&piece, prov_str_cut(text_str(&r->bodies[end]), r->given[end], r->given[end] + n));
        r->given[end] += n;
    }
    while (piece.len < n)
        text_add_z(&piece, "x");
    give(r, line, text_str(&piece));
    text_free(&piece);
}

/* Header fields as texts that live as long as the call. */
struct answer {
    struct text location, retry_after, date, etag, modified, detail;
    struct prov_fetch_result result;
};

static struct prov_str
header(const json_t *line, const char *name, struct text *t)
{
    (void)trace_bytes(line, name, t);
    return text_str(t);
}

static void
read_answer(const json_t *line, struct answer *a)
{
    *a = (struct answer){ .result = {
                              .size = sizeof(a->result),
                              .status = trace_status(line, "result"),
                              .http_status = (uint32_t)trace_number(line, "status"),
                              .retry_after_s = (uint32_t)trace_number(line, "retryAfterS"),
                          } };
    a->result.location = header(line, "location", &a->location);
    a->result.retry_after = header(line, "retryAfter", &a->retry_after);
    a->result.date = header(line, "date", &a->date);
    a->result.etag = header(line, "etag", &a->etag);
    a->result.modified = header(line, "modified", &a->modified);
    a->result.detail = header(line, "detail", &a->detail);
}

static void
do_fetched(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_FETCHED);
    struct answer a;

    read_answer(line, &a);
    e.result = &a.result;
    e.status = prov_session_fetched(r->session, e.id, e.now_ms, e.result);
    trace_seen(&r->trace, &e);
    text_free(&a.location);
    text_free(&a.retry_after);
    text_free(&a.date);
    text_free(&a.etag);
    text_free(&a.modified);
    text_free(&a.detail);
}

static void
give_all(struct replay *r, const json_t *line)
{
    struct text bytes = { 0 };

    if (trace_bytes(line, "text", &bytes))
        give(r, line, text_str(&bytes));
    text_free(&bytes);
}

static void
do_done(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_DONE);

    e.reported = trace_status(line, "result");
    e.status = prov_session_done(r->session, e.id, e.now_ms, e.reported);
    trace_seen(&r->trace, &e);
}

static void
do_loaded(struct replay *r, const json_t *line)
{
    give_all(r, line);
    do_done(r, line);
}

/* A store that failed has taken a part only. */
static void
do_stored(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_PIECE);
    const bool all = trace_status(line, "result") == PROV_OK;
    const json_t *item;
    uint64_t bytes = 0;
    size_t i;

    json_array_foreach(json_object_get(line, "items"), i, item)
    {
        bytes += trace_number(item, "bytes");
    }
    for (uint64_t n = 0; all || n < bytes; n += e.bytes.len) {
        if (!prov_session_output(r->session, &e.item, &e.bytes))
            break;
        trace_seen(&r->trace, &e);
    }
    do_done(r, line);
}

static void
do_opened(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_OPENED);
    struct prov_endpoint local;

    (void)trace_read_endpoint(line, "local", &local);
    e.reported = trace_status(line, "result");
    e.peer = &local;
    e.status = prov_session_opened(r->session, e.id, e.now_ms, e.reported, &local);
    trace_seen(&r->trace, &e);
}

static void
do_asked(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_ASKED);

    give_all(r, line);
    e.reported = trace_status(line, "result");
    e.status = prov_session_asked(r->session, e.id, e.now_ms, e.reported);
    trace_seen(&r->trace, &e);
}

static void
do_datagram(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_DATAGRAM);
    struct prov_endpoint from;
    struct text bytes = { 0 };

    (void)trace_read_endpoint(line, "from", &from);
    (void)trace_bytes(line, "text", &bytes);
    e.peer = &from;
    e.bytes = text_str(&bytes);
    e.status = prov_session_datagram(r->session, e.id, e.now_ms, &from, bytes.ptr, bytes.len);
    trace_seen(&r->trace, &e);
    text_free(&bytes);
}

static void
do_notify(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_NOTIFY);
    char room[PROV_CHECK_SYNC_REPLY_BYTES];
    struct prov_buf reply = { room, sizeof(room), 0 };
    struct prov_check_sync seen = { .answer = 0 };
    struct prov_endpoint from;
    struct text bytes = { 0 };

    (void)trace_read_endpoint(line, "from", &from);
    (void)trace_bytes(line, "text", &bytes);
    e.peer = &from;
    e.bytes = text_str(&bytes);
    e.status = prov_session_notify(r->session, e.now_ms, &from, e.bytes, &reply, &seen);
    e.seen = e.status == PROV_OK ? &seen : NULL;
    e.reply = prov_buf_str(&reply);
    trace_seen(&r->trace, &e);
    text_free(&bytes);
}

static void
do_trigger(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_TRIGGER);
    struct prov_trigger_event g = { .size = sizeof(g) };
    struct text url = { 0 }, document = { 0 };

    while (strcmp(prov_trigger_name(g.trigger), trace_text(line, "trigger")) != 0 &&
           g.trigger < PROV_TRIGGER_CHECK_SYNC)
        g.trigger = (enum prov_trigger)(g.trigger + 1);
    (void)trace_bytes(line, "url", &url);
    (void)trace_bytes(line, "document", &document);
    g.has_url = json_is_true(json_object_get(line, "hasUrl"));
    g.url = text_str(&url);
    g.document = text_str(&document);
    e.trigger = &g;
    e.status = prov_session_trigger(r->session, e.now_ms, &g);
    trace_seen(&r->trace, &e);
    text_free(&url);
    text_free(&document);
}

static void
do_confirm(struct replay *r, const json_t *line)
{
    struct prov_watch_event e = event_of(r, line, PROV_WATCH_CONFIRM);

    e.status = prov_session_confirm(r->session, e.now_ms);
    trace_seen(&r->trace, &e);
}

/* ---- By line ---- */

static const struct row {
    const char *event;
    void (*run)(struct replay *r, const json_t *line);
    bool action; /* the session wants something */
} rows[] = {
    { "fetch", do_next, true },         { "cancel", do_next, true },
    { "load", do_next, true },          { "store", do_next, true },
    { "ask", do_next, true },           { "send", do_next, true },
    { "wait", do_next, true },          { "nothing", do_next, true },
    { "stop", do_next, true },          { "broken", do_next, true },
    { "reply", do_reply, true },        { "clock", do_clock, false },
    { "body", do_body, false },         { "fetched", do_fetched, false },
    { "loaded", do_loaded, false },     { "stored", do_stored, false },
    { "opened", do_opened, false },     { "asked", do_asked, false },
    { "datagram", do_datagram, false }, { "notify", do_notify, false },
    { "trigger", do_trigger, false },   { "restore", do_next, true },
    { "confirm", do_confirm, false },
};

static const struct row *
row_of(const json_t *line)
{
    for (size_t i = 0; i < TOOL_COUNT(rows); i++) {
        if (trace_is(line, rows[i].event))
            return &rows[i];
    }
    return NULL;
}

bool
replay_is_action(const json_t *line)
{
    const struct row *row = row_of(line);

    return row != NULL && row->action;
}

bool
replay_line(struct replay *r, const json_t *line)
{
    const struct row *row = row_of(line);

    if (row != NULL)
        row->run(r, line);
    return row != NULL;
}

/* ---- What the session calls on its way ---- */

/* The next line of a kind that stands before the one that is being done. */
static const json_t *
take(const struct replay *r, size_t *from, const char *event)
{
    for (; *from < r->at; (*from)++) {
        const json_t *line = r->file.lines[*from].json;

        if (trace_is(line, event)) {
            (*from)++;
            return line;
        }
    }
    return NULL;
}

static void
on_digest(void *ctx, uint8_t *digest)
{
    struct replay *r = ctx;
    const json_t *line = take(r, &r->digest, "digest");
    const char *hex = line != NULL ? trace_text(line, "is") : "";

    for (unsigned i = 0; strlen(hex) == 64 && i < 32; i++) {
        const char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

        digest[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

/* What was told about local time up to now. */
static int32_t
on_offset(void *ctx, int64_t unix_s)
{
    struct replay *r = ctx;
    const json_t *line;
    int32_t offset;

    while ((line = take(r, &r->zone, "zone")) != NULL)
        zone_map_add(&r->trace.zones, json_integer_value(json_object_get(line, "unix")),
                     (int32_t)json_integer_value(json_object_get(line, "offset")));
    (void)zone_map_find(&r->trace.zones, unix_s, &offset);
    return offset;
}

/* What comes out is not looked at: the text is in the trace. */
static enum prov_status
on_hash(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces, size_t count,
        uint8_t out[PROV_ENC_DIGEST_BYTES])
{
    struct replay *r = ctx;
    size_t from = r->unsealed;
    const json_t *line = take(r, &from, "unsealed");

    (void)kind;
    (void)pieces;
    (void)count;
    memset(out, 0, PROV_ENC_DIGEST_BYTES);
    if (line == NULL || strcmp(trace_text(line, "step"), "digest") != 0)
        return PROV_OK;
    r->unsealed = from;
    return trace_status(line, "result");
}

static enum prov_status
on_decrypt(void *ctx, const uint8_t *key, size_t key_bytes, const uint8_t iv[PROV_ENC_BLOCK_BYTES],
           uint8_t *bytes, size_t len)
{
    struct replay *r = ctx;
    const json_t *line = take(r, &r->unsealed, "unsealed");
    struct text text = { 0 };

    (void)key;
    (void)key_bytes;
    (void)iv;
    memset(bytes, 0xFF, len);
    if (line == NULL)
        return PROV_OK;
    (void)trace_bytes(line, "text", &text);
    if (text.len > 0)
        memcpy(bytes, text.ptr, text.len < len ? text.len : len);
    text_free(&text);
    return trace_status(line, "result");
}

void
replay_hook(struct replay *r, struct prov_session_config *config)
{
    static const struct prov_crypto_ops ops = { sizeof(ops), on_hash, on_decrypt };

    config->digests = (struct prov_digest_hook){ on_digest, r };
    if (r->config.zone)
        config->zone = (struct prov_zone){ on_offset, r };
    if (!r->config.crypto)
        return;
    r->crypto = (struct prov_crypto){ &ops, r };
    config->crypto = &r->crypto;
}
