/* SPDX-License-Identifier: MIT */
#include "lan_world.h"

#include <signal.h>
#include <sys/time.h>

static const struct prov_lan_options lo = { .size = sizeof(lo), .interface = "lo" };
static const struct prov_endpoint group = { PROV_FAMILY_IPV4, { 224, 0, 1, 75 }, 0 };

static int
setup(void **state)
{
    (void)state;
    lan_open(&lo);
    return 0;
}

/* ---- creating ---- */

static void
bad_options_are_refused(void **state)
{
    char long_class[257] = { 0 };
    const struct prov_lan_options bad[] = {
        { .size = sizeof(bad[0]) },
        { .size = sizeof(bad[0]), .interface = "" },
        { .size = sizeof(bad[0]), .interface = "a-name-that-is-too-long" },
        { .size = sizeof(bad[0]), .interface = "lo", .lease_form = (enum prov_lease_form)5 },
        { .size = sizeof(bad[0]), .interface = "lo", .lease6_form = (enum prov_lease_form)5 },
        { .size = sizeof(bad[0]), .interface = "lo", .vendor_class = long_class },
        { .size = sizeof(bad[0]),
          .interface = "lo",
          .dhcp4_server = { PROV_FAMILY_IPV6, { 1 }, 1 } },
        { .size = sizeof(bad[0]),
          .interface = "lo",
          .dhcp6_server = { PROV_FAMILY_IPV4, { 1 }, 1 } },
    };
    const struct prov_lan_options foreign = { .size = 4 };
    struct prov_lan *out = NULL;

    (void)state;
    memset(long_class, 'x', sizeof(long_class) - 1);
    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        assert_int_equal(PROV_E_ARG, prov_lan_new(&out, &bad[i]));
    assert_int_equal(PROV_E_ARG, prov_lan_new(NULL, &lo));
    assert_int_equal(PROV_E_ARG, prov_lan_new(&out, NULL));
    assert_int_equal(PROV_E_ABI, prov_lan_new(&out, &foreign));
    assert_null(out);
    prov_lan_free(&out);
    prov_lan_free(NULL);
}

static void
bad_arguments_are_refused(void **state)
{
    struct prov_endpoint own;
    enum prov_mode mode;
    uint8_t mac[6];
    uint32_t ms;
    size_t count;

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_lan_mode(NULL, &mode));
    assert_int_equal(PROV_E_ARG, prov_lan_mode(lan, NULL));
    assert_int_equal(PROV_E_ARG, prov_lan_mac(NULL, mac));
    assert_int_equal(PROV_E_ARG, prov_lan_mac(lan, NULL));
    assert_int_equal(PROV_E_ARG, prov_lan_address(NULL, PROV_FAMILY_IPV4, &own));
    assert_int_equal(PROV_E_ARG, prov_lan_address(lan, PROV_FAMILY_NONE, &own));
    assert_int_equal(PROV_E_ARG, prov_lan_address(lan, PROV_FAMILY_IPV6, NULL));
    assert_int_equal(PROV_E_ARG, prov_lan_wait(NULL, 0));
    assert_int_equal(PROV_E_ARG, prov_lan_watch(NULL, NULL, 0, &count, &ms));
    assert_int_equal(PROV_E_ARG, prov_lan_watch(lan, NULL, 1, &count, &ms));
    assert_int_equal(PROV_E_ARG, prov_lan_watch(lan, NULL, 0, NULL, &ms));
    assert_int_equal(PROV_E_ARG, prov_lan_watch(lan, NULL, 0, &count, NULL));
    assert_int_equal(0, prov_lan_error(NULL));
    prov_lan_unlisten(NULL, 1);
}

/* ---- the interface ---- */

static void
the_address_state_is_that_of_now(void **state)
{
    struct prov_endpoint own;
    enum prov_mode mode = PROV_MODE_IPV6;
    uint8_t mac[6] = { 1 };

    (void)state;
    assert_int_equal(PROV_OK, prov_lan_mode(lan, &mode));
    assert_true(mode == PROV_MODE_IPV4 || mode == PROV_MODE_DUAL);
    assert_int_equal(PROV_OK, prov_lan_address(lan, PROV_FAMILY_IPV4, &own));
    assert_int_equal(127, own.addr[0]);
    assert_int_equal(mode == PROV_MODE_DUAL ? PROV_OK : PROV_E_NOT_FOUND,
                     prov_lan_address(lan, PROV_FAMILY_IPV6, &own));
    assert_int_equal(PROV_E_NOT_FOUND, prov_lan_mac(lan, mac));
    assert_int_equal(1, mac[0]);
}

static void
an_interface_that_is_not_there_has_nothing(void **state)
{
    static const struct prov_lan_options none = { .size = sizeof(none), .interface = "none0" };
    const struct prov_ask q = { .size = sizeof(q), .kind = PROV_ASK_PNP, .group = group };
    struct prov_endpoint own = { 0 };
    enum prov_mode mode = PROV_MODE_IPV6;
    uint8_t mac[6];

    (void)state;
    lan_close(NULL);
    lan_open(&none);
    assert_int_equal(PROV_E_NOT_FOUND, prov_lan_mode(lan, &mode));
    assert_int_equal(PROV_MODE_IPV6, mode);
    assert_int_equal(PROV_E_NOT_FOUND, prov_lan_mac(lan, mac));
    assert_int_equal(PROV_E_NOT_FOUND, prov_lan_address(lan, PROV_FAMILY_IPV4, &own));
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &q, &own));
    assert_int_equal(PROV_FAMILY_NONE, own.family);
}

/* An interface with a cable to another one; false where that is not allowed. */
static bool
plug_in(void)
{
    static const struct prov_lan_options d0 = { .size = sizeof(d0), .interface = "d0" };

    if (!own_network ||
        !run("ip link add d0 address 02:00:00:00:00:0e type veth peer name d1 2>&1"))
        return false;
    lan_close(NULL);
    lan_open(&d0);
    assert_true(run("ip link set d1 up"));
    return true;
}

/* With link-local addresses only there is no address state; with more there is. */
static void
link_local_addresses_do_not_count(void **state)
{
    static const struct {
        const char *command;
        enum prov_status status;
        enum prov_mode mode;
    } steps[] = {
        { "ip addr add 192.0.2.10/24 dev d0", PROV_E_NOT_FOUND, PROV_MODE_IPV4 }, /* it is down */
        { "ip link set d0 up", PROV_OK, PROV_MODE_IPV4 },
        { "ip addr flush dev d0", PROV_E_NOT_FOUND, PROV_MODE_IPV4 },
        { "ip addr add fe80::1/64 dev d0 nodad", PROV_E_NOT_FOUND, PROV_MODE_IPV4 },
        { "ip addr add fd00::1/64 dev d0 nodad", PROV_OK, PROV_MODE_IPV6 },
        { "ip addr add 192.0.2.10/24 dev d0", PROV_OK, PROV_MODE_DUAL },
        { "ip link set d1 down", PROV_E_NOT_FOUND, PROV_MODE_IPV4 }, /* no cable */
    };
    uint8_t mac[6] = { 0 };

    (void)state;
    if (!plug_in())
        skip();
    for (size_t i = 0; i < PROV_COUNT(steps); i++) {
        enum prov_mode mode = PROV_MODE_IPV4;

        PROV_ROW(steps[i].command, run(steps[i].command));
        PROV_ROW(steps[i].command, mode_becomes(steps[i].status, &mode));
        PROV_ROW(steps[i].command, mode == steps[i].mode);
    }
    assert_int_equal(PROV_OK, prov_lan_mac(lan, mac));
    assert_memory_equal("\x02\0\0\0\0\x0E", mac, 6);
    assert_true(run("ip link del d0"));
}

static void on_message(void *ctx, const struct prov_endpoint *from, struct prov_str bytes,
                       struct prov_buf *reply);

/* It cannot be bound yet: nothing could be sent from it. */
static void
an_address_that_is_being_checked_does_not_count(void **state)
{
    const struct prov_lan_listener l = { .size = sizeof(l), .on_message = on_message };
    enum prov_mode mode = PROV_MODE_IPV4;

    (void)state;
    if (!plug_in())
        skip();
    assert_true(run("ip link set d0 up && ip addr add 192.0.2.10/24 dev d0"));
    assert_true(mode_becomes(PROV_OK, &mode));
    assert_true(run("ip addr flush dev d0 && ip addr add fd00::1/64 dev d0"));
    assert_int_equal(PROV_E_NOT_FOUND, prov_lan_mode(lan, &mode));
    assert_int_equal(PROV_E_NOT_FOUND, prov_lan_listen(lan, &l, NULL, NULL)); /* no IPv4 either */
    assert_true(run("ip link del d0"));
}

/* ---- a PnP server on loopback ---- */

static struct {
    unsigned count;
    struct prov_endpoint from;
    char bytes[64];
    size_t len;
    const char *reply;
    uint32_t number;
    bool leave; /* stop listening while being told */
} heard;

static void
on_message(void *ctx, const struct prov_endpoint *from, struct prov_str bytes,
           struct prov_buf *reply)
{
    const struct prov_lan_listener again = { .size = sizeof(again),
                                             .on_message = on_message,
                                             .ctx = &heard };

    assert_ptr_equal(&heard, ctx);
    assert_int_equal(0, reply->len);
    assert_int_equal(PROV_LAN_REPLY_BYTES, reply->cap);
    assert_int_equal(PROV_E_STATE, prov_lan_wait(lan, 0));
    assert_int_equal(PROV_E_NETWORK, table.ops->wait(table.ctx, 0, &fake_run));
    heard.count++;
    heard.from = *from;
    heard.len = bytes.len;
    memcpy(heard.bytes, bytes.ptr, bytes.len < 64 ? bytes.len : 64);
    if (heard.reply != NULL) {
        memcpy(reply->ptr, heard.reply, strlen(heard.reply));
        reply->len = strlen(heard.reply);
    }
    if (heard.leave) { /* and begin again, at another port */
        prov_lan_unlisten(lan, heard.number);
        assert_int_equal(PROV_OK, prov_lan_listen(lan, &again, &heard.number, NULL));
    }
}

static struct prov_endpoint
hear(struct prov_endpoint at, struct prov_endpoint in_group)
{
    const struct prov_lan_listener l = {
        .size = sizeof(l), .at = at, .group = in_group, .on_message = on_message, .ctx = &heard
    };
    struct prov_endpoint local = { 0 };

    memset(&heard, 0, sizeof(heard));
    assert_int_equal(PROV_OK, prov_lan_listen(lan, &l, &heard.number, &local));
    assert_true(local.port != 0);
    return local;
}

static void
begin_pnp(uint32_t id, struct prov_endpoint *local)
{
    const struct prov_ask q = {
        .size = sizeof(q), .kind = PROV_ASK_PNP, .group = group, .whole_ms = 5000
    };

    assert_int_equal(PROV_OK, ask(id, &q, local));
}

/* There is no route to the group and loopback is no multicast interface: it works all the same. */
static void
an_exchange_with_a_group_works_on_loopback(void **state)
{
    static const struct prov_endpoint any = { 0 };
    const struct prov_endpoint server = hear(any, group);
    struct prov_endpoint to = group;
    struct prov_endpoint local = { 0 };

    (void)state;
    heard.reply = "SIP/2.0 200 OK";
    begin_pnp(1, &local);
    assert_int_equal(PROV_FAMILY_IPV4, local.family);
    assert_memory_equal("\x7F\0\0\x01", local.addr, 4);
    assert_true(local.port != 0);

    to.port = server.port;
    assert_int_equal(PROV_OK, table.ops->send(table.ctx, 1, &to, "SUBSCRIBE", 9));
    wait_until(&told[1].datagrams);
    assert_int_equal(1, heard.count);
    assert_memory_equal("SUBSCRIBE", heard.bytes, 9);
    assert_true(prov_endpoint_same_host(&heard.from, &local) && heard.from.port == local.port);
    assert_memory_equal("SIP/2.0 200 OK", told[1].bytes, 14);
    assert_int_equal(server.port, told[1].from.port);
    assert_true(prov_endpoint_same_host(&told[1].from, &local)); /* not that of the group */

    assert_int_equal(PROV_OK, prov_lan_send(lan, heard.number, &local, "NOTIFY", 6));
    told[1].datagrams = 0;
    wait_until(&told[1].datagrams);
    assert_memory_equal("NOTIFY", told[1].bytes, 6);
}

/* The time to live that a datagram came with; -1 = none came. */
static int
receive_ttl(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    char bytes[16];
    union {
        struct cmsghdr align;
        char room[64];
    } control;
    struct iovec to = { bytes, sizeof(bytes) };
    struct msghdr m = {
        .msg_iov = &to, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
    };
    int ttl = -1;

    if (poll(&p, 1, 5000) == 1 && recvmsg(fd, &m, 0) >= 0 && CMSG_FIRSTHDR(&m) != NULL)
        memcpy(&ttl, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(ttl));
    return ttl;
}

static void
multicast_does_not_leave_the_link(void **state)
{
    struct ip_mreqn join = { .imr_ifindex = (int)if_nametoindex("lo") };
    struct prov_endpoint to = group;
    struct prov_endpoint local;
    const int fd = peer_open(&to);
    const int one = 1;

    (void)state;
    memcpy(&join.imr_multiaddr, group.addr, 4);
    assert_int_equal(0, setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
    assert_int_equal(0, setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one)));
    begin_pnp(1, &local);
    assert_int_equal(PROV_OK, table.ops->send(table.ctx, 1, &to, "x", 1));
    assert_int_equal(1, receive_ttl(fd));
    close(fd);
}

/* A phone that listens beside a server, and two servers, on one machine. */
static void
a_group_leaves_the_port_to_others(void **state)
{
    static const struct prov_endpoint any = { 0 };
    struct prov_lan_listener second = {
        .size = sizeof(second), .group = group, .on_message = on_message, .ctx = &heard
    };
    struct prov_endpoint to = hear(any, group);
    struct prov_endpoint own = at4(127, 0, 0, 1, to.port);
    const int phone = peer_open(&own);
    const int peer = peer_open(&(struct prov_endpoint){ PROV_FAMILY_IPV4, { 127, 0, 0, 1 }, 0 });
    struct sockaddr_storage from;
    char bytes[8];

    (void)state;
    assert_memory_equal(group.addr, to.addr, 4);
    second.group.port = to.port;
    assert_int_equal(PROV_OK, prov_lan_listen(lan, &second, NULL, NULL));
    assert_true(peer_send(peer, &own, "unicast", 7));
    assert_int_equal(7, peer_receive(phone, 5000, bytes, sizeof(bytes), &from));
    assert_int_equal(PROV_OK, prov_lan_wait(lan, 0));
    assert_int_equal(0, heard.count);

    const struct in_addr by = { htonl(INADDR_LOOPBACK) };

    assert_int_equal(0, setsockopt(peer, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by)));
    assert_true(peer_send(peer, &to, "all", 3));
    for (unsigned i = 0; i < 2 && heard.count < 2; i++)
        assert_int_equal(PROV_OK, prov_lan_wait(lan, 5000));
    assert_int_equal(2, heard.count);
    assert_int_equal(SIZE_MAX, peer_receive(phone, 0, bytes, sizeof(bytes), &from));
    close(phone);
    close(peer);
}

static void
an_exchange_over_ipv6_works(void **state)
{
    const struct prov_endpoint six = at6("ff02::4b", 0);
    const struct prov_ask q = { .size = sizeof(q), .kind = PROV_ASK_PNP, .group = six };
    static const struct prov_endpoint any = { 0 };
    struct prov_endpoint to = six;
    struct prov_endpoint local = { 0 };
    enum prov_mode mode;

    (void)state;
    if (!plug_in())
        skip();
    assert_true(run("ip link set d0 up && ip addr add 192.0.2.10/24 dev d0"));
    assert_true(mode_becomes(PROV_OK, &mode));
    assert_int_equal(PROV_E_NOT_FOUND, ask(1, &q, &local));
    assert_true(run("ip addr add fd00::1/64 dev d0 nodad"));
    to.port = hear(any, six).port;
    heard.reply = "ok";
    assert_int_equal(PROV_OK, ask(1, &q, &local));
    /* An address that is new may lose the first ones: sent again, as a session does. */
    for (unsigned i = 0; i < 20 && told[1].datagrams == 0; i++) {
        assert_int_equal(PROV_OK, table.ops->send(table.ctx, 1, &to, "hello", 5));
        wait_ms(250); /* for the listener */
        wait_ms(250);
    }
    assert_true(heard.count > 0 && told[1].datagrams > 0);
    assert_int_equal(PROV_FAMILY_IPV6, told[1].from.family);
    assert_int_equal(PROV_E_ARG, prov_lan_send(lan, heard.number, &group, "x", 1));
    assert_int_equal(PROV_E_NETWORK, table.ops->send(table.ctx, 1, &group, "x", 1));
    assert_true(run("ip link del d0"));
}

static void
the_largest_datagram_comes_through(void **state)
{
    static char large[PROV_LAN_DATAGRAM_BYTES];
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    struct prov_endpoint local;
    const int fd = peer_open(&peer);

    (void)state;
    memset(large, 'x', sizeof(large));
    begin_pnp(1, &local);
    assert_true(peer_send(fd, &local, large, sizeof(large)));
    wait_until(&told[1].datagrams);
    assert_int_equal(sizeof(large), told[1].len);
    assert_true(peer_send(fd, &local, "", 0)); /* and the smallest */
    told[1].datagrams = 0;
    wait_until(&told[1].datagrams);
    assert_int_equal(0, told[1].len);
    close(fd);
}

static void
a_port_of_choice_is_used_and_one_in_use_is_refused(void **state)
{
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    const int fd = peer_open(&peer);
    const struct prov_lan_options fixed = { .size = sizeof(fixed),
                                            .interface = "lo",
                                            .pnp_port = peer.port };
    const struct prov_ask q = { .size = sizeof(q), .kind = PROV_ASK_PNP, .group = group };
    const struct prov_lan_listener l = { .size = sizeof(l), .at = peer, .on_message = on_message };
    struct prov_endpoint local = { 0 };

    (void)state;
    lan_close(NULL);
    lan_open(&fixed);
    assert_int_equal(PROV_E_NETWORK, ask(1, &q, &local));
    assert_int_equal(EADDRINUSE, prov_lan_error(lan));
    assert_int_equal(PROV_E_NETWORK, prov_lan_listen(lan, &l, NULL, NULL));
    assert_int_equal(0, local.port);
    close(fd);
    assert_int_equal(PROV_OK, ask(1, &q, &local));
    assert_int_equal(peer.port, local.port);
}

/* Bounded work, so that the timers of a session are on time whatever arrives. */
static void
a_flood_does_not_hold_up_wait(void **state)
{
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    struct prov_endpoint local;
    const int fd = peer_open(&peer);

    (void)state;
    begin_pnp(1, &local);
    for (unsigned i = 0; i < 2 * PROV_LAN_BURST; i++)
        assert_true(peer_send(fd, &local, &i, sizeof(i)));
    wait_ms(0);
    assert_int_equal(PROV_LAN_BURST, told[1].datagrams);
    wait_ms(1000);
    assert_int_equal(2 * PROV_LAN_BURST, told[1].datagrams);
    close(fd);
}

static void
cancel_once(uint32_t id)
{
    cancel(id);
}

static void
nothing_is_told_after_cancel(void **state)
{
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    struct prov_endpoint local;
    const int fd = peer_open(&peer);
    uint32_t ms = 0;
    size_t count = 9;

    (void)state;
    begin_pnp(1, &local);
    on_datagram = cancel_once;
    for (unsigned i = 0; i < 3; i++)
        assert_true(peer_send(fd, &local, "x", 1));
    wait_until(&told[1].datagrams); /* a second one would end the test */
    wait_ms(0);
    assert_int_equal(1, told[1].datagrams);
    assert_int_equal(PROV_OK, prov_lan_watch(lan, NULL, 0, &count, &ms));
    assert_int_equal(0, count);
    cancel(1);
    cancel(77);

    on_datagram = NULL; /* the port is free again: the socket was closed */
    close(fd);
    peer = local;
    close(peer_open(&peer));
    assert_int_equal(PROV_E_NETWORK, table.ops->send(table.ctx, 1, &group, "x", 1));
}

/* A stranger's address must not be able to end the exchange. */
static void
an_answer_that_cannot_be_sent_is_no_failure(void **state)
{
    const struct prov_endpoint nowhere = at4(127, 0, 0, 1, 0);
    const struct prov_endpoint broadcast = at4(255, 255, 255, 255, 5060);
    struct prov_endpoint to = group;
    struct prov_endpoint local;

    (void)state;
    begin_pnp(1, &local);
    assert_int_equal(PROV_OK, table.ops->send(table.ctx, 1, &nowhere, "x", 1));
    assert_int_equal(EINVAL, prov_lan_error(lan));
    assert_int_equal(PROV_OK, table.ops->send(table.ctx, 1, &broadcast, "x", 1));
    assert_int_equal(EACCES, prov_lan_error(lan));
    to.port = 0;
    assert_int_equal(PROV_E_NETWORK, table.ops->send(table.ctx, 1, &to, "x", 1));
}

static void
there_is_a_limit_to_questions(void **state)
{
    const struct prov_ask q = { .size = sizeof(q), .kind = PROV_ASK_PNP, .group = group };
    struct prov_endpoint local;
    uint32_t id = 1;

    (void)state;
    while (id < 20 && ask(id, &q, &local) == PROV_OK)
        id++;
    assert_int_equal(9, id);
    assert_int_equal(EMFILE, prov_lan_error(lan));
    cancel(3);
    assert_int_equal(PROV_OK, ask(id, &q, &local));
}

/* ---- listening ---- */

static void
a_listener_answers_the_sender(void **state)
{
    static const struct prov_endpoint any = { 0 };
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    const int fd = peer_open(&peer);
    const struct prov_endpoint at = hear(any, any);
    struct sockaddr_storage from;
    char bytes[64];

    (void)state;
    assert_memory_equal("\x7F\0\0\x01", at.addr, 4);
    assert_true(peer_send(fd, &at, "NOTIFY", 6));
    assert_int_equal(PROV_OK, prov_lan_wait(lan, 5000));
    assert_int_equal(1, heard.count);
    assert_true(heard.from.port == peer.port);
    assert_int_equal(SIZE_MAX, peer_receive(fd, 0, bytes, sizeof(bytes), &from)); /* no reply */
    heard.reply = "200";
    assert_true(peer_send(fd, &at, "NOTIFY", 6));
    assert_int_equal(PROV_OK, prov_lan_wait(lan, 5000));
    assert_int_equal(3, peer_receive(fd, 5000, bytes, sizeof(bytes), &from));
    assert_memory_equal("200", bytes, 3);
    close(fd);
}

static void
a_listener_may_stop_while_it_is_told(void **state)
{
    static const struct prov_endpoint any = { 0 };
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    const int fd = peer_open(&peer);
    const struct prov_endpoint at = hear(any, any);
    struct sockaddr_storage from;
    char bytes[16];

    (void)state;
    heard.leave = true;
    heard.reply = "too late";
    assert_true(peer_send(fd, &at, "a", 1));
    assert_true(peer_send(fd, &at, "b", 1));
    assert_int_equal(PROV_OK, prov_lan_wait(lan, 5000));
    assert_int_equal(PROV_OK, prov_lan_wait(lan, 0));
    assert_int_equal(1, heard.count);
    assert_int_equal(SIZE_MAX, peer_receive(fd, 0, bytes, sizeof(bytes), &from));
    prov_lan_unlisten(lan, heard.number);
    assert_int_equal(PROV_E_STATE, prov_lan_send(lan, heard.number, &peer, "x", 1));
    close(fd);
}

static void
listeners_are_checked_and_counted(void **state)
{
    const struct prov_lan_listener good = { .size = sizeof(good), .on_message = on_message };
    const struct prov_lan_listener bad[] = {
        { .size = sizeof(good) },
        { .size = sizeof(good), .on_message = on_message, .group = at4(192, 0, 2, 1, 1) },
        { .size = sizeof(good), .on_message = on_message, .group = group, .at = at6("::1", 1) },
        { .size = sizeof(good), .on_message = on_message, .group = at6("::1", 1) },
    };
    const struct prov_lan_listener foreign = { .size = 4 };
    uint32_t first = 0;
    uint32_t number = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        assert_int_equal(PROV_E_ARG, prov_lan_listen(lan, &bad[i], &number, NULL));
    assert_int_equal(PROV_E_ARG, prov_lan_listen(lan, NULL, &number, NULL));
    assert_int_equal(PROV_E_ARG, prov_lan_listen(NULL, &good, &number, NULL));
    assert_int_equal(PROV_E_ABI, prov_lan_listen(lan, &foreign, &number, NULL));
    assert_int_equal(0, number);
    assert_int_equal(PROV_OK, prov_lan_listen(lan, &good, &first, NULL));
    for (unsigned i = 1; i < PROV_LAN_LISTENERS; i++)
        assert_int_equal(PROV_OK, prov_lan_listen(lan, &good, &number, NULL));
    assert_int_equal(PROV_E_LIMIT, prov_lan_listen(lan, &good, &number, NULL));
    prov_lan_unlisten(lan, first);
    prov_lan_unlisten(lan, first);
    assert_int_equal(PROV_OK, prov_lan_listen(lan, &good, &number, NULL));
    assert_true(number != first);
    assert_int_equal(PROV_E_ARG, prov_lan_send(lan, number, NULL, "x", 1));
    assert_int_equal(PROV_E_ARG, prov_lan_send(lan, number, &group, NULL, 1));
    assert_int_equal(PROV_E_ARG, prov_lan_send(NULL, number, &group, "x", 1));
    assert_int_equal(PROV_E_NETWORK, prov_lan_send(lan, number, &group, "x", 1)); /* port 0 */
}

/* ---- event loops ---- */

static void
watch_tells_what_to_wait_for(void **state)
{
    static const struct prov_endpoint any = { 0 };
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    const int fd = peer_open(&peer);
    struct prov_endpoint local;
    int fds[4] = { -1, -1, -1, -1 };
    uint32_t ms = 0;
    size_t count = 9;

    (void)state;
    assert_int_equal(PROV_OK, prov_lan_watch(lan, fds, 4, &count, &ms));
    assert_int_equal(0, count);
    assert_true(ms == UINT32_MAX);
    begin_pnp(1, &local);
    (void)hear(any, any);
    assert_int_equal(PROV_E_SPACE, prov_lan_watch(lan, fds, 1, &count, &ms));
    assert_int_equal(2, count);
    assert_true(fds[0] >= 0 && fds[1] == -1);
    assert_int_equal(PROV_OK, prov_lan_watch(lan, fds, 4, &count, &ms));
    assert_true(peer_send(fd, &local, "x", 1));

    struct pollfd p = { fds[0], POLLIN, 0 };

    assert_int_equal(1, poll(&p, 1, 5000));
    wait_ms(0);
    assert_int_equal(1, told[1].datagrams);
    close(fd);
}

static void
on_alarm(int sig)
{
    (void)sig;
}

static void
a_signal_ends_waiting(void **state)
{
    static const struct prov_endpoint any = { 0 };
    const struct sigaction act = { .sa_handler = on_alarm };
    const struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
    const uint64_t before = clock_ms();

    (void)state;
    (void)hear(any, any);
    assert_int_equal(0, sigaction(SIGALRM, &act, NULL));
    assert_int_equal(0, setitimer(ITIMER_REAL, &soon, NULL));
    assert_int_equal(PROV_OK, prov_lan_wait(lan, 10000));
    assert_true(clock_ms() < before + 5000);
}

static void
with_nothing_open_wait_takes_its_time(void **state)
{
    const uint64_t before = clock_ms();

    (void)state;
    wait_ms(30);
    assert_true(clock_ms() >= before + 30);
}

/* ---- beside another network ---- */

#define REFUSED_ID 70u

/* Fetches that end at a given time, as libcurl's do from inside its wait. */
static struct {
    uint32_t id;
    uint64_t ends;
    unsigned waits, cancels;
    uint32_t longest; /* that it was let wait */
    enum prov_status status;
} inner;

static enum prov_status
inner_fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *with)
{
    assert_ptr_equal(&inner, ctx);
    assert_ptr_equal(&fake_run, with);
    assert_non_null(req);
    if (id == REFUSED_ID)
        return PROV_E_NETWORK;
    inner.id = id;
    return PROV_OK;
}

static void
inner_cancel(void *ctx, uint32_t id)
{
    assert_ptr_equal(&inner, ctx);
    inner.cancels++;
    if (inner.id == id)
        inner.id = 0;
}

static enum prov_status
inner_wait(void *ctx, uint32_t max_ms, struct prov_run *with)
{
    const uint64_t now = clock_ms();
    const struct prov_fetch_result r = { .size = sizeof(r) };
    uint64_t left = max_ms;

    assert_ptr_equal(&inner, ctx);
    inner.waits++;
    inner.longest = max_ms > inner.longest ? max_ms : inner.longest;
    if (inner.id != 0 && inner.ends < now + left)
        left = inner.ends > now ? inner.ends - now : 0;
    (void)poll(NULL, 0, (int)left);
    if (inner.id != 0 && clock_ms() >= inner.ends) {
        const uint32_t id = inner.id;

        inner.id = 0;
        assert_int_equal(PROV_OK, prov_run_done(with, id, &r));
    }
    return inner.status;
}

static const struct prov_net_ops inner_ops = {
    .size = sizeof(inner_ops), .fetch = inner_fetch, .cancel = inner_cancel, .wait = inner_wait
};

static enum prov_status
begin_fetch(uint32_t id, uint32_t ms)
{
    const struct prov_net with = { &inner_ops, &inner };
    const struct prov_fetch req = { .size = sizeof(req) };

    table = prov_lan_net(lan, with);
    memset(&inner, 0, sizeof(inner));
    inner.ends = clock_ms() + ms;
    told[id].known = true;
    return table.ops->fetch(table.ctx, id, &req, &fake_run);
}

static void
a_fetch_alone_is_left_to_the_inner_network(void **state)
{
    (void)state;
    assert_int_equal(PROV_OK, begin_fetch(2, 50));
    wait_ms(1000);
    assert_int_equal(1, told[2].done);
    assert_int_equal(1, inner.waits);
    assert_int_equal(1000, inner.longest);
    assert_int_equal(PROV_OK, begin_fetch(3, 60000));
    cancel(3);
    assert_int_equal(1, inner.cancels);
    assert_int_equal(PROV_E_NETWORK, begin_fetch(REFUSED_ID, 1));
}

/* Each is as prompt as if it were alone, within 10 ms. */
static void
both_are_served_side_by_side(void **state)
{
    struct prov_endpoint peer = at4(127, 0, 0, 1, 0);
    const int fd = peer_open(&peer);
    struct prov_endpoint local;
    uint64_t before;

    (void)state;
    begin_pnp(1, &local);
    assert_int_equal(PROV_OK, begin_fetch(2, 60));
    before = clock_ms();
    wait_ms(1000); /* ends with the fetch */
    assert_int_equal(1, told[2].done);
    assert_true(clock_ms() - before >= 55 && clock_ms() - before < 500);
    assert_true(inner.waits > 2 && inner.longest <= 10);

    assert_int_equal(PROV_OK, begin_fetch(3, 60000));
    assert_true(peer_send(fd, &local, "x", 1));
    before = clock_ms();
    wait_ms(1000); /* ends with the datagram */
    assert_int_equal(1, told[1].datagrams);
    assert_true(clock_ms() - before < 500);

    told[3].known = false; /* it has ended some other way: our sockets wait alone again */
    inner.id = 0;
    inner.waits = 0;
    wait_ms(50);
    assert_int_equal(1, inner.waits);
    close(fd);
}

static void
the_inner_network_may_fail(void **state)
{
    const struct prov_fetch req = { .size = sizeof(req) };

    (void)state; /* there is none yet */
    assert_int_equal(PROV_E_NETWORK, table.ops->fetch(table.ctx, 1, &req, &fake_run));
    table.ops->cancel(table.ctx, 1);
    assert_int_equal(PROV_OK, begin_fetch(2, 60000));
    inner.status = PROV_E_NETWORK;
    assert_int_equal(PROV_E_NETWORK, table.ops->wait(table.ctx, 1000, &fake_run));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test_setup_teardown(bad_arguments_are_refused, setup, lan_close),
        cmocka_unit_test_setup_teardown(the_address_state_is_that_of_now, setup, lan_close),
        cmocka_unit_test_setup_teardown(an_interface_that_is_not_there_has_nothing, setup,
                                        lan_close),
        cmocka_unit_test_setup_teardown(link_local_addresses_do_not_count, setup, lan_close),
        cmocka_unit_test_setup_teardown(an_address_that_is_being_checked_does_not_count, setup,
                                        lan_close),
        cmocka_unit_test_setup_teardown(an_exchange_with_a_group_works_on_loopback, setup,
                                        lan_close),
        cmocka_unit_test_setup_teardown(multicast_does_not_leave_the_link, setup, lan_close),
        cmocka_unit_test_setup_teardown(a_group_leaves_the_port_to_others, setup, lan_close),
        cmocka_unit_test_setup_teardown(an_exchange_over_ipv6_works, setup, lan_close),
        cmocka_unit_test_setup_teardown(the_largest_datagram_comes_through, setup, lan_close),
        cmocka_unit_test_setup_teardown(a_port_of_choice_is_used_and_one_in_use_is_refused, setup,
                                        lan_close),
        cmocka_unit_test_setup_teardown(a_flood_does_not_hold_up_wait, setup, lan_close),
        cmocka_unit_test_setup_teardown(nothing_is_told_after_cancel, setup, lan_close),
        cmocka_unit_test_setup_teardown(an_answer_that_cannot_be_sent_is_no_failure, setup,
                                        lan_close),
        cmocka_unit_test_setup_teardown(there_is_a_limit_to_questions, setup, lan_close),
        cmocka_unit_test_setup_teardown(a_listener_answers_the_sender, setup, lan_close),
        cmocka_unit_test_setup_teardown(a_listener_may_stop_while_it_is_told, setup, lan_close),
        cmocka_unit_test_setup_teardown(listeners_are_checked_and_counted, setup, lan_close),
        cmocka_unit_test_setup_teardown(watch_tells_what_to_wait_for, setup, lan_close),
        cmocka_unit_test_setup_teardown(a_signal_ends_waiting, setup, lan_close),
        cmocka_unit_test_setup_teardown(with_nothing_open_wait_takes_its_time, setup, lan_close),
        cmocka_unit_test_setup_teardown(a_fetch_alone_is_left_to_the_inner_network, setup,
                                        lan_close),
        cmocka_unit_test_setup_teardown(both_are_served_side_by_side, setup, lan_close),
        cmocka_unit_test_setup_teardown(the_inner_network_may_fail, setup, lan_close),
    };

    leave_network();
    if (own_network && !loopback_up())
        return 1;
    return cmocka_run_group_tests_name("lan", tests, NULL, NULL);
}
