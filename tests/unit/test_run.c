/* SPDX-License-Identifier: MIT */
#include <prov/run.h>

#include "support/prov_cmocka.h"

#define SETTINGS "<configuration><telephony><a>1</a></telephony></configuration>"
#define PATCH "<configuration><telephony><a>2</a></telephony></configuration>"

static const struct prov_source_rule sources[] = { { PROV_SOURCE_MANUAL, 1, true, false } };
static const struct prov_dialect dialect = {
    .size = sizeof(dialect),
    .name = PROV_STR_INIT("test"),
    .sources = sources,
    .source_count = 1,
    .file_types = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_REFERENCE),
    .settings_root = PROV_STR_INIT("configuration"),
    .settings_empty = PROV_STR_INIT("<configuration/>"),
    .reference_element = PROV_STR_INIT("url"),
};
static const struct prov_identity identity = { .size = sizeof(identity) };

/* A port whose every answer can be set, and which tries what it must not do. */
struct port {
    enum prov_status fetch, wait, load, begin, put, commit;
    enum prov_status result; /* of the fetch, as reported */
    const char *body;
    bool report_in_fetch, report_in_wait;
    bool reenter; /* every callback calls back where that is not allowed */
    uint32_t id;
    unsigned fetches, waits, loads, begins, puts, commits, rollbacks, sleeps, reentered;
    uint64_t now;
    uint32_t longest_sleep;
    struct prov_run *run;
};

static void
try_reentry(struct port *p)
{
    struct prov_run_state s = { .waiting = true, .wait_ms = 77 };

    if (!p->reenter)
        return;
    p->reentered++;
    assert_int_equal(PROV_E_STATE, prov_run_step(p->run, &s));
    assert_int_equal(77, s.wait_ms); /* as it was */
    assert_int_equal(PROV_E_STATE, prov_run_loop(p->run));
}

static void
report(struct port *p)
{
    const struct prov_fetch_result r = { .size = sizeof(r),
                                         .status = p->result,
                                         .http_status = p->result == PROV_OK ? 200 : 0 };
    const char *body = p->body != NULL ? p->body : PATCH;
    const uint32_t id = p->id;

    if (id == 0)
        return;
    p->id = 0;
    (void)!prov_run_body(p->run, id, body, strlen(body));
    (void)!prov_run_done(p->run, id, &r);
}

static enum prov_status
port_fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    struct port *p = ctx;

    (void)req;
    p->fetches++;
    p->run = run;
    p->id = id;
    try_reentry(p);
    if (p->report_in_fetch)
        report(p);
    return p->fetch;
}

static void
port_cancel(void *ctx, uint32_t id)
{
    (void)ctx;
    (void)id;
}

static enum prov_status
port_wait(void *ctx, uint32_t max_ms, struct prov_run *run)
{
    struct port *p = ctx;

    (void)run;
    assert_true(max_ms > 0);
    p->waits++;
    p->now += 10;
    try_reentry(p);
    if (p->report_in_wait)
        report(p);
    return p->wait;
}

static enum prov_status
port_load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    struct port *p = ctx;

    p->loads++;
    p->run = run;
    try_reentry(p);
    if (p->load != PROV_OK)
        return p->load;
    if (item == PROV_ITEM_STATE)
        return PROV_E_NOT_FOUND;
    assert_int_equal(PROV_OK, prov_run_body(run, id, SETTINGS, strlen(SETTINGS)));
    return PROV_OK;
}

static enum prov_status
port_begin(void *ctx)
{
    struct port *p = ctx;

    p->begins++;
    try_reentry(p);
    return p->begin;
}

static enum prov_status
port_put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    struct port *p = ctx;

    (void)item;
    assert_non_null(bytes);
    assert_true(len > 0);
    p->puts++;
    try_reentry(p);
    return p->put;
}

static enum prov_status
port_commit(void *ctx)
{
    struct port *p = ctx;

    p->commits++;
    try_reentry(p);
    return p->commit;
}

static void
port_rollback(void *ctx)
{
    struct port *p = ctx;

    p->rollbacks++;
    try_reentry(p);
}

static uint64_t
port_now(void *ctx)
{
    return ((struct port *)ctx)->now;
}

static void
port_sleep(void *ctx, uint32_t ms)
{
    struct port *p = ctx;

    p->sleeps++;
    p->longest_sleep = ms > p->longest_sleep ? ms : p->longest_sleep;
    p->now += ms;
    try_reentry(p);
}

static const struct prov_net_ops net_ops = {
    .size = sizeof(net_ops), .fetch = port_fetch, .cancel = port_cancel, .wait = port_wait
};
static const struct prov_store_ops store_ops = {
    .size = sizeof(store_ops),
    .load = port_load,
    .begin = port_begin,
    .put = port_put,
    .commit = port_commit,
    .rollback = port_rollback,
};
static const struct prov_clock_ops clock_ops = { .size = sizeof(clock_ops),
                                                 .monotonic_ms = port_now,
                                                 .sleep = port_sleep };

struct fixture {
    struct prov_net_ops net;
    struct prov_store_ops store;
    struct prov_clock_ops clock;
    struct port port;
    struct prov_session_config config;
    struct prov_session *session;
    void *memory;
    struct prov_run run;
};

static void
prepare(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    f->net = net_ops;
    f->store = store_ops;
    f->clock = clock_ops;
    f->port.report_in_wait = true;
    f->config = (struct prov_session_config){
        .size = sizeof(f->config),
        .dialect = &dialect,
        .identity = &identity,
        .url = PROV_STR_INIT("http://h/p"),
        .attempts = 1,
    };
}

static enum prov_status
bind_tables(struct fixture *f, struct prov_diag *diag)
{
    const struct prov_net net = { &f->net, &f->port };
    const struct prov_store store = { &f->store, &f->port };
    const struct prov_clock clock = { &f->clock, &f->port };
    size_t bytes;

    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bytes));
    f->memory = malloc(bytes);
    assert_non_null(f->memory);
    assert_int_equal(PROV_OK, prov_session_init(&f->session, f->memory, bytes, &f->config, NULL));
    return prov_run_init(&f->run, f->session, &net, &store, &clock, diag);
}

static void
start(struct fixture *f)
{
    assert_int_equal(PROV_OK, bind_tables(f, NULL));
}

static bool
diag_is(const struct fixture *f, enum prov_diag_code code, const char *subject)
{
    const struct prov_diag *d = prov_run_diag(&f->run);

    return d->code == code && prov_str_eq(d->subject, prov_str_z(subject));
}

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
    assert_int_equal(2, f.port.loads);
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
