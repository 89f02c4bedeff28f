/* SPDX-License-Identifier: MIT */
#include "core/rfc5261_work.h"

/* Everything one call of prov_sel_parse() needs. */
struct parser {
    struct prov_xml *x;
    uint32_t root, operation;
    struct prov_str text;
    size_t pos; /* next unread byte */
    struct prov_sel sel;
    uint32_t step_cap, test_cap;
    struct prov_sel_error *error;
};

static enum prov_status
refuse(const struct parser *p, enum prov_diag_code code, size_t at)
{
    *p->error = (struct prov_sel_error){ .code = code, .at = at };
    return PROV_E_INVALID;
}

static enum prov_status
malformed(const struct parser *p)
{
    return refuse(p, PROV_D_DIFF_SELECTOR, p->pos);
}

/* The byte at the read position plus n; NUL, which no XML text holds, at the end. */
static char
peek(const struct parser *p, size_t n)
{
    return n < p->text.len - p->pos ? p->text.ptr[p->pos + n] : '\0';
}

static bool
take(struct parser *p, struct prov_str word)
{
    if (p->text.len - p->pos < word.len || memcmp(p->text.ptr + p->pos, word.ptr, word.len) != 0)
        return false;
    p->pos += word.len;
    return true;
}

static bool
take_char(struct parser *p, char c)
{
    const bool is_there = peek(p, 0) == c;

    p->pos += is_there;
    return is_there;
}

static void
skip_blanks(struct parser *p)
{
    while (prov_is_blank(peek(p, 0)))
        p->pos++;
}

static bool
starts_name(char c)
{
    return prov_is_alpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool
in_name(char c)
{
    return starts_name(c) || prov_is_digit(c) || c == '-' || c == '.';
}

/* A name without a colon; empty if there is none. */
static struct prov_str
take_part(struct parser *p)
{
    const size_t from = p->pos;

    if (starts_name(peek(p, 0))) {
        while (in_name(peek(p, 0)))
            p->pos++;
    }
    return prov_str_cut(p->text, from, p->pos);
}

/* A name with its prefix made a URI. No prefix: the default namespace of the operation for
 * elements, none for attributes. */
static enum prov_status
take_name(struct parser *p, bool of_element, struct prov_sel_name *out)
{
    const size_t from = p->pos;
    struct prov_str prefix = { NULL, 0 };

    *out = (struct prov_sel_name){ .local = take_part(p) };
    if (out->local.len > 0 && peek(p, 0) == ':' && peek(p, 1) != ':') {
        prefix = out->local;
        p->pos++;
        out->local = take_part(p);
    }
    if (out->local.len == 0)
        return malformed(p);
    if (prefix.len == 0 && !of_element)
        return PROV_OK;
    if (prov_ns_find(p->x, p->operation, prefix, &out->uri))
        return PROV_OK;
    refuse(p, PROV_D_DIFF_PREFIX, from);
    p->error->subject = prefix;
    return PROV_E_INVALID;
}

static enum prov_status
take_quoted(struct parser *p, struct prov_str *value)
{
    const char quote = peek(p, 0);
    const size_t from = p->pos + 1;

    if (quote != '\'' && quote != '"')
        return malformed(p);
    const char *to = memchr(p->text.ptr + from, quote, p->text.len - from);

    if (to == NULL)
        return malformed(p);
    p->pos = (size_t)(to - p->text.ptr) + 1;
    *value = prov_str_cut(p->text, from, p->pos - 1);
    return PROV_OK;
}

static enum prov_status
take_position(struct parser *p, uint32_t *position)
{
    uint64_t n = 0;

    for (; prov_is_digit(peek(p, 0)); p->pos++) {
        if (n <= UINT32_MAX)
            n = n * 10 + (uint64_t)(peek(p, 0) - '0');
    }
    if (n == 0 || n > UINT32_MAX)
        return malformed(p);
    *position = (uint32_t)n;
    return PROV_OK;
}

/* ---- Predicates ---- */

/* `='value'`, with blanks around. */
static enum prov_status
take_value(struct parser *p, struct prov_str *value)
{
    skip_blanks(p);
    if (!take_char(p, '='))
        return malformed(p);
    skip_blanks(p);
    return take_quoted(p, value);
}

static enum prov_status
take_test(struct parser *p, struct prov_sel_test *out)
{
    enum prov_status status = PROV_OK;

    if (prov_is_digit(peek(p, 0))) {
        out->kind = PROV_SEL_POSITION;
        return take_position(p, &out->position);
    }
    if (take_char(p, '.')) {
        out->kind = PROV_SEL_SELF_IS;
    } else if (take_char(p, '@')) {
        out->kind = PROV_SEL_ATTRIBUTE_IS;
        status = take_name(p, false, &out->name);
    } else {
        out->kind = PROV_SEL_CHILD_IS;
        status = take_name(p, true, &out->name);
    }
    return status == PROV_OK ? take_value(p, &out->value) : status;
}

static enum prov_status
too_long(const struct parser *p)
{
    refuse(p, PROV_D_PATH_TOO_LONG, p->pos);
    return PROV_E_LIMIT;
}

static enum prov_status
take_tests(struct parser *p, struct prov_sel_step *step)
{
    enum prov_status status = PROV_OK;

    step->test_first = p->sel.test_count;
    while (status == PROV_OK && take_char(p, '[')) {
        struct prov_sel_test test = { .kind = PROV_SEL_POSITION };

        if (p->sel.test_count == p->test_cap)
            return too_long(p);
        skip_blanks(p);
        status = take_test(p, &test);
        skip_blanks(p);
        if (status == PROV_OK && !take_char(p, ']'))
            return malformed(p);
        p->sel.tests[p->sel.test_count++] = test;
    }
    step->test_count = p->sel.test_count - step->test_first;
    return status;
}

/* ---- Parts between slashes ---- */

static enum prov_status
take_step(struct parser *p)
{
    struct prov_sel_step step = { .name = { .any = take_char(p, '*') } };
    enum prov_status status = PROV_OK;

    if (p->sel.step_count == p->step_cap)
        return too_long(p);
    if (!step.name.any)
        status = take_name(p, true, &step.name);
    if (status == PROV_OK)
        status = take_tests(p, &step);
    if (status == PROV_OK)
        p->sel.steps[p->sel.step_count++] = step;
    return status;
}

/* Behind `text()` and the like: a position may follow. */
static enum prov_status
take_last_position(struct parser *p)
{
    if (!take_char(p, '['))
        return PROV_OK;
    const enum prov_status status = take_position(p, &p->sel.position);

    return status == PROV_OK && !take_char(p, ']') ? malformed(p) : status;
}

static enum prov_status
take_instruction(struct parser *p)
{
    enum prov_status status = PROV_OK;

    p->sel.target = PROV_SEL_INSTRUCTION;
    if (peek(p, 0) != ')')
        status = take_quoted(p, &p->sel.name.local);
    if (status == PROV_OK && !take_char(p, ')'))
        status = malformed(p);
    return status == PROV_OK ? take_last_position(p) : status;
}

/* What only the end of a selector can be; PROV_SEL_ELEMENT stays if it is a step. */
static enum prov_status
take_last(struct parser *p)
{
    static const struct prov_str text = PROV_STR_INIT("text()"),
                                 comment = PROV_STR_INIT("comment()"),
                                 instruction = PROV_STR_INIT("processing-instruction("),
                                 axis = PROV_STR_INIT("namespace::");

    if (take_char(p, '@')) {
        p->sel.target = PROV_SEL_ATTRIBUTE;
        return take_name(p, false, &p->sel.name);
    }
    if (take(p, axis)) {
        p->sel.target = PROV_SEL_NAMESPACE;
        p->sel.name.local = take_part(p);
        return p->sel.name.local.len > 0 ? PROV_OK : malformed(p);
    }
    if (take(p, instruction))
        return take_instruction(p);
    if (take(p, text))
        p->sel.target = PROV_SEL_TEXT;
    else if (take(p, comment))
        p->sel.target = PROV_SEL_COMMENT;
    else
        return take_step(p);
    return take_last_position(p);
}

static bool
has_xml_id(const struct prov_xml *x, uint32_t root, struct prov_str value)
{
    static const struct prov_str name = PROV_STR_INIT("xml:id");
    struct prov_str raw;

    for (uint32_t n = root; n != PROV_XML_NONE; n = prov_ns_walk(x, root, n)) {
        if (prov_xml_attr(x, n, name, &raw) && prov_xml_raw_is(raw, value))
            return true;
    }
    return false;
}

/* `id('v')`: settings have no document type, so nothing says which attributes are of that kind. */
static enum prov_status
refuse_id(struct parser *p)
{
    const size_t from = p->pos;
    struct prov_str value = { NULL, 0 };

    p->pos += 3;
    if ((peek(p, 0) != ')' && take_quoted(p, &value) != PROV_OK) || !take_char(p, ')'))
        return malformed(p);
    return refuse(
        p, value.len > 0 && has_xml_id(p->x, p->root, value) ? PROV_D_DIFF_XML_ID : PROV_D_DIFF_ID,
        from);
}

static enum prov_status
read_selector(struct parser *p)
{
    static const struct prov_str id = PROV_STR_INIT("id(");
    enum prov_status status = PROV_OK;

    (void)take_char(p, '/');
    if (take(p, id)) {
        p->pos -= id.len;
        return refuse_id(p);
    }
    do
        status = take_last(p);
    while (status == PROV_OK && p->sel.target == PROV_SEL_ELEMENT && take_char(p, '/'));
    if (status == PROV_OK && p->pos < p->text.len)
        return malformed(p);
    if (status != PROV_OK || p->sel.step_count > 0)
        return status;
    /* What stands beside the root element is not part of the settings. */
    return refuse(
        p, p->sel.target < PROV_SEL_ATTRIBUTE ? PROV_D_DIFF_PROLOG : PROV_D_DIFF_UNLOCATED, 0);
}

/* Room for as many entries as the text can hold, at most the limit. */
static uint32_t
count_byte(struct prov_str text, char c, uint32_t from, uint32_t limit)
{
    uint32_t n = from;

    for (size_t i = 0; i < text.len && n < limit; i++)
        n += text.ptr[i] == c;
    return n;
}

enum prov_status
prov_sel_parse(struct prov_xml *x, uint32_t root, uint32_t operation, struct prov_str text,
               struct prov_sel *out, struct prov_sel_error *error)
{
    const uint32_t limit = x->limits.path_steps;
    struct parser p = {
        .x = x, .root = root, .operation = operation, .text = text, .error = error
    };
    const size_t mark = prov_arena_mark(x->arena);

    p.step_cap = count_byte(text, '/', 1, limit);
    p.test_cap = count_byte(text, '[', 0, limit);
    p.sel.steps = prov_arena_scratch(x->arena, p.step_cap * sizeof(*p.sel.steps), sizeof(void *));
    if (p.sel.steps != NULL)
        p.sel.tests =
            prov_arena_scratch(x->arena, p.test_cap * sizeof(*p.sel.tests), sizeof(void *));
    const enum prov_status status = p.sel.tests != NULL ? read_selector(&p) : PROV_E_SPACE;

    if (status == PROV_OK)
        *out = p.sel;
    else
        prov_arena_release(x->arena, mark);
    return status;
}
