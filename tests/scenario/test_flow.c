/* SPDX-License-Identifier: MIT */

/* From the address to the new settings: what is fetched, in which order it is applied, and how the
 * run ends. */

#include <stdio.h>

#include "world.h"

#define PATCH(a) "<configuration><telephony><a>" a "</a></telephony></configuration>"
#define REFS(urls) "<referencedSettings>" urls "</referencedSettings>"
#define URL(u) "<url>" u "</url>"

#define AFTER(a) \
    "<configuration>\n" \
    "  <telephony><a>" a "</a><b>2</b></telephony>\n" \
    "  <keys><key id=\"1\">one</key></keys>\n" \
    "</configuration>\n"

static void
applies_a_patch_and_stores_it(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH("9") },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/p.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(PROV_OK, w->record->status);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    assert_int_equal(1, w->commit_count);
    assert_int_equal(1, w->record->attempts);
    assert_int_equal(1, w->record->fetch_count);
    assert_int_equal(200, w->record->fetches[0].http_status);
    assert_int_equal(PROV_FILE_PATCH, w->record->fetches[0].type);
    assert_int_equal(0, w->record->fetches[0].change);
    assert_int_equal(strlen(PATCH("9")), w->record->fetches[0].bytes);
    assert_true(w->record->fetches[0].ended);
    assert_int_equal(1, w->record->apply->account.change_count);
    assert_false(w->record->will_retry);
    world_free(w);
}

static void
records_every_source_and_why(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/0080f0c571eb.xml", .body = PATCH("9") }, { .url = NULL }
    };
    struct world *w = world_new(" http://h/{mac}.xml\n", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(4, w->record->source_count);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(PROV_SOURCE_NOT_ASKED, w->record->sources[i].outcome);
        assert_false(w->record->sources[i].won);
        assert_int_equal(0, w->record->sources[i].url.len);
    }
    assert_string_equal("the port cannot ask the local network", w->record->sources[0].reason);
    assert_string_equal("no redirection service is set", w->record->sources[1].reason);
    assert_string_equal("the port cannot ask the local network", w->record->sources[2].reason);
    assert_int_equal(2, w->record->sources[1].step);
    assert_int_equal(2, w->record->sources[2].step);

    const struct prov_source_record *m = &w->record->sources[3];

    assert_int_equal(PROV_SOURCE_MANUAL, m->kind);
    assert_int_equal(PROV_SOURCE_URL, m->outcome);
    assert_true(m->won);
    assert_string_equal("first address found", m->reason);
    assert_true(prov_str_eq(m->before, prov_str_z("http://h/{mac}.xml")));
    assert_true(prov_str_eq(m->url, prov_str_z("http://h/0080f0c571eb.xml")));
    world_free(w);
}

static void
finds_nothing_without_an_address(void **state)
{
    static const struct world_reply replies[] = { { .url = NULL } };
    struct world *w = world_new(" \t", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_NOTHING, world_run(w));
    assert_int_equal(PROV_OK, w->record->status);
    assert_int_equal(PROV_SOURCE_NOTHING, w->record->sources[3].outcome);
    assert_non_null(world_diag(w, PROV_D_NO_ADDRESS));
    assert_int_equal(0, w->fetch_count);
    assert_int_equal(0, w->begin_count);
    assert_null(w->record->apply);
    assert_false(w->record->will_retry);
    world_free(w);
}

static void
refuses_a_malformed_address(void **state)
{
    static const struct world_reply replies[] = { { .url = NULL } };
    static const struct {
        const char *name, *url;
        enum prov_diag_code code;
        enum prov_status status;
    } rows[] = {
        { "no scheme", "h/p.xml", PROV_D_URL_SCHEME_MISSING, PROV_E_SYNTAX },
        { "wrong scheme", "gopher://h/", PROV_D_URL_SCHEME_UNKNOWN, PROV_E_SYNTAX },
        { "no host", "http:///p", PROV_D_URL_HOST_MISSING, PROV_E_SYNTAX },
        { "too long", "http://h/aaaaaaaaaaaaaaaaaaaaaaaa", PROV_D_URL_TOO_LONG, PROV_E_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = world_new(rows[i].url, replies);

        w->limits.url_bytes = 24;
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_REFUSED);
        PROV_ROW(rows[i].name, w->record->status == rows[i].status);
        PROV_ROW(rows[i].name, w->record->sources[3].outcome == PROV_SOURCE_REFUSED);
        PROV_ROW(rows[i].name, world_diag(w, rows[i].code) != NULL);
        PROV_ROW(rows[i].name, world_diag(w, rows[i].code)->source.len > 0);
        if (rows[i].status == PROV_E_LIMIT) {
            PROV_ROW(rows[i].name, world_diag(w, rows[i].code)->need == 24);
            PROV_ROW(rows[i].name, world_diag(w, rows[i].code)->subject.len == 0);
        }
        PROV_ROW(rows[i].name, w->fetch_count == 0);
        world_free(w);
    }
}

/* A patch, operations and a file behind a marker; the tree is applied in document order. */
static const struct world_reply tree[] = {
    { .url = "http://h/d/refs.xml",
      .body = REFS(URL("p.xml") URL("/ops.xml") URL("more/refs.xml") URL("http://g/{mac}.xml")) },
    { .url = "http://h/d/p.xml", .body = PATCH("first"), .delay_ms = 40 },
    { .url = "http://h/ops.xml",
      .body = "<operations><replace path=\"/telephony/b\"><b>ops</b></replace></operations>",
      .delay_ms = 30 },
    { .url = "http://h/d/more/refs.xml", .body = REFS(URL("x.xml")), .delay_ms = 20 },
    { .url = "http://h/d/more/x.xml", .body = PATCH("chained"), .delay_ms = 10 },
    { .url = "http://g/0080f0c571eb.xml",
      .body = "<configuration><telephony><c>3</c></telephony></configuration>",
      .delay_ms = 5 },
    { .url = NULL },
};

static void
follows_references_and_applies_in_order(void **state)
{
    static const char *const urls[] = { "http://h/d/refs.xml",   "http://h/d/p.xml",
                                        "http://h/ops.xml",      "http://h/d/more/refs.xml",
                                        "http://h/d/more/x.xml", "http://g/0080f0c571eb.xml" };
    static const uint32_t parents[] = { UINT32_MAX, 0, 0, 0, 3, 0 };
    static const uint32_t changes[] = { UINT32_MAX, 0, 1, UINT32_MAX, 2, 3 };

    (void)state;
    /* Answers come in reverse order, or youngest first, or all pieces mixed. */
    for (int way = 0; way < 3; way++) {
        struct world *w = world_new("http://h/d/refs.xml", tree);

        w->backwards = way == 1;
        w->interleave = way == 2;
        w->chunk = way == 2 ? 3 : 0;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_true(world_has(w, PROV_ITEM_SETTINGS,
                              "<configuration>\n"
                              "  <telephony><a>chained</a><b>ops</b><c>3</c></telephony>\n"
                              "  <keys><key id=\"1\">one</key></keys>\n"
                              "</configuration>\n"));
        assert_int_equal(PROV_COUNT(urls), w->record->fetch_count);
        for (uint32_t i = 0; i < PROV_COUNT(urls); i++) {
            assert_true(prov_str_eq(w->record->fetches[i].url, prov_str_z(urls[i])));
            assert_int_equal(parents[i], w->record->fetches[i].parent);
            assert_int_equal(changes[i], w->record->fetches[i].change);
        }
        assert_true(prov_str_eq(w->record->fetches[5].before, prov_str_z("http://g/{mac}.xml")));
        assert_int_equal(PROV_FILE_REFERENCE, w->record->fetches[3].type);
        assert_int_equal(PROV_FILE_OPERATIONS, w->record->fetches[2].type);
        assert_int_equal(4, w->most_flights);
        world_free(w);
    }
}

static void
fetches_no_more_side_by_side_than_allowed(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 3; n++) {
        struct world *w = world_new("http://h/d/refs.xml", tree);

        w->limits.fetches = n;
        assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(n, w->most_flights);
        world_free(w);
    }
}

/* One reference file with n patches. */
static char *
many(unsigned n)
{
    char *text = malloc(64 + n * 32u);
    size_t len = 0;

    assert_non_null(text);
    len += (size_t)snprintf(text, 64, "<referencedSettings>");
    for (unsigned i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, 32, "<url>p.xml?%u</url>", i);
    snprintf(text + len, 32, "</referencedSettings>");
    return text;
}

static void
takes_all_files_of_the_budget_and_not_one_more(void **state)
{
    (void)state;
    for (unsigned n = 6; n <= 7; n++) {
        char *refs = many(n);
        const struct world_reply replies[] = {
            { .url = "http://h/r.xml", .body = refs },
            { .url = "http://h/p.xml?0", .body = PATCH("0") },
            { .url = "http://h/p.xml?1", .body = PATCH("1") },
            { .url = "http://h/p.xml?2", .body = PATCH("2") },
            { .url = "http://h/p.xml?3", .body = PATCH("3") },
            { .url = "http://h/p.xml?4", .body = PATCH("4") },
            { .url = "http://h/p.xml?5", .body = PATCH("5") },
            { .url = NULL },
        };
        struct world *w = world_new("http://h/r.xml", replies);

        w->limits.tree_files = 6;
        if (n == 6) {
            assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
            assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("5")));
        } else {
            assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
            assert_int_equal(PROV_E_LIMIT, w->record->status);
            assert_int_equal(PROV_E_LIMIT, w->record->fetches[0].status);
            assert_int_equal(1, w->fetch_count);
            assert_int_equal(0, w->begin_count);
        }
        free(refs);
        world_free(w);
    }
}

static void
refuses_33_references_by_default(void **state)
{
    char *refs = many(33);
    const struct world_reply replies[] = { { .url = "http://h/r.xml", .body = refs },
                                           { .url = NULL } };
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    w->config.dialect = &world_lenient; /* a budget is no matter of policy */
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_LIMIT, w->record->status);
    assert_true(w->record->diags->count > 0);
    free(refs);
    world_free(w);
}

static void
refuses_a_cycle_and_too_much_depth(void **state)
{
    static const struct world_reply cycle[] = {
        { .url = "http://h/a.xml", .body = REFS(URL("b.xml")) },
        { .url = "http://h/b.xml", .body = REFS(URL("p.xml") URL("a.xml")) },
        { .url = "http://h/p.xml", .body = PATCH("9") },
        { .url = NULL },
    };
    static const struct world_reply deep[] = {
        { .url = "http://h/a.xml", .body = REFS(URL("b.xml")) },
        { .url = "http://h/b.xml", .body = REFS(URL("c.xml")) },
        { .url = "http://h/c.xml", .body = REFS(URL("p.xml")) },
        { .url = "http://h/p.xml", .body = PATCH("9") },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/a.xml", cycle);

    (void)state;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_DENIED, w->record->status);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    world_free(w);

    w = world_new("http://h/a.xml", deep);
    w->limits.tree_depth = 2;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_LIMIT, w->record->status);
    world_free(w);

    w = world_new("http://h/a.xml", deep);
    w->limits.tree_depth = 3;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_free(w);
}

static void
stores_nothing_if_one_file_is_malformed(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r.xml", .body = REFS(URL("p.xml") URL("bad.xml") URL("q.xml")) },
        { .url = "http://h/p.xml", .body = PATCH("9") },
        { .url = "http://h/bad.xml",
          .body = "<configuration><telephony></configuration>",
          .delay_ms = 10 },
        { .url = "http://h/q.xml", .body = PATCH("8"), .delay_ms = 20 },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_SYNTAX, w->record->status);
    assert_int_equal(PROV_E_SYNTAX, w->record->fetches[2].status);
    assert_int_equal(1, w->cancel_count); /* the third was still under way */
    assert_int_equal(PROV_E_CANCELLED, w->record->fetches[3].status);
    assert_int_equal(0, w->begin_count);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    assert_true(prov_str_eq(w->record->diags->items[0].source, prov_str_z("http://h/bad.xml")));
    assert_int_equal(1, w->record->diags->items[0].line);
    world_free(w);
}

static void
uses_the_others_where_the_dialect_says_so(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r.xml",
          .body = REFS(URL("bad.xml") URL("gone.xml") URL("p.xml") URL("r2.xml") URL("q.xml")) },
        { .url = "http://h/bad.xml", .body = "<configuration>" },
        { .url = "http://h/gone.xml", .body = "<html/>", .http = 404 },
        { .url = "http://h/p.xml", .body = PATCH("9") },
        { .url = "http://h/r2.xml", .body = REFS(URL("no such scheme://x")) },
        { .url = "http://h/q.xml",
          .body = "<configuration><telephony><b>7</b></telephony></configuration>" },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    w->config.dialect = &world_lenient;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(0, w->cancel_count);
    assert_int_equal(PROV_E_SYNTAX, w->record->fetches[1].status);
    assert_int_equal(PROV_E_NOT_FOUND, w->record->fetches[2].status);
    assert_int_equal(PROV_E_SYNTAX, w->record->fetches[4].status);
    assert_int_equal(UINT32_MAX, w->record->fetches[1].change);
    assert_int_equal(0, w->record->fetches[3].change);
    assert_int_equal(1, w->record->fetches[5].change);
    assert_true(world_has(w, PROV_ITEM_SETTINGS,
                          "<configuration>\n"
                          "  <telephony><a>9</a><b>7</b></telephony>\n"
                          "  <keys><key id=\"1\">one</key></keys>\n"
                          "</configuration>\n"));
    world_free(w);
}

static void
applies_nothing_if_no_file_is_left(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r.xml", .body = REFS(URL("gone.xml") URL("bad.xml")) },
        { .url = "http://h/gone.xml", .body = "", .http = 404 },
        { .url = "http://h/bad.xml", .body = "<configuration>", .delay_ms = 5 },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    w->config.dialect = &world_lenient;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w)); /* as the first one that failed */
    assert_int_equal(PROV_E_NOT_FOUND, w->record->status);
    assert_int_equal(0, w->begin_count);
    assert_null(w->record->apply);
    world_free(w);
}

static void
refuses_a_kind_of_file_that_is_not_accepted(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r.xml", .body = REFS(URL("p.xml") URL("n.xml")) },
        { .url = "http://h/p.xml", .body = PATCH("9") },
        { .url = "http://h/n.xml", .body = "<notifySync><checkSync/></notifySync>" },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_TYPE, w->record->status);
    assert_int_equal(PROV_E_TYPE, w->record->fetches[2].status);
    assert_int_equal(PROV_FILE_NOTIFY_SYNC, w->record->fetches[2].type);
    assert_int_equal(0, w->begin_count);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    world_free(w);
}

static void
does_not_follow_references_where_the_dialect_has_none(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/r.xml", .body = REFS(URL("p.xml")) }, { .url = NULL }
    };
    struct prov_dialect d = world_dialect;
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    d.file_types &= ~PROV_FILE_BIT(PROV_FILE_REFERENCE);
    w->config.dialect = &d;
    assert_int_equal(PROV_OUTCOME_REFUSED, world_run(w));
    assert_int_equal(PROV_E_TYPE, w->record->status);
    assert_int_equal(1, w->fetch_count);
    world_free(w);
}

/* CHK-1: the fake family has no schema. */
static void
refuses_what_nothing_can_check_if_asked_to(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH("9") },
                                                  { .url = NULL } };

    (void)state;
    for (int refuse = 0; refuse <= 1; refuse++) {
        struct world *w = world_new("http://h/p.xml", replies);

        w->config.refuse_unchecked = refuse != 0;
        assert_int_equal(refuse ? PROV_OUTCOME_PARTIAL : PROV_OUTCOME_APPLIED, world_run(w));
        assert_int_equal(refuse == 0, world_logged(w, "commit 0 "));
        assert_int_equal(refuse ? PROV_SECTION_DISCARDED : PROV_SECTION_MERGED,
                         w->record->apply->account.sections[0].action);
        world_free(w);
    }
}

static void
keeps_what_is_good_and_tells_partial(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://h/o.xml",
          .body = "<operations><delete path=\"/telephony/none\"/>"
                  "<replace path=\"/keys/key[@id='1']\"><key id=\"1\">uno</key></replace>"
                  "</operations>" },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/o.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    assert_int_equal(PROV_OK, w->record->status);
    assert_int_equal(1, w->commit_count);
    assert_true(world_has(w, PROV_ITEM_SETTINGS,
                          "<configuration>\n"
                          "  <telephony><a>1</a><b>2</b></telephony>\n"
                          "  <keys><key id=\"1\">uno</key></keys>\n"
                          "</configuration>\n"));

    /* A second run finds nothing to write, but it looks: the digest of a partial run is not used. */
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    assert_false(w->record->unchanged_by_digest);
    assert_int_equal(0, w->begin_count);
    world_free(w);
}

static void
starts_from_empty_settings_if_the_store_has_none(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH("9") },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/p.xml", replies);

    (void)state;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_non_null(w->items[PROV_ITEM_SETTINGS].text);
    assert_non_null(w->items[PROV_ITEM_STATE].text);
    world_free(w);
}

static void
writes_nothing_for_the_same_files_on_the_same_settings(void **state)
{
    struct world *w = world_new("http://h/d/refs.xml", tree);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_true(w->record->unchanged_by_digest);
    assert_null(w->record->apply);
    assert_int_equal(0, w->begin_count);
    assert_int_equal(6, w->fetch_count);

    /* Somebody changed the settings since: the files are applied again. */
    world_set(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS);
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(1, w->commit_count);

    /* The same bytes under another address are another input. */
    world_reboot(w);
    w->config.url = prov_str_z("http://h/d/refs.xml?x");
    const struct world_reply moved[] = { { .url = "http://h/d/refs.xml?x", .body = tree[0].body },
                                         tree[1],
                                         tree[2],
                                         tree[3],
                                         tree[4],
                                         tree[5],
                                         { .url = NULL } };
    w->replies = moved;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_false(w->record->unchanged_by_digest);
    world_free(w);
}

/* The phone has been provisioned, and by whom. */
#define FIRST_TIME "libprov-state 2\nprovisioned 1\npin http://h:80\nend\n"

static void
writes_no_settings_if_the_result_is_what_was_there(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/p.xml", .body = PATCH("1") },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/p.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_false(w->record->unchanged_by_digest);
    assert_non_null(w->record->apply);
    assert_false(world_logged(w, "commit 0 ")); /* but that these files change nothing, is kept: */
    assert_true(world_has(w, PROV_ITEM_SETTINGS, WORLD_SETTINGS));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_true(w->record->unchanged_by_digest);
    assert_int_equal(0, w->begin_count);
    world_free(w);
}

static void
treats_an_empty_reference_file_as_no_change(void **state)
{
    static const struct world_reply replies[] = { { .url = "http://h/r.xml", .body = REFS("") },
                                                  { .url = NULL } };
    struct world *w = world_new("http://h/r.xml", replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(1, w->begin_count);
    assert_false(world_logged(w, "commit 0 "));
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applies_a_patch_and_stores_it),
        cmocka_unit_test(records_every_source_and_why),
        cmocka_unit_test(finds_nothing_without_an_address),
        cmocka_unit_test(refuses_a_malformed_address),
        cmocka_unit_test(follows_references_and_applies_in_order),
        cmocka_unit_test(fetches_no_more_side_by_side_than_allowed),
        cmocka_unit_test(takes_all_files_of_the_budget_and_not_one_more),
        cmocka_unit_test(refuses_33_references_by_default),
        cmocka_unit_test(refuses_a_cycle_and_too_much_depth),
        cmocka_unit_test(stores_nothing_if_one_file_is_malformed),
        cmocka_unit_test(uses_the_others_where_the_dialect_says_so),
        cmocka_unit_test(applies_nothing_if_no_file_is_left),
        cmocka_unit_test(refuses_a_kind_of_file_that_is_not_accepted),
        cmocka_unit_test(does_not_follow_references_where_the_dialect_has_none),
        cmocka_unit_test(refuses_what_nothing_can_check_if_asked_to),
        cmocka_unit_test(keeps_what_is_good_and_tells_partial),
        cmocka_unit_test(starts_from_empty_settings_if_the_store_has_none),
        cmocka_unit_test(writes_nothing_for_the_same_files_on_the_same_settings),
        cmocka_unit_test(writes_no_settings_if_the_result_is_what_was_there),
        cmocka_unit_test(treats_an_empty_reference_file_as_no_change),
    };
    return cmocka_run_group_tests_name("scenario flow", tests, NULL, NULL);
}
