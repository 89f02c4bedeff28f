/* SPDX-License-Identifier: MIT */
#include "support/prov_discover.h"

static struct search s;

/* ---- DSC-4 ---- */

static void
says_why_a_source_is_not_asked(void **state)
{
    const uint32_t dhcp = PROV_SOURCE_BIT(PROV_SOURCE_DHCP);
    static const char by_settings[] = "disabled in the settings",
                      by_caller[] = "disabled by the caller",
                      all_off[] = "disabled: the settings switch provisioning off";
    static const struct {
        const char *name;
        bool off;
        uint32_t said, on, disabled, enabled; /* 1 = of DHCP */
        const char *reason;                   /* of DHCP; NULL = it is asked */
    } rows[] = {
        { "nothing said", false, 0, 0, 0, 0, NULL },
        { "on", false, 1, 1, 0, 0, NULL },
        { "off", false, 1, 0, 0, 0, by_settings },
        { "off, but the caller", false, 1, 0, 0, 1, NULL },
        { "by the caller", false, 1, 1, 1, 0, by_caller },
        { "the caller says both", false, 0, 0, 1, 1, by_caller },
        { "provisioning off", true, 1, 1, 0, 0, all_off },
        { "provisioning off, but the caller", true, 1, 1, 0, 1, NULL },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        search_setup(&s);
        s.settings.off = rows[i].off;
        s.settings.said = rows[i].said * dhcp;
        s.settings.on = rows[i].on * dhcp;
        s.options.disabled = rows[i].disabled * dhcp;
        s.options.enabled = rows[i].enabled * dhcp;
        search_begin(&s, "auerswald-d");
        const char *expected = rows[i].reason != NULL ? rows[i].reason : "not reached";

        PROV_ROW(rows[i].name, strcmp(s.records[DHCP].reason, expected) == 0);
        PROV_ROW(rows[i].name, s.records[DHCP].outcome == PROV_SOURCE_NOT_ASKED);
        search_end(&s);
    }
}

/* Each source that has a switch, switched off alone. */
static void
does_not_ask_what_is_switched_off(void **state)
{
    size_t count;
    const struct prov_dialect *const *all = prov_dialects(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < all[i]->source_count; k++) {
            enum prov_discover_do what;
            enum prov_need need;

            search_setup(&s);
            s.options.mode = PROV_MODE_DUAL;
            s.options.redirect_url = prov_str_z(SEARCH_SERVICE);
            s.settings.said = PROV_SOURCE_BIT(all[i]->sources[k].kind);
            search_begin(&s, all[i]->name.ptr);
            while ((what = search_next(&s, &need)) != PROV_DISCOVER_NOTHING) {
                assert_true(what == PROV_DISCOVER_ASK);
                prov_discover_nothing(&s.d, s.now_ms, need, NULL);
            }
            for (size_t n = 0; n < all[i]->source_count; n++)
                assert_int_equal(n == k, s.records[n].outcome == PROV_SOURCE_NOT_ASKED);
            search_is(&s, k, PROV_SOURCE_NOT_ASKED, "disabled in the settings");
            search_end(&s);
        }
    }
}

static void
uses_an_address_of_the_caller_even_if_provisioning_is_off(void **state)
{
    (void)state;
    search_setup(&s);
    s.settings.off = true;
    s.settings.url = prov_str_z("http://settings.example/");
    search_begin(&s, "auerswald-d");
    search_expect(&s, PROV_DISCOVER_NOTHING);
    search_is(&s, MANUAL, PROV_SOURCE_NOT_ASKED, "disabled: the settings switch provisioning off");
    search_end(&s);

    s.options.manual_url = prov_str_z(" http://caller.example/ ");
    search_begin(&s, "auerswald-d");
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://caller.example/");
    search_end(&s);

    s.settings.off = false;
    s.options.manual_url = prov_str_z(" ");
    s.options.disabled = ~PROV_SOURCE_BIT(PROV_SOURCE_MANUAL);
    search_begin(&s, "auerswald-d");
    search_expect(&s, PROV_DISCOVER_FOUND);
    search_url_is(&s, "http://settings.example/");
    search_end(&s);
}

static void
knows_its_limits(void **state)
{
    static const struct prov_source_rule odd[] = {
        { .kind = (enum prov_source_kind)99, .step = 1, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_DHCP, .step = 2, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_REDIRECT, .step = 3, .modes = PROV_MODE_ALL },
        { .kind = PROV_SOURCE_PNP, .step = 4, .modes = PROV_MODE_BIT(PROV_MODE_IPV6) },
    };

    (void)state;
    search_setup(&s);
    s.options.sources = odd;
    s.options.source_count = PROV_COUNT(odd);
    search_begin(&s, "auerswald-d");
    assert_int_equal(4, prov_discover_count(&s.d));
    search_expect(&s, PROV_DISCOVER_NOTHING); /* none of them stops the search, nor is asked */
    search_is(&s, 0, PROV_SOURCE_NOT_ASKED, "this library does not know the source");
    search_is(&s, 1, PROV_SOURCE_NOT_ASKED, "no DHCP option is set for the source");
    search_is(&s, 2, PROV_SOURCE_NOT_ASKED, "no redirection service is set");
    search_is(&s, 3, PROV_SOURCE_NOT_ASKED, "not with an IPv4 address only");
    search_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_why_a_source_is_not_asked),
        cmocka_unit_test(does_not_ask_what_is_switched_off),
        cmocka_unit_test(uses_an_address_of_the_caller_even_if_provisioning_is_off),
        cmocka_unit_test(knows_its_limits),
    };
    return cmocka_run_group_tests_name("discover_switch", tests, NULL, NULL);
}
