/* SPDX-License-Identifier: MIT */

/* Conditional requests (STO-3): what tells whether a file has changed, when it is asked, and what is
 * done when the answer is 304. */

#include <stdio.h>

#include "world.h"

#define PATCH(a) "<configuration><telephony><a>" a "</a></telephony></configuration>"
#define REFS(urls) "<referencedSettings>" urls "</referencedSettings>"
#define URL(u) "<url>" u "</url>"

/* A tree whose files all tell when they change. */
static const struct world_reply tree[] = {
    { .url = "http://h/d/r",
      .body = REFS(URL("p") URL("n/r") URL("http://g/{mac}")),
      .etag = "\"0\"" },
    { .url = "http://h/d/p", .body = PATCH("first"), .etag = "W/\"1\"", .delay_ms = 9 },
    { .url = "http://h/d/n/r", .body = REFS(URL("o")), .etag = "\"2\"" },
    { .url = "http://h/d/n/o",
      .body = "<operations><replace path=\"/telephony/b\"><b>ops</b></replace></operations>",
      .modified = "Sat, 21 Nov 2026 08:00:00 GMT" },
    { .url = "http://g/0080f0c571eb",
      .body = "<configuration><telephony><c>3</c></telephony></configuration>",
      .etag = "\"4\"",
      .modified = "Sat, 21 Nov 2026 08:00:00 GMT" },
    { .url = NULL },
};
#define FILES 5u
#define REFERENCES 2u /* which are always asked for as a whole */

#define AFTER(a) \
    "<configuration>\n" \
    "  <telephony><a>" a "</a><b>ops</b><c>3</c></telephony>\n" \
    "  <keys><key id=\"1\">one</key></keys>\n" \
    "</configuration>\n"

/* A phone that has had all files, and has restarted. */
static struct world *
again(const struct world_reply *replies)
{
    struct world *w = world_new(replies[0].url, replies);

    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_non_null(w->items[PROV_ITEM_TREE].text);
    assert_int_equal(0, w->same_count);
    world_reboot(w);
    return w;
}

static void
ends_at_once_if_no_file_has_changed(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct world *w = again(tree), *plain = world_new(tree[0].url, tree);

        w->blocking = way == 1;
        w->backwards = way == 2;
        w->limits.fetches = way == 3 ? 1 : 0;
        plain->limits.fetches = w->limits.fetches;
        assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
        assert_int_equal(FILES, w->fetch_count);
        assert_int_equal(FILES - REFERENCES, w->same_count);
        assert_int_equal(0, w->begin_count);
        assert_int_equal(0, w->cancel_count);
        assert_null(w->record->apply);
        assert_true(w->record->unchanged_by_digest);
        assert_int_equal(0, w->record->diags->count);
        assert_true(world_logged(w, " W/\"1\"\n"));

        /* The record is the one of a run that fetched them all. */
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(plain));
        assert_int_equal(plain->record->fetch_count, w->record->fetch_count);
        for (uint32_t i = 0; i < FILES; i++) {
            const struct prov_fetch_record *x = &plain->record->fetches[i];
            const struct prov_fetch_record *y = &w->record->fetches[i];

            assert_true(prov_str_eq(x->url, y->url));
            assert_true(prov_str_eq(x->final_url, y->final_url));
            assert_int_equal(x->parent, y->parent);
            assert_int_equal(x->type, y->type);
            const bool whole = x->type == PROV_FILE_REFERENCE;

            assert_int_equal(whole ? 200 : 304, y->http_status);
            assert_int_equal(whole ? x->bytes : 0, y->bytes);
            assert_int_equal(UINT32_MAX, y->change);
            assert_true(y->not_modified == !whole && y->ended && !x->not_modified);
            /* One by one, most are named before they are asked for. */
            if (way == 0 || way == 2 || i == 0)
                assert_int_equal(i > 0, y->remembered);
        }
        world_free(w);
        world_free(plain);
    }
}

static void
asks_again_without_conditions_if_one_file_has_changed(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FILES; i++) {
        struct world_reply other[FILES + 1];
        struct world *w = again(tree);

        memcpy(other, tree, sizeof(other));
        other[i].etag = "\"new\"";
        other[i].modified = NULL;
        if (i == 1)
            other[i].body = PATCH("second");
        w->replies = other;
        w->backwards = i % 2 == 0;
        assert_int_equal(i == 1 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_UNCHANGED, world_run(w));
        assert_true(world_has(w, PROV_ITEM_SETTINGS, i == 1 ? AFTER("second") : AFTER("first")));
        assert_int_equal(FILES, w->record->fetch_count);
        for (uint32_t f = 0; f < FILES; f++) {
            assert_false(w->record->fetches[f].not_modified);
            assert_int_equal(200, w->record->fetches[f].http_status);
        }
        assert_int_equal(1, w->commit_count); /* if only to remember what tells from now on */

        /* That is what is asked with the next time. */
        world_reboot(w);
        assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
        assert_int_equal(FILES - REFERENCES, w->same_count);
        assert_int_equal(0, w->begin_count);
        world_free(w);
    }
}

static void
asks_for_a_reference_file_once(void **state)
{
    struct world_reply other[FILES + 1];
    struct world *w = again(tree);

    (void)state;
    memcpy(other, tree, sizeof(other));
    other[1].body = PATCH("second");
    other[1].etag = "\"new\"";
    w->replies = other;
    memset(w->asked, 0, sizeof(w->asked));
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    for (size_t i = 0; i < FILES; i++)
        assert_int_equal(i < 3 ? 1 : 2, w->asked[i]); /* the two that answered 304, once more */
    world_free(w);
}

/* It has the validator of last time and yet another text. */
static void
believes_the_text_of_a_reference_file(void **state)
{
    static const struct {
        const char *name, *body;
    } rows[] = {
        { "one less", REFS(URL("p") URL("n/r")) },
        { "other order", REFS(URL("n/r") URL("p") URL("http://g/{mac}")) },
        { "one twice", REFS(URL("p") URL("n/r") URL("http://g/{mac}") URL("p")) },
        { "none", REFS("") },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world_reply other[FILES + 1];
        struct world *w = again(tree);

        memcpy(other, tree, sizeof(other));
        other[0].body = rows[i].body;
        w->replies = other;
        (void)world_run(w);
        PROV_ROW(rows[i].name, !w->record->unchanged_by_digest);
        world_free(w);
    }
}

/* What a server says about the only file, and what is sent back. */
static void
sends_back_what_was_received(void **state)
{
    static char longest[129], longer[130];
    static const struct {
        const char *name, *etag, *modified;
        const char *sent_etag, *sent_modified;
    } rows[] = {
        { "strong", "\"a\"", NULL, "\"a\"", NULL },
        { "weak", "W/\"a\"", NULL, "W/\"a\"", NULL },
        { "date", NULL, "Sat, 21 Nov 2026 08:00:00 GMT", NULL, "Sat, 21 Nov 2026 08:00:00 GMT" },
        { "both", "\"a\"", "Sat, 21 Nov 2026 08:00:00 GMT", "\"a\"", NULL },
        { "without quotes", "a", NULL, "a", NULL },
        { "longest", longest, NULL, longest, NULL },
        { "too long", longer, NULL, NULL, NULL },
        { "too long, but a date", longer, "today", NULL, "today" },
        { "control character", "\"a\tb\"", NULL, NULL, NULL },
        { "none", NULL, NULL, NULL, NULL },
        { "empty", "", "", NULL, NULL },
    };

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    memset(longer, 'x', sizeof(longer) - 1);
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct world_reply replies[] = { { .url = "http://h/p",
                                                 .body = PATCH("9"),
                                                 .etag = rows[i].etag,
                                                 .modified = rows[i].modified },
                                               { .url = NULL } };
        struct world *w = again(replies);
        const char *sent = rows[i].sent_etag != NULL ? rows[i].sent_etag : rows[i].sent_modified;
        char line[200];

        w->log_len = 0;
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_UNCHANGED);
        PROV_ROW(rows[i].name, w->same_count == (sent != NULL));
        PROV_ROW(rows[i].name, world_logged(w, "\nif-none-match ") == (rows[i].sent_etag != NULL));
        PROV_ROW(rows[i].name,
                 world_logged(w, "\nif-modified-since ") == (rows[i].sent_modified != NULL));
        snprintf(line, sizeof(line), " %s\n", sent != NULL ? sent : "agent");
        PROV_ROW(rows[i].name, sent == NULL || world_logged(w, line));
        world_free(w);
    }
}

/* Something is not as it was, so that nothing would come of a 304. */
static void
hurt_nothing(struct world *w)
{
    (void)w;
}
static void
change_settings(struct world *w)
{
    world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
}
static void
lose_state(struct world *w)
{
    world_set(w, PROV_ITEM_STATE, NULL);
}
static void
lose_tree(struct world *w)
{
    world_set(w, PROV_ITEM_TREE, NULL);
}
static void
damage_tree(struct world *w)
{
    w->items[PROV_ITEM_TREE].len--;
}
static void
lengthen_tree(struct world *w)
{
    char *text = malloc(20001);

    assert_non_null(text);
    memset(text, 'x', 20000);
    text[20000] = '\0';
    world_set(w, PROV_ITEM_TREE, text);
    free(text);
}
static void
lower_limit(struct world *w)
{
    w->limits.file_bytes = 1000;
}
static void
write_raw(struct world *w)
{
    w->config.macro_raw = true;
}
static void
be_another(struct world *w)
{
    static const struct prov_identity other = { .size = sizeof(other),
                                                .mac = PROV_STR_INIT("0080F0C571EB"),
                                                .model = PROV_STR_INIT("M2") };

    w->config.identity = &other;
}
static void
forget(struct world *w)
{
    w->config.no_remember = true;
}
static void
move(struct world *w)
{
    w->config.url = prov_str_z("http://h/d/r?2");
}

static void
puts_no_conditions_if_a_304_would_not_do(void **state)
{
    static const struct {
        const char *name;
        void (*hurt)(struct world *w);
        bool asks;
        enum prov_outcome outcome;
    } rows[] = {
        { "nothing is wrong", hurt_nothing, true, PROV_OUTCOME_UNCHANGED },
        { "other settings", change_settings, false, PROV_OUTCOME_APPLIED },
        { "no state", lose_state, false, PROV_OUTCOME_UNCHANGED },
        { "nothing remembered", lose_tree, false, PROV_OUTCOME_UNCHANGED },
        { "damaged", damage_tree, false, PROV_OUTCOME_UNCHANGED },
        { "too long", lengthen_tree, false, PROV_OUTCOME_UNCHANGED },
        { "another limit", lower_limit, false, PROV_OUTCOME_UNCHANGED },
        { "values as they are", write_raw, false, PROV_OUTCOME_UNCHANGED },
        { "another value of a marker", be_another, false, PROV_OUTCOME_UNCHANGED },
        { "switched off", forget, false, PROV_OUTCOME_UNCHANGED },
        { "another address", move, false, PROV_OUTCOME_FAILED },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = again(tree);

        w->log_len = 0;
        rows[i].hurt(w);
        PROV_ROW(rows[i].name, world_run(w) == rows[i].outcome);
        PROV_ROW(rows[i].name, world_logged(w, "\nif-none-match ") == rows[i].asks);
        PROV_ROW(rows[i].name, (w->same_count > 0) == rows[i].asks);
        PROV_ROW(rows[i].name, rows[i].outcome == PROV_OUTCOME_FAILED ||
                                   world_has(w, PROV_ITEM_SETTINGS, AFTER("first")));
        world_free(w);
    }
}

static void
puts_no_conditions_if_one_file_cannot_tell(void **state)
{
    struct world_reply other[FILES + 1];
    struct world *w;

    (void)state;
    memcpy(other, tree, sizeof(other));
    other[3].modified = NULL;
    w = again(other);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(0, w->same_count);
    assert_int_equal(FILES, w->fetch_count);
    assert_true(w->record->unchanged_by_digest);
    assert_int_equal(0, w->begin_count);
    world_free(w);
}

static void
puts_no_conditions_after_sections_were_discarded(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/o",
          .body = "<operations><delete path=\"/telephony/b\"/><delete path=\"/keys/none\"/>"
                  "</operations>",
          .etag = "\"1\"" },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/o", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w)); /* it is still told what is wrong */
    assert_int_equal(0, w->same_count);
    world_free(w);
}

/* They belong to the place that the file came from. */
static void
sends_validators_to_the_end_of_the_way_only(void **state)
{
    static const struct world_reply there[] = {
        { .url = "http://h/p", .body = "moved", .http = 302, .location = "http://g/p" },
        { .url = "http://g/p", .body = PATCH("9"), .etag = "\"1\"" },
        { .url = NULL },
    };
    static const struct world_reply elsewhere[] = {
        { .url = "http://h/p", .body = "moved", .http = 302, .location = "http://f/p" },
        { .url = "http://f/p", .body = PATCH("8"), .etag = "\"1\"" },
        { .url = NULL },
    };
    static const struct world_reply here[] = {
        { .url = "http://h/p", .body = PATCH("7"), .etag = "\"1\"" },
        { .url = NULL },
    };
    struct world *w = again(there);

    (void)state;
    w->log_len = 0;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(1, w->same_count);
    assert_true(world_logged(w, "http://h/p\nuser"));
    assert_int_equal(1, w->record->fetches[0].redirects);
    assert_true(prov_str_eq(w->record->fetches[0].final_url, prov_str_z("http://g/p")));
    world_reboot(w);
    w->replies = elsewhere;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(0, w->same_count);
    world_reboot(w);
    w->replies = here;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(0, w->same_count);
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(1, w->same_count);
    world_free(w);
}

/* A 304 to a request without conditions, for whatever file. */
static void
takes_an_unasked_304_for_a_mistake_of_the_server(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FILES; i++) {
        struct world_reply other[FILES + 1];
        struct world *w = again(tree);

        world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
        memcpy(other, tree, sizeof(other));
        other[i].http = 304;
        other[i].body = "";
        w->replies = other;
        assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
        assert_int_equal(PROV_E_NETWORK, w->record->status);
        assert_non_null(world_diag(w, PROV_D_HTTP_NOT_ASKED));
        assert_int_equal(304, world_diag(w, PROV_D_HTTP_NOT_ASKED)->need);
        assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
        world_free(w);
    }
}

/* Files of which the phone keeps the text count one by one. */
#define HEAD "# Panasonic SIP Phone Standard Format File #\r\n"

static const struct world_reply parameters[] = {
    { .url = "http://h/a.cfg",
      .body = HEAD "CFG_STANDARD_FILE_PATH=\"s.cfg\"\r\nCFG_PRODUCT_FILE_PATH=\"p.cfg\"\r\n"
                   "CFG_MASTER_FILE_PATH=\"m.cfg\"\r\n",
      .etag = "\"a\"" },
    { .url = "http://h/s.cfg", .body = HEAD "NAME_1=\"me\"\r\n", .etag = "\"s\"" },
    { .url = "http://h/p.cfg", .body = HEAD "LAMP=\"on\"\r\n", .etag = "\"p\"" },
    { .url = "http://h/m.cfg", .body = HEAD "NTP=\"ntp\"\r\n" },
    { .url = NULL },
};
static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("M1"),
    .fwver = PROV_STR_INIT("01.000"),
};

static struct world *
hdv_again(const struct world_reply *replies)
{
    struct world *w = world_new(replies[0].url, replies);

    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    w->config.identity = &identity;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_reboot(w);
    return w;
}

static void
uses_the_saved_file_for_one_that_has_not_changed(void **state)
{
    struct world_reply other[5];
    struct world *w = hdv_again(parameters);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(4, w->fetch_count);
    assert_int_equal(3, w->same_count); /* one file cannot tell */
    assert_int_equal(0, w->begin_count);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(i < 3, w->record->fetches[i].not_modified);
        assert_int_equal(PROV_FILE_PARAMS_TEXT, w->record->fetches[i].type);
    }

    memcpy(other, parameters, sizeof(other));
    other[2].body = HEAD "LAMP=\"off\"\r\n";
    other[2].etag = "\"q\"";
    world_reboot(w);
    w->replies = other;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(4, w->fetch_count);
    assert_int_equal(2, w->same_count);
    assert_true(world_has(w, PROV_ITEM_PRODUCT, other[2].body));
    assert_true(world_has(w, PROV_ITEM_STANDARD, other[1].body));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(3, w->same_count);
    world_free(w);
}

/* Two files change places: what was saved of the one is nothing for the other. */
static void
fetches_a_file_again_that_is_another_kind_now(void **state)
{
    struct world_reply other[5];
    struct world *w = hdv_again(parameters);

    (void)state;
    memcpy(other, parameters, sizeof(other));
    other[0].etag = "\"b\"";
    other[0].body = HEAD "CFG_STANDARD_FILE_PATH=\"p.cfg\"\r\nCFG_PRODUCT_FILE_PATH=\"s.cfg\"\r\n"
                         "CFG_MASTER_FILE_PATH=\"m.cfg\"\r\n";
    w->replies = other;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_has(w, PROV_ITEM_STANDARD, other[2].body));
    assert_true(world_has(w, PROV_ITEM_PRODUCT, other[1].body));
    assert_false(w->record->fetches[1].not_modified);
    world_free(w);
}

static void
asks_unconditionally_if_saved_files_are_others(void **state)
{
    static const enum prov_item items[] = { PROV_ITEM_INITIAL, PROV_ITEM_STANDARD,
                                            PROV_ITEM_PRODUCT, PROV_ITEM_MASTER };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(items); i++) {
        for (int lost = 0; lost <= 1; lost++) {
            struct world *w = hdv_again(parameters);

            world_set(w, items[i], lost ? NULL : HEAD "OTHER=\"1\"\r\n");
            assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
            assert_int_equal(0, w->same_count);
            assert_true(world_has(w, items[i], parameters[i].body));
            world_free(w);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_at_once_if_no_file_has_changed),
        cmocka_unit_test(asks_again_without_conditions_if_one_file_has_changed),
        cmocka_unit_test(asks_for_a_reference_file_once),
        cmocka_unit_test(believes_the_text_of_a_reference_file),
        cmocka_unit_test(sends_back_what_was_received),
        cmocka_unit_test(puts_no_conditions_if_a_304_would_not_do),
        cmocka_unit_test(puts_no_conditions_if_one_file_cannot_tell),
        cmocka_unit_test(puts_no_conditions_after_sections_were_discarded),
        cmocka_unit_test(sends_validators_to_the_end_of_the_way_only),
        cmocka_unit_test(takes_an_unasked_304_for_a_mistake_of_the_server),
        cmocka_unit_test(uses_the_saved_file_for_one_that_has_not_changed),
        cmocka_unit_test(fetches_a_file_again_that_is_another_kind_now),
        cmocka_unit_test(asks_unconditionally_if_saved_files_are_others),
    };
    return cmocka_run_group_tests_name("scenario conditional", tests, NULL, NULL);
}
