/* SPDX-License-Identifier: MIT */
#ifndef PROV_HTTP_DATE_H
#define PROV_HTTP_DATE_H

/**
 * @file
 * @brief Dates of HTTP, and what `Retry-After` asks for (TRY-1; RFC 9110, 5.6.7 and 10.2.3).
 *
 * Layer: core (pure). Three forms: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
 * `Sun Nov  6 08:49:37 1994`. Names are read without regard to case; the day of the week has to be
 * one, but is not compared with the date. Blanks around a value do not count.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Read a date.
 *
 * @param[in]  text     Borrowed for the call.
 * @param[in]  near_s   About now, in seconds since 1970: a year of two digits is the one that is not
 *                      more than 50 years later. 0, or outside the years 1 to 9999, = 2025.
 * @param[out] unix_s   Seconds since 1970-01-01T00:00:00Z. Unless #PROV_OK left as it was.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_ARG     @p unix_s is NULL.
 * @retval PROV_E_SYNTAX  It is no such date, or there is no such day or time.
 * @threads   Safe from any thread.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_http_date_read(struct prov_str text, int64_t near_s,
                                                             int64_t *unix_s);

/** What a `Retry-After` is compared with. */
struct prov_http_now {
    struct prov_str date; /**< The `Date` of the same answer; empty = none. */
    bool known;           /**< @p unix_s can be trusted. Used without a good `Date`. */
    int64_t unix_s;
};

/**
 * Seconds that a `Retry-After` asks for.
 *
 * A date counts from the answer's own `Date`, so that the phone's clock does not matter, else from
 * the clock if it can be trusted; else it counts as none. One that has passed, and 0 seconds, are 1.
 *
 * @param[in] value  As received. Borrowed for the call.
 * @param[in] now    Borrowed for the call.
 * @return    1 to 86,400; 0 if it is empty, malformed or cannot be compared, or @p now is NULL.
 * @threads   Safe from any thread.
 * @cost      O(lengths).
 * @since     0.1
 */
PROV_API uint32_t prov_http_retry_after(struct prov_str value, const struct prov_http_now *now);

#ifdef __cplusplus
}
#endif
#endif /* PROV_HTTP_DATE_H */
