/* SPDX-License-Identifier: MIT */

/*
 * DSC-1, DSC-2, DSC-3 as one table: each dialect, each address state, each subset of sources that
 * answer, and both orders in which answers of the same step may come. The table is written from the
 * makers' guides, not from the dialects.
 */

#include "support/prov_discover.h"

#include <stdio.h>

/* Sources in the order of asking; `+` joins those of one step. */
static const struct order {
    const char *dialect;
    enum prov_mode mode;
    const char *order;
} orders[] = {
    /* clang-format off */
    { "auerswald-d",    PROV_MODE_IPV4, "dhcp redirect+pnp manual" },
    { "auerswald-d",    PROV_MODE_IPV6, "dhcp redirect+pnp manual" },
    { "auerswald-d",    PROV_MODE_DUAL, "dhcp redirect+pnp manual" },
    { "auerswald-d100", PROV_MODE_IPV4, "dhcp redirect+pnp manual" },
    { "auerswald-d100", PROV_MODE_IPV6, "dhcp redirect+pnp manual" },
    { "auerswald-d100", PROV_MODE_DUAL, "dhcp redirect+pnp manual" },
    { "panasonic-utg",  PROV_MODE_IPV4, "manual pnp dhcp-160 dhcp-159 dhcp-66 redirect" },
    { "panasonic-utg",  PROV_MODE_IPV6, "manual dhcpv6" },
    { "panasonic-utg",  PROV_MODE_DUAL, "manual pnp dhcp-160 dhcp-159 dhcp-66 dhcpv6 redirect" },
    { "panasonic-hdv",  PROV_MODE_IPV4, "manual pnp dhcp-160 dhcp-159 dhcp-66" },
    { "panasonic-hdv",  PROV_MODE_IPV6, "manual dhcpv6" },
    { "panasonic-hdv",  PROV_MODE_DUAL, "manual pnp dhcp-160 dhcp-159 dhcp-66 dhcpv6" },
    { "generic",        PROV_MODE_IPV4, "manual pnp dhcp-43 dhcp dhcp-160 dhcp-159 dhcp-150 dhcp-125 "
                                        "redirect" },
    { "generic",        PROV_MODE_IPV6, "manual dhcpv6 dhcpv6-59 redirect" },
    { "generic",        PROV_MODE_DUAL, "manual pnp dhcp-43 dhcp dhcp-160 dhcp-159 dhcp-150 dhcp-125 "
                                        "dhcpv6 dhcpv6-59 redirect" },
    /* clang-format on */
};

/* What a source is asked by, and the address it answers with. */
static const struct known {
    const char *source, *need, *address;
} known[] = {
    { "manual", "", "http://manual.example/x.cfg" },
    { "pnp", "pnp", "http://pnp.example/x.cfg" },
    { "redirect", "redirect", "http://redirect.example/x.cfg" },
    { "dhcp", "dhcp4", "http://dhcp.example/x.cfg" },
    { "dhcp-160", "dhcp4", "http://o160.example" },
    { "dhcp-159", "dhcp4", "http://o159.example" },
    { "dhcp-66", "dhcp4", "http://o66.example/x.cfg" },
    { "dhcp-43", "dhcp4", "http://o43.example/x.cfg" },
    { "dhcp-150", "dhcp4", "tftp://192.0.2.150" },
    { "dhcp-125", "dhcp4", "http://o125.example/x.cfg" },
    { "dhcpv6", "dhcp6", "http://o17.example/x.cfg" },
    { "dhcpv6-59", "dhcp6", "http://o59.example/x.cfg" },
};

static const char *const needs[] = { "dhcp4", "dhcp6", "pnp", "redirect" };

#define MOST 12u

/* One row, taken apart. */
struct plan {
    const struct known *sources[MOST];
    unsigned steps[MOST];
    unsigned count;
};

static const struct known *
find(const char *name, size_t len)
{
    for (size_t i = 0; i < PROV_COUNT(known); i++) {
        if (prov_str_is(name, len, known[i].source))
            return &known[i];
    }
    fail_msg("'%.*s' is not known", (int)len, name);
    return NULL;
}

static struct plan
read_order(const char *text)
{
    struct plan p = { .count = 0 };
    unsigned step = 0;

    while (*text != '\0') {
        const size_t len = strcspn(text, " +");

        assert_true(p.count < MOST);
        p.sources[p.count] = find(text, len);
        p.steps[p.count++] = step;
        if (text[len] == ' ')
            step++;
        text += len + (text[len] != '\0');
    }
    return p;
}

static bool
has(const struct plan *p, unsigned subset, const char *source)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (strcmp(p->sources[i]->source, source) == 0)
            return (subset >> i & 1) != 0;
    }
    return false;
}

/*
 * What has to happen: needs in the order of asking, each but PnP's and the service's at most once,
 * then the winner. The first answer of a step wins: the first source of it, or with `late` the
 * last one.
 */
static void
expect(const struct plan *p, unsigned subset, bool late, char *text, size_t size)
{
    const struct known *winner = NULL;
    size_t len = 0;

    text[0] = '\0';
    for (unsigned from = 0, to; from < p->count && winner == NULL; from = to) {
        for (to = from; to < p->count && p->steps[to] == p->steps[from]; to++) {
            const char *need = p->sources[to]->need;

            if (*need != '\0' && strstr(text, need) == NULL)
                len += (size_t)snprintf(text + len, size - len, "%s ", need);
            if ((subset >> to & 1) != 0 && (winner == NULL || late))
                winner = p->sources[to];
        }
    }
    snprintf(text + len, size - len, "-> %s", winner != NULL ? winner->source : "none");
}

/* ---- The search itself ---- */

static void
answer_dhcp4(struct search *s, const struct plan *p, unsigned subset)
{
    static const struct {
        const char *source;
        unsigned code;
    } texts[] = { { "dhcp-160", 160 }, { "dhcp-159", 159 }, { "dhcp-66", 66 }, { "dhcp-43", 43 } };
    struct search_options o = { .len = 0 };

    for (size_t i = 0; i < PROV_COUNT(texts); i++) {
        if (has(p, subset, texts[i].source))
            search_option(&o, texts[i].code,
                          find(texts[i].source, strlen(texts[i].source))->address);
    }
    if (has(p, subset, "dhcp")) {
        search_option(&o, 66, "http://dhcp.example");
        search_option(&o, 67, "x.cfg");
    }
    if (has(p, subset, "dhcp-150"))
        search_option_bytes(&o, 150, "\xC0\x00\x02\x96", 4);
    if (has(p, subset, "dhcp-125")) {
        const char *text = find("dhcp-125", 8)->address;
        char bytes[64] = {
            0, 0, 0x7E, (char)0xD9, (char)(strlen(text) + 2), 1, (char)strlen(text)
        };

        memcpy(bytes + 7, text, strlen(text));
        search_option_bytes(&o, 125, bytes, 7 + strlen(text));
    }
    if (o.len > 0)
        search_answer_dhcp(s, false, &o);
    else
        prov_discover_nothing(&s->d, s->now_ms, PROV_NEED_DHCP4, "no DHCP data");
}

static void
answer(struct search *s, enum prov_need need, const struct plan *p, unsigned subset)
{
    struct search_options o = { .len = 0 };

    if (need == PROV_NEED_DHCP4) {
        answer_dhcp4(s, p, subset);
    } else if (need == PROV_NEED_DHCP6) {
        if (has(p, subset, "dhcpv6"))
            search_vendor6(&o, "http://o17.example/x.cfg");
        if (has(p, subset, "dhcpv6-59"))
            search_option6(&o, 59, "http://o59.example/x.cfg");
        search_answer_dhcp(s, true, &o);
    } else if (has(p, subset, needs[need])) {
        search_answer(s, need,
                      need == PROV_NEED_PNP ? "http://pnp.example/x.cfg"
                                            : "http://redirect.example/x.cfg");
    } else {
        prov_discover_nothing(&s->d, s->now_ms, need, "no answer");
    }
}

/* Runs the search; writes what was asked and who won. */
static void
run(struct search *s, const struct plan *p, unsigned subset, bool late, char *text, size_t size)
{
    enum prov_need owed[4] = { PROV_NEED_PNP }, need;
    enum prov_discover_do what;
    unsigned count = 0;
    size_t len = 0;

    text[0] = '\0';
    for (unsigned turns = 0; turns < 100; turns++) {
        what = search_next(s, &need);
        if (what == PROV_DISCOVER_ASK) {
            len += (size_t)snprintf(text + len, size - len, "%s ", needs[need]);
            owed[count++] = need;
        } else if (what == PROV_DISCOVER_CANCEL) {
            assert_true(count == 1 && owed[0] == need); /* the other one of the step */
            count = 0;
        } else if (what == PROV_DISCOVER_WAIT) {
            assert_true(count > 0);
            need = late ? owed[count - 1] : owed[0];
            if (!late)
                memmove(owed, owed + 1, sizeof(owed) - sizeof(owed[0]));
            count--;
            answer(s, need, p, subset);
        } else {
            break;
        }
    }
    assert_int_equal(0, count);
    const struct prov_source_record *w = prov_discover_winner(&s->d);

    snprintf(text + len, size - len, "-> %s", w != NULL ? prov_source_name(w->kind) : "none");
    assert_int_equal(w != NULL ? PROV_DISCOVER_FOUND : PROV_DISCOVER_NOTHING, what);
}

/* The address is the winner's, and exactly one record says that it won. */
static void
check_result(struct search *s, const char *name)
{
    const struct prov_source_record *w = prov_discover_winner(&s->d);
    const struct prov_str url = prov_discover_url(&s->d).url;
    unsigned won = 0;

    for (size_t i = 0; i < prov_discover_count(&s->d); i++) {
        won += s->records[i].won;
        PROV_ROW(name, s->records[i].reason != NULL && s->records[i].reason[0] != '\0');
    }
    PROV_ROW(name, won == (w != NULL));
    if (w == NULL) {
        PROV_ROW(name, url.len == 0 && prov_discover_status(&s->d) == PROV_E_NOT_FOUND);
        return;
    }
    const struct known *k = find(prov_source_name(w->kind), strlen(prov_source_name(w->kind)));

    PROV_ROW(name, w->outcome == PROV_SOURCE_URL && w->tried);
    PROV_ROW(name, url.len >= strlen(k->address));
    PROV_ROW(name, memcmp(url.ptr, k->address, strlen(k->address)) == 0);
    PROV_ROW(name, prov_str_eq(w->url, url));
}

static void
check_subset(const struct order *o, const struct plan *p, unsigned subset, bool late)
{
    static struct search s;
    char expected[256], got[256], name[400];

    search_setup(&s);
    s.options.mode = o->mode;
    s.options.redirect_url = prov_str_z("https://service.example/{MAC}");
    if (has(p, subset, "manual"))
        s.options.manual_url = prov_str_z("http://manual.example/x.cfg");
    search_begin(&s, o->dialect);
    expect(p, subset, late, expected, sizeof(expected));
    run(&s, p, subset, late, got, sizeof(got));
    snprintf(name, sizeof(name), "%s %s subset %u: %s", o->dialect, prov_mode_name(o->mode), subset,
             got);
    if (strcmp(expected, got) != 0)
        fail_msg("%s, but should be: %s", name, expected);
    check_result(&s, name);
    search_end(&s);
}

static void
every_subset_of_answers_has_the_documented_winner(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(orders); i++) {
        const struct plan p = read_order(orders[i].order);

        for (unsigned subset = 0; subset < 1u << p.count; subset++) {
            check_subset(&orders[i], &p, subset, false);
            check_subset(&orders[i], &p, subset, true);
        }
    }
}

/* The sources that are not in an order leave a record that says so. */
static void
sources_of_other_address_states_are_not_asked(void **state)
{
    static const char *const reasons[] = {
        "not with an IPv4 address only",
        "not with an IPv6 address only",
        "not with an IPv4 and an IPv6 address",
    };
    static struct search s;

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(orders); i++) {
        const struct plan p = read_order(orders[i].order);
        char got[256];

        search_setup(&s);
        s.options.mode = orders[i].mode;
        s.options.redirect_url = prov_str_z("https://service.example/{MAC}");
        search_begin(&s, orders[i].dialect);
        run(&s, &p, 0, false, got, sizeof(got));
        for (size_t k = 0; k < prov_discover_count(&s.d); k++) {
            const struct prov_source_record *r = &s.records[k];
            bool in = false;

            for (unsigned n = 0; n < p.count; n++)
                in = in || strcmp(p.sources[n]->source, prov_source_name(r->kind)) == 0;
            PROV_ROW(orders[i].dialect,
                     r->outcome == (in ? PROV_SOURCE_NOTHING : PROV_SOURCE_NOT_ASKED));
            PROV_ROW(orders[i].dialect, r->begun == in && r->ended == in);
            PROV_ROW(orders[i].dialect, in || strcmp(r->reason, reasons[orders[i].mode]) == 0);
        }
        search_end(&s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subset_of_answers_has_the_documented_winner),
        cmocka_unit_test(sources_of_other_address_states_are_not_asked),
    };
    return cmocka_run_group_tests_name("discover_order", tests, NULL, NULL);
}
