/* SPDX-License-Identifier: MIT */

/* A file is complete: read it, and follow it if it is a reference file (REF-1..4). Each file is
 * read once; settings and files share one pool. */

#include <prov/cfg.h>

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

/* The first file of another try has the place of the one before, which led to nothing. */
static enum prov_status
set_first(struct prov_session *s, struct prov_str url, struct prov_str raw)
{
    if (s->tree.count == 0)
        return prov_ref_tree_init(&s->tree, &s->work, &s->limits, url, raw, NULL);
    s->tree.entries[0].url = url;
    s->tree.entries[0].raw = raw;
    return PROV_OK;
}

bool
prov_session_tree_begin(struct prov_session *s, const struct prov_discover_candidate *c)
{
    /* For people only; markers may have made the address shorter. */
    const size_t most = s->limits.url_bytes;
    const struct prov_str raw =
        prov_str_cut(c->before, 0, c->before.len < most ? c->before.len : most);
    const enum prov_status status = set_first(s, c->url, raw);

    if (status != PROV_OK)
        prov_session_fail(s, status);
    else
        record_entries(s, 0, s->record.fetch_count);
    return s->fatal == PROV_OK;
}

/* A failure of reading: the library's own limits end the session, all else is the file's fault. */
static void
unreadable(struct prov_session *s, uint32_t entry, enum prov_status status)
{
    const struct prov_verdict v = { PROV_OUTCOME_REFUSED, status, PROV_D_NONE, 0, 0, 0 };

    if (!prov_session_is_fatal(s, status))
        prov_session_file_failed(s, entry, &v);
}

enum prov_status
prov_session_read(struct prov_session *s, struct prov_str name, struct prov_str text,
                  uint32_t *root, enum prov_file_type *type)
{
    enum prov_status status;

    if (s->config.dialect->settings_form == PROV_SETTINGS_LINES) {
        struct prov_cfg cfg;

        *root = PROV_XML_NONE;
        *type = PROV_FILE_PARAMS_TEXT;
        return prov_cfg_begin(&cfg, name, text, s->config.dialect->cfg_rules, &s->diags);
    }
    status = prov_xml_parse(&s->x, name, text, root, &s->diags);
    if (status == PROV_OK)
        *type = prov_file_detect(&s->x, *root, s->config.dialect, s->root);
    return status;
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
        for (uint32_t e = before; e < s->tree.count && s->phase == PROV_PHASE_FETCH; e++)
            (void)prov_session_check_entry(s, e);
        return;
    }
    prov_session_fetch_record(s, slot->entry)->status = status;
    if (status == PROV_E_LIMIT || status == PROV_E_DENIED)
        prov_session_end(s, PROV_OUTCOME_REFUSED, status);
    else
        unreadable(s, slot->entry, status);
}

bool
prov_session_put_named(struct prov_session *s, struct prov_str place, struct prov_str base,
                       struct prov_str source, uint32_t *entry)
{
    const struct prov_param *p =
        prov_params_find(prov_session_layer_params(s, PROV_LAYER_INITIAL), place, 0);
    const enum prov_macro_enc enc =
        s->config.macro_raw ? PROV_MACRO_ENC_RAW : PROV_MACRO_ENC_PERCENT;
    enum prov_status status;

    *entry = PROV_REF_NONE;
    if (p == NULL || prov_str_trim(p->value).len == 0)
        return false;

    const struct prov_ref_address at = { p->value, source, p->line, p->column };

    status = prov_ref_tree_put(&s->tree, 0, base, &at, &s->macros.set, enc, &s->diags);
    if (status == PROV_OK) {
        record_entries(s, s->tree.count - 1, s->record.fetch_count);
        *entry = s->tree.count - 1;
    } else {
        (void)prov_session_is_fatal(s, status);
    }
    return true;
}

/* A file of the second stage. What is wrong with its address is its own fault. */
static void
add_stage(struct prov_session *s, const struct prov_stage_rule *rule, struct prov_str base,
          struct prov_str source)
{
    const struct prov_verdict bad = { .outcome = PROV_OUTCOME_REFUSED, .status = PROV_E_SYNTAX };
    uint32_t entry;

    if (!prov_session_put_named(s, rule->place, base, source, &entry))
        return;
    s->layers[rule->layer].named = true;
    if (entry != PROV_REF_NONE) {
        s->files[entry].layer = (enum prov_layer)rule->layer;
        (void)prov_session_check_entry(s, entry);
    } else if (s->first_failure.outcome == PROV_OUTCOME_NONE) {
        s->first_failure = bad;
    }
}

static void
follow_stages(struct prov_session *s, const struct prov_slot *slot)
{
    const struct prov_dialect *d = s->config.dialect;
    const struct prov_str source = prov_session_fetch_record(s, 0)->final_url;
    struct prov_buf base = { NULL, (size_t)s->limits.url_bytes * 2, 0 };
    const size_t mark = prov_arena_mark(&s->work);

    base.ptr = prov_arena_scratch(&s->work, base.cap, 1);
    if (base.ptr == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return;
    }
    put_base(s, slot, &base);
    prov_session_certs_follow(s, prov_buf_str(&base), source);
    for (size_t i = 0; i < d->stage_count && s->fatal == PROV_OK; i++)
        add_stage(s, &d->stages[i], prov_buf_str(&base), source);
    prov_wipe(base.ptr, base.cap);
    prov_arena_release(&s->work, mark);
}

/* A file of a dialect with layers; the first one leads on. */
static void
ready_layer(struct prov_session *s, const struct prov_slot *slot)
{
    const uint32_t entry = slot->entry;
    struct prov_session_file *f = &s->files[entry];
    struct prov_fetch_record *rec = prov_session_fetch_record(s, entry);
    enum prov_status status;

    if (entry == 0) {
        f->layer = PROV_LAYER_INITIAL;
        s->layers[f->layer].named = true;
    }
    status = prov_session_layer_take(s, f->layer, rec->final_url, f->text, f->root);
    if (status != PROV_OK) {
        unreadable(s, entry, status);
        return;
    }
    f->state = PROV_FILE_READY;
    if (entry == 0)
        follow_stages(s, slot);
}

/* It is read and counts; a reference file leads on. */
static void
ready(struct prov_session *s, const struct prov_slot *slot)
{
    if (prov_session_has_layers(s)) {
        ready_layer(s, slot);
        return;
    }
    s->files[slot->entry].state = PROV_FILE_READY;
    if (prov_session_is_reference(s, prov_session_fetch_record(s, slot->entry)->type))
        follow(s, slot);
}

/* With layers, a file that is the saved one has been read already. */
static bool
is_saved(struct prov_session *s, uint32_t entry)
{
    const struct prov_session_file *f = &s->files[entry];
    const enum prov_layer layer = entry == 0 ? PROV_LAYER_INITIAL : f->layer;

    return prov_session_has_layers(s) && prov_session_layer_is_saved(s, layer, f->text);
}

/* Its text is there, as plain as it gets. */
static void
read_complete(struct prov_session *s, const struct prov_slot *slot)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, slot->entry);
    struct prov_session_file *f = &s->files[slot->entry];
    enum prov_status status = PROV_OK;

    if (is_saved(s, slot->entry))
        rec->type = s->config.dialect->layers->params->cfg != NULL ? PROV_FILE_PARAMS_TEXT
                                                                   : PROV_FILE_PARAMS_XML;
    else
        status = prov_session_read(s, rec->final_url, f->text, &f->root, &rec->type);
    if (status == PROV_OK)
        ready(s, slot);
    else
        unreadable(s, slot->entry, status);
}

static void
unseal(struct prov_session *s, const struct prov_slot *slot)
{
    const struct prov_str name = prov_session_fetch_record(s, slot->entry)->final_url;
    const enum prov_status status = prov_session_unseal(s, name, &s->files[slot->entry].text);

    if (status == PROV_OK)
        read_complete(s, slot);
    else
        unreadable(s, slot->entry, status);
}

void
prov_session_open_sealed(struct prov_session *s)
{
    for (uint32_t e = 0; e < s->tree.count && s->fatal == PROV_OK; e++) {
        const struct prov_slot opened = { .entry = e };

        if (s->files[e].state == PROV_FILE_SEALED)
            unseal(s, &opened);
    }
}

void
prov_session_file_complete(struct prov_session *s, const struct prov_slot *slot)
{
    struct prov_session_file *f = &s->files[slot->entry];

    f->text = prov_region_keep(&s->region, slot->part);
    if (f->cert != 0)
        prov_session_cert_complete(s, slot->entry);
    else if (!prov_session_is_sealed(s, f->text))
        read_complete(s, slot);
    else if (slot->entry == 0)
        unseal(s, slot);
    else
        f->state = PROV_FILE_SEALED;
}

void
prov_session_file_saved(struct prov_session *s, const struct prov_slot *slot)
{
    const enum prov_layer layer =
        slot->entry == 0 ? PROV_LAYER_INITIAL : s->files[slot->entry].layer;

    s->files[slot->entry].text = s->layers[layer].text;
    read_complete(s, slot);
}

void
prov_session_tree_adopt(struct prov_session *s)
{
    struct prov_fetch_record *rec = prov_session_fetch_record(s, 0);
    struct prov_slot *slot = &s->slots[0]; /* it still has the service's address */
    const struct prov_str before = rec->before;

    s->service_document = false;
    *rec = s->service;
    rec->before = before;
    s->files[0].text = s->service_text;
    s->files[0].root = s->service_root;
    slot->service = false;
    slot->guess = PROV_REF_NONE;
    slot->entry = 0;
    ready(s, slot);
}

/* Nothing was fetched: there is no address, but the tree is not without. */
static bool
begin_snippet(struct prov_session *s)
{
    static const struct prov_discover_candidate none = { { NULL, 0 }, PROV_STR_INIT("tftp://-/") };
    struct prov_fetch_record *rec;

    if (!prov_session_tree_begin(s, &none))
        return false;
    rec = prov_session_fetch_record(s, 0);
    rec->url = prov_str_z("");
    rec->final_url = prov_str_z("check-sync");
    rec->bytes = (uint32_t)s->event.document.len;
    rec->ended = true;
    return true;
}

/* The text moves to where texts of files are, since the event may be replaced meanwhile. */
static enum prov_status
read_snippet(struct prov_session *s)
{
    const struct prov_verdict never = { .status = PROV_E_TYPE, .code = PROV_D_NOT_APPLIED_YET };

    const uint32_t part = prov_region_open(&s->region);
    struct prov_session_file *f = &s->files[0];
    struct prov_fetch_record *rec = prov_session_fetch_record(s, 0);

    (void)prov_region_append(&s->region, part, s->event.document.ptr, s->event.document.len);
    f->text = prov_region_keep(&s->region, part);
    if (prov_session_has_layers(s)) {
        prov_session_note(s, &never, rec->final_url, prov_str_z(""));
        return PROV_E_TYPE;
    }
    return prov_session_read(s, rec->final_url, f->text, &f->root, &rec->type);
}

void
prov_session_tree_snippet(struct prov_session *s)
{
    const struct prov_verdict reference = {
        PROV_OUTCOME_REFUSED, PROV_E_TYPE, PROV_D_REFERENCE_BY_HAND, 0, 0, 0
    };
    enum prov_status status;

    s->phase = PROV_PHASE_FETCH;
    if (!begin_snippet(s))
        return;
    status = read_snippet(s);
    if (status != PROV_OK) {
        unreadable(s, 0, status);
        if (prov_session_has_layers(s))
            prov_session_end(s, PROV_OUTCOME_REFUSED, status);
    } else if (prov_session_is_reference(s, prov_session_fetch_record(s, 0)->type)) {
        prov_session_note(s, &reference, prov_session_fetch_record(s, 0)->final_url,
                          prov_str_z(""));
        prov_session_end(s, reference.outcome, reference.status);
    } else {
        s->files[0].state = PROV_FILE_READY;
    }
}
