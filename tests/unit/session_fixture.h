/* SPDX-License-Identifier: MIT */
#ifndef UNIT_SESSION_FIXTURE_H
#define UNIT_SESSION_FIXTURE_H

/* A session without a driver, for tests that report by hand. */

#include <prov/session.h>

#include "support/prov_cmocka.h"

#define SETTINGS "<configuration><telephony><a>1</a></telephony></configuration>"
#define PATCH "<configuration><telephony><a>2</a></telephony></configuration>"
#define AFTER "<configuration><telephony><a>2</a></telephony></configuration>"

static const struct prov_marker markers[] = { { PROV_STR_INIT("{mac}"), PROV_MARKER_MAC_LOWER } };
static const struct prov_source_rule sources[] = {
    { .kind = PROV_SOURCE_MANUAL, .step = 1, .modes = PROV_MODE_ALL, .proceed_on_nothing = true }
};

static const struct prov_dialect dialect = {
    .size = sizeof(dialect),
    .name = PROV_STR_INIT("test"),
    .markers = markers,
    .marker_count = 1,
    .sources = sources,
    .source_count = 1,
    .file_types = PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_REFERENCE),
    .settings_root = PROV_STR_INIT("configuration"),
    .settings_empty = PROV_STR_INIT("<configuration/>"),
    .reference_element = PROV_STR_INIT("url"),
};
static const struct prov_identity identity = { .size = sizeof(identity),
                                               .mac = PROV_STR_INIT("0080F0C571EB") };

/* A session in memory of exactly the bound. */
struct fixture {
    struct prov_session_config config;
    struct prov_session *s;
    char *memory;
    size_t bytes;
    struct prov_action a;
    uint64_t now;
};

static inline struct prov_session_config
config_of(const char *url)
{
    const struct prov_session_config c = {
        .size = sizeof(c),
        .dialect = &dialect,
        .identity = &identity,
        .url = prov_str_z(url),
        .seed = 1,
        .attempts = 1,
    };

    return c;
}

static inline void
open_with(struct fixture *f, const struct prov_session_config *config)
{
    memset(f, 0, sizeof(*f));
    f->config = *config;
    f->now = 100;
    assert_int_equal(PROV_OK, prov_session_memory(config->limits, &f->bytes));
    f->memory = calloc(1, f->bytes);
    assert_non_null(f->memory);
    assert_int_equal(PROV_OK, prov_session_init(&f->s, f->memory, f->bytes, config, NULL));
}

static inline void
open_url(struct fixture *f, const char *url)
{
    const struct prov_session_config c = config_of(url);

    open_with(f, &c);
}

static inline void
close_it(struct fixture *f)
{
    free(f->memory);
}

static inline void
next_is(struct fixture *f, enum prov_do kind)
{
    assert_int_equal(PROV_OK, prov_session_next(f->s, f->now, &f->a));
    assert_int_equal(kind, f->a.kind);
}

static inline void
load(struct fixture *f, const char *settings)
{
    next_is(f, PROV_DO_LOAD);
    assert_int_equal(PROV_ITEM_SETTINGS, f->a.item);
    if (settings != NULL)
        assert_int_equal(PROV_OK, prov_session_body(f->s, f->a.id, settings, strlen(settings)));
    assert_int_equal(PROV_OK, prov_session_done(f->s, f->a.id, f->now,
                                                settings != NULL ? PROV_OK : PROV_E_NOT_FOUND));
    next_is(f, PROV_DO_LOAD);
    assert_int_equal(PROV_ITEM_STATE, f->a.item);
    assert_int_equal(PROV_OK, prov_session_done(f->s, f->a.id, f->now, PROV_E_NOT_FOUND));
    next_is(f, PROV_DO_LOAD);
    assert_int_equal(PROV_ITEM_TREE, f->a.item);
    assert_int_equal(PROV_OK, prov_session_done(f->s, f->a.id, f->now, PROV_E_NOT_FOUND));
}

static inline enum prov_status
answer(struct fixture *f, uint32_t id, const char *body, uint32_t http)
{
    const struct prov_fetch_result r = { .size = sizeof(r), .http_status = http };

    assert_int_equal(PROV_OK, prov_session_body(f->s, id, body, strlen(body)));
    return prov_session_fetched(f->s, id, f->now, &r);
}

/* Up to the point where settings are to be stored; the id of the store. */
static inline uint32_t
up_to_store(struct fixture *f)
{
    load(f, SETTINGS);
    next_is(f, PROV_DO_FETCH);
    assert_int_equal(PROV_OK, answer(f, f->a.id, PATCH, 200));
    next_is(f, PROV_DO_STORE);
    return f->a.id;
}

#endif /* UNIT_SESSION_FIXTURE_H */
