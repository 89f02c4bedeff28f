/* SPDX-License-Identifier: MIT */
#include "diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * E. Myers, "An O(ND) difference algorithm and its variations", 1986, the greedy form: for each
 * number of edits d the furthest point on every diagonal k = x - y. All rounds are kept to find the
 * way back, so memory grows with the square of the number of edits; hence the bound.
 */
#define MOST_EDITS 2000
#define CONTEXT 3u

struct lines {
    struct prov_str *items;
    uint64_t *hashes;
    size_t count;
};

struct diff {
    struct lines a, b;             /* what is compared */
    struct lines shown_a, shown_b; /* what is printed */
    size_t skip;                   /* equal lines at the start */
    int n, m;                      /* lines between equal start and equal end */
    int *rounds[MOST_EDITS + 1];   /* round d: furthest x for k = -d..d */
    char *removed, *added;         /* flags of lines of a and b */
    const char *title_a, *title_b;
    FILE *to;
};

static uint64_t
hash(struct prov_str s)
{
    uint64_t h = 1469598103934665603u;

    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    return h;
}

/* Lines with their line ends. */
static void
split(struct prov_str s, struct lines *out)
{
    size_t count = s.len > 0 && s.ptr[s.len - 1] != '\n', from = 0;

    for (size_t i = 0; i < s.len; i++)
        count += s.ptr[i] == '\n';
    out->items = tool_alloc(count * sizeof(*out->items));
    out->hashes = tool_alloc(count * sizeof(*out->hashes));
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        const char *end = memchr(s.ptr + from, '\n', s.len - from);
        const size_t to = end != NULL ? (size_t)(end - s.ptr) + 1 : s.len;

        out->items[i] = prov_str_cut(s, from, to);
        out->hashes[i] = hash(out->items[i]);
        from = to;
    }
}

static bool
same(const struct diff *d, size_t i, size_t j)
{
    return d->a.hashes[i] == d->b.hashes[j] && prov_str_eq(d->a.items[i], d->b.items[j]);
}

static void
trim(struct diff *d)
{
    size_t na = d->a.count, nb = d->b.count;

    while (d->skip < na && d->skip < nb && same(d, d->skip, d->skip))
        d->skip++;
    while (na > d->skip && nb > d->skip && same(d, na - 1, nb - 1)) {
        na--;
        nb--;
    }
    d->n = (int)(na - d->skip);
    d->m = (int)(nb - d->skip);
}

static bool
matches(const struct diff *d, int x, int y)
{
    return same(d, d->skip + (size_t)x, d->skip + (size_t)y);
}

/* Furthest x on diagonal k in round e. */
static int *
furthest(const struct diff *d, int e, int k)
{
    return &d->rounds[e][k + e];
}

/* Does the way to diagonal k in round e come from above (an added line)? */
static bool
comes_from_above(const struct diff *d, int e, int k)
{
    return k == -e || (k != e && *furthest(d, e - 1, k - 1) < *furthest(d, e - 1, k + 1));
}

/* One round of e edits. True when the end is reached. */
static bool
advance(struct diff *d, int e)
{
    d->rounds[e] = tool_alloc((2 * (size_t)e + 1) * sizeof(int));
    for (int k = -e; k <= e; k += 2) {
        int x = 0;

        if (e > 0)
            x = comes_from_above(d, e, k) ? *furthest(d, e - 1, k + 1)
                                          : *furthest(d, e - 1, k - 1) + 1;
        /* Off the grid: such a point leads nowhere, but its neighbours ask for it. */
        while (x >= 0 && x < d->n && x - k >= 0 && x - k < d->m && matches(d, x, x - k))
            x++;
        *furthest(d, e, k) = x;
        if (x >= d->n && x - k >= d->m)
            return true;
    }
    return false;
}

/* From the end back to the start, marking the edits. */
static void
trace_back(struct diff *d, int edits)
{
    int k = d->n - d->m;

    for (int e = edits; e > 0; e--) {
        if (comes_from_above(d, e, k)) {
            const int x = *furthest(d, e - 1, k + 1);

            d->added[d->skip + (size_t)(x - k - 1)] = 1;
            k++;
        } else {
            const int x = *furthest(d, e - 1, k - 1);

            d->removed[d->skip + (size_t)x] = 1;
            k--;
        }
    }
}

static bool
compare(struct diff *d)
{
    const int most = d->n + d->m < MOST_EDITS ? d->n + d->m : MOST_EDITS;
    int edits = 0;

    while (edits <= most && !advance(d, edits))
        edits++;
    if (edits > most)
        return false;
    trace_back(d, edits);
    return true;
}

/* ---- Printing: the texts as one sequence of kept, removed and added lines ---- */

struct edit {
    char kind; /* ' ', '-', '+' */
    size_t a, b;
};

static size_t
sequence(const struct diff *d, struct edit *edits)
{
    size_t count = 0, i = 0, j = 0;

    while (i < d->a.count || j < d->b.count) {
        struct edit *e = &edits[count++];

        *e = (struct edit){ ' ', i, j };
        if (i < d->a.count && d->removed[i])
            e->kind = '-';
        else if (j < d->b.count && d->added[j])
            e->kind = '+';
        i += e->kind != '+';
        j += e->kind != '-';
    }
    return count;
}

static void
print_line(const struct diff *d, const struct edit *e)
{
    const struct prov_str line = e->kind == '+' ? d->shown_b.items[e->b] : d->shown_a.items[e->a];
    const bool ended = line.len > 0 && line.ptr[line.len - 1] == '\n';

    fputc(e->kind, d->to);
    fwrite(line.ptr, 1, line.len, d->to);
    if (!ended)
        fputs("\n\\ No newline at end of file\n", d->to);
}

/* `start,count` with the two short forms that other tools use. */
static void
print_range(FILE *to, char sign, size_t start, size_t count)
{
    fprintf(to, "%c%zu", sign, count > 0 ? start + 1 : start);
    if (count != 1)
        fprintf(to, ",%zu", count);
}

static void
print_hunk(const struct diff *d, const struct edit *edits, size_t from, size_t to)
{
    size_t na = 0, nb = 0;

    for (size_t i = from; i < to; i++) {
        na += edits[i].kind != '+';
        nb += edits[i].kind != '-';
    }
    fputs("@@ ", d->to);
    print_range(d->to, '-', edits[from].a, na);
    fputc(' ', d->to);
    print_range(d->to, '+', edits[from].b, nb);
    fputs(" @@\n", d->to);
    for (size_t i = from; i < to; i++)
        print_line(d, &edits[i]);
}

/* Where the hunk that begins with the edit at `at` ends: before a long stretch of kept lines. */
static size_t
hunk_end(const struct edit *edits, size_t count, size_t at)
{
    size_t last = at;

    for (size_t i = at; i < count && i <= last + 2 * CONTEXT + 1; i++) {
        if (edits[i].kind != ' ')
            last = i;
    }
    return last + 1 + CONTEXT < count ? last + 1 + CONTEXT : count;
}

static void
print_all(const struct diff *d)
{
    struct edit *edits = tool_alloc((d->a.count + d->b.count) * sizeof(*edits));
    const size_t count = sequence(d, edits);
    bool first = true;

    for (size_t i = 0; i < count; i++) {
        if (edits[i].kind == ' ')
            continue;
        if (first)
            fprintf(d->to, "--- %s\n+++ %s\n", d->title_a, d->title_b);
        first = false;
        const size_t end = hunk_end(edits, count, i);

        print_hunk(d, edits, i > CONTEXT ? i - CONTEXT : 0, end);
        i = end - 1;
    }
    free(edits);
}

static void
lines_free(struct lines *l)
{
    free(l->items);
    free(l->hashes);
}

static void
diff_free(struct diff *d)
{
    for (size_t i = 0; i <= MOST_EDITS; i++)
        free(d->rounds[i]);
    free(d->removed);
    free(d->added);
    lines_free(&d->a);
    lines_free(&d->b);
    lines_free(&d->shown_a);
    lines_free(&d->shown_b);
    free(d);
}

bool
diff_print(FILE *to, const struct diff_text *before, const struct diff_text *after)
{
    struct diff *d = tool_alloc(sizeof(*d));

    d->to = to;
    d->title_a = before->title;
    d->title_b = after->title;
    split(before->bytes, &d->a);
    split(after->bytes, &d->b);
    split(before->shown, &d->shown_a);
    split(after->shown, &d->shown_b);
    d->removed = tool_alloc(d->a.count);
    d->added = tool_alloc(d->b.count);
    trim(d);
    const bool paired = d->a.count == d->shown_a.count && d->b.count == d->shown_b.count;
    const bool done = paired && compare(d);

    if (done)
        print_all(d);
    diff_free(d);
    return done;
}
