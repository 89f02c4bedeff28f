/* SPDX-License-Identifier: MIT */
#include "session_fixture.h"

/* ---- Reports that do not fit ---- */

static void
ignores_reports_for_what_is_not_under_way(void **state)
{
    const struct prov_fetch_result r = { .size = sizeof(r), .http_status = 200 };
    struct prov_action a;
    struct fixture f;

    (void)state;
    open_url(&f, "http://h/p");
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, 0, "x", 1));
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, 1, "x", 1));
    assert_int_equal(PROV_E_STATE, prov_session_done(f.s, 0, 0, PROV_OK));
    assert_int_equal(PROV_E_STATE, prov_session_fetched(f.s, 0, 0, &r));
    load(&f, SETTINGS);
    assert_int_equal(PROV_E_STATE, prov_session_done(f.s, f.a.id, 0, PROV_OK)); /* twice */
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, f.a.id + 1, "x", 1));
    assert_int_equal(PROV_E_STATE, prov_session_done(f.s, f.a.id, 0, PROV_OK)); /* no load */
    assert_int_equal(PROV_E_STATE, prov_session_fetched(f.s, f.a.id + 1, 0, &r));
    assert_int_equal(PROV_E_ARG, prov_session_fetched(f.s, f.a.id, 0, NULL));
    assert_int_equal(PROV_E_ARG, prov_session_body(f.s, f.a.id, NULL, 1));
    assert_int_equal(PROV_E_ARG, prov_session_fetched(NULL, f.a.id, 0, &r));
    assert_int_equal(PROV_E_ARG, prov_session_body(NULL, f.a.id, "x", 1));
    assert_int_equal(PROV_E_ARG, prov_session_done(NULL, f.a.id, 0, PROV_OK));
    assert_int_equal(PROV_E_ARG, prov_session_next(NULL, 0, &a));
    assert_int_equal(PROV_E_ARG, prov_session_next(f.s, 0, NULL));
    assert_int_equal(PROV_OK, answer(&f, f.a.id, PATCH, 200)); /* and nothing has changed */
    assert_int_equal(PROV_E_STATE, prov_session_fetched(f.s, f.a.id, 0, &r));
    next_is(&f, PROV_DO_STORE);
    close_it(&f);
}

static void
takes_nothing_more_for_a_cancelled_fetch(void **state)
{
    const struct prov_fetch_result r = { .size = sizeof(r), .http_status = 200 };
    struct fixture f;
    uint32_t id[3];

    (void)state;
    open_url(&f, "http://h/r");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(&f, f.a.id,
                                     "<referencedSettings><url>a</url><url>b</url><url>c</url>"
                                     "</referencedSettings>",
                                     200));
    for (size_t i = 0; i < 3; i++) {
        next_is(&f, PROV_DO_FETCH);
        id[i] = f.a.id;
    }
    f.now += 7;
    assert_int_equal(PROV_OK, answer(&f, id[1], "gone", 404));
    assert_int_equal(7, prov_session_record(f.s)->fetches[1].ms);
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, id[0], "x", 1));
    assert_int_equal(PROV_E_STATE, prov_session_fetched(f.s, id[2], f.now, &r));
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id[0], f.a.id);
    next_is(&f, PROV_DO_CANCEL);
    assert_int_equal(id[2], f.a.id);
    assert_int_equal(PROV_E_STATE, prov_session_body(f.s, id[0], "x", 1));
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.s)->outcome);
    close_it(&f);
}

/* The first file is redirected; before that is acted on, the second fails. */
static void
forgets_a_redirect_that_is_not_wanted_any_more(void **state)
{
    const struct prov_fetch_result moved = { .size = sizeof(moved),
                                             .http_status = 302,
                                             .location = PROV_STR_INIT("/b") };
    struct fixture f;

    (void)state;
    open_url(&f, "http://u:v@h/r");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(&f, f.a.id,
                                     "<referencedSettings><url>a</url><url>c</url>"
                                     "</referencedSettings>",
                                     200));
    next_is(&f, PROV_DO_FETCH);
    const uint32_t first = f.a.id;

    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, prov_session_fetched(f.s, first, f.now, &moved));
    assert_int_equal(PROV_OK, answer(&f, f.a.id, "gone", 404));
    next_is(&f, PROV_DO_STOP); /* nothing was under way: nothing to cancel */
    assert_int_equal(PROV_E_CANCELLED, prov_session_record(f.s)->fetches[1].status);
    assert_int_equal(PROV_E_NOT_FOUND, prov_session_record(f.s)->status);
    close_it(&f);
}

/* A port may go on after it was told that it is too much. */
static void
takes_no_more_bytes_once_it_was_too_much(void **state)
{
    const struct prov_limits l = { .size = sizeof(l), .file_bytes = 10, .tree_bytes = 20 };
    struct prov_session_config c = config_of("http://h/p");
    const struct prov_fetch_result r = { .size = sizeof(r), .http_status = 200 };
    struct fixture f;

    (void)state;
    c.limits = &l;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(10, f.a.fetch.max_bytes);
    assert_int_equal(PROV_OK, prov_session_body(f.s, f.a.id, "12345", 5));
    assert_int_equal(PROV_E_LIMIT, prov_session_body(f.s, f.a.id, "1234567890", 10));
    assert_int_equal(PROV_E_LIMIT, prov_session_body(f.s, f.a.id, "1", 1));
    assert_int_equal(PROV_OK, prov_session_fetched(f.s, f.a.id, f.now, &r));
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_REFUSED, prov_session_record(f.s)->outcome);
    assert_int_equal(10, prov_session_record(f.s)->fetches[0].bytes);
    close_it(&f);
}

/* Redirect, then a failure with words; in every memory: to the end, or PROV_E_SPACE. */
static void
ends_cleanly_wherever_memory_ends(void **state)
{
    const struct prov_limits l = { .size = sizeof(l),
                                   .url_bytes = 64,
                                   .file_bytes = 128,
                                   .settings_bytes = 128,
                                   .tree_bytes = 128,
                                   .tree_files = 1,
                                   .xml_nodes = 8,
                                   .diags = 2,
                                   .changes = 1,
                                   .sections = 1 };
    const struct prov_fetch_result results[] = {
        { .size = sizeof(results[0]), .http_status = 302, .location = PROV_STR_INIT("http://g/x") },
        { .size = sizeof(results[0]),
          .status = PROV_E_TIMEOUT,
          .detail = PROV_STR_INIT("a long story about a server that did not answer in time") },
    };
    struct prov_session_config c = config_of("http://h/p");
    size_t bound, ended = 0, done = 0;

    (void)state;
    c.limits = &l;
    assert_int_equal(PROV_OK, prov_session_memory(&l, &bound));
    for (size_t bytes = bound; bytes > bound / 8; bytes -= 3) {
        struct prov_action a = { .kind = PROV_DO_NOTHING };
        enum prov_status status = PROV_OK;
        struct prov_session *s;
        char *mem = malloc(bytes);
        size_t fetches = 0;

        assert_non_null(mem);
        if (prov_session_init(&s, mem, bytes, &c, NULL) != PROV_OK) {
            free(mem);
            break;
        }
        while (status == PROV_OK && a.kind != PROV_DO_STOP) {
            status = prov_session_next(s, 1, &a);
            if (status == PROV_OK && a.kind == PROV_DO_LOAD)
                status = prov_session_done(s, a.id, 1, PROV_E_NOT_FOUND);
            if (status == PROV_OK && a.kind == PROV_DO_FETCH)
                status = prov_session_fetched(s, a.id, 1, &results[fetches++]);
        }
        assert_true(status == PROV_OK || status == PROV_E_SPACE);
        assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(s)->outcome);
        assert_int_equal(status == PROV_OK ? PROV_E_TIMEOUT : status,
                         prov_session_record(s)->status);
        ended += status != PROV_OK;
        done += status == PROV_OK;
        free(mem);
    }
    assert_true(ended > 0 && done > 0);
}

/* ---- What ends a session for good ---- */

static void
stays_at_a_mistake_of_the_port(void **state)
{
    static const enum prov_status wrong[] = { PROV_E_ARG,   PROV_E_STATE,          PROV_E_ABI,
                                              PROV_E_SPACE, PROV_E_SYNTAX,         PROV_E_STORAGE,
                                              PROV_E_TYPE,  (enum prov_status)0x99 };
    struct prov_fetch_result r = { .size = sizeof(r), .http_status = 200 };
    enum prov_item item;
    struct prov_str piece;
    struct fixture f;

    (void)state;
    for (size_t i = 0; i <= PROV_COUNT(wrong); i++) {
        const enum prov_status expected = i < PROV_COUNT(wrong) ? PROV_E_CALLBACK : PROV_E_ABI;

        r.size = i < PROV_COUNT(wrong) ? sizeof(r) : 3;
        r.status = i < PROV_COUNT(wrong) ? wrong[i] : PROV_OK;
        open_url(&f, "http://h/p");
        load(&f, SETTINGS);
        next_is(&f, PROV_DO_FETCH);
        assert_int_equal(expected, prov_session_fetched(f.s, f.a.id, f.now, &r));
        assert_int_equal(expected, prov_session_next(f.s, f.now, &f.a));
        assert_int_equal(expected, prov_session_body(f.s, f.a.id, "x", 1));
        assert_int_equal(expected, prov_session_fetched(f.s, f.a.id, f.now, &r));
        assert_int_equal(expected, prov_session_done(f.s, f.a.id, f.now, PROV_OK));
        assert_false(prov_session_output(f.s, &item, &piece));
        assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.s)->outcome);
        assert_int_equal(expected, prov_session_record(f.s)->status);
        close_it(&f);
    }
}

static void
stays_at_a_status_that_a_store_cannot_have(void **state)
{
    struct fixture f;

    (void)state;
    open_url(&f, "http://h/p");
    next_is(&f, PROV_DO_LOAD);
    assert_int_equal(PROV_E_CALLBACK, prov_session_done(f.s, f.a.id, f.now, PROV_E_NETWORK));
    assert_int_equal(PROV_E_CALLBACK, prov_session_next(f.s, f.now, &f.a));
    close_it(&f);

    open_url(&f, "http://h/p");
    const uint32_t id = up_to_store(&f);

    assert_int_equal(PROV_E_CALLBACK, prov_session_done(f.s, id, f.now, PROV_E_NOT_FOUND));
    close_it(&f);
}

static enum prov_status
broken_check(void *ctx, const struct prov_xml *x, uint32_t section, struct prov_diag *diag)
{
    (void)ctx;
    (void)x;
    (void)section;
    (void)diag;
    return PROV_E_NETWORK;
}

static void *
no_alloc(size_t bytes)
{
    (void)bytes;
    return NULL;
}

static void *
no_resize(void *p, size_t bytes)
{
    (void)p;
    (void)bytes;
    return NULL;
}

static void
no_release(void *p)
{
    (void)p;
}

static void
stays_at_a_broken_check_and_without_heap(void **state)
{
    static const struct prov_xml_heap heap = { no_alloc, no_resize, no_release };
    struct prov_session_config c = config_of("http://h/p");
    struct fixture f;

    (void)state;
    c.check.section = broken_check;
    open_with(&f, &c);
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(&f, f.a.id, PATCH, 200));
    assert_int_equal(PROV_E_CALLBACK, prov_session_next(f.s, f.now, &f.a));
    close_it(&f);

    c.heap = &heap;
    open_with(&f, &c);
    next_is(&f, PROV_DO_LOAD);
    assert_int_equal(PROV_OK, prov_session_body(f.s, f.a.id, SETTINGS, strlen(SETTINGS)));
    assert_int_equal(PROV_E_MEMORY, prov_session_done(f.s, f.a.id, f.now, PROV_OK));
    assert_int_equal(PROV_E_MEMORY, prov_session_next(f.s, f.now, &f.a));
    close_it(&f);
}

/* ---- Ports, old and terse ---- */

static void
takes_a_result_of_an_older_port(void **state)
{
    struct prov_fetch_result r = { .size = offsetof(struct prov_fetch_result, location),
                                   .http_status = 200 };
    struct fixture f;

    (void)state;
    r.retry_after_s = 5; /* beyond its size: not read */
    open_url(&f, "http://h/p");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, prov_session_body(f.s, f.a.id, PATCH, strlen(PATCH)));
    assert_int_equal(PROV_OK, prov_session_fetched(f.s, f.a.id, f.now, &r));
    next_is(&f, PROV_DO_STORE);
    close_it(&f);
}

static void
needs_the_status_for_http_and_not_for_tftp(void **state)
{
    struct fixture f;

    (void)state;
    open_url(&f, "tftp://h/p");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(&f, f.a.id, PATCH, 0));
    next_is(&f, PROV_DO_STORE);
    close_it(&f);

    open_url(&f, "https://h/p");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(&f, f.a.id, PATCH, 0));
    next_is(&f, PROV_DO_STOP);
    assert_int_equal(PROV_OUTCOME_FAILED, prov_session_record(f.s)->outcome);
    assert_int_equal(PROV_D_HTTP_STATUS_MISSING, prov_session_record(f.s)->diags->items[0].code);
    close_it(&f);
}

static void
keeps_the_words_of_the_port_within_bounds(void **state)
{
    static char words[500];
    struct prov_fetch_result r = { .size = sizeof(r), .status = PROV_E_NETWORK };
    struct fixture f;

    (void)state;
    memset(words, 'w', sizeof(words));
    r.detail = (struct prov_str){ words, sizeof(words) };
    open_url(&f, "http://h/p");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, prov_session_fetched(f.s, f.a.id, f.now, &r));
    memset(words, 'x', sizeof(words)); /* they lived for the call only */
    next_is(&f, PROV_DO_STOP);
    const struct prov_diag *d = &prov_session_record(f.s)->diags->items[0];

    assert_int_equal(160, d->subject.len);
    assert_int_equal('w', d->subject.ptr[159]);
    close_it(&f);
}

/* ---- Secrets ---- */

static bool
in_memory(const struct fixture *f, const char *text)
{
    const size_t n = strlen(text);

    for (size_t i = 0; i + n <= f->bytes; i++) {
        if (memcmp(f->memory + i, text, n) == 0)
            return true;
    }
    return false;
}

static void
wipes_credentials_when_a_fetch_ends(void **state)
{
    struct fixture f;

    (void)state;
    for (int way = 0; way < 2; way++) {
        open_url(&f, "http://amy:s3%63ret@h/r");
        load(&f, SETTINGS);
        next_is(&f, PROV_DO_FETCH);
        assert_true(prov_str_eq(f.a.fetch.url, prov_str_z("http://h/r")));
        assert_true(prov_str_eq(f.a.fetch.user, prov_str_z("amy")));
        assert_true(prov_str_eq(f.a.fetch.password, prov_str_z("s3cret")));
        assert_true(in_memory(&f, "s3cret"));
        assert_int_equal(PROV_OK,
                         answer(&f, f.a.id, way == 0 ? PATCH : "<referencedSettings/>", 200));
        assert_false(in_memory(&f, "s3cret"));
        close_it(&f);
    }
}

static void
overwrites_everything_at_the_end(void **state)
{
    struct fixture f;

    (void)state;
    open_url(&f, "http://amy:secret@h/p");
    load(&f, SETTINGS);
    next_is(&f, PROV_DO_FETCH);
    prov_session_wipe(f.s);
    for (size_t i = 0; i < f.bytes; i++)
        assert_int_equal(0, f.memory[i]);
    prov_session_wipe(NULL);
    close_it(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ignores_reports_for_what_is_not_under_way),
        cmocka_unit_test(takes_nothing_more_for_a_cancelled_fetch),
        cmocka_unit_test(forgets_a_redirect_that_is_not_wanted_any_more),
        cmocka_unit_test(takes_no_more_bytes_once_it_was_too_much),
        cmocka_unit_test(ends_cleanly_wherever_memory_ends),
        cmocka_unit_test(stays_at_a_mistake_of_the_port),
        cmocka_unit_test(stays_at_a_status_that_a_store_cannot_have),
        cmocka_unit_test(stays_at_a_broken_check_and_without_heap),
        cmocka_unit_test(takes_a_result_of_an_older_port),
        cmocka_unit_test(needs_the_status_for_http_and_not_for_tftp),
        cmocka_unit_test(keeps_the_words_of_the_port_within_bounds),
        cmocka_unit_test(wipes_credentials_when_a_fetch_ends),
        cmocka_unit_test(overwrites_everything_at_the_end),
    };
    return cmocka_run_group_tests_name("session report", tests, NULL, NULL);
}
