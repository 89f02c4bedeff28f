/* SPDX-License-Identifier: MIT */
#include <prov/apply.h>

#include <prov/schema.h>

#include "base/buf.h"
#include "core/apply_work.h"
#include "core/xml/xml.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const actions[] = {
    [PROV_SECTION_MERGED] = "merged",         [PROV_SECTION_REPLACED] = "replaced",
    [PROV_SECTION_OPERATIONS] = "operations", [PROV_SECTION_DISCARDED] = "discarded",
    [PROV_SECTION_STRIPPED] = "stripped",
};

static const char *const kinds[] = {
    [PROV_CHANGE_ADDED] = "added",     [PROV_CHANGE_REPLACED] = "replaced",
    [PROV_CHANGE_REMOVED] = "removed", [PROV_CHANGE_ATTRIBUTES] = "attributes",
    [PROV_CHANGE_TEXT] = "text",
};

static const char *const rules[] = {
    [PROV_RULE_PATH] = "merged by path (PAT-2)",
    [PROV_RULE_KEY] = "merged by key (PAT-3)",
    [PROV_RULE_POSITION] = "merged by position (PAT-4)",
    [PROV_RULE_SECTION_REPLACED] = "section replaced (PAT-1)",
    [PROV_RULE_SECTION_NEW] = "section new (PAT-1)",
    [PROV_RULE_DELETE] = "operation delete (OPS-4)",
    [PROV_RULE_REPLACE] = "operation replace (OPS-4)",
    [PROV_RULE_ADD] = "operation add (OPS-4)",
    [PROV_RULE_DIFF] = "step of a diff (OPS-6)",
};

const char *
prov_section_action_name(enum prov_section_action action)
{
    return (size_t)action < COUNT(actions) ? actions[action] : "";
}

const char *
prov_change_kind_name(enum prov_change_kind kind)
{
    return (size_t)kind < COUNT(kinds) ? kinds[kind] : "";
}

const char *
prov_change_rule_name(enum prov_change_rule rule)
{
    return (size_t)rule < COUNT(rules) ? rules[rule] : "";
}

bool
prov_apply_changed(const struct prov_apply *a)
{
    return a != NULL && (a->account.change_count > 0 || a->account.changes_dropped > 0);
}

bool
prov_change_restart(const struct prov_apply *a, const struct prov_change *change)
{
    if (a == NULL || change == NULL)
        return false;
    return prov_schema_restart(a->x, a->root, change->node, a->dialect) ||
           prov_schema_restart(a->x, a->root, change->old, a->dialect);
}

unsigned
prov_change_digest(const struct prov_apply *a, const struct prov_change *change,
                   uint8_t before[PROV_DIGEST_BYTES], uint8_t after[PROV_DIGEST_BYTES])
{
    if (a == NULL || change == NULL || before == NULL || after == NULL)
        return 0;
    const bool tag_only = change->kind == PROV_CHANGE_ATTRIBUTES;
    const bool had = prov_xml_exists(a->x, change->old) && change->kind != PROV_CHANGE_TEXT;
    const bool has = prov_xml_exists(a->x, change->node) && change->kind != PROV_CHANGE_REMOVED;

    if (had)
        prov_xml_digest_of(a->x, change->old, tag_only, true, before);
    if (has)
        prov_xml_digest_of(a->x, change->node, tag_only, false, after);
    return (had ? 1u : 0u) | (has ? 2u : 0u);
}

/* `[@key='value']`. There is no escape in a path: a value with both quotation marks is as good as
 * it gets. */
enum prov_status
prov_work_put_key(const struct prov_xml *x, uint32_t node, struct prov_str key,
                  struct prov_buf *out)
{
    struct prov_str raw = { NULL, 0 };
    const size_t mark = out->len;

    if (!prov_xml_attr(x, node, key, &raw))
        return PROV_OK;
    prov_buf_put_z(out, "[@");
    prov_buf_put_str(out, key);
    prov_buf_put_z(out, "='");
    if (!prov_buf_fits(out))
        return PROV_E_SPACE;
    const size_t from = out->len;

    if (prov_xml_raw_decode(raw, out) != PROV_OK)
        return PROV_E_SPACE;
    const bool apostrophe = memchr(out->ptr + mark, '\'', from - 1 - mark) == NULL &&
                            out->len > from &&
                            memchr(out->ptr + from, '\'', out->len - from) != NULL;

    if (apostrophe)
        out->ptr[from - 1] = '"';
    prov_buf_put_z(out, apostrophe ? "\"]" : "']");
    return PROV_OK;
}

/* The changed element is shown as it stood then, those around it as they stand now. */
static uint32_t
position(const struct prov_apply *a, const struct prov_change *change, uint32_t node)
{
    return node == change->node ? change->nth : prov_work_position(a->x, node);
}

/* In a list by position the only member has a position too. */
static bool
has_position(const struct prov_apply *a, const struct prov_change *change, uint32_t node)
{
    return node == change->node || prov_xml_is_live(a->x, node);
}

static enum prov_status
put_step(const struct prov_apply *a, const struct prov_change *change, uint32_t node,
         struct prov_buf *out)
{
    const struct prov_str name = prov_xml_name(a->x, node);
    const struct prov_list_rule *rule = prov_list_rule_find(a, prov_xml_parent(a->x, node), name);
    uint32_t nth = position(a, change, node);

    prov_buf_put_char(out, '/');
    prov_buf_put_str(out, name);
    if (rule != NULL && rule->key.len > 0)
        return prov_work_put_key(a->x, node, rule->key, out);
    if (rule != NULL && nth == 0 && has_position(a, change, node))
        nth = 1;
    if (nth == 0)
        return PROV_OK;
    prov_buf_put_char(out, '[');
    prov_buf_put_uint(out, nth, 1);
    prov_buf_put_char(out, ']');
    return PROV_OK;
}

/* The ancestor this many levels up. */
static uint32_t
climb(const struct prov_xml *x, uint32_t node, uint32_t levels)
{
    while (levels-- > 0)
        node = prov_xml_parent(x, node);
    return node;
}

enum prov_status
prov_change_path(const struct prov_apply *a, const struct prov_change *change, struct prov_buf *out)
{
    enum prov_status status = PROV_OK;
    uint32_t levels = 0;

    if (a == NULL || a->x == NULL || change == NULL || out == NULL || change->node == PROV_XML_NONE)
        return PROV_E_ARG;
    const size_t mark = out->len;

    for (uint32_t n = change->node; n != a->root && n != PROV_XML_NONE;
         n = prov_xml_parent(a->x, n))
        levels++;
    if (levels == 0) /* the root itself */
        prov_buf_put_char(out, '/');
    while (levels-- > 0 && status == PROV_OK)
        status = put_step(a, change, climb(a->x, change->node, levels), out);
    if (status == PROV_OK && prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}
