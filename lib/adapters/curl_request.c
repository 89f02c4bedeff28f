/* SPDX-License-Identifier: MIT */
#include "curl_job.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REFUSED_BODY_MAX 65536 /* of a page that is dropped; beyond, the connection is given up */
#define SCHEMES "http,https,ftp,tftp"

/* Through volatile, so that it is not optimised away before free(). */
static void
wipe(char *p, size_t n)
{
    volatile char *v = p;

    while (n-- > 0)
        v[n] = 0;
}

void
prov_curl_wipe_free(char *z)
{
    if (z != NULL)
        wipe(z, strlen(z));
    free(z);
}

char *
prov_curl_copy(const char *p, size_t n)
{
    char *z = malloc(n + 1);

    if (z != NULL) {
        if (n > 0)
            memcpy(z, p, n);
        z[n] = '\0';
    }
    return z;
}

/* ---- what libcurl calls ---- */

static const struct prov_str head_names[HEADS] = {
    [HEAD_LOCATION] = PROV_STR_INIT("Location:"),
    [HEAD_ETAG] = PROV_STR_INIT("ETag:"),
    [HEAD_MODIFIED] = PROV_STR_INIT("Last-Modified:"),
    [HEAD_RETRY_AFTER] = PROV_STR_INIT("Retry-After:"),
    [HEAD_DATE] = PROV_STR_INIT("Date:"),
    [HEAD_ENCODING] = PROV_STR_INIT("Content-Encoding:"),
};

static bool
starts_with(struct prov_str s, struct prov_str prefix)
{
    return s.len >= prefix.len && prov_str_eq_nocase(prov_str_cut(s, 0, prefix.len), prefix);
}

void
prov_curl_forget_heads(struct job *j)
{
    for (size_t i = 0; i < HEADS; i++) {
        free(j->heads[i]);
        j->heads[i] = NULL;
    }
}

/* The first of equal ones counts. */
static void
keep_head(struct job *j, struct prov_str line)
{
    for (size_t i = 0; i < HEADS; i++) {
        if (j->heads[i] != NULL || !starts_with(line, head_names[i]))
            continue;

        const struct prov_str value =
            prov_str_trim(prov_str_cut(line, head_names[i].len, line.len));

        j->heads[i] = prov_curl_copy(value.ptr, value.len);
    }
}

/* HTTP header lines and the replies of an FTP server. */
static size_t
on_header(char *p, size_t size, size_t count, void *ctx)
{
    struct job *j = ctx;
    const struct prov_str line = { p, size * count };

    j->last_ms = prov_curl_now_ms();
    if (j->muted)
        return 0;
    if (line.len > 5 && memcmp(p, "HTTP/", 5) == 0) { /* such as the second one, after a 401 */
        prov_curl_forget_heads(j);
    } else {
        keep_head(j, line);
    }
    return line.len;
}

/* Read on for a while, so that the connection stays usable. */
static bool
drop(struct job *j, size_t n)
{
    j->answered = true;
    j->bytes += n;
    return j->bytes <= REFUSED_BODY_MAX;
}

/* What was compressed counts as it is read here: unpacked. */
static bool
within_limit(const struct job *j, size_t n)
{
    const curl_off_t told = j->heads[HEAD_ENCODING] == NULL
                                ? prov_curl_info_off(j, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
                                : 0;

    return j->max_bytes == 0 || (j->bytes + n <= j->max_bytes && told <= (curl_off_t)j->max_bytes);
}

static bool
take(struct job *j, const char *p, size_t n)
{
    if (j->muted)
        return false;
    if (j->is_http && prov_curl_info_long(j, CURLINFO_RESPONSE_CODE) != 200)
        return drop(j, n);
    j->net->progress = true;
    if (!within_limit(j, n) || prov_run_body(j->net->run, j->id, p, n) != PROV_OK) {
        j->over = true;
        return false;
    }
    j->bytes += n;
    return true;
}

static size_t
on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct job *j = ctx;
    const size_t n = size * count;

    j->last_ms = prov_curl_now_ms();
    if (n == 0 || take(j, p, n))
        return n;
    return 0; /* stops the transfer */
}

/* ---- setting up ---- */

static const struct {
    CURLoption option;
    long value;
} fixed_options[] = {
    { CURLOPT_NOSIGNAL, 1 },
    { CURLOPT_PATH_AS_IS, 1 },
    { CURLOPT_FOLLOWLOCATION, 0 },
    { CURLOPT_SSL_VERIFYPEER, 1 },
    { CURLOPT_SSL_VERIFYHOST, 2 },
    { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
    { CURLOPT_NETRC, CURL_NETRC_IGNORED },
    { CURLOPT_DISALLOW_USERNAME_IN_URL, 1 },
    /* With them a server would wait as long as libcurl, 5 s, before it sends again what was lost;
     * and libcurl takes an empty file for an error. */
    { CURLOPT_TFTP_NO_OPTIONS, 1 },
    { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 }, /* what a proxy says is no answer of the server */
};

bool
prov_curl_set_ms(CURL *easy, CURLoption option, uint64_t value)
{
    return curl_easy_setopt(easy, option, value < LONG_MAX ? (long)value : LONG_MAX) == CURLE_OK;
}

/* NULL takes an option back; where libcurl has a default of its own, that is what we want. */
static bool
set_text(CURL *easy, CURLoption option, const char *z)
{
    return curl_easy_setopt(easy, option, z) == CURLE_OK;
}

/* libcurl wants a NUL at the end and makes a copy. An empty text leaves the option unset. */
static bool
set_str(CURL *easy, CURLoption option, struct prov_str s)
{
    char *z = s.len > 0 ? prov_curl_copy(s.ptr, s.len) : NULL;
    const bool ok = s.len == 0 || (z != NULL && set_text(easy, option, z));

    prov_curl_wipe_free(z);
    return ok;
}

static bool
set_schemes(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return set_text(easy, CURLOPT_PROTOCOLS_STR, SCHEMES);
#else
    return prov_curl_set_ms(easy, CURLOPT_PROTOCOLS,
                            CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FTP | CURLPROTO_TFTP);
#endif
}

static bool
set_fixed(CURL *easy)
{
    for (size_t i = 0; i < sizeof(fixed_options) / sizeof(fixed_options[0]); i++) {
        if (curl_easy_setopt(easy, fixed_options[i].option, fixed_options[i].value) != CURLE_OK)
            return false;
    }
    return set_schemes(easy);
}

/* A file, or a URI for the engine that libcurl then loads. */
static bool
set_either(CURL *easy, CURLoption option, CURLoption type, const char *z)
{
    static const struct prov_str token = PROV_STR_INIT("pkcs11:");

    return z == NULL || (set_text(easy, option, z) &&
                         set_text(easy, type, starts_with(prov_str_z(z), token) ? "ENG" : NULL));
}

/* A library without TLS refuses these options: then they cannot be meant for any fetch either. */
static bool
set_client(CURL *easy, const struct prov_curl *net)
{
    return set_either(easy, CURLOPT_SSLCERT, CURLOPT_SSLCERTTYPE, net->client_cert) &&
           set_either(easy, CURLOPT_SSLKEY, CURLOPT_SSLKEYTYPE, net->client_key);
}

static bool
set_callbacks(struct job *j)
{
    return curl_easy_setopt(j->easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_WRITEDATA, j) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_HEADERDATA, j) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_PRIVATE, j) == CURLE_OK &&
           curl_easy_setopt(j->easy, CURLOPT_ERRORBUFFER, j->error) == CURLE_OK;
}

static const struct prov_str http = PROV_STR_INIT("http");
static const struct prov_str https = PROV_STR_INIT("https:");
static const struct prov_str ftp = PROV_STR_INIT("ftp");
static const struct prov_str tftp = PROV_STR_INIT("tftp");

/* Which proxy, if any; FTP stays FTP behind it. */
static bool
set_proxy(struct job *j, const char *url)
{
    const char *proxy = j->net->proxy;
    const long tunnel = starts_with(prov_str_z(url), ftp) ? 1 : 0;
    const bool direct = proxy == NULL || proxy[0] == '\0' || j->is_tftp;

    return set_text(j->easy, CURLOPT_PROXY, direct ? "" : proxy) &&
           curl_easy_setopt(j->easy, CURLOPT_HTTPPROXYTUNNEL, tunnel) == CURLE_OK &&
           prov_curl_set_target(j, direct ? url : proxy, !direct);
}

static bool
set_url(struct job *j, struct prov_str address)
{
    char *url = prov_curl_copy(address.ptr, address.len);
    bool ok;

    j->is_http = starts_with(address, http);
    j->is_tftp = starts_with(address, tftp);
    j->by_tls = starts_with(address, https);
    ok = url != NULL && set_text(j->easy, CURLOPT_URL, url) && set_proxy(j, url);
    free(url);
    return ok;
}

/* Packed, more files fit into what a server may send at once on a new connection. */
static bool
set_forms(struct job *j)
{
    const long version = j->net->no_http2 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;

    return curl_easy_setopt(j->easy, CURLOPT_HTTP_VERSION, version) == CURLE_OK &&
           (!j->net->gzip || set_text(j->easy, CURLOPT_ACCEPT_ENCODING, "gzip"));
}

/* One header line, if there is something to say. The option for conditional requests is not used:
 * with it libcurl closes the connection after a 304. */
static bool
add_line(struct job *j, const char *name, struct prov_str value)
{
    static const size_t more = sizeof(": ");
    const size_t lead = strlen(name);
    char *z = value.len > 0 ? malloc(lead + more + value.len) : NULL;
    struct curl_slist *list;

    if (value.len == 0)
        return true;
    if (z == NULL)
        return false;
    memcpy(z, name, lead);
    memcpy(z + lead, ": ", 2);
    memcpy(z + lead + 2, value.ptr, value.len);
    z[lead + 2 + value.len] = '\0';
    list = curl_slist_append(j->lines, z);
    free(z);
    if (list != NULL)
        j->lines = list;
    return list != NULL;
}

static bool
set_lines(struct job *j, const struct prov_fetch *req)
{
    return !j->is_http || (add_line(j, "If-None-Match", req->etag) &&
                           add_line(j, "If-Modified-Since", req->modified) &&
                           curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, j->lines) == CURLE_OK);
}

static bool
set_request(struct job *j, const struct prov_fetch *req)
{
    static const struct prov_str agent = PROV_STR_INIT("libprov/" PROV_VERSION);

    j->max_bytes = req->max_bytes;
    j->connect_ms = req->connect_ms;
    j->idle_ms = req->idle_ms;
    j->whole_ms = req->whole_ms;
    return set_url(j, req->url) && set_forms(j) && prov_curl_set_login(j, req) &&
           set_str(j->easy, CURLOPT_USERNAME, req->user) &&
           set_str(j->easy, CURLOPT_PASSWORD, req->password) &&
           set_str(j->easy, CURLOPT_USERAGENT, req->user_agent.len > 0 ? req->user_agent : agent) &&
           prov_curl_set_ms(j->easy, CURLOPT_CONNECTTIMEOUT_MS, req->connect_ms);
}

bool
prov_curl_set_up(struct job *j, const struct prov_fetch *req)
{
    return set_fixed(j->easy) && set_client(j->easy, j->net) && set_callbacks(j) &&
           set_request(j, req) && set_lines(j, req) && prov_curl_ahead_set(j);
}
