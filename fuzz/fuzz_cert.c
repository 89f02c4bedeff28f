/* SPDX-License-Identifier: MIT */
#include <prov/cert.h>

#include "fuzz_in.h"

static const struct prov_str source = PROV_STR_INIT("root");

/* In a block of exactly the size that was announced. */
static char *
put(struct prov_str file, size_t bytes)
{
    char *mem = malloc(bytes > 0 ? bytes : 1);
    struct prov_buf out = { mem, bytes, 0 };

    FUZZ_CHECK(mem != NULL);
    FUZZ_CHECK(prov_cert_put(file, &out) == PROV_OK && out.len == bytes);
    out = (struct prov_buf){ mem, bytes - 1, 0 };
    FUZZ_CHECK(prov_cert_put(file, &out) == PROV_E_SPACE && out.len == 0);
    out = (struct prov_buf){ mem, bytes, 0 };
    FUZZ_CHECK(prov_cert_put(file, &out) == PROV_OK);
    return mem;
}

/* The place is one of the file, or the one behind it. */
static void
check_diag(struct prov_str file, enum prov_status status, const struct prov_diag *d)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < file.len; i++)
        lines += file.ptr[i] == '\n';
    FUZZ_CHECK(d->status == status && d->code != PROV_D_NONE);
    FUZZ_CHECK(d->line <= lines && d->column <= file.len + 1);
    FUZZ_CHECK(prov_str_eq(d->source, source));
    FUZZ_CHECK((d->code == PROV_D_CERT_KEY) == (status == PROV_E_DENIED));
}

/* What is written is one of the same, and would be written again. */
static void
check_good(struct prov_str file, const struct prov_certs *c)
{
    struct prov_certs again;
    char *once = put(file, c->pem_bytes);
    const struct prov_str text = { once, c->pem_bytes };

    FUZZ_CHECK(c->count >= 1 && (c->form == PROV_CERT_PEM || c->count == 1));
    FUZZ_CHECK(prov_cert_read(source, text, &again, NULL) == PROV_OK);
    FUZZ_CHECK(again.form == PROV_CERT_PEM && again.count == c->count);
    FUZZ_CHECK(again.pem_bytes == c->pem_bytes);

    char *twice = put(text, again.pem_bytes);

    FUZZ_CHECK(memcmp(once, twice, text.len) == 0);
    free(twice);
    free(once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);
    const struct prov_str file = { exact, size };
    struct prov_certs c = { .count = 77 };
    struct prov_diag d = { .status = PROV_OK };
    enum prov_status status;

    FUZZ_CHECK(exact != NULL);
    if (size > 0)
        memcpy(exact, data, size);
    status = prov_cert_read(source, file, &c, &d);
    switch (status) {
    case PROV_OK:
        FUZZ_CHECK(d.code == PROV_D_NONE);
        check_good(file, &c);
        break;
    case PROV_E_LIMIT:
        FUZZ_CHECK(size > PROV_CERT_FILE_BYTES / 4 * 3 - 100);
        break;
    case PROV_E_TYPE:
    case PROV_E_DENIED:
    case PROV_E_SYNTAX:
        FUZZ_CHECK(c.count == 77);
        check_diag(file, status, &d);
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
    free(exact);
    return 0;
}
