/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_CERTS_H
#define PROV_SESSION_CERTS_H

/* Root certificates that the first file names (PAN-3); certs.c. */

#include <prov/port.h>

struct prov_session;
struct prov_slot;

/* A root certificate that the first file may name. */
struct prov_session_cert {
    struct prov_str stored; /* what the store has for it */
    struct prov_str saved;  /* the same, if it is one */
    bool named;             /* the first file names it */
    bool got;               /* it was fetched and can be used: */
    struct prov_str file;
    struct prov_str pem; /* part of the anchors, the file or the saved one */
};

bool prov_session_has_certs(const struct prov_session *s);
/* One has been loaded. The next item is set. */
void prov_session_cert_loaded(struct prov_session *s);
/* Those that the first file names are put in the tree. */
void prov_session_certs_follow(struct prov_session *s, struct prov_str base,
                               struct prov_str source);
void prov_session_cert_complete(struct prov_session *s, uint32_t entry);
/* The first file has been read, and not all of those that it names have come. */
bool prov_session_certs_pending(const struct prov_session *s);
/* None of them is under way any more: from now on those that were named count. True once: a cancel
 * may be owed. */
bool prov_session_certs_turn(struct prov_session *s);
/* May a file be fetched already? Not before the certificates have come. */
bool prov_session_certs_ready(const struct prov_session *s, uint32_t entry);
/* Is there one that is named and could not be had? */
bool prov_session_certs_missing(const struct prov_session *s);
struct prov_str prov_session_anchors(const struct prov_session *s, const struct prov_slot *slot);
/* What the store holds of them afterwards; `changed` is set if anything is to be written. */
uint64_t prov_session_certs_measure(const struct prov_session *s, bool *changed);
bool prov_session_certs_output(struct prov_session *s, enum prov_item *item,
                               struct prov_str *piece);

#endif /* PROV_SESSION_CERTS_H */
