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
    /** `scheme://[user[:password]@]host[:port]`, everything before @p path. Holds credentials. */
    struct prov_str origin;
    struct prov_str user;     /**< Still percent-encoded. */
    struct prov_str password; /**< Still percent-encoded. A secret: never print it. */
    struct prov_str host;     /**< Without brackets. */
    bool host_is_ipv6;        /**< It stood in brackets. */
    struct prov_str path;     /**< Begins with `/`, or is empty. */
    struct prov_str query;    /**< Without `?`; empty if there is none. */
};

/**
 * Take a complete address apart (URL-1).
 *
 * `scheme://[user[:password]@]host[:port][/path][?query]`, read strictly:
 *
 * - Scheme: one of the four, without regard to case.
 * - User part: letters, digits, `-._~!$&'()*+,;=:` and escapes (RFC 3986 userinfo). It ends at the
 *   first `@`; a second one before the path is refused: in a password it must be written `%40`.
 * - Host: an IPv6 address in brackets (RFC 4291, with or without an embedded IPv4 address, no
 *   zone), or labels of letters, digits, `-` and `_` joined by single dots, one dot at the end
 *   allowed. If its last label is a number, it must be an IPv4 address of four numbers without
 *   leading zeros: resolvers read `127.1` or `2130706433` each in its own way.
 * - Port: 1..65535.
 * - Path and query: any visible ASCII byte but `#`; markers that a dialect does not know stay in an
 *   address (MAC-3). A fragment is refused: it is never sent.
 * - An escaped control character (`%00`..`%1F`, `%7F`) is refused everywhere: in FTP and TFTP it
 *   would become a real one.
 *
 * @param[in]  text  The address, no NUL needed, not trimmed here.
 * @param[out] out   The parts. Unless #PROV_OK it is left as it was.
 * @param[out] diag  Filled on every result but #PROV_OK. May be NULL. With #PROV_E_SYNTAX `column`
 *                   is the first wrong byte of @p text from 1, one more than its length if
 *                   something is missing at its end; a number of its own (02xx) tells the mistake.
 *                   `subject`, if any, points into @p text, never into the user part.
 *
 * @retval PROV_OK        Taken apart.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_SYNTAX  Not of the form above; also an empty text.
 * @retval PROV_E_LIMIT   65,536 bytes or more; `diag->need` is the limit.
 *
 * @ownership The spans of @p out are borrowed from @p text.
 * @memory    None but the stack.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(text.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_parse(struct prov_str text, struct prov_uri *out,
                                                        struct prov_diag *diag);

/** How a reference is understood. */
enum prov_uri_rule {
    /**
     * REF-1: a complete address; else a path from the host if it begins with `/` (`//x` too); else
     * a path from the directory of the base. `a:b.xml` is a file name, but a text that begins with
     * one of the four schemes and a colon is taken for an address, so that the slip `http:/host/x`
     * is refused and not fetched as a file.
     */
    PROV_URI_RULE_REFERENCE = 0,
    /**
     * RFC 3986 section 5.2 (strict), as HTTP redirects need it: also `//host/x`, `?query` and the
     * empty reference. A fragment is cut off unread, since it is never sent to a server.
     */
    PROV_URI_RULE_RFC3986 = 1,
};

/**
 * Append the address that a reference leads to, seen from a base (REF-1, NET-1).
 *
 * `./` and `../` are removed, in complete addresses too, and never climb above
 * the host. The user part of the base is carried over only if the result has
 * the same origin and brings none of its own, be it empty. The query of the
 * base is carried over only by the empty reference of RFC 3986.
 *
 * @param[in]     base  A complete address.
 * @param[in]     ref   The reference, markers already replaced, trimmed.
 * @param[in]     rule  Which rules.
 * @param[in,out] out   Buffer to append to, not overlapping the inputs; unless #PROV_OK it is left
 *                      as it was.
 * @param[out]    diag  As for prov_uri_parse(); `column` counts in @p ref.
 *
 * @retval PROV_OK        Appended; the result is of the form of prov_uri_parse().
 * @retval PROV_E_ARG     @p out is NULL or @p rule not known, or @p base is not a complete address.
 * @retval PROV_E_SYNTAX  @p ref is empty (with #PROV_URI_RULE_REFERENCE), or the result would not
 *                        be of the form of URL-1.
 * @retval PROV_E_LIMIT   @p ref or the result has 65,536 bytes or more; `diag->need` is the limit.
 * @retval PROV_E_SPACE   It does not fit; `diag->need` is the capacity (`out->cap`) that would do.
 *
 * @ownership Nothing is kept. All inputs are borrowed for the call.
 * @memory    Writes only to `out->ptr[out->len .. out->cap)`.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(base.len + ref.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_resolve(struct prov_str base, struct prov_str ref,
                                                          enum prov_uri_rule rule,
                                                          struct prov_buf *out,
                                                          struct prov_diag *diag);

/**
 * Same scheme, host (without case) and port. Credentials may be used for both (NET-1).
 *
 * Hosts are compared as text: two ways to write one IPv6 address count as different, which only
 * ever keeps credentials back.
 *
 * @param[in] a, b  Filled by prov_uri_parse(). MUST NOT be NULL.
 * @return    True if equal.
 * @threads   Safe from any thread.
 * @cost      O(host).
 */
PROV_API bool prov_uri_same_origin(const struct prov_uri *a, const struct prov_uri *b);

/**
 * Append an address for people: the user part becomes `***@` (NET-2).
 *
 * Works on any text. In one that prov_uri_parse() takes, exactly the user part is hidden. In any
 * other nobody knows where a password ends: then everything between `scheme://` (or the start) and
 * the last `@` of all is hidden. A text without `@` stays as it is.
 *
 * @param[in]     text  Any bytes. Borrowed for the call.
 * @param[in,out] out   Buffer to append to, not overlapping @p text. At most `text.len + 3` bytes
 *                      are added.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_redact(struct prov_str text,
                                                         struct prov_buf *out);

/**
 * Append @p text with percent-encoding taken back, for user and password.
 * A `%` without two hexadecimal digits stays as it is; what was decoded is not decoded again.
 *
 * @param[in]     text  Any bytes. Borrowed for the call.
 * @param[in,out] out   Buffer to append to, not overlapping @p text. At most `text.len` bytes are
 *                      added.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_uri_decode(struct prov_str text,
                                                         struct prov_buf *out);

/** Canonical lower-case name of a scheme, constant, `""` for an unknown value. */
PROV_API const char *prov_scheme_name(enum prov_scheme scheme);

#ifdef __cplusplus
}
#endif
#endif /* PROV_URI_H */
