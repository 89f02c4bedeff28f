/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

#include "base/buf.h"

/* What is written next. Each has a function below. */
enum stage {
    PROLOG = 0,
    ELEMENT,
    TAG_END,
    GAP,
    SPLIT,
    LEAD,
    LEAD_UNIT,
    TAIL,
    TAIL_LEAD,
    ITEM,
    CLOSE,
    CLOSE_NAME,
    CLOSE_END,
    LEAVE,
    EPILOG,
    DONE,
};

static const struct prov_str nothing = PROV_STR_INIT("");

static struct prov_str
content(const struct prov_xml_writer *w, uint32_t from, uint32_t to)
{
    return prov_xml_bytes(w->x, w->node, from, to);
}

static bool
is_document(const struct prov_xml_writer *w)
{
    return w->x->nodes[w->root].parent == PROV_XML_NONE;
}

/* ---- White space for what was appended ---- */

/* The white space at the end of a text, from its last line end on; nothing if there is none. */
static struct prov_str
indentation(struct prov_str s)
{
    size_t at = s.len;

    while (at > 0 && (s.ptr[at - 1] == ' ' || s.ptr[at - 1] == '\t'))
        at--;
    if (at == 0 || !prov_is_blank(s.ptr[at - 1]))
        return nothing;
    at--;
    if (at > 0 && s.ptr[at] == '\n' && s.ptr[at - 1] == '\r')
        at--;
    return prov_str_cut(s, at, s.len);
}

static struct prov_str
indentation_of(const struct prov_xml *x, uint32_t node)
{
    return indentation(prov_xml_bytes(x, node, 0, prov_xml_tag_start(x, node)));
}

/* White space before the end tag. The start tag ends with `>`, so it stops there at the latest. */
static uint32_t
tail_start(const struct prov_xml_writer *w, uint32_t end)
{
    const char *text = w->x->sources[w->x->nodes[w->node].source].text.ptr;

    while (end > w->at && prov_is_blank(text[end - 1]))
        end--;
    return end;
}

static struct prov_str
tail(const struct prov_xml_writer *w)
{
    const uint32_t end = prov_xml_close_start(w->x, w->node);

    return content(w, tail_start(w, end), end);
}

/* Text directly in the element, and no child that was read: it is not laid out in lines. */
static bool
is_inline(const struct prov_xml_writer *w)
{
    const uint32_t end = tail_start(w, prov_xml_close_start(w->x, w->node));

    return end > w->at && w->x->sources[w->x->nodes[w->node].source].text.ptr[end - 1] != '>';
}

static bool
has_originals(const struct prov_xml_writer *w)
{
    return prov_xml_has(w->x, w->x->nodes[w->node].first, NODE_ORIGINAL);
}

/* How the end tag is indented, in an element whose children were all appended. */
static struct prov_str
base_indentation(const struct prov_xml_writer *w)
{
    const struct prov_str own = indentation(tail(w));

    if (is_inline(w))
        return nothing;
    return own.len > 0 ? own : indentation_of(w->x, w->node);
}

static struct prov_str
without_line_end(struct prov_str s)
{
    size_t at = 0;

    while (at < s.len && (s.ptr[at] == '\r' || s.ptr[at] == '\n'))
        at++;
    return prov_str_cut(s, at, s.len);
}

/* How much deeper the element is indented than the one around it. */
static struct prov_str
indentation_unit(const struct prov_xml_writer *w)
{
    const struct prov_str preset = PROV_STR_INIT("  ");
    const uint32_t parent = w->x->nodes[w->node].parent;

    if (parent == PROV_XML_NONE)
        return preset;
    const struct prov_str inner = without_line_end(indentation_of(w->x, w->node));
    const struct prov_str outer = without_line_end(indentation_of(w->x, parent));

    if (inner.len <= outer.len || !prov_str_eq(prov_str_cut(inner, 0, outer.len), outer))
        return preset;
    return prov_str_cut(inner, outer.len, inner.len);
}

/* ---- Stages: each gives a piece, which may be empty, and says what comes next ---- */

static struct prov_str
write_prolog(struct prov_xml_writer *w)
{
    w->node = w->root;
    w->stage = ELEMENT;
    return is_document(w) ? content(w, 0, prov_xml_tag_start(w->x, w->root)) : nothing;
}

static struct prov_str
without_slash(struct prov_str tag)
{
    size_t end = tag.len - 2;

    while (prov_is_blank(tag.ptr[end - 1]))
        end--;
    return prov_str_cut(tag, 0, end);
}

static uint32_t
content_stage(const struct prov_xml_writer *w)
{
    return prov_xml_has(w->x, w->node, NODE_RELAID) ? ITEM : GAP;
}

static struct prov_str
write_element(struct prov_xml_writer *w)
{
    const struct prov_xml_node *n = &w->x->nodes[w->node];
    const struct prov_str tag = prov_xml_tag(w->x, w->node);

    w->child = n->first;
    w->at = n->body;
    if ((n->flags & NODE_DIRTY) == 0) {
        w->stage = LEAVE;
        return content(w, n->tag, n->end);
    }
    if (n->body != n->end) {
        w->stage = content_stage(w);
        return tag;
    }
    w->stage = n->first == PROV_XML_NONE ? LEAVE : TAG_END;
    return n->first == PROV_XML_NONE ? tag : without_slash(tag);
}

static struct prov_str
write_tag_end(struct prov_xml_writer *w)
{
    const struct prov_str end = PROV_STR_INIT(">");

    w->stage = content_stage(w);
    return end;
}

static struct prov_str
write_gap(struct prov_xml_writer *w)
{
    struct prov_xml_gaps gaps = { w->x, w->node, w->child, w->at, false };
    struct prov_xml_gap gap;

    (void)prov_xml_gap_next(&gaps, &gap);
    if (gap.last && gaps.child != PROV_XML_NONE)
        gap.to = tail_start(w, gap.to);
    const struct prov_str piece = content(w, gap.from, gap.to);

    w->child = gaps.child;
    if (gap.last) {
        w->stage = w->child != PROV_XML_NONE ? LEAD : CLOSE;
    } else if (gap.child != PROV_XML_NONE) {
        w->stage = ELEMENT;
        w->node = gap.child;
    } else {
        w->at = gaps.at;
        w->stage = gap.split ? SPLIT : GAP;
    }
    return piece;
}

static struct prov_str
write_split(struct prov_xml_writer *w)
{
    const struct prov_str comment = PROV_STR_INIT("<!---->");

    w->stage = GAP;
    return comment;
}

static struct prov_str
write_lead(struct prov_xml_writer *w)
{
    w->stage = LEAD_UNIT;
    if (has_originals(w))
        return indentation_of(w->x, w->x->nodes[w->node].first);
    return base_indentation(w);
}

static struct prov_str
write_lead_unit(struct prov_xml_writer *w)
{
    const bool none = has_originals(w) || base_indentation(w).len == 0;
    const struct prov_str unit = none ? nothing : indentation_unit(w);

    w->stage = ELEMENT;
    w->node = w->child;
    return unit;
}

static struct prov_str
write_tail(struct prov_xml_writer *w)
{
    w->stage = TAIL_LEAD;
    return tail(w);
}

static struct prov_str
write_tail_lead(struct prov_xml_writer *w)
{
    w->stage = CLOSE;
    if (has_originals(w) || indentation(tail(w)).len > 0)
        return nothing;
    return base_indentation(w);
}

/* The next of a list that is the whole content. */
static struct prov_str
write_item(struct prov_xml_writer *w)
{
    const uint32_t item = w->child;

    if (item == PROV_XML_NONE) {
        w->stage = CLOSE;
        return nothing;
    }
    const struct prov_xml_node *n = &w->x->nodes[item];

    if (prov_xml_is_text(w->x, item)) {
        w->child = n->next;
        return prov_xml_bytes(w->x, item, n->tag, n->end);
    }
    w->stage = ELEMENT;
    w->node = item;
    return nothing;
}

/* The end tag that was read, if it is still the right one. */
static struct prov_str
own_close(const struct prov_xml_writer *w)
{
    const struct prov_xml_node *n = &w->x->nodes[w->node];
    const struct prov_str name = prov_xml_name(w->x, w->node);
    const struct prov_str close = content(w, prov_xml_close_start(w->x, w->node), n->end);

    if (n->body == n->end ||
        (n->tag_source != n->source &&
         (close.len < name.len + 3 || memcmp(close.ptr + 2, name.ptr, name.len) != 0 ||
          (close.ptr[2 + name.len] != '>' && !prov_is_blank(close.ptr[2 + name.len])))))
        return nothing;
    return close;
}

static struct prov_str
write_close(struct prov_xml_writer *w)
{
    const struct prov_str opens = PROV_STR_INIT("</"), close = own_close(w);

    w->stage = close.len == 0 ? CLOSE_NAME : LEAVE;
    return close.len == 0 ? opens : close;
}

static struct prov_str
write_close_name(struct prov_xml_writer *w)
{
    w->stage = CLOSE_END;
    return prov_xml_name(w->x, w->node);
}

static struct prov_str
write_close_end(struct prov_xml_writer *w)
{
    const struct prov_str end = PROV_STR_INIT(">");

    w->stage = LEAVE;
    return end;
}

/* Back to the parent, at the place after this child. */
static struct prov_str
write_leave(struct prov_xml_writer *w)
{
    const struct prov_xml_node *n = &w->x->nodes[w->node];

    if (w->node == w->root) {
        w->stage = EPILOG;
        return nothing;
    }
    w->node = n->parent;
    w->child = n->next;
    if (prov_xml_has(w->x, w->node, NODE_RELAID)) {
        w->stage = ITEM;
    } else if ((n->flags & NODE_APPENDED) != 0) {
        w->at = w->x->nodes[n->parent].body;
        w->stage = w->child != PROV_XML_NONE ? LEAD : TAIL;
    } else {
        w->at = (n->flags & NODE_IN_PLACE) != 0 ? w->x->nodes[n->prev].end : n->end;
        w->stage = GAP;
    }
    return nothing;
}

static struct prov_str
write_epilog(struct prov_xml_writer *w)
{
    const struct prov_xml_node *n = &w->x->nodes[w->root];

    w->stage = DONE;
    return is_document(w) ? content(w, n->end, (uint32_t)w->x->sources[n->source].text.len)
                          : nothing;
}

static struct prov_str (*const stages[])(struct prov_xml_writer *w) = {
    [PROLOG] = write_prolog,
    [ELEMENT] = write_element,
    [TAG_END] = write_tag_end,
    [GAP] = write_gap,
    [SPLIT] = write_split,
    [LEAD] = write_lead,
    [LEAD_UNIT] = write_lead_unit,
    [TAIL] = write_tail,
    [TAIL_LEAD] = write_tail_lead,
    [CLOSE] = write_close,
    [CLOSE_NAME] = write_close_name,
    [CLOSE_END] = write_close_end,
    [LEAVE] = write_leave,
    [EPILOG] = write_epilog,
    [ITEM] = write_item,
};

void
prov_xml_writer_init(struct prov_xml_writer *w, const struct prov_xml *x, uint32_t root)
{
    *w = (struct prov_xml_writer){ .x = x, .root = root, .stage = PROLOG };
    if (!prov_xml_exists(x, root))
        w->stage = DONE;
}

void
prov_xml_writer_inside(struct prov_xml_writer *w, const struct prov_xml *x, uint32_t node)
{
    *w = (struct prov_xml_writer){ .x = x,
                                   .root = node,
                                   .node = node,
                                   .child = x->nodes[node].first,
                                   .at = x->nodes[node].body,
                                   .stage = GAP };
}

bool
prov_xml_writer_item(struct prov_xml_writer *w, struct prov_str *text, uint32_t *child)
{
    while (w->stage != CLOSE) {
        *child = PROV_XML_NONE;
        *text = nothing;
        if (w->stage == ELEMENT) { /* it is passed by, not written */
            *child = w->node;
            (void)write_leave(w);
            return true;
        }
        *text = stages[w->stage](w);
        if (text->len > 0)
            return true;
    }
    return false;
}

bool
prov_xml_writer_next(struct prov_xml_writer *w, struct prov_str *piece)
{
    while (w->stage < DONE) {
        const struct prov_str s = stages[w->stage](w);

        if (s.len > 0) {
            *piece = s;
            return true;
        }
    }
    return false;
}

enum prov_status
prov_xml_write(const struct prov_xml *x, uint32_t root, struct prov_buf *out, size_t *need)
{
    struct prov_xml_writer w;
    struct prov_str piece;

    if (x == NULL || out == NULL || !prov_xml_exists(x, root))
        return PROV_E_ARG;
    const size_t mark = out->len;

    prov_xml_writer_init(&w, x, root);
    while (prov_xml_writer_next(&w, &piece))
        prov_buf_put_str(out, piece);
    if (prov_buf_fits(out))
        return PROV_OK;
    if (need != NULL)
        *need = out->len;
    out->len = mark;
    return PROV_E_SPACE;
}
