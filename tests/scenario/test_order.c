/* SPDX-License-Identifier: MIT */

/* DSC-1 to DSC-3 as whole searches: for each dialect, address state and subset of sources that
 * answer, who wins, and who is not asked any more. */

#include <stdio.h>

#include "world.h"

#define MANUAL PROV_SOURCE_MANUAL
#define PNP PROV_SOURCE_PNP
#define DHCP PROV_SOURCE_DHCP
#define D160 PROV_SOURCE_DHCP_160
#define D159 PROV_SOURCE_DHCP_159
#define D66 PROV_SOURCE_DHCP_66
#define V6 PROV_SOURCE_DHCPV6
#define REDIRECT PROV_SOURCE_REDIRECT

/* As the makers write it. In step 2 of auerswald-* both are asked at once; here the service is the
 * faster one. */
static const struct row {
    const char *dialect;
    enum prov_mode mode;
    size_t count;
    enum prov_source_kind order[7];
} rows[] = {
    { "auerswald-d", PROV_MODE_IPV4, 4, { DHCP, REDIRECT, PNP, MANUAL } },
    { "auerswald-d", PROV_MODE_IPV6, 4, { DHCP, REDIRECT, PNP, MANUAL } },
    { "auerswald-d", PROV_MODE_DUAL, 4, { DHCP, REDIRECT, PNP, MANUAL } },
    { "auerswald-d100", PROV_MODE_IPV4, 4, { DHCP, REDIRECT, PNP, MANUAL } },
    { "panasonic-utg", PROV_MODE_IPV4, 6, { MANUAL, PNP, D160, D159, D66, REDIRECT } },
    { "panasonic-utg", PROV_MODE_IPV6, 2, { MANUAL, V6 } },
    { "panasonic-utg", PROV_MODE_DUAL, 7, { MANUAL, PNP, D160, D159, D66, V6, REDIRECT } },
    { "panasonic-hdv", PROV_MODE_IPV4, 5, { MANUAL, PNP, D160, D159, D66 } },
    { "panasonic-hdv", PROV_MODE_IPV6, 2, { MANUAL, V6 } },
    { "panasonic-hdv", PROV_MODE_DUAL, 6, { MANUAL, PNP, D160, D159, D66, V6 } },
    { "generic", PROV_MODE_IPV6, 3, { MANUAL, V6, REDIRECT } },
    { "generic", PROV_MODE_DUAL, 7, { MANUAL, PNP, DHCP, D160, D159, V6, REDIRECT } },
};

static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("M1"),
    .type = PROV_STR_INIT("D200"),
    .vendor = PROV_STR_INIT("V"),
};

/* ---- A network where some answer ---- */

/* An option whose value is an address at a host of this name. */
static void
put_option(struct world_dhcp *d, char *bytes, unsigned code, const char *url)
{
    bytes[d->len++] = (char)code;
    bytes[d->len++] = (char)strlen(url);
    memcpy(bytes + d->len, url, strlen(url));
    d->len += strlen(url);
    d->bytes = bytes;
}

static void
put_dhcp6(struct world_dhcp *d, char *bytes, const char *url)
{
    const size_t n = strlen(url);
    const char head[] = { 0, 17, 0, (char)(n + 8), 0, 0, 1, 1, 0, 1, 0, (char)n };

    memcpy(bytes, head, sizeof(head));
    memcpy(bytes + sizeof(head), url, n);
    d->len = sizeof(head) + n;
    d->bytes = bytes;
}

static bool
answers(const struct row *r, unsigned subset, enum prov_source_kind kind)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->order[i] == kind)
            return (subset >> i & 1) != 0;
    }
    return false;
}

static void
set_up_dhcp(struct world *w, const struct row *r, unsigned subset, char v4[256], char v6[256])
{
    w->dhcp[0].there = w->dhcp[1].there = true;
    if (answers(r, subset, D160))
        put_option(&w->dhcp[0], v4, 160, "http://s-160/a.cfg");
    if (answers(r, subset, D66) || answers(r, subset, DHCP))
        put_option(&w->dhcp[0], v4, 66, "http://s-66/a.cfg");
    if (answers(r, subset, D159))
        put_option(&w->dhcp[0], v4, 159, "http://s-159/a.cfg");
    if (answers(r, subset, V6))
        put_dhcp6(&w->dhcp[1], v6, "http://s-6/a.cfg");
}

static const char *
host_of(enum prov_source_kind kind)
{
    switch (kind) {
    case PROV_SOURCE_MANUAL:
        return "http://s-manual/";
    case PROV_SOURCE_PNP:
        return "http://s-pnp/";
    case PROV_SOURCE_DHCP:
    case PROV_SOURCE_DHCP_66:
        return "http://s-66/";
    case PROV_SOURCE_DHCP_160:
        return "http://s-160/";
    case PROV_SOURCE_DHCP_159:
        return "http://s-159/";
    case PROV_SOURCE_DHCPV6:
        return "http://s-6/";
    case PROV_SOURCE_REDIRECT:
        return "http://s-redirect/";
    case PROV_SOURCE_DHCP_43:
    case PROV_SOURCE_DHCP_150:
    case PROV_SOURCE_DHCP_125:
    case PROV_SOURCE_DHCPV6_59:
        break;
    }
    return "";
}

/* ---- What must hold ---- */

static void
check_winner(const struct world *w, const struct row *r, unsigned subset, const char *name)
{
    size_t first = 0;
    bool later = false;

    while (first < r->count && (subset >> first & 1) == 0)
        first++;
    for (size_t i = 0; i < r->count; i++) {
        const struct prov_source_record *s = world_source(w, r->order[i]);

        PROV_ROW(name, s != NULL);
        PROV_ROW(name, s->won == (i == first));
        if (i < first)
            PROV_ROW(name, s->outcome == PROV_SOURCE_NOTHING);
        /* the mate of a step may have been asked; nobody behind it */
        if (later && s->step > world_source(w, r->order[first])->step)
            PROV_ROW(name, s->outcome == PROV_SOURCE_NOT_ASKED && !s->begun);
        later = later || i == first;
    }
    PROV_ROW(name, (w->record->outcome == PROV_OUTCOME_NOTHING) == (first == r->count));
    if (first == r->count)
        return;
    const char *host = host_of(r->order[first]);
    const struct prov_str url = w->record->fetches[0].url;

    PROV_ROW(name, w->record->fetch_count == 1);
    PROV_ROW(name, url.len > strlen(host) && memcmp(url.ptr, host, strlen(host)) == 0);
}

/* Sources that are not of this address state are told to be so, and not asked. */
static void
check_others(const struct world *w, const struct row *r, const char *name)
{
    for (uint32_t i = 0; i < w->record->source_count; i++) {
        const struct prov_source_record *s = &w->record->sources[i];
        bool listed = false;

        for (size_t k = 0; k < r->count; k++)
            listed = listed || r->order[k] == s->kind;
        if (!listed && strcmp(r->dialect, "generic") != 0)
            PROV_ROW(name, s->outcome == PROV_SOURCE_NOT_ASKED && s->reason != NULL);
    }
}

static void
search(const struct row *r, unsigned subset)
{
    static const struct world_datagram talk[] = {
        { .at_ms = 100, .message = WORLD_NOTIFY, .text = "http://s-pnp/a.cfg", .host = 10 },
        { .at_ms = 0 },
    };
    const bool service = answers(r, subset, REDIRECT);
    const struct world_reply replies[] = {
        { .url = "http://svc/",
          .http = service ? 302 : 404,
          .location = "http://s-redirect/a.cfg" },
        { .url = NULL },
    };
    const char *manual = answers(r, subset, MANUAL) ? "http://s-manual/a.cfg" : "";
    struct world *w = world_new(manual, replies);
    char v4[256], v6[256], name[80];

    snprintf(name, sizeof(name), "%s, %s, subset %u", r->dialect, prov_mode_name(r->mode), subset);
    w->lan = true;
    w->config.dialect = prov_dialect_find(prov_str_z(r->dialect));
    w->config.identity = &identity;
    w->discover.mode = r->mode;
    w->discover.redirect_url = prov_str_z("http://svc/");
    w->limits.tree_bytes = w->limits.file_bytes = w->limits.settings_bytes = 4096;
    w->limits.xml_nodes = 100;
    w->datagrams = answers(r, subset, PNP) ? talk : NULL;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    set_up_dhcp(w, r, subset, v4, v6);
    (void)world_run(w);
    check_winner(w, r, subset, name);
    check_others(w, r, name);
    world_free(w);
}

static void
finds_the_winner_of_every_subset(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        for (unsigned subset = 0; subset < 1u << rows[i].count; subset++)
            search(&rows[i], subset);
    }
}

/* ---- To the end ---- */

static void
applies_what_it_finds(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://s-66/D200.xml",
          .body = "<configuration><telephony><x>1</x></telephony></configuration>" },
        { .url = NULL },
    };
    static const char options[] = "\x42\x0Bhttp://s-66\x43\x0B<HWTYP>.xml";
    struct world *w = world_new("", replies);

    (void)state;
    w->lan = true;
    w->config.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
    w->config.identity = &identity;
    w->dhcp[0] = (struct world_dhcp){ .there = true, .bytes = options, .len = sizeof(options) - 1 };
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    world_free(w);
}

/* The settings decide which sources are asked (DSC-4). */
static void
asks_what_the_settings_allow(void **state)
{
    static const struct world_reply replies[] = { { .url = NULL } };
    struct world *w = world_new("", replies);

    (void)state;
    w->lan = true;
    w->config.dialect = prov_dialect_find(prov_str_z("auerswald-d"));
    w->config.identity = &identity;
    w->discover.redirect_url = prov_str_z("http://svc/");
    world_set(w, PROV_ITEM_SETTINGS,
              "<configuration><provisioning><dhcp>false</dhcp><redirect>0</redirect>"
              "<pbx>true</pbx><url>http://stored/p</url></provisioning></configuration>");
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_true(world_source_is(w, DHCP, PROV_SOURCE_NOT_ASKED, "disabled in the settings"));
    assert_true(world_source_is(w, REDIRECT, PROV_SOURCE_NOT_ASKED, "disabled in the settings"));
    assert_int_equal(1, w->ask_count);
    assert_true(prov_str_eq(w->record->fetches[0].url, prov_str_z("http://stored/p")));
    world_free(w);

    w = world_new("", replies);
    w->config.dialect = prov_dialect_find(prov_str_z("panasonic-hdv"));
    w->lan = true;
    world_set(w, PROV_ITEM_USER,
              "# Panasonic SIP Phone Standard Format File #\r\nSIPPNP_PROV_ENABLE=\"N\"\r\n");
    assert_int_equal(PROV_OUTCOME_NOTHING, world_run(w));
    assert_true(world_source_is(w, PNP, PROV_SOURCE_NOT_ASKED, "disabled in the settings"));
    assert_int_equal(1, w->ask_count);
    world_free(w);
}

/* A file that is none of the phone's own is refused; with nothing saved, that is a failure. */
static void
takes_no_other_file_for_a_panasonic_one(void **state)
{
    static const struct {
        const char *dialect, *body;
        enum prov_diag_code code;
    } files[] = {
        { "panasonic-hdv", "<html></html>", PROV_D_CFG_NO_COMMENT },
        { "panasonic-utg", "<html></html>", PROV_D_XML_HTML },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(files); i++) {
        const struct world_reply replies[] = { { .url = "http://h/a.cfg", .body = files[i].body },
                                               { .url = NULL } };
        struct world *w = world_new("http://h/a.cfg", replies);

        w->config.dialect = prov_dialect_find(prov_str_z(files[i].dialect));
        world_set(w, PROV_ITEM_SETTINGS, NULL);
        PROV_ROW(files[i].dialect, world_run(w) == PROV_OUTCOME_FAILED);
        PROV_ROW(files[i].dialect, w->record->diags->count == 1);
        PROV_ROW(files[i].dialect, world_diag(w, files[i].code) != NULL);
        PROV_ROW(files[i].dialect,
                 prov_str_eq(world_diag(w, files[i].code)->source, prov_str_z("http://h/a.cfg")));
        PROV_ROW(files[i].dialect, w->begin_count == 0);
        world_free(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_winner_of_every_subset),
        cmocka_unit_test(applies_what_it_finds),
        cmocka_unit_test(asks_what_the_settings_allow),
        cmocka_unit_test(takes_no_other_file_for_a_panasonic_one),
    };
    return cmocka_run_group_tests_name("scenario order", tests, NULL, NULL);
}
