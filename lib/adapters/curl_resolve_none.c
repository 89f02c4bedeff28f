/* SPDX-License-Identifier: MIT */
#include "curl_resolve.h"

/* Without c-ares: libcurl looks up names in threads of its own. */

enum prov_status
prov_resolver_new(struct resolver **out, const struct prov_curl_options *options)
{
    *out = NULL;
    return options->dns_servers == NULL ? PROV_OK : PROV_E_ARG;
}

void
prov_resolver_free(struct resolver **r)
{
    *r = NULL;
}

struct name *
prov_resolver_ask(struct resolver *r, const char *host, uint64_t now_ms)
{
    (void)r;
    (void)host;
    (void)now_ms;
    return NULL;
}

void
prov_resolver_release(struct resolver *r, struct name **name)
{
    (void)r;
    *name = NULL;
}

enum next
prov_resolver_next(const struct resolver *r, const struct name *name, bool patient,
                   struct tried *tried, char address[static RESOLVE_TEXT])
{
    (void)r;
    (void)name;
    (void)patient;
    (void)tried;
    address[0] = '\0';
    return NEXT_NONE;
}

void
prov_resolver_dead(struct name *name, const struct tried *tried)
{
    (void)name;
    (void)tried;
}

const char *
prov_resolver_reason(const struct name *name, bool *timed_out)
{
    (void)name;
    *timed_out = false;
    return "";
}

size_t
prov_resolver_sockets(const struct resolver *r, struct pollfd fds[static RESOLVE_SOCKETS])
{
    (void)r;
    (void)fds;
    return 0;
}

uint64_t
prov_resolver_left(const struct resolver *r, uint64_t most)
{
    (void)r;
    return most;
}

void
prov_resolver_process(struct resolver *r, uint64_t now_ms)
{
    (void)r;
    (void)now_ms;
}
