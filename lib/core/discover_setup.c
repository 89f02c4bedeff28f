/* SPDX-License-Identifier: MIT */

/* Setting up a search: which sources are asked, and why others are not (DSC-2 to DSC-4). */

#include "core/discover.h"

struct prov_str
prov_discover_manual(const struct prov_discover *d)
{
    const struct prov_str given = prov_str_trim(d->options.manual_url);

    return given.len > 0 ? given : prov_str_trim(d->settings.url);
}

struct prov_str
prov_discover_template(const struct prov_discover *d)
{
    const struct prov_str given = prov_str_trim(d->options.redirect_url);

    return given.len > 0 ? given : prov_str_trim(d->dialect->redirect_url);
}

static const char *
off_by_mode(const struct prov_discover *d, const struct prov_source_rule *rule)
{
    static const char *const reasons[] = {
        [PROV_MODE_IPV4] = "not with an IPv4 address only",
        [PROV_MODE_IPV6] = "not with an IPv6 address only",
        [PROV_MODE_DUAL] = "not with an IPv4 and an IPv6 address",
    };

    return (rule->modes & PROV_MODE_BIT(d->options.mode)) == 0 ? reasons[d->options.mode] : NULL;
}

/* DSC-4. The caller's word goes before that of the settings. */
static const char *
off_by_switch(const struct prov_discover *d, const struct prov_source_rule *rule)
{
    const uint32_t kind = PROV_SOURCE_BIT(rule->kind);
    const bool given =
        rule->kind == PROV_SOURCE_MANUAL && prov_str_trim(d->options.manual_url).len > 0;

    if ((d->options.disabled & kind) != 0)
        return "disabled by the caller";
    if ((d->options.enabled & kind) != 0 || given)
        return NULL;
    if (d->settings.off)
        return "disabled: the settings switch provisioning off";
    if ((d->settings.said & ~d->settings.on & kind) != 0)
        return "disabled in the settings";
    return NULL;
}

/* Why a source is never asked; NULL if it is. */
static const char *
off_reason(const struct prov_discover *d, const struct prov_source_rule *rule)
{
    const char *reason;

    if ((unsigned)rule->kind >= PROV_SOURCE_KINDS)
        return "this library does not know the source";
    reason = off_by_mode(d, rule);
    if (reason == NULL)
        reason = off_by_switch(d, rule);
    if (reason != NULL)
        return reason;
    if (prov_trust_is_over(&d->trust, &d->known, PROV_SOURCE_BIT(rule->kind)))
        return prov_trust_reason(PROV_TRUST_NOT_FIRST);
    if (rule->kind == PROV_SOURCE_REDIRECT && prov_discover_template(d).len == 0)
        return "no redirection service is set";
    if (prov_discover_need(rule) <= PROV_NEED_DHCP6 && rule->dhcp.form == PROV_DHCP_FORM_NONE)
        return "no DHCP option is set for the source";
    return NULL;
}

static void
set_up_records(struct prov_discover *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const char *reason = off_reason(d, &d->rules[i]);

        d->records[i] = (struct prov_source_record){
            .kind = d->rules[i].kind,
            .step = d->rules[i].step,
            .reason = reason != NULL ? reason : "not reached",
        };
        if (reason != NULL)
            d->off |= prov_discover_bit(i);
    }
}

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, const char *subject)
{
    if (diag != NULL)
        *diag =
            (struct prov_diag){ .status = status, .code = code, .subject = prov_str_z(subject) };
    return status;
}

static bool
is_order(const struct prov_source_rule *rules, size_t count)
{
    if (count > PROV_DISCOVER_SOURCES || (rules == NULL && count > 0))
        return false;
    for (size_t i = 1; i < count; i++) {
        if (rules[i].step < rules[i - 1].step)
            return false;
    }
    return true;
}

static bool
are_options(const struct prov_discover_options *o)
{
    return (unsigned)o->mode <= PROV_MODE_DUAL &&
           (unsigned)o->proceed_on_nothing <= PROV_CHOICE_NO &&
           (unsigned)o->proceed_on_fetch_error <= PROV_CHOICE_NO;
}

/* The policy that is in force: the caller's, or the dialect's. */
static enum prov_status
import_trust(struct prov_discover *d, const struct prov_discover_config *c, struct prov_diag *diag)
{
    if (c->known != NULL)
        d->known = *c->known;
    return prov_trust_resolve(d->options.trust != NULL ? d->options.trust : c->dialect->trust,
                              &d->trust, diag);
}

/* Copies what the caller gives, by the sizes it was compiled with. */
static enum prov_status
import(struct prov_discover *d, const struct prov_discover_config *c, struct prov_diag *diag)
{
    const struct prov_discover_options *o = c->options;

    if (o != NULL && prov_abi_import(&d->options, sizeof(d->options), o, sizeof(size_t)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "struct prov_discover_options");
    if (c->settings != NULL)
        d->settings = *c->settings;
    d->dialect = c->dialect;
    d->macros = c->macros;
    d->arena = c->arena;
    d->diags = c->diags;
    d->records = c->records;
    d->rules = d->options.sources != NULL ? d->options.sources : c->dialect->sources;
    d->count = d->options.sources != NULL ? d->options.source_count : c->dialect->source_count;
    if (!is_order(d->rules, d->count))
        return fail(diag, PROV_E_ARG, PROV_D_SOURCE_ORDER, "");
    if (!are_options(&d->options))
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "");
    return import_trust(d, c, diag);
}

enum prov_status
prov_discover_init(struct prov_discover *d, const struct prov_discover_config *config,
                   struct prov_diag *diag)
{
    struct prov_discover_config c;
    struct prov_discover new = { .winner = PROV_DISCOVER_NONE, .facts = { [1] = { .v6 = true } } };
    enum prov_status status;

    if (d == NULL || config == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "");
    if (prov_abi_import(&c, sizeof(c), config, sizeof(size_t)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "struct prov_discover_config");
    if (c.dialect == NULL || c.macros == NULL || c.arena == NULL || c.records == NULL ||
        c.diags == NULL)
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, "");
    status = prov_limits_resolve(c.limits, &new.limits);
    if (status != PROV_OK)
        return fail(diag, status, status == PROV_E_ABI ? PROV_D_ABI : PROV_D_BAD_ARGUMENT,
                    "struct prov_limits");
    status = import(&new, &c, diag);
    if (status != PROV_OK)
        return status;
    *d = new;
    set_up_records(d);
    return PROV_OK;
}

size_t
prov_discover_count(const struct prov_discover *d)
{
    return d != NULL ? d->count : 0;
}
