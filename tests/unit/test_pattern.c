/* SPDX-License-Identifier: MIT */
#include "core/pattern.h"

#include <regex.h>
#include <stdio.h>

#include "support/prov_cmocka.h"

static bool
compiles(const char *pattern, struct prov_pattern *out)
{
    return prov_pattern_compile(prov_str_z(pattern), out);
}

static bool
matches(const struct prov_pattern *p, const char *text)
{
    struct prov_pattern_run run;

    prov_pattern_begin(&run, p);
    for (size_t i = 0; text[i] != '\0'; i++)
        prov_pattern_feed(&run, (unsigned char)text[i]);
    return prov_pattern_end(&run);
}

static const struct row {
    const char *pattern, *text;
    bool match;
} rows[] = {
    /* clang-format off */
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "00:00", true },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "7:05", true },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "23:59", true },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "24:00", false },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "12:60", false },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "12:5", false },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "", false },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "x12:50", false },
    { "^(2[0-3]|[0-1]?[0-9]):[0-5][0-9]$", "12:50x", false },
    { "^[^:]*$", "", true },
    { "^[^:]*$", "admin", true },
    { "^[^:]*$", "a:b", false },
    { "^[^:]*$", ":", false },
    { "", "", true },
    { "", "anything", true },
    { "b", "abc", true },
    { "b", "ac", false },
    { "^b", "ab", false },
    { "b$", "ba", false },
    { "b$", "bab", true },
    { "^$", "", true },
    { "$^", "", true },
    { "^$", "x", false },
    { "a^", "a", false },
    { "^a+$", "aaaa", true },
    { "^a+$", "", false },
    { "^a+b?$", "aab", true },
    { "^(ab|cd)*$", "abcdab", true },
    { "^(ab|cd)*$", "abcda", false },
    { "^(ab|cd)*$", "", true },
    { "^(a|b|c)d$", "cd", true },
    { "^(a|b|c)d$", "d", false },
    { "^(a|)d$", "d", true },
    { "^(|a)d$", "ad", true },
    { "^a|b$", "ax", true },
    { "^a|b$", "xb", true },
    { "^a|b$", "xax", false },
    { "^((a|b)+c)?$", "abac", true },
    { "^((a|b)+c)?$", "abcc", false },
    { "^(a*)*$", "aaa", true },
    { "^(a*)*$", "ab", false },
    { "^(a+|b)+$", "aabab", true },
    { "^.$", "\xC3\xBC", true },
    { "^.$", "\xF0\x9F\x93\x9E", true },
    { "^..$", "\xC3\xBC", false },
    { "^[^a]$", "\xE2\x82\xAC", true },
    { "^[\xC3\xA4-\xC3\xBC]+$", "\xC3\xB6\xC3\xA4", true },
    { "^[\xC3\xA4-\xC3\xBC]+$", "\xC3\xBD", false },
    { "^\xC3\xBC+$", "\xC3\xBC\xC3\xBC", true },
    { "^\\.\\[\\\\$", ".[\\", true },
    { "^\\.$", "x", false },
    { "^[]]$", "]", false }, /* refused, see below */
    { "^[\\]\\-^]+$", "]-^", true },
    { "^[a-]+$", "a-", true },
    { "^[a-]+$", "b", false },
    { "^[-a]+$", "-a", true },
    { "^[.*]$", "*", true },
    { "^[.*]$", "x", false },
    { "a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
    { "^[0-9]+(\\.[0-9]+)*$", "1.34.0", true },
    { "^[0-9]+(\\.[0-9]+)*$", "1..0", false },
    /* clang-format on */
};

static void
follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct prov_pattern p;
        const bool ok = compiles(rows[i].pattern, &p);

        if (ok != (strcmp(rows[i].pattern, "^[]]$") != 0) ||
            (ok && matches(&p, rows[i].text) != rows[i].match))
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].text);
    }
}

static void
refuses_what_is_malformed(void **state)
{
    static const char *const bad[] = {
        "*",
        "+a",
        "?",
        "a**",
        "a+?",
        "^*",
        "(",
        ")",
        "(a",
        "a)",
        "()*",
        "[",
        "[a",
        "[]",
        "[^]",
        "[z-a]",
        "[a\\",
        "\\",
        "\\d",
        "a{2}",
        "a}",
        "a]",
        "|*",
        "(*a)",
        "\xC3",
        "\xBC",
        "[\xC3]",
        "[a-\xE2\x82]",
        "\\\xC3\xBC",
        "(|+)",
        "((((((((a))))))))",
    };
    struct prov_pattern p;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        PROV_ROW(bad[i], !compiles(bad[i], &p));
}

/* One instruction for each character and one for the end: 63 fit, 64 do not. */
static void
refuses_what_is_too_large(void **state)
{
    char text[1200];
    struct prov_pattern p;

    (void)state;
    memset(text, 'a', sizeof(text));
    for (size_t n = 60; n < 70; n++) {
        char *exact = malloc(n);

        assert_non_null(exact);
        memcpy(exact, text, n);
        assert_int_equal(n <= 63, prov_pattern_compile((struct prov_str){ exact, n }, &p));
        free(exact);
    }
    text[0] = '[';
    text[1023] = ']';
    assert_true(prov_pattern_compile((struct prov_str){ text, 1024 }, &p));
    text[1024] = ']';
    text[1023] = 'a';
    assert_false(prov_pattern_compile((struct prov_str){ text, 1025 }, &p));
    assert_false(prov_pattern_compile((struct prov_str){ NULL, 1 }, &p));
    for (size_t n = 0; n < 64; n++) { /* every repeated piece, up to the limit */
        memset(text, '(', 1);
        memset(text + 1, '.', n);
        memcpy(text + 1 + n, ")*$", 4);
        const bool ok = compiles(text, &p);

        assert_int_equal(n > 0 && n + 4 <= PROV_PATTERN_MOST, ok);
        if (ok)
            assert_true(matches(&p, "xyz"));
    }
}

/* All short patterns of a small alphabet, against the C library's own matcher. */
static void
agrees_with_the_c_library(void **state)
{
    static const char alphabet[] = "ab.|*+?()^$";
    static const char *const texts[] = { "", "a", "b", "ab", "ba", "aab", "abb", "bab" };
    const size_t base = sizeof(alphabet) - 1;
    unsigned compared = 0;

    (void)state;
    for (size_t n = 0; n < base * base * base * base; n++) {
        char pattern[8] = { 0 };
        struct prov_pattern p;
        regex_t re;

        for (size_t i = 0, rest = n; i < 4; i++, rest /= base)
            pattern[i] = alphabet[rest % base];
        /* POSIX leaves these open. */
        if (!compiles(pattern, &p) || strstr(pattern, "()") || strstr(pattern, "(|") ||
            strstr(pattern, "|)") || strstr(pattern, "||") || pattern[0] == '|' ||
            pattern[3] == '|' || regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
            continue;
        for (size_t t = 0; t < PROV_COUNT(texts); t++) {
            if (matches(&p, texts[t]) != (regexec(&re, texts[t], 0, NULL, 0) == 0))
                fail_msg("'%s' and '%s'", pattern, texts[t]);
            compared++;
        }
        regfree(&re);
    }
    assert_true(compared > 10000);
}

/* Bytes that are no UTF-8 match nothing they should not, and end. */
static void
survives_what_is_not_utf8(void **state)
{
    struct prov_pattern p;

    (void)state;
    assert_true(compiles("^\xC3\xBC$", &p));
    assert_false(matches(&p, "\xC3"));
    assert_false(matches(&p, "\xC3\xC3"));
    assert_true(matches(&p, "\xC3\xBC"));
    assert_false(matches(&p, "\xBC"));
    assert_true(compiles("^a$", &p));
    assert_false(matches(&p, "\xE2\x82"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),         cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_what_is_too_large), cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(survives_what_is_not_utf8),
    };
    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
