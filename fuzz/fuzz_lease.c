/* SPDX-License-Identifier: MIT */
#include <prov/adapters/lease.h>

#include "fuzz_in.h"

#define COOKIE_AT 236u

/* In a heap block of exactly cap bytes, so that ASan sees every overrun. */
static enum prov_status
run(const struct prov_lease_query *q, struct prov_str file, size_t cap, char **mem, size_t *len,
    uint32_t *line)
{
    *mem = malloc(cap > 0 ? cap : 1);
    FUZZ_CHECK(*mem != NULL);

    struct prov_buf out = { *mem, cap, 0 };
    const enum prov_status status = prov_lease_read(q, file, &out, line);

    FUZZ_CHECK(out.len <= cap && (status == PROV_OK) == (out.len > 0));
    *len = out.len;
    return status;
}

static uint32_t
lines_of(struct prov_str s)
{
    uint32_t n = 1;

    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

/* Options one behind the other, each code once but for split ones, to the last byte. */
static void
check_options(const uint8_t *p, size_t len, bool v6)
{
    const size_t head = v6 ? 4 : 2;
    uint8_t seen[8192] = { 0 };
    size_t at = 0;
    int before = -1;

    while (at < len) {
        FUZZ_CHECK(len - at > head);

        const int code = v6 ? p[at] * 256 + p[at + 1] : p[at];
        const size_t n = v6 ? (size_t)p[at + 2] * 256 + p[at + 3] : p[at + 1];

        FUZZ_CHECK(code > 0 && (v6 || code < 255) && n > 0 && n <= len - at - head);
        FUZZ_CHECK((seen[code / 8] & 1 << code % 8) == 0 || code == before);
        seen[code / 8] = (uint8_t)(seen[code / 8] | 1 << code % 8);
        before = n == 255 && !v6 ? code : -1; /* only a full one goes on */
        at += head + n;
    }
}

/* A file's own packet is given out as it is, and one that was made holds options as above. */
static void
check_result(struct prov_str file, const char *out, size_t len, bool v6)
{
    static const char cookie[] = "\x63\x82\x53\x63";
    const uint8_t *p = (const uint8_t *)out;
    const bool same = len == file.len && memcmp(out, file.ptr, len) == 0;

    if (same && (v6 || len > COOKIE_AT))
        return;
    if (!v6 && len >= COOKIE_AT + 4 && memcmp(out + COOKIE_AT, cookie, 4) == 0 && p[0] == 2) {
        p += COOKIE_AT + 4;
        len -= COOKIE_AT + 4;
    }
    check_options(p, len, v6);
}

static void
check_again(const struct prov_lease_query *q, struct prov_str file, const char *out, size_t len)
{
    uint32_t line;
    size_t again;
    char *mem;

    /* The same bytes come out where there is just room for them, and nothing in less. */
    FUZZ_CHECK(run(q, file, len, &mem, &again, &line) == PROV_OK);
    FUZZ_CHECK(again == len && memcmp(mem, out, len) == 0);
    free(mem);
    FUZZ_CHECK(run(q, file, len - 1, &mem, &again, &line) == PROV_E_SPACE);
    free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const uint8_t flags = fuzz_u8(&in);
    const struct prov_lease_query q = {
        .size = sizeof(q),
        .form = (enum prov_lease_form)(flags % 5),
        .v6 = (flags / 5 & 1) != 0,
        .interface = (flags / 10 & 1) != 0 ? "eth0" : NULL,
        .now_unix_s = (flags / 20 & 1) != 0 ? 1795239063 : 0,
        .address = { (flags / 40 & 1) != 0 ? PROV_FAMILY_IPV4 : PROV_FAMILY_NONE,
                     { 192, 0, 2, 50 },
                     0 },
    };
    const struct prov_str file = fuzz_rest(&in);
    uint32_t line = 77777;
    size_t len;
    char *out;
    const enum prov_status status = run(&q, file, PROV_LEASE_OUT_BYTES, &out, &len, &line);

    switch (status) {
    case PROV_OK:
        check_result(file, out, len, q.v6);
        check_again(&q, file, out, len);
        break;
    case PROV_E_SYNTAX:
        FUZZ_CHECK(line <= lines_of(file));
        break;
    case PROV_E_LIMIT:
        FUZZ_CHECK(file.len > 4096);
        break;
    case PROV_E_NOT_FOUND:
        break;
    default: /* not in the documented set, or not for this buffer */
        FUZZ_CHECK(false);
    }
    FUZZ_CHECK(status == PROV_E_SYNTAX || line == 77777);
    free(out);
    return 0;
}
