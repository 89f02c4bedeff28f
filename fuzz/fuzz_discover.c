/* SPDX-License-Identifier: MIT */

/* A whole search: the input decides dialect, switches, what is answered and in which order. */

#include <prov/discover.h>
#include <prov/uri.h>

#include "fuzz_in.h"

#define TURNS 600
#define SECRET "p4ssw0rd"

static const struct prov_identity phone = {
    .size = sizeof(phone),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("KX 1/2"),
    .type = PROV_STR_INIT("D200"),
    .serial = PROV_STR_INIT("42"),
    .fwver = PROV_STR_INIT("01.000"),
};

/* An address with a user part, and the bytes that carried it. */
struct carried {
    char address[400];
    size_t address_len;
    char raw[700];
    size_t raw_len;
};

struct run {
    struct prov_discover d;
    struct prov_discover_options options;
    struct prov_discover_settings settings;
    struct prov_limits limits;
    struct prov_arena arena;
    struct prov_diag items[16];
    struct prov_diags diags;
    struct prov_macro_table macros;
    struct prov_source_record records[PROV_DISCOVER_SOURCES];
    struct prov_str manual;
    bool owed[4];
    bool secrets; /* the secret stands in user parts only */
    char *memory;
    uint64_t digest;
};

static void
put(char *out, size_t *len, struct prov_str s)
{
    if (s.len > 0)
        memcpy(out + *len, s.ptr, s.len);
    *len += s.len;
}

static void
make_address(struct fuzz_in *in, struct carried *c)
{
    static const char *const heads[] = { "http://", "https://", "ftp://", "tftp://", "", "x://" };
    const uint8_t choice = fuzz_u8(in);
    const struct prov_str tail = fuzz_str(in, 255);

    c->address_len = c->raw_len = 0;
    put(c->address, &c->address_len, prov_str_z(heads[choice % 6]));
    if ((choice & 0x40) == 0)
        put(c->address, &c->address_len, prov_str_z("user:" SECRET "@"));
    put(c->address, &c->address_len, tail);
    put(c->raw, &c->raw_len, fuzz_str(in, 64));
    put(c->raw, &c->raw_len, prov_str_z("\r\n"));
    put(c->raw, &c->raw_len, (struct prov_str){ c->address, c->address_len });
}

/* An answer of DHCP: an address in one of the options, or any bytes. */
static void
make_options(struct fuzz_in *in, bool v6, struct carried *c)
{
    static const uint8_t codes[] = { 160, 159, 66, 67, 43, 150, 125, 17, 59 };
    struct prov_str address;
    uint8_t code;

    make_address(in, c);
    code = codes[fuzz_u8(in) % sizeof(codes)];
    address = (struct prov_str){ c->address, c->address_len };
    c->raw_len = 0;
    if (v6) {
        const size_t inner = address.len, outer = code == 17 ? inner + 8 : inner;
        const char head[] = { 0, (char)code, (char)(outer >> 8), (char)outer };
        const char sub[] = { 0, 0, 0, 1, 0, 1, (char)(inner >> 8), (char)inner };

        put(c->raw, &c->raw_len, (struct prov_str){ head, sizeof(head) });
        if (code == 17)
            put(c->raw, &c->raw_len, (struct prov_str){ sub, sizeof(sub) });
        put(c->raw, &c->raw_len, address);
        return;
    }
    while (address.len > 0) { /* split if it is long */
        const size_t n = address.len < 200 ? address.len : 200;
        const char head[] = { (char)code, (char)n };

        put(c->raw, &c->raw_len, (struct prov_str){ head, sizeof(head) });
        put(c->raw, &c->raw_len, prov_str_cut(address, 0, n));
        address = prov_str_cut(address, n, address.len);
    }
}

static void
answer_dhcp(struct run *r, struct fuzz_in *in, bool v6)
{
    struct carried c;
    struct prov_str bytes;

    if ((fuzz_u8(in) & 1) != 0) {
        bytes = fuzz_str(in, 255);
    } else {
        make_options(in, v6, &c);
        bytes = (struct prov_str){ c.raw, c.raw_len };
    }
    char *copy = malloc(bytes.len + 1);

    FUZZ_CHECK(copy != NULL);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    prov_discover_dhcp(&r->d, 5, v6, (struct prov_str){ copy, bytes.len });
    memset(copy, 0x5A, bytes.len + 1);
    free(copy);
}

static void
answer_address(struct run *r, struct fuzz_in *in, enum prov_need need)
{
    struct carried c;

    make_address(in, &c);
    prov_discover_address(&r->d, 7, need, (struct prov_str){ c.address, c.address_len },
                          prov_str_z("192.0.2.1"), (struct prov_str){ c.raw, c.raw_len });
    if (need == PROV_NEED_PNP && (fuzz_u8(in) & 3) == 0) {
        make_address(in, &c);
        prov_discover_conflict(&r->d, (struct prov_str){ c.address, c.address_len },
                               prov_str_z("192.0.2.2"));
    }
    memset(&c, 0x5A, sizeof(c));
}

/* Something happens for a need, asked for or not. */
static void
answer(struct run *r, struct fuzz_in *in, enum prov_need need)
{
    const uint8_t kind = fuzz_u8(in) % 8;

    r->owed[need] = false;
    if (kind == 0)
        prov_discover_nothing(&r->d, 5, need, NULL);
    else if (kind == 1)
        prov_discover_refused(&r->d, 5, need, PROV_E_DENIED, NULL);
    else if (kind == 2 && need == PROV_NEED_REDIRECT)
        prov_discover_document(&r->d, 5);
    else if (need <= PROV_NEED_DHCP6)
        answer_dhcp(r, in, need == PROV_NEED_DHCP6);
    else
        answer_address(r, in, need);
}

/* One of the needs that are owed. */
static enum prov_need
pick(const struct run *r, uint8_t choice)
{
    for (unsigned i = 0; i < 4; i++) {
        const unsigned n = (choice + i) % 4;

        if (r->owed[n])
            return (enum prov_need)n;
    }
    FUZZ_CHECK(false); /* it waits, and nothing is owed */
    return PROV_NEED_DHCP4;
}

/* ---- Properties ---- */

static void
check_text(struct run *r, struct prov_str s, size_t most)
{
    const size_t n = sizeof(SECRET) - 1;

    FUZZ_CHECK(s.len <= most);
    for (size_t i = 0; i < s.len; i++)
        r->digest = (r->digest ^ (uint8_t)s.ptr[i]) * 0x100000001b3u;
    for (size_t i = 0; r->secrets && n <= s.len && i <= s.len - n; i++)
        FUZZ_CHECK(memcmp(s.ptr + i, SECRET, n) != 0);
}

static void
check_records(struct run *r)
{
    const size_t url = r->d.limits.url_bytes;
    unsigned won = 0;

    for (size_t i = 0; i < prov_discover_count(&r->d); i++) {
        const struct prov_source_record *s = &r->records[i];

        FUZZ_CHECK(s->reason != NULL && s->reason[0] != '\0');
        FUZZ_CHECK(prov_source_outcome_name(s->outcome)[0] != '?');
        FUZZ_CHECK(s->begun || !s->ended);
        FUZZ_CHECK(!s->won || s->outcome == PROV_SOURCE_URL);
        FUZZ_CHECK(s->ended_ms >= s->began_ms || !s->ended);
        FUZZ_CHECK((s->outcome == PROV_SOURCE_NOT_ASKED) == !s->ended || s->began_ms == 0);
        won += s->won;
        check_text(r, prov_str_z(s->reason), 80);
        check_text(r, s->before, url);
        check_text(r, s->url, url);
        check_text(r, s->asked, url > 64 ? url : 64);
        check_text(r, s->from, 64);
        check_text(r, s->raw, PROV_DISCOVER_RAW);
        check_text(r, s->conflict, url);
    }
    FUZZ_CHECK(won <= 1 && (won == 1) == (prov_discover_winner(&r->d) != NULL));
    for (uint32_t i = 0; i < r->diags.count; i++) {
        check_text(r, r->items[i].source, url);
        check_text(r, r->items[i].subject, 65535);
    }
}

static void
check_found(struct run *r)
{
    const struct prov_discover_candidate c = prov_discover_url(&r->d);
    struct prov_uri parts;

    FUZZ_CHECK(prov_uri_parse(c.url, &parts, NULL) == PROV_OK);
    FUZZ_CHECK(c.url.len <= r->d.limits.url_bytes);
    for (size_t i = 0; i < c.url.len; i++)
        FUZZ_CHECK(c.url.ptr[i] > 0x20 && c.url.ptr[i] < 0x7F);
    FUZZ_CHECK(prov_discover_winner(&r->d)->tried);
    check_text(r, prov_str_z("found"), 5);
}

/* ---- The search ---- */

static enum prov_status
begin(struct run *r, struct fuzz_in *in)
{
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count);
    const struct prov_dialect *dialect = all[fuzz_u8(in) % count];
    const uint8_t flags = fuzz_u8(in), more = fuzz_u8(in);
    const size_t bytes = (flags & 0x80) != 0 ? fuzz_u8(in) * (size_t)256 : 262144;
    const struct prov_discover_config config = {
        .size = sizeof(config),
        .dialect = dialect,
        .macros = &r->macros.set,
        .options = &r->options,
        .settings = &r->settings,
        .limits = &r->limits,
        .arena = &r->arena,
        .records = r->records,
        .diags = &r->diags,
    };

    r->memory = malloc(bytes + 1);
    FUZZ_CHECK(r->memory != NULL);
    prov_arena_init(&r->arena, r->memory, bytes);
    r->diags = (struct prov_diags){ r->items, 16, 0, 0 };
    r->limits = (struct prov_limits){ .size = sizeof(r->limits) };
    r->limits.url_bytes = (flags & 0x40) != 0 ? 16u + fuzz_u8(in) : 0;
    r->options = (struct prov_discover_options){ .size = sizeof(r->options) };
    r->options.mode = (enum prov_mode)((flags & 0x0F) % 3);
    r->options.proceed_on_nothing = (enum prov_choice)((more & 0x0F) % 3);
    r->options.proceed_on_fetch_error = (enum prov_choice)((more >> 4) % 3);
    r->options.macro_raw = (flags & 0x20) != 0;
    r->options.disabled = fuzz_u8(in);
    r->options.enabled = fuzz_u8(in);
    r->settings.said = r->settings.on = fuzz_u8(in);
    r->settings.on &= fuzz_u8(in);
    r->settings.off = (flags & 0x10) != 0;
    r->options.manual_url = r->manual;
    r->options.redirect_url = prov_str_z("https://user:" SECRET "@service.example/{mac}");
    FUZZ_CHECK(prov_macro_bind(dialect, &phone, &r->macros, NULL) == PROV_OK);
    return prov_discover_init(&r->d, &config, NULL);
}

/* One turn; false at the end. */
static bool
turn(struct run *r, struct fuzz_in *in)
{
    enum prov_discover_do what = PROV_DISCOVER_NOTHING;
    enum prov_need need = (enum prov_need)99;
    const enum prov_status status = prov_discover_next(&r->d, 3, &what, &need);

    FUZZ_CHECK(status == PROV_OK || status == PROV_E_SPACE);
    check_records(r);
    if (status != PROV_OK) {
        FUZZ_CHECK(prov_discover_next(&r->d, 3, &what, &need) == PROV_E_SPACE);
        return false;
    }
    switch (what) {
    case PROV_DISCOVER_ASK:
        FUZZ_CHECK((unsigned)need < 4 && !r->owed[need]);
        r->owed[need] = true;
        return true;
    case PROV_DISCOVER_CANCEL:
        FUZZ_CHECK((unsigned)need < 4 && r->owed[need]);
        r->owed[need] = false;
        return true;
    case PROV_DISCOVER_WAIT:
        answer(r, in, pick(r, fuzz_u8(in)));
        return true;
    case PROV_DISCOVER_FOUND:
        for (unsigned i = 0; i < 4; i++)
            FUZZ_CHECK(!r->owed[i]);
        check_found(r);
        if (in->size == 0)
            return false;
        if ((fuzz_u8(in) & 3) == 0) /* nobody asked */
            answer(r, in, (enum prov_need)(fuzz_u8(in) % 4));
        prov_discover_fetch_failed(&r->d);
        return true;
    case PROV_DISCOVER_NOTHING:
        FUZZ_CHECK(prov_discover_url(&r->d).url.len == 0);
        FUZZ_CHECK(prov_discover_status(&r->d) != PROV_OK);
        return false;
    }
    return false;
}

/* The digest of everything that could be seen. */
static uint64_t
run(const uint8_t *data, size_t size, bool secrets)
{
    static struct run r;
    struct fuzz_in in = { data, size };
    unsigned turns = 0;

    r = (struct run){ .secrets = secrets, .digest = 0xcbf29ce484222325u };
    struct carried manual;

    if ((fuzz_u8(&in) & 1) != 0)
        make_address(&in, &manual);
    else
        manual.address_len = 0;
    r.manual = (struct prov_str){ manual.address, manual.address_len };
    FUZZ_CHECK(begin(&r, &in) == PROV_OK);
    while (turn(&r, &in))
        FUZZ_CHECK(++turns < TURNS);
    FUZZ_CHECK(r.arena.scratch == 0 || prov_discover_status(&r.d) == PROV_E_SPACE);
    free(r.memory);
    return r.digest;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t n = sizeof(SECRET) - 1;
    bool secrets = true;

    for (size_t i = 0; n <= size && i <= size - n; i++)
        secrets = secrets && memcmp(data + i, SECRET, n) != 0;
    FUZZ_CHECK(run(data, size, secrets) == run(data, size, secrets));
    return 0;
}
