/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* Names are looked up in the adapter's own loop (DSC-8, NET-1). */

#include "fetching.h"

#include <dirent.h>
#include <poll.h>

static char dns[96];
static char deaf_then_dns[96];

static int
start(void **state)
{
    (void)servers_up(state);
    snprintf(dns, sizeof(dns), "127.0.0.1:%u", port_of("dns"));
    snprintf(deaf_then_dns, sizeof(deaf_then_dns), "127.0.0.1:%u,127.0.0.1:%u", port_of("deaf"),
             port_of("dns"));
    return 0;
}

static void
reopen(const struct prov_curl_options *o)
{
    prov_curl_free(&net);
    net_open(o);
}

static int
open_asking(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .dns_servers = dns };

    (void)state;
    net_open(&o);
    return 0;
}

static void
get_from(const char *host, const char *server)
{
    const struct prov_fetch req = request("http", host, server, "/ok");

    run_one(&req);
}

/* Questions for A and AAAA so far. */
static void
asked(const char *name, unsigned *four, unsigned *six)
{
    char path[80];

    snprintf(path, sizeof(path), "/asked?%s", name);
    get(path);
    fakes[1].body[fakes[1].len] = '\0';
    assert_int_equal(2, sscanf(fakes[1].body, "%u %u", four, six));
}

static unsigned
threads(void)
{
    DIR *d = opendir("/proc/self/task");
    unsigned n = 0;

    if (d == NULL)
        return 1;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n - 2; /* . and .. */
}

static void
a_name_leads_to_its_address(void **state)
{
    (void)state;
    get_from("four.test", "http");
    assert_true(fake_body_is(1, "hello"));
    get_from("FOUR.Test", "http");
    assert_true(fake_body_is(1, "hello"));
    get_from("four.test.", "http"); /* absolute */
    assert_true(fake_body_is(1, "hello"));
    get_from("localhost", "http"); /* not asked for */
    assert_true(fake_body_is(1, "hello"));
    get_from("phone.LOCALHOST", "http");
    assert_true(fake_body_is(1, "hello"));
    get_from("notlocalhost", "http");
    assert_true(ended(PROV_E_NETWORK, 0));
}

/* A name for this machine other than localhost; false if there is none. */
static bool
find_in_hosts(char name[static 64])
{
    FILE *f = fopen("/etc/hosts", "r");
    char line[256];
    bool found = false;

    while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
        found = sscanf(line, "127.0.0.1 %63s", name) == 1 && strncmp(name, "localhost", 9) != 0;
    if (f != NULL)
        fclose(f);
    return found;
}

static void
the_hosts_file_comes_before_dns(void **state)
{
    char name[64];
    unsigned four;
    unsigned six;

    (void)state;
    if (!find_in_hosts(name)) {
        print_message("SKIP: /etc/hosts has no name for 127.0.0.1\n");
        skip();
    }
    get_from(name, "http");
    assert_true(fake_body_is(1, "hello"));
    asked(name, &four, &six);
    assert_int_equal(0, four);
}

static void
both_families_are_used_in_the_order_wanted(void **state)
{
    static const struct {
        const char *host;
        enum prov_curl_family family;
        bool prefer_ipv6;
        const char *body; /* "" = no address */
    } t[] = {
        { "both.test", PROV_CURL_DUAL, false, "hello" },
        { "both.test", PROV_CURL_DUAL, true, "hello from IPv6" },
        { "both.test", PROV_CURL_IPV4, true, "hello" },
        { "both.test", PROV_CURL_IPV6, false, "hello from IPv6" },
        { "six.test", PROV_CURL_DUAL, false, "hello from IPv6" },
        { "six.test", PROV_CURL_IPV4, false, "" },
        { "four.test", PROV_CURL_DUAL, true, "hello" },
        { "four.test", PROV_CURL_IPV6, true, "" },
    };

    (void)state;
    if (port_of("both") == 0) {
        print_message("SKIP: no IPv6 on the loopback interface\n");
        skip();
    }
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        const struct prov_curl_options o = { .size = sizeof(o),
                                             .dns_servers = dns,
                                             .family = t[i].family,
                                             .prefer_ipv6 = t[i].prefer_ipv6 };

        reopen(&o);
        get_from(t[i].host, "both");
        PROV_ROW(t[i].host, fake_body_is(1, t[i].body));
        PROV_ROW(t[i].host, ended(t[i].body[0] != '\0' ? PROV_OK : PROV_E_NETWORK,
                                  t[i].body[0] != '\0' ? 200 : 0));
    }
}

static void
one_family_is_not_asked_for_if_not_wanted(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o),
                                         .dns_servers = dns,
                                         .family = PROV_CURL_IPV4 };
    unsigned before[2];
    unsigned after[2];

    (void)state;
    reopen(&o);
    asked("several.test", &before[0], &before[1]);
    get_from("several.test", "http");
    assert_true(fake_body_is(1, "hello"));
    asked("several.test", &after[0], &after[1]);
    assert_int_equal(before[0] + 1, after[0]);
    assert_int_equal(before[1], after[1]);
}

static void
addresses_that_refuse_give_way_to_the_next(void **state)
{
    (void)state;
    get_from("several.test", "http");
    assert_true(fake_body_is(1, "hello"));
    snprintf(url, sizeof(url), "http://several.test:%u/ok", free_port(SOCK_STREAM));
    const struct prov_fetch req = { .size = sizeof(req), .url = prov_str_z(url), .whole_ms = 9000 };

    run_one(&req);
    assert_true(ended(PROV_E_NETWORK, 0));
    assert_string_equal("nobody listens at that address and port", fakes[1].detail);
}

static void
each_address_gets_a_time_out_of_its_own(void **state)
{
    struct prov_fetch req = request("http", "dead.test", "http", "/long");
    uint64_t before = clock_ms();
    int fds[FILLED];

    (void)state;
    fill_port(fds, "127.0.0.2", port_of("http"));
    req.connect_ms = 300;
    run_one(&req);
    assert_true(fake_body_is(1, "hello"));
    assert_in_range(clock_ms() - before, 295, 2000);

    before = clock_ms(); /* it is known now; the server has closed the connection */
    run_one(&req);
    assert_true(fake_body_is(1, "hello"));
    assert_true(clock_ms() - before < 290);

    const struct prov_curl_options o = { .size = sizeof(o), .dns_servers = dns };

    reopen(&o);
    req.whole_ms = 200; /* used up by the first address */
    run_one(&req);
    free_filled(fds);
    assert_true(ended(PROV_E_TIMEOUT, 0));
    assert_string_equal("no connection within the time-out", fakes[1].detail);
}

static void
an_address_that_is_silent_by_tftp_gives_way_to_the_next(void **state)
{
    struct prov_fetch req = request("tftp", "dead.test", "tftp", "/ok");

    (void)state;
    req.idle_ms = 300;
    req.connect_ms = 5000;
    run_one(&req);
    assert_true(ended(PROV_OK, 0));
    assert_true(fake_body_is(1, "hello"));
}

static void
answers_are_kept_as_long_as_they_hold(void **state)
{
    unsigned before[2];
    unsigned after[2];
    const uint64_t until = clock_ms() + 1200;

    (void)state;
    asked("short.test", &before[0], &before[1]);
    for (int i = 0; i < 3; i++) { /* one after the other, and a connection to each of two ports */
        get_from("short.test", i == 1 ? "http" : "both");
        PROV_ROW("three times", fakes[1].len > 0);
    }
    asked("short.test", &after[0], &after[1]);
    assert_int_equal(before[0] + 1, after[0]);
    assert_int_equal(before[1] + 1, after[1]);
    while (clock_ms() < until)
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 100, &fake_run));
    get_from("short.test", "http");
    asked("short.test", &after[0], &after[1]);
    assert_int_equal(before[0] + 2, after[0]);
}

static void
fetches_of_one_name_ask_once(void **state)
{
    const struct prov_fetch req = request("http", "nowhere.test", "http", "/ok");
    unsigned four;
    unsigned six;

    (void)state;
    fake_reset();
    for (uint32_t id = 1; id <= 6; id++)
        begin(id, &req);
    finish(6);
    for (uint32_t id = 1; id <= 6; id++)
        assert_string_equal("no such name in DNS", fakes[id].detail);
    run_one(&req); /* and a moment later */
    assert_true(ended(PROV_E_NETWORK, 0));
    asked("nowhere.test", &four, &six);
    assert_int_equal(1, four);
    assert_int_equal(1, six);
}

static void
many_names_find_room(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        char host[32];

        snprintf(host, sizeof(host), "no%d.test", i);
        get_from(host, "http");
        assert_string_equal("no such name in DNS", fakes[1].detail);
    }
    get_from("four.test", "http");
    assert_true(fake_body_is(1, "hello"));
}

static void
failures_are_told_apart(void **state)
{
    static const struct {
        const char *host;
        enum prov_status status;
        const char *detail;
    } t[] = {
        { "nowhere.test", PROV_E_NETWORK, "no such name in DNS" },
        { "empty.test", PROV_E_NETWORK, "the name has no address" },
        { "fail.test", PROV_E_NETWORK, "the DNS server failed (SERVFAIL)" },
        { "refused.test", PROV_E_NETWORK, "the DNS server refused to answer" },
        { "form.test", PROV_E_NETWORK, "the DNS server does not understand the question" },
        { "garbage.test", PROV_E_NETWORK, "the answer of the DNS server makes no sense" },
        { "silent.test", PROV_E_TIMEOUT, "no answer from the DNS servers" },
        { "a..b.test", PROV_E_NETWORK, "no name that DNS could know" },
    };
    const struct prov_curl_options o = {
        .size = sizeof(o), .dns_servers = dns, .dns_timeout_ms = 200, .dns_tries = 1
    };

    (void)state;
    reopen(&o);
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        get_from(t[i].host, "http");
        PROV_ROW(t[i].host, ended(t[i].status, 0));
        PROV_ROW(t[i].host, strcmp(fakes[1].detail, t[i].detail) == 0);
    }
}

static void
nobody_at_the_address_of_the_server_is_told(void **state)
{
    char nobody[32];
    const struct prov_curl_options o = {
        .size = sizeof(o), .dns_servers = nobody, .dns_timeout_ms = 200, .dns_tries = 1
    };

    (void)state;
    snprintf(nobody, sizeof(nobody), "127.0.0.1:%u", free_port(SOCK_DGRAM));
    reopen(&o);
    get_from("four.test", "http");
    if (ended(PROV_E_TIMEOUT, 0)) /* not every kernel tells that nobody is there */
        assert_string_equal("no answer from the DNS servers", fakes[1].detail);
    else
        assert_string_equal("the DNS servers cannot be reached", fakes[1].detail);
    assert_int_equal(0, fakes[1].result.http_status);
}

static void
a_dead_server_gives_way_to_the_next(void **state)
{
    const struct prov_curl_options o = {
        .size = sizeof(o), .dns_servers = deaf_then_dns, .dns_timeout_ms = 200, .dns_tries = 2
    };
    const uint64_t before = clock_ms();

    (void)state;
    reopen(&o);
    get_from("four.test", "http");
    assert_true(fake_body_is(1, "hello"));
    assert_in_range(clock_ms() - before, 195, 2000);
}

static void
looking_up_keeps_the_time_outs(void **state)
{
    static const struct {
        uint32_t connect;
        uint32_t whole;
    } t[] = { { 300, 5000 }, { 5000, 300 } };
    char deaf[32];
    const struct prov_curl_options o = { .size = sizeof(o), .dns_servers = deaf };

    (void)state;
    snprintf(deaf, sizeof(deaf), "127.0.0.1:%u", port_of("deaf"));
    reopen(&o);
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        struct prov_fetch req = request("http", "four.test", "http", "/ok");
        const uint64_t before = clock_ms();

        req.connect_ms = t[i].connect;
        req.whole_ms = t[i].whole;
        run_one(&req);
        PROV_ROW("time-out", ended(PROV_E_TIMEOUT, 0));
        PROV_ROW("time-out", strcmp(fakes[1].detail, "no answer from the DNS servers") == 0);
        PROV_ROW("time-out", clock_ms() - before >= 300 && clock_ms() - before < 1500);
    }
}

/* An answer that nobody needs is not waited for; one that would be better is, for a time. */
static void
half_an_answer_is_used(void **state)
{
    const struct prov_curl_options six_first = { .size = sizeof(six_first),
                                                 .dns_servers = dns,
                                                 .prefer_ipv6 = true };
    struct prov_fetch req = request("http", "half.test", "http", "/ok");
    uint64_t before = clock_ms();

    (void)state;
    run_one(&req);
    assert_true(fake_body_is(1, "hello"));
    assert_true(clock_ms() - before < 1000);
    reopen(&six_first);
    before = clock_ms();
    req.connect_ms = 400;
    run_one(&req);
    assert_true(fake_body_is(1, "hello"));
    assert_in_range(clock_ms() - before, 395, 1400);
}

static void
a_lookup_can_be_cancelled_at_once(void **state)
{
    const struct prov_fetch silent = request("http", "silent.test", "http", "/ok");
    uint64_t before;

    (void)state;
    fake_reset();
    begin(1, &silent);
    assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 50, &fake_run));
    before = clock_ms();
    table.ops->cancel(table.ctx, 1);
    begin(2, &silent);
    prov_curl_free(&net);
    assert_true(clock_ms() - before < 100);
    assert_int_equal(0, fakes[1].done + fakes[2].done);
}

static void
no_thread_is_started(void **state)
{
    static const char *const hosts[] = { "four.test", "nowhere.test", "localhost", "silent.test" };
    const unsigned before = threads();

    (void)state;
    fake_reset();
    for (uint32_t id = 1; id <= PROV_COUNT(hosts); id++) {
        const struct prov_fetch req = request("http", hosts[id - 1], "http", "/ok");

        begin(id, &req);
        assert_int_equal(before, threads());
    }
    while (fakes[1].done + fakes[2].done + fakes[3].done < 3) {
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 1000, &fake_run));
        assert_int_equal(before, threads());
    }
}

static void
a_proxy_may_be_a_name(void **state)
{
    char proxy[64];
    const struct prov_curl_options o = { .size = sizeof(o), .dns_servers = dns, .proxy = proxy };
    static const char *const schemes[] = { "", "http://", "http://me:secret@" };
    const unsigned before = threads();
    struct prov_fetch req = request("http", "both.test", "http", "/");
    unsigned four;
    unsigned six;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(schemes); i++) {
        snprintf(proxy, sizeof(proxy), "%sfour.test:%u", schemes[i], port_of("http"));
        reopen(&o);
        req.url = (struct prov_str)PROV_STR_INIT("http://behind.test/x");
        run_one(&req);
        PROV_ROW(schemes[i], ended(PROV_OK, 404));
        PROV_ROW(schemes[i], threads() == before);
    }
    for (int tls = 0; tls < 2;
         tls++) { /* without a port it is 1080 or 443: libcurl knows the address */
        strcpy(proxy, tls ? "https://four.test" : "http://four.test");
        reopen(&o);
        run_one(&req);
        assert_null(strstr(fakes[1].detail, "resolve"));
    }
    strcpy(proxy, "proxy.nowhere.test");
    reopen(&o);
    run_one(&req);
    assert_string_equal("no such name in DNS", fakes[1].detail);
    reopen(&(struct prov_curl_options){ .size = sizeof(o), .dns_servers = dns });
    asked("behind.test", &four, &six); /* that is the proxy's to look up */
    assert_int_equal(0, four + six);
}

static void
names_may_be_left_to_the_system(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .system_resolver = true };

    (void)state;
    reopen(&o);
    get_from("localhost", "http");
    assert_true(fake_body_is(1, "hello"));
    get_from("four.test", "http"); /* our server is not asked */
    assert_true(ended(PROV_E_NETWORK, 0));
    assert_string_equal("Couldn't resolve host name", fakes[1].detail);
}

static void
options_are_checked(void **state)
{
    const struct prov_curl_options bad[] = {
        { .size = sizeof(bad[0]), .dns_servers = "no address" },
        { .size = sizeof(bad[0]), .dns_servers = "127.0.0.1:x" },
        { .size = sizeof(bad[0]), .dns_servers = dns, .system_resolver = true },
        { .size = sizeof(bad[0]), .family = (enum prov_curl_family)3 },
    };
    const struct prov_curl_options good[] = {
        { .size = sizeof(good[0]), .dns_servers = "192.0.2.1,[2001:db8::1]:5353" },
        { .size = sizeof(good[0]), .dns_timeout_ms = UINT32_MAX, .dns_tries = UINT32_MAX },
    };
    struct prov_curl *other = NULL;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        assert_int_equal(PROV_E_ARG, prov_curl_new(&other, &bad[i]));
        assert_null(other);
    }
    for (size_t i = 0; i < PROV_COUNT(good); i++) {
        assert_int_equal(PROV_OK, prov_curl_new(&other, &good[i]));
        prov_curl_free(&other);
    }
}

static void
an_event_loop_sees_lookups_too(void **state)
{
    const struct prov_fetch req = request("http", "four.test", "http", "/ok");
    const struct prov_fetch silent = { .size = sizeof(silent),
                                       .url = PROV_STR_INIT("http://silent.test/") };
    struct prov_curl_fd fds[8];
    size_t count = 0;
    uint32_t ms = 0;

    (void)state;
    fake_reset();
    begin(1, &req);
    assert_int_equal(PROV_OK, prov_curl_watch(net, fds, 8, &count, &ms));
    assert_true(count > 0 && fds[0].read);
    assert_true(ms <= 100);
    for (int i = 0; i < 1000 && fakes[1].done == 0; i++) {
        struct pollfd p[8];

        assert_int_equal(PROV_OK, prov_curl_watch(net, fds, 8, &count, &ms));
        for (size_t k = 0; k < count; k++)
            p[k] = (struct pollfd){ .fd = fds[k].fd,
                                    .events = (short)((fds[k].read ? POLLIN : 0) |
                                                      (fds[k].write ? POLLOUT : 0)) };
        assert_true(poll(p, (nfds_t)count, (int)ms) >= 0);
        assert_int_equal(PROV_OK, table.ops->wait(table.ctx, 0, &fake_run));
    }
    assert_true(fake_body_is(1, "hello"));
    begin(2, &silent);
    assert_int_equal(PROV_E_SPACE, prov_curl_watch(net, NULL, 0, &count, &ms));
    assert_true(count > 0);
}

int
main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_asking, net_close)
    const struct CMUnitTest tests[] = {
        T(options_are_checked),
        T(a_name_leads_to_its_address),
        T(the_hosts_file_comes_before_dns),
        T(both_families_are_used_in_the_order_wanted),
        T(one_family_is_not_asked_for_if_not_wanted),
        T(addresses_that_refuse_give_way_to_the_next),
        T(each_address_gets_a_time_out_of_its_own),
        T(an_address_that_is_silent_by_tftp_gives_way_to_the_next),
        T(answers_are_kept_as_long_as_they_hold),
        T(fetches_of_one_name_ask_once),
        T(many_names_find_room),
        T(failures_are_told_apart),
        T(nobody_at_the_address_of_the_server_is_told),
        T(a_dead_server_gives_way_to_the_next),
        T(looking_up_keeps_the_time_outs),
        T(half_an_answer_is_used),
        T(a_lookup_can_be_cancelled_at_once),
        T(no_thread_is_started),
        T(a_proxy_may_be_a_name),
        T(names_may_be_left_to_the_system),
        T(an_event_loop_sees_lookups_too),
    };
    script = argc > 1 ? argv[1] : script;
    return cmocka_run_group_tests_name("curl_dns", tests, start, servers_down);
}
