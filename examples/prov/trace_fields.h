/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TRACE_FIELDS_H
#define TOOL_TRACE_FIELDS_H

/* Members of structs as members of JSON objects, by tables. */

#include "trace.h"

enum field_kind {
    KIND_U8,
    KIND_U16,
    KIND_U32,
    KIND_U64, /* as hexadecimal digits: JSON counts to 2^53 */
    KIND_BOOL,
    KIND_TEXT,
    KIND_ADDRESS,
    KIND_ENDPOINT,
    KIND_NAME, /* an enum, by its names */
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t at;
    const char *const *names;
    size_t name_count;
};

#define NAMES(list) (list), TOOL_COUNT(list)
#define NONE NULL, 0

json_t *fields_write(const struct trace *t, const struct field *fields, size_t count,
                     const void *from);

/* A member that is not there is left as it is: it may be newer than the trace. False: *wrong names
 * the one at fault. */
bool fields_read(const struct field *fields, size_t count, const json_t *from, void *to,
                 const char **wrong);

bool fields_number(const json_t *value, uint32_t *out);
bool fields_text(const json_t *value, struct prov_str *out);

/* Lists of texts; a NULL list is empty. The array is to be freed. */
json_t *fields_texts(const struct prov_str *items, size_t count);
bool fields_read_texts(const json_t *list, struct prov_str **items, size_t *count);

#endif /* TOOL_TRACE_FIELDS_H */
