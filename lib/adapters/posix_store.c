/* SPDX-License-Identifier: MIT */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* flock() */
#endif

#include <prov/adapters/posix.h>
#include <prov/run.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The files of a transaction; one bit each in a mask. The first ITEMS are what the table knows,
 * in the order of enum prov_item.
 */
#define ITEMS 11
#define PREVIOUS 11
#define FILES 12

static const struct {
    const char *name;
    const char *fresh; /* where new content is written */
} files[FILES] = {
    { "settings.xml", "settings.xml.new" },
    { "state", "state.new" },
    { "user.cfg", "user.cfg.new" },
    { "initial.cfg", "initial.cfg.new" },
    { "standard.cfg", "standard.cfg.new" },
    { "product.cfg", "product.cfg.new" },
    { "master.cfg", "master.cfg.new" },
    { "tree", "tree.new" },
    { "root-1.pem", "root-1.pem.new" },
    { "root-2.pem", "root-2.pem.new" },
    { "root-3.pem", "root-3.pem.new" },
    { "settings.previous.xml", "settings.previous.xml.new" },
};

#define MANIFEST "transaction"
#define MANIFEST_FRESH "transaction.new"
#define MANIFEST_HEAD "libprov transaction 1\n"
#define MANIFEST_END "end\n"
#define MANIFEST_CAP 256

#define CHUNK 4096

struct prov_posix_store {
    int folder;
    int lock;
    int fd[ITEMS];     /* of the new content, -1 = not put */
    bool open;         /* a transaction is under way */
    bool failed;       /* a put failed: it cannot be committed */
    bool needs_repair; /* a transaction is to be completed or discarded first */
};

static bool
sync_fd(int fd)
{
    int r;

    do
        r = fsync(fd);
    while (r != 0 && errno == EINTR);
    return r == 0;
}

static int
open_at(int at, const char *name, int flags)
{
    int fd;

    do
        fd = openat(at, name, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Does not disturb errno, which holds the reason of the failure that led here. */
static void
close_fd(int *fd)
{
    const int saved = errno;

    if (*fd >= 0)
        (void)close(*fd); /* what matters has been synchronised before */
    *fd = -1;
    errno = saved;
}

static bool
write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        const ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static ssize_t
read_some(int fd, char *p, size_t n)
{
    ssize_t got;

    do
        got = read(fd, p, n);
    while (got < 0 && errno == EINTR);
    return got;
}

/* One that is not there is no failure and does not disturb errno. */
static bool
remove_file(int at, const char *name)
{
    const int saved = errno;

    if (unlinkat(at, name, 0) == 0)
        return true;
    if (errno != ENOENT)
        return false;
    errno = saved;
    return true;
}

/*
 * An empty file of our own. Never truncates one that is there: a left-over may be a second link to
 * the settings in force.
 */
static int
create(int at, const char *name)
{
    if (!remove_file(at, name))
        return -1;
    return open_at(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

/* ---- the list of files in a transaction ---- */

static size_t
manifest_text(char out[static MANIFEST_CAP], unsigned mask)
{
    strcpy(out, MANIFEST_HEAD);
    for (size_t i = 0; i < FILES; i++) {
        if ((mask & 1U << i) != 0)
            strcat(strcat(out, files[i].name), "\n");
    }
    strcat(out, MANIFEST_END);
    return strlen(out);
}

static bool
manifest_write(const struct prov_posix_store *s, unsigned mask)
{
    char text[MANIFEST_CAP];
    int fd = create(s->folder, MANIFEST_FRESH);

    if (fd < 0)
        return false;

    const bool ok = write_all(fd, text, manifest_text(text, mask)) && sync_fd(fd);

    close_fd(&fd);
    return ok;
}

/* Which files the text lists; 0 if it is none of ours, complete. */
static unsigned
manifest_mask(const char *text, size_t len)
{
    char known[MANIFEST_CAP];

    for (unsigned mask = 1; mask < 1U << FILES; mask++) {
        if (manifest_text(known, mask) == len && memcmp(known, text, len) == 0)
            return mask;
    }
    return 0;
}

/* False: it cannot be read. mask = 0: there is none, or none that counts. */
static bool
manifest_read(const struct prov_posix_store *s, unsigned *mask)
{
    char text[MANIFEST_CAP];
    size_t len = 0;
    ssize_t got = 0;
    int fd = open_at(s->folder, MANIFEST, O_RDONLY | O_NOFOLLOW);

    *mask = 0;
    if (fd < 0)
        return errno == ENOENT;
    do {
        got = read_some(fd, text + len, sizeof(text) - len);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0 && len < sizeof(text));
    close_fd(&fd);
    if (got < 0)
        return false;
    *mask = manifest_mask(text, len);
    return true;
}

/* ---- completing and discarding ---- */

/* After the commit point. May be repeated: what has been renamed is simply not there any more. */
static bool
roll_forward(const struct prov_posix_store *s, unsigned mask)
{
    for (size_t i = 0; i < FILES; i++) {
        if ((mask & 1U << i) != 0 &&
            renameat(s->folder, files[i].fresh, s->folder, files[i].name) != 0 && errno != ENOENT)
            return false;
    }
    /* The list goes only when all names are safe; the next transaction starts only without it. */
    return sync_fd(s->folder) && remove_file(s->folder, MANIFEST) && sync_fd(s->folder);
}

static bool
remove_fresh(const struct prov_posix_store *s)
{
    bool ok = remove_file(s->folder, MANIFEST_FRESH);

    for (size_t i = 0; i < FILES; i++)
        ok = remove_file(s->folder, files[i].fresh) && ok;
    return ok;
}

/* Complete or discard what a power cut, or a disk that failed late, has left behind. */
static bool
repair(struct prov_posix_store *s)
{
    unsigned mask;

    if (!manifest_read(s, &mask))
        return false;
    if (mask != 0 && !roll_forward(s, mask))
        return false;
    /* Without a list, or with one that is no list of ours, nothing was committed. */
    if (mask == 0 && !(remove_file(s->folder, MANIFEST) && sync_fd(s->folder)))
        return false;
    s->needs_repair = !remove_fresh(s);
    return !s->needs_repair;
}

/* ---- the table ---- */

static void
rollback(void *ctx)
{
    struct prov_posix_store *s = ctx;
    const int saved = errno;

    for (size_t i = 0; i < ITEMS; i++)
        close_fd(&s->fd[i]);
    /* After the commit point the new files are the content; they wait for the repair. */
    if (s->open && !s->needs_repair)
        (void)remove_fresh(s);
    s->open = false;
    s->failed = false;
    errno = saved;
}

static enum prov_status
begin(void *ctx)
{
    struct prov_posix_store *s = ctx;

    rollback(s);
    if (s->needs_repair && !repair(s))
        return PROV_E_STORAGE;
    s->open = true;
    return PROV_OK;
}

static enum prov_status
put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    struct prov_posix_store *s = ctx;

    if (!s->open || (unsigned)item >= ITEMS) {
        errno = EINVAL;
        return PROV_E_STORAGE;
    }
    if (s->fd[item] < 0)
        s->fd[item] = create(s->folder, files[item].fresh);
    if (s->fd[item] >= 0 && write_all(s->fd[item], bytes, len))
        return PROV_OK;
    s->failed = true;
    return PROV_E_STORAGE;
}

static bool
copy_file(int from, int to)
{
    char chunk[CHUNK];
    ssize_t got;

    while ((got = read_some(from, chunk, sizeof(chunk))) > 0) {
        if (!write_all(to, chunk, (size_t)got))
            return false;
    }
    return got == 0 && sync_fd(to);
}

/* For file systems without hard links, and a link that leads to another one. */
static bool
copy_previous(const struct prov_posix_store *s)
{
    int from = open_at(s->folder, files[PROV_ITEM_SETTINGS].name, O_RDONLY);
    int to = from >= 0 ? create(s->folder, files[PREVIOUS].fresh) : -1;
    const bool ok = to >= 0 && copy_file(from, to);

    close_fd(&from);
    close_fd(&to);
    return ok;
}

/* Sets the bit if there are settings to keep. */
static bool
keep_previous(const struct prov_posix_store *s, unsigned *mask)
{
    const char *name = files[PROV_ITEM_SETTINGS].name;

    if (!remove_file(s->folder, files[PREVIOUS].fresh))
        return false;
    if (linkat(s->folder, name, s->folder, files[PREVIOUS].fresh, AT_SYMLINK_FOLLOW) != 0) {
        if (errno == ENOENT)
            return true;
        if (!copy_previous(s))
            return false;
    }
    *mask |= 1U << PREVIOUS;
    return true;
}

static bool
sync_items(struct prov_posix_store *s, unsigned *mask)
{
    for (size_t i = 0; i < ITEMS; i++) {
        if (s->fd[i] < 0)
            continue;
        if (!sync_fd(s->fd[i]))
            return false;
        close_fd(&s->fd[i]);
        *mask |= 1U << i;
    }
    return true;
}

/* Before the commit point: all content and all new names are safe, none counts yet. */
static bool
prepare(struct prov_posix_store *s, unsigned *mask)
{
    if (!sync_items(s, mask))
        return false;
    if ((*mask & 1U << PROV_ITEM_SETTINGS) != 0 && !keep_previous(s, mask))
        return false;
    return *mask == 0 || (manifest_write(s, *mask) && sync_fd(s->folder));
}

/* The commit point. A disk that fails right here gets one chance to take it back. */
static bool
decide(struct prov_posix_store *s)
{
    if (renameat(s->folder, MANIFEST_FRESH, s->folder, MANIFEST) != 0)
        return false;
    if (sync_fd(s->folder))
        return true;

    const int saved = errno;

    s->needs_repair = !remove_file(s->folder, MANIFEST) || !sync_fd(s->folder);
    errno = saved;
    return false;
}

static enum prov_status
commit(void *ctx)
{
    struct prov_posix_store *s = ctx;
    unsigned mask = 0;

    if (!s->open || s->failed) {
        errno = s->open ? EIO : EINVAL;
        rollback(s);
        return PROV_E_STORAGE;
    }
    if (!prepare(s, &mask) || (mask != 0 && !decide(s))) {
        rollback(s);
        return PROV_E_STORAGE;
    }
    s->needs_repair = mask != 0 && !roll_forward(s, mask);
    s->open = false;
    return PROV_OK;
}

static enum prov_status
report_file(int fd, uint32_t id, struct prov_run *run)
{
    char chunk[CHUNK];
    ssize_t got;

    while ((got = read_some(fd, chunk, sizeof(chunk))) > 0) {
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

    if ((unsigned)item >= ITEMS) {
        errno = EINVAL;
        return PROV_E_STORAGE;
    }
    if (s->needs_repair && !repair(s))
        return PROV_E_STORAGE;

    int fd = open_at(s->folder, files[item].name, O_RDONLY);

    if (fd < 0)
        return errno == ENOENT ? PROV_E_NOT_FOUND : PROV_E_STORAGE;

    const enum prov_status status = report_file(fd, id, run);

    close_fd(&fd);
    return status;
}

/* ---- opening and closing ---- */

static void
release(struct prov_posix_store *s)
{
    const int saved = errno;

    close_fd(&s->lock);
    close_fd(&s->folder);
    free(s);
    errno = saved;
}

static bool
open_folder(struct prov_posix_store *s, const char *path)
{
    const bool made = mkdir(path, 0700) == 0;

    if (!made && errno != EEXIST)
        return false;
    s->folder = open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    if (s->folder < 0 || !made)
        return s->folder >= 0;

    /* The name of a new folder is content of its parent; one we may not open is not our matter. */
    int parent = open_at(s->folder, "..", O_RDONLY | O_DIRECTORY);
    const bool ok = parent < 0 || sync_fd(parent);

    close_fd(&parent);
    return ok;
}

static enum prov_status
take_lock(struct prov_posix_store *s)
{
    s->lock = open_at(s->folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW);
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
    for (size_t i = 0; i < ITEMS; i++)
        s->fd[i] = -1;

    enum prov_status status = open_folder(s, path) ? take_lock(s) : PROV_E_STORAGE;

    if (status == PROV_OK && !repair(s))
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

struct prov_store
prov_posix_store_table(struct prov_posix_store *store)
{
    static const struct prov_store_ops ops = { sizeof(ops), load, begin, put, commit, rollback };
    const struct prov_store table = { &ops, store };

    return table;
}
