/* SPDX-License-Identifier: MIT */
#ifndef PROV_SIP_H
#define PROV_SIP_H

/**
 * @file
 * @brief A tolerant but bounded reader of SIP messages, and the answers to requests (RFC 3261).
 *
 * Layer: core (pure). Takes compact header names, folded lines, any case, any order of headers, and
 * lines that end with LF only. Only what PnP and check-sync need is taken apart.
 */

#include <prov/base.h>
#include <prov/endpoint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Headers that are looked at. */
enum prov_sip_header {
    PROV_SIP_VIA = 0, /**< The topmost. */
    PROV_SIP_FROM = 1,
    PROV_SIP_TO = 2,
    PROV_SIP_CALL_ID = 3,
    PROV_SIP_CSEQ = 4,
    PROV_SIP_EVENT = 5,
    PROV_SIP_SUBSCRIPTION_STATE = 6,
    PROV_SIP_CONTENT_TYPE = 7,
    PROV_SIP_CONTENT_LENGTH = 8,
    PROV_SIP_CONTACT = 9,
    PROV_SIP_EXPIRES = 10,
    PROV_SIP_ACCEPT = 11,
    PROV_SIP_USER_AGENT = 12,
    PROV_SIP_CONTENT_ENCODING = 13,
};

/** Number of headers that are looked at. */
#define PROV_SIP_HEADERS 14u

/** Longest message that is read: one UDP datagram. */
#define PROV_SIP_MAX 65507u

/** Most headers of a message, those that nobody looks at included. */
#define PROV_SIP_HEADER_LINES 128u

/** A message taken apart. Spans point into it; values are trimmed, but still hold their line
 * folds: white space inside may be a line end. */
struct prov_sip {
    bool request;
    struct prov_str method; /**< Of a request, of any case: SIP methods are compared as written. */
    struct prov_str uri;    /**< Of a request. */
    uint16_t status;        /**< Of a response, 100..699. */
    struct prov_str headers[PROV_SIP_HEADERS]; /**< First of each; ptr NULL = not there. */
    uint32_t cseq;
    struct prov_str cseq_method;
    struct prov_str head; /**< All header lines, without start line and empty line. */
    struct prov_str body; /**< By Content-Length, else all the rest. */
};

/**
 * Take a message apart.
 *
 * Tolerated: line ends before the start line, LF instead of CR LF, blanks around the colon, folded
 * lines, compact names, names and `SIP/2.0` of any case, several blanks in the start line, no
 * Content-Length, one that is smaller than what is there (the body is cut), and no empty line after
 * the last header. Of a header that stands several times the first counts.
 *
 * Refused, because two readers would not agree on it: a control byte (NUL included) other than tab
 * and line end before the body, a CR without LF there, a line that is neither `name: value` nor a
 * fold, a last line without its end. The body may hold any bytes.
 *
 * @param[in]  message  One datagram. Borrowed as long as @p out is used.
 * @param[out] out      The parts. Unless #PROV_OK it is left as it was.
 * @param[out] diag     Filled on every result but #PROV_OK. May be NULL. `line` and `column` count
 *                      from 1; a header that is missing is reported behind the last one. `subject`,
 *                      if any, is the constant name of a header.
 *
 * @retval PROV_OK        @p out is set; Via, From, To, Call-ID and CSeq are there and not empty,
 *                        Via begins with `SIP/`, Call-ID is one word, CSeq a number below 2^32 and
 *                        a method.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_SYNTAX  Not a SIP message, or one of these headers is missing or malformed, or
 *                        Content-Length is no number or promises more than there is.
 * @retval PROV_E_LIMIT   Longer than #PROV_SIP_MAX, or more than #PROV_SIP_HEADER_LINES headers;
 *                        `diag->need` is the limit.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(message.len); no recursion, constant stack.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_sip_read(struct prov_str message, struct prov_sip *out, struct prov_diag *diag);

/**
 * A parameter of a header value: `;name=value`, not inside `<...>` or quotes. Of a list only the
 * first entry is looked at, up to its comma; of equal parameters the first counts.
 *
 * @param[in]  header  A value of struct prov_sip. Borrowed.
 * @param[in]  name    Compared without case.
 * @param[out] value   A span of @p header, quotes taken off, backslashes inside them left; empty,
 *                     but not NULL, for a parameter without value. May be NULL. Untouched if there
 *                     is none.
 * @return    False if it is not there.
 * @threads   Safe from any thread.
 * @cost      O(header.len).
 */
PROV_API bool prov_sip_param(struct prov_str header, struct prov_str name, struct prov_str *value);

/** The value before its first `;`, trimmed: media type, event name. A span of @p header.
 * @cost O(header.len). */
PROV_API struct prov_str prov_sip_token(struct prov_str header);

/** What a response says beyond its status. Spans are borrowed for the call. */
struct prov_sip_answer {
    uint16_t status;         /**< 100..699. */
    struct prov_str reason;  /**< Such as `OK`. */
    struct prov_str to_tag;  /**< Added to To if it has none; empty = not. */
    struct prov_str headers; /**< Further lines, each with CRLF; empty = none. Written as they are:
                                  MUST NOT hold what somebody else wrote. */
    const struct prov_endpoint
        *from; /**< Sender of the request: the topmost Via gets `received` and
                                           `rport` as RFC 3581 asks; NULL = Via stays as it is. */
};

/**
 * Append the response to a request: all its Via lines in order, From, To, Call-ID, CSeq, the
 * further lines, then `Content-Length: 0`.
 *
 * What is copied from the request is unfolded: it cannot begin a line of its own. That an ACK is
 * never answered is for the caller to know.
 *
 * @param[in]     request  From prov_sip_read(), its message still there.
 * @param[in]     answer   What to say.
 * @param[in,out] out      Appended to; MUST NOT overlap the request.
 *
 * @retval PROV_OK       Appended. prov_sip_read() takes it, with the same Call-ID and CSeq, unless
 *                       `headers` or `reason` is at fault or it has too many Vias for its limits.
 * @retval PROV_E_ARG    A pointer is NULL, @p request is none, or the status is outside its range.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(head of the request).
 */
PROV_API PROV_NODISCARD enum prov_status prov_sip_answer(const struct prov_sip *request,
                                                         const struct prov_sip_answer *answer,
                                                         struct prov_buf *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_SIP_H */
