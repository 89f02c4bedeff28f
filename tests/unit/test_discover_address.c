/* SPDX-License-Identifier: MIT */
#include "support/prov_discover.h"

/* URL-1, URL-2, URL-3: what an address of each dialect stands for. */

#define UTG "panasonic-utg"
#define HDV "panasonic-hdv"
#define AUE "auerswald-d"
#define GEN "generic"

static const struct row {
    const char *name, *dialect, *address, *url;
    size_t count;
} rows[] = {
    /* clang-format off */
    { "host",              UTG, "http://10.0.0.2",          "http://10.0.0.2/KX-1.cfg", 1 },
    { "host and slash",    UTG, "http://10.0.0.2/",         "http://10.0.0.2/KX-1.cfg", 1 },
    { "name",              UTG, "http://provisioning.com",  "http://provisioning.com/KX-1.cfg", 1 },
    { "folder",            UTG, "http://10.0.0.2/pana",     "http://10.0.0.2/pana/KX-1.cfg", 1 },
    { "folder and slash",  UTG, "http://10.0.0.2/pana/",    "http://10.0.0.2/pana/KX-1.cfg", 1 },
    { "folder with a dot", UTG, "http://h/a.b/pana",        "http://h/a.b/pana/KX-1.cfg", 1 },
    { "file",              UTG, "http://h/a/{mac}.cfg",     "http://h/a/0080f0c571eb.cfg", 1 },
    { "port",              UTG, "http://h:8080",            "http://h:8080/KX-1.cfg", 1 },
    { "IPv6",              UTG, "http://[2001:db8::1.2.3.4]", "http://[2001:db8::1.2.3.4]/KX-1.cfg", 1 },
    { "user part",         UTG, "http://u:p@h.example",     "http://u:p@h.example/KX-1.cfg", 1 },
    { "query",             UTG, "http://h/prov?mac={mac}",  "http://h/prov?mac=0080f0c571eb", 1 },
    { "query of a host",   UTG, "http://h?mac={mac}",       "http://h?mac=0080f0c571eb", 1 },
    { "slash in a query",  UTG, "http://h/?a=b.c/d",        "http://h/?a=b.c/d", 1 },
    { "marker in the end", UTG, "http://h/{fwver}",         "http://h/01.000/KX-1.cfg", 1 },
    { "blanks around",     UTG, " http://h/x.cfg\r\n",      "http://h/x.cfg", 1 },
    { "scheme in capitals", UTG, "HTTP://h/",               "HTTP://h/KX-1.cfg", 1 },
    { "no scheme",         UTG, "10.0.0.2",                 "tftp://10.0.0.2/KX-1.cfg", 4 },
    { "no scheme, folder", UTG, "h.example/pana",           "tftp://h.example/pana/KX-1.cfg", 4 },
    { "no scheme, file",   UTG, "h/x.cfg",                  "tftp://h/x.cfg", 4 },
    { "no scheme, port",   UTG, "h:8080/x.cfg",             "tftp://h:8080/x.cfg", 4 },
    { "host named http",   UTG, "http:8080",                "tftp://http:8080/KX-1.cfg", 4 },
    { "no scheme, user",   UTG, "u:p@h",                    "tftp://u:p@h/KX-1.cfg", 4 },
    { "no scheme, IPv6",   UTG, "[::1]/",                   "tftp://[::1]/KX-1.cfg", 4 },
    { "no scheme, query",  UTG, "h/p?a=http://x",           "tftp://h/p?a=http://x", 4 },
    { "nothing added",     HDV, "http://h/pana",            "http://h/pana", 1 },
    { "nothing added",     AUE, "http://h",                 "http://h", 1 },
    { "markers",           AUE, "http://h/<HWTYP>?m=<MACADR>&s={serial}", "http://h/D200?m=0080F0C571EB&s=42", 1 },
    { "two cases",         GEN, "http://h/{mac}{MAC}.x",    "http://h/0080f0c571eb0080F0C571EB.x", 1 },
    { "default file",      GEN, "tftp://192.0.2.1",         "tftp://192.0.2.1/0080f0c571eb.xml", 1 },
    /* clang-format on */
};

struct given {
    struct prov_arena arena;
    struct prov_macro_table macros;
    struct prov_limits limits;
    struct prov_discover_candidate out[PROV_DISCOVER_URLS];
    size_t count;
    struct prov_diag diag;
    bool raw;
    char memory[16384];
};

static struct given g;

static void
begin(const char *dialect)
{
    g = (struct given){ .limits = { .size = sizeof(g.limits) }, .count = 77 };
    prov_arena_init(&g.arena, g.memory, sizeof(g.memory));
    assert_int_equal(PROV_OK,
                     prov_macro_bind(search_dialect(dialect), &search_phone, &g.macros, NULL));
}

static enum prov_status
complete(const char *dialect, struct prov_str address)
{
    return prov_discover_complete(search_dialect(dialect), &g.macros.set, g.raw, &g.limits, address,
                                  &g.arena, g.out, &g.count, &g.diag);
}

static void
follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        char *exact = prov_copy_exact(r->address);
        const struct prov_str address = { exact, strlen(r->address) };

        begin(r->dialect);
        PROV_ROW(r->name, complete(r->dialect, address) == PROV_OK);
        if (!prov_str_is(g.out[0].url.ptr, g.out[0].url.len, r->url))
            fail_msg("row '%s': '%.*s'", r->name, (int)g.out[0].url.len, g.out[0].url.ptr);
        PROV_ROW(r->name, g.count == r->count);
        PROV_ROW(r->name, prov_str_eq(g.out[0].before, prov_str_trim(address)));
        PROV_ROW(r->name, g.arena.scratch == 0);
        free(exact);
    }
}

static void
gives_the_schemes_in_their_order(void **state)
{
    static const char *const urls[] = { "tftp://h/KX-1.cfg", "http://h/KX-1.cfg",
                                        "https://h/KX-1.cfg", "ftp://h/KX-1.cfg" };

    (void)state;
    begin(UTG);
    assert_int_equal(PROV_OK, complete(UTG, prov_str_z("h")));
    assert_int_equal(4, g.count);
    for (size_t i = 0; i < g.count; i++) {
        assert_true(prov_str_is(g.out[i].url.ptr, g.out[i].url.len, urls[i]));
        assert_true(prov_str_is(g.out[i].before.ptr, g.out[i].before.len, "h"));
    }
}

static const struct refusal {
    const char *name, *dialect, *address;
    bool raw;
    enum prov_status status;
    enum prov_diag_code code;
    uint32_t column;
} refusals[] = {
    /* clang-format off */
    { "empty",           UTG, "",                  false, PROV_E_SYNTAX, PROV_D_URL_EMPTY, 1 },
    { "blanks only",     AUE, " \r\n",             false, PROV_E_SYNTAX, PROV_D_URL_EMPTY, 1 },
    { "no scheme",       AUE, "h/x",               false, PROV_E_SYNTAX, PROV_D_URL_SCHEME_MISSING, 1 },
    { "unknown scheme",  UTG, "gopher://h/",       false, PROV_E_SYNTAX, PROV_D_URL_SCHEME_UNKNOWN, 1 },
    { "one slash",       UTG, "http:/prov.com",    false, PROV_E_SYNTAX, PROV_D_URL_SCHEME_SLASHES, 7 },
    { "control byte",    UTG, "http://h/\x01",     false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 10 },
    { "delete",          AUE, "http://h/a\x7F",    false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 11 },
    { "line end inside", AUE, "http://h/\r\nx",    false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 10 },
    { "escaped CR",      AUE, "http://h/%0d",      false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 10 },
    { "escaped LF",      UTG, "h/%0A",             false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 3 },
    { "escaped NUL",     HDV, "http://h/%00.cfg",  false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 10 },
    { "escaped delete",  HDV, "http://h/%7f",      false, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, 10 },
    { "raw value",       AUE, "http://h/{serial}", true,  PROV_E_DENIED, PROV_D_MACRO_BAD_VALUE, 10 },
    /* clang-format on */
};

static void
refuses_what_is_no_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct prov_identity phone = search_phone;
        char *exact = prov_copy_exact(r->address);

        begin(r->dialect);
        phone.serial = prov_str_z("4 2");
        assert_int_equal(PROV_OK,
                         prov_macro_bind(search_dialect(r->dialect), &phone, &g.macros, NULL));
        g.raw = r->raw;
        const enum prov_status status =
            complete(r->dialect, (struct prov_str){ exact, strlen(r->address) });

        PROV_ROW(r->name, status == r->status && g.diag.status == r->status);
        if (g.diag.code != r->code || g.diag.column != r->column)
            fail_msg("row '%s': number %d, column %u", r->name, (int)g.diag.code, g.diag.column);
        PROV_ROW(r->name, g.count == 77 && g.out[0].url.ptr == NULL); /* nothing else happened */
        free(exact);
    }
}

/* A column behind a scheme that was added counts in what somebody wrote. */
static void
counts_columns_in_what_was_written(void **state)
{
    (void)state;
    begin(UTG);
    assert_int_equal(PROV_E_SYNTAX, complete(UTG, prov_str_z("h:x/")));
    assert_int_equal(3, g.diag.column);
    assert_int_equal(PROV_E_SYNTAX, complete(UTG, prov_str_z("http://h:x/")));
    assert_int_equal(10, g.diag.column);
}

/* The longest address before markers (URL-1: 384 for panasonic-hdv), and after them. */
static void
keeps_the_limits(void **state)
{
    static const struct {
        const char *name, *dialect, *tail;
        uint32_t url_bytes;
        size_t len; /* of the address, that is just allowed */
        enum prov_diag_code code;
    } limits[] = {
        { "hdv, before markers", HDV, "{MODEL}", 2048, 384, PROV_D_ADDRESS_LONG },
        { "before markers", AUE, "{serial}{serial}{serial}{serial}", 21, 42, PROV_D_ADDRESS_LONG },
        { "after markers", AUE, "", 40, 40, PROV_D_URL_TOO_LONG },
        { "with the file", UTG, "/", 40, 32, PROV_D_URL_TOO_LONG },
        { "with slash and file", UTG, "", 40, 31, PROV_D_URL_TOO_LONG },
        { "with scheme and file", UTG, "", 40, 23, PROV_D_URL_TOO_LONG },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(limits); i++) {
        const char *head = i == 5 ? "" : "http://";
        const size_t fixed = strlen(head) + strlen(limits[i].tail);

        for (size_t len = limits[i].len - 1; len <= limits[i].len + 1; len++) {
            char address[512];

            memset(address, 'h', sizeof(address));
            memcpy(address, head, strlen(head));
            assert_true(fixed <= len);
            memcpy(address + len - strlen(limits[i].tail), limits[i].tail, strlen(limits[i].tail));
            begin(limits[i].dialect);
            g.limits.url_bytes = limits[i].url_bytes;
            const enum prov_status status =
                complete(limits[i].dialect, (struct prov_str){ address, len });

            PROV_ROW(limits[i].name, (status == PROV_OK) == (len <= limits[i].len));
            if (status == PROV_OK)
                continue;
            PROV_ROW(limits[i].name, status == PROV_E_LIMIT && g.diag.code == limits[i].code);
            PROV_ROW(limits[i].name,
                     g.diag.need == (limits[i].code == PROV_D_ADDRESS_LONG ? limits[i].len
                                                                           : limits[i].url_bytes));
        }
    }
}

static void
refuses_every_smaller_arena(void **state)
{
    size_t bytes = 0;
    enum prov_status status = PROV_E_SPACE;

    (void)state;
    for (; status != PROV_OK; bytes++) {
        begin(UTG);
        g.limits.url_bytes = 32;
        char *memory = malloc(bytes > 0 ? bytes : 1);

        assert_non_null(memory);
        prov_arena_init(&g.arena, memory, bytes);
        status = complete(UTG, prov_str_z("h"));
        if (status != PROV_OK) {
            assert_int_equal(PROV_E_SPACE, status);
            assert_int_equal(PROV_D_NO_ARENA_SPACE, g.diag.code);
            assert_true(g.diag.need > bytes && g.count == 77 && g.arena.scratch == 0);
        }
        free(memory);
        assert_true(bytes < sizeof(g.memory));
    }
    assert_int_equal(4, g.count);
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_dialect *d = search_dialect(AUE);
    const struct prov_limits old = { .size = 1 },
                             wide = { .size = sizeof(wide), .url_bytes = 70000 };
    const struct prov_str a = PROV_STR_INIT("http://h/");
    const struct prov_macro_set *m = &g.macros.set;

    (void)state;
    begin(AUE);
    assert_int_equal(PROV_E_ARG, prov_discover_complete(NULL, m, false, NULL, a, &g.arena, g.out,
                                                        &g.count, &g.diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, g.diag.code);
    assert_int_equal(PROV_E_ARG, prov_discover_complete(d, NULL, false, NULL, a, &g.arena, g.out,
                                                        &g.count, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_discover_complete(d, m, false, NULL, a, NULL, g.out, &g.count, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_discover_complete(d, m, false, NULL, a, &g.arena, NULL, &g.count, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_discover_complete(d, m, false, NULL, a, &g.arena, g.out, NULL, NULL));
    assert_int_equal(
        PROV_E_ARG, prov_discover_complete(d, m, false, &wide, a, &g.arena, g.out, &g.count, NULL));
    assert_int_equal(PROV_E_ABI, prov_discover_complete(d, m, false, &old, a, &g.arena, g.out,
                                                        &g.count, &g.diag));
    assert_int_equal(PROV_D_ABI, g.diag.code);
    assert_int_equal(PROV_OK,
                     prov_discover_complete(d, m, false, NULL, a, &g.arena, g.out, &g.count, NULL));
    assert_int_equal(1, g.count);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(gives_the_schemes_in_their_order),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(counts_columns_in_what_was_written),
        cmocka_unit_test(keeps_the_limits),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("discover_address", tests, NULL, NULL);
}
