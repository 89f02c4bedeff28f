/* SPDX-License-Identifier: MIT */
#include "dhcp_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "file.h"

/* How a value is shown. */
enum look {
    LOOK_ANY = 0, /* as text if it can be one */
    LOOK_BYTES = 1,
};

struct name {
    unsigned code;
    const char *text;
    enum look look;
};

static const struct name names4[] = {
    { 1, "subnet-mask", LOOK_BYTES },
    { 2, "time-offset", LOOK_BYTES },
    { 3, "routers", LOOK_BYTES },
    { 4, "time-servers", LOOK_BYTES },
    { 6, "domain-name-servers", LOOK_BYTES },
    { 7, "log-servers", LOOK_BYTES },
    { 12, "host-name", LOOK_ANY },
    { 15, "domain-name", LOOK_ANY },
    { 17, "root-path", LOOK_ANY },
    { 28, "broadcast-address", LOOK_BYTES },
    { 42, "ntp-servers", LOOK_BYTES },
    { 43, "vendor-encapsulated-options", LOOK_ANY },
    { 50, "requested-address", LOOK_BYTES },
    { 51, "lease-time", LOOK_BYTES },
    { 52, "overload", LOOK_BYTES },
    { 53, "message-type", LOOK_BYTES },
    { 54, "server-identifier", LOOK_BYTES },
    { 55, "parameter-request-list", LOOK_BYTES },
    { 57, "max-message-size", LOOK_BYTES },
    { 58, "renewal-time", LOOK_BYTES },
    { 59, "rebinding-time", LOOK_BYTES },
    { 60, "vendor-class-identifier", LOOK_ANY },
    { 61, "client-identifier", LOOK_BYTES },
    { 66, "tftp-server-name", LOOK_ANY },
    { 67, "bootfile-name", LOOK_ANY },
    { 77, "user-class", LOOK_ANY },
    { 81, "client-fqdn", LOOK_BYTES },
    { 82, "relay-agent-information", LOOK_BYTES },
    { 100, "tz-posix", LOOK_ANY },
    { 101, "tz-name", LOOK_ANY },
    { 114, "captive-portal", LOOK_ANY },
    { 119, "domain-search", LOOK_BYTES },
    { 120, "sip-servers", LOOK_BYTES },
    { 121, "classless-routes", LOOK_BYTES },
    { 124, "vendor-identifying-class", LOOK_BYTES },
    { 125, "vendor-identifying-options", LOOK_BYTES },
    { 132, "vlan-id", LOOK_ANY },
    { 150, "tftp-server-addresses", LOOK_BYTES },
    { 159, "provisioning-server-159", LOOK_ANY },
    { 160, "provisioning-server-160", LOOK_ANY },
};

static const struct name names6[] = {
    { 1, "client-identifier", LOOK_BYTES },    { 2, "server-identifier", LOOK_BYTES },
    { 3, "identity-association", LOOK_BYTES }, { 5, "address", LOOK_BYTES },
    { 6, "option-request", LOOK_BYTES },       { 7, "preference", LOOK_BYTES },
    { 8, "elapsed-time", LOOK_BYTES },         { 13, "status-code", LOOK_BYTES },
    { 16, "vendor-class", LOOK_BYTES },        { 17, "vendor-options", LOOK_BYTES },
    { 23, "dns-servers", LOOK_BYTES },         { 24, "domain-search", LOOK_BYTES },
    { 31, "sntp-servers", LOOK_BYTES },        { 32, "information-refresh-time", LOOK_BYTES },
    { 56, "ntp-server", LOOK_BYTES },          { 59, "bootfile-url", LOOK_ANY },
    { 60, "bootfile-parameters", LOOK_BYTES }, { 83, "inf-max-rt", LOOK_BYTES },
};

static const struct name *
find_name(bool v6, unsigned code)
{
    const struct name *names = v6 ? names6 : names4;
    const size_t count = v6 ? TOOL_COUNT(names6) : TOOL_COUNT(names4);

    for (size_t i = 0; i < count; i++) {
        if (names[i].code == code)
            return &names[i];
    }
    return NULL;
}

const char *
dhcp_option_name(bool v6, unsigned code)
{
    const struct name *n = find_name(v6, code);

    return n != NULL ? n->text : NULL;
}

/* ---- From hexadecimal digits ---- */

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_gap(char c)
{
    return c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The bytes that digits stand for; a digit between two gaps is a byte, too. Answers the index of the
 * first wrong character, the length if there is none. */
static size_t
unhex(struct prov_str s, struct text *out)
{
    size_t i = 0;

    while (i < s.len) {
        if (is_gap(s.ptr[i])) {
            i++;
            continue;
        }
        const int high = digit(s.ptr[i]);
        const bool ends = i + 1 == s.len || is_gap(s.ptr[i + 1]);
        const bool begins = i == 0 || is_gap(s.ptr[i - 1]);
        const int low = ends ? -1 : digit(s.ptr[i + 1]);

        if (high < 0 || (ends && !begins))
            return i;
        if (!ends && low < 0)
            return i + 1;
        const char byte = (char)(ends ? high : high * 16 + low);

        text_add(out, (struct prov_str){ &byte, 1 });
        i += ends ? 1 : 2;
    }
    return s.len;
}

static bool
is_printable(char c)
{
    return c >= 0x20 && c < 0x7F;
}

/* Few lengths of options are printable: a file of nothing else was most likely typed. */
static bool
is_printed(struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_printable(s.ptr[i]) && !is_gap(s.ptr[i]))
            return false;
    }
    return s.len > 0;
}

/* Options of DHCPv4, or the blocks of option 43. */
static bool
are_options(struct prov_str s)
{
    const size_t room = 65536;
    char *mem = tool_alloc(room);
    struct prov_arena arena;
    struct prov_dhcp_facts facts;

    prov_arena_init(&arena, mem, room);
    const bool good =
        prov_dhcp4_read(s, PROV_DHCP_INPUT_OPTIONS, s, &arena, &facts, NULL) == PROV_OK;
    free(mem);
    return good;
}

static void
report_wrong_digit(struct prov_str s, size_t at, const char *name, struct report *r)
{
    struct prov_diag diag = {
        .status = PROV_E_SYNTAX, .code = PROV_D_TOOL_DHCP_HEX, .line = 1, .column = 1
    };
    struct text shown = { 0 };

    for (size_t i = 0; i < at; i++) {
        diag.column++;
        if (s.ptr[i] == '\n') {
            diag.line++;
            diag.column = 1;
        }
    }
    text_add_operand(&shown, prov_str_z(file_shown_name(name)));
    diag.source = text_str(&shown);
    report_diag(r, &diag);
    text_free(&shown);
}

bool
dhcp_data_decode(struct prov_str content, const char *name, struct text *out, struct report *r)
{
    struct text digits = { 0 };
    const size_t wrong = is_printed(content) ? unhex(content, &digits) : 0;
    const bool is_hex = content.len > 0 && wrong == content.len;
    const bool good = is_hex || !is_printed(content) || are_options(content);

    if (good)
        text_add(out, is_hex ? text_str(&digits) : content);
    else
        report_wrong_digit(content, wrong, name, r);
    text_free(&digits);
    return good;
}

void
dhcp_data_wrap(enum dhcp_content kind, struct prov_str bytes, struct text *out)
{
    while (kind == DHCP_CONTENT_43 && bytes.len > 0) {
        const size_t n = bytes.len < 255 ? bytes.len : 255;
        const char head[] = { 43, (char)n };

        text_add(out, (struct prov_str){ head, sizeof(head) });
        text_add(out, prov_str_cut(bytes, 0, n));
        bytes = prov_str_cut(bytes, n, bytes.len);
    }
    text_add(out, bytes);
}

/* ---- Shown without secrets ---- */

/* An `@` between printable characters: it may end a password. */
static bool
may_hold_user(struct prov_str s)
{
    for (size_t i = 1; i + 1 < s.len; i++) {
        if (s.ptr[i] == '@' && is_printable(s.ptr[i - 1]) && is_printable(s.ptr[i + 1]))
            return true;
    }
    return false;
}

/* The same in what the value's digits stand for. */
static bool
may_hide_user(struct prov_str s)
{
    struct text decoded = { 0 };
    struct prov_str text;
    bool found = false;

    if (prov_dhcp_text(s, &text, NULL) == PROV_OK && unhex(text, &decoded) == text.len)
        found = may_hold_user(text_str(&decoded));
    text_free(&decoded);
    return found;
}

/* What of an option may be shown. */
struct view {
    struct text text; /* empty unless it is text */
    struct text hex;  /* empty if it would show a secret */
    bool is_text;
};

static void
add_hex(struct text *t, struct prov_str s)
{
    for (size_t i = 0; i < s.len; i++)
        text_addf(t, i == 0 ? "%02x" : ":%02x", (unsigned)(unsigned char)s.ptr[i]);
}

static void
look_at(bool v6, const struct prov_dhcp_option *o, struct view *v)
{
    const struct name *n = find_name(v6, o->code);
    struct prov_str text;

    v->is_text = (n == NULL || n->look == LOOK_ANY) &&
                 prov_dhcp_text(o->bytes, &text, NULL) == PROV_OK && text.len > 0;
    if (may_hide_user(o->bytes)) {
        v->is_text = true;
        text_add_z(&v->text, "***");
    } else if (v->is_text) {
        text_add_redacted(&v->text, text);
    } else if (may_hold_user(o->bytes)) {
        v->is_text = true;
        text_add_z(&v->text, "***");
    }
    if (!v->is_text || (!may_hold_user(o->bytes) && !may_hide_user(o->bytes)))
        add_hex(&v->hex, o->bytes);
}

static void
free_view(struct view *v)
{
    text_free(&v->text);
    text_free(&v->hex);
}

void
dhcp_option_print(bool v6, const struct prov_dhcp_option *o)
{
    const char *name = dhcp_option_name(v6, o->code);
    struct view v = { .is_text = false };
    struct text line = { 0 };

    look_at(v6, o, &v);
    text_addf(&line, "option %u%s%s: ", (unsigned)o->code, name != NULL ? " " : "",
              name != NULL ? name : "");
    if (v.is_text)
        text_add_shown(&line, text_str(&v.text));
    else
        text_add(&line, text_str(&v.hex));
    puts(line.ptr);
    text_free(&line);
    free_view(&v);
}

json_t *
dhcp_option_json(bool v6, const struct prov_dhcp_option *o)
{
    const char *name = dhcp_option_name(v6, o->code);
    struct view v = { .is_text = false };
    json_t *j = json_pack("{s:i}", "code", (int)o->code);

    look_at(v6, o, &v);
    if (name != NULL)
        json_object_set_new(j, "name", json_string(name));
    if (v.is_text)
        json_object_set_new(j, "text", report_string(text_str(&v.text)));
    if (v.hex.len > 0 || o->bytes.len == 0)
        json_object_set_new(j, "hex", report_string(text_str(&v.hex)));
    free_view(&v);
    return j;
}
