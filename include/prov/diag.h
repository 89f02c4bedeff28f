/* SPDX-License-Identifier: MIT */
#ifndef PROV_DIAG_H
#define PROV_DIAG_H

/**
 * @file
 * @brief What went wrong, where, and what to do about it.
 *
 * Layer: base (pure). A diagnostic is data; its text comes from the registry
 * only when somebody prints it. It never holds a setting's value or a secret.
 */

#include <stdbool.h>
#include <stdint.h>

#include <prov/buf.h>
#include <prov/diag_code.h>
#include <prov/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How bad a diagnostic is. Fixed per number in the registry. */
enum prov_severity {
    PROV_SEVERITY_WARNING = 0, /**< The work goes on. */
    PROV_SEVERITY_ERROR = 1,   /**< A file, a section or an operation is refused. */
};

/** One finding. All spans are borrowed; each function says from what. */
struct prov_diag {
    enum prov_status status;  /**< As the function answered; #PROV_OK for a warning. */
    enum prov_diag_code code; /**< Stable number, printed as `PROV-0208`. */
    uint32_t line;            /**< From 1; 0 = not about a line. */
    uint32_t column;          /**< In bytes, from 1; 0 = not about a column. */
    struct prov_str source;   /**< File name or redacted URL; empty if not known. */
    struct prov_str path;     /**< Path in the settings; empty if not about one. */
    struct prov_str subject;  /**< The word at fault: a name, a marker; empty if there is none. */
    size_t need;              /**< With #PROV_E_SPACE the capacity that would do; with
                                   #PROV_E_LIMIT the limit. */
};

/** Diagnostics in the order they were found. The first ones are kept, all are counted. */
struct prov_diags {
    struct prov_diag *items; /**< The caller's memory. */
    uint32_t cap;            /**< Entries at @p items. */
    uint32_t count;          /**< Entries in use. */
    uint32_t dropped;        /**< Further ones that found no room. */
};

/**
 * Append a diagnostic; when full, count it as dropped.
 *
 * @param[in,out] list  May be NULL: then nothing happens.
 * @param[in]     diag  Copied; its spans stay borrowed.
 * @cost      Constant.
 */
PROV_API void prov_diags_add(struct prov_diags *list, const struct prov_diag *diag);

/** Severity of a number as the registry has it; an unknown number is an error. */
PROV_API enum prov_severity prov_diag_severity(enum prov_diag_code code);

/** What a person can do about it: one sentence from the registry, `""` for an unknown number. */
PROV_API const char *prov_diag_remedy(enum prov_diag_code code);

/**
 * Append the text alone, such as `unknown scheme 'gopher'`.
 *
 * What somebody else wrote (subject, path, source) is shown so that it cannot steer a terminal:
 * control characters, marks that change the direction of text, and bytes that are not valid UTF-8
 * appear as `\xNN`. A subject is cut after 100 bytes and a path after 500; `...` marks the place.
 *
 * @param[in]     diag  Its spans are read.
 * @param[in,out] out   Appended to.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @cost      O(length).
 */
PROV_API PROV_NODISCARD enum prov_status prov_diag_text(const struct prov_diag *diag,
                                                        struct prov_buf *out);

/**
 * Append one line without a line end: `source:line:column: error: text [PROV-0208]`.
 * Parts that are not known are left out; a path follows the text as ` (at /a/b)`. Foreign bytes
 * are shown as by prov_diag_text().
 *
 * @param[in]     diag  Its spans are read.
 * @param[in,out] out   Appended to.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    A pointer is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @cost      O(length).
 */
PROV_API PROV_NODISCARD enum prov_status prov_diag_format(const struct prov_diag *diag,
                                                          struct prov_buf *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_DIAG_H */
