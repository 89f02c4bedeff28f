/* SPDX-License-Identifier: MIT */
#ifndef PROV_MADE_H
#define PROV_MADE_H

/* A dialect that no phone has: a section of many versions, and a restart. */

#include <prov/migrate.h>

#include "support/prov_cmocka.h"

#define S PROV_STR_INIT
#define STEP(v, k, path, value) \
    { \
        S("s"), v, PROV_MIGRATION_##k, S(path), S(value) \
    }
#define V(a, b, c) \
    { \
        a, b, c \
    }

/* A made-up section, today in version 3.0.0, and five steps that lead there. */

static const struct prov_value_type made_any = { .kind = PROV_VALUE_ANY };
static const struct prov_value_type made_number = { .kind = PROV_VALUE_INT, .max = 99 };

#define LEAF(n) \
    { \
        .name = S(n), .text = &made_any, .max = PROV_SCHEMA_MANY \
    }
#define TREE(n, c) \
    { \
        .name = S(n), .max = 9, .children = (c), .child_count = PROV_COUNT(c) \
    }

static const struct prov_schema_attribute made_entry_attributes[] = { { S("id"), false, NULL } };
static const struct prov_schema_element made_entries[] = {
    { .name = S("entry"),
      .max = 9,
      .text = &made_any,
      .attributes = made_entry_attributes,
      .attribute_count = 1 },
};
static const struct prov_schema_element made_timers[] = {
    LEAF("short"),
    { .name = S("long"), .flags = PROV_SCHEMA_RESTART, .text = &made_number },
};
static const struct prov_schema_element made_today[] = {
    LEAF("plain"),
    TREE("allow", made_entries),
    TREE("timers", made_timers),
    { .name = S("free"), .flags = PROV_SCHEMA_FREE },
    { .name = S("open"), .flags = PROV_SCHEMA_OPEN },
};

/* In version 2 the timers stood in the section, and in version 1 the list had another name. */
static const struct prov_schema_element made_former[] = {
    LEAF("plain"),
    TREE("allow", made_entries),
    LEAF("short"),
    LEAF("legacy"),
};
static const struct prov_schema_element made_members[] = { LEAF("member") };
static const struct prov_schema_element made_first[] = { LEAF("plain"),
                                                         TREE("white", made_members) };

static const struct prov_schema made_schemas[] = {
    { V(3, 0, 0), TREE("s", made_today) },
    { V(2, 1, 0), TREE("s", made_former) },
    { V(1, 0, 0), TREE("s", made_first) },
    { V(1, 2, 3), TREE("plainOnly", made_members) },
};

static const struct prov_migration made_steps[] = {
    STEP(V(2, 0, 0), RENAME, "white", "allow"),
    STEP(V(2, 0, 0), RENAME, "allow/member", "entry"),
    STEP(V(2, 2, 0), MOVE, "short", "timers"),
    STEP(V(2, 2, 0), DELETE, "legacy", ""),
    STEP(V(3, 0, 0), DEFAULT, "timers/long", "60"),
};

static const struct prov_dialect made = {
    .size = sizeof(struct prov_dialect),
    .name = S("made"),
    .file_types = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_OPERATIONS),
    .first_types = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_OPERATIONS),
    .settings_root = S("configuration"),
    .patch_attributes = true,
    .schemas = made_schemas,
    .schema_count = PROV_COUNT(made_schemas),
    .migrations = made_steps,
    .migration_count = PROV_COUNT(made_steps),
};

#undef LEAF
#undef TREE

#endif /* PROV_MADE_H */
