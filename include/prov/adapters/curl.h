/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_CURL_H
#define PROV_ADAPTERS_CURL_H

/**
 * @file
 * @brief Network table on libcurl (7.80 or newer): http, https, ftp and tftp, several fetches
 *        under way.
 *
 * Layer: adapter, in the library `libprov-curl`.
 *
 * Fixed (NET-1, NET-2): redirects are reported, never followed; certificates and host names are
 * verified, TLS 1.2 is the oldest; HTTP/2 where a TLS server offers it; connections are reused;
 * files may come packed by gzip; Basic and Digest, only after the server asked for it, Basic from
 * then on at once; FTP without a user is anonymous; neither cookies nor `.netrc` nor the proxy
 * variables of the environment are used. The body of a status other than 200 is read and dropped.
 */

#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque. */
struct prov_curl;

/** Addresses of servers that are used. */
enum prov_curl_family {
    PROV_CURL_DUAL = 0, /**< Both families. */
    PROV_CURL_IPV4 = 1,
    PROV_CURL_IPV6 = 2,
};

/** Options. Zero = default. Strings are copied. */
struct prov_curl_options {
    size_t size;         /**< `sizeof(struct prov_curl_options)`. */
    const char *ca_file; /**< PEM file with the trusted authorities. If @p ca_file, @p ca_dir or
                              @p ca_blob is given, nothing else is trusted; all NULL = the
                              system's. */
    const char *ca_dir;  /**< Directory with hashed certificates. */
    const char *proxy; /**< As libcurl's CURLOPT_PROXY, may hold a login; NULL = no proxy. Not used
                            for tftp. The environment is not asked. It looks up the names of servers;
                            only with `socks4:` and `socks5:` libcurl does so, in threads. */
    bool prefer_ipv6;  /**< Try IPv6 first; the default is IPv4 first (DSC-8). */
    const char *client_cert;      /**< PEM file or `pkcs11:` URI (by the engine of that name, which
                                       prints the URI when it fails: leave the PIN out of it); NULL =
                                       none. */
    const char *client_key;       /**< PEM file or `pkcs11:` URI; NULL = it is in @p client_cert. */
    const char *ca_blob;          /**< Trusted authorities as PEM text in memory. */
    enum prov_curl_family family; /**< Not for addresses that stand in the URL itself. */
    const char *dns_servers; /**< Such as `192.0.2.1,[2001:db8::1]:5353`; NULL = the system's. */
    uint32_t dns_timeout_ms; /**< Until the next server, or the same again, is asked; doubles with
                                    each round; 0 = 1,500; at most 60,000. */
    uint32_t dns_tries;      /**< Rounds; 0 = 3; at most 10. */
    uint32_t
        host_connections; /**< Most connections to one server; 0 = as many as fetches, or, where
                                    HTTP/2 lets them be shared, one for up to eight fetches side by
                                    side, and one for each two of more. */
    bool system_resolver; /**< Leave names to libcurl, which looks them up in threads. So it is
                                    always where c-ares was not there when the library was built. */
    bool no_http2;        /**< Always HTTP/1.1. */
    /** Further connections that are begun while the first file of a run is fetched alone, at most 15:
     * if that file leads to others, a round trip is saved (HTTP, or more than eight fetches by TLS); if
     * not, the server was troubled for nothing. Those that nobody used are closed when they are looked
     * at after 10 s. 0 = none. */
    uint32_t connections_ahead;
};

/**
 * Create a network.
 *
 * @param[out] out      The object; free it with prov_curl_free(). Unless #PROV_OK it is left as it
 *                      was.
 * @param[in]  options  NULL = defaults. Borrowed for the call.
 *
 * @retval PROV_OK        Created.
 * @retval PROV_E_ARG     @p out is NULL, `family` is not known, or `dns_servers` is malformed or
 *                        given where names are left to libcurl.
 * @retval PROV_E_ABI     `options->size` does not fit.
 * @retval PROV_E_MEMORY  No memory, or libcurl could not be initialised.
 * @memory    The C library's heap; libcurl takes about 40 KB per fetch under way and keeps up to
 *            16 idle ones.
 * @threads   An object is used by one thread at a time. curl_global_init() is called here and its
 *            counterpart in prov_curl_free(); with libcurl before 7.84 a program with threads calls
 *            it once itself before the first thread starts.
 */
PROV_API PROV_NODISCARD enum prov_status prov_curl_new(struct prov_curl **out,
                                                       const struct prov_curl_options *options);

/**
 * Stop all fetches without a report, close all connections, free, and set to NULL. MUST NOT be
 * called from inside prov_run_body() or prov_run_done(). May wait for a lookup by libcurl to end.
 *
 * @param[in,out] net  NULL or a pointer to NULL is no error.
 */
PROV_API void prov_curl_free(struct prov_curl **net);

/**
 * The network table with this object.
 *
 * `fetch` does not block and copies what it needs; libcurl keeps a copy of the login in memory of
 * its own, which it does not overwrite. A time-out of 0 means none (libcurl's 300 s for the
 * connection), `max_bytes` 0 means no limit; it counts bytes as they are reported.
 *
 * Names are looked up in `/etc/hosts` and by DNS, in the same loop, without threads (c-ares). The
 * lookup has `connect_ms`, and so has each address after it, one after the other, all within
 * `whole_ms`: those of the preferred family first, those that led nowhere last. What DNS says holds
 * as long as it says, at least for a second; that there is nothing, for two.
 *
 * The system's authorities take about 17 ms to read, once. Where certificates come with a request
 * all authorities are read for each connection anew: a product that uses that wants few of its own.
 *
 * Ends are reported as prov/port.h says, and:
 * - #PROV_OK: any final HTTP status; a whole file by FTP or TFTP.
 * - #PROV_E_DENIED: a certificate or a login is refused; a scheme is not one of the four; the
 *   address, login, user agent or known version holds a control character; the certificates of the
 *   request cannot be added to those trusted anyway.
 * - #PROV_E_NOT_FOUND: FTP 550, TFTP error 1.
 * - #PROV_E_LIMIT: more than `max_bytes`, told or read, or prov_run_body() took no more.
 * - #PROV_E_TIMEOUT: one of the three time-outs, or no answer from DNS; `detail` says which.
 * - #PROV_E_MEMORY: libcurl got no memory.
 * - #PROV_E_NETWORK: all else; `detail` tells failures of DNS apart.
 *
 * `wait` with 0 ms does one look: it moves all transfers on as far as they go without blocking, and
 * reports. It reports from inside this call only, never from inside libcurl, except body bytes.
 * With nothing under way it waits the whole time.
 *
 * @param[in] net  From prov_curl_new().
 * @return    Valid as long as @p net.
 */
PROV_API struct prov_net prov_curl_net(struct prov_curl *net);

/** A descriptor to wait for. */
struct prov_curl_fd {
    int fd;
    bool read;  /**< Wait until it can be read. */
    bool write; /**< Wait until it can be written. */
};

/**
 * For an event loop of one's own: what to wait for before the next `wait` with 0 ms.
 *
 * Ask again after every call of `fetch`, `cancel` or `wait`: the answer changes.
 *
 * @param[in]  net         From prov_curl_new().
 * @param[out] fds         Descriptors. May be NULL if @p cap is 0.
 * @param[in]  cap         Entries at @p fds.
 * @param[out] count       Descriptors there are, even if more than @p cap.
 * @param[out] timeout_ms  Call `wait` after this time at the latest; UINT32_MAX = nothing is under
 *                         way.
 *
 * @retval PROV_OK         Set.
 * @retval PROV_E_ARG      A pointer is NULL.
 * @retval PROV_E_SPACE    There are more than @p cap; the first ones are in @p fds, @p count and
 *                         @p timeout_ms are set.
 * @retval PROV_E_NETWORK  libcurl failed, or a descriptor is too large for `select()` (FD_SETSIZE,
 *                         often 1,024): call `wait` every few milliseconds instead.
 * @cost   O(FD_SETSIZE).
 */
PROV_API PROV_NODISCARD enum prov_status prov_curl_watch(struct prov_curl *net,
                                                         struct prov_curl_fd *fds, size_t cap,
                                                         size_t *count, uint32_t *timeout_ms);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_CURL_H */
