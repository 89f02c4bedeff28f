/* SPDX-License-Identifier: MIT */
#include <prov/cfg.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define MARK "# Panasonic SIP Phone Standard Format File #"
#define OLD_MARK "# PCC Standard Format File #"
#define BOM "\xEF\xBB\xBF"

static const struct prov_str marks[] = { PROV_STR_INIT(MARK), PROV_STR_INIT(OLD_MARK) };
static const struct prov_cfg_rules first_counts = { marks, 2, 537, 32, 500, PROV_CFG_FIRST };
static const struct prov_cfg_rules last_counts = { marks, 2, 537, 32, 500, PROV_CFG_LAST };

/* A text of exact size in the heap, and the reader on it. */
struct world {
    char *mem;
    struct prov_cfg c;
    struct prov_diag items[16];
    struct prov_diags diags;
    enum prov_status status;
};

static void
open_bytes(struct world *w, const char *text, size_t len, const struct prov_cfg_rules *rules)
{
    memset(w, 0, sizeof(*w));
    w->mem = malloc(len > 0 ? len : 1);
    assert_non_null(w->mem);
    memcpy(w->mem, text, len);
    w->diags = (struct prov_diags){ w->items, PROV_COUNT(w->items), 0, 0 };
    w->status = prov_cfg_begin(&w->c, prov_str_z("a.cfg"), (struct prov_str){ w->mem, len }, rules,
                               &w->diags);
}

static void
open_text(struct world *w, const char *text)
{
    open_bytes(w, text, strlen(text), &first_counts);
}

static void
end(struct world *w)
{
    free(w->mem);
}

static bool
is(struct prov_str s, const char *z)
{
    return prov_str_is(s.ptr, s.len, z);
}

#define LINE(text) text, sizeof(text) - 1

static const struct row {
    const char *name;
    const char *text; /* one line without its end */
    size_t len;
    enum prov_cfg_kind kind;
    enum prov_diag_code code;
    uint32_t column; /* of the line, and of the warning if there is one */
    const char *parameter, *value;
} rows[] = {
    /* clang-format off */
    { "nothing", LINE(""), PROV_CFG_BLANK, PROV_D_NONE, 1, "", "" },
    { "blanks", LINE(" \t "), PROV_CFG_BLANK, PROV_D_NONE, 1, "", "" },
    { "comment", LINE("# a comment"), PROV_CFG_COMMENT, PROV_D_NONE, 1, "", "" },
    { "a parameter that is commented out", LINE("#A=\"x\""), PROV_CFG_COMMENT, PROV_D_NONE, 1, "", "" },
    { "comments may hold anything", LINE("#\x00\xFF\x01"), PROV_CFG_COMMENT, PROV_D_NONE, 1, "", "" },
    { "parameter", LINE("PHONE_NUMBER_1=\"1001\""), PROV_CFG_PARAMETER, PROV_D_NONE, 17, "PHONE_NUMBER_1", "1001" },
    { "empty value", LINE("SYSLOG_ADDR=\"\""), PROV_CFG_PARAMETER, PROV_D_NONE, 14, "SYSLOG_ADDR", "" },
    { "lower case and digits", LINE("a9_=\"x\""), PROV_CFG_PARAMETER, PROV_D_NONE, 6, "a9_", "x" },
    { "blanks in a value", LINE("A=\" John  Smith \""), PROV_CFG_PARAMETER, PROV_D_NONE, 4, "A", " John  Smith " },
    { "signs in a value", LINE("A=\"http://h/?m={mac}&a=b#'\\\""), PROV_CFG_PARAMETER, PROV_D_NONE, 4, "A", "http://h/?m={mac}&a=b#'\\" },
    { "UTF-8", LINE("A=\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""), PROV_CFG_PARAMETER, PROV_D_NONE, 4, "A", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80" },
    { "blank before", LINE(" A=\"x\""), PROV_CFG_SKIPPED, PROV_D_CFG_BLANK, 1, "", "" },
    { "blank before a comment", LINE("\t# x"), PROV_CFG_SKIPPED, PROV_D_CFG_BLANK, 1, "", "" },
    { "blank before =", LINE("A =\"x\""), PROV_CFG_SKIPPED, PROV_D_CFG_BLANK, 2, "", "" },
    { "blank behind =", LINE("A= \"x\""), PROV_CFG_SKIPPED, PROV_D_CFG_BLANK, 3, "", "" },
    { "blank at the end", LINE("A=\"x\"\t"), PROV_CFG_SKIPPED, PROV_D_CFG_BLANK, 6, "", "" },
    { "no quotation marks", LINE("PHONE_NUMBER_1=1001"), PROV_CFG_SKIPPED, PROV_D_CFG_NO_QUOTE, 16, "", "" },
    { "typographic quotation mark", LINE("A=\xE2\x80\x9C" "5060\""), PROV_CFG_SKIPPED, PROV_D_CFG_NO_QUOTE, 3, "", "" },
    { "apostrophes", LINE("A='x'"), PROV_CFG_SKIPPED, PROV_D_CFG_NO_QUOTE, 3, "", "" },
    { "no value", LINE("A="), PROV_CFG_SKIPPED, PROV_D_CFG_NO_QUOTE, 3, "", "" },
    { "name alone", LINE("A"), PROV_CFG_SKIPPED, PROV_D_CFG_NO_EQUALS, 2, "", "" },
    { "sign in a name", LINE("A.B=\"x\""), PROV_CFG_SKIPPED, PROV_D_CFG_NO_EQUALS, 2, "", "" },
    { "no name", LINE("=\"x\""), PROV_CFG_SKIPPED, PROV_D_CFG_NO_NAME, 1, "", "" },
    { "byte order mark in the middle", LINE(BOM "A=\"x\""), PROV_CFG_SKIPPED, PROV_D_CFG_NO_NAME, 1, "", "" },
    { "no closing quotation mark", LINE("AB=\"x"), PROV_CFG_SKIPPED, PROV_D_CFG_OPEN, 4, "", "" },
    { "opening quotation mark alone", LINE("AB=\""), PROV_CFG_SKIPPED, PROV_D_CFG_OPEN, 4, "", "" },
    { "typographic closing one", LINE("A=\"5060\xE2\x80\x9D"), PROV_CFG_SKIPPED, PROV_D_CFG_OPEN, 3, "", "" },
    { "quotation mark in a value", LINE("A=\"x\"y\""), PROV_CFG_SKIPPED, PROV_D_CFG_BEHIND, 6, "", "" },
    { "doubled quotation mark", LINE("A=\"x\"\""), PROV_CFG_SKIPPED, PROV_D_CFG_BEHIND, 6, "", "" },
    { "semicolon", LINE("A=\"x\";"), PROV_CFG_SKIPPED, PROV_D_CFG_BEHIND, 6, "", "" },
    { "NUL", LINE("A=\"x\x00y\""), PROV_CFG_SKIPPED, PROV_D_CFG_CONTROL, 5, "", "" },
    { "tab in a value", LINE("A=\"\ty\""), PROV_CFG_SKIPPED, PROV_D_CFG_CONTROL, 4, "", "" },
    { "unit separator", LINE("A=\"\x1Fy\""), PROV_CFG_SKIPPED, PROV_D_CFG_CONTROL, 4, "", "" },
    { "delete", LINE("A=\"x\x7F\""), PROV_CFG_SKIPPED, PROV_D_CFG_CONTROL, 5, "", "" },
    { "control byte before a second fault", LINE("A=\"\x01\" "), PROV_CFG_SKIPPED, PROV_D_CFG_CONTROL, 4, "", "" },
    { "CR in a value", LINE("A=\"x\rB=\"y\""), PROV_CFG_SKIPPED, PROV_D_CFG_CR, 5, "", "" },
    { "CR between parameters", LINE("A=\"x\"\rB=\"y\""), PROV_CFG_SKIPPED, PROV_D_CFG_CR, 6, "", "" },
    { "CR alone", LINE("\rB=\"y\""), PROV_CFG_SKIPPED, PROV_D_CFG_CR, 1, "", "" },
    { "CR in a comment", LINE("# a\rB=\"y\""), PROV_CFG_COMMENT, PROV_D_CFG_CR, 1, "", "" },
    { "Latin-1", LINE("A=\"x\xE9\""), PROV_CFG_PARAMETER, PROV_D_CFG_NOT_UTF8, 4, "A", "x\xE9" },
    /* clang-format on */
};

/* Where the warning points: for lines that count, to the byte, which the line does not tell. */
static uint32_t
warned_column(const struct row *r)
{
    if (r->code == PROV_D_CFG_NOT_UTF8)
        return 5;
    return r->code == PROV_D_CFG_CR && r->kind == PROV_CFG_COMMENT ? 4 : r->column;
}

static void
check_row(const struct row *r, const char *line_end)
{
    char text[256];
    struct world w;
    struct prov_cfg_line line = { .line = 0 }, next = { .line = 0 };
    const size_t head = (size_t)snprintf(text, sizeof(text), MARK "%s", line_end);
    size_t len = head;

    memcpy(text + len, r->text, r->len);
    len += r->len;
    len += (size_t)snprintf(text + len, sizeof(text) - len, "%sZ=\"z\"%s", line_end, line_end);
    open_bytes(&w, text, len, &first_counts);
    PROV_ROW(r->name, w.status == PROV_OK);
    PROV_ROW(r->name, prov_cfg_next(&w.c, &line) && line.kind == PROV_CFG_COMMENT);
    PROV_ROW(r->name, prov_cfg_next(&w.c, &line) && prov_cfg_next(&w.c, &next));
    PROV_ROW(r->name, line.kind == r->kind && line.code == r->code && line.line == 2);
    PROV_ROW(r->name, line.column == r->column);
    PROV_ROW(r->name, is(line.name, r->parameter) && is(line.value, r->value));
    PROV_ROW(r->name, line.raw.ptr == w.mem + head);
    PROV_ROW(r->name, line.raw.len == r->len + strlen(line_end));
    PROV_ROW(r->name, next.kind == PROV_CFG_PARAMETER && is(next.name, "Z"));
    PROV_ROW(r->name, next.line == 3 && is(next.value, "z"));
    PROV_ROW(r->name, !prov_cfg_next(&w.c, &next));
    PROV_ROW(r->name, w.diags.count == (r->code != PROV_D_NONE));
    if (w.diags.count > 0) {
        PROV_ROW(r->name, w.items[0].code == r->code && w.items[0].status == PROV_OK);
        PROV_ROW(r->name, prov_diag_severity(r->code) == PROV_SEVERITY_WARNING);
        PROV_ROW(r->name, w.items[0].line == 2 && w.items[0].column == warned_column(r));
        PROV_ROW(r->name, is(w.items[0].source, "a.cfg"));
    }
    end(&w);
}

static void
reads_every_form_of_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        check_row(&rows[i], "\r\n");
        check_row(&rows[i], "\n");
    }
}

static const struct {
    const char *name, *bytes;
    uint32_t good; /* bytes before the malformed ones */
} encodings[] = {
    { "continuation byte alone", "a\x80", 1 },
    { "overlong form of two bytes", "\xC1\xBF", 0 },
    { "overlong form of three bytes", "\xE0\x9F\xBF", 0 },
    { "overlong form of four bytes", "\xF0\x8F\xBF\xBF", 0 },
    { "surrogate", "\xED\xA0\x80", 0 },
    { "beyond the last character", "\xF4\x90\x80\x80", 0 },
    { "no leading byte", "\xF5\x80\x80\x80", 0 },
    { "cut off after one byte", "\xC3", 0 },
    { "cut off after two bytes", "\xC3\xA9\xE2\x82", 2 },
    { "not a continuation byte", "\xE2\x82x", 0 },
};

static void
warns_of_values_that_are_not_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(encodings); i++) {
        char text[128];
        struct world w;
        struct prov_cfg_line line;

        snprintf(text, sizeof(text), MARK "\nA=\"%s\"\n", encodings[i].bytes);
        open_text(&w, text);
        PROV_ROW(encodings[i].name, prov_cfg_next(&w.c, &line) && prov_cfg_next(&w.c, &line));
        PROV_ROW(encodings[i].name, line.kind == PROV_CFG_PARAMETER);
        PROV_ROW(encodings[i].name, is(line.value, encodings[i].bytes));
        PROV_ROW(encodings[i].name, line.code == PROV_D_CFG_NOT_UTF8);
        PROV_ROW(encodings[i].name, w.diags.count == 1);
        PROV_ROW(encodings[i].name, w.items[0].column == 4 + encodings[i].good);
        end(&w);
    }
}

static const struct refusal {
    const char *name, *text;
    enum prov_status status;
    enum prov_diag_code code;
    uint32_t line, column;
    bool is_kind; /* prov_cfg_is() */
} refusals[] = {
    /* clang-format off */
    { "empty", "", PROV_E_TYPE, PROV_D_CFG_EMPTY, 1, 1, false },
    { "blank lines", "\r\n \n\t", PROV_E_TYPE, PROV_D_CFG_EMPTY, 3, 1, false },
    { "byte order mark alone", BOM, PROV_E_TYPE, PROV_D_CFG_EMPTY, 1, 1, false },
    { "web page", "<html>" MARK "\n", PROV_E_TYPE, PROV_D_CFG_NO_COMMENT, 1, 1, false },
    { "parameter first", "\nA=\"x\"\n" MARK "\n", PROV_E_TYPE, PROV_D_CFG_NO_COMMENT, 2, 1, false },
    { "blank before the mark", " " MARK "\n", PROV_E_TYPE, PROV_D_CFG_NO_COMMENT, 1, 1, false },
    { "other comment first", "# x\n" MARK "\n", PROV_E_TYPE, PROV_D_CFG_NO_MARK, 1, 1, false },
    { "other comment behind a byte order mark", BOM "# x\n", PROV_E_TYPE, PROV_D_CFG_NO_MARK, 1, 4, false },
    { "one byte of the mark missing", "# Panasonic SIP Phone Standard Format File \n", PROV_E_TYPE, PROV_D_CFG_NO_MARK, 1, 1, false },
    { "case of the mark", "# pcc Standard Format File #\n", PROV_E_TYPE, PROV_D_CFG_NO_MARK, 1, 1, false },
    { "short comment", "#", PROV_E_TYPE, PROV_D_CFG_NO_MARK, 1, 1, false },
    { "CR as line end", MARK "\rA=\"x\"\rB=\"y\"\r", PROV_E_SYNTAX, PROV_D_CFG_CR_ALONE, 1, 45, true },
    { "CR before CR LF", OLD_MARK "\r\r\nA=\"x\"\r\r\n", PROV_E_SYNTAX, PROV_D_CFG_CR_ALONE, 1, 29, true },
    { "value split", MARK "\nA=\"x\nyz\"\nB=\"y\"\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 3, true },
    { "value split, CR LF", MARK "\r\n\r\nSIP_RGSTR_ADDR_1=\"sip.exa\r\nmple.com\"\r\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 3, 18, true },
    { "split over three lines", MARK "\nA=\"x\n\ny\n\"\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 3, true },
    { "split before the closing mark", MARK "\nA=\"x\n\"", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 3, true },
    { "split, then like a name", MARK "\nU=\"http://h/?\nmac=1\"\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 3, true },
    { "split behind =", MARK "\nA=\n\"x\"\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 3, true },
    { "split behind the name", MARK "\nA\n \n=\"x\"\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 2, true },
    { "cut off in a value", MARK "\nA=\"x\"\nBC=\"y", PROV_E_SYNTAX, PROV_D_CFG_CUT_OFF, 3, 6, true },
    { "cut off behind =", MARK "\nBC=", PROV_E_SYNTAX, PROV_D_CFG_CUT_OFF, 2, 4, true },
    { "cut off before the LF", MARK "\r\nBC\r", PROV_E_SYNTAX, PROV_D_CFG_CUT_OFF, 2, 3, true },
    { "cut off in a name", MARK "\nBC", PROV_E_SYNTAX, PROV_D_CFG_CUT_OFF, 2, 3, true },
    /* clang-format on */
};

static void
refuses_texts_as_a_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        const struct prov_cfg none = { .pos = 0 };
        struct world w;

        open_text(&w, r->text);
        PROV_ROW(r->name, w.status == r->status);
        PROV_ROW(r->name, memcmp(&w.c, &none, sizeof(none)) == 0);
        PROV_ROW(r->name, w.diags.count == 1 && w.items[0].status == r->status);
        PROV_ROW(r->name, w.items[0].code == r->code);
        PROV_ROW(r->name, prov_diag_severity(r->code) == PROV_SEVERITY_ERROR);
        PROV_ROW(r->name, w.items[0].line == r->line && w.items[0].column == r->column);
        PROV_ROW(r->name, is(w.items[0].source, "a.cfg"));
        const struct prov_str text = { w.mem, strlen(r->text) };

        PROV_ROW(r->name, prov_cfg_is(text, &first_counts) == r->is_kind);
        PROV_ROW(r->name, prov_cfg_begin(&w.c, text, text, &first_counts, NULL) == r->status);
        end(&w);
    }
}

static const struct acceptance {
    const char *name, *text;
    uint32_t parameters, warnings;
} acceptances[] = {
    /* clang-format off */
    { "the mark alone", MARK, 0, 1 },
    { "the other mark", OLD_MARK "\n", 0, 0 },
    { "the mark in the middle", "### x " MARK " DO NOT CHANGE THIS LINE!\r\nA=\"x\"\r\n\r\n", 1, 0 },
    { "blank lines before", "\r\n\n \t\n" MARK "\nA=\"x\"\n", 1, 0 },
    { "byte order mark", BOM MARK "\nA=\"x\"\n", 1, 1 },
    { "byte order mark before blank lines", BOM "\n" MARK "\nA=\"x\"\n", 1, 1 },
    { "line ends mixed", MARK "\r\nA=\"x\"\nB=\"y\"\r\n", 2, 0 },
    { "no line end at the end", MARK "\nA=\"x\"", 1, 1 },
    { "no line end behind a malformed line", MARK "\n\x1A", 0, 2 },
    { "no line end behind a blank", MARK "\nA ", 0, 2 },
    { "forgotten mark before a parameter", MARK "\nA=\"x\nB=\"y\"\n", 1, 1 },
    { "forgotten mark before a comment", MARK "\nA=\"x\n\n# c\"\nB=\"y\"\n", 1, 1 },
    { "forgotten mark before another", MARK "\nA=\"x\nB=\"y\nC=\"z\"\n", 1, 2 },
    { "forgotten mark in the last line", MARK "\nA=\"x\n\n", 0, 1 },
    { "no value, then something else", MARK "\nA=\nx\nB=\"y\"\n", 1, 2 },
    { "name alone, then a value", MARK "\nA\n\"x\"\n", 0, 2 },
    { "value without a name first", MARK "\n=\"x\"\nA\n", 0, 2 },
    { "wrong name, then a value", MARK "\nA.B\n=\"x\"\n", 0, 2 },
    { "wrong value, then another", MARK "\nA='x'\n\"y\"\n", 0, 2 },
    { "wrong value at the end", MARK "\nA=x", 0, 2 },
    { "half a line end at the end", MARK "\nA=\"x\"\r", 1, 1 },
    { "half a line end behind the mark", MARK "\r", 0, 1 },
    { "half a line end alone", MARK "\n\r", 0, 1 },
    { "CR in a comment", MARK "\n# a\rB=\"x\"\nC=\"y\"\n", 1, 1 },
    /* clang-format on */
};

static void
accepts_texts_with_small_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(acceptances); i++) {
        const struct acceptance *a = &acceptances[i];
        struct prov_cfg_line line;
        struct world w;
        uint32_t parameters = 0, number = 0;
        size_t bytes = 0;

        open_text(&w, a->text);
        PROV_ROW(a->name, w.status == PROV_OK && w.diags.count == 0);
        PROV_ROW(a->name, prov_cfg_is(w.c.text, &first_counts));
        while (prov_cfg_next(&w.c, &line)) {
            PROV_ROW(a->name, line.raw.ptr == w.mem + bytes && line.line == ++number);
            bytes += line.raw.len;
            parameters += line.kind == PROV_CFG_PARAMETER;
        }
        PROV_ROW(a->name, bytes == strlen(a->text));
        PROV_ROW(a->name, parameters == a->parameters);
        PROV_ROW(a->name, w.diags.count == a->warnings);
        end(&w);
    }
}

static void
warns_of_a_byte_order_mark_and_a_missing_line_end(void **state)
{
    struct world w;
    struct prov_cfg_line line;

    (void)state;
    open_text(&w, BOM MARK "\nA=\"xy\"");
    assert_true(prov_cfg_next(&w.c, &line));
    assert_int_equal(PROV_CFG_COMMENT, line.kind);
    assert_int_equal(PROV_D_NONE, line.code);
    assert_int_equal(1, w.diags.count);
    assert_int_equal(PROV_D_CFG_BYTE_ORDER_MARK, w.items[0].code);
    assert_true(w.items[0].line == 1 && w.items[0].column == 1);

    assert_true(prov_cfg_next(&w.c, &line));
    assert_int_equal(PROV_CFG_PARAMETER, line.kind);
    assert_int_equal(PROV_D_NONE, line.code);
    assert_int_equal(2, w.diags.count);
    assert_int_equal(PROV_D_CFG_NO_LINE_END, w.items[1].code);
    assert_true(w.items[1].line == 2 && w.items[1].column == 7);
    end(&w);
}

/* MARK, then one line NAME="value" with that many bytes of each. */
static struct prov_cfg_line
read_sized(const struct prov_cfg_rules *rules, size_t name, size_t value, const char *line_end,
           struct prov_diag *diag)
{
    char text[2000] = MARK "\n";
    const size_t head = strlen(text);
    struct prov_cfg_line line = { .line = 0 };
    struct world w;
    size_t len = head;

    memset(text + len, 'N', name);
    len += name;
    memcpy(text + len, "=\"", 2);
    len += 2;
    memset(text + len, ' ', value);
    len += value;
    len += (size_t)snprintf(text + len, sizeof(text) - len, "\"%s", line_end);
    open_bytes(&w, text, len, rules);
    assert_int_equal(PROV_OK, w.status);
    assert_true(prov_cfg_next(&w.c, &line) && prov_cfg_next(&w.c, &line));
    assert_int_equal((line.kind == PROV_CFG_SKIPPED) + (strchr(line_end, '\n') == NULL),
                     w.diags.count);
    *diag = w.items[0];
    end(&w);
    return line;
}

static const struct sized {
    const char *name;
    size_t name_bytes, value_bytes;
    const char *line_end;
    enum prov_diag_code code;
    uint32_t column;
    size_t need;
} sized[] = {
    /* clang-format off */
    { "name - 1", 31, 1, "\n", PROV_D_NONE, 34, 0 },
    { "name", 32, 1, "\n", PROV_D_NONE, 35, 0 },
    { "name + 1", 33, 1, "\n", PROV_D_CFG_NAME_LONG, 33, 32 },
    { "value - 1", 1, 499, "\r\n", PROV_D_NONE, 4, 0 },
    { "value", 1, 500, "\r\n", PROV_D_NONE, 4, 0 },
    { "value + 1", 1, 501, "\r\n", PROV_D_CFG_VALUE_LONG, 504, 500 },
    { "everything - 1", 32, 500, "\n", PROV_D_NONE, 35, 0 },
    { "everything", 32, 500, "\r\n", PROV_D_NONE, 35, 0 },
    { "line + 1", 33, 500, "\r\n", PROV_D_CFG_LINE_LONG, 537, 537 },
    { "line by LF", 33, 500, "\n", PROV_D_CFG_NAME_LONG, 33, 32 },
    { "line by LF + 1", 33, 501, "\n", PROV_D_CFG_LINE_LONG, 538, 537 },
    { "no line end", 32, 500, "", PROV_D_NONE, 35, 0 },
    { "no line end + 1", 33, 500, "", PROV_D_CFG_LINE_LONG, 537, 537 },
    { "half a line end", 32, 500, "\r", PROV_D_NONE, 35, 0 },
    { "half a line end + 1", 33, 500, "\r", PROV_D_CFG_LINE_LONG, 537, 537 },
    { "very long", 1, 1500, "\r\n", PROV_D_CFG_LINE_LONG, 538, 537 },
    /* clang-format on */
};

static void
holds_every_limit_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(sized); i++) {
        const struct sized *r = &sized[i];
        struct prov_diag diag;
        const struct prov_cfg_line line =
            read_sized(&first_counts, r->name_bytes, r->value_bytes, r->line_end, &diag);

        PROV_ROW(r->name, line.code == r->code && line.column == r->column);
        if (r->code == PROV_D_NONE) {
            PROV_ROW(r->name, line.kind == PROV_CFG_PARAMETER);
            PROV_ROW(r->name, line.name.len == r->name_bytes);
            PROV_ROW(r->name, line.value.len == r->value_bytes);
        } else {
            PROV_ROW(r->name, line.kind == PROV_CFG_SKIPPED && line.value.len == 0);
            PROV_ROW(r->name, diag.code == r->code && diag.need == r->need);
            PROV_ROW(r->name, diag.line == 2 && diag.column == r->column);
        }
    }
}

/* A comment that is too long is skipped too, and cannot be the first one. */
static void
holds_the_limit_of_comment_lines(void **state)
{
    char text[1200];
    struct world w;

    (void)state;
    for (size_t n = 536; n <= 538; n++) {
        struct prov_cfg_line line;

        snprintf(text, sizeof(text), "%-*s\n", (int)n - 1, MARK);
        open_text(&w, text);
        assert_int_equal(n <= 537 ? PROV_OK : PROV_E_LIMIT, w.status);
        if (n > 537) {
            assert_int_equal(PROV_D_CFG_FIRST_LONG, w.items[0].code);
            assert_int_equal(537, w.items[0].need);
            assert_true(prov_cfg_is((struct prov_str){ w.mem, strlen(text) }, &first_counts));
        }
        end(&w);

        snprintf(text, sizeof(text), MARK "\n%-*s\n", (int)n - 1, "# x");
        open_text(&w, text);
        assert_true(prov_cfg_next(&w.c, &line) && prov_cfg_next(&w.c, &line));
        assert_int_equal(n <= 537 ? PROV_CFG_COMMENT : PROV_CFG_SKIPPED, line.kind);
        end(&w);
    }
}

/* A skipped line in between has no effect; one of the same name does. */
#define TWICE MARK "\nB=\"0\"\nA =\"1\"\nA=\"2\"\nA=\"3\nA=\"4\"\nA=\"5\" \nC=\"\"\n"

static void
finds_the_line_that_counts(void **state)
{
    static const struct {
        const char *name;
        const struct prov_cfg_rules *rules;
        const char *parameter, *value; /* NULL: there is none */
        uint32_t line;
    } finds[] = {
        { "first of two", &first_counts, "A", "2", 4 },
        { "last of two", &last_counts, "A", "4", 6 },
        { "only one", &last_counts, "B", "0", 2 },
        { "empty", &first_counts, "C", "", 8 },
        { "none", &first_counts, "D", NULL, 0 },
        { "case", &last_counts, "a", NULL, 0 },
        { "part of one", &first_counts, "", NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(finds); i++) {
        struct prov_cfg_line line = { .line = 77 };
        struct world w;

        open_bytes(&w, TWICE, strlen(TWICE), finds[i].rules);
        assert_true(prov_cfg_next(&w.c, &(struct prov_cfg_line){ .line = 0 }));
        const struct prov_cfg before = w.c;
        const bool found = prov_cfg_find(&w.c, prov_str_z(finds[i].parameter), &line);

        PROV_ROW(finds[i].name, found == (finds[i].value != NULL));
        PROV_ROW(finds[i].name, line.line == (found ? finds[i].line : 77));
        PROV_ROW(finds[i].name, !found || is(line.value, finds[i].value));
        PROV_ROW(finds[i].name, !found || is(line.name, finds[i].parameter));
        PROV_ROW(finds[i].name, memcmp(&before, &w.c, sizeof(before)) == 0);
        PROV_ROW(finds[i].name, w.diags.count == 0);
        end(&w);
    }
}

static void
reads_twice_by_a_copy(void **state)
{
    struct world w;
    struct prov_cfg copy;
    struct prov_cfg_line line;
    size_t lines = 0;

    (void)state;
    open_text(&w, TWICE);
    copy = w.c;
    while (prov_cfg_next(&w.c, &line))
        lines++;
    while (prov_cfg_next(&copy, &line))
        lines++;
    assert_int_equal(16, lines);
    assert_int_equal(6, w.diags.count);
    end(&w);
}

/* Whatever is wrong, no byte of a value is shown: it may be a password. */
static void
never_shows_a_value(void **state)
{
    static const char *const lines[] = {
        "P=\"s3cret", "P=\"s3cret\"x", "P=\"s3cret\x01\"", "P=s3cret",  "P=\xE2\x80\x9Cs3cret\"",
        "s3cret",     "s3cret=",       "P=\"s3cret\xFF\"", "P\rs3cret", "P=\"x\"s3cret\"",
    };
    char text[128], shown[400];

    (void)state;
    for (size_t i = 0; i < 2 * PROV_COUNT(lines); i++) {
        struct prov_buf out = { shown, sizeof(shown) - 1, 0 };
        struct prov_cfg_line line;
        struct world w;

        /* As a line, and as the last one that is cut off. */
        snprintf(text, sizeof(text), MARK "\n%s%s", lines[i / 2], i % 2 ? "\n" : "");
        open_text(&w, text);
        while (w.status == PROV_OK && prov_cfg_next(&w.c, &line))
            continue;
        assert_true(w.diags.count > 0);
        for (uint32_t k = 0; k < w.diags.count; k++)
            assert_int_equal(PROV_OK, prov_diag_format(&w.items[k], &out));
        shown[out.len] = '\0';
        assert_null(strstr(shown, "s3cret"));
        end(&w);
    }
}

static void
refuses_bad_arguments(void **state)
{
    static const struct prov_str empty_mark[] = { PROV_STR_INIT(MARK), PROV_STR_INIT("") };
    const struct prov_cfg_rules bad[] = {
        { NULL, 1, 537, 32, 500, PROV_CFG_FIRST },
        { marks, 0, 537, 32, 500, PROV_CFG_FIRST },
        { marks, 2, 0, 32, 500, PROV_CFG_FIRST },
        { marks, 2, 537, 0, 500, PROV_CFG_FIRST },
        { marks, 2, 537, 32, 500, (enum prov_cfg_equal)2 },
        { empty_mark, 2, 537, 32, 500, PROV_CFG_FIRST },
    };
    const struct prov_str text = PROV_STR_INIT(MARK "\n"), name = PROV_STR_INIT("A");
    const struct prov_str null = { NULL, 3 }, huge = { text.ptr, UINT32_MAX };
    struct prov_diag item;
    struct prov_diags diags = { &item, 1, 0, 0 };
    struct prov_cfg_line line;
    struct prov_cfg c;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        assert_int_equal(PROV_E_ARG, prov_cfg_begin(&c, name, text, &bad[i], NULL));
        assert_false(prov_cfg_is(text, &bad[i]));
    }
    assert_int_equal(PROV_E_ARG, prov_cfg_begin(NULL, name, text, &first_counts, NULL));
    assert_int_equal(PROV_E_ARG, prov_cfg_begin(&c, name, text, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_cfg_begin(&c, name, null, &first_counts, NULL));
    assert_int_equal(PROV_E_ARG, prov_cfg_begin(&c, name, huge, &first_counts, &diags));
    assert_int_equal(1, diags.count);
    assert_true(item.status == PROV_E_ARG && item.code == PROV_D_BAD_ARGUMENT);
    assert_false(prov_cfg_is(text, NULL));
    assert_false(prov_cfg_is(null, &first_counts));
    assert_true(prov_cfg_is(text, &first_counts));

    assert_int_equal(PROV_OK, prov_cfg_begin(&c, name, text, &first_counts, NULL));
    assert_false(prov_cfg_next(NULL, &line));
    assert_false(prov_cfg_next(&c, NULL));
    assert_false(prov_cfg_find(NULL, name, &line));
    assert_false(prov_cfg_find(&c, name, NULL));
    assert_true(prov_cfg_next(&c, &line));
}

/* ---- Writing ---- */

#define SET(n, v) \
    { \
        PROV_STR_INIT(n), PROV_STR_INIT(v), false, 0 \
    }
#define REMOVE(n) \
    { \
        PROV_STR_INIT(n), { NULL, 0 }, true, 0 \
    }
#define OLD MARK "\n# c\nA=\"1\"\n\nB=\"2\"\nA=\"3\"\n x\n"

static const struct writing {
    const char *name, *old;
    const struct prov_cfg_rules *rules;
    struct prov_cfg_change changes[3];
    size_t count;
    const char *text;
    uint32_t lines[3]; /* of the changes, afterwards */
} writings[] = {
    /* clang-format off */
    { "nothing", OLD, &first_counts, { SET("A", "") }, 0, OLD, { 0 } },
    { "the first one", OLD, &first_counts, { SET("A", "new") }, 1,
      MARK "\n# c\nA=\"new\"\n\nB=\"2\"\nA=\"3\"\n x\n", { 3 } },
    { "the last one", OLD, &last_counts, { SET("A", "") }, 1,
      MARK "\n# c\nA=\"1\"\n\nB=\"2\"\nA=\"\"\n x\n", { 6 } },
    { "the same value", OLD, &first_counts, { SET("A", "1"), SET("B", "2") }, 2, OLD, { 3, 5 } },
    { "removed wherever it stands", OLD, &first_counts, { REMOVE("A") }, 1,
      MARK "\n# c\n\nB=\"2\"\n x\n", { 3 } },
    { "removed, but not there", OLD, &last_counts, { REMOVE("C") }, 1, OLD, { 0 } },
    { "appended in order", OLD, &first_counts, { SET("Z", "z"), SET("B", "b"), SET("Y", "") }, 3,
      MARK "\n# c\nA=\"1\"\n\nB=\"b\"\nA=\"3\"\n x\nZ=\"z\"\nY=\"\"\n", { 0, 5, 0 } },
    { "line ends mixed", MARK "\r\nA=\"1\"\nB=\"2\"\r\n", &first_counts,
      { SET("A", "x"), SET("B", "y"), SET("C", "z") }, 3,
      MARK "\r\nA=\"x\"\nB=\"y\"\r\nC=\"z\"\r\n", { 2, 3, 0 } },
    { "the mark alone", MARK, &first_counts, { SET("A", "1") }, 1, MARK "\r\nA=\"1\"\r\n", { 0 } },
    { "no line end, changed", MARK "\nA=\"1\"", &first_counts, { SET("A", "2") }, 1, MARK "\nA=\"2\"", { 2 } },
    { "no line end, appended", MARK "\nA=\"1\"", &first_counts, { SET("B", "2"), SET("A", "3"), SET("C", "4") }, 3,
      MARK "\nA=\"3\"\nB=\"2\"\nC=\"4\"\n", { 0, 2, 0 } },
    { "no line end, removed", MARK "\nA=\"1\"", &first_counts, { REMOVE("A"), SET("B", "2") }, 2,
      MARK "\nB=\"2\"\n", { 2, 0 } },
    { "half a line end, changed", MARK "\nA=\"1\"\r", &first_counts, { SET("A", "2") }, 1, MARK "\nA=\"2\"\r", { 2 } },
    { "half a line end, appended", MARK "\nA=\"1\"\r", &first_counts, { SET("B", "2"), SET("A", "3") }, 2,
      MARK "\nA=\"3\"\r\nB=\"2\"\n", { 0, 2 } },
    { "no line end in a comment", MARK "\r\n# x", &first_counts, { SET("B", "2") }, 1,
      MARK "\r\n# x\r\nB=\"2\"\r\n", { 0 } },
    { "a malformed line of that name", MARK "\nA =\"1\"\n", &first_counts, { SET("A", "2") }, 1,
      MARK "\nA =\"1\"\nA=\"2\"\n", { 0 } },
    { "what kept an unfinished line apart", MARK "\nA=\"1\n\nB=\"2\"\n\nC=\"3\"\nx\n", &first_counts,
      { REMOVE("B"), REMOVE("C") }, 2, MARK "\nA=\"1\n\n#\n\nx\n", { 4, 6 } },
    { "the same at the end", MARK "\nA=\"1\nB=\"2\"", &first_counts, { REMOVE("B"), SET("A", "3") }, 2,
      MARK "\nA=\"1\n#\nA=\"3\"\n", { 3, 0 } },
    { "the same at the end, nothing behind", MARK "\nA=\"1\nB=\"2\"", &first_counts, { REMOVE("B") }, 1,
      MARK "\nA=\"1\n#", { 3 } },
    { "an unfinished line before a change", MARK "\nA=\"1\nB=\"2\"\nC=\"3\"\nx\n", &first_counts,
      { SET("B", "4"), REMOVE("C") }, 2, MARK "\nA=\"1\nB=\"4\"\nx\n", { 3, 4 } },
    { "not UTF-8", MARK "\n", &first_counts, { SET("A", "\xE9") }, 1, MARK "\nA=\"\xE9\"\n", { 0 } },
    /* clang-format on */
};

static void
check_found(const struct writing *r, struct prov_str text, const struct prov_cfg_change *changes)
{
    struct prov_cfg c;
    struct prov_cfg_line line;

    PROV_ROW(r->name, prov_cfg_begin(&c, text, text, r->rules, NULL) == PROV_OK);
    for (size_t i = 0; i < r->count; i++) {
        const bool found = prov_cfg_find(&c, changes[i].name, &line);

        PROV_ROW(r->name, found == !changes[i].remove);
        PROV_ROW(r->name, !found || prov_str_eq(line.value, changes[i].value));
    }
}

static void
changes_what_it_is_told_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(writings); i++) {
        const struct writing *r = &writings[i];
        char mem[256] = "before";
        struct prov_buf out = { mem, sizeof(mem), 6 };
        struct prov_diag diag = { .status = PROV_OK };
        struct prov_cfg_change changes[3];
        struct prov_cfg_line line;
        struct world w;

        memcpy(changes, r->changes, sizeof(changes));
        open_bytes(&w, r->old, strlen(r->old), r->rules);
        PROV_ROW(r->name, w.status == PROV_OK);
        PROV_ROW(r->name, prov_cfg_next(&w.c, &line)); /* the place does not matter */
        w.diags.count = 0;
        PROV_ROW(r->name, prov_cfg_write(&w.c, changes, r->count, &out, &diag) == PROV_OK);
        PROV_ROW(r->name, diag.status == PROV_OK && w.diags.count == 0);
        PROV_ROW(r->name, w.c.line == 1);
        PROV_ROW(r->name, memcmp(mem, "before", 6) == 0);
        PROV_ROW(r->name, prov_str_is(mem + 6, out.len - 6, r->text));
        for (size_t k = 0; k < r->count; k++)
            PROV_ROW(r->name, changes[k].line == r->lines[k]);
        check_found(r, (struct prov_str){ mem + 6, out.len - 6 }, changes);
        end(&w);
    }
}

#define TEN "0123456789"
#define LONG50 TEN TEN TEN TEN TEN

static const struct denial {
    const char *name;
    struct prov_cfg_change changes[2];
    enum prov_status status;
    enum prov_diag_code code;
    uint32_t column;
    size_t need;
    const char *subject;
} denials[] = {
    /* clang-format off */
    { "no name", { SET("B", ""), SET("", "x") }, PROV_E_INVALID, PROV_D_CFG_PUT_NAME, 1, 0, "" },
    { "blank in a name", { SET("B", ""), SET("A B", "x") }, PROV_E_INVALID, PROV_D_CFG_PUT_NAME, 2, 0, "A B" },
    { "wrong name to remove", { SET("B", ""), REMOVE("A\n") }, PROV_E_INVALID, PROV_D_CFG_PUT_NAME, 2, 0, "A\n" },
    { "long name", { SET("B", ""), SET("ABCDEFGHI", "x") }, PROV_E_LIMIT, PROV_D_CFG_PUT_NAME_LONG, 0, 8, "ABCDEFGHI" },
    { "quotation mark", { SET("B", ""), SET("A", "x\"") }, PROV_E_INVALID, PROV_D_CFG_PUT_VALUE, 2, 0, "A" },
    { "line feed", { SET("B", ""), SET("A", "\nC=") }, PROV_E_INVALID, PROV_D_CFG_PUT_VALUE, 1, 0, "A" },
    { "CR", { SET("B", ""), SET("A", "\r") }, PROV_E_INVALID, PROV_D_CFG_PUT_VALUE, 1, 0, "A" },
    { "tab", { SET("B", ""), SET("A", "ab\t") }, PROV_E_INVALID, PROV_D_CFG_PUT_VALUE, 3, 0, "A" },
    { "NUL", { SET("B", ""), SET("A", "\0") }, PROV_E_INVALID, PROV_D_CFG_PUT_VALUE, 1, 0, "A" },
    { "long value", { SET("B", ""), SET("A", LONG50 "1") }, PROV_E_LIMIT, PROV_D_CFG_PUT_VALUE_LONG, 0, 50, "A" },
    { "long line", { SET("B", ""), SET("ABCD", LONG50) }, PROV_E_LIMIT, PROV_D_CFG_PUT_LINE_LONG, 0, 58, "ABCD" },
    { "twice", { SET("A", "1"), REMOVE("A") }, PROV_E_ARG, PROV_D_CFG_PUT_TWICE, 0, 0, "A" },
    /* clang-format on */
};

static const struct prov_cfg_rules narrow = { marks, 2, 58, 8, 50, PROV_CFG_FIRST };

static void
refuses_what_cannot_be_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(denials); i++) {
        const struct denial *r = &denials[i];
        struct prov_cfg_change changes[2];
        struct prov_diag diag = { .status = PROV_OK };
        char mem[256];
        struct prov_buf out = { mem, sizeof(mem), 5 };
        struct world w;

        memcpy(changes, r->changes, sizeof(changes));
        memset(mem, '#', sizeof(mem));
        open_bytes(&w, MARK "\n", strlen(MARK "\n"), &narrow);
        PROV_ROW(r->name, prov_cfg_write(&w.c, changes, 2, &out, &diag) == r->status);
        PROV_ROW(r->name, out.len == 5 && mem[5] == '#');
        PROV_ROW(r->name, diag.status == r->status && diag.code == r->code);
        PROV_ROW(r->name, diag.column == r->column && diag.need == r->need);
        PROV_ROW(r->name, is(diag.subject, r->subject));
        PROV_ROW(r->name, prov_cfg_write(&w.c, changes, 2, &out, NULL) == r->status);
        end(&w);
    }
}

/* The longest line that is allowed is read back; with rules too narrow for any, none is written. */
static void
writes_the_longest_line(void **state)
{
    struct prov_cfg_change change = SET("ABC", LONG50);
    struct prov_cfg_rules none = narrow;
    char mem[256];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct prov_cfg_line line;
    struct prov_cfg c;
    struct world w;

    (void)state;
    open_bytes(&w, MARK "\r\n", strlen(MARK "\r\n"), &narrow);
    assert_int_equal(PROV_OK, prov_cfg_write(&w.c, &change, 1, &out, NULL));
    assert_int_equal(PROV_OK, prov_cfg_begin(&c, w.c.source, prov_buf_str(&out), &narrow, NULL));
    assert_true(prov_cfg_find(&c, change.name, &line));
    assert_int_equal(58, line.raw.len);

    none.line_bytes = 7;
    none.name_bytes = 50;
    w.c.rules = &none;
    assert_int_equal(PROV_E_LIMIT, prov_cfg_write(&w.c, &change, 1, &out, NULL));
    end(&w);
}

static void
refuses_every_smaller_buffer(void **state)
{
    struct prov_cfg_change changes[] = { SET("A", "new"), REMOVE("B"), SET("C", "x") };
    const char *want = MARK "\n# c\nA=\"new\"\n\nA=\"3\"\n x\nC=\"x\"\n";
    char mem[256];
    struct world w;

    (void)state;
    open_text(&w, OLD);
    for (size_t cap = 2; cap <= strlen(want) + 2; cap++) {
        struct prov_buf out = { mem, cap, 2 };
        struct prov_diag diag = { .status = PROV_OK };

        memset(mem, '!', sizeof(mem));
        const enum prov_status status = prov_cfg_write(&w.c, changes, 3, &out, &diag);

        assert_int_equal('!', mem[cap]); /* not one byte past the end */
        if (cap < strlen(want) + 2) {
            assert_int_equal(PROV_E_SPACE, status);
            assert_int_equal(2, out.len);
            assert_int_equal(strlen(want) + 2, diag.need);
            assert_int_equal(PROV_D_NO_BUFFER_SPACE, diag.code);
        } else {
            assert_int_equal(PROV_OK, status);
            assert_true(prov_str_is(mem + 2, out.len - 2, want));
        }
    }
    struct prov_buf none = { NULL, 0, 0 }; /* asks for the size */

    assert_int_equal(PROV_E_SPACE, prov_cfg_write(&w.c, NULL, 0, &none, NULL));
    assert_int_equal(PROV_E_ARG, prov_cfg_write(NULL, changes, 3, &none, NULL));
    assert_int_equal(PROV_E_ARG, prov_cfg_write(&w.c, NULL, 1, &none, NULL));
    assert_int_equal(PROV_E_ARG, prov_cfg_write(&w.c, changes, 3, NULL, &w.items[0]));
    assert_int_equal(PROV_D_BAD_ARGUMENT, w.items[0].code);
    end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form_of_line),
        cmocka_unit_test(warns_of_values_that_are_not_utf8),
        cmocka_unit_test(refuses_texts_as_a_whole),
        cmocka_unit_test(accepts_texts_with_small_faults),
        cmocka_unit_test(warns_of_a_byte_order_mark_and_a_missing_line_end),
        cmocka_unit_test(holds_every_limit_exactly),
        cmocka_unit_test(holds_the_limit_of_comment_lines),
        cmocka_unit_test(finds_the_line_that_counts),
        cmocka_unit_test(reads_twice_by_a_copy),
        cmocka_unit_test(never_shows_a_value),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(changes_what_it_is_told_and_nothing_else),
        cmocka_unit_test(refuses_what_cannot_be_written),
        cmocka_unit_test(writes_the_longest_line),
        cmocka_unit_test(refuses_every_smaller_buffer),
    };
    return cmocka_run_group_tests_name("cfg", tests, NULL, NULL);
}
