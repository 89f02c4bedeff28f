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
struct prov_cfg_rules;
struct prov_layer_rules;
struct prov_trust;

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
    PROV_FILE_UNKNOWN = 0,     /**< None of the below. */
    PROV_FILE_PATCH = 1,       /**< `configuration`: sections to merge or replace. */
    PROV_FILE_SECTION = 2,     /**< A section as document root: a patch of that section. */
    PROV_FILE_REFERENCE = 3,   /**< `referencedSettings`: leads to further files. */
    PROV_FILE_OPERATIONS = 4,  /**< delete, replace, add. */
    PROV_FILE_NOTIFY_SYNC = 5, /**< `notifySync`: body of a check-sync. */
    PROV_FILE_PARAMS_XML = 6,  /**< Parameters as leaf elements (PAN-1). */
    PROV_FILE_PARAMS_TEXT =
        7,              /**< Parameters as lines of text; a magic word in the first (PAN-2). */
    PROV_FILE_DIFF = 8, /**< `diff`: add, replace, remove with `sel` (RFC 5261). */
    PROV_FILE_CERTIFICATE = 9, /**< Root certificates, PEM or DER (prov/cert.h). */
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

/** Where an address can come from; names as the tool prints them. Values are bit numbers. */
enum prov_source_kind {
    PROV_SOURCE_MANUAL = 0,     /**< `manual` */
    PROV_SOURCE_PNP = 1,        /**< `pnp` */
    PROV_SOURCE_DHCP = 2,       /**< `dhcp`: options 66, 67 and 43 combined */
    PROV_SOURCE_DHCP_160 = 3,   /**< `dhcp-160` */
    PROV_SOURCE_DHCP_159 = 4,   /**< `dhcp-159` */
    PROV_SOURCE_DHCP_66 = 5,    /**< `dhcp-66` */
    PROV_SOURCE_DHCPV6 = 6,     /**< `dhcpv6`: option 17 */
    PROV_SOURCE_REDIRECT = 7,   /**< `redirect` */
    PROV_SOURCE_DHCP_43 = 8,    /**< `dhcp-43`: option 43 as bare text or ASCII hex */
    PROV_SOURCE_DHCP_150 = 9,   /**< `dhcp-150`: addresses of TFTP servers */
    PROV_SOURCE_DHCP_125 = 10,  /**< `dhcp-125`: vendor-identifying options (RFC 3925) */
    PROV_SOURCE_DHCPV6_59 = 11, /**< `dhcpv6-59`: boot file URL (RFC 5970) */
};

/** Number of source kinds. */
#define PROV_SOURCE_KINDS 12u

/** Bit of a source in a set of them. */
#define PROV_SOURCE_BIT(kind) (1u << (kind))

/** Address state of the interface: which families have an address (DSC-2). */
enum prov_mode {
    PROV_MODE_IPV4 = 0,
    PROV_MODE_IPV6 = 1,
    PROV_MODE_DUAL = 2,
};

/** Bit of an address state in a set of them. */
#define PROV_MODE_BIT(mode) (1u << (mode))

/** All address states. */
#define PROV_MODE_ALL 7u

/** How a source makes an address of what DHCP brought (DHC-3 to DHC-8). */
enum prov_dhcp_form {
    PROV_DHCP_FORM_NONE = 0, /**< Not from DHCP. */
    /** Server and file option joined by exactly one `/`; the server alone is used alone, the file
     * alone is nothing (DHC-3). */
    PROV_DHCP_FORM_JOIN = 1,
    /** The option is an address of any form that the dialect takes (DHC-6). */
    PROV_DHCP_FORM_ADDRESS = 2,
    /** Scheme and host are mandatory; behind its path comes the file option, else the dialect's
     * default file (DHC-7: 160, 159). */
    PROV_DHCP_FORM_SERVER = 3,
    /** Only the host is mandatory; no scheme = TFTP; no file name or a `/` at the end = the default
     * file, or the file option where the region says so (DHC-7: 66). */
    PROV_DHCP_FORM_HOST = 4,
    /** IPv4 addresses of four bytes each; the first one is a TFTP server, the file option, if the
     * rule has one, its file (option 150). */
    PROV_DHCP_FORM_ADDRESSES = 5,
    /** DHCPv6 option 17, or DHCPv4 125: enterprise number, then sub-options (DHC-8). */
    PROV_DHCP_FORM_VENDOR = 6,
    /** The text is an address, as bytes or as their hexadecimal digits (43 in `generic`). */
    PROV_DHCP_FORM_BARE = 7,
};

/** Which options a source reads. */
struct prov_dhcp_rule {
    enum prov_dhcp_form form;
    bool v6;              /**< DHCPv6. */
    uint16_t option;      /**< Server or address. */
    uint16_t file_option; /**< 0 = none. */
    uint16_t sub_option;  /**< With #PROV_DHCP_FORM_VENDOR. */
    /** Option whose blocks `code length text` override those two (DHC-4: 43); 0 = none. */
    uint16_t block_option;
    bool bootp; /**< BOOTP `sname` and `file` stand in for missing ones (DHC-5). */
};

/**
 * One source in the order of DSC-1..3. The rules of a dialect stand in the order of their steps;
 * those of one step are asked at the same time.
 *
 * A step without an address stops the search if one of its sources that were asked says so. A
 * source that is not asked (mode, switch, nothing to ask) has no say.
 */
struct prov_source_rule {
    enum prov_source_kind kind;
    uint8_t step;                /**< From 1. */
    uint8_t modes;               /**< Set of #PROV_MODE_BIT in which it is asked (DSC-2). */
    bool proceed_on_nothing;     /**< Nothing found: go on (true) or stop (false) (DSC-5). */
    bool proceed_on_fetch_error; /**< The fetch of its address failed: the same choice (DSC-5). */
    /** Place of its switch in the settings, by the dialect's #prov_settings_form; empty = none. A
     * source without a switch, and one whose switch is not there, is asked (DSC-4). */
    struct prov_str enable;
    struct prov_dhcp_rule dhcp; /**< Of the sources that DHCP brings; of others not used. */
};

/** What the settings say about provisioning itself. */
enum prov_setting {
    PROV_SETTING_ACTIVE = 0,         /**< Switch: provisioning as a whole. Not there = on. */
    PROV_SETTING_URL = 1,            /**< The manual address; with markers. */
    PROV_SETTING_NOTIFY = 2,         /**< Switch: check-sync is allowed (PNP-5). Not there = off; a
                                      dialect without this setting allows it. */
    PROV_SETTING_NOTIFY_FROM = 3,    /**< Senders that may; in XML it may stand several times. */
    PROV_SETTING_NOTIFY_EVENT = 4,   /**< The event's name; empty = `check-sync`. */
    PROV_SETTING_RETRY = 5,          /**< Minutes before another attempt, 1..1440 (TRY-1). */
    PROV_SETTING_DAILY = 6,          /**< Time of day of a run every day; with one, intervals and
                                        further attempts are off (SCH-1). */
    PROV_SETTING_CYCLIC = 7,         /**< Switch: runs by interval. Not there = off. */
    PROV_SETTING_CYCLIC_MINUTES = 8, /**< Minutes from run to run, 1..40,320. */
    PROV_SETTING_TIME = 9,    /**< Time of day of a run on the weekdays below. Without one the
                                           phone has its own (`schedule`). */
    PROV_SETTING_MONDAY = 10, /**< Switch: on this day. */
    PROV_SETTING_TUESDAY = 11,
    PROV_SETTING_WEDNESDAY = 12,
    PROV_SETTING_THURSDAY = 13,
    PROV_SETTING_FRIDAY = 14,
    PROV_SETTING_SATURDAY = 15,
    PROV_SETTING_SUNDAY = 16,
    PROV_SETTING_RANDOM = 17,     /**< Switch: a random delay behind the time. Not there = off. */
    PROV_SETTING_RANDOM_MIN = 18, /**< Its least, in seconds, 0..43,200. */
    PROV_SETTING_RANDOM_MAX = 19, /**< Its most, likewise. */
};

/** What of the schedule the settings do not say (SCH-1, TRY-2). */
struct prov_schedule_preset {
    uint8_t days;           /**< Weekdays whose switches are not there; bit 0 = Monday. */
    uint32_t own_time_s;    /**< Without a time of day each phone has its own in these first seconds
                                   of the day; 0 = none. */
    uint32_t time_spread_s; /**< A part of each phone's own behind a time that is set. */
    uint32_t random_min_s;  /**< Random delay, once it is switched on. */
    uint32_t random_max_s;
    uint32_t
        interval_spread_s; /**< A part of each phone's own behind the first interval: a tenth of
                                     it, at most this. */
};

/** Where it stands. */
struct prov_setting_rule {
    enum prov_setting setting;
    struct prov_str place; /**< By the dialect's #prov_settings_form. */
};

/** What a settings file is like, and so what a place in it is. */
enum prov_settings_form {
    /** XML; names from the section on, joined by `/`, such as `provisioning/sip/active`. */
    PROV_SETTINGS_SECTIONS = 0,
    PROV_SETTINGS_LEAVES = 1, /**< XML; name of a leaf element, wherever it stands (PAN-1). */
    PROV_SETTINGS_LINES = 2,  /**< Text; name of a parameter (prov/cfg.h). */
};

/* What an address of the dialect may lack (URL-2, URL-3); see prov_discover_complete(). Bits. */
#define PROV_ADDRESS_ADD_FILE 1u    /**< No file name: the default file is added. */
#define PROV_ADDRESS_TRY_SCHEMES 2u /**< No scheme: tftp, http, https and ftp are tried in turn. */

/** A file of the second stage: the first file names it (PAN-3). */
struct prov_stage_rule {
    struct prov_str place; /**< Parameter of the first file with its address. */
    uint8_t layer;         /**< What it is: one of #prov_layer between initial and user. */
};

/** Most root certificates that a first file can name. */
#define PROV_CERTS 3u

/** A root certificate that the first file names (PAN-3). Several rows may have the same number: then
 * the first one whose parameter is there counts. */
struct prov_cert_rule {
    struct prov_str place; /**< Parameter of the first file with its address. */
    uint8_t number;        /**< 1..#PROV_CERTS: where it is saved. */
};

/** A phone family. Every pointer lives as long as the table; tables are constant. */
struct prov_dialect {
    size_t size;          /**< `sizeof(struct prov_dialect)`. */
    struct prov_str name; /**< As in `--dialect NAME`. */

    const struct prov_marker *markers;
    size_t marker_count;

    const struct prov_source_rule *sources; /**< In order of steps (DSC-1..3). */
    size_t source_count;                    /**< At most #PROV_DISCOVER_SOURCES. */

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

    enum prov_settings_form settings_form;
    const struct prov_setting_rule *settings; /**< What they say about provisioning (DSC-4). */
    size_t setting_count;
    const struct prov_cfg_rules *cfg_rules; /**< With #PROV_SETTINGS_LINES. */

    uint32_t address_flags;       /**< Set of PROV_ADDRESS_ bits. */
    uint32_t address_max;         /**< Longest address before markers, in bytes (URL-1); 0 = no
                                     limit of its own. */
    struct prov_str default_file; /**< Such as `{MODEL}.cfg`; empty = none (URL-2, DHC-7). */
    struct prov_str redirect_url; /**< Template of the redirection service's address; empty = the
                                     vendor gives one or there is none. */
    bool needs_time;              /**< Nothing is asked while the clock is unknown (DSC-6). */

    const struct prov_layer_rules *layers; /**< Settings are parameters from several files (PAN-1,
                                                PAN-2); see prov/layer.h. NULL = they are not. */
    const struct prov_stage_rule *stages;  /**< With @p layers: files that the first file names, in
                                               the order of fetching; each layer once. */
    size_t stage_count;
    struct prov_str file_key; /**< With @p layers: parameter with the pass phrase of encrypted files
                                    (PAN-4); empty = there are none. */
    struct prov_str file_bits; /**< Parameter with the length of their key: 128, 192 or 256; 128 if
                                    it is not there. */
    uint32_t retry_minutes; /**< Before another attempt, if neither the settings nor the session say
                                 anything else; 0 = the library's delays (TRY-1). */
    const struct prov_cert_rule *certs; /**< With @p layers: root certificates that the first file
                                             names. They are fetched before the stages and trusted for
                                             what follows. */
    size_t cert_count;
    const struct prov_trust *trust; /**< Where sources may lead to, unless the caller says something
                                         else (DIA-2); see prov/trust.h. NULL = anywhere. */
    struct prov_schedule_preset
        schedule; /**< What runs by time look like; all zero = as the settings
                                               say, to the minute. */
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
 * `notify-sync`, `params-xml`, `params-text`, `diff`, `certificate`, and `unknown`, also for a value that is
 * not in the enum. Constant text.
 */
PROV_API const char *prov_file_type_name(enum prov_file_type type);

/** Name of an address state as the tool takes it: `ipv4`, `ipv6`, `dual`; `""` for a value that is
 * not in the enum. Constant. */
PROV_API const char *prov_mode_name(enum prov_mode mode);

/** Name of a source as the tool prints it, `""` for a value that is not in the enum. Constant. */
PROV_API const char *prov_source_name(enum prov_source_kind kind);

#ifdef __cplusplus
}
#endif
#endif /* PROV_DIALECT_H */
