/* SPDX-License-Identifier: MIT */
#include "lan_world.h"

#include <signal.h>
#include <sys/wait.h>

#define PACKET_MAX 2048

static const uint16_t codes[] = { 66, 160 };
static const uint16_t codes6[] = { 17, 59 };

static const struct prov_ask question = { .size = sizeof(question),
                                          .kind = PROV_ASK_DHCP4,
                                          .params = codes,
                                          .param_count = 2,
                                          .whole_ms = 3000 };
static const struct prov_ask question6 = { .size = sizeof(question6),
                                           .kind = PROV_ASK_DHCP6,
                                           .params = codes6,
                                           .param_count = 2,
                                           .whole_ms = 3000 };

/* ---- a server ---- */

static char request[PACKET_MAX]; /* the latest */
static size_t request_len;

/* The answer with option 66, or 59. */
static size_t
make_answer(char out[PACKET_MAX], bool v6)
{
    static const char options[] = "\x63\x82\x53\x63\x35\x01\x05\x42\x03url\xFF";
    static const char url[] = "\0\x3B\0\x03url";

    memcpy(out, request, PACKET_MAX);
    if (!v6) {
        out[0] = 2;
        memcpy(out + 236, options, sizeof(options) - 1);
        return 236 + sizeof(options) - 1;
    }

    const size_t id_len = 4 + (size_t)(uint8_t)out[7]; /* its client id comes first */

    out[0] = 7;
    memcpy(out + 4 + id_len, url, sizeof(url) - 1);
    return 4 + id_len + sizeof(url) - 1;
}

static bool
serve(int fd, int ms, bool answer)
{
    struct sockaddr_storage from;
    char bytes[PACKET_MAX];

    request_len = peer_receive(fd, ms, request, sizeof(request), &from);
    if (request_len == SIZE_MAX)
        return false;
    if (answer) {
        const bool v6 = from.ss_family == AF_INET6;
        const socklen_t len = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
        const size_t n = make_answer(bytes, v6);

        assert_int_equal((ssize_t)n, sendto(fd, bytes, n, 0, (const struct sockaddr *)&from, len));
    }
    return true;
}

/* ---- on loopback, on ports of our own ---- */

static struct prov_lan_options options;
static int server, server6;

static uint16_t
free_port(struct prov_endpoint at)
{
    const int fd = peer_open(&at);

    close(fd);
    return at.port;
}

static int
setup(void **state)
{
    (void)state;
    options = (struct prov_lan_options){
        .size = sizeof(options),
        .interface = "lo",
        .vendor_class = "phone",
        .dhcp4_server = at4(127, 0, 0, 1, 0),
        .dhcp6_server = at6("::1", 0),
        .dhcp4_port = free_port(at4(127, 0, 0, 1, 0)),
        .dhcp6_port = free_port(at6("::1", 0)),
    };
    server = peer_open(&options.dhcp4_server);
    server6 = peer_open(&options.dhcp6_server);
    lan_open(&options);
    return 0;
}

static int
teardown(void **state)
{
    close(server);
    close(server6);
    return lan_close(state);
}

static void
reopen(void)
{
    lan_close(NULL);
    lan_open(&options);
}

static void
the_server_is_asked_and_its_packet_reported_whole(void **state)
{
    struct prov_dhcp4_client self = { .address = { 127, 0, 0, 1 } };

    (void)state;
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_true(serve(server, 2000, true));
    assert_true(request_len >= 300);
    assert_memory_equal("\x7F\0\0\x01", request + 12, 4); /* ciaddr */
    assert_non_null(memmem(request, request_len, "\x37\x02\x42\xA0", 4));
    assert_non_null(memmem(request, request_len, "\x3C\x05phone", 7));
    wait_until(&told[1].asked);
    assert_int_equal(PROV_OK, told[1].status);
    self.xid = (uint32_t)(uint8_t)request[4] << 24 | (uint32_t)(uint8_t)request[5] << 16 |
               (uint32_t)(uint8_t)request[6] << 8 | (uint8_t)request[7];
    assert_true(prov_dhcp4_is_answer(&self, (struct prov_str){ told[1].bytes, told[1].len }));
    assert_int_equal(249, told[1].len);
    cancel(1); /* it has ended: nothing happens */
}

static void
a_dhcpv6_server_is_asked_too(void **state)
{
    struct prov_endpoint own;

    (void)state;
    if (prov_lan_address(lan, PROV_FAMILY_IPV6, &own) != PROV_OK)
        skip();
    assert_int_equal(PROV_OK, ask(1, &question6, NULL));
    assert_true(serve(server6, 2000, true));
    assert_int_equal(11, request[0]);
    assert_non_null(memmem(request, request_len, "\0\x11\0\x3B", 4));
    wait_until(&told[1].asked);
    assert_int_equal(PROV_OK, told[1].status);
    assert_int_equal(7, told[1].bytes[0]);
}

/* Sent again after about a second, with the time that went by; then it is given up. */
static void
an_answer_that_is_missing_is_waited_for(void **state)
{
    struct prov_ask q = question;
    const uint64_t before = clock_ms();
    char first[8];

    (void)state;
    q.whole_ms = 2500;
    assert_int_equal(PROV_OK, ask(1, &q, NULL));
    assert_true(serve(server, 0, false));
    memcpy(first, request, sizeof(first));
    while (!serve(server, 0, false)) {
        assert_true(clock_ms() < before + 2400);
        wait_ms(10);
    }
    assert_true(clock_ms() >= before + 890);
    assert_memory_equal(first, request, sizeof(first)); /* the same xid */
    wait_until(&told[1].asked);
    assert_int_equal(PROV_E_TIMEOUT, told[1].status);
    assert_in_range(clock_ms() - before, 2500, 4500);
    assert_false(serve(server, 0, false));
}

static void
watch_knows_when_to_send_again(void **state)
{
    struct prov_ask q = question;
    uint32_t ms = 0;
    size_t count = 0;
    int fds[4];

    (void)state;
    q.whole_ms = 30000;
    assert_int_equal(PROV_OK, ask(1, &q, NULL));
    assert_int_equal(PROV_OK, prov_lan_watch(lan, fds, 4, &count, &ms));
    assert_int_equal(2, count);
    assert_in_range(ms, 800, 1100);
    assert_true(serve(server, 2000, false));
    wait_ms(ms + 50);
    assert_true(serve(server, 0, false));
    assert_int_equal(PROV_OK, prov_lan_watch(lan, fds, 4, &count, &ms));
    assert_in_range(ms, 1500, 2200);
    cancel(1);
    assert_int_equal(PROV_OK, prov_lan_watch(lan, fds, 4, &count, &ms));
    assert_int_equal(0, count);
    assert_true(ms == UINT32_MAX);
}

/* Another xid, another client, another message: as if nothing had come. */
static void
answers_to_others_do_not_count(void **state)
{
    static const struct {
        size_t at;
        char byte;
    } wrong[] = { { 0, 1 }, { 4, 0 }, { 28, 9 }, { 236, 0 }, { 242, 2 } };
    const struct prov_endpoint client = at4(127, 0, 0, 1, options.dhcp4_port);
    char bytes[PACKET_MAX];

    (void)state;
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_true(serve(server, 2000, false));

    const size_t n = make_answer(bytes, false);

    for (size_t i = 0; i < PROV_COUNT(wrong); i++) {
        char spoiled[PACKET_MAX];

        memcpy(spoiled, bytes, n);
        spoiled[wrong[i].at] = (char)(spoiled[wrong[i].at] ^ 0x55);
        assert_true(peer_send(server, &client, spoiled, n));
    }
    for (size_t cut = 0; cut < 240; cut += 60)
        assert_true(peer_send(server, &client, bytes, cut));
    wait_ms(20);
    assert_int_equal(0, told[1].pieces);
    assert_true(peer_send(server, &client, bytes, n));
    wait_until(&told[1].asked);
    assert_int_equal(1, told[1].pieces);
}

static void
a_report_that_is_refused_ends_the_question(void **state)
{
    uint32_t ms;
    size_t count = 9;

    (void)state;
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_true(serve(server, 2000, true));
    body_answer = PROV_E_STATE;
    wait_ms(2000);
    assert_int_equal(1, told[1].pieces);
    assert_int_equal(PROV_OK, prov_lan_watch(lan, NULL, 0, &count, &ms));
    assert_int_equal(0, count);
    assert_int_equal(0, told[1].asked);
    body_answer = PROV_E_LIMIT; /* too long: its end is reported all the same */
    assert_int_equal(PROV_OK, ask(2, &question, NULL));
    assert_true(serve(server, 2000, true));
    wait_until(&told[2].asked);
}

static void
what_cannot_be_asked_is_not_found(void **state)
{
    static const struct prov_endpoint none = { 0 };

    (void)state;
    options.no_inform = true;
    reopen();
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &question, NULL));
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &question6, NULL));
    options.no_inform = false;
    options.dhcp4_server = options.dhcp6_server = none; /* loopback is not asked */
    reopen();
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &question, NULL));
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &question6, NULL));
    options.interface = "none0";
    reopen();
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &question, NULL));
}

/* ---- leases ---- */

static char lease_path[] = "/tmp/prov-lan-lease-XXXXXX";

static void
write_lease(const char *text)
{
    memcpy(lease_path + sizeof(lease_path) - 7, "XXXXXX", 6);

    const int fd = mkstemp(lease_path);

    assert_true(fd >= 0);
    assert_int_equal((ssize_t)strlen(text), write(fd, text, strlen(text)));
    close(fd);
}

static void
a_lease_that_holds_something_wanted_is_the_answer(void **state)
{
    (void)state;
    write_lease("interface=lo\ntftp=server\n");
    options.lease_file = lease_path;
    reopen();
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_int_equal(1, told[1].asked);
    assert_int_equal(PROV_OK, told[1].status);
    assert_int_equal(8, told[1].len);
    assert_memory_equal("B\x06server", told[1].bytes, 8);
    assert_false(serve(server, 0, false));

    /* refused: nothing more is said */
    body_answer = PROV_E_STATE;
    assert_int_equal(PROV_OK, ask(2, &question, NULL));
    assert_int_equal(0, told[2].asked);
    assert_int_equal(0, unlink(lease_path));
}

static void
a_lease_without_it_leads_to_the_server(void **state)
{
    static const char *const texts[] = { "interface=lo\ntftp=bad\nopt160=61\n",
                                         "interface=eth0\ntftp=a\n", "interface=lo\nopt67=61\n",
                                         "interface=lo\nopt66=6\n" };

    (void)state;
    options.lease_file = lease_path;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        write_lease(texts[i]);
        reopen();
        assert_int_equal(PROV_OK, ask(1, &question, NULL));
        assert_int_equal(0, told[1].asked);
        assert_true(serve(server, 0, false));
        cancel(1);
        assert_int_equal(0, unlink(lease_path));
    }
    assert_int_equal(PROV_OK, ask(1, &question, NULL)); /* there is no file */
    assert_true(serve(server, 0, false));
}

static void
what_udhcpc_hides_does_not_matter_if_nobody_can_be_asked(void **state)
{
    (void)state;
    write_lease("tftp=bad\nopt160=61\n");
    options.lease_file = lease_path;
    options.no_inform = true;
    reopen();
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_int_equal(1, told[1].asked);
    assert_memory_equal("\xA0\x01"
                        "a",
                        told[1].bytes, 3);
    assert_int_equal(0, unlink(lease_path));
}

static void
leases_are_left_alone_on_request(void **state)
{
    (void)state;
    write_lease("tftp=a\n");
    options.lease_file = lease_path;
    options.no_lease = true;
    reopen();
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_int_equal(0, told[1].asked);
    assert_int_equal(0, unlink(lease_path));
}

static void
bootp_fields_of_a_lease_count_for_66_and_67(void **state)
{
    static const uint16_t file_only[] = { 67 };
    struct prov_ask q = question;

    (void)state;
    write_lease("lease { interface \"lo\"; filename \"f\"; }\n");
    options.lease_file = lease_path;
    options.lease_form = PROV_LEASE_DHCLIENT;
    reopen();
    assert_int_equal(PROV_OK, ask(1, &question, NULL)); /* wants 66 and 160 */
    assert_int_equal(0, told[1].asked);
    q.params = file_only;
    q.param_count = 1;
    assert_int_equal(PROV_OK, ask(2, &q, NULL));
    assert_int_equal(1, told[2].asked);
    assert_int_equal(240, told[2].len);
    assert_int_equal(0, unlink(lease_path));

    write_lease("lease6 { interface \"lo\"; option dhcp6.bootfile-url \"u\"; }\n");
    options.lease6_file = lease_path;
    reopen();
    q = question6;
    assert_int_equal(PROV_OK, ask(3, &q, NULL));
    assert_memory_equal("\0\x3B\0\x01u", told[3].bytes, 5);
    q.param_count = 0; /* anything is wanted */
    assert_int_equal(PROV_OK, ask(4, &q, NULL));
    assert_int_equal(1, told[4].asked);
    assert_int_equal(0, unlink(lease_path));
}

/* ---- a cable between two networks ---- */

/* The helper holds the phone's network, so that the other end of the cable can be moved there. */
static pid_t
hold_network(void)
{
    int up[2];
    char byte = 0;

    assert_int_equal(0, pipe(up));

    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        close(up[0]);
        (void)alarm(30);
        if (unshare(CLONE_NEWNET) == 0 && write(up[1], "1", 1) == 1)
            (void)pause();
        _exit(1);
    }
    close(up[1]);
    if (read(up[0], &byte, 1) != 1)
        byte = 0;
    close(up[0]);
    return byte != 0 ? pid : -1;
}

static int
enter(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const int status = fd >= 0 ? setns(fd, CLONE_NEWNET) : -1;

    if (fd >= 0)
        close(fd);
    return status;
}

static void
stop(pid_t pid)
{
    assert_int_equal(0, kill(pid, SIGKILL));
    assert_int_equal(pid, waitpid(pid, NULL, 0));
}

/* A server's socket on the interface, standard port, member of the group of DHCPv6 servers. */
static int
serve_on(const char *interface, bool v6)
{
    struct prov_endpoint any = { v6 ? PROV_FAMILY_IPV6 : PROV_FAMILY_IPV4, { 0 }, v6 ? 547 : 67 };
    struct ipv6_mreq group = { .ipv6mr_interface = if_nametoindex(interface) };
    const int fd = peer_open(&any);

    assert_int_equal(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
                                   (socklen_t)strlen(interface) + 1));
    assert_int_equal(1, inet_pton(AF_INET6, "ff02::1:2", &group.ipv6mr_multiaddr));
    assert_true(!v6 || setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof(group)) == 0);
    return fd;
}

/* In the server's network; afterwards we are in the phone's. */
static pid_t
lay_cable(int *v4, int *v6)
{
    const pid_t pid = hold_network();
    char command[256], path[64];

    if (pid < 0)
        return -1;
    (void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
    (void)snprintf(command, sizeof(command),
                   "ip link add s0 type veth peer name c0 netns %d && ip link set s0 up && "
                   "ip addr add 192.0.2.1/24 dev s0 && ip addr add fe80::1/64 dev s0 nodad && "
                   "ip route add 198.51.100.0/24 via 192.0.2.10",
                   (int)pid);
    if (!run(command)) { /* it has said why */
        stop(pid);
        return -1;
    }
    *v4 = serve_on("s0", false);
    *v6 = serve_on("s0", true);
    assert_int_equal(0, enter(path));
    assert_true(loopback_up());
    assert_true(run("ip link set c0 addrgenmode none && ip link set c0 up && "
                    "ip addr add 192.0.2.10/24 dev c0 && ip addr add fe80::a/64 dev c0 nodad"));
    return pid;
}

/* By broadcast from port 68 and from the link-local address, as on a real network. */
static void
asks_by_broadcast_and_multicast(int v4, int v6)
{
    static const struct prov_lan_options c0 = { .size = sizeof(c0), .interface = "c0" };
    static const uint8_t client[4] = { 192, 0, 2, 10 };
    enum prov_mode mode;

    lan_open(&c0);
    assert_true(mode_becomes(PROV_OK, &mode));
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_true(serve(v4, 2000, true));
    assert_memory_equal(client, request + 12, 4);
    wait_until(&told[1].asked);
    assert_int_equal(PROV_OK, told[1].status);
    assert_int_equal(PROV_OK, ask(2, &question6, NULL));
    assert_true(serve(v6, 2000, true));
    wait_until(&told[2].asked);
    assert_int_equal(PROV_OK, told[2].status);

    /* A client that holds the port, bound to the address, does not take our answer. */
    const int other = socket(AF_INET, SOCK_DGRAM, 0);
    const int one = 1;
    const struct prov_endpoint at = at4(192, 0, 2, 10, 68);
    struct sockaddr_storage a;
    const socklen_t len = to_sockaddr(&at, &a);

    assert_int_equal(0, setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
    assert_int_equal(0, setsockopt(other, SOL_SOCKET, SO_BINDTODEVICE, "c0", 3));
    assert_int_equal(0, bind(other, (const struct sockaddr *)&a, len));
    assert_int_equal(PROV_OK, ask(3, &question, NULL));
    assert_true(serve(v4, 2000, true));
    wait_until(&told[3].asked);
    assert_int_equal(PROV_OK, told[3].status);
    close(other);
    lan_close(NULL);
}

/* What is left of another time, when the interface had an address. */
static void
a_lease_without_an_address_does_not_count(void)
{
    struct prov_lan_options d0 = {
        .size = sizeof(d0), .interface = "d0", .lease_file = lease_path, .no_inform = true
    };
    enum prov_mode mode;

    write_lease("tftp=a\n");
    assert_true(run("ip link add d0 type veth peer name d1 && ip link set d1 up && "
                    "ip link set d0 up && ip addr add 198.51.100.1/24 dev d0"));
    lan_open(&d0);
    assert_true(mode_becomes(PROV_OK, &mode));
    assert_int_equal(PROV_OK, ask(1, &question, NULL));
    assert_true(run("ip addr del 198.51.100.1/24 dev d0"));
    assert_int_equal(PROV_E_NOT_FOUND, ask(2, &question, NULL));
    lan_close(NULL);
    assert_int_equal(0, unlink(lease_path));
    assert_true(run("ip addr add 198.51.100.1/24 dev d0"));
}

/* The address of another interface can be reached by the cable, but it is not asked by it. */
static void
other_interfaces_do_not_count(int v4)
{
    static const struct prov_lan_options d0 = { .size = sizeof(d0), .interface = "d0" };
    const struct prov_ask q = { .size = sizeof(q),
                                .kind = PROV_ASK_PNP,
                                .group = at4(224, 0, 1, 75, 5060) };
    struct prov_endpoint here = at4(198, 51, 100, 1, 0);
    struct prov_endpoint local = { 0 };

    lan_open(&d0);
    assert_int_equal(PROV_OK, ask(1, &q, &local));
    assert_memory_equal(here.addr, local.addr, 4);

    const int own = peer_open(&here);

    assert_true(peer_send(v4, &local, "by the cable", 12));
    wait_ms(100);
    assert_int_equal(0, told[1].datagrams);
    assert_true(peer_send(own, &local, "on this machine", 15));
    wait_until(&told[1].datagrams);
    assert_int_equal(15, told[1].len);
    close(own);
    lan_close(NULL);
}

static void
on_a_real_network(void **state)
{
    int v4 = -1;
    int v6 = -1;
    const pid_t pid = own_network ? lay_cable(&v4, &v6) : -1;

    (void)state;
    if (pid < 0)
        skip();
    asks_by_broadcast_and_multicast(v4, v6);
    a_lease_without_an_address_does_not_count();
    other_interfaces_do_not_count(v4);
    close(v4);
    close(v6);
    stop(pid);
}

/* The DHCP client's port belongs to programs with a privilege. */
static void
without_the_privilege_errno_is_kept(void **state)
{
    struct prov_lan_options low = options;
    int status = 0;
    pid_t pid;

    (void)state;
    if (!own_network || own_users)
        skip();
    low.dhcp4_port = 1;
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bool good = setgid(65534) == 0 && setuid(65534) == 0;

        lan_close(NULL);
        lan_open(&low);
        good = good && ask(1, &question, NULL) == PROV_E_NETWORK && prov_lan_error(lan) == EACCES;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_int_equal(0, status);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_server_is_asked_and_its_packet_reported_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_dhcpv6_server_is_asked_too, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_that_is_missing_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(watch_knows_when_to_send_again, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_to_others_do_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(a_report_that_is_refused_ends_the_question, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lease_that_holds_something_wanted_is_the_answer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_lease_without_it_leads_to_the_server, setup, teardown),
        cmocka_unit_test_setup_teardown(what_udhcpc_hides_does_not_matter_if_nobody_can_be_asked,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(leases_are_left_alone_on_request, setup, teardown),
        cmocka_unit_test_setup_teardown(bootp_fields_of_a_lease_count_for_66_and_67, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_the_privilege_errno_is_kept, setup, teardown),
        cmocka_unit_test(on_a_real_network),
    };

    leave_network();
    if (own_network && !loopback_up())
        return 1;
    return cmocka_run_group_tests_name("lan_dhcp", tests, NULL, NULL);
}
