/* SPDX-License-Identifier: MIT */
#ifndef PROV_RUN_H
#define PROV_RUN_H

/**
 * @file
 * @brief The loop that drives a session over the vendor's callback tables.
 *
 * Layer: driver. A port that can only block finishes each fetch inside its `fetch` and gets files
 * one after the other; one with an event loop gets several at a time. Both give the same result.
 *
 * Threads. A run, its session and its callbacks belong to one thread at a time.
 */

#include <prov/port.h>
#include <prov/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What passed between session and port. */
enum prov_watch_kind {
    PROV_WATCH_CLOCK = 0,    /**< The session was told `wall`. */
    PROV_WATCH_ACTION = 1,   /**< It was asked what to do; `status`, and with #PROV_OK `action`. */
    PROV_WATCH_BODY = 2,     /**< `bytes` of a fetch, a load or a question. */
    PROV_WATCH_FETCHED = 3,  /**< The end of a fetch: `result`. */
    PROV_WATCH_DONE = 4,     /**< The end of a load, store or restore: `reported`. */
    PROV_WATCH_PIECE = 5,    /**< `bytes` of `item`, for the store. */
    PROV_WATCH_OPENED = 6,   /**< A PnP socket: `reported`, with #PROV_OK `peer` is its own end. */
    PROV_WATCH_ASKED = 7,    /**< The end of a DHCP question: `reported`. */
    PROV_WATCH_DATAGRAM = 8, /**< `bytes` from `peer`, at a PnP socket. */
    PROV_WATCH_REPLY = 9,    /**< `bytes` to `peer`, the answer to a datagram. */
    PROV_WATCH_NOTIFY =
        10, /**< `bytes` from `peer`, for the phone; `reply` was written, `seen` tells why. */
    PROV_WATCH_TRIGGER = 11, /**< Another run: `trigger`. */
    PROV_WATCH_CONFIRM = 12, /**< The settings on trial were confirmed. */
};

/** One step of a run: the call of a session function with what went in and what came out. Whoever
 * repeats the calls with the same times has the same run. Everything is borrowed for the call of
 * the watcher, and holds secrets. What a kind does not have is zero or NULL. */
struct prov_watch_event {
    size_t size; /**< `sizeof(struct prov_watch_event)` in the library. */
    enum prov_watch_kind kind;
    uint64_t now_ms;         /**< What the session was told; 0 if it was told none. */
    uint32_t id;             /**< Of the action it belongs to. */
    enum prov_status status; /**< What the session answered. */
    enum prov_status reported;
    const struct prov_action *action;
    const struct prov_fetch_result *result;
    const struct prov_wall_time *wall;
    const struct prov_endpoint *peer;
    const struct prov_trigger_event *trigger;
    const struct prov_check_sync *seen; /**< Of a NOTIFY that was read. */
    enum prov_item item;
    struct prov_str bytes;
    struct prov_str reply;
};

/** Someone who looks on: writes a trace, blinks a lamp. */
struct prov_watch {
    /** REQUIRED. MUST NOT call any function of the run or the session but prov_session_record(). */
    void (*seen)(void *ctx, const struct prov_watch_event *event);
    void *ctx;
};

/** A session bound to three tables. In the caller's memory; members are private. */
struct prov_run {
    struct prov_session *session;
    struct prov_net_ops net_ops;
    struct prov_store_ops store_ops;
    struct prov_clock_ops clock_ops;
    void *net_ctx;
    void *store_ctx;
    void *clock_ctx;
    struct prov_watch watch;
    struct prov_diag diag;
    enum prov_status status;
    bool busy;
};

/** How things stand after prov_run_step(). */
struct prov_run_state {
    bool ended;   /**< The run has ended: read its record. With `run_follows` in it the next call
                         begins another one. */
    bool waiting; /**< Call again after @p wait_ms. With neither: something is under way, call
                         again when it has made progress. */
    uint32_t wait_ms; /**< With @p waiting; UINT32_MAX for any longer time. */
    bool under_way;   /**< With @p waiting: something is under way too; call again when it has made
                         progress, or after @p wait_ms. */
};

/**
 * Bind a session to three tables.
 *
 * @param[out] run      The run. MUST NOT be moved while in use. Unless #PROV_OK it is left as it
 *                      was.
 * @param[in]  session  From prov_session_init(). Borrowed as long as @p run is used.
 * @param[in]  net      Network. Table copied; its functions and context are used as long as @p run.
 * @param[in]  store    Storage, likewise.
 * @param[in]  clock    Clock, likewise.
 * @param[out] diag     Filled on every result but #PROV_OK; `subject` names the member, such as
 *                      `net.fetch` or `net.size`. May be NULL.
 *
 * @retval PROV_OK     Ready.
 * @retval PROV_E_ARG  A pointer is NULL.
 * @retval PROV_E_ABI  A REQUIRED member is missing (`restore` too if the session has `confirm_ms`), a network has `wait` or `ask` but no `cancel`,
 *                     or `ask` but no `send`, or a table's size does not fit (prov/abi.h).
 * @cost      Constant. No callback is called.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_run_init(struct prov_run *run, struct prov_session *session, const struct prov_net *net,
              const struct prov_store *store, const struct prov_clock *clock,
              struct prov_diag *diag);

/**
 * Let someone look on from now on, in place of who did so before.
 *
 * @param[in] watch  Copied; its context is used as long as @p run. NULL = nobody.
 * @cost      Constant. NULL for @p run is no error.
 * @since     0.1
 */
PROV_API void prov_run_watch(struct prov_run *run, const struct prov_watch *watch);

/**
 * Start everything that can be started and return; for event loops. Does not wait for the network.
 *
 * @param[out] state  Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK          @p state is set.
 * @retval PROV_E_ARG       A pointer is NULL.
 * @retval PROV_E_STATE     Called from inside a callback; nothing has changed.
 * @retval PROV_E_CALLBACK  A callback broke its contract; prov_run_diag() names it. It stays: the
 *                          run has ended, every call answers the same.
 * @retval PROV_E_ABI, PROV_E_SPACE, PROV_E_MEMORY  The session ended so (prov_session_next()). It
 *                          stays. What the port has under way is not cancelled.
 */
PROV_API PROV_NODISCARD enum prov_status prov_run_step(struct prov_run *run,
                                                       struct prov_run_state *state);

/**
 * Call prov_run_step(), wait and sleep until the run has ended.
 *
 * @retval PROV_OK          It has ended; its record says how. With `run_follows` in the record, or
 *                          after a trigger, the next call runs the next one.
 * @retval PROV_E_NETWORK   The network's wait failed. It stays.
 * @retval PROV_E_ABI       The clock has no `sleep`; or as for prov_run_step(). It stays.
 * @retval PROV_E_CALLBACK  As for prov_run_step(); also when a blocking port (one without `wait`)
 *                          returned from `fetch` without reporting the end.
 * @retval other            As for prov_run_step().
 */
PROV_API PROV_NODISCARD enum prov_status prov_run_loop(struct prov_run *run);

/**
 * For ports: bytes of a fetch or load, in order, in pieces of any length. Allowed inside callbacks.
 *
 * @retval PROV_OK       Taken.
 * @retval PROV_E_LIMIT  Too many: the transfer may be stopped, its end is still to be reported.
 * @retval PROV_E_STATE  No such action is under way (or it was cancelled): nothing has changed.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval other         The status that ended the run.
 */
PROV_API PROV_NODISCARD enum prov_status prov_run_body(struct prov_run *run, uint32_t id,
                                                       const void *bytes, size_t len);

/**
 * For ports: a fetch has ended, for whatever reason. Allowed inside callbacks. A port need not look
 * at the answer: whatever is wrong, prov_run_step() and prov_run_loop() answer it too.
 *
 * @retval PROV_OK       Taken, whatever it said.
 * @retval PROV_E_STATE  No such fetch is under way (or it was cancelled): nothing has changed.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval other         The status that ended the run; #PROV_E_CALLBACK or #PROV_E_ABI if the
 *                       result itself was the reason.
 */
PROV_API enum prov_status prov_run_done(struct prov_run *run, uint32_t id,
                                        const struct prov_fetch_result *result);

/**
 * For ports: a DHCP question has ended (prov_session_asked()). Allowed inside callbacks. As with
 * prov_run_done(), a port need not look at the answer.
 *
 * @param[in] status  #PROV_OK, #PROV_E_NOT_FOUND, #PROV_E_NETWORK, #PROV_E_TIMEOUT.
 *
 * @retval PROV_OK       Taken, whatever it said.
 * @retval PROV_E_STATE  No such question is under way (or it was cancelled): nothing has changed.
 * @retval PROV_E_ARG    @p run is NULL.
 * @retval other         The status that ended the run; #PROV_E_CALLBACK for any other @p status.
 */
PROV_API enum prov_status prov_run_asked(struct prov_run *run, uint32_t id,
                                         enum prov_status status);

/**
 * For ports: a datagram has arrived at the socket of a PnP exchange (prov_session_datagram()).
 * Allowed inside callbacks. `send` is called for the answer before this returns.
 *
 * @param[in] from   Sender.
 * @param[in] bytes  Borrowed for the call.
 *
 * @retval PROV_OK       Taken, whatever it is.
 * @retval PROV_E_STATE  No such exchange is under way (or it was cancelled): nothing has changed.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval other         The status that ended the run; #PROV_E_CALLBACK if `send` broke its contract.
 */
PROV_API enum prov_status prov_run_datagram(struct prov_run *run, uint32_t id,
                                            const struct prov_endpoint *from, const void *bytes,
                                            size_t len);

/**
 * A SIP NOTIFY has arrived at the phone. Call prov_run_step() afterwards. Allowed inside callbacks.
 *
 * @retval PROV_OK     Read; `seen->answer` tells.
 * @retval PROV_E_ARG  A pointer is NULL.
 * @retval other       As for prov_session_notify(), or the status that ended the run.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_run_notify(struct prov_run *run, const struct prov_endpoint *from, struct prov_str message,
                struct prov_buf *reply, struct prov_check_sync *seen);

/**
 * Begin another run. Call prov_run_step() or prov_run_loop() afterwards. Allowed inside callbacks.
 *
 * @retval PROV_OK     Taken.
 * @retval PROV_E_ARG  A pointer is NULL.
 * @retval other       As for prov_session_trigger(), or the status that ended the run.
 */
PROV_API PROV_NODISCARD enum prov_status prov_run_trigger(struct prov_run *run,
                                                          const struct prov_trigger_event *event);

/**
 * The settings in force work: the phone is registered with them (STO-2). Call prov_run_step()
 * afterwards. Allowed inside callbacks.
 *
 * @retval PROV_OK     Taken.
 * @retval PROV_E_ARG  A pointer is NULL.
 * @retval other       As for prov_session_confirm(), or the status that ended the run.
 */
PROV_API enum prov_status prov_run_confirm(struct prov_run *run);

/** Why the run ended with a status; `subject` names table and member, such as `store.commit` or
 * `check.section`. Code 0 if nothing failed. Never NULL; valid as long as the run. */
PROV_API const struct prov_diag *prov_run_diag(const struct prov_run *run);

#ifdef __cplusplus
}
#endif
#endif /* PROV_RUN_H */
