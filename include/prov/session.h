/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_H
#define PROV_SESSION_H

/**
 * @file
 * @brief A whole provisioning run as a state machine: events in, actions out.
 *
 * Layer: session (pure). No I/O, no clock: time and entropy are arguments. The same configuration,
 * seed and events give the same actions, byte for byte. prov/run.h is the loop over the vendor's
 * callback tables; a product with an event loop of its own may use this header directly.
 *
 * An attempt loads settings and state, searches an address (DSC-1..5), fetches the file and, if it
 * is a reference file, all files it leads to, several at a time (REF-1..5), applies them in order
 * (PAT, OPS), and stores the result in one transaction if it differs (STO-1, STO-3). What fails
 * outside (network, store) is tried again after a delay (TRY-1); what was refused is not: the same
 * input gives the same answer.
 *
 * Memory. Everything lives in the one block given to prov_session_init(); there is no heap but
 * expat's. It holds, for the whole session: the settings as loaded (`settings_bytes`), the fetched
 * files (`tree_bytes`, shared by all of them), two addresses for each fetch side by side, and the
 * records and diagnostics. The rest is set up afresh by every attempt: element records
 * (`pool_nodes`), addresses, the account, edits. Each file is read once, and the result is never
 * copied: pieces for the store come straight from the files. The record says how much was used.
 *
 * Threads. A session is used by one thread at a time; different sessions are independent.
 */

#include <prov/apply.h>
#include <prov/dialect.h>
#include <prov/macro.h>
#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A delay before the next attempt (TRY-1, TRY-2): @p fixed_s plus a random part from 0 to @p
 * random_s, drawn in milliseconds. A server's Retry-After, clamped to 1 s .. 24 h, raises it. */
struct prov_delay {
    uint32_t fixed_s;  /**< Seconds. */
    uint32_t random_s; /**< Seconds. */
};

/** What a session needs to know. Spans and tables are borrowed as long as the session is used. */
struct prov_session_config {
    size_t size;                          /**< `sizeof(struct prov_session_config)`. */
    const struct prov_dialect *dialect;   /**< REQUIRED. At most 32 sources. */
    const struct prov_identity *identity; /**< REQUIRED. Copied, its spans are borrowed. */
    const struct prov_limits *limits;     /**< NULL = defaults. Copied. */
    const struct prov_xml_heap *heap;     /**< For expat; NULL = the C library. Copied. */
    uint64_t seed;       /**< Entropy: delays and hash salt are drawn from it. Every phone and every
                        start SHOULD have another one. */
    struct prov_str url; /**< Manual address with markers; blanks around it do not count; empty =
                            none. May hold credentials: it is shown only without them. */
    bool macro_raw;      /**< Marker values are written as they are (MAC-3). */
    struct prov_str user_agent; /**< Template with markers (NET-2), at most 256 bytes after them,
                                   visible ASCII and blanks; empty = the port's own. */
    struct prov_check check;    /**< The vendor's check of a section; may be all zero. */
    const struct prov_delay *delays; /**< Before the 2nd, 3rd ... attempt; the last repeats. NULL =
                                        60+30, 300+60, 1800+300. */
    size_t delay_count;              /**< Entries at @p delays; 0 = as NULL. */
    uint32_t attempts;               /**< Most attempts; 0 = no end. */
    uint32_t connect_ms;             /**< 0 = 5,000 (NET-1). */
    uint32_t idle_ms;                /**< 0 = 10,000 (NET-1). */
    uint32_t whole_ms;               /**< 0 = 60,000 (NET-1). */
    bool refuse_unchecked;           /**< Discard sections that nothing can check (CHK-1). */
};

/** What the caller is asked to do. */
enum prov_do {
    PROV_DO_NOTHING = 0, /**< Nothing can be started; report what is under way. */
    PROV_DO_FETCH =
        1, /**< Begin @p fetch; report by prov_session_body() and prov_session_fetched(). */
    PROV_DO_CANCEL = 2, /**< Stop the fetch @p id; report nothing more for it. What is reported all
                           the same is refused with #PROV_E_STATE and changes nothing. */
    PROV_DO_LOAD = 3,   /**< Read @p item; report by prov_session_body() and prov_session_done(). */
    PROV_DO_STORE = 4,  /**< Write what prov_session_output() gives in one transaction; report by
                           prov_session_done(). */
    PROV_DO_WAIT = 5,   /**< Call again at @p until_ms or later. */
    PROV_DO_STOP = 6,   /**< The session has ended; the record is complete. */
};

/** One action. Spans live until the action's end is reported or it is cancelled; then user and
 * password are overwritten. */
struct prov_action {
    enum prov_do kind;
    uint32_t id; /**< Names the action in reports. Never 0, never used twice in a session. */
    struct prov_fetch fetch; /**< With #PROV_DO_FETCH. */
    enum prov_item item;     /**< With #PROV_DO_LOAD. */
    uint64_t until_ms;       /**< With #PROV_DO_WAIT, on the clock of prov_session_next(). */
};

/** How a run ended. Names as the tool prints them. */
enum prov_outcome {
    PROV_OUTCOME_NONE = 0,      /**< `none`: not ended yet */
    PROV_OUTCOME_APPLIED = 1,   /**< `applied` */
    PROV_OUTCOME_UNCHANGED = 2, /**< `unchanged`: nothing was written (STO-3) */
    PROV_OUTCOME_PARTIAL = 3,   /**< `partial`: sections were discarded (PAT-5); what is left was
                                   written, unless it changed nothing */
    PROV_OUTCOME_REFUSED = 4, /**< `refused`: a file, an address or a redirect is at fault, nothing
                                   was written (STO-1); not tried again */
    PROV_OUTCOME_FAILED = 5,  /**< `failed`: network, server or store, nothing was written; tried
                                   again while attempts are left. A server that refuses access or
                                   TLS counts here too: its clock, or ours, may be set later. */
    PROV_OUTCOME_NOTHING = 6, /**< `nothing`: no source gave an address */
};

/** What asking a source led to. Names as the tool prints them. */
enum prov_source_outcome {
    PROV_SOURCE_NOT_ASKED = 0, /**< `not asked` */
    PROV_SOURCE_NOTHING = 1,   /**< `nothing` */
    PROV_SOURCE_URL = 2,       /**< `url` */
    PROV_SOURCE_REFUSED = 3,   /**< `refused` */
};

/** One source of the record (DSC-7). Text holds no secrets. */
struct prov_source_record {
    enum prov_source_kind kind;
    uint8_t step;
    enum prov_source_outcome outcome;
    bool won;
    const char *reason;     /**< Constant text: why it won, lost or was not asked. */
    struct prov_str before; /**< The address before markers, redacted; cut at `url_bytes`. */
    struct prov_str url;    /**< After markers, redacted. */
};

/** One fetch of the record. Text holds no secrets. */
struct prov_fetch_record {
    struct prov_str before;    /**< As written in the reference file or source, before markers and
                                  resolution, redacted; cut at `url_bytes`. */
    struct prov_str url;       /**< Asked for, redacted. */
    struct prov_str final_url; /**< After redirects, redacted; empty until it ended. */
    uint32_t parent; /**< Index of the reference file's record, UINT32_MAX for the first file. */
    enum prov_status
        status;           /**< Of fetching, reading and applying; #PROV_OK until something failed.
                              */
    uint32_t http_status; /**< Of the last answer; 0 = none. */
    uint32_t redirects;   /**< That were followed. */
    uint32_t bytes;       /**< Of the body that were taken. */
    uint32_t ms;          /**< From the first action to the end. */
    bool ended;           /**< It ended, be it by a cancel; false: never begun or under way. */
    enum prov_file_type type; /**< #PROV_FILE_UNKNOWN until told. */
    uint32_t change; /**< Number in the account (`prov_section_result.file`), UINT32_MAX if not
                        applied. */
};

/** What a session did and why. Valid, and growing, as long as the session; constant after
 * #PROV_DO_STOP. A new attempt starts a new record but for @p attempts and @p memory_high. */
struct prov_record {
    enum prov_outcome outcome; /**< Of the last attempt. */
    enum prov_status status;   /**< The reason's status; #PROV_OK unless refused or failed. */
    uint32_t attempts;         /**< Attempts begun. */
    const struct prov_source_record *sources;
    uint32_t source_count;
    const struct prov_fetch_record *fetches; /**< Of the last attempt, in the order of applying. */
    uint32_t fetch_count;
    const struct prov_apply
        *apply; /**< Sections and changes of the last attempt; NULL if it did not come so far. */
    const struct prov_diags *diags; /**< Of the last attempt. */
    bool unchanged_by_digest;       /**< The same files on the same settings as last time: not even
                                       applied. */
    bool will_retry;                /**< Another attempt follows at @p retry_at_ms. */
    uint64_t retry_at_ms;
    size_t memory_high; /**< Most bytes of the arena in use. */
};

/** A session. Opaque; lives in the caller's memory. */
struct prov_session;

/**
 * Bytes that are enough for a session with these limits (design: memory).
 *
 * One thing no bound can hold: files that give many attributes to the same elements again and
 * again. Room for rewritten start tags is `settings_bytes + file_bytes` in all; a run that needs
 * more ends with #PROV_E_SPACE, and nothing is stored. Less memory than the bound may do as well:
 * the session then ends with #PROV_E_SPACE when it is used up, and nothing is stored.
 *
 * @param[in]  limits  NULL = defaults.
 * @param[out] bytes   The bound; SIZE_MAX if no memory of this machine could hold it.
 * @retval PROV_OK     Set.
 * @retval PROV_E_ARG  @p bytes is NULL or a limit is outside its range.
 * @retval PROV_E_ABI  `limits->size` does not fit.
 * @threads   Safe from any thread.
 * @cost      Constant.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_memory(const struct prov_limits *limits,
                                                             size_t *bytes);

/**
 * Set up a session.
 *
 * @param[out] out     The session, inside @p mem. Unless #PROV_OK it is left as it was.
 * @param[in]  mem     Memory of any alignment. Borrowed until prov_session_wipe().
 * @param[in]  bytes   Its size; prov_session_memory() says how much is enough.
 * @param[in]  config  Borrowed for the call, its spans and tables longer (see there).
 * @param[out] diag    Filled on every result but #PROV_OK. May be NULL.
 *
 * @retval PROV_OK         Ready; call prov_session_next().
 * @retval PROV_E_ARG      A pointer is NULL, the dialect has more than 32 sources, a limit is
 *                         outside its range, or the User-Agent is too long or not visible ASCII.
 * @retval PROV_E_ABI      The `size` of config, dialect, identity or limits does not fit;
 *                         `diag->subject` says which.
 * @retval PROV_E_INVALID  The identity does not serve the dialect's markers.
 * @retval PROV_E_SPACE    @p bytes is too small for what lives as long as the session; with
 *                         `diag->need` bytes it gets further.
 * @memory    On failure @p mem is overwritten.
 * @cost      O(bytes).
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_init(struct prov_session **out, void *mem,
                                                           size_t bytes,
                                                           const struct prov_session_config *config,
                                                           struct prov_diag *diag);

/**
 * The next thing to do. Call until #PROV_DO_NOTHING, #PROV_DO_WAIT or #PROV_DO_STOP; several
 * actions may be under way.
 *
 * @param[in]  now_ms  Monotonic time in milliseconds. One that goes back is taken to stand still.
 * @param[out] action  Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK          @p action is set.
 * @retval PROV_E_ARG       A pointer is NULL.
 * @retval PROV_E_CALLBACK  A port or the check of a section broke its contract. It stays: the
 *                          session has ended, every call answers the same. So do the following.
 * @retval PROV_E_ABI       A `prov_fetch_result.size` did not fit.
 * @retval PROV_E_SPACE     The memory is used up.
 * @retval PROV_E_MEMORY    Expat got no memory.
 * @cost      Mostly constant; when all files are there it applies them: O(files), amortised.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_next(struct prov_session *s, uint64_t now_ms,
                                                           struct prov_action *action);

/**
 * Bytes of a fetch or load under way, in order, in pieces of any length.
 *
 * The body of an answer whose status is not 200 may be reported or left out.
 *
 * @param[in] bytes  Copied. May be NULL if @p len is 0.
 *
 * @retval PROV_OK       Taken.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_LIMIT  More than a limit allows: the caller may stop the transfer; its end is
 *                       still to be reported.
 * @retval PROV_E_STATE  No such action is under way (or it was cancelled): nothing has changed.
 * @retval other         The status that ended the session, as for prov_session_next().
 * @cost      Amortised O(len), plus moving what other fetches have under way.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_body(struct prov_session *s, uint32_t id,
                                                           const void *bytes, size_t len);

/**
 * The end of a fetch. Whether a redirect is followed is decided here (NET-1): then another
 * #PROV_DO_FETCH follows, with an id of its own.
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] result  Borrowed for the call.
 *
 * @retval PROV_OK          Taken, whatever it said.
 * @retval PROV_E_ARG       A pointer is NULL.
 * @retval PROV_E_STATE     No such fetch is under way (or it was cancelled): nothing has changed.
 * @retval PROV_E_CALLBACK  `result->status` is none of those documented; the session has ended.
 * @retval PROV_E_ABI       `result->size` does not fit; the session has ended.
 * @retval other            The status that ended the session, as for prov_session_next().
 * @cost      O(bytes of the file): it is read.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_session_fetched(struct prov_session *s, uint32_t id, uint64_t now_ms,
                     const struct prov_fetch_result *result);

/**
 * The end of a load or store.
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] status  Load: #PROV_OK, #PROV_E_NOT_FOUND, #PROV_E_STORAGE. Store: #PROV_OK,
 *                    #PROV_E_STORAGE.
 *
 * @retval PROV_OK          Taken, whatever it said.
 * @retval PROV_E_ARG       @p s is NULL.
 * @retval PROV_E_STATE     No such load or store is under way: nothing has changed.
 * @retval PROV_E_CALLBACK  @p status is none of those documented; the session has ended.
 * @retval other            The status that ended the session, as for prov_session_next().
 * @cost      O(bytes) of what was loaded.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_session_done(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status);

/**
 * The next piece to store, while #PROV_DO_STORE is under way.
 *
 * @param[out] item   Where it belongs. All pieces of an item come together.
 * @param[out] piece  Never empty. Valid until the next call.
 * @return    False when there is no more (or nothing is to be stored, or a pointer is NULL). A new
 * #PROV_DO_STORE starts from the beginning.
 * @cost      O(pieces) in all.
 */
PROV_API bool prov_session_output(struct prov_session *s, enum prov_item *item,
                                  struct prov_str *piece);

/** What happened so far. Never NULL; an empty record for NULL. Valid as long as the session. */
PROV_API const struct prov_record *prov_session_record(const struct prov_session *s);

/** Overwrite all memory of the session, with stores that are not optimised away; it is not to be
 * used any more, nor is its record. NULL is no error. */
PROV_API void prov_session_wipe(struct prov_session *s);

/** Name of an outcome as the tool prints it; `?` for an unknown value. */
PROV_API const char *prov_outcome_name(enum prov_outcome outcome);

/** Name of a source's outcome as the tool prints it; `?` for an unknown value. */
PROV_API const char *prov_source_outcome_name(enum prov_source_outcome outcome);

#ifdef __cplusplus
}
#endif
#endif /* PROV_SESSION_H */
