/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* Every system call of a commit and of a repair: power cuts, kills, failures (STO-1). */

#include <sys/wait.h>

#include "disk.h"
#include "fake_run.h"

#define openat disk_openat
#define write disk_write
#define read disk_read
#define fsync disk_fsync
#define renameat disk_renameat
#define linkat disk_linkat
#define unlinkat disk_unlinkat
#define close disk_close
#include "../../lib/adapters/posix_store.c"
#undef openat
#undef write
#undef read
#undef fsync
#undef renameat
#undef linkat
#undef unlinkat
#undef close

#define OLD "<old/>"
#define OLDER "<older/>"
#define NEW "<new/>"
#define OLD_STATE "state 1"
#define NEW_STATE "state 2"
#define THIRD "<third/>"
#define THIRD_STATE "state 3"

static int
set_up(void **state)
{
    (void)state;
    folder_make();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    folder_remove();
    fake_reset();
    return 0;
}

/* The same start for every attempt: no faults, nothing recorded. */
static void
start_over(void)
{
    memset(&fault, 0, sizeof(fault));
    memset(&disk, 0, sizeof(disk));
    memset(disk.names, -1, sizeof(disk.names));
    memset(disk.of_fd, -1, sizeof(disk.of_fd));
    folder_empty();
    disk_file("settings.xml", OLD);
    disk_file("settings.previous.xml", OLDER);
    disk_file("state", OLD_STATE);
}

static struct prov_posix_store *
open_store(void)
{
    struct prov_posix_store *s = NULL;

    assert_int_equal(PROV_OK, prov_posix_store_open(&s, folder));
    return s;
}

static enum prov_status
change(struct prov_posix_store *s)
{
    const struct prov_store_ops *ops = prov_posix_store_table(s).ops;

    if (ops->begin(s) != PROV_OK || ops->put(s, PROV_ITEM_SETTINGS, "<new", 4) != PROV_OK ||
        ops->put(s, PROV_ITEM_STATE, NEW_STATE, strlen(NEW_STATE)) != PROV_OK ||
        ops->put(s, PROV_ITEM_SETTINGS, "/>", 2) != PROV_OK) {
        ops->rollback(s);
        return PROV_E_STORAGE;
    }
    return ops->commit(s);
}

static bool
is_old(void)
{
    return file_is("settings.xml", OLD) && file_is("state", OLD_STATE) &&
           file_is("settings.previous.xml", OLDER);
}

static bool
is_new(void)
{
    return file_is("settings.xml", NEW) && file_is("state", NEW_STATE) &&
           file_is("settings.previous.xml", OLD);
}

static bool
is_third(void)
{
    return file_is("settings.xml", THIRD) && file_is("state", THIRD_STATE) &&
           file_is("settings.previous.xml", NEW);
}

/* The settings file as another program may read it at any time. */
static bool
is_whole(void)
{
    return file_is("settings.xml", OLD) || file_is("settings.xml", NEW);
}

static bool
is_tidy(void)
{
    for (int i = name_index("settings.xml.new"); i < NAMES; i++) {
        if (file_read(disk_names[i]) != NULL)
            return false;
    }
    return true;
}

/* After a restart: one of them, whole, and nothing left behind. True: it is not the old. */
static bool
check_restart(void)
{
    struct prov_posix_store *s;

    memset(&fault, 0, sizeof(fault));
    disk.on = false;
    s = open_store();
    assert_true(is_old() || is_new() || is_third());
    assert_true(is_tidy());
    prov_posix_store_close(&s);
    return !is_old();
}

/* Run in a process that may be killed. True if it was. */
static bool
killed(void (*work)(void), unsigned at)
{
    int status;
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        fault.die_at = at;
        work();
        _exit(0);
    }
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == CRASHED);
    return WEXITSTATUS(status) == CRASHED;
}

static void
change_it(void)
{
    struct prov_posix_store *s = NULL;

    if (prov_posix_store_open(&s, folder) != PROV_OK || change(s) != PROV_OK)
        _exit(1);
}

static void
only_open(void)
{
    struct prov_posix_store *s = NULL;

    if (prov_posix_store_open(&s, folder) != PROV_OK)
        _exit(1);
}

static void
a_kill_at_any_call_leaves_old_or_new(void **state)
{
    unsigned n = 0;
    unsigned fresh = 0;

    (void)state;
    do {
        start_over();
        n++;
        if (!killed(change_it, n))
            break;
        assert_true(is_whole());
        fresh += check_restart();
    } while (n < 500);
    assert_true(is_new());
    assert_in_range(n, 30, 499);
    assert_in_range(fresh, 5, n - 10); /* both outcomes have been seen */
}

static void
a_kill_during_the_repair_leaves_old_or_new(void **state)
{
    (void)state;
    for (unsigned n = 1;; n++) {
        start_over();
        if (!killed(change_it, n))
            break;
        for (unsigned m = 1; m < 500 && killed(only_open, m); m++)
            assert_true(is_whole());
        (void)check_restart();
    }
}

/* Begin with `start`, lose power before every operation, in every way. */
static unsigned
cut_power_everywhere(const struct image *start)
{
    unsigned tried = 0;

    for (size_t cut = 0; cut <= disk.op_count; cut++) {
        for (unsigned luck = 0, pending = 1; luck < 2U << pending; luck++) {
            struct image im;

            pending = image_at(&im, start, cut, luck / 2, luck % 2 != 0);
            assert_true(pending < 10);
            image_write(&im);
            (void)check_restart();
            tried++;
        }
    }
    return tried;
}

static void
image_of_start(struct image *im)
{
    memset(im, 0, sizeof(*im));
    memcpy(im->names, disk.names, sizeof(im->names));
    memcpy(im->len, disk.len, sizeof(im->len));
}

/* What commit() said holds now and after a restart. */
static void
check_answer(struct prov_posix_store *s, enum prov_status answer)
{
    const struct prov_store_ops *ops = prov_posix_store_table(s).ops;
    const bool fresh = answer == PROV_OK;

    assert_true(fresh || answer == PROV_E_STORAGE);
    assert_true(is_whole());
    fake_reset();
    assert_int_equal(PROV_OK, ops->load(s, 1, PROV_ITEM_SETTINGS, &fake_run));
    assert_int_equal(PROV_OK, ops->load(s, 2, PROV_ITEM_STATE, &fake_run));
    assert_true(fake_body_is(1, fresh ? NEW : OLD));
    assert_true(fake_body_is(2, fresh ? NEW_STATE : OLD_STATE));
    prov_posix_store_close(&s);
    assert_int_equal(fresh, check_restart());
}

/* One change with a fault, or none, and power cuts at every instant. */
static void
record_and_cut(unsigned fail_at, bool no_links)
{
    struct prov_posix_store *s;
    struct image start;

    start_over();
    image_of_start(&start);
    s = open_store();
    memset(&fault, 0, sizeof(fault));
    fault.fail_at = fail_at;
    fault.no_links = no_links;
    fault.reason = EIO;
    disk.on = true;
    (void)change(s);
    disk.on = false;
    memset(&fault, 0, sizeof(fault));
    prov_posix_store_close(&s);
    (void)cut_power_everywhere(&start);
}

static void
a_power_cut_at_any_instant_leaves_old_or_new(void **state)
{
    (void)state;
    record_and_cut(0, false);
    assert_true(is_new()); /* after the last operation nothing can take it back */
    record_and_cut(0, true);
    assert_true(is_new());
}

static void
a_power_cut_after_a_failure_leaves_old_or_new(void **state)
{
    (void)state;
    for (unsigned n = 20; n < 36; n++) /* around the commit point */
        record_and_cut(n, false);
}

static void
a_power_cut_in_a_second_change_leaves_one_of_three(void **state)
{
    struct prov_posix_store *s;
    struct image start;

    (void)state;
    start_over();
    image_of_start(&start);
    s = open_store();
    disk.on = true;
    assert_int_equal(PROV_OK, change(s));

    const struct prov_store_ops *ops = prov_posix_store_table(s).ops;

    assert_int_equal(PROV_OK, ops->begin(s));
    assert_int_equal(PROV_OK, ops->put(s, PROV_ITEM_SETTINGS, THIRD, strlen(THIRD)));
    assert_int_equal(PROV_OK, ops->put(s, PROV_ITEM_STATE, THIRD_STATE, strlen(THIRD_STATE)));
    assert_int_equal(PROV_OK, ops->commit(s));
    disk.on = false;
    prov_posix_store_close(&s);
    assert_true(cut_power_everywhere(&start) > 200);
    assert_true(is_third());
}

static void
a_put_that_failed_cannot_be_committed(void **state)
{
    (void)state;
    start_over();

    struct prov_posix_store *s = open_store();
    const struct prov_store_ops *ops = prov_posix_store_table(s).ops;

    assert_int_equal(PROV_OK, ops->begin(s));
    assert_int_equal(PROV_OK, ops->put(s, PROV_ITEM_SETTINGS, "<ne", 3));
    fault.calls = 0;
    fault.fail_at = 1;
    fault.reason = ENOSPC;
    assert_int_equal(PROV_E_STORAGE, ops->put(s, PROV_ITEM_SETTINGS, "w/>", 3));
    assert_int_equal(ENOSPC, errno);
    assert_int_equal(PROV_E_STORAGE, ops->commit(s));
    check_answer(s, PROV_E_STORAGE);
}

static void
a_power_cut_during_the_repair_leaves_old_or_new(void **state)
{
    struct prov_posix_store *s;
    struct image start;
    unsigned repairs = 0;

    (void)state;
    for (unsigned n = 1;; n++) {
        start_over();
        if (!killed(change_it, n))
            break;
        if (file_read("transaction") == NULL)
            continue;
        /* The disk as the killed one left it, all of it synchronised, as far as it had come. */
        memset(disk.names, -1, sizeof(disk.names));
        disk.inodes = 0;
        for (int i = 0; i < NAMES; i++) {
            const char *text = file_read(disk_names[i]);

            if (text != NULL)
                disk_file(disk_names[i], text);
        }
        image_of_start(&start);
        disk.on = true;
        s = open_store();
        disk.on = false;
        prov_posix_store_close(&s);
        assert_true(cut_power_everywhere(&start) > 5);
        repairs++;
    }
    assert_in_range(repairs, 4, 20);
}

/* Answers how many calls the change has. */
static unsigned
fail_each_call(int reason)
{
    unsigned n = 0;
    unsigned calls;

    do {
        start_over();

        struct prov_posix_store *s = open_store();

        memset(&fault, 0, sizeof(fault));
        fault.fail_at = ++n;
        fault.reason = reason;

        const enum prov_status answer = change(s);
        const int why = errno;

        calls = fault.calls;
        memset(&fault, 0, sizeof(fault));
        if (answer != PROV_OK)
            assert_int_equal(reason, why);
        check_answer(s, answer);
    } while (n <= calls);
    return n;
}

static void
any_call_that_fails_leaves_what_the_answer_says(void **state)
{
    (void)state;
    assert_in_range(fail_each_call(EIO), 25, 100);
    assert_in_range(fail_each_call(ENOSPC), 25, 100);
}

static void
a_store_goes_on_after_any_failure(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 60; n++) {
        start_over();

        struct prov_posix_store *s = open_store();

        memset(&fault, 0, sizeof(fault));
        fault.fail_at = n;
        fault.reason = EIO;
        (void)change(s);
        memset(&fault, 0, sizeof(fault));
        assert_int_equal(PROV_OK, change(s));
        prov_posix_store_close(&s);
        assert_true(file_is("settings.xml", NEW) && file_is("state", NEW_STATE));
        assert_true(is_tidy());
    }
}

static void
a_disk_that_is_gone_for_good_leaves_old_or_new(void **state)
{
    unsigned n = 0;
    unsigned calls;

    (void)state;
    do {
        start_over();

        struct prov_posix_store *s = open_store();

        memset(&fault, 0, sizeof(fault));
        fault.fail_at = ++n;
        fault.for_ever = true;
        fault.reason = EIO;

        const enum prov_status answer = change(s);

        calls = fault.calls;
        if (answer == PROV_OK && n <= calls) /* not finished: no answer before it is */
            assert_int_equal(PROV_E_STORAGE,
                             prov_posix_store_table(s).ops->load(s, 1, 0, &fake_run));
        memset(&fault, 0, sizeof(fault));
        prov_posix_store_close(&s);
        assert_true(is_whole());
        if (check_restart())
            assert_true(answer == PROV_OK || n > 20); /* at the commit point, see the header */
        else
            assert_int_equal(PROV_E_STORAGE, answer);
    } while (n <= calls);
}

static void
interruptions_and_short_writes_do_no_harm(void **state)
{
    (void)state;
    start_over();
    fault.interrupt = true;
    fault.shorten = true;

    struct prov_posix_store *s = open_store();
    const enum prov_status answer = change(s);

    assert_int_equal(PROV_OK, answer);
    fake_reset();
    assert_int_equal(PROV_OK, prov_posix_store_table(s).ops->load(s, 1, 0, &fake_run));
    assert_true(fake_body_is(1, NEW));
    check_answer(s, answer);
}

static void
an_open_that_fails_can_be_tried_again(void **state)
{
    unsigned failed = 0;

    (void)state;
    for (unsigned n = 1; n < 30; n++) {
        struct prov_posix_store *s = NULL;

        start_over();
        assert_true(killed(change_it, 30)); /* so that there is something to repair */
        fault.fail_at = n;
        fault.reason = EIO;
        if (prov_posix_store_open(&s, folder) != PROV_OK) {
            assert_int_equal(EIO, errno);
            assert_null(s);
            failed++;
        }
        prov_posix_store_close(&s);
        (void)check_restart();
    }
    assert_in_range(failed, 5, 29);
}

static void
a_list_that_is_not_ours_counts_for_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "libprov transaction 1\nsettings.xml\n",
        "libprov transaction 1\nsettings.xml\nstate\nend\nx",
        "libprov transaction 2\nsettings.xml\nend\n",
        "libprov transaction 1\n../x\nend\n",
        "libprov transaction 1\nend\n",
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        start_over();
        file_write("settings.xml.new", "half", 4);
        file_write("transaction", texts[i], strlen(texts[i]));
        PROV_ROW(texts[i], !check_restart());
    }
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_kill_at_any_call_leaves_old_or_new),
        T(a_kill_during_the_repair_leaves_old_or_new),
        T(a_power_cut_at_any_instant_leaves_old_or_new),
        T(a_power_cut_after_a_failure_leaves_old_or_new),
        T(a_power_cut_in_a_second_change_leaves_one_of_three),
        T(a_put_that_failed_cannot_be_committed),
        T(a_power_cut_during_the_repair_leaves_old_or_new),
        T(any_call_that_fails_leaves_what_the_answer_says),
        T(a_store_goes_on_after_any_failure),
        T(a_disk_that_is_gone_for_good_leaves_old_or_new),
        T(interruptions_and_short_writes_do_no_harm),
        T(an_open_that_fails_can_be_tried_again),
        T(a_list_that_is_not_ours_counts_for_nothing),
    };
    return cmocka_run_group_tests_name("posix_power", tests, NULL, NULL);
}
