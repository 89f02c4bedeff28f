/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trace_maker.h"

/* ---- Lanes ---- */

static size_t
lane_of(struct maker *m, enum lane_kind kind, struct prov_str name)
{
    struct steps *s = m->out;

    for (size_t i = 0; i < s->lane_count; i++) {
        if (s->lanes[i].kind == kind && prov_str_eq(text_str(&s->lanes[i].name), name))
            return i;
    }
    s->lanes = tool_resize(s->lanes, (s->lane_count + 1) * sizeof(*s->lanes));
    struct lane *lane = &s->lanes[s->lane_count];

    *lane = (struct lane){ kind, { NULL, 0, 0 } };
    text_add_shown(&lane->name, name);
    text_add_z(&lane->name, "");
    return s->lane_count++;
}

static size_t
phone(struct maker *m)
{
    return lane_of(m, LANE_PHONE, prov_str_z("phone"));
}

static size_t
store(struct maker *m)
{
    return lane_of(m, LANE_STORE, prov_str_z("store"));
}

/* Without a user part. */
static struct prov_str
origin_of(struct prov_str url)
{
    size_t slashes = 0, i = 0;

    while (i < url.len && slashes < 3)
        slashes += url.ptr[i++] == '/';
    return prov_str_cut(url, 0, slashes == 3 ? i - 1 : i);
}

static struct prov_str
path_of(struct prov_str url)
{
    const size_t n = origin_of(url).len;

    return n < url.len ? prov_str_cut(url, n, url.len) : prov_str_z("/");
}

static void
without_users(const char *url, struct text *out)
{
    const char *stars = strstr(url, "***@");

    text_add(out, (struct prov_str){ url, stars != NULL ? (size_t)(stars - url) : strlen(url) });
    if (stars != NULL)
        text_add_z(out, stars + 4);
}

static bool
holds(const json_t *list, const char *word)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(item), word) == 0)
            return true;
    }
    return false;
}

/* What says later for whom something was: a source which service it asked, a question which group. */
static void
look_ahead(struct maker *m, const json_t *line)
{
    const bool redirect =
        trace_is(line, "source") && strcmp(trace_text(line, "name"), "redirect") == 0;
    struct text asked = { 0 };

    without_users(trace_text(line, "asked"), &asked);
    if (redirect && asked.len > 0 && !holds(m->redirects, asked.ptr))
        json_array_append_new(m->redirects, json_string(asked.ptr));
    text_free(&asked);
    if (trace_is(line, "ask") && trace_text(line, "group")[0] != '\0' &&
        !holds(m->groups, trace_text(line, "group")))
        json_array_append_new(m->groups, json_string(trace_text(line, "group")));
}

/* ---- Steps ---- */

static struct text *
add(struct maker *m, size_t from, size_t to, enum step_style style)
{
    struct steps *s = m->out;

    s->items = tool_resize(s->items, (s->count + 1) * sizeof(*s->items));
    s->items[s->count] =
        (struct step){ trace_number(m->line, "ms"), m->number, from, to, style, { NULL, 0, 0 } };
    text_add_z(&s->items[s->count].label, ""); /* a text, if an empty one */
    return &s->items[s->count++].label;
}

struct text *
maker_note(struct maker *m, enum step_style style)
{
    return add(m, phone(m), phone(m), style);
}

/* Stand-ins for users and passwords tell nobody anything. */
static void
add_shown(struct text *t, struct prov_str s)
{
    struct text hidden = { 0 };

    text_add_without_users(&hidden, s);
    text_add_shown(t, text_str(&hidden));
    text_free(&hidden);
}

void
maker_add_member(struct text *t, const char *before, const json_t *line, const char *name)
{
    const char *value = trace_text(line, name);

    if (value[0] == '\0')
        return;
    text_add_z(t, before);
    add_shown(t, prov_str_z(value));
}

/* `PROV_E_NOT_FOUND` as words. */
void
maker_add_status(struct text *t, const char *name)
{
    const char *word = strncmp(name, "PROV_E_", 7) == 0 ? name + 7 : name;

    for (; *word != '\0'; word++) {
        const char c = *word == '_' ? ' ' : *word;
        const char small = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;

        text_add(t, (struct prov_str){ &small, 1 });
    }
}

bool
maker_is_ok(const json_t *line)
{
    return strcmp(trace_text(line, "result"), "PROV_OK") == 0;
}

static struct action *
action_of(struct maker *m)
{
    const uint32_t id = (uint32_t)trace_number(m->line, "id");

    for (size_t i = m->action_count; i > 0; i--) { /* the last ones are under way */
        if (m->actions[i - 1].id == id)
            return &m->actions[i - 1];
    }
    m->actions = tool_resize(m->actions, (m->action_count + 1) * sizeof(*m->actions));
    m->actions[m->action_count] = (struct action){ id, phone(m), "", 0, 0 };
    return &m->actions[m->action_count++];
}

/* The first line of a SIP message. */
static void
add_first_line(struct text *t, const json_t *line)
{
    const char *text = trace_text(line, "text");

    add_shown(t, (struct prov_str){ text, strcspn(text, "\r\n") });
}

/* ---- Files ---- */

static void
on_fetch(struct maker *m)
{
    const char *url = trace_text(m->line, "url");
    const struct prov_str origin = origin_of(prov_str_z(url));
    const bool redirect = holds(m->redirects, url);
    struct text name = { 0 };
    struct action *a = action_of(m);

    a->url = url;
    text_addf(&name, "%s%.*s", redirect ? "redirect " : "", (int)origin.len, origin.ptr);
    a->lane = lane_of(m, redirect ? LANE_REDIRECT : LANE_SERVER, text_str(&name));
    text_free(&name);
    struct text *t = add(m, phone(m), a->lane, STEP_PLAIN);

    text_add_z(t, "GET ");
    text_add_shown(t, path_of(prov_str_z(url)));
    if (json_is_true(json_object_get(m->line, "auth")))
        text_add_z(t, ", with credentials");
    if (trace_text(m->line, "ifNoneMatch")[0] != '\0' ||
        trace_text(m->line, "ifModifiedSince")[0] != '\0')
        text_add_z(t, ", if changed");
}

/* Pieces are told with the end. */
static void
on_body(struct maker *m)
{
    struct action *a = action_of(m);

    a->bytes += trace_number(m->line, "bytes");
    a->pieces++;
}

static void
add_size(struct text *t, const struct action *a)
{
    text_addf(t, "%" PRIu64 " bytes", a->bytes);
    if (a->pieces > 1)
        text_addf(t, " in %" PRIu64 " pieces", a->pieces);
}

static void
on_fetched(struct maker *m)
{
    const struct action *a = action_of(m);
    const uint64_t status = trace_number(m->line, "status");
    struct text *t =
        add(m, a->lane, phone(m), maker_is_ok(m->line) && status < 400 ? STEP_PLAIN : STEP_FAILED);

    if (status > 0)
        text_addf(t, "%" PRIu64 " ", status);
    text_add_shown(t, path_of(prov_str_z(a->url)));
    text_add_z(t, status == 304 ? ": not changed, " : ": ");
    if (!maker_is_ok(m->line)) {
        maker_add_status(t, trace_text(m->line, "result"));
        text_add_z(t, ", ");
    }
    add_size(t, a);
    maker_add_member(t, ", to ", m->line, "location");
    maker_add_member(t, ": ", m->line, "detail");
    maker_add_member(t, ", again after ", m->line, "retryAfter");
    if (trace_number(m->line, "retryAfterS") > 0)
        text_addf(t, ", again after %" PRIu64 " s", trace_number(m->line, "retryAfterS"));
}

static void
on_cancel(struct maker *m)
{
    const struct action *a = action_of(m);
    struct text *t = add(m, phone(m), a->lane, STEP_FAILED);

    text_add_z(t, "cancelled");
    if (a->url[0] != '\0') {
        text_add_z(t, ": ");
        text_add_shown(t, path_of(prov_str_z(a->url)));
    }
    if (a->bytes > 0) {
        text_add_z(t, " after ");
        add_size(t, a);
    }
}

/* ---- Store ---- */

static void
on_loaded(struct maker *m)
{
    const bool none = strcmp(trace_text(m->line, "result"), "PROV_E_NOT_FOUND") == 0;
    struct text *t =
        add(m, store(m), phone(m), maker_is_ok(m->line) || none ? STEP_PLAIN : STEP_FAILED);

    text_add_shown(t, prov_str_z(trace_text(m->line, "item")));
    if (maker_is_ok(m->line)) {
        text_addf(t, ", %" PRIu64 " bytes", trace_number(m->line, "bytes"));
    } else if (none) {
        text_add_z(t, ": none yet");
    } else {
        text_add_z(t, ": ");
        maker_add_status(t, trace_text(m->line, "result"));
    }
}

static void
on_stored(struct maker *m)
{
    struct text *t = add(m, phone(m), store(m), maker_is_ok(m->line) ? STEP_PLAIN : STEP_FAILED);
    const json_t *item;
    size_t i;

    text_add_z(t, "keep");
    json_array_foreach(json_object_get(m->line, "items"), i, item)
    {
        maker_add_member(t, i > 0 ? ", " : " ", item, "item");
        text_addf(t, " (%" PRIu64 " bytes)", trace_number(item, "bytes"));
    }
    if (!maker_is_ok(m->line)) {
        text_add_z(t, ": ");
        maker_add_status(t, trace_text(m->line, "result"));
    }
}

static void
on_restore(struct maker *m)
{
    text_add_z(add(m, phone(m), store(m), STEP_PLAIN), "bring the previous settings back");
}

/* ---- The local network ---- */

static void
on_ask(struct maker *m)
{
    const char *what = trace_text(m->line, "what");
    const bool pnp = strcmp(what, "pnp") == 0;
    struct action *a = action_of(m);
    const json_t *option;
    size_t i;

    if (pnp) {
        a->lane = lane_of(m, LANE_GROUP, prov_str_z("PnP group"));
        return; /* its SUBSCRIBE is told */
    }
    a->lane = lane_of(m, LANE_DHCP, prov_str_z(strcmp(what, "dhcp") == 0 ? "DHCP" : "DHCPv6"));
    struct text *t = add(m, phone(m), a->lane, STEP_PLAIN);

    text_add_z(t, "options");
    json_array_foreach(json_object_get(m->line, "options"), i, option)
    {
        text_addf(t, "%s %" JSON_INTEGER_FORMAT, i > 0 ? "," : "", json_integer_value(option));
    }
}

/* Why nothing comes of a question. */
static void
add_refusal(struct text *t, const json_t *line)
{
    if (strcmp(trace_text(line, "result"), "PROV_E_DENIED") == 0)
        text_add_z(t, "cannot be asked: the run has no interface");
    else
        maker_add_status(t, trace_text(line, "result"));
}

static void
on_asked(struct maker *m)
{
    const struct action *a = action_of(m);
    struct text *t = add(m, a->lane, phone(m), maker_is_ok(m->line) ? STEP_PLAIN : STEP_FAILED);
    struct text bytes = { 0 };

    (void)trace_bytes(m->line, "text", &bytes);
    if (maker_is_ok(m->line))
        text_addf(t, "%zu bytes of options", bytes.len);
    else
        add_refusal(t, m->line);
    text_free(&bytes);
}

static void
on_opened(struct maker *m)
{
    const struct action *a = action_of(m);

    if (maker_is_ok(m->line))
        return;
    add_refusal(add(m, a->lane, phone(m), STEP_FAILED), m->line);
}

static size_t
peer(struct maker *m, const char *name)
{
    const char *who = trace_text(m->line, name);

    return holds(m->groups, who) ? lane_of(m, LANE_GROUP, prov_str_z("PnP group"))
                                 : lane_of(m, LANE_PNP, prov_str_z(who));
}

static void
on_send(struct maker *m)
{
    add_first_line(add(m, phone(m), peer(m, "to"), STEP_PLAIN), m->line);
}

static void
on_datagram(struct maker *m)
{
    add_first_line(add(m, peer(m, "from"), phone(m), STEP_PLAIN), m->line);
}

static void
on_notify(struct maker *m)
{
    const size_t who = lane_of(m, LANE_SIP, prov_str_z(trace_text(m->line, "from")));
    const uint64_t status = trace_number(m->line, "status");

    add_first_line(add(m, who, phone(m), STEP_PLAIN), m->line);
    if (status == 0)
        return;
    struct text *t = add(m, phone(m), who, status == 200 ? STEP_PLAIN : STEP_FAILED);

    text_addf(t, "%" PRIu64, status);
    maker_add_member(t, ": ", m->line, "reason");
}

static void
take(struct maker *m)
{
    static const struct {
        const char *event;
        void (*run)(struct maker *m);
    } rows[] = {
        { "fetch", on_fetch },
        { "body", on_body },
        { "fetched", on_fetched },
        { "cancel", on_cancel },
        { "loaded", on_loaded },
        { "stored", on_stored },
        { "restore", on_restore },
        { "confirm", maker_on_confirm },
        { "schedule", maker_on_schedule },
        { "ask", on_ask },
        { "asked", on_asked },
        { "opened", on_opened },
        { "send", on_send },
        { "reply", on_send },
        { "datagram", on_datagram },
        { "notify", on_notify },
        { "attempt", maker_on_attempt },
        { "source", maker_on_source },
        { "file", maker_on_file },
        { "finding", maker_on_finding },
        { "outcome", maker_on_outcome },
        { "wait", maker_on_wait },
        { "clock", maker_on_clock },
        { "trigger", maker_on_trigger },
        { "end", maker_on_end },
        { "unsealed", maker_on_unsealed },
        { "broken", maker_on_broken },
    };

    for (size_t i = 0; i < TOOL_COUNT(rows); i++) {
        if (trace_is(m->line, rows[i].event))
            rows[i].run(m);
    }
    const bool row =
        trace_is(m->line, "source") && strcmp(trace_text(m->line, "outcome"), "not asked") == 0;

    m->not_asked = row ? m->line : NULL;
}

/* ---- The whole ---- */

/* Lanes in the order of their kinds; those of one kind as they came. */
static void
order_lanes(struct steps *s)
{
    size_t *place = tool_alloc(s->lane_count * sizeof(*place)), n = 0;
    struct lane *ordered = tool_alloc(s->lane_count * sizeof(*ordered));

    for (unsigned kind = LANE_PHONE; kind <= LANE_STORE; kind++) {
        for (size_t i = 0; i < s->lane_count; i++) {
            if (s->lanes[i].kind != kind)
                continue;
            place[i] = n;
            ordered[n++] = s->lanes[i];
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        s->items[i].from = place[s->items[i].from];
        s->items[i].to = place[s->items[i].to];
    }
    free(place);
    free(s->lanes);
    s->lanes = ordered;
}

void
steps_make(const struct trace_file *file, struct steps *out)
{
    struct maker m = { .out = out, .redirects = json_array(), .groups = json_array() };

    *out = (struct steps){ NULL, 0, NULL, 0 };
    (void)phone(&m);
    for (size_t i = 1; i < file->count; i++)
        look_ahead(&m, file->lines[i].json);
    for (size_t i = 1; i < file->count; i++) {
        m.line = file->lines[i].json;
        m.number = file->lines[i].number;
        take(&m);
    }
    order_lanes(out);
    free(m.actions);
    json_decref(m.redirects);
    json_decref(m.groups);
}

void
steps_free(struct steps *s)
{
    for (size_t i = 0; i < s->lane_count; i++)
        text_free(&s->lanes[i].name);
    for (size_t i = 0; i < s->count; i++)
        text_free(&s->items[i].label);
    free(s->lanes);
    free(s->items);
    *s = (struct steps){ NULL, 0, NULL, 0 };
}
