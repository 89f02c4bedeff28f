/* SPDX-License-Identifier: MIT */
#include <prov/schema.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define ARENA (1u << 20)

/* A made-up section with everything a table can say. */

static const struct prov_value_type any = { .kind = PROV_VALUE_ANY };
static const struct prov_value_type name = { .kind = PROV_VALUE_STRING, .min = 2, .max = 4 };
static const struct prov_value_type level = { .kind = PROV_VALUE_INT, .min = -5, .max = 300 };
static const struct prov_value_type port = { .kind = PROV_VALUE_INT, .min = 1, .max = 65535 };
static const struct prov_value_type flag = { .kind = PROV_VALUE_BOOL };
static const struct prov_value_type maybe = { .kind = PROV_VALUE_BOOL, .may_be_blank = true };
static const struct prov_str colours[] = { PROV_STR_INIT("red"), PROV_STR_INIT("blue") };
static const struct prov_value_type colour = { .kind = PROV_VALUE_ENUM,
                                               .words = colours,
                                               .word_count = 2 };
static const struct prov_value_type hex = { .kind = PROV_VALUE_PATTERN,
                                            .max = 6,
                                            .pattern = PROV_STR_INIT("^([0-9a-f][0-9a-f])+$") };
static const struct prov_value_type below = { .kind = PROV_VALUE_INT, .min = -9, .max = -2 };
static const struct prov_value_type ports = {
    .kind = PROV_VALUE_LIST, .min = 1, .max = 3, .item = &port
};
static const struct prov_value_type words = { .kind = PROV_VALUE_LIST, .item = &colour };
static const struct prov_value_type texts = { .kind = PROV_VALUE_LIST, .item = &name };
static const struct prov_value_type codes = { .kind = PROV_VALUE_LIST, .item = &hex };
static const struct prov_value_type things = { .kind = PROV_VALUE_LIST, .max = 2, .item = &any };

static const struct prov_schema_attribute member_attributes[] = {
    { PROV_STR_INIT("id"), true, &any },
    { PROV_STR_INIT("size"), false, &port },
    { PROV_STR_INIT("note"), false, NULL },
};
static const struct prov_schema_element member[] = {
    { .name = PROV_STR_INIT("on"), .min = 1, .text = &flag },
};
static const struct prov_schema_element list[] = {
    { .name = PROV_STR_INIT("member"),
      .min = 1,
      .max = 12,
      .attributes = member_attributes,
      .attribute_count = 3,
      .children = member,
      .child_count = 1,
      .key = PROV_STR_INIT("id") },
};
static const struct prov_schema_element open_children[] = {
    { .name = PROV_STR_INIT("port"), .text = &port },
};

#define LEAF(n, t) \
    { \
        .name = PROV_STR_INIT(n), .max = PROV_SCHEMA_MANY, .text = &(t) \
    }

static const struct prov_schema_element children[] = {
    { .name = PROV_STR_INIT("one"), .text = &any },
    { .name = PROV_STR_INIT("two"), .max = 2, .text = &any },
    LEAF("name", name),
    LEAF("level", level),
    LEAF("port", port),
    LEAF("flag", flag),
    LEAF("maybe", maybe),
    LEAF("colour", colour),
    LEAF("hex", hex),
    LEAF("below", below),
    LEAF("ports", ports),
    LEAF("words", words),
    LEAF("texts", texts),
    LEAF("codes", codes),
    LEAF("things", things),
    { .name = PROV_STR_INIT("list"), .children = list, .child_count = 1 },
    { .name = PROV_STR_INIT("module"),
      .max = PROV_SCHEMA_MANY,
      .flags = PROV_SCHEMA_NUMBERED,
      .children = list,
      .child_count = 1 },
    { .name = PROV_STR_INIT("free"), .flags = PROV_SCHEMA_FREE },
    { .name = PROV_STR_INIT("open"),
      .flags = PROV_SCHEMA_OPEN,
      .children = open_children,
      .child_count = 1 },
    { .name = PROV_STR_INIT("boot"), .flags = PROV_SCHEMA_RESTART, .text = &any },
    { .name = PROV_STR_INIT("nothing") },
};

static const struct prov_schema schema = {
    .version = { 2, 0, 0 },
    .section = { .name = PROV_STR_INIT("s"),
                 .children = children,
                 .child_count = PROV_COUNT(children) },
};

struct pool {
    unsigned char *memory;
    char *text;
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
};

/* False if there is no room even to read. */
static bool
pool_open(struct pool *p, const char *text, size_t bytes, const struct prov_limits *limits)
{
    *p = (struct pool){ .memory = malloc(bytes > 0 ? bytes : 1), .text = prov_copy_exact(text) };
    assert_non_null(p->memory);
    prov_arena_init(&p->arena, p->memory, bytes);
    const enum prov_status status = prov_xml_init(&p->x, &p->arena, limits, NULL, 1);

    if (status != PROV_OK)
        return false;
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&p->x, prov_str_z("f"),
                                    (struct prov_str){ p->text, strlen(text) }, &p->root, NULL));
    return true;
}

static void
pool_close(struct pool *p)
{
    free(p->text);
    free(p->memory);
}

static const struct row {
    const char *text; /* of the section */
    enum prov_diag_code code;
    uint32_t column;
    const char *path, *subject;
    size_t need;
} rows[] = {
    /* clang-format off */
    { "<s/>", PROV_D_NONE, 0, "", "", 0 },
    { "<s version='9'> <two>a</two> <one/> <two>b</two> </s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s xmlns='u' xmlns:a='u' xml:lang='de' xsi:type='x' xmlns:xsi='v'/>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><onen/></s>", PROV_D_SCHEMA_UNKNOWN_ELEMENT, 4, "/s/onen", "onen", 0 },
    { "<s><module/></s>", PROV_D_SCHEMA_UNKNOWN_ELEMENT, 4, "/s/module", "module", 0 },
    { "<s><modul1/></s>", PROV_D_SCHEMA_UNKNOWN_ELEMENT, 4, "/s/modul1", "modul1", 0 },
    { "<s><one><x/></one></s>", PROV_D_SCHEMA_UNKNOWN_ELEMENT, 9, "/s/one/x", "x", 0 },
    { "<s><nothing><x/></nothing></s>", PROV_D_SCHEMA_UNKNOWN_ELEMENT, 13, "/s/nothing/x", "x", 0 },
    { "<s><nothing> <!-- c --> </nothing></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s a='1'/>", PROV_D_SCHEMA_UNKNOWN_ATTRIBUTE, 4, "/s", "a", 0 },
    { "<s><two/><two version='1'/></s>", PROV_D_SCHEMA_UNKNOWN_ATTRIBUTE, 15, "/s/two[2]", "version", 0 },
    { "<s><list/></s>", PROV_D_SCHEMA_MISSING_ELEMENT, 4, "/s/list", "member", 1 },
    { "<s><one/><one/></s>", PROV_D_SCHEMA_TOO_MANY, 10, "/s/one[2]", "one", 1 },
    { "<s><two/><one/><two/><two/></s>", PROV_D_SCHEMA_TOO_MANY, 22, "/s/two[3]", "two", 2 },
    { "<s><list><member><on>1</on></member></list></s>", PROV_D_SCHEMA_MISSING_ATTRIBUTE, 10, "/s/list/member", "id", 0 },
    { "<s><list><member id='a'/></list></s>", PROV_D_SCHEMA_MISSING_ELEMENT, 10, "/s/list/member", "on", 1 },
    { "<s><list><member id='a' size='1' note='?'><on>1</on></member></list></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><list><member id='a' size='0'><on>1</on></member></list></s>", PROV_D_SCHEMA_TOO_LOW, 31, "/s/list/member", "size", 1 },
    { "<s><list><member id='a'><on/></member></list></s>", PROV_D_SCHEMA_NOT_BOOL, 25, "/s/list/member/on", "on", 0 },
    { "<s><list><member id='a&amp;'><on>1</on></member><member id='a&#38;'><on>1</on></member></list></s>", PROV_D_SCHEMA_KEY_TWICE, 61, "/s/list/member[2]", "id", 0 },
    { "<s><module1><member id='a'><on>1</on></member></module1><module22><member id='a'><on>1</on></member></module22></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><module1/></s>", PROV_D_SCHEMA_MISSING_ELEMENT, 4, "/s/module1", "member", 1 },
    { "<s>x</s>", PROV_D_SCHEMA_TEXT, 1, "/s", "s", 0 },
    { "<s><nothing>x</nothing></s>", PROV_D_SCHEMA_TEXT, 4, "/s/nothing", "nothing", 0 },
    { "<s><free a='1'>text<x y='2'><z/></x></free></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><open a='1'><x>1</x><port>7</port></open></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><open><x><port>0</port></x></open></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><open><x/><port>0</port></open></s>", PROV_D_SCHEMA_TOO_LOW, 14, "/s/open/port", "port", 1 },
    { "<s><open>text</open></s>", PROV_D_SCHEMA_TEXT, 4, "/s/open", "open", 0 },
    { "<s><name>\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC</name></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><name>a&amp;b&#x20AC;</name></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><name>abcde</name></s>", PROV_D_SCHEMA_TOO_LONG, 4, "/s/name", "name", 4 },
    { "<s><name>a</name></s>", PROV_D_SCHEMA_TOO_SHORT, 4, "/s/name", "name", 2 },
    { "<s><level> -5 </level><level>+300</level><level>007</level></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><level>-6</level></s>", PROV_D_SCHEMA_RANGE, 4, "/s/level", "level", 0 },
    { "<s><level>301</level></s>", PROV_D_SCHEMA_TOO_HIGH, 4, "/s/level", "level", 300 },
    { "<s><level>99999999999999999999999999</level></s>", PROV_D_SCHEMA_TOO_HIGH, 4, "/s/level", "level", 300 },
    { "<s><level>-99999999999999999999999999</level></s>", PROV_D_SCHEMA_RANGE, 4, "/s/level", "level", 0 },
    { "<s><level></level></s>", PROV_D_SCHEMA_NOT_INT, 4, "/s/level", "level", 0 },
    { "<s><level>-</level></s>", PROV_D_SCHEMA_NOT_INT, 4, "/s/level", "level", 0 },
    { "<s><level>1 2</level></s>", PROV_D_SCHEMA_NOT_INT, 4, "/s/level", "level", 0 },
    { "<s><level>1.5</level></s>", PROV_D_SCHEMA_NOT_INT, 4, "/s/level", "level", 0 },
    { "<s><level>\xC3\xBC</level></s>", PROV_D_SCHEMA_NOT_INT, 4, "/s/level", "level", 0 },
    { "<s><below>-2</below></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><below>-1</below></s>", PROV_D_SCHEMA_RANGE, 4, "/s/below", "below", 0 },
    { "<s><port>1</port><port>65535</port><port> 5060\n</port></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><port>0</port></s>", PROV_D_SCHEMA_TOO_LOW, 4, "/s/port", "port", 1 },
    { "<s><port>65536</port></s>", PROV_D_SCHEMA_TOO_HIGH, 4, "/s/port", "port", 65535 },
    { "<s><flag>true</flag><flag>false</flag><flag> 1</flag><flag>0 </flag></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><flag>True</flag></s>", PROV_D_SCHEMA_NOT_BOOL, 4, "/s/flag", "flag", 0 },
    { "<s><flag>true false</flag></s>", PROV_D_SCHEMA_NOT_BOOL, 4, "/s/flag", "flag", 0 },
    { "<s><flag/></s>", PROV_D_SCHEMA_NOT_BOOL, 4, "/s/flag", "flag", 0 },
    { "<s><maybe/><maybe> \n</maybe><maybe>1</maybe></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><maybe>2</maybe></s>", PROV_D_SCHEMA_NOT_BOOL, 4, "/s/maybe", "maybe", 0 },
    { "<s><colour>red</colour><colour><![CDATA[blue]]></colour></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><colour>re<!-- -->d</colour></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><colour>green</colour></s>", PROV_D_SCHEMA_ENUM, 4, "/s/colour", "colour", 0 },
    { "<s><colour>re</colour></s>", PROV_D_SCHEMA_ENUM, 4, "/s/colour", "colour", 0 },
    { "<s><colour>0123456789012345678901234567890123456789012345678901234567890123456789</colour></s>", PROV_D_SCHEMA_ENUM, 4, "/s/colour", "colour", 0 },
    { "<s><hex>00ff</hex></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><hex>00f</hex></s>", PROV_D_SCHEMA_PATTERN, 4, "/s/hex", "hex", 0 },
    { "<s><hex>00ff00ff</hex></s>", PROV_D_SCHEMA_TOO_LONG, 4, "/s/hex", "hex", 6 },
    { "<s><ports>1 2\n 3</ports></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><ports> </ports></s>", PROV_D_SCHEMA_LIST_SHORT, 4, "/s/ports", "ports", 1 },
    { "<s><ports>1 2 3 4</ports></s>", PROV_D_SCHEMA_LIST_LONG, 4, "/s/ports", "ports", 3 },
    { "<s><ports>1 x 3</ports></s>", PROV_D_SCHEMA_NOT_INT, 4, "/s/ports", "ports", 0 },
    { "<s><ports>1 70000 3</ports></s>", PROV_D_SCHEMA_TOO_HIGH, 4, "/s/ports", "ports", 65535 },
    { "<s><words/><words>red blue red</words></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><words>red reda</words></s>", PROV_D_SCHEMA_ENUM, 4, "/s/words", "words", 0 },
    { "<s><texts> ab  abcd </texts></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><texts>ab abcde</texts></s>", PROV_D_SCHEMA_TOO_LONG, 4, "/s/texts", "texts", 4 },
    { "<s><codes>00 ff11</codes></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><codes>00 g0</codes></s>", PROV_D_SCHEMA_PATTERN, 4, "/s/codes", "codes", 0 },
    { "<s><things>a b</things></s>", PROV_D_NONE, 0, "", "", 0 },
    { "<s><things>a b c</things></s>", PROV_D_SCHEMA_LIST_LONG, 4, "/s/things", "things", 2 },
    /* clang-format on */
};

static bool
is(struct prov_str s, const char *text)
{
    return prov_str_is(s.ptr, s.len, text);
}

static void
follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct prov_diag diag = { 0 };
        struct pool p;

        assert_true(pool_open(&p, r->text, ARENA, NULL));
        const enum prov_status st = prov_schema_check(&p.x, p.root, &schema, &diag);

        PROV_ROW(r->text, st == (r->code == PROV_D_NONE ? PROV_OK : PROV_E_INVALID));
        PROV_ROW(r->text, diag.code == r->code && diag.status == st);
        PROV_ROW(r->text, diag.line == (r->code != PROV_D_NONE) && diag.column == r->column);
        PROV_ROW(r->text, is(diag.path, r->path) && is(diag.subject, r->subject));
        PROV_ROW(r->text, diag.need == r->need);
        PROV_ROW(r->text, is(diag.source, r->code != PROV_D_NONE ? "f" : ""));
        PROV_ROW(r->text, prov_schema_check(&p.x, p.root, &schema, NULL) == st);
        PROV_ROW(r->text, p.arena.scratch == 0);
        pool_close(&p);
    }
}

/* The message names the setting and the rule, and never shows what somebody wrote there. */
static void
tells_no_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        char mem[512];
        struct prov_buf out = { mem, sizeof(mem), 0 };
        struct prov_diag diag = { 0 };
        struct pool p;

        assert_true(pool_open(&p, rows[i].text, ARENA, NULL));
        if (prov_schema_check(&p.x, p.root, &schema, &diag) != PROV_OK) {
            assert_int_equal(PROV_OK, prov_diag_format(&diag, &out));
            mem[out.len] = '\0';
            PROV_ROW(rows[i].text, strstr(mem, "70000") == NULL && strstr(mem, "abcde") == NULL &&
                                       strstr(mem, "green") == NULL && strstr(mem, "a&") == NULL);
            PROV_ROW(rows[i].text, prov_diag_severity(diag.code) == PROV_SEVERITY_ERROR);
        }
        pool_close(&p);
    }
}

/* Enough members for an index, with one key twice at every place. */
static void
finds_a_key_that_stands_twice(void **state)
{
    (void)state;
    for (unsigned twice = 0; twice <= 12; twice++) {
        char text[2048] = "<s><list>";
        struct prov_diag diag = { 0 };
        struct pool p;

        for (unsigned i = 0; i < 12; i++) {
            char one[64];

            snprintf(one, sizeof(one), "<member id='k%u'><on>1</on></member>",
                     i == twice ? (i + 11) % 12 : i);
            strcat(text, one);
        }
        strcat(text, "</list></s>");
        assert_true(pool_open(&p, text, ARENA, NULL));
        assert_int_equal(twice < 12 ? PROV_E_INVALID : PROV_OK,
                         prov_schema_check(&p.x, p.root, &schema, &diag));
        if (twice < 12) {
            char path[32];

            snprintf(path, sizeof(path), "/s/list/member[%u]", twice == 0 ? 12 : twice + 1);
            assert_int_equal(PROV_D_SCHEMA_KEY_TWICE, diag.code);
            assert_true(is(diag.path, path));
        }
        pool_close(&p);
    }
}

/* In every arena: the same answer or a refusal, never another answer. */
static void
answers_or_asks_for_more_memory(void **state)
{
    static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 40 };
    static const struct prov_schema few = {
        .section = { .name = PROV_STR_INIT("s"), .children = list, .child_count = 1 }
    };
    const char *text = "<s><member id='a&amp;'><on>1</on></member>"
                       "<member id='a&#38;'><on>1</on></member></s>";
    unsigned refused = 0, without_path = 0, done = 0;

    (void)state;
    for (size_t bytes = 0; done < 30 && bytes < ARENA; bytes++) {
        struct prov_diag diag = { 0 };
        struct pool p;

        if (pool_open(&p, text, bytes, &small)) {
            const enum prov_status st = prov_schema_check(&p.x, p.root, &few, &diag);

            assert_true(st == PROV_E_SPACE || st == PROV_E_INVALID);
            assert_int_equal(st == PROV_E_SPACE ? PROV_D_NO_ARENA_SPACE : PROV_D_SCHEMA_KEY_TWICE,
                             diag.code);
            assert_true(st != PROV_E_SPACE || diag.need > bytes);
            refused += st == PROV_E_SPACE;
            without_path += st == PROV_E_INVALID && diag.path.len == 0;
            done += st == PROV_E_INVALID && is(diag.path, "/s/member[2]");
        }
        pool_close(&p);
    }
    assert_int_equal(30, done);
    assert_true(refused > 5 && without_path > 1);
}

/* A name as long as this would fill the memory with paths: 1,024 bytes are kept, not one more. */
static void
keeps_no_endless_paths(void **state)
{
    (void)state;
    for (size_t len = 1020; len <= 1023; len++) {
        char text[1100] = "<s><", name_of[1024];
        struct prov_diag diag = { 0 };
        struct pool p;

        memset(name_of, 'x', len);
        name_of[len] = '\0';
        strcat(strcat(text, name_of), "/></s>");
        assert_true(pool_open(&p, text, ARENA, NULL));
        assert_int_equal(PROV_E_INVALID, prov_schema_check(&p.x, p.root, &schema, &diag));
        assert_int_equal(len + 3 <= 1024 ? len + 3 : 0, diag.path.len);
        assert_int_equal(len, diag.subject.len);
        pool_close(&p);
    }
}

static void
refuses_bad_arguments(void **state)
{
    static const struct prov_value_type bad = { .kind = PROV_VALUE_PATTERN,
                                                .pattern = PROV_STR_INIT("(") };
    const struct prov_schema_element wrong[] = { { .name = PROV_STR_INIT("one"), .text = &bad } };
    const struct prov_schema unsound = {
        .section = { .name = PROV_STR_INIT("s"), .children = wrong, .child_count = 1 }
    };
    struct prov_diag diag;
    struct pool p;

    (void)state;
    assert_true(pool_open(&p, "<s><one/></s>", ARENA, NULL));
    assert_int_equal(PROV_E_ARG, prov_schema_check(NULL, p.root, &schema, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, prov_schema_check(&p.x, p.root, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_schema_check(&p.x, 77, &schema, NULL));
    assert_int_equal(PROV_E_ARG, prov_schema_check(&p.x, PROV_XML_NONE, &schema, NULL));
    assert_int_equal(PROV_E_ARG, prov_schema_check(&p.x, p.root, &unsound, &diag));
    assert_int_equal(PROV_E_ARG, diag.status);
    pool_close(&p);
}

/* ---- Tables ---- */

static const struct prov_value_type empty_range = { .kind = PROV_VALUE_INT, .min = 2, .max = 1 };
static const struct prov_value_type backwards = { .kind = PROV_VALUE_STRING, .min = 3, .max = 2 };
static const struct prov_value_type negative = { .kind = PROV_VALUE_STRING, .min = -1 };
static const struct prov_value_type no_words = { .kind = PROV_VALUE_ENUM };
static const struct prov_str blank_word[] = { PROV_STR_INIT("a "), PROV_STR_INIT("b") };
static const struct prov_value_type blank = { .kind = PROV_VALUE_ENUM,
                                              .words = blank_word,
                                              .word_count = 2 };
static const struct prov_str long_word[] = {
    PROV_STR_INIT("0123456789012345678901234567890123456789012345678901234567890123"),
};
static const struct prov_value_type too_long = { .kind = PROV_VALUE_ENUM,
                                                 .words = long_word,
                                                 .word_count = 1 };
static const struct prov_value_type malformed = { .kind = PROV_VALUE_PATTERN,
                                                  .pattern = PROV_STR_INIT("a{2}") };
static const struct prov_value_type no_item = { .kind = PROV_VALUE_LIST };
static const struct prov_value_type list_of_lists = { .kind = PROV_VALUE_LIST, .item = &ports };
static const struct prov_value_type bad_item = { .kind = PROV_VALUE_LIST, .item = &malformed };
static const struct prov_value_type unknown_kind = { .kind = (enum prov_value_kind)99 };
static const struct prov_schema_attribute no_name[] = { { { NULL, 0 }, false, NULL } };
static const struct prov_schema_attribute bad_type[] = { { PROV_STR_INIT("a"), false,
                                                           &malformed } };
static const struct prov_schema_attribute optional[] = { { PROV_STR_INIT("a"), false, NULL } };
static const struct prov_schema_element leaf[] = { { .name = PROV_STR_INIT("x") } };

#define TEXT(row, t) \
    { \
        row, \
        { \
            .name = PROV_STR_INIT("e"), .text = &(t) \
        } \
    }

static const struct {
    const char *name;
    struct prov_schema_element element;
} unsound[] = {
    { "no name", { .text = &any } },
    TEXT("empty range", empty_range),
    TEXT("limits of a string", backwards),
    TEXT("negative length", negative),
    TEXT("no words", no_words),
    TEXT("blank in a word", blank),
    TEXT("a long word", too_long),
    TEXT("malformed pattern", malformed),
    TEXT("list of nothing", no_item),
    TEXT("list of lists", list_of_lists),
    TEXT("list of malformed", bad_item),
    TEXT("unknown kind", unknown_kind),
    { "attribute without name",
      { .name = PROV_STR_INIT("e"), .attributes = no_name, .attribute_count = 1 } },
    { "type of an attribute",
      { .name = PROV_STR_INIT("e"), .attributes = bad_type, .attribute_count = 1 } },
    { "key that is not required",
      { .name = PROV_STR_INIT("e"),
        .attributes = optional,
        .attribute_count = 1,
        .key = PROV_STR_INIT("a") } },
    { "key that is no attribute", { .name = PROV_STR_INIT("e"), .key = PROV_STR_INIT("a") } },
    { "more than most", { .name = PROV_STR_INIT("e"), .min = 2 } },
    { "text and children",
      { .name = PROV_STR_INIT("e"), .text = &any, .children = leaf, .child_count = 1 } },
    { "free with children",
      { .name = PROV_STR_INIT("e"),
        .flags = PROV_SCHEMA_FREE,
        .children = leaf,
        .child_count = 1 } },
    { "too many children", { .name = PROV_STR_INIT("e"), .children = leaf, .child_count = 65536 } },
};

static void
tells_sound_tables_from_others(void **state)
{
    struct prov_str fault = { NULL, 0 };

    (void)state;
    assert_int_equal(PROV_OK, prov_schema_verify(&schema, &fault));
    assert_null(fault.ptr);
    assert_int_equal(PROV_E_ARG, prov_schema_verify(NULL, NULL));
    for (size_t i = 0; i < PROV_COUNT(unsound); i++) {
        const struct prov_schema_element pair[2] = { leaf[0], unsound[i].element };
        const struct prov_schema s = {
            .section = { .name = PROV_STR_INIT("s"), .children = pair, .child_count = 2 }
        };

        fault = prov_str_z("?");
        PROV_ROW(unsound[i].name, prov_schema_verify(&s, &fault) == PROV_E_ARG);
        PROV_ROW(unsound[i].name, prov_str_eq(fault, unsound[i].element.name));
        PROV_ROW(unsound[i].name, prov_schema_verify(&s, NULL) == PROV_E_ARG);
    }
}

/* One level more than may be; and what lies below the last level is never entered. */
static void
bounds_the_depth_of_tables(void **state)
{
    struct prov_schema_element levels[PROV_SCHEMA_DEPTH + 1];
    struct prov_schema deep = { .version = { 0, 0, 0 } };
    char text[256] = "";
    struct pool p;

    (void)state;
    for (unsigned i = 0; i <= PROV_SCHEMA_DEPTH; i++) {
        levels[i] = (struct prov_schema_element){ .name = PROV_STR_INIT("e") };
        levels[i].children = i < PROV_SCHEMA_DEPTH ? &levels[i + 1] : NULL;
        levels[i].child_count = i < PROV_SCHEMA_DEPTH;
        strcat(text, "<e>");
    }
    strcat(text, "text");
    for (unsigned i = 0; i <= PROV_SCHEMA_DEPTH; i++)
        strcat(text, "</e>");
    deep.section = levels[1];
    assert_int_equal(PROV_OK, prov_schema_verify(&deep, NULL));
    deep.section = levels[0];
    assert_int_equal(PROV_E_ARG, prov_schema_verify(&deep, NULL));
    assert_true(pool_open(&p, text, ARENA, NULL));
    assert_int_equal(PROV_OK, prov_schema_check(&p.x, p.root, &deep, NULL));
    deep.section = levels[1];
    assert_int_equal(PROV_E_INVALID, prov_schema_check(&p.x, p.root, &deep, NULL));
    pool_close(&p);
}

static void
reads_and_compares_versions(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        struct prov_version version;
    } versions[] = {
        { "1.34.0", true, { 1, 34, 0 } },
        { " 1.8.8\n", true, { 1, 8, 8 } },
        { "2", true, { 2, 0, 0 } },
        { "2.1", true, { 2, 1, 0 } },
        { "4294967295.0.0", true, { UINT32_MAX, 0, 0 } },
        { "4294967296.0.0", false, { 0, 0, 0 } },
        { "99999999999999999999999999", false, { 0, 0, 0 } },
        { "", false, { 0, 0, 0 } },
        { "1.", false, { 0, 0, 0 } },
        { ".1", false, { 0, 0, 0 } },
        { "1..2", false, { 0, 0, 0 } },
        { "1.2.3.4", false, { 0, 0, 0 } },
        { "1.2.3.", false, { 0, 0, 0 } },
        { "1.2a", false, { 0, 0, 0 } },
        { "-1", false, { 0, 0, 0 } },
        { "1 .2", false, { 0, 0, 0 } },
    };
    const struct prov_version a = { 1, 8, 9 }, b = { 1, 34, 0 }, c = { 2, 0, 0 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(versions); i++) {
        struct prov_version v = { 7, 7, 7 };
        char *exact = prov_copy_exact(versions[i].text);
        const struct prov_str text = { exact, strlen(versions[i].text) };
        const struct prov_version want =
            versions[i].ok ? versions[i].version : (struct prov_version){ 7, 7, 7 };

        PROV_ROW(versions[i].text, prov_version_parse(text, &v) == versions[i].ok);
        PROV_ROW(versions[i].text, prov_version_parse(text, NULL) == versions[i].ok);
        PROV_ROW(versions[i].text, prov_version_compare(v, want) == 0);
        free(exact);
    }
    assert_true(prov_version_compare(a, b) < 0 && prov_version_compare(b, c) < 0);
    assert_true(prov_version_compare(b, a) > 0 && prov_version_compare(c, a) > 0);
}

static void
asks_for_a_restart_where_the_table_does(void **state)
{
    static const struct {
        const char *name;
        uint32_t node; /* in the order of the text */
        bool restart;
    } nodes[] = {
        { "the section holds a marked one", 2, true },
        { "another element", 3, false },
        { "the marked one", 4, true },
        { "inside the marked one", 5, true },
        { "an unknown one", 6, false },
        { "below an unknown one", 7, false },
        { "a section without schema", 8, false },
        { "the root", 1, false },
    };
    const struct prov_schema schemas[] = { schema };
    struct prov_dialect d = { .schemas = schemas, .schema_count = 1 };
    struct pool p;

    (void)state;
    assert_true(
        pool_open(&p, "<r><s><one/><boot>1<x/></boot><y><boot/></y></s><boot/></r>", ARENA, NULL));
    for (size_t i = 0; i < PROV_COUNT(nodes); i++)
        PROV_ROW(nodes[i].name,
                 prov_schema_restart(&p.x, p.root, nodes[i].node, &d) == nodes[i].restart);
    assert_int_equal(PROV_OK, prov_xml_delete(&p.x, 4));
    assert_true(prov_schema_restart(&p.x, p.root, 4, &d)); /* where it was */
    assert_false(prov_schema_restart(&p.x, p.root, 2, &d));
    assert_false(prov_schema_restart(NULL, p.root, 4, &d));
    assert_false(prov_schema_restart(&p.x, p.root, 4, NULL));
    assert_false(prov_schema_restart(&p.x, p.root, 99, &d));
    assert_false(prov_schema_restart(&p.x, PROV_XML_NONE, 4, &d));
    d.schema_count = 0;
    assert_false(prov_schema_restart(&p.x, p.root, 4, &d));
    assert_null(prov_schema_find(&d, prov_str_z("s")));
    assert_null(prov_schema_find(NULL, prov_str_z("s")));
    pool_close(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(tells_no_values),
        cmocka_unit_test(finds_a_key_that_stands_twice),
        cmocka_unit_test(answers_or_asks_for_more_memory),
        cmocka_unit_test(keeps_no_endless_paths),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(tells_sound_tables_from_others),
        cmocka_unit_test(bounds_the_depth_of_tables),
        cmocka_unit_test(reads_and_compares_versions),
        cmocka_unit_test(asks_for_a_restart_where_the_table_does),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
