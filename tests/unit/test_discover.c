/* SPDX-License-Identifier: MIT */
#include "support/prov_discover.h"

static struct search s;

/* ---- Sources of one step ---- */

static void
cancels_the_others_of_a_step(void **state)
{
    (void)state;
    search_step_two(&s, "http://m/");
    search_text_is(prov_discover_redirect_url(&s.d), "https://service.example/0080F0C571EB");
    search_answer(&s, PROV_NEED_PNP, " http://pnp.example/{mac}.xml\r\n");
    search_expect_need(&s, PROV_DISCOVER_CANCEL, PROV_NEED_REDIRECT);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://pnp.example/0080F0C571EB.xml");
    search_is(&s, DHCP, PROV_SOURCE_NOTHING, "no DHCP data");
    search_is(&s, REDIRECT, PROV_SOURCE_NOTHING, "cancelled: another source of the step won");
    search_is(&s, PNP, PROV_SOURCE_URL, "first address found");
    search_is(&s, MANUAL, PROV_SOURCE_NOT_ASKED, "an earlier source won");
    assert_ptr_equal(&s.records[PNP], prov_discover_winner(&s.d));
    assert_true(s.records[PNP].won && s.records[PNP].tried);
    assert_true(!s.records[REDIRECT].won && !s.records[REDIRECT].tried);
    assert_int_equal(30, s.records[REDIRECT].began_ms);
    assert_int_equal(60, s.records[REDIRECT].ended_ms);
    assert_false(s.records[MANUAL].begun);

    search_answer(&s, PROV_NEED_REDIRECT, "http://late.example/"); /* nobody asks any more */
    search_is(&s, REDIRECT, PROV_SOURCE_NOTHING, "cancelled: another source of the step won");
    search_url_is(&s, "http://pnp.example/0080F0C571EB.xml");
    search_end(&s);
}

/* The second answer may be on its way while the first one is taken. */
static void
records_an_answer_that_came_too_late(void **state)
{
    (void)state;
    search_step_two(&s, "");
    search_answer(&s, PROV_NEED_REDIRECT, "http://first.example/");
    search_answer(&s, PROV_NEED_PNP, "http://second.example/");
    search_expect(&s, PROV_DISCOVER_FOUND); /* nothing is left to be cancelled */
    search_url_is(&s, "http://first.example/");
    search_is(&s, PNP, PROV_SOURCE_URL, "another source of the step won");
    assert_false(s.records[PNP].won);
    search_text_is(s.records[PNP].url, "http://second.example/");
    search_end(&s);

    search_step_two(&s, "");
    search_answer(&s, PROV_NEED_REDIRECT, "http://first.example/");
    prov_discover_nothing(&s.d, s.now_ms, PROV_NEED_PNP, "no answer");
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_is(&s, PNP, PROV_SOURCE_NOTHING, "cancelled: another source of the step won");
    search_end(&s);

    search_step_two(&s, "");
    search_answer(&s, PROV_NEED_PNP, "http://first.example/");
    prov_discover_document(&s.d, s.now_ms);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_is(&s, REDIRECT, PROV_SOURCE_URL, "another source of the step won");
    search_url_is(&s, "http://first.example/");
    search_end(&s);
}

/* DSC-5: a refused value counts as nothing found. */
static void
goes_on_when_an_answer_is_refused(void **state)
{
    (void)state;
    search_step_two(&s, "http://m/");
    search_answer(&s, PROV_NEED_PNP, "gopher://pnp.example/");
    search_is(&s, PNP, PROV_SOURCE_REFUSED, "the address was refused");
    assert_int_equal(1, s.diags.count);
    search_text_is(s.items[0].source, "gopher://pnp.example/");
    search_expect(&s, PROV_DISCOVER_WAIT);
    prov_discover_refused(&s.d, s.now_ms, PROV_NEED_REDIRECT, PROV_E_DENIED,
                          "redirects from https to http");
    search_is(&s, REDIRECT, PROV_SOURCE_REFUSED, "redirects from https to http");
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://m/");
    search_end(&s);

    search_step_two(&s, "");
    search_answer(&s, PROV_NEED_PNP, "http://h/%0d%0aHost:x");
    prov_discover_refused(&s.d, s.now_ms, PROV_NEED_REDIRECT, PROV_E_DENIED, NULL);
    search_is(&s, REDIRECT, PROV_SOURCE_REFUSED, "the answer was refused");
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_is(&s, MANUAL, PROV_SOURCE_NOTHING, "no address is set");
    assert_int_equal(PROV_D_ADDRESS_CONTROL, s.items[0].code);
    assert_int_equal(PROV_E_DENIED, prov_discover_status(&s.d));
    assert_null(prov_discover_winner(&s.d));
    search_url_is(&s, "");
    search_end(&s);
}

static void
takes_a_document_of_the_service_as_the_first_file(void **state)
{
    struct prov_discover_candidate c;

    (void)state;
    search_setup(&s);
    s.options.redirect_url = prov_str_z("https://u:secret@service.example/{mac}");
    search_begin(&s, "panasonic-utg");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_PNP);
    prov_discover_nothing(&s.d, s.now_ms, PROV_NEED_PNP, NULL);
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    prov_discover_nothing(&s.d, s.now_ms, PROV_NEED_DHCP4, "no DHCP data");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_REDIRECT);
    prov_discover_document(&s.d, s.now_ms);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(
        &s, "https://u:secret@service.example/0080f0c571eb"); /* no file is added to a service */
    search_is(&s, 6, PROV_SOURCE_URL, "the service sent the file itself");
    search_is(&s, 1, PROV_SOURCE_NOTHING, "no answer");
    search_is(&s, 2, PROV_SOURCE_NOTHING, "no DHCP data");
    search_text_is(s.records[6].url, "https://***@service.example/0080f0c571eb");
    assert_true(s.records[6].won);
    assert_true(prov_discover_at(&s.d, 0, &c));
    search_text_is(c.before, "https://u:secret@service.example/{mac}");
    assert_false(prov_discover_at(&s.d, 1, &c));
    search_end(&s);
}

static void
refuses_a_service_whose_address_is_none(void **state)
{
    (void)state;
    search_setup(&s);
    s.options.redirect_url = prov_str_z("https://u:secret@service example/");
    s.options.disabled = ~PROV_SOURCE_BIT(PROV_SOURCE_REDIRECT);
    search_begin(&s, "auerswald-d");
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_is(&s, REDIRECT, PROV_SOURCE_REFUSED, "the address of the service was refused");
    search_text_is(s.records[REDIRECT].before, "https://***@service example/");
    assert_int_equal(1, s.diags.count);
    assert_int_equal(PROV_E_SYNTAX, prov_discover_status(&s.d));
    search_end(&s);
}

/* ---- Stop or go on (DSC-5) ---- */

static void
stops_or_goes_on_when_nothing_is_found(void **state)
{
    static const struct prov_source_rule stop[] = {
        { .kind = PROV_SOURCE_PNP, .step = 1, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_MANUAL, .step = 2, .modes = PROV_MODE_ALL },
    };
    static const struct {
        const char *name;
        enum prov_choice choice;
        bool own, found; /* an order of one's own, which stops */
    } rows[] = {
        { "the rule goes on", PROV_CHOICE_PRESET, false, true },
        { "the option stops", PROV_CHOICE_NO, false, false },
        { "the rule stops", PROV_CHOICE_PRESET, true, false },
        { "the option goes on", PROV_CHOICE_YES, true, true },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        search_setup(&s);
        s.options.proceed_on_nothing = rows[i].choice;
        s.options.manual_url = prov_str_z("http://m/");
        s.options.disabled = PROV_SOURCE_BIT(PROV_SOURCE_DHCP);
        s.options.sources = rows[i].own ? stop : NULL;
        s.options.source_count = PROV_COUNT(stop);
        search_begin(&s, "auerswald-d");
        search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_PNP);
        prov_discover_nothing(&s.d, s.now_ms, PROV_NEED_PNP, "no answer");
        search_expect(&s, rows[i].found ? PROV_DISCOVER_FOUND : PROV_DISCOVER_NOTHING);
        const struct prov_source_record *manual = &s.records[prov_discover_count(&s.d) - 1];

        PROV_ROW(rows[i].name, manual->won == rows[i].found);
        PROV_ROW(rows[i].name,
                 rows[i].found ||
                     strcmp(manual->reason, "the search stopped after an earlier source") == 0);
        search_end(&s);
    }
}

static void
stops_or_goes_on_when_the_fetch_fails(void **state)
{
    (void)state;
    search_step_two(&s, "http://m/");
    prov_discover_fetch_failed(&s.d); /* nothing was given out yet */
    search_answer(&s, PROV_NEED_PNP, "http://pnp.example/");
    prov_discover_fetch_failed(&s.d);
    search_expect_need(&s, PROV_DISCOVER_CANCEL, PROV_NEED_REDIRECT);
    search_expect(&s, PROV_DISCOVER_FOUND);
    prov_discover_fetch_failed(&s.d);
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_is(&s, PNP, PROV_SOURCE_URL, "first address found, but it could not be fetched");
    search_is(&s, MANUAL, PROV_SOURCE_NOT_ASKED, "an earlier source won");
    assert_ptr_equal(&s.records[PNP], prov_discover_winner(&s.d));
    search_url_is(&s, "");
    prov_discover_fetch_failed(&s.d);
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_end(&s);

    search_setup(&s);
    s.options.proceed_on_fetch_error = PROV_CHOICE_YES;
    s.options.redirect_url = prov_str_z(SEARCH_SERVICE);
    s.options.manual_url = prov_str_z("http://m/");
    s.options.disabled = PROV_SOURCE_BIT(PROV_SOURCE_DHCP);
    search_begin(&s, "auerswald-d");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_REDIRECT);
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_PNP);
    search_answer(&s, PROV_NEED_PNP, "http://pnp.example/");
    search_expect_need(&s, PROV_DISCOVER_CANCEL, PROV_NEED_REDIRECT);
    search_expect(&s, PROV_DISCOVER_FOUND);
    prov_discover_fetch_failed(&s.d);
    assert_null(prov_discover_winner(&s.d));
    search_expect(&s, PROV_DISCOVER_FOUND); /* the cancelled one is not asked again */
    search_url_is(&s, "http://m/");
    search_is(&s, PNP, PROV_SOURCE_URL, "its address could not be fetched");
    search_is(&s, MANUAL, PROV_SOURCE_URL, "first address found");
    assert_true(s.records[PNP].tried && !s.records[PNP].won && s.records[MANUAL].won);
    prov_discover_fetch_failed(&s.d);
    search_expect(&s, PROV_DISCOVER_NOTHING);
    assert_null(prov_discover_winner(&s.d));
    search_end(&s);
}

/* URL-3: all candidates of a source before DSC-5. */
static void
tries_every_scheme_in_turn(void **state)
{
    static const char *const urls[] = { "tftp://10.0.0.2/KX-1.cfg", "http://10.0.0.2/KX-1.cfg",
                                        "https://10.0.0.2/KX-1.cfg", "ftp://10.0.0.2/KX-1.cfg" };
    struct prov_discover_candidate c;

    (void)state;
    search_setup(&s);
    s.options.manual_url = prov_str_z("10.0.0.2");
    search_begin(&s, "panasonic-utg");
    for (size_t i = 0; i < PROV_COUNT(urls); i++) {
        search_expect(&s, PROV_DISCOVER_FOUND);
        search_url_is(&s, urls[i]);
        assert_true(prov_discover_at(&s.d, 3 - i, &c));
        search_text_is(c.url, urls[3 - i]);
        search_text_is(c.before, "10.0.0.2");
        prov_discover_fetch_failed(&s.d);
    }
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_text_is(s.records[0].url, urls[0]);
    search_is(&s, 1, PROV_SOURCE_NOT_ASKED, "an earlier source won");
    search_end(&s);
}

/* A source that needs nobody in one step with others, and DHCP before and after a cancel. */
static void
serves_an_order_of_ones_own(void **state)
{
    static const struct prov_source_rule own[] = {
        { .kind = PROV_SOURCE_DHCP_160,
          .step = 1,
          .modes = PROV_MODE_ALL,
          .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 160 } },
        { .kind = PROV_SOURCE_MANUAL, .step = 1, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_PNP, .step = 1, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_DHCP_159,
          .step = 2,
          .modes = PROV_MODE_ALL,
          .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 159 } },
        { .kind = PROV_SOURCE_DHCP_66,
          .step = 2,
          .modes = PROV_MODE_ALL,
          .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 66 } },
    };
    struct search_options o = { .len = 0 };

    (void)state;
    search_option(&o, 159, "http://o159/x");
    search_option(&o, 66, "http://o66/x");
    search_setup(&s);
    s.options.sources = own;
    s.options.source_count = PROV_COUNT(own);
    s.options.proceed_on_fetch_error = PROV_CHOICE_YES;
    s.options.manual_url = prov_str_z("http://m/");
    search_begin(&s, "auerswald-d");
    search_expect(&s, PROV_DISCOVER_FOUND); /* the others need not even be asked */
    search_is(&s, 0, PROV_SOURCE_NOT_ASKED, "another source of the step won");
    search_is(&s, 2, PROV_SOURCE_NOT_ASKED, "another source of the step won");
    assert_false(s.records[0].begun || s.records[2].begun);
    prov_discover_fetch_failed(&s.d);
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_expect(&s, PROV_DISCOVER_WAIT);
    search_answer_dhcp(&s, false, &o);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://o159/x");
    search_is(&s, 3, PROV_SOURCE_URL, "first address found");
    search_is(&s, 4, PROV_SOURCE_URL, "another source of the step won");
    search_end(&s);
}

/* ---- Arguments and memory ---- */

static enum prov_status
init(struct prov_discover_config *c, struct prov_diag *diag)
{
    static struct prov_discover d;
    unsigned char before[sizeof(d)];
    enum prov_status status;

    memset(&d, 0x5A, sizeof(d));
    memcpy(before, &d, sizeof(d));
    status = prov_discover_init(&d, c, diag);
    assert_true(status == PROV_OK || memcmp(before, &d, sizeof(d)) == 0);
    return status;
}

static void
refuses_a_configuration_that_does_not_fit(void **state)
{
    static const struct prov_source_rule back[] = { { .step = 2 }, { .step = 1 } };
    static struct prov_source_rule many[PROV_DISCOVER_SOURCES + 1];
    struct prov_discover_options o[7];
    struct prov_limits limits = { .size = sizeof(limits), .url_bytes = 1 };
    struct prov_limits old = { .size = 1 };
    struct prov_diag diag = { 0 };

    (void)state;
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    const struct prov_discover_config good = {
        .size = sizeof(good),
        .dialect = search_dialect("auerswald-d"),
        .macros = &s.macros.set,
        .arena = &s.arena,
        .records = s.records,
        .diags = &s.diags,
    };
    struct prov_discover_config c[16];

    for (size_t i = 0; i < PROV_COUNT(c); i++)
        c[i] = good;
    for (size_t i = 0; i < PROV_COUNT(o); i++) {
        o[i] = (struct prov_discover_options){ .size = sizeof(o[i]) };
        c[i].options = &o[i];
    }
    o[0].mode = (enum prov_mode)3;
    o[1].proceed_on_nothing = (enum prov_choice)3;
    o[2].proceed_on_fetch_error = (enum prov_choice)3;
    o[3].sources = back;
    o[3].source_count = PROV_COUNT(back);
    o[4].sources = many;
    o[4].source_count = PROV_COUNT(many);
    o[5].size = 1;
    o[6].sources = many;
    o[6].source_count = PROV_COUNT(many) - 1;
    c[7].dialect = NULL;
    c[8].macros = NULL;
    c[9].arena = NULL;
    c[10].records = NULL;
    c[11].diags = NULL;
    c[12].limits = &limits;
    c[13].limits = &old;
    c[14].size = 1;

    for (size_t i = 0; i < PROV_COUNT(c); i++) {
        const bool fits = i == 6 || i == 15, abi = i == 5 || i == 13 || i == 14;

        assert_int_equal(fits ? PROV_OK : abi ? PROV_E_ABI : PROV_E_ARG, init(&c[i], &diag));
        assert_int_equal(fits ? PROV_OK : abi ? PROV_E_ABI : PROV_E_ARG, init(&c[i], NULL));
        assert_true(fits || !abi || diag.code == PROV_D_ABI);
        assert_true((i != 3 && i != 4) || diag.code == PROV_D_SOURCE_ORDER);
    }
    assert_int_equal(PROV_E_ARG, init(NULL, &diag));
    assert_int_equal(PROV_E_ARG, prov_discover_init(NULL, &good, &diag));
    search_end(&s);
}

static void
takes_null_for_nothing(void **state)
{
    enum prov_discover_do what = PROV_DISCOVER_WAIT;
    enum prov_need need = PROV_NEED_PNP;
    struct prov_discover_candidate c;
    uint16_t codes[PROV_DHCP_PARAMS_MAX];

    (void)state;
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    assert_int_equal(PROV_E_ARG, prov_discover_next(NULL, 0, &what, &need));
    assert_int_equal(PROV_E_ARG, prov_discover_next(&s.d, 0, NULL, &need));
    assert_int_equal(PROV_E_ARG, prov_discover_next(&s.d, 0, &what, NULL));
    assert_int_equal(PROV_DISCOVER_WAIT, what);
    assert_int_equal(0, prov_discover_count(NULL));
    assert_int_equal(0, prov_discover_params(NULL, false, codes));
    assert_int_equal(0, prov_discover_params(&s.d, false, NULL));
    assert_int_equal(0, prov_discover_redirect_url(NULL).len);
    assert_int_equal(0, prov_discover_url(NULL).url.len);
    assert_false(prov_discover_at(NULL, 0, &c));
    assert_int_equal(PROV_E_ARG, prov_discover_status(NULL));
    assert_null(prov_discover_winner(NULL));
    prov_discover_fetch_failed(NULL);
    prov_discover_document(NULL, 0);
    prov_discover_nothing(NULL, 0, PROV_NEED_PNP, NULL);
    prov_discover_refused(NULL, 0, PROV_NEED_PNP, PROV_E_DENIED, NULL);
    prov_discover_dhcp(NULL, 0, false, prov_str_z(""));
    prov_discover_address(NULL, 0, PROV_NEED_PNP, prov_str_z(""), prov_str_z(""), prov_str_z(""));
    prov_discover_nothing(&s.d, 0, (enum prov_need)4, NULL); /* no need */
    search_answer(&s, PROV_NEED_PNP, "http://h/");           /* not asked */
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_answer(&s, PROV_NEED_DHCP4, "http://h/"); /* not this way */
    search_expect(&s, PROV_DISCOVER_WAIT);
    search_is(&s, DHCP, PROV_SOURCE_NOT_ASKED, "no answer yet");
    search_end(&s);
}

static void
time_never_goes_back(void **state)
{
    enum prov_discover_do what;
    enum prov_need need;

    (void)state;
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    assert_int_equal(PROV_OK, prov_discover_next(&s.d, 1000, &what, &need));
    prov_discover_nothing(&s.d, 900, PROV_NEED_DHCP4, NULL);
    assert_int_equal(1000, s.records[DHCP].began_ms);
    assert_int_equal(1000, s.records[DHCP].ended_ms);
    search_end(&s);
}

/* All kinds of answers; false if the memory was used up. */
static bool
search_whole(size_t bytes)
{
    struct search_options o = { .len = 0 };
    enum prov_discover_do what = PROV_DISCOVER_WAIT;
    enum prov_need need = PROV_NEED_PNP;
    enum prov_status status;

    search_option(&o, 160, "gopher://u:secret@h/");
    search_setup(&s);
    s.options.mode = PROV_MODE_DUAL;
    s.options.redirect_url = prov_str_z(SEARCH_SERVICE);
    assert_int_equal(PROV_OK, search_begin_in(&s, search_dialect("panasonic-utg"), bytes));
    for (;;) {
        status = prov_discover_next(&s.d, 0, &what, &need);
        if (status != PROV_OK || what == PROV_DISCOVER_FOUND)
            break;
        assert_int_equal(PROV_DISCOVER_ASK, what);
        if (need == PROV_NEED_DHCP4)
            search_answer_dhcp(&s, false, &o);
        else if (need == PROV_NEED_DHCP6)
            prov_discover_nothing(&s.d, 0, need, NULL);
        else
            search_answer(&s, need, need == PROV_NEED_PNP ? "x://h" : "h");
        prov_discover_conflict(&s.d, prov_str_z("http://x/"), prov_str_z("y"));
    }
    if (status != PROV_OK) {
        assert_int_equal(PROV_E_SPACE, status);
        assert_int_equal(PROV_E_SPACE, prov_discover_status(&s.d));
        search_answer(&s, need, "http://h/"); /* it stays so */
        assert_int_equal(PROV_E_SPACE, prov_discover_next(&s.d, 0, &what, &need));
    }
    assert_int_equal(0, s.arena.scratch);
    search_end(&s);
    return status == PROV_OK;
}

static void
ends_when_the_memory_is_used_up(void **state)
{
    size_t bytes = 0;

    (void)state;
    assert_true(search_whole(SEARCH_MEMORY));
    const size_t full = s.arena.high + PROV_ARENA_ALIGN_MAX;

    while (bytes < full && !search_whole(bytes))
        bytes += 7;
    assert_true(bytes + 4096 > full); /* scratch of the last steps is not needed at the same time */
    for (size_t more = bytes; more < full; more += 61)
        assert_true(search_whole(more));
}

static void
names_outcomes(void **state)
{
    (void)state;
    assert_string_equal("not asked", prov_source_outcome_name(PROV_SOURCE_NOT_ASKED));
    assert_string_equal("nothing", prov_source_outcome_name(PROV_SOURCE_NOTHING));
    assert_string_equal("url", prov_source_outcome_name(PROV_SOURCE_URL));
    assert_string_equal("refused", prov_source_outcome_name(PROV_SOURCE_REFUSED));
    assert_string_equal("?", prov_source_outcome_name((enum prov_source_outcome)4));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancels_the_others_of_a_step),
        cmocka_unit_test(records_an_answer_that_came_too_late),
        cmocka_unit_test(goes_on_when_an_answer_is_refused),
        cmocka_unit_test(takes_a_document_of_the_service_as_the_first_file),
        cmocka_unit_test(refuses_a_service_whose_address_is_none),
        cmocka_unit_test(stops_or_goes_on_when_nothing_is_found),
        cmocka_unit_test(stops_or_goes_on_when_the_fetch_fails),
        cmocka_unit_test(tries_every_scheme_in_turn),
        cmocka_unit_test(serves_an_order_of_ones_own),
        cmocka_unit_test(refuses_a_configuration_that_does_not_fit),
        cmocka_unit_test(takes_null_for_nothing),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(ends_when_the_memory_is_used_up),
        cmocka_unit_test(names_outcomes),
    };
    return cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
