/* SPDX-License-Identifier: MIT */
#ifndef PROV_DISCOVER_H
#define PROV_DISCOVER_H

/**
 * @file
 * @brief Where the address comes from: facts and policy to an ordered plan with reasons
 *        (DSC-1..8, DIA-2, URL-2, URL-3).
 *
 * Layer: core (pure). A machine that says what to ask and is told the answers; it knows no network,
 * and time only as an argument. The session uses it for a run, `prov plan` for a run on paper.
 *
 * Sources are asked step by step, those of one step at the same time. The first answer of a step
 * that leads to an address wins and the others of the step are cancelled (DSC-1). What is refused
 * counts as nothing found (DSC-5). Each source leaves a record (DSC-7).
 *
 * A policy (prov/trust.h) refuses addresses as a wrong form does. Of the addresses that one without a
 * scheme stands for (URL-3) those that are refused are left out.
 *
 *     while (prov_discover_next(&d, now_ms, &what, &need) == PROV_OK) {
 *         PROV_DISCOVER_ASK      begin to ask `need`; answer later, or at once
 *         PROV_DISCOVER_CANCEL   stop asking `need`
 *         PROV_DISCOVER_WAIT     wait for an answer: prov_discover_dhcp(), _address(),
 *                                _document(), _nothing() or _refused()
 *         PROV_DISCOVER_FOUND    fetch prov_discover_url(); if that fails outside, call
 *                                prov_discover_fetch_failed() and go on
 *         PROV_DISCOVER_NOTHING  the end
 *     }
 *
 * Every ask ends with exactly one answer or with its cancel. An answer nobody asked for changes
 * nothing; one that comes after its source lost, but before the cancel was told, goes into the
 * record. DHCP is asked once in a search, when the first source that needs it is reached; its
 * answer serves the later ones too.
 *
 * Whether the time has to be known first (DSC-6) and which family of addresses is preferred (DSC-8)
 * is for the caller to see to: the one comes before a search, the other after it.
 *
 * Memory. Texts live in the caller's arena, as perm memory. For each source: at most three
 * addresses of `url_bytes`, #PROV_DISCOVER_RAW and 128 bytes, and the name of who answered; if it
 * led to an address, the complete ones of at most `url_bytes` each, and the address as it came, at
 * most twice as long. Once: the answers of DHCP and DHCPv6, at most 4,096 bytes each, with the lists
 * of their options. Scratch is given back before a call returns: at most 2 * `url_bytes` + 10 KiB.
 * When the arena is used up the search ends with #PROV_E_SPACE.
 *
 * Secrets. Records hold none. Candidates, and the arena, do: an address may carry user and
 * password.
 *
 * Threads. A search is used by one thread at a time; different searches are independent.
 */

#include <prov/arena.h>
#include <prov/base.h>
#include <prov/dhcp.h>
#include <prov/dialect.h>
#include <prov/limits.h>
#include <prov/macro.h>
#include <prov/param.h>
#include <prov/schedule.h>
#include <prov/trust.h>
#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most sources of a dialect or of an order of one's own. */
#define PROV_DISCOVER_SOURCES 32u

/** Most addresses that one source can lead to (URL-3). */
#define PROV_DISCOVER_URLS 4u

/* ---- Policy ---- */

/** A choice that may be left to the dialect. */
enum prov_choice {
    PROV_CHOICE_PRESET = 0, /**< As the dialect has it. */
    PROV_CHOICE_YES = 1,
    PROV_CHOICE_NO = 2,
};

/** Overrides of what the dialect and the settings say (DIA-2). All zero but @p size = none, with an
 * IPv4 address only. Spans and tables are borrowed as long as the machine is used. */
struct prov_discover_options {
    size_t size;                            /**< `sizeof(struct prov_discover_options)`. */
    enum prov_mode mode;                    /**< Address state of the interface (DSC-2). */
    const struct prov_source_rule *sources; /**< Another order; NULL = the dialect's. */
    size_t source_count;                    /**< Entries at @p sources; not used without it. */
    /** Set of #PROV_SOURCE_BIT that are not asked, whatever else says so. */
    uint32_t disabled;
    /** Set of those that are asked even if the settings switch them, or provisioning, off. */
    uint32_t enabled;
    enum prov_choice proceed_on_nothing;     /**< For all sources (DSC-5). */
    enum prov_choice proceed_on_fetch_error; /**< For all sources (DSC-5). */
    /** With markers; goes before the address in the settings, and is used even if they switch
     * provisioning off. */
    struct prov_str manual_url;
    struct prov_str redirect_url; /**< Template with markers; goes before the dialect's. */
    uint32_t enterprise;          /**< Of DHCP vendor options; 0 = any (DHC-8). */
    bool region_us;               /**< DHC-7. */
    enum prov_choice needs_time;  /**< DSC-6; for the caller, the machine does not look at it. */
    bool macro_raw;               /**< Marker values are written as they are (MAC-3). */
    /** Where sources may lead to; goes before the dialect's. NULL = the dialect's, or none. One of
     * zeros takes the dialect's away. */
    const struct prov_trust *trust;
};

/** What the settings say about provisioning (DSC-4, PNP-5). All zero = nothing, no check-sync. */
struct prov_discover_settings {
    uint32_t said;       /**< Set of #PROV_SOURCE_BIT whose switch stands there. */
    uint32_t on;         /**< Those of them that are switched on. */
    bool off;            /**< Provisioning as a whole is switched off. */
    struct prov_str url; /**< Manual address; empty = none. Lives in the arena. */
    bool notify;         /**< check-sync is allowed: its switch is on, or the dialect has none. */
    struct prov_str notify_event;       /**< Empty = `check-sync`. Lives in the arena. */
    const struct prov_str *notify_from; /**< Senders that may. Lives in the arena. */
    size_t notify_from_count;           /**< Entries at @p notify_from. */
    uint32_t retry_minutes;             /**< Before another attempt; 0 = not said (TRY-1). */
    bool daily; /**< A time of day is set: failures are not tried again (SCH-1). */
    struct prov_schedule schedule; /**< When runs come; none if provisioning is switched off. */
};

/**
 * Read them from an XML settings document (DSC-4, PNP-5).
 *
 * A source that has no switch there counts as not said: it is asked. What is no switch value (true,
 * false, 1, 0, Y, N, yes, no, on, off, without regard to case) is a warning and counts as not
 * there; so does a value of more than 4,096 bytes. An empty element counts as not there. Of equal
 * elements the last one counts (PAN-1). Blanks around values do not count. Times of day and numbers
 * that are none, or outside their range, are warnings too and count as not there.
 *
 * @param[in]     dialect  Places, and the form of its settings.
 * @param[in]     x        Pool that holds the document.
 * @param[in]     root     Its root element; its name does not matter.
 * @param[in,out] arena    For values; perm. Scratch: 4 KiB, given back.
 * @param[out]    out      Unless #PROV_OK it is left as it was.
 * @param[in,out] diags    Gets warnings; they name the place, never the value. May be NULL.
 *
 * @retval PROV_OK       Read.
 * @retval PROV_E_ARG    A pointer but @p diags is NULL, @p root does not exist, or the settings of
 *                       the dialect are no XML.
 * @retval PROV_E_SPACE  The arena is used up; `arena->need` would have done so far.
 * @threads   As for the arena and the pool.
 * @cost      O(elements) for each place.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_discover_read_xml(const struct prov_dialect *dialect, const struct prov_xml *x, uint32_t root,
                       struct prov_arena *arena, struct prov_discover_settings *out,
                       struct prov_diags *diags);

/**
 * The same from parameters, such as those of all layers together. Those without a line number count.
 *
 * @param[in]     params  Borrowed for the call.
 *
 * @retval PROV_OK       Read.
 * @retval PROV_E_ARG    A pointer but @p diags is NULL.
 * @retval PROV_E_SPACE  The arena is used up.
 * @threads   As for the arena.
 * @cost      O(log n) for each place.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_discover_read_params(const struct prov_dialect *dialect, const struct prov_params *params,
                          struct prov_arena *arena, struct prov_discover_settings *out,
                          struct prov_diags *diags);

/**
 * The same from a text of parameters (#PROV_SETTINGS_LINES).
 *
 * @param[in]     source  Name of the text for diagnostics. Borrowed as long as @p diags.
 * @param[in]     text    Borrowed for the call.
 * @param[in,out] diags   As above; and one error if the text is refused as a whole.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_ARG     A pointer but @p diags is NULL, the settings of the dialect are no text of
 *                        parameters, or the text has UINT32_MAX bytes or more.
 * @retval PROV_E_SPACE   The arena is used up.
 * @retval PROV_E_TYPE    The text is refused and says nothing, see prov_cfg_begin(); so with the
 *                        next two.
 * @retval PROV_E_LIMIT   Likewise.
 * @retval PROV_E_SYNTAX  Likewise.
 * @threads   As for the arena.
 * @cost      O(text.len) for each place.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_discover_read_text(const struct prov_dialect *dialect, struct prov_str source,
                        struct prov_str text, struct prov_arena *arena,
                        struct prov_discover_settings *out, struct prov_diags *diags);

/* ---- The record ---- */

/** What asking a source led to. Names as the tool prints them. */
enum prov_source_outcome {
    PROV_SOURCE_NOT_ASKED = 0, /**< `not asked` */
    PROV_SOURCE_NOTHING = 1,   /**< `nothing` */
    PROV_SOURCE_URL = 2,       /**< `url` */
    PROV_SOURCE_REFUSED = 3,   /**< `refused` */
};

/** Most bytes of what was received that a record keeps. */
#define PROV_DISCOVER_RAW 800u

/**
 * One source of the record (DSC-7). Text holds no secrets and lives in the arena of the search.
 *
 * A source that lost to another one of its step was cancelled (`nothing`), was not asked any more
 * (`not asked`), or has an address that is not used (`url`, but not @p won).
 */
struct prov_source_record {
    enum prov_source_kind kind;
    uint8_t step; /**< Of the rule. Equal ones are asked at the same time. */
    enum prov_source_outcome outcome;
    bool won;
    bool tried;             /**< Its address was given out to be fetched. */
    const char *reason;     /**< Constant text: why it won, lost or was not asked. Never NULL. */
    struct prov_str before; /**< The address before markers, redacted; cut at `url_bytes`. */
    struct prov_str url;    /**< After markers, redacted; the first, if there are several. */
    /** What was asked, for people: `options 66, 67, 43`, `SUBSCRIBE by multicast`, the address of
     * the redirection service (redacted). Empty for the manual source. */
    struct prov_str asked;
    struct prov_str from; /**< Who answered, as text; empty if not known. */
    /** Bytes received, at most #PROV_DISCOVER_RAW, for people who ask for them. Of DHCP: the
     * options that the source reads, each with code and length, split ones joined before; BOOTP
     * fields as if they were the options they stand for. User parts of addresses are overwritten
     * with `*`, and as it cannot be known where a password ends, rather more than that. */
    struct prov_str raw;
    struct prov_str conflict; /**< A second, different answer, redacted (PNP-4); empty = none. */
    bool begun;               /**< It was asked. */
    bool ended;               /**< It answered, or was given up. */
    uint64_t began_ms;        /**< On the clock of prov_discover_next(); 0 unless @p begun. */
    uint64_t ended_ms;        /**< 0 unless @p ended. */
};

/* ---- The machine ---- */

/** Whom to ask. One need may serve several sources: DHCP is asked once. */
enum prov_need {
    PROV_NEED_DHCP4 = 0,    /**< prov_discover_params() says which options. */
    PROV_NEED_DHCP6 = 1,    /**< The same. */
    PROV_NEED_PNP = 2,      /**< SIP SUBSCRIBE by multicast (PNP-1). */
    PROV_NEED_REDIRECT = 3, /**< The service at prov_discover_redirect_url(). */
};

/** What the machine wants. */
enum prov_discover_do {
    PROV_DISCOVER_ASK = 0, /**< Ask @p need; answer later. Call again at once: there may be more. */
    PROV_DISCOVER_CANCEL = 1,  /**< Stop asking @p need: it lost. Call again at once. */
    PROV_DISCOVER_WAIT = 2,    /**< Answers are owed. */
    PROV_DISCOVER_FOUND = 3,   /**< prov_discover_url() has the address to fetch now. */
    PROV_DISCOVER_NOTHING = 4, /**< No source has an address, or none is left to be tried. */
};

/** What a search needs. Everything but the struct itself is borrowed as long as the search. */
struct prov_discover_config {
    size_t size;                                   /**< `sizeof(struct prov_discover_config)`. */
    const struct prov_dialect *dialect;            /**< REQUIRED. */
    const struct prov_macro_set *macros;           /**< REQUIRED. */
    const struct prov_discover_options *options;   /**< NULL = none. Copied. */
    const struct prov_discover_settings *settings; /**< NULL = they say nothing. Copied. */
    const struct prov_limits *limits;              /**< `url_bytes`; NULL = defaults. Copied. */
    struct prov_arena *arena;                      /**< REQUIRED. See memory, above. */
    struct prov_source_record *records; /**< REQUIRED. Room for all sources of the order. Read them
                                           at any time; a caller may change `asked`. */
    struct prov_diags *diags;           /**< REQUIRED. Subjects and sources live in the arena. */
    const struct prov_trust_known *known; /**< What a policy compares with; NULL = a phone that was
                                               never provisioned. Copied, its span is borrowed. */
};

/** One candidate address, unredacted. Spans live in the arena, or where the manual address does. */
struct prov_discover_candidate {
    struct prov_str before; /**< As it was given, before markers. */
    struct prov_str url;    /**< After markers; complete. Credentials included. */
};

/** A search. In the caller's memory; members are private. */
struct prov_discover {
    const struct prov_dialect *dialect;
    const struct prov_macro_set *macros;
    struct prov_discover_options options;
    struct prov_discover_settings settings;
    struct prov_limits limits;
    struct prov_trust trust;
    struct prov_trust_known known;
    struct prov_arena *arena;
    struct prov_diags *diags;
    const struct prov_source_rule *rules;
    struct prov_source_record *records;
    size_t count;
    size_t from, to;       /* the step that is being asked */
    size_t winner;         /* SIZE_MAX = none yet */
    uint32_t off;          /* sources that are not asked, a bit each */
    uint32_t waiting;      /* sources of the step that may still win */
    uint32_t owed[4];      /* sources that wait for the answer to a need */
    uint8_t need_state[4]; /* enum prov_need_state */
    bool began;            /* the fetch of the winner's address */
    bool ended;
    struct prov_dhcp_facts facts[2];
    struct prov_str redirect; /* address of the service, markers replaced */
    struct prov_discover_candidate candidates[PROV_DISCOVER_URLS];
    size_t candidate_count, candidate;
    uint64_t now_ms;
    enum prov_status refused; /* the first refusal */
    enum prov_status fatal;
};

/**
 * Prepare a search: sets up the records, with the reason of each source that will not be asked.
 *
 * @param[out] d       Unless #PROV_OK it is left as it was.
 * @param[in]  config  Borrowed for the call; what it points to longer, see there.
 * @param[out] diag    Filled on every result but #PROV_OK. May be NULL.
 *
 * @retval PROV_OK     Call prov_discover_next().
 * @retval PROV_E_ARG  @p d, @p config or a REQUIRED member is NULL, a choice or the mode is not in
 *                     its enum, a limit is outside its range; or the order has more than
 *                     #PROV_DISCOVER_SOURCES sources or a step that is lower than the one before.
 * @retval PROV_E_ABI  The `size` of config, options, limits or the policy does not fit;
 *                     `diag->subject` says which.
 * @retval PROV_E_SYNTAX  As prov_trust_resolve().
 * @memory    None yet.
 * @threads   A search is used by one thread at a time.
 * @cost      O(sources).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_discover_init(struct prov_discover *d, const struct prov_discover_config *config,
                   struct prov_diag *diag);

/** Number of records: sources of the order. 0 for NULL. */
PROV_API size_t prov_discover_count(const struct prov_discover *d);

/**
 * What to do next.
 *
 * #PROV_DISCOVER_WAIT, #PROV_DISCOVER_FOUND and #PROV_DISCOVER_NOTHING come again and again until
 * something is reported. Every #PROV_DISCOVER_CANCEL comes before #PROV_DISCOVER_FOUND.
 *
 * @param[in]  now_ms  Monotonic time in milliseconds. One that goes back is taken to stand still.
 * @param[out] what    Unless #PROV_OK it is left as it was.
 * @param[out] need    With #PROV_DISCOVER_ASK and #PROV_DISCOVER_CANCEL; else it is left as it was.
 *
 * @retval PROV_OK       @p what is set.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_SPACE  The arena is used up, here or by an answer; it stays so.
 * @cost      O(sources), and O(bytes) for what DHCP brought or is set by hand.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_discover_next(struct prov_discover *d,
                                                            uint64_t now_ms,
                                                            enum prov_discover_do *what,
                                                            enum prov_need *need);

/**
 * Option codes to ask for (DHC-9): those of all sources of the order that can be asked, in its
 * order, each once.
 *
 * @param[in]  v6     DHCPv6 options, else DHCPv4.
 * @param[out] codes  Room for #PROV_DHCP_PARAMS_MAX.
 * @return     Their number; 0 if a pointer is NULL.
 */
PROV_API size_t prov_discover_params(const struct prov_discover *d, bool v6, uint16_t *codes);

/** The address of the redirection service, markers replaced; from the #PROV_DISCOVER_ASK of
 * #PROV_NEED_REDIRECT on, empty before. Credentials included; lives in the arena. */
PROV_API struct prov_str prov_discover_redirect_url(const struct prov_discover *d);

/* ---- Answers. None of them fails: that the arena is used up is told by prov_discover_next(). With
 * NULL, or if nobody asked for the need, they do nothing. Inputs are borrowed for the call, but for
 * reasons. ---- */

/**
 * DHCP answered: the answer to #PROV_NEED_DHCP4 or #PROV_NEED_DHCP6.
 *
 * What is malformed gets a diagnostic, and the options before it count (DHC-1). More than 4,096
 * bytes are refused.
 *
 * @param[in] bytes  Options or a whole message, told apart as by #PROV_DHCP_INPUT_AUTO. Copied.
 */
PROV_API void prov_discover_dhcp(struct prov_discover *d, uint64_t now_ms, bool v6,
                                 struct prov_str bytes);

/**
 * PnP or the redirection service answered with an address.
 *
 * @param[in] need     #PROV_NEED_PNP or #PROV_NEED_REDIRECT; others do nothing.
 * @param[in] address  As received; blanks around it do not count. Copied.
 * @param[in] from     Who answered; may be empty. Copied.
 * @param[in] raw      The message or body, for the record; may be empty. The first
 *                     #PROV_DISCOVER_RAW bytes are copied.
 */
PROV_API void prov_discover_address(struct prov_discover *d, uint64_t now_ms, enum prov_need need,
                                    struct prov_str address, struct prov_str from,
                                    struct prov_str raw);

/** The redirection service answered with a provisioning document: it is the first file, and the
 * service's address counts as its address. */
PROV_API void prov_discover_document(struct prov_discover *d, uint64_t now_ms);

/**
 * Nothing came.
 *
 * @param[in] reason  Constant text such as `no answer`, `not assigned`, `no DHCP data`; borrowed as
 *                    long as the record. NULL = `no answer`.
 */
PROV_API void prov_discover_nothing(struct prov_discover *d, uint64_t now_ms, enum prov_need need,
                                    const char *reason);

/**
 * What came is refused by policy or form; the diagnostic has been written by the caller.
 *
 * @param[in] status  Why: what prov_discover_status() answers if nothing is found.
 * @param[in] reason  As for prov_discover_nothing(). NULL = `the answer was refused`.
 */
PROV_API void prov_discover_refused(struct prov_discover *d, uint64_t now_ms, enum prov_need need,
                                    enum prov_status status, const char *reason);

/**
 * A second, different answer of PnP after the first (PNP-4): goes into the record, with a warning.
 * Only the first such answer is kept.
 *
 * @param[in] address  As received; shown redacted. Copied.
 * @param[in] from     Who sent it; the source of the warning. Copied.
 */
PROV_API void prov_discover_conflict(struct prov_discover *d, struct prov_str address,
                                     struct prov_str from);

/* ---- The result ---- */

/** The address to fetch now; after #PROV_DISCOVER_FOUND, else empty. Credentials included; lives in
 * the arena. */
PROV_API struct prov_discover_candidate prov_discover_url(const struct prov_discover *d);

/**
 * All addresses of the winner in the order of trying (URL-3), those already tried included.
 *
 * @param[in]  index  From 0.
 * @param[out] out    Left as it was if there is none.
 * @return     False if there is no winner, no such address, or a pointer is NULL.
 */
PROV_API bool prov_discover_at(const struct prov_discover *d, size_t index,
                               struct prov_discover_candidate *out);

/**
 * The address could not be fetched (network, server; not: a file that was refused). Then
 * prov_discover_next() gives the next candidate (URL-3), goes on with the next step, or ends, as
 * the rule of the source or the option says (DSC-5). Sources of the same step are not asked again.
 * Before #PROV_DISCOVER_FOUND it does nothing.
 */
PROV_API void prov_discover_fetch_failed(struct prov_discover *d);

/**
 * The status of an end without an address; never #PROV_OK. Status as for what was refused
 * first, or:
 *
 * @retval PROV_E_NOT_FOUND  Nobody answered with anything.
 * @retval PROV_E_SPACE      The arena was used up.
 * @retval PROV_E_ARG        @p d is NULL.
 * @retval other             That of the first refusal: as prov_discover_complete() or
 *                           prov_dhcp_address() answers, #PROV_E_LIMIT, or as given to
 *                           prov_discover_refused().
 */
PROV_API enum prov_status prov_discover_status(const struct prov_discover *d);

/** The record that won, NULL if none has. It stays the winner if its fetch failed and the search
 * ended with that. */
PROV_API const struct prov_source_record *prov_discover_winner(const struct prov_discover *d);

/**
 * The complete addresses that an address of a dialect stands for (URL-1 to URL-3).
 *
 * With #PROV_ADDRESS_ADD_FILE, an address without a file name gets `/` and the default file; a file
 * name is a last segment of the path with a dot, as written before markers. An address with a query
 * is complete. With #PROV_ADDRESS_TRY_SCHEMES, one without a scheme gives one candidate each with
 * tftp, http, https and ftp, in this order; it has a scheme if it begins with a word, `:` and `/`.
 * Then markers are replaced, and what comes out has to be of the form of prov_uri_parse().
 *
 * @param[in]     dialect    Flags, default file and longest address.
 * @param[in]     macros     Markers of the device.
 * @param[in]     macro_raw  Values as they are (MAC-3), else percent-encoded.
 * @param[in]     limits     `url_bytes`; NULL = defaults.
 * @param[in]     address    Blanks around it do not count. Borrowed as long as @p out.
 * @param[in,out] arena      Perm: the complete addresses. Scratch: `url_bytes`, given back.
 * @param[out]    out        Room for #PROV_DISCOVER_URLS. Unless #PROV_OK it is left as it was.
 * @param[out]    count      Number of candidates, 1 or 4. Unless #PROV_OK it is left as it was.
 * @param[out]    diag       Filled on every result but #PROV_OK. May be NULL. `column` is that of
 *                           the first wrong byte, of the address without blanks around it or, if
 *                           that is no address once markers are replaced, of that.
 *
 * @retval PROV_OK        @p out and @p count are set.
 * @retval PROV_E_ARG     A pointer but @p limits and @p diag is NULL, or a limit is outside its
 *                        range.
 * @retval PROV_E_ABI     `limits->size` does not fit.
 * @retval PROV_E_DENIED  The address holds a control byte, be it escaped; or a raw value holds a
 *                        byte that no address may hold.
 * @retval PROV_E_LIMIT   Before markers it is longer than the dialect's longest or, if that has
 *                        none, twice `url_bytes`; or after them longer than `url_bytes`.
 * @retval PROV_E_SYNTAX  It is empty or no address.
 * @retval PROV_E_SPACE   The arena is used up; `diag->need` would have done so far.
 * @threads   As for the arena.
 * @cost      O(address * markers).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_discover_complete(const struct prov_dialect *dialect, const struct prov_macro_set *macros,
                       bool macro_raw, const struct prov_limits *limits, struct prov_str address,
                       struct prov_arena *arena, struct prov_discover_candidate *out, size_t *count,
                       struct prov_diag *diag);

/** Name of a source's outcome as the tool prints it; `?` for an unknown value. */
PROV_API const char *prov_source_outcome_name(enum prov_source_outcome outcome);

/**
 * Leave those of the addresses out that a policy refuses.
 *
 * @param[in]     trust  From prov_trust_resolve().
 * @param[in]     known  Borrowed for the call.
 * @param[in]     from   As for prov_trust_judge().
 * @param[in,out] found  As from prov_discover_complete(). Those that are left keep their order.
 * @param[in,out] count  Entries at @p found.
 * @return    #PROV_TRUST_ALLOWED if one is left, or if there was none; else why the first one was
 *            refused. #PROV_TRUST_NO_SERVER, and nothing changed, if a pointer is NULL.
 * @threads   Safe from any thread as long as @p found is not shared.
 * @cost      As prov_trust_judge() for each address.
 * @since     0.1
 */
PROV_API enum prov_trust_fault
prov_discover_allow(const struct prov_trust *trust, const struct prov_trust_known *known,
                    uint32_t from, struct prov_discover_candidate *found, size_t *count);

#ifdef __cplusplus
}
#endif
#endif /* PROV_DISCOVER_H */
