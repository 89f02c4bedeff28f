/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "posix_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 4096

bool
prov_posix_sync(int fd)
{
    int r;

    do
        r = fsync(fd);
    while (r != 0 && errno == EINTR);
    return r == 0;
}

int
prov_posix_open_at(int at, const char *name, int flags)
{
    int fd;

    do
        fd = openat(at, name, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

void
prov_posix_close_fd(int *fd)
{
    const int saved = errno;

    if (*fd >= 0)
        (void)close(*fd); /* what matters has been synchronised before */
    *fd = -1;
    errno = saved;
}

bool
prov_posix_write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        const ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

ssize_t
prov_posix_read_some(int fd, char *p, size_t n)
{
    ssize_t got;

    do
        got = read(fd, p, n);
    while (got < 0 && errno == EINTR);
    return got;
}

bool
prov_posix_remove(int at, const char *name, bool *was)
{
    const int saved = errno;
    const bool removed = unlinkat(at, name, 0) == 0;

    if (was != NULL)
        *was = removed;
    if (removed)
        return true;
    if (errno != ENOENT)
        return false;
    errno = saved;
    return true;
}

int
prov_posix_create(int at, const char *name)
{
    if (!prov_posix_remove(at, name, NULL))
        return -1;
    return prov_posix_open_at(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

bool
prov_posix_identify(int at, const char *name, struct prov_posix_file_id *out)
{
    const int saved = errno;
    struct stat s;

    *out = (struct prov_posix_file_id){ .there = false };
    if (fstatat(at, name, &s, 0) == 0) {
        *out = (struct prov_posix_file_id){ true, s.st_dev, s.st_ino };
        return true;
    }
    if (errno != ENOENT)
        return false;
    errno = saved;
    return true;
}

static bool
copy_content(int from, int to)
{
    char chunk[CHUNK];
    ssize_t got;

    while ((got = prov_posix_read_some(from, chunk, sizeof(chunk))) > 0) {
        if (!prov_posix_write_all(to, chunk, (size_t)got))
            return false;
    }
    return got == 0 && prov_posix_sync(to);
}

static bool
copy_file(int at, const char *from, const char *to)
{
    int in = prov_posix_open_at(at, from, O_RDONLY);
    int out = in >= 0 ? prov_posix_create(at, to) : -1;
    const bool ok = out >= 0 && copy_content(in, out);

    prov_posix_close_fd(&in);
    prov_posix_close_fd(&out);
    return ok;
}

bool
prov_posix_duplicate(int at, const char *from, const char *to)
{
    return prov_posix_remove(at, to, NULL) &&
           (linkat(at, from, at, to, AT_SYMLINK_FOLLOW) == 0 || copy_file(at, from, to));
}
