/* SPDX-License-Identifier: MIT */
#include "lab_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

char *
lab_folder(const char *name)
{
    struct stat st = { 0 };
    char *real = realpath(name, NULL);

    if (real == NULL)
        return NULL;
    if (stat(real, &st) != 0 || !S_ISDIR(st.st_mode) || access(real, R_OK | X_OK) != 0) {
        const int why = S_ISDIR(st.st_mode) ? errno : ENOTDIR;

        free(real);
        errno = why;
        return NULL;
    }
    return real;
}

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Take percent-encoding back. False: malformed, or a NUL that would cut the name short. */
static bool
decode(const char *path, struct text *out)
{
    while (*path != '\0') {
        char c = *path++;

        if (c == '%') {
            const int high = hex(path[0]);
            const int low = high >= 0 ? hex(path[1]) : -1;

            if (low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high * 16 + low);
            path += 2;
        }
        text_add(out, (struct prov_str){ &c, 1 });
    }
    return true;
}

/* A segment `..` is never followed, wherever it would lead. */
static bool
climbs(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2) {
        const bool starts = at == path || at[-1] == '/';
        const bool ends = at[2] == '\0' || at[2] == '/';

        if (starts && ends)
            return true;
    }
    return false;
}

static bool
is_below(const char *root, const char *real)
{
    const size_t n = strlen(root);

    return strncmp(real, root, n) == 0 && (real[n] == '/' || (n == 1 && root[0] == '/'));
}

static const char *
content_type(const char *name)
{
    static const struct ending {
        const char *text, *type;
    } endings[] = {
        { ".xml", "application/xml" }, { ".cfg", "text/plain" },        { ".txt", "text/plain" },
        { ".html", "text/html" },      { ".json", "application/json" },
    };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < TOOL_COUNT(endings); i++) {
        if (strcmp(dot, endings[i].text) == 0)
            return endings[i].type;
    }
    return "application/octet-stream";
}

static void
describe(struct lab_file *file, const struct stat *st, const char *name)
{
    struct tm tm;

    file->size = (uint64_t)st->st_size;
    file->changed = st->st_mtim.tv_sec;
    file->type = content_type(name);
    snprintf(file->etag, sizeof(file->etag), "\"%llx-%llx-%lx\"", (unsigned long long)st->st_ino,
             (unsigned long long)st->st_size,
             (unsigned long)st->st_mtim.tv_sec * 1000003ul + (unsigned long)st->st_mtim.tv_nsec);
    strftime(file->modified, sizeof(file->modified), "%a, %d %b %Y %H:%M:%S GMT",
             gmtime_r(&file->changed, &tm));
}

/* `real` has no links left; one that was put there since is not followed. */
static unsigned
open_real(const char *real, struct lab_file *file)
{
    struct stat st;

    file->fd = open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file->fd < 0)
        return errno == EACCES ? 403 : 404;
    if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        lab_file_close(file);
        return 403;
    }
    describe(file, &st, real);
    return 200;
}

static unsigned
open_decoded(const char *root, const char *path, struct lab_file *file)
{
    struct text whole = { 0 };

    text_addf(&whole, "%s/%s", root, path);
    char *real = realpath(whole.ptr, NULL);
    unsigned status = errno == EACCES ? 403 : 404;

    if (real != NULL)
        status = is_below(root, real) ? open_real(real, file) : 403;
    free(real);
    text_free(&whole);
    return status;
}

unsigned
lab_file_open(const char *root, const char *path, struct lab_file *file)
{
    struct text plain = { 0 };
    unsigned status = 400;

    *file = (struct lab_file){ .fd = -1 };
    if (path[0] == '/' && decode(path, &plain))
        status = climbs(plain.ptr) ? 403 : open_decoded(root, plain.ptr, file);
    text_free(&plain);
    return status;
}

void
lab_file_close(struct lab_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* One of the tags in the list; a weak one counts as well (RFC 9110 section 13.1.2). */
static bool
lists_tag(const char *list, const char *tag)
{
    const size_t n = strlen(tag);

    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; (at = strstr(at, tag)) != NULL; at++) {
        if (at[n] == '\0' || at[n] == ',' || at[n] == ' ')
            return true;
    }
    return false;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static long long
days(int year, int month, int day)
{
    const int y = month <= 2 ? year - 1 : year;
    const int m = month <= 2 ? month + 9 : month - 3; /* from March */
    const long long leap = y / 4 - y / 100 + y / 400;

    return 365LL * y + leap + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* `Sun, 06 Nov 1994 08:49:37 GMT`; false if it is not of this form. */
static bool
read_date(const char *text, long long *seconds)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4];
    int day, year, hour, minute, second;

    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute,
               &second) != 6)
        return false;
    const char *at = strstr(names, month);

    if (at == NULL || strlen(month) != 3 || (at - names) % 3 != 0 || day < 1 || year < 1970)
        return false;
    *seconds =
        days(year, (int)(at - names) / 3 + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

bool
lab_file_is_known(const struct lab_file *file, const char *none_match, const char *modified_since)
{
    long long since;

    if (none_match != NULL)
        return lists_tag(none_match, file->etag);
    return modified_since != NULL && read_date(modified_since, &since) &&
           (long long)file->changed <= since;
}
