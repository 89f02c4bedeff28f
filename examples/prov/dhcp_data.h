/* SPDX-License-Identifier: MIT */
#ifndef TOOL_DHCP_DATA_H
#define TOOL_DHCP_DATA_H

/* DHCP data as the tool reads and shows it. */

#include <prov/dhcp.h>

#include "report.h"

/* How a file's content is to be understood. */
enum dhcp_content {
    DHCP_CONTENT_V4 = 0,
    DHCP_CONTENT_V6 = 1,
    DHCP_CONTENT_43 = 2, /* what option 43 holds */
};

/*
 * The bytes of a file: as they are, or, if it holds nothing but hexadecimal digits, colons and white
 * space, what these stand for. False: it is text of another kind; reported.
 */
bool dhcp_data_decode(struct prov_str content, const char *name, struct text *out,
                      struct report *r);

/* As options: option 43 is put around its content. */
void dhcp_data_wrap(enum dhcp_content kind, struct prov_str bytes, struct text *out);

/* Name of an option, NULL if it is not known. */
const char *dhcp_option_name(bool v6, unsigned code);

/* One option as a line, or as an object. Credentials in it are not shown. */
void dhcp_option_print(bool v6, const struct prov_dhcp_option *o);
json_t *dhcp_option_json(bool v6, const struct prov_dhcp_option *o);

#endif /* TOOL_DHCP_DATA_H */
