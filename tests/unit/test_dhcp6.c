/* SPDX-License-Identifier: MIT */
#include "support/prov_dhcp.h"

#define AUTO PROV_DHCP_INPUT_AUTO
#define OPTIONS PROV_DHCP_INPUT_OPTIONS
#define PACKET PROV_DHCP_INPUT_PACKET

static const struct row {
    const char *name;
    struct prov_str bytes;
    enum prov_dhcp_input input;
    enum prov_status status;
    bool packet;
    size_t count;
    const char *url; /* option 59, NULL = not there */
    uint32_t code;   /* of the diagnostic */
    uint32_t column;
} rows[] = {
    /* clang-format off */
    { "nothing",      B(""), AUTO, PROV_OK, false, 0, NULL, 0, 0 },
    { "one option",   B("\0\x3B\0\x03" "abc"), AUTO, PROV_OK, false, 1, "abc", 0, 0 },
    { "an empty one", B("\0\x3B\0\0"), AUTO, PROV_OK, false, 1, "", 0, 0 },
    { "zero is a code", B("\0\0\0\x01" "a\0\x3B\0\x01" "b"), AUTO, PROV_OK, false, 2, "b", 0, 0 },
    { "the first of two", B("\0\x3B\0\x01" "a\0\x3B\0\x01" "b"), AUTO, PROV_OK, false, 2, "a", 0, 0 },
    { "a reply",      B("\x07\x12\x34\x56\0\x3B\0\x01" "a"), AUTO, PROV_OK, true, 1, "a", 0, 0 },
    { "a reply alone", B("\x07\x12\x34\x56"), AUTO, PROV_OK, true, 0, NULL, 0, 0 },
    { "last type",    B("\x0B\x12\x34\x56"), AUTO, PROV_OK, true, 0, NULL, 0, 0 },
    { "a high code",  B("\x0C\x3B\0\0"), AUTO, PROV_OK, false, 1, NULL, 0, 0 },
    { "said to be options", B("\x07\x12\0\0"), OPTIONS, PROV_OK, false, 1, NULL, 0, 0 },
    { "of a relay",   B("\x0D\x12\x34\x56"), PACKET, PROV_E_SYNTAX, false, 0, NULL, PROV_D_DHCP_NO_PACKET, 0 },
    { "to a relay",   B("\x0C\x12\x34\x56"), PACKET, PROV_E_SYNTAX, false, 0, NULL, PROV_D_DHCP_NO_PACKET, 0 },
    { "type zero",    B("\0\x12\x34\x56"), PACKET, PROV_E_SYNTAX, false, 0, NULL, PROV_D_DHCP_NO_PACKET, 0 },
    { "too short",    B("\x07\x12\x34"), PACKET, PROV_E_SYNTAX, false, 0, NULL, PROV_D_DHCP_NO_PACKET, 0 },
    { "code cut",     B("\0\x3B\0\x01" "a\0"), AUTO, PROV_E_SYNTAX, false, 1, "a", PROV_D_DHCP_OPTION_CUT, 6 },
    { "length cut",   B("\0\x3B\0\x01" "a\0\x11\0"), AUTO, PROV_E_SYNTAX, false, 1, "a", PROV_D_DHCP_OPTION_CUT, 6 },
    { "value cut",    B("\0\x3B\0\x01" "a\0\x11\0\x02" "b"), AUTO, PROV_E_SYNTAX, false, 1, "a", PROV_D_DHCP_OPTION_CUT, 6 },
    { "a long length", B("\0\x3B\x01\0" "a"), AUTO, PROV_E_SYNTAX, false, 0, NULL, PROV_D_DHCP_OPTION_CUT, 1 },
    /* clang-format on */
};

static void
follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *w = &rows[i];
        struct reading r;

        begin_reading(&r, true, w->bytes, w->input);
        PROV_ROW(w->name, r.status == w->status && r.facts.v6);
        PROV_ROW(w->name, r.facts.packet == w->packet);
        PROV_ROW(w->name, r.facts.option_count == w->count);
        PROV_ROW(w->name, w->url == NULL ? prov_dhcp_find(&r.facts, 59) == NULL
                                         : option_is(&r.facts, 59, prov_str_z(w->url)));
        PROV_ROW(w->name, r.diags.count == (w->status == PROV_OK ? 0 : 1));
        PROV_ROW(w->name, r.items[0].code == w->code && r.items[0].column == w->column);
        PROV_ROW(w->name, r.facts.xid == (w->packet ? 0x123456 : 0));
        PROV_ROW(w->name, r.facts.message_type == (w->packet ? w->bytes.ptr[0] : 0));
        end_reading(&r);
    }
}

static void
names_the_option_that_is_cut(void **state)
{
    const struct prov_str bytes = B("\0\x11\0\x01");
    struct reading r;

    (void)state;
    begin_reading(&r, true, bytes, AUTO);
    assert_int_equal(17, r.items[0].need);
    end_reading(&r);
}

/* Options at, one below and one above the bound. */
static void
keeps_as_many_options_as_there_is_room(void **state)
{
    static char bytes[(PROV_DHCP6_OPTIONS_MAX + 2) * 4];

    (void)state;
    for (size_t n = PROV_DHCP6_OPTIONS_MAX - 1; n <= PROV_DHCP6_OPTIONS_MAX + 2; n++) {
        const size_t kept = n < PROV_DHCP6_OPTIONS_MAX ? n : PROV_DHCP6_OPTIONS_MAX;
        struct reading r;

        for (size_t i = 0; i < n; i++)
            memcpy(bytes + 4 * i, (const char[]){ 0, (char)(i + 1), 0, 0 }, 4);
        begin_reading(&r, true, (struct prov_str){ bytes, 4 * n }, AUTO);
        assert_int_equal(PROV_OK, r.status);
        assert_int_equal(kept, r.facts.option_count);
        assert_int_equal(kept, r.facts.options[kept - 1].code);
        assert_int_equal(4 * (kept - 1), r.facts.options[kept - 1].offset);
        assert_int_equal(n > kept ? 1 : 0, r.diags.count);
        if (n > kept) {
            assert_int_equal(PROV_D_DHCP_TOO_MANY, r.items[0].code);
            assert_int_equal(PROV_DHCP6_OPTIONS_MAX + 1, r.items[0].need);
            assert_int_equal(PROV_SEVERITY_WARNING, prov_diag_severity(r.items[0].code));
        }
        end_reading(&r);
    }
}

static void
takes_nothing_of_an_arena_that_is_too_small(void **state)
{
    const struct prov_str bytes = B("\0\x3B\0\0\0\x11\0\0");
    const struct prov_dhcp_facts before = { .xid = 77 };
    _Alignas(16) static char mem[256];

    (void)state;
    for (size_t cap = 0; cap < 2 * sizeof(struct prov_dhcp_option); cap++) {
        struct prov_diag item = { 0 };
        struct prov_diags diags = { &item, 1, 0, 0 };
        struct prov_arena a;
        struct prov_dhcp_facts f = before;

        prov_arena_init(&a, mem, cap);
        assert_int_equal(PROV_E_SPACE, prov_dhcp6_read(bytes, AUTO, bytes, &a, &f, &diags));
        assert_memory_equal(&before, &f, sizeof(f));
        assert_int_equal(0, a.perm + a.scratch);
        assert_true(item.need > cap && item.need <= sizeof(mem));
        prov_arena_init(&a, mem, item.need);
        assert_int_equal(PROV_OK, prov_dhcp6_read(bytes, AUTO, bytes, &a, &f, NULL));
    }
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_str bytes = B("");
    struct prov_dhcp_facts f;
    struct prov_arena a;

    (void)state;
    prov_arena_init(&a, NULL, 0);
    assert_int_equal(PROV_E_ARG, prov_dhcp6_read(bytes, AUTO, bytes, NULL, &f, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp6_read(bytes, AUTO, bytes, &a, NULL, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_dhcp6_read(bytes, (enum prov_dhcp_input)3, bytes, &a, &f, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(names_the_option_that_is_cut),
        cmocka_unit_test(keeps_as_many_options_as_there_is_room),
        cmocka_unit_test(takes_nothing_of_an_arena_that_is_too_small),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("dhcp6", tests, NULL, NULL);
}
