/* SPDX-License-Identifier: MIT */
#ifndef TOOL_SIP_SHOW_H
#define TOOL_SIP_SHOW_H

/* SIP messages of PnP and check-sync, made fit to be shown. */

#include <prov/endpoint.h>
#include <prov/sip.h>

#include "report.h"

/* What a SUBSCRIBE tells about a phone. Spans of the message; empty = not there. */
struct sip_phone {
    struct prov_str user; /* as written, such as MAC%3A000000000000 */
    char mac[13];         /* its twelve digits, or empty */
    struct prov_str event, vendor, model, version;
};

/* Time of day in UTC, as log lines begin. */
void sip_show_time(struct text *t);

void sip_show_endpoint(struct text *t, const struct prov_endpoint *e);

struct sip_phone sip_phone_of(const struct prov_sip *subscribe);

/* `00:09:52 D200 version 1.0 of Auerswald`, as far as it is there. */
void sip_show_phone(struct text *t, const struct sip_phone *phone);

#endif /* TOOL_SIP_SHOW_H */
