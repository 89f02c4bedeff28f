/* SPDX-License-Identifier: MIT */
#include "curl_job.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/*
 * Where to connect to (DSC-8). Every address of a name gets a connection time-out of its own, one
 * after the other: libcurl is told one at a time. Given all of them, it would spend half of its time
 * on the first, half of the rest on the second, and begin with IPv6.
 */

/* ---- what is to be looked up ---- */

static bool
is_address(const char *host)
{
    struct in_addr a;

    return host[0] == '[' || inet_pton(AF_INET, host, &a) == 1;
}

static bool
copy_part(CURLU *u, CURLUPart part, unsigned flags, char **to)
{
    char *z = NULL;

    if (curl_url_get(u, part, &z, flags) == CURLUE_OK)
        *to = prov_curl_copy(z, strlen(z));
    curl_free(z);
    return *to != NULL;
}

/* The ports that libcurl has for proxies are not those of their schemes. */
static bool
copy_proxy_port(CURLU *u, const char *address, char **to)
{
    static const char lead[] = "https:";
    const bool by_tls = strncmp(address, lead, sizeof(lead) - 1) == 0;
    const char *usual = by_tls ? "443" : "1080";

    if (!copy_part(u, CURLUPART_PORT, 0, to))
        *to = prov_curl_copy(usual, strlen(usual));
    return *to != NULL;
}

/* What cannot be read is left to libcurl, which says so. */
bool
prov_curl_set_target(struct job *j, const char *address, bool is_proxy)
{
    const unsigned flags = is_proxy ? CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME : 0;
    CURLU *u = curl_url();
    bool is_name;

    if (u == NULL)
        return false;
    is_name = curl_url_set(u, CURLUPART_URL, address, flags) == CURLUE_OK &&
              copy_part(u, CURLUPART_HOST, 0, &j->host) && !is_address(j->host) &&
              (is_proxy ? copy_proxy_port(u, address, &j->port)
                        : copy_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, &j->port));
    curl_url_cleanup(u);
    j->threaded = is_name && j->net->resolver == NULL;
    if (!is_name || j->threaded) {
        free(j->host);
        j->host = NULL;
    }
    return true;
}

void
prov_curl_clear_name(struct job *j)
{
    prov_resolver_release(j->net->resolver, &j->name);
    curl_slist_free_all(j->address);
    free(j->host);
    free(j->port);
}

/* ---- handing it to libcurl ---- */

/* False if the time of the whole transfer is over. */
static bool
set_time_left(const struct job *j)
{
    const uint64_t spent = prov_curl_now_ms() - j->begun_ms;

    return j->whole_ms == 0 || (spent < j->whole_ms &&
                                prov_curl_set_ms(j->easy, CURLOPT_TIMEOUT_MS, j->whole_ms - spent));
}

bool
prov_curl_add(struct job *j)
{
    j->asked_ms = 0;
    j->added = set_time_left(j) && curl_multi_add_handle(j->net->multi, j->easy) == CURLM_OK;
    return j->added;
}

/* As `host:port:address`; an address of IPv6 stands in brackets. */
static bool
connect_to(struct job *j, const char *address)
{
    const bool six = strchr(address, ':') != NULL;
    const size_t size = strlen(j->host) + strlen(j->port) + strlen(address) + sizeof("::[]");
    char *z = malloc(size);
    struct curl_slist *list;

    if (z == NULL)
        return false;
    z[0] = '\0';
    strcat(z, j->host);
    strcat(z, ":");
    strcat(z, j->port);
    strcat(z, six ? ":[" : ":");
    strcat(z, address);
    strcat(z, six ? "]" : "");
    list = curl_slist_append(NULL, z);
    free(z);
    if (list == NULL || curl_easy_setopt(j->easy, CURLOPT_RESOLVE, list) != CURLE_OK) {
        curl_slist_free_all(list);
        return false;
    }
    curl_slist_free_all(j->address);
    j->address = list;
    return prov_curl_add(j);
}

/* libcurl itself would try the family that the system sorts first: mostly IPv6. */
static bool
set_family(const struct job *j, bool ipv6)
{
    const long one = ipv6 ? CURL_IPRESOLVE_V6 : CURL_IPRESOLVE_V4;

    return curl_easy_setopt(j->easy, CURLOPT_IPRESOLVE,
                            j->threaded ? one : (long)CURL_IPRESOLVE_WHATEVER) == CURLE_OK;
}

/* ---- the next address ---- */

/* True: it is connected to, or waited for. */
static bool
advance(struct job *j, bool patient)
{
    char address[RESOLVE_TEXT];

    switch (prov_resolver_next(j->net->resolver, j->name, patient, &j->tried, address)) {
    case NEXT_ADDRESS:
        return connect_to(j, address);
    case NEXT_WAIT:
        if (j->asked_ms == 0)
            j->asked_ms = prov_curl_now_ms();
        return true;
    case NEXT_NONE:
        break;
    }
    return false;
}

/* What happened to an address says more than that there is no other one. */
static void
give_up(struct job *j)
{
    bool timed_out;

    j->asked_ms = 0;
    j->ended = true;
    j->code = j->first_code;
    if (j->code != CURLE_OK)
        return;
    j->why = prov_resolver_reason(j->name, &timed_out);
    j->code = timed_out ? CURLE_OPERATION_TIMEDOUT : CURLE_COULDNT_RESOLVE_HOST;
}

bool
prov_curl_begin(struct job *j)
{
    const struct prov_curl *net = j->net;

    if (j->host == NULL) {
        j->two_families = j->threaded && net->family == PROV_CURL_DUAL;
        return set_family(j, net->family == PROV_CURL_IPV6 ||
                                 (net->prefer_ipv6 && net->family != PROV_CURL_IPV4)) &&
               prov_curl_add(j);
    }
    j->name = prov_resolver_ask(net->resolver, j->host, j->begun_ms);
    if (j->name == NULL)
        return false;
    if (!advance(j, true))
        give_up(j);
    return true;
}

/* Is it for want of an answer, or of a connection? By UDP there is none that could be missed. */
static bool
is_unreachable(const struct job *j, CURLcode code)
{
    if (j->is_tftp && j->bytes == 0)
        return code == CURLE_OPERATION_TIMEDOUT || code == CURLE_COULDNT_CONNECT ||
               code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
    return j->last_ms == 0 &&
           (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
            code == CURLE_COULDNT_CONNECT ||
            (code == CURLE_OPERATION_TIMEDOUT &&
             prov_curl_info_off(j, CURLINFO_CONNECT_TIME_T) == 0));
}

/* libcurl looks up names: the other family. */
static bool
other_family(struct job *j)
{
    if (!j->two_families)
        return false;
    j->two_families = false;
    return set_family(j, !j->net->prefer_ipv6) && prov_curl_add(j);
}

bool
prov_curl_begin_again(struct job *j, CURLcode code)
{
    if (!is_unreachable(j, code))
        return false;
    if (j->name != NULL)
        prov_resolver_dead(j->name, &j->tried);
    else if (!j->two_families)
        return false;
    j->last_ms = 0;
    j->idled = false;
    if (!(j->name != NULL ? advance(j, true) : other_family(j)))
        return false;
    j->first_code = code;
    return true;
}

/* ---- while the name is looked up ---- */

static uint64_t
deadline(const struct job *j)
{
    const uint64_t name = j->connect_ms != 0 ? j->asked_ms + j->connect_ms : UINT64_MAX;
    const uint64_t whole = j->whole_ms != 0 ? j->begun_ms + j->whole_ms : UINT64_MAX;

    return name < whole ? name : whole;
}

void
prov_curl_check_name(struct job *j, uint64_t now)
{
    if (j->asked_ms != 0 && !advance(j, now < deadline(j)))
        give_up(j);
}

uint64_t
prov_curl_name_left(const struct job *j, uint64_t now, uint64_t most)
{
    const uint64_t until = deadline(j);

    if (until <= now)
        return 0;
    return until - now < most ? until - now : most;
}
