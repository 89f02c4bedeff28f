/* SPDX-License-Identifier: MIT */
#include <prov/patch.h>

#include "fuzz_changes.h"

static unsigned char memory[FUZZ_MEMORY], other[FUZZ_MEMORY];

static enum prov_status
apply(struct fuzz_world *w, struct prov_str change, bool bare)
{
    uint32_t root;
    const enum prov_status st = prov_xml_parse(&w->x, prov_str_z("c"), change, &root, NULL);

    return st == PROV_OK ? prov_patch_apply(&w->a, root, bare) : st;
}

/* With a section twice, the first one meets what the second one left. */
static bool
has_a_section_twice(const struct fuzz_world *w)
{
    const struct prov_account *account = &w->a.account;

    for (uint32_t i = 0; i < account->section_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (prov_str_eq(account->sections[i].name, account->sections[k].name))
                return true;
        }
    }
    return account->sections_dropped > 0;
}

/* The same change on its own result is no change. What was discarded is so again, unless room that
 * another section took or gave back decides. */
static void
check_second_time(struct prov_str first, struct prov_str change, bool bare)
{
    struct fuzz_world w;

    FUZZ_CHECK(fuzz_open(&w, memory, first));
    FUZZ_CHECK(apply(&w, change, bare) == PROV_OK);
    bool full = false;

    for (uint32_t i = 0; i < w.diags.count; i++)
        full = full || w.kept[i].code == PROV_D_SECTION_ELEMENTS;
    FUZZ_CHECK(full || !prov_apply_changed(&w.a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const bool bare = fuzz_u8(&in) == 'b';
    struct prov_str settings, change;
    struct fuzz_world w;

    if (!fuzz_split(in.data, in.size, &settings, &change) || !fuzz_open(&w, memory, settings))
        return 0;
    switch (apply(&w, change, bare)) {
    case PROV_OK: {
        const struct prov_str text = fuzz_written(&w);
        bool full = has_a_section_twice(&w);

        for (uint32_t i = 0; i < w.diags.count; i++)
            full = full || w.kept[i].code == PROV_D_SECTION_ELEMENTS;
        fuzz_check_account(&w);
        fuzz_check_untouched(&w, other, settings, text);
        fuzz_check_written(&w, other, text);
        if (!full)
            check_second_time(text, change, bare);
        fuzz_free(text);
        break;
    }
    case PROV_E_SYNTAX:
    case PROV_E_LIMIT: /* the change was no document */
        break;
    default: /* not in the documented set; the memory is enough */
        FUZZ_CHECK(false);
    }
    return 0;
}
