/* SPDX-License-Identifier: MIT */
#include <prov/ops.h>

#include "fuzz_changes.h"

static unsigned char memory[FUZZ_MEMORY], other[FUZZ_MEMORY];

/* One result for each section, and all operations are counted. */
static void
check_operations(const struct fuzz_world *w, uint32_t operations)
{
    const struct prov_account *account = &w->a.account;
    uint32_t count = 0;

    for (uint32_t i = 0; i < account->section_count; i++) {
        FUZZ_CHECK(account->sections[i].operations > 0);
        count += account->sections[i].operations;
    }
    FUZZ_CHECK(count == operations || (account->sections_dropped > 0 && count < operations));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prov_str settings, change;
    struct fuzz_world w;
    uint32_t root, operations = 0;

    if (!fuzz_split(data, size, &settings, &change) || !fuzz_open(&w, memory, settings) ||
        prov_xml_parse(&w.x, prov_str_z("c"), change, &root, NULL) != PROV_OK)
        return 0;
    for (uint32_t n = prov_xml_first(&w.x, root); n != PROV_XML_NONE; n = prov_xml_next(&w.x, n))
        operations++;
    /* Nothing else is documented; the memory is enough. */
    FUZZ_CHECK(prov_ops_apply(&w.a, root) == PROV_OK);
    const struct prov_str text = fuzz_written(&w);

    check_operations(&w, operations);
    fuzz_check_account(&w);
    fuzz_check_untouched(&w, other, settings, text);
    fuzz_check_written(&w, other, text);
    fuzz_free(text);
    return 0;
}
