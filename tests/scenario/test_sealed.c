/* SPDX-License-Identifier: MIT */

/* Encrypted files in whole sessions, opened by the real cipher (PAN-4). */

#include <prov/adapters/crypto.h>

#include <openssl/evp.h>

#include "world.h"

#define KEY "0123456789abcdefFEDCBA9876543210"
#define FIRST "http://h/KX-UTG200B.cfg"
#define XML(text) "<PANASIPPhoneConfig>" text "</PANASIPPhoneConfig>"
#define KEYS(bits) \
    XML("<Device><CFG_FILE_KEY>" KEY "</CFG_FILE_KEY><CFG_FILE_KEY_LENGTH>" bits \
        "</CFG_FILE_KEY_LENGTH></Device>")
#define NAMES \
    XML("<Initial><CFG_STANDARD_FILE_PATH>s.cfg</CFG_STANDARD_FILE_PATH>" \
        "<CFG_MASTER_FILE_PATH>m.enc</CFG_MASTER_FILE_PATH></Initial>")

static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("KX-UTG200B"),
    .fwver = PROV_STR_INIT("01.000"),
};

/* Made by `openssl enc -aes-BITS-cbc -a -salt -md md5 -pass pass:KEY`, OpenSSL 3.0. */
static const struct row {
    const char *name, *standard, *sealed, *value;
} rows[] = {
    { "128", KEYS("128"),
      "U2FsdGVkX1/0UjYcBhIzic6Sl+fPHM8wcmNMzLwO4XGLSTmO0fHr763zniSztn3i\n"
      "L59vJ/+rDGcoXumsaMC/1L6TeXx4bg9YCsFLLeOy4jn3+EDMAyTbvBOqgUi11Llg\n",
      "sealed 128" },
    { "192", KEYS("192"),
      "U2FsdGVkX18zwdnKN3WYGTtAeWh7Jn9X85yzI8OQh6Meak0b1Po5BuPj5O6O2Iyx\n"
      "Oqq+taJzxWBf34O3eModZP/eATL9xmP331wwQ73UagjP+Rosv9piU0FN86nW9LGP\n",
      "sealed 192" },
    { "256", KEYS("256"),
      "U2FsdGVkX1/x/tusEm1W05l/vEj8EgOdildf0Bw/u/njk/duILUawMo6uvF3klXr\n"
      "FSLcAifkV9XMk1JtIUFY8UUb8KUzm/zNowImAz1EcV6GoS8du8zXYA6RCHLpSbqW\n",
      "sealed 256" },
};

/* The names of the files above, with m.enc alone; 256 bits. */
#define SEALED_FIRST \
    "U2FsdGVkX1+6R0goRtiGdJmlYm/CB1DVDGAs1nFMGtSXHF+Hu96QsTDNALU7Ii7r\n" \
    "UM6FGH1L75aG3OWrnAgyMPiDFxuwFu2+oKarW7rXav7YIjIROe2SfNuilYaJzusz\n" \
    "53+t+NzKc73dzuzn+4X9Ac2w9lRT9LxuV4Df2oPYDw4=\n"

static struct world *
phone(const struct world_reply *replies, const struct prov_crypto *crypto)
{
    struct world *w = world_new(FIRST, replies);

    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-utg"));
    w->config.identity = &identity;
    w->config.crypto = crypto;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    return w;
}

static bool
has_value(const struct world *w, const char *name, const char *value)
{
    const struct prov_params *all = prov_session_params(w->session);
    const struct prov_param *p = prov_params_find(all, prov_str_z(name), 0);

    return p != NULL && prov_str_eq(p->value, prov_str_z(value));
}

static void
a_key_of_every_length_opens(void **state)
{
    const struct prov_crypto crypto = prov_crypto_openssl();

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = {
            { .url = FIRST, .body = NAMES },
            { .url = "http://h/s.cfg", .body = rows[i].standard },
            { .url = "http://h/m.enc", .body = rows[i].sealed },
            { .url = NULL },
        };
        struct world *w = phone(replies, &crypto);

        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(rows[i].name, has_value(w, "M", rows[i].value));
        PROV_ROW(rows[i].name, !world_tells(w, KEY));
        world_free(w);
    }
}

static void
the_first_file_may_be_encrypted_too(void **state)
{
    const struct prov_crypto crypto = prov_crypto_openssl();
    const struct world_reply replies[] = {
        { .url = FIRST, .body = SEALED_FIRST },
        { .url = "http://h/m.enc", .body = rows[2].sealed },
        { .url = NULL },
    };
    struct world *w = phone(replies, &crypto);

    (void)state;
    world_set(w, PROV_ITEM_STANDARD, KEYS("256"));
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(has_value(w, "M", "sealed 256"));
    world_free(w);
}

static void
a_key_of_another_length_does_not_open(void **state)
{
    const struct prov_crypto crypto = prov_crypto_openssl();
    const struct world_reply replies[] = {
        { .url = FIRST, .body = NAMES },
        { .url = "http://h/s.cfg", .body = KEYS("128") },
        { .url = "http://h/m.enc", .body = rows[2].sealed },
        { .url = NULL },
    };
    struct world *w = phone(replies, &crypto);

    (void)state;
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    assert_non_null(world_diag(w, PROV_D_ENC_WRONG_KEY));
    assert_true(world_has(w, PROV_ITEM_MASTER, NULL));
    world_free(w);
}

/* ---- The limit on a file is on what it holds ---- */

/* As `openssl enc -a -salt` writes it, in lines of 64 characters. Free it. */
static char *
seal(const char *text, size_t len)
{
    static const unsigned char salt[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    unsigned char key[16], iv[16], *raw = malloc(len + 64), *digits = malloc(len * 2 + 256);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_ENCODE_CTX *e = EVP_ENCODE_CTX_new();
    int n = 0, more = 0, at = 0, rest = 0;

    assert_true(raw != NULL && digits != NULL && c != NULL && e != NULL);
    assert_int_equal(16, EVP_BytesToKey(EVP_aes_128_cbc(), EVP_md5(), salt,
                                        (const unsigned char *)KEY, sizeof(KEY) - 1, 1, key, iv));
    memcpy(raw, "Salted__", 8);
    memcpy(raw + 8, salt, 8);
    assert_true(EVP_EncryptInit_ex(c, EVP_aes_128_cbc(), NULL, key, iv) == 1);
    assert_true(EVP_EncryptUpdate(c, raw + 16, &n, (const unsigned char *)text, (int)len) == 1 &&
                EVP_EncryptFinal_ex(c, raw + 16 + n, &more) == 1);
    EVP_EncodeInit(e);
    assert_true(EVP_EncodeUpdate(e, digits, &at, raw, 16 + n + more) == 1);
    EVP_EncodeFinal(e, digits + at, &rest);
    digits[at + rest] = '\0';
    EVP_CIPHER_CTX_free(c);
    EVP_ENCODE_CTX_free(e);
    free(raw);
    return (char *)digits;
}

/* A file of so many bytes. Free it. */
static char *
make_file(size_t bytes)
{
    static const char head[] = "<PANASIPPhoneConfig><Device><M>";
    static const char tail[] = "</M></Device></PANASIPPhoneConfig>";
    char *text = malloc(bytes + 1);

    assert_non_null(text);
    memset(text, 'x', bytes);
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + bytes - (sizeof(tail) - 1), tail, sizeof(tail));
    return text;
}

static void
the_limit_is_on_what_a_file_holds(void **state)
{
    const struct prov_crypto crypto = prov_crypto_openssl();
    static const struct size_row {
        const char *name;
        size_t bytes, chunk;
        bool sealed, fits;
    } sizes[] = {
        { "plain, at the limit", 4096, 0, false, true },
        { "plain, beyond it", 4097, 0, false, false },
        { "encrypted, at the limit", 4096, 0, true, true },
        { "encrypted, at the limit, byte by byte", 4096, 1, true, true },
        { "encrypted, beyond it", 4097, 0, true, false },
        { "encrypted, far beyond it", 40960, 7, true, false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(sizes); i++) {
        const struct size_row *r = &sizes[i];
        char *plain = make_file(r->bytes), *sealed = seal(plain, r->bytes);
        const struct world_reply replies[] = {
            { .url = FIRST, .body = NAMES },
            { .url = "http://h/s.cfg", .body = KEYS("128") },
            { .url = "http://h/m.enc", .body = r->sealed ? sealed : plain },
            { .url = NULL },
        };
        struct world *w = phone(replies, &crypto);

        w->limits.file_bytes = 4096;
        w->chunk = r->chunk;
        PROV_ROW(r->name, world_run(w) == (r->fits ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_PARTIAL));
        PROV_ROW(r->name, (world_diag(w, PROV_D_NET_FILE_TOO_LARGE) == NULL) == r->fits);
        PROV_ROW(r->name, world_has(w, PROV_ITEM_MASTER, r->fits ? plain : NULL));
        world_free(w);
        free(sealed);
        free(plain);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_every_length_opens),
        cmocka_unit_test(the_first_file_may_be_encrypted_too),
        cmocka_unit_test(a_key_of_another_length_does_not_open),
        cmocka_unit_test(the_limit_is_on_what_a_file_holds),
    };
    return cmocka_run_group_tests_name("scenario sealed", tests, NULL, NULL);
}
