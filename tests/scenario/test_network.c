/* SPDX-License-Identifier: MIT */

/* What servers do wrong: redirects, sizes, statuses; when it is tried again; and where credentials
 * go. */

#include <stdio.h>

#include "world.h"

#define PATCH "<configuration><telephony><a>9</a></telephony></configuration>"

/* ---- Redirects ---- */

static const struct redirect {
    const char *name;
    const char *from, *location, *to; /* to NULL: refused */
    uint32_t http;
    enum prov_diag_code code;
    enum prov_status status;
} redirects[] = {
    /* clang-format off */
    { "301", "http://h/a", "http://g/b", "http://g/b", 301, 0, 0 },
    { "302 with a path", "http://h/d/a", "b", "http://h/d/b", 302, 0, 0 },
    { "303 from the host", "http://h/d/a", "/b", "http://h/b", 303, 0, 0 },
    { "307 of the same scheme", "http://h/a", "//g/b", "http://g/b", 307, 0, 0 },
    { "308 with a query", "http://h/a?x", "?y", "http://h/a?y", 308, 0, 0 },
    { "up to https", "http://h/a", "https://h/a", "https://h/a", 301, 0, 0 },
    { "https stays", "https://h/a", "b", "https://h/b", 301, 0, 0 },
    { "the fragment is cut", "http://h/a", " http://g/b#c ", "http://g/b", 301, 0, 0 },
    { "its user part is dropped", "http://h/a", "http://eve:x@g/b", "http://g/b", 301, 0, 0 },
    { "down to http", "https://h/a", "http://h/a", NULL, 301, PROV_D_REDIRECT_DOWNGRADE,
      PROV_E_DENIED },
    { "down to ftp", "https://h/a", "ftp://h/a", NULL, 302, PROV_D_REDIRECT_DOWNGRADE,
      PROV_E_DENIED },
    { "down to tftp", "https://h/a", "tftp://h/a", NULL, 302, PROV_D_REDIRECT_DOWNGRADE,
      PROV_E_DENIED },
    { "fifth scheme", "http://h/a", "file:///etc/x", NULL, 302, PROV_D_REDIRECT_SCHEME,
      PROV_E_DENIED },
    { "no location", "http://h/a", "", NULL, 302, PROV_D_REDIRECT_NO_LOCATION, PROV_E_SYNTAX },
    { "malformed", "http://h/a", "http://[::1/a", NULL, 302, PROV_D_REDIRECT_MALFORMED,
      PROV_E_SYNTAX },
    { "control byte", "http://h/a", "/a\tb", NULL, 302, PROV_D_REDIRECT_MALFORMED, PROV_E_SYNTAX },
    { "too long", "http://h/a", "http://h/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      NULL, 302, PROV_D_REDIRECT_TOO_LONG, PROV_E_LIMIT },
    { "in a circle", "http://h/a", "/a", NULL, 302, PROV_D_REDIRECT_TOO_MANY, PROV_E_DENIED },
    { "300 is none", "http://h/a", "http://g/b", NULL, 300, PROV_D_HTTP_STATUS, PROV_E_NETWORK },
    { "304 is none", "http://h/a", "http://g/b", NULL, 304, PROV_D_HTTP_NOT_ASKED, PROV_E_NETWORK },
    /* clang-format on */
};

static void
decides_every_redirect(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(redirects); i++) {
        const struct redirect *r = &redirects[i];
        const struct world_reply replies[] = {
            { r->from, "<html>moved</html>", .http = r->http, .location = r->location },
            { .url = r->to != NULL ? r->to : "-", .body = PATCH },
            { .url = NULL },
        };
        struct world *w = world_new(r->from, replies);

        w->limits.url_bytes = 64;
        const enum prov_outcome outcome = world_run(w);
        const struct prov_fetch_record *f = &w->record->fetches[0];

        if (r->to != NULL) {
            PROV_ROW(r->name, outcome == PROV_OUTCOME_APPLIED);
            PROV_ROW(r->name, prov_str_eq(f->final_url, prov_str_z(r->to)));
            PROV_ROW(r->name, f->redirects == 1 && w->fetch_count == 2);
            PROV_ROW(r->name, f->bytes == strlen(PATCH));
        } else {
            PROV_ROW(r->name, outcome == (r->status == PROV_E_NETWORK ? PROV_OUTCOME_FAILED
                                                                      : PROV_OUTCOME_REFUSED));
            PROV_ROW(r->name, w->record->status == r->status);
            PROV_ROW(r->name, world_diag(w, r->code) != NULL);
            PROV_ROW(r->name, w->record->diags->count == 1);
            PROV_ROW(r->name, w->begin_count == 0);
        }
        world_free(w);
    }
}

static void
follows_five_redirects_and_not_six(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/0", .body = "", .http = 302, .location = "1" },
        { .url = "http://h/1", .body = "", .http = 302, .location = "2" },
        { .url = "http://h/2", .body = "", .http = 302, .location = "3" },
        { .url = "http://h/3", .body = "", .http = 302, .location = "4" },
        { .url = "http://h/4", .body = "", .http = 302, .location = "5" },
        { .url = "http://h/5", .body = "", .http = 302, .location = "6" },
        { .url = "http://h/6", .body = PATCH },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/1", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(5, w->record->fetches[0].redirects);
    world_free(w);

    w = world_new("http://h/0", replies);
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(5, w->record->fetches[0].redirects);
    assert_int_equal(5, world_diag(w, PROV_D_REDIRECT_TOO_MANY)->need);
    world_free(w);
}

/* REF-1: the base is where the reference file finally came from. */
static void
resolves_references_from_where_the_file_came(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/a/r.xml", .body = "", .http = 302, .location = "http://g/b/r.xml?q" },
        { .url = "http://g/b/r.xml?q",
          .body = "<referencedSettings><url>p.xml</url></referencedSettings>" },
        { .url = "http://g/b/p.xml", .body = PATCH },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/a/r.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_free(w);
}

/* ---- Statuses and sizes ---- */

static const struct bad_reply {
    const char *name;
    uint32_t http;
    enum prov_status port;
    enum prov_diag_code code;
    enum prov_status status;
    size_t need;
} bad_replies[] = {
    /* clang-format off */
    { "404", 404, PROV_OK, PROV_D_HTTP_NOT_FOUND, PROV_E_NOT_FOUND, 404 },
    { "410", 410, PROV_OK, PROV_D_HTTP_NOT_FOUND, PROV_E_NOT_FOUND, 410 },
    { "401", 401, PROV_OK, PROV_D_HTTP_REFUSED, PROV_E_DENIED, 401 },
    { "403", 403, PROV_OK, PROV_D_HTTP_REFUSED, PROV_E_DENIED, 403 },
    { "407", 407, PROV_OK, PROV_D_HTTP_REFUSED, PROV_E_DENIED, 407 },
    { "408", 408, PROV_OK, PROV_D_HTTP_SERVER, PROV_E_TIMEOUT, 408 },
    { "429", 429, PROV_OK, PROV_D_HTTP_SERVER, PROV_E_NETWORK, 429 },
    { "500", 500, PROV_OK, PROV_D_HTTP_SERVER, PROV_E_NETWORK, 500 },
    { "599", 599, PROV_OK, PROV_D_HTTP_SERVER, PROV_E_NETWORK, 599 },
    { "600", 600, PROV_OK, PROV_D_HTTP_STATUS, PROV_E_NETWORK, 600 },
    { "418", 418, PROV_OK, PROV_D_HTTP_STATUS, PROV_E_NETWORK, 418 },
    { "204", 204, PROV_OK, PROV_D_HTTP_STATUS, PROV_E_NETWORK, 204 },
    { "206", 206, PROV_OK, PROV_D_HTTP_STATUS, PROV_E_NETWORK, 206 },
    { "broken", 0, PROV_E_NETWORK, PROV_D_NET_FAILED, PROV_E_NETWORK, 0 },
    { "broken after a 404", 404, PROV_E_NETWORK, PROV_D_NET_FAILED, PROV_E_NETWORK, 0 },
    { "broken after a 302", 302, PROV_E_TIMEOUT, PROV_D_NET_TIMEOUT, PROV_E_TIMEOUT, 0 },
    { "time-out", 0, PROV_E_TIMEOUT, PROV_D_NET_TIMEOUT, PROV_E_TIMEOUT, 0 },
    { "ftp not found", 0, PROV_E_NOT_FOUND, PROV_D_NET_NOT_FOUND, PROV_E_NOT_FOUND, 0 },
    { "tls", 0, PROV_E_DENIED, PROV_D_NET_REFUSED, PROV_E_DENIED, 0 },
    { "stopped", 0, PROV_E_CANCELLED, PROV_D_NET_STOPPED, PROV_E_CANCELLED, 0 },
    { "memory", 0, PROV_E_MEMORY, PROV_D_NET_NO_MEMORY, PROV_E_MEMORY, 0 },
    /* clang-format on */
};

static void
tells_every_failure_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad_replies); i++) {
        const struct bad_reply *r = &bad_replies[i];
        const struct world_reply replies[] = {
            { .url = "http://h/a",
              .body = PATCH,
              .http = r->http,
              .status = r->port,
              .location = "/b" },
            { .url = NULL },
        };
        struct world *w = world_new("http://h/a", replies);

        PROV_ROW(r->name, world_run(w) == PROV_OUTCOME_FAILED);
        PROV_ROW(r->name, w->record->status == r->status);
        PROV_ROW(r->name, w->record->fetches[0].status == r->status);
        PROV_ROW(r->name, world_diag(w, r->code) != NULL);
        PROV_ROW(r->name, world_diag(w, r->code)->need == r->need);
        PROV_ROW(r->name, prov_str_eq(world_diag(w, r->code)->source, prov_str_z("http://h/a")));
        PROV_ROW(r->name, w->begin_count == 0);
        world_free(w);
    }
}

static void
fails_for_a_server_that_cannot_be_reached(void **state)
{
    static const struct world_reply replies[] = { { .url = NULL } };
    struct world *w = world_new("http://h/a", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_NET_FAILED));
    world_free(w);
}

/* A patch of exactly n bytes. */
static char *
patch_of(size_t n)
{
    char *text = malloc(n + 1);

    assert_non_null(text);
    assert_true(n >= strlen(PATCH));
    memset(text, ' ', n);
    text[n] = '\0';
    memcpy(text, PATCH, strlen(PATCH));
    return text;
}

static void
takes_a_file_of_the_limit_and_not_one_byte_more(void **state)
{
    static const size_t chunks[] = { 0, 1, 7, 200 };

    (void)state;
    for (size_t c = 0; c < PROV_COUNT(chunks); c++) {
        for (size_t n = 199; n <= 201; n++) {
            char *body = patch_of(n);
            const struct world_reply replies[] = { { .url = "http://h/a", .body = body },
                                                   { .url = NULL } };
            struct world *w = world_new("http://h/a", replies);

            w->limits.file_bytes = 200;
            w->chunk = chunks[c];
            assert_int_equal(n <= 200 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_REFUSED, world_run(w));
            assert_int_equal(n <= 200 ? n : 200, w->record->fetches[0].bytes);
            if (n > 200) {
                assert_int_equal(PROV_E_LIMIT, w->record->status);
                assert_int_equal(200, world_diag(w, PROV_D_NET_FILE_TOO_LARGE)->need);
                assert_int_equal(1, world_diag(w, PROV_D_NET_FILE_TOO_LARGE)->line);
                assert_int_equal(201, world_diag(w, PROV_D_NET_FILE_TOO_LARGE)->column);
                assert_int_equal(0, w->begin_count);
            }
            free(body);
            world_free(w);
        }
    }
}

static void
takes_a_tree_of_the_limit_and_not_one_byte_more(void **state)
{
    static const char refs[] = "<referencedSettings><url>p</url><url>q</url></referencedSettings>";
    char *body = patch_of(100);
    const struct world_reply replies[] = { { .url = "http://h/r", .body = refs },
                                           { .url = "http://h/p", .body = body },
                                           { .url = "http://h/q", .body = body },
                                           { .url = NULL } };
    const uint32_t all = (uint32_t)strlen(refs) + 200;

    (void)state;
    for (uint32_t limit = all - 1; limit <= all + 1; limit++) {
        for (int way = 0; way < 2; way++) {
            struct world *w = world_new("http://h/r", replies);

            w->limits.tree_bytes = limit;
            w->interleave = way == 1;
            w->chunk = way == 1 ? 9 : 0;
            w->config.dialect = way == 1 ? &world_lenient : &world_dialect;
            assert_int_equal(limit >= all ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_REFUSED,
                             world_run(w));
            if (limit < all)
                assert_int_equal(limit, world_diag(w, PROV_D_NET_TREE_TOO_LARGE)->need);
            world_free(w);
        }
    }
    free(body);
}

/* The head of an answer counts before its body: a huge error page is an error page. */
static void
judges_a_large_error_page_by_its_status(void **state)
{
    char *body = patch_of(500);
    const struct world_reply replies[] = { { .url = "http://h/a", .body = body, .http = 404 },
                                           { .url = NULL } };
    const struct world_reply limit[] = {
        { .url = "http://h/a", .body = PATCH, .status = PROV_E_LIMIT, .http = 200 }, { .url = NULL }
    };
    struct world *w = world_new("http://h/a", replies);

    (void)state;
    w->limits.file_bytes = 200;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_HTTP_NOT_FOUND));
    world_free(w);

    w = world_new("http://h/a", limit); /* the port noticed first */
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_NET_FILE_TOO_LARGE));
    world_free(w);
    free(body);
}

/* What it took is given back: it does not count against the other files. */
static void
does_not_count_a_large_error_page(void **state)
{
    static const char refs[] = "<referencedSettings><url>e</url><url>s</url><url>p</url>"
                               "</referencedSettings>";
    char *page = patch_of(500), *small = patch_of(180), *body = patch_of(150);
    const struct world_reply replies[] = { { .url = "http://h/r", .body = refs },
                                           { .url = "http://h/e", .body = page, .http = 404 },
                                           { .url = "http://h/s", .body = small, .http = 404 },
                                           { .url = "http://h/p", .body = body },
                                           { .url = NULL } };
    struct world *w = world_new("http://h/r", replies);

    (void)state;
    w->limits.file_bytes = 200;
    w->limits.tree_bytes = (uint32_t)strlen(refs) + 210;
    w->limits.fetches = 1;
    w->chunk = 7;
    w->config.dialect = &world_lenient;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(PROV_E_NOT_FOUND, w->record->fetches[1].status);
    assert_int_equal(200, w->record->fetches[1].bytes);
    world_free(w);
    free(page);
    free(small);
    free(body);
}

static void
refuses_what_is_no_xml(void **state)
{
    static const char *const bodies[] = { "", " \r\n", "<!DOCTYPE html><html></html>", "# text" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bodies); i++) {
        const struct world_reply replies[] = { { .url = "http://h/a", .body = bodies[i] },
                                               { .url = NULL } };
        struct world *w = world_new("http://h/a", replies);

        PROV_ROW(bodies[i], world_run(w) == PROV_OUTCOME_REFUSED);
        PROV_ROW(bodies[i], w->record->status == PROV_E_SYNTAX);
        PROV_ROW(bodies[i], w->record->diags->count >= 1);
        world_free(w);
    }
}

/* ---- Again ---- */

static void
tries_again_after_a_failure_with_the_delays_given(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/a", .body = "", .http = 503 },
        { .url = "http://h/a", .body = "", .http = 503 },
        { .url = "http://h/a", .body = "", .http = 503 },
        { .url = "http://h/a", .body = PATCH },
        { .url = NULL },
    };
    static const struct prov_delay delays[] = { { 10, 0 }, { 20, 5 } };
    struct world *w = world_new("http://h/a", replies);

    (void)state;
    w->config.delays = delays;
    w->config.delay_count = 2;
    w->config.attempts = 0;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(4, w->record->attempts);
    assert_int_equal(0, w->record->diags->count); /* of the last attempt only */
    assert_in_range(w->now_ms, 1000 + 10000 + 2 * 20000, 1000 + 10000 + 2 * 25000);
    world_free(w);
}

static void
gives_up_after_the_last_attempt(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/a", .body = "", .http = 404 },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/a", replies);

    (void)state;
    w->config.attempts = 3;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(3, w->record->attempts);
    assert_int_equal(3, w->fetch_count);
    assert_false(w->record->will_retry);
    /* 60+30, then 300+60 seconds */
    assert_in_range(w->now_ms, 1000 + 360000, 1000 + 450000);
    world_free(w);
}

static void
does_not_try_again_what_was_refused(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/a", .body = "<nope" },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/a", replies);

    (void)state;
    w->config.attempts = 0;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(1, w->record->attempts);
    world_free(w);
}

static void
honours_retry_after_within_bounds(void **state)
{
    static const struct {
        const char *name;
        uint32_t header, least, most;
    } rows[] = {
        { "shorter than our own", 1, 60000, 90000 },
        { "longer than our own", 600, 600000, 630000 }, /* the random part stays */
        { "a day", 86400, 86400000, 86430000 },
        { "too long", UINT32_MAX, 86400000, 86430000 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = {
            { .url = "http://h/a", .body = "", .http = 503, .retry_after_s = rows[i].header },
            { .url = "http://h/a", .body = PATCH },
            { .url = NULL },
        };
        struct world *w = world_new("http://h/a", replies);

        w->config.attempts = 2;
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(rows[i].name, w->now_ms >= 1000 + (uint64_t)rows[i].least);
        PROV_ROW(rows[i].name, w->now_ms <= 1000 + (uint64_t)rows[i].most);
        world_free(w);
    }
}

/* ---- Credentials ---- */

static void
gives_credentials_to_their_own_origin_only(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r",
          .body = "<referencedSettings><url>p</url><url>http://h:81/q</url>"
                  "<url>http://bob:b%40d@g/s</url><url>m</url></referencedSettings>",
          .user = "amy",
          .password = "s3cr:t" },
        { .url = "http://h/p", .body = PATCH, .user = "amy", .password = "s3cr:t" },
        { .url = "http://h:81/q", .body = PATCH, .user = "", .password = "" },
        { .url = "http://g/s", .body = PATCH, .user = "bob", .password = "b@d" },
        { .url = "http://h/m",
          .body = "",
          .http = 302,
          .location = "http://k/m",
          .user = "amy",
          .password = "s3cr:t" },
        { .url = "http://k/m",
          .body = "",
          .http = 302,
          .location = "http://h/n",
          .user = "",
          .password = "" },
        { .url = "http://h/n", .body = PATCH, .user = "", .password = "" },
        { .url = NULL },
    };
    struct world *w = world_new("http://amy:s3cr%3At@h/r", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(prov_str_eq(w->record->sources[3].url, prov_str_z("http://***@h/r")));
    assert_true(prov_str_eq(w->record->fetches[0].url, prov_str_z("http://***@h/r")));
    for (size_t i = 0; i < 7; i++)
        assert_false(world_tells(
            w, ((const char *[]){ "amy", "s3cr", "bob", "b%40d", "b@d", "%3At", ":t" })[i]));
    world_free(w);
}

/* However the run ends, nothing that is shown holds them. */
static void
never_shows_credentials(void **state)
{
    static const struct {
        const char *name, *url;
        struct world_reply reply;
    } rows[] = {
        { "malformed address", "http://amy:s3cr@h:x/", { .url = "-", .body = "" } },
        { "no scheme", "amy:s3cr@h/a", { .url = "-", .body = "" } },
        { "gone", "http://amy:s3cr@h/a", { .url = "http://h/a", .body = "", .http = 404 } },
        { "redirect",
          "http://amy:s3cr@h/a",
          { .url = "http://h/a", .body = "", .http = 302, .location = "http://amy:s3cr@g:x/" } },
        { "redirect down",
          "https://amy:s3cr@h/a",
          { .url = "https://h/a", .body = "", .http = 302, .location = "http://amy:s3cr@g/" } },
        { "not well formed", "http://amy:s3cr@h/a", { .url = "http://h/a", .body = "<a>" } },
        { "cycle",
          "http://amy:s3cr@h/a",
          { .url = "http://h/a",
            .body = "<referencedSettings><url>a</url></referencedSettings>" } },
        { "bad reference",
          "http://amy:s3cr@h/a",
          { .url = "http://h/a",
            .body = "<referencedSettings><url>x://amy:s3cr@g/</url></referencedSettings>" } },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = { rows[i].reply, { .url = NULL } };
        struct world *w = world_new(rows[i].url, replies);
        const enum prov_outcome outcome = world_run(w);

        PROV_ROW(rows[i].name, outcome == PROV_OUTCOME_REFUSED || outcome == PROV_OUTCOME_FAILED);
        PROV_ROW(rows[i].name, !world_tells(w, "s3cr"));
        PROV_ROW(rows[i].name, !world_tells(w, "amy"));
        PROV_ROW(rows[i].name, !world_logged(w, "amy:"));
        world_free(w);
    }
}

static void
sends_the_user_agent_with_its_markers_replaced(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/a", .body = PATCH },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/a", replies);

    (void)state;
    w->config.user_agent = prov_str_z("Phone {MODEL}/{mac}");
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_logged(w, "agent 6 Phone M1/0080f0c571eb\n"));
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_every_redirect),
        cmocka_unit_test(follows_five_redirects_and_not_six),
        cmocka_unit_test(resolves_references_from_where_the_file_came),
        cmocka_unit_test(tells_every_failure_apart),
        cmocka_unit_test(fails_for_a_server_that_cannot_be_reached),
        cmocka_unit_test(takes_a_file_of_the_limit_and_not_one_byte_more),
        cmocka_unit_test(takes_a_tree_of_the_limit_and_not_one_byte_more),
        cmocka_unit_test(judges_a_large_error_page_by_its_status),
        cmocka_unit_test(does_not_count_a_large_error_page),
        cmocka_unit_test(refuses_what_is_no_xml),
        cmocka_unit_test(tries_again_after_a_failure_with_the_delays_given),
        cmocka_unit_test(gives_up_after_the_last_attempt),
        cmocka_unit_test(does_not_try_again_what_was_refused),
        cmocka_unit_test(honours_retry_after_within_bounds),
        cmocka_unit_test(gives_credentials_to_their_own_origin_only),
        cmocka_unit_test(never_shows_credentials),
        cmocka_unit_test(sends_the_user_agent_with_its_markers_replaced),
    };
    return cmocka_run_group_tests_name("scenario network", tests, NULL, NULL);
}
