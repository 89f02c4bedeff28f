/* SPDX-License-Identifier: MIT */
#include <prov/diff.h>

#include <prov/schema.h>

#include <stdio.h>

#include "support/prov_settings.h"

#define ARENA (1u << 20)

static const struct row {
    const char *name;
    const char *before, *after; /* inside <configuration> */
    const char *want;           /* a line for each difference */
} rows[] = {
    { "equal", "<a x='1'><b>v</b></a>", "<a  x=\"1\" >\n <b>v</b><!-- c -->\n</a>", "" },
    { "a value", "<a><b>v</b></a>", "<a><b>w</b></a>", "~ /a/b\n" },
    { "white space of a value", "<a> </a>", "<a/>", "~ /a\n" },
    { "entities are no difference", "<a x='&lt;'>&amp;</a>", "<a x='&#60;'><![CDATA[&]]></a>", "" },
    { "added and removed", "<a><b/></a>", "<a><c/></a>", "- /a/b\n+ /a/c\n" },
    { "a whole section", "<a><b/></a>", "<c><b/></c>", "- /a\n+ /c\n" },
    { "attributes", "<a x='1' y='2'><b/></a>", "<a y='2' x='3'><b/></a>", "@ /a\n" },
    { "an attribute went", "<a x='1' y='2'/>", "<a y='2'/>", "@ /a\n" },
    { "value and attributes are one", "<a x='1'>v</a>", "<a x='2'>w</a>", "~ /a\n" },
    { "elements for a value", "<a>v</a>", "<a><b/></a>", "~ /a\n" },
    { "a value for elements", "<a><b/></a>", "<a>v</a>", "~ /a\n" },
    { "elements for nothing", "<a/>", "<a><b/><b/></a>", "+ /a/b[1]\n+ /a/b[2]\n" },
    { "nothing for elements", "<a><b/></a>", "<a> </a>", "- /a/b\n" },
    { "text beside elements", "<a>v <b>1</b></a>", "<a>w<b>2</b></a>", "\" /a\n~ /a/b\n" },
    { "blanks beside elements", "<a> v  w<b/></a>", "<a>v w <b/> </a>", "" },
    { "the n-th meets the n-th", "<a><b>1</b><c/><b>2</b></a>", "<a><c/><b>1</b><b>3</b></a>",
      "~ /a/b[2]\n" },
    { "one more", "<a><b>1</b></a>", "<a><b>1</b><b>2</b></a>", "+ /a/b[2]\n" },
    { "one less", "<a><b>1</b><b>2</b><b>3</b></a>", "<a><b>1</b></a>", "- /a/b[2]\n- /a/b[3]\n" },
    { "order of names does not count", "<a><b/><c/><d/></a>", "<a><d/><b/><c/></a>", "" },
    { "by key", "<keys><p><key keyNumber='1' l='a'/><key keyNumber='2' l='b'/></p></keys>",
      "<keys><p><key keyNumber='2' l='c'/><key keyNumber='3'/><key keyNumber='1' "
      "l='a'/></p></keys>",
      "@ /keys/p/key[@keyNumber='2']\n+ /keys/p/key[@keyNumber='3']\n" },
    { "a key went, and below a key",
      "<keys><p><key keyNumber='1'/><key keyNumber='2'><u>x</u></key></p></keys>",
      "<keys><p><key keyNumber='&#50;'><u>y</u></key></p></keys>",
      "- /keys/p/key[@keyNumber='1']\n~ /keys/p/key[@keyNumber='2']/u\n" },
    { "a key with an apostrophe", "<users/>", "<users><user name=\"a'b\"/></users>",
      "+ /users/user[@name=\"a'b\"]\n" },
    { "keys twice meet in order", "<users><user name='a'/><user name='a' x='1'/></users>",
      "<users><user name='a'/><user name='a' x='1'/></users>", "" },
    { "no key meets no key", "<users><user/><user name='a'/></users>",
      "<users><user name='a'/><user x='1'/></users>", "@ /users/user\n" },
    { "the only one of a list by position",
      "<identities><identity><a>1</a></identity></identities>",
      "<identities><identity><a>2</a></identity></identities>", "~ /identities/identity[1]/a\n" },
    { "deep after a difference", "<a><b><c>1</c></b></a><d><e/></d>",
      "<a><b><c>2</c></b></a><d><e/><f/></d>", "~ /a/b/c\n+ /d/f\n" },
};

struct pair {
    struct world w;
    uint32_t after;
    struct prov_diff d;
};

static void
wrap(char *mem, size_t room, const char *inside)
{
    assert_true((size_t)snprintf(mem, room, "<configuration>%s</configuration>", inside) < room);
}

static enum prov_status
pair_open(struct pair *p, const char *before, const char *after)
{
    char one[1024], two[1024];

    wrap(one, sizeof(one), before);
    wrap(two, sizeof(two), after);
    assert_int_equal(PROV_OK, world_open(&p->w, "auerswald-d", one, ARENA, NULL, NULL));
    p->after = world_parse(&p->w, two);
    return prov_diff_init(&p->d, &p->w.x, &p->w.dialect, p->w.root, p->after, &p->w.arena);
}

static char
sign(enum prov_change_kind kind)
{
    switch (kind) {
    case PROV_CHANGE_ADDED:
        return '+';
    case PROV_CHANGE_REMOVED:
        return '-';
    case PROV_CHANGE_REPLACED:
        return '~';
    case PROV_CHANGE_ATTRIBUTES:
        return '@';
    case PROV_CHANGE_TEXT:
        return '"';
    }
    return '?';
}

static void
list(struct prov_diff *d, struct prov_buf *out)
{
    struct prov_difference it;

    while (prov_diff_next(d, &it)) {
        assert_true(out->len + 4 < out->cap);
        out->ptr[out->len++] = sign(it.kind);
        out->ptr[out->len++] = ' ';
        assert_true((it.kind == PROV_CHANGE_ADDED) == (it.before == PROV_XML_NONE));
        assert_true((it.kind == PROV_CHANGE_REMOVED) == (it.after == PROV_XML_NONE));
        assert_int_equal(PROV_OK, prov_diff_path(d, &it, out));
        out->ptr[out->len++] = '\n';
    }
}

static void
tells_each_difference_once_with_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct pair p;
        char mem[512];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        PROV_ROW(rows[i].name, pair_open(&p, rows[i].before, rows[i].after) == PROV_OK);
        list(&p.d, &out);
        if (!prov_str_is(mem, out.len, rows[i].want))
            print_message("%.*s", (int)out.len, mem);
        PROV_ROW(rows[i].name, prov_str_is(mem, out.len, rows[i].want));
        world_close(&p.w);
    }
}

static void
shows_the_root_as_a_slash(void **state)
{
    static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 32 };
    static const char *const others[] = { "<configuration version='2'><a/></configuration>",
                                          "<other><a/></other>" };
    static const char *const want[] = { "@ /\n", "~ /\n" };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(others); i++) {
        struct world w;
        struct prov_diff d;
        char mem[64];
        struct prov_buf out = { mem, sizeof(mem), 0 };

        assert_int_equal(PROV_OK,
                         world_open(&w, "auerswald-d", "<configuration><a/></configuration>", ARENA,
                                    &small, NULL));
        const uint32_t other = world_parse(&w, others[i]);

        assert_int_equal(PROV_OK, prov_diff_init(&d, &w.x, &w.dialect, w.root, other, &w.arena));
        list(&d, &out);
        assert_true(prov_str_is(mem, out.len, want[i]));
        world_close(&w);
    }
}

static void
works_in_every_arena_or_leaves_it_alone(void **state)
{
    unsigned char mem[2048];
    struct pair p;
    size_t refused = 0;

    (void)state;
    assert_int_equal(PROV_OK, pair_open(&p, "<a><b/><c/><d/><e/></a>", "<a><e/><f/></a>"));
    for (size_t bytes = 0; bytes < sizeof(mem); bytes += 4) {
        struct prov_arena arena;
        struct prov_diff d = { .node = 77 };

        prov_arena_init(&arena, mem, bytes);
        const size_t mark = prov_arena_mark(&arena);
        const enum prov_status st =
            prov_diff_init(&d, &p.w.x, &p.w.dialect, p.w.root, p.after, &arena);

        if (st != PROV_OK) {
            assert_int_equal(PROV_E_SPACE, st);
            assert_int_equal(77, d.node);
            assert_int_equal(mark, prov_arena_mark(&arena));
            assert_true(arena.need > bytes);
            refused++;
        }
    }
    assert_in_range(refused, 20, 300);
    world_close(&p.w);
}

static void
refuses_bad_arguments(void **state)
{
    struct pair p;
    struct prov_difference it, none = { PROV_CHANGE_ADDED, PROV_XML_NONE, PROV_XML_NONE };
    char mem[16];
    struct prov_buf out = { mem, 2, 0 };
    struct prov_diff d;

    (void)state;
    assert_int_equal(PROV_OK, pair_open(&p, "<a/>", "<a x='1'/>"));
    struct prov_xml *x = &p.w.x;
    const struct prov_dialect *dialect = &p.w.dialect;
    struct prov_arena *arena = &p.w.arena;
    const uint32_t root = p.w.root, section = prov_xml_first(x, root);

    assert_int_equal(PROV_E_ARG, prov_diff_init(NULL, x, dialect, root, p.after, arena));
    assert_int_equal(PROV_E_ARG, prov_diff_init(&d, NULL, dialect, root, p.after, arena));
    assert_int_equal(PROV_E_ARG, prov_diff_init(&d, x, NULL, root, p.after, arena));
    assert_int_equal(PROV_E_ARG, prov_diff_init(&d, x, dialect, root, p.after, NULL));
    assert_int_equal(PROV_E_ARG, prov_diff_init(&d, x, dialect, root, root, arena));
    assert_int_equal(PROV_E_ARG, prov_diff_init(&d, x, dialect, section, p.after, arena));
    assert_int_equal(PROV_E_ARG, prov_diff_init(&d, x, dialect, root, 99, arena));
    assert_false(prov_diff_next(NULL, &it));
    assert_false(prov_diff_next(&p.d, NULL));
    assert_true(prov_diff_next(&p.d, &it));
    assert_int_equal(PROV_E_ARG, prov_diff_path(NULL, &it, &out));
    assert_int_equal(PROV_E_ARG, prov_diff_path(&p.d, NULL, &out));
    assert_int_equal(PROV_E_ARG, prov_diff_path(&p.d, &it, NULL));
    assert_int_equal(PROV_E_ARG, prov_diff_path(&p.d, &none, &out));
    assert_int_equal(PROV_OK, prov_diff_path(&p.d, &it, &out));
    assert_int_equal(PROV_E_SPACE, prov_diff_path(&p.d, &it, &out));
    assert_int_equal(2, out.len);
    assert_false(prov_diff_restart(NULL, &it));
    assert_false(prov_diff_restart(&p.d, NULL));
    assert_false(prov_diff_next(&p.d, &it));
    assert_false(prov_diff_next(&p.d, &it));
    world_close(&p.w);
}

static void
knows_from_the_schema_what_needs_a_restart(void **state)
{
    static const struct prov_schema_element elements[] = {
        { .name = PROV_STR_INIT("port"), .flags = PROV_SCHEMA_RESTART },
        { .name = PROV_STR_INIT("tone") },
    };
    static const struct prov_schema schema = {
        .section = { .name = PROV_STR_INIT("a"),
                     .children = elements,
                     .child_count = PROV_COUNT(elements) },
    };
    struct pair p;
    struct prov_difference it;

    (void)state;
    assert_int_equal(PROV_OK,
                     pair_open(&p, "<a><port>1</port><tone>1</tone></a>", "<a><tone>2</tone></a>"));
    p.w.dialect.schemas = &schema;
    p.w.dialect.schema_count = 1;
    assert_true(prov_diff_next(&p.d, &it)); /* port is gone */
    assert_true(prov_diff_restart(&p.d, &it));
    assert_true(prov_diff_next(&p.d, &it));
    assert_false(prov_diff_restart(&p.d, &it));
    world_close(&p.w);
}

/* Reversed lists of every size: with a walk for each member this would not end. */
static void
meets_long_lists_in_any_order(void **state)
{
    const size_t count = 20000, room = count * 48 + 256;
    const struct prov_limits large = {
        .size = sizeof(large), .xml_nodes = 100000, .pool_nodes = 200000, .settings_bytes = 1u << 21
    };
    char *one = malloc(room), *two = malloc(room);
    size_t a = 0, b = 0;
    struct world w;
    struct prov_diff d;
    struct prov_difference it;

    (void)state;
    assert_non_null(one);
    assert_non_null(two);
    a = (size_t)snprintf(one, room, "<configuration><keys><p>");
    b = (size_t)snprintf(two, room, "<configuration><keys><p>");
    for (size_t i = 0; i < count; i++) {
        a += (size_t)snprintf(one + a, room - a, "<key keyNumber='%zu'/><n%zu/>", i, i);
        b += (size_t)snprintf(two + b, room - b, "<n%zu/><key keyNumber='%zu'/>", count - 1 - i,
                              count - 1 - i + (i == 7));
    }
    snprintf(one + a, room - a, "</p></keys></configuration>");
    snprintf(two + b, room - b, "</p></keys></configuration>");
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", one, 1u << 25, &large, NULL));
    const uint32_t after = world_parse(&w, two);

    assert_int_equal(PROV_OK, prov_diff_init(&d, &w.x, &w.dialect, w.root, after, &w.arena));
    assert_true(prov_diff_next(&d, &it)); /* the key that was changed */
    assert_int_equal(PROV_CHANGE_REMOVED, it.kind);
    assert_true(prov_diff_next(&d, &it)); /* and the other one that is there twice now */
    assert_int_equal(PROV_CHANGE_ADDED, it.kind);
    assert_false(prov_diff_next(&d, &it));
    world_close(&w);
    free(one);
    free(two);
}

/* ---- Digests ---- */

static const struct digest_row {
    const char *name, *one, *other;
    bool same;
} digest_rows[] = {
    { "order of attributes", "<a x='1' y='2'/>", "<a y='2'  x=\"1\"></a>", true },
    { "entities", "<a x='&lt;'>&#65;</a>", "<a x='&#60;'><![CDATA[A]]></a>", true },
    { "white space between elements", "<a><b/><c/></a>", "<a>\n <b/>\n <!-- x --> <c/></a>", true },
    { "blanks in mixed text", "<a>u  v<b/></a>", "<a> u v <b/> </a>", true },
    { "another name", "<a/>", "<b/>", false },
    { "another value", "<a>1</a>", "<a>2</a>", false },
    { "white space in a value", "<a>1</a>", "<a>1 </a>", false },
    { "another attribute", "<a x='1'/>", "<a y='1'/>", false },
    { "name and value of attributes apart", "<a xy='1'/>", "<a x='y1'/>", false },
    { "another order of elements", "<a><b/><c/></a>", "<a><c/><b/></a>", false },
    { "beside or inside", "<a><b/><c/></a>", "<a><b><c/></b></a>", false },
    { "in this or in that", "<a><b><c/></b><d/></a>", "<a><b/><d><c/></d></a>", false },
    { "text inside or outside", "<a>x<b/></a>", "<a><b>x</b></a>", false },
};

static void
digests_are_equal_where_elements_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(digest_rows); i++) {
        const struct digest_row *r = &digest_rows[i];
        struct pair p;
        uint8_t one[PROV_DIGEST_BYTES] = { 1 }, other[PROV_DIGEST_BYTES] = { 2 };

        PROV_ROW(r->name, pair_open(&p, r->one, r->other) == PROV_OK);
        const uint32_t a = prov_xml_first(&p.w.x, p.w.root), b = prov_xml_first(&p.w.x, p.after);

        PROV_ROW(r->name, prov_xml_digest(&p.w.x, a, one) && prov_xml_digest(&p.w.x, b, other));
        PROV_ROW(r->name, (memcmp(one, other, sizeof(one)) == 0) == r->same);
        PROV_ROW(r->name, prov_xml_equal(&p.w.x, a, b) == r->same);
        PROV_ROW(r->name, !prov_xml_digest(NULL, a, one) && !prov_xml_digest(&p.w.x, 99, one));
        PROV_ROW(r->name, !prov_xml_digest(&p.w.x, a, NULL));
        world_close(&p.w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_each_difference_once_with_its_path),
        cmocka_unit_test(shows_the_root_as_a_slash),
        cmocka_unit_test(works_in_every_arena_or_leaves_it_alone),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(knows_from_the_schema_what_needs_a_restart),
        cmocka_unit_test(meets_long_lists_in_any_order),
        cmocka_unit_test(digests_are_equal_where_elements_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
