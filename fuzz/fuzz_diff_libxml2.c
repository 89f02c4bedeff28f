/* SPDX-License-Identifier: MIT */
#include <prov/apply.h>
#include <prov/ops.h>
#include <prov/str.h>

#include "base/buf.h"
#include "base/str.h"
#include "fuzz_in.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

/*
 * The same operations on the same settings, by libprov and by libxml2 with XPath, must give the same
 * document. Settings and operations are made from the input, byte by byte; their names and values
 * are few, so that paths hit something. What both programs leave is compared in a form of one
 * line for each thing, without the white space between elements.
 */

#define TEXT_MAX 32768u
#define MEMORY (1u << 20)
#define NODES_MAX 60u
#define OPS_MAX 12u
#define DEPTH_MAX 5u
#define SECTIONS 3u

static char settings_text[TEXT_MAX], operations_text[TEXT_MAX], written_text[TEXT_MAX];
static char left_text[4 * TEXT_MAX], right_text[4 * TEXT_MAX];
static unsigned char memory[MEMORY];

static const char *const sections[SECTIONS] = { "s", "t", "u" };
static const char *const names[] = { "a", "b", "key" };
static const char *const attributes[] = { "n", "m", "k" };
static const char *const values[] = { "1",      "2",      "3",      "x y",         "a&amp;b",
                                      "&lt;",   "&gt;",   "&#228;", "&#x33;",      "\xC3\xA4",
                                      "&#10;1", "1&#49;", "11",     "\xE2\x82\xAC" };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array, byte) ((array)[(byte) % COUNT(array)])

/* ---- Making settings and operations ---- */

static void
put_attributes(struct fuzz_in *in, struct prov_buf *out)
{
    const unsigned which = fuzz_u8(in);

    for (size_t i = 0; i < COUNT(attributes); i++) {
        if ((which >> i & 1u) == 0)
            continue;
        prov_buf_put_z(out, (which & 0x10) != 0 ? "\n " : " ");
        prov_buf_put_z(out, attributes[i]);
        prov_buf_put_z(out, (which & 0x20) != 0 ? " = '" : "=\"");
        prov_buf_put_z(out, PICK(values, fuzz_u8(in)));
        prov_buf_put_z(out, (which & 0x20) != 0 ? "'" : "\"");
    }
}

/* What may stand between two tags and is no element. */
static void
put_filling(struct fuzz_in *in, struct prov_buf *out, bool text)
{
    static const char *const blanks[] = {
        "", "\n  ", " ", "<!--c-->", "\n\t<!-- <a n=\"1\"/> -->", "<?p q?>", "\r\n"
    };
    const unsigned byte = fuzz_u8(in);

    prov_buf_put_z(out, blanks[byte % COUNT(blanks)]);
    if (!text || byte < 128)
        return;
    if (byte >= 240)
        prov_buf_put_z(out, "<![CDATA[<b>&]]>");
    else
        prov_buf_put_z(out, PICK(values, byte >> 1));
}

struct open_element {
    const char *name;
    unsigned children;
};

static void
put_open(struct fuzz_in *in, struct prov_buf *out, const char *name)
{
    prov_buf_put_char(out, '<');
    prov_buf_put_z(out, name);
    put_attributes(in, out);
}

static void
put_close(struct prov_buf *out, const char *name)
{
    prov_buf_put_z(out, "</");
    prov_buf_put_z(out, name);
    prov_buf_put_char(out, '>');
}

/* An element of this name and, as long as the input says so, what is in it. */
static void
put_tree(struct fuzz_in *in, struct prov_buf *out, const char *name, unsigned *budget)
{
    struct open_element stack[DEPTH_MAX];
    size_t depth = 1;

    stack[0] = (struct open_element){ name, 0 };
    put_open(in, out, name);
    prov_buf_put_char(out, '>');
    while (depth > 0) {
        struct open_element *top = &stack[depth - 1];
        const unsigned what = fuzz_u8(in);

        put_filling(in, out, top->children == 0 && what % 4 == 0);
        if (what % 4 == 0 || *budget == 0) {
            put_close(out, top->name);
            depth--;
            continue;
        }
        const char *child = PICK(names, what >> 2);

        top->children++;
        --*budget;
        put_open(in, out, child);
        if (what % 4 == 1 || depth == DEPTH_MAX) {
            prov_buf_put_z(out, "/>");
            continue;
        }
        prov_buf_put_char(out, '>');
        stack[depth++] = (struct open_element){ child, 0 };
    }
}

static void
make_settings(struct fuzz_in *in, struct prov_buf *out)
{
    unsigned budget = NODES_MAX;

    prov_buf_put_z(out, "<?xml version=\"1.0\"?>\n<configuration>");
    for (size_t i = 0; i < SECTIONS; i++) {
        prov_buf_put_z(out, "\n  ");
        put_tree(in, out, sections[i], &budget);
    }
    prov_buf_put_z(out, "\n</configuration>\n");
}

/*
 * A path of ours, and the same in XPath. Ours compare an element's own character data; own() does
 * so in XPath, where `.` is that of all elements below as well.
 */
struct two_paths {
    struct prov_buf ours, theirs;
    char mem[2][1024];
};

static void
put_both(struct two_paths *p, const char *z)
{
    prov_buf_put_z(&p->ours, z);
    prov_buf_put_z(&p->theirs, z);
}

static void
put_equals(struct fuzz_in *in, struct two_paths *p)
{
    put_both(p, "='");
    put_both(p, PICK(values, fuzz_u8(in)));
    put_both(p, "'");
}

static void
put_predicate(struct fuzz_in *in, struct two_paths *p)
{
    static const char *const positions[] = { "1", "2", "3" };
    const unsigned what = fuzz_u8(in);

    put_both(p, "[");
    switch (what % 8) {
    case 0:
        put_both(p, PICK(positions, what >> 3));
        break;
    case 1:
        put_both(p, "@");
        put_both(p, PICK(attributes, what >> 3));
        break;
    case 2:
        prov_buf_put_z(&p->ours, ".");
        prov_buf_put_z(&p->theirs, "own(.)");
        put_equals(in, p);
        break;
    case 3:
        put_both(p, PICK(names, what >> 3));
        prov_buf_put_z(&p->theirs, "[own(.)");
        put_equals(in, p);
        prov_buf_put_z(&p->theirs, "]");
        break;
    default:
        put_both(p, "@");
        put_both(p, PICK(attributes, what >> 3));
        put_equals(in, p);
        break;
    }
    put_both(p, "]");
}

static void
make_path(struct fuzz_in *in, struct two_paths *p)
{
    const unsigned what = fuzz_u8(in);

    p->ours = (struct prov_buf){ p->mem[0], sizeof(p->mem[0]), 0 };
    p->theirs = (struct prov_buf){ p->mem[1], sizeof(p->mem[1]), 0 };
    put_both(p, "/");
    put_both(p, PICK(sections, what));
    for (unsigned i = 0; i < (what >> 2) % 5; i++) {
        const unsigned step = fuzz_u8(in);

        put_both(p, "/");
        put_both(p, step % 8 == 0 ? "*" : PICK(names, step));
        for (unsigned j = 0; j < (step >> 4) % 4 && j < 2; j++)
            put_predicate(in, p);
    }
    if (what >= 0xE0)
        prov_buf_put_z(&p->ours, "/");
    FUZZ_CHECK(prov_buf_fits(&p->ours) && prov_buf_fits(&p->theirs));
}

/* The XPath goes along as an attribute that libprov does not know. */
static void
put_operation(struct fuzz_in *in, struct prov_buf *out)
{
    static const char *const kinds[] = { "delete", "replace", "add" };
    const unsigned what = fuzz_u8(in), kind = what % COUNT(kinds);
    unsigned budget = (what >> 2) % 8;
    struct two_paths path;

    make_path(in, &path);
    prov_buf_put_z(out, "\n  <");
    prov_buf_put_z(out, kinds[kind]);
    prov_buf_put_z(out, " path=\"");
    prov_buf_put_str(out, prov_buf_str(&path.ours));
    prov_buf_put_z(out, "\" xpath=\"");
    prov_buf_put_str(out, prov_buf_str(&path.theirs));
    prov_buf_put_z(out, "\">");
    for (unsigned i = 0; i < (kind == 0 ? 0u : kind == 1 ? 1u : 1u + what % 2); i++) {
        const unsigned name = fuzz_u8(in);

        put_tree(in, out, name >= 0xE0 ? PICK(sections, name) : PICK(names, name), &budget);
    }
    prov_buf_put_char(out, '\n');
    put_close(out, kinds[kind]);
}

static void
make_operations(struct fuzz_in *in, struct prov_buf *out)
{
    prov_buf_put_z(out, "<operations>");
    for (unsigned i = 0; i < OPS_MAX && in->size > 0; i++)
        put_operation(in, out);
    prov_buf_put_z(out, "\n</operations>");
}

/* ---- By libprov ---- */

static struct prov_str
apply_with_prov(struct prov_str settings, struct prov_str operations)
{
    static const struct prov_limits limits = { .size = sizeof(limits),
                                               .xml_nodes = 2048,
                                               .xml_depth = 100 };
    struct prov_dialect dialect = *prov_dialect_find(prov_str_z("auerswald-d"));
    struct prov_buf out = { written_text, sizeof(written_text), 0 };
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_apply a;
    uint32_t root, change;

    dialect.list_count = dialect.schema_count = dialect.migration_count = 0;
    prov_arena_init(&arena, memory, sizeof(memory));
    FUZZ_CHECK(prov_xml_init(&x, &arena, &limits, NULL, 1) == PROV_OK);
    FUZZ_CHECK(prov_xml_parse(&x, prov_str_z("s"), settings, &root, NULL) == PROV_OK);
    FUZZ_CHECK(prov_xml_parse(&x, prov_str_z("o"), operations, &change, NULL) == PROV_OK);
    FUZZ_CHECK(prov_apply_init(&a, &x, root, &dialect, NULL, NULL) == PROV_OK);
    FUZZ_CHECK(prov_ops_apply(&a, change) == PROV_OK);
    FUZZ_CHECK(prov_xml_write(&x, root, &out, NULL) == PROV_OK);
    return prov_buf_str(&out);
}

/* ---- By libxml2 ---- */

/* The XPath function own(): character data of one element alone. */
static void
own(xmlXPathParserContextPtr parser, int count)
{
    FUZZ_CHECK(count == 1);
    xmlXPathObjectPtr of = valuePop(parser);
    const xmlNodeSet *set = of->nodesetval;
    xmlChar *all = xmlStrdup((const xmlChar *)"");

    for (const xmlNode *n = set != NULL && set->nodeNr > 0 ? set->nodeTab[0]->children : NULL;
         n != NULL; n = n->next) {
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
            all = xmlStrcat(all, n->content);
    }
    xmlXPathFreeObject(of);
    valuePush(parser, xmlXPathWrapString(all));
}

static xmlNodePtr
find(xmlXPathContextPtr context, const xmlChar *path)
{
    char full[1100];
    xmlNodePtr hit = NULL;

    snprintf(full, sizeof(full), "/configuration%s", (const char *)path);
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)full, context);

    FUZZ_CHECK(found != NULL);
    if (found->nodesetval != NULL && found->nodesetval->nodeNr == 1)
        hit = found->nodesetval->nodeTab[0];
    xmlXPathFreeObject(found);
    return hit;
}

static bool
replace(xmlNodePtr target, xmlNodePtr body, bool section)
{
    if (section && xmlStrcmp(target->name, body->name) != 0)
        return false;
    xmlReplaceNode(target, xmlDocCopyNode(body, target->doc, 1));
    xmlFreeNode(target);
    return true;
}

/* False: the operation fails. */
static bool
apply_one(xmlXPathContextPtr context, xmlNodePtr op, const xmlChar *path)
{
    xmlNodePtr target = find(context, path), body = xmlFirstElementChild(op);

    if (target == NULL)
        return false;
    if (xmlStrEqual(op->name, (const xmlChar *)"delete")) {
        xmlUnlinkNode(target);
        xmlFreeNode(target);
        return true;
    }
    if (xmlStrEqual(op->name, (const xmlChar *)"replace"))
        return replace(target, body, target->parent == xmlDocGetRootElement(target->doc));
    for (; body != NULL; body = xmlNextElementSibling(body))
        xmlAddChild(target, xmlDocCopyNode(body, target->doc, 1));
    return true;
}

static xmlNodePtr
section_of(xmlDocPtr doc, const char *name)
{
    xmlNodePtr n = xmlFirstElementChild(xmlDocGetRootElement(doc));

    while (n != NULL && strcmp((const char *)n->name, name) != 0)
        n = xmlNextElementSibling(n);
    return n;
}

static bool
is_for(const xmlChar *path, const char *section)
{
    return path[1] == (xmlChar)section[0];
}

/* All operations on one section; if one fails, the section comes back as it was. */
static void
apply_section(xmlDocPtr *doc, xmlDocPtr change, const char *section)
{
    xmlDocPtr before = xmlCopyDoc(*doc, 1);
    xmlXPathContextPtr context = xmlXPathNewContext(*doc);
    bool good = xmlXPathRegisterFunc(context, (const xmlChar *)"own", own) == 0;

    for (xmlNodePtr op = xmlFirstElementChild(xmlDocGetRootElement(change)); op != NULL && good;
         op = xmlNextElementSibling(op)) {
        xmlChar *path = xmlGetProp(op, (const xmlChar *)"xpath");

        if (is_for(path, section))
            good = apply_one(context, op, path);
        xmlFree(path);
    }
    xmlXPathFreeContext(context);
    if (!good) {
        xmlDocPtr bad = *doc;

        *doc = before;
        before = bad;
    }
    xmlFreeDoc(before);
}

/* ---- One form for both ---- */

/* Own character data: runs of white space as one, none at the ends. */
static void
put_text(struct prov_buf *out, xmlNodePtr element)
{
    bool blank = false, started = false;

    prov_buf_put_z(out, "\ntext ");
    for (const xmlNode *n = element->children; n != NULL; n = n->next) {
        if (n->type != XML_TEXT_NODE && n->type != XML_CDATA_SECTION_NODE)
            continue;
        for (const char *c = (const char *)n->content; *c != '\0'; c++) {
            if (prov_is_blank(*c)) {
                blank = started;
                continue;
            }
            if (blank)
                prov_buf_put_char(out, ' ');
            prov_buf_put_char(out, *c);
            blank = false;
            started = true;
        }
    }
}

static void
put_element(struct prov_buf *out, xmlNodePtr element)
{
    prov_buf_put_z(out, "\nelement ");
    prov_buf_put_z(out, (const char *)element->name);
    for (size_t i = 0; i < COUNT(attributes); i++) {
        xmlChar *value = xmlGetProp(element, (const xmlChar *)attributes[i]);

        if (value == NULL)
            continue;
        prov_buf_put_z(out, "\nattribute ");
        prov_buf_put_z(out, attributes[i]);
        prov_buf_put_char(out, ' ');
        prov_buf_put_z(out, (const char *)value);
        xmlFree(value);
    }
    put_text(out, element);
}

static struct prov_str
canonical(xmlDocPtr doc, char *mem, size_t cap)
{
    struct prov_buf out = { mem, cap, 0 };
    xmlNodePtr root = xmlDocGetRootElement(doc), n = root;

    while (n != NULL) {
        put_element(&out, n);
        xmlNodePtr next = xmlFirstElementChild(n);

        while (next == NULL && n != root) {
            prov_buf_put_z(&out, "\nend");
            next = xmlNextElementSibling(n);
            n = n->parent;
        }
        n = next;
    }
    FUZZ_CHECK(prov_buf_fits(&out));
    return prov_buf_str(&out);
}

static xmlDocPtr
read_doc(struct prov_str text)
{
    xmlDocPtr doc = xmlReadMemory(text.ptr, (int)text.len, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    FUZZ_CHECK(doc != NULL);
    return doc;
}

static void
compare(struct prov_str settings, struct prov_str operations, struct prov_str result)
{
    xmlDocPtr theirs = read_doc(settings), change = read_doc(operations), ours = read_doc(result);

    for (size_t i = 0; i < SECTIONS; i++) {
        FUZZ_CHECK(section_of(theirs, sections[i]) != NULL);
        apply_section(&theirs, change, sections[i]);
    }
    const struct prov_str left = canonical(ours, left_text, sizeof(left_text));
    const struct prov_str right = canonical(theirs, right_text, sizeof(right_text));

    const bool same = prov_str_eq(left, right);

    if (!same) {
        fprintf(stderr, "settings:\n%.*s\n\noperations:\n%.*s\n\n", (int)settings.len, settings.ptr,
                (int)operations.len, operations.ptr);
        fprintf(stderr, "libprov:\n%.*s\n\nlibxml2:%.*s\n", (int)result.len, result.ptr,
                (int)right.len, right.ptr);
    }
    FUZZ_CHECK(same);
    xmlFreeDoc(theirs);
    xmlFreeDoc(change);
    xmlFreeDoc(ours);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size };
    struct prov_buf settings = { settings_text, sizeof(settings_text), 0 };
    struct prov_buf operations = { operations_text, sizeof(operations_text), 0 };

    make_settings(&in, &settings);
    make_operations(&in, &operations);
    if (!prov_buf_fits(&settings) || !prov_buf_fits(&operations) ||
        settings.len + operations.len > sizeof(written_text))
        return 0;
    compare(prov_buf_str(&settings), prov_buf_str(&operations),
            apply_with_prov(prov_buf_str(&settings), prov_buf_str(&operations)));
    return 0;
}
