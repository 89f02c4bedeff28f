/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* FTP and TFTP, against the servers that are used in the field. */

#include "fetching.h"

static pid_t ftpd;
static pid_t tftpd;
static char vsftpd_path[256];
static char tftpd_path[256];

static void
add_server(const char *name, unsigned port)
{
    strcpy(servers.ports[servers.count].name, name);
    servers.ports[servers.count++].port = port;
}

static void
start_ftpd(void)
{
    const unsigned port = free_port(SOCK_STREAM);
    char conf[1024];
    char path[160];
    const char *const args[] = { vsftpd_path, path, NULL };

    strcpy(path, in_folder("vsftpd.conf"));
    const int n = snprintf(
        conf, sizeof(conf),
        "listen=YES\nlisten_address=127.0.0.1\nlisten_port=%u\n"
        "background=NO\nrun_as_launching_user=YES\nanonymous_enable=YES\n"
        "local_enable=NO\nftp_username=nobody\nanon_root=%s/ftp\nsecure_chroot_dir=%s/empty\n"
        "seccomp_sandbox=NO\nconnect_from_port_20=NO\nxferlog_enable=NO\n",
        port, folder, folder);

    file_write("vsftpd.conf", conf, (size_t)n);
    ftpd = daemon_start(args);
    if (is_up(port))
        add_server("ftp", port);
}

static void
start_tftpd(void)
{
    const unsigned port = free_port(SOCK_DGRAM);
    char address[32];
    char root[160];
    const char *const args[] = { tftpd_path, "--foreground", "--address", address, "--user",
                                 "root",     "--secure",     root,        NULL };

    strcpy(root, in_folder("ftp"));
    snprintf(address, sizeof(address), "127.0.0.1:%u", port);
    tftpd = daemon_start(args);
    add_server("tftp", port);
}

static int
start(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    folder_make();
    assert_int_equal(0, chmod(folder, 0755));
    assert_int_equal(0, mkdir(in_folder("ftp"), 0755));
    assert_int_equal(0, mkdir(in_folder("empty"), 0755));
    file_write("ftp/phone.cfg", "settings", 8);
    if (daemon_find("/usr/sbin/vsftpd", vsftpd_path, sizeof(vsftpd_path)))
        start_ftpd();
    if (daemon_find("/usr/sbin/in.tftpd", tftpd_path, sizeof(tftpd_path)) && geteuid() == 0)
        start_tftpd();
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    daemon_stop(ftpd);
    daemon_stop(tftpd);
    assert_int_equal(0, unlink(in_folder("ftp/phone.cfg")));
    assert_int_equal(0, rmdir(in_folder("ftp")));
    assert_int_equal(0, rmdir(in_folder("empty")));
    folder_remove();
    return 0;
}

static void
need(const char *name, const char *why)
{
    if (port_of(name) == 0) {
        print_message("SKIP: %s\n", why);
        skip();
    }
}

static void
need_ftp(void)
{
    need("ftp", "FTP needs the package vsftpd");
}

static void
need_tftp(void)
{
    need("tftp", "TFTP needs the package tftpd-hpa and root");
}

static void
take(const char *scheme, const char *path)
{
    const struct prov_fetch req = request(scheme, "127.0.0.1", scheme, path);

    run_one(&req);
}

/* A server that has just been started may not listen yet: TFTP asks again by itself. */
static void
a_file_comes_by_tftp(void **state)
{
    (void)state;
    need_tftp();
    take("tftp", "/phone.cfg");
    assert_true(ended(PROV_OK, 0));
    assert_true(fake_body_is(1, "settings"));
}

static void
a_missing_file_is_not_found_by_tftp(void **state)
{
    (void)state;
    need_tftp();
    take("tftp", "/other.cfg");
    assert_true(ended(PROV_E_NOT_FOUND, 0));
    assert_int_equal(0, fakes[1].len);
    assert_true(fakes[1].detail[0] != '\0');
}

static void
nobody_there_by_tftp_ends_in_time(void **state)
{
    struct prov_fetch req;
    const uint64_t before = clock_ms();

    (void)state;
    need_tftp();
    req = request("tftp", "127.0.0.1", "tftp", "/phone.cfg");
    snprintf(url, sizeof(url), "tftp://127.0.0.1:%u/phone.cfg", free_port(SOCK_DGRAM));
    req.url.len = strlen(url);
    req.connect_ms = 1000;
    req.whole_ms = 2000;
    run_one(&req);
    assert_int_not_equal(PROV_OK, fakes[1].result.status);
    assert_true(clock_ms() - before < 4000);
}

static void
a_file_comes_by_ftp_without_a_login(void **state)
{
    (void)state;
    need_ftp();
    for (int i = 0; i < 2; i++) { /* the second time on the connection of the first */
        take("ftp", "/phone.cfg");
        assert_true(ended(PROV_OK, 0));
        assert_true(fake_body_is(1, "settings"));
    }
}

static void
a_missing_file_or_folder_is_not_found_by_ftp(void **state)
{
    (void)state;
    need_ftp();
    take("ftp", "/other.cfg");
    assert_true(ended(PROV_E_NOT_FOUND, 0));
    take("ftp", "/no/such/phone.cfg");
    assert_true(ended(PROV_E_NOT_FOUND, 0));
    assert_int_equal(0, fakes[1].len);
}

static void
a_refused_login_is_denied_by_ftp(void **state)
{
    struct prov_fetch req;

    (void)state;
    need_ftp();
    req = request("ftp", "127.0.0.1", "ftp", "/phone.cfg");
    req.user = (struct prov_str)PROV_STR_INIT("nobody-here");
    req.password = (struct prov_str)PROV_STR_INIT("s3cret");
    run_one(&req);
    assert_true(ended(PROV_E_DENIED, 0));
    assert_null(strstr(fakes[1].detail, "s3cret"));
    assert_null(strstr(fakes[1].detail, "nobody-here"));
}

static void
too_much_is_stopped_by_ftp(void **state)
{
    struct prov_fetch req;

    (void)state;
    need_ftp();
    req = request("ftp", "127.0.0.1", "ftp", "/phone.cfg");
    req.max_bytes = 7;
    run_one(&req);
    assert_true(ended(PROV_E_LIMIT, 0));
    assert_int_equal(0, fakes[1].len);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_plain, net_close)
    const struct CMUnitTest tests[] = {
        T(a_file_comes_by_tftp),
        T(a_missing_file_is_not_found_by_tftp),
        T(nobody_there_by_tftp_ends_in_time),
        T(a_file_comes_by_ftp_without_a_login),
        T(a_missing_file_or_folder_is_not_found_by_ftp),
        T(a_refused_login_is_denied_by_ftp),
        T(too_much_is_stopped_by_ftp),
    };
    return cmocka_run_group_tests_name("curl_ftp", tests, start, stop);
}
