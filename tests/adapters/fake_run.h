/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_RUN_H
#define TESTS_FAKE_RUN_H

/*
 * The two functions that a port reports to, in place of the driver's: they write down what was
 * reported and can refuse bytes. Each test program includes this once.
 */

#include "support/prov_cmocka.h"

#include <prov/run.h>

#define FAKE_IDS 64
#define FAKE_BODY 400000

static struct fake {
    char *body;
    size_t len;
    size_t most; /* refuse bytes beyond; 0 = never */
    unsigned pieces;
    unsigned done;
    struct prov_fetch_result result;
    char location[512];
    char detail[512];
    char etag[512];
    char modified[512];
    char retry_after[512];
    char date[512];
} fakes[FAKE_IDS];

static struct prov_run fake_run;
static void (*fake_on_body)(uint32_t id); /* called before the bytes are taken */

static void
fake_reset(void)
{
    for (size_t i = 0; i < FAKE_IDS; i++)
        free(fakes[i].body);
    memset(fakes, 0, sizeof(fakes));
    fake_on_body = NULL;
}

static bool
fake_body_is(uint32_t id, const char *z)
{
    return prov_str_is(fakes[id].body, fakes[id].len, z);
}

enum prov_status
prov_run_body(struct prov_run *run, uint32_t id, const void *bytes, size_t len)
{
    struct fake *f = &fakes[id];

    assert_ptr_equal(&fake_run, run);
    assert_true(id < FAKE_IDS && f->done == 0);
    f->pieces++;
    if (fake_on_body != NULL)
        fake_on_body(id);
    if (f->most > 0 && f->len + len > f->most)
        return PROV_E_LIMIT;
    assert_true(f->len + len <= FAKE_BODY);
    if (f->body == NULL)
        f->body = malloc(FAKE_BODY);
    memcpy(f->body + f->len, bytes, len);
    f->len += len;
    return PROV_OK;
}

static inline void
fake_text(char out[static 512], struct prov_str s)
{
    assert_true(s.len < 512);
    if (s.len > 0)
        memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
}

enum prov_status
prov_run_done(struct prov_run *run, uint32_t id, const struct prov_fetch_result *result)
{
    struct fake *f = &fakes[id];

    assert_ptr_equal(&fake_run, run);
    assert_true(id < FAKE_IDS);
    assert_int_equal(sizeof(*result), result->size);
    f->done++;
    f->result = *result;
    fake_text(f->location, result->location);
    fake_text(f->detail, result->detail);
    fake_text(f->etag, result->etag);
    fake_text(f->modified, result->modified);
    fake_text(f->retry_after, result->retry_after);
    fake_text(f->date, result->date);
    return PROV_OK;
}

#endif /* TESTS_FAKE_RUN_H */
