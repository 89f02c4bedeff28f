/* SPDX-License-Identifier: MIT */
#include <prov/arena.h>

#include "support/prov_cmocka.h"

#define MOST PROV_ARENA_ALIGN_MAX

/* What a module asks for in one go: text beside objects, from both ends. */
static const struct request {
    bool scratch;
    size_t bytes, align;
} requests[] = {
    { false, 1, 1 }, { true, 3, 1 },  { false, 8, 8 },   { true, 16, 16 }, { false, 0, 4 },
    { true, 5, 2 },  { false, 7, 1 }, { false, 24, 8 },  { true, 1, 1 },   { true, 12, 4 },
    { false, 2, 2 }, { true, 0, 16 }, { false, 33, 16 },
};

static void *
take(struct prov_arena *a, const struct request *r)
{
    return r->scratch ? prov_arena_scratch(a, r->bytes, r->align)
                      : prov_arena_perm(a, r->bytes, r->align);
}

static bool
is_zero(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

/* Takes all requests; each result is checked, then soiled. False if one did not fit. */
static bool
take_all(struct prov_arena *a)
{
    size_t before = 0;

    for (size_t i = 0; i < PROV_COUNT(requests); i++) {
        const struct request *r = &requests[i];
        unsigned char *p = take(a, r);

        if (p == NULL) {
            assert_int_equal(before, a->perm + a->scratch); /* nothing has changed */
            return false;
        }
        assert_int_equal(0, (uintptr_t)p % r->align);
        assert_true(p >= a->base && p + r->bytes <= a->base + a->cap);
        /* Soiled blocks are 0xFF: an overlap shows as a byte that is not zero. */
        assert_true(is_zero(p, r->bytes));
        memset(p, 0xFF, r->bytes);
        assert_true(a->perm + a->scratch <= a->cap);
        before = a->perm + a->scratch;
        assert_int_equal(before, a->high);
    }
    return true;
}

/* Heap block of exact size, so that ASan sees a byte outside; starts shift bytes into it. */
static bool
fits(size_t shift, size_t bytes, size_t *need)
{
    unsigned char *block = malloc(shift + bytes > 0 ? shift + bytes : 1);
    struct prov_arena a;
    bool all;

    assert_non_null(block);
    memset(block, 0, shift + bytes);
    prov_arena_init(&a, block + shift, bytes);
    assert_int_equal(0, a.need);
    all = take_all(&a);
    assert_true(all == (a.need == 0));
    *need = a.need;
    free(block);
    return all;
}

/* Every capacity, every placement: it fits from some size on, and never again fails above it. */
static void
is_monotone_wherever_the_block_lies(void **state)
{
    size_t need;

    (void)state;
    for (size_t shift = 0; shift < MOST; shift++) {
        bool before = false;

        for (size_t bytes = 0; bytes < 300; bytes++) {
            const bool now = fits(shift, bytes, &need);

            assert_true(now || !before);
            before = now;
        }
        assert_true(before);
    }
}

/* Give what it asks for and the request that failed succeeds, also if the block lies elsewhere. */
static void
asks_for_enough_wherever_the_next_block_lies(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes < 200; bytes++) {
        for (size_t shift = 0; shift < MOST; shift++) {
            unsigned char block[640];
            struct prov_arena a, b;
            size_t failed = 0, i = 0;

            prov_arena_init(&a, block + 3, bytes);
            while (failed < PROV_COUNT(requests) && take(&a, &requests[failed]) != NULL)
                failed++;
            prov_arena_init(&b, block + shift, a.need);
            assert_true(shift + a.need <= sizeof(block));
            while (i <= failed && i < PROV_COUNT(requests) && take(&b, &requests[i]) != NULL)
                i++;
            assert_true(a.need == 0 || i > failed);
        }
    }
}

/* The last byte is used, from either end, and one more byte is refused. */
static void
gives_all_there_is(void **state)
{
    unsigned char block[64];
    unsigned char *const mem = block + (0 - (uintptr_t)block) % MOST;
    struct prov_arena a;

    (void)state;
    for (size_t align = 1; align <= MOST; align *= 2) {
        for (size_t used = 0; used <= MOST; used++) {
            const size_t aligned = (used + align - 1) / align * align;

            prov_arena_init(&a, mem, 32);
            assert_true(prov_arena_perm(&a, used, 1) == mem);
            assert_null(prov_arena_perm(&a, 33 - aligned, align));
            assert_true(prov_arena_perm(&a, 32 - aligned, align) == mem + aligned);
            assert_int_equal(32, a.perm);

            prov_arena_init(&a, mem, 32);
            assert_true(prov_arena_scratch(&a, used, 1) == mem + 32 - used);
            assert_null(prov_arena_scratch(&a, 32 - aligned + align, align));
            assert_true(prov_arena_scratch(&a, 32 - aligned, align) == mem);
            assert_int_equal(32, a.scratch);
            assert_true(prov_arena_perm(&a, 0, 1) == mem);
            assert_null(prov_arena_perm(&a, 1, 1));
        }
    }
}

static void
zeroes_memory_that_was_used_before(void **state)
{
    unsigned char block[16];
    struct prov_arena a;

    (void)state;
    memset(block, 0xA5, sizeof(block));
    prov_arena_init(&a, block, sizeof(block));
    const size_t mark = prov_arena_mark(&a);
    unsigned char *p = prov_arena_scratch(&a, 8, 1);

    assert_true(p == block + 8 && is_zero(p, 8));
    memset(p, 0xA5, 8);
    prov_arena_release(&a, mark);
    assert_int_equal(0, a.scratch);
    p = prov_arena_perm(&a, 16, 1);
    assert_true(p == block && is_zero(p, 16));
}

static void
keeps_perm_and_the_high_water_mark_over_a_release(void **state)
{
    unsigned char block[32];
    struct prov_arena a;

    (void)state;
    prov_arena_init(&a, block, sizeof(block));
    assert_non_null(prov_arena_perm(&a, 10, 1));
    const size_t mark = prov_arena_mark(&a);

    assert_non_null(prov_arena_scratch(&a, 20, 1));
    assert_null(prov_arena_perm(&a, 3, 1));
    prov_arena_release(&a, mark);
    assert_non_null(prov_arena_perm(&a, 3, 1));
    assert_int_equal(13, a.perm);
    assert_int_equal(30, a.high);
}

/* Sizes near SIZE_MAX come from a multiplication that went wrong; they must not wrap around. */
static void
refuses_sizes_that_would_overflow(void **state)
{
    static const size_t huge[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 40, SIZE_MAX / 2 };
    unsigned char block[64];
    struct prov_arena a;

    (void)state;
    prov_arena_init(&a, block, sizeof(block));
    assert_non_null(prov_arena_perm(&a, 1, 1));
    assert_non_null(prov_arena_scratch(&a, 1, 1));
    for (size_t i = 0; i < PROV_COUNT(huge); i++) {
        for (size_t align = 1; align <= MOST; align *= 2) {
            assert_null(prov_arena_perm(&a, huge[i], align));
            assert_true(a.need >= huge[i]);
            assert_null(prov_arena_scratch(&a, huge[i], align));
            assert_true(a.need >= huge[i]);
        }
    }
    assert_int_equal(1, a.perm);
    assert_int_equal(1, a.scratch);
}

static void
gives_nothing_without_a_block(void **state)
{
    struct prov_arena a;

    (void)state;
    prov_arena_init(&a, NULL, 100);
    assert_int_equal(0, a.cap);
    assert_null(prov_arena_perm(&a, 0, 1));
    assert_null(prov_arena_scratch(&a, 0, 1));
    assert_true(a.need > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_monotone_wherever_the_block_lies),
        cmocka_unit_test(asks_for_enough_wherever_the_next_block_lies),
        cmocka_unit_test(gives_all_there_is),
        cmocka_unit_test(zeroes_memory_that_was_used_before),
        cmocka_unit_test(keeps_perm_and_the_high_water_mark_over_a_release),
        cmocka_unit_test(refuses_sizes_that_would_overflow),
        cmocka_unit_test(gives_nothing_without_a_block),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
