/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_CRYPTO_H
#define PROV_ADAPTERS_CRYPTO_H

/**
 * @file
 * @brief Cipher engine for encrypted files on OpenSSL's libcrypto 3 (PAN-4).
 *
 * Layer: adapter, in the library `libprov-crypto`. No header of OpenSSL is needed to use it.
 */

#include <prov/enc.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The engine, on the default library context of OpenSSL.
 *
 * Which algorithms there are is up to OpenSSL's configuration. One that is not there, such as MD5
 * under FIPS rules, ends in #PROV_E_DENIED. OpenSSL's queue of errors is as it was after a call.
 *
 * @return  A table without a context; valid for ever.
 * @memory  Each call takes small blocks from OpenSSL's heap and gives them back, wiped.
 * @threads Safe from any thread.
 */
PROV_API struct prov_crypto prov_crypto_openssl(void);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_CRYPTO_H */
