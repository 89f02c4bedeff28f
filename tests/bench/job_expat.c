/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <expat.h>

/* Bare expat: reads the settings, with handlers that do nothing. No operations, no result. */

static void XMLCALL
on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)user;
    (void)name;
    (void)attributes;
}

static void XMLCALL
on_end(void *user, const XML_Char *name)
{
    (void)user;
    (void)name;
}

bool
bench_job(struct bench_text settings, struct bench_text operations)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");

    (void)operations;
    if (parser == NULL)
        return false;
    XML_SetElementHandler(parser, on_start, on_end);
    const bool ok = XML_Parse(parser, settings.ptr, (int)settings.len, 1) == XML_STATUS_OK;

    XML_ParserFree(parser);
    return ok;
}
