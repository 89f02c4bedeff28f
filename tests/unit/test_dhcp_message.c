/* SPDX-License-Identifier: MIT */
#include "support/prov_dhcp.h"

#define AUTO PROV_DHCP_INPUT_AUTO
#define CODES PROV_DHCP_PARAMS_MAX

static const struct prov_dhcp4_client client4 = {
    .xid = 0x12345678,
    .mac = { 0x00, 0x09, 0x52, 0x00, 0x00, 0x0E },
    .address = { 192, 0, 2, 7 },
    .vendor_class = B("phone"),
    .secs = 258,
};
static const struct prov_dhcp6_client client6 = {
    .xid = 0x123456,
    .duid = B("\0\x03\0\x01\0\x09\x52\0\0\x0E"),
    .elapsed_cs = 513,
};

#define ALL_SOURCES ((1u << PROV_SOURCE_KINDS) - 1)

/* All forms, in an order of their own. */
static const struct prov_source_rule sources[] = {
    { .kind = PROV_SOURCE_MANUAL },
    { .kind = PROV_SOURCE_DHCP, .dhcp = { PROV_DHCP_FORM_JOIN, false, 66, 67, 0, 43, true } },
    { .kind = PROV_SOURCE_DHCP_160,
      .dhcp = { PROV_DHCP_FORM_SERVER, false, 160, 67, 0, 0, false } },
    { .kind = PROV_SOURCE_DHCPV6, .dhcp = { PROV_DHCP_FORM_VENDOR, true, 17, 0, 1, 0, false } },
    { .kind = PROV_SOURCE_DHCP_66, .dhcp = { PROV_DHCP_FORM_HOST, false, 66, 67, 0, 0, false } },
    { .kind = PROV_SOURCE_DHCP_125, .dhcp = { PROV_DHCP_FORM_VENDOR, false, 125, 0, 1, 0, false } },
    { .kind = PROV_SOURCE_DHCPV6_59, .dhcp = { PROV_DHCP_FORM_ADDRESS, true, 59, 0, 0, 0, false } },
};

static void
asks_for_what_enabled_sources_need(void **state)
{
    static const struct {
        const char *name;
        uint32_t enabled;
        bool v6;
        size_t count;
        uint16_t codes[6];
    } cases[] = {
        { "all of DHCP", ALL_SOURCES, false, 5, { 66, 67, 43, 160, 125 } },
        { "all of DHCPv6", ALL_SOURCES, true, 2, { 17, 59 } },
        { "none", 0, false, 0, { 0 } },
        { "none of this version", PROV_SOURCE_BIT(PROV_SOURCE_DHCP), true, 0, { 0 } },
        { "without 43",
          ALL_SOURCES & ~PROV_SOURCE_BIT(PROV_SOURCE_DHCP),
          false,
          4,
          { 160, 67, 66, 125 } },
        { "one", PROV_SOURCE_BIT(PROV_SOURCE_DHCPV6_59), true, 1, { 59 } },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cases); i++) {
        uint16_t codes[CODES];
        const size_t n =
            prov_dhcp_params(sources, PROV_COUNT(sources), cases[i].enabled, cases[i].v6, codes);

        PROV_ROW(cases[i].name, n == cases[i].count);
        PROV_ROW(cases[i].name, memcmp(codes, cases[i].codes, n * sizeof(*codes)) == 0);
    }
}

static void
asks_for_no_more_than_there_is_room(void **state)
{
    struct prov_source_rule many[CODES + 2];
    uint16_t codes[CODES];

    (void)state;
    memset(many, 0, sizeof(many));
    for (size_t i = 0; i < PROV_COUNT(many); i++) {
        many[i].kind = PROV_SOURCE_DHCP;
        many[i].dhcp.form = PROV_DHCP_FORM_ADDRESS;
        many[i].dhcp.option = (uint16_t)(100 + i);
    }
    for (size_t n = CODES - 1; n <= CODES + 2; n++) {
        const size_t got = prov_dhcp_params(many, n, ALL_SOURCES, false, codes);

        assert_int_equal(n < CODES ? n : CODES, got);
        assert_int_equal(100 + got - 1, codes[got - 1]);
    }
}

/* Byte for byte, as the RFCs have it. */
static void
builds_a_dhcpinform(void **state)
{
    static const uint16_t codes[] = { 66, 67, 43, 254 };
    const struct prov_str options = B("\x35\x01\x08"
                                      "\x3D\x07\x01\x00\x09\x52\x00\x00\x0E"
                                      "\x39\x02\x05\xDC"
                                      "\x3C\x05phone"
                                      "\x37\x04\x42\x43\x2B\xFE"
                                      "\xFF");
    char want[300] = { 0 }, mem[400] = "x";
    struct prov_buf out = { mem, sizeof(mem), 1 };

    (void)state;
    memcpy(want, "\x01\x01\x06\x00\x12\x34\x56\x78\x01\x02\x00\x00\xC0\x00\x02\x07", 16);
    memcpy(want + 28, client4.mac, 6);
    memcpy(want + 236, "\x63\x82\x53\x63", 4);
    memcpy(want + 240, options.ptr, options.len);
    assert_int_equal(PROV_OK, prov_dhcp4_inform(&client4, codes, PROV_COUNT(codes), &out));
    assert_int_equal(1 + 300, out.len);
    assert_memory_equal(want, mem + 1, 300);
    assert_int_equal('x', mem[0]);
}

static void
reads_the_dhcpinform_it_builds(void **state)
{
    static const char longest[255] = "class";
    uint16_t codes[CODES];
    char mem[580];

    (void)state;
    for (size_t i = 0; i < CODES; i++)
        codes[i] = (uint16_t)(i + 1);
    for (size_t n = 0; n <= CODES; n += CODES / 2) {
        struct prov_dhcp4_client c = client4;
        struct prov_buf out = { mem, sizeof(mem), 0 };
        struct reading r;

        c.vendor_class = (struct prov_str){ longest, n == 0 ? 0 : sizeof(longest) };
        assert_int_equal(PROV_OK, prov_dhcp4_inform(&c, codes, n, &out));
        assert_true(out.len >= 300);
        begin_reading(&r, false, prov_buf_str(&out), AUTO);
        assert_int_equal(PROV_OK, r.status);
        assert_true(r.facts.packet);
        assert_int_equal(8, r.facts.message_type);
        assert_int_equal(c.xid, r.facts.xid);
        assert_int_equal(n == 0 ? 3 : 5, r.facts.option_count);
        assert_true(n == 0 || option_is(&r.facts, 60, c.vendor_class));
        assert_true(n == 0 || prov_dhcp_find(&r.facts, 55)->bytes.len == n);
        end_reading(&r);
    }
}

static void
builds_an_information_request(void **state)
{
    static const uint16_t codes[] = { 17, 59 }, with_musts[] = { 83, 32 };
    const struct prov_str want = B("\x0B\x12\x34\x56"
                                   "\0\x01\0\x0A\0\x03\0\x01\0\x09\x52\0\0\x0E"
                                   "\0\x08\0\x02\x02\x01"
                                   "\0\x06\0\x08\0\x11\0\x3B\0\x20\0\x53");
    char mem[100];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct reading r;

    (void)state;
    assert_int_equal(PROV_OK, prov_dhcp6_information_request(&client6, codes, 2, &out));
    assert_true(prov_str_eq(want, prov_buf_str(&out)));
    begin_reading(&r, true, prov_buf_str(&out), AUTO);
    assert_int_equal(11, r.facts.message_type);
    assert_int_equal(client6.xid, r.facts.xid);
    assert_true(option_is(&r.facts, 1, client6.duid));
    end_reading(&r);

    /* What must be asked for is asked for once. */
    out.len = 0;
    assert_int_equal(PROV_OK, prov_dhcp6_information_request(&client6, with_musts, 2, &out));
    assert_int_equal(want.len - 4, out.len);
    assert_memory_equal("\0\x06\0\x04\0\x53\0\x20", mem + out.len - 8, 8);
    out.len = 0;
    assert_int_equal(PROV_OK, prov_dhcp6_information_request(&client6, NULL, 0, &out));
    assert_memory_equal("\0\x06\0\x04\0\x20\0\x53", mem + out.len - 8, 8);
}

static void
makes_a_duid_of_a_mac_address(void **state)
{
    uint8_t duid[10];

    (void)state;
    prov_dhcp6_duid(client4.mac, duid);
    assert_memory_equal(client6.duid.ptr, duid, sizeof(duid));
}

static void
refuses_every_smaller_buffer(void **state)
{
    static const uint16_t codes[] = { 66 };
    char mem[400];

    (void)state;
    for (size_t cap = 2; cap < 301; cap++) {
        char *exact = malloc(cap);
        struct prov_buf out = { exact, cap, 2 };

        assert_int_equal(PROV_E_SPACE, prov_dhcp4_inform(&client4, codes, 1, &out));
        assert_int_equal(2, out.len);
        free(exact);
    }
    for (size_t cap = 0; cap < 34; cap++) {
        struct prov_buf out = { mem, cap, 0 };

        assert_int_equal(PROV_E_SPACE, prov_dhcp6_information_request(&client6, codes, 1, &out));
        assert_int_equal(0, out.len);
    }
}

static void
refuses_clients_and_codes_out_of_range(void **state)
{
    static const char bytes[256] = "";
    static const uint16_t zero[] = { 66, 0 }, end[] = { 255 };
    uint16_t many[CODES + 1];
    char mem[700];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct prov_dhcp4_client c = client4;
    struct prov_dhcp6_client d = client6;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(many); i++)
        many[i] = 9;
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(NULL, NULL, 0, &out));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, NULL, 0, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, NULL, 1, &out));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, zero, 2, &out));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, end, 1, &out));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, many, CODES + 1, &out));
    c.vendor_class = (struct prov_str){ bytes, 256 };
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, NULL, 0, &out));
    c = client4;
    memset(c.address, 0, 4);
    assert_int_equal(PROV_E_ARG, prov_dhcp4_inform(&c, NULL, 0, &out));

    assert_int_equal(PROV_E_ARG, prov_dhcp6_information_request(NULL, NULL, 0, &out));
    assert_int_equal(PROV_E_ARG, prov_dhcp6_information_request(&d, NULL, 0, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp6_information_request(&d, zero, 2, &out));
    assert_int_equal(PROV_E_ARG, prov_dhcp6_information_request(&d, many, CODES + 1, &out));
    d.xid = 0x1000000;
    assert_int_equal(PROV_E_ARG, prov_dhcp6_information_request(&d, NULL, 0, &out));
    d = client6;
    for (size_t n = 0; n <= 131; n += n == 0 ? 131 : 1) {
        d.duid = (struct prov_str){ bytes, n };
        assert_int_equal(PROV_E_ARG, prov_dhcp6_information_request(&d, NULL, 0, &out));
    }
    assert_int_equal(0, out.len);
    d.duid.len = 130;
    assert_int_equal(PROV_OK, prov_dhcp6_information_request(&d, many, CODES, &out));
    assert_int_equal(216, out.len);
}

/* One byte or the options of a good answer are changed. */
static void
knows_its_answer(void **state)
{
    static const struct {
        const char *name;
        struct prov_str options;
        size_t at; /* this byte is changed; 0 = none */
        bool answer;
    } cases[] = {
        { "an acknowledgement", B("\x35\x01\x05\xFF"), 0, true },
        { "behind others", B("\x42\x01s\x35\x01\x05\xFF"), 0, true },
        { "in the file field", B("\x34\x01\x01\xFF"), 0, true },
        { "bad options behind it", B("\x35\x01\x05\x42"), 0, true },
        { "a refusal", B("\x35\x01\x06\xFF"), 0, false },
        { "an offer", B("\x35\x01\x02\xFF"), 0, false },
        { "no type", B("\xFF"), 0, false },
        { "an empty type", B("\x35\0\xFF"), 0, false },
        { "a long type", B("\x35\x02\x05\x05\xFF"), 0, false },
        { "bad options before it", B("\x42\x30\x35\x01\x05"), 0, false },
        { "no answer at all", B("\x35\x01\x05\xFF"), 239, false },
        { "another htype", B("\x35\x01\x05\xFF"), 1, false },
        { "another hlen", B("\x35\x01\x05\xFF"), 2, false },
        { "another xid", B("\x35\x01\x05\xFF"), 7, false },
        { "another MAC address", B("\x35\x01\x05\xFF"), 33, false },
        { "other padding of chaddr", B("\x35\x01\x05\xFF"), 34, true },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cases); i++) {
        char p[300];
        const size_t len = make_packet(p, (struct prov_str)B(""),
                                       (struct prov_str)B("\x35\x01\x05\xFF"), cases[i].options);

        if (cases[i].at != 0)
            p[cases[i].at] ^= 1;
        const struct prov_str packet = { p, len };

        PROV_ROW(cases[i].name, prov_dhcp4_is_answer(&client4, packet) == cases[i].answer);
        p[0] = 1;
        PROV_ROW(cases[i].name, !prov_dhcp4_is_answer(&client4, packet));
    }
}

static void
knows_its_answer_in_version_6(void **state)
{
    static const struct {
        const char *name;
        struct prov_str packet;
        bool answer;
    } cases[] = {
        { "a reply", B("\x07\x12\x34\x56\0\x01\0\x0A\0\x03\0\x01\0\x09\x52\0\0\x0E"), true },
        { "without client id", B("\x07\x12\x34\x56\0\x11\0\0"), true },
        { "another client", B("\x07\x12\x34\x56\0\x01\0\x0A\0\x03\0\x01\0\x09\x52\0\0\x0F"),
          false },
        { "a longer client id", B("\x07\x12\x34\x56\0\x01\0\x0B\0\x03\0\x01\0\x09\x52\0\0\x0E\0"),
          false },
        { "another transaction", B("\x07\x12\x34\x57"), false },
        { "an advertisement", B("\x02\x12\x34\x56"), false },
        { "of a relay", B("\x0D\x12\x34\x56"), false },
        { "too short", B("\x07\x12\x34"), false },
        { "nothing", B(""), false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cases); i++) {
        char *copy = exact_bytes(cases[i].packet);
        const struct prov_str packet = { copy, cases[i].packet.len };

        PROV_ROW(cases[i].name, prov_dhcp6_is_answer(&client6, packet) == cases[i].answer);
        free(copy);
    }
}

static void
has_no_answer_without_client_or_bounds(void **state)
{
    const struct prov_str reply = B("\x07\x12\x34\x56");
    const struct prov_str huge = { reply.ptr, 65536 };
    struct prov_dhcp6_client bad = client6;

    (void)state;
    bad.duid.len = 0;
    assert_false(prov_dhcp4_is_answer(NULL, reply));
    assert_false(prov_dhcp4_is_answer(&client4, reply));
    assert_false(prov_dhcp4_is_answer(&client4, huge));
    assert_false(prov_dhcp6_is_answer(NULL, reply));
    assert_false(prov_dhcp6_is_answer(&bad, reply));
    assert_false(prov_dhcp6_is_answer(&client6, huge));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_what_enabled_sources_need),
        cmocka_unit_test(asks_for_no_more_than_there_is_room),
        cmocka_unit_test(builds_a_dhcpinform),
        cmocka_unit_test(reads_the_dhcpinform_it_builds),
        cmocka_unit_test(builds_an_information_request),
        cmocka_unit_test(makes_a_duid_of_a_mac_address),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(refuses_clients_and_codes_out_of_range),
        cmocka_unit_test(knows_its_answer),
        cmocka_unit_test(knows_its_answer_in_version_6),
        cmocka_unit_test(has_no_answer_without_client_or_bounds),
    };
    return cmocka_run_group_tests_name("dhcp_message", tests, NULL, NULL);
}
