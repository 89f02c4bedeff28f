/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>

#include <libxml/parser.h>
#include <libxml/xmlsave.h>
#include <libxml/xpath.h>

/* libxml2 as one would write it: an XPath for each operation, copies of the bodies. */

static xmlNodePtr
find(xmlDocPtr doc, xmlXPathContextPtr context, xmlChar *path)
{
    xmlChar full[1024];
    size_t len = strlen((const char *)path);

    if (len > 0 && path[len - 1] == '/')
        len--;
    if (snprintf((char *)full, sizeof(full), "/configuration%.*s", (int)len, (char *)path) >=
        (int)sizeof(full))
        return NULL;
    context->node = xmlDocGetRootElement(doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(full, context);
    xmlNodePtr node = NULL;

    if (found != NULL && found->nodesetval != NULL && found->nodesetval->nodeNr == 1)
        node = found->nodesetval->nodeTab[0];
    xmlXPathFreeObject(found);
    return node;
}

static bool
apply(xmlDocPtr doc, xmlXPathContextPtr context, xmlNodePtr operation)
{
    xmlChar *path = xmlGetProp(operation, (const xmlChar *)"path");
    xmlNodePtr target = path != NULL ? find(doc, context, path) : NULL;
    const char *kind = (const char *)operation->name;

    xmlFree(path);
    if (target == NULL)
        return false;
    if (strcmp(kind, "delete") == 0) {
        xmlUnlinkNode(target);
        xmlFreeNode(target);
        return true;
    }
    if (strcmp(kind, "replace") == 0) {
        xmlNodePtr body = xmlDocCopyNode(xmlFirstElementChild(operation), doc, 1);

        xmlReplaceNode(target, body);
        xmlFreeNode(target);
        return body != NULL;
    }
    for (xmlNodePtr c = xmlFirstElementChild(operation); c != NULL; c = xmlNextElementSibling(c))
        xmlAddChild(target, xmlDocCopyNode(c, doc, 1));
    return true;
}

static int
put(void *context, const char *bytes, int count)
{
    (void)context;
    bench_put(bytes, (size_t)count);
    return count;
}

static bool
write_result(xmlDocPtr doc)
{
    xmlSaveCtxtPtr save = xmlSaveToIO(put, NULL, NULL, "UTF-8", 0);
    const bool ok = save != NULL && xmlSaveDoc(save, doc) >= 0;

    return save != NULL && xmlSaveClose(save) >= 0 && ok;
}

bool
bench_job(struct bench_text settings, struct bench_text operations)
{
    const int options = XML_PARSE_HUGE | XML_PARSE_NONET;
    xmlDocPtr doc = xmlReadMemory(settings.ptr, (int)settings.len, "settings", NULL, options);
    xmlDocPtr change = xmlReadMemory(operations.ptr, (int)operations.len, "ops", NULL, options);
    xmlXPathContextPtr context = doc != NULL ? xmlXPathNewContext(doc) : NULL;
    bool ok = change != NULL && context != NULL;

    for (xmlNodePtr n = ok ? xmlFirstElementChild(xmlDocGetRootElement(change)) : NULL;
         n != NULL && ok; n = xmlNextElementSibling(n))
        ok = apply(doc, context, n);
    ok = ok && write_result(doc);
    xmlXPathFreeContext(context);
    xmlFreeDoc(change);
    xmlFreeDoc(doc);
    return ok;
}
