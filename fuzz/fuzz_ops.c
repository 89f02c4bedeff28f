/* SPDX-License-Identifier: MIT */
#include <prov/ops.h>

#include "fuzz_operations.h"

static unsigned char memory[FUZZ_MEMORY], other[FUZZ_MEMORY];

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_world w;
    uint32_t root;

    (void)fuzz_operations(&w, memory, other, data, size, prov_ops_apply, &root);
    return 0;
}
