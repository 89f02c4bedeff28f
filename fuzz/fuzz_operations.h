/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_OPERATIONS_H
#define FUZZ_OPERATIONS_H

/* What must hold for documents with operations, in whatever language. */

#include "fuzz_changes.h"

/* One result for each section, and all operations are counted. */
static inline void
fuzz_check_operations(const struct fuzz_world *w, uint32_t operations)
{
    const struct prov_account *account = &w->a.account;
    uint32_t count = 0;

    for (uint32_t i = 0; i < account->section_count; i++) {
        FUZZ_CHECK(account->sections[i].operations > 0);
        count += account->sections[i].operations;
    }
    FUZZ_CHECK(count == operations || (account->sections_dropped > 0 && count < operations));
}

/* Apply one with `apply`; false: there is nothing to apply. The world stays open. */
static inline bool
fuzz_operations(struct fuzz_world *w, void *memory, void *other, const uint8_t *data, size_t size,
                enum prov_status (*apply)(struct prov_apply *a, uint32_t root), uint32_t *root)
{
    struct prov_str settings, change;
    uint32_t operations = 0;

    if (!fuzz_split(data, size, &settings, &change) || !fuzz_open(w, memory, settings) ||
        prov_xml_parse(&w->x, prov_str_z("c"), change, root, NULL) != PROV_OK)
        return false;
    for (uint32_t n = prov_xml_first(&w->x, *root); n != PROV_XML_NONE; n = prov_xml_next(&w->x, n))
        operations++;
    /* Nothing else is documented; the memory is enough. */
    FUZZ_CHECK(apply(&w->a, *root) == PROV_OK);
    const struct prov_str text = fuzz_written(w);

    fuzz_check_operations(w, operations);
    fuzz_check_account(w);
    fuzz_check_untouched(w, other, settings, text);
    fuzz_check_written(w, other, text);
    fuzz_free(text);
    return true;
}

#endif /* FUZZ_OPERATIONS_H */
