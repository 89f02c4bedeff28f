/* SPDX-License-Identifier: MIT */
#include "core/dhcp.h"

/* RFC 2131 section 2: fixed fields, then the magic cookie, then options. */
#define SNAME_AT 44u
#define FILE_AT 108u
#define COOKIE_AT 236u
#define OPTIONS_AT 240u

#define PAD 0u
#define END 255u

static const char cookie[] = { 0x63, (char)0x82, 0x53, 0x63 };

static uint8_t
byte_at(struct prov_str s, size_t i)
{
    return (uint8_t)s.ptr[i];
}

static bool
has_cookie(struct prov_str s, size_t at)
{
    return s.len >= at + sizeof(cookie) && memcmp(s.ptr + at, cookie, sizeof(cookie)) == 0;
}

static bool
is_packet(struct prov_str s)
{
    return has_cookie(s, COOKIE_AT) && (byte_at(s, 0) == 1 || byte_at(s, 0) == 2);
}

/* Bare options could hold the cookie by chance; but an option 1 or 2 is never one byte long. */
static bool
looks_like_packet(struct prov_str s)
{
    return is_packet(s) && byte_at(s, 1) == 1;
}

static void
add_area(struct prov_dhcp_walk *w, size_t from, size_t to)
{
    w->areas[w->area_count++] = (struct prov_dhcp_area){ from, to };
}

static void
go_to_area(struct prov_dhcp_walk *w, unsigned area)
{
    w->area = area;
    w->pos = w->areas[area].from;
}

/* Option 52 in the options field makes file and sname hold options too. */
static void
add_overloaded(struct prov_dhcp_walk *w)
{
    struct prov_dhcp_walk look = *w;
    struct prov_dhcp_item item;
    bool found = false;

    while (!found && prov_dhcp4_next(&look, &item))
        found = item.code == PROV_DHCP4_OVERLOAD;
    if (!found)
        return;
    w->overload_at = item.offset;
    w->bad_overload = item.value.len != 1 || item.value.ptr[0] < 1 || item.value.ptr[0] > 3;
    if (w->bad_overload)
        return;
    w->overload = byte_at(item.value, 0);
    if ((w->overload & 1u) != 0)
        add_area(w, FILE_AT, COOKIE_AT);
    if ((w->overload & 2u) != 0)
        add_area(w, SNAME_AT, FILE_AT);
}

bool
prov_dhcp4_begin(struct prov_dhcp_walk *w, struct prov_str bytes, enum prov_dhcp_input input)
{
    size_t from = 0;

    *w = (struct prov_dhcp_walk){ .bytes = bytes };
    if (input == PROV_DHCP_INPUT_PACKET && !is_packet(bytes))
        return false;
    w->packet = input == PROV_DHCP_INPUT_PACKET ||
                (input == PROV_DHCP_INPUT_AUTO && looks_like_packet(bytes));
    if (w->packet)
        from = OPTIONS_AT;
    else if (input == PROV_DHCP_INPUT_AUTO && has_cookie(bytes, 0))
        from = sizeof(cookie);
    add_area(w, from, bytes.len);
    go_to_area(w, 0);
    if (w->packet)
        add_overloaded(w);
    return true;
}

/* To where the next option stands; false if there is none. */
static bool
skip_to_option(struct prov_dhcp_walk *w)
{
    for (;;) {
        const size_t to = w->areas[w->area].to;

        while (w->pos < to && byte_at(w->bytes, w->pos) == PAD)
            w->pos++;
        if (w->pos < to && byte_at(w->bytes, w->pos) != END)
            return true;
        if (w->area + 1 >= w->area_count)
            return false;
        go_to_area(w, w->area + 1);
    }
}

bool
prov_dhcp4_next(struct prov_dhcp_walk *w, struct prov_dhcp_item *item)
{
    if (w->malformed || !skip_to_option(w))
        return false;
    const size_t left = w->areas[w->area].to - w->pos;
    const size_t len = left >= 2 ? byte_at(w->bytes, w->pos + 1) : 0;

    *item = (struct prov_dhcp_item){ .code = byte_at(w->bytes, w->pos), .offset = w->pos };
    w->malformed = left < 2 || len > left - 2;
    if (w->malformed)
        return false;
    item->value = prov_str_cut(w->bytes, w->pos + 2, w->pos + 2 + len);
    w->pos += 2 + len;
    return true;
}

/* What is known before options are written down. */
struct census {
    uint8_t slot[256]; /* place in the table from 1; 0 = the option is not there */
    bool split[256];   /* it stands there several times */
    size_t count;      /* of codes */
    size_t joined;     /* bytes of all options that are split */
};

static void
take_census(struct prov_dhcp_walk w, struct census *c)
{
    struct prov_dhcp_walk again = w;
    struct prov_dhcp_item item;

    while (prov_dhcp4_next(&w, &item)) {
        if (c->slot[item.code] == 0)
            c->slot[item.code] = (uint8_t)++c->count;
        else
            c->split[item.code] = true;
    }
    while (prov_dhcp4_next(&again, &item)) {
        if (c->split[item.code])
            c->joined += item.value.len;
    }
}

/* Every option once, at the place of its first part, as long as all its parts. */
static void
list(struct prov_dhcp_walk w, const struct census *c, struct prov_dhcp_option *options)
{
    struct prov_dhcp_item item;

    while (prov_dhcp4_next(&w, &item)) {
        struct prov_dhcp_option *o = &options[c->slot[item.code] - 1];

        if (o->code != 0) {
            o->bytes.len += item.value.len;
            continue;
        }
        *o = (struct prov_dhcp_option){
            .code = item.code,
            .offset = (uint32_t)item.offset,
            .bytes = item.value,
        };
    }
}

/* RFC 3396: the parts of an option are one value, in the order of the areas. */
static void
join(struct prov_dhcp_walk w, const struct census *c, struct prov_dhcp_option *options, char *mem)
{
    char *const start = mem; /* writable, unlike the spans into it */
    struct prov_dhcp_item item;

    for (size_t i = 0; i < c->count; i++) {
        const size_t len = options[i].bytes.len;

        if (!c->split[options[i].code])
            continue;
        options[i].bytes = (struct prov_str){ mem, 0 };
        mem += len;
    }
    while (prov_dhcp4_next(&w, &item)) {
        struct prov_str *s = &options[c->slot[item.code] - 1].bytes;

        if (!c->split[item.code] || item.value.len == 0)
            continue;
        memcpy(start + (s->ptr - start) + s->len, item.value.ptr, item.value.len);
        s->len += item.value.len;
    }
}

/* A BOOTP field ends at its first NUL. */
static struct prov_str
field(struct prov_str bytes, size_t from, size_t to)
{
    size_t end = from;

    while (end < to && bytes.ptr[end] != '\0')
        end++;
    return prov_str_cut(bytes, from, end);
}

static void
fill(const struct prov_dhcp_walk *w, const struct census *c, char *mem, struct prov_dhcp_facts *out)
{
    struct prov_dhcp_option *options = (struct prov_dhcp_option *)(void *)mem;

    list(*w, c, options);
    join(*w, c, options, mem + c->count * sizeof(*options));
    *out = (struct prov_dhcp_facts){
        .packet = w->packet,
        .options = c->count > 0 ? options : NULL,
        .option_count = c->count,
    };
    const struct prov_dhcp_option *type = prov_dhcp_find(out, PROV_DHCP4_TYPE);

    if (type != NULL && type->bytes.len > 0)
        out->message_type = byte_at(type->bytes, 0);
    if (!w->packet)
        return;
    out->xid = prov_dhcp_u32(w->bytes.ptr + 4);
    if ((w->overload & 1u) == 0)
        out->file = field(w->bytes, FILE_AT, COOKIE_AT);
    if ((w->overload & 2u) == 0)
        out->sname = field(w->bytes, SNAME_AT, FILE_AT);
}

/* What was wrong with the input, if anything. */
static enum prov_status
judge(struct prov_dhcp_walk w, struct prov_str source, struct prov_diags *diags)
{
    struct prov_dhcp_item item = { PROV_DHCP4_OVERLOAD, w.overload_at, { NULL, 0 } };

    if (w.bad_overload)
        prov_dhcp_report(diags, PROV_OK, PROV_D_DHCP_OVERLOAD, source, &item);
    while (prov_dhcp4_next(&w, &item)) {
    }
    if (!w.malformed)
        return PROV_OK;
    return prov_dhcp_report(diags, PROV_E_SYNTAX, PROV_D_DHCP_OPTION_CUT, source, &item);
}

enum prov_status
prov_dhcp4_read(struct prov_str bytes, enum prov_dhcp_input input, struct prov_str source,
                struct prov_arena *arena, struct prov_dhcp_facts *out, struct prov_diags *diags)
{
    struct prov_dhcp_walk w;
    struct census c = { .count = 0 };

    if (!prov_dhcp_may_read(bytes, input, arena, out))
        return prov_dhcp_report(diags, PROV_E_ARG, PROV_D_BAD_ARGUMENT, source, NULL);
    if (!prov_dhcp4_begin(&w, bytes, input)) {
        *out = (struct prov_dhcp_facts){ .v6 = false };
        return prov_dhcp_report(diags, PROV_E_SYNTAX, PROV_D_DHCP_NO_PACKET, source, NULL);
    }
    take_census(w, &c);
    char *mem = prov_arena_perm(arena, c.count * sizeof(struct prov_dhcp_option) + c.joined,
                                _Alignof(struct prov_dhcp_option));

    if (mem == NULL)
        return prov_dhcp_no_space(diags, source, arena);
    fill(&w, &c, mem, out);
    return judge(w, source, diags);
}
