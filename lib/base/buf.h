/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_BUF_H
#define PROV_BASE_BUF_H

/* Appending to a prov_buf. Private: vendors only hand buffers in. */

#include <prov/buf.h>

/*
 * Append n bytes. Writes nothing once the buffer has overflowed, but keeps
 * counting, so one prov_buf_fits() after a whole run of puts is enough and the
 * final len is the size that would have been needed.
 */
static inline void
prov_buf_put(struct prov_buf *b, const char *p, size_t n)
{
    if (n == 0)
        return;
    if (b->len <= b->cap && n <= b->cap - b->len)
        memcpy(b->ptr + b->len, p, n);
    b->len = n <= SIZE_MAX - b->len ? b->len + n : SIZE_MAX;
}

static inline void
prov_buf_put_str(struct prov_buf *b, struct prov_str s)
{
    prov_buf_put(b, s.ptr, s.len);
}

static inline void
prov_buf_put_z(struct prov_buf *b, const char *z)
{
    prov_buf_put(b, z, strlen(z));
}

static inline void
prov_buf_put_char(struct prov_buf *b, char c)
{
    prov_buf_put(b, &c, 1);
}

/* Decimal, at least width digits; 20 are the most. */
static inline void
prov_buf_put_uint(struct prov_buf *b, uint64_t v, unsigned width)
{
    char text[20];
    size_t n = 0; /* digits at the end of text */

    do {
        n++;
        text[sizeof(text) - n] = (char)('0' + v % 10);
        v /= 10;
    } while (n < sizeof(text) && (v > 0 || n < width));
    prov_buf_put(b, text + sizeof(text) - n, n);
}

static inline bool
prov_buf_fits(const struct prov_buf *b)
{
    return b->len <= b->cap;
}

#endif /* PROV_BASE_BUF_H */
