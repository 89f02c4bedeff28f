/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_CHANGES_H
#define FUZZ_CHANGES_H

/*
 * What the harnesses of patches and operations share. Input: settings, a NUL, the change. Settings
 * or changes that are no documents are passed over.
 */

#include <prov/apply.h>

#include "fuzz_in.h"

#define FUZZ_MEMORY (1u << 19)

struct fuzz_world {
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
    struct prov_apply a;
    struct prov_diag kept[8];
    struct prov_diags diags;
};

/* A section with an element `bad` is not valid. */
static inline enum prov_status
fuzz_section(void *ctx, const struct prov_xml *x, uint32_t section, struct prov_diag *diag)
{
    (void)ctx;
    FUZZ_CHECK(prov_xml_parent(x, section) != PROV_XML_NONE);
    for (uint32_t n = prov_xml_first(x, section); n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (prov_xml_is(x, n, prov_str_z("bad"))) {
            *diag = (struct prov_diag){ .code = PROV_D_CHECK_FAILED };
            return PROV_E_INVALID;
        }
    }
    return PROV_OK;
}

/* False: these are no settings. */
static inline bool
fuzz_open(struct fuzz_world *w, void *memory, struct prov_str settings)
{
    static const struct prov_limits limits = { .size = sizeof(limits),
                                               .xml_nodes = 96,
                                               .xml_depth = 8,
                                               .xml_attributes = 6,
                                               .changes = 16,
                                               .sections = 8 };
    static const struct prov_check check = { fuzz_section, NULL };

    *w = (struct fuzz_world){ .root = PROV_XML_NONE };
    w->diags = (struct prov_diags){ .items = w->kept, .cap = 8 };
    prov_arena_init(&w->arena, memory, FUZZ_MEMORY);
    FUZZ_CHECK(prov_xml_init(&w->x, &w->arena, &limits, NULL, 1) == PROV_OK);
    if (prov_xml_parse(&w->x, prov_str_z("s"), settings, &w->root, NULL) != PROV_OK)
        return false;
    return prov_apply_init(&w->a, &w->x, w->root, prov_dialect_find(prov_str_z("auerswald-d")),
                           &check, &w->diags) == PROV_OK;
}

/* Bytes as they would be written; free them. */
static inline struct prov_str
fuzz_written(const struct fuzz_world *w)
{
    size_t need = 0;
    struct prov_buf out = { NULL, 0, 0 };

    FUZZ_CHECK(prov_xml_write(&w->x, w->root, &out, &need) == PROV_E_SPACE);
    out = (struct prov_buf){ malloc(need), need, 0 };
    FUZZ_CHECK(out.ptr != NULL);
    FUZZ_CHECK(prov_xml_write(&w->x, w->root, &out, NULL) == PROV_OK && out.len == need);
    return prov_buf_str(&out);
}

static inline void
fuzz_free(struct prov_str s)
{
    char *p;

    memcpy(&p, &s.ptr, sizeof(p));
    free(p);
}

/* What is written can be read again, and means the same; the count of elements is right. */
static inline void
fuzz_check_written(struct fuzz_world *w, void *memory, struct prov_str text)
{
    struct fuzz_world again;
    uint32_t root;

    FUZZ_CHECK(fuzz_open(&again, memory, text));
    FUZZ_CHECK(again.a.element_count == w->a.element_count);
    if (prov_xml_parse(&w->x, prov_str_z("again"), text, &root, NULL) == PROV_OK)
        FUZZ_CHECK(prov_xml_equal(&w->x, w->root, root));
}

/* Every record can be shown, and every discarded section says where and why. */
static inline void
fuzz_check_account(const struct fuzz_world *w)
{
    const struct prov_account *account = &w->a.account;
    char mem[2048];
    bool discarded = account->sections_dropped > 0;

    for (uint32_t i = 0; i < account->change_count; i++) {
        struct prov_buf out = { mem, sizeof(mem), 0 };
        const enum prov_status st = prov_change_path(&w->a, &account->changes[i], &out);

        FUZZ_CHECK(st == PROV_E_SPACE || (st == PROV_OK && out.len > 0 && mem[0] == '/'));
    }
    for (uint32_t i = 0; i < account->section_count; i++) {
        const struct prov_section_result *s = &account->sections[i];
        const bool gone = s->action == PROV_SECTION_DISCARDED;

        FUZZ_CHECK(s->name.len > 0 && (!gone || !s->changed));
        FUZZ_CHECK(gone == (s->why.code != PROV_D_NONE));
        FUZZ_CHECK(!gone || (s->why.line > 0 && s->why.column > 0 && s->why.status != PROV_OK));
        discarded = discarded || gone;
    }
    FUZZ_CHECK(!w->a.partial || discarded);
}

static inline bool
fuzz_is_changed(const struct fuzz_world *w, struct prov_str name)
{
    for (uint32_t i = 0; i < w->a.account.section_count; i++) {
        const struct prov_section_result *s = &w->a.account.sections[i];

        if (s->changed && prov_str_eq(s->name, name))
            return true;
    }
    return w->a.account.sections_dropped > 0;
}

static inline bool
fuzz_contains(struct prov_str text, struct prov_str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
            return true;
    }
    return false;
}

/* A section that is not changed, a discarded one say, has the bytes it had before. */
static inline void
fuzz_check_untouched(const struct fuzz_world *w, void *memory, struct prov_str settings,
                     struct prov_str text)
{
    struct fuzz_world before;

    FUZZ_CHECK(fuzz_open(&before, memory, settings));
    for (uint32_t n = prov_xml_first(&before.x, before.root); n != PROV_XML_NONE;
         n = prov_xml_next(&before.x, n)) {
        const struct prov_xml_node *r = &before.x.nodes[n];

        if (!fuzz_is_changed(w, prov_xml_name(&before.x, n)))
            FUZZ_CHECK(fuzz_contains(text, prov_str_cut(settings, r->tag, r->end)));
    }
    if (!prov_apply_changed(&w->a))
        FUZZ_CHECK(prov_str_eq(text, settings));
}

static inline bool
fuzz_split(const uint8_t *data, size_t size, struct prov_str *settings, struct prov_str *change)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;

    if (nul == NULL)
        return false;
    *settings = (struct prov_str){ (const char *)data, (size_t)(nul - data) };
    *change = (struct prov_str){ (const char *)nul + 1, size - settings->len - 1 };
    return true;
}

#endif /* FUZZ_CHANGES_H */
