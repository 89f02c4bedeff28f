/* SPDX-License-Identifier: MIT */
#include <prov/xml.h>

#include "support/prov_cmocka.h"

#define ARENA_BYTES (2u << 20)

static void
pool_init(struct prov_xml *x, struct prov_arena *arena)
{
    void *mem = malloc(ARENA_BYTES);

    assert_non_null(mem);
    prov_arena_init(arena, mem, ARENA_BYTES);
    assert_int_equal(PROV_OK, prov_xml_init(x, arena, NULL, NULL, 0));
}

static uint32_t
read_ok(struct prov_xml *x, const char *text)
{
    uint32_t root = PROV_XML_NONE;

    assert_int_equal(PROV_OK, prov_xml_parse(x, prov_str_z("t"), prov_str_z(text), &root, NULL));
    return root;
}

static bool
str_is(struct prov_str s, const char *z)
{
    return prov_str_is(s.ptr, s.len, z);
}

static const struct value {
    const char *name, *raw, *plain;
} values[] = {
    /* clang-format off */
    { "empty",              "", "" },
    { "plain",              "abc", "abc" },
    { "the five",           "&lt;&gt;&amp;&apos;&quot;", "<>&'\"" },
    { "numbers",            "&#65;&#x42;&#x43;&#x6a;&#0000068;", "ABCjD" },
    { "one to four bytes",  "&#x7F;&#x80;&#x7FF;&#x800;&#xFFFD;&#x10000;&#x10FFFF;",
      "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD\xF0\x90\x80\x80\xF4\x8F\xBF\xBF" },
    { "white space",        "a\tb\nc\rd\r\ne", "a b c d e" },
    { "by number it stays", "a&#9;b&#10;c&#13;&#10;d", "a\tb\nc\r\nd" },
    { "not replaced twice", "&amp;lt;", "&lt;" },
    { "no reference",       "a&b", "a&b" },
    { "unknown",            "&nbsp;", "&nbsp;" },
    { "malformed numbers",  "&#;&#x;&#6a;&#xg;&#x110000;&;", "&#;&#x;&#6a;&#xg;&#x110000;&;" },
    /* clang-format on */
};

static void
decodes_attribute_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(values); i++) {
        const struct value *v = &values[i];
        char *exact = prov_copy_exact(v->raw), mem[64];
        const struct prov_str raw = { exact, strlen(v->raw) };
        const size_t full = strlen(v->plain);
        struct prov_buf out = { mem, sizeof(mem), 1 };

        PROV_ROW(v->name, prov_xml_raw_is(raw, prov_str_z(v->plain)));
        PROV_ROW(v->name, !prov_xml_raw_is(raw, prov_str_z("other")));
        PROV_ROW(v->name, prov_xml_raw_decode(raw, &out) == PROV_OK);
        PROV_ROW(v->name, prov_str_is(mem + 1, out.len - 1, v->plain));
        for (size_t cap = 1; cap <= full; cap++) {
            out = (struct prov_buf){ mem, cap, 1 };
            mem[cap] = '#';
            PROV_ROW(v->name, prov_xml_raw_decode(raw, &out) == PROV_E_SPACE);
            PROV_ROW(v->name, out.len == 1 && mem[cap] == '#');
        }
        free(exact);
    }
    assert_int_equal(PROV_E_ARG, prov_xml_raw_decode(prov_str_z("a"), NULL));
    assert_false(prov_xml_raw_is(prov_str_z("ab"), prov_str_z("a")));
    assert_false(prov_xml_raw_is(prov_str_z("a"), prov_str_z("ab")));
}

static const struct text {
    const char *name, *document, *text;
    bool blank;
} texts[] = {
    /* clang-format off */
    { "none",            "<a/>", "", true },
    { "nothing",         "<a></a>", "", true },
    { "plain",           "<a>b c</a>", "b c", false },
    { "entities",        "<a>&lt;&#x41;&#10;</a>", "<A\n", false },
    { "CDATA",           "<a>x<![CDATA[<b>&amp;]]]]><![CDATA[>]]></a>", "x<b>&amp;]]>", false },
    { "empty CDATA",     "<a><![CDATA[]]></a>", "", true },
    { "line ends",       "<a>1\r\n2\r3\n4<![CDATA[\r\n\r]]>&#13;</a>", "1\n2\n3\n4\n\n\r", false },
    { "tabs stay",       "<a>\t</a>", "\t", true },
    { "blank by number", "<a> &#32;&#x9;</a>", "  \t", true },
    { "no comments",     "<a>1<!-- <b> > -->2<?p ?>3</a>", "123", false },
    { "no children",     "<a>1<b>x</b>2<c/>3<d e='>'><f/>y</d></a>", "123", false },
    { "blank around",    "<a>\n <b>x</b>\n</a>", "\n \n", true },
    /* clang-format on */
};

static void
reads_an_elements_own_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        const struct text *t = &texts[i];
        struct prov_arena arena;
        struct prov_xml x;
        char mem[32];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        pool_init(&x, &arena);
        const uint32_t a = read_ok(&x, t->document);

        PROV_ROW(t->name, prov_xml_text(&x, a, &out) == PROV_OK);
        PROV_ROW(t->name, prov_str_is(mem, out.len, t->text));
        PROV_ROW(t->name, prov_xml_text_is(&x, a, prov_str_z(t->text)));
        PROV_ROW(t->name, !prov_xml_text_is(&x, a, prov_str_z("other")));
        PROV_ROW(t->name, prov_xml_text_is_blank(&x, a) == t->blank);
        out = (struct prov_buf){ mem, strlen(t->text) - (t->text[0] != '\0'), 0 };
        PROV_ROW(t->name,
                 prov_xml_text(&x, a, &out) == (t->text[0] != '\0' ? PROV_E_SPACE : PROV_OK));
        PROV_ROW(t->name, out.len == 0);
        assert_int_equal(PROV_E_ARG, prov_xml_text(&x, a, NULL));
        assert_int_equal(PROV_E_ARG, prov_xml_text(&x, 0, &out));
        assert_false(prov_xml_text_is(&x, 0, prov_str_z("")));
        assert_true(prov_xml_text_is_blank(&x, 0));
        free(arena.base);
    }
}

static void
walks_elements_and_names(void **state)
{
    struct prov_arena arena;
    struct prov_xml x;

    (void)state;
    pool_init(&x, &arena);
    const uint32_t a = read_ok(&x, "<s:a\n b='1'><b/><bc\t/>\n<s:b></s:b ></s:a>"), b = a + 1;

    assert_int_equal(b, prov_xml_first(&x, a));
    assert_int_equal(b + 1, prov_xml_next(&x, b));
    assert_int_equal(b + 2, prov_xml_next(&x, b + 1));
    assert_int_equal(PROV_XML_NONE, prov_xml_next(&x, b + 2));
    assert_int_equal(PROV_XML_NONE, prov_xml_first(&x, b + 2));
    assert_int_equal(a, prov_xml_parent(&x, b + 2));
    assert_int_equal(PROV_XML_NONE, prov_xml_parent(&x, a));
    assert_int_equal(PROV_XML_NONE, prov_xml_next(&x, a));
    assert_true(str_is(prov_xml_name(&x, a), "s:a"));
    assert_true(str_is(prov_xml_local_name(&x, a), "a"));
    assert_true(str_is(prov_xml_name(&x, b), "b"));
    assert_true(str_is(prov_xml_local_name(&x, b), "b"));
    assert_true(str_is(prov_xml_name(&x, b + 1), "bc"));
    assert_true(prov_xml_is(&x, a, prov_str_z("s:a")));
    assert_false(prov_xml_is(&x, a, prov_str_z("a")));
    assert_true(prov_xml_is(&x, b, prov_str_z("b")));
    assert_false(prov_xml_is(&x, b, prov_str_z("bc")));
    assert_false(prov_xml_is(&x, b + 1, prov_str_z("b")));
    assert_false(prov_xml_is(&x, b, prov_str_z("")));
    assert_false(prov_xml_is(&x, b + 2, prov_str_z("s:b></s:b ></s:a>..........")));
    /* numbers that are no element */
    assert_int_equal(PROV_XML_NONE, prov_xml_first(&x, 0));
    assert_int_equal(PROV_XML_NONE, prov_xml_next(&x, 5));
    assert_int_equal(PROV_XML_NONE, prov_xml_parent(&x, 99));
    assert_int_equal(0, prov_xml_name(&x, 0).len);
    assert_int_equal(0, prov_xml_local_name(&x, 5).len);
    assert_false(prov_xml_is(&x, 0, prov_str_z("b")));
    free(arena.base);
}

static void
walks_attributes(void **state)
{
    static const char *const expected[] = { "b",       "1",      "c",     "/>'",
                                            "xmlns:d", "&quot;", "e.f-g", "line\nend" };
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_str name, raw = { NULL, 0 };
    uint32_t cursor = 0;
    size_t n = 0;

    (void)state;
    pool_init(&x, &arena);
    const uint32_t a = read_ok(
        &x, "<a b='1'\r\n\tc = \"/>'\" xmlns:d =\n'&quot;' e.f-g='line\nend' ><h i='j'/></a>");

    for (; prov_xml_attr_next(&x, a, &cursor, &name, &raw); n += 2) {
        assert_true(n < PROV_COUNT(expected));
        assert_true(str_is(name, expected[n]));
        assert_true(str_is(raw, expected[n + 1]));
    }
    assert_int_equal(PROV_COUNT(expected), n);
    assert_true(prov_xml_attr(&x, a, prov_str_z("c"), &raw));
    assert_true(str_is(raw, "/>'"));
    assert_false(prov_xml_attr(&x, a, prov_str_z("i"), &raw));
    assert_false(prov_xml_attr(&x, 0, prov_str_z("b"), &raw));
    assert_true(str_is(raw, "/>'"));
    free(arena.base);
}

static const struct pair {
    const char *a, *b;
    bool equal;
} pairs[] = {
    /* clang-format off */
    { "<a/>", "<a></a>", true },
    { "<a/>", "<b/>", false },
    { "<a b='1' c='2'/>", "<a c=\"2\"\n b='&#49;' ></a>", true },
    { "<a b='1'/>", "<a b='2'/>", false },
    { "<a b='1'/>", "<a c='1'/>", false },
    { "<a b='1'/>", "<a b='1' c='1'/>", false },
    { "<a>x&lt;y</a>", "<a>x<![CDATA[<]]>y</a>", true },
    { "<a>x</a>", "<a>xy</a>", false },
    { "<a>x</a>", "<a>x </a>", false },
    { "<a> </a>", "<a></a>", false },
    { "<a>\n<b/> <!-- c --> <d/></a>", "<a><b/><d/>\n</a>", true },
    { "<a><b/></a>", "<a><b/><b/></a>", false },
    { "<a><b/><b/></a>", "<a><b/></a>", false },
    { "<a><b/><c/></a>", "<a><c/><b/></a>", false },
    { "<a><b/></a>", "<a/>", false },
    { "<a><b><c/></b><d/></a>", "<a><b><c/><d/></b></a>", false },
    { "<a><b><c>1</c></b><d>2</d></a>", "<a> <b> <c>1</c> </b> <d>2</d> </a>", true },
    { "<a>one<b/>\n  two </a>", "<a> one <b/>two</a>", true },
    { "<a>one<b/>two</a>", "<a>one<b/>three</a>", false },
    { "<a>one<b/></a>", "<a>one two<b/></a>", false },
    /* clang-format on */
};

static void
compares_what_elements_mean(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(pairs); i++) {
        struct prov_arena arena;
        struct prov_xml x;

        pool_init(&x, &arena);
        const uint32_t a = read_ok(&x, pairs[i].a), b = read_ok(&x, pairs[i].b);

        PROV_ROW(pairs[i].a, prov_xml_equal(&x, a, b) == pairs[i].equal);
        PROV_ROW(pairs[i].b, prov_xml_equal(&x, b, a) == pairs[i].equal);
        assert_false(prov_xml_equal(&x, a, 0));
        assert_false(prov_xml_equal(NULL, a, b));
        free(arena.base);
    }
}

static void
knows_where_things_stand(void **state)
{
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_xml_place place;
    struct prov_str raw;

    (void)state;
    pool_init(&x, &arena);
    const uint32_t a = read_ok(&x, "\xEF\xBB\xBF<a>\r\n \xC3\xBC<b c='1'\rd='2'/>\n\n</a>");

    prov_xml_where(&x, a, &place);
    assert_true(place.line == 1 && place.column == 1 && str_is(place.source, "t"));
    prov_xml_where(&x, a + 1, &place);
    assert_true(place.line == 2 && place.column == 4);
    assert_true(prov_xml_attr(&x, a + 1, prov_str_z("d"), &raw));
    assert_true(prov_xml_where_at(&x, raw.ptr, &place));
    assert_true(place.line == 3 && place.column == 4 && str_is(place.source, "t"));
    /* a rewritten tag still has its old place, but its values have none */
    const struct prov_str drop = PROV_STR_INIT("c");

    assert_int_equal(PROV_OK, prov_xml_merge_attrs(&x, a + 1, a + 1, &drop, 1, NULL));
    prov_xml_where(&x, a + 1, &place);
    assert_true(place.line == 2 && place.column == 4);
    assert_true(prov_xml_attr(&x, a + 1, prov_str_z("d"), &raw));
    assert_true(str_is(raw, "2"));
    assert_false(prov_xml_where_at(&x, raw.ptr, &place));
    prov_xml_where(&x, 0, &place);
    assert_int_equal(0, place.line);
    free(arena.base);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_attribute_values),    cmocka_unit_test(reads_an_elements_own_text),
        cmocka_unit_test(walks_elements_and_names),    cmocka_unit_test(walks_attributes),
        cmocka_unit_test(compares_what_elements_mean), cmocka_unit_test(knows_where_things_stand),
    };
    return cmocka_run_group_tests_name("xml_text", tests, NULL, NULL);
}
