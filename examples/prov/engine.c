/* SPDX-License-Identifier: MIT */
#include "engine.h"

#ifdef TOOL_CRYPTO
#include <prov/adapters/crypto.h>
#endif

bool
engine_get(struct prov_crypto *out)
{
#ifdef TOOL_CRYPTO
    *out = prov_crypto_openssl();
    return true;
#else
    (void)out;
    return false;
#endif
}
