/* SPDX-License-Identifier: MIT */

/* Texts of the record (DSC-7): bounded, and without what nobody may read. */

#include "base/buf.h"
#include "base/str.h"
#include "core/discover.h"

#include <prov/uri.h>

/* Longest text about what a source asks, but for an address. */
#define ASKED_MAX 64u

static char *
room(struct prov_discover *d, size_t bytes)
{
    char *mem = prov_arena_perm(d->arena, bytes, 1);

    if (mem == NULL)
        d->fatal = PROV_E_SPACE;
    return mem;
}

bool
prov_discover_keep(struct prov_discover *d, struct prov_str text, struct prov_str *out)
{
    char *copy;

    if (text.len == 0) {
        *out = prov_str_z("");
        return true;
    }
    copy = room(d, text.len);
    if (copy == NULL)
        return false;
    memcpy(copy, text.ptr, text.len);
    *out = (struct prov_str){ copy, text.len };
    return true;
}

bool
prov_discover_redact(struct prov_discover *d, struct prov_str address, struct prov_str *out)
{
    const size_t mark = prov_arena_mark(d->arena);
    const struct prov_str text = prov_str_trim(address);
    struct prov_buf b = { NULL, text.len + 3, 0 };
    bool kept;

    *out = prov_str_z("");
    if (text.len == 0 || text.len > PROV_DISCOVER_ADDRESS_MAX(d->limits.url_bytes))
        return true; /* too long to be shown: it will be refused */
    b.ptr = prov_arena_scratch(d->arena, b.cap, 1);
    if (b.ptr == NULL || prov_uri_redact(text, &b) != PROV_OK) {
        d->fatal = PROV_E_SPACE;
        return false;
    }
    if (b.len > d->limits.url_bytes) /* only now: half a user part would not be seen as one */
        b.len = d->limits.url_bytes;
    kept = prov_discover_keep(d, prov_buf_str(&b), out);
    prov_arena_release(d->arena, mark);
    return kept;
}

/* ---- What was asked ---- */

static void
put_option(struct prov_buf *b, const struct prov_dhcp_rule *r)
{
    const uint16_t more[] = { r->file_option, r->block_option };
    const bool several = r->file_option != 0 || r->block_option != 0;

    prov_buf_put_z(b, r->v6 ? "DHCPv6 option" : "option");
    prov_buf_put_z(b, several ? "s " : " ");
    prov_buf_put_uint(b, r->option, 1);
    for (size_t i = 0; i < 2; i++) {
        if (more[i] == 0)
            continue;
        prov_buf_put_z(b, ", ");
        prov_buf_put_uint(b, more[i], 1);
    }
    if (r->form == PROV_DHCP_FORM_VENDOR) {
        prov_buf_put_z(b, ", sub-option ");
        prov_buf_put_uint(b, r->sub_option, 1);
    }
}

bool
prov_discover_put_asked(struct prov_discover *d, size_t index)
{
    struct prov_source_record *r = &d->records[index];
    char mem[ASKED_MAX];
    struct prov_buf b = { mem, sizeof(mem), 0 };

    if (r->kind == PROV_SOURCE_REDIRECT)
        return prov_discover_redact(d, d->redirect, &r->asked);
    if (r->kind == PROV_SOURCE_PNP) {
        r->asked = prov_str_z("SUBSCRIBE by multicast");
        return true;
    }
    put_option(&b, &d->rules[index].dhcp);
    return prov_discover_keep(d, prov_buf_str(&b), &r->asked);
}

/* ---- Bytes received ---- */

/* Index behind the first place where `mark` stands, SIZE_MAX if it does not. */
static size_t
behind(struct prov_str s, const char *mark)
{
    const size_t n = strlen(mark);

    for (size_t i = 0; n <= s.len && i <= s.len - n; i++) {
        if (memcmp(s.ptr + i, mark, n) == 0)
            return i + n;
    }
    return SIZE_MAX;
}

/*
 * Overwrite, in a copy of the first `most` bytes of a text, everything from behind the first
 * `://`, or else from `start`, up to the last `@`. Where a password ends cannot be known in bytes
 * that may be malformed, so more is hidden than needed.
 */
static void
mask_text(struct prov_str s, char *copy, size_t most, size_t start)
{
    const size_t scheme = behind(s, "://");
    size_t at = s.len;

    while (at > 0 && s.ptr[at - 1] != '@')
        at--;
    if (scheme < at && (start == 0 || scheme < start))
        start = scheme;
    for (size_t i = 0; i < start && i < at; i++) {
        if (s.ptr[i] == '@') /* a user part without a scheme stands before it */
            start = 0;
    }
    for (size_t i = start; i + 1 < at && i < most; i++)
        copy[i] = '*';
}

/* Hexadecimal digits of a text with an `@`. */
static bool
is_hidden_text(struct prov_str s)
{
    bool at = false;

    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];

        if (prov_hex_value(c) < 0 && c != ':' && c != '-' && !prov_is_blank(c) && c != '\0' &&
            c != '"')
            return false;
        at = at || (c == '4' && s.len - i >= 2 && s.ptr[i + 1] == '0');
    }
    return at;
}

static void
mask_option(struct prov_str value, char *copy)
{
    if (is_hidden_text(value))
        memset(copy, '*', value.len);
    else
        mask_text(value, copy, value.len, 0);
}

/* A message line by line; in the head of a SIP message `sip:` begins an address too. */
static void
mask_message(struct prov_str message, char *copy, size_t most)
{
    const bool sip = behind(message, "SIP/2.0") != SIZE_MAX;

    for (size_t from = 0, to; from < most; from = to + 1) {
        size_t start = SIZE_MAX;

        for (to = from; to < message.len && message.ptr[to] != '\r' && message.ptr[to] != '\n' &&
                        message.ptr[to] != '\0';
             to++)
            ;
        const struct prov_str line = prov_str_cut(message, from, to);

        if (sip)
            start = behind(line, "sip:");
        mask_text(line, copy + from, most - from, start != SIZE_MAX ? start : 0);
    }
}

/* As the option stands in a message; what is longer than its length can say is split (RFC 3396). */
static void
put_value(struct prov_buf *b, const struct prov_dhcp_rule *r, uint16_t code, struct prov_str value)
{
    const size_t most = r->v6 ? UINT16_MAX : UINT8_MAX;
    size_t from = 0;

    do {
        const size_t n = value.len - from < most ? value.len - from : most;

        if (r->v6)
            prov_buf_put_char(b, (char)(code >> 8));
        prov_buf_put_char(b, (char)(code & 0xFF));
        if (r->v6)
            prov_buf_put_char(b, (char)(n >> 8));
        prov_buf_put_char(b, (char)(n & 0xFF));
        prov_buf_put(b, value.ptr + from, n);
        from += n;
    } while (from < value.len);
}

/* A copy of an option's value that may be shown. */
static bool
mask_copy(struct prov_discover *d, struct prov_str value, struct prov_str *out)
{
    char *copy = prov_arena_scratch(d->arena, value.len, 1);

    if (copy == NULL) {
        d->fatal = PROV_E_SPACE;
        return false;
    }
    if (value.len > 0)
        memcpy(copy, value.ptr, value.len);
    mask_option(value, copy);
    *out = (struct prov_str){ copy, value.len };
    return true;
}

static bool
put_options(struct prov_discover *d, const struct prov_dhcp_rule *r, struct prov_buf *b)
{
    const struct prov_dhcp_facts *f = &d->facts[r->v6];
    const uint16_t codes[] = { r->option, r->file_option, r->block_option };
    const struct prov_str fields[] = { f->sname, f->file, { NULL, 0 } };
    struct prov_str value;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        const struct prov_dhcp_option *o = codes[i] != 0 ? prov_dhcp_find(f, codes[i]) : NULL;

        value = o != NULL ? o->bytes : r->bootp ? fields[i] : prov_str_z("");
        if (o == NULL && value.len == 0)
            continue;
        if (!mask_copy(d, value, &value))
            return false;
        put_value(b, r, codes[i], value);
    }
    return true;
}

bool
prov_discover_put_options(struct prov_discover *d, size_t index)
{
    const size_t mark = prov_arena_mark(d->arena);
    const size_t most = PROV_DISCOVER_DHCP_MAX + PROV_DISCOVER_DHCP_MAX / 8;
    struct prov_buf b = { prov_arena_scratch(d->arena, most, 1), most, 0 };
    bool kept = false;

    if (b.ptr == NULL) {
        d->fatal = PROV_E_SPACE;
        return false;
    }
    if (put_options(d, &d->rules[index].dhcp, &b)) {
        if (b.len > PROV_DISCOVER_RAW)
            b.len = PROV_DISCOVER_RAW;
        kept = prov_discover_keep(d, prov_buf_str(&b), &d->records[index].raw);
    }
    prov_arena_release(d->arena, mark);
    return kept;
}

bool
prov_discover_put_message(struct prov_discover *d, size_t index, struct prov_str message)
{
    const size_t len = message.len < PROV_DISCOVER_RAW ? message.len : PROV_DISCOVER_RAW;
    char *copy;

    if (len == 0)
        return true;
    copy = room(d, len);
    if (copy == NULL)
        return false;
    memcpy(copy, message.ptr, len);
    mask_message(message, copy, len);
    d->records[index].raw = (struct prov_str){ copy, len };
    return true;
}
