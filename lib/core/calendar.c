/* SPDX-License-Identifier: MIT */
#include "core/calendar.h"

#define DAYS_400 146097 /* of 400 years; then the calendar repeats */
#define SHIFT 719468    /* days from 0000-03-01 to 1970-01-01 */

static bool
is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool
prov_day_is_valid(struct prov_day d)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1)
        return false;
    return d.day <= days[d.month - 1] + (d.month == 2 && is_leap(d.year) ? 1 : 0);
}

int64_t
prov_floor_div(int64_t a, int64_t b)
{
    const int64_t q = a / b;

    return a % b < 0 ? q - 1 : q;
}

/* Years are counted from March on, so that the leap day is the last of its year. */
int64_t
prov_day_number(struct prov_day d)
{
    const int64_t year = (int64_t)d.year - (d.month <= 2);
    const int64_t era = prov_floor_div(year, 400);
    const int64_t of_era = year - era * 400;
    const int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
    const int64_t of_year = (153 * month + 2) / 5 + d.day - 1;

    return era * DAYS_400 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - SHIFT;
}

struct prov_day
prov_day_of(int64_t number)
{
    const int64_t days = number + SHIFT;
    const int64_t era = prov_floor_div(days, DAYS_400);
    const int64_t of_era = days - era * DAYS_400;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_400 - 1)) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * of_year + 2) / 153;

    return (struct prov_day){
        .year = (int32_t)(year + era * 400 + (month >= 10)),
        .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
        .day = (uint8_t)(of_year - (153 * month + 2) / 5 + 1),
    };
}

/* 1970-01-01 was a Thursday. */
unsigned
prov_day_of_week(int64_t number)
{
    return (unsigned)(number + 3 - prov_floor_div(number + 3, 7) * 7);
}
