/* SPDX-License-Identifier: MIT */
#include <prov/http_date.h>
#include <prov/retry.h>

#include <stdio.h>

#include "fuzz_in.h"

/* Written out again, a list reads as the same. */
static void
reads_back(const struct prov_delay *list, size_t count)
{
    char text[512];
    size_t len = 0;
    struct prov_delay again[8];
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u+%u", i > 0 ? "," : "",
                                (unsigned)list[i].fixed_s, (unsigned)list[i].random_s);
    FUZZ_CHECK(prov_retry_read((struct prov_str){ text, len }, again, 8, &n, NULL) == PROV_OK);
    FUZZ_CHECK(n == count && memcmp(again, list, n * sizeof(*list)) == 0);
}

static void
check_list(struct prov_str text, size_t cap)
{
    struct prov_delay list[8];
    struct prov_diag diag = { 0 };
    size_t count = 99;
    const enum prov_status status = prov_retry_read(text, list, cap, &count, &diag);

    switch (status) {
    case PROV_OK:
        FUZZ_CHECK(count >= 1 && count <= cap);
        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(list[i].fixed_s <= PROV_RETRY_TEXT_MAX_S &&
                       list[i].random_s <= PROV_RETRY_TEXT_MAX_S);
        reads_back(list, count);
        break;
    case PROV_E_SYNTAX:
        FUZZ_CHECK(diag.column >= 1 && diag.column <= text.len + 1);
        FUZZ_CHECK(count == 99);
        break;
    case PROV_E_SPACE:
        FUZZ_CHECK(diag.need == cap && count == 99);
        break;
    default:
        FUZZ_CHECK(false);
    }
}

/* A draw lies in its range, and a server can only raise it. */
static void
check_waits(uint64_t number, uint32_t a, uint32_t b)
{
    const struct prov_delay d = { a, b };
    const struct prov_retry_formula f = { a, b };
    const struct prov_wait waits[] = { prov_retry_list_wait(&d, 1, number),
                                       prov_retry_formula_wait(&f, number) };
    uint64_t random = number;

    FUZZ_CHECK(waits[1].fixed_ms + waits[1].random_ms <= PROV_RETRY_FORMULA_MAX_MS);
    for (size_t i = 0; i < 2; i++) {
        const struct prov_wait w = prov_retry_raise(waits[i], b);
        const uint64_t ms = prov_retry_wait_ms(w, &random);

        FUZZ_CHECK(ms >= w.fixed_ms && ms <= w.fixed_ms + w.random_ms);
        FUZZ_CHECK(w.fixed_ms >= waits[i].fixed_ms && w.random_ms == waits[i].random_ms);
        FUZZ_CHECK(w.fixed_ms == waits[i].fixed_ms ||
                   w.fixed_ms <= PROV_RETRY_AFTER_MAX_S * UINT64_C(1000));
    }
    FUZZ_CHECK(a == 0 || prov_retry_slot_ms(number, b, a) < a);
}

static void
check_date(struct prov_str text, int64_t near_s)
{
    int64_t unix_s = 4711, again;
    const enum prov_status status = prov_http_date_read(text, near_s, &unix_s);
    const struct prov_http_now now = { .date = text, .known = (near_s & 1) != 0, .unix_s = near_s };

    FUZZ_CHECK(status == PROV_OK || (status == PROV_E_SYNTAX && unix_s == 4711));
    FUZZ_CHECK(prov_http_retry_after(text, &now) <= 86400);
    if (status != PROV_OK)
        return;
    FUZZ_CHECK(unix_s >= INT64_C(-62135596800) && unix_s <= INT64_C(253402300800));
    FUZZ_CHECK(prov_http_date_read(text, near_s, &again) == PROV_OK && again == unix_s);
    /* compared with itself it is now */
    FUZZ_CHECK(prov_http_retry_after(text, &now) == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const size_t cap = fuzz_u8(&in) % 9;
    uint64_t numbers[3] = { 0, 0, 0 };

    for (size_t i = 0; i < 24; i++)
        numbers[i / 8] = numbers[i / 8] << 8 | fuzz_u8(&in);
    const struct prov_str text = fuzz_rest(&in);

    check_list(text, cap);
    check_waits(numbers[0], (uint32_t)numbers[1], (uint32_t)(numbers[1] >> 32));
    check_date(text, (int64_t)numbers[2]);
    return 0;
}
