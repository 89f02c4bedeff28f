/* SPDX-License-Identifier: MIT */
#include <prov/xml.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

/* The journal over many stretches, and the memory of journal and indexes. */

#define ARENA_BYTES (4u << 20)
#define CHILDREN 150u
#define TEXT_BYTES 8192u

struct pool {
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
    char text[TEXT_BYTES]; /* what was read */
};

static struct pool *
new_pool(uint32_t nodes, uint32_t lists, uint32_t children)
{
    const struct prov_limits limits = { .size = sizeof(limits), .pool_nodes = nodes };
    struct pool *p = calloc(1, sizeof(*p));
    void *mem = malloc(ARENA_BYTES);
    size_t n;

    assert_non_null(p);
    assert_non_null(mem);
    prov_arena_init(&p->arena, mem, ARENA_BYTES);
    assert_int_equal(PROV_OK, prov_xml_init(&p->x, &p->arena, &limits, NULL, 7));
    n = (size_t)snprintf(p->text, TEXT_BYTES, "<a>");
    for (uint32_t list = 0; list < lists; list++) {
        n += (size_t)snprintf(p->text + n, TEXT_BYTES - n, "<l>");
        for (uint32_t i = 0; i < children; i++)
            n += (size_t)snprintf(p->text + n, TEXT_BYTES - n, "<b k='%u'/>", i);
        n += (size_t)snprintf(p->text + n, TEXT_BYTES - n, "</l>");
    }
    n += (size_t)snprintf(p->text + n, TEXT_BYTES - n, "</a>");
    assert_true(n < TEXT_BYTES);
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&p->x, prov_str_z("t"), prov_str_z(p->text), &p->root, NULL));
    return p;
}

static void
free_pool(struct pool *p)
{
    free(p->arena.base);
    free(p);
}

static void
write_to(const struct pool *p, char text[TEXT_BYTES])
{
    struct prov_buf out = { text, TEXT_BYTES - 1, 0 };

    assert_int_equal(PROV_OK, prov_xml_write(&p->x, p->root, &out, NULL));
    text[out.len] = '\0';
}

static bool
reads(const struct pool *p, const char *text)
{
    char now[TEXT_BYTES];

    write_to(p, now);
    return strcmp(now, text) == 0;
}

/* Move some children of the only list to its end, and give a few another name. */
static void
shuffle(struct pool *p, uint32_t seed)
{
    static const char *const names[] = { "b", "c", "a-longer-name" };

    for (uint32_t i = 0; i < 100; i++) {
        const uint32_t child = p->root + 2 + (i * 7 + seed) % CHILDREN;

        assert_int_equal(PROV_OK, prov_xml_append(&p->x, p->root + 1, child));
        if (i % 25 == 0)
            assert_int_equal(PROV_OK,
                             prov_xml_rename(&p->x, child, prov_str_z(names[(seed + i) % 3])));
    }
}

static void
undoes_stretches_in_a_stretch(void **state)
{
    struct pool *p = new_pool(400, 1, CHILDREN);
    char before[TEXT_BYTES];

    (void)state;
    for (unsigned turn = 0; turn < 3; turn++) {
        const size_t outer = prov_xml_mark(&p->x);

        for (uint32_t i = 0; i < 20; i++) {
            write_to(p, before);
            const size_t inner = prov_xml_mark(&p->x);

            shuffle(p, i);
            if (i % 3 == 2) {
                prov_xml_rollback(&p->x, inner);
                assert_true(reads(p, before));
            } else {
                prov_xml_keep(&p->x, inner);
                assert_false(reads(p, before));
            }
        }
        prov_xml_rollback(&p->x, outer);
        assert_true(reads(p, p->text));
    }
    free_pool(p);
}

static void
keeps_no_second_image_of_a_record(void **state)
{
    struct pool *p = new_pool(400, 1, CHILDREN);
    const size_t outer = prov_xml_mark(&p->x);
    size_t perm = 0;

    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        const size_t inner = prov_xml_mark(&p->x);

        for (uint32_t c = 0; c < CHILDREN; c++)
            assert_int_equal(PROV_OK, prov_xml_append(&p->x, p->root + 1, p->root + 2 + c));
        prov_xml_keep(&p->x, inner);
        perm = i == 1 ? p->arena.perm : perm;
    }
    assert_int_equal(perm, p->arena.perm);
    prov_xml_rollback(&p->x, outer);
    assert_true(reads(p, p->text));
    free_pool(p);
}

/* More stretches than a record can count. */
static void
undoes_stretches_of_any_depth(void **state)
{
    struct pool *p = new_pool(400, 1, CHILDREN);
    size_t marks[600];

    (void)state;
    for (unsigned keep = 0; keep < 4; keep++) {
        for (uint32_t i = 0; i < PROV_COUNT(marks); i++) {
            marks[i] = prov_xml_mark(&p->x);
            assert_int_equal(PROV_OK,
                             prov_xml_append(&p->x, p->root + 1, p->root + 2 + i * 11 % CHILDREN));
        }
        for (uint32_t i = PROV_COUNT(marks); i-- > 1;) {
            if (keep == 3 || (keep > 0 && i % (keep + 1) == 0))
                prov_xml_keep(&p->x, marks[i]);
            else
                prov_xml_rollback(&p->x, marks[i]);
        }
        prov_xml_rollback(&p->x, marks[0]);
        assert_true(reads(p, p->text));
    }
    free_pool(p);
}

/* Every list is found in, in turn; the memory of the indexes has a bound, and so is reached. */
static void
bounds_the_memory_of_indexes(void **state)
{
    const uint32_t lists = 30, children = 20, nodes = 640;
    struct pool *p = new_pool(nodes, lists, children);
    const size_t before = p->arena.perm;
    char value[8];

    (void)state;
    for (uint32_t i = 0; i < lists * 60; i++) {
        const uint32_t list = p->root + 1 + i % lists * (children + 1), nth = i * 7 % children;
        uint32_t hits = 0;

        snprintf(value, sizeof(value), "%u", (unsigned)nth);
        assert_int_equal(list + 1 + nth,
                         prov_xml_find_keyed(&p->x, list, prov_str_z("b"), prov_str_z("k"),
                                             prov_str_z(value), &hits));
        assert_int_equal(1, hits);
    }
    assert_true(p->arena.perm > before);
    assert_true(p->arena.perm - before < 6 * nodes + 2048);
    free_pool(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undoes_stretches_in_a_stretch),
        cmocka_unit_test(keeps_no_second_image_of_a_record),
        cmocka_unit_test(undoes_stretches_of_any_depth),
        cmocka_unit_test(bounds_the_memory_of_indexes),
    };
    return cmocka_run_group_tests_name("xml_journal", tests, NULL, NULL);
}
