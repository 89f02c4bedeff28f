/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "core/rfc5261_work.h"

/* ---- The names of the error conditions ---- */

static const char invalid_attribute_value[] = "invalid-attribute-value";
static const char invalid_character_set[] = "invalid-character-set";
static const char invalid_diff_format[] = "invalid-diff-format";
static const char invalid_namespace_uri[] = "invalid-namespace-uri";
static const char invalid_patch_directive[] = "invalid-patch-directive";
static const char unlocated_node[] = "unlocated-node";

static const struct {
    enum prov_diag_code code;
    const char *name;
} conditions[] = {
    { PROV_D_XML_UTF16, invalid_character_set },
    { PROV_D_XML_NOT_UTF8, invalid_character_set },
    { PROV_D_XML_ENCODING_OTHER, invalid_character_set },
    { PROV_D_XML_ENCODING_NAME, invalid_character_set },
    { PROV_D_XML_ENTITY_UNDEFINED, "invalid-entity-declaration" },
    { PROV_D_DIFF_SELECTOR, invalid_attribute_value },
    { PROV_D_DIFF_ATTRIBUTE, invalid_attribute_value },
    { PROV_D_PATH_TOO_LONG, invalid_attribute_value },
    { PROV_D_DIFF_NO_SELECTOR, invalid_diff_format },
    { PROV_D_DIFF_FORMAT, invalid_diff_format },
    { PROV_D_DIFF_PREFIX, "invalid-namespace-prefix" },
    { PROV_D_DIFF_NAMESPACE_URI, invalid_namespace_uri },
    { PROV_D_DIFF_NO_NAMESPACE, invalid_namespace_uri },
    { PROV_D_DIFF_VALUE, invalid_attribute_value },
    { PROV_D_DIFF_NODE_TYPES, "invalid-node-types" },
    { PROV_D_DIFF_ROOT, "invalid-root-element-operation" },
    { PROV_D_DIFF_PROLOG, "invalid-xml-prolog-operation" },
    { PROV_D_DIFF_WHITE_SPACE, "invalid-whitespace-directive" },
    { PROV_D_DIFF_UNLOCATED, unlocated_node },
    { PROV_D_DIFF_SEVERAL, unlocated_node },
    { PROV_D_DIFF_OTHER_SECTION, unlocated_node },
    { PROV_D_DIFF_ID, "unsupported-id-function" },
    { PROV_D_DIFF_XML_ID, "unsupported-xml-id" },
};

/* Numbers of the group "Reading XML": the document cannot be read at all. */
#define XML_FIRST 300
#define XML_LAST 399

const char *
prov_rfc5261_condition(enum prov_diag_code code)
{
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        if (conditions[i].code == code)
            return conditions[i].name;
    }
    return (int)code >= XML_FIRST && (int)code <= XML_LAST ? invalid_diff_format
                                                           : invalid_patch_directive;
}

/* ---- The document ---- */

/* The offset of a place in a text; its length if it has no such line. */
static size_t
offset_of(struct prov_str text, uint32_t line, uint32_t column)
{
    const bool marked = text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0;
    size_t from = marked ? 3 : 0, at = 0; /* no column is counted for a byte order mark */

    for (uint32_t n = 1; n < line && at < text.len; at++) {
        const char c = text.ptr[at];

        if (c == '\n' || (c == '\r' && (at + 1 == text.len || text.ptr[at + 1] != '\n'))) {
            n++;
            from = at + 1;
        }
    }
    return from + column - 1;
}

/* The operation in which a diagnostic's place lies. */
static uint32_t
operation_at(const struct prov_xml *x, uint32_t root, const struct prov_diag *diag)
{
    const struct prov_xml_source *s = &x->sources[x->nodes[root].source];
    uint32_t found = PROV_XML_NONE;

    if (diag->line == 0 || diag->column == 0 || !prov_str_eq(diag->source, s->name))
        return PROV_XML_NONE;
    const size_t at = offset_of(s->text, diag->line, diag->column);

    for (uint32_t n = prov_xml_first(x, root); n != PROV_XML_NONE; n = prov_xml_next(x, n)) {
        if (prov_xml_tag_start(x, n) <= at && at < x->nodes[n].end)
            found = n;
    }
    return found;
}

static void
put_escaped(struct prov_buf *out, struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '<')
            prov_buf_put_z(out, "&lt;");
        else if (s.ptr[i] == '&')
            prov_buf_put_z(out, "&amp;");
        else if (s.ptr[i] == '"')
            prov_buf_put_z(out, "&quot;");
        else
            prov_buf_put_char(out, s.ptr[i]);
    }
}

/* Declarations in force at an element that its own tag does not show. */
static void
put_declarations(const struct prov_xml *x, uint32_t node, struct prov_buf *out)
{
    struct prov_str name, raw, prefix, uri;

    for (uint32_t n = prov_xml_parent(x, node); n != PROV_XML_NONE; n = prov_xml_parent(x, n)) {
        uint32_t cursor = 0;

        while (prov_xml_attr_next(x, n, &cursor, &name, &raw)) {
            /* Of several only the innermost is in force. */
            if (!prov_ns_declares(name, &prefix) || prov_xml_attr(x, node, name, &uri) ||
                !prov_ns_find(x, node, prefix, &uri) || uri.ptr != raw.ptr)
                continue;
            prov_buf_put_char(out, ' ');
            prov_buf_put(out, name.ptr, (size_t)(raw.ptr + raw.len + 1 - name.ptr));
        }
    }
    if (prov_ns_find(x, node, (struct prov_str){ "", 0 }, &uri) && uri.len == 0 &&
        !prov_xml_attr(x, node, prov_str_z("xmlns"), &raw))
        prov_buf_put_z(out, " xmlns=\"\"");
}

static void
put_operation(const struct prov_xml *x, uint32_t node, struct prov_buf *out)
{
    const size_t name_end = 1 + prov_xml_name(x, node).len;
    struct prov_xml_writer w;
    struct prov_str piece;
    bool first = true;

    prov_xml_writer_init(&w, x, node);
    while (prov_xml_writer_next(&w, &piece)) {
        if (first) {
            prov_buf_put(out, piece.ptr, name_end);
            put_declarations(x, node, out);
            piece = prov_str_cut(piece, name_end, piece.len);
        }
        prov_buf_put_str(out, piece);
        first = false;
    }
}

enum prov_status
prov_rfc5261_error(const struct prov_diag *diag, const struct prov_xml *x, uint32_t root,
                   struct prov_buf *out)
{
    if (diag == NULL || out == NULL || (x != NULL && root > x->node_count))
        return PROV_E_ARG;
    const char *condition = prov_rfc5261_condition(diag->code);
    const size_t mark = out->len;
    char text[PROV_RFC5261_PHRASE];
    struct prov_buf phrase = { text, sizeof(text), 0 };
    uint32_t operation = PROV_XML_NONE;

    if (x != NULL && root != PROV_XML_NONE && condition != invalid_diff_format &&
        condition != invalid_character_set) /* the schema allows no content in these */
        operation = operation_at(x, root, diag);
    prov_buf_put_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<patch-ops-error xmlns=\""
                        "urn:ietf:params:xml:ns:patch-ops-error\">\n  <");
    prov_buf_put_z(out, condition);
    if (prov_diag_text(diag, &phrase) == PROV_OK) {
        prov_buf_put_z(out, " phrase=\"");
        put_escaped(out, prov_buf_str(&phrase));
        prov_buf_put_char(out, '"');
    }
    prov_buf_put_char(out, '>');
    if (operation != PROV_XML_NONE)
        put_operation(x, operation, out);
    prov_buf_put_z(out, "</");
    prov_buf_put_z(out, condition);
    prov_buf_put_z(out, ">\n</patch-ops-error>\n");
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}
