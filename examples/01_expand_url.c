/* SPDX-License-Identifier: MIT */

/*
 * Example 1: the smallest use of libprov. Replace the markers of an address with the values of a
 * device, check the result, and show it without credentials. Only pure functions, no memory but
 * the stack.
 */

#include <prov/prov.h>

#include <stdio.h>

static void
print(const char *label, struct prov_str s)
{
    printf("%-9s %.*s\n", label, (int)s.len, s.ptr);
}

/* What went wrong, in one line; the column counts in the text at fault. */
static int
explain(const struct prov_diag *diag)
{
    char mem[256];
    struct prov_buf line = { mem, sizeof(mem), 0 };

    if (prov_diag_format(diag, &line) == PROV_OK)
        print("refused:", prov_buf_str(&line));
    return 1;
}

int
main(void)
{
    const struct prov_str tmpl =
        PROV_STR_INIT("http://lab:pw@prov.example.net/{type}/p.py?mac=<MACADR>");
    const struct prov_identity phone = {
        .size = sizeof(phone),
        .mac = PROV_STR_INIT("00:09:52:00:00:0e"),
        .type = PROV_STR_INIT("D200"),
        .serial = PROV_STR_INIT("0123456789"),
    };
    const struct prov_str name = PROV_STR_INIT("auerswald-d");
    struct prov_macro_table table; /* points into itself: not to be copied */
    struct prov_uri uri;
    struct prov_diag diag = { 0 };
    char url_mem[256], shown_mem[256];
    struct prov_buf url = { url_mem, sizeof(url_mem), 0 };
    struct prov_buf shown = { shown_mem, sizeof(shown_mem), 0 };

    if (prov_macro_bind(prov_dialect_find(name), &phone, &table, &diag) != PROV_OK)
        return explain(&diag);
    if (prov_macro_expand(tmpl, &table.set, PROV_MACRO_ENC_PERCENT, &url, &diag) != PROV_OK)
        return explain(&diag);
    if (prov_uri_parse(prov_buf_str(&url), &uri, &diag) != PROV_OK)
        return explain(&diag);
    if (prov_uri_redact(prov_buf_str(&url), &shown) != PROV_OK)
        return 1;
    print("address:", prov_buf_str(&shown));
    print("host:", uri.host);
    print("path:", uri.path);
    print("query:", uri.query);
    return 0;
}
