/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_STATE_H
#define PROV_SESSION_STATE_H

/*
 * What a session remembers beside the settings: one `key value` a line, between a line with the
 * version and a line `end`. What is zero, false or empty is not written.
 */

#include <prov/buf.h>

/* Longest text that is read, and enough for what is written. */
#define PROV_STATE_BYTES 1024u
/* Longest origin: scheme, a name of 255 bytes, port. */
#define PROV_STATE_ORIGIN 272u

/* A short text with room of its own. */
struct prov_state_text {
    char bytes[PROV_STATE_ORIGIN];
    size_t len;
};

struct prov_state {
    /* The run that was stored last (STO-3). */
    bool stored;          /* there was one: */
    uint8_t input[32];    /* its files */
    uint8_t settings[32]; /* the settings that it made; with layers, the user's changes */
    bool partial;         /* sections had been discarded */

    /* Trust. */
    bool provisioned;           /* a run has ended well */
    struct prov_state_text pin; /* origin of the first server */

    /* New settings on trial (STO-2). */
    uint64_t trial; /* starts of the phone that the trial may still see, plus 1; 0 = none */
    bool before;    /* the settings before were stored too: */
    uint8_t before_input[32];
    uint8_t before_settings[32];
    bool before_partial;
    bool undone;         /* a trial has failed: */
    uint8_t refused[32]; /* of its files; they are not applied again */

    /* Time (TRY-1, DSC-6). */
    uint64_t failures;     /* attempts in a row that failed */
    uint64_t not_before_s; /* no attempt earlier, unless a person asks; Unix seconds */
    uint64_t starts;       /* of the phone, in a row, since a run ended well */
    uint64_t time_s;       /* it has been this late; Unix seconds */
};

/*
 * False, and nothing set, for a text that is not exactly of our making: a state that cannot be
 * trusted counts as none. Keys that are not known are left for later versions.
 */
bool prov_state_read(struct prov_str text, struct prov_state *out);

/* Appends at most PROV_STATE_BYTES. */
void prov_state_write(const struct prov_state *state, struct prov_buf *out);

/* Do both say the same? */
bool prov_state_same(const struct prov_state *a, const struct prov_state *b);

#endif /* PROV_SESSION_STATE_H */
