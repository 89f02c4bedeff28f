/* SPDX-License-Identifier: MIT */
#include <prov/limits.h>

#include "support/prov_cmocka.h"

#define ROW(member, min, preset, max) \
    { \
#member, offsetof(struct prov_limits, member), min, preset, max \
    }

/* As the header documents them. */
static const struct row {
    const char *name;
    size_t offset;
    uint32_t min, preset, max;
} rows[] = {
    ROW(url_bytes, 16, 2048, 65535),
    ROW(file_bytes, 1, 262144, 1u << 30),
    ROW(settings_bytes, 1, 262144, 1u << 30),
    ROW(tree_bytes, 1, 1048576, 1u << 30),
    ROW(tree_files, 1, 32, 200),
    ROW(tree_depth, 1, 4, 32),
    ROW(xml_depth, 1, 32, 1000),
    ROW(xml_attributes, 1, 64, 10000),
    ROW(xml_nodes, 1, 8192, 1u << 24),
    ROW(pool_nodes, 1, 16384, 1u << 25),
    ROW(path_steps, 1, 32, 1000),
    ROW(fetches, 1, 6, 16),
    ROW(diags, 1, 64, 65535),
    ROW(changes, 1, 256, 1u << 24),
    ROW(sections, 1, 64, 65535),
};

static uint32_t
get(const struct prov_limits *l, const struct row *r)
{
    uint32_t v;

    memcpy(&v, (const unsigned char *)l + r->offset, sizeof(v));
    return v;
}

/* Resolves with one member set. Every other member must come out as its default. */
static enum prov_status
resolve(const struct row *r, uint32_t v, struct prov_limits *out)
{
    struct prov_limits in = { .size = sizeof(in) };

    memcpy((unsigned char *)&in + r->offset, &v, sizeof(v));
    memset(out, 0xEE, sizeof(*out));
    return prov_limits_resolve(&in, out);
}

static void
has_a_row_for_every_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++)
        PROV_ROW(rows[i].name, rows[i].offset == sizeof(size_t) + i * sizeof(uint32_t));
    assert_true(sizeof(struct prov_limits) - rows[PROV_COUNT(rows) - 1].offset <
                sizeof(size_t) + 4);
}

static void
puts_the_documented_defaults_in_place_of_zeros(void **state)
{
    struct prov_limits out, same;

    (void)state;
    assert_int_equal(PROV_OK, prov_limits_resolve(NULL, &out));
    assert_int_equal(sizeof(out), out.size);
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        PROV_ROW(rows[i].name, get(&out, &rows[i]) == rows[i].preset);
        PROV_ROW(rows[i].name, resolve(&rows[i], 0, &same) == PROV_OK);
        PROV_ROW(rows[i].name, get(&same, &rows[i]) == rows[i].preset);
    }
}

/* Limit - 1, limit, limit + 1 at both ends. */
static void
keeps_every_value_in_range_and_refuses_the_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const struct {
            uint32_t v;
            bool good;
        } steps[] = {
            { r->min - 1, r->min == 1 }, /* 0 is the default */
            { r->min, true },
            { r->min + 1, true },
            { r->max - 1, true },
            { r->max, true },
            { r->max + 1, false },
            { UINT32_MAX, false },
        };

        for (size_t k = 0; k < PROV_COUNT(steps); k++) {
            struct prov_limits out, before;
            const uint32_t v = steps[k].v;

            memset(&before, 0xEE, sizeof(before));
            const enum prov_status st = resolve(r, v, &out);

            PROV_ROW(r->name, st == (steps[k].good ? PROV_OK : PROV_E_ARG));
            PROV_ROW(r->name, st != PROV_OK || get(&out, r) == (v != 0 ? v : r->preset));
            PROV_ROW(r->name, st == PROV_OK || memcmp(&before, &out, sizeof(out)) == 0);
        }
    }
}

static void
derives_the_pool_from_the_nodes_unless_it_is_given(void **state)
{
    struct prov_limits in = { .size = sizeof(in), .xml_nodes = 1u << 24 };
    struct prov_limits out;

    (void)state;
    assert_int_equal(PROV_OK, prov_limits_resolve(&in, &out));
    assert_int_equal(1u << 25, out.pool_nodes);
    in.pool_nodes = 77;
    assert_int_equal(PROV_OK, prov_limits_resolve(&in, &out));
    assert_int_equal(77, out.pool_nodes);
}

static void
may_resolve_in_place_and_twice(void **state)
{
    struct prov_limits once, twice;

    (void)state;
    assert_int_equal(PROV_OK, prov_limits_resolve(NULL, &once));
    twice = once;
    assert_int_equal(PROV_OK, prov_limits_resolve(&twice, &twice));
    assert_memory_equal(&once, &twice, offsetof(struct prov_limits, sections) + sizeof(uint32_t));
}

static void
takes_older_structs_and_refuses_what_it_does_not_know(void **state)
{
    struct {
        struct prov_limits known;
        uint32_t unknown[2];
    } newer = { .known = { .size = sizeof(newer), .fetches = 3 } };
    struct prov_limits old = { .size = offsetof(struct prov_limits, file_bytes), .url_bytes = 77 };
    struct prov_limits out;

    (void)state;
    assert_int_equal(PROV_OK, prov_limits_resolve(&newer.known, &out));
    assert_int_equal(3, out.fetches);
    newer.unknown[1] = 1;
    assert_int_equal(PROV_E_ABI, prov_limits_resolve(&newer.known, &out));

    old.file_bytes = UINT32_MAX; /* beyond the end of the old struct: not looked at */
    assert_int_equal(PROV_OK, prov_limits_resolve(&old, &out));
    assert_int_equal(77, out.url_bytes);
    assert_int_equal(262144, out.file_bytes);
    assert_int_equal(sizeof(out), out.size);
    old.size = 0; /* forgotten */
    assert_int_equal(PROV_E_ABI, prov_limits_resolve(&old, &out));
}

static void
refuses_no_result(void **state)
{
    (void)state;
    assert_int_equal(PROV_E_ARG, prov_limits_resolve(NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_row_for_every_member),
        cmocka_unit_test(puts_the_documented_defaults_in_place_of_zeros),
        cmocka_unit_test(keeps_every_value_in_range_and_refuses_the_others),
        cmocka_unit_test(derives_the_pool_from_the_nodes_unless_it_is_given),
        cmocka_unit_test(may_resolve_in_place_and_twice),
        cmocka_unit_test(takes_older_structs_and_refuses_what_it_does_not_know),
        cmocka_unit_test(refuses_no_result),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
