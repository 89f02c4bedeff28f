/* SPDX-License-Identifier: MIT */
#include <prov/rfc5261.h>

#include "fuzz_changes.h"

static unsigned char memory[FUZZ_MEMORY], other[FUZZ_MEMORY];

/* One result for each group, and all operations are counted. */
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

/* Every diagnostic makes an error document that can be read, with its condition inside. */
static void
check_errors(struct fuzz_world *w, uint32_t change)
{
    char mem[8192];

    for (uint32_t i = 0; i < w->diags.count; i++) {
        struct prov_buf out = { mem, sizeof(mem), 0 };
        const enum prov_status st = prov_rfc5261_error(&w->diags.items[i], &w->x, change, &out);
        uint32_t root;

        FUZZ_CHECK(st == PROV_OK || st == PROV_E_SPACE);
        if (st != PROV_OK ||
            prov_xml_parse(&w->x, prov_str_z("e"), prov_buf_str(&out), &root, NULL) != PROV_OK)
            continue;
        FUZZ_CHECK(prov_xml_is(&w->x, prov_xml_first(&w->x, root),
                               prov_str_z(prov_rfc5261_condition(w->diags.items[i].code))));
    }
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
    FUZZ_CHECK(prov_rfc5261_apply(&w.a, root) == PROV_OK);
    const struct prov_str text = fuzz_written(&w);

    check_operations(&w, operations);
    fuzz_check_account(&w);
    fuzz_check_untouched(&w, other, settings, text);
    fuzz_check_written(&w, other, text);
    check_errors(&w, root);
    fuzz_free(text);
    return 0;
}
