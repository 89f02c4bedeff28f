/* SPDX-License-Identifier: MIT */

/* What the driver does for settings on trial (STO-2). */

#include "run_fixture.h"

static void
prepare_trial(struct fixture *f)
{
    prepare(f);
    f->config.confirm_ms = 100000;
    f->port.keeps_state = true;
    strcpy(f->port.state, "libprov-state 2\nend\n");
    f->port.state_len = strlen(f->port.state);
}

static void
restores_what_is_not_confirmed(void **state)
{
    struct fixture f;

    (void)state;
    prepare_trial(&f);
    f.port.reenter = true;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_UNDONE, prov_session_record(f.session)->outcome);
    assert_int_equal(1, f.port.commits);
    assert_int_equal(1, f.port.restores);
    assert_int_equal(2, f.port.begins);
    assert_int_equal(0, f.port.rollbacks);
    assert_true(f.port.puts > 2);       /* settings and state, then the state alone */
    assert_int_equal(9, f.port.loads);  /* three items, three times */
    assert_int_equal(2, f.port.sleeps); /* the window, in slices */
    assert_int_equal(60000, f.port.longest_sleep);
    free(f.memory);
}

static void
takes_a_confirmation_inside_a_callback(void **state)
{
    struct fixture f;

    (void)state;
    prepare_trial(&f);
    f.port.registers = true;
    f.port.reenter = true;
    start(&f);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.session)->outcome);
    assert_int_equal(2, f.port.commits);
    assert_int_equal(0, f.port.restores);
    assert_int_equal(1, f.port.sleeps);
    assert_int_equal(PROV_E_STATE, prov_run_confirm(&f.run));
    assert_int_equal(PROV_E_ARG, prov_run_confirm(NULL));
    free(f.memory);
}

static void
needs_restore_only_for_trials(void **state)
{
    (void)state;
    for (int trial = 0; trial < 2; trial++) {
        struct prov_diag d = { .code = PROV_D_NONE };
        struct fixture f;

        prepare_trial(&f);
        f.config.confirm_ms = (uint32_t)trial;
        f.store.size = offsetof(struct prov_store_ops, restore); /* of an older header */
        assert_int_equal(trial == 1 ? PROV_E_ABI : PROV_OK, bind_tables(&f, &d));
        assert_true(prov_str_eq(d.subject, prov_str_z(trial == 1 ? "store.restore" : "")));
        free(f.memory);
    }
}

static void
rolls_back_a_restore_that_failed(void **state)
{
    static const struct {
        const char *name;
        size_t offset;
        enum prov_status status;
        enum prov_status answer;
    } rows[] = {
        { "the store failed", offsetof(struct port, restore), PROV_E_STORAGE, PROV_OK },
        { "nothing to restore", offsetof(struct port, restore), PROV_E_NOT_FOUND, PROV_OK },
        { "no such status", offsetof(struct port, restore), PROV_E_SPACE, PROV_E_CALLBACK },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct fixture f;

        prepare_trial(&f);
        memcpy((char *)&f.port + rows[i].offset, &rows[i].status, sizeof(enum prov_status));
        start(&f);
        PROV_ROW(rows[i].name, prov_run_loop(&f.run) == rows[i].answer);
        PROV_ROW(rows[i].name, f.port.restores == 1 && f.port.rollbacks == 1);
        PROV_ROW(rows[i].name, rows[i].answer == PROV_OK
                                   ? prov_session_record(f.session)->status == rows[i].status
                                   : diag_is(&f, PROV_D_CALLBACK, "store.restore"));
        PROV_ROW(rows[i].name, rows[i].answer == PROV_OK ||
                                   prov_run_confirm(&f.run) == rows[i].answer); /* it stays */
        free(f.memory);
    }
}

/* `Nothing there` is an answer of restore alone. */
static void
holds_a_commit_to_its_own_contract(void **state)
{
    struct fixture f;

    (void)state;
    prepare_trial(&f);
    f.port.commit = PROV_E_NOT_FOUND;
    start(&f);
    assert_int_equal(PROV_E_CALLBACK, prov_run_loop(&f.run));
    assert_true(diag_is(&f, PROV_D_CALLBACK, "store.commit"));
    free(f.memory);
}

static struct prov_watch_event seen;

static void
look(void *ctx, const struct prov_watch_event *e)
{
    (void)ctx;
    if (e->kind == PROV_WATCH_CONFIRM)
        seen = *e;
}

static void
shows_a_confirmation(void **state)
{
    const struct prov_watch watch = { look, NULL };
    struct fixture f;

    (void)state;
    prepare_trial(&f);
    f.port.registers = true;
    start(&f);
    prov_run_watch(&f.run, &watch);
    assert_int_equal(PROV_OK, prov_run_loop(&f.run));
    assert_int_equal(PROV_WATCH_CONFIRM, seen.kind);
    assert_int_equal(PROV_OK, seen.status);
    assert_int_equal(f.port.now, seen.now_ms);
    free(f.memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restores_what_is_not_confirmed),
        cmocka_unit_test(takes_a_confirmation_inside_a_callback),
        cmocka_unit_test(needs_restore_only_for_trials),
        cmocka_unit_test(rolls_back_a_restore_that_failed),
        cmocka_unit_test(holds_a_commit_to_its_own_contract),
        cmocka_unit_test(shows_a_confirmation),
    };
    return cmocka_run_group_tests_name("run_trial", tests, NULL, NULL);
}
