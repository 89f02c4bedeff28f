/* SPDX-License-Identifier: MIT */

/* A whole session: the input decides limits, settings, answers, triggers, and their order. */

#include <prov/session.h>
#include <prov/uri.h>

#include "fuzz_in.h"

#define REPLIES 8
#define ROUNDS 8000
#define TRIGGERS 3u /* of one input */

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

static const struct prov_dialect dialects[] = {
    DIALECT(PROV_TREE_ALL_OR_NOTHING, 0),
    DIALECT(PROV_TREE_USE_OTHERS, 0),
    DIALECT(PROV_TREE_ALL_OR_NOTHING, PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES),
    DIALECT(PROV_TREE_USE_OTHERS, PROV_ADDRESS_ADD_FILE | PROV_ADDRESS_TRY_SCHEMES),
};
static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
};

struct reply {
    struct prov_fetch_result result;
    struct prov_str body;
};

/* What an input says. */
struct script {
    struct prov_limits limits;
    struct prov_session_config config;
    struct prov_str items[2];
    bool has_item[2];
    enum prov_status store;
    struct reply replies[REPLIES];
    struct prov_discover_options discover;
    struct prov_str dhcp;     /* of both families */
    struct prov_str datagram; /* that comes to the phone, and its body when one is made for it */
    struct prov_str order;    /* what happens next */
};

/* What a run did. */
struct result {
    enum prov_status fatal;
    enum prov_outcome outcome;
    uint32_t fetches, stores;
    uint32_t diag_count;
    enum prov_diag_code diags[16];
    char stored[2][8192];
    size_t stored_len[2];
};

static const char *const bodies[] = {
    "<configuration><t><a>2</a></t></configuration>",
    "<referencedSettings><url>a</url><url>/b?{mac}</url></referencedSettings>",
    "<operations><delete path=\"/t/a\"/><add path=\"/k\"><e id=\"1\"/></add></operations>",
    "<t patch=\"replace\"><b/></t>",
};

static void
read_reply(struct fuzz_in *in, struct reply *r)
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
    r->body = what & 0x80 ? fuzz_str(in, 200) : prov_str_z(bodies[what & 3]);
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
    if ((how & 0x80) == 0)
        return;
    s->discover.sources = lan;
    s->discover.source_count = sizeof(lan) / sizeof(lan[0]);
    s->discover.proceed_on_fetch_error = (how & 1) != 0 ? PROV_CHOICE_YES : PROV_CHOICE_PRESET;
    s->discover.needs_time = (how & 2) != 0 ? PROV_CHOICE_YES : PROV_CHOICE_PRESET;
    s->discover.redirect_url = prov_str_z((how & 4) != 0 ? "https://svc/{mac}" : "http://u:v@svc/");
    s->config.pnp_lenient = (how & 8) != 0;
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
        .dialect = &dialects[flags & 1],
        .identity = &identity,
        .limits = &s->limits,
        .seed = size,
        .macro_raw = (flags & 2) != 0,
        .attempts = 1u + (flags >> 2 & 1),
    };
    s->has_item[0] = (flags & 8) != 0;
    s->has_item[1] = (flags & 16) != 0;
    s->store = (flags & 0xE0) == 0xE0 ? PROV_E_STORAGE : PROV_OK;
    s->items[0] = (flags & 32) != 0
                      ? fuzz_str(in, 200)
                      : prov_str_z("<configuration><t><a>1</a></t><k/></configuration>");
    s->items[1] = s->has_item[1] ? fuzz_str(in, 255) : prov_str_z("");
    s->config.url = fuzz_str(in, 80);
    for (size_t i = 0; i < REPLIES; i++)
        read_reply(in, &s->replies[i]);
    read_search(in, s);
    s->order = fuzz_rest(in);
}

/* ---- One run ---- */

/* Something under way; the reply of a fetch, or what is asked. */
struct flight {
    uint32_t id;
    const struct reply *reply; /* NULL = a question */
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
    if (a->item == PROV_ITEM_SETTINGS) {
        p->r->stores = 0; /* of the last attempt */
        p->r->stored_len[0] = p->r->stored_len[1] = 0;
    }
    if (!p->script->has_item[a->item])
        return prov_session_done(p->s, a->id, p->now, PROV_E_NOT_FOUND);
    feed(p, a->id, p->script->items[a->item]);
    return prov_session_done(p->s, a->id, p->now, PROV_OK);
}

static enum prov_status
play_store(struct player *p, const struct prov_action *a)
{
    enum prov_item item;
    struct prov_str piece;

    FUZZ_CHECK(fetches_of(p) == 0);
    p->r->stores++;
    p->r->stored_len[0] = p->r->stored_len[1] = 0;
    while (prov_session_output(p->s, &item, &piece)) {
        FUZZ_CHECK(piece.len > 0);
        FUZZ_CHECK(piece.len <= sizeof(p->r->stored[0]) - p->r->stored_len[item]);
        memcpy(p->r->stored[item] + p->r->stored_len[item], piece.ptr, piece.len);
        p->r->stored_len[item] += piece.len;
    }
    FUZZ_CHECK(p->r->stored_len[0] <= p->script->limits.settings_bytes);
    return prov_session_done(p->s, a->id, p->now, p->script->store);
}

static void
play_fetch(struct player *p, const struct prov_action *a)
{
    struct prov_uri u;

    FUZZ_CHECK(fetches_of(p) < p->script->limits.fetches);
    FUZZ_CHECK(prov_uri_parse(a->fetch.url, &u, NULL) == PROV_OK && !u.has_user);
    FUZZ_CHECK(a->fetch.url.len <= p->script->limits.url_bytes);
    p->under_way[p->count++] =
        (struct flight){ .id = a->id, .reply = &p->script->replies[p->r->fetches++ % REPLIES] };
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
    feed(p, f.id, f.reply->body);
    return prov_session_fetched(p->s, f.id, p->now, &f.reply->result);
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
               (rec->outcome != PROV_OUTCOME_REFUSED && rec->outcome != PROV_OUTCOME_FAILED));
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
    case PROV_OUTCOME_SAVED: /* at most the state alone */
        FUZZ_CHECK(p->r->stored_len[0] == 0);
        break;
    case PROV_OUTCOME_PARTIAL:
    case PROV_OUTCOME_FAILED:
        break;
    }
}

/* What is stored can be read again as settings. */
static void
check_stored(const struct result *r)
{
    const struct prov_limits l = { .size = sizeof(l), .xml_nodes = 128, .pool_nodes = 256 };
    const struct prov_str text = { r->stored[0], r->stored_len[0] };
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
    FUZZ_CHECK(r->stored_len[1] > 0);
    free(mem);
}

static void
play(const struct script *script, size_t chunk, struct result *r)
{
    struct player p = { .script = script, .chunk = chunk, .now = 1, .r = r };
    struct prov_action a = { .kind = PROV_DO_NOTHING };
    size_t bytes;
    unsigned rounds = 0;

    memset(r, 0, sizeof(*r));
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
    if (r->stored_len[0] > 0)
        check_stored(r);
    r->outcome = rec->outcome;
    r->diag_count = rec->diags->count;
    for (uint32_t i = 0; i < r->diag_count; i++)
        r->diags[i] = rec->diags->items[i].code;
    free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct result whole, pieces;
    struct fuzz_in in = { data, size };
    struct script script;

    read_script(&in, &script);
    play(&script, 0, &whole);
    play(&script, 1 + size % 7, &pieces);
    FUZZ_CHECK(memcmp(&whole, &pieces, sizeof(whole)) == 0);
    return 0;
}
