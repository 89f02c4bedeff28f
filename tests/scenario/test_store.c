/* SPDX-License-Identifier: MIT */

/* The store: power cuts, failures, what it held before. */

#include "world.h"

#define PATCH "<configuration><telephony><a>9</a></telephony></configuration>"
#define AFTER \
    "<configuration>\n" \
    "  <telephony><a>9</a><b>2</b></telephony>\n" \
    "  <keys><key id=\"1\">one</key></keys>\n" \
    "</configuration>\n"

static const struct world_reply replies[] = { { .url = "http://h/p", .body = PATCH },
                                              { .url = NULL } };

static void
survives_a_power_cut_at_every_store_call(void **state)
{
    struct world *clean = world_new("http://h/p", replies);
    uint32_t calls;

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(clean));
    calls = clean->store_calls;
    assert_true(calls >= 4);
    for (uint32_t n = 1; n <= calls; n++) {
        for (int late = 0; late < 2; late++) {
            struct world *w = world_new("http://h/p", replies);

            w->power = n;
            w->late_commit = late == 1;
            assert_int_equal(PROV_OK, world_open(w));
            assert_int_equal(PROV_OK, world_loop(w));
            assert_int_equal(PROV_OUTCOME_FAILED, w->record->outcome);
            assert_non_null(world_diag(w, PROV_D_STORE_WRITE));
            if (w->commit_count == 1)
                assert_true(world_same(w, clean, PROV_ITEM_STATE));
            else
                assert_true(world_has(w, PROV_ITEM_STATE, NULL));
            assert_true(
                world_has(w, PROV_ITEM_SETTINGS, w->commit_count == 1 ? AFTER : WORLD_SETTINGS));

            const bool committed = w->commit_count == 1;

            world_reboot(w);
            assert_int_equal(committed ? PROV_OUTCOME_UNCHANGED : PROV_OUTCOME_APPLIED,
                             world_run(w));
            assert_true(world_same(w, clean, PROV_ITEM_SETTINGS));
            assert_true(world_same(w, clean, PROV_ITEM_STATE));
            world_free(w);
        }
    }
    world_free(clean);
}

static void
tries_again_when_the_store_fails(void **state)
{
    struct world *w = world_new("http://h/p", replies);

    (void)state;
    w->commit_status = PROV_E_STORAGE;
    w->config.attempts = 2;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_FAILED, w->record->outcome);
    assert_int_equal(PROV_E_STORAGE, w->record->status);
    assert_int_equal(2, w->record->attempts);
    assert_int_equal(2, w->begin_count);
    assert_int_equal(2, w->rollback_count);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    world_free(w);
}

static void
asks_no_server_if_the_store_is_broken(void **state)
{
    static const struct {
        const char *name, *settings;
        enum prov_status load;
        enum prov_diag_code code;
        enum prov_status status;
    } rows[] = {
        { "unreadable", WORLD_SETTINGS, PROV_E_STORAGE, PROV_D_STORE_LOAD, PROV_E_STORAGE },
        { "cut off", "<configuration><tele", PROV_OK, PROV_D_STORE_SETTINGS, PROV_E_STORAGE },
        { "empty", "", PROV_OK, PROV_D_STORE_SETTINGS, PROV_E_STORAGE },
        { "other root", "<phone/>", PROV_OK, PROV_D_STORE_SETTINGS, PROV_E_STORAGE },
        { "too large",
          WORLD_SETTINGS "<!-- 0123456789012345678901234567890123456789012345678901234567890 -->",
          PROV_OK, PROV_D_STORE_TOO_LARGE, PROV_E_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = world_new("http://h/p", replies);

        w->limits.settings_bytes = (uint32_t)strlen(WORLD_SETTINGS) + 4;
        w->load_status = rows[i].load;
        w->chunk = i % 2 == 0 ? 5 : 0;
        world_set(w, PROV_ITEM_SETTINGS, rows[i].settings);
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_FAILED);
        PROV_ROW(rows[i].name, w->record->status == rows[i].status);
        PROV_ROW(rows[i].name, world_diag(w, rows[i].code) != NULL);
        PROV_ROW(rows[i].name,
                 prov_str_eq(world_diag(w, rows[i].code)->subject, prov_str_z("settings")));
        PROV_ROW(rows[i].name, w->fetch_count == 0);
        PROV_ROW(rows[i].name, world_has(w, PROV_ITEM_SETTINGS, rows[i].settings));
        world_free(w);
    }
}

static void
holds_the_result_to_the_limit_of_settings(void **state)
{
    static const struct world_reply longer[] = {
        { .url = "http://h/p",
          .body = "<configuration><telephony><a>12</a></telephony></configuration>" },
        { .url = NULL }
    };

    (void)state;
    for (uint32_t more = 0; more <= 1; more++) {
        struct world *w = world_new("http://h/p", longer);

        w->limits.settings_bytes = (uint32_t)strlen(WORLD_SETTINGS) + more;
        assert_int_equal(more == 1 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_REFUSED, world_run(w));
        if (more == 0) {
            assert_int_equal(PROV_E_LIMIT, w->record->status);
            assert_int_equal(strlen(WORLD_SETTINGS), world_diag(w, PROV_D_RESULT_TOO_LARGE)->need);
            assert_int_equal(0, w->begin_count);
        }
        world_free(w);
    }
}

/* Whatever is wrong with our own record: it counts as none, and the run goes on. */
static void
takes_a_malformed_state_for_none(void **state)
{
    char *large = malloc(5000);

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 4999);
    large[4999] = '\0';

    const char *const texts[] = { "", "libprov-state 1\n", "garbage", large };

    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        struct world *w = world_new("http://h/p", replies);

        world_set(w, PROV_ITEM_STATE, texts[i]);
        w->chunk = i % 2 == 0 ? 100 : 0;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_non_null(world_diag(w, PROV_D_STORE_STATE));
        world_reboot(w);
        assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
        assert_true(w->record->unchanged_by_digest);
        assert_int_equal(0, w->record->diags->count);
        world_free(w);
    }
    free(large);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_a_power_cut_at_every_store_call),
        cmocka_unit_test(tries_again_when_the_store_fails),
        cmocka_unit_test(asks_no_server_if_the_store_is_broken),
        cmocka_unit_test(holds_the_result_to_the_limit_of_settings),
        cmocka_unit_test(takes_a_malformed_state_for_none),
    };
    return cmocka_run_group_tests_name("scenario store", tests, NULL, NULL);
}
