/* SPDX-License-Identifier: MIT */
#ifndef PROV_PNP_H
#define PROV_PNP_H

/**
 * @file
 * @brief SIP PnP: ask the multicast group for the provisioning address (PNP-1..4).
 *
 * Layer: core (pure). Time and datagrams are arguments; what is to be sent is a result.
 *
 * Every address found here comes from whoever is on the network: it is to be treated like one that
 * a stranger typed in.
 */

#include <prov/base.h>
#include <prov/dialect.h>
#include <prov/endpoint.h>
#include <prov/sip.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A SUBSCRIBE is always shorter (PNP-1). */
#define PROV_PNP_SUBSCRIBE_BYTES 1024u
/** Longest vendor, model and firmware version each, bytes; every `"` and `\` counts twice. With all
 * three of this length and IPv6 addresses the SUBSCRIBE is still shorter than that. */
#define PROV_PNP_VALUE_BYTES 112u
/** Longest answer that is sent to a NOTIFY. */
#define PROV_PNP_REPLY_BYTES 2048u
/** Longest address that is taken from a NOTIFY. */
#define PROV_PNP_URL_BYTES 2048u
/** Servers whose 200 is remembered; further ones have to know our Call-ID. */
#define PROV_PNP_SERVERS 4u
/** The window when the configuration names none (PNP-2), ms. */
#define PROV_PNP_WINDOW_MS 5000u

/** What an exchange needs to know. */
struct prov_pnp_config {
    size_t size;                          /**< `sizeof(struct prov_pnp_config)`. */
    const struct prov_identity *identity; /**< REQUIRED: mac, vendor, model (or type), fwver. */
    struct prov_endpoint local;           /**< REQUIRED. Address and port that datagrams are sent
                                               from; answers go there. */
    struct prov_endpoint group;           /**< All zero = 224.0.1.75:5060. Port 0 = 5060. */
    uint64_t seed;                        /**< Call-ID, tags and branch are made of it. To be drawn
                                               anew for each exchange. */
    uint32_t window_ms;                   /**< 0 = 5,000 (PNP-2). */
    bool lenient;                         /**< PNP-3: other Call-ID, missing tags or
                                               Subscription-State, foreign Via. Whoever is on the
                                               network can then give an address unasked. */
};

/** What became of a datagram; for the record. */
enum prov_pnp_verdict {
    PROV_PNP_NONE = 0,       /**< Outside the window: not looked at, not answered. */
    PROV_PNP_RESPONSE = 1,   /**< A response to our SUBSCRIBE. Never answered. */
    PROV_PNP_ADDRESS = 2,    /**< The address; answered with 200. */
    PROV_PNP_REPEATED = 3,   /**< The same again: answered with 200. */
    PROV_PNP_CONFLICT = 4,   /**< Another address inside the window (PNP-4): answered with 200, not
                                  used. */
    PROV_PNP_STRANGER = 5,   /**< Neither Call-ID nor sender is known: 481. */
    PROV_PNP_NO_ADDRESS = 6, /**< A NOTIFY of ours without an address in it: answered with 200. */
    PROV_PNP_MALFORMED = 7,  /**< No SIP message: not answered. */
    PROV_PNP_OTHER = 8, /**< A NOTIFY of another event: 489. A foreign response, a SUBSCRIBE (our
                                  own one that comes back, too) or ACK: not answered. Another
                                  request: 405. */
    PROV_PNP_INCOMPLETE = 9, /**< A NOTIFY of ours that only a lenient exchange takes: 400. */
};

/** One exchange. In the caller's memory; members are private. About 6 KB. */
struct prov_pnp {
    struct prov_endpoint group, reply_to;
    struct prov_endpoint servers[PROV_PNP_SERVERS]; /**< That answered with 2xx. */
    uint64_t ends_ms, next_ms;
    uint32_t window_ms, interval_ms;
    uint32_t server_count;
    bool lenient, begun, answered, found;
    size_t subscribe_len, reply_len, url_len;
    char call_id[32];
    char from_tag[16];
    char branch[16];
    char subscribe[PROV_PNP_SUBSCRIBE_BYTES];
    char reply[PROV_PNP_REPLY_BYTES];
    char url[PROV_PNP_URL_BYTES];
};

/**
 * Prepare an exchange: the SUBSCRIBE is written here, once; what is sent again is the same bytes.
 *
 * Vendor, model (the type of a phone without model) and version become quoted strings of the Event
 * header; `"` and `\` in them are escaped. An empty one stays empty.
 *
 * @param[out] p       The exchange. MUST NOT be NULL. Unless #PROV_OK left as it was.
 * @param[in]  config  Borrowed for the call, with all that it points to.
 * @param[out] diag    Filled on every result but #PROV_OK. May be NULL. `subject` is the constant
 *                     name of the member at fault.
 *
 * @retval PROV_OK         Ready.
 * @retval PROV_E_ARG      A REQUIRED pointer is NULL, or `local` or `group` has no address of a
 *                         known family, or `local` no port.
 * @retval PROV_E_ABI      `config->size` or `identity->size` does not fit.
 * @retval PROV_E_INVALID  `identity->mac` is no MAC address, see prov_macro_bind().
 * @retval PROV_E_DENIED   Vendor, model or version holds a byte that a quoted string cannot: a
 *                         control byte or one above 0x7E.
 * @retval PROV_E_LIMIT    One of them is longer than #PROV_PNP_VALUE_BYTES; `diag->need` is the
 *                         limit.
 * @threads   An exchange is used by one thread at a time.
 * @cost      Constant.
 */
PROV_API PROV_NODISCARD enum prov_status
prov_pnp_init(struct prov_pnp *p, const struct prov_pnp_config *config, struct prov_diag *diag);

/** What to do. */
enum prov_pnp_do {
    PROV_PNP_SEND = 0, /**< Send @p bytes to @p to, then ask again. */
    PROV_PNP_WAIT = 1, /**< Ask again at @p until_ms, or after a datagram. */
    PROV_PNP_END = 2,  /**< The window is over. */
};

/** One step. */
struct prov_pnp_step {
    enum prov_pnp_do kind;
    struct prov_str bytes;   /**< With SEND. Lives in the exchange until prov_pnp_datagram(). */
    struct prov_endpoint to; /**< With SEND. */
    uint64_t until_ms;       /**< With WAIT: later than now, at most the end of the window. */
};

/**
 * The next step (PNP-2).
 *
 * The window begins with the first call, and so does the first SUBSCRIBE. It is sent again 500 ms,
 * 1.5 s, 3.5 s, 7.5 s ... later (the intervals double up to 4 s), until a 2xx or an address has
 * come or the window is over. After a provisional response the interval is 4 s (RFC 3261, timer E).
 * A response of 300 or more is that of one server: others may know better, so it changes nothing.
 *
 * Goes on after an address was found, to answer repetitions and to see conflicts: the caller may
 * stop then. Nothing that arrives moves the end of the window. A late caller gets one SUBSCRIBE,
 * not all that were missed.
 *
 * @param[in,out] p       From prov_pnp_init().
 * @param[in]     now_ms  Monotonic time; MUST NOT go back.
 * @param[out]    step    What to do.
 * @cost      Constant.
 */
PROV_API void prov_pnp_next(struct prov_pnp *p, uint64_t now_ms, struct prov_pnp_step *step);

/**
 * A datagram has arrived (PNP-3, PNP-4). Its answer, at most one, comes from the next
 * prov_pnp_next(): ask before the next datagram, else that answer is lost.
 *
 * A NOTIFY is ours if its Call-ID is that of our SUBSCRIBE, or its sender (whatever port) has
 * answered that with 2xx. It may come before that answer. Then From and To need tags,
 * Subscription-State must be there, and Via, if it names an IP address, that of the sender;
 * otherwise it is answered with 400 and not used. A lenient exchange asks for none of this. An
 * Event other than `ua-profile` is 489 in both; none at all is tolerated.
 *
 * The answer goes to where the datagram came from, address and port: that is what `rport` asks for,
 * and what sloppy servers listen at. An answer that would be longer than #PROV_PNP_REPLY_BYTES is
 * not sent; the verdict is the same.
 *
 * @param[in,out] p       From prov_pnp_init().
 * @param[in]     now_ms  Monotonic time.
 * @param[in]     from    Sender. MUST NOT be NULL.
 * @param[in]     bytes   The datagram. Borrowed for the call.
 * @return    What became of it. Before the first prov_pnp_next() and after the end of the window:
 *            #PROV_PNP_NONE.
 * @cost      O(bytes.len), whatever is in it.
 */
PROV_API enum prov_pnp_verdict prov_pnp_datagram(struct prov_pnp *p, uint64_t now_ms,
                                                 const struct prov_endpoint *from,
                                                 struct prov_str bytes);

/** What became of a datagram, in words; `""` for a value that is not in the enum. Constant text. */
PROV_API const char *prov_pnp_verdict_name(enum prov_pnp_verdict verdict);

/** The address that was found, as received, trimmed; empty if none. Markers are not replaced.
 * Lives as long as @p p. */
PROV_API struct prov_str prov_pnp_url(const struct prov_pnp *p);

/**
 * The address that a NOTIFY brings (PNP-3).
 *
 * The body, if its type is `application/url` or not given; or, with `message/external-body`, the
 * parameter `URL` of Content-Type (RFC 4483), else what stands behind `URL=` at the start of the
 * body, with or without quotes. Blanks, line ends and NULs at both ends are taken off.
 *
 * There is none if the rest is empty or longer than #PROV_PNP_URL_BYTES, or holds a control byte or
 * a blank (so: two lines), or an escaped control byte (`%00`..`%1F`, `%7F`). Whether it is an
 * address is for prov_uri_parse() to say, after markers.
 *
 * @param[in]  notify  From prov_sip_read(). MUST NOT be NULL.
 * @param[out] url     A span of the message. Untouched if there is none.
 * @return    False if there is none.
 * @threads   Safe from any thread.
 * @cost      O(body.len).
 */
PROV_API bool prov_pnp_body_url(const struct prov_sip *notify, struct prov_str *url);

#ifdef __cplusplus
}
#endif
#endif /* PROV_PNP_H */
