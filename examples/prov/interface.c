/* SPDX-License-Identifier: MIT */
#include "interface.h"

#include <string.h>

#include "options.h"
#include "sip_show.h"

bool
interface_group(const char *text, struct prov_endpoint *group)
{
    return prov_endpoint_parse(prov_str_z(text), group) == PROV_OK && group->port != 0 &&
           (group->family == PROV_FAMILY_IPV6 ? group->addr[0] == 0xFF
                                              : (group->addr[0] & 0xF0) == 0xE0);
}

int
interface_address(const char *interface, enum prov_family family, struct text *t,
                  struct report *report)
{
    const struct prov_lan_options options = { .size = sizeof(options), .interface = interface };
    struct prov_endpoint own = { .port = 0 };
    struct prov_lan *lan = NULL;
    char room[PROV_ENDPOINT_BYTES];
    struct prov_buf buf = { room, sizeof(room), 0 };
    enum prov_status status = prov_lan_new(&lan, &options);

    if (status == PROV_OK)
        status = prov_lan_address(lan, family, &own);
    if (status == PROV_OK)
        status = prov_endpoint_format(&own, &buf);
    if (status == PROV_OK) {
        const size_t edge = family == PROV_FAMILY_IPV6 ? 1 : 0; /* its brackets */

        text_add(t, prov_str_cut(prov_buf_str(&buf), edge, buf.len - edge));
    }
    const int code =
        status == PROV_OK ? TOOL_GO_ON : interface_refused(lan, interface, NULL, status, report);

    prov_lan_free(&lan);
    return code;
}

/* `224.0.1.75:5060 on eth0`; without an address `port 5060 on eth0`. */
static void
add_place(struct text *t, const char *interface, const struct prov_endpoint *at)
{
    if (at != NULL && at->family != PROV_FAMILY_NONE) {
        sip_show_endpoint(t, at);
        text_add_z(t, " on ");
    } else if (at != NULL) {
        text_addf(t, "port %u on ", (unsigned)at->port);
    }
    text_add_operand(t, prov_str_z(interface));
}

int
interface_refused(const struct prov_lan *lan, const char *interface, const struct prov_endpoint *at,
                  enum prov_status status, struct report *report)
{
    const int why = lan != NULL ? prov_lan_error(lan) : 0;
    const char *words = prov_status_name(status);
    const bool listens = at != NULL && status == PROV_E_NETWORK;
    struct text place = { 0 };

    if (status == PROV_E_NOT_FOUND || status == PROV_E_ARG)
        words = "there is none of this name, it is down, or it has no address";
    else if (status == PROV_E_NETWORK && why != 0)
        words = strerror(why);
    add_place(&place, interface, listens ? at : NULL);
    report_tool(report, listens ? PROV_D_TOOL_LISTEN : PROV_D_TOOL_INTERFACE, text_str(&place),
                words, 0);
    text_free(&place);
    return TOOL_OUTSIDE;
}
