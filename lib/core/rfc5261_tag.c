/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "core/rfc5261_work.h"

/* Everything one call needs: the tag is put together twice, first to see how long it is. */
struct writer {
    const struct prov_xml *x;
    uint32_t node;
    const struct prov_tag_edit *edit;
    struct prov_buf *out;
};

/* White space is written as references: plain, it would be read back as blanks. */
static void
put_value(const struct writer *w)
{
    static const struct {
        char c;
        const char *text;
    } escapes[] = { { '&', "&amp;" }, { '<', "&lt;" },   { '"', "&quot;" },
                    { '\t', "&#9;" }, { '\n', "&#10;" }, { '\r', "&#13;" } };
    struct prov_xml_chars c;

    prov_xml_chars_text(&c, w->x, w->edit->value_of);
    for (int b = prov_xml_chars_next(&c); b >= 0; b = prov_xml_chars_next(&c)) {
        size_t i = 0;

        while (i < sizeof(escapes) / sizeof(escapes[0]) && escapes[i].c != (char)b)
            i++;
        if (i < sizeof(escapes) / sizeof(escapes[0]))
            prov_buf_put_z(w->out, escapes[i].text);
        else
            prov_buf_put_char(w->out, (char)b);
    }
}

static void
put_attribute(const struct writer *w)
{
    prov_buf_put_str(w->out, w->edit->name);
    prov_buf_put_z(w->out, "=\"");
    put_value(w);
    prov_buf_put_char(w->out, '"');
}

/* A name; an attribute without a prefix has no namespace, so nothing becomes of it. */
static void
put_name(const struct writer *w, struct prov_str name, bool of_element)
{
    const struct prov_str prefix = prov_ns_prefix(name);
    const struct prov_tag_prefix *p = w->edit->prefixes;

    while (p != NULL && (!p->renamed || p->own || !prov_str_eq(p->prefix, prefix)))
        p = p->next;
    if (p == NULL || (prefix.len == 0 && !of_element)) {
        prov_buf_put_str(w->out, name);
        return;
    }
    prov_buf_put_str(w->out, p->with);
    if (p->with.len > 0)
        prov_buf_put_char(w->out, ':');
    prov_buf_put_str(w->out, prov_ns_local(name));
}

static void
put_declarations(const struct writer *w)
{
    for (const struct prov_tag_prefix *p = w->edit->prefixes; p != NULL; p = p->next) {
        const char quote = memchr(p->uri.ptr, '"', p->uri.len) != NULL ? '\'' : '"';

        if (!p->declared)
            continue;
        prov_buf_put_z(w->out, p->prefix.len > 0 ? " xmlns:" : " xmlns");
        prov_buf_put_str(w->out, p->prefix);
        prov_buf_put_char(w->out, '=');
        prov_buf_put_char(w->out, quote);
        prov_buf_put_str(w->out, p->uri);
        prov_buf_put_char(w->out, quote);
    }
}

static void
put_tag(const struct writer *w)
{
    const struct prov_str tag = prov_xml_tag(w->x, w->node), name = prov_xml_name(w->x, w->node);
    struct prov_xml_attribute a;
    uint32_t cursor = 0, end = 1 + (uint32_t)name.len;
    bool pending = w->edit->name.len > 0 && w->edit->value_of != PROV_XML_NONE;
    struct prov_str prefix;

    prov_buf_put_char(w->out, '<');
    put_name(w, name, true);
    while (prov_xml_attribute_next(tag, &cursor, &a)) {
        end = cursor;
        const bool meant = prov_str_eq(a.name, w->edit->name);

        if (meant && w->edit->value_of == PROV_XML_NONE)
            continue;
        prov_buf_put(w->out, a.whole.ptr, a.whole.len - a.text.len);
        if (meant) {
            put_attribute(w);
            pending = false;
            continue;
        }
        if (prov_ns_declares(a.name, &prefix))
            prov_buf_put_str(w->out, a.name);
        else
            put_name(w, a.name, false);
        prov_buf_put(w->out, a.text.ptr + a.name.len, a.text.len - a.name.len);
    }
    if (pending) {
        prov_buf_put_char(w->out, ' ');
        put_attribute(w);
    }
    if (w->edit->declares)
        put_declarations(w);
    prov_buf_put(w->out, tag.ptr + end, tag.len - end);
}

enum prov_status
prov_tag_rewrite(struct prov_xml *x, uint32_t node, const struct prov_tag_edit *edit)
{
    struct prov_buf out = { NULL, 0, 0 };
    const struct writer w = { x, node, edit, &out };
    const size_t scratch = prov_arena_mark(x->arena);
    enum prov_status status = PROV_E_SPACE;

    put_tag(&w);
    out.cap = out.len;
    out.len = 0;
    out.ptr = prov_arena_scratch(x->arena, out.cap, 1);
    if (out.ptr != NULL) {
        put_tag(&w);
        status = prov_xml_retag(x, node, prov_buf_str(&out));
    }
    prov_arena_release(x->arena, scratch);
    return status;
}
