/* SPDX-License-Identifier: MIT */
#include "session_fixture.h"

/* ---- Set-up ---- */

static void
states_a_bound_for_every_limit(void **state)
{
    struct prov_limits l = { .size = sizeof(l) };
    size_t all, less;

    (void)state;
    assert_int_equal(PROV_OK, prov_session_memory(NULL, &all));
    assert_int_equal(PROV_OK, prov_session_memory(&l, &less));
    assert_int_equal(all, less);
    l.file_bytes = l.settings_bytes = l.tree_bytes = 4096;
    l.xml_nodes = 100;
    l.tree_files = 4;
    l.url_bytes = 128;
    l.sections = 8;
    assert_int_equal(PROV_OK, prov_session_memory(&l, &less));
    assert_true(less < 250000);
    l.xml_nodes = (1u << 24) + 1;
    assert_int_equal(PROV_E_ARG, prov_session_memory(&l, &less));
    l.size = 1;
    assert_int_equal(PROV_E_ABI, prov_session_memory(&l, &less));
    assert_int_equal(PROV_E_ARG, prov_session_memory(NULL, NULL));
}

static enum prov_status
init_fails(const struct prov_session_config *c, struct prov_diag *diag)
{
    struct prov_session *s = NULL;
    size_t bytes;

    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bytes));
    char *mem = malloc(bytes);

    assert_non_null(mem);
    memset(mem, 0, bytes);
    const enum prov_status status = prov_session_init(&s, mem, bytes, c, diag);

    assert_null(s);
    for (size_t i = 0; c != NULL && i < bytes; i++)
        assert_true(mem[i] == 0); /* nothing of the configuration is left behind */
    free(mem);
    return status;
}

static void
refuses_a_configuration_that_does_not_fit(void **state)
{
    static char longest[300];
    static struct prov_source_rule many[40];
    struct prov_session_config c[12];
    struct prov_dialect old = dialect, wide = dialect;
    struct prov_identity tiny = identity, bad = identity;
    const struct prov_limits l = { .size = sizeof(l), .url_bytes = 70000 };
    struct prov_diag d;

    (void)state;
    memset(longest, 'a', sizeof(longest) - 1);
    for (size_t i = 0; i < PROV_COUNT(c); i++)
        c[i] = config_of("http://h/");
    old.size = sizeof(size_t);
    wide.sources = many;
    wide.source_count = PROV_COUNT(many);
    tiny.size = sizeof(size_t);
    bad.mac = prov_str_z("0080F0C571E");
    c[0].size = sizeof(size_t);
    c[1].size = sizeof(c[1]) + 100000;
    c[2].dialect = NULL;
    c[3].identity = NULL;
    c[4].dialect = &old;
    c[5].identity = &tiny;
    c[6].dialect = &wide;
    c[7].limits = &l;
    c[8].identity = &bad;
    c[9].user_agent = prov_str_z("a\r\nX: b");
    c[10].user_agent = prov_str_z(longest);

    static const enum prov_status expected[] = {
        PROV_E_ABI, PROV_E_ABI, PROV_E_ARG,     PROV_E_ARG, PROV_E_ABI, PROV_E_ABI,
        PROV_E_ARG, PROV_E_ARG, PROV_E_INVALID, PROV_E_ARG, PROV_E_ARG,
    };

    for (size_t i = 0; i < PROV_COUNT(expected); i++) {
        memset(&d, 0, sizeof(d));
        assert_int_equal(expected[i], init_fails(&c[i], &d));
        assert_int_equal(expected[i], d.status);
        assert_int_not_equal(PROV_D_NONE, d.code);
        assert_int_equal(expected[i], init_fails(&c[i], NULL));
    }
    assert_int_equal(PROV_E_ARG, init_fails(NULL, &d));
    assert_int_equal(PROV_E_ARG, prov_session_init(NULL, longest, 1, &c[11], NULL));
}

static void
says_how_much_memory_would_do(void **state)
{
    const struct prov_session_config c = config_of("http://h/");
    struct prov_session *s = NULL;
    struct prov_diag d = { 0 };
    size_t bound, bytes = 1;

    (void)state;
    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bound));
    for (int i = 0; i < 3; i++) {
        char *mem = malloc(bytes);
        const enum prov_status status = prov_session_init(&s, mem, bytes, &c, &d);

        free(mem);
        if (status == PROV_OK)
            break;
        assert_int_equal(PROV_E_SPACE, status);
        assert_int_equal(PROV_D_NO_ARENA_SPACE, d.code);
        assert_true(d.need > bytes && d.need <= bound);
        bytes = d.need;
    }
    assert_non_null(s);

    /* What lives as long as the session is there from the start, or it does not start. */
    char *mem = malloc(1000000);

    assert_non_null(mem);
    assert_int_equal(PROV_E_SPACE, prov_session_init(&s, mem, 1000000, &c, NULL));
    free(mem);
}

static void
takes_what_is_just_allowed(void **state)
{
    static struct prov_source_rule many[32];
    struct prov_session_config c = config_of("");
    struct prov_dialect d = dialect;
    char longest[257];
    struct fixture f;

    (void)state;
    memset(longest, '~', 256);
    longest[256] = '\0';
    longest[0] = ' ';
    d.sources = many;
    d.source_count = 32;
    c.dialect = &d;
    c.user_agent = prov_str_z(longest);
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(32, prov_session_record(f.s)->source_count);
    close_it(&f);
}

static void
works_at_any_alignment(void **state)
{
    const struct prov_session_config c = config_of("");
    struct fixture f;
    size_t bytes;

    (void)state;
    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bytes));
    for (size_t off = 0; off < 16; off += 3) {
        memset(&f, 0, sizeof(f));
        f.memory = malloc(bytes + off);
        assert_non_null(f.memory);
        assert_int_equal(PROV_OK, prov_session_init(&f.s, f.memory + off, bytes, &c, NULL));
        load(&f, SETTINGS);
        next_is(&f, PROV_DO_STOP);
        assert_int_equal(PROV_OUTCOME_NOTHING, prov_session_record(f.s)->outcome);
        close_it(&f);
    }
}

static void
takes_a_shorter_configuration_of_an_older_caller(void **state)
{
    struct prov_session_config c = config_of("http://h/p");
    struct fixture f;

    (void)state;
    c.size = offsetof(struct prov_session_config, url); /* nothing from here on is read */
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_NOTHING, prov_session_record(f.s)->outcome);
    close_it(&f);
}

/* ---- Actions ---- */

static void
asks_for_one_thing_after_the_other(void **state)
{
    struct fixture f;
    enum prov_item item;
    struct prov_str piece;

    (void)state;
    open_url(&f, "http://h/{mac}");
    next_is(&f, PROV_DO_LOAD);
    const uint32_t id = f.a.id;

    assert_int_not_equal(0, id);
    next_is(&f, PROV_DO_NOTHING);
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, id + 1, "x", 1));
    assert_int_equal(PROV_OUTCOME_NONE, prov_session_record(f.s)->outcome);
    assert_int_equal(PROV_OK, prov_session_body(f.s, id, NULL, 0));
    assert_int_equal(PROV_OK, prov_session_body(f.s, id, SETTINGS, strlen(SETTINGS)));
    assert_int_equal(PROV_OK, prov_session_done(f.s, id, f.now, PROV_OK));
    next_is(&f, PROV_DO_LOAD);
    assert_true(f.a.id != id);
    assert_int_equal(PROV_OK, prov_session_done(f.s, f.a.id, f.now, PROV_E_NOT_FOUND));
    next_is(&f, PROV_DO_LOAD);
    assert_int_equal(PROV_ITEM_TREE, f.a.item);
    assert_int_equal(PROV_OK, prov_session_done(f.s, f.a.id, f.now, PROV_E_NOT_FOUND));
    next_is(&f, PROV_DO_FETCH);
    assert_true(prov_str_eq(f.a.fetch.url, prov_str_z("http://h/0080f0c571eb")));
    assert_int_equal(sizeof(struct prov_fetch), f.a.fetch.size);
    assert_int_equal(5000, f.a.fetch.connect_ms);
    assert_int_equal(10000, f.a.fetch.idle_ms);
    assert_int_equal(60000, f.a.fetch.whole_ms);
    assert_int_equal(262144, f.a.fetch.max_bytes);
    assert_int_equal(0, f.a.fetch.user.len);
    const uint32_t fetch = f.a.id;

    next_is(&f, PROV_DO_NOTHING);
    assert_false(prov_session_output(f.s, &item, &piece));
    f.now = 350;
    assert_int_equal(PROV_OK, answer(&f, fetch, PATCH, 200));
    assert_int_equal(250, prov_session_record(f.s)->fetches[0].ms);
    next_is(&f, PROV_DO_STORE);
    next_is(&f, PROV_DO_NOTHING);
    close_it(&f);
}

/* All of the settings, then all of the state, then what is remembered of the files. */
static void
hands_out_what_is_to_be_stored(void **state)
{
    struct fixture f;
    enum prov_item item, last = PROV_ITEM_SETTINGS;
    struct prov_str piece;
    char text[PROV_ITEMS][600];
    size_t len[PROV_ITEMS] = { 0 };

    (void)state;
    open_url(&f, "http://h/p");
    const uint32_t id = up_to_store(&f);

    assert_false(prov_session_output(NULL, &item, &piece));
    assert_false(prov_session_output(f.s, NULL, &piece));
    assert_false(prov_session_output(f.s, &item, NULL));
    while (prov_session_output(f.s, &item, &piece)) {
        assert_true(item >= last && piece.len > 0);
        last = item;
        assert_true(len[item] + piece.len <= sizeof(text[0]));
        memcpy(text[item] + len[item], piece.ptr, piece.len);
        len[item] += piece.len;
    }
    assert_false(prov_session_output(f.s, &item, &piece));
    assert_true(prov_str_is(text[0], len[0], AFTER));
    assert_int_equal(PROV_ITEM_TREE, last);
    assert_true(len[PROV_ITEM_STATE] > 100);
    assert_true(len[PROV_ITEM_TREE] > 100);
    assert_int_equal(PROV_OK, prov_session_done(f.s, id, f.now, PROV_OK));
    assert_false(prov_session_output(f.s, &item, &piece));
    next_is(&f, PROV_DO_STOP);
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_APPLIED, prov_session_record(f.s)->outcome);
    close_it(&f);
}

static void
starts_from_the_beginning_with_every_store(void **state)
{
    struct prov_session_config c = config_of("http://h/p");
    struct fixture f;
    enum prov_item item;
    struct prov_str piece;
    size_t len = 0;

    (void)state;
    c.attempts = 2;
    open_with(&f, &c);
    const uint32_t id = up_to_store(&f);

    assert_true(prov_session_output(f.s, &item, &piece)); /* one piece, then the store fails */
    assert_int_equal(PROV_OK, prov_session_done(f.s, id, f.now, PROV_E_STORAGE));
    next_is(&f, PROV_DO_WAIT);
    assert_true(prov_session_record(f.s)->will_retry);
    assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.s)->outcome);
    f.now = f.a.until_ms - 1;
    next_is(&f, PROV_DO_WAIT);
    f.now -= 50; /* a clock that goes back stands still */
    next_is(&f, PROV_DO_WAIT);
    f.now = f.a.until_ms;
    const uint32_t again = up_to_store(&f);

    assert_true(again > id);
    while (prov_session_output(f.s, &item, &piece))
        len += item == PROV_ITEM_SETTINGS ? piece.len : 0;
    assert_int_equal(strlen(AFTER), len);
    assert_int_equal(PROV_OK, prov_session_done(f.s, again, f.now, PROV_OK));
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(2, prov_session_record(f.s)->attempts);
    assert_false(prov_session_record(f.s)->will_retry);
    close_it(&f);
}

/* ---- Small things ---- */

static void
has_a_record_at_any_time(void **state)
{
    struct fixture f;

    (void)state;
    assert_non_null(prov_session_record(NULL));
    assert_int_equal(PROV_OUTCOME_NONE, prov_session_record(NULL)->outcome);
    open_url(&f, "http://h/p");
    assert_int_equal(0, prov_session_record(f.s)->attempts);
    assert_int_equal(0, prov_session_record(f.s)->fetch_count);
    assert_non_null(prov_session_record(f.s)->diags);
    close_it(&f);
}

static void
names_outcomes(void **state)
{
    static const char *const names[] = { "none",   "applied", "unchanged", "partial", "refused",
                                         "failed", "nothing", "saved",     "undone",  "?" };
    static const char *const source_names[] = { "not asked", "nothing", "url", "refused", "?" };

    (void)state;
    for (unsigned i = 0; i < PROV_COUNT(names); i++)
        assert_string_equal(names[i], prov_outcome_name((enum prov_outcome)i));
    for (unsigned i = 0; i < PROV_COUNT(source_names); i++)
        assert_string_equal(source_names[i], prov_source_outcome_name((enum prov_source_outcome)i));
}

/* DSC-5: where the dialect stops after a step without an address, later sources are not asked. */
static void
stops_searching_where_the_dialect_says_so(void **state)
{
    static const struct prov_source_rule stop[] = {
        { .kind = PROV_SOURCE_PNP, .step = 1, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_MANUAL,
          .step = 2,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true },
        { .kind = PROV_SOURCE_REDIRECT,
          .step = 3,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true },
    };
    struct prov_session_config c = config_of("http://h/p");
    struct prov_dialect d = dialect;
    struct fixture f;

    (void)state;
    d.sources = stop;
    d.source_count = PROV_COUNT(stop);
    c.dialect = &d;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_ASK);
    assert_int_equal(PROV_OK, prov_session_opened(f.s, f.a.id, f.now, PROV_E_DENIED, NULL));
    next_is(&f, PROV_DO_STOP);
    const struct prov_record *r = prov_session_record(f.s);

    assert_int_equal(PROV_OUTCOME_NOTHING, r->outcome);
    assert_int_equal(3, r->source_count);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(PROV_SOURCE_NOT_ASKED, r->sources[i].outcome);
    assert_string_equal("the port cannot ask the local network", r->sources[0].reason);
    assert_string_equal("the search stopped after an earlier source", r->sources[1].reason);
    close_it(&f);
}

static void
tells_why_the_others_lost(void **state)
{
    static const struct prov_source_rule order[] = {
        { .kind = PROV_SOURCE_MANUAL,
          .step = 1,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true },
        { .kind = PROV_SOURCE_MANUAL,
          .step = 1,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true },
        { .kind = (enum prov_source_kind)99,
          .step = 1,
          .modes = PROV_MODE_ALL,
          .proceed_on_nothing = true },
        { .kind = PROV_SOURCE_PNP, .step = 2, .modes = PROV_MODE_ALL, .proceed_on_nothing = true },
    };
    static const char *const reasons[] = {
        "first address found",
        "another source of the step won",
        "this library does not know the source",
        "an earlier source won",
    };
    struct prov_session_config c = config_of("http://h/p");
    struct prov_dialect d = dialect;
    struct fixture f;

    (void)state;
    d.sources = order;
    d.source_count = PROV_COUNT(order);
    c.dialect = &d;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    for (uint32_t i = 0; i < PROV_COUNT(order); i++) {
        assert_string_equal(reasons[i], prov_session_record(f.s)->sources[i].reason);
        assert_int_equal(i == 0, prov_session_record(f.s)->sources[i].won);
    }
    close_it(&f);
}

static void
refuses_a_raw_marker_value_that_no_address_can_hold(void **state)
{
    static const struct prov_marker model[] = { { PROV_STR_INIT("{MODEL}"), PROV_MARKER_MODEL } };
    struct prov_session_config c = config_of("http://h/{MODEL}");
    struct prov_dialect d = dialect;
    struct prov_identity i = identity;
    struct fixture f;

    (void)state;
    d.markers = model;
    i.model = prov_str_z("M 1");
    c.dialect = &d;
    c.identity = &i;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_true(prov_str_eq(f.a.fetch.url, prov_str_z("http://h/M%201")));
    close_it(&f);

    c.macro_raw = true;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_REFUSED, prov_session_record(f.s)->outcome);
    assert_int_equal(PROV_E_DENIED, prov_session_record(f.s)->status);
    close_it(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_a_bound_for_every_limit),
        cmocka_unit_test(refuses_a_configuration_that_does_not_fit),
        cmocka_unit_test(says_how_much_memory_would_do),
        cmocka_unit_test(takes_what_is_just_allowed),
        cmocka_unit_test(works_at_any_alignment),
        cmocka_unit_test(takes_a_shorter_configuration_of_an_older_caller),
        cmocka_unit_test(asks_for_one_thing_after_the_other),
        cmocka_unit_test(hands_out_what_is_to_be_stored),
        cmocka_unit_test(starts_from_the_beginning_with_every_store),
        cmocka_unit_test(has_a_record_at_any_time),
        cmocka_unit_test(names_outcomes),
        cmocka_unit_test(stops_searching_where_the_dialect_says_so),
        cmocka_unit_test(tells_why_the_others_lost),
        cmocka_unit_test(refuses_a_raw_marker_value_that_no_address_can_hold),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
