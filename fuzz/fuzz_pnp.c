/* SPDX-License-Identifier: MIT */
#include <prov/pnp.h>

#include "fuzz_in.h"

/*
 * Input: a byte (bit 0 = lenient), then datagrams: a byte of time in 20 ms, a byte that chooses the
 * sender, two bytes of length, high one first, and the bytes. `$` in them stands for our Call-ID.
 */

#define START 7000u
#define WINDOW 5000u

struct world {
    struct prov_pnp p;
    uint64_t now;
    bool lenient;
    bool known[4]; /* senders that have answered the SUBSCRIBE with 2xx */
    char url[PROV_PNP_URL_BYTES];
    size_t url_len;
};

static struct prov_str
fill(const struct prov_pnp *p, struct prov_str s)
{
    struct prov_str out;
    char *mem;
    size_t ids = 0, n = 0;

    for (size_t i = 0; i < s.len; i++)
        ids += s.ptr[i] == '$';
    out.len = s.len + ids * (sizeof(p->call_id) - 1);
    mem = malloc(out.len > 0 ? out.len : 1);
    FUZZ_CHECK(mem != NULL);
    for (size_t i = 0; i < s.len; i++) {
        const bool id = s.ptr[i] == '$';

        memcpy(mem + n, id ? p->call_id : s.ptr + i, id ? sizeof(p->call_id) : 1);
        n += id ? sizeof(p->call_id) : 1;
    }
    out.ptr = mem;
    return out;
}

/* No address could end a request line or begin another one. */
static void
check_url(struct prov_str url)
{
    FUZZ_CHECK(url.len > 0 && url.len <= PROV_PNP_URL_BYTES);
    for (size_t i = 0; i < url.len; i++) {
        FUZZ_CHECK((unsigned char)url.ptr[i] > 0x20 && url.ptr[i] != 0x7F);
        if (url.ptr[i] == '%' && i + 2 < url.len)
            FUZZ_CHECK((url.ptr[i + 1] != '0' && url.ptr[i + 1] != '1') ||
                       strchr("0123456789abcdefABCDEF", url.ptr[i + 2]) == NULL);
    }
}

/* What a verdict promises. */
static void
check_verdict(struct world *w, enum prov_pnp_verdict verdict, unsigned sender, struct prov_str text)
{
    const struct prov_str url = prov_pnp_url(&w->p);
    struct prov_sip sip;
    const bool read = prov_sip_read(text, &sip, NULL) == PROV_OK;

    FUZZ_CHECK(read == (verdict != PROV_PNP_MALFORMED));
    if (verdict == PROV_PNP_RESPONSE && sip.status >= 200 && sip.status <= 299)
        w->known[sender] = true;
    if (verdict == PROV_PNP_ADDRESS || verdict == PROV_PNP_REPEATED ||
        verdict == PROV_PNP_CONFLICT || verdict == PROV_PNP_NO_ADDRESS) {
        const struct prov_str ours = { w->p.call_id, sizeof(w->p.call_id) };

        FUZZ_CHECK(w->lenient || w->known[sender] ||
                   prov_str_eq(sip.headers[PROV_SIP_CALL_ID], ours));
    }
    if (verdict == PROV_PNP_ADDRESS) {
        FUZZ_CHECK(w->url_len == 0);
        check_url(url);
        memcpy(w->url, url.ptr, url.len);
        w->url_len = url.len;
    }
    FUZZ_CHECK(prov_str_eq(url, (struct prov_str){ w->url, w->url_len })); /* the first one stays */
    FUZZ_CHECK(prov_pnp_verdict_name(verdict)[0] != '\0');
}

/* At most one answer, to the sender, that belongs to its request; nothing moves the end. */
static void
check_steps(struct world *w, const struct prov_endpoint *from, struct prov_str text)
{
    struct prov_pnp_step step;
    struct prov_sip request, answer;
    unsigned answers = 0, subscribes = 0;

    for (;;) {
        prov_pnp_next(&w->p, w->now, &step);
        if (step.kind != PROV_PNP_SEND)
            break;
        if (step.bytes.ptr == w->p.subscribe) {
            subscribes++;
            continue;
        }
        answers++;
        FUZZ_CHECK(memcmp(&step.to, from, sizeof(*from)) == 0);
        FUZZ_CHECK(prov_sip_read(text, &request, NULL) == PROV_OK && request.request);
        FUZZ_CHECK(prov_sip_read(step.bytes, &answer, NULL) == PROV_OK && !answer.request);
        FUZZ_CHECK(answer.cseq == request.cseq);
        FUZZ_CHECK(
            prov_str_eq(answer.headers[PROV_SIP_CALL_ID], request.headers[PROV_SIP_CALL_ID]));
    }
    FUZZ_CHECK(answers <= 1 && subscribes <= 1);
    FUZZ_CHECK((step.kind == PROV_PNP_END) == (w->now >= START + WINDOW));
    FUZZ_CHECK(step.kind == PROV_PNP_END ||
               (step.until_ms > w->now && step.until_ms <= START + WINDOW));
}

static void
one(struct world *w, struct fuzz_in *in)
{
    static const struct prov_endpoint senders[] = {
        { PROV_FAMILY_IPV4, { 192, 0, 2, 9 }, 5060 },
        { PROV_FAMILY_IPV4, { 192, 0, 2, 10 }, 40000 },
        { PROV_FAMILY_IPV6, { 0x20, 0x01, 0x0d, 0xb8 }, 5060 },
        { PROV_FAMILY_IPV4, { 192, 0, 2, 1 }, 5062 },
    };
    struct prov_str text;
    char *mem;

    w->now += 20u * fuzz_u8(in);
    const unsigned sender = fuzz_u8(in) % 4;
    size_t len = (size_t)fuzz_u8(in) << 8;

    len |= fuzz_u8(in);
    text = fill(&w->p, fuzz_take(in, len));
    const enum prov_pnp_verdict verdict = prov_pnp_datagram(&w->p, w->now, &senders[sender], text);

    FUZZ_CHECK((verdict == PROV_PNP_NONE) == (w->now >= START + WINDOW));
    if (verdict != PROV_PNP_NONE)
        check_verdict(w, verdict, sender, text);
    check_steps(w, &senders[sender], text);
    memcpy(&mem, &text.ptr, sizeof(mem));
    free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct prov_identity id = { .size = sizeof(id),
                                             .mac = PROV_STR_INIT("00095200000E"),
                                             .model = PROV_STR_INIT("D200"),
                                             .vendor = PROV_STR_INIT("V"),
                                             .fwver = PROV_STR_INIT("1") };
    struct fuzz_in in = { data, size };
    struct world w = { .now = START };
    struct prov_pnp_config c = { .size = sizeof(c),
                                 .identity = &id,
                                 .local = { PROV_FAMILY_IPV4, { 192, 0, 2, 1 }, 5062 },
                                 .seed = 1 };
    struct prov_pnp_step step;

    w.lenient = (fuzz_u8(&in) & 1) != 0;
    c.lenient = w.lenient;
    FUZZ_CHECK(prov_pnp_init(&w.p, &c, NULL) == PROV_OK);
    prov_pnp_next(&w.p, w.now, &step);
    FUZZ_CHECK(step.kind == PROV_PNP_SEND && step.bytes.len < PROV_PNP_SUBSCRIBE_BYTES);
    while (in.size > 0)
        one(&w, &in);
    return 0;
}
