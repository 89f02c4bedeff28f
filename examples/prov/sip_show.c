/* SPDX-License-Identifier: MIT */
#include "sip_show.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

void
sip_show_time(struct text *t)
{
    char now[32];
    const time_t clock = time(NULL);
    struct tm tm;

    strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&clock, &tm));
    text_add_z(t, now);
}

void
sip_show_endpoint(struct text *t, const struct prov_endpoint *e)
{
    char room[PROV_ENDPOINT_BYTES];
    struct prov_buf buf = { room, sizeof(room), 0 };

    if (prov_endpoint_format(e, &buf) == PROV_OK)
        text_add(t, (struct prov_str){ room, buf.len });
}

/* `sip:USER@host`, also inside angle brackets: the user. */
static struct prov_str
user_of(struct prov_str uri)
{
    size_t from = 0, at = 0;

    for (size_t i = 0; i + 4 <= uri.len; i++) {
        if (strncasecmp(uri.ptr + i, "sip:", 4) == 0) {
            from = i + 4;
            break;
        }
    }
    for (at = from; at < uri.len && uri.ptr[at] != '@' && uri.ptr[at] != '>'; at++)
        continue;
    if (from == 0 || at == uri.len || uri.ptr[at] != '@')
        return (struct prov_str){ uri.ptr, 0 };
    return (struct prov_str){ uri.ptr + from, at - from };
}

static bool
is_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The last twelve digits of `MAC%3A...`, `MAC:...` or plain ones. */
static void
read_mac(struct prov_str user, char mac[13])
{
    mac[0] = '\0';
    if (user.len < 12)
        return;
    for (size_t i = user.len - 12; i < user.len; i++) {
        if (!is_digit(user.ptr[i]))
            return;
    }
    memcpy(mac, user.ptr + user.len - 12, 12);
    mac[12] = '\0';
}

struct sip_phone
sip_phone_of(const struct prov_sip *subscribe)
{
    const struct prov_str event = subscribe->headers[PROV_SIP_EVENT];
    struct sip_phone p = { .user = user_of(subscribe->headers[PROV_SIP_FROM]),
                           .event = prov_sip_token(event) };

    if (p.user.len == 0)
        p.user = user_of(subscribe->uri);
    read_mac(p.user, p.mac);
    prov_sip_param(event, prov_str_z("vendor"), &p.vendor);
    prov_sip_param(event, prov_str_z("model"), &p.model);
    prov_sip_param(event, prov_str_z("version"), &p.version);
    return p;
}

void
sip_show_phone(struct text *t, const struct sip_phone *phone)
{
    const struct {
        const char *title;
        struct prov_str value;
    } rows[] = {
        { phone->mac[0] != '\0' ? "mac " : "user ",
          phone->mac[0] != '\0' ? prov_str_z(phone->mac) : phone->user },
        { ", vendor ", phone->vendor },
        { ", model ", phone->model },
        { ", version ", phone->version },
    };

    for (size_t i = 0; i < TOOL_COUNT(rows); i++) {
        if (rows[i].value.len == 0)
            continue;
        text_add_z(t, rows[i].title);
        text_add_operand(t, rows[i].value);
    }
}
