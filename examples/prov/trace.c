/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <string.h>

#include <jansson.h>

#include "report.h"
#include "sip_show.h"
#include "text.h"

/* Write one event; `more` gives its members and is freed. */
static void
tell(struct trace *t, const char *event, json_t *more)
{
    const uint64_t now = t->clock.ops->monotonic_ms(t->clock.ctx);
    json_t *line = json_pack("{s:I, s:s}", "ms", (json_int_t)(now - t->start_ms), "event", event);

    json_object_update(line, more);
    json_dumpf(line, t->to, JSON_COMPACT);
    fputc('\n', t->to);
    fflush(t->to);
    json_decref(line);
    json_decref(more);
}

static json_t *
address(struct prov_str url)
{
    struct text hidden = { 0 };

    text_add_redacted(&hidden, url);
    json_t *j = report_string(text_str(&hidden));
    text_free(&hidden);
    return j;
}

static const char *
item_name(enum prov_item item)
{
    static const char *const names[PROV_ITEMS] = { "settings",      "state",        "user",
                                                   "initial",       "standard",     "product",
                                                   "master",        "tree",         "certificate-1",
                                                   "certificate-2", "certificate-3" };

    return (unsigned)item < PROV_ITEMS ? names[item] : "?";
}

/* ---- network ---- */

static enum prov_status
on_fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    struct trace *t = ctx;

    trace_record(t);
    tell(t, "fetch", json_pack("{s:I, s:o}", "id", (json_int_t)id, "url", address(req->url)));
    return t->net.ops->fetch(t->net.ctx, id, req, run);
}

static void
on_cancel(void *ctx, uint32_t id)
{
    struct trace *t = ctx;

    tell(t, "cancel", json_pack("{s:I}", "id", (json_int_t)id));
    t->net.ops->cancel(t->net.ctx, id);
}

static enum prov_status
on_wait(void *ctx, uint32_t max_ms, struct prov_run *run)
{
    const struct trace *t = ctx;

    return t->net.ops->wait(t->net.ctx, max_ms, run);
}

static const char *
ask_name(enum prov_ask_kind kind)
{
    static const char *const names[] = { "dhcp", "dhcpv6", "pnp" };

    return (size_t)kind < TOOL_COUNT(names) ? names[kind] : "?";
}

static json_t *
endpoint(const struct prov_endpoint *e)
{
    struct text t = { 0 };

    sip_show_endpoint(&t, e);
    json_t *j = report_string(text_str(&t));
    text_free(&t);
    return j;
}

static enum prov_status
on_ask(void *ctx, uint32_t id, const struct prov_ask *ask, struct prov_endpoint *local,
       struct prov_run *run)
{
    struct trace *t = ctx;

    trace_record(t);
    tell(t, "ask", json_pack("{s:I, s:s}", "id", (json_int_t)id, "what", ask_name(ask->kind)));
    return t->net.ops->ask(t->net.ctx, id, ask, local, run);
}

static enum prov_status
on_send(void *ctx, uint32_t id, const struct prov_endpoint *to, const void *bytes, size_t len)
{
    struct trace *t = ctx;

    tell(t, "send",
         json_pack("{s:I, s:o, s:I}", "id", (json_int_t)id, "to", endpoint(to), "bytes",
                   (json_int_t)len));
    return t->net.ops->send(t->net.ctx, id, to, bytes, len);
}

/* A network that cannot ask stays one that cannot. */
static const struct prov_net_ops files_ops = {
    .size = sizeof(files_ops),
    .fetch = on_fetch,
    .cancel = on_cancel,
    .wait = on_wait,
};

static const struct prov_net_ops net_ops = {
    .size = sizeof(net_ops),
    .fetch = on_fetch,
    .cancel = on_cancel,
    .wait = on_wait,
    .ask = on_ask,
    .send = on_send,
};

/* ---- store ---- */

static enum prov_status
on_load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    struct trace *t = ctx;

    trace_record(t);
    const enum prov_status status = t->store.ops->load(t->store.ctx, id, item, run);

    tell(t, "load",
         json_pack("{s:s, s:s}", "item", item_name(item), "result", prov_status_name(status)));
    return status;
}

static enum prov_status
on_begin(void *ctx)
{
    const struct trace *t = ctx;

    return t->store.ops->begin(t->store.ctx);
}

static enum prov_status
on_put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    const struct trace *t = ctx;

    return t->store.ops->put(t->store.ctx, item, bytes, len);
}

static enum prov_status
on_commit(void *ctx)
{
    struct trace *t = ctx;

    trace_record(t);
    const enum prov_status status = t->store.ops->commit(t->store.ctx);

    tell(t, "store", json_pack("{s:s}", "result", prov_status_name(status)));
    return status;
}

static void
on_rollback(void *ctx)
{
    const struct trace *t = ctx;

    t->store.ops->rollback(t->store.ctx);
}

static const struct prov_store_ops store_ops = {
    .size = sizeof(store_ops),
    .load = on_load,
    .begin = on_begin,
    .put = on_put,
    .commit = on_commit,
    .rollback = on_rollback,
};

void
trace_init(struct trace *t, FILE *to, struct prov_net *net, struct prov_store *store,
           const struct prov_clock *clock, const struct prov_session *session)
{
    *t = (struct trace){
        .to = to, .net = *net, .store = *store, .clock = *clock, .session = session
    };
    if (to == NULL)
        return;
    t->start_ms = clock->ops->monotonic_ms(clock->ctx);
    *net = (struct prov_net){ t->net.ops->ask != NULL ? &net_ops : &files_ops, t };
    *store = (struct prov_store){ &store_ops, t };
}

/* ---- the record ---- */

static void
tell_sources(struct trace *t, const struct prov_record *record)
{
    for (uint32_t i = 0; i < record->source_count && i < TRACE_SEEN; i++) {
        const struct prov_source_record *s = &record->sources[i];

        if (t->source_seen[i] || s->outcome == PROV_SOURCE_NOT_ASKED)
            continue;
        t->source_seen[i] = true;
        tell(t, "source",
             json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", prov_source_name(s->kind), "outcome",
                       prov_source_outcome_name(s->outcome), "reason",
                       s->reason != NULL ? s->reason : "", "before", address(s->before), "url",
                       address(s->url)));
    }
}

static void
tell_fetches(struct trace *t, const struct prov_record *record)
{
    for (uint32_t i = 0; i < record->fetch_count && i < TRACE_SEEN; i++) {
        const struct prov_fetch_record *f = &record->fetches[i];

        if (t->fetch_seen[i] || !f->ended)
            continue;
        t->fetch_seen[i] = true;
        tell(t, "fetched",
             json_pack("{s:o, s:o, s:s, s:I, s:I, s:I}", "url", address(f->url), "finalUrl",
                       address(f->final_url), "result", prov_status_name(f->status), "status",
                       (json_int_t)f->http_status, "bytes", (json_int_t)f->bytes, "took",
                       (json_int_t)f->ms));
    }
}

void
trace_record(struct trace *t)
{
    if (t->to == NULL)
        return;
    const struct prov_record *record = prov_session_record(t->session);

    if (record->attempts != t->attempt || record->began_ms != t->began_ms) {
        t->attempt = record->attempts;
        t->began_ms = record->began_ms;
        memset(t->source_seen, 0, sizeof(t->source_seen));
        memset(t->fetch_seen, 0, sizeof(t->fetch_seen));
        t->outcome_seen = false;
        tell(t, "attempt",
             json_pack("{s:I, s:s}", "number", (json_int_t)record->attempts, "trigger",
                       prov_trigger_name(record->trigger)));
    }
    tell_sources(t, record);
    tell_fetches(t, record);
    if (record->outcome == PROV_OUTCOME_NONE || t->outcome_seen)
        return;
    t->outcome_seen = true;
    tell(t, "outcome",
         json_pack("{s:s, s:s}", "outcome", prov_outcome_name(record->outcome), "result",
                   prov_status_name(record->status)));
}

void
trace_notify(struct trace *t, const struct prov_endpoint *from, const struct prov_check_sync *seen)
{
    if (t->to == NULL)
        return;
    tell(t, "notify",
         json_pack("{s:o, s:I, s:s, s:o}", "from", endpoint(from), "answer",
                   (json_int_t)seen->answer, "reason", seen->reason != NULL ? seen->reason : "",
                   "url", address(seen->url)));
}
