/* SPDX-License-Identifier: MIT */
#include <prov/macro.h>

#include "support/prov_cmocka.h"

#define MACRO(m, v) \
    { \
        PROV_STR_INIT(m), PROV_STR_INIT(v) \
    }

static const struct prov_macro items[] = {
    MACRO("{mac}", "0080f0c571eb"),
    MACRO("{MAC}", "0080F0C571EB"),
    MACRO("<MACADR>", "00095200000E"),
    MACRO("{fwver}", "01.000"),
    MACRO("$MA", "aa"),
    MACRO("$MAU", "AA"),
    MACRO("{MODEL}", "KX 1/2"),
    MACRO("{trap}", "{mac}"),
    MACRO("{none}", ""),
    MACRO("{crlf}", "a\r\nb"),
    MACRO("{safe}", "azAZ09-._~"),
    MACRO("{utf8}", "\xC3\xBC"),
    MACRO("{del}", "\x7F"),
    MACRO("$ZZZ", "3"),
    MACRO("$ZZ", "2"),
};
static const struct prov_macro_set set = { items, PROV_COUNT(items) };

#define RAW PROV_MACRO_ENC_RAW
#define PCT PROV_MACRO_ENC_PERCENT

static const struct row {
    const char *name; /* printed when the row fails */
    const char *tmpl;
    enum prov_macro_enc enc;
    enum prov_status status;
    const char *text; /* expected output, "" on error */
    uint32_t column;  /* expected in the diagnostic, 0 if there is none */
} rows[] = {
    /* clang-format off */
    { "no marker",        "http://h/a.xml",   RAW, PROV_OK, "http://h/a.xml", 0 },
    { "braces",           "/{MAC}.cfg",       RAW, PROV_OK, "/0080F0C571EB.cfg", 0 },
    { "angle brackets",   "/p?m=<MACADR>",    RAW, PROV_OK, "/p?m=00095200000E", 0 },
    { "case matters",     "{mac}{Mac}",       RAW, PROV_OK, "0080f0c571eb{Mac}", 0 },
    { "unknown stays",    "/{serial}",        RAW, PROV_OK, "/{serial}", 0 },
    { "broken one stays", "{/{fwver}",        RAW, PROV_OK, "{/01.000", 0 },
    { "cut off stays",    "x{mac",            RAW, PROV_OK, "x{mac", 0 },
    { "longest wins",     "$MAU-$MA-$M",      RAW, PROV_OK, "AA-aa-$M", 0 },
    { "in any order",     "$ZZZ-$ZZ-$Z",      RAW, PROV_OK, "3-2-$Z", 0 },
    { "no second pass",   "{trap}",           RAW, PROV_OK, "{mac}", 0 },
    { "empty value",      "a{none}b",         RAW, PROV_OK, "ab", 0 },
    { "percent-encoded",  "/{MODEL}",         PCT, PROV_OK, "/KX%201%2F2", 0 },
    { "text is not",      "/a b/{mac}",       PCT, PROV_OK, "/a b/0080f0c571eb", 0 },
    { "unreserved stays", "{safe}",           PCT, PROV_OK, "azAZ09-._~", 0 },
    { "CR LF is encoded", "{crlf}",           PCT, PROV_OK, "a%0D%0Ab", 0 },
    { "CR LF is refused", "/{mac}/{crlf}",    RAW, PROV_E_DENIED, "", 8 },
    { "blank is refused", "{MODEL}",          RAW, PROV_E_DENIED, "", 1 },
    { "DEL is refused",   "{del}",            RAW, PROV_E_DENIED, "", 1 },
    { "8 bit is refused", "-{utf8}",          RAW, PROV_E_DENIED, "", 2 },
    /* clang-format on */
};

static void
follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        char mem[64];
        struct prov_buf out = { mem, sizeof(mem), 0 };
        struct prov_diag diag = { 0 };
        char *exact = prov_copy_exact(r->tmpl); /* no NUL: ASan sees over-reads */
        const struct prov_str tmpl = { exact, strlen(r->tmpl) };

        const enum prov_status st = prov_macro_expand(tmpl, &set, r->enc, &out, &diag);
        free(exact);

        PROV_ROW(r->name, st == r->status);
        PROV_ROW(r->name, prov_str_is(out.ptr, out.len, r->text));
        PROV_ROW(r->name, diag.status == st);
        PROV_ROW(r->name, diag.column == r->column);
        PROV_ROW(r->name, st == PROV_OK || diag.code == PROV_D_MACRO_BAD_VALUE);
    }
}

/* Every capacity that is too small is refused, and nothing else happens. */
static void
refuses_every_smaller_buffer(void **state)
{
    const struct prov_str tmpl = PROV_STR_INIT("https://h/{MODEL}/{MAC}.cfg");
    const size_t full = sizeof("https://h/KX%201%2F2/0080F0C571EB.cfg") - 1;
    char mem[80];

    (void)state;
    for (size_t cap = 0; cap < full; cap++) {
        struct prov_buf out = { mem, cap, 0 };
        struct prov_diag diag = { 0 };

        memset(mem, '#', sizeof(mem));
        assert_int_equal(PROV_E_SPACE, prov_macro_expand(tmpl, &set, PCT, &out, &diag));
        assert_int_equal(0, out.len);
        assert_int_equal(full, diag.need);
        assert_int_equal('#', mem[cap]); /* not one byte past the end */
    }
}

static void
refuses_bad_arguments(void **state)
{
    static const struct prov_macro empty[] = { MACRO("x", ""), MACRO("", "y") };
    static const struct prov_macro_set bad = { empty, PROV_COUNT(empty) };
    const struct prov_str t = PROV_STR_INIT("x");
    const struct prov_str huge = { "x", (size_t)UINT32_MAX };
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct prov_diag diag = { 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_macro_expand(t, NULL, RAW, &out, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, prov_macro_expand(t, &set, RAW, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_macro_expand(t, &set, (enum prov_macro_enc)9, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_macro_expand(t, &bad, RAW, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_macro_expand(huge, &set, RAW, &out, NULL));

    out.cap = 0; /* and a NULL diag is fine on every path */
    assert_int_equal(PROV_E_SPACE, prov_macro_expand(t, &set, RAW, &out, NULL));
}

static const struct prov_identity phone = {
    .size = sizeof(struct prov_identity),
    .mac = PROV_STR_INIT("00:09:52:aB:00:0e"),
    .model = PROV_STR_INIT("KX-HDV130"),
    .type = PROV_STR_INIT("D200"),
    .serial = PROV_STR_INIT("1234567890"),
    .fwver = PROV_STR_INIT("01.000"),
    .vendor = PROV_STR_INIT("V"),
};

/* Every marker of the dialects, and one of the other family, which stays. */
static void
binds_the_markers_of_every_dialect(void **state)
{
    static const char tmpl[] =
        "<SERIAL>|{serial}|<HWTYP>|{type}|<MACADR>|{mac}|{MAC}|{MODEL}|{fwver}";
    static const struct {
        const char *dialect, *text;
    } all[] = {
        { "auerswald-d",
          "1234567890|1234567890|D200|D200|000952AB000E|000952AB000E|{MAC}|{MODEL}|{fwver}" },
        { "auerswald-d100",
          "1234567890|1234567890|D200|D200|000952AB000E|000952AB000E|{MAC}|{MODEL}|{fwver}" },
        { "panasonic-hdv", "<SERIAL>|{serial}|<HWTYP>|{type}|<MACADR>|000952ab000e|000952AB000E|"
                           "KX-HDV130|01.000" },
        { "panasonic-utg", "<SERIAL>|{serial}|<HWTYP>|{type}|<MACADR>|000952ab000e|000952AB000E|"
                           "KX-HDV130|01.000" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(all); i++) {
        const struct prov_dialect *d = prov_dialect_find(prov_str_z(all[i].dialect));
        struct prov_macro_table t;
        struct prov_diag diag = { 0 };
        char mem[128];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        PROV_ROW(all[i].dialect, prov_macro_bind(d, &phone, &t, &diag) == PROV_OK);
        PROV_ROW(all[i].dialect, diag.code == PROV_D_NONE && t.set.count == d->marker_count);
        PROV_ROW(all[i].dialect,
                 prov_macro_expand(prov_str_z(tmpl), &t.set, RAW, &out, &diag) == PROV_OK);
        PROV_ROW(all[i].dialect, prov_str_is(out.ptr, out.len, all[i].text));
    }
}

static void
reads_a_mac_address_in_its_spellings(void **state)
{
    static const struct {
        const char *mac;
        bool good;
    } macs[] = {
        { "00095200000E", true },
        { "00-09-52-00-00-0e", true },
        { "", false },
        { "00095200000", false },
        { "00095200000EF", false },
        { "00:09:52:00-00:0E", false },
        { "00:09:52:00:00:0G", false },
        { "00:09:52:00:00:0", false },
        { "0009520000xE", false },
        { "00 09 52 00 00 0E", false },
        { ":00:09:52:00:000", false },
        { "00.09.52.00.00.0E", false },
    };
    const struct prov_dialect *d = prov_dialect_find(prov_str_z("auerswald-d"));

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(macs); i++) {
        char *exact = prov_copy_exact(macs[i].mac);
        struct prov_identity id = phone;
        struct prov_macro_table t = { .set = { NULL, 7 } };
        struct prov_diag diag = { 0 };

        id.mac.ptr = exact;
        id.mac.len = strlen(macs[i].mac);
        const enum prov_status st = prov_macro_bind(d, &id, &t, &diag);
        free(exact);
        PROV_ROW(macs[i].mac, st == (macs[i].good ? PROV_OK : PROV_E_INVALID));
        PROV_ROW(macs[i].mac, !macs[i].good || prov_str_is(t.mac_upper, 12, "00095200000E"));
        PROV_ROW(macs[i].mac, !macs[i].good || prov_str_is(t.mac_lower, 12, "00095200000e"));
        PROV_ROW(macs[i].mac, macs[i].good || t.set.count == 7);
        PROV_ROW(macs[i].mac, macs[i].good || diag.code == PROV_D_IDENTITY);
        PROV_ROW(macs[i].mac,
                 macs[i].good || prov_str_is(diag.subject.ptr, diag.subject.len, "mac"));
    }
}

static void
asks_for_a_mac_address_only_if_a_marker_does(void **state)
{
    static const struct prov_marker markers[] = { { PROV_STR_INIT("{s}"), PROV_MARKER_SERIAL } };
    const struct prov_dialect d = { .size = sizeof(d), .markers = markers, .marker_count = 1 };
    const struct prov_identity nobody = { .size = sizeof(nobody) };
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct prov_macro_table t;

    (void)state;
    assert_int_equal(PROV_OK, prov_macro_bind(&d, &nobody, &t, NULL));
    assert_int_equal(PROV_OK, prov_macro_expand(prov_str_z("a{s}b"), &t.set, PCT, &out, NULL));
    assert_true(prov_str_is(mem, out.len, "ab"));
}

static void
refuses_to_bind_what_does_not_fit(void **state)
{
    static const struct prov_marker odd[] = { { PROV_STR_INIT("{s}"), (enum prov_marker_value)6 } };
    static const struct prov_marker empty[] = { { PROV_STR_INIT(""), PROV_MARKER_SERIAL } };
    struct prov_dialect d = *prov_dialect_find(prov_str_z("auerswald-d"));
    struct prov_identity id = phone;
    struct prov_macro_table t;
    struct prov_diag diag = { 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_macro_bind(NULL, &id, &t, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, prov_macro_bind(&d, NULL, &t, NULL));
    assert_int_equal(PROV_E_ARG, prov_macro_bind(&d, &id, NULL, NULL));
    d.size = sizeof(d) + 4096;
    assert_int_equal(PROV_E_ABI, prov_macro_bind(&d, &id, &t, &diag));
    assert_true(prov_str_is(diag.subject.ptr, diag.subject.len, "prov_dialect"));
    d.size =
        offsetof(struct prov_dialect, sources); /* an older caller's: long enough for markers */
    assert_int_equal(PROV_OK, prov_macro_bind(&d, &id, &t, NULL));
    d.size--;
    assert_int_equal(PROV_E_ABI, prov_macro_bind(&d, &id, &t, NULL));
    d.size = sizeof(d);
    id.size = 1;
    assert_int_equal(PROV_E_ABI, prov_macro_bind(&d, &id, &t, &diag));
    assert_true(prov_str_is(diag.subject.ptr, diag.subject.len, "prov_identity"));
    id.size = sizeof(id);
    d.marker_count = PROV_MACRO_MAX + 1;
    assert_int_equal(PROV_E_ARG, prov_macro_bind(&d, &id, &t, NULL));
    d.marker_count = 1;
    d.markers = odd;
    assert_int_equal(PROV_E_ARG, prov_macro_bind(&d, &id, &t, NULL));
    d.markers = empty;
    assert_int_equal(PROV_E_ARG, prov_macro_bind(&d, &id, &t, NULL));
}

static void
holds_as_many_markers_as_it_says(void **state)
{
    struct prov_marker markers[PROV_MACRO_MAX];
    const struct prov_dialect d = { .size = sizeof(d),
                                    .markers = markers,
                                    .marker_count = PROV_MACRO_MAX };
    struct prov_macro_table *t = malloc(sizeof(*t)); /* ASan sees one too many */

    (void)state;
    assert_non_null(t);
    for (size_t i = 0; i < PROV_MACRO_MAX; i++) {
        markers[i].text = prov_str_z("{m}");
        markers[i].value = PROV_MARKER_MODEL;
    }
    assert_int_equal(PROV_OK, prov_macro_bind(&d, &phone, t, NULL));
    assert_int_equal(PROV_MACRO_MAX, t->set.count);
    free(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(binds_the_markers_of_every_dialect),
        cmocka_unit_test(reads_a_mac_address_in_its_spellings),
        cmocka_unit_test(asks_for_a_mac_address_only_if_a_marker_does),
        cmocka_unit_test(refuses_to_bind_what_does_not_fit),
        cmocka_unit_test(holds_as_many_markers_as_it_says),
    };
    return cmocka_run_group_tests_name("macro", tests, NULL, NULL);
}
