/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_LEASE_H
#define PROV_ADAPTERS_LEASE_H

/**
 * @file
 * @brief DHCP options out of what usual DHCP clients leave behind (DHC-1, DHC-8).
 *
 * Layer: adapter, in the library `libprov-posix`.
 *
 * The result is what prov_dhcp4_read() or prov_dhcp6_read() takes, so that a lease file and a
 * packet are judged by the same rules. What each client keeps:
 *
 * | Client           | File                                   | What is in it                     |
 * |------------------|----------------------------------------|-----------------------------------|
 * | udhcpc           | what its script saves by `set` or `env`| the options asked for (`-O`)      |
 * | dhclient         | `/var/lib/dhcp/dhclient.IF.leases`     | the options asked for (`request`) |
 * | dhcpcd           | `/var/lib/dhcpcd/IF.lease`, `.lease6`  | the whole packet                  |
 * | systemd-networkd | `/run/systemd/netif/leases/INDEX`      | 43 and 224..254 only, IPv4 only   |
 */

#include <prov/base.h>
#include <prov/endpoint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who wrote a file. */
enum prov_lease_form {
    PROV_LEASE_AUTO = 0, /**< Told by content. */
    /** Lines `NAME=value`, the value bare or quoted as a shell quotes it, `export ` in front or
     * not. Known names (`tftp`, `bootfile` ...) become their option; `optNN` holds bytes in
     * hexadecimal. The word `bad`, which udhcpc puts in the place of a name that it does not like
     * (such as a URL in option 66), counts as nothing. */
    PROV_LEASE_UDHCPC = 1,
    /** `lease { ... }` and `lease6 { ... }`. The last one of the interface counts. Names that
     * dhclient knows, `unknown-NN`, and `option-NN` for options that dhclient was told of; texts as
     * well as bytes in hexadecimal. */
    PROV_LEASE_DHCLIENT = 2,
    /** A DHCP or DHCPv6 message as it came from the server. */
    PROV_LEASE_DHCPCD = 3,
    /** Lines `NAME=value`; `OPTION_NN` and `VENDOR_SPECIFIC` (43) hold bytes in hexadecimal. */
    PROV_LEASE_NETWORKD = 4,
};

/** Longest lease file that is read. */
#define PROV_LEASE_FILE_BYTES 1048576u

/** Longest result: the options of one lease, or one packet. */
#define PROV_LEASE_OUT_BYTES 65536u

/** What is looked for. */
struct prov_lease_query {
    size_t size; /**< `sizeof(struct prov_lease_query)`. */
    enum prov_lease_form form;
    bool v6;               /**< DHCPv6; else DHCPv4. */
    const char *interface; /**< NULL = any. Files of dhclient and of udhcpc name it. */
    int64_t now_unix_s;    /**< Leases that ended before are skipped; 0 = do not look. Only the
                                files of dhclient say when. */
    struct prov_endpoint address; /**< DHCPv4: a lease of another address does not count, it is from
                                       another network; all zero = any. */
    bool *replaced; /**< With #PROV_OK: set to whether the client has put the word `bad` in the
                         place of option 66, so that asking the server may bring more. May be
                         NULL. */
};

/**
 * Read a lease file that is in memory.
 *
 * @param[in]     query  Borrowed for the call.
 * @param[in]     file   Its content.
 * @param[in,out] out    Appended: DHCPv4 `code length value ...` without an end option (long ones
 *                       split, RFC 3396), DHCPv6 `code16 length16 value ...`, or a whole packet.
 *                       It is a packet where the file is one, or where it holds the BOOTP fields
 *                       `sname` or `file`, which are no options. Unless #PROV_OK it is as it was.
 * @param[out]    line   With #PROV_E_SYNTAX: line of the mistake, from 1; 0 in a binary file. Else
 *                       left as it was. May be NULL.
 *
 * @retval PROV_OK           Appended, at least one option.
 * @retval PROV_E_ARG        A pointer is NULL, or the form is not known.
 * @retval PROV_E_ABI        `query->size` does not fit.
 * @retval PROV_E_NOT_FOUND  No lease of this interface and address that is still good, or no option
 *                           in it.
 * @retval PROV_E_SYNTAX     Malformed; or #PROV_LEASE_AUTO and not like any of them.
 * @retval PROV_E_LIMIT      Larger than #PROV_LEASE_FILE_BYTES, or one option is too long.
 * @retval PROV_E_SPACE      @p out is too small; #PROV_LEASE_OUT_BYTES are enough.
 * @memory    No heap; about 15 KB of stack.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(file.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_lease_read(const struct prov_lease_query *query,
                                                         struct prov_str file, struct prov_buf *out,
                                                         uint32_t *line);

/**
 * Read a lease file from the disk, as prov_lease_read() does.
 *
 * @param[in] path  Borrowed for the call.
 *
 * @retval PROV_E_NOT_FOUND  Also: there is no such file.
 * @retval PROV_E_STORAGE    It cannot be read; `errno` says why.
 * @retval PROV_E_MEMORY     No memory for it.
 * @retval other             As for prov_lease_read().
 * @memory    The C library's heap, freed again. Blocks as long as the disk does.
 */
PROV_API PROV_NODISCARD enum prov_status prov_lease_load(const struct prov_lease_query *query,
                                                         const char *path, struct prov_buf *out,
                                                         uint32_t *line);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_LEASE_H */
