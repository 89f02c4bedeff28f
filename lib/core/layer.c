/* SPDX-License-Identifier: MIT */
#include <prov/layer.h>

#include "core/param_work.h"

/* ---- Which value comes first ---- */

static const struct prov_layer_rule *
rule_of(const struct prov_layer_rules *rules, const struct prov_layer_value *v)
{
    return &rules->layers[v->input->layer];
}

/* Of two values of one parameter, permissions aside. No two are equal: see check_inputs(). */
static enum prov_layer_why
why_before(const struct prov_layer_rules *rules, const struct prov_layer_value *a,
           const struct prov_layer_value *b, bool *before)
{
    const uint8_t a_rank = rule_of(rules, a)->rank, b_rank = rule_of(rules, b)->rank;

    *before = a_rank > b_rank;
    if (a_rank != b_rank)
        return PROV_LAYER_WHY_RANK;
    *before = a->input->stamp > b->input->stamp;
    if (a->input->stamp != b->input->stamp)
        return PROV_LAYER_WHY_STAMP;
    *before = a->input->layer > b->input->layer;
    return PROV_LAYER_WHY_LAYER;
}

static int
order_of(const struct prov_layer_value *a, const struct prov_layer_value *b)
{
    return prov_param_order(a->param->name, a->param->index, b->param->name, b->param->index);
}

static bool
comes_after(const struct prov_param_sorter *s, size_t a, size_t b)
{
    const struct prov_layer_value *values = s->items;
    const int order = order_of(&values[a], &values[b]);
    bool before = false;

    if (order != 0)
        return order > 0;
    (void)why_before(s->rules, &values[b], &values[a], &before);
    return before;
}

static void
swap(const struct prov_param_sorter *s, size_t a, size_t b)
{
    struct prov_layer_value *values = s->items;
    const struct prov_layer_value kept = values[a];

    values[a] = values[b];
    values[b] = kept;
}

/* ---- One parameter ---- */

/* The values are in order. One that overrides goes to the front. */
static struct prov_layered
settle(const struct prov_layer_rules *rules, struct prov_layer_value *values, uint32_t count)
{
    struct prov_layered item = {
        .name = values->param->name, .index = values->param->index, .count = count, .values = values
    };
    uint32_t best = 0;

    while (best < count && rule_of(rules, &values[best])->yields)
        best++;
    if (best == count)
        return item;
    const struct prov_layer_value ruling = values[best];

    item.ruling = ruling.param;
    item.read_only = (ruling.param->flags & PROV_PARAM_READ_ONLY) != 0;
    if (rule_of(rules, &ruling)->overrides && (ruling.param->flags & PROV_PARAM_OVERRIDES) != 0) {
        for (; best > 0; best--)
            values[best] = values[best - 1];
        values[0] = ruling;
    }
    return item;
}

/* Values from `from` on that belong to one parameter. */
static uint32_t
run_length(const struct prov_layer_value *values, uint32_t from, uint32_t count)
{
    uint32_t to = from + 1;

    while (to < count && order_of(&values[from], &values[to]) == 0)
        to++;
    return to - from;
}

static uint32_t
count_items(const struct prov_layer_value *values, uint32_t count)
{
    uint32_t items = 0;

    for (uint32_t at = 0; at < count; at += run_length(values, at, count))
        items++;
    return items;
}

/* ---- Merging ---- */

static bool
is_input(const struct prov_layer_rules *rules, const struct prov_layer_input *inputs, size_t n)
{
    const struct prov_layer_input *in = &inputs[n];

    if ((unsigned)in->layer >= PROV_LAYERS || in->params == NULL ||
        in->params->rules != rules->params)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (inputs[i].layer == in->layer && inputs[i].stamp == in->stamp)
            return false; /* which one counts would hang on the order they are given in */
    }
    return true;
}

/* Number of values; UINT32_MAX if something is wrong with the inputs. */
static uint32_t
check_inputs(const struct prov_layer_rules *rules, const struct prov_layer_input *inputs,
             size_t count)
{
    uint32_t values = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_input(rules, inputs, i) || inputs[i].params->count >= UINT32_MAX - values)
            return UINT32_MAX;
        values += inputs[i].params->count;
    }
    return values;
}

static void
collect(const struct prov_layer_input *inputs, size_t count, struct prov_layer_value *values)
{
    for (size_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < inputs[i].params->count; k++)
            *values++ = (struct prov_layer_value){ &inputs[i].params->items[k], &inputs[i] };
    }
}

enum prov_status
prov_layers_merge(struct prov_layers *out, const struct prov_layer_rules *rules,
                  const struct prov_layer_input *inputs, size_t count, struct prov_arena *arena)
{
    if (out == NULL || rules == NULL || rules->params == NULL || (inputs == NULL && count > 0) ||
        arena == NULL)
        return PROV_E_ARG;
    const uint32_t n = check_inputs(rules, inputs, count);

    if (n == UINT32_MAX)
        return PROV_E_ARG;
    struct prov_layer_value *values =
        prov_arena_perm(arena, (size_t)n * sizeof(*values), _Alignof(struct prov_layer_value));

    if (values == NULL)
        return PROV_E_SPACE;
    collect(inputs, count, values);
    const struct prov_param_sorter s = { values, rules, comes_after, swap };

    prov_param_sort(&s, n);
    struct prov_layers made = { rules, NULL, 0 };
    struct prov_layered *items = prov_arena_perm(
        arena, (size_t)count_items(values, n) * sizeof(*items), _Alignof(struct prov_layered));

    if (items == NULL)
        return PROV_E_SPACE;
    for (uint32_t at = 0; at < n; at += items[made.count++].count)
        items[made.count] = settle(rules, &values[at], run_length(values, at, n));
    made.items = items;
    *out = made;
    return PROV_OK;
}

/* ---- Looking at the result ---- */

static struct prov_param_key
key_of(const void *entry)
{
    const struct prov_layered *item = entry;

    return (struct prov_param_key){ item->name, item->index };
}

const struct prov_layered *
prov_layers_find(const struct prov_layers *l, struct prov_str name, uint32_t index)
{
    const struct prov_param_key key = { name, index };
    uint32_t at;

    if (l == NULL)
        return NULL;
    at = prov_param_search(l->items, l->count, sizeof(*l->items), key_of, key);
    return at < l->count ? &l->items[at] : NULL;
}

enum prov_layer_why
prov_layers_why(const struct prov_layers *l, const struct prov_layered *item, uint32_t n)
{
    bool before = false;

    if (l == NULL || item == NULL || item->count < 2 || n > item->count - 2)
        return PROV_LAYER_WHY_SOLE;
    const enum prov_layer_why why =
        why_before(l->rules, &item->values[n], &item->values[n + 1], &before);

    return before ? why : PROV_LAYER_WHY_PERM;
}

enum prov_status
prov_layers_params(const struct prov_layers *l, struct prov_str source, struct prov_arena *arena,
                   struct prov_params *out)
{
    if (l == NULL || arena == NULL || out == NULL)
        return PROV_E_ARG;
    struct prov_param *items =
        prov_arena_perm(arena, (size_t)l->count * sizeof(*items), _Alignof(struct prov_param));

    if (items == NULL)
        return PROV_E_SPACE;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct prov_layered *from = &l->items[i];

        items[i] = *from->values->param;
        items[i].order = i;
        items[i].perm = from->ruling != NULL ? from->ruling->perm : 0;
        items[i].flags = from->ruling != NULL ? from->ruling->flags : 0;
        items[i].access =
            from->ruling != NULL ? from->ruling->access : (struct prov_str){ NULL, 0 };
    }
    *out = (struct prov_params){ l->rules->params, source, items, l->count };
    return PROV_OK;
}

/* ---- What has changed ---- */

/* False: nothing. */
static bool
compare(const struct prov_param *before, const struct prov_param *after,
        enum prov_param_change *kind)
{
    *kind = PROV_PARAM_VALUE;
    if (!prov_str_eq(before->value, after->value))
        return true;
    *kind = PROV_PARAM_RIGHTS;
    return before->flags != after->flags || !prov_str_eq(before->access, after->access);
}

/* Take the next parameter of either list, or of both. False: nothing differs there. */
static bool
step(struct prov_params_diff *d, struct prov_param_difference *out)
{
    const bool has_old = d->old_at < d->before->count, has_new = d->new_at < d->after->count;
    const struct prov_param *old = has_old ? &d->before->items[d->old_at] : NULL;
    const struct prov_param *new = has_new ? &d->after->items[d->new_at] : NULL;
    int order = has_old ? -1 : 1;

    if (has_old && has_new)
        order = prov_param_order(old->name, old->index, new->name, new->index);
    d->old_at += order <= 0;
    d->new_at += order >= 0;
    out->before = order <= 0 ? old : NULL;
    out->after = order >= 0 ? new : NULL;
    out->kind = order < 0 ? PROV_PARAM_REMOVED : PROV_PARAM_ADDED;
    return order != 0 || compare(old, new, &out->kind);
}

bool
prov_params_diff_next(struct prov_params_diff *d, struct prov_param_difference *out)
{
    struct prov_param_difference it;

    if (d == NULL || out == NULL || d->before == NULL || d->after == NULL)
        return false;
    while (d->old_at < d->before->count || d->new_at < d->after->count) {
        if (step(d, &it)) {
            *out = it;
            return true;
        }
    }
    return false;
}

const char *
prov_layer_name(enum prov_layer layer)
{
    static const char *const names[PROV_LAYERS] = {
        [PROV_LAYER_FACTORY] = "factory",   [PROV_LAYER_INITIAL] = "initial",
        [PROV_LAYER_MASTER] = "master",     [PROV_LAYER_PRODUCT] = "product",
        [PROV_LAYER_STANDARD] = "standard", [PROV_LAYER_USER] = "user",
    };

    return (unsigned)layer < PROV_LAYERS ? names[layer] : "";
}
