/* SPDX-License-Identifier: MIT */
#include <prov/enc.h>

#include <string.h>

#include "base/str.h"
#include "base/wipe.h"

#define MAGIC_BYTES 8u
#define SALT_BYTES 8u
#define HEAD_BYTES (MAGIC_BYTES + SALT_BYTES)
#define BLOCK ((size_t)PROV_ENC_BLOCK_BYTES)
#define MOST_KEY 32u

static const char magic[MAGIC_BYTES] = { 'S', 'a', 'l', 't', 'e', 'd', '_', '_' };

/* ---- Base64 ---- */

/*
 * Reads base64 and writes what it stands for. Reading is always ahead of writing, so both may be in
 * the same place.
 */
struct base64 {
    struct prov_str in;
    size_t pos;
    uint32_t line, column; /* of the byte at pos */
    char *out;             /* NULL: only look */
    size_t len;            /* bytes that were written, or would have been */
    char head[MAGIC_BYTES + 2];
    uint32_t bits;   /* of the group under way */
    unsigned digits; /* of it, 0..3; a complete one with '=' keeps its 2 or 3 */
    unsigned pads;   /* '=' seen */
    enum prov_diag_code code;
};

static void
put(struct base64 *b, uint32_t byte)
{
    const char c = (char)(byte & 0xFF);

    if (b->len < sizeof(b->head))
        b->head[b->len] = c;
    if (b->out != NULL)
        b->out[b->len] = c;
    b->len++;
}

static enum prov_diag_code
take_digit(struct base64 *b, uint32_t value)
{
    if (b->pads > 0)
        return b->digits + b->pads == 4 ? PROV_D_ENC_AFTER_END : PROV_D_ENC_BAD_GROUP;
    b->bits = b->bits << 6 | value;
    b->digits++;
    if (b->digits < 4)
        return PROV_D_NONE;
    put(b, b->bits >> 16);
    put(b, b->bits >> 8);
    put(b, b->bits);
    b->bits = 0;
    b->digits = 0;
    return PROV_D_NONE;
}

/* Two digits hold one byte, three hold two; what is left over of them is zero. */
static enum prov_diag_code
take_pad(struct base64 *b)
{
    if (b->digits + b->pads == 4)
        return PROV_D_ENC_AFTER_END;
    if (b->digits < 2 || (b->bits & (b->digits == 2 ? 0xFu : 0x3u)) != 0)
        return PROV_D_ENC_BAD_GROUP;
    b->pads++;
    if (b->digits + b->pads < 4)
        return PROV_D_NONE;
    if (b->digits == 3)
        put(b, b->bits >> 10);
    put(b, b->digits == 3 ? b->bits >> 2 : b->bits >> 4);
    return PROV_D_NONE;
}

/* Blanks and CR belong to a line end, or to the end of the text. Their number, 0 if they do not. */
static size_t
blanks_at(const struct base64 *b)
{
    const struct prov_str in = b->in;
    size_t i = b->pos;

    while (i < in.len && (in.ptr[i] == ' ' || in.ptr[i] == '\t'))
        i++;
    if (i < in.len && in.ptr[i] == '\r')
        i++;
    return i == in.len || in.ptr[i] == '\n' ? i - b->pos : 0;
}

static void
step(struct base64 *b)
{
    const char c = b->in.ptr[b->pos];
    const int value = prov_base64_value(c);
    size_t used = 1;

    if (value >= 0) {
        b->code = take_digit(b, (uint32_t)value);
    } else if (c == '=') {
        b->code = take_pad(b);
    } else if (c != '\n') {
        used = blanks_at(b);
        b->code = used == 0 ? PROV_D_ENC_BAD_BYTE : PROV_D_NONE;
    }
    if (b->code != PROV_D_NONE)
        return;
    b->pos += used;
    b->column += (uint32_t)used;
    if (c == '\n') {
        b->line++;
        b->column = 1;
    }
}

/* Read on until that many bytes are there, the text ends, or something is wrong with it. */
static void
read_to(struct base64 *b, size_t len)
{
    while (b->code == PROV_D_NONE && b->len < len && b->pos < b->in.len)
        step(b);
    if (b->code == PROV_D_NONE && b->pos == b->in.len && b->digits > 0 && b->digits + b->pads != 4)
        b->code = PROV_D_ENC_CUT_GROUP;
}

static struct base64
base64_of(struct prov_str in, char *out)
{
    return (struct base64){ .in = in, .line = 1, .column = 1, .out = out };
}

/* ---- What kind of file it is ---- */

static bool
is_raw(struct prov_str text)
{
    return text.len >= MAGIC_BYTES && memcmp(text.ptr, magic, MAGIC_BYTES) == 0;
}

/* The magic in base64; false if the text ends before it is complete. */
static bool
is_encoded(struct prov_str text)
{
    struct base64 b = base64_of(text, NULL);

    read_to(&b, MAGIC_BYTES);
    return b.len >= MAGIC_BYTES && memcmp(b.head, magic, MAGIC_BYTES) == 0;
}

bool
prov_enc_is(struct prov_str text)
{
    return text.ptr != NULL && (is_raw(text) || is_encoded(text));
}

/* Why it is none; PROV_D_ENC_CUT_SALT if it could have been. */
static enum prov_diag_code
why_not(struct base64 *b)
{
    read_to(b, SIZE_MAX);
    if (b->len == 0 && b->digits == 0 && b->pos == b->in.len)
        return PROV_D_ENC_EMPTY;
    if (b->code != PROV_D_NONE && b->code != PROV_D_ENC_CUT_GROUP)
        return PROV_D_ENC_NOT_ENCRYPTED;
    if (b->len > 0 && b->len < MAGIC_BYTES && memcmp(b->head, magic, b->len) == 0)
        return PROV_D_ENC_CUT_SALT;
    return PROV_D_ENC_NO_SALT;
}

/* ---- One file ---- */

struct job {
    struct prov_crypto_ops ops;
    struct prov_enc_options options;
    void *ctx;
    struct prov_str source;
    struct prov_diag *diag;
    char *bytes;
    size_t len;   /* decoded: magic, salt, blocks */
    size_t plain; /* length of the plain text */
    uint32_t line, column;
};

static enum prov_status
fail(const struct job *j, enum prov_status status, enum prov_diag_code code)
{
    if (j->diag != NULL)
        *j->diag = (struct prov_diag){ .status = status, .code = code, .source = j->source };
    return status;
}

/* About the place that reading came to. */
static enum prov_status
fail_here(const struct job *j, enum prov_status status, enum prov_diag_code code)
{
    fail(j, status, code);
    if (j->diag != NULL) {
        j->diag->line = j->line;
        j->diag->column = j->column;
    }
    return status;
}

static enum prov_status
fail_about(const struct job *j, enum prov_status status, enum prov_diag_code code,
           const char *subject)
{
    fail(j, status, code);
    if (j->diag != NULL)
        j->diag->subject = prov_str_z(subject);
    return status;
}

static enum prov_status
not_encrypted(struct job *j, struct prov_str file)
{
    struct base64 b = base64_of(file, NULL);
    const enum prov_diag_code code = why_not(&b);

    if (code != PROV_D_ENC_CUT_SALT)
        return fail(j, PROV_E_TYPE, code);
    j->line = b.line;
    j->column = b.column;
    return fail_here(j, PROV_E_SYNTAX, code);
}

static enum prov_status
decode(struct job *j, size_t len)
{
    struct base64 b = base64_of((struct prov_str){ j->bytes, len }, j->bytes);

    j->len = len;
    j->line = 1;
    j->column = (uint32_t)len + 1;
    if (is_raw(b.in))
        return PROV_OK;
    read_to(&b, SIZE_MAX);
    j->len = b.len;
    j->line = b.line;
    j->column = b.column;
    return b.code == PROV_D_NONE ? PROV_OK : fail_here(j, PROV_E_SYNTAX, b.code);
}

static enum prov_status
check_length(const struct job *j)
{
    if (j->len < HEAD_BYTES)
        return fail_here(j, PROV_E_SYNTAX, PROV_D_ENC_CUT_SALT);
    if (j->len == HEAD_BYTES)
        return fail_here(j, PROV_E_SYNTAX, PROV_D_ENC_CUT_NO_BLOCK);
    if (j->len % BLOCK != 0)
        return fail_here(j, PROV_E_SYNTAX, PROV_D_ENC_CUT_BLOCK);
    return PROV_OK;
}

/* ---- The engine ---- */

static enum prov_status
engine_failed(const struct job *j, enum prov_status status, enum prov_diag_code denied,
              const char *member)
{
    if (status == PROV_E_DENIED)
        return fail(j, status, denied);
    if (status == PROV_E_MEMORY)
        return fail(j, status, PROV_D_ENC_NO_MEMORY);
    return fail_about(j, PROV_E_CALLBACK, PROV_D_CALLBACK, member);
}

/* Each digest is that of the one before, the pass phrase and the salt (EVP_BytesToKey, one round). */
static enum prov_status
derive(const struct job *j, uint8_t *out, size_t need)
{
    const size_t step_bytes = j->options.digest == PROV_ENC_MD5 ? 16 : PROV_ENC_DIGEST_BYTES;
    uint8_t d[PROV_ENC_DIGEST_BYTES] = { 0 };
    const struct prov_str pieces[3] = { { (const char *)d, step_bytes },
                                        j->options.pass,
                                        { j->bytes + MAGIC_BYTES, SALT_BYTES } };
    enum prov_status status = PROV_OK;

    for (size_t at = 0; status == PROV_OK && at < need; at += step_bytes) {
        const size_t first = at == 0 ? 1 : 0;

        status = j->ops.digest(j->ctx, j->options.digest, pieces + first, 3 - first, d);
        memcpy(out + at, d, need - at < step_bytes ? need - at : step_bytes);
    }
    prov_wipe(d, sizeof(d));
    return status == PROV_OK
               ? status
               : engine_failed(j, status, PROV_D_ENC_NO_DIGEST, "prov_crypto_ops.digest");
}

static enum prov_status
decrypt_blocks(const struct job *j)
{
    uint8_t secret[MOST_KEY + BLOCK]; /* key, then IV */
    const size_t key_bytes = j->options.key_bits / 8;
    enum prov_status status = derive(j, secret, key_bytes + BLOCK);

    if (status == PROV_OK) {
        status = j->ops.aes_cbc_decrypt(j->ctx, secret, key_bytes, secret + key_bytes,
                                        (uint8_t *)j->bytes + HEAD_BYTES, j->len - HEAD_BYTES);
        if (status != PROV_OK)
            status =
                engine_failed(j, status, PROV_D_ENC_NO_CIPHER, "prov_crypto_ops.aes_cbc_decrypt");
    }
    prov_wipe(secret, sizeof(secret));
    return status;
}

/* ---- What came out ---- */

static bool
is_control(char c)
{
    return (unsigned char)c < 0x20 && !prov_is_blank(c);
}

/* How many bytes of UTF-8 follow a first one; -1 if it is none. */
static int
followers_of(unsigned char c)
{
    if (c < 0x80)
        return c == 0x7F || is_control((char)c) ? -1 : 0;
    if (c < 0xC2 || c > 0xF4)
        return -1;
    return c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
}

/* Its first block is UTF-8. Random bytes are that less than once in a hundred thousand times. */
static bool
begins_as_text(struct prov_str s)
{
    int follow = 0;

    for (size_t i = 0; i < s.len && i < BLOCK && follow >= 0; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];

        if (follow == 0)
            follow = followers_of(c);
        else
            follow = (c & 0xC0) == 0x80 ? follow - 1 : -1;
    }
    return follow >= 0;
}

static bool
has_control(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (is_control(s.ptr[i]))
            return true;
    }
    return false;
}

/* How many bytes of padding there are: as many as the last one says. 0 if it is none. */
static size_t
padding_of(struct prov_str s)
{
    const size_t n = (unsigned char)s.ptr[s.len - 1];

    if (n > BLOCK)
        return 0;
    for (size_t i = 2; i <= n; i++) {
        if ((unsigned char)s.ptr[s.len - i] != n)
            return 0;
    }
    return n;
}

static enum prov_status
judge(struct job *j)
{
    const struct prov_str all = { j->bytes + HEAD_BYTES, j->len - HEAD_BYTES };
    const size_t padding = padding_of(all);
    const struct prov_str text = prov_str_cut(all, 0, all.len - padding);
    const bool begins = begins_as_text(text);

    if (padding == 0)
        return fail(j, PROV_E_INVALID, begins ? PROV_D_ENC_CUT_END : PROV_D_ENC_WRONG_KEY);
    if (!j->options.binary && !begins)
        return fail(j, PROV_E_INVALID, PROV_D_ENC_WRONG_KEY);
    if (!j->options.binary && has_control(text))
        return fail(j, PROV_E_INVALID, PROV_D_ENC_DAMAGED);
    j->plain = text.len;
    return PROV_OK;
}

/* ---- All of it ---- */

static bool
are_good(const struct prov_enc_options *o)
{
    return o->pass.ptr != NULL && o->pass.len > 0 && (unsigned)o->digest <= PROV_ENC_SHA256 &&
           (o->key_bits == 128 || o->key_bits == 192 || o->key_bits == 256);
}

static enum prov_status
bind(struct job *j, const struct prov_crypto *crypto, const struct prov_enc_options *options)
{
    if (prov_abi_import(&j->options, sizeof(j->options), options, sizeof(j->options)) != PROV_OK)
        return fail_about(j, PROV_E_ABI, PROV_D_ABI, "prov_enc_options");
    if (prov_abi_import(&j->ops, sizeof(j->ops), crypto->ops, sizeof(j->ops)) != PROV_OK)
        return fail_about(j, PROV_E_ABI, PROV_D_ABI, "prov_crypto_ops");
    if (j->ops.digest == NULL)
        return fail_about(j, PROV_E_ABI, PROV_D_ABI, "prov_crypto_ops.digest");
    if (j->ops.aes_cbc_decrypt == NULL)
        return fail_about(j, PROV_E_ABI, PROV_D_ABI, "prov_crypto_ops.aes_cbc_decrypt");
    j->ctx = crypto->ctx;
    return are_good(&j->options) ? PROV_OK : fail(j, PROV_E_ARG, PROV_D_BAD_ARGUMENT);
}

static enum prov_status
run(struct job *j, size_t len)
{
    enum prov_status status = decode(j, len);

    if (status == PROV_OK)
        status = check_length(j);
    if (status == PROV_OK)
        status = decrypt_blocks(j);
    return status == PROV_OK ? judge(j) : status;
}

enum prov_status
prov_enc_decrypt(const struct prov_crypto *crypto, const struct prov_enc_options *options,
                 struct prov_str source, char *bytes, size_t len, size_t *plain_len,
                 struct prov_diag *diag)
{
    struct job j = { .source = source, .diag = diag, .bytes = bytes };
    const struct prov_str file = { bytes, len };

    if (crypto == NULL || crypto->ops == NULL || options == NULL || bytes == NULL ||
        plain_len == NULL || len >= UINT32_MAX)
        return fail(&j, PROV_E_ARG, PROV_D_BAD_ARGUMENT);
    enum prov_status status = bind(&j, crypto, options);

    if (status != PROV_OK)
        return status;
    status = prov_enc_is(file) ? run(&j, len) : not_encrypted(&j, file);
    if (status == PROV_OK) {
        memmove(bytes, bytes + HEAD_BYTES, j.plain);
        *plain_len = j.plain;
    }
    if (status != PROV_E_TYPE)
        prov_wipe(bytes + j.plain, len - j.plain);
    return status;
}
