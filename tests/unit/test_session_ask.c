/* SPDX-License-Identifier: MIT */

/* Questions to the local network, reported by hand. */

#include "session_fixture.h"

static const struct prov_source_rule lan[] = {
    { .kind = PROV_SOURCE_DHCP_66,
      .step = 1,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 66 } },
    { .kind = PROV_SOURCE_DHCPV6_59,
      .step = 1,
      .modes = PROV_MODE_ALL,
      .proceed_on_nothing = true,
      .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .v6 = true, .option = 59 } },
    { .kind = PROV_SOURCE_PNP, .step = 2, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    { .kind = PROV_SOURCE_MANUAL, .step = 3, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
};
static const struct prov_discover_options options = {
    .size = sizeof(options),
    .sources = lan,
    .source_count = PROV_COUNT(lan),
};
static const struct prov_endpoint local = { PROV_FAMILY_IPV4, { 127, 0, 0, 1 }, 5061 };
static const struct prov_endpoint server = { PROV_FAMILY_IPV4, { 127, 0, 0, 9 }, 5060 };

/* A session whose first two questions are put: the ids of DHCP and DHCPv6. */
static void
open_lan(struct fixture *f, const char *url, uint32_t id[2])
{
    struct prov_session_config c = config_of(url);

    c.discover = &options;
    open_with(f, &c);
    load(f, SETTINGS);
    for (size_t i = 0; i < 2; i++) {
        next_is(f, PROV_DO_ASK);
        assert_int_equal(i == 0 ? PROV_ASK_DHCP4 : PROV_ASK_DHCP6, f->a.ask.kind);
        assert_int_equal(sizeof(struct prov_ask), f->a.ask.size);
        assert_int_equal(1, f->a.ask.param_count);
        assert_int_equal(i == 0 ? 66 : 59, f->a.ask.params[0]);
        assert_int_equal(4000, f->a.ask.whole_ms);
        id[i] = f->a.id;
    }
    assert_true(id[1] > id[0]);
}

/* One whose PnP exchange is asked for. */
static uint32_t
up_to_pnp(struct fixture *f, const char *url)
{
    uint32_t id[2];

    open_lan(f, url, id);
    assert_int_equal(PROV_OK, prov_session_asked(f->s, id[0], f->now, PROV_E_NOT_FOUND));
    assert_int_equal(PROV_OK, prov_session_asked(f->s, id[1], f->now, PROV_OK));
    next_is(f, PROV_DO_ASK);
    assert_int_equal(PROV_ASK_PNP, f->a.ask.kind);
    assert_int_equal(5000, f->a.ask.whole_ms);
    assert_int_equal(5060, f->a.ask.group.port);
    assert_int_equal(75, f->a.ask.group.addr[3]);
    return f->a.id;
}

static const struct prov_source_record *
source(const struct fixture *f, size_t i)
{
    return &prov_session_record(f->s)->sources[i];
}

/* ---- Both kinds of DHCP at a time ---- */

static void
waits_for_both_and_takes_the_first_address(void **state)
{
    static const char bytes[] = "\x00\x3B\x00\x0Dhttp://six/p6";
    struct fixture f;
    uint32_t id[2];

    (void)state;
    open_lan(&f, "", id);
    next_is(&f, PROV_DO_WAIT);
    assert_true(f.a.under_way);
    assert_int_equal(f.now + 4000, f.a.until_ms);
    f.now += 10;
    next_is(&f, PROV_DO_WAIT);
    assert_int_equal(f.now + 3990, f.a.until_ms);
    assert_int_equal(PROV_OK, prov_session_body(f.s, id[1], NULL, 0));
    assert_int_equal(PROV_OK, prov_session_body(f.s, id[1], bytes, 5));
    assert_int_equal(PROV_OK, prov_session_body(f.s, id[1], bytes + 5, sizeof(bytes) - 6));
    assert_int_equal(PROV_OK, prov_session_asked(f.s, id[1], f.now, PROV_OK));
    assert_int_equal(PROV_E_STATE, prov_session_asked(f.s, id[1], f.now, PROV_OK)); /* once */
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id[0], f.a.id);
    next_is(&f, PROV_DO_FETCH);
    assert_true(prov_str_eq(f.a.fetch.url, prov_str_z("http://six/p6")));
    assert_true(source(&f, 1)->won);
    /* the loser's reports come too late */
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, id[0], bytes, 5));
    assert_int_equal(PROV_E_STATE, prov_session_asked(f.s, id[0], f.now, PROV_OK));
    assert_false(source(&f, 0)->won);
    close_it(&f);
}

static void
gives_up_what_does_not_answer(void **state)
{
    struct fixture f;
    uint32_t id[2];

    (void)state;
    open_lan(&f, "http://h/p", id);
    f.now += 3999;
    next_is(&f, PROV_DO_WAIT);
    assert_int_equal(f.now + 1, f.a.until_ms);
    f.now += 1;
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id[0], f.a.id);
    assert_int_equal(PROV_E_STATE,
                     prov_session_body(f.s, id[1], "x", 1)); /* its time is over too */
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id[1], f.a.id);
    next_is(&f, PROV_DO_ASK);
    assert_true(f.a.id > id[1]);
    assert_string_equal("no answer", source(&f, 0)->reason);
    assert_string_equal("no answer", source(&f, 1)->reason);
    close_it(&f);
}

static void
takes_no_more_dhcp_than_there_is_room(void **state)
{
    static const char bytes[2048] = { 0 };
    struct fixture f;
    uint32_t id[2];

    (void)state;
    open_lan(&f, "", id);
    assert_int_equal(PROV_OK, prov_session_body(f.s, id[0], bytes, sizeof(bytes)));
    assert_int_equal(PROV_E_LIMIT, prov_session_body(f.s, id[0], bytes, 1));
    assert_int_equal(PROV_E_LIMIT, prov_session_body(f.s, id[0], bytes, 1));
    assert_int_equal(PROV_OK, prov_session_body(f.s, id[1], bytes, 1)); /* the other has its own */
    assert_int_equal(PROV_OK, prov_session_asked(f.s, id[0], f.now, PROV_OK));
    assert_int_equal(PROV_SOURCE_REFUSED, source(&f, 0)->outcome);
    close_it(&f);
}

/* A port that blocks answers the first question before the second is put: it never is. */
static void
does_not_put_a_question_that_has_lost(void **state)
{
    static const char bytes[] = "\x42\x0Ahttp://h/p";
    struct prov_session_config c = config_of("");
    struct fixture f;

    (void)state;
    c.discover = &options;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_ASK);
    assert_int_equal(PROV_OK, prov_session_body(f.s, f.a.id, bytes, sizeof(bytes) - 1));
    assert_int_equal(PROV_OK, prov_session_asked(f.s, f.a.id, f.now, PROV_OK));
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_SOURCE_NOT_ASKED, source(&f, 2)->outcome);
    next_is(&f, PROV_DO_NOTHING);
    close_it(&f);
}

/* ---- PnP ---- */

static void
opens_sends_and_ends_an_exchange(void **state)
{
    static const uint32_t times[] = { 0, 500, 1500, 3500 };
    struct fixture f;
    uint64_t began;
    uint32_t id;

    (void)state;
    id = up_to_pnp(&f, "");
    next_is(&f, PROV_DO_WAIT); /* for the socket */
    assert_int_equal(PROV_E_STATE, prov_session_datagram(f.s, id, f.now, &server, "x", 1));
    assert_int_equal(PROV_E_STATE, prov_session_opened(f.s, id + 1, f.now, PROV_OK, &local));
    assert_int_equal(PROV_OK, prov_session_opened(f.s, id, f.now, PROV_OK, &local));
    assert_int_equal(PROV_E_STATE, prov_session_opened(f.s, id, f.now, PROV_OK, &local));
    began = f.now;
    for (size_t i = 0; i < PROV_COUNT(times); i++) {
        f.now = began + times[i];
        next_is(&f, PROV_DO_SEND);
        assert_int_equal(id, f.a.id);
        assert_int_equal(224, f.a.to.addr[0]);
        assert_true(f.a.datagram.len > 100 && f.a.datagram.len < 1024);
        assert_memory_equal("SUBSCRIBE sip:MAC%3A0080F0C571EB@", f.a.datagram.ptr, 33);
        next_is(&f, PROV_DO_WAIT);
        assert_true(f.a.under_way);
        assert_int_equal(began + (i < 3 ? times[i + 1] : 5000), f.a.until_ms);
    }
    f.now = began + 5000;
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id, f.a.id);
    assert_int_equal(PROV_E_STATE, prov_session_datagram(f.s, id, f.now, &server, "x", 1));
    assert_int_equal(PROV_E_STATE, prov_session_opened(f.s, id, f.now, PROV_OK, &local));
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_NOTHING, prov_session_record(f.s)->outcome);
    close_it(&f);
}

/* Two requests between two calls of prov_session_next(): both are answered. */
static void
answers_datagrams_at_once_for_who_wants_it(void **state)
{
    static const char options_text[] =
        "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bKa\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n\r\n";
    const size_t len = sizeof(options_text) - 1;
    struct prov_endpoint to;
    struct prov_str bytes;
    struct fixture f;
    uint32_t id;

    (void)state;
    id = up_to_pnp(&f, "");
    assert_int_equal(PROV_OK, prov_session_opened(f.s, id, f.now, PROV_OK, &local));
    next_is(&f, PROV_DO_SEND);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(PROV_OK,
                         prov_session_datagram(f.s, id, f.now, &server, options_text, len));
        assert_true(prov_session_reply(f.s, id, f.now, &to, &bytes));
        assert_int_equal(9, to.addr[3]);
        assert_memory_equal("SIP/2.0 405", bytes.ptr, 11);
        assert_false(prov_session_reply(f.s, id, f.now, &to, &bytes));
    }
    next_is(&f, PROV_DO_WAIT); /* nothing is sent twice */
    assert_int_equal(PROV_OK, prov_session_datagram(f.s, id, f.now, &server, options_text, len));
    next_is(&f, PROV_DO_SEND); /* the other way */
    next_is(&f, PROV_DO_WAIT);
    assert_int_equal(PROV_OK, prov_session_datagram(f.s, id, f.now, &server, NULL, 0));
    assert_false(prov_session_reply(f.s, id, f.now, &to, &bytes));
    assert_false(prov_session_reply(f.s, id + 1, f.now, &to, &bytes));
    assert_false(prov_session_reply(NULL, id, f.now, &to, &bytes));
    assert_false(prov_session_reply(f.s, id, f.now, NULL, &bytes));
    assert_false(prov_session_reply(f.s, id, f.now, &to, NULL));
    close_it(&f);
}

static void
gives_up_a_socket_that_is_never_reported(void **state)
{
    struct fixture f;
    uint32_t id;

    (void)state;
    id = up_to_pnp(&f, "");
    f.now += 5000;
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id, f.a.id);
    next_is(&f, PROV_DO_STOP);
    assert_string_equal("no answer", source(&f, 2)->reason);
    close_it(&f);
}

/* The redirection service wins before the socket is open. */
static void
cancels_a_socket_that_was_never_open(void **state)
{
    static const struct prov_source_rule both[] = {
        { .kind = PROV_SOURCE_PNP, .step = 1, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
        { .kind = PROV_SOURCE_REDIRECT, .step = 1, .modes = PROV_MODE_ALL },
    };
    const struct prov_discover_options o = { .size = sizeof(o),
                                             .sources = both,
                                             .source_count = 2,
                                             .redirect_url = PROV_STR_INIT("http://svc/") };
    struct prov_session_config c = config_of("");
    struct fixture f;

    (void)state;
    c.discover = &o;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_ASK);
    const uint32_t id = f.a.id;

    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(&f, f.a.id, "http://h/p", 200));
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id, f.a.id);
    assert_int_equal(PROV_E_STATE, prov_session_opened(f.s, id, f.now, PROV_OK, &local));
    next_is(&f, PROV_DO_FETCH);
    assert_true(prov_str_eq(f.a.fetch.url, prov_str_z("http://h/p")));
    close_it(&f);
}

static void
cannot_subscribe_without_a_mac_address(void **state)
{
    static const struct prov_source_rule pnp[] = {
        { .kind = PROV_SOURCE_PNP, .step = 1, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    };
    const struct prov_identity nobody = { .size = sizeof(nobody) };
    struct prov_session_config c = config_of("");
    struct prov_dialect d = dialect;
    struct fixture f;

    (void)state;
    d.marker_count = 0;
    d.sources = pnp;
    c.dialect = &d;
    c.identity = &nobody;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_ASK);
    assert_int_equal(PROV_OK, prov_session_opened(f.s, f.a.id, f.now, PROV_OK, &local));
    next_is(&f, PROV_DO_CANCEL);
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_REFUSED, prov_session_record(f.s)->outcome);
    assert_int_equal(PROV_D_IDENTITY, prov_session_record(f.s)->diags->items[0].code);
    close_it(&f);
}

/* ---- Mistakes ---- */

static void
stays_at_a_status_that_a_question_cannot_have(void **state)
{
    static const enum prov_status wrong[] = { PROV_E_STORAGE, PROV_E_SPACE, PROV_E_CANCELLED,
                                              (enum prov_status)0x77 };
    struct fixture f;
    uint32_t id[2];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(wrong); i++) {
        open_lan(&f, "", id);
        assert_int_equal(PROV_E_CALLBACK, prov_session_asked(f.s, id[0], f.now, wrong[i]));
        assert_int_equal(PROV_E_CALLBACK, prov_session_asked(f.s, id[1], f.now, PROV_OK));
        assert_int_equal(PROV_E_CALLBACK, prov_session_body(f.s, id[1], "x", 1));
        assert_int_equal(PROV_E_CALLBACK, prov_session_next(f.s, f.now, &f.a));
        const struct prov_trigger_event e = { .size = sizeof(e) };
        struct prov_buf none = { NULL, 0, 0 };

        assert_int_equal(PROV_E_CALLBACK, prov_session_trigger(f.s, f.now, &e));
        assert_int_equal(PROV_E_CALLBACK,
                         prov_session_notify(f.s, f.now, &server, prov_str_z(""), &none, NULL));
        close_it(&f);
        id[0] = up_to_pnp(&f, "");
        assert_int_equal(PROV_E_CALLBACK, prov_session_opened(f.s, id[0], f.now, wrong[i], &local));
        assert_int_equal(PROV_E_CALLBACK, prov_session_opened(f.s, id[0], f.now, PROV_OK, &local));
        assert_int_equal(PROV_E_CALLBACK,
                         prov_session_datagram(f.s, id[0], f.now, &server, "x", 1));
        close_it(&f);
    }
}

static void
needs_the_address_of_the_socket(void **state)
{
    const struct prov_endpoint none = { .family = PROV_FAMILY_NONE };
    const struct prov_endpoint no_port = { PROV_FAMILY_IPV4, { 127, 0, 0, 1 }, 0 };
    const struct prov_endpoint *const wrong[] = { &none, &no_port };
    struct fixture f;
    uint32_t id;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(wrong); i++) {
        id = up_to_pnp(&f, "");
        assert_int_equal(PROV_E_ARG, prov_session_opened(f.s, id, f.now, PROV_OK, NULL));
        assert_int_equal(PROV_E_CALLBACK, prov_session_opened(f.s, id, f.now, PROV_OK, wrong[i]));
        close_it(&f);
    }
}

static void
takes_no_bad_arguments(void **state)
{
    const struct prov_wall_time odd = { (enum prov_clock_state)9, 0 };
    struct fixture f;
    uint32_t id;

    (void)state;
    id = up_to_pnp(&f, "");
    assert_int_equal(PROV_E_ARG, prov_session_asked(NULL, id, 0, PROV_OK));
    assert_int_equal(PROV_E_ARG, prov_session_opened(NULL, id, 0, PROV_OK, &local));
    assert_int_equal(PROV_E_ARG, prov_session_datagram(NULL, id, 0, &server, "x", 1));
    assert_int_equal(PROV_E_ARG, prov_session_datagram(f.s, id, 0, NULL, "x", 1));
    assert_int_equal(PROV_E_ARG, prov_session_datagram(f.s, id, 0, &server, NULL, 1));
    assert_int_equal(PROV_E_STATE, prov_session_asked(f.s, id, 0, PROV_OK)); /* it is no DHCP */
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, id, "x", 1));
    prov_session_clock(NULL, &odd);
    prov_session_clock(f.s, NULL);
    prov_session_clock(f.s, &odd);
    close_it(&f);
}

static void
refuses_a_configuration_that_makes_no_sense(void **state)
{
    static const struct prov_source_rule back[] = {
        { .kind = PROV_SOURCE_PNP, .step = 2, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_MANUAL, .step = 1, .modes = PROV_MODE_ALL },
    };
    struct prov_discover_options o[4] = { options, options, options, options };
    struct prov_session_config c[7];
    static char memory[8000000];
    struct prov_session *s;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(c); i++)
        c[i] = config_of("");
    for (size_t i = 0; i < PROV_COUNT(o); i++)
        c[i].discover = &o[i];
    o[0].sources = back;
    o[0].source_count = 2;
    o[1].source_count = 33;
    o[2].mode = (enum prov_mode)3;
    o[3].size = 2;
    c[4].trigger = (enum prov_trigger)4;
    c[5].notify = (enum prov_choice)3;
    c[6].notify_from_count = 1;
    for (size_t i = 0; i < PROV_COUNT(c); i++) {
        struct prov_diag d = { .status = PROV_OK };

        assert_int_equal(i == 3 ? PROV_E_ABI : PROV_E_ARG,
                         prov_session_init(&s, memory, sizeof(memory), &c[i], &d));
        assert_int_equal(i == 3 ? PROV_D_ABI : PROV_D_BAD_ARGUMENT, d.code);
    }
}

static void
names_triggers(void **state)
{
    static const char *const names[] = { "manual", "boot", "time", "check-sync", "?" };

    (void)state;
    for (unsigned i = 0; i < PROV_COUNT(names); i++)
        assert_string_equal(names[i], prov_trigger_name((enum prov_trigger)i));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_both_and_takes_the_first_address),
        cmocka_unit_test(gives_up_what_does_not_answer),
        cmocka_unit_test(takes_no_more_dhcp_than_there_is_room),
        cmocka_unit_test(does_not_put_a_question_that_has_lost),
        cmocka_unit_test(opens_sends_and_ends_an_exchange),
        cmocka_unit_test(answers_datagrams_at_once_for_who_wants_it),
        cmocka_unit_test(gives_up_a_socket_that_is_never_reported),
        cmocka_unit_test(cancels_a_socket_that_was_never_open),
        cmocka_unit_test(cannot_subscribe_without_a_mac_address),
        cmocka_unit_test(stays_at_a_status_that_a_question_cannot_have),
        cmocka_unit_test(needs_the_address_of_the_socket),
        cmocka_unit_test(takes_no_bad_arguments),
        cmocka_unit_test(refuses_a_configuration_that_makes_no_sense),
        cmocka_unit_test(names_triggers),
    };
    return cmocka_run_group_tests_name("session ask", tests, NULL, NULL);
}
