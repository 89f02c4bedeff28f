/* SPDX-License-Identifier: MIT */
#include <stddef.h>
typedef size_t prov_stub_driver_run_c;
