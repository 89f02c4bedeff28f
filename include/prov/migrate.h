/* SPDX-License-Identifier: MIT */
#ifndef PROV_MIGRATE_H
#define PROV_MIGRATE_H

/**
 * @file
 * @brief Sections written for other firmware are brought to the form of today (MIG-1, MIG-2).
 *
 * Layer: core (pure). Called by prov_patch_apply() for each section of a patch that has a schema,
 * before it meets the settings. Operations are never migrated (OPS-1).
 */

#include <prov/schema.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a step does. */
enum prov_migration_kind {
    PROV_MIGRATION_RENAME = 0,  /**< Each element at @p path gets the name @p value. */
    PROV_MIGRATION_MOVE = 1,    /**< Each element at @p path goes to the end of the element at the
                                     path @p value, which is made if it is not there. */
    PROV_MIGRATION_DELETE = 2,  /**< Each element at @p path is left out. */
    PROV_MIGRATION_DEFAULT = 3, /**< Where the element around the last step is there but not the
                                     last step, that is added, with the text @p value. */
    PROV_MIGRATION_SET = 4,     /**< As the default, and those that are there get the text @p value
                                     in place of what they hold; their attributes stay. */
};

/**
 * One step. A path goes from the section (which it does not name) down, steps by name or an
 * asterisk, joined by `/`; the last step of a default, and every step of a place to move to, is a
 * name.
 */
struct prov_migration {
    struct prov_str section;    /**< Name of the section. */
    struct prov_version before; /**< First version that has the new form: the step is for all that
                                     are older. */
    enum prov_migration_kind kind;
    struct prov_str path;
    struct prov_str value; /**< New name, place or text; plain. */
};

/** What came of it. */
struct prov_migrated {
    uint32_t steps;    /**< Steps that were for this version. */
    uint32_t stripped; /**< Elements and attributes left out. */
    bool newer;        /**< The section is newer than the phone. */
};

/**
 * Are the migrations of a dialect sound: every path and name is well formed, the steps of a section
 * are sorted by version, none is for a version that its schema does not have yet?
 *
 * @param[in] dialect  The table.
 *
 * @retval PROV_OK     They are.
 * @retval PROV_E_ARG  @p dialect is NULL, or they are not.
 * @threads   Safe from any thread.
 * @cost      O(migrations * schemas).
 */
PROV_API PROV_NODISCARD enum prov_status prov_migrations_verify(const struct prov_dialect *dialect);

/**
 * Bring a section of a change to the form of the phone's version (MIG-1).
 *
 * The version is that of the attribute `version`; else that of the newest schema of the section that
 * the section keeps to; else 0.0.0. The steps are applied one by one, oldest first. What the newest
 * schema does not know is left out, each with a warning, the first few by name. An attribute
 * `version` then says the phone's version. A section that is newer than the phone is only stripped,
 * with a warning.
 *
 * @param[in,out] x        The pool.
 * @param[in]     section  Element of the section, in a change. It is edited; what belongs to the
 * change alone (`patch`) must be gone.
 * @param[in]     dialect  Rules. Without a schema for the section nothing is done.
 * @param[in]     present  Version of the same section in the phone's settings, or 0.0.0; the phone's
 * version is this or that of the newest schema, whichever is newer.
 * @param[in,out] diags    Gets warnings. May be NULL.
 * @param[out]    out      What was done. Unless #PROV_OK it is left as it was. May be NULL.
 *
 * @retval PROV_OK       Done.
 * @retval PROV_E_ARG    @p x or @p dialect is NULL, the section does not exist, or a table is not
 * sound.
 * @retval PROV_E_SPACE  No room for edits. Some may have been made: open a mark before.
 * @ownership Subjects of warnings point into the source.
 * @memory    Rewritten and made tags in perm memory; records of the pool for what is made.
 * @threads   A pool is used by one thread at a time.
 * @cost      O(size of the section * (steps + 1)), and one check for each schema of the section if
 * it has steps and no version.
 */
PROV_API PROV_NODISCARD enum prov_status prov_migrate_section(struct prov_xml *x, uint32_t section,
                                                              const struct prov_dialect *dialect,
                                                              struct prov_version present,
                                                              struct prov_diags *diags,
                                                              struct prov_migrated *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_MIGRATE_H */
