/* SPDX-License-Identifier: MIT */
#include <prov/param.h>

#include <stdio.h>

#include <prov/dialect.h>
#include <prov/layer.h>

#include "support/prov_cmocka.h"

#define MARK "# Panasonic SIP Phone Standard Format File #"
#define BOM "\xEF\xBB\xBF"
#define ROOT(inside) "<PANASIPPhoneConfig>" inside "</PANASIPPhoneConfig>"
#define DEVICE(inside) ROOT("<Device>" inside "</Device>")

/* A file of exact size in the heap, and its list. */
struct world {
    char *mem, *pool_mem, *mem_list;
    struct prov_xml x;
    struct prov_arena pool, arena;
    struct prov_diag items[16];
    struct prov_diags diags;
    struct prov_params p;
    uint32_t root;
    enum prov_status status;
};

static const struct prov_param_rules *
rules_of(const char *dialect)
{
    const struct prov_dialect *d = prov_dialect_find(prov_str_z(dialect));

    assert_non_null(d);
    return d->layers->params;
}

static void
begin(struct world *w, const char *text, size_t room)
{
    memset(w, 0, sizeof(*w));
    w->mem = prov_copy_exact(text);
    w->pool_mem = malloc(100000);
    w->mem_list = malloc(room > 0 ? room : 1);
    prov_arena_init(&w->pool, w->pool_mem, 100000);
    prov_arena_init(&w->arena, w->mem_list, room);
    w->diags = (struct prov_diags){ w->items, PROV_COUNT(w->items), 0, 0 };
}

static void
end(struct world *w)
{
    free(w->mem);
    free(w->pool_mem);
    free(w->mem_list);
}

static void
open_text(struct world *w, const char *text, const struct prov_param_rules *rules, size_t room)
{
    begin(w, text, room);
    w->status =
        prov_params_read_text(&w->p, rules, prov_str_z("a.cfg"),
                              (struct prov_str){ w->mem, strlen(text) }, &w->arena, &w->diags);
}

static void
open_xml(struct world *w, const char *text, const struct prov_param_rules *rules, size_t room)
{
    const struct prov_limits limits = { .size = sizeof(limits), .pool_nodes = 256 };

    begin(w, text, room);
    assert_int_equal(PROV_OK, prov_xml_init(&w->x, &w->pool, &limits, NULL, 1));
    w->status = prov_xml_parse(&w->x, prov_str_z("a.xml"),
                               (struct prov_str){ w->mem, strlen(text) }, &w->root, &w->diags);
    if (w->status == PROV_OK)
        w->status = prov_params_read_xml(&w->p, rules, &w->x, w->root, &w->arena, &w->diags);
}

/* All that is known of the list: `NAME[1]=value (perm access flags group line:column)`. */
static void
dump(const struct prov_params *p, char *out, size_t cap)
{
    size_t len = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < p->count; i++) {
        const struct prov_param *it = &p->items[i];
        char label[64];
        struct prov_buf b = { label, sizeof(label), 0 };

        assert_int_equal(PROV_OK, prov_param_label(p->rules, it->name, it->index, &b));
        len += (size_t)snprintf(out + len, cap - len, "%s%.*s=%.*s (", i > 0 ? "; " : "",
                                (int)b.len, label, (int)it->value.len, it->value.ptr);
        if (it->perm > 0)
            len += (size_t)snprintf(out + len, cap - len, "'%s' ",
                                    p->rules->perms[it->perm - 1].text.ptr);
        if (it->access.len > 0)
            len += (size_t)snprintf(out + len, cap - len, "%.*s ", (int)it->access.len,
                                    it->access.ptr);
        if (it->flags > 0 || it->group > 0)
            len += (size_t)snprintf(out + len, cap - len, "%u/%u ", (unsigned)it->flags,
                                    (unsigned)it->group);
        len += (size_t)snprintf(out + len, cap - len, "%u:%u)", it->line, it->column);
        assert_true(len < cap);
    }
}

static const struct row {
    const char *name;
    const char *text;
    const char *list; /* as dump() writes it */
    enum prov_diag_code code;
    uint32_t line, column; /* of the diagnostic */
    size_t need;
} text_rows[] = {
    /* clang-format off */
    { "nothing but the mark", MARK "\n", "", PROV_D_NONE, 0, 0, 0 },
    { "a name", MARK "\r\nA=\"x\"\r\n", "A=x (2:4)", PROV_D_NONE, 0, 0, 0 },
    { "sorted by line number, then by name", MARK "\nB_2=\"1\"\nZ=\"2\"\nC_1=\"3\"\nBB=\"4\"\nA_1=\"5\"\nB=\"6\"\n",
      "B=6 (7:4); BB=4 (5:5); Z=2 (3:4); A_1=5 (6:6); C_1=3 (4:6); B_2=1 (2:6)", PROV_D_NONE, 0, 0, 0 },
    { "empty value", MARK "\nA=\"\"\n", "A= (2:4)", PROV_D_NONE, 0, 0, 0 },
    { "blanks in a value count", MARK "\nA=\" x \"\n", "A= x  (2:4)", PROV_D_NONE, 0, 0, 0 },
    { "the first of equal ones counts", MARK "\nA=\"1\"\nB=\"2\"\nA=\"3\"\n", "A=1 (2:4); B=2 (3:4)", PROV_D_PARAM_TWICE_FIRST, 4, 4, 2 },
    { "the first of equal ones of a line counts", MARK "\nA_1=\"1\"\nA=\"0\"\nA_1=\"3\"\n", "A=0 (3:4); A_1=1 (2:6)", PROV_D_PARAM_TWICE_FIRST, 4, 6, 2 },
    { "leading zeros are part of the name", MARK "\nA_01=\"1\"\nA_1=\"2\"\nA_0=\"3\"\n", "A_0=3 (4:6); A_01=1 (2:7); A_1=2 (3:6)", PROV_D_NONE, 0, 0, 0 },
    { "a skipped line has no effect", MARK "\nA=\"1\"\nB=2\nC=\"3\"\n", "A=1 (2:4); C=3 (4:4)", PROV_D_CFG_NO_QUOTE, 3, 3, 0 },
    /* clang-format on */
};

static const struct row xml_rows[] = {
    /* clang-format off */
    { "no parameters", ROOT("\n"), "", PROV_D_NONE, 0, 0, 0 },
    { "an empty group", ROOT("<Device/>"), "", PROV_D_NONE, 0, 0, 0 },
    { "initial file", ROOT("<Initial><Certs><C1>u</C1></Certs></Initial>"), "C1=u (1:37)", PROV_D_NONE, 0, 0, 0 },
    { "device file", DEVICE("\n<A>1</A>\n <S>\n  <B>2</B>\n </S>\n"), "A=1 (0/1 2:1); B=2 (0/1 4:3)", PROV_D_NONE, 0, 0, 0 },
    { "root and groups in any case", "<PANASipPhoneConfig><device><A>1</A></device></PANASipPhoneConfig>", "A=1 (0/1 1:29)", PROV_D_NONE, 0, 0, 0 },
    { "a prefix does not count", "<p:PANASIPPhoneConfig><p:Device><p:A>1</p:A></p:Device></p:PANASIPPhoneConfig>", "A=1 (0/1 1:33)", PROV_D_NONE, 0, 0, 0 },
    { "the last of equal ones counts", DEVICE("<A>1</A>\n<B>2</B>\n<S><A>3</A></S>"), "A=3 (0/1 3:4); B=2 (0/1 2:1)", PROV_D_PARAM_TWICE_LAST, 3, 4, 1 },
    { "lines", DEVICE("<L><Line idx=\"2\"><S><A>2</A></S></Line><Line idx=\"1\"><A>1</A></Line></L><A>0</A>"),
      "A=0 (0/1 1:101); A[1]=1 (0/1 1:82); A[2]=2 (0/1 1:49)", PROV_D_NONE, 0, 0, 0 },
    { "the number at the leaf itself", DEVICE("<A idx=\"65535\">1</A><A>2</A>"), "A=2 (0/1 1:49); A[65535]=1 (0/1 1:29)", PROV_D_NONE, 0, 0, 0 },
    { "entities, CDATA, comments", DEVICE("<A>&lt;b&#x41;&amp;</A><B><![CDATA[<x>]]></B><C>a<!-- - -->b</C>"),
      "A=<bA& (0/1 1:29); B=<x> (0/1 1:52); C=ab (0/1 1:74)", PROV_D_NONE, 0, 0, 0 },
    { "white space around a value does not count", DEVICE("<A>\n  a b\t\n</A><B> &#32;c </B>"), "A=a b (0/1 1:29); B=c (0/1 3:5)", PROV_D_NONE, 0, 0, 0 },
    { "CR LF inside a value", DEVICE("<A>a\r\nb</A>"), "A=a\nb (0/1 1:29)", PROV_D_NONE, 0, 0, 0 },
    { "empty values", DEVICE("<A/><B></B><C> </C>"), "A= (0/1 1:29); B= (0/1 1:33); C= (0/1 1:40)", PROV_D_NONE, 0, 0, 0 },
    { "permissions and access", DEVICE("<A perm=\"\">1</A><B perm=\"RW\">2</B><C perm=\"R\" access=\"A\">3</C><D perm=\"!\">4</D>"
      "<E access='AU' perm='!RW'>5</E><F perm=\"&#33;R\">6</F>"),
      "A=1 ('' 0/1 1:29); B=2 ('RW' 0/1 1:45); C=3 ('R' A 2/1 1:63); D=4 ('!' 1/1 1:91);"
      " E=5 ('!RW' AU 1/1 1:108); F=6 ('!R' 3/1 1:139)", PROV_D_NONE, 0, 0, 0 },
    { "unknown permission", DEVICE("\n<A perm=\"r\">1</A>"), "A=1 (0/1 2:1)", PROV_D_PARAM_PERM, 2, 1, 0 },
    { "access with a sign", DEVICE("<A access=\"A;\">1</A>"), "A=1 (0/1 1:29)", PROV_D_PARAM_ACCESS, 1, 29, 0 },
    { "access that is too long", DEVICE("<A access=\"ABCDEFGHI\">1</A>"), "A=1 (0/1 1:29)", PROV_D_PARAM_ACCESS, 1, 29, 0 },
    { "access of eight letters", DEVICE("<A access=\"ABCDEFGH\">1</A>"), "A=1 (ABCDEFGH 0/1 1:29)", PROV_D_NONE, 0, 0, 0 },
    { "not a group", ROOT("<Dev><A>1</A></Dev>\n<Device><B>2</B></Device>"), "B=2 (0/1 2:9)", PROV_D_PARAM_GROUP, 1, 21, 0 },
    { "line number 0", DEVICE("<L idx=\"0\"><A>1</A></L><B>2</B>"), "B=2 (0/1 1:52)", PROV_D_PARAM_INDEX, 1, 29, 0 },
    { "line number too large", DEVICE("<L idx=\"65536\"><A>1</A></L><B>2</B>"), "B=2 (0/1 1:56)", PROV_D_PARAM_INDEX, 1, 29, 0 },
    { "no number at all", DEVICE("<L idx=\"\"><A>1</A></L>"), "", PROV_D_PARAM_INDEX, 1, 29, 0 },
    { "a sign in a number", DEVICE("<A idx=\"+1\">1</A>"), "", PROV_D_PARAM_INDEX, 1, 29, 0 },
    { "a line inside a line", DEVICE("<L idx=\"1\"><K idx=\"2\"><A>1</A></K><B>2</B></L><B>3</B>"),
      "B=3 (0/1 1:75); B[1]=2 (0/1 1:63)", PROV_D_PARAM_INDEX_NESTED, 1, 40, 0 },
    { "text beside elements", DEVICE("\n<S>x<A>1</A></S>"), "A=1 (0/1 2:5)", PROV_D_PARAM_MIXED, 2, 1, 0 },
    { "text in a group", ROOT("\n <Device>x</Device>"), "", PROV_D_PARAM_MIXED, 2, 2, 0 },
    { "CR LF ends one line", DEVICE("\r\n<A>1</A>\r\n\r\n <B>2</B>"), "A=1 (0/1 2:1); B=2 (0/1 4:2)", PROV_D_NONE, 0, 0, 0 },
    { "a byte order mark has no column", BOM "<PANASIPPhoneConfig><Device><A>1</A>\r<A>2</A></Device></PANASIPPhoneConfig>",
      "A=2 (0/1 2:1)", PROV_D_PARAM_TWICE_LAST, 2, 1, 1 },
    /* clang-format on */
};

static void
check_row(const struct row *r, struct world *w)
{
    char list[1024];

    PROV_ROW(r->name, w->status == PROV_OK);
    dump(&w->p, list, sizeof(list));
    if (strcmp(list, r->list) != 0)
        fail_msg("row '%s': got  %s\n           want %s", r->name, list, r->list);
    PROV_ROW(r->name, w->diags.count == (r->code != PROV_D_NONE) && w->diags.dropped == 0);
    PROV_ROW(r->name, w->items[0].code == r->code && w->items[0].status == PROV_OK);
    PROV_ROW(r->name, w->items[0].line == r->line && w->items[0].column == r->column);
    PROV_ROW(r->name, w->items[0].need == r->need);
    PROV_ROW(r->name, r->code == PROV_D_NONE || w->items[0].source.ptr == w->p.source.ptr);
    for (uint32_t i = 0; i < w->p.count; i++)
        PROV_ROW(r->name, prov_params_find(&w->p, w->p.items[i].name, w->p.items[i].index) ==
                              &w->p.items[i]);
}

static void
text_becomes_a_list(void **state)
{
    struct world w;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(text_rows); i++) {
        open_text(&w, text_rows[i].text, rules_of("panasonic-hdv"), 4096);
        check_row(&text_rows[i], &w);
        end(&w);
    }
}

static void
xml_becomes_a_list(void **state)
{
    struct world w;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(xml_rows); i++) {
        open_xml(&w, xml_rows[i].text, rules_of("panasonic-utg"), 4096);
        check_row(&xml_rows[i], &w);
        end(&w);
    }
}

/* Slips that the printed guide contains, and other documents that are no such file. */
static const struct refusal {
    const char *name;
    bool xml;
    const char *text;
    enum prov_status status;
    enum prov_diag_code code;
    uint32_t line, column;
} refusals[] = {
    /* clang-format off */
    { "a quote is missing before a permission", true, DEVICE("\n<A perm=RW\">x</A>\n"), PROV_E_SYNTAX, PROV_D_XML_NOT_WELL_FORMED, 2, 9 },
    { "a > is missing behind an end tag", true, ROOT("<Initial>\n<A>x</A\n<B>y</B></Initial>"), PROV_E_SYNTAX, PROV_D_XML_LESS_THAN, 3, 1 },
    { "an end tag stands twice", true, ROOT("<Initial><C>\n</C>\n</C></Initial>"), PROV_E_SYNTAX, PROV_D_XML_TAG_MISMATCH, 3, 3 },
    { "another root", true, "\n<configuration><Device/></configuration>", PROV_E_TYPE, PROV_D_PARAM_ROOT, 2, 1 },
    { "no mark", false, "# x\nA=\"1\"\n", PROV_E_TYPE, PROV_D_CFG_NO_MARK, 1, 1 },
    { "a parameter split over lines", false, MARK "\nA=\n\"1\"\n", PROV_E_SYNTAX, PROV_D_CFG_SPLIT, 2, 3 },
    /* clang-format on */
};

static void
refuses_what_is_no_such_file(void **state)
{
    struct world w;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];

        if (r->xml)
            open_xml(&w, r->text, rules_of("panasonic-utg"), 4096);
        else
            open_text(&w, r->text, rules_of("panasonic-hdv"), 4096);
        PROV_ROW(r->name, w.status == r->status && w.p.items == NULL);
        PROV_ROW(r->name, w.diags.count == 1 && w.items[0].status == r->status);
        if (w.items[0].code != r->code || w.items[0].line != r->line ||
            w.items[0].column != r->column)
            fail_msg("row '%s': %d %u:%u", r->name, (int)w.items[0].code, w.items[0].line,
                     w.items[0].column);
        end(&w);
    }
}

/* An address with one slash is a value like any other: whoever fetches from it refuses it. */
static void
keeps_an_address_with_one_slash(void **state)
{
    struct world w;

    (void)state;
    open_xml(&w, ROOT("<Initial><U>http:/prov.com/a</U></Initial>"), rules_of("panasonic-utg"),
             1024);
    assert_int_equal(PROV_OK, w.status);
    assert_true(prov_str_eq(w.p.items[0].value, prov_str_z("http:/prov.com/a")));
    assert_int_equal(0, w.diags.count);
    end(&w);
}

static void
plain_values_point_into_the_source(void **state)
{
    struct world w;

    (void)state;
    open_xml(&w, DEVICE("<A>plain</A><B>a&amp;b</B>"), rules_of("panasonic-utg"), 4096);
    assert_int_equal(PROV_OK, w.status);
    assert_ptr_equal(strstr(DEVICE("<A>"), "<A>") - DEVICE("<A>") + 3 + w.mem,
                     w.p.items[0].value.ptr);
    const char *const value = w.p.items[1].value.ptr;

    assert_true(value >= w.mem_list && value < w.mem_list + w.arena.cap);
    end(&w);
}

static void
reads_a_document_that_was_edited(void **state)
{
    static const char change[] = "<A perm=\"R\">\n<!-- new -->2 </A>";
    struct world w;
    uint32_t other;
    char list[256];

    (void)state;
    open_xml(&w, DEVICE("\n<A>1</A>\n<B>3</B>"), rules_of("panasonic-utg"), 4096);
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&w.x, prov_str_z("b.xml"), prov_str_z(change), &other, NULL));
    const uint32_t old = prov_xml_first(&w.x, prov_xml_first(&w.x, w.root));

    assert_int_equal(PROV_OK, prov_xml_replace(&w.x, old, other));
    assert_int_equal(PROV_OK, prov_params_read_xml(&w.p, rules_of("panasonic-utg"), &w.x, w.root,
                                                   &w.arena, &w.diags));
    dump(&w.p, list, sizeof(list));
    assert_string_equal("A=2 ('R' 2/1 1:1); B=3 (0/1 3:1)", list);
    assert_int_equal(PROV_OK, prov_xml_delete(&w.x, prov_xml_next(&w.x, other)));
    assert_int_equal(PROV_OK, prov_xml_delete(&w.x, other));
    assert_int_equal(PROV_OK, prov_params_read_xml(&w.p, rules_of("panasonic-utg"), &w.x, w.root,
                                                   &w.arena, &w.diags));
    assert_int_equal(0, w.p.count);
    assert_int_equal(0, w.diags.count);
    end(&w);
}

/* What held another element is a leaf when that is gone. */
static void
an_element_without_its_children_is_a_parameter(void **state)
{
    struct world w;
    char list[64];

    (void)state;
    open_xml(&w, DEVICE("<S> 1 <A>2</A></S>"), rules_of("panasonic-utg"), 4096);
    const uint32_t s = prov_xml_first(&w.x, prov_xml_first(&w.x, w.root));

    assert_int_equal(PROV_OK, prov_xml_delete(&w.x, prov_xml_first(&w.x, s)));
    assert_int_equal(PROV_OK, prov_params_read_xml(&w.p, rules_of("panasonic-utg"), &w.x, w.root,
                                                   &w.arena, NULL));
    dump(&w.p, list, sizeof(list));
    assert_string_equal("S=1 (0/1 1:29)", list);
    end(&w);
}

static void
an_element_that_was_moved_keeps_its_line(void **state)
{
    struct world w;
    char list[64];

    (void)state;
    open_xml(&w, DEVICE("\n<S>\n<A>1</A></S>\n <B>2</B>"), rules_of("panasonic-utg"), 4096);
    const uint32_t device = prov_xml_first(&w.x, w.root);

    assert_int_equal(PROV_OK, prov_xml_append(&w.x, device, prov_xml_first(&w.x, device)));
    assert_int_equal(PROV_OK, prov_params_read_xml(&w.p, rules_of("panasonic-utg"), &w.x, w.root,
                                                   &w.arena, NULL));
    dump(&w.p, list, sizeof(list));
    assert_string_equal("A=1 (0/1 3:1); B=2 (0/1 4:2)", list);
    end(&w);
}

static void
keeps_the_limit_of_a_file(void **state)
{
    static const char text[] = MARK "\nA=\"1\"\n", xml[] = DEVICE("<A>1</A>");
    struct prov_param_rules rules[2] = { *rules_of("panasonic-hdv"), *rules_of("panasonic-utg") };
    struct world w;

    (void)state;
    assert_int_equal(0, rules[0].file_bytes);
    assert_int_equal(240 * 1024, rules[1].file_bytes);
    for (int by = -1; by <= 1; by++) {
        const enum prov_status want = by < 0 ? PROV_E_LIMIT : PROV_OK;

        rules[0].file_bytes = (uint32_t)((int)sizeof(text) - 1 + by);
        open_text(&w, text, &rules[0], 1024);
        assert_int_equal(want, w.status);
        assert_int_equal(by < 0 ? PROV_D_PARAM_FILE_LONG : PROV_D_NONE, w.items[0].code);
        assert_int_equal(by < 0 ? rules[0].file_bytes : 0, w.items[0].need);
        end(&w);
        rules[1].file_bytes = (uint32_t)((int)sizeof(xml) - 1 + by);
        open_xml(&w, xml, &rules[1], 1024);
        assert_int_equal(want, w.status);
        assert_int_equal(by < 0 ? PROV_D_PARAM_FILE_LONG : PROV_D_NONE, w.items[0].code);
        end(&w);
    }
}

static void
refuses_every_smaller_arena(void **state)
{
    static const char text[] = MARK "\nA=\"1\"\nB_1=\"2\"\n";
    static const char xml[] = DEVICE("<A>1</A><B perm=\"x\">&lt;22</B><C>&amp;</C>");
    struct world w;
    size_t full[2];

    (void)state;
    open_text(&w, text, rules_of("panasonic-hdv"), 4096);
    full[0] = w.arena.perm;
    end(&w);
    open_xml(&w, xml, rules_of("panasonic-utg"), 4096);
    full[1] = w.arena.perm;
    end(&w);
    for (size_t room = 0; room < full[0]; room++) {
        open_text(&w, text, rules_of("panasonic-hdv"), room);
        assert_int_equal(PROV_E_SPACE, w.status);
        assert_int_equal(PROV_D_NO_ARENA_SPACE, w.items[0].code);
        assert_true(w.items[0].need > room && w.p.items == NULL);
        end(&w);
    }
    for (size_t room = 0; room < full[1]; room++) {
        open_xml(&w, xml, rules_of("panasonic-utg"), room);
        assert_int_equal(PROV_E_SPACE, w.status);
        assert_int_equal(PROV_D_NO_ARENA_SPACE, w.items[w.diags.count - 1].code);
        assert_true(w.items[w.diags.count - 1].need > room && w.p.items == NULL);
        end(&w);
    }
}

static const struct label {
    const char *name;
    const char *dialect;
    const char *label, *param;
    uint32_t index;
} labels[] = {
    { "text", "panasonic-hdv", "SIP_PASS_1", "SIP_PASS", 1 },
    { "largest", "panasonic-hdv", "A_65535", "A", 65535 },
    { "too large", "panasonic-hdv", "A_65536", "A_65536", 0 },
    { "six digits", "panasonic-hdv", "A_123456", "A_123456", 0 },
    { "nothing before it", "panasonic-hdv", "_1", "_1", 0 },
    { "no underscore", "panasonic-hdv", "KEY2", "KEY2", 0 },
    { "zero", "panasonic-hdv", "A_0", "A_0", 0 },
    { "leading zero", "panasonic-hdv", "A_01", "A_01", 0 },
    { "digits alone", "panasonic-hdv", "12", "12", 0 },
    { "nothing", "panasonic-hdv", "", "", 0 },
    { "two numbers", "panasonic-hdv", "A_1_2", "A_1", 2 },
    { "XML", "panasonic-utg", "SIP_PASS[1]", "SIP_PASS", 1 },
    { "XML, no number", "panasonic-utg", "SIP_PASS_1", "SIP_PASS_1", 0 },
    { "XML, empty brackets", "panasonic-utg", "A[]", "A[]", 0 },
    { "XML, not opened", "panasonic-utg", "A1]", "A1]", 0 },
    { "XML, nothing before it", "panasonic-utg", "[1]", "[1]", 0 },
    { "XML, nothing", "panasonic-utg", "", "", 0 },
};

static void
names_with_line_numbers_go_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(labels); i++) {
        const struct label *l = &labels[i];
        const struct prov_param_rules *rules = rules_of(l->dialect);
        char *exact = prov_copy_exact(l->label), mem[32];
        const struct prov_str label = { exact, strlen(l->label) };
        struct prov_str name = { NULL, 0 };
        struct prov_buf b = { mem, label.len, 0 };

        PROV_ROW(l->name, prov_param_split(rules, label, &name) == l->index);
        PROV_ROW(l->name, prov_str_eq(name, prov_str_z(l->param)));
        PROV_ROW(l->name, prov_param_label(rules, name, l->index, &b) == PROV_OK);
        PROV_ROW(l->name, prov_str_eq(prov_buf_str(&b), label));
        for (b.cap = 0; b.cap < label.len; b.cap++) {
            b.len = 0;
            PROV_ROW(l->name, prov_param_label(rules, name, l->index, &b) == PROV_E_SPACE);
            PROV_ROW(l->name, b.len == 0);
        }
        free(exact);
    }
}

static void
writes_a_text_file(void **state)
{
    static const char want[] = MARK "\r\nA=\"1\"\r\nB=\"\"\r\nA_2=\" x \"\r\n";
    struct world w;
    char out[sizeof(want)];
    size_t need = 0;

    (void)state;
    open_text(&w, MARK "\n# c\nA_2=\" x \"\nA=\"1\"\nB=\"\"\nA=\"9\"\n", rules_of("panasonic-hdv"),
              4096);
    for (size_t cap = 0; cap < sizeof(want); cap++) {
        struct prov_buf b = { out, cap, 0 };
        const bool fits = cap >= sizeof(want) - 1;

        assert_int_equal(fits ? PROV_OK : PROV_E_SPACE, prov_params_write(&w.p, &b, &need));
        assert_int_equal(fits ? sizeof(want) - 1 : 0, b.len);
        assert_int_equal(sizeof(want) - 1, need);
    }
    assert_memory_equal(want, out, sizeof(want) - 1);
    end(&w);
}

static void
writes_an_xml_document(void **state)
{
    static const char want[] = "<PANASIPPhoneConfig>\n"
                               "  <Initial>\n"
                               "    <U>a&amp;b&#13;\nc</U>\n"
                               "  </Initial>\n"
                               "  <Device>\n"
                               "    <A perm=\"!R\" access=\"AU\">&lt;]]&gt;</A>\n"
                               "    <Line idx=\"1\">\n"
                               "      <A>1</A>\n"
                               "      <B perm=\"\">\"2\"</B>\n"
                               "    </Line>\n"
                               "    <Line idx=\"3\">\n"
                               "      <A></A>\n"
                               "    </Line>\n"
                               "  </Device>\n"
                               "</PANASIPPhoneConfig>\n";
    struct world w, again;
    char out[1024], a[512], b[512];
    struct prov_buf buf = { out, sizeof(out) - 1, 0 };

    (void)state;
    open_xml(&w,
             ROOT("<Device><L idx=\"3\"><A/></L><L idx=\"1\"><B perm=\"\">\"2\"</B><A>1</A></L>"
                  "<A perm=\"!R\" access=\"AU\">&lt;]]&gt;</A></Device>"
                  "<Initial><U>a&amp;b&#13;\nc</U></Initial>"),
             rules_of("panasonic-utg"), 4096);
    assert_int_equal(PROV_OK, prov_params_write(&w.p, &buf, NULL));
    out[buf.len] = '\0';
    assert_string_equal(want, out);
    open_xml(&again, out, rules_of("panasonic-utg"), 4096);
    assert_int_equal(PROV_OK, again.status);
    for (uint32_t i = 0; i < again.p.count; i++) {
        struct prov_param *it = (struct prov_param *)(void *)again.mem_list;

        it[i].line = w.p.items[i].line;
        it[i].column = w.p.items[i].column;
    }
    dump(&w.p, a, sizeof(a));
    dump(&again.p, b, sizeof(b));
    assert_string_equal(a, b);
    end(&w);
    end(&again);
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_param_rules *text = rules_of("panasonic-hdv"),
                                  *xml = rules_of("panasonic-utg");
    const struct prov_str s = PROV_STR_INIT("x");
    struct prov_param_rules bad[8];
    struct prov_str name;
    struct prov_buf out = { NULL, 0, 0 };
    struct prov_params p = { .count = 7 };
    struct world w;

    (void)state;
    open_xml(&w, DEVICE("<A>1</A>"), xml, 1024);
    assert_int_equal(PROV_E_ARG, prov_params_read_text(NULL, text, s, s, &w.arena, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_text(&p, NULL, s, s, &w.arena, &w.diags));
    assert_int_equal(PROV_D_BAD_ARGUMENT, w.items[0].code);
    assert_int_equal(PROV_E_ARG, prov_params_read_text(&p, xml, s, s, &w.arena, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_text(&p, text, s, s, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_xml(NULL, xml, &w.x, w.root, &w.arena, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_xml(&p, NULL, &w.x, w.root, &w.arena, &w.diags));
    assert_int_equal(PROV_D_BAD_ARGUMENT, w.items[1].code);
    assert_int_equal(PROV_E_ARG, prov_params_read_xml(&p, text, &w.x, w.root, &w.arena, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_xml(&p, xml, NULL, w.root, &w.arena, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_xml(&p, xml, &w.x, 0, &w.arena, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_read_xml(&p, xml, &w.x, w.root, NULL, NULL));
    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        bad[i] = *xml;
    bad[0].root.len = 0;
    bad[1].groups = NULL;
    bad[2].group_count = 0;
    bad[3].group_count = 256;
    bad[4].index_element.len = bad[5].index.len = 0;
    bad[6].perms = NULL;
    bad[7].equal = (enum prov_cfg_equal)2;
    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        assert_int_equal(PROV_E_ARG,
                         prov_params_read_xml(&p, &bad[i], &w.x, w.root, &w.arena, NULL));
    assert_int_equal(7, p.count);
    assert_null(prov_params_find(NULL, s, 0));
    assert_null(prov_params_find(&w.p, s, 0));
    assert_null(prov_params_find(&w.p, prov_str_z("A"), 1));
    assert_int_equal(PROV_E_ARG, prov_param_label(NULL, s, 0, &out));
    assert_int_equal(PROV_E_ARG, prov_param_label(xml, s, 0, NULL));
    assert_int_equal(0, prov_param_split(NULL, s, &name));
    assert_int_equal(0, prov_param_split(xml, s, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_write(NULL, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_params_write(&w.p, NULL, NULL));
    assert_int_equal(PROV_E_SPACE, prov_params_write(&w.p, &out, NULL));
    end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_a_list),
        cmocka_unit_test(xml_becomes_a_list),
        cmocka_unit_test(refuses_what_is_no_such_file),
        cmocka_unit_test(keeps_an_address_with_one_slash),
        cmocka_unit_test(plain_values_point_into_the_source),
        cmocka_unit_test(reads_a_document_that_was_edited),
        cmocka_unit_test(an_element_without_its_children_is_a_parameter),
        cmocka_unit_test(an_element_that_was_moved_keeps_its_line),
        cmocka_unit_test(keeps_the_limit_of_a_file),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(names_with_line_numbers_go_both_ways),
        cmocka_unit_test(writes_a_text_file),
        cmocka_unit_test(writes_an_xml_document),
        cmocka_unit_test(refuses_bad_arguments),
    };

    return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
