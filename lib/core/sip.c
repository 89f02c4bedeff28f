/* SPDX-License-Identifier: MIT */
#include <prov/sip.h>

#include "base/str.h"
#include "core/sip_text.h"

/* The headers that are looked at, in the order of enum prov_sip_header. */
static const struct known {
    struct prov_str name;
    char compact; /* 0 = there is no compact form */
} known[PROV_SIP_HEADERS] = {
    { PROV_STR_INIT("Via"), 'v' },
    { PROV_STR_INIT("From"), 'f' },
    { PROV_STR_INIT("To"), 't' },
    { PROV_STR_INIT("Call-ID"), 'i' },
    { PROV_STR_INIT("CSeq"), 0 },
    { PROV_STR_INIT("Event"), 'o' },
    { PROV_STR_INIT("Subscription-State"), 0 },
    { PROV_STR_INIT("Content-Type"), 'c' },
    { PROV_STR_INIT("Content-Length"), 'l' },
    { PROV_STR_INIT("Contact"), 'm' },
    { PROV_STR_INIT("Expires"), 0 },
    { PROV_STR_INIT("Accept"), 0 },
    { PROV_STR_INIT("User-Agent"), 0 },
    { PROV_STR_INIT("Content-Encoding"), 'e' },
};

/* One call of prov_sip_read(); lives on its stack. */
struct reader {
    struct prov_str text;
    struct prov_str start; /* the start line */
    struct prov_sip sip;
    struct prov_diag *diag;
};

/* What is wrong at one byte of the message; subject is the constant name of a header. */
static enum prov_status
fail(const struct reader *r, enum prov_diag_code code, const char *at, struct prov_str subject)
{
    uint32_t line = 1, column = 1;

    if (r->diag == NULL)
        return PROV_E_SYNTAX;
    for (const char *p = r->text.ptr; p < at; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n' ? 1 : 0;
    }
    *r->diag = (struct prov_diag){
        .status = PROV_E_SYNTAX,
        .code = code,
        .line = line,
        .column = column,
        .subject = subject,
    };
    return PROV_E_SYNTAX;
}

static enum prov_status
too_much(const struct reader *r, enum prov_diag_code code, size_t most)
{
    if (r->diag != NULL)
        *r->diag = (struct prov_diag){ .status = PROV_E_LIMIT, .code = code, .need = most };
    return PROV_E_LIMIT;
}

/* RFC 3261: what names, methods and event types are made of. */
static bool
is_token(struct prov_str s)
{
    static const char more[] = "-.!%*_+`'~";

    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];

        if (!prov_is_alpha(c) && !prov_is_digit(c) && memchr(more, c, sizeof(more) - 1) == NULL)
            return false;
    }
    return s.len > 0;
}

/* ---- Lines ---- */

/* A byte that no line may hold: two readers would not agree where the line ends. */
static bool
is_control(const char *p)
{
    const unsigned char c = (unsigned char)*p;

    return (c < 0x20 && c != '\t' && !(c == '\r' && p[1] == '\n')) || c == 0x7F;
}

/* Past the end of the line that begins at from; false if it has none or holds what it must not. */
static bool
take_line(const struct reader *r, size_t from, size_t *next)
{
    const struct prov_str none = { NULL, 0 };
    const char *p = r->text.ptr + from;
    const char *lf = memchr(p, '\n', r->text.len - from);
    const char *end = lf != NULL ? lf : r->text.ptr + r->text.len;

    for (; p < end; p++) {
        /* Before an end that is missing, a CR has nothing behind it that could be looked at. */
        if (p + 1 == end && lf == NULL && *p == '\r')
            break;
        if (is_control(p)) {
            (void)fail(r, PROV_D_SIP_CONTROL, p, none);
            return false;
        }
    }
    if (lf == NULL) {
        (void)fail(r, PROV_D_SIP_CUT, end, none);
        return false;
    }
    *next = (size_t)(lf + 1 - r->text.ptr);
    return true;
}

static bool
is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

/* Start line, head and what is behind the empty line. */
static enum prov_status
split(struct reader *r)
{
    const struct prov_str none = { NULL, 0 };
    size_t from = 0, at, next;

    while (from < r->text.len && is_line_end(r->text.ptr[from]))
        from++;
    if (from == r->text.len)
        return fail(r, PROV_D_SIP_EMPTY, r->text.ptr, none);
    if (!take_line(r, from, &at))
        return PROV_E_SYNTAX;
    r->start = prov_str_trim(prov_str_cut(r->text, from, at));
    r->sip.head = prov_str_cut(r->text, at, at);
    for (next = at; at < r->text.len; at = next) {
        if (!take_line(r, at, &next))
            return PROV_E_SYNTAX;
        if (is_line_end(r->text.ptr[at]))
            break;
        r->sip.head.len = next - (size_t)(r->sip.head.ptr - r->text.ptr);
    }
    r->sip.body = prov_str_cut(r->text, next, r->text.len);
    return PROV_OK;
}

/* ---- Start line ---- */

/* The next word, empty at the end. */
static struct prov_str
word(struct prov_str *rest)
{
    const struct prov_str s = prov_str_trim(*rest);
    size_t n = 0;

    while (n < s.len && !prov_is_blank(s.ptr[n]))
        n++;
    *rest = prov_str_cut(s, n, s.len);
    return prov_str_cut(s, 0, n);
}

static bool
is_version(struct prov_str s)
{
    return prov_str_eq_nocase(s, prov_str_z("SIP/2.0"));
}

static bool
read_status(struct prov_str s, uint16_t *status)
{
    unsigned value = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (!prov_is_digit(s.ptr[i]) || i == 3)
            return false;
        value = value * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *status = (uint16_t)value;
    return s.len == 3 && value >= 100 && value <= 699;
}

static enum prov_status
read_start(struct reader *r)
{
    const struct prov_str none = { NULL, 0 };
    struct prov_str rest = r->start;
    const struct prov_str first = word(&rest), second = word(&rest), third = word(&rest);
    bool good;

    if (is_version(first)) {
        good = read_status(second, &r->sip.status);
    } else {
        r->sip.request = true;
        r->sip.method = first;
        r->sip.uri = second;
        good = is_token(first) && is_version(third) && rest.len == 0;
    }
    return good ? PROV_OK : fail(r, PROV_D_SIP_START_LINE, r->start.ptr, none);
}

/* ---- Headers ---- */

bool
prov_sip_next_header(struct prov_str *rest, struct prov_str *name, struct prov_str *value)
{
    size_t end = 0, colon = 0;
    const struct prov_str s = *rest;

    if (s.len == 0)
        return false;
    do {
        while (s.ptr[end] != '\n')
            end++;
        end++;
    } while (end < s.len && (s.ptr[end] == ' ' || s.ptr[end] == '\t'));
    while (colon < end && s.ptr[colon] != ':')
        colon++;
    *rest = prov_str_cut(s, end, s.len);
    *name = prov_str_trim(prov_str_cut(s, 0, colon));
    colon += colon < end ? 1 : 0;
    *value = prov_str_trim(prov_str_cut(s, colon, end));
    if (value->len == 0) /* not where the next line begins */
        *value = prov_str_cut(s, colon, colon);
    /* A first line that begins with a blank continues nothing. */
    if (s.ptr[colon - 1] != ':' || !is_token(*name) || name->ptr != s.ptr)
        *name = prov_str_cut(s, 0, 0);
    return true;
}

/* The header of this name; PROV_SIP_HEADERS if nobody looks at it. */
static size_t
find_known(struct prov_str name)
{
    size_t i = 0;

    while (i < PROV_SIP_HEADERS && !prov_str_eq_nocase(known[i].name, name) &&
           !(name.len == 1 && prov_lower(name.ptr[0]) == known[i].compact))
        i++;
    return i;
}

bool
prov_sip_is_via(struct prov_str name)
{
    return find_known(name) == PROV_SIP_VIA;
}

static enum prov_status
read_headers(struct reader *r)
{
    struct prov_str rest = r->sip.head, name, value;
    unsigned count = 0;

    while (prov_sip_next_header(&rest, &name, &value)) {
        if (name.len == 0)
            return fail(r, PROV_D_SIP_HEADER_LINE, name.ptr, name);
        if (++count > PROV_SIP_HEADER_LINES)
            return too_much(r, PROV_D_SIP_TOO_MANY_HEADERS, PROV_SIP_HEADER_LINES);
        const size_t i = find_known(name);

        if (i < PROV_SIP_HEADERS && r->sip.headers[i].ptr == NULL)
            r->sip.headers[i] = value;
    }
    return PROV_OK;
}

/* ---- Values ---- */

static bool
is_word(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (prov_is_blank(s.ptr[i]))
            return false;
    }
    return s.len > 0;
}

/* `SIP / 2.0 / UDP host`: the protocol's name alone tells that it is a Via. */
static bool
is_via(struct prov_str s)
{
    size_t i = 3;

    while (i < s.len && prov_is_blank(s.ptr[i]))
        i++;
    return i < s.len && s.ptr[i] == '/' &&
           prov_str_eq_nocase(prov_str_cut(s, 0, 3), prov_str_z("SIP"));
}

static bool
read_number(struct prov_str s, uint32_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (!prov_is_digit(s.ptr[i]))
            return false;
        value = value * 10 + (unsigned)(s.ptr[i] - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)value;
    return s.len > 0;
}

static bool
read_cseq(struct prov_sip *sip)
{
    struct prov_str rest = sip->headers[PROV_SIP_CSEQ];

    if (!read_number(word(&rest), &sip->cseq))
        return false;
    sip->cseq_method = word(&rest);
    return is_token(sip->cseq_method) && rest.len == 0;
}

static enum prov_status
check_values(struct reader *r)
{
    const struct prov_str *h = r->sip.headers;
    const char *end = r->sip.head.ptr + r->sip.head.len;

    for (size_t i = PROV_SIP_VIA; i <= PROV_SIP_CSEQ; i++) {
        if (h[i].ptr == NULL)
            return fail(r, PROV_D_SIP_HEADER_MISSING, end, known[i].name);
    }
    const bool good[] = { is_via(h[PROV_SIP_VIA]), h[PROV_SIP_FROM].len > 0, h[PROV_SIP_TO].len > 0,
                          is_word(h[PROV_SIP_CALL_ID]), read_cseq(&r->sip) };

    for (size_t i = PROV_SIP_VIA; i <= PROV_SIP_CSEQ; i++) {
        if (!good[i])
            return fail(r, PROV_D_SIP_HEADER_VALUE, h[i].ptr, known[i].name);
    }
    return PROV_OK;
}

static enum prov_status
cut_body(struct reader *r)
{
    const struct prov_str length = r->sip.headers[PROV_SIP_CONTENT_LENGTH];
    const struct prov_str name = known[PROV_SIP_CONTENT_LENGTH].name;
    uint32_t bytes;

    if (length.ptr == NULL)
        return PROV_OK;
    if (!read_number(length, &bytes))
        return fail(r, PROV_D_SIP_HEADER_VALUE, length.ptr, name);
    if (bytes > r->sip.body.len)
        return fail(r, PROV_D_SIP_LENGTH, length.ptr, name);
    r->sip.body.len = bytes;
    return PROV_OK;
}

enum prov_status
prov_sip_read(struct prov_str message, struct prov_sip *out, struct prov_diag *diag)
{
    struct reader r = { .text = message, .diag = diag };
    enum prov_status status;

    if (out == NULL) {
        if (diag != NULL)
            *diag = (struct prov_diag){ .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };
        return PROV_E_ARG;
    }
    if (message.len > PROV_SIP_MAX)
        return too_much(&r, PROV_D_SIP_TOO_LONG, PROV_SIP_MAX);
    status = split(&r);
    if (status == PROV_OK)
        status = read_start(&r);
    if (status == PROV_OK)
        status = read_headers(&r);
    if (status == PROV_OK)
        status = check_values(&r);
    if (status == PROV_OK)
        status = cut_body(&r);
    if (status == PROV_OK)
        *out = r.sip;
    return status;
}

/* ---- Parameters ---- */

/* Past the end of quotes or brackets that begin at at; s.len if they have none. */
static size_t
skip_closed(struct prov_str s, size_t at)
{
    const char end = s.ptr[at] == '<' ? '>' : '"';

    for (at++; at < s.len && s.ptr[at] != end; at++) {
        if (end == '"' && s.ptr[at] == '\\')
            at++;
    }
    return at < s.len ? at + 1 : s.len;
}

size_t
prov_sip_find(struct prov_str s, size_t at, char what)
{
    while (at < s.len && s.ptr[at] != what) {
        if (s.ptr[at] == ',')
            return s.len;
        at = s.ptr[at] == '"' || s.ptr[at] == '<' ? skip_closed(s, at) : at + 1;
    }
    return at;
}

static size_t
skip_blanks(struct prov_str s, size_t at)
{
    while (at < s.len && prov_is_blank(s.ptr[at]))
        at++;
    return at;
}

/* Past a word that ends at a blank, a separator, or `=` if it is a name. */
static size_t
skip_word(struct prov_str s, size_t at, bool name)
{
    while (at < s.len && !prov_is_blank(s.ptr[at]) && s.ptr[at] != ';' && s.ptr[at] != ',' &&
           !(name && s.ptr[at] == '='))
        at++;
    return at;
}

/* The value behind `=`; empty, where it would stand, if there is none. */
static struct prov_str
param_value(struct prov_str s, size_t at)
{
    const size_t equals = skip_blanks(s, at);

    if (equals == s.len || s.ptr[equals] != '=')
        return prov_str_cut(s, at, at);
    at = skip_blanks(s, equals + 1);
    if (at == s.len || s.ptr[at] != '"')
        return prov_str_cut(s, at, skip_word(s, at, false));
    const size_t end = skip_closed(s, at);
    const bool closed = end > at + 1 && s.ptr[end - 1] == '"';

    return prov_str_cut(s, at + 1, closed ? end - 1 : end);
}

bool
prov_sip_param(struct prov_str header, struct prov_str name, struct prov_str *value)
{
    for (size_t at = prov_sip_find(header, 0, ';'); at < header.len;
         at = prov_sip_find(header, at, ';')) {
        const size_t from = skip_blanks(header, at + 1);

        at = skip_word(header, from, true);
        if (!prov_str_eq_nocase(prov_str_cut(header, from, at), name))
            continue;
        if (value != NULL)
            *value = param_value(header, at);
        return true;
    }
    return false;
}

struct prov_str
prov_sip_token(struct prov_str header)
{
    size_t n = 0;

    while (n < header.len && header.ptr[n] != ';')
        n++;
    return prov_str_trim(prov_str_cut(header, 0, n));
}
