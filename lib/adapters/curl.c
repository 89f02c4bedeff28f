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
}

static void
job_free(struct job *j)
{
    curl_easy_cleanup(j->easy);
    clear(j);
    free(j);
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
    }
    if (j->easy == NULL) {
        free(j);
        return NULL;
    }
    j->net = net;
    return j;
}

/* A pooled handle keeps what makes the next fetch cheap, such as TLS sessions, and no secrets. */
static void
job_put(struct job *j)
{
    struct prov_curl *net = j->net;
    CURL *easy = j->easy;

    if (net->pool_count == POOL_MAX) {
        job_free(j);
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

/* Is it past the point where removing it would wait for the thread that looks up the name? */
static bool
is_looked_up(const struct job *j)
{
    return prov_curl_info_off(j, CURLINFO_NAMELOOKUP_TIME_T) > 0 ||
           prov_curl_info_off(j, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

static void
drop_job(struct job *j)
{
    if (!j->ended)
        (void)curl_multi_remove_handle(j->net->multi, j->easy);
    unlink_job(j);
    job_put(j);
}

/* ---- moving on ---- */

static bool
is_unreachable(const struct job *j, CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
           code == CURLE_COULDNT_CONNECT ||
           (code == CURLE_OPERATION_TIMEDOUT &&
            prov_curl_info_off(j, CURLINFO_CONNECT_TIME_T) == 0);
}

/* Begin again with the other family, in what is left of the whole time. */
static bool
try_other_family(struct job *j, CURLcode code)
{
    const uint64_t spent = prov_curl_now_ms() - j->begun_ms;

    if (!j->two_families || j->last_ms != 0 || !is_unreachable(j, code) ||
        (j->whole_ms != 0 && spent >= j->whole_ms))
        return false;
    if (!prov_curl_set_family(j, !j->net->prefer_ipv6) ||
        (j->whole_ms != 0 && !prov_curl_set_ms(j->easy, CURLOPT_TIMEOUT_MS, j->whole_ms - spent)) ||
        curl_multi_add_handle(j->net->multi, j->easy) != CURLM_OK)
        return false;
    j->two_families = false;
    j->first_code = code;
    return true;
}

/* libcurl is done with it. */
static void
end(struct job *j, CURLcode code)
{
    (void)curl_multi_remove_handle(j->net->multi, j->easy);
    if (!j->muted && try_other_family(j, code))
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

    for (struct job *j = net->jobs; j != NULL; j = next) {
        next = j->next;
        if (j->muted && (j->ended || is_looked_up(j)))
            drop_job(j);
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

    net->inside = true;
    const CURLMcode code = curl_multi_perform(net->multi, &running);
    net->inside = false;
    collect(net);
    check_all(net);
    report_all(net);
    return code == CURLM_OK;
}

/* Until the next idle time-out; libcurl knows about its own. */
static uint64_t
idle_left(const struct prov_curl *net, uint64_t now, uint64_t most)
{
    for (const struct job *j = net->jobs; j != NULL; j = j->next) {
        const uint64_t until = j->last_ms + j->idle_ms;

        if (j->last_ms == 0 || j->idle_ms == 0)
            continue;
        if (until <= now)
            return 0;
        most = until - now < most ? until - now : most;
    }
    return most;
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

static bool
start(struct job *j, const struct prov_fetch *req)
{
    return prov_curl_set_up(j, req) && curl_multi_add_handle(j->net->multi, j->easy) == CURLM_OK;
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
    if (!start(j, req)) {
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
    if (!net->inside && (j->ended || is_looked_up(j)))
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

        const uint64_t most = idle_left(net, now, until - now);

        if (curl_multi_poll(net->multi, NULL, 0, most < INT_MAX ? (int)most : INT_MAX, NULL) !=
            CURLM_OK)
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
time_left(struct prov_curl *net)
{
    long ms = -1;

    if (net->jobs == NULL)
        return UINT32_MAX;
    (void)curl_multi_timeout(net->multi, &ms);
    /* While a name is looked up there may be nothing to wait for: look again soon. */
    return (uint32_t)idle_left(net, prov_curl_now_ms(), ms >= 0 && ms < 100 ? (uint64_t)ms : 100);
}

enum prov_status
prov_curl_watch(struct prov_curl *net, struct prov_curl_fd *fds, size_t cap, size_t *count,
                uint32_t *timeout_ms)
{
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
    for (int fd = 0; fd <= top; fd++) {
        const struct prov_curl_fd f = { fd, FD_ISSET(fd, &r) != 0, FD_ISSET(fd, &w) != 0 };

        if (!f.read && !f.write)
            continue;
        if (n < cap)
            fds[n] = f;
        n++;
    }
    *count = n;
    *timeout_ms = time_left(net);
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
    net->multi = curl_multi_init();
    return prov_curl_trust_init(net, o) && copy_option(&net->proxy, o->proxy) &&
           copy_option(&net->client_cert, o->client_cert) &&
           copy_option(&net->client_key, o->client_key) && net->multi != NULL;
}

enum prov_status
prov_curl_new(struct prov_curl **out, const struct prov_curl_options *options)
{
    struct prov_curl_options o = { .size = sizeof(o) };

    if (out == NULL)
        return PROV_E_ARG;
    if (options != NULL && prov_abi_import(&o, sizeof(o), options, sizeof(o.size)) != PROV_OK)
        return PROV_E_ABI;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return PROV_E_MEMORY;

    struct prov_curl *net = calloc(1, sizeof(*net));

    if (net == NULL) {
        curl_global_cleanup();
        return PROV_E_MEMORY;
    }
    if (!set_up(net, &o)) {
        prov_curl_free(&net);
        return PROV_E_MEMORY;
    }
    *out = net;
    return PROV_OK;
}

static void
free_list(struct job *j)
{
    while (j != NULL) {
        struct job *next = j->next;

        job_free(j);
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
    free_list(n->pool);
    (void)curl_multi_cleanup(n->multi);
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
