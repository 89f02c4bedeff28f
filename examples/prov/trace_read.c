/* SPDX-License-Identifier: MIT */
#include "trace_read.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "options.h"
#include "trace.h"

#define FILE_BYTES ((size_t)256 << 20)
#define COMPLAINTS 20u /* then the rest is not looked at */

/* ---- Members ---- */

const char *
trace_text(const json_t *line, const char *name)
{
    const char *s = json_string_value(json_object_get(line, name));

    return s != NULL ? s : "";
}

uint64_t
trace_number(const json_t *line, const char *name)
{
    const json_int_t n = json_integer_value(json_object_get(line, name));

    return n > 0 ? (uint64_t)n : 0;
}

bool
trace_is(const json_t *line, const char *event)
{
    return strcmp(trace_text(line, "event"), event) == 0;
}

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
add_hex(const char *hex, struct text *out)
{
    const size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        const char byte = (char)(high * 16 + low);

        if (high < 0 || low < 0)
            return false;
        text_add(out, (struct prov_str){ &byte, 1 });
    }
    return hex[2 * n] == '\0';
}

bool
trace_bytes(const json_t *line, const char *name, struct text *out)
{
    const json_t *plain = json_object_get(line, name);
    struct text key = { 0 };

    if (json_is_string(plain)) {
        text_add(out, (struct prov_str){ json_string_value(plain), json_string_length(plain) });
        return true;
    }
    text_addf(&key, "%sHex", name);
    const char *hex = json_string_value(json_object_get(line, key.ptr));

    text_free(&key);
    return hex != NULL && add_hex(hex, out);
}

enum prov_status
trace_status(const json_t *line, const char *name)
{
    const char *word = trace_text(line, name);

    for (unsigned s = 0; s < 256; s++) {
        if (strcmp(prov_status_name((enum prov_status)s), word) == 0)
            return (enum prov_status)s;
    }
    return PROV_OK;
}

bool
trace_read_endpoint(const json_t *line, const char *name, struct prov_endpoint *out)
{
    *out = (struct prov_endpoint){ .family = PROV_FAMILY_NONE };
    return prov_endpoint_parse(prov_str_z(trace_text(line, name)), out) == PROV_OK;
}

/* ---- The file ---- */

struct reader {
    const char *name;
    struct report *report;
    struct trace_file *file;
    unsigned complaints;
};

static void
complain(struct reader *r, unsigned number, enum prov_diag_code code, const char *subject)
{
    const struct prov_diag diag = { .status = PROV_E_SYNTAX,
                                    .code = code,
                                    .source = prov_str_z(file_shown_name(r->name)),
                                    .line = number,
                                    .subject = prov_str_z(subject) };

    r->complaints++;
    report_diag(r->report, &diag);
}

/* NULL: what is wrong with a line. */
static const char *
fault_of(const json_t *line, bool first)
{
    if (!json_is_object(line))
        return "no JSON object";
    if (!json_is_string(json_object_get(line, "event")))
        return "without 'event'";
    if (first != trace_is(line, "trace"))
        return first ? "no head" : "a second head";
    if (!first && !json_is_integer(json_object_get(line, "ms")))
        return "without 'ms'";
    return NULL;
}

static void
add_line(struct reader *r, json_t *line, unsigned number)
{
    struct trace_file *f = r->file;

    f->lines = tool_resize(f->lines, (f->count + 1) * sizeof(*f->lines));
    f->lines[f->count++] = (struct trace_line){ line, number };
}

/* A last line without its end that cannot be read was being written when the run ended. */
static void
take_line(struct reader *r, struct prov_str text, unsigned number, bool whole)
{
    json_error_t error;
    json_t *line = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
    const char *fault = fault_of(line, r->file->count == 0);

    if (line == NULL && !whole && r->file->count > 0)
        return;
    if (fault == NULL) {
        add_line(r, line, number);
        return;
    }
    complain(r, number, PROV_D_TOOL_TRACE_LINE, fault);
    json_decref(line);
}

static void
take_lines(struct reader *r, struct prov_str text)
{
    unsigned number = 1;

    for (size_t from = 0; from < text.len && r->complaints < COMPLAINTS; number++) {
        size_t to = from;

        while (to < text.len && text.ptr[to] != '\n')
            to++;
        if (to > from)
            take_line(r, prov_str_cut(text, from, to), number, to < text.len);
        from = to + 1;
    }
    if (r->file->count == 0 && r->complaints == 0)
        complain(r, 0, PROV_D_TOOL_TRACE_LINE, "no head");
}

static bool
is_known_format(struct reader *r)
{
    if (json_integer_value(json_object_get(r->file->lines[0].json, "format")) == TRACE_FORMAT)
        return true;
    complain(r, 1, PROV_D_TOOL_TRACE_FORMAT, "");
    return false;
}

int
trace_file_read(const char *name, struct trace_file *out, struct report *report)
{
    struct reader r = { name, report, out, 0 };
    struct text text = { 0 };

    *out = (struct trace_file){ NULL, 0, false };
    const enum file_result read = file_read(name, FILE_BYTES, &text, report);

    if (read != FILE_READ) {
        text_free(&text);
        return read == FILE_UNREADABLE ? TOOL_OUTSIDE : TOOL_REFUSED;
    }
    take_lines(&r, text_str(&text));
    text_free(&text);
    if (r.complaints > 0 || !is_known_format(&r))
        return TOOL_REFUSED;
    out->ended = trace_is(out->lines[out->count - 1].json, "end");
    return TOOL_GO_ON;
}

void
trace_file_free(struct trace_file *f)
{
    for (size_t i = 0; i < f->count; i++)
        json_decref(f->lines[i].json);
    free(f->lines);
    *f = (struct trace_file){ NULL, 0, false };
}
