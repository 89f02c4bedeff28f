/* SPDX-License-Identifier: MIT */
#include <prov/trust.h>

#include "support/prov_cmocka.h"

/* ---- Lists of servers ---- */

static const struct entry_row {
    const char *name, *entry;
    bool good;
} entry_rows[] = {
    { "name", "prov.example.com", true },
    { "name with port", "prov.example.com:8443", true },
    { "complete name", "prov.example.com.", true },
    { "one label", "pbx", true },
    { "all below", "*.example.com", true },
    { "all below, with port", "*.example.com:443", true },
    { "IPv4", "192.0.2.1", true },
    { "IPv4 with port", "192.0.2.1:80", true },
    { "IPv6", "2001:db8::1", true },
    { "IPv6 in brackets", "[2001:db8::1]", true },
    { "IPv6 with port", "[2001:db8::1]:8443", true },
    { "largest port", "h:65535", true },
    { "empty", "", false },
    { "everything", "*", false },
    { "star alone with dot", "*.", false },
    { "star and dot", "*..", false },
    { "star inside", "a.*.com", false },
    { "star in a label", "*a.com", false },
    { "two stars", "*.*.com", false },
    { "address", "https://prov.example.com", false },
    { "path", "prov.example.com/x", false },
    { "user", "u@prov.example.com", false },
    { "blank", "prov.example.com ", false },
    { "dots", "prov..com", false },
    { "dot in front", ".example.com", false },
    { "no port", "h:", false },
    { "port 0", "h:0", false },
    { "port with zero in front", "h:080", false },
    { "port too large", "h:65536", false },
    { "port of six digits", "h:100000", false },
    { "port is no number", "h:http", false },
    { "half an IPv4 address", "127.1", false },
    { "a number", "2130706433", false },
    { "all below a number", "*.1", false },
    { "IPv4 too large", "192.0.2.256", false },
    { "IPv6 without end", "[2001:db8::1", false },
    { "IPv6 with a zone", "fe80::1%eth0", false },
};

static void
takes_only_what_names_a_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(entry_rows); i++) {
        const struct entry_row *r = &entry_rows[i];
        char *exact = prov_copy_exact(r->entry);
        const struct prov_str list[] = { PROV_STR_INIT("h"), { exact, strlen(r->entry) } };
        const struct prov_trust t = { .size = sizeof(t), .hosts = list, .host_count = 2 };
        struct prov_trust out = { .size = 7 };
        struct prov_diag diag = { 0 };
        const enum prov_status status = prov_trust_resolve(&t, &out, &diag);

        PROV_ROW(r->name, status == (r->good ? PROV_OK : PROV_E_SYNTAX));
        PROV_ROW(r->name, out.size == (r->good ? sizeof(out) : 7));
        PROV_ROW(r->name, diag.code == (r->good ? PROV_D_NONE : PROV_D_TRUST_ENTRY));
        PROV_ROW(r->name, r->good || diag.subject.ptr == exact);
        PROV_ROW(r->name, prov_trust_resolve(&t, &out, NULL) == status);
        free(exact);
    }
}

static const struct match_row {
    const char *name, *entry, *url;
    bool match;
} match_rows[] = {
    { "same name", "prov.example.com", "http://prov.example.com/a", true },
    { "case", "Prov.Example.COM", "http://pROV.example.com/a", true },
    { "dot at the end of the entry", "prov.example.com.", "http://prov.example.com/a", true },
    { "dot at the end of the address", "prov.example.com", "http://prov.example.com./a", true },
    { "other name", "prov.example.com", "http://prov.example.org/", false },
    { "name in front", "example.com", "http://prov.example.com/", false },
    { "name behind", "prov.example.com", "http://prov.example.com.evil.org/", false },
    { "any port", "h", "https://h:9/", true },
    { "preset port", "h:443", "https://h/", true },
    { "preset port of another scheme", "h:443", "http://h/", false },
    { "other port", "h:8443", "https://h:8444/", false },
    { "below", "*.example.com", "http://a.example.com/", true },
    { "far below", "*.example.com", "http://a.b.EXAMPLE.com./", true },
    { "not itself", "*.example.com", "http://example.com/", false },
    { "not beside", "*.example.com", "http://badexample.com/", false },
    { "not above", "*.example.com", "http://com/", false },
    { "below with port", "*.example.com:80", "http://a.example.com/", true },
    { "below with other port", "*.example.com:81", "http://a.example.com/", false },
    { "IPv4", "192.0.2.1", "http://192.0.2.1/", true },
    { "IPv4 with port", "192.0.2.1:8080", "http://192.0.2.1:8080/", true },
    { "IPv4 with other port", "192.0.2.1:8080", "http://192.0.2.1/", false },
    { "other IPv4", "192.0.2.1", "http://192.0.2.10/", false },
    { "a name that begins like it", "192.0.2.1", "http://192.0.2.1.example.com/", false },
    { "IPv6", "2001:db8::1", "http://[2001:db8::1]/", true },
    { "IPv6 by value", "[2001:0DB8:0:0::1]:80", "http://[2001:db8::1]/", true },
    { "other IPv6", "2001:db8::1", "http://[2001:db8::2]/", false },
    { "IPv4 in IPv6", "192.0.2.1", "http://[::ffff:192.0.2.1]/", true },
    { "a name is no address", "h", "http://192.0.2.1/", false },
    { "an address is no name", "192.0.2.1", "http://h/", false },
    { "user part makes no difference", "h", "http://other:x@h/", true },
    { "user part is no server", "h", "http://h@other/", false },
};

static void
compares_servers_by_name_or_address(void **state)
{
    const struct prov_trust_known none = { .provisioned = false };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(match_rows); i++) {
        const struct match_row *r = &match_rows[i];
        const struct prov_str list[] = { PROV_STR_INIT("x.invalid:1"), prov_str_z(r->entry) };
        const struct prov_trust t = { .size = sizeof(t), .hosts = list, .host_count = 2 };
        struct prov_trust out;
        char *exact = prov_copy_exact(r->url);
        enum prov_trust_fault fault;

        PROV_ROW(r->name, prov_trust_resolve(&t, &out, NULL) == PROV_OK);
        fault = prov_trust_judge(&out, &none, PROV_SOURCE_BIT(PROV_SOURCE_PNP),
                                 (struct prov_str){ exact, strlen(r->url) });
        PROV_ROW(r->name, fault == (r->match ? PROV_TRUST_ALLOWED : PROV_TRUST_NOT_LISTED));
        free(exact);
    }
}

/* ---- Policies ---- */

static const struct prov_str list[] = { PROV_STR_INIT("good") };

static const struct policy {
    const char *name;
    struct prov_trust trust;
    bool provisioned;
    const char *pin, *url;
    enum prov_trust_fault fault; /* from a source that it holds for */
} policies[] = {
#define TRUST .trust = { .size = sizeof(struct prov_trust),
    { "none", TRUST .sources = 0 }, true, "http://a", "tftp://b", PROV_TRUST_ALLOWED },
    { "none, document", TRUST .sources = 0 }, true, "http://a", "", PROV_TRUST_ALLOWED
}
, { "https, kept", TRUST.https_only = true }, false, "", "https://h/", PROV_TRUST_ALLOWED
}
, { "https, http", TRUST.https_only = true }, false, "", "http://h/", PROV_TRUST_NOT_HTTPS
}
, { "https, ftp", TRUST.https_only = true }, false, "", "ftp://h/", PROV_TRUST_NOT_HTTPS
}
, { "https, tftp", TRUST.https_only = true }, false, "", "tftp://h/", PROV_TRUST_NOT_HTTPS
}
, { "https, document", TRUST.https_only = true }, false, "", "", PROV_TRUST_NO_SERVER
}
, { "https, no address", TRUST.https_only = true }, false, "", "https:/h", PROV_TRUST_NO_SERVER
}
, { "list, kept", TRUST.hosts = list, .host_count = 1 }, false, "", "http://good/",
    PROV_TRUST_ALLOWED
}
, { "list, other", TRUST.hosts = list, .host_count = 1 }, false, "", "http://bad/",
    PROV_TRUST_NOT_LISTED
}
, { "list, document", TRUST.hosts = list, .host_count = 1 }, false, "", "", PROV_TRUST_NO_SERVER
}
, { "list and https, both wrong", TRUST.https_only = true, .hosts = list, .host_count = 1 }, false,
    "", "http://bad/", PROV_TRUST_NOT_HTTPS
}
, { "list and https, one wrong", TRUST.https_only = true, .hosts = list, .host_count = 1 }, false,
    "", "https://bad/", PROV_TRUST_NOT_LISTED
}
, { "first, before", TRUST.first_only = true }, false, "", "http://h/", PROV_TRUST_ALLOWED
}
, { "first, before, document", TRUST.first_only = true }, false, "", "", PROV_TRUST_ALLOWED
}
, { "first, after", TRUST.first_only = true }, true, "", "http://h/", PROV_TRUST_NOT_FIRST
}
, { "first, after, document", TRUST.first_only = true }, true, "", "", PROV_TRUST_NOT_FIRST
}
, { "pin, none yet", TRUST.pin = true }, false, "", "http://h/", PROV_TRUST_ALLOWED
}
, { "pin, same", TRUST.pin = true }, true, "http://H:80", "http://u:p@h/x?y", PROV_TRUST_ALLOWED
}
, { "pin, other host", TRUST.pin = true }, true, "http://h:80", "http://i/", PROV_TRUST_NOT_PINNED
}
, { "pin, other port", TRUST.pin = true }, true, "http://h:80", "http://h:81/",
    PROV_TRUST_NOT_PINNED
}
, { "pin, other scheme", TRUST.pin = true }, true, "http://h:80", "https://h:80/",
    PROV_TRUST_NOT_PINNED
}
, { "pin, damaged", TRUST.pin = true }, true, "h", "http://h/", PROV_TRUST_NOT_PINNED
}
, { "pin, document", TRUST.pin = true }, true, "http://h:80", "", PROV_TRUST_NO_SERVER
}
,
}
;

/* The preset: everything that somebody on the local network can answer. */
static bool
is_local(enum prov_source_kind kind)
{
    return kind != PROV_SOURCE_MANUAL && kind != PROV_SOURCE_REDIRECT;
}

static void
judges_every_source_by_every_policy(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(policies); i++) {
        const struct policy *p = &policies[i];
        const struct prov_trust_known known = { p->provisioned, prov_str_z(p->pin) };
        const struct prov_str url = prov_str_z(p->url);
        struct prov_trust t;

        PROV_ROW(p->name, prov_trust_resolve(&p->trust, &t, NULL) == PROV_OK);
        for (unsigned k = 0; k < PROV_SOURCE_KINDS; k++) {
            const bool local = is_local((enum prov_source_kind)k);
            const uint32_t from = PROV_SOURCE_BIT(k);

            PROV_ROW(p->name, prov_trust_judge(&t, &known, from, url) ==
                                  (local ? p->fault : PROV_TRUST_ALLOWED));
            PROV_ROW(p->name, prov_trust_is_over(&t, &known, from) ==
                                  (local && p->fault == PROV_TRUST_NOT_FIRST));
        }
        PROV_ROW(p->name, prov_trust_judge(&t, &known, PROV_TRUST_CHECK_SYNC, url) == p->fault);
    }
}

static void
holds_for_the_sources_of_the_set_alone(void **state)
{
    const struct prov_trust_known none = { .provisioned = false };
    const struct prov_trust t = { .size = sizeof(t),
                                  .sources = PROV_SOURCE_BIT(PROV_SOURCE_MANUAL),
                                  .https_only = true };
    struct prov_trust out;

    (void)state;
    assert_int_equal(PROV_OK, prov_trust_resolve(&t, &out, NULL));
    for (unsigned k = 0; k < 32; k++)
        assert_int_equal(k == PROV_SOURCE_MANUAL ? PROV_TRUST_NOT_HTTPS : PROV_TRUST_ALLOWED,
                         prov_trust_judge(&out, &none, 1u << k, prov_str_z("http://h/")));
}

static void
copies_a_policy_by_its_size(void **state)
{
    struct {
        struct prov_trust t;
        char more[8];
    } later = { .t = { .size = sizeof(later), .https_only = true } };
    struct prov_trust out = { .size = 7 };
    struct prov_diag diag = { 0 };

    (void)state;
    assert_int_equal(PROV_OK, prov_trust_resolve(&later.t, &out, &diag));
    assert_true(out.https_only && out.size == sizeof(out) && out.sources == PROV_TRUST_LOCAL);
    later.more[0] = 1;
    assert_int_equal(PROV_E_ABI, prov_trust_resolve(&later.t, &out, &diag));
    assert_int_equal(PROV_D_ABI, diag.code);
    assert_int_equal(PROV_OK, prov_trust_resolve(NULL, &out, NULL));
    assert_true(!out.https_only && !out.pin && !out.first_only && out.host_count == 0);
    assert_int_equal(PROV_E_ARG, prov_trust_resolve(NULL, NULL, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);

    const struct prov_trust lost = { .size = sizeof(lost), .host_count = 1 };

    assert_int_equal(PROV_E_ARG, prov_trust_resolve(&lost, &out, NULL));
}

static void
names_every_reason(void **state)
{
    (void)state;
    assert_string_equal("", prov_trust_reason(PROV_TRUST_ALLOWED));
    assert_int_equal(PROV_D_NONE, prov_trust_code(PROV_TRUST_ALLOWED));
    for (unsigned f = PROV_TRUST_NOT_FIRST; f <= PROV_TRUST_NOT_PINNED; f++) {
        assert_memory_equal("policy: ", prov_trust_reason((enum prov_trust_fault)f), 8);
        assert_true(prov_trust_code((enum prov_trust_fault)f) != PROV_D_NONE);
    }
    assert_string_equal("", prov_trust_reason((enum prov_trust_fault)9));
    assert_int_equal(PROV_D_NONE, prov_trust_code((enum prov_trust_fault)9));
}

/* ---- What is remembered ---- */

static void
remembers_an_origin_without_its_user(void **state)
{
    static const struct {
        const char *url, *origin;
    } rows[] = {
        { "http://u:secret@Prov.Example.COM/x?y", "http://prov.example.com:80" },
        { "HTTPS://h:8443/", "https://h:8443" },
        { "ftp://h", "ftp://h:21" },
        { "tftp://[2001:DB8::1]/x", "tftp://[2001:db8::1]:69" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const size_t full = strlen(rows[i].origin);
        char mem[64];

        for (size_t cap = 0; cap <= full + 1; cap++) {
            struct prov_buf out = { mem, cap + 1, 1 };
            const enum prov_status status = prov_trust_origin(prov_str_z(rows[i].url), &out);

            memset(mem + cap + 1, '#', 1);
            PROV_ROW(rows[i].url, status == (cap >= full ? PROV_OK : PROV_E_SPACE));
            PROV_ROW(rows[i].url, out.len == (cap >= full ? full + 1 : 1));
            PROV_ROW(rows[i].url, cap < full || memcmp(mem + 1, rows[i].origin, full) == 0);
        }
    }
    struct prov_buf out = { NULL, 0, 0 };

    assert_int_equal(PROV_E_ARG, prov_trust_origin(prov_str_z("http://h"), NULL));
    assert_int_equal(PROV_E_SYNTAX, prov_trust_origin(prov_str_z("h"), &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_only_what_names_a_server),
        cmocka_unit_test(compares_servers_by_name_or_address),
        cmocka_unit_test(judges_every_source_by_every_policy),
        cmocka_unit_test(holds_for_the_sources_of_the_set_alone),
        cmocka_unit_test(copies_a_policy_by_its_size),
        cmocka_unit_test(names_every_reason),
        cmocka_unit_test(remembers_an_origin_without_its_user),
    };
    return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
