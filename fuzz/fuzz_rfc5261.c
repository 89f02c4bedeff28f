/* SPDX-License-Identifier: MIT */
#include <prov/rfc5261.h>

#include "fuzz_operations.h"

static unsigned char memory[FUZZ_MEMORY], other[FUZZ_MEMORY];

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
    struct fuzz_world w;
    uint32_t root;

    if (fuzz_operations(&w, memory, other, data, size, prov_rfc5261_apply, &root))
        check_errors(&w, root);
    return 0;
}
