/* SPDX-License-Identifier: MIT */
#include <prov/arena.h>

#include <string.h>

#include "base/arena.h"

void
prov_arena_init(struct prov_arena *a, void *mem, size_t bytes)
{
    *a = (struct prov_arena){ .base = mem, .cap = mem != NULL ? bytes : 0 };
}

static void
set_high(struct prov_arena *a)
{
    if (a->perm + a->scratch > a->high)
        a->high = a->perm + a->scratch;
}

static void *
cleared(void *p, size_t bytes)
{
    if (p != NULL && bytes > 0)
        memset(p, 0, bytes);
    return p;
}

/*
 * The block given next time starts and ends elsewhere. Within it lies one with the same
 * remainders at both ends, in which all earlier requests take what they have taken here.
 */
static void *
refused(struct prov_arena *a, size_t bytes, size_t align)
{
    const size_t most = SIZE_MAX - 2 * PROV_ARENA_ALIGN_MAX - a->perm - a->scratch;

    a->need = SIZE_MAX;
    if (align <= PROV_ARENA_ALIGN_MAX && bytes <= most - align)
        a->need = SIZE_MAX - most + bytes + align;
    return NULL;
}

/* Bytes from an address up to the next multiple of align. */
static size_t
padding(const unsigned char *p, size_t align)
{
    return (size_t)(0 - (uintptr_t)p) & (align - 1);
}

static void *
take_perm(struct prov_arena *a, size_t bytes, size_t align)
{
    const size_t room = a->cap - a->perm - a->scratch;

    if (a->base == NULL)
        return refused(a, bytes, align);
    const size_t pad = padding(a->base + a->perm, align);

    if (pad > room || bytes > room - pad)
        return refused(a, bytes, align);
    unsigned char *p = a->base + a->perm + pad;

    a->perm += pad + bytes;
    set_high(a);
    return p;
}

void *
prov_arena_perm(struct prov_arena *a, size_t bytes, size_t align)
{
    return cleared(take_perm(a, bytes, align), bytes);
}

char *
prov_arena_bytes(struct prov_arena *a, size_t bytes)
{
    return take_perm(a, bytes, 1);
}

void *
prov_arena_scratch(struct prov_arena *a, size_t bytes, size_t align)
{
    const size_t room = a->cap - a->perm - a->scratch;

    if (a->base == NULL || bytes > room)
        return refused(a, bytes, align);
    unsigned char *top = a->base + (a->cap - a->scratch - bytes);
    const size_t pad = (size_t)((uintptr_t)top & (align - 1));

    if (pad > room - bytes)
        return refused(a, bytes, align);
    a->scratch += bytes + pad;
    set_high(a);
    return cleared(top - pad, bytes);
}
