/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_HOST_H
#define PROV_CORE_HOST_H

/* What may stand as the host of an address. For uri.c and trust.c. */

#include <prov/str.h>

/* Answer of the functions below if every byte is right; else the index of the first wrong one,
 * which is the length if something is missing at the end. */
#define PROV_HOST_OK SIZE_MAX

/* A host name: labels of letters, digits, `-` and `_`; one dot may stand at the end. */
size_t prov_host_name_error(struct prov_str host);

/*
 * A host whose last label is a number, decimal or hexadecimal, must be a dotted quad: resolvers
 * read `2130706433`, `127.1` and `0x7f.1` as addresses, each in its own way. Every other host is
 * right.
 */
size_t prov_host_number_error(struct prov_str host);

/* Between the brackets: RFC 4291 section 2.2, all three forms, without a zone. */
size_t prov_host_ipv6_error(struct prov_str s);

#endif /* PROV_CORE_HOST_H */
