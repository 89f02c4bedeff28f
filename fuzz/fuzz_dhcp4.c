/* SPDX-License-Identifier: MIT */
#include "fuzz_dhcp.h"

static const struct prov_dhcp_rule rules[] = {
    { PROV_DHCP_FORM_JOIN, false, 66, 67, 0, 43, true },
    { PROV_DHCP_FORM_JOIN, false, 66, 67, 0, 0, false },
    { PROV_DHCP_FORM_ADDRESS, false, 66, 0, 0, 0, false },
    { PROV_DHCP_FORM_SERVER, false, 160, 67, 0, 0, false },
    { PROV_DHCP_FORM_HOST, false, 66, 67, 0, 0, false },
    { PROV_DHCP_FORM_ADDRESSES, false, 150, 67, 0, 0, false },
    { PROV_DHCP_FORM_VENDOR, false, 125, 0, 1, 0, false },
    { PROV_DHCP_FORM_BARE, false, 43, 0, 0, 0, false },
};

static void
check_addresses(const struct prov_dhcp_facts *f, uint8_t how)
{
    const struct prov_dhcp_policy policy = {
        .default_file = PROV_STR_INIT("{MODEL}.cfg"),
        .enterprise = (how & 4) != 0 ? 3561 : 0,
        .region_us = (how & 8) != 0,
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        fuzz_check_address(f, &rules[i], &policy);
}

/* Append an option in two parts, with a pad between. */
static void
put_split(struct prov_buf *b, const struct prov_dhcp_option *o, size_t len, size_t cut)
{
    char *p = b->ptr + b->len;

    p[0] = (char)o->code;
    p[1] = (char)cut;
    if (cut > 0)
        memcpy(p + 2, o->bytes.ptr, cut);
    p[2 + cut] = 0;
    p[3 + cut] = (char)o->code;
    p[4 + cut] = (char)(len - cut);
    if (len > cut)
        memcpy(p + 5 + cut, o->bytes.ptr + cut, len - cut);
    b->len += 5 + len;
}

/* Writing all options down again, each split somewhere, gives the same reading. */
static void
check_split(const struct prov_dhcp_facts *f, uint8_t where)
{
    char *mem = malloc(FUZZ_ARENA * 2);
    struct prov_buf out = { mem, (size_t)FUZZ_ARENA * 2, 0 };
    struct fuzz_reading again;

    FUZZ_CHECK(mem != NULL);
    for (size_t i = 0; i < f->option_count; i++) {
        struct prov_dhcp_option o = f->options[i];

        do {
            const size_t len = o.bytes.len < 255 ? o.bytes.len : 255;

            put_split(&out, &o, len, where % (len + 1));
            if (o.bytes.len > 0)
                o.bytes = prov_str_cut(o.bytes, len, o.bytes.len);
        } while (o.bytes.len > 0);
    }
    fuzz_read(&again, prov_dhcp4_read, prov_buf_str(&out), PROV_DHCP_INPUT_OPTIONS);
    FUZZ_CHECK(again.status == PROV_OK);
    fuzz_check_same(f, &again.facts);
    free(again.mem);
    free(mem);
}

/* Of a shorter input the options are a prefix; only the last may be shorter, or an earlier one that
 * was split. */
static void
check_prefix(struct prov_str bytes, const struct prov_dhcp_facts *f, uint8_t n)
{
    const size_t len = bytes.len * n / 256;
    char *copy = malloc(len > 0 ? len : 1);
    struct fuzz_reading r;

    FUZZ_CHECK(copy != NULL);
    if (len > 0)
        memcpy(copy, bytes.ptr, len);
    fuzz_read(&r, prov_dhcp4_read, (struct prov_str){ copy, len }, PROV_DHCP_INPUT_OPTIONS);
    FUZZ_CHECK(r.facts.option_count <= f->option_count);
    for (size_t i = 0; i < r.facts.option_count; i++) {
        const struct prov_dhcp_option *a = &r.facts.options[i], *b = &f->options[i];

        FUZZ_CHECK(a->code == b->code && a->offset == b->offset && a->bytes.len <= b->bytes.len);
        FUZZ_CHECK(prov_str_eq(a->bytes, prov_str_cut(b->bytes, 0, a->bytes.len)));
    }
    free(r.mem);
    free(copy);
}

/* A message that asks for something is read as what it was made of, and is no answer. */
static void
check_message(struct prov_str class, uint8_t seed)
{
    struct prov_dhcp4_client c = { .xid = seed * 0x01010101u, .address = { 127, 0, 0, 1 } };
    uint16_t codes[PROV_DHCP_PARAMS_MAX];
    const size_t count = seed % (PROV_DHCP_PARAMS_MAX + 1);
    char mem[580];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct fuzz_reading r;

    for (size_t i = 0; i < count; i++)
        codes[i] = (uint16_t)(1 + (seed + i) % 254);
    c.vendor_class = prov_str_cut(class, 0, class.len < 255 ? class.len : 255);
    FUZZ_CHECK(prov_dhcp4_inform(&c, codes, count, &out) == PROV_OK && out.len >= 300);
    fuzz_read(&r, prov_dhcp4_read, prov_buf_str(&out), PROV_DHCP_INPUT_AUTO);
    FUZZ_CHECK(r.status == PROV_OK && r.facts.packet && r.facts.message_type == 8);
    FUZZ_CHECK(r.facts.xid == c.xid);
    const struct prov_dhcp_option *o = prov_dhcp_find(&r.facts, 60);

    FUZZ_CHECK(o != NULL ? prov_str_eq(o->bytes, c.vendor_class) : c.vendor_class.len == 0);
    o = prov_dhcp_find(&r.facts, 55);
    FUZZ_CHECK(o != NULL ? o->bytes.len == count : count == 0);
    FUZZ_CHECK(!prov_dhcp4_is_answer(&c, prov_buf_str(&out)));
    free(r.mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_in in = { data, size > 4096 ? 4096 : size };
    const uint8_t how = fuzz_u8(&in), where = fuzz_u8(&in);
    const struct prov_str bytes = fuzz_rest(&in);
    const enum prov_dhcp_input input = (enum prov_dhcp_input)((how & 3) % 3);
    struct fuzz_reading r;

    fuzz_read(&r, prov_dhcp4_read, bytes, input);
    fuzz_check_spans(&r, bytes);
    check_addresses(&r.facts, how);
    check_split(&r.facts, where);
    if (input == PROV_DHCP_INPUT_OPTIONS)
        check_prefix(bytes, &r.facts, where);
    check_message(bytes, where);
    free(r.mem);
    return 0;
}
