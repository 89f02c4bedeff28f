/* SPDX-License-Identifier: MIT */
#include "bench.h"

/* Nothing: how large the benchmark itself is. */

bool
bench_job(struct bench_text settings, struct bench_text operations)
{
    bench_put(settings.ptr, settings.len);
    return operations.len > 0;
}
