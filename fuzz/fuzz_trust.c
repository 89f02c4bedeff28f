/* SPDX-License-Identifier: MIT */
#include <prov/trust.h>

#include "fuzz_in.h"

/* A copy of exact size, so that every over-read shows. */
static struct prov_str
copy(struct prov_str s)
{
    char *mem = malloc(s.len > 0 ? s.len : 1);

    FUZZ_CHECK(mem != NULL);
    if (s.len > 0)
        memcpy(mem, s.ptr, s.len);
    return (struct prov_str){ mem, s.len };
}

/* What was allowed is of the form that was demanded. */
static void
check_allowed(const struct prov_trust *t, const struct prov_trust_known *known, struct prov_str url)
{
    struct prov_uri u;

    FUZZ_CHECK(!t->first_only || !known->provisioned);
    if (!t->https_only && t->host_count == 0 && !t->pin)
        return;
    FUZZ_CHECK(prov_uri_parse(url, &u, NULL) == PROV_OK);
    FUZZ_CHECK(!t->https_only || u.scheme == PROV_SCHEME_HTTPS);
}

/* The origin of an address is one itself, allowed by a pin of it, and its own origin. */
static void
check_origin(struct prov_str url)
{
    char mem[70000], more[70000];
    struct prov_buf out = { mem, sizeof(mem), 0 }, again = { more, sizeof(more), 0 };
    const struct prov_trust t = { .size = sizeof(t), .sources = 1, .pin = true };
    struct prov_uri u;
    const bool good = prov_uri_parse(url, &u, NULL) == PROV_OK;

    FUZZ_CHECK((prov_trust_origin(url, &out) == PROV_OK) == good);
    if (!good)
        return;
    const struct prov_trust_known known = { true, { mem, out.len } };

    FUZZ_CHECK(prov_trust_origin(known.pin, &again) == PROV_OK);
    FUZZ_CHECK(again.len == out.len && memcmp(mem, more, out.len) == 0);
    FUZZ_CHECK(prov_trust_judge(&t, &known, 1, url) == PROV_TRUST_ALLOWED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const uint8_t flags = fuzz_u8(&in);
    const struct prov_str entries[2] = { copy(fuzz_str(&in, 80)), copy(fuzz_str(&in, 80)) };
    const struct prov_str pin = copy(fuzz_str(&in, 80));
    const struct prov_str url = copy(fuzz_rest(&in));
    const struct prov_trust_known known = { (flags & 1) != 0, pin };
    const struct prov_trust given = {
        .size = sizeof(given),
        .sources = (flags & 2) != 0 ? PROV_SOURCE_BIT(PROV_SOURCE_PNP) : 0,
        .https_only = (flags & 4) != 0,
        .hosts = entries,
        .host_count = (flags >> 3 & 3) % 3,
        .first_only = (flags & 32) != 0,
        .pin = (flags & 64) != 0,
    };
    struct prov_trust t = { .size = 0 };
    struct prov_diag d = { .status = PROV_OK };
    const enum prov_status status = prov_trust_resolve(&given, &t, &d);

    FUZZ_CHECK(status == PROV_OK || (status == PROV_E_SYNTAX && d.code == PROV_D_TRUST_ENTRY));
    if (status == PROV_OK) {
        const enum prov_trust_fault fault =
            prov_trust_judge(&t, &known, PROV_SOURCE_BIT(PROV_SOURCE_PNP), url);

        if (fault == PROV_TRUST_ALLOWED)
            check_allowed(&t, &known, url);
        FUZZ_CHECK((unsigned)fault <= PROV_TRUST_NOT_PINNED);
        FUZZ_CHECK(prov_trust_judge(&t, &known, PROV_SOURCE_BIT(PROV_SOURCE_MANUAL), url) ==
                   PROV_TRUST_ALLOWED);
    }
    check_origin(url);
    for (size_t i = 0; i < 2; i++)
        free((void *)(uintptr_t)entries[i].ptr);
    free((void *)(uintptr_t)pin.ptr);
    free((void *)(uintptr_t)url.ptr);
    return 0;
}
