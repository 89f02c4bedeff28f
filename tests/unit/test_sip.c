/* SPDX-License-Identifier: MIT */
#include <prov/sip.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define VIA "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7\r\n"
#define FROM "From: <sip:pbx@192.0.2.9>;tag=9f\r\n"
#define TO "To: <sip:00095200000E@224.0.1.75>;tag=a1\r\n"
#define ID "Call-ID: 5f3e@192.0.2.9\r\n"
#define CSEQ "CSeq: 3 NOTIFY\r\n"
#define FIVE VIA FROM TO ID CSEQ
#define NOTIFY "NOTIFY sip:phone@192.0.2.1 SIP/2.0\r\n"

/* The message in a heap block of its own; free it. */
static char *
read_exact(const char *text, size_t len, enum prov_status want, struct prov_sip *out,
           struct prov_diag *diag)
{
    char *exact = malloc(len > 0 ? len : 1);
    const struct prov_str message = { exact, len };

    assert_non_null(exact);
    memcpy(exact, text, len);
    assert_int_equal(want, prov_sip_read(message, out, diag));
    return exact;
}

static bool
is(struct prov_str s, const char *z)
{
    return s.ptr != NULL && prov_str_is(s.ptr, s.len, z);
}

/* ---- Reading ---- */

static void
takes_a_notify_apart(void **state)
{
    static const char text[] =
        NOTIFY FIVE "Max-Forwards: 70\r\n"
                    "Event: ua-profile;effective-by=0\r\n"
                    "Subscription-State: terminated;reason=timeout\r\n"
                    "Contact: <sip:192.0.2.9>\r\nExpires: 0\r\nAccept: a/b\r\nUser-Agent: x\r\n"
                    "Content-Encoding: identity\r\n"
                    "Content-Type: application/url\r\nContent-Length: 8\r\n\r\nhttp://h";
    struct prov_sip s;
    char *mem;

    (void)state;
    mem = read_exact(text, sizeof(text) - 1, PROV_OK, &s, NULL);
    assert_true(s.request && is(s.method, "NOTIFY") && is(s.uri, "sip:phone@192.0.2.1"));
    assert_true(is(s.headers[PROV_SIP_VIA], "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7"));
    assert_true(is(s.headers[PROV_SIP_FROM], "<sip:pbx@192.0.2.9>;tag=9f"));
    assert_true(is(s.headers[PROV_SIP_CALL_ID], "5f3e@192.0.2.9"));
    assert_true(s.cseq == 3 && is(s.cseq_method, "NOTIFY"));
    assert_true(is(s.headers[PROV_SIP_EVENT], "ua-profile;effective-by=0"));
    assert_true(is(s.headers[PROV_SIP_SUBSCRIPTION_STATE], "terminated;reason=timeout"));
    assert_true(is(s.headers[PROV_SIP_CONTENT_TYPE], "application/url"));
    assert_true(is(s.headers[PROV_SIP_CONTENT_LENGTH], "8"));
    assert_true(is(s.headers[PROV_SIP_CONTACT], "<sip:192.0.2.9>"));
    assert_true(is(s.headers[PROV_SIP_EXPIRES], "0") && is(s.headers[PROV_SIP_ACCEPT], "a/b"));
    assert_true(is(s.headers[PROV_SIP_USER_AGENT], "x"));
    assert_true(is(s.headers[PROV_SIP_CONTENT_ENCODING], "identity"));
    assert_true(is(s.body, "http://h"));
    assert_true(s.head.ptr == mem + sizeof(NOTIFY) - 1);
    assert_int_equal(sizeof(text) - 1 - 8 - 2 - (sizeof(NOTIFY) - 1), s.head.len);
    free(mem);
}

static void
takes_a_response_apart(void **state)
{
    static const struct {
        const char *line;
        unsigned status;
    } rows[] = {
        { "SIP/2.0 200 OK\r\n", 200 },
        { "SIP/2.0 100\r\n", 100 },
        { "sip/2.0  699  Any thing at all\n", 699 },
    };
    char text[512];
    struct prov_sip s;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const int n = snprintf(text, sizeof(text), "%s" FIVE "\r\n", rows[i].line);
        char *mem = read_exact(text, (size_t)n, PROV_OK, &s, NULL);

        PROV_ROW(rows[i].line, !s.request && s.status == rows[i].status);
        PROV_ROW(rows[i].line, s.method.len == 0 && s.uri.len == 0 && s.body.len == 0);
        free(mem);
    }
}

/* Different ways to write one message. */
static const struct form {
    const char *name;
    const char *text;
} forms[] = {
    { "as RFC 3261 has it", NOTIFY FIVE "Event: check-sync\r\nContent-Type: text/plain\r\n"
                                        "Content-Length: 4\r\n\r\nbody" },
    { "compact names", NOTIFY "v: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7\r\n"
                              "f: <sip:pbx@192.0.2.9>;tag=9f\r\n"
                              "t: <sip:00095200000E@224.0.1.75>;tag=a1\r\n"
                              "i: 5f3e@192.0.2.9\r\nCSeq: 3 NOTIFY\r\n"
                              "o: check-sync\r\nc: text/plain\r\nl: 4\r\n\r\nbody" },
    { "upper-case compact names and other case",
      "NOTIFY sip:phone@192.0.2.1 sip/2.0\r\n"
      "V: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7\r\nFROM: <sip:pbx@192.0.2.9>;tag=9f\r\n"
      "tO: <sip:00095200000E@224.0.1.75>;tag=a1\r\ncall-id: 5f3e@192.0.2.9\r\n"
      "cseq: 3 NOTIFY\r\nEVENT: check-sync\r\ncontent-type: text/plain\r\n"
      "CONTENT-LENGTH: 4\r\n\r\nbody" },
    { "any order, LF only", "NOTIFY sip:phone@192.0.2.1 SIP/2.0\n"
                            "Content-Length: 4\nContent-Type: text/plain\nEvent: check-sync\n"
                            "CSeq: 3 NOTIFY\nCall-ID: 5f3e@192.0.2.9\n"
                            "To: <sip:00095200000E@224.0.1.75>;tag=a1\n"
                            "From: <sip:pbx@192.0.2.9>;tag=9f\n"
                            "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7\n\nbody" },
    { "blanks around colons, keep-alives in front, no length",
      "\r\n\r\n\n" NOTIFY "Via : SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7  \r\n"
      "From\t:<sip:pbx@192.0.2.9>;tag=9f\r\nTo:<sip:00095200000E@224.0.1.75>;tag=a1\r\n"
      "Call-ID:\t5f3e@192.0.2.9\r\nCSeq:   3   NOTIFY \r\nEvent:check-sync\r\n"
      "Content-Type:text/plain\r\n\r\nbody" },
    { "folded lines", NOTIFY "Via:\r\n SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7\r\n"
                             "From:\r\n\t<sip:pbx@192.0.2.9>;tag=9f\r\n \r\n"
                             "To: \n  <sip:00095200000E@224.0.1.75>;tag=a1\r\n"
                             "Call-ID: 5f3e@192.0.2.9\r\n\t\r\nCSeq: 3\r\n NOTIFY\r\n"
                             "Event:\r\n \r\n check-sync\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 4\r\n\r\nbody" },
    { "longer than its length, and twice the same header",
      NOTIFY FIVE "Event: check-sync\r\nEvent: other\r\nVia: SIP/2.0/UDP other\r\n"
                  "Content-Type: text/plain\r\nl: 4\r\nContent-Length: 99\r\n"
                  "Unknown:\r\nX-\x7e!: \xC3\xBC\r\n\r\nbody and more" },
};

static void
reads_every_form_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(forms); i++) {
        const char *name = forms[i].name;
        struct prov_sip s;
        char *mem = read_exact(forms[i].text, strlen(forms[i].text), PROV_OK, &s, NULL);

        PROV_ROW(name, s.request && is(s.method, "NOTIFY") && is(s.uri, "sip:phone@192.0.2.1"));
        PROV_ROW(name, is(s.headers[PROV_SIP_VIA], "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK7"));
        PROV_ROW(name, is(s.headers[PROV_SIP_FROM], "<sip:pbx@192.0.2.9>;tag=9f"));
        PROV_ROW(name, is(s.headers[PROV_SIP_TO], "<sip:00095200000E@224.0.1.75>;tag=a1"));
        PROV_ROW(name, is(s.headers[PROV_SIP_CALL_ID], "5f3e@192.0.2.9"));
        PROV_ROW(name, s.cseq == 3 && is(s.cseq_method, "NOTIFY"));
        PROV_ROW(name, is(s.headers[PROV_SIP_EVENT], "check-sync"));
        PROV_ROW(name, is(s.headers[PROV_SIP_CONTENT_TYPE], "text/plain"));
        PROV_ROW(name, is(s.body, "body") && s.headers[PROV_SIP_EXPIRES].ptr == NULL);
        free(mem);
    }
}

static void
takes_a_message_without_empty_line_or_body(void **state)
{
    static const char *const texts[] = { NOTIFY FIVE, NOTIFY FIVE "\r\n", NOTIFY FIVE "\n",
                                         NOTIFY FIVE "l: 0\r\n" };
    struct prov_sip s;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        char *mem = read_exact(texts[i], strlen(texts[i]), PROV_OK, &s, NULL);

        PROV_ROW(texts[i], s.body.len == 0 && s.cseq == 3);
        free(mem);
    }
}

static void
takes_any_bytes_in_a_body(void **state)
{
    static const char text[] = NOTIFY FIVE "\r\n\0a\r\x01\x7F\0";
    struct prov_sip s;
    char *mem;

    (void)state;
    mem = read_exact(text, sizeof(text) - 1, PROV_OK, &s, NULL);
    assert_int_equal(6, s.body.len);
    assert_memory_equal("\0a\r\x01\x7F\0", s.body.ptr, 6);
    free(mem);
}

/* ---- Refusing ---- */

#define BAD(name, text, code, line, column, subject) \
    { \
        name, text, sizeof(text) - 1, PROV_D_SIP_##code, line, column, subject \
    }

static const struct bad {
    const char *name;
    const char *text;
    size_t len;
    enum prov_diag_code code;
    uint32_t line, column;
    const char *subject;
} bad[] = {
    /* clang-format off */
    BAD("nothing",              "", EMPTY, 1, 1, ""),
    BAD("keep-alive",           "\r\n\r\n", EMPTY, 1, 1, ""),
    BAD("one word",             "NOTIFY\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("no version",           "NOTIFY sip:a\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("other version",        "NOTIFY sip:a SIP/3.0\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("four words",           "NOTIFY sip:a SIP/2.0 x\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("method is no token",   "NO<IFY sip:a SIP/2.0\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("HTTP",                 "\r\nHTTP/1.1 200 OK\r\n" FIVE "\r\n", START_LINE, 2, 1, ""),
    BAD("status of two digits", "SIP/2.0 20 OK\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("status of four",       "SIP/2.0 2000 OK\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("status below 100",     "SIP/2.0 099 OK\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("status above 699",     "SIP/2.0 700 OK\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("status with a slash",  "SIP/2.0 20/ OK\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("status no number",     "SIP/2.0 2x0 OK\r\n" FIVE "\r\n", START_LINE, 1, 1, ""),
    BAD("NUL in a header",      NOTIFY VIA "From: a\0b\r\n" TO ID CSEQ "\r\n", CONTROL, 3, 8, ""),
    BAD("NUL in start line",    "NOT\0IFY sip:a SIP/2.0\r\n" FIVE "\r\n", CONTROL, 1, 4, ""),
    BAD("CR alone",             NOTIFY VIA "From: a\rb\r\n" TO ID CSEQ "\r\n", CONTROL, 3, 8, ""),
    BAD("two CRs",              NOTIFY VIA FROM "To: a\r\r\n" ID CSEQ "\r\n", CONTROL, 4, 6, ""),
    BAD("DEL",                  NOTIFY "\x7F: a\r\n", CONTROL, 2, 1, ""),
    BAD("cut off",              NOTIFY VIA FROM TO "Call-ID: 5f", CUT, 5, 12, ""),
    BAD("cut off at CR",        NOTIFY VIA "From: a\r", CUT, 3, 9, ""),
    BAD("cut in start line",    "NOTIFY", CUT, 1, 7, ""),
    BAD("no colon",             NOTIFY VIA "From a\r\n\r\n", HEADER_LINE, 3, 1, ""),
    BAD("no name",              NOTIFY VIA ": a\r\n\r\n", HEADER_LINE, 3, 1, ""),
    BAD("two words as name",    NOTIFY VIA "Fr om: a\r\n\r\n", HEADER_LINE, 3, 1, ""),
    BAD("fold of nothing",      NOTIFY " Via: a\r\n" FIVE "\r\n", HEADER_LINE, 2, 1, ""),
    BAD("no headers",           NOTIFY "\r\n", HEADER_MISSING, 2, 1, "Via"),
    BAD("no Via",               NOTIFY FROM TO ID CSEQ "\r\n", HEADER_MISSING, 6, 1, "Via"),
    BAD("no From",              NOTIFY VIA TO ID CSEQ "\r\n", HEADER_MISSING, 6, 1, "From"),
    BAD("no To",                NOTIFY VIA FROM ID CSEQ "\r\n", HEADER_MISSING, 6, 1, "To"),
    BAD("no Call-ID",           NOTIFY VIA FROM TO CSEQ "\r\n", HEADER_MISSING, 6, 1, "Call-ID"),
    BAD("no CSeq",              NOTIFY VIA FROM TO ID "\r\n", HEADER_MISSING, 6, 1, "CSeq"),
    BAD("Via of HTTP",          NOTIFY "Via: 1.1 proxy\r\n" FROM TO ID CSEQ, HEADER_VALUE, 2, 6, "Via"),
    BAD("Via too short",        NOTIFY "Via: SIP\r\n" FROM TO ID CSEQ, HEADER_VALUE, 2, 6, "Via"),
    BAD("empty From",           NOTIFY VIA "From: \r\n" TO ID CSEQ, HEADER_VALUE, 3, 6, "From"),
    BAD("empty To",             NOTIFY VIA FROM "To:\r\n" ID CSEQ, HEADER_VALUE, 4, 4, "To"),
    BAD("empty Call-ID",        NOTIFY VIA FROM TO "i:\r\n" CSEQ, HEADER_VALUE, 5, 3, "Call-ID"),
    BAD("Call-ID of two words", NOTIFY VIA FROM TO "i: a\r\n b\r\n" CSEQ, HEADER_VALUE, 5, 4, "Call-ID"),
    BAD("CSeq without method",  NOTIFY VIA FROM TO ID "CSeq: 3\r\n", HEADER_VALUE, 6, 7, "CSeq"),
    BAD("CSeq without number",  NOTIFY VIA FROM TO ID "CSeq: NOTIFY\r\n", HEADER_VALUE, 6, 7, "CSeq"),
    BAD("CSeq of three words",  NOTIFY VIA FROM TO ID "CSeq: 3 NOTIFY 4\r\n", HEADER_VALUE, 6, 7, "CSeq"),
    BAD("CSeq too large",       NOTIFY VIA FROM TO ID "CSeq: 4294967296 NOTIFY\r\n", HEADER_VALUE, 6, 7, "CSeq"),
    BAD("length no number",     NOTIFY FIVE "l: 1x\r\n\r\nabc", HEADER_VALUE, 7, 4, "Content-Length"),
    BAD("length empty",         NOTIFY FIVE "l:\r\n\r\nabc", HEADER_VALUE, 7, 3, "Content-Length"),
    BAD("length negative",      NOTIFY FIVE "l: -1\r\n\r\nabc", HEADER_VALUE, 7, 4, "Content-Length"),
    BAD("length too large",     NOTIFY FIVE "l: 4\r\n\r\nabc", LENGTH, 7, 4, "Content-Length"),
    BAD("length of 2^64",       NOTIFY FIVE "l: 18446744073709551616\r\n\r\nabc", HEADER_VALUE, 7, 4, "Content-Length"),
    /* clang-format on */
};

static void
refuses_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        const struct bad *b = &bad[i];
        struct prov_sip s = { .status = 7 };
        struct prov_diag d = { 0 };
        char *mem = read_exact(b->text, b->len, PROV_E_SYNTAX, &s, &d);

        PROV_ROW(b->name, s.status == 7 && d.status == PROV_E_SYNTAX && d.code == b->code);
        PROV_ROW(b->name, d.line == b->line && d.column == b->column);
        free(mem); /* the subject is constant text */
        PROV_ROW(b->name, prov_str_is(d.subject.ptr, d.subject.len, b->subject));
    }
}

static void
knows_the_largest_cseq(void **state)
{
    static const char text[] = NOTIFY VIA FROM TO ID "CSeq: 4294967295 NOTIFY\r\n";
    struct prov_sip s;
    char *mem;

    (void)state;
    mem = read_exact(text, sizeof(text) - 1, PROV_OK, &s, NULL);
    assert_true(s.cseq == UINT32_MAX);
    free(mem);
}

/* Every shorter message is refused or has a shorter body; nothing behind it is read. */
static void
survives_every_cut(void **state)
{
    static const char text[] = NOTIFY FIVE "Content-Type: a/b\r\n\r\nbody";
    struct prov_sip s;

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        char *mem = malloc(n > 0 ? n : 1);
        const struct prov_str message = { mem, n };

        assert_non_null(mem);
        memcpy(mem, text, n);
        if (prov_sip_read(message, &s, NULL) == PROV_OK)
            assert_true(n >= sizeof(NOTIFY FIVE) - 1 &&
                        mem[s.head.ptr + s.head.len - mem - 1] == '\n');
        free(mem);
    }
}

static void
keeps_its_limits(void **state)
{
    static char text[PROV_SIP_MAX + 1];
    struct prov_sip s;
    struct prov_diag d = { 0 };
    char *mem;
    int n = snprintf(text, sizeof(text), NOTIFY FIVE);

    (void)state;
    for (unsigned i = 5; i < PROV_SIP_HEADER_LINES; i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "X: y\r\n z\r\n");
    free(read_exact(text, (size_t)n, PROV_OK, &s, NULL));
    n += snprintf(text + n, sizeof(text) - (size_t)n, "X: y\r\n");
    free(read_exact(text, (size_t)n, PROV_E_LIMIT, &s, &d));
    assert_int_equal(PROV_D_SIP_TOO_MANY_HEADERS, d.code);
    assert_int_equal(PROV_SIP_HEADER_LINES, d.need);

    n = snprintf(text, sizeof(text), NOTIFY FIVE "\r\n");
    memset(text + n, 'x', sizeof(text) - (size_t)n);
    mem = read_exact(text, PROV_SIP_MAX, PROV_OK, &s, NULL);
    assert_int_equal(PROV_SIP_MAX - (size_t)n, s.body.len);
    free(mem);
    free(read_exact(text, PROV_SIP_MAX + 1, PROV_E_LIMIT, &s, &d));
    assert_int_equal(PROV_D_SIP_TOO_LONG, d.code);
    assert_int_equal(PROV_SIP_MAX, d.need);
    free(read_exact(text, PROV_SIP_MAX + 1, PROV_E_LIMIT, &s, NULL));
}

/* ---- Parameters ---- */

static void
finds_parameters(void **state)
{
    static const struct {
        const char *header, *name, *value; /* NULL = it is not there */
    } rows[] = {
        { "check-sync;reboot=true", "reboot", "true" },
        { "check-sync ; Reboot = false ;x", "reBOOT", "false" },
        { "check-sync;reboot", "reboot", "" },
        { "check-sync;reboot=", "reboot", "" },
        { "check-sync;reboot=;x=y", "reboot", "" },
        { "check-sync;a\r\n =\r\n b", "a", "b" },
        { "check-sync", "reboot", NULL },
        { "reboot=true", "reboot", NULL },
        { "check-sync;reboots=true", "reboot", NULL },
        { "check-sync;x=;reboot=1;reboot=2", "reboot", "1" },
        { "<sip:a@b;tag=1>;tag=2", "tag", "2" },
        { "<sip:a@b;tag=1>", "tag", NULL },
        { "sip:a@b;tag=1", "tag", "1" },
        { "\"x;tag=1\" <sip:a@b>;tag=2", "tag", "2" },
        { "\"x\\\";tag=1\" <sip:a@b>;tag=2", "tag", "2" },
        { "\"x;tag=1", "tag", NULL },
        { "<x;tag=1", "tag", NULL },
        { "m;a=\"b;c\\\"d\";e=f", "a", "b;c\\\"d" },
        { "m;a=\"b;c\\\"d\";e=f", "e", "f" },
        { "m;a=\"open", "a", "open" },
        { "m;a=\"", "a", "" },
        { "m;a=\"\"", "a", "" },
        { "m;a=\"x\\", "a", "x\\" },
        { "SIP/2.0/UDP a;x=1, SIP/2.0/UDP b;y=2", "x", "1" },
        { "SIP/2.0/UDP a;x=1, SIP/2.0/UDP b;y=2", "y", NULL },
        { "", "x", NULL },
        { ";", "x", NULL },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].header);
        const struct prov_str header = { exact, strlen(rows[i].header) };
        const struct prov_str name = prov_str_z(rows[i].name);
        struct prov_str value = { NULL, 99 };
        const bool found = prov_sip_param(header, name, &value);

        PROV_ROW(rows[i].header, found == (rows[i].value != NULL));
        PROV_ROW(rows[i].header, prov_sip_param(header, name, NULL) == found);
        PROV_ROW(rows[i].header, found ? is(value, rows[i].value) : value.len == 99);
        free(exact);
    }
}

static void
takes_the_value_before_parameters(void **state)
{
    (void)state;
    assert_true(is(prov_sip_token(prov_str_z("check-sync")), "check-sync"));
    assert_true(is(prov_sip_token(prov_str_z("application/url ;charset=x")), "application/url"));
    assert_true(is(prov_sip_token(prov_str_z(" ua-profile\r\n ;a;b")), "ua-profile"));
    assert_int_equal(0, prov_sip_token(prov_str_z(";a")).len);
    assert_int_equal(0, prov_sip_token((struct prov_str){ NULL, 0 }).len);
}

/* ---- Answering ---- */

static void
answers(const char *message, const struct prov_sip_answer *answer, const char *want)
{
    struct prov_sip s, again;
    char out[2048];
    struct prov_buf buf = { out, sizeof(out), 0 };
    char *mem = read_exact(message, strlen(message), PROV_OK, &s, NULL);

    assert_int_equal(PROV_OK, prov_sip_answer(&s, answer, &buf));
    out[buf.len] = '\0';
    assert_string_equal(want, out);
    assert_int_equal(PROV_OK, prov_sip_read(prov_buf_str(&buf), &again, NULL));
    assert_true(!again.request && again.status == answer->status && again.cseq == s.cseq);
    assert_true(prov_str_eq(again.headers[PROV_SIP_CALL_ID], s.headers[PROV_SIP_CALL_ID]));
    assert_true(prov_str_eq(again.cseq_method, s.cseq_method));
    free(mem);
}

static void
writes_an_answer(void **state)
{
    const struct prov_sip_answer ok = { .status = 200, .reason = PROV_STR_INIT("OK") };
    const struct prov_sip_answer first = { .status = 100 };
    const struct prov_sip_answer last = { .status = 699, .reason = PROV_STR_INIT("x") };
    const struct prov_sip_answer rich = { .status = 489,
                                          .reason = PROV_STR_INIT("Bad Event"),
                                          .to_tag = PROV_STR_INIT("t1"),
                                          .headers = PROV_STR_INIT("Allow-Events: x\r\n") };

    (void)state;
    answers(NOTIFY FIVE "\r\n", &ok, "SIP/2.0 200 OK\r\n" FIVE "Content-Length: 0\r\n\r\n");
    answers(NOTIFY FIVE "\r\n", &first, "SIP/2.0 100 \r\n" FIVE "Content-Length: 0\r\n\r\n");
    answers(NOTIFY FIVE "\r\n", &last, "SIP/2.0 699 x\r\n" FIVE "Content-Length: 0\r\n\r\n");
    answers("NOTIFY sip:a SIP/2.0\nt: a\nv: SIP/2.0/UDP a\nCSeq: 1 NOTIFY\ni: x\nf: b\n\n", &ok,
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nFrom: b\r\nTo: a\r\nCall-ID: x\r\n"
            "CSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n");
    /* A tag that is there stays. */
    answers(NOTIFY FIVE "\r\n", &rich,
            "SIP/2.0 489 Bad Event\r\n" FIVE "Allow-Events: x\r\nContent-Length: 0\r\n\r\n");
    /* One that is not is added; all Vias come in order, unfolded, behind each other. */
    answers("NOTIFY sip:a SIP/2.0\nt: <sip:a;tag=0>\nv: SIP/2.0/UDP a,\n SIP/2.0/UDP b\n"
            "CSeq: 007\n\tNOTIFY\ni: x\nVia: SIP/2.0/UDP c\nf: \"a\r\n Evil: b\" <sip:b>\n\n",
            &rich,
            "SIP/2.0 489 Bad Event\r\nVia: SIP/2.0/UDP a,  SIP/2.0/UDP b\r\n"
            "Via: SIP/2.0/UDP c\r\nFrom: \"a   Evil: b\" <sip:b>\r\nTo: <sip:a;tag=0>;tag=t1\r\n"
            "Call-ID: x\r\nCSeq: 7 NOTIFY\r\nAllow-Events: x\r\nContent-Length: 0\r\n\r\n");
}

static void
tells_the_sender_where_it_was_seen(void **state)
{
    static const struct {
        const char *via, *from, *want;
    } rows[] = {
        { "SIP/2.0/UDP h", "192.0.2.9:1234", "SIP/2.0/UDP h;received=192.0.2.9" },
        { "SIP/2.0/UDP h;rport;branch=b", "192.0.2.9:1234",
          "SIP/2.0/UDP h;rport=1234;branch=b;received=192.0.2.9" },
        { "SIP/2.0/UDP h;rport", "[2001:db8::1]:5060",
          "SIP/2.0/UDP h;rport=5060;received=2001:db8::1" },
        { "SIP/2.0/UDP h;rport=", "192.0.2.9:1", "SIP/2.0/UDP h;rport=1;received=192.0.2.9" },
        { "SIP/2.0/UDP h;rport = ;x", "192.0.2.9:1",
          "SIP/2.0/UDP h;rport =1;x;received=192.0.2.9" },
        { "SIP/2.0/UDP h;rport;x", NULL, "SIP/2.0/UDP h;rport=0;x" },
        { "SIP/2.0/UDP h;rport=7", "192.0.2.9:1", "SIP/2.0/UDP h;rport=7;received=192.0.2.9" },
        { "SIP/2.0/UDP h;received=9.9.9.9", "192.0.2.9:1", "SIP/2.0/UDP h;received=9.9.9.9" },
        { "SIP/2.0/UDP h;a=b, SIP/2.0/UDP i;rport", "192.0.2.9:1",
          "SIP/2.0/UDP h;a=b;received=192.0.2.9, SIP/2.0/UDP i;rport" },
    };
    char message[512], want[512];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct prov_endpoint from = { .family = PROV_FAMILY_NONE };
        const struct prov_sip_answer ok = { .status = 200,
                                            .reason = PROV_STR_INIT("OK"),
                                            .from = &from };

        if (rows[i].from != NULL)
            assert_int_equal(PROV_OK, prov_endpoint_parse(prov_str_z(rows[i].from), &from));
        (void)snprintf(message, sizeof(message), NOTIFY "Via: %s\r\n" FROM TO ID CSEQ VIA "\r\n",
                       rows[i].via);
        (void)snprintf(want, sizeof(want),
                       "SIP/2.0 200 OK\r\nVia: %s\r\n" VIA FROM TO ID CSEQ
                       "Content-Length: 0\r\n\r\n",
                       rows[i].want);
        answers(message, &ok, want);
    }
}

static void
refuses_every_smaller_buffer(void **state)
{
    const struct prov_sip_answer ok = { .status = 200, .reason = PROV_STR_INIT("OK") };
    const size_t full = sizeof("SIP/2.0 200 OK\r\n" FIVE "Content-Length: 0\r\n\r\n") - 1;
    struct prov_sip s;
    char out[512], *mem = read_exact(NOTIFY FIVE, sizeof(NOTIFY FIVE) - 1, PROV_OK, &s, NULL);

    (void)state;
    for (size_t cap = 0; cap <= full; cap++) {
        struct prov_buf buf = { out, cap, 0 };

        memset(out, '#', sizeof(out));
        assert_int_equal(cap < full ? PROV_E_SPACE : PROV_OK, prov_sip_answer(&s, &ok, &buf));
        assert_int_equal(cap < full ? 0 : full, buf.len);
        assert_int_equal('#', out[cap]);
    }
    free(mem);
}

static void
refuses_bad_arguments(void **state)
{
    struct prov_sip_answer a = { .status = 200 };
    struct prov_sip s, response;
    char out[512];
    struct prov_buf buf = { out, sizeof(out), 0 };
    struct prov_diag d = { 0 };
    char *mem = read_exact(NOTIFY FIVE, sizeof(NOTIFY FIVE) - 1, PROV_OK, &s, NULL);

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_sip_read(prov_str_z("x"), NULL, &d));
    assert_int_equal(PROV_D_BAD_ARGUMENT, d.code);
    assert_int_equal(PROV_E_ARG, prov_sip_read(prov_str_z("x"), NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_sip_answer(NULL, &a, &buf));
    assert_int_equal(PROV_E_ARG, prov_sip_answer(&s, NULL, &buf));
    assert_int_equal(PROV_E_ARG, prov_sip_answer(&s, &a, NULL));
    response = s;
    response.request = false;
    assert_int_equal(PROV_E_ARG, prov_sip_answer(&response, &a, &buf));
    a.status = 99;
    assert_int_equal(PROV_E_ARG, prov_sip_answer(&s, &a, &buf));
    a.status = 700;
    assert_int_equal(PROV_E_ARG, prov_sip_answer(&s, &a, &buf));
    assert_int_equal(0, buf.len);
    free(mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_notify_apart),
        cmocka_unit_test(takes_a_response_apart),
        cmocka_unit_test(reads_every_form_alike),
        cmocka_unit_test(takes_a_message_without_empty_line_or_body),
        cmocka_unit_test(takes_any_bytes_in_a_body),
        cmocka_unit_test(refuses_by_the_table),
        cmocka_unit_test(knows_the_largest_cseq),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(keeps_its_limits),
        cmocka_unit_test(finds_parameters),
        cmocka_unit_test(takes_the_value_before_parameters),
        cmocka_unit_test(writes_an_answer),
        cmocka_unit_test(tells_the_sender_where_it_was_seen),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(refuses_bad_arguments),
    };

    return cmocka_run_group_tests_name("sip", tests, NULL, NULL);
}
