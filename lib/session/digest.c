/* SPDX-License-Identifier: MIT */

/* Digests that the session compares or keeps (STO-3) have one way in. */

#include "session/private.h"

void
prov_session_digest(const struct prov_session *s, struct prov_sha256 *h, uint8_t out[32])
{
    prov_sha256_final(h, out);
    if (s->config.digests.made != NULL)
        s->config.digests.made(s->config.digests.ctx, out);
}
