/* SPDX-License-Identifier: MIT */
#include "support/prov_discover.h"

static struct search s;

static void
asks_dhcp_once_for_all_its_sources(void **state)
{
    struct search_options o = { .len = 0 };

    (void)state;
    search_option(&o, 159, "gopher://h/");
    search_option(&o, 66, "http://u:secret@h/{MODEL}.cfg");
    search_dhcp(&s, &o);
    search_answer_dhcp(&s, false, &o); /* one answer is enough */
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://u:secret@h/KX-1.cfg");
    search_is(&s, 2, PROV_SOURCE_NOTHING, "not among the DHCP options");
    search_is(&s, 3, PROV_SOURCE_REFUSED, "the address was refused");
    search_is(&s, 4, PROV_SOURCE_URL, "first address found");
    search_text_is(s.records[4].asked, "option 66");
    search_text_is(s.records[4].before, "http://***@h/{MODEL}.cfg");
    search_text_is(s.records[4].url, "http://***@h/KX-1.cfg");
    search_text_is(s.records[4].raw, "B\x1Dhttp://********@h/{MODEL}.cfg");
    assert_int_equal(s.records[4].began_ms, s.records[4].ended_ms);
    search_end(&s);
}

static void
keeps_what_stands_before_malformed_options(void **state)
{
    struct search_options o = { .len = 0 };

    (void)state;
    search_option(&o, 160, "http://h/x.cfg");
    o.bytes[o.len++] = 66;
    o.bytes[o.len++] = 40;
    search_dhcp(&s, &o);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://h/x.cfg");
    assert_int_equal(1, s.diags.count);
    search_text_is(s.items[0].source, "DHCP answer");
    search_end(&s);
}

static void
refuses_an_option_that_no_address_can_hold(void **state)
{
    struct search_options o = { .len = 0 };

    (void)state;
    search_option(&o, 160, "http://h/\r\nHost: x");
    search_option(&o, 159, "http://h/%0D%0AHost:x");
    search_dhcp(&s, &o);
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_is(&s, 2, PROV_SOURCE_REFUSED, "the DHCP option was refused");
    search_is(&s, 3, PROV_SOURCE_REFUSED, "the DHCP option was refused");
    assert_int_equal(2, s.diags.count);
    search_text_is(s.items[0].source, "dhcp-160");
    assert_int_equal(PROV_E_DENIED, prov_discover_status(&s.d));
    search_end(&s);
}

static void
refuses_a_dhcp_answer_that_is_too_long(void **state)
{
    char *huge = calloc(1, 4097);

    (void)state;
    assert_non_null(huge);
    for (size_t len = 4096; len <= 4097; len++) {
        search_setup(&s);
        search_begin(&s, "auerswald-d");
        search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
        prov_discover_dhcp(&s.d, s.now_ms, false, (struct prov_str){ huge, len });
        assert_int_equal(len > 4096 ? PROV_SOURCE_REFUSED : PROV_SOURCE_NOTHING,
                         s.records[DHCP].outcome);
        assert_int_equal(len > 4096, s.diags.count);
        search_end(&s);
    }
    search_is(&s, DHCP, PROV_SOURCE_REFUSED, "the DHCP answer was refused");
    assert_int_equal(PROV_D_DHCP_ANSWER_LONG, s.items[0].code);
    free(huge);
}

/* A finding that refuses nothing. */
static void
warns_of_a_block_that_is_cut(void **state)
{
    struct search_options o = { .len = 0 };

    (void)state;
    search_option(&o, 43, "\x42\x0Bhttp://foo/\x43\x0C<HW");
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_answer_dhcp(&s, false, &o);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://foo/");
    assert_int_equal(1, s.diags.count);
    assert_int_equal(PROV_D_DHCP_BLOCK_SKIPPED, s.items[0].code);
    search_text_is(s.items[0].source, "dhcp");
    search_end(&s);
}

/* DHC-4, DHC-5: the examples of the maker's guide. */
static void
follows_the_examples_of_the_makers(void **state)
{
    static const char blocks[] = "\x42\x0b"
                                 "http://foo\0"
                                 "\x43\x0c<HWTYP>.bak";
    struct search_options o = { .len = 0 };

    (void)state;
    search_option_bytes(&o, 43, blocks, sizeof(blocks));
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_answer_dhcp(&s, false, &o);
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://foo/D200.bak");
    search_text_is(s.records[DHCP].asked, "options 66, 67, 43");
    search_end(&s);

    o.len = 0;
    search_option(&o, 66, "http://prov.server.com");
    search_option(&o, 67, "prov.py?mac=<MACADR>");
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_answer_dhcp(&s, false, &o);
    search_url_is(&s, "http://prov.server.com/prov.py?mac=0080F0C571EB");
    search_text_is(s.records[DHCP].before, "http://prov.server.com/prov.py?mac=<MACADR>");
    search_end(&s);
}

static void
names_what_is_asked(void **state)
{
    static const char *const asked[] = {
        "",
        "SUBSCRIBE by multicast",
        "option 43",
        "options 66, 67",
        "option 160",
        "option 159",
        "options 150, 67",
        "option 125, sub-option 1",
        "DHCPv6 option 17, sub-option 1",
        "DHCPv6 option 59",
        "https://***@service.example/0080f0c571eb",
    };
    static const uint16_t v4[] = { 43, 66, 67, 160, 159, 150, 125 }, v6[] = { 17, 59 };
    uint16_t codes[PROV_DHCP_PARAMS_MAX];
    enum prov_discover_do what;
    enum prov_need need;

    (void)state;
    search_setup(&s);
    s.options.mode = PROV_MODE_DUAL;
    s.options.redirect_url = prov_str_z("https://u:secret@service.example/{mac}");
    search_begin(&s, "generic");
    assert_int_equal(PROV_COUNT(v4), prov_discover_params(&s.d, false, codes));
    assert_memory_equal(v4, codes, sizeof(v4));
    assert_int_equal(PROV_COUNT(v6), prov_discover_params(&s.d, true, codes));
    assert_memory_equal(v6, codes, sizeof(v6));
    while ((what = search_next(&s, &need)) != PROV_DISCOVER_NOTHING) {
        if (what == PROV_DISCOVER_ASK)
            prov_discover_nothing(&s.d, s.now_ms, need, NULL);
    }
    for (size_t i = 0; i < PROV_COUNT(asked); i++)
        search_text_is(s.records[i].asked, asked[i]);
    search_is(&s, 9, PROV_SOURCE_NOTHING, "no DHCP data");
    search_end(&s);

    search_setup(&s);
    s.options.disabled = PROV_SOURCE_BIT(PROV_SOURCE_DHCP_159);
    search_begin(&s, "panasonic-hdv");
    assert_int_equal(3, prov_discover_params(&s.d, false, codes));
    assert_true(codes[0] == 160 && codes[1] == 67 && codes[2] == 66);
    assert_int_equal(0, prov_discover_params(&s.d, true, codes)); /* IPv4 only */
    search_end(&s);
}

/* The vendor option of a certain enterprise, and the file of option 67 in the USA. */
static void
passes_the_policy_for_dhcp_on(void **state)
{
    struct search_options o = { .len = 0 };

    (void)state;
    for (uint32_t enterprise = 32473; enterprise <= 32474; enterprise++) {
        o.len = 0;
        search_vendor6(&o, "http://h/x.cfg");
        search_setup(&s);
        s.options.mode = PROV_MODE_IPV6;
        s.options.enterprise = enterprise;
        search_begin(&s, "panasonic-hdv");
        search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP6);
        search_answer_dhcp(&s, true, &o);
        search_expect(&s, enterprise == 32473 ? PROV_DISCOVER_FOUND : PROV_DISCOVER_NOTHING);
        search_end(&s);
    }
    for (int us = 0; us <= 1; us++) {
        o.len = 0;
        search_option(&o, 66, "h");
        search_option(&o, 67, "us.cfg");
        search_setup(&s);
        s.options.disabled = PROV_SOURCE_BIT(PROV_SOURCE_PNP);
        s.options.region_us = us;
        search_begin(&s, "panasonic-hdv");
        search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
        search_answer_dhcp(&s, false, &o);
        search_expect(&s, PROV_DISCOVER_FOUND);
        search_url_is(&s, us ? "tftp://h/us.cfg" : "tftp://h/KX-1.cfg");
        search_end(&s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_dhcp_once_for_all_its_sources),
        cmocka_unit_test(keeps_what_stands_before_malformed_options),
        cmocka_unit_test(refuses_an_option_that_no_address_can_hold),
        cmocka_unit_test(refuses_a_dhcp_answer_that_is_too_long),
        cmocka_unit_test(warns_of_a_block_that_is_cut),
        cmocka_unit_test(follows_the_examples_of_the_makers),
        cmocka_unit_test(names_what_is_asked),
        cmocka_unit_test(passes_the_policy_for_dhcp_on),
    };
    return cmocka_run_group_tests_name("discover_dhcp", tests, NULL, NULL);
}
