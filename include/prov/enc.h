/* SPDX-License-Identifier: MIT */
#ifndef PROV_ENC_H
#define PROV_ENC_H

/**
 * @file
 * @brief Encrypted files as `openssl enc -aes-...-cbc -a -salt -pass ...` makes them (PAN-4).
 *
 * Layer: core (pure). Hashing and AES come from a table that the caller gives, so a product uses the
 * engine it has; `libprov-crypto` (prov/adapters/crypto.h) is one on OpenSSL.
 *
 * The form of a file: base64 in lines; decoded, the eight bytes `Salted__`, eight bytes of salt, then
 * AES-CBC blocks with the padding of PKCS#7. Key and IV come from the pass phrase and the salt
 * (EVP_BytesToKey with one round).
 *
 *  - Lines end with LF or CR LF and may have any length; blanks and tabs may stand before a line end
 *    and before the end of the file. Every other byte that is not base64 is refused with its place.
 *  - The same without base64 (`openssl enc` without `-a`) is taken too.
 *
 * This form has no checksum. Whether the key was right shows in the padding, by chance in 1 of 256
 * cases with a wrong key; so the plain text is looked at too: unless `binary` is set it has to be
 * text, which every configuration file is.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Digest that makes key and IV from the pass phrase. */
enum prov_enc_digest {
    PROV_ENC_MD5 = 0,    /**< What OpenSSL did before version 1.1.0, and what phones expect. */
    PROV_ENC_SHA256 = 1, /**< What OpenSSL does today unless told `-md md5`. */
};

#define PROV_ENC_DIGEST_BYTES 32 /**< Length of the longest digest. */
#define PROV_ENC_BLOCK_BYTES 16  /**< Length of an AES block and of the IV. */

/**
 * Cipher engine. The rules of the tables in prov/port.h hold: `size` first, `ctx` first, pointers
 * live for the call; a status that is not listed counts as #PROV_E_CALLBACK. Called from the thread
 * that called prov_enc_decrypt(). Buffers may have any alignment. What is derived from a key MUST
 * NOT stay in memory after the call.
 */
struct prov_crypto_ops {
    size_t size; /**< `sizeof(struct prov_crypto_ops)` as the vendor compiled it. */

    /**
     * REQUIRED. The digest of some pieces, one after the other as if they were one. MAY block.
     *
     * @param[in]  kind    MD5 (16 bytes) or SHA-256 (32 bytes).
     * @param[in]  pieces  2 or 3, none of them empty. Secrets among them.
     * @param[out] out     The first 16 or 32 bytes are to be set.
     * @return #PROV_OK; #PROV_E_DENIED: this engine does not have or must not use this digest;
     * #PROV_E_MEMORY.
     */
    enum prov_status (*digest)(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces,
                               size_t count, uint8_t out[PROV_ENC_DIGEST_BYTES]);

    /**
     * REQUIRED. Decrypt AES in CBC mode, in place; no padding is to be taken off. MAY block. Called
     * once for a file.
     *
     * @param[in]     key        A secret.
     * @param[in]     key_bytes  16, 24 or 32.
     * @param[in]     iv         What the first block is to be combined with.
     * @param[in,out] bytes      Whole blocks.
     * @param[in]     len        Length of @p bytes: a multiple of 16, at least 16.
     * @return #PROV_OK; #PROV_E_DENIED: this engine does not have or must not use this length of
     * key; #PROV_E_MEMORY. Unless #PROV_OK, @p bytes may hold anything.
     */
    enum prov_status (*aes_cbc_decrypt)(void *ctx, const uint8_t *key, size_t key_bytes,
                                        const uint8_t iv[PROV_ENC_BLOCK_BYTES], uint8_t *bytes,
                                        size_t len);
};

/** An engine and its context. */
struct prov_crypto {
    const struct prov_crypto_ops *ops; /**< Lives as long as it is used. */
    void *ctx;                         /**< The vendor's. */
};

/** How a file was encrypted. */
struct prov_enc_options {
    size_t size; /**< `sizeof(struct prov_enc_options)` as the caller compiled it. */
    struct prov_str
        pass;          /**< Pass phrase, as given to `openssl enc`: at least one byte; phones have
                               32 characters. A secret: it is neither copied nor shown. */
    uint32_t key_bits; /**< 128, 192 or 256. */
    enum prov_enc_digest digest;
    bool binary; /**< What comes out need not be text. A wrong key then passes for right in 1 of 256
                      cases. */
};

/**
 * Tell whether a file is an encrypted one, whatever else may be wrong with it (DOC-1, PAN-4).
 *
 * @param[in] text  The file, or its beginning: 32 bytes are always enough if no line is blank.
 * @return    True if it begins with `Salted__`, as it is or in base64.
 * @threads   Safe from any thread.
 * @cost      O(blank lines at the beginning).
 * @since     0.1
 */
PROV_API bool prov_enc_is(struct prov_str text);

/**
 * Decrypt a file in the place where it stands (PAN-4).
 *
 * The plain text is never longer than the file. What is behind it is overwritten by zeros. On
 * #PROV_E_ARG, #PROV_E_ABI and #PROV_E_TYPE the file is as it was; on every other failure all of it
 * is zeros: nothing half decrypted stays behind. Key and IV are wiped in any case.
 *
 * What cannot be noticed: a file cut behind a block whose plain text ends like padding, as one with
 * nine tabs or ten line feeds at its end does; and damage that does not show in the text: there is
 * no checksum. With `binary` most damage does not show.
 *
 * @param[in]     crypto     The engine. Borrowed for the call.
 * @param[in]     options    Borrowed for the call.
 * @param[in]     source     Name for diagnostics. Borrowed as long as @p diag.
 * @param[in,out] bytes      The file, then the plain text.
 * @param[in]     len        Length of the file.
 * @param[out]    plain_len  Length of the plain text at @p bytes; 0 is possible. Unless #PROV_OK it
 *                           is left as it was.
 * @param[out]    diag       Filled on every result except #PROV_OK. May be NULL. Line and column are
 *                           places in the base64 text (of a binary file: line 1, the byte); 0 when
 *                           it is about the file as a whole. It holds nothing of key or content.
 *
 * @retval PROV_OK          Decrypted.
 * @retval PROV_E_ARG       A pointer is NULL, the pass phrase is empty, `key_bits` or `digest` is
 *                          not known, or @p len is UINT32_MAX or more.
 * @retval PROV_E_ABI       The size of a struct does not fit (see prov/abi.h), or a REQUIRED member
 *                          of the table is missing.
 * @retval PROV_E_TYPE      Not encrypted: the file is empty, no base64, or base64 without `Salted__`
 *                          (made with `-nosalt`).
 * @retval PROV_E_SYNTAX    Not base64 all through, or cut off: inside the salt, inside a group of
 *                          base64, inside a block, or before the first block.
 * @retval PROV_E_INVALID   Key, cipher and digest do not fit this file; or they do (it begins as
 *                          text), but its last block is missing, or some of it is damaged.
 * @retval PROV_E_DENIED    The engine does not have or must not use digest or cipher.
 * @retval PROV_E_MEMORY    The engine got no memory.
 * @retval PROV_E_CALLBACK  The engine answered with a status that is not in its contract.
 *
 * @ownership Nothing is kept.
 * @memory    No allocation of its own; at most 512 bytes of stack beside the engine's.
 * @threads   Safe from any thread as long as @p bytes and the engine are not shared.
 * @cost      O(len), one call for AES and two or three for digests.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_enc_decrypt(const struct prov_crypto *crypto,
                                                          const struct prov_enc_options *options,
                                                          struct prov_str source, char *bytes,
                                                          size_t len, size_t *plain_len,
                                                          struct prov_diag *diag);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ENC_H */
