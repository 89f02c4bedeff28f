/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

void
policy_options(struct policy *policy, struct command_line *line)
{
    const struct option options[] = {
        { .name = "mode",
          .value = "MODE",
          .text = &policy->mode,
          .help = "addresses of the interface: ipv4, ipv6 or dual" },
        { .name = "disable",
          .value = "SOURCE",
          .list = &policy->disable,
          .help = "do not ask this source; may be repeated" },
        { .name = "enable",
          .value = "SOURCE",
          .list = &policy->enable,
          .help = "ask this source even if the settings switch it off; may be repeated" },
        { .name = "on-nothing",
          .value = "WHAT",
          .text = &policy->on_nothing,
          .help = "stop or proceed, when a source has nothing" },
        { .name = "on-fetch-error",
          .value = "WHAT",
          .text = &policy->on_fetch_error,
          .help = "stop or proceed, when an address cannot be fetched" },
        { .name = "enterprise",
          .value = "N",
          .text = &policy->enterprise,
          .help = "enterprise number of vendor options (any)" },
        { .name = "region", .value = "us", .text = &policy->region, .help = "region of the phone" },
        { .name = "https-only",
          .flag = &policy->https_only,
          .help = "what the local network answers has to be https, and all it leads to" },
        { .name = "allow-server",
          .value = "HOST",
          .list = &policy->servers,
          .help = "it may lead to this server only: name, *.domain or address, with or without "
                  "port; may be repeated" },
        { .name = "first-only",
          .flag = &policy->first_only,
          .help = "it counts only before the first provisioning" },
        { .name = "pin",
          .flag = &policy->pin,
          .help = "it may lead to the server of the first provisioning only" },
    };

    command_line_add(line, options, TOOL_COUNT(options));
}

/* The set of the sources that were named. False after a message. */
static bool
read_sources(const struct words *words, uint32_t *set, const struct command *command)
{
    for (size_t i = 0; i < words->count; i++) {
        uint32_t kind = 0;

        while (kind < PROV_SOURCE_KINDS &&
               strcmp(words->items[i], prov_source_name((enum prov_source_kind)kind)) != 0)
            kind++;
        if (kind == PROV_SOURCE_KINDS) {
            char *shown = tool_show_operand(words->items[i]);

            tool_usage(command, "there is no source '%s'", shown);
            free(shown);
            return false;
        }
        *set |= PROV_SOURCE_BIT(kind);
    }
    return true;
}

static bool
read_mode(struct policy *policy)
{
    for (unsigned m = PROV_MODE_IPV4; policy->mode != NULL && m <= PROV_MODE_DUAL; m++) {
        if (strcmp(policy->mode, prov_mode_name((enum prov_mode)m)) == 0) {
            policy->options.mode = (enum prov_mode)m;
            policy->has_mode = true;
        }
    }
    return policy->mode == NULL || policy->has_mode;
}

static bool
read_choice(const char *word, enum prov_choice *choice)
{
    if (word == NULL)
        return true;
    *choice = strcmp(word, "proceed") == 0 ? PROV_CHOICE_YES : PROV_CHOICE_NO;
    return *choice == PROV_CHOICE_YES || strcmp(word, "stop") == 0;
}

/* What is said goes before the dialect's policy. TOOL_GO_ON, or TOOL_USAGE after a message. */
static int
read_trust(struct policy *policy, const struct command *command)
{
    struct prov_trust resolved;
    struct prov_diag diag;
    char *shown;

    policy->trust = (struct prov_trust){
        .size = sizeof(policy->trust),
        .https_only = policy->https_only,
        .hosts = policy->hosts,
        .host_count = policy->servers.count,
        .first_only = policy->first_only,
        .pin = policy->pin,
    };
    for (size_t i = 0; i < policy->servers.count; i++)
        policy->hosts[i] = prov_str_z(policy->servers.items[i]);
    if (policy->https_only || policy->first_only || policy->pin || policy->servers.count > 0)
        policy->options.trust = &policy->trust;
    if (prov_trust_resolve(&policy->trust, &resolved, &diag) == PROV_OK)
        return TOOL_GO_ON;
    shown = tool_show_operand(diag.subject.ptr);
    tool_usage(command, "--allow-server: '%s' names no server", shown);
    free(shown);
    return TOOL_USAGE;
}

int
policy_finish(struct policy *policy, const struct command *command)
{
    struct prov_discover_options *o = &policy->options;
    unsigned long enterprise = 0;

    o->size = sizeof(*o);
    if (!read_mode(policy))
        return tool_usage(command, "--mode needs ipv4, ipv6 or dual");
    if (!read_choice(policy->on_nothing, &o->proceed_on_nothing) ||
        !read_choice(policy->on_fetch_error, &o->proceed_on_fetch_error))
        return tool_usage(command, "--on-nothing and --on-fetch-error need stop or proceed");
    if (policy->enterprise != NULL && !tool_number(policy->enterprise, 0, 0xFFFFFFFF, &enterprise))
        return tool_usage(command, "--enterprise needs a number from 0 to 4294967295");
    o->enterprise = (uint32_t)enterprise;
    if (policy->region != NULL && strcmp(policy->region, "us") != 0)
        return tool_usage(command, "--region knows us only");
    o->region_us = policy->region != NULL;
    if (!read_sources(&policy->disable, &o->disabled, command) ||
        !read_sources(&policy->enable, &o->enabled, command))
        return TOOL_USAGE;
    return read_trust(policy, command);
}
