/* SPDX-License-Identifier: MIT */

/* Lines NAME=value: what a script of udhcpc saved, and the files of systemd-networkd. */

#include "lease_in.h"

#define S PROV_STR_INIT

/* As busybox names them when it runs the script. udhcpc6 shows but a few options at all. */
static const struct prov_lease_name udhcpc_names[] = {
    { S("tftp"), false, 66, PROV_LEASE_HOST },
    { S("bootfile"), false, 67, PROV_LEASE_BYTES },
    { S("domain"), false, 15, PROV_LEASE_HOST },
    { S("ntpsrv"), false, 42, PROV_LEASE_ADDRESSES },
    { S("serverid"), false, 54, PROV_LEASE_ADDRESSES },
    { S("sname"), false, 0, PROV_LEASE_SNAME },
    { S("boot_file"), false, 0, PROV_LEASE_FILE },
    { S("bootfile_url"), true, 59, PROV_LEASE_BYTES },
};

static const struct prov_lease_name networkd_names[] = {
    { S("SERVER_ADDRESS"), false, 54, PROV_LEASE_ADDRESSES },
    { S("DOMAINNAME"), false, 15, PROV_LEASE_BYTES },
    { S("NTP"), false, 42, PROV_LEASE_ADDRESSES },
};

/* Where we are, and the line that was read. */
struct env {
    const struct prov_lease_query *q;
    struct prov_lease_out *o;
    struct prov_str file;
    size_t at;
    uint32_t line; /* of the next byte */
    struct prov_str name;
    struct prov_buf value; /* as the shell would see it */
    bool too_long;
    char text[PROV_LEASE_VALUE_BYTES];
};

static void
put(struct env *e, char c)
{
    if (e->value.len == e->value.cap) {
        e->too_long = true;
        return;
    }
    e->value.ptr[e->value.len++] = c;
}

static bool
at_end_of_line(const struct env *e)
{
    return e->at >= e->file.len || e->file.ptr[e->at] == '\n';
}

/* One quoted stretch, which may go over lines. False if it does not end. */
static bool
read_quoted(struct env *e)
{
    const char quote = e->file.ptr[e->at++];

    while (e->at < e->file.len && e->file.ptr[e->at] != quote) {
        if (quote == '"' && e->file.ptr[e->at] == '\\' && e->at + 1 < e->file.len)
            e->at++;
        e->line += e->file.ptr[e->at] == '\n';
        put(e, e->file.ptr[e->at++]);
    }
    return e->at++ < e->file.len;
}

/* As `set` prints it: quoted and bare stretches one behind the other. */
static bool
read_word(struct env *e)
{
    while (!at_end_of_line(e)) {
        const char c = e->file.ptr[e->at];

        if (c == '\'' || c == '"') {
            if (!read_quoted(e))
                return false;
            continue;
        }
        if (c == '\\' && e->at + 1 < e->file.len)
            e->at++;
        if (!at_end_of_line(e))
            put(e, e->file.ptr[e->at++]);
    }
    return true;
}

/* As `env` prints it: the rest of the line, whatever is in it. */
static void
read_rest(struct env *e)
{
    while (!at_end_of_line(e))
        put(e, e->file.ptr[e->at++]);
}

static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void
read_name(struct env *e)
{
    static const struct prov_str export = S("export ");
    const struct prov_str rest = prov_str_cut(e->file, e->at, e->file.len);

    if (prov_lease_starts(rest, export))
        e->at += export.len;

    const size_t from = e->at;

    while (e->at < e->file.len && is_name_char(e->file.ptr[e->at]))
        e->at++;
    e->name = prov_str_cut(e->file, from, e->at);
}

/* A line that is no assignment, such as a comment, leaves the name empty. */
static bool
read_line(struct env *e)
{
    bool whole = true;

    e->value.len = 0;
    e->too_long = false;
    read_name(e);
    if (at_end_of_line(e) || e->file.ptr[e->at] != '=') {
        e->name.len = 0;
        read_rest(e);
        return true;
    }
    e->at++;
    if (!at_end_of_line(e) && (e->file.ptr[e->at] == '\'' || e->file.ptr[e->at] == '"'))
        whole = read_word(e);
    else
        read_rest(e);
    if (e->value.len > 0 && e->value.ptr[e->value.len - 1] == '\r')
        e->value.len--;
    return whole;
}

static bool
unhex(struct prov_buf *b)
{
    size_t n = 0;

    if (b->len % 2 != 0)
        return false;
    for (size_t i = 0; i < b->len; i += 2) {
        const int high = prov_lease_hex(b->ptr[i]);
        const int low = prov_lease_hex(b->ptr[i + 1]);

        if (high < 0 || low < 0)
            return false;
        b->ptr[n++] = (char)(high * 16 + low);
    }
    b->len = n;
    return true;
}

/* The option of a value in hexadecimal; 0 = the name is none of those. */
static int64_t
hex_code(const struct env *e)
{
    static const struct prov_str vendor = S("VENDOR_SPECIFIC");
    const bool networkd = e->q->form == PROV_LEASE_NETWORKD;
    const struct prov_str start =
        networkd ? (struct prov_str)S("OPTION_") : (struct prov_str)S("opt");
    int64_t code = 0;

    if (networkd && prov_str_eq(e->name, vendor))
        return 43;
    if (!prov_lease_starts(e->name, start) ||
        !prov_lease_number(prov_str_cut(e->name, start.len, e->name.len), UINT16_MAX, &code))
        return 0;
    return code;
}

static const struct prov_lease_name *
known(const struct env *e)
{
    const bool networkd = e->q->form == PROV_LEASE_NETWORKD;

    return networkd
               ? prov_lease_name(networkd_names, sizeof(networkd_names) / sizeof(networkd_names[0]),
                                 e->name, e->q->v6)
               : prov_lease_name(udhcpc_names, sizeof(udhcpc_names) / sizeof(udhcpc_names[0]),
                                 e->name, e->q->v6);
}

/* A lease of another interface, or of another network. */
static bool
is_foreign(const struct env *e)
{
    static const struct prov_str interface = S("interface");
    static const struct prov_str address[] = { S("ip"), S("ADDRESS") };
    const struct prov_str value = prov_buf_str(&e->value);

    if (prov_str_eq(e->name, interface))
        return e->q->interface != NULL && !prov_str_eq(value, prov_str_z(e->q->interface));
    return prov_str_eq(e->name, address[e->q->form == PROV_LEASE_NETWORKD]) &&
           prov_lease_is_elsewhere(e->q, value);
}

static enum prov_status
take_line(struct env *e)
{
    const int64_t code = hex_code(e);
    const struct prov_lease_name *n = known(e);

    if (is_foreign(e))
        return PROV_E_NOT_FOUND;
    if (code == 0 && n == NULL)
        return PROV_OK;
    if (e->too_long)
        return PROV_E_LIMIT;
    if (n != NULL)
        return prov_lease_put_known(e->o, n, prov_buf_str(&e->value));
    return unhex(&e->value) ? prov_lease_put(e->o, code, prov_buf_str(&e->value)) : PROV_E_SYNTAX;
}

enum prov_status
prov_lease_env(const struct prov_lease_query *q, struct prov_str file, struct prov_lease_out *o,
               uint32_t *line)
{
    struct env e = { .q = q, .o = o, .file = file, .line = 1 };
    enum prov_status status = PROV_OK;

    if (q->form == PROV_LEASE_NETWORKD && q->v6)
        return PROV_E_NOT_FOUND; /* it keeps none of these */
    e.value = (struct prov_buf){ e.text, sizeof(e.text), 0 };
    while (status == PROV_OK && e.at < file.len) {
        *line = e.line;
        status = read_line(&e) ? take_line(&e) : PROV_E_SYNTAX;
        e.line++;
        e.at++; /* the end of the line */
    }
    return status;
}
