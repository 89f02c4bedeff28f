/* SPDX-License-Identifier: MIT */

/* The redirection service, alone and beside multicast (DSC-1); what follows when the first file
 * cannot be fetched (DSC-5, URL-3). */

#include "world.h"

#define PATCH "<configuration><telephony><a>9</a></telephony></configuration>"
#define SERVICE "http://svc/conf/{mac}.cfg"
#define SERVICE_URL "http://svc/conf/0080f0c571eb.cfg"

static struct world *
with_service(const char *service, const struct world_reply *replies, const char *manual)
{
    struct world *w = world_new(manual, replies);

    w->lan = true;
    w->pnp_begin = PROV_E_NOT_FOUND;
    w->discover.redirect_url = prov_str_z(service);
    return w;
}

#define AT(...) \
    { \
        { .url = SERVICE_URL, __VA_ARGS__ }, \
        { \
            .url = "http://n/p", .body = PATCH \
        } \
    }

/* Whatever it answers, and what that means. */
static void
reads_every_answer(void **state)
{
    static const char not_assigned[] = "not assigned";
    static const struct {
        const char *name;
        struct world_reply replies[3];
        enum prov_source_outcome outcome;
        const char *reason;
        enum prov_diag_code code;
    } rows[] = {
        { "Location", AT(.http = 302, .location = "http://n/p"), PROV_SOURCE_URL,
          "first address found", PROV_D_NONE },
        { "relative", AT(.http = 307, .location = "/x"), PROV_SOURCE_URL,
          "first address found, but it could not be fetched", PROV_D_NET_FAILED },
        { "address", AT(.body = " http://n/p\r\n"), PROV_SOURCE_URL, "first address found",
          PROV_D_NONE },
        { "document", AT(.body = PATCH), PROV_SOURCE_URL, "the service sent the file itself",
          PROV_D_NONE },
        { "with a mark", AT(.body = "\xEF\xBB\xBF" PATCH), PROV_SOURCE_URL,
          "the service sent the file itself", PROV_D_NONE },
        { "404", AT(.http = 404, .body = "none"), PROV_SOURCE_NOTHING, not_assigned, PROV_D_NONE },
        { "410", AT(.http = 410), PROV_SOURCE_NOTHING, not_assigned, PROV_D_NONE },
        { "204", AT(.http = 204), PROV_SOURCE_NOTHING, not_assigned, PROV_D_NONE },
        { "empty", AT(.body = ""), PROV_SOURCE_NOTHING, not_assigned, PROV_D_NONE },
        { "blank", AT(.body = " \r\n"), PROV_SOURCE_NOTHING, not_assigned, PROV_D_NONE },
        { "403", AT(.http = 403), PROV_SOURCE_NOTHING, "the service answered with another status",
          PROV_D_HTTP_REFUSED },
        { "503", AT(.http = 503), PROV_SOURCE_NOTHING, "the service answered with another status",
          PROV_D_HTTP_SERVER },
        { "down", AT(.status = PROV_E_TIMEOUT), PROV_SOURCE_NOTHING,
          "the service cannot be reached", PROV_D_NET_TIMEOUT },
        { "words", AT(.body = "see your provider"), PROV_SOURCE_NOTHING,
          "the answer is neither an address nor a file", PROV_D_NONE },
        { "two lines", AT(.body = "http://n/p\nhttp://n/q"), PROV_SOURCE_NOTHING,
          "the answer is neither an address nor a file", PROV_D_NONE },
        { "page", AT(.body = "<html><body>hello</body></html>"), PROV_SOURCE_NOTHING,
          "the answer is no file for this phone", PROV_D_XML_HTML },
        { "other document", AT(.body = "<notifySync/>"), PROV_SOURCE_NOTHING,
          "the answer is no file for this phone", PROV_D_NONE },
        { "word", AT(.body = "bad"), PROV_SOURCE_REFUSED, "the address was refused",
          PROV_D_URL_SCHEME_MISSING },
        { "no Location", AT(.http = 302), PROV_SOURCE_REFUSED, "the redirect names no address",
          PROV_D_REDIRECT_NO_LOCATION },
        { "wrong scheme", AT(.http = 302, .location = "gopher://n/"), PROV_SOURCE_REFUSED,
          "the redirect names no address", PROV_D_REDIRECT_SCHEME },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = with_service(SERVICE, rows[i].replies, "");
        const enum prov_outcome outcome = world_run(w);
        const bool failed = rows[i].code == PROV_D_NET_FAILED;

        PROV_ROW(rows[i].name,
                 world_source_is(w, PROV_SOURCE_REDIRECT, rows[i].outcome, rows[i].reason));
        PROV_ROW(rows[i].name, rows[i].code == PROV_D_NONE || world_diag(w, rows[i].code) != NULL);
        PROV_ROW(rows[i].name, (outcome == PROV_OUTCOME_APPLIED) ==
                                   (rows[i].outcome == PROV_SOURCE_URL && !failed));
        PROV_ROW(rows[i].name,
                 (outcome == PROV_OUTCOME_NOTHING) == (rows[i].outcome == PROV_SOURCE_NOTHING));
        PROV_ROW(rows[i].name, prov_str_eq(world_source(w, PROV_SOURCE_REDIRECT)->asked,
                                           prov_str_z(SERVICE_URL)));
        world_free(w);
    }
}

/* References in a document are seen from the service's own address. */
static void
follows_references_of_the_file_that_the_service_sent(void **state)
{
    static const struct world_reply replies[] = {
        { .url = SERVICE_URL,
          .body = "<referencedSettings><url>p</url><url>/q</url></referencedSettings>",
          .user = "amy",
          .password = "pw" },
        { .url = "http://svc/conf/p", .body = PATCH, .user = "amy", .password = "pw" },
        { .url = "http://svc/q",
          .body = "<configuration><telephony><b>7</b></telephony></configuration>" },
        { .url = NULL },
    };
    struct world *w = with_service("http://amy:pw@svc/conf/{mac}.cfg", replies, "");

    (void)state;
    w->chunk = 7;
    w->limits.fetches = 1;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(3, w->fetch_count); /* the file itself not once more */
    assert_int_equal(3, w->record->fetch_count);
    assert_int_equal(PROV_FILE_REFERENCE, w->record->fetches[0].type);
    assert_int_equal(200, w->record->fetches[0].http_status);
    assert_true(
        prov_str_eq(w->record->fetches[0].url, prov_str_z("http://***@svc/conf/0080f0c571eb.cfg")));
    assert_int_equal(0, w->record->fetches[1].parent);
    assert_false(world_tells(w, "pw"));
    world_free(w);
}

static void
never_goes_from_https_to_less(void **state)
{
    static const struct {
        const char *name;
        struct world_reply reply;
        bool taken;
    } rows[] = {
        { "Location http", { "https://svc/", .http = 302, .location = "http://n/p" }, false },
        { "Location tftp", { "https://svc/", .http = 302, .location = "tftp://n/p" }, false },
        { "Location https", { "https://svc/", .http = 302, .location = "https://n/p" }, true },
        { "Location relative", { "https://svc/", .http = 302, .location = "/p" }, true },
        { "body http", { "https://svc/", .body = "http://n/p" }, false },
        { "body without scheme", { "https://svc/", .body = "n/p" }, false },
        { "body https", { "https://svc/", .body = "https://n/p" }, true },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = {
            rows[i].reply,
            { .url = "https://n/p", .body = PATCH },
            { .url = "https://svc/p", .body = PATCH },
            { .url = NULL },
        };
        struct world *w = with_service("https://svc/", replies, "");
        const enum prov_outcome outcome = world_run(w);

        PROV_ROW(rows[i].name,
                 outcome == (rows[i].taken ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_REFUSED));
        if (!rows[i].taken) {
            PROV_ROW(rows[i].name, world_diag(w, PROV_D_REDIRECT_DOWNGRADE) != NULL);
            PROV_ROW(rows[i].name, world_source_is(w, PROV_SOURCE_REDIRECT, PROV_SOURCE_REFUSED,
                                                   "from https to an address without TLS"));
            PROV_ROW(rows[i].name, w->fetch_count == 1);
        }
        world_free(w);
    }
}

static void
gives_its_credentials_to_no_other_origin(void **state)
{
    static const struct world_reply other[] = {
        { .url = "http://svc/",
          .http = 302,
          .location = "http://n/p",
          .user = "amy",
          .password = "pw" },
        { .url = "http://n/p", .body = PATCH, .user = "", .password = "" },
        { .url = NULL },
    };
    static const struct world_reply same[] = {
        { .url = "http://svc/", .http = 302, .location = "/p", .user = "amy", .password = "pw" },
        { .url = "http://svc/p", .body = PATCH, .user = "amy", .password = "pw" },
        { .url = NULL },
    };

    (void)state;
    for (int way = 0; way < 2; way++) {
        struct world *w = with_service("http://amy:pw@svc/", way == 0 ? other : same, "");

        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_false(world_tells(w, "pw"));
        assert_false(world_tells(w, "amy"));
        world_free(w);
    }
}

static void
refuses_an_answer_that_is_too_long(void **state)
{
    static const struct world_reply replies[] = { { .url = SERVICE_URL, .body = PATCH },
                                                  { .url = NULL } };
    struct world *w = with_service(SERVICE, replies, "");

    (void)state;
    w->limits.file_bytes = sizeof(PATCH) - 2;
    assert_int_equal(PROV_OUTCOME_NOTHING, world_run(w));
    assert_true(
        world_source_is(w, PROV_SOURCE_REDIRECT, PROV_SOURCE_NOTHING, "the answer is too long"));
    assert_non_null(world_diag(w, PROV_D_NET_FILE_TOO_LARGE));
    world_free(w);
}

static void
comes_back_when_the_service_says_so(void **state)
{
    static const struct world_reply replies[] = {
        { .url = SERVICE_URL, .http = 503, .retry_after_s = 7200 },
        { .url = SERVICE_URL, .body = PATCH },
        { .url = NULL },
    };
    struct world *w = with_service(SERVICE, replies, "");

    (void)state;
    w->config.attempts = 2;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_in_range(w->now_ms, 1000 + 7200000, 1000 + 7230000);
    world_free(w);
}

/* ---- Beside multicast ---- */

static void
lets_the_first_address_win_and_cancels_the_other(void **state)
{
    static const struct world_datagram talk[] = {
        { .at_ms = 500, .message = WORLD_NOTIFY, .text = "http://n/p", .host = 10 },
        { .at_ms = 0 },
    };

    (void)state;
    for (uint32_t delay = 300; delay <= 700; delay += 400) {
        const struct world_reply replies[] = {
            { .url = SERVICE_URL, .http = 302, .location = "http://r/p", .delay_ms = delay },
            { .url = "http://n/p", .body = PATCH },
            { .url = "http://r/p", .body = PATCH },
            { .url = NULL },
        };
        const bool pnp = delay > 500;
        struct world *w = with_service(SERVICE, replies, "");

        w->pnp_begin = PROV_OK;
        w->datagrams = talk;
        w->limits.fetches = 1;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(pnp, world_source(w, PROV_SOURCE_PNP)->won);
        assert_int_equal(!pnp, world_source(w, PROV_SOURCE_REDIRECT)->won);
        assert_true(world_source_is(w, pnp ? PROV_SOURCE_REDIRECT : PROV_SOURCE_PNP,
                                    PROV_SOURCE_NOTHING,
                                    "cancelled: another source of the step won"));
        assert_int_equal(pnp ? 2 : 1, w->cancel_count); /* the loser; the winner's socket */
        assert_int_equal(1000 + (pnp ? 500 : 300), w->now_ms);
        assert_true(world_logged(w, pnp ? "fetch 7 http://n/p" : "fetch 7 http://r/p"));
        world_free(w);
    }
}

static void
takes_the_longer_of_both_and_not_the_sum(void **state)
{
    static const uint32_t delays[] = { 10, 3000, 4999, 8000 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(delays); i++) {
        const struct world_reply replies[] = {
            { .url = SERVICE_URL, .http = 404, .delay_ms = delays[i] },
            { .url = "http://m/p", .body = PATCH },
            { .url = NULL },
        };
        struct world *w = with_service(SERVICE, replies, "http://m/p");

        w->pnp_begin = PROV_OK;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(1000 + (delays[i] > 5000 ? delays[i] : 5000), w->now_ms);
        assert_true(world_source(w, PROV_SOURCE_MANUAL)->won);
        world_free(w);
    }
}

/* ---- The first file cannot be fetched ---- */

static void
goes_on_or_stops_after_a_failed_fetch(void **state)
{
    static const struct world_reply replies[] = {
        { .url = SERVICE_URL, .body = "http://gone/p" },
        { .url = "http://gone/p", .http = 404 },
        { .url = "http://m/p", .body = PATCH },
        { .url = NULL },
    };

    (void)state;
    for (int go = 0; go < 2; go++) {
        struct world *w = with_service(SERVICE, replies, "http://m/p");

        w->discover.proceed_on_fetch_error = go == 1 ? PROV_CHOICE_YES : PROV_CHOICE_NO;
        assert_int_equal(go == 1 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_FAILED, world_run(w));
        assert_int_equal(go == 1 ? 2 : 1, w->record->fetch_count);
        assert_int_equal(PROV_E_NOT_FOUND, w->record->fetches[0].status);
        assert_int_equal(404, w->record->fetches[0].http_status);
        assert_true(world_source(w, PROV_SOURCE_REDIRECT)->tried);
        assert_int_equal(go == 0, world_source(w, PROV_SOURCE_REDIRECT)->won);
        if (go == 1) {
            assert_true(world_source(w, PROV_SOURCE_MANUAL)->won);
            assert_int_equal(UINT32_MAX, w->record->fetches[1].parent);
            assert_int_equal(0, w->record->fetches[1].change);
        } else {
            assert_int_equal(PROV_E_NOT_FOUND, w->record->status);
        }
        assert_non_null(world_diag(w, PROV_D_HTTP_NOT_FOUND));
        world_free(w);
    }
}

/* A file that is there but no good is no failure of fetching. */
static void
does_not_look_elsewhere_after_a_refused_file(void **state)
{
    static const struct world_reply bad[] = {
        { .url = "https://n/bad", .body = "<configuration>" },
        { .url = "https://n/bad", .http = 302, .location = "http://n/p" },
        { .url = "https://n/bad", .body = PATCH PATCH },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        const struct world_reply replies[] = {
            { .url = SERVICE_URL, .body = "https://n/bad" },
            bad[i],
            { .url = "http://m/p", .body = PATCH },
            { .url = NULL },
        };
        struct world *w = with_service(SERVICE, replies, "http://m/p");

        w->discover.proceed_on_fetch_error = PROV_CHOICE_YES;
        w->limits.file_bytes = sizeof(PATCH) + 9;
        assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
        assert_int_equal(1, w->record->fetch_count);
        world_free(w);
    }
}

/* URL-3: tftp, http, https, ftp; the third one has the file. */
static void
tries_every_scheme_of_an_address_without_one(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "tftp://h/p", .status = PROV_E_TIMEOUT },
        { .url = "http://h/p", .http = 500 },
        { .url = "https://h/p", .body = "<referencedSettings><url>q</url></referencedSettings>" },
        { .url = "https://h/q", .body = PATCH },
        { .url = NULL },
    };
    struct prov_dialect d = world_dialect;
    struct world *w = world_new("h/p", replies);

    (void)state;
    d.address_flags = PROV_ADDRESS_TRY_SCHEMES;
    w->config.dialect = &d;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(4, w->record->fetch_count);
    assert_int_equal(PROV_E_TIMEOUT, w->record->fetches[0].status);
    assert_int_equal(PROV_E_NETWORK, w->record->fetches[1].status);
    assert_int_equal(PROV_OK, w->record->fetches[2].status);
    assert_true(prov_str_eq(w->record->fetches[2].url, prov_str_z("https://h/p")));
    assert_int_equal(2, w->record->fetches[3].parent);
    assert_int_equal(0, w->record->fetches[3].change);
    world_free(w);
}

/* No end of addresses that lead nowhere: the attempt has one. */
static void
gives_up_after_too_many_addresses(void **state)
{
    static struct prov_source_rule order[32];
    static const struct world_reply none[] = { { .url = NULL } };
    struct prov_dialect d = world_dialect;
    struct world *w = world_new("h/p", none);

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(order); i++)
        order[i] = (struct prov_source_rule){ .kind = PROV_SOURCE_MANUAL,
                                              .step = (uint8_t)(i + 1),
                                              .modes = PROV_MODE_ALL,
                                              .proceed_on_nothing = true,
                                              .proceed_on_fetch_error = true };
    d.address_flags = PROV_ADDRESS_TRY_SCHEMES;
    w->config.dialect = &d;
    w->discover.sources = order;
    w->discover.source_count = PROV_COUNT(order);
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(32, w->fetch_count);
    assert_int_equal(32, w->record->fetch_count);
    assert_int_equal(32, world_diag(w, PROV_D_TOO_MANY_TRIES)->need);
    assert_int_equal(PROV_E_NETWORK, w->record->status);
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_answer),
        cmocka_unit_test(follows_references_of_the_file_that_the_service_sent),
        cmocka_unit_test(never_goes_from_https_to_less),
        cmocka_unit_test(gives_its_credentials_to_no_other_origin),
        cmocka_unit_test(refuses_an_answer_that_is_too_long),
        cmocka_unit_test(comes_back_when_the_service_says_so),
        cmocka_unit_test(lets_the_first_address_win_and_cancels_the_other),
        cmocka_unit_test(takes_the_longer_of_both_and_not_the_sum),
        cmocka_unit_test(goes_on_or_stops_after_a_failed_fetch),
        cmocka_unit_test(does_not_look_elsewhere_after_a_refused_file),
        cmocka_unit_test(tries_every_scheme_of_an_address_without_one),
        cmocka_unit_test(gives_up_after_too_many_addresses),
    };
    return cmocka_run_group_tests_name("scenario service", tests, NULL, NULL);
}
