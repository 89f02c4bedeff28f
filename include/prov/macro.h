/* SPDX-License-Identifier: MIT */
#ifndef PROV_MACRO_H
#define PROV_MACRO_H

/**
 * @file
 * @brief Replacement of markers such as `{mac}` or `<MACADR>` in URLs (MAC-1..3).
 *
 * Layer: core (pure). No I/O, no clock, no heap, no global state.
 */

#include <prov/base.h>
#include <prov/dialect.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a value is written into the output. */
enum prov_macro_enc {
    /** As it is. A byte that no request line may hold is refused. */
    PROV_MACRO_ENC_RAW = 0,
    /** Every byte that is not RFC 3986 "unreserved" becomes `%XX`. */
    PROV_MACRO_ENC_PERCENT = 1,
};

/** One marker and what stands for it. Both spans are borrowed. */
struct prov_macro {
    struct prov_str marker; /**< With its brackets; matched byte for byte. */
    struct prov_str value;  /**< May be empty. Never searched for markers. */
};

/** The markers of one dialect, with the values of one device. */
struct prov_macro_set {
    const struct prov_macro *items; /**< May be NULL if @p count is 0. */
    size_t count;                   /**< Entries in @p items. */
};

/** Most markers a dialect may have. */
#define PROV_MACRO_MAX 32

/** Room for the markers of a device. Points into itself: MUST NOT be copied or moved while used. */
struct prov_macro_table {
    struct prov_macro_set set; /**< What prov_macro_expand() takes. */
    struct prov_macro items[PROV_MACRO_MAX];
    char mac_upper[12];
    char mac_lower[12];
};

/**
 * Fill a table with the markers of a dialect and the values of a device (MAC-1, MAC-2).
 *
 * A value that the identity leaves empty stands for nothing: `{serial}` becomes the empty text.
 * Values are not checked here; prov_macro_expand() encodes or refuses their bytes.
 *
 * @param[in]  dialect  Its markers are used; they are borrowed as long as @p out is used.
 * @param[in]  id       The device. Its spans, but not the struct, are borrowed as long as @p out is
 *                      used.
 * @param[out] out      The table. Unless #PROV_OK it is left as it was.
 * @param[out] diag     Filled on every result but #PROV_OK. May be NULL.
 *
 * @retval PROV_OK         Filled.
 * @retval PROV_E_ARG      A pointer is NULL, the dialect has more than #PROV_MACRO_MAX markers, or
 *                         one of them is empty or stands for a value that is not known.
 * @retval PROV_E_ABI      The `size` of the dialect or the identity does not fit (see prov/abi.h);
 *                         `diag->subject` names the struct.
 * @retval PROV_E_INVALID  A marker needs the MAC address, and it is not 12 hexadecimal digits,
 *                         plain or with all five pairs separated by `:` or all by `-`;
 *                         `diag->subject` is `mac`.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(markers).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_macro_bind(const struct prov_dialect *dialect,
                                                         const struct prov_identity *id,
                                                         struct prov_macro_table *out,
                                                         struct prov_diag *diag);

/**
 * Replace every marker of a template and append the result to a buffer.
 *
 * The template is read once, left to right; where several markers match, the
 * longest wins (`$MAU` before `$MA`). Everything else is copied, unknown and
 * broken markers too: phones in the field do that and templates count on it.
 * A value that looks like a marker is not replaced again.
 *
 * @param[in]     tmpl  Template, no terminating NUL needed. Its own text is
 *                      not checked here; prov_uri_parse() does that.
 * @param[in]     set   Markers to use. Must not be NULL.
 * @param[in]     enc   How values are written. Literal text is never encoded.
 * @param[in,out] out   Buffer to append to. Unless #PROV_OK, its length and
 *                      the bytes before it stay as they were.
 * @param[out]    diag  Filled on every result except #PROV_OK. May be NULL.
 *                      `diag->column` counts bytes of @p tmpl from 1, and
 *                      `diag->subject` points into @p tmpl, never to a value.
 *
 * @retval PROV_OK        @p out holds the expanded text.
 * @retval PROV_E_ARG     @p set or @p out is NULL, @p enc is not known, a
 *                        marker is empty, or @p tmpl has UINT32_MAX bytes
 *                        or more.
 * @retval PROV_E_DENIED  With #PROV_MACRO_ENC_RAW only: the value for the
 *                        marker at `diag->column` holds a blank, a control
 *                        character or a byte above 0x7E.
 * @retval PROV_E_SPACE   The text does not fit. `diag->need` is the capacity
 *                        (`out->cap`) that would have sufficed.
 *
 * @ownership Nothing is kept. All inputs are borrowed for the call.
 * @memory    Writes only to `out->ptr[out->len .. out->cap)`. No allocation.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(tmpl.len * set->count) marker compares; at most 256 bytes of
 *            stack in an optimised build.
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status
prov_macro_expand(struct prov_str tmpl, const struct prov_macro_set *set, enum prov_macro_enc enc,
                  struct prov_buf *out, struct prov_diag *diag);

#ifdef __cplusplus
}
#endif
#endif /* PROV_MACRO_H */
