/* SPDX-License-Identifier: MIT */

/* Who looks on sees enough to do the same run once more. */

#include <stdio.h>

#include "run_fixture.h"

#define KINDS (PROV_WATCH_TRIGGER + 1)

static const struct prov_source_rule lan[] = {
    { .kind = PROV_SOURCE_DHCP_66,
      .step = 1,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 66 } },
    { .kind = PROV_SOURCE_PNP, .step = 2, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    { .kind = PROV_SOURCE_MANUAL, .step = 3, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
};
static const struct prov_discover_options options = { .size = sizeof(options),
                                                      .sources = lan,
                                                      .source_count = PROV_COUNT(lan) };
static const struct prov_identity phone = { .size = sizeof(phone),
                                            .mac = PROV_STR_INIT("0080F0C571EB") };
static const struct prov_endpoint server = { PROV_FAMILY_IPV4, { 127, 0, 0, 1 }, 5062 };
static const char request[] =
    "NOTIFY sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5062\r\n"
    "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\nCall-ID: x\r\n"
    "CSeq: 1 NOTIFY\r\nEvent: check-sync\r\nContent-Length: 0\r\n\r\n";

/* A second session that is told the same, and has to do the same. */
struct mirror {
    struct prov_session *session;
    void *memory;
    unsigned seen[KINDS];
};

static void
same_bytes(struct prov_str a, struct prov_str b)
{
    assert_int_equal(a.len, b.len);
    assert_true(a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void
same_action(struct mirror *m, const struct prov_watch_event *e)
{
    struct prov_action a = { .kind = PROV_DO_NOTHING };

    assert_int_equal(e->status, prov_session_next(m->session, e->now_ms, &a));
    if (e->status != PROV_OK) {
        assert_null(e->action);
        return;
    }
    assert_int_equal(e->action->kind, a.kind);
    assert_int_equal(e->action->id, a.id);
    assert_int_equal(e->id, a.id);
    if (a.kind == PROV_DO_WAIT)
        assert_int_equal(e->action->until_ms, a.until_ms);
    if (a.kind == PROV_DO_FETCH)
        same_bytes(e->action->fetch.url, a.fetch.url);
    if (a.kind == PROV_DO_SEND)
        same_bytes(e->action->datagram, a.datagram);
}

static void
same_texts(struct mirror *m, const struct prov_watch_event *e)
{
    char room[PROV_CHECK_SYNC_REPLY_BYTES];
    struct prov_buf reply = { room, sizeof(room), 0 };
    struct prov_endpoint to;
    struct prov_str piece;
    enum prov_item item;

    switch (e->kind) {
    case PROV_WATCH_PIECE:
        assert_true(prov_session_output(m->session, &item, &piece));
        assert_int_equal(e->item, item);
        same_bytes(e->bytes, piece);
        break;
    case PROV_WATCH_REPLY:
        assert_true(prov_session_reply(m->session, e->id, e->now_ms, &to, &piece));
        same_bytes(e->bytes, piece);
        break;
    case PROV_WATCH_NOTIFY:
        assert_int_equal(
            e->status, prov_session_notify(m->session, e->now_ms, e->peer, e->bytes, &reply, NULL));
        same_bytes(e->reply, prov_buf_str(&reply));
        break;
    case PROV_WATCH_ACTION:
        same_action(m, e);
        break;
    default:
        break;
    }
}

static enum prov_status
same_report(struct mirror *m, const struct prov_watch_event *e)
{
    switch (e->kind) {
    case PROV_WATCH_BODY:
        return prov_session_body(m->session, e->id, e->bytes.ptr, e->bytes.len);
    case PROV_WATCH_FETCHED:
        return prov_session_fetched(m->session, e->id, e->now_ms, e->result);
    case PROV_WATCH_DONE:
        return prov_session_done(m->session, e->id, e->now_ms, e->reported);
    case PROV_WATCH_OPENED:
        return prov_session_opened(m->session, e->id, e->now_ms, e->reported, e->peer);
    case PROV_WATCH_ASKED:
        return prov_session_asked(m->session, e->id, e->now_ms, e->reported);
    case PROV_WATCH_DATAGRAM:
        return prov_session_datagram(m->session, e->id, e->now_ms, e->peer, e->bytes.ptr,
                                     e->bytes.len);
    case PROV_WATCH_TRIGGER:
        return prov_session_trigger(m->session, e->now_ms, e->trigger);
    case PROV_WATCH_CLOCK:
        prov_session_clock(m->session, e->wall);
        break;
    default:
        break;
    }
    return e->status;
}

static void
on_event(void *ctx, const struct prov_watch_event *e)
{
    struct mirror *m = ctx;

    assert_int_equal(sizeof(*e), e->size);
    assert_in_range(e->kind, 0, KINDS - 1);
    m->seen[e->kind]++;
    assert_int_equal(e->status, same_report(m, e));
    same_texts(m, e);
}

static void
look_on(struct fixture *f, struct mirror *m)
{
    const struct prov_watch watch = { on_event, m };
    size_t bytes;

    *m = (struct mirror){ NULL, NULL, { 0 } };
    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bytes));
    m->memory = malloc(bytes);
    assert_non_null(m->memory);
    assert_int_equal(PROV_OK, prov_session_init(&m->session, m->memory, bytes, &f->config, NULL));
    prov_run_watch(&f->run, &watch);
}

static void
the_same(const struct fixture *f, const struct mirror *m)
{
    const struct prov_record *a = prov_session_record(f->session);
    const struct prov_record *b = prov_session_record(m->session);

    assert_int_equal(a->outcome, b->outcome);
    assert_int_equal(a->attempts, b->attempts);
    assert_int_equal(a->fetch_count, b->fetch_count);
    free(m->memory);
    free(f->memory);
}

static void
port_wall(void *ctx, struct prov_wall_time *out)
{
    (void)ctx;
    *out = (struct prov_wall_time){ PROV_CLOCK_TRUSTED, 1 };
}

static void
a_run_can_be_repeated_by_what_was_seen(void **state)
{
    const struct prov_trigger_event again = { .size = sizeof(again), .trigger = PROV_TRIGGER_TIME };
    struct mirror m;
    struct fixture f;

    (void)state;
    prepare(&f);
    f.config.identity = &phone;
    f.config.attempts = 2;
    f.clock.wall = port_wall;
    start(&f);
    look_on(&f, &m);
    f.port.result = PROV_E_NETWORK;
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.session)->outcome);
    f.port.result = PROV_OK;
    assert_int_equal(PROV_OK, prov_run_trigger(&f.run, &again));
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    assert_int_equal(3, m.seen[PROV_WATCH_FETCHED]);
    assert_int_equal(1, m.seen[PROV_WATCH_TRIGGER]);
    assert_true(m.seen[PROV_WATCH_PIECE] >= 2 && m.seen[PROV_WATCH_BODY] >= 4);
    assert_true(m.seen[PROV_WATCH_CLOCK] > 0 && m.seen[PROV_WATCH_DONE] > 0);
    the_same(&f, &m);
}

static void
so_can_one_that_asks_the_local_network(void **state)
{
    char room[PROV_CHECK_SYNC_REPLY_BYTES];
    struct prov_buf reply = { room, sizeof(room), 0 };
    struct prov_run_state s = { .ended = false };
    struct prov_check_sync seen;
    struct mirror m;
    struct fixture f;

    (void)state;
    prepare(&f);
    f.net.ask = port_ask;
    f.net.send = port_send;
    f.port.report_in_fetch = true;
    f.port.local = (struct prov_endpoint){ PROV_FAMILY_IPV4, { 127, 0, 0, 1 }, 5060 };
    f.config.discover = &options;
    f.config.identity = &phone;
    start(&f);
    look_on(&f, &m);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_int_equal(PROV_OK,
                     prov_run_datagram(&f.run, f.port.asked_id, &server, request, strlen(request)));
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OK, prov_run_notify(&f.run, &server, prov_str_z(request), &reply, &seen));
    assert_int_equal(1, m.seen[PROV_WATCH_OPENED]);
    assert_int_equal(1, m.seen[PROV_WATCH_ASKED]);
    assert_int_equal(1, m.seen[PROV_WATCH_DATAGRAM]);
    assert_int_equal(1, m.seen[PROV_WATCH_REPLY]);
    assert_int_equal(1, m.seen[PROV_WATCH_NOTIFY]);
    the_same(&f, &m);
}

static void
nobody_need_look_on(void **state)
{
    struct mirror m;
    struct fixture f;

    (void)state;
    prepare(&f);
    start(&f);
    look_on(&f, &m);
    prov_run_watch(&f.run, NULL);
    prov_run_watch(NULL, NULL);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(0, m.seen[PROV_WATCH_ACTION]);
    free(m.memory);
    free(f.memory);
}

/* ---- Digests that somebody else makes ---- */

struct digests {
    uint8_t made[16][32];
    unsigned count;
    bool replace;
};

static void
on_digest(void *ctx, uint8_t *digest)
{
    struct digests *d = ctx;

    assert_true(d->count < PROV_COUNT(d->made));
    if (d->replace)
        digest[0] ^= 0xFF;
    memcpy(d->made[d->count++], digest, 32);
}

/* The state of a store, kept. */
static char kept[1024];
static size_t kept_len;

static enum prov_status
keep_state(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    (void)ctx;
    if (item == PROV_ITEM_STATE && len <= sizeof(kept)) {
        memcpy(kept, bytes, len);
        kept_len = len;
    }
    return PROV_OK;
}

static void
digests_go_where_the_hook_puts_them(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct digests d = { .replace = i == 1 };
        char hex[3];
        struct fixture f;

        prepare(&f);
        f.config.digests = (struct prov_digest_hook){ on_digest, &d };
        f.store.put = keep_state;
        kept_len = 0;
        start(&f);
        assert_int_equal(PROV_OK, prov_run_loop(&f.run));
        assert_true(d.count >= 3); /* settings, files, result */
        snprintf(hex, sizeof(hex), "%02x", (unsigned)d.made[1][0]);
        assert_true(kept_len > 60 && kept_len < sizeof(kept));
        assert_memory_equal(hex, strstr(kept, "input ") + 6, 2);
        free(f.memory);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_can_be_repeated_by_what_was_seen),
        cmocka_unit_test(so_can_one_that_asks_the_local_network),
        cmocka_unit_test(nobody_need_look_on),
        cmocka_unit_test(digests_go_where_the_hook_puts_them),
    };
    return cmocka_run_group_tests_name("run watch", tests, NULL, NULL);
}
