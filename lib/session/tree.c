/* SPDX-License-Identifier: MIT */

/* A file is complete: read it, and follow it if it is a reference file (REF-1..4). Each file is
 * read once; settings and files share one pool. */

#include "base/buf.h"
#include "base/wipe.h"
#include "session/private.h"

bool
prov_session_is_reference(const struct prov_session *s, enum prov_file_type type)
{
    return type == PROV_FILE_REFERENCE &&
           (s->config.dialect->file_types & PROV_FILE_BIT(PROV_FILE_REFERENCE)) != 0;
}

/* Put the entries from..count of the tree in the record, behind their parent. They are neighbours
 * in the order of applying, and so they are in the record. */
static void
record_entries(struct prov_session *s, uint32_t from, uint32_t place)
{
    const uint32_t n = s->tree.count - from;
    struct prov_fetch_record *rows = s->fetches;

    memmove(&rows[place + n], &rows[place], (s->record.fetch_count - place) * sizeof(rows[0]));
    s->record.fetch_count += n;
    for (uint32_t e = 0; e < from; e++)
        s->files[e].place += s->files[e].place >= place ? n : 0;
    for (uint32_t i = 0; i < s->record.fetch_count; i++)
        rows[i].parent += rows[i].parent != PROV_REF_NONE && rows[i].parent >= place ? n : 0;
    for (uint32_t e = from; e < s->tree.count; e++) {
        const struct prov_ref_entry *t = &s->tree.entries[e];

        s->files[e] = (struct prov_session_file){ .place = place + (e - from) };
        rows[place + (e - from)] = (struct prov_fetch_record){
            .before = prov_session_redact(s, t->raw),
            .url = prov_session_redact(s, t->url),
            .parent = t->parent == PROV_REF_NONE ? t->parent : s->files[t->parent].place,
            .change = UINT32_MAX,
        };
    }
}

bool
prov_session_tree_begin(struct prov_session *s)
{
    const enum prov_status status = prov_ref_tree_init(
        &s->tree, &s->work, &s->limits, prov_buf_str(&s->address), s->address_raw, NULL);

    if (status != PROV_OK)
        prov_session_fail(s, status);
    else
        record_entries(s, 0, 0);
    return s->fatal == PROV_OK;
}

/* A failure of reading: the library's own limits end the session, all else is the file's fault. */
static void
unreadable(struct prov_session *s, uint32_t entry, enum prov_status status)
{
    const enum prov_status_class c = prov_status_class(status);
    const struct prov_verdict v = { PROV_OUTCOME_REFUSED, status, PROV_D_NONE, 0, 0, 0 };

    if (c == PROV_CLASS_CALLER || c == PROV_CLASS_SPACE)
        prov_session_fail(s, status);
    else
        prov_session_file_failed(s, entry, &v);
}

/* The address that references are seen from: where the file came from, with the credentials if
 * they still belong there. */
static void
put_base(struct prov_session *s, const struct prov_slot *slot, struct prov_buf *out)
{
    const struct prov_str url = prov_buf_str(&slot->url);
    struct prov_uri with, without;

    if (!slot->auth || prov_uri_parse(s->tree.entries[slot->entry].url, &with, NULL) != PROV_OK ||
        prov_uri_parse(url, &without, NULL) != PROV_OK) {
        prov_buf_put_str(out, url);
        return;
    }
    /* The origin of the file's own address has the user part; the rest is where it came from. */
    prov_buf_put_str(out, with.origin);
    prov_buf_put_str(out, prov_str_cut(url, without.origin.len, url.len));
}

/* Put the files that a reference file names in the tree. */
static enum prov_status
add_files(struct prov_session *s, const struct prov_slot *slot)
{
    const enum prov_macro_enc enc =
        s->config.macro_raw ? PROV_MACRO_ENC_RAW : PROV_MACRO_ENC_PERCENT;
    const size_t mark = prov_arena_mark(&s->work);
    struct prov_buf base = { NULL, (size_t)s->limits.url_bytes * 2, 0 };
    enum prov_status status;

    base.ptr = prov_arena_scratch(&s->work, base.cap, 1);
    if (base.ptr == NULL)
        return PROV_E_SPACE;
    put_base(s, slot, &base);
    status = prov_ref_tree_add(&s->tree, slot->entry, prov_buf_str(&base), &s->x,
                               s->files[slot->entry].root, s->config.dialect->reference_element,
                               &s->macros.set, enc, &s->diags);
    prov_wipe(base.ptr, base.cap);
    prov_arena_release(&s->work, mark);
    return status;
}

static void
follow(struct prov_session *s, const struct prov_slot *slot)
{
    const uint32_t before = s->tree.count;
    const enum prov_status status = add_files(s, slot);

    if (status == PROV_OK) {
        record_entries(s, before, s->files[slot->entry].place + 1);
        return;
    }
    prov_session_fetch_record(s, slot->entry)->status = status;
    if (status == PROV_E_LIMIT || status == PROV_E_DENIED)
        prov_session_end(s, PROV_OUTCOME_REFUSED, status);
    else
        unreadable(s, slot->entry, status);
}

void
prov_session_file_complete(struct prov_session *s, const struct prov_slot *slot)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, slot->entry);
    struct prov_session_file *f = &s->files[slot->entry];
    enum prov_status status;

    f->text = prov_region_keep(&s->region, slot->part);
    status = prov_xml_parse(&s->x, rec->final_url, f->text, &f->root, &s->diags);
    if (status != PROV_OK) {
        unreadable(s, slot->entry, status);
        return;
    }
    f->state = PROV_FILE_READY;
    rec->type = prov_file_detect(&s->x, f->root, s->config.dialect, s->root);
    if (prov_session_is_reference(s, rec->type))
        follow(s, slot);
}
