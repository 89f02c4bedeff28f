/* SPDX-License-Identifier: MIT */
#include "curl_job.h"

/*
 * How many fetches by TLS share a connection, where HTTP/2 lets them.
 *
 * A server may send ten packets over a new connection, and twice as many after each round trip. A
 * few files are there before a second connection, which takes two round trips to be made, would be
 * of use; many are not. Two files of the usual size are just what a connection brings in its first
 * two round trips.
 */

#define SHARED_MOST 8 /* fetches side by side that one connection is enough for */
#define SHARED_ELSE 2 /* of more, on each connection */
#define STREAMS 100   /* libcurl's own limit */

static long
count_fetches(const struct prov_curl *net)
{
    long n = 0;

    for (const struct job *j = net->jobs; j != NULL; j = j->next)
        n += j->by_tls && !j->ended && !j->muted;
    return n;
}

/* Whether a fetch waits for a connection that may be shared. One that has begun is past that. */
static void
set_patience(struct prov_curl *net, bool patient)
{
    for (struct job *j = net->jobs; j != NULL; j = j->next) {
        if (j->by_tls && j->patient != patient &&
            curl_easy_setopt(j->easy, CURLOPT_PIPEWAIT, patient ? 1L : 0L) == CURLE_OK)
            j->patient = patient;
    }
}

static void
set_multi(struct prov_curl *net, CURLMoption option, long *now, long value)
{
    if (*now != value && curl_multi_setopt(net->multi, option, value) == CURLM_OK)
        *now = value;
}

void
prov_curl_spread(struct prov_curl *net)
{
    const long most = net->host_connections;
    const long count = net->no_http2 || net->is_http1 ? 0 : count_fetches(net);
    const bool many = count > SHARED_MOST;
    long connections = many ? (count + SHARED_ELSE - 1) / SHARED_ELSE : most;

    if (most > 0 && connections > most)
        connections = most;
    set_multi(net, CURLMOPT_MAX_HOST_CONNECTIONS, &net->connections, connections);
    set_multi(net, CURLMOPT_MAX_CONCURRENT_STREAMS, &net->streams,
              many ? (count + connections - 1) / connections : STREAMS);
    set_patience(net, count > 0 && !many);
}
