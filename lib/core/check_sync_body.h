/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_CHECK_SYNC_BODY_H
#define PROV_CORE_CHECK_SYNC_BODY_H

/* What the two halves of check_sync share. */

#include <prov/check_sync.h>

/* What a NOTIFY is stopped by. */
enum gate {
    GATE_OPEN = 0,
    GATE_REPEATED,
    GATE_ACK,
    GATE_METHOD,
    GATE_EVENT,
    GATE_OFF,
    GATE_SENDER,
    GATE_RATE,
    GATE_SIZE,
    GATE_TYPE,
    GATE_BODY,
    GATE_DOCUMENT,
    GATE_URL,
};

/* One call of prov_check_sync_read(); lives on its stack. */
struct prov_check_sync_job {
    struct prov_check_sync_policy policy; /* with its presets */
    struct prov_limits limits;
    const struct prov_dialect *dialect;
    const struct prov_endpoint *from;
    uint64_t now_ms;
    struct prov_check_sync_last *last;
    struct prov_arena *arena;
    struct prov_sip sip;
    struct prov_check_sync made;
    struct prov_diag diag; /* with GATE_BODY */
};

/* Reads the body, if there is one: PROV_OK and the gate, or PROV_E_SPACE, _MEMORY, _ARG with
 * nothing taken from the arena. */
enum prov_status prov_check_sync_body(struct prov_check_sync_job *j, enum gate *gate);

#endif /* PROV_CORE_CHECK_SYNC_BODY_H */
