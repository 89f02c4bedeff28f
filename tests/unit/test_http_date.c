/* SPDX-License-Identifier: MIT */
#include <prov/http_date.h>

#include "support/prov_cmocka.h"

#include "core/calendar.h"

#define T1994 INT64_C(784111777) /* the example of RFC 9110 */
#define T2026 INT64_C(1780000000)

static const struct row {
    const char *name, *text;
    int64_t near_s;
    enum prov_status status;
    int64_t unix_s;
} rows[] = {
    /* clang-format off */
    { "the example",        "Sun, 06 Nov 1994 08:49:37 GMT",    0, PROV_OK, T1994 },
    { "RFC 850",            "Sunday, 06-Nov-94 08:49:37 GMT",   0, PROV_OK, T1994 },
    { "asctime",            "Sun Nov  6 08:49:37 1994",         0, PROV_OK, T1994 },
    { "asctime, two digits", "Sun Nov 06 08:49:37 1994",        0, PROV_OK, T1994 },
    { "blanks around",      " \tSun, 06 Nov 1994 08:49:37 GMT ", 0, PROV_OK, T1994 },
    { "any case",           "sun, 06 nov 1994 08:49:37 gmt",    0, PROV_OK, T1994 },
    { "another weekday",    "Mon, 06 Nov 1994 08:49:37 GMT",    0, PROV_OK, T1994 },
    { "the beginning",      "Thu, 01 Jan 1970 00:00:00 GMT",    0, PROV_OK, 0 },
    { "before it",          "Wed, 31 Dec 1969 23:59:59 GMT",    0, PROV_OK, -1 },
    { "year 1",             "Mon, 01 Jan 0001 00:00:00 GMT",    0, PROV_OK, PROV_TIME_MIN_S },
    { "year 9999",          "Fri, 31 Dec 9999 23:59:59 GMT",    0, PROV_OK, PROV_TIME_MAX_S },
    { "beyond 32 bits",     "Tue, 19 Jan 2038 03:14:08 GMT",    0, PROV_OK, INT64_C(2147483648) },
    { "leap day",           "Thu, 29 Feb 2024 12:00:00 GMT",    0, PROV_OK, INT64_C(1709208000) },
    { "leap day of 2000",   "Tue, 29 Feb 2000 00:00:00 GMT",    0, PROV_OK, INT64_C(951782400) },
    { "leap second",        "Sat, 31 Dec 2016 23:59:60 GMT",    0, PROV_OK, INT64_C(1483228800) },
    { "two digits, ahead",  "Sunday, 01-Jan-75 00:00:00 GMT",   T2026, PROV_OK, INT64_C(3313526400) },
    { "50 years ahead",     "Sunday, 01-Jan-76 00:00:00 GMT",   T2026, PROV_OK, INT64_C(3345062400) },
    { "51 are 49 ago",      "Sunday, 01-Jan-77 00:00:00 GMT",   T2026, PROV_OK, INT64_C(220924800) },
    { "last year",          "Sunday, 01-Jan-25 00:00:00 GMT",   T2026, PROV_OK, INT64_C(1735689600) },
    { "year unknown",       "Sunday, 01-Jan-75 00:00:00 GMT",   0, PROV_OK, INT64_C(3313526400) },
    { "clock gone mad",     "Sunday, 01-Jan-75 00:00:00 GMT",   INT64_MAX, PROV_OK, INT64_C(3313526400) },
    { "in 1947",            "Thursday, 06-Nov-47 08:49:37 GMT", INT64_C(-700000000), PROV_OK, INT64_C(-699117023) },
    { "clock before 1970",  "Sunday, 01-Jan-75 00:00:00 GMT",   INT64_MIN, PROV_OK, INT64_C(3313526400) },

    { "empty",              "",                                 0, PROV_E_SYNTAX, 0 },
    { "cut off",            "Sun, 06 Nov 1994 08:49:37 GM",     0, PROV_E_SYNTAX, 0 },
    { "more behind",        "Sun, 06 Nov 1994 08:49:37 GMT+1",  0, PROV_E_SYNTAX, 0 },
    { "another zone",       "Sun, 06 Nov 1994 08:49:37 CET",    0, PROV_E_SYNTAX, 0 },
    { "no weekday",         "06 Nov 1994 08:49:37 GMT",         0, PROV_E_SYNTAX, 0 },
    { "no such weekday",    "Sax, 06 Nov 1994 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "long weekday",       "Sunday, 06 Nov 1994 08:49:37 GMT", 0, PROV_E_SYNTAX, 0 },
    { "short in RFC 850",   "Sun, 06-Nov-94 08:49:37 GMT",      0, PROV_E_SYNTAX, 0 },
    { "no such month",      "Sun, 06 Nox 1994 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "one digit",          "Sun, 6 Nov 1994 08:49:37 GMT",     0, PROV_E_SYNTAX, 0 },
    { "blank for a digit",  "Sun,  6 Nov 1994 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "31 November",        "Sun, 31 Nov 1994 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "29 February 1900",   "Sun, 29 Feb 1900 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "29 February 2023",   "Sun, 29 Feb 2023 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "day 0",              "Sun, 00 Nov 1994 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "year 0",             "Sun, 06 Nov 0000 08:49:37 GMT",    0, PROV_E_SYNTAX, 0 },
    { "24 hours",           "Sun, 06 Nov 1994 24:00:00 GMT",    0, PROV_E_SYNTAX, 0 },
    { "60 minutes",         "Sun, 06 Nov 1994 08:60:00 GMT",    0, PROV_E_SYNTAX, 0 },
    { "61 seconds",         "Sun, 06 Nov 1994 08:00:61 GMT",    0, PROV_E_SYNTAX, 0 },
    { "a number",           "120",                              0, PROV_E_SYNTAX, 0 },
    { "ISO 8601",           "1994-11-06T08:49:37Z",             0, PROV_E_SYNTAX, 0 },
    /* clang-format on */
};

static void
reads_the_three_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        char *exact = prov_copy_exact(r->text);
        const struct prov_str text = { exact, strlen(r->text) };
        int64_t unix_s = 4711;

        PROV_ROW(r->name, prov_http_date_read(text, r->near_s, &unix_s) == r->status);
        PROV_ROW(r->name, unix_s == (r->status == PROV_OK ? r->unix_s : 4711));
        free(exact);
    }
    assert_int_equal(PROV_E_ARG, prov_http_date_read(prov_str_z(rows[0].text), 0, NULL));
}

#define DATE(s) "Sun, 06 Nov 1994 08:49:" s " GMT"

static void
compares_with_the_answers_own_date_or_a_clock_to_be_trusted(void **state)
{
    static const struct {
        const char *name, *value, *date;
        int64_t clock_s; /* INT64_MIN = not to be trusted */
        uint32_t seconds;
    } cases[] = {
        /* clang-format off */
        { "seconds",                 "120",      "",        INT64_MIN,     120 },
        { "blanks",                  "\t 120 ",  "",        INT64_MIN,     120 },
        { "0 seconds",               "0",        "",        INT64_MIN,     1 },
        { "a day",                   "86400",    "",        INT64_MIN,     86400 },
        { "more than a day",         "86401",    "",        INT64_MIN,     86400 },
        { "huge",                    "99999999999999999999999", "", INT64_MIN, 86400 },
        { "leading zeros",           "0000000000000000000000007", "", INT64_MIN, 7 },
        { "empty",                   "",         "",        T1994,         0 },
        { "negative",                "-1",       "",        T1994,         0 },
        { "a fraction",              "1.5",      "",        T1994,         0 },
        { "soon",                    "soon",     DATE("37"), T1994,        0 },
        { "date and date",           DATE("57"), DATE("37"), INT64_MIN,    20 },
        { "the answer's date first", DATE("57"), DATE("37"), T1994 - 5000, 20 },
        { "date and clock",          DATE("57"), "",         T1994,        20 },
        { "bad date, and clock",     DATE("57"), "today",    T1994,        20 },
        { "date and nothing",        DATE("57"), "",         INT64_MIN,    0 },
        { "bad date, and nothing",   DATE("57"), "today",    INT64_MIN,    0 },
        { "it has passed",           DATE("07"), DATE("37"), INT64_MIN,    1 },
        { "the same moment",         DATE("37"), DATE("37"), INT64_MIN,    1 },
        { "far away",    "Sun, 06 Nov 2044 08:49:37 GMT", DATE("37"), INT64_MIN, 86400 },
        { "two digits",  "Sunday, 06-Nov-94 08:49:57 GMT", DATE("37"), INT64_MIN, 20 },
        { "both with two digits", "Sunday, 06-Nov-94 08:49:57 GMT",
          "Sunday, 06-Nov-94 08:49:37 GMT", INT64_MIN, 20 },
        { "clock beyond the calendar", DATE("57"), "",      INT64_MAX,     0 },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(cases); i++) {
        const struct prov_http_now now = { .date = prov_str_z(cases[i].date),
                                           .known = cases[i].clock_s != INT64_MIN,
                                           .unix_s = cases[i].clock_s };

        PROV_ROW(cases[i].name,
                 prov_http_retry_after(prov_str_z(cases[i].value), &now) == cases[i].seconds);
    }
    assert_int_equal(0, prov_http_retry_after(prov_str_z("5"), NULL));
}

/* Every day of 10,000 years: numbers go up by one, weekdays go round, and there is a way back. */
static void
counts_the_days_of_the_calendar(void **state)
{
    int64_t number = prov_day_number((struct prov_day){ 1, 1, 1 });
    unsigned weekday = 0; /* a Monday */

    (void)state;
    assert_true(number * PROV_DAY_S == PROV_TIME_MIN_S);
    for (int32_t year = 1; year <= 9999; year++) {
        for (uint8_t month = 1; month <= 12; month++) {
            for (uint8_t day = 1; prov_day_is_valid((struct prov_day){ year, month, day }); day++) {
                const struct prov_day back = prov_day_of(number);

                assert_true(prov_day_number((struct prov_day){ year, month, day }) == number);
                assert_true(back.year == year && back.month == month && back.day == day);
                assert_true(prov_day_of_week(number) == weekday);
                weekday = weekday == 6 ? 0 : weekday + 1;
                number++;
            }
        }
    }
    assert_true((number - 1) * PROV_DAY_S + PROV_DAY_S - 1 == PROV_TIME_MAX_S);
    assert_false(prov_day_is_valid((struct prov_day){ 10000, 1, 1 }));
    assert_false(prov_day_is_valid((struct prov_day){ 2000, 13, 1 }));
    assert_false(prov_day_is_valid((struct prov_day){ 2000, 0, 1 }));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_three_forms),
        cmocka_unit_test(compares_with_the_answers_own_date_or_a_clock_to_be_trusted),
        cmocka_unit_test(counts_the_days_of_the_calendar),
    };
    return cmocka_run_group_tests_name("http_date", tests, NULL, NULL);
}
