/* SPDX-License-Identifier: MIT */
#include <prov/diff.h>
#include <prov/path.h>

#include "fuzz_changes.h"

/* Input: two documents with a NUL between them. */

static unsigned char memory[2 * FUZZ_MEMORY], other[2 * FUZZ_MEMORY];

struct count {
    unsigned added, removed, other;
};

struct side {
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t before, after;
};

static bool
open_side(struct side *s, void *mem, struct prov_str before, struct prov_str after)
{
    static const struct prov_limits limits = {
        .size = sizeof(limits), .xml_nodes = 256, .xml_depth = 12, .xml_attributes = 8
    };

    prov_arena_init(&s->arena, mem, sizeof(memory));
    FUZZ_CHECK(prov_xml_init(&s->x, &s->arena, &limits, NULL, 1) == PROV_OK);
    return prov_xml_parse(&s->x, prov_str_z("a"), before, &s->before, NULL) == PROV_OK &&
           prov_xml_parse(&s->x, prov_str_z("b"), after, &s->after, NULL) == PROV_OK;
}

/* A path leads back to the element. Not so where a key is there twice or missing, or holds both
 * quotation marks; and names may hold what a path may not. */
static void
check_path(struct side *s, const struct prov_diff *d, const struct prov_difference *it)
{
    const bool gone = it->after == PROV_XML_NONE;
    const uint32_t node = gone ? it->before : it->after;
    char mem[2048];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct prov_path path;
    uint32_t hit;

    const enum prov_status status = prov_diff_path(d, it, &out);

    FUZZ_CHECK(status == PROV_OK || status == PROV_E_SPACE);
    if (status != PROV_OK)
        return;
    FUZZ_CHECK(out.len > 0 && mem[0] == '/');
    const size_t scratch = prov_arena_mark(&s->arena);

    if (prov_path_parse(prov_buf_str(&out), &s->x.limits, &s->arena, &path, NULL) == PROV_OK &&
        prov_path_find(&s->x, gone ? d->before : d->after, &path, &hit, NULL) == PROV_OK)
        FUZZ_CHECK(hit == node || memchr(mem, '@', out.len) != NULL);
    prov_arena_release(&s->arena, scratch);
}

static void
check_digests(const struct side *s, const struct prov_difference *it)
{
    uint8_t before[PROV_DIGEST_BYTES], after[PROV_DIGEST_BYTES];
    const bool had = prov_xml_digest(&s->x, it->before, before);
    const bool has = prov_xml_digest(&s->x, it->after, after);

    FUZZ_CHECK(had == (it->kind != PROV_CHANGE_ADDED) && has == (it->kind != PROV_CHANGE_REMOVED));
    if (had && has)
        FUZZ_CHECK(memcmp(before, after, sizeof(before)) != 0);
}

static struct count
compare(struct side *s, uint32_t before, uint32_t after)
{
    const size_t scratch = prov_arena_mark(&s->arena);
    struct count count = { 0, 0, 0 };
    struct prov_difference it;
    struct prov_diff d;

    FUZZ_CHECK(prov_diff_init(&d, &s->x, prov_dialect_find(prov_str_z("auerswald-d")), before,
                              after, &s->arena) == PROV_OK);
    while (prov_diff_next(&d, &it)) {
        check_path(s, &d, &it);
        check_digests(s, &it);
        count.added += it.kind == PROV_CHANGE_ADDED;
        count.removed += it.kind == PROV_CHANGE_REMOVED;
        count.other += it.kind != PROV_CHANGE_ADDED && it.kind != PROV_CHANGE_REMOVED;
    }
    prov_arena_release(&s->arena, scratch);
    return count;
}

/* A document does not differ from itself, read once more. */
static void
check_same(struct prov_str text)
{
    struct side s;
    uint8_t one[PROV_DIGEST_BYTES], two[PROV_DIGEST_BYTES];

    FUZZ_CHECK(open_side(&s, other, text, text));
    const struct count none = compare(&s, s.before, s.after);

    FUZZ_CHECK(none.added + none.removed + none.other == 0);
    FUZZ_CHECK(prov_xml_digest(&s.x, s.before, one) && prov_xml_digest(&s.x, s.after, two));
    FUZZ_CHECK(memcmp(one, two, sizeof(one)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prov_str before, after;
    uint8_t one[PROV_DIGEST_BYTES], two[PROV_DIGEST_BYTES];
    struct side s;

    if (!fuzz_split(data, size, &before, &after) || !open_side(&s, memory, before, after))
        return 0;
    const struct count to = compare(&s, s.before, s.after);
    const struct count back = compare(&s, s.after, s.before);
    const bool equal = prov_xml_equal(&s.x, s.before, s.after);

    FUZZ_CHECK(to.added == back.removed && to.removed == back.added && to.other == back.other);
    FUZZ_CHECK(!equal || to.added + to.removed + to.other == 0);
    FUZZ_CHECK(prov_xml_digest(&s.x, s.before, one) && prov_xml_digest(&s.x, s.after, two));
    FUZZ_CHECK((memcmp(one, two, sizeof(one)) == 0) == equal);
    check_same(before);
    check_same(after);
    return 0;
}
