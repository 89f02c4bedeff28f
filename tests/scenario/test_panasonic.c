/* SPDX-License-Identifier: MIT */

/* Dialects with files in layers: two stages, what is saved, what is used when something fails
 * (PAN-1..3, PAN-5, REF-4, DSC-5, TRY-1). */

#include <stdio.h>

#include "world.h"

#define HEAD "# Panasonic SIP Phone Standard Format File #\r\n"
#define PRE \
    HEAD "CFG_STANDARD_FILE_PATH=\"http://h/{mac}.cfg\"\r\n" \
         "CFG_PRODUCT_FILE_PATH=\"product/{MODEL}.cfg\"\r\n" \
         "CFG_MASTER_FILE_PATH=\"http://h/common.cfg\"\r\n"
#define STANDARD HEAD "NAME_1=\"me\"\r\nVOLUME=\"3\"\r\n"
#define PRODUCT HEAD "VOLUME=\"5\"\r\nLAMP=\"on\"\r\n"
#define MASTER HEAD "LAMP=\"off\"\r\nNTP=\"ntp\"\r\n"

#define URL_FIRST "http://h/a/b.cfg"
#define URL_STANDARD "http://h/0080f0c571eb.cfg"
#define URL_PRODUCT "http://h/a/product/M1.cfg"
#define URL_MASTER "http://h/common.cfg"

static const struct world_reply good[] = {
    { .url = URL_FIRST, .body = PRE },
    { .url = URL_STANDARD, .body = STANDARD },
    { .url = URL_PRODUCT, .body = PRODUCT },
    { .url = URL_MASTER, .body = MASTER },
    { .url = NULL },
};
static const struct world_reply silence[] = { { .url = NULL } };

static const struct prov_identity identity = {
    .size = sizeof(identity),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("M1"),
    .fwver = PROV_STR_INIT("01.000"),
};

static struct world *
phone(const char *dialect, const char *url, const struct world_reply *replies)
{
    struct world *w = world_new(url, replies);

    w->config.dialect = prov_dialect_find(prov_str_z(dialect));
    w->config.identity = &identity;
    world_set(w, PROV_ITEM_SETTINGS, NULL);
    return w;
}

static struct world *
hdv(const struct world_reply *replies)
{
    return phone("panasonic-hdv", URL_FIRST, replies);
}

/* A phone that has had all files, and has restarted. */
static struct world *
hdv_again(const struct world_reply *replies)
{
    struct world *w = hdv(good);

    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    w->replies = replies;
    world_reboot(w);
    return w;
}

/* The value in force; "" if there is none. */
static bool
is_set(const struct world *w, const char *name, uint32_t index, const char *value)
{
    const struct prov_param *p =
        prov_params_find(prov_session_params(w->session), prov_str_z(name), index);

    return p == NULL ? value[0] == '\0' : prov_str_eq(p->value, prov_str_z(value));
}

static bool
has_good_set(const struct world *w)
{
    return world_has(w, PROV_ITEM_INITIAL, PRE) && world_has(w, PROV_ITEM_STANDARD, STANDARD) &&
           world_has(w, PROV_ITEM_PRODUCT, PRODUCT) && world_has(w, PROV_ITEM_MASTER, MASTER);
}

static bool
works_with_good_set(const struct world *w)
{
    return is_set(w, "NAME", 1, "me") && is_set(w, "VOLUME", 0, "3") &&
           is_set(w, "LAMP", 0, "on") && is_set(w, "NTP", 0, "ntp");
}

/* ---- The good case ---- */

static void
fetches_and_keeps_three_files(void **state)
{
    struct world *w = hdv(good);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_int_equal(4, w->fetch_count);
    assert_int_equal(3, w->most_flights);
    assert_int_equal(4, w->record->fetch_count);
    for (uint32_t i = 0; i < 4; i++) {
        const struct prov_fetch_record *r = &w->record->fetches[i];

        assert_true(prov_str_eq(r->url, prov_str_z(good[i].url)));
        assert_int_equal(i == 0 ? UINT32_MAX : 0, r->parent);
        assert_int_equal(PROV_FILE_PARAMS_TEXT, r->type);
    }
    assert_true(has_good_set(w));
    assert_true(works_with_good_set(w));
    assert_true(world_has(w, PROV_ITEM_SETTINGS, NULL));
    assert_int_equal(0, w->record->diags->count);
    assert_int_equal(7, w->record->changed_count);
    assert_int_equal(PROV_PARAM_ADDED, w->record->changed[0].kind);
    world_free(w);
}

static void
writes_nothing_for_the_same_files(void **state)
{
    struct world *w = hdv_again(good);

    (void)state;
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_int_equal(4, w->fetch_count);
    assert_int_equal(0, w->begin_count);
    assert_int_equal(0, w->record->changed_count);
    assert_true(works_with_good_set(w));
    world_free(w);
}

static void
writes_only_the_file_that_is_another(void **state)
{
    static const struct world_reply other[] = {
        { .url = URL_FIRST, .body = PRE },
        { .url = URL_STANDARD, .body = STANDARD },
        { .url = URL_PRODUCT, .body = HEAD "VOLUME=\"6\"\r\nLAMP=\"slow\"\r\n" },
        { .url = URL_MASTER, .body = MASTER },
        { .url = NULL },
    };
    struct world *w = hdv_again(other);

    (void)state;
    w->log_len = 0;
    memset(w->log, 0, sizeof(w->log));
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_logged(w, "commit 5 "));
    assert_false(world_logged(w, "commit 3 "));
    assert_false(world_logged(w, "commit 4 "));
    assert_false(world_logged(w, "commit 6 "));
    assert_true(world_has(w, PROV_ITEM_PRODUCT, other[2].body));
    assert_int_equal(1, w->record->changed_count);
    assert_true(prov_str_eq(w->record->changed[0].after->name, prov_str_z("LAMP")));
    assert_true(prov_str_eq(w->record->changed[0].before->value, prov_str_z("on")));
    assert_true(is_set(w, "LAMP", 0, "slow"));
    world_free(w);
}

/* It must not come back when another file is named later and cannot be had. */
static void
empties_a_file_that_is_not_named_any_more(void **state)
{
    static const struct world_reply fewer[] = {
        { .url = URL_FIRST, .body = HEAD "CFG_STANDARD_FILE_PATH=\"http://h/{mac}.cfg\"\r\n" },
        { .url = URL_STANDARD, .body = STANDARD },
        { .url = NULL },
    };
    struct world *w = hdv_again(fewer);

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(world_has(w, PROV_ITEM_PRODUCT, "# Panasonic SIP Phone Standard Format File #\n"));
    assert_true(world_has(w, PROV_ITEM_MASTER, "# Panasonic SIP Phone Standard Format File #\n"));
    assert_true(is_set(w, "LAMP", 0, ""));
    assert_true(is_set(w, "VOLUME", 0, "3"));
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_true(is_set(w, "LAMP", 0, ""));
    world_free(w);
}

/* ---- Failures ---- */

#define IN_STANDARD (1u << PROV_LAYER_STANDARD)
#define IN_PRODUCT (1u << PROV_LAYER_PRODUCT)
#define IN_MASTER (1u << PROV_LAYER_MASTER)
#define IN_ALL (1u << PROV_LAYER_INITIAL | IN_STANDARD | IN_PRODUCT | IN_MASTER)

static char large[300000];

/* What may happen to a file. */
static const struct harm {
    const char *name;
    struct world_reply reply;
} harms[] = {
    { "not found", { .http = 404 } },
    { "unreachable", { .status = PROV_E_NETWORK } },
    { "time-out", { .status = PROV_E_TIMEOUT } },
    { "wrong first line", { .body = "NAME_1=\"other\"\r\n" } },
    { "empty", { .body = "" } },
    { "split line", { .body = HEAD "NAME_1=\"ot\r\nher\"\r\n" } },
    { "too large", { .body = large } },
};

static void
make_large(void)
{
    const size_t n = strlen(HEAD);

    memset(large, '\n', sizeof(large) - 1);
    memcpy(large, HEAD, n);
}

/* Replies with harm done to those in the mask. */
static void
harm(const struct harm *h, unsigned mask, struct world_reply out[5])
{
    for (size_t i = 0; i < 5; i++) {
        out[i] = good[i];
        if ((mask & 1u << i) != 0) {
            out[i] = h->reply;
            out[i].url = good[i].url;
        }
    }
}

static void
uses_the_others_if_one_is_missing(void **state)
{
    static const uint32_t sets[] = { 0, IN_STANDARD, IN_PRODUCT, IN_MASTER };

    (void)state;
    make_large();
    for (size_t i = 0; i < PROV_COUNT(harms); i++) {
        for (unsigned file = 1; file <= 3; file++) {
            struct world_reply replies[5];
            struct world *w;

            harm(&harms[i], 1u << file, replies);
            w = hdv(replies);
            PROV_ROW(harms[i].name, world_run(w) == PROV_OUTCOME_PARTIAL);
            PROV_ROW(harms[i].name, w->record->saved == 0);
            PROV_ROW(harms[i].name, w->record->fetches[file].status != PROV_OK);
            PROV_ROW(harms[i].name, is_set(w, "NAME", 1, file == 1 ? "" : "me"));
            PROV_ROW(harms[i].name, is_set(w, "LAMP", 0, file == 2 ? "off" : "on"));
            PROV_ROW(harms[i].name, is_set(w, "NTP", 0, file == 3 ? "" : "ntp"));
            world_free(w);

            w = hdv_again(replies);
            PROV_ROW(harms[i].name, world_run(w) == PROV_OUTCOME_PARTIAL);
            PROV_ROW(harms[i].name, w->record->saved == sets[file]);
            PROV_ROW(harms[i].name, w->begin_count == 0);
            PROV_ROW(harms[i].name, works_with_good_set(w) && has_good_set(w));
            world_free(w);
        }
    }
}

/* The first file, or all it names. */
static void
uses_the_saved_files_if_all_are_missing(void **state)
{
    static const unsigned masks[] = { 1, 14 };

    (void)state;
    make_large();
    for (size_t i = 0; i < PROV_COUNT(harms) * 2; i++) {
        const struct harm *h = &harms[i / 2];
        struct world_reply replies[5];
        struct world *w;

        harm(h, masks[i % 2], replies);
        w = hdv_again(replies);
        w->config.attempts = 2;
        PROV_ROW(h->name, world_run(w) == PROV_OUTCOME_SAVED);
        PROV_ROW(h->name, w->record->attempts == 2);
        PROV_ROW(h->name, w->record->status != PROV_OK);
        PROV_ROW(h->name, w->record->saved == IN_ALL);
        PROV_ROW(h->name, world_diag(w, PROV_D_SAVED_USED) != NULL);
        PROV_ROW(h->name, w->begin_count == 1); /* that it failed (TRY-1) */
        PROV_ROW(h->name, works_with_good_set(w) && has_good_set(w));
        world_free(w);
    }
}

static void
fails_and_tries_again_if_nothing_is_saved(void **state)
{
    static const unsigned masks[] = { 1, 14 };

    (void)state;
    make_large();
    for (size_t i = 0; i < PROV_COUNT(harms) * 2; i++) {
        const struct harm *h = &harms[i / 2];
        struct world_reply replies[5];
        struct world *w;

        harm(h, masks[i % 2], replies);
        w = hdv(replies);
        w->config.attempts = 2;
        PROV_ROW(h->name, world_run(w) == PROV_OUTCOME_FAILED);
        PROV_ROW(h->name, w->record->status != PROV_OK);
        PROV_ROW(h->name, w->record->attempts == 2);
        PROV_ROW(h->name, w->record->saved == 0 && w->begin_count == 1);
        PROV_ROW(h->name, world_diag(w, PROV_D_SAVED_USED) == NULL);
        PROV_ROW(h->name, w->now_ms >= 1800000 && w->now_ms < 1000 + 1860000 + 61000);
        PROV_ROW(h->name, prov_session_params(w->session)->count == 0);
        world_free(w);
    }
}

static void
takes_the_delay_from_the_settings(void **state)
{
    static const struct {
        const char *name, *user;
        uint32_t attempts, minutes;
    } rows[] = {
        { "said", HEAD "CFG_RTRY_INTVL=\"5\"\r\n", 2, 5 },
        { "preset", NULL, 2, 30 },
        { "no number", HEAD "CFG_RTRY_INTVL=\"soon\"\r\n", 2, 30 },
        { "zero", HEAD "CFG_RTRY_INTVL=\"0\"\r\n", 2, 30 },
        { "more than a day", HEAD "CFG_RTRY_INTVL=\"1441\"\r\n", 2, 30 },
        { "time of day", HEAD "CFG_RESYNC_TIME=\"02:00\"\r\nCFG_RTRY_INTVL=\"5\"\r\n", 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        struct world *w = hdv(silence);

        w->config.attempts = 2;
        world_set(w, PROV_ITEM_USER, rows[i].user);
        PROV_ROW(rows[i].name, world_run(w) == PROV_OUTCOME_FAILED);
        PROV_ROW(rows[i].name, w->record->attempts == rows[i].attempts);
        PROV_ROW(rows[i].name, w->now_ms >= 1000 + rows[i].minutes * 60000);
        PROV_ROW(rows[i].name, w->now_ms <= 1000 + rows[i].minutes * 60000 + 60000);
        PROV_ROW(rows[i].name,
                 (world_diag(w, PROV_D_SETTING_NUMBER) != NULL) == (i >= 2 && i <= 4));
        world_free(w);
    }
}

/* A bad address is the fault of one file. */
static void
goes_on_if_an_address_is_none(void **state)
{
    static const struct world_reply replies[] = {
        { .url = URL_FIRST,
          .body = HEAD "CFG_STANDARD_FILE_PATH=\"gopher://h/x\"\r\n"
                       "CFG_MASTER_FILE_PATH=\"http://h/common.cfg\"\r\n" },
        { .url = URL_MASTER, .body = MASTER },
        { .url = NULL },
    };
    struct world *w = hdv(replies);

    (void)state;
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
    assert_int_equal(2, world_diag(w, PROV_D_REF_SCHEME)->line);
    assert_true(is_set(w, "NTP", 0, "ntp"));
    world_free(w);
}

/* ---- The store ---- */

static void
survives_a_power_cut_at_every_store_call(void **state)
{
    struct world *clean = hdv(good);
    uint32_t calls;

    (void)state;
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(clean));
    calls = clean->store_calls;
    assert_true(calls >= 7);
    for (uint32_t n = 1; n <= calls * 2; n++) {
        struct world *w = hdv(good);

        w->power = (n + 1) / 2;
        w->late_commit = n % 2 == 0;
        assert_int_equal(PROV_OUTCOME_FAILED,
                         (assert_int_equal(PROV_OK, world_open(w)),
                          assert_int_equal(PROV_OK, world_loop(w)), w->record->outcome));
        const bool committed = w->commit_count == 1;

        for (unsigned i = 0; i < PROV_ITEMS; i++)
            assert_true(committed ? world_same(w, clean, (enum prov_item)i)
                                  : world_has(w, (enum prov_item)i, NULL));
        assert_int_equal(0, w->record->changed_count);
        world_reboot(w);
        assert_int_equal(committed ? PROV_OUTCOME_UNCHANGED : PROV_OUTCOME_APPLIED, world_run(w));
        assert_true(has_good_set(w) && works_with_good_set(w));
        world_free(w);
    }
    world_free(clean);
}

/* The store still has the old ones, and they are what the phone works with. */
static void
stays_with_the_old_settings_if_the_store_fails(void **state)
{
    static const struct world_reply other[] = {
        { .url = URL_FIRST, .body = HEAD "LAMP=\"slow\"\r\n" },
        { .url = NULL },
    };
    struct world *w = hdv_again(other);

    (void)state;
    w->commit_status = PROV_E_STORAGE;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_true(has_good_set(w) && works_with_good_set(w));
    assert_int_equal(0, w->record->changed_count);
    world_free(w);
}

static void
takes_a_saved_file_that_is_damaged_for_none(void **state)
{
    struct world *w = hdv_again(good);

    (void)state;
    world_set(w, PROV_ITEM_MASTER, "garbage");
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(prov_str_eq(world_diag(w, PROV_D_SAVED_FILE)->subject, prov_str_z("master")));
    assert_true(has_good_set(w) && works_with_good_set(w));
    world_free(w);
}

static void
asks_no_server_if_the_user_item_is_damaged(void **state)
{
    struct world *w = hdv(good);

    (void)state;
    world_set(w, PROV_ITEM_USER, "garbage");
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_non_null(world_diag(w, PROV_D_STORE_SETTINGS));
    assert_int_equal(0, w->fetch_count);
    world_free(w);
}

static void
holds_all_that_is_saved_to_the_limit(void **state)
{
    const size_t all = strlen(PRE) + strlen(STANDARD) + strlen(PRODUCT) + strlen(MASTER);

    (void)state;
    for (uint32_t less = 0; less <= 1; less++) {
        struct world *w = hdv(good);

        w->limits.settings_bytes = (uint32_t)all - less;
        assert_int_equal(less == 0 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_FAILED, world_run(w));
        assert_int_equal(less == 1, world_diag(w, PROV_D_RESULT_TOO_LARGE) != NULL);
        assert_int_equal(1 - less, w->begin_count);
        world_free(w);
    }
}

/* ---- The user ---- */

/* HDV: the later setting counts. */
static void
lets_the_later_setting_win(void **state)
{
    static const struct world_reply other[] = {
        { .url = URL_FIRST, .body = PRE },
        { .url = URL_STANDARD, .body = HEAD "NAME_1=\"you\"\r\nVOLUME=\"3\"\r\n" },
        { .url = URL_PRODUCT, .body = PRODUCT },
        { .url = URL_MASTER, .body = MASTER },
        { .url = NULL },
    };
    struct world *w = hdv_again(good);

    (void)state;
    world_set(w, PROV_ITEM_USER, HEAD "VOLUME=\"9\"\r\n");
    assert_int_equal(PROV_OUTCOME_UNCHANGED, world_run(w));
    assert_true(is_set(w, "VOLUME", 0, "9"));

    w->replies = other;
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_APPLIED, world_run(w));
    assert_true(is_set(w, "VOLUME", 0, "3"));

    w->replies = silence;
    world_reboot(w);
    assert_int_equal(PROV_OUTCOME_SAVED, world_run(w));
    assert_true(is_set(w, "VOLUME", 0, "3"));
    world_free(w);
}

/* ---- KX-UTG: the flow of the guide ---- */

#define UTG_FIRST \
    "<PANASIPPhoneConfig><Initial><CfgFiles>" \
    "<CFG_STANDARD_FILE_PATH>http://h/Config{MAC}.cfg</CFG_STANDARD_FILE_PATH>" \
    "<CFG_PRODUCT_FILE_PATH>http://h/Config{MODEL}.cfg</CFG_PRODUCT_FILE_PATH>" \
    "<CFG_MASTER_FILE_PATH>http://h/ConfigCommon.cfg</CFG_MASTER_FILE_PATH>" \
    "</CfgFiles></Initial></PANASIPPhoneConfig>"
#define UTG(text) \
    "<PANASIPPhoneConfig><Device><System>" text "</System></Device></PANASIPPhoneConfig>"

#define UTG_DEVICE \
    { .url = "http://h/Config0080F0C571EB.cfg", .body = UTG("<V>s</V><S>1</S>") }, \
        { .url = "http://h/ConfigM1.cfg", .body = UTG("<V>p</V><U perm=\"!\">p</U>") }, \
        { .url = "http://h/ConfigCommon.cfg", .body = UTG("<U>m</U><M>1</M>") }, \
    { \
        .url = NULL \
    }

static const struct step {
    const char *name;
    const char *manual; /* step 2 */
    bool pnp;           /* step 3 */
    const char *dhcp;   /* steps 4 to 6 */
    bool service;       /* step 7 */
    const char *url;    /* that must have been fetched */
    enum prov_source_kind winner;
} steps[] = {
    { "step 2", "http://m/x.cfg", true, "\xA0\x0Ehttp://h/x.cfg", true, "http://m/x.cfg",
      PROV_SOURCE_MANUAL },
    { "step 3", "", true, "\xA0\x0Ehttp://h/x.cfg", true, "http://pnp/M1.cfg", PROV_SOURCE_PNP },
    { "step 4", "", false, "\x9F\x0Fhttp://n9/x.cfg\xA0\x0Fhttp://n0/x.cfg", true,
      "http://n0/x.cfg", PROV_SOURCE_DHCP_160 },
    { "step 5", "", false, "\x42\x0Fhttp://n6/x.cfg\x9F\x0Fhttp://n9/x.cfg", true,
      "http://n9/x.cfg", PROV_SOURCE_DHCP_159 },
    { "step 6", "", false, "\x42\x09http://n6", true, "http://n6/M1.cfg", PROV_SOURCE_DHCP_66 },
    { "step 7", "", false, "", true, "http://r/x.cfg", PROV_SOURCE_REDIRECT },
};

static const struct world_datagram talk[] = {
    { .at_ms = 100, .message = WORLD_NOTIFY, .text = "http://pnp/{MODEL}.cfg", .host = 10 },
    { .at_ms = 0 },
};

static void
set_up_step(struct world *w, const struct step *s)
{
    w->lan = true;
    w->discover.redirect_url = prov_str_z("http://svc/");
    w->datagrams = s->pnp ? talk : NULL;
    w->dhcp[0] = (struct world_dhcp){ .there = true, .bytes = s->dhcp, .len = strlen(s->dhcp) };
}

/* Steps 2 to 7: the first source that gives an address. Step 8: all files. */
static void
goes_through_the_steps_to_the_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(steps); i++) {
        const struct step *s = &steps[i];
        const struct world_reply replies[] = {
            { .url = "http://svc/", .http = 302, .location = "http://r/x.cfg" },
            { .url = s->url, .body = UTG_FIRST },
            UTG_DEVICE,
        };
        struct world *w = phone("panasonic-utg", s->manual, replies);

        set_up_step(w, s);
        world_set(w, PROV_ITEM_USER, UTG("<V>user</V><U>user</U>"));
        PROV_ROW(s->name, world_run(w) == PROV_OUTCOME_APPLIED);
        PROV_ROW(s->name, world_source(w, s->winner)->won);
        PROV_ROW(s->name, w->record->fetch_count == 4);
        PROV_ROW(s->name, prov_str_eq(w->record->fetches[0].url, prov_str_z(s->url)));
        /* the user is above the files, unless `!` says otherwise */
        PROV_ROW(s->name, is_set(w, "V", 0, "user") && is_set(w, "U", 0, "p"));
        PROV_ROW(s->name, is_set(w, "S", 0, "1") && is_set(w, "M", 0, "1"));
        world_free(w);
    }
}

/* Step 1: switches are those of the saved files. Step 9: they are used when nothing answers. */
static void
starts_from_the_saved_files_and_ends_with_them(void **state)
{
    static const char *const saved[] = { NULL,
                                         UTG("<OPTION160_ENABLE>N</OPTION160_ENABLE><S>1</S>") };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world *w = phone("panasonic-utg", "", silence);

        w->lan = true;
        w->config.attempts = 2;
        w->dhcp[0] =
            (struct world_dhcp){ .there = true, .bytes = "\xA0\x0Fhttp://n0/x.cfg", .len = 17 };
        world_set(w, PROV_ITEM_STANDARD, saved[i]);
        assert_int_equal(i == 0 ? PROV_OUTCOME_FAILED : PROV_OUTCOME_SAVED, world_run(w));
        assert_int_equal(2, w->record->attempts);
        assert_int_equal(i == 0 ? 0 : IN_STANDARD, w->record->saved);
        assert_int_equal(i == 0, world_source(w, PROV_SOURCE_DHCP_160)->won);
        assert_true(is_set(w, "S", 0, i == 0 ? "" : "1"));
        world_free(w);
    }
}

/* Step 2 to 9: nobody is asked, and so nobody can answer next time; nor is a server that was not. */
static void
does_not_try_again_if_only_a_manual_address_could_help(void **state)
{
    (void)state;
    for (unsigned saved = 0; saved <= 1; saved++) {
        struct world *w = phone("panasonic-utg", "", silence);

        w->lan = true;
        w->config.attempts = 3;
        w->discover.disabled = ~PROV_SOURCE_BIT(PROV_SOURCE_MANUAL);
        world_set(w, PROV_ITEM_STANDARD, saved ? UTG("<S>1</S>") : NULL);
        assert_int_equal(PROV_OUTCOME_NOTHING, world_run(w));
        assert_int_equal(1, w->record->attempts);
        assert_false(w->record->will_retry);
        assert_int_equal(0, w->fetch_count + w->ask_count);
        assert_true(
            world_source_is(w, PROV_SOURCE_MANUAL, PROV_SOURCE_NOTHING, "no address is set"));
        assert_true(is_set(w, "S", 0, saved ? "1" : ""));
        world_free(w);
    }
}

/* Step 8: a first file that fails for whatever reason leads to step 9. */
static void
lives_on_saved_files_if_the_first_file_fails(void **state)
{
    (void)state;
    make_large();
    for (size_t i = 0; i < PROV_COUNT(harms); i++) {
        struct world_reply replies[2] = { harms[i].reply, { .url = NULL } };
        struct world *w;

        replies[0].url = "http://h/a.cfg";
        w = phone("panasonic-utg", "http://h/a.cfg", replies);
        w->config.attempts = 2;
        world_set(w, PROV_ITEM_STANDARD, UTG("<S>1</S><CFG_RTRY_INTVL>7</CFG_RTRY_INTVL>"));
        PROV_ROW(harms[i].name, world_run(w) == PROV_OUTCOME_SAVED);
        PROV_ROW(harms[i].name, w->record->attempts == 2);
        PROV_ROW(harms[i].name, w->now_ms >= 7 * 60000 && w->now_ms < 9 * 60000);
        PROV_ROW(harms[i].name, is_set(w, "S", 0, "1"));
        world_free(w);
    }
}

/* Step 8 to 9: the next source is not asked. */
static void
asks_no_other_source_if_the_first_file_fails(void **state)
{
    static const struct world_reply replies[] = {
        { .url = "http://n9/x.cfg", .body = UTG_FIRST },
        UTG_DEVICE,
    };
    struct world *w = phone("panasonic-utg", "", replies);

    (void)state;
    w->lan = true;
    w->dhcp[0] = (struct world_dhcp){ .there = true,
                                      .bytes = "\x9F\x0Fhttp://n9/x.cfg\xA0\x0Fhttp://n0/x.cfg",
                                      .len = 34 };
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(1, w->fetch_count);
    world_free(w);
}

static void
refuses_an_xml_file_of_more_than_240_kb(void **state)
{
    static char body[260000];

    (void)state;
    for (int more = 0; more <= 1; more++) {
        const struct world_reply replies[] = {
            { .url = "http://h/a.cfg",
              .body = "<PANASIPPhoneConfig><Initial><CFG_MASTER_FILE_PATH>b.cfg"
                      "</CFG_MASTER_FILE_PATH></Initial></PANASIPPhoneConfig>" },
            { .url = "http://h/b.cfg", .body = body },
            { .url = NULL },
        };
        struct world *w = phone("panasonic-utg", "http://h/a.cfg", replies);
        const char *text = UTG("<M>1</M>");

        memset(body, ' ', sizeof(body));
        memcpy(body, text, strlen(text));
        body[240 * 1024 + more] = '\0';
        assert_int_equal(more == 0 ? PROV_OUTCOME_APPLIED : PROV_OUTCOME_FAILED, world_run(w));
        assert_int_equal(more == 0 ? PROV_OK : PROV_E_LIMIT, w->record->status);
        world_free(w);
    }
}

/* It would take the place of the first file. */
static void
refuses_a_document_that_comes_with_a_trigger(void **state)
{
    const struct prov_trigger_event event = {
        .size = sizeof(event),
        .trigger = PROV_TRIGGER_CHECK_SYNC,
        .document = prov_str_z(UTG("<S>2</S>")),
    };
    struct world *w = phone("panasonic-utg", "http://h/a.cfg", silence);

    (void)state;
    w->config.attempts = 2;
    world_set(w, PROV_ITEM_STANDARD, UTG("<S>1</S>"));
    assert_int_equal(PROV_OK, world_open(w));
    assert_int_equal(PROV_OK, prov_run_trigger(&w->run, &event));
    assert_int_equal(PROV_OK, world_loop(w));
    assert_int_equal(PROV_OUTCOME_REFUSED, w->record->outcome);
    assert_int_equal(1, w->record->attempts);
    assert_non_null(world_diag(w, PROV_D_NOT_APPLIED_YET));
    assert_int_equal(0, w->begin_count);
    assert_true(is_set(w, "S", 0, "1"));
    world_free(w);
}

/* ---- Encrypted files (PAN-4) ---- */

/* An engine whose cipher turns the highest bit over, if the pass phrase is `secret`. */
static enum prov_status
toy_digest(void *ctx, enum prov_enc_digest kind, const struct prov_str *pieces, size_t count,
           uint8_t out[PROV_ENC_DIGEST_BYTES])
{
    bool *fits = ctx;

    assert_int_equal(PROV_ENC_MD5, kind);
    *fits = prov_str_eq(pieces[count - 2], prov_str_z("secret"));
    memset(out, 1, PROV_ENC_DIGEST_BYTES);
    return PROV_OK;
}

static enum prov_status
toy_decrypt(void *ctx, const uint8_t *key, size_t key_bytes, const uint8_t iv[PROV_ENC_BLOCK_BYTES],
            uint8_t *bytes, size_t len)
{
    const bool *fits = ctx;

    (void)key;
    (void)iv;
    assert_int_equal(24, key_bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] ^= *fits ? 0x80 : 0x55;
    return PROV_OK;
}

static void
seal(const char *text, char *out)
{
    const size_t n = strlen(text), pad = 16 - n % 16;

    memcpy(out, "Salted__12345678", 16);
    for (size_t i = 0; i < n + pad; i++)
        out[16 + i] = (char)((unsigned char)(i < n ? text[i] : (char)pad) ^ 0x80u);
    out[16 + n + pad] = '\0';
}

#define KEY(k) \
    UTG("<CFG_FILE_KEY>" k "</CFG_FILE_KEY><CFG_FILE_KEY_LENGTH>192</CFG_FILE_KEY_LENGTH>")

static void
opens_encrypted_files(void **state)
{
    static const struct prov_crypto_ops ops = { sizeof(ops), toy_digest, toy_decrypt };
    static const struct row {
        const char *name, *saved, *standard;
        bool engine;
        enum prov_diag_code code; /* 0 = it opens */
    } rows[] = {
        { "key in the standard file of this run", NULL, KEY("secret"), true, PROV_D_NONE },
        { "key of last time", KEY("secret"), NULL, true, PROV_D_NONE },
        { "a new key goes before the old one", KEY("old"), KEY("secret"), true, PROV_D_NONE },
        { "no key", NULL, UTG("<S>1</S>"), true, PROV_D_SEALED_NO_KEY },
        { "no engine", NULL, KEY("secret"), false, PROV_D_SEALED_NO_ENGINE },
        { "wrong key", NULL, KEY("wrong"), true, PROV_D_ENC_WRONG_KEY },
    };
    static char sealed[400];

    (void)state;
    seal(UTG("<M>1</M>"), sealed);
    for (size_t i = 0; i < PROV_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const struct world_reply replies[] = {
            { .url = "http://h/a.cfg", .body = UTG_FIRST },
            { .url = "http://h/ConfigCommon.cfg", .body = sealed },
            { .url = "http://h/Config0080F0C571EB.cfg",
              .body = r->standard,
              .http = r->standard != NULL ? 200 : 404,
              .delay_ms = 500 },
            { .url = NULL },
        };
        struct world *w = phone("panasonic-utg", "http://h/a.cfg", replies);
        bool fits = false;
        const struct prov_crypto crypto = { &ops, &fits };

        w->config.crypto = r->engine ? &crypto : NULL;
        world_set(w, PROV_ITEM_STANDARD, r->saved);
        PROV_ROW(r->name, world_run(w) == PROV_OUTCOME_PARTIAL);
        PROV_ROW(r->name, is_set(w, "M", 0, r->code == PROV_D_NONE ? "1" : ""));
        PROV_ROW(r->name, r->code == PROV_D_NONE || world_diag(w, r->code) != NULL);
        PROV_ROW(r->name,
                 world_has(w, PROV_ITEM_MASTER, r->code == PROV_D_NONE ? UTG("<M>1</M>") : NULL));
        PROV_ROW(r->name, !world_tells(w, "secret"));
        world_free(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_and_keeps_three_files),
        cmocka_unit_test(writes_nothing_for_the_same_files),
        cmocka_unit_test(writes_only_the_file_that_is_another),
        cmocka_unit_test(empties_a_file_that_is_not_named_any_more),
        cmocka_unit_test(uses_the_others_if_one_is_missing),
        cmocka_unit_test(uses_the_saved_files_if_all_are_missing),
        cmocka_unit_test(fails_and_tries_again_if_nothing_is_saved),
        cmocka_unit_test(takes_the_delay_from_the_settings),
        cmocka_unit_test(goes_on_if_an_address_is_none),
        cmocka_unit_test(survives_a_power_cut_at_every_store_call),
        cmocka_unit_test(stays_with_the_old_settings_if_the_store_fails),
        cmocka_unit_test(takes_a_saved_file_that_is_damaged_for_none),
        cmocka_unit_test(asks_no_server_if_the_user_item_is_damaged),
        cmocka_unit_test(holds_all_that_is_saved_to_the_limit),
        cmocka_unit_test(lets_the_later_setting_win),
        cmocka_unit_test(goes_through_the_steps_to_the_files),
        cmocka_unit_test(starts_from_the_saved_files_and_ends_with_them),
        cmocka_unit_test(does_not_try_again_if_only_a_manual_address_could_help),
        cmocka_unit_test(lives_on_saved_files_if_the_first_file_fails),
        cmocka_unit_test(asks_no_other_source_if_the_first_file_fails),
        cmocka_unit_test(refuses_an_xml_file_of_more_than_240_kb),
        cmocka_unit_test(refuses_a_document_that_comes_with_a_trigger),
        cmocka_unit_test(opens_encrypted_files),
    };
    return cmocka_run_group_tests_name("scenario panasonic", tests, NULL, NULL);
}
