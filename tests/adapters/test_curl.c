/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1
#include "fetching.h"

static const struct row {
    const char *name;
    const char *path;
    enum prov_status status;
    uint32_t http;
    const char *body;
    const char *location;
    const char *detail;
} rows[] = {
    /* clang-format off */
    { "a file",             "/ok",            PROV_OK, 200, "hello", "", "" },
    { "an empty file",      "/empty",         PROV_OK, 200, "", "", "" },
    { "in chunks",          "/chunked?2",     PROV_OK, 200, "01234567890123456789", "", "" },
    { "more than was told", "/long",          PROV_OK, 200, "hello", "", "" },
    { "not found",          "/nothing",       PROV_OK, 404, "", "", "" },
    { "large error page",   "/big404",        PROV_OK, 404, "", "", "" },
    { "error page cut off", "/cut404",        PROV_OK, 404, "", "", "" },
    { "other good status",  "/status?203%20", PROV_OK, 203, "", "", "" },
    { "part of a file",     "/status?206%20", PROV_OK, 206, "", "", "" },
    { "redirect",           "/redirect",      PROV_OK, 302, "", "../else?x=1", "" },
    { "location of a 200",  "/200_location",  PROV_OK, 200, "here", "", "" },
    { "cut off",            "/cut",           PROV_E_NETWORK, 200, "short", "",
      "Transferred a partial file" },
    { "no HTTP",            "/garbage",       PROV_E_NETWORK, 0, "", "",
      "the answer is not HTTP" },
    /* clang-format on */
};

static void
answers_follow_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];

        get(r->path);
        if (strcmp(r->name, "no HTTP") == 0) { /* libcurl's words for it vary */
            PROV_ROW(r->name, fakes[1].result.status != PROV_OK && fakes[1].detail[0] != '\0');
            PROV_ROW(r->name, fakes[1].len == 0);
            continue;
        }
        PROV_ROW(r->name, ended(r->status, r->http));
        PROV_ROW(r->name, fake_body_is(1, r->body));
        PROV_ROW(r->name, strcmp(fakes[1].location, r->location) == 0);
        PROV_ROW(r->name, strcmp(fakes[1].detail, r->detail) == 0);
    }
}

static void
too_much_is_stopped(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/big?1000");

    (void)state;
    req.max_bytes = 1000;
    run_one(&req);
    assert_true(ended(PROV_OK, 200));
    assert_int_equal(1000, fakes[1].len);
    req.max_bytes = 999;
    run_one(&req);
    assert_true(ended(PROV_E_LIMIT, 200));
    req = request("http", "127.0.0.1", "http", "/big?200000");
    req.max_bytes = 199999; /* told before the first byte: not one is taken */
    run_one(&req);
    assert_true(ended(PROV_E_LIMIT, 200));
    assert_int_equal(0, fakes[1].len);
    assert_string_equal("larger than allowed", fakes[1].detail);
    req = request("http", "127.0.0.1", "http", "/chunked?10000"); /* not told */
    req.max_bytes = 50000;
    run_one(&req);
    assert_true(ended(PROV_E_LIMIT, 200));
    assert_true(fakes[1].len <= 50000);
    req.max_bytes = 0;
    run_one(&req);
    assert_true(ended(PROV_OK, 200));
    assert_int_equal(100000, fakes[1].len);
}

static void
a_run_that_takes_no_more_stops_its_fetch_only(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/big?200000");

    (void)state;
    fake_reset();
    fakes[1].most = 20000;
    begin(1, &req);
    begin(2, &req);
    finish(2);
    assert_true(ended(PROV_E_LIMIT, 200));
    assert_int_equal(PROV_OK, fakes[2].result.status);
    assert_int_equal(200000, fakes[2].len);
}

static void
time_outs_are_kept(void **state)
{
    static const struct {
        const char *path;
        uint32_t idle;
        uint32_t whole;
        uint32_t least;
        const char *detail;
    } t[] = {
        { "/silent", 300, 5000, 300, "no byte within the idle time-out" },
        { "/idle", 300, 5000, 300, "no byte within the idle time-out" },
        { "/silent", 5000, 400, 400, "not complete within the time-out" },
        { "/drip", 300, 700, 700, "not complete within the time-out" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        struct prov_fetch req = request("http", "127.0.0.1", "http", t[i].path);
        const uint64_t before = clock_ms();

        req.idle_ms = t[i].idle;
        req.whole_ms = t[i].whole;
        run_one(&req);
        PROV_ROW(t[i].path, fakes[1].result.status == PROV_E_TIMEOUT);
        PROV_ROW(t[i].path, strcmp(fakes[1].detail, t[i].detail) == 0);
        PROV_ROW(t[i].path, clock_ms() - before + 5 >= t[i].least);
        PROV_ROW(t[i].path, clock_ms() - before < t[i].least + 1500);
    }
}

static void
a_connection_that_does_not_come_is_a_time_out(void **state)
{
    struct prov_fetch req = request("https", "127.0.0.1", "mute", "/"); /* no TLS handshake */

    (void)state;
    req.connect_ms = 300;
    run_one(&req);
    assert_int_equal(PROV_E_TIMEOUT, fakes[1].result.status);
    assert_true(fakes[1].detail[0] != '\0');
}

static void
nobody_there_is_a_network_failure(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/");

    (void)state;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", free_port(SOCK_STREAM));
    req.url.len = strlen(url);
    run_one(&req);
    assert_true(ended(PROV_E_NETWORK, 0));
    assert_string_equal("nobody listens at that address and port", fakes[1].detail);
    req.url = (struct prov_str)PROV_STR_INIT("http://no-such-host.invalid/");
    run_one(&req);
    assert_true(ended(PROV_E_NETWORK, 0));
    assert_true(fakes[1].detail[0] != '\0');
}

static void
side_by_side(const char *scheme, const char *server)
{
    const struct prov_fetch slow = request(scheme, "127.0.0.1", server, "/silent");
    struct prov_fetch quick = slow;
    char quick_url[64];

    fake_reset();
    begin(20, &slow); /* begun first, not done first */
    snprintf(quick_url, sizeof(quick_url), "%s://127.0.0.1:%u/ok", scheme, port_of(server));
    quick.url = prov_str_z(quick_url);
    for (uint32_t id = 1; id <= 19; id++) /* more than the pool keeps */
        begin(id, &quick);
    finish(19);
    assert_int_equal(0, fakes[20].done);
    for (uint32_t id = 1; id <= 19; id++)
        assert_true(fake_body_is(id, "hello"));
}

static void
fetches_run_side_by_side(void **state)
{
    (void)state;
    side_by_side("http", "http");
}

static void
a_connection_is_used_again(void **state)
{
    char first[32];

    (void)state;
    get("/connection");
    memcpy(first, fakes[1].body, fakes[1].len);
    first[fakes[1].len] = '\0';
    get("/nothing");
    get("/connection");
    assert_true(fake_body_is(1, first));
}

static enum { CANCEL_SELF, CANCEL_OTHER } whom;

static void
cancel_from_body(uint32_t id)
{
    table.ops->cancel(table.ctx, whom == CANCEL_SELF ? id : 2);
}

static void
nothing_is_reported_after_a_cancel(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/big?200000");

    (void)state;
    fake_reset();
    begin(1, &req);
    begin(2, &req);
    table.ops->cancel(table.ctx, 2); /* before anything happened */
    table.ops->cancel(table.ctx, 2);
    table.ops->cancel(table.ctx, 7);
    finish(1);
    assert_int_equal(200000, fakes[1].len);
    assert_int_equal(0, fakes[2].pieces + fakes[2].done);

    fake_reset();
    whom = CANCEL_SELF; /* in the middle of a transfer */
    fake_on_body = cancel_from_body;
    begin(1, &req);
    for (int i = 0; i < 20; i++)
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 20, &fake_run));
    assert_int_equal(1, fakes[1].pieces);
    assert_int_equal(0, fakes[1].done);

    fake_reset();
    whom = CANCEL_OTHER;
    fake_on_body = cancel_from_body;
    begin(1, &req);
    begin(2, &req);
    finish(1);
    assert_int_equal(0, fakes[2].done);
}

static void
waiting_ends_in_time(void **state)
{
    const struct prov_fetch req = request("http", "127.0.0.1", "http", "/silent");
    uint64_t before = clock_ms();

    (void)state;
    assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 100, &fake_run)); /* nothing under way */
    assert_in_range(clock_ms() - before, 99, 1000);
    fake_reset();
    begin(1, &req);
    before = clock_ms();
    assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 0, &fake_run));
    assert_true(clock_ms() - before < 90);
    assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 100, &fake_run));
    assert_in_range(clock_ms() - before, 99, 1000);
    assert_int_equal(0, fakes[1].done);
}

static void
the_request_is_what_was_asked_for(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/echo?a=[1]{2}&b=/../x%41");

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1/", 1); /* not ours to follow */
    setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
    req.user = (struct prov_str)PROV_STR_INIT("user");
    run_one(&req);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_true(ended(PROV_OK, 200));
    fakes[1].body[fakes[1].len] = '\0';
    assert_non_null(strstr(fakes[1].body, "GET /echo?a=[1]{2}&b=/../x%41 HTTP/1.1\n"));
    assert_non_null(strstr(fakes[1].body, "User-Agent: libprov/" PROV_VERSION "\n"));
    assert_null(strstr(fakes[1].body, "Authorization")); /* nobody asked */

    req = request("http", "127.0.0.1", "http", "/../echo");
    req.user_agent = (struct prov_str)PROV_STR_INIT("Phone 1.0 (00095200000E)");
    run_one(&req);
    assert_true(ended(PROV_OK, 404)); /* a path is sent as it is */
    req = request("http", "127.0.0.1", "http", "/echo");
    req.user_agent = (struct prov_str)PROV_STR_INIT("Phone 1.0 (00095200000E)");
    run_one(&req);
    fakes[1].body[fakes[1].len] = '\0';
    assert_non_null(strstr(fakes[1].body, "User-Agent: Phone 1.0 (00095200000E)"));
}

static void
what_could_smuggle_in_a_line_is_refused(void **state)
{
    const struct prov_str bad[] = { PROV_STR_INIT("a\r\nX: y"), PROV_STR_INIT("a\0b"),
                                    PROV_STR_INIT("a\x7F") };
    const struct prov_fetch good = request("http", "127.0.0.1", "http", "/ok");

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        for (int member = 0; member < 6; member++) {
            struct prov_fetch req = good;

            *(member == 0   ? &req.url
              : member == 1 ? &req.user
              : member == 2 ? &req.password
              : member == 3 ? &req.etag
              : member == 4 ? &req.modified
                            : &req.user_agent) = bad[i];
            run_one(&req);
            assert_true(ended(PROV_E_DENIED, 0));
            assert_non_null(strstr(fakes[1].detail, "control character"));
        }
    }
}

static void
other_schemes_are_refused(void **state)
{
    static const char *const urls[] = { "file:///etc/passwd", "gopher://127.0.0.1/",
                                        "dict://127.0.0.1/", "http://user:pw@127.0.0.1/" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(urls); i++) {
        struct prov_fetch req = request("http", "127.0.0.1", "http", "/");

        req.url = prov_str_z(urls[i]);
        run_one(&req);
        PROV_ROW(urls[i], ended(PROV_E_DENIED, 0));
        PROV_ROW(urls[i], fakes[1].len == 0);
        PROV_ROW(urls[i], strstr(fakes[1].detail, "pw") == NULL);
    }
}

static void
both_families_are_tried_in_the_order_wanted(void **state)
{
    const struct prov_curl_options six_first = { .size = sizeof(six_first), .prefer_ipv6 = true };
    struct prov_fetch req;

    (void)state;
    if (port_of("both") == 0) {
        print_message("SKIP: no IPv6 on the loopback interface\n");
        skip();
    }
    req = request("http", "localhost", "both", "/ok");
    run_one(&req);
    assert_true(fake_body_is(1, "hello"));
    req = request("http", "localhost", "six", "/ok"); /* IPv4 is refused */
    run_one(&req);
    assert_true(fake_body_is(1, "hello from IPv6"));
    req = request("http", "[::1]", "six", "/ok");
    run_one(&req);
    assert_true(fake_body_is(1, "hello from IPv6"));
    prov_curl_free(&net);
    net_open(&six_first);
    req = request("http", "localhost", "both", "/ok");
    run_one(&req);
    assert_true(fake_body_is(1, "hello from IPv6"));
    snprintf(url, sizeof(url), "http://localhost:%u/ok", free_port(SOCK_STREAM));
    req.url.len = strlen(url);
    run_one(&req);
    assert_true(ended(PROV_E_NETWORK, 0));
    assert_string_equal("nobody listens at that address and port", fakes[1].detail);
}

static void
a_family_that_does_not_answer_gives_way_to_the_other(void **state)
{
    struct prov_fetch req;
    const uint64_t before = clock_ms();
    int fds[8];

    (void)state;
    if (port_of("six") == 0) {
        print_message("SKIP: no IPv6 on the loopback interface\n");
        skip();
    }
    fill_port(fds, "127.0.0.1", port_of("six"));
    req = request("http", "localhost", "six", "/ok");
    req.connect_ms = 300;
    run_one(&req);
    assert_true(fake_body_is(1, "hello from IPv6"));
    assert_in_range(clock_ms() - before, 295, 3000);
    prov_curl_free(&net); /* with its connection */
    net_open(NULL);
    req.whole_ms = 200; /* used up by the first family */
    run_one(&req);
    assert_true(ended(PROV_E_TIMEOUT, 0));
    assert_string_equal("no connection within the time-out", fakes[1].detail);
    free_filled(fds);
}

static void
an_event_loop_of_ones_own_is_told_what_to_wait_for(void **state)
{
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/big?100000");
    struct prov_curl_fd fds[8];
    size_t count = 9;
    uint32_t ms = 0;
    bool waited = false;

    (void)state;
    fake_reset();
    assert_int_equal(PROV_E_ARG, prov_curl_watch(NULL, fds, 8, &count, &ms));
    assert_int_equal(PROV_E_ARG, prov_curl_watch(net, NULL, 8, &count, &ms));
    assert_int_equal(PROV_OK, prov_curl_watch(net, fds, 8, &count, &ms));
    assert_true(count == 0 && ms == UINT32_MAX);
    begin(1, &req);
    for (int i = 0; i < 1000 && fakes[1].done == 0; i++) {
        fd_set r;
        fd_set w;
        int top = -1;

        assert_int_equal(PROV_OK, prov_curl_watch(net, fds, 8, &count, &ms));
        assert_true(ms <= 100);
        FD_ZERO(&r);
        FD_ZERO(&w);
        for (size_t k = 0; k < count; k++) {
            assert_int_equal(PROV_E_SPACE, prov_curl_watch(net, NULL, 0, &(size_t){ 0 }, &ms));
            if (fds[k].read)
                FD_SET(fds[k].fd, &r);
            if (fds[k].write)
                FD_SET(fds[k].fd, &w);
            top = fds[k].fd > top ? fds[k].fd : top;
            waited = true;
        }
        struct timeval t = { 0, (suseconds_t)ms * 1000 };

        assert_true(select(top + 1, &r, &w, NULL, &t) >= 0);
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 0, &fake_run));
    }
    assert_true(waited);
    assert_true(ended(PROV_OK, 200));
    assert_int_equal(100000, fakes[1].len);
}

static void
freeing_stops_everything_without_a_report(void **state)
{
    const struct prov_fetch req = request("http", "127.0.0.1", "http", "/idle");
    const struct prov_fetch lookup = {
        .size = sizeof(lookup),
        .url = PROV_STR_INIT("http://no-such-host.invalid/"),
    };

    (void)state;
    fake_reset();
    begin(1, &req);
    begin(2, &lookup);
    table.ops->cancel(table.ctx, 2); /* while the name is looked up */
    assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 200, &fake_run));
    prov_curl_free(&net);
    assert_null(net);
    prov_curl_free(&net);
    prov_curl_free(NULL);
    assert_int_equal(0, fakes[1].done + fakes[2].done);
}

static void
a_proxy_is_used_when_given(void **state)
{
    char proxy[64];
    const struct prov_curl_options o = { .size = sizeof(o), .proxy = proxy };
    struct prov_fetch req = request("http", "127.0.0.1", "http", "/");

    (void)state;
    snprintf(proxy, sizeof(proxy), "http://me:secret@127.0.0.1:%u", port_of("http"));
    prov_curl_free(&net);
    net_open(&o);
    req.url = (struct prov_str)PROV_STR_INIT("http://phone.invalid/echo");
    run_one(&req);
    assert_true(ended(PROV_OK, 404)); /* the path of a request to a proxy is the whole address */
}

int
main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_plain, net_close)
    const struct CMUnitTest tests[] = {
        T(answers_follow_the_table),
        T(too_much_is_stopped),
        T(a_run_that_takes_no_more_stops_its_fetch_only),
        T(time_outs_are_kept),
        T(a_connection_that_does_not_come_is_a_time_out),
        T(nobody_there_is_a_network_failure),
        T(fetches_run_side_by_side),
        T(a_connection_is_used_again),
        T(nothing_is_reported_after_a_cancel),
        T(waiting_ends_in_time),
        T(the_request_is_what_was_asked_for),
        T(what_could_smuggle_in_a_line_is_refused),
        T(other_schemes_are_refused),
        T(both_families_are_tried_in_the_order_wanted),
        T(a_family_that_does_not_answer_gives_way_to_the_other),
        T(an_event_loop_of_ones_own_is_told_what_to_wait_for),
        T(freeing_stops_everything_without_a_report),
        T(a_proxy_is_used_when_given),
    };
    script = argc > 1 ? argv[1] : script;
    return cmocka_run_group_tests_name("curl", tests, servers_up, servers_down);
}
