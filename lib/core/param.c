/* SPDX-License-Identifier: MIT */
#include <prov/param.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/param_work.h"

/* ---- Order ---- */

int
prov_param_order(struct prov_str a, uint32_t a_index, struct prov_str b, uint32_t b_index)
{
    const size_t both = a.len < b.len ? a.len : b.len;
    const int bytes = both > 0 ? memcmp(a.ptr, b.ptr, both) : 0;

    if (a_index != b_index)
        return a_index < b_index ? -1 : 1;
    if (bytes != 0)
        return bytes;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* Let an entry sink in the heap of the first `count` entries. */
static void
sink(const struct prov_param_sorter *s, size_t at, size_t count)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && s->comes_after(s, child + 1, child))
            child++;
        if (!s->comes_after(s, child, at))
            return;
        s->swap(s, child, at);
        at = child;
    }
}

void
prov_param_sort(const struct prov_param_sorter *s, size_t count)
{
    for (size_t at = count / 2; at > 0; at--)
        sink(s, at - 1, count);
    for (size_t end = count; end > 1; end--) {
        s->swap(s, 0, end - 1);
        sink(s, 0, end - 1);
    }
}

static bool
comes_after(const struct prov_param_sorter *s, size_t a, size_t b)
{
    const struct prov_param *items = s->items;
    const int order =
        prov_param_order(items[a].name, items[a].index, items[b].name, items[b].index);

    return order > 0 || (order == 0 && items[a].order > items[b].order);
}

static void
swap(const struct prov_param_sorter *s, size_t a, size_t b)
{
    struct prov_param *items = s->items;
    const struct prov_param kept = items[a];

    items[a] = items[b];
    items[b] = kept;
}

/* ---- Reading ---- */

enum prov_status
prov_param_report(const struct prov_param_job *j, const struct prov_diag *diag)
{
    struct prov_diag whole = *diag;

    if (whole.source.len == 0)
        whole.source = j->source;
    prov_diags_add(j->diags, &whole);
    return whole.status;
}

static enum prov_cfg_equal
which_counts(const struct prov_param_rules *rules)
{
    return rules->cfg != NULL ? rules->cfg->equal : rules->equal;
}

/* The first of two stands before the second in the file. Answers the one that counts. */
static struct prov_param
choose(const struct prov_param_job *j, const struct prov_param *first,
       const struct prov_param *second)
{
    const bool last = which_counts(j->rules) == PROV_CFG_LAST;
    const struct prov_diag diag = {
        .code = last ? PROV_D_PARAM_TWICE_LAST : PROV_D_PARAM_TWICE_FIRST,
        .line = second->line,
        .column = second->column,
        .subject = second->name,
        .need = first->line,
    };

    (void)prov_param_report(j, &diag);
    return last ? *second : *first;
}

void
prov_param_finish(struct prov_param_job *j, struct prov_params *out)
{
    const struct prov_param_sorter s = { j->items, NULL, comes_after, swap };
    struct prov_param *items = j->items;
    uint32_t kept = 0;

    prov_param_sort(&s, j->count);
    for (uint32_t i = 0; i < j->count; i++) {
        const struct prov_param *now = &items[i], *before = kept > 0 ? &items[kept - 1] : NULL;

        if (before != NULL &&
            prov_param_order(before->name, before->index, now->name, now->index) == 0)
            items[kept - 1] = choose(j, before, now);
        else
            items[kept++] = *now;
    }
    *out = (struct prov_params){ j->rules, j->source, items, kept };
}

static void
take_line(struct prov_param_job *j, const struct prov_cfg_line *line)
{
    const uint32_t order = j->count++;
    struct prov_str name;

    if (j->items == NULL)
        return;
    const uint32_t index = prov_param_split(j->rules, line->name, &name);

    j->items[order] = (struct prov_param){
        .name = name,
        .value = line->value,
        .line = line->line,
        .column = line->column,
        .order = order,
        .index = (uint16_t)index,
    };
}

static void
read_lines(struct prov_param_job *j, struct prov_cfg c)
{
    struct prov_cfg_line line;

    j->count = 0;
    c.diags = j->items != NULL ? j->diags : NULL;
    while (prov_cfg_next(&c, &line)) {
        if (line.kind == PROV_CFG_PARAMETER)
            take_line(j, &line);
    }
}

enum prov_status
prov_params_read_text(struct prov_params *out, const struct prov_param_rules *rules,
                      struct prov_str source, struct prov_str text, struct prov_arena *arena,
                      struct prov_diags *diags)
{
    struct prov_param_job j = { rules, source, arena, diags, NULL, 0 };
    struct prov_diag diag = { .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };
    struct prov_cfg c;

    if (out == NULL || rules == NULL || rules->cfg == NULL || arena == NULL)
        return prov_param_report(&j, &diag);
    if (rules->file_bytes > 0 && text.len > rules->file_bytes) {
        diag = (struct prov_diag){ .status = PROV_E_LIMIT,
                                   .code = PROV_D_PARAM_FILE_LONG,
                                   .need = rules->file_bytes };
        return prov_param_report(&j, &diag);
    }
    const enum prov_status status = prov_cfg_begin(&c, source, text, rules->cfg, diags);

    if (status != PROV_OK)
        return status;
    read_lines(&j, c);
    j.items = prov_arena_perm(arena, j.count * sizeof(*j.items), _Alignof(struct prov_param));
    if (j.items == NULL) {
        diag = (struct prov_diag){ .status = PROV_E_SPACE,
                                   .code = PROV_D_NO_ARENA_SPACE,
                                   .need = arena->need };
        return prov_param_report(&j, &diag);
    }
    read_lines(&j, c);
    prov_param_finish(&j, out);
    return PROV_OK;
}

/* ---- Names ---- */

uint32_t
prov_param_search(const void *list, uint32_t count, size_t size,
                  struct prov_param_key (*key_of)(const void *entry), struct prov_param_key key)
{
    uint32_t from = 0, to = count;

    while (from < to) {
        const uint32_t middle = from + (to - from) / 2;
        const struct prov_param_key at = key_of((const char *)list + middle * size);
        const int order = prov_param_order(at.name, at.index, key.name, key.index);

        if (order == 0)
            return middle;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return count;
}

static struct prov_param_key
key_of(const void *entry)
{
    const struct prov_param *p = entry;

    return (struct prov_param_key){ p->name, p->index };
}

const struct prov_param *
prov_params_find(const struct prov_params *p, struct prov_str name, uint32_t index)
{
    const struct prov_param_key key = { name, index };
    uint32_t at;

    if (p == NULL)
        return NULL;
    at = prov_param_search(p->items, p->count, sizeof(*p->items), key_of, key);
    return at < p->count ? &p->items[at] : NULL;
}

enum prov_status
prov_param_label(const struct prov_param_rules *rules, struct prov_str name, uint32_t index,
                 struct prov_buf *out)
{
    if (rules == NULL || out == NULL)
        return PROV_E_ARG;
    const size_t mark = out->len;

    prov_buf_put_str(out, name);
    if (index > 0) {
        prov_buf_put_char(out, rules->cfg != NULL ? '_' : '[');
        prov_buf_put_uint(out, index, 1);
        prov_buf_put_z(out, rules->cfg != NULL ? "" : "]");
    }
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

/* The number that a text ends with, and where it begins. 0 if it is none. */
static uint32_t
number_at_end(struct prov_str text, size_t *from)
{
    uint32_t value = 0, unit = 1;
    size_t at = text.len;

    while (at > 0 && text.len - at < 5 && prov_is_digit(text.ptr[at - 1])) {
        at--;
        value += (uint32_t)(text.ptr[at] - '0') * unit;
        unit *= 10;
    }
    *from = at;
    if (at == text.len || text.ptr[at] == '0' || value > PROV_PARAM_INDEX_MAX)
        return 0;
    return value;
}

uint32_t
prov_param_split(const struct prov_param_rules *rules, struct prov_str label, struct prov_str *name)
{
    if (rules == NULL || name == NULL)
        return 0;
    const bool text = rules->cfg != NULL;
    struct prov_str inside = label;
    size_t from = 0;

    *name = label;
    if (!text && (label.len == 0 || label.ptr[label.len - 1] != ']'))
        return 0;
    if (!text)
        inside.len--;
    const uint32_t index = number_at_end(inside, &from);

    if (index == 0 || from < 2 || label.ptr[from - 1] != (text ? '_' : '['))
        return 0;
    name->len = from - 1;
    return index;
}
