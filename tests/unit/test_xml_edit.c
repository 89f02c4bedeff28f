/* SPDX-License-Identifier: MIT */
#include <prov/xml.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

#define ARENA_BYTES (8u << 20)

struct pool {
    struct prov_arena arena;
    struct prov_xml x;
};

static void
pool_init(struct pool *p, size_t bytes, const struct prov_limits *limits)
{
    void *mem = malloc(bytes);

    assert_non_null(mem);
    prov_arena_init(&p->arena, mem, bytes);
    assert_int_equal(PROV_OK, prov_xml_init(&p->x, &p->arena, limits, NULL, 7));
}

static uint32_t
read_ok(struct pool *p, const char *text)
{
    uint32_t root = PROV_XML_NONE;

    assert_int_equal(PROV_OK,
                     prov_xml_parse(&p->x, prov_str_z("t"), prov_str_z(text), &root, NULL));
    return root;
}

static bool
writes(const struct prov_xml *x, uint32_t root, const char *text)
{
    const size_t len = strlen(text);
    char *mem = malloc(len + 1);
    struct prov_buf out = { mem, len, 0 };
    size_t need = 0;

    assert_non_null(mem);
    const enum prov_status st = prov_xml_write(x, root, &out, &need);
    const bool same = st == PROV_OK && out.len == len && memcmp(mem, text, len) == 0;

    free(mem);
    return same;
}

/*
 * Edits as a string, one letter and one or two elements each, numbered in the
 * order in which they are read, the change after the settings:
 * Dn delete, Rn,m replace n with m, An,m append m to n, Mn,m merge the attributes
 * of m into n, leaving out `patch` and `patchDefault`, Nn,m give n the name of m.
 */
static enum prov_status
edit(struct prov_xml *x, const char *edits)
{
    static const struct prov_str drop[] = { PROV_STR_INIT("patch"), PROV_STR_INIT("patchDefault") };
    enum prov_status st = PROV_OK;

    while (*edits != '\0' && st == PROV_OK) {
        const char what = *edits;
        char *end;
        const uint32_t one = (uint32_t)strtoul(edits + 1, &end, 10);
        const uint32_t two = *end == ',' ? (uint32_t)strtoul(end + 1, &end, 10) : 0;

        st = what == 'D'   ? prov_xml_delete(x, one)
             : what == 'R' ? prov_xml_replace(x, one, two)
             : what == 'A' ? prov_xml_append(x, one, two)
             : what == 'N' ? prov_xml_rename(x, one, prov_xml_name(x, two))
                           : prov_xml_merge_attrs(x, one, two, drop, 2, NULL);
        for (edits = end; *edits == ' ';)
            edits++;
    }
    return st;
}

static const struct row {
    const char *name, *settings, *change, *edits, *result;
} rows[] = {
    /* clang-format off */
    { "nothing", "<a>\n <b/>\n</a>\n", "", "", "<a>\n <b/>\n</a>\n" },
    /* deleting */
    { "delete", "<a>\n <b/>\n <c/>\n</a>", "", "D2", "<a>\n <c/>\n</a>" },
    { "delete the last", "<a>\n <b/>\n <c/>\n</a>", "", "D3", "<a>\n <b/>\n</a>" },
    { "delete the only one", "<a>\n <b/>\n</a>", "", "D2", "<a>\n</a>" },
    { "delete all", "<a><b/><c/></a>", "", "D2 D3", "<a></a>" },
    { "a comment stays", "<a>\n <!-- b -->\n <b/>\n <c/>\n</a>", "", "D2", "<a>\n <!-- b -->\n <c/>\n</a>" },
    { "text stays as it is", "<a>one <b/> two</a>", "", "D2", "<a>one  two</a>" },
    { "a blank behind CDATA is text", "<a><![CDATA[x]]> <b/></a>", "", "D2", "<a><![CDATA[x]]> </a>" },
    { "]]> does not come about", "<a>]]<b/>></a>", "", "D2", "<a>]]<!---->></a>" },
    { "CR and LF stay two", "<a>x\r<b/>\ny</a>", "", "D2", "<a>x\r<!---->\ny</a>" },
    { "deep inside", "<a>\n <b>\n  <c/>\n  <d/>\n </b>\n</a>", "", "D3", "<a>\n <b>\n  <d/>\n </b>\n</a>" },
    /* replacing */
    { "replace", "<a>\n <b>1</b>\n <c/>\n</a>", "<x><b>2</b></x>", "R2,5", "<a>\n <b>2</b>\n <c/>\n</a>" },
    { "replace twice", "<a>\n <b/>\n</a>", "<x><y/><z/></x>", "R2,4 R4,5", "<a>\n <z/>\n</a>" },
    { "replace, then delete", "<a>\n <b/>\n <c/>\n</a>", "<x><y/></x>", "R2,5 D5", "<a>\n <c/>\n</a>" },
    { "replace with an inner one", "<a>\n <b> <c> t </c> </b>\n</a>", "", "R2,3", "<a>\n <c> t </c>\n</a>" },
    { "replace with a sibling", "<a>\n <b/>\n <c/>\n <d/>\n</a>", "", "R2,3", "<a>\n <c/>\n <d/>\n</a>" },
    { "replace with a whole file", "<a><b/></a>", "<?xml version='1.0'?>\n<x>\n</x>\n", "R2,3", "<a><x>\n</x></a>" },
    { "replace in what is new", "<a>\n</a>", "<x>\n <y/>\n</x>", "A1,2", "<a>\n  <x>\n <y/>\n</x>\n</a>" },
    /* appending */
    { "append", "<a>\r\n\t<b/>\r\n</a>", "<x/>", "A1,3", "<a>\r\n\t<b/>\r\n\t<x/>\r\n</a>" },
    { "append several", "<a>\n <b/>\n</a>", "<x><y/><z/></x>", "A1,4 A1,5", "<a>\n <b/>\n <y/>\n <z/>\n</a>" },
    { "append in one line", "<a><b/></a>", "<x/>", "A1,3", "<a><b/><x/></a>" },
    { "append after a comment", "<a>\n <b/>\n <!-- e -->\n</a>", "<x/>", "A1,3", "<a>\n <b/>\n <!-- e -->\n <x/>\n</a>" },
    { "append behind text", "<a>text</a>", "<x/>", "A1,2", "<a>text<x/></a>" },
    { "append to an empty tag", "<a>\n <b c='1' />\n</a>", "<x/>", "A2,3", "<a>\n <b c='1'>\n  <x/>\n </b>\n</a>" },
    { "append to an empty element", "<a>\n\t<b></b>\n</a>", "<x/>", "A2,3", "<a>\n\t<b>\n\t\t<x/>\n\t</b>\n</a>" },
    { "append to an empty root", "<a/>", "<x/>", "A1,2", "<a><x/></a>" },
    { "append below a declaration", "<?xml version='1.0'?>\n<a/>\n", "<x/>", "A1,2", "<?xml version='1.0'?>\n<a>\n  <x/>\n</a>\n" },
    { "append to what is new", "<a>\n <b/>\n</a>", "<x><y/></x>", "A1,4 A4,3", "<a>\n <b/>\n <y><x></x></y>\n</a>" },
    { "append into what was appended", "<a>\n <b/>\n</a>", "<x><y/><z/></x>", "A1,4 A4,5", "<a>\n <b/>\n <y><z/></y>\n</a>" },
    { "append a comment's element", "<a>\n <!-- only -->\n</a>", "<x/>", "A1,2", "<a>\n <!-- only -->\n  <x/>\n</a>" },
    { "append, then delete", "<a>\n <b/>\n</a>", "<x/>", "A1,3 D3", "<a>\n <b/>\n</a>" },
    { "append, then replace", "<a>\n <b/>\n</a>", "<x><y/><z/></x>", "A1,4 R4,5", "<a>\n <b/>\n <z/>\n</a>" },
    { "move to the end", "<a>\n <b/>\n <c/>\n</a>", "", "A1,2", "<a>\n <c/>\n <b/>\n</a>" },
    { "move up", "<a>\n <b>\n  <c><d/></c>\n  <e/>\n </b>\n</a>", "", "A1,3", "<a>\n <b>\n  <e/>\n </b>\n <c><d/></c>\n</a>" },
    { "move what stood in place", "<a>\n <b/>\n <c/>\n</a>", "<x/>", "R2,4 A1,4", "<a>\n <c/>\n <x/>\n</a>" },
    { "after all were deleted", "<a>\n <b/>\n</a>", "<x/>", "D2 A1,3", "<a>\n <x/>\n</a>" },
    /* renaming */
    { "rename", "<a>\n <b c='1'\n>t<d/></b  >\n</a>", "<x/>", "N2,4", "<a>\n <x c='1'\n>t<d/></x>\n</a>" },
    { "rename an empty tag", "<a><b/><b c='>' /></a>", "<long-name/>", "N2,4 N3,4", "<a><long-name/><long-name c='>' /></a>" },
    { "rename to a shorter one", "<abc>1</abc>", "<a/>", "N1,2", "<a>1</a>" },
    { "rename to a longer one", "<a>1</a>", "<abc/>", "N1,2", "<abc>1</abc>" },
    { "rename twice", "<a/>", "<x><y/></x>", "N1,2 N1,3", "<y/>" },
    { "rename and back", "<a><b>1</b ></a>", "<x><b/></x>", "N2,3 N2,4", "<a><b>1</b ></a>" },
    { "rename and merge", "<a>1</a>", "<x b='1'/>", "M1,2 N1,2", "<x b='1'>1</x>" },
    { "rename what is empty, then append", "<a/>", "<x><y/></x>", "N1,2 A1,3", "<x><y/></x>" },
    { "rename what was appended", "<a>\n <b/>\n</a>", "<x>1</x>", "A1,3 N3,2", "<a>\n <b/>\n <b>1</b>\n</a>" },
    { "rename with a prefix", "<p:a xmlns:p='u'></p:a>", "<x/>", "N1,2", "<x xmlns:p='u'></x>" },
    /* attributes */
    { "merge", "<a b='1' c=\"2\" />", "<x c='3' d='\"'/>", "M1,2", "<a b='1' c='3' d='\"' />" },
    { "merge an equal value", "<a b='&lt;'/>", "<x b='&#60;'/>", "M1,2", "<a b='&lt;'/>" },
    { "merge and drop", "<a\n patch='0'\n b='1'></a>", "<x patchDefault='1' b='2'/>", "M1,2", "<a\n b='2'></a>" },
    { "only drop", "<a patch='0' ><b/></a>", "", "M1,1", "<a ><b/></a>" },
    { "merge twice", "<a/>", "<x b='1'><y b='2' c='>'/></x>", "M1,2 M1,3", "<a b='2' c='>'/>" },
    { "merge and append", "<a />", "<x b='/'/>", "M1,2 A1,2", "<a b='/'><x b='/'/></a>" },
    { "merge below", "<a>\n <b/>\n <c/>\n</a>", "<x d='1'/>", "M2,4 D3", "<a>\n <b d='1'/>\n</a>" },
    /* clang-format on */
};

static void
edits_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct pool p;

        pool_init(&p, ARENA_BYTES, NULL);
        const uint32_t root = read_ok(&p, r->settings);
        const uint32_t change = r->change[0] != '\0' ? read_ok(&p, r->change) : PROV_XML_NONE;
        const size_t mark = prov_xml_mark(&p.x);
        const enum prov_status st = edit(&p.x, r->edits);

        PROV_ROW(r->name, st == PROV_OK);
        PROV_ROW(r->name, writes(&p.x, root, r->result));
        PROV_ROW(r->name, prov_xml_equal(&p.x, root, read_ok(&p, r->result)));
        prov_xml_rollback(&p.x, mark);
        PROV_ROW(r->name, writes(&p.x, root, r->settings));
        PROV_ROW(r->name, change == PROV_XML_NONE || writes(&p.x, change, r->change));
        free(p.arena.base);
    }
}

static void
refuses_impossible_edits(void **state)
{
    static const char *const edits[] = { "D0",      "D1",      "D9",      "R1,4",   "R2,0",
                                         "R2,2",    "R3,2",    "R3,1",    "A0,4",   "A2,1",
                                         "A2,2",    "A1,9",    "M9,1",    "M1,9",   "D2 D2",
                                         "D2 A2,4", "D2 A1,2", "R2,4 D2", "D2 M2,4" };
    struct pool p;
    bool changed = true;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(edits); i++) {
        pool_init(&p, ARENA_BYTES, NULL);
        (void)read_ok(&p, "<a><b><c/></b></a>");
        (void)read_ok(&p, "<x/>");
        PROV_ROW(edits[i], edit(&p.x, edits[i]) == PROV_E_ARG);
        free(p.arena.base);
    }
    pool_init(&p, ARENA_BYTES, NULL);
    (void)read_ok(&p, "<a b='1'/>");
    assert_int_equal(PROV_E_ARG, prov_xml_delete(NULL, 1));
    assert_int_equal(PROV_E_ARG, prov_xml_replace(NULL, 1, 2));
    assert_int_equal(PROV_E_ARG, prov_xml_append(NULL, 1, 2));
    assert_int_equal(PROV_E_ARG, prov_xml_merge_attrs(NULL, 1, 1, NULL, 0, &changed));
    assert_int_equal(PROV_E_ARG, prov_xml_merge_attrs(&p.x, 1, 1, NULL, 1, &changed));
    assert_true(changed);
    assert_int_equal(PROV_OK, prov_xml_merge_attrs(&p.x, 1, 1, NULL, 0, &changed));
    assert_false(changed);
    free(p.arena.base);
}

static void
shows_only_what_is_there(void **state)
{
    struct pool p;

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t root = read_ok(&p, "<a>\n<b/>\n<c/>\n<d/>\n</a>"), b = root + 1, c = root + 2;
    const uint32_t x = read_ok(&p, "<x><y>t</y><z/></x>");

    assert_int_equal(PROV_OK, prov_xml_delete(&p.x, b));
    assert_int_equal(PROV_OK, prov_xml_replace(&p.x, c, x + 1));
    assert_int_equal(x + 1, prov_xml_first(&p.x, root));
    assert_int_equal(root, prov_xml_parent(&p.x, x + 1));
    assert_int_equal(root + 3, prov_xml_next(&p.x, x + 1));
    assert_int_equal(PROV_XML_NONE, prov_xml_next(&p.x, root + 3));
    assert_int_equal(x + 2, prov_xml_first(&p.x, x));
    /* what is gone can still be read */
    assert_true(prov_xml_is(&p.x, b, prov_str_z("b")));
    assert_int_equal(root, prov_xml_parent(&p.x, c));
    assert_true(writes(&p.x, x, "<x><z/></x>"));
    assert_true(writes(&p.x, x + 1, "<y>t</y>")); /* an element by itself */
    assert_true(prov_xml_text_is(&p.x, x, prov_str_z("")));
    free(p.arena.base);
}

/* ---- Undo ---- */

static void
undoes_nested_stretches(void **state)
{
    const char text[] = "<a b='1'>\n <c/>\n <d/>\n</a>";
    struct pool p;

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t a = read_ok(&p, text);

    (void)read_ok(&p, "<x b='2'/>");
    const size_t outer = prov_xml_mark(&p.x);

    assert_int_equal(PROV_OK, edit(&p.x, "D2"));
    const size_t inner = prov_xml_mark(&p.x);

    assert_int_equal(PROV_OK, edit(&p.x, "M1,4 D3 A1,4"));
    assert_true(writes(&p.x, a, "<a b='2'>\n <x b='2'/>\n</a>"));
    prov_xml_rollback(&p.x, inner);
    assert_true(writes(&p.x, a, "<a b='1'>\n <d/>\n</a>"));
    const size_t second = prov_xml_mark(&p.x);

    assert_int_equal(PROV_OK, edit(&p.x, "R3,4"));
    prov_xml_keep(&p.x, second);
    assert_true(writes(&p.x, a, "<a b='1'>\n <x b='2'/>\n</a>"));
    prov_xml_rollback(&p.x, outer);
    assert_true(writes(&p.x, a, text));
    prov_xml_rollback(&p.x, 0); /* without a mark nothing happens */
    prov_xml_keep(&p.x, 0);
    assert_int_equal(PROV_OK, edit(&p.x, "D2"));
    assert_true(writes(&p.x, a, "<a b='1'>\n <d/>\n</a>"));
    free(p.arena.base);
}

static void
undoes_after_any_number_of_marks(void **state)
{
    struct pool p;

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t a = read_ok(&p, "<a><b/><c/></a>");

    (void)read_ok(&p, "<x i='1'/>");
    for (int i = 0; i < 600; i++) {
        const size_t outer = prov_xml_mark(&p.x);

        assert_int_equal(PROV_OK, edit(&p.x, "M2,4"));
        if (i % 3 == 0) {
            const size_t inner = prov_xml_mark(&p.x);

            assert_int_equal(PROV_OK, edit(&p.x, "D2"));
            prov_xml_rollback(&p.x, inner);
        }
        assert_true(writes(&p.x, a, "<a><b i='1'/><c/></a>"));
        prov_xml_rollback(&p.x, outer);
        assert_true(writes(&p.x, a, "<a><b/><c/></a>"));
    }
    free(p.arena.base);
}

/* The journal, tags and indexes get whatever memory is left; nothing is half done. */
static void
changes_nothing_without_memory(void **state)
{
    const struct prov_limits few = { .size = sizeof(few), .xml_nodes = 200 };
    const char text[] = "<a>\n <b i='1'/>\n <c/>\n</a>";
    size_t cap = 256 * sizeof(struct prov_xml_source) + 401 * sizeof(struct prov_xml_node) + 16;
    enum prov_status st = PROV_E_SPACE;

    (void)state;
    for (; st == PROV_E_SPACE; cap += 3) {
        struct pool p;

        pool_init(&p, cap, &few);
        const uint32_t a = read_ok(&p, text);

        (void)read_ok(&p, "<x i='2'><y/></x>");
        const size_t mark = prov_xml_mark(&p.x);

        st = edit(&p.x, "M2,4");
        assert_true(st == PROV_OK || writes(&p.x, a, text));
        assert_true(st == PROV_OK || p.arena.need > cap);
        const enum prov_status second = edit(&p.x, "D3");

        assert_true(second == PROV_OK || (second == PROV_E_SPACE && st == PROV_E_SPACE));
        prov_xml_rollback(&p.x, mark);
        assert_true(writes(&p.x, a, text));
        free(p.arena.base);
    }
    assert_int_equal(PROV_OK, st);
}

/* ---- Lists with keys ---- */

static char *
make_list(unsigned count, unsigned first)
{
    char *text = malloc(64 + (size_t)count * 40), *at = text;

    assert_non_null(text);
    at += sprintf(at, "<list><other n='1'/>\n");
    for (unsigned i = 0; i < count; i++)
        at += sprintf(at, "<key n='&#x30;%u'><v/></key><key/>\n", first + i);
    sprintf(at, "</list>");
    return text;
}

static uint32_t
find(struct prov_xml *x, uint32_t list, unsigned n, uint32_t *hits)
{
    char value[16];

    sprintf(value, "0%u", n);
    return prov_xml_find_keyed(x, list, prov_str_z("key"), prov_str_z("n"), prov_str_z(value),
                               hits);
}

/* Element number of the i-th key: root, other, then three for each. */
static uint32_t
nth(uint32_t root, unsigned i)
{
    return root + 2 + 3 * i;
}

static void
find_edit_and_find_again(size_t arena_bytes, unsigned count)
{
    struct prov_limits many = { .size = sizeof(many), .xml_nodes = 3 * count + 9 };
    char *text = make_list(count, 0), *more = make_list(count, count / 2);
    struct pool p;
    uint32_t hits = 9;

    pool_init(&p, arena_bytes, &many);
    const uint32_t a = read_ok(&p, text), b = read_ok(&p, more);

    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(nth(a, i), find(&p.x, a, i, &hits));
        assert_int_equal(1, hits);
    }
    assert_int_equal(PROV_XML_NONE, find(&p.x, a, count, &hits));
    assert_int_equal(0, hits);
    for (unsigned i = 0; i < count; i++) { /* half are replaced, half are new */
        const uint32_t old = find(&p.x, a, count / 2 + i, NULL), key = nth(b, i);

        assert_int_equal(i < count - count / 2 ? nth(a, count / 2 + i) : PROV_XML_NONE, old);
        assert_int_equal(PROV_OK, old != PROV_XML_NONE ? prov_xml_replace(&p.x, old, key)
                                                       : prov_xml_append(&p.x, a, key));
        assert_int_equal(key, find(&p.x, a, count / 2 + i, &hits));
        assert_int_equal(1, hits);
    }
    for (unsigned i = 0; i < count; i += 2) {
        assert_int_equal(PROV_OK, prov_xml_delete(&p.x, nth(b, i)));
        assert_int_equal(PROV_XML_NONE, find(&p.x, a, count / 2 + i, NULL));
    }
    free(text);
    free(more);
    free(p.arena.base);
}

static void
finds_keys_while_the_list_changes(void **state)
{
    const size_t bare = 256 * sizeof(struct prov_xml_source) +
                        sizeof(struct prov_xml_node) * (2 * (3 * 40 + 9) + 1) + 16;

    (void)state;
    find_edit_and_find_again(ARENA_BYTES, 2);
    find_edit_and_find_again(ARENA_BYTES, 40);
    find_edit_and_find_again(ARENA_BYTES, 10000);
    find_edit_and_find_again(bare, 40); /* no room for an index: the list is walked */
    find_edit_and_find_again(bare + 4000, 40);
}

/* A list long enough for an index: the renamed one is found under its new name, and only there. */
static void
finds_keys_after_a_rename(void **state)
{
    char text[512] = "<a>";
    struct pool p;
    uint32_t hits;

    (void)state;
    for (unsigned i = 0; i < 12; i++)
        sprintf(text + strlen(text), "<%s k='%u'/>", i % 2 == 0 ? "b" : "c", i / 2);
    strcat(text, "</a>");
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t root = read_ok(&p, text);
    const struct prov_str b = PROV_STR_INIT("b"), c = PROV_STR_INIT("c"), k = PROV_STR_INIT("k");
    const uint32_t first = prov_xml_find_keyed(&p.x, root, b, k, prov_str_z("3"), &hits);

    assert_int_equal(root + 7, first);
    assert_int_equal(root + 8, prov_xml_find_keyed(&p.x, root, c, k, prov_str_z("3"), &hits));
    const size_t mark = prov_xml_mark(&p.x);

    assert_int_equal(PROV_OK, prov_xml_rename(&p.x, first, c));
    assert_int_equal(PROV_XML_NONE, prov_xml_find_keyed(&p.x, root, b, k, prov_str_z("3"), &hits));
    assert_int_equal(0, hits);
    assert_int_equal(first, prov_xml_find_keyed(&p.x, root, c, k, prov_str_z("3"), &hits));
    assert_int_equal(2, hits);
    prov_xml_rollback(&p.x, mark);
    assert_int_equal(first, prov_xml_find_keyed(&p.x, root, b, k, prov_str_z("3"), &hits));
    assert_int_equal(1, hits);
    assert_true(writes(&p.x, root, text));
    free(p.arena.base);
}

static void
refuses_names_that_are_none(void **state)
{
    static const char *const bad[] = { "", "a b", "a>", "<", "a/b", "a=", "a'", "\"", "a&b", "\n" };
    struct pool p;

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t root = read_ok(&p, "<a><b/></a>");

    for (size_t i = 0; i < PROV_COUNT(bad); i++)
        PROV_ROW(bad[i], prov_xml_rename(&p.x, root, prov_str_z(bad[i])) == PROV_E_ARG);
    assert_int_equal(PROV_E_ARG, prov_xml_rename(NULL, root, prov_str_z("x")));
    assert_int_equal(PROV_E_ARG, prov_xml_rename(&p.x, 9, prov_str_z("x")));
    assert_int_equal(PROV_OK, prov_xml_delete(&p.x, root + 1));
    assert_int_equal(PROV_E_ARG, prov_xml_rename(&p.x, root + 1, prov_str_z("x")));
    free(p.arena.base);
}

static void
counts_equal_keys_in_document_order(void **state)
{
    struct pool p;
    uint32_t hits = 0;

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    char *text = make_list(20, 0);
    const uint32_t a = read_ok(&p, text);
    const uint32_t x = read_ok(&p, "<x><key n='07'/><key n='07'/><y n='03'/><key m='03'/></x>");
    const size_t mark = prov_xml_mark(&p.x);

    assert_int_equal(nth(a, 7), find(&p.x, a, 7, &hits));
    assert_int_equal(PROV_OK, prov_xml_append(&p.x, a, x + 1));
    assert_int_equal(nth(a, 7), find(&p.x, a, 7, &hits));
    assert_int_equal(2, hits);
    assert_int_equal(PROV_OK, prov_xml_replace(&p.x, nth(a, 2), x + 2));
    assert_int_equal(x + 2, find(&p.x, a, 7, &hits));
    assert_int_equal(2, hits);
    /* the same element at another place is still one, and no longer the first */
    assert_int_equal(PROV_OK, prov_xml_append(&p.x, a, x + 2));
    assert_int_equal(nth(a, 7), find(&p.x, a, 7, &hits));
    assert_int_equal(PROV_OK, prov_xml_delete(&p.x, x + 1));
    assert_int_equal(PROV_OK, prov_xml_delete(&p.x, nth(a, 7)));
    assert_int_equal(x + 2, find(&p.x, a, 7, &hits));
    assert_int_equal(1, hits);
    /* other names and attributes do not count; a value that changes does */
    assert_int_equal(PROV_OK, prov_xml_append(&p.x, a, x + 3));
    assert_int_equal(PROV_OK, prov_xml_append(&p.x, a, x + 4));
    assert_int_equal(nth(a, 3), find(&p.x, a, 3, &hits));
    assert_int_equal(1, hits);
    assert_int_equal(PROV_OK, prov_xml_merge_attrs(&p.x, nth(a, 1), x + 3, NULL, 0, NULL));
    assert_int_equal(PROV_XML_NONE, find(&p.x, a, 1, NULL));
    assert_int_equal(nth(a, 1), find(&p.x, a, 3, &hits));
    assert_int_equal(2, hits);
    prov_xml_rollback(&p.x, mark);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(nth(a, i), find(&p.x, a, i, &hits));
        assert_int_equal(1, hits);
    }
    free(text);
    free(p.arena.base);
}

/* More lists than indexes are kept for. */
static void
finds_keys_in_many_lists(void **state)
{
    struct pool p;
    uint32_t lists[40];
    char *text = make_list(12, 0);

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    for (unsigned i = 0; i < PROV_COUNT(lists); i++)
        lists[i] = read_ok(&p, text);
    for (unsigned round = 0; round < 3 * PROV_COUNT(lists); round++) {
        const uint32_t list = lists[round * 7 % PROV_COUNT(lists)];

        assert_int_equal(nth(list, round % 12), find(&p.x, list, round % 12, NULL));
    }
    assert_int_equal(PROV_XML_NONE, find(&p.x, 0, 1, NULL));
    assert_int_equal(PROV_XML_NONE, find(NULL, 1, 1, NULL));
    const struct prov_str none = { NULL, 0 };

    assert_int_equal(PROV_XML_NONE, prov_xml_find_keyed(&p.x, 1, none, none, none, NULL));
    free(text);
    free(p.arena.base);
}

/* ---- Limits and writing ---- */

static void
tells_what_could_not_be_read_again(void **state)
{
    static const struct check {
        const char *edits;
        enum prov_diag_code code;
    } checks[] = {
        { "", PROV_D_NONE },
        { "A3,6", PROV_D_NONE },
        { "A3,6 A6,7", PROV_D_XML_TOO_DEEP },
        { "M1,5", PROV_D_XML_ATTRIBUTES },
        { "A1,5 A1,6 A1,7", PROV_D_XML_NODES },
        { "A1,5 A1,6 A1,7 D2", PROV_D_NONE },
    };
    const struct prov_limits few = {
        .size = sizeof(few),
        .xml_depth = 4,
        .xml_attributes = 2,
        .xml_nodes = 5,
        .pool_nodes = 50,
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(checks); i++) {
        struct pool p;
        struct prov_diag item = { .code = PROV_D_NONE };
        struct prov_diags diags = { &item, 1, 0, 0 };

        pool_init(&p, ARENA_BYTES, &few);
        const uint32_t a = read_ok(&p, "<a z='1'><b><c/></b></a>");

        (void)read_ok(&p, "<x><y x='1' y='2'/><d/><e/></x>");
        PROV_ROW(checks[i].edits, edit(&p.x, checks[i].edits) == PROV_OK);
        const enum prov_status st = prov_xml_check(&p.x, a, &diags);

        PROV_ROW(checks[i].edits, st == (checks[i].code != PROV_D_NONE ? PROV_E_LIMIT : PROV_OK));
        PROV_ROW(checks[i].edits, item.code == checks[i].code);
        PROV_ROW(checks[i].edits, st == PROV_OK || (item.line == 1 && item.need >= 2));
        assert_int_equal(PROV_E_ARG, prov_xml_check(&p.x, 0, &diags));
        free(p.arena.base);
    }
    assert_int_equal(PROV_E_ARG, prov_xml_check(NULL, 1, NULL));
}

static void
refuses_every_smaller_buffer(void **state)
{
    const char result[] = "<a>\n <b/>\n <x>1</x>\n</a>\n";
    const size_t full = sizeof(result) - 1;
    struct pool p;
    char mem[64];
    struct prov_buf out = { mem, 0, 0 };

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t a = read_ok(&p, "<a>\n <b/>\n</a>\n");

    (void)read_ok(&p, "<x>1</x>");
    assert_int_equal(PROV_OK, edit(&p.x, "A1,3"));
    for (size_t cap = 2; cap < full + 2; cap++) {
        size_t need = 0;

        memset(mem, '#', sizeof(mem));
        out = (struct prov_buf){ mem, cap, 2 };
        assert_int_equal(PROV_E_SPACE, prov_xml_write(&p.x, a, &out, &need));
        assert_int_equal(2, out.len);
        assert_int_equal(full + 2, need);
        assert_int_equal('#', mem[cap]);
    }
    assert_true(writes(&p.x, a, result));
    assert_int_equal(PROV_E_ARG, prov_xml_write(&p.x, 0, &out, NULL));
    assert_int_equal(PROV_E_ARG, prov_xml_write(&p.x, a, NULL, NULL));
    assert_int_equal(PROV_E_ARG, prov_xml_write(NULL, a, &out, NULL));
    free(p.arena.base);
}

static void
writes_what_was_not_touched_in_one_piece(void **state)
{
    struct prov_xml_writer w;
    struct prov_str piece;
    struct pool p;
    unsigned count = 0;

    (void)state;
    pool_init(&p, ARENA_BYTES, NULL);
    const uint32_t a = read_ok(&p, "<a><b><c/><d/></b><e/></a>");

    for (prov_xml_writer_init(&w, &p.x, a); prov_xml_writer_next(&w, &piece); count++)
        assert_int_equal(26, piece.len);
    assert_int_equal(1, count);
    assert_int_equal(PROV_OK, edit(&p.x, "D5"));
    for (prov_xml_writer_init(&w, &p.x, a); prov_xml_writer_next(&w, &piece); count++)
        assert_true(piece.len > 0);
    assert_int_equal(4, count); /* <a>, all of b, </a> */
    assert_false(prov_xml_writer_next(&w, &piece));
    prov_xml_writer_init(&w, &p.x, 0);
    assert_false(prov_xml_writer_next(&w, &piece));
    free(p.arena.base);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_as_the_table_says),
        cmocka_unit_test(refuses_impossible_edits),
        cmocka_unit_test(shows_only_what_is_there),
        cmocka_unit_test(undoes_nested_stretches),
        cmocka_unit_test(undoes_after_any_number_of_marks),
        cmocka_unit_test(changes_nothing_without_memory),
        cmocka_unit_test(finds_keys_while_the_list_changes),
        cmocka_unit_test(finds_keys_after_a_rename),
        cmocka_unit_test(refuses_names_that_are_none),
        cmocka_unit_test(counts_equal_keys_in_document_order),
        cmocka_unit_test(finds_keys_in_many_lists),
        cmocka_unit_test(tells_what_could_not_be_read_again),
        cmocka_unit_test(refuses_every_smaller_buffer),
        cmocka_unit_test(writes_what_was_not_touched_in_one_piece),
    };
    return cmocka_run_group_tests_name("xml_edit", tests, NULL, NULL);
}
