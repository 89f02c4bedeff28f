/* SPDX-License-Identifier: MIT */
#include "core/rfc5261_work.h"

enum prov_diff_kind
prov_diff_kind(const struct prov_xml *x, uint32_t node)
{
    static const struct {
        struct prov_str name;
        enum prov_diff_kind kind;
    } kinds[] = {
        { PROV_STR_INIT("add"), PROV_DIFF_ADD },
        { PROV_STR_INIT("replace"), PROV_DIFF_REPLACE },
        { PROV_STR_INIT("remove"), PROV_DIFF_REMOVE },
    };
    const struct prov_str name = prov_xml_local_name(x, node);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (prov_str_eq(kinds[i].name, name))
            return kinds[i].kind;
    }
    return PROV_DIFF_NONE;
}

static enum prov_status
refuse(struct prov_diff_op *op, enum prov_diag_code code, struct prov_str subject)
{
    op->error = (struct prov_sel_error){ .code = code, .subject = subject };
    return PROV_E_INVALID;
}

static enum prov_status
refuse_plain(struct prov_diff_op *op, enum prov_diag_code code)
{
    return refuse(op, code, prov_xml_name(op->a->x, op->node));
}

/* A limit of the pool is told as such. */
static enum prov_status
explain(struct prov_diff_op *op, enum prov_status status)
{
    if (status == PROV_E_LIMIT)
        (void)refuse_plain(op, PROV_D_XML_POOL_NODES);
    return status;
}

static enum prov_status
relay(struct prov_diff_op *op, uint32_t node)
{
    return explain(op, prov_xml_relay(op->a->x, node));
}

static bool
addresses_item(const struct prov_diff_op *op)
{
    const enum prov_sel_target t = op->sel.target;

    return t == PROV_SEL_TEXT || t == PROV_SEL_COMMENT || t == PROV_SEL_INSTRUCTION;
}

uint32_t
prov_diff_container(const struct prov_diff_op *op)
{
    const bool beside = op->kind != PROV_DIFF_ADD ||
                        (op->place != PROV_DIFF_INSIDE && op->place != PROV_DIFF_PREPEND);

    if (op->sel.target != PROV_SEL_ELEMENT || !beside || op->type.len > 0)
        return op->hit.node;
    return prov_xml_parent(op->a->x, op->hit.node);
}

/* ---- Items ---- */

/* The item that the selector located, in its relaid element. */
static enum prov_status
locate(struct prov_diff_op *op, uint32_t *container, uint32_t *item)
{
    *container = prov_diff_container(op);
    const enum prov_status status = relay(op, *container);

    if (status == PROV_OK)
        *item = addresses_item(op) ? prov_sel_item(op->a->x, &op->sel, &op->hit) : op->hit.node;
    return status;
}

/* The item after all items of the same node. */
static uint32_t
after(const struct prov_xml *x, uint32_t item)
{
    const enum prov_xml_item kind = prov_xml_item_kind(x, item);

    do
        item = prov_xml_item_next(x, item);
    while (kind == ITEM_TEXT && item != PROV_XML_NONE && prov_xml_item_kind(x, item) == ITEM_TEXT);
    return item;
}

/* White space alone, however it is written: as references or in CDATA sections, too. */
static bool
is_blank(const struct prov_xml *x, uint32_t item)
{
    int b = ' ';

    if (prov_xml_item_kind(x, item) != ITEM_TEXT)
        return false;
    const struct prov_str s = prov_xml_item_bytes(x, item);
    struct prov_xml_chars c = { .gaps = { .ended = true }, .run = s.ptr, .run_end = s.ptr + s.len };

    while (b >= 0 && prov_is_blank((char)b))
        b = prov_xml_chars_next(&c);
    return b < 0;
}

static void
enter(const struct prov_diff_op *op, enum prov_change_kind kind, uint32_t node, uint32_t old)
{
    const struct prov_change change = {
        .node = node, .old = old, .by = op->node, .kind = kind, .rule = PROV_RULE_DIFF
    };

    prov_work_enter(op->a, change);
}

/* One entry for an operation. */
static void
text_changed(struct prov_diff_op *op, uint32_t container)
{
    if (op->text_told)
        return;
    op->text_told = true;
    enter(op, PROV_CHANGE_TEXT, container, container);
}

/* One node of the operation comes to its place. */
static enum prov_status
bring(struct prov_diff_op *op, uint32_t container, uint32_t before, uint32_t item)
{
    struct prov_xml *x = op->a->x;
    struct prov_str prefix = { NULL, 0 };
    enum prov_status status = PROV_OK;

    if (!prov_xml_is_text(x, item))
        status = prov_ns_adapt(x, item, container, &prefix);
    if (status == PROV_E_INVALID)
        return refuse(op, PROV_D_DIFF_PREFIX, prefix);
    if (status == PROV_OK)
        status = prov_xml_item_put(x, container, before, item);
    if (status == PROV_OK)
        status = prov_xml_item_mend(x, item);
    return explain(op, status);
}

/* All nodes of the operation, each entered as a change. */
static enum prov_status
bring_all(struct prov_diff_op *op, uint32_t container, uint32_t before)
{
    struct prov_xml *x = op->a->x;
    enum prov_status status = relay(op, op->node);
    uint32_t next = status == PROV_OK ? prov_xml_item_first(x, op->node) : PROV_XML_NONE;
    bool text = false;

    while (next != PROV_XML_NONE && status == PROV_OK) {
        const uint32_t item = next; /* it moves */

        next = prov_xml_item_next(x, item);
        status = bring(op, container, before, item);
        if (status == PROV_OK && !prov_xml_is_text(x, item))
            enter(op, PROV_CHANGE_ADDED, item, PROV_XML_NONE);
        text = text || prov_xml_is_text(x, item);
    }
    if (status == PROV_OK)
        status = explain(op, prov_xml_item_mend(x, before));
    if (status == PROV_OK && text)
        text_changed(op, container);
    return status;
}

/* A node with all its items. */
static enum prov_status
take_node(struct prov_diff_op *op, uint32_t item)
{
    struct prov_xml *x = op->a->x;
    const uint32_t end = after(x, item);
    enum prov_status status = PROV_OK;

    while (item != end && status == PROV_OK) {
        const uint32_t next = prov_xml_item_next(x, item);

        status = prov_xml_item_take(x, item);
        item = next;
    }
    return status == PROV_OK ? explain(op, prov_xml_item_mend(x, end)) : status;
}

/* ---- Attributes and declarations ---- */

static enum prov_status
rewrite(struct prov_diff_op *op, struct prov_str name, uint32_t value_of)
{
    const struct prov_tag_edit edit = { .name = name, .value_of = value_of };
    const enum prov_status status = prov_tag_rewrite(op->a->x, op->hit.node, &edit);

    if (status == PROV_OK)
        enter(op, PROV_CHANGE_ATTRIBUTES, op->hit.node, op->hit.node);
    return status;
}

/* Of a text: the only markup that can stand in one. */
static bool
holds_cdata(const struct prov_xml *x, uint32_t text)
{
    const struct prov_str bytes = prov_xml_item_bytes(x, text);

    return memchr(bytes.ptr, '<', bytes.len) != NULL;
}

/* The content of the operation is text and nothing else; as a value, without CDATA sections. */
static enum prov_status
check_content(struct prov_diff_op *op, bool value)
{
    const struct prov_xml *x = op->a->x;
    const enum prov_status status = relay(op, op->node);

    if (status != PROV_OK)
        return status;
    for (uint32_t i = prov_xml_item_first(x, op->node); i != PROV_XML_NONE;
         i = prov_xml_item_next(x, i)) {
        if (prov_xml_item_kind(x, i) != ITEM_TEXT || (value && holds_cdata(x, i)))
            return refuse_plain(op, value ? PROV_D_DIFF_VALUE : PROV_D_DIFF_NODE_TYPES);
    }
    return PROV_OK;
}

/* A declaration takes a URI that is not one of XML's own, and a prefix that is neither. */
static enum prov_status
check_uri(struct prov_diff_op *op, struct prov_str prefix)
{
    static const struct prov_str reserved[] = {
        PROV_STR_INIT(""),
        PROV_STR_INIT("http://www.w3.org/XML/1998/namespace"),
        PROV_STR_INIT("http://www.w3.org/2000/xmlns/"),
    };

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (prov_xml_text_is(op->a->x, op->node, reserved[i]))
            return refuse_plain(op, PROV_D_DIFF_NAMESPACE_URI);
    }
    if (prov_str_eq(prefix, prov_str_z("xml")) || prov_str_eq(prefix, prov_str_z("xmlns")))
        return refuse(op, PROV_D_DIFF_PREFIX, prefix);
    return PROV_OK;
}

/* `xmlns:prefix`, where it is kept until the tag has it. */
static enum prov_status
join(struct prov_diff_op *op, struct prov_str prefix, struct prov_str local, struct prov_str *name)
{
    const size_t len = prefix.len + 1 + local.len;
    char *text = prov_arena_scratch(op->a->x->arena, len, 1);

    if (text == NULL)
        return PROV_E_SPACE;
    memcpy(text, prefix.ptr, prefix.len);
    text[prefix.len] = ':';
    memcpy(text + prefix.len + 1, local.ptr, local.len);
    *name = (struct prov_str){ text, len };
    return PROV_OK;
}

/* A name that comes as a value has not passed the reader. Which letters above 0x7F may stand in a
 * name differs between editions of XML, so none is taken. */
static bool
is_part(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        const bool starts = prov_is_alpha(c) || c == '_';

        if (!starts && (i == 0 || (!prov_is_digit(c) && c != '-' && c != '.')))
            return false;
    }
    return s.len > 0;
}

/* `namespace::prefix`. A prefix that is in force for something else would change its meaning in all
 * that is inside. */
static enum prov_status
name_declaration(struct prov_diff_op *op, struct prov_str prefix, struct prov_str *name)
{
    const struct prov_xml *x = op->a->x;
    struct prov_str uri;

    if (!is_part(prefix))
        return refuse(op, PROV_D_DIFF_ATTRIBUTE, op->type);
    const enum prov_status status = check_uri(op, prefix);

    if (status != PROV_OK)
        return status;
    if (prov_ns_find(x, op->hit.node, prefix, &uri)) {
        return prov_xml_text_is(x, op->node, uri) ? refuse(op, PROV_D_DIFF_ATTRIBUTE_EXISTS, prefix)
                                                  : refuse(op, PROV_D_DIFF_PREFIX, prefix);
    }
    return join(op, prov_str_z("xmlns"), prefix, name);
}

/* `@name`. A prefix means what it means in the operation; in the settings it may have another name.
 */
static enum prov_status
name_attribute(struct prov_diff_op *op, struct prov_str given, struct prov_str *name)
{
    const struct prov_xml *x = op->a->x;
    struct prov_str uri, prefix = prov_ns_prefix(given);
    const struct prov_str local = prov_ns_local(given);
    enum prov_status status = PROV_OK;

    *name = given;
    if (!is_part(local) || (prefix.len > 0 && !is_part(prefix)) || prov_ns_declares(given, &uri))
        return refuse(op, PROV_D_DIFF_ATTRIBUTE, op->type);
    if (prefix.len > 0) {
        if (!prov_ns_find(x, op->node, prefix, &uri))
            return refuse(op, PROV_D_DIFF_PREFIX, prefix);
        if (!prov_ns_prefix_of(x, op->hit.node, uri, prefix, &prefix))
            return refuse_plain(op, PROV_D_DIFF_NO_NAMESPACE);
        status = join(op, prefix, local, name);
    }
    if (status == PROV_OK && prov_xml_attr(x, op->hit.node, *name, &uri))
        return refuse(op, PROV_D_DIFF_ATTRIBUTE_EXISTS, given);
    return status;
}

static enum prov_status
add_to_tag(struct prov_diff_op *op)
{
    static const struct prov_str axis = PROV_STR_INIT("namespace::");
    const struct prov_str type = op->type;
    struct prov_str name;
    enum prov_status status = check_content(op, true);

    if (op->sel.target != PROV_SEL_ELEMENT)
        return refuse_plain(op, PROV_D_DIFF_DIRECTIVE);
    if (status != PROV_OK)
        return status;
    if (type.ptr[0] == '@')
        status = name_attribute(op, prov_str_cut(type, 1, type.len), &name);
    else if (type.len > axis.len && memcmp(type.ptr, axis.ptr, axis.len) == 0)
        status = name_declaration(op, prov_str_cut(type, axis.len, type.len), &name);
    else
        return refuse(op, PROV_D_DIFF_ATTRIBUTE, type);
    return status == PROV_OK ? rewrite(op, name, op->node) : status;
}

/* ---- The three operations ---- */

static enum prov_status
add(struct prov_diff_op *op)
{
    uint32_t container, item = PROV_XML_NONE, before = PROV_XML_NONE;

    if (op->type.len > 0)
        return add_to_tag(op);
    if (op->sel.target != PROV_SEL_ELEMENT &&
        (!addresses_item(op) || prov_diff_container(op) == PROV_XML_NONE ||
         op->place == PROV_DIFF_INSIDE || op->place == PROV_DIFF_PREPEND))
        return refuse_plain(op, PROV_D_DIFF_DIRECTIVE);
    const enum prov_status status = locate(op, &container, &item);

    if (status != PROV_OK)
        return status;
    if (op->place == PROV_DIFF_PREPEND)
        before = prov_xml_item_first(op->a->x, container);
    else if (op->place == PROV_DIFF_BEFORE)
        before = item;
    else if (op->place == PROV_DIFF_AFTER)
        before = after(op->a->x, item);
    return bring_all(op, container, before);
}

/* The one node of this kind in the operation; white space around it does not count. */
static enum prov_status
only_node(struct prov_diff_op *op, enum prov_xml_item kind, uint32_t *node)
{
    const struct prov_xml *x = op->a->x;
    const enum prov_status status = relay(op, op->node);

    *node = PROV_XML_NONE;
    if (status != PROV_OK)
        return status;
    for (uint32_t i = prov_xml_item_first(x, op->node); i != PROV_XML_NONE;
         i = prov_xml_item_next(x, i)) {
        if (is_blank(x, i))
            continue;
        if (*node != PROV_XML_NONE || prov_xml_item_kind(x, i) != kind)
            return refuse_plain(op, PROV_D_DIFF_NODE_TYPES);
        *node = i;
    }
    return *node != PROV_XML_NONE ? PROV_OK : refuse_plain(op, PROV_D_DIFF_NODE_TYPES);
}

static enum prov_status
replace_text(struct prov_diff_op *op)
{
    uint32_t container, item = PROV_XML_NONE;
    enum prov_status status = check_content(op, false);

    if (status == PROV_OK)
        status = locate(op, &container, &item);
    if (status != PROV_OK)
        return status;
    /* Taken out first: the new text would become part of the old one. */
    const uint32_t before = after(op->a->x, item);

    text_changed(op, container);
    status = take_node(op, item);
    return status == PROV_OK ? bring_all(op, container, before) : status;
}

static enum prov_status
replace_item(struct prov_diff_op *op, enum prov_xml_item kind)
{
    struct prov_xml *x = op->a->x;
    uint32_t container, item = PROV_XML_NONE, with = PROV_XML_NONE;
    enum prov_status status = only_node(op, kind, &with);

    if (status == PROV_OK)
        status = locate(op, &container, &item);
    if (status == PROV_OK)
        status = bring(op, container, item, with);
    if (status == PROV_OK)
        status = prov_xml_item_take(x, item);
    if (status != PROV_OK)
        return status;
    if (kind == ITEM_ELEMENT)
        enter(op, PROV_CHANGE_REPLACED, with, item);
    else
        text_changed(op, container);
    return PROV_OK;
}

static enum prov_status
replace_value(struct prov_diff_op *op)
{
    enum prov_status status = check_content(op, true);

    if (status == PROV_OK && op->sel.target == PROV_SEL_NAMESPACE)
        status = check_uri(op, op->sel.name.local);
    return status == PROV_OK ? rewrite(op, op->hit.attribute, op->node) : status;
}

static enum prov_status
replace(struct prov_diff_op *op)
{
    switch (op->sel.target) {
    case PROV_SEL_ELEMENT:
        return replace_item(op, ITEM_ELEMENT);
    case PROV_SEL_TEXT:
        return replace_text(op);
    case PROV_SEL_COMMENT:
        return replace_item(op, ITEM_COMMENT);
    case PROV_SEL_INSTRUCTION:
        return replace_item(op, ITEM_INSTRUCTION);
    case PROV_SEL_ATTRIBUTE:
    case PROV_SEL_NAMESPACE:
        return replace_value(op);
    }
    return PROV_OK;
}

/* The white space before (or after) a node, which must be all that stands there. */
static enum prov_status
take_blank(struct prov_diff_op *op, uint32_t item, bool before)
{
    const struct prov_xml *x = op->a->x;
    uint32_t first = before ? prov_xml_item_prev(x, item) : prov_xml_item_next(x, item);

    if (first == PROV_XML_NONE || !is_blank(x, first))
        return refuse_plain(op, PROV_D_DIFF_WHITE_SPACE);
    while (before && prov_xml_item_prev(x, first) != PROV_XML_NONE &&
           prov_xml_item_kind(x, prov_xml_item_prev(x, first)) == ITEM_TEXT)
        first = prov_xml_item_prev(x, first);
    const uint32_t end = after(x, first);

    for (uint32_t i = first; i != end; i = prov_xml_item_next(x, i)) {
        if (!is_blank(x, i))
            return refuse_plain(op, PROV_D_DIFF_WHITE_SPACE);
    }
    return take_node(op, first);
}

static enum prov_status
remove_item(struct prov_diff_op *op)
{
    uint32_t container, item = PROV_XML_NONE;
    enum prov_status status = locate(op, &container, &item);

    if (status != PROV_OK)
        return status;
    /* Entered first: afterwards its position cannot be told. */
    if (op->sel.target == PROV_SEL_ELEMENT)
        enter(op, PROV_CHANGE_REMOVED, item, item);
    else
        text_changed(op, container);
    if (op->place == PROV_DIFF_BEFORE || op->place == PROV_DIFF_BOTH)
        status = take_blank(op, item, true);
    if (status == PROV_OK && (op->place == PROV_DIFF_AFTER || op->place == PROV_DIFF_BOTH))
        status = take_blank(op, item, false);
    return status == PROV_OK ? take_node(op, item) : status;
}

static enum prov_status
remove_node(struct prov_diff_op *op)
{
    const enum prov_sel_target t = op->sel.target;

    if (op->place != PROV_DIFF_INSIDE && t != PROV_SEL_ELEMENT && t != PROV_SEL_COMMENT &&
        t != PROV_SEL_INSTRUCTION)
        return refuse_plain(op, PROV_D_DIFF_WHITE_SPACE);
    if (t == PROV_SEL_NAMESPACE && prov_ns_in_use(op->a->x, op->hit.node, op->sel.name.local))
        return refuse(op, PROV_D_DIFF_PREFIX, op->sel.name.local);
    if (t == PROV_SEL_ATTRIBUTE || t == PROV_SEL_NAMESPACE)
        return rewrite(op, op->hit.attribute, PROV_XML_NONE);
    return remove_item(op);
}

enum prov_status
prov_diff_edit(struct prov_diff_op *op)
{
    switch (op->kind) {
    case PROV_DIFF_NONE:
        break;
    case PROV_DIFF_ADD:
        return add(op);
    case PROV_DIFF_REPLACE:
        return replace(op);
    case PROV_DIFF_REMOVE:
        return remove_node(op);
    }
    return PROV_OK;
}
