/* SPDX-License-Identifier: MIT */
#ifndef PROV_RETRY_H
#define PROV_RETRY_H

/**
 * @file
 * @brief How long to wait, and how a fleet of phones spreads over time (TRY-1, TRY-2).
 *
 * Layer: core (pure). No clock: everything is a length of time. Random parts are drawn in
 * milliseconds over the whole window, ends included, from a seed that the caller keeps; parts of a
 * device are the same for the same device whenever they are asked for.
 *
 *     struct prov_wait w = prov_retry_list_wait(delays, count, failures);
 *     w = prov_retry_raise(w, retry_after_s);
 *     next_ms = now_ms + prov_retry_wait_ms(w, &random);
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One delay of a list: @p fixed_s plus a random part from 0 to @p random_s. */
struct prov_delay {
    uint32_t fixed_s;  /**< Seconds. */
    uint32_t random_s; /**< Seconds. */
};

/** The session retry wait of TR-069 (Amendment 6, 3.2.1.1), an alternative to a list. */
struct prov_retry_formula {
    uint32_t minimum_s;  /**< m: minimum wait interval in seconds; 0 = 5. */
    uint32_t multiplier; /**< k: interval multiplier in thousandths, 1,000 or more; 0 = 2,000. */
};

/** A range to draw from. */
struct prov_wait {
    uint64_t fixed_ms;  /**< At least so long. */
    uint64_t random_ms; /**< And at most so much longer. */
};

/** Longest number of a list as text, in seconds. */
#define PROV_RETRY_TEXT_MAX_S 86400u

/** Longest Retry-After that is honoured, in seconds. */
#define PROV_RETRY_AFTER_MAX_S 86400u

/** The formula does not grow beyond this: 7 days. */
#define PROV_RETRY_FORMULA_MAX_MS UINT64_C(604800000)

/**
 * Next number of a splitmix64 sequence: small, and evenly spread from any seed.
 *
 * @param[in,out] state  Any number; moves on.
 * @threads   As for @p state.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API uint64_t prov_retry_random(uint64_t *state);

/**
 * A random length of time, for example before a run at start (TRY-2).
 *
 * @param[in]     most_ms  Less than 2^53: the bias of the draw cannot be measured then.
 * @param[in,out] random   As for prov_retry_random().
 * @return    0 to @p most_ms, both included.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API uint64_t prov_retry_draw_ms(uint64_t most_ms, uint64_t *random);

/**
 * Read a list of delays: `1800+300,3600+600`, seconds, the random part may be left out.
 *
 * @param[in]  text   Blanks around it do not count. Borrowed for the call.
 * @param[out] out    The list. Unless #PROV_OK its content is not specified.
 * @param[in]  cap    Entries at @p out.
 * @param[out] count  Entries set, 1 or more. Unless #PROV_OK it is left as it was.
 * @param[out] diag   Column of the first wrong byte. Unless #PROV_OK; `subject` lives as long as
 *                    @p text. May be NULL.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_ARG     A pointer is NULL.
 * @retval PROV_E_SYNTAX  It is no such list, or a number is above #PROV_RETRY_TEXT_MAX_S.
 * @retval PROV_E_SPACE   More than @p cap entries.
 * @threads   Safe from any thread.
 * @cost      O(text.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_retry_read(struct prov_str text,
                                                         struct prov_delay *out, size_t cap,
                                                         size_t *count, struct prov_diag *diag);

/**
 * The entry of a list that counts; the last one repeats.
 *
 * @param[in] delays    NULL, or no entries: 60+30, 300+60, 1800+300.
 * @param[in] failures  Attempts in a row that failed; 0 counts as 1.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API struct prov_wait prov_retry_list_wait(const struct prov_delay *delays, size_t count,
                                               uint64_t failures);

/**
 * The n-th wait of TR-069: from m (k/1000)^(n-1) to m (k/1000)^n; the tenth repeats. The range ends
 * at #PROV_RETRY_FORMULA_MAX_MS; where it would begin behind that, it is not raised any more.
 *
 * @param[in] f         NULL = presets. A multiplier below 1,000 counts as 1,000.
 * @param[in] failures  n; 0 counts as 1.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API struct prov_wait prov_retry_formula_wait(const struct prov_retry_formula *f,
                                                  uint64_t failures);

/**
 * A server asks for more time. Its Retry-After, clamped to 1 s .. 24 h, takes the place of a smaller
 * fixed part; the random part stays, so that phones which were refused in the same second do not
 * come back in the same second.
 *
 * @param[in] retry_after_s  0 = none.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API struct prov_wait prov_retry_raise(struct prov_wait wait, uint32_t retry_after_s);

/** Draw from the range. @cost Constant. @since 0.1 */
PROV_API uint64_t prov_retry_wait_ms(struct prov_wait wait, uint64_t *random);

/**
 * A number for a device, from its MAC address or another name that no other device has. Letters and
 * digits count, without regard to case: `00:80:F0:C5:71:EB` and `0080f0c571eb` are one device.
 *
 * @threads   Safe from any thread.
 * @cost      O(name.len).
 * @since     0.1
 */
PROV_API uint64_t prov_retry_device(struct prov_str name);

/**
 * The part of a window that belongs to a device, in milliseconds: always the same for the same
 * arguments, and over many devices evenly spread, also if their names follow one another.
 *
 * @param[in] device     From prov_retry_device(), or any other number.
 * @param[in] purpose    Different numbers give slots that have nothing to do with one another.
 * @param[in] window_ms  Less than 2^53.
 * @return    0 to @p window_ms - 1; 0 for an empty window.
 * @threads   Safe from any thread.
 * @cost      Constant.
 * @since     0.1
 */
PROV_API uint64_t prov_retry_slot_ms(uint64_t device, uint64_t purpose, uint64_t window_ms);

#ifdef __cplusplus
}
#endif
#endif /* PROV_RETRY_H */
