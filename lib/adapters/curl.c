/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* clock_gettime() */
#endif

#include "curl_job.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>

#define POOL_MAX 16
#define CONNECTIONS_MAX 32 /* that wait for further fetches */

uint64_t
prov_curl_now_ms(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- jobs: from the pool, under way, back to the pool ---- */

/* What belongs to one fetch. The handle must not refer to it any more. */
static void
clear(struct job *j)
{
    prov_curl_forget_heads(j);
    curl_slist_free_all(j->lines);
    prov_curl_trust_drop(&j->trust);
    prov_curl_clear_name(j);
}

static struct job *
job_get(struct prov_curl *net)
{
    struct job *j = net->pool;

    if (j != NULL) {
        net->pool = j->next;
        net->pool_count--;
    } else {
        j = calloc(1, sizeof(*j));
        if (j == NULL)
            return NULL;
        j->easy = curl_easy_init();
        if (j->easy == NULL || curl_easy_setopt(j->easy, CURLOPT_SHARE, net->share) != CURLE_OK) {
            curl_easy_cleanup(j->easy);
            free(j);
            return NULL;
        }
    }
    j->net = net;
    return j;
}

/* A pooled handle keeps what makes the next fetch cheap, such as room for answers, and no secrets. */
static void
job_put(struct job *j)
{
    struct prov_curl *net = j->net;
    CURL *easy = j->easy;

    if (net->pool_count == POOL_MAX) {
        curl_easy_cleanup(easy);
        clear(j);
        free(j);
        return;
    }
    curl_easy_reset(easy);
    clear(j);
    *j = (struct job){ .next = net->pool, .easy = easy };
    net->pool = j;
    net->pool_count++;
}

static void
unlink_job(struct job *j)
{
    struct job **at = &j->net->jobs;

    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
}

/* Removing one whose name is looked up by libcurl would wait for the thread that does it. */
static bool
can_go(const struct job *j)
{
    return j->ended || !j->threaded || prov_curl_info_off(j, CURLINFO_NAMELOOKUP_TIME_T) > 0 ||
           prov_curl_info_off(j, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

static void
take_back(struct job *j)
{
    if (j->added)
        (void)curl_multi_remove_handle(j->net->multi, j->easy);
    j->added = false;
}

static void
drop_job(struct job *j)
{
    take_back(j);
    unlink_job(j);
    job_put(j);
}

/* ---- moving on ---- */

static bool
log_in_again(struct job *j)
{
    if (!prov_curl_login_again(j))
        return false;
    j->answered = false;
    j->bytes = 0;
    return prov_curl_add(j);
}

/* libcurl is done with it. */
static void
end(struct job *j, CURLcode code)
{
    take_back(j);
    if (!j->muted && (prov_curl_begin_again(j, code) || log_in_again(j)))
        return;
    /* That the other family has no address says less than what happened to the first. */
    if (code == CURLE_COULDNT_RESOLVE_HOST && j->first_code != CURLE_OK)
        code = j->first_code;
    j->code = code;
    j->ended = true;
}

static void
collect(struct prov_curl *net)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(net->multi, &left)) != NULL) {
        const CURLcode code = msg->data.result; /* msg dies with the removal */
        char *job = NULL;

        if (msg->msg == CURLMSG_DONE &&
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &job) == CURLE_OK)
            end((struct job *)(void *)job, code);
    }
}

/* A connection that is reused was never made: then the request being sent counts. */
static void
check_idle(struct job *j, uint64_t now)
{
    if (j->last_ms == 0 && (prov_curl_info_off(j, CURLINFO_CONNECT_TIME_T) > 0 ||
                            prov_curl_info_off(j, CURLINFO_PRETRANSFER_TIME_T) > 0))
        j->last_ms = now;
    if (j->idle_ms == 0 || j->last_ms == 0 || now < j->last_ms + j->idle_ms)
        return;
    j->idled = true;
    end(j, CURLE_OPERATION_TIMEDOUT);
}

static void
check_all(struct prov_curl *net)
{
    const uint64_t now = prov_curl_now_ms();
    struct job *next;

    prov_curl_ahead_check(net, now);

    for (struct job *j = net->jobs; j != NULL; j = next) {
        next = j->next;
        if (j->muted && can_go(j))
            drop_job(j);
        else if (j->asked_ms != 0)
            prov_curl_check_name(j, now);
        else if (!j->ended)
            check_idle(j, now);
    }
}

/* From the head each time: what is told may begin or cancel others. */
static void
report_all(struct prov_curl *net)
{
    struct job *j = net->jobs;

    while (j != NULL) {
        if (!j->ended || j->muted) {
            j = j->next;
            continue;
        }
        unlink_job(j);
        prov_curl_report(j);
        job_put(j);
        j = net->jobs;
    }
}

/* One look. */
static bool
move_on(struct prov_curl *net)
{
    int running;

    prov_curl_spread(net);
    net->inside = true;
    const CURLMcode code = curl_multi_perform(net->multi, &running);
    net->inside = false;
    collect(net);
    prov_resolver_process(net->resolver, prov_curl_now_ms());
    check_all(net);
    report_all(net);
    return code == CURLM_OK;
}

/* Until the next time-out of ours; libcurl knows about its own. */
static uint64_t
time_left(const struct prov_curl *net, uint64_t now, uint64_t most)
{
    most = prov_resolver_left(net->resolver, most);
    for (const struct job *j = net->jobs; j != NULL; j = j->next) {
        const uint64_t until = j->last_ms + j->idle_ms;

        if (j->asked_ms != 0)
            most = prov_curl_name_left(j, now, most);
        if (j->ended)
            return 0;
        if (j->last_ms == 0 || j->idle_ms == 0)
            continue;
        if (until <= now)
            return 0;
        most = until - now < most ? until - now : most;
    }
    return most;
}

/* Sleep until a socket has something to say. */
static bool
rest(struct prov_curl *net, uint64_t most)
{
    struct pollfd fds[RESOLVE_SOCKETS];
    struct curl_waitfd extra[RESOLVE_SOCKETS];
    const size_t n = prov_resolver_sockets(net->resolver, fds);

    for (size_t i = 0; i < n; i++) {
        const int in = (fds[i].events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0;
        const int out = (fds[i].events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0;

        extra[i] = (struct curl_waitfd){ .fd = fds[i].fd, .events = (short)(in | out) };
    }
    return curl_multi_poll(net->multi, extra, (unsigned)n, most < INT_MAX ? (int)most : INT_MAX,
                           NULL) == CURLM_OK;
}

/* ---- the table ---- */

static bool
has_control(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
            return true;
    }
    return false;
}

/* They would end a line, or the string, and could smuggle in a command or a header. */
static const char *
find_control(const struct prov_fetch *req)
{
    if (has_control(req->url) || has_control(req->user) || has_control(req->password) ||
        has_control(req->user_agent))
        return "control character in the address, login or user agent";
    return has_control(req->etag) || has_control(req->modified)
               ? "control character in the version that is asked for"
               : NULL;
}

static enum prov_status
refuse(uint32_t id, const char *why, struct prov_run *run)
{
    const struct prov_fetch_result r = { .size = sizeof(r),
                                         .status = PROV_E_DENIED,
                                         .detail = prov_str_z(why) };
    const enum prov_status ignored = prov_run_done(run, id, &r);

    (void)ignored;
    return PROV_OK;
}

static enum prov_status
fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    struct prov_curl *net = ctx;
    const char *why = find_control(req);

    if (why != NULL)
        return refuse(id, why, run);

    struct job *j = job_get(net);

    if (j == NULL)
        return PROV_E_NETWORK;
    why = prov_curl_trust_set(j, req);
    if (why != NULL) {
        job_put(j);
        return refuse(id, why, run);
    }
    net->run = run;
    j->id = id;
    j->begun_ms = prov_curl_now_ms();
    if (!prov_curl_set_up(j, req) || !prov_curl_begin(j)) {
        job_put(j);
        return PROV_E_NETWORK;
    }
    j->next = net->jobs;
    net->jobs = j;
    return PROV_OK;
}

static void
cancel(void *ctx, uint32_t id)
{
    struct prov_curl *net = ctx;
    struct job *j = net->jobs;

    while (j != NULL && (j->id != id || j->muted))
        j = j->next;
    if (j == NULL)
        return;
    j->muted = true;
    if (!net->inside && can_go(j))
        drop_job(j);
}

static enum prov_status
wait_for(void *ctx, uint32_t max_ms, struct prov_run *run)
{
    struct prov_curl *net = ctx;
    const uint64_t until = prov_curl_now_ms() + max_ms;

    net->run = run;
    net->progress = false;
    for (;;) {
        if (!move_on(net))
            return PROV_E_NETWORK;

        const uint64_t now = prov_curl_now_ms();

        if (net->progress || now >= until)
            return PROV_OK;

        if (!rest(net, time_left(net, now, until - now)))
            return PROV_E_NETWORK;
    }
}

struct prov_net
prov_curl_net(struct prov_curl *net)
{
    static const struct prov_net_ops ops = {
        .size = sizeof(ops), .fetch = fetch, .cancel = cancel, .wait = wait_for
    };
    const struct prov_net table = { &ops, net };

    return table;
}

/* ---- for event loops ---- */

static uint32_t
look_again_ms(struct prov_curl *net)
{
    long ms = -1;

    if (net->jobs == NULL)
        return UINT32_MAX;
    (void)curl_multi_timeout(net->multi, &ms);
    /* While libcurl looks up a name there may be nothing to wait for: look again soon. */
    return (uint32_t)time_left(net, prov_curl_now_ms(), ms >= 0 && ms < 100 ? (uint64_t)ms : 100);
}

/* To a list of `cap` entries that has *n, or would have. */
static void
put_fd(struct prov_curl_fd *fds, size_t cap, size_t *n, struct prov_curl_fd fd)
{
    if (*n < cap && (fd.read || fd.write))
        fds[*n] = fd;
    *n += fd.read || fd.write;
}

enum prov_status
prov_curl_watch(struct prov_curl *net, struct prov_curl_fd *fds, size_t cap, size_t *count,
                uint32_t *timeout_ms)
{
    struct pollfd names[RESOLVE_SOCKETS];
    fd_set r, w, x;
    int top = -1;
    size_t n = 0;

    if (net == NULL || count == NULL || timeout_ms == NULL || (fds == NULL && cap > 0))
        return PROV_E_ARG;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&x);
    if (curl_multi_fdset(net->multi, &r, &w, &x, &top) != CURLM_OK)
        return PROV_E_NETWORK;
    for (int fd = 0; fd <= top; fd++)
        put_fd(fds, cap, &n,
               (struct prov_curl_fd){ fd, FD_ISSET(fd, &r) != 0, FD_ISSET(fd, &w) != 0 });
    for (size_t i = prov_resolver_sockets(net->resolver, names); i-- > 0;)
        put_fd(fds, cap, &n,
               (struct prov_curl_fd){ names[i].fd, (names[i].events & POLLIN) != 0,
                                      (names[i].events & POLLOUT) != 0 });
    *count = n;
    *timeout_ms = look_again_ms(net);
    return n > cap ? PROV_E_SPACE : PROV_OK;
}

/* ---- creating and freeing ---- */

static bool
copy_option(char **to, const char *from)
{
    *to = from != NULL ? prov_curl_copy(from, strlen(from)) : NULL;
    return from == NULL || *to != NULL;
}

static bool
set_up(struct prov_curl *net, const struct prov_curl_options *o)
{
    net->prefer_ipv6 = o->prefer_ipv6;
    net->family = o->family;
    net->no_http2 = o->no_http2;
    net->host_connections = (long)o->host_connections;
    net->gzip = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ) != 0;
    net->multi = curl_multi_init();
    net->share = curl_share_init();
    /* A libcurl without TLS has none to share. */
    (void)curl_share_setopt(net->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return prov_curl_trust_init(net, o) && prov_curl_ahead_init(net, o) &&
           copy_option(&net->proxy, o->proxy) && copy_option(&net->client_cert, o->client_cert) &&
           copy_option(&net->client_key, o->client_key) && net->multi != NULL &&
           net->share != NULL &&
           /* By itself it would keep four for each fetch that is under way at the moment. */
           curl_multi_setopt(net->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX) == CURLM_OK;
}

enum prov_status
prov_curl_new(struct prov_curl **out, const struct prov_curl_options *options)
{
    struct prov_curl_options o = { .size = sizeof(o) };

    if (out == NULL)
        return PROV_E_ARG;
    if (options != NULL && prov_abi_import(&o, sizeof(o), options, sizeof(o.size)) != PROV_OK)
        return PROV_E_ABI;
    if ((unsigned)o.family > PROV_CURL_IPV6)
        return PROV_E_ARG;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return PROV_E_MEMORY;

    struct prov_curl *net = calloc(1, sizeof(*net));

    if (net == NULL) {
        curl_global_cleanup();
        return PROV_E_MEMORY;
    }
    enum prov_status status = prov_resolver_new(&net->resolver, &o);

    if (status == PROV_OK && !set_up(net, &o))
        status = PROV_E_MEMORY;
    if (status == PROV_OK)
        *out = net;
    else
        prov_curl_free(&net);
    return status;
}

static void
free_pool(struct job *j)
{
    while (j != NULL) {
        struct job *next = j->next;

        curl_easy_cleanup(j->easy);
        free(j);
        j = next;
    }
}

void
prov_curl_free(struct prov_curl **net)
{
    struct prov_curl *n = net != NULL ? *net : NULL;

    if (n == NULL)
        return;
    while (n->jobs != NULL)
        drop_job(n->jobs);
    free_pool(n->pool);
    prov_resolver_free(&n->resolver);
    prov_curl_ahead_free(n);
    (void)curl_multi_cleanup(n->multi);
    (void)curl_share_cleanup(n->share);
    for (size_t i = 0; i < LOGINS; i++)
        free(n->logins[i]);
    prov_curl_trust_drop(&n->trust);
    free(n->ca_file);
    free(n->ca_dir);
    free(n->ca_blob);
    prov_curl_wipe_free(n->proxy);
    free(n->client_cert);
    free(n->client_key);
    free(n);
    curl_global_cleanup();
    *net = NULL;
}
