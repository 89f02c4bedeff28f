/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_REGION_H
#define PROV_SESSION_REGION_H

/*
 * Byte strings of unknown length that grow side by side in one block of memory.
 *
 * Strings that are complete lie at the bottom and never move again. Above them lie the growing
 * ones, each with some slack; when one needs room the later ones are moved up. Together they can
 * fill the block to the last byte: slack is given back before a byte is refused.
 */

#include <prov/str.h>

struct prov_region_part {
    size_t start; /* offset in the block */
    size_t len;
    size_t room; /* bytes at start, len of them in use */
    bool open;
    uint32_t nth; /* a row of its own: the n-th growing part from bottom to top */
};

struct prov_region {
    char *mem;
    size_t cap;
    size_t kept; /* complete strings, at the bottom */
    size_t used; /* kept, and all bytes of the growing ones */
    struct prov_region_part *parts;
    uint32_t count; /* of growing parts */
};

/* A block, and as many parts as may grow at a time; what is in them does not matter. */
void prov_region_init(struct prov_region *r, char *mem, size_t cap, struct prov_region_part *parts,
                      uint32_t part_count);

/* Begin a string. One that is not growing MUST be left. */
uint32_t prov_region_open(struct prov_region *r);

/* Bytes that can still be appended to any of them. */
size_t prov_region_left(const struct prov_region *r);

/* Amortised O(n) for the string itself, plus moving those above it. False, and nothing changed, if
 * more than prov_region_left() is asked. */
bool prov_region_append(struct prov_region *r, uint32_t part, const void *bytes, size_t n);

/* What a growing string has so far. Valid until anything is appended or kept. */
struct prov_str prov_region_text(const struct prov_region *r, uint32_t part);

/* The string is complete: from now on it stays where it is. O(bytes of all growing strings). */
struct prov_str prov_region_keep(struct prov_region *r, uint32_t part);

/* Forget a growing string. */
void prov_region_drop(struct prov_region *r, uint32_t part);

#endif /* PROV_SESSION_REGION_H */
