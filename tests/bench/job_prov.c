/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <prov/prov.h>

/* libprov, with all its checks but schemas and the greatest lengths of lists. */

#define LISTS 16u

/* The files of the benchmark have an element in 42 bytes or more. */
static uint32_t
elements_of(struct bench_text text)
{
    return (uint32_t)(text.len / 41) + 64;
}

/* The records; what a run needs at least; indexes of lists; journal and sorting of operations. */
static size_t
arena_size(const struct prov_limits *limits, struct bench_text settings,
           struct bench_text operations)
{
    return (size_t)limits->pool_nodes * sizeof(struct prov_xml_node) + 28672 + settings.len / 20 +
           operations.len;
}

static void
write_result(const struct prov_xml *x, uint32_t root)
{
    struct prov_xml_writer w;
    struct prov_str piece;

    prov_xml_writer_init(&w, x, root);
    while (prov_xml_writer_next(&w, &piece))
        bench_put(piece.ptr, piece.len);
}

static bool
run(struct prov_arena *arena, const struct prov_limits *limits, const struct prov_dialect *dialect,
    struct prov_str settings, struct prov_str operations)
{
    struct prov_diag kept[1];
    struct prov_diags diags = { .items = kept, .cap = 1 };
    struct prov_xml x;
    struct prov_apply a;
    uint32_t root, change;

    if (prov_xml_init(&x, arena, limits, NULL, 0) != PROV_OK ||
        prov_xml_parse(&x, prov_str_z("settings"), settings, &root, &diags) != PROV_OK ||
        prov_xml_parse(&x, prov_str_z("operations"), operations, &change, &diags) != PROV_OK ||
        prov_apply_init(&a, &x, root, dialect, NULL, &diags) != PROV_OK ||
        prov_apply_change(&a, change, PROV_FILE_BIT(PROV_FILE_OPERATIONS), NULL) != PROV_OK)
        return false;
    write_result(&x, root);
    return !a.partial;
}

bool
bench_job(struct bench_text settings, struct bench_text operations)
{
    const struct prov_limits limits = { .size = sizeof(limits),
                                        .xml_nodes = elements_of(settings),
                                        .pool_nodes =
                                            elements_of(settings) + elements_of(operations) };
    struct prov_dialect dialect = *prov_dialect_find(prov_str_z("auerswald-d"));
    struct prov_list_rule lists[LISTS];
    const size_t bytes = arena_size(&limits, settings, operations);
    void *memory = malloc(bytes);
    struct prov_arena arena;

    if (memory == NULL || dialect.list_count > LISTS)
        return false;
    for (size_t i = 0; i < dialect.list_count; i++) {
        lists[i] = dialect.lists[i];
        lists[i].max = 0;
    }
    dialect.lists = lists;
    dialect.schema_count = dialect.migration_count = 0;
    prov_arena_init(&arena, memory, bytes);
    const bool ok = run(&arena, &limits, &dialect, (struct prov_str){ settings.ptr, settings.len },
                        (struct prov_str){ operations.ptr, operations.len });

    free(memory);
    return ok;
}
