/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_TRUST_H
#define PROV_SESSION_TRUST_H

/* Where the source that the run began with may lead to (prov/trust.h); trust.c. */

#include <prov/trust.h>

struct prov_session;
struct prov_verdict;

/* May an address be fetched that a file, a redirect or a guess leads to? If not, why. The user part
 * makes no difference. */
bool prov_session_allows(const struct prov_session *s, struct prov_str url, struct prov_verdict *v);
/* What the phone remembers, for the search. */
struct prov_trust_known prov_session_known(const struct prov_session *s);
/* The same for what the event brought; `from` is set and addresses that are refused are left out. */
bool prov_session_allows_event(struct prov_session *s, struct prov_verdict *v);
/* A file that was just put in the tree. False if it is refused: then it has failed, with a
 * diagnostic at the place that names it. */
bool prov_session_check_entry(struct prov_session *s, uint32_t entry);
/* The run ends well: the state that will be stored says so. Or it did not. */
void prov_session_learn(struct prov_session *s);
void prov_session_unlearn(struct prov_session *s);

#endif /* PROV_SESSION_TRUST_H */
