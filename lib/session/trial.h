/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_TRIAL_H
#define PROV_SESSION_TRIAL_H

/* New settings on trial (STO-2): what a session knows of them, and where its other parts ask. */

#include <prov/base.h>

struct prov_session;

enum prov_trial {
    PROV_TRIAL_UNSEEN = 0, /* the store has not been read yet */
    PROV_TRIAL_NONE = 1,
    PROV_TRIAL_STORED = 2, /* by the attempt under way */
    PROV_TRIAL_ON = 3,     /* the window is open */
    PROV_TRIAL_OVER = 4,   /* they are to be undone */
    PROV_TRIAL_BACK = 5,   /* the previous ones are in force, and to be read */
};
struct prov_session_trial {
    enum prov_trial now;
    uint64_t until_ms; /* the end of the window */
    bool registered;   /* as the caller says */
    bool resumed;      /* it began before this start */
    bool alone;        /* the attempt does nothing but undo it, no run has asked for it */
    bool refused;      /* the files of this attempt were undone before */
};

/* Settings are to be undone, whatever else there is to wait for. */
bool prov_session_trial_first(const struct prov_session *s);
/* The store has been read: what the attempt goes on with. */
void prov_session_trial_loaded(struct prov_session *s);
/* Settings are about to be stored; or they could not be. */
void prov_session_trial_mark(struct prov_session *s);
void prov_session_trial_unmark(struct prov_session *s);
/* The files make settings that were undone before: the attempt has ended. */
bool prov_session_trial_refuses(struct prov_session *s);
/* The attempt has ended: are its settings on trial? */
bool prov_session_trial_begins(struct prov_session *s);
/* The state was stored, or cannot be; `then` is the phase. */
void prov_session_trial_kept(struct prov_session *s);
void prov_session_trial_restored(struct prov_session *s, enum prov_status status);

#endif /* PROV_SESSION_TRIAL_H */
