/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_CURL_H
#define PROV_ADAPTERS_CURL_H

/**
 * @file
 * @brief Network table on libcurl: http, https, ftp and tftp, several fetches under way.
 *
 * Layer: adapter, in the library `libprov-curl`.
 */

#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque. */
struct prov_curl;

/** Options. Zero = default. Strings are copied. */
struct prov_curl_options {
    size_t size;         /**< `sizeof(struct prov_curl_options)`. */
    const char *ca_file; /**< PEM file with the trusted authorities; NULL = the system's. */
    const char *ca_dir;  /**< Directory with hashed certificates; NULL = the system's. */
    const char
        *proxy; /**< As libcurl's CURLOPT_PROXY; NULL = no proxy. The environment is not asked. */
    bool prefer_ipv6; /**< Try IPv6 first; the default is IPv4 first (DSC-8). */
};

/**
 * Create a network.
 *
 * @param[out] out      The object; free it with prov_curl_free().
 * @param[in]  options  NULL = defaults.
 *
 * @retval PROV_OK        Created.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_ABI     `options->size` does not fit.
 * @retval PROV_E_MEMORY  No memory.
 * @threads   An object is used by one thread at a time. The caller calls curl_global_init() before
 * the first thread starts, or the first call of this function does.
 */
PROV_API PROV_NODISCARD enum prov_status prov_curl_new(struct prov_curl **out,
                                                       const struct prov_curl_options *options);

/** Stop all fetches, close all connections, free, and set to NULL. NULL or a pointer to NULL is no
 * error. */
PROV_API void prov_curl_free(struct prov_curl **net);

/** The network table with this object. Valid as long as @p net. */
PROV_API struct prov_net prov_curl_net(struct prov_curl *net);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_CURL_H */
