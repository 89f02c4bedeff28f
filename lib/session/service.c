/* SPDX-License-Identifier: MIT */

/*
 * The redirection service (DSC-1, DSC-2): one GET, in a slot like that of a file. Its answer is an
 * address (Location, or the body), or the first file itself, or that nothing is assigned. From an
 * https service only an https address is taken: anything else would give up the protection.
 */

#include <prov/uri.h>

#include "base/str.h"
#include "base/wipe.h"
#include "session/private.h"

void
prov_session_service_begin(struct prov_session *s)
{
    struct prov_slot *slot = &s->slots[0]; /* during the search no file is fetched */

    prov_session_assign(s, slot, prov_discover_redirect_url(&s->search));
    slot->service = true;
    s->service = (struct prov_fetch_record){
        .url = prov_session_redact(s, prov_discover_redirect_url(&s->search)),
        .parent = UINT32_MAX,
        .change = UINT32_MAX,
    };
    s->service.before = s->service.final_url = s->service.url;
}

static void
nothing(struct prov_session *s, const char *reason)
{
    prov_discover_nothing(&s->search, s->now_ms, PROV_NEED_REDIRECT, reason);
}

static void
refuse(struct prov_session *s, const struct prov_verdict *v, const char *reason)
{
    prov_session_note(s, v, s->service.url, prov_str_z(""));
    prov_discover_refused(&s->search, s->now_ms, PROV_NEED_REDIRECT, v->status, reason);
}

/* An address that the service names, by whatever way. */
static void
take_address(struct prov_session *s, const struct prov_slot *slot, struct prov_str address,
             struct prov_str raw)
{
    const struct prov_verdict down = {
        PROV_OUTCOME_REFUSED, PROV_E_DENIED, PROV_D_REDIRECT_DOWNGRADE, 0, 0, 0
    };
    struct prov_uri was, is;

    if (prov_uri_parse(prov_buf_str(&slot->url), &was, NULL) != PROV_OK)
        was.host = prov_str_z("");
    else if (was.scheme == PROV_SCHEME_HTTPS &&
             (prov_uri_parse(address, &is, NULL) != PROV_OK || is.scheme != PROV_SCHEME_HTTPS)) {
        refuse(s, &down, "from https to an address without TLS");
        return;
    }
    prov_discover_address(&s->search, s->now_ms, PROV_NEED_REDIRECT, address, was.host, raw);
}

/* A 3xx is an answer here, not a way to one. */
static void
take_location(struct prov_session *s, const struct prov_slot *slot,
              const struct prov_fetch_result *r)
{
    const size_t mark = prov_arena_mark(&s->work);
    struct prov_buf to = { NULL, (size_t)s->limits.url_bytes * 2, 0 };
    struct prov_verdict v = { PROV_OUTCOME_REFUSED,
                              PROV_E_SYNTAX,
                              PROV_D_REDIRECT_NO_LOCATION,
                              (size_t)r->http_status,
                              0,
                              0 };

    to.ptr = prov_arena_scratch(&s->work, to.cap, 1);
    if (to.ptr == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return;
    }
    /* The whole address as base: credentials go on to the same origin, and to no other (REF-1). */
    if (prov_str_trim(r->location).len > 0 &&
        prov_session_locate(s, prov_discover_redirect_url(&s->search), r->location, &to, &v))
        take_address(s, slot, prov_buf_str(&to), r->location);
    else
        refuse(s, &v, "the redirect names no address");
    prov_wipe(to.ptr, to.cap);
    prov_arena_release(&s->work, mark);
}

/* Does the text begin like an XML document or a text of parameters? */
static bool
is_document(struct prov_str text)
{
    static const struct prov_str mark = PROV_STR_INIT("\xEF\xBB\xBF");

    if (text.len >= mark.len && prov_str_eq(prov_str_cut(text, 0, mark.len), mark))
        text = prov_str_cut(text, mark.len, text.len);
    return text.len > 0 && (text.ptr[0] == '<' || text.ptr[0] == '#');
}

/* One line without blanks. What kind of address that is, the search tells. */
static bool
is_word(struct prov_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7F)
            return false;
    }
    return true;
}

static void
take_document(struct prov_session *s, struct prov_slot *slot)
{
    enum prov_status status;

    s->service_text = prov_region_keep(&s->region, slot->part);
    status =
        prov_session_read(s, s->service.url, s->service_text, &s->service_root, &s->service_type);
    if (status != PROV_OK && prov_session_is_fatal(s, status))
        return;
    if (status != PROV_OK ||
        (s->config.dialect->file_types & PROV_FILE_BIT(s->service_type)) == 0) {
        nothing(s, "the answer is no file for this phone");
        return;
    }
    s->service.type = s->service_type;
    s->service_document = true;
    prov_discover_document(&s->search, s->now_ms);
}

static void
take_body(struct prov_session *s, struct prov_slot *slot)
{
    const struct prov_str text = prov_str_trim(prov_region_text(&s->region, slot->part));

    if (is_document(text)) {
        take_document(s, slot);
        return;
    }
    if (text.len == 0)
        nothing(s, "not assigned");
    else if (is_word(text))
        take_address(s, slot, text, text);
    else
        nothing(s, "the answer is neither an address nor a file");
    prov_region_drop(&s->region, slot->part);
}

/* The service says nothing that helps; the diagnostic has the status. */
static void
useless(struct prov_session *s, const struct prov_fetch_result *r, const struct prov_verdict *v)
{
    const char *reason = "the service cannot be reached";

    prov_session_take_retry_after(s, r);
    prov_session_note(s, v, s->service.url, prov_session_detail(s, r));
    if (v->outcome == PROV_OUTCOME_REFUSED)
        reason = "the answer is too long";
    else if (r->http_status != 0)
        reason = "the service answered with another status";
    nothing(s, reason);
}

static bool
is_unassigned(const struct prov_fetch_result *r)
{
    return r->http_status == 404 || r->http_status == 410 ||
           (r->http_status == 204 && r->status == PROV_OK);
}

void
prov_session_service_end(struct prov_session *s, struct prov_slot *slot,
                         const struct prov_fetch_result *r)
{
    struct prov_verdict v = { PROV_OUTCOME_NONE, PROV_OK, PROV_D_NONE, 0, 0, 0 };

    s->service.ended = true;
    s->service.http_status = r->http_status;
    s->service.ms = (uint32_t)(s->now_ms - slot->began_ms);
    prov_session_forget(slot);
    if (prov_session_is_redirect(r)) {
        take_location(s, slot, r);
    } else if (is_unassigned(r)) {
        nothing(s, "not assigned");
    } else if (prov_session_judge(s, slot, r, &v)) {
        take_body(s, slot);
        return;
    } else {
        useless(s, r, &v);
    }
    prov_region_drop(&s->region, slot->part);
}
