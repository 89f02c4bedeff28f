/* SPDX-License-Identifier: MIT */

/* Where the address comes from: DHCP, multicast, the time before anything is asked (DSC-1..7). */

#include "world.h"

#define PATCH "<configuration><telephony><a>9</a></telephony></configuration>"
#define OPTIONS "\x42\x08http://d\x43\x02/p"

static const struct world_reply replies[] = {
    { .url = "http://d/p", .body = PATCH },
    { .url = "http://n/p", .body = PATCH },
    { .url = "http://slow/p", .body = PATCH, .delay_ms = 9000 },
    { .url = "http://m/p", .body = PATCH },
    { .url = NULL },
};

/* A phone on a network; without more, nobody on it answers. */
static struct world *
on_lan(const char *manual)
{
    struct world *w = world_new(manual, replies);

    w->lan = true;
    return w;
}

static void
dhcp_answers(struct world *w)
{
    w->dhcp[0].there = true;
    w->dhcp[0].bytes = OPTIONS;
    w->dhcp[0].len = strlen(OPTIONS);
}

static bool
near(uint64_t ms, uint64_t wanted)
{
    return ms + 100 >= wanted && ms <= wanted + 100;
}

/* ---- DHCP ---- */

static void
takes_the_address_of_dhcp_and_asks_no_further(void **state)
{
    (void)state;
    for (size_t chunk = 0; chunk < 4; chunk++) {
        struct world *w = on_lan("http://m/p");

        dhcp_answers(w);
        w->dhcp[0].delay_ms = 30;
        w->chunk = chunk;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(1, w->ask_count);
        assert_int_equal(2, w->param_count[0]);
        assert_int_equal(66, w->params[0][0]);
        assert_int_equal(67, w->params[0][1]);
        const struct prov_source_record *r = world_source(w, PROV_SOURCE_DHCP);

        assert_true(r->won && r->tried && r->begun && r->ended);
        assert_int_equal(30, r->ended_ms - r->began_ms);
        assert_true(prov_str_eq(r->url, prov_str_z("http://d/p")));
        assert_true(r->raw.len > 0);
        assert_true(
            world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_NOT_ASKED, "an earlier source won"));
        world_free(w);
    }
}

static void
goes_on_when_dhcp_has_nothing(void **state)
{
    static char large[2049];
    static const struct {
        const char *name;
        struct world_dhcp dhcp;
        enum prov_source_outcome outcome;
        const char *reason;
        uint32_t ms;
    } rows[] = {
        { "no DHCP", { .there = false }, PROV_SOURCE_NOTHING, "the interface has no DHCP", 0 },
        { "empty", { .there = true, .delay_ms = 7 }, PROV_SOURCE_NOTHING, "no DHCP data", 7 },
        { "other options",
          { .there = true, .bytes = "\x0C\x01p", .len = 3 },
          PROV_SOURCE_NOTHING,
          "not among the DHCP options",
          0 },
        { "silent", { .there = true, .silent = true }, PROV_SOURCE_NOTHING, "no answer", 4000 },
        { "timeout of the port",
          { .there = true, .delay_ms = 9, .end = PROV_E_TIMEOUT },
          PROV_SOURCE_NOTHING,
          "no answer",
          9 },
        { "not begun",
          { .there = true, .begin = PROV_E_NETWORK },
          PROV_SOURCE_NOTHING,
          "the question could not be sent",
          0 },
        { "too long",
          { .there = true, .bytes = large, .len = sizeof(large) },
          PROV_SOURCE_REFUSED,
          "the answer is too long",
          0 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = on_lan("http://m/p");

        w->dhcp[0] = rows[i].dhcp;
        w->pnp_begin = PROV_E_NOT_FOUND;
        w->chunk = i % 2 == 0 ? 100 : 0;
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(rows[i].name,
                 world_source_is(w, PROV_SOURCE_DHCP, rows[i].outcome, rows[i].reason));
        PROV_ROW(rows[i].name, world_source(w, PROV_SOURCE_MANUAL)->won);
        PROV_ROW(rows[i].name, w->now_ms == 1000 + (uint64_t)rows[i].ms);
        PROV_ROW(rows[i].name, w->cancel_count == (rows[i].ms == 4000));
        PROV_ROW(rows[i].name, (world_diag(w, PROV_D_DHCP_ANSWER_LONG) != NULL) ==
                                   (rows[i].outcome == PROV_SOURCE_REFUSED));
        world_free(w);
    }
}

static void
takes_an_answer_of_dhcp_of_the_limit(void **state)
{
    static char bytes[2048] = OPTIONS; /* the rest is padding */
    struct world *w = on_lan("");

    (void)state;
    w->dhcp[0] = (struct world_dhcp){ .there = true, .bytes = bytes, .len = sizeof(bytes) };
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_free(w);
}

static void
waits_for_dhcp_as_long_as_the_configuration_says(void **state)
{
    struct world *w = on_lan("http://m/p");

    (void)state;
    w->dhcp[0] = (struct world_dhcp){ .there = true, .silent = true };
    w->pnp_begin = PROV_E_NETWORK;
    w->config.dhcp_ms = 1234;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(1000 + 1234, w->now_ms);
    assert_true(
        world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_NOTHING, "the question could not be sent"));
    world_free(w);
}

static void
records_that_a_port_cannot_ask(void **state)
{
    static const struct prov_source_rule order[] = {
        { .kind = PROV_SOURCE_PNP, .step = 1, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
        { .kind = PROV_SOURCE_DHCP_160,
          .step = 2,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true,
          .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 160 } },
        { .kind = PROV_SOURCE_DHCPV6,
          .step = 3,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true,
          .dhcp = { .form = PROV_DHCP_FORM_VENDOR, .v6 = true, .option = 17, .sub_option = 1 } },
        { .kind = PROV_SOURCE_DHCP_66,
          .step = 4,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true,
          .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 66 } },
    };

    (void)state;
    for (int blocking = 0; blocking < 2; blocking++) {
        struct world *w = world_new("", replies);

        w->blocking = blocking == 1;
        w->config.attempts = 0; /* nothing was asked: it is not tried again either */
        w->discover.sources = order;
        w->discover.source_count = PROV_COUNT(order);
        assert_int_equal(PROV_OUTCOME_NOTHING, world_run(w));
        assert_int_equal(PROV_COUNT(order), w->record->source_count);
        for (uint32_t i = 0; i < w->record->source_count; i++) {
            const struct prov_source_record *r = &w->record->sources[i];

            assert_int_equal(PROV_SOURCE_NOT_ASKED, r->outcome);
            assert_string_equal("the port cannot ask the local network", r->reason);
            assert_false(r->begun);
        }
        world_free(w);
    }
}

/* ---- Multicast ---- */

static void
takes_the_address_of_a_notify(void **state)
{
    static const struct world_datagram talk[] = {
        { .at_ms = 40, .message = WORLD_OK, .host = 10 },
        { .at_ms = 120, .message = WORLD_NOTIFY, .text = "http://n/p\r\n", .host = 10 },
        { .at_ms = 0 },
    };
    struct world *w = on_lan("http://m/p");

    (void)state;
    w->datagrams = talk;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    const struct prov_source_record *r = world_source(w, PROV_SOURCE_PNP);

    assert_true(r->won && r->tried);
    assert_true(prov_str_eq(r->url, prov_str_z("http://n/p")));
    assert_true(prov_str_eq(r->from, prov_str_z("192.0.2.10:5060")));
    assert_true(r->raw.len > 0);
    assert_int_equal(120, r->ended_ms - r->began_ms);
    assert_int_equal(2, w->send_count); /* one SUBSCRIBE, one 200 */
    assert_int_equal(1, w->answered[0]);
    assert_int_equal(1000 + 120, w->now_ms); /* the end of the window is not waited for */
    assert_int_equal(1, w->cancel_count);    /* the socket is closed with the run */
    world_free(w);
}

static void
ends_an_unanswered_window_after_five_seconds(void **state)
{
    static const uint32_t windows[] = { 0, 5000, 1300, 20000 };
    static const uint32_t subscribes[] = { 4, 4, 2, 8 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(windows); i++) {
        const uint64_t window = windows[i] != 0 ? windows[i] : 5000;
        struct world *w = on_lan("http://m/p");

        w->config.pnp_window_ms = windows[i];
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(1000 + window, w->now_ms);
        assert_int_equal(subscribes[i], w->send_count);
        assert_true(world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_NOTHING, "no answer"));
        assert_int_equal(1, w->cancel_count);
        world_free(w);
    }
}

static void
tells_why_a_window_brought_nothing(void **state)
{
    static const struct {
        const char *name;
        struct world_datagram talk[3];
        const char *reason;
    } rows[] = {
        { "only a 200", { { 40, WORLD_OK, NULL, 10 } }, "a server answered, but sent no address" },
        { "no body",
          { { 40, WORLD_OK, NULL, 10 }, { 50, WORLD_BARE, NULL, 10 } },
          "the NOTIFY holds no address" },
        { "a stranger",
          { { 40, WORLD_SPOOF, "http://evil/p", 66 } },
          "only a NOTIFY that belongs to nothing we asked" },
        { "an incomplete one",
          { { 40, WORLD_OK, NULL, 10 }, { 50, WORLD_LOOSE, "http://n/p", 10 } },
          "the NOTIFY is incomplete" },
        { "noise", { { 40, WORLD_GARBAGE, "noise", 66 } }, "no answer" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = on_lan("http://m/p");

        w->datagrams = rows[i].talk;
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(rows[i].name,
                 world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_NOTHING, rows[i].reason));
        PROV_ROW(rows[i].name, near(w->now_ms, 6000));
        world_free(w);
    }
}

/* PNP-3: whoever guesses gets 481, is written down, and does not win. */
static void
does_not_follow_a_spoofed_notify(void **state)
{
    static const struct world_datagram talk[] = {
        { .at_ms = 10, .message = WORLD_SPOOF, .text = "http://evil/p", .host = 66 },
        { .at_ms = 11, .message = WORLD_SPOOF, .text = "http://evil/q", .host = 67 },
        { .at_ms = 12, .message = WORLD_GARBAGE, .text = "SIP/2.0 garbage", .host = 68 },
        { .at_ms = 90, .message = WORLD_NOTIFY, .text = "http://n/p", .host = 10 },
        { .at_ms = 0 },
    };
    struct world *w = on_lan("");

    (void)state;
    w->datagrams = talk;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(2, w->answered[1]);
    assert_int_equal(1, w->answered[0]);
    assert_true(prov_str_eq(w->record->fetches[0].url, prov_str_z("http://n/p")));
    const struct prov_diag *d = world_diag(w, PROV_D_PNP_STRANGERS);

    assert_non_null(d);
    assert_int_equal(2, d->need);
    assert_true(prov_str_eq(d->subject, prov_str_z("192.0.2.66:5060")));
    d = world_diag(w, PROV_D_PNP_GARBAGE);
    assert_non_null(d);
    assert_int_equal(1, d->need);
    assert_true(prov_str_eq(d->subject, prov_str_z("192.0.2.68:5060")));
    world_free(w);
}

/* PNP-4: the socket stays open while the file is fetched. */
static void
answers_repetitions_and_sees_a_conflict_while_fetching(void **state)
{
    static const struct world_datagram talk[] = {
        { .at_ms = 100, .message = WORLD_NOTIFY, .text = "http://slow/p", .host = 10 },
        { .at_ms = 600, .message = WORLD_NOTIFY, .text = "http://slow/p", .host = 10 },
        { .at_ms = 700, .message = WORLD_NOTIFY, .text = "http://u:v@other/p", .host = 11 },
        { .at_ms = 800, .message = WORLD_NOTIFY, .text = "http://third/p", .host = 12 },
        { .at_ms = 6000, .message = WORLD_NOTIFY, .text = "http://late/p", .host = 13 },
        { .at_ms = 0 },
    };
    struct world *w = on_lan("");

    (void)state;
    w->datagrams = talk;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(4, w->answered[0]);
    const struct prov_source_record *r = world_source(w, PROV_SOURCE_PNP);

    assert_true(r->won);
    assert_true(prov_str_eq(r->url, prov_str_z("http://slow/p")));
    assert_true(prov_str_eq(r->conflict, prov_str_z("http://***@other/p")));
    assert_non_null(world_diag(w, PROV_D_PNP_CONFLICT));
    assert_int_equal(1, w->record->diags->count); /* the third answer is no news */
    assert_int_equal(1, w->cancel_count);
    assert_int_equal(1000 + 100 + 9000, w->now_ms);
    world_free(w);
}

/* Random datagrams neither crash nor delay the end of the window. */
static void
stands_a_flood(void **state)
{
    struct world *w = on_lan("http://m/p");

    (void)state;
    w->flood = 100000;
    w->limits.diags = 4;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(0, w->flood);
    assert_true(near(w->now_ms, 6000));
    assert_int_equal(0, w->answered[0]);
    assert_int_equal(100000, world_diag(w, PROV_D_PNP_GARBAGE)->need);
    assert_int_equal(0, w->record->diags->dropped);
    world_free(w);
}

static void
does_not_mind_a_network_that_refuses_to_send(void **state)
{
    struct world *w = on_lan("http://m/p");

    (void)state;
    w->send_status = PROV_E_NETWORK;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(6000, w->now_ms);
    world_free(w);
}

/* ---- Time ---- */

static void
asks_nothing_before_the_time_is_known(void **state)
{
    struct prov_dialect d = world_dialect;

    (void)state;
    d.needs_time = true;
    for (int way = 0; way < 4; way++) {
        struct world *w = on_lan("http://m/p");
        struct prov_run_state s;

        dhcp_answers(w);
        w->config.dialect = &d;
        w->time_known_ms = 8500;
        w->no_wall = way == 1;
        w->discover.needs_time = way == 2 ? PROV_CHOICE_NO : PROV_CHOICE_PRESET;
        if (way == 3) {
            w->config.dialect = &world_dialect;
            w->discover.needs_time = PROV_CHOICE_YES;
        }
        assert_int_equal(PROV_OK, world_open(w));
        assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
        if (way == 2) {
            assert_null(w->record->waits_for);
        } else {
            assert_string_equal("the time", w->record->waits_for);
            assert_true(s.waiting && !s.under_way);
            assert_int_equal(1000, s.wait_ms);
            assert_int_equal(0, w->record->attempts);
            assert_int_equal(0, w->fetch_count + w->ask_count);
            assert_int_equal(0, w->begin_count);
        }
        if (way != 1) {
            assert_int_equal(PROV_OK, world_loop(w));
            assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
            assert_null(w->record->waits_for);
            assert_int_equal(way == 2 ? 1000 : 9000, w->now_ms);
        }
        world_free(w);
    }
}

/* ---- Again ---- */

static void
tries_again_when_the_network_gave_nothing(void **state)
{
    static const struct prov_delay delay = { 30, 0 };
    static const struct world_datagram talk[] = {
        { .at_ms = 200, .message = WORLD_NOTIFY, .text = "http://n/p", .host = 10 },
        { .at_ms = 0 },
    };
    struct world *w = on_lan("");
    struct prov_run_state s = { .ended = false };

    (void)state;
    w->config.attempts = 0;
    w->config.delays = &delay;
    w->config.delay_count = 1;
    w->pnp_begin = PROV_E_NOT_FOUND;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_true(s.waiting);
    assert_int_equal(30000, s.wait_ms);
    assert_int_equal(PROV_OUTCOME_NOTHING, w->record->outcome);
    assert_true(w->record->will_retry);
    w->pnp_begin = PROV_OK; /* the server has come up */
    w->datagrams = talk;
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_int_equal(2, w->record->attempts);
    assert_int_equal(31200, w->now_ms);
    world_free(w);
}

/* Wherever memory ends during a search: the same result, or PROV_E_SPACE and nothing stored. */
static void
ends_cleanly_wherever_memory_ends(void **state)
{
    static const struct world_datagram talk[] = {
        { .at_ms = 10, .message = WORLD_SPOOF, .text = "http://evil/p", .host = 66 },
        { .at_ms = 20, .message = WORLD_NOTIFY, .text = "http://slow/p", .host = 10 },
        { .at_ms = 30, .message = WORLD_NOTIFY, .text = "http://other/p", .host = 11 },
        { .at_ms = 0 },
    };
    size_t ended = 0, same = 0, refused = 0;

    (void)state;
    for (size_t bytes = 10000; same < 20; bytes += 97) {
        struct world *w = on_lan("");
        enum prov_status status;

        w->limits.tree_bytes = w->limits.file_bytes = w->limits.settings_bytes = 512;
        w->limits.url_bytes = 64;
        w->limits.xml_nodes = 16;
        w->limits.changes = w->limits.sections = 4;
        w->limits.tree_files = w->limits.fetches = 1;
        w->dhcp[0] = (struct world_dhcp){ .there = true, .bytes = "\x0C\x01p", .len = 3 };
        w->datagrams = talk;
        w->memory_bytes = bytes;
        status = world_open(w);
        refused += status != PROV_OK;
        if (status == PROV_OK && (status = world_loop(w)) == PROV_OK) {
            assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
            same++;
        } else {
            assert_int_equal(PROV_E_SPACE, status);
            assert_int_equal(0, w->begin_count);
            ended += w->record != NULL;
        }
        world_free(w);
    }
    assert_true(refused > 0 && ended > 10);
}

/* A port that blocks gets the addresses of DHCP as well; it can only sleep through the window. */
static void
serves_a_port_that_blocks(void **state)
{
    struct world *w = on_lan("http://m/p");

    (void)state;
    dhcp_answers(w);
    w->blocking = true;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_source(w, PROV_SOURCE_DHCP)->won);
    world_free(w);

    w = on_lan("http://m/p");
    w->blocking = true;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_NOTHING, "no answer"));
    assert_int_equal(6000, w->now_ms);
    world_free(w);
}

/* Same seed, same events: the same bytes to the network, the Call-ID included. */
static void
sends_the_same_for_the_same_seed(void **state)
{
    struct world *w[3];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        w[i] = on_lan("http://m/p");
        w[i]->config.seed = i < 2 ? 7 : 8;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w[i]));
    }
    assert_int_equal(w[0]->log_len, w[1]->log_len);
    assert_memory_equal(w[0]->log, w[1]->log, w[0]->log_len);
    assert_string_not_equal(w[0]->call_id, w[2]->call_id);
    for (size_t i = 0; i < 3; i++)
        world_free(w[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_address_of_dhcp_and_asks_no_further),
        cmocka_unit_test(goes_on_when_dhcp_has_nothing),
        cmocka_unit_test(takes_an_answer_of_dhcp_of_the_limit),
        cmocka_unit_test(waits_for_dhcp_as_long_as_the_configuration_says),
        cmocka_unit_test(records_that_a_port_cannot_ask),
        cmocka_unit_test(takes_the_address_of_a_notify),
        cmocka_unit_test(ends_an_unanswered_window_after_five_seconds),
        cmocka_unit_test(tells_why_a_window_brought_nothing),
        cmocka_unit_test(does_not_follow_a_spoofed_notify),
        cmocka_unit_test(answers_repetitions_and_sees_a_conflict_while_fetching),
        cmocka_unit_test(stands_a_flood),
        cmocka_unit_test(does_not_mind_a_network_that_refuses_to_send),
        cmocka_unit_test(asks_nothing_before_the_time_is_known),
        cmocka_unit_test(tries_again_when_the_network_gave_nothing),
        cmocka_unit_test(ends_cleanly_wherever_memory_ends),
        cmocka_unit_test(serves_a_port_that_blocks),
        cmocka_unit_test(sends_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests_name("scenario discovery", tests, NULL, NULL);
}
