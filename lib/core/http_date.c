/* SPDX-License-Identifier: MIT */

/* Dates of HTTP (RFC 9110, 5.6.7). Each form is a pattern of fields. */

#include <prov/http_date.h>

#include "base/str.h"
#include "core/calendar.h"

#define WAIT_MAX_S 86400 /* TRY-1 */
#define NEAR_YEAR 2025   /* if the caller does not know */
#define YEARS_AHEAD 50   /* of a year with two digits */

/*
 * Letters of a pattern: w and W are names of a day, short and long; M of a month; d, t, h, m, s are
 * two digits, of t the first may be a blank; y and Y are the year with two and four; Z is the zone.
 * All else stands for itself.
 */
static const char *const forms[] = {
    "w, d M Y h:m:s Z",
    "W, d-M-y h:m:s Z",
    "w M t h:m:s Y",
};

struct reader {
    struct prov_str text;
    size_t pos;
    struct prov_day day;
    int32_t year2; /* -1 = the year has four digits */
    int64_t hour, minute, second;
};

static const char days[7][10] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                  "Friday", "Saturday", "Sunday" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool
take_word(struct reader *r, const char *word, size_t len)
{
    if (len > r->text.len - r->pos)
        return false;
    if (!prov_str_eq_nocase(prov_str_cut(r->text, r->pos, r->pos + len),
                            (struct prov_str){ word, len }))
        return false;
    r->pos += len;
    return true;
}

static bool
take_day_name(struct reader *r, bool whole)
{
    for (size_t i = 0; i < 7; i++) {
        if (take_word(r, days[i], whole ? strlen(days[i]) : 3))
            return true;
    }
    return false;
}

static bool
take_month(struct reader *r)
{
    for (uint8_t i = 0; i < 12; i++) {
        if (take_word(r, months[i], 3)) {
            r->day.month = (uint8_t)(i + 1);
            return true;
        }
    }
    return false;
}

static bool
take_digits(struct reader *r, unsigned count, bool blank, int32_t *out)
{
    int32_t n = 0;

    if (count > r->text.len - r->pos)
        return false;
    for (unsigned i = 0; i < count; i++, r->pos++) {
        const char c = r->text.ptr[r->pos];

        if (!prov_is_digit(c) && !(blank && i == 0 && c == ' '))
            return false;
        n = n * 10 + (c == ' ' ? 0 : c - '0');
    }
    *out = n;
    return true;
}

static bool
take_time(struct reader *r, int64_t *out)
{
    int32_t n;
    const bool ok = take_digits(r, 2, false, &n);

    if (ok)
        *out = n;
    return ok;
}

static bool
take_day(struct reader *r, bool blank)
{
    int32_t n;
    const bool ok = take_digits(r, 2, blank, &n);

    if (ok)
        r->day.day = (uint8_t)n;
    return ok;
}

static bool
take(struct reader *r, char what)
{
    switch (what) {
    case 'w':
    case 'W':
        return take_day_name(r, what == 'W');
    case 'd':
    case 't':
        return take_day(r, what == 't');
    case 'M':
        return take_month(r);
    case 'y':
        return take_digits(r, 2, false, &r->year2);
    case 'Y':
        return take_digits(r, 4, false, &r->day.year);
    case 'h':
        return take_time(r, &r->hour);
    case 'm':
        return take_time(r, &r->minute);
    case 's':
        return take_time(r, &r->second);
    case 'Z':
        return take_word(r, "GMT", 3);
    default:
        return take_word(r, &what, 1);
    }
}

static bool
fits(struct prov_str text, const char *form, struct reader *r)
{
    *r = (struct reader){ .text = text, .year2 = -1 };
    for (; *form != '\0'; form++) {
        if (!take(r, *form))
            return false;
    }
    return r->pos == text.len;
}

static int32_t
year_of(int64_t unix_s)
{
    if (unix_s == 0 || unix_s < PROV_TIME_MIN_S || unix_s > PROV_TIME_MAX_S)
        return NEAR_YEAR;
    return prov_day_of(prov_floor_div(unix_s, PROV_DAY_S)).year;
}

/* The latest year with these two digits that is not too far ahead. */
static int32_t
whole_year(int32_t two, int32_t near)
{
    int32_t year = near + YEARS_AHEAD - (near + YEARS_AHEAD) % 100 + two;

    if (year > near + YEARS_AHEAD)
        year -= 100;
    return year;
}

enum prov_status
prov_http_date_read(struct prov_str text, int64_t near_s, int64_t *unix_s)
{
    const struct prov_str trimmed = prov_str_trim(text);
    struct reader r;
    bool found = false;

    if (unix_s == NULL)
        return PROV_E_ARG;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !found; i++)
        found = fits(trimmed, forms[i], &r);
    if (!found)
        return PROV_E_SYNTAX;
    if (r.year2 >= 0)
        r.day.year = whole_year(r.year2, year_of(near_s));
    /* A leap second is the 60th. */
    if (!prov_day_is_valid(r.day) || r.hour > 23 || r.minute > 59 || r.second > 60)
        return PROV_E_SYNTAX;
    *unix_s = prov_day_number(r.day) * PROV_DAY_S + r.hour * 3600 + r.minute * 60 + r.second;
    return PROV_OK;
}

/* False if it is no number; any number is taken, a large one as the longest wait. */
static bool
read_seconds(struct prov_str v, int64_t *out)
{
    int64_t n = 0;

    for (size_t i = 0; i < v.len; i++) {
        if (!prov_is_digit(v.ptr[i]))
            return false;
        n = n * 10 + (v.ptr[i] - '0');
        if (n > WAIT_MAX_S)
            n = WAIT_MAX_S;
    }
    *out = n;
    return v.len > 0;
}

/* What the date is compared with; false if there is nothing. */
static bool
read_now(const struct prov_http_now *now, int64_t *unix_s)
{
    if (prov_http_date_read(now->date, now->known ? now->unix_s : 0, unix_s) == PROV_OK)
        return true;
    *unix_s = now->unix_s;
    return now->known && now->unix_s >= PROV_TIME_MIN_S && now->unix_s <= PROV_TIME_MAX_S;
}

uint32_t
prov_http_retry_after(struct prov_str value, const struct prov_http_now *now)
{
    const struct prov_str v = prov_str_trim(value);
    int64_t s, from, until;

    if (now == NULL)
        return 0;
    if (!read_seconds(v, &s)) {
        if (!read_now(now, &from) || prov_http_date_read(v, from, &until) != PROV_OK)
            return 0;
        s = until - from;
    }
    if (s < 1)
        return 1;
    return s < WAIT_MAX_S ? (uint32_t)s : WAIT_MAX_S;
}
