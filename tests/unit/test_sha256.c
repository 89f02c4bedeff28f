/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include "support/prov_cmocka.h"

/* FIPS 180-4 examples, NIST CAVP SHA256ShortMsg, and every length around a block's end. */
static const struct row {
    const char *name;
    const char *unit; /* repeated times over */
    size_t times;
    const char *digest;
} rows[] = {
    /* clang-format off */
    { "nothing", "", 1,
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "one block message", "abc", 1,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "two block message", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "four block message",
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
      "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    { "a million a", "a", 1000000,
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
    { "CAVP, 8 bits", "\xd3", 1,
      "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1" },
    { "CAVP, 32 bits", "\x74\xba\x25\x21", 1,
      "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e" },
    { "55 bytes: the length fits", "a", 55,
      "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
    { "56 bytes: the length does not", "a", 56,
      "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
    { "63 bytes", "a", 63,
      "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
    { "64 bytes: one block", "a", 64,
      "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
    { "65 bytes", "a", 65,
      "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
    /* clang-format on */
};

static bool
digest_is(struct prov_sha256 *h, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t out[PROV_SHA256_BYTES];
    char text[2 * sizeof(out)];

    prov_sha256_final(h, out);
    for (size_t i = 0; i < sizeof(out); i++) {
        text[2 * i] = digits[out[i] >> 4];
        text[2 * i + 1] = digits[out[i] & 15];
    }
    return prov_str_is(text, sizeof(text), hex);
}

static void
gives_the_published_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        char *exact = prov_copy_exact(r->unit);
        struct prov_sha256 h;

        prov_sha256_init(&h);
        for (size_t n = 0; n < r->times; n++)
            prov_sha256_update(&h, exact, strlen(r->unit));
        free(exact);
        PROV_ROW(r->name, digest_is(&h, r->digest));
    }
}

#define TEXT_BYTES 200

/* Every pair of cuts, so that a block is filled in every way there is. */
static void
does_not_depend_on_the_chunking(void **state)
{
    static const char expected[] =
        "2c7e18c942ef065b526a2d4e5546283749cd3ddfb51d8fc71f42717363685f46";
    uint8_t text[TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)(7 * i + 3);
    for (size_t a = 0; a <= sizeof(text); a++) {
        for (size_t b = a; b <= sizeof(text); b++) {
            struct prov_sha256 h;

            prov_sha256_init(&h);
            prov_sha256_update(&h, text, a);
            prov_sha256_update(&h, text + a, b - a);
            prov_sha256_update(&h, text + b, sizeof(text) - b);
            assert_true(digest_is(&h, expected));
        }
    }
}

static void
takes_null_when_there_is_nothing(void **state)
{
    struct prov_sha256 h;

    (void)state;
    prov_sha256_init(&h);
    prov_sha256_update(&h, NULL, 0);
    prov_sha256_update(&h, "abc", 3);
    prov_sha256_update(&h, NULL, 0);
    assert_true(digest_is(&h, rows[1].digest));
}

/* Digests of secrets pass through here. */
static void
leaves_nothing_behind(void **state)
{
    static const struct prov_sha256 wiped;
    uint8_t out[PROV_SHA256_BYTES];
    struct prov_sha256 h;

    (void)state;
    memset(&h, 0xA5, sizeof(h)); /* padding included */
    prov_sha256_init(&h);
    prov_sha256_update(&h, "secret", 6);
    prov_sha256_final(&h, out);
    assert_memory_equal(&wiped, &h, sizeof(h));
}

/* A copy of a digest under way goes on by itself. */
static void
can_be_copied_half_way(void **state)
{
    struct prov_sha256 h, copy;

    (void)state;
    prov_sha256_init(&h);
    prov_sha256_update(&h, "ab", 2);
    copy = h;
    prov_sha256_update(&h, "XYZ", 3);
    prov_sha256_update(&copy, "c", 1);
    assert_true(digest_is(&copy, rows[1].digest));
    assert_false(digest_is(&h, rows[1].digest));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_digests),
        cmocka_unit_test(does_not_depend_on_the_chunking),
        cmocka_unit_test(takes_null_when_there_is_nothing),
        cmocka_unit_test(leaves_nothing_behind),
        cmocka_unit_test(can_be_copied_half_way),
    };
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
