/* SPDX-License-Identifier: MIT */

/*
 * Files of certificates, read once from front to back: marks of PEM, base64, DER. What was read is
 * written as PEM at the same time; for a check alone, into a buffer without room, which counts.
 */

#include <prov/cert.h>

#include "base/buf.h"
#include "base/str.h"

#define LINE 64u /* characters of base64 */

enum tag {
    TAG_INTEGER = 0x02,
    TAG_BIT_STRING = 0x03,
    TAG_SEQUENCE = 0x30,
    TAG_CONTEXT_0 = 0xA0, /* version */
    TAG_CONTEXT_1 = 0x81, /* issuerUniqueID */
    TAG_CONTEXT_2 = 0x82, /* subjectUniqueID */
    TAG_CONTEXT_3 = 0xA3, /* extensions */
};

/* The file, and how far it has been read. */
struct reader {
    struct prov_str file;
    size_t pos;
    uint32_t line, column; /* of that byte; line 0 = in DER, column counts bytes */
    bool pem;
    bool padded;      /* base64 has ended with `=` */
    uint8_t group[3]; /* decoded, `taken` of them used */
    unsigned have, taken;
    uint32_t bytes; /* of this certificate, up to now */
    struct prov_buf *out;
    unsigned out_have; /* bytes that wait for a group, and characters of the line */
    unsigned out_column;
    uint8_t out_group[3];
    struct prov_diag diag; /* of the first fault; code 0 = none */
};

/* Always false. */
static bool
fail(struct reader *r, enum prov_status status, enum prov_diag_code code)
{
    if (r->diag.code == PROV_D_NONE)
        r->diag = (struct prov_diag){
            .status = status, .code = code, .line = r->line, .column = r->column
        };
    return false;
}

/* ---- Writing ---- */

static void
put_group(struct reader *r)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *g = r->out_group;
    const char text[4] = {
        digits[g[0] >> 2],
        digits[(g[0] & 3) << 4 | g[1] >> 4],
        r->out_have > 1 ? digits[(g[1] & 15) << 2 | g[2] >> 6] : '=',
        r->out_have > 2 ? digits[g[2] & 63] : '=',
    };

    prov_buf_put(r->out, text, sizeof(text));
    r->out_column += (unsigned)sizeof(text);
    if (r->out_column == LINE) {
        prov_buf_put_char(r->out, '\n');
        r->out_column = 0;
    }
    memset(r->out_group, 0, sizeof(r->out_group));
    r->out_have = 0;
}

static void
put_byte(struct reader *r, uint8_t byte)
{
    r->out_group[r->out_have++] = byte;
    if (r->out_have == sizeof(r->out_group))
        put_group(r);
}

static void
put_begin(struct reader *r)
{
    prov_buf_put_z(r->out, "-----BEGIN CERTIFICATE-----\n");
}

static void
put_end(struct reader *r)
{
    if (r->out_have > 0)
        put_group(r);
    if (r->out_column > 0)
        prov_buf_put_char(r->out, '\n');
    r->out_column = 0;
    prov_buf_put_z(r->out, "-----END CERTIFICATE-----\n");
}

/* ---- Bytes ---- */

static bool
at_end(const struct reader *r)
{
    return r->pos == r->file.len;
}

static void
move(struct reader *r)
{
    r->column++;
    if (r->line != 0 && r->file.ptr[r->pos] == '\n') {
        r->line++;
        r->column = 1;
    }
    r->pos++;
}

/* Past line ends; is there a character of base64 behind them? */
static bool
at_character(struct reader *r)
{
    const char *p = r->file.ptr;

    while (!at_end(r) && (p[r->pos] == '\n' ||
                          (p[r->pos] == '\r' && r->pos + 1 < r->file.len && p[r->pos + 1] == '\n')))
        move(r);
    return !at_end(r) && !(p[r->pos] == '-' && r->column == 1);
}

/* One character of four: 0..63, or -1 for a padding, -2 for what cannot stand here. */
static int
take_character(struct reader *r, unsigned place, bool padding)
{
    int value;

    if (!at_character(r)) {
        fail(r, PROV_E_SYNTAX, PROV_D_CERT_CUT);
        return -2;
    }
    value = prov_base64_value(r->file.ptr[r->pos]);
    if (value < 0 && r->file.ptr[r->pos] == '=' && place >= 2)
        value = 64;
    if (value < 0 || (padding && value != 64)) {
        fail(r, PROV_E_SYNTAX, PROV_D_CERT_BASE64);
        return -2;
    }
    move(r);
    return value == 64 ? -1 : value;
}

/* Four characters to up to three bytes; false at the end, too. */
static bool
take_group(struct reader *r)
{
    uint32_t bits = 0;
    unsigned pads = 0;

    if (!at_character(r))
        return false;
    if (r->padded)
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_BASE64);
    for (unsigned i = 0; i < 4; i++) {
        const int value = take_character(r, i, pads > 0);

        if (value < -1)
            return false;
        pads += value < 0;
        bits = bits << 6 | (value < 0 ? 0 : (uint32_t)value);
    }
    r->padded = pads > 0;
    r->have = 3 - pads;
    r->taken = 0;
    for (unsigned i = 0; i < 3; i++)
        r->group[i] = (uint8_t)(bits >> (16 - 8 * i));
    if ((pads > 0 && r->group[2] != 0) || (pads > 1 && r->group[1] != 0))
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_BASE64);
    return true;
}

/* Is there another byte of this certificate? */
static bool
has_byte(struct reader *r)
{
    return r->pem ? r->taken < r->have || take_group(r) : !at_end(r);
}

static bool
take_byte(struct reader *r, uint8_t *byte)
{
    if (!has_byte(r))
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_CUT);
    if (r->pem) {
        *byte = r->group[r->taken++];
    } else {
        *byte = (uint8_t)r->file.ptr[r->pos];
        move(r);
    }
    r->bytes++;
    put_byte(r, *byte);
    return true;
}

/* ---- DER ---- */

/* The shortest form that there is; no file is so long that three bytes would be needed. */
static bool
take_length(struct reader *r, uint32_t *len)
{
    uint8_t first, byte;
    uint32_t n = 0;

    if (!take_byte(r, &first))
        return false;
    *len = first;
    if (first < 0x80)
        return true;
    if (first != 0x81 && first != 0x82)
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_LENGTH);
    for (unsigned i = 0x80; i < first; i++) {
        if (!take_byte(r, &byte))
            return false;
        n = n << 8 | byte;
    }
    *len = n;
    return n >= (first == 0x81 ? 0x80u : 0x100u) || fail(r, PROV_E_SYNTAX, PROV_D_CERT_LENGTH);
}

/* Tag and length; what they announce ends at or before `end`. */
static bool
take_head(struct reader *r, uint32_t end, uint8_t *tag, uint32_t *stop)
{
    uint32_t len;

    if (!take_byte(r, tag) || !take_length(r, &len))
        return false;
    if (r->bytes > end || len > end - r->bytes)
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_LENGTH);
    *stop = r->bytes + len;
    return true;
}

static bool
skip_to(struct reader *r, uint32_t stop)
{
    uint8_t byte;

    while (r->bytes < stop) {
        if (!take_byte(r, &byte))
            return false;
    }
    return true;
}

static bool
take_field(struct reader *r, uint32_t end, enum tag wanted)
{
    uint8_t tag;
    uint32_t stop;

    if (!take_head(r, end, &tag, &stop))
        return false;
    if (tag != wanted)
        return fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER);
    return skip_to(r, stop);
}

/* RFC 5280 section 4.1, by tags. */
static const struct {
    uint8_t tag;
    bool may_miss;
} fields[] = {
    { TAG_CONTEXT_0, true }, /* version */
    { TAG_INTEGER, false },  /* serialNumber */
    { TAG_SEQUENCE, false }, /* signature */
    { TAG_SEQUENCE, false }, /* issuer */
    { TAG_SEQUENCE, false }, /* validity */
    { TAG_SEQUENCE, false }, /* subject */
    { TAG_SEQUENCE, false }, /* subjectPublicKeyInfo */
    { TAG_CONTEXT_1, true }, /* issuerUniqueID */
    { TAG_CONTEXT_2, true }, /* subjectUniqueID */
    { TAG_CONTEXT_3, true }, /* extensions */
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* The part that is signed, behind its head. */
static bool
take_signed(struct reader *r, uint32_t end)
{
    size_t at = 0;

    while (r->bytes < end) {
        uint8_t tag;
        uint32_t stop;

        if (!take_head(r, end, &tag, &stop))
            return false;
        while (at < FIELDS && fields[at].tag != tag && fields[at].may_miss)
            at++;
        if (at == FIELDS || fields[at].tag != tag)
            return fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER);
        at++;
        if (!skip_to(r, stop))
            return false;
    }
    while (at < FIELDS && fields[at].may_miss)
        at++;
    return at == FIELDS || fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER);
}

/* A private key begins with its version, a short number, where a certificate has what is signed. */
static bool
take_certificate(struct reader *r)
{
    uint8_t tag;
    uint32_t end, stop;

    r->bytes = 0;
    put_begin(r);
    if (!take_head(r, UINT32_MAX, &tag, &end))
        return false;
    if (tag != TAG_SEQUENCE)
        return fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER);
    if (!take_head(r, end, &tag, &stop))
        return false;
    if (tag == TAG_INTEGER && stop == r->bytes + 1)
        return fail(r, PROV_E_DENIED, PROV_D_CERT_KEY);
    if (tag != TAG_SEQUENCE)
        return fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER);
    if (!take_signed(r, stop) || !take_field(r, end, TAG_SEQUENCE) ||
        !take_field(r, end, TAG_BIT_STRING))
        return false;
    if (r->bytes < end)
        return has_byte(r) ? fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER)
                           : fail(r, PROV_E_SYNTAX, PROV_D_CERT_CUT);
    if (has_byte(r))
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_BEHIND);
    put_end(r);
    return r->diag.code == PROV_D_NONE;
}

/* ---- PEM ---- */

/* The rest of the line, without its end. */
static struct prov_str
line_of(const struct reader *r)
{
    size_t end = r->pos;

    while (end < r->file.len && r->file.ptr[end] != '\n')
        end++;
    if (end > r->pos && end < r->file.len && r->file.ptr[end - 1] == '\r')
        end--;
    return prov_str_cut(r->file, r->pos, end);
}

static void
skip_line(struct reader *r)
{
    while (!at_end(r) && r->file.ptr[r->pos] != '\n')
        move(r);
    if (!at_end(r))
        move(r);
}

static bool
begins_with(struct prov_str s, struct prov_str head)
{
    return s.len >= head.len && prov_str_eq(prov_str_cut(s, 0, head.len), head);
}

static bool
ends_with(struct prov_str s, struct prov_str tail)
{
    return s.len >= tail.len && prov_str_eq(prov_str_cut(s, s.len - tail.len, s.len), tail);
}

static const struct prov_str dashes = PROV_STR_INIT("-----");

/* The words of a mark such as `-----BEGIN X-----`; false if the line is none. */
static bool
is_mark(struct prov_str line, struct prov_str head, struct prov_str *label)
{
    if (!begins_with(line, head) || line.len < head.len + dashes.len || !ends_with(line, dashes))
        return false;
    *label = prov_str_cut(line, head.len, line.len - dashes.len);
    return true;
}

/* What stands between two marks. */
static bool
take_block(struct reader *r, struct prov_str label)
{
    static const struct prov_str end = PROV_STR_INIT("-----END ");
    struct prov_str last;

    if (ends_with(label, prov_str_z("PRIVATE KEY")))
        return fail(r, PROV_E_DENIED, PROV_D_CERT_KEY);
    if (!prov_str_eq(label, prov_str_z("CERTIFICATE")) &&
        !prov_str_eq(label, prov_str_z("X509 CERTIFICATE")))
        return fail(r, PROV_E_TYPE, PROV_D_CERT_OTHER);
    skip_line(r);
    r->padded = false;
    r->have = r->taken = 0;
    if (!take_certificate(r))
        return false;
    if (!is_mark(line_of(r), end, &last) || !prov_str_eq(last, label))
        return fail(r, PROV_E_SYNTAX, PROV_D_CERT_MARK);
    skip_line(r);
    return true;
}

static bool
take_text(struct reader *r, uint32_t *count)
{
    static const struct prov_str begin = PROV_STR_INIT("-----BEGIN ");
    struct prov_str label;

    while (!at_end(r)) {
        const struct prov_str line = line_of(r);

        if (!begins_with(line, dashes)) {
            skip_line(r);
            continue;
        }
        if (!is_mark(line, begin, &label))
            return fail(r, PROV_E_SYNTAX, PROV_D_CERT_MARK);
        if (!take_block(r, label))
            return false;
        ++*count;
    }
    r->line = r->column = 0;
    return *count > 0 || fail(r, PROV_E_TYPE, PROV_D_CERT_NONE);
}

/* ---- Files ---- */

/* No certificate is so short that its length would take one byte; no text has such a second one. */
static bool
is_der(struct prov_str file)
{
    return file.len >= 2 && file.ptr[0] == TAG_SEQUENCE && ((unsigned char)file.ptr[1] & 0x80) != 0;
}

static void
too_long(struct reader *r)
{
    r->line = r->column = 0;
    (void)fail(r, PROV_E_LIMIT, PROV_D_CERT_LONG);
    r->diag.need = PROV_CERT_FILE_BYTES;
}

static enum prov_status
read_file(struct prov_str source, struct prov_str file, struct prov_buf *out,
          struct prov_certs *found, struct prov_diag *diag)
{
    static const struct prov_str mark = PROV_STR_INIT("\xEF\xBB\xBF");
    struct reader r = { .file = file, .column = 1, .out = out, .pem = !is_der(file) };
    const size_t before = out->len;

    r.line = r.pem;
    r.pos = begins_with(file, mark) ? mark.len : 0;
    *found = (struct prov_certs){ .form = r.pem ? PROV_CERT_PEM : PROV_CERT_DER };
    if (file.len > PROV_CERT_FILE_BYTES)
        too_long(&r);
    else if (r.pem)
        (void)take_text(&r, &found->count);
    else if (take_certificate(&r))
        found->count = 1;
    found->pem_bytes = out->len - before;
    if (found->pem_bytes > PROV_CERT_FILE_BYTES)
        too_long(&r);
    r.diag.source = source;
    if (diag != NULL && r.diag.code != PROV_D_NONE)
        *diag = r.diag;
    return r.diag.status;
}

enum prov_status
prov_cert_read(struct prov_str source, struct prov_str file, struct prov_certs *out,
               struct prov_diag *diag)
{
    struct prov_buf counter = { NULL, 0, 0 };
    struct prov_certs found;
    enum prov_status status;

    if (out == NULL) {
        if (diag != NULL)
            *diag = (struct prov_diag){ .status = PROV_E_ARG, .code = PROV_D_BAD_ARGUMENT };
        return PROV_E_ARG;
    }
    status = read_file(source, file, &counter, &found, diag);
    if (status == PROV_OK)
        *out = found;
    return status;
}

enum prov_status
prov_cert_put(struct prov_str file, struct prov_buf *out)
{
    struct prov_certs unused;
    enum prov_status status;
    size_t mark;

    if (out == NULL)
        return PROV_E_ARG;
    mark = out->len;
    status = read_file(prov_str_z(""), file, out, &unused, NULL);
    if (status == PROV_OK && !prov_buf_fits(out))
        status = PROV_E_SPACE;
    if (status != PROV_OK)
        out->len = mark;
    return status;
}
