/* SPDX-License-Identifier: MIT */
#ifndef PROV_SETTINGS_H
#define PROV_SETTINGS_H

/* Settings in memory, for tests that change them. Nothing is shared between two worlds. */

#include <prov/apply.h>
#include <prov/ops.h>
#include <prov/patch.h>

#include "support/prov_cmocka.h"

#define WORLD_TEXTS 8

struct world {
    unsigned char *memory;
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
    struct prov_apply a;
    struct prov_dialect dialect;
    struct prov_diag kept[16];
    struct prov_diags diags;
    char *texts[WORLD_TEXTS]; /* exact copies: an over-read by one byte is seen */
    size_t text_count;
};

static inline struct prov_str
world_text(struct world *w, const char *text)
{
    assert_true(w->text_count < WORLD_TEXTS);
    w->texts[w->text_count] = prov_copy_exact(text);
    return (struct prov_str){ w->texts[w->text_count++], strlen(text) };
}

static inline void
world_close(struct world *w)
{
    while (w->text_count > 0)
        free(w->texts[--w->text_count]);
    free(w->memory);
}

/* The dialect is without its schemas, so that sections can be made up. PROV_E_SPACE is an answer,
 * every other failure ends the test. */
static inline enum prov_status
world_open(struct world *w, const char *dialect, const char *settings, size_t bytes,
           const struct prov_limits *limits, const struct prov_check *check)
{
    *w = (struct world){ .memory = malloc(bytes > 0 ? bytes : 1) };
    assert_non_null(w->memory);
    w->diags = (struct prov_diags){ .items = w->kept, .cap = PROV_COUNT(w->kept) };
    prov_arena_init(&w->arena, w->memory, bytes);
    enum prov_status status = prov_xml_init(&w->x, &w->arena, limits, NULL, 1);

    if (status == PROV_E_SPACE)
        return status;
    assert_int_equal(PROV_OK, status);
    assert_int_equal(PROV_OK, prov_xml_parse(&w->x, prov_str_z("settings"), world_text(w, settings),
                                             &w->root, &w->diags));
    const struct prov_dialect *d = prov_dialect_find(prov_str_z(dialect));

    assert_non_null(d);
    w->dialect = *d;
    w->dialect.schema_count = w->dialect.migration_count = 0;
    status = prov_apply_init(&w->a, &w->x, w->root, &w->dialect, check, &w->diags);
    assert_true(status == PROV_OK || status == PROV_E_SPACE);
    return status;
}

static inline uint32_t
world_parse(struct world *w, const char *change)
{
    uint32_t root = PROV_XML_NONE;

    assert_int_equal(PROV_OK, prov_xml_parse(&w->x, prov_str_z("change"), world_text(w, change),
                                             &root, &w->diags));
    return root;
}

static inline enum prov_status
world_apply(struct world *w, const char *change)
{
    return prov_apply_change(&w->a, world_parse(w, change), w->a.dialect->first_types, NULL);
}

/* The settings as they would be written; free it. */
static inline char *
world_written(const struct world *w)
{
    size_t need = 0;
    struct prov_buf out = { NULL, 0, 0 };

    assert_int_equal(PROV_E_SPACE, prov_xml_write(&w->x, w->root, &out, &need));
    out = (struct prov_buf){ malloc(need + 1), need, 0 };
    assert_non_null(out.ptr);
    assert_int_equal(PROV_OK, prov_xml_write(&w->x, w->root, &out, NULL));
    out.ptr[out.len] = '\0';
    return out.ptr;
}

static inline void
world_is(const struct world *w, const char *want)
{
    char *got = world_written(w);

    assert_string_equal(want, got);
    free(got);
}

#endif /* PROV_SETTINGS_H */
