/* SPDX-License-Identifier: MIT */
#include "core/apply_work.h"

/* Eight bytes an operation: a document may have nothing else. */
struct prov_order_op {
    uint32_t node;
    uint32_t next; /* on the same section; 0: the last one; ALONE: no section can be told */
};
#define ALONE UINT32_MAX

/* Operations that are kept or undone together. */
struct prov_order_group {
    struct prov_order_group *next; /* in the order of first mention */
    struct prov_str name;
    uint32_t first, last, count;
    bool is_root;
};

enum prov_status
prov_order_begin(struct prov_order *o, struct prov_apply *a, uint32_t root)
{
    uint32_t count = 0;

    for (uint32_t n = prov_xml_first(a->x, root); n != PROV_XML_NONE; n = prov_xml_next(a->x, n))
        count++;
    *o = (struct prov_order){ .a = a };
    o->ops = prov_arena_scratch(a->x->arena, count * sizeof(*o->ops), sizeof(o->ops->node));
    return o->ops != NULL ? PROV_OK : PROV_E_SPACE;
}

struct prov_order_group *
prov_order_find(const struct prov_order *o, struct prov_str section, bool is_root)
{
    struct prov_order_group *g = o->recent;

    if (g != NULL && g->is_root == is_root && prov_str_eq(g->name, section))
        return g;
    g = o->first;
    while (g != NULL && (g->is_root != is_root || !prov_str_eq(g->name, section)))
        g = g->next;
    return g;
}

struct prov_str
prov_order_recent(const struct prov_order *o)
{
    const struct prov_str none = { NULL, 0 };

    return o->recent != NULL ? o->recent->name : none;
}

static struct prov_order_group *
new_group(struct prov_order *o, struct prov_str section, bool is_root)
{
    struct prov_order_group *g = prov_arena_scratch(o->a->x->arena, sizeof(*g), sizeof(void *));

    if (g == NULL)
        return NULL;
    *g = (struct prov_order_group){
        .name = section, .is_root = is_root, .first = o->count, .last = o->count
    };
    if (o->last != NULL)
        o->last->next = g;
    else
        o->first = g;
    o->last = g;
    return g;
}

enum prov_status
prov_order_put(struct prov_order *o, uint32_t node, struct prov_order_group *group,
               struct prov_str section, bool is_root)
{
    struct prov_order_op *op = &o->ops[o->count];

    *op = (struct prov_order_op){ .node = node, .next = ALONE };
    if (section.len > 0 || is_root) {
        op->next = 0;
        if (group != NULL)
            o->ops[group->last].next = o->count;
        else
            group = new_group(o, section, is_root);
        if (group == NULL)
            return PROV_E_SPACE;
        group->last = o->count;
        group->count++;
        o->recent = group;
    }
    o->count++;
    return PROV_OK;
}

bool
prov_order_next(struct prov_order *o, struct prov_order_unit *out)
{
    const struct prov_order_group *g = o->first; /* the next one that was not given out */

    for (uint32_t i = o->at; i < o->count; i++) {
        if (o->ops[i].next == ALONE) {
            *out = (struct prov_order_unit){ .name = prov_xml_name(o->a->x, o->ops[i].node),
                                             .at = i,
                                             .left = 1,
                                             .count = 1,
                                             .is_alone = true };
        } else if (g != NULL && g->first == i) {
            *out = (struct prov_order_unit){
                .name = g->name, .at = i, .left = g->count, .count = g->count, .is_root = g->is_root
            };
            o->first = g->next;
        } else {
            continue;
        }
        o->at = i + 1;
        return true;
    }
    return false;
}

uint32_t
prov_order_take(const struct prov_order *o, struct prov_order_unit *u)
{
    if (u->left == 0)
        return PROV_XML_NONE;
    const struct prov_order_op *op = &o->ops[u->at];

    u->left--;
    u->at = op->next;
    return op->node;
}
