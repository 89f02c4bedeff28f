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
 */

#include <prov/apply.h>
#include <prov/dialect.h>
#include <prov/macro.h>
#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A delay before the next attempt (TRY-1): @p fixed_s plus a random part below or equal @p
 * random_s. */
struct prov_delay {
    uint32_t fixed_s;
    uint32_t random_s;
};

/** What a session needs to know. Spans and tables are borrowed as long as the session is used. */
struct prov_session_config {
    size_t size;                          /**< `sizeof(struct prov_session_config)`. */
    const struct prov_dialect *dialect;   /**< REQUIRED. */
    const struct prov_identity *identity; /**< REQUIRED. Copied, its spans are borrowed. */
    const struct prov_limits *limits;     /**< NULL = defaults. Copied. */
    const struct prov_xml_heap *heap;     /**< For expat; NULL = the C library. Copied. */
    uint64_t seed;                        /**< Entropy: delays and hash salt are drawn from it. */
    struct prov_str url;                  /**< Manual address with markers; empty = none. */
    bool macro_raw;                       /**< Marker values are written as they are (MAC-3). */
    struct prov_str user_agent;      /**< Template with markers (NET-2); empty = the port's own. */
    struct prov_check check;         /**< The vendor's check of a section; may be all zero. */
    const struct prov_delay *delays; /**< Before the 2nd, 3rd ... attempt; the last repeats. NULL =
                                        60+30, 300+60, 1800+300. */
    size_t delay_count;
    uint32_t attempts;   /**< Most attempts; 0 = no end. */
    uint32_t connect_ms; /**< 0 = 5,000 (NET-1). */
    uint32_t idle_ms;    /**< 0 = 10,000 (NET-1). */
    uint32_t whole_ms;   /**< 0 = 60,000 (NET-1). */
};

/** What the caller is asked to do. */
enum prov_do {
    PROV_DO_NOTHING = 0, /**< Nothing can be started; report what is under way. */
    PROV_DO_FETCH =
        1, /**< Begin @p fetch; report by prov_session_body() and prov_session_fetched(). */
    PROV_DO_CANCEL = 2, /**< Stop the fetch @p id; report nothing more for it. */
    PROV_DO_LOAD = 3,   /**< Read @p item; report by prov_session_body() and prov_session_done(). */
    PROV_DO_STORE = 4,  /**< Write what prov_session_output() gives in one transaction; report by
                           prov_session_done(). */
    PROV_DO_WAIT = 5,   /**< Call again at @p until_ms or later. */
    PROV_DO_STOP = 6,   /**< The session has ended; the record is complete. */
};

/** One action. Spans live until the action's end is reported. */
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
    PROV_OUTCOME_PARTIAL = 3,   /**< `partial`: written, sections were discarded (PAT-5) */
    PROV_OUTCOME_REFUSED = 4,   /**< `refused`: input at fault, nothing was written (STO-1) */
    PROV_OUTCOME_FAILED = 5,    /**< `failed`: network or store, nothing was written */
    PROV_OUTCOME_NOTHING = 6,   /**< `nothing`: no source gave an address */
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
    struct prov_str before; /**< The address before markers, redacted. */
    struct prov_str url;    /**< After markers, redacted. */
};

/** One fetch of the record. Text holds no secrets. */
struct prov_fetch_record {
    struct prov_str before;    /**< As written in the reference file or source, before markers and
                                  resolution, redacted. */
    struct prov_str url;       /**< Asked for, redacted. */
    struct prov_str final_url; /**< After redirects, redacted. */
    uint32_t parent; /**< Index of the reference file's record, UINT32_MAX for the first file. */
    enum prov_status status;
    uint32_t http_status;
    uint32_t redirects;
    uint32_t bytes;
    uint32_t ms; /**< From the first action to the end. */
    bool ended;
    enum prov_file_type type; /**< #PROV_FILE_UNKNOWN until told. */
    uint32_t change; /**< Number in the account (`prov_section_result.file`), UINT32_MAX if not
                        applied. */
};

/** What a session did and why. Valid, and growing, as long as the session; constant after
 * #PROV_DO_STOP. */
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
 * Bytes that are enough for any session with these limits.
 *
 * @param[in]  limits  NULL = defaults.
 * @param[out] bytes   The bound.
 * @retval PROV_OK     Set.
 * @retval PROV_E_ARG  @p bytes is NULL or a limit is outside its range.
 * @retval PROV_E_ABI  `limits->size` does not fit.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_memory(const struct prov_limits *limits,
                                                             size_t *bytes);

/**
 * Set up a session.
 *
 * @param[out] out     The session, inside @p mem.
 * @param[in]  mem     Memory of any alignment. Borrowed until prov_session_wipe().
 * @param[in]  bytes   Its size.
 * @param[in]  config  Borrowed for the call, its spans and tables longer (see there).
 * @param[out] diag    Filled on every result but #PROV_OK. May be NULL.
 *
 * @retval PROV_OK         Ready; call prov_session_next().
 * @retval PROV_E_ARG      A pointer is NULL or a value is outside its range.
 * @retval PROV_E_ABI      A `size` does not fit.
 * @retval PROV_E_INVALID  The identity does not serve the dialect's markers.
 * @retval PROV_E_SPACE    @p bytes is too small.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_init(struct prov_session **out, void *mem,
                                                           size_t bytes,
                                                           const struct prov_session_config *config,
                                                           struct prov_diag *diag);

/**
 * The next thing to do. Call until #PROV_DO_NOTHING, #PROV_DO_WAIT or #PROV_DO_STOP; several
 * actions may be under way.
 *
 * @param[in]  now_ms  Monotonic time. Never goes back.
 * @retval PROV_OK     @p action is set.
 * @retval PROV_E_ARG  A pointer is NULL.
 * @retval other       The session's fatal status (a port's mistake or a library limit); it stays.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_next(struct prov_session *s, uint64_t now_ms,
                                                           struct prov_action *action);

/**
 * Bytes of a fetch or load under way, in order.
 *
 * @retval PROV_OK       Taken.
 * @retval PROV_E_LIMIT  More than a limit allows: the caller may stop the transfer; its end is
 * still to be reported.
 * @retval PROV_E_STATE  No such action is under way (or it was cancelled): nothing has changed.
 * @retval other         The fatal status.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_body(struct prov_session *s, uint32_t id,
                                                           const void *bytes, size_t len);

/** The end of a fetch. #PROV_E_STATE as for prov_session_body(); #PROV_E_CALLBACK for a status that
 * is not documented. */
PROV_API PROV_NODISCARD enum prov_status
prov_session_fetched(struct prov_session *s, uint32_t id, uint64_t now_ms,
                     const struct prov_fetch_result *result);

/** The end of a load (#PROV_OK, #PROV_E_NOT_FOUND, #PROV_E_STORAGE) or store (#PROV_OK,
 * #PROV_E_STORAGE). */
PROV_API PROV_NODISCARD enum prov_status
prov_session_done(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status);

/**
 * The next piece to store, while #PROV_DO_STORE is under way.
 *
 * @param[out] item   Where it belongs. All pieces of an item come together.
 * @param[out] piece  Valid until the next call.
 * @return    False when there is no more (or nothing is to be stored). A new #PROV_DO_STORE starts
 * from the beginning.
 */
PROV_API bool prov_session_output(struct prov_session *s, enum prov_item *item,
                                  struct prov_str *piece);

/** What happened so far. Never NULL. */
PROV_API const struct prov_record *prov_session_record(const struct prov_session *s);

/** Overwrite all memory of the session; it is not to be used any more. */
PROV_API void prov_session_wipe(struct prov_session *s);

/** Name of an outcome as the tool prints it. */
PROV_API const char *prov_outcome_name(enum prov_outcome outcome);

/** Name of a source's outcome as the tool prints it. */
PROV_API const char *prov_source_outcome_name(enum prov_source_outcome outcome);

#ifdef __cplusplus
}
#endif
#endif /* PROV_SESSION_H */
