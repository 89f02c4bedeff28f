/* SPDX-License-Identifier: MIT */
#include <prov/dialect.h>
#include <prov/layer.h>

#include "fuzz_in.h"

#define FILES 4u
#define POOL_BYTES 80000u
#define LIST_BYTES 400000u

/* Everything one input needs. */
struct world {
    const struct prov_layer_rules *rules;
    struct prov_arena pool, arena;
    struct prov_xml x;
    struct prov_params lists[FILES];
    struct prov_layer_input in[FILES];
    size_t count;
};

static const struct prov_layer_rules *
rules_of(const char *dialect)
{
    return prov_dialect_find(prov_str_z(dialect))->layers;
}

static bool
is_text(const struct world *w)
{
    return w->rules->params->cfg != NULL;
}

static int
order_of(struct prov_str a, uint32_t a_index, struct prov_str b, uint32_t b_index)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    const int bytes = memcmp(a.ptr, b.ptr, n);

    if (a_index != b_index)
        return a_index < b_index ? -1 : 1;
    return bytes != 0 ? bytes : (a.len > b.len) - (a.len < b.len);
}

/* An element of this name stands where the parameter says. */
static bool
stands_there(const struct world *w, const struct prov_param *p)
{
    for (uint32_t node = 1; node <= w->x.node_count; node++) {
        struct prov_xml_place at;

        prov_xml_where(&w->x, node, &at);
        if (at.line == p->line && at.column == p->column &&
            prov_str_eq(prov_xml_local_name(&w->x, node), p->name))
            return true;
    }
    return false;
}

static void
check_list(const struct world *w, const struct prov_params *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        const struct prov_param *it = &p->items[i], *last = it - 1;

        FUZZ_CHECK(it->name.len > 0 && it->line >= 1 && it->column >= 1);
        FUZZ_CHECK(i == 0 || order_of(last->name, last->index, it->name, it->index) < 0);
        FUZZ_CHECK(prov_params_find(p, it->name, it->index) == it);
        FUZZ_CHECK(is_text(w) || stands_there(w, it));
    }
}

static char *
begin_pool(struct world *w)
{
    const struct prov_limits limits = { .size = sizeof(limits), .pool_nodes = 2048 };
    char *mem = malloc(POOL_BYTES);

    FUZZ_CHECK(mem != NULL);
    prov_arena_init(&w->pool, mem, POOL_BYTES);
    FUZZ_CHECK(prov_xml_init(&w->x, &w->pool, &limits, NULL, 1) == PROV_OK);
    return mem;
}

/* False if it is refused, or there is none. */
static bool
read_list(struct world *w, struct prov_str text, struct prov_params *out)
{
    const struct prov_str name = PROV_STR_INIT("f");
    struct prov_diag item = { .status = PROV_OK };
    struct prov_diags diags = { &item, 1, 0, 0 };
    uint32_t root = 0;
    enum prov_status status;

    if (is_text(w)) {
        status = prov_params_read_text(out, w->rules->params, name, text, &w->arena, &diags);
    } else {
        status = prov_xml_parse(&w->x, name, text, &root, NULL);
        if (status != PROV_OK)
            return false;
        status = prov_params_read_xml(out, w->rules->params, &w->x, root, &w->arena, &diags);
    }
    FUZZ_CHECK(status == PROV_OK || diags.count == 1);
    FUZZ_CHECK(status == PROV_OK || status == PROV_E_TYPE || status == PROV_E_SYNTAX ||
               status == PROV_E_LIMIT);
    return status == PROV_OK;
}

static bool
same_meaning(const struct prov_param *a, const struct prov_param *b)
{
    return prov_str_eq(a->name, b->name) && a->index == b->index &&
           prov_str_eq(a->value, b->value) && prov_str_eq(a->access, b->access) &&
           a->flags == b->flags && a->group == b->group;
}

/* read(write(x)) is x, in a buffer of exactly the size that was asked for. */
static void
check_written(const struct world *w, const struct prov_params *p)
{
    struct prov_buf none = { NULL, 0, 0 };
    struct world fresh = { .rules = w->rules, .arena = w->arena };
    struct prov_params again;
    char *pool = begin_pool(&fresh);
    size_t need = 0;

    FUZZ_CHECK(prov_params_write(p, &none, &need) == PROV_E_SPACE && need > 0 && none.len == 0);
    struct prov_buf out = { malloc(need), need, 0 };

    FUZZ_CHECK(out.ptr != NULL && prov_params_write(p, &out, NULL) == PROV_OK && out.len == need);
    if (need < 16000) {
        FUZZ_CHECK(read_list(&fresh, prov_buf_str(&out), &again) && again.count == p->count);
        for (uint32_t i = 0; i < p->count; i++)
            FUZZ_CHECK(same_meaning(&p->items[i], &again.items[i]));
    }
    free(out.ptr);
    free(pool);
}

/* What is told to differ differs, and nothing else does. */
static void
check_diff(const struct prov_params *before, const struct prov_params *after)
{
    struct prov_params_diff d = { before, after, 0, 0 };
    struct prov_param_difference it;
    uint32_t added = 0, removed = 0, changed = 0, same = 0;

    while (prov_params_diff_next(&d, &it)) {
        const struct prov_param *p = it.before != NULL ? it.before : it.after;

        FUZZ_CHECK((prov_params_find(before, p->name, p->index) == NULL) == (it.before == NULL));
        FUZZ_CHECK((prov_params_find(after, p->name, p->index) == NULL) == (it.after == NULL));
        added += it.kind == PROV_PARAM_ADDED;
        removed += it.kind == PROV_PARAM_REMOVED;
        changed += it.kind == PROV_PARAM_VALUE || it.kind == PROV_PARAM_RIGHTS;
    }
    for (uint32_t i = 0; i < after->count; i++) {
        const struct prov_param *p = &after->items[i];
        const struct prov_param *old = prov_params_find(before, p->name, p->index);

        same += old != NULL && prov_str_eq(old->value, p->value) && old->flags == p->flags &&
                prov_str_eq(old->access, p->access);
    }
    FUZZ_CHECK(before->count - removed + added == after->count);
    FUZZ_CHECK(same + changed + added == after->count);
}

/* Each list that has the parameter is there once, and none else. */
static void
check_item(const struct world *w, const struct prov_layers *l, const struct prov_layered *item)
{
    uint32_t found = 0, users = 0;

    for (size_t i = 0; i < w->count; i++)
        found += prov_params_find(&w->lists[i], item->name, item->index) != NULL;
    FUZZ_CHECK(item->count == found && found > 0);
    for (uint32_t n = 0; n < item->count; n++) {
        const struct prov_layer_value *v = &item->values[n];

        FUZZ_CHECK(prov_params_find(v->input->params, item->name, item->index) == v->param);
        for (uint32_t m = 0; m < n; m++)
            FUZZ_CHECK(item->values[m].input->params != v->input->params);
        FUZZ_CHECK((prov_layers_why(l, item, n) == PROV_LAYER_WHY_SOLE) == (n + 1 == item->count));
        users += v->input->layer == PROV_LAYER_USER;
    }
    FUZZ_CHECK((item->ruling == NULL) == (users == item->count));
    FUZZ_CHECK(item->read_only ==
               (item->ruling != NULL && (item->ruling->flags & PROV_PARAM_READ_ONLY) != 0));
    if (users > 0 && item->values->input->layer != PROV_LAYER_USER && !is_text(w))
        FUZZ_CHECK(item->values->param == item->ruling &&
                   (item->ruling->flags & PROV_PARAM_OVERRIDES) != 0);
}

static void
check_layers(const struct world *w, const struct prov_layers *l)
{
    uint32_t values = 0, all = 0;

    for (uint32_t i = 0; i < l->count; i++) {
        const struct prov_layered *it = &l->items[i], *last = it - 1;

        FUZZ_CHECK(i == 0 || order_of(last->name, last->index, it->name, it->index) < 0);
        FUZZ_CHECK(prov_layers_find(l, it->name, it->index) == it);
        check_item(w, l, it);
        values += it->count;
    }
    for (size_t i = 0; i < w->count; i++)
        all += w->lists[i].count;
    FUZZ_CHECK(values == all);
}

static void
check_same(const struct prov_layers *a, const struct prov_layers *b)
{
    FUZZ_CHECK(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        FUZZ_CHECK(a->items[i].count == b->items[i].count);
        FUZZ_CHECK(a->items[i].ruling == b->items[i].ruling);
        for (uint32_t n = 0; n < a->items[i].count; n++)
            FUZZ_CHECK(a->items[i].values[n].param == b->items[i].values[n].param);
    }
}

static void
check_merge(struct world *w)
{
    struct prov_layer_input backwards[FILES];
    struct prov_params flat;
    struct prov_layers a, b;
    bool twice = false;

    for (size_t i = 0; i < w->count; i++) {
        backwards[w->count - 1 - i] = w->in[i];
        for (size_t k = 0; k < i; k++)
            twice = twice || (w->in[i].layer == w->in[k].layer && w->in[i].stamp == w->in[k].stamp);
    }
    const enum prov_status status = prov_layers_merge(&a, w->rules, w->in, w->count, &w->arena);

    FUZZ_CHECK(status == (twice ? PROV_E_ARG : PROV_OK));
    if (twice)
        return;
    check_layers(w, &a);
    FUZZ_CHECK(prov_layers_merge(&b, w->rules, backwards, w->count, &w->arena) == PROV_OK);
    check_same(&a, &b);
    FUZZ_CHECK(prov_layers_params(&a, prov_str_z("x"), &w->arena, &flat) == PROV_OK);
    check_written(w, &flat);
    check_diff(&flat, &flat);
    for (size_t i = 0; i < w->count; i++) {
        check_diff(&w->lists[i], &flat);
        check_diff(&flat, &w->lists[i]);
    }
}

/* The bytes up to a NUL, which is taken too. */
static struct prov_str
take_file(struct fuzz_in *in)
{
    const uint8_t *end = in->size > 0 ? memchr(in->data, 0, in->size) : NULL;
    const struct prov_str file = fuzz_take(in, end != NULL ? (size_t)(end - in->data) : in->size);

    (void)fuzz_u8(in);
    return file;
}

/*
 * A byte for the rules, a layer and a stamp for each file, then the files, with a NUL between them.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    struct world w = { .count = 0 };
    uint8_t layers[FILES], stamps[FILES];
    char *pool = begin_pool(&w), *list = malloc(LIST_BYTES);

    FUZZ_CHECK(list != NULL);
    w.rules = rules_of((fuzz_u8(&in) & 1) != 0 ? "panasonic-hdv" : "panasonic-utg");
    for (size_t i = 0; i < FILES; i++) {
        layers[i] = fuzz_u8(&in) % PROV_LAYERS;
        stamps[i] = fuzz_u8(&in);
    }
    prov_arena_init(&w.arena, list, LIST_BYTES);
    for (size_t i = 0; i < FILES && in.size > 0; i++) {
        const struct prov_str text = take_file(&in);

        if (text.len > 4000 || !read_list(&w, text, &w.lists[w.count]))
            continue;
        w.in[w.count] =
            (struct prov_layer_input){ (enum prov_layer)layers[i], stamps[i], &w.lists[w.count] };
        check_list(&w, &w.lists[w.count]);
        w.count++;
    }
    for (size_t i = 0; i < w.count; i++)
        check_written(&w, &w.lists[i]);
    check_merge(&w);
    free(pool);
    free(list);
    return 0;
}
