/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/*
 * Whole runs of a phone over the folder store, on a disk in memory (STO-1, STO-2): the power goes
 * before every single system call, and each of them fails. The next start always has the old or the
 * new settings, whole, and says which; and it comes to the end that an undisturbed phone comes to.
 */

#include <prov/prov.h>

#include "store_disk.h"

#define WINDOW_MS 30000u

struct page {
    const char *url, *body;
};

/* A phone that had the old files meets the new ones. */
static const struct story {
    const char *name;
    const char *dialect;
    const char *url;
    struct page before[5], after[5];
    uint32_t confirm_ms;
    bool registers;
    bool changes;              /* the new settings are others than the old ones */
    enum prov_outcome outcome; /* of the undisturbed run */
} stories[] = {

#define PATCH(text) \
    "<configuration><templates patch=\"false\"><template name=\"t\" label=\"" text "\"/>" \
    "</templates></configuration>"
#define AUERSWALD .dialect = "auerswald-d", .url = "http://h/p.xml"
#define OLD_PATCH .before = { { "http://h/p.xml", PATCH("old") } }
#define NEW_PATCH .after = { { "http://h/p.xml", PATCH("new") } }

    { .name = "auerswald-d, first settings",
      AUERSWALD,
      NEW_PATCH,
      .changes = true,
      .outcome = PROV_OUTCOME_APPLIED },
    { .name = "auerswald-d",
      AUERSWALD,
      OLD_PATCH,
      NEW_PATCH,
      .changes = true,
      .outcome = PROV_OUTCOME_APPLIED },
    { .name = "auerswald-d, the same files",
      AUERSWALD,
      OLD_PATCH,
      .after = { { "http://h/p.xml", PATCH("old") } },
      .outcome = PROV_OUTCOME_UNCHANGED },
    { .name = "auerswald-d, confirmed",
      AUERSWALD,
      OLD_PATCH,
      NEW_PATCH,
      .confirm_ms = WINDOW_MS,
      .registers = true,
      .changes = true,
      .outcome = PROV_OUTCOME_APPLIED },
    { .name = "auerswald-d, undone",
      AUERSWALD,
      OLD_PATCH,
      NEW_PATCH,
      .confirm_ms = WINDOW_MS,
      .changes = true,
      .outcome = PROV_OUTCOME_UNDONE },
    { .name = "auerswald-d, first settings undone",
      AUERSWALD,
      NEW_PATCH,
      .confirm_ms = WINDOW_MS,
      .changes = true,
      .outcome = PROV_OUTCOME_UNDONE },

#define MAGIC "# Panasonic SIP Phone Standard Format File #\r\n"
#define HDV .dialect = "panasonic-hdv", .url = "http://h/pre.cfg"
#define OLD_TEXT \
    .before = { { "http://h/pre.cfg", MAGIC "CFG_STANDARD_FILE_PATH=\"http://h/s.cfg\"\r\n" \
                                            "CFG_PRODUCT_FILE_PATH=\"http://h/p.cfg\"\r\n" }, \
                { "http://h/s.cfg", MAGIC "VOLUME=\"3\"\r\n" }, \
                { "http://h/p.cfg", MAGIC "LAMP=\"on\"\r\n" } }
#define NEW_TEXT \
    .after = { { "http://h/pre.cfg", MAGIC "CFG_STANDARD_FILE_PATH=\"http://h/s.cfg\"\r\n" \
                                           "CFG_PRODUCT_FILE_PATH=\"http://h/p.cfg\"\r\n" \
                                           "CFG_MASTER_FILE_PATH=\"http://h/m.cfg\"\r\n" }, \
               { "http://h/s.cfg", MAGIC "VOLUME=\"5\"\r\n" }, \
               { "http://h/p.cfg", MAGIC "LAMP=\"on\"\r\n" }, \
               { "http://h/m.cfg", MAGIC "NTP=\"ntp\"\r\n" } }

    { .name = "panasonic-hdv",
      HDV,
      OLD_TEXT,
      NEW_TEXT,
      .changes = true,
      .outcome = PROV_OUTCOME_APPLIED },
    { .name = "panasonic-hdv, confirmed",
      HDV,
      OLD_TEXT,
      NEW_TEXT,
      .confirm_ms = WINDOW_MS,
      .registers = true,
      .changes = true,
      .outcome = PROV_OUTCOME_APPLIED },
    { .name = "panasonic-hdv, undone",
      HDV,
      OLD_TEXT,
      NEW_TEXT,
      .confirm_ms = WINDOW_MS,
      .changes = true,
      .outcome = PROV_OUTCOME_UNDONE },

#define INITIAL(paths) \
    "<PANASIPPhoneConfig><Initial><CfgFiles>" paths "</CfgFiles></Initial></PANASIPPhoneConfig>"
#define DEVICE(text) \
    "<PANASIPPhoneConfig><Device><System>" text "</System></Device></PANASIPPhoneConfig>"
#define UTG .dialect = "panasonic-utg", .url = "http://h/i.xml"
#define PATH(kind, url) "<CFG_" kind "_FILE_PATH>" url "</CFG_" kind "_FILE_PATH>"

    { .name = "panasonic-utg, undone",
      UTG,
      .before = { { "http://h/i.xml", INITIAL(PATH("STANDARD", "http://h/s.xml")) },
                  { "http://h/s.xml", DEVICE("<V>old</V>") } },
      .after = { { "http://h/i.xml", INITIAL(PATH("MASTER", "http://h/m.xml")) },
                 { "http://h/m.xml", DEVICE("<V>new</V>") } },
      .confirm_ms = WINDOW_MS,
      .changes = true,
      .outcome = PROV_OUTCOME_UNDONE },
};

/* ---- A start of the phone ---- */

/* What the disk holds after each transaction of the undisturbed run. */
#define MOST_TOLD 12
static struct content *tell; /* written by the start under way, NULL = not */

static struct life {
    const struct story *story;
    const struct page *pages;
    uint64_t now;
    struct prov_store store; /* the real one */
    struct prov_run run;
    const struct prov_record *record;
    /* how it went */
    bool opened;
    enum prov_posix_repair repaired;
    enum prov_outcome outcomes[6];
    unsigned runs;
} life;

static enum prov_status
on_fetch(void *ctx, uint32_t id, const struct prov_fetch *req, struct prov_run *run)
{
    struct prov_fetch_result r = { .size = sizeof(r), .http_status = 404 };

    (void)ctx;
    for (size_t i = 0; i < 5 && life.pages[i].url != NULL; i++) {
        if (!prov_str_eq(req->url, prov_str_z(life.pages[i].url)))
            continue;
        r.http_status = 200;
        (void)!prov_run_body(run, id, life.pages[i].body, strlen(life.pages[i].body));
    }
    (void)prov_run_done(run, id, &r);
    return PROV_OK;
}

static uint64_t
on_now(void *ctx)
{
    (void)ctx;
    return life.now;
}

static void
on_sleep(void *ctx, uint32_t ms)
{
    (void)ctx;
    life.now += ms;
    if (life.record->on_trial && life.story->registers)
        (void)prov_run_confirm(&life.run);
}

static enum prov_status
on_load(void *ctx, uint32_t id, enum prov_item item, struct prov_run *run)
{
    return life.store.ops->load(ctx, id, item, run);
}

static enum prov_status
on_begin(void *ctx)
{
    return life.store.ops->begin(ctx);
}

static enum prov_status
on_put(void *ctx, enum prov_item item, const void *bytes, size_t len)
{
    return life.store.ops->put(ctx, item, bytes, len);
}

static enum prov_status
told(enum prov_status status)
{
    if (status != PROV_OK)
        return status;
    disk->told++;
    if (tell != NULL) {
        assert_true(disk->told < MOST_TOLD);
        tell[disk->told] = content_now();
    }
    return PROV_OK;
}

static enum prov_status
on_commit(void *ctx)
{
    return told(life.store.ops->commit(ctx));
}

static void
on_rollback(void *ctx)
{
    life.store.ops->rollback(ctx);
}

static enum prov_status
on_restore(void *ctx)
{
    return told(life.store.ops->restore(ctx));
}

static const struct prov_net_ops net_ops = { .size = sizeof(net_ops), .fetch = on_fetch };
static const struct prov_clock_ops clock_ops = { .size = sizeof(clock_ops),
                                                 .monotonic_ms = on_now,
                                                 .sleep = on_sleep };
static const struct prov_store_ops store_ops = {
    .size = sizeof(store_ops),
    .load = on_load,
    .begin = on_begin,
    .put = on_put,
    .commit = on_commit,
    .rollback = on_rollback,
    .restore = on_restore,
};

static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("M1"),
    .type = PROV_STR_INIT("D400"),
    .serial = PROV_STR_INIT("1"),
    .fwver = PROV_STR_INIT("01.000"),
};

/* Small, so that a start costs little. */
static const struct prov_limits limits = {
    .size = sizeof(limits),
    .url_bytes = 128,
    .file_bytes = 1024,
    .settings_bytes = 2048,
    .tree_bytes = 3072,
    .tree_files = 4,
    .xml_nodes = 64,
    .pool_nodes = 256,
    .fetches = 2,
    .diags = 16,
    .changes = 16,
    .sections = 8,
};

static void
run_to_the_end(struct prov_posix_store *store)
{
    static char memory[1 << 20];
    static const struct prov_delay delay = { 10, 0 };
    const struct prov_discover_options discover = { .size = sizeof(discover),
                                                    .needs_time = PROV_CHOICE_NO };
    const struct prov_session_config config = {
        .size = sizeof(config),
        .dialect = prov_dialect_find(prov_str_z(life.story->dialect)),
        .identity = &identity,
        .limits = &limits,
        .seed = 7,
        .url = prov_str_z(life.story->url),
        .discover = &discover,
        .delays = &delay,
        .delay_count = 1,
        .attempts = 2,
        .trigger = PROV_TRIGGER_BOOT,
        .confirm_ms = life.story->confirm_ms,
    };
    const struct prov_net net = { &net_ops, NULL };
    const struct prov_store table = { &store_ops, store };
    const struct prov_clock clock = { &clock_ops, NULL };
    struct prov_session *s;

    life.store = prov_posix_store_table(store);
    assert_int_equal(PROV_OK, prov_session_init(&s, memory, sizeof(memory), &config, NULL));
    life.record = prov_session_record(s);
    assert_int_equal(PROV_OK, prov_run_init(&life.run, s, &net, &table, &clock, NULL));
    do {
        assert_int_equal(PROV_OK, prov_run_loop(&life.run));
        assert_true(life.runs < PROV_COUNT(life.outcomes));
        life.outcomes[life.runs++] = life.record->outcome;
    } while (life.record->run_follows);
}

/* From power on until nothing is left to be done. */
static void
live(const struct story *story, const struct page *pages)
{
    struct prov_posix_store *store = NULL;

    life = (struct life){ .story = story, .pages = pages, .now = 1000 };
    if (prov_posix_store_open(&store, STORE) != PROV_OK)
        return;
    life.opened = true;
    life.repaired = prov_posix_store_repaired(store);
    run_to_the_end(store);
    prov_posix_store_close(&store);
}

static enum prov_outcome
last_outcome(void)
{
    return life.runs > 0 ? life.outcomes[life.runs - 1] : PROV_OUTCOME_NONE;
}

/* ---- What is known of a story ---- */

struct truth {
    const struct story *story;
    struct disk *base;               /* before the start under test */
    struct disk *run;                /* as the undisturbed start left it, with all its calls */
    struct content after[MOST_TOLD]; /* its transactions */
    struct content end;
    unsigned calls; /* of it */
    unsigned cuts;
};

static void
record_from_now(void)
{
    disk->start = disk->now;
    disk->call_count = 0;
    disk->told = 0;
    no_faults();
}

static struct disk *
copy_of(const struct disk *d)
{
    struct disk *copy = disk_new();

    memcpy(copy, d, sizeof(*copy));
    return copy;
}

static void
find_truth(struct truth *t, const struct story *story)
{
    memset(t, 0, sizeof(*t));
    t->story = story;
    disk = disk_new();
    no_faults();
    if (story->before[0].url != NULL) {
        struct story quiet = *story;

        quiet.registers = true;
        live(&quiet, story->before);
        PROV_ROW(story->name, last_outcome() == PROV_OUTCOME_APPLIED);
    }
    record_from_now();
    t->base = copy_of(disk);
    t->after[0] = content_now();
    tell = t->after;
    live(story, story->after);
    tell = NULL;
    t->calls = fault.calls;
    PROV_ROW(story->name, life.outcomes[0] == story->outcome);
    PROV_ROW(story->name, disk->told > 0 && disk_is_tidy());
    t->end = content_now();
    PROV_ROW(story->name, content_is(&t->after[disk->told]));
    t->run = disk;
}

static void
forget_truth(struct truth *t)
{
    disk_free(t->base);
    disk_free(t->run);
    disk = NULL;
}

/* Do both have the same files that make up the settings? */
static bool
same_settings(const struct content *a, const struct content *b)
{
    for (unsigned i = 0; i < PROV_POSIX_FILES; i++) {
        if ((prov_posix_settings() & prov_posix_bit(i)) != 0 && a->hash[i] != b->hash[i])
            return false;
    }
    return true;
}

static bool
settings_are(const struct content *c)
{
    const struct content now = content_now();

    return same_settings(&now, c);
}

/* The transaction that stored other settings; that of the beginning if there is none. */
static const struct content *
new_settings(const struct truth *t)
{
    for (unsigned i = 1; i <= t->run->told; i++) {
        if (!same_settings(&t->after[i], &t->after[0]))
            return &t->after[i];
    }
    return &t->after[0];
}

static bool
is_on_trial(void)
{
    static const char key[] = "\ntrial ";
    const size_t n = sizeof(key) - 1;
    size_t len = 0;
    const char *text = disk_read_file("state", &len);

    for (size_t i = 0; text != NULL && i + n <= len; i++) {
        if (memcmp(text + i, key, n) == 0)
            return true;
    }
    return false;
}

static void
undisturbed_runs_are_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(stories); i++) {
        const struct story *s = &stories[i];
        struct truth t;

        find_truth(&t, s);
        PROV_ROW(s->name, s->changes == !same_settings(new_settings(&t), &t.after[0]));
        PROV_ROW(s->name, !is_on_trial());
        PROV_ROW(s->name,
                 same_settings(&t.end,
                               s->outcome == PROV_OUTCOME_UNDONE ? &t.after[0] : new_settings(&t)));
        forget_truth(&t);
    }
}

/* ---- Power cuts ---- */

/* Whatever the disk holds: the next starts come to the end that the undisturbed one came to. */
static void
comes_to_the_end(const struct truth *t)
{
    const char *name = t->story->name;

    live(t->story, t->story->after);
    PROV_ROW(name, life.opened);
    PROV_ROW(name, last_outcome() != PROV_OUTCOME_FAILED && last_outcome() != PROV_OUTCOME_NONE);
    PROV_ROW(name, settings_are(&t->end));
    PROV_ROW(name, !is_on_trial());
    PROV_ROW(name, disk_is_tidy());
}

static void
check_start(void *ctx, unsigned told, bool last)
{
    struct truth *t = ctx;
    struct prov_posix_store *store = NULL;
    const char *name = t->story->name;

    PROV_ROW(name, prov_posix_store_open(&store, STORE) == PROV_OK);

    const enum prov_posix_repair done = prov_posix_store_repaired(store);
    const bool is_old = content_is(&t->after[told]);
    const bool is_new = !is_old && !last && content_is(&t->after[told + 1]);

    prov_posix_store_close(&store);
    PROV_ROW(name, is_old || is_new);
    PROV_ROW(name, done != PROV_POSIX_REPAIR_DISCARDED || is_old);
    PROV_ROW(name, disk_is_tidy());
    comes_to_the_end(t);
    t->cuts++;
}

static void
a_power_cut_before_any_call_leaves_old_or_new(void **state)
{
    unsigned cuts = 0, calls = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(stories); i++) {
        struct truth t;

        find_truth(&t, &stories[i]);
        calls += t.calls;
        (void)cut_everywhere(t.run, check_start, &t);
        cuts += t.cuts;
        forget_truth(&t);
    }
    print_message("# power cut before each of %u calls, %u different disks\n", calls, cuts);
    assert_true(calls > 1000 && cuts > 2000);
}

/* The power goes a second time, at any instant of the start that follows. Two starts without a
 * confirmation are one too many, and then the old settings are the end. */
static void
check_second_start(const struct truth *t, unsigned *cuts)
{
    struct disk *const first = disk;
    size_t n;

    record_from_now();
    live(t->story, t->story->after);
    n = first->call_count;
    for (size_t cut = 0; cut <= n; cut++) {
        if (cut > 0 && first->calls[cut - 1].kind == CALL_NONE)
            continue;
        disk = disk_after_cut(first, cut, UINT64_MAX, REST_LOST);
        live(t->story, t->story->after);
        PROV_ROW(t->story->name, life.opened && disk_is_tidy() && !is_on_trial());
        PROV_ROW(t->story->name, settings_are(&t->end) || (settings_are(&t->after[0]) &&
                                                           last_outcome() == PROV_OUTCOME_REFUSED));
        disk_free(disk);
        ++*cuts;
    }
    disk = first;
}

static void
a_second_power_cut_does_no_harm(void **state)
{
    unsigned cuts = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(stories); i++) {
        struct truth t;

        if (stories[i].confirm_ms == 0)
            continue;
        find_truth(&t, &stories[i]);
        for (size_t cut = 0; cut <= t.run->call_count; cut++) {
            if (cut > 0 && t.run->calls[cut - 1].kind != CALL_NAMES)
                continue;
            disk = disk_after_cut(t.run, cut, UINT64_MAX, REST_THERE);
            check_second_start(&t, &cuts);
            disk_free(disk);
        }
        forget_truth(&t);
    }
    print_message("# %u pairs of power cuts\n", cuts);
    assert_true(cuts > 1000);
}

/* ---- Failures ---- */

/* What the run said is what is there: no half application. */
static void
check_outcome(const struct truth *t, bool for_ever)
{
    const char *name = t->story->name;
    const bool is_old = settings_are(&t->after[0]), is_new = settings_are(new_settings(t));

    PROV_ROW(name, is_old || is_new);
    if (!life.opened)
        return;
    switch (last_outcome()) {
    case PROV_OUTCOME_APPLIED:
    case PROV_OUTCOME_UNCHANGED:
        PROV_ROW(name, is_new);
        break;
    case PROV_OUTCOME_UNDONE:
        PROV_ROW(name, is_old);
        break;
    case PROV_OUTCOME_FAILED:
        /* With the new ones only if they could not be undone, or if the disk failed at the commit
         * point and again when that was taken back: see the header. */
        PROV_ROW(name, is_old || is_on_trial() || for_ever);
        break;
    case PROV_OUTCOME_NONE:
    case PROV_OUTCOME_PARTIAL:
    case PROV_OUTCOME_REFUSED:
    case PROV_OUTCOME_NOTHING:
    case PROV_OUTCOME_SAVED:
        fail_msg("row '%s': an outcome that a store cannot cause", name);
        break;
    }
}

/* The start under test with a fault, then one without. */
static void
disturb(const struct truth *t, unsigned fail_at, int reason, bool for_ever)
{
    struct prov_posix_store *store = NULL;

    disk = copy_of(t->base);
    no_faults();
    fault.fail_at = fail_at;
    fault.reason = reason;
    fault.for_ever = for_ever;
    live(t->story, t->story->after);
    no_faults();
    PROV_ROW(t->story->name, prov_posix_store_open(&store, STORE) == PROV_OK);
    prov_posix_store_close(&store);
    check_outcome(t, for_ever);
    PROV_ROW(t->story->name, disk_is_tidy());
    comes_to_the_end(t);
    disk_free(disk);
    disk = NULL;
}

static void
any_call_that_fails_leaves_what_the_outcome_says(void **state)
{
    static const int reasons[] = { EIO, ENOSPC };
    unsigned tried = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(stories); i++) {
        struct truth t;

        find_truth(&t, &stories[i]);
        for (unsigned way = 0; way < 2 * PROV_COUNT(reasons); way++) {
            for (unsigned n = 1; n <= t.calls; n++, tried++)
                disturb(&t, n, reasons[way / 2], way % 2 == 1);
        }
        forget_truth(&t);
    }
    print_message("# %u runs with a call that fails\n", tried);
    assert_true(tried > 3000);
}

static void
interruptions_and_short_writes_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(stories); i++) {
        struct truth t;

        find_truth(&t, &stories[i]);
        disk = copy_of(t.base);
        fault.interrupt = fault.shorten = true;
        live(&stories[i], stories[i].after);
        no_faults();
        PROV_ROW(stories[i].name, life.outcomes[0] == stories[i].outcome);
        PROV_ROW(stories[i].name, content_is(&t.end) && disk_is_tidy());
        disk_free(disk);
        forget_truth(&t);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed_runs_are_as_told),
        cmocka_unit_test(a_power_cut_before_any_call_leaves_old_or_new),
        cmocka_unit_test(a_second_power_cut_does_no_harm),
        cmocka_unit_test(any_call_that_fails_leaves_what_the_outcome_says),
        cmocka_unit_test(interruptions_and_short_writes_change_nothing),
    };
    return cmocka_run_group_tests_name("power_run", tests, NULL, NULL);
}
