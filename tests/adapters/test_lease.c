/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* mkstemp() */
#endif

#include <prov/adapters/lease.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "support/prov_cmocka.h"

#define OUT_MAX 70000

static const struct prov_endpoint own = { PROV_FAMILY_IPV4, { 192, 0, 2, 50 }, 0 };

/* As the clients write them. */

static const char udhcpc_env[] = "SHELL=/bin/sh\n"
                                 "interface=eth0\n"
                                 "ip=192.0.2.50\n"
                                 "tftp=bad\n"
                                 "bootfile=a\"b\\c/<HWTYP>.xml\n"
                                 "opt160=687474703A2F2F68\n"
                                 "lease=3600\n";

static const char udhcpc_set[] = "IFS=' \t\n'\n"
                                 "PS4='+ '\n"
                                 "bootfile='it'\"'\"'s \\x'\n"
                                 "interface='eth0'\n"
                                 "opt43='420461'\n"
                                 "serverid='192.0.2.1'\n"
                                 "tftp=\"ser\\\"ver\"\n";

static const char dhclient[] =
    "# a comment; with } in it\n"
    "default-duid \"\\000\\001{\";\n"
    "lease {\n  interface \"eth0\";\n  fixed-address 192.0.2.50;\n"
    "  option tftp-server-name \"old\";\n  expire 6 2026/11/21 06:29:50;\n}\n"
    "lease {\n  interface \"eth1\";\n  fixed-address 192.0.2.51;\n"
    "  option tftp-server-name \"other\";\n  expire never;\n}\n"
    "lease {\n  interface \"eth0\";\n  fixed-address 192.0.2.50;\n"
    "  option subnet-mask 255.255.255.0;\n"
    "  option v4-portparams 116 102 29808;\n"
    "  option tftp-server-name \"http://192.0.2.1/p?m=<MACADR>\";\n"
    "  option bootfile-name \"a\\\"b\\\\c\\101.xml\";\n"
    "  option vendor-encapsulated-options 42:b:68:0;\n"
    "  option tftp-server-address 192.0.2.1,192.0.2.2;\n"
    "  option unknown-160 \"h\";\n"
    "  option option-159 \"t\";\n"
    "  option unknown-224 5;\n"
    "  option vendor.unknown-53184 1:3:61:62:63;\n"
    "  renew 6 2026/11/21 05:55:21;\n"
    "  expire 6 2026/11/22 06:29:50;\n}\n";

static const char dhclient6[] = "default-duid \"\\000\\001\";\n"
                                "lease6 {\n  interface \"eth0\";\n  ia-na 28:62:4d:e2 {\n"
                                "    starts 1795239063;\n    renew 1800;\n    rebind 2880;\n"
                                "    iaaddr 2001:db8::50 {\n      starts 1795239063;\n"
                                "      preferred-life 3600;\n      max-life 7200;\n    }\n  }\n"
                                "  option dhcp6.vendor-opts 0:0:cf:c0:0:1:0:1:68;\n"
                                "  option dhcp6.unknown-241 1:2;\n"
                                "  option vsio.unknown-53184 0:1;\n"
                                "  option dhcp6.bootfile-url \"tftp://h/\";\n}\n";

static const char networkd[] = "# This is private data. Do not parse.\n"
                               "ADDRESS=192.0.2.50\n"
                               "SERVER_ADDRESS=192.0.2.1\n"
                               "DNS=192.0.2.53 192.0.2.54\n"
                               "NTP=192.0.2.4 192.0.2.5\n"
                               "VENDOR_SPECIFIC=420461\n"
                               "OPTION_224=6869\n";

#define AUTO PROV_LEASE_AUTO
#define UDHCPC PROV_LEASE_UDHCPC
#define DHCLIENT PROV_LEASE_DHCLIENT
#define DHCPCD PROV_LEASE_DHCPCD
#define NETWORKD PROV_LEASE_NETWORKD
#define FOUND "\x36\x04\xC0\x00\x02\x01"
#define OUT(lit) \
    { \
        (lit), sizeof(lit) - 1 \
    }
#define NONE \
    { \
        "", 0 \
    }
#define ANY \
    { \
        NULL, 0 \
    }

/* 2026-11-21T06:29:50Z */
#define OLD_ENDS 1795242590

static const struct row {
    const char *name;
    enum prov_lease_form form;
    const char *text;
    const char *interface;
    int64_t now;
    enum prov_status status;
    uint32_t line;       /* of the mistake */
    struct prov_str out; /* NULL = anything */
} rows[] = {
    /* clang-format off */
    { "env", AUTO, udhcpc_env, NULL, 0, PROV_OK, 0, OUT("C\x11" "a\"b\\c/<HWTYP>.xml" "\xA0\x08http://h") },
    { "set", AUTO, udhcpc_set, NULL, 0, PROV_OK, 0, OUT("C\x07it's \\x" "+\x03" "B\x04" "a" FOUND "B\x07ser\"ver") },
    { "set of the interface", UDHCPC, udhcpc_set, "eth0", 0, PROV_OK, 0, ANY },
    { "set of another", UDHCPC, udhcpc_set, "eth1", 0, PROV_E_NOT_FOUND, 0, NONE },
    { "bad is nothing", UDHCPC, "tftp=bad\n", NULL, 0, PROV_E_NOT_FOUND, 0, NONE },
    { "bad as a file is a file", UDHCPC, "bootfile=bad", NULL, 0, PROV_OK, 0, OUT("C\x03" "bad") },
    { "exported", UDHCPC, "export tftp='a'\r\nexport opt67=62\r\n", NULL, 0, PROV_OK, 0, OUT("B\x01" "a" "C\x01" "b") },
    { "the first counts", UDHCPC, "tftp=a\nopt66=62\n", NULL, 0, PROV_OK, 0, OUT("B\x01" "a") },
    { "no such codes", UDHCPC, "opt0=61\nopt255=61\nopt256=61\nopt=61\noptx=zz\nopt99999=zz\n",
      NULL, 0, PROV_E_NOT_FOUND, 0, NONE },
    { "empty values", UDHCPC, "tftp=\nopt66=\n", NULL, 0, PROV_E_NOT_FOUND, 0, NONE },
    { "odd digits", UDHCPC, "a=b\n\nopt66=616\n", NULL, 0, PROV_E_SYNTAX, 3, NONE },
    { "no digits", UDHCPC, "opt66=6g\n", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "no address", UDHCPC, "x='\n\n'\nserverid=here\n", NULL, 0, PROV_E_SYNTAX, 4, NONE },
    { "quote without end", UDHCPC, "a=b\ntftp='a\nb\n", NULL, 0, PROV_E_SYNTAX, 2, NONE },
    { "backslash at the end", UDHCPC, "tftp='a'\\", NULL, 0, PROV_OK, 0, OUT("B\x02" "a\\") },
    { "not v4", UDHCPC, "bootfile_url=a\n", NULL, 0, PROV_E_NOT_FOUND, 0, NONE },
    { "leases", AUTO, dhclient, "eth0", OLD_ENDS, PROV_OK, 0, ANY },
    { "leases of the other", DHCLIENT, dhclient, "eth1", OLD_ENDS, PROV_OK, 0, OUT("B\x05other") },
    { "leases of none", DHCLIENT, dhclient, "eth2", 0, PROV_E_NOT_FOUND, 0, NONE },
    { "a day later", DHCLIENT, dhclient, "eth0", OLD_ENDS + 86400, PROV_E_NOT_FOUND, 0, NONE },
    { "just before", DHCLIENT, dhclient, "eth0", OLD_ENDS + 86399, PROV_OK, 0, ANY },
    { "epoch", DHCLIENT, "lease{interface \"a\";option bootfile-name \"f\";expire epoch 99; # x\n}",
      "a", 98, PROV_OK, 0, OUT("C\x01" "f") },
    { "epoch over", DHCLIENT, "lease { option bootfile-name \"f\"; expire epoch 99; }", "a", 99,
      PROV_E_NOT_FOUND, 0, NONE },
    { "leap day", DHCLIENT, "lease { option bootfile-name \"f\"; expire 2 2024/02/29 00:00:01; }",
      NULL, 1709164800, PROV_OK, 0, ANY },
    { "leap day over", DHCLIENT,
      "lease { option bootfile-name \"f\"; expire 2 2024/02/29 00:00:00; }", NULL, 1709164800,
      PROV_E_NOT_FOUND, 0, NONE },
    { "hexadecimal", DHCLIENT, "lease {\n option unknown-66 5:f:aB;}", NULL, 0, PROV_OK, 0, OUT("B\x03\x05\x0F\xAB") },
    { "bad hexadecimal", DHCLIENT, "lease {\n option unknown-66 5:g;}", NULL, 0, PROV_E_SYNTAX, 2, NONE },
    { "hexadecimal that stops", DHCLIENT, "lease {\n option unknown-66 5:;}", NULL, 0,
      PROV_E_SYNTAX, 2, NONE },
    { "three digits", DHCLIENT, "lease { option unknown-66 123:4;}", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "no name", DHCLIENT, "lease {\n option \"x\";}", NULL, 0, PROV_E_SYNTAX, 2, NONE },
    { "no value", DHCLIENT, "lease { option unknown-66; }", NULL, 0, PROV_E_NOT_FOUND, 0, NONE },
    { "a list of texts", DHCLIENT, "lease { option unknown-66 \"a\", \"b\"; }", NULL, 0,
      PROV_E_NOT_FOUND, 0, NONE },
    { "a block that does not end", DHCLIENT, "lease {\n interface \"a\";\n", NULL, 0, PROV_E_SYNTAX, 3, NONE },
    { "a text that does not end", DHCLIENT, "lease {\n interface \"a;\n}", NULL, 0, PROV_E_SYNTAX, 3, NONE },
    { "no date", DHCLIENT, "lease { expire 2 soon; }", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "no time", DHCLIENT, "lease { expire 2 2024/02/29 1:2; }", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "no epoch", DHCLIENT, "lease { expire epoch x; }", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "no interface", DHCLIENT, "lease { interface eth0; }", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "brace too many", DHCLIENT, "lease { } }", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "other blocks", DHCLIENT, "alias { option bootfile-name \"f\"; }", NULL, 0, PROV_E_NOT_FOUND, 0, NONE },
    { "networkd", AUTO, networkd, "eth0", 0, PROV_OK, 0, ANY },
    { "nothing", AUTO, "", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "a web page", AUTO, "<html>\n</html>\n", NULL, 0, PROV_E_SYNTAX, 1, NONE },
    { "text as packet", DHCPCD, "tftp=a\n", NULL, 0, PROV_E_SYNTAX, 0, NONE },
    /* clang-format on */
};

static enum prov_status
lease_read(const struct prov_lease_query *q, const char *text, size_t len, struct prov_buf *out,
           uint32_t *line)
{
    char *exact = malloc(len > 0 ? len : 1);

    assert_non_null(exact);
    memcpy(exact, text, len);

    const enum prov_status status = prov_lease_read(q, (struct prov_str){ exact, len }, out, line);

    free(exact);
    return status;
}

static bool
is_like(const struct prov_buf *out, struct prov_str wanted)
{
    return wanted.ptr == NULL ? out->len > 0 : prov_str_eq(prov_buf_str(out), wanted);
}

static void
follows_the_table(void **state)
{
    static char mem[OUT_MAX];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const struct prov_lease_query q = {
            .size = sizeof(q), .form = r->form, .interface = r->interface, .now_unix_s = r->now
        };
        struct prov_buf out = { mem, sizeof(mem), 0 };
        uint32_t line = 0;
        const enum prov_status status = lease_read(&q, r->text, strlen(r->text), &out, &line);

        PROV_ROW(r->name, status == r->status);
        PROV_ROW(r->name, is_like(&out, r->out));
        PROV_ROW(r->name, line == r->line);
    }
}

/* ---- what is exactly in them ---- */

static struct prov_str
read_all(const char *text, bool v6, const struct prov_endpoint *address, char *mem, size_t cap)
{
    struct prov_lease_query q = { .size = sizeof(q), .v6 = v6 };
    struct prov_buf out = { mem, cap, 0 };

    if (address != NULL)
        q.address = *address;
    assert_int_equal(PROV_OK, lease_read(&q, text, strlen(text), &out, NULL));
    return prov_buf_str(&out);
}

static void
dhclient_gives_these_bytes(void **state)
{
    static const char wanted[] = "B\x1Dhttp://192.0.2.1/p?m=<MACADR>C\x0A"
                                 "a\"b\\cA.xml+\x04\x42\x0B\x68\0\x96\x08\xC0\0\x02\x01\xC0\0\x02"
                                 "\x02\xA0\x01h\x9F\x01t\xE0\x01\x05";
    char mem[256];
    const struct prov_str out = read_all(dhclient, false, &own, mem, sizeof(mem));

    (void)state;
    assert_int_equal(sizeof(wanted) - 1, out.len);
    assert_memory_equal(wanted, out.ptr, out.len);
}

static void
networkd_gives_these_bytes(void **state)
{
    static const char wanted[] =
        FOUND "*\x08\xC0\0\x02\x04\xC0\0\x02\x05+\x03\x42\x04\x61\xE0\x02hi";
    char mem[256];
    const struct prov_str out = read_all(networkd, false, &own, mem, sizeof(mem));

    (void)state;
    assert_int_equal(sizeof(wanted) - 1, out.len);
    assert_memory_equal(wanted, out.ptr, out.len);
}

static void
dhclient6_gives_these_bytes(void **state)
{
    static const char wanted[] = "\0\x11\0\x09\0\0\xCF\xC0\0\x01\0\x01h"
                                 "\0\xF1\0\x02\x01\x02\0\x3B\0\x09tftp://h/";
    char mem[256];
    const struct prov_str out = read_all(dhclient6, true, NULL, mem, sizeof(mem));

    (void)state;
    assert_int_equal(sizeof(wanted) - 1, out.len);
    assert_memory_equal(wanted, out.ptr, out.len);
}

/* An address lasts max-life from its start; a lease without addresses lasts for ever. */
static void
a_dhcpv6_lease_lasts_as_long_as_its_addresses(void **state)
{
    static const char stateless[] = "lease6 { option dhcp6.bootfile-url \"u\"; }";
    struct prov_lease_query q = { .size = sizeof(q), .v6 = true };
    char mem[256];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    (void)state;
    q.now_unix_s = 1795239063 + 7199;
    assert_int_equal(PROV_OK, lease_read(&q, dhclient6, strlen(dhclient6), &out, NULL));
    q.now_unix_s++;
    assert_int_equal(PROV_E_NOT_FOUND, lease_read(&q, dhclient6, strlen(dhclient6), &out, NULL));
    assert_int_equal(PROV_OK, lease_read(&q, stateless, strlen(stateless), &out, NULL));
    q.v6 = false; /* and those of DHCPv6 do not count for DHCPv4 */
    assert_int_equal(PROV_E_NOT_FOUND, lease_read(&q, stateless, strlen(stateless), &out, NULL));
}

static void
what_udhcpc6_and_networkd_keep_of_dhcpv6(void **state)
{
    static const char env[] = "interface=eth0\nbootfile_url=u\nopt17=0000cfc0\n";
    static const char wanted[] = "\0\x3B\0\x01u\0\x11\0\x04\0\0\xCF\xC0";
    struct prov_lease_query q = { .size = sizeof(q), .form = NETWORKD, .v6 = true };
    char mem[64];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    const struct prov_str got = read_all(env, true, NULL, mem, sizeof(mem));

    (void)state;
    assert_int_equal(sizeof(wanted) - 1, got.len);
    assert_memory_equal(wanted, got.ptr, got.len);
    assert_int_equal(PROV_E_NOT_FOUND, lease_read(&q, networkd, strlen(networkd), &out, NULL));
}

static void
that_udhcpc_hides_option_66_is_told(void **state)
{
    bool replaced = false;
    struct prov_lease_query q = { .size = sizeof(q), .replaced = &replaced };
    char mem[64];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    (void)state;
    assert_int_equal(PROV_OK, lease_read(&q, udhcpc_env, strlen(udhcpc_env), &out, NULL));
    assert_true(replaced);
    assert_int_equal(PROV_OK, lease_read(&q, "domain=bad\ntftp=a", 17, &out, NULL));
    assert_false(replaced);
}

static void
a_lease_of_another_network_does_not_count(void **state)
{
    static const char *const texts[] = { udhcpc_env, dhclient, networkd };
    struct prov_lease_query q = { .size = sizeof(q), .interface = "eth0", .address = own };
    char mem[256];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        struct prov_buf out = { mem, sizeof(mem), 0 };

        q.address.addr[3] = 50;
        assert_int_equal(PROV_OK, lease_read(&q, texts[i], strlen(texts[i]), &out, NULL));
        out.len = 0;
        q.address.addr[3] = 49;
        assert_int_equal(PROV_E_NOT_FOUND, lease_read(&q, texts[i], strlen(texts[i]), &out, NULL));
        assert_int_equal(0, out.len);
    }
}

/* ---- packets ---- */

#define PACKET_LEN 245

static void
make_packet(char p[PACKET_LEN])
{
    memset(p, 0, PACKET_LEN);
    p[0] = 2;
    memcpy(p + 16, own.addr, 4);
    memcpy(p + 236, "\x63\x82\x53\x63\x42\x01\x61\xFF", 8);
}

static void
a_packet_is_given_out_as_it_is(void **state)
{
    struct prov_lease_query q = { .size = sizeof(q), .address = own };
    char p[PACKET_LEN], mem[PACKET_LEN];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    (void)state;
    make_packet(p);
    assert_int_equal(PROV_OK, lease_read(&q, p, sizeof(p), &out, NULL));
    assert_int_equal(sizeof(p), out.len);
    assert_memory_equal(p, mem, sizeof(p));

    out = (struct prov_buf){ mem, sizeof(mem) - 1, 0 };
    assert_int_equal(PROV_E_SPACE, lease_read(&q, p, sizeof(p), &out, NULL));
    p[19]++; /* another address */
    assert_int_equal(PROV_E_NOT_FOUND, lease_read(&q, p, sizeof(p), &out, NULL));
    memset(p + 16, 0, 4); /* the answer to a DHCPINFORM has none */
    out.cap = sizeof(mem);
    assert_int_equal(PROV_OK, lease_read(&q, p, sizeof(p), &out, NULL));
}

static void
what_is_no_packet_is_refused(void **state)
{
    struct prov_lease_query q = { .size = sizeof(q), .form = DHCPCD };
    static char large[PROV_LEASE_OUT_BYTES + 1], mem[OUT_MAX];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    uint32_t line = 7;
    char p[PACKET_LEN];

    (void)state;
    make_packet(p);
    assert_int_equal(PROV_E_SYNTAX, lease_read(&q, p, 240, &out, &line));
    assert_int_equal(0, line);
    make_packet(large);
    assert_int_equal(PROV_E_LIMIT, lease_read(&q, large, sizeof(large), &out, NULL));
    assert_int_equal(PROV_OK, lease_read(&q, large, sizeof(large) - 1, &out, NULL));
    p[0] = 1;
    assert_int_equal(PROV_E_SYNTAX, lease_read(&q, p, sizeof(p), &out, NULL));
    p[0] = 7;
    q.v6 = true;
    assert_int_equal(PROV_E_SYNTAX, lease_read(&q, p, 3, &out, NULL));
    out.len = 0;
    assert_int_equal(PROV_OK, lease_read(&q, p, 4, &out, NULL));
    assert_int_equal(4, out.len);
}

/* BOOTP fields are not options: a packet is made that they stand in. */
static void
bootp_fields_make_a_packet(void **state)
{
    static const char lease[] = "lease { server-name \"s\\141\"; filename \"f\";"
                                " option bootfile-name \"o\"; }";
    static const char env[] = "sname=sa\nboot_file=f\nbootfile=o\n";
    char a[512], b[512];
    const struct prov_str from_lease = read_all(lease, false, NULL, a, sizeof(a));
    const struct prov_str from_env = read_all(env, false, NULL, b, sizeof(b));
    struct prov_lease_query q = { .size = sizeof(q) };
    struct prov_buf out = { b, 242, 0 };

    (void)state;
    assert_int_equal(243, from_lease.len);
    assert_true(prov_str_eq(from_lease, from_env));
    assert_string_equal("sa", a + 44);
    assert_string_equal("f", a + 108);
    assert_memory_equal("\x63\x82\x53\x63\x43\x01o", a + 236, 7);
    assert_int_equal(PROV_E_SPACE, lease_read(&q, env, strlen(env), &out, NULL));
    assert_int_equal(0, out.len);
    out.cap = sizeof(b);
    assert_int_equal(PROV_E_NOT_FOUND, lease_read(&q, "sname=bad\n", 10, &out, NULL));
    out.cap = sizeof(b); /* alone they are enough */
    assert_int_equal(PROV_OK, lease_read(&q, "sname=ok\n", 9, &out, NULL));
    assert_int_equal(240, out.len);
}

/* ---- limits ---- */

static char *
long_line(const char *start, char fill, size_t count, size_t *len)
{
    char *text = malloc(strlen(start) + count + 4);

    assert_non_null(text);
    strcpy(text, start);
    memset(text + strlen(start), fill, count);
    strcpy(text + strlen(start) + count, strchr(start, '{') != NULL ? "\";}" : "\n");
    *len = strlen(text);
    return text;
}

static void
a_value_has_a_limit_and_long_ones_are_split(void **state)
{
    static const char *const starts[] = { "tftp=", "lease { option tftp-server-name \"" };
    struct prov_lease_query q = { .size = sizeof(q) };
    static char mem[OUT_MAX];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(starts); i++) {
        for (size_t n = 4095; n <= 4097; n++) {
            struct prov_buf out = { mem, sizeof(mem), 0 };
            size_t len;
            char *text = long_line(starts[i], 'x', n, &len);
            const enum prov_status status = lease_read(&q, text, len, &out, NULL);

            free(text);
            assert_int_equal(n <= 4096 ? PROV_OK : PROV_E_LIMIT, status);
            assert_int_equal(n <= 4096 ? n + 17 * 2 : 0, out.len);
            assert_true(n > 4096 || (mem[0] == 66 && (uint8_t)mem[1] == 255 && mem[257] == 66));
        }
    }
}

static void
a_file_has_a_limit(void **state)
{
    struct prov_lease_query q = { .size = sizeof(q) };
    char mem[64];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    size_t len;
    char *text = long_line("tftp=a\nx=", 'x', PROV_LEASE_FILE_BYTES - 10, &len);

    (void)state;
    assert_int_equal(PROV_LEASE_FILE_BYTES, len);
    assert_int_equal(PROV_OK, lease_read(&q, text, len, &out, NULL));
    assert_int_equal(PROV_E_LIMIT, lease_read(&q, text, len + 1, &out, NULL));
    free(text);
}

static void
every_smaller_buffer_is_refused(void **state)
{
    static const char *const texts[] = { udhcpc_env, udhcpc_set, dhclient, networkd };
    static const struct prov_lease_query q = { .size = sizeof(q) };
    char mem[512];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        struct prov_buf full = { mem, sizeof(mem), 3 };

        assert_int_equal(PROV_OK, lease_read(&q, texts[i], strlen(texts[i]), &full, NULL));
        for (size_t cap = 3; cap < full.len; cap++) {
            struct prov_buf out = { mem, cap, 3 };

            mem[cap] = '#';
            assert_int_equal(PROV_E_SPACE, lease_read(&q, texts[i], strlen(texts[i]), &out, NULL));
            assert_int_equal(3, out.len);
            assert_int_equal('#', mem[cap]);
        }
    }
}

/* A file that was cut off anywhere gives one of the documented statuses. */
static void
every_cut_is_survived(void **state)
{
    static const char *const texts[] = { udhcpc_env, udhcpc_set, dhclient, dhclient6, networkd };
    static const enum prov_status documented[] = { PROV_OK, PROV_E_SYNTAX, PROV_E_NOT_FOUND };
    char mem[512];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        for (size_t n = 0; n < strlen(texts[i]); n++) {
            const struct prov_lease_query q = { .size = sizeof(q), .v6 = texts[i] == dhclient6 };
            struct prov_buf out = { mem, sizeof(mem), 0 };
            const enum prov_status status = lease_read(&q, texts[i], n, &out, NULL);

            assert_true(status == documented[0] || status == documented[1] ||
                        status == documented[2]);
            assert_true((status == PROV_OK) == (out.len > 0));
        }
    }
}

static void
bad_arguments_are_refused(void **state)
{
    static const struct prov_lease_query q = { .size = sizeof(q) };
    const struct prov_lease_query unknown = { .size = sizeof(q), .form = (enum prov_lease_form)5 };
    const struct prov_lease_query foreign = { .size = 3 };
    const struct prov_str text = PROV_STR_INIT("tftp=a");
    const struct prov_str null = { NULL, 1 };
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct prov_buf broken = { NULL, 8, 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_lease_read(NULL, text, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_read(&q, text, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_read(&q, null, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_read(&q, text, &broken, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_read(&unknown, text, &out, NULL));
    assert_int_equal(PROV_E_ABI, prov_lease_read(&foreign, text, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_load(NULL, "/", &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_load(&q, NULL, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_lease_load(&q, "/", NULL, NULL));
}

/* ---- files ---- */

static void
a_file_is_read_from_the_disk(void **state)
{
    static const struct prov_lease_query q = { .size = sizeof(q) };
    char path[] = "/tmp/prov-lease-XXXXXX";
    const int fd = mkstemp(path);
    char mem[512];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    uint32_t line = 0;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal((ssize_t)strlen(networkd), write(fd, networkd, strlen(networkd)));
    assert_int_equal(PROV_OK, prov_lease_load(&q, path, &out, NULL));
    assert_int_equal(25, out.len);
    assert_int_equal(0, ftruncate(fd, (off_t)strlen(networkd) - 2)); /* one digit is left */
    assert_int_equal(PROV_E_SYNTAX, prov_lease_load(&q, path, &out, &line));
    assert_int_equal(7, line);
    assert_int_equal(0, ftruncate(fd, (off_t)PROV_LEASE_FILE_BYTES + 1));
    assert_int_equal(PROV_E_LIMIT, prov_lease_load(&q, path, &out, NULL));
    assert_int_equal(0, close(fd));
    assert_int_equal(0, unlink(path));
    assert_int_equal(PROV_E_NOT_FOUND, prov_lease_load(&q, path, &out, NULL));
    assert_int_equal(PROV_E_STORAGE, prov_lease_load(&q, "/", &out, NULL));
    assert_int_equal(EISDIR, errno);
    assert_int_equal(25, out.len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(dhclient_gives_these_bytes),
        cmocka_unit_test(networkd_gives_these_bytes),
        cmocka_unit_test(dhclient6_gives_these_bytes),
        cmocka_unit_test(a_dhcpv6_lease_lasts_as_long_as_its_addresses),
        cmocka_unit_test(what_udhcpc6_and_networkd_keep_of_dhcpv6),
        cmocka_unit_test(that_udhcpc_hides_option_66_is_told),
        cmocka_unit_test(a_lease_of_another_network_does_not_count),
        cmocka_unit_test(a_packet_is_given_out_as_it_is),
        cmocka_unit_test(what_is_no_packet_is_refused),
        cmocka_unit_test(bootp_fields_make_a_packet),
        cmocka_unit_test(a_value_has_a_limit_and_long_ones_are_split),
        cmocka_unit_test(a_file_has_a_limit),
        cmocka_unit_test(every_smaller_buffer_is_refused),
        cmocka_unit_test(every_cut_is_survived),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_file_is_read_from_the_disk),
    };
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
