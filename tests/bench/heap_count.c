/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <errno.h>
#include <malloc.h>

/*
 * Stands in front of the allocator of glibc, for the program and all its libraries. Counts the
 * bytes that can be used in each block, without the allocator's own records.
 */

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *p, size_t bytes);
void __libc_free(void *p);

static size_t used, peak;

static void *
taken(void *p)
{
    used += malloc_usable_size(p);
    if (used > peak)
        peak = used;
    return p;
}

void *
malloc(size_t bytes)
{
    return taken(__libc_malloc(bytes));
}

void *
calloc(size_t count, size_t bytes)
{
    return taken(__libc_calloc(count, bytes));
}

void *
realloc(void *p, size_t bytes)
{
    const size_t before = malloc_usable_size(p);
    void *moved = __libc_realloc(p, bytes);

    if (moved == NULL && bytes > 0)
        return NULL;
    used -= before;
    return taken(moved);
}

void
free(void *p)
{
    const int kept = errno;

    used -= malloc_usable_size(p);
    __libc_free(p);
    errno = kept;
}

void
bench_heap_start(void)
{
    peak = used;
}

size_t
bench_heap_peak(void)
{
    return peak;
}
