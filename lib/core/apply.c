/* SPDX-License-Identifier: MIT */
#include <stddef.h>
typedef size_t prov_stub_core_apply_c;
