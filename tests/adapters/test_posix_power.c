/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* Every system call of a transaction and of a repair: power cuts and failures (STO-1). */

#include "store_disk.h"

#include "fake_run.h"

/* ---- transactions ---- */

struct part {
    enum prov_item item;
    const char *text;
};

/* One transaction: up to five pieces in this order, then commit or restore. */
struct step {
    struct part parts[5]; /* text NULL ends them */
    bool restore;
};

static enum prov_status
carry_out(struct prov_posix_store *s, const struct step *step)
{
    const struct prov_store_ops *ops = prov_posix_store_table(s).ops;
    enum prov_status status = ops->begin(s);

    for (size_t i = 0; i < PROV_COUNT(step->parts) && step->parts[i].text != NULL; i++) {
        const struct part *p = &step->parts[i];

        if (status == PROV_OK)
            status = ops->put(s, p->item, p->text, strlen(p->text));
    }
    if (status == PROV_OK)
        status = step->restore ? ops->restore(s) : ops->commit(s);
    if (status != PROV_OK)
        ops->rollback(s);
    else
        disk->told++;
    return status;
}

/* ---- histories ---- */

#define STEPS 3

/* Some are done beforehand, so that there is something to come back to; the rest is under test. */
static const struct history {
    const char *name;
    unsigned before;
    struct step steps[STEPS];
    bool no_links;
} histories[] = {
    { "first settings",
      0,
      { { .parts = { { PROV_ITEM_SETTINGS, "<new" },
                     { PROV_ITEM_STATE, "state 1" },
                     { PROV_ITEM_SETTINGS, "/>" } } } },
      false },
    { "other settings",
      1,
      { { .parts = { { PROV_ITEM_SETTINGS, "<old/>" }, { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_SETTINGS, "<new/>" }, { PROV_ITEM_STATE, "state 2" } } },
        { .parts = { { PROV_ITEM_SETTINGS, "<third/>" }, { PROV_ITEM_STATE, "state 3" } } } },
      false },
    { "other settings, no hard links",
      1,
      { { .parts = { { PROV_ITEM_SETTINGS, "<old/>" }, { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_SETTINGS, "<new/>" }, { PROV_ITEM_STATE, "state 2" } } } },
      true },
    { "the state alone",
      1,
      { { .parts = { { PROV_ITEM_SETTINGS, "<old/>" }, { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_STATE, "state 2" }, { PROV_ITEM_TREE, "tree" } } } },
      false },
    { "back to the settings before",
      2,
      { { .parts = { { PROV_ITEM_SETTINGS, "<old/>" }, { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_SETTINGS, "<new/>" }, { PROV_ITEM_STATE, "state 2" } } },
        { .parts = { { PROV_ITEM_STATE, "state 3" } }, .restore = true } },
      false },
    { "back to none",
      1,
      { { .parts = { { PROV_ITEM_SETTINGS, "<new/>" }, { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_STATE, "state 2" } }, .restore = true },
        { .parts = { { PROV_ITEM_SETTINGS, "<other/>" }, { PROV_ITEM_STATE, "state 3" } } } },
      false },
    { "files in layers, then one of them",
      0,
      { { .parts = { { PROV_ITEM_INITIAL, "initial 1" },
                     { PROV_ITEM_STANDARD, "standard 1" },
                     { PROV_ITEM_MASTER, "master 1" },
                     { PROV_ITEM_CERT_2, "certificate" },
                     { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_STANDARD, "standard 2" }, { PROV_ITEM_STATE, "state 2" } } } },
      false },
    { "files in layers, and back",
      2,
      { { .parts = { { PROV_ITEM_INITIAL, "initial 1" },
                     { PROV_ITEM_STANDARD, "standard 1" },
                     { PROV_ITEM_STATE, "state 1" } } },
        { .parts = { { PROV_ITEM_STANDARD, "standard 2" },
                     { PROV_ITEM_PRODUCT, "product 2" },
                     { PROV_ITEM_STATE, "state 2" } } },
        { .parts = { { PROV_ITEM_STATE, "state 3" } }, .restore = true } },
      false },
};

static unsigned
step_count(const struct history *h)
{
    unsigned n = 0;

    while (n < STEPS && h->steps[n].parts[0].text != NULL)
        n++;
    return n;
}

/* What the last step puts there. */
static const char *
last_state(const struct history *h)
{
    const struct part *p = h->steps[step_count(h) - 1].parts;

    while (p->item != PROV_ITEM_STATE)
        p++;
    return p->text;
}

static struct prov_posix_store *
open_store(void)
{
    struct prov_posix_store *s = NULL;

    assert_int_equal(PROV_OK, prov_posix_store_open(&s, STORE));
    return s;
}

/* From here on calls are recorded. */
static void
record_from_now(void)
{
    disk->start = disk->now;
    disk->call_count = 0;
    disk->told = 0;
    no_faults();
}

/* A disk on which the first steps were done. */
static void
start_over(const struct history *h)
{
    struct prov_posix_store *s;

    disk_free(disk);
    disk = disk_new();
    no_faults();
    fault.no_links = h->no_links;
    s = open_store();
    for (unsigned i = 0; i < h->before; i++)
        assert_int_equal(PROV_OK, carry_out(s, &h->steps[i]));
    prov_posix_store_close(&s);
    record_from_now();
    fault.no_links = h->no_links;
}

/* What the store holds after each of the steps under test; `from` the first of them. */
struct truth {
    const struct history *h;
    struct content after[STEPS + 1];
    unsigned seen[PROV_POSIX_REPAIR_DISCARDED + 1];
};

static struct truth
tell_truth(const struct history *h)
{
    struct truth t = { .h = h };
    struct prov_posix_store *s;

    start_over(h);
    t.after[0] = content_now();
    s = open_store();
    for (unsigned i = h->before; i < step_count(h); i++) {
        assert_int_equal(PROV_OK, carry_out(s, &h->steps[i]));
        t.after[i + 1 - h->before] = content_now();
    }
    prov_posix_store_close(&s);
    return t;
}

static int
tear_down(void **state)
{
    (void)state;
    disk_free(disk);
    disk = NULL;
    no_faults();
    fake_reset();
    return 0;
}

/* ---- power cuts ---- */

/* After a restart: before or after the step under way, all of it, nothing left behind; and the
 * store says which. */
static void
check_restart(void *ctx, unsigned told, bool last)
{
    struct truth *t = ctx;
    struct prov_posix_store *s = open_store();
    const enum prov_posix_repair done = prov_posix_store_repaired(s);
    const bool is_old = content_is(&t->after[told]);
    const bool is_new = !is_old && !last && content_is(&t->after[told + 1]);

    PROV_ROW(t->h->name, is_old || is_new);
    PROV_ROW(t->h->name, disk_is_tidy());
    /* When nothing had been begun, what was done last may have been completed once more. */
    PROV_ROW(t->h->name, done != PROV_POSIX_REPAIR_DISCARDED || is_old);
    t->seen[done]++;
    prov_posix_store_close(&s);
}

static void
a_power_cut_at_any_instant_leaves_old_or_new(void **state)
{
    unsigned tried = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(histories); i++) {
        struct truth t = tell_truth(&histories[i]);
        const unsigned n = cut_everywhere(disk, check_restart, &t);

        PROV_ROW(histories[i].name, n >= 20);
        for (unsigned k = 0; k < PROV_COUNT(t.seen); k++)
            PROV_ROW(histories[i].name, t.seen[k] > 0);
        tried += n;
    }
    print_message("# %u disks after power cuts\n", tried);
}

/* The power goes once more, during the repair. */
static void
check_repair(void *ctx, unsigned told, bool last)
{
    struct truth *t = ctx;
    struct disk *const cut = disk;
    struct prov_posix_store *s;

    record_from_now();
    s = open_store();
    prov_posix_store_close(&s);

    /* Whichever it is to be, it stays so. */
    struct truth now = { .h = t->h };
    const bool is_new = !last && content_is(&t->after[told + 1]);

    PROV_ROW(t->h->name, is_new || content_is(&t->after[told]));
    now.after[0] = now.after[1] = content_now();
    t->seen[0] += cut_everywhere(cut, check_restart, &now);
    disk = cut;
}

static void
a_power_cut_during_the_repair_leaves_old_or_new(void **state)
{
    unsigned tried = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(histories); i++) {
        struct truth t = tell_truth(&histories[i]);

        (void)cut_everywhere(disk, check_repair, &t);
        PROV_ROW(histories[i].name, t.seen[0] > 100);
        tried += t.seen[0];
    }
    print_message("# %u disks after power cuts in a repair\n", tried);
}

/* ---- failures ---- */

/* The steps under test with a fault; what the answers said holds now. Answers how many succeeded. */
static unsigned
disturb(const struct truth *t, unsigned fail_at, bool for_ever, int reason)
{
    const struct history *h = t->h;
    struct prov_posix_store *s;

    start_over(h);
    s = open_store();
    record_from_now();
    fault.no_links = h->no_links;
    fault.fail_at = fail_at;
    fault.for_ever = for_ever;
    fault.reason = reason;
    for (unsigned i = h->before; i < step_count(h); i++) {
        if (carry_out(s, &h->steps[i]) != PROV_OK) {
            PROV_ROW(h->name, errno == reason);
            break;
        }
    }
    prov_posix_store_close(&s);
    return disk->told;
}

static void
any_call_that_fails_leaves_what_the_answer_says(void **state)
{
    static const int reasons[] = { EIO, ENOSPC };
    unsigned tried = 0;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(histories); i++) {
        struct truth t = tell_truth(&histories[i]);

        for (size_t r = 0; r < PROV_COUNT(reasons); r++) {
            for (unsigned n = 1; n <= fault.calls || n == 1; n++) {
                const unsigned told = disturb(&t, n, false, reasons[r]);
                const unsigned calls = fault.calls;

                no_faults();
                check_restart(&t, told, true);
                fault.calls = calls;
                tried++;
            }
        }
    }
    print_message("# %u failures\n", tried);
    assert_true(tried > 500);
}

static void
a_power_cut_after_a_failure_leaves_old_or_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(histories); i++) {
        struct truth t = tell_truth(&histories[i]);

        for (unsigned n = 1; n <= fault.calls || n == 1; n++) {
            (void)disturb(&t, n, false, EIO);

            const unsigned calls = fault.calls;

            no_faults();
            (void)cut_everywhere(disk, check_restart, &t);
            fault.calls = calls;
        }
    }
}

static void
a_store_goes_on_after_any_failure(void **state)
{
    const struct history *h = &histories[1];
    const struct step *change = &h->steps[1];
    struct truth t = tell_truth(h);

    (void)state;
    for (unsigned n = 1; n < 80; n++) {
        struct prov_posix_store *s;

        start_over(h);
        s = open_store();
        no_faults();
        fault.fail_at = n;
        fault.reason = EIO;

        const enum prov_status first = carry_out(s, change);

        no_faults();
        /* If it was done the first time, it is done twice. */
        assert_int_equal(PROV_OK, carry_out(s, change));
        prov_posix_store_close(&s);
        assert_true(first == PROV_OK || content_is(&t.after[1]));
        assert_true(disk_is("settings.xml", "<new/>") && disk_is_tidy());
    }
}

static void
a_disk_that_is_gone_for_good_leaves_old_or_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(histories); i++) {
        struct truth t = tell_truth(&histories[i]);

        for (unsigned n = 1; n <= fault.calls || n == 1; n++) {
            const unsigned told = disturb(&t, n, true, EIO);
            const unsigned calls = fault.calls;

            no_faults();
            /* At the commit point the answer leaves open what is in force, see the header. */
            check_restart(&t, told, told + histories[i].before == step_count(&histories[i]));
            fault.calls = calls < 200 ? calls : 200;
        }
    }
}

static void
interruptions_and_short_writes_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(histories); i++) {
        const struct history *h = &histories[i];
        struct truth t = tell_truth(h);
        struct prov_posix_store *s;

        start_over(h);
        fault.interrupt = fault.shorten = true;
        s = open_store();
        for (unsigned k = h->before; k < step_count(h); k++)
            PROV_ROW(h->name, carry_out(s, &h->steps[k]) == PROV_OK);
        fake_reset();
        PROV_ROW(h->name,
                 prov_posix_store_table(s).ops->load(s, 1, PROV_ITEM_STATE, &fake_run) == PROV_OK);
        PROV_ROW(h->name, fakes[1].pieces == 7 && fake_body_is(1, last_state(h)));
        prov_posix_store_close(&s);
        no_faults();
        check_restart(&t, step_count(h) - h->before, true);
    }
}

static void
a_put_that_failed_cannot_be_committed(void **state)
{
    (void)state;
    for (int restore = 0; restore < 2; restore++) {
        struct truth t = tell_truth(&histories[1]);
        const struct prov_store_ops *ops;
        struct prov_posix_store *s;

        start_over(&histories[1]);
        s = open_store();
        ops = prov_posix_store_table(s).ops;
        assert_int_equal(PROV_OK, ops->begin(s));
        assert_int_equal(PROV_OK, ops->put(s, PROV_ITEM_STATE, "<ne", 3));
        no_faults();
        fault.fail_at = 1;
        fault.reason = ENOSPC;
        assert_int_equal(PROV_E_STORAGE, ops->put(s, PROV_ITEM_STATE, "w/>", 3));
        assert_int_equal(ENOSPC, errno);
        assert_int_equal(PROV_E_STORAGE, restore != 0 ? ops->restore(s) : ops->commit(s));
        prov_posix_store_close(&s);
        no_faults();
        check_restart(&t, 0, true);
    }
}

/* Something is to be completed when it is opened, and the disk fails. */
static void
an_open_that_fails_can_be_tried_again(void **state)
{
    struct truth t = tell_truth(&histories[1]);
    struct disk *const whole = disk;
    size_t cut = 0;
    unsigned failed = 0;

    (void)state;
    while (!(whole->calls[cut].kind == CALL_NAMES && whole->calls[cut].to >= 0 &&
             strcmp(whole->names[whole->calls[cut].to], "transaction") == 0))
        cut++;
    for (unsigned n = 1; n < 30; n++) {
        struct prov_posix_store *s = NULL;

        disk = disk_after_cut(whole, cut + 1, UINT64_MAX, REST_THERE);
        no_faults();
        fault.fail_at = n;
        fault.reason = EIO;
        if (prov_posix_store_open(&s, STORE) != PROV_OK) {
            assert_int_equal(EIO, errno);
            assert_null(s);
            failed++;
        }
        prov_posix_store_close(&s);
        no_faults();
        check_restart(&t, 1, true);
        disk_free(disk);
    }
    disk = whole;
    assert_in_range(failed, 10, 29);
}

/* ---- lists ---- */

static void
a_list_that_is_not_ours_counts_for_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "libprov transaction 2\nput settings.xml\n",
        "libprov transaction 2\nput settings.xml\nput state\nend\nx",
        "libprov transaction 2\nput settings.xml\nput settings.xml\nend\n",
        "libprov transaction 2\nput settings.xml\ndrop settings.xml\nend\n",
        "libprov transaction 2\nput state\nput settings.xml\nend\n",
        "libprov transaction 2\nput settings.xml\r\nend\n",
        "libprov transaction 2\nkeep settings.xml\nend\n",
        "libprov transaction 3\nput settings.xml\nend\n",
        "libprov transaction 2\nput ../x\nend\n",
        "libprov transaction 2\nend\n",
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        struct truth t = { .h = &histories[0] };

        disk_free(disk);
        disk = disk_new();
        disk_file("settings.xml", "<old/>", 6);
        t.after[0] = content_now();
        disk_file("settings.xml.new", "half", 4);
        disk_file("transaction", texts[i], strlen(texts[i]));
        check_restart(&t, 0, true);
        PROV_ROW(texts[i], t.seen[PROV_POSIX_REPAIR_DISCARDED] == 1);
    }
}

static void
a_list_longer_than_any_of_ours_counts_for_nothing(void **state)
{
    char text[3000];

    (void)state;
    for (size_t len = 1020; len <= sizeof(text); len += len < 1030 ? 1 : 500) {
        struct truth t = { .h = &histories[0] };

        disk = disk_new();
        memset(text, '\0', sizeof(text));
        strcpy(text, "libprov transaction 2\nput settings.xml\nend\n");
        disk_file("transaction", text, len);
        check_restart(&t, 0, true);
        disk_free(disk);
        disk = NULL;
    }
}

/* A restore needs all that was kept, or it changes nothing. */
static void
previous_settings_that_are_not_whole_are_not_restored(void **state)
{
    static const struct {
        const char *name, *file, *text;
    } rows[] = {
        { "no list", "previous", NULL },
        { "half a list", "previous", "libprov transaction 2\nput settings.xml\n" },
        { "a list of other files", "previous", "libprov transaction 2\nput state\nend\n" },
        { "a file is gone", "settings.previous.xml", NULL },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct history *h = &histories[4];
        struct truth t = { .h = h };
        struct prov_posix_store *s;

        start_over(h);
        if (rows[i].text != NULL)
            disk_file(rows[i].file, rows[i].text, strlen(rows[i].text));
        else
            disk->now.names[disk_name(rows[i].file)] = -1;
        t.after[0] = content_now();
        s = open_store();
        PROV_ROW(rows[i].name, carry_out(s, &h->steps[2]) == PROV_E_NOT_FOUND);
        PROV_ROW(rows[i].name, errno == ENOENT);
        prov_posix_store_close(&s);
        check_restart(&t, 0, true);
    }
}

static void
settings_cannot_be_put_and_restored_at_once(void **state)
{
    const struct step both = { .parts = { { PROV_ITEM_MASTER, "m" } }, .restore = true };
    struct truth t = tell_truth(&histories[1]);
    struct prov_posix_store *s;

    (void)state;
    start_over(&histories[1]);
    s = open_store();
    assert_int_equal(PROV_E_STORAGE, carry_out(s, &both));
    assert_int_equal(EINVAL, errno);
    assert_int_equal(PROV_E_STORAGE, prov_posix_store_table(s).ops->restore(s));
    assert_int_equal(EINVAL, errno);
    prov_posix_store_close(&s);
    check_restart(&t, 0, true);
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_power_cut_at_any_instant_leaves_old_or_new),
        T(a_power_cut_during_the_repair_leaves_old_or_new),
        T(any_call_that_fails_leaves_what_the_answer_says),
        T(a_power_cut_after_a_failure_leaves_old_or_new),
        T(a_store_goes_on_after_any_failure),
        T(a_disk_that_is_gone_for_good_leaves_old_or_new),
        T(interruptions_and_short_writes_do_no_harm),
        T(a_put_that_failed_cannot_be_committed),
        T(an_open_that_fails_can_be_tried_again),
        T(a_list_that_is_not_ours_counts_for_nothing),
        T(a_list_longer_than_any_of_ours_counts_for_nothing),
        T(previous_settings_that_are_not_whole_are_not_restored),
        T(settings_cannot_be_put_and_restored_at_once),
    };
    return cmocka_run_group_tests_name("posix_power", tests, NULL, NULL);
}
