/* SPDX-License-Identifier: MIT */
#include <prov/endpoint.h>

#include <arpa/inet.h>

#include "support/prov_cmocka.h"

static enum prov_status
parse(const char *text, struct prov_endpoint *out)
{
    char *exact = prov_copy_exact(text); /* no NUL: ASan sees over-reads */
    const struct prov_str s = { exact, strlen(text) };
    const enum prov_status status = prov_endpoint_parse(s, out);

    free(exact);
    return status;
}

/* What is read and how it is written again; NULL = refused. */
static const struct row {
    const char *text;
    const char *written;
    enum prov_family family;
    uint16_t port;
} rows[] = {
    /* clang-format off */
    { "192.0.2.1",                  "192.0.2.1",              PROV_FAMILY_IPV4, 0 },
    { "192.0.2.1:5060",             "192.0.2.1:5060",         PROV_FAMILY_IPV4, 5060 },
    { "0.0.0.0",                    "0.0.0.0",                PROV_FAMILY_IPV4, 0 },
    { "255.255.255.255:65535",      "255.255.255.255:65535",  PROV_FAMILY_IPV4, 65535 },
    { "2001:db8::1",                "[2001:db8::1]",          PROV_FAMILY_IPV6, 0 },
    { "[2001:DB8::1]",              "[2001:db8::1]",          PROV_FAMILY_IPV6, 0 },
    { "[2001:db8::1]:5060",         "[2001:db8::1]:5060",     PROV_FAMILY_IPV6, 5060 },
    { "::",                         "[::]",                   PROV_FAMILY_IPV6, 0 },
    { "[::]:1",                     "[::]:1",                 PROV_FAMILY_IPV6, 1 },
    { "::1",                        "[::1]",                  PROV_FAMILY_IPV6, 0 },
    { "1::",                        "[1::]",                  PROV_FAMILY_IPV6, 0 },
    { "1:0:0:2:0:0:0:3",            "[1:0:0:2::3]",           PROV_FAMILY_IPV6, 0 },
    { "1:0:0:2:3:0:0:4",            "[1::2:3:0:0:4]",         PROV_FAMILY_IPV6, 0 },
    { "1:0:2:3:4:5:6:7",            "[1:0:2:3:4:5:6:7]",      PROV_FAMILY_IPV6, 0 },
    { "1:2:3:4:5:6:7::",            "[1:2:3:4:5:6:7:0]",      PROV_FAMILY_IPV6, 0 },
    { "0001:0203:0040:5::",         "[1:203:40:5::]",         PROV_FAMILY_IPV6, 0 },
    { "::ffff:192.0.2.1",           "[::ffff:192.0.2.1]",     PROV_FAMILY_IPV6, 0 },
    { "::ffff:c000:201",            "[::ffff:192.0.2.1]",     PROV_FAMILY_IPV6, 0 },
    { "64:ff9b::192.0.2.33",        "[64:ff9b::c000:221]",    PROV_FAMILY_IPV6, 0 },
    { "1:2:3:4:5:6:1.2.3.4",        "[1:2:3:4:5:6:102:304]",  PROV_FAMILY_IPV6, 0 },
    { "[1111:2222:3333:4444:5555:6666:255.255.255.255]:65535",
      "[1111:2222:3333:4444:5555:6666:ffff:ffff]:65535",      PROV_FAMILY_IPV6, 65535 },
    { "", NULL, 0, 0 },             { " 192.0.2.1", NULL, 0, 0 },   { "192.0.2.1 ", NULL, 0, 0 },
    { "192.0.2", NULL, 0, 0 },      { "192.0.2.1.5", NULL, 0, 0 },  { "192.0.2.256", NULL, 0, 0 },
    { "192.0.2.01", NULL, 0, 0 },   { "192.0.2.", NULL, 0, 0 },     { "192..2.1", NULL, 0, 0 },
    { "192.0.2.1:", NULL, 0, 0 },   { "192.0.2.1:0", NULL, 0, 0 },  { "192.0.2.1:65536", NULL, 0, 0 },
    { "192.0.2.1:050", NULL, 0, 0 },{ "192.0.2.1:5a", NULL, 0, 0 }, { "192.0.2.1:100000", NULL, 0, 0 },
    { "host", NULL, 0, 0 },         { "host:5060", NULL, 0, 0 },    { ":5060", NULL, 0, 0 },
    { ":", NULL, 0, 0 },            { ":::", NULL, 0, 0 },          { "1:", NULL, 0, 0 },
    { "1::2::3", NULL, 0, 0 },      { "1:::2", NULL, 0, 0 },      { ":1:2:3:4:5:6:7", NULL, 0, 0 }, { ":1:2:3:4:5:6:7:8", NULL, 0, 0 },{ "::1:", NULL, 0, 0 },
    { "1:2:3:4:5:6:7", NULL, 0, 0 },{ "1:2:3:4:5:6:7:8:9", NULL, 0, 0 }, { "1:2:3:4::5:6:7:8", NULL, 0, 0 },
    { "12345::", NULL, 0, 0 },      { "g::", NULL, 0, 0 },          { "fe80::1%eth0", NULL, 0, 0 },
    { "1.2.3.4::", NULL, 0, 0 },    { "::1.2.3", NULL, 0, 0 },      { "1:2:3:4:5:6:7:1.2.3.4", NULL, 0, 0 },
    { "[", NULL, 0, 0 },            { "[]", NULL, 0, 0 },           { "]", NULL, 0, 0 },
    { "[::1", NULL, 0, 0 },         { "[::1]5", NULL, 0, 0 },       { "[::1]:", NULL, 0, 0 },
    { "[192.0.2.1]", NULL, 0, 0 },  { "[[::1]]", NULL, 0, 0 },      { "2001:db8::1]:5060", NULL, 0, 0 },
    { "[1111:2222:3333:4444:5555:6666:255.255.255.255]:655350", NULL, 0, 0 },
    /* clang-format on */
};

static void
reads_and_writes_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct prov_endpoint e = { .port = 7 };
        const enum prov_status status = parse(r->text, &e);
        char mem[PROV_ENDPOINT_BYTES];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        PROV_ROW(r->text, status == (r->written != NULL ? PROV_OK : PROV_E_SYNTAX));
        if (r->written == NULL) {
            PROV_ROW(r->text, e.port == 7 && e.family == PROV_FAMILY_NONE);
            continue;
        }
        PROV_ROW(r->text, e.family == r->family && e.port == r->port);
        PROV_ROW(r->text, prov_endpoint_format(&e, &out) == PROV_OK);
        PROV_ROW(r->text, prov_str_is(mem, out.len, r->written));
    }
}

/* Bytes of the address are those the system makes of the same text. */
static void
agrees_with_the_system(void **state)
{
    static const char *const texts[] = {
        "::",
        "::1",
        "1::",
        "2001:db8::8:800:200c:417a",
        "1:2:3:4:5:6:7:8",
        "::ffff:1.2.3.4",
        "1:0:0:2::",
        "::6:7:8",
        "0:0:1::",
        "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        uint8_t system[16];
        char shown[INET6_ADDRSTRLEN], mem[PROV_ENDPOINT_BYTES];
        struct prov_buf out = { mem, sizeof(mem), 0 };
        struct prov_endpoint e;

        assert_int_equal(1, inet_pton(AF_INET6, texts[i], system));
        assert_int_equal(PROV_OK, parse(texts[i], &e));
        assert_memory_equal(system, e.addr, sizeof(system));
        assert_int_equal(PROV_OK, prov_endpoint_format(&e, &out));
        assert_non_null(inet_ntop(AF_INET6, system, shown, sizeof(shown)));
        assert_true(prov_str_is(mem + 1, out.len - 2, shown));
    }
}

static void
compares_hosts_without_ports(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        { "192.0.2.1:1", "192.0.2.1:2", true },
        { "192.0.2.1", "192.0.2.2", false },
        { "192.0.2.1", "::ffff:192.0.2.1", true },
        { "::ffff:192.0.2.2", "192.0.2.1", false },
        { "::ffff:192.0.2.1", "::ffff:c000:201", true },
        { "::1", "[::1]:5060", true },
        { "::1", "::2", false },
        { "::192.0.2.1", "192.0.2.1", false },
        { "192.0.2.1", "::1", false },
    };
    struct prov_endpoint a, b;
    const struct prov_endpoint none = { .port = 1 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(pairs); i++) {
        assert_int_equal(PROV_OK, parse(pairs[i].a, &a));
        assert_int_equal(PROV_OK, parse(pairs[i].b, &b));
        PROV_ROW(pairs[i].a, prov_endpoint_same_host(&a, &b) == pairs[i].same);
        PROV_ROW(pairs[i].a, prov_endpoint_same_host(&b, &a) == pairs[i].same);
    }
    assert_false(prov_endpoint_same_host(&none, &none));
    assert_false(prov_endpoint_same_host(&none, &a));
}

static void
refuses_every_smaller_buffer(void **state)
{
    struct prov_endpoint e;
    char mem[PROV_ENDPOINT_BYTES + 1];
    const size_t full = sizeof("[2001:db8::1]:5060") - 1;

    (void)state;
    assert_int_equal(PROV_OK, parse("[2001:db8::1]:5060", &e));
    for (size_t cap = 0; cap < full; cap++) {
        struct prov_buf out = { mem, cap, 0 };

        memset(mem, '#', sizeof(mem));
        assert_int_equal(PROV_E_SPACE, prov_endpoint_format(&e, &out));
        assert_int_equal(0, out.len);
        assert_int_equal('#', mem[cap]);
    }
}

static void
refuses_bad_arguments(void **state)
{
    struct prov_endpoint e = { .family = PROV_FAMILY_NONE, .port = 5 };
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 3 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_endpoint_parse(prov_str_z("::1"), NULL));
    assert_int_equal(PROV_E_ARG, prov_endpoint_format(NULL, &out));
    assert_int_equal(PROV_E_ARG, prov_endpoint_format(&e, NULL));
    assert_int_equal(PROV_OK, prov_endpoint_format(&e, &out)); /* none is written as nothing */
    e.family = (enum prov_family)5;
    assert_int_equal(PROV_E_ARG, prov_endpoint_format(&e, &out));
    assert_int_equal(3, out.len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_by_the_table),
        cmocka_unit_test(agrees_with_the_system),
        cmocka_unit_test(compares_hosts_without_ports),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(refuses_bad_arguments),
    };

    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
