/* SPDX-License-Identifier: MIT */
#include <prov/xml.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define ARENA_BYTES (4u << 20)

/* A pool in a heap block; the texts read into it are copies of exact size. */
struct pool {
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_diag items[8];
    struct prov_diags diags;
    char *texts[300];
    size_t text_count;
};

static struct pool *
pool_new(const struct prov_limits *limits, const struct prov_xml_heap *heap)
{
    struct pool *p = calloc(1, sizeof(*p));
    void *mem = malloc(ARENA_BYTES);

    assert_non_null(p);
    assert_non_null(mem);
    prov_arena_init(&p->arena, mem, ARENA_BYTES);
    assert_int_equal(PROV_OK, prov_xml_init(&p->x, &p->arena, limits, heap, 42));
    p->diags = (struct prov_diags){ p->items, PROV_COUNT(p->items), 0, 0 };
    return p;
}

static void
pool_free(struct pool *p)
{
    for (size_t i = 0; i < p->text_count; i++)
        free(p->texts[i]);
    free(p->arena.base);
    free(p);
}

static enum prov_status
read_bytes(struct pool *p, const char *text, size_t len, uint32_t *root)
{
    char *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, text, len);
    p->texts[p->text_count++] = copy;
    p->diags.count = 0;
    return prov_xml_parse(&p->x, prov_str_z("t.xml"), (struct prov_str){ copy, len }, root,
                          &p->diags);
}

static uint32_t
read_ok(struct pool *p, const char *text)
{
    uint32_t root = PROV_XML_NONE;

    assert_int_equal(PROV_OK, read_bytes(p, text, strlen(text), &root));
    assert_int_not_equal(PROV_XML_NONE, root);
    return root;
}

static bool
writes(const struct pool *p, uint32_t root, const char *text, size_t len)
{
    char *mem = malloc(len + 1);
    struct prov_buf out = { mem, len, 0 };

    assert_non_null(mem);
    const bool same = prov_xml_write(&p->x, root, &out, NULL) == PROV_OK && out.len == len &&
                      memcmp(mem, text, len) == 0;

    free(mem);
    return same;
}

#define BOM "\xEF\xBB\xBF"
#define DECL(encoding) "<?xml version=\"1.0\" encoding=\"" encoding "\"?>"

static const struct refused {
    const char *name, *text;
    size_t len; /* 0: up to the NUL */
    enum prov_diag_code code;
    uint32_t line, column;
    const char *subject;
} refused[] = {
    /* clang-format off */
    { "nothing",               "", 0, PROV_D_XML_EMPTY, 1, 1, "" },
    { "blanks",                " \r\n\n ", 0, PROV_D_XML_EMPTY, 3, 2, "" },
    { "mark only",             BOM, 0, PROV_D_XML_EMPTY, 1, 1, "" },
    { "comment only",          "<!-- x -->\n", 0, PROV_D_XML_EMPTY, 2, 1, "" },
    { "declaration only",      DECL("UTF-8"), 0, PROV_D_XML_EMPTY, 1, 39, "" },
    { "HTML with DOCTYPE",     "\n<!DOCTYPE html><html></html>", 0, PROV_D_XML_HTML, 2, 1, "" },
    { "HTML in any case",      "<!doctype HTML>\n<HTML>", 0, PROV_D_XML_HTML, 1, 1, "" },
    { "HTML root",             "<!-- p -->\n <Html>\n</Html>", 0, PROV_D_XML_HTML, 2, 2, "" },
    { "HTML that is no XML",   "<html lang=en>", 0, PROV_D_XML_HTML, 1, 1, "" },
    { "HTML cut off",          "<html", 0, PROV_D_XML_HTML, 1, 1, "" },
    { "HTML after a blank declaration", "\n<?xml version='1.0'?><html/>", 0, PROV_D_XML_HTML, 2, 22, "" },
    { "plain text",            "\n NAME=\"x\"", 0, PROV_D_XML_NOT_XML, 2, 2, "" },
    { "plain text with <",     "x <a/>", 0, PROV_D_XML_NOT_XML, 1, 1, "" },
    { "UTF-16 LE mark",        "\xFF\xFE<\0a\0", 6, PROV_D_XML_UTF16, 1, 1, "" },
    { "UTF-16 BE mark",        "\xFE\xFF\0<\0a", 6, PROV_D_XML_UTF16, 1, 1, "" },
    { "UTF-16 LE",             "<\0a\0/\0>\0", 8, PROV_D_XML_UTF16, 1, 1, "" },
    { "UTF-16 BE",             "\0<\0a\0/\0>", 8, PROV_D_XML_UTF16, 1, 1, "" },
    { "ISO-8859-1 byte",       "<a>\nab\xFC</a>", 0, PROV_D_XML_NOT_UTF8, 2, 3, "" },
    { "stray continuation",    "<a b=\"\x80\"/>", 0, PROV_D_XML_NOT_UTF8, 1, 7, "" },
    { "DOCTYPE",               "<?xml version='1.0'?>\n<!DOCTYPE a>\n<a/>", 0, PROV_D_XML_DOCTYPE, 2, 1, "" },
    { "billion laughs",        "<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;\">]><a>&d;</a>", 0, PROV_D_XML_DOCTYPE, 1, 1, "" },
    { "DOCTYPE with system id", "<!--c--><!DOCTYPE a SYSTEM 'x.dtd'><a/>", 0, PROV_D_XML_DOCTYPE, 1, 9, "" },
    { "DOCTYPE cut off",       "<!DOCTYPE a", 0, PROV_D_XML_DOCTYPE, 1, 1, "" },
    { "no version",            "<?xml encoding='UTF-8' bogus='1'?><a/>", 0, PROV_D_XML_DECLARATION, 1, 7, "" },
    { "blank before it",       "\n" DECL("UTF-8") "<a/>", 0, PROV_D_XML_DECLARATION_PLACE, 2, 1, "" },
    { "second declaration",    "<a><?xml version='1.0'?></a>", 0, PROV_D_XML_DECLARATION_PLACE, 1, 4, "" },
    { "cut off in text",       "<a>\n<bc>x", 0, PROV_D_XML_CUT_OFF, 2, 6, "bc" },
    { "end tag missing",       "<a>\r\n<b/>\r\n", 0, PROV_D_XML_CUT_OFF, 3, 1, "a" },
    { "cut off in a tag",      "<a>\n<b c=\"", 0, PROV_D_XML_CUT_OFF_MARKUP, 2, 1, "" },
    { "cut off in a comment",  "<a> <!-- </a>", 0, PROV_D_XML_CUT_OFF_MARKUP, 1, 5, "" },
    { "cut off in CDATA",      "<a><![CDATA[x]]", 0, PROV_D_XML_CUT_OFF_MARKUP, 1, 4, "" },
    { "cut off in a character", "<a>\xC3", 0, PROV_D_XML_CUT_OFF_MARKUP, 1, 4, "" },
    { "cut off in an entity",  "<a>&am", 0, PROV_D_XML_CUT_OFF_MARKUP, 1, 4, "" },
    { "wrong end tag",         "<a>\n <b></c>\n</a>", 0, PROV_D_XML_TAG_MISMATCH, 2, 7, "b" },
    { "second root",           "<a/>\n<b/>", 0, PROV_D_XML_AFTER_ROOT, 2, 1, "" },
    { "text after the root",   "<a/>x", 0, PROV_D_XML_AFTER_ROOT, 1, 5, "" },
    { "attribute twice",       "<a b='1'\n c='2' b='3'/>", 0, PROV_D_XML_DUPLICATE_ATTRIBUTE, 2, 8, "b" },
    { "HTML entity",           "<a>\n x&nbsp;</a>", 0, PROV_D_XML_ENTITY_UNDEFINED, 2, 3, "nbsp" },
    { "HTML entity in a value", "<a b='&uuml;'/>", 0, PROV_D_XML_ENTITY_UNDEFINED, 1, 7, "uuml" },
    { "second entity of a tag", "<a\n b='&lt;&#9;' c='&amp;&euro;'/>", 0, PROV_D_XML_ENTITY_UNDEFINED, 2, 23, "euro" },
    { "character 0 in a value", "<a b='&#0;'/>", 0, PROV_D_XML_CHAR_REFERENCE, 1, 7, "" },
    { "character 0",           "<a>&#0;</a>", 0, PROV_D_XML_CHAR_REFERENCE, 1, 4, "" },
    { "character too large",   "<a>&#x110000;</a>", 0, PROV_D_XML_CHAR_REFERENCE, 1, 4, "" },
    { "bare ampersand",        "<a>x & y</a>", 0, PROV_D_XML_AMPERSAND, 1, 6, "" },
    { "ampersand in a query",  "<a>http://h/?a=1&bc=2</a>", 0, PROV_D_XML_AMPERSAND, 1, 17, "" },
    { "< in a value",          "<a b=\"x>\n<c/></a>", 0, PROV_D_XML_LESS_THAN, 2, 1, "" },
    { "< in text",             "<a>1 <2</a>", 0, PROV_D_XML_NOT_WELL_FORMED, 1, 7, "" },
    { "no quotes",             "<a b=c/>", 0, PROV_D_XML_NOT_WELL_FORMED, 1, 6, "" },
    { "control character",     "<a>\x01</a>", 0, PROV_D_XML_NOT_WELL_FORMED, 1, 4, "" },
    { "]]> in text",           "<a>]]></a>", 0, PROV_D_XML_NOT_WELL_FORMED, 1, 6, "" },
    { "NUL byte",              "<a>\0</a>", 8, PROV_D_XML_NOT_WELL_FORMED, 1, 4, "" },
    { "column after a mark",   BOM "<a b=c/>", 0, PROV_D_XML_NOT_WELL_FORMED, 1, 6, "" },
    { "CR counts as a line",   "<a>\r\r\n\n<b c=d/></a>", 0, PROV_D_XML_NOT_WELL_FORMED, 4, 6, "" },
    /* clang-format on */
};

static void
names_every_mistake_and_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refused); i++) {
        const struct refused *r = &refused[i];
        struct pool *p = pool_new(NULL, NULL);
        uint32_t root = 77;
        const enum prov_status st =
            read_bytes(p, r->text, r->len > 0 ? r->len : strlen(r->text), &root);
        const struct prov_diag *d = &p->items[p->diags.count - 1];

        PROV_ROW(r->name, st == PROV_E_SYNTAX);
        PROV_ROW(r->name, root == 77 && p->x.node_count == 0 && p->x.source_count == 0);
        PROV_ROW(r->name, p->diags.count == 1);
        if (d->code != r->code || d->line != r->line || d->column != r->column)
            fail_msg("row '%s': PROV-%04d at %u:%u", r->name, (int)d->code, d->line, d->column);
        PROV_ROW(r->name, d->status == PROV_E_SYNTAX);
        PROV_ROW(r->name, prov_str_is(d->subject.ptr, d->subject.len, r->subject));
        PROV_ROW(r->name, prov_str_is(d->source.ptr, d->source.len, "t.xml"));
        pool_free(p);
    }
}

static const struct accepted {
    const char *name, *text;
    enum prov_diag_code warning;
    uint32_t column;
} accepted[] = {
    /* clang-format off */
    { "smallest",          "<a/>", PROV_D_NONE, 0 },
    { "everything around", BOM DECL("utf-8") "\r\n<!-- <b> -->\r\n<?pi <c?><a>\r\n</a>\r\n<!-- e -->\n", PROV_D_NONE, 0 },
    { "tags over lines",   "<a\n b = '>'\r\n\tc=\"/>'\" ><d\n/></a\n>", PROV_D_NONE, 0 },
    { "CDATA",             "<a><![CDATA[<b>]] ]]]]><c/><![CDATA[]]></a>", PROV_D_NONE, 0 },
    { "US-ASCII",          DECL("us-Ascii") "<a/>", PROV_D_NONE, 0 },
    { "other encoding",    DECL("ISO-8859-1") "<a>\xC3\xBC</a>", PROV_D_XML_ENCODING_OTHER, 31 },
    { "UTF-16 by name",    BOM DECL("UTF-16") "<a/>", PROV_D_XML_ENCODING_OTHER, 31 },
    { "wrong name",        DECL("utf=8") "\n<a/>", PROV_D_XML_ENCODING_NAME, 31 },
    { "empty name",        DECL("") "\n<a/>", PROV_D_XML_ENCODING_NAME, 31 },
    { "name with a blank", BOM "<?xml version='1.0' encoding = 'UTF 8' standalone='yes' ?>\n<a/>", PROV_D_XML_ENCODING_NAME, 33 },
    { "encoding in a comment", "<!-- " DECL("utf=8") " --><a/>", PROV_D_NONE, 0 },
    /* clang-format on */
};

static void
reads_and_writes_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(accepted); i++) {
        const struct accepted *r = &accepted[i];
        struct pool *p = pool_new(NULL, NULL);
        uint32_t root = 0;

        PROV_ROW(r->name, read_bytes(p, r->text, strlen(r->text), &root) == PROV_OK);
        PROV_ROW(r->name, p->diags.count == (r->warning != PROV_D_NONE));
        PROV_ROW(r->name, p->diags.count == 0 || p->items[0].code == r->warning);
        PROV_ROW(r->name, p->diags.count == 0 || p->items[0].status == PROV_OK);
        PROV_ROW(r->name, p->diags.count == 0 || p->items[0].line == 1);
        PROV_ROW(r->name, p->diags.count == 0 || p->items[0].column == r->column);
        PROV_ROW(r->name, writes(p, root, r->text, strlen(r->text)));
        PROV_ROW(r->name, prov_xml_is(&p->x, root, prov_str_z("a")));
        pool_free(p);
    }
}

static const char sample[] =
    BOM "<?xml version=\"1.0\" encoding=\"utf=8\"?>\r\n<!-- c --><configuration a='1'\n b=\">\">"
        "<s:x/><![CDATA[ ]]>&amp;&#10;\xC3\xBC<y z = \"&quot;\">t</y  >\n</configuration  >\n ";

static void
refuses_every_beginning_of_a_file(void **state)
{
    const size_t full = strlen(sample) - 2; /* the blanks at the end may be missing */

    (void)state;
    for (size_t len = 0; len < full; len++) {
        struct pool *p = pool_new(NULL, NULL);
        uint32_t root = 0;

        assert_int_equal(PROV_E_SYNTAX, read_bytes(p, sample, len, &root));
        const struct prov_diag *d = &p->items[p->diags.count - 1];

        assert_int_equal(PROV_SEVERITY_ERROR, prov_diag_severity(d->code));
        assert_true(d->line >= 1 && d->line <= 4);
        assert_true(d->column >= 1 && d->column <= len + 1);
        pool_free(p);
    }
    for (size_t len = full; len <= full + 2; len++) {
        struct pool *p = pool_new(NULL, NULL);
        uint32_t root = 0;

        assert_int_equal(PROV_OK, read_bytes(p, sample, len, &root));
        pool_free(p);
    }
}

/* ---- Limits ---- */

/* depth elements in each other; the innermost has attributes, and there are nodes in all. */
static char *
make_document(uint32_t depth, uint32_t attributes, uint32_t nodes)
{
    const size_t room = 64 + (size_t)depth * 8 + (size_t)attributes * 12 + (size_t)nodes * 4;
    char *text = calloc(1, room), *at = text;

    assert_non_null(text);
    for (uint32_t i = 1; i < depth; i++)
        at += sprintf(at, "<a>");
    at += sprintf(at, "<a");
    for (uint32_t i = 0; i < attributes; i++)
        at += sprintf(at, " b%u=''", i);
    at += sprintf(at, "/>");
    for (uint32_t i = depth; i < nodes; i++)
        at += sprintf(at, "<a/>");
    for (uint32_t i = 1; i < depth; i++)
        at += sprintf(at, "</a>");
    return text;
}

static const struct limit {
    const char *name;
    uint32_t depth, attributes, nodes; /* of a document that just fits */
    struct prov_limits limits;
    enum prov_diag_code code;
    uint32_t need;
} limits[] = {
    /* clang-format off */
    { "depth", 5, 0, 5, { .xml_depth = 5 }, PROV_D_XML_TOO_DEEP, 5 },
    { "default depth", 32, 0, 32, { .xml_depth = 0 }, PROV_D_XML_TOO_DEEP, 32 },
    { "1,000 levels", 1000, 0, 1000, { .xml_depth = 1000 }, PROV_D_XML_TOO_DEEP, 1000 },
    { "attributes", 2, 7, 2, { .xml_attributes = 7 }, PROV_D_XML_ATTRIBUTES, 7 },
    { "default attributes", 2, 64, 2, { .xml_attributes = 0 }, PROV_D_XML_ATTRIBUTES, 64 },
    { "elements", 2, 0, 9, { .xml_nodes = 9, .pool_nodes = 99 }, PROV_D_XML_NODES, 9 },
    { "default elements", 2, 0, 8192, { .xml_nodes = 0 }, PROV_D_XML_NODES, 8192 },
    { "elements of all", 2, 0, 9, { .xml_nodes = 99, .pool_nodes = 9 }, PROV_D_XML_POOL_NODES, 9 },
    /* clang-format on */
};

static void
check_limit(const struct limit *r, int over)
{
    const uint32_t more = over > 0 ? 1u : 0u, less = over < 0 ? 1u : 0u;
    const uint32_t depth = r->depth + (r->code == PROV_D_XML_TOO_DEEP) * (more - less);
    const uint32_t attributes = r->attributes + (r->code == PROV_D_XML_ATTRIBUTES) * (more - less);
    const uint32_t nodes = (r->nodes < depth ? depth : r->nodes) + more - less;
    struct prov_limits all = r->limits;
    uint32_t root = 0;

    all.size = sizeof(all);
    struct pool *p = pool_new(&all, NULL);
    char *text = make_document(
        depth, attributes,
        r->code == PROV_D_XML_NODES || r->code == PROV_D_XML_POOL_NODES ? nodes : depth);
    const enum prov_status st = read_bytes(p, text, strlen(text), &root);

    PROV_ROW(r->name, st == (over > 0 ? PROV_E_LIMIT : PROV_OK));
    if (over > 0) {
        PROV_ROW(r->name, p->items[0].code == r->code && p->items[0].need == r->need);
        PROV_ROW(r->name, p->items[0].line == 1 && p->items[0].column >= 1);
        PROV_ROW(r->name, text[p->items[0].column - 1] == '<');
        PROV_ROW(r->name, p->x.node_count == 0);
    } else {
        PROV_ROW(r->name, writes(p, root, text, strlen(text)));
        PROV_ROW(r->name, prov_xml_check(&p->x, root, NULL) == PROV_OK);
        PROV_ROW(r->name, prov_xml_equal(&p->x, root, root));
    }
    free(text);
    pool_free(p);
}

static void
holds_every_limit_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(limits); i++) {
        check_limit(&limits[i], -1);
        check_limit(&limits[i], 0);
        check_limit(&limits[i], 1);
    }
}

static void
takes_255_sources_and_no_more(void **state)
{
    struct pool *p = pool_new(NULL, NULL);
    uint32_t root = 0;

    (void)state;
    for (int i = 0; i < 255; i++)
        assert_int_equal(PROV_OK, read_bytes(p, "<a/>", 4, &root));
    assert_int_equal(255, root);
    assert_int_equal(PROV_E_LIMIT, read_bytes(p, "<a/>", 4, &root));
    assert_int_equal(PROV_D_XML_SOURCES, p->items[0].code);
    assert_int_equal(255, p->items[0].need);
    assert_int_equal(255, root);
    pool_free(p);
}

/* ---- Memory ---- */

static size_t allocations_left, blocks;

static void *
scarce_alloc(size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    blocks++;
    return malloc(bytes);
}

static void *
scarce_resize(void *old, size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    blocks += old == NULL;
    return realloc(old, bytes);
}

static void
scarce_release(void *p)
{
    blocks -= p != NULL;
    free(p);
}

static void
survives_a_failure_of_any_allocation(void **state)
{
    static const struct prov_xml_heap heap = { scarce_alloc, scarce_resize, scarce_release };
    struct pool *p = pool_new(NULL, &heap);
    enum prov_status st = PROV_E_MEMORY;
    uint32_t root = 0;
    size_t n = 0;

    (void)state;
    for (; st == PROV_E_MEMORY && n < 1000; n++) {
        allocations_left = n;
        st = read_bytes(p, sample, strlen(sample), &root);
        assert_int_equal(0, blocks);
        assert_true(st == PROV_OK || (p->items[p->diags.count - 1].code == PROV_D_NO_HEAP &&
                                      p->items[p->diags.count - 1].line == 0 && root == 0));
        free(p->texts[--p->text_count]);
    }
    assert_int_equal(PROV_OK, st);
    assert_true(n > 5);
    pool_free(p);
}

static void
refuses_every_smaller_arena(void **state)
{
    const struct prov_limits few = { .size = sizeof(few), .xml_nodes = 4 };
    struct prov_xml x = { .node_count = 9 };
    struct prov_arena a;
    size_t cap = 0;

    (void)state;
    for (;; cap++) {
        unsigned char *mem = malloc(cap + 1);

        prov_arena_init(&a, mem + 1, cap);
        const enum prov_status st = prov_xml_init(&x, &a, &few, NULL, 0);

        if (st != PROV_OK) {
            assert_int_equal(PROV_E_SPACE, st);
            assert_int_equal(0, a.perm);
            assert_int_equal(9, x.node_count);
            assert_true(a.need > cap);
        }
        free(mem);
        if (st == PROV_OK)
            break;
    }
    assert_int_equal(0, x.node_count);
    assert_true(cap >= 9 * sizeof(struct prov_xml_node));
}

static void
refuses_bad_arguments(void **state)
{
    static const struct prov_xml_heap half = { scarce_alloc, NULL, scarce_release };
    const struct prov_limits wrong = { .size = sizeof(wrong), .xml_depth = 1001 };
    const struct prov_limits no_size = { .size = 1 };
    const struct prov_str huge = { "<a/>", (size_t)1 << 31 }, none = { NULL, 4 };
    struct pool *p = pool_new(NULL, NULL);
    struct prov_xml x;
    uint32_t root = 5;

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_xml_init(NULL, &p->arena, NULL, NULL, 0));
    assert_int_equal(PROV_E_ARG, prov_xml_init(&x, NULL, NULL, NULL, 0));
    assert_int_equal(PROV_E_ARG, prov_xml_init(&x, &p->arena, NULL, &half, 0));
    assert_int_equal(PROV_E_ARG, prov_xml_init(&x, &p->arena, &wrong, NULL, 0));
    assert_int_equal(PROV_E_ABI, prov_xml_init(&x, &p->arena, &no_size, NULL, 0));
    assert_int_equal(PROV_E_ARG, prov_xml_parse(NULL, none, none, &root, &p->diags));
    assert_int_equal(PROV_D_BAD_ARGUMENT, p->items[0].code);
    assert_int_equal(PROV_E_ARG, prov_xml_parse(&p->x, none, none, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_xml_parse(&p->x, none, none, &root, NULL));
    assert_int_equal(PROV_E_ARG, prov_xml_parse(&p->x, none, huge, &root, NULL));
    assert_int_equal(5, root);
    pool_free(p);
}

/* Larger than what expat is given at once, with tokens that do not fit into a piece. */
static void
reads_large_tokens_and_files(void **state)
{
    struct prov_limits many = { .size = sizeof(many), .xml_nodes = 50000 };
    struct pool *p = pool_new(&many, NULL);
    char *text = malloc(2000000), *at = text;

    (void)state;
    assert_non_null(text);
    at += sprintf(at, "<a><!--");
    memset(at, '>', 300000);
    at += 300000;
    at += sprintf(at, "--><b c='");
    memset(at, 'x', 100000);
    at += 100000;
    at += sprintf(at, "'/>");
    for (int i = 0; i < 20000; i++)
        at += sprintf(at, "<n%d v=\"%d\">text</n%d>\r\n", i, i, i);
    sprintf(at, "</a>");
    const uint32_t root = read_ok(p, text);
    uint32_t c = prov_xml_first(&p->x, root);

    for (int i = 0; i < 20000; i++) {
        char name[16];

        c = prov_xml_next(&p->x, c);
        sprintf(name, "n%d", i);
        assert_true(prov_xml_is(&p->x, c, prov_str_z(name)));
        assert_true(prov_xml_text_is(&p->x, c, prov_str_z("text")));
    }
    assert_int_equal(PROV_XML_NONE, prov_xml_next(&p->x, c));
    assert_true(writes(p, root, text, strlen(text)));
    free(text);
    pool_free(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_mistake_and_its_place),
        cmocka_unit_test(reads_and_writes_the_same_bytes),
        cmocka_unit_test(refuses_every_beginning_of_a_file),
        cmocka_unit_test(holds_every_limit_exactly),
        cmocka_unit_test(takes_255_sources_and_no_more),
        cmocka_unit_test(survives_a_failure_of_any_allocation),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(reads_large_tokens_and_files),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
