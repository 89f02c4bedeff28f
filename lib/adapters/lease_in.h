/* SPDX-License-Identifier: MIT */
#ifndef PROV_ADAPTERS_LEASE_IN_H
#define PROV_ADAPTERS_LEASE_IN_H

/* Parts of the lease readers; private to the adapter. */

#include <prov/adapters/lease.h>
#include <prov/endpoint.h>

/* Longest value of one option that is not in a packet. */
#define PROV_LEASE_VALUE_BYTES 4096u

/* The options that were read, on their way out. */
struct prov_lease_out {
    struct prov_buf *buf;
    size_t mark; /* of the buffer before */
    bool v6;
    bool replaced;         /* option 66, by the word `bad` */
    struct prov_str sname; /* decoded, in `texts` */
    struct prov_str file;
    size_t texts_len;
    char texts[64 + 128];
    uint8_t seen[65536 / 8]; /* options of equal codes would be joined: the first one counts */
};

/* What a client's name for an option means. */
enum prov_lease_kind {
    PROV_LEASE_BYTES = 0,     /* text, or bytes in hexadecimal where the client writes that */
    PROV_LEASE_HOST = 1,      /* text that udhcpc may have replaced by `bad` */
    PROV_LEASE_ADDRESSES = 2, /* IPv4 addresses with blanks or commas between */
    PROV_LEASE_SNAME = 3,     /* BOOTP fields */
    PROV_LEASE_FILE = 4,
};

struct prov_lease_name {
    struct prov_str name;
    bool v6;
    uint16_t code;
    enum prov_lease_kind kind;
};

/* lease.c */
bool prov_lease_is_blank(char c);
int prov_lease_hex(char c);
bool prov_lease_number(struct prov_str digits, int64_t most, int64_t *out);
bool prov_lease_starts(struct prov_str s, struct prov_str with);
const struct prov_lease_name *prov_lease_name(const struct prov_lease_name *names, size_t count,
                                              struct prov_str name, bool v6);
bool prov_lease_is_elsewhere(const struct prov_lease_query *q, struct prov_str address);
bool prov_lease_addresses(struct prov_str text, struct prov_buf *value);
enum prov_status prov_lease_put(struct prov_lease_out *o, int64_t code, struct prov_str value);
enum prov_status prov_lease_put_known(struct prov_lease_out *o, const struct prov_lease_name *n,
                                      struct prov_str value);

/* lease_env.c, lease_dhclient.c */
enum prov_status prov_lease_env(const struct prov_lease_query *q, struct prov_str file,
                                struct prov_lease_out *o, uint32_t *line);
enum prov_status prov_lease_dhclient(const struct prov_lease_query *q, struct prov_str file,
                                     struct prov_lease_out *o, uint32_t *line);

#endif /* PROV_ADAPTERS_LEASE_IN_H */
