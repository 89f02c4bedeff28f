/* SPDX-License-Identifier: MIT */
#include "session/state.h"

#include <stddef.h>

#include "base/buf.h"
#include "session/lines.h"

static const struct prov_str version = PROV_STR_INIT("libprov-state 2");
static const struct prov_str last_line = PROV_STR_INIT("end");

/* Kinds of values. */
enum kind {
    KIND_FLAG = 0,   /* bool: `1`; false is not written */
    KIND_NUMBER = 1, /* uint64_t: decimal digits without a leading 0; 0 is not written */
    KIND_DIGEST = 2, /* 32 bytes as hexadecimal digits; counts if `present` is true */
    KIND_TEXT = 3,   /* struct prov_state_text: visible ASCII; empty is not written */
};

#define AT(member) offsetof(struct prov_state, member)

static const struct row {
    struct prov_str key;
    enum kind kind;
    size_t at;
    size_t present; /* of a digest: the flag that says whether there is one */
} rows[] = {
    { PROV_STR_INIT("input"), KIND_DIGEST, AT(input), AT(stored) },
    { PROV_STR_INIT("settings"), KIND_DIGEST, AT(settings), AT(stored) },
    { PROV_STR_INIT("partial"), KIND_FLAG, AT(partial), 0 },
    { PROV_STR_INIT("provisioned"), KIND_FLAG, AT(provisioned), 0 },
    { PROV_STR_INIT("pin"), KIND_TEXT, AT(pin), 0 },
    { PROV_STR_INIT("trial"), KIND_NUMBER, AT(trial), 0 },
    { PROV_STR_INIT("before-input"), KIND_DIGEST, AT(before_input), AT(before) },
    { PROV_STR_INIT("before-settings"), KIND_DIGEST, AT(before_settings), AT(before) },
    { PROV_STR_INIT("before-partial"), KIND_FLAG, AT(before_partial), 0 },
    { PROV_STR_INIT("refused"), KIND_DIGEST, AT(refused), AT(undone) },
    { PROV_STR_INIT("failures"), KIND_NUMBER, AT(failures), 0 },
    { PROV_STR_INIT("not-before"), KIND_NUMBER, AT(not_before_s), 0 },
    { PROV_STR_INIT("starts"), KIND_NUMBER, AT(starts), 0 },
    { PROV_STR_INIT("time"), KIND_NUMBER, AT(time_s), 0 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* ---- Reading ---- */

static bool
read_text(struct prov_str v, struct prov_state_text *out)
{
    if (v.len == 0 || v.len > sizeof(out->bytes))
        return false;
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] <= ' ' || v.ptr[i] > '~')
            return false;
    }
    memcpy(out->bytes, v.ptr, v.len);
    out->len = v.len;
    return true;
}

static bool
read_value(const struct row *r, struct prov_str v, struct prov_state *out)
{
    char *to = (char *)out;
    uint64_t n;

    switch (r->kind) {
    case KIND_FLAG:
        if (!prov_str_eq(v, prov_str_z("1")))
            return false;
        memcpy(to + r->at, &(bool){ true }, sizeof(bool));
        return true;
    case KIND_NUMBER:
        if (!prov_line_number(v, &n))
            return false;
        memcpy(to + r->at, &n, sizeof(n));
        return true;
    case KIND_DIGEST:
        memcpy(to + r->present, &(bool){ true }, sizeof(bool));
        return prov_line_digest(v, (uint8_t *)out + r->at);
    case KIND_TEXT:
        break;
    }
    return read_text(v, (struct prov_state_text *)(void *)(to + r->at));
}

/* False for a known key that stands twice or has no good value. */
static bool
read_line(struct prov_str line, unsigned *seen, struct prov_state *out)
{
    for (unsigned k = 0; k < ROWS; k++) {
        struct prov_str v;

        if (!prov_line_value(line, rows[k].key, &v))
            continue;
        if ((*seen & (1u << k)) != 0)
            return false;
        *seen |= 1u << k;
        return read_value(&rows[k], v, out);
    }
    return true;
}

/* Digests that count together are all there, or none. */
static bool
are_complete(unsigned seen)
{
    for (unsigned k = 1; k < ROWS; k++) {
        const bool pair = rows[k].kind == KIND_DIGEST && rows[k - 1].kind == KIND_DIGEST &&
                          rows[k].present == rows[k - 1].present;

        if (pair && (seen >> k & 1u) != (seen >> (k - 1) & 1u))
            return false;
    }
    return true;
}

bool
prov_state_read(struct prov_str text, struct prov_state *out)
{
    struct prov_state s = { .stored = false };
    struct prov_str line;
    unsigned seen = 0;

    if (text.len > PROV_STATE_BYTES || !prov_line_take(&text, &line) || !prov_str_eq(line, version))
        return false;
    while (prov_line_take(&text, &line) && !prov_str_eq(line, last_line)) {
        if (!read_line(line, &seen, &s))
            return false;
    }
    if (text.len > 0 || !prov_str_eq(line, last_line) || !are_complete(seen))
        return false;
    *out = s;
    return true;
}

/* ---- Writing ---- */

static bool
flag_at(const struct prov_state *state, size_t at)
{
    bool flag;

    memcpy(&flag, (const char *)state + at, sizeof(flag));
    return flag;
}

static uint64_t
number_at(const struct prov_state *state, size_t at)
{
    uint64_t n;

    memcpy(&n, (const char *)state + at, sizeof(n));
    return n;
}

static const struct prov_state_text *
text_at(const struct prov_state *state, size_t at)
{
    return (const struct prov_state_text *)(const void *)((const char *)state + at);
}

/* Is there anything to be written? */
static bool
is_set(const struct prov_state *state, const struct row *r)
{
    switch (r->kind) {
    case KIND_FLAG:
        return flag_at(state, r->at);
    case KIND_NUMBER:
        return number_at(state, r->at) != 0;
    case KIND_DIGEST:
        return flag_at(state, r->present);
    case KIND_TEXT:
        break;
    }
    return text_at(state, r->at)->len != 0;
}

static void
put_value(struct prov_buf *out, const struct prov_state *state, const struct row *r)
{
    switch (r->kind) {
    case KIND_FLAG:
        prov_buf_put_char(out, '1');
        return;
    case KIND_NUMBER:
        prov_buf_put_uint(out, number_at(state, r->at), 1);
        return;
    case KIND_DIGEST:
        prov_line_put_digest(out, (const uint8_t *)state + r->at);
        return;
    case KIND_TEXT:
        break;
    }
    prov_buf_put_str(out,
                     (struct prov_str){ text_at(state, r->at)->bytes, text_at(state, r->at)->len });
}

void
prov_state_write(const struct prov_state *state, struct prov_buf *out)
{
    prov_buf_put_str(out, version);
    for (size_t i = 0; i < ROWS; i++) {
        if (!is_set(state, &rows[i]))
            continue;
        prov_buf_put_char(out, '\n');
        prov_buf_put_str(out, rows[i].key);
        prov_buf_put_char(out, ' ');
        put_value(out, state, &rows[i]);
    }
    prov_buf_put_z(out, "\nend\n");
}

static bool
same_value(const struct prov_state *a, const struct prov_state *b, const struct row *r)
{
    const struct prov_state_text *x = text_at(a, r->at), *y = text_at(b, r->at);

    switch (r->kind) {
    case KIND_FLAG:
        return true; /* both are set */
    case KIND_NUMBER:
        return number_at(a, r->at) == number_at(b, r->at);
    case KIND_DIGEST:
        return memcmp((const char *)a + r->at, (const char *)b + r->at, 32) == 0;
    case KIND_TEXT:
        break;
    }
    return x->len == y->len && memcmp(x->bytes, y->bytes, x->len) == 0;
}

bool
prov_state_same(const struct prov_state *a, const struct prov_state *b)
{
    for (size_t i = 0; i < ROWS; i++) {
        const bool set = is_set(a, &rows[i]);

        if (set != is_set(b, &rows[i]) || (set && !same_value(a, b, &rows[i])))
            return false;
    }
    return true;
}
