/* SPDX-License-Identifier: MIT */
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define YEAR_MIN 1 /* as far as prov_schedule_next() goes */
#define YEAR_MAX 9998

/* The difference of the two readings; at most a day apart. */
static int32_t
offset_s(void *ctx, int64_t unix_s)
{
    const time_t t = (time_t)unix_s;
    struct tm here, utc;
    int days;

    (void)ctx;
    if (localtime_r(&t, &here) == NULL || gmtime_r(&t, &utc) == NULL)
        return 0;
    days = here.tm_yday - utc.tm_yday;
    if (here.tm_year != utc.tm_year)
        days = here.tm_year > utc.tm_year ? 1 : -1;
    return days * 86400 + (here.tm_hour - utc.tm_hour) * 3600 + (here.tm_min - utc.tm_min) * 60 +
           here.tm_sec - utc.tm_sec;
}

struct prov_zone
zone_open(const char *name)
{
    if (name != NULL)
        (void)setenv("TZ", name, 1);
    tzset();
    return (struct prov_zone){ .offset_s = offset_s };
}

static void
add(struct text *t, const char *format, int64_t unix_ms)
{
    const time_t s = (time_t)(unix_ms / 1000);
    struct tm here;
    char line[64];

    if (localtime_r(&s, &here) != NULL && strftime(line, sizeof(line), format, &here) > 0)
        text_add_z(t, line);
}

void
zone_add_time(struct text *t, int64_t unix_ms)
{
    add(t, "%a %Y-%m-%d %H:%M:%S %Z", unix_ms);
}

void
zone_add_iso(struct text *t, int64_t unix_ms)
{
    const int32_t s = offset_s(NULL, unix_ms / 1000);
    const int32_t m = (s < 0 ? -s : s) / 60;

    add(t, "%Y-%m-%dT%H:%M:%S", unix_ms);
    text_addf(t, "%c%02d:%02d", s < 0 ? '-' : '+', (int)(m / 60), (int)(m % 60));
}

bool
zone_read(const char *text, int64_t *unix_ms)
{
    struct tm here = { .tm_isdst = -1 };
    int year, month, n = 0;
    long long seconds;

    if (sscanf(text, "@%13lld%n", &seconds, &n) == 1 && text[n] == '\0') {
        *unix_ms = (int64_t)seconds * 1000;
        return seconds >= 0 && seconds < 250000000000;
    }
    n = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &here.tm_mday, &n) != 3)
        return false;
    if (text[n] == ' ' || text[n] == 'T') {
        const char *rest = text + n + 1;

        n = 0;
        if (sscanf(rest, "%2d:%2d%n:%2d%n", &here.tm_hour, &here.tm_min, &n, &here.tm_sec, &n) < 2)
            return false;
        text = rest;
    }
    here.tm_year = year - 1900;
    here.tm_mon = month - 1;
    const int day = here.tm_mday, hour = here.tm_hour, minute = here.tm_min;
    const bool sane = year >= YEAR_MIN && year <= YEAR_MAX && text[n] == '\0' && month >= 1 &&
                      month <= 12 && day >= 1 && day <= 31 && hour >= 0 && hour <= 23 &&
                      minute >= 0 && minute <= 59 && here.tm_sec >= 0 && here.tm_sec <= 59;

    *unix_ms = sane ? (int64_t)mktime(&here) * 1000 : 0;
    return sane && here.tm_mday == day; /* 31 April is none */
}
