/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* What HTTP says beside the bytes: versions, times, logins (NET-2). */

#include "fetching.h"

#define LATER "Sun, 06 Nov 1994 08:49:37 GMT"

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

/* Requests that were refused for want of a login. */
static unsigned
refusals(void)
{
    get("/refusals");
    fakes[1].body[fakes[1].len] = '\0';
    return (unsigned)atoi(fakes[1].body);
}

static void
log_in(const char *path, const char *password, uint32_t http)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", path);

    req.user = (struct prov_str)PROV_STR_INIT("user");
    req.password = prov_str_z(password);
    run_one(&req);
    PROV_ROW(path, ended(PROV_OK, http));
}

#define PASSWORD "p:w%20\"x"

/* Once it is known that the server wants it. */
static void
basic_is_sent_at_once_from_then_on(void **state)
{
    struct prov_fetch plain = request("http", "127.0.0.1", "http", "/echo");
    unsigned before = refusals();

    (void)state;
    log_in("/basic", PASSWORD, 200);
    assert_int_equal(before + 1, refusals());
    log_in("/basic?2", PASSWORD, 200);
    log_in("/basic?3", PASSWORD, 200);
    assert_int_equal(before + 1, refusals());
    plain = request("http", "127.0.0.1", "http", "/echo"); /* has none: none is sent */
    run_one(&plain);
    fakes[1].body[fakes[1].len] = '\0';
    assert_null(strstr(fakes[1].body, "Authorization"));

    before = refusals();
    log_in("/basic", "wrong", 401);
    assert_int_equal(before + 1, refusals()); /* not tried twice */
    log_in("/basic", PASSWORD, 200);
    assert_int_equal(before + 2, refusals()); /* asked for again */

    /* Another path of the same server wants Digest: it is not refused for having sent Basic. */
    before = refusals();
    log_in("/digest_only", PASSWORD, 200);
    assert_true(fake_body_is(1, "welcome by digest"));
    assert_in_range(refusals() - before, 1, 2);
    before = refusals();
    log_in("/digest_only", PASSWORD, 200);
    assert_int_equal(before + 1, refusals());
}

static void
packed_files_are_unpacked(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/packed?200000");

    (void)state;
    run_one(&req);
    if (ended(PROV_OK, 406)) {
        print_message("SKIP: this libcurl cannot unpack\n");
        skip();
    }
    assert_true(ended(PROV_OK, 200));
    assert_int_equal(200000, fakes[1].len);
    for (size_t i = 0; i < fakes[1].len; i++)
        assert_int_equal(0, fakes[1].body[i]);
    req = request("http", "127.0.0.1", "http", "/packed?bad");
    run_one(&req);
    assert_true(ended(PROV_E_NETWORK, 200));
    assert_int_equal(0, fakes[1].len);
}

static void
limits_count_what_is_unpacked(void **state)
{
    static const struct {
        const char *path;
        bool fits;
    } t[] = {
        { "/packed?1000", true },      { "/packed?1001", false },
        { "/packed?50000000", false }, { "/packed?r1000", true }, /* it is longer packed */
        { "/packed?r1001", false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        struct prov_fetch req = request("http", "127.0.0.1", "http", t[i].path);

        req.max_bytes = 1000;
        run_one(&req);
        if (ended(PROV_OK, 406))
            skip();
        PROV_ROW(t[i].path, ended(t[i].fits ? PROV_OK : PROV_E_LIMIT, 200));
        PROV_ROW(t[i].path, t[i].fits ? fakes[1].len == 1000 : fakes[1].len <= 1000);
        PROV_ROW(t[i].path, strcmp(fakes[1].detail, t[i].fits ? "" : "larger than allowed") == 0);
    }
}

/* The highest number of a connection that was used for 8 fetches side by side. */
static int
wave(void)
{
    const struct prov_fetch req = request("http", "127.0.0.1", "http", "/connection");
    int top = 0;

    fake_reset();
    for (uint32_t id = 1; id <= 8; id++)
        begin(id, &req);
    finish(8);
    for (uint32_t id = 1; id <= 8; id++) {
        fakes[id].body[fakes[id].len] = '\0';
        top = atoi(fakes[id].body) > top ? atoi(fakes[id].body) : top;
    }
    return top;
}

static void
connections_wait_for_further_fetches(void **state)
{
    const int first = wave();

    (void)state;
    get("/ok");
    assert_in_range(wave(), 1, first);
}

static void
connections_to_one_server_can_be_limited(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .host_connections = 2 };
    int before;

    (void)state;
    before = wave();
    prov_curl_free(&net);
    net_open(&o);
    assert_in_range(wave(), before + 1, before + 2);
}

/* The time-outs of a fetch begin with it, not with those that it has to wait for. */
static void
waiting_for_a_connection_is_no_time_out(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .host_connections = 1 };
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/late");

    (void)state;
    prov_curl_free(&net);
    net_open(&o);
    fake_reset();
    req.connect_ms = 300;
    for (uint32_t id = 1; id <= 3; id++)
        begin(id, &req);
    finish(3);
    for (uint32_t id = 1; id <= 3; id++) {
        PROV_ROW(fakes[id].detail, fakes[id].result.status == PROV_OK);
        assert_true(fakes[id].len > 0);
    }
}

static int
number(uint32_t id)
{
    assert_int_equal(PROV_OK, fakes[id].result.status);
    assert_true(fakes[id].len > 0);
    fakes[id].body[fakes[id].len] = '\0';
    return atoi(fakes[id].body);
}

/* Until the server has seen that many connections. */
static bool
are_made(int count)
{
    const uint64_t until = clock_ms() + 3000;
    bool made = false;

    while (!made && clock_ms() < until) {
        get("/connections");
        made = number(1) >= count;
    }
    return made;
}

/* Opens another network and returns how many connections the server has seen before. */
static int
count_and_reopen(const struct prov_curl_options *o)
{
    int count;

    get("/connections");
    count = number(1);
    prov_curl_free(&net);
    net_open(o);
    return count;
}

static void
connections_can_be_made_ahead(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .connections_ahead = 2 };
    const int before = count_and_reopen(&o);
    struct prov_fetch req;

    (void)state;
    assert_true(are_made(before + 3));
    req = request("http", "127.0.0.1", "http", "/late");
    fake_reset();
    for (uint32_t id = 1; id <= 3; id++)
        begin(id, &req);
    finish(3);
    for (uint32_t id = 1; id <= 3; id++)
        assert_in_range(number(id), before + 1, before + 3);
    assert_int_not_equal(number(1), number(2));
    get("/connections");
    assert_int_equal(before + 3, number(1)); /* no further ones */
}

static void
no_more_are_made_ahead_than_allowed(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o),
                                         .connections_ahead = 9,
                                         .host_connections = 2 };
    const int before = count_and_reopen(&o);

    (void)state;
    assert_true(are_made(before + 2));
    for (int i = 0; i < 3; i++)
        get("/connections");
    assert_int_equal(before + 2, number(1));
}

static void
those_ahead_that_do_not_come_about_do_no_harm(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .connections_ahead = UINT32_MAX };
    char nowhere[64];
    struct prov_fetch req = { .size = sizeof(req), .whole_ms = 5000 };

    (void)state;
    prov_curl_free(&net);
    net_open(&o);
    snprintf(nowhere, sizeof(nowhere), "http://127.0.0.1:%u/", free_port(SOCK_STREAM));
    req.url = prov_str_z(nowhere);
    for (int i = 0; i < 2; i++) {
        run_one(&req);
        assert_true(ended(PROV_E_NETWORK, 0));
    }
    get("/ok");
    assert_true(fake_body_is(1, "hello"));
}

/* Take one connection and give back its number; read what has come, if anything. */
static int
accept_one(int listener, size_t *came)
{
    const struct timespec nap = { 0, 20000000 };
    char bytes[1000];
    ssize_t n = -1;
    const int fd = accept(listener, NULL, NULL);

    assert_true(fd >= 0);
    for (int i = 0; i < 10 && n <= 0; i++) {
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 0, &fake_run));
        n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        nanosleep(&nap, NULL);
    }
    *came = n > 0 ? (size_t)n : 0;
    return fd;
}

static void
answer_and_close(int fd)
{
    static const char bytes[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok";

    assert_int_equal(sizeof(bytes) - 1, send(fd, bytes, sizeof(bytes) - 1, 0));
    close(fd);
}

static void
one_that_the_server_has_closed_is_not_used(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .connections_ahead = 1 };
    const unsigned port = free_port(SOCK_STREAM);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/");
    size_t came[2];
    int fds[2];

    (void)state;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(0, bind(listener, (struct sockaddr *)&a, sizeof(a)));
    assert_int_equal(0, listen(listener, 4));
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    req.url.len = strlen(url);
    prov_curl_free(&net);
    net_open(&o);
    fake_reset();
    begin(1, &req);
    for (int i = 0; i < 5; i++)
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 10, &fake_run));
    for (int i = 0; i < 2; i++)
        fds[i] = accept_one(listener, &came[i]);
    assert_true((came[0] > 0) != (came[1] > 0)); /* a request on one of them */
    close(fds[came[0] > 0]);
    answer_and_close(fds[came[0] == 0]);
    finish(1);
    assert_true(fake_body_is(1, "ok"));
    begin(2, &req);
    for (int i = 0; i < 5; i++)
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 10, &fake_run));
    assert_int_equal(0, fakes[2].done);
    fds[0] = accept_one(listener, &came[0]);
    assert_true(came[0] > 0);
    answer_and_close(fds[0]);
    finish(2);
    close(listener);
    assert_true(fake_body_is(2, "ok"));
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
        T(basic_is_sent_at_once_from_then_on),
        T(packed_files_are_unpacked),
        T(limits_count_what_is_unpacked),
        T(connections_wait_for_further_fetches),
        T(connections_to_one_server_can_be_limited),
        T(waiting_for_a_connection_is_no_time_out),
        T(connections_can_be_made_ahead),
        T(no_more_are_made_ahead_than_allowed),
        T(those_ahead_that_do_not_come_about_do_no_harm),
        T(one_that_the_server_has_closed_is_not_used),
    };
    script = argc > 1 ? argv[1] : script;
    return cmocka_run_group_tests_name("curl_http", tests, servers_up, servers_down);
}
