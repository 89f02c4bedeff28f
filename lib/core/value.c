/* SPDX-License-Identifier: MIT */
#include "core/pattern.h"
#include "core/schema_walk.h"

static const struct prov_str booleans[] = {
    PROV_STR_INIT("true"),
    PROV_STR_INIT("false"),
    PROV_STR_INIT("1"),
    PROV_STR_INIT("0"),
};

/* Bytes of a value, or of one item of a list. */
struct reader {
    struct prov_xml_chars *chars;
    int held; /* read ahead; -1: nothing */
    bool item;
};

struct verdict {
    enum prov_diag_code code;
    size_t need;
};

static const struct verdict good = { PROV_D_NONE, 0 };

static int
next(struct reader *r)
{
    int b = r->held;

    r->held = -1;
    if (b < 0)
        b = prov_xml_chars_next(r->chars);
    if (!r->item || b < 0 || !prov_is_blank((char)b))
        return b;
    r->held = b;
    return -1;
}

static bool
blank(int b)
{
    return b >= 0 && prov_is_blank((char)b);
}

static int
next_after_blanks(struct reader *r)
{
    int b = next(r);

    while (blank(b))
        b = next(r);
    return b;
}

/* The limit as a number to print. */
static struct verdict
beyond(int64_t limit, enum prov_diag_code code)
{
    const struct verdict v = { limit < 0 ? PROV_D_SCHEMA_RANGE : code,
                               limit < 0 ? 0 : (size_t)limit };

    return v;
}

static struct verdict
check_count(const struct prov_value_type *t, uint64_t count)
{
    const bool list = t->kind == PROV_VALUE_LIST;

    if (t->max > 0 && count > (uint64_t)t->max)
        return beyond(t->max, list ? PROV_D_SCHEMA_LIST_LONG : PROV_D_SCHEMA_TOO_LONG);
    if (t->min > 0 && count < (uint64_t)t->min)
        return beyond(t->min, list ? PROV_D_SCHEMA_LIST_SHORT : PROV_D_SCHEMA_TOO_SHORT);
    return good;
}

static bool
starts_character(int b)
{
    return (b & 0xC0) != 0x80;
}

static struct verdict
check_string(const struct prov_value_type *t, struct reader *r)
{
    uint64_t count = 0;

    for (int b = next(r); b >= 0; b = next(r))
        count += starts_character(b);
    return check_count(t, count);
}

static struct verdict
check_int(const struct prov_value_type *t, struct reader *r)
{
    const struct verdict wrong = { PROV_D_SCHEMA_NOT_INT, 0 };
    const int64_t most = INT64_MAX / 10 - 1; /* beyond any limit once another digit is added */
    int b = next_after_blanks(r);
    const bool negative = b == '-';
    int64_t n = 0;

    if (b == '-' || b == '+')
        b = next(r);
    if (b < 0 || !prov_is_digit((char)b))
        return wrong;
    for (; b >= 0 && prov_is_digit((char)b); b = next(r))
        n = n > most ? INT64_MAX : n * 10 + (b - '0');
    while (blank(b))
        b = next(r);
    if (b >= 0)
        return wrong;
    n = negative ? -n : n;
    if (n < t->min)
        return beyond(t->min, PROV_D_SCHEMA_TOO_LOW);
    return n > t->max ? beyond(t->max, PROV_D_SCHEMA_TOO_HIGH) : good;
}

static struct verdict
check_word(const struct prov_str *words, size_t count, struct reader *r, enum prov_diag_code code)
{
    const struct verdict wrong = { code, 0 };
    char mem[PROV_SCHEMA_WORD_BYTES];
    struct prov_str word = { mem, 0 };
    int b = next_after_blanks(r);

    for (; b >= 0 && !blank(b) && word.len < sizeof(mem); b = next(r))
        mem[word.len++] = (char)b;
    while (blank(b))
        b = next(r);
    for (size_t i = 0; i < count && b < 0; i++) {
        if (prov_str_eq(words[i], word))
            return good;
    }
    return wrong;
}

static enum prov_status
check_pattern(const struct prov_value_type *t, struct reader *r, struct verdict *v)
{
    const struct verdict wrong = { PROV_D_SCHEMA_PATTERN, 0 };
    struct prov_pattern pattern;
    struct prov_pattern_run run;
    uint64_t count = 0;

    if (!prov_pattern_compile(t->pattern, &pattern))
        return PROV_E_ARG;
    prov_pattern_begin(&run, &pattern);
    for (int b = next(r); b >= 0; b = next(r)) {
        count += starts_character(b);
        prov_pattern_feed(&run, (unsigned char)b);
    }
    *v = check_count(t, count);
    if (v->code == PROV_D_NONE && !prov_pattern_end(&run))
        *v = wrong;
    return PROV_OK;
}

/* Reads up to the end, unless it is wrong. */
static enum prov_status
check_one(const struct prov_value_type *t, struct reader *r, struct verdict *v)
{
    switch (t->kind) {
    case PROV_VALUE_ANY:
    case PROV_VALUE_LIST:
        while (next(r) >= 0)
            continue;
        break;
    case PROV_VALUE_STRING:
        *v = check_string(t, r);
        break;
    case PROV_VALUE_INT:
        *v = check_int(t, r);
        break;
    case PROV_VALUE_BOOL:
        *v = check_word(booleans, 4, r, PROV_D_SCHEMA_NOT_BOOL);
        break;
    case PROV_VALUE_ENUM:
        *v = check_word(t->words, t->word_count, r, PROV_D_SCHEMA_ENUM);
        break;
    case PROV_VALUE_PATTERN:
        return check_pattern(t, r, v);
    }
    return PROV_OK;
}

static enum prov_status
check_list(const struct prov_value_type *t, struct prov_xml_chars *chars, struct verdict *v)
{
    struct reader r = { chars, -1, false };
    enum prov_status status = PROV_OK;
    uint64_t count = 0;

    for (;;) {
        r.item = false;
        r.held = next_after_blanks(&r);
        if (r.held < 0)
            break;
        r.item = true;
        count++;
        status = check_one(t->item, &r, v);
        if (status != PROV_OK || v->code != PROV_D_NONE)
            return status;
    }
    *v = check_count(t, count);
    return PROV_OK;
}

static bool
is_blank(struct prov_xml_chars chars)
{
    struct reader r = { &chars, -1, false };

    return next_after_blanks(&r) < 0;
}

enum prov_status
prov_value_check(const struct prov_value_type *type, struct prov_xml_chars *chars,
                 enum prov_diag_code *code, size_t *need)
{
    struct reader r = { chars, -1, false };
    enum prov_status status = PROV_OK;
    struct verdict v = good;

    if (type->kind != PROV_VALUE_ANY && (!type->may_be_blank || !is_blank(*chars)))
        status =
            type->kind == PROV_VALUE_LIST ? check_list(type, chars, &v) : check_one(type, &r, &v);
    *code = v.code;
    *need = v.need;
    return status;
}

static bool
words_are_sound(const struct prov_value_type *t)
{
    for (size_t i = 0; i < t->word_count; i++) {
        const struct prov_str word = t->words[i];

        if (word.len == 0 || word.len > PROV_SCHEMA_WORD_BYTES ||
            prov_str_trim(word).len != word.len)
            return false;
    }
    return t->word_count > 0 && t->words != NULL;
}

bool
prov_value_type_is_sound(const struct prov_value_type *type)
{
    const bool limits = type->min >= 0 && (type->max == 0 || type->min <= type->max);
    struct prov_pattern pattern;

    switch (type->kind) {
    case PROV_VALUE_ANY:
    case PROV_VALUE_BOOL:
        return true;
    case PROV_VALUE_STRING:
        return limits;
    case PROV_VALUE_INT:
        return type->min <= type->max;
    case PROV_VALUE_ENUM:
        return words_are_sound(type);
    case PROV_VALUE_PATTERN:
        return limits && prov_pattern_compile(type->pattern, &pattern);
    case PROV_VALUE_LIST:
        return limits && type->item != NULL && type->item->kind != PROV_VALUE_LIST;
    }
    return false;
}

/* ---- Versions ---- */

/* One number of a version; false if there is none. */
static bool
read_number(struct prov_str text, size_t *at, uint32_t *out)
{
    uint64_t n = 0;
    const size_t from = *at;

    for (; *at < text.len && prov_is_digit(text.ptr[*at]) && n <= UINT32_MAX; ++*at)
        n = n * 10 + (uint64_t)(text.ptr[*at] - '0');
    *out = (uint32_t)n;
    return *at > from && n <= UINT32_MAX;
}

bool
prov_version_parse(struct prov_str text, struct prov_version *out)
{
    uint32_t numbers[3] = { 0, 0, 0 };
    size_t at = 0;

    text = prov_str_trim(text);
    for (size_t i = 0; i < 3; i++) {
        if (!read_number(text, &at, &numbers[i]))
            return false;
        if (at == text.len)
            break;
        if (text.ptr[at++] != '.' || i == 2)
            return false;
    }
    if (out != NULL)
        *out = (struct prov_version){ numbers[0], numbers[1], numbers[2] };
    return true;
}

int
prov_version_compare(struct prov_version a, struct prov_version b)
{
    const uint32_t left[3] = { a.major, a.minor, a.patch };
    const uint32_t right[3] = { b.major, b.minor, b.patch };

    for (size_t i = 0; i < 3; i++) {
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}
