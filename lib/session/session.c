/* SPDX-License-Identifier: MIT */
#include <stddef.h>
typedef size_t prov_stub_session_session_c;
