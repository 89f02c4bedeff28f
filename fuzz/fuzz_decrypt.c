/* SPDX-License-Identifier: MIT */
#include <prov/enc.h>

#include "base/sha256.h"
#include "fuzz_in.h"

#define HEAD "Salted__"
#define PLAIN_MAX 2048u

static const struct prov_str source = PROV_STR_INIT("a.enc");

/* ---- An engine that is none: what the fuzzer writes shows in what comes out ---- */

struct engine {
    unsigned fails;          /* 1 = digest denied, 2 = digest broken, 3 = cipher without memory */
    uint8_t key[32], iv[16]; /* as the cipher was given them */
    size_t key_bytes;
};

static enum prov_status
fake_digest(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces, size_t count,
            uint8_t out[PROV_ENC_DIGEST_BYTES])
{
    const struct engine *e = ctx;
    struct prov_sha256 h;
    uint8_t all[PROV_SHA256_BYTES];

    prov_sha256_init(&h);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(pieces[i].len > 0);
        prov_sha256_update(&h, pieces[i].ptr, pieces[i].len);
    }
    prov_sha256_final(&h, all);
    memcpy(out, all, kind == PROV_ENC_MD5 ? 16 : sizeof(all));
    return e->fails == 1 ? PROV_E_DENIED : e->fails == 2 ? PROV_E_NETWORK : PROV_OK;
}

static void
mix(const struct engine *e, uint8_t *bytes, size_t len, bool encrypt)
{
    uint8_t before[16];

    memcpy(before, e->iv, sizeof(before));
    for (size_t i = 0; i < len; i++) {
        const uint8_t was = bytes[i];

        bytes[i] = (uint8_t)(was ^ before[i % 16] ^ e->key[i % e->key_bytes]);
        before[i % 16] = encrypt ? bytes[i] : was;
    }
}

static enum prov_status
fake_cipher(void *ctx, const uint8_t *key, size_t key_bytes, const uint8_t iv[PROV_ENC_BLOCK_BYTES],
            uint8_t *bytes, size_t len)
{
    struct engine *e = ctx;

    FUZZ_CHECK(len >= 16 && len % 16 == 0);
    FUZZ_CHECK(key_bytes == 16 || key_bytes == 24 || key_bytes == 32);
    memcpy(e->key, key, key_bytes);
    memcpy(e->iv, iv, sizeof(e->iv));
    e->key_bytes = key_bytes;
    mix(e, bytes, len, false);
    return e->fails == 3 ? PROV_E_MEMORY : PROV_OK;
}

static const struct prov_crypto_ops ops = { sizeof(ops), fake_digest, fake_cipher };

/* ---- One file ---- */

struct result {
    enum prov_status status;
    struct prov_diag diag;
    char *mem; /* the file, or what became of it */
    size_t plain;
};

static bool
all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

static void
check_failure(const struct result *r, struct prov_str file)
{
    FUZZ_CHECK(r->plain == SIZE_MAX && r->diag.status == r->status);
    FUZZ_CHECK(prov_str_eq(r->diag.source, source));
    if (r->status == PROV_E_TYPE)
        FUZZ_CHECK(file.len == 0 || memcmp(r->mem, file.ptr, file.len) == 0);
    else
        FUZZ_CHECK(all_zero(r->mem, file.len));
    FUZZ_CHECK(r->diag.line <= file.len + 1 && r->diag.column <= file.len + 1);
    FUZZ_CHECK((r->diag.line > 0) == (r->status == PROV_E_SYNTAX));
}

/* In a heap block of exactly the size of the file, so that ASan sees every overrun. */
static struct result
decrypt(struct prov_str file, const struct prov_enc_options *o, unsigned fails)
{
    struct result r = { .mem = malloc(file.len > 0 ? file.len : 1), .plain = SIZE_MAX };
    struct engine engine = { .fails = fails };
    const struct prov_crypto crypto = { &ops, &engine };

    FUZZ_CHECK(r.mem != NULL);
    if (file.len > 0)
        memcpy(r.mem, file.ptr, file.len);
    r.status = prov_enc_decrypt(&crypto, o, source, r.mem, file.len, &r.plain, &r.diag);
    switch (r.status) {
    case PROV_OK:
        FUZZ_CHECK(fails == 0 && prov_enc_is(file));
        FUZZ_CHECK(r.plain < file.len && all_zero(r.mem + r.plain, file.len - r.plain));
        break;
    case PROV_E_TYPE:
        FUZZ_CHECK(!prov_enc_is(file));
        check_failure(&r, file);
        break;
    case PROV_E_SYNTAX:
        check_failure(&r, file);
        break;
    case PROV_E_INVALID:
        FUZZ_CHECK(fails == 0);
        check_failure(&r, file);
        break;
    case PROV_E_DENIED:
    case PROV_E_CALLBACK:
    case PROV_E_MEMORY:
        FUZZ_CHECK(fails == (r.status == PROV_E_DENIED ? 1u : r.status == PROV_E_MEMORY ? 3u : 2u));
        check_failure(&r, file);
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
    return r;
}

/* Other line ends at other places: the same result. */
static void
check_wrapped(struct prov_str file, const struct prov_enc_options *o, const struct result *first,
              size_t width)
{
    char *mem = malloc(3 * file.len + 2);
    size_t n = 0, column = 0;

    FUZZ_CHECK(mem != NULL);
    for (size_t i = 0; i < file.len; i++) {
        const char c = file.ptr[i];

        if (c == '\n' || c == '\r' || c == ' ' || c == '\t')
            continue;
        mem[n++] = c;
        if (++column % width == 0) {
            mem[n++] = '\r';
            mem[n++] = '\n';
        }
    }
    const struct result r = decrypt((struct prov_str){ mem, n }, o, 0);

    FUZZ_CHECK(r.status == first->status);
    if (r.status == PROV_OK)
        FUZZ_CHECK(r.plain == first->plain && memcmp(r.mem, first->mem, r.plain) == 0);
    else
        FUZZ_CHECK(r.diag.code == first->diag.code);
    free(r.mem);
    free(mem);
}

static void
check_file(struct prov_str file, const struct prov_enc_options *o, unsigned fails, size_t width)
{
    const struct result r = decrypt(file, o, fails);
    const bool raw = file.len >= 8 && memcmp(file.ptr, HEAD, 8) == 0;

    if (!raw && (r.status == PROV_OK || r.status == PROV_E_INVALID))
        check_wrapped(file, o, &r, width);
    free(r.mem);
}

/* ---- There and back ---- */

/* Magic, salt and encrypted blocks; the caller frees it. */
static struct prov_str
encrypt(struct prov_str plain, const struct prov_enc_options *o)
{
    const size_t pad = 16 - plain.len % 16, len = 16 + plain.len + pad;
    char *file = malloc(len), probe[32] = HEAD "saltsalt";
    struct engine engine = { .fails = 0 };
    const struct prov_crypto crypto = { &ops, &engine };
    size_t n;

    FUZZ_CHECK(file != NULL);
    memcpy(file, probe, 16);
    if (plain.len > 0)
        memcpy(file + 16, plain.ptr, plain.len);
    memset(file + 16 + plain.len, (int)pad, pad);
    /* Nobody wants to know what is in it, but the engine learns the key. */
    const enum prov_status status =
        prov_enc_decrypt(&crypto, o, source, probe, sizeof(probe), &n, NULL);

    FUZZ_CHECK(status == PROV_OK || status == PROV_E_INVALID);
    mix(&engine, (uint8_t *)file + 16, len - 16, true);
    return (struct prov_str){ file, len };
}

/* In one line; the caller frees it. */
static struct prov_str
encode(struct prov_str raw)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = malloc((raw.len + 2) / 3 * 4);
    size_t n = 0;

    FUZZ_CHECK(out != NULL);
    for (size_t i = 0; i < raw.len; i += 3) {
        const size_t left = raw.len - i;
        const uint32_t b0 = (uint8_t)raw.ptr[i], b1 = left > 1 ? (uint8_t)raw.ptr[i + 1] : 0;
        const uint32_t bits = b0 << 16 | b1 << 8 | (left > 2 ? (uint8_t)raw.ptr[i + 2] : 0);

        for (size_t k = 0; k < 4; k++)
            out[n++] = k > left ? '=' : digits[bits >> (18 - 6 * k) & 63];
    }
    return (struct prov_str){ out, n };
}

/* Whole, it gives the text; cut, never more than a beginning of it, and never the text. */
static void
check_back(struct prov_str plain, struct prov_str file, const struct prov_enc_options *o,
           size_t cut)
{
    const struct result whole = decrypt(file, o, 0);
    const struct result part = decrypt(prov_str_cut(file, 0, cut % file.len), o, 0);

    if (o->binary)
        FUZZ_CHECK(whole.status == PROV_OK);
    FUZZ_CHECK(whole.status == PROV_OK || whole.diag.code == PROV_D_ENC_WRONG_KEY ||
               whole.diag.code == PROV_D_ENC_DAMAGED);
    if (whole.status == PROV_OK)
        FUZZ_CHECK(prov_str_eq((struct prov_str){ whole.mem, whole.plain }, plain));
    if (part.status == PROV_OK) {
        FUZZ_CHECK(part.plain < plain.len);
        FUZZ_CHECK(part.plain == 0 || memcmp(part.mem, plain.ptr, part.plain) == 0);
    }
    free(whole.mem);
    free(part.mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const unsigned flags = fuzz_u8(&in);
    const size_t width = (size_t)fuzz_u8(&in) + 1;
    const size_t cut = (size_t)fuzz_u8(&in) << 8 | width;
    struct prov_enc_options o = {
        .size = sizeof(o),
        .key_bits = 128 + 64 * (flags % 3),
        .digest = flags & 4 ? PROV_ENC_SHA256 : PROV_ENC_MD5,
        .binary = (flags & 8) != 0,
    };

    o.pass = fuzz_str(&in, 40);
    if (o.pass.len == 0)
        o.pass = (struct prov_str)PROV_STR_INIT("k");
    const struct prov_str rest = fuzz_rest(&in);
    const struct prov_str plain =
        prov_str_cut(rest, 0, rest.len < PLAIN_MAX ? rest.len : PLAIN_MAX);
    const struct prov_str raw = encrypt(plain, &o), encoded = encode(raw);

    check_file(rest, &o, flags >> 6, width);
    check_file(encoded, &o, flags >> 6, width);
    check_back(plain, raw, &o, cut);
    check_back(plain, encoded, &o, cut);
    free((char *)(uintptr_t)raw.ptr);
    free((char *)(uintptr_t)encoded.ptr);
    return 0;
}
