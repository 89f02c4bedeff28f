/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

/* The settings as they were before the last change, as one set of files. */

#include <errno.h>
#include <stddef.h>

#include "posix_file.h"
#include "posix_journal.h"

/* What makes up the settings; the set's files have numbers in this order. What the vendor writes
 * by itself, and what the library remembers, are not part of it. */
static const enum prov_item items[] = {
    PROV_ITEM_SETTINGS, PROV_ITEM_INITIAL, PROV_ITEM_STANDARD, PROV_ITEM_PRODUCT,
    PROV_ITEM_MASTER,   PROV_ITEM_CERT_1,  PROV_ITEM_CERT_2,   PROV_ITEM_CERT_3,
};
#define ITEMS (sizeof(items) / sizeof(items[0]))

#define LIST prov_posix_names[PROV_POSIX_UNDO]

uint32_t
prov_posix_settings(void)
{
    uint32_t set = 0;

    for (unsigned i = 0; i < ITEMS; i++)
        set |= prov_posix_bit(items[i]);
    return set;
}

/* An item now, and in the set. */
struct pair {
    uint32_t item, kept; /* bits */
    const struct prov_posix_name *now, *before;
    bool there, was;
    bool same; /* two names of one file */
};

static bool
look(int at, unsigned i, struct pair *p)
{
    struct prov_posix_file_id now, before;

    p->item = prov_posix_bit(items[i]);
    p->kept = prov_posix_bit(PROV_POSIX_PREVIOUS + i);
    p->now = &prov_posix_names[items[i]];
    p->before = &prov_posix_names[PROV_POSIX_PREVIOUS + i];
    if (!prov_posix_identify(at, p->now->name, &now) ||
        !prov_posix_identify(at, p->before->name, &before))
        return false;
    p->there = now.there;
    p->was = before.there;
    p->same = now.there && before.there && now.device == before.device && now.inode == before.inode;
    return true;
}

/* One that is there already needs no writing. */
static bool
keep_list(int at, const struct prov_posix_change *undo, struct prov_posix_change *change)
{
    struct prov_posix_change old = { 0, 0 };
    bool is_list;

    if (!prov_posix_list_read(at, LIST.name, &old, &is_list))
        return false;
    if (is_list && old.put == undo->put && old.drop == undo->drop)
        return true;
    change->put |= prov_posix_bit(PROV_POSIX_UNDO);
    return prov_posix_list_write(at, LIST.fresh, undo);
}

bool
prov_posix_keep_previous(int at, struct prov_posix_change *change)
{
    struct prov_posix_change undo = { 0, 0 };

    for (unsigned i = 0; i < ITEMS; i++) {
        struct pair p;

        if (!look(at, i, &p))
            return false;
        if (p.there)
            undo.put |= p.item;
        else
            undo.drop |= p.item;
        if (p.there && !p.same) {
            if (!prov_posix_duplicate(at, p.now->name, p.before->fresh))
                return false;
            change->put |= p.kept;
        } else if (!p.there && p.was) {
            change->drop |= p.kept;
        }
    }
    return keep_list(at, &undo, change);
}

static enum prov_status
take_one(int at, unsigned i, const struct prov_posix_change *undo, struct prov_posix_change *change)
{
    struct pair p;

    if (!look(at, i, &p))
        return PROV_E_STORAGE;
    if ((undo->put & p.item) == 0) {
        change->drop |= p.there ? p.item : 0;
        return PROV_OK;
    }
    if (!p.was) {
        errno = ENOENT;
        return PROV_E_NOT_FOUND;
    }
    if (p.same)
        return PROV_OK;
    change->put |= p.item;
    return prov_posix_duplicate(at, p.before->name, p.now->fresh) ? PROV_OK : PROV_E_STORAGE;
}

enum prov_status
prov_posix_take_previous(int at, struct prov_posix_change *change)
{
    struct prov_posix_change undo = { 0, 0 };
    enum prov_status status = PROV_OK;
    bool is_list;

    if (!prov_posix_list_read(at, LIST.name, &undo, &is_list))
        return PROV_E_STORAGE;
    if (!is_list || (undo.put | undo.drop) != prov_posix_settings()) {
        errno = ENOENT;
        return PROV_E_NOT_FOUND;
    }
    for (unsigned i = 0; i < ITEMS && status == PROV_OK; i++)
        status = take_one(at, i, &undo, change);
    return status;
}
