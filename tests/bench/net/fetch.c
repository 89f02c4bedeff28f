/* SPDX-License-Identifier: MIT */

/*
 * The same transfers by libcurl alone: a reference file and what it names, kept in memory.
 *
 * usage: fetch [-1] [-n N] [-c N] [-a FILE] [-k FILE] [-w FILE] URL
 *
 * -1  HTTP/1.1, one connection for each transfer side by side; else HTTP/2 where TLS offers it
 * -n  most transfers side by side (17)
 * -c  most connections, over which the transfers are spread; else those by HTTP/2 share one
 * -a  trusted authorities
 * -k  what is known of the last run: an address and its entity tag in each line, the reference file
 *     first. All of them are asked for at once, and only what has changed is sent.
 * -w  write such a file
 *
 * Prints `N files, N bytes, N unchanged`. Addresses in the reference file are those of neighbours.
 */

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 32
#define URL_BYTES 256
#define TAG_BYTES 64

struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    char url[URL_BYTES], tag[TAG_BYTES];
    char *body;
    size_t len, cap;
    long status;
    enum { WAITING = 0, UNDER_WAY, ENDED } state;
};

static struct transfer transfers[FILES];
static int transfer_count, under_way;
static int most_side_by_side = 17, most_connections;
static bool only_http1;
static const char *authorities;
static CURLSH *sessions;

static void
fail(const char *what, const char *why)
{
    fprintf(stderr, "fetch: %s: %s\n", what, why);
    exit(1);
}

/* ---- one transfer ---- */

static size_t
on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    const size_t n = size * count;

    if (t->len + n > t->cap) {
        t->cap = (t->len + n) * 2;
        t->body = realloc(t->body, t->cap);
        if (t->body == NULL)
            fail(t->url, "no memory");
    }
    memcpy(t->body + t->len, p, n);
    t->len += n;
    return n;
}

static size_t
on_header(char *p, size_t size, size_t count, void *ctx)
{
    static const char name[] = "etag: ";
    struct transfer *t = ctx;
    const size_t lead = sizeof(name) - 1;
    size_t n = size * count;

    if (n > lead && curl_strnequal(p, name, lead)) {
        n = n - lead < TAG_BYTES - 1 ? n - lead : TAG_BYTES - 1;
        memcpy(t->tag, p + lead, n);
        t->tag[n] = '\0';
        t->tag[strcspn(t->tag, "\r\n")] = '\0';
    }
    return size * count;
}

static void
set_up(struct transfer *t)
{
    char line[TAG_BYTES + 32];

    t->easy = curl_easy_init();
    if (t->easy == NULL)
        fail(t->url, "no memory");
    (void)curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
    (void)curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    (void)curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    (void)curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(t->easy, CURLOPT_TIMEOUT, 60L);
    (void)curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION,
                           only_http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
    (void)curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT,
                           !only_http1 && most_connections == 0 ? 1L : 0L);
    (void)curl_easy_setopt(t->easy, CURLOPT_SHARE, sessions);
    if (authorities != NULL)
        (void)curl_easy_setopt(t->easy, CURLOPT_CAINFO, authorities);
    if (t->tag[0] == '\0')
        return;
    (void)snprintf(line, sizeof(line), "If-None-Match: %s", t->tag);
    t->headers = curl_slist_append(NULL, line);
    (void)curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void
clean_up(struct transfer *t)
{
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    t->state = ENDED;
    under_way--;
}

/* ---- which files ---- */

static struct transfer *
add(const char *base, size_t base_len, const char *name, size_t len)
{
    char url[URL_BYTES];

    (void)snprintf(url, sizeof(url), "%.*s%.*s", (int)base_len, base, (int)len, name);
    for (int i = 0; i < transfer_count; i++) {
        if (strcmp(transfers[i].url, url) == 0)
            return &transfers[i];
    }
    if (transfer_count == FILES)
        fail(url, "too many files");
    memcpy(transfers[transfer_count].url, url, sizeof(url));
    return &transfers[transfer_count++];
}

/* Each text between <url> and </url>. */
static void
follow(struct transfer *reference)
{
    static const char open[] = "<url>", close[] = "</url>";
    char nul[] = "";
    const size_t base = (size_t)(strrchr(reference->url, '/') - reference->url) + 1;
    const char *at, *end;

    (void)on_body(nul, 1, 1, reference);
    for (at = strstr(reference->body, open); at != NULL; at = strstr(end, open)) {
        at += sizeof(open) - 1;
        end = strstr(at, close);
        if (end == NULL)
            fail(reference->url, "is broken");
        (void)add(reference->url, base, at, (size_t)(end - at));
    }
}

static void
read_known(const char *path)
{
    char line[URL_BYTES + TAG_BYTES];
    FILE *f = fopen(path, "r");

    if (f == NULL)
        fail(path, "cannot be read");
    while (fgets(line, sizeof(line), f) != NULL) {
        const size_t n = strcspn(line, " ");
        struct transfer *t = add(line, n, "", 0);

        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(t->tag, sizeof(t->tag), "%.60s", line + n + (line[n] == ' '));
    }
    (void)fclose(f);
}

static void
write_known(const char *path)
{
    FILE *f = fopen(path, "w");

    for (int i = 0; f != NULL && i < transfer_count; i++)
        fprintf(f, "%s %s\n", transfers[i].url, transfers[i].tag);
    if (f == NULL || fclose(f) != 0)
        fail(path, "cannot be written");
}

/* ---- the run ---- */

static void
start(CURLM *multi)
{
    for (int i = 0; i < transfer_count && under_way < most_side_by_side; i++) {
        if (transfers[i].state != WAITING)
            continue;
        set_up(&transfers[i]);
        if (curl_multi_add_handle(multi, transfers[i].easy) != CURLM_OK)
            fail(transfers[i].url, "cannot be begun");
        transfers[i].state = UNDER_WAY;
        under_way++;
    }
}

static void
collect(CURLM *multi)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(multi, &left)) != NULL) {
        const CURLcode code = msg->data.result;
        struct transfer *t = NULL;

        (void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
        (void)curl_multi_remove_handle(multi, msg->easy_handle);
        if (code != CURLE_OK)
            fail(t->url, curl_easy_strerror(code));
        clean_up(t);
        if (t->status != 200 && t->status != 304)
            fail(t->url, "neither 200 nor 304");
        if (t == transfers && t->status == 200)
            follow(t);
    }
}

static void
run(CURLM *multi)
{
    int running;

    for (start(multi); under_way > 0; start(multi)) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            fail("libcurl", "failed");
        collect(multi);
        start(multi);
        if (curl_multi_perform(multi, &running) != CURLM_OK ||
            (running > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK))
            fail("libcurl", "failed");
    }
}

static CURLM *
open_multi(void)
{
    CURLM *multi = curl_multi_init();
    const long streams =
        most_connections > 0 ? (most_side_by_side + most_connections - 1) / most_connections : 100;

    sessions = curl_share_init();
    (void)curl_share_setopt(sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)most_connections);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, streams);
    return multi;
}

static void
tell(void)
{
    size_t bytes = 0;
    int unchanged = 0;

    for (int i = 0; i < transfer_count; i++) {
        bytes += transfers[i].len - (i == 0 && transfers[i].len > 0); /* its NUL */
        unchanged += transfers[i].status == 304;
        free(transfers[i].body);
    }
    printf("%d files, %zu bytes, %d unchanged\n", transfer_count, bytes, unchanged);
}

int
main(int argc, char **argv)
{
    const char *known = NULL, *to_write = NULL;
    CURLM *multi;
    int c;

    while ((c = getopt(argc, argv, "1n:c:a:k:w:")) != -1) {
        only_http1 = only_http1 || c == '1';
        most_side_by_side = c == 'n' ? atoi(optarg) : most_side_by_side;
        most_connections = c == 'c' ? atoi(optarg) : most_connections;
        authorities = c == 'a' ? optarg : authorities;
        known = c == 'k' ? optarg : known;
        to_write = c == 'w' ? optarg : to_write;
        if (c == '?')
            return 2;
    }
    if (optind + 1 != argc || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return 2;
    multi = open_multi();
    (void)add(argv[optind], strlen(argv[optind]), "", 0);
    if (known != NULL)
        read_known(known);
    run(multi);
    if (to_write != NULL)
        write_known(to_write);
    tell();
    (void)curl_multi_cleanup(multi);
    (void)curl_share_cleanup(sessions);
    curl_global_cleanup();
    return 0;
}
