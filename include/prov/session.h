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
 * outside (network, store) is tried again after a delay (TRY-1), and so is a search in vain if the
 * network was asked; what was refused is not: the same input gives the same answer. Attempts make a
 * run; a trigger begins another run in the same memory (SCH-1).
 *
 * The search asks DHCP, a multicast group and the redirection service as prov/discover.h says, those
 * of one step at the same time, and cancels the loser. A PnP exchange that has won stays open to
 * the end of its window while files are fetched, to answer repetitions and to see conflicts (PNP-4).
 * The redirection service is fetched once: a 3xx is its answer and is not followed; an answer 200
 * is an address (one line) or the first file itself; 404, 410, 204 and an empty 200 mean that
 * nothing is assigned; anything else counts as nothing, with a diagnostic. An https service leads to
 * https only. When the first file cannot be fetched, the next address is tried as the rules of the
 * source say (DSC-5, URL-3), at most 32 in one attempt; a file that is refused is not such a failure.
 *
 * A dialect with `layers` works in two stages (PAN-3): the first file names the others, which are
 * fetched side by side. Then all of them and the user's changes are put together (prov/layer.h) and
 * prov_session_params() is what the phone works with. The store holds the files as they came; only
 * those that differ are written. A file that cannot be had or read leaves the saved one of its kind
 * in use. If it is the first one, or all that it names, the saved files are used as they are
 * (REF-4, PAN-5), and the files are tried again after a delay that the settings tell, whatever was
 * wrong with them. Where the later setting counts, files with a change are later than all that the
 * user did before; files that are the same as before are no new setting. Root certificates that the
 * first file names are fetched before the others, kept as PEM, and trusted for https from then on,
 * in later runs from the first file on, until it names others or none; one that cannot be had, or is
 * none, leaves the one of last time in use, if there is one. Encrypted files are opened
 * when all are there, with the key in the standard file or else in the settings in force; the first
 * one with the latter. They are kept as plain text. A document that comes with
 * a trigger is refused.
 *
 * Time. All waiting is done on the monotonic clock; the wall clock only tells when a run by time of day
 * is due (prov/schedule.h). A run at start (trigger boot) first waits its part of `boot_spread_s`; if
 * the phone failed before, the rest of that delay, by the wall clock if it can be trusted, else a
 * delay drawn anew; and if no run has come to an end since three starts, a delay that grows with every
 * further one. The longest of these counts. A mark in the store, written before the first request of
 * the run at start, tells such starts; it goes when a run comes to an end, whatever that is. What wins:
 * a trigger of the caller, a check-sync among them, replaces any waiting. A run that is due by schedule
 * replaces a retry that waits, but comes no earlier than a server has asked for by Retry-After; one
 * that comes due while an attempt is under way, or held back at start, is served by that. A failure
 * after which another attempt is planned, and its end, are stored; so is a start, and the time with
 * anything else that is stored, as a lower bound for a start without a clock. A run that a caller, the
 * schedule or a check-sync began and that changed nothing writes nothing (STO-3).
 *
 * With `confirm_ms`, settings that were changed and stored are on trial (STO-2): the attempt has
 * ended, its record says so and #PROV_DO_WAIT lasts until they are confirmed or the window is over.
 * Then the previous ones come back, in an attempt of its own that asks no network and ends `undone`.
 * Files that make the same settings again are refused until they change, or a run is triggered by
 * #PROV_TRIGGER_MANUAL: a person wants them. If the phone starts anew meanwhile, the first thing its
 * session does is to give them one more window; without a confirmation in it, and at a second start,
 * they are undone, and the run that was to begin follows. Triggers during a trial are remembered as
 * during an attempt. A confirmation before the store has been read counts for the trial that it may
 * find there. If the store cannot restore, the attempt fails and the next one tries again.
 *
 * The files of a run that led to settings are remembered (#PROV_ITEM_TREE): addresses without
 * credentials, and what tells whether a file has changed. If the next run begins with the same
 * address, it asks for all of them at once (REF-5). A file that another one names takes over what is
 * there or under way for its address and credentials; what is not named is cancelled or dropped, and
 * nothing about it matters. What comes of a run is the same as without that. Conditions are put only
 * where a 304 is of use (STO-3): for each file with `layers`; else for all but reference files, if
 * every file has an ETag or a date and the settings are those that they led to, and as soon as one
 * has changed, those that answered 304 are fetched after all. If none has, the attempt is over:
 * nothing is applied or written. A run whose files lead to what is there already writes no settings either, but keeps
 * that it was so. With the first file, one fetch more than `fetches` may be under way.
 *
 * Memory. Everything lives in the one block given to prov_session_init(); there is no heap but
 * expat's. It holds, for the whole session: the settings as loaded (`settings_bytes`), the fetched
 * files (`tree_bytes`, shared by all of them), two addresses for each fetch side by side, two
 * triggers (each an address and a document of up to 8,192 bytes), DHCP answers, one PnP exchange,
 * and the records and diagnostics. The rest is set up afresh by every attempt: element records
 * (`pool_nodes`), addresses, the account, edits. Each file is read once, and the result is never
 * copied: pieces for the store come straight from the files. The record says how much was used.
 *
 * Threads. A session is used by one thread at a time; different sessions are independent.
 */

#include <prov/apply.h>
#include <prov/check_sync.h>
#include <prov/dialect.h>
#include <prov/discover.h>
#include <prov/enc.h>
#include <prov/layer.h>
#include <prov/macro.h>
#include <prov/port.h>
#include <prov/retry.h>
#include <prov/schedule.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a run begins (SCH-1). Names as the tool prints them. */
enum prov_trigger {
    PROV_TRIGGER_MANUAL = 0,     /**< `manual` */
    PROV_TRIGGER_BOOT = 1,       /**< `boot` */
    PROV_TRIGGER_TIME = 2,       /**< `time` */
    PROV_TRIGGER_CHECK_SYNC = 3, /**< `check-sync` */
};

/** A look at the digests that a session compares with those of earlier runs (STO-3). */
struct prov_digest_hook {
    /**
     * OPTIONAL. Called with each digest (SHA-256) as soon as it is made. It may put another one in
     * its place, always the same for the same: one that is keyed says nothing about short secrets in
     * settings; one that was written down lets a recorded run be repeated without them. With another
     * rule than last time, nothing counts as unchanged by its digest.
     *
     * @param[in]     ctx     From @p ctx below.
     * @param[in,out] digest  32 bytes.
     */
    void (*made)(void *ctx, uint8_t *digest);
    void *ctx;
};

/** Which rule tells the delay before another attempt (TRY-1). */
enum prov_retry_model {
    PROV_RETRY_LIST = 0,    /**< `delays`, else the settings, else the library's list. */
    PROV_RETRY_FORMULA = 1, /**< That of TR-069, with `formula`. */
};

/** What a session needs to know. Spans and tables are borrowed as long as the session is used. */
struct prov_session_config {
    size_t size;                          /**< `sizeof(struct prov_session_config)`. */
    const struct prov_dialect *dialect;   /**< REQUIRED. At most 32 sources, steps in order. */
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
    const struct prov_discover_options
        *discover; /**< Where to look (DIA-2); NULL = as the dialect says, IPv4. Copied, its
                                        spans and tables are borrowed. Its `manual_url` and `macro_raw` give way to
                                        @p url and @p macro_raw if those are set. */
    struct prov_endpoint pnp_group; /**< All zero = 224.0.1.75:5060 (PNP-1). */
    uint32_t pnp_window_ms;         /**< 0 = 5,000 (PNP-2). */
    bool pnp_lenient;               /**< PNP-3. */
    uint32_t dhcp_ms;               /**< DHCP is given up after this; 0 = 4,000. */
    enum prov_trigger trigger;      /**< Of the first run, as far as the record is concerned. */
    uint32_t notify_interval_ms;    /**< Rate limit of check-sync; 0 = 10,000 (PNP-5). */
    enum prov_choice notify;        /**< check-sync allowed; preset = as the settings say. */
    const struct prov_str
        *notify_from;         /**< Senders that may (prov/check_sync.h); goes before the list in the
                             settings. The one entry `*` = everybody. */
    size_t notify_from_count; /**< 0 = the list in the settings; is that empty, nobody may. */
    const struct prov_crypto *crypto; /**< Opens encrypted files of a dialect that has them (PAN-4);
                                         NULL = they count as files that cannot be read. */
    struct prov_digest_hook digests;  /**< May be all zero. */
    bool no_remember; /**< Nothing is remembered of the files: each run asks for all of them, one
                           reference file after the other, without conditions (STO-3, REF-5). */
    enum prov_retry_model retry;
    struct prov_retry_formula formula; /**< All zero = presets. */
    uint32_t boot_spread_s; /**< A run with trigger boot first waits a random part of this, drawn in
                               milliseconds (TRY-2). Wise for a fleet: 60 to 600. */
    const struct prov_schedule
        *schedule;         /**< When runs come (SCH-1); NULL = as the settings say. */
    struct prov_zone zone; /**< Local time of the schedule; all zero = UTC. */
    bool follow_schedule;  /**< After #PROV_DO_STOP the session itself waits for the next run by
                             schedule. Without it, `next_run` of the record tells when that would be. */
    uint32_t confirm_ms;   /**< New settings are on trial so long: unless prov_session_confirm() is
                            called, the previous ones come back (STO-2). 0 = no trials, and one that
                            the store still knows of counts as confirmed. */
};

/** What the caller is asked to do. */
enum prov_do {
    PROV_DO_NOTHING = 0, /**< Nothing can be started; report what is under way. */
    PROV_DO_FETCH =
        1, /**< Begin @p fetch; report by prov_session_body() and prov_session_fetched(). */
    PROV_DO_CANCEL = 2, /**< Stop the fetch or the question @p id (close its socket); report nothing
                           more for it. What is reported all the same is refused with #PROV_E_STATE
                           and changes nothing. */
    PROV_DO_LOAD = 3,   /**< Read @p item; report by prov_session_body() and prov_session_done(). */
    PROV_DO_STORE = 4,  /**< Write what prov_session_output() gives in one transaction; report by
                           prov_session_done(). */
    PROV_DO_WAIT = 5, /**< Call again at @p until_ms or later; earlier when something was reported.
                           The same until then. */
    PROV_DO_STOP = 6, /**< The run has ended; the record is complete. prov_session_trigger() begins
                           another one; with `run_follows` the next call does, with
                           `follow_schedule` further calls wait for the next run, if one comes. */
    PROV_DO_ASK = 7,  /**< Ask @p ask. DHCP: report bytes by prov_session_body(), the end by
                           prov_session_asked(). PnP: report prov_session_opened(), then each
                           prov_session_datagram(); it ends by #PROV_DO_CANCEL. */
    PROV_DO_SEND = 8, /**< Send @p datagram to @p to from the socket of the PnP exchange @p id.
                           Nothing is to be reported. */
    PROV_DO_RESTORE = 9, /**< Make the previous settings the current ones, in one transaction with
                              what prov_session_output() gives; report by prov_session_done(). Only
                              with `confirm_ms`. */
};

/** One action. Spans live until the action's end is reported or it is cancelled; then user and
 * password are overwritten. */
struct prov_action {
    enum prov_do kind;
    uint32_t id; /**< Names the action in reports. Never 0, never used twice in a session. */
    struct prov_fetch fetch; /**< With #PROV_DO_FETCH. */
    enum prov_item item;     /**< With #PROV_DO_LOAD. */
    uint64_t until_ms;       /**< With #PROV_DO_WAIT, on the clock of prov_session_next(). */
    bool under_way;      /**< With #PROV_DO_WAIT: something is under way, report it when it comes,
                                then call again. */
    struct prov_ask ask; /**< With #PROV_DO_ASK. */
    struct prov_endpoint to;  /**< With #PROV_DO_SEND. */
    struct prov_str datagram; /**< With #PROV_DO_SEND. Lives until the session is called again. */
};

/** How a run ended. Names as the tool prints them. */
enum prov_outcome {
    PROV_OUTCOME_NONE = 0,      /**< `none`: not ended yet */
    PROV_OUTCOME_APPLIED = 1,   /**< `applied` */
    PROV_OUTCOME_UNCHANGED = 2, /**< `unchanged`: no settings were written (STO-3) */
    PROV_OUTCOME_PARTIAL = 3, /**< `partial`: sections were discarded (PAT-5), or files could not be
                                   had (REF-4); what is left was written, unless it changed nothing */
    PROV_OUTCOME_REFUSED = 4, /**< `refused`: a file, an address or a redirect is at fault, nothing
                                   was written (STO-1); not tried again */
    PROV_OUTCOME_FAILED = 5,  /**< `failed`: network, server or store, nothing was written; tried
                                   again while attempts are left. A server that refuses access or
                                   TLS counts here too: its clock, or ours, may be set later. */
    PROV_OUTCOME_NOTHING = 6, /**< `nothing`: no source gave an address; tried again while attempts
                                   are left, if anybody was asked: it may answer next time */
    PROV_OUTCOME_SAVED = 7, /**< `saved`: the files of last time are used, those of now could not be
                                 had or read, nothing was written (PAN-5); tried again as if there
                                 were none */
    PROV_OUTCOME_UNDONE =
        8, /**< `undone`: new settings were not confirmed in time, those before are
                                  in force again (STO-2): all of them are to be read anew */
};

/** One fetch of the record. Text holds no secrets. */
struct prov_fetch_record {
    struct prov_str before; /**< As written in the reference file or source, before markers and
                                  resolution, redacted; cut at `url_bytes`. */
    struct prov_str url;    /**< Asked for, redacted; empty for a document that came with the
                                  trigger. */
    struct prov_str
        final_url;   /**< After redirects, redacted; empty until it ended. `check-sync` for
                                  a document that came with the trigger. */
    uint32_t parent; /**< Index of the reference file's record, UINT32_MAX for a first file. */
    enum prov_status
        status;           /**< Of fetching, reading and applying; #PROV_OK until something failed.
                              */
    uint32_t http_status; /**< Of the last answer; 0 = none. */
    uint32_t redirects;   /**< That were followed. */
    uint32_t bytes;       /**< Of the body that were taken. */
    uint32_t ms;          /**< From the first action to the end. */
    bool ended;           /**< It ended, be it by a cancel; false: never begun or under way. */
    enum prov_file_type type; /**< #PROV_FILE_UNKNOWN until told. */
    uint32_t change;   /**< Number in the account (`prov_section_result.file`), UINT32_MAX if not
                        applied. */
    bool not_modified; /**< The answer was 304: the file is as it was last time (STO-3). Reference
                            files are asked for as a whole; they never are. */
    bool remembered;   /**< It was asked for before it was named, because the last run had it. */
};

/** What a session did and why. Valid, and growing, as long as the session; constant after
 * #PROV_DO_STOP. A new attempt starts a new record but for @p attempts and @p memory_high. */
struct prov_record {
    enum prov_outcome outcome; /**< Of the last attempt. */
    enum prov_status status;   /**< The reason's status; #PROV_OK unless refused, failed, saved, or
                                undone (#PROV_E_TIMEOUT). */
    uint32_t attempts;         /**< Attempts begun. */
    enum prov_trigger trigger; /**< What began the run. */
    const char *waits_for;   /**< Constant text while the attempt cannot begin: `the time` (DSC-6),
                                    `its turn after the start`, `the end of the delay after
                                    failures` (TRY-1): then the rest of the record is that of the
                                    attempt before; or `the registration`, while settings that the
                                    start before has stored are on trial (STO-2). NULL = it has begun. */
    uint64_t waits_until_ms; /**< With @p waits_for: looked at again then. */
    uint64_t began_ms;       /**< The attempt began; sources' times are on the same clock. */
    const struct prov_source_record *sources; /**< In the order of the search (DSC-7). */
    uint32_t source_count; /**< 0 until the search begins. After a check-sync with address or
                                document they are all there, not asked. */
    const struct prov_fetch_record *fetches; /**< Of the last attempt: first files that could not be
                                                  fetched, then all files in the order of applying. */
    uint32_t fetch_count;
    const struct prov_apply
        *apply; /**< Sections and changes of the last attempt; NULL if it did not come so far. */
    const struct prov_diags *diags; /**< Of the last attempt. */
    bool unchanged_by_digest;       /**< The same files on the same settings as last time: not even
                                       applied. */
    bool will_retry;                /**< Another attempt follows at @p retry_at_ms. */
    uint64_t retry_at_ms;
    bool run_follows;   /**< A trigger came during the run: another one begins when it has ended. */
    size_t memory_high; /**< Most bytes of the arena in use. */
    uint32_t saved;     /**< Set of bits 1 << #prov_layer: saved files that are used because newer
                             ones could not be had (PAN-5). */
    const struct prov_param_difference
        *changed;           /**< With `layers`: parameters that changed, once stored (STO-4). Lives
                                   until the next attempt. */
    uint32_t changed_count; /**< Entries at @p changed; at most `changes`. */
    uint32_t changed_dropped;          /**< Further ones. */
    struct prov_schedule_run next_run; /**< The next run by schedule, once an attempt has ended; it
                                            is made anew when the clock jumps. */
    uint64_t time_s; /**< It has been this late, in seconds since 1970, as the store knows; 0 = not
                          known. A port whose clock was never set may set it to this before it checks
                          a certificate (DSC-6). */
    bool on_trial;   /**< The settings in force wait for prov_session_confirm(). */
    uint64_t trial_until_ms; /**< With @p on_trial: until then. */
};

/** A session. Opaque; lives in the caller's memory. */
struct prov_session;

/**
 * Bytes that are enough for a session with these limits (design: memory).
 *
 * Some things no bound can hold: files that give other attributes to the same elements again and
 * again, that name the same section several times, or more than `sections` of them in operations.
 * Room for such, for start tags that are written anew, decoded paths, what a migration makes, and
 * the paths of mistakes, is `file_bytes` in all. Of a dialect with `layers`, all that is saved has
 * `settings_bytes` together; on a machine of 64 bits each parameter of a saved file takes about 200
 * bytes, and as many again if the file has changed (with the default limits there is room for 4,000
 * that all change).
 * A run that needs more than there is, also in memory that is less than the bound, ends with
 * #PROV_E_SPACE, and nothing is stored.
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
 * @retval PROV_E_ARG      A pointer is NULL, the order of sources has more than 32 entries or steps
 *                         that go back, a limit or an enum is outside its range, or the User-Agent
 *                         is too long or not visible ASCII.
 * @retval PROV_E_ABI      The `size` of config, dialect, identity, limits or discover does not fit;
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
 * Bytes of a fetch, a load or a DHCP question under way, in order, in pieces of any length. Of a
 * DHCP answer 2,048 bytes are taken.
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
 * The end of a load, store or restore.
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] status  Load: #PROV_OK, #PROV_E_NOT_FOUND, #PROV_E_STORAGE. Store: #PROV_OK,
 *                    #PROV_E_STORAGE. Restore: #PROV_OK, #PROV_E_NOT_FOUND (no previous settings are
 *                    kept: the new ones stay), #PROV_E_STORAGE.
 *
 * @retval PROV_OK          Taken, whatever it said.
 * @retval PROV_E_ARG       @p s is NULL.
 * @retval PROV_E_STATE     No such load, store or restore is under way: nothing has changed.
 * @retval PROV_E_CALLBACK  @p status is none of those documented; the session has ended.
 * @retval other            The status that ended the session, as for prov_session_next().
 * @cost      O(bytes) of what was loaded.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_session_done(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status);

/**
 * The next piece to store, while #PROV_DO_STORE or #PROV_DO_RESTORE is under way.
 *
 * @param[out] item   Where it belongs. All pieces of an item come together.
 * @param[out] piece  Never empty. Valid until the next call.
 * @return    False when there is no more (or nothing is to be stored, or a pointer is NULL). A new
 * #PROV_DO_STORE starts from the beginning.
 * @cost      O(pieces) in all.
 */
PROV_API bool prov_session_output(struct prov_session *s, enum prov_item *item,
                                  struct prov_str *piece);

/**
 * The wall clock as it is now (DSC-6); takes effect with the next prov_session_next(), and should be
 * told before each, at least when the clock was set. Until told, it is unknown. A dialect that needs
 * the time begins no attempt while it is: prov_session_next() answers #PROV_DO_WAIT for a second
 * each, and the record says so. A lower bound is enough, also one from the store (`time_s` of the
 * record): the search and http need no more, and TLS is checked by the port, which refuses what it
 * cannot judge. Time of day in a schedule needs a clock that can be trusted. A jump is noticed from
 * two seconds on. With a port that has no wall clock, set `needs_time`
 * of struct prov_discover_options to #PROV_CHOICE_NO. A document that came with a trigger needs none.
 *
 * @param[in] wall  Borrowed for the call. NULL, or a state that is not known, = unknown.
 * @cost      Constant. NULL for @p s is no error.
 */
PROV_API void prov_session_clock(struct prov_session *s, const struct prov_wall_time *wall);

/**
 * The socket of a PnP exchange is open (or not). To be called once for a #PROV_DO_ASK of this kind.
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] status  #PROV_OK; #PROV_E_NOT_FOUND: the interface has none; #PROV_E_NETWORK: it could
 *                    not be opened; #PROV_E_DENIED: the port cannot ask such things at all: then the
 *                    source counts as not asked. With the last three the question has ended.
 * @param[in] local   With #PROV_OK: its own address and port, REQUIRED. Borrowed for the call.
 *
 * @retval PROV_OK          Taken, whatever it said.
 * @retval PROV_E_ARG       A pointer is NULL.
 * @retval PROV_E_STATE     No such exchange waits for it: nothing has changed.
 * @retval PROV_E_CALLBACK  @p status is none of those, or @p local has no address or no port; the
 *                          session has ended.
 * @retval other            The status that ended the session, as for prov_session_next().
 * @cost      Constant: the SUBSCRIBE is written.
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_opened(struct prov_session *s, uint32_t id,
                                                             uint64_t now_ms,
                                                             enum prov_status status,
                                                             const struct prov_endpoint *local);

/**
 * A datagram has arrived at the socket of a PnP exchange. What is to be answered comes as
 * #PROV_DO_SEND by prov_session_next(), or from prov_session_reply(): ask for it before the next
 * datagram, else the answer to this one is lost (its sender would repeat it).
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] from    Sender. Borrowed for the call.
 * @param[in] bytes   Borrowed for the call. May be NULL if @p len is 0.
 *
 * @retval PROV_OK       Taken, whatever it is.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_STATE  No such exchange is under way: nothing has changed.
 * @retval other         The status that ended the session, as for prov_session_next().
 * @cost      O(len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_session_datagram(struct prov_session *s, uint32_t id,
                                                               uint64_t now_ms,
                                                               const struct prov_endpoint *from,
                                                               const void *bytes, size_t len);

/**
 * What is to be sent at once from the socket of a PnP exchange; for callers that get several
 * datagrams between two calls of prov_session_next(). Call until false.
 *
 * @param[out] to        Where to.
 * @param[out] datagram  Lives until the session is called again.
 * @return    False if there is nothing, no such exchange is under way, or a pointer is NULL.
 * @cost      Constant.
 */
PROV_API bool prov_session_reply(struct prov_session *s, uint32_t id, uint64_t now_ms,
                                 struct prov_endpoint *to, struct prov_str *datagram);

/**
 * The end of a DHCP question; its bytes came by prov_session_body(). No bytes = no data.
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] status  #PROV_OK; #PROV_E_NOT_FOUND: the interface has no such thing; #PROV_E_NETWORK:
 *                    it could not be asked; #PROV_E_TIMEOUT; #PROV_E_DENIED: the port cannot ask such
 *                    things at all: then the sources count as not asked.
 *
 * @retval PROV_OK          Taken, whatever it said.
 * @retval PROV_E_ARG       @p s is NULL.
 * @retval PROV_E_STATE     No such question is under way (or it was cancelled, or its time is over):
 *                          nothing has changed.
 * @retval PROV_E_CALLBACK  @p status is none of those; the session has ended.
 * @retval other            The status that ended the session, as for prov_session_next().
 * @cost      O(bytes).
 */
PROV_API PROV_NODISCARD enum prov_status
prov_session_asked(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status);

/** What begins a run. */
struct prov_trigger_event {
    size_t size; /**< `sizeof(struct prov_trigger_event)`. */
    enum prov_trigger trigger;
    bool has_url;        /**< Sources are skipped and @p url is used, completed as one from a source
                            (PNP-5). */
    struct prov_str url; /**< With markers; blanks around it do not count. Copied. At most
                            `url_bytes`. */
    struct prov_str document; /**< A configuration that is applied as it is, nothing is fetched; not
                                 a reference file. Copied. At most 8,192 bytes, `file_bytes` and
                                 `tree_bytes`. Goes before @p url. */
};

/**
 * Begin another run: after #PROV_DO_STOP, while waiting for a retry, the time, a run by schedule or
 * its turn after the start (all of which it replaces), or before the first attempt (whose trigger it replaces). While an attempt is under way
 * it is remembered, once, and begins when that has ended: that end is told by #PROV_DO_STOP, not
 * tried again, and the next prov_session_next() begins the new run (`run_follows` of the record). A
 * further trigger replaces the remembered one. A run has all its attempts; each of them uses the
 * address or document of its trigger.
 *
 * @param[in] now_ms  As for prov_session_next().
 * @param[in] event   Borrowed for the call.
 *
 * @retval PROV_OK       Taken.
 * @retval PROV_E_ARG    A pointer is NULL, the trigger unknown, or the address empty.
 * @retval PROV_E_ABI    `event->size` does not fit.
 * @retval PROV_E_LIMIT  The address or the document is too long.
 * @retval other         The status that ended the session.
 * @cost      O(bytes copied).
 */
PROV_API PROV_NODISCARD enum prov_status
prov_session_trigger(struct prov_session *s, uint64_t now_ms,
                     const struct prov_trigger_event *event);

/**
 * A SIP NOTIFY has arrived at the phone (PNP-5). It is judged by the settings and the
 * configuration, answered, and if it is accepted and calls for it, it triggers a run as
 * prov_session_trigger() does, also while one is under way. It does not call for one if it is
 * repeated, is a notifySync for other things, has an empty `url` (no transfer possible), or says
 * that no data is available and brings no address.
 *
 * Settings are those of the attempt under way or of the last one. While they are not known, at the
 * beginning of an attempt, 503 is answered; so it is when the memory that is free at the moment does
 * not hold the body (PROV_CHECK_SYNC_MEMORY()). A body longer than a trigger's document: 413.
 *
 * @param[in]     now_ms   As for prov_session_next().
 * @param[in]     from     Where it came from. Borrowed for the call.
 * @param[in]     message  The datagram. Borrowed for the call, but for `seen->document`.
 * @param[in,out] reply    The SIP response is appended; nothing if it cannot be answered. MUST be
 *                         sent to where the message came from. #PROV_CHECK_SYNC_REPLY_BYTES do.
 * @param[out]    seen     What it asked for and why it was (not) accepted. May be NULL. Unless
 *                         #PROV_OK left as it was. Spans live until the session is called again, and
 *                         as long as @p message.
 *
 * @retval PROV_OK        Read; `seen->answer` tells.
 * @retval PROV_E_ARG     A pointer is NULL.
 * @retval PROV_E_SYNTAX  No SIP request: nothing to answer.
 * @retval PROV_E_LIMIT   As for prov_sip_read(): nothing to answer.
 * @retval PROV_E_SPACE   @p reply is too small: nothing is answered, nothing has changed.
 * @retval PROV_E_MEMORY  Expat got no memory: nothing is answered, nothing has changed.
 * @retval other          The status that ended the session.
 * @cost      As prov_check_sync_read().
 */
PROV_API PROV_NODISCARD enum prov_status
prov_session_notify(struct prov_session *s, uint64_t now_ms, const struct prov_endpoint *from,
                    struct prov_str message, struct prov_buf *reply, struct prov_check_sync *seen);

/**
 * The settings in force work: the phone is registered with them (STO-2). Call prov_session_next()
 * afterwards; it asks to store that they are not on trial any more. To be called whenever the phone
 * has registered with settings that it read after the run had ended.
 *
 * @param[in] now_ms  As for prov_session_next().
 *
 * @retval PROV_OK       Taken. Before the first attempt has read the store: remembered for it.
 * @retval PROV_E_ARG    @p s is NULL.
 * @retval PROV_E_STATE  Nothing is on trial: nothing has changed.
 * @retval other         The status that ended the session.
 * @cost      Constant.
 */
PROV_API enum prov_status prov_session_confirm(struct prov_session *s, uint64_t now_ms);

/** Will #PROV_DO_RESTORE be asked for? False for NULL. */
PROV_API bool prov_session_restores(const struct prov_session *s);

/** Name of a trigger as the tool prints it; `?` for an unknown value. */
PROV_API const char *prov_trigger_name(enum prov_trigger trigger);

/** What happened so far. Never NULL; an empty record for NULL. Valid as long as the session. */
PROV_API const struct prov_record *prov_session_record(const struct prov_session *s);

/**
 * The parameters in force, of a dialect with `layers`: those that are saved, as soon as an attempt
 * has loaded them, and the new ones once they are stored.
 *
 * @return    Valid until the next attempt begins (prov_session_next()). NULL without layers, or if
 *            they are not known.
 * @threads   As the session.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API const struct prov_params *prov_session_params(const struct prov_session *s);

/**
 * The rules of the schedule that counts: `schedule` of the configuration, else those of the settings
 * that the last attempt has loaded.
 *
 * @return    Valid until the session is called again. NULL for NULL, or if no settings are known.
 * @threads   As the session.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API const struct prov_schedule *prov_session_schedule(const struct prov_session *s);

/** Overwrite all memory of the session, with stores that are not optimised away; it is not to be
 * used any more, nor is its record. NULL is no error. */
PROV_API void prov_session_wipe(struct prov_session *s);

/** Name of an outcome as the tool prints it; `?` for an unknown value. */
PROV_API const char *prov_outcome_name(enum prov_outcome outcome);

#ifdef __cplusplus
}
#endif
#endif /* PROV_SESSION_H */
