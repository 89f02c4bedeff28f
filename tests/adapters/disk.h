/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

/*
 * The system calls of the store, each under the test's control: it can die before the n-th, let
 * the n-th fail, interrupt or shorten it, and write down what reached the disk. The test includes
 * this, then maps the names, then includes the store itself.
 */

#include <errno.h>
#include <stdarg.h>
#include <sys/file.h>

#include "folder.h"

/* ---- faults ---- */

static struct {
    unsigned calls;   /* so far */
    unsigned die_at;  /* 0 = never */
    unsigned fail_at; /* 0 = never */
    bool for_ever;    /* all later calls fail too */
    bool interrupt;   /* each call that may be interrupted is, once */
    bool no_links;    /* a file system without hard links */
    bool shorten;     /* write and read move one byte at a time */
    bool interrupted;
    int reason;
} fault;

#define CRASHED 42

static bool
interrupted(void)
{
    fault.interrupted = fault.interrupt && !fault.interrupted;
    errno = fault.interrupted ? EINTR : errno;
    return fault.interrupted;
}

/* True: this call is to fail; errno is set. */
static bool
disturbed(void)
{
    fault.calls++;
    if (fault.calls == fault.die_at)
        _exit(CRASHED);
    if (fault.fail_at == 0 || fault.calls < fault.fail_at ||
        (fault.calls > fault.fail_at && !fault.for_ever))
        return false;
    errno = fault.reason;
    return true;
}

/* ---- what reached the disk ---- */

#define NAMES 8
#define INODES 16
#define OPS 128

static const char *const disk_names[NAMES] = {
    "settings.xml",     "settings.previous.xml",     "state",
    "settings.xml.new", "settings.previous.xml.new", "state.new",
    "transaction",      "transaction.new",
};

struct op {
    enum { OP_NAMES, OP_WRITE, OP_SYNC, OP_SYNC_FOLDER } kind;
    int from;   /* OP_NAMES: name that goes, -1 = none */
    int to;     /* OP_NAMES: name that comes, -1 = none */
    int inode;  /* behind it; or written, or synchronised */
    size_t len; /* OP_WRITE: length after it */
};

static struct {
    bool on;
    int names[NAMES]; /* inode, -1 = none: as running programs see it */
    char data[INODES][256];
    size_t len[INODES];
    int inodes;
    int of_fd[1024];
    struct op ops[OPS];
    size_t op_count;
} disk;

static int
name_index(const char *name)
{
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(disk_names[i], name) == 0)
            return i;
    }
    return -1;
}

static void
record(struct op op)
{
    if (!disk.on)
        return;
    assert_true(disk.op_count < OPS);
    disk.ops[disk.op_count++] = op;
    if (op.kind != OP_NAMES)
        return;
    if (op.from >= 0)
        disk.names[op.from] = -1;
    if (op.to >= 0)
        disk.names[op.to] = op.inode;
}

/* A file that is on the disk from the start. */
static void
disk_file(const char *name, const char *text)
{
    const int inode = disk.inodes++;

    disk.names[name_index(name)] = inode;
    disk.len[inode] = strlen(text);
    memcpy(disk.data[inode], text, disk.len[inode]);
    file_write(name, text, strlen(text));
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

    const int fd = openat(at, name, flags, mode);

    if (fd >= 0 && disk.on) {
        assert_true(fd < 1024);
        disk.of_fd[fd] = -1;
        if ((flags & O_EXCL) != 0) {
            disk.of_fd[fd] = disk.inodes++;
            record((struct op){ OP_NAMES, -1, name_index(name), disk.of_fd[fd], 0 });
        }
    }
    return fd;
}

static ssize_t
disk_write(int fd, const void *p, size_t n)
{
    if (interrupted() || disturbed())
        return -1;

    const ssize_t done = write(fd, p, fault.shorten && n > 1 ? 1 : n);

    if (disk.on) {
        const int inode = disk.of_fd[fd];

        memcpy(disk.data[inode] + disk.len[inode], p, (size_t)done);
        disk.len[inode] += (size_t)done;
        record((struct op){ OP_WRITE, -1, -1, inode, disk.len[inode] });
    }
    return done;
}

static ssize_t
disk_read(int fd, void *p, size_t n)
{
    return interrupted() || disturbed() ? -1 : read(fd, p, fault.shorten && n > 1 ? 1 : n);
}

static int
disk_fsync(int fd)
{
    if (interrupted() || disturbed())
        return -1;
    if (disk.on && disk.of_fd[fd] >= 0)
        record((struct op){ OP_SYNC, -1, -1, disk.of_fd[fd], 0 });
    else
        record((struct op){ OP_SYNC_FOLDER, -1, -1, -1, 0 });
    return 0; /* the machine under the test does not lose power */
}

static int
disk_renameat(int a, const char *from, int b, const char *to)
{
    if (disturbed())
        return -1;

    const int r = renameat(a, from, b, to);
    const int f = name_index(from);

    if (r == 0)
        record((struct op){ OP_NAMES, f, name_index(to), disk.names[f], 0 });
    return r;
}

static int
disk_linkat(int a, const char *from, int b, const char *to, int flags)
{
    if (disturbed())
        return -1;

    if (fault.no_links) {
        errno = EPERM;
        return -1;
    }

    const int r = linkat(a, from, b, to, flags);

    if (r == 0)
        record((struct op){ OP_NAMES, -1, name_index(to), disk.names[name_index(from)], 0 });
    return r;
}

static int
disk_unlinkat(int at, const char *name, int flags)
{
    if (disturbed())
        return -1;

    const int r = unlinkat(at, name, flags);

    if (r == 0)
        record((struct op){ OP_NAMES, name_index(name), -1, -1, 0 });
    return r;
}

static int
disk_close(int fd)
{
    const int r = close(fd); /* as on Linux: it is closed whatever close() answers */

    return disturbed() ? -1 : r;
}

/* ---- power cuts ---- */

struct image {
    int names[NAMES];
    size_t len[INODES];
};

/*
 * What is on the disk when the power goes before operation `cut`. Of the changes of names after
 * the last synchronisation of the folder any may have arrived: bit n of `luck` says whether the
 * n-th has. Of content only what was synchronised is sure; `all` = the rest has arrived too.
 * Answers how many changes were pending.
 */
static unsigned
image_at(struct image *im, const struct image *start, size_t cut, unsigned luck, bool all)
{
    size_t written[INODES];
    size_t last = 0;
    unsigned pending = 0;

    *im = *start;
    memcpy(written, start->len, sizeof(written));
    for (size_t i = 0; i < cut; i++)
        last = disk.ops[i].kind == OP_SYNC_FOLDER ? i : last;
    for (size_t i = 0; i < cut; i++) {
        const struct op *op = &disk.ops[i];

        if (op->kind == OP_WRITE)
            written[op->inode] = op->len;
        if (op->kind == OP_SYNC)
            im->len[op->inode] = written[op->inode];
        if (op->kind != OP_NAMES || (i >= last && (luck & 1U << pending++) == 0))
            continue;
        if (op->from >= 0)
            im->names[op->from] = -1;
        if (op->to >= 0)
            im->names[op->to] = op->inode;
    }
    if (all)
        memcpy(im->len, written, sizeof(written));
    return pending;
}

static void
image_write(const struct image *im)
{
    folder_empty();
    for (int i = 0; i < NAMES; i++) {
        if (im->names[i] >= 0)
            file_write(disk_names[i], disk.data[im->names[i]], im->len[im->names[i]]);
    }
}

#endif /* TESTS_DISK_H */
