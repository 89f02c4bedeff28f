/* SPDX-License-Identifier: MIT */
#include <prov/cfg.h>

#include "base/buf.h"
#include "core/cfg_line.h"

/* One call of prov_cfg_write(); lives on its stack. */
struct job {
    struct prov_cfg old;
    struct prov_cfg_change *changes;
    size_t count;
    struct prov_buf *out;
    struct prov_diag *diag;
    struct prov_str end;  /* line end of the file */
    struct prov_str last; /* line end of the last line written */
    bool unfinished;      /* the last line written that is not blank stops inside a parameter */
};

static enum prov_status
refuse(const struct job *j, enum prov_status status, enum prov_diag_code code, struct prov_str name)
{
    if (j->diag != NULL)
        *j->diag = (struct prov_diag){ .status = status, .code = code, .subject = name };
    return status;
}

static enum prov_status
refuse_byte(const struct job *j, enum prov_diag_code code, struct prov_str name, size_t at)
{
    (void)refuse(j, PROV_E_INVALID, code, name);
    if (j->diag != NULL)
        j->diag->column = (uint32_t)at + 1;
    return PROV_E_INVALID;
}

static enum prov_status
refuse_long(const struct job *j, enum prov_diag_code code, struct prov_str name, size_t need)
{
    (void)refuse(j, PROV_E_LIMIT, code, name);
    if (j->diag != NULL)
        j->diag->need = need;
    return PROV_E_LIMIT;
}

static enum prov_status
check_name(const struct job *j, struct prov_str name)
{
    const size_t end = prov_cfg_name_end(name, 0);

    if (name.len == 0 || end < name.len)
        return refuse_byte(j, PROV_D_CFG_PUT_NAME, name, end);
    if (name.len > j->old.rules->name_bytes)
        return refuse_long(j, PROV_D_CFG_PUT_NAME_LONG, name, j->old.rules->name_bytes);
    return PROV_OK;
}

static enum prov_status
check_value(const struct job *j, struct prov_str name, struct prov_str value)
{
    const struct prov_cfg_rules *rules = j->old.rules;
    const size_t around = sizeof("=\"\"\r\n") - 1;

    for (size_t at = 0; at < value.len; at++) {
        if (value.ptr[at] == '"' || prov_cfg_is_control(value.ptr[at]))
            return refuse_byte(j, PROV_D_CFG_PUT_VALUE, name, at);
    }
    if (value.len > rules->value_bytes)
        return refuse_long(j, PROV_D_CFG_PUT_VALUE_LONG, name, rules->value_bytes);
    if (name.len + around > rules->line_bytes || value.len > rules->line_bytes - name.len - around)
        return refuse_long(j, PROV_D_CFG_PUT_LINE_LONG, name, rules->line_bytes);
    return PROV_OK;
}

/* Among the first n changes; n if there is none. */
static size_t
find_change(const struct job *j, size_t n, struct prov_str name)
{
    size_t i = 0;

    while (i < n && !prov_str_eq(j->changes[i].name, name))
        i++;
    return i;
}

static enum prov_status
check_changes(const struct job *j)
{
    enum prov_status status = PROV_OK;

    for (size_t i = 0; i < j->count && status == PROV_OK; i++) {
        const struct prov_cfg_change *change = &j->changes[i];

        status = check_name(j, change->name);
        if (status == PROV_OK && !change->remove)
            status = check_value(j, change->name, change->value);
        if (status == PROV_OK && find_change(j, i, change->name) < i)
            status = refuse(j, PROV_E_ARG, PROV_D_CFG_PUT_TWICE, change->name);
    }
    return status;
}

/* Note for each change the line that counts, and the line end of the file. */
static void
look_up(struct job *j)
{
    const bool first = j->old.rules->equal == PROV_CFG_FIRST;
    struct prov_cfg c = j->old;
    struct prov_cfg_work w;

    for (size_t i = 0; i < j->count; i++)
        j->changes[i].line = 0;
    while (prov_cfg_read_line(&c, &w)) {
        const size_t i = find_change(j, j->count, w.line.name);

        if (w.line.line == 1 && prov_cfg_ends(w.line.raw))
            j->end = prov_cfg_line_end(w.line.raw);
        if (i < j->count && !(first && j->changes[i].line > 0))
            j->changes[i].line = w.line.line;
    }
}

static void
put_parameter(struct job *j, const struct prov_cfg_change *change, struct prov_str end)
{
    prov_buf_put_str(j->out, change->name);
    prov_buf_put_z(j->out, "=\"");
    prov_buf_put_str(j->out, change->value);
    prov_buf_put_char(j->out, '"');
    prov_buf_put_str(j->out, end);
    j->unfinished = false;
    j->last = end;
}

static void
put_line(struct job *j, const struct prov_cfg_work *w)
{
    prov_buf_put_str(j->out, w->line.raw);
    if (w->line.kind != PROV_CFG_BLANK)
        j->unfinished = prov_cfg_stops(w) != PROV_CFG_STOP_NOT;
    j->last = prov_cfg_line_end(w->line.raw);
}

/* Leaves out the line; but what follows must not look like the rest of an unfinished one. */
static void
drop_line(struct job *j, const struct prov_cfg_work *w)
{
    if (j->unfinished) {
        j->last = prov_cfg_line_end(w->line.raw);
        j->unfinished = false;
        prov_buf_put_char(j->out, '#');
        prov_buf_put_str(j->out, j->last);
    }
}

/* Something follows: the last line gets what its line end lacks. */
static void
complete(struct job *j)
{
    if (j->last.len == 0)
        prov_buf_put_str(j->out, j->end);
    else if (j->last.ptr[j->last.len - 1] == '\r')
        prov_buf_put_char(j->out, '\n');
}

static void
write_lines(struct job *j)
{
    struct prov_cfg c = j->old;
    struct prov_cfg_work w;

    while (prov_cfg_read_line(&c, &w)) {
        const size_t i = find_change(j, j->count, w.line.name);

        if (i < j->count && j->changes[i].remove)
            drop_line(j, &w);
        else if (i < j->count && j->changes[i].line == w.line.line)
            put_parameter(j, &j->changes[i], prov_cfg_line_end(w.line.raw));
        else
            put_line(j, &w);
    }
    for (size_t i = 0; i < j->count; i++) {
        if (j->changes[i].remove || j->changes[i].line > 0)
            continue;
        complete(j);
        put_parameter(j, &j->changes[i], j->end);
    }
}

enum prov_status
prov_cfg_write(const struct prov_cfg *old, struct prov_cfg_change *changes, size_t count,
               struct prov_buf *out, struct prov_diag *diag)
{
    struct job j = { .changes = changes, .count = count, .out = out, .diag = diag };
    enum prov_status status;

    if (old == NULL || out == NULL || (changes == NULL && count > 0))
        return refuse(&j, PROV_E_ARG, PROV_D_BAD_ARGUMENT, (struct prov_str){ NULL, 0 });
    j.old = (struct prov_cfg){ .text = old->text, .rules = old->rules };
    j.end = (struct prov_str)PROV_STR_INIT("\r\n");
    status = check_changes(&j);
    if (status != PROV_OK)
        return status;

    const size_t mark = out->len;

    look_up(&j);
    write_lines(&j);
    if (!prov_buf_fits(out)) {
        status = refuse(&j, PROV_E_SPACE, PROV_D_NO_BUFFER_SPACE, (struct prov_str){ NULL, 0 });
        if (diag != NULL)
            diag->need = out->len;
        out->len = mark;
    }
    return status;
}
