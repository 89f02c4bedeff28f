/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mask.h"
#include "options.h"

void
report_init(struct report *r, bool json)
{
    *r = (struct report){ .diagnostics = json ? json_array() : NULL };
}

/* An operation's path is quoted as it was written, and may compare a password. `mem` holds it. */
static struct prov_diag
without_secrets(const struct prov_diag *diag, struct text *mem)
{
    struct prov_diag shown = *diag;

    mask_path(diag->path, mem);
    shown.path = text_str(mem);
    return shown;
}

typedef enum prov_status print_fn(const struct prov_diag *diag, struct prov_buf *out);

/* Texts are short; the loop is for a subject that is not. */
static void
print_into(struct text *t, const struct prov_diag *diag, print_fn *print)
{
    struct text path = { 0 };
    const struct prov_diag shown = without_secrets(diag, &path);
    size_t room = 512;
    enum prov_status status;

    do {
        text_reserve(t, room);
        struct prov_buf out = { t->ptr + t->len, room, 0 };

        status = print(&shown, &out);
        if (status == PROV_OK)
            t->len += out.len;
        t->ptr[t->len] = '\0';
        room *= 2;
    } while (status == PROV_E_SPACE);
    text_free(&path);
}

void
report_text(struct text *t, const struct prov_diag *diag)
{
    print_into(t, diag, prov_diag_text);
}

json_t *
report_string(struct prov_str s)
{
    json_t *string = json_stringn(s.ptr != NULL ? s.ptr : "", s.len);
    struct text t = { 0 };

    if (string != NULL)
        return string;
    text_add_shown(&t, s); /* not UTF-8 */
    string = json_stringn(t.ptr, t.len);
    text_free(&t);
    return string;
}

json_t *
report_address(struct prov_str url)
{
    struct text hidden = { 0 };
    json_t *j;

    if (url.len == 0)
        return json_null();
    text_add_redacted(&hidden, url);
    j = report_string(text_str(&hidden));
    text_free(&hidden);
    return j;
}

static json_t *
place(uint32_t number)
{
    return number > 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *
string_or_null(struct prov_str s)
{
    return s.len > 0 ? report_string(s) : json_null();
}

json_t *
report_json(const struct prov_diag *diag)
{
    const bool warning = prov_diag_severity(diag->code) == PROV_SEVERITY_WARNING;
    struct text text = { 0 }, path = { 0 };
    const struct prov_diag shown = without_secrets(diag, &path);
    char number[24];

    snprintf(number, sizeof(number), "PROV-%04u", (unsigned)diag->code);
    report_text(&text, diag);
    json_t *j = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "number", number, "severity",
                          warning ? "warning" : "error", "source", string_or_null(diag->source),
                          "path", string_or_null(shown.path), "line", place(diag->line), "column",
                          place(diag->column), "text", report_string(text_str(&text)));

    text_free(&path);
    text_free(&text);
    return j;
}

void
report_diag(struct report *r, const struct prov_diag *diag)
{
    struct text line = { 0 };

    if (prov_diag_severity(diag->code) == PROV_SEVERITY_ERROR)
        r->errors++;
    if (r->diagnostics != NULL) {
        json_array_append_new(r->diagnostics, report_json(diag));
        return;
    }
    print_into(&line, diag, prov_diag_format);
    fprintf(stderr, "%s\n", line.ptr);
    text_free(&line);
}

void
report_diags(struct report *r, struct prov_diags *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        report_diag(r, &list->items[i]);
    if (list->dropped > 0)
        report_tool(r, PROV_D_TOOL_MORE_FINDINGS, (struct prov_str){ NULL, 0 }, "", list->dropped);
    list->count = 0;
    list->dropped = 0;
}

void
report_tool(struct report *r, enum prov_diag_code code, struct prov_str source, const char *subject,
            size_t need)
{
    struct text shown = { 0 };

    text_add_operand(&shown, source);
    const struct prov_diag diag = {
        .code = code,
        .source = text_str(&shown),
        .subject = prov_str_z(subject),
        .need = need,
    };
    report_diag(r, &diag);
    text_free(&shown);
}

bool
report_document(struct report *r, json_t *document)
{
    json_object_set_new(document, "diagnostics", r->diagnostics);
    r->diagnostics = NULL;
    const bool written = json_dumpf(document, stdout, JSON_INDENT(2)) == 0 && putchar('\n') == '\n';

    json_decref(document);
    return written;
}

int
report_end(struct report *r, int code)
{
    json_decref(r->diagnostics);
    r->diagnostics = NULL;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    report_tool(r, PROV_D_TOOL_OUTPUT, (struct prov_str){ NULL, 0 },
                errno != 0 ? strerror(errno) : "write error", 0);
    return TOOL_OUTSIDE;
}
