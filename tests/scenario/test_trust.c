/* SPDX-License-Identifier: MIT */

/* Where the sources of the local network may lead to, in force at every step of a run (DSC-5), and
 * whom credentials are given to (NET-1). */

#include <stdio.h>

#include "support/prov_certs.h"
#include "world.h"

#define PATCH "<configuration><telephony><a>9</a></telephony></configuration>"
#define REFS(urls) "<referencedSettings>" urls "</referencedSettings>"
#define HEAD "# Panasonic SIP Phone Standard Format File #\r\n"

static const struct prov_str allowed[] = { PROV_STR_INIT("good"), PROV_STR_INIT("*.good") };
static const struct prov_trust https_only = { .size = sizeof(https_only), .https_only = true };
static const struct prov_trust listed = { .size = sizeof(listed),
                                          .hosts = allowed,
                                          .host_count = 2 };
static const struct prov_trust first_only = { .size = sizeof(first_only), .first_only = true };
static const struct prov_trust pinned = { .size = sizeof(pinned), .pin = true };

/* What PnP answers. */
static struct world_datagram talk[] = {
    { .at_ms = 100, .message = WORLD_NOTIFY, .text = NULL, .host = 10 },
    { .at_ms = 0 },
};

/* A phone that finds its address by PnP, with a manual one behind it; "" = none. */
static struct world *
phone(const struct prov_trust *trust, const char *pnp, const char *manual,
      const struct world_reply *replies)
{
    struct world *w = world_new(manual, replies);

    talk[0].text = pnp;
    w->lan = true;
    w->datagrams = pnp != NULL ? talk : NULL;
    w->discover.trust = trust;
    return w;
}

static bool
is_refused(const struct world *w, enum prov_trust_fault fault)
{
    return world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_REFUSED, prov_trust_reason(fault)) &&
           world_diag(w, prov_trust_code(fault)) != NULL;
}

/* ---- When a source answers ---- */

static void
takes_a_refused_address_for_nothing_found(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://bad/m.xml", .body = PATCH },
                                                  { .url = "https://good/p.xml", .body = PATCH },
                                                  { .url = NULL } };
    static const struct row {
        const char *name;
        const struct prov_trust *trust;
        const char *pnp;
        enum prov_trust_fault fault;
    } rows[] = {
        { "https only", &https_only, "http://good/p.xml", PROV_TRUST_NOT_HTTPS },
        { "list", &listed, "https://bad/p.xml", PROV_TRUST_NOT_LISTED },
        { "https only, kept", &https_only, "https://good/p.xml", PROV_TRUST_ALLOWED },
        { "list, kept", &listed, "https://good/p.xml", PROV_TRUST_ALLOWED },
        { "pin, before", &pinned, "https://good/p.xml", PROV_TRUST_ALLOWED },
        { "first only, before", &first_only, "https://good/p.xml", PROV_TRUST_ALLOWED },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const bool good = r->fault == PROV_TRUST_ALLOWED;
        struct world *w = phone(r->trust, r->pnp, "http://bad/m.xml", replies);

        PROV_ROW(r->name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(r->name, good || is_refused(w, r->fault));
        PROV_ROW(r->name, world_source(w, PROV_SOURCE_PNP)->won == good);
        PROV_ROW(r->name, world_source(w, PROV_SOURCE_MANUAL)->won == !good);
        PROV_ROW(r->name, w->fetch_count == 1);
        world_free(w);
    }
}

static void
ends_refused_if_nothing_else_is_found(void **state)
{
    struct world *w = phone(&https_only, "http://u:secret@bad/p.xml", "",
                            (const struct world_reply[]){ { .url = NULL } });

    (void)state;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_DENIED, w->record->status);
    assert_int_equal(0, w->fetch_count);
    assert_false(world_tells(w, "secret"));
    assert_true(world_tells(w, "http://***@bad/p.xml"));
    assert_true(world_has(w, PROV_ITEM_STATE, NULL));
    world_free(w);
}

/* ---- What the first file leads to ---- */

/* Every way from a good server to a bad one. */
static const struct way {
    const char *name, *first;
    struct world_reply second;
    enum prov_diag_code code;
    const char *bad; /* never asked for */
    uint32_t line;   /* of the diagnostic */
} ways[] = {
    { "reference",
      REFS("<url>ok.xml</url>\n<url>http://bad/x.xml</url>"),
      { .url = "http://good/ok.xml", .body = PATCH },
      PROV_D_TRUST_NOT_LISTED,
      "http://bad/x.xml",
      2 },
    { "reference of a reference",
      REFS("<url>more.xml</url>"),
      { .url = "http://good/more.xml", .body = REFS("\n\n<url>http://bad/x.xml</url>") },
      PROV_D_TRUST_NOT_LISTED,
      "http://bad/x.xml",
      3 },
    { "redirect of the first file",
      NULL,
      { .url = "http://good/p.xml", .http = 302, .location = "http://bad/x.xml" },
      PROV_D_TRUST_NOT_LISTED,
      "http://bad/x.xml",
      0 },
    { "redirect of a reference",
      REFS("<url>ok.xml</url>"),
      { .url = "http://good/ok.xml", .http = 302, .location = "//bad/x.xml" },
      PROV_D_TRUST_NOT_LISTED,
      "http://bad/x.xml",
      0 },
};

static void
refuses_every_way_from_a_good_server_to_a_bad_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(ways); i++) {
        const struct way *y = &ways[i];
        const struct world_reply first = { .url = "http://good/p.xml", .body = y->first };
        const struct world_reply replies[] = { y->first != NULL ? first : y->second,
                                               y->second,
                                               { .url = y->bad, .body = PATCH },
                                               { .url = NULL } };
        char asked[100];

        (void)snprintf(asked, sizeof(asked), " %s\n", y->bad);
        for (unsigned trusted = 0; trusted <= 1; trusted++) {
            /* by PnP it is refused, by hand it is not */
            struct world *w = trusted ? phone(&listed, NULL, "http://good/p.xml", replies)
                                      : phone(&listed, "http://good/p.xml", "", replies);

            PROV_ROW(y->name,
                     world_run(w) == (trusted ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_REFUSED));
            PROV_ROW(y->name, world_logged(w, asked) == trusted);
            PROV_ROW(y->name, (world_diag(w, y->code) != NULL) == !trusted);
            PROV_ROW(y->name, trusted || world_diag(w, y->code)->line == y->line);
            PROV_ROW(y->name, trusted || world_diag(w, y->code)->source.len > 0);
            PROV_ROW(y->name, trusted || world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
            world_free(w);
        }
    }
}

/* Where the others are used, one that is refused is one that cannot be had. */
static void
uses_the_other_files_if_the_dialect_says_so(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://good/p.xml",
          .body = REFS("<url>http://bad/x.xml</url><url>ok.xml</url>") },
        { .url = "http://good/ok.xml", .body = PATCH },
        { .url = "http://bad/x.xml", .body = PATCH },
        { .url = NULL },
    };
    struct world *w = phone(&listed, "http://good/p.xml", "", replies);

    (void)state;
    w->config.dialect = &world_lenient;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(PROV_E_DENIED, w->record->fetches[1].status);
    assert_int_equal(2, w->fetch_count);
    world_free(w);
}

/* PAN-3: files of the second stage, and certificates. */
static void
refuses_files_and_certificates_of_the_second_stage(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "https://good/M1.cfg",
          .body = HEAD "CFG_ROOT_CERTIFICATE_PATH1=\"https://bad/root.pem\"\r\n"
                       "CFG_STANDARD_FILE_PATH=\"https://bad/s.cfg\"\r\n"
                       "CFG_MASTER_FILE_PATH=\"https://x.good/m.cfg\"\r\n" },
        { .url = "https://bad/root.pem", .body = CERT_1 },
        { .url = "https://bad/s.cfg", .body = HEAD "A=\"1\"\r\n" },
        { .url = "https://x.good/m.cfg", .body = HEAD "B=\"1\"\r\n" },
        { .url = NULL },
    };
    struct world *w = phone(&listed, "https://good/M1.cfg", "", replies);
    const struct prov_diags *d;
    unsigned refused = 0;

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    d = w->record->diags;
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->items[i].code == PROV_D_TRUST_NOT_LISTED) {
            assert_true(prov_str_eq(d->items[i].source, prov_str_z("https://good/M1.cfg")));
            assert_int_equal(2 + refused, d->items[i].line);
            refused++;
        }
    }
    assert_int_equal(2, refused);
    assert_int_equal(2, w->fetch_count);
    assert_true(world_has(w, PROV_ITEM_CERT_1, NULL));
    assert_true(world_has(w, PROV_ITEM_MASTER, HEAD "B=\"1\"\r\n"));
    world_free(w);
}

/* URL-3: of the schemes that are tried, those that are refused are left out. */
static void
tries_the_schemes_that_are_allowed(void **state)
{
    struct world *w =
        phone(&https_only, "good", "", (const struct world_reply[]){ { .url = NULL } });

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-utg"));
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(1, w->fetch_count);
    assert_true(world_logged(w, " https://good/M1.cfg\n"));
    world_free(w);
}

/* ---- The redirection service ---- */

static void
judges_the_service_only_if_it_is_in_the_set(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://svc/", .http = 302, .location = "http://bad/p.xml" },
        { .url = "http://bad/p.xml", .body = PATCH },
        { .url = NULL },
    };
    static const struct world_reply document[] = { { .url = "http://svc/", .body = PATCH },
                                                   { .url = NULL } };

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const bool in_set = i % 2 != 0;
        const struct prov_trust t = { .size = sizeof(t),
                                      .sources = in_set ? PROV_SOURCE_BIT(PROV_SOURCE_REDIRECT) : 0,
                                      .https_only = true };
        struct world *w = phone(&t, NULL, "", i < 2 ? replies : document);

        w->discover.redirect_url = prov_str_z("http://svc/");
        assert_int_equal(in_set ? PROV_OUTCOME_REFUSED : PROV_OUTCOME_APPLIED, world_run(w));
        assert_true(!in_set || world_source_is(w, PROV_SOURCE_REDIRECT, PROV_SOURCE_REFUSED,
                                               prov_trust_reason(PROV_TRUST_NOT_HTTPS)));
        assert_int_equal(in_set || i == 2 ? 1 : 2, w->fetch_count);
        world_free(w);
    }
}

/* ---- check-sync ---- */

static void
judges_what_comes_with_check_sync(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://bad/p.xml", .body = PATCH },
                                                  { .url = "https://good/p.xml", .body = PATCH },
                                                  { .url = NULL } };
    static const struct row {
        const char *name;
        const struct prov_trust *trust;
        enum prov_trigger trigger;
        const char *url, *document;
        enum prov_diag_code code; /* 0 = it is taken */
    } rows[] = {
        { "http", &https_only, PROV_TRIGGER_CHECK_SYNC, "http://bad/p.xml", "",
          PROV_D_TRUST_NOT_HTTPS },
        { "list", &listed, PROV_TRIGGER_CHECK_SYNC, "http://bad/p.xml", "",
          PROV_D_TRUST_NOT_LISTED },
        { "https", &https_only, PROV_TRIGGER_CHECK_SYNC, "https://good/p.xml", "", PROV_D_NONE },
        { "document", &https_only, PROV_TRIGGER_CHECK_SYNC, "", PATCH, PROV_D_TRUST_NO_SERVER },
        { "document of a phone that is new", &first_only, PROV_TRIGGER_CHECK_SYNC, "", PATCH,
          PROV_D_NONE },
        { "the vendor's own", &https_only, PROV_TRIGGER_MANUAL, "http://bad/p.xml", "",
          PROV_D_NONE },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const struct prov_trigger_event event = {
            .size = sizeof(event),
            .trigger = r->trigger,
            .has_url = r->url[0] != '\0',
            .url = prov_str_z(r->url),
            .document = prov_str_z(r->document),
        };
        struct world *w = phone(r->trust, NULL, "", replies);

        PROV_ROW(r->name, world_open(w) == PROV_OK);
        PROV_ROW(r->name, prov_run_trigger(&w->run, &event) == PROV_OK);
        PROV_ROW(r->name, world_loop(w) == PROV_OK);
        PROV_ROW(r->name, w->record->outcome == (r->code == PROV_D_NONE ? PROV_OUTCOME_APPLIED
                                                                        : PROV_OUTCOME_REFUSED));
        PROV_ROW(r->name, r->code == PROV_D_NONE || world_diag(w, r->code) != NULL);
        PROV_ROW(r->name, r->code == PROV_D_NONE || w->fetch_count == 0);
        world_free(w);
    }
}

/* ---- What is remembered ---- */

static void
asks_the_local_network_no_more_once_provisioned(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH },
                                                  { .url = NULL } };
    struct world *w = phone(&first_only, "http://h/p.xml", "", replies);
    uint32_t asked;

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    asked = w->ask_count;
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_NOTHING, world_run(w));
    assert_int_equal(asked, w->ask_count);
    assert_true(world_source_is(w, PROV_SOURCE_PNP, PROV_SOURCE_NOT_ASKED,
                                prov_trust_reason(PROV_TRUST_NOT_FIRST)));
    world_free(w);
}

/* With a pin the first run stays where it began, and the next ones go nowhere else. */
static void
stays_with_the_first_server(void **state)
{
    static const struct world_reply away[] = {
        { .url = "http://h/p.xml", .body = REFS("<url>http://other/x.xml</url>") },
        { .url = "http://other/x.xml", .body = PATCH },
        { .url = NULL },
    };
    static const struct world_reply home[] = { { .url = "http://h/p.xml", .body = PATCH },
                                               { .url = "http://other/p.xml", .body = PATCH },
                                               { .url = NULL } };
    struct world *w = phone(&pinned, "http://h/p.xml", "", away);

    (void)state;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_TRUST_NOT_PINNED));
    assert_true(world_has(w, PROV_ITEM_STATE, NULL)); /* nothing is pinned by a run that failed */

    w->replies = home;
    talk[0].text = "http://other/p.xml";
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));

    talk[0].text = "http://h/p.xml";
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_true(is_refused(w, PROV_TRUST_NOT_PINNED));
    talk[0].text = "http://other/p.xml";
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    world_free(w);
}

/* A store that fails has not provisioned the phone. */
static void
remembers_only_what_ended_well(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH },
                                                  { .url = NULL } };
    struct world *w = phone(&first_only, "http://h/p.xml", "", replies);

    (void)state;
    w->put_status = PROV_E_STORAGE;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    w->put_status = PROV_OK;
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_source(w, PROV_SOURCE_PNP)->won);
    world_free(w);
}

/* DIA-2: the caller's policy goes before that of the dialect. */
static void
takes_the_policy_of_the_dialect_unless_told_otherwise(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH },
                                                  { .url = NULL } };
    static const struct prov_trust none = { .size = sizeof(none) };
    struct prov_dialect d = world_dialect;

    (void)state;
    d.trust = &https_only;
    for (unsigned own = 0; own <= 1; own++) {
        struct world *w = phone(own ? &none : NULL, "http://h/p.xml", "", replies);

        w->config.dialect = &d;
        assert_int_equal(own ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_REFUSED, world_run(w));
        world_free(w);
    }
}

static void
refuses_a_list_that_names_no_server(void **state)
{
    static const struct prov_str bad[] = { PROV_STR_INIT("a/b") };
    const struct prov_trust t = { .size = sizeof(t), .hosts = bad, .host_count = 1 };
    struct world *w = phone(&t, NULL, "", (const struct world_reply[]){ { .url = NULL } });

    (void)state;
    assert_int_equal(PROV_E_SYNTAX, world_open(w));
    world_free(w);
}

/* ---- Credentials ---- */

/* Those of the first file go to files and certificates of its own origin, and to nobody else. */
static void
gives_credentials_of_the_first_file_to_its_origin_alone(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "https://h/M1.cfg",
          .body = HEAD "CFG_ROOT_CERTIFICATE_PATH1=\"one.pem\"\r\n"
                       "CFG_ROOT_CERTIFICATE_PATH2=\"https://k/two.pem\"\r\n"
                       "CFG_STANDARD_FILE_PATH=\"/s.cfg\"\r\n"
                       "CFG_PRODUCT_FILE_PATH=\"http://h/p.cfg\"\r\n"
                       "CFG_MASTER_FILE_PATH=\"https://bob:pw@h/m.cfg\"\r\n",
          .user = "amy",
          .password = "s3cret" },
        { .url = "https://h/one.pem", .body = CERT_1, .user = "amy", .password = "s3cret" },
        { .url = "https://k/two.pem", .body = CERT_2, .user = "", .password = "" },
        { .url = "https://h/s.cfg",
          .body = HEAD "A=\"1\"\r\n",
          .user = "amy",
          .password = "s3cret" },
        { .url = "http://h/p.cfg", .body = HEAD "B=\"1\"\r\n", .user = "", .password = "" },
        { .url = "https://h/m.cfg", .body = HEAD "C=\"1\"\r\n", .user = "bob", .password = "pw" },
        { .url = NULL },
    };
    struct world *w = world_new("https://amy:s3cret@h/M1.cfg", replies);

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(6, w->fetch_count);
    assert_false(world_tells(w, "s3cret"));
    world_free(w);
}

/* URL-3: an address without a scheme is given with its user for each of them. */
static void
gives_credentials_to_every_scheme_of_an_address_without(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "ftp://h/M1.cfg", .http = 0, .status = PROV_E_NOT_FOUND }, { .url = NULL }
    };
    struct world *w = world_new("amy:s3cret@h", replies);

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-utg"));
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(4, w->fetch_count);
    assert_false(world_logged(w, "user 1 \n"));
    assert_false(world_tells(w, "s3cret"));
    world_free(w);
}

/* The service's own stay with it. */
static void
keeps_the_credentials_of_the_service(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "https://svc/",
          .http = 302,
          .location = "https://h/p.xml",
          .user = "svc",
          .password = "s3cret" },
        { .url = "https://h/p.xml", .body = PATCH, .user = "", .password = "" },
        { .url = NULL },
    };
    struct world *w = phone(NULL, NULL, "", replies);

    (void)state;
    w->discover.redirect_url = prov_str_z("https://svc:s3cret@svc/");
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_false(world_tells(w, "s3cret"));
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_refused_address_for_nothing_found),
        cmocka_unit_test(ends_refused_if_nothing_else_is_found),
        cmocka_unit_test(refuses_every_way_from_a_good_server_to_a_bad_one),
        cmocka_unit_test(uses_the_other_files_if_the_dialect_says_so),
        cmocka_unit_test(refuses_files_and_certificates_of_the_second_stage),
        cmocka_unit_test(tries_the_schemes_that_are_allowed),
        cmocka_unit_test(judges_the_service_only_if_it_is_in_the_set),
        cmocka_unit_test(judges_what_comes_with_check_sync),
        cmocka_unit_test(asks_the_local_network_no_more_once_provisioned),
        cmocka_unit_test(stays_with_the_first_server),
        cmocka_unit_test(remembers_only_what_ended_well),
        cmocka_unit_test(takes_the_policy_of_the_dialect_unless_told_otherwise),
        cmocka_unit_test(refuses_a_list_that_names_no_server),
        cmocka_unit_test(gives_credentials_of_the_first_file_to_its_origin_alone),
        cmocka_unit_test(gives_credentials_to_every_scheme_of_an_address_without),
        cmocka_unit_test(keeps_the_credentials_of_the_service),
    };
    return cmocka_run_group_tests_name("scenario trust", tests, NULL, NULL);
}
