/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_DHCP_H
#define PROV_CORE_DHCP_H

/* Options one by one, as they stand in the bytes. Private to the dhcp*.c files. */

#include <prov/dhcp.h>

/* Longest input: a UDP datagram can hold no more. */
#define PROV_DHCP_BYTES_MAX 65535u

/* Options that the reader itself knows. */
#define PROV_DHCP4_OVERLOAD 52u
#define PROV_DHCP4_TYPE 53u
#define PROV_DHCP6_CLIENT_ID 1u

/* One option, or one part of a split one. */
struct prov_dhcp_item {
    uint16_t code;
    size_t offset; /* of its code */
    struct prov_str value;
};

/* A stretch of the input that holds options. */
struct prov_dhcp_area {
    size_t from, to;
};

/* A walk over all areas. Copy it to walk again. */
struct prov_dhcp_walk {
    struct prov_str bytes;
    bool packet;
    struct prov_dhcp_area areas[3]; /* in the order of RFC 3396: options, file, sname */
    unsigned area_count;
    unsigned area;
    size_t pos;
    bool malformed;     /* the walk ended before the input did */
    uint8_t overload;   /* 1 = file, 2 = sname, 3 = both hold options */
    bool bad_overload;  /* option 52 holds something else; it is not followed */
    size_t overload_at; /* where it stands */
};

/* False if `input` asks for a packet and it is none. */
bool prov_dhcp4_begin(struct prov_dhcp_walk *w, struct prov_str bytes, enum prov_dhcp_input input);
bool prov_dhcp6_begin(struct prov_dhcp_walk *w, struct prov_str bytes, enum prov_dhcp_input input);

/* The next one; false at the end. When `malformed` is set then, `item` tells which option is. */
bool prov_dhcp4_next(struct prov_dhcp_walk *w, struct prov_dhcp_item *item);
bool prov_dhcp6_next(struct prov_dhcp_walk *w, struct prov_dhcp_item *item);

/* Append a finding about an option of the input, or about all of it if that is NULL. Answers
 * `status`. */
enum prov_status prov_dhcp_report(struct prov_diags *diags, enum prov_status status,
                                  enum prov_diag_code code, struct prov_str source,
                                  const struct prov_dhcp_item *item);

/* Append that the arena is too small. Answers the status. */
enum prov_status prov_dhcp_no_space(struct prov_diags *diags, struct prov_str source,
                                    const struct prov_arena *arena);

/* Arguments and size of a read are in range. */
bool prov_dhcp_may_read(struct prov_str bytes, enum prov_dhcp_input input,
                        const struct prov_arena *arena, const struct prov_dhcp_facts *out);

/* Big-endian numbers. */
static inline uint16_t
prov_dhcp_u16(const char *p)
{
    return (uint16_t)(((unsigned)(unsigned char)p[0] << 8) | (unsigned char)p[1]);
}

static inline uint32_t
prov_dhcp_u32(const char *p)
{
    return ((uint32_t)prov_dhcp_u16(p) << 16) | prov_dhcp_u16(p + 2);
}

/* ---- Text (dhcp_text.c) ---- */

/* Index of an escaped control character (%00..%1F, %7F), the length if there is none. */
size_t prov_dhcp_escaped_control(struct prov_str s);

/*
 * Bytes written as hexadecimal digits, pairs joined by nothing, `:`, `-` or blanks. Number of bytes
 * written to `out`; 0 if the text is not of this form or they are more than `cap`.
 */
size_t prov_dhcp_unhex(struct prov_str text, char *out, size_t cap);

/* The first address of a list of IPv4 addresses, joined by commas, semicolons or blanks; the text
 * itself if it is no such list. */
struct prov_str prov_dhcp_first_of_list(struct prov_str text);

#endif /* PROV_CORE_DHCP_H */
