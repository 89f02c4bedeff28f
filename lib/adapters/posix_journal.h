/* SPDX-License-Identifier: MIT */
#ifndef PROV_POSIX_JOURNAL_H
#define PROV_POSIX_JOURNAL_H

/*
 * How several files of a store change at one instant.
 *
 * New content waits under names of its own, synchronised. Then a list of what is to be done gets its
 * name, `transaction`: before that instant nothing counts, after it everything does, and what a
 * power cut has interrupted is done once more from the list. The list is text: a line with the
 * version, `put NAME` (what waits takes this name's place) and `drop NAME` (this name goes) in the
 * order of the table, and a line `end`. Whatever is not exactly that is no list.
 *
 * The settings are several files in some dialects, and what they were before the last change is kept
 * as one set of files, `NAME.previous.EXT`. The file `previous` is a list too: what is to be done to
 * make that set the current one. A file that was not there is dropped then.
 */

#include <prov/adapters/posix.h>

#include <stdint.h>

/* Files by number. The first ones are the items, in the order of enum prov_item. */
#define PROV_POSIX_PREVIOUS 11u /* those of the previous set */
#define PROV_POSIX_UNDO 19u     /* the list that goes with it */
#define PROV_POSIX_FILES 20u

struct prov_posix_name {
    const char *name;
    const char *fresh; /* where new content waits */
};
extern const struct prov_posix_name prov_posix_names[PROV_POSIX_FILES];

/* What a transaction does: one bit for each file. */
struct prov_posix_change {
    uint32_t put;
    uint32_t drop;
};

static inline uint32_t
prov_posix_bit(unsigned file)
{
    return (uint32_t)1 << file;
}

/* False: it cannot be read. *is_list: there is one, and it is whole. */
bool prov_posix_list_read(int at, const char *name, struct prov_posix_change *out, bool *is_list);

/* To a new file, synchronised. */
bool prov_posix_list_write(int at, const char *name, const struct prov_posix_change *change);

/* Remove all that waits; *any tells whether there was something. May be NULL. */
bool prov_posix_discard(int at, bool *any);

/*
 * All content and all new names are safe: let them count, at the commit point. A disk that fails
 * right there gets one chance to take it back; *unclear: it failed then too.
 */
bool prov_posix_decide(int at, const struct prov_posix_change *change, bool *unclear);

/* After the commit point. May be repeated. */
bool prov_posix_roll_forward(int at, const struct prov_posix_change *change);

/* Complete or discard what a power cut, or a disk that failed late, has left behind. */
bool prov_posix_repair(int at, enum prov_posix_repair *done);

/* ---- posix_previous.c ---- */

/* Files that make up the settings. */
uint32_t prov_posix_settings(void);

/* Add to a change of settings that the present ones become the previous ones. */
bool prov_posix_keep_previous(int at, struct prov_posix_change *change);

/* Add that the previous settings become the present ones. #PROV_E_NOT_FOUND: they are not there, or
 * not all of them. */
enum prov_status prov_posix_take_previous(int at, struct prov_posix_change *change);

#endif /* PROV_POSIX_JOURNAL_H */
