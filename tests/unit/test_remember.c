/* SPDX-License-Identifier: MIT */
#include "session/remember.h"

#include "support/prov_cmocka.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEAD "libprov-tree 1\nfor " HEX "\n"
#define FIRST "url http://h/r\n"
#define END "end\n"

#define MOST 3u
#define URL_BYTES 20u

static const struct row {
    const char *name;
    const char *text;
    uint32_t count; /* 0 = none of our making */
} rows[] = {
    /* clang-format off */
    { "one file", HEAD FIRST END, 1 },
    { "all keys", HEAD FIRST "type 3\nlayer 1\nauth 1\nfinal http://g/r\netag \"1\"\nmodified now\n" END, 1 },
    { "as many as fit", HEAD FIRST "url http://h/a\nparent 1\nurl http://h/b\nparent 2\n" END, 3 },
    { "a key of a later version", HEAD FIRST "new thing\n" END, 1 },
    { "digest behind the files", "libprov-tree 1\n" FIRST "for " HEX "\n" END, 1 },
    { "longest address", HEAD "url http://h/1234567890123\n" END, 0 },
    { "address of the limit", HEAD "url http://h/12345678901\n" END, 1 },
    { "one too many", HEAD FIRST "url http://h/a\nparent 1\nurl http://h/b\nparent 1\nurl http://h/c\nparent 1\n" END, 0 },
    { "empty", "", 0 },
    { "another version", "libprov-tree 2\nfor " HEX "\n" FIRST END, 0 },
    { "no digest", "libprov-tree 1\n" FIRST END, 0 },
    { "digest twice", HEAD "for " HEX "\n" FIRST END, 0 },
    { "short digest", "libprov-tree 1\nfor 00\n" FIRST END, 0 },
    { "no file", HEAD END, 0 },
    { "no end", HEAD FIRST, 0 },
    { "end cut off", HEAD FIRST "end", 0 },
    { "something behind the end", HEAD FIRST END "\n", 0 },
    { "no address", HEAD "url h/r\n" END, 0 },
    { "with a user", HEAD "url http://u@h/r\n" END, 0 },
    { "final with a user", HEAD FIRST "final http://u@h/r\n" END, 0 },
    { "parent of the first", HEAD FIRST "parent 1\n" END, 0 },
    { "no parent", HEAD FIRST "url http://h/a\n" END, 0 },
    { "its own parent", HEAD FIRST "url http://h/a\nparent 2\n" END, 0 },
    { "parent that is none", HEAD FIRST "url http://h/a\nparent 0\n" END, 0 },
    { "key before the first file", HEAD "type 1\n" FIRST END, 0 },
    { "key twice", HEAD FIRST "type 1\ntype 1\n" END, 0 },
    { "type beyond all", HEAD FIRST "type 99\n" END, 0 },
    { "layer beyond all", HEAD FIRST "layer 6\n" END, 0 },
    { "auth of another value", HEAD FIRST "auth 2\n" END, 0 },
    { "empty validator", HEAD FIRST "etag \n" END, 0 },
    { "control character", HEAD FIRST "etag \"\x01\"\n" END, 0 },
    { "date with a tab", HEAD FIRST "modified a\tb\n" END, 0 },
    { "CR LF", "libprov-tree 1\r\nfor " HEX "\r\n" FIRST END, 0 },
    /* clang-format on */
};

static void
reads_only_what_is_of_our_making(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].text);
        struct prov_remembered files[MOST];
        uint8_t digest[32];
        uint32_t count = 0;

        PROV_ROW(rows[i].name,
                 prov_remember_read((struct prov_str){ exact, strlen(rows[i].text) }, URL_BYTES,
                                    digest, files, MOST, &count) == (rows[i].count > 0));
        PROV_ROW(rows[i].name, count == rows[i].count);
        PROV_ROW(rows[i].name, count == 0 || (digest[0] == 0 && digest[31] == 0x1F));
        PROV_ROW(rows[i].name, count == 0 || files[0].parent == PROV_REMEMBER_NONE);
        PROV_ROW(rows[i].name, count < 3 || (files[1].parent == 0 && files[2].parent == 1));
        free(exact);
    }
}

static const struct prov_remembered full[] = {
    { .url = PROV_STR_INIT("http://h/r"),
      .final = PROV_STR_INIT("https://g/r"),
      .etag = PROV_STR_INIT("W/\"\xFC\""),
      .parent = PROV_REMEMBER_NONE,
      .type = 3,
      .auth = true },
    { .url = PROV_STR_INIT("tftp://h/p"), .parent = 0, .type = 7, .layer = 4 },
    { .url = PROV_STR_INIT("http://h/q"), .modified = PROV_STR_INIT("now"), .parent = 1 },
};

static void
reads_what_it_wrote(void **state)
{
    struct prov_remembered again[MOST];
    uint8_t digest[32], back[32];
    char mem[400];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    uint32_t count = 0;

    (void)state;
    for (unsigned i = 0; i < 32; i++)
        digest[i] = (uint8_t)(i * 37);
    prov_remember_put_head(digest, &out);
    for (size_t i = 0; i < PROV_COUNT(full); i++)
        prov_remember_put_file(&full[i], &out);
    prov_remember_put_end(&out);
    assert_true(out.len <= sizeof(mem));
    assert_true(prov_remember_read(prov_buf_str(&out), URL_BYTES, back, again, MOST, &count));
    assert_int_equal(PROV_COUNT(full), count);
    assert_memory_equal(digest, back, 32);
    for (size_t i = 0; i < PROV_COUNT(full); i++) {
        assert_true(prov_str_eq(full[i].url, again[i].url));
        assert_true(prov_str_eq(full[i].final, again[i].final));
        assert_true(prov_str_eq(full[i].etag, again[i].etag));
        assert_true(prov_str_eq(full[i].modified, again[i].modified));
        assert_int_equal(full[i].parent, again[i].parent);
        assert_int_equal(full[i].type, again[i].type);
        assert_int_equal(full[i].layer, again[i].layer);
        assert_int_equal(full[i].auth, again[i].auth);
    }
    /* and cut off anywhere it is nothing */
    for (size_t n = 0; n < out.len; n++)
        assert_false(
            prov_remember_read((struct prov_str){ mem, n }, URL_BYTES, back, again, MOST, &count));
}

static void
takes_for_a_validator_what_a_header_can_hold(void **state)
{
    static char longest[129];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_true(prov_remember_is_validator((struct prov_str){ longest, 128 }));
    assert_false(prov_remember_is_validator((struct prov_str){ longest, 129 }));
    assert_false(prov_remember_is_validator(prov_str_z("")));
    for (unsigned c = 0; c < 256; c++) {
        const char text[] = { '"', (char)c, '"' };

        assert_int_equal(c >= 0x20 && c != 0x7F,
                         prov_remember_is_validator((struct prov_str){ text, 3 }));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_only_what_is_of_our_making),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(takes_for_a_validator_what_a_header_can_hold),
    };
    return cmocka_run_group_tests_name("remember", tests, NULL, NULL);
}
