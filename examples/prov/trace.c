/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Lines ---- */

static void
write_line(struct trace *t, json_t *line)
{
    if (t->sink != NULL) {
        t->sink(t->sink_ctx, line);
        return;
    }
    json_dumpf(line, t->to, JSON_COMPACT);
    fputc('\n', t->to);
    fflush(t->to); /* whatever happens next, what was told is there */
    json_decref(line);
}

static void
tell_at(struct trace *t, const char *event, json_t *more)
{
    const uint64_t since = t->now_ms > t->start_ms ? t->now_ms - t->start_ms : 0;
    json_t *line = json_pack("{s:I, s:s}", "ms", (json_int_t)since, "event", event);

    json_object_update(line, more);
    json_decref(more);
    write_line(t, line);
}

/* The wall clock is told when something else is, if the session was told another time since. */
static void
tell_wall(struct trace *t)
{
    static const char *const names[] = { "unknown", "lower bound", "trusted" };
    const uint64_t now = t->now_ms;

    if (t->repeating || (t->wall_told && t->wall.state == t->told_wall.state &&
                         t->wall.unix_s == t->told_wall.unix_s))
        return;
    t->wall_told = true;
    t->told_wall = t->wall;
    if ((unsigned)t->wall.state >= TOOL_COUNT(names))
        return;
    json_t *j =
        json_pack("{s:s, s:I}", "state", names[t->wall.state], "unix", (json_int_t)t->wall.unix_s);

    if (t->wall_used)
        json_object_set_new(j, "asked", json_true());
    t->now_ms = t->wall_used ? t->wall_used_ms : now;
    tell_at(t, "clock", j);
    t->now_ms = now;
}

void
trace_tell(struct trace *t, const char *event, json_t *more)
{
    tell_wall(t);
    tell_at(t, event, more);
}

/* ---- What is under way ---- */

struct trace_job *
trace_job_of(struct trace *t, uint32_t id)
{
    for (size_t i = 0; i < t->job_count; i++) {
        if (t->jobs[i].id == id)
            return &t->jobs[i];
    }
    return NULL;
}

static void
open_job(struct trace *t, const struct prov_action *a)
{
    t->jobs = tool_resize(t->jobs, (t->job_count + 1) * sizeof(*t->jobs));
    t->jobs[t->job_count++] =
        (struct trace_job){ .id = a->id, .kind = a->kind, .item = a->item, .ask = a->ask.kind };
}

/* Text that may hold secrets. */
static void
wipe_text(struct text *text)
{
    if (text->ptr != NULL)
        memset(text->ptr, 0, text->cap);
    text_free(text);
}

static void
close_job(struct trace *t, uint32_t id)
{
    struct trace_job *job = trace_job_of(t, id);

    if (job == NULL)
        return;
    wipe_text(&job->bytes);
    *job = t->jobs[--t->job_count];
}

static void
free_items(struct trace *t)
{
    for (unsigned i = 0; i < PROV_ITEMS; i++)
        wipe_text(&t->items[i]);
}

/* ---- Looking on ---- */

static bool
is_told(const struct trace *t, const struct prov_action *a)
{
    if (t->reported || t->last.kind != a->kind)
        return a->kind == PROV_DO_NOTHING && !t->reported;
    switch (a->kind) {
    case PROV_DO_NOTHING:
    case PROV_DO_STOP:
        return true;
    case PROV_DO_WAIT:
        return t->last.until_ms == a->until_ms && t->last.under_way == a->under_way;
    case PROV_DO_FETCH:
    case PROV_DO_CANCEL:
    case PROV_DO_LOAD:
    case PROV_DO_STORE:
    case PROV_DO_ASK:
    case PROV_DO_SEND:
    case PROV_DO_RESTORE:
        break;
    }
    return false;
}

/* An answer that says the same as the one before is left out. */
static void
see_action(struct trace *t, const struct prov_watch_event *e)
{
    const struct prov_action *a = e->action;

    if (a != NULL && is_told(t, a)) {
        t->wall_used = true;
        t->wall_used_ms = e->now_ms;
        return;
    }
    t->now_ms = e->now_ms;
    t->reported = false;
    trace_record(t); /* first why, then what */
    trace_action(t, e);
    if (a == NULL)
        return;
    t->last = *a;
    if (a->kind == PROV_DO_CANCEL)
        close_job(t, a->id);
    if (a->kind == PROV_DO_FETCH || a->kind == PROV_DO_LOAD || a->kind == PROV_DO_STORE ||
        a->kind == PROV_DO_ASK || a->kind == PROV_DO_RESTORE)
        open_job(t, a);
    if (a->kind == PROV_DO_STORE || a->kind == PROV_DO_RESTORE)
        free_items(t);
}

static void
see_body(struct trace *t, const struct prov_watch_event *e)
{
    struct trace_job *job = trace_job_of(t, e->id);

    if (job != NULL)
        text_add(&job->bytes, e->bytes);
    if (job == NULL || job->kind == PROV_DO_FETCH)
        trace_report(t, e);
}

/* Something came from outside. */
static void
see_report(struct trace *t, const struct prov_watch_event *e)
{
    const bool ends =
        e->kind == PROV_WATCH_FETCHED || e->kind == PROV_WATCH_DONE || e->kind == PROV_WATCH_ASKED;

    t->now_ms = e->now_ms;
    t->reported = t->reported || e->kind != PROV_WATCH_REPLY;
    trace_report(t, e);
    if (ends)
        close_job(t, e->id);
    trace_record(t);
}

void
trace_seen(void *ctx, const struct prov_watch_event *e)
{
    struct trace *t = ctx;

    switch (e->kind) {
    case PROV_WATCH_CLOCK:
        t->wall = *e->wall;
        t->wall_used = false;
        break;
    case PROV_WATCH_ACTION:
        see_action(t, e);
        break;
    case PROV_WATCH_BODY:
        see_body(t, e);
        break;
    case PROV_WATCH_PIECE:
        if ((unsigned)e->item < PROV_ITEMS)
            text_add(&t->items[e->item], e->bytes);
        break;
    case PROV_WATCH_FETCHED:
    case PROV_WATCH_DONE:
    case PROV_WATCH_OPENED:
    case PROV_WATCH_ASKED:
    case PROV_WATCH_DATAGRAM:
    case PROV_WATCH_REPLY:
    case PROV_WATCH_NOTIFY:
    case PROV_WATCH_TRIGGER:
    case PROV_WATCH_CONFIRM:
        see_report(t, e);
        break;
    }
}

/* ---- What the session calls on its way ---- */

static void
on_digest(void *ctx, uint8_t *digest)
{
    struct trace *t = ctx;
    struct text hex = { 0 };
    uint8_t shown[32];

    memcpy(shown, digest, sizeof(shown));
    standins_digest(t->standins, shown);
    for (unsigned i = 0; i < sizeof(shown); i++)
        text_addf(&hex, "%02x", (unsigned)shown[i]);
    trace_tell(t, "digest", json_pack("{s:s}", "is", hex.ptr));
    text_free(&hex);
}

static enum prov_status
on_hash(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces, size_t count,
        uint8_t out[PROV_ENC_DIGEST_BYTES])
{
    struct trace *t = ctx;
    const enum prov_status status = t->crypto.ops->digest(t->crypto.ctx, kind, pieces, count, out);

    if (status != PROV_OK)
        trace_tell(t, "unsealed",
                   json_pack("{s:s, s:s}", "step", "digest", "result", prov_status_name(status)));
    return status;
}

static enum prov_status
on_decrypt(void *ctx, const uint8_t *key, size_t key_bytes, const uint8_t iv[PROV_ENC_BLOCK_BYTES],
           uint8_t *bytes, size_t len)
{
    struct trace *t = ctx;
    const enum prov_status status =
        t->crypto.ops->aes_cbc_decrypt(t->crypto.ctx, key, key_bytes, iv, bytes, len);
    json_t *more =
        json_pack("{s:s, s:I}", "result", prov_status_name(status), "bytes", (json_int_t)len);

    if (status == PROV_OK)
        trace_set_bytes(t, more, "text", TRACE_OPENED,
                        (struct prov_str){ (const char *)bytes, len });
    trace_tell(t, "unsealed", more);
    return status;
}

static const struct prov_crypto_ops crypto_ops = { sizeof(crypto_ops), on_hash, on_decrypt };

/* Told only if it does not follow from what was told before. */
static int32_t
on_offset(void *ctx, int64_t unix_s)
{
    struct trace *t = ctx;
    const int32_t offset = t->zone.offset_s(t->zone.ctx, unix_s);
    int32_t known;

    if (!zone_map_find(&t->zones, unix_s, &known) || known != offset) {
        zone_map_add(&t->zones, unix_s, offset);
        trace_tell(t, "zone",
                   json_pack("{s:I, s:i}", "unix", (json_int_t)unix_s, "offset", (int)offset));
    }
    return offset;
}

void
trace_hook(struct trace *t, struct prov_session_config *config)
{
    if (config->zone.offset_s != NULL) {
        t->zone = config->zone;
        config->zone = (struct prov_zone){ on_offset, t };
    }
    config->digests = (struct prov_digest_hook){ on_digest, t };
    if (config->crypto == NULL)
        return;
    t->crypto = *config->crypto;
    t->hooked = (struct prov_crypto){ &crypto_ops, t };
    config->crypto = &t->hooked;
}

/* ---- Begin and end ---- */

void
trace_begin(struct trace *t, const struct prov_session *session,
            const struct prov_session_config *config, uint64_t start_ms)
{
    t->session = session;
    t->start_ms = start_ms;
    t->now_ms = start_ms;
    write_line(t, trace_head(t, config));
}

void
trace_end(struct trace *t, int code, uint64_t now_ms)
{
    if (t == NULL || t->session == NULL)
        return;
    t->now_ms = now_ms;
    tell_at(t, "end", json_pack("{s:i}", "code", code));
}

void
trace_free(struct trace *t)
{
    while (t->job_count > 0)
        close_job(t, t->jobs[0].id);
    zone_map_free(&t->zones);
    free(t->jobs);
    t->jobs = NULL;
    free_items(t);
    standins_free(t->standins);
    t->standins = NULL;
}
