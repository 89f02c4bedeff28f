/* SPDX-License-Identifier: MIT */
#ifndef PROV_ENDPOINT_H
#define PROV_ENDPOINT_H

/**
 * @file
 * @brief IP address and port, without any system header.
 *
 * Layer: base (pure).
 */

#include <stdbool.h>
#include <stdint.h>

#include <prov/buf.h>
#include <prov/status.h>
#include <prov/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Address family. */
enum prov_family {
    PROV_FAMILY_NONE = 0,
    PROV_FAMILY_IPV4 = 4,
    PROV_FAMILY_IPV6 = 6,
};

/** An address with a port. All zero = none. */
struct prov_endpoint {
    enum prov_family family;
    uint8_t addr[16]; /**< Network order; IPv4 in the first four bytes, the others 0. */
    uint16_t port;    /**< Host order; 0 = not given. */
};

/** Longest text: `[` 45 bytes `]:65535`. */
#define PROV_ENDPOINT_BYTES 54u

/**
 * Same address, whatever the ports. An IPv4 address equals its form mapped into IPv6
 * (`::ffff:192.0.2.1`): a socket for both families reports that one. NONE equals nothing.
 *
 * @param[in] a, b  MUST NOT be NULL.
 * @return    True if equal.
 * @threads   Safe from any thread.
 * @cost      Constant.
 */
PROV_API bool prov_endpoint_same_host(const struct prov_endpoint *a, const struct prov_endpoint *b);

/**
 * Append `192.0.2.1:5060` or `[2001:db8::1]:5060` (RFC 5952); with port 0 only the address, IPv6 in
 * brackets all the same.
 *
 * @param[in]     e    The address.
 * @param[in,out] out  Appended to, at most #PROV_ENDPOINT_BYTES.
 *
 * @retval PROV_OK       Appended; nothing for #PROV_FAMILY_NONE.
 * @retval PROV_E_ARG    A pointer is NULL, or the family is none of the enum.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      Constant.
 */
PROV_API PROV_NODISCARD enum prov_status prov_endpoint_format(const struct prov_endpoint *e,
                                                              struct prov_buf *out);

/**
 * Read an address, with or without port: `192.0.2.1`, `192.0.2.1:5060`, `2001:db8::1`,
 * `[2001:db8::1]`, `[2001:db8::1]:5060`. No names, no zones, no blanks, no leading zeros in IPv4
 * (some read them as octal); a port is 1..65535.
 *
 * @param[in]  text  Borrowed for the call.
 * @param[out] out   The address; port 0 if the text has none.
 *
 * @retval PROV_OK        @p out is set.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_SYNTAX  Not of this form; @p out is as it was.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(text.len), and constant for a text that is too long to be an address.
 */
PROV_API PROV_NODISCARD enum prov_status prov_endpoint_parse(struct prov_str text,
                                                             struct prov_endpoint *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ENDPOINT_H */
