/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SERVERS_H
#define TESTS_SERVERS_H

/* Starts servers for a test program and ends them, by their own ids. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "folder.h"

static struct {
    pid_t pid;
    int in; /* servers.py ends when this is closed */
    struct {
        char name[16];
        unsigned port;
    } ports[16];
    size_t count;
} servers;

/* Where a server of Debian is: installed, or unpacked for the tests. False if it is not there. */
static inline bool
daemon_find(const char *path, char *found, size_t size)
{
    const char *peers = getenv("PROV_PEERS");

    snprintf(found, size, "%s", path);
    if (access(found, X_OK) == 0)
        return true;
    snprintf(found, size, "%s%s", peers != NULL ? peers : "", path);
    return access(found, X_OK) == 0;
}

/* 0 if there is no such server. */
static inline unsigned
port_of(const char *name)
{
    for (size_t i = 0; i < servers.count; i++) {
        if (strcmp(servers.ports[i].name, name) == 0)
            return servers.ports[i].port;
    }
    return 0;
}

static inline void
read_ports(int fd)
{
    FILE *f = fdopen(fd, "r");
    char line[80];

    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL && strcmp(line, "ready\n") != 0) {
        assert_true(servers.count < PROV_COUNT(servers.ports));
        assert_int_equal(2, sscanf(line, "%15s %u", servers.ports[servers.count].name,
                                   &servers.ports[servers.count].port));
        servers.count++;
    }
    fclose(f);
    assert_true(servers.count > 0);
}

/* `python3 script folder`, with ports on its standard output. */
static inline void
servers_start(const char *script)
{
    int in[2];
    int out[2];

    assert_int_equal(0, pipe(in));
    assert_int_equal(0, pipe(out));
    servers.pid = fork();
    assert_true(servers.pid >= 0);
    if (servers.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[0]);
        close(in[1]);
        close(out[0]);
        close(out[1]);
        execlp("python3", "python3", script, folder, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    servers.in = in[1];
    read_ports(out[0]);
}

static inline void
servers_stop(void)
{
    close(servers.in);
    assert_int_equal(servers.pid, waitpid(servers.pid, NULL, 0));
}

/* A port that was free a moment ago. */
static inline unsigned
free_port(int type)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);
    const int fd = socket(AF_INET, type, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(0, bind(fd, (struct sockaddr *)&a, sizeof(a)));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&a, &len));
    close(fd);
    return ntohs(a.sin_port);
}

/* A program in the foreground, quiet. */
static inline pid_t
daemon_start(const char *const *args)
{
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        union {
            const char *const *in;
            char *const *out;
        } u = { args };
        const int null = open("/dev/null", O_RDWR);

        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execv(args[0], u.out);
        _exit(127);
    }
    return pid;
}

static inline void
daemon_stop(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    assert_int_equal(pid, waitpid(pid, NULL, 0));
}

/* Until a TCP server accepts; false after 5 s. */
static inline bool
is_up(unsigned port)
{
    const struct timespec nap = { 0, 10000000 };
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    bool up = false;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 500 && !up; i++) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);

        up = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
        close(fd);
        if (!up)
            nanosleep(&nap, NULL);
    }
    return up;
}

#define FILLED 8

/* A port where nobody accepts and the queue is full: the kernel answers nothing. */
static inline void
fill_port(int fds[static FILLED], const char *address, unsigned port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

    assert_int_equal(1, inet_pton(AF_INET, address, &a.sin_addr));
    for (int i = 0; i < FILLED; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(fds[i] >= 0);
    }
    assert_int_equal(0, bind(fds[0], (struct sockaddr *)&a, sizeof(a)));
    assert_int_equal(0, listen(fds[0], 0));
    for (int i = 1; i < FILLED; i++) {
        assert_int_equal(0, fcntl(fds[i], F_SETFL, O_NONBLOCK));
        (void)connect(fds[i], (struct sockaddr *)&a, sizeof(a));
    }
}

static inline void
free_filled(const int fds[static FILLED])
{
    for (int i = 0; i < FILLED; i++)
        close(fds[i]);
}

/* ---- For a whole group of tests ---- */

static const char *script = "tests/adapters/servers.py";

static inline int
servers_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    folder_make();
    servers_start(script);
    return 0;
}

static inline int
servers_down(void **state)
{
    (void)state;
    servers_stop();
    folder_remove();
    return 0;
}

#endif /* TESTS_SERVERS_H */
