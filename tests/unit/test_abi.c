/* SPDX-License-Identifier: MIT */
#include <prov/abi.h>

#include "support/prov_cmocka.h"

/* One struct at three ages. The library of these tests knows the middle one. */
struct oldest {
    size_t size;
    uint32_t a, b;
};
struct known {
    size_t size;
    uint32_t a, b;
    uint32_t c, d;
};
struct newer {
    size_t size;
    uint32_t a, b;
    uint32_t c, d;
    uint32_t e, f;
};

static const struct known untouched = { 99, 9, 9, 9, 9 };

/* The caller's struct in a heap block of exactly its size, so that ASan sees every over-read. */
static enum prov_status
import(struct known *dst, const void *src, size_t bytes, size_t min_size)
{
    void *exact = malloc(bytes);
    enum prov_status st;

    assert_non_null(exact);
    memcpy(exact, src, bytes);
    *dst = untouched;
    st = prov_abi_import(dst, sizeof(*dst), exact, min_size);
    free(exact);
    return st;
}

static void
takes_a_struct_of_its_own_age(void **state)
{
    const struct known src = { sizeof(src), 1, 2, 3, 4 };
    struct known dst;

    (void)state;
    assert_int_equal(PROV_OK, import(&dst, &src, sizeof(src), sizeof(size_t)));
    assert_memory_equal(&src, &dst, sizeof(src));
}

static void
fills_up_an_older_struct_with_zeros(void **state)
{
    const struct oldest src = { sizeof(src), 1, 2 };
    const struct known expected = { sizeof(expected), 1, 2, 0, 0 };
    struct known dst;

    (void)state;
    assert_int_equal(PROV_OK, import(&dst, &src, sizeof(src), sizeof(src)));
    assert_memory_equal(&expected, &dst, sizeof(dst));
}

static void
takes_a_newer_struct_whose_tail_is_zero(void **state)
{
    const struct newer src = { sizeof(src), 1, 2, 3, 4, 0, 0 };
    const struct known expected = { sizeof(expected), 1, 2, 3, 4 };
    struct known dst;

    (void)state;
    assert_int_equal(PROV_OK, import(&dst, &src, sizeof(src), sizeof(size_t)));
    assert_memory_equal(&expected, &dst, sizeof(dst));
}

/* Each byte of the tail by itself. */
static void
refuses_a_newer_struct_that_asks_for_something_unknown(void **state)
{
    struct known dst;

    (void)state;
    for (size_t i = sizeof(struct known); i < sizeof(struct newer); i++) {
        struct newer src = { sizeof(src), 1, 2, 3, 4, 0, 0 };

        ((unsigned char *)&src)[i] = 1;
        assert_int_equal(PROV_E_ABI, import(&dst, &src, sizeof(src), sizeof(size_t)));
        assert_memory_equal(&untouched, &dst, sizeof(dst));
    }
}

#define LARGEST 4096

/* Any size in between is a struct that was cut off somewhere: still no byte too many is read. */
static void
takes_every_size_from_the_smallest_to_the_largest(void **state)
{
    unsigned char *block = calloc(1, LARGEST + 1);
    struct known dst;

    (void)state;
    assert_non_null(block);
    for (size_t size = 0; size <= LARGEST + 1; size++) {
        const bool fits = size >= sizeof(struct oldest) && size <= LARGEST;
        const size_t exact = size > sizeof(size) ? size : sizeof(size);

        memcpy(block, &size, sizeof(size));
        assert_int_equal(fits ? PROV_OK : PROV_E_ABI,
                         import(&dst, block, exact, sizeof(struct oldest)));
        assert_int_equal(fits ? sizeof(dst) : untouched.size, dst.size);
    }
    free(block);
}

static void
refuses_a_size_that_is_garbage_without_reading_on(void **state)
{
    const size_t garbage = SIZE_MAX;
    struct known dst;

    (void)state;
    assert_int_equal(PROV_E_ABI, import(&dst, &garbage, sizeof(garbage), sizeof(size_t)));
    assert_memory_equal(&untouched, &dst, sizeof(dst));
}

static void
refuses_bad_arguments(void **state)
{
    const struct known src = { sizeof(src), 1, 2, 3, 4 };
    struct known dst = untouched;
    const size_t small = sizeof(size_t) - 1;

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_abi_import(NULL, sizeof(dst), &src, sizeof(size_t)));
    assert_int_equal(PROV_E_ARG, prov_abi_import(&dst, sizeof(dst), NULL, sizeof(size_t)));
    assert_int_equal(PROV_E_ARG, prov_abi_import(&dst, small, &src, sizeof(size_t)));
    assert_int_equal(PROV_E_ARG, prov_abi_import(&dst, sizeof(dst), &src, small));
    assert_memory_equal(&untouched, &dst, sizeof(dst));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_struct_of_its_own_age),
        cmocka_unit_test(fills_up_an_older_struct_with_zeros),
        cmocka_unit_test(takes_a_newer_struct_whose_tail_is_zero),
        cmocka_unit_test(refuses_a_newer_struct_that_asks_for_something_unknown),
        cmocka_unit_test(takes_every_size_from_the_smallest_to_the_largest),
        cmocka_unit_test(refuses_a_size_that_is_garbage_without_reading_on),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
