/* SPDX-License-Identifier: MIT */
#ifndef PROV_URI_H
#define PROV_URI_H

/**
 * @file
 * @brief Addresses: parse, resolve, compare, and show without secrets (URL-1, REF-1).
 *
 * Layer: core (pure). No I/O, no clock, no heap, no global state.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The four schemes of URL-1. */
enum prov_scheme {
    PROV_SCHEME_HTTP = 0,
    PROV_SCHEME_HTTPS = 1,
    PROV_SCHEME_FTP = 2,
    PROV_SCHEME_TFTP = 3,
};

/** An address taken apart. All spans point into the text that was parsed. */
struct prov_uri {
    enum prov_scheme scheme;
    bool has_user;     /**< A user part is present, be it empty. */
    bool has_password; /**< A `:` stands in the user part. */
    uint16_t port;     /**< As written, or the scheme's own (80, 443, 21, 69). */
    struct prov_str
        origin; /**< `scheme://[user[:password]@]host[:port]`, everything before @p path. */
    struct prov_str user;     /**< Still percent-encoded. */
    struct prov_str password; /**< Still percent-encoded. A secret. */
    struct prov_str host;     /**< Without brackets. */
    bool host_is_ipv6;        /**< It stood in brackets. */
    struct prov_str path;     /**< Begins with `/`, or is empty. */
    struct prov_str query;    /**< Without `?`; empty if there is none. */
};

/**
 * Take a complete address apart (URL-1).
 *
 * Path and query may hold any visible ASCII byte but `#`: markers that a
 * dialect does not know stay in an address (MAC-3). An escaped control
 * character (`%0D`) is refused: in FTP and TFTP it would become a real one.
 *
 * @param[in]  text  The address, no NUL needed.
 * @param[out] out   The parts. Unless #PROV_OK it is left as it was.
 * @param[out] diag  Filled on every result but #PROV_OK. May be NULL. `column` is the first wrong
 * byte of @p text from 1; `subject` never points into the user part.
 *
 * @retval PROV_OK        Taken apart.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_SYNTAX  Not of the form of URL-1.
 * @retval PROV_E_LIMIT   65,536 bytes or more.
 *
 * @ownership The spans of @p out are borrowed from @p text.
 * @threads   Safe from any thread.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_parse(struct prov_str text, struct prov_uri *out,
                                                        struct prov_diag *diag);

/** How a reference is understood. */
enum prov_uri_rule {
    /** REF-1: only a complete address, a path from the host (`/x`, also `//x`), or a path from the
     *  directory of the base. */
    PROV_URI_RULE_REFERENCE = 0,
    /** RFC 3986 section 5.2, as HTTP redirects need it: also `//host/x`, `?query` and the empty
       reference. */
    PROV_URI_RULE_RFC3986 = 1,
};

/**
 * Append the address that a reference leads to, seen from a base.
 *
 * `./` and `../` are removed and never climb above the host. The user part of
 * the base is carried over only if the result has the same origin and brings
 * none of its own (REF-1). A base's query is not carried over.
 *
 * @param[in]     base  A complete address.
 * @param[in]     ref   The reference, markers already replaced, trimmed.
 * @param[in]     rule  Which rules.
 * @param[in,out] out   Buffer to append to; unless #PROV_OK it is left as it was.
 * @param[out]    diag  As for prov_uri_parse(); `column` counts in @p ref.
 *
 * @retval PROV_OK        Appended.
 * @retval PROV_E_ARG     @p out is NULL or @p rule not known, or @p base is not a complete address.
 * @retval PROV_E_SYNTAX  @p ref is empty (with #PROV_URI_RULE_REFERENCE) or the result is not of
 * the form of URL-1.
 * @retval PROV_E_LIMIT   @p ref or the result has 65,536 bytes or more.
 * @retval PROV_E_SPACE   It does not fit; `diag->need` is the capacity that would do.
 *
 * @threads   Safe from any thread.
 * @cost      O(base.len + ref.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_resolve(struct prov_str base, struct prov_str ref,
                                                          enum prov_uri_rule rule,
                                                          struct prov_buf *out,
                                                          struct prov_diag *diag);

/**
 * Same scheme, host (without case) and port. Credentials may be used for both.
 *
 * @threads   Safe from any thread.
 * @cost      O(host).
 */
PROV_API bool prov_uri_same_origin(const struct prov_uri *a, const struct prov_uri *b);

/**
 * Append an address for people: the user part becomes `***@`.
 *
 * Works on any text, also one that does not parse: whatever stands between
 * `://` (or the start) and the last `@` before the path is hidden (NET-2).
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_redact(struct prov_str text,
                                                         struct prov_buf *out);

/**
 * Append @p text with percent-encoding taken back, for user and password.
 * A `%` without two hexadecimal digits stays as it is.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_decode(struct prov_str text,
                                                         struct prov_buf *out);

/** Canonical lower-case name of a scheme, `""` for an unknown value. */
PROV_API const char *prov_scheme_name(enum prov_scheme scheme);

#ifdef __cplusplus
}
#endif
#endif /* PROV_URI_H */
