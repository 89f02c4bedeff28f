/* SPDX-License-Identifier: MIT */
#include <prov/enc.h>

#include "base/sha256.h"
#include "support/prov_cmocka.h"

#define PASS "0123456789abcdef0123456789abcdef"
#define SALT "saltSALT"
#define HEAD "Salted__" SALT
#define FILE_MAX 1024

static const struct prov_str source = PROV_STR_INIT("a.enc");

/* ---- An engine that is none: each block is combined with the one before and the key ---- */

struct engine {
    unsigned digests, ciphers; /* calls */
    unsigned fail_at;          /* 1 = the first digest; 10 = the cipher; 0 = never */
    enum prov_status failure;
    enum prov_enc_digest kind;
    uint8_t made[4][PROV_ENC_DIGEST_BYTES]; /* what each digest gave */
    uint8_t key[32], iv[PROV_ENC_BLOCK_BYTES];
    size_t key_bytes, len;
};

static size_t
digest_bytes(enum prov_enc_digest kind)
{
    return kind == PROV_ENC_MD5 ? 16 : PROV_ENC_DIGEST_BYTES;
}

/* The pieces must be those of EVP_BytesToKey: the digest before, pass phrase, salt. */
static enum prov_status
fake_digest(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces, size_t count,
            uint8_t out[PROV_ENC_DIGEST_BYTES])
{
    struct engine *e = ctx;
    struct prov_sha256 h;
    uint8_t all[PROV_SHA256_BYTES];

    assert_true(e->digests < 4);
    assert_int_equal(e->digests == 0 ? 2 : 3, count);
    assert_true(prov_str_is(pieces[count - 2].ptr, pieces[count - 2].len, PASS));
    assert_true(prov_str_is(pieces[count - 1].ptr, pieces[count - 1].len, SALT));
    if (count == 3) {
        assert_int_equal(digest_bytes(kind), pieces[0].len);
        assert_memory_equal(e->made[e->digests - 1], pieces[0].ptr, pieces[0].len);
    }
    prov_sha256_init(&h);
    prov_sha256_update(&h, kind == PROV_ENC_MD5 ? "5" : "2", 1);
    for (size_t i = 0; i < count; i++)
        prov_sha256_update(&h, pieces[i].ptr, pieces[i].len);
    prov_sha256_final(&h, all);
    memcpy(out, all, digest_bytes(kind));
    memcpy(e->made[e->digests], all, digest_bytes(kind));
    e->kind = kind;
    e->digests++;
    return e->fail_at == e->digests ? e->failure : PROV_OK;
}

static enum prov_status
fake_cipher(void *ctx, const uint8_t *key, size_t key_bytes, const uint8_t iv[PROV_ENC_BLOCK_BYTES],
            uint8_t *bytes, size_t len)
{
    struct engine *e = ctx;
    uint8_t before[PROV_ENC_BLOCK_BYTES], now;

    assert_true(len >= sizeof(before) && len % sizeof(before) == 0 && key_bytes <= sizeof(e->key));
    memcpy(e->key, key, key_bytes);
    memcpy(e->iv, iv, sizeof(e->iv));
    memcpy(before, iv, sizeof(before));
    e->key_bytes = key_bytes;
    e->len = len;
    e->ciphers++;
    for (size_t i = 0; i < len; i++) {
        now = bytes[i];
        bytes[i] = (uint8_t)(now ^ before[i % 16] ^ key[i % key_bytes]);
        before[i % 16] = now;
    }
    return e->fail_at == 10 ? e->failure : PROV_OK;
}

static const struct prov_crypto_ops ops = { sizeof(ops), fake_digest, fake_cipher };

static struct prov_enc_options
options_of(uint32_t bits, enum prov_enc_digest digest)
{
    return (struct prov_enc_options){ .size = sizeof(struct prov_enc_options),
                                      .pass = PROV_STR_INIT(PASS),
                                      .key_bits = bits,
                                      .digest = digest };
}

/* ---- Files ---- */

struct bytes {
    char at[FILE_MAX];
    size_t len;
};

static void
add(struct bytes *b, const void *p, size_t n)
{
    assert_true(n <= sizeof(b->at) - b->len);
    memcpy(b->at + b->len, p, n);
    b->len += n;
}

/* The engine's cipher the other way. It is asked for the key by decrypting one block of anything. */
static void
encrypt(struct bytes *out, const char *padded, size_t len, const struct prov_enc_options *o)
{
    struct engine e = { 0 };
    const struct prov_crypto crypto = { &ops, &e };
    char probe[32] = HEAD "0123456789abcde";
    size_t n;

    assert_true(prov_enc_decrypt(&crypto, o, source, probe, sizeof(probe), &n, NULL) <=
                PROV_E_INVALID);
    assert_int_equal(1, e.ciphers);
    out->len = 0;
    add(out, HEAD, 16);
    for (size_t i = 0; i < len; i++) {
        const uint8_t before = i < 16 ? e.iv[i] : (uint8_t)out->at[i];
        const char c = (char)((uint8_t)padded[i] ^ before ^ e.key[i % e.key_bytes]);

        add(out, &c, 1);
    }
}

static void
encrypt_padded(struct bytes *out, const char *plain, size_t len, const struct prov_enc_options *o)
{
    struct bytes padded = { .len = 0 };
    const char n = (char)(16 - len % 16);

    add(&padded, plain, len);
    while (padded.len < len + (size_t)n)
        add(&padded, &n, 1);
    encrypt(out, padded.at, padded.len, o);
}

/* `eol` after every `width` digits and at the end. */
static void
encode(struct bytes *out, const struct bytes *in, size_t width, const char *eol)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;

    out->len = 0;
    for (size_t i = 0; i < in->len; i += 3) {
        const size_t n = in->len - i < 3 ? in->len - i : 3;
        const uint32_t b0 = (uint8_t)in->at[i], b1 = n > 1 ? (uint8_t)in->at[i + 1] : 0;
        const uint32_t bits = b0 << 16 | b1 << 8 | (n > 2 ? (uint8_t)in->at[i + 2] : 0);

        for (size_t k = 0; k < 4; k++) {
            add(out, k > n ? "=" : &digits[bits >> (18 - 6 * k) & 63], 1);
            if (++column % width == 0)
                add(out, eol, strlen(eol));
        }
    }
    add(out, eol, strlen(eol));
}

static bool
all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

/* In a block of exactly the size of the file; the caller frees it. */
static enum prov_status
decrypt(struct engine *e, const struct prov_enc_options *o, const char *file, size_t len,
        char **mem, size_t *plain_len, struct prov_diag *diag)
{
    const struct prov_crypto crypto = { &ops, e };

    *mem = malloc(len > 0 ? len : 1);
    assert_non_null(*mem);
    memcpy(*mem, file, len);
    return prov_enc_decrypt(&crypto, o, source, *mem, len, plain_len, diag);
}

static void
expect_plain(const char *name, const struct bytes *file, const struct prov_enc_options *o,
             const char *plain, size_t plain_len)
{
    struct engine e = { 0 };
    struct prov_diag diag = { .line = 77 };
    size_t n = 9999;
    char *mem;

    PROV_ROW(name, prov_enc_is((struct prov_str){ file->at, file->len }));
    PROV_ROW(name, decrypt(&e, o, file->at, file->len, &mem, &n, &diag) == PROV_OK);
    PROV_ROW(name, n == plain_len && memcmp(mem, plain, n) == 0);
    PROV_ROW(name, all_zero(mem + n, file->len - n));
    PROV_ROW(name, diag.line == 77);
    free(mem);
}

/* ---- Tests ---- */

static void
the_engine_gets_key_and_iv_of_every_length(void **state)
{
    static const struct row {
        uint32_t bits;
        enum prov_enc_digest digest;
        unsigned digests;
    } rows[] = {
        { 128, PROV_ENC_MD5, 2 },    { 192, PROV_ENC_MD5, 3 },    { 256, PROV_ENC_MD5, 3 },
        { 128, PROV_ENC_SHA256, 1 }, { 192, PROV_ENC_SHA256, 2 }, { 256, PROV_ENC_SHA256, 2 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_enc_options o = options_of(rows[i].bits, rows[i].digest);
        struct engine e = { 0 };
        struct bytes file;
        uint8_t flat[4 * PROV_ENC_DIGEST_BYTES];
        char *mem;
        size_t n;

        encrypt_padded(&file, "text", 4, &o);
        assert_int_equal(PROV_OK, decrypt(&e, &o, file.at, file.len, &mem, &n, NULL));
        free(mem);
        for (size_t k = 0; k < 4; k++)
            memcpy(flat + k * digest_bytes(rows[i].digest), e.made[k],
                   digest_bytes(rows[i].digest));
        assert_int_equal(rows[i].digests, e.digests);
        assert_int_equal(rows[i].digest, e.kind);
        assert_int_equal(1, e.ciphers);
        assert_int_equal(16, e.len);
        assert_int_equal(rows[i].bits / 8, e.key_bytes);
        assert_memory_equal(flat, e.key, e.key_bytes);
        assert_memory_equal(flat + e.key_bytes, e.iv, sizeof(e.iv));
    }
}

static void
every_length_comes_back_in_every_form(void **state)
{
    static const struct row {
        const char *name;
        size_t width;
        const char *eol;
    } rows[] = {
        { "as openssl writes it", 64, "\n" }, { "CR LF", 64, "\r\n" },
        { "blanks before LF", 64, " \t\n" },  { "blanks before CR LF", 64, "\t \r\n" },
        { "one digit a line", 1, "\n" },      { "odd lines", 7, "\r\n" },
        { "blank lines", 12, "\n \n\r\n" },   { "one line", 4000, "" },
        { "one line, blanks", 4000, " \t" },  { "one line, CR", 4000, "\r" },
    };
    const struct prov_enc_options o = options_of(192, PROV_ENC_MD5);
    char plain[70];

    (void)state;
    for (size_t len = 0; len <= sizeof(plain); len++) {
        struct bytes raw, file;

        memset(plain, 'p', sizeof(plain));
        encrypt_padded(&raw, plain, len, &o);
        expect_plain("no base64", &raw, &o, plain, len);
        for (size_t i = 0; i < PROV_COUNT(rows); i++) {
            encode(&file, &raw, rows[i].width, rows[i].eol);
            expect_plain(rows[i].name, &file, &o, plain, len);
        }
    }
}

static const struct refusal {
    const char *name;
    const char *file;
    enum prov_status status;
    enum prov_diag_code code;
    uint32_t line, column;
} refusals[] = {
    /* clang-format off */
    { "nothing", "", PROV_E_TYPE, PROV_D_ENC_EMPTY, 0, 0 },
    { "blank lines", "\n \r\n\t", PROV_E_TYPE, PROV_D_ENC_EMPTY, 0, 0 },
    { "text", "# Standard Format File #\n", PROV_E_TYPE, PROV_D_ENC_NOT_ENCRYPTED, 0, 0 },
    { "XML", "<Initial/>", PROV_E_TYPE, PROV_D_ENC_NOT_ENCRYPTED, 0, 0 },
    { "text behind base64", "abcdefghijklmnop\nA=\"1\"\n", PROV_E_TYPE, PROV_D_ENC_NOT_ENCRYPTED, 0, 0 },
    { "no salt", "abcdefghijklmnopqrstuw==\n", PROV_E_TYPE, PROV_D_ENC_NO_SALT, 0, 0 },
    { "no salt, short", "abcd", PROV_E_TYPE, PROV_D_ENC_NO_SALT, 0, 0 },
    { "no salt, less than a group", "U2", PROV_E_TYPE, PROV_D_ENC_NO_SALT, 0, 0 },
    { "almost the magic", "U2FsdGVkX2lzYWx0U0FMVA==", PROV_E_TYPE, PROV_D_ENC_NO_SALT, 0, 0 },
    { "cut in the magic", "U2FsdG", PROV_E_SYNTAX, PROV_D_ENC_CUT_SALT, 1, 7 },
    { "cut in the magic, next line", "U2Fs\ndG\n", PROV_E_SYNTAX, PROV_D_ENC_CUT_SALT, 3, 1 },
    { "cut in the last byte of the magic", "U2FsdGVkX1", PROV_E_SYNTAX, PROV_D_ENC_CUT_SALT, 1, 11 },
    { "cut behind the magic", "U2FsdGVkX18=", PROV_E_SYNTAX, PROV_D_ENC_CUT_SALT, 1, 13 },
    { "cut in the salt", "U2FsdGVkX19zYWx0", PROV_E_SYNTAX, PROV_D_ENC_CUT_SALT, 1, 17 },
    { "cut behind the salt, no base64", HEAD, PROV_E_SYNTAX, PROV_D_ENC_CUT_NO_BLOCK, 1, 17 },
    { "cut behind the salt", "U2FsdGVkX19zYWx0U0FMVA==\n", PROV_E_SYNTAX, PROV_D_ENC_CUT_NO_BLOCK, 2, 1 },
    { "blanks count as columns", "U2FsdGVkX19zYWx0U0FMVA== \t ", PROV_E_SYNTAX, PROV_D_ENC_CUT_NO_BLOCK, 1, 28 },
    { "cut in a block", "U2FsdGVkX19zYWx0U0FMVAAA", PROV_E_SYNTAX, PROV_D_ENC_CUT_BLOCK, 1, 25 },
    { "cut in a group of 1", "U2FsdGVkX19zYWx0U", PROV_E_SYNTAX, PROV_D_ENC_CUT_GROUP, 1, 18 },
    { "cut in a group of 2", "U2FsdGVkX19zYWx0U0", PROV_E_SYNTAX, PROV_D_ENC_CUT_GROUP, 1, 19 },
    { "cut in a group of 3", "U2FsdGVkX19zYWx0U0F", PROV_E_SYNTAX, PROV_D_ENC_CUT_GROUP, 1, 20 },
    { "cut between two '='", "U2FsdGVkX19zYWx0UA=\n", PROV_E_SYNTAX, PROV_D_ENC_CUT_GROUP, 2, 1 },
    { "a blank in a line", "U2FsdGVkX19zYWx0 U0FM", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 1, 17 },
    { "a blank before a line", "U2FsdGVkX19zYWx0\n\tU0FM", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 2, 1 },
    { "CR in a line", "U2FsdGVkX19zYWx0\rU0FM", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 1, 17 },
    { "two CR", "U2FsdGVkX19zYWx0\r\r\n", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 1, 17 },
    { "CR and blank", "U2FsdGVkX19zYWx0\r \n", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 1, 17 },
    { "form feed", "U2FsdGVkX19zYWx0\n\n\fU0FM", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 3, 1 },
    { "8 bit", "U2FsdGVkX19zYWx0U0\xC3\xBC", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 1, 19 },
    { "base64 of URLs", "U2FsdGVkX19zYWx0U0-_", PROV_E_SYNTAX, PROV_D_ENC_BAD_BYTE, 1, 19 },
    { "'=' begins a group", "U2FsdGVkX19zYWx0=", PROV_E_SYNTAX, PROV_D_ENC_BAD_GROUP, 1, 17 },
    { "'=' after one digit", "U2FsdGVkX19zYWx0U===", PROV_E_SYNTAX, PROV_D_ENC_BAD_GROUP, 1, 18 },
    { "bits left over of two", "U2FsdGVkX19zYWx0UB==", PROV_E_SYNTAX, PROV_D_ENC_BAD_GROUP, 1, 19 },
    { "bits left over of three", "U2FsdGVkX19zYWx0U0B=", PROV_E_SYNTAX, PROV_D_ENC_BAD_GROUP, 1, 20 },
    { "a digit between '='", "U2FsdGVkX19zYWx0UA=A", PROV_E_SYNTAX, PROV_D_ENC_BAD_GROUP, 1, 20 },
    { "a digit behind", "U2FsdGVkX19zYWx0U0E=\nA", PROV_E_SYNTAX, PROV_D_ENC_AFTER_END, 2, 1 },
    { "one '=' too many", "U2FsdGVkX19zYWx0U0E==", PROV_E_SYNTAX, PROV_D_ENC_AFTER_END, 1, 21 },
    { "three '='", "U2FsdGVkX19zYWx0UA===", PROV_E_SYNTAX, PROV_D_ENC_AFTER_END, 1, 21 },
    /* clang-format on */
};

static void
each_mistake_has_its_number_and_place(void **state)
{
    const struct prov_enc_options o = options_of(128, PROV_ENC_SHA256);

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        const size_t len = strlen(r->file);
        struct engine e = { 0 };
        struct prov_diag diag = { .status = PROV_OK };
        size_t n = 77;
        char *mem;

        PROV_ROW(r->name, decrypt(&e, &o, r->file, len, &mem, &n, &diag) == r->status);
        PROV_ROW(r->name, diag.status == r->status && diag.code == r->code);
        PROV_ROW(r->name, diag.line == r->line && diag.column == r->column);
        PROV_ROW(r->name, prov_str_eq(diag.source, source) && diag.subject.len == 0);
        PROV_ROW(r->name, n == 77 && e.digests == 0 && e.ciphers == 0);
        if (r->status == PROV_E_TYPE)
            PROV_ROW(r->name, memcmp(mem, r->file, len) == 0);
        else
            PROV_ROW(r->name, all_zero(mem, len));
        free(mem);
    }
}

#define B16 "0123456789abcdef"
#define TABS "\t\t\t\t\t\t\t\t\t"

static const struct judgement {
    const char *name;
    const char *padded; /* what comes out of the cipher */
    size_t len;
    bool binary;
    enum prov_diag_code code;
    size_t plain; /* if there is none */
} judgements[] = {
    /* clang-format off */
    { "padding of one", B16 "0123456789abcde\1", 32, false, PROV_D_NONE, 31 },
    { "padding of a block", "\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20", 16, false, PROV_D_NONE, 0 },
    { "text that ends like padding", B16 "0123456" TABS, 32, false, PROV_D_NONE, 23 },
    { "UTF-8 with a mark", "\xEF\xBB\xBF<\xC3\xA4/>\xE2\x82\xAC\5\5\5\5\5", 16, false, PROV_D_NONE, 11 },
    { "the smallest and the largest of UTF-8", "\xC2\x80\xF4\x8F\xBF\xBF\12\12\12\12\12\12\12\12\12\12", 16, false, PROV_D_NONE, 6 },
    { "UTF-8 over the end of the block", "0123456789abcde\xC3\xA4\17\17\17\17\17\17\17\17\17\17\17\17\17\17\17", 32, false, PROV_D_NONE, 17 },
    { "line ends and tabs", "a\r\n\tb\n\x0a\x0a\x08\x08\x08\x08\x08\x08\x08\x08", 16, false, PROV_D_NONE, 8 },
    { "no padding behind text", B16, 16, false, PROV_D_ENC_CUT_END, 0 },
    { "no padding, binary allowed", B16, 16, true, PROV_D_ENC_CUT_END, 0 },
    { "padding of 0", B16 "0123456789abcde\0", 32, false, PROV_D_ENC_CUT_END, 0 },
    { "padding of 17", B16 "0123456789abcde\21", 32, false, PROV_D_ENC_CUT_END, 0 },
    { "padding of 17, all of it there", "0123456789abcde\21\21\21\21\21\21\21\21\21\21\21\21\21\21\21\21\21", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "padding that is short of one", B16 "0123456789abcd3\2", 32, false, PROV_D_ENC_CUT_END, 0 },
    { "padding with a hole", B16 "0123456789ab\4" "3\4\4", 32, false, PROV_D_ENC_CUT_END, 0 },
    { "no padding, no text", "\1" B16 "0123456789abcde", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "no padding, no text, binary", "\1" B16 "0123456789abcde", 32, true, PROV_D_ENC_WRONG_KEY, 0 },
    { "padding, no text", "012345678\x7F" "bcdef0123456789abcde\1", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "NUL in the first block", "0\0" "23456789abcdef0123456789abcde\1", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "last byte of the first block", "0123456789abcde\x1F" "0123456789abcde\1", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "UTF-8 without a beginning", "\xBF" B16 "23456789abcde\2\2", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "UTF-8 without an end", "\xC3" B16 "23456789abcde\2\2", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "UTF-8 that is too long", "\xC1\x81" B16 "23456789abcd\2\2", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "UTF-8 of more than is", "\xF5\x80\x80\x80" B16 "0123456789a\1", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "Latin-1", "\xE4 " B16 "3456789abcde\2\2", 32, false, PROV_D_ENC_WRONG_KEY, 0 },
    { "a control byte later", B16 "\1" "0123456789abcd\1", 32, false, PROV_D_ENC_DAMAGED, 0 },
    { "Latin-1 later", B16 "\xE4" "0123456789abcd\1", 32, false, PROV_D_NONE, 31 },
    { "anything, binary", "\0\1\2\3\xFF\xFE\5\6\7\1\1\1\1\1\1\1", 16, true, PROV_D_NONE, 15 },
    /* clang-format on */
};

static void
what_comes_out_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(judgements); i++) {
        const struct judgement *r = &judgements[i];
        struct prov_enc_options o = options_of(256, PROV_ENC_SHA256);
        struct engine e = { 0 };
        struct prov_diag diag = { .status = PROV_OK };
        struct bytes raw, file;
        size_t n = 77;
        char *mem;

        encrypt(&raw, r->padded, r->len, &o);
        encode(&file, &raw, 64, "\n");
        o.binary = r->binary;
        if (r->code == PROV_D_NONE) {
            expect_plain(r->name, &file, &o, r->padded, r->plain);
            continue;
        }
        PROV_ROW(r->name, decrypt(&e, &o, file.at, file.len, &mem, &n, &diag) == PROV_E_INVALID);
        PROV_ROW(r->name, diag.status == PROV_E_INVALID && diag.code == r->code);
        PROV_ROW(r->name, diag.line == 0 && diag.column == 0 && diag.subject.len == 0);
        PROV_ROW(r->name, n == 77 && all_zero(mem, file.len));
        free(mem);
    }
}

static void
what_the_engine_cannot_do_is_told(void **state)
{
    static const struct row {
        unsigned fail_at;
        enum prov_status failure, status;
        enum prov_diag_code code;
        const char *subject;
    } rows[] = {
        { 1, PROV_E_DENIED, PROV_E_DENIED, PROV_D_ENC_NO_DIGEST, "" },
        { 2, PROV_E_MEMORY, PROV_E_MEMORY, PROV_D_ENC_NO_MEMORY, "" },
        { 3, PROV_E_NETWORK, PROV_E_CALLBACK, PROV_D_CALLBACK, "prov_crypto_ops.digest" },
        { 3, (enum prov_status)999, PROV_E_CALLBACK, PROV_D_CALLBACK, "prov_crypto_ops.digest" },
        { 10, PROV_E_DENIED, PROV_E_DENIED, PROV_D_ENC_NO_CIPHER, "" },
        { 10, PROV_E_MEMORY, PROV_E_MEMORY, PROV_D_ENC_NO_MEMORY, "" },
        { 10, PROV_E_INVALID, PROV_E_CALLBACK, PROV_D_CALLBACK, "prov_crypto_ops.aes_cbc_decrypt" },
    };
    const struct prov_enc_options o = options_of(256, PROV_ENC_MD5);
    struct bytes file;

    (void)state;
    encrypt_padded(&file, "text", 4, &o);
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct engine e = { .fail_at = rows[i].fail_at, .failure = rows[i].failure };
        struct prov_diag diag = { .status = PROV_OK };
        size_t n = 77;
        char *mem;

        assert_int_equal(rows[i].status, decrypt(&e, &o, file.at, file.len, &mem, &n, &diag));
        assert_int_equal(rows[i].status, diag.status);
        assert_int_equal(rows[i].code, diag.code);
        assert_true(prov_str_is(diag.subject.ptr, diag.subject.len, rows[i].subject));
        assert_int_equal(rows[i].fail_at == 10 ? 3 : rows[i].fail_at, e.digests);
        assert_int_equal(rows[i].fail_at == 10 ? 1 : 0, e.ciphers);
        assert_int_equal(77, n);
        assert_true(all_zero(mem, file.len));
        free(mem);
    }
}

static void
tells_encrypted_files_from_others(void **state)
{
    static const struct row {
        const char *text;
        bool is;
    } rows[] = {
        { "U2FsdGVkX18", false },
        { "U2FsdGVkX18=", true },
        { "U2FsdGVkX19z", true },
        { "U2FsdGVkX1/+", true },
        { "U2FsdGVkX17/", false },
        { "U2FsdGVkX19zYWx0<!", true },
        { "u2FsdGVkX19z", false },
        { "U2FsdGVk X19z", false },
        { "U2Fs\ndGVk\r\nX19z", true },
        { "\n\nU2FsdGVkX19z", true },
        { " U2FsdGVkX19z", false },
        { "Salted_", false },
        { "Salted__", true },
        { "Salted__\xFF<a/>", true },
        { "salted__12345678", false },
        { "", false },
        { "<a/>", false },
        { "# Format File #\n", false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char *exact = prov_copy_exact(rows[i].text);
        const struct prov_str text = { exact, strlen(rows[i].text) };

        PROV_ROW(rows[i].text, prov_enc_is(text) == rows[i].is);
        free(exact);
    }
    assert_false(prov_enc_is((struct prov_str){ NULL, 0 }));
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
    const struct prov_enc_options o = options_of(128, PROV_ENC_MD5);
    struct bytes raw, file;

    (void)state;
    encrypt_padded(&raw, B16 B16 B16 "0123", 52, &o);
    encode(&file, &raw, 64, "\n");
    for (size_t i = 0; i + 1 < file.len; i++) {
        struct engine e = { 0 };
        struct prov_diag diag = { .status = PROV_OK };
        size_t n = 77;
        char *mem;
        const enum prov_status status = decrypt(&e, &o, file.at, i, &mem, &n, &diag);

        assert_true(status == PROV_E_SYNTAX || status == PROV_E_INVALID ||
                    (status == PROV_E_TYPE && i < 4));
        assert_true(diag.status == status && n == 77);
        assert_true(status != PROV_E_INVALID || diag.code == PROV_D_ENC_CUT_END);
        free(mem);
        e = (struct engine){ 0 };
        assert_int_equal(status, decrypt(&e, &o, file.at, i, &mem, &n, NULL));
        free(mem);
    }
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_enc_options good = options_of(128, PROV_ENC_MD5);
    struct prov_enc_options bad[] = { good, good, good, good, good };
    struct engine e = { 0 };
    const struct prov_crypto crypto = { &ops, &e }, none = { NULL, &e };
    struct prov_diag diag = { .status = PROV_OK };
    char file[] = HEAD "0123456789abcdef";
    const size_t len = sizeof(file) - 1;
    size_t n = 77;

    (void)state;
    bad[0].pass.len = 0;
    bad[1].pass.ptr = NULL;
    bad[2].key_bits = 0;
    bad[3].key_bits = 512;
    bad[4].digest = (enum prov_enc_digest)2;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        diag.code = PROV_D_NONE;
        assert_int_equal(PROV_E_ARG,
                         prov_enc_decrypt(&crypto, &bad[i], source, file, len, &n, &diag));
        assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    }
    assert_int_equal(PROV_E_ARG, prov_enc_decrypt(NULL, &good, source, file, len, &n, NULL));
    assert_int_equal(PROV_E_ARG, prov_enc_decrypt(&none, &good, source, file, len, &n, NULL));
    assert_int_equal(PROV_E_ARG, prov_enc_decrypt(&crypto, NULL, source, file, len, &n, NULL));
    assert_int_equal(PROV_E_ARG, prov_enc_decrypt(&crypto, &good, source, NULL, 0, &n, NULL));
    assert_int_equal(PROV_E_ARG, prov_enc_decrypt(&crypto, &good, source, file, len, NULL, NULL));
    assert_int_equal(PROV_E_ARG,
                     prov_enc_decrypt(&crypto, &good, source, file, UINT32_MAX, &n, NULL));
    assert_string_equal(HEAD "0123456789abcdef", file);
    assert_int_equal(77, n);
    assert_int_equal(0, e.digests);
}

static void
refuses_structs_that_do_not_fit(void **state)
{
    struct longer {
        struct prov_crypto_ops ops;
        size_t more;
    };
    const struct prov_enc_options good = options_of(128, PROV_ENC_MD5);
    struct prov_enc_options small = good;
    const struct longer same = { { sizeof(same), fake_digest, fake_cipher }, 0 };
    const struct longer newer = { { sizeof(newer), fake_digest, fake_cipher }, 1 };
    const struct prov_crypto_ops bad[] = {
        { sizeof(ops) - 1, fake_digest, fake_cipher },
        { sizeof(ops), NULL, fake_cipher },
        { sizeof(ops), fake_digest, NULL },
        { 0, fake_digest, fake_cipher },
    };
    static const char *const subjects[] = { "prov_crypto_ops", "prov_crypto_ops.digest",
                                            "prov_crypto_ops.aes_cbc_decrypt", "prov_crypto_ops" };
    struct engine e = { 0 };
    const struct prov_crypto fine = { &same.ops, &e }, unknown = { &newer.ops, &e };
    struct prov_diag diag = { .status = PROV_OK };
    char file[] = HEAD "0123456789abcdef";
    size_t n;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++) {
        const struct prov_crypto crypto = { &bad[i], &e };

        assert_int_equal(PROV_E_ABI, prov_enc_decrypt(&crypto, &good, source, file, 32, &n, &diag));
        assert_int_equal(PROV_D_ABI, diag.code);
        assert_true(prov_str_is(diag.subject.ptr, diag.subject.len, subjects[i]));
    }
    assert_int_equal(PROV_E_ABI, prov_enc_decrypt(&unknown, &good, source, file, 32, &n, NULL));
    small.size--;
    assert_int_equal(PROV_E_ABI, prov_enc_decrypt(&fine, &small, source, file, 32, &n, &diag));
    assert_true(prov_str_is(diag.subject.ptr, diag.subject.len, "prov_enc_options"));
    assert_string_equal(HEAD "0123456789abcdef", file);
    assert_int_equal(PROV_E_INVALID, prov_enc_decrypt(&fine, &good, source, file, 32, &n, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_gets_key_and_iv_of_every_length),
        cmocka_unit_test(every_length_comes_back_in_every_form),
        cmocka_unit_test(each_mistake_has_its_number_and_place),
        cmocka_unit_test(what_comes_out_is_judged),
        cmocka_unit_test(what_the_engine_cannot_do_is_told),
        cmocka_unit_test(tells_encrypted_files_from_others),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(refuses_structs_that_do_not_fit),
    };
    return cmocka_run_group_tests_name("enc", tests, NULL, NULL);
}
