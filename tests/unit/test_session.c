/* SPDX-License-Identifier: MIT */
#include <prov/session.h>

#include "support/prov_cmocka.h"

#define SETTINGS "<configuration><telephony><a>1</a></telephony></configuration>"
#define PATCH "<configuration><telephony><a>2</a></telephony></configuration>"
#define AFTER "<configuration><telephony><a>2</a></telephony></configuration>"

static const struct prov_marker markers[] = { { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_LOWER } };
static const struct prov_source_rule sources[] = { { PROV_SOURCE_MANUAL, 1, true, false } };

static const struct prov_dialect dialect = {
    .size = sizeof(dialect),
    .name = PROV_STR_INIT("test"),
    .markers = markers,
    .marker_count = 1,
    .sources = sources,
    .source_count = 1,
    .file_types = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_REFERENCE),
    .settings_root = PROV_STR_INIT("configuration"),
    .settings_empty = PROV_STR_INIT("<configuration/>"),
    .reference_element = PROV_STR_INIT("url"),
};
static const struct prov_identity identity = { .size = sizeof(identity),
                                               .mac = PROV_STR_INIT("0080F0C571EB") };

/* A session in memory of exactly the bound. */
struct fixture {
    struct prov_session_config config;
    struct prov_session *s;
    char *memory;
    size_t bytes;
    struct prov_action a;
    uint64_t now;
};

static struct prov_session_config
config_of(const char *url)
{
    const struct prov_session_config c = {
        .size = sizeof(c),
        .dialect = &dialect,
        .identity = &identity,
        .url = prov_str_z(url),
        .seed = 1,
        .attempts = 1,
    };

    return c;
}

static void
open_with(struct fixture *f, const struct prov_session_config *config)
{
    memset(f, 0, sizeof(*f));
    f->config = *config;
    f->now = 100;
    assert_int_equal(PROV_OK, prov_session_memory(config->limits, &f->bytes));
    f->memory = malloc(f->bytes);
    assert_non_null(f->memory);
    assert_int_equal(PROV_OK, prov_session_init(&f->s, f->memory, f->bytes, config, NULL));
}

static void
open_url(struct fixture *f, const char *url)
{
    const struct prov_session_config c = config_of(url);

    open_with(f, &c);
}

static void
close_it(struct fixture *f)
{
    free(f->memory);
}

static void
next_is(struct fixture *f, enum prov_do kind)
{
    assert_int_equal(PROV_OK, prov_session_next(f->s, f->now, &f->a));
    assert_int_equal(kind, f->a.kind);
}

static void
load(struct fixture *f, const char *settings)
{
    next_is(f, PROV_DO_LOAD);
    assert_int_equal(PROV_ITEM_SETTINGS, f->a.item);
    if (settings != NULL)
        assert_int_equal(PROV_OK, prov_session_body(f->s, f->a.id, settings, strlen(settings)));
    assert_int_equal(PROV_OK, prov_session_done(f->s, f->a.id, f->now,
                                                settings != NULL ? PROV_OK : PROV_E_NOT_FOUND));
    next_is(f, PROV_DO_LOAD);
    assert_int_equal(PROV_ITEM_STATE, f->a.item);
    assert_int_equal(PROV_OK, prov_session_done(f->s, f->a.id, f->now, PROV_E_NOT_FOUND));
}

static enum prov_status
answer(struct fixture *f, uint32_t id, const char *body, uint32_t http)
{
    const struct prov_fetch_result r = { .size = sizeof(r), .http_status = http };

    assert_int_equal(PROV_OK, prov_session_body(f->s, id, body, strlen(body)));
    return prov_session_fetched(f->s, id, f->now, &r);
}

/* Up to the point where settings are to be stored; the id of the store. */
static uint32_t
up_to_store(struct fixture *f)
{
    load(f, SETTINGS);
    next_is(f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(f, f->a.id, PATCH, 200));
    next_is(f, PROV_DO_STORE);
    return f->a.id;
}

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
    assert_true(less < 100000);
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

/* All of the settings, then all of the state. */
static void
hands_out_what_is_to_be_stored(void **state)
{
    struct fixture f;
    enum prov_item item, last = PROV_ITEM_SETTINGS;
    struct prov_str piece;
    char text[2][600];
    size_t len[2] = { 0, 0 };

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
    assert_int_equal(PROV_ITEM_STATE, last);
    assert_true(len[1] > 100);
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
    for (size_t bytes = bound; bytes > bound / 4; bytes -= 3) {
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
    static const char *const names[] = { "none",    "applied", "unchanged", "partial",
                                         "refused", "failed",  "nothing",   "?" };
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
        { PROV_SOURCE_PNP, 1, false, false },
        { PROV_SOURCE_MANUAL, 2, true, false },
        { PROV_SOURCE_REDIRECT, 3, true, false },
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
    next_is(&f, PROV_DO_STOP);
    const struct prov_record *r = prov_session_record(f.s);

    assert_int_equal(PROV_OUTCOME_NOTHING, r->outcome);
    assert_int_equal(3, r->source_count);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(PROV_SOURCE_NOT_ASKED, r->sources[i].outcome);
    assert_string_equal("the port offers no multicast exchange", r->sources[0].reason);
    assert_string_equal("the dialect stops after an earlier source", r->sources[1].reason);
    close_it(&f);
}

static void
tells_why_the_others_lost(void **state)
{
    static const struct prov_source_rule order[] = {
        { PROV_SOURCE_MANUAL, 1, true, false },
        { PROV_SOURCE_MANUAL, 1, true, false },
        { (enum prov_source_kind)99, 1, true, false },
        { PROV_SOURCE_DHCPV6, 2, true, false },
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
        cmocka_unit_test(has_a_record_at_any_time),
        cmocka_unit_test(names_outcomes),
        cmocka_unit_test(stops_searching_where_the_dialect_says_so),
        cmocka_unit_test(tells_why_the_others_lost),
        cmocka_unit_test(refuses_a_raw_marker_value_that_no_address_can_hold),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
