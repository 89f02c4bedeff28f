/* SPDX-License-Identifier: MIT */
#include "core/dhcp.h"

/* RFC 8415 section 8: message type, transaction id, then options. */
#define OPTIONS_AT 4u
#define OPTION_HEAD 4u

#define LAST_TYPE 11u /* of the messages between client and server */
#define RELAY_FORWARD 12u
#define RELAY_REPLY 13u

static uint8_t
type_of(struct prov_str s)
{
    return s.len >= OPTIONS_AT ? (uint8_t)s.ptr[0] : 0;
}

/* Relays' messages have another head, and no phone gets one. */
static bool
is_packet(struct prov_str s)
{
    const uint8_t type = type_of(s);

    return type != 0 && type != RELAY_FORWARD && type != RELAY_REPLY;
}

/* Codes of bare options begin with a zero byte: none above 255 is assigned. */
static bool
looks_like_packet(struct prov_str s)
{
    return type_of(s) >= 1 && type_of(s) <= LAST_TYPE;
}

bool
prov_dhcp6_begin(struct prov_dhcp_walk *w, struct prov_str bytes, enum prov_dhcp_input input)
{
    *w = (struct prov_dhcp_walk){ .bytes = bytes, .area_count = 1 };
    if (input == PROV_DHCP_INPUT_PACKET && !is_packet(bytes))
        return false;
    w->packet = input == PROV_DHCP_INPUT_PACKET ||
                (input == PROV_DHCP_INPUT_AUTO && looks_like_packet(bytes));
    w->pos = w->packet ? OPTIONS_AT : 0;
    return true;
}

bool
prov_dhcp6_next(struct prov_dhcp_walk *w, struct prov_dhcp_item *item)
{
    const size_t left = w->bytes.len - w->pos;

    if (w->malformed || left == 0)
        return false;
    const char *head = w->bytes.ptr + w->pos;
    const size_t len = left >= OPTION_HEAD ? prov_dhcp_u16(head + 2) : 0;

    *item = (struct prov_dhcp_item){ .offset = w->pos };
    if (left >= 2)
        item->code = prov_dhcp_u16(head);
    w->malformed = left < OPTION_HEAD || len > left - OPTION_HEAD;
    if (w->malformed)
        return false;
    item->value = prov_str_cut(w->bytes, w->pos + OPTION_HEAD, w->pos + OPTION_HEAD + len);
    w->pos += OPTION_HEAD + len;
    return true;
}

/* Number of options that will be kept. */
static size_t
count(struct prov_dhcp_walk w)
{
    struct prov_dhcp_item item;
    size_t n = 0;

    while (n < PROV_DHCP6_OPTIONS_MAX && prov_dhcp6_next(&w, &item))
        n++;
    return n;
}

static enum prov_status
fill(struct prov_dhcp_walk w, struct prov_dhcp_option *options, size_t n, struct prov_str source,
     struct prov_dhcp_facts *out, struct prov_diags *diags)
{
    struct prov_dhcp_item item;
    size_t i = 0;

    *out = (struct prov_dhcp_facts){
        .v6 = true,
        .packet = w.packet,
        .message_type = w.packet ? type_of(w.bytes) : 0,
        .xid = w.packet ? prov_dhcp_u32(w.bytes.ptr) & 0xFFFFFFu : 0,
        .options = n > 0 ? options : NULL,
        .option_count = n,
    };
    for (; prov_dhcp6_next(&w, &item); i++) {
        if (i < n) {
            options[i] = (struct prov_dhcp_option){
                .code = item.code,
                .offset = (uint32_t)item.offset,
                .bytes = item.value,
            };
        } else if (i == n) {
            prov_dhcp_report(diags, PROV_OK, PROV_D_DHCP_TOO_MANY, source, &item);
        }
    }
    if (!w.malformed)
        return PROV_OK;
    return prov_dhcp_report(diags, PROV_E_SYNTAX, PROV_D_DHCP_OPTION_CUT, source, &item);
}

enum prov_status
prov_dhcp6_read(struct prov_str bytes, enum prov_dhcp_input input, struct prov_str source,
                struct prov_arena *arena, struct prov_dhcp_facts *out, struct prov_diags *diags)
{
    struct prov_dhcp_walk w;

    if (!prov_dhcp_may_read(bytes, input, arena, out))
        return prov_dhcp_report(diags, PROV_E_ARG, PROV_D_BAD_ARGUMENT, source, NULL);
    if (!prov_dhcp6_begin(&w, bytes, input)) {
        *out = (struct prov_dhcp_facts){ .v6 = true };
        return prov_dhcp_report(diags, PROV_E_SYNTAX, PROV_D_DHCP_NO_PACKET, source, NULL);
    }
    const size_t n = count(w);
    struct prov_dhcp_option *options =
        prov_arena_perm(arena, n * sizeof(*options), _Alignof(struct prov_dhcp_option));

    if (options == NULL)
        return prov_dhcp_no_space(diags, source, arena);
    return fill(w, options, n, source, out, diags);
}
