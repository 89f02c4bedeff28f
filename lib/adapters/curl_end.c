/* SPDX-License-Identifier: MIT */
#include "curl_job.h"

#include <errno.h>
#include <string.h>

curl_off_t
prov_curl_info_off(const struct job *j, CURLINFO what)
{
    curl_off_t value = 0;

    return curl_easy_getinfo(j->easy, what, &value) == CURLE_OK ? value : 0;
}

long
prov_curl_info_long(const struct job *j, CURLINFO what)
{
    long value = 0;

    return curl_easy_getinfo(j->easy, what, &value) == CURLE_OK ? value : 0;
}

static const struct {
    CURLcode code;
    enum prov_status status;
} ends[] = {
    { CURLE_OK, PROV_OK },
    { CURLE_UNSUPPORTED_PROTOCOL, PROV_E_DENIED },
    { CURLE_URL_MALFORMAT, PROV_E_DENIED },
    { CURLE_REMOTE_ACCESS_DENIED, PROV_E_DENIED },
    { CURLE_LOGIN_DENIED, PROV_E_DENIED },
    { CURLE_AUTH_ERROR, PROV_E_DENIED },
    { CURLE_PEER_FAILED_VERIFICATION, PROV_E_DENIED },
    { CURLE_SSL_CERTPROBLEM, PROV_E_DENIED },
    { CURLE_SSL_CIPHER, PROV_E_DENIED },
    { CURLE_SSL_CACERT_BADFILE, PROV_E_DENIED },
    { CURLE_SSL_ISSUER_ERROR, PROV_E_DENIED },
    { CURLE_SSL_INVALIDCERTSTATUS, PROV_E_DENIED },
    { CURLE_SSL_CLIENTCERT, PROV_E_DENIED },
    { CURLE_TFTP_PERM, PROV_E_DENIED },
    { CURLE_TFTP_NOSUCHUSER, PROV_E_DENIED },
    { CURLE_TFTP_NOTFOUND, PROV_E_NOT_FOUND },
    { CURLE_REMOTE_FILE_NOT_FOUND, PROV_E_NOT_FOUND },
    { CURLE_OPERATION_TIMEDOUT, PROV_E_TIMEOUT },
    { CURLE_FTP_ACCEPT_TIMEOUT, PROV_E_TIMEOUT },
    { CURLE_FILESIZE_EXCEEDED, PROV_E_LIMIT },
    { CURLE_OUT_OF_MEMORY, PROV_E_MEMORY },
};

/* ---- what is said better than by libcurl, or means something else ---- */

/* `text` NULL: this is not what ended it. */
struct why {
    const char *text;
    enum prov_status status;
};

static bool
is_broken_off(const struct job *j)
{
    return j->code == CURLE_SSL_CONNECT_ERROR || j->code == CURLE_RECV_ERROR ||
           j->code == CURLE_SEND_ERROR;
}

/* Only of a refused certificate: other texts of libcurl may show parts of the address. */
static struct why
certificate_why(const struct job *j)
{
    static const char lead[] = "SSL certificate problem: ";
    const size_t n = sizeof(lead) - 1;

    if (j->code != CURLE_PEER_FAILED_VERIFICATION || j->error[0] == '\0')
        return (struct why){ NULL, PROV_OK };
    /* So libcurl says it where the certificate of the server is good, up to TLS 1.2. */
    if (strcmp(j->error, "SSL certificate verification failed") == 0)
        return (struct why){ "the client certificate has expired", PROV_E_DENIED };
    return (struct why){ strncmp(j->error, lead, n) == 0 ? j->error + n : j->error, PROV_E_DENIED };
}

/* The two sides do not agree on TLS. What OpenSSL says is a list of words with colons between, the
 * last of which is the reason. */
static struct why
tls_why(const struct job *j)
{
    static const struct {
        const char *reason;
        const char *text;
    } rows[] = {
        { "wrong version number", "the server does not speak TLS at this port" },
        { "unsupported protocol", "no version of TLS in common" },
        { "alert protocol version", "no version of TLS in common" },
        { "alert certificate required", "the server wants a client certificate" },
        { "alert unknown ca", "the server does not know who issued the client certificate" },
        { "alert bad certificate", "the server refuses the client certificate" },
        { "alert certificate expired", "the client certificate has expired" },
    };
    const char *const reason = strrchr(j->error, ':');

    if (!is_broken_off(j) || reason == NULL || strstr(j->error, "SSL routines") == NULL)
        return (struct why){ NULL, PROV_OK };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strstr(reason, rows[i].reason) != NULL)
            return (struct why){ rows[i].text, PROV_E_DENIED };
    }
    return (struct why){ reason + 1, PROV_E_DENIED };
}

/* A proxy gives no way through. */
static struct why
proxy_why(const struct job *j)
{
    const long code = prov_curl_info_long(j, CURLINFO_HTTP_CONNECTCODE);

    if (code < 300 || !(is_broken_off(j) || j->code == CURLE_COULDNT_CONNECT))
        return (struct why){ NULL, PROV_OK };
    if (code == 407)
        return (struct why){ "the proxy wants another login (HTTP 407)", PROV_E_DENIED };
    if (code < 500)
        return (struct why){ "the proxy refuses to connect there", PROV_E_DENIED };
    return (struct why){ "the proxy cannot connect there", PROV_E_NETWORK };
}

/* There is no connection, or not any more. */
static struct why
connection_why(const struct job *j)
{
    static const struct {
        long number;
        const char *text;
    } rows[] = {
        { ECONNREFUSED, "nobody listens at that address and port" },
        { ECONNRESET, "the server has broken off the connection" },
        { EHOSTUNREACH, "the host does not answer" },
        { ENETUNREACH, "there is no way into that network" },
        { ENETDOWN, "the network is down" },
    };
    const long number = prov_curl_info_long(j, CURLINFO_OS_ERRNO);
    size_t i = 0;

    if (j->code != CURLE_COULDNT_CONNECT && !is_broken_off(j))
        return (struct why){ NULL, PROV_OK };
    while (i < sizeof(rows) / sizeof(rows[0]) && rows[i].number != number)
        i++;
    return (struct why){ i < sizeof(rows) / sizeof(rows[0]) ? rows[i].text : NULL, PROV_E_NETWORK };
}

/* What answers is something else than HTTP: libcurl takes it for HTTP of 1991 and has no better code
 * for it. A scheme that it does not know fails before there is a connection. */
static struct why
protocol_why(const struct job *j)
{
    if (!j->is_http || j->code != CURLE_UNSUPPORTED_PROTOCOL ||
        prov_curl_info_off(j, CURLINFO_PRETRANSFER_TIME_T) == 0)
        return (struct why){ NULL, PROV_OK };
    return (struct why){ "the answer is not HTTP", PROV_E_NETWORK };
}

/* FTP and TFTP. */
static struct why
file_why(const struct job *j)
{
    const long reply = j->is_http ? 0 : prov_curl_info_long(j, CURLINFO_RESPONSE_CODE);

    if (j->code == CURLE_TFTP_ILLEGAL)
        return (struct why){ "an error that TFTP has no name for; the server's log tells more",
                             PROV_E_NETWORK };
    /* libcurl takes it for a time-out, whenever it comes. */
    if (j->code == CURLE_OPERATION_TIMEDOUT && reply == 421)
        return (struct why){ "the server has no time for another one", PROV_E_NETWORK };
    /* A folder that is not there is told like a folder that may not be entered. */
    if (j->code == CURLE_REMOTE_ACCESS_DENIED && reply == 550)
        return (struct why){ "no such folder", PROV_E_NOT_FOUND };
    return (struct why){ NULL, PROV_OK };
}

static struct why
why_of(const struct job *j)
{
    static struct why (*const cases[])(const struct job *) = {
        certificate_why, tls_why, proxy_why, connection_why, protocol_why, file_why,
    };
    struct why w = { NULL, PROV_OK };

    for (size_t i = 0; w.text == NULL && i < sizeof(cases) / sizeof(cases[0]); i++)
        w = cases[i](j);
    return w;
}

/* ---- the end ---- */

static enum prov_status
status_of(const struct job *j)
{
    const struct why w = why_of(j);

    if (j->over)
        return PROV_E_LIMIT;
    if (j->answered)
        return PROV_OK;
    if (w.text != NULL)
        return w.status;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (ends[i].code == j->code)
            return ends[i].status;
    }
    return PROV_E_NETWORK;
}

static const char *
detail_of(const struct job *j, enum prov_status status)
{
    const struct why w = why_of(j);

    if (status == PROV_OK)
        return "";
    if (j->over)
        return "larger than allowed";
    if (j->why != NULL)
        return j->why;
    if (status == PROV_E_TIMEOUT) {
        if (j->idled)
            return "no byte within the idle time-out";
        return j->last_ms == 0 ? "no connection within the time-out"
                               : "not complete within the time-out";
    }
    return w.text != NULL ? w.text : curl_easy_strerror(j->code);
}

static void
add_heads(const struct job *j, struct prov_fetch_result *r)
{
    r->http_status = (uint32_t)prov_curl_info_long(j, CURLINFO_RESPONSE_CODE);
    if (r->http_status >= 300 && r->http_status < 400)
        r->location = prov_str_z(j->heads[HEAD_LOCATION]);
    r->etag = prov_str_z(j->heads[HEAD_ETAG]);
    r->modified = prov_str_z(j->heads[HEAD_MODIFIED]);
    r->retry_after = prov_str_z(j->heads[HEAD_RETRY_AFTER]);
    r->date = prov_str_z(j->heads[HEAD_DATE]);
}

void
prov_curl_report(struct job *j)
{
    struct prov_fetch_result r = { .size = sizeof(r), .status = status_of(j) };
    struct prov_run *run = j->net->run;

    if (j->is_http)
        add_heads(j, &r);
    if (j->by_tls && r.http_status != 0)
        j->net->is_http1 = prov_curl_info_long(j, CURLINFO_HTTP_VERSION) < CURL_HTTP_VERSION_2_0;
    r.detail = prov_str_z(detail_of(j, r.status));
    j->net->progress = true;
    /* A run that has failed keeps its status and says so itself. */
    const enum prov_status ignored = prov_run_done(run, j->id, &r);
    (void)ignored;
}
