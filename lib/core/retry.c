/* SPDX-License-Identifier: MIT */

/* Waiting and spreading (TRY-1, TRY-2). */

#include <prov/retry.h>

#include "base/str.h"

#define MINIMUM_S 5u /* presets of the formula */
#define MULTIPLIER 2000u
#define STEPS 10u /* the tenth range of the formula repeats */

/* ---- Random numbers ---- */

uint64_t
prov_retry_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t
prov_retry_draw_ms(uint64_t most_ms, uint64_t *random)
{
    return prov_retry_random(random) % (most_ms + 1);
}

/* ---- Lists as text ---- */

struct reader {
    struct prov_str text;
    size_t pos;
};

/* Digits, at least one; false if there are none or the number is too large. */
static bool
take_number(struct reader *r, uint32_t *out)
{
    const size_t from = r->pos;
    uint32_t n = 0;

    while (r->pos < r->text.len && prov_is_digit(r->text.ptr[r->pos])) {
        n = n * 10 + (uint32_t)(r->text.ptr[r->pos] - '0');
        if (n > PROV_RETRY_TEXT_MAX_S)
            return false;
        r->pos++;
    }
    *out = n;
    return r->pos > from;
}

static bool
take_char(struct reader *r, char c)
{
    if (r->pos == r->text.len || r->text.ptr[r->pos] != c)
        return false;
    r->pos++;
    return true;
}

static bool
take_delay(struct reader *r, struct prov_delay *out)
{
    struct prov_delay d = { 0, 0 };

    if (!take_number(r, &d.fixed_s) || (take_char(r, '+') && !take_number(r, &d.random_s)))
        return false;
    *out = d;
    return true;
}

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, size_t pos,
     size_t need)
{
    if (diag != NULL)
        *diag = (struct prov_diag){
            .status = status, .code = code, .column = (uint32_t)pos + 1, .need = need
        };
    return status;
}

enum prov_status
prov_retry_read(struct prov_str text, struct prov_delay *out, size_t cap, size_t *count,
                struct prov_diag *diag)
{
    size_t n = 0;

    if (out == NULL || count == NULL || (text.ptr == NULL && text.len > 0))
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0, 0);
    struct reader r = { prov_str_trim(text), 0 };
    const size_t lead = r.text.len > 0 ? (size_t)(r.text.ptr - text.ptr) : 0;

    do {
        if (n == cap)
            return fail(diag, PROV_E_SPACE, PROV_D_RETRY_MANY, lead + r.pos, cap);
        if (!take_delay(&r, &out[n++]))
            return fail(diag, PROV_E_SYNTAX, PROV_D_RETRY_TEXT, lead + r.pos, 0);
    } while (take_char(&r, ','));
    if (r.pos < r.text.len)
        return fail(diag, PROV_E_SYNTAX, PROV_D_RETRY_TEXT, lead + r.pos, 0);
    *count = n;
    return PROV_OK;
}

/* ---- Ranges ---- */

struct prov_wait
prov_retry_list_wait(const struct prov_delay *delays, size_t count, uint64_t failures)
{
    static const struct prov_delay preset[] = { { 60, 30 }, { 300, 60 }, { 1800, 300 } };

    if (delays == NULL || count == 0) {
        delays = preset;
        count = sizeof(preset) / sizeof(preset[0]);
    }
    const uint64_t nth = failures > 0 ? failures : 1;
    const struct prov_delay *d = &delays[nth <= count ? nth - 1 : count - 1];

    return (struct prov_wait){ (uint64_t)d->fixed_s * 1000, (uint64_t)d->random_s * 1000 };
}

struct prov_wait
prov_retry_formula_wait(const struct prov_retry_formula *f, uint64_t failures)
{
    const uint64_t m = f != NULL && f->minimum_s != 0 ? f->minimum_s : MINIMUM_S;
    const uint64_t said = f != NULL && f->multiplier != 0 ? f->multiplier : MULTIPLIER;
    const uint64_t k = said > 1000 ? said : 1000;
    uint64_t low = m * 1000 < PROV_RETRY_FORMULA_MAX_MS ? m * 1000 : PROV_RETRY_FORMULA_MAX_MS;
    uint64_t high = low;

    for (uint64_t n = 0; n == 0 || (n < failures && n < STEPS); n++) {
        low = high;
        /* low is below 2^30 and k below 2^32: no overflow. */
        high = low * k / 1000;
        if (high >= PROV_RETRY_FORMULA_MAX_MS) {
            high = PROV_RETRY_FORMULA_MAX_MS;
            break;
        }
    }
    return (struct prov_wait){ low, high - low };
}

struct prov_wait
prov_retry_raise(struct prov_wait wait, uint32_t retry_after_s)
{
    const uint32_t s =
        retry_after_s <= PROV_RETRY_AFTER_MAX_S ? retry_after_s : PROV_RETRY_AFTER_MAX_S;
    const uint64_t server = (uint64_t)s * 1000;

    if (server > wait.fixed_ms)
        wait.fixed_ms = server;
    return wait;
}

uint64_t
prov_retry_wait_ms(struct prov_wait wait, uint64_t *random)
{
    return wait.fixed_ms + prov_retry_draw_ms(wait.random_ms, random);
}

/* ---- Devices ---- */

uint64_t
prov_retry_device(struct prov_str name)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325); /* FNV-1a */

    for (size_t i = 0; i < name.len; i++) {
        const char c = prov_lower(name.ptr[i]);

        if (prov_is_alpha(c) || prov_is_digit(c))
            h = (h ^ (uint64_t)(unsigned char)c) * UINT64_C(0x100000001B3);
    }
    return h;
}

uint64_t
prov_retry_slot_ms(uint64_t device, uint64_t purpose, uint64_t window_ms)
{
    uint64_t own = purpose, both = device ^ prov_retry_random(&own);

    return window_ms > 0 ? prov_retry_random(&both) % window_ms : 0;
}
