/* SPDX-License-Identifier: MIT */
#include "trace_fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* ---- Writing ---- */

static size_t
bytes_of(enum field_kind kind)
{
    return kind == KIND_U8 ? 1 : kind == KIND_U16 ? 2 : 4;
}

static uint32_t
small_at(enum field_kind kind, const void *at)
{
    uint16_t u16;
    uint32_t u32;
    uint8_t u8;

    memcpy(&u8, at, sizeof(u8));
    if (kind == KIND_U8)
        return u8;
    memcpy(&u16, at, sizeof(u16));
    if (kind == KIND_U16)
        return u16;
    memcpy(&u32, at, sizeof(u32));
    return u32;
}

static void
write_u64(json_t *j, const char *name, uint64_t value)
{
    char digits[17];

    snprintf(digits, sizeof(digits), "%016" PRIx64, value);
    json_object_set_new(j, name, json_string(digits));
}

static void
write_field(const struct trace *t, const struct field *f, const char *from, json_t *j)
{
    const void *at = from + f->at;
    struct prov_endpoint endpoint;
    struct prov_str text;
    uint64_t u64;
    uint32_t u32 = 0;
    bool flag;

    switch (f->kind) {
    case KIND_U8:
    case KIND_U16:
    case KIND_U32:
        u32 = small_at(f->kind, at);
        json_object_set_new(j, f->name, json_integer((json_int_t)u32));
        break;
    case KIND_U64:
        memcpy(&u64, at, sizeof(u64));
        write_u64(j, f->name, u64);
        break;
    case KIND_BOOL:
        memcpy(&flag, at, sizeof(flag));
        json_object_set_new(j, f->name, json_boolean(flag));
        break;
    case KIND_TEXT:
    case KIND_ADDRESS:
        memcpy(&text, at, sizeof(text));
        trace_set_bytes(t, j, f->name, f->kind == KIND_TEXT ? TRACE_PLAIN : TRACE_ADDRESS, text);
        break;
    case KIND_ENDPOINT:
        memcpy(&endpoint, at, sizeof(endpoint));
        if (endpoint.family != PROV_FAMILY_NONE)
            json_object_set_new(j, f->name, trace_endpoint(&endpoint));
        break;
    case KIND_NAME:
        memcpy(&u32, at, sizeof(u32)); /* an enum of ours is as long */
        json_object_set_new(j, f->name, json_string(u32 < f->name_count ? f->names[u32] : "?"));
        break;
    }
}

json_t *
fields_write(const struct trace *t, const struct field *fields, size_t count, const void *from)
{
    json_t *j = json_object();

    for (size_t i = 0; i < count; i++)
        write_field(t, &fields[i], from, j);
    return j;
}

/* ---- Reading ---- */

static bool
put_small(enum field_kind kind, uint32_t value, void *to)
{
    const uint16_t u16 = (uint16_t)value;
    const uint8_t u8 = (uint8_t)value;

    if (bytes_of(kind) < 4 && value >> (8 * bytes_of(kind)) != 0)
        return false;
    if (kind == KIND_U8)
        memcpy(to, &u8, sizeof(u8));
    else if (kind == KIND_U16)
        memcpy(to, &u16, sizeof(u16));
    else
        memcpy(to, &value, sizeof(value));
    return true;
}

bool
fields_number(const json_t *value, uint32_t *out)
{
    const json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 0 || n > UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool
read_u64(const json_t *value, uint64_t *out)
{
    const char *digits = json_string_value(value);
    char *end;

    if (digits == NULL || strlen(digits) != 16)
        return false;
    *out = strtoull(digits, &end, 16);
    return *end == '\0';
}

static bool
read_name(const struct field *f, const json_t *value, uint32_t *out)
{
    const char *name = json_string_value(value);

    for (uint32_t i = 0; name != NULL && i < f->name_count; i++) {
        if (strcmp(name, f->names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool
fields_text(const json_t *value, struct prov_str *out)
{
    *out = (struct prov_str){ json_string_value(value), json_string_length(value) };
    return json_is_string(value);
}

static bool
read_field(const struct field *f, const json_t *value, char *to)
{
    struct prov_endpoint endpoint = { .family = PROV_FAMILY_NONE };
    struct prov_str text;
    uint64_t u64;
    uint32_t u32;
    bool flag;

    switch (f->kind) {
    case KIND_U8:
    case KIND_U16:
    case KIND_U32:
        return fields_number(value, &u32) && put_small(f->kind, u32, to + f->at);
    case KIND_NAME:
        if (!read_name(f, value, &u32))
            return false;
        memcpy(to + f->at, &u32, sizeof(u32));
        return true;
    case KIND_U64:
        if (!read_u64(value, &u64))
            return false;
        memcpy(to + f->at, &u64, sizeof(u64));
        return true;
    case KIND_BOOL:
        flag = json_is_true(value);
        memcpy(to + f->at, &flag, sizeof(flag));
        return json_is_boolean(value);
    case KIND_TEXT:
    case KIND_ADDRESS:
        if (!fields_text(value, &text))
            return false;
        memcpy(to + f->at, &text, sizeof(text));
        return true;
    case KIND_ENDPOINT:
        break;
    }
    if (!fields_text(value, &text) || prov_endpoint_parse(text, &endpoint) != PROV_OK)
        return false;
    memcpy(to + f->at, &endpoint, sizeof(endpoint));
    return true;
}

bool
fields_read(const struct field *fields, size_t count, const json_t *from, void *to,
            const char **wrong)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(from, fields[i].name);

        *wrong = fields[i].name;
        if (value != NULL && !read_field(&fields[i], value, to))
            return false;
    }
    return true;
}

json_t *
fields_texts(const struct prov_str *items, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, report_string(items[i]));
    return list;
}

bool
fields_read_texts(const json_t *list, struct prov_str **items, size_t *count)
{
    *count = json_array_size(list);
    *items = tool_alloc(*count * sizeof(**items));
    for (size_t i = 0; i < *count; i++) {
        if (!fields_text(json_array_get(list, i), &(*items)[i]))
            return false;
    }
    return true;
}
