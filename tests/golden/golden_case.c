/* SPDX-License-Identifier: MIT */
#include "golden_case.h"

#include <dirent.h>
#include <stdio.h>

#include "support/prov_cmocka.h"

#define MOST_CASES 200

static const char *base;
static bool update;

bool
case_read(const char *name, const char *file, struct text *out)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s/%s", base, name, file);
    FILE *f = fopen(path, "rb");

    *out = (struct text){ NULL, 0 };
    if (f == NULL)
        return false;
    fseek(f, 0, SEEK_END);
    out->len = (size_t)ftell(f);
    rewind(f);
    out->ptr = malloc(out->len + 1);
    assert_non_null(out->ptr);
    assert_int_equal(out->len, fread(out->ptr, 1, out->len, f));
    out->ptr[out->len] = '\0';
    fclose(f);
    return true;
}

static void
write_file(const char *name, const char *file, struct prov_str text)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s/%s", base, name, file);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(text.len, fwrite(text.ptr, 1, text.len, f));
    fclose(f);
}

void
case_compare(const char *name, const char *file, struct prov_str got)
{
    struct text want;

    if (update) {
        write_file(name, file, got);
        return;
    }
    if (!case_read(name, file, &want))
        fail_msg("%s/%s is missing", name, file);
    const bool same = prov_str_eq(got, (struct prov_str){ want.ptr, want.len });

    if (!same)
        print_error("%s/%s:\n--- expected\n%s\n--- got\n%.*s\n", name, file, want.ptr, (int)got.len,
                    got.ptr);
    free(want.ptr);
    assert_true(same);
}

void
case_say(struct prov_buf *report, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(report->ptr + report->len, report->cap - report->len, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < report->cap - report->len);
    report->len += (size_t)n;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

static size_t
collect(struct CMUnitTest *tests, const char *probe, void (*test)(void **state))
{
    DIR *d = opendir(base);
    struct dirent *e;
    size_t count = 0;

    while (d != NULL && (e = readdir(d)) != NULL && count < MOST_CASES) {
        struct text found;

        if (e->d_name[0] == '.' || !case_read(e->d_name, probe, &found))
            continue;
        free(found.ptr);
        char *name = malloc(strlen(e->d_name) + 1);

        assert_non_null(name);
        strcpy(name, e->d_name);
        tests[count++] = (struct CMUnitTest){ name, test, NULL, NULL, name };
    }
    if (d != NULL)
        closedir(d);
    qsort(tests, count, sizeof(tests[0]), by_name);
    return count;
}

int
case_main(int argc, char **argv, const char *probe, void (*test)(void **state))
{
    static struct CMUnitTest tests[MOST_CASES];

    if (argc < 2) {
        fprintf(stderr, "usage: PROGRAM FOLDER [--update]\n");
        return 2;
    }
    base = argv[1];
    update = argc > 2 && strcmp(argv[2], "--update") == 0;
    const size_t count = collect(tests, probe, test);

    if (count == 0) {
        fprintf(stderr, "no case in %s\n", base);
        return 1;
    }
    const int failed = _cmocka_run_group_tests("golden", tests, count, NULL, NULL);

    for (size_t i = 0; i < count; i++)
        free(tests[i].initial_state);
    return failed;
}
