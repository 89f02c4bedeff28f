/* SPDX-License-Identifier: MIT */
#include "session/region.h"

void
prov_region_init(struct prov_region *r, char *mem, size_t cap, struct prov_region_part *parts,
                 uint32_t part_count)
{
    *r = (struct prov_region){ .mem = mem, .cap = cap, .parts = parts };
    memset(parts, 0, part_count * sizeof(parts[0]));
}

/* The n-th growing part from the bottom. */
static struct prov_region_part *
at_rank(const struct prov_region *r, uint32_t n)
{
    return &r->parts[r->parts[n].nth];
}

size_t
prov_region_left(const struct prov_region *r)
{
    return r->cap - r->used;
}

/* First byte above everything in use, slack included. */
static size_t
top(const struct prov_region *r)
{
    if (r->count == 0)
        return r->kept;
    const struct prov_region_part *last = at_rank(r, r->count - 1);

    return last->start + last->room;
}

uint32_t
prov_region_open(struct prov_region *r)
{
    uint32_t part = 0;

    while (r->parts[part].open)
        part++;
    r->parts[part].start = top(r);
    r->parts[part].len = r->parts[part].room = 0;
    r->parts[part].open = true;
    r->parts[r->count++].nth = part;
    return part;
}

/* Place of a part in the order of addresses. */
static uint32_t
rank_of(const struct prov_region *r, uint32_t part)
{
    uint32_t i = 0;

    while (r->parts[i].nth != part)
        i++;
    return i;
}

/* Take all slack away. */
static void
compact(struct prov_region *r)
{
    size_t at = r->kept;

    for (uint32_t i = 0; i < r->count; i++) {
        struct prov_region_part *p = at_rank(r, i);

        if (p->start != at)
            memmove(r->mem + at, r->mem + p->start, p->len);
        p->start = at;
        p->room = p->len;
        at += p->len;
    }
}

/* Move every part above this rank up, and give the room to it. */
static void
widen(struct prov_region *r, uint32_t rank, size_t more)
{
    for (uint32_t i = r->count; i > rank + 1; i--) {
        struct prov_region_part *p = at_rank(r, i - 1);

        memmove(r->mem + p->start + more, r->mem + p->start, p->len);
        p->start += more;
    }
    at_rank(r, rank)->room += more;
}

/* The caller has made sure that n bytes are left in all. */
static void
make_room(struct prov_region *r, uint32_t part, size_t n)
{
    struct prov_region_part *p = &r->parts[part];

    if (n <= p->room - p->len)
        return;
    const size_t lack = n - (p->room - p->len);
    const size_t wish = lack + (p->len + n) / 2;

    if (wish <= r->cap - top(r)) {
        widen(r, rank_of(r, part), wish);
        return;
    }
    compact(r);
    widen(r, rank_of(r, part), n + (r->cap - r->used - n) / 2);
}

bool
prov_region_append(struct prov_region *r, uint32_t part, const void *bytes, size_t n)
{
    struct prov_region_part *p = &r->parts[part];

    if (n == 0)
        return true;
    if (n > prov_region_left(r))
        return false;
    make_room(r, part, n);
    memcpy(r->mem + p->start + p->len, bytes, n);
    p->len += n;
    r->used += n;
    return true;
}

struct prov_str
prov_region_text(const struct prov_region *r, uint32_t part)
{
    return (struct prov_str){ r->mem + r->parts[part].start, r->parts[part].len };
}

/* Swap two stretches of n bytes. */
static void
swap(char *p, char *q, size_t n)
{
    char piece[256];

    while (n > 0) {
        const size_t k = n < sizeof(piece) ? n : sizeof(piece);

        memcpy(piece, p, k);
        memcpy(p, q, k);
        memcpy(q, piece, k);
        p += k;
        q += k;
        n -= k;
    }
}

/* The a bytes at p and the b bytes behind them change places. Each turn brings the shorter stretch
 * to where it belongs. */
static void
rotate(char *p, size_t a, size_t b)
{
    while (a > 0 && b > 0) {
        if (a <= b) {
            swap(p, p + a, a);
            p += a;
            b -= a;
        } else {
            swap(p + a - b, p + a, b);
            a -= b;
        }
    }
}

static void
forget(struct prov_region *r, uint32_t part)
{
    r->count--;
    for (uint32_t i = rank_of(r, part); i < r->count; i++)
        r->parts[i].nth = r->parts[i + 1].nth;
    r->parts[part].open = false;
}

struct prov_str
prov_region_keep(struct prov_region *r, uint32_t part)
{
    struct prov_region_part *p = &r->parts[part];
    struct prov_str s;

    compact(r);
    rotate(r->mem + r->kept, p->start - r->kept, p->len); /* the parts below go above it */
    for (uint32_t i = 0; r->parts[i].nth != part; i++)
        at_rank(r, i)->start += p->len;
    s = (struct prov_str){ r->mem + r->kept, p->len };
    r->kept += p->len;
    forget(r, part);
    return s;
}

void
prov_region_drop(struct prov_region *r, uint32_t part)
{
    r->used -= r->parts[part].len;
    forget(r, part);
}
