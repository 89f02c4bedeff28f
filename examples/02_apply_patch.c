/* SPDX-License-Identifier: MIT */

/*
 * Example 2: apply a patch to settings in memory. The result differs from the old text only where
 * the patch says so; white space, order and comments stay. All memory is one block of ours.
 */

#include <prov/prov.h>

#include <stdio.h>

static const char settings[] =
    "<configuration>\n"
    "  <!-- set up by the installer -->\n"
    "  <telephony version=\"1.34.0\">\n"
    "    <callWaiting><active>true</active><tone>true</tone></callWaiting>\n"
    "  </telephony>\n"
    "</configuration>\n";

static const char change[] = "<configuration><telephony>"
                             "<callWaiting><tone>false</tone></callWaiting>"
                             "</telephony></configuration>";

static const struct prov_limits limits = { .size = sizeof(limits), .xml_nodes = 256 };

/* Say what changed, then print the new settings piece by piece. */
static void
report(const struct prov_apply *a)
{
    struct prov_xml_writer w;
    struct prov_str piece;
    char mem[128];

    for (uint32_t i = 0; i < a->account.change_count; i++) {
        struct prov_buf path = { mem, sizeof(mem), 0 };

        if (prov_change_path(a, &a->account.changes[i], &path) == PROV_OK)
            printf("changed: %.*s\n", (int)path.len, path.ptr);
    }
    prov_xml_writer_init(&w, a->x, a->root);
    while (prov_xml_writer_next(&w, &piece))
        fwrite(piece.ptr, 1, piece.len, stdout);
}

int
main(void)
{
    static unsigned char block[96 * 1024];
    struct prov_diag found[8];
    struct prov_diags diags = { .items = found, .cap = 8 };
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_apply a;
    uint32_t root, patch;
    enum prov_file_type type;
    const struct prov_dialect *d = prov_dialect_find(prov_str_z("auerswald-d"));

    prov_arena_init(&arena, block, sizeof(block));
    if (prov_xml_init(&x, &arena, &limits, NULL, 0) == PROV_OK &&
        prov_xml_parse(&x, prov_str_z("settings"), prov_str_z(settings), &root, &diags) ==
            PROV_OK &&
        prov_xml_parse(&x, prov_str_z("change"), prov_str_z(change), &patch, &diags) == PROV_OK &&
        prov_apply_init(&a, &x, root, d, NULL, &diags) == PROV_OK &&
        prov_apply_change(&a, patch, d->first_types, &type) == PROV_OK) {
        report(&a);
        return a.partial ? 4 : 0;
    }
    for (uint32_t i = 0; i < diags.count; i++) {
        char mem[256];
        struct prov_buf line = { mem, sizeof(mem), 0 };

        if (prov_diag_format(&found[i], &line) == PROV_OK)
            printf("%.*s\n", (int)line.len, line.ptr);
    }
    return 1;
}
