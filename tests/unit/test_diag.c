/* SPDX-License-Identifier: MIT */
#include <prov/diag.h>

#include <stdio.h>

#include "base/diag_table.h"
#include "support/prov_cmocka.h"

#define UNKNOWN_CODE ((enum prov_diag_code)9999)

/* A number whose text shows the subject, and one whose text shows the size. */
#define WITH_SUBJECT PROV_D_CALLBACK
#define WITH_NEED PROV_D_NO_BUFFER_SPACE
#define TEXT_BEFORE "the port broke the contract of "

static const struct line_row {
    const char *name;
    struct prov_diag diag;
    const char *line;
} line_rows[] = {
    /* clang-format off */
    { "nothing but a number", { .code = PROV_D_NO_HEAP },
      "error: the XML parser could not get memory [PROV-0017]" },
    { "source, line, column",
      { .code = PROV_D_NO_HEAP, .source = PROV_STR_INIT("a.xml"), .line = 12, .column = 7 },
      "a.xml:12:7: error: the XML parser could not get memory [PROV-0017]" },
    { "a column alone", { .code = PROV_D_NO_HEAP, .column = 3 },
      "3: error: the XML parser could not get memory [PROV-0017]" },
    { "a source alone", { .code = PROV_D_NO_HEAP, .source = PROV_STR_INIT("http://h/a") },
      "http://h/a: error: the XML parser could not get memory [PROV-0017]" },
    { "the largest line", { .code = PROV_D_NO_HEAP, .line = UINT32_MAX },
      "4294967295: error: the XML parser could not get memory [PROV-0017]" },
    { "a subject", { .code = WITH_SUBJECT, .subject = PROV_STR_INIT("gopher") },
      "error: " TEXT_BEFORE "gopher" " [PROV-0005]" },
    { "no subject", { .code = WITH_SUBJECT }, "error: " TEXT_BEFORE " [PROV-0005]" },
    { "a subject that looks like a template",
      { .code = WITH_SUBJECT, .subject = PROV_STR_INIT("{need}{subject}%s") },
      "error: " TEXT_BEFORE "{need}{subject}%s" " [PROV-0005]" },
    { "a size", { .code = WITH_NEED, .need = 2048 },
      "error: the result does not fit, it has 2048 bytes [PROV-0013]" },
    { "a path", { .code = WITH_NEED, .need = 0, .path = PROV_STR_INIT("/a/b[1]") },
      "error: the result does not fit, it has 0 bytes (at /a/b[1]) [PROV-0013]" },
    { "a number that is not in the registry", { .code = UNKNOWN_CODE, .line = 1 },
      "1: error: unknown diagnostic [PROV-9999]" },
    { "no number at all", { .code = PROV_D_NONE }, "error: unknown diagnostic [PROV-0000]" },
    /* clang-format on */
};

static void
writes_a_line_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(line_rows); i++) {
        const struct line_row *r = &line_rows[i];
        char mem[200];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        PROV_ROW(r->name, prov_diag_format(&r->diag, &out) == PROV_OK);
        PROV_ROW(r->name, prov_str_is(out.ptr, out.len, r->line));
    }
}

/* What somebody else wrote must not move the cursor, forge a line or turn the text around. */
static const struct shown_row {
    const char *name, *subject, *shown;
} shown_rows[] = {
    /* clang-format off */
    { "plain",                    "abc ~!",             "abc ~!" },
    { "line feed",                "a\nb",               "a\\x0Ab" },
    { "carriage return, tab",     "\r\t",               "\\x0D\\x09" },
    { "escape sequence",          "\x1B[2J",            "\\x1B[2J" },
    { "delete",                   "\x7F",               "\\x7F" },
    { "two bytes",                "\xC3\xBC",           "\xC3\xBC" },
    { "three bytes",              "\xE2\x82\xAC",       "\xE2\x82\xAC" },
    { "four bytes",               "\xF0\x9F\x93\x9E",   "\xF0\x9F\x93\x9E" },
    { "first of two bytes",       "\xC2\xA0",           "\xC2\xA0" },
    { "C1 control",               "\xC2\x9B",           "\\xC2\\x9B" },
    { "a lone continuation",      "\xBC.",              "\\xBC." },
    { "Latin-1",                  "\xFC" "ber",         "\\xFC" "ber" },
    { "cut off after one",        "\xC3",               "\\xC3" },
    { "cut off after two",        "\xE2\x82",           "\\xE2\\x82" },
    { "cut off after three",      "\xF0\x9F\x93",       "\\xF0\\x9F\\x93" },
    { "broken in the middle",     "\xE2(\xAC",          "\\xE2(\\xAC" },
    { "overlong, two bytes",      "\xC0\xAF",           "\\xC0\\xAF" },
    { "overlong, also",           "\xC1\xBF",           "\\xC1\\xBF" },
    { "overlong, three bytes",    "\xE0\x9F\xBF",       "\\xE0\\x9F\\xBF" },
    { "shortest three bytes",     "\xE0\xA0\x80",       "\xE0\xA0\x80" },
    { "overlong, four bytes",     "\xF0\x8F\xBF\xBF",   "\\xF0\\x8F\\xBF\\xBF" },
    { "last before surrogates",   "\xED\x9F\xBF",       "\xED\x9F\xBF" },
    { "surrogate",                "\xED\xA0\x80",       "\\xED\\xA0\\x80" },
    { "last of all",              "\xF4\x8F\xBF\xBF",   "\xF4\x8F\xBF\xBF" },
    { "beyond the last",          "\xF4\x90\x80\x80",   "\\xF4\\x90\\x80\\x80" },
    { "F5",                       "\xF5\x80\x80\x80",   "\\xF5\\x80\\x80\\x80" },
    { "right-to-left mark",       "\xE2\x80\x8F",       "\\xE2\\x80\\x8F" },
    { "joiner is no such mark",   "\xE2\x80\x8D",       "\xE2\x80\x8D" },
    { "right-to-left override",   "a\xE2\x80\xAE" "b",  "a\\xE2\\x80\\xAE" "b" },
    { "first embedding",          "\xE2\x80\xAA",       "\\xE2\\x80\\xAA" },
    { "left-to-right mark",       "\xE2\x80\x8E",       "\\xE2\\x80\\x8E" },
    { "shortest four bytes",      "\xF0\x90\x80\x80",   "\xF0\x90\x80\x80" },
    { "before the embeddings",    "\xE2\x80\xA9",       "\xE2\x80\xA9" },
    { "after the embeddings",     "\xE2\x80\xAF",       "\xE2\x80\xAF" },
    { "isolate",                  "\xE2\x81\xA6",       "\\xE2\\x81\\xA6" },
    { "end of isolate",           "\xE2\x81\xA9",       "\\xE2\\x81\\xA9" },
    { "after the isolates",       "\xE2\x81\xAA",       "\xE2\x81\xAA" },
    { "before the isolates",      "\xE2\x81\xA5",       "\xE2\x81\xA5" },
    /* clang-format on */
};

static void
shows_foreign_bytes_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(shown_rows); i++) {
        const struct shown_row *r = &shown_rows[i];
        char *exact = prov_copy_exact(r->subject); /* no NUL: ASan sees over-reads */
        const struct prov_str foreign = { exact, strlen(r->subject) };
        const struct prov_diag diag = {
            .code = WITH_SUBJECT, .subject = foreign, .path = foreign, .source = foreign
        };
        char mem[300], expected[300];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        snprintf(expected, sizeof(expected), "%s: error: %s%s (at %s) [PROV-0005]", r->shown,
                 TEXT_BEFORE, r->shown, r->shown);
        PROV_ROW(r->name, prov_diag_format(&diag, &out) == PROV_OK);
        PROV_ROW(r->name, prov_str_is(out.ptr, out.len, expected));
        free(exact);
    }
}

#define LONG 700

/* A name of a megabyte must not keep its diagnostic from being printed. */
static void
cuts_long_subjects_and_paths_between_characters(void **state)
{
    char name[LONG];
    char mem[2 * LONG];

    (void)state;
    for (size_t i = 0; i < LONG; i++)
        name[i] = "\xC3\xBC"[i % 2];
    for (size_t len = 98; len < LONG; len += len < 102 || (len > 490 && len < 510) ? 1 : 7) {
        const struct prov_str s = { name, len };
        const struct prov_diag diag = { .code = WITH_SUBJECT, .subject = s, .path = s };
        struct prov_buf out = { mem, sizeof(mem), 0 };

        assert_int_equal(PROV_OK, prov_diag_text(&diag, &out));
        const size_t subject = len > 100 ? 103 : len % 2 ? len + 3 : len;
        const size_t path = len > 500 ? 503 : len % 2 ? len + 3 : len;

        assert_int_equal(strlen(TEXT_BEFORE " (at )") + subject + path, out.len);
        const struct prov_str shown =
            prov_str_cut(prov_buf_str(&out), strlen(TEXT_BEFORE), out.len);
        if (len > 100)
            assert_memory_equal("\xC3\xBC...", shown.ptr + 98, 5);
    }
}

static void
refuses_every_smaller_buffer(void **state)
{
    const struct prov_diag *diag = &line_rows[1].diag;
    const size_t full = strlen(line_rows[1].line);

    (void)state;
    for (size_t cap = 0; cap < full + 2; cap++) {
        char *mem = malloc(cap + 2);
        struct prov_buf out = { mem, cap + 1, 1 }; /* one byte is there already */

        assert_non_null(mem);
        memset(mem, '#', cap + 2);
        assert_int_equal(cap >= full ? PROV_OK : PROV_E_SPACE, prov_diag_format(diag, &out));
        assert_int_equal(cap >= full ? 1 + full : 1, out.len);
        out.len = 1;
        (void)!prov_diag_text(diag, &out);
        assert_int_equal('#', mem[0]);
        assert_int_equal('#', mem[cap + 1]);
        free(mem);
    }
}

static void
writes_the_text_alone(void **state)
{
    const struct prov_diag diag = { .code = WITH_NEED, .line = 3, .need = 9 };
    char mem[80];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    (void)state;
    assert_int_equal(PROV_OK, prov_diag_text(&diag, &out));
    assert_true(prov_str_is(out.ptr, out.len, "the result does not fit, it has 9 bytes"));
    out = (struct prov_buf){ mem, 10, 0 };
    assert_int_equal(PROV_E_SPACE, prov_diag_text(&diag, &out));
    assert_int_equal(0, out.len);
}

/* Every entry is found, is complete, and has no place-holder that nobody fills. */
static void
knows_every_number_of_the_registry(void **state)
{
    (void)state;
    for (size_t i = 0; i < prov_diag_table_count; i++) {
        const struct prov_diag_entry *e = &prov_diag_table[i];
        const struct prov_diag diag = { .code = (enum prov_diag_code)e->code };
        char mem[400];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        PROV_ROW(e->text, i == 0 || e->code > prov_diag_table[i - 1].code);
        PROV_ROW(e->text, e->code > 0 && e->code <= 9999);
        PROV_ROW(e->text, prov_diag_severity(diag.code) == (enum prov_severity)e->severity);
        PROV_ROW(e->text, prov_diag_remedy(diag.code) == e->remedy);
        PROV_ROW(e->text, prov_diag_text(&diag, &out) == PROV_OK);
        PROV_ROW(e->text, memchr(out.ptr, '{', out.len) == NULL);
        const enum prov_diag_code after = (enum prov_diag_code)(e->code + 1);
        const bool gap = i + 1 == prov_diag_table_count || prov_diag_table[i + 1].code > after;

        PROV_ROW(e->text, !gap || prov_diag_remedy(after)[0] == '\0');
    }
}

static void
calls_a_warning_a_warning(void **state)
{
    char mem[400];
    size_t warnings = 0;

    (void)state;
    for (size_t i = 0; i < prov_diag_table_count; i++) {
        const struct prov_diag diag = { .code = (enum prov_diag_code)prov_diag_table[i].code };
        const bool warning = prov_diag_table[i].severity == PROV_SEVERITY_WARNING;
        struct prov_buf out = { mem, sizeof(mem), 0 };

        warnings += warning;
        assert_int_equal(PROV_OK, prov_diag_format(&diag, &out));
        assert_memory_equal(warning ? "warning: " : "error: ", out.ptr, warning ? 9 : 7);
    }
    assert_true(warnings > 0 && warnings < prov_diag_table_count);
    assert_int_equal(PROV_SEVERITY_ERROR, prov_diag_severity(UNKNOWN_CODE));
    assert_string_equal("", prov_diag_remedy(UNKNOWN_CODE));
    assert_string_equal("", prov_diag_remedy(PROV_D_NONE));
}

static void
keeps_the_first_diagnostics_and_counts_the_rest(void **state)
{
    struct prov_diag items[3] = { { .line = 0 }, { .line = 0 }, { .line = 77 } };
    struct prov_diags list = { items, 2, 0, 0 };
    struct prov_diags full = { NULL, 0, 0, 0 };

    (void)state;
    for (uint32_t i = 1; i <= 5; i++)
        prov_diags_add(&list, &(struct prov_diag){ .line = i });
    assert_int_equal(2, list.count);
    assert_int_equal(3, list.dropped);
    assert_int_equal(1, items[0].line);
    assert_int_equal(2, items[1].line);
    assert_int_equal(77, items[2].line);

    prov_diags_add(&full, &items[0]);
    assert_int_equal(0, full.count);
    assert_int_equal(1, full.dropped);
    prov_diags_add(NULL, &items[0]);
    prov_diags_add(&full, NULL);
    assert_int_equal(1, full.dropped);
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_diag diag = { .code = WITH_NEED };
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_diag_format(NULL, &out));
    assert_int_equal(PROV_E_ARG, prov_diag_format(&diag, NULL));
    assert_int_equal(PROV_E_ARG, prov_diag_text(NULL, &out));
    assert_int_equal(PROV_E_ARG, prov_diag_text(&diag, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_line_by_the_table),
        cmocka_unit_test(shows_foreign_bytes_by_the_table),
        cmocka_unit_test(cuts_long_subjects_and_paths_between_characters),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(writes_the_text_alone),
        cmocka_unit_test(knows_every_number_of_the_registry),
        cmocka_unit_test(calls_a_warning_a_warning),
        cmocka_unit_test(keeps_the_first_diagnostics_and_counts_the_rest),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
