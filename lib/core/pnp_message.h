/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_PNP_MESSAGE_H
#define PROV_CORE_PNP_MESSAGE_H

/* The SUBSCRIBE. Private to pnp*.c. */

#include <prov/pnp.h>

/* What a SUBSCRIBE says, checked. */
struct prov_pnp_words {
    char mac[12];
    char call_id[32];
    char from_tag[16];
    char branch[16];
    struct prov_endpoint local, group;
    struct prov_str vendor, model, version;
};

/* Takes and checks what the configuration says, and makes the words drawn from its seed. */
enum prov_status prov_pnp_words(const struct prov_pnp_config *config, struct prov_pnp_words *out,
                                struct prov_diag *diag);

void prov_pnp_put_subscribe(const struct prov_pnp_words *w, struct prov_buf *out);

#endif /* PROV_CORE_PNP_MESSAGE_H */
