/* SPDX-License-Identifier: MIT */
#include "support/prov_discover.h"

static struct search s;

static void
records_a_conflict(void **state)
{
    (void)state;
    search_step_two(&s, "");
    prov_discover_conflict(NULL, prov_str_z("x"), prov_str_z("y"));
    search_answer(&s, PROV_NEED_PNP, "http://a.example/");
    search_text_is(s.records[PNP].from, "192.0.2.1:5060");
    prov_discover_conflict(&s.d, prov_str_z("http://u:secret@b.example/"),
                           prov_str_z("192.0.2.66:5060"));
    prov_discover_conflict(&s.d, prov_str_z("http://c.example/"), prov_str_z("192.0.2.67:5060"));
    search_text_is(s.records[PNP].conflict, "http://***@b.example/");
    assert_int_equal(1, s.diags.count);
    assert_int_equal(PROV_D_PNP_CONFLICT, s.items[0].code);
    assert_int_equal(PROV_SEVERITY_WARNING, prov_diag_severity(s.items[0].code));
    search_text_is(s.items[0].source, "192.0.2.66:5060");
    search_end(&s);

    search_setup(&s); /* nobody was asked */
    search_begin(&s, "auerswald-d");
    prov_discover_conflict(&s.d, prov_str_z("http://b.example/"), prov_str_z("x"));
    assert_int_equal(0, s.diags.count);
    search_end(&s);
}

/* What is shown of a message: no user part, and the beginning only. */
static void
hides_user_parts_in_raw_bytes(void **state)
{
    static const struct {
        const char *name, *raw, *shown;
    } rows[] = {
        /* clang-format off */
        { "address", "http://u:p@h/", "http://***@h/" },
        { "a slash and an at sign in the password", "http://u:p/@x@h/a", "http://******@h/a" },
        { "no scheme", "u:p@h/a", "***@h/a" },
        { "nothing to hide", "http://h/a", "http://h/a" },
        { "head of a SIP message", "NOTIFY sip:x@h SIP/2.0\r\nFrom: <sip:srv@h>\r\n\r\nhttp://u:p@h/",
          "NOTIFY sip:*@h SIP/2.0\r\nFrom: <sip:***@h>\r\n\r\nhttp://***@h/" },
        { "a user part before the scheme", "u:p@h://x@y/", "*********@y/" },
        { "a user part before a sip address", "SIP/2.0\nu:p@h <sip:x@y", "SIP/2.0\n************@y" },
        { "URL of an external body", "URL=\"http://u:p@h/\"\n\nx@y", "URL=\"http://***@h/\"\n\n*@y" },
        { "address behind a sip one", "SIP/2.0 <sip:a@b> http://u:p@h/",
          "SIP/2.0 <sip:***************@h/" },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        search_step_two(&s, "");
        char *raw = prov_copy_exact(rows[i].raw);

        prov_discover_address(&s.d, s.now_ms, PROV_NEED_PNP, prov_str_z("http://h/"),
                              prov_str_z(""), (struct prov_str){ raw, strlen(rows[i].raw) });
        free(raw);
        const struct prov_str got = s.records[PNP].raw;

        if (!prov_str_is(got.ptr, got.len, rows[i].shown))
            fail_msg("row '%s': '%.*s'", rows[i].name, (int)got.len, got.ptr);
        search_end(&s);
    }
}

/* The place where a record is cut must not uncover what the rest would have told to be a password.
 */
static void
hides_a_password_that_is_cut(void **state)
{
    char raw[1200], address[3000];

    (void)state;
    memset(raw, 'p', sizeof(raw));
    memcpy(raw, "http://u:", 9);
    memcpy(raw + sizeof(raw) - 4, "@h/x", 4);
    memset(address, 'p', sizeof(address));
    memcpy(address, "http://u:", 9);
    memcpy(address + sizeof(address) - 4, "@h/x", 4);
    search_step_two(&s, "");
    prov_discover_address(&s.d, s.now_ms, PROV_NEED_PNP, (struct prov_str){ address, 3000 },
                          prov_str_z(""), (struct prov_str){ raw, sizeof(raw) });
    assert_int_equal(PROV_DISCOVER_RAW, s.records[PNP].raw.len);
    assert_null(memchr(s.records[PNP].raw.ptr + 7, 'p', PROV_DISCOVER_RAW - 7));
    search_is(&s, PNP, PROV_SOURCE_REFUSED,
              "the address was refused"); /* 2,048 bytes are the limit */
    search_text_is(s.records[PNP].before, "http://***@h/x");
    search_end(&s);

    search_step_two(&s, ""); /* too long to be looked at */
    char *huge = malloc(5000);

    assert_non_null(huge);
    memset(huge, 'h', 5000);
    prov_discover_address(&s.d, s.now_ms, PROV_NEED_PNP, (struct prov_str){ huge, 5000 },
                          prov_str_z(""), prov_str_z(""));
    free(huge);
    search_is(&s, PNP, PROV_SOURCE_REFUSED, "the address was refused");
    assert_int_equal(0, s.records[PNP].before.len);
    search_text_is(s.items[0].source, "pnp");
    assert_int_equal(PROV_D_ADDRESS_LONG, s.items[0].code);
    search_end(&s);
}

/* Options as they stood in the message, also split, in the BOOTP fields, and as digits. */
static void
records_the_options_that_a_source_reads(void **state)
{
    static const char hex[] = "687474703a2f2f753a70406825"; /* http://u:p@h% */
    struct search_options o = { .len = 0 };
    char packet[280] = { 2, 1, 6, 0 }, long_url[301];

    (void)state;
    memcpy(packet + 44, "http://u:p@h", 12);
    memcpy(packet + 108, "x.cfg", 5);
    memcpy(packet + 236, "\x63\x82\x53\x63\x35\x01\x05\xFF", 8);
    search_setup(&s);
    search_begin(&s, "auerswald-d");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    prov_discover_dhcp(&s.d, s.now_ms, false, (struct prov_str){ packet, sizeof(packet) });
    search_url_is(&s, "http://u:p@h/x.cfg");
    assert_true(s.records[DHCP].raw.len >= 21);
    assert_memory_equal("B", s.records[DHCP].raw.ptr, 1);
    assert_memory_equal("http://***@h", s.records[DHCP].raw.ptr + 2, 12);
    search_end(&s);

    memset(long_url, 'a', 300);
    memcpy(long_url, "http://u:p@h/", 13);
    long_url[300] = '\0';
    search_option_bytes(&o, 160, long_url, 100);
    search_option_bytes(&o, 160, long_url + 100, 200);
    search_dhcp(&s, &o);
    assert_int_equal(304, s.records[2].raw.len);
    assert_memory_equal("\xA0\xFFhttp://***@h/aa", s.records[2].raw.ptr, 17);
    assert_memory_equal("\xA0\x2D", s.records[2].raw.ptr + 257, 2);
    search_end(&s);

    o.len = 0;
    search_option(&o, 43, hex);
    search_setup(&s);
    s.options.disabled = PROV_SOURCE_BIT(PROV_SOURCE_PNP);
    search_begin(&s, "generic");
    search_expect_need(&s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_answer_dhcp(&s, false, &o);
    search_text_is(s.records[2].raw, "+\x1A**************************");
    search_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_a_conflict),
        cmocka_unit_test(hides_user_parts_in_raw_bytes),
        cmocka_unit_test(hides_a_password_that_is_cut),
        cmocka_unit_test(records_the_options_that_a_source_reads),
    };
    return cmocka_run_group_tests_name("discover_record", tests, NULL, NULL);
}
