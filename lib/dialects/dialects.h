/* SPDX-License-Identifier: MIT */
#ifndef PROV_DIALECTS_DIALECTS_H
#define PROV_DIALECTS_DIALECTS_H

/* The tables of this ring. Data only: what looks things up in them is core/dialect.c. */

#include <prov/dialect.h>
#include <prov/layer.h>
#include <prov/migrate.h>
#include <prov/schema.h>

extern const struct prov_dialect prov_dialect_auerswald_d;
extern const struct prov_dialect prov_dialect_auerswald_d100;
extern const struct prov_dialect prov_dialect_generic;
extern const struct prov_dialect prov_dialect_panasonic_hdv;
extern const struct prov_dialect prov_dialect_panasonic_utg;

#define PROV_AUERSWALD_SCHEMAS 8
#define PROV_AUERSWALD_MIGRATIONS 2

extern const struct prov_schema prov_auerswald_schemas[PROV_AUERSWALD_SCHEMAS];
extern const struct prov_migration prov_auerswald_migrations[PROV_AUERSWALD_MIGRATIONS];

/* Of the phones in panasonic.c, and of older ones with the same files as KX-HDV. */
extern const struct prov_cfg_rules prov_panasonic_hdv_cfg;
extern const struct prov_layer_rules prov_panasonic_hdv_layers;
extern const struct prov_layer_rules prov_panasonic_ut_layers;
extern const struct prov_layer_rules prov_panasonic_utg_layers;

extern const struct prov_dialect *const prov_dialect_table[]; /* sorted by name */
extern const size_t prov_dialect_table_count;

#endif /* PROV_DIALECTS_DIALECTS_H */
