/* SPDX-License-Identifier: MIT */

/* New settings on trial: confirmed, undone, resumed after a restart (STO-2). */

#include "world.h"

#define WINDOW_MS 30000u
#define URL "http://h/p"
#define PATCH(a) "<configuration><telephony><a>" a "</a></telephony></configuration>"
#define AFTER(a) \
    "<configuration>\n" \
    "  <telephony><a>" a "</a><b>2</b></telephony>\n" \
    "  <keys><key id=\"1\">one</key></keys>\n" \
    "</configuration>\n"

static const struct world_reply nine[] = { { .url = URL, .body = PATCH("9") }, { .url = NULL } };
static const struct world_reply eight[] = { { .url = URL, .body = PATCH("8") }, { .url = NULL } };

static struct world *
phone(const struct world_reply *replies)
{
    struct world *w = world_new(URL, replies);

    w->config.confirm_ms = WINDOW_MS;
    return w;
}

/* As soon as something is on trial. */
static void
registers(struct world *w)
{
    if (w->record->on_trial)
        assert_int_equal(PROV_OK, prov_run_confirm(&w->run));
}

/* Step until something is on trial, or the run ends. */
static bool
step_to_trial(struct world *w)
{
    struct prov_run_state s = { .ended = false };

    while (!s.ended && !w->record->on_trial) {
        assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
        if (!s.ended && !w->record->on_trial && !s.waiting)
            assert_int_equal(PROV_OK, w->run.net_ops.wait(w, 1000, &w->run));
    }
    return w->record->on_trial;
}

/* A phone that has stored new settings, and restarts while they are on trial. */
static struct world *
restarted(const struct world_reply *replies)
{
    struct world *w = phone(replies);

    assert_int_equal(PROV_OK, world_open(w));
    assert_true(step_to_trial(w));
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    world_reboot(w);
    return w;
}

static bool
state_says(const struct world *w, const char *key)
{
    const struct world_item *it = &w->items[PROV_ITEM_STATE];
    const size_t n = strlen(key);

    for (size_t i = 0; i + n <= it->len; i++) {
        if (memcmp(it->text + i, key, n) == 0)
            return true;
    }
    return false;
}

static void
keeps_settings_that_are_confirmed(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    w->meanwhile = registers;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_false(w->record->on_trial);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    assert_false(state_says(w, "trial") || state_says(w, "before"));
    assert_int_equal(2, w->commit_count); /* the settings, then that they are confirmed */
    assert_int_equal(0, w->restore_count);
    assert_true(w->now_ms < 1000 + WINDOW_MS + 60000);
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_true(w->record->unchanged_by_digest);
    assert_int_equal(0, w->begin_count);
    world_free(w);
}

static void
undoes_settings_that_are_not_confirmed(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    assert_int_equal(PROV_OK, world_open(w));
    assert_true(step_to_trial(w));
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_int_equal(w->now_ms + WINDOW_MS, w->record->trial_until_ms);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    assert_true(state_says(w, "trial 2\n"));

    const uint64_t until = w->record->trial_until_ms;

    assert_int_equal(PROV_OK, world_loop(w));
    assert_true(w->now_ms >= until && w->now_ms < until + 60000);
    assert_int_equal(PROV_OUTCOME_UNDONE, w->record->outcome);
    assert_int_equal(PROV_E_TIMEOUT, w->record->status);
    assert_non_null(world_diag(w, PROV_D_TRIAL_UNDONE));
    assert_false(w->record->on_trial || w->record->will_retry || w->record->run_follows);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    assert_false(state_says(w, "trial"));
    assert_true(state_says(w, "refused "));
    assert_int_equal(1, w->fetch_count); /* the network was not asked for that */
    world_free(w);
}

/* The end of one is the beginning of nothing: they are refused until they change. */
static void
does_not_apply_the_same_files_again(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    for (int i = 0; i < 2; i++) {
        world_reboot(w);
        assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
        assert_int_equal(PROV_E_DENIED, w->record->status);
        assert_non_null(world_diag(w, PROV_D_TRIAL_REFUSED));
        assert_int_equal(0, w->begin_count);
    }

    /* Others are, and then the first ones may come again. */
    world_reboot(w);
    w->replies = eight;
    w->meanwhile = registers;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_false(state_says(w, "refused"));
    world_reboot(w);
    w->replies = nine;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    world_free(w);
}

static void
applies_them_again_if_a_person_asks(void **state)
{
    static const enum prov_trigger triggers[] = { PROV_TRIGGER_TIME, PROV_TRIGGER_MANUAL };
    struct world *w = phone(nine);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    for (size_t i = 0; i < PROV_COUNT(triggers); i++) {
        const struct prov_trigger_event e = { .size = sizeof(e), .trigger = triggers[i] };

        assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
        w->meanwhile = registers;
        assert_int_equal(PROV_OK, world_loop(w));
        assert_int_equal(i == 0 ? PROV_OUTCOME_REFUSED : PROV_OUTCOME_APPLIED, w->record->outcome);
    }
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    world_free(w);
}

/* With the settings of before comes what was known of them. */
static void
knows_the_settings_of_before_again(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    w->meanwhile = registers;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_reboot(w);
    w->replies = eight;
    w->meanwhile = NULL;
    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    world_reboot(w);
    w->replies = nine;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_true(w->record->unchanged_by_digest);
    world_free(w);
}

static void
resumes_the_trial_after_a_restart(void **state)
{
    struct world *w = restarted(nine);

    (void)state;
    assert_int_equal(PROV_OK, world_open(w));
    assert_true(step_to_trial(w));
    assert_int_equal(PROV_OUTCOME_NONE, w->record->outcome);
    assert_string_equal("the registration", w->record->waits_for);
    assert_int_equal(w->now_ms + WINDOW_MS, w->record->trial_until_ms);
    assert_true(state_says(w, "trial 1\n"));
    assert_int_equal(0, w->fetch_count);

    /* Then the run goes on that was to begin. */
    assert_int_equal(PROV_OK, prov_run_confirm(&w->run));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
    assert_null(w->record->waits_for);
    assert_int_equal(1, w->record->attempts);
    assert_int_equal(1, w->fetch_count);
    assert_false(state_says(w, "trial"));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    world_free(w);
}

static void
undoes_a_resumed_trial_and_goes_on(void **state)
{
    struct world *w = restarted(nine);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    assert_true(w->now_ms >= 1000 + WINDOW_MS);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    assert_int_equal(0, w->fetch_count);
    assert_true(w->record->run_follows);
    w->replies = eight;
    w->meanwhile = registers;
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("8")));
    world_free(w);
}

static void
undoes_at_once_at_a_second_restart(void **state)
{
    struct world *w = restarted(nine);

    (void)state;
    assert_int_equal(PROV_OK, world_open(w));
    assert_true(step_to_trial(w));
    world_reboot(w);

    const uint64_t start = w->now_ms;

    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    assert_int_equal(start, w->now_ms);
    assert_true(w->record->run_follows);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_REFUSED, w->record->outcome); /* the same files */
    world_free(w);
}

/* The phone registers before the session has looked into the store. */
static void
remembers_an_early_confirmation(void **state)
{
    struct world *w = restarted(nine);

    (void)state;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, prov_run_confirm(&w->run));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
    assert_false(state_says(w, "trial"));

    /* It is not remembered for settings that come later. */
    world_reboot(w);
    w->replies = eight;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, prov_run_confirm(&w->run));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_UNDONE, w->record->outcome);
    world_free(w);
}

/* Settings that keep the phone from its time server do not keep it from those before (DSC-6). */
static void
needs_no_time_to_undo(void **state)
{
    struct world *w = restarted(nine);

    (void)state;
    w->discover.needs_time = PROV_CHOICE_YES;
    w->time_known_ms = w->now_ms + 500000;
    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    assert_true(w->now_ms < w->time_known_ms);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w)); /* and that waits for the time */
    assert_true(w->now_ms >= w->time_known_ms);
    assert_int_equal(1, w->record->attempts);
    world_free(w);
}

static void
remembers_a_trigger_during_the_trial(void **state)
{
    const struct prov_trigger_event e = { .size = sizeof(e), .trigger = PROV_TRIGGER_TIME };

    (void)state;
    for (int confirm = 0; confirm < 2; confirm++) {
        struct world *w = phone(nine);

        assert_int_equal(PROV_OK, world_open(w));
        assert_true(step_to_trial(w));
        assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
        assert_true(w->record->run_follows && w->record->on_trial);
        w->meanwhile = confirm == 1 ? registers : NULL;
        assert_int_equal(PROV_OK, world_loop(w));
        assert_int_equal(confirm == 1 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_UNDONE,
                         w->record->outcome);
        assert_true(w->record->run_follows);
        w->replies = eight;
        w->meanwhile = registers;
        assert_int_equal(PROV_OK, world_loop(w));
        assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
        assert_int_equal(PROV_TRIGGER_TIME, w->record->trigger);
        assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("8")));
        world_free(w);
    }
}

static void
takes_a_confirmation_only_during_a_trial(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_session_confirm(NULL, 0));
    assert_int_equal(PROV_E_ARG, prov_run_confirm(NULL));
    assert_false(prov_session_restores(NULL));
    w->meanwhile = registers;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(prov_session_restores(w->session));
    assert_int_equal(PROV_E_STATE, prov_run_confirm(&w->run));
    world_reboot(w);
    w->config.confirm_ms = 0; /* no trials at all */
    assert_int_equal(PROV_OK, world_open(w));
    assert_false(prov_session_restores(w->session));
    assert_int_equal(PROV_E_STATE, prov_run_confirm(&w->run));
    world_free(w);
}

static void
has_no_trial_if_nothing_was_stored(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    w->commit_status = PROV_E_STORAGE;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_false(w->record->on_trial);
    world_reboot(w);
    w->commit_status = PROV_OK;
    w->config.confirm_ms = 0;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_false(state_says(w, "trial"));
    world_reboot(w);
    w->config.confirm_ms = WINDOW_MS;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(0, w->begin_count);
    world_free(w);
}

/* The product does not know trials any more. */
static void
takes_a_trial_for_confirmed_if_there_are_none(void **state)
{
    struct world *w = restarted(nine);

    (void)state;
    w->config.confirm_ms = 0;
    w->no_restore = true;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_false(state_says(w, "trial"));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    world_free(w);
}

static void
needs_a_store_that_can_restore(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    w->no_restore = true;
    assert_int_equal(PROV_E_ABI, world_open(w));
    world_free(w);
}

static void
tries_again_if_the_store_cannot_restore_now(void **state)
{
    static const struct prov_delay delay = { 100, 0 };
    struct world *w = phone(nine);

    (void)state;
    w->config.attempts = 4;
    w->config.delays = &delay;
    w->config.delay_count = 1;
    w->restore_status = PROV_E_STORAGE;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(PROV_E_STORAGE, w->record->status);
    assert_non_null(world_diag(w, PROV_D_TRIAL_RESTORE));
    assert_int_equal(4, w->record->attempts);
    assert_int_equal(3, w->rollback_count);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    assert_true(state_says(w, "trial 2\n"));
    assert_int_equal(1, w->fetch_count);

    /* A trigger's run: first they are undone, then it follows. */
    const struct prov_trigger_event e = { .size = sizeof(e), .trigger = PROV_TRIGGER_TIME };

    w->restore_status = PROV_OK;
    assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_UNDONE, w->record->outcome);
    assert_true(w->record->run_follows);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_REFUSED, w->record->outcome);
    world_free(w);
}

static void
keeps_the_new_settings_if_there_are_no_others(void **state)
{
    struct world *w = phone(nine);

    (void)state;
    w->restore_status = PROV_E_NOT_FOUND;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(PROV_E_NOT_FOUND, w->record->status);
    assert_non_null(world_diag(w, PROV_D_TRIAL_NO_PREVIOUS));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    assert_false(state_says(w, "trial"));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    world_free(w);
}

/* It is done by the next attempt. */
static void
remembers_a_confirmation_that_cannot_be_stored(void **state)
{
    const struct prov_trigger_event e = { .size = sizeof(e), .trigger = PROV_TRIGGER_TIME };
    struct world *w = phone(nine);

    (void)state;
    assert_int_equal(PROV_OK, world_open(w));
    assert_true(step_to_trial(w));
    w->commit_status = PROV_E_STORAGE;
    assert_int_equal(PROV_OK, prov_run_confirm(&w->run));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_non_null(world_diag(w, PROV_D_STORE_KEEP));
    assert_true(state_says(w, "trial 2\n"));
    w->commit_status = PROV_OK;
    assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_UNCHANGED, w->record->outcome);
    assert_false(state_says(w, "trial"));
    world_free(w);
}

/* ---- Layers ---- */

#define HEAD "# Panasonic SIP Phone Standard Format File #\r\n"
#define FIRST "http://h/a/b.cfg"

static const struct world_reply old_files[] = {
    { .url = FIRST, .body = HEAD "CFG_STANDARD_FILE_PATH=\"s.cfg\"\r\n" },
    { .url = "http://h/a/s.cfg", .body = HEAD "VOLUME=\"3\"\r\n" },
    { .url = NULL },
};
static const struct world_reply new_files[] = {
    { .url = FIRST,
      .body = HEAD "CFG_STANDARD_FILE_PATH=\"s.cfg\"\r\nCFG_MASTER_FILE_PATH=\"m.cfg\"\r\n" },
    { .url = "http://h/a/s.cfg", .body = HEAD "VOLUME=\"5\"\r\n" },
    { .url = "http://h/a/m.cfg", .body = HEAD "LAMP=\"on\"\r\n" },
    { .url = NULL },
};

static bool
volume_is(const struct world *w, const char *value)
{
    const struct prov_params *p = prov_session_params(w->session);
    const struct prov_param *volume =
        p != NULL ? prov_params_find(p, prov_str_z("VOLUME"), 0) : NULL;

    return volume != NULL && prov_str_eq(volume->value, prov_str_z(value));
}

/* It has the old files, and what the user changed. */
static struct world *
layered(void)
{
    struct world *w = phone(old_files);

    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    w->config.url = prov_str_z(FIRST);
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    world_set(w, PROV_ITEM_USER, HEAD "RINGER=\"1\"\r\n");
    w->meanwhile = registers;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_reboot(w);
    return w;
}

static void
undoes_all_files_of_settings_in_layers(void **state)
{
    struct world *before = layered(), *w = layered();

    (void)state;
    w->replies = new_files;
    w->meanwhile = NULL;
    assert_int_equal(PROV_OUTCOME_UNDONE, world_run(w));
    assert_true(volume_is(w, "3"));
    for (unsigned i = 0; i < PROV_ITEMS; i++) {
        if (i != PROV_ITEM_STATE && i != PROV_ITEM_TREE)
            assert_true(world_same(before, w, (enum prov_item)i));
    }
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_TRIAL_REFUSED));
    assert_true(volume_is(w, "3"));
    world_reboot(w);
    w->replies = old_files;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    world_free(before);
    world_free(w);
}

/* ---- Power ---- */

/* Whatever happened before: the next starts come to the same end. */
static void
comes_to_the_same_end(struct world *w, bool registered)
{
    world_reboot(w);
    w->meanwhile = registered ? registers : NULL;
    assert_int_equal(PROV_OK, world_open(w));
    do
        assert_int_equal(PROV_OK, world_loop(w));
    while (w->record->run_follows);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, registered ? AFTER("9") : WORLD_SETTINGS));
    assert_false(state_says(w, "trial"));
    assert_int_equal(!registered, state_says(w, "refused"));
}

static void
survives_a_power_cut_at_every_store_call(void **state)
{
    (void)state;
    for (int registered = 0; registered < 2; registered++) {
        struct world *clean = phone(nine);

        clean->meanwhile = registered == 1 ? registers : NULL;
        (void)world_run(clean);
        assert_true(clean->store_calls >= 7);
        for (uint32_t n = 1; n <= 2 * clean->store_calls; n++) {
            struct world *w = phone(nine);

            w->power = (n + 1) / 2;
            w->late_commit = n % 2 == 1;
            w->meanwhile = registered == 1 ? registers : NULL;
            assert_int_equal(PROV_OK, world_open(w));
            assert_int_equal(PROV_OK, world_loop(w));
            assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")) ||
                        world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
            comes_to_the_same_end(w, registered == 1);
            world_free(w);
        }
        world_free(clean);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_settings_that_are_confirmed),
        cmocka_unit_test(undoes_settings_that_are_not_confirmed),
        cmocka_unit_test(does_not_apply_the_same_files_again),
        cmocka_unit_test(applies_them_again_if_a_person_asks),
        cmocka_unit_test(knows_the_settings_of_before_again),
        cmocka_unit_test(resumes_the_trial_after_a_restart),
        cmocka_unit_test(undoes_a_resumed_trial_and_goes_on),
        cmocka_unit_test(undoes_at_once_at_a_second_restart),
        cmocka_unit_test(remembers_an_early_confirmation),
        cmocka_unit_test(needs_no_time_to_undo),
        cmocka_unit_test(remembers_a_trigger_during_the_trial),
        cmocka_unit_test(takes_a_confirmation_only_during_a_trial),
        cmocka_unit_test(has_no_trial_if_nothing_was_stored),
        cmocka_unit_test(takes_a_trial_for_confirmed_if_there_are_none),
        cmocka_unit_test(needs_a_store_that_can_restore),
        cmocka_unit_test(tries_again_if_the_store_cannot_restore_now),
        cmocka_unit_test(keeps_the_new_settings_if_there_are_no_others),
        cmocka_unit_test(remembers_a_confirmation_that_cannot_be_stored),
        cmocka_unit_test(undoes_all_files_of_settings_in_layers),
        cmocka_unit_test(survives_a_power_cut_at_every_store_call),
    };
    return cmocka_run_group_tests_name("scenario trial", tests, NULL, NULL);
}
