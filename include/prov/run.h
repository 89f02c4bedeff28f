/* SPDX-License-Identifier: MIT */
#ifndef PROV_RUN_H
#define PROV_RUN_H

/**
 * @file
 * @brief The loop that drives a session over the vendor's callback tables.
 *
 * Layer: driver.
 */

#include <prov/port.h>
#include <prov/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A session bound to three tables. In the caller's memory; members are private. */
struct prov_run {
    struct prov_session *session;
    struct prov_net_ops net_ops;
    struct prov_store_ops store_ops;
    struct prov_clock_ops clock_ops;
    void *net_ctx;
    void *store_ctx;
    void *clock_ctx;
    struct prov_diag diag;
    enum prov_status status;
    uint32_t loading;
    bool busy;
};

/** How things stand after prov_run_step(). */
struct prov_run_state {
    bool ended;       /**< The session has ended: read its record. */
    bool waiting;     /**< Nothing is under way; call again after @p wait_ms. */
    uint32_t wait_ms; /**< With @p waiting. */
};

/**
 * Bind a session to three tables.
 *
 * @param[out] run      The run. MUST NOT be moved while in use.
 * @param[in]  session  From prov_session_init(). Borrowed as long as @p run is used.
 * @param[in]  net      Network. Table copied; its functions and context are used as long as @p run.
 * @param[in]  store    Storage, likewise.
 * @param[in]  clock    Clock, likewise.
 * @param[out] diag     Filled on every result but #PROV_OK; `subject` names the member. May be
 * NULL.
 *
 * @retval PROV_OK     Ready.
 * @retval PROV_E_ARG  A pointer is NULL.
 * @retval PROV_E_ABI  A REQUIRED member is missing, or a table's size does not fit.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_run_init(struct prov_run *run, struct prov_session *session, const struct prov_net *net,
              const struct prov_store *store, const struct prov_clock *clock,
              struct prov_diag *diag);

/**
 * Start everything that can be started and return; for event loops. Does not wait for the network.
 *
 * @retval PROV_OK          @p state is set.
 * @retval PROV_E_ARG       A pointer is NULL.
 * @retval PROV_E_STATE     Called from inside a callback.
 * @retval PROV_E_CALLBACK  A callback broke its contract; prov_run_diag() names it. It stays.
 * @retval other            The session's fatal status. It stays.
 */
PROV_API PROV_NODISCARD enum prov_status prov_run_step(struct prov_run *run,
                                                       struct prov_run_state *state);

/** Call prov_run_step(), wait and sleep until the session has ended. Statuses as for
 * prov_run_step(); #PROV_E_NETWORK if the network's wait failed. */
PROV_API PROV_NODISCARD enum prov_status prov_run_loop(struct prov_run *run);

/** For ports: bytes of a fetch or load, in order. Statuses as for prov_session_body(). */
PROV_API PROV_NODISCARD enum prov_status prov_run_body(struct prov_run *run, uint32_t id,
                                                       const void *bytes, size_t len);

/** For ports: a fetch has ended. Statuses as for prov_session_fetched(). */
PROV_API PROV_NODISCARD enum prov_status prov_run_done(struct prov_run *run, uint32_t id,
                                                       const struct prov_fetch_result *result);

/** Why the last call failed; `subject` names table and member. Code 0 if nothing failed. */
PROV_API const struct prov_diag *prov_run_diag(const struct prov_run *run);

#ifdef __cplusplus
}
#endif
#endif /* PROV_RUN_H */
