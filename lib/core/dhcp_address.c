/* SPDX-License-Identifier: MIT */
#include "core/dhcp.h"

#include "base/buf.h"
#include "base/str.h"

#define PAD 0u
#define END 255u

/* Longest content of option 43 that is read as hexadecimal digits, decoded. */
#define DECODED_MAX 512u

/* Option 66 as bytes: no server sends more addresses. */
#define BINARY_MAX 16u

static const struct prov_str nothing = { NULL, 0 };

/* Everything one call needs; lives on the stack of prov_dhcp_address(). */
struct job {
    const struct prov_dhcp_facts *facts;
    const struct prov_dhcp_rule *rule;
    const struct prov_dhcp_policy *policy;
    struct prov_buf *out;
    struct prov_diag diag;
    char quad[sizeof("tftp://255.255.255.255")];
    char decoded[DECODED_MAX];
};

/* About a byte of an option's value. */
static enum prov_status
fail(struct job *j, enum prov_status status, enum prov_diag_code code, uint16_t option, size_t at)
{
    j->diag = (struct prov_diag){
        .status = status,
        .code = code,
        .column = (uint32_t)at + 1,
        .need = option,
    };
    return status;
}

static struct prov_str
value_of(const struct job *j, uint16_t code)
{
    const struct prov_dhcp_option *o = code != 0 ? prov_dhcp_find(j->facts, code) : NULL;

    return o != NULL ? o->bytes : nothing;
}

/* Text of an option or a part of it, fit for a request line. */
static enum prov_status
read_text(struct job *j, uint16_t code, struct prov_str bytes, struct prov_str *text)
{
    struct prov_diag diag;
    struct prov_str s;
    size_t bad;

    if (prov_dhcp_text(bytes, &s, &diag) != PROV_OK)
        return fail(j, PROV_E_DENIED, PROV_D_DHCP_CONTROL, code, diag.column - 1);
    bad = prov_dhcp_escaped_control(s);
    if (bad < s.len)
        return fail(j, PROV_E_DENIED, PROV_D_DHCP_ESCAPED_CONTROL, code,
                    (size_t)(s.ptr - bytes.ptr) + bad);
    *text = s;
    return PROV_OK;
}

/* ---- Blocks of option 43 (DHC-4) ---- */

struct blocks {
    struct prov_str server, file; /* first block of each that is not empty */
    bool broken;
    size_t broken_at;
};

static void
take_block(struct blocks *b, const struct prov_dhcp_rule *rule, uint8_t code, struct prov_str text)
{
    struct prov_str *place = code == rule->option        ? &b->server
                             : code == rule->file_option ? &b->file
                                                         : NULL;

    while (text.len > 0 && text.ptr[text.len - 1] == '\0')
        text.len--;
    if (place != NULL && place->len == 0)
        *place = text;
}

/* `code length text` again and again. A length that does not count the NUL leaves it as a pad. */
static struct blocks
read_blocks(struct prov_str s, const struct prov_dhcp_rule *rule)
{
    struct blocks b = { .broken = false };
    size_t i = 0;

    while (i < s.len && (uint8_t)s.ptr[i] != END) {
        const uint8_t code = (uint8_t)s.ptr[i];

        if (code == PAD) {
            i++;
            continue;
        }
        const size_t len = s.len - i >= 2 ? (uint8_t)s.ptr[i + 1] : 0;

        if (s.len - i < 2 || len > s.len - i - 2) {
            b.broken = true;
            b.broken_at = i;
            break;
        }
        take_block(&b, rule, code, prov_str_cut(s, i + 2, i + 2 + len));
        i += 2 + len;
    }
    return b;
}

static bool
has_blocks(const struct blocks *b)
{
    return b->server.len > 0 || b->file.len > 0;
}

/* As bytes, or as their hexadecimal digits: some take the notation of a server's file for the
 * content. */
static struct blocks
find_blocks(struct job *j)
{
    const struct prov_str raw = value_of(j, j->rule->block_option);
    const struct blocks b = read_blocks(raw, j->rule);
    struct prov_str text, decoded = { j->decoded, 0 };

    if ((!b.broken && has_blocks(&b)) || prov_dhcp_text(raw, &text, NULL) != PROV_OK)
        return b;
    decoded.len = prov_dhcp_unhex(text, j->decoded, sizeof(j->decoded));
    return decoded.len > 0 ? read_blocks(decoded, j->rule) : b;
}

/* ---- The forms ---- */

/* Four bytes of an address of a TFTP server; lives in the job. */
static struct prov_str
quad(struct job *j, const char *p)
{
    struct prov_buf b = { j->quad, sizeof(j->quad), 0 };

    prov_buf_put_z(&b, "tftp://");
    for (unsigned i = 0; i < 4; i++) {
        prov_buf_put_uint(&b, (uint8_t)p[i], 1);
        if (i < 3)
            prov_buf_put_char(&b, '.');
    }
    return prov_buf_str(&b);
}

/* Addresses of four bytes each that cannot be meant as text: a NUL or a byte above ASCII is among
 * them. */
static bool
is_binary_list(struct prov_str s)
{
    struct prov_str text;
    bool binary = false;

    for (size_t i = 0; i < s.len; i++)
        binary = binary || s.ptr[i] == '\0' || (unsigned char)s.ptr[i] >= 0x80;
    return binary && s.len % 4 == 0 && s.len <= BINARY_MAX && s.ptr[0] != '\0' &&
           prov_dhcp_text(s, &text, NULL) != PROV_OK;
}

/* DHC-8: text, or a list of addresses as bytes or text. */
static enum prov_status
read_list(struct job *j, uint16_t code, struct prov_str bytes, struct prov_str *text)
{
    enum prov_status status;

    if (is_binary_list(bytes)) {
        *text = quad(j, bytes.ptr);
        return PROV_OK;
    }
    status = read_text(j, code, bytes, text);
    if (status == PROV_OK)
        *text = prov_dhcp_first_of_list(*text);
    return status;
}

/* The first of a block, an option and a BOOTP field that says something. */
static enum prov_status
pick(struct job *j, uint16_t code, struct prov_str block, struct prov_str field,
     struct prov_str *text)
{
    const bool list = code == j->rule->option && j->rule->form != PROV_DHCP_FORM_SERVER;
    enum prov_status status = read_text(j, j->rule->block_option, block, text);

    if (status == PROV_OK && text->len == 0)
        status = list ? read_list(j, code, value_of(j, code), text)
                      : read_text(j, code, value_of(j, code), text);
    if (status == PROV_OK && text->len == 0 && j->rule->bootp)
        status = read_text(j, code, field, text);
    return status;
}

static enum prov_status
pick_server(struct job *j, struct prov_str *text)
{
    const enum prov_status status = pick(j, j->rule->option, nothing, j->facts->sname, text);

    return status == PROV_OK && text->len == 0 ? PROV_E_NOT_FOUND : status;
}

static enum prov_status
pick_file(struct job *j, struct prov_str *text)
{
    return pick(j, j->rule->file_option, nothing, j->facts->file, text);
}

/* Joined by exactly one slash; without a file the server stays as it is. */
static void
put_joined(struct prov_buf *out, struct prov_str server, struct prov_str file)
{
    size_t from = 0;

    if (file.len == 0) {
        prov_buf_put_str(out, server);
        return;
    }
    while (server.len > 0 && server.ptr[server.len - 1] == '/')
        server.len--;
    while (from < file.len && file.ptr[from] == '/')
        from++;
    prov_buf_put_str(out, server);
    prov_buf_put_char(out, '/');
    prov_buf_put_str(out, prov_str_cut(file, from, file.len));
}

static enum prov_status
put_join(struct job *j)
{
    const struct blocks b = find_blocks(j);
    const struct prov_dhcp_rule *r = j->rule;
    struct prov_str server, file;
    enum prov_status status = pick(j, r->option, b.server, j->facts->sname, &server);

    if (status == PROV_OK)
        status = pick(j, r->file_option, b.file, j->facts->file, &file);
    if (status != PROV_OK)
        return status;
    if (server.len == 0 && b.broken)
        return fail(j, PROV_E_SYNTAX, PROV_D_DHCP_BLOCK, r->block_option, b.broken_at);
    if (server.len == 0)
        return PROV_E_NOT_FOUND;
    put_joined(j->out, server, file);
    if (b.broken)
        fail(j, PROV_OK, PROV_D_DHCP_BLOCK_SKIPPED, r->block_option, b.broken_at);
    return PROV_OK;
}

static enum prov_status
put_address(struct job *j)
{
    struct prov_str text;
    const enum prov_status status = pick_server(j, &text);

    if (status == PROV_OK)
        prov_buf_put_str(j->out, text);
    return status;
}

/* Index behind `scheme://`, 0 if the text does not begin so. */
static size_t
after_scheme(struct prov_str s)
{
    size_t i = 0;

    while (i < s.len && (prov_is_alpha(s.ptr[i]) || prov_is_digit(s.ptr[i]) || s.ptr[i] == '+' ||
                         s.ptr[i] == '-' || s.ptr[i] == '.'))
        i++;
    return i > 0 && s.len - i >= 3 && memcmp(s.ptr + i, "://", 3) == 0 ? i + 3 : 0;
}

/* Index of the path or query behind the host. */
static size_t
after_host(struct prov_str s, size_t from)
{
    while (from < s.len && s.ptr[from] != '/' && s.ptr[from] != '?')
        from++;
    return from;
}

/* Something stands behind a user part, if there is one, and before a port. */
static bool
has_host(struct prov_str s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (s.ptr[i] == '@')
            from = i + 1;
    }
    return from < to && s.ptr[from] != ':';
}

/* DHC-7: 160 and 159. */
static enum prov_status
put_server(struct job *j)
{
    struct prov_str server, file;
    enum prov_status status = pick_server(j, &server);

    if (status == PROV_OK)
        status = pick_file(j, &file);
    if (status != PROV_OK)
        return status;
    const size_t host = after_scheme(server);

    if (host == 0)
        return fail(j, PROV_E_SYNTAX, PROV_D_DHCP_NO_SCHEME, j->rule->option, 0);
    if (!has_host(server, host, after_host(server, host)))
        return fail(j, PROV_E_SYNTAX, PROV_D_DHCP_NO_HOST, j->rule->option, host);
    put_joined(j->out, server, file.len > 0 ? file : j->policy->default_file);
    return PROV_OK;
}

/* The file that stands in where option 66 names none. */
static enum prov_status
pick_default(struct job *j, struct prov_str *file)
{
    enum prov_status status = PROV_OK;

    *file = nothing;
    if (j->policy->region_us)
        status = pick_file(j, file);
    if (status == PROV_OK && file->len == 0)
        *file = j->policy->default_file;
    return status;
}

/* The address, with the file at the end of its path if that names none; then the query. */
static enum prov_status
put_with_file(struct job *j, struct prov_str text, size_t host)
{
    const size_t path = after_host(text, host);
    struct prov_str file = nothing;
    size_t query = path;

    while (query < text.len && text.ptr[query] != '?')
        query++;
    if (query == path || text.ptr[query - 1] == '/') {
        const enum prov_status status = pick_default(j, &file);

        if (status != PROV_OK)
            return status;
    }
    if (host == 0)
        prov_buf_put_z(j->out, "tftp://");
    put_joined(j->out, prov_str_cut(text, 0, query), file);
    prov_buf_put_str(j->out, prov_str_cut(text, query, text.len));
    return PROV_OK;
}

/* DHC-7: 66. */
static enum prov_status
put_host(struct job *j)
{
    struct prov_str text;
    const enum prov_status status = pick_server(j, &text);

    if (status != PROV_OK)
        return status;
    const size_t host = after_scheme(text);

    if (!has_host(text, host, after_host(text, host)))
        return fail(j, PROV_E_SYNTAX, PROV_D_DHCP_NO_HOST, j->rule->option, host);
    return put_with_file(j, text, host);
}

/* DHC-8: 150. */
static enum prov_status
put_addresses(struct job *j)
{
    const struct prov_str s = value_of(j, j->rule->option);
    const size_t over = s.len % 4;
    struct prov_str file;
    enum prov_status status;

    if (s.len == 0)
        return PROV_E_NOT_FOUND;
    if (over != 0)
        return fail(j, PROV_E_SYNTAX, PROV_D_DHCP_ADDRESS_LENGTH, j->rule->option, s.len - over);
    status = pick_file(j, &file);
    if (status == PROV_OK)
        put_joined(j->out, quad(j, s.ptr), file);
    return status;
}

/* DHC-8: 43 as bare text. Blocks are somebody else's way to use it. */
static enum prov_status
put_bare(struct job *j)
{
    const uint16_t code = j->rule->option;
    const struct prov_str raw = value_of(j, code);
    struct prov_str text, decoded = { j->decoded, 0 };
    enum prov_status status = read_text(j, code, raw, &text);

    if (status != PROV_OK && j->diag.code == PROV_D_DHCP_CONTROL &&
        !read_blocks(raw, j->rule).broken)
        return PROV_E_NOT_FOUND;
    if (status != PROV_OK)
        return status;
    decoded.len = prov_dhcp_unhex(text, j->decoded, sizeof(j->decoded));
    if (decoded.len >= 4 && (unsigned char)decoded.ptr[0] < 0x80)
        status = read_text(j, code, decoded, &text);
    if (status != PROV_OK)
        return status;
    if (text.len == 0)
        return PROV_E_NOT_FOUND;
    prov_buf_put_str(j->out, text);
    return PROV_OK;
}

/* ---- Vendor options (DHC-8) ---- */

/* A search for a sub-option through all that stands there. */
struct vendor {
    struct prov_str text;
    bool broken;
    size_t broken_at;
};

/* The first mistake is what is told. */
static void
break_at(struct vendor *v, size_t at)
{
    if (!v->broken)
        v->broken_at = at;
    v->broken = true;
}

/* Sub-options with code and length of `width` bytes each, from one index of the value to another. */
static enum prov_status
search(struct job *j, struct vendor *v, struct prov_str s, size_t i, size_t to, size_t width)
{
    while (i < to && v->text.len == 0) {
        const size_t left = to - i;
        const bool whole = left >= 2 * width;
        const char *p = s.ptr + i;
        const unsigned code = width == 2 && whole ? prov_dhcp_u16(p) : (uint8_t)p[0];
        const size_t len = !whole ? 0 : width == 2 ? prov_dhcp_u16(p + 2) : (uint8_t)p[1];

        if (!whole || len > left - 2 * width) {
            break_at(v, i);
            return PROV_OK;
        }
        i += 2 * width + len;
        if (code != j->rule->sub_option)
            continue;
        const enum prov_status status =
            read_text(j, j->rule->option, prov_str_cut(s, i - len, i), &v->text);

        if (status != PROV_OK)
            return status;
    }
    return PROV_OK;
}

static bool
is_wanted(const struct job *j, const char *p)
{
    return j->policy->enterprise == 0 || j->policy->enterprise == prov_dhcp_u32(p);
}

/* DHCPv6 17: one enterprise, and the rest is its. */
static enum prov_status
search6(struct job *j, struct vendor *v, struct prov_str s)
{
    if (s.len < 4) {
        break_at(v, 0);
        return PROV_OK;
    }
    return is_wanted(j, s.ptr) ? search(j, v, s, 4, s.len, 2) : PROV_OK;
}

/* DHCPv4 125 (RFC 3925): enterprise, length and data again and again. */
static enum prov_status
search4(struct job *j, struct vendor *v, struct prov_str s)
{
    enum prov_status status = PROV_OK;
    size_t i = 0;

    while (status == PROV_OK && i < s.len && v->text.len == 0) {
        const size_t left = s.len - i;
        const size_t len = left >= 5 ? (uint8_t)s.ptr[i + 4] : 0;

        if (left < 5 || len > left - 5) {
            break_at(v, i);
            break;
        }
        if (is_wanted(j, s.ptr + i))
            status = search(j, v, s, i + 5, i + 5 + len, 1);
        i += 5 + len;
    }
    return status;
}

static enum prov_status
put_vendor(struct job *j)
{
    struct vendor v = { .broken = false };
    const uint16_t code = j->rule->option;

    for (size_t i = 0; i < j->facts->option_count && v.text.len == 0; i++) {
        const struct prov_dhcp_option *o = &j->facts->options[i];
        enum prov_status status = PROV_OK;

        if (o->code == code)
            status = j->rule->v6 ? search6(j, &v, o->bytes) : search4(j, &v, o->bytes);
        if (status != PROV_OK)
            return status;
    }
    if (v.text.len == 0 && v.broken)
        return fail(j, PROV_E_SYNTAX, PROV_D_DHCP_VENDOR, code, v.broken_at);
    if (v.text.len == 0)
        return PROV_E_NOT_FOUND;
    prov_buf_put_str(j->out, v.text);
    if (v.broken)
        fail(j, PROV_OK, PROV_D_DHCP_VENDOR_SKIPPED, code, v.broken_at);
    return PROV_OK;
}

typedef enum prov_status put_fn(struct job *j);

static put_fn *const forms[] = {
    [PROV_DHCP_FORM_JOIN] = put_join,           [PROV_DHCP_FORM_ADDRESS] = put_address,
    [PROV_DHCP_FORM_SERVER] = put_server,       [PROV_DHCP_FORM_HOST] = put_host,
    [PROV_DHCP_FORM_ADDRESSES] = put_addresses, [PROV_DHCP_FORM_VENDOR] = put_vendor,
    [PROV_DHCP_FORM_BARE] = put_bare,
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static enum prov_status
put(struct job *j)
{
    const size_t mark = j->out->len;
    enum prov_status status;

    if (j->rule->form == PROV_DHCP_FORM_NONE || j->rule->v6 != j->facts->v6)
        return PROV_E_NOT_FOUND;
    status = forms[j->rule->form](j);
    if (status == PROV_OK && !prov_buf_fits(j->out)) {
        status = PROV_E_SPACE;
        j->diag = (struct prov_diag){ .code = PROV_D_NO_BUFFER_SPACE, .need = j->out->len };
    }
    if (status == PROV_E_NOT_FOUND)
        j->diag = (struct prov_diag){ .code = PROV_D_NONE };
    if (status != PROV_OK)
        j->out->len = mark;
    return status;
}

enum prov_status
prov_dhcp_address(const struct prov_dhcp_facts *facts, const struct prov_dhcp_rule *rule,
                  const struct prov_dhcp_policy *policy, struct prov_buf *out,
                  struct prov_diag *diag)
{
    struct job j = { .facts = facts, .rule = rule, .policy = policy, .out = out };
    enum prov_status status = PROV_E_ARG;

    j.diag.code = PROV_D_BAD_ARGUMENT;
    if (facts != NULL && rule != NULL && policy != NULL && out != NULL &&
        (unsigned)rule->form < FORMS) {
        j.diag.code = PROV_D_NONE;
        status = put(&j);
    }
    j.diag.status = status;
    if (diag != NULL)
        *diag = j.diag;
    return status;
}
