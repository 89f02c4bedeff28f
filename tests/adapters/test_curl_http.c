/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* What HTTP says beside the bytes: versions, times, logins (NET-2). */

#include "fetching.h"

#define LATER "Sun, 06 Nov 1994 08:49:37 GMT"

static const char *script;

static int
start(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    folder_make();
    servers_start(script);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    servers_stop();
    folder_remove();
    return 0;
}

static int
open_plain(void **state)
{
    (void)state;
    net_open(NULL);
    return 0;
}

static void
times_are_reported_as_received(void **state)
{
    (void)state;
    get("/retry");
    assert_true(ended(PROV_OK, 503));
    assert_string_equal("7", fakes[1].retry_after);
    assert_int_equal(0, fakes[1].result.retry_after_s);
    assert_string_equal("Sun, 06 Nov 1994 08:47:37 GMT", fakes[1].date);
    get("/retry_date");
    assert_string_equal(LATER, fakes[1].retry_after);
    get("/ok"); /* the same handle: nothing is left */
    assert_string_equal("", fakes[1].retry_after);
    assert_string_equal("", fakes[1].date);
    get("/early"); /* what came before the answer is none of it */
    assert_true(ended(PROV_OK, 200));
    assert_string_equal("", fakes[1].etag);
    assert_string_equal("", fakes[1].retry_after);
    assert_string_equal("today", fakes[1].date);
}

static void
a_version_that_is_known_is_not_sent_again(void **state)
{
    static const struct {
        const char *name;
        const char *etag;
        const char *modified;
        uint32_t http;
        const char *body;
    } t[] = {
        { "nothing known", "", "", 200, "|" },
        { "same mark", "W/\"v1\"", "", 304, "" },
        { "same time", "", LATER, 304, "" },
        { "other mark", "\"v0\"", "", 200, "\"v0\"|" },
        { "both are sent", "\"v0\"", LATER, 200, "\"v0\"|" LATER },
        { "again nothing", "", "", 200, "|" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        struct prov_fetch req = request("http", "127.0.0.1", "http", "/version");

        req.etag = prov_str_z(t[i].etag);
        req.modified = prov_str_z(t[i].modified);
        run_one(&req);
        PROV_ROW(t[i].name, ended(PROV_OK, t[i].http));
        PROV_ROW(t[i].name, fake_body_is(1, t[i].body));
        PROV_ROW(t[i].name, strcmp(fakes[1].etag, "W/\"v1\"") == 0); /* the first of two */
        PROV_ROW(t[i].name, strcmp(fakes[1].modified, LATER) == 0);
    }
}

static void
asking_for_a_change_keeps_the_connection(void **state)
{
    struct prov_fetch req;
    char first[32];

    (void)state;
    get("/connection");
    memcpy(first, fakes[1].body, fakes[1].len);
    first[fakes[1].len] = '\0';
    req = request("http", "127.0.0.1", "http", "/version");
    req.modified = prov_str_z(LATER);
    run_one(&req);
    assert_true(ended(PROV_OK, 304));
    get("/connection");
    assert_true(fake_body_is(1, first));
}

static void
logins_are_sent_when_asked_for(void **state)
{
    static const char *const paths[] = { "/basic", "/digest" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(paths); i++) {
        struct prov_fetch req = request("http", "127.0.0.1", "http", paths[i]);

        run_one(&req);
        PROV_ROW(paths[i], ended(PROV_OK, 401));
        PROV_ROW(paths[i], fakes[1].len == 0);
        req.user = (struct prov_str)PROV_STR_INIT("user");
        req.password = (struct prov_str)PROV_STR_INIT("p:w%20\"x");
        run_one(&req);
        PROV_ROW(paths[i], ended(PROV_OK, 200));
        PROV_ROW(paths[i], fake_body_is(1, "welcome"));
        req.password = (struct prov_str)PROV_STR_INIT("wrong");
        run_one(&req);
        PROV_ROW(paths[i], ended(PROV_OK, 401));
        PROV_ROW(paths[i], fakes[1].len == 0);
    }
}

int
main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_plain, net_close)
    const struct CMUnitTest tests[] = {
        T(times_are_reported_as_received),
        T(a_version_that_is_known_is_not_sent_again),
        T(asking_for_a_change_keeps_the_connection),
        T(logins_are_sent_when_asked_for),
    };
    script = argc > 1 ? argv[1] : "tests/adapters/servers.py";
    return cmocka_run_group_tests_name("curl_http", tests, start, stop);
}
