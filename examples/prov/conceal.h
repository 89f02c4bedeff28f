/* SPDX-License-Identifier: MIT */
#ifndef TOOL_CONCEAL_H
#define TOOL_CONCEAL_H

/*
 * What a trace may hold of what passes by: the same bytes with stand-ins for secrets, as long as
 * before. Without stand-ins (NULL) they are appended as they are: they come from a trace.
 */

#include "standin.h"

/* A file of any kind: settings, changes, parameters, encrypted ones. */
void conceal_file(struct standins *s, struct prov_str bytes, struct text *out);

/* An address, or text that may hold some. */
void conceal_address(struct standins *s, struct prov_str bytes, struct text *out);

/* A SIP message with its body. */
void conceal_sip(struct standins *s, struct prov_str bytes, struct text *out);

/* DHCP options, or a whole message. */
void conceal_dhcp(struct standins *s, struct prov_str bytes, bool v6, struct text *out);

/* The library's own records in the store: addresses and digests. */
void conceal_record(struct standins *s, struct prov_str bytes, struct text *out);

/* What an AES engine made of a file: text and padding. */
void conceal_opened(struct standins *s, struct prov_str bytes, struct text *out);

#endif /* TOOL_CONCEAL_H */
