/* SPDX-License-Identifier: MIT */

/* How much memory a session needs at most: the sum behind prov_session_memory(). */

#include "session/private.h"

/* What lives as long as the session, with room to align each block. */
static uint64_t
fixed_bytes(const struct prov_limits *l)
{
    const uint64_t files = (uint64_t)l->tree_files + 1;
    const uint64_t rows = files + PROV_SESSION_TRIES;
    const uint64_t events = 2 * ((uint64_t)l->url_bytes + prov_session_snippet_bytes(l));
    const uint64_t urls = 2 * ((uint64_t)l->fetches + 1) + 1;
    const uint64_t blocks = 12 + urls;
    const uint64_t recall = prov_session_recall_bytes(l) +
                            files * (sizeof(struct prov_remembered) + sizeof(struct prov_guess));

    return sizeof(struct prov_session) + PROV_DISCOVER_SOURCES * sizeof(struct prov_source_record) +
           l->diags * (uint64_t)sizeof(struct prov_diag) +
           files * sizeof(struct prov_session_file) + rows * sizeof(struct prov_fetch_record) +
           l->settings_bytes + l->tree_bytes + urls * l->url_bytes + events + recall +
           prov_session_parts(l) * (uint64_t)sizeof(struct prov_region_part) +
           blocks * PROV_SESSION_ALIGN;
}

/*
 * What editing takes at worst, but for what has no bound; see the header. A record is in the journal
 * at most once when a section begins. The operations of a file, or what is to be merged, are sorted
 * in scratch memory. At the end: all indexes, a chunk of the journal that is not full and the room
 * that an edit reserves, and what is of one operation or section alone.
 */
static uint64_t
edit_bytes(const struct prov_limits *l)
{
    const uint64_t journal = 23, index = 6, sorted = 8, group = 48, step = 128, reserved = 2 * 23;

    return l->pool_nodes * (journal + index) + l->xml_nodes * sorted + l->sections * group +
           l->path_steps * step + l->xml_depth * reserved + l->file_bytes + 8192;
}

/* What the search keeps: the settings about it; both DHCP answers and their options; of each source
 * what was received, a few words, the address as it came, both forms of it for people, and a second
 * answer. Its addresses are counted as tries. */
static uint64_t
search_bytes(const struct prov_limits *l)
{
    const uint64_t url = (uint64_t)l->url_bytes + PROV_SESSION_STARS;
    /* A DHCPv4 option has two bytes at least and one of 254 codes, a DHCPv6 option four bytes. */
    const uint64_t options = 254 + PROV_SESSION_DHCP_BYTES / 4;
    const uint64_t dhcp =
        2 * 2 * PROV_SESSION_DHCP_BYTES + options * sizeof(struct prov_dhcp_option);
    const uint64_t words = PROV_DISCOVER_RAW + 256;

    return dhcp + PROV_DISCOVER_SOURCES * (words + 4 * url) + 8192;
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
    /* Of each file and try: address and template in the tree; both and the final address for
     * people. */
    const uint64_t text = (files + 1) * (6 * url + PROV_SESSION_DETAIL_BYTES) +
                          PROV_SESSION_TRIES * (4 * url + PROV_SESSION_DETAIL_BYTES);
    const uint64_t tree = files * sizeof(struct prov_ref_entry);
    /* Where each guess came from, twice if it was asked for again; a validator of each guess and of
     * each file; a piece of text. */
    const uint64_t recall =
        files * (2 * url + 2 * PROV_REMEMBER_VALIDATOR) + prov_session_piece_bytes(l);

    return pool + account + text + tree + recall + search_bytes(l) + edit_bytes(l) + 6 * url +
           64 * PROV_SESSION_ALIGN;
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
