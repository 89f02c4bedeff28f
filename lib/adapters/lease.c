/* SPDX-License-Identifier: MIT */
#include "lease_in.h"

#define BOOTP_BYTES 236u /* before the cookie */
#define YIADDR_AT 16u
#define SNAME_AT 44u
#define FILE_AT 108u
#define SNAME_BYTES 64u
#define FILE_BYTES 128u

static const uint8_t cookie[4] = { 0x63, 0x82, 0x53, 0x63 };

/* ---- characters ---- */

bool
prov_lease_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int
prov_lease_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
prov_lease_number(struct prov_str digits, int64_t most, int64_t *out)
{
    int64_t n = 0;

    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || n > most / 10)
            return false;
        n = n * 10 + (digits.ptr[i] - '0');
    }
    if (digits.len == 0 || n > most)
        return false;
    *out = n;
    return true;
}

bool
prov_lease_starts(struct prov_str s, struct prov_str with)
{
    return s.len >= with.len && memcmp(s.ptr, with.ptr, with.len) == 0;
}

const struct prov_lease_name *
prov_lease_name(const struct prov_lease_name *names, size_t count, struct prov_str name, bool v6)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].v6 == v6 && prov_str_eq(names[i].name, name))
            return &names[i];
    }
    return NULL;
}

/* Text that is no address says nothing. */
bool
prov_lease_is_elsewhere(const struct prov_lease_query *q, struct prov_str address)
{
    struct prov_endpoint e;

    return !q->v6 && q->address.family != PROV_FAMILY_NONE &&
           prov_endpoint_parse(address, &e) == PROV_OK && !prov_endpoint_same_host(&e, &q->address);
}

static bool
put_address(struct prov_str text, struct prov_buf *value)
{
    struct prov_endpoint e;

    if (prov_endpoint_parse(text, &e) != PROV_OK || e.family != PROV_FAMILY_IPV4 || e.port != 0 ||
        value->cap - value->len < 4)
        return false;
    memcpy(value->ptr + value->len, e.addr, 4);
    value->len += 4;
    return true;
}

bool
prov_lease_addresses(struct prov_str text, struct prov_buf *value)
{
    size_t i = 0;

    while (i < text.len) {
        size_t end = i;

        while (end < text.len && !prov_lease_is_blank(text.ptr[end]) && text.ptr[end] != ',')
            end++;
        if (end > i && !put_address(prov_str_cut(text, i, end), value))
            return false;
        i = end + 1;
    }
    return true;
}

/* ---- writing options ---- */

static enum prov_status
put_piece(struct prov_lease_out *o, uint16_t code, struct prov_str value)
{
    const uint8_t v4[2] = { (uint8_t)code, (uint8_t)value.len };
    const uint8_t v6[4] = { (uint8_t)(code >> 8), (uint8_t)code, (uint8_t)(value.len >> 8),
                            (uint8_t)value.len };
    const size_t head = o->v6 ? sizeof(v6) : sizeof(v4);
    struct prov_buf *b = o->buf;

    if (b->cap - b->len < head + value.len)
        return PROV_E_SPACE;
    memcpy(b->ptr + b->len, o->v6 ? v6 : v4, head);
    memcpy(b->ptr + b->len + head, value.ptr, value.len);
    b->len += head + value.len;
    return PROV_OK;
}

/* Codes that cannot be an option, and options without a value, are left out. */
enum prov_status
prov_lease_put(struct prov_lease_out *o, int64_t code, struct prov_str value)
{
    enum prov_status status = PROV_OK;
    const size_t most = o->v6 ? UINT16_MAX : UINT8_MAX;

    if (code < 1 || code > (o->v6 ? UINT16_MAX : 254) || value.len == 0 ||
        (o->seen[code / 8] & (1u << (code % 8))) != 0)
        return PROV_OK;
    o->seen[code / 8] = (uint8_t)(o->seen[code / 8] | (1u << (code % 8)));
    for (size_t at = 0; status == PROV_OK && at < value.len;) {
        const size_t n = value.len - at < most ? value.len - at : most;

        status = put_piece(o, (uint16_t)code, prov_str_cut(value, at, at + n));
        at += n;
    }
    return status;
}

/* A text that does not fit into the field cannot have come from there. */
static void
keep(struct prov_lease_out *o, struct prov_str *field, size_t most, struct prov_str value)
{
    if (field->len > 0 || value.len == 0 || value.len > most)
        return;
    memcpy(o->texts + o->texts_len, value.ptr, value.len);
    *field = (struct prov_str){ o->texts + o->texts_len, value.len };
    o->texts_len += value.len;
}

enum prov_status
prov_lease_put_known(struct prov_lease_out *o, const struct prov_lease_name *n,
                     struct prov_str value)
{
    static const struct prov_str bad = PROV_STR_INIT("bad");
    char bytes[256];
    struct prov_buf list = { bytes, sizeof(bytes), 0 };

    switch (n->kind) {
    case PROV_LEASE_HOST:
        o->replaced = o->replaced || (n->code == 66 && prov_str_eq(value, bad));
        return prov_str_eq(value, bad) ? PROV_OK : prov_lease_put(o, n->code, value);
    case PROV_LEASE_ADDRESSES:
        return prov_lease_addresses(value, &list) ? prov_lease_put(o, n->code, prov_buf_str(&list))
                                                  : PROV_E_SYNTAX;
    case PROV_LEASE_SNAME:
        if (!prov_str_eq(value, bad))
            keep(o, &o->sname, SNAME_BYTES, value);
        return PROV_OK;
    case PROV_LEASE_FILE:
        keep(o, &o->file, FILE_BYTES, value);
        return PROV_OK;
    case PROV_LEASE_BYTES:
        break;
    }
    return prov_lease_put(o, n->code, value);
}

/* BOOTP fields have no place among options: whether they stand in for some is the dialect's matter
 * (DHC-5), so the packet is made that they were in. */
static enum prov_status
put_bootp(struct prov_lease_out *o)
{
    const size_t head = BOOTP_BYTES + sizeof(cookie);
    struct prov_buf *b = o->buf;
    char *p = b->ptr + o->mark;

    if (o->sname.len == 0 && o->file.len == 0)
        return PROV_OK;
    if (b->cap - b->len < head)
        return PROV_E_SPACE;
    memmove(p + head, p, b->len - o->mark);
    memset(p, 0, BOOTP_BYTES);
    p[0] = 2; /* a reply, Ethernet */
    p[1] = 1;
    p[2] = 6;
    if (o->sname.len > 0)
        memcpy(p + SNAME_AT, o->sname.ptr, o->sname.len);
    if (o->file.len > 0)
        memcpy(p + FILE_AT, o->file.ptr, o->file.len);
    memcpy(p + BOOTP_BYTES, cookie, sizeof(cookie));
    b->len += head;
    return PROV_OK;
}

/* ---- packets ---- */

static bool
is_packet(struct prov_str file, bool v6)
{
    if (v6) /* Advertise or Reply */
        return file.len >= 4 && (file.ptr[0] == 2 || file.ptr[0] == 7);
    return file.len > BOOTP_BYTES + sizeof(cookie) && file.ptr[0] == 2 &&
           memcmp(file.ptr + BOOTP_BYTES, cookie, sizeof(cookie)) == 0;
}

/* The address that was given is in the packet; an answer to DHCPINFORM has none. */
static bool
is_packet_elsewhere(const struct prov_lease_query *q, struct prov_str file)
{
    static const char none[4] = { 0 };
    const char *given = file.ptr + YIADDR_AT;

    return !q->v6 && q->address.family == PROV_FAMILY_IPV4 && memcmp(given, none, 4) != 0 &&
           memcmp(given, q->address.addr, 4) != 0;
}

static enum prov_status
read_packet(const struct prov_lease_query *q, struct prov_str file, struct prov_lease_out *o,
            uint32_t *line)
{
    struct prov_buf *b = o->buf;

    *line = 0;
    if (!is_packet(file, q->v6))
        return PROV_E_SYNTAX;
    if (is_packet_elsewhere(q, file))
        return PROV_E_NOT_FOUND;
    if (file.len > PROV_LEASE_OUT_BYTES)
        return PROV_E_LIMIT;
    if (file.len > b->cap - b->len)
        return PROV_E_SPACE;
    memcpy(b->ptr + b->len, file.ptr, file.len);
    b->len += file.len;
    return PROV_OK;
}

/* ---- telling them apart ---- */

static bool
is_assignment(struct prov_str line)
{
    size_t i = 0;

    while (i < line.len && ((line.ptr[i] >= 'a' && line.ptr[i] <= 'z') ||
                            (line.ptr[i] >= 'A' && line.ptr[i] <= 'Z') || line.ptr[i] == '_' ||
                            line.ptr[i] == ' ' || (i > 0 && prov_lease_hex(line.ptr[i]) >= 0)))
        i++;
    return i > 0 && i < line.len && line.ptr[i] == '=';
}

/* What a line shows about its file, #PROV_LEASE_AUTO if nothing. */
static enum prov_lease_form
form_of_line(struct prov_str line)
{
    static const struct {
        struct prov_str start;
        enum prov_lease_form form;
    } starts[] = {
        { PROV_STR_INIT("lease {"), PROV_LEASE_DHCLIENT },
        { PROV_STR_INIT("lease6 {"), PROV_LEASE_DHCLIENT },
        { PROV_STR_INIT("default-duid "), PROV_LEASE_DHCLIENT },
        { PROV_STR_INIT("SERVER_ADDRESS="), PROV_LEASE_NETWORKD },
        { PROV_STR_INIT("VENDOR_SPECIFIC="), PROV_LEASE_NETWORKD },
        { PROV_STR_INIT("OPTION_"), PROV_LEASE_NETWORKD },
        { PROV_STR_INIT("interface="), PROV_LEASE_UDHCPC },
    };

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (prov_lease_starts(line, starts[i].start))
            return starts[i].form;
    }
    return PROV_LEASE_AUTO;
}

static enum prov_lease_form
form_of(struct prov_str file, bool v6)
{
    enum prov_lease_form guess = PROV_LEASE_AUTO;

    if (is_packet(file, v6))
        return PROV_LEASE_DHCPCD;
    for (size_t at = 0; at < file.len;) {
        const char *nl = memchr(file.ptr + at, '\n', file.len - at);
        const size_t end = nl != NULL ? (size_t)(nl - file.ptr) : file.len;
        const struct prov_str line = prov_str_cut(file, at, end);
        const enum prov_lease_form form = form_of_line(line);

        if (form != PROV_LEASE_AUTO)
            return form;
        if (is_assignment(line))
            guess = PROV_LEASE_UDHCPC;
        at = end + 1;
    }
    return guess;
}

/* ---- reading ---- */

static enum prov_status
read_as(enum prov_lease_form form, const struct prov_lease_query *q, struct prov_str file,
        struct prov_lease_out *o, uint32_t *line)
{
    switch (form) {
    case PROV_LEASE_DHCPCD:
        return read_packet(q, file, o, line);
    case PROV_LEASE_DHCLIENT:
        return prov_lease_dhclient(q, file, o, line);
    case PROV_LEASE_UDHCPC:
    case PROV_LEASE_NETWORKD:
        return prov_lease_env(q, file, o, line);
    case PROV_LEASE_AUTO:
        break;
    }
    *line = 1;
    return PROV_E_SYNTAX;
}

static enum prov_status
read_all(struct prov_lease_query *q, struct prov_str file, struct prov_buf *out, uint32_t *line)
{
    struct prov_lease_out o = { .buf = out, .mark = out->len, .v6 = q->v6 };

    if (file.len > PROV_LEASE_FILE_BYTES)
        return PROV_E_LIMIT;
    if (q->form == PROV_LEASE_AUTO)
        q->form = form_of(file, q->v6);

    enum prov_status status = read_as(q->form, q, file, &o, line);

    if (status == PROV_OK)
        status = put_bootp(&o);
    if (status == PROV_OK && out->len == o.mark)
        return PROV_E_NOT_FOUND;
    if (status == PROV_OK && q->replaced != NULL)
        *q->replaced = o.replaced;
    return status;
}

enum prov_status
prov_lease_read(const struct prov_lease_query *query, struct prov_str file, struct prov_buf *out,
                uint32_t *line)
{
    struct prov_lease_query q = { .size = sizeof(q) };
    uint32_t at = 1;

    if (query == NULL || out == NULL || (file.ptr == NULL && file.len > 0) ||
        (out->ptr == NULL && out->cap > 0) || out->len > out->cap)
        return PROV_E_ARG;
    if (prov_abi_import(&q, sizeof(q), query, sizeof(q.size)) != PROV_OK)
        return PROV_E_ABI;
    if ((unsigned)q.form > PROV_LEASE_NETWORKD)
        return PROV_E_ARG;

    const size_t mark = out->len;
    const enum prov_status status = read_all(&q, file, out, &at);

    if (status != PROV_OK)
        out->len = mark;
    if (status == PROV_E_SYNTAX && line != NULL)
        *line = at;
    return status;
}
