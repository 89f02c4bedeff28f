/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1

/* A whole session over all three adapters and a real HTTP server; nothing stands in. */

#include <prov/adapters/curl.h>
#include <prov/adapters/posix.h>
#include <prov/prov.h>

#include "servers.h"

#define SETTINGS \
    "<configuration>\n" \
    "  <telephony><a>0</a><b>0</b><c>0</c><d>4</d></telephony>\n" \
    "</configuration>\n"
#define AFTER \
    "<configuration>\n" \
    "  <telephony><a>1</a><b>2</b><c>3</c><d>4</d></telephony>\n" \
    "</configuration>\n"

/* One run of a phone that has just started. */
static enum prov_outcome
provision(const char *path)
{
    static const struct prov_identity identity = {
        .size = sizeof(identity),
        .mac = PROV_STR_INIT("00:09:52:00:00:0E"),
        .model = PROV_STR_INIT("D200"),
        .type = PROV_STR_INIT("D200"),
        .serial = PROV_STR_INIT("0123456789"),
    };
    char url[96];
    struct prov_session_config config = {
        .size = sizeof(config),
        .dialect = prov_dialect_find((struct prov_str)PROV_STR_INIT("auerswald-d")),
        .identity = &identity,
        .url = { url, 0 },
        .attempts = 1,
    };
    struct prov_curl *net = NULL;
    struct prov_posix_store *store = NULL;
    struct prov_session *session;
    struct prov_run run;
    enum prov_outcome outcome;
    size_t bytes;

    assert_true(snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port_of("http"), path) > 0);
    config.url.len = strlen(url);
    assert_int_equal(PROV_OK, prov_posix_seed(&config.seed));
    assert_int_equal(PROV_OK, prov_session_memory(NULL, &bytes));

    void *memory = malloc(bytes);

    assert_non_null(memory);
    assert_int_equal(PROV_OK, prov_session_init(&session, memory, bytes, &config, NULL));
    assert_int_equal(PROV_OK, prov_curl_new(&net, NULL));
    assert_int_equal(PROV_OK, prov_posix_store_open(&store, folder));

    const struct prov_net net_table = prov_curl_net(net);
    const struct prov_store store_table = prov_posix_store_table(store);
    const struct prov_clock clock = prov_posix_clock();

    assert_int_equal(PROV_OK, prov_run_init(&run, session, &net_table, &store_table, &clock, NULL));
    assert_int_equal(PROV_OK, prov_run_loop(&run));
    outcome = prov_session_record(session)->outcome;
    prov_session_wipe(session);
    free(memory);
    prov_curl_free(&net);
    prov_posix_store_close(&store);
    return outcome;
}

static void
files_that_are_referred_to_are_applied_and_stored(void **state)
{
    (void)state;
    file_write("settings.xml", SETTINGS, strlen(SETTINGS));
    assert_int_equal(PROV_OUTCOME_APPLIED, provision("/refs.xml"));
    assert_true(file_is("settings.xml", AFTER));
    assert_true(file_is("settings.previous.xml", SETTINGS));
    assert_non_null(file_read("state"));
}

static void
the_same_again_changes_nothing(void **state)
{
    struct stat before;
    struct stat after;

    (void)state;
    assert_int_equal(0, stat(in_folder("settings.xml"), &before));
    assert_int_equal(PROV_OUTCOME_UNCHANGED, provision("/refs.xml"));
    assert_int_equal(0, stat(in_folder("settings.xml"), &after));
    assert_true(before.st_ino == after.st_ino);
    assert_true(file_is("settings.previous.xml", SETTINGS));
}

static void
a_failure_leaves_the_settings(void **state)
{
    static const char *const paths[] = { "/nothing.xml", "/cut", "/big?300000" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(paths); i++) {
        const enum prov_outcome outcome = provision(paths[i]);

        PROV_ROW(paths[i], outcome == PROV_OUTCOME_FAILED || outcome == PROV_OUTCOME_REFUSED);
        PROV_ROW(paths[i], file_is("settings.xml", AFTER));
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_referred_to_are_applied_and_stored),
        cmocka_unit_test(the_same_again_changes_nothing),
        cmocka_unit_test(a_failure_leaves_the_settings),
    };
    script = argc > 1 ? argv[1] : script;
    return cmocka_run_group_tests_name("end_to_end", tests, servers_up, servers_down);
}
