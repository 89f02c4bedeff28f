/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/apply_work.h"
#include "core/xml/xml.h"

/* Takes the last step off a path of steps joined by `/`. */
static struct prov_str
take_last(struct prov_str *path)
{
    size_t at = path->len;

    while (at > 0 && path->ptr[at - 1] != '/')
        at--;
    const struct prov_str step = prov_str_cut(*path, at, path->len);

    *path = prov_str_cut(*path, 0, at > 0 ? at - 1 : 0);
    return step;
}

static bool
is_any(struct prov_str step)
{
    return prov_str_eq(step, (struct prov_str)PROV_STR_INIT("*"));
}

/* The element and those around it are what these steps name, from the section on. */
static bool
stands_at(const struct prov_apply *a, struct prov_str steps, uint32_t node)
{
    while (steps.len > 0 && node != a->root && node != PROV_XML_NONE) {
        const struct prov_str step = take_last(&steps);

        if (!is_any(step) && !prov_xml_is(a->x, node, step))
            return false;
        node = prov_xml_parent(a->x, node);
    }
    return steps.len == 0 && node == a->root;
}

const struct prov_list_rule *
prov_list_rule_find(const struct prov_apply *a, uint32_t parent, struct prov_str name)
{
    for (size_t i = 0; i < a->dialect->list_count; i++) {
        struct prov_str steps = a->dialect->lists[i].path;
        const struct prov_str step = take_last(&steps);

        if ((is_any(step) || prov_str_eq(step, name)) && stands_at(a, steps, parent))
            return &a->dialect->lists[i];
    }
    return NULL;
}

/* The member has its key, and is the first one that has it. */
static enum prov_status
verify_key(struct prov_apply *a, uint32_t parent, uint32_t member, const struct prov_list_rule *r,
           struct prov_diag *why)
{
    const size_t scratch = prov_arena_mark(a->x->arena);
    struct prov_str raw, value;

    if (!prov_xml_attr(a->x, member, r->key, &raw))
        return prov_work_refuse(a->x, member, PROV_D_LIST_KEY_MISSING, r->key, why);
    if (prov_xml_is_sole(a->x, member, r->key, raw))
        return PROV_OK;
    enum prov_status status = prov_work_plain(a->x, raw, &value);

    if (status != PROV_OK)
        return status;
    const uint32_t first =
        prov_xml_find_keyed(a->x, parent, prov_xml_name(a->x, member), r->key, value, NULL);

    prov_arena_release(a->x->arena, scratch);
    if (first != member)
        return prov_work_refuse(a->x, member, PROV_D_LIST_KEY_TWICE, r->key, why);
    return PROV_OK;
}

/* All members below this parent for which this rule is the first one that fits. */
static enum prov_status
verify_list(struct prov_apply *a, uint32_t parent, const struct prov_list_rule *r,
            struct prov_diag *why)
{
    struct prov_xml *x = a->x;
    struct prov_str name = { NULL, 0 };
    bool fits = false;
    uint32_t count = 0;

    for (uint32_t c = prov_xml_first(x, parent); c != PROV_XML_NONE; c = prov_xml_next(x, c)) {
        enum prov_status status = PROV_OK;

        if (!prov_xml_is(x, c, name)) { /* neighbours mostly have the same name */
            name = prov_xml_name(x, c);
            fits = prov_list_rule_find(a, parent, name) == r;
        }
        if (!fits)
            continue;
        count++;
        if (r->max > 0 && count > r->max)
            status =
                prov_work_refuse(x, c, PROV_D_LIST_TOO_LONG, (struct prov_str){ NULL, 0 }, why);
        else if (r->key.len > 0)
            status = verify_key(a, parent, c, r, why);
        if (status == PROV_OK)
            continue;
        why->path = status == PROV_E_INVALID ? r->path : why->path;
        why->need = why->code == PROV_D_LIST_TOO_LONG ? r->max : why->need;
        return status;
    }
    return PROV_OK;
}

/* Steps of the longest path of a list: the depth, the root's being 1, below which no list is. */
static uint32_t
depth_of_lists(const struct prov_dialect *dialect)
{
    uint32_t most = 0;

    for (size_t i = 0; i < dialect->list_count; i++) {
        struct prov_str steps = dialect->lists[i].path;
        uint32_t depth = 0;

        for (; steps.len > 0; depth++)
            (void)take_last(&steps);
        most = depth > most ? depth : most;
    }
    return most;
}

static enum prov_status
verify_lists(struct prov_apply *a, uint32_t parent, struct prov_diag *why)
{
    enum prov_status status = PROV_OK;

    for (size_t i = 0; i < a->dialect->list_count && status == PROV_OK; i++) {
        struct prov_str steps = a->dialect->lists[i].path;

        (void)take_last(&steps);
        if (stands_at(a, steps, parent))
            status = verify_list(a, parent, &a->dialect->lists[i], why);
    }
    return status;
}

static enum prov_status
over_limit(struct prov_apply *a, uint32_t node, enum prov_diag_code code, uint32_t limit,
           struct prov_diag *why)
{
    const enum prov_status status =
        prov_work_refuse(a->x, node, code, prov_xml_name(a->x, node), why);

    why->need = limit;
    return status;
}

/*
 * What was put together must be readable again when the phone starts the next time. A tag that is
 * as it was read has been counted by the reader.
 */
static enum prov_status
verify_limits(struct prov_apply *a, uint32_t node, uint32_t depth, struct prov_diag *why)
{
    const struct prov_limits *limits = &a->x->limits;
    uint32_t cursor = 0, count = 0;
    struct prov_str name, raw;

    if (depth > limits->xml_depth)
        return over_limit(a, node, PROV_D_SECTION_DEPTH, limits->xml_depth, why);
    if (!prov_xml_is_rewritten(a->x, node))
        return PROV_OK;
    while (prov_xml_attr_next(a->x, node, &cursor, &name, &raw))
        count++;
    if (count > limits->xml_attributes)
        return over_limit(a, node, PROV_D_SECTION_ATTRIBUTES, limits->xml_attributes, why);
    return PROV_OK;
}

/* The element after all of this one in the document, below root; depth is kept up with it. */
static uint32_t
pass(const struct prov_xml *x, uint32_t root, uint32_t node, uint32_t *depth)
{
    uint32_t next = PROV_XML_NONE;

    while (next == PROV_XML_NONE && node != root) {
        next = prov_xml_living(x, x->nodes[node].next);
        node = x->nodes[node].parent;
        *depth -= next == PROV_XML_NONE;
    }
    return next;
}

/* The element after this one in the document, below root. */
static uint32_t
walk(const struct prov_xml *x, uint32_t root, uint32_t node, uint32_t *depth)
{
    const uint32_t next = prov_xml_living(x, x->nodes[node].first);

    if (next == PROV_XML_NONE)
        return pass(x, root, node, depth);
    ++*depth;
    return next;
}

uint32_t
prov_work_count(const struct prov_xml *x, uint32_t root)
{
    uint32_t count = 0, depth = 0, n = root;

    while (n != PROV_XML_NONE) {
        const bool as_read = !prov_xml_has(x, n, NODE_DIRTY);

        count += as_read ? prov_xml_size(x, n) : 1;
        n = as_read ? pass(x, root, n, &depth) : walk(x, root, n, &depth);
    }
    return count;
}

/*
 * Below the lists, what is as it was read and stands where it was read keeps the limits. moved: the
 * depth of the outermost element that was brought here.
 */
enum prov_status
prov_section_verify(struct prov_apply *a, uint32_t section, uint32_t *elements,
                    struct prov_diag *why)
{
    const struct prov_xml *x = a->x;
    const uint32_t depth_most = depth_of_lists(a->dialect);
    uint32_t count = 0, depth = 2, moved = UINT32_MAX; /* the root has depth 1 */

    for (uint32_t n = section; n != PROV_XML_NONE;) {
        if (depth <= moved)
            moved = prov_xml_has(x, n, NODE_ORIGINAL) ? UINT32_MAX : depth;
        if (depth > depth_most && moved == UINT32_MAX && !prov_xml_has(x, n, NODE_DIRTY)) {
            count += prov_xml_size(x, n);
            n = pass(x, section, n, &depth);
            continue;
        }
        enum prov_status status = verify_limits(a, n, depth, why);

        if (status == PROV_OK && depth <= depth_most)
            status = verify_lists(a, n, why);
        if (status != PROV_OK)
            return status;
        count++;
        n = walk(x, section, n, &depth);
    }
    *elements = count;
    return PROV_OK;
}
