/* SPDX-License-Identifier: MIT */
#include <stddef.h>
typedef size_t prov_stub_dialects_panasonic_c;
