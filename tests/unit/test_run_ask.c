/* SPDX-License-Identifier: MIT */

/* A port that asks the local network. */

#include "run_fixture.h"

static const struct prov_source_rule lan[] = {
    { .kind = PROV_SOURCE_DHCP_66,
      .step = 1,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 66 } },
    { .kind = PROV_SOURCE_PNP, .step = 2, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    { .kind = PROV_SOURCE_MANUAL, .step = 3, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
};
static const struct prov_discover_options options = {
    .size = sizeof(options),
    .sources = lan,
    .source_count = PROV_COUNT(lan),
};
static const struct prov_identity phone = { .size = sizeof(phone),
                                            .mac = PROV_STR_INIT("0080F0C571EB") };

static void
prepare_lan(struct fixture *f)
{
    prepare(f);
    f->net.ask = port_ask;
    f->net.send = port_send;
    f->port.report_in_fetch = true;
    f->port.asked = PROV_OK;
    f->port.local = (struct prov_endpoint){ PROV_FAMILY_IPV4, { 127, 0, 0, 1 }, 5060 };
    f->config.discover = &options;
    f->config.identity = &phone;
}

static const struct prov_source_record *
source(const struct fixture *f, size_t i)
{
    return &prov_session_record(f->session)->sources[i];
}

static void
asks_waits_through_the_window_and_goes_on(void **state)
{
    struct fixture f;

    (void)state;
    prepare_lan(&f);
    f.port.reenter = true;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    assert_int_equal(2, f.port.asks);
    assert_int_equal(4, f.port.sends); /* SUBSCRIBE at 0, 500, 1500 and 3500 ms */
    assert_int_equal(1, f.port.cancels);
    assert_int_equal(0, f.port.sleeps); /* datagrams may come: it waits for the network */
    assert_in_range(f.port.now, 5000, 5100);
    assert_string_equal("no DHCP data", source(&f, 0)->reason);
    free(f.memory);
}

static void
tells_an_event_loop_that_something_may_come_earlier(void **state)
{
    struct prov_run_state s = { .ended = true };
    struct fixture f;

    (void)state;
    prepare_lan(&f);
    start(&f);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_true(s.waiting && s.under_way && !s.ended);
    assert_int_equal(500, s.wait_ms);
    free(f.memory);
}

static void
records_that_a_port_without_ask_cannot(void **state)
{
    struct fixture f;

    (void)state;
    prepare_lan(&f);
    f.net.size = offsetof(struct prov_net_ops, ask); /* an older table */
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(PROV_SOURCE_NOT_ASKED, source(&f, i)->outcome);
        assert_string_equal("the port cannot ask the local network", source(&f, i)->reason);
    }
    free(f.memory);
}

static void
goes_on_when_a_question_cannot_be_put(void **state)
{
    static const enum prov_status ends[] = { PROV_E_NOT_FOUND, PROV_E_NETWORK };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(ends); i++) {
        for (int both = 0; both < 2; both++) {
            struct fixture f;

            prepare_lan(&f);
            f.port.ask = ends[i];
            f.port.report_in_fetch = both == 1; /* it reports the end and returns one as well */
            start(&f);
            assert_int_equal(PROV_OK, prov_run_step(&f.run, &(struct prov_run_state){ 0 }));
            assert_int_equal(PROV_SOURCE_NOTHING, source(&f, 0)->outcome);
            assert_int_equal(PROV_SOURCE_NOTHING, source(&f, 1)->outcome);
            assert_int_equal(0, f.port.sends);
            free(f.memory);
        }
    }
}

static void
needs_send_and_cancel_with_ask(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct prov_diag d = { 0 };
        struct fixture f;

        prepare_lan(&f);
        f.net.wait = NULL;
        if (i == 0)
            f.net.send = NULL;
        else
            f.net.cancel = NULL;
        assert_int_equal(PROV_E_ABI, bind_tables(&f, &d));
        assert_true(prov_str_eq(d.subject, prov_str_z(i == 0 ? "net.send" : "net.cancel")));
        free(f.memory);
    }
}

static void
names_the_question_that_broke_its_contract(void **state)
{
    static const struct {
        const char *name, *member;
        size_t offset;
        enum prov_status status;
    } rows[] = {
        { "ask", "net.ask", offsetof(struct port, ask), PROV_E_TIMEOUT },
        { "ask denied", "net.ask", offsetof(struct port, ask), PROV_E_DENIED },
        { "end", "net.ask", offsetof(struct port, asked), PROV_E_STORAGE },
        { "send", "net.send", offsetof(struct port, send), PROV_E_TIMEOUT },
        { "no address", "net.ask", offsetof(struct port, local), PROV_OK },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct prov_run_state s;
        struct fixture f;

        prepare_lan(&f);
        memcpy((char *)&f.port + rows[i].offset, &rows[i].status, sizeof(enum prov_status));
        start(&f);
        PROV_ROW(rows[i].name, prov_run_loop(&f.run) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].name, diag_is(&f, PROV_D_CALLBACK, rows[i].member));
        PROV_ROW(rows[i].name, prov_run_step(&f.run, &s) == PROV_E_CALLBACK); /* it stays */
        PROV_ROW(rows[i].name, prov_run_asked(&f.run, 3, PROV_OK) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].name,
                 prov_run_datagram(&f.run, 3, &f.port.local, "x", 1) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].name, prov_run_trigger(&f.run, NULL) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].name,
                 prov_run_notify(&f.run, NULL, prov_str_z(""), NULL, NULL) == PROV_E_CALLBACK);
        free(f.memory);
    }
}

/* The answer to a request is refused by the network, or by a broken port. */
static void
sends_the_answer_to_a_datagram_at_once(void **state)
{
    static const char request[] =
        "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bKa\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n\r\n";
    const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 127, 0, 0, 9 }, 5060 };
    const size_t len = sizeof(request) - 1;
    struct prov_run_state s;
    struct fixture f;

    (void)state;
    prepare_lan(&f);
    start(&f);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_int_equal(1, f.port.sends);
    const uint32_t id = f.port.asked_id;

    assert_int_equal(PROV_OK, prov_run_datagram(&f.run, id, &from, request, len));
    assert_int_equal(PROV_OK, prov_run_datagram(&f.run, id, &from, request, len));
    assert_int_equal(3, f.port.sends);
    f.port.send = PROV_E_NETWORK; /* UDP loses things */
    assert_int_equal(PROV_OK, prov_run_datagram(&f.run, id, &from, request, len));
    assert_int_equal(PROV_E_STATE, prov_run_datagram(&f.run, id + 1, &from, request, len));
    assert_int_equal(PROV_E_ARG, prov_run_datagram(&f.run, id, NULL, request, len));
    assert_int_equal(PROV_E_ARG, prov_run_datagram(NULL, id, &from, request, len));
    assert_int_equal(PROV_E_ARG, prov_run_asked(NULL, id, PROV_OK));
    assert_int_equal(PROV_E_STATE, prov_run_asked(&f.run, id, PROV_OK));
    f.port.send = PROV_E_STORAGE;
    assert_int_equal(PROV_E_CALLBACK, prov_run_datagram(&f.run, id, &from, request, len));
    assert_true(diag_is(&f, PROV_D_CALLBACK, "net.send"));
    assert_int_equal(PROV_E_CALLBACK, prov_run_step(&f.run, &s));
    free(f.memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_waits_through_the_window_and_goes_on),
        cmocka_unit_test(tells_an_event_loop_that_something_may_come_earlier),
        cmocka_unit_test(records_that_a_port_without_ask_cannot),
        cmocka_unit_test(goes_on_when_a_question_cannot_be_put),
        cmocka_unit_test(needs_send_and_cancel_with_ask),
        cmocka_unit_test(names_the_question_that_broke_its_contract),
        cmocka_unit_test(sends_the_answer_to_a_datagram_at_once),
    };
    return cmocka_run_group_tests_name("run ask", tests, NULL, NULL);
}
