/* SPDX-License-Identifier: MIT */

/* From an address as a source gives it to complete ones (URL-1 to URL-3). */

#include "base/buf.h"
#include "base/str.h"
#include "core/discover.h"

#include <prov/uri.h>

/* URL-3, in the order of trying. */
static const char *const schemes[PROV_DISCOVER_URLS] = { "tftp://", "http://", "https://",
                                                         "ftp://" };

/* Everything one call needs; lives on the stack of prov_discover_complete(). */
struct job {
    const struct prov_macro_set *macros;
    enum prov_macro_enc enc;
    size_t max; /* longest address after markers */
    struct prov_arena *arena;
    struct prov_diag *diag;
    struct prov_str address;
    struct prov_str file; /* added behind the path; empty = none */
};

static enum prov_status
fail(const struct job *j, enum prov_status status, enum prov_diag_code code, size_t column,
     size_t need)
{
    *j->diag = (struct prov_diag){
        .status = status,
        .code = code,
        .column = (uint32_t)column,
        .need = need,
    };
    return status;
}

static bool
is_control(unsigned c)
{
    return c < 0x20 || c == 0x7F;
}

/* Column of the first control byte, plain or escaped; 0 if there is none. */
static size_t
find_control(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (is_control((unsigned char)s.ptr[i]))
            return i + 1;
        if (s.ptr[i] != '%' || s.len - i < 3)
            continue;
        const int high = prov_hex_value(s.ptr[i + 1]), low = prov_hex_value(s.ptr[i + 2]);

        if (high >= 0 && low >= 0 && is_control((unsigned)(high * 16 + low)))
            return i + 1;
    }
    return 0;
}

/*
 * Does the address begin with a scheme? `host:8080` does not. What looks like one that was mistyped
 * (`http:/host`) does, so that it is refused and not taken for a host.
 */
static bool
has_scheme(struct prov_str s)
{
    size_t i = 0;

    while (i < s.len && (prov_is_alpha(s.ptr[i]) || prov_is_digit(s.ptr[i]) || s.ptr[i] == '+' ||
                         s.ptr[i] == '-' || s.ptr[i] == '.'))
        i++;
    return s.len - i >= 2 && s.ptr[i] == ':' && s.ptr[i + 1] == '/';
}

/*
 * URL-2: the address has no file name, which is a last segment with a dot. As it is written: what
 * stands for a marker does not count. One with a query is complete, it asks a program.
 */
static bool
lacks_file(struct prov_str s)
{
    bool path = false, dot = false;
    size_t i = 0;

    if (has_scheme(s)) {
        while (s.ptr[i] != '/')
            i++;
        i += i + 1 < s.len && s.ptr[i + 1] == '/' ? 2 : 1;
    }
    for (; i < s.len && s.ptr[i] != '?'; i++) {
        if (s.ptr[i] == '/') {
            path = true;
            dot = false;
        } else if (s.ptr[i] == '.') {
            dot = true;
        }
    }
    return i == s.len && !(path && dot);
}

static enum prov_status
put_template(struct job *j, struct prov_str text, struct prov_buf *out)
{
    enum prov_status status = prov_macro_expand(text, j->macros, j->enc, out, j->diag);

    if (status == PROV_E_SPACE)
        status = fail(j, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, 0, j->max);
    return status;
}

/* Scheme, address and default file, one behind the other. */
static enum prov_status
put_parts(struct job *j, const char *scheme, struct prov_buf *out)
{
    enum prov_status status;

    prov_buf_put_z(out, scheme); /* shorter than the smallest limit */
    status = put_template(j, j->address, out);
    if (status != PROV_OK || j->file.len == 0)
        return status;
    if (out->len == 0 || out->ptr[out->len - 1] != '/') {
        if (out->len == out->cap)
            return fail(j, PROV_E_LIMIT, PROV_D_URL_TOO_LONG, 0, j->max);
        prov_buf_put_char(out, '/');
    }
    return put_template(j, j->file, out);
}

/* Columns are those of the address as it was given, where it stands in front. */
static enum prov_status
check(struct job *j, const char *scheme, struct prov_str url)
{
    struct prov_uri parts;
    const enum prov_status status = prov_uri_parse(url, &parts, j->diag);
    const size_t added = strlen(scheme);

    if (status != PROV_OK && j->diag->column > added)
        j->diag->column -= (uint32_t)added;
    return status;
}

static enum prov_status
make(struct job *j, const char *scheme, struct prov_str *url)
{
    const size_t mark = prov_arena_mark(j->arena);
    struct prov_buf out = { prov_arena_scratch(j->arena, j->max, 1), j->max, 0 };
    enum prov_status status;
    char *copy;

    if (out.ptr == NULL)
        return fail(j, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, 0, j->arena->need);
    status = put_parts(j, scheme, &out);
    copy = status == PROV_OK ? prov_arena_perm(j->arena, out.len, 1) : NULL;
    if (status == PROV_OK && copy == NULL)
        status = fail(j, PROV_E_SPACE, PROV_D_NO_ARENA_SPACE, 0, j->arena->need);
    if (copy != NULL) {
        memcpy(copy, out.ptr, out.len);
        *url = (struct prov_str){ copy, out.len };
        status = check(j, scheme, *url);
    }
    prov_arena_release(j->arena, mark);
    return status;
}

/* What is refused before markers are looked at. */
static enum prov_status
check_address(const struct job *j, size_t most)
{
    const size_t column = find_control(j->address);

    if (j->address.len > most)
        return fail(j, PROV_E_LIMIT, PROV_D_ADDRESS_LONG, most + 1, most);
    if (column > 0)
        return fail(j, PROV_E_DENIED, PROV_D_ADDRESS_CONTROL, column, 0);
    return PROV_OK;
}

static struct job
job_of(const struct prov_macro_set *macros, bool raw, const struct prov_limits *limits,
       struct prov_str address, struct prov_arena *arena, struct prov_diag *diag)
{
    const struct job j = {
        .macros = macros,
        .enc = raw ? PROV_MACRO_ENC_RAW : PROV_MACRO_ENC_PERCENT,
        .max = limits->url_bytes,
        .arena = arena,
        .diag = diag,
        .address = address,
    };

    return j;
}

enum prov_status
prov_discover_expand(const struct prov_macro_set *macros, bool macro_raw,
                     const struct prov_limits *limits, struct prov_str address,
                     struct prov_arena *arena, struct prov_str *out, struct prov_diag *diag)
{
    struct job j = job_of(macros, macro_raw, limits, address, arena, diag);
    const enum prov_status status = check_address(&j, PROV_DISCOVER_ADDRESS_MAX(j.max));

    return status == PROV_OK ? make(&j, "", out) : status;
}

/* One address for each scheme, or the one. */
static enum prov_status
make_all(struct job *j, bool try_schemes, struct prov_discover_candidate *out, size_t *count)
{
    const size_t n = try_schemes ? PROV_DISCOVER_URLS : 1;
    struct prov_discover_candidate found[PROV_DISCOVER_URLS];
    enum prov_status status = PROV_OK;

    for (size_t i = 0; i < n && status == PROV_OK; i++) {
        found[i].before = j->address;
        status = make(j, try_schemes ? schemes[i] : "", &found[i].url);
    }
    if (status == PROV_OK) {
        memcpy(out, found, n * sizeof(found[0]));
        *count = n;
    }
    return status;
}

enum prov_status
prov_discover_complete(const struct prov_dialect *dialect, const struct prov_macro_set *macros,
                       bool macro_raw, const struct prov_limits *limits, struct prov_str address,
                       struct prov_arena *arena, struct prov_discover_candidate *out, size_t *count,
                       struct prov_diag *diag)
{
    struct prov_diag unused;
    struct prov_limits all = { .size = sizeof(all) };
    struct job j;
    enum prov_status status = PROV_E_ARG;

    if (dialect != NULL && macros != NULL && arena != NULL && out != NULL && count != NULL)
        status = prov_limits_resolve(limits, &all);
    j = job_of(macros, macro_raw, &all, prov_str_trim(address), arena,
               diag != NULL ? diag : &unused);
    if (status != PROV_OK)
        return fail(&j, status, status == PROV_E_ABI ? PROV_D_ABI : PROV_D_BAD_ARGUMENT, 0, 0);
    status = check_address(&j, dialect->address_max > 0 ? dialect->address_max
                                                        : PROV_DISCOVER_ADDRESS_MAX(j.max));
    if (status != PROV_OK)
        return status;
    const bool try = (dialect->address_flags & PROV_ADDRESS_TRY_SCHEMES) != 0;

    if ((dialect->address_flags & PROV_ADDRESS_ADD_FILE) != 0 && j.address.len > 0 &&
        lacks_file(j.address))
        j.file = dialect->default_file;
    return make_all(&j, try && j.address.len > 0 && !has_scheme(j.address), out, count);
}
