/* SPDX-License-Identifier: MIT */

/* The lease files of ISC dhclient: a list of blocks, the latest at the end. */

#include "lease_in.h"

#define S PROV_STR_INIT

static const struct prov_lease_name names[] = {
    { S("domain-name"), false, 15, PROV_LEASE_BYTES },
    { S("ntp-servers"), false, 42, PROV_LEASE_ADDRESSES },
    { S("vendor-encapsulated-options"), false, 43, PROV_LEASE_BYTES },
    { S("dhcp-server-identifier"), false, 54, PROV_LEASE_ADDRESSES },
    { S("vendor-class-identifier"), false, 60, PROV_LEASE_BYTES },
    { S("tftp-server-name"), false, 66, PROV_LEASE_BYTES },
    { S("bootfile-name"), false, 67, PROV_LEASE_BYTES },
    { S("vivco"), false, 124, PROV_LEASE_BYTES },
    { S("vivso"), false, 125, PROV_LEASE_BYTES },
    { S("tftp-server-address"), false, 150, PROV_LEASE_ADDRESSES },
    { S("v4-captive-portal"), false, 160, PROV_LEASE_BYTES },
    { S("dhcp6.server-id"), true, 2, PROV_LEASE_BYTES },
    { S("dhcp6.vendor-class"), true, 16, PROV_LEASE_BYTES },
    { S("dhcp6.vendor-opts"), true, 17, PROV_LEASE_BYTES },
    { S("dhcp6.bootfile-url"), true, 59, PROV_LEASE_BYTES },
};

static const struct prov_lease_name server_name = { S("server-name"), false, 0, PROV_LEASE_SNAME };
static const struct prov_lease_name filename = { S("filename"), false, 0, PROV_LEASE_FILE };

enum kind {
    END, /* of the file */
    WORD,
    STRING, /* without its quotes, escapes in place */
    MARK,   /* one of { } ; , */
    BROKEN, /* a string that does not end */
};

struct token {
    enum kind kind;
    struct prov_str text;
};

struct reader {
    const struct prov_lease_query *q;
    struct prov_lease_out *o; /* NULL: the first time through, nothing is written */
    struct prov_str file;
    size_t at;
    uint32_t line;
    struct token t; /* the present one */
    bool v6;        /* of the block */
    bool foreign;   /* it names another interface, or address */
    bool ends;      /* it says when */
    int64_t ends_s;
    int64_t starts_s; /* of the address in it */
};

/* ---- tokens ---- */

static bool
is_mark(char c)
{
    return c == '{' || c == '}' || c == ';' || c == ',';
}

static void
skip_space(struct reader *r)
{
    bool comment = false;

    for (; r->at < r->file.len; r->at++) {
        const char c = r->file.ptr[r->at];

        if (c == '\n') {
            comment = false;
            r->line++;
        } else if (c == '#') {
            comment = true;
        }
        if (!comment && !prov_lease_is_blank(c))
            return;
    }
}

static void
read_string(struct reader *r)
{
    const size_t from = ++r->at;

    while (r->at < r->file.len && r->file.ptr[r->at] != '"') {
        r->at += r->file.ptr[r->at] == '\\' && r->at + 1 < r->file.len;
        r->line += r->file.ptr[r->at] == '\n';
        r->at++;
    }
    r->t.kind = r->at < r->file.len ? STRING : BROKEN;
    r->t.text = prov_str_cut(r->file, from, r->at);
    r->at++;
}

static void
next(struct reader *r)
{
    skip_space(r);
    if (r->at >= r->file.len) {
        r->t = (struct token){ END, { NULL, 0 } };
        return;
    }
    if (r->file.ptr[r->at] == '"') {
        read_string(r);
        return;
    }

    const size_t from = r->at++;

    r->t.kind = is_mark(r->file.ptr[from]) ? MARK : WORD;
    while (r->t.kind == WORD && r->at < r->file.len && !prov_lease_is_blank(r->file.ptr[r->at]) &&
           !is_mark(r->file.ptr[r->at]) && r->file.ptr[r->at] != '"')
        r->at++;
    r->t.text = prov_str_cut(r->file, from, r->at);
}

static bool
is(const struct reader *r, char mark)
{
    return r->t.kind == MARK && r->t.text.ptr[0] == mark;
}

static bool
is_word(const struct reader *r, const char *z)
{
    return r->t.kind == WORD && prov_str_eq(r->t.text, prov_str_z(z));
}

/* To the end of a statement: `;`, or the brace that opens a block. False if there is none. */
static bool
finish(struct reader *r)
{
    while (!is(r, ';') && !is(r, '{')) {
        if (r->t.kind == END || r->t.kind == BROKEN || is(r, '}'))
            return false;
        next(r);
    }
    return true;
}

/* ---- values ---- */

static int
octal(struct prov_str s, size_t at)
{
    int n = 0;

    for (size_t i = at; i < at + 3; i++) {
        if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '7')
            return -1;
        n = n * 8 + (s.ptr[i] - '0');
    }
    return n;
}

static bool
unescape(struct prov_str s, struct prov_buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        const int byte = s.ptr[i] == '\\' ? octal(s, i + 1) : -1;

        if (out->len == out->cap)
            return false;
        if (byte >= 0)
            i += 3;
        else if (s.ptr[i] == '\\' && i + 1 < s.len)
            i++;
        out->ptr[out->len++] = byte >= 0 ? (char)byte : s.ptr[i];
    }
    return true;
}

/* `42:b:68`: one or two digits each. */
static enum prov_status
unhex(struct prov_str s, struct prov_buf *out)
{
    size_t i = 0;

    while (i < s.len) {
        int byte = prov_lease_hex(s.ptr[i++]);

        if (byte >= 0 && i < s.len && s.ptr[i] != ':') {
            const int low = prov_lease_hex(s.ptr[i++]);

            byte = low >= 0 ? byte * 16 + low : -1;
        }
        if (byte < 0 || (i < s.len && (s.ptr[i] != ':' || i + 1 == s.len)))
            return PROV_E_SYNTAX;
        if (out->len == out->cap)
            return PROV_E_LIMIT;
        out->ptr[out->len++] = (char)byte;
        i++;
    }
    return PROV_OK;
}

/* The words up to the `;`, which stand in the file as they are. */
static struct prov_str
rest_of(struct reader *r)
{
    const size_t from = (size_t)(r->t.text.ptr - r->file.ptr);
    size_t end = from;

    while (r->t.kind == WORD || is(r, ',')) {
        end = r->at;
        next(r);
    }
    return prov_str_cut(r->file, from, end);
}

static enum prov_status
take_value(struct reader *r, const struct prov_lease_name *n)
{
    char bytes[PROV_LEASE_VALUE_BYTES];
    struct prov_buf value = { bytes, sizeof(bytes), 0 };
    const struct token t = r->t;
    enum prov_status status = PROV_OK;

    if (r->o == NULL || (t.kind != STRING && t.kind != WORD))
        return PROV_OK;
    if (n->kind == PROV_LEASE_ADDRESSES)
        return prov_lease_put_known(r->o, n, rest_of(r));
    next(r);
    if (!is(r, ';')) /* a list of numbers or texts: not what these options hold */
        return PROV_OK;
    if (t.kind == WORD)
        status = unhex(t.text, &value);
    else if (!unescape(t.text, &value))
        status = PROV_E_LIMIT;
    return status == PROV_OK ? prov_lease_put_known(r->o, n, prov_buf_str(&value)) : status;
}

/* `unknown-160`, or `option-160` as the manual tells people to declare it. */
static bool
numbered(struct prov_str name, bool v6, struct prov_lease_name *out)
{
    static const struct prov_str starts[] = { S("unknown-"), S("option-") };
    static const struct prov_str space = S("dhcp6.");
    int64_t code = 0;

    if (v6 && !prov_lease_starts(name, space))
        return false;
    if (v6)
        name = prov_str_cut(name, space.len, name.len);
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (prov_lease_starts(name, starts[i]) &&
            prov_lease_number(prov_str_cut(name, starts[i].len, name.len), UINT16_MAX, &code)) {
            *out = (struct prov_lease_name){ name, v6, (uint16_t)code, PROV_LEASE_BYTES };
            return true;
        }
    }
    return false;
}

static enum prov_status
take_option(struct reader *r)
{
    struct prov_lease_name made;
    const struct prov_lease_name *n;

    next(r);
    if (r->t.kind != WORD)
        return PROV_E_SYNTAX;
    n = prov_lease_name(names, sizeof(names) / sizeof(names[0]), r->t.text, r->v6);
    if (n == NULL && numbered(r->t.text, r->v6, &made))
        n = &made;
    if (n == NULL)
        return PROV_OK;
    next(r);
    return take_value(r, n);
}

/* ---- when it ends ---- */

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;

    const int64_t era = y / 400;
    const int64_t of_era = y - era * 400;
    const int64_t of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Three numbers with a byte between. */
static bool
three(struct prov_str s, char between, int64_t out[3])
{
    size_t from = 0;

    for (int i = 0; i < 3; i++) {
        size_t end = from;

        while (end < s.len && s.ptr[end] != between)
            end++;
        if (!prov_lease_number(prov_str_cut(s, from, end), 9999, &out[i]) ||
            (end == s.len) != (i == 2))
            return false;
        from = end + 1;
    }
    return true;
}

/* `4 2026/11/25 08:12:00` in UTC, `epoch 1795239063`, or `never`. */
static bool
take_expire(struct reader *r)
{
    int64_t date[3], clock[3];

    next(r);
    if (is_word(r, "never"))
        return true;
    if (is_word(r, "epoch")) {
        next(r);
        r->ends = true;
        return r->t.kind == WORD && prov_lease_number(r->t.text, INT64_MAX / 2, &r->ends_s);
    }
    next(r); /* behind the day of the week */
    if (r->t.kind != WORD || !three(r->t.text, '/', date))
        return false;
    next(r);
    if (r->t.kind != WORD || !three(r->t.text, ':', clock))
        return false;
    r->ends = true;
    r->ends_s =
        days(date[0], date[1], date[2]) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2];
    return true;
}

/* A DHCPv6 lease lasts as long as the last of its addresses. */
static bool
take_life(struct reader *r)
{
    int64_t s = 0;

    next(r);
    if (r->t.kind != WORD || !prov_lease_number(r->t.text, UINT32_MAX, &s))
        return false;
    if (!r->ends || r->ends_s < r->starts_s + s)
        r->ends_s = r->starts_s + s;
    r->ends = true;
    return true;
}

static bool
take_start(struct reader *r)
{
    next(r);
    return r->t.kind == WORD && prov_lease_number(r->t.text, INT64_MAX / 2, &r->starts_s);
}

/* ---- blocks ---- */

static enum prov_status
ok_if(bool good)
{
    return good ? PROV_OK : PROV_E_SYNTAX;
}

static enum prov_status
take_interface(struct reader *r)
{
    next(r);
    if (r->t.kind != STRING)
        return PROV_E_SYNTAX;
    r->foreign = r->foreign ||
                 (r->q->interface != NULL && !prov_str_eq(r->t.text, prov_str_z(r->q->interface)));
    return PROV_OK;
}

static void
take_address(struct reader *r)
{
    next(r);
    r->foreign = r->foreign || prov_lease_is_elsewhere(r->q, r->t.text);
}

static enum prov_status
take_field(struct reader *r, const struct prov_lease_name *n)
{
    next(r);
    return take_value(r, n);
}

/* One statement up to its end; what is not known is passed over. */
static enum prov_status
take_statement(struct reader *r, unsigned depth)
{
    if (depth > 1 && r->v6 && is_word(r, "starts"))
        return ok_if(take_start(r));
    if (depth > 1 && r->v6 && is_word(r, "max-life"))
        return ok_if(take_life(r));
    if (depth > 1 || r->t.kind != WORD)
        return PROV_OK;
    if (is_word(r, "interface"))
        return take_interface(r);
    if (is_word(r, "fixed-address"))
        take_address(r);
    if (is_word(r, "expire") && !r->v6)
        return ok_if(take_expire(r));
    if (is_word(r, "option"))
        return take_option(r);
    if (is_word(r, "server-name") && !r->v6)
        return take_field(r, &server_name);
    if (is_word(r, "filename") && !r->v6)
        return take_field(r, &filename);
    return PROV_OK;
}

/* From behind a `{` to its `}`. */
static enum prov_status
read_block(struct reader *r)
{
    enum prov_status status = PROV_OK;

    r->foreign = r->ends = false;
    r->ends_s = r->starts_s = 0;
    for (unsigned depth = 1; status == PROV_OK && depth > 0;) {
        next(r);
        if (is(r, '}')) {
            depth--;
            continue;
        }
        status = take_statement(r, depth);
        if (status == PROV_OK && !finish(r))
            status = PROV_E_SYNTAX;
        depth += is(r, '{');
    }
    return status;
}

static bool
is_wanted(const struct reader *r, bool lease)
{
    return lease && r->v6 == r->q->v6 && !r->foreign &&
           (!r->ends || r->q->now_unix_s == 0 || r->ends_s > r->q->now_unix_s);
}

/* Where the last block that counts begins; SIZE_MAX = none. */
static enum prov_status
find_block(struct reader *r, struct reader *found)
{
    enum prov_status status = PROV_OK;

    found->at = SIZE_MAX;
    for (next(r); status == PROV_OK && r->t.kind != END; next(r)) {
        const bool lease = is_word(r, "lease") || is_word(r, "lease6");

        r->v6 = is_word(r, "lease6");
        if (!finish(r))
            return PROV_E_SYNTAX;
        if (!is(r, '{'))
            continue;

        const struct reader here = *r;

        status = read_block(r);
        if (status == PROV_OK && is_wanted(r, lease))
            *found = here;
    }
    return status;
}

enum prov_status
prov_lease_dhclient(const struct prov_lease_query *q, struct prov_str file,
                    struct prov_lease_out *o, uint32_t *line)
{
    struct reader r = { .q = q, .file = file, .line = 1 };
    struct reader found = r;
    enum prov_status status = find_block(&r, &found);

    *line = r.line;
    if (status != PROV_OK || found.at == SIZE_MAX)
        return status != PROV_OK ? status : PROV_E_NOT_FOUND;
    found.o = o;
    status = read_block(&found);
    *line = found.line;
    return status;
}
