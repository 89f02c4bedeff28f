/* SPDX-License-Identifier: MIT */
#ifndef PROV_EXPORT_H
#define PROV_EXPORT_H

/**
 * @file
 * @brief Visibility, compiler attributes and the version.
 *
 * Layer: base (pure).
 */

/** Version of the headers, `major.minor.patch`. */
#define PROV_VERSION "0.1.0"

/** Marks a function that the shared library exports. */
#if defined(__GNUC__)
#define PROV_API __attribute__((visibility("default")))
#else
#define PROV_API
#endif

/** Warn when the result of a function is not used. */
#if defined(__GNUC__)
#define PROV_NODISCARD __attribute__((warn_unused_result))
#else
#define PROV_NODISCARD
#endif

#endif /* PROV_EXPORT_H */
