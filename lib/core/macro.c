/* SPDX-License-Identifier: MIT */
#include <prov/macro.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/macro_mac.h"

/* Everything one call needs; lives on the stack of prov_macro_expand(). */
struct job {
    struct prov_str tmpl;
    const struct prov_macro_set *set;
    enum prov_macro_enc enc;
    struct prov_buf *out;
    struct prov_diag *diag;
    size_t pos; /* next unread byte of tmpl */
};

/* At the marker that stands at the read position and has len bytes, or about no place. */
static enum prov_status
fail(const struct job *j, enum prov_status status, enum prov_diag_code code, size_t len)
{
    if (j->diag != NULL) {
        *j->diag = (struct prov_diag){
            .status = status,
            .code = code,
            .column = len > 0 ? (uint32_t)j->pos + 1 : 0,
            .subject = { len > 0 ? j->tmpl.ptr + j->pos : NULL, len },
        };
    }
    return status;
}

static bool
is_unreserved(char c)
{
    return prov_is_alpha(c) || prov_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* False if the byte must not be written. Keeps CR LF out of a request line. */
static bool
put_byte(struct prov_buf *out, char c, enum prov_macro_enc enc)
{
    static const char hex[] = "0123456789ABCDEF";
    const unsigned char u = (unsigned char)c;
    const char text[3] = { '%', hex[u >> 4], hex[u & 15] };

    if (enc == PROV_MACRO_ENC_PERCENT && !is_unreserved(c)) {
        prov_buf_put(out, text, sizeof(text));
        return true;
    }
    prov_buf_put_char(out, c);
    return u > 0x20 && u < 0x7F;
}

static bool
put_value(const struct job *j, struct prov_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!put_byte(j->out, value.ptr[i], j->enc))
            return false;
    }
    return true;
}

static bool
has_empty_marker(const struct prov_macro_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].marker.len == 0)
            return true;
    }
    return false;
}

/* The longest marker that stands at the read position; NULL if there is none. */
static const struct prov_macro *
match(const struct job *j)
{
    const char *at = j->tmpl.ptr + j->pos;
    const size_t left = j->tmpl.len - j->pos;
    const struct prov_macro *best = NULL;

    for (size_t i = 0; i < j->set->count; i++) {
        const struct prov_macro *m = &j->set->items[i];

        if (m->marker.len > left || (best != NULL && m->marker.len <= best->marker.len))
            continue;
        if (memcmp(m->marker.ptr, at, m->marker.len) == 0)
            best = m;
    }
    return best;
}

/* Moves past one marker or one literal byte. */
static enum prov_status
step(struct job *j)
{
    const struct prov_macro *m = match(j);

    if (m == NULL) {
        prov_buf_put(j->out, j->tmpl.ptr + j->pos, 1);
        j->pos++;
        return PROV_OK;
    }
    if (!put_value(j, m->value))
        return fail(j, PROV_E_DENIED, PROV_D_MACRO_BAD_VALUE, m->marker.len);
    j->pos += m->marker.len;
    return PROV_OK;
}

enum prov_status
prov_macro_expand(struct prov_str tmpl, const struct prov_macro_set *set, enum prov_macro_enc enc,
                  struct prov_buf *out, struct prov_diag *diag)
{
    struct job j = { tmpl, set, enc, out, diag, 0 };
    enum prov_status status = PROV_OK;

    if (set == NULL || out == NULL || tmpl.len >= UINT32_MAX ||
        (unsigned)enc > PROV_MACRO_ENC_PERCENT || has_empty_marker(set))
        return fail(&j, PROV_E_ARG, PROV_D_BAD_ARGUMENT, 0);

    const size_t mark = out->len;
    while (status == PROV_OK && j.pos < tmpl.len)
        status = step(&j);

    if (status == PROV_OK && !prov_buf_fits(out)) {
        status = fail(&j, PROV_E_SPACE, PROV_D_NO_BUFFER_SPACE, 0);
        if (diag != NULL)
            diag->need = out->len;
    }
    if (status != PROV_OK)
        out->len = mark;
    return status;
}

#define MAC_PAIRS 6

static enum prov_status
unbound(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code,
        const char *subject)
{
    if (diag != NULL) {
        *diag = (struct prov_diag){
            .status = status,
            .code = code,
            .subject = prov_str_z(subject),
        };
    }
    return status;
}

bool
prov_mac_read(struct prov_str mac, char *digits)
{
    const size_t gap = mac.len == PROV_MAC_DIGITS ? 0 : 1;

    if (mac.len != PROV_MAC_DIGITS + gap * (MAC_PAIRS - 1))
        return false;
    for (size_t i = 0; i < MAC_PAIRS; i++) {
        const char *pair = mac.ptr + i * (2 + gap);
        const char sep = gap > 0 && i > 0 ? pair[-1] : ':';

        if (prov_hex_value(pair[0]) < 0 || prov_hex_value(pair[1]) < 0 ||
            (sep != ':' && sep != '-') || (gap > 0 && i > 0 && sep != mac.ptr[2]))
            return false;
        digits[2 * i] = prov_upper(pair[0]);
        digits[2 * i + 1] = prov_upper(pair[1]);
    }
    return true;
}

static bool
is_sound(const struct prov_dialect *d)
{
    if (d->marker_count > PROV_MACRO_MAX)
        return false;
    for (size_t i = 0; i < d->marker_count; i++) {
        if (d->markers[i].text.len == 0 || (unsigned)d->markers[i].value > PROV_MARKER_FWVER)
            return false;
    }
    return true;
}

static bool
needs_mac(const struct prov_dialect *d)
{
    for (size_t i = 0; i < d->marker_count; i++) {
        if (d->markers[i].value == PROV_MARKER_MAC_UPPER ||
            d->markers[i].value == PROV_MARKER_MAC_LOWER)
            return true;
    }
    return false;
}

static void
fill(struct prov_macro_table *t, const struct prov_dialect *d, const struct prov_identity *id,
     const char *mac)
{
    const struct prov_str values[] = {
        [PROV_MARKER_MAC_UPPER] = { t->mac_upper, sizeof(t->mac_upper) },
        [PROV_MARKER_MAC_LOWER] = { t->mac_lower, sizeof(t->mac_lower) },
        [PROV_MARKER_MODEL] = id->model,
        [PROV_MARKER_TYPE] = id->type,
        [PROV_MARKER_SERIAL] = id->serial,
        [PROV_MARKER_FWVER] = id->fwver,
    };

    for (size_t i = 0; i < PROV_MAC_DIGITS; i++) {
        t->mac_upper[i] = mac[i];
        t->mac_lower[i] = prov_lower(mac[i]);
    }
    for (size_t i = 0; i < d->marker_count; i++) {
        t->items[i].marker = d->markers[i].text;
        t->items[i].value = values[d->markers[i].value];
    }
    t->set.items = t->items;
    t->set.count = d->marker_count;
}

enum prov_status
prov_macro_bind(const struct prov_dialect *dialect, const struct prov_identity *id,
                struct prov_macro_table *out, struct prov_diag *diag)
{
    struct prov_dialect d;
    struct prov_identity who;
    char mac[PROV_MAC_DIGITS] = { 0 };

    if (dialect == NULL || id == NULL || out == NULL)
        return unbound(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NULL);
    if (prov_abi_import(&d, sizeof(d), dialect, offsetof(struct prov_dialect, sources)) != PROV_OK)
        return unbound(diag, PROV_E_ABI, PROV_D_ABI, "prov_dialect");
    if (prov_abi_import(&who, sizeof(who), id, sizeof(size_t)) != PROV_OK)
        return unbound(diag, PROV_E_ABI, PROV_D_ABI, "prov_identity");
    if (!is_sound(&d))
        return unbound(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NULL);
    if (needs_mac(&d) && !prov_mac_read(who.mac, mac))
        return unbound(diag, PROV_E_INVALID, PROV_D_IDENTITY, "mac");
    fill(out, &d, &who, mac);
    return PROV_OK;
}
