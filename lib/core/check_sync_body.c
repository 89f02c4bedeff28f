/* SPDX-License-Identifier: MIT */
#include "core/check_sync_body.h"

#include <prov/apply.h>

#include "base/buf.h"
#include "base/str.h"

/* A body being read. */
struct reading {
    struct prov_check_sync_job *j;
    struct prov_arena arena; /* inside the scratch memory of the caller's */
    struct prov_xml x;
    struct prov_str body;
    char *text; /* as long as the body */
    uint32_t root;
};

/* A change of settings that a NOTIFY may bring at once. A reference file leads elsewhere: its
 * address belongs into `url`. */
#define DOCUMENTS \
    (PROV_FILE_BIT(PROV_FILE_PATCH) | PROV_FILE_BIT(PROV_FILE_SECTION) | \
     PROV_FILE_BIT(PROV_FILE_OPERATIONS) | PROV_FILE_BIT(PROV_FILE_DIFF) | \
     PROV_FILE_BIT(PROV_FILE_PARAMS_XML))

/* ---- The header lines about it ---- */

static bool
ends_with(struct prov_str s, struct prov_str end)
{
    return s.len > end.len && prov_str_eq_nocase(prov_str_cut(s, s.len - end.len, s.len), end);
}

static bool
begins_with(struct prov_str s, struct prov_str start)
{
    return s.len > start.len && prov_str_eq_nocase(prov_str_cut(s, 0, start.len), start);
}

static bool
is_xml_type(struct prov_str type)
{
    return type.len == 0 || prov_str_eq_nocase(type, prov_str_z("application/xml")) ||
           prov_str_eq_nocase(type, prov_str_z("text/xml")) ||
           (begins_with(type, prov_str_z("application/")) && ends_with(type, prov_str_z("+xml")));
}

static bool
is_encoded(struct prov_str encoding)
{
    return encoding.len > 0 && !prov_str_eq_nocase(encoding, prov_str_z("identity"));
}

/* ---- notifySync ---- */

static uint32_t
child(const struct prov_xml *x, uint32_t parent, const char *name)
{
    uint32_t n = prov_xml_first(x, parent);

    while (n != PROV_XML_NONE && !prov_str_eq_nocase(prov_xml_local_name(x, n), prov_str_z(name)))
        n = prov_xml_next(x, n);
    return n;
}

/* Trimmed; lives until the next one. Replaced entities only make a text shorter: it always fits. */
static struct prov_str
text_of(struct reading *r, uint32_t node)
{
    struct prov_buf out = { r->text, r->body.len, 0 };
    const struct prov_str none = { NULL, 0 };

    return prov_xml_text(&r->x, node, &out) == PROV_OK ? prov_str_trim(prov_buf_str(&out)) : none;
}

static bool
is_clean(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];

        if (c <= 0x20 || c == 0x7F)
            return false;
    }
    return true;
}

/* Into memory that stays. */
static enum prov_status
take_url(struct reading *r, uint32_t node, enum gate *gate)
{
    const struct prov_str text = text_of(r, node);
    char *mem;

    if (node == PROV_XML_NONE)
        return PROV_OK;
    if (text.len > r->j->limits.url_bytes || !is_clean(text)) {
        *gate = GATE_URL;
        return PROV_OK;
    }
    mem = prov_arena_perm(r->j->arena, text.len, 1);
    if (mem == NULL)
        return PROV_E_SPACE;
    if (text.len > 0)
        memcpy(mem, text.ptr, text.len);
    r->j->made.has_url = true;
    r->j->made.url = (struct prov_str){ mem, text.len };
    return PROV_OK;
}

static void
take_data(struct reading *r, uint32_t node)
{
    struct prov_check_sync *made = &r->j->made;
    const struct prov_str text = text_of(r, node);

    made->data = prov_str_eq_nocase(text, prov_str_z("true")) || prov_str_eq(text, prov_str_z("1"));
    made->has_data = made->data || prov_str_eq_nocase(text, prov_str_z("false")) ||
                     prov_str_eq(text, prov_str_z("0"));
}

static enum prov_status
take_sync(struct reading *r, enum gate *gate)
{
    const uint32_t sync = child(&r->x, r->root, "checkSync");

    if (sync == PROV_XML_NONE) {
        r->j->made.other = true;
        return PROV_OK;
    }
    take_data(r, child(&r->x, sync, "dataAvailable"));
    return take_url(r, child(&r->x, sync, "url"), gate);
}

/* ---- Reading ---- */

/* The gate of a document that has been read. */
static enum prov_status
take_document(struct reading *r, enum gate *gate)
{
    const struct prov_dialect *dialect = r->j->dialect;
    const struct prov_str name = prov_xml_local_name(&r->x, r->root);
    enum prov_file_type type;

    if (prov_str_eq_nocase(name, prov_str_z("notifySync")))
        return take_sync(r, gate);
    type = prov_file_detect(&r->x, r->root, dialect, PROV_XML_NONE);
    if ((dialect->file_types & DOCUMENTS & PROV_FILE_BIT(type)) == 0) {
        *gate = GATE_DOCUMENT;
        return PROV_OK;
    }
    r->j->made.document = r->body;
    r->j->made.type = type;
    return PROV_OK;
}

static enum prov_status
parse(struct reading *r, enum gate *gate)
{
    struct prov_diag found[2]; /* a warning about the encoding may come before the error */
    struct prov_diags diags = { found, 2, 0, 0 };
    const enum prov_status status =
        prov_xml_parse(&r->x, prov_str_z("NOTIFY"), r->body, &r->root, &diags);

    if (status == PROV_OK)
        return take_document(r, gate);
    if (status != PROV_E_SYNTAX && status != PROV_E_LIMIT)
        return status;
    r->j->diag = found[diags.count - 1];
    *gate = GATE_BODY;
    return PROV_OK;
}

/* A pool that is as large as this body can need: an element has four bytes at least. */
static enum prov_status
open_pool(struct reading *r)
{
    const struct prov_check_sync_policy *policy = &r->j->policy;
    struct prov_limits limits = r->j->limits;
    enum prov_status status;
    unsigned char *mem;

    if (r->body.len / 4 + 1 < limits.xml_nodes)
        limits.xml_nodes = (uint32_t)(r->body.len / 4 + 1);
    limits.pool_nodes = limits.xml_nodes;
    prov_arena_init(&r->arena, NULL, 0);
    status = prov_xml_init(&r->x, &r->arena, &limits, policy->heap, policy->hash_salt);
    if (status != PROV_E_SPACE) /* asked for the size of it, which is never 0 */
        return status;
    const size_t bytes = r->arena.need;

    mem = prov_arena_scratch(r->j->arena, bytes + r->body.len, 1);
    if (mem == NULL)
        return PROV_E_SPACE;
    r->text = (char *)mem + bytes;
    prov_arena_init(&r->arena, mem, bytes);
    return prov_xml_init(&r->x, &r->arena, &limits, policy->heap, policy->hash_salt);
}

enum prov_status
prov_check_sync_body(struct prov_check_sync_job *j, enum gate *gate)
{
    const struct prov_str *headers = j->sip.headers;
    struct reading r = { .j = j, .body = prov_str_trim(j->sip.body), .root = PROV_XML_NONE };
    enum prov_status status;

    if (r.body.len == 0)
        return PROV_OK;
    if (r.body.len > j->limits.file_bytes) {
        *gate = GATE_SIZE;
        return PROV_OK;
    }
    if (!is_xml_type(prov_sip_token(headers[PROV_SIP_CONTENT_TYPE])) ||
        is_encoded(headers[PROV_SIP_CONTENT_ENCODING])) {
        *gate = GATE_TYPE;
        return PROV_OK;
    }
    if (j->arena == NULL)
        return PROV_E_ARG;
    const size_t mark = prov_arena_mark(j->arena);

    status = open_pool(&r);
    if (status == PROV_OK)
        status = parse(&r, gate);
    prov_arena_release(j->arena, mark);
    return status;
}
