/* SPDX-License-Identifier: MIT */
#include <prov/ref.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

static const struct prov_macro items[] = {
    { PROV_STR_INIT("{mac}"), PROV_STR_INIT("00095200000E") },
    { PROV_STR_INIT("<HWTYP>"), PROV_STR_INIT("D200") },
    { PROV_STR_INIT("{serial}"), PROV_STR_INIT("a b") },
    { PROV_STR_INIT("{crlf}"), PROV_STR_INIT("\r\n") },
};
static const struct prov_macro_set set = { items, PROV_COUNT(items) };
static const struct prov_str url_element = PROV_STR_INIT("url");

#define FIRST "http://prov.server.com/prov/references.xml"

/* A tree with its memory and one document at a time. */
struct world {
    struct prov_limits limits;
    struct prov_arena arena, xml_arena;
    struct prov_ref_tree tree;
    struct prov_xml xml;
    struct prov_diag items[8];
    struct prov_diags diags;
    char *mem, *xml_mem;
};

#define XML_BYTES 40000u

static void
empty_pool(struct world *w)
{
    const struct prov_limits small = { .size = sizeof(small), .pool_nodes = 600 };

    prov_arena_init(&w->xml_arena, w->xml_mem, XML_BYTES);
    assert_int_equal(PROV_OK, prov_xml_init(&w->xml, &w->xml_arena, &small, NULL, 1));
}

static void
begin(struct world *w, const char *first, size_t bytes)
{
    w->limits.size = sizeof(w->limits);
    assert_int_equal(PROV_OK, prov_limits_resolve(&w->limits, &w->limits));
    w->mem = malloc(bytes);
    w->xml_mem = malloc(XML_BYTES);
    assert_true(w->mem != NULL && w->xml_mem != NULL);
    prov_arena_init(&w->arena, w->mem, bytes);
    empty_pool(w);
    w->diags = (struct prov_diags){ w->items, PROV_COUNT(w->items), 0, 0 };
    assert_int_equal(PROV_OK, prov_ref_tree_init(&w->tree, &w->arena, &w->limits, prov_str_z(first),
                                                 prov_str_z("raw"), NULL));
    assert_int_equal(w->limits.tree_files + 1, w->tree.cap);
}

static void
end(struct world *w)
{
    free(w->mem);
    free(w->xml_mem);
}

static enum prov_status
add_from(struct world *w, uint32_t entry, const char *base, enum prov_macro_enc enc,
         const char *text)
{
    uint32_t root;

    w->diags.count = 0;
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&w->xml, prov_str_z("r.xml"), prov_str_z(text), &root, NULL));
    return prov_ref_tree_add(&w->tree, entry, prov_str_z(base), &w->xml, root, url_element, &set,
                             enc, &w->diags);
}

static enum prov_status
add(struct world *w, uint32_t entry, const char *text)
{
    return add_from(w, entry, entry == 0 ? FIRST : "http://h/d/r", PROV_MACRO_ENC_PERCENT, text);
}

/* The URLs in the order of applying, each with a blank behind it. */
static void
order(const struct prov_ref_tree *t, char *out)
{
    for (uint32_t i = 0; i != PROV_REF_NONE; i = t->entries[i].next) {
        memcpy(out, t->entries[i].url.ptr, t->entries[i].url.len);
        out += t->entries[i].url.len;
        *out++ = ' ';
    }
    *out = '\0';
}

static void
names_the_files_of_the_vendors_example(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\"?>\n"
        "<referencedSettings>\n"
        "  <url>first_file.xml</url>\n"
        "  <p:URL xmlns:p=\"p\"> \n /second_file.xml\t</p:URL>\n"
        "  <Url>http://another.server.com/third_file.xml</Url><url>"
        "/prov.py?mac={mac}&amp;s={serial}&amp;t=&lt;HWTYP&gt;<![CDATA[<x>]]></url>\n"
        "</referencedSettings>\n";
    struct world w = { .limits = { .size = 0 } };
    char all[512];

    (void)state;
    begin(&w, FIRST, 20000);
    assert_int_equal(PROV_OK, add(&w, 0, text));
    order(&w.tree, all);
    assert_string_equal(FIRST " http://prov.server.com/prov/first_file.xml "
                              "http://prov.server.com/second_file.xml "
                              "http://another.server.com/third_file.xml "
                              "http://prov.server.com/prov.py?mac=00095200000E&s=a%20b&t=D200<x> ",
                        all);
    assert_int_equal(0, w.diags.count);
    assert_int_equal(5, w.tree.count);
    const struct prov_ref_entry *e = w.tree.entries;

    assert_true(prov_str_is(e[0].raw.ptr, e[0].raw.len, "raw"));
    assert_true(prov_str_is(e[2].raw.ptr, e[2].raw.len, "/second_file.xml"));
    assert_true(
        prov_str_is(e[4].raw.ptr, e[4].raw.len, "/prov.py?mac={mac}&s={serial}&t=<HWTYP><x>"));
    assert_true(e[0].parent == PROV_REF_NONE && e[0].depth == 0 && e[0].line == 0);
    assert_true(e[1].parent == 0 && e[1].depth == 1 && e[1].line == 3 && e[1].column == 3);
    assert_true(e[4].line == 6 && e[4].column == 54);
    assert_int_equal(0, w.arena.scratch);
    end(&w);
}

static void
orders_nested_files_depth_first(void **state)
{
    struct world w = { .limits = { .size = 0 } };
    char all[512];

    (void)state;
    begin(&w, "http://h/0", 20000);
    assert_int_equal(PROV_OK, add_from(&w, 0, "http://h/0", 1,
                                       "<r><url>1</url><url>2</url>"
                                       "<url>3</url></r>"));
    /* Reference files come in as the network likes: the last one first. */
    assert_int_equal(PROV_OK, add_from(&w, 3, "http://h/3", 1, "<r><url>31</url></r>"));
    assert_int_equal(PROV_OK,
                     add_from(&w, 1, "http://g/1", 1, "<r><url>11</url><url>12</url></r>"));
    assert_int_equal(PROV_OK, add_from(&w, 2, "http://h/2", 1, "<r/>"));
    assert_int_equal(PROV_OK, add_from(&w, 5, "http://h/x/", 1, "<r><url>111</url></r>"));
    order(&w.tree, all);
    assert_string_equal("http://h/0 http://h/1 http://g/11 http://h/x/111 http://g/12 http://h/2 "
                        "http://h/3 http://h/31 ",
                        all);
    assert_int_equal(3, w.tree.entries[7].depth);
    assert_int_equal(5, w.tree.entries[7].parent);
    end(&w);
}

static const struct refusal {
    const char *name;
    const char *text; /* in line 2 of the file */
    enum prov_macro_enc enc;
    enum prov_status status;
    enum prov_diag_code code;
    const char *subject;
} refusals[] = {
    /* clang-format off */
    { "empty", "", 1, PROV_E_SYNTAX, PROV_D_REF_URL_EMPTY, "" },
    { "blank", " \n\t", 1, PROV_E_SYNTAX, PROV_D_REF_URL_EMPTY, "" },
    { "unknown scheme", "gopher://secret/x", 1, PROV_E_SYNTAX, PROV_D_REF_SCHEME, "" },
    { "one slash", "http:/h", 1, PROV_E_SYNTAX, PROV_D_URL_SCHEME_SLASHES, "" },
    { "fragment", "x#y", 1, PROV_E_SYNTAX, PROV_D_URL_FRAGMENT, "" },
    { "blank inside", "a b", 1, PROV_E_SYNTAX, PROV_D_URL_BAD_BYTE, "" },
    { "control by a value", "a{crlf}", 1, PROV_E_SYNTAX, PROV_D_REF_ESCAPED_CONTROL, "" },
    { "second @", "http://u:p@s@h/", 1, PROV_E_SYNTAX, PROV_D_URL_SECOND_AT, "" },
    { "raw value", "x{serial}", 0, PROV_E_DENIED, PROV_D_MACRO_BAD_VALUE, "{serial}" },
    { "itself", "references.xml", 1, PROV_E_DENIED, PROV_D_REF_CYCLE, "" },
    { "itself, spelled otherwise", "HTTP://PROV.server.com:80/prov/./references.xml", 1,
      PROV_E_DENIED, PROV_D_REF_CYCLE, "" },
    /* clang-format on */
};

/* The first URL is right: it must be gone too. */
static void
refuses_a_wrong_url_at_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct world w = { .limits = { .size = 0 } };
        char text[256];

        begin(&w, FIRST, 20000);
        const struct prov_ref_tree before = w.tree;
        const size_t perm = w.arena.perm;

        snprintf(text, sizeof(text), "<r><url>ok</url>\n <url>%s</url>\n</r>", r->text);
        PROV_ROW(r->name, add_from(&w, 0, FIRST, r->enc, text) == r->status);
        PROV_ROW(r->name, memcmp(&before, &w.tree, sizeof(before)) == 0);
        PROV_ROW(r->name, w.tree.entries[0].next == PROV_REF_NONE);
        PROV_ROW(r->name, w.arena.perm == perm && w.arena.scratch == 0);
        PROV_ROW(r->name, w.diags.count == 1 && w.items[0].status == r->status);
        PROV_ROW(r->name, w.items[0].code == r->code);
        PROV_ROW(r->name, w.items[0].line == 2 && w.items[0].column == 2);
        PROV_ROW(r->name, prov_str_is(w.items[0].source.ptr, w.items[0].source.len, "r.xml"));
        PROV_ROW(r->name, prov_str_is(w.items[0].subject.ptr, w.items[0].subject.len, r->subject));
        end(&w);
    }
}

static void
tells_a_cycle_from_a_file_named_twice(void **state)
{
    struct world w = { .limits = { .size = 0 } };

    (void)state;
    begin(&w, "http://h?", 20000);
    /* Brothers may be the same file; other credentials or another query make another file. */
    assert_int_equal(PROV_OK, add_from(&w, 0, "http://h", 1,
                                       "<r><url>a</url><url>a</url>"
                                       "<url>http://u@h/</url>"
                                       "<url>/?q</url></r>"));
    assert_int_equal(PROV_E_DENIED, add_from(&w, 1, "http://h/a", 1, "<r><url>/</url></r>"));
    assert_int_equal(PROV_D_REF_CYCLE, w.items[0].code);
    assert_int_equal(PROV_E_DENIED, add_from(&w, 1, "http://h/b", 1, "<r><url>a</url></r>"));
    /* Redirected from a to b: b names itself. */
    assert_int_equal(PROV_E_DENIED, add_from(&w, 1, "http://h/b", 1, "<r><url>b</url></r>"));
    assert_int_equal(PROV_OK, add_from(&w, 1, "http://h/b", 1, "<r><url>c</url></r>"));
    assert_int_equal(PROV_E_DENIED, add_from(&w, 5, "http://h/c", 1, "<r><url>/a</url></r>"));
    /* a is not above its brother. */
    assert_int_equal(PROV_OK, add_from(&w, 4, "http://h/?q", 1, "<r><url>/a</url></r>"));
    end(&w);
}

static void
hands_credentials_on_within_the_origin_and_shows_none(void **state)
{
    struct world w = { .limits = { .size = 0 } };
    char all[256];

    (void)state;
    begin(&w, "http://u:secret@h/r", 20000);
    assert_int_equal(PROV_OK, add_from(&w, 0, "http://u:secret@h/r", 1,
                                       "<r><url>a</url><url>http://h/b</url>"
                                       "<url>http://k/c</url></r>"));
    order(&w.tree, all);
    assert_string_equal("http://u:secret@h/r http://u:secret@h/a http://u:secret@h/b http://k/c ",
                        all);
    assert_int_equal(PROV_E_SYNTAX, add_from(&w, 1, "http://h/a", 1,
                                             "<r><url>u:secret@h</url>"
                                             "<url>x://u:secret@h</url></r>"));
    for (uint32_t i = 0; i < w.diags.count; i++) {
        char mem[256];
        struct prov_buf out = { mem, sizeof(mem) - 1, 0 };

        assert_int_equal(PROV_OK, prov_diag_format(&w.items[i], &out));
        mem[out.len] = '\0';
        assert_null(strstr(mem, "secret"));
    }
    end(&w);
}

static void
warns_of_elements_that_are_no_url(void **state)
{
    struct world w = { .limits = { .size = 0 } };

    (void)state;
    begin(&w, FIRST, 20000);
    assert_int_equal(PROV_OK, add(&w, 0, "<r>\n<uri>x</uri><url>a<SERIAL/>b</url></r>"));
    assert_int_equal(2, w.tree.count);
    assert_true(prov_str_is(w.tree.entries[1].raw.ptr, w.tree.entries[1].raw.len, "ab"));
    assert_int_equal(2, w.diags.count);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(PROV_D_REF_NOT_URL, w.items[i].code);
        assert_int_equal(PROV_SEVERITY_WARNING, prov_diag_severity(w.items[i].code));
        assert_int_equal(PROV_OK, w.items[i].status);
        assert_int_equal(2, w.items[i].line);
    }
    assert_true(prov_str_eq(prov_str_z("uri"), w.items[0].subject));
    assert_true(prov_str_eq(prov_str_z("SERIAL"), w.items[1].subject));
    assert_int_equal(19, w.items[1].column);
    end(&w);
}

/* A reference file with this many URLs. */
static const char *
many(char *text, unsigned count)
{
    char *at = text + sprintf(text, "<r>");

    for (unsigned i = 0; i < count; i++)
        at += sprintf(at, "\n<url>f%u</url>", i);
    sprintf(at, "</r>");
    return text;
}

static void
holds_the_limit_of_files(void **state)
{
    static const uint32_t limits[] = { 0, 1, 2, 200 };
    char text[8192];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(limits); i++) {
        const uint32_t most = limits[i] > 0 ? limits[i] : 32;
        struct world w = { .limits = { .tree_files = limits[i] } };

        begin(&w, FIRST, 60000);
        assert_int_equal(PROV_E_LIMIT, add(&w, 0, many(text, most + 1)));
        assert_int_equal(PROV_D_REF_TOO_MANY, w.items[0].code);
        assert_int_equal(most, w.items[0].need);
        assert_int_equal(most + 2, w.items[0].line); /* the last one */
        assert_int_equal(1, w.tree.count);
        assert_int_equal(PROV_OK, add(&w, 0, many(text, most - 1)));
        assert_int_equal(most, w.tree.count);
        if (most > 1) { /* the limit is one for all reference files together */
            assert_int_equal(PROV_E_LIMIT, add(&w, 1, many(text, 2)));
            assert_int_equal(PROV_OK, add(&w, 1, many(text, 1)));
        }
        end(&w);
    }
}

static void
holds_the_limit_of_depth(void **state)
{
    static const uint32_t limits[] = { 0, 1, 2, 32 };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(limits); i++) {
        const uint32_t most = limits[i] > 0 ? limits[i] : 4;
        struct world w = { .limits = { .tree_depth = limits[i] } };
        char text[64];

        begin(&w, "http://h/r", 30000);
        for (uint32_t depth = 0; depth < most; depth++) {
            snprintf(text, sizeof(text), "<r><url>%u</url></r>", (unsigned)depth);
            assert_int_equal(PROV_OK, add(&w, depth, text));
        }
        assert_int_equal(most, w.tree.entries[most].depth);
        assert_int_equal(PROV_E_LIMIT, add(&w, most, "<!-- x -->\n<r><url>x</url></r>"));
        assert_int_equal(PROV_D_REF_TOO_DEEP, w.items[0].code);
        assert_int_equal(most, w.items[0].need);
        assert_true(w.items[0].line == 2 && w.items[0].column == 1);
        end(&w);
    }
}

/* <url> with white space, then a name of so many bytes, then markers. */
static char *
padded(size_t blanks, size_t bytes, const char *tail)
{
    char *text = malloc(blanks + bytes + 64);

    assert_non_null(text);
    strcpy(text, "<r><url>");
    memset(text + 8, ' ', blanks);
    memset(text + 8 + blanks, 'x', bytes);
    strcpy(strcpy(text + 8 + blanks + bytes, tail) + strlen(tail), "</url></r>");
    return text;
}

static void
holds_the_limit_of_an_address(void **state)
{
    static const struct {
        const char *name;
        size_t blanks, bytes;
        const char *tail;
        bool fits;
    } rows[] = {
        /* url_bytes = 40, base = http://h/d/ with 11 bytes */
        { "one less", 0, 28, "", true },
        { "as long", 0, 29, "", true },
        { "one more", 0, 30, "", false },
        { "alone longer", 0, 41, "", false },
        { "by a marker, as long", 0, 17, "{mac}", true },
        { "by a marker", 0, 18, "{mac}", false },
        { "white space does not count", 51, 29, "", true },
        { "too much white space", 52, 29, "", false },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world w = { .limits = { .url_bytes = 40 } };
        char *text = padded(rows[i].blanks, rows[i].bytes, rows[i].tail);

        begin(&w, "http://h/d/r", 20000);
        const enum prov_status status = add_from(&w, 0, "http://h/d/r", 1, text);

        PROV_ROW(rows[i].name, status == (rows[i].fits ? PROV_OK : PROV_E_LIMIT));
        PROV_ROW(rows[i].name, rows[i].fits || w.items[0].code == PROV_D_URL_TOO_LONG);
        PROV_ROW(rows[i].name, rows[i].fits || w.items[0].need == 40);
        PROV_ROW(rows[i].name, rows[i].fits || w.items[0].line == 1);
        end(&w);
        free(text);
    }
}

/* Every arena that is too small is refused, and nothing of it is taken. */
static void
refuses_every_smaller_arena(void **state)
{
    struct world w = { .limits = { .url_bytes = 64, .tree_files = 3 } };
    static const char text[] = "<r><url>one</url><url>two</url></r>";
    const struct prov_str url = PROV_STR_INIT("http://h/r");
    bool inited = false, added = false;

    (void)state;
    begin(&w, "http://h/r", 4000);
    for (size_t bytes = 0; !added; bytes++) {
        char *mem = malloc(bytes > 0 ? bytes : 1);
        struct prov_ref_tree t = { .count = 77 };
        struct prov_diag diag = { 0 };

        assert_true(bytes < 2000);
        prov_arena_init(&w.arena, mem, bytes);
        const enum prov_status first = prov_ref_tree_init(&t, &w.arena, &w.limits, url, url, &diag);

        assert_true(first == PROV_OK || (first == PROV_E_SPACE && !inited && t.count == 77));
        assert_true(first == PROV_OK || (w.arena.perm == 0 && diag.need > bytes));
        inited = inited || first == PROV_OK;
        if (inited) {
            const size_t perm = w.arena.perm;

            w.tree = t;
            empty_pool(&w);
            added = add_from(&w, 0, "http://h/r", 1, text) == PROV_OK;
            assert_int_equal(0, w.arena.scratch);
            assert_int_equal(added ? 3 : 1, w.tree.count);
            assert_true(added || w.arena.perm == perm);
            assert_true(added || w.items[0].code == PROV_D_NO_ARENA_SPACE);
            assert_true(added || (w.items[0].need > bytes && w.items[0].status == PROV_E_SPACE));
        }
        w.arena.base = NULL;
        free(mem);
    }
    end(&w);
}

static void
refuses_a_first_file_that_is_no_address(void **state)
{
    struct world w = { .limits = { .url_bytes = 40 } };
    struct prov_ref_tree t = { .count = 77 };
    struct prov_diag diag = { 0 };
    const struct prov_str raw = PROV_STR_INIT("x"), good = PROV_STR_INIT("http://h/");
    const struct prov_str bad = PROV_STR_INIT("http://h:x/");
    const struct prov_str longest = PROV_STR_INIT("http://h/890123456789012345678901234567890");
    struct prov_arena *a = &w.arena;

    (void)state;
    begin(&w, "http://h", 9000);
    const size_t perm = a->perm;

    assert_int_equal(PROV_E_SYNTAX, prov_ref_tree_init(&t, a, &w.limits, bad, raw, &diag));
    assert_true(diag.code == PROV_D_URL_PORT && diag.column == 10);
    assert_int_equal(PROV_E_LIMIT, prov_ref_tree_init(&t, a, &w.limits, longest, raw, &diag));
    assert_true(diag.code == PROV_D_URL_TOO_LONG && diag.need == 40);
    assert_int_equal(PROV_E_ARG, prov_ref_tree_init(&t, NULL, &w.limits, good, raw, &diag));
    assert_int_equal(PROV_D_BAD_ARGUMENT, diag.code);
    assert_int_equal(PROV_E_ARG, prov_ref_tree_init(NULL, a, &w.limits, good, raw, NULL));
    assert_int_equal(PROV_E_ARG, prov_ref_tree_init(&t, a, NULL, good, raw, NULL));
    assert_true(t.count == 77 && a->perm == perm);
    assert_int_equal(PROV_OK, prov_ref_tree_init(&t, a, &w.limits, prov_str_cut(longest, 0, 40),
                                                 (struct prov_str){ NULL, 0 }, &diag));
    end(&w);
}

static void
refuses_bad_arguments(void **state)
{
    static const struct prov_macro nameless[] = { { PROV_STR_INIT(""), PROV_STR_INIT("x") } };
    static const struct prov_macro_set bad_set = { nameless, 1 };
    const struct prov_str base = PROV_STR_INIT("http://h/r"), none = { NULL, 0 };
    struct world w = { .limits = { .size = 0 } };
    uint32_t root;
    struct prov_ref_tree *t = &w.tree;

    (void)state;
    begin(&w, FIRST, 20000);
    assert_int_equal(PROV_OK,
                     prov_xml_parse(&w.xml, none, prov_str_z("<r><url>x</url></r>"), &root, NULL));
#define ADD(t, entry, base, x, root, element, set, enc) \
    prov_ref_tree_add(t, entry, base, x, root, element, set, enc, &w.diags)
    assert_int_equal(PROV_E_ARG, ADD(NULL, 0, base, &w.xml, root, url_element, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 1, base, &w.xml, root, url_element, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 0, url_element, &w.xml, root, url_element, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 0, base, NULL, root, url_element, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 0, base, &w.xml, 0, url_element, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 0, base, &w.xml, 999, url_element, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 0, base, &w.xml, root, none, &set, 1));
    assert_int_equal(PROV_E_ARG, ADD(t, 0, base, &w.xml, root, url_element, NULL, 1));
    w.diags.count = 0;
    assert_int_equal(PROV_E_ARG, ADD(t, 0, base, &w.xml, root, url_element, &bad_set, 1));
    assert_int_equal(PROV_E_ARG,
                     ADD(t, 0, base, &w.xml, root, url_element, &set, (enum prov_macro_enc)2));
    assert_int_equal(2, w.diags.count); /* one each */
    assert_int_equal(PROV_D_BAD_ARGUMENT, w.items[0].code);
    assert_int_equal(PROV_D_BAD_ARGUMENT, w.items[1].code);
    assert_int_equal(PROV_OK,
                     prov_ref_tree_add(t, 0, base, &w.xml, root, url_element, &set, 1, NULL));
#undef ADD
    end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_files_of_the_vendors_example),
        cmocka_unit_test(orders_nested_files_depth_first),
        cmocka_unit_test(refuses_a_wrong_url_at_its_place),
        cmocka_unit_test(tells_a_cycle_from_a_file_named_twice),
        cmocka_unit_test(hands_credentials_on_within_the_origin_and_shows_none),
        cmocka_unit_test(warns_of_elements_that_are_no_url),
        cmocka_unit_test(holds_the_limit_of_files),
        cmocka_unit_test(holds_the_limit_of_depth),
        cmocka_unit_test(holds_the_limit_of_an_address),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(refuses_a_first_file_that_is_no_address),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("ref", tests, NULL, NULL);
}
