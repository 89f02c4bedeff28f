/* SPDX-License-Identifier: MIT */
#ifndef PROV_DHCP_H
#define PROV_DHCP_H

/**
 * @file
 * @brief DHCP and DHCPv6: option bytes to facts and addresses, and messages to ask for them
 * (DHC-1..9).
 *
 * Layer: core (pure). No I/O, no clock, no heap, no global state.
 *
 * What comes from DHCP is not authenticated and in the field sloppy: zeros, quotes, padding,
 * digits where bytes are meant. Here it is made uniform or refused; no text with a control
 * character, plain or escaped, leaves this module.
 */

#include <prov/arena.h>
#include <prov/base.h>
#include <prov/dialect.h>
#include <prov/endpoint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most DHCPv6 options of one message that are kept. */
#define PROV_DHCP6_OPTIONS_MAX 64u

/** What the bytes are. */
enum prov_dhcp_input {
    /**
     * DHCPv4: a packet if `op` is 1 or 2, `htype` is 1 (Ethernet) and the magic cookie stands
     * behind the fixed fields; else options, with or without a magic cookie in front. DHCPv6:
     * a packet if the first byte is the type of a message between client and server (1..11);
     * codes of bare options begin with a zero.
     */
    PROV_DHCP_INPUT_AUTO = 0,
    PROV_DHCP_INPUT_OPTIONS = 1, /**< Options only, behind the magic cookie. */
    PROV_DHCP_INPUT_PACKET = 2,  /**< A whole message. */
};

/** One option. */
struct prov_dhcp_option {
    uint16_t code;
    uint32_t offset; /**< Of its first byte (the code of its first part) in the input, from 0. */
    /** Its value, may be empty. The parts of a split DHCPv4 option (RFC 3396) are one value. */
    struct prov_str bytes;
};

/** What was read. Spans point into the input or live in the arena. */
struct prov_dhcp_facts {
    bool v6;
    bool packet;          /**< It was a whole message. */
    uint8_t message_type; /**< Option 53, or of the DHCPv6 message; 0 = none. */
    uint32_t xid;         /**< Of a whole message, else 0. */
    /** In order of first appearance. DHCPv4: one of each code. DHCPv6: as they stand, also
     * several of one code (option 17 stands once for each enterprise); the first
     * #PROV_DHCP6_OPTIONS_MAX. */
    const struct prov_dhcp_option *options;
    size_t option_count;
    struct prov_str sname; /**< BOOTP field of a whole DHCPv4 message up to its first NUL (DHC-5);
                              empty if it holds options. */
    struct prov_str file;  /**< The same. */
};

/**
 * Read DHCPv4 options (DHC-1).
 *
 * Pad (0) is skipped; end (255) ends the options, whatever stands behind it; it may be
 * missing. In a packet option 52 makes the fields `file`, then `sname` be read behind the
 * options field. An option that stands several times, also across these fields, is one value:
 * its parts joined in this order (RFC 3396). All 254 codes find room.
 *
 * @param[in]     bytes   Borrowed as long as @p out is used. At most 65,535 bytes.
 * @param[in]     input   What they are.
 * @param[in]     source  Goes into the diagnostics; borrowed as long as these are used.
 * @param[in,out] arena   Gets the table and joined values (perm).
 * @param[out]    out     Also set with #PROV_E_SYNTAX: it holds what stood before the
 *                        malformed option, and no options if this is no packet. With the other
 *                        failures it is left as it was.
 * @param[in,out] diags   May be NULL. Gets one error if the status is not #PROV_OK: for a
 *                        malformed option `column` is the offset of its code + 1, `line` is 0,
 *                        `need` its code. Gets a warning if option 52 holds no known value;
 *                        then it is not followed.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_SYNTAX  An option has no length or reaches beyond the end of its field, or @p
 *                        input asks for a packet and this is none.
 * @retval PROV_E_ARG     @p arena or @p out is NULL, @p input is not known, or there are too
 *                        many bytes.
 * @retval PROV_E_SPACE   The arena is too small; nothing of it is taken. `need` is the
 *                        capacity that would do.
 *
 * @threads   Safe from any thread as long as @p arena is not shared.
 * @memory    `sizeof(struct prov_dhcp_option)` for each code and the bytes of split options.
 * @cost      O(bytes.len).
 */
PROV_API PROV_NODISCARD enum prov_status
prov_dhcp4_read(struct prov_str bytes, enum prov_dhcp_input input, struct prov_str source,
                struct prov_arena *arena, struct prov_dhcp_facts *out, struct prov_diags *diags);

/**
 * Read DHCPv6 options (DHC-8). As prov_dhcp4_read(), with these differences: there is no pad,
 * no end, no overload and nothing is joined; options beyond #PROV_DHCP6_OPTIONS_MAX are
 * checked but left out, with a warning; messages of relays are refused.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_SYNTAX  As for prov_dhcp4_read(), or it is a message of a relay.
 * @retval PROV_E_ARG     As for prov_dhcp4_read().
 * @retval PROV_E_SPACE   As for prov_dhcp4_read().
 */
PROV_API PROV_NODISCARD enum prov_status
prov_dhcp6_read(struct prov_str bytes, enum prov_dhcp_input input, struct prov_str source,
                struct prov_arena *arena, struct prov_dhcp_facts *out, struct prov_diags *diags);

/**
 * The option of a code, the first if there are several, NULL if there is none.
 *
 * @threads   Safe from any thread.
 * @cost      O(options).
 */
PROV_API const struct prov_dhcp_option *prov_dhcp_find(const struct prov_dhcp_facts *facts,
                                                       uint16_t code);

/**
 * The text of an option (DHC-2): NULs at the end, blanks and tabs at both ends, one pair of
 * quotes (`"` or `'`) and then the same inside it go; other control characters refuse it. May
 * come out empty.
 *
 * @param[in]  bytes  The option's value.
 * @param[out] text   A span of @p bytes. Unless #PROV_OK it is left as it was.
 * @param[out] diag   Filled on every result but #PROV_OK. May be NULL. With #PROV_E_DENIED
 *                    `column` is the first wrong byte of @p bytes from 1.
 *
 * @retval PROV_OK        @p text is set.
 * @retval PROV_E_DENIED  A byte below 0x20 or 0x7F stands inside.
 * @retval PROV_E_ARG     @p text is NULL.
 * @threads   Safe from any thread.
 * @cost      O(bytes.len).
 */
PROV_API PROV_NODISCARD enum prov_status
prov_dhcp_text(struct prov_str bytes, struct prov_str *text, struct prov_diag *diag);

/** What else decides about an address. Spans are borrowed for the call. */
struct prov_dhcp_policy {
    struct prov_str default_file; /**< The dialect's; empty = none. */
    uint32_t enterprise;          /**< Of vendor options; 0 = any (DHC-8). */
    bool region_us;               /**< Option 66: the file option counts (DHC-7). */
};

/**
 * The address that a source gives, before markers and before what URL-2 and URL-3 add (DHC-3..8).
 *
 * An option that is empty after prov_dhcp_text() counts as not there. What each form does:
 *
 * - JOIN: the first of block, option and BOOTP field that is not empty, for the server and for
 *   the file. Blocks `code length text` may hold pads (0) and an end (255); codes that are
 *   neither are skipped; of equal ones the first counts; a missing NUL is no fault. The whole
 *   may also be hexadecimal digits, at most 512 bytes' worth. If a block is malformed, those
 *   before it and the plain options are used, with a warning.
 * - JOIN, ADDRESS, HOST: where the server's option is a list of IPv4 addresses, as text (joined
 *   by commas, semicolons or blanks) or as four bytes each, the first one counts, the latter with
 *   scheme tftp. Bytes count as addresses only if they cannot be text.
 * - SERVER: everything behind the host counts as path; the file goes behind it.
 * - HOST: what stands behind `?` stays behind the file.
 * - ADDRESSES: the first one with scheme tftp, joined with the file option, if there is one.
 * - VENDOR: the first sub-option of a wanted enterprise that is not empty. A malformed one
 *   before it is a warning.
 * - BARE: hexadecimal digits of at least four bytes, the first one ASCII, are decoded; at most
 *   512. Well-formed blocks count as nothing.
 *
 * @param[in]     facts   From a read of the same version; another one gives #PROV_E_NOT_FOUND.
 * @param[in]     rule    Of the source.
 * @param[in]     policy  MUST NOT be NULL.
 * @param[in,out] out     Appended to; unless #PROV_OK it is left as it was. The text has no
 *                        control characters, plain or escaped, unless the policy's file has;
 *                        nothing else is checked.
 * @param[out]    diag    Set on every result. May be NULL. With #PROV_OK its `code` is
 *                        #PROV_D_NONE or a warning. In the others `need` is the option's code
 *                        (with #PROV_E_SPACE the capacity that would do) and `column` counts
 *                        bytes of its value (or of a block or sub-option in it, or of what was
 *                        decoded) from 1. No source, no subject: a value may hold credentials.
 *
 * @retval PROV_OK          Appended.
 * @retval PROV_E_NOT_FOUND Nothing: the options are not there or empty, or the form is NONE.
 *                          No diagnostic.
 * @retval PROV_E_DENIED    A control character in a text that would be used, plain or escaped
 *                          (`%0d`).
 * @retval PROV_E_SYNTAX    The option is malformed and there is no other: blocks, sub-options,
 *                          a length that is not four times a number (ADDRESSES); no scheme
 *                          (SERVER) or no host (SERVER, HOST).
 * @retval PROV_E_SPACE     It does not fit.
 * @retval PROV_E_ARG       A pointer is NULL or the form is not known.
 *
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(bytes of the options); about 700 bytes of stack.
 */
PROV_API PROV_NODISCARD enum prov_status prov_dhcp_address(const struct prov_dhcp_facts *facts,
                                                           const struct prov_dhcp_rule *rule,
                                                           const struct prov_dhcp_policy *policy,
                                                           struct prov_buf *out,
                                                           struct prov_diag *diag);

/** Most options that a dialect asks for. */
#define PROV_DHCP_PARAMS_MAX 32u

/**
 * Options that a client must request for these sources: the DHCPv4 parameter request list or the
 * DHCPv6 option request (DHC-9). In the order of the rules (of each: option, file option,
 * block option), each code once. Codes beyond #PROV_DHCP_PARAMS_MAX are left out.
 *
 * @param[in]  sources  Rules; those not of this version are skipped.
 * @param[in]  count    Their number.
 * @param[in]  enabled  Set of #PROV_SOURCE_BIT that count.
 * @param[in]  v6       Which version.
 * @param[out] codes    Room for #PROV_DHCP_PARAMS_MAX.
 * @return     Number of codes.
 * @threads   Safe from any thread.
 * @cost      O(count).
 */
PROV_API size_t prov_dhcp_params(const struct prov_source_rule *sources, size_t count,
                                 uint32_t enabled, bool v6, uint16_t *codes);

/** A DHCPv4 client that asks for itself (RFC 2131 4.4.3). */
struct prov_dhcp4_client {
    uint32_t xid;                 /**< Random. */
    uint8_t mac[6];               /**< Also the client identifier, as type 1 (Ethernet). */
    uint8_t address[4];           /**< The interface's own; MUST NOT be 0.0.0.0. */
    struct prov_str vendor_class; /**< Option 60; empty = none. At most 255 bytes. */
    uint16_t secs;                /**< Seconds since asking began. */
};

/**
 * Append a DHCPINFORM message (DHC-9): options 53, 61, 57 (1,500 bytes), 60, 55, in this
 * order, filled up with zeros to 300 bytes. To be sent from port 68 to port 67; the answer
 * comes to the client's address.
 *
 * @param[in]     client  Borrowed for the call.
 * @param[in]     codes   For option 55, each 1..254; none = no option 55.
 * @param[in]     count   At most #PROV_DHCP_PARAMS_MAX.
 * @param[in,out] out     Unless #PROV_OK it is left as it was. 580 bytes are always enough.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL, a member or code is outside its range.
 * @retval PROV_E_SPACE  It does not fit.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      Constant.
 */
PROV_API PROV_NODISCARD enum prov_status prov_dhcp4_inform(const struct prov_dhcp4_client *client,
                                                           const uint16_t *codes, size_t count,
                                                           struct prov_buf *out);

/**
 * The packet is the answer (DHCPACK) to this client's DHCPINFORM: `op`, `htype`, `hlen`,
 * `xid`, `chaddr`, cookie and option 53, which may stand in an overloaded field. Nothing else
 * of it is checked; prov_dhcp4_read() does that.
 *
 * @threads   Safe from any thread.
 * @cost      O(packet.len).
 */
PROV_API bool prov_dhcp4_is_answer(const struct prov_dhcp4_client *client, struct prov_str packet);

/** A DHCPv6 client that asks for itself (RFC 8415 18.2.6). */
struct prov_dhcp6_client {
    uint32_t xid;         /**< 24 bits. Random. */
    struct prov_str duid; /**< 1..130 bytes; prov_dhcp6_duid() makes one of a MAC address. */
    uint16_t elapsed_cs;  /**< Hundredths of a second since asking began. */
};

/** DUID-LL (RFC 8415 11.4) of an Ethernet address: 10 bytes. */
PROV_API void prov_dhcp6_duid(const uint8_t mac[6], uint8_t out[10]);

/**
 * Append an Information-request message (DHC-9): options 1, 8, 6, in this order. Option 6 asks
 * for @p codes and for what RFC 8415 18.2.6 demands: 32 (information refresh time) and 83
 * (INF_MAX_RT). To be sent from port 546 to `[ff02::1:2]:547`.
 *
 * @param[in]     client  Borrowed for the call.
 * @param[in]     codes   Each from 1.
 * @param[in]     count   At most #PROV_DHCP_PARAMS_MAX.
 * @param[in,out] out     Unless #PROV_OK it is left as it was. 216 bytes are always enough.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL, a member or code is outside its range.
 * @retval PROV_E_SPACE  It does not fit.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      Constant.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_dhcp6_information_request(const struct prov_dhcp6_client *client, const uint16_t *codes,
                               size_t count, struct prov_buf *out);

/**
 * The packet is the answer (Reply) to this client: type, transaction id, and the client id, if
 * there is one.
 *
 * @threads   Safe from any thread.
 * @cost      O(packet.len).
 */
PROV_API bool prov_dhcp6_is_answer(const struct prov_dhcp6_client *client, struct prov_str packet);

#ifdef __cplusplus
}
#endif
#endif /* PROV_DHCP_H */
