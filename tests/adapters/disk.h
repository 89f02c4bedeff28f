/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

/*
 * A disk in memory behind the system calls of the store.
 *
 * Each call is under the test's control: it can fail, be interrupted or move one byte only; and all
 * that reached the disk is written down, so that for every instant of a run it is known what a power
 * cut could have left. The test maps the names of the calls, includes the store's sources, and
 * unmaps them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/prov_cmocka.h"

/* ---- faults ---- */

static struct {
    unsigned calls;   /* so far */
    unsigned fail_at; /* 0 = never */
    bool for_ever;    /* all later calls fail too */
    bool interrupt;   /* each call that may be interrupted is, once */
    bool no_links;    /* a file system without hard links */
    bool shorten;     /* write and read move one byte at a time */
    bool interrupted;
    int reason;
} fault;

static void
no_faults(void)
{
    memset(&fault, 0, sizeof(fault));
}

static bool
interrupted(void)
{
    fault.interrupted = fault.interrupt && !fault.interrupted;
    errno = fault.interrupted ? EINTR : errno;
    return fault.interrupted;
}

/* ---- the disk ---- */

#define DISK_NAMES 64
#define DISK_INODES 128
#define DISK_CALLS 3000
#define DISK_FILE 4096
#define DISK_FDS 32
#define DISK_FD 1000 /* the first one; the folder's */

struct disk_call {
    enum { CALL_NONE, CALL_NAMES, CALL_WRITE, CALL_SYNC, CALL_SYNC_FOLDER } kind;
    int from;      /* CALL_NAMES: name that goes, -1 = none */
    int to;        /* CALL_NAMES: name that comes, -1 = none */
    int inode;     /* behind it; or written, or synchronised */
    size_t len;    /* CALL_WRITE: length after it */
    unsigned told; /* transactions that had succeeded before it */
};

/* What names lead to, and how long files are. */
struct disk_view {
    int names[DISK_NAMES]; /* inode, -1 = none */
    size_t len[DISK_INODES];
};

/* Inodes are only ever written at their end. */
struct disk_inode {
    mode_t mode;
    char data[DISK_FILE];
};

struct disk {
    struct disk_view start, now;
    char names[DISK_NAMES][40];
    int name_count;
    struct disk_inode inodes[DISK_INODES];
    int inode_count;
    struct {
        int inode; /* -1 = closed */
        size_t at;
    } fds[DISK_FDS];
    struct disk_call calls[DISK_CALLS];
    size_t call_count;
    unsigned told; /* transactions that have succeeded, as the test says */
};

static struct disk *disk; /* the one in use */

/* Disks that are not used any more: a test needs very many, one after the other. */
static struct disk *spare[8];
static size_t spares;

static struct disk *
disk_new(void)
{
    struct disk *d = spares > 0 ? spare[--spares] : malloc(sizeof(*d));

    assert_non_null(d);
    memset(&d->now, 0, sizeof(d->now));
    memset(d->now.names, -1, sizeof(d->now.names));
    memset(d->fds, -1, sizeof(d->fds));
    d->start = d->now;
    d->name_count = d->inode_count = 0;
    d->call_count = 0;
    d->told = 0;
    return d;
}

/* NULL is no error. */
static void
disk_free(struct disk *d)
{
    if (d != NULL && spares < PROV_COUNT(spare))
        spare[spares++] = d;
    else
        free(d);
}

static int
disk_name(const char *name)
{
    int i = 0;

    while (i < disk->name_count && strcmp(disk->names[i], name) != 0)
        i++;
    if (i == disk->name_count) {
        assert_true(i < DISK_NAMES && strlen(name) < sizeof(disk->names[0]));
        strcpy(disk->names[disk->name_count++], name);
    }
    return i;
}

static int
disk_inode(mode_t mode)
{
    assert_true(disk->inode_count < DISK_INODES);
    disk->inodes[disk->inode_count].mode = mode;
    return disk->inode_count++;
}

/* A file that is on the disk from the start. */
static inline void
disk_file(const char *name, const char *bytes, size_t len)
{
    const int inode = disk_inode(0600);

    assert_true(len <= DISK_FILE);
    disk->now.names[disk_name(name)] = inode;
    disk->now.len[inode] = len;
    memcpy(disk->inodes[inode].data, bytes, len);
    disk->start = disk->now;
}

/* NULL if there is none. */
static const char *
disk_read_file(const char *name, size_t *len)
{
    const int inode = disk->now.names[disk_name(name)];

    if (inode < 0)
        return NULL;
    *len = disk->now.len[inode];
    return disk->inodes[inode].data;
}

static inline bool
disk_is(const char *name, const char *z)
{
    size_t len = 0;
    const char *text = disk_read_file(name, &len);

    return z == NULL ? text == NULL : text != NULL && prov_str_is(text, len, z);
}

/* ---- system calls ---- */

static struct disk_call *
note(struct disk_call c)
{
    assert_true(disk->call_count < DISK_CALLS);
    if (fault.shorten) /* so many that nobody wants to know them */
        disk->call_count = 0;
    c.told = disk->told;
    disk->calls[disk->call_count] = c;
    return &disk->calls[disk->call_count++];
}

static struct disk_call *
note_names(int from, int to, int inode)
{
    return note((struct disk_call){ CALL_NAMES, from, to, inode, 0, 0 });
}

/* Every call begins here. True: it is to fail; errno is set. */
static bool
disturbed(void)
{
    fault.calls++;
    (void)note((struct disk_call){ .kind = CALL_NONE });
    if (fault.fail_at == 0 || fault.calls < fault.fail_at ||
        (fault.calls > fault.fail_at && !fault.for_ever))
        return false;
    errno = fault.reason;
    return true;
}

static int
fail_with(int reason)
{
    errno = reason;
    return -1;
}

static void
apply_names(struct disk_view *v, const struct disk_call *c)
{
    if (c->from >= 0)
        v->names[c->from] = -1;
    if (c->to >= 0)
        v->names[c->to] = c->inode;
}

static int
disk_take_fd(int inode)
{
    int fd = 1; /* 0 is the folder's */

    while (fd < DISK_FDS && disk->fds[fd].inode >= 0)
        fd++;
    assert_true(fd < DISK_FDS);
    disk->fds[fd].inode = inode;
    disk->fds[fd].at = 0;
    return DISK_FD + fd;
}

static int
disk_openat(int at, const char *name, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (mode_t)va_arg(args, unsigned);
    va_end(args);
    if (interrupted() || disturbed())
        return -1;
    if ((flags & O_DIRECTORY) != 0)
        return DISK_FD;
    assert_int_equal(DISK_FD, at);

    const int n = disk_name(name);

    if (disk->now.names[n] < 0 && (flags & O_CREAT) == 0)
        return fail_with(ENOENT);
    if (disk->now.names[n] >= 0 && (flags & O_EXCL) != 0)
        return fail_with(EEXIST);
    if (disk->now.names[n] < 0)
        apply_names(&disk->now, note_names(-1, n, disk_inode(mode)));
    return disk_take_fd(disk->now.names[n]);
}

static ssize_t
disk_write(int fd, const void *p, size_t n)
{
    const int inode = disk->fds[fd - DISK_FD].inode;
    size_t *len = &disk->now.len[inode];

    if (interrupted() || disturbed())
        return -1;
    n = fault.shorten && n > 1 ? 1 : n;
    assert_true(*len + n <= DISK_FILE);
    memcpy(disk->inodes[inode].data + *len, p, n);
    *len += n;
    (void)note((struct disk_call){ CALL_WRITE, -1, -1, inode, *len, 0 });
    return (ssize_t)n;
}

static ssize_t
disk_read(int fd, void *p, size_t n)
{
    const int inode = disk->fds[fd - DISK_FD].inode;
    size_t *at = &disk->fds[fd - DISK_FD].at;
    const size_t left = disk->now.len[inode] - *at;

    if (interrupted() || disturbed())
        return -1;
    n = fault.shorten && n > 1 ? 1 : n;
    n = n < left ? n : left;
    memcpy(p, disk->inodes[inode].data + *at, n);
    *at += n;
    return (ssize_t)n;
}

static int
disk_fsync(int fd)
{
    if (interrupted() || disturbed())
        return -1;
    (void)note(fd == DISK_FD
                   ? (struct disk_call){ CALL_SYNC_FOLDER, -1, -1, -1, 0, 0 }
                   : (struct disk_call){ CALL_SYNC, -1, -1, disk->fds[fd - DISK_FD].inode, 0, 0 });
    return 0;
}

static int
disk_renameat(int a, const char *from, int b, const char *to)
{
    const int f = disk_name(from), t = disk_name(to);

    assert_int_equal(a, b);
    if (disturbed())
        return -1;
    if (disk->now.names[f] < 0)
        return fail_with(ENOENT);
    if (disk->now.names[f] != disk->now.names[t]) /* two names of one file: nothing happens */
        apply_names(&disk->now, note_names(f, t, disk->now.names[f]));
    return 0;
}

static int
disk_linkat(int a, const char *from, int b, const char *to, int flags)
{
    const int f = disk_name(from), t = disk_name(to);

    assert_int_equal(a, b);
    assert_int_equal(AT_SYMLINK_FOLLOW, flags);
    if (disturbed())
        return -1;
    if (fault.no_links)
        return fail_with(EPERM);
    if (disk->now.names[f] < 0 || disk->now.names[t] >= 0)
        return fail_with(disk->now.names[f] < 0 ? ENOENT : EEXIST);
    apply_names(&disk->now, note_names(-1, t, disk->now.names[f]));
    return 0;
}

static int
disk_unlinkat(int at, const char *name, int flags)
{
    const int n = disk_name(name);

    assert_int_equal(DISK_FD, at);
    assert_int_equal(0, flags);
    if (disturbed())
        return -1;
    if (disk->now.names[n] < 0)
        return fail_with(ENOENT);
    apply_names(&disk->now, note_names(n, -1, -1));
    return 0;
}

static int
disk_fstatat(int at, const char *name, struct stat *s, int flags)
{
    const int n = disk_name(name);

    assert_int_equal(DISK_FD, at);
    assert_int_equal(0, flags);
    if (disturbed())
        return -1;
    if (disk->now.names[n] < 0)
        return fail_with(ENOENT);
    memset(s, 0, sizeof(*s));
    s->st_ino = (ino_t)disk->now.names[n] + 1;
    return 0;
}

static int
disk_close(int fd)
{
    if (fd != DISK_FD)
        disk->fds[fd - DISK_FD].inode = -1; /* as on Linux: whatever close() answers */
    return disturbed() ? -1 : 0;
}

static int
disk_mkdir(const char *path, mode_t mode)
{
    (void)path;
    (void)mode;
    return disturbed() ? -1 : fail_with(EEXIST);
}

static int
disk_flock(int fd, int operation)
{
    (void)fd;
    (void)operation;
    return disturbed() ? -1 : 0;
}

/* ---- power cuts ---- */

/* What became of content that was written and not synchronised. */
enum disk_rest { REST_LOST, REST_THERE, REST_TORN, REST_ZEROS, RESTS };

/* Changes of names since the folder was synchronised last. */
static unsigned
pending_at(const struct disk *d, size_t cut, size_t *since)
{
    unsigned pending = 0;

    *since = 0;
    for (size_t i = 0; i < cut; i++) {
        if (d->calls[i].kind == CALL_SYNC_FOLDER)
            *since = i;
    }
    for (size_t i = *since; i < cut; i++)
        pending += d->calls[i].kind == CALL_NAMES;
    return pending;
}

/*
 * The disk as it is after the power went before call `cut`. Of the pending changes of names any may
 * have arrived: bit n of `luck` says whether the n-th has.
 */
static struct disk *
disk_after_cut(const struct disk *d, size_t cut, uint64_t luck, enum disk_rest rest)
{
    struct disk *out = disk_new();
    struct disk_view v = d->start;
    size_t written[DISK_INODES];
    size_t since;
    unsigned n = 0;

    (void)pending_at(d, cut, &since);
    memcpy(written, d->start.len, sizeof(written));
    for (size_t i = 0; i < cut; i++) {
        const struct disk_call *c = &d->calls[i];

        if (c->kind == CALL_WRITE)
            written[c->inode] = c->len;
        if (c->kind == CALL_SYNC)
            v.len[c->inode] = written[c->inode];
        if (c->kind == CALL_NAMES && (i < since || (luck & (uint64_t)1 << n++) != 0))
            apply_names(&v, c);
    }
    memcpy(out->names, d->names, sizeof(out->names));
    out->name_count = d->name_count;
    out->inode_count = d->inode_count;
    for (int i = 0; i < d->inode_count; i++) {
        const size_t torn = v.len[i] + (written[i] - v.len[i]) / 2;
        const size_t len = rest == REST_LOST ? v.len[i] : rest == REST_TORN ? torn : written[i];

        out->inodes[i].mode = d->inodes[i].mode;
        memcpy(out->inodes[i].data, d->inodes[i].data, len);
        if (rest == REST_ZEROS)
            memset(out->inodes[i].data + v.len[i], 0, len - v.len[i]);
        v.len[i] = len;
    }
    out->now = out->start = v;
    return out;
}

/* FNV-1a over what a start after the cut can see. */
static uint64_t
disk_hash(const struct disk *d)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);

    for (int i = 0; i < d->name_count; i++) {
        const int inode = d->now.names[i];

        h = (h ^ (uint64_t)(unsigned)(inode + 1)) * UINT64_C(0x100000001B3);
        for (size_t k = 0; inode >= 0 && k < d->now.len[inode]; k++)
            h = (h ^ (unsigned char)d->inodes[inode].data[k]) * UINT64_C(0x100000001B3);
    }
    return h;
}

/* Which subsets of pending changes are tried: all of them while they are few, else none, all, every
 * beginning, all but one, one alone, and some by chance. */
#define LUCK_ALL 6u
#define LUCK_CHANCE 24u

static unsigned
luck_count(unsigned pending)
{
    return pending <= LUCK_ALL ? 1u << pending : 3 * pending + 1 + LUCK_CHANCE;
}

static uint64_t
luck_at(unsigned pending, unsigned i)
{
    const uint64_t all = ((uint64_t)1 << pending) - 1;
    uint64_t z = ((uint64_t)pending << 32 | i) * UINT64_C(0x9E3779B97F4A7C15);

    assert_true(pending < 64);
    if (pending <= LUCK_ALL)
        return i;
    if (i <= pending)
        return ((uint64_t)1 << i) - 1;
    if (i <= 2 * pending)
        return all & ~((uint64_t)1 << (i - pending - 1));
    if (i <= 3 * pending)
        return (uint64_t)1 << (i - 2 * pending - 1);
    z = (z ^ (z >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (z ^ (z >> 32)) & all;
}

#define CUTS_SEEN 65536u /* more than any test makes */

/* Has this one been seen? It has from now on. */
static bool
seen_before(uint64_t *seen, uint64_t h)
{
    uint64_t *slot = &seen[h >> 48];

    h |= 1;
    while (*slot != 0 && *slot != h)
        slot = slot + 1 < seen + CUTS_SEEN ? slot + 1 : seen;
    if (*slot == h)
        return true;
    *slot = h;
    return false;
}

static unsigned
told_at(const struct disk *d, size_t cut)
{
    return cut < d->call_count ? d->calls[cut].told : d->told;
}

/* Nothing has changed since the cut before. */
static bool
is_the_same_cut(const struct disk *d, size_t cut)
{
    return cut > 0 && d->calls[cut - 1].kind == CALL_NONE && told_at(d, cut) == told_at(d, cut - 1);
}

typedef void (*disk_check)(void *ctx, unsigned told, bool last);

/*
 * Lose power before every call of a recorded disk, in every way. `check` sees each different disk
 * once for each number of transactions that had succeeded by then, with that disk in use; `last`:
 * the power went when all was done. Answers how many it saw.
 */
static unsigned
cut_everywhere(const struct disk *d, disk_check check, void *ctx)
{
    struct disk *const before = disk;
    uint64_t *seen = calloc(CUTS_SEEN, sizeof(*seen));
    unsigned count = 0;

    assert_non_null(seen);
    for (size_t cut = 0; cut <= d->call_count; cut++) {
        size_t since;
        const unsigned told = told_at(d, cut), pending = pending_at(d, cut, &since);

        for (unsigned i = 0; i < luck_count(pending) * RESTS && !is_the_same_cut(d, cut); i++) {
            disk = disk_after_cut(d, cut, luck_at(pending, i / RESTS), (enum disk_rest)(i % RESTS));
            if (!seen_before(seen, disk_hash(disk) + told * UINT64_C(0x9E3779B97F4A7C15))) {
                assert_true(++count < CUTS_SEEN / 2);
                check(ctx, told, cut == d->call_count);
            }
            disk_free(disk);
        }
    }
    free(seen);
    disk = before;
    return count;
}

#endif /* TESTS_DISK_H */
