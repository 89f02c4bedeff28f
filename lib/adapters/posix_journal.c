/* SPDX-License-Identifier: MIT */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "posix_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "posix_file.h"

#define NAME(text) \
    { \
        text, text ".new" \
    }

const struct prov_posix_name prov_posix_names[PROV_POSIX_FILES] = {
    NAME("settings.xml"),
    NAME("state"),
    NAME("user.cfg"),
    NAME("initial.cfg"),
    NAME("standard.cfg"),
    NAME("product.cfg"),
    NAME("master.cfg"),
    NAME("tree"),
    NAME("root-1.pem"),
    NAME("root-2.pem"),
    NAME("root-3.pem"),
    NAME("settings.previous.xml"),
    NAME("initial.previous.cfg"),
    NAME("standard.previous.cfg"),
    NAME("product.previous.cfg"),
    NAME("master.previous.cfg"),
    NAME("root-1.previous.pem"),
    NAME("root-2.previous.pem"),
    NAME("root-3.previous.pem"),
    NAME("previous"),
};

static const struct prov_posix_name transaction = NAME("transaction");

/* ---- lists ---- */

#define HEAD "libprov transaction 2\n"
#define END "end\n"
#define PUT "put "
#define DROP "drop "
#define LIST_CAP 1024u /* more than a list of all files has */

/* Take one line off the text; false unless it is this one. */
static bool
take(const char **text, const char *line)
{
    const size_t n = strlen(line);

    if (strncmp(*text, line, n) != 0)
        return false;
    *text += n;
    return true;
}

/* The same for a line of two words. */
static bool
take_words(const char **text, const char *verb, const char *name)
{
    const char *at = *text;

    if (!take(&at, verb) || !take(&at, name) || !take(&at, "\n"))
        return false;
    *text = at;
    return true;
}

/* Each file at most once, and in the order of the table. */
static bool
parse(const char *text, struct prov_posix_change *out)
{
    struct prov_posix_change c = { 0, 0 };

    if (!take(&text, HEAD))
        return false;
    for (unsigned i = 0; i < PROV_POSIX_FILES; i++) {
        if (take_words(&text, PUT, prov_posix_names[i].name))
            c.put |= prov_posix_bit(i);
        else if (take_words(&text, DROP, prov_posix_names[i].name))
            c.drop |= prov_posix_bit(i);
    }
    if (!take(&text, END) || *text != '\0' || (c.put | c.drop) == 0)
        return false;
    *out = c;
    return true;
}

/* Answers the length; LIST_CAP = too long for a list; -1 = it cannot be read. */
static ssize_t
read_whole(int fd, char text[static LIST_CAP + 1])
{
    size_t len = 0;
    ssize_t got;

    do {
        got = prov_posix_read_some(fd, text + len, LIST_CAP - len);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0 && len < LIST_CAP);
    text[len] = '\0';
    return got < 0 ? -1 : (ssize_t)len;
}

bool
prov_posix_list_read(int at, const char *name, struct prov_posix_change *out, bool *is_list)
{
    char text[LIST_CAP + 1];
    int fd = prov_posix_open_at(at, name, O_RDONLY | O_NOFOLLOW);
    ssize_t len;

    *is_list = false;
    if (fd < 0)
        return errno == ENOENT;
    len = read_whole(fd, text);
    prov_posix_close_fd(&fd);
    if (len < 0)
        return false;
    *is_list = strlen(text) == (size_t)len && parse(text, out);
    return true;
}

bool
prov_posix_list_write(int at, const char *name, const struct prov_posix_change *change)
{
    char text[LIST_CAP] = HEAD;
    size_t len = strlen(text);
    int fd;

    for (unsigned i = 0; i < PROV_POSIX_FILES; i++) {
        const bool put = (change->put & prov_posix_bit(i)) != 0;

        if (put || (change->drop & prov_posix_bit(i)) != 0)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s\n", put ? PUT : DROP,
                                    prov_posix_names[i].name);
    }
    len += (size_t)snprintf(text + len, sizeof(text) - len, END);
    fd = prov_posix_create(at, name);

    const bool ok = fd >= 0 && prov_posix_write_all(fd, text, len) && prov_posix_sync(fd);

    prov_posix_close_fd(&fd);
    return ok;
}

/* ---- completing and discarding ---- */

bool
prov_posix_discard(int at, bool *any)
{
    bool was, found = false;
    bool ok = prov_posix_remove(at, transaction.fresh, &was);

    found = was;
    for (size_t i = 0; i < PROV_POSIX_FILES; i++) {
        ok = prov_posix_remove(at, prov_posix_names[i].fresh, &was) && ok;
        found = found || was;
    }
    if (any != NULL)
        *any = found;
    return ok;
}

bool
prov_posix_decide(int at, const struct prov_posix_change *change, bool *unclear)
{
    *unclear = false;
    if (!prov_posix_list_write(at, transaction.fresh, change) || !prov_posix_sync(at) ||
        renameat(at, transaction.fresh, at, transaction.name) != 0)
        return false;
    if (prov_posix_sync(at))
        return true;

    const int saved = errno;

    *unclear = !prov_posix_remove(at, transaction.name, NULL) || !prov_posix_sync(at);
    errno = saved;
    return false;
}

/* What has been renamed is simply not there any more. A rename to a name of the same file does
 * nothing at all, so the other name is removed. */
static bool
put_name(int at, const struct prov_posix_name *n)
{
    if (renameat(at, n->fresh, at, n->name) != 0)
        return errno == ENOENT;
    return prov_posix_remove(at, n->fresh, NULL);
}

bool
prov_posix_roll_forward(int at, const struct prov_posix_change *change)
{
    for (unsigned i = 0; i < PROV_POSIX_FILES; i++) {
        const struct prov_posix_name *n = &prov_posix_names[i];

        if ((change->put & prov_posix_bit(i)) != 0 && !put_name(at, n))
            return false;
        if ((change->drop & prov_posix_bit(i)) != 0 && !prov_posix_remove(at, n->name, NULL))
            return false;
    }
    /* The list goes only when all names are safe; the next transaction starts only without it. */
    return prov_posix_sync(at) && prov_posix_remove(at, transaction.name, NULL) &&
           prov_posix_sync(at);
}

bool
prov_posix_repair(int at, enum prov_posix_repair *done)
{
    struct prov_posix_change change;
    bool is_list, any, was = false;

    *done = PROV_POSIX_REPAIR_NONE;
    if (!prov_posix_list_read(at, transaction.name, &change, &is_list))
        return false;
    if (is_list && !prov_posix_roll_forward(at, &change))
        return false;
    /* Without a list, or with one that is no list of ours, nothing was committed. */
    if (!is_list && !(prov_posix_remove(at, transaction.name, &was) && prov_posix_sync(at)))
        return false;
    if (!prov_posix_discard(at, &any))
        return false;
    if (is_list)
        *done = PROV_POSIX_REPAIR_COMPLETED;
    else if (was || any)
        *done = PROV_POSIX_REPAIR_DISCARDED;
    return true;
}
