/* SPDX-License-Identifier: MIT */
#include "core/dhcp.h"

#include "base/buf.h"

/* RFC 2131 and 2132 */
#define BOOTREQUEST 1
#define BOOTREPLY 2
#define ETHERNET 1
#define DHCPACK 5
#define DHCPINFORM 8
#define OPTION_TYPE 53
#define OPTION_PARAMS 55
#define OPTION_MAX_SIZE 57
#define OPTION_VENDOR_CLASS 60
#define OPTION_CLIENT_ID 61
#define OPTION_END 255
#define CHADDR_AT 28u
#define INFORM_BYTES 300u /* shorter ones are dropped by old relays: the size of BOOTP */
#define MAX_SIZE 1500u

/* RFC 8415 */
#define REPLY 7
#define INFORMATION_REQUEST 11
#define OPTION6_CLIENT_ID 1
#define OPTION6_ORO 6
#define OPTION6_ELAPSED 8
#define OPTION6_REFRESH_TIME 32
#define OPTION6_INF_MAX_RT 83
#define DUID_MAX 130u
#define DUID_LL 3

static void
add_code(uint16_t *codes, size_t *count, uint16_t code)
{
    for (size_t i = 0; i < *count; i++) {
        if (codes[i] == code)
            return;
    }
    if (code != 0 && *count < PROV_DHCP_PARAMS_MAX)
        codes[(*count)++] = code;
}

size_t
prov_dhcp_params(const struct prov_source_rule *sources, size_t count, uint32_t enabled, bool v6,
                 uint16_t *codes)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const struct prov_dhcp_rule *r = &sources[i].dhcp;

        if (r->form == PROV_DHCP_FORM_NONE || r->v6 != v6 ||
            (unsigned)sources[i].kind >= PROV_SOURCE_KINDS ||
            (enabled & PROV_SOURCE_BIT(sources[i].kind)) == 0)
            continue;
        add_code(codes, &n, r->option);
        add_code(codes, &n, r->file_option);
        add_code(codes, &n, r->block_option);
    }
    return n;
}

static void
put_u8(struct prov_buf *b, unsigned v)
{
    prov_buf_put_char(b, (char)(v & 0xFFu));
}

static void
put_u16(struct prov_buf *b, unsigned v)
{
    put_u8(b, v >> 8);
    put_u8(b, v);
}

static void
put_u32(struct prov_buf *b, uint32_t v)
{
    put_u16(b, (unsigned)(v >> 16));
    put_u16(b, (unsigned)(v & 0xFFFFu));
}

static void
put_zeros(struct prov_buf *b, size_t n)
{
    while (n-- > 0)
        put_u8(b, 0);
}

static void
put_bytes(struct prov_buf *b, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_u8(b, p[i]);
}

/* All or nothing. */
static enum prov_status
finish(struct prov_buf *out, size_t mark)
{
    if (prov_buf_fits(out))
        return PROV_OK;
    out->len = mark;
    return PROV_E_SPACE;
}

/* No pad, no end, nothing that does not fit. */
static bool
are_codes(const uint16_t *codes, size_t count, uint16_t last)
{
    if (count > PROV_DHCP_PARAMS_MAX || (codes == NULL && count > 0))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == 0 || codes[i] > last)
            return false;
    }
    return true;
}

/* Fixed fields. Not asking for broadcast: the address is in use, so the answer comes to it. */
static void
put_head(struct prov_buf *out, const struct prov_dhcp4_client *c)
{
    put_u8(out, BOOTREQUEST);
    put_u8(out, ETHERNET);
    put_u8(out, sizeof(c->mac));
    put_u8(out, 0); /* hops */
    put_u32(out, c->xid);
    put_u16(out, c->secs);
    put_u16(out, 0); /* flags */
    put_bytes(out, c->address, sizeof(c->address));
    put_zeros(out, 12); /* yiaddr, siaddr, giaddr */
    put_bytes(out, c->mac, sizeof(c->mac));
    put_zeros(out, 10 + 64 + 128); /* rest of chaddr, sname, file */
    put_u32(out, 0x63825363u);
}

static void
put_options(struct prov_buf *out, const struct prov_dhcp4_client *c, const uint16_t *codes,
            size_t count)
{
    put_u8(out, OPTION_TYPE);
    put_u8(out, 1);
    put_u8(out, DHCPINFORM);
    put_u8(out, OPTION_CLIENT_ID);
    put_u8(out, 1 + sizeof(c->mac));
    put_u8(out, ETHERNET);
    put_bytes(out, c->mac, sizeof(c->mac));
    put_u8(out, OPTION_MAX_SIZE);
    put_u8(out, 2);
    put_u16(out, MAX_SIZE);
    if (c->vendor_class.len > 0) {
        put_u8(out, OPTION_VENDOR_CLASS);
        put_u8(out, (unsigned)c->vendor_class.len);
        prov_buf_put_str(out, c->vendor_class);
    }
    if (count > 0) {
        put_u8(out, OPTION_PARAMS);
        put_u8(out, (unsigned)count);
    }
    for (size_t i = 0; i < count; i++)
        put_u8(out, codes[i]);
    put_u8(out, OPTION_END);
}

enum prov_status
prov_dhcp4_inform(const struct prov_dhcp4_client *client, const uint16_t *codes, size_t count,
                  struct prov_buf *out)
{
    static const uint8_t none[4] = { 0 };

    if (client == NULL || out == NULL || !are_codes(codes, count, OPTION_END - 1) ||
        client->vendor_class.len > UINT8_MAX || memcmp(client->address, none, sizeof(none)) == 0)
        return PROV_E_ARG;
    const size_t mark = out->len;

    put_head(out, client);
    put_options(out, client, codes, count);
    if (out->len - mark < INFORM_BYTES)
        put_zeros(out, INFORM_BYTES - (out->len - mark));
    return finish(out, mark);
}

static bool
is_reply_to(const struct prov_dhcp4_client *c, const char *p)
{
    return p[0] == BOOTREPLY && p[1] == ETHERNET && p[2] == (char)sizeof(c->mac) &&
           prov_dhcp_u32(p + 4) == c->xid && memcmp(p + CHADDR_AT, c->mac, sizeof(c->mac)) == 0;
}

bool
prov_dhcp4_is_answer(const struct prov_dhcp4_client *client, struct prov_str packet)
{
    struct prov_dhcp_walk w;
    struct prov_dhcp_item item;

    if (client == NULL || packet.len > PROV_DHCP_BYTES_MAX ||
        !prov_dhcp4_begin(&w, packet, PROV_DHCP_INPUT_PACKET) || !is_reply_to(client, packet.ptr))
        return false;
    while (prov_dhcp4_next(&w, &item)) {
        if (item.code == PROV_DHCP4_TYPE)
            return item.value.len == 1 && item.value.ptr[0] == DHCPACK;
    }
    return false;
}

void
prov_dhcp6_duid(const uint8_t mac[6], uint8_t out[10])
{
    static const uint8_t head[] = { 0, DUID_LL, 0, ETHERNET };

    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), mac, 6);
}

static bool
is_client6(const struct prov_dhcp6_client *c)
{
    return c != NULL && c->xid <= 0xFFFFFFu && c->duid.len >= 1 && c->duid.len <= DUID_MAX;
}

/* RFC 8415 18.2.6: these two MUST be asked for, too. */
static size_t
complete_request(uint16_t *all, const uint16_t *codes, size_t count)
{
    static const uint16_t musts[] = { OPTION6_REFRESH_TIME, OPTION6_INF_MAX_RT };

    if (count > 0)
        memcpy(all, codes, count * sizeof(*all));
    for (size_t m = 0; m < sizeof(musts) / sizeof(musts[0]); m++) {
        size_t i = 0;

        while (i < count && all[i] != musts[m])
            i++;
        if (i == count)
            all[count++] = musts[m];
    }
    return count;
}

enum prov_status
prov_dhcp6_information_request(const struct prov_dhcp6_client *client, const uint16_t *codes,
                               size_t count, struct prov_buf *out)
{
    uint16_t all[PROV_DHCP_PARAMS_MAX + 2];

    if (!is_client6(client) || out == NULL || !are_codes(codes, count, UINT16_MAX))
        return PROV_E_ARG;
    const size_t mark = out->len;
    const size_t n = complete_request(all, codes, count);

    put_u32(out, (uint32_t)INFORMATION_REQUEST << 24 | client->xid);
    put_u16(out, OPTION6_CLIENT_ID);
    put_u16(out, (unsigned)client->duid.len);
    prov_buf_put_str(out, client->duid);
    put_u16(out, OPTION6_ELAPSED);
    put_u16(out, 2);
    put_u16(out, client->elapsed_cs);
    put_u16(out, OPTION6_ORO);
    put_u16(out, (unsigned)(2 * n));
    for (size_t i = 0; i < n; i++)
        put_u16(out, all[i]);
    return finish(out, mark);
}

bool
prov_dhcp6_is_answer(const struct prov_dhcp6_client *client, struct prov_str packet)
{
    struct prov_dhcp_walk w;
    struct prov_dhcp_item item;

    if (!is_client6(client) || packet.len > PROV_DHCP_BYTES_MAX ||
        !prov_dhcp6_begin(&w, packet, PROV_DHCP_INPUT_PACKET) || packet.ptr[0] != REPLY ||
        (prov_dhcp_u32(packet.ptr) & 0xFFFFFFu) != client->xid)
        return false;
    while (prov_dhcp6_next(&w, &item)) {
        if (item.code == PROV_DHCP6_CLIENT_ID)
            return prov_str_eq(item.value, client->duid);
    }
    return true;
}
