/* SPDX-License-Identifier: MIT */

/* Redirects are decided here, not in the port (NET-1). */

#include <prov/uri.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "session/private.h"

/* Where the user part of an address begins, and how many bytes it has with its `@`. */
static size_t
user_part(struct prov_str url, size_t *len)
{
    struct prov_uri u;
    size_t from = 0, at;

    *len = 0;
    if (prov_uri_parse(url, &u, NULL) != PROV_OK || !u.has_user)
        return 0;
    while (from < u.origin.len && u.origin.ptr[from] != '/')
        from++;
    from += 2; /* behind `://` */
    for (at = u.origin.len; at > from && u.origin.ptr[at - 1] != '@';)
        at--;
    *len = at - from;
    return from;
}

void
prov_session_strip(struct prov_str url, struct prov_buf *out)
{
    size_t len;
    const size_t from = user_part(url, &len);

    prov_buf_put_str(out, prov_str_cut(url, 0, from));
    prov_buf_put_str(out, prov_str_cut(url, from + len, url.len));
}

bool
prov_session_is_stripped(struct prov_str url, struct prov_str stripped)
{
    size_t len;
    const size_t from = user_part(url, &len);

    return url.len - len == stripped.len &&
           prov_str_eq(prov_str_cut(url, 0, from), prov_str_cut(stripped, 0, from)) &&
           prov_str_eq(prov_str_cut(url, from + len, url.len),
                       prov_str_cut(stripped, from, stripped.len));
}

/* As a browser takes it: without blanks around it and without fragment. */
static struct prov_str
target_of(struct prov_str location)
{
    struct prov_str t = prov_str_trim(location);

    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] == '#')
            return prov_str_cut(t, 0, i);
    }
    return t;
}

static bool
deny(struct prov_verdict *v, enum prov_status status, enum prov_diag_code code, size_t need)
{
    *v = (struct prov_verdict){ PROV_OUTCOME_REFUSED, status, code, need, 0, 0 };
    return false;
}

bool
prov_session_locate(const struct prov_session *s, struct prov_str base, struct prov_str location,
                    struct prov_buf *out, struct prov_verdict *v)
{
    struct prov_diag d = { 0 };
    const enum prov_status status =
        prov_uri_resolve(base, target_of(location), PROV_URI_RULE_RFC3986, out, &d);

    if (status == PROV_OK)
        return true;
    if (status == PROV_E_SPACE || status == PROV_E_LIMIT)
        return deny(v, PROV_E_LIMIT, PROV_D_REDIRECT_TOO_LONG, s->limits.url_bytes);
    if (d.code == PROV_D_URL_SCHEME_UNKNOWN)
        return deny(v, PROV_E_DENIED, PROV_D_REDIRECT_SCHEME, 0);
    return deny(v, PROV_E_SYNTAX, PROV_D_REDIRECT_MALFORMED, 0);
}

/* Go to an address that was resolved, if that is allowed. */
static bool
move(const struct prov_session *s, struct prov_slot *slot, struct prov_str to,
     struct prov_verdict *v)
{
    struct prov_uri was, is;

    if (prov_uri_parse(prov_buf_str(&slot->url), &was, NULL) != PROV_OK ||
        prov_uri_parse(to, &is, NULL) != PROV_OK)
        return deny(v, PROV_E_SYNTAX, PROV_D_REDIRECT_MALFORMED, 0);
    if (was.scheme == PROV_SCHEME_HTTPS && is.scheme != PROV_SCHEME_HTTPS)
        return deny(v, PROV_E_DENIED, PROV_D_REDIRECT_DOWNGRADE, 0);
    if (!prov_session_allows(s, to, v))
        return false;
    /* Once away they are not used again, even if a later redirect leads back. */
    slot->auth = slot->auth && prov_uri_same_origin(&was, &is);
    slot->url.len = 0;
    prov_session_strip(to, &slot->url);
    return true;
}

bool
prov_session_redirect(struct prov_session *s, struct prov_slot *slot,
                      const struct prov_fetch_result *r, struct prov_verdict *v)
{
    struct prov_fetch_record *rec = prov_session_slot_record(s, slot);
    const size_t mark = prov_arena_mark(&s->work);
    struct prov_buf to = { NULL, s->limits.url_bytes, 0 };
    bool ok;

    if (rec->redirects >= PROV_SESSION_REDIRECTS)
        return deny(v, PROV_E_DENIED, PROV_D_REDIRECT_TOO_MANY, PROV_SESSION_REDIRECTS);
    if (r->location.len == 0)
        return deny(v, PROV_E_SYNTAX, PROV_D_REDIRECT_NO_LOCATION, r->http_status);
    to.ptr = prov_arena_scratch(&s->work, to.cap, 1);
    if (to.ptr == NULL) {
        prov_session_fail(s, PROV_E_SPACE);
        return false;
    }
    ok = prov_session_locate(s, prov_buf_str(&slot->url), r->location, &to, v) &&
         move(s, slot, prov_buf_str(&to), v);
    prov_wipe(to.ptr, to.cap);
    prov_arena_release(&s->work, mark);
    rec->redirects += ok;
    return ok;
}
