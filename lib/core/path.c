/* SPDX-License-Identifier: MIT */
#include <prov/path.h>

#include "base/str.h"
#include "core/path_test.h"

/* Everything one call of prov_path_parse() needs. */
struct parser {
    struct prov_str text;
    size_t pos; /* next unread byte */
    struct prov_path_step *steps;
    struct prov_path_predicate *predicates;
    uint32_t step_count, step_cap;
    uint32_t predicate_count, predicate_cap;
    uint32_t limit;
    struct prov_diag *diag;
};

static enum prov_status
refuse(const struct parser *p, enum prov_diag_code code, size_t at)
{
    if (p->diag != NULL) {
        *p->diag = (struct prov_diag){
            .status = PROV_E_SYNTAX,
            .code = code,
            .column = (uint32_t)at + 1,
            .path = p->text,
        };
    }
    return PROV_E_SYNTAX;
}

static enum prov_status
too_long(const struct parser *p)
{
    refuse(p, PROV_D_PATH_TOO_LONG, p->pos);
    if (p->diag != NULL) {
        p->diag->status = PROV_E_LIMIT;
        p->diag->need = p->limit;
    }
    return PROV_E_LIMIT;
}

/* The byte at the read position plus n; NUL, which no XML text holds, at the end. */
static char
peek(const struct parser *p, size_t n)
{
    return n < p->text.len - p->pos ? p->text.ptr[p->pos + n] : '\0';
}

static bool
at_end(const struct parser *p)
{
    return p->pos == p->text.len;
}

static void
skip_blanks(struct parser *p)
{
    while (prov_is_blank(peek(p, 0)))
        p->pos++;
}

/* Bytes above 0x7F are parts of letters: the XML reader has seen to it that they are UTF-8. */
static bool
starts_name(char c)
{
    return prov_is_alpha(c) || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

static bool
in_name(char c)
{
    return starts_name(c) || prov_is_digit(c) || c == '-' || c == '.';
}

/* What XPath has and a path of ours has not gets a number of its own. */
static enum prov_status
foreign(const struct parser *p, enum prov_diag_code otherwise)
{
    const char c = peek(p, 0);

    if (c == '/')
        return refuse(p, PROV_D_PATH_DOUBLE_SLASH, p->pos);
    if (c == '@')
        return refuse(p, PROV_D_PATH_ATTRIBUTE, p->pos);
    if (c == '.')
        return refuse(p, PROV_D_PATH_DOTS, p->pos);
    if (c == '(')
        return refuse(p, PROV_D_PATH_FUNCTION, p->pos);
    return refuse(p, otherwise, p->pos);
}

/* A name, no axis and no function. Whatever else is there is refused with this number. */
static enum prov_status
read_name(struct parser *p, enum prov_diag_code otherwise, struct prov_str *name)
{
    const size_t from = p->pos;
    size_t at = from;

    if (!starts_name(peek(p, 0)))
        return refuse(p, otherwise, p->pos);
    for (; at < p->text.len && in_name(p->text.ptr[at]); at++) {
        if (p->text.ptr[at] == ':' && at + 1 < p->text.len && p->text.ptr[at + 1] == ':')
            return refuse(p, PROV_D_PATH_AXIS, at);
    }
    p->pos = at;
    if (peek(p, 0) == '(')
        return refuse(p, PROV_D_PATH_FUNCTION, p->pos);
    *name = prov_str_cut(p->text, from, p->pos);
    return PROV_OK;
}

/* `='value'`, with blanks around. */
static enum prov_status
read_value(struct parser *p, size_t open, struct prov_str *value)
{
    skip_blanks(p);
    if (at_end(p))
        return refuse(p, PROV_D_PATH_PREDICATE_OPEN, open);
    if (peek(p, 0) != '=')
        return refuse(p, PROV_D_PATH_PREDICATE, p->pos);
    p->pos++;
    skip_blanks(p);
    if (at_end(p))
        return refuse(p, PROV_D_PATH_PREDICATE_OPEN, open);
    const char quote = peek(p, 0);
    const size_t from = p->pos + 1;

    if (quote != '\'' && quote != '"')
        return refuse(p, PROV_D_PATH_PREDICATE, p->pos);
    const char *to = memchr(p->text.ptr + from, quote, p->text.len - from);

    if (to == NULL)
        return refuse(p, PROV_D_PATH_QUOTE_OPEN, p->pos);
    p->pos = (size_t)(to - p->text.ptr) + 1;
    *value = prov_str_cut(p->text, from, p->pos - 1);
    return PROV_OK;
}

static enum prov_status
read_position(struct parser *p, uint32_t *position)
{
    const size_t from = p->pos;
    uint64_t n = 0;

    for (; prov_is_digit(peek(p, 0)); p->pos++) {
        if (n <= UINT32_MAX)
            n = n * 10 + (uint64_t)(peek(p, 0) - '0');
    }
    if (n == 0 || n > UINT32_MAX)
        return refuse(p, PROV_D_PATH_POSITION, from);
    *position = (uint32_t)n;
    return PROV_OK;
}

/* `@name` or `@name='value'`. */
static enum prov_status
read_attribute_test(struct parser *p, size_t open, struct prov_path_predicate *out)
{
    p->pos++;
    skip_blanks(p);
    enum prov_status status = read_name(p, PROV_D_PATH_PREDICATE, &out->name);

    if (status != PROV_OK)
        return status;
    skip_blanks(p);
    out->test = PROV_PATH_HAS_ATTR;
    if (peek(p, 0) == ']' || at_end(p))
        return PROV_OK;
    out->test = PROV_PATH_ATTR_IS;
    return read_value(p, open, &out->value);
}

/* What stands between the brackets. */
static enum prov_status
read_test(struct parser *p, size_t open, struct prov_path_predicate *out)
{
    const char c = peek(p, 0);

    if (prov_is_digit(c)) {
        out->test = PROV_PATH_POSITION;
        return read_position(p, &out->position);
    }
    if (c == '@')
        return read_attribute_test(p, open, out);
    if (c == '.') {
        if (peek(p, 1) == '.')
            return refuse(p, PROV_D_PATH_DOTS, p->pos);
        p->pos++;
        out->test = PROV_PATH_SELF_IS;
        return read_value(p, open, &out->value);
    }
    enum prov_status status = read_name(p, PROV_D_PATH_PREDICATE, &out->name);

    if (status != PROV_OK)
        return status;
    out->test = PROV_PATH_CHILD_IS;
    return read_value(p, open, &out->value);
}

/* The read position is behind the `[`. */
static enum prov_status
read_predicate(struct parser *p)
{
    const size_t open = p->pos - 1;
    struct prov_path_predicate one = { .test = PROV_PATH_POSITION };

    if (p->predicate_count == p->predicate_cap)
        return too_long(p);
    skip_blanks(p);
    if (at_end(p))
        return refuse(p, PROV_D_PATH_PREDICATE_OPEN, open);
    enum prov_status status = read_test(p, open, &one);

    if (status != PROV_OK)
        return status;
    skip_blanks(p);
    if (at_end(p))
        return refuse(p, PROV_D_PATH_PREDICATE_OPEN, open);
    if (peek(p, 0) != ']')
        return refuse(p, PROV_D_PATH_PREDICATE, p->pos);
    p->pos++;
    p->predicates[p->predicate_count++] = one;
    return PROV_OK;
}

/* A name, or an asterisk where it is allowed. */
static enum prov_status
read_step_name(struct parser *p, struct prov_str *name)
{
    if (peek(p, 0) != '*') {
        if (!starts_name(peek(p, 0)))
            return foreign(p, PROV_D_PATH_NAME);
        return read_name(p, PROV_D_PATH_NAME, name);
    }
    if (p->step_count == 0)
        return refuse(p, PROV_D_PATH_FIRST_STEP, p->pos);
    *name = prov_str_cut(p->text, p->pos, p->pos + 1);
    p->pos++;
    return PROV_OK;
}

/* The read position is behind the `/`. */
static enum prov_status
read_step(struct parser *p)
{
    struct prov_path_step step = { .column = (uint32_t)p->pos + 1,
                                   .predicate_first = p->predicate_count };

    if (p->step_count == p->step_cap)
        return too_long(p);
    enum prov_status status = read_step_name(p, &step.name);

    while (status == PROV_OK && peek(p, 0) == '[') {
        p->pos++;
        status = read_predicate(p);
    }
    step.predicate_count = p->predicate_count - step.predicate_first;
    if (status == PROV_OK)
        p->steps[p->step_count++] = step;
    return status;
}

static enum prov_status
read_path(struct parser *p)
{
    if (at_end(p))
        return refuse(p, PROV_D_PATH_EMPTY, 0);
    if (peek(p, 0) != '/')
        return refuse(p, PROV_D_PATH_RELATIVE, 0);
    while (!at_end(p)) {
        if (peek(p, 0) != '/')
            return foreign(p, PROV_D_PATH_BAD_BYTE);
        p->pos++;
        if (at_end(p) && p->step_count > 0)
            break; /* a trailing slash */
        if (at_end(p))
            return refuse(p, PROV_D_PATH_EMPTY, 0);
        const enum prov_status status = read_step(p);

        if (status != PROV_OK)
            return status;
    }
    return PROV_OK;
}

/* Room for as many entries as the text can hold, at most the limit. */
static uint32_t
count_byte(struct prov_str text, char c, uint32_t limit)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    uint32_t n = 0;

    while (n < limit && at < end && (at = memchr(at, c, (size_t)(end - at))) != NULL) {
        at++;
        n++;
    }
    return n;
}

static enum prov_status
take_room(struct parser *p, struct prov_arena *scratch)
{
    p->step_cap = count_byte(p->text, '/', p->limit);
    p->predicate_cap = count_byte(p->text, '[', p->limit);
    p->steps = prov_arena_scratch(scratch, p->step_cap * sizeof(*p->steps), sizeof(void *));
    if (p->steps != NULL)
        p->predicates =
            prov_arena_scratch(scratch, p->predicate_cap * sizeof(*p->predicates), sizeof(void *));
    if (p->predicates != NULL)
        return PROV_OK;
    if (p->diag != NULL) {
        *p->diag = (struct prov_diag){ .status = PROV_E_SPACE,
                                       .code = PROV_D_NO_ARENA_SPACE,
                                       .need = scratch->need };
    }
    return PROV_E_SPACE;
}

enum prov_status
prov_path_parse(struct prov_str text, const struct prov_limits *limits, struct prov_arena *scratch,
                struct prov_path *out, struct prov_diag *diag)
{
    struct parser p = { .text = text, .diag = diag };

    if (limits == NULL || scratch == NULL || out == NULL || (text.ptr == NULL && text.len > 0) ||
        text.len >= UINT32_MAX) {
        if (diag != NULL)
            *diag = (struct prov_diag){ .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };
        return PROV_E_ARG;
    }
    const size_t mark = prov_arena_mark(scratch);

    p.limit = limits->path_steps;
    enum prov_status status = take_room(&p, scratch);

    if (status == PROV_OK)
        status = read_path(&p);
    if (status != PROV_OK) {
        prov_arena_release(scratch, mark);
        return status;
    }
    *out = (struct prov_path){ text, p.steps, p.step_count, p.predicates, p.predicate_count };
    return PROV_OK;
}

/* Everything one call of prov_path_find() needs. */
struct finder {
    struct prov_xml *x;
    const struct prov_path *path;
    uint32_t *passed; /* per predicate: elements of the present list that came to it */
    uint32_t *sole;   /* per step: 1 if its candidate was found by a key that no other one has */
    uint32_t level;   /* step that is being matched */
    uint32_t deepest; /* step that was looked for and, so far, not hit */
    uint32_t node;    /* candidate for that step */
};

static const struct prov_path_step *
step_of(const struct finder *f)
{
    return &f->path->steps[f->level];
}

/* The test that an index can answer: a named element, first of all asked for an attribute. */
static const struct prov_path_predicate *
key_of(const struct finder *f)
{
    const struct prov_path_step *s = step_of(f);
    const struct prov_path_predicate *p = &f->path->predicates[s->predicate_first];

    if (prov_str_eq(s->name, (struct prov_str)PROV_STR_INIT("*")) || s->predicate_count == 0 ||
        p->test != PROV_PATH_ATTR_IS)
        return NULL;
    return p;
}

static bool
has_child_with(const struct prov_xml *x, uint32_t node, const struct prov_path_predicate *p)
{
    for (uint32_t c = prov_xml_first(x, node); c != PROV_XML_NONE; c = prov_xml_next(x, c)) {
        if (prov_xml_is(x, c, p->name) && prov_xml_text_is(x, c, p->value))
            return true;
    }
    return false;
}

bool
prov_path_test_holds(const struct prov_xml *x, uint32_t node, const struct prov_path_predicate *p,
                     uint32_t nth)
{
    struct prov_str raw;

    switch (p->test) {
    case PROV_PATH_ATTR_IS:
        return prov_xml_attr(x, node, p->name, &raw) && prov_xml_raw_is(raw, p->value);
    case PROV_PATH_HAS_ATTR:
        return prov_xml_attr(x, node, p->name, &raw);
    case PROV_PATH_POSITION:
        return nth == p->position;
    case PROV_PATH_CHILD_IS:
        return has_child_with(x, node, p);
    case PROV_PATH_SELF_IS:
        return prov_xml_text_is(x, node, p->value);
    }
    return false;
}

/* The candidate passes its step. Called once for each element of a list, in order. */
static bool
candidate_passes(struct finder *f)
{
    const struct prov_path_step *s = step_of(f);

    /* What was found by its key has the name and passes the first test. */
    const uint32_t sole = f->sole[f->level];

    if (sole == 0 && !prov_str_eq(s->name, (struct prov_str)PROV_STR_INIT("*")) &&
        !prov_xml_is(f->x, f->node, s->name))
        return false;
    for (uint32_t i = s->predicate_first + sole; i < s->predicate_first + s->predicate_count; i++) {
        f->passed[i]++;
        if (!prov_path_test_holds(f->x, f->node, &f->path->predicates[i], f->passed[i]))
            return false;
    }
    return true;
}

/* Enter the list below a parent: its first candidate for the present step. */
static void
enter(struct finder *f, uint32_t parent)
{
    const struct prov_path_step *s = step_of(f);
    const struct prov_path_predicate *key = key_of(f);
    uint32_t hits = 2;

    if (f->level > f->deepest)
        f->deepest = f->level;
    for (uint32_t i = 0; i < s->predicate_count; i++)
        f->passed[s->predicate_first + i] = 0;
    f->node = PROV_XML_NONE;
    if (key != NULL)
        f->node = prov_xml_find_keyed(f->x, parent, s->name, key->name, key->value, &hits);
    if (hits > 1)
        f->node = prov_xml_first(f->x, parent);
    f->sole[f->level] = hits == 1;
}

/* The next candidate of the present list. */
static void
advance(struct finder *f)
{
    f->node = f->sole[f->level] == 0 ? prov_xml_next(f->x, f->node) : PROV_XML_NONE;
}

/* Walk the elements that the steps allow, depth first, by parent links. At most 2 hits. */
static uint32_t
count_hits(struct finder *f, uint32_t root, uint32_t *hit)
{
    uint32_t hits = 0;
    uint32_t parent = root;

    enter(f, root);
    for (;;) {
        if (f->node == PROV_XML_NONE) {
            if (f->level == 0)
                return hits;
            f->level--;
            f->node = parent;
            parent = prov_xml_parent(f->x, parent);
            advance(f);
        } else if (!candidate_passes(f)) {
            advance(f);
        } else if (f->level + 1 < f->path->step_count) {
            parent = f->node;
            f->level++;
            enter(f, parent);
        } else {
            *hit = hits == 0 ? f->node : *hit;
            if (++hits == 2)
                return hits;
            advance(f);
        }
    }
}

static enum prov_status
found_not(const struct prov_path *path, enum prov_status status, enum prov_diag_code code,
          uint32_t column, struct prov_diag *diag)
{
    if (diag != NULL) {
        *diag = (struct prov_diag){
            .status = status, .code = code, .column = column, .path = path->text
        };
    }
    return status;
}

enum prov_status
prov_path_find(struct prov_xml *x, uint32_t root, const struct prov_path *path, uint32_t *node,
               struct prov_diag *diag)
{
    struct finder f = { .x = x, .path = path };
    uint32_t hit = PROV_XML_NONE;

    if (x == NULL || path == NULL || node == NULL || path->step_count == 0 ||
        root == PROV_XML_NONE || root > x->node_count) {
        if (diag != NULL)
            *diag = (struct prov_diag){ .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };
        return PROV_E_ARG;
    }
    const size_t mark = prov_arena_mark(x->arena);

    const size_t counters = (size_t)path->predicate_count + path->step_count;

    f.passed = prov_arena_scratch(x->arena, counters * sizeof(*f.passed), sizeof(*f.passed));
    if (f.passed == NULL) {
        if (diag != NULL)
            *diag = (struct prov_diag){ .status = PROV_E_SPACE,
                                        .code = PROV_D_NO_ARENA_SPACE,
                                        .need = x->arena->need };
        return PROV_E_SPACE;
    }
    f.sole = f.passed + path->predicate_count;
    const uint32_t hits = count_hits(&f, root, &hit);

    prov_arena_release(x->arena, mark);
    if (hits == 0)
        return found_not(path, PROV_E_NO_MATCH, PROV_D_PATH_NO_MATCH, path->steps[f.deepest].column,
                         diag);
    if (hits > 1)
        return found_not(path, PROV_E_AMBIGUOUS, PROV_D_PATH_AMBIGUOUS,
                         path->steps[path->step_count - 1].column, diag);
    *node = hit;
    return PROV_OK;
}
