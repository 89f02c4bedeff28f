/* SPDX-License-Identifier: MIT */
#include <prov/adapters/crypto.h>

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "support/prov_cmocka.h"

#define KEY "0123456789abcdefFEDCBA9876543210"
#define PLAIN "# Panasonic SIP Phone Standard Format File #\nNTP_ADDR=\"ntp.example.net\"\n"

static const struct prov_str source = PROV_STR_INIT("a.enc");

static struct prov_enc_options
options_of(uint32_t bits, enum prov_enc_digest digest)
{
    return (struct prov_enc_options){ .size = sizeof(struct prov_enc_options),
                                      .pass = PROV_STR_INIT(KEY),
                                      .key_bits = bits,
                                      .digest = digest };
}

/* Made by `openssl enc -aes-BITS-cbc -a -salt -md DIGEST -pass pass:KEY`, OpenSSL 3.0. */
static const struct row {
    const char *name;
    uint32_t bits;
    enum prov_enc_digest digest;
    const char *file;
} rows[] = {
    { "128, MD5", 128, PROV_ENC_MD5,
      "U2FsdGVkX18RT+zLUWrK+CqvSw61JK3Y2MwtwpUix2I6OjwStlS+C2MdkuIyT3Gr\n"
      "t/AnJ0m1ey1y2p8KVd1gtb1SvUN30a3Nzzu/J5E+r4xIvyGWztEFQM00CP2TQBtZ\n" },
    { "192, MD5", 192, PROV_ENC_MD5,
      "U2FsdGVkX1+ulkK5a3viJX8pyxzGIisT+Nz+RqC2uTQi3hk8uF8CSvmVlF/g0U6C\n"
      "r+G+An/hcDNYz3yGIW+O62hDvtwbIsn/6ezyezVMzyPs63TGhsPkV08ooR1DLKzV\n" },
    { "256, MD5", 256, PROV_ENC_MD5,
      "U2FsdGVkX1/ZqcKtw3eAobgTjKBrAnuXgY+0baN9Go86EDp/ysEd79SnmAt8Timp\n"
      "aoRCxEnlvoC4z1lNXjvVVmN5Nj5K+gchAPDs15ScD1bkQPHvK4oR4djB6GZKQdZv\n" },
    { "128, SHA256", 128, PROV_ENC_SHA256,
      "U2FsdGVkX1/3Z84WblZhgOJlq7ZNi9Q1bStZhMqAvhu2OJgPswAjbuBf0Gr0ifKt\n"
      "qbMuK5VaTzCN8hje92H0jvIJlZCQdAouuuKFST7eUJZox8nazeWIqfbRbCaiXpeJ\n" },
    { "192, SHA256", 192, PROV_ENC_SHA256,
      "U2FsdGVkX1/rRRYMNlCxam+pe2838WQ0hZFu0UjqwCFS8EDmmI9AtFpjMmOJ8Taa\n"
      "R/MLtV+3dzqEMq29uHOStxCqt/P4O+Nv3O8xErLQyqgruhafvSiCGMUwxSPAPCpl\n" },
    { "256, SHA256", 256, PROV_ENC_SHA256,
      "U2FsdGVkX1/l75+djh9Ng3ctph82FMD3TZW5tnClAQKvibk0D+cwEzXP6OYybY0t\n"
      "DqjQ+M3K+rNXjFRBk9CMA3LMv2rtMq29KzCCrWUPh6x2eWgnBBvahswBMYHnPVRr\n" },
};

static enum prov_status
decrypt(const struct row *r, const struct prov_enc_options *o, char *mem, size_t *n,
        struct prov_diag *diag)
{
    const struct prov_crypto crypto = prov_crypto_openssl();

    memcpy(mem, r->file, strlen(r->file));
    return prov_enc_decrypt(&crypto, o, source, mem, strlen(r->file), n, diag);
}

static void
reads_what_openssl_wrote(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_enc_options o = options_of(rows[i].bits, rows[i].digest);
        char mem[512];
        size_t n = 0;

        PROV_ROW(rows[i].name, strlen(rows[i].file) <= sizeof(mem));
        PROV_ROW(rows[i].name, decrypt(&rows[i], &o, mem, &n, NULL) == PROV_OK);
        PROV_ROW(rows[i].name, prov_str_is(mem, n, PLAIN));
    }
    assert_int_equal(0, ERR_peek_error());
}

static void
another_cipher_digest_or_key_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        for (size_t k = 0; k < PROV_COUNT(rows); k++) {
            struct prov_enc_options o = options_of(rows[k].bits, rows[k].digest);
            struct prov_diag diag = { .status = PROV_OK };
            char mem[512];
            size_t n;

            if (i == k)
                o.pass.len--;
            PROV_ROW(rows[i].name, decrypt(&rows[i], &o, mem, &n, &diag) == PROV_E_INVALID);
            PROV_ROW(rows[i].name, diag.code == PROV_D_ENC_WRONG_KEY);
        }
    }
}

/* FIPS 180-4 and RFC 1321 give these digests. */
static void
digests_are_those_of_the_standards(void **state)
{
    static const uint8_t md5[] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0,
                                   0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72 };
    static const uint8_t sha256[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                      0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                      0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                      0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };
    static const struct prov_str pieces[] = { PROV_STR_INIT("a"), PROV_STR_INIT("bc") };
    const struct prov_crypto c = prov_crypto_openssl();
    uint8_t out[PROV_ENC_DIGEST_BYTES];

    (void)state;
    memset(out, 0x77, sizeof(out));
    assert_int_equal(PROV_OK, c.ops->digest(c.ctx, PROV_ENC_MD5, pieces, 2, out));
    assert_memory_equal(md5, out, sizeof(md5));
    assert_int_equal(0x77, out[sizeof(md5)]);
    assert_int_equal(PROV_OK, c.ops->digest(c.ctx, PROV_ENC_SHA256, pieces, 2, out));
    assert_memory_equal(sha256, out, sizeof(sha256));
}

/* SP 800-38A, F.2.1 and F.2.5: the first two blocks, and at any address. */
static void
ciphers_are_those_of_the_standard(void **state)
{
    static const uint8_t key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                     0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
    static const uint8_t crypted[32] = { 0x76, 0x49, 0xab, 0xac, 0x81, 0x19, 0xb2, 0x46,
                                         0xce, 0xe9, 0x8e, 0x9b, 0x12, 0xe9, 0x19, 0x7d,
                                         0x50, 0x86, 0xcb, 0x9b, 0x50, 0x72, 0x19, 0xee,
                                         0x95, 0xdb, 0x11, 0x3a, 0x91, 0x76, 0x78, 0xb2 };
    static const uint8_t plain[32] = { 0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96,
                                       0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a,
                                       0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c,
                                       0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51 };
    const struct prov_crypto c = prov_crypto_openssl();
    uint8_t iv[16], mem[48];

    (void)state;
    for (uint8_t i = 0; i < sizeof(iv); i++)
        iv[i] = i;
    for (size_t at = 0; at < 16; at++) {
        memcpy(mem + at, crypted, sizeof(crypted));
        assert_int_equal(PROV_OK, c.ops->aes_cbc_decrypt(c.ctx, key, 16, iv, mem + at, 32));
        assert_memory_equal(plain, mem + at, sizeof(plain));
    }
}

/* As under FIPS rules: nothing is found that has the wanted property. */
static void
what_is_switched_off_is_denied(void **state)
{
    const struct prov_enc_options o = options_of(rows[0].bits, rows[0].digest);
    const struct prov_crypto c = prov_crypto_openssl();
    struct prov_diag diag = { .status = PROV_OK };
    uint8_t key[32] = { 0 }, mem[16] = { 0 };
    char file[512];
    size_t n;

    (void)state;
    assert_int_equal(1, EVP_set_default_properties(NULL, "prov=unheard-of"));
    const enum prov_status status = decrypt(&rows[0], &o, file, &n, &diag);
    const enum prov_status cipher = c.ops->aes_cbc_decrypt(c.ctx, key, 32, key, mem, sizeof(mem));

    assert_int_equal(1, EVP_set_default_properties(NULL, ""));
    assert_int_equal(PROV_E_DENIED, status);
    assert_int_equal(PROV_D_ENC_NO_DIGEST, diag.code);
    assert_int_equal(PROV_E_DENIED, cipher);
    assert_int_equal(0, ERR_peek_error());
    assert_int_equal(PROV_OK, decrypt(&rows[0], &o, file, &n, &diag));
}

static int allocations_left;

static void *
limited_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return allocations_left-- > 0 ? malloc(n) : NULL;
}

static void *
limited_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return allocations_left-- > 0 ? realloc(p, n) : NULL;
}

static void
plain_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

/* Whichever allocation fails: a status that is documented, and nothing is left of the file. */
static void
memory_that_fails_is_told(void **state)
{
    const struct prov_enc_options o = options_of(rows[0].bits, rows[0].digest);
    enum prov_status status = PROV_E_MEMORY;
    char mem[512];
    size_t n = 0, memory_seen = 0;

    (void)state;
    for (int most = 0; status != PROV_OK && most < 200; most++) {
        allocations_left = most;
        status = decrypt(&rows[0], &o, mem, &n, NULL);
        assert_true(status == PROV_OK || status == PROV_E_MEMORY || status == PROV_E_DENIED);
        for (size_t i = 0; status != PROV_OK && i < strlen(rows[0].file); i++)
            assert_int_equal(0, mem[i]);
        memory_seen += status == PROV_E_MEMORY;
    }
    allocations_left = 1 << 30;
    assert_int_equal(PROV_OK, status);
    assert_true(prov_str_is(mem, n, PLAIN));
    assert_true(memory_seen > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_openssl_wrote),
        cmocka_unit_test(another_cipher_digest_or_key_does_not_fit),
        cmocka_unit_test(digests_are_those_of_the_standards),
        cmocka_unit_test(ciphers_are_those_of_the_standard),
        cmocka_unit_test(what_is_switched_off_is_denied),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    allocations_left = 1 << 30;
    if (CRYPTO_set_mem_functions(limited_malloc, limited_realloc, plain_free) != 1) {
        fputs("OpenSSL's heap cannot be watched\n", stderr);
        return 1;
    }
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
