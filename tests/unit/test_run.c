/* SPDX-License-Identifier: MIT */
#include "run_fixture.h"

/* ---- Binding ---- */

static void
names_the_member_that_is_missing(void **state)
{
    static const struct {
        const char *name;
        size_t table; /* 0 net, 1 store, 2 clock */
        size_t offset;
    } rows[] = {
        { "net.fetch", 0, offsetof(struct prov_net_ops, fetch) },
        { "net.cancel", 0, offsetof(struct prov_net_ops, cancel) },
        { "store.load", 1, offsetof(struct prov_store_ops, load) },
        { "store.begin", 1, offsetof(struct prov_store_ops, begin) },
        { "store.put", 1, offsetof(struct prov_store_ops, put) },
        { "store.commit", 1, offsetof(struct prov_store_ops, commit) },
        { "store.rollback", 1, offsetof(struct prov_store_ops, rollback) },
        { "clock.monotonic_ms", 2, offsetof(struct prov_clock_ops, monotonic_ms) },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct fixture f;
        struct prov_diag d = { 0 };
        void *tables[3];

        prepare(&f);
        tables[0] = &f.net;
        tables[1] = &f.store;
        tables[2] = &f.clock;
        memset((char *)tables[rows[i].table] + rows[i].offset, 0, sizeof(void (*)(void)));
        PROV_ROW(rows[i].name, bind_tables(&f, &d) == PROV_E_ABI);
        PROV_ROW(rows[i].name, d.code == PROV_D_ABI);
        PROV_ROW(rows[i].name, prov_str_eq(d.subject, prov_str_z(rows[i].name)));
        PROV_ROW(rows[i].name, f.run.session == NULL); /* as it was */
        free(f.memory);
    }
}

static void
refuses_a_table_that_does_not_fit(void **state)
{
    static const char *const names[] = { "net.size", "store.size", "clock.size" };
    struct {
        struct prov_net_ops known;
        void *later;
    } newer = { net_ops, &newer };
    struct fixture f;
    struct prov_diag d = { 0 };

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        prepare(&f);
        f.net.size = i == 0 ? 0 : f.net.size;
        f.store.size = i == 1 ? 3 : f.store.size;
        f.clock.size = i == 2 ? SIZE_MAX : f.clock.size;
        assert_int_equal(PROV_E_ABI, bind_tables(&f, &d));
        assert_true(prov_str_eq(d.subject, prov_str_z(names[i])));
        free(f.memory);
    }

    /* A newer table is fine as long as what is not known here is not used. */
    prepare(&f);
    start(&f);
    const struct prov_net net = { &newer.known, NULL };
    const struct prov_store store = { &f.store, NULL };
    const struct prov_clock clock = { &f.clock, NULL };

    newer.known.size = sizeof(newer);
    assert_int_equal(PROV_E_ABI, prov_run_init(&f.run, f.session, &net, &store, &clock, NULL));
    newer.later = NULL;
    assert_int_equal(PROV_OK, prov_run_init(&f.run, f.session, &net, &store, &clock, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_init(NULL, f.session, &net, &store, &clock, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_init(&f.run, NULL, &net, &store, &clock, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_init(&f.run, f.session, NULL, &store, &clock, &d));
    assert_int_equal(PROV_D_BAD_ARGUMENT, d.code);

    const struct prov_net no_net = { NULL, NULL };
    const struct prov_store no_store = { NULL, NULL };
    const struct prov_clock no_clock = { NULL, NULL };

    assert_int_equal(PROV_E_ARG, prov_run_init(&f.run, f.session, &no_net, &store, &clock, &d));
    assert_int_equal(PROV_E_ARG, prov_run_init(&f.run, f.session, &net, &no_store, &clock, &d));
    assert_int_equal(PROV_E_ARG, prov_run_init(&f.run, f.session, &net, &store, &no_clock, &d));
    free(f.memory);
}

/* A table of an older header ends before members that are optional. */
static void
takes_an_older_shorter_table(void **state)
{
    struct fixture f;

    (void)state;
    prepare(&f);
    f.net.size = offsetof(struct prov_net_ops, cancel);
    f.port.report_in_fetch = true;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    assert_int_equal(0, f.port.waits);
    free(f.memory);
}

/* ---- Running ---- */

static void
runs_an_event_port_to_its_end(void **state)
{
    struct fixture f;

    (void)state;
    prepare(&f);
    f.port.reenter = true;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    assert_int_equal(3, f.port.loads);
    assert_int_equal(1, f.port.fetches);
    assert_int_equal(1, f.port.waits);
    assert_int_equal(1, f.port.begins);
    assert_true(f.port.puts >= 2);
    assert_int_equal(1, f.port.commits);
    assert_int_equal(0, f.port.rollbacks);
    assert_true(f.port.reentered >= 7); /* refused every time, and it did no harm */
    assert_int_equal(PROV_D_NONE, prov_run_diag(&f.run)->code);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run)); /* ended is ended */
    free(f.memory);
}

/* An event loop of the vendor's own: step, feed, step. */
static void
steps_without_waiting(void **state)
{
    struct prov_run_state s = { .ended = true };
    struct fixture f;

    (void)state;
    prepare(&f);
    start(&f);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_false(s.ended);
    assert_false(s.waiting);
    assert_int_equal(0, f.port.waits);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_int_equal(1, f.port.fetches);
    report(&f.port);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_true(s.ended);
    assert_int_equal(PROV_E_ARG, prov_run_step(&f.run, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_step(NULL, &s));
    assert_int_equal(PROV_E_ARG, prov_run_loop(NULL));
    assert_int_equal(PROV_E_ARG, prov_run_body(NULL, 1, "", 0));
    assert_int_equal(PROV_E_ARG, prov_run_done(NULL, 1, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_done(&f.run, 1, NULL));
    assert_int_equal(PROV_E_STATE, prov_run_body(&f.run, 1, "x", 1));
    assert_int_equal(PROV_D_NONE, prov_run_diag(NULL)->code);
    free(f.memory);
}

static void
tells_how_long_to_wait_and_sleeps_in_slices(void **state)
{
    static const struct prov_delay delay = { 200, 0 };
    struct prov_run_state s;
    struct fixture f;

    (void)state;
    prepare(&f);
    f.port.fetch = PROV_E_NETWORK; /* could not be begun: that fetch has failed, no more */
    f.config.attempts = 2;
    f.config.delays = &delay;
    f.config.delay_count = 1;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_true(s.waiting);
    assert_false(s.ended);
    assert_int_equal(200000, s.wait_ms);
    f.port.now += 50;
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_int_equal(199950, s.wait_ms);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(2, f.port.fetches);
    assert_int_equal(4, f.port.sleeps);
    assert_int_equal(60000, f.port.longest_sleep);
    assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.session)->outcome);
    assert_int_equal(PROV_E_NETWORK, prov_session_record(f.session)->status);
    free(f.memory);
}

static void
reports_a_failing_store_after_rolling_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct fixture f;

        prepare(&f);
        f.port.begin = i == 0 ? PROV_E_STORAGE : PROV_OK;
        f.port.put = i == 1 ? PROV_E_STORAGE : PROV_OK;
        f.port.commit = i == 2 ? PROV_E_STORAGE : PROV_OK;
        start(&f);
        assert_int_equal(PROV_OK, prov_run_loop(&f.run));
        assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.session)->outcome);
        assert_int_equal(PROV_E_STORAGE, prov_session_record(f.session)->status);
        assert_int_equal(1, f.port.rollbacks);
        assert_int_equal(i >= 1, f.port.puts > 0);
        assert_int_equal(i >= 2, f.port.commits);
        free(f.memory);
    }
}

/* ---- Broken contracts ---- */

static void
names_the_callback_that_broke_its_contract(void **state)
{
    static const struct {
        const char *member;
        size_t offset;
        enum prov_status status;
    } rows[] = {
        { "net.fetch", offsetof(struct port, fetch), PROV_E_TIMEOUT },
        { "net.wait", offsetof(struct port, wait), PROV_E_TIMEOUT },
        { "store.load", offsetof(struct port, load), PROV_E_NETWORK },
        { "store.begin", offsetof(struct port, begin), PROV_E_NOT_FOUND },
        { "store.put", offsetof(struct port, put), PROV_E_SPACE },
        { "store.commit", offsetof(struct port, commit), (enum prov_status)1 },
        { "net.fetch", offsetof(struct port, result), PROV_E_STORAGE },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct prov_run_state s;
        struct fixture f;

        prepare(&f);
        memcpy((char *)&f.port + rows[i].offset, &rows[i].status, sizeof(enum prov_status));
        start(&f);
        PROV_ROW(rows[i].member, prov_run_loop(&f.run) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].member, diag_is(&f, PROV_D_CALLBACK, rows[i].member));
        PROV_ROW(rows[i].member, prov_run_diag(&f.run)->status == PROV_E_CALLBACK);
        /* it stays */
        PROV_ROW(rows[i].member, prov_run_loop(&f.run) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].member, prov_run_step(&f.run, &s) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].member, prov_run_body(&f.run, 3, "", 0) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].member, prov_run_done(&f.run, 3, NULL) == PROV_E_CALLBACK);
        PROV_ROW(rows[i].member, f.port.begins == f.port.rollbacks);
        free(f.memory);
    }
}

static void
ends_when_the_network_cannot_wait(void **state)
{
    struct fixture f;

    (void)state;
    prepare(&f);
    f.port.wait = PROV_E_NETWORK;
    f.port.report_in_wait = false;
    start(&f);
    assert_int_equal(PROV_E_NETWORK, prov_run_loop(&f.run));
    assert_true(diag_is(&f, PROV_D_NET_FAILED, "net.wait"));
    assert_int_equal(PROV_E_NETWORK, prov_run_loop(&f.run));
    free(f.memory);
}

static void
notices_a_blocking_port_that_never_ends_a_fetch(void **state)
{
    struct fixture f;

    (void)state;
    prepare(&f);
    f.net.wait = NULL;
    f.net.cancel = NULL;
    start(&f);
    assert_int_equal(PROV_E_CALLBACK, prov_run_loop(&f.run));
    assert_true(diag_is(&f, PROV_D_CALLBACK, "net.fetch"));
    free(f.memory);
}

/* It reports the end, and then says that the fetch was not begun: the end counts. */
static void
takes_the_end_that_was_reported_first(void **state)
{
    struct fixture f;

    (void)state;
    prepare(&f);
    f.port.fetch = PROV_E_NETWORK;
    f.port.report_in_fetch = true;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    free(f.memory);
}

static void
needs_a_sleep_for_the_loop_only(void **state)
{
    struct prov_run_state s;
    struct fixture f;

    (void)state;
    prepare(&f);
    f.clock.sleep = NULL;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_step(&f.run, &s));
    assert_int_equal(PROV_E_ABI, prov_run_loop(&f.run));
    assert_true(diag_is(&f, PROV_D_ABI, "clock.sleep"));
    free(f.memory);
}

/* What ends the session for good ends the run; the diagnostic says why. */
static void
passes_the_session_s_own_end_on(void **state)
{
    struct fixture f;
    struct prov_limits l = { .size = sizeof(l), .pool_nodes = 1u << 20 };
    struct prov_run_state s;
    size_t bytes;
    void *mem;

    (void)state;
    prepare(&f);
    start(&f);
    f.config.limits = &l;
    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bytes));
    mem = malloc(bytes); /* enough for other limits */
    assert_non_null(mem);
    assert_int_equal(PROV_OK, prov_session_init(&f.run.session, mem, bytes, &f.config, NULL));
    assert_int_equal(PROV_E_SPACE, prov_run_step(&f.run, &s));
    assert_true(diag_is(&f, PROV_D_NO_ARENA_SPACE, ""));
    assert_true(prov_run_diag(&f.run)->need > bytes);
    assert_int_equal(PROV_E_SPACE, prov_run_loop(&f.run));
    free(mem);
    free(f.memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_member_that_is_missing),
        cmocka_unit_test(refuses_a_table_that_does_not_fit),
        cmocka_unit_test(takes_an_older_shorter_table),
        cmocka_unit_test(runs_an_event_port_to_its_end),
        cmocka_unit_test(steps_without_waiting),
        cmocka_unit_test(tells_how_long_to_wait_and_sleeps_in_slices),
        cmocka_unit_test(reports_a_failing_store_after_rolling_back),
        cmocka_unit_test(names_the_callback_that_broke_its_contract),
        cmocka_unit_test(ends_when_the_network_cannot_wait),
        cmocka_unit_test(notices_a_blocking_port_that_never_ends_a_fetch),
        cmocka_unit_test(takes_the_end_that_was_reported_first),
        cmocka_unit_test(needs_a_sleep_for_the_loop_only),
        cmocka_unit_test(passes_the_session_s_own_end_on),
    };
    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
