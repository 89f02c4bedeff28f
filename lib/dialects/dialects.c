/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

const struct prov_dialect *const prov_dialect_table[] = {
    &prov_dialect_auerswald_d,   &prov_dialect_auerswald_d100, &prov_dialect_generic,
    &prov_dialect_panasonic_hdv, &prov_dialect_panasonic_utg,
};

const size_t prov_dialect_table_count = sizeof(prov_dialect_table) / sizeof(prov_dialect_table[0]);
