/* SPDX-License-Identifier: MIT */
#include <prov/explain.h>

#include "core/apply_work.h"
#include "core/path_test.h"
#include "core/xml/xml.h"

/* The element stands below top, or is it, and nothing on the way up is gone. */
static bool
is_within(const struct prov_xml *x, uint32_t node, uint32_t top)
{
    while (node != top && prov_xml_is_live(x, node))
        node = prov_xml_parent(x, node);
    return node == top && prov_xml_is_live(x, node);
}

/* A change that brought everything inside the element, not only what is in its own tag. */
static bool
brings_content(const struct prov_change *c)
{
    return c->kind == PROV_CHANGE_ADDED || c->kind == PROV_CHANGE_REPLACED;
}

/* The newest change to an element that is there. */
static const struct prov_change *
newest(const struct prov_apply *a, uint32_t node, bool with_content)
{
    for (uint32_t i = a->account.change_count; i > 0; i--) {
        const struct prov_change *c = &a->account.changes[i - 1];

        if (c->node == node && c->kind != PROV_CHANGE_REMOVED &&
            (!with_content || brings_content(c)))
            return c;
    }
    return NULL;
}

static void
fill(const struct prov_apply *a, uint32_t node, const struct prov_change *change,
     struct prov_origin *out)
{
    const struct prov_xml *x = a->x;
    const struct prov_xml_node *n = &x->nodes[node];

    *out = (struct prov_origin){ .node = node, .change = change };
    out->loaded = change == NULL && n->source == x->nodes[a->root].source && n->tag_source != 0;
    prov_xml_where(x, node, &out->now);
    if (change == NULL)
        return;
    if (change->kind == PROV_CHANGE_REPLACED)
        prov_xml_where(x, change->old, &out->before);
    prov_xml_where(x, change->by, &out->by);
}

bool
prov_explain(const struct prov_apply *a, uint32_t node, struct prov_origin *out)
{
    if (a == NULL || a->x == NULL || out == NULL || !is_within(a->x, node, a->root))
        return false;
    const struct prov_change *change = newest(a, node, false);

    for (uint32_t n = node; n != a->root && change == NULL;) {
        n = prov_xml_parent(a->x, n);
        change = newest(a, n, true);
    }
    fill(a, node, change, out);
    return true;
}

bool
prov_explain_below(const struct prov_apply *a, uint32_t node, uint32_t *cursor,
                   struct prov_origin *out)
{
    if (a == NULL || a->x == NULL || cursor == NULL || out == NULL)
        return false;
    while (*cursor < a->account.change_count) {
        const struct prov_change *c = &a->account.changes[(*cursor)++];
        const bool removed = c->kind == PROV_CHANGE_REMOVED;
        const uint32_t top = removed ? prov_xml_parent(a->x, c->node) : c->node;

        if ((!removed && c->node == node) || !is_within(a->x, top, node))
            continue;
        if (!removed && newest(a, c->node, false) != c)
            continue;
        fill(a, c->node, c, out);
        return true;
    }
    return false;
}

/* ---- What is gone ---- */

/* nth: where it stands, or stood, among those of its name; 0 = the only one. */
static bool
fits(const struct prov_xml *x, uint32_t node, uint32_t nth, const struct prov_path *path,
     const struct prov_path_step *step)
{
    const bool any = step->name.len == 1 && step->name.ptr[0] == '*';
    bool good = any || prov_xml_is(x, node, step->name);

    for (uint32_t i = 0; i < step->predicate_count && good; i++)
        good = prov_path_test_holds(x, node, &path->predicates[step->predicate_first + i],
                                    nth > 0 ? nth : 1);
    return good;
}

static uint32_t
depth_of(const struct prov_apply *a, uint32_t node)
{
    uint32_t depth = 0;

    for (; node != a->root && node != PROV_XML_NONE; node = prov_xml_parent(a->x, node))
        depth++;
    return node == a->root ? depth : 0;
}

/* The first steps of the path lead to the element that the change took away. */
static bool
leads_to(const struct prov_apply *a, const struct prov_path *path, const struct prov_change *c,
         uint32_t depth)
{
    uint32_t node = c->old, nth = c->nth;

    for (uint32_t i = depth; i > 0; i--) {
        if (!fits(a->x, node, nth, path, &path->steps[i - 1]))
            return false;
        node = prov_xml_parent(a->x, node);
        nth = i > 1 ? prov_work_position(a->x, node) : 0;
    }
    return true;
}

/* The other steps, if there are any, hit something inside it. */
static bool
held(const struct prov_apply *a, const struct prov_path *path, uint32_t depth, uint32_t gone)
{
    struct prov_path rest = *path;
    uint32_t node;

    rest.steps += depth;
    rest.step_count -= depth;
    if (rest.step_count == 0)
        return true;
    const enum prov_status status = prov_path_find(a->x, gone, &rest, &node, NULL);

    return status == PROV_OK || status == PROV_E_AMBIGUOUS;
}

static bool
took_away(const struct prov_apply *a, const struct prov_path *path, const struct prov_change *c)
{
    if (c->kind != PROV_CHANGE_REMOVED && c->kind != PROV_CHANGE_REPLACED)
        return false;
    const uint32_t depth = depth_of(a, c->old);

    return depth > 0 && depth <= path->step_count && leads_to(a, path, c, depth) &&
           held(a, path, depth, c->old);
}

bool
prov_explain_gone(const struct prov_apply *a, const struct prov_path *path, struct prov_origin *out)
{
    if (a == NULL || a->x == NULL || path == NULL || out == NULL)
        return false;
    for (uint32_t i = a->account.change_count; i > 0; i--) {
        const struct prov_change *c = &a->account.changes[i - 1];

        if (!took_away(a, path, c))
            continue;
        fill(a, c->node, c, out);
        prov_xml_where(a->x, c->old, &out->before);
        return true;
    }
    return false;
}
