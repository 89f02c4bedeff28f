/* SPDX-License-Identifier: MIT */

/* What begins another run: triggers, and check-sync by SIP (SCH-1, PNP-5). */

#include <stdio.h>

#include "world.h"

#define PATCH(a) "<configuration><telephony><a>" a "</a></telephony></configuration>"
#define AFTER(a) \
    "<configuration>\n" \
    "  <telephony><a>" a "</a><b>2</b></telephony>\n" \
    "  <keys><key id=\"1\">one</key></keys>\n" \
    "</configuration>\n"
#define SYNC(inside) "<notifySync><checkSync>" inside "</checkSync></notifySync>"

static const struct world_reply replies[] = {
    { .url = "http://h/p", .body = PATCH("9"), .delay_ms = 50 },
    { .url = "http://s/0080f0c571eb", .body = PATCH("7") },
    { .url = "http://gone/p", .http = 503 },
    { .url = NULL },
};
static const struct prov_str anybody[] = { PROV_STR_INIT("*") };
static const struct prov_str server[] = { PROV_STR_INIT("192.0.2.10") };

/* A phone that listens to everybody, and has run once. */
static struct world *
after_a_run(void)
{
    struct world *w = world_new("http://h/p", replies);

    w->config.notify = PROV_CHOICE_YES;
    w->config.notify_from = anybody;
    w->config.notify_from_count = 1;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    return w;
}

static enum prov_status
trigger(struct world *w, enum prov_trigger why, const char *url, const char *document)
{
    const struct prov_trigger_event e = { .size = sizeof(e),
                                          .trigger = why,
                                          .has_url = url != NULL,
                                          .url = prov_str_z(url),
                                          .document = prov_str_z(document) };

    return prov_run_trigger(&w->run, &e);
}

static enum prov_outcome
run_again(struct world *w)
{
    assert_int_equal(PROV_OK, world_loop(w));
    return w->record->outcome;
}

/* ---- Triggers ---- */

static void
begins_another_run_in_the_same_memory(void **state)
{
    struct world *w = world_new("http://h/p", replies);
    size_t high;

    (void)state;
    w->config.trigger = PROV_TRIGGER_BOOT;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(PROV_TRIGGER_BOOT, w->record->trigger);
    high = w->record->memory_high;
    for (int i = 0; i < 20; i++) {
        (void)run_again(w); /* ended is ended */
        assert_int_equal(1 + i, w->fetch_count);
        assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_TIME, NULL, NULL));
        assert_int_equal(PROV_OUTCOME_UNCHANGED, run_again(w));
        assert_int_equal(PROV_TRIGGER_TIME, w->record->trigger);
        assert_int_equal(1, w->record->attempts);
        assert_true(w->record->unchanged_by_digest);
        assert_int_equal(high, w->record->memory_high);
    }
    assert_false(world_logged(w, "fetch 1 ")); /* ids go on: the first are of the first run */
    assert_true(world_logged(w, "fetch 128 http://h/p"));
    world_free(w);
}

static void
replaces_the_wait_for_a_retry(void **state)
{
    struct world *w = world_new("http://gone/p", replies);
    struct prov_run_state s;

    (void)state;
    w->config.attempts = 0;
    w->blocking = true;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, prov_run_step(&w->run, &s));
    assert_true(s.waiting);
    assert_true(w->record->will_retry);
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_MANUAL, "http://h/p", NULL));
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    assert_true(w->now_ms < 2000);
    assert_int_equal(1, w->record->attempts);
    assert_false(w->record->will_retry);
    world_free(w);
}

static void
trigger_twice(struct world *w)
{
    w->meanwhile = NULL;
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_TIME, NULL, NULL));
    assert_true(w->record->run_follows);
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, "http://s/{mac}", NULL));
}

static void
remembers_one_trigger_during_a_run(void **state)
{
    struct world *w = world_new("http://h/p", replies);

    (void)state;
    w->meanwhile = trigger_twice;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(w->record->run_follows);
    assert_int_equal(PROV_TRIGGER_MANUAL, w->record->trigger);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9"))); /* told before the next one begins */
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    assert_false(w->record->run_follows);
    assert_int_equal(PROV_TRIGGER_CHECK_SYNC, w->record->trigger);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("7")));
    assert_int_equal(2, w->fetch_count);
    world_free(w);
}

/* What waits comes before another attempt. */
static void
does_not_retry_when_a_trigger_waits(void **state)
{
    static const struct world_reply slow[] = {
        { .url = "http://slow/p", .http = 503, .delay_ms = 10 },
        { .url = "http://s/0080f0c571eb", .body = PATCH("7") },
        { .url = NULL },
    };
    struct world *w = world_new("http://slow/p", slow);

    (void)state;
    w->config.attempts = 0;
    w->meanwhile = trigger_twice;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_false(w->record->will_retry);
    assert_true(w->record->run_follows);
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    assert_int_equal(1010, w->now_ms);
    world_free(w);
}

static void
refuses_a_trigger_that_does_not_fit(void **state)
{
    struct prov_trigger_event e = { .size = sizeof(e), .trigger = PROV_TRIGGER_MANUAL };
    struct world *w = after_a_run();
    char *large = calloc(1, 9000);

    (void)state;
    assert_non_null(large);
    memset(large, ' ', 8193);
    assert_int_equal(PROV_E_ARG, prov_run_trigger(&w->run, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_trigger(NULL, &e));
    assert_int_equal(PROV_E_ARG, prov_session_trigger(NULL, 0, &e));
    e.size = sizeof(size_t);
    assert_int_equal(PROV_E_ABI, prov_run_trigger(&w->run, &e));
    e.size = offsetof(struct prov_trigger_event, has_url);
    e.has_url = true; /* beyond its size: not read */
    assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
    e = (struct prov_trigger_event){ .size = sizeof(e), .trigger = (enum prov_trigger)4 };
    assert_int_equal(PROV_E_ARG, prov_run_trigger(&w->run, &e));
    assert_int_equal(PROV_E_ARG, trigger(w, PROV_TRIGGER_MANUAL, " \n", NULL));
    e = (struct prov_trigger_event){ .size = sizeof(e), .document = { large, 8193 } };
    assert_int_equal(PROV_E_LIMIT, prov_run_trigger(&w->run, &e));
    e.document.len = 8192;
    assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &e));
    e = (struct prov_trigger_event){ .size = sizeof(e), .has_url = true, .url = { large, 0 } };
    memset(large, 'u', 2049);
    e.url.len = 2049;
    assert_int_equal(PROV_E_LIMIT, prov_run_trigger(&w->run, &e));
    free(large);
    world_free(w);
}

/* ---- With an address or a document ---- */

static void
uses_the_address_of_the_trigger(void **state)
{
    struct world *w = after_a_run();

    (void)state;
    w->lan = true;
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, " http://u:pw@s/{mac}\n", NULL));
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("7")));
    assert_int_equal(4, w->record->source_count);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(PROV_SOURCE_NOT_ASKED, w->record->sources[i].outcome);
        assert_string_equal("the address came with check-sync", w->record->sources[i].reason);
    }
    assert_int_equal(0, w->ask_count);
    assert_true(prov_str_eq(w->record->fetches[0].before, prov_str_z("http://***@s/{mac}")));
    assert_false(world_tells(w, "pw"));
    world_free(w);
}

static void
completes_and_checks_that_address_as_any_other(void **state)
{
    static const struct world_reply many[] = {
        { .url = "http://h/p.xml", .body = PATCH("9") },
        { .url = "https://s/M1.cfg", .body = PATCH("7") },
        { .url = NULL },
    };
    struct prov_dialect d = world_dialect;
    struct world *w = world_new("http://h/p.xml", many);

    (void)state;
    d.address_flags = PROV_ADDRESS_TRY_SCHEMES | PROV_ADDRESS_ADD_FILE;
    d.default_file = prov_str_z("{MODEL}.cfg");
    w->config.dialect = &d;
    w->config.attempts = 2;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, "s/", NULL));
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    assert_int_equal(3, w->record->fetch_count); /* tftp, http, https */
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, "gopher://u:pw@s/", NULL));
    assert_int_equal(PROV_OUTCOME_REFUSED, run_again(w));
    assert_int_equal(PROV_E_SYNTAX, w->record->status);
    assert_false(world_tells(w, "pw"));
    /* unreachable: tried again, and with the same address */
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, "http://none/p.cfg", NULL));
    assert_int_equal(PROV_OUTCOME_FAILED, run_again(w));
    assert_int_equal(2, w->record->attempts);
    assert_true(prov_str_eq(w->record->fetches[0].url, prov_str_z("http://none/p.cfg")));
    world_free(w);
}

static void
applies_a_document_without_fetching(void **state)
{
    static const struct {
        const char *document, *after;
        enum prov_outcome outcome;
        enum prov_diag_code code;
    } rows[] = {
        { PATCH("5"), AFTER("5"), PROV_OUTCOME_APPLIED, PROV_D_NONE },
        { "<operations><replace path=\"/telephony/a\"><a>6</a></replace></operations>", AFTER("6"),
          PROV_OUTCOME_APPLIED, PROV_D_NONE },
        { PATCH("9"), AFTER("9"), PROV_OUTCOME_UNCHANGED, PROV_D_NONE },
        { "<configuration>", AFTER("9"), PROV_OUTCOME_REFUSED, PROV_D_NONE },
        { "<referencedSettings><url>x</url></referencedSettings>", AFTER("9"), PROV_OUTCOME_REFUSED,
          PROV_D_REFERENCE_BY_HAND },
        { "<notifySync/>", AFTER("9"), PROV_OUTCOME_REFUSED, PROV_D_DOCUMENT_REFUSED },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = after_a_run();

        assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, NULL, rows[i].document));
        PROV_ROW(rows[i].document, run_again(w) == rows[i].outcome);
        PROV_ROW(rows[i].document, world_has(w, PROV_ITEM_SETTINGS, rows[i].after));
        PROV_ROW(rows[i].document, w->fetch_count == 1);
        PROV_ROW(rows[i].document, w->record->fetch_count == 1);
        PROV_ROW(rows[i].document, w->record->fetches[0].url.len == 0);
        PROV_ROW(rows[i].document, w->record->fetches[0].bytes == strlen(rows[i].document));
        PROV_ROW(rows[i].document,
                 prov_str_eq(w->record->fetches[0].final_url, prov_str_z("check-sync")));
        PROV_ROW(rows[i].document,
                 rows[i].code == PROV_D_NONE || world_diag(w, rows[i].code) != NULL);
        PROV_ROW(rows[i].document,
                 (w->record->diags->count > 0) == (rows[i].outcome == PROV_OUTCOME_REFUSED));
        assert_string_equal("the settings came with check-sync", w->record->sources[0].reason);
        world_free(w);
    }
}

/* The store fails: the next attempt still has the document; it needs no time either. */
static void
keeps_the_document_for_all_attempts(void **state)
{
    struct prov_dialect d = world_dialect;
    struct world *w = world_new("http://h/p", replies);

    (void)state;
    d.needs_time = true;
    w->config.dialect = &d;
    w->config.attempts = 3;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    w->commit_status = PROV_E_STORAGE;
    w->time_known_ms = UINT64_MAX;
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, NULL, PATCH("5")));
    assert_int_equal(PROV_OUTCOME_FAILED, run_again(w));
    assert_int_equal(3, w->record->attempts);
    w->commit_status = PROV_OK;
    assert_int_equal(PROV_OK, trigger(w, PROV_TRIGGER_CHECK_SYNC, NULL, PATCH("5")));
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    world_free(w);
}

/* ---- check-sync ---- */

static void
does_what_a_check_sync_asks_for(void **state)
{
    static const struct {
        const char *name, *body;
        unsigned answer;
        bool runs;
        const char *after;
    } rows[] = {
        { "no body", "", 200, true, AFTER("9") },
        { "address", SYNC("<url>http://s/{mac}</url>"), 200, true, AFTER("7") },
        { "empty address", SYNC("<url/>"), 200, false, AFTER("9") },
        { "data", SYNC("<dataAvailable>true</dataAvailable>"), 200, true, AFTER("9") },
        { "no data", SYNC("<dataAvailable>false</dataAvailable>"), 200, false, AFTER("9") },
        { "no data, but an address",
          SYNC("<url>http://s/{mac}</url><dataAvailable>false</dataAvailable>"), 200, true,
          AFTER("7") },
        { "other", "<notifySync><reboot/></notifySync>", 200, false, AFTER("9") },
        { "snippet", PATCH("3"), 200, true, AFTER("3") },
        { "malformed", "<configuration>", 400, false, AFTER("9") },
        { "reference file", "<referencedSettings/>", 415, false, AFTER("9") },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = after_a_run();

        PROV_ROW(rows[i].name, world_check_sync(w, 10, rows[i].body) == rows[i].answer);
        w->record = prov_session_record(w->session);
        (void)run_again(w);
        PROV_ROW(rows[i].name, (w->record->trigger == PROV_TRIGGER_CHECK_SYNC) == rows[i].runs);
        PROV_ROW(rows[i].name, world_has(w, PROV_ITEM_SETTINGS, rows[i].after));
        world_free(w);
    }
}

static void
lets_in_who_may_and_no_other(void **state)
{
    static const char settings[] =
        "<configuration><provisioning><sip><active>%s</active><allowlist>"
        "<allowlistEntry>192.0.2.10</allowlistEntry></allowlist></sip></provisioning></"
        "configuration>";
    static const struct {
        const char *name;
        enum prov_choice choice;
        const struct prov_str *from;
        const char *active;
        uint8_t host;
        unsigned answer;
    } rows[] = {
        { "settings", PROV_CHOICE_PRESET, NULL, "true", 10, 200 },
        { "settings, other sender", PROV_CHOICE_PRESET, NULL, "true", 11, 403 },
        { "settings, off", PROV_CHOICE_PRESET, NULL, "false", 10, 403 },
        { "forbidden", PROV_CHOICE_NO, anybody, "true", 10, 403 },
        { "allowed", PROV_CHOICE_YES, NULL, "false", 10, 200 },
        { "everybody", PROV_CHOICE_YES, anybody, "false", 77, 200 },
        { "own list", PROV_CHOICE_YES, server, "false", 10, 200 },
        { "not on it", PROV_CHOICE_YES, server, "false", 12, 403 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = world_new("http://h/p", replies);
        char text[400];

        snprintf(text, sizeof(text), settings, rows[i].active);
        world_set(w, PROV_ITEM_SETTINGS, text);
        w->config.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
        w->config.notify = rows[i].choice;
        w->config.notify_from = rows[i].from;
        w->config.notify_from_count = rows[i].from != NULL;
        (void)world_run(w);
        PROV_ROW(rows[i].name, world_check_sync(w, rows[i].host, "") == rows[i].answer);
        PROV_ROW(rows[i].name, w->record->trigger == PROV_TRIGGER_MANUAL);
        (void)run_again(w);
        PROV_ROW(rows[i].name,
                 (w->record->trigger == PROV_TRIGGER_CHECK_SYNC) == (rows[i].answer == 200));
        world_free(w);
    }
}

/* The event has the name that the settings give it. */
static void
takes_the_event_that_the_settings_name(void **state)
{
    static const char *const names[] = { "check-sync", "resync" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(names); i++) {
        struct world *w = world_new("http://h/p", replies);
        char text[200];

        snprintf(text, sizeof(text),
                 "# Panasonic SIP Phone Standard Format File #\r\nCFG_RESYNC_FROM_SIP=\"%s\"\r\n",
                 names[i]);
        world_set(w, PROV_ITEM_USER, text);
        w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
        w->config.notify = PROV_CHOICE_YES;
        w->config.notify_from = anybody;
        w->config.notify_from_count = 1;
        (void)world_run(w);
        assert_int_equal(i == 0 ? 200 : 489, world_check_sync(w, 10, ""));
        world_free(w);
    }
}

/* Without a list nobody may. */
static void
lets_nobody_in_without_a_list(void **state)
{
    struct world *w = world_new("http://h/p", replies);

    (void)state;
    w->config.notify = PROV_CHOICE_YES;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(403, world_check_sync(w, 10, ""));
    world_free(w);
}

static void
limits_the_rate(void **state)
{
    struct world *w = after_a_run();

    (void)state;
    assert_int_equal(200, world_check_sync(w, 10, ""));
    assert_int_equal(503, world_check_sync(w, 10, ""));
    (void)run_again(w);
    assert_int_equal(503, world_check_sync(w, 10, ""));
    w->now_ms += 10000;
    assert_int_equal(200, world_check_sync(w, 10, ""));
    world_free(w);

    w = world_new("http://h/p", replies);
    w->config.notify = PROV_CHOICE_YES;
    w->config.notify_from = anybody;
    w->config.notify_from_count = 1;
    w->config.notify_interval_ms = 50;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(200, world_check_sync(w, 10, ""));
    w->now_ms += 49;
    assert_int_equal(503, world_check_sync(w, 10, ""));
    w->now_ms += 1;
    assert_int_equal(200, world_check_sync(w, 10, ""));
    world_free(w);
}

static void
sync_now(struct world *w)
{
    w->meanwhile = NULL;
    assert_int_equal(200, world_check_sync(w, 10, PATCH("4")));
    assert_true(w->record->run_follows);
}

static void
answers_while_a_run_is_under_way(void **state)
{
    struct world *w = world_new("http://h/p", replies);

    (void)state;
    w->config.notify = PROV_CHOICE_YES;
    w->config.notify_from = anybody;
    w->config.notify_from_count = 1;
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(503, world_check_sync(w, 10, "")); /* nothing is known yet */
    w->meanwhile = sync_now;
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("9")));
    assert_int_equal(PROV_OUTCOME_APPLIED, run_again(w));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, AFTER("4")));
    world_free(w);
}

static void
takes_a_body_of_the_limit_and_not_one_byte_more(void **state)
{
    static const char head[] = "<configuration><telephony><a>8</a></telephony>";
    static const char tail[] = "</configuration>";
    static char body[8300];

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct world *w = after_a_run();

        memset(body, '\n', 8192 + more + 50); /* what stands around it does not count */
        memcpy(body + 20, head, strlen(head));
        memcpy(body + 20 + 8192 + more - strlen(tail), tail, strlen(tail));
        assert_int_equal(more == 0 ? 200 : 413, world_check_sync(w, 10, body));
        (void)run_again(w);
        assert_true(world_has(w, PROV_ITEM_SETTINGS, more == 0 ? AFTER("8") : AFTER("9")));
        world_free(w);

        w = world_new("http://h/p", replies);
        w->config.notify = PROV_CHOICE_YES;
        w->config.notify_from = anybody;
        w->config.notify_from_count = 1;
        w->limits.file_bytes = (uint32_t)(strlen(PATCH("9")) - more);
        (void)world_run(w);
        assert_int_equal(more == 0 ? 200 : 413, world_check_sync(w, 10, PATCH("8")));
        world_free(w);
    }
}

/* In the smallest memory that a run has enough of, there may be none to read a body with. */
static void
asks_for_patience_without_memory(void **state)
{
    enum prov_status status = PROV_E_SPACE;
    struct world *w = world_new("http://h/p", replies);

    (void)state;
    w->config.notify = PROV_CHOICE_YES;
    w->config.notify_from = anybody;
    w->config.notify_from_count = 1;
    w->limits.tree_bytes = w->limits.file_bytes = w->limits.settings_bytes = 1024;
    w->limits.xml_nodes = 64;
    w->limits.url_bytes = 64;
    for (w->memory_bytes = 20000; status != PROV_OK; w->memory_bytes += 500) {
        w->log_len = 0;
        status = world_open(w);
        if (status == PROV_OK)
            status = world_loop(w);
    }
    assert_int_equal(PROV_OUTCOME_APPLIED, w->record->outcome);
    assert_int_equal(503, world_check_sync(w, 10, PATCH("8")));
    assert_int_equal(200, world_check_sync(w, 10, "")); /* that takes none */
    world_free(w);
}

static void
answers_nothing_to_what_is_no_request(void **state)
{
    static const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 192, 0, 2, 10 }, 5060 };
    struct world *w = after_a_run();
    struct prov_check_sync seen = { .answer = 77 };
    char mem[2048];
    struct prov_buf reply = { mem, sizeof(mem), 0 };
    const struct prov_str noise = PROV_STR_INIT("noise");
    const struct prov_str response = PROV_STR_INIT(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: c\r\n"
        "CSeq: 1 NOTIFY\r\n\r\n");

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(PROV_E_SYNTAX, prov_run_notify(&w->run, &from, response, &reply, &seen));
        assert_int_equal(PROV_E_SYNTAX, prov_run_notify(&w->run, &from, noise, &reply, &seen));
        assert_int_equal(0, reply.len);
        assert_int_equal(77, seen.answer);
        assert_int_equal(PROV_OK, world_open(w)); /* now without settings */
    }
    assert_int_equal(PROV_E_ARG, prov_run_notify(NULL, &from, noise, &reply, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_notify(&w->run, NULL, noise, &reply, NULL));
    assert_int_equal(PROV_E_ARG, prov_run_notify(&w->run, &from, noise, NULL, NULL));
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_another_run_in_the_same_memory),
        cmocka_unit_test(replaces_the_wait_for_a_retry),
        cmocka_unit_test(remembers_one_trigger_during_a_run),
        cmocka_unit_test(does_not_retry_when_a_trigger_waits),
        cmocka_unit_test(refuses_a_trigger_that_does_not_fit),
        cmocka_unit_test(uses_the_address_of_the_trigger),
        cmocka_unit_test(completes_and_checks_that_address_as_any_other),
        cmocka_unit_test(applies_a_document_without_fetching),
        cmocka_unit_test(keeps_the_document_for_all_attempts),
        cmocka_unit_test(does_what_a_check_sync_asks_for),
        cmocka_unit_test(lets_in_who_may_and_no_other),
        cmocka_unit_test(takes_the_event_that_the_settings_name),
        cmocka_unit_test(lets_nobody_in_without_a_list),
        cmocka_unit_test(limits_the_rate),
        cmocka_unit_test(answers_while_a_run_is_under_way),
        cmocka_unit_test(takes_a_body_of_the_limit_and_not_one_byte_more),
        cmocka_unit_test(asks_for_patience_without_memory),
        cmocka_unit_test(answers_nothing_to_what_is_no_request),
    };
    return cmocka_run_group_tests_name("scenario trigger", tests, NULL, NULL);
}
