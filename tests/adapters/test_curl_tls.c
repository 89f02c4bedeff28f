/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* Options, certificates and HTTP/2 (NET-1, REF-5). */

#include "fetching.h"

#include <curl/curl.h>

static char nginx_path[256];

static char ca[160];
static char cert[160];
static char key[160];

/* Newer systems allow OpenSSL nothing older than TLS 1.2 anyway: it must be our doing here. */
static void
allow_anything(void)
{
    static const char conf[] = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                               "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n";

    file_write("openssl.cnf", conf, sizeof(conf) - 1);
    setenv("OPENSSL_CONF", in_folder("openssl.cnf"), 1);
}

static int
start(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    folder_make();
    allow_anything();
    servers_start(script);
    strcpy(ca, in_folder("ca.pem"));
    strcpy(cert, in_folder("client.pem"));
    strcpy(key, in_folder("client.key"));
    return 0;
}

static void
need_tls(void)
{
    if (port_of("tls") == 0) {
        print_message("SKIP: no program openssl to make certificates with\n");
        skip();
    }
}

static int
open_trusting(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .ca_file = ca };

    (void)state;
    net_open(&o);
    return 0;
}

static void
get_tls(const char *server)
{
    const struct prov_fetch req = request("https", "127.0.0.1", server, "/ok");

    run_one(&req);
}

static void
a_good_certificate_is_accepted(void **state)
{
    (void)state;
    need_tls();
    get_tls("tls");
    assert_true(ended(PROV_OK, 200));
    assert_true(fake_body_is(1, "hello"));
}

static void
bad_certificates_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *server;
        const char *words; /* OpenSSL's; other TLS libraries have their own */
    } t[] = {
        { "expired", "certificate has expired" },
        { "wrong", "subject name" },
    };

    (void)state;
    need_tls();
    for (size_t i = 0; i < PROV_COUNT(t); i++) {
        get_tls(t[i].server);
        PROV_ROW(t[i].server, ended(PROV_E_DENIED, 0));
        PROV_ROW(t[i].server, fakes[1].len == 0);
        if (strstr(curl_version(), "OpenSSL") != NULL)
            PROV_ROW(t[i].server, strstr(fakes[1].detail, t[i].words) != NULL);
        else
            PROV_ROW(t[i].server, fakes[1].detail[0] != '\0');
    }
}

static void
only_the_given_authority_is_trusted(void **state)
{
    const struct prov_curl_options dir = { .size = sizeof(dir), .ca_dir = folder };
    const struct prov_curl_options none = { .size = sizeof(none), .ca_file = "/no/such/file" };

    (void)state;
    need_tls();
    prov_curl_free(&net);
    net_open(NULL); /* the system's */
    get_tls("tls");
    assert_true(ended(PROV_E_DENIED, 0));
    prov_curl_free(&net);
    net_open(&dir); /* the file has not the name that a hashed folder wants */
    get_tls("tls");
    assert_true(ended(PROV_E_DENIED, 0));
    prov_curl_free(&net);
    net_open(&none);
    get_tls("tls");
    assert_true(ended(PROV_E_DENIED, 0));
}

/* From the folder; ends with NUL. */
static void
read_pem(const char *name, char *pem, size_t size)
{
    FILE *f = fopen(in_folder(name), "r");

    assert_non_null(f);
    pem[fread(pem, 1, size - 1, f)] = '\0';
    fclose(f);
}

static bool
is_let_in(const char *server, const char *anchors)
{
    struct prov_fetch req = request("https", "127.0.0.1", server, "/connection");

    req.anchors = prov_str_z(anchors);
    run_one(&req);
    assert_true(ended(PROV_OK, 200) || ended(PROV_E_DENIED, 0));
    return fakes[1].result.status == PROV_OK;
}

static void
anchors_of_a_request_are_trusted_beside_the_own(void **state)
{
    const struct prov_curl_options none = { .size = sizeof(none), .ca_file = "/no/such/file" };
    char ca_pem[4096];
    char other_pem[4096];
    char both[9000];

    (void)state;
    need_tls();
    read_pem("ca.pem", ca_pem, sizeof(ca_pem));
    read_pem("other_ca.pem", other_pem, sizeof(other_pem));
    snprintf(both, sizeof(both), "%s%s", ca_pem, other_pem);
    assert_false(is_let_in("other", ""));
    assert_false(is_let_in("other", ca_pem));
    assert_true(is_let_in("other", other_pem));
    assert_true(is_let_in("tls", other_pem));
    assert_true(is_let_in("tls", "")); /* and without them again */
    assert_false(is_let_in("other", ""));
    assert_false(is_let_in("other", "what is no certificate"));

    prov_curl_free(&net);
    net_open(NULL); /* the system's */
    assert_false(is_let_in("tls", other_pem));
    assert_true(is_let_in("tls", ca_pem));
    assert_true(is_let_in("tls", both));
    assert_true(is_let_in("other", both));

    prov_curl_free(&net);
    net_open(&none);
    assert_false(is_let_in("tls", ca_pem)); /* not known what else is trusted: nothing */
    assert_string_equal("the file of trusted authorities cannot be read", fakes[1].detail);
}

static void
authorities_can_be_a_folder(void **state)
{
    char name[64];
    char ca_pem[4096];
    char other_pem[4096];
    const struct prov_curl_options o = { .size = sizeof(o), .ca_dir = folder };

    (void)state;
    need_tls();
    read_pem("ca.pem", ca_pem, sizeof(ca_pem));
    read_pem("ca.hash", name, sizeof(name)); /* what OpenSSL looks for */
    strcpy(name + strcspn(name, "\n"), ".0");
    file_write(name, ca_pem, strlen(ca_pem));
    read_pem("other_ca.pem", other_pem, sizeof(other_pem));
    prov_curl_free(&net);
    net_open(&o);
    assert_true(is_let_in("tls", ""));
    assert_false(is_let_in("other", ""));
    assert_true(is_let_in("other", other_pem)); /* beside it */
    assert_true(is_let_in("tls", other_pem));
    assert_int_equal(0, unlink(in_folder(name)));
}

static void
authorities_can_be_given_in_memory(void **state)
{
    char ca_pem[4096];
    char other_pem[4096];
    const struct prov_curl_options o = { .size = sizeof(o), .ca_blob = ca_pem };

    (void)state;
    need_tls();
    read_pem("ca.pem", ca_pem, sizeof(ca_pem));
    read_pem("other_ca.pem", other_pem, sizeof(other_pem));
    prov_curl_free(&net);
    net_open(&o);
    ca_pem[0] = 'x'; /* a copy was taken */
    assert_true(is_let_in("tls", ""));
    assert_false(is_let_in("other", ""));
    assert_true(is_let_in("other", other_pem));
}

/* A connection is as good as the certificates that it was made with. */
static void
a_connection_made_with_other_anchors_is_not_used(void **state)
{
    char other_pem[4096];
    char first[16];

    (void)state;
    need_tls();
    read_pem("other_ca.pem", other_pem, sizeof(other_pem));
    assert_true(is_let_in("other", other_pem));
    snprintf(first, sizeof(first), "%.*s", (int)fakes[1].len, fakes[1].body);
    assert_true(is_let_in("other", other_pem));
    assert_true(fake_body_is(1, first));
    assert_false(is_let_in("other", ""));
    assert_true(is_let_in("other", other_pem));
    assert_true(fake_body_is(1, first)); /* it is still there */
}

static void
older_than_tls_1_2_is_refused(void **state)
{
    (void)state;
    need_tls();
    get_tls("old");
    assert_int_not_equal(PROV_OK, fakes[1].result.status);
    assert_int_equal(0, fakes[1].result.http_status);
    assert_true(fakes[1].detail[0] != '\0');
}

static void
a_client_certificate_is_shown(void **state)
{
    const struct prov_curl_options o = {
        .size = sizeof(o), .ca_file = ca, .client_cert = cert, .client_key = key
    };

    (void)state;
    need_tls();
    get_tls("mutual");
    assert_int_not_equal(PROV_OK, fakes[1].result.status);
    prov_curl_free(&net);
    net_open(&o);
    get_tls("mutual");
    assert_true(ended(PROV_OK, 200));
}

/* By an engine that libcurl loads. Here there is none, or it has no such token. */
static void
a_token_that_is_not_there_is_refused_without_its_pin(void **state)
{
    static const char uri[] = "pkcs11:token=none;object=none;pin-value=4711";
    const struct prov_curl_options o[] = {
        { .size = sizeof(o[0]), .ca_file = ca, .client_cert = uri, .client_key = uri },
        { .size = sizeof(o[0]), .ca_file = ca, .client_cert = cert, .client_key = uri },
    };

    (void)state;
    need_tls();
    for (size_t i = 0; i < PROV_COUNT(o); i++) {
        prov_curl_free(&net);
        net_open(&o[i]);
        get_tls("mutual");
        assert_true(ended(PROV_E_DENIED, 0));
        assert_true(fakes[1].detail[0] != '\0');
        assert_null(strstr(fakes[1].detail, "4711"));
    }
}

static void
a_slow_fetch_does_not_hold_up_others(void **state)
{
    struct prov_fetch slow;
    struct prov_fetch quick;
    char quick_url[64];

    (void)state;
    need_tls();
    fake_reset();
    slow = request("https", "127.0.0.1", "tls", "/silent");
    quick = slow;
    begin(4, &slow);
    snprintf(quick_url, sizeof(quick_url), "https://127.0.0.1:%u/ok", port_of("tls"));
    quick.url = prov_str_z(quick_url);
    for (uint32_t id = 1; id <= 3; id++)
        begin(id, &quick);
    finish(3);
    assert_int_equal(0, fakes[4].done);
}

static pid_t
nginx_start(unsigned port)
{
    char conf[1536];
    char path[160];

    strcpy(path, in_folder("nginx.conf"));
    const int n =
        snprintf(conf, sizeof(conf),
                 "daemon off; master_process off; pid %s/nginx.pid; error_log stderr;\n"
                 "events {}\n"
                 "http { access_log off; client_body_temp_path %s; proxy_temp_path %s;\n"
                 "fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s; server {\n"
                 "listen 127.0.0.1:%u ssl http2;\n"
                 "ssl_session_cache shared:lab:1m;\n"
                 "ssl_certificate %s/good.pem; ssl_certificate_key %s/good.key;\n"
                 "location / { return 200 \"$server_protocol $ssl_session_reused $connection\"; }\n"
                 "location /where { return 302 /there; }\n"
                 "location /once { keepalive_timeout 0;\n"
                 "return 200 \"$server_protocol $ssl_session_reused $connection\"; }\n"
                 "} }\n",
                 folder, folder, folder, folder, folder, folder, port, folder, folder);

    file_write("nginx.conf", conf, (size_t)n);

    const char *const args[] = { nginx_path, "-e", "/dev/null", "-c", path, NULL };

    return daemon_start(args);
}

/* Its address, without a path, is in `url`. */
static pid_t
nginx_up(struct prov_fetch *req)
{
    const unsigned port = free_port(SOCK_STREAM);
    pid_t pid;

    need_tls();
    if (!daemon_find("/usr/sbin/nginx", nginx_path, sizeof(nginx_path)) ||
        strstr(curl_version(), "nghttp2") == NULL) {
        print_message("SKIP: HTTP/2 needs nginx and a libcurl that has it\n");
        skip();
    }
    pid = nginx_start(port);
    assert_true(is_up(port));
    *req = request("https", "127.0.0.1", "tls", "/");
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", port);
    req->url.len = strlen(url);
    return pid;
}

/* How the answer begins: version, and "r" if the connection is the heir of another. */
static bool
begins(uint32_t id, const char *z)
{
    return fakes[id].len > strlen(z) && memcmp(fakes[id].body, z, strlen(z)) == 0;
}

static void
http_2_carries_several_fetches_on_one_connection(void **state)
{
    struct prov_fetch req;
    const pid_t pid = nginx_up(&req);

    (void)state;
    run_one(&req); /* that it is HTTP/2 is known with its end */
    for (uint32_t id = 2; id <= 6; id++)
        begin(id, &req);
    finish(6);
    strcat(url, "where");
    req.url.len = strlen(url);
    begin(7, &req);
    finish(7);
    daemon_stop(pid);
    for (uint32_t id = 1; id <= 6; id++) {
        assert_int_equal(PROV_OK, fakes[id].result.status);
        assert_int_equal(fakes[1].len, fakes[id].len);
        assert_memory_equal(fakes[1].body, fakes[id].body, fakes[1].len);
    }
    assert_true(begins(1, "HTTP/2.0 . "));
    assert_int_equal(302, fakes[7].result.http_status);
    assert_non_null(strstr(fakes[7].location, "/there"));
}

static void
http_2_can_be_switched_off(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .ca_file = ca, .no_http2 = true };
    struct prov_fetch req;
    const pid_t pid = nginx_up(&req);

    (void)state;
    prov_curl_free(&net);
    net_open(&o);
    run_one(&req);
    daemon_stop(pid);
    assert_true(begins(1, "HTTP/1.1 . "));
}

static void
a_further_connection_resumes_the_session_of_the_first(void **state)
{
    const struct prov_curl_options o = { .size = sizeof(o), .ca_file = ca, .no_http2 = true };
    struct prov_fetch req;
    const pid_t pid = nginx_up(&req);
    bool first;

    (void)state;
    prov_curl_free(&net);
    net_open(&o);
    strcat(url, "once"); /* and then the server closes */
    req.url.len = strlen(url);
    run_one(&req);
    first = begins(1, "HTTP/1.1 . ");
    fake_reset();
    begin(1, &req);
    begin(2, &req); /* by another handle */
    finish(2);
    daemon_stop(pid);
    assert_true(first);
    assert_true(begins(1, "HTTP/1.1 r "));
    assert_true(begins(2, "HTTP/1.1 r "));
}

static void
options_are_checked(void **state)
{
    struct prov_curl *other = NULL;
    struct {
        struct prov_curl_options o;
        char newer[8];
    } big = { .o = { .size = sizeof(big) } };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_curl_new(NULL, NULL));
    assert_int_equal(PROV_E_ABI, prov_curl_new(&other, &(struct prov_curl_options){ .size = 1 }));
    big.newer[7] = 1;
    assert_int_equal(PROV_E_ABI, prov_curl_new(&other, &big.o));
    assert_null(other);
    big.newer[7] = 0;
    assert_int_equal(PROV_OK, prov_curl_new(&other, &big.o));
    prov_curl_free(&other);
}

int
main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_trusting, net_close)
    const struct CMUnitTest tests[] = {
        T(options_are_checked),
        T(a_good_certificate_is_accepted),
        T(bad_certificates_are_refused_with_the_reason),
        T(only_the_given_authority_is_trusted),
        T(anchors_of_a_request_are_trusted_beside_the_own),
        T(authorities_can_be_a_folder),
        T(authorities_can_be_given_in_memory),
        T(a_connection_made_with_other_anchors_is_not_used),
        T(older_than_tls_1_2_is_refused),
        T(a_client_certificate_is_shown),
        T(a_token_that_is_not_there_is_refused_without_its_pin),
        T(a_slow_fetch_does_not_hold_up_others),
        T(http_2_carries_several_fetches_on_one_connection),
        T(http_2_can_be_switched_off),
        T(a_further_connection_resumes_the_session_of_the_first),
    };
    script = argc > 1 ? argv[1] : script;
    return cmocka_run_group_tests_name("curl_tls", tests, start, servers_down);
}
