/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_POSIX_H
#define PROV_ADAPTERS_POSIX_H

/**
 * @file
 * @brief Store in a folder, clock and entropy for POSIX systems.
 *
 * Layer: adapter, in the library `libprov-posix`.
 */

#include <prov/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque. */
struct prov_posix_store;

/** What prov_posix_store_open() found. */
enum prov_posix_repair {
    PROV_POSIX_REPAIR_NONE = 0,      /**< Nothing was left behind: the last transaction is whole. */
    PROV_POSIX_REPAIR_COMPLETED = 1, /**< One had passed its commit point: it was completed, the new
                                        content is in force. */
    PROV_POSIX_REPAIR_DISCARDED = 2, /**< One had not: it was discarded, the old content is in
                                        force. */
};

/**
 * Open a folder as a store (STO-1); it is created (mode 0700) if it is missing. Its parent must
 * exist.
 *
 * Files: `settings.xml`, or for a dialect with layers `initial.cfg`, `standard.cfg`, `product.cfg`,
 * `master.cfg`; root certificates `root-1.pem` to `root-3.pem`; `user.cfg`, which the vendor writes;
 * `state`, `tree`, and `lock`. The settings as they were before the last commit that changed them:
 * `settings.previous.xml`, `initial.previous.cfg` and so on, always all of them together, and the
 * list `previous` of what belongs to them; second names of the same files where the file system has
 * hard links, and the files are not edited in place but replaced. While a commit is under way there
 * are `NAME.new` and `transaction` too. Nothing else in the folder is touched.
 *
 * New content goes to `NAME.new` (mode 0600), is synchronised, and is renamed after the list of
 * files, `transaction`, is on the disk: that is the one commit point of all files together. What a
 * power cut left behind is completed or discarded here. A program that reads `settings.xml` on its
 * own sees the old or the new file, never a part; it is to be opened only after this function has
 * run once since boot. A `settings.xml` that is a symbolic link is read through the link, and the
 * first commit replaces the link by a file.
 *
 * The lock is the kernel's (flock): it ends with the process, however that ends.
 *
 * @param[out] out     The object; close it with prov_posix_store_close(). Unless #PROV_OK it is
 *                     left as it was.
 * @param[in]  path    The folder. Borrowed for the call.
 *
 * @retval PROV_OK         Open.
 * @retval PROV_E_ARG      A pointer is NULL or the path is empty.
 * @retval PROV_E_STORAGE  The folder cannot be made, opened or repaired; `errno` says why.
 * @retval PROV_E_STATE    It is open already, in this process or another.
 * @retval PROV_E_MEMORY   No memory.
 * @memory    One small block of the C library's heap, until closed.
 * @threads   An object is used by one thread at a time.
 * @cost      A dozen system calls; blocks while the disk synchronises if there is something to
 *            complete.
 */
PROV_API PROV_NODISCARD enum prov_status prov_posix_store_open(struct prov_posix_store **out,
                                                               const char *path);

/**
 * Discard an unfinished transaction, close, free, and set to NULL.
 *
 * @param[in,out] store  NULL or a pointer to NULL is no error.
 */
PROV_API void prov_posix_store_close(struct prov_posix_store **store);

/**
 * What was left behind by a power cut or a kill when the store was opened, and what was done.
 *
 * @param[in] store  From prov_posix_store_open(). NULL is no error.
 * @return    Constant as long as @p store.
 * @cost      Constant.
 */
PROV_API enum prov_posix_repair prov_posix_store_repaired(const struct prov_posix_store *store);

/**
 * The store table with this object.
 *
 * After #PROV_E_STORAGE `errno` says why (`ENOSPC`, `EIO`, ...) and the old content is in force.
 * A commit without a put changes nothing and is #PROV_OK; one after a put that failed is
 * #PROV_E_STORAGE. If the disk fails after the commit point, the commit is #PROV_OK (the new
 * content is safe) and the next call, or the next prov_posix_store_open(), finishes the work. Only
 * a disk that fails at the commit point and again while that is taken back leaves open which
 * content is in force; the commit is then #PROV_E_STORAGE.
 *
 * A restore leaves the previous settings where they are: they are current and previous then, and a
 * second restore changes nothing. #PROV_E_NOT_FOUND comes with `errno` `ENOENT`.
 *
 * A load that prov_run_body() stops ends with #PROV_E_STORAGE and `errno` `EFBIG`.
 *
 * @param[in] store  From prov_posix_store_open().
 * @return    Valid as long as @p store.
 */
PROV_API struct prov_store prov_posix_store_table(struct prov_posix_store *store);

/**
 * A clock on `clock_gettime(CLOCK_MONOTONIC)` and `nanosleep()`.
 *
 * The wall clock counts as trusted from 2024-01-01 on, before that as unknown: a device without a
 * battery starts in 1970 (DSC-6). `sleep` returns early when a signal arrives.
 *
 * @return  A table without a context; valid for ever.
 * @threads Safe from any thread.
 */
PROV_API struct prov_clock prov_posix_clock(void);

/**
 * 64 random bits for a session's seed, from the kernel.
 *
 * Does not wait for entropy early after boot: the seed spreads delays, it makes no keys.
 *
 * @param[out] seed  Unless #PROV_OK it is left as it was.
 *
 * @retval PROV_OK         Set.
 * @retval PROV_E_ARG      @p seed is NULL.
 * @retval PROV_E_STORAGE  The system has none; `errno` says why.
 * @threads Safe from any thread.
 */
PROV_API PROV_NODISCARD enum prov_status prov_posix_seed(uint64_t *seed);

#ifdef __cplusplus
}
#endif
#endif /* PROV_ADAPTERS_POSIX_H */
