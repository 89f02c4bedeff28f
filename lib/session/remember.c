/* SPDX-License-Identifier: MIT */
#include "session/remember.h"

#include <prov/dialect.h>
#include <prov/layer.h>
#include <prov/uri.h>

#include "base/buf.h"
#include "session/lines.h"

static const struct prov_str version = PROV_STR_INIT("libprov-tree 1");
static const struct prov_str last_line = PROV_STR_INIT("end");

/* In the order of writing. The first is of the whole text, the second begins a file. */
enum key {
    KEY_FOR = 0,
    KEY_URL = 1,
    KEY_PARENT = 2,
    KEY_TYPE = 3,
    KEY_LAYER = 4,
    KEY_AUTH = 5,
    KEY_FINAL = 6,
    KEY_ETAG = 7,
    KEY_MODIFIED = 8,
};
#define KEYS 9u

static const struct prov_str keys[KEYS] = {
    PROV_STR_INIT("for"),   PROV_STR_INIT("url"),   PROV_STR_INIT("parent"),
    PROV_STR_INIT("type"),  PROV_STR_INIT("layer"), PROV_STR_INIT("auth"),
    PROV_STR_INIT("final"), PROV_STR_INIT("etag"),  PROV_STR_INIT("modified"),
};

struct reader {
    uint32_t url_bytes;
    uint8_t *digest;
    struct prov_remembered *files;
    uint32_t cap, count;
    bool has_digest;
    unsigned seen; /* keys of the present file, as bits */
};

bool
prov_remember_is_validator(struct prov_str value)
{
    if (value.len == 0 || value.len > PROV_REMEMBER_VALIDATOR)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.ptr[i];

        if (c < 0x20 || c == 0x7F)
            return false;
    }
    return true;
}

/* ---- Reading ---- */

static bool
read_address(const struct reader *r, struct prov_str value, struct prov_str *out)
{
    struct prov_uri u;

    if (value.len > r->url_bytes || prov_uri_parse(value, &u, NULL) != PROV_OK || u.has_user)
        return false;
    *out = value;
    return true;
}

static bool
read_number(struct prov_str value, uint32_t most, uint32_t *out)
{
    uint64_t n;

    if (!prov_line_number(value, &n) || n > most)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool
read_validator(struct prov_str value, struct prov_str *out)
{
    *out = value;
    return prov_remember_is_validator(value);
}

static bool
begin_file(struct reader *r, struct prov_str value)
{
    struct prov_remembered f = { .parent = PROV_REMEMBER_NONE };

    if (r->count == r->cap || !read_address(r, value, &f.url))
        return false;
    r->files[r->count++] = f;
    r->seen = 0;
    return true;
}

static bool
read_parent(const struct reader *r, struct prov_str value, uint32_t *out)
{
    if (!read_number(value, r->count - 1, out))
        return false;
    --*out;
    return true;
}

static bool
read_value(struct reader *r, enum key key, struct prov_str value)
{
    struct prov_remembered *f = r->count > 0 ? &r->files[r->count - 1] : NULL;

    if (key != KEY_FOR && key != KEY_URL && (f == NULL || (r->seen & 1u << key) != 0))
        return false;
    r->seen |= 1u << key;
    switch (key) {
    case KEY_FOR:
        if (r->has_digest)
            return false;
        r->has_digest = true;
        return prov_line_digest(value, r->digest);
    case KEY_URL:
        return begin_file(r, value);
    case KEY_PARENT:
        return read_parent(r, value, &f->parent);
    case KEY_TYPE:
        return read_number(value, PROV_FILE_CERTIFICATE, &f->type);
    case KEY_LAYER:
        return read_number(value, PROV_LAYERS - 1, &f->layer);
    case KEY_AUTH:
        f->auth = true;
        return prov_str_eq(value, prov_str_z("1"));
    case KEY_FINAL:
        return read_address(r, value, &f->final);
    case KEY_ETAG:
        return read_validator(value, &f->etag);
    case KEY_MODIFIED:
        break;
    }
    return read_validator(value, &f->modified);
}

static bool
read_line(struct reader *r, struct prov_str line)
{
    struct prov_str value;

    for (unsigned k = 0; k < KEYS; k++) {
        if (prov_line_value(line, keys[k], &value))
            return read_value(r, (enum key)k, value);
    }
    return true;
}

/* All but the first file have a parent. */
static bool
is_tree(const struct reader *r)
{
    for (uint32_t i = 1; i < r->count; i++) {
        if (r->files[i].parent == PROV_REMEMBER_NONE)
            return false;
    }
    return r->count > 0 && r->has_digest;
}

bool
prov_remember_read(struct prov_str text, uint32_t url_bytes, uint8_t digest[32],
                   struct prov_remembered *files, uint32_t cap, uint32_t *count)
{
    struct reader r = { .url_bytes = url_bytes, .digest = digest, .files = files, .cap = cap };
    struct prov_str line;

    if (!prov_line_take(&text, &line) || !prov_str_eq(line, version))
        return false;
    while (prov_line_take(&text, &line) && !prov_str_eq(line, last_line)) {
        if (!read_line(&r, line))
            return false;
    }
    if (text.len > 0 || !prov_str_eq(line, last_line) || !is_tree(&r))
        return false;
    *count = r.count;
    return true;
}

/* ---- Writing ---- */

static void
put_key(struct prov_buf *out, enum key key)
{
    prov_buf_put_char(out, '\n');
    prov_buf_put_str(out, keys[key]);
    prov_buf_put_char(out, ' ');
}

static void
put_text(struct prov_buf *out, enum key key, struct prov_str value)
{
    if (value.len == 0)
        return;
    put_key(out, key);
    prov_buf_put_str(out, value);
}

static void
put_number(struct prov_buf *out, enum key key, uint32_t n)
{
    if (n == 0)
        return;
    put_key(out, key);
    prov_buf_put_uint(out, n, 1);
}

void
prov_remember_put_head(const uint8_t digest[32], struct prov_buf *out)
{
    prov_buf_put_str(out, version);
    put_key(out, KEY_FOR);
    prov_line_put_digest(out, digest);
}

void
prov_remember_put_file(const struct prov_remembered *file, struct prov_buf *out)
{
    put_text(out, KEY_URL, file->url);
    put_number(out, KEY_PARENT, file->parent + 1); /* none: 0 */
    put_number(out, KEY_TYPE, file->type);
    put_number(out, KEY_LAYER, file->layer);
    put_number(out, KEY_AUTH, file->auth);
    put_text(out, KEY_FINAL, file->final);
    put_text(out, KEY_ETAG, file->etag);
    put_text(out, KEY_MODIFIED, file->modified);
}

void
prov_remember_put_end(struct prov_buf *out)
{
    prov_buf_put_z(out, "\nend\n");
}
