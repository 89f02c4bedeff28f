/* SPDX-License-Identifier: MIT */
#include <prov/cfg.h>

#include "fuzz_in.h"

static const struct prov_str marks[] = { PROV_STR_INIT("# M #"), PROV_STR_INIT("# Other #") };
static const struct prov_str source = PROV_STR_INIT("a.cfg");

#define LINE_BYTES 48u
#define NAME_BYTES 6u
#define VALUE_BYTES 24u

/* What follows from the members of one line alone. */
static void
check_line(const struct prov_cfg_line *l)
{
    const bool parameter = l->kind == PROV_CFG_PARAMETER;

    FUZZ_CHECK(l->raw.len > 0 && l->column >= 1 && l->column <= l->raw.len + 1);
    FUZZ_CHECK(memchr(l->raw.ptr, '\n', l->raw.len - 1) == NULL);
    FUZZ_CHECK(parameter == (l->name.len > 0) && (parameter || l->value.len == 0));
    FUZZ_CHECK(l->kind != PROV_CFG_SKIPPED || l->code != PROV_D_NONE);
    FUZZ_CHECK(l->kind != PROV_CFG_BLANK || l->code == PROV_D_NONE);
    if (!parameter)
        return;
    FUZZ_CHECK(l->raw.len <= LINE_BYTES && l->name.len <= NAME_BYTES);
    FUZZ_CHECK(l->value.len <= VALUE_BYTES && l->name.ptr == l->raw.ptr);
    FUZZ_CHECK(l->value.ptr == l->name.ptr + l->name.len + 2);
    FUZZ_CHECK(l->value.ptr == l->raw.ptr + l->column - 1);
    FUZZ_CHECK(l->value.len == 0 || memchr(l->value.ptr, '"', l->value.len) == NULL);
}

/* Every byte is in one line, in order; warnings stand where the lines are. */
static uint32_t
check_lines(struct prov_cfg c)
{
    struct prov_diag items[4];
    struct prov_diags diags = { items, 4, 0, 0 };
    struct prov_cfg_line l;
    size_t bytes = 0;
    uint32_t lines = 0;

    c.diags = &diags;
    while (prov_cfg_next(&c, &l)) {
        FUZZ_CHECK(l.raw.ptr == c.text.ptr + bytes && l.line == ++lines);
        check_line(&l);
        bytes += l.raw.len;
        const bool last = bytes == c.text.len && l.raw.ptr[l.raw.len - 1] != '\n';
        const uint32_t own = l.code != PROV_D_NONE;

        FUZZ_CHECK(diags.dropped == 0 && diags.count >= own + last &&
                   diags.count <= own + last + 1);
        FUZZ_CHECK(lines == 1 || diags.count == own + last); /* one more: a byte order mark */
        for (uint32_t i = 0; i < diags.count; i++) {
            FUZZ_CHECK(items[i].line == lines && items[i].status == PROV_OK);
            FUZZ_CHECK(items[i].column >= 1 && items[i].column <= l.raw.len + 1);
        }
        diags.count = 0;
    }
    FUZZ_CHECK(bytes == c.text.len);
    return lines;
}

/* prov_cfg_find() gives what reading gives. */
static void
check_find(struct prov_cfg c, struct prov_str name)
{
    const struct prov_cfg all = c;
    struct prov_cfg_line l, found = { .line = 0 };
    uint32_t line = 0;

    c.diags = NULL;
    while (prov_cfg_next(&c, &l)) {
        if (l.kind != PROV_CFG_PARAMETER || !prov_str_eq(l.name, name))
            continue;
        if (line == 0 || c.rules->equal == PROV_CFG_LAST)
            line = l.line;
    }
    FUZZ_CHECK(prov_cfg_find(&all, name, &found) == (line > 0) && found.line == line);
}

static bool
same_reading(const struct prov_cfg_line *a, const struct prov_cfg_line *b)
{
    return a->kind == b->kind && a->code == b->code && a->column == b->column &&
           prov_str_eq(a->raw, b->raw) && prov_str_eq(a->name, b->name) &&
           prov_str_eq(a->value, b->value);
}

/* Without one line, all others read the same; or the mark is gone, or the rest looks split. */
static void
check_without(const struct prov_cfg *all, uint32_t line)
{
    char *mem = malloc(all->text.len);
    struct prov_cfg a = *all, b;
    struct prov_cfg_line l, m;
    struct prov_diag item;
    struct prov_diags diags = { &item, 1, 0, 0 };
    uint32_t mark = 0; /* line of it */
    size_t len = 0;

    FUZZ_CHECK(mem != NULL);
    a.diags = NULL;
    while (prov_cfg_next(&a, &l)) {
        if (mark == 0 && l.kind != PROV_CFG_BLANK)
            mark = l.line;
        if (l.line == line)
            continue;
        memcpy(mem + len, l.raw.ptr, l.raw.len);
        len += l.raw.len;
    }
    a = *all;
    a.diags = NULL;
    if (prov_cfg_begin(&b, source, (struct prov_str){ mem, len }, all->rules, &diags) == PROV_OK) {
        b.diags = NULL;
        while (prov_cfg_next(&a, &l))
            FUZZ_CHECK(l.line == line || (prov_cfg_next(&b, &m) && same_reading(&l, &m)));
        FUZZ_CHECK(!prov_cfg_next(&b, &m));
    } else {
        FUZZ_CHECK(line == mark || item.code == PROV_D_CFG_SPLIT);
    }
    free(mem);
}

/* The changes are there, every other parameter is as it was. */
static void
check_written(const struct prov_cfg *old, struct prov_str text,
              const struct prov_cfg_change *changes, size_t count)
{
    struct prov_cfg now, all = *old;
    struct prov_cfg_line l, m;

    FUZZ_CHECK(prov_cfg_begin(&now, source, text, old->rules, NULL) == PROV_OK);
    for (size_t i = 0; i < count; i++) {
        const struct prov_cfg_change *change = &changes[i];

        FUZZ_CHECK(prov_cfg_find(&now, change->name, &l) == !change->remove);
        FUZZ_CHECK(change->remove || prov_str_eq(l.value, change->value));
        FUZZ_CHECK(prov_cfg_find(old, change->name, &l) == (change->line > 0));
    }
    all.diags = NULL;
    while (prov_cfg_next(&all, &l)) {
        bool changed = l.kind != PROV_CFG_PARAMETER;

        for (size_t i = 0; i < count; i++)
            changed = changed || prov_str_eq(changes[i].name, l.name);
        if (changed)
            continue;
        FUZZ_CHECK(prov_cfg_find(old, l.name, &l) && prov_cfg_find(&now, l.name, &m));
        FUZZ_CHECK(prov_str_eq(l.value, m.value));
    }
}

/* In a heap block of exactly cap bytes, so that ASan sees every overrun. */
static void
write_in(const struct prov_cfg *old, struct prov_cfg_change *changes, size_t count, size_t cap)
{
    char *mem = malloc(cap > 0 ? cap : 1);
    struct prov_buf out = { mem, cap, 0 };
    struct prov_diag diag = { .status = PROV_OK };

    FUZZ_CHECK(mem != NULL);
    const enum prov_status status = prov_cfg_write(old, changes, count, &out, &diag);

    FUZZ_CHECK(status == diag.status && (status == PROV_OK || out.len == 0));
    switch (status) {
    case PROV_OK:
        FUZZ_CHECK(out.len <= cap);
        FUZZ_CHECK(count > 0 || prov_str_eq(prov_buf_str(&out), old->text));
        check_written(old, prov_buf_str(&out), changes, count);
        break;
    case PROV_E_SPACE:
        FUZZ_CHECK(diag.need > cap && cap == 0);
        write_in(old, changes, count, diag.need);
        break;
    case PROV_E_INVALID:
        FUZZ_CHECK(count > 0 && diag.column >= 1);
        break;
    case PROV_E_LIMIT:
        FUZZ_CHECK(count > 0 && diag.need > 0);
        break;
    case PROV_E_ARG:
        FUZZ_CHECK(count == 2 && prov_str_eq(changes[0].name, changes[1].name));
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
    free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const unsigned flags = fuzz_u8(&in);
    const uint32_t without = fuzz_u8(&in);
    const struct prov_cfg_rules rules = {
        marks, 2, LINE_BYTES, NAME_BYTES, VALUE_BYTES, flags & 1
    };
    struct prov_cfg_change changes[2];
    struct prov_diag item = { .status = PROV_OK };
    struct prov_diags diags = { &item, 1, 0, 0 };
    struct prov_cfg c;

    for (size_t i = 0; i < 2; i++) {
        const struct prov_str name = fuzz_str(&in, NAME_BYTES + 1);

        changes[i] = (struct prov_cfg_change){ name, fuzz_str(&in, VALUE_BYTES + 1),
                                               (flags & (2u << i)) != 0, 0 };
    }
    const struct prov_str text = fuzz_rest(&in);
    const bool is = prov_cfg_is(text, &rules);
    const enum prov_status status = prov_cfg_begin(&c, source, text, &rules, &diags);

    FUZZ_CHECK(diags.count == (status != PROV_OK) && item.status == status);
    FUZZ_CHECK(is == (status != PROV_E_TYPE));
    FUZZ_CHECK(status == PROV_OK || status == PROV_E_TYPE || status == PROV_E_SYNTAX ||
               status == PROV_E_LIMIT);
    if (status != PROV_OK)
        return 0;
    const uint32_t lines = check_lines(c);

    check_find(c, changes[0].name);
    if (without > 1 && without <= lines)
        check_without(&c, without);
    for (size_t count = 0; count <= 2; count++)
        write_in(&c, changes, count, 0);
    return 0;
}
