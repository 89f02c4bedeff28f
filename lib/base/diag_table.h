/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_DIAG_TABLE_H
#define PROV_BASE_DIAG_TABLE_H

/* The registry as the library carries it; diag_table.c is generated. */

#include <stddef.h>
#include <stdint.h>

struct prov_diag_entry {
    uint16_t code;
    uint16_t severity; /* enum prov_severity */
    const char *text;
    const char *remedy;
};

extern const struct prov_diag_entry prov_diag_table[]; /* sorted by code */
extern const size_t prov_diag_table_count;

#endif /* PROV_BASE_DIAG_TABLE_H */
