/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* strdup(), strcasecmp() */
#endif

#include "curl_resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

/* This header needs those above. */
#include <sys/select.h>

#include <ares.h>

#define KEPT_MAX 16         /* names that nobody uses at the moment */
#define TTL_MIN_S 1         /* the fetches of one run begin within it, and of `/etc/hosts` */
#define TTL_MAX_S 86400     /* one day */
#define NEGATIVE_MS 2000    /* the same failure is told to all fetches of a run */
#define DNS_TIMEOUT_MS 1500 /* of the first round; c-ares doubles it with each */
#define DNS_TRIES 3
#define DNS_TIMEOUT_MAX 60000
#define DNS_TRIES_MAX 10

/* Of one family. */
struct answer {
    struct name *name; /* for the callback */
    bool asked;
    bool pending;
    int status; /* of c-ares */
    uint32_t ttl_s;
    unsigned count;
    uint32_t dead; /* a bit for each that led nowhere: they are tried last */
    char text[RESOLVE_ADDRESSES][RESOLVE_TEXT];
};

struct name {
    struct name *next;
    struct resolver *r;
    unsigned users; /* fetches, and questions under way */
    char *host;
    uint64_t until_ms; /* UINT64_MAX while a question is under way */
    struct answer of[FAMILIES];
};

struct resolver {
    ares_channel
        channel; /* NULL with nothing under way: a new one reads the system's servers anew */
    unsigned pending;
    int failure;        /* what a server said last instead of an answer, as a status of c-ares */
    struct name *names; /* the latest first */
    uint64_t now_ms;
    char *servers; /* NULL = the system's */
    int timeout_ms;
    int tries;
    bool prefer_ipv6;
    bool wanted[FAMILIES];
};

/* ---- what can go wrong, the most telling first ---- */

static const struct {
    int status;
    const char *text;
} reasons[] = {
    { ARES_ETIMEOUT, "no answer from the DNS servers" },
    { ARES_ECONNREFUSED, "the DNS servers cannot be reached" },
    { ARES_ESERVFAIL, "the DNS server failed (SERVFAIL)" },
    { ARES_EREFUSED, "the DNS server refused to answer" },
    { ARES_ENOTIMP, "the DNS server cannot answer such questions" },
    { ARES_EFORMERR, "the DNS server does not understand the question" },
    { ARES_EBADRESP, "the answer of the DNS server makes no sense" },
    { ARES_EBADNAME, "no name that DNS could know" },
    { ARES_ENOMEM, "no memory to look up the name" },
    { ARES_ENODATA, "the name has no address" },
    { ARES_ENOTFOUND, "no such name in DNS" },
};

static size_t
reason_of(int status)
{
    size_t i = 0;

    while (i < sizeof(reasons) / sizeof(reasons[0]) && reasons[i].status != status)
        i++;
    return i;
}

const char *
prov_resolver_reason(const struct name *name, bool *timed_out)
{
    const size_t count = sizeof(reasons) / sizeof(reasons[0]);
    size_t found = count;

    for (size_t f = 0; f < FAMILIES; f++) {
        const struct answer *a = &name->of[f];
        const size_t row = a->asked ? reason_of(a->pending ? ARES_ETIMEOUT : a->status) : count;

        found = row < found ? row : found;
    }
    *timed_out = found < count && reasons[found].status == ARES_ETIMEOUT;
    return found < count ? reasons[found].text : "the name cannot be looked up";
}

/* ---- names ---- */

static void
free_name(struct name *n)
{
    free(n->host);
    free(n);
}

/* Those beyond the limit that nobody uses, the oldest ones. */
static void
trim(struct resolver *r)
{
    struct name **at = &r->names;
    unsigned kept = 0;

    while (*at != NULL) {
        struct name *n = *at;

        if (n->users > 0 || ++kept <= KEPT_MAX) {
            at = &n->next;
            continue;
        }
        *at = n->next;
        free_name(n);
    }
}

static uint32_t
ttl_of(const struct answer *a, uint32_t most)
{
    return a->count > 0 && a->ttl_s < most ? a->ttl_s : most;
}

/* Both questions are answered: how long does that hold? */
static void
set_until(struct name *n)
{
    const struct answer *four = &n->of[FAMILY_IPV4];
    const struct answer *six = &n->of[FAMILY_IPV6];
    uint64_t ms = NEGATIVE_MS;

    if (four->pending || six->pending)
        return;
    if (four->count + six->count > 0)
        ms = (uint64_t)ttl_of(four, ttl_of(six, TTL_MAX_S)) * 1000;
    n->until_ms = n->r->now_ms + ms;
}

/* ---- c-ares ---- */

static const int domains[FAMILIES] = { [FAMILY_IPV4] = AF_INET, [FAMILY_IPV6] = AF_INET6 };

static bool
put_address(const struct sockaddr *from, char to[static RESOLVE_TEXT])
{
    const void *bytes = &((const struct sockaddr_in *)(const void *)from)->sin_addr;

    if (from->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
    return inet_ntop(from->sa_family, bytes, to, RESOLVE_TEXT) != NULL;
}

static void
lower(uint32_t *ttl_s, int other)
{
    const uint32_t floor = other > TTL_MIN_S ? (uint32_t)other : TTL_MIN_S;

    *ttl_s = floor < *ttl_s ? floor : *ttl_s;
}

static void
take(struct answer *a, const struct ares_addrinfo *found)
{
    a->ttl_s = TTL_MAX_S;
    for (const struct ares_addrinfo_cname *c = found->cnames; c != NULL; c = c->next)
        lower(&a->ttl_s, c->ttl);
    for (const struct ares_addrinfo_node *n = found->nodes; n != NULL; n = n->ai_next) {
        lower(&a->ttl_s, n->ai_ttl);
        if (a->count < RESOLVE_ADDRESSES && put_address(n->ai_addr, a->text[a->count]))
            a->count++;
    }
}

/* Called by c-ares, also from inside of asking, and when it is ended. */
static void
on_answer(void *ctx, int status, int timeouts, struct ares_addrinfo *found)
{
    struct answer *a = ctx;
    struct name *n = a->name;

    (void)timeouts;
    a->pending = false;
    a->status = status == ARES_ECONNREFUSED && n->r->failure != 0 ? n->r->failure : status;
    if (found != NULL) {
        if (status == ARES_SUCCESS)
            take(a, found);
        ares_freeaddrinfo(found);
    }
    if (a->count == 0 && status == ARES_SUCCESS)
        a->status = ARES_ENODATA;
    n->r->pending--;
    n->users--;
    set_until(n);
}

static bool
open_channel(struct resolver *r)
{
    static char files_then_dns[] = "fb";
    struct ares_options o = { 0 };
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;

    if (r->channel != NULL)
        return true;
    o.timeout = r->timeout_ms;
    o.tries = r->tries;
    o.lookups = files_then_dns;
    r->failure = 0;
    if (ares_init_options(&r->channel, &o, mask) != ARES_SUCCESS) {
        r->channel = NULL;
        return false;
    }
    if (r->servers == NULL || ares_set_servers_ports_csv(r->channel, r->servers) == ARES_SUCCESS)
        return true;
    ares_destroy(r->channel);
    r->channel = NULL;
    return false;
}

static void
close_channel(struct resolver *r)
{
    if (r->channel != NULL)
        ares_destroy(r->channel);
    r->channel = NULL;
}

/* RFC 6761 6.3: never asked for. (c-ares 1.18.1 does it too, but loses memory each time.) */
static bool
is_localhost(const char *host)
{
    static const char own[] = "localhost";
    const size_t len = strlen(host);
    const size_t n = sizeof(own) - 1;

    return len >= n && strcasecmp(host + len - n, own) == 0 &&
           (len == n || host[len - n - 1] == '.');
}

static void
answer_loopback(struct answer *a, enum family f)
{
    a->count = 1;
    a->ttl_s = TTL_MAX_S;
    strcpy(a->text[0], f == FAMILY_IPV6 ? "::1" : "127.0.0.1");
    a->pending = false;
    set_until(a->name);
}

static void
ask(struct name *n, enum family f)
{
    const struct ares_addrinfo_hints hints = {
        /* The order of the server spreads phones over several machines: it is kept. */
        .ai_flags = ARES_AI_NOSORT,
        .ai_family = domains[f],
        .ai_socktype = SOCK_STREAM,
    };
    struct answer *a = &n->of[f];

    a->name = n;
    a->asked = true;
    a->pending = true;
    if (is_localhost(n->host)) {
        answer_loopback(a, f);
        return;
    }
    n->users++;
    n->r->pending++;
    ares_getaddrinfo(n->r->channel, n->host, NULL, &hints, on_answer, a);
}

/* ---- for fetches ---- */

static struct name *
find(const struct resolver *r, const char *host, uint64_t now_ms)
{
    struct name *n = r->names;

    while (n != NULL && (strcasecmp(n->host, host) != 0 || now_ms >= n->until_ms))
        n = n->next;
    return n;
}

static struct name *
add(struct resolver *r, const char *host)
{
    struct name *n = calloc(1, sizeof(*n));

    if (n == NULL)
        return NULL;
    n->host = strdup(host);
    if (n->host == NULL || !open_channel(r)) {
        free_name(n);
        return NULL;
    }
    n->r = r;
    n->until_ms = UINT64_MAX;
    n->next = r->names;
    r->names = n;
    return n;
}

struct name *
prov_resolver_ask(struct resolver *r, const char *host, uint64_t now_ms)
{
    struct name *n = find(r, host, now_ms);

    r->now_ms = now_ms;
    if (n != NULL) {
        n->users++;
        return n;
    }
    n = add(r, host);
    if (n == NULL)
        return NULL;
    n->users++;
    /* Both are marked before the first is asked, which may be answered at once. */
    for (int f = 0; f < FAMILIES; f++)
        n->of[f].pending = r->wanted[f];
    for (int f = 0; f < FAMILIES; f++) {
        if (r->wanted[f])
            ask(n, (enum family)f);
    }
    return n;
}

void
prov_resolver_release(struct resolver *r, struct name **name)
{
    if (*name != NULL) {
        (*name)->users--;
        trim(r);
    }
    *name = NULL;
}

/* One of a family, except for these. */
static bool
pick(const struct answer *a, enum family f, uint32_t except, struct tried *tried)
{
    unsigned at = 0;

    while (at < a->count && ((tried->bits[f] | except) & 1u << at) != 0)
        at++;
    if (at == a->count)
        return false;
    tried->bits[f] |= 1u << at;
    tried->family = f;
    tried->at = at;
    return true;
}

enum next
prov_resolver_next(const struct resolver *r, const struct name *name, bool patient,
                   struct tried *tried, char address[static RESOLVE_TEXT])
{
    for (int i = 0; i < 2 * FAMILIES; i++) {
        const enum family f = r->prefer_ipv6 == (i % 2 == 0) ? FAMILY_IPV6 : FAMILY_IPV4;
        const struct answer *a = &name->of[f];

        if (a->pending && patient)
            return NEXT_WAIT;
        if (pick(a, f, i < FAMILIES ? a->dead : 0, tried)) {
            memcpy(address, a->text[tried->at], RESOLVE_TEXT);
            return NEXT_ADDRESS;
        }
    }
    return NEXT_NONE;
}

void
prov_resolver_dead(struct name *name, const struct tried *tried)
{
    name->of[tried->family].dead |= 1u << tried->at;
}

/* ---- in the loop ---- */

size_t
prov_resolver_sockets(const struct resolver *r, struct pollfd fds[static RESOLVE_SOCKETS])
{
    ares_socket_t socks[ARES_GETSOCK_MAXNUM];
    size_t n = 0;
    int bits;

    if (r == NULL || r->channel == NULL)
        return 0;
    bits = ares_getsock(r->channel, socks, ARES_GETSOCK_MAXNUM);
    for (int i = 0; i < ARES_GETSOCK_MAXNUM && n < RESOLVE_SOCKETS; i++) {
        const bool in = ((unsigned)bits & 1u << i) != 0;
        const bool out = ((unsigned)bits & 1u << (i + ARES_GETSOCK_MAXNUM)) != 0;

        if (in || out)
            fds[n++] =
                (struct pollfd){ .fd = socks[i],
                                 .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0)) };
    }
    return n;
}

/* c-ares asks the next server when one fails, and in the end says only that none was reached. */
static void
note_failure(struct resolver *r, int fd)
{
    static const int statuses[16] = {
        [2] = ARES_ESERVFAIL, [4] = ARES_ENOTIMP, [5] = ARES_EREFUSED
    };
    unsigned char head[4];
    int type = 0;
    socklen_t size = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM ||
        recv(fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT) != (ssize_t)sizeof(head))
        return;
    if (statuses[head[3] & 15] != 0)
        r->failure = statuses[head[3] & 15];
}

uint64_t
prov_resolver_left(const struct resolver *r, uint64_t most)
{
    struct timeval t;

    if (r == NULL || r->channel == NULL || ares_timeout(r->channel, NULL, &t) == NULL)
        return most;

    const uint64_t ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_usec / 1000 + 1;

    return ms < most ? ms : most;
}

void
prov_resolver_process(struct resolver *r, uint64_t now_ms)
{
    struct pollfd fds[RESOLVE_SOCKETS];
    const size_t n = prov_resolver_sockets(r, fds);

    if (r == NULL || r->channel == NULL)
        return;
    r->now_ms = now_ms;
    if (n > 0 && poll(fds, (nfds_t)n, 0) > 0) {
        for (size_t i = 0; i < n; i++) {
            const bool in = (fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
            const bool out = (fds[i].revents & (POLLOUT | POLLERR)) != 0;

            /* Looking at a socket takes the error off it, which c-ares has to see. */
            if ((fds[i].revents & (POLLIN | POLLERR)) == POLLIN)
                note_failure(r, fds[i].fd);
            ares_process_fd(r->channel, in ? fds[i].fd : ARES_SOCKET_BAD,
                            out ? fds[i].fd : ARES_SOCKET_BAD);
        }
    }
    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what took too long */
    if (r->pending == 0)
        close_channel(r);
}

/* ---- creating and freeing ---- */

/* A value that is not given is ours. */
static int
within(uint32_t given, int ours, int most)
{
    if (given == 0)
        return ours;
    return given < (uint32_t)most ? (int)given : most;
}

enum prov_status
prov_resolver_new(struct resolver **out, const struct prov_curl_options *o)
{
    struct resolver *r;
    bool ok;

    *out = NULL;
    if (o->system_resolver)
        return o->dns_servers == NULL ? PROV_OK : PROV_E_ARG;
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        return PROV_E_MEMORY;
    *out = r = calloc(1, sizeof(*r));
    if (r == NULL) {
        ares_library_cleanup();
        return PROV_E_MEMORY;
    }
    r->timeout_ms = within(o->dns_timeout_ms, DNS_TIMEOUT_MS, DNS_TIMEOUT_MAX);
    r->tries = within(o->dns_tries, DNS_TRIES, DNS_TRIES_MAX);
    r->prefer_ipv6 = o->prefer_ipv6;
    r->wanted[FAMILY_IPV4] = o->family != PROV_CURL_IPV6;
    r->wanted[FAMILY_IPV6] = o->family != PROV_CURL_IPV4;
    r->servers = o->dns_servers != NULL ? strdup(o->dns_servers) : NULL;
    if (o->dns_servers == NULL)
        return PROV_OK;
    ok = r->servers != NULL && open_channel(r); /* a list that makes no sense is told now */
    close_channel(r);
    return ok ? PROV_OK : PROV_E_ARG;
}

void
prov_resolver_free(struct resolver **resolver)
{
    struct resolver *r = *resolver;

    if (r == NULL)
        return;
    close_channel(r); /* ends all questions: nobody uses a name any more */
    while (r->names != NULL) {
        struct name *next = r->names->next;

        free_name(r->names);
        r->names = next;
    }
    free(r->servers);
    free(r);
    ares_library_cleanup();
    *resolver = NULL;
}
