/* SPDX-License-Identifier: MIT */
#include "curl_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Files are left to libcurl: since 7.87 it reads a file of authorities once for all connections,
 * as long as no folder and nothing in memory comes with it. The usual bundle takes 17 ms to read,
 * so where it is there the system's folder, which holds the same, is not named.
 *
 * Certificates that come with a request, or are given in memory, have to be handed over as one
 * text together with those of the file. libcurl compares it, so that a connection made with one
 * such text is not used with another.
 */

#define FILE_MAX ((size_t)16 << 20)
#define PIECE 65536

static bool
is_there(const char *path)
{
    FILE *f = path != NULL ? fopen(path, "rb") : NULL;

    if (f != NULL)
        (void)fclose(f);
    return f != NULL;
}

static bool
copy(char **to, const char *from)
{
    *to = from != NULL ? prov_curl_copy(from, strlen(from)) : NULL;
    return from == NULL || *to != NULL;
}

bool
prov_curl_trust_init(struct prov_curl *net, const struct prov_curl_options *o)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const char *file = o->ca_file;
    const char *dir = o->ca_dir;

    if (file == NULL && dir == NULL && o->ca_blob == NULL) {
        file = is_there(info->cainfo) ? info->cainfo : NULL;
        dir = file == NULL ? info->capath : NULL;
    }
    return copy(&net->ca_file, file) && copy(&net->ca_dir, dir) && copy(&net->ca_blob, o->ca_blob);
}

void
prov_curl_trust_drop(struct trust **trust)
{
    struct trust *t = *trust;

    if (t != NULL && --t->users == 0)
        free(t);
    *trust = NULL;
}

/* The whole file; empty for no path. False if it cannot be read. */
static bool
read_file(const char *path, char **out, size_t *len)
{
    FILE *f = path != NULL ? fopen(path, "rb") : NULL;
    char *text = NULL;
    size_t n = 0;
    bool more = f != NULL;

    while (more) {
        char *larger = n < FILE_MAX ? realloc(text, n + PIECE) : NULL;

        if (larger == NULL)
            break;
        text = larger;
        const size_t got = fread(text + n, 1, PIECE, f);

        n += got;
        more = got == PIECE;
    }
    const bool ok = !more && (path == NULL || (f != NULL && ferror(f) == 0));

    if (f != NULL)
        (void)fclose(f);
    *out = text;
    *len = n;
    return ok;
}

static void
put(struct trust *t, const char *p, size_t n)
{
    if (n > 0)
        memcpy(t->pem + t->len, p, n);
    t->len += n;
    t->pem[t->len++] = '\n'; /* a file may end without */
}

/* What is trusted anyway, and the certificates of a request. */
static struct trust *
make(const struct prov_curl *net, struct prov_str anchors)
{
    const size_t blob = net->ca_blob != NULL ? strlen(net->ca_blob) : 0;
    char *file;
    size_t len;
    struct trust *t = NULL;

    if (read_file(net->ca_file, &file, &len))
        t = malloc(sizeof(*t) + len + blob + anchors.len + 3);
    if (t != NULL) {
        *t = (struct trust){ .users = 1 };
        put(t, file, len);
        put(t, net->ca_blob, blob);
        t->own = t->len;
        put(t, anchors.ptr, anchors.len);
    }
    free(file);
    return t;
}

static bool
is_for(const struct trust *t, struct prov_str anchors)
{
    const struct prov_str have = { t->pem + t->own, t->len - t->own - 1 };

    return prov_str_eq(have, anchors);
}

/* The text for these certificates, which is made once as long as they stay the same. */
static struct trust *
find(struct prov_curl *net, struct prov_str anchors)
{
    if (net->trust != NULL && is_for(net->trust, anchors))
        return net->trust;

    struct trust *t = make(net, anchors);

    if (t != NULL) {
        prov_curl_trust_drop(&net->trust);
        net->trust = t;
    }
    return t;
}

/* The same for the server and for a proxy that is spoken to by TLS. */
static bool
set_both(CURL *easy, CURLoption server, CURLoption proxy, const void *value)
{
    const CURLcode of_server = curl_easy_setopt(easy, server, value);

    (void)curl_easy_setopt(easy, proxy, value); /* a libcurl that cannot has no such proxies */
    return of_server == CURLE_OK;
}

static bool
set_files(struct job *j, const char *file)
{
    const struct prov_curl *net = j->net;

    if (net->ca_file == NULL && net->ca_dir == NULL && net->ca_blob == NULL)
        return true; /* libcurl's own default, which it does not tell */
    return set_both(j->easy, CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO, file) &&
           set_both(j->easy, CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH, net->ca_dir);
}

static bool
set_text(struct job *j, struct trust *t)
{
    struct curl_blob blob = { t->pem, t->len, CURL_BLOB_NOCOPY };

    j->trust = t;
    t->users++;
    return set_both(j->easy, CURLOPT_CAINFO_BLOB, CURLOPT_PROXY_CAINFO_BLOB, &blob) &&
           set_files(j, NULL);
}

const char *
prov_curl_trust_set(struct job *j, const struct prov_fetch *req)
{
    static const struct prov_str https = PROV_STR_INIT("https:");
    const bool by_tls = prov_str_eq_nocase(prov_str_cut(req->url, 0, https.len), https);
    struct trust *t;

    if (req->anchors.len == 0 && j->net->ca_blob == NULL)
        return set_files(j, j->net->ca_file) || !by_tls ? NULL : "certificates cannot be checked";
    t = find(j->net, req->anchors);
    if (t == NULL)
        return by_tls ? "the file of trusted authorities cannot be read" : NULL;
    return set_text(j, t) || !by_tls ? NULL : "this libcurl takes no certificates from memory";
}
