/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_MACRO_MAC_H
#define PROV_CORE_MACRO_MAC_H

/* The MAC address of an identity, for whoever writes it. */

#include <prov/str.h>

#define PROV_MAC_DIGITS 12

/* PROV_MAC_DIGITS digits in upper case; false, digits in part overwritten, if it is no MAC address:
 * pairs without separators, or all separated by `:` or all by `-`. */
bool prov_mac_read(struct prov_str mac, char *digits);

#endif /* PROV_CORE_MACRO_MAC_H */
