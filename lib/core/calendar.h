/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_CALENDAR_H
#define PROV_CORE_CALENDAR_H

/* Days of the Gregorian calendar, also before it began; no zone, no leap seconds. */

#include <stdbool.h>
#include <stdint.h>

#define PROV_DAY_S 86400

/* 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z: what anything here is asked about. */
#define PROV_TIME_MIN_S INT64_C(-62135596800)
#define PROV_TIME_MAX_S INT64_C(253402300799)

struct prov_day {
    int32_t year;  /* 1..9999 */
    uint8_t month; /* 1..12 */
    uint8_t day;   /* 1..31 */
};

bool prov_day_is_valid(struct prov_day d);

/* Days since 1970-01-01 of a valid day, and back. */
int64_t prov_day_number(struct prov_day d);
struct prov_day prov_day_of(int64_t number);

/* 0 = Monday. */
unsigned prov_day_of_week(int64_t number);

/* Rounded down, also below 0. */
int64_t prov_floor_div(int64_t a, int64_t b);

#endif /* PROV_CORE_CALENDAR_H */
