/* SPDX-License-Identifier: MIT */
#include <prov/limits.h>

#include <prov/abi.h>

/* What a member may be, and what it is when the caller leaves it zero. */
static const struct row {
    size_t offset;
    uint32_t preset, max;
} rows[] = {
    /* clang-format off */
    { offsetof(struct prov_limits, url_bytes),      2048,    65535 },
    { offsetof(struct prov_limits, file_bytes),     262144,  1u << 30 },
    { offsetof(struct prov_limits, settings_bytes), 262144,  1u << 30 },
    { offsetof(struct prov_limits, tree_bytes),     1048576, 1u << 30 },
    { offsetof(struct prov_limits, tree_files),     32,      200 },
    { offsetof(struct prov_limits, tree_depth),     4,       32 },
    { offsetof(struct prov_limits, xml_depth),      32,      1000 },
    { offsetof(struct prov_limits, xml_attributes), 64,      10000 },
    { offsetof(struct prov_limits, xml_nodes),      8192,    1u << 24 },
    { offsetof(struct prov_limits, pool_nodes),     0,       1u << 25 },
    { offsetof(struct prov_limits, path_steps),     32,      1000 },
    { offsetof(struct prov_limits, fetches),        6,       16 },
    { offsetof(struct prov_limits, diags),          64,      65535 },
    { offsetof(struct prov_limits, changes),        256,     1u << 24 },
    { offsetof(struct prov_limits, sections),       64,      65535 },
    /* clang-format on */
};

#define SHORTEST_URL 16u

enum prov_status
prov_limits_resolve(const struct prov_limits *in, struct prov_limits *out)
{
    struct prov_limits all = { .size = sizeof(all) };
    enum prov_status status = PROV_OK;

    if (out == NULL)
        return PROV_E_ARG;
    if (in != NULL)
        status = prov_abi_import(&all, sizeof(all), in, sizeof(size_t));
    if (status != PROV_OK)
        return status;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t *member = (uint32_t *)(void *)((unsigned char *)&all + rows[i].offset);

        if (*member > rows[i].max)
            return PROV_E_ARG;
        if (*member == 0)
            *member = rows[i].preset;
    }
    if (all.url_bytes < SHORTEST_URL)
        return PROV_E_ARG;
    if (all.pool_nodes == 0)
        all.pool_nodes = 2 * all.xml_nodes;
    *out = all;
    return PROV_OK;
}
