/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_SCHEMA_WALK_H
#define PROV_CORE_SCHEMA_WALK_H

/* What check, stripping and values share. */

#include <prov/schema.h>

#include "core/xml/xml.h"

/* The walk over a section beside its table: one level for each element around the present one. */
struct prov_schema_level {
    const struct prov_schema_element *element;
    uint32_t hint; /* child of the table that was found last: the next one is near */
};
struct prov_schema_walk {
    const struct prov_xml *x;
    uint32_t node;
    uint32_t depth;
    struct prov_schema_level levels[PROV_SCHEMA_DEPTH];
};

/* Starts at the section. */
void prov_schema_walk_begin(struct prov_schema_walk *w, const struct prov_xml *x, uint32_t section,
                            const struct prov_schema_element *element);

/* To the next element that the table knows, in document order; false at the end. */
bool prov_schema_walk_next(struct prov_schema_walk *w);

/* To the next one behind all that is below the present one. */
bool prov_schema_walk_pass(struct prov_schema_walk *w);

static inline const struct prov_schema_element *
prov_schema_walk_element(const struct prov_schema_walk *w)
{
    return w->levels[w->depth].element;
}

/* Child of the table that this element is, its index + 1; 0 if there is none. */
uint32_t prov_schema_child(const struct prov_schema_element *parent, const struct prov_xml *x,
                           uint32_t node, uint32_t *hint);

/* The table names the attribute, or it is good anywhere. of_section: of the section itself. */
bool prov_schema_knows(const struct prov_schema_element *e, struct prov_str attribute,
                       bool of_section);

/* ---- What need not be checked again ---- */

/* A bit for each text of the pool. */
#define PROV_SCHEMA_TEXTS 32u

static inline void
prov_schema_set_checked(uint8_t checked[PROV_SCHEMA_TEXTS], uint8_t source)
{
    checked[source / 8] |= (uint8_t)(1u << source % 8);
}

/*
 * prov_schema_check(), but what was read from one of these texts and is as it was read is good where
 * it stands: it was there, and checked, before.
 */
enum prov_status prov_schema_check_rest(struct prov_xml *x, uint32_t section,
                                        const struct prov_schema *schema,
                                        const uint8_t checked[PROV_SCHEMA_TEXTS],
                                        struct prov_diag *diag);

/* ---- Values (value.c, where versions are, too) ---- */

/* The rule that a value breaks, PROV_D_NONE if it is good. need: the limit, or 0. PROV_E_ARG if
 * the type's pattern is malformed. */
enum prov_status prov_value_check(const struct prov_value_type *type, struct prov_xml_chars *chars,
                                  enum prov_diag_code *code, size_t *need);

/* The type can be used. */
bool prov_value_type_is_sound(const struct prov_value_type *type);

#endif /* PROV_CORE_SCHEMA_WALK_H */
