/* SPDX-License-Identifier: MIT */

/* A list of parameters as a new file. Nothing can be wrong with a list that was read by the same
 * rules: what a file can hold, a file can hold again. */

#include "base/buf.h"
#include "core/param_work.h"

/* Parts of a line that are always the same. */
static void
put_all(struct prov_buf *out, const struct prov_str *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        prov_buf_put_str(out, parts[i]);
}

/* ---- Text ---- */

static void
put_lines(const struct prov_params *p, struct prov_buf *out)
{
    prov_buf_put_str(out, p->rules->cfg->marks[0]);
    prov_buf_put_z(out, "\r\n");
    for (uint32_t i = 0; i < p->count; i++) {
        const struct prov_param *it = &p->items[i];

        prov_buf_put_str(out, it->name);
        if (it->index > 0) {
            prov_buf_put_char(out, '_');
            prov_buf_put_uint(out, it->index, 1);
        }
        prov_buf_put_z(out, "=\"");
        prov_buf_put_str(out, it->value);
        prov_buf_put_z(out, "\"\r\n");
    }
}

/* ---- XML ---- */

static void
put_plain(struct prov_buf *out, struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];

        if (c == '&')
            prov_buf_put_z(out, "&amp;");
        else if (c == '<')
            prov_buf_put_z(out, "&lt;");
        else if (c == '>') /* `]]` and `>` must not meet */
            prov_buf_put_z(out, "&gt;");
        else if (c == '\r')
            prov_buf_put_z(out, "&#13;");
        else
            prov_buf_put_char(out, c);
    }
}

static void
put_plain_attribute(struct prov_buf *out, struct prov_str name, struct prov_str value)
{
    const struct prov_str parts[] = { PROV_STR_INIT(" "), name, PROV_STR_INIT("=\""), value,
                                      PROV_STR_INIT("\"") };

    put_all(out, parts, sizeof(parts) / sizeof(parts[0]));
}

static void
put_leaf(const struct prov_param_rules *rules, const struct prov_param *it, struct prov_buf *out)
{
    prov_buf_put_z(out, it->index > 0 ? "      <" : "    <");
    prov_buf_put_str(out, it->name);
    if (it->perm > 0)
        put_plain_attribute(out, rules->perm, rules->perms[it->perm - 1].text);
    if (it->access.len > 0)
        put_plain_attribute(out, rules->access, it->access);
    prov_buf_put_char(out, '>');
    put_plain(out, it->value);
    prov_buf_put_z(out, "</");
    prov_buf_put_str(out, it->name);
    prov_buf_put_z(out, ">\n");
}

/* Begin or end the element around the parameters of a line. */
static void
put_line_tag(const struct prov_param_rules *rules, uint32_t index, bool end, struct prov_buf *out)
{
    if (index == 0)
        return;
    prov_buf_put_z(out, end ? "    </" : "    <");
    prov_buf_put_str(out, rules->index_element);
    if (!end) {
        prov_buf_put_char(out, ' ');
        prov_buf_put_str(out, rules->index);
        prov_buf_put_z(out, "=\"");
        prov_buf_put_uint(out, index, 1);
        prov_buf_put_char(out, '"');
    }
    prov_buf_put_z(out, ">\n");
}

static void
put_tag(struct prov_buf *out, const char *before, struct prov_str name)
{
    prov_buf_put_z(out, before);
    prov_buf_put_str(out, name);
    prov_buf_put_z(out, ">\n");
}

/* A group without parameters is left out. */
static void
put_group(const struct prov_params *p, size_t group, struct prov_buf *out)
{
    uint32_t index = 0;
    bool begun = false;

    for (uint32_t i = 0; i < p->count; i++) {
        const struct prov_param *it = &p->items[i];

        if (it->group != group)
            continue;
        if (!begun)
            put_tag(out, "  <", p->rules->groups[group]);
        begun = true;
        if (it->index != index) {
            put_line_tag(p->rules, index, true, out);
            put_line_tag(p->rules, it->index, false, out);
        }
        index = it->index;
        put_leaf(p->rules, it, out);
    }
    put_line_tag(p->rules, index, true, out);
    if (begun)
        put_tag(out, "  </", p->rules->groups[group]);
}

static void
put_document(const struct prov_params *p, struct prov_buf *out)
{
    put_tag(out, "<", p->rules->root);
    for (size_t group = 0; group < p->rules->group_count; group++)
        put_group(p, group, out);
    put_tag(out, "</", p->rules->root);
}

enum prov_status
prov_params_write(const struct prov_params *p, struct prov_buf *out, size_t *need)
{
    if (p == NULL || out == NULL)
        return PROV_E_ARG;
    const size_t mark = out->len;

    if (p->rules->cfg != NULL)
        put_lines(p, out);
    else
        put_document(p, out);
    if (prov_buf_fits(out))
        return PROV_OK;
    if (need != NULL)
        *need = out->len;
    out->len = mark;
    return PROV_E_SPACE;
}
