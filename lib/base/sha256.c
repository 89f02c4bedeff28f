/* SPDX-License-Identifier: MIT */
#include <stddef.h>
typedef size_t prov_stub_base_sha256_c;
