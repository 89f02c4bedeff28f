/* SPDX-License-Identifier: MIT */
#include "xsd.h"

#ifndef TOOL_XSD

bool
xsd_is_there(void)
{
    return false;
}

int
xsd_check(const char *folder, const struct document *doc, struct report *r)
{
    (void)folder;
    (void)doc;
    (void)r;
    return TOOL_OUTSIDE;
}

#else

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

/* Findings told of one document. */
#define MOST_FINDINGS 20u

struct xsd {
    const char *folder;
    const struct document *doc;
    struct report *report;
    struct text file; /* the schema that is used */
    unsigned findings;
    bool schema_told; /* what is wrong with the schema */
    int code;
};

bool
xsd_is_there(void)
{
    return true;
}

/* ---- Where files come from ---- */

static const char *allowed; /* folder of the schemas; libxml2's loader has no context pointer */

/* Nothing but files of that folder: no network, no file elsewhere that a schema or entity names. */
static xmlParserInputPtr
load(const char *url, const char *id, xmlParserCtxtPtr context)
{
    const size_t len = strlen(allowed);

    (void)id;
    if (url == NULL || strncmp(url, allowed, len) != 0 || url[len] != '/' ||
        strstr(url + len, "..") != NULL)
        return NULL;
    return xmlNewInputFromFile(context, url);
}

static void
ignore(void *ctx, const char *format, ...)
{
    (void)ctx;
    (void)format;
}

/* ---- Findings ---- */

static void
tell(struct xsd *x, enum prov_diag_code code, struct prov_str source, int line, const char *subject)
{
    const struct prov_diag diag = {
        .code = code,
        .source = source,
        .line = line > 0 ? (uint32_t)line : 0,
        .subject = prov_str_z(subject),
    };

    report_diag(x->report, &diag);
}

static void
tell_of(struct xsd *x, enum prov_diag_code code, const xmlNode *node)
{
    tell(x, code, x->doc->name, (int)xmlGetLineNo(node), (const char *)node->name);
}

/* What libxml2 says of a value shows the value, so its words are not used. */
static enum prov_diag_code
code_of(int error)
{
    switch (error) {
    case XML_SCHEMAV_ELEMENT_CONTENT:
    case XML_SCHEMAV_CVC_ELT_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4:
        return PROV_D_TOOL_XSD_ELEMENT;
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
        return PROV_D_TOOL_XSD_ATTRIBUTE;
    default:
        return PROV_D_TOOL_XSD_VALUE;
    }
}

static void
on_document(void *ctx, xmlErrorPtr error)
{
    struct xsd *x = ctx;
    const xmlNode *node = error->node;

    x->code = TOOL_REFUSED;
    if (++x->findings <= MOST_FINDINGS)
        tell(x, code_of(error->code), x->doc->name, error->line,
             node != NULL && node->name != NULL ? (const char *)node->name : "?");
}

/* A schema holds no settings, its mistakes can be shown in libxml2's words. */
static void
on_schema(void *ctx, xmlErrorPtr error)
{
    struct xsd *x = ctx;
    struct text words = { 0 };

    if (error->level < XML_ERR_ERROR || x->schema_told)
        return;
    x->schema_told = true;
    text_add_shown(&words, prov_str_trim(prov_str_z(error->message)));
    tell(x, PROV_D_TOOL_XSD_SCHEMA,
         error->file != NULL ? prov_str_z(error->file) : text_str(&x->file), error->line,
         words.ptr);
    text_free(&words);
}

/* ---- Schemas ---- */

/* The file for an element in the folder; false if there is none. */
static bool
find_file(struct xsd *x, const char *name)
{
    static const struct {
        const char *element, *file;
    } known[] = {
        { "referencedSettings", "provisioning_references" },
        { "notifySync", "notify_sync" },
    };

    for (size_t i = 0; i < TOOL_COUNT(known); i++)
        name = strcmp(name, known[i].element) == 0 ? known[i].file : name;
    text_free(&x->file);
    text_addf(&x->file, "%s/%s.xsd", x->folder, name);
    return access(x->file.ptr, F_OK) == 0;
}

static xmlSchemaPtr
read_schema(struct xsd *x)
{
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(x->file.ptr);
    xmlSchemaPtr schema = NULL;

    if (parser != NULL) {
        xmlSchemaSetParserStructuredErrors(parser, on_schema, x);
        schema = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    if (schema == NULL && !x->schema_told)
        tell(x, PROV_D_TOOL_XSD_SCHEMA, text_str(&x->file), 0, "it cannot be read");
    return schema;
}

static void
check_element(struct xsd *x, xmlNodePtr element)
{
    xmlSchemaPtr schema = read_schema(x);
    xmlSchemaValidCtxtPtr context = schema != NULL ? xmlSchemaNewValidCtxt(schema) : NULL;

    if (context == NULL) {
        x->code = TOOL_OUTSIDE;
    } else {
        xmlSchemaSetValidStructuredErrors(context, on_document, x);
        if (xmlSchemaValidateOneElement(context, element) != 0 && x->code == TOOL_DONE)
            x->code = TOOL_REFUSED;
        xmlSchemaFreeValidCtxt(context);
    }
    xmlSchemaFree(schema);
}

static bool
has_any(struct xsd *x, xmlNodePtr root)
{
    for (xmlNodePtr n = root->children; n != NULL; n = n->next) {
        if (n->type == XML_ELEMENT_NODE && find_file(x, (const char *)n->name))
            return true;
    }
    return false;
}

/* A root without a schema: its elements, the sections, may have one each. */
static void
check_sections(struct xsd *x, xmlNodePtr root)
{
    if (!has_any(x, root)) {
        tell_of(x, PROV_D_TOOL_XSD_NONE, root);
        x->code = TOOL_REFUSED;
        return;
    }
    for (xmlNodePtr n = root->children; n != NULL && x->code != TOOL_OUTSIDE; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        if (find_file(x, (const char *)n->name))
            check_element(x, n);
        else
            tell_of(x, PROV_D_TOOL_XSD_SECTION, n);
    }
}

static int
check_document(struct xsd *x)
{
    const int options =
        XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDocPtr tree = xmlReadMemory(x->doc->text.ptr, (int)x->doc->text.len, NULL, "UTF-8", options);
    xmlNodePtr root = tree != NULL ? xmlDocGetRootElement(tree) : NULL;

    if (root == NULL) {
        tell(x, PROV_D_TOOL_XSD_READ, x->doc->name, 0, "");
        x->code = TOOL_REFUSED;
    } else if (find_file(x, (const char *)root->name)) {
        check_element(x, root);
    } else {
        check_sections(x, root);
    }
    xmlFreeDoc(tree);
    return x->code;
}

int
xsd_check(const char *folder, const struct document *doc, struct report *r)
{
    struct xsd x = { .folder = folder, .doc = doc, .report = r, .code = TOOL_DONE };
    struct stat info;

    errno = 0;
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        report_tool(r, PROV_D_TOOL_FILE_READ, prov_str_z(folder),
                    strerror(errno != 0 ? errno : ENOTDIR), 0);
        return TOOL_OUTSIDE;
    }
    allowed = folder;
    xmlInitParser();
    xmlSetExternalEntityLoader(load);
    xmlSetGenericErrorFunc(NULL, ignore);
    const int code = check_document(&x);

    if (x.findings > MOST_FINDINGS)
        report_tool(r, PROV_D_TOOL_MORE_FINDINGS, doc->name, "", x.findings - MOST_FINDINGS);
    text_free(&x.file);
    xmlCleanupParser();
    return code;
}

#endif
