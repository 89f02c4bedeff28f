/* SPDX-License-Identifier: MIT */

/* Root certificates that the first file names: when they come, what they are trusted for, and what
 * is left of them for the next run (PAN-3). */

#include <stdio.h>

#include "support/prov_certs.h"
#include "world.h"

#define HEAD "# Panasonic SIP Phone Standard Format File #\r\n"
#define FILES \
    "CFG_STANDARD_FILE_PATH=\"https://h/{mac}.cfg\"\r\n" \
    "CFG_MASTER_FILE_PATH=\"https://h/common.cfg\"\r\n"
#define CERTS \
    "CFG_ROOT_CERTIFICATE_PATH1=\"https://h/one.pem\"\r\n" \
    "CFG_ROOT_CERTIFICATE_PATH2=\"https://h/{MODEL}.pem\"\r\n"
#define STANDARD HEAD "NAME_1=\"me\"\r\n"
#define MASTER HEAD "NTP=\"ntp\"\r\n"
#define NO_CERT "# no certificate\n"

#define URL_FIRST "https://h/a.cfg"
#define URL_ONE "https://h/one.pem"
#define URL_TWO "https://h/M1.pem"
#define URL_STANDARD "https://h/0080f0c571eb.cfg"
#define URL_MASTER "https://h/common.cfg"

#define REST \
    { .url = URL_STANDARD, .body = STANDARD }, { .url = URL_MASTER, .body = MASTER }, \
    { \
        .url = NULL \
    }

static const struct world_reply good[] = {
    { .url = URL_FIRST, .body = HEAD CERTS FILES },
    { .url = URL_ONE, .body = CERT_1, .delay_ms = 300 },
    { .url = URL_TWO, .body = CERT_2, .delay_ms = 900 },
    REST,
};
/* The same without certificates. */
static const struct world_reply bare[] = { { .url = URL_FIRST, .body = HEAD FILES }, REST };

static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("M1"),
    .fwver = PROV_STR_INIT("01.000"),
};

static struct world *
phone(const struct world_reply *replies)
{
    struct world *w = world_new(URL_FIRST, replies);

    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    w->config.identity = &identity;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    return w;
}

static void
restart(struct world *w, const struct world_reply *replies)
{
    w->replies = replies;
    memset(w->log, 0, sizeof(w->log));
    w->log_len = 0;
    world_reboot(w);
}

/* A phone that has had all of it, and has restarted. */
static struct world *
phone_again(const struct world_reply *replies)
{
    struct world *w = phone(good);

    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    restart(w, replies);
    return w;
}

/* Where the last fetch of an address stands in the log; NULL = it never was. */
static const char *
fetch_of(const struct world *w, const char *url, unsigned *id)
{
    const char *found = NULL;
    char line[200];

    for (unsigned i = 1; i < 60; i++) {
        const char *at;

        (void)snprintf(line, sizeof(line), "fetch %u %s\n", i, url);
        at = strstr(w->log, line);
        if (at != NULL) {
            *id = i;
            found = at;
        }
    }
    return found;
}

/* The fetch of an address was given these certificates, and no others. */
static bool
trusts(const struct world *w, const char *url, const char *pem)
{
    char line[2000];
    unsigned id;

    if (fetch_of(w, url, &id) == NULL)
        return false;
    (void)snprintf(line, sizeof(line), "anchors %u ", id);
    if (pem[0] == '\0')
        return strstr(w->log, line) == NULL;
    (void)snprintf(line, sizeof(line), "anchors %u %s\n", id, pem);
    return strstr(w->log, line) != NULL;
}

static bool
comes_before(const struct world *w, const char *first, const char *second)
{
    unsigned id;
    const char *a = fetch_of(w, first, &id), *b = fetch_of(w, second, &id);

    return a != NULL && b != NULL && a < b;
}

static bool
has_certs(const struct world *w, const char *one, const char *two, const char *three)
{
    return world_has(w, PROV_ITEM_CERT_1, one) && world_has(w, PROV_ITEM_CERT_2, two) &&
           world_has(w, PROV_ITEM_CERT_3, three);
}

/* ---- The first run ---- */

static void
fetches_them_first_and_trusts_them_for_what_follows(void **state)
{
    struct world *w = phone(good);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(5, w->fetch_count);
    assert_int_equal(2, w->most_flights); /* the two of them, then the two files */
    assert_true(comes_before(w, URL_ONE, URL_TWO));
    assert_true(comes_before(w, URL_TWO, URL_STANDARD));
    assert_true(comes_before(w, URL_STANDARD, URL_MASTER));
    assert_true(trusts(w, URL_FIRST, "") && trusts(w, URL_ONE, "") && trusts(w, URL_TWO, ""));
    assert_true(trusts(w, URL_STANDARD, CERT_1 CERT_2));
    assert_true(trusts(w, URL_MASTER, CERT_1 CERT_2));
    assert_int_equal(PROV_FILE_CERTIFICATE, w->record->fetches[1].type);
    assert_int_equal(PROV_FILE_CERTIFICATE, w->record->fetches[2].type);
    assert_int_equal(PROV_FILE_PARAMS_TEXT, w->record->fetches[3].type);
    assert_true(has_certs(w, CERT_1, CERT_2, NULL));
    assert_int_equal(0, w->record->diags->count);
    world_free(w);
}

/* The files wait for the slowest certificate, not only for their turn. */
static void
holds_the_files_back_until_the_last_one_has_come(void **state)
{
    struct world *w = phone(good);

    (void)state;
    w->limits.fetches = 16;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(2, w->most_flights);
    assert_true(w->record->fetches[3].ms == 0 && w->record->fetches[2].ms == 900);
    world_free(w);
}

/* Those that are given to the port must not depend on which one was faster. */
static void
keeps_their_order_whichever_comes_first(void **state)
{
    static const struct world_reply swapped[] = {
        { .url = URL_FIRST, .body = HEAD CERTS FILES },
        { .url = URL_ONE, .body = CERT_1, .delay_ms = 900 },
        { .url = URL_TWO, .body = CERT_2 },
        REST,
    };
    struct world *w = phone(swapped);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(trusts(w, URL_MASTER, CERT_1 CERT_2));
    world_free(w);
}

static void
gives_them_to_https_alone(void **state)
{
    static const struct world_reply replies[] = {
        { .url = URL_FIRST,
          .body = HEAD CERTS "CFG_STANDARD_FILE_PATH=\"http://h/a\"\r\n"
                             "CFG_PRODUCT_FILE_PATH=\"http://h/b\"\r\n"
                             "CFG_MASTER_FILE_PATH=\"tftp://h/c\"\r\n" },
        { .url = URL_ONE, .body = CERT_1 },
        { .url = URL_TWO, .body = CERT_2 },
        { .url = "http://h/a", .body = STANDARD },
        { .url = "http://h/b", .http = 302, .location = "https://h/d" },
        { .url = "https://h/d", .body = STANDARD },
        { .url = "tftp://h/c", .body = MASTER },
        { .url = NULL },
    };
    struct world *w = phone(replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(trusts(w, "http://h/a", "") && trusts(w, "http://h/b", ""));
    assert_true(trusts(w, "tftp://h/c", ""));
    assert_true(trusts(w, "https://h/d", CERT_1 CERT_2));
    world_free(w);
}

static void
keeps_der_as_text(void **state)
{
    static char der[600];
    struct world_reply replies[PROV_COUNT(good)];
    struct world *w;

    (void)state;
    memcpy(replies, good, sizeof(good));
    replies[2].body = der;
    replies[2].body_len = cert_decode(CERT_BODY_OLD, der);
    for (size_t chunk = 0; chunk <= 1; chunk++) {
        w = phone(replies);
        w->chunk = chunk;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_true(has_certs(w, CERT_1, CERT_OLD, NULL));
        assert_true(trusts(w, URL_MASTER, CERT_1 CERT_OLD));
        world_free(w);
    }
}

static void
knows_all_spellings(void **state)
{
    static const struct {
        const char *name, *dialect, *first;
        const char *one, *two, *three;
    } rows[] = {
        { "text, without a digit", "panasonic-hdv",
          HEAD "CFG_ROOT_CERTIFICATE_PATH=\"one.pem\"\r\n", CERT_1, NULL, NULL },
        { "text, both", "panasonic-hdv",
          HEAD "CFG_ROOT_CERTIFICATE_PATH=\"x.pem\"\r\nCFG_ROOT_CERTIFICATE_PATH1=\"one.pem\"\r\n",
          CERT_1, NULL, NULL },
        { "text, empty", "panasonic-hdv", HEAD "CFG_ROOT_CERTIFICATE_PATH1=\" \"\r\n", NULL, NULL,
          NULL },
        { "text, an empty one before one", "panasonic-hdv",
          HEAD "CFG_ROOT_CERTIFICATE_PATH1=\"\"\r\nCFG_ROOT_CERTIFICATE_PATH=\"one.pem\"\r\n",
          CERT_1, NULL, NULL },
        { "XML, third", "panasonic-utg",
          "<PANASIPPhoneConfig><Initial><Certs><CFG_ROOT_CERTIFICATE_PATH3>one.pem"
          "</CFG_ROOT_CERTIFICATE_PATH3></Certs></Initial></PANASIPPhoneConfig>",
          NULL, NULL, CERT_1 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = {
            { .url = URL_FIRST, .body = rows[i].first },
            { .url = URL_ONE, .body = CERT_1 },
            { .url = NULL },
        };
        struct world *w = phone(replies);

        w->config.dialect = prov_dialect_find(prov_str_z(rows[i].dialect));
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(rows[i].name, has_certs(w, rows[i].one, rows[i].two, rows[i].three));
        world_free(w);
    }
}

/* ---- The next runs ---- */

static void
trusts_those_of_last_time_from_the_start(void **state)
{
    struct world *w = phone_again(good);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(0, w->begin_count);
    assert_true(trusts(w, URL_FIRST, CERT_1 CERT_2));
    assert_true(trusts(w, URL_ONE, CERT_1 CERT_2) && trusts(w, URL_TWO, CERT_1 CERT_2));
    assert_true(trusts(w, URL_MASTER, CERT_1 CERT_2));
    world_free(w);
}

/* A new one counts at once, but not for the files before it. */
static void
replaces_one_by_another(void **state)
{
    struct world_reply other[PROV_COUNT(good)];
    struct world *w;

    (void)state;
    memcpy(other, good, sizeof(good));
    other[1].body = CERT_OLD;
    w = phone_again(other);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(0, w->record->changed_count);
    assert_true(trusts(w, URL_TWO, CERT_1 CERT_2) && trusts(w, URL_MASTER, CERT_OLD CERT_2));
    assert_true(world_logged(w, "commit 8 ") && !world_logged(w, "commit 9 "));
    assert_true(has_certs(w, CERT_OLD, CERT_2, NULL));
    world_free(w);
}

static void
forgets_one_that_is_not_named_any_more(void **state)
{
    struct world *w = phone_again(bare);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(trusts(w, URL_FIRST, CERT_1 CERT_2) && trusts(w, URL_MASTER, ""));
    assert_true(has_certs(w, NO_CERT, NO_CERT, NULL));
    restart(w, bare);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(0, w->begin_count + w->record->diags->count);
    assert_true(trusts(w, URL_FIRST, "") && trusts(w, URL_MASTER, ""));
    restart(w, good);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(has_certs(w, CERT_1, CERT_2, NULL));
    world_free(w);
}

static void
takes_a_saved_one_that_is_damaged_for_none(void **state)
{
    struct world *w = phone_again(bare);

    (void)state;
    world_set(w, PROV_ITEM_CERT_1, CERT_BEGIN "damaged");
    w->replies = good;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_CERT_STORE));
    assert_true(trusts(w, URL_FIRST, CERT_2));
    assert_true(has_certs(w, CERT_1, CERT_2, NULL));
    world_free(w);
}

/* It speaks for the maker, not for whoever wrote the first file. */
static void
gives_none_to_the_redirection_service(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "https://service/", .http = 302, .location = URL_FIRST },
        { .url = URL_FIRST, .body = HEAD CERTS FILES },
        { .url = URL_ONE, .body = CERT_1 },
        { .url = URL_TWO, .body = CERT_2 },
        REST,
    };
    struct world *w = phone_again(replies);

    (void)state;
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-utg"));
    w->config.url = prov_str_z("");
    w->discover.redirect_url = prov_str_z("https://service/");
    for (unsigned i = PROV_ITEM_INITIAL; i <= PROV_ITEM_MASTER; i++)
        world_set(w, (enum prov_item)i, NULL);
    (void)world_run(w);
    assert_true(trusts(w, "https://service/", "") && trusts(w, URL_FIRST, CERT_1 CERT_2));
    world_free(w);
}

/* ---- Files that are asked for before they are named ---- */

/* They are remembered, and so the certificates that count are there from the beginning. */
static void
asks_for_all_at_once_if_the_certificates_stay(void **state)
{
    struct world *w = phone_again(good);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(5, w->most_flights);
    assert_int_equal(5, w->fetch_count);
    assert_int_equal(0, w->cancel_count);
    for (uint32_t i = 0; i < 5; i++)
        assert_true(w->record->fetches[i].remembered == (i > 0));
    world_free(w);
}

/* What came under the old ones does not count: it is fetched again. */
static void
asks_again_for_what_came_under_other_certificates(void **state)
{
    (void)state;
    for (unsigned slow = 0; slow <= 2; slow++) {
        struct world_reply other[PROV_COUNT(good)];
        struct world *w;

        memcpy(other, good, sizeof(good));
        other[2].body = CERT_OLD;
        other[3].delay_ms = slow == 1 ? 5000 : 0; /* it is under way still */
        other[0].delay_ms = slow == 2 ? 5000 : 0; /* all else is there */
        w = phone_again(other);
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(7, w->fetch_count);
        assert_int_equal(slow == 1, w->cancel_count);
        assert_true(trusts(w, URL_STANDARD, CERT_1 CERT_OLD));
        assert_true(trusts(w, URL_MASTER, CERT_1 CERT_OLD));
        assert_false(w->record->fetches[3].remembered || w->record->fetches[4].remembered);
        assert_true(has_certs(w, CERT_1, CERT_OLD, NULL));
        world_free(w);
    }
}

/* ---- Failures ---- */

static const struct harm {
    const char *name;
    struct world_reply reply; /* to the first certificate */
    enum prov_status status;
    enum prov_diag_code code;
} harms[] = {
    { "not found", { .http = 404 }, PROV_E_NOT_FOUND, PROV_D_HTTP_NOT_FOUND },
    { "unreachable", { .status = PROV_E_NETWORK }, PROV_E_NETWORK, PROV_D_NET_FAILED },
    { "a page", { .body = "<html></html>" }, PROV_E_TYPE, PROV_D_CERT_NONE },
    { "empty", { .body = "" }, PROV_E_TYPE, PROV_D_CERT_NONE },
    { "a request",
      { .body = CERT_BEGIN CERT_BODY_REQUEST CERT_END },
      PROV_E_TYPE,
      PROV_D_CERT_OTHER },
    { "cut off", { .body = CERT_BEGIN "MIIBdz\n" }, PROV_E_SYNTAX, PROV_D_CERT_CUT },
    { "a key",
      { .body = CERT_1 "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n" },
      PROV_E_DENIED,
      PROV_D_CERT_KEY },
    { "to http",
      { .http = 302, .location = "http://h/x" },
      PROV_E_DENIED,
      PROV_D_REDIRECT_DOWNGRADE },
};

static void
goes_on_without_one_or_with_the_saved_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(harms) * 2; i++) {
        const struct harm *h = &harms[i / 2];
        const bool saved = i % 2 != 0;
        struct world_reply replies[PROV_COUNT(good)];
        struct world *w;

        memcpy(replies, good, sizeof(good));
        replies[1] = h->reply;
        replies[1].url = URL_ONE;
        w = saved ? phone_again(replies) : phone(replies);
        PROV_ROW(h->name, world_run(w) == PROV_OUTCOME_PARTIAL);
        PROV_ROW(h->name, w->record->fetches[1].status == h->status);
        PROV_ROW(h->name, world_diag(w, h->code) != NULL);
        PROV_ROW(h->name, (world_diag(w, PROV_D_CERT_SAVED) != NULL) == saved);
        PROV_ROW(h->name, (world_diag(w, PROV_D_CERT_NOT_HAD) != NULL) == !saved);
        PROV_ROW(h->name, trusts(w, URL_MASTER, saved ? CERT_1 CERT_2 : CERT_2));
        PROV_ROW(h->name, has_certs(w, saved ? CERT_1 : NULL, CERT_2, NULL));
        PROV_ROW(h->name, !world_logged(w, "c2VjcmV0"));
        PROV_ROW(h->name, world_has(w, PROV_ITEM_MASTER, MASTER));
        PROV_ROW(h->name, !saved || w->begin_count == 0);
        world_free(w);
    }
}

static void
goes_on_if_an_address_is_none(void **state)
{
    struct world_reply replies[PROV_COUNT(bare)];
    struct world *w;

    (void)state;
    memcpy(replies, bare, sizeof(bare));
    replies[0].body = HEAD "CFG_ROOT_CERTIFICATE_PATH2=\"gopher://h/x\"\r\n" FILES;
    w = phone(replies);
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    assert_int_equal(2, world_diag(w, PROV_D_REF_SCHEME)->line);
    assert_int_equal(2, world_diag(w, PROV_D_CERT_NOT_HAD)->need);
    assert_true(world_has(w, PROV_ITEM_MASTER, MASTER));
    world_free(w);
}

/* What failed is told by the files; a certificate only says what may be the cause. */
static void
blames_the_files_if_none_of_them_can_be_had(void **state)
{
    static const struct world_reply replies[] = {
        { .url = URL_FIRST, .body = HEAD CERTS FILES },
        { .url = URL_ONE, .http = 404 },
        { .url = URL_TWO, .body = CERT_2 },
        { .url = URL_STANDARD, .status = PROV_E_DENIED },
        { .url = URL_MASTER, .status = PROV_E_DENIED },
        { .url = NULL },
    };
    struct world *w = phone(replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(PROV_E_DENIED, w->record->status);
    assert_true(has_certs(w, NULL, NULL, NULL)); /* nothing is written */
    world_free(w);
}

static void
keeps_certificates_of_a_first_file_that_names_nothing_else(void **state)
{
    static const struct world_reply replies[] = {
        { .url = URL_FIRST, .body = HEAD CERTS },
        { .url = URL_ONE, .body = CERT_1 },
        { .url = URL_TWO, .body = CERT_2 },
        { .url = NULL },
    };
    struct world *w = phone(replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(has_certs(w, CERT_1, CERT_2, NULL));
    world_free(w);
}

/* ---- The store ---- */

static void
survives_a_power_cut_at_every_store_call(void **state)
{
    struct world *clean = phone(good);
    uint32_t calls;

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(clean));
    calls = clean->store_calls;
    assert_true(calls >= 8);
    for (uint32_t n = 1; n <= calls * 2; n++) {
        struct world *w = phone(good);

        w->power = (n + 1) / 2;
        w->late_commit = n % 2 == 0;
        assert_int_equal(PROV_OK, world_open(w));
        assert_int_equal(PROV_OK, world_loop(w));
        for (unsigned i = 0; i < PROV_ITEMS; i++)
            assert_true(w->commit_count == 1 ? world_same(w, clean, (enum prov_item)i)
                                             : world_has(w, (enum prov_item)i, NULL));
        restart(w, good);
        (void)world_run(w);
        assert_true(has_certs(w, CERT_1, CERT_2, NULL));
        world_free(w);
    }
    world_free(clean);
}

/* All that is saved can be loaded again. */
static void
counts_them_to_what_is_saved(void **state)
{
    const size_t all =
        strlen(good[0].body) + strlen(STANDARD) + strlen(MASTER) + strlen(CERT_1) + strlen(CERT_2);

    (void)state;
    for (uint32_t less = 0; less <= 1; less++) {
        struct world *w = phone(good);

        w->limits.settings_bytes = (uint32_t)all - less;
        assert_int_equal(less == 0 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_FAILED, world_run(w));
        assert_int_equal(less == 1, world_diag(w, PROV_D_RESULT_TOO_LARGE) != NULL);
        if (less == 0) {
            restart(w, good);
            assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
        }
        world_free(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_them_first_and_trusts_them_for_what_follows),
        cmocka_unit_test(holds_the_files_back_until_the_last_one_has_come),
        cmocka_unit_test(keeps_their_order_whichever_comes_first),
        cmocka_unit_test(gives_them_to_https_alone),
        cmocka_unit_test(keeps_der_as_text),
        cmocka_unit_test(knows_all_spellings),
        cmocka_unit_test(trusts_those_of_last_time_from_the_start),
        cmocka_unit_test(replaces_one_by_another),
        cmocka_unit_test(forgets_one_that_is_not_named_any_more),
        cmocka_unit_test(takes_a_saved_one_that_is_damaged_for_none),
        cmocka_unit_test(gives_none_to_the_redirection_service),
        cmocka_unit_test(asks_for_all_at_once_if_the_certificates_stay),
        cmocka_unit_test(asks_again_for_what_came_under_other_certificates),
        cmocka_unit_test(goes_on_without_one_or_with_the_saved_one),
        cmocka_unit_test(goes_on_if_an_address_is_none),
        cmocka_unit_test(blames_the_files_if_none_of_them_can_be_had),
        cmocka_unit_test(keeps_certificates_of_a_first_file_that_names_nothing_else),
        cmocka_unit_test(survives_a_power_cut_at_every_store_call),
        cmocka_unit_test(counts_them_to_what_is_saved),
    };
    return cmocka_run_group_tests_name("scenario certs", tests, NULL, NULL);
}
