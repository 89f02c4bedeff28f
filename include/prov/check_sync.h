/* SPDX-License-Identifier: MIT */
#ifndef PROV_CHECK_SYNC_H
#define PROV_CHECK_SYNC_H

/**
 * @file
 * @brief check-sync: a SIP NOTIFY that makes a phone look for new settings (PNP-5).
 *
 * Layer: core (pure, but for the heap inside expat). Time, the sender and the datagram are
 * arguments; the response is a result.
 */

#include <prov/arena.h>
#include <prov/base.h>
#include <prov/dialect.h>
#include <prov/endpoint.h>
#include <prov/sip.h>
#include <prov/xml.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The rate limit when the policy names none, ms. */
#define PROV_CHECK_SYNC_INTERVAL_MS 10000u

/** Longest response. A request whose response would be longer is acted upon, but not answered. */
#define PROV_CHECK_SYNC_REPLY_BYTES 2048u

/** Scratch memory that is always enough to read a body of @p bytes, plus the perm memory of a
 * decoded address, which is shorter than the body. */
#define PROV_CHECK_SYNC_MEMORY(bytes) ((size_t)(bytes)*10u + 9000u)

/** Who may do what. All spans and pointers are borrowed for the call. */
struct prov_check_sync_policy {
    size_t size;                  /**< `sizeof(struct prov_check_sync_policy)`. */
    bool enabled;                 /**< Off: 403. */
    bool any_sender;              /**< The allow-list is not looked at. */
    const struct prov_str *allow; /**< Hosts: IP addresses, compared with the sender of the
                                       datagram; or names, compared without case with the host of
                                       From. A name is no protection: anybody can write it. */
    size_t allow_count;           /**< Entries at @p allow; 0 without @p any_sender = nobody. */
    struct prov_str event;        /**< Compared without case; empty = `check-sync`. */
    uint32_t interval_ms;         /**< Rate limit: one accepted NOTIFY in this time; 0 = 10,000. */
    const struct prov_limits *limits; /**< For the body; NULL = the defaults. */
    const struct prov_xml_heap *heap; /**< For expat; NULL = the C library. */
    uint64_t hash_salt;               /**< As for prov_xml_init(). */
};

/** What was accepted last. Kept by the caller between calls; all zero = nothing yet. */
struct prov_check_sync_last {
    bool any;       /**< One was accepted. */
    uint64_t at_ms; /**< When. */
    uint64_t id;    /**< Which: made of its Call-ID and CSeq. */
};

/** What a NOTIFY asks for. */
struct prov_check_sync {
    uint16_t answer;         /**< 200, 400, 403, 405, 413, 415, 489, 503; 0 = not answered (ACK). */
    uint32_t retry_after_s;  /**< With 503 (rate limit): seconds until one is accepted again. */
    const char *reason;      /**< Constant text, for the record; never NULL. */
    bool repeated;           /**< With 200: the one accepted last, sent once more because our answer
                                   was lost. There is nothing to do, and nothing below is set. */
    bool other;              /**< With 200: a notifySync without checkSync (updateFirmware, reboot
                                   ...). It is not for provisioning: no run is started. */
    bool has_reboot, reboot; /**< `;reboot=true|false` of Event; another value counts as absent. */
    bool has_url;            /**< `checkSync/url` is there. */
    struct prov_str url; /**< Trimmed, entities replaced, markers not; lives in the arena (perm).
                                   Empty element = no transfer possible. Not yet checked by
                                   prov_uri_parse(); but without blanks and control bytes. */
    bool has_data, data; /**< `dataAvailable`: `true`, `false`, `1`, `0` without case; another
                                   value counts as absent. */
    struct prov_str document; /**< A configuration document as body; a span of the message, white
                                   space around it taken off. */
    enum prov_file_type type; /**< What kind it is; #PROV_FILE_UNKNOWN without @p document. */
};

/**
 * Read a SIP NOTIFY and decide about it (PNP-5).
 *
 * The gates, in this order; the first that is shut gives the answer:
 *
 * | Answer | unless                                                                      |
 * |--------|-----------------------------------------------------------------------------|
 * | 405    | the method is NOTIFY (ACK is never answered)                                |
 * | 489    | the event is ours, whatever its parameters                                  |
 * | 403    | `enabled`                                                                   |
 * | 403    | `any_sender`, or the sender is on the list                                  |
 * | 200    | it is not the one accepted last: Call-ID and CSeq alike within 32 s is `repeated` |
 * | 503    | `interval_ms` have passed since the last accepted one; with Retry-After     |
 * | 413    | it has no body, or one of at most `limits->file_bytes`                      |
 * | 415    | the type is application/xml, text/xml, application/..+xml or none, not encoded |
 * | 400    | the body is a well-formed document within the limits                        |
 * | 415    | it is a `notifySync`, or a change that the dialect takes, but no reference file |
 * | 400    | `checkSync/url` has at most `limits->url_bytes`, no blank or control byte inside |
 *
 * A body of white space is none. `notifySync`, `checkSync`, `url` and `dataAvailable` are compared
 * without case and prefix, as REF-2 does; of equal ones the first counts; `startDate`, `startDelay`
 * and whatever else is in it are passed over. Subscription-State and a dialog are not asked for:
 * check-sync comes out of the blue. The answer goes to where the datagram came from.
 *
 * @param[in]     policy   REQUIRED.
 * @param[in]     dialect  REQUIRED. Its `file_types` say which snippets are taken.
 * @param[in]     from     REQUIRED. Sender of the datagram; the answer goes there.
 * @param[in]     now_ms   Monotonic time.
 * @param[in,out] last     REQUIRED. Set when a NOTIFY is accepted, and only then.
 * @param[in]     message  The datagram. Borrowed for the call, but for `out->document`.
 * @param[in,out] arena    REQUIRED with a body. Scratch for reading it, given back, and perm for a
 *                         decoded address. #PROV_CHECK_SYNC_MEMORY states how much.
 * @param[in,out] reply    REQUIRED. The response is appended, at most #PROV_CHECK_SYNC_REPLY_BYTES
 *                         are used; nothing if it would be longer than that.
 * @param[out]    out      REQUIRED. What it asks for. Unless #PROV_OK left as it was.
 * @param[out]    diag     May be NULL. Why it was not accepted: a number of 1251..1279 or, for a
 *                         body, of the XML reader with line and column in the body; with #PROV_OK
 *                         `status` is #PROV_OK unless the body is at fault. `code` is
 *                         #PROV_D_NONE for one that is accepted. Spans point into the message.
 *
 * @retval PROV_OK        Read; `out->answer` says whether it is accepted (200).
 * @retval PROV_E_ARG     A REQUIRED pointer is NULL, or a limit is outside its range.
 * @retval PROV_E_ABI     `policy->size` or `limits->size` does not fit.
 * @retval PROV_E_SYNTAX  No SIP request: nothing to answer. See prov_sip_read(); 1269 = a response.
 * @retval PROV_E_LIMIT   As prov_sip_read(): nothing to answer.
 * @retval PROV_E_SPACE   The arena or @p reply is too small; for the arena `arena->need` would have
 *                        done. Nothing is answered: the sender will try again.
 * @retval PROV_E_MEMORY  Expat's heap gave no memory. Nothing is answered.
 *
 * @ownership Nothing is kept, but see `url` and `document`.
 * @threads   Safe from any thread as long as the arena, @p last and @p reply are not shared.
 * @cost      O(message.len + allow_count); nothing of the body is read before the sender is known.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_check_sync_read(const struct prov_check_sync_policy *policy,
                     const struct prov_dialect *dialect, const struct prov_endpoint *from,
                     uint64_t now_ms, struct prov_check_sync_last *last, struct prov_str message,
                     struct prov_arena *arena, struct prov_buf *reply, struct prov_check_sync *out,
                     struct prov_diag *diag);

#ifdef __cplusplus
}
#endif
#endif /* PROV_CHECK_SYNC_H */
