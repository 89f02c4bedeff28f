/* SPDX-License-Identifier: MIT */
#include <prov/cfg.h>

#include "core/cfg_line.h"

static enum prov_status
report(const struct prov_cfg *c, const struct prov_cfg_work *w, enum prov_status status,
       enum prov_diag_code code, size_t at)
{
    const struct prov_diag diag = {
        .status = status,
        .code = code,
        .line = w->line.line,
        .column = (uint32_t)at + 1,
        .source = c->source,
        .subject = w->name,
        .need = w->need,
    };

    prov_diags_add(c->diags, &diag);
    return status;
}

static bool
holds(struct prov_str s, struct prov_str part)
{
    for (size_t at = 0; part.len <= s.len - at; at++) {
        if (memcmp(s.ptr + at, part.ptr, part.len) == 0)
            return true;
    }
    return false;
}

static bool
holds_mark(const struct prov_cfg_work *w)
{
    for (size_t i = 0; i < w->rules->mark_count; i++) {
        if (holds(w->s, w->rules->marks[i]))
            return true;
    }
    return false;
}

/* The first line that is not blank. False if there is none. */
static bool
first_line(struct prov_cfg c, struct prov_cfg_work *w)
{
    bool found = false;

    while (!found && prov_cfg_read_line(&c, w))
        found = w->line.kind != PROV_CFG_BLANK;
    return found;
}

static enum prov_status
check_first(const struct prov_cfg *c)
{
    struct prov_cfg_work w = { .line = { .line = 1 } };

    if (!first_line(*c, &w))
        return report(c, &w, PROV_E_TYPE, PROV_D_CFG_EMPTY, 0);
    if (!prov_cfg_is_byte(w.s, w.from, '#'))
        return report(c, &w, PROV_E_TYPE, PROV_D_CFG_NO_COMMENT, w.from);
    if (!holds_mark(&w))
        return report(c, &w, PROV_E_TYPE, PROV_D_CFG_NO_MARK, w.from);
    if (w.line.code == PROV_D_CFG_LINE_LONG)
        return report(c, &w, PROV_E_LIMIT, PROV_D_CFG_FIRST_LONG, w.fault);
    if (w.line.code == PROV_D_CFG_CR)
        return report(c, &w, PROV_E_SYNTAX, PROV_D_CFG_CR_ALONE, w.fault);
    return PROV_OK;
}

/* The line begins with NAME=". */
static bool
begins_parameter(struct prov_str s)
{
    const size_t end = prov_cfg_name_end(s, 0);

    return end > 0 && prov_cfg_is_byte(s, end, '=') && prov_cfg_is_byte(s, end + 1, '"');
}

/* The reader's next line goes on with a parameter that stopped there. */
static bool
goes_on(struct prov_cfg next, enum prov_cfg_stop stop)
{
    struct prov_cfg_work w;

    if (!first_line(next, &w))
        return false;
    if (stop == PROV_CFG_STOP_VALUE)
        return !prov_cfg_is_byte(w.s, 0, '#') && !begins_parameter(w.s);
    return prov_cfg_is_byte(w.s, 0, stop == PROV_CFG_STOP_NAME ? '=' : '"');
}

/* No parameter is split over lines or cut off. */
static enum prov_status
check_lines(struct prov_cfg c)
{
    struct prov_cfg_work w;

    while (prov_cfg_read_line(&c, &w)) {
        const enum prov_cfg_stop stop = prov_cfg_stops(&w);

        if (stop != PROV_CFG_STOP_NOT && !prov_cfg_ends(w.line.raw))
            return report(&c, &w, PROV_E_SYNTAX, PROV_D_CFG_CUT_OFF, w.s.len);
        if (stop != PROV_CFG_STOP_NOT && goes_on(c, stop))
            return report(&c, &w, PROV_E_SYNTAX, PROV_D_CFG_SPLIT, w.fault);
    }
    return PROV_OK;
}

static bool
are_marks(const struct prov_cfg_rules *rules)
{
    for (size_t i = 0; i < rules->mark_count; i++) {
        if (rules->marks[i].len == 0)
            return false;
    }
    return rules->mark_count > 0;
}

static bool
are_rules(const struct prov_cfg_rules *rules)
{
    return rules != NULL && rules->marks != NULL && are_marks(rules) && rules->line_bytes > 0 &&
           rules->name_bytes > 0 && (unsigned)rules->equal <= PROV_CFG_LAST;
}

bool
prov_cfg_is(struct prov_str text, const struct prov_cfg_rules *rules)
{
    const struct prov_cfg c = { .text = text, .rules = rules };
    struct prov_cfg_work w;

    return are_rules(rules) && text.ptr != NULL && first_line(c, &w) &&
           prov_cfg_is_byte(w.s, w.from, '#') && holds_mark(&w);
}

enum prov_status
prov_cfg_begin(struct prov_cfg *c, struct prov_str source, struct prov_str text,
               const struct prov_cfg_rules *rules, struct prov_diags *diags)
{
    const struct prov_cfg fresh = { source, text, rules, diags, 0, 0 };
    enum prov_status status;

    if (c == NULL || !are_rules(rules) || (text.ptr == NULL && text.len > 0) ||
        text.len >= UINT32_MAX) {
        const struct prov_diag diag = { .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };

        prov_diags_add(diags, &diag);
        return PROV_E_ARG;
    }
    status = check_first(&fresh);
    if (status == PROV_OK)
        status = check_lines(fresh);
    if (status == PROV_OK)
        *c = fresh;
    return status;
}

bool
prov_cfg_next(struct prov_cfg *c, struct prov_cfg_line *line)
{
    struct prov_cfg_work w;

    if (c == NULL || line == NULL || !prov_cfg_read_line(c, &w))
        return false;
    if (w.from > 0)
        (void)report(c, &w, PROV_OK, PROV_D_CFG_BYTE_ORDER_MARK, 0);
    if (w.line.code != PROV_D_NONE)
        (void)report(c, &w, PROV_OK, w.line.code, w.fault);
    if (!prov_cfg_ends(w.line.raw))
        (void)report(c, &w, PROV_OK, PROV_D_CFG_NO_LINE_END, w.s.len);
    *line = w.line;
    return true;
}

bool
prov_cfg_find(const struct prov_cfg *c, struct prov_str name, struct prov_cfg_line *line)
{
    struct prov_cfg all;
    struct prov_cfg_work w;
    bool found = false;

    if (c == NULL || line == NULL)
        return false;
    all = (struct prov_cfg){ .text = c->text, .rules = c->rules };
    while (!(found && c->rules->equal == PROV_CFG_FIRST) && prov_cfg_read_line(&all, &w)) {
        if (w.line.kind == PROV_CFG_PARAMETER && prov_str_eq(w.line.name, name)) {
            *line = w.line;
            found = true;
        }
    }
    return found;
}
