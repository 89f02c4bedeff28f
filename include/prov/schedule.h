/* SPDX-License-Identifier: MIT */
#ifndef PROV_SCHEDULE_H
#define PROV_SCHEDULE_H

/**
 * @file
 * @brief When the next run comes, and why (SCH-1, TRY-2).
 *
 * Layer: core (pure). Rules, the clocks and the device are arguments; the same arguments give the
 * same answer. Local time is the vendor's: a callback tells the offset of an instant.
 *
 * Rules. By time of day: on some weekdays, at some times, each followed by a part of its own that
 * belongs to the device, and by a random part. By interval: every so many minutes, counted from the
 * start of the phone on the monotonic clock, after a part of the device. With both the earlier one
 * counts.
 *
 * A *slot* is a time of day on a day. Its random part is drawn from device and slot, so it is another
 * one every day, and the same however often it is asked for: a restart between the time and the run
 * makes no second run, and loses none.
 *
 * - A slot whose time of day does not exist, since the clock is put forward over it, begins at the
 *   first instant after the gap. One that exists twice begins at the first of both. Parts that come
 *   behind it are lengths of time.
 * - The run of a slot lies behind it by less than a day, so no slot is ever late by more.
 * - Time-of-day rules wait for a clock that can be trusted (DSC-6); an interval does not.
 * - With the time of the last run as an argument no slot is run twice, also when the clock is set back
 *   by less than a day. Set back by more, the calendar begins anew.
 * - Slots that the clock jumps over are lost but for the one that was waited for: it is due at once.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Local time. */
struct prov_zone {
    /**
     * Seconds that local time is ahead of UTC at an instant. NULL = UTC. MUST give the same answer
     * for the same instant, between two changes of the zone's rules; MUST NOT block. Answers beyond a
     * day either way count as UTC. It is taken that the offset changes at most once in two days.
     */
    int32_t (*offset_s)(void *ctx, int64_t unix_s);
    void *ctx; /**< The vendor's. */
};

/** Most times of day in one set of rules. */
#define PROV_SCHEDULE_TIMES 8u

/** All weekdays. */
#define PROV_SCHEDULE_DAILY 0x7Fu

/** Longest interval: 28 days. */
#define PROV_SCHEDULE_INTERVAL_MAX 40320u

/** The monotonic clock is read up to here: 146 million years. */
#define PROV_SCHEDULE_CLOCK_MAX_MS (UINT64_MAX / 4)

/** Rules. All zero = none. */
struct prov_schedule {
    uint8_t days;       /**< Set of weekdays, bit 0 = Monday; not used without a time. */
    uint8_t time_count; /**< Entries at @p times; 0 = no rule by time of day. */
    uint16_t times[PROV_SCHEDULE_TIMES]; /**< Minutes since midnight, 0..1439. */
    uint32_t time_spread_s;     /**< The device's part behind a time lies below this; 0..86,400. */
    uint32_t random_min_s;      /**< Least random part; at most @p random_max_s. */
    uint32_t random_max_s;      /**< Most random part; with @p time_spread_s at most 86,400. */
    uint32_t interval_minutes;  /**< 0 = no rule by interval; at most 40,320. */
    uint32_t interval_spread_s; /**< The device's part behind the first interval lies below this; at
                                     most the interval. */
};

/** Why a run comes. */
enum prov_schedule_why {
    PROV_SCHEDULE_NONE = 0,     /**< No rule applies: none comes. */
    PROV_SCHEDULE_TIME = 1,     /**< A time of day. */
    PROV_SCHEDULE_INTERVAL = 2, /**< The interval. */
    PROV_SCHEDULE_CLOCK = 3,    /**< There is only a time of day, and no clock to be trusted. */
};

/** The moment, and for whom. */
struct prov_schedule_now {
    uint64_t device;   /**< From prov_retry_device(). */
    uint64_t start_ms; /**< The phone's start, on the monotonic clock. */
    uint64_t now_ms;   /**< Now on the same clock; not before @p start_ms, and at most
                      #PROV_SCHEDULE_CLOCK_MAX_MS. */
    bool known;        /**< @p unix_ms can be trusted. */
    int64_t unix_ms;   /**< Now, in milliseconds since 1970-01-01T00:00:00Z; year 1 to 9999. */
    struct prov_zone zone;
    int64_t last_ms; /**< `unix_ms` of the last run by time of day, as it was planned; INT64_MIN =
                          none. */
};

/** The next run. */
struct prov_schedule_run {
    enum prov_schedule_why why;
    uint64_t at_ms;  /**< On the monotonic clock. 0 if none comes. */
    int64_t unix_ms; /**< The same instant on the wall clock; 0 without one that is trusted. */
    int64_t slot;    /**< By time: minutes of local time since 1970-01-01 00:00. Else 0. */
    uint32_t interval_minutes; /**< By interval. */
    uint32_t device_ms;        /**< The device's part. */
    uint32_t random_ms;        /**< The random part. */
    bool moved; /**< The slot's time does not exist that day: it begins after the gap. */
};

/**
 * The next run after now.
 *
 * @param[in]  rules  Borrowed for the call.
 * @param[in]  now    Borrowed for the call.
 * @param[out] out    `at_ms` is after `now_ms`. Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK     Set; `why` says whether one comes.
 * @retval PROV_E_ARG  A pointer is NULL, or a member is outside its range.
 * @threads   As the zone's callback.
 * @cost      O(times) for ten days; about 4 calls of the zone for each, 40 on the days of a change.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_schedule_next(const struct prov_schedule *rules,
                                                            const struct prov_schedule_now *now,
                                                            struct prov_schedule_run *out);

/**
 * Read a time of day: `H:MM` or `HH:MM`, 0:00 to 23:59.
 *
 * @param[in]  text    Borrowed for the call.
 * @param[out] minute  Since midnight. Unless true it is left as it was.
 * @return    Is it one? False if @p minute is NULL.
 * @threads   Safe from any thread.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API bool prov_schedule_read_time(struct prov_str text, uint16_t *minute);

/** Most bytes that prov_schedule_describe() appends. */
#define PROV_SCHEDULE_TEXT 160u

/**
 * Say why a run comes, for people: `time: 03:00 + 12 min 41 s of this device`.
 *
 * @param[in]     run  Borrowed for the call.
 * @param[in,out] out  The text is appended; #PROV_SCHEDULE_TEXT bytes do.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_SPACE  @p out is too small; it is as it was.
 * @threads   Safe from any thread.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_schedule_describe(const struct prov_schedule_run *run,
                                                                struct prov_buf *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_SCHEDULE_H */
