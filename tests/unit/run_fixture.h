/* SPDX-License-Identifier: MIT */
#ifndef UNIT_RUN_FIXTURE_H
#define UNIT_RUN_FIXTURE_H

/* A run over tables whose every answer can be set. */

#include <prov/run.h>

#include "support/prov_cmocka.h"

#define SETTINGS "<configuration><telephony><a>1</a></telephony></configuration>"
#define PATCH "<configuration><telephony><a>2</a></telephony></configuration>"

static const struct prov_source_rule sources[] = {
    { .kind = PROV_SOURCE_MANUAL, .step = 1, .modes = PROV_MODE_ALL, .proceed_on_nothing = true }
};
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
    enum prov_status fetch, wait, load, begin, put, commit, restore, ask, send;
    enum prov_status asked; /* the end of a DHCP question, as reported */
    struct prov_endpoint local;
    uint32_t asked_id; /* of the last question */
    unsigned asks, sends, cancels;
    enum prov_status result; /* of the fetch, as reported */
    const char *body;
    bool report_in_fetch, report_in_wait;
    bool reenter; /* every callback calls back where that is not allowed */
    uint32_t id;
    unsigned fetches, waits, loads, begins, puts, commits, restores, rollbacks, sleeps, reentered;
    bool keeps_state; /* what was put is loaded again */
    char state[1024];
    size_t state_len;
    bool registers; /* the phone does, as soon as something is on trial */
    uint64_t now;
    uint32_t longest_sleep;
    struct prov_run *run;
};

static inline void
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

static inline void
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

static inline enum prov_status
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

static inline void
port_cancel(void *ctx, uint32_t id)
{
    struct port *p = ctx;

    (void)id;
    p->cancels++;
}

static inline enum prov_status
port_ask(void *ctx, uint32_t id, const struct prov_ask *ask, struct prov_endpoint *local,
         struct prov_run *run)
{
    struct port *p = ctx;

    p->asks++;
    p->run = run;
    p->asked_id = id;
    *local = p->local;
    try_reentry(p);
    if (ask->kind != PROV_ASK_PNP && p->report_in_fetch)
        (void)prov_run_asked(run, id, p->asked);
    return p->ask;
}

static inline enum prov_status
port_send(void *ctx, uint32_t id, const struct prov_endpoint *to, const void *bytes, size_t len)
{
    struct port *p = ctx;

    assert_int_equal(p->asked_id, id);
    assert_true(to->family == PROV_FAMILY_IPV4 && bytes != NULL && len > 0);
    p->sends++;
    try_reentry(p);
    return p->send;
}

static inline enum prov_status
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

static inline enum prov_status
port_load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    struct port *p = ctx;

    p->loads++;
    p->run = run;
    try_reentry(p);
    if (p->load != PROV_OK)
        return p->load;
    if (item == PROV_ITEM_STATE && !p->keeps_state)
        return PROV_E_NOT_FOUND;
    if (item == PROV_ITEM_STATE)
        return prov_run_body(run, id, p->state, p->state_len);
    assert_int_equal(PROV_OK, prov_run_body(run, id, SETTINGS, strlen(SETTINGS)));
    return PROV_OK;
}

static inline enum prov_status
port_begin(void *ctx)
{
    struct port *p = ctx;

    p->begins++;
    try_reentry(p);
    return p->begin;
}

static inline enum prov_status
port_put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    struct port *p = ctx;

    assert_non_null(bytes);
    assert_true(len > 0);
    p->puts++;
    if (item == PROV_ITEM_STATE && len <= sizeof(p->state)) {
        memcpy(p->state, bytes, len);
        p->state_len = len;
    }
    try_reentry(p);
    return p->put;
}

static inline enum prov_status
port_commit(void *ctx)
{
    struct port *p = ctx;

    p->commits++;
    try_reentry(p);
    return p->commit;
}

static inline enum prov_status
port_restore(void *ctx)
{
    struct port *p = ctx;

    p->restores++;
    try_reentry(p);
    return p->restore;
}

static inline void
port_rollback(void *ctx)
{
    struct port *p = ctx;

    p->rollbacks++;
    try_reentry(p);
}

static inline uint64_t
port_now(void *ctx)
{
    return ((struct port *)ctx)->now;
}

static inline void
port_sleep(void *ctx, uint32_t ms)
{
    struct port *p = ctx;

    p->sleeps++;
    p->longest_sleep = ms > p->longest_sleep ? ms : p->longest_sleep;
    p->now += ms;
    if (p->registers)
        (void)prov_run_confirm(p->run);
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
    .restore = port_restore,
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

static inline void
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

static inline enum prov_status
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

static inline void
start(struct fixture *f)
{
    assert_int_equal(PROV_OK, bind_tables(f, NULL));
}

static inline bool
diag_is(const struct fixture *f, enum prov_diag_code code, const char *subject)
{
    const struct prov_diag *d = prov_run_diag(&f->run);

    return d->code == code && prov_str_eq(d->subject, prov_str_z(subject));
}

#endif /* UNIT_RUN_FIXTURE_H */
