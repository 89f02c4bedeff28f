/* SPDX-License-Identifier: MIT */

/* Files that are asked for before they are named (REF-5). The result is always the same as without:
 * shown by cases one by one, then by random trees. */

#include <stdio.h>

#include "world.h"

#define PATCH(a) "<configuration><telephony><a>" a "</a></telephony></configuration>"
#define REFS(urls) "<referencedSettings>" urls "</referencedSettings>"
#define URL(u) "<url>" u "</url>"

/* A phone that has had all files, and has restarted. */
static struct world *
again(const char *url, const struct world_reply *replies)
{
    struct world *w = world_new(url, replies);

    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_reboot(w);
    return w;
}

static const struct world_reply three[] = {
    { .url = "http://h/r", .body = REFS(URL("p") URL("n/r") URL("q")), .delay_ms = 50 },
    { .url = "http://h/p", .body = PATCH("1"), .delay_ms = 50 },
    { .url = "http://h/n/r", .body = REFS(URL("o")), .delay_ms = 50 },
    { .url = "http://h/n/o", .body = PATCH("2"), .delay_ms = 50 },
    { .url = "http://h/q", .body = PATCH("3"), .delay_ms = 50 },
    { .url = NULL },
};

static void
asks_for_all_files_in_the_first_moment(void **state)
{
    struct world *w = world_new("http://h/r", three);
    uint64_t before = w->now_ms;

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(150, w->now_ms - before); /* one reference file after the other */
    world_reboot(w);
    world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
    before = w->now_ms;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(50, w->now_ms - before);
    assert_int_equal(5, w->fetch_count);
    assert_int_equal(5, w->most_flights);
    assert_int_equal(0, w->cancel_count);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(i > 0, w->record->fetches[i].remembered);
    world_free(w);
}

/* As many as are allowed, and one more while the first file is under way. */
static void
keeps_the_limit_of_fetches_side_by_side(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 4; n++) {
        struct world *w = again("http://h/r", three);

        world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
        w->limits.fetches = n;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(n + 1, w->most_flights);
        assert_int_equal(5, w->record->fetch_count);
        world_free(w);
    }
}

static void
drops_what_is_not_named_any_more(void **state)
{
    static const struct world_reply less[] = {
        { .url = "http://h/r", .body = REFS(URL("q")), .delay_ms = 10 },
        { .url = "http://h/p", .body = "", .http = 500, .delay_ms = 5 }, /* matters to nobody */
        { .url = "http://h/n/r", .body = "<html>", .delay_ms = 1 },
        { .url = "http://h/n/o", .body = PATCH("2"), .delay_ms = 100000 },
        { .url = "http://h/q", .body = PATCH("4"), .delay_ms = 20 },
        { .url = NULL },
    };
    struct world *w = again("http://h/r", three);
    const uint64_t before = w->now_ms;

    (void)state;
    w->replies = less;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(20, w->now_ms - before);
    assert_int_equal(1, w->cancel_count);
    assert_int_equal(5, w->fetch_count);
    assert_int_equal(2, w->record->fetch_count);
    assert_int_equal(0, w->record->diags->count);
    world_free(w);
}

/* Files that are named do not wait behind guesses. */
static void
gives_slots_to_files_that_are_named(void **state)
{
    static const struct world_reply other[] = {
        { .url = "http://h/r", .body = REFS(URL("n/r") URL("x") URL("y")), .delay_ms = 10 },
        { .url = "http://h/n/r", .body = REFS(URL("z")), .delay_ms = 100 },
        { .url = "http://h/n/o", .body = PATCH("2"), .delay_ms = 100000 }, /* named no more */
        { .url = "http://h/n/z", .body = PATCH("3"), .delay_ms = 10 },
        { .url = "http://h/x", .body = PATCH("5"), .delay_ms = 40 },
        { .url = "http://h/y", .body = PATCH("6"), .delay_ms = 40 },
        { .url = NULL },
    };
    static const struct world_reply before[] = {
        { .url = "http://h/r", .body = REFS(URL("n/r")) },
        { .url = "http://h/n/r", .body = REFS(URL("o")) },
        { .url = "http://h/n/o", .body = PATCH("2") },
        { .url = NULL },
    };

    (void)state;
    for (uint32_t n = 2; n <= 4; n++) {
        struct world *w = again("http://h/r", before);
        const uint64_t began = w->now_ms;

        w->replies = other;
        w->limits.fetches = n;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(110, w->now_ms - began); /* x and y are there long before n/r is */
        assert_int_equal(1, w->cancel_count);
        assert_int_equal(5, w->record->fetch_count);
        world_free(w);
    }
}

/* A guess that fails is no failure: if the file is named, it is asked for again. */
static void
asks_again_for_a_guess_that_failed(void **state)
{
    static const struct world_reply late[] = {
        { .url = "http://h/r", .body = REFS(URL("p") URL("n/r") URL("q")), .delay_ms = 50 },
        { .url = "http://h/p", .http = 503, .body = "" },
        { .url = "http://h/p", .body = PATCH("1") },
        { .url = "http://h/n/r", .status = PROV_E_TIMEOUT },
        { .url = "http://h/n/r", .body = REFS(URL("o")) },
        { .url = "http://h/n/o", .body = PATCH("2") },
        { .url = "http://h/q", .http = 302, .location = "ftp://g/x" },
        { .url = "http://h/q", .body = PATCH("7") },
        { .url = "ftp://g/x", .status = PROV_E_DENIED },
        { .url = NULL },
    };
    struct world *w = again("http://h/r", three);

    (void)state;
    w->replies = late;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(10, w->fetch_count); /* what the second one named was dropped with it */
    assert_int_equal(0, w->record->diags->count);
    world_free(w);
}

/* The budget is for files that are named. */
static void
makes_room_for_files_that_are_named(void **state)
{
    static char large[401];
    static const struct world_reply small[] = {
        { .url = "http://h/r", .body = REFS(URL("p") URL("q")) },
        { .url = "http://h/p", .body = PATCH("1") },
        { .url = "http://h/q", .body = PATCH("2") },
        { .url = NULL },
    };
    const struct world_reply other[] = {
        { .url = "http://h/r", .body = REFS(URL("n")), .delay_ms = 50 },
        { .url = "http://h/p", .body = large, .delay_ms = 10 },
        { .url = "http://h/q", .body = large, .delay_ms = 20 },
        { .url = "http://h/n", .body = large, .delay_ms = 10 },
        { .url = NULL },
    };

    (void)state;
    memset(large, '\n', sizeof(large) - 1);
    memcpy(large, PATCH("9"), sizeof(PATCH("9")) - 1);
    for (int way = 0; way < 3; way++) {
        struct world *w = again("http://h/r", small);

        w->replies = other;
        w->limits.tree_bytes = 460;
        w->chunk = way == 1 ? 50 : 0;
        w->interleave = way == 2;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(0, w->record->diags->count);
        assert_int_equal(2, w->record->fetch_count);
        world_free(w);
    }
}

/* A guess for which there was no room is fetched again when it is named after all: here while it is
 * still under way. */
static void
fetches_what_had_no_room_when_it_is_named(void **state)
{
    static char large[401], nested[301];
    static const struct world_reply small[] = {
        { .url = "http://h/r", .body = REFS(URL("s")) },
        { .url = "http://h/s", .body = REFS(URL("p") URL("q")) },
        { .url = "http://h/p", .body = PATCH("2") },
        { .url = "http://h/q", .body = PATCH("3") },
        { .url = NULL },
    };
    const struct world_reply other[] = {
        { .url = "http://h/r", .body = REFS(URL("s") URL("n")), .delay_ms = 10 },
        { .url = "http://h/s", .body = nested, .delay_ms = 16 },
        { .url = "http://h/p", .body = large, .delay_ms = 1 },
        { .url = "http://h/q", .body = large, .delay_ms = 16 },
        { .url = "http://h/n", .body = large, .delay_ms = 6 },
        { .url = NULL },
    };
    struct world *w = again("http://h/r", small);

    (void)state;
    memset(large, '\n', sizeof(large) - 1);
    memcpy(large, PATCH("9"), sizeof(PATCH("9")) - 1);
    memset(nested, '\n', sizeof(nested) - 1);
    memcpy(nested, REFS(URL("q")), sizeof(REFS(URL("q"))) - 1);
    w->replies = other;
    w->limits.tree_bytes = 1200; /* for all four that are named, but not for p too */
    w->interleave = true;
    w->chunk = 20;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(0, w->record->diags->count);
    assert_int_equal(4, w->record->fetch_count);
    assert_int_equal(6, w->fetch_count);
    assert_int_equal(1, w->cancel_count);
    world_free(w);
}

/* ---- Credentials and policy ---- */

/* Does what is remembered hold a text? */
static bool
remembers(const struct world *w, const char *part)
{
    const struct world_item *it = &w->items[PROV_ITEM_TREE];
    const size_t n = strlen(part);

    for (size_t i = 0; i + n <= it->len; i++) {
        if (memcmp(it->text + i, part, n) == 0)
            return true;
    }
    return false;
}

static const struct world_reply locked[] = {
    { .url = "http://h/r",
      .body = REFS(URL("p") URL("http://g/q") URL("http://g/s")),
      .user = "u",
      .password = "v" },
    { .url = "http://h/p", .body = PATCH("1"), .user = "u", .password = "v" },
    { .url = "http://g/q", .body = PATCH("2"), .user = "", .password = "" },
    { .url = "http://g/s", .body = REFS(URL("http://h/t")), .user = "", .password = "" },
    { .url = "http://h/t", .body = PATCH("3"), .user = "", .password = "" },
    { .url = NULL },
};

static void
sends_credentials_where_they_belong(void **state)
{
    struct world *w = again("http://u:v@h/r", locked);

    (void)state;
    assert_true(remembers(w, "http://g/q\n"));
    assert_false(remembers(w, "u:v"));
    world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(5, w->fetch_count);
    for (uint32_t i = 1; i < 5; i++)
        assert_true(w->record->fetches[i].remembered);
    assert_false(world_tells(w, "u:v"));
    world_free(w);
}

/* Other credentials lead to other answers, and that is how it ends. */
static void
uses_the_credentials_of_this_run(void **state)
{
    struct world *w = again("http://u:v@h/r", locked);

    (void)state;
    w->config.url = prov_str_z("http://u:x@h/r");
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(PROV_E_DENIED, w->record->status);
    assert_int_equal(1, w->record->fetch_count);
    world_free(w);
}

static void
does_not_remember_addresses_with_credentials_of_their_own(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r", .body = REFS(URL("http://a:b@g/q") URL("p")), .etag = "\"0\"" },
        { .url = "http://g/q", .body = PATCH("2"), .etag = "\"1\"", .user = "a", .password = "b" },
        { .url = "http://h/p", .body = PATCH("2"), .etag = "\"2\"" },
        { .url = NULL },
    };
    struct world *w = again("http://h/r", replies);

    (void)state;
    assert_true(remembers(w, "http://h/r\n"));
    assert_false(remembers(w, "://g"));
    assert_false(remembers(w, "a:b"));
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(0, w->same_count);
    world_free(w);
}

static void
asks_nobody_whom_the_policy_forbids(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r", .body = REFS(URL("http://g/q")), .etag = "\"0\"" },
        { .url = "http://g/q", .body = PATCH("2"), .etag = "\"1\"" },
        { .url = NULL },
    };
    static const struct prov_str hosts[] = { PROV_STR_INIT("h") };
    const struct prov_trust trust = { .size = sizeof(trust),
                                      .hosts = hosts,
                                      .host_count = 1,
                                      .sources = PROV_SOURCE_BIT(PROV_SOURCE_MANUAL) };
    struct world *w = again("http://h/r", replies);

    (void)state;
    w->discover.trust = &trust;
    w->log_len = 0;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_false(world_logged(w, "http://g/q\n"));
    assert_int_equal(0, w->same_count);
    assert_non_null(world_diag(w, PROV_D_TRUST_NOT_LISTED));
    world_free(w);
}

static void
does_not_guess_if_another_file_is_the_first(void **state)
{
    static const struct world_reply other[] = {
        { .url = "http://h/s", .body = PATCH("5"), .delay_ms = 10 },
        { .url = "http://h/r", .body = REFS(URL("p")) },
        { .url = NULL },
    };
    struct world *w = again("http://h/r", three);

    (void)state;
    w->replies = other;
    w->config.url = prov_str_z("http://h/s");
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(1, w->fetch_count);
    world_reboot(w);
    w->config.url = prov_str_z("http://h/r");
    w->replies = three;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w)); /* the list is that of the other tree */
    assert_int_equal(2 + 3, w->fetch_count);
    world_free(w);
}

/* ---- Random trees ---- */

#define NODES 12u

struct node {
    bool reference;
    unsigned child[4], children;
    unsigned version; /* of the text */
    bool named[NODES];
    unsigned fault; /* 0 = none */
    unsigned moved; /* redirects */
    bool tells;     /* has a validator */
    bool weak;
    unsigned delay;
};

/* A server's files. Node 0 is the first one. */
struct trees {
    struct node node[NODES];
    unsigned name[NODES]; /* in the address */
    char url[3 * NODES][32], body[NODES][512], tag[NODES][24], location[2 * NODES][32];
    struct world_reply replies[3 * NODES + 1];
};

static uint32_t
draw(uint64_t *seed, uint32_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

static void
make_node(struct trees *t, unsigned i, uint64_t *seed)
{
    struct node *n = &t->node[i];

    memset(n, 0, sizeof(*n));
    n->reference = i == 0 || draw(seed, 4) == 0;
    n->version = draw(seed, 1000);
    n->tells = draw(seed, 12) != 0;
    n->weak = draw(seed, 2) == 0;
    n->delay = draw(seed, 3) * 10;
    n->moved = draw(seed, 8) == 0 ? 1 + draw(seed, 2) : 0;
    n->children = n->reference ? draw(seed, 5) : 0;
    for (unsigned c = 0; c < n->children; c++) /* mostly a tree; sometimes twice the same */
        n->child[c] = i + 1 < NODES ? i + 1 + draw(seed, NODES - i - 1) : 0;
    if (i + 1 == NODES)
        n->children = 0;
}

static void
make_trees(struct trees *t, uint64_t *seed)
{
    memset(t, 0, sizeof(*t));
    for (unsigned i = 0; i < NODES; i++) {
        make_node(t, i, seed);
        t->name[i] = i;
    }
    if (t->node[0].children == 0) {
        t->node[0].children = 1;
        t->node[0].child[0] = 1 + draw(seed, NODES - 1);
    }
}

/* Faults of the last run are mended. */
static void
mend_trees(struct trees *t)
{
    for (unsigned i = 0; i < NODES; i++) {
        struct node *n = &t->node[i];

        n->fault = 0;
        if (n->children > 0 && n->child[0] == 0)
            n->child[0] = i + 1;
    }
}

/* Some of what may happen to files until the next run. One fault at most: of several it depends on
 * the time which one is the reason. */
static void
change_trees(struct trees *t, uint64_t *seed, bool failed)
{
    const unsigned count = draw(seed, 4);

    for (unsigned k = 0; k < count; k++) {
        const unsigned i = draw(seed, NODES);
        struct node *n = &t->node[i];

        switch (draw(seed, 14)) {
        case 0: /* the same text at another time */
        case 1:
            n->version += 1000;
            break;
        case 2:
            n->version++;
            break;
        case 3: /* one more, or one less */
            n->children = n->reference && i + 1 < NODES ? draw(seed, 5) : n->children;
            for (unsigned c = 0; c < n->children; c++)
                n->child[c] = n->child[c] > i ? n->child[c] : i + 1;
            n->version++;
            break;
        case 4: /* another order */
            if (n->children > 1) {
                const unsigned swap = n->child[0];

                n->child[0] = n->child[1];
                n->child[1] = swap;
                n->version++;
            }
            break;
        case 5: /* renamed */
            t->name[i] = i > 0 ? t->name[i] + NODES : 0;
            break;
        case 6:
            n->moved = draw(seed, 3);
            break;
        case 7:
            n->tells = !n->tells;
            break;
        case 8:
        case 10:
        case 11:
        case 12:
        case 13:
            if (!failed && i > 0)
                n->fault = 1 + draw(seed, 5);
            failed = true;
            break;
        case 9: /* in a circle */
            if (n->children > 0 && !failed) {
                n->child[0] = 0;
                n->version++;
            }
            failed = true;
            break;
        }
    }
}

static void
write_body(struct trees *t, unsigned i)
{
    const struct node *n = &t->node[i];
    char *to = t->body[i];
    size_t len = 0, cap = sizeof(t->body[i]);

    if (!n->reference && n->version % 9 == 0) { /* one of the two cannot be done */
        snprintf(to, cap,
                 "<operations><replace path=\"/keys/key[@id='1']\"><key id=\"1\">%u</key></replace>"
                 "<delete path=\"/telephony/none\"/></operations>",
                 n->version % 1000);
        return;
    }
    if (!n->reference) {
        snprintf(to, cap,
                 "<configuration><telephony><a>%u</a><e%u>%u</e%u></telephony></configuration>",
                 n->version % 1000, i, n->version % 1000, i);
        return;
    }
    len = (size_t)snprintf(to, cap, "<referencedSettings>%s",
                           n->version % 7 == 0 ? "<note/>" : ""); /* with a warning */
    for (unsigned c = 0; c < n->children; c++) {
        static const char *const hosts[] = { "http://u:v@h", "http://h", "" };
        const unsigned where = n->child[c] % 3;

        /* A path leads to the host that the file came from in the end. */
        len +=
            (size_t)snprintf(to + len, cap - len, "<url>%s/f%u</url>",
                             hosts[where == 2 && n->moved == 2 ? 1 : where], t->name[n->child[c]]);
    }
    snprintf(to + len, cap - len, "</referencedSettings>");
}

/* Its address, the ways that lead there, and what comes of it. */
static unsigned
write_replies(struct trees *t, unsigned i, unsigned at)
{
    const struct node *n = &t->node[i];

    for (unsigned k = 0; k <= n->moved; k++, at++) {
        struct world_reply *r = &t->replies[at];

        *r = (struct world_reply){ .url = t->url[at], .delay_ms = n->delay };
        if (k == 0)
            snprintf(t->url[at], sizeof(t->url[at]), "http://h/f%u", t->name[i]);
        else
            snprintf(t->url[at], sizeof(t->url[at]), "http://%s/m%u/%u", k == 1 ? "h" : "g", k, i);
        if (k < n->moved) {
            snprintf(t->location[2 * i + k], sizeof(t->location[0]), "http://%s/m%u/%u",
                     k == 0 ? "h" : "g", k + 1, i);
            r->http = 302;
            r->body = "moved";
            r->location = t->location[2 * i + k];
            continue;
        }
        snprintf(t->tag[i], sizeof(t->tag[i]), "%s\"%u.%u\"", n->weak ? "W/" : "", i, n->version);
        r->body = t->body[i];
        r->etag = n->tells ? t->tag[i] : NULL;
    }
    if (n->fault == 1)
        t->replies[at - 1].http = 404;
    else if (n->fault == 2)
        t->replies[at - 1].status = PROV_E_TIMEOUT;
    else if (n->fault == 3)
        t->replies[at - 1].body = "<configuration><telephony>";
    else if (n->fault == 4)
        t->replies[at - 1].body = "<html/>";
    else if (n->fault == 5)
        t->replies[at - 1].http = 304;
    if (n->fault != 0)
        t->replies[at - 1].etag = NULL;
    return at;
}

static const struct world_reply *
serve(struct trees *t)
{
    unsigned at = 0;

    for (unsigned i = 0; i < NODES; i++) {
        write_body(t, i);
        at = write_replies(t, i, at);
    }
    assert_true(at < PROV_COUNT(t->replies));
    t->replies[at] = (struct world_reply){ .url = NULL };
    return t->replies;
}

/* Whether they come in the order of applying depends on the time. */
static unsigned
count_diag(const struct world *w, enum prov_diag_code code, struct prov_str source)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < w->record->diags->count; i++) {
        const struct prov_diag *d = &w->record->diags->items[i];

        n += d->code == code && prov_str_eq(d->source, source);
    }
    return n;
}

/* All files but reference files, which come whole each time, answered 304. */
static bool
all_same(const struct world *w)
{
    bool same = w->record->fetch_count > 0;

    for (uint32_t i = 0; i < w->record->fetch_count; i++) {
        const struct prov_fetch_record *f = &w->record->fetches[i];

        same = same && (f->not_modified || f->type == PROV_FILE_REFERENCE);
    }
    return same && w->same_count > 0;
}

/* An attempt that ends in a failure cancels what happens to be under way. */
static void
assert_same_files(const struct world *a, const struct world *b)
{
    const struct prov_record *x = a->record, *y = b->record;

    if (x->outcome == PROV_OUTCOME_REFUSED || x->outcome == PROV_OUTCOME_FAILED)
        return;
    assert_int_equal(x->fetch_count, y->fetch_count);
    for (uint32_t i = 0; i < x->fetch_count; i++) {
        const struct prov_fetch_record *f = &x->fetches[i], *g = &y->fetches[i];

        assert_true(prov_str_eq(f->before, g->before) && prov_str_eq(f->url, g->url));
        assert_true(prov_str_eq(f->final_url, g->final_url));
        assert_int_equal(f->parent, g->parent);
        assert_int_equal(f->status, g->status);
        assert_int_equal(f->redirects, g->redirects);
        assert_int_equal(f->ended, g->ended);
        assert_int_equal(f->type, g->type);
        assert_int_equal(f->change, g->change);
        assert_true(!g->not_modified || all_same(b));
        assert_int_equal(g->not_modified ? 304 : f->http_status, g->http_status);
        assert_int_equal(g->not_modified ? 0 : f->bytes, g->bytes);
    }
}

static void
assert_same_run(const struct world *a, const struct world *b)
{
    const struct prov_record *x = a->record, *y = b->record;

    assert_int_equal(x->outcome, y->outcome);
    assert_int_equal(x->status, y->status);
    assert_int_equal(x->unchanged_by_digest, y->unchanged_by_digest);
    assert_int_equal(x->apply == NULL, y->apply == NULL);
    assert_true(world_same(a, b, PROV_ITEM_SETTINGS));
    assert_true(world_same(a, b, PROV_ITEM_STATE));
    assert_same_files(a, b);
    if (x->outcome == PROV_OUTCOME_REFUSED || x->outcome == PROV_OUTCOME_FAILED) {
        /* what else was read before that, depends on the time */
        assert_true(x->diags->count > 0 && y->diags->count > 0);
        assert_true(x->status == PROV_E_LIMIT || x->diags->items[x->diags->count - 1].code ==
                                                     y->diags->items[y->diags->count - 1].code);
        return;
    }
    assert_int_equal(x->diags->count, y->diags->count);
    for (uint32_t i = 0; i < x->diags->count; i++) {
        const struct prov_diag *d = &x->diags->items[i];

        assert_int_equal(count_diag(a, d->code, d->source), count_diag(b, d->code, d->source));
    }
}

/* How often what was shown. */
struct tally {
    unsigned same, remembered, applied, unchanged, failed, refused, partial;
};

static void
count_run(struct tally *n, const struct world *w)
{
    n->same += all_same(w);
    for (uint32_t i = 0; i < w->record->fetch_count; i++)
        n->remembered += w->record->fetches[i].remembered;
    n->applied += w->record->outcome == PROV_OUTCOME_APPLIED;
    n->unchanged += w->record->outcome == PROV_OUTCOME_UNCHANGED;
    n->failed += w->record->outcome == PROV_OUTCOME_FAILED;
    n->refused += w->record->outcome == PROV_OUTCOME_REFUSED;
    n->partial += w->record->outcome == PROV_OUTCOME_PARTIAL;
}

static void
play_trees(uint64_t seed, struct tally *n)
{
    struct trees *t = malloc(sizeof(*t));
    struct world *plain, *other;
    bool tight;

    assert_non_null(t);
    make_trees(t, &seed);
    plain = world_new("http://u:v@h/f0", NULL);
    other = world_new("http://u:v@h/f0", NULL);
    plain->config.no_remember = true;
    plain->config.dialect = other->config.dialect =
        draw(&seed, 3) == 0 ? &world_lenient : &world_dialect;
    other->limits.fetches = 1 + draw(&seed, 16);
    tight = draw(&seed, 5) == 0;
    other->limits.tree_bytes = tight ? 1500 : 0;
    other->limits.tree_files = tight ? 12 : 200;
    other->limits.tree_depth = tight ? 3 : NODES;
    plain->limits = other->limits;
    other->backwards = draw(&seed, 3) == 0;
    other->interleave = draw(&seed, 3) == 0;
    other->blocking = draw(&seed, 4) == 0;
    other->chunk = draw(&seed, 3) == 0 ? 1 + draw(&seed, 90) : 0;
    for (unsigned run = 0; run < 4; run++) {
        plain->replies = other->replies = serve(t);
        (void)world_run(plain);
        (void)world_run(other);
        assert_same_run(plain, other);
        count_run(n, other);
        world_reboot(plain);
        world_reboot(other);
        plain->log_len = other->log_len = 0;
        if (draw(&seed, 8) == 0) {
            world_set(plain, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
            world_set(other, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
        }
        if (draw(&seed, 3) != 0) {
            mend_trees(t);
            change_trees(t, &seed, tight);
        }
    }
    world_free(plain);
    world_free(other);
    free(t);
}

static void
does_the_same_as_without_a_memory(void **state)
{
    struct tally n = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++)
        play_trees(seed, &n);
    assert_true(n.same > 20 && n.remembered > 1000);
    assert_true(n.applied > 300 && n.unchanged > 300);
    assert_true(n.failed > 20 && n.refused > 20 && n.partial > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_all_files_in_the_first_moment),
        cmocka_unit_test(keeps_the_limit_of_fetches_side_by_side),
        cmocka_unit_test(drops_what_is_not_named_any_more),
        cmocka_unit_test(gives_slots_to_files_that_are_named),
        cmocka_unit_test(asks_again_for_a_guess_that_failed),
        cmocka_unit_test(makes_room_for_files_that_are_named),
        cmocka_unit_test(fetches_what_had_no_room_when_it_is_named),
        cmocka_unit_test(sends_credentials_where_they_belong),
        cmocka_unit_test(uses_the_credentials_of_this_run),
        cmocka_unit_test(does_not_remember_addresses_with_credentials_of_their_own),
        cmocka_unit_test(asks_nobody_whom_the_policy_forbids),
        cmocka_unit_test(does_not_guess_if_another_file_is_the_first),
        cmocka_unit_test(does_the_same_as_without_a_memory),
    };
    return cmocka_run_group_tests_name("scenario remember", tests, NULL, NULL);
}
