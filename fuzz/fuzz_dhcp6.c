/* SPDX-License-Identifier: MIT */
#include "fuzz_dhcp.h"

static const struct prov_dhcp_rule rules[] = {
    { PROV_DHCP_FORM_VENDOR, true, 17, 0, 1, 0, false },
    { PROV_DHCP_FORM_ADDRESS, true, 59, 0, 0, 0, false },
    { PROV_DHCP_FORM_SERVER, true, 59, 0, 0, 0, false },
    { PROV_DHCP_FORM_HOST, true, 59, 0, 0, 0, false },
};

static void
check_addresses(const struct prov_dhcp_facts *f, uint8_t how)
{
    const struct prov_dhcp_policy policy = {
        .default_file = PROV_STR_INIT("{MODEL}.cfg"),
        .enterprise = (how & 4) != 0 ? 3561 : 0,
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        fuzz_check_address(f, &rules[i], &policy);
}

/* What was read, written down again, is the input up to the mistake. */
static void
check_written(struct prov_str bytes, const struct fuzz_reading *r)
{
    const struct prov_dhcp_facts *f = &r->facts;
    size_t at = f->packet ? 4 : 0;

    for (size_t i = 0; i < f->option_count; i++) {
        const struct prov_dhcp_option *o = &f->options[i];
        const uint8_t *p = (const uint8_t *)bytes.ptr + at;

        FUZZ_CHECK(o->offset == at && o->code == p[0] * 256 + p[1]);
        FUZZ_CHECK(o->bytes.len == (size_t)p[2] * 256 + p[3]);
        FUZZ_CHECK(o->bytes.len == 0 || o->bytes.ptr == bytes.ptr + at + 4);
        at += 4 + o->bytes.len;
    }
    if (r->status == PROV_OK && f->option_count < PROV_DHCP6_OPTIONS_MAX)
        FUZZ_CHECK(at == bytes.len);
    else if (f->option_count < PROV_DHCP6_OPTIONS_MAX && r->items[0].column > 0)
        FUZZ_CHECK(r->items[0].column == at + 1);
}

/* A shorter input gives the first options. */
static void
check_prefix(struct prov_str bytes, const struct prov_dhcp_facts *f, uint8_t n)
{
    const size_t len = bytes.len * n / 256;
    char *copy = malloc(len > 0 ? len : 1);
    struct fuzz_reading r;

    FUZZ_CHECK(copy != NULL);
    if (len > 0)
        memcpy(copy, bytes.ptr, len);
    fuzz_read(&r, prov_dhcp6_read, (struct prov_str){ copy, len }, PROV_DHCP_INPUT_OPTIONS);
    FUZZ_CHECK(r.facts.option_count <= f->option_count);
    for (size_t i = 0; i < r.facts.option_count; i++) {
        FUZZ_CHECK(r.facts.options[i].code == f->options[i].code);
        FUZZ_CHECK(prov_str_eq(r.facts.options[i].bytes, f->options[i].bytes));
    }
    free(r.mem);
    free(copy);
}

/* A message is read as what it was made of; the reply that repeats its head is its answer. */
static void
check_message(struct prov_str bytes, uint8_t seed)
{
    const size_t duid = bytes.len < 130 ? bytes.len : 130;
    const struct prov_dhcp6_client c = { seed * 0x010101u, prov_str_cut(bytes, 0, duid), seed };
    uint16_t codes[PROV_DHCP_PARAMS_MAX];
    const size_t count = seed % (PROV_DHCP_PARAMS_MAX + 1);
    char mem[216];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct fuzz_reading r;

    for (size_t i = 0; i < count; i++)
        codes[i] = (uint16_t)(1000 + i);
    const enum prov_status status = prov_dhcp6_information_request(&c, codes, count, &out);

    FUZZ_CHECK(status == (duid > 0 ? PROV_OK : PROV_E_ARG));
    if (status != PROV_OK)
        return;
    fuzz_read(&r, prov_dhcp6_read, prov_buf_str(&out), PROV_DHCP_INPUT_AUTO);
    FUZZ_CHECK(r.status == PROV_OK && r.facts.packet && r.facts.message_type == 11);
    FUZZ_CHECK(r.facts.xid == c.xid && r.facts.option_count == 3);
    FUZZ_CHECK(prov_str_eq(prov_dhcp_find(&r.facts, 1)->bytes, c.duid));
    FUZZ_CHECK(prov_dhcp_find(&r.facts, 6)->bytes.len == 2 * (count + 2));
    FUZZ_CHECK(!prov_dhcp6_is_answer(&c, prov_buf_str(&out)));
    mem[0] = 7;
    FUZZ_CHECK(prov_dhcp6_is_answer(&c, prov_buf_str(&out)));
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

    fuzz_read(&r, prov_dhcp6_read, bytes, input);
    fuzz_check_spans(&r, bytes);
    check_addresses(&r.facts, how);
    check_written(bytes, &r);
    if (input == PROV_DHCP_INPUT_OPTIONS)
        check_prefix(bytes, &r.facts, where);
    check_message(bytes, where);
    free(r.mem);
    return 0;
}
