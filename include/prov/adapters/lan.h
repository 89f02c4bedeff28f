/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_LAN_H
#define PROV_ADAPTERS_LAN_H

/**
 * @file
 * @brief The local network of one interface: what DHCP says, SIP PnP, and listening for check-sync.
 *
 * Layer: adapter, in the library `libprov-posix`.
 *
 * An object gives the session the `ask` and `send` of a network table (prov/port.h) and passes its
 * fetches on to another table, such as the one of prov/adapters/curl.h. Beside that it listens:
 * for NOTIFYs to the phone, or for SUBSCRIBEs to the multicast group.
 *
 * Threads. An object is used by one thread at a time. Nothing here blocks but `wait` and
 * prov_lan_wait().
 */

#include <prov/adapters/lease.h>
#include <prov/dialect.h>
#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque. */
struct prov_lan;

/** Longest datagram; longer ones do not exist over UDP and IPv4. */
#define PROV_LAN_DATAGRAM_BYTES 65507u

/** Most datagrams of one socket that are taken in one call of `wait` or prov_lan_wait(), so that a
 * flood does not hold up anything else. */
#define PROV_LAN_BURST 32u

/** Longest reply of a listener. */
#define PROV_LAN_REPLY_BYTES 4096u

/** Options. Zero = default. Strings are copied. */
struct prov_lan_options {
    size_t size;           /**< `sizeof(struct prov_lan_options)`. */
    const char *interface; /**< REQUIRED. Name such as `eth0`; need not exist yet. */
    bool no_lease;         /**< DHCP: do not look into lease files. */
    bool no_inform;        /**< DHCP: do not ask the server. */
    /** File that the interface's DHCP client left; NULL = the usual places of dhclient, dhcpcd and
     * systemd-networkd (prov/adapters/lease.h). A lease that has ended, or is of an address that
     * the interface does not have, does not count. */
    const char *lease_file;
    enum prov_lease_form lease_form; /**< Of @p lease_file. */
    const char *lease6_file;         /**< For DHCPv6. */
    enum prov_lease_form lease6_form;
    const char *vendor_class; /**< DHCPv4 option 60 when asking; NULL = none. At most 255 bytes. */
    /** Where DHCPINFORM goes; all zero = 255.255.255.255:67. With an address loopback is asked
     * too. Port 0 = 67. */
    struct prov_endpoint dhcp4_server;
    /** Where Information-request goes; all zero = [ff02::1:2]:547. Port 0 = 547. */
    struct prov_endpoint dhcp6_server;
    uint16_t dhcp4_port; /**< Own port; 0 = 68. */
    uint16_t dhcp6_port; /**< Own port; 0 = 546. */
    uint16_t pnp_port;   /**< Own port of a PnP exchange; 0 = any free one. */
};

/**
 * Create an object. Opens nothing yet.
 *
 * @param[out] out      Free it with prov_lan_free(). Unless #PROV_OK it is left as it was.
 * @param[in]  options  Borrowed for the call.
 *
 * @retval PROV_OK        Created.
 * @retval PROV_E_ARG     A pointer is NULL; the interface's name is missing, empty or too long; a
 *                        lease form is not known; the vendor class is too long; a server is of the
 *                        wrong family.
 * @retval PROV_E_ABI     `options->size` does not fit.
 * @retval PROV_E_MEMORY  No memory.
 * @memory    The C library's heap: about 75 KB; for the time of
 *            reading a lease file about 1.2 MB more.
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_new(struct prov_lan **out,
                                                      const struct prov_lan_options *options);

/**
 * Close all sockets without a report, free, and set to NULL. MUST NOT be called from inside a
 * callback.
 *
 * @param[in,out] lan  NULL or a pointer to NULL is no error.
 */
PROV_API void prov_lan_free(struct prov_lan **lan);

/**
 * The address state of the interface right now (DSC-2).
 *
 * An IPv6 address counts if it is global or unique local; a link-local one does not, nor one that
 * the system still checks for duplicates. On the loopback interface ::1 counts.
 *
 * @param[out] mode  Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK           Set.
 * @retval PROV_E_ARG        A pointer is NULL.
 * @retval PROV_E_NOT_FOUND  No address, no such interface, or it is down or without a cable.
 * @retval PROV_E_NETWORK    The system does not tell; see prov_lan_error().
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_mode(struct prov_lan *lan, enum prov_mode *mode);

/**
 * The hardware address of the interface.
 *
 * @param[out] mac  Six bytes. Unless #PROV_OK they are left as they were.
 *
 * @retval PROV_OK           Set.
 * @retval PROV_E_ARG        A pointer is NULL.
 * @retval PROV_E_NOT_FOUND  No such interface, or it has none (loopback), or the system does not
 *                           tell.
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_mac(struct prov_lan *lan, uint8_t mac[6]);

/**
 * The interface's own address of one family: IPv4, or IPv6 as prov_lan_mode() counts it; port 0.
 *
 * @retval PROV_OK           Set.
 * @retval PROV_E_ARG        A pointer is NULL, or the family is none.
 * @retval PROV_E_NOT_FOUND  As for prov_lan_mode(), of this family.
 * @retval PROV_E_NETWORK    As for prov_lan_mode().
 */
PROV_API PROV_NODISCARD enum prov_status
prov_lan_address(struct prov_lan *lan, enum prov_family family, struct prov_endpoint *own);

/** `errno` of the latest system call that failed, for diagnosis after #PROV_E_NETWORK: `EACCES`
 * when the program may not use the DHCP client's port; 0 = none yet, or @p lan is NULL. */
PROV_API int prov_lan_error(const struct prov_lan *lan);

/**
 * The network table with this object.
 *
 * `fetch` goes to @p inner; `cancel` and `wait` serve both. While a fetch is under way and a
 * question or a listener is open, the inner `wait` gets slices of 10 ms, so that neither is later
 * by more than that; with only one of the two it waits for that one. An inner table without `wait`
 * (a blocking port) is fine. `wait` also returns when a listener was given a datagram.
 *
 * DHCP questions: if a lease file holds one of the wanted options (or none was named and it holds
 * any), it is the answer, at once; but not if udhcpc hides option 66 and the server may be asked.
 * Else the server is asked: DHCPINFORM from the client's port to the broadcast address, or
 * Information-request from the link-local address to ff02::1:2, sent again after 1 s, 2 s, 4 s ...
 * (10 % more or less) until `whole_ms` is over. The packet is reported whole. There is no random delay before the first Information-request (RFC 8415 18.2.6):
 * the delays of a session spread phones already (TRY-2). While it waits it may receive what is
 * meant for a DHCP client on the same interface; that client asks again.
 *
 * | `ask` returns      | when                                                                   |
 * |--------------------|------------------------------------------------------------------------|
 * | #PROV_OK           | Begun, or answered from a lease file.                                  |
 * | #PROV_E_NOT_FOUND  | The interface is not there, is down, or has no address of the family;  |
 * |                    | no lease, and it is loopback (and `dhcp4_server` or `dhcp6_server` is  |
 * |                    | not set) or asking is off.                                             |
 * | #PROV_E_NETWORK    | A socket was refused; prov_lan_error() says why. Or there are eight    |
 * |                    | questions already (`EMFILE`).                                          |
 *
 * Ends by prov_run_asked(): #PROV_OK; #PROV_E_TIMEOUT: no answer.
 *
 * PnP exchanges: the socket is bound to the interface's own address; multicast goes out there with
 * TTL 1, and back to listeners on this machine. Over IPv4 that works on loopback. Datagrams that
 * come in by another interface are dropped, except those of this machine; all others are reported
 * as they came, at most #PROV_LAN_BURST in one `wait`. `whole_ms` does not matter: the exchange
 * lasts until `cancel`. `send` fails only if the group cannot be reached: other addresses are
 * chosen by strangers, who must not be able to end the exchange.
 *
 * @param[in] lan    From prov_lan_new().
 * @param[in] inner  Lives as long as @p lan. `ops` may be NULL: then every fetch is
 *                   #PROV_E_NETWORK.
 * @return    Valid as long as @p lan, for one inner table at a time.
 */
PROV_API struct prov_net prov_lan_net(struct prov_lan *lan, struct prov_net inner);

/**
 * What a listener does with a datagram.
 *
 * It may call prov_lan_send(), prov_lan_listen(), prov_lan_unlisten() and the table's functions but
 * `wait`; and prov_run_notify().
 *
 * @param[in]     ctx    Of the listener.
 * @param[in]     from   Sender.
 * @param[in]     bytes  Lives for the call.
 * @param[in,out] reply  Empty, #PROV_LAN_REPLY_BYTES large. What stands in it afterwards is sent
 *                       back to the sender; nothing = no reply.
 */
typedef void (*prov_lan_message)(void *ctx, const struct prov_endpoint *from, struct prov_str bytes,
                                 struct prov_buf *reply);

/** A listener. */
struct prov_lan_listener {
    size_t size; /**< `sizeof(struct prov_lan_listener)`. */
    /** Where to listen. Family NONE = IPv4; address all zero = the interface's own address; port 0
     * = any free one. */
    struct prov_endpoint at;
    /** Multicast group to join on the interface, of the same family; all zero = none. Then only
     * what is sent to the group is heard, and only the port of @p at is used, if this one is 0.
     * Others on this machine may listen to the group too, and use the port on another address. */
    struct prov_endpoint group;
    prov_lan_message on_message; /**< REQUIRED. */
    void *ctx;                   /**< Given to @p on_message. */
};

/** Most listeners of an object. */
#define PROV_LAN_LISTENERS 4u

/**
 * Listen for datagrams: NOTIFYs to the phone (port 5060), or what is sent to a multicast group.
 * Served by `wait` and prov_lan_wait(); at most #PROV_LAN_BURST datagrams in one call.
 *
 * Datagrams that come in by another interface are dropped, except those of this machine.
 *
 * @param[in]  listener  Borrowed for the call; the context as long as it listens.
 * @param[out] number    For the other functions. Unless #PROV_OK it is left as it was. May be NULL.
 * @param[out] local     Where it listens: address and port, those of the group if there is one.
 *                       Unless #PROV_OK it is left as it was. May be NULL.
 *
 * @retval PROV_OK           It listens.
 * @retval PROV_E_ARG        A pointer is NULL, `on_message` is missing, the families differ, or the
 *                           group is no multicast address.
 * @retval PROV_E_ABI        `listener->size` does not fit.
 * @retval PROV_E_LIMIT      There are #PROV_LAN_LISTENERS already.
 * @retval PROV_E_NOT_FOUND  The interface is not there or has no address of the family.
 * @retval PROV_E_NETWORK    The socket was refused, such as for a port that is in use; see
 *                           prov_lan_error().
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_listen(struct prov_lan *lan,
                                                         const struct prov_lan_listener *listener,
                                                         uint32_t *number,
                                                         struct prov_endpoint *local);

/** Stop listening. A number that is not known is ignored. */
PROV_API void prov_lan_unlisten(struct prov_lan *lan, uint32_t number);

/**
 * Send a datagram from the socket of a listener, such as a NOTIFY after the reply to a SUBSCRIBE.
 * Does not block. From a listener of a group it goes out with the interface's own address.
 *
 * @retval PROV_OK         Sent, or dropped because the system's queue is full.
 * @retval PROV_E_ARG      A pointer is NULL, or the family differs from the listener's.
 * @retval PROV_E_STATE    There is no such listener.
 * @retval PROV_E_NETWORK  Refused; see prov_lan_error().
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_send(struct prov_lan *lan, uint32_t number,
                                                       const struct prov_endpoint *to,
                                                       const void *bytes, size_t len);

/**
 * Serve listeners and questions without a table: as the table's `wait`, but fetches are not looked
 * at. For programs that only listen.
 *
 * @param[in] max_ms  Return after this time, or after something arrived; 0 = only look.
 *
 * @retval PROV_OK         Something arrived, the time is over, or a signal came.
 * @retval PROV_E_ARG      @p lan is NULL.
 * @retval PROV_E_STATE    Called from inside a callback of this object.
 * @retval PROV_E_NETWORK  Waiting itself failed; see prov_lan_error().
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_wait(struct prov_lan *lan, uint32_t max_ms);

/**
 * For an event loop of one's own: descriptors to wait for (all for reading) before the next `wait`
 * with 0 ms; the inner table has its own. Ask again after every call of `ask`, `cancel`, `wait`,
 * prov_lan_listen() or prov_lan_unlisten(): the answer changes.
 *
 * @param[out] fds         May be NULL if @p cap is 0.
 * @param[in]  cap         Entries at @p fds.
 * @param[out] count       Descriptors there are, even if more than @p cap; at most 20.
 * @param[out] timeout_ms  Call `wait` after this time at the latest (a question is to be sent
 *                         again or is over); UINT32_MAX = no need.
 *
 * @retval PROV_OK       Set.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_SPACE  There are more than @p cap; the first ones are in @p fds, the rest is set.
 */
PROV_API PROV_NODISCARD enum prov_status prov_lan_watch(struct prov_lan *lan, int *fds, size_t cap,
                                                        size_t *count, uint32_t *timeout_ms);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_LAN_H */
