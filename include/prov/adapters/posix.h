/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_POSIX_H
#define PROV_ADAPTERS_POSIX_H

/**
 * @file
 * @brief Store in a folder, and clock, for POSIX systems.
 *
 * Layer: adapter, in the library `libprov-posix`.
 */

#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque. */
struct prov_posix_store;

/**
 * Open a folder as a store; it is created (mode 0700) if it is missing. Its parent must exist.
 *
 * Files: `settings.xml`, `settings.previous.xml` (the last good ones), `state`. New content is
 * written to a file of its own, synchronised, and renamed; the folder is synchronised too. A
 * transaction of several files has one commit point; one that a power cut left behind is completed
 * or discarded here.
 *
 * @param[out] out     The object; close it with prov_posix_store_close().
 * @param[in]  folder  Path. Copied.
 *
 * @retval PROV_OK         Open.
 * @retval PROV_E_ARG      A pointer is NULL.
 * @retval PROV_E_STORAGE  The folder cannot be made, opened or repaired; `errno` says why.
 * @retval PROV_E_STATE    Another process has it open.
 * @retval PROV_E_MEMORY   No memory.
 * @threads   An object is used by one thread at a time.
 */
PROV_API PROV_NODISCARD enum prov_status prov_posix_store_open(struct prov_posix_store **out,
                                                               const char *folder);

/** Discard an unfinished transaction, close, free, and set to NULL. NULL or a pointer to NULL is no
 * error. */
PROV_API void prov_posix_store_close(struct prov_posix_store **store);

/** The store table with this object. Valid as long as @p store. */
PROV_API struct prov_store prov_posix_store_table(struct prov_posix_store *store);

/** A clock on clock_gettime() and nanosleep(). The wall clock counts as trusted from 2024 on,
 * before that as unknown. */
PROV_API struct prov_clock prov_posix_clock(void);

/** 64 random bits for a session's seed. @return #PROV_OK, #PROV_E_STORAGE if the system has none.
 */
PROV_API PROV_NODISCARD enum prov_status prov_posix_seed(uint64_t *seed);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_POSIX_H */
