/* SPDX-License-Identifier: MIT */
#include <prov/schema.h>

#include "core/pattern.h"
#include "fuzz_in.h"

/*
 * Input: two strings with length bytes, a pattern and a text; then a section. The table has one
 * element of each kind; `form` asks for the pattern, if that is well formed.
 */

#define MEMORY (1u << 19)

static bool
matches(const struct prov_pattern *p, struct prov_str text)
{
    struct prov_pattern_run run;

    prov_pattern_begin(&run, p);
    for (size_t i = 0; i < text.len; i++)
        prov_pattern_feed(&run, (unsigned char)text.ptr[i]);
    return prov_pattern_end(&run);
}

/* Matches anywhere exactly if it matches with anything before and after it. */
static bool
check_pattern(struct prov_str pattern, struct prov_str text)
{
    struct prov_pattern p, wide;
    char mem[96];
    const int n = snprintf(mem, sizeof(mem), "^(.*)(%.*s)(.*)$", (int)pattern.len, pattern.ptr);

    if (!prov_pattern_compile(pattern, &p))
        return false;
    FUZZ_CHECK(p.count > 0 && p.count <= PROV_PATTERN_MOST);
    const bool hit = matches(&p, text);

    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) /* `.` stands for whole characters */
            return true;
    }
    if (memchr(pattern.ptr, 0, pattern.len) == NULL &&
        prov_pattern_compile((struct prov_str){ mem, (size_t)n }, &wide))
        FUZZ_CHECK(matches(&wide, text) == hit);
    return true;
}

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define LEAF(n, t) \
    { \
        .name = PROV_STR_INIT(n), .max = 3, .text = &(t) \
    }

static const struct prov_value_type any = { .kind = PROV_VALUE_ANY };
static const struct prov_value_type name = { .kind = PROV_VALUE_STRING, .min = 1, .max = 5 };
static const struct prov_value_type number = { .kind = PROV_VALUE_INT, .min = -9, .max = 300 };
static const struct prov_value_type flag = { .kind = PROV_VALUE_BOOL, .may_be_blank = true };
static const struct prov_str words[] = { PROV_STR_INIT("red"), PROV_STR_INIT("blue") };
static const struct prov_value_type word = { .kind = PROV_VALUE_ENUM,
                                             .words = words,
                                             .word_count = 2 };
static const struct prov_value_type numbers = { .kind = PROV_VALUE_LIST,
                                                .max = 3,
                                                .item = &number };
static const struct prov_schema_attribute attributes[] = {
    { PROV_STR_INIT("id"), true, &name },
    { PROV_STR_INIT("n"), false, &number },
};
static const struct prov_schema_element members[] = {
    { .name = PROV_STR_INIT("m"),
      .min = 1,
      .max = 20,
      .attributes = attributes,
      .attribute_count = 2,
      .text = &any,
      .key = PROV_STR_INIT("id") },
};

static uint32_t
count_lines(struct prov_str text)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n' || text.ptr[i] == '\r';
    return lines;
}

/* What is said of a violation can be shown, and is about this text. */
static void
check_diag(const struct prov_diag *diag, struct prov_str text)
{
    char mem[4096];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    FUZZ_CHECK(diag->status == PROV_E_INVALID);
    FUZZ_CHECK(diag->code >= PROV_D_SCHEMA_UNKNOWN_ELEMENT && diag->code < PROV_D_SCHEMA_NONE);
    FUZZ_CHECK(diag->line >= 1 && diag->line <= count_lines(text) && diag->column >= 1);
    FUZZ_CHECK(diag->subject.len > 0 && diag->path.len <= 1024);
    FUZZ_CHECK(diag->path.len == 0 ? text.len > 1000 : diag->path.ptr[0] == '/');
    FUZZ_CHECK(diag->path.len == 0 || memchr(diag->path.ptr, '"', diag->path.len) == NULL);
    FUZZ_CHECK(prov_diag_format(diag, &out) == PROV_OK);
}

static void
check_section(void *memory, struct prov_str text, const struct prov_schema *schema)
{
    static const struct prov_limits limits = { .size = sizeof(limits), .xml_nodes = 512 };
    struct prov_diag diag = { 0 }, again = { 0 };
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;

    prov_arena_init(&arena, memory, MEMORY);
    FUZZ_CHECK(prov_xml_init(&x, &arena, &limits, NULL, 1) == PROV_OK);
    if (prov_xml_parse(&x, prov_str_z("f"), text, &root, NULL) != PROV_OK)
        return;
    const enum prov_status st = prov_schema_check(&x, root, schema, &diag);

    FUZZ_CHECK(st == PROV_OK || st == PROV_E_INVALID);
    FUZZ_CHECK(arena.scratch == 0);
    if (st == PROV_E_INVALID)
        check_diag(&diag, text);
    FUZZ_CHECK(prov_schema_check(&x, root, schema, &again) == st && again.code == diag.code);
    FUZZ_CHECK(prov_schema_check(&x, root, schema, NULL) == st);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    const struct prov_str pattern = fuzz_str(&in, 48), text = fuzz_str(&in, 64);
    const bool good = check_pattern(pattern, text);
    const struct prov_value_type form = { .kind = PROV_VALUE_PATTERN, .pattern = pattern };
    const struct prov_schema_element children[] = {
        LEAF("any", any),
        LEAF("name", name),
        LEAF("number", number),
        LEAF("flag", flag),
        LEAF("word", word),
        LEAF("numbers", numbers),
        { .name = PROV_STR_INIT("list"), .max = 2, .children = members, .child_count = 1 },
        { .name = PROV_STR_INIT("part"),
          .max = 9,
          .flags = PROV_SCHEMA_NUMBERED | PROV_SCHEMA_OPEN,
          .children = members,
          .child_count = 1 },
        { .name = PROV_STR_INIT("free"), .max = 9, .flags = PROV_SCHEMA_FREE },
        { .name = PROV_STR_INIT("form"), .max = 9, .text = good ? &form : &any },
    };
    const struct prov_schema schema = {
        { 1, 0, 0 },
        { .name = PROV_STR_INIT("s"), .children = children, .child_count = SIZE(children) }
    };
    void *memory = malloc(MEMORY);
    const struct prov_str rest = fuzz_rest(&in);
    char *exact = malloc(rest.len > 0 ? rest.len : 1);

    FUZZ_CHECK(memory != NULL && exact != NULL);
    FUZZ_CHECK(prov_schema_verify(&schema, NULL) == PROV_OK);
    if (rest.len > 0)
        memcpy(exact, rest.ptr, rest.len);
    check_section(memory, (struct prov_str){ exact, rest.len }, &schema);
    free(exact);
    free(memory);
    return 0;
}
