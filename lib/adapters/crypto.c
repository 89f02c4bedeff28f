/* SPDX-License-Identifier: MIT */
#include <prov/adapters/crypto.h>

#include <openssl/err.h>
#include <openssl/evp.h>

/* OpenSSL counts in int. */
#define STEP_BYTES ((size_t)1 << 30)

/* Fetched for each call: a name that cannot be had is told from a call that failed. */
static enum prov_status
hash(EVP_MD_CTX *h, const EVP_MD *md, const struct prov_str *pieces, size_t count, uint8_t *out)
{
    bool good = EVP_DigestInit_ex2(h, md, NULL) == 1;

    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(h, pieces[i].ptr, pieces[i].len) == 1;
    return good && EVP_DigestFinal_ex(h, out, NULL) == 1 ? PROV_OK : PROV_E_MEMORY;
}

static enum prov_status
digest(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces, size_t count,
       uint8_t out[PROV_ENC_DIGEST_BYTES])
{
    enum prov_status status = PROV_E_DENIED;

    (void)ctx;
    (void)ERR_set_mark();
    EVP_MD *md = EVP_MD_fetch(NULL, kind == PROV_ENC_MD5 ? "MD5" : "SHA2-256", NULL);
    EVP_MD_CTX *h = EVP_MD_CTX_new();

    if (md != NULL)
        status = h != NULL ? hash(h, md, pieces, count, out) : PROV_E_MEMORY;
    EVP_MD_CTX_free(h);
    EVP_MD_free(md);
    (void)ERR_pop_to_mark();
    return status;
}

static enum prov_status
decrypt(EVP_CIPHER_CTX *c, uint8_t *bytes, size_t len)
{
    bool good = EVP_CIPHER_CTX_set_padding(c, 0) == 1;

    for (size_t at = 0; good && at < len;) {
        const size_t n = len - at < STEP_BYTES ? len - at : STEP_BYTES;
        int done = 0;

        good = EVP_DecryptUpdate(c, bytes + at, &done, bytes + at, (int)n) == 1 && done == (int)n;
        at += n;
    }
    return good ? PROV_OK : PROV_E_MEMORY;
}

static enum prov_status
aes_cbc_decrypt(void *ctx, const uint8_t *key, size_t key_bytes,
                const uint8_t iv[PROV_ENC_BLOCK_BYTES], uint8_t *bytes, size_t len)
{
    const char *name = key_bytes == 16 ? "AES-128-CBC" : "AES-192-CBC";
    enum prov_status status = PROV_E_DENIED;

    (void)ctx;
    (void)ERR_set_mark();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, key_bytes == 32 ? "AES-256-CBC" : name, NULL);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

    if (cipher != NULL) {
        const bool ready = c != NULL && EVP_DecryptInit_ex2(c, cipher, key, iv, NULL) == 1;

        status = ready ? decrypt(c, bytes, len) : PROV_E_MEMORY;
    }
    EVP_CIPHER_CTX_free(c); /* wipes what was derived from the key */
    EVP_CIPHER_free(cipher);
    (void)ERR_pop_to_mark();
    return status;
}

struct prov_crypto
prov_crypto_openssl(void)
{
    static const struct prov_crypto_ops ops = { sizeof(ops), digest, aes_cbc_decrypt };
    const struct prov_crypto crypto = { &ops, NULL };

    return crypto;
}
