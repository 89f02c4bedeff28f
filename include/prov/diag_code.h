/* SPDX-License-Identifier: MIT */
/* made from lib/base/diagnostics.ini by lib/base/diagnostics.py; do not edit */
#ifndef PROV_DIAG_CODE_H
#define PROV_DIAG_CODE_H

/**
 * @file
 * @brief The numbers of all diagnostics. Explained in doc/diagnostics.md.
 *
 * Layer: base (pure).
 */

/* clang-format off */
/** A number keeps its meaning for ever. */
enum prov_diag_code {
    PROV_D_NONE = 0, /**< No diagnostic. */
    PROV_D_BAD_ARGUMENT = 1, /**< an argument is outside its documented range */
    PROV_D_ABI = 3, /**< a struct's size or a required member does not fit this library ({subject}) */
    PROV_D_CALLBACK = 5, /**< the port broke the contract of {subject} */
    PROV_D_STATE = 7, /**< the call is not allowed in this state */
    PROV_D_NO_ARENA_SPACE = 11, /**< the memory given is too small, {need} bytes would have done here */
    PROV_D_NO_BUFFER_SPACE = 13, /**< the result does not fit, it has {need} bytes */
    PROV_D_NO_HEAP = 17, /**< the XML parser could not get memory */
    PROV_D_URL_SCHEME_MISSING = 201, /**< the address has no scheme */
    PROV_D_URL_SCHEME_UNKNOWN = 204, /**< unknown scheme '{subject}' */
    PROV_D_URL_HOST = 206, /**< the host of the address is missing or malformed */
    PROV_D_URL_BAD_BYTE = 208, /**< a byte that an address cannot hold */
    PROV_D_URL_PORT = 210, /**< the port is not a number from 1 to 65535 */
    PROV_D_URL_TOO_LONG = 212, /**< the address is too long, the limit is {need} bytes */
    PROV_D_URL_ESCAPED_CONTROL = 214, /**< the address holds an escaped control character ('{subject}') */
    PROV_D_URL_USERINFO = 216, /**< the user part of the address is malformed */
    PROV_D_MACRO_BAD_VALUE = 221, /**< the value of marker '{subject}' holds a byte that an address cannot hold */
    PROV_D_IDENTITY = 223, /**< the device's {subject} is missing or malformed */
};
/* clang-format on */

#endif /* PROV_DIAG_CODE_H */
