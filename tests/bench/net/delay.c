/* SPDX-License-Identifier: MIT */

/*
 * A link between two network namespaces: two TUN devices, and this program, which delivers what one
 * of them sends to the other after a while. In order, nothing is lost, no limit of rate.
 *
 * usage: delay MICROSECONDS NAMESPACE NAME NAMESPACE NAME
 *
 * A namespace is a file such as /run/netns/x. `ready` is printed when both devices are there. Runs
 * until it is stopped.
 */

#define _GNU_SOURCE /* setns(), ppoll() */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PACKETS \
    8192u /* on the way, a power of two; when they are all used, the device keeps more */
#define PACKET_BYTES 2048u
#define SECOND UINT64_C(1000000000)

struct packet {
    uint64_t due; /* on the monotonic clock, in ns */
    size_t len;
    char bytes[PACKET_BYTES];
};

/* Packets from first to last are on the way; the counts run on and wrap. */
struct way {
    int from, to;
    uint32_t first, last;
    struct packet packets[PACKETS];
};

static uint64_t
now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* A device belongs to the namespace that its maker is in. */
static int
make_device(const char *space, const char *name)
{
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    const int inside = open(space, O_RDONLY | O_CLOEXEC);
    int fd = -1;

    if (inside < 0)
        return -1;
    if (strlen(name) < sizeof(request.ifr_name) && setns(inside, CLONE_NEWNET) == 0)
        fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    (void)close(inside);
    if (fd < 0)
        return -1;
    memcpy(request.ifr_name, name, strlen(name));
    if (ioctl(fd, TUNSETIFF, &request) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool
is_full(const struct way *w)
{
    return w->last - w->first == PACKETS;
}

static bool
take(struct way *w, uint64_t delay)
{
    struct packet *p = &w->packets[w->last % PACKETS];
    const ssize_t n = read(w->from, p->bytes, sizeof(p->bytes));

    if (n <= 0)
        return false;
    p->len = (size_t)n;
    p->due = now_ns() + delay;
    w->last++;
    return true;
}

/* False only if the device is gone. One that is not up yet refuses a packet, as a cable would. */
static bool
deliver(struct way *w, uint64_t now)
{
    for (; w->first != w->last; w->first++) {
        const struct packet *p = &w->packets[w->first % PACKETS];

        if (p->due > now)
            return true;
        if (write(w->to, p->bytes, p->len) < 0 && errno == EBADFD)
            return false;
    }
    return true;
}

static uint64_t
next_due(const struct way *w, uint64_t until)
{
    if (w->first == w->last)
        return until;

    const uint64_t due = w->packets[w->first % PACKETS].due;

    return due < until ? due : until;
}

/* Until there is something to read or to deliver. */
static bool
wait_for(struct way *a, struct way *b)
{
    struct pollfd fds[] = { { .fd = is_full(a) ? -1 : a->from, .events = POLLIN },
                            { .fd = is_full(b) ? -1 : b->from, .events = POLLIN } };
    const uint64_t now = now_ns();
    const uint64_t due = next_due(b, next_due(a, now + SECOND));
    const uint64_t left = due > now ? due - now : 0;
    const struct timespec t = { .tv_sec = (time_t)(left / SECOND),
                                .tv_nsec = (long)(left % SECOND) };

    return ppoll(fds, 2, &t, NULL) >= 0 || errno == EINTR;
}

static int
run(struct way *a, struct way *b, uint64_t delay)
{
    while (wait_for(a, b)) {
        while (!is_full(a) && take(a, delay))
            ;
        while (!is_full(b) && take(b, delay))
            ;
        if (!deliver(a, now_ns()) || !deliver(b, now_ns()))
            break;
    }
    return 1;
}

int
main(int argc, char **argv)
{
    static struct way there, back;
    const struct sched_param prio = { .sched_priority = 10 };

    if (argc != 6)
        return 2;
    there.from = back.to = make_device(argv[2], argv[3]);
    there.to = back.from = make_device(argv[4], argv[5]);
    if (there.from < 0 || there.to < 0) {
        fprintf(stderr, "delay: %s\n", strerror(errno));
        return 1;
    }
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    (void)sched_setscheduler(0, SCHED_FIFO, &prio); /* only to be exact on a busy machine */
    puts("ready");
    (void)fflush(stdout);
    return run(&there, &back, strtoull(argv[1], NULL, 10) * 1000);
}
