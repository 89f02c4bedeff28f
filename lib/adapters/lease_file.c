/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC */
#endif

#include <prov/adapters/lease.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Up to @p cap bytes, or to the end; SIZE_MAX if that fails. */
static size_t
read_up_to(int fd, char *to, size_t cap)
{
    size_t len = 0;

    while (len < cap) {
        const ssize_t n = read(fd, to + len, cap - len);

        if (n == 0)
            break;
        if (n > 0)
            len += (size_t)n;
        else if (errno != EINTR)
            return SIZE_MAX;
    }
    return len;
}

static enum prov_status
read_file(int fd, const struct prov_lease_query *query, struct prov_buf *out, uint32_t *line)
{
    const size_t cap = PROV_LEASE_FILE_BYTES + 1; /* one more shows that it is too large */
    char *text = malloc(cap);

    if (text == NULL)
        return PROV_E_MEMORY;

    const size_t len = read_up_to(fd, text, cap);
    const int saved = errno;
    const enum prov_status status =
        len != SIZE_MAX ? prov_lease_read(query, (struct prov_str){ text, len }, out, line)
                        : PROV_E_STORAGE;

    free(text);
    errno = saved;
    return status;
}

enum prov_status
prov_lease_load(const struct prov_lease_query *query, const char *path, struct prov_buf *out,
                uint32_t *line)
{
    if (query == NULL || path == NULL || out == NULL)
        return PROV_E_ARG;

    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? PROV_E_NOT_FOUND : PROV_E_STORAGE;

    const enum prov_status status = read_file(fd, query, out, line);
    const int saved = errno;

    (void)close(fd);
    errno = saved;
    return status;
}
