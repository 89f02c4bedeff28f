/* SPDX-License-Identifier: MIT */
#include <prov/layer.h>

#include <stdio.h>

#include <prov/dialect.h>

#include "dialects/dialects.h"
#include "support/prov_cmocka.h"

#define FILES 5u /* layers below the user */

/* One parameter with each permission; [0] is the one without. */
static const char *const perms[] = { NULL, "", "RW", "R", "!", "!RW", "!R" };
#define PERMS PROV_COUNT(perms)

struct single {
    struct prov_param param;
    struct prov_params list;
};

static const struct prov_layer_rules *
utg(void)
{
    return prov_dialect_find(prov_str_z("panasonic-utg"))->layers;
}

/* A list of one parameter whose permission is read from a document. */
static void
make_single(struct single *s, const char *perm)
{
    char text[128], *pool_mem = malloc(20000), list_mem[256];
    const struct prov_limits limits = { .size = sizeof(limits), .pool_nodes = 16 };
    struct prov_arena pool, arena;
    struct prov_params p;
    struct prov_xml x;
    uint32_t root;

    snprintf(text, sizeof(text),
             "<PANASIPPhoneConfig><Device><A%s%s%s>v</A></Device></PANASIPPhoneConfig>",
             perm != NULL ? " perm=\"" : "", perm != NULL ? perm : "", perm != NULL ? "\"" : "");
    prov_arena_init(&pool, pool_mem, 20000);
    prov_arena_init(&arena, list_mem, sizeof(list_mem));
    assert_int_equal(PROV_OK, prov_xml_init(&x, &pool, &limits, NULL, 1));
    assert_int_equal(PROV_OK, prov_xml_parse(&x, prov_str_z("a"), prov_str_z(text), &root, NULL));
    assert_int_equal(PROV_OK, prov_params_read_xml(&p, utg()->params, &x, root, &arena, NULL));
    assert_int_equal(1, p.count);
    s->param = p.items[0];
    s->param.name = prov_str_z("A");
    s->param.value = prov_str_z("v");
    s->list = p;
    free(pool_mem);
}

/* What the documents say, in their own words: who is asked first, second, ... */
struct expected {
    enum prov_layer order[PROV_LAYERS];
    uint32_t count;
    bool read_only;
    bool perm; /* the first one is there because of its permission */
};

static bool
has(const int *perm_of, enum prov_layer layer)
{
    return perm_of[layer] >= 0;
}

/* "Standard, product, master; what an earlier file gave is not overridden. Web programming is above
 * the files, unless perm has an exclamation mark; the priority among the files still holds." */
static void
expect_utg(const int *perm_of, struct expected *e)
{
    static const enum prov_layer files[FILES] = { PROV_LAYER_STANDARD, PROV_LAYER_PRODUCT,
                                                  PROV_LAYER_MASTER, PROV_LAYER_INITIAL,
                                                  PROV_LAYER_FACTORY };
    const char *perm = NULL;
    size_t best = 0;

    memset(e, 0, sizeof(*e));
    while (best < FILES && !has(perm_of, files[best]))
        best++;
    if (best < FILES)
        perm = perms[perm_of[files[best]]];
    e->read_only = perm != NULL && strchr(perm, 'R') != NULL && strchr(perm, 'W') == NULL;
    const bool mark = perm != NULL && perm[0] == '!' && files[best] != PROV_LAYER_FACTORY;

    if (mark)
        e->order[e->count++] = files[best];
    if (has(perm_of, PROV_LAYER_USER))
        e->order[e->count++] = PROV_LAYER_USER;
    e->perm = mark && e->count == 2;
    for (size_t i = best + mark; i < FILES; i++) {
        if (has(perm_of, files[i]))
            e->order[e->count++] = files[i];
    }
}

/* "Always: web programming, standard, product, master, pre-provisioning, factory." */
static void
expect_ut(const int *perm_of, struct expected *e)
{
    static const enum prov_layer order[PROV_LAYERS] = {
        PROV_LAYER_USER,   PROV_LAYER_STANDARD, PROV_LAYER_PRODUCT,
        PROV_LAYER_MASTER, PROV_LAYER_INITIAL,  PROV_LAYER_FACTORY,
    };

    memset(e, 0, sizeof(*e));
    for (size_t i = 0; i < PROV_LAYERS; i++) {
        if (has(perm_of, order[i]))
            e->order[e->count++] = order[i];
    }
}

/* "Settings configured later override previous ones", by files and by web alike. Of the same
 * moment: web, 1-1 standard, 1-2 product, 1-3 master. Then what was there before. */
static void
expect_hdv(const int *perm_of, const uint64_t *stamps, struct expected *e)
{
    static const enum prov_layer same[4] = { PROV_LAYER_USER, PROV_LAYER_STANDARD,
                                             PROV_LAYER_PRODUCT, PROV_LAYER_MASTER };

    memset(e, 0, sizeof(*e));
    for (uint64_t stamp = 3; stamp-- > 0;) {
        for (size_t i = 0; i < PROV_COUNT(same); i++) {
            if (has(perm_of, same[i]) && stamps[same[i]] == stamp)
                e->order[e->count++] = same[i];
        }
    }
    if (has(perm_of, PROV_LAYER_INITIAL))
        e->order[e->count++] = PROV_LAYER_INITIAL;
    if (has(perm_of, PROV_LAYER_FACTORY))
        e->order[e->count++] = PROV_LAYER_FACTORY;
}

static void
describe(char *out, size_t cap, const int *perm_of, const uint64_t *stamps)
{
    size_t len = 0;

    for (unsigned i = 0; i < PROV_LAYERS; i++) {
        if (perm_of[i] >= 0)
            len += (size_t)snprintf(
                out + len, cap - len, "%s perm %s stamp %u, ", prov_layer_name((enum prov_layer)i),
                perms[perm_of[i]] != NULL ? perms[perm_of[i]] : "none", (unsigned)stamps[i]);
    }
}

/* Both orders of the inputs give what is expected. */
static void
check(const struct prov_layer_rules *rules, const struct single *singles, const int *perm_of,
      const uint64_t *stamps, const struct expected *e)
{
    char row[256] = "";

    for (int backwards = 0; backwards < 2; backwards++) {
        struct prov_layer_input in[PROV_LAYERS];
        unsigned char mem[512];
        struct prov_arena arena;
        struct prov_layers l;
        size_t n = 0;

        for (unsigned i = 0; i < PROV_LAYERS; i++) {
            const unsigned k = backwards ? PROV_LAYERS - 1 - i : i;

            if (perm_of[k] >= 0)
                in[n++] = (struct prov_layer_input){ (enum prov_layer)k, stamps[k],
                                                     &singles[perm_of[k]].list };
        }
        prov_arena_init(&arena, mem, sizeof(mem));
        assert_int_equal(PROV_OK, prov_layers_merge(&l, rules, in, n, &arena));
        describe(row, sizeof(row), perm_of, stamps);
        PROV_ROW(row, l.count == (n > 0));
        if (n == 0)
            continue;
        PROV_ROW(row, l.items[0].count == e->count && e->count == n);
        PROV_ROW(row, l.items[0].read_only == e->read_only);
        PROV_ROW(row, (prov_layers_why(&l, &l.items[0], 0) == PROV_LAYER_WHY_PERM) == e->perm);
        for (size_t i = 0; i < n; i++)
            PROV_ROW(row, l.items[0].values[i].input->layer == e->order[i]);
    }
}

/* Every set of layers, every permission of every file: PERMS + 1 possibilities for each. */
static void
the_winner_is_as_documented_for_utg(void **state)
{
    static const uint64_t stamps[PROV_LAYERS] = { 5, 4, 3, 2, 1, 0 }; /* have no say */
    static const int user[] = { -1, 0, 6 };
    struct single singles[PERMS];
    struct expected e;
    int perm_of[PROV_LAYERS];
    uint32_t all = 1;

    (void)state;
    for (size_t i = 0; i < PERMS; i++) {
        make_single(&singles[i], perms[i]);
        singles[i].list.items = &singles[i].param;
    }
    for (size_t i = 0; i < FILES; i++)
        all *= PERMS + 1;
    for (uint32_t row = 0; row < all; row++) {
        uint32_t rest = row;

        for (size_t i = 0; i < FILES; i++) {
            perm_of[i] = (int)(rest % (PERMS + 1)) - 1;
            rest /= PERMS + 1;
        }
        for (size_t u = 0; u < PROV_COUNT(user); u++) {
            perm_of[PROV_LAYER_USER] = user[u];
            expect_utg(perm_of, &e);
            check(utg(), singles, perm_of, stamps, &e);
        }
    }
}

/* Every set of layers and every order in time of them. */
static void
check_text(const struct prov_layer_rules *rules)
{
    const bool later = rules == prov_dialect_find(prov_str_z("panasonic-hdv"))->layers;
    struct single s = { .param = { .name = PROV_STR_INIT("A") } };
    struct expected e;
    int perm_of[PROV_LAYERS];
    uint64_t stamps[PROV_LAYERS];

    s.list = (struct prov_params){ rules->params, { NULL, 0 }, &s.param, 1 };
    for (unsigned set = 0; set < 1u << PROV_LAYERS; set++) {
        for (unsigned time = 0; time < 3 * 3 * 3 * 3 * 3 * 3; time++) {
            unsigned rest = time;

            for (size_t i = 0; i < PROV_LAYERS; i++) {
                perm_of[i] = (set >> i & 1) != 0 ? 0 : -1;
                stamps[i] = rest % 3;
                rest /= 3;
            }
            if (later)
                expect_hdv(perm_of, stamps, &e);
            else
                expect_ut(perm_of, &e);
            check(rules, &s, perm_of, stamps, &e);
        }
    }
}

static void
the_winner_is_as_documented_for_hdv(void **state)
{
    (void)state;
    check_text(prov_dialect_find(prov_str_z("panasonic-hdv"))->layers);
}

static void
the_winner_is_as_documented_for_ut(void **state)
{
    (void)state;
    check_text(&prov_panasonic_ut_layers);
}

/* ---- Files ---- */

#define MARK "# Panasonic SIP Phone Standard Format File #\n"
#define DEVICE(inside) "<PANASIPPhoneConfig><Device>" inside "</Device></PANASIPPhoneConfig>"

struct world {
    const struct prov_layer_rules *rules;
    struct prov_xml x;
    struct prov_params lists[6];
    struct prov_layer_input in[6];
    struct prov_arena arena;
    unsigned char mem[60000];
    struct prov_layers l;
};

static void
begin(struct world *w, const char *dialect)
{
    const struct prov_limits limits = { .size = sizeof(limits), .pool_nodes = 256 };

    w->rules = prov_dialect_find(prov_str_z(dialect))->layers;
    prov_arena_init(&w->arena, w->mem, sizeof(w->mem));
    assert_int_equal(PROV_OK, prov_xml_init(&w->x, &w->arena, &limits, NULL, 1));
}

static void
add(struct world *w, size_t n, enum prov_layer layer, uint64_t stamp, const char *source,
    const char *text)
{
    const struct prov_str name = prov_str_z(source), s = prov_str_z(text);
    uint32_t root;

    w->in[n] = (struct prov_layer_input){ layer, stamp, &w->lists[n] };
    if (w->rules->params->cfg != NULL) {
        assert_int_equal(PROV_OK, prov_params_read_text(&w->lists[n], w->rules->params, name, s,
                                                        &w->arena, NULL));
        return;
    }
    assert_int_equal(PROV_OK, prov_xml_parse(&w->x, name, s, &root, NULL));
    assert_int_equal(PROV_OK, prov_params_read_xml(&w->lists[n], w->rules->params, &w->x, root,
                                                   &w->arena, NULL));
}

static bool
stands(const struct prov_layer_value *v, const char *source, uint32_t line, const char *value)
{
    return prov_str_eq(v->input->params->source, prov_str_z(source)) && v->param->line == line &&
           prov_str_eq(v->param->value, prov_str_z(value));
}

static void
tells_layer_file_and_line_of_the_winner_and_of_those_it_beat(void **state)
{
    static struct world w;
    const struct prov_layered *item;

    (void)state;
    begin(&w, "panasonic-utg");
    add(&w, 0, PROV_LAYER_MASTER, 0, "m.cfg",
        DEVICE("\n<A perm=\"!R\">m</A>\n<B access=\"A\">m</B>"));
    add(&w, 1, PROV_LAYER_STANDARD, 0, "s.cfg",
        DEVICE("<A>x</A>\n\n<A>s</A><L idx=\"1\"><A>1</A></L>"));
    add(&w, 2, PROV_LAYER_USER, 0, "web", DEVICE("<A perm=\"R\">u</A><C perm=\"R\">u</C><B>u</B>"));
    assert_int_equal(PROV_OK, prov_layers_merge(&w.l, w.rules, w.in, 3, &w.arena));
    assert_int_equal(4, w.l.count);
    item = prov_layers_find(&w.l, prov_str_z("A"), 0);
    assert_ptr_equal(&w.l.items[0], item);
    assert_int_equal(3, item->count);
    assert_true(stands(&item->values[0], "web", 1, "u"));
    assert_true(stands(&item->values[1], "s.cfg", 3, "s"));
    assert_true(stands(&item->values[2], "m.cfg", 2, "m"));
    assert_false(item->read_only); /* the master's R is beaten, and the user's own has no say */
    assert_ptr_equal(item->values[1].param, item->ruling);
    assert_int_equal(PROV_LAYER_WHY_RANK, prov_layers_why(&w.l, item, 0));
    assert_int_equal(PROV_LAYER_WHY_RANK, prov_layers_why(&w.l, item, 1));
    assert_int_equal(PROV_LAYER_WHY_SOLE, prov_layers_why(&w.l, item, 2));
    assert_int_equal(PROV_LAYER_WHY_SOLE, prov_layers_why(&w.l, item, UINT32_MAX));
    item = prov_layers_find(&w.l, prov_str_z("C"), 0);
    assert_true(item != NULL && item->ruling == NULL && !item->read_only && item->count == 1);
    item = prov_layers_find(&w.l, prov_str_z("A"), 1);
    assert_ptr_equal(&w.l.items[3], item);
    assert_true(stands(&item->values[0], "s.cfg", 3, "1"));
    assert_null(prov_layers_find(&w.l, prov_str_z("A"), 2));
    assert_null(prov_layers_find(&w.l, prov_str_z(""), 0));
    assert_null(prov_layers_find(NULL, prov_str_z("A"), 0));
}

static void
says_why_the_later_setting_counts(void **state)
{
    static struct world w;
    const struct prov_layered *item;

    (void)state;
    begin(&w, "panasonic-hdv");
    add(&w, 0, PROV_LAYER_STANDARD, 10, "s.cfg", MARK "A_1=\"s\"\nB=\"s\"\n");
    add(&w, 1, PROV_LAYER_MASTER, 10, "m.cfg", MARK "A_1=\"m\"\nB=\"m\"\n");
    add(&w, 2, PROV_LAYER_USER, 20, "web", MARK "A_1=\"u\"\n");
    add(&w, 3, PROV_LAYER_USER, 5, "web before", MARK "A_1=\"v\"\nB=\"v\"\n");
    assert_int_equal(PROV_OK, prov_layers_merge(&w.l, w.rules, w.in, 4, &w.arena));
    assert_int_equal(2, w.l.count);
    item = prov_layers_find(&w.l, prov_str_z("A"), 1);
    assert_int_equal(4, item->count);
    assert_true(stands(&item->values[0], "web", 2, "u"));
    assert_true(stands(&item->values[1], "s.cfg", 2, "s"));
    assert_true(stands(&item->values[2], "m.cfg", 2, "m"));
    assert_true(stands(&item->values[3], "web before", 2, "v"));
    assert_int_equal(PROV_LAYER_WHY_STAMP, prov_layers_why(&w.l, item, 0));
    assert_int_equal(PROV_LAYER_WHY_LAYER, prov_layers_why(&w.l, item, 1));
    assert_int_equal(PROV_LAYER_WHY_STAMP, prov_layers_why(&w.l, item, 2));
    item = prov_layers_find(&w.l, prov_str_z("B"), 0);
    assert_true(stands(&item->values[0], "s.cfg", 3, "s"));
}

/* Several changes of the user: a file that overrides goes before all of them. */
static void
a_file_overrides_every_change_of_the_user(void **state)
{
    static struct world w;
    const struct prov_layered *item;

    (void)state;
    begin(&w, "panasonic-utg");
    add(&w, 0, PROV_LAYER_USER, 1, "web 1", DEVICE("<A>1</A>"));
    add(&w, 1, PROV_LAYER_PRODUCT, 0, "p.cfg", DEVICE("<A perm=\"!\">p</A>"));
    add(&w, 2, PROV_LAYER_USER, 2, "web 2", DEVICE("<A>2</A>"));
    add(&w, 3, PROV_LAYER_MASTER, 9, "m.cfg", DEVICE("<A perm=\"!R\">m</A>"));
    assert_int_equal(PROV_OK, prov_layers_merge(&w.l, w.rules, w.in, 4, &w.arena));
    item = &w.l.items[0];
    assert_int_equal(4, item->count);
    assert_true(stands(&item->values[0], "p.cfg", 1, "p"));
    assert_true(stands(&item->values[1], "web 2", 1, "2"));
    assert_true(stands(&item->values[2], "web 1", 1, "1"));
    assert_true(stands(&item->values[3], "m.cfg", 1, "m"));
    assert_int_equal(PROV_LAYER_WHY_PERM, prov_layers_why(&w.l, item, 0));
    assert_int_equal(PROV_LAYER_WHY_STAMP, prov_layers_why(&w.l, item, 1));
    assert_false(item->read_only);
}

static void
the_result_can_be_written_and_be_a_layer_again(void **state)
{
    static struct world w;
    static const char want[] = "<PANASIPPhoneConfig>\n  <Device>\n"
                               "    <A perm=\"R\" access=\"AU\">u</A>\n"
                               "    <C>u</C>\n"
                               "  </Device>\n</PANASIPPhoneConfig>\n";
    struct prov_params flat;
    struct prov_layers again;
    struct prov_layer_input in = { PROV_LAYER_STANDARD, 0, &flat };
    char out[512];
    struct prov_buf buf = { out, sizeof(out), 0 };

    (void)state;
    begin(&w, "panasonic-utg");
    add(&w, 0, PROV_LAYER_STANDARD, 0, "s.cfg", DEVICE("<A perm=\"R\" access=\"AU\">s</A>"));
    add(&w, 1, PROV_LAYER_USER, 0, "web", DEVICE("<C perm=\"!\" access=\"A\">u</C><A>u</A>"));
    assert_int_equal(PROV_OK, prov_layers_merge(&w.l, w.rules, w.in, 2, &w.arena));
    assert_int_equal(PROV_OK, prov_layers_params(&w.l, prov_str_z("now"), &w.arena, &flat));
    assert_true(prov_str_eq(flat.source, prov_str_z("now")));
    assert_int_equal(PROV_OK, prov_params_write(&flat, &buf, NULL));
    assert_true(prov_str_eq(prov_buf_str(&buf), prov_str_z(want)));
    assert_int_equal(PROV_OK, prov_layers_merge(&again, w.rules, &in, 1, &w.arena));
    assert_int_equal(2, again.count);
    assert_true(again.items[0].read_only && !again.items[1].read_only);
}

static const struct change {
    const char *name;
    enum prov_param_change kind;
    bool before, after;
} changes[] = {
    { "B", PROV_PARAM_REMOVED, true, false },
    { "C", PROV_PARAM_VALUE, true, true },
    { "D", PROV_PARAM_RIGHTS, true, true },
    { "E", PROV_PARAM_RIGHTS, true, true },
    { "F", PROV_PARAM_ADDED, false, true },
    { "A", PROV_PARAM_REMOVED, true, false }, /* of line 1 */
    { "A", PROV_PARAM_ADDED, false, true },   /* of line 2 */
};

static void
names_what_differs(void **state)
{
    static struct world w;
    struct prov_params_diff d = { NULL, NULL, 0, 0 };
    struct prov_param_difference it;
    size_t n = 0;

    (void)state;
    begin(&w, "panasonic-utg");
    add(&w, 0, PROV_LAYER_MASTER, 0, "old",
        DEVICE("<E access=\"A\">1</E><A>1</A><B>1</B><C>1</C><D>1</D><G perm=\"!\">1</G>"
               "<L idx=\"1\"><A>1</A></L>"));
    add(&w, 1, PROV_LAYER_MASTER, 1, "new",
        DEVICE("<A>1</A><C perm=\"R\">2</C><D perm=\"R\">1</D><E>1</E><F/><G perm=\"!RW\"> 1</G>"
               "<L idx=\"2\"><A>1</A></L>"));
    d.before = &w.lists[0];
    d.after = &w.lists[1];
    for (; prov_params_diff_next(&d, &it); n++) {
        assert_true(n < PROV_COUNT(changes));
        const struct change *c = &changes[n];
        const struct prov_param *p = it.after != NULL ? it.after : it.before;

        PROV_ROW(c->name, it.kind == c->kind && prov_str_eq(p->name, prov_str_z(c->name)));
        PROV_ROW(c->name, (it.before != NULL) == c->before && (it.after != NULL) == c->after);
    }
    assert_int_equal(PROV_COUNT(changes), n);
    d = (struct prov_params_diff){ &w.lists[0], &w.lists[0], 0, 0 };
    assert_false(prov_params_diff_next(&d, &it));
    assert_false(prov_params_diff_next(NULL, &it));
    assert_false(prov_params_diff_next(&d, NULL));
    d.after = NULL;
    assert_false(prov_params_diff_next(&d, &it));
    d = (struct prov_params_diff){ NULL, &w.lists[0], 0, 0 };
    assert_false(prov_params_diff_next(&d, &it));
}

static void
refuses_every_smaller_arena(void **state)
{
    static struct world w;
    struct prov_arena arena;
    struct prov_params flat = { .count = 7 };
    struct prov_layers l = { .count = 7 };
    size_t full, merged;

    (void)state;
    begin(&w, "panasonic-utg");
    add(&w, 0, PROV_LAYER_MASTER, 0, "m", DEVICE("<A>1</A><B>1</B>"));
    add(&w, 1, PROV_LAYER_USER, 0, "u", DEVICE("<C>1</C><B>1</B>"));
    unsigned char *mem = malloc(4096);

    prov_arena_init(&arena, mem, 4096);
    assert_int_equal(PROV_OK, prov_layers_merge(&w.l, w.rules, w.in, 2, &arena));
    merged = arena.perm;
    assert_int_equal(PROV_OK, prov_layers_params(&w.l, prov_str_z("x"), &arena, &flat));
    full = arena.perm;
    free(mem);
    flat.count = 7;
    for (size_t room = 0; room < full; room++) {
        mem = malloc(room > 0 ? room : 1);
        prov_arena_init(&arena, mem, room);
        l.count = 7;
        if (room < merged) {
            assert_int_equal(PROV_E_SPACE, prov_layers_merge(&l, w.rules, w.in, 2, &arena));
            assert_int_equal(7, l.count);
        } else {
            assert_int_equal(PROV_OK, prov_layers_merge(&l, w.rules, w.in, 2, &arena));
            assert_int_equal(PROV_E_SPACE, prov_layers_params(&l, prov_str_z("x"), &arena, &flat));
        }
        assert_int_equal(7, flat.count);
        assert_true(arena.need > room);
        free(mem);
    }
}

static void
refuses_bad_arguments(void **state)
{
    static struct world w;
    const struct prov_layer_rules none = { .params = NULL };
    struct prov_params foreign, huge[2], flat;
    struct prov_layer_input in[2];
    struct prov_layers l = { .count = 7 };

    (void)state;
    begin(&w, "panasonic-utg");
    add(&w, 0, PROV_LAYER_MASTER, 1, "m", DEVICE("<A>1</A>"));
    add(&w, 1, PROV_LAYER_MASTER, 1, "n", DEVICE("<A>2</A>"));
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, w.in, 2, &w.arena)); /* the same */
    assert_int_equal(PROV_E_ARG, prov_layers_merge(NULL, w.rules, w.in, 1, &w.arena));
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, NULL, w.in, 1, &w.arena));
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, &none, w.in, 1, &w.arena));
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, NULL, 1, &w.arena));
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, w.in, 1, NULL));
    in[0] = in[1] = w.in[0];
    in[0].layer = (enum prov_layer)PROV_LAYERS;
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, in, 1, &w.arena));
    in[0] = (struct prov_layer_input){ PROV_LAYER_USER, 0, NULL };
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, in, 1, &w.arena));
    foreign = w.lists[0];
    foreign.rules = prov_panasonic_hdv_layers.params;
    in[0].params = &foreign;
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, in, 1, &w.arena));
    huge[0] = huge[1] = w.lists[0];
    huge[0].count = huge[1].count = UINT32_MAX / 2 + 1;
    in[0].params = &huge[0];
    in[1].params = &huge[1];
    assert_int_equal(PROV_E_ARG, prov_layers_merge(&l, w.rules, in, 2, &w.arena));
    assert_int_equal(7, l.count);
    assert_int_equal(PROV_OK, prov_layers_merge(&l, w.rules, NULL, 0, &w.arena));
    assert_int_equal(0, l.count);
    assert_int_equal(PROV_E_ARG, prov_layers_params(NULL, w.lists[0].source, &w.arena, &flat));
    assert_int_equal(PROV_E_ARG, prov_layers_params(&l, w.lists[0].source, NULL, &flat));
    assert_int_equal(PROV_E_ARG, prov_layers_params(&l, w.lists[0].source, &w.arena, NULL));
    assert_int_equal(PROV_LAYER_WHY_SOLE, prov_layers_why(NULL, NULL, 0));
    assert_int_equal(PROV_LAYER_WHY_SOLE, prov_layers_why(&l, NULL, 0));
    assert_string_equal("factory", prov_layer_name(PROV_LAYER_FACTORY));
    assert_string_equal("initial", prov_layer_name(PROV_LAYER_INITIAL));
    assert_string_equal("user", prov_layer_name(PROV_LAYER_USER));
    assert_string_equal("", prov_layer_name((enum prov_layer)PROV_LAYERS));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_winner_is_as_documented_for_utg),
        cmocka_unit_test(the_winner_is_as_documented_for_hdv),
        cmocka_unit_test(the_winner_is_as_documented_for_ut),
        cmocka_unit_test(tells_layer_file_and_line_of_the_winner_and_of_those_it_beat),
        cmocka_unit_test(says_why_the_later_setting_counts),
        cmocka_unit_test(a_file_overrides_every_change_of_the_user),
        cmocka_unit_test(the_result_can_be_written_and_be_a_layer_again),
        cmocka_unit_test(names_what_differs),
        cmocka_unit_test(refuses_every_smaller_arena),
        cmocka_unit_test(refuses_bad_arguments),
    };

    return cmocka_run_group_tests_name("layer", tests, NULL, NULL);
}
