/* SPDX-License-Identifier: MIT */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* flock() */
#endif

#include <prov/run.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "posix_file.h"
#include "posix_journal.h"

#define CHUNK 4096

struct prov_posix_store {
    int folder;
    int lock;
    int fd[PROV_ITEMS];              /* of the new content, -1 = not put */
    bool open;                       /* a transaction is under way */
    bool failed;                     /* a put failed: it cannot be committed */
    bool needs_repair;               /* a transaction is to be completed or discarded first */
    enum prov_posix_repair repaired; /* when it was opened */
};

/* ---- the table ---- */

static bool
repair(struct prov_posix_store *s, enum prov_posix_repair *done)
{
    s->needs_repair = !prov_posix_repair(s->folder, done);
    return !s->needs_repair;
}

/* What an operation before has not finished is finished now. */
static bool
is_ready(struct prov_posix_store *s)
{
    enum prov_posix_repair done;

    return !s->needs_repair || repair(s, &done);
}

static void
rollback(void *ctx)
{
    struct prov_posix_store *s = ctx;
    const int saved = errno;

    for (size_t i = 0; i < PROV_ITEMS; i++)
        prov_posix_close_fd(&s->fd[i]);
    /* After the commit point the new files are the content; they wait for the repair. */
    if (s->open && !s->needs_repair)
        (void)prov_posix_discard(s->folder, NULL);
    s->open = false;
    s->failed = false;
    errno = saved;
}

static enum prov_status
begin(void *ctx)
{
    struct prov_posix_store *s = ctx;

    rollback(s);
    if (!is_ready(s))
        return PROV_E_STORAGE;
    s->open = true;
    return PROV_OK;
}

static enum prov_status
put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    struct prov_posix_store *s = ctx;

    if (!s->open || (unsigned)item >= PROV_ITEMS) {
        errno = EINVAL;
        return PROV_E_STORAGE;
    }
    if (s->fd[item] < 0)
        s->fd[item] = prov_posix_create(s->folder, prov_posix_names[item].fresh);
    if (s->fd[item] >= 0 && prov_posix_write_all(s->fd[item], bytes, len))
        return PROV_OK;
    s->failed = true;
    return PROV_E_STORAGE;
}

/* What was put is safe, but does not count yet. */
static bool
sync_items(struct prov_posix_store *s, uint32_t *put)
{
    for (unsigned i = 0; i < PROV_ITEMS; i++) {
        if (s->fd[i] < 0)
            continue;
        if (!prov_posix_sync(s->fd[i]))
            return false;
        prov_posix_close_fd(&s->fd[i]);
        *put |= prov_posix_bit(i);
    }
    return true;
}

static bool
decide(struct prov_posix_store *s, const struct prov_posix_change *change)
{
    return (change->put | change->drop) == 0 ||
           prov_posix_decide(s->folder, change, &s->needs_repair);
}

/* The transaction is the content, or it has failed and is taken back. */
static enum prov_status
finish(struct prov_posix_store *s, enum prov_status status, const struct prov_posix_change *change)
{
    if (status == PROV_OK && !decide(s, change))
        status = PROV_E_STORAGE;
    if (status != PROV_OK) {
        rollback(s);
        return status;
    }
    if ((change->put | change->drop) != 0)
        s->needs_repair = !prov_posix_roll_forward(s->folder, change);
    s->open = false;
    return PROV_OK;
}

static bool
is_committable(const struct prov_posix_store *s)
{
    if (!s->open || s->failed)
        errno = s->open ? EIO : EINVAL;
    return s->open && !s->failed;
}

static enum prov_status
commit(void *ctx)
{
    struct prov_posix_store *s = ctx;
    struct prov_posix_change change = { 0, 0 };
    bool ok = is_committable(s) && sync_items(s, &change.put);

    if (ok && (change.put & prov_posix_settings()) != 0)
        ok = prov_posix_keep_previous(s->folder, &change);
    return finish(s, ok ? PROV_OK : PROV_E_STORAGE, &change);
}

static enum prov_status
restore(void *ctx)
{
    struct prov_posix_store *s = ctx;
    struct prov_posix_change change = { 0, 0 };
    enum prov_status status = PROV_E_STORAGE;

    if (is_committable(s) && sync_items(s, &change.put)) {
        errno = EINVAL;
        if ((change.put & prov_posix_settings()) == 0)
            status = prov_posix_take_previous(s->folder, &change);
    }
    return finish(s, status, &change);
}

static enum prov_status
report_file(int fd, uint32_t id, struct prov_run *run)
{
    char chunk[CHUNK];
    ssize_t got;

    while ((got = prov_posix_read_some(fd, chunk, sizeof(chunk))) > 0) {
        if (prov_run_body(run, id, chunk, (size_t)got) != PROV_OK) {
            errno = EFBIG;
            return PROV_E_STORAGE;
        }
    }
    return got == 0 ? PROV_OK : PROV_E_STORAGE;
}

static enum prov_status
load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    struct prov_posix_store *s = ctx;

    if ((unsigned)item >= PROV_ITEMS) {
        errno = EINVAL;
        return PROV_E_STORAGE;
    }
    if (!is_ready(s))
        return PROV_E_STORAGE;

    int fd = prov_posix_open_at(s->folder, prov_posix_names[item].name, O_RDONLY);

    if (fd < 0)
        return errno == ENOENT ? PROV_E_NOT_FOUND : PROV_E_STORAGE;

    const enum prov_status status = report_file(fd, id, run);

    prov_posix_close_fd(&fd);
    return status;
}

/* ---- opening and closing ---- */

static void
release(struct prov_posix_store *s)
{
    const int saved = errno;

    prov_posix_close_fd(&s->lock);
    prov_posix_close_fd(&s->folder);
    free(s);
    errno = saved;
}

static bool
open_folder(struct prov_posix_store *s, const char *path)
{
    const bool made = mkdir(path, 0700) == 0;

    if (!made && errno != EEXIST)
        return false;
    s->folder = prov_posix_open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    if (s->folder < 0 || !made)
        return s->folder >= 0;

    /* The name of a new folder is content of its parent; one we may not open is not our matter. */
    int parent = prov_posix_open_at(s->folder, "..", O_RDONLY | O_DIRECTORY);
    const bool ok = parent < 0 || prov_posix_sync(parent);

    prov_posix_close_fd(&parent);
    return ok;
}

static enum prov_status
take_lock(struct prov_posix_store *s)
{
    s->lock = prov_posix_open_at(s->folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW);
    if (s->lock < 0)
        return PROV_E_STORAGE;
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
        return PROV_OK;
    return errno == EWOULDBLOCK ? PROV_E_STATE : PROV_E_STORAGE;
}

enum prov_status
prov_posix_store_open(struct prov_posix_store **out, const char *path)
{
    if (out == NULL || path == NULL || path[0] == '\0')
        return PROV_E_ARG;

    struct prov_posix_store *s = malloc(sizeof(*s));

    if (s == NULL)
        return PROV_E_MEMORY;
    *s = (struct prov_posix_store){ .folder = -1, .lock = -1 };
    for (size_t i = 0; i < PROV_ITEMS; i++)
        s->fd[i] = -1;

    enum prov_status status = open_folder(s, path) ? take_lock(s) : PROV_E_STORAGE;

    if (status == PROV_OK && !repair(s, &s->repaired))
        status = PROV_E_STORAGE;
    if (status != PROV_OK) {
        release(s);
        return status;
    }
    *out = s;
    return PROV_OK;
}

void
prov_posix_store_close(struct prov_posix_store **store)
{
    if (store == NULL || *store == NULL)
        return;
    rollback(*store);
    release(*store);
    *store = NULL;
}

enum prov_posix_repair
prov_posix_store_repaired(const struct prov_posix_store *store)
{
    return store != NULL ? store->repaired : PROV_POSIX_REPAIR_NONE;
}

struct prov_store
prov_posix_store_table(struct prov_posix_store *store)
{
    static const struct prov_store_ops ops = {
        .size = sizeof(ops),
        .load = load,
        .begin = begin,
        .put = put,
        .commit = commit,
        .rollback = rollback,
        .restore = restore,
    };
    const struct prov_store table = { &ops, store };

    return table;
}
