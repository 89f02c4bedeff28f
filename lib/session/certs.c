/* SPDX-License-Identifier: MIT */

/*
 * Root certificates that the first file names (PAN-3). They are fetched before the other files that
 * it names, and trusted for those; until then, and for the first file itself, the ones of last time
 * are. One that cannot be had, or is none, leaves the one of last time in its place.
 *
 * The redirection service is no matter of theirs: who can write the first file must not be able to
 * speak for the maker.
 */

#include <prov/cert.h>
#include <prov/uri.h>

#include "base/buf.h"
#include "session/private.h"

/* What the store holds in the place of a certificate that is not named any more: it cannot hold
 * nothing. */
static const struct prov_str none = PROV_STR_INIT("# no certificate\n");

static bool
has_text(struct prov_str text)
{
    return text.len > 0;
}

/* ---- What is saved ---- */

bool
prov_session_has_certs(const struct prov_session *s)
{
    return prov_session_has_layers(s) && s->config.dialect->cert_count > 0;
}

static enum prov_status
put_text(struct prov_session *s, struct prov_str file, struct prov_buf *out)
{
    const enum prov_status status = has_text(file) ? prov_cert_put(file, out) : PROV_OK;

    if (status != PROV_OK)
        prov_session_fail(s, status);
    return status;
}

/* What counts for a number: the new one, or that of last time. */
static struct prov_str
chosen(const struct prov_session_cert *c, bool fresh)
{
    if (fresh && !c->named)
        return prov_str_z("");
    return fresh && c->got ? c->file : c->saved;
}

/* All of them one behind the other, in one and the same form. */
static void
join(struct prov_session *s, bool fresh)
{
    struct prov_buf out = { NULL, 0, 0 };

    for (unsigned i = 0; i < PROV_CERTS; i++) {
        const struct prov_str file = chosen(&s->certs[i], fresh);
        struct prov_certs facts = { .pem_bytes = 0 };

        if (has_text(file) && prov_cert_read(prov_str_z(""), file, &facts, NULL) != PROV_OK)
            facts.pem_bytes = 0; /* cannot be: it has been read before */
        out.cap += facts.pem_bytes;
    }
    out.ptr = prov_arena_perm(&s->work, out.cap, 1);
    if (out.ptr == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return;
    }
    for (unsigned i = 0; i < PROV_CERTS; i++) {
        const size_t from = out.len;

        if (put_text(s, chosen(&s->certs[i], fresh), &out) != PROV_OK)
            return;
        s->certs[i].pem = prov_str_cut(prov_buf_str(&out), from, out.len);
    }
    s->anchors = prov_buf_str(&out);
}

/* One that is damaged counts as none, and is not written over before another one comes. */
void
prov_session_cert_loaded(struct prov_session *s)
{
    struct prov_session_cert *c = &s->certs[s->item - PROV_ITEM_CERT_1];
    const struct prov_verdict damaged = { .code = PROV_D_CERT_STORE };
    struct prov_certs facts;

    c->stored =
        (struct prov_str){ s->settings_mem + s->item_start, s->settings_len - s->item_start };
    s->item_start = s->settings_len;
    if (has_text(c->stored) && !prov_str_eq(c->stored, none)) {
        if (prov_cert_read(prov_str_z(""), c->stored, &facts, NULL) == PROV_OK)
            c->saved = c->stored;
        else
            prov_session_note(s, &damaged, prov_str_z(""), prov_str_z(""));
    }
    if (s->item == PROV_ITEM_CERT_3) {
        s->item = PROV_ITEM_STATE;
        join(s, false);
    } else {
        s->item = (enum prov_item)(s->item + 1);
    }
}

/* ---- What the first file names ---- */

/* Of several spellings the first one that is there counts. */
static void
follow(struct prov_session *s, unsigned number, struct prov_str base, struct prov_str source)
{
    const struct prov_dialect *d = s->config.dialect;
    struct prov_session_cert *c = &s->certs[number - 1];

    for (size_t i = 0; i < d->cert_count && !c->named && s->fatal == PROV_OK; i++) {
        uint32_t entry;

        if (d->certs[i].number != number)
            continue;
        c->named = prov_session_put_named(s, d->certs[i].place, base, source, &entry);
        if (entry == PROV_REF_NONE)
            continue;
        s->files[entry].cert = (uint8_t)number;
        (void)prov_session_check_entry(s, entry);
    }
}

void
prov_session_certs_follow(struct prov_session *s, struct prov_str base, struct prov_str source)
{
    for (unsigned n = 1; n <= PROV_CERTS && prov_session_has_certs(s); n++)
        follow(s, n, base, source);
}

void
prov_session_cert_complete(struct prov_session *s, uint32_t entry)
{
    struct prov_session_file *f = &s->files[entry];
    struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);
    struct prov_certs facts;
    struct prov_diag diag = { .status = PROV_OK };
    const enum prov_status status = prov_cert_read(rec->final_url, f->text, &facts, &diag);
    const struct prov_verdict v = { PROV_OUTCOME_REFUSED, status, diag.code, 0, 0, 0 };

    if (status != PROV_OK) {
        prov_diags_add(&s->diags, &diag);
        prov_session_file_failed(s, entry, &v);
        return;
    }
    rec->type = PROV_FILE_CERTIFICATE;
    f->state = PROV_FILE_READY;
    s->certs[f->cert - 1].got = true;
    s->certs[f->cert - 1].file = f->text;
}

/* ---- What comes of it ---- */

/* Those that are named and could not be had. */
static void
tell_missing(struct prov_session *s)
{
    for (unsigned i = 0; i < PROV_CERTS; i++) {
        const struct prov_session_cert *c = &s->certs[i];
        const struct prov_verdict v = { .code = has_text(c->saved) ? PROV_D_CERT_SAVED
                                                                   : PROV_D_CERT_NOT_HAD,
                                        .need = i + 1 };

        if (c->named && !c->got)
            prov_session_note(s, &v, prov_session_fetch_record(s, 0)->final_url, prov_str_z(""));
    }
}

bool
prov_session_certs_pending(const struct prov_session *s)
{
    return prov_session_has_certs(s) && !s->certs_settled && s->files[0].state == PROV_FILE_READY;
}

static bool
is_under_way(const struct prov_session *s)
{
    for (uint32_t e = 1; e < s->tree.count; e++) {
        if (s->files[e].cert != 0 && s->files[e].state != PROV_FILE_READY &&
            s->files[e].state != PROV_FILE_FAILED)
            return true;
    }
    return false;
}

/* What was asked for with others than now count is asked for again. */
bool
prov_session_certs_turn(struct prov_session *s)
{
    const struct prov_str before = s->anchors;

    if (!prov_session_certs_pending(s) || is_under_way(s))
        return false;
    s->certs_settled = true;
    tell_missing(s);
    join(s, true);
    if (!prov_str_eq(before, s->anchors))
        prov_session_guess_stop(s);
    return true;
}

bool
prov_session_certs_ready(const struct prov_session *s, uint32_t entry)
{
    return entry == 0 || s->files[entry].cert != 0 || !prov_session_certs_pending(s);
}

bool
prov_session_certs_missing(const struct prov_session *s)
{
    bool missing = false;

    for (unsigned i = 0; i < PROV_CERTS; i++)
        missing = missing || (s->certs[i].named && !s->certs[i].got);
    return missing;
}

struct prov_str
prov_session_anchors(const struct prov_session *s, const struct prov_slot *slot)
{
    struct prov_uri u;

    if (slot->service || prov_uri_parse(prov_buf_str(&slot->url), &u, NULL) != PROV_OK ||
        u.scheme != PROV_SCHEME_HTTPS)
        return prov_str_z("");
    return s->anchors;
}

/* What is to be stored for a number; empty = nothing. */
static struct prov_str
output_of(const struct prov_session_cert *c)
{
    if (c->named && c->got && !prov_str_eq(c->pem, c->stored))
        return c->pem;
    return !c->named && has_text(c->stored) && !prov_str_eq(c->stored, none) ? none
                                                                             : prov_str_z("");
}

uint64_t
prov_session_certs_measure(const struct prov_session *s, bool *changed)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < PROV_CERTS; i++) {
        const struct prov_str out = output_of(&s->certs[i]);

        *changed = *changed || has_text(out);
        bytes += has_text(out) ? out.len : s->certs[i].stored.len;
    }
    return bytes;
}

bool
prov_session_certs_output(struct prov_session *s, enum prov_item *item, struct prov_str *piece)
{
    while (s->output_cert < PROV_CERTS) {
        const uint32_t i = s->output_cert++;
        const struct prov_str out = output_of(&s->certs[i]);

        if (!has_text(out))
            continue;
        *item = (enum prov_item)(PROV_ITEM_CERT_1 + i);
        *piece = out;
        return true;
    }
    return false;
}
