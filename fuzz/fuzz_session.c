/* SPDX-License-Identifier: MIT */

/* A whole session, and another one with what the first has stored: the input decides limits, settings,
 * answers, triggers, and their order. */

#include <prov/session.h>
#include <prov/uri.h>

#include "fuzz_in.h"
#include "session/remember.h"

#define REPLIES 8
#define ROUNDS 8000
#define TRIGGERS 3u /* of one input */
#define ITEM_BYTES 8192u

static const struct prov_marker markers[] = { { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_LOWER } };
#define SOURCE(k, s) .kind = (k), .step = (s), .modes = PROV_MODE_ALL, .proceed_on_nothing = true
static const struct prov_source_rule sources[] = { { SOURCE(PROV_SOURCE_MANUAL, 1) } };
static const struct prov_source_rule lan[] = {
    { SOURCE(PROV_SOURCE_DHCP, 1), .dhcp = { PROV_DHCP_FORM_JOIN, false, 66, 67, 0, 43, true } },
    { SOURCE(PROV_SOURCE_DHCPV6_59, 1), .dhcp = { PROV_DHCP_FORM_ADDRESS, true, 59, 0, 0, 0, 0 } },
    { SOURCE(PROV_SOURCE_REDIRECT, 2) },
    { SOURCE(PROV_SOURCE_PNP, 2) },
    { SOURCE(PROV_SOURCE_MANUAL, 3) },
};
static const struct prov_str sections[] = { PROV_STR_INIT("t"), PROV_STR_INIT("k") };
static const struct prov_list_rule lists[] = { { PROV_STR_INIT("e"), PROV_STR_INIT("id"), 0 } };

#define DIALECT(policy, flags) \
    { \
        .size = sizeof(struct prov_dialect), .name = PROV_STR_INIT("fuzz"), .markers = markers, \
        .marker_count = 1, .sources = sources, .source_count = 1, \
        .file_types = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION) | \
                      PROV_FILE_BIT(PROV_FILE_OPERATIONS) | PROV_FILE_BIT(PROV_FILE_REFERENCE), \
        .settings_root = PROV_STR_INIT("configuration"), \
        .settings_empty = PROV_STR_INIT("<configuration></configuration>"), .sections = sections, \
        .section_count = 2, .lists = lists, .list_count = 1, .patch_attributes = true, \
        .reference_element = PROV_STR_INIT("url"), .tree_policy = (policy), \
        .address_flags = (flags), .default_file = PROV_STR_INIT("f.xml") \
    }

static const struct prov_dialect own[] = {
    DIALECT(PROV_TREE_ALL_OR_NOTHING, 0),
    DIALECT(PROV_TREE_USE_OTHERS, 0),
    DIALECT(PROV_TREE_ALL_OR_NOTHING, PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES),
    DIALECT(PROV_TREE_USE_OTHERS, PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES),
};
static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("M"),
};

struct reply {
    struct prov_fetch_result result;
    struct prov_str body;
};

/* What an input says. */
struct script {
    struct prov_limits limits;
    struct prov_session_config config;
    struct prov_str items[PROV_ITEMS];
    bool has_item[PROV_ITEMS];
    enum prov_status store;
    struct reply replies[REPLIES];
    struct prov_discover_options discover;
    struct prov_str dhcp;     /* of both families */
    struct prov_str datagram; /* that comes to the phone, and its body when one is made for it */
    struct prov_str order;    /* what happens next */
};

/* What the phone keeps. */
struct store {
    char text[PROV_ITEMS][ITEM_BYTES];
    size_t len[PROV_ITEMS];
    bool has[PROV_ITEMS];
};

/* What a run did. */
struct result {
    enum prov_status fatal;
    enum prov_outcome outcome;
    uint32_t fetches, stores; /* stores of settings, in the last attempt */
    uint32_t diag_count;
    enum prov_diag_code diags[16];
    struct store store;
};

static const char *const bodies[] = {
    "<configuration><t><a>2</a></t></configuration>",
    "<referencedSettings><url>a</url><url>/b?{mac}</url></referencedSettings>",
    "<operations><delete path=\"/t/a\"/><add path=\"/k\"><e id=\"1\"/></add></operations>",
    "<t patch=\"replace\"><b/></t>",
};

#define HEAD "# Panasonic SIP Phone Standard Format File #\n"
static const char *const texts[] = {
    HEAD "CFG_STANDARD_FILE_PATH=\"s\"\nCFG_MASTER_FILE_PATH=\"/m?{mac}\"\n",
    HEAD "A=\"1\"\nB=\"2\"\n",
    HEAD "A=\"3\"\n",
    HEAD,
};

static void
read_reply(struct fuzz_in *in, struct reply *r, const char *const *own_bodies)
{
    static const uint16_t http[] = { 200, 200, 200, 0, 302, 307, 404, 503 };
    static const enum prov_status ends[] = { PROV_E_NETWORK, PROV_E_TIMEOUT, PROV_E_NOT_FOUND,
                                             PROV_E_DENIED,  PROV_E_LIMIT,   PROV_E_CANCELLED,
                                             PROV_E_MEMORY,  PROV_E_STORAGE };
    const uint8_t how = fuzz_u8(in), what = fuzz_u8(in);

    r->result = (struct prov_fetch_result){ .size = sizeof(r->result) };
    r->result.http_status = http[how & 7];
    if (how >= 0xE0)
        r->result.status = ends[how >> 2 & 7];
    r->result.retry_after_s = how & 8 ? what : 0;
    if (r->result.http_status / 100 == 3)
        r->result.location = fuzz_str(in, 40);
    r->body = what & 0x80 ? fuzz_str(in, 200) : prov_str_z(own_bodies[what & 3]);
    if ((how & 16) != 0)
        r->result.etag = prov_str_cut(prov_str_z("\"e0\"\"e1\"\"e2\"\"e3\""), 4 * (what & 3u),
                                      4 * (what & 3u) + 4);
    if ((how & 32) != 0)
        r->result.modified = what & 0x40 ? fuzz_str(in, 40) : prov_str_z("today");
    if ((what & 0x3C) == 0x3C)
        r->result.http_status = 304;
}

/* How the phone finds its address. */
static void
read_search(struct fuzz_in *in, struct script *s)
{
    static const struct prov_str anybody = PROV_STR_INIT("*");
    const uint8_t how = fuzz_u8(in);

    s->discover = (struct prov_discover_options){ .size = sizeof(s->discover) };
    s->dhcp = s->datagram = prov_str_z("");
    s->config.discover = &s->discover;
    s->config.notify = PROV_CHOICE_YES;
    s->config.notify_from = &anybody;
    s->config.notify_from_count = 1;
    s->config.confirm_ms = (how & 0x20) != 0 ? 1000 : 0;
    if ((how & 0x80) == 0)
        return;
    s->discover.sources = lan;
    s->discover.source_count = sizeof(lan) / sizeof(lan[0]);
    s->discover.proceed_on_fetch_error = (how & 1) != 0 ? PROV_CHOICE_YES : PROV_CHOICE_PRESET;
    s->discover.needs_time = (how & 2) != 0 ? PROV_CHOICE_YES : PROV_CHOICE_PRESET;
    s->discover.redirect_url = prov_str_z((how & 4) != 0 ? "https://svc/{mac}" : "http://u:v@svc/");
    s->config.pnp_lenient = (how & 8) != 0;
    if (s->config.dialect->layers == NULL)
        s->config.dialect += (how & 16) != 0 ? 2 : 0;
    s->dhcp = fuzz_str(in, 64);
    s->datagram = fuzz_str(in, 200);
}

static void
read_script(struct fuzz_in *in, struct script *s)
{
    const uint8_t flags = fuzz_u8(in), size = fuzz_u8(in);

    memset(s, 0, sizeof(*s));
    s->limits = (struct prov_limits){
        .size = sizeof(s->limits),
        .url_bytes = 64,
        .file_bytes = 64u + size,
        .settings_bytes = 128u + size,
        .tree_bytes = 300u + size,
        .tree_files = 1u + (size & 7),
        .tree_depth = 1u + (size >> 6),
        .xml_nodes = 16,
        .pool_nodes = 64,
        .fetches = 1u + (size >> 3 & 3),
        .diags = 16,
        .changes = 8,
        .sections = 8,
    };
    s->config = (struct prov_session_config){
        .size = sizeof(s->config),
        .dialect = &own[flags & 1],
        .identity = &identity,
        .limits = &s->limits,
        .seed = size,
        .macro_raw = (flags & 2) != 0,
        .attempts = 1u + (flags >> 2 & 1),
    };
    s->has_item[PROV_ITEM_SETTINGS] = (flags & 8) != 0;
    s->has_item[PROV_ITEM_STATE] = s->has_item[PROV_ITEM_TREE] = (flags & 16) != 0;
    s->store = (flags & 0xE0) == 0xE0 ? PROV_E_STORAGE : PROV_OK;
    s->items[PROV_ITEM_SETTINGS] =
        (flags & 32) != 0 ? fuzz_str(in, 200)
                          : prov_str_z("<configuration><t><a>1</a></t><k/></configuration>");
    if ((flags & 16) != 0) {
        s->items[PROV_ITEM_STATE] = fuzz_str(in, 255);
        s->items[PROV_ITEM_TREE] = fuzz_str(in, 255);
    }
    if ((size & 0x20) != 0) /* a family whose files are kept as they came */
        s->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    s->has_item[PROV_ITEM_USER] = (flags & 24) == 24;
    s->items[PROV_ITEM_USER] = prov_str_z(texts[2]);
    s->config.url = fuzz_str(in, 80);
    for (size_t i = 0; i < REPLIES; i++)
        read_reply(in, &s->replies[i], s->config.dialect->layers != NULL ? texts : bodies);
    read_search(in, s);
    s->order = fuzz_rest(in);
}

/* ---- One run ---- */

/* Something under way; the reply of a fetch, or what is asked. */
struct flight {
    uint32_t id;
    const struct reply *reply; /* NULL = a question */
    bool same;                 /* the phone has it already */
    enum prov_ask_kind kind;
};

struct player {
    const struct script *script;
    size_t chunk;
    struct prov_session *s;
    struct flight under_way[24];
    uint32_t count;
    uint32_t last_id;
    size_t at; /* in script->order */
    uint64_t now;
    unsigned triggers;

    char call_id[80], from[200]; /* of our SUBSCRIBE */
    struct result *r;
};

static const struct prov_endpoint peer = { PROV_FAMILY_IPV4, { 192, 0, 2, 8 }, 5060 };

static uint8_t
next_byte(struct player *p)
{
    return p->at < p->script->order.len ? (uint8_t)p->script->order.ptr[p->at++] : 0;
}

static uint32_t
fetches_of(const struct player *p)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->count; i++)
        n += p->under_way[i].reply != NULL;
    return n;
}

/* In pieces of exact size, so that ASan sees every over-read. */
static void
feed(struct player *p, uint32_t id, struct prov_str text)
{
    while (text.len > 0) {
        const size_t n = p->chunk != 0 && p->chunk < text.len ? p->chunk : text.len;
        char *piece = malloc(n);

        FUZZ_CHECK(piece != NULL);
        memcpy(piece, text.ptr, n);
        const enum prov_status st = prov_session_body(p->s, id, piece, n);

        free(piece);
        FUZZ_CHECK(st == PROV_OK || st == PROV_E_LIMIT);
        text = prov_str_cut(text, n, text.len);
    }
}

static enum prov_status
play_load(struct player *p, const struct prov_action *a)
{
    FUZZ_CHECK(p->count == 0);
    p->r->stores = a->item == PROV_ITEM_STATE ? 0 : p->r->stores; /* of the last attempt */
    if (!p->r->store.has[a->item])
        return prov_session_done(p->s, a->id, p->now, PROV_E_NOT_FOUND);
    feed(p, a->id, (struct prov_str){ p->r->store.text[a->item], p->r->store.len[a->item] });
    return prov_session_done(p->s, a->id, p->now, PROV_OK);
}

static enum prov_status
play_store(struct player *p, const struct prov_action *a)
{
    static struct store next;
    enum prov_item item, last = PROV_ITEM_SETTINGS;
    struct prov_str piece;
    bool wrote[PROV_ITEMS] = { false };

    FUZZ_CHECK(fetches_of(p) == 0);
    next = p->r->store;
    while (prov_session_output(p->s, &item, &piece)) {
        FUZZ_CHECK(piece.len > 0 && (unsigned)item < PROV_ITEMS);
        FUZZ_CHECK(item == last || !wrote[item]); /* all pieces of an item come together */
        if (!wrote[item])
            next.len[item] = 0;
        last = item;
        wrote[item] = true;
        FUZZ_CHECK(piece.len <= ITEM_BYTES - next.len[item]);
        memcpy(next.text[item] + next.len[item], piece.ptr, piece.len);
        next.len[item] += piece.len;
        next.has[item] = true;
        p->r->stores += item != PROV_ITEM_STATE && item != PROV_ITEM_TREE;
    }
    FUZZ_CHECK(!wrote[PROV_ITEM_SETTINGS] ||
               next.len[PROV_ITEM_SETTINGS] <= p->script->limits.settings_bytes);
    if (p->script->store == PROV_OK)
        p->r->store = next;
    FUZZ_CHECK(a->kind == PROV_DO_STORE || !wrote[PROV_ITEM_SETTINGS]);
    return prov_session_done(p->s, a->id, p->now, p->script->store);
}

/* What is sent back is what a header line can hold. */
static void
check_condition(struct prov_str value)
{
    FUZZ_CHECK(value.len == 0 || prov_remember_is_validator(value));
}

static void
play_fetch(struct player *p, const struct prov_action *a)
{
    struct prov_uri u;

    const struct reply *reply = &p->script->replies[p->r->fetches++ % REPLIES];
    const struct prov_fetch *f = &a->fetch;

    FUZZ_CHECK(fetches_of(p) < p->script->limits.fetches + 1);
    check_condition(f->etag);
    check_condition(f->modified);
    FUZZ_CHECK(prov_uri_parse(a->fetch.url, &u, NULL) == PROV_OK && !u.has_user);
    FUZZ_CHECK(a->fetch.url.len <= p->script->limits.url_bytes);
    p->under_way[p->count++] = (struct flight){
        .id = a->id,
        .reply = reply,
        .same = reply->result.http_status == 200 && reply->result.status == PROV_OK &&
                ((f->etag.len > 0 && prov_str_eq(f->etag, reply->result.etag)) ||
                 (f->modified.len > 0 && prov_str_eq(f->modified, reply->result.modified))),
    };
}

/* One question of a kind at a time. */
static enum prov_status
play_ask(struct player *p, const struct prov_action *a)
{
    static const struct prov_endpoint local = { PROV_FAMILY_IPV4, { 192, 0, 2, 7 }, 5060 };

    for (uint32_t i = 0; i < p->count; i++)
        FUZZ_CHECK(p->under_way[i].reply != NULL || p->under_way[i].kind != a->ask.kind);
    p->under_way[p->count++] = (struct flight){ .id = a->id, .kind = a->ask.kind };
    if (a->ask.kind != PROV_ASK_PNP)
        return PROV_OK;
    FUZZ_CHECK(prov_session_datagram(p->s, a->id, p->now, &local, "x", 1) == PROV_E_STATE);
    return prov_session_opened(p->s, a->id, p->now, PROV_OK, &local);
}

static void
copy_line(char *to, size_t cap, struct prov_str text, const char *name)
{
    const size_t n = strlen(name);

    for (size_t i = 0; i + n < text.len; i++) {
        if (memcmp(text.ptr + i, name, n) != 0)
            continue;
        const char *from = text.ptr + i + n;
        size_t len = 0;

        while (from[len] != '\r')
            len++;
        FUZZ_CHECK(len < cap);
        memcpy(to, from, len);
        to[len] = '\0';
        return;
    }
    FUZZ_CHECK(false);
}

static void
play_send(struct player *p, uint32_t id, struct prov_str datagram)
{
    uint32_t i = 0;

    while (i < p->count && p->under_way[i].id != id)
        i++;
    FUZZ_CHECK(i < p->count && datagram.len > 0);
    if (datagram.len > 10 && memcmp(datagram.ptr, "SUBSCRIBE ", 10) == 0) {
        FUZZ_CHECK(datagram.len < 1024);
        copy_line(p->call_id, sizeof(p->call_id), datagram, "\r\nCall-ID: ");
        copy_line(p->from, sizeof(p->from), datagram, "\r\nFrom: ");
    }
}

static void
forget(struct player *p, uint32_t i)
{
    p->count--;
    memmove(&p->under_way[i], &p->under_way[i + 1], (p->count - i) * sizeof(p->under_way[0]));
}

static void
play_cancel(struct player *p, uint32_t id)
{
    uint32_t i = 0;

    while (i < p->count && p->under_way[i].id != id)
        i++;
    FUZZ_CHECK(i < p->count); /* only what is under way is cancelled */
    FUZZ_CHECK(prov_session_body(p->s, id, "x", 1) == PROV_E_STATE);
    FUZZ_CHECK(prov_session_asked(p->s, id, p->now, PROV_OK) == PROV_E_STATE);
    FUZZ_CHECK(prov_session_datagram(p->s, id, p->now, &peer, "x", 1) == PROV_E_STATE);
    forget(p, i);
}

static size_t
write_notify(const struct player *p, bool sync, char *text, size_t cap)
{
    const struct prov_str body = p->script->datagram;
    const int n =
        snprintf(text, cap,
                 "NOTIFY sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK%u\r\n"
                 "From: <sip:s@192.0.2.8>;tag=s\r\nTo: %s\r\nCall-ID: %s\r\n"
                 "CSeq: 1 NOTIFY\r\nEvent: %s\r\nSubscription-State: active\r\n\r\n",
                 (unsigned)p->at, p->from[0] != '\0' ? p->from : "<sip:x>",
                 p->call_id[0] != '\0' ? p->call_id : "c", sync ? "check-sync" : "ua-profile");

    FUZZ_CHECK(n > 0 && (size_t)n + body.len < cap);
    memcpy(text + n, body.ptr, body.len);
    return (size_t)n + body.len;
}

/* In a block of exact size. */
static enum prov_status
play_datagram(struct player *p, uint32_t id, uint8_t how)
{
    const uint8_t host = (how & 4) != 0 ? how : 8; /* 8 is who the NOTIFY says it is from */
    const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 192, 0, 2, host }, 5060 };
    struct prov_str text = p->script->datagram, bytes;
    struct prov_endpoint to;
    char made[2048];
    char *copy;
    enum prov_status status;

    if ((how & 1) != 0)
        text = (struct prov_str){ made, write_notify(p, false, made, sizeof(made)) };
    copy = malloc(text.len > 0 ? text.len : 1);
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, text.ptr, text.len);
    status = prov_session_datagram(p->s, id, p->now, &from, copy, text.len);
    free(copy);
    while (status == PROV_OK && (how & 2) != 0 && prov_session_reply(p->s, id, p->now, &to, &bytes))
        play_send(p, id, bytes);
    return status;
}

/* Another run, by the caller or by SIP; in the middle of whatever is under way. */
static void
play_trigger(struct player *p, uint8_t how)
{
    const struct prov_trigger_event e = {
        .size = sizeof(e),
        .trigger = (enum prov_trigger)(how & 3),
        .has_url = (how & 4) != 0 && p->script->config.url.len > 0,
        .url = p->script->config.url,
        .document = (how & 8) != 0 ? prov_str_z(bodies[how & 3]) : prov_str_z(""),
    };
    char text[2048], mem[2048];
    struct prov_buf reply = { mem, sizeof(mem), 0 };
    struct prov_check_sync seen = { .answer = 0 };
    enum prov_status status;

    p->triggers++;
    if ((how & 16) == 0) {
        status = prov_session_trigger(p->s, p->now, &e);
        FUZZ_CHECK(status == PROV_OK || status == PROV_E_ARG || status == PROV_E_LIMIT);
        return;
    }
    const struct prov_str message = { text, write_notify(p, true, text, sizeof(text)) };

    status = prov_session_notify(p->s, p->now, &peer, message, &reply, &seen);
    FUZZ_CHECK(status == PROV_OK || status == PROV_E_SYNTAX || status == PROV_E_LIMIT);
    FUZZ_CHECK((status == PROV_OK && seen.answer != 0) == (reply.len > 0));
}

/* One of those under way ends, or tells something. */
static enum prov_status
play_end(struct player *p)
{
    const uint8_t which = next_byte(p);
    const uint32_t i = which % (p->count > 0 ? p->count : 1);

    FUZZ_CHECK(p->count > 0); /* nothing to start and nothing under way: it would hang */
    const struct flight f = p->under_way[i];

    p->now += which;
    if (f.reply == NULL && f.kind == PROV_ASK_PNP)
        return play_datagram(p, f.id, which);
    forget(p, i);
    if (f.reply == NULL) {
        feed(p, f.id, p->script->dhcp);
        return prov_session_asked(p->s, f.id, p->now, which < 128 ? PROV_OK : PROV_E_TIMEOUT);
    }
    struct prov_fetch_result result = f.reply->result;

    if (f.same)
        result.http_status = 304;
    else
        feed(p, f.id, f.reply->body);
    return prov_session_fetched(p->s, f.id, p->now, &result);
}

/* The time passes, or something under way comes earlier. */
static enum prov_status
play_wait(struct player *p, const struct prov_action *a)
{
    const struct prov_wall_time known = { PROV_CLOCK_LOWER_BOUND, 0 };

    FUZZ_CHECK(a->until_ms > p->now);
    FUZZ_CHECK(a->under_way == (p->count > 0));
    if (a->under_way && (next_byte(p) & 1) != 0)
        return play_end(p);
    if (prov_session_record(p->s)->on_trial && (next_byte(p) & 1) != 0)
        return prov_session_confirm(p->s, p->now);
    p->now = a->until_ms;
    prov_session_clock(p->s, &known);
    return PROV_OK;
}

static enum prov_status
play_action(struct player *p, const struct prov_action *a)
{
    if (a->id != 0 && a->kind != PROV_DO_CANCEL && a->kind != PROV_DO_SEND) {
        FUZZ_CHECK(a->id > p->last_id);
        p->last_id = a->id;
    }
    switch (a->kind) {
    case PROV_DO_NOTHING:
        return play_end(p);
    case PROV_DO_FETCH:
        play_fetch(p, a);
        break;
    case PROV_DO_CANCEL:
        play_cancel(p, a->id);
        break;
    case PROV_DO_LOAD:
        return play_load(p, a);
    case PROV_DO_STORE:
    case PROV_DO_RESTORE:
        return play_store(p, a);
    case PROV_DO_WAIT:
        return play_wait(p, a);
    case PROV_DO_STOP:
        FUZZ_CHECK(p->count == 0);
        break;
    case PROV_DO_ASK:
        return play_ask(p, a);
    case PROV_DO_SEND:
        play_send(p, a->id, a->datagram);
        break;
    }
    return PROV_OK;
}

/* ---- Properties ---- */

static void
check_record(const struct player *p, const struct prov_record *rec)
{
    for (uint32_t i = 0; i < rec->fetch_count; i++) {
        FUZZ_CHECK(rec->fetches[i].parent == UINT32_MAX || rec->fetches[i].parent < i);
        FUZZ_CHECK(rec->fetches[i].bytes <= p->script->limits.file_bytes);
        FUZZ_CHECK(rec->fetches[i].redirects <= 5);
    }
    for (uint32_t i = 0; i < rec->source_count; i++) {
        const struct prov_source_record *source = &rec->sources[i];

        FUZZ_CHECK(source->reason != NULL && source->raw.len <= PROV_DISCOVER_RAW);
        FUZZ_CHECK(!source->won || source->outcome == PROV_SOURCE_URL);
        FUZZ_CHECK(source->ended_ms >= source->began_ms);
    }
    FUZZ_CHECK((rec->status == PROV_OK) ==
                   (rec->outcome != PROV_OUTCOME_REFUSED && rec->outcome != PROV_OUTCOME_FAILED &&
                    rec->outcome != PROV_OUTCOME_UNDONE) ||
               rec->outcome == PROV_OUTCOME_SAVED);
    switch (rec->outcome) {
    case PROV_OUTCOME_NONE:
        FUZZ_CHECK(false);
        break;
    case PROV_OUTCOME_APPLIED:
        FUZZ_CHECK(p->r->stores > 0 && p->script->store == PROV_OK);
        break;
    case PROV_OUTCOME_REFUSED:
    case PROV_OUTCOME_NOTHING:
    case PROV_OUTCOME_UNCHANGED:
    case PROV_OUTCOME_SAVED: /* at most the state and what is remembered of files */
        FUZZ_CHECK(p->r->stores == 0);
        break;
    case PROV_OUTCOME_PARTIAL:
    case PROV_OUTCOME_FAILED:
        break;
    case PROV_OUTCOME_UNDONE:
        FUZZ_CHECK(p->script->config.confirm_ms != 0 && rec->fetch_count == 0);
        break;
    }
}

/* What is stored can be read again as settings. */
static void
check_settings(struct prov_str text)
{
    const struct prov_limits l = { .size = sizeof(l), .xml_nodes = 128, .pool_nodes = 256 };
    const size_t bytes = 100000;
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
    char *mem = malloc(bytes);

    FUZZ_CHECK(mem != NULL);
    prov_arena_init(&arena, mem, bytes);
    FUZZ_CHECK(prov_xml_init(&x, &arena, &l, NULL, 1) == PROV_OK);
    FUZZ_CHECK(prov_xml_parse(&x, prov_str_z("stored"), text, &root, NULL) == PROV_OK);
    FUZZ_CHECK(prov_xml_is(&x, root, prov_str_z("configuration")));
    free(mem);
}

/* What is remembered can be read again, and is written the same. */
static void
check_tree(const struct prov_limits *l, struct prov_str text)
{
    struct prov_remembered files[16];
    uint8_t digest[32];
    char mem[ITEM_BYTES];
    struct prov_buf again = { mem, sizeof(mem), 0 };
    uint32_t count = 0;

    FUZZ_CHECK(prov_remember_read(text, l->url_bytes, digest, files, l->tree_files + 1, &count));
    prov_remember_put_head(digest, &again);
    for (uint32_t i = 0; i < count; i++)
        prov_remember_put_file(&files[i], &again);
    prov_remember_put_end(&again);
    FUZZ_CHECK(prov_str_eq(text, prov_buf_str(&again)));
}

static void
check_stored(const struct script *script, const struct result *r)
{
    const struct store *s = &r->store;
    const struct prov_str tree = { s->text[PROV_ITEM_TREE], s->len[PROV_ITEM_TREE] };

    if (r->stores > 0 && script->store == PROV_OK) {
        if (script->config.dialect->layers == NULL)
            check_settings(
                (struct prov_str){ s->text[PROV_ITEM_SETTINGS], s->len[PROV_ITEM_SETTINGS] });
        FUZZ_CHECK(s->len[PROV_ITEM_STATE] > 0);
    }
    if (s->has[PROV_ITEM_TREE] && !prov_str_eq(tree, script->items[PROV_ITEM_TREE]))
        check_tree(&script->limits, tree);
}

static void
play(const struct script *script, size_t chunk, struct result *r)
{
    struct player p = { .script = script, .chunk = chunk, .now = 1, .r = r };
    struct prov_action a = { .kind = PROV_DO_NOTHING };
    size_t bytes;
    unsigned rounds = 0;

    r->fatal = PROV_OK;
    r->fetches = r->stores = 0;
    FUZZ_CHECK(prov_session_memory(&script->limits, &bytes) == PROV_OK);
    void *mem = malloc(bytes);

    FUZZ_CHECK(mem != NULL);
    FUZZ_CHECK(prov_session_init(&p.s, mem, bytes, &script->config, NULL) == PROV_OK);
    const struct prov_record *rec = prov_session_record(p.s);

    while (r->fatal == PROV_OK && (a.kind != PROV_DO_STOP || rec->run_follows)) {
        r->fatal = prov_session_next(p.s, p.now, &a);
        if (r->fatal == PROV_OK)
            r->fatal = play_action(&p, &a);
        if (r->fatal == PROV_OK && a.kind != PROV_DO_STOP && p.triggers < TRIGGERS &&
            p.at < script->order.len && (uint8_t)script->order.ptr[p.at] >= 0xE0)
            play_trigger(&p, next_byte(&p));
        FUZZ_CHECK(++rounds < ROUNDS);
    }

    FUZZ_CHECK(r->fatal == PROV_OK || r->fatal == PROV_E_SPACE || r->fatal == PROV_E_CALLBACK);
    FUZZ_CHECK(r->fatal == PROV_OK || rec->status == r->fatal);
    if (r->fatal == PROV_OK)
        check_record(&p, rec);
    check_stored(script, r);
    r->outcome = rec->outcome;
    r->diag_count = rec->diags->count;
    for (uint32_t i = 0; i < r->diag_count; i++)
        r->diags[i] = rec->diags->items[i].code;
    free(mem);
}

/* A phone that is given its first store, and restarts. */
static void
live(const struct script *script, size_t chunk, struct result r[2])
{
    memset(r, 0, 2 * sizeof(r[0]));
    for (size_t i = 0; i < PROV_ITEMS; i++) {
        r[0].store.has[i] = script->has_item[i];
        r[0].store.len[i] = script->has_item[i] ? script->items[i].len : 0;
        if (script->has_item[i] && script->items[i].len > 0)
            memcpy(r[0].store.text[i], script->items[i].ptr, script->items[i].len);
    }
    play(script, chunk, &r[0]);
    r[1].store = r[0].store;
    play(script, chunk, &r[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct result whole[2], pieces[2];
    struct fuzz_in in = { data, size };
    struct script script;

    read_script(&in, &script);
    live(&script, 0, whole);
    live(&script, 1 + size % 7, pieces);
    FUZZ_CHECK(memcmp(whole, pieces, sizeof(whole)) == 0);
    return 0;
}
