/* SPDX-License-Identifier: MIT */

/* What the settings say about provisioning (DSC-4, PNP-5, SCH-1): switches, the manual address, who
 * may send a check-sync, and when runs come. */

#include "base/buf.h"
#include "base/str.h"
#include "core/discover.h"

#include <prov/cfg.h>

/* Longest value that is read. */
#define VALUE_MAX 4096u

#define RETRY_MAX_MINUTES 1440u
#define RANDOM_MAX_S 43200u

/* As it stands there. */
struct said {
    enum prov_toggle active, notify;
    struct prov_str url, notify_event;
    uint32_t retry_minutes;
    struct prov_said_times times;
};

/* Everything one call needs; lives on the stack of the two readers. */
struct job {
    const struct prov_dialect *dialect;
    struct prov_arena *arena;
    struct prov_diags *diags;
    struct said said;
    struct prov_str random_max_place;
    struct prov_discover_settings out;
    /* XML */
    const struct prov_xml *x;
    uint32_t root;
    const struct prov_params *params; /* parameters */
    /* Text */
    struct prov_cfg cfg;
};

/* A value that was found, and where; `text` is empty if it is too long. */
struct value {
    struct prov_str text;
    struct prov_str source;
    uint32_t line, column;
};

static void
warn_number(const struct job *j, enum prov_diag_code code, const struct value *v,
            struct prov_str place, uint32_t need)
{
    const struct prov_diag d = {
        .status = PROV_OK,
        .code = code,
        .line = v->line,
        .column = v->column,
        .source = v->source,
        .subject = place,
        .need = need,
    };

    prov_diags_add(j->diags, &d);
}

static void
warn(const struct job *j, enum prov_diag_code code, const struct value *v, struct prov_str place)
{
    warn_number(j, code, v, place, 0);
}

/* ---- XML ---- */

/* Can the place be below this element? Most of the settings are in sections of other names. */
static bool
may_lead_to(const struct job *j, uint32_t node, struct prov_str place)
{
    const char *slash = memchr(place.ptr, '/', place.len);
    const size_t first = slash != NULL ? (size_t)(slash - place.ptr) : place.len;

    return node == j->root || j->dialect->settings_form == PROV_SETTINGS_LEAVES ||
           prov_xml_parent(j->x, node) != j->root ||
           prov_str_eq(prov_xml_local_name(j->x, node), prov_str_cut(place, 0, first));
}

/* The next element below the root, in document order, that may be the place or around it. */
static uint32_t
walk(const struct job *j, struct prov_str place, uint32_t node)
{
    uint32_t next = may_lead_to(j, node, place) ? prov_xml_first(j->x, node) : PROV_XML_NONE;

    while (next == PROV_XML_NONE && node != j->root) {
        next = prov_xml_next(j->x, node);
        if (next == PROV_XML_NONE)
            node = prov_xml_parent(j->x, node);
    }
    return next;
}

/* The element's names, from below the root on, are the steps of the place. */
static bool
stands_at(const struct prov_xml *x, uint32_t root, uint32_t node, struct prov_str place)
{
    size_t end = place.len;

    while (node != root) {
        size_t start = end;

        while (start > 0 && place.ptr[start - 1] != '/')
            start--;
        if (!prov_str_eq(prov_xml_local_name(x, node), prov_str_cut(place, start, end)))
            return false;
        node = prov_xml_parent(x, node);
        if (start == 0)
            return node == root;
        end = start - 1;
    }
    return false;
}

static bool
fits(const struct job *j, uint32_t node, struct prov_str place)
{
    if (prov_xml_first(j->x, node) != PROV_XML_NONE)
        return false;
    if (j->dialect->settings_form == PROV_SETTINGS_LEAVES)
        return prov_str_eq(prov_xml_local_name(j->x, node), place);
    return stands_at(j->x, j->root, node, place);
}

/* The element's text, trimmed, in perm memory. */
static enum prov_status
read_node(struct job *j, uint32_t node, struct prov_str place, struct value *v)
{
    const size_t mark = prov_arena_mark(j->arena);
    struct prov_buf b = { prov_arena_scratch(j->arena, VALUE_MAX, 1), VALUE_MAX, 0 };
    struct prov_xml_place at = { { NULL, 0 }, 0, 0 };
    struct prov_str text;
    char *copy = NULL;

    if (b.ptr == NULL)
        return PROV_E_SPACE;
    prov_xml_where(j->x, node, &at);
    *v = (struct value){ { NULL, 0 }, at.source, at.line, at.column };
    if (prov_xml_text(j->x, node, &b) != PROV_OK)
        warn(j, PROV_D_SETTING_LONG, v, place);
    text = prov_str_trim(prov_buf_str(&b));
    if (text.len > 0) {
        copy = prov_arena_perm(j->arena, text.len, 1);
        if (copy != NULL)
            memcpy(copy, text.ptr, text.len);
        v->text = (struct prov_str){ copy, text.len };
    }
    prov_arena_release(j->arena, mark);
    return text.len > 0 && copy == NULL ? PROV_E_SPACE : PROV_OK;
}

/* PAN-1: the last one counts. A place that should stand once is read the same way. */
static enum prov_status
find_xml(struct job *j, struct prov_str place, struct value *v)
{
    uint32_t found = PROV_XML_NONE;

    for (uint32_t n = walk(j, place, j->root); n != PROV_XML_NONE; n = walk(j, place, n)) {
        if (fits(j, n, place))
            found = n;
    }
    *v = (struct value){ { NULL, 0 }, { NULL, 0 }, 0, 0 };
    return found != PROV_XML_NONE ? read_node(j, found, place, v) : PROV_OK;
}

static size_t
count_xml(const struct job *j, struct prov_str place)
{
    size_t count = 0;

    for (uint32_t n = walk(j, place, j->root); n != PROV_XML_NONE; n = walk(j, place, n))
        count += fits(j, n, place);
    return count;
}

/* All entries of a list; empty ones are left out. */
static enum prov_status
list_xml(struct job *j, struct prov_str place)
{
    const size_t count = count_xml(j, place);
    struct prov_str *list = prov_arena_perm(j->arena, count * sizeof(*list), sizeof(void *));
    enum prov_status status = PROV_OK;
    size_t n = 0;

    if (list == NULL)
        return PROV_E_SPACE;
    for (uint32_t at = walk(j, place, j->root); at != PROV_XML_NONE && status == PROV_OK;
         at = walk(j, place, at)) {
        struct value v;

        if (!fits(j, at, place))
            continue;
        status = read_node(j, at, place, &v);
        if (status == PROV_OK && v.text.len > 0)
            list[n++] = v.text;
    }
    j->out.notify_from = list;
    j->out.notify_from_count = n;
    return status;
}

/* ---- Text and parameters ---- */

/* The value as it stands there; false if there is none. */
static bool
look_up(const struct job *j, struct prov_str place, struct value *v, struct prov_str *text)
{
    const struct prov_param *p = prov_params_find(j->params, place, 0);
    struct prov_cfg_line line;

    *v = (struct value){ .source = j->params != NULL ? j->params->source : j->cfg.source };
    if (p != NULL) {
        v->line = p->line;
        v->column = p->column;
        *text = prov_str_trim(p->value);
    } else if (j->params == NULL && prov_cfg_find(&j->cfg, place, &line)) {
        v->line = line.line;
        v->column = line.column;
        *text = prov_str_trim(line.value);
    } else {
        return false;
    }
    return text->len > 0;
}

static enum prov_status
find_text(struct job *j, struct prov_str place, struct value *v)
{
    struct prov_str text;
    char *copy;

    if (!look_up(j, place, v, &text))
        return PROV_OK;
    copy = prov_arena_perm(j->arena, text.len, 1);
    if (copy == NULL)
        return PROV_E_SPACE;
    memcpy(copy, text.ptr, text.len);
    v->text = (struct prov_str){ copy, text.len };
    return PROV_OK;
}

/* One entry: a parameter has one value. */
static enum prov_status
list_text(struct job *j, struct prov_str place)
{
    struct prov_str *list = prov_arena_perm(j->arena, sizeof(*list), sizeof(void *));
    struct value v;
    enum prov_status status;

    if (list == NULL)
        return PROV_E_SPACE;
    status = find_text(j, place, &v);
    *list = v.text;
    j->out.notify_from = list;
    j->out.notify_from_count = v.text.len > 0;
    return status;
}

/* ---- Both ---- */

static enum prov_status
find(struct job *j, struct prov_str place, struct value *v)
{
    return j->x != NULL ? find_xml(j, place, v) : find_text(j, place, v);
}

/* A value that is not kept: good until the next one is looked for. */
static enum prov_status
peek(struct job *j, struct prov_str place, struct value *v)
{
    const size_t before = j->arena->perm;
    const enum prov_status status = find(j, place, v);

    j->arena->perm = before;
    return status;
}

static bool
is_word(struct prov_str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (prov_str_eq_nocase(text, prov_str_z(words[i])))
            return true;
    }
    return false;
}

/* `said` becomes true if there is a switch, `on` its value. */
static enum prov_status
read_switch(struct job *j, struct prov_str place, bool *said, bool *on)
{
    static const char *const yes[] = { "true", "1", "Y", "yes", "on" };
    static const char *const no[] = { "false", "0", "N", "no", "off" };
    struct value v;
    const enum prov_status status = peek(j, place, &v);

    *said = *on = false;
    if (status != PROV_OK || v.text.len == 0)
        return status;
    *on = is_word(v.text, yes, sizeof(yes) / sizeof(yes[0]));
    *said = *on || is_word(v.text, no, sizeof(no) / sizeof(no[0]));
    if (!*said)
        warn(j, PROV_D_SETTING_SWITCH, &v, place);
    return PROV_OK;
}

static enum prov_status
read_toggle(struct job *j, struct prov_str place, enum prov_toggle *out)
{
    bool said, on;
    const enum prov_status status = read_switch(j, place, &said, &on);

    *out = !said ? PROV_TOGGLE_NOT_SAID : on ? PROV_TOGGLE_ON : PROV_TOGGLE_OFF;
    return status;
}

static enum prov_status
read_text_into(struct job *j, struct prov_str place, struct prov_str *out)
{
    struct value v;
    const enum prov_status status = find(j, place, &v);

    if (status == PROV_OK)
        *out = v.text;
    return status;
}

/* Digits only; PROV_NOT_SAID for anything else, and for what is outside the range. */
static uint32_t
number_of(struct prov_str text, uint32_t least, uint32_t most)
{
    uint32_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!prov_is_digit(text.ptr[i]))
            return PROV_NOT_SAID;
        n = n * 10 + (uint32_t)(text.ptr[i] - '0');
        if (n > most)
            return PROV_NOT_SAID;
    }
    return n >= least ? n : PROV_NOT_SAID;
}

static enum prov_status
read_number(struct job *j, struct prov_str place, uint32_t least, uint32_t most, uint32_t *out)
{
    struct value v;
    const enum prov_status status = peek(j, place, &v);

    *out = PROV_NOT_SAID;
    if (status != PROV_OK || v.text.len == 0)
        return status;
    *out = number_of(v.text, least, most);
    if (*out == PROV_NOT_SAID)
        warn_number(j, PROV_D_SETTING_NUMBER, &v, place, most);
    return PROV_OK;
}

static enum prov_status
read_time(struct job *j, struct prov_str place, uint32_t *out)
{
    struct value v;
    const enum prov_status status = peek(j, place, &v);
    uint16_t minute;

    *out = PROV_NOT_SAID;
    if (status != PROV_OK || v.text.len == 0)
        return status;
    if (prov_schedule_read_time(v.text, &minute))
        *out = minute;
    else
        warn(j, PROV_D_SETTING_TIME, &v, place);
    return PROV_OK;
}

static enum prov_status
read_setting(struct job *j, const struct prov_setting_rule *r)
{
    struct said *s = &j->said;

    switch (r->setting) {
    case PROV_SETTING_ACTIVE:
        return read_toggle(j, r->place, &s->active);
    case PROV_SETTING_URL:
        return read_text_into(j, r->place, &s->url);
    case PROV_SETTING_NOTIFY:
        return read_toggle(j, r->place, &s->notify);
    case PROV_SETTING_NOTIFY_FROM:
        return j->x != NULL ? list_xml(j, r->place) : list_text(j, r->place);
    case PROV_SETTING_NOTIFY_EVENT:
        return read_text_into(j, r->place, &s->notify_event);
    case PROV_SETTING_RETRY:
        return read_number(j, r->place, 1, RETRY_MAX_MINUTES, &s->retry_minutes);
    case PROV_SETTING_DAILY:
        return read_time(j, r->place, &s->times.daily);
    case PROV_SETTING_CYCLIC:
        return read_toggle(j, r->place, &s->times.cyclic);
    case PROV_SETTING_CYCLIC_MINUTES:
        return read_number(j, r->place, 1, PROV_SCHEDULE_INTERVAL_MAX, &s->times.cyclic_minutes);
    case PROV_SETTING_TIME:
        return read_time(j, r->place, &s->times.time);
    case PROV_SETTING_MONDAY:
    case PROV_SETTING_TUESDAY:
    case PROV_SETTING_WEDNESDAY:
    case PROV_SETTING_THURSDAY:
    case PROV_SETTING_FRIDAY:
    case PROV_SETTING_SATURDAY:
    case PROV_SETTING_SUNDAY:
        return read_toggle(j, r->place, &s->times.days[r->setting - PROV_SETTING_MONDAY]);
    case PROV_SETTING_RANDOM:
        return read_toggle(j, r->place, &s->times.random);
    case PROV_SETTING_RANDOM_MIN:
        return read_number(j, r->place, 0, RANDOM_MAX_S, &s->times.random_min_s);
    case PROV_SETTING_RANDOM_MAX:
        j->random_max_place = r->place;
        return read_number(j, r->place, 0, RANDOM_MAX_S, &s->times.random_max_s);
    }
    return PROV_OK;
}

static enum prov_status
read_sources(struct job *j)
{
    enum prov_status status = PROV_OK;

    for (size_t i = 0; i < j->dialect->source_count && status == PROV_OK; i++) {
        const struct prov_source_rule *r = &j->dialect->sources[i];
        bool said, on;

        if (r->enable.len == 0 || (unsigned)r->kind >= PROV_SOURCE_KINDS)
            continue;
        status = read_switch(j, r->enable, &said, &on);
        if (said)
            j->out.said |= PROV_SOURCE_BIT(r->kind);
        if (on)
            j->out.on |= PROV_SOURCE_BIT(r->kind);
    }
    return status;
}

static void
conclude(struct job *j)
{
    struct prov_discover_settings *out = &j->out;
    const struct said *s = &j->said;

    out->off = s->active == PROV_TOGGLE_OFF;
    out->url = s->url;
    out->notify = s->notify == PROV_TOGGLE_NO_ROW || s->notify == PROV_TOGGLE_ON;
    out->notify_event = s->notify_event;
    out->retry_minutes = s->retry_minutes < PROV_NOT_SAID ? s->retry_minutes : 0;
    out->daily = s->times.daily < PROV_NOT_SAID;
    if (!out->off && !prov_discover_schedule(&j->dialect->schedule, &s->times, &out->schedule))
        warn(j, PROV_D_SETTING_RANDOM, &(struct value){ .line = 0 }, j->random_max_place);
}

static enum prov_status
read_all(struct job *j, struct prov_discover_settings *out)
{
    enum prov_status status = PROV_OK;

    j->said = (struct said){ .retry_minutes = PROV_NO_ROW,
                             .times = { .cyclic_minutes = PROV_NO_ROW,
                                        .random_min_s = PROV_NO_ROW,
                                        .random_max_s = PROV_NO_ROW,
                                        .daily = PROV_NO_ROW,
                                        .time = PROV_NO_ROW } };
    for (size_t i = 0; i < j->dialect->setting_count && status == PROV_OK; i++)
        status = read_setting(j, &j->dialect->settings[i]);
    if (status == PROV_OK)
        status = read_sources(j);
    if (status != PROV_OK)
        return status;
    conclude(j);
    *out = j->out;
    return PROV_OK;
}

enum prov_status
prov_discover_read_xml(const struct prov_dialect *dialect, const struct prov_xml *x, uint32_t root,
                       struct prov_arena *arena, struct prov_discover_settings *out,
                       struct prov_diags *diags)
{
    struct job j = { .dialect = dialect, .arena = arena, .diags = diags, .x = x, .root = root };

    if (dialect == NULL || dialect->settings_form == PROV_SETTINGS_LINES || x == NULL ||
        arena == NULL || out == NULL || prov_xml_name(x, root).len == 0)
        return PROV_E_ARG;
    return read_all(&j, out);
}

enum prov_status
prov_discover_read_text(const struct prov_dialect *dialect, struct prov_str source,
                        struct prov_str text, struct prov_arena *arena,
                        struct prov_discover_settings *out, struct prov_diags *diags)
{
    struct job j = { .dialect = dialect, .arena = arena, .diags = diags };
    enum prov_status status;

    if (dialect == NULL || dialect->settings_form != PROV_SETTINGS_LINES || arena == NULL ||
        out == NULL)
        return PROV_E_ARG;
    status = prov_cfg_begin(&j.cfg, source, text, dialect->cfg_rules, diags);
    return status == PROV_OK ? read_all(&j, out) : status;
}

enum prov_status
prov_discover_read_params(const struct prov_dialect *dialect, const struct prov_params *params,
                          struct prov_arena *arena, struct prov_discover_settings *out,
                          struct prov_diags *diags)
{
    struct job j = { .dialect = dialect, .arena = arena, .diags = diags, .params = params };

    if (dialect == NULL || params == NULL || arena == NULL || out == NULL)
        return PROV_E_ARG;
    return read_all(&j, out);
}
