/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_CURL_RESOLVE_H
#define PROV_ADAPTERS_CURL_RESOLVE_H

/*
 * Names to addresses, in the adapter's own loop: no thread, and a lookup that is not wanted any
 * more holds up nobody. Private to the adapter. Two sources implement it: curl_resolve.c with
 * c-ares, curl_resolve_none.c where that is not to be had; then there is never a resolver.
 */

#include <prov/adapters/curl.h>

#include <poll.h>

#define RESOLVE_ADDRESSES 16 /* of one family; the first ones */
#define RESOLVE_SOCKETS 16
#define RESOLVE_TEXT 46 /* an address and NUL */

/* What is known about one name. */
struct name;

struct resolver;

/* An index for each family. */
enum family {
    FAMILY_IPV4,
    FAMILY_IPV6,
    FAMILIES,
};

/* The addresses that one fetch has tried already, a bit for each, by family. Zero = none. */
struct tried {
    uint32_t bits[FAMILIES];
    enum family family; /* of the address given last */
    unsigned at;
};

enum next {
    NEXT_ADDRESS, /* here is one */
    NEXT_WAIT,    /* there may be more to come */
    NEXT_NONE,    /* there is no other */
};

/* NULL and PROV_OK if names are left to libcurl. PROV_E_ARG: the list of servers is malformed, or
 * cannot be used. */
enum prov_status prov_resolver_new(struct resolver **out, const struct prov_curl_options *options);

/* All names must have been released. */
void prov_resolver_free(struct resolver **r);

/* Begins to ask unless the answer is known or under way. NULL without memory. Give it back with
 * prov_resolver_release(), at any time. */
struct name *prov_resolver_ask(struct resolver *r, const char *host, uint64_t now_ms);
void prov_resolver_release(struct resolver *r, struct name **name);

/* The next address that was not tried: of the preferred family first, those that led others nowhere
 * last. Unless @p patient, answers
 * that are still to come are not waited for. */
enum next prov_resolver_next(const struct resolver *r, const struct name *name, bool patient,
                             struct tried *tried, char address[static RESOLVE_TEXT]);

/* The address given last leads nowhere: others should try it last. */
void prov_resolver_dead(struct name *name, const struct tried *tried);

/* Why there is no address at all. */
const char *prov_resolver_reason(const struct name *name, bool *timed_out);

/* Sockets to wait for; 0 with nothing under way, and without a resolver. */
size_t prov_resolver_sockets(const struct resolver *r, struct pollfd fds[static RESOLVE_SOCKETS]);

/* After this time at the latest prov_resolver_process() wants to be called; at most @p most. */
uint64_t prov_resolver_left(const struct resolver *r, uint64_t most);

/* Read what has come, ask again, give up. Never blocks. */
void prov_resolver_process(struct resolver *r, uint64_t now_ms);

#endif /* PROV_ADAPTERS_CURL_RESOLVE_H */
