/* SPDX-License-Identifier: MIT */

/* The bound of prov_session_memory(): enough for the largest session that the limits allow; and
 * whatever is less ends cleanly. */

#include <stdio.h>

#include "world.h"

#define FILES 6
#define FILE_BYTES 2000u

/* A tree at all limits at once: every file has its full size, every attribute changes. */
struct largest {
    char settings[4096];
    char bodies[FILES + 1][FILE_BYTES + 1];
    char urls[FILES + 1][128];
    struct world_reply replies[FILES + 2];
};

static size_t
put(char *at, size_t len, size_t cap, const char *text)
{
    const size_t n = strlen(text);

    assert_true(len + n < cap);
    memcpy(at + len, text, n + 1);
    return len + n;
}

static void
fill(char *text, size_t len, size_t to)
{
    memset(text + len, '\n', to - len);
    text[to] = '\0';
}

static void
make_settings(struct largest *l)
{
    char *t = l->settings;
    size_t n = put(t, 0, 4096, "<configuration><telephony>");
    char one[64];

    for (unsigned i = 0; i < 20; i++) {
        snprintf(one, sizeof(one), "<e%u x=\"0\">old</e%u>", i, i);
        n = put(t, n, 4096, one);
    }
    n = put(t, n, 4096, "</telephony><keys>");
    for (unsigned i = 0; i < 20; i++) {
        snprintf(one, sizeof(one), "<key id=\"%u\">old</key>", i);
        n = put(t, n, 4096, one);
    }
    put(t, n, 4096, "</keys></configuration>");
}

static void
make_patch(char *t, unsigned file)
{
    size_t n = put(t, 0, FILE_BYTES, "<configuration><telephony>");
    char one[96];

    for (unsigned i = 0; i < 20; i++) {
        snprintf(one, sizeof(one), "<e%u x=\"%u\" y%u=\"1\">new</e%u>", i, file + 1, file, i);
        n = put(t, n, FILE_BYTES, one);
    }
    n = put(t, n, FILE_BYTES, "</telephony><keys>");
    for (unsigned i = 0; i < 20; i++) {
        snprintf(one, sizeof(one), "<key id=\"%u\">%u</key>", i + file, file);
        n = put(t, n, FILE_BYTES, one);
    }
    n = put(t, n, FILE_BYTES, "</keys></configuration>");
    fill(t, n, FILE_BYTES);
}

static void
make(struct largest *l)
{
    size_t n = put(l->bodies[0], 0, FILE_BYTES, "<referencedSettings>");
    char one[160];

    memset(l->replies, 0, sizeof(l->replies));
    make_settings(l);
    for (unsigned i = 0; i <= FILES; i++) {
        /* every address as long as the limit allows */
        snprintf(l->urls[i], sizeof(l->urls[i]), "http://h/%u/%0107u", i, 0u);
        l->replies[i].url = l->urls[i];
        l->replies[i].body = l->bodies[i];
        if (i == 0)
            continue;
        snprintf(one, sizeof(one), "<url>%s</url>", l->urls[i]);
        n = put(l->bodies[0], n, FILE_BYTES, one);
        make_patch(l->bodies[i], i);
    }
    n = put(l->bodies[0], n, FILE_BYTES, "</referencedSettings>");
    fill(l->bodies[0], n, FILE_BYTES);
}

static struct world *
start(const struct largest *l)
{
    struct world *w = world_new(l->urls[0], l->replies);

    world_set(w, PROV_ITEM_SETTINGS, l->settings);
    w->limits.url_bytes = (uint32_t)strlen(l->urls[0]);
    w->limits.file_bytes = FILE_BYTES;
    w->limits.tree_bytes = FILE_BYTES * (FILES + 1);
    w->limits.tree_files = FILES;
    w->limits.settings_bytes = 4096;
    w->limits.xml_nodes = 64;
    w->limits.pool_nodes = 45 * (FILES + 1);
    w->limits.fetches = 3;
    w->limits.diags = 4;
    w->limits.changes = 400;
    w->limits.sections = 2 * FILES;
    return w;
}

static void
is_enough_for_the_largest_session(void **state)
{
    struct largest *l = malloc(sizeof(*l));
    struct world *w;
    size_t bound;

    (void)state;
    assert_non_null(l);
    make(l);
    w = start(l);
    w->interleave = true;
    w->chunk = 11;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(FILES + 1, w->record->fetch_count);
    assert_int_equal(0, w->record->apply->account.changes_dropped);
    assert_int_equal(PROV_OK, prov_session_memory(&w->limits, &bound));
    assert_true(w->record->memory_high <= bound);
    assert_true(w->record->memory_high > bound / 2); /* nor is it far too much */
    world_free(w);
    free(l);
}

/* Every smaller memory: refused at once, or the session ends with PROV_E_SPACE and nothing is
 * stored, or the result is the same. */
static void
ends_cleanly_with_less(void **state)
{
    struct largest *l = malloc(sizeof(*l));
    struct world *full;
    size_t bound, refused = 0, ended = 0, same = 0;

    (void)state;
    assert_non_null(l);
    make(l);
    full = start(l);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(full));
    assert_int_equal(PROV_OK, prov_session_memory(&full->limits, &bound));
    for (size_t bytes = 1; bytes < bound; bytes += bytes < bound / 3 ? 997 : 61) {
        struct world *w = start(l);
        enum prov_status status;

        w->memory_bytes = bytes;
        status = world_open(w);
        if (status != PROV_OK) {
            assert_int_equal(PROV_E_SPACE, status);
            refused++;
        } else if ((status = world_loop(w)) != PROV_OK) {
            assert_int_equal(PROV_E_SPACE, status);
            assert_int_equal(PROV_E_SPACE, w->record->status);
            assert_int_equal(PROV_OUTCOME_FAILED, w->record->outcome);
            assert_int_equal(PROV_D_NO_ARENA_SPACE, prov_run_diag(&w->run)->code);
            assert_int_equal(PROV_E_SPACE, prov_run_loop(&w->run)); /* it stays */
            assert_int_equal(0, w->begin_count);
            assert_true(world_has(w, PROV_ITEM_SETTINGS, l->settings));
            ended++;
        } else {
            assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
            assert_true(world_same(w, full, PROV_ITEM_SETTINGS));
            same++;
        }
        world_free(w);
    }
    assert_true(refused > 0 && ended > 0 && same > 0);
    world_free(full);
    free(l);
}

static void
is_taken_afresh_by_every_attempt(void **state)
{
    struct largest *l = malloc(sizeof(*l));
    struct world *once, *often;

    (void)state;
    assert_non_null(l);
    make(l);
    once = start(l);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(once));
    often = start(l);
    often->commit_status = PROV_E_STORAGE;
    often->config.attempts = 5;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(often));
    assert_int_equal(5, often->record->attempts);
    assert_int_equal(once->record->memory_high, often->record->memory_high);
    world_free(once);
    world_free(often);
    free(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_enough_for_the_largest_session),
        cmocka_unit_test(ends_cleanly_with_less),
        cmocka_unit_test(is_taken_afresh_by_every_attempt),
    };
    return cmocka_run_group_tests_name("scenario memory", tests, NULL, NULL);
}
