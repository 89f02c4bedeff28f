/* SPDX-License-Identifier: MIT */
#ifndef PROV_TRUST_H
#define PROV_TRUST_H

/**
 * @file
 * @brief Which servers a source of addresses may lead to (DSC-5, NET-1, NET-2).
 *
 * Layer: core (pure). No I/O, no clock, no heap, no global state.
 *
 * Whoever is on the local network can answer DHCP and multicast. A policy says what such an answer
 * may bring about. It is in force three times: when a source has an address (refused = nothing
 * found), for every address that a file from there leads to (references, further files,
 * certificates, redirects), and for a check-sync that brings an address. All of it is judged by the
 * source that the run began with; sources outside the set may lead anywhere.
 */

#include <prov/dialect.h>
#include <prov/uri.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A check-sync that brings an address or a document, in a set of #PROV_SOURCE_BIT. */
#define PROV_TRUST_CHECK_SYNC (1u << 31)

/** The sources of the local network: SIP PnP, everything from DHCP and DHCPv6, and check-sync. */
#define PROV_TRUST_LOCAL \
    (PROV_TRUST_CHECK_SYNC | PROV_SOURCE_BIT(PROV_SOURCE_PNP) | \
     PROV_SOURCE_BIT(PROV_SOURCE_DHCP) | PROV_SOURCE_BIT(PROV_SOURCE_DHCP_160) | \
     PROV_SOURCE_BIT(PROV_SOURCE_DHCP_159) | PROV_SOURCE_BIT(PROV_SOURCE_DHCP_66) | \
     PROV_SOURCE_BIT(PROV_SOURCE_DHCPV6) | PROV_SOURCE_BIT(PROV_SOURCE_DHCP_43) | \
     PROV_SOURCE_BIT(PROV_SOURCE_DHCP_150) | PROV_SOURCE_BIT(PROV_SOURCE_DHCP_125) | \
     PROV_SOURCE_BIT(PROV_SOURCE_DHCPV6_59))

/** A policy. All zero but @p size = everything is allowed, as phones have it. What is demanded holds
 * together: an address has to satisfy all of it. */
struct prov_trust {
    size_t size;      /**< `sizeof(struct prov_trust)`. */
    uint32_t sources; /**< Set of #PROV_SOURCE_BIT and #PROV_TRUST_CHECK_SYNC that it holds for; 0 =
                         #PROV_TRUST_LOCAL. */
    bool https_only;  /**< Addresses have to be https. */
    /**
     * Servers that may be led to; borrowed as long as the policy. Each is a host name (without
     * regard to case), a name behind `*.` that stands for every name below it but not for itself, an
     * IPv4 address, or an IPv6 address with or without brackets; then `:` and a port, if only that
     * one is meant (an IPv6 address then needs its brackets). Names are compared as text, they are
     * not looked up; addresses by value.
     */
    const struct prov_str *hosts;
    size_t host_count; /**< Entries at @p hosts; 0 = any server. */
    bool first_only;   /**< Only before the first run that ended well: afterwards these sources are
                            not asked, and a check-sync that brings an address is refused. */
    bool pin;          /**< Only the origin (scheme, host, port) that the phone was provisioned from
                            first. Before that, a run stays on the origin of its first file. */
};

/** What the phone remembers of its first provisioning. */
struct prov_trust_known {
    bool provisioned; /**< A run has ended well. */
    struct prov_str
        pin; /**< Any complete address at the server it began with; empty = not known. */
};

/** Why an address is refused. */
enum prov_trust_fault {
    PROV_TRUST_ALLOWED = 0,
    PROV_TRUST_NOT_FIRST = 1,  /**< `first_only`, and the phone has been provisioned. */
    PROV_TRUST_NO_SERVER = 2,  /**< Something is demanded of the server, and there is none: a
                                    document that came with check-sync, or no address. */
    PROV_TRUST_NOT_HTTPS = 3,  /**< `https_only` */
    PROV_TRUST_NOT_LISTED = 4, /**< `hosts` */
    PROV_TRUST_NOT_PINNED = 5, /**< `pin` */
};

/**
 * Copy a policy by the size it was compiled with, check it, and put the preset in place of an empty
 * set of sources.
 *
 * @param[in]  given  NULL = no policy. Borrowed for the call, its list longer.
 * @param[out] out    Unless #PROV_OK it is left as it was.
 * @param[out] diag   Filled on every result but #PROV_OK. May be NULL. `subject` is the entry of the
 *                    list at fault, in the caller's memory.
 *
 * @retval PROV_OK        @p out can be used.
 * @retval PROV_E_ARG     @p out is NULL, or `hosts` is NULL with a count.
 * @retval PROV_E_ABI     `given->size` does not fit.
 * @retval PROV_E_SYNTAX  An entry of `hosts` is not of the form above.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(bytes of the list).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_trust_resolve(const struct prov_trust *given, struct prov_trust *out, struct prov_diag *diag);

/**
 * May a source lead to an address?
 *
 * @param[in] trust  From prov_trust_resolve(). MUST NOT be NULL.
 * @param[in] known  What is remembered. MUST NOT be NULL. Borrowed for the call.
 * @param[in] from   #PROV_SOURCE_BIT of the source, or #PROV_TRUST_CHECK_SYNC.
 * @param[in] url    Complete address, after markers; empty = there is no server. Borrowed for the
 *                   call.
 * @return    #PROV_TRUST_ALLOWED, or the first reason in the order of the enum.
 * @threads   Safe from any thread.
 * @cost      O(length of the address * entries of the list).
 * @since     0.1
 */
PROV_API enum prov_trust_fault prov_trust_judge(const struct prov_trust *trust,
                                                const struct prov_trust_known *known, uint32_t from,
                                                struct prov_str url);

/** Is the source left out, whatever it would say (`first_only`)? As for prov_trust_judge(). */
PROV_API bool prov_trust_is_over(const struct prov_trust *trust,
                                 const struct prov_trust_known *known, uint32_t from);

/** The reason for a record, constant text; `""` for #PROV_TRUST_ALLOWED and unknown values. */
PROV_API const char *prov_trust_reason(enum prov_trust_fault fault);

/** Its diagnostic; #PROV_D_NONE for #PROV_TRUST_ALLOWED and unknown values. */
PROV_API enum prov_diag_code prov_trust_code(enum prov_trust_fault fault);

/**
 * Append the origin of an address, to be remembered: scheme, host in lower case, port; no user part.
 *
 * @param[in]     url  Complete address. Borrowed for the call.
 * @param[in,out] out  Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK        Appended; itself a complete address.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_SYNTAX  No address (prov_uri_parse()).
 * @retval PROV_E_LIMIT   Likewise.
 * @retval PROV_E_SPACE   It does not fit.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(url.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_trust_origin(struct prov_str url,
                                                           struct prov_buf *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_TRUST_H */
