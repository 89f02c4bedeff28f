/* SPDX-License-Identifier: MIT */
#include <prov/sip.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/sip_text.h"

/* A value without its folds: what stood on a line of its own could become one again. */
static void
put_flat(struct prov_buf *out, struct prov_str value)
{
    for (size_t i = 0; i < value.len; i++)
        prov_buf_put_char(out, prov_is_blank(value.ptr[i]) ? ' ' : value.ptr[i]);
}

static void
put_header(struct prov_buf *out, const char *name, struct prov_str value)
{
    prov_buf_put_z(out, name);
    put_flat(out, value);
    prov_buf_put_z(out, "\r\n");
}

/* The address alone, IPv6 without brackets. */
static void
put_received(struct prov_buf *out, const struct prov_endpoint *from)
{
    char mem[PROV_ENDPOINT_BYTES];
    struct prov_buf text = { mem, sizeof(mem), 0 };
    struct prov_endpoint host = *from;

    host.port = 0;
    if (prov_endpoint_format(&host, &text) != PROV_OK || text.len == 0)
        return;
    const bool brackets = mem[0] == '[';

    prov_buf_put_z(out, ";received=");
    prov_buf_put(out, mem + (brackets ? 1 : 0), text.len - (brackets ? 2 : 0));
}

/* The topmost entry tells where the request really came from (RFC 3581); those behind it stay. */
static void
put_top_via(struct prov_buf *out, struct prov_str via, const struct prov_endpoint *from)
{
    const size_t end = prov_sip_find(via, 0, ',');
    const struct prov_str entry = prov_str_cut(via, 0, end);
    struct prov_str rport;
    size_t done = 0;

    if (prov_sip_param(entry, prov_str_z("rport"), &rport) && rport.len == 0) {
        done = (size_t)(rport.ptr - entry.ptr);
        const struct prov_str before = prov_str_trim(prov_str_cut(entry, 0, done));

        put_flat(out, before);
        if (before.ptr[before.len - 1] != '=')
            prov_buf_put_char(out, '=');
        prov_buf_put_uint(out, from->port, 1);
    }
    put_flat(out, prov_str_cut(entry, done, end));
    if (!prov_sip_param(entry, prov_str_z("received"), NULL))
        put_received(out, from);
    put_flat(out, prov_str_cut(via, end, via.len));
}

static void
put_vias(struct prov_buf *out, const struct prov_sip *request, const struct prov_endpoint *from)
{
    struct prov_str rest = request->head, name, value;

    while (prov_sip_next_header(&rest, &name, &value)) {
        if (!prov_sip_is_via(name))
            continue;
        prov_buf_put_z(out, "Via: ");
        if (from != NULL)
            put_top_via(out, value, from);
        else
            put_flat(out, value);
        prov_buf_put_z(out, "\r\n");
        from = NULL;
    }
}

static void
put_to(struct prov_buf *out, struct prov_str to, struct prov_str tag)
{
    prov_buf_put_z(out, "To: ");
    put_flat(out, to);
    if (tag.len > 0 && !prov_sip_param(to, prov_str_z("tag"), NULL)) {
        prov_buf_put_z(out, ";tag=");
        prov_buf_put_str(out, tag);
    }
    prov_buf_put_z(out, "\r\n");
}

enum prov_status
prov_sip_answer(const struct prov_sip *request, const struct prov_sip_answer *answer,
                struct prov_buf *out)
{
    if (request == NULL || answer == NULL || out == NULL || !request->request ||
        answer->status < 100 || answer->status > 699)
        return PROV_E_ARG;
    const size_t mark = out->len;

    prov_buf_put_z(out, "SIP/2.0 ");
    prov_buf_put_uint(out, answer->status, 3);
    prov_buf_put_char(out, ' ');
    prov_buf_put_str(out, answer->reason);
    prov_buf_put_z(out, "\r\n");
    put_vias(out, request, answer->from);
    put_header(out, "From: ", request->headers[PROV_SIP_FROM]);
    put_to(out, request->headers[PROV_SIP_TO], answer->to_tag);
    put_header(out, "Call-ID: ", request->headers[PROV_SIP_CALL_ID]);
    prov_buf_put_z(out, "CSeq: ");
    prov_buf_put_uint(out, request->cseq, 1);
    prov_buf_put_char(out, ' ');
    prov_buf_put_str(out, request->cseq_method);
    prov_buf_put_z(out, "\r\n");
    prov_buf_put_str(out, answer->headers);
    prov_buf_put_z(out, "Content-Length: 0\r\n\r\n");
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}
