/* SPDX-License-Identifier: MIT */

/*
 * A whole run of libprov with libprov-curl: from settings and an address to new settings. The store
 * is memory, which is filled from a folder before and may be written back to it after.
 *
 * usage: phone [-n N] [-a FILE] [-s FOLDER] [-w] URL
 *
 * -n  limit `fetches`
 * -a  trusted authorities
 * -s  folder of the store: a file for each item, by its number
 * -w  write the store back
 *
 * Prints `N files, N bytes, N unchanged, OUTCOME`. Exit code 0 if that is applied or unchanged.
 */

#include <prov/adapters/curl.h>
#include <prov/adapters/posix.h>
#include <prov/prov.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_BYTES 512

struct item {
    char *bytes;
    size_t len, cap;
};

struct memory {
    struct item kept[PROV_ITEMS];
    struct item fresh[PROV_ITEMS]; /* of the transaction; none = not in it */
};

/* ---- the store ---- */

static bool
grow(struct item *i, size_t more)
{
    if (i->len + more > i->cap) {
        const size_t cap = (i->len + more) * 2;
        char *bytes = realloc(i->bytes, cap);

        if (bytes == NULL)
            return false;
        i->bytes = bytes;
        i->cap = cap;
    }
    return true;
}

static enum prov_status
load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    const struct memory *m = ctx;
    const struct item *i = &m->kept[item];

    if (i->len == 0)
        return PROV_E_NOT_FOUND;
    /* What is refused shows in the outcome. */
    const enum prov_status status = prov_run_body(run, id, i->bytes, i->len);

    (void)status;
    return PROV_OK;
}

static void
rollback(void *ctx)
{
    struct memory *m = ctx;

    for (size_t i = 0; i < PROV_ITEMS; i++) {
        free(m->fresh[i].bytes);
        m->fresh[i] = (struct item){ .bytes = NULL };
    }
}

static enum prov_status
begin(void *ctx)
{
    rollback(ctx);
    return PROV_OK;
}

static enum prov_status
put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    struct memory *m = ctx;
    struct item *i = &m->fresh[item];

    if (!grow(i, len))
        return PROV_E_STORAGE;
    memcpy(i->bytes + i->len, bytes, len);
    i->len += len;
    return PROV_OK;
}

static enum prov_status
commit(void *ctx)
{
    struct memory *m = ctx;

    for (size_t i = 0; i < PROV_ITEMS; i++) {
        if (m->fresh[i].bytes == NULL)
            continue;
        free(m->kept[i].bytes);
        m->kept[i] = m->fresh[i];
        m->fresh[i] = (struct item){ .bytes = NULL };
    }
    return PROV_OK;
}

static const struct prov_store_ops store_ops = {
    .size = sizeof(store_ops),
    .load = load,
    .begin = begin,
    .put = put,
    .commit = commit,
    .rollback = rollback,
};

/* ---- the folder ---- */

static FILE *
open_item(const char *folder, size_t item, const char *mode)
{
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof(path), "%s/%zu", folder, item);
    return fopen(path, mode);
}

static bool
read_folder(struct memory *m, const char *folder)
{
    for (size_t i = 0; i < PROV_ITEMS; i++) {
        struct item *to = &m->kept[i];
        FILE *f = open_item(folder, i, "rb");
        size_t n = 1;

        for (; f != NULL && n > 0 && grow(to, 65536); to->len += n)
            n = fread(to->bytes + to->len, 1, to->cap - to->len, f);
        if (f != NULL && (n > 0 || fclose(f) != 0))
            return false;
    }
    return true;
}

static bool
write_folder(const struct memory *m, const char *folder)
{
    bool ok = true;

    for (size_t i = 0; ok && i < PROV_ITEMS; i++) {
        FILE *f = m->kept[i].len > 0 ? open_item(folder, i, "wb") : NULL;

        if (m->kept[i].len > 0)
            ok = f != NULL && fwrite(m->kept[i].bytes, 1, m->kept[i].len, f) == m->kept[i].len &&
                 fclose(f) == 0;
    }
    return ok;
}

static void
forget(struct memory *m)
{
    rollback(m);
    for (size_t i = 0; i < PROV_ITEMS; i++)
        free(m->kept[i].bytes);
}

/* ---- the run ---- */

struct options {
    uint32_t fetches;
    const char *authorities, *folder, *url;
    bool write_back;
};

static void
tell(const struct prov_record *r)
{
    size_t bytes = 0;
    uint32_t files = 0, unchanged = 0;

    for (uint32_t i = 0; i < r->fetch_count; i++) {
        bytes += r->fetches[i].bytes;
        files += r->fetches[i].ended;
        unchanged += r->fetches[i].http_status == 304;
    }
    printf("%u files, %zu bytes, %u unchanged, %s\n", (unsigned)files, bytes, (unsigned)unchanged,
           prov_outcome_name(r->outcome));
    for (uint32_t i = 0; i < r->diags->count; i++) {
        const struct prov_diag *d = &r->diags->items[i];

        fprintf(stderr, "PROV-%04u %.*s:%u %.*s\n", (unsigned)d->code, (int)d->source.len,
                d->source.ptr, (unsigned)d->line, (int)d->subject.len, d->subject.ptr);
    }
}

static bool
run_it(struct prov_session *s, struct prov_curl *curl, struct memory *m)
{
    const struct prov_net net = prov_curl_net(curl);
    const struct prov_store store = { &store_ops, m };
    const struct prov_clock clock = prov_posix_clock();
    struct prov_run run;
    struct prov_diag diag;

    if (prov_run_init(&run, s, &net, &store, &clock, &diag) != PROV_OK ||
        prov_run_loop(&run) != PROV_OK)
        return false;
    tell(prov_session_record(s));
    return prov_session_record(s)->outcome == PROV_OUTCOME_APPLIED ||
           prov_session_record(s)->outcome == PROV_OUTCOME_UNCHANGED;
}

static bool
provision(const struct options *o, struct memory *m)
{
    const struct prov_identity id = { .size = sizeof(id), .mac = PROV_STR_INIT("00095200000E") };
    const struct prov_limits limits = { .size = sizeof(limits), .fetches = o->fetches };
    const struct prov_curl_options trust = { .size = sizeof(trust), .ca_file = o->authorities };
    struct prov_session_config config = { .size = sizeof(config),
                                          .dialect = prov_dialect_find(prov_str_z("auerswald-d")),
                                          .identity = &id,
                                          .limits = &limits,
                                          .url = prov_str_z(o->url),
                                          .attempts = 1 };
    struct prov_session *s;
    struct prov_curl *curl = NULL;
    size_t bytes = 0;
    void *memory = NULL;
    bool ok;

    ok = prov_session_memory(&limits, &bytes) == PROV_OK && (memory = malloc(bytes)) != NULL &&
         prov_posix_seed(&config.seed) == PROV_OK &&
         prov_session_init(&s, memory, bytes, &config, NULL) == PROV_OK &&
         prov_curl_new(&curl, &trust) == PROV_OK && run_it(s, curl, m);
    prov_curl_free(&curl);
    free(memory);
    return ok;
}

int
main(int argc, char **argv)
{
    struct options o = { .fetches = 0 };
    struct memory m = { .kept = { { .bytes = NULL } } };
    bool ok;
    int c;

    while ((c = getopt(argc, argv, "n:a:s:w")) != -1) {
        o.fetches = c == 'n' ? (uint32_t)strtoul(optarg, NULL, 10) : o.fetches;
        o.authorities = c == 'a' ? optarg : o.authorities;
        o.folder = c == 's' ? optarg : o.folder;
        o.write_back = o.write_back || c == 'w';
        if (c == '?')
            return 2;
    }
    if (optind + 1 != argc)
        return 2;
    o.url = argv[optind];
    ok = (o.folder == NULL || read_folder(&m, o.folder)) && provision(&o, &m) &&
         (!o.write_back || write_folder(&m, o.folder));
    forget(&m);
    return ok ? 0 : 1;
}
