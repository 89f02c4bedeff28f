/* SPDX-License-Identifier: MIT */
#ifndef PROV_PORT_H
#define PROV_PORT_H

/**
 * @file
 * @brief What a vendor writes: three tables of callbacks for network, storage and clock.
 *
 * Layer: driver. This is the header to port; doc/porting.md walks through it.
 *
 * Rules for all tables. `size` comes first and is `sizeof` the table as the vendor compiled it;
 * tables are `static const` and may live in flash. `ctx` comes first in every function. Pointers
 * given to a callback live for the call, unless said otherwise. All functions are called from the
 * thread that runs prov_run_step() or prov_run_loop(). A status that is not listed for a function
 * counts as #PROV_E_CALLBACK and ends the run.
 */

#include <prov/base.h>
#include <prov/endpoint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct prov_run;

/** One fetch. Spans live until prov_run_done() for its id. */
struct prov_fetch {
    size_t size;                /**< `sizeof(struct prov_fetch)` in the library. */
    struct prov_str url;        /**< Complete address without user part and without markers. */
    struct prov_str user;       /**< Percent-encoding taken back; empty = none. A secret. */
    struct prov_str password;   /**< Percent-encoding taken back. A secret. */
    struct prov_str user_agent; /**< For HTTP; empty = the port's own. */
    uint32_t
        max_bytes; /**< Reading SHOULD stop beyond this; the session refuses more in any case. */
    uint32_t connect_ms;      /**< Time-out of the connection (NET-1). */
    uint32_t idle_ms;         /**< Time-out without a byte (NET-1). */
    uint32_t whole_ms;        /**< Time-out of the whole transfer (NET-1). */
    struct prov_str etag;     /**< HTTP: send `If-None-Match` with this value; empty = not. Without
                               control characters. A port that cannot leaves it out: then the file
                               comes whole. */
    struct prov_str modified; /**< HTTP: send `If-Modified-Since` with this value; empty = not. */
    struct prov_str anchors;  /**< PEM certificates, one behind the other, that are trusted for this
                                  fetch beside those the port trusts by itself (PAN-3); empty = none.
                                  A port that cannot answers an https fetch with #PROV_E_DENIED. */
};

/** How a fetch ended. Zero every member that is not known. Spans live for the call. */
struct prov_fetch_result {
    size_t size;             /**< `sizeof(struct prov_fetch_result)` as the vendor compiled it. */
    enum prov_status status; /**< #PROV_OK: the transfer ended regularly, whatever the HTTP status;
                                   #PROV_E_NETWORK, #PROV_E_TIMEOUT, #PROV_E_NOT_FOUND (FTP, TFTP),
                                 #PROV_E_DENIED  (TLS or login refused), #PROV_E_LIMIT (max_bytes),
                                 #PROV_E_CANCELLED,  #PROV_E_MEMORY. */
    uint32_t http_status;    /**< REQUIRED for http and https once a head was received, such as 200;
                                 0 for FTP and TFTP. */
    struct prov_str location; /**< `Location` header of a 3xx, as received. */
    uint32_t retry_after_s;   /**< `Retry-After` in seconds; 0 = none. */
    struct prov_str detail; /**< Reason for people, without secrets: `certificate has expired`. The
                                 first 160 bytes are copied. */
    struct prov_str etag;   /**< HTTP: `ETag` as received, with quotes and `W/`. */
    struct prov_str modified; /**< HTTP: `Last-Modified` as received. */
    struct prov_str
        retry_after;      /**< HTTP: `Retry-After` as received, seconds or a date. A port that
                                      sets it leaves `retry_after_s` 0. */
    struct prov_str date; /**< HTTP: `Date` as received: what a date in @p retry_after is
                                      compared with, so that the phone's own clock does not matter. */
};

/** What is asked of the network beside files. */
enum prov_ask_kind {
    PROV_ASK_DHCP4 = 0, /**< DHCPv4 options that the interface was given. */
    PROV_ASK_DHCP6 = 1, /**< DHCPv6 options. */
    PROV_ASK_PNP = 2,   /**< An exchange of datagrams with a multicast group (PNP-1). */
};

/** One question. Spans live until its end is reported or it is cancelled. */
struct prov_ask {
    size_t size; /**< `sizeof(struct prov_ask)` in the library. */
    enum prov_ask_kind kind;
    const uint16_t *params;     /**< DHCP: codes that are wanted, for the request list (DHC-9). */
    size_t param_count;         /**< Entries at @p params. */
    struct prov_endpoint group; /**< PnP: where the first datagram will go. */
    uint32_t whole_ms;          /**< DHCP: the answer is given up after this time. PnP: how long the
                                     exchange will take. */
};

/** Network. */
struct prov_net_ops {
    size_t size; /**< `sizeof(struct prov_net_ops)`. */

    /**
     * REQUIRED. Begin to fetch one URL.
     *
     * Body bytes are reported by prov_run_body(), the end exactly once by prov_run_done(): during
     * this call (a blocking port) or later (an event loop). MUST NOT follow redirects. MUST verify
     * TLS certificates; they are checked against the wall clock, so with one that is not trusted
     * #PROV_E_DENIED is the right end. MAY block up to `whole_ms`. Bodies of answers other than 200
     * may be left out. Reports for an id that is not under way any more are refused with
     * #PROV_E_STATE: the port then stops that transfer.
     *
     * @return #PROV_OK: begun (or done); #PROV_E_NETWORK: it could not be begun, prov_run_done()
     * MUST NOT follow.
     */
    enum prov_status (*fetch)(void *ctx, uint32_t id, const struct prov_fetch *req,
                              struct prov_run *run);

    /**
     * OPTIONAL for a blocking port without `ask`, else REQUIRED. Stop a fetch or a question, close
     * its socket; nothing may be reported for this id afterwards. An id that is not under way is
     * ignored. MUST NOT block, MUST NOT report.
     */
    void (*cancel)(void *ctx, uint32_t id);

    /**
     * OPTIONAL for a blocking port, and for one that is only ever driven by prov_run_step(); else
     * REQUIRED. Wait until something makes progress and report it, or until the time is over. MAY
     * block up to @p max_ms; 0 = only look. prov_run_loop() asks for at most 1,000.
     *
     * @return #PROV_OK; #PROV_E_NETWORK if waiting itself failed: the run ends.
     */
    enum prov_status (*wait)(void *ctx, uint32_t max_ms, struct prov_run *run);

    /**
     * OPTIONAL: without it, sources on the local network are "not asked". Begin to ask.
     *
     * DHCP: the bytes of the options, or of the whole packet, are reported by prov_run_body(), the
     * end exactly once by prov_run_asked(): during this call or later. They may come from the
     * phone's DHCP client (prov/adapters/lease.h reads what usual ones leave behind) or from asking
     * for ourselves (prov/dhcp.h makes the messages). A blocking port MAY block up to `whole_ms`.
     *
     * PnP: open a UDP socket on the interface, whose multicast goes out there with TTL 1, and set
     * @p local to its own address and port. The session then sends by `send` and ends it by
     * `cancel`; each datagram that arrives is reported by prov_run_datagram(), as it came, which
     * may call `send` before it returns. A port that offers this MUST have `wait` or be driven by
     * an event loop; without `wait`, prov_run_loop() sleeps through the window and hears nothing.
     *
     * @param[out] local  PnP only: REQUIRED to be set, with address and port.
     * @return #PROV_OK: begun (or done); #PROV_E_NOT_FOUND: this interface has no such thing (no
     * IPv4, no IPv6, no DHCP); #PROV_E_NETWORK: it could not be begun. After these two
     * prov_run_asked() MUST NOT follow.
     */
    enum prov_status (*ask)(void *ctx, uint32_t id, const struct prov_ask *ask,
                            struct prov_endpoint *local, struct prov_run *run);

    /**
     * REQUIRED with `ask`. Send one datagram from the socket of a PnP exchange. MUST NOT block, MUST
     * NOT report.
     *
     * @return #PROV_OK, also when it was dropped on the way; #PROV_E_NETWORK: the network refuses to
     * send; the exchange goes on.
     */
    enum prov_status (*send)(void *ctx, uint32_t id, const struct prov_endpoint *to,
                             const void *bytes, size_t len);
};

/** A network and its context. */
struct prov_net {
    const struct prov_net_ops *ops; /**< Lives as long as the run. */
    void *ctx;                      /**< The vendor's. */
};

/** What the store holds. */
enum prov_item {
    PROV_ITEM_SETTINGS = 0, /**< The settings in force. */
    PROV_ITEM_STATE = 1,    /**< A small record of the library's own. */

    /* Instead of PROV_ITEM_SETTINGS for a dialect with `layers`: each is a file as it came. */
    PROV_ITEM_USER = 2,     /**< Changes by web page or at the phone. Written by the vendor alone,
                                 in the form of the dialect's files; the session only reads it. */
    PROV_ITEM_INITIAL = 3,  /**< Last good initial or pre-provisioning file (PAN-5). */
    PROV_ITEM_STANDARD = 4, /**< Last good file for one phone. */
    PROV_ITEM_PRODUCT = 5,  /**< Last good file for a model. */
    PROV_ITEM_MASTER = 6,   /**< Last good file for all phones. */

    PROV_ITEM_TREE = 7,   /**< The files of the last run and what tells whether they changed. */
    PROV_ITEM_CERT_1 = 8, /**< Root certificates that the first file named (PAN-3), as PEM; or a
                               line of text that says there is none. */
    PROV_ITEM_CERT_2 = 9,
    PROV_ITEM_CERT_3 = 10,
};

/** Number of items. */
#define PROV_ITEMS 11u

/** Storage (STO-1). */
struct prov_store_ops {
    size_t size; /**< `sizeof(struct prov_store_ops)`. */

    /**
     * REQUIRED. Read one item: its bytes in order by prov_run_body() with this id, then return.
     * When prov_run_body() refuses bytes, reading may stop with #PROV_OK. MAY block.
     *
     * @return #PROV_OK: all bytes were reported; #PROV_E_NOT_FOUND: there is none yet;
     * #PROV_E_STORAGE: it cannot be read.
     */
    enum prov_status (*load)(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run);

    /** REQUIRED. Begin a transaction. An unfinished one is discarded. @return #PROV_OK,
     * #PROV_E_STORAGE. */
    enum prov_status (*begin)(void *ctx);

    /** REQUIRED. Append bytes to the new content of an item; @p len is never 0. @return #PROV_OK,
     * #PROV_E_STORAGE. */
    enum prov_status (*put)(void *ctx, enum prov_item item, const void *bytes, size_t len);

    /**
     * REQUIRED. Make all items of the transaction the current ones, all or none: after a power cut
     * at any instant the store has the old or the new content, never a mixture. When it returns
     * #PROV_OK the new content survives a power cut. If one of the items of the settings was put,
     * the previous settings MUST be kept for roll-back: all of these items as they were, also those
     * that stay the same and those that were not there. They are #PROV_ITEM_SETTINGS,
     * #PROV_ITEM_INITIAL to #PROV_ITEM_MASTER and the certificates.
     *
     * @return #PROV_OK, #PROV_E_STORAGE (then the old content is in force).
     */
    enum prov_status (*commit)(void *ctx);

    /** REQUIRED. Discard the transaction; none under way is no error. Called after every begin, put,
     * commit or restore that failed. */
    void (*rollback)(void *ctx);

    /**
     * OPTIONAL, but REQUIRED for new settings on trial (`confirm_ms` of the session, STO-2). Ends a
     * transaction in the place of `commit`: makes the previous settings, as the last commit with
     * settings has kept them, the current ones again, together with the item that was put in this
     * transaction (#PROV_ITEM_STATE, never one of the settings), all or none, as for `commit`. An
     * item that was not there then is not there afterwards. The settings that are given up need not
     * be kept. What counts as previous after it is the store's choice, as long as it is not those.
     *
     * @return #PROV_OK; #PROV_E_NOT_FOUND: no previous settings are kept, or not all of them;
     * #PROV_E_STORAGE. After these two the old content is in force.
     */
    enum prov_status (*restore)(void *ctx);
};

/** A store and its context. */
struct prov_store {
    const struct prov_store_ops *ops; /**< Lives as long as the run. */
    void *ctx;                        /**< The vendor's. */
};

/** How far the wall clock is to be trusted (DSC-6). */
enum prov_clock_state {
    PROV_CLOCK_UNKNOWN = 0,     /**< Never set. */
    PROV_CLOCK_LOWER_BOUND = 1, /**< It is at least this late: build time, last stored time. */
    PROV_CLOCK_TRUSTED = 2,     /**< Set from a time server or a battery-backed clock. */
};

/** Wall clock. */
struct prov_wall_time {
    enum prov_clock_state state;
    int64_t unix_s; /**< Seconds since 1970-01-01T00:00:00Z. */
};

/** Clock. */
struct prov_clock_ops {
    size_t size; /**< `sizeof(struct prov_clock_ops)`. */

    /** REQUIRED. Milliseconds since any fixed instant; never goes back. MUST NOT block. */
    uint64_t (*monotonic_ms)(void *ctx);

    /** OPTIONAL: without it the clock is unknown, and a dialect that needs the time never begins
     * (prov_session_clock() says the way out). Set every member of @p out. MUST NOT block. */
    void (*wall)(void *ctx, struct prov_wall_time *out);

    /** REQUIRED for prov_run_loop(). Block for @p ms milliseconds, at most 60,000 at a time; MAY
     * return early. */
    void (*sleep)(void *ctx, uint32_t ms);
};

/** A clock and its context. */
struct prov_clock {
    const struct prov_clock_ops *ops; /**< Lives as long as the run. */
    void *ctx;                        /**< The vendor's. */
};

#ifdef __cplusplus
}
#endif
#endif /* PROV_PORT_H */
