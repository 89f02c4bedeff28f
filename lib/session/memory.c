/* SPDX-License-Identifier: MIT */

/* How much memory a session needs at most: the sum behind prov_session_memory(). */

#include "session/private.h"

/* What lives as long as the session, with room to align each block. */
static uint64_t
fixed_bytes(const struct prov_limits *l)
{
    const uint64_t files = (uint64_t)l->tree_files + 1;
    const uint64_t blocks = 8 + 2 * (uint64_t)l->fetches;

    return sizeof(struct prov_session) + PROV_SESSION_SOURCES * sizeof(struct prov_source_record) +
           l->diags * (uint64_t)sizeof(struct prov_diag) +
           files * (sizeof(struct prov_session_file) + sizeof(struct prov_fetch_record)) +
           l->settings_bytes + l->tree_bytes + (1 + 2 * (uint64_t)l->fetches) * l->url_bytes +
           blocks * PROV_SESSION_ALIGN;
}

/* What editing takes at worst, but for start tags that are written again and again; see the header.
 * Start tags; every record in the journal; an index over every element; lists of what is to do;
 * a path for each section that is discarded. */
static uint64_t
edit_bytes(const struct prov_limits *l)
{
    const uint64_t journal = sizeof(struct prov_xml_node) + 8, index = 24, list = 64, path = 1024;

    return (uint64_t)l->settings_bytes + l->file_bytes + l->pool_nodes * (journal + index) +
           l->xml_nodes * list + l->path_steps * list + l->sections * path + 8192;
}

/* What an attempt takes from the work arena. */
static uint64_t
work_bytes(const struct prov_limits *l)
{
    const uint64_t files = (uint64_t)l->tree_files + 1;
    const uint64_t url = (uint64_t)l->url_bytes + PROV_SESSION_STARS;
    const uint64_t pool = ((uint64_t)l->pool_nodes + 1) * sizeof(struct prov_xml_node) +
                          256 * sizeof(struct prov_xml_source);
    const uint64_t account = l->sections * (uint64_t)sizeof(struct prov_section_result) +
                             l->changes * (uint64_t)sizeof(struct prov_change);
    /* Of each file: address and template in the tree; both and the final address for people. */
    const uint64_t text = (files + 1) * (6 * url + PROV_SESSION_DETAIL_BYTES);
    const uint64_t tree = files * sizeof(struct prov_ref_entry);

    return pool + account + text + tree + edit_bytes(l) + 6 * url + 64 * PROV_SESSION_ALIGN;
}

enum prov_status
prov_session_memory(const struct prov_limits *limits, size_t *bytes)
{
    struct prov_limits l;
    enum prov_status status;
    uint64_t all;

    if (bytes == NULL)
        return PROV_E_ARG;
    status = prov_limits_resolve(limits, &l);
    if (status != PROV_OK)
        return status;
    all = fixed_bytes(&l) + work_bytes(&l);
    *bytes = all <= SIZE_MAX ? (size_t)all : SIZE_MAX;
    return PROV_OK;
}
