/* SPDX-License-Identifier: MIT */
#include <prov/pnp.h>

#include <stdio.h>

#include "support/prov_cmocka.h"

static const struct prov_identity d200 = {
    .size = sizeof(d200),
    .mac = PROV_STR_INIT("00:09:52:00:00:0e"),
    .model = PROV_STR_INIT("KX-HDV130"),
    .type = PROV_STR_INIT("D200"),
    .fwver = PROV_STR_INIT("01.000"),
    .vendor = PROV_STR_INIT("Vendor"),
};

#define LOCAL \
    { \
        PROV_FAMILY_IPV4, { 192, 0, 2, 1 }, 5062 \
    }
#define START 1000000u /* of the clock, ms */

static struct prov_endpoint
at(const char *text)
{
    struct prov_endpoint e;

    assert_int_equal(PROV_OK, prov_endpoint_parse(prov_str_z(text), &e));
    return e;
}

static struct prov_pnp_config
config_of(const struct prov_identity *identity)
{
    const struct prov_pnp_config c = {
        .size = sizeof(c), .identity = identity, .local = LOCAL, .seed = 42
    };

    return c;
}

/* An exchange that has just sent its first SUBSCRIBE. */
static void
begin(struct prov_pnp *p, bool lenient)
{
    struct prov_pnp_config c = config_of(&d200);
    struct prov_pnp_step step;

    c.lenient = lenient;
    assert_int_equal(PROV_OK, prov_pnp_init(p, &c, NULL));
    prov_pnp_next(p, START, &step);
    assert_int_equal(PROV_PNP_SEND, step.kind);
}

static struct prov_str
subscribe_of(const struct prov_pnp_config *c, struct prov_pnp *p)
{
    struct prov_pnp_step step;

    assert_int_equal(PROV_OK, prov_pnp_init(p, c, NULL));
    prov_pnp_next(p, START, &step);
    assert_int_equal(PROV_PNP_SEND, step.kind);
    return step.bytes;
}

/* The text with our Call-ID for `$`; lives until the next call. */
static struct prov_str
fill(const struct prov_pnp *p, const char *text)
{
    static char mem[8192];
    struct prov_str s = { mem, 0 };

    for (; *text != '\0'; text++) {
        const bool id = *text == '$';

        assert_true(s.len + sizeof(p->call_id) < sizeof(mem));
        memcpy(mem + s.len, id ? p->call_id : text, id ? sizeof(p->call_id) : 1);
        s.len += id ? sizeof(p->call_id) : 1;
    }
    return s;
}

/* Through a heap block of exact size. */
static enum prov_pnp_verdict
receive(struct prov_pnp *p, uint64_t now, const char *from, const char *text)
{
    const struct prov_str s = fill(p, text);
    const struct prov_endpoint sender = at(from);
    char *exact = malloc(s.len > 0 ? s.len : 1);

    assert_non_null(exact);
    memcpy(exact, s.ptr, s.len);
    const enum prov_pnp_verdict v =
        prov_pnp_datagram(p, now, &sender, (struct prov_str){ exact, s.len });

    free(exact);
    return v;
}

/* Status of the pending answer, which goes to the sender; 0 = there is none. */
static unsigned
answer_of(struct prov_pnp *p, uint64_t now, const char *to)
{
    const struct prov_endpoint sender = at(to);
    struct prov_pnp_step step;
    struct prov_sip sip;

    prov_pnp_next(p, now, &step);
    if (step.kind != PROV_PNP_SEND || step.bytes.ptr == p->subscribe)
        return 0;
    assert_true(prov_endpoint_same_host(&step.to, &sender) && step.to.port == sender.port);
    assert_int_equal(PROV_OK, prov_sip_read(step.bytes, &sip, NULL));
    assert_false(sip.request);
    prov_pnp_next(p, now, &step); /* one datagram, one answer */
    assert_true(step.kind != PROV_PNP_SEND || step.bytes.ptr == p->subscribe);
    return sip.status;
}

/* ---- SUBSCRIBE (PNP-1) ---- */

static void
writes_the_subscribe_in_the_order_servers_expect(void **state)
{
    static const char want[] =
        "SUBSCRIBE sip:MAC%%3A00095200000E@224.0.1.75 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1:5062;rport;branch=z9hG4bK%.16s\r\n"
        "From: <sip:MAC%%3A00095200000E@224.0.1.75>;tag=%.16s\r\n"
        "To: <sip:MAC%%3A00095200000E@224.0.1.75>\r\n"
        "Call-ID: %.32s\r\n"
        "CSeq: 1 SUBSCRIBE\r\n"
        "Event: ua-profile;profile-type=\"device\";vendor=\"Vendor\";model=\"KX-HDV130\";"
        "version=\"01.000\"\r\n"
        "Max-Forwards: 70\r\n"
        "Contact: <sip:MAC%%3A00095200000E@192.0.2.1:5062>\r\n"
        "Expires: 0\r\n"
        "Accept: application/url\r\n"
        "Content-Length: 0\r\n\r\n";
    const struct prov_pnp_config c = config_of(&d200);
    struct prov_pnp p;
    struct prov_pnp_step step;
    struct prov_sip sip;
    char text[PROV_PNP_SUBSCRIBE_BYTES];
    const struct prov_endpoint group = at("224.0.1.75:5060");

    (void)state;
    assert_int_equal(PROV_OK, prov_pnp_init(&p, &c, NULL));
    prov_pnp_next(&p, START, &step);
    assert_int_equal(PROV_PNP_SEND, step.kind);
    (void)snprintf(text, sizeof(text), want, p.branch, p.from_tag, p.call_id);
    assert_true(prov_str_is(step.bytes.ptr, step.bytes.len, text));
    assert_true(prov_endpoint_same_host(&group, &step.to) && step.to.port == 5060);
    assert_int_equal(PROV_OK, prov_sip_read(step.bytes, &sip, NULL));
    assert_true(strspn(p.call_id, "0123456789abcdef") >= sizeof(p.call_id));
}

static const char *
event_for(struct prov_identity id, char *mem, size_t bytes)
{
    const struct prov_pnp_config c = config_of(&id);
    struct prov_pnp p;
    const struct prov_str s = subscribe_of(&c, &p);
    struct prov_sip sip;

    assert_int_equal(PROV_OK, prov_sip_read(s, &sip, NULL));
    assert_true(sip.headers[PROV_SIP_EVENT].len < bytes);
    memcpy(mem, sip.headers[PROV_SIP_EVENT].ptr, sip.headers[PROV_SIP_EVENT].len);
    mem[sip.headers[PROV_SIP_EVENT].len] = '\0';
    return mem;
}

static void
escapes_what_the_phone_says_of_itself(void **state)
{
    struct prov_identity id = d200;
    char mem[512];

    (void)state;
    id.model = prov_str_z("");
    id.vendor = prov_str_z("A~\"B\\C\";x=\"y");
    id.fwver = prov_str_z("");
    assert_string_equal("ua-profile;profile-type=\"device\";"
                        "vendor=\"A~\\\"B\\\\C\\\";x=\\\"y\";model=\"D200\";version=\"\"",
                        event_for(id, mem, sizeof(mem)));
    id.type = prov_str_z("");
    id.vendor = (struct prov_str){ NULL, 0 };
    assert_string_equal("ua-profile;profile-type=\"device\";vendor=\"\";model=\"\";version=\"\"",
                        event_for(id, mem, sizeof(mem)));
}

static void
refuses_what_cannot_be_escaped(void **state)
{
    static const char *const values[] = { "a\r\nVia: x", "\n", "a\x01", "\x7F", "\xC3\xBC", "\t" };
    static const char *const names[] = { "vendor", "model", "type", "fwver" };
    struct prov_pnp p;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(values) * PROV_COUNT(names); i++) {
        const char *name = names[i % PROV_COUNT(names)];
        const struct prov_str value = prov_str_z(values[i / PROV_COUNT(names)]);
        struct prov_identity id = d200;
        const struct prov_pnp_config c = config_of(&id);
        struct prov_diag d = { 0 };
        struct prov_str *const places[] = { &id.vendor, &id.model, &id.type, &id.fwver };

        if (i % PROV_COUNT(names) == 2)
            id.model.len = 0;
        *places[i % PROV_COUNT(names)] = value;
        memset(&p, '#', sizeof(p));
        PROV_ROW(name, prov_pnp_init(&p, &c, &d) == PROV_E_DENIED);
        PROV_ROW(name, d.code == PROV_D_PNP_VALUE && d.status == PROV_E_DENIED);
        PROV_ROW(name, prov_str_is(d.subject.ptr, d.subject.len, name));
        PROV_ROW(name, p.subscribe[0] == '#' && p.call_id[0] == '#'); /* left as it was */
    }
}

/* At the limit with everything as long as it can be, and one byte more. */
static void
stays_under_1024_bytes_with_the_longest_identity(void **state)
{
    char longest[PROV_PNP_VALUE_BYTES + 1], quotes[PROV_PNP_VALUE_BYTES];
    struct prov_identity id = d200;
    struct prov_pnp_config c = config_of(&id);
    struct prov_pnp p;
    struct prov_diag d = { 0 };

    (void)state;
    memset(longest, 'x', sizeof(longest));
    id.vendor = id.model = id.fwver = (struct prov_str){ longest, PROV_PNP_VALUE_BYTES };
    c.local = at("[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
    c.group = at("[ff02:2222:3333:4444:5555:6666:7777:8888]:65535");
    const size_t len = subscribe_of(&c, &p).len;

    assert_true(len < PROV_PNP_SUBSCRIBE_BYTES);
    memset(quotes, '"', sizeof(quotes)); /* each of them counts twice */
    id.vendor = (struct prov_str){ quotes, PROV_PNP_VALUE_BYTES / 2 };
    assert_int_equal(len, subscribe_of(&c, &p).len);
    id.vendor.len++;
    assert_int_equal(PROV_E_LIMIT, prov_pnp_init(&p, &c, &d));
    assert_true(prov_str_is(d.subject.ptr, d.subject.len, "vendor"));
    id.vendor.len = 0;
    id.model.len++;
    assert_int_equal(PROV_E_LIMIT, prov_pnp_init(&p, &c, &d));
    assert_true(prov_str_is(d.subject.ptr, d.subject.len, "model"));
    id.model.len = 0;
    id.fwver.len++;
    assert_int_equal(PROV_E_LIMIT, prov_pnp_init(&p, &c, &d));
    assert_true(prov_str_is(d.subject.ptr, d.subject.len, "fwver"));
    assert_int_equal(PROV_D_PNP_VALUE_LONG, d.code);
    assert_int_equal(PROV_PNP_VALUE_BYTES, d.need);
}

static bool
contains(struct prov_str s, const char *part)
{
    for (size_t i = 0; i + strlen(part) <= s.len; i++) {
        if (memcmp(s.ptr + i, part, strlen(part)) == 0)
            return true;
    }
    return false;
}

static void
writes_ipv6_and_other_ports(void **state)
{
    struct prov_pnp_config c = config_of(&d200);
    struct prov_pnp p;
    struct prov_str s;

    (void)state;
    c.local = at("[2001:db8::1]:5060");
    c.group = at("[ff02::75]:5070");
    s = subscribe_of(&c, &p);
    assert_true(contains(s, "SUBSCRIBE sip:MAC%3A00095200000E@[ff02::75]:5070 SIP/2.0\r\n"
                            "Via: SIP/2.0/UDP [2001:db8::1]:5060;rport"));
    assert_true(contains(s, "Contact: <sip:MAC%3A00095200000E@[2001:db8::1]>\r\n"));
    c.group = at("239.1.2.3");
    s = subscribe_of(&c, &p);
    assert_true(contains(s, "SUBSCRIBE sip:MAC%3A00095200000E@239.1.2.3 SIP/2.0\r\n"));
    assert_int_equal(5060, p.group.port);
}

static void
draws_other_words_for_each_seed_and_device(void **state)
{
    struct prov_identity other = d200;
    struct prov_pnp_config c = config_of(&d200);
    struct prov_pnp p, q;

    (void)state;
    assert_int_equal(PROV_OK, prov_pnp_init(&p, &c, NULL));
    assert_int_equal(PROV_OK, prov_pnp_init(&q, &c, NULL));
    assert_memory_equal(p.subscribe, q.subscribe, p.subscribe_len);
    c.seed = UINT64_C(42) << 32;
    assert_int_equal(PROV_OK, prov_pnp_init(&q, &c, NULL));
    assert_memory_not_equal(p.call_id, q.call_id, sizeof(p.call_id));
    assert_memory_not_equal(p.from_tag, q.from_tag, sizeof(p.from_tag));
    assert_memory_not_equal(p.branch, q.branch, sizeof(p.branch));
    c.seed = 42;
    c.identity = &other;
    other.mac = prov_str_z("00095200000f");
    assert_int_equal(PROV_OK, prov_pnp_init(&q, &c, NULL));
    assert_memory_not_equal(p.call_id, q.call_id, sizeof(p.call_id));
}

static void
refuses_bad_arguments(void **state)
{
    struct prov_identity id = d200;
    struct prov_pnp_config c = config_of(&id);
    struct prov_pnp p;
    struct prov_diag d = { 0 };

    (void)state;
    assert_int_equal(PROV_E_ARG, prov_pnp_init(NULL, &c, &d));
    assert_int_equal(PROV_D_BAD_ARGUMENT, d.code);
    assert_int_equal(PROV_E_ARG, prov_pnp_init(&p, NULL, NULL));
    c.size = 3;
    assert_int_equal(PROV_E_ABI, prov_pnp_init(&p, &c, &d));
    assert_true(d.code == PROV_D_ABI &&
                prov_str_is(d.subject.ptr, d.subject.len, "prov_pnp_config"));
    c = config_of(NULL);
    assert_int_equal(PROV_E_ARG, prov_pnp_init(&p, &c, &d));
    c = config_of(&id);
    c.local.port = 0;
    assert_int_equal(PROV_E_ARG, prov_pnp_init(&p, &c, &d));
    c = config_of(&id);
    c.local.family = PROV_FAMILY_NONE;
    assert_int_equal(PROV_E_ARG, prov_pnp_init(&p, &c, &d));
    c = config_of(&id);
    c.group.family = (enum prov_family)5;
    assert_int_equal(PROV_E_ARG, prov_pnp_init(&p, &c, NULL));
    c = config_of(&id);
    id.size = 1;
    assert_int_equal(PROV_E_ABI, prov_pnp_init(&p, &c, &d));
    id = d200;
    id.mac = prov_str_z("00:09:52:00:00");
    assert_int_equal(PROV_E_INVALID, prov_pnp_init(&p, &c, &d));
    assert_true(prov_str_is(d.subject.ptr, d.subject.len, "mac"));
}

/* ---- Timers (PNP-2) ---- */

/* Times of all SUBSCRIBEs from the start, each with a blank behind it, and the end. */
static void
timeline(struct prov_pnp *p, uint64_t now, char *out, size_t bytes)
{
    struct prov_pnp_step step;
    size_t n = 0;

    for (;;) {
        prov_pnp_next(p, now, &step);
        if (step.kind == PROV_PNP_SEND)
            n += (size_t)snprintf(out + n, bytes - n, "%u ", (unsigned)(now - START));
        if (step.kind == PROV_PNP_END)
            break;
        if (step.kind == PROV_PNP_WAIT) {
            assert_true(step.until_ms > now);
            now = step.until_ms;
        }
    }
    (void)snprintf(out + n, bytes - n, "end %u", (unsigned)(now - START));
}

static void
repeats_at_the_times_of_rfc_3261(void **state)
{
    struct prov_pnp_config c = config_of(&d200);
    struct prov_pnp p;
    char text[128];

    (void)state;
    assert_int_equal(PROV_OK, prov_pnp_init(&p, &c, NULL));
    timeline(&p, START, text, sizeof(text));
    assert_string_equal("0 500 1500 3500 end 5000", text);
    c.window_ms = 20000;
    assert_int_equal(PROV_OK, prov_pnp_init(&p, &c, NULL));
    timeline(&p, START, text, sizeof(text));
    assert_string_equal("0 500 1500 3500 7500 11500 15500 19500 end 20000", text);
    c.window_ms = 500; /* at its end nothing is sent any more */
    assert_int_equal(PROV_OK, prov_pnp_init(&p, &c, NULL));
    timeline(&p, START, text, sizeof(text));
    assert_string_equal("0 end 500", text);
}

#define RESPONSE(status, method) \
    "SIP/2.0 " status \
    "\r\nVia: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\n" \
    "To: <sip:a>;tag=2\r\nCall-ID: $\r\nCSeq: " method "\r\nContent-Length: 0\r\n\r\n"
#define OK_200 RESPONSE("200 OK", "1 SUBSCRIBE")
#define SERVER "192.0.2.9:5060"

static void
stops_repeating_after_a_response(void **state)
{
    static const struct {
        const char *name, *text;
        enum prov_pnp_verdict verdict;
        const char *times; /* after a datagram at 100 ms */
    } rows[] = {
        { "200", OK_200, PROV_PNP_RESPONSE, "end 5000" },
        { "202", RESPONSE("202 Accepted", "1 SUBSCRIBE"), PROV_PNP_RESPONSE, "end 5000" },
        { "100 slows it down", RESPONSE("100 Trying", "1 SUBSCRIBE"), PROV_PNP_RESPONSE,
          "500 4500 end 5000" },
        { "404 of one server", RESPONSE("404 Not Found", "1 SUBSCRIBE"), PROV_PNP_RESPONSE,
          "500 1500 3500 end 5000" },
        { "603", RESPONSE("603 Decline", "1 SUBSCRIBE"), PROV_PNP_RESPONSE,
          "500 1500 3500 end 5000" },
        { "of another method", RESPONSE("200 OK", "1 NOTIFY"), PROV_PNP_OTHER,
          "500 1500 3500 end 5000" },
        { "of another number", RESPONSE("200 OK", "2 SUBSCRIBE"), PROV_PNP_OTHER,
          "500 1500 3500 end 5000" },
        { "of another call",
          "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a\r\nf: a\r\nt: a\r\ni: $x\r\nCSeq: 1 SUBSCRIBE\r\n",
          PROV_PNP_OTHER, "500 1500 3500 end 5000" },
    };
    struct prov_pnp p;
    char text[128];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        begin(&p, false);
        PROV_ROW(rows[i].name, receive(&p, START + 100, SERVER, rows[i].text) == rows[i].verdict);
        PROV_ROW(rows[i].name, answer_of(&p, START + 100, SERVER) == 0);
        timeline(&p, START + 101, text, sizeof(text));
        PROV_ROW(rows[i].name, strcmp(text, rows[i].times) == 0);
    }
}

static void
sends_once_to_a_caller_that_was_late(void **state)
{
    struct prov_pnp p;
    struct prov_pnp_step step;

    (void)state;
    begin(&p, false);
    prov_pnp_next(&p, START + 3000, &step);
    assert_int_equal(PROV_PNP_SEND, step.kind);
    prov_pnp_next(&p, START + 3000, &step);
    assert_int_equal(PROV_PNP_WAIT, step.kind);
    assert_true(step.until_ms == START + 4000);
    prov_pnp_next(&p, START + 90000, &step);
    assert_int_equal(PROV_PNP_END, step.kind);
}

/* ---- NOTIFY (PNP-3, PNP-4) ---- */

#define N(via, from, to, id, rest) \
    "NOTIFY sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP " via "\r\nFrom: <sip:b>" from "\r\n" \
    "To: <sip:a>" to "\r\nCall-ID: " id "\r\nCSeq: 1 NOTIFY\r\n" rest
#define STATE "Subscription-State: terminated\r\nEvent: ua-profile\r\n"
#define BODY "\r\nhttp://h/a.xml"
#define GOOD N("192.0.2.9:5060;branch=1", ";tag=b", ";tag=a", "$", STATE BODY)

/* Rows: verdict and answer of a strict exchange, then of a lenient one. */
static const struct row {
    const char *name, *from, *text;
    enum prov_pnp_verdict strict;
    unsigned strict_answer;
    enum prov_pnp_verdict lenient;
    unsigned lenient_answer;
} rows[] = {
/* clang-format off */
#define BOTH(v, a) PROV_PNP_##v, a, PROV_PNP_##v, a
#define EITHER(v, a) PROV_PNP_##v, a, PROV_PNP_ADDRESS, 200
    { "good",                  SERVER, GOOD, BOTH(ADDRESS, 200) },
    { "good, another port",    "192.0.2.9:40000", GOOD, BOTH(ADDRESS, 200) },
    { "compact, folded, LF",   SERVER, "NOTIFY x SIP/2.0\nv: SIP/2.0/UDP\n 192.0.2.9\nf: b;tag=1\nt: a\n ;tag=2\n"
                                       "i:\n $\nCSeq: 9 NOTIFY\nsubscription-STATE: x\n\nhttp://h/a.xml\n", BOTH(ADDRESS, 200) },
    { "Via names a host",      SERVER, N("pbx.example:5060", ";tag=b", ";tag=a", "$", STATE BODY), BOTH(ADDRESS, 200) },
    { "no Event",              SERVER, N("h", ";tag=b", ";tag=a", "$", "Subscription-State: x\r\n" BODY), BOTH(ADDRESS, 200) },
    { "Event of any case",     SERVER, N("h", ";tag=b", ";tag=a", "$", "Subscription-State: x\r\no: UA-Profile;x=y\r\n" BODY), BOTH(ADDRESS, 200) },
    { "wrong Call-ID",         SERVER, N("h", ";tag=b", ";tag=a", "1", STATE BODY), EITHER(STRANGER, 481) },
    { "Call-ID and more",      SERVER, N("h", ";tag=b", ";tag=a", "$@h", STATE BODY), EITHER(STRANGER, 481) },
    { "no From tag",           SERVER, N("h", "", ";tag=a", "$", STATE BODY), EITHER(INCOMPLETE, 400) },
    { "no To tag",             SERVER, N("h", ";tag=b", "", "$", STATE BODY), EITHER(INCOMPLETE, 400) },
    { "empty To tag",          SERVER, N("h", ";tag=b", ";tag=", "$", STATE BODY), EITHER(INCOMPLETE, 400) },
    { "no Subscription-State", SERVER, N("h", ";tag=b", ";tag=a", "$", "Event: ua-profile\r\n" BODY), EITHER(INCOMPLETE, 400) },
    { "foreign Via",           SERVER, N("192.0.2.8:5060;branch=1", ";tag=b", ";tag=a", "$", STATE BODY), EITHER(INCOMPLETE, 400) },
    { "foreign Via on top",    SERVER, N("192.0.2.8 , SIP/2.0/UDP 192.0.2.9", ";tag=b", ";tag=a", "$", STATE BODY), EITHER(INCOMPLETE, 400) },
    { "foreign Via below",     SERVER, N("192.0.2.9, SIP/2.0/UDP 192.0.2.8", ";tag=b", ";tag=a", "$", STATE BODY), BOTH(ADDRESS, 200) },
    { "no body",               SERVER, N("h", ";tag=b", ";tag=a", "$", STATE "\r\n"), BOTH(NO_ADDRESS, 200) },
    { "two lines",             SERVER, N("h", ";tag=b", ";tag=a", "$", STATE "\r\nhttp://h/a\r\nhttp://h/b\r\n"), BOTH(NO_ADDRESS, 200) },
    { "escaped CR LF",         SERVER, N("h", ";tag=b", ";tag=a", "$", STATE "\r\nhttp://h/%0d%0aX:y"), BOTH(NO_ADDRESS, 200) },
    { "another event",         SERVER, N("h", ";tag=b", ";tag=a", "$", "Event: check-sync\r\n" BODY), BOTH(OTHER, 489) },
    { "OPTIONS",               SERVER, "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: a\r\nt: a\r\ni: $\r\nCSeq: 1 OPTIONS\r\n", BOTH(OTHER, 405) },
    { "ACK",                   SERVER, "ACK sip:a SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: a\r\nt: a\r\ni: $\r\nCSeq: 1 ACK\r\n", BOTH(OTHER, 0) },
    { "SUBSCRIBE of another",  SERVER, "SUBSCRIBE sip:a SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: a\r\nt: a\r\ni: 1\r\nCSeq: 1 SUBSCRIBE\r\n", BOTH(OTHER, 0) },
    { "keep-alive",            SERVER, "\r\n\r\n", BOTH(MALFORMED, 0) },
    { "empty",                 SERVER, "", BOTH(MALFORMED, 0) },
    { "no SIP",                SERVER, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", BOTH(MALFORMED, 0) },
    { "cut off",               SERVER, N("h", ";tag=b", ";tag=a", "$", "Content-Length: 99\r\n" BODY), BOTH(MALFORMED, 0) },
    /* clang-format on */
};

static void
judges_datagrams_by_the_table(void **state)
{
    struct prov_pnp p;

    (void)state;
    for (size_t i = 0; i < 2 * PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i / 2];
        const bool lenient = i % 2 == 1;
        const enum prov_pnp_verdict want = lenient ? r->lenient : r->strict;

        begin(&p, lenient);
        const enum prov_pnp_verdict got = receive(&p, START + 7, r->from, r->text);

        PROV_ROW(r->name, got == want);
        PROV_ROW(r->name, (prov_pnp_url(&p).len > 0) == (want == PROV_PNP_ADDRESS));
        PROV_ROW(r->name, answer_of(&p, START + 7, r->from) ==
                              (lenient ? r->lenient_answer : r->strict_answer));
        if (want == PROV_PNP_ADDRESS)
            PROV_ROW(r->name,
                     prov_str_is(prov_pnp_url(&p).ptr, prov_pnp_url(&p).len, "http://h/a.xml"));
    }
}

static void
knows_the_sender_of_the_200(void **state)
{
    static const char other[] = N("h", ";tag=b", ";tag=a", "theirs", STATE BODY);
    struct prov_pnp p;

    (void)state;
    begin(&p, false);
    assert_int_equal(PROV_PNP_STRANGER, receive(&p, START, SERVER, other));
    assert_int_equal(PROV_PNP_RESPONSE,
                     receive(&p, START, "192.0.2.8:5060", RESPONSE("404 No", "1 SUBSCRIBE")));
    assert_int_equal(PROV_PNP_STRANGER, receive(&p, START, "192.0.2.8:5060", other));
    assert_int_equal(PROV_PNP_RESPONSE, receive(&p, START, "[::ffff:192.0.2.9]:5060", OK_200));
    assert_int_equal(PROV_PNP_RESPONSE, receive(&p, START, SERVER, OK_200));
    assert_int_equal(1, p.server_count);
    assert_int_equal(PROV_PNP_STRANGER, receive(&p, START, "192.0.2.8:5060", other));
    assert_int_equal(PROV_PNP_ADDRESS, receive(&p, START, "192.0.2.9:33333", other));
    /* More servers than are remembered do no harm. */
    for (char c = '1'; c <= '9'; c++) {
        char from[] = "192.0.2.10x:5060";

        from[10] = c;
        assert_int_equal(PROV_PNP_RESPONSE, receive(&p, START, from, OK_200));
    }
    assert_int_equal(PROV_PNP_SERVERS, p.server_count);
    assert_int_equal(PROV_PNP_REPEATED, receive(&p, START, "192.0.2.101:1", other));
    assert_int_equal(PROV_PNP_STRANGER, receive(&p, START, "192.0.2.109:1", other));
}

static void
takes_the_first_address_and_sees_conflicts(void **state)
{
    static const char another[] = N("h", ";tag=b", ";tag=a", "$", STATE "\r\nhttp://h/b.xml");
    struct prov_pnp p;
    char text[128];

    (void)state;
    begin(&p, false);
    assert_int_equal(PROV_PNP_ADDRESS, receive(&p, START + 9, SERVER, GOOD)); /* before the 200 */
    assert_int_equal(200, answer_of(&p, START + 9, SERVER));
    assert_int_equal(PROV_PNP_REPEATED, receive(&p, START + 10, SERVER, GOOD));
    assert_int_equal(200, answer_of(&p, START + 10, SERVER));
    assert_int_equal(PROV_PNP_CONFLICT, receive(&p, START + 11, "192.0.2.8:5060", another));
    assert_int_equal(200, answer_of(&p, START + 11, "192.0.2.8:5060"));
    assert_int_equal(PROV_PNP_REPEATED, receive(&p, START + 12, SERVER, GOOD));
    assert_true(prov_str_is(prov_pnp_url(&p).ptr, prov_pnp_url(&p).len, "http://h/a.xml"));
    assert_int_equal(200, answer_of(&p, START + 12, SERVER));
    timeline(&p, START + 13, text, sizeof(text));
    assert_string_equal("end 5000", text); /* it is known, so nobody is asked again */
}

static void
ignores_its_own_subscribe(void **state)
{
    struct prov_pnp p;
    char copy[PROV_PNP_SUBSCRIBE_BYTES + 1];

    (void)state;
    begin(&p, true);
    memcpy(copy, p.subscribe, p.subscribe_len);
    copy[p.subscribe_len] = '\0';
    assert_int_equal(PROV_PNP_OTHER, receive(&p, START + 1, "192.0.2.1:5062", copy));
    assert_int_equal(0, answer_of(&p, START + 1, "192.0.2.1:5062"));
}

static void
looks_at_nothing_outside_the_window(void **state)
{
    const struct prov_pnp_config c = config_of(&d200);
    struct prov_pnp p;
    struct prov_pnp_step step;

    (void)state;
    assert_int_equal(PROV_OK, prov_pnp_init(&p, &c, NULL));
    assert_int_equal(PROV_PNP_NONE, receive(&p, START, SERVER, GOOD));
    begin(&p, false);
    assert_int_equal(PROV_PNP_NONE, receive(&p, START + 5000, SERVER, GOOD));
    prov_pnp_next(&p, START + 5000, &step);
    assert_int_equal(PROV_PNP_END, step.kind);
    /* What came in time is answered, and then it is over. */
    begin(&p, false);
    assert_int_equal(PROV_PNP_ADDRESS, receive(&p, START + 4999, SERVER, GOOD));
    assert_int_equal(200, answer_of(&p, START + 5001, SERVER));
    prov_pnp_next(&p, START + 5001, &step);
    assert_int_equal(PROV_PNP_END, step.kind);
}

static void
answers_with_what_the_sender_needs(void **state)
{
    struct prov_pnp p;
    struct prov_pnp_step step;
    char want[512];

    (void)state;
    begin(&p, true);
    assert_int_equal(PROV_PNP_ADDRESS, receive(&p, START, "192.0.2.9:777",
                                               N("192.0.2.9;rport", ";tag=b", "", "1", BODY)));
    prov_pnp_next(&p, START, &step);
    (void)snprintf(want, sizeof(want),
                   "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9;rport=777;received=192.0.2.9\r\n"
                   "From: <sip:b>;tag=b\r\nTo: <sip:a>;tag=%.16s\r\nCall-ID: 1\r\n"
                   "CSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n",
                   p.from_tag);
    assert_true(prov_str_is(step.bytes.ptr, step.bytes.len, want));
}

static void
does_not_send_an_answer_that_is_too_long(void **state)
{
    static char text[4096];
    struct prov_pnp p;

    (void)state;
    for (int length = 1500; length <= 2500; length += 1000) {
        (void)snprintf(text, sizeof(text), "%s%0*d%s",
                       "NOTIFY x SIP/2.0\r\nv: SIP/2.0/UDP h;branch=", length, 0,
                       "\r\nf: b;tag=1\r\nt: a;tag=2\r\ni: $\r\nCSeq: 9 NOTIFY\r\n"
                       "Subscription-State: x\r\n\r\nhttp://h");
        begin(&p, false);
        assert_int_equal(PROV_PNP_ADDRESS, receive(&p, START, SERVER, text));
        assert_int_equal(length == 1500 ? 200 : 0, answer_of(&p, START, SERVER));
    }
}

/* ---- Addresses ---- */

#define ESCAPED(url, good) \
    { \
        "", url, good ? url : NULL \
    }

static void
finds_the_address_in_a_notify(void **state)
{
    static const struct {
        const char *type, *body, *url; /* NULL = there is none */
    } forms[] = {
        /* clang-format off */
        { "Content-Type: application/url\r\n", "http://h/a", "http://h/a" },
        { "Content-Type: Application/URL ; x=y\r\n", "http://h/a", "http://h/a" },
        { "Content-Type:\r\n", "http://h/a", "http://h/a" },
        { "", "http://h/{mac}<MACADR>", "http://h/{mac}<MACADR>" },
        { "", " \t\r\nhttp://h/a \r\n\r\n\t", "http://h/a" },
        { "", "\r\n", NULL },
        { "", "", NULL },
        { "Content-Type: text/plain\r\n", "http://h/a", NULL },
        { "Content-Type: application/xml\r\n", "<a/>", NULL },
        { "c: message/external-body; access-type=\"URL\"; URL=\"http://h/x;y\"; size=4\r\n", "Content-Type: a/b\r\n\r\n", "http://h/x;y" },
        { "c: MESSAGE/External-Body;url=http://h/x\r\n", "", "http://h/x" },
        { "c: message/external-body;\r\n URL=\r\n \"http://h/x\"\r\n", "", "http://h/x" },
        { "c: message/external-body;URL=\"http://h/\r\n x\"\r\n", "", NULL },
        { "c: message/external-body;URL=\r\n", "URL=http://h/y", NULL },
        { "c: message/external-body\r\n", "URL=http://h/y\r\n", "http://h/y" },
        { "c: message/external-body\r\n", "\r\nurl= \"http://h/y\"; size=5\r\n", "http://h/y" },
        { "c: message/external-body\r\n", "URL=\"http://h/y", NULL },
        { "c: message/external-body\r\n", "URL=", NULL },
        { "c: message/external-body\r\n", "URL", NULL },
        { "c: message/external-body\r\n", "http://h/y", NULL },
        { "", "http://h/a b", NULL },
        { "", "http://h/a\tb", NULL },
        { "", "http://h/a\x01", NULL },
        { "", "http://h/a\x7F" "b", NULL },
        ESCAPED("http://h/%0d", false), ESCAPED("http://h/%0A", false), ESCAPED("http://h/%00", false),
        ESCAPED("http://h/%1f", false), ESCAPED("http://h/%7F", false), ESCAPED("%00", false),
        ESCAPED("http://h/%20", true), ESCAPED("http://h/%70", true), ESCAPED("http://h/%0", true),
        ESCAPED("http://h/%0g", true), ESCAPED("http://h/%", true), ESCAPED("http://h/%f0%8d", true),
        /* clang-format on */
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(forms); i++) {
        struct prov_sip sip;
        struct prov_str url = { NULL, 99 };
        char *exact;

        (void)snprintf(text, sizeof(text), "%s%s\r\n%s", N("h", "", "", "1", ""), forms[i].type,
                       forms[i].body);
        exact = prov_copy_exact(text);
        assert_int_equal(PROV_OK,
                         prov_sip_read((struct prov_str){ exact, strlen(text) }, &sip, NULL));
        const bool found = prov_pnp_body_url(&sip, &url);

        PROV_ROW(forms[i].body, found == (forms[i].url != NULL));
        PROV_ROW(forms[i].body,
                 found ? prov_str_is(url.ptr, url.len, forms[i].url) : url.len == 99);
        free(exact);
    }
}

static void
trims_nuls_and_knows_the_longest_address(void **state)
{
    static char body[PROV_PNP_URL_BYTES + 1];
    struct prov_sip sip = { .body = PROV_STR_INIT("\0 http://h\0\r\n\0") };
    struct prov_str url = { NULL, 0 };

    (void)state;
    assert_true(prov_pnp_body_url(&sip, &url) && prov_str_is(url.ptr, url.len, "http://h"));
    sip.body = (struct prov_str)PROV_STR_INIT("http://h\0a");
    assert_false(prov_pnp_body_url(&sip, &url));
    memset(body, 'x', sizeof(body));
    sip.body = (struct prov_str){ body, PROV_PNP_URL_BYTES };
    assert_true(prov_pnp_body_url(&sip, &url) && url.len == PROV_PNP_URL_BYTES);
    sip.body.len++;
    assert_false(prov_pnp_body_url(&sip, &url));
}

/* ---- A hostile network ---- */

static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Noise, or something like a message with a few bytes changed. */
static struct prov_str
hostile(const struct prov_pnp *p, uint64_t *seed, char *mem)
{
    static const char options[] = "OPTIONS x SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: a\r\nt: a\r\n"
                                  "i: $\r\nCSeq: 1 OPTIONS\r\n\r\n";
    static const char stranger[] = N("h", ";tag=b", ";tag=a", "1", STATE BODY);
    static const char failed[] = RESPONSE("500 No", "1 SUBSCRIBE");
    static const char *const texts[] = { OK_200, stranger, failed, options };
    const uint64_t what = random_next(seed) % 8;
    struct prov_str s = { mem, (size_t)(random_next(seed) % 300) };

    if (what < PROV_COUNT(texts)) {
        const struct prov_str filled = fill(p, texts[what]);

        memcpy(mem, filled.ptr, filled.len);
        s.len = filled.len;
        for (unsigned n = (unsigned)(random_next(seed) % 4); n > 0; n--)
            mem[random_next(seed) % s.len] = (char)random_next(seed);
        return s;
    }
    for (size_t i = 0; i < s.len; i++)
        mem[i] = (char)random_next(seed);
    return s;
}

static void
survives_100000_datagrams_in_the_window(void **state)
{
    struct prov_pnp p;
    struct prov_pnp_step step;
    uint64_t seed = 4711;
    unsigned sent = 0, answers = 0;
    char mem[1024];

    (void)state;
    begin(&p, false);
    for (unsigned i = 0; i < 100000; i++) {
        const uint64_t now = START + i / 20; /* 4,999 at the last one */
        const struct prov_endpoint from = { PROV_FAMILY_IPV4, { 192, 0, 2, (uint8_t)i }, 5060 };
        const struct prov_str s = hostile(&p, &seed, mem);
        unsigned n = 0;

        assert_true(prov_pnp_datagram(&p, now, &from, s) != PROV_PNP_NONE);
        for (prov_pnp_next(&p, now, &step); step.kind == PROV_PNP_SEND;
             prov_pnp_next(&p, now, &step))
            n += step.bytes.ptr == p.subscribe ? 0 : 1;
        assert_int_equal(PROV_PNP_WAIT, step.kind);
        assert_true(step.until_ms <= START + 5000 && n <= 1);
        sent += 1;
        answers += n;
    }
    assert_true(answers > 1000 && answers < sent);
    prov_pnp_next(&p, START + 4999, &step);
    assert_int_equal(PROV_PNP_WAIT, step.kind);
    assert_true(step.until_ms == START + 5000);
    prov_pnp_next(&p, START + 5000, &step);
    assert_int_equal(PROV_PNP_END, step.kind);
}

static void
names_verdicts(void **state)
{
    (void)state;
    assert_string_equal("outside the window", prov_pnp_verdict_name(PROV_PNP_NONE));
    assert_string_equal("conflict", prov_pnp_verdict_name(PROV_PNP_CONFLICT));
    assert_string_equal("incomplete", prov_pnp_verdict_name(PROV_PNP_INCOMPLETE));
    assert_string_equal("", prov_pnp_verdict_name((enum prov_pnp_verdict)10));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_subscribe_in_the_order_servers_expect),
        cmocka_unit_test(escapes_what_the_phone_says_of_itself),
        cmocka_unit_test(refuses_what_cannot_be_escaped),
        cmocka_unit_test(stays_under_1024_bytes_with_the_longest_identity),
        cmocka_unit_test(writes_ipv6_and_other_ports),
        cmocka_unit_test(draws_other_words_for_each_seed_and_device),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(repeats_at_the_times_of_rfc_3261),
        cmocka_unit_test(stops_repeating_after_a_response),
        cmocka_unit_test(sends_once_to_a_caller_that_was_late),
        cmocka_unit_test(judges_datagrams_by_the_table),
        cmocka_unit_test(knows_the_sender_of_the_200),
        cmocka_unit_test(takes_the_first_address_and_sees_conflicts),
        cmocka_unit_test(ignores_its_own_subscribe),
        cmocka_unit_test(looks_at_nothing_outside_the_window),
        cmocka_unit_test(answers_with_what_the_sender_needs),
        cmocka_unit_test(does_not_send_an_answer_that_is_too_long),
        cmocka_unit_test(finds_the_address_in_a_notify),
        cmocka_unit_test(trims_nuls_and_knows_the_longest_address),
        cmocka_unit_test(survives_100000_datagrams_in_the_window),
        cmocka_unit_test(names_verdicts),
    };

    return cmocka_run_group_tests_name("pnp", tests, NULL, NULL);
}
