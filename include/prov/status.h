/* SPDX-License-Identifier: MIT */
#ifndef PROV_STATUS_H
#define PROV_STATUS_H

/**
 * @file
 * @brief What a function can answer, grouped by what the caller should do.
 *
 * Layer: base (pure).
 */

#include <prov/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Result of nearly every function. The high nibble is the class. */
enum prov_status {
    PROV_OK = 0, /**< Done. */

    /* class caller: a mistake in the calling program or in a port */
    PROV_E_ARG = 0x11,      /**< An argument is outside its documented range. */
    PROV_E_STATE = 0x12,    /**< The call is not allowed in this state. */
    PROV_E_ABI = 0x13,      /**< A struct's `size` or a required member does not fit. */
    PROV_E_CALLBACK = 0x14, /**< Vendor code broke its contract. */

    /* class space: give more memory and call again */
    PROV_E_SPACE = 0x21,  /**< The caller's buffer or arena is too small. */
    PROV_E_MEMORY = 0x22, /**< The XML parser could not get heap memory. */

    /* class input: what somebody else wrote is at fault */
    PROV_E_SYNTAX = 0x31,    /**< Malformed: it cannot be read. */
    PROV_E_TYPE = 0x32,      /**< Well formed, but not a kind that is accepted here. */
    PROV_E_INVALID = 0x33,   /**< Readable, but a rule for its content is broken. */
    PROV_E_LIMIT = 0x34,     /**< Larger or deeper than `struct prov_limits` allows. */
    PROV_E_NO_MATCH = 0x35,  /**< A path addresses nothing. */
    PROV_E_AMBIGUOUS = 0x36, /**< A path addresses more than one element. */

    /* class policy: readable, but not allowed */
    PROV_E_DENIED = 0x41, /**< Refused by a rule or an option. */

    /* class outside: the network or the store; trying again may help */
    PROV_E_NETWORK = 0x51,   /**< The transfer failed. */
    PROV_E_NOT_FOUND = 0x52, /**< The thing asked for does not exist. */
    PROV_E_TIMEOUT = 0x53,   /**< It took longer than allowed. */
    PROV_E_STORAGE = 0x54,   /**< The store failed. */
    PROV_E_CANCELLED = 0x55, /**< Stopped on request before it ended. */
};

/** What the caller should do about a status. */
enum prov_status_class {
    PROV_CLASS_OK = 0,      /**< Nothing. */
    PROV_CLASS_CALLER = 1,  /**< Mend the calling program or the port. */
    PROV_CLASS_SPACE = 2,   /**< Give more memory. */
    PROV_CLASS_INPUT = 3,   /**< Tell whoever wrote the file or URL. */
    PROV_CLASS_POLICY = 4,  /**< Tell whoever set the policy. */
    PROV_CLASS_OUTSIDE = 5, /**< Try again later. */
};

/**
 * The class of a status.
 *
 * @param[in] status  Any value; one that is not in the enum counts as caller.
 * @return    Its class.
 * @threads   Safe from any thread.
 * @cost      Constant.
 */
PROV_API enum prov_status_class prov_status_class(enum prov_status status);

/**
 * The name of a status as it stands in this header, such as `PROV_E_SPACE`.
 *
 * @param[in] status  Any value.
 * @return    A constant string, `"?"` for a value that is not in the enum.
 * @threads   Safe from any thread.
 * @cost      Constant.
 */
PROV_API const char *prov_status_name(enum prov_status status);

#ifdef __cplusplus
}
#endif
#endif /* PROV_STATUS_H */
