/* SPDX-License-Identifier: MIT */
#include "session/state.h"

#include "base/buf.h"
#include "base/str.h"

static const struct prov_str version = PROV_STR_INIT("libprov-state 1");

enum key {
    KEY_INPUT = 0,
    KEY_SETTINGS = 1,
    KEY_PARTIAL = 2,
    KEY_COUNT = 3,
};

static const struct prov_str keys[KEY_COUNT] = {
    PROV_STR_INIT("input"),
    PROV_STR_INIT("settings"),
    PROV_STR_INIT("partial"),
};

/* Take one line off; false if there is none that ends. */
static bool
take_line(struct prov_str *text, struct prov_str *line)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] == '\n') {
            *line = prov_str_cut(*text, 0, i);
            *text = prov_str_cut(*text, i + 1, text->len);
            return true;
        }
    }
    return false;
}

/* Value of a line with this key. */
static bool
value_of(struct prov_str line, struct prov_str key, struct prov_str *value)
{
    if (line.len <= key.len || memcmp(line.ptr, key.ptr, key.len) != 0 || line.ptr[key.len] != ' ')
        return false;
    *value = prov_str_cut(line, key.len + 1, line.len);
    return true;
}

static bool
read_digest(struct prov_str v, uint8_t out[32])
{
    if (v.len != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        const int high = prov_hex_value(v.ptr[2 * i]);
        const int low = prov_hex_value(v.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool
read_flag(struct prov_str v, bool *out)
{
    if (v.len != 1 || (v.ptr[0] != '0' && v.ptr[0] != '1'))
        return false;
    *out = v.ptr[0] == '1';
    return true;
}

static bool
read_value(enum key key, struct prov_str v, struct prov_state *out)
{
    switch (key) {
    case KEY_INPUT:
        return read_digest(v, out->input);
    case KEY_SETTINGS:
        return read_digest(v, out->settings);
    case KEY_PARTIAL:
        return read_flag(v, &out->partial);
    case KEY_COUNT:
        break;
    }
    return false;
}

/* False for a known key that stands twice or has no good value. */
static bool
read_line(struct prov_str line, unsigned *seen, struct prov_state *out)
{
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        struct prov_str v;

        if (!value_of(line, keys[k], &v))
            continue;
        if ((*seen & (1u << k)) != 0)
            return false;
        *seen |= 1u << k;
        return read_value((enum key)k, v, out);
    }
    return true;
}

bool
prov_state_read(struct prov_str text, struct prov_state *out)
{
    struct prov_state s = { { 0 }, { 0 }, false };
    struct prov_str line;
    unsigned seen = 0;

    if (text.len > PROV_STATE_BYTES || !take_line(&text, &line) || !prov_str_eq(line, version))
        return false;
    while (text.len > 0) {
        if (!take_line(&text, &line) || !read_line(line, &seen, &s))
            return false;
    }
    if (seen != (1u << KEY_COUNT) - 1)
        return false;
    *out = s;
    return true;
}

static void
put_digest(struct prov_buf *out, enum key key, const uint8_t digest[32])
{
    static const char hex[] = "0123456789abcdef";

    prov_buf_put_str(out, keys[key]);
    prov_buf_put_char(out, ' ');
    for (size_t i = 0; i < 32; i++) {
        prov_buf_put_char(out, hex[digest[i] >> 4]);
        prov_buf_put_char(out, hex[digest[i] & 15]);
    }
    prov_buf_put_char(out, '\n');
}

void
prov_state_write(const struct prov_state *state, struct prov_buf *out)
{
    prov_buf_put_str(out, version);
    prov_buf_put_char(out, '\n');
    put_digest(out, KEY_INPUT, state->input);
    put_digest(out, KEY_SETTINGS, state->settings);
    prov_buf_put_str(out, keys[KEY_PARTIAL]);
    prov_buf_put_z(out, state->partial ? " 1\n" : " 0\n");
}
