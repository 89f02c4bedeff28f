/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1
#include <prov/adapters/posix.h>

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "fake_run.h"
#include "folder.h"

static struct prov_posix_store *store;
static struct prov_store table;

static int
set_up(void **state)
{
    (void)state;
    folder_make();
    assert_int_equal(PROV_OK, prov_posix_store_open(&store, folder));
    table = prov_posix_store_table(store);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    prov_posix_store_close(&store);
    folder_remove();
    fake_reset();
    return 0;
}

static enum prov_status
put(enum prov_item item, const char *z)
{
    return table.ops->put(table.ctx, item, z, strlen(z));
}

static enum prov_status
load(enum prov_item item)
{
    fake_reset();
    return table.ops->load(table.ctx, 1, item, &fake_run);
}

static void
save(const char *settings, const char *state)
{
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    if (settings != NULL)
        assert_int_equal(PROV_OK, put(PROV_ITEM_SETTINGS, settings));
    if (state != NULL)
        assert_int_equal(PROV_OK, put(PROV_ITEM_STATE, state));
    assert_int_equal(PROV_OK, table.ops->commit(table.ctx));
}

static void
a_new_store_holds_nothing(void **state)
{
    (void)state;
    assert_int_equal(PROV_E_NOT_FOUND, load(PROV_ITEM_SETTINGS));
    assert_int_equal(PROV_E_NOT_FOUND, load(PROV_ITEM_STATE));
    assert_int_equal(0, fakes[1].pieces);
}

static void
what_was_committed_is_loaded(void **state)
{
    (void)state;
    save("<a/>", "s1");
    assert_int_equal(PROV_OK, load(PROV_ITEM_SETTINGS));
    assert_true(fake_body_is(1, "<a/>"));
    assert_int_equal(PROV_OK, load(PROV_ITEM_STATE));
    assert_true(fake_body_is(1, "s1"));
    assert_true(file_is("settings.xml", "<a/>"));
    assert_null(file_read("settings.previous.xml"));
    assert_null(file_read("transaction"));
    assert_null(file_read("settings.xml.new"));
}

static void
the_previous_settings_are_kept(void **state)
{
    (void)state;
    save("one", NULL);
    save("two", "s");
    assert_true(file_is("settings.previous.xml", "one"));
    save(NULL, "t"); /* the state alone does not count as new settings */
    assert_true(file_is("settings.previous.xml", "one"));
    assert_true(file_is("settings.xml", "two"));
    assert_true(file_is("state", "t"));
    save("three", NULL);
    assert_true(file_is("settings.previous.xml", "two"));
    assert_true(file_is("state", "t"));
}

static void
save_one(enum prov_item item, const char *z)
{
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    assert_int_equal(PROV_OK, put(item, z));
    assert_int_equal(PROV_OK, table.ops->commit(table.ctx));
}

/* Of settings in several files also those that stay the same are kept, and that some were not
 * there. What the vendor writes itself does not count. */
static void
the_previous_files_are_one_set(void **state)
{
    (void)state;
    save_one(PROV_ITEM_INITIAL, "i1");
    save_one(PROV_ITEM_MASTER, "m1");
    save_one(PROV_ITEM_INITIAL, "i2");
    assert_true(file_is("initial.previous.cfg", "i1"));
    assert_true(file_is("master.previous.cfg", "m1"));
    assert_null(file_read("product.previous.cfg"));
    save_one(PROV_ITEM_CERT_1, "c1");
    assert_true(file_is("initial.previous.cfg", "i2"));
    assert_true(file_is("master.previous.cfg", "m1"));
    assert_null(file_read("root-1.previous.pem"));
    save_one(PROV_ITEM_USER, "u");
    save_one(PROV_ITEM_TREE, "t");
    assert_null(file_read("root-1.previous.pem"));
    save_one(PROV_ITEM_PRODUCT, "p1");
    assert_true(file_is("root-1.previous.pem", "c1"));
    assert_null(file_read("user.previous.cfg"));
}

static enum prov_status
go_back(const char *state)
{
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    if (state != NULL)
        assert_int_equal(PROV_OK, put(PROV_ITEM_STATE, state));
    return table.ops->restore(table.ctx);
}

static void
the_previous_settings_come_back(void **state)
{
    (void)state;
    save("one", "s1");
    save("two", "s2");
    assert_int_equal(PROV_OK, go_back("s3"));
    assert_true(file_is("settings.xml", "one"));
    assert_true(file_is("state", "s3"));
    assert_true(file_is("settings.previous.xml", "one")); /* what was given up is gone */
    assert_int_equal(PROV_OK, go_back(NULL));
    assert_true(file_is("settings.xml", "one"));
    assert_true(file_is("state", "s3"));
    save("three", NULL); /* the files of before are not written to */
    assert_true(file_is("settings.previous.xml", "one"));
    assert_int_equal(PROV_OK, go_back(NULL));
    assert_true(file_is("settings.xml", "one"));
    assert_null(file_read("settings.xml.new"));
    assert_null(file_read("settings.previous.xml.new"));
}

static void
no_settings_come_back_too(void **state)
{
    (void)state;
    assert_int_equal(PROV_E_NOT_FOUND, go_back("s0")); /* nothing was ever stored */
    assert_int_equal(ENOENT, errno);
    assert_null(file_read("state"));
    save("one", "s1");
    assert_int_equal(PROV_OK, go_back("s2"));
    assert_null(file_read("settings.xml"));
    assert_true(file_is("state", "s2"));
    assert_int_equal(PROV_E_NOT_FOUND, load(PROV_ITEM_SETTINGS));
}

static void
a_start_says_what_was_left_behind(void **state)
{
    static const struct {
        const char *name, *list;
        enum prov_posix_repair done;
        const char *settings;
    } rows[] = {
        { "no list", NULL, PROV_POSIX_REPAIR_DISCARDED, "one" },
        { "a list", "libprov transaction 2\nput settings.xml\nend\n", PROV_POSIX_REPAIR_COMPLETED,
          "two" },
    };

    (void)state;
    assert_int_equal(PROV_POSIX_REPAIR_NONE, prov_posix_store_repaired(NULL));
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        save("one", NULL);
        prov_posix_store_close(&store);
        file_write("settings.xml.new", "two", 3);
        if (rows[i].list != NULL)
            file_write("transaction", rows[i].list, strlen(rows[i].list));
        assert_int_equal(PROV_OK, prov_posix_store_open(&store, folder));
        PROV_ROW(rows[i].name, prov_posix_store_repaired(store) == rows[i].done);
        PROV_ROW(rows[i].name, file_is("settings.xml", rows[i].settings));
        prov_posix_store_close(&store);
        assert_int_equal(PROV_OK, prov_posix_store_open(&store, folder));
        table = prov_posix_store_table(store);
        PROV_ROW(rows[i].name, prov_posix_store_repaired(store) == PROV_POSIX_REPAIR_NONE);
    }
}

static void
pieces_are_appended_and_read_in_pieces(void **state)
{
    static char piece[5000];

    (void)state;
    memset(piece, 'x', sizeof(piece));
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    for (int i = 0; i < 3; i++) {
        piece[0] = (char)('a' + i);
        assert_int_equal(PROV_OK,
                         table.ops->put(table.ctx, PROV_ITEM_SETTINGS, piece, sizeof(piece)));
    }
    assert_int_equal(PROV_OK, put(PROV_ITEM_SETTINGS, ""));
    assert_int_equal(PROV_OK, table.ops->commit(table.ctx));
    assert_int_equal(PROV_OK, load(PROV_ITEM_SETTINGS));
    assert_int_equal(3 * sizeof(piece), fakes[1].len);
    assert_true(fakes[1].pieces > 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal('a' + (int)i, fakes[1].body[i * sizeof(piece)]);
}

static void
an_empty_item_is_there(void **state)
{
    (void)state;
    save("", "");
    assert_int_equal(PROV_OK, load(PROV_ITEM_SETTINGS));
    assert_int_equal(0, fakes[1].len);
}

static void
an_empty_transaction_changes_nothing(void **state)
{
    (void)state;
    save("one", "s");
    save("two", NULL);
    save(NULL, NULL);
    assert_true(file_is("settings.xml", "two"));
    assert_true(file_is("settings.previous.xml", "one"));
}

static void
rollback_and_a_second_begin_discard(void **state)
{
    (void)state;
    save("one", "s");
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    assert_int_equal(PROV_OK, put(PROV_ITEM_SETTINGS, "lost"));
    table.ops->rollback(table.ctx);
    table.ops->rollback(table.ctx);
    assert_null(file_read("settings.xml.new"));
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    assert_int_equal(PROV_OK, put(PROV_ITEM_SETTINGS, "lost too"));
    save(NULL, "t");
    assert_true(file_is("settings.xml", "one"));
    assert_true(file_is("state", "t"));
}

static void
closing_discards(void **state)
{
    (void)state;
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    assert_int_equal(PROV_OK, put(PROV_ITEM_STATE, "lost"));
    prov_posix_store_close(&store);
    assert_null(store);
    prov_posix_store_close(&store);
    prov_posix_store_close(NULL);
    assert_null(file_read("state.new"));
    assert_null(file_read("state"));
}

static void
calls_out_of_order_are_refused(void **state)
{
    (void)state;
    assert_int_equal(PROV_E_STORAGE, put(PROV_ITEM_STATE, "x"));
    assert_int_equal(EINVAL, errno);
    assert_int_equal(PROV_E_STORAGE, table.ops->commit(table.ctx));
    assert_int_equal(PROV_E_STORAGE, table.ops->restore(table.ctx));
    assert_int_equal(PROV_OK, table.ops->begin(table.ctx));
    assert_int_equal(PROV_E_STORAGE, put((enum prov_item)PROV_ITEMS, "x"));
    assert_int_equal(PROV_E_STORAGE, load((enum prov_item)PROV_ITEMS));
    assert_int_equal(PROV_OK, table.ops->commit(table.ctx));
    assert_int_equal(PROV_E_STORAGE, table.ops->commit(table.ctx));
}

static void
bad_arguments_and_folders_are_refused(void **state)
{
    struct prov_posix_store *other = NULL;

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_posix_store_open(NULL, folder));
    assert_int_equal(PROV_E_ARG, prov_posix_store_open(&other, NULL));
    assert_int_equal(PROV_E_ARG, prov_posix_store_open(&other, ""));
    file_write("plain", "x", 1);
    assert_int_equal(PROV_E_STORAGE, prov_posix_store_open(&other, in_folder("plain")));
    assert_int_equal(ENOTDIR, errno);
    assert_int_equal(PROV_E_STORAGE, prov_posix_store_open(&other, in_folder("no/such")));
    assert_int_equal(ENOENT, errno);
    assert_null(other);
}

static void
the_folder_is_made_private(void **state)
{
    struct prov_posix_store *other = NULL;
    struct stat s;
    char path[160];

    (void)state;
    strcpy(path, in_folder("inner"));
    assert_int_equal(PROV_OK, prov_posix_store_open(&other, path));
    assert_int_equal(0, stat(path, &s));
    assert_int_equal(0700, s.st_mode & 0777);

    const struct prov_store t = prov_posix_store_table(other);

    assert_int_equal(PROV_OK, t.ops->begin(t.ctx));
    assert_int_equal(PROV_OK, t.ops->put(t.ctx, PROV_ITEM_STATE, "x", 1));
    assert_int_equal(PROV_OK, t.ops->commit(t.ctx));
    assert_int_equal(0, stat(in_folder("inner/state"), &s));
    assert_int_equal(0600, s.st_mode & 0777);
    prov_posix_store_close(&other);
    assert_int_equal(0, unlink(in_folder("inner/state")));
    assert_int_equal(0, unlink(in_folder("inner/lock")));
    assert_int_equal(0, rmdir(path));
}

/* Answers what opening the folder in a process of its own gave. */
static int
open_elsewhere(bool stay, pid_t *pid)
{
    int ends[2];
    unsigned char status;

    assert_int_equal(0, pipe(ends));
    *pid = fork();
    assert_true(*pid >= 0);
    if (*pid == 0) {
        struct prov_posix_store *other;

        status = (unsigned char)prov_posix_store_open(&other, folder);
        if (write(ends[1], &status, 1) == 1 && stay)
            pause();
        _exit(0);
    }
    assert_int_equal(1, read(ends[0], &status, 1));
    close(ends[0]);
    close(ends[1]);
    return status;
}

static void
only_one_has_it_open(void **state)
{
    struct prov_posix_store *other = NULL;
    pid_t pid;

    (void)state;
    assert_int_equal(PROV_E_STATE, prov_posix_store_open(&other, folder));
    assert_null(other);
    assert_int_equal(PROV_E_STATE, open_elsewhere(false, &pid));
    assert_int_equal(pid, waitpid(pid, NULL, 0));
}

static void
a_killed_process_leaves_no_lock(void **state)
{
    pid_t pid;

    (void)state;
    prov_posix_store_close(&store);
    assert_int_equal(PROV_OK, open_elsewhere(true, &pid));
    assert_int_equal(PROV_E_STATE, prov_posix_store_open(&store, folder));
    assert_int_equal(0, kill(pid, SIGKILL));
    assert_int_equal(pid, waitpid(pid, NULL, 0));
    assert_int_equal(PROV_OK, prov_posix_store_open(&store, folder));
}

static void
a_link_is_read_and_then_replaced(void **state)
{
    struct stat s;

    (void)state;
    file_write("factory", "default", 7);
    assert_int_equal(0, symlink("factory", in_folder("settings.xml")));
    assert_int_equal(PROV_OK, load(PROV_ITEM_SETTINGS));
    assert_true(fake_body_is(1, "default"));
    save("mine", NULL);
    assert_int_equal(0, lstat(in_folder("settings.xml"), &s));
    assert_true(S_ISREG(s.st_mode));
    assert_true(file_is("settings.xml", "mine"));
    assert_true(file_is("settings.previous.xml", "default"));
    assert_true(file_is("factory", "default"));
}

static void
a_run_that_takes_no_more_stops_the_load(void **state)
{
    (void)state;
    save("0123456789", NULL);
    fake_reset();
    fakes[1].most = 5;
    assert_int_equal(PROV_E_STORAGE, table.ops->load(table.ctx, 1, PROV_ITEM_SETTINGS, &fake_run));
    assert_int_equal(EFBIG, errno);
}

static void
what_cannot_be_read_is_a_storage_failure(void **state)
{
    (void)state;
    assert_int_equal(0, mkdir(in_folder("state"), 0700));
    assert_int_equal(PROV_E_STORAGE, load(PROV_ITEM_STATE));
    assert_int_equal(EISDIR, errno);
    assert_int_equal(0, rmdir(in_folder("state")));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_new_store_holds_nothing),
        T(what_was_committed_is_loaded),
        T(the_previous_settings_are_kept),
        T(the_previous_files_are_one_set),
        T(the_previous_settings_come_back),
        T(no_settings_come_back_too),
        T(a_start_says_what_was_left_behind),
        T(pieces_are_appended_and_read_in_pieces),
        T(an_empty_item_is_there),
        T(an_empty_transaction_changes_nothing),
        T(rollback_and_a_second_begin_discard),
        T(closing_discards),
        T(calls_out_of_order_are_refused),
        T(bad_arguments_and_folders_are_refused),
        T(the_folder_is_made_private),
        T(only_one_has_it_open),
        T(a_killed_process_leaves_no_lock),
        T(a_link_is_read_and_then_replaced),
        T(a_run_that_takes_no_more_stops_the_load),
        T(what_cannot_be_read_is_a_storage_failure),
    };
    return cmocka_run_group_tests_name("posix_store", tests, NULL, NULL);
}
