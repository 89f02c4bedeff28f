/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536u

const char *
file_shown_name(const char *name)
{
    return strcmp(name, "-") == 0 ? "<stdin>" : name;
}

static void
failed(struct report *r, enum prov_diag_code code, const char *name)
{
    report_tool(r, code, prov_str_z(file_shown_name(name)), strerror(errno), 0);
}

/* Everything up to one byte more than the limit. False: errno says why. */
static bool
read_all(int fd, size_t limit, struct text *out)
{
    while (out->len <= limit) {
        text_reserve(out, CHUNK);
        const ssize_t n = read(fd, out->ptr + out->len, CHUNK);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        out->len += (size_t)n;
    }
    return true;
}

/* taken: what the limit allows; the place is that of the first byte after it. */
static void
too_large(struct report *r, const char *name, struct prov_str taken)
{
    struct prov_diag diag = {
        .code = PROV_D_TOOL_FILE_TOO_LARGE, .line = 1, .column = 1, .need = taken.len
    };
    struct text shown = { 0 };

    for (size_t i = 0; i < taken.len; i++) {
        diag.column++;
        if (taken.ptr[i] == '\n') {
            diag.line++;
            diag.column = 1;
        }
    }
    text_add_operand(&shown, prov_str_z(file_shown_name(name)));
    diag.source = text_str(&shown);
    report_diag(r, &diag);
    text_free(&shown);
}

enum file_result
file_read(const char *name, size_t limit, struct text *out, struct report *r)
{
    const bool from_stdin = strcmp(name, "-") == 0;
    const int fd = from_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        failed(r, PROV_D_TOOL_FILE_READ, name);
        return FILE_UNREADABLE;
    }
    const bool done = read_all(fd, limit, out);

    if (!done)
        failed(r, PROV_D_TOOL_FILE_READ, name);
    if (!from_stdin)
        close(fd);
    if (!done)
        return FILE_UNREADABLE;
    if (out->len <= limit)
        return FILE_READ;
    too_large(r, name, prov_str_cut(text_str(out), 0, limit));
    return FILE_TOO_LARGE;
}

void
file_read_quietly(const char *name, struct text *out)
{
    const int fd = open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (!read_all(fd, SIZE_MAX - 2 * CHUNK, out))
        out->len = 0;
    close(fd);
}

static bool
write_all(int fd, struct prov_str s)
{
    while (s.len > 0) {
        const ssize_t n = write(fd, s.ptr, s.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        s = prov_str_cut(s, (size_t)n, s.len);
    }
    return true;
}

/* A device or a pipe cannot be replaced by a rename. */
static bool
write_straight(const char *name, struct prov_str content)
{
    const int fd = open(name, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    const bool done = write_all(fd, content);
    const int why = errno;
    const bool closed = close(fd) == 0;

    if (!done)
        errno = why;
    return done && closed;
}

static bool
fill(int fd, struct prov_str content, const struct stat *old)
{
    if (old != NULL && fchmod(fd, old->st_mode & 07777) != 0)
        return false;
    return write_all(fd, content) && fsync(fd) == 0;
}

/* The rename itself must survive a power cut too. Some file systems cannot; that is no failure. */
static void
sync_folder(const char *name)
{
    struct text folder = { 0 };
    const char *slash = strrchr(name, '/');

    text_add_z(&folder, slash == NULL ? "." : "");
    if (slash != NULL)
        text_add(&folder, (struct prov_str){ name, (size_t)(slash - name) + 1 });
    const int fd = open(folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    text_free(&folder);
}

/* A new file beside the old one; its name is in `beside`. */
static int
open_beside(const char *name, struct text *beside)
{
    int fd = -1;

    errno = EEXIST;
    for (unsigned i = 0; fd < 0 && errno == EEXIST && i < 1000; i++) {
        beside->len = 0;
        text_addf(beside, "%s.%ld.%u.tmp", name, (long)getpid(), i);
        fd = open(beside->ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    return fd;
}

static bool
write_beside(const char *name, struct prov_str content, const struct stat *old)
{
    struct text beside = { 0 };
    const int fd = open_beside(name, &beside);
    bool done = false;

    if (fd >= 0) {
        const bool filled = fill(fd, content, old);
        int why = errno;
        const bool closed = close(fd) == 0;

        why = filled ? errno : why;
        done = filled && closed && rename(beside.ptr, name) == 0;
        why = filled && closed ? errno : why;
        if (!done)
            (void)unlink(beside.ptr);
        errno = why;
    }
    if (done)
        sync_folder(name);
    text_free(&beside);
    return done;
}

bool
file_write(const char *name, struct prov_str content, struct report *r)
{
    struct stat st;
    const bool exists = stat(name, &st) == 0;
    bool done;

    if (exists && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        done = false;
    } else if (exists && !S_ISREG(st.st_mode)) {
        done = write_straight(name, content);
    } else if (exists && access(name, W_OK) != 0) {
        done = false; /* what is marked read-only stays, though a rename would be possible */
    } else {
        /* A link stays a link: what it leads to is replaced. */
        char *real = exists ? realpath(name, NULL) : NULL;

        done = write_beside(real != NULL ? real : name, content, exists ? &st : NULL);
        const int why = errno;
        free(real);
        errno = why;
    }
    if (!done)
        failed(r, PROV_D_TOOL_FILE_WRITE, name);
    return done;
}

bool
file_same(const char *a, const char *b)
{
    struct stat sa, sb;

    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}
