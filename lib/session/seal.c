/* SPDX-License-Identifier: MIT */

/* Encrypted files of a dialect that has them (PAN-4). */

#include "session/private.h"

bool
prov_session_is_sealed(const struct prov_session *s, struct prov_str text)
{
    return prov_session_has_layers(s) && s->config.dialect->file_key.len > 0 && prov_enc_is(text);
}

/* Salt and padding, in base64, in lines of 64 characters with CR LF. */
static uint32_t
sealed_bytes(uint32_t plain)
{
    const uint64_t digits = ((uint64_t)plain + 32 + 2) / 3 * 4;
    const uint64_t all = digits + (digits / 64 + 1) * 2;

    return all < UINT32_MAX ? (uint32_t)all : UINT32_MAX;
}

uint32_t
prov_session_most_bytes(const struct prov_session *s)
{
    const struct prov_limits *l = &s->limits;
    const bool may_be_sealed = prov_session_has_layers(s) && s->config.dialect->file_key.len > 0;
    const uint32_t most = may_be_sealed ? sealed_bytes(l->file_bytes) : l->file_bytes;

    return most < l->tree_bytes ? most : l->tree_bytes;
}

uint32_t
prov_session_file_bytes(const struct prov_session *s, struct prov_str text)
{
    return prov_session_is_sealed(s, text) ? sealed_bytes(s->limits.file_bytes)
                                           : s->limits.file_bytes;
}

/* The standard file of this run brings a new key; else that of the settings in force counts. */
static struct prov_str
value_of(const struct prov_session *s, struct prov_str name)
{
    static const struct prov_str none = { NULL, 0 };
    const struct prov_param *p = NULL;

    if (s->layers[PROV_LAYER_STANDARD].got)
        p = prov_params_find(prov_session_layer_params(s, PROV_LAYER_STANDARD), name, 0);
    if (p == NULL)
        p = prov_params_find(s->params, name, 0);
    return p != NULL ? prov_str_trim(p->value) : none;
}

/* 0 = no length that there is. */
static uint32_t
bits_of(struct prov_str text)
{
    static const struct {
        struct prov_str text;
        uint32_t bits;
    } rows[] = {
        { PROV_STR_INIT(""), 128 },
        { PROV_STR_INIT("128"), 128 },
        { PROV_STR_INIT("192"), 192 },
        { PROV_STR_INIT("256"), 256 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (prov_str_eq(rows[i].text, text))
            return rows[i].bits;
    }
    return 0;
}

static enum prov_status
refuse(struct prov_session *s, struct prov_str name, enum prov_diag_code code)
{
    const struct prov_verdict v = { .status = PROV_E_DENIED, .code = code };

    prov_session_note(s, &v, name, prov_str_z(""));
    return v.status;
}

enum prov_status
prov_session_unseal(struct prov_session *s, struct prov_str name, struct prov_str *text)
{
    const struct prov_dialect *d = s->config.dialect;
    const struct prov_enc_options options = {
        .size = sizeof(options),
        .pass = value_of(s, d->file_key),
        .key_bits = bits_of(value_of(s, d->file_bits)),
        .digest = PROV_ENC_MD5,
    };
    char *bytes = s->region_mem + (text->ptr - s->region_mem);
    struct prov_diag diag = { .status = PROV_OK };
    enum prov_status status;

    if (s->config.crypto == NULL)
        return refuse(s, name, PROV_D_SEALED_NO_ENGINE);
    if (options.pass.len == 0 || options.key_bits == 0)
        return refuse(s, name, PROV_D_SEALED_NO_KEY);
    status =
        prov_enc_decrypt(s->config.crypto, &options, name, bytes, text->len, &text->len, &diag);
    if (status == PROV_OK && text->len > s->limits.file_bytes) {
        diag = (struct prov_diag){ .status = PROV_E_LIMIT,
                                   .code = PROV_D_NET_FILE_TOO_LARGE,
                                   .source = name,
                                   .need = s->limits.file_bytes };
        status = diag.status;
    }
    if (status != PROV_OK)
        prov_diags_add(&s->diags, &diag);
    return status;
}
