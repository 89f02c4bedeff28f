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
    w->limits.pool_nodes = 7040 * (FILES + 1);
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
    assert_true(w->record->memory_high > bound / 4); /* nor is it far too much: no search here */
    world_free(w);
    free(l);
}

/* Every file is redirected, remembered, guessed, and asked for again because one has changed. */
static void
is_enough_for_files_that_are_remembered(void **state)
{
    struct largest *l = malloc(sizeof(*l));
    struct world_reply replies[2 * (FILES + 1) + 1];
    char there[FILES + 1][128], tags[FILES + 1][64];
    struct world *w;

    (void)state;
    assert_non_null(l);
    make(l);
    w = start(l);
    memset(replies, 0, sizeof(replies));
    for (size_t i = 0; i <= FILES; i++) {
        snprintf(there[i], sizeof(there[i]), "http://g/%zu", i);
        snprintf(tags[i], sizeof(tags[i]), "\"%040zu\"", i);
        replies[2 * i] =
            (struct world_reply){ .url = l->urls[i], .http = 307, .location = there[i] };
        replies[2 * i + 1] =
            (struct world_reply){ .url = there[i], .body = l->bodies[i], .etag = tags[i] };
    }
    w->replies = replies;
    w->interleave = true;
    w->chunk = 11;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    for (int run = 0; run < 2; run++) { /* none has changed; then the last one has */
        world_reboot(w);
        snprintf(tags[FILES], sizeof(tags[FILES]), "\"%040zu\"", FILES + (size_t)run);
        w->log_len = 0;
        assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
        assert_int_equal(FILES - (size_t)run, w->same_count);
        assert_int_equal(FILES + 1, w->record->fetch_count);
    }
    world_free(w);
    free(l);
}

/* As many sources and tries as there can be, each with an address of full length, before the largest
 * tree is found. */
static void
is_enough_for_the_longest_search(void **state)
{
    static struct prov_source_rule order[31];
    struct prov_dialect d = world_dialect;
    struct largest *l = malloc(sizeof(*l));
    char option[256] = "\xA0", one[256], two[256];
    const struct world_datagram talk[] = {
        { .at_ms = 10, .message = WORLD_NOTIFY, .text = one, .host = 10 },
        { .at_ms = 20, .message = WORLD_SPOOF, .text = "x", .host = 11 },
        { .at_ms = 30, .message = WORLD_GARBAGE, .text = "x", .host = 12 },
        { .at_ms = 40, .message = WORLD_NOTIFY, .text = two, .host = 13 },
        { .at_ms = 0 },
    };
    struct world *w;

    (void)state;
    assert_non_null(l);
    make(l);
    snprintf(one, sizeof(one), "http://u:v@n/%0106u", 1u);
    snprintf(two, sizeof(two), "http://u:v@n/%0106u", 2u);
    option[1] = (char)snprintf(option + 2, sizeof(option) - 2, "http://u:v@d/%0106u", 3u);
    for (size_t i = 0; i < PROV_COUNT(order); i++) {
        order[i] =
            (struct prov_source_rule){ .kind = PROV_SOURCE_DHCP_160,
                                       .step = (uint8_t)(i + 2),
                                       .modes = PROV_MODE_ALL,
                                       .proceed_on_nothing = true,
                                       .proceed_on_fetch_error = true,
                                       .dhcp = { .form = PROV_DHCP_FORM_ADDRESS, .option = 160 } };
    }
    order[0].kind = PROV_SOURCE_PNP;
    order[1].kind = PROV_SOURCE_REDIRECT;
    order[30].kind = PROV_SOURCE_MANUAL;
    d.address_flags = PROV_ADDRESS_TRY_SCHEMES;
    w = start(l);
    w->config.dialect = &d;
    w->config.url = prov_str_z(l->urls[0] + strlen("http://"));
    w->discover.sources = order;
    w->discover.source_count = PROV_COUNT(order);
    w->discover.redirect_url = prov_str_z(one);
    w->lan = true;
    w->datagrams = talk;
    w->dhcp[0] = (struct world_dhcp){ .there = true, .bytes = option, .len = strlen(option) };
    w->limits.diags = 40;
    w->limits.url_bytes += 1; /* for https */
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(30 + FILES + 1, w->record->fetch_count); /* the service failed as such */
    assert_true(world_source(w, PROV_SOURCE_PNP)->tried);
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
    for (size_t bytes = 1; bytes < bound; bytes += bytes < bound / 3 ? 997 : 211) {
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

/* ---- A full settings file ---- */

#define FULL_BYTES 245760u
#define FULL_ELEMENTS 6000u
#define CHANGE_BYTES 32768u

/* Change files as large as the limits allow. A `#` is the number of a row, in four digits. */
static const struct change {
    const char *name;
    const char *before, *row, *after;
    unsigned rows;
    bool empty; /* the settings are: then all elements may come from the file */
} changes[] = {
    /* clang-format off */
    { "values", "<configuration><telephony>", "<e#>new</e#>", "</telephony></configuration>", 1160, false },
    { "attributes", "<configuration><telephony>", "<e# a=\"1\">old</e#>", "</telephony></configuration>", 700, false },
    { "delete", "<operations>", "<delete path=\"/keys/key[@id='#']\"/>", "</operations>", 850, false },
    { "replace", "<operations>", "<replace path=\"/keys/key[@id='#']\"><key id=\"#\"/></replace>", "</operations>", 490, false },
    { "a path with an entity", "<operations>", "<delete path=\"/keys/key[@id=&quot;#&quot;]\"/>", "</operations>", 670, false },
    { "new elements", "<configuration><telephony>", "<e#/>", "</telephony></configuration>", 4000, true },
    { "new sections", "<configuration>", "<s#/>", "</configuration>", 4000, true },
    { "no path", "<operations>", "<add/>", "</operations>", 5400, true },
    /* clang-format on */
};

static size_t
put_rows(char *at, size_t len, size_t cap, const char *row, unsigned rows)
{
    for (unsigned i = 0; i < rows; i++) {
        for (const char *c = row; *c != '\0'; c++) {
            assert_true(len + 5 < cap);
            if (*c == '#')
                len += (size_t)snprintf(at + len, 5, "%04u", i % 10000);
            else
                at[len++] = *c;
        }
    }
    at[len] = '\0';
    return len;
}

static void
make_full(char *text)
{
    const size_t cap = FULL_BYTES + 1;
    size_t n = put(text, 0, cap, "<configuration><telephony>");

    n = put_rows(text, n, cap, "<e# a=\"0\">old</e#>", 2000);
    n = put(text, n, cap, "</telephony><keys>");
    n = put_rows(text, n, cap, "<key id=\"#\">an old value</key>", FULL_ELEMENTS - 2003);
    n = put(text, n, cap, "</keys></configuration>");
    fill(text, n, FULL_BYTES);
}

static struct world *
start_full(const struct world_reply *replies, const char *settings)
{
    struct world *w = world_new(replies[0].url, replies);

    world_set(w, PROV_ITEM_SETTINGS, settings);
    w->limits.settings_bytes = FULL_BYTES;
    w->limits.file_bytes = w->limits.tree_bytes = CHANGE_BYTES;
    w->limits.tree_files = 8;
    w->limits.url_bytes = 256;
    w->limits.xml_nodes = FULL_ELEMENTS;
    w->limits.pool_nodes = 7168;
    w->limits.diags = 16;
    w->limits.fetches = 4;
    w->limits.changes = 64;
    w->limits.sections = 32;
    return w;
}

/* With a megabyte for all of it. */
static void
holds_a_full_settings_file(void **state)
{
    char *settings = malloc(FULL_BYTES + 1), *body = malloc(CHANGE_BYTES + 1);

    (void)state;
    assert_non_null(settings);
    assert_non_null(body);
    make_full(settings);
    for (size_t i = 0; i < PROV_COUNT(changes); i++) {
        const struct change *c = &changes[i];
        const struct world_reply replies[] = { { .url = "http://h/c", .body = body },
                                               { .url = NULL } };
        struct world *w = start_full(
            replies, c->empty ? "<configuration><telephony/></configuration>" : settings);
        size_t n = put(body, 0, CHANGE_BYTES, c->before), bound = 0;

        n = put_rows(body, n, CHANGE_BYTES, c->row, c->rows);
        n = put(body, n, CHANGE_BYTES, c->after);
        PROV_ROW(c->name, n > CHANGE_BYTES / 3 && n <= CHANGE_BYTES);
        PROV_ROW(c->name, prov_session_memory(&w->limits, &bound) == PROV_OK);
        PROV_ROW(c->name, bound <= 1048576);
        PROV_ROW(c->name, world_open(w) == PROV_OK);
        PROV_ROW(c->name, world_loop(w) == PROV_OK);
        PROV_ROW(c->name,
                 w->record->outcome == (strstr(c->row, "<add/>") == NULL ? PROV_OUTCOME_APPLIED
                                                                         : PROV_OUTCOME_PARTIAL));
        PROV_ROW(c->name, w->record->memory_high <= bound);
        world_free(w);
    }
    free(settings);
    free(body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_enough_for_the_largest_session),
        cmocka_unit_test(is_enough_for_files_that_are_remembered),
        cmocka_unit_test(is_enough_for_the_longest_search),
        cmocka_unit_test(ends_cleanly_with_less),
        cmocka_unit_test(is_taken_afresh_by_every_attempt),
        cmocka_unit_test(holds_a_full_settings_file),
    };
    return cmocka_run_group_tests_name("scenario memory", tests, NULL, NULL);
}
