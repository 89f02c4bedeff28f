/* SPDX-License-Identifier: MIT */
#include "core/pnp_message.h"

#include "base/buf.h"
#include "base/sha256.h"
#include "base/str.h"
#include "core/macro_mac.h"

#define SIP_PORT 5060u

static enum prov_status
fail(struct prov_diag *diag, enum prov_status status, enum prov_diag_code code, const char *subject)
{
    if (diag != NULL) {
        *diag = (struct prov_diag){
            .status = status,
            .code = code,
            .subject = prov_str_z(subject),
            .need = status == PROV_E_LIMIT ? PROV_PNP_VALUE_BYTES : 0,
        };
    }
    return status;
}

/* ---- What it says ---- */

static bool
is_escaped(char c)
{
    return c == '"' || c == '\\';
}

/* Fits between quotes. What a quoted string cannot hold is not sent in another form either. */
static enum prov_status
check_value(struct prov_str value, const char *name, struct prov_diag *diag)
{
    size_t written = 0;

    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.ptr[i];

        if (c < 0x20 || c > 0x7E)
            return fail(diag, PROV_E_DENIED, PROV_D_PNP_VALUE, name);
        written += is_escaped(value.ptr[i]) ? 2 : 1;
    }
    return written <= PROV_PNP_VALUE_BYTES ? PROV_OK
                                           : fail(diag, PROV_E_LIMIT, PROV_D_PNP_VALUE_LONG, name);
}

static enum prov_status
take_identity(const struct prov_identity *from, struct prov_pnp_words *w, struct prov_diag *diag)
{
    struct prov_identity id;
    enum prov_status status;

    if (prov_abi_import(&id, sizeof(id), from, sizeof(size_t)) != PROV_OK)
        return fail(diag, PROV_E_ABI, PROV_D_ABI, "prov_identity");
    if (!prov_mac_read(id.mac, w->mac))
        return fail(diag, PROV_E_INVALID, PROV_D_IDENTITY, "mac");
    const bool has_model = id.model.len > 0;

    w->vendor = id.vendor;
    w->model = has_model ? id.model : id.type;
    w->version = id.fwver;
    status = check_value(w->vendor, "vendor", diag);
    if (status == PROV_OK)
        status = check_value(w->model, has_model ? "model" : "type", diag);
    return status == PROV_OK ? check_value(w->version, "fwver", diag) : status;
}

static bool
has_address(const struct prov_endpoint *e)
{
    return e->family == PROV_FAMILY_IPV4 || e->family == PROV_FAMILY_IPV6;
}

/* False if one of them cannot be used. */
static bool
take_endpoints(const struct prov_pnp_config *c, struct prov_pnp_words *w)
{
    static const struct prov_endpoint preset = { PROV_FAMILY_IPV4, { 224, 0, 1, 75 }, SIP_PORT };

    w->local = c->local;
    w->group = c->group.family == PROV_FAMILY_NONE ? preset : c->group;
    if (w->group.port == 0)
        w->group.port = SIP_PORT;
    return has_address(&w->local) && w->local.port > 0 && has_address(&w->group);
}

static void
put_hex(char *to, const uint8_t *from, size_t bytes)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes; i++) {
        to[2 * i] = hex[from[i] >> 4];
        to[2 * i + 1] = hex[from[i] & 15];
    }
}

/* Different for each seed and device, and nothing of the seed can be read from it. */
static void
draw_words(uint64_t seed, struct prov_pnp_words *w)
{
    struct prov_sha256 h;
    uint8_t bytes[8], digest[PROV_SHA256_BYTES];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(seed >> (8 * i) & 0xFFu);
    prov_sha256_init(&h);
    prov_sha256_update(&h, bytes, sizeof(bytes));
    prov_sha256_update(&h, w->mac, sizeof(w->mac));
    prov_sha256_update(&h, w->local.addr, sizeof(w->local.addr));
    prov_sha256_final(&h, digest);
    put_hex(w->call_id, digest, sizeof(w->call_id) / 2);
    put_hex(w->from_tag, digest + 16, sizeof(w->from_tag) / 2);
    put_hex(w->branch, digest + 24, sizeof(w->branch) / 2);
}

enum prov_status
prov_pnp_words(const struct prov_pnp_config *config, struct prov_pnp_words *out,
               struct prov_diag *diag)
{
    enum prov_status status;

    if (config->identity == NULL || !take_endpoints(config, out))
        return fail(diag, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NULL);
    status = take_identity(config->identity, out, diag);
    if (status == PROV_OK)
        draw_words(config->seed, out);
    return status;
}

/* ---- How it is written ---- */

/* An endpoint always fits: the message is measured for it. */
static void
put_endpoint(struct prov_buf *out, struct prov_endpoint e)
{
    char mem[PROV_ENDPOINT_BYTES];
    struct prov_buf text = { mem, sizeof(mem), 0 };

    if (prov_endpoint_format(&e, &text) == PROV_OK)
        prov_buf_put_str(out, prov_buf_str(&text));
}

static void
put_uri(struct prov_buf *out, const struct prov_pnp_words *w, struct prov_endpoint host)
{
    if (host.port == SIP_PORT)
        host.port = 0;
    prov_buf_put_z(out, "sip:MAC%3A");
    prov_buf_put(out, w->mac, sizeof(w->mac));
    prov_buf_put_char(out, '@');
    put_endpoint(out, host);
}

static void
put_param(struct prov_buf *out, const char *name, struct prov_str value)
{
    prov_buf_put_char(out, ';');
    prov_buf_put_z(out, name);
    prov_buf_put_z(out, "=\"");
    for (size_t i = 0; i < value.len; i++) {
        if (is_escaped(value.ptr[i]))
            prov_buf_put_char(out, '\\');
        prov_buf_put_char(out, value.ptr[i]);
    }
    prov_buf_put_char(out, '"');
}

/*
 * Order of PNP-1: servers in the field look for a header behind a certain other one. For the same
 * reason Via has no `maddr`, which RFC 3261 asks for with multicast: the answer is to be unicast.
 */
void
prov_pnp_put_subscribe(const struct prov_pnp_words *w, struct prov_buf *out)
{
    prov_buf_put_z(out, "SUBSCRIBE ");
    put_uri(out, w, w->group);
    prov_buf_put_z(out, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
    put_endpoint(out, w->local);
    prov_buf_put_z(out, ";rport;branch=z9hG4bK");
    prov_buf_put(out, w->branch, sizeof(w->branch));
    prov_buf_put_z(out, "\r\nFrom: <");
    put_uri(out, w, w->group);
    prov_buf_put_z(out, ">;tag=");
    prov_buf_put(out, w->from_tag, sizeof(w->from_tag));
    prov_buf_put_z(out, "\r\nTo: <");
    put_uri(out, w, w->group);
    prov_buf_put_z(out, ">\r\nCall-ID: ");
    prov_buf_put(out, w->call_id, sizeof(w->call_id));
    prov_buf_put_z(out, "\r\nCSeq: 1 SUBSCRIBE\r\nEvent: ua-profile;profile-type=\"device\"");
    put_param(out, "vendor", w->vendor);
    put_param(out, "model", w->model);
    put_param(out, "version", w->version);
    prov_buf_put_z(out, "\r\nMax-Forwards: 70\r\nContact: <");
    put_uri(out, w, w->local);
    prov_buf_put_z(out, ">\r\nExpires: 0\r\nAccept: application/url\r\nContent-Length: 0\r\n\r\n");
}

/* ---- The address in a NOTIFY ---- */

static bool
is_trimmed(char c)
{
    return prov_is_blank(c) || c == '\0';
}

static struct prov_str
trim(struct prov_str s)
{
    size_t from = 0, to = s.len;

    while (from < to && is_trimmed(s.ptr[from]))
        from++;
    while (to > from && is_trimmed(s.ptr[to - 1]))
        to--;
    return prov_str_cut(s, from, to);
}

/* `%00`..`%1F` and `%7F`: in some protocols it would become a real one. */
static bool
is_escaped_control(struct prov_str s, size_t at)
{
    if (s.ptr[at] != '%' || s.len - at < 3)
        return false;
    const int high = prov_hex_value(s.ptr[at + 1]), low = prov_hex_value(s.ptr[at + 2]);

    return low >= 0 && (high == 0 || high == 1 || (high == 7 && low == 15));
}

/* Nothing in it could end a request line, or begin a second one. */
static bool
is_clean(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];

        if (c <= 0x20 || c == 0x7F || is_escaped_control(s, i))
            return false;
    }
    return s.len > 0 && s.len <= PROV_PNP_URL_BYTES;
}

/* Behind `URL=` at the start, quotes taken off; empty if it does not begin so. */
static struct prov_str
external_url(struct prov_str body)
{
    static const struct prov_str key = PROV_STR_INIT("URL=");
    const struct prov_str s = trim(body);
    const char *quote;

    if (s.len < key.len || !prov_str_eq_nocase(prov_str_cut(s, 0, key.len), key))
        return prov_str_cut(s, 0, 0);
    const struct prov_str value = trim(prov_str_cut(s, key.len, s.len));

    if (value.len == 0 || value.ptr[0] != '"')
        return value;
    quote = memchr(value.ptr + 1, '"', value.len - 1);
    return prov_str_cut(value, 1, quote != NULL ? (size_t)(quote - value.ptr) : 1);
}

bool
prov_pnp_body_url(const struct prov_sip *notify, struct prov_str *url)
{
    const struct prov_str content = notify->headers[PROV_SIP_CONTENT_TYPE];
    const struct prov_str type = prov_sip_token(content);
    struct prov_str found = { NULL, 0 };

    if (type.len == 0 || prov_str_eq_nocase(type, prov_str_z("application/url"))) {
        found = notify->body;
    } else if (prov_str_eq_nocase(type, prov_str_z("message/external-body"))) {
        if (!prov_sip_param(content, prov_str_z("URL"), &found))
            found = external_url(notify->body);
    }
    found = trim(found);
    if (!is_clean(found))
        return false;
    *url = found;
    return true;
}
