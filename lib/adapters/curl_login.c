/* SPDX-License-Identifier: MIT */
#include "curl_job.h"

#include <stdlib.h>
#include <string.h>

/*
 * When a login is sent (NET-2). The first request to a server goes without, so that the server says
 * which way it wants; that costs a round trip. Once it wanted Basic, further requests that have a
 * login send it at once, as RFC 7617 2.2 allows. A server that offers Digest gets Digest, for which
 * it has to be asked each time.
 */

#define ORIGIN_MAX 256 /* longer ones are not remembered */

/* Scheme, host and port as they stand in the address. */
static struct prov_str
origin_of(struct prov_str url)
{
    size_t to = 0;

    while (to + 2 < url.len && memcmp(url.ptr + to, "://", 3) != 0)
        to++;
    for (to += 3; to < url.len; to++) {
        if (strchr("/?#", url.ptr[to]) != NULL)
            break;
    }
    return prov_str_cut(url, 0, to);
}

static bool
is_known(const struct prov_curl *net, struct prov_str origin)
{
    for (size_t i = 0; i < LOGINS; i++) {
        if (net->logins[i] != NULL && prov_str_eq_nocase(prov_str_z(net->logins[i]), origin))
            return true;
    }
    return false;
}

/* In the place of the oldest. */
static void
remember(struct prov_curl *net, struct prov_str origin)
{
    char **at = &net->logins[net->login_at];

    net->login_at = (net->login_at + 1) % LOGINS;
    free(*at);
    *at = origin.len <= ORIGIN_MAX ? prov_curl_copy(origin.ptr, origin.len) : NULL;
}

static void
forget(struct prov_curl *net, struct prov_str origin)
{
    for (size_t i = 0; i < LOGINS; i++) {
        if (net->logins[i] == NULL || !prov_str_eq_nocase(prov_str_z(net->logins[i]), origin))
            continue;
        free(net->logins[i]);
        net->logins[i] = NULL;
    }
}

static bool
set_ways(struct job *j, unsigned long ways)
{
    return curl_easy_setopt(j->easy, CURLOPT_HTTPAUTH, (long)ways) == CURLE_OK;
}

bool
prov_curl_set_login(struct job *j, const struct prov_fetch *req)
{
    j->has_login = req->user.len > 0;
    j->login_at_once = j->has_login && is_known(j->net, origin_of(req->url));
    return set_ways(j, j->login_at_once ? CURLAUTH_BASIC : CURLAUTH_BASIC | CURLAUTH_DIGEST);
}

bool
prov_curl_login_again(struct job *j)
{
    const long status = prov_curl_info_long(j, CURLINFO_RESPONSE_CODE);
    const unsigned long ways = (unsigned long)prov_curl_info_long(j, CURLINFO_HTTPAUTH_AVAIL);
    const bool digest = (ways & CURLAUTH_DIGEST) != 0;
    char *url = NULL;

    if (!j->has_login || !j->is_http || ways == 0 ||
        curl_easy_getinfo(j->easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == NULL)
        return false;

    const struct prov_str origin = origin_of(prov_str_z(url));

    if (status != 401) {
        if ((ways & CURLAUTH_BASIC) != 0 && !digest && !is_known(j->net, origin))
            remember(j->net, origin);
        return false;
    }
    forget(j->net, origin);
    if (!j->login_at_once || !digest)
        return false;
    j->login_at_once = false;
    return set_ways(j, CURLAUTH_DIGEST); /* the handle has kept what the server asked */
}
