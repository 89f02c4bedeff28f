/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_RECALL_H
#define PROV_SESSION_RECALL_H

/*
 * What is remembered of the last run's files (recall.c), and files that are asked for because of
 * that before they are named (guess.c). A part of private.h.
 */

#include <prov/ref.h>
#include <prov/session.h>

#include "session/remember.h"

struct prov_slot;

/* A file that is remembered, and asked for before it is named; same index as in the list. */
enum prov_guess_state {
    PROV_GUESS_IDLE = 0,
    PROV_GUESS_UNDER_WAY = 1,
    PROV_GUESS_THERE = 2, /* its text is in a growing part of the region, and may be dropped */
    PROV_GUESS_SAME = 3,  /* 304 */
    PROV_GUESS_GONE = 4,  /* taken over, dropped, or it could not be had */
};
struct prov_guess {
    enum prov_guess_state state;
    uint32_t entry; /* that took it over, PROV_REF_NONE = none */
    uint32_t part;
    bool auth;
    struct prov_str validator;
    bool validator_is_etag;
    struct prov_fetch_record record;
};

/* How much is to be remembered. */
enum prov_recall_plan {
    PROV_RECALL_ALL = 0,
    PROV_RECALL_ADDRESSES = 1, /* no validators: those of some files would be of no use */
    PROV_RECALL_FIRST = 2,     /* the address of the first file */
};

/* What is remembered. */
struct prov_recall {
    char *text;
    size_t len; /* beyond its room: too long to be ours */
    struct prov_remembered *files;
    uint32_t count;
    bool conditional; /* validators may be sent */
    bool guessing;    /* the first file is the one of last time: the others are asked for */
    bool fetched;     /* the first file is one that was fetched */
    struct prov_guess *guesses;
    uint8_t input[32]; /* digest of this run's files; without layers */
    bool same;         /* so are all files */
    bool news;         /* there is something to be written: */
    char *piece;
    enum prov_recall_plan plan;
    uint32_t next; /* place in it: 0 = head, then files, end */
};

/* Of the text about the tree. */
static inline size_t
prov_session_recall_bytes(const struct prov_limits *l)
{
    return PROV_REMEMBER_HEAD + ((size_t)l->tree_files + 1) * PROV_REMEMBER_FILE;
}

/* A file of it, or its head; and an address. */
static inline size_t
prov_session_piece_bytes(const struct prov_limits *l)
{
    return 3 * (size_t)l->url_bytes + PROV_REMEMBER_VALIDATOR + PROV_REMEMBER_HEAD;
}

/* Strings that grow side by side: those under way, and those that wait to be named. */
static inline uint32_t
prov_session_parts(const struct prov_limits *l)
{
    return l->fetches + 1 + l->tree_files;
}

/* recall.c */
/* The text has been loaded. */
void prov_session_recalled(struct prov_session *s, enum prov_status status);
enum prov_status prov_session_recall_body(struct prov_session *s, const void *bytes, size_t len);
/* The attempt has a result. Is it to be remembered otherwise than it is? */
bool prov_session_recall_news(struct prov_session *s);
bool prov_session_recall_output(struct prov_session *s, struct prov_str *piece);

/* guess.c */
/* The first file is about to be fetched. */
void prov_session_guess_begin(struct prov_session *s);
/* Hand over what is there or under way to a file that was named meanwhile; drop what will not be
 * named. False if there was nothing to do. */
bool prov_session_guess_turn(struct prov_session *s);
/* Next one to ask for, PROV_REF_NONE = none at present. */
uint32_t prov_session_guess_next(const struct prov_session *s);
void prov_session_guess_start(struct prov_session *s, struct prov_slot *slot, uint32_t guess);
void prov_session_guess_end(struct prov_session *s, struct prov_slot *slot,
                            const struct prov_fetch_result *r, bool good);
/* A file that is named needs a slot: the guess that began last gives way. False if there is none. */
bool prov_session_guess_yield(struct prov_session *s);
/* A file that is named needs room. */
void prov_session_guess_shrink(struct prov_session *s);
/* None is wanted any more. */
void prov_session_guess_stop(struct prov_session *s);
/* The same origin, user and password. */
bool prov_session_same_user(struct prov_str a, struct prov_str b);
/* The file to send validators of with this fetch, NULL = none. */
const struct prov_remembered *prov_session_condition(const struct prov_session *s,
                                                     const struct prov_slot *slot);
bool prov_session_is_not_modified(const struct prov_slot *slot, const struct prov_fetch_result *r);
/* Has a reference file come that tells to be the one of last time? k: NULL = none is known. */
bool prov_session_is_as_known(const struct prov_slot *slot, const struct prov_remembered *k,
                              struct prov_str validator, bool is_etag);
/* A named file has answered so. */
void prov_session_same(struct prov_session *s, const struct prov_slot *slot);
/* Some file is not as it was. */
void prov_session_changed(struct prov_session *s);
/* All files are the same: the attempt ends. False if they are not. */
bool prov_session_all_same(struct prov_session *s);
/* Keep what the answer says about its text. */
struct prov_str prov_session_validator(struct prov_session *s, const struct prov_fetch_result *r,
                                       bool *is_etag);

#endif /* PROV_SESSION_RECALL_H */
