/* SPDX-License-Identifier: MIT */
#ifndef PROV_BASE_ARENA_H
#define PROV_BASE_ARENA_H

#include <prov/arena.h>

/* Like prov_arena_perm() with alignment 1, but what is in them is not cleared: for large buffers, of
 * which a run may need only the beginning. */
char *prov_arena_bytes(struct prov_arena *a, size_t bytes);

#endif /* PROV_BASE_ARENA_H */
