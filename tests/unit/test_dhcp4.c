/* SPDX-License-Identifier: MIT */
#include "support/prov_dhcp.h"

#define AUTO PROV_DHCP_INPUT_AUTO
#define OPTIONS PROV_DHCP_INPUT_OPTIONS
#define PACKET PROV_DHCP_INPUT_PACKET

static const struct prov_str empty = { "", 0 };

/* Bare options: what is in option 66 and 67, and where the mistake is. */
static const struct row {
    const char *name;
    struct prov_str bytes;
    enum prov_status status;
    size_t count;
    const char *server; /* NULL = not there */
    const char *file;
    uint32_t column; /* of the diagnostic, 0 if there is none */
    size_t code;     /* in it */
} rows[] = {
    /* clang-format off */
    { "nothing",               B(""), PROV_OK, 0, NULL, NULL, 0, 0 },
    { "only an end",           B("\xFF"), PROV_OK, 0, NULL, NULL, 0, 0 },
    { "only pads",             B("\0\0\0"), PROV_OK, 0, NULL, NULL, 0, 0 },
    { "one option",            B("\x42\x03" "abc\xFF"), PROV_OK, 1, "abc", NULL, 0, 0 },
    { "no end",                B("\x42\x03" "abc"), PROV_OK, 1, "abc", NULL, 0, 0 },
    { "pads between",          B("\0\x42\x01" "a\0\0\x43\x01" "b\xFF"), PROV_OK, 2, "a", "b", 0, 0 },
    { "garbage behind the end", B("\x42\x01" "a\xFF\x43\x09"), PROV_OK, 1, "a", NULL, 0, 0 },
    { "no length at all",      B("\x42\0"), PROV_OK, 1, "", NULL, 0, 0 },
    { "a cookie in front",     B("\x63\x82\x53\x63\x42\x01" "a"), PROV_OK, 1, "a", NULL, 0, 0 },
    { "split in two",          B("\x42\x02" "ab\x42\x01" "c"), PROV_OK, 1, "abc", NULL, 0, 0 },
    { "split with others between", B("\x42\x02" "ab\x43\x01" "x\x42\0\x43\x02" "yz\x42\x01" "c"), PROV_OK, 2, "abc", "xyz", 0, 0 },
    { "an empty part first",   B("\x42\0\x42\x01" "a"), PROV_OK, 1, "a", NULL, 0, 0 },
    { "length missing",        B("\x42\x01" "a\x43"), PROV_E_SYNTAX, 1, "a", NULL, 4, 67 },
    { "value missing",         B("\x42\x01" "a\x43\x01"), PROV_E_SYNTAX, 1, "a", NULL, 4, 67 },
    { "value cut by one",      B("\x42\x01" "a\x43\x03" "bc"), PROV_E_SYNTAX, 1, "a", NULL, 4, 67 },
    { "first one cut",         B("\x42\xFF" "a"), PROV_E_SYNTAX, 0, NULL, NULL, 1, 66 },
    { "second part cut",       B("\x42\x01" "a\x42\x02" "b"), PROV_E_SYNTAX, 1, "a", NULL, 4, 66 },
    { "cut behind a cookie",   B("\x63\x82\x53\x63\x42\x09"), PROV_E_SYNTAX, 0, NULL, NULL, 5, 66 },
    /* clang-format on */
};

static bool
text_is(const struct prov_dhcp_facts *f, uint16_t code, const char *want)
{
    return want == NULL ? prov_dhcp_find(f, code) == NULL : option_is(f, code, prov_str_z(want));
}

static void
reads_bare_options(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *w = &rows[i];
        struct reading r;

        begin_reading(&r, false, w->bytes, AUTO);
        PROV_ROW(w->name, r.status == w->status);
        PROV_ROW(w->name, r.facts.option_count == w->count && !r.facts.v6 && !r.facts.packet);
        PROV_ROW(w->name, text_is(&r.facts, 66, w->server) && text_is(&r.facts, 67, w->file));
        PROV_ROW(w->name, r.diags.count == (w->status == PROV_OK ? 0 : 1));
        PROV_ROW(w->name, r.items[0].column == w->column && r.items[0].need == w->code);
        PROV_ROW(w->name, r.items[0].status == w->status && r.items[0].line == 0);
        if (w->status != PROV_OK)
            PROV_ROW(w->name, r.items[0].code == PROV_D_DHCP_OPTION_CUT &&
                                  prov_str_eq(r.items[0].source, prov_str_z("lease")));
        end_reading(&r);
    }
}

static void
takes_a_cookie_for_options_when_told_so(void **state)
{
    const struct prov_str bytes = B("\x63\x82\x53\x63");
    struct reading r;

    (void)state;
    begin_reading(&r, false, bytes, OPTIONS);
    assert_int_equal(PROV_E_SYNTAX, r.status);
    assert_int_equal(99, r.items[0].need);
    end_reading(&r);
}

static void
reads_every_code(void **state)
{
    char bytes[254 * 3];
    struct reading r;

    (void)state;
    for (unsigned code = 1; code <= 254; code++) {
        char *p = bytes + (code - 1) * 3;

        p[0] = (char)(255 - code);
        p[1] = 1;
        p[2] = (char)code;
    }
    begin_reading(&r, false, (struct prov_str){ bytes, sizeof(bytes) }, OPTIONS);
    assert_int_equal(PROV_OK, r.status);
    assert_int_equal(254, r.facts.option_count);
    for (unsigned i = 0; i < 254; i++) {
        const char value = (char)(i + 1);

        assert_int_equal(254 - i, r.facts.options[i].code);
        assert_int_equal(3 * i, r.facts.options[i].offset);
        assert_true(option_is(&r.facts, (uint16_t)(254 - i), (struct prov_str){ &value, 1 }));
    }
    assert_null(prov_dhcp_find(&r.facts, 0));
    end_reading(&r);
}

static void
reads_a_packet(void **state)
{
    char p[400];
    const size_t len =
        make_packet(p, (struct prov_str)B("boot.example"), (struct prov_str)B("x.cfg\0junk"),
                    (struct prov_str)B("\x35\x01\x05\x42\x03"
                                       "abc\xFF\0\0"));
    struct reading r;

    (void)state;
    for (unsigned input = AUTO; input <= PACKET; input += PACKET) {
        begin_reading(&r, false, (struct prov_str){ p, len }, (enum prov_dhcp_input)input);
        assert_int_equal(PROV_OK, r.status);
        assert_true(r.facts.packet);
        assert_int_equal(5, r.facts.message_type);
        assert_int_equal(0x12345678, r.facts.xid);
        assert_int_equal(2, r.facts.option_count);
        assert_int_equal(240 + 3, prov_dhcp_find(&r.facts, 66)->offset);
        assert_true(prov_str_eq(r.facts.sname, prov_str_z("boot.example")));
        assert_true(prov_str_eq(r.facts.file, prov_str_z("x.cfg")));
        end_reading(&r);
    }
    begin_reading(&r, false, (struct prov_str){ p, len }, OPTIONS);
    assert_false(r.facts.packet);
    end_reading(&r);
}

static void
fills_fields_that_have_no_zero(void **state)
{
    char name[128], p[241];
    struct reading r;

    (void)state;
    memset(name, 'n', sizeof(name));
    const size_t len = make_packet(p, (struct prov_str){ name, 64 }, (struct prov_str){ name, 128 },
                                   (struct prov_str)B("\xFF"));

    begin_reading(&r, false, (struct prov_str){ p, len }, AUTO);
    assert_int_equal(64, r.facts.sname.len);
    assert_int_equal(128, r.facts.file.len);
    end_reading(&r);
}

/* The fields hold options: what of them is read, and in which order parts are joined. */
static const struct overload {
    const char *name;
    struct prov_str options;
    const char *value; /* of option 66 */
    const char *sname, *file;
    uint32_t code; /* of a warning, or of an error with its column */
    uint32_t column;
} overloads[] = {
    /* clang-format off */
    { "not at all",  B("\x42\x01" "o\xFF"), "o", "\x42\x01s\xFF", "\x42\x01" "f\xFF", 0, 0 },
    { "file",        B("\x34\x01\x01\x42\x01" "o\xFF"), "of", "\x42\x01s\xFF", "", 0, 0 },
    { "sname",       B("\x34\x01\x02\x42\x01" "o\xFF"), "os", "", "\x42\x01" "f\xFF", 0, 0 },
    { "both",        B("\x42\x01" "o\x34\x01\x03\xFF"), "ofs", "", "", 0, 0 },
    { "no end",      B("\x34\x01\x03\x42\x01" "o"), "ofs", "", "", 0, 0 },
    { "none",        B("\x34\x01\0\x42\x01" "o"), "o", "\x42\x01s\xFF", "\x42\x01" "f\xFF", PROV_D_DHCP_OVERLOAD, 241 },
    { "four",        B("\x34\x01\x04\x42\x01" "o"), "o", "\x42\x01s\xFF", "\x42\x01" "f\xFF", PROV_D_DHCP_OVERLOAD, 241 },
    { "two bytes",   B("\x42\x01" "o\x34\x02\x01\x01"), "o", "\x42\x01s\xFF", "\x42\x01" "f\xFF", PROV_D_DHCP_OVERLOAD, 244 },
    { "behind a cut one", B("\x42\x01" "o\x34"), "o", "\x42\x01s\xFF", "\x42\x01" "f\xFF", PROV_D_DHCP_OPTION_CUT, 244 },
    { "cut in options", B("\x34\x01\x03\x42\x01" "o\x42\x01"), "o", "", "", PROV_D_DHCP_OPTION_CUT, 247 },
    /* clang-format on */
};

static void
follows_overload(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(overloads); i++) {
        const struct overload *w = &overloads[i];
        char p[300];
        const size_t len = make_packet(p, (struct prov_str)B("\x42\x01s\xFF"),
                                       (struct prov_str)B("\x42\x01"
                                                          "f\xFF"),
                                       w->options);
        struct reading r;

        begin_reading(&r, false, (struct prov_str){ p, len }, AUTO);
        PROV_ROW(w->name, option_is(&r.facts, 66, prov_str_z(w->value)));
        PROV_ROW(w->name, prov_str_eq(r.facts.sname, prov_str_z(w->sname)));
        PROV_ROW(w->name, prov_str_eq(r.facts.file, prov_str_z(w->file)));
        PROV_ROW(w->name, r.diags.count == (w->code != 0 ? 1 : 0));
        PROV_ROW(w->name, r.items[0].code == w->code && r.items[0].column == w->column);
        PROV_ROW(w->name,
                 (r.status == PROV_OK) == (w->code == 0 || w->code == PROV_D_DHCP_OVERLOAD));
        end_reading(&r);
    }
}

static void
checks_lengths_in_an_overloaded_field(void **state)
{
    char sname[64], p[300];
    struct reading r;

    (void)state;
    memset(sname, 0, sizeof(sname));
    sname[61] = 67;
    sname[62] = 2;
    const size_t len = make_packet(p, (struct prov_str){ sname, 64 }, empty,
                                   (struct prov_str)B("\x34\x01\x02\xFF"));

    begin_reading(&r, false, (struct prov_str){ p, len }, AUTO);
    assert_int_equal(PROV_E_SYNTAX, r.status);
    assert_int_equal(44 + 61 + 1, r.items[0].column);
    assert_null(prov_dhcp_find(&r.facts, 67));
    end_reading(&r);
}

static void
tells_packets_from_options(void **state)
{
    char p[300];
    const size_t len = make_packet(p, empty, empty, (struct prov_str)B("\xFF"));
    static const struct {
        const char *name;
        size_t at;
        char byte;
        bool automatic, forced;
    } changes[] = {
        { "an answer", 0, 2, true, true },        { "a question", 0, 1, true, true },
        { "another op", 0, 3, false, false },     { "not Ethernet", 1, 6, false, true },
        { "no cookie", 239, 0x64, false, false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(changes); i++) {
        const char old = p[changes[i].at];
        struct reading r;

        p[changes[i].at] = changes[i].byte;
        begin_reading(&r, false, (struct prov_str){ p, len }, AUTO);
        PROV_ROW(changes[i].name, r.facts.packet == changes[i].automatic);
        end_reading(&r);
        begin_reading(&r, false, (struct prov_str){ p, len }, PACKET);
        PROV_ROW(changes[i].name, (r.status == PROV_OK) == changes[i].forced);
        PROV_ROW(changes[i].name, changes[i].forced || r.items[0].code == PROV_D_DHCP_NO_PACKET);
        end_reading(&r);
        p[changes[i].at] = old;
    }
}

static void
refuses_every_shorter_packet(void **state)
{
    char p[300];
    const size_t len = make_packet(p, empty, empty,
                                   (struct prov_str)B("\x42\x01"
                                                      "a"));

    (void)state;
    for (size_t n = 0; n < len; n++) {
        struct reading r;

        begin_reading(&r, false, (struct prov_str){ p, n }, PACKET);
        assert_int_equal(n == PACKET_HEAD ? PROV_OK : PROV_E_SYNTAX, r.status);
        assert_int_equal(n < PACKET_HEAD    ? PROV_D_DHCP_NO_PACKET
                         : n == PACKET_HEAD ? PROV_D_NONE
                                            : PROV_D_DHCP_OPTION_CUT,
                         r.items[0].code);
        assert_int_equal(0, r.facts.option_count);
        end_reading(&r);
    }
}

/* Every place at which an option can be split gives the same value. */
static void
joins_whatever_the_place_of_the_split(void **state)
{
    static const char text[] = "http://prov.example.com/dir";
    const size_t n = sizeof(text) - 1;

    (void)state;
    for (size_t cut = 0; cut <= n; cut++) {
        char bytes[80] = { 66, (char)cut };
        struct reading r;

        memcpy(bytes + 2, text, cut);
        memcpy(bytes + 2 + cut, "\x0C\x01h\x42", 4);
        bytes[6 + cut] = (char)(n - cut);
        memcpy(bytes + 7 + cut, text + cut, n - cut);
        begin_reading(&r, false, (struct prov_str){ bytes, 7 + n }, AUTO);
        assert_int_equal(PROV_OK, r.status);
        assert_true(option_is(&r.facts, 66, prov_str_z(text)));
        assert_true(option_is(&r.facts, 12, prov_str_z("h")));
        assert_int_equal(0, r.facts.options[0].offset);
        end_reading(&r);
    }
}

static void
joins_more_than_one_option_can_hold(void **state)
{
    static char bytes[4 * 257];
    struct reading r;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        memset(bytes + i * 257, 'a' + (int)i, 257);
        bytes[i * 257] = 66;
        bytes[i * 257 + 1] = (char)255;
    }
    begin_reading(&r, false, (struct prov_str){ bytes, sizeof(bytes) }, OPTIONS);
    assert_int_equal(PROV_OK, r.status);
    assert_int_equal(1020, r.facts.options[0].bytes.len);
    for (size_t i = 0; i < 1020; i++)
        assert_int_equal('a' + (int)(i / 255), r.facts.options[0].bytes.ptr[i]);
    end_reading(&r);
}

static void
takes_nothing_of_an_arena_that_is_too_small(void **state)
{
    const struct prov_str bytes = B("\x42\x01"
                                    "a\x43\x01"
                                    "b\x42\x01"
                                    "c");
    const struct prov_dhcp_facts before = { .xid = 77 };
    _Alignas(16) static char mem[256];
    const size_t full = 2 * sizeof(struct prov_dhcp_option) + 2;

    (void)state;
    for (size_t cap = 0; cap < full; cap++) {
        struct prov_diag item = { 0 };
        struct prov_diags diags = { &item, 1, 0, 0 };
        struct prov_arena a;
        struct prov_dhcp_facts f = before;

        prov_arena_init(&a, mem, cap);
        assert_int_equal(PROV_E_SPACE, prov_dhcp4_read(bytes, AUTO, bytes, &a, &f, &diags));
        assert_memory_equal(&before, &f, sizeof(f));
        assert_int_equal(0, a.perm + a.scratch);
        assert_int_equal(PROV_D_NO_ARENA_SPACE, item.code);
        prov_arena_init(&a, mem, item.need);
        assert_true(item.need <= sizeof(mem));
        assert_int_equal(PROV_OK, prov_dhcp4_read(bytes, AUTO, bytes, &a, &f, NULL));
    }
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_str bytes = B("\xFF");
    const struct prov_str huge = { bytes.ptr, 65536 }, null = { NULL, 1 };
    _Alignas(16) static char mem[64];
    struct prov_dhcp_facts f;
    struct prov_arena a;

    (void)state;
    prov_arena_init(&a, mem, sizeof(mem));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_read(bytes, AUTO, bytes, NULL, &f, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_read(bytes, AUTO, bytes, &a, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_read(huge, AUTO, bytes, &a, &f, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp4_read(null, AUTO, bytes, &a, &f, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_dhcp4_read(bytes, (enum prov_dhcp_input)3, bytes, &a, &f, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_bare_options),
        cmocka_unit_test(takes_a_cookie_for_options_when_told_so),
        cmocka_unit_test(reads_every_code),
        cmocka_unit_test(reads_a_packet),
        cmocka_unit_test(fills_fields_that_have_no_zero),
        cmocka_unit_test(follows_overload),
        cmocka_unit_test(checks_lengths_in_an_overloaded_field),
        cmocka_unit_test(tells_packets_from_options),
        cmocka_unit_test(refuses_every_shorter_packet),
        cmocka_unit_test(joins_whatever_the_place_of_the_split),
        cmocka_unit_test(joins_more_than_one_option_can_hold),
        cmocka_unit_test(takes_nothing_of_an_arena_that_is_too_small),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("dhcp4", tests, NULL, NULL);
}
