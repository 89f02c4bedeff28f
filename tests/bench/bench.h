/* SPDX-License-Identifier: MIT */
#ifndef PROV_BENCH_H
#define PROV_BENCH_H

/* What each benchmark program does once: read the settings, apply the operations, write the result. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file in memory, in a heap block of its own that the job may write to. */
struct bench_text {
    char *ptr;
    size_t len;
};

/* The job of this program. False if something did not work. */
bool bench_job(struct bench_text settings, struct bench_text operations);

/* Takes a piece of the result, like a file with a buffer. */
void bench_put(const char *piece, size_t len);

/* Most bytes of heap that were in use since bench_heap_start(), what was in use then included; 0 in
 * a program that does not count. */
void bench_heap_start(void);
size_t bench_heap_peak(void);

#ifdef __cplusplus
}
#endif
#endif /* PROV_BENCH_H */
