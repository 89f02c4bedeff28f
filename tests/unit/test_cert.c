/* SPDX-License-Identifier: MIT */
#include <prov/cert.h>

#include "support/prov_certs.h"

#define KEY(label) "-----BEGIN " label "-----\nMAo=\n-----END " label "-----\n"

/* ---- Text ---- */

static const struct row {
    const char *name, *text;
    enum prov_status status;
    enum prov_diag_code code;
    uint32_t count, line, column;
    const char *pem; /* what it becomes; NULL = the text itself */
} rows[] = {
    /* clang-format off */
    { "one", CERT_1, PROV_OK, 0, 1, 0, 0, NULL },
    { "two", CERT_1 CERT_2, PROV_OK, 0, 2, 0, 0, NULL },
    { "version 1", CERT_OLD, PROV_OK, 0, 1, 0, 0, NULL },
    { "explained", "Issuer: x\n\n" CERT_1 "\nand\n" CERT_2 "end", PROV_OK, 0, 2, 0, 0, CERT_1 CERT_2 },
    { "byte order mark", "\xEF\xBB\xBF" CERT_1, PROV_OK, 0, 1, 0, 0, CERT_1 },
    { "old label", "-----BEGIN X509 CERTIFICATE-----\n" CERT_BODY_1 "-----END X509 CERTIFICATE-----", PROV_OK, 0, 1, 0, 0, CERT_1 },
    { "no line end at the end", CERT_BEGIN CERT_BODY_1 "-----END CERTIFICATE-----", PROV_OK, 0, 1, 0, 0, CERT_1 },
    { "CR LF", "-----BEGIN CERTIFICATE-----\r\n" CERT_BODY_1 "\r\n-----END CERTIFICATE-----\r\n", PROV_OK, 0, 1, 0, 0, CERT_1 },
    { "blank line inside", CERT_BEGIN "\n" CERT_BODY_1 "\n" CERT_END, PROV_OK, 0, 1, 0, 0, CERT_1 },
    { "empty", "", PROV_E_TYPE, PROV_D_CERT_NONE, 0, 0, 0, NULL },
    { "a page", "<html>\n<body>404</body>\n</html>\n", PROV_E_TYPE, PROV_D_CERT_NONE, 0, 0, 0, NULL },
    { "base64 alone", CERT_BODY_1, PROV_E_TYPE, PROV_D_CERT_NONE, 0, 0, 0, NULL },
    { "a request", "-----BEGIN CERTIFICATE REQUEST-----\n", PROV_E_TYPE, PROV_D_CERT_OTHER, 0, 1, 1, NULL },
    { "a request that says certificate", CERT_BEGIN CERT_BODY_REQUEST CERT_END, PROV_E_TYPE, PROV_D_CERT_OTHER, 0, 4, 29, NULL },
    { "trusted", "-----BEGIN TRUSTED CERTIFICATE-----\n", PROV_E_TYPE, PROV_D_CERT_OTHER, 0, 1, 1, NULL },
    { "list", CERT_1 "-----BEGIN X509 CRL-----\n", PROV_E_TYPE, PROV_D_CERT_OTHER, 0, 11, 1, NULL },
    { "key", KEY("PRIVATE KEY"), PROV_E_DENIED, PROV_D_CERT_KEY, 0, 1, 1, NULL },
    { "key of RSA", KEY("RSA PRIVATE KEY"), PROV_E_DENIED, PROV_D_CERT_KEY, 0, 1, 1, NULL },
    { "encrypted key", KEY("ENCRYPTED PRIVATE KEY"), PROV_E_DENIED, PROV_D_CERT_KEY, 0, 1, 1, NULL },
    { "key behind the certificate", CERT_1 KEY("EC PRIVATE KEY"), PROV_E_DENIED, PROV_D_CERT_KEY, 0, 11, 1, NULL },
    { "key that says certificate", CERT_BEGIN "MAwCAQAwAwYBAQQCMAA=\n" CERT_END, PROV_E_DENIED, PROV_D_CERT_KEY, 0, 2, 9, NULL },
    { "mark cut", "-----BEGIN CERTIFICATE----\n" CERT_BODY_1 CERT_END, PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 1, 1, NULL },
    { "blank behind the mark", "-----BEGIN CERTIFICATE----- \n" CERT_BODY_1 CERT_END, PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 1, 1, NULL },
    { "only a mark", "-----BEGIN -----", PROV_E_TYPE, PROV_D_CERT_OTHER, 0, 1, 1, NULL },
    { "mark of dashes", "-----BEGIN ----", PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 1, 1, NULL },
    { "end first", CERT_END CERT_1, PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 1, 1, NULL },
    { "other end", CERT_BEGIN CERT_BODY_1 "-----END X509 CERTIFICATE-----\n", PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 10, 1, NULL },
    { "no end", CERT_BEGIN CERT_BODY_1, PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 10, 1, NULL },
    { "second one inside the first", CERT_BEGIN CERT_BODY_1 CERT_1, PROV_E_SYNTAX, PROV_D_CERT_MARK, 0, 10, 1, NULL },
    { "nothing inside", CERT_BEGIN CERT_END, PROV_E_SYNTAX, PROV_D_CERT_CUT, 0, 2, 1, NULL },
    { "cut in a group", CERT_BEGIN "MIIBd\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_CUT, 0, 3, 1, NULL },
    { "cut behind a group", CERT_BEGIN "MIIBdz\n", PROV_E_SYNTAX, PROV_D_CERT_CUT, 0, 3, 1, NULL },
    { "blank in base64", CERT_BEGIN "MII BdzCC\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 4, NULL },
    { "CR in base64", CERT_BEGIN "MII\rBdzCC\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 4, NULL },
    { "colon in base64", CERT_BEGIN "MII: BdzCC\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 4, NULL },
    { "padding in front", CERT_BEGIN "=AAA\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 1, NULL },
    { "padding second", CERT_BEGIN "A=AA\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 2, NULL },
    { "padding inside", CERT_BEGIN "MA=A\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 4, NULL },
    { "behind the padding", CERT_BEGIN "MAo=MAo=\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 5, NULL },
    { "stray bits", CERT_BEGIN "MAp=\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 5, NULL },
    { "stray bits of two", CERT_BEGIN "MAAwAB==\n" CERT_END, PROV_E_SYNTAX, PROV_D_CERT_BASE64, 0, 2, 9, NULL },
    /* clang-format on */
};

static void
reads_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        char *exact = prov_copy_exact(r->text);
        const struct prov_str file = { exact, strlen(r->text) };
        struct prov_certs c = { .count = 77 };
        struct prov_diag d = { 0 };
        char mem[4000];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        PROV_ROW(r->name, prov_cert_read(prov_str_z("root.pem"), file, &c, &d) == r->status);
        PROV_ROW(r->name, d.status == r->status && d.code == r->code);
        PROV_ROW(r->name, d.line == r->line && d.column == r->column);
        PROV_ROW(r->name, prov_cert_put(file, &out) == r->status);
        if (r->status == PROV_OK) {
            PROV_ROW(r->name, c.count == r->count && c.form == PROV_CERT_PEM);
            PROV_ROW(r->name, c.pem_bytes == out.len);
            PROV_ROW(r->name, prov_str_is(mem, out.len, r->pem != NULL ? r->pem : r->text));
        } else {
            PROV_ROW(r->name, c.count == 77 && out.len == 0);
            PROV_ROW(r->name, prov_str_eq(d.source, prov_str_z("root.pem")));
        }
        free(exact);
    }
}

/* A certificate without line ends, and with one behind each character. */
static void
does_not_mind_how_long_lines_are(void **state)
{
    char long_line[2000], short_lines[4000], mem[1000];
    size_t a = 0, b = 0;

    (void)state;
    memcpy(long_line, CERT_BEGIN, strlen(CERT_BEGIN));
    memcpy(short_lines, CERT_BEGIN, strlen(CERT_BEGIN));
    a = b = strlen(CERT_BEGIN);
    for (const char *p = CERT_BODY_1; *p != '\0'; p++) {
        if (*p == '\n')
            continue;
        long_line[a++] = short_lines[b++] = *p;
        short_lines[b++] = '\n';
    }
    long_line[a++] = '\n';
    memcpy(long_line + a, CERT_END, strlen(CERT_END));
    memcpy(short_lines + b, CERT_END, strlen(CERT_END));

    const struct prov_str files[] = { { long_line, a + strlen(CERT_END) },
                                      { short_lines, b + strlen(CERT_END) } };

    for (size_t i = 0; i < 2; i++) {
        struct prov_buf out = { mem, sizeof(mem), 0 };

        assert_int_equal(PROV_OK, prov_cert_put(files[i], &out));
        assert_true(prov_str_is(mem, out.len, CERT_1));
    }
}

/* ---- DER ---- */

static enum prov_diag_code
code_of(const char *der, size_t len, struct prov_diag *d)
{
    struct prov_certs c;
    char *exact = malloc(len > 0 ? len : 1);

    assert_non_null(exact);
    memcpy(exact, der, len);
    *d = (struct prov_diag){ .status = PROV_OK };

    const enum prov_status status =
        prov_cert_read(prov_str_z("root.der"), (struct prov_str){ exact, len }, &c, d);

    assert_int_equal(status, d->status);
    free(exact);
    return d->code;
}

static void
makes_text_of_der(void **state)
{
    static const char *const bodies[] = { CERT_BODY_1, CERT_BODY_2, CERT_BODY_OLD };
    static const char *const texts[] = { CERT_1, CERT_2, CERT_OLD };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bodies); i++) {
        char der[600], mem[1000];
        const struct prov_str file = { der, cert_decode(bodies[i], der) };
        struct prov_buf out = { mem, sizeof(mem), 0 };
        struct prov_certs c;

        assert_int_equal(PROV_OK, prov_cert_read(prov_str_z(""), file, &c, NULL));
        assert_int_equal(PROV_CERT_DER, c.form);
        assert_int_equal(1, c.count);
        assert_int_equal(strlen(texts[i]), c.pem_bytes);
        assert_int_equal(PROV_OK, prov_cert_put(file, &out));
        assert_true(prov_str_is(mem, out.len, texts[i]));
    }
}

static void
refuses_every_shorter_and_every_longer_file(void **state)
{
    char der[600];
    const size_t len = cert_decode(CERT_BODY_1, der);
    struct prov_diag d;

    (void)state;
    assert_int_equal(PROV_D_NONE, code_of(der, len, &d));
    for (size_t n = 2; n < len; n++) {
        assert_int_equal(PROV_D_CERT_CUT, code_of(der, n, &d));
        assert_int_equal(0, d.line);
        assert_int_equal(n + 1, d.column);
    }
    der[len] = 0;
    assert_int_equal(PROV_D_CERT_BEHIND, code_of(der, len + 1, &d));
    assert_int_equal(len + 1, d.column);
}

/* Offsets in the first certificate: outer head 0, signed part 4, version 8, serial 13. */
static void
refuses_der_that_is_no_certificate(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        unsigned char byte;
        enum prov_diag_code code;
    } changes[] = {
        { "signed part is a set", 4, 0x31, PROV_D_CERT_OTHER },
        { "signed part is an OID", 4, 0x06, PROV_D_CERT_OTHER },
        { "no serial number", 13, 0x04, PROV_D_CERT_OTHER },
        { "version twice", 13, 0xA0, PROV_D_CERT_OTHER },
        { "outer length larger", 3, 0xFF, PROV_D_CERT_CUT },
        { "outer length smaller", 3, 0x00, PROV_D_CERT_LENGTH },
        { "signed length larger", 7, 0xFF, PROV_D_CERT_LENGTH },
        { "signed length smaller", 7, 0x05, PROV_D_CERT_LENGTH },
        { "length of three bytes", 1, 0x83, PROV_D_CERT_LENGTH },
        { "length without end", 1, 0x80, PROV_D_CERT_LENGTH },
        { "length that is too long", 2, 0x00, PROV_D_CERT_LENGTH },
        { "version longer", 9, 0x7F, PROV_D_CERT_OTHER },
    };
    char der[600];
    const size_t len = cert_decode(CERT_BODY_1, der);

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(changes); i++) {
        const char before = der[changes[i].at];
        struct prov_diag d;

        der[changes[i].at] = (char)changes[i].byte;
        PROV_ROW(changes[i].name, code_of(der, len, &d) == changes[i].code);
        der[changes[i].at] = before;
    }
}

/* What other things look like, in their beginnings. */
static void
tells_other_der_apart(void **state)
{
    static const struct {
        const char *name, *body;
        enum prov_diag_code code;
    } others[] = {
        { "request", CERT_BODY_REQUEST, PROV_D_CERT_OTHER },
        { "PKCS #8 key", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", PROV_D_CERT_KEY },
        { "key of RSA", "MIICXAIBAAKBgQ==", PROV_D_CERT_KEY },
        { "PKCS #7", "MIIBqAYJKoZIhvcNAQcCoIIBmTCCAZUC", PROV_D_CERT_OTHER },
        { "public key of RSA", "MIGJAoGBAA==", PROV_D_CERT_OTHER },
        { "encrypted key", "MIGbMFcGCSqGSIb3DQEFDQ==", PROV_D_CERT_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(others); i++) {
        char der[600] = { 0 };
        struct prov_diag d;

        (void)cert_decode(others[i].body, der);
        PROV_ROW(others[i].name,
                 code_of(der, i == 0 ? cert_decode(others[i].body, der) : sizeof(der), &d) ==
                     others[i].code);
    }
}

/* Every byte of a certificate in every value: nothing is read that is not there. */
static void
survives_every_changed_byte(void **state)
{
    char der[600];
    const size_t len = cert_decode(CERT_BODY_OLD, der);
    unsigned good = 0;

    (void)state;
    for (size_t at = 0; at < len; at++) {
        const char before = der[at];

        for (unsigned v = 0; v < 256; v++) {
            struct prov_diag d;

            der[at] = (char)v;
            good += code_of(der, len, &d) == PROV_D_NONE;
        }
        der[at] = before;
    }
    assert_true(good > len); /* most bytes are content */
}

/* ---- Limits ---- */

static void
refuses_every_smaller_buffer(void **state)
{
    const size_t full = strlen(CERT_1);
    char mem[1000];

    (void)state;
    for (size_t cap = 3; cap < full + 3; cap++) {
        struct prov_buf out = { mem, cap, 3 };

        memset(mem, '#', sizeof(mem));
        assert_int_equal(PROV_E_SPACE, prov_cert_put(prov_str_z(CERT_1), &out));
        assert_int_equal(3, out.len);
        assert_memory_equal("###", mem, 3);
        assert_int_equal('#', mem[cap]);
    }
}

static void
takes_a_file_of_the_limit_and_not_one_byte_more(void **state)
{
    char *text = malloc(PROV_CERT_FILE_BYTES + 1);
    struct prov_certs c;
    struct prov_diag d = { 0 };

    (void)state;
    assert_non_null(text);
    memset(text, '\n', PROV_CERT_FILE_BYTES + 1);
    memcpy(text, CERT_1, strlen(CERT_1));
    assert_int_equal(
        PROV_OK,
        prov_cert_read(prov_str_z(""), (struct prov_str){ text, PROV_CERT_FILE_BYTES }, &c, &d));
    assert_int_equal(PROV_E_LIMIT,
                     prov_cert_read(prov_str_z(""),
                                    (struct prov_str){ text, PROV_CERT_FILE_BYTES + 1 }, &c, &d));
    assert_int_equal(PROV_D_CERT_LONG, d.code);
    assert_int_equal(PROV_CERT_FILE_BYTES, d.need);
    free(text);
}

/* What is saved must be taken again. */
static void
refuses_der_that_would_be_too_long_as_text(void **state)
{
    static const char head[] = "\x30\x82\x30\x00\x30\x82\x2F\xF8\x02\x00\x30\x00\x30\x00"
                               "\x30\x00\x30\x82\x2F\xEA";
    static const char tail[] = "\x30\x00\x30\x00\x03\x00";
    char der[0x3004] = { 0 };
    struct prov_certs c = { .count = 77 };
    struct prov_diag d = { 0 };
    const struct prov_str file = { der, sizeof(der) };

    (void)state;
    memcpy(der, head, sizeof(head) - 1);
    memcpy(der + sizeof(der) - sizeof(tail) + 1, tail, sizeof(tail) - 1);
    assert_int_equal(PROV_E_LIMIT, prov_cert_read(prov_str_z(""), file, &c, &d));
    assert_int_equal(PROV_D_CERT_LONG, d.code);
    assert_int_equal(77, c.count);
}

static void
refuses_bad_arguments(void **state)
{
    struct prov_diag d = { 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_cert_read(prov_str_z(""), prov_str_z(CERT_1), NULL, &d));
    assert_int_equal(PROV_D_BAD_ARGUMENT, d.code);
    assert_int_equal(PROV_E_ARG, prov_cert_read(prov_str_z(""), prov_str_z(CERT_1), NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_cert_put(prov_str_z(CERT_1), NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_text),
        cmocka_unit_test(does_not_mind_how_long_lines_are),
        cmocka_unit_test(makes_text_of_der),
        cmocka_unit_test(refuses_every_shorter_and_every_longer_file),
        cmocka_unit_test(refuses_der_that_is_no_certificate),
        cmocka_unit_test(tells_other_der_apart),
        cmocka_unit_test(survives_every_changed_byte),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(takes_a_file_of_the_limit_and_not_one_byte_more),
        cmocka_unit_test(refuses_der_that_would_be_too_long_as_text),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("cert", tests, NULL, NULL);
}
