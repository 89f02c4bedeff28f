/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRACE_READ_H
#define TOOL_TRACE_READ_H

/* A trace that was written, as lines. */

#include <jansson.h>

#include <prov/endpoint.h>

#include "report.h"

struct trace_line {
    json_t *json;
    unsigned number; /* in the file, from 1 */
};

struct trace_file {
    struct trace_line *lines; /* the first one is the head */
    size_t count;
    bool ended; /* its last line says so; else the run went on, or the file was cut */
};

/* TOOL_GO_ON, or an exit code: what is wrong was reported with its line. trace_file_free() in any case. */
int trace_file_read(const char *name, struct trace_file *out, struct report *r);

void trace_file_free(struct trace_file *f);

/* Members, with a preset if they are not there or of another kind. */
const char *trace_text(const json_t *line, const char *name);
uint64_t trace_number(const json_t *line, const char *name);
bool trace_is(const json_t *line, const char *event);

/* Append the bytes of `name` or `nameHex`. False if there are none. */
bool trace_bytes(const json_t *line, const char *name, struct text *out);

enum prov_status trace_status(const json_t *line, const char *name);
bool trace_read_endpoint(const json_t *line, const char *name, struct prov_endpoint *out);

#endif /* TOOL_TRACE_READ_H */
