/* SPDX-License-Identifier: MIT */

/* The lines about what passed between session and port. */

#include <inttypes.h>
#include <string.h>

#include "conceal.h"
#include "report.h"
#include "sip_show.h"
#include "trace.h"

/* ---- Values ---- */

static void
conceal(struct standins *s, enum trace_bytes kind, struct prov_str bytes, struct text *out)
{
    switch (kind) {
    case TRACE_FILE:
        conceal_file(s, bytes, out);
        break;
    case TRACE_ADDRESS:
        conceal_address(s, bytes, out);
        break;
    case TRACE_SIP:
        conceal_sip(s, bytes, out);
        break;
    case TRACE_DHCP4:
    case TRACE_DHCP6:
        conceal_dhcp(s, bytes, kind == TRACE_DHCP6, out);
        break;
    case TRACE_RECORD:
        conceal_record(s, bytes, out);
        break;
    case TRACE_OPENED:
        if (s != NULL)
            conceal_opened(s, bytes, out);
        else
            text_add(out, bytes);
        break;
    case TRACE_PLAIN:
        text_add(out, bytes);
        break;
    }
}

static void
set_hex(json_t *j, const char *name, struct prov_str bytes)
{
    struct text key = { 0 }, hex = { 0 };

    text_addf(&key, "%sHex", name);
    text_reserve(&hex, 2 * bytes.len);
    for (size_t i = 0; i < bytes.len; i++)
        text_addf(&hex, "%02x", (unsigned)(unsigned char)bytes.ptr[i]);
    json_object_set_new(j, key.ptr, json_string(hex.ptr));
    text_free(&key);
    text_free(&hex);
}

void
trace_set_bytes(const struct trace *t, json_t *j, const char *name, enum trace_bytes kind,
                struct prov_str bytes)
{
    struct text hidden = { 0 };
    json_t *value = NULL;

    if (bytes.len == 0)
        return;
    conceal(t->standins, kind, bytes, &hidden);
    if (kind != TRACE_DHCP4 && kind != TRACE_DHCP6 && memchr(hidden.ptr, '\0', hidden.len) == NULL)
        value = json_stringn(hidden.ptr, hidden.len);
    if (value != NULL)
        json_object_set_new(j, name, value);
    else
        set_hex(j, name, text_str(&hidden));
    text_free(&hidden);
}

json_t *
trace_endpoint(const struct prov_endpoint *e)
{
    struct text t = { 0 };

    sip_show_endpoint(&t, e);
    json_t *j = report_string(text_str(&t));
    text_free(&t);
    return j;
}

static const char *const item_names[PROV_ITEMS] = {
    "settings", "state", "user",          "initial",       "standard",      "product",
    "master",   "tree",  "certificate-1", "certificate-2", "certificate-3",
};

const char *
trace_item_name(enum prov_item item)
{
    return (unsigned)item < PROV_ITEMS ? item_names[item] : "?";
}

const char *
trace_ask_name(enum prov_ask_kind kind)
{
    static const char *const names[] = { "dhcp", "dhcpv6", "pnp" };

    return (size_t)kind < TOOL_COUNT(names) ? names[kind] : "?";
}

static void
set_number(json_t *j, const char *name, uint64_t value)
{
    if (value != 0)
        json_object_set_new(j, name, json_integer((json_int_t)value));
}

static void
set_word(json_t *j, const char *name, const char *word)
{
    if (word != NULL && word[0] != '\0')
        json_object_set_new(j, name, json_string(word));
}

static void
set_status(json_t *j, const char *name, enum prov_status status)
{
    if (status != PROV_OK)
        json_object_set_new(j, name, json_string(prov_status_name(status)));
}

static json_t *
with_id(uint32_t id)
{
    return json_pack("{s:I}", "id", (json_int_t)id);
}

/* ---- Actions ---- */

static void
tell_fetch(struct trace *t, const struct prov_action *a)
{
    const struct prov_fetch *f = &a->fetch;
    json_t *j = with_id(a->id);

    trace_set_bytes(t, j, "url", TRACE_ADDRESS, f->url);
    if (f->user.len > 0 || f->password.len > 0)
        json_object_set_new(j, "auth", json_true());
    trace_set_bytes(t, j, "agent", TRACE_PLAIN, f->user_agent);
    trace_set_bytes(t, j, "ifNoneMatch", TRACE_RECORD, f->etag);
    trace_set_bytes(t, j, "ifModifiedSince", TRACE_PLAIN, f->modified);
    set_number(j, "anchors", f->anchors.len);
    set_number(j, "maxBytes", f->max_bytes);
    set_number(j, "connectMs", f->connect_ms);
    set_number(j, "idleMs", f->idle_ms);
    set_number(j, "wholeMs", f->whole_ms);
    trace_tell(t, "fetch", j);
}

static void
tell_ask(struct trace *t, const struct prov_action *a)
{
    json_t *j = with_id(a->id);

    set_word(j, "what", trace_ask_name(a->ask.kind));
    if (a->ask.kind == PROV_ASK_PNP)
        json_object_set_new(j, "group", trace_endpoint(&a->ask.group));
    else
        json_object_set_new(j, "options", json_array());
    for (size_t i = 0; a->ask.kind != PROV_ASK_PNP && i < a->ask.param_count; i++)
        json_array_append_new(json_object_get(j, "options"), json_integer(a->ask.params[i]));
    set_number(j, "wholeMs", a->ask.whole_ms);
    trace_tell(t, "ask", j);
}

static void
tell_message(struct trace *t, const char *event, uint32_t id, const char *who,
             const struct prov_endpoint *peer, struct prov_str bytes)
{
    json_t *j = json_pack("{s:I, s:o}", "id", (json_int_t)id, who, trace_endpoint(peer));

    trace_set_bytes(t, j, "text", TRACE_SIP, bytes);
    trace_tell(t, event, j);
}

static void
tell_wait(struct trace *t, const struct prov_action *a)
{
    const uint64_t until = a->until_ms > t->start_ms ? a->until_ms - t->start_ms : 0;
    const char *waits_for = prov_session_record(t->session)->waits_for;
    json_t *j = json_pack("{s:I, s:b}", "until", (json_int_t)until, "underWay", (int)a->under_way);

    set_word(j, "for", waits_for);
    trace_tell(t, "wait", j);
}

static json_t *
load_of(const struct prov_action *a)
{
    return json_pack("{s:I, s:s}", "id", (json_int_t)a->id, "item", trace_item_name(a->item));
}

void
trace_action(struct trace *t, const struct prov_watch_event *e)
{
    const struct prov_action *a = e->action;

    if (a == NULL) {
        trace_tell(t, "broken", json_pack("{s:s}", "result", prov_status_name(e->status)));
        return;
    }
    switch (a->kind) {
    case PROV_DO_NOTHING:
        trace_tell(t, "nothing", json_object());
        break;
    case PROV_DO_FETCH:
        tell_fetch(t, a);
        break;
    case PROV_DO_CANCEL:
        trace_tell(t, "cancel", with_id(a->id));
        break;
    case PROV_DO_LOAD:
        trace_tell(t, "load", load_of(a));
        break;
    case PROV_DO_STORE:
        trace_tell(t, "store", with_id(a->id));
        break;
    case PROV_DO_RESTORE:
        trace_tell(t, "restore", with_id(a->id));
        break;
    case PROV_DO_WAIT:
        tell_wait(t, a);
        break;
    case PROV_DO_STOP:
        trace_tell(t, "stop", json_object());
        break;
    case PROV_DO_ASK:
        tell_ask(t, a);
        break;
    case PROV_DO_SEND:
        tell_message(t, "send", a->id, "to", &a->to, a->datagram);
        break;
    }
}

/* ---- Reports ---- */

/* Only what the session reads is kept of a body: error pages are not. */
static bool
is_read(const struct prov_fetch_result *r)
{
    return r->status == PROV_OK && (r->http_status == 200 || r->http_status == 0);
}

static void
tell_fetched(struct trace *t, const struct prov_watch_event *e)
{
    const struct trace_job *job = trace_job_of(t, e->id);
    const struct prov_fetch_result *r = e->result;
    json_t *j = with_id(e->id);

    set_word(j, "result", prov_status_name(r->status));
    set_number(j, "status", r->http_status);
    trace_set_bytes(t, j, "location", TRACE_ADDRESS, r->location);
    set_number(j, "retryAfterS", r->retry_after_s);
    trace_set_bytes(t, j, "retryAfter", TRACE_PLAIN, r->retry_after);
    trace_set_bytes(t, j, "date", TRACE_PLAIN, r->date);
    trace_set_bytes(t, j, "etag", TRACE_RECORD, r->etag);
    trace_set_bytes(t, j, "modified", TRACE_PLAIN, r->modified);
    trace_set_bytes(t, j, "detail", TRACE_ADDRESS, r->detail);
    if (job != NULL) {
        set_number(j, "bytes", job->bytes.len);
        if (is_read(r))
            trace_set_bytes(t, j, "text", TRACE_FILE, text_str(&job->bytes));
    }
    set_status(j, "answer", e->status);
    trace_tell(t, "fetched", j);
}

static void
tell_body(struct trace *t, const struct prov_watch_event *e)
{
    json_t *j = json_pack("{s:I, s:I}", "id", (json_int_t)e->id, "bytes", (json_int_t)e->bytes.len);

    set_status(j, "answer", e->status);
    trace_tell(t, "body", j);
}

static enum trace_bytes
bytes_of(enum prov_item item)
{
    return item == PROV_ITEM_STATE || item == PROV_ITEM_TREE ? TRACE_RECORD : TRACE_FILE;
}

static void
tell_loaded(struct trace *t, const struct prov_watch_event *e, const struct trace_job *job)
{
    json_t *j = json_pack("{s:I, s:s, s:s}", "id", (json_int_t)e->id, "item",
                          trace_item_name(job->item), "result", prov_status_name(e->reported));

    set_number(j, "bytes", job->bytes.len);
    trace_set_bytes(t, j, "text", bytes_of(job->item), text_str(&job->bytes));
    set_status(j, "answer", e->status);
    trace_tell(t, "loaded", j);
}

/* FNV-1a: enough to tell one content from another, of text that holds no secrets any more. */
static uint64_t
sum_of(struct prov_str s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    return h;
}

static json_t *
item_json(struct trace *t, enum prov_item item)
{
    const struct prov_str bytes = text_str(&t->items[item]);
    struct text hidden = { 0 }, sum = { 0 };
    json_t *j =
        json_pack("{s:s, s:I}", "item", trace_item_name(item), "bytes", (json_int_t)bytes.len);

    conceal(t->standins, bytes_of(item), bytes, &hidden);
    text_addf(&sum, "%016" PRIx64, sum_of(text_str(&hidden)));
    json_object_set_new(j, "digest", json_string(sum.ptr));
    if (item == PROV_ITEM_STATE)
        trace_set_bytes(t, j, "text", TRACE_RECORD, bytes);
    text_free(&hidden);
    text_free(&sum);
    return j;
}

static void
tell_stored(struct trace *t, const struct prov_watch_event *e)
{
    json_t *items = json_array();
    json_t *j = json_pack("{s:I, s:s, s:o}", "id", (json_int_t)e->id, "result",
                          prov_status_name(e->reported), "items", items);

    for (unsigned i = 0; i < PROV_ITEMS; i++) {
        if (t->items[i].len > 0)
            json_array_append_new(items, item_json(t, (enum prov_item)i));
    }
    set_status(j, "answer", e->status);
    trace_tell(t, "stored", j);
}

static void
tell_done(struct trace *t, const struct prov_watch_event *e)
{
    const struct trace_job *job = trace_job_of(t, e->id);

    if (job != NULL && job->kind == PROV_DO_LOAD)
        tell_loaded(t, e, job);
    else
        tell_stored(t, e);
}

static void
tell_asked(struct trace *t, const struct prov_watch_event *e)
{
    const struct trace_job *job = trace_job_of(t, e->id);
    json_t *j =
        json_pack("{s:I, s:s}", "id", (json_int_t)e->id, "result", prov_status_name(e->reported));

    if (job != NULL)
        trace_set_bytes(t, j, "text", job->ask == PROV_ASK_DHCP6 ? TRACE_DHCP6 : TRACE_DHCP4,
                        text_str(&job->bytes));
    set_status(j, "answer", e->status);
    trace_tell(t, "asked", j);
}

static void
tell_opened(struct trace *t, const struct prov_watch_event *e)
{
    json_t *j =
        json_pack("{s:I, s:s}", "id", (json_int_t)e->id, "result", prov_status_name(e->reported));

    if (e->reported == PROV_OK && e->peer != NULL)
        json_object_set_new(j, "local", trace_endpoint(e->peer));
    set_status(j, "answer", e->status);
    trace_tell(t, "opened", j);
}

static void
tell_notify(struct trace *t, const struct prov_watch_event *e)
{
    json_t *j = json_pack("{s:o}", "from", trace_endpoint(e->peer));

    trace_set_bytes(t, j, "text", TRACE_SIP, e->bytes);
    trace_set_bytes(t, j, "reply", TRACE_SIP, e->reply);
    if (e->seen != NULL) {
        set_number(j, "status", e->seen->answer);
        set_word(j, "reason", e->seen->reason);
    }
    set_status(j, "answer", e->status);
    trace_tell(t, "notify", j);
}

static void
tell_trigger(struct trace *t, const struct prov_watch_event *e)
{
    const struct prov_trigger_event *g = e->trigger;
    json_t *j = json_pack("{s:s}", "trigger", prov_trigger_name(g->trigger));

    if (g->has_url)
        json_object_set_new(j, "hasUrl", json_true());
    trace_set_bytes(t, j, "url", TRACE_ADDRESS, g->url);
    trace_set_bytes(t, j, "document", TRACE_FILE, g->document);
    set_status(j, "answer", e->status);
    trace_tell(t, "trigger", j);
}

static void
tell_confirm(struct trace *t, const struct prov_watch_event *e)
{
    json_t *j = json_object();

    set_status(j, "answer", e->status);
    trace_tell(t, "confirm", j);
}

void
trace_report(struct trace *t, const struct prov_watch_event *e)
{
    switch (e->kind) {
    case PROV_WATCH_BODY:
        tell_body(t, e);
        break;
    case PROV_WATCH_FETCHED:
        tell_fetched(t, e);
        break;
    case PROV_WATCH_DONE:
        tell_done(t, e);
        break;
    case PROV_WATCH_OPENED:
        tell_opened(t, e);
        break;
    case PROV_WATCH_ASKED:
        tell_asked(t, e);
        break;
    case PROV_WATCH_DATAGRAM:
        tell_message(t, "datagram", e->id, "from", e->peer, e->bytes);
        break;
    case PROV_WATCH_REPLY:
        tell_message(t, "reply", e->id, "to", e->peer, e->bytes);
        break;
    case PROV_WATCH_NOTIFY:
        tell_notify(t, e);
        break;
    case PROV_WATCH_TRIGGER:
        tell_trigger(t, e);
        break;
    case PROV_WATCH_CONFIRM:
        tell_confirm(t, e);
        break;
    case PROV_WATCH_CLOCK:
    case PROV_WATCH_ACTION:
    case PROV_WATCH_PIECE:
        break; /* not reports */
    }
}
