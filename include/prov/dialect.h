/* SPDX-License-Identifier: MIT */
#ifndef PROV_DIALECT_H
#define PROV_DIALECT_H

/**
 * @file
 * @brief What makes one phone family differ from another: constant tables, nothing else (DIA-1).
 *
 * Layer: types for core and dialects. A vendor may bring a table of its own;
 * the engine has no vendor's name in it.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct prov_schema;
struct prov_migration;

/** What a phone is. All spans are borrowed as long as the identity is used. */
struct prov_identity {
    size_t size; /**< `sizeof(struct prov_identity)`. */
    struct prov_str
        mac; /**< 12 hexadecimal digits of any case, optionally with `:` or `-` between pairs. */
    struct prov_str model;  /**< Such as `KX-HDV130`. */
    struct prov_str type;   /**< Such as `D200`. */
    struct prov_str serial; /**< Serial number. */
    struct prov_str fwver;  /**< Firmware version. */
    struct prov_str vendor; /**< Maker, for discovery. */
};

/** What stands for a marker. */
enum prov_marker_value {
    PROV_MARKER_MAC_UPPER = 0, /**< 12 digits, upper case, no separators. */
    PROV_MARKER_MAC_LOWER = 1, /**< 12 digits, lower case, no separators. */
    PROV_MARKER_MODEL = 2,
    PROV_MARKER_TYPE = 3,
    PROV_MARKER_SERIAL = 4,
    PROV_MARKER_FWVER = 5,
};

/** A marker with its brackets, and what stands for it (MAC-1, MAC-2). */
struct prov_marker {
    struct prov_str text;
    enum prov_marker_value value;
};

/** Kinds of files, told by content, never by name (DOC-1). Values are bit numbers. */
enum prov_file_type {
    PROV_FILE_UNKNOWN = 0,        /**< None of the below. */
    PROV_FILE_PATCH = 1,          /**< `configuration`: sections to merge or replace. */
    PROV_FILE_SECTION = 2,        /**< A section as document root: a patch of that section. */
    PROV_FILE_REFERENCE = 3,      /**< `referencedSettings`: leads to further files. */
    PROV_FILE_OPERATIONS = 4,     /**< delete, replace, add. */
    PROV_FILE_NOTIFY_SYNC = 5,    /**< `notifySync`: body of a check-sync. */
    PROV_FILE_PANASONIC_XML = 6,  /**< `PANASIPPhoneConfig`. */
    PROV_FILE_PANASONIC_TEXT = 7, /**< First comment line with the magic of a text file. */
    PROV_FILE_DIFF = 8,           /**< `diff`: add, replace, remove with `sel` (RFC 5261). */
};

/** Bit of a file type in a set of them. */
#define PROV_FILE_BIT(type) (1u << (type))

/** A list whose members are told apart by an attribute (PAT-3) or by position (PAT-4). */
struct prov_list_rule {
    struct prov_str path; /**< From the section, steps by name or an asterisk, joined by `/`. */
    struct prov_str key;  /**< Attribute that is unique; empty = by position. */
    uint32_t max;         /**< Most members; 0 = no maximum. */
};

/** How a section of a change meets the one of the settings (PAT-1). */
enum prov_patch_mode {
    PROV_PATCH_MERGE = 0,
    PROV_PATCH_REPLACE = 1,
};

/** What happens when a file of a reference tree cannot be had or read (REF-4). */
enum prov_tree_policy {
    PROV_TREE_ALL_OR_NOTHING = 0,
    PROV_TREE_USE_OTHERS = 1,
};

/** Where an address can come from; names as the tool prints them. */
enum prov_source_kind {
    PROV_SOURCE_MANUAL = 0,   /**< `manual` */
    PROV_SOURCE_PNP = 1,      /**< `pnp` */
    PROV_SOURCE_DHCP = 2,     /**< `dhcp`: options 66, 67 and 43 combined */
    PROV_SOURCE_DHCP_160 = 3, /**< `dhcp-160` */
    PROV_SOURCE_DHCP_159 = 4, /**< `dhcp-159` */
    PROV_SOURCE_DHCP_66 = 5,  /**< `dhcp-66` */
    PROV_SOURCE_DHCPV6 = 6,   /**< `dhcpv6` */
    PROV_SOURCE_REDIRECT = 7, /**< `redirect` */
};

/** One source in the order of DSC-1..3. Equal steps are asked at the same time. */
struct prov_source_rule {
    enum prov_source_kind kind;
    uint8_t step;                /**< From 1. */
    bool proceed_on_nothing;     /**< Nothing found: go on (true) or stop (false) (DSC-5). */
    bool proceed_on_fetch_error; /**< The fetch of its address failed: the same choice (DSC-5). */
};

/** A phone family. Every pointer lives as long as the table; tables are constant. */
struct prov_dialect {
    size_t size;          /**< `sizeof(struct prov_dialect)`. */
    struct prov_str name; /**< As in `--dialect NAME`. */

    const struct prov_marker *markers;
    size_t marker_count;

    const struct prov_source_rule *sources; /**< In order of steps. */
    size_t source_count;

    uint32_t file_types;  /**< Set of #PROV_FILE_BIT that a run accepts. */
    uint32_t first_types; /**< Set accepted from a file given by hand (DOC-3). */

    struct prov_str settings_root;   /**< Root element of the settings file. */
    struct prov_str settings_empty;  /**< Text of a settings file without any section, for a phone
                                        that has none. */
    const struct prov_str *sections; /**< Known sections, for a section as document root. */
    size_t section_count;

    const struct prov_list_rule *lists; /**< The first one that fits an element counts. */
    size_t list_count;

    enum prov_patch_mode patch_preset; /**< When neither attribute is there (PAT-1). */
    bool patch_attributes;             /**< `patch` and `patchDefault` are honoured. */

    struct prov_str reference_element; /**< Name of the URL elements of a reference file (REF-2). */
    enum prov_tree_policy tree_policy;

    const struct prov_schema *schemas; /**< See prov/schema.h. Of one section the newest first. */
    size_t schema_count;
    const struct prov_migration *migrations; /**< See prov/migrate.h. Of one section the oldest
                                                  first. */
    size_t migration_count;
};

/**
 * The dialects of this library (DIA-1), sorted by name.
 *
 * @param[out] count  Number of entries. May be NULL.
 * @return    Constant table of pointers to constant tables; lives as long as the program.
 * @threads   Safe from any thread.
 * @cost      Constant.
 */
PROV_API const struct prov_dialect *const *prov_dialects(size_t *count);

/**
 * The dialect of a name, byte for byte, NULL if there is none.
 *
 * @threads   Safe from any thread.
 * @cost      O(dialects).
 */
PROV_API const struct prov_dialect *prov_dialect_find(struct prov_str name);

/**
 * Name of a kind of file as the tool prints it: `patch`, `section`, `reference`, `operations`,
 * `notify-sync`, `panasonic-xml`, `panasonic-text`, `diff`, and `unknown`, also for a value that is not in
 * the enum. Constant text.
 */
PROV_API const char *prov_file_type_name(enum prov_file_type type);

/** Name of a source as the tool prints it, `""` for a value that is not in the enum. Constant. */
PROV_API const char *prov_source_name(enum prov_source_kind kind);

#ifdef __cplusplus
}
#endif
#endif /* PROV_DIALECT_H */
