/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_CURL_JOB_H
#define PROV_ADAPTERS_CURL_JOB_H

/* One fetch on libcurl; private to the adapter. */

#include <prov/adapters/curl.h>
#include <prov/run.h>

#include "curl_resolve.h"

#include <curl/curl.h>

#define LOGINS 8 /* servers whose way to log in is remembered */

/* Header lines of an answer that are reported. */
enum head {
    HEAD_LOCATION,
    HEAD_ETAG,
    HEAD_MODIFIED,
    HEAD_RETRY_AFTER,
    HEAD_DATE,
    HEAD_ENCODING, /* not reported: it says that the told length is not that of the file */
    HEADS,
};

/* Trusted certificates in memory. Fetches under way may use an older one than the object does. */
struct trust {
    unsigned users;
    size_t own; /* bytes before those that came with a request */
    size_t len;
    char pem[];
};

/* One fetch, or an idle one in the pool. */
struct job {
    struct job *next;
    struct prov_curl *net;
    CURL *easy;
    uint32_t id;
    uint64_t begun_ms;
    uint64_t last_ms; /* of the last sign of life; 0 = not connected yet */
    uint64_t bytes;
    uint32_t max_bytes;
    uint32_t connect_ms;
    uint32_t idle_ms;
    uint32_t whole_ms;
    bool is_http;
    bool is_tftp;
    bool by_tls;
    bool patient; /* waits for a connection that may be shared */
    bool has_login;
    bool login_at_once;
    bool added;        /* libcurl has it */
    bool threaded;     /* libcurl looks up a name for it */
    bool two_families; /* with that, the other address family may still be tried */
    bool answered;     /* a final HTTP status other than 200: what follows does not matter */
    bool over;         /* stopped by a limit */
    bool idled;        /* stopped by the idle time-out */
    bool muted;        /* cancelled; libcurl is not ready to let it go */
    bool ended;
    CURLcode first_code; /* of an address that could not be reached */
    CURLcode code;
    const char *why;   /* there is no address */
    char *host;        /* to be looked up; NULL = it is an address, or libcurl's to look up */
    char *port;        /* with that */
    uint64_t asked_ms; /* waiting for the name since; 0 = not waiting */
    struct name *name;
    struct tried tried;
    struct curl_slist *address; /* what libcurl is told of the name */
    char *heads[HEADS];
    struct curl_slist *lines; /* own header lines of the request */
    struct trust *trust;      /* NULL = files only */
    char error[CURL_ERROR_SIZE];
};

struct prov_curl {
    CURLM *multi;
    CURLSH *share; /* of TLS sessions, so that a further connection is made with less work */
    struct job *jobs;
    struct job *pool;
    size_t pool_count;
    struct prov_run *run;
    char *ca_file; /* what is given, or else the system's */
    char *ca_dir;
    char *ca_blob;
    struct trust *trust; /* the latest; NULL = none yet */
    char *proxy;
    char *client_cert;
    char *client_key;
    struct resolver *resolver; /* NULL = libcurl looks up names */
    enum prov_curl_family family;
    char *logins[LOGINS]; /* origins that want Basic */
    size_t login_at;
    bool prefer_ipv6;
    bool no_http2;
    bool is_http1;         /* what the last server by TLS speaks */
    long host_connections; /* most to one server that are wanted; 0 = any number */
    long connections;      /* what libcurl has been told of that */
    long streams;          /* most fetches on one of them; 0 = not told */
    struct ahead *ahead;   /* NULL = none are made */
    bool gzip;             /* libcurl can unpack it */
    bool inside;           /* libcurl is calling us: it must not be called to remove a transfer */
    bool progress;         /* something was reported since wait() looked last */
};

/* curl.c */
uint64_t prov_curl_now_ms(void);

/* curl_name.c: where to connect to */
bool prov_curl_set_target(struct job *j, const char *address, bool is_proxy);
bool prov_curl_add(struct job *j);                        /* in the time that is left */
bool prov_curl_begin(struct job *j);                      /* false: it could not be begun */
bool prov_curl_begin_again(struct job *j, CURLcode code); /* true: elsewhere */
void prov_curl_check_name(struct job *j, uint64_t now);
uint64_t prov_curl_name_left(const struct job *j, uint64_t now, uint64_t most);
void prov_curl_clear_name(struct job *j);

/* curl_request.c: what goes into libcurl, and what libcurl calls */
char *prov_curl_copy(const char *p, size_t n);
void prov_curl_wipe_free(char *z);
void prov_curl_forget_heads(struct job *j);
bool prov_curl_set_ms(CURL *easy, CURLoption option, uint64_t value);
bool prov_curl_set_up(struct job *j, const struct prov_fetch *req);

/* curl_spread.c: how many fetches share a connection; before libcurl moves on */
void prov_curl_spread(struct prov_curl *net);

/* curl_trust.c: whose certificates are taken */
bool prov_curl_trust_init(struct prov_curl *net, const struct prov_curl_options *o);
const char *prov_curl_trust_set(struct job *j, const struct prov_fetch *req); /* NULL, or why not */
void prov_curl_trust_drop(struct trust **trust);

/* curl_ahead.c: connections that are made before they are needed */
bool prov_curl_ahead_init(struct prov_curl *net, const struct prov_curl_options *o);
bool prov_curl_ahead_set(struct job *j);
void prov_curl_ahead_check(struct prov_curl *net, uint64_t now);
void prov_curl_ahead_free(struct prov_curl *net);

/* curl_login.c: when a login is sent */
bool prov_curl_set_login(struct job *j, const struct prov_fetch *req);
bool prov_curl_login_again(struct job *j); /* true: it has to go another way */

/* curl_end.c: how it ended */
curl_off_t prov_curl_info_off(const struct job *j, CURLINFO what);
long prov_curl_info_long(const struct job *j, CURLINFO what);
void prov_curl_report(struct job *j);

#endif /* PROV_ADAPTERS_CURL_JOB_H */
