/* SPDX-License-Identifier: MIT */
#include "support/prov_dhcp.h"

#define AUTO PROV_DHCP_INPUT_AUTO
#define OPTIONS PROV_DHCP_INPUT_OPTIONS

/* ---- The rules of sources ---- */

#define JOIN \
    { \
        PROV_DHCP_FORM_JOIN, false, 66, 67, 0, 43, true \
    }
#define PLAIN_JOIN \
    { \
        PROV_DHCP_FORM_JOIN, false, 66, 67, 0, 0, false \
    }
#define ADDRESS \
    { \
        PROV_DHCP_FORM_ADDRESS, false, 66, 0, 0, 0, false \
    }
#define SERVER \
    { \
        PROV_DHCP_FORM_SERVER, false, 160, 67, 0, 0, false \
    }
#define HOST \
    { \
        PROV_DHCP_FORM_HOST, false, 66, 67, 0, 0, false \
    }
#define ADDRESSES \
    { \
        PROV_DHCP_FORM_ADDRESSES, false, 150, 67, 0, 0, false \
    }
#define VENDOR4 \
    { \
        PROV_DHCP_FORM_VENDOR, false, 125, 0, 1, 0, false \
    }
#define VENDOR6 \
    { \
        PROV_DHCP_FORM_VENDOR, true, 17, 0, 1, 0, false \
    }
#define URL6 \
    { \
        PROV_DHCP_FORM_ADDRESS, true, 59, 0, 0, 0, false \
    }
#define BARE \
    { \
        PROV_DHCP_FORM_BARE, false, 43, 0, 0, 0, false \
    }

#define NO_FILE \
    { \
        { "", 0 }, 0, false \
    }
#define MODEL_FILE \
    { \
        B("{MODEL}.cfg"), 0, false \
    }
#define MODEL_FILE_US \
    { \
        B("{MODEL}.cfg"), 0, true \
    }

struct row {
    const char *name;
    struct prov_str bytes;
    enum prov_status status;
    const char *text; /* appended */
    uint32_t code;    /* of the diagnostic, also of a warning */
    uint32_t column;
    size_t need;
};

static void
run_row(const struct row *w, const struct prov_dhcp_rule *rule,
        const struct prov_dhcp_policy *policy)
{
    struct reading r;
    char mem[256] = "before";
    struct prov_buf out = { mem, sizeof(mem), 6 };
    struct prov_diag diag = { .line = 7 };

    begin_reading(&r, rule->v6, w->bytes, AUTO);
    const enum prov_status status = prov_dhcp_address(&r.facts, rule, policy, &out, &diag);

    PROV_ROW(w->name, status == w->status && diag.status == status);
    PROV_ROW(w->name, memcmp(mem, "before", 6) == 0);
    PROV_ROW(w->name, prov_str_is(mem + 6, out.len - 6, w->text));
    PROV_ROW(w->name, diag.code == w->code && diag.line == 0);
    PROV_ROW(w->name, diag.column == w->column && diag.need == w->need);
    end_reading(&r);
}

static void
run_rows(const struct row *rows, size_t count, const struct prov_dhcp_rule *rule,
         const struct prov_dhcp_policy *policy)
{
    for (size_t i = 0; i < count; i++)
        run_row(&rows[i], rule, policy);
}

#define RUN(rows, rule, policy) run_rows(rows, PROV_COUNT(rows), &(rule), &(policy))

#define CTL PROV_D_DHCP_CONTROL
#define ESC PROV_D_DHCP_ESCAPED_CONTROL

/* ---- Texts (DHC-2) ---- */

static const struct text_row {
    const char *name;
    struct prov_str bytes;
    enum prov_status status;
    const char *text;
    uint32_t column;
} texts[] = {
    /* clang-format off */
    { "plain",              B("http://h"), PROV_OK, "http://h", 0 },
    { "empty",              B(""), PROV_OK, "", 0 },
    { "a zero behind it",   B("http://h\0"), PROV_OK, "http://h", 0 },
    { "zeros behind it",    B("http://h\0\0\0\0"), PROV_OK, "http://h", 0 },
    { "nothing but zeros",  B("\0\0"), PROV_OK, "", 0 },
    { "blanks around it",   B(" \t http://h \t"), PROV_OK, "http://h", 0 },
    { "blanks and zeros",   B("http://h \0 \0"), PROV_OK, "http://h", 0 },
    { "quotes",             B("\"http://h\""), PROV_OK, "http://h", 0 },
    { "single quotes",      B("'http://h'"), PROV_OK, "http://h", 0 },
    { "quotes and a zero",  B(" \"http://h\"\0"), PROV_OK, "http://h", 0 },
    { "zero inside quotes", B("\" http://h\0\""), PROV_OK, "http://h", 0 },
    { "one pair only",      B("\"\"h\"\""), PROV_OK, "\"h\"", 0 },
    { "one quote stays",    B("\"h"), PROV_OK, "\"h", 0 },
    { "a quote alone",      B("\""), PROV_OK, "\"", 0 },
    { "different quotes",   B("\"h'"), PROV_OK, "\"h'", 0 },
    { "empty in quotes",    B("\"\""), PROV_OK, "", 0 },
    { "a blank inside",     B("a b"), PROV_OK, "a b", 0 },
    { "bytes above ASCII",  B("h\xC3\xBC\xFF"), PROV_OK, "h\xC3\xBC\xFF", 0 },
    { "zero in front",      B("\0h"), PROV_E_DENIED, "", 1 },
    { "zero inside",        B("a\0b"), PROV_E_DENIED, "", 2 },
    { "CR LF inside",       B("a\r\nb"), PROV_E_DENIED, "", 2 },
    { "LF at the end",      B("ab\n"), PROV_E_DENIED, "", 3 },
    { "tab inside",         B(" a\tb"), PROV_E_DENIED, "", 3 },
    { "escape",             B("\"a\x1B\""), PROV_E_DENIED, "", 3 },
    { "delete",             B("a\x7F"), PROV_E_DENIED, "", 2 },
    /* clang-format on */
};

static void
strips_what_is_around_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        const struct text_row *w = &texts[i];
        char *copy = exact_bytes(w->bytes);
        struct prov_str text = { NULL, 0 };
        struct prov_diag diag = { 0 };
        const enum prov_status status =
            prov_dhcp_text((struct prov_str){ copy, w->bytes.len }, &text, &diag);

        PROV_ROW(w->name, status == w->status && diag.status == status);
        PROV_ROW(w->name, prov_str_is(text.ptr, text.len, w->text));
        PROV_ROW(w->name, diag.column == w->column);
        PROV_ROW(w->name, prov_dhcp_text(w->bytes, &text, NULL) == status);
        PROV_ROW(w->name, prov_dhcp_text(w->bytes, NULL, NULL) == PROV_E_ARG);
        free(copy);
    }
}

/* ---- Server and file (DHC-3, DHC-5) ---- */

static const struct row joins[] = {
    /* clang-format off */
    { "a slash is inserted",   B("\x42\x0Ahttp://foo\x43\x05" "a.xml"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "the server has one",    B("\x42\x0Bhttp://foo/\x43\x05" "a.xml"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "the file has one",      B("\x42\x0Ahttp://foo\x43\x06/a.xml"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "both have one",         B("\x42\x0Bhttp://foo/\x43\x06/a.xml"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "both have several",     B("\x42\x0Chttp://foo//\x43\x07//a.xml"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "the file is a slash",   B("\x42\x0Ahttp://foo\x43\x01/"), PROV_OK, "http://foo/", 0, 0, 0 },
    { "other order",           B("\x43\x05" "a.xml\x42\x0Ahttp://foo"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "server alone",          B("\x42\x0Bhttp://foo/"), PROV_OK, "http://foo/", 0, 0, 0 },
    { "file is empty",         B("\x42\x0Ahttp://foo\x43\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "zeros behind both",     B("\x42\x0Bhttp://foo\0\x43\x06" "a.xml\0"), PROV_OK, "http://foo/a.xml", 0, 0, 0 },
    { "file alone",            B("\x43\x05" "a.xml"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "server is empty",       B("\x42\x02\0\0\x43\x05" "a.xml"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "nothing",               B(""), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "a list of servers",     B("\x42\x0F" "1.2.3.4,1.2.3.5\x43\x05" "a.xml"), PROV_OK, "1.2.3.4/a.xml", 0, 0, 0 },
    { "a server of four bytes", B("\x42\x04\xC0\0\x02\x0A\x43\x05" "a.xml"), PROV_OK, "tftp://192.0.2.10/a.xml", 0, 0, 0 },
    { "a file like a list",    B("\x42\x01h\x43\x0F" "1.2.3.4,1.2.3.5"), PROV_OK, "h/1.2.3.4,1.2.3.5", 0, 0, 0 },
    { "a file of four bytes",  B("\x42\x01h\x43\x04\xC0\0\x02\x0A"), PROV_E_DENIED, "", CTL, 2, 67 },
    { "CR LF in the server",   B("\x42\x0Chttp://f\r\noo"), PROV_E_DENIED, "", CTL, 9, 66 },
    { "LF in the file",        B("\x42\x0Ahttp://foo\x43\x04" "a.x\n"), PROV_E_DENIED, "", CTL, 4, 67 },
    { "%0d in the server",     B("\x42\x0D http://%0dfo"), PROV_E_DENIED, "", ESC, 9, 66 },
    { "%0A in the file",       B("\x42\x0Ahttp://foo\x43\x04" "a%0A"), PROV_E_DENIED, "", ESC, 2, 67 },
    { "%00",                   B("\x42\x0Ahttp://%00"), PROV_E_DENIED, "", ESC, 8, 66 },
    { "%1b",                   B("\x42\x0Ahttp://%1b"), PROV_E_DENIED, "", ESC, 8, 66 },
    { "%7f",                   B("\x42\x0Ahttp://%7F"), PROV_E_DENIED, "", ESC, 8, 66 },
    { "other escapes",         B("\x42\x10http://%20%7e%2F"), PROV_OK, "http://%20%7e%2F", 0, 0, 0 },
    { "%0 is no escape",       B("\x42\x0Bhttp://a%0g"), PROV_OK, "http://a%0g", 0, 0, 0 },
    { "%0 at the end",         B("\x42\x0Ahttp://a%0"), PROV_OK, "http://a%0", 0, 0, 0 },
    /* clang-format on */
};

static void
joins_server_and_file_by_one_slash(void **state)
{
    static const struct prov_dhcp_rule rule = JOIN, plain = PLAIN_JOIN;
    static const struct prov_dhcp_policy policy = NO_FILE;

    (void)state;
    RUN(joins, rule, policy);
    RUN(joins, plain, policy);
}

static void
takes_bootp_fields_for_missing_options(void **state)
{
    static const struct {
        const char *name;
        struct prov_str options;
        bool bootp;
        enum prov_status status;
        const char *text;
    } cases[] = {
        { "both", B("\xFF"), true, PROV_OK, "http://s/f" },
        { "server given", B("\x42\x08http://o"), true, PROV_OK, "http://o/f" },
        { "file given", B("\x43\x01o"), true, PROV_OK, "http://s/o" },
        { "both given", B("\x42\x08http://o\x43\x01o"), true, PROV_OK, "http://o/o" },
        { "an empty one does not count", B("\x42\0"), true, PROV_OK, "http://s/f" },
        { "not of this source", B("\xFF"), false, PROV_E_NOT_FOUND, "" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cases); i++) {
        const struct prov_dhcp_rule rules[] = { PLAIN_JOIN, JOIN };
        static const struct prov_dhcp_policy policy = NO_FILE;
        char p[400], mem[64];
        struct prov_buf out = { mem, sizeof(mem), 0 };
        const size_t len = make_packet(p, (struct prov_str)B("http://s"), (struct prov_str)B("f"),
                                       cases[i].options);
        struct reading r;

        begin_reading(&r, false, (struct prov_str){ p, len }, AUTO);
        PROV_ROW(cases[i].name, prov_dhcp_address(&r.facts, &rules[cases[i].bootp], &policy, &out,
                                                  NULL) == cases[i].status);
        PROV_ROW(cases[i].name, prov_str_is(mem, out.len, cases[i].text));
        end_reading(&r);
    }
}

/* ---- Option 43 as blocks (DHC-4) ---- */

#define BLOCKS_66 "\x42\x0Bhttp://foo\0"
#define BLOCKS_67 "\x43\x0C<HWTYP>.bak\0"
#define CUT PROV_D_DHCP_BLOCK_SKIPPED

static const struct row blocks[] = {
    /* clang-format off */
    { "the documented example", B("\x2B\x1B" BLOCKS_66 BLOCKS_67), PROV_OK, "http://foo/<HWTYP>.bak", 0, 0, 0 },
    { "other order",         B("\x2B\x1B" BLOCKS_67 BLOCKS_66), PROV_OK, "http://foo/<HWTYP>.bak", 0, 0, 0 },
    { "end behind them",     B("\x2B\x1D" BLOCKS_66 BLOCKS_67 "\xFF\x42"), PROV_OK, "http://foo/<HWTYP>.bak", 0, 0, 0 },
    { "pads between",        B("\x2B\x10\0\0" BLOCKS_66 "\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "unknown codes",       B("\x2B\x13\x01\x02zz" BLOCKS_66 "\x84\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "without a zero",      B("\x2B\x0C\x42\x0Ahttp://foo"), PROV_OK, "http://foo", 0, 0, 0 },
    { "zero not counted",    B("\x2B\x1B\x42\x0Ahttp://foo\0\x43\x0B<HWTYP>.bak\0"), PROV_OK, "http://foo/<HWTYP>.bak", 0, 0, 0 },
    { "the first of equal ones", B("\x2B\x1A" BLOCKS_66 "\x42\x0Bhttp://bar\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "split option",        B("\x2B\x04\x42\x0Bht\x2B\x09tp://foo\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "both override",       B("\x42\x03old\x43\x03old\x2B\x1B" BLOCKS_66 BLOCKS_67), PROV_OK, "http://foo/<HWTYP>.bak", 0, 0, 0 },
    { "server overrides",    B("\x42\x03old\x43\x03old\x2B\x0D" BLOCKS_66), PROV_OK, "http://foo/old", 0, 0, 0 },
    { "file overrides",      B("\x42\x03old\x43\x03old\x2B\x0E" BLOCKS_67), PROV_OK, "old/<HWTYP>.bak", 0, 0, 0 },
    { "an empty block does not", B("\x42\x03old\x2B\x03\x42\x01\0"), PROV_OK, "old", 0, 0, 0 },
    { "the first that is not empty", B("\x2B\x10\x42\x01\0" BLOCKS_66), PROV_OK, "http://foo", 0, 0, 0 },
    { "unknown codes only",  B("\x42\x03old\x2B\x04\x01\x02zz"), PROV_OK, "old", 0, 0, 0 },
    { "nothing in it",       B("\x2B\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "file alone",          B("\x2B\x0E" BLOCKS_67), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "hexadecimal digits",  B("\x2B\x1A" "420b687474703a2f2f666f6f00"), PROV_OK, "http://foo", 0, 0, 0 },
    { "with colons",         B("\x2B\x26" "42:0b:68:74:74:70:3a:2f:2f:66:6f:6f:00"), PROV_OK, "http://foo", 0, 0, 0 },
    { "with blanks, quotes and a zero", B("\x2B\x29\"42 0B 68 74 74 70 3A 2F 2F 66 6F 6F 00\"\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "one digit too few",   B("\x42\x03old\x2B\x19" "420b687474703a2f2f666f6f0"), PROV_OK, "old", CUT, 1, 43 },
    { "a cut block keeps those before it", B("\x42\x03old\x43\x03old\x2B\x10" BLOCKS_66 "\x43\x0C<"), PROV_OK, "http://foo/old", CUT, 14, 43 },
    { "a cut block leaves the options", B("\x42\x03old\x43\x03new\x2B\x02\x42\x0B"), PROV_OK, "old/new", CUT, 1, 43 },
    { "a block without length", B("\x42\x03old\x2B\x03\x01\0\x42"), PROV_OK, "old", CUT, 3, 43 },
    { "somebody's text",     B("\x42\x03old\x2B\x0Ahttp://foo"), PROV_OK, "old", CUT, 1, 43 },
    { "a cut block alone",   B("\x2B\x02\x42\x0B"), PROV_E_SYNTAX, "", PROV_D_DHCP_BLOCK, 1, 43 },
    { "a control byte in a block", B("\x42\x03old\x2B\x05\x42\x03" "a\rb"), PROV_E_DENIED, "", CTL, 2, 43 },
    { "an escaped one",      B("\x2B\x06\x42\x04%0d\0"), PROV_E_DENIED, "", ESC, 1, 43 },
    { "a control byte in an option that is overridden", B("\x42\x02\r\n\x2B\x0D" BLOCKS_66), PROV_OK, "http://foo", 0, 0, 0 },
    /* clang-format on */
};

static void
reads_blocks_of_option_43(void **state)
{
    static const struct prov_dhcp_rule rule = JOIN;
    static const struct prov_dhcp_policy policy = NO_FILE;

    (void)state;
    RUN(blocks, rule, policy);
}

static void
does_not_look_at_option_43_unless_told(void **state)
{
    static const struct row row = {
        "plain", B("\x42\x03old\x2B\x0D" BLOCKS_66), PROV_OK, "old", PROV_D_NONE, 0, 0
    };
    static const struct prov_dhcp_rule rule = PLAIN_JOIN;
    static const struct prov_dhcp_policy policy = NO_FILE;

    (void)state;
    run_row(&row, &rule, &policy);
}

/* ---- One option is all (DHC-6, DHC-8) ---- */

static const struct row addresses[] = {
    /* clang-format off */
    { "complete",          B("\x42\x12http://h/{MAC}.cfg"), PROV_OK, "http://h/{MAC}.cfg", 0, 0, 0 },
    { "host alone",        B("\x42\x01h"), PROV_OK, "h", 0, 0, 0 },
    { "the file option is not used", B("\x42\x01h\x43\x01" "f"), PROV_OK, "h", 0, 0, 0 },
    { "an address",        B("\x42\x07" "1.2.3.4"), PROV_OK, "1.2.3.4", 0, 0, 0 },
    { "with port",         B("\x42\x0A" "1.2.3.4:69"), PROV_OK, "1.2.3.4:69", 0, 0, 0 },
    { "a list",            B("\x42\x0F" "1.2.3.4,1.2.3.5"), PROV_OK, "1.2.3.4", 0, 0, 0 },
    { "a list with blanks", B("\x42\x10" "1.2.3.4, 1.2.3.5"), PROV_OK, "1.2.3.4", 0, 0, 0 },
    { "a list with semicolons", B("\x42\x11;1.2.3.4; 1.2.3.5"), PROV_OK, "1.2.3.4", 0, 0, 0 },
    { "no list",           B("\x42\x0D" "1.2.3.4,a.b.c"), PROV_OK, "1.2.3.4,a.b.c", 0, 0, 0 },
    { "commas alone",      B("\x42\x02,,"), PROV_OK, ",,", 0, 0, 0 },
    { "four bytes",        B("\x42\x04\xC0\0\x02\x0A"), PROV_OK, "tftp://192.0.2.10", 0, 0, 0 },
    { "eight bytes",       B("\x42\x08\x0A\0\0\x01\x0A\0\0\x02"), PROV_OK, "tftp://10.0.0.1", 0, 0, 0 },
    { "five bytes",        B("\x42\x05\xC0\0\x02\x0A\x01"), PROV_E_DENIED, "", CTL, 2, 66 },
    { "too many bytes",    B("\x42\x14\xC0\0\x02\x0A\xC0\0\x02\x0A\xC0\0\x02\x0A\xC0\0\x02\x0A\xC0\0\x02\x0A"), PROV_E_DENIED, "", CTL, 2, 66 },
    { "four letters",      B("\x42\x04host"), PROV_OK, "host", 0, 0, 0 },
    { "three and a zero",  B("\x42\x04" "abc\0"), PROV_OK, "abc", 0, 0, 0 },
    { "four with CR LF",   B("\x42\x04" "a\r\nb"), PROV_E_DENIED, "", CTL, 2, 66 },
    { "four with a zero in front", B("\x42\x04\0\0\0\x01"), PROV_E_DENIED, "", CTL, 1, 66 },
    { "CR LF",             B("\x42\x0Bhttp://h\r\nX"), PROV_E_DENIED, "", CTL, 9, 66 },
    { "%0D%0A",            B("\x42\x0Ehttp://h%0D%0a"), PROV_E_DENIED, "", ESC, 9, 66 },
    { "empty",             B("\x42\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "blank",             B("\x42\x02 \0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "not there",         B("\x43\x01h"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static const struct row url6[] = {
    /* clang-format off */
    { "boot file URL", B("\0\x3B\0\x17http://[2001:db8::1]/x."), PROV_OK, "http://[2001:db8::1]/x.", 0, 0, 0 },
    { "the first one", B("\0\x3B\0\x01" "a\0\x3B\0\x01" "b"), PROV_OK, "a", 0, 0, 0 },
    { "LF",            B("\0\x3B\0\x02" "a\n"), PROV_E_DENIED, "", CTL, 2, 59 },
    { "not there",     B("\0\x11\0\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static void
takes_an_option_as_the_address(void **state)
{
    static const struct prov_dhcp_rule rule = ADDRESS, rule6 = URL6;
    static const struct prov_dhcp_policy policy = NO_FILE;

    (void)state;
    RUN(addresses, rule, policy);
    RUN(url6, rule6, policy);
}

static void
takes_nothing_of_the_other_version(void **state)
{
    static const struct row v4 = { "v4", B("\x3B\x01h"), PROV_E_NOT_FOUND, "", 0, 0, 0 };
    struct prov_dhcp_rule rule = URL6;
    static const struct prov_dhcp_policy policy = NO_FILE;
    struct reading r;
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    (void)state;
    begin_reading(&r, false, v4.bytes, AUTO);
    assert_int_equal(PROV_E_NOT_FOUND, prov_dhcp_address(&r.facts, &rule, &policy, &out, NULL));
    rule.v6 = false;
    assert_int_equal(PROV_OK, prov_dhcp_address(&r.facts, &rule, &policy, &out, NULL));
    rule.form = PROV_DHCP_FORM_NONE;
    assert_int_equal(PROV_E_NOT_FOUND, prov_dhcp_address(&r.facts, &rule, &policy, &out, NULL));
    end_reading(&r);
}

/* ---- DHC-7 ---- */

#define NO_SCHEME PROV_D_DHCP_NO_SCHEME
#define NO_HOST PROV_D_DHCP_NO_HOST

static const struct row servers[] = {
    /* clang-format off */
    { "host",              B("\xA0\x0Fhttp://10.0.0.1"), PROV_OK, "http://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    { "host and path",     B("\xA0\x14http://prov.com/pana"), PROV_OK, "http://prov.com/pana/{MODEL}.cfg", 0, 0, 0 },
    { "with user",         B("\xA0\x17http://id:pass@prov.com"), PROV_OK, "http://id:pass@prov.com/{MODEL}.cfg", 0, 0, 0 },
    { "a slash at the end", B("\xA0\x15http://prov.com/pana/"), PROV_OK, "http://prov.com/pana/{MODEL}.cfg", 0, 0, 0 },
    { "with port",         B("\xA0\x13https://10.0.0.1:81"), PROV_OK, "https://10.0.0.1:81/{MODEL}.cfg", 0, 0, 0 },
    { "file of option 67", B("\xA0\x0Fhttp://10.0.0.1\x43\x0B{MODEL}.cfg"), PROV_OK, "http://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    { "path of option 67", B("\xA0\x0Fhttp://10.0.0.1\x43\x08pana/x.c"), PROV_OK, "http://10.0.0.1/pana/x.c", 0, 0, 0 },
    { "both have paths",   B("\xA0\x11http://10.0.0.1/a\x43\x05/b/c."), PROV_OK, "http://10.0.0.1/a/b/c.", 0, 0, 0 },
    { "no scheme",         B("\xA0\x08" "10.0.0.1"), PROV_E_SYNTAX, "", NO_SCHEME, 1, 160 },
    { "half a scheme",     B("\xA0\x09http:/foo"), PROV_E_SYNTAX, "", NO_SCHEME, 1, 160 },
    { "no scheme but ://", B("\xA0\x06://foo"), PROV_E_SYNTAX, "", NO_SCHEME, 1, 160 },
    { "four bytes",        B("\xA0\x04\xC0\0\x02\x0A"), PROV_E_DENIED, "", CTL, 2, 160 },
    { "no host",           B("\xA0\x08http:///"), PROV_E_SYNTAX, "", NO_HOST, 8, 160 },
    { "no host but a port", B("\xA0\x0Ahttp://:80"), PROV_E_SYNTAX, "", NO_HOST, 8, 160 },
    { "no host but a user", B("\xA0\x0Bhttp://a:b@"), PROV_E_SYNTAX, "", NO_HOST, 8, 160 },
    { "nothing behind the scheme", B("\xA0\x07http://"), PROV_E_SYNTAX, "", NO_HOST, 8, 160 },
    { "LF in the server",  B("\xA0\x09http://a\n"), PROV_E_DENIED, "", CTL, 9, 160 },
    { "LF in the file",    B("\xA0\x08http://a\x43\x03" "a\nb"), PROV_E_DENIED, "", CTL, 2, 67 },
    { "not there",         B("\x42\x08http://a"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static const struct row hosts[] = {
    /* clang-format off */
    { "address alone",     B("\x42\x08" "10.0.0.1"), PROV_OK, "tftp://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    { "name alone",        B("\x42\x08prov.com"), PROV_OK, "tftp://prov.com/{MODEL}.cfg", 0, 0, 0 },
    { "with port",         B("\x42\x0Bprov.com:70"), PROV_OK, "tftp://prov.com:70/{MODEL}.cfg", 0, 0, 0 },
    { "name and path",     B("\x42\x0Eprov.com/pana/"), PROV_OK, "tftp://prov.com/pana/{MODEL}.cfg", 0, 0, 0 },
    { "name and file",     B("\x42\x0Eprov.com/x.cfg"), PROV_OK, "tftp://prov.com/x.cfg", 0, 0, 0 },
    { "scheme and a slash", B("\x42\x10http://10.0.0.1/"), PROV_OK, "http://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    { "scheme and host",   B("\x42\x0Fhttp://prov.com"), PROV_OK, "http://prov.com/{MODEL}.cfg", 0, 0, 0 },
    { "scheme and file",   B("\x42\x15http://prov.com/x.cfg"), PROV_OK, "http://prov.com/x.cfg", 0, 0, 0 },
    { "a user",            B("\x42\x13" "ftp://u:p@prov.com/"), PROV_OK, "ftp://u:p@prov.com/{MODEL}.cfg", 0, 0, 0 },
    { "a query behind a file", B("\x42\x12http://h/p?m={mac}"), PROV_OK, "http://h/p?m={mac}", 0, 0, 0 },
    { "a query behind a folder", B("\x42\x0Dhttp://h/?a=b"), PROV_OK, "http://h/{MODEL}.cfg?a=b", 0, 0, 0 },
    { "a query behind a host", B("\x42\x0Chttp://h?a=/"), PROV_OK, "http://h/{MODEL}.cfg?a=/", 0, 0, 0 },
    { "a list",            B("\x42\x0F" "1.2.3.4 1.2.3.5"), PROV_OK, "tftp://1.2.3.4/{MODEL}.cfg", 0, 0, 0 },
    { "four bytes",        B("\x42\x04\xC0\0\x02\x0A"), PROV_OK, "tftp://192.0.2.10/{MODEL}.cfg", 0, 0, 0 },
    { "the longest four bytes", B("\x42\x04\xFF\xFF\x1F\xFF"), PROV_OK, "tftp://255.255.31.255/{MODEL}.cfg", 0, 0, 0 },
    { "no host",           B("\x42\x07http://"), PROV_E_SYNTAX, "", NO_HOST, 8, 66 },
    { "a path alone",      B("\x42\x02/a"), PROV_E_SYNTAX, "", NO_HOST, 1, 66 },
    { "CR",                B("\x42\x02" "a\r"), PROV_E_DENIED, "", CTL, 2, 66 },
    { "not there",         B("\x43\x01" "f"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static const struct row hosts_elsewhere[] = {
    /* clang-format off */
    { "67 is ignored",     B("\x42\x08" "10.0.0.1\x43\x05x.cfg"), PROV_OK, "tftp://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    { "even if it is bad", B("\x42\x08" "10.0.0.1\x43\x02\r\n"), PROV_OK, "tftp://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    /* clang-format on */
};

static const struct row hosts_us[] = {
    /* clang-format off */
    { "67 counts",         B("\x42\x08" "10.0.0.1\x43\x05x.cfg"), PROV_OK, "tftp://10.0.0.1/x.cfg", 0, 0, 0 },
    { "67 behind a slash", B("\x42\x09http://h/\x43\x03" "a/b"), PROV_OK, "http://h/a/b", 0, 0, 0 },
    { "67 is not there",   B("\x42\x08" "10.0.0.1"), PROV_OK, "tftp://10.0.0.1/{MODEL}.cfg", 0, 0, 0 },
    { "66 names a file",   B("\x42\x0Ahttp://h/y\x43\x05x.cfg"), PROV_OK, "http://h/y", 0, 0, 0 },
    /* clang-format on */
};

static const struct row hosts_us_bad[] = {
    { "67 is bad",
      B("\x42\x08"
        "10.0.0.1\x43\x03"
        "a\nb"),
      PROV_E_DENIED, "", CTL, 2, 67 },
};

static void
adds_a_file_to_a_server(void **state)
{
    static const struct prov_dhcp_rule rule = SERVER;
    static const struct prov_dhcp_policy policy = MODEL_FILE, none = NO_FILE;
    static const struct row bare = {
        "no file at all", B("\xA0\x09http://a/"), PROV_OK, "http://a/", 0, 0, 0
    };

    (void)state;
    RUN(servers, rule, policy);
    run_row(&bare, &rule, &none);
}

static void
needs_only_a_host_in_option_66(void **state)
{
    static const struct prov_dhcp_rule rule = HOST;
    static const struct prov_dhcp_policy policy = MODEL_FILE, us = MODEL_FILE_US;

    (void)state;
    RUN(hosts, rule, policy);
    RUN(hosts_elsewhere, rule, policy);
    RUN(hosts_us, rule, us);
    RUN(hosts_us_bad, rule, us);
}

/* ---- DHC-8 ---- */

static const struct row quads[] = {
    /* clang-format off */
    { "one",        B("\x96\x04\xC0\0\x02\x0A"), PROV_OK, "tftp://192.0.2.10", 0, 0, 0 },
    { "the first",  B("\x96\x08\x0A\0\0\x01\x0A\0\0\x02"), PROV_OK, "tftp://10.0.0.1", 0, 0, 0 },
    { "with a file", B("\x96\x04\x0A\0\0\x01\x43\x03/a."), PROV_OK, "tftp://10.0.0.1/a.", 0, 0, 0 },
    { "three bytes", B("\x96\x03\x0A\0\0"), PROV_E_SYNTAX, "", PROV_D_DHCP_ADDRESS_LENGTH, 1, 150 },
    { "one too many", B("\x96\x05\x0A\0\0\x01\x0A"), PROV_E_SYNTAX, "", PROV_D_DHCP_ADDRESS_LENGTH, 5, 150 },
    { "empty",      B("\x96\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "a bad file", B("\x96\x04\x0A\0\0\x01\x43\x02\ra"), PROV_E_DENIED, "", CTL, 1, 67 },
    /* clang-format on */
};

static void
takes_the_first_of_four_bytes_each(void **state)
{
    static const struct prov_dhcp_rule rule = ADDRESSES;
    static const struct prov_dhcp_policy policy = MODEL_FILE;

    (void)state;
    RUN(quads, rule, policy);
}

static const struct row bare[] = {
    /* clang-format off */
    { "text",              B("\x2B\x0Ahttp://foo"), PROV_OK, "http://foo", 0, 0, 0 },
    { "quoted with a zero", B("\x2B\x0D\"http://foo\"\0"), PROV_OK, "http://foo", 0, 0, 0 },
    { "hexadecimal digits", B("\x2B\x14" "687474703a2f2f666f6f"), PROV_OK, "http://foo", 0, 0, 0 },
    { "with colons",       B("\x2B\x1D" "68:74:74:70:3A:2F:2F:66:6F:6F"), PROV_OK, "http://foo", 0, 0, 0 },
    { "with a zero in it", B("\x2B\x16" "687474703a2f2f666f6f00"), PROV_OK, "http://foo", 0, 0, 0 },
    { "a name of digits",  B("\x2B\x08" "deadbeef"), PROV_OK, "deadbeef", 0, 0, 0 },
    { "a short name",      B("\x2B\x04" "cafe"), PROV_OK, "cafe", 0, 0, 0 },
    { "a short name of digits", B("\x2B\x04" "6869"), PROV_OK, "6869", 0, 0, 0 },
    { "odd digits",        B("\x2B\x09" "687474703"), PROV_OK, "687474703", 0, 0, 0 },
    { "CR LF in the digits", B("\x2B\x0C" "68740d0a6f6f"), PROV_E_DENIED, "", CTL, 3, 43 },
    { "%0d in the digits", B("\x2B\x0C" "687425306464"), PROV_E_DENIED, "", ESC, 3, 43 },
    { "CR LF",             B("\x2B\x0Bhttp://h\r\nX"), PROV_E_DENIED, "", CTL, 9, 43 },
    { "%0d%0A",            B("\x2B\x0Ehttp://h%0d%0A"), PROV_E_DENIED, "", ESC, 9, 43 },
    { "%00",               B("\x2B\x0Bhttp://h%00"), PROV_E_DENIED, "", ESC, 9, 43 },
    { "blocks",            B("\x2B\x1B" BLOCKS_66 BLOCKS_67), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "blocks that are cut", B("\x2B\x1A" BLOCKS_66 "\x43\x0C<HWTYP>.bak"), PROV_E_DENIED, "", CTL, 2, 43 },
    { "empty",             B("\x2B\x01\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "not there",         B("\x42\x01h"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static void
takes_option_43_as_bare_text(void **state)
{
    static const struct prov_dhcp_rule rule = BARE;
    static const struct prov_dhcp_policy policy = NO_FILE;

    (void)state;
    RUN(bare, rule, policy);
}

/* Digits for more bytes than are ever decoded stay what they are. */
static void
decodes_so_many_digits_and_no_more(void **state)
{
    static const struct prov_dhcp_policy policy = NO_FILE;

    (void)state;
    for (size_t n = 511; n <= 513; n++) {
        static char bytes[1100], mem[2048];
        const struct prov_dhcp_option option = { 43, 0, { bytes, 2 * n } };
        const struct prov_dhcp_facts facts = { .options = &option, .option_count = 1 };
        const struct prov_dhcp_rule rule = BARE;
        struct prov_buf out = { mem, sizeof(mem), 0 };

        memset(bytes, '6', sizeof(bytes));
        assert_int_equal(PROV_OK, prov_dhcp_address(&facts, &rule, &policy, &out, NULL));
        assert_int_equal(n <= 512 ? n : 2 * n, out.len);
        assert_int_equal(n <= 512 ? 'f' : '6', mem[0]);
    }
}

/* Enterprises 3561 and 7. */
#define ENT_A "\0\0\x0D\xE9"
#define ENT_B "\0\0\0\x07"
#define BAD PROV_D_DHCP_VENDOR
#define SKIPPED PROV_D_DHCP_VENDOR_SKIPPED

static const struct row vendor6_any[] = {
    /* clang-format off */
    { "one",               B("\0\x11\0\x0B" ENT_A "\0\x01\0\x03" "a:b"), PROV_OK, "a:b", 0, 0, 0 },
    { "behind another",    B("\0\x11\0\x10" ENT_A "\0\x02\0\x01z\0\x01\0\x03" "a:b"), PROV_OK, "a:b", 0, 0, 0 },
    { "the first of two",  B("\0\x11\0\x0E" ENT_A "\0\x01\0\x01z\0\x01\0\x01y"), PROV_OK, "z", 0, 0, 0 },
    { "an empty one first", B("\0\x11\0\x0E" ENT_A "\0\x01\0\x01\0\0\x01\0\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "of two enterprises", B("\0\x11\0\x09" ENT_A "\0\x01\0\x01z\0\x11\0\x09" ENT_B "\0\x01\0\x01y"), PROV_OK, "z", 0, 0, 0 },
    { "in the second",     B("\0\x11\0\x04" ENT_A "\0\x11\0\x09" ENT_B "\0\x01\0\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "the first is bad",  B("\0\x11\0\x08" ENT_A "\0\x01\0\x01\0\x11\0\x09" ENT_B "\0\x01\0\x01y"), PROV_OK, "y", SKIPPED, 5, 17 },
    { "an enterprise cut", B("\0\x11\0\x03\0\0\0"), PROV_E_SYNTAX, "", BAD, 1, 17 },
    { "a head cut",        B("\0\x11\0\x07" ENT_A "\0\x01\0"), PROV_E_SYNTAX, "", BAD, 5, 17 },
    { "a value cut",       B("\0\x11\0\x0E" ENT_A "\0\x09\0\x01z\0\x01\0\x02y"), PROV_E_SYNTAX, "", BAD, 10, 17 },
    { "a control byte",    B("\0\x11\0\x0A" ENT_A "\0\x01\0\x02" "a\r"), PROV_E_DENIED, "", CTL, 2, 17 },
    { "an escaped one",    B("\0\x11\0\x0B" ENT_A "\0\x01\0\x03%0a"), PROV_E_DENIED, "", ESC, 1, 17 },
    { "no such sub-option", B("\0\x11\0\x09" ENT_A "\0\x02\0\x01z"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "no option",         B("\0\x3B\0\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static const struct row vendor6_b[] = {
    /* clang-format off */
    { "the wanted one",    B("\0\x11\0\x09" ENT_A "\0\x01\0\x01z\0\x11\0\x09" ENT_B "\0\x01\0\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "another alone",     B("\0\x11\0\x09" ENT_A "\0\x01\0\x01z"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "others may be anything", B("\0\x11\0\x05" ENT_A "z\0\x11\0\x09" ENT_B "\0\x01\0\x01y"), PROV_OK, "y", 0, 0, 0 },
    /* clang-format on */
};

static const struct row vendor4_any[] = {
    /* clang-format off */
    { "one",               B("\x7D\x0A" ENT_A "\x05\x01\x03" "a:b"), PROV_OK, "a:b", 0, 0, 0 },
    { "behind another",    B("\x7D\x0B" ENT_A "\x06\x02\x01z\x01\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "in the second",     B("\x7D\x0D" ENT_A "\0" ENT_B "\x03\x01\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "the first is bad",  B("\x7D\x0E" ENT_A "\x01\x01" ENT_B "\x03\x01\x01y"), PROV_OK, "y", SKIPPED, 6, 125 },
    { "split",             B("\x7D\x03\0\0\x0D\x7D\x05\xE9\x03\x01\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "an enterprise cut", B("\x7D\x04" ENT_A), PROV_E_SYNTAX, "", BAD, 1, 125 },
    { "the data cut",      B("\x7D\x0C" ENT_A "\0" ENT_B "\x05\x01\x01"), PROV_E_SYNTAX, "", BAD, 6, 125 },
    { "two are bad",       B("\x7D\x0C" ENT_A "\x01z" ENT_B "\x05\x01"), PROV_E_SYNTAX, "", BAD, 6, 125 },
    { "a head cut",        B("\x7D\x06" ENT_A "\x01\x01"), PROV_E_SYNTAX, "", BAD, 6, 125 },
    { "a value cut",       B("\x7D\x08" ENT_A "\x03\x01\x02y"), PROV_E_SYNTAX, "", BAD, 6, 125 },
    { "a value must not reach into the next", B("\x7D\x0D" ENT_A "\x03\x01\x05y" ENT_B "\0"), PROV_E_SYNTAX, "", BAD, 6, 125 },
    { "a control byte",    B("\x7D\x08" ENT_A "\x03\x01\x01\n"), PROV_E_DENIED, "", CTL, 1, 125 },
    { "no such sub-option", B("\x7D\x08" ENT_A "\x03\x02\x01y"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "empty",             B("\x7D\0"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    /* clang-format on */
};

static const struct row vendor4_b[] = {
    /* clang-format off */
    { "the wanted one",    B("\x7D\x10" ENT_A "\x03\x01\x01z" ENT_B "\x03\x01\x01y"), PROV_OK, "y", 0, 0, 0 },
    { "another alone",     B("\x7D\x08" ENT_A "\x03\x01\x01z"), PROV_E_NOT_FOUND, "", 0, 0, 0 },
    { "others may be anything", B("\x7D\x0E" ENT_A "\x01z" ENT_B "\x03\x01\x01y"), PROV_OK, "y", 0, 0, 0 },
    /* clang-format on */
};

static void
searches_vendor_options(void **state)
{
    static const struct prov_dhcp_rule v4 = VENDOR4, v6 = VENDOR6;
    static const struct prov_dhcp_policy any = NO_FILE, b = { { "", 0 }, 7, false };

    (void)state;
    RUN(vendor6_any, v6, any);
    RUN(vendor6_b, v6, b);
    RUN(vendor4_any, v4, any);
    RUN(vendor4_b, v4, b);
}

/* ---- Room and arguments ---- */

static void
refuses_every_smaller_buffer(void **state)
{
    static const struct {
        struct prov_str bytes;
        struct prov_dhcp_rule rule;
        const char *text;
    } cases[] = {
        { B("\x42\x0Ahttp://foo\x43\x05"
            "a.xml"),
          JOIN, "http://foo/a.xml" },
        { B("\x42\x0Ahttp://foo"), ADDRESS, "http://foo" },
        { B("\xA0\x0Ahttp://foo"), SERVER, "http://foo/{MODEL}.cfg" },
        { B("\x42\x05"
            "a/?bc"),
          HOST, "tftp://a/{MODEL}.cfg?bc" },
        { B("\x96\x04\x0A\0\0\x01"), ADDRESSES, "tftp://10.0.0.1" },
        { B("\x2B\x0Ahttp://foo"), BARE, "http://foo" },
        { B("\x7D\x0A" ENT_A "\x05\x01\x03"
            "a:b"),
          VENDOR4, "a:b" },
    };
    static const struct prov_dhcp_policy policy = MODEL_FILE;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cases); i++) {
        const size_t full = strlen(cases[i].text);
        struct reading r;

        begin_reading(&r, false, cases[i].bytes, AUTO);
        for (size_t cap = 0; cap <= full; cap++) {
            char *mem = malloc(cap > 0 ? cap : 1);
            struct prov_buf out = { mem, cap, 0 };
            struct prov_diag diag = { 0 };
            const enum prov_status status =
                prov_dhcp_address(&r.facts, &cases[i].rule, &policy, &out, &diag);

            PROV_ROW(cases[i].text, status == (cap < full ? PROV_E_SPACE : PROV_OK));
            PROV_ROW(cases[i].text, out.len == (cap < full ? 0 : full));
            PROV_ROW(cases[i].text, diag.need == (cap < full ? full : 0));
            free(mem);
        }
        end_reading(&r);
    }
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_dhcp_facts facts = { .v6 = false };
    struct prov_dhcp_rule rule = JOIN;
    const struct prov_dhcp_policy policy = NO_FILE;
    struct prov_buf out = { NULL, 0, 0 };
    struct prov_diag diag = { 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_dhcp_address(NULL, &rule, &policy, &out, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, diag.status);
    assert_int_equal(PROV_E_ARG, prov_dhcp_address(&facts, NULL, &policy, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp_address(&facts, &rule, NULL, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_dhcp_address(&facts, &rule, &policy, NULL, NULL));
    rule.form = (enum prov_dhcp_form)(PROV_DHCP_FORM_BARE + 1);
    assert_int_equal(PROV_E_ARG, prov_dhcp_address(&facts, &rule, &policy, &out, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_what_is_around_a_text),
        cmocka_unit_test(joins_server_and_file_by_one_slash),
        cmocka_unit_test(takes_bootp_fields_for_missing_options),
        cmocka_unit_test(reads_blocks_of_option_43),
        cmocka_unit_test(does_not_look_at_option_43_unless_told),
        cmocka_unit_test(takes_an_option_as_the_address),
        cmocka_unit_test(takes_nothing_of_the_other_version),
        cmocka_unit_test(adds_a_file_to_a_server),
        cmocka_unit_test(needs_only_a_host_in_option_66),
        cmocka_unit_test(takes_the_first_of_four_bytes_each),
        cmocka_unit_test(takes_option_43_as_bare_text),
        cmocka_unit_test(decodes_so_many_digits_and_no_more),
        cmocka_unit_test(searches_vendor_options),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("dhcp_address", tests, NULL, NULL);
}
