/* SPDX-License-Identifier: MIT */

/*
 * usage: bench_NAME time SETTINGS OPERATIONS           median of several runs, in ns
 *        bench_NAME heap SETTINGS OPERATIONS           peak of one run, in bytes
 *        bench_NAME once SETTINGS OPERATIONS           one run, to be looked at from outside
 *        bench_NAME write SETTINGS OPERATIONS RESULT   one run, its result to a file
 */

#include <stdio.h>
#include <time.h>

#include "bench.h"

/* Runs of one program start: as many as fit in a fifth of a second, but not more than these. */
#define MOST_RUNS 101
#define ENOUGH_NS 200000000

static char window[65536];
static size_t window_used;
static FILE *result;

static void
flush_window(void)
{
    if (result != NULL)
        fwrite(window, 1, window_used, result);
    window_used = 0;
}

void
bench_put(const char *piece, size_t len)
{
    while (len > 0) {
        const size_t room = sizeof(window) - window_used;
        const size_t n = len < room ? len : room;

        memcpy(window + window_used, piece, n);
        window_used += n;
        piece += n;
        len -= n;
        if (window_used == sizeof(window))
            flush_window();
    }
}

static bool
read_file(const char *path, struct bench_text *out)
{
    FILE *f = fopen(path, "rb");
    long size;

    if (f == NULL)
        return false;
    if (fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
        fclose(f);
        return false;
    }
    rewind(f);
    setvbuf(f, NULL, _IONBF, 0);
    out->len = (size_t)size;
    out->ptr = malloc(out->len > 0 ? out->len : 1);
    const bool all = out->ptr != NULL && fread(out->ptr, 1, out->len, f) == out->len;

    fclose(f);
    return all;
}

/* Time of the processor: what else runs on the machine counts as little as it can. That of the
 * thread, because Linux counts that of a process in ticks once it has a limit of time. */
static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* One run on fresh copies. */
static bool
run(char **paths, int64_t *ns)
{
    struct bench_text settings = { NULL, 0 }, operations = { NULL, 0 };
    bool ok = read_file(paths[0], &settings) && read_file(paths[1], &operations);

    if (ok) {
        const int64_t start = now_ns();

        bench_heap_start();
        ok = bench_job(settings, operations);
        flush_window();
        *ns = now_ns() - start;
    }
    free(settings.ptr);
    free(operations.ptr);
    return ok;
}

static int
by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static bool
time_runs(char **paths, int64_t *median)
{
    int64_t all[MOST_RUNS], sum = 0;
    size_t n = 0;

    while (n < MOST_RUNS && (n == 0 || sum < ENOUGH_NS)) {
        if (!run(paths, &all[n]))
            return false;
        sum += all[n++];
    }
    qsort(all, n, sizeof(all[0]), by_value);
    *median = all[n / 2];
    return true;
}

int
main(int argc, char **argv)
{
    int64_t ns = 0;
    bool ok = false;

    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        result = fopen(argv[4], "wb");
        ok = result != NULL && run(argv + 2, &ns);
        ok = result != NULL && fclose(result) == 0 && ok;
    } else if (argc == 4 && strcmp(argv[1], "time") == 0) {
        ok = time_runs(argv + 2, &ns);
        printf("%lld\n", (long long)ns);
    } else if (argc == 4 && strcmp(argv[1], "heap") == 0) {
        ok = run(argv + 2, &ns);
        printf("%zu\n", bench_heap_peak());
    } else if (argc == 4 && strcmp(argv[1], "once") == 0) {
        ok = run(argv + 2, &ns);
    }
    return ok ? 0 : 1;
}
