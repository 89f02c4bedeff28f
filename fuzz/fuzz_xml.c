/* SPDX-License-Identifier: MIT */
#include <prov/xml.h>

#include "fuzz_in.h"

/*
 * Input: a length byte and that many bytes of edits, then a document, and after
 * a NUL byte another one.
 */

#define MAX_MARKS 3

static long blocks; /* that expat has taken and not given back */

static void *
counted_alloc(size_t bytes)
{
    void *p = malloc(bytes);

    blocks += p != NULL;
    return p;
}

static void *
counted_resize(void *old, size_t bytes)
{
    void *p = realloc(old, bytes);

    blocks += old == NULL && p != NULL;
    return p;
}

static void
counted_release(void *p)
{
    blocks -= p != NULL;
    free(p);
}

/* The whole state of one run. */
struct world {
    struct prov_arena arena;
    struct prov_xml x;
    struct fuzz_in edits;
    uint32_t a, b; /* roots; b may be PROV_XML_NONE */
    size_t marks[MAX_MARKS];
    char *before[MAX_MARKS]; /* the first document when a mark was opened */
    size_t before_len[MAX_MARKS];
    unsigned mark_count;
};

static char *
written(const struct prov_xml *x, uint32_t root, size_t *len)
{
    size_t need = 0;
    struct prov_buf out = { NULL, 0, 0 };

    if (prov_xml_write(x, root, &out, &need) == PROV_OK)
        need = 0;
    out.ptr = malloc(need > 0 ? need : 1);
    FUZZ_CHECK(out.ptr != NULL);
    out.cap = need;
    FUZZ_CHECK(prov_xml_write(x, root, &out, NULL) == PROV_OK);
    FUZZ_CHECK(out.len == need);
    *len = out.len;
    return out.ptr;
}

static void
check_written(const struct prov_xml *x, uint32_t root, const char *text, size_t len)
{
    size_t n;
    char *now = written(x, root, &n);

    FUZZ_CHECK(n == len && memcmp(now, text, len) == 0);
    free(now);
}

static uint32_t
read_document(struct world *w, struct prov_str text)
{
    struct prov_diag items[4];
    struct prov_diags diags = { items, 4, 0, 0 };
    uint32_t root = PROV_XML_NONE, lines = 1;
    const enum prov_status st = prov_xml_parse(&w->x, prov_str_z("f"), text, &root, &diags);

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n' || text.ptr[i] == '\r';
    if (st == PROV_OK) {
        check_written(&w->x, root, text.ptr, text.len);
        FUZZ_CHECK(prov_xml_check(&w->x, root, NULL) == PROV_OK);
        FUZZ_CHECK(prov_xml_equal(&w->x, root, root));
        return root;
    }
    FUZZ_CHECK(st == PROV_E_SYNTAX || st == PROV_E_LIMIT);
    FUZZ_CHECK(root == PROV_XML_NONE && diags.count >= 1);
    const struct prov_diag *d = &items[diags.count - 1];

    FUZZ_CHECK(d->status == st);
    FUZZ_CHECK(d->line >= 1 && d->line <= lines);
    FUZZ_CHECK(d->column >= 1 && d->column <= text.len + 1);
    return PROV_XML_NONE;
}

/* What the index says is what a walk says. */
static void
find(struct world *w, uint32_t parent, uint32_t like)
{
    struct prov_str attribute, raw, value;
    uint32_t cursor = 0, hits = 0, seen = 0, first = PROV_XML_NONE;
    char mem[256];
    struct prov_buf plain = { mem, sizeof(mem), 0 };
    const struct prov_str name = prov_xml_name(&w->x, like);

    if (!prov_xml_attr_next(&w->x, like, &cursor, &attribute, &raw) ||
        prov_xml_raw_decode(raw, &plain) != PROV_OK)
        return;
    value = prov_buf_str(&plain);
    for (uint32_t c = prov_xml_first(&w->x, parent); c != PROV_XML_NONE;
         c = prov_xml_next(&w->x, c)) {
        if (prov_xml_is(&w->x, c, name) && prov_xml_attr(&w->x, c, attribute, &raw) &&
            prov_xml_raw_is(raw, value) && seen++ == 0)
            first = c;
    }
    const uint32_t got = prov_xml_find_keyed(&w->x, parent, name, attribute, value, &hits);

    FUZZ_CHECK(got == first);
    FUZZ_CHECK(hits == (seen > 2 ? 2 : seen));
}

static enum prov_status
edit(struct world *w, unsigned kind, uint32_t one, uint32_t other)
{
    const struct prov_str drop = prov_xml_name(&w->x, other);

    switch (kind) {
    case 0:
        return prov_xml_delete(&w->x, one);
    case 1:
        return prov_xml_replace(&w->x, one, other);
    case 2:
        return prov_xml_append(&w->x, one, other);
    default:
        return prov_xml_merge_attrs(&w->x, one, other, &drop, kind == 3, NULL);
    }
}

static void
open_mark(struct world *w)
{
    if (w->mark_count == MAX_MARKS)
        return;
    w->before[w->mark_count] = written(&w->x, w->a, &w->before_len[w->mark_count]);
    w->marks[w->mark_count++] = prov_xml_mark(&w->x);
}

static void
close_mark(struct world *w, bool keep)
{
    if (w->mark_count == 0)
        return;
    const unsigned i = --w->mark_count;

    if (keep)
        prov_xml_keep(&w->x, w->marks[i]);
    else
        prov_xml_rollback(&w->x, w->marks[i]);
    if (!keep)
        check_written(&w->x, w->a, w->before[i], w->before_len[i]);
    free(w->before[i]);
}

static void
step(struct world *w)
{
    const unsigned what = fuzz_u8(&w->edits) % 9;
    const uint32_t one = fuzz_u8(&w->edits) % (w->x.node_count + 1);
    const uint32_t other = fuzz_u8(&w->edits) % (w->x.node_count + 1);
    size_t len;

    if (what <= 4) {
        char *before = written(&w->x, w->a, &len);
        const enum prov_status st = edit(w, what, one, other);

        FUZZ_CHECK(st == PROV_OK || st == PROV_E_ARG || st == PROV_E_SPACE);
        if (st != PROV_OK)
            check_written(&w->x, w->a, before, len);
        free(before);
    } else if (what == 5) {
        find(w, one, other);
    } else if (what == 6) {
        open_mark(w);
    } else {
        close_mark(w, what == 7);
    }
}

/* What was edited is a document, and the one that the tree shows. */
static void
check_result(struct world *w, uint32_t root)
{
    struct prov_str text;
    uint32_t again = PROV_XML_NONE;
    char *mem = written(&w->x, root, &text.len);
    const enum prov_status fits = prov_xml_check(&w->x, root, NULL);

    text.ptr = mem;
    const enum prov_status st = prov_xml_parse(&w->x, prov_str_z("r"), text, &again, NULL);

    FUZZ_CHECK(st == fits);
    if (st == PROV_OK) {
        FUZZ_CHECK(prov_xml_equal(&w->x, root, again));
        FUZZ_CHECK(prov_xml_equal(&w->x, again, root));
        check_written(&w->x, again, text.ptr, text.len);
    }
    free(mem);
}

static bool
is_root(const struct world *w, uint32_t node)
{
    return node != PROV_XML_NONE && prov_xml_parent(&w->x, node) == PROV_XML_NONE;
}

static void
run(struct world *w, struct prov_str first, struct prov_str second)
{
    w->a = read_document(w, first);
    w->b = second.len > 0 ? read_document(w, second) : PROV_XML_NONE;
    if (w->a == PROV_XML_NONE)
        return;
    const size_t all = prov_xml_mark(&w->x);

    while (w->edits.size > 0 && is_root(w, w->a))
        step(w);
    while (w->mark_count > 0)
        close_mark(w, true);
    if (is_root(w, w->a))
        check_result(w, w->a);
    if (is_root(w, w->b))
        check_result(w, w->b);
    prov_xml_rollback(&w->x, all);
    check_written(&w->x, w->a, first.ptr, first.len);
    if (w->b != PROV_XML_NONE)
        check_written(&w->x, w->b, second.ptr, second.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct prov_xml_heap heap = { counted_alloc, counted_resize, counted_release };
    const struct prov_limits limits = {
        .size = sizeof(limits),
        .xml_depth = 12,
        .xml_attributes = 8,
        .xml_nodes = 200,
        .pool_nodes = 2000,
    };
    struct fuzz_in in = { data, size };
    struct world w = { .marks = { 0 } };
    /* Odd lengths get little memory: the journal and the tags run out. */
    const size_t cap = 200000 - (size > 0 && data[0] % 2 == 1 ? 120000 : 0);
    void *mem = malloc(cap);
    const struct prov_str edits = fuzz_str(&in, 255);
    struct prov_str first = fuzz_rest(&in), second = { NULL, 0 };
    const char *nul = first.len > 0 ? memchr(first.ptr, '\0', first.len) : NULL;

    FUZZ_CHECK(mem != NULL);
    if (nul != NULL) {
        second = prov_str_cut(first, (size_t)(nul + 1 - first.ptr), first.len);
        first = prov_str_cut(first, 0, (size_t)(nul - first.ptr));
    }
    w.edits = (struct fuzz_in){ (const uint8_t *)edits.ptr, edits.len };
    prov_arena_init(&w.arena, mem, cap);
    FUZZ_CHECK(prov_xml_init(&w.x, &w.arena, &limits, &heap, 1) == PROV_OK);
    blocks = 0;
    run(&w, first, second);
    FUZZ_CHECK(blocks == 0);
    free(mem);
    return 0;
}
