/* SPDX-License-Identifier: MIT */
#include "transport.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
transport_options(struct transport *t, struct command_line *line)
{
    const struct option options[] = {
        { .name = "ca",
          .value = "FILE",
          .text = &t->ca,
          .help = "trusted authorities (PEM); default: the system's" },
        { .name = "ca-dir",
          .value = "DIR",
          .text = &t->ca_dir,
          .help = "folder of trusted authorities, named by hash" },
        { .name = "client-cert",
          .value = "FILE",
          .text = &t->client_cert,
          .help = "the phone's certificate (PEM) or its pkcs11: URI" },
        { .name = "client-key",
          .value = "FILE",
          .text = &t->client_key,
          .help = "its key, if it is not in the same file" },
        { .name = "proxy",
          .value = "URL",
          .text = &t->proxy,
          .help = "proxy for all but tftp; the environment is not asked" },
        { .name = "dns",
          .value = "SERVERS",
          .text = &t->dns,
          .help = "DNS servers instead of the system's: ADDRESS[:PORT],..." },
        { .name = "parallel",
          .value = "N",
          .text = &t->parallel,
          .help = "files fetched side by side, 1 to 16 (6)" },
    };

    command_line_add(line, options, TOOL_COUNT(options));
}

/* Before anything else is done, and so that it is told as a slip of the command line. */
static bool
is_dns_list(const char *servers)
{
    const struct prov_curl_options options = { .size = sizeof(options), .dns_servers = servers };
    struct prov_curl *net = NULL;
    const enum prov_status status = prov_curl_new(&net, &options);

    prov_curl_free(&net);
    return status != PROV_E_ARG;
}

int
transport_finish(const struct transport *t, const struct command *command,
                 struct prov_limits *limits)
{
    unsigned long parallel = limits->fetches;

    if (t->parallel != NULL && !tool_number(t->parallel, 1, 16, &parallel))
        return tool_usage(command, "--parallel needs a number from 1 to 16");
    if (t->client_key != NULL && t->client_cert == NULL)
        return tool_usage(command, "--client-key goes with --client-cert");
    if (t->dns != NULL && !is_dns_list(t->dns))
        return tool_usage(command, "--dns needs ADDRESS[:PORT],... of servers, an IPv6 address in "
                                   "brackets, and a libprov-curl with c-ares");
    limits->fetches = (uint32_t)parallel;
    return TOOL_GO_ON;
}

/* A name that libcurl could not use would look like a refused certificate later. */
static int
check_file(const char *path, struct report *report)
{
    if (path == NULL || strncmp(path, "pkcs11:", 7) == 0 || access(path, R_OK) == 0)
        return TOOL_GO_ON;
    report_tool(report, PROV_D_TOOL_FILE_READ, prov_str_z(path), strerror(errno), 0);
    return TOOL_OUTSIDE;
}

static enum prov_curl_family
family_of(const enum prov_mode *mode)
{
    if (mode == NULL || *mode == PROV_MODE_DUAL)
        return PROV_CURL_DUAL;
    return *mode == PROV_MODE_IPV4 ? PROV_CURL_IPV4 : PROV_CURL_IPV6;
}

int
transport_open(const struct transport *t, const enum prov_mode *mode, struct report *report,
               struct prov_curl **out)
{
    const char *const files[] = { t->ca, t->ca_dir, t->client_cert, t->client_key };
    const struct prov_curl_options options = { .size = sizeof(options),
                                               .ca_file = t->ca,
                                               .ca_dir = t->ca_dir,
                                               .client_cert = t->client_cert,
                                               .client_key = t->client_key,
                                               .proxy = t->proxy,
                                               .dns_servers = t->dns,
                                               .family = family_of(mode) };
    int code = TOOL_GO_ON;

    for (size_t i = 0; i < TOOL_COUNT(files) && code == TOOL_GO_ON; i++)
        code = check_file(files[i], report);
    if (code == TOOL_GO_ON && prov_curl_new(out, &options) != PROV_OK) {
        report_tool(report, PROV_D_TOOL_NETWORK, prov_str_z(""), "", 0);
        code = TOOL_OUTSIDE;
    }
    return code;
}
