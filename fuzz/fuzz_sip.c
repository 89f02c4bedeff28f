/* SPDX-License-Identifier: MIT */
#include <prov/sip.h>

#include "fuzz_in.h"

/* Input: a byte of how to write the message anew, then the message. */

#define MOST 16384u

static bool
inside(struct prov_str part, struct prov_str all)
{
    return part.ptr == NULL || (part.ptr >= all.ptr && part.ptr + part.len <= all.ptr + all.len);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Alike but for white space: a fold is some. */
static bool
alike(struct prov_str a, struct prov_str b)
{
    size_t i = 0, j = 0;

    if ((a.ptr == NULL) != (b.ptr == NULL))
        return false;
    for (;; i++, j++) {
        while (i < a.len && is_blank(a.ptr[i]))
            i++;
        while (j < b.len && is_blank(b.ptr[j]))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (a.ptr[i] != b.ptr[j])
            return false;
    }
}

/* ---- The same message, written in another way ---- */

struct text {
    char *ptr;
    size_t len;
};

static void
put(struct text *t, const char *p, size_t n)
{
    if (n > 0)
        memcpy(t->ptr + t->len, p, n);
    t->len += n;
}

/* The long name for a compact one and the other way round; others as they are. */
static struct prov_str
other_name(struct prov_str name)
{
    static const char *const pairs[][2] = {
        { "v", "Via" },     { "f", "From" },           { "t", "To" },
        { "i", "Call-ID" }, { "o", "Event" },          { "c", "Content-Type" },
        { "m", "Contact" }, { "l", "Content-Length" }, { "e", "Content-Encoding" },
        { "CSEQ", "cSeq" },
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        for (unsigned j = 0; j < 2; j++) {
            if (prov_str_eq_nocase(name, prov_str_z(pairs[i][j])))
                return prov_str_z(pairs[i][1 - j]);
        }
    }
    return name;
}

/* A value with LF or CR LF for every line end in it. */
static void
put_value(struct text *t, struct prov_str s, const char *end)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\n')
            put(t, end, strlen(end));
        else if (s.ptr[i] != '\r')
            put(t, s.ptr + i, 1);
    }
}

static void
put_headers(struct text *t, struct prov_str head, unsigned how, const char *end)
{
    while (head.len > 0) {
        size_t n = 0, colon;

        do {
            n +=
                (size_t)((const char *)memchr(head.ptr + n, '\n', head.len - n) - head.ptr) - n + 1;
        } while (n < head.len && (head.ptr[n] == ' ' || head.ptr[n] == '\t'));
        colon = (size_t)((const char *)memchr(head.ptr, ':', n) - head.ptr);
        const struct prov_str name = prov_str_trim(prov_str_cut(head, 0, colon));
        const struct prov_str other = (how & 2) != 0 ? other_name(name) : name;

        put(t, other.ptr, other.len);
        put(t, "\t", (how & 4) != 0 ? 1 : 0);
        put(t, ": ", 1 + ((how & 4) != 0 ? 1 : 0));
        if ((how & 8) != 0) {
            put(t, end, strlen(end));
            put(t, " ", 1);
        }
        put_value(t, prov_str_trim(prov_str_cut(head, colon + 1, n)), end);
        put(t, end, strlen(end));
        head = prov_str_cut(head, n, head.len);
    }
}

/* Folded or not, with long names or compact ones, with LF or CR LF: it reads the same. */
static void
check_other_form(struct prov_str message, const struct prov_sip *s, unsigned how)
{
    const char *end = (how & 1) != 0 ? "\n" : "\r\n";
    const size_t start = (size_t)(s->head.ptr - message.ptr);
    struct text t = { malloc(8 * message.len + 8192), 0 };
    struct prov_sip u;

    FUZZ_CHECK(t.ptr != NULL);
    put_value(&t, prov_str_trim(prov_str_cut(message, 0, start)), end);
    put(&t, end, strlen(end));
    put_headers(&t, s->head, how, end);
    put(&t, end, strlen(end));
    put(&t, s->body.ptr, s->body.len);
    FUZZ_CHECK(prov_sip_read((struct prov_str){ t.ptr, t.len }, &u, NULL) == PROV_OK);
    FUZZ_CHECK(u.request == s->request && u.status == s->status && u.cseq == s->cseq);
    FUZZ_CHECK(prov_str_eq(u.method, s->method) && prov_str_eq(u.uri, s->uri));
    FUZZ_CHECK(prov_str_eq(u.cseq_method, s->cseq_method) && prov_str_eq(u.body, s->body));
    for (unsigned i = 0; i < PROV_SIP_HEADERS; i++)
        FUZZ_CHECK(alike(u.headers[i], s->headers[i]));
    free(t.ptr);
}

/* ---- Answers ---- */

static size_t
count_lines(struct prov_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

/* It can be read, belongs to the request, and nobody has put a line of his own into it. */
static void
check_answer(const struct prov_sip *s, const struct prov_endpoint *from)
{
    const struct prov_sip_answer what = {
        .status = 200, .reason = PROV_STR_INIT("OK"), .to_tag = PROV_STR_INIT("t"), .from = from
    };
    const size_t cap = s->head.len + 8192;
    struct prov_buf out = { malloc(cap), cap, 0 };
    struct prov_sip u;

    FUZZ_CHECK(out.ptr != NULL);
    if (!s->request) {
        FUZZ_CHECK(prov_sip_answer(s, &what, &out) == PROV_E_ARG && out.len == 0);
        free(out.ptr);
        return;
    }
    FUZZ_CHECK(prov_sip_answer(s, &what, &out) == PROV_OK);
    const enum prov_status status = prov_sip_read(prov_buf_str(&out), &u, NULL);

    FUZZ_CHECK(status == PROV_OK || (status == PROV_E_LIMIT && count_lines(s->head) > 120));
    if (status == PROV_OK) {
        FUZZ_CHECK(!u.request && u.status == 200 && u.cseq == s->cseq && u.body.len == 0);
        FUZZ_CHECK(prov_str_eq(u.cseq_method, s->cseq_method));
        FUZZ_CHECK(prov_str_eq(u.headers[PROV_SIP_CALL_ID], s->headers[PROV_SIP_CALL_ID]));
        FUZZ_CHECK(alike(u.headers[PROV_SIP_FROM], s->headers[PROV_SIP_FROM]));
        FUZZ_CHECK(u.headers[PROV_SIP_EVENT].ptr == NULL);
        FUZZ_CHECK(u.headers[PROV_SIP_CONTACT].ptr == NULL);
    }
    FUZZ_CHECK(count_lines(prov_buf_str(&out)) <= count_lines(s->head) + 3);
    for (size_t i = 1; i < out.len; i++) /* nothing is folded, and no CR stands alone */
        FUZZ_CHECK(out.ptr[i - 1] == '\n' ? out.ptr[i] != ' ' && out.ptr[i] != '\t'
                                          : (out.ptr[i - 1] == '\r') == (out.ptr[i] == '\n'));
    free(out.ptr);
}

static void
check_parts(struct prov_str message, const struct prov_sip *s)
{
    static const char *const names[] = { "tag", "rport", "reboot", "url", "" };

    FUZZ_CHECK(inside(s->method, message) && inside(s->uri, message) && inside(s->head, message));
    FUZZ_CHECK(inside(s->body, message) && inside(s->cseq_method, message));
    FUZZ_CHECK(s->request ? s->method.len > 0 && s->uri.len > 0
                          : s->status >= 100 && s->status <= 699);
    for (unsigned i = 0; i < PROV_SIP_HEADERS; i++) {
        const struct prov_str h = s->headers[i];

        FUZZ_CHECK(inside(h, s->head) && (i > PROV_SIP_CSEQ || h.len > 0));
        FUZZ_CHECK(h.len == 0 || (!is_blank(h.ptr[0]) && !is_blank(h.ptr[h.len - 1])));
        FUZZ_CHECK(h.len == 0 || inside(prov_sip_token(h), h));
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            struct prov_str value = { NULL, 0 };

            if (prov_sip_param(h, prov_str_z(names[j]), &value))
                FUZZ_CHECK(value.ptr != NULL && inside(value, h));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size > MOST ? MOST : size };
    const unsigned how = fuzz_u8(&in);
    const struct prov_endpoint from = { how & 1 ? PROV_FAMILY_IPV4 : PROV_FAMILY_IPV6,
                                        { 192, 0, 2, 1 },
                                        5060 };
    const struct prov_str message = fuzz_rest(&in);
    struct prov_diag diag = { 0 };
    struct prov_sip s;
    const enum prov_status status = prov_sip_read(message, &s, &diag);

    if (status != PROV_OK) {
        FUZZ_CHECK(status == PROV_E_SYNTAX || status == PROV_E_LIMIT);
        FUZZ_CHECK(diag.status == status && diag.code != PROV_D_NONE);
        if (status == PROV_E_SYNTAX)
            FUZZ_CHECK(diag.line >= 1 && diag.line <= count_lines(message) + 1 && diag.column >= 1);
        return 0;
    }
    check_parts(message, &s);
    check_other_form(message, &s, how);
    check_answer(&s, (how & 16) != 0 ? &from : NULL);
    return 0;
}
