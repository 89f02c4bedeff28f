/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

#include "base/buf.h"

/* A source is told by a byte. */
#define MAX_SOURCES 255u

bool
prov_xml_is_made(const struct prov_xml *x, uint32_t source)
{
    return x->sources[source].text.ptr == x->sources[0].text.ptr &&
           x->sources[source].text.len == x->sources[0].text.len;
}

/* The source whose text is the arena; 0 if there can be none. */
static uint32_t
arena_source(struct prov_xml *x)
{
    uint32_t i = 1;

    while (i <= x->source_count && !prov_xml_is_made(x, i))
        i++;
    if (i > MAX_SOURCES)
        return 0;
    if (i > x->source_count) {
        x->sources[i] = x->sources[0];
        x->source_count = i;
    }
    return i;
}

static void
put_escaped(struct prov_buf *out, struct prov_str plain)
{
    static const struct {
        char c;
        const char *text;
    } escapes[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };

    for (size_t i = 0; i < plain.len; i++) {
        size_t k = 0;

        while (k < 4 && escapes[k].c != plain.ptr[i])
            k++;
        if (k < 4)
            prov_buf_put_z(out, escapes[k].text);
        else
            prov_buf_put_char(out, plain.ptr[i]);
    }
}

struct parts {
    struct prov_str name, attribute, value, text;
};

/* The byte in front keeps white space before it from being taken for an indentation. */
static void
put_element(const struct parts *p, struct prov_buf *out, size_t *body)
{
    prov_buf_put_z(out, ".<");
    prov_buf_put_str(out, p->name);
    if (p->attribute.len > 0) {
        prov_buf_put_char(out, ' ');
        prov_buf_put_str(out, p->attribute);
        prov_buf_put_z(out, "=\"");
        put_escaped(out, p->value);
        prov_buf_put_char(out, '"');
    }
    prov_buf_put_char(out, '>');
    *body = out->len;
    put_escaped(out, p->text);
    prov_buf_put_z(out, "</");
    prov_buf_put_str(out, p->name);
    prov_buf_put_char(out, '>');
}

enum prov_status
prov_xml_make(struct prov_xml *x, struct prov_str name, struct prov_str attribute,
              struct prov_str value, struct prov_str text, uint32_t *node)
{
    const struct parts parts = { name, attribute, value, text };
    struct prov_buf out = { NULL, 0, 0 };
    size_t body;
    const uint32_t source = arena_source(x);

    if (source == 0 || x->node_count == x->limits.pool_nodes)
        return PROV_E_LIMIT;
    put_element(&parts, &out, &body);
    out.cap = out.len;
    out.len = 0;
    out.ptr = prov_arena_perm(x->arena, out.cap, 1);
    if (out.ptr == NULL)
        return PROV_E_SPACE;
    const size_t at = (size_t)((unsigned char *)out.ptr - x->arena->base);

    if (at > UINT32_MAX - out.cap)
        return PROV_E_SPACE;
    put_element(&parts, &out, &body);
    *node = ++x->node_count;
    x->nodes[*node] = (struct prov_xml_node){
        .tag = (uint32_t)at + 1,
        .body = (uint32_t)(at + body),
        .end = (uint32_t)(at + out.len),
        .prev = *node,
        .source = (uint8_t)source,
        .tag_source = (uint8_t)source,
    };
    return PROV_OK;
}
