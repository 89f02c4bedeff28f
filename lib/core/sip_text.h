/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_SIP_TEXT_H
#define PROV_CORE_SIP_TEXT_H

/* The text of SIP headers. Private to sip*.c. */

#include <prov/str.h>

/*
 * Take the next header with its folds off the front of a head whose every line has its end. False
 * if there is none left. A line that is no header gives an empty name. The value is trimmed.
 */
bool prov_sip_next_header(struct prov_str *rest, struct prov_str *name, struct prov_str *value);

/* The name, or the compact form, of Via. */
bool prov_sip_is_via(struct prov_str name);

/* The first `;` or `,` (what) at or after at that is not in quotes or `<...>`; s.len if there is
 * none. A comma ends the search in any case. */
size_t prov_sip_find(struct prov_str s, size_t at, char what);

#endif /* PROV_CORE_SIP_TEXT_H */
