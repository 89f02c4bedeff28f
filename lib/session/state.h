/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_STATE_H
#define PROV_SESSION_STATE_H

/* What a session remembers from the last run that was stored (STO-3): one `key value` a line. */

#include <prov/buf.h>

/* Longest text that is read, and enough for what is written. */
#define PROV_STATE_BYTES 512u

struct prov_state {
    uint8_t input[32];    /* the files, see prov_session_digest_input() */
    uint8_t settings[32]; /* the settings that were stored */
    bool partial;         /* sections had been discarded */
};

/*
 * False, and nothing set, for a text that is not exactly of our making: a state that cannot be
 * trusted counts as none. Keys that are not known are left for later versions.
 */
bool prov_state_read(struct prov_str text, struct prov_state *out);

/* Appends at most PROV_STATE_BYTES. */
void prov_state_write(const struct prov_state *state, struct prov_buf *out);

#endif /* PROV_SESSION_STATE_H */
