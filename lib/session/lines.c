/* SPDX-License-Identifier: MIT */
#include "session/lines.h"

#include "base/buf.h"
#include "base/str.h"

bool
prov_line_take(struct prov_str *text, struct prov_str *line)
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

bool
prov_line_value(struct prov_str line, struct prov_str key, struct prov_str *value)
{
    if (line.len <= key.len || memcmp(line.ptr, key.ptr, key.len) != 0 || line.ptr[key.len] != ' ')
        return false;
    *value = prov_str_cut(line, key.len + 1, line.len);
    return true;
}

bool
prov_line_digest(struct prov_str value, uint8_t out[32])
{
    if (value.len != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        const int high = prov_hex_value(value.ptr[2 * i]);
        const int low = prov_hex_value(value.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

bool
prov_line_number(struct prov_str value, uint64_t *out)
{
    uint64_t n = 0;

    if (value.len == 0 || value.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < value.len; i++) {
        const uint64_t digit = (uint64_t)(unsigned char)value.ptr[i] - '0';

        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

void
prov_line_put_digest(struct prov_buf *out, const uint8_t *digest)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < 32; i++) {
        prov_buf_put_char(out, hex[digest[i] >> 4]);
        prov_buf_put_char(out, hex[digest[i] & 15]);
    }
}
