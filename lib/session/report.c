/* SPDX-License-Identifier: MIT */

/* What the caller reports. A report for an id that is not under way changes nothing. */

#include <prov/abi.h>

#include "session/private.h"

enum prov_status
prov_session_body(struct prov_session *s, uint32_t id, const void *bytes, size_t len)
{
    const struct prov_question *q;
    struct prov_slot *slot;

    if (s == NULL || (bytes == NULL && len > 0))
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    slot = prov_session_slot(s, id);
    if (slot != NULL)
        return len > 0 ? prov_session_fetch_body(s, slot, bytes, len) : PROV_OK;
    q = prov_session_question(s, id);
    if (q != NULL)
        return len > 0 ? prov_session_dhcp_body(s, q, bytes, len) : PROV_OK;
    if (s->phase != PROV_PHASE_LOAD || s->io_id == 0 || id != s->io_id)
        return PROV_E_STATE;
    return len > 0 ? prov_session_load_body(s, bytes, len) : PROV_OK;
}

static bool
is_one_of(enum prov_status status, const enum prov_status *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == status)
            return true;
    }
    return false;
}

#define IS_ONE_OF(status, list) is_one_of(status, list, sizeof(list) / sizeof((list)[0]))

enum prov_status
prov_session_fetched(struct prov_session *s, uint32_t id, uint64_t now_ms,
                     const struct prov_fetch_result *result)
{
    static const enum prov_status documented[] = { PROV_OK,          PROV_E_NETWORK, PROV_E_TIMEOUT,
                                                   PROV_E_NOT_FOUND, PROV_E_DENIED,  PROV_E_LIMIT,
                                                   PROV_E_CANCELLED, PROV_E_MEMORY };
    struct prov_fetch_result r;
    struct prov_slot *slot;

    if (s == NULL || result == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    slot = prov_session_slot(s, id);
    if (slot == NULL)
        return PROV_E_STATE;
    prov_session_set_time(s, now_ms);
    if (prov_abi_import(&r, sizeof(r), result, offsetof(struct prov_fetch_result, http_status)) !=
        PROV_OK)
        prov_session_fail(s, PROV_E_ABI);
    else if (!IS_ONE_OF(r.status, documented))
        prov_session_fail(s, PROV_E_CALLBACK);
    else
        prov_session_fetch_end(s, slot, &r);
    return s->fatal;
}

enum prov_status
prov_session_done(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status)
{
    if (s == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    if (s->io_id == 0 || id != s->io_id)
        return PROV_E_STATE;
    prov_session_set_time(s, now_ms);
    if (status != PROV_OK && status != PROV_E_STORAGE &&
        (status != PROV_E_NOT_FOUND ||
         (s->phase != PROV_PHASE_LOAD && s->phase != PROV_PHASE_RESTORE)))
        prov_session_fail(s, PROV_E_CALLBACK);
    else if (s->phase == PROV_PHASE_LOAD)
        prov_session_loaded(s, status);
    else
        prov_session_stored(s, status);
    return s->fatal;
}

enum prov_status
prov_session_asked(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status)
{
    static const enum prov_status documented[] = { PROV_OK, PROV_E_NOT_FOUND, PROV_E_NETWORK,
                                                   PROV_E_TIMEOUT, PROV_E_DENIED };
    struct prov_question *q;

    if (s == NULL)
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    q = prov_session_question(s, id);
    if (q == NULL)
        return PROV_E_STATE;
    prov_session_set_time(s, now_ms);
    if (!IS_ONE_OF(status, documented))
        prov_session_fail(s, PROV_E_CALLBACK);
    else
        prov_session_dhcp_end(s, q, status);
    return s->fatal;
}

/* The PnP exchange of an id is under way. */
static bool
is_pnp(const struct prov_session *s, uint32_t id)
{
    const struct prov_question *q = &s->questions[PROV_NEED_PNP];

    return q->state == PROV_SLOT_BUSY && q->id == id;
}

enum prov_status
prov_session_opened(struct prov_session *s, uint32_t id, uint64_t now_ms, enum prov_status status,
                    const struct prov_endpoint *local)
{
    static const enum prov_status documented[] = { PROV_OK, PROV_E_NOT_FOUND, PROV_E_NETWORK,
                                                   PROV_E_DENIED };

    if (s == NULL || (status == PROV_OK && local == NULL))
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    if (!is_pnp(s, id) || s->pnp.open)
        return PROV_E_STATE;
    prov_session_set_time(s, now_ms);
    if (!IS_ONE_OF(status, documented) ||
        (status == PROV_OK && (local->family == PROV_FAMILY_NONE || local->port == 0)))
        prov_session_fail(s, PROV_E_CALLBACK);
    else
        prov_session_pnp_opened(s, status, local);
    return s->fatal;
}

enum prov_status
prov_session_datagram(struct prov_session *s, uint32_t id, uint64_t now_ms,
                      const struct prov_endpoint *from, const void *bytes, size_t len)
{
    if (s == NULL || from == NULL || (bytes == NULL && len > 0))
        return PROV_E_ARG;
    if (s->fatal != PROV_OK)
        return s->fatal;
    if (!is_pnp(s, id) || !s->pnp.open)
        return PROV_E_STATE;
    prov_session_set_time(s, now_ms);
    prov_session_pnp_datagram(s, from, (struct prov_str){ len > 0 ? bytes : "", len });
    return s->fatal;
}

bool
prov_session_reply(struct prov_session *s, uint32_t id, uint64_t now_ms, struct prov_endpoint *to,
                   struct prov_str *datagram)
{
    if (s == NULL || to == NULL || datagram == NULL || s->fatal != PROV_OK)
        return false;
    if (!is_pnp(s, id) || !s->pnp.open)
        return false;
    prov_session_set_time(s, now_ms);
    return prov_session_pnp_send(s, to, datagram);
}
