/* SPDX-License-Identifier: MIT */
#ifndef PROV_CERT_H
#define PROV_CERT_H

/**
 * @file
 * @brief Files of root certificates: is it one, and the same as PEM (PAN-3).
 *
 * Layer: core (pure). No I/O, no clock, no heap, no global state.
 *
 * Only the form is looked at: whether the bytes are X.509 certificates from the first to the last.
 * Whom they name, how long they are valid and what they sign is for the TLS library to judge.
 *
 * A file is either one certificate in DER, or text with one or more certificates in PEM (RFC 7468):
 * `-----BEGIN CERTIFICATE-----`, lines of base64, `-----END CERTIFICATE-----`. What stands between
 * them, such as explanations or blank lines, is not looked at; anything else between such marks
 * refuses the file, a private key with a diagnostic of its own: it must never lie on a server
 * for everybody.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest file, and longest PEM that is made of one. Root certificates have one to three thousand bytes. */
#define PROV_CERT_FILE_BYTES 16384u

/** How a file writes them. */
enum prov_cert_form {
    PROV_CERT_PEM = 0,
    PROV_CERT_DER = 1,
};

/** What a file holds. */
struct prov_certs {
    enum prov_cert_form form;
    uint32_t count;   /**< Certificates, at least 1; more than one only in PEM. */
    size_t pem_bytes; /**< That prov_cert_put() would append. */
};

/**
 * Check a file.
 *
 * Strict where it counts: the lengths of DER are the shortest possible and fit exactly, nothing
 * stands behind a certificate, base64 has no foreign byte, no wrong padding and no stray bits. A
 * certificate is a SEQUENCE of: the part that is signed, a SEQUENCE of the fields of RFC 5280
 * section 4.1 in their order, by their tags; an algorithm; and a BIT STRING. Lines of base64 may
 * have any length, and end with LF or CR LF. A byte order mark is skipped.
 *
 * @param[in]  source  Name of the file, for the diagnostic.
 * @param[in]  file    Borrowed for the call.
 * @param[out] out     Unless #PROV_OK it is left as it was.
 * @param[out] diag    Filled on every result but #PROV_OK. May be NULL. In text, `line` and `column`
 *                     are the place; in DER `line` is 0 and `column` the byte from 1. Its `source`
 *                     is borrowed from @p source.
 *
 * @retval PROV_OK        @p out is set.
 * @retval PROV_E_ARG     @p out is NULL.
 * @retval PROV_E_LIMIT   More than #PROV_CERT_FILE_BYTES, as it is or as PEM.
 * @retval PROV_E_TYPE    No certificate, or something else as well: text without marks, marks of
 *                        another kind, other DER.
 * @retval PROV_E_DENIED  It holds a private key.
 * @retval PROV_E_SYNTAX  A certificate is damaged or cut off.
 * @threads   Safe from any thread as long as @p out is not shared.
 * @memory    None but the stack.
 * @cost      O(file.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_cert_read(struct prov_str source,
                                                        struct prov_str file,
                                                        struct prov_certs *out,
                                                        struct prov_diag *diag);

/**
 * Append all certificates of a file as PEM in one and the same form: lines of 64 characters, LF,
 * nothing between the certificates.
 *
 * @param[in]     file  That prov_cert_read() took. Borrowed for the call; not overlapping @p out.
 * @param[in,out] out   Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK       Appended `pem_bytes`; prov_cert_read() takes them, and this function would
 *                       write the same again.
 * @retval PROV_E_ARG    @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit.
 * @retval other         As for prov_cert_read().
 * @threads   Safe from any thread as long as @p out is not shared.
 * @cost      O(file.len).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_cert_put(struct prov_str file, struct prov_buf *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_CERT_H */
