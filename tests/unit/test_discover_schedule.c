/* SPDX-License-Identifier: MIT */

/* What the settings say about times (SCH-1, TRY-1), and parameters as settings. */

#include "support/prov_discover.h"

#include <prov/layer.h>

#include <stdio.h>

#define BIT(kind) PROV_SOURCE_BIT(PROV_SOURCE_##kind)
#define MARK "# Panasonic SIP Phone Standard Format File #\n"

static struct reading {
    struct prov_arena documents, arena;
    struct prov_xml x;
    struct prov_diag items[8];
    struct prov_diags diags;
    struct prov_discover_settings out;
    _Alignas(16) char document_memory[600000];
    _Alignas(16) char memory[16384];
} r;

static void
begin(void)
{
    r.diags = (struct prov_diags){ r.items, PROV_COUNT(r.items), 0, 0 };
    memset(&r.out, 0x5A, sizeof(r.out));
    prov_arena_init(&r.arena, r.memory, sizeof(r.memory));
    prov_arena_init(&r.documents, r.document_memory, sizeof(r.document_memory));
}

static void
read_xml(const char *dialect, const char *text)
{
    uint32_t root;

    begin();
    assert_int_equal(PROV_OK, prov_xml_init(&r.x, &r.documents, NULL, NULL, 0));
    assert_int_equal(PROV_OK, prov_xml_parse(&r.x, prov_str_z("settings.xml"), prov_str_z(text),
                                             &root, &r.diags));
    assert_int_equal(PROV_OK, prov_discover_read_xml(search_dialect(dialect), &r.x, root, &r.arena,
                                                     &r.out, &r.diags));
}

/* ---- auerswald-* ---- */

static void
read_execution(const char *dialect, const char *inside)
{
    char text[1000];

    snprintf(text, sizeof(text),
             "<configuration><update><execution><time>11:11</time></execution></update>"
             "<provisioning><execution>%s</execution></provisioning></configuration>",
             inside);
    read_xml(dialect, text);
}

#define RANDOM(min, max) \
    "<time>3:00</time><useRandomDelay>true</useRandomDelay><minimalRandomDelay>" min \
    "</minimalRandomDelay><maximalRandomDelay>" max "</maximalRandomDelay>"

static void
reads_weekdays_time_and_random_delay(void **state)
{
    static const struct {
        const char *name, *dialect, *inside;
        uint8_t days;
        uint16_t minute;
        uint32_t spread_s, min_s, max_s;
        enum prov_diag_code code;
    } rows[] = {
        { "nothing said: every day, at a time of its own", "auerswald-d", "", 0x7F, 0, 21300, 0, 0,
          PROV_D_NONE },
        { "nothing said to early firmware: never", "auerswald-d100", "", 0, 0, 21300, 0, 0,
          PROV_D_NONE },
        { "one day", "auerswald-d100", "<wednesdays>true</wednesdays><time>23:59</time>", 4, 1439,
          60, 0, 0, PROV_D_NONE },
        { "not on one day", "auerswald-d", "<sundays>false</sundays><time>3:05</time>", 0x3F, 185,
          60, 0, 0, PROV_D_NONE },
        { "all of them said", "auerswald-d",
          "<mondays>0</mondays><tuesdays>1</tuesdays><wednesdays>0</wednesdays><thursdays>1"
          "</thursdays><fridays>0</fridays><saturdays>1</saturdays><sundays>0</sundays>",
          0x2A, 0, 21300, 0, 0, PROV_D_NONE },
        { "no switch", "auerswald-d", "<mondays>perhaps</mondays>", 0x7F, 0, 21300, 0, 0,
          PROV_D_SETTING_SWITCH },
        { "empty time", "auerswald-d", "<time></time>", 0x7F, 0, 21300, 0, 0, PROV_D_NONE },
        { "no time", "auerswald-d", "<time>24:00</time>", 0x7F, 0, 21300, 0, 0,
          PROV_D_SETTING_TIME },
        { "blanks", "auerswald-d", "<time> 04:00\n</time>", 0x7F, 240, 60, 0, 0, PROV_D_NONE },
        { "random delay", "auerswald-d", RANDOM("5", "7"), 0x7F, 180, 60, 5, 7, PROV_D_NONE },
        { "none", "auerswald-d", RANDOM("0", "0"), 0x7F, 180, 60, 0, 0, PROV_D_NONE },
        { "longest", "auerswald-d", RANDOM("43200", "43200"), 0x7F, 180, 60, 43200, 43200,
          PROV_D_NONE },
        { "too long: preset", "auerswald-d", RANDOM("5", "43201"), 0x7F, 180, 60, 5, 3600,
          PROV_D_SETTING_NUMBER },
        { "no number: preset", "auerswald-d", RANDOM("x", "7200"), 0x7F, 180, 60, 60, 7200,
          PROV_D_SETTING_NUMBER },
        { "the least is more than the most", "auerswald-d", RANDOM("8", "7"), 0x7F, 180, 60, 0, 0,
          PROV_D_SETTING_RANDOM },
        { "only switched on", "auerswald-d", "<time>3:00</time><useRandomDelay>1</useRandomDelay>",
          0x7F, 180, 60, 60, 3600, PROV_D_NONE },
        { "only numbers", "auerswald-d",
          "<time>3:00</time><maximalRandomDelay>9</maximalRandomDelay>", 0x7F, 180, 60, 0, 0,
          PROV_D_NONE },
        { "own time and random delay", "auerswald-d", "<useRandomDelay>1</useRandomDelay>", 0x7F, 0,
          21300, 60, 3600, PROV_D_NONE },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct prov_schedule *s = &r.out.schedule;

        read_execution(rows[i].dialect, rows[i].inside);
        PROV_ROW(rows[i].name, s->days == rows[i].days && s->time_count == 1);
        PROV_ROW(rows[i].name, s->times[0] == rows[i].minute);
        PROV_ROW(rows[i].name, s->time_spread_s == rows[i].spread_s);
        PROV_ROW(rows[i].name, s->random_min_s == rows[i].min_s);
        PROV_ROW(rows[i].name, s->random_max_s == rows[i].max_s);
        PROV_ROW(rows[i].name, s->interval_minutes == 0 && !r.out.daily);
        PROV_ROW(rows[i].name, r.diags.count == (rows[i].code != PROV_D_NONE));
        PROV_ROW(rows[i].name, r.diags.count == 0 || r.items[0].code == rows[i].code);
    }
}

/* SCH-1: from 00:00 to 05:55, and the same one every day. */
static void
gives_each_phone_a_time_of_its_own(void **state)
{
    struct prov_schedule_now now = { .known = true, .last_ms = INT64_MIN };
    int64_t earliest = INT64_MAX, latest = 0;

    (void)state;
    read_execution("auerswald-d", "");
    for (now.device = 0; now.device < 2000; now.device++) {
        struct prov_schedule_run first, second;

        now.unix_ms = -1; /* 1970-01-01 is next */
        assert_int_equal(PROV_OK, prov_schedule_next(&r.out.schedule, &now, &first));
        now.unix_ms = first.unix_ms;
        assert_int_equal(PROV_OK, prov_schedule_next(&r.out.schedule, &now, &second));
        assert_true(second.unix_ms - first.unix_ms == 86400000);
        earliest = first.unix_ms < earliest ? first.unix_ms : earliest;
        latest = first.unix_ms > latest ? first.unix_ms : latest;
    }
    assert_true(earliest >= 0 && earliest < 60000);
    assert_true(latest < 355 * 60000 && latest > 354 * 60000);
}

static void
has_no_schedule_while_provisioning_is_off(void **state)
{
    (void)state;
    read_xml("auerswald-d", "<configuration><provisioning><active>false</active><execution>"
                            "<time>3:00</time></execution></provisioning></configuration>");
    assert_int_equal(0, r.out.schedule.time_count);
    read_xml("panasonic-utg", "<PANASIPPhoneConfig><PROVISION_ENABLE>N</PROVISION_ENABLE>"
                              "<CFG_CYCLIC>Y</CFG_CYCLIC><CFG_CYCLIC_INTVL>60</CFG_CYCLIC_INTVL>"
                              "</PANASIPPhoneConfig>");
    assert_int_equal(0, r.out.schedule.interval_minutes);
    read_xml("generic", "<configuration/>");
    assert_int_equal(0, r.out.schedule.time_count + r.out.schedule.interval_minutes);
}

/* ---- panasonic-* ---- */

static const struct cyclic_row {
    const char *name, *text;
    uint32_t minutes, spread_s;
    int daily; /* minute of the day; -1 = none */
    uint32_t retry;
    enum prov_diag_code code;
} cyclic_rows[] = {
    /* clang-format off */
    { "nothing said", "", 0, 0, -1, 0, PROV_D_NONE },
    { "on", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"60\"\n", 60, 360, -1, 0, PROV_D_NONE },
    { "three days", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"4320\"\n", 4320, 3600, -1, 0,
      PROV_D_NONE },
    { "28 days", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"40320\"\n", 40320, 3600, -1, 0,
      PROV_D_NONE },
    { "more", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"40321\"\n", 0, 0, -1, 0,
      PROV_D_SETTING_NUMBER },
    { "zero", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"0\"\n", 0, 0, -1, 0, PROV_D_SETTING_NUMBER },
    { "huge", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"99999999999999999999\"\n", 0, 0, -1, 0,
      PROV_D_SETTING_NUMBER },
    { "negative", "CFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"-5\"\n", 0, 0, -1, 0,
      PROV_D_SETTING_NUMBER },
    { "no interval", "CFG_CYCLIC=\"Y\"\n", 0, 0, -1, 0, PROV_D_NONE },
    { "off", "CFG_CYCLIC=\"N\"\nCFG_CYCLIC_INTVL=\"60\"\n", 0, 0, -1, 0, PROV_D_NONE },
    { "no switch", "CFG_CYCLIC_INTVL=\"60\"\n", 0, 0, -1, 0, PROV_D_NONE },
    { "time", "CFG_RESYNC_TIME=\"23:00\"\n", 0, 0, 1380, 0, PROV_D_NONE },
    { "time switches the interval off",
      "CFG_RESYNC_TIME=\"00:00\"\nCFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"60\"\n", 0, 0, 0, 0,
      PROV_D_NONE },
    { "empty time does not", "CFG_RESYNC_TIME=\"\"\nCFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"1\"\n", 1,
      6, -1, 0, PROV_D_NONE },
    { "nor one that is none",
      "CFG_RESYNC_TIME=\"noon\"\nCFG_CYCLIC=\"Y\"\nCFG_CYCLIC_INTVL=\"60\"\n", 60, 360, -1, 0,
      PROV_D_SETTING_TIME },
    { "retry", "CFG_RTRY_INTVL=\"1440\"\n", 0, 0, -1, 1440, PROV_D_NONE },
    { "retry too late", "CFG_RTRY_INTVL=\"1441\"\n", 0, 0, -1, 0, PROV_D_SETTING_NUMBER },
    /* clang-format on */
};

static bool
is_as_row(const struct cyclic_row *row)
{
    const struct prov_schedule *s = &r.out.schedule;
    const bool timed = row->daily >= 0;

    return s->interval_minutes == row->minutes && s->interval_spread_s == row->spread_s &&
           r.out.daily == timed && s->time_count == timed &&
           s->days == (timed ? PROV_SCHEDULE_DAILY : 0) && (!timed || s->times[0] == row->daily) &&
           s->time_spread_s == (timed ? 1800 : 0) && r.out.retry_minutes == row->retry &&
           r.diags.count == (row->code != PROV_D_NONE) &&
           (r.diags.count == 0 || r.items[0].code == row->code);
}

static void
reads_interval_and_time_of_every_day(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cyclic_rows); i++) {
        char text[500];

        snprintf(text, sizeof(text), MARK "%s", cyclic_rows[i].text);
        begin();
        assert_int_equal(PROV_OK,
                         prov_discover_read_text(search_dialect("panasonic-hdv"), prov_str_z("f"),
                                                 prov_str_z(text), &r.arena, &r.out, &r.diags));
        PROV_ROW(cyclic_rows[i].name, is_as_row(&cyclic_rows[i]));
    }
}

/* ---- Parameters ---- */

static struct prov_params params;

static void
read_params(const char *text)
{
    const struct prov_dialect *d = search_dialect("panasonic-hdv");
    const enum prov_status status = prov_params_read_text(
        &params, d->layers->params, prov_str_z("f"), prov_str_z(text), &r.documents, &r.diags);

    assert_int_equal(PROV_OK, status);
    assert_int_equal(PROV_OK, prov_discover_read_params(d, &params, &r.arena, &r.out, &r.diags));
}

static void
reads_the_same_from_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cyclic_rows); i++) {
        char text[500];

        snprintf(text, sizeof(text), MARK "%s", cyclic_rows[i].text);
        begin();
        read_params(text);
        PROV_ROW(cyclic_rows[i].name, is_as_row(&cyclic_rows[i]));
    }
}

static void
reads_switches_and_texts_from_parameters(void **state)
{
    (void)state;
    begin();
    read_params(MARK "PROVISION_ENABLE=\"N\"\nOPTION66_ENABLE=\"N\"\nSIPPNP_PROV_ENABLE=\"Y\"\n"
                     "OPTION160_PROV_ENABLE=\"maybe\"\nCFG_RESYNC_FROM_SIP=\" resync \"\n");
    assert_true(r.out.off && r.out.notify);
    assert_int_equal(BIT(DHCP_66) | BIT(PNP), r.out.said);
    assert_int_equal(BIT(PNP), r.out.on);
    assert_true(prov_str_eq(r.out.notify_event, prov_str_z("resync")));
    assert_int_equal(1, r.diags.count);
    assert_int_equal(PROV_D_SETTING_SWITCH, r.items[0].code);
    assert_int_equal(5, r.items[0].line);
    assert_true(prov_str_eq(r.items[0].subject, prov_str_z("OPTION160_PROV_ENABLE")));
}

/* A value that is kept is a copy; what is only looked at takes no room. */
static void
copies_what_is_kept_into_the_arena(void **state)
{
    static const char text[] = MARK "CFG_RESYNC_FROM_SIP=\"resync\"\nCFG_CYCLIC=\"Y\"\n"
                                    "CFG_CYCLIC_INTVL=\"60\"\nOPTION66_ENABLE=\"N\"\n";
    struct prov_discover_settings before;
    enum prov_status status = PROV_E_SPACE;
    size_t bytes = 0;

    (void)state;
    begin();
    read_params(text);
    assert_int_equal(strlen("resync"), r.arena.perm);
    memset(&before, 0x5A, sizeof(before));
    for (; status != PROV_OK; bytes++) {
        memset(&r.out, 0x5A, sizeof(r.out));
        prov_arena_init(&r.arena, r.memory, bytes);
        status = prov_discover_read_params(search_dialect("panasonic-hdv"), &params, &r.arena,
                                           &r.out, NULL);
        assert_true(status == PROV_OK || status == PROV_E_SPACE);
        if (status != PROV_OK)
            assert_memory_equal(&before, &r.out, sizeof(before));
        assert_true(bytes < 64);
    }
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_dialect *d = search_dialect("panasonic-hdv");

    (void)state;
    begin();
    read_params(MARK);
    assert_int_equal(PROV_E_ARG, prov_discover_read_params(NULL, &params, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_params(d, NULL, &r.arena, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_params(d, &params, NULL, &r.out, NULL));
    assert_int_equal(PROV_E_ARG, prov_discover_read_params(d, &params, &r.arena, NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_weekdays_time_and_random_delay),
        cmocka_unit_test(gives_each_phone_a_time_of_its_own),
        cmocka_unit_test(has_no_schedule_while_provisioning_is_off),
        cmocka_unit_test(reads_interval_and_time_of_every_day),
        cmocka_unit_test(reads_the_same_from_parameters),
        cmocka_unit_test(reads_switches_and_texts_from_parameters),
        cmocka_unit_test(copies_what_is_kept_into_the_arena),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("discover_schedule", tests, NULL, NULL);
}
