/* SPDX-License-Identifier: MIT */
#ifndef PROV_TEST_DISCOVER_H
#define PROV_TEST_DISCOVER_H

/* A search with everything it needs, and DHCP answers to give it. */

#include <prov/discover.h>

#include "support/prov_cmocka.h"

#define SEARCH_MEMORY 131072u

struct search {
    struct prov_discover d;
    struct prov_discover_options options; /* change before search_begin() */
    struct prov_discover_settings settings;
    struct prov_limits limits;
    struct prov_arena arena;
    struct prov_diag items[16];
    struct prov_diags diags;
    struct prov_macro_table macros;
    struct prov_source_record records[PROV_DISCOVER_SOURCES];
    uint64_t now_ms;
    void *memory;
};

static const struct prov_identity search_phone = {
    .size = sizeof(search_phone),
    .mac = PROV_STR_INIT("0080F0C571EB"),
    .model = PROV_STR_INIT("KX-1"),
    .type = PROV_STR_INIT("D200"),
    .serial = PROV_STR_INIT("42"),
    .fwver = PROV_STR_INIT("01.000"),
};

static inline const struct prov_dialect *
search_dialect(const char *name)
{
    const struct prov_dialect *dialect = prov_dialect_find(prov_str_z(name));

    assert_non_null(dialect);
    return dialect;
}

static inline void
search_setup(struct search *s)
{
    *s = (struct search){
        .options = { .size = sizeof(s->options) },
        .limits = { .size = sizeof(s->limits) },
    };
}

/* As search_begin(), in memory of a given size. */
static inline enum prov_status
search_begin_in(struct search *s, const struct prov_dialect *dialect, size_t bytes)
{
    const struct prov_discover_config config = {
        .size = sizeof(config),
        .dialect = dialect,
        .macros = &s->macros.set,
        .options = &s->options,
        .settings = &s->settings,
        .limits = &s->limits,
        .arena = &s->arena,
        .records = s->records,
        .diags = &s->diags,
    };

    s->memory = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(s->memory);
    prov_arena_init(&s->arena, s->memory, bytes);
    s->diags = (struct prov_diags){ s->items, PROV_COUNT(s->items), 0, 0 };
    assert_int_equal(PROV_OK, prov_macro_bind(dialect, &search_phone, &s->macros, NULL));
    return prov_discover_init(&s->d, &config, NULL);
}

static inline void
search_begin(struct search *s, const char *dialect)
{
    assert_int_equal(PROV_OK, search_begin_in(s, search_dialect(dialect), SEARCH_MEMORY));
}

static inline void
search_end(struct search *s)
{
    free(s->memory);
    s->memory = NULL;
}

/* The next thing to do; time goes on by 10 ms. */
static inline enum prov_discover_do
search_next(struct search *s, enum prov_need *need)
{
    enum prov_discover_do what = PROV_DISCOVER_NOTHING;

    s->now_ms += 10;
    assert_int_equal(PROV_OK, prov_discover_next(&s->d, s->now_ms, &what, need));
    return what;
}

static inline void
search_expect(struct search *s, enum prov_discover_do what)
{
    enum prov_need need;

    assert_int_equal(what, search_next(s, &need));
}

static inline void
search_expect_need(struct search *s, enum prov_discover_do what, enum prov_need expected)
{
    enum prov_need need = (enum prov_need)99;

    assert_int_equal(what, search_next(s, &need));
    assert_int_equal(expected, need);
}

/* ---- DHCP answers ---- */

struct search_options {
    char bytes[2048];
    size_t len;
};

static inline void
search_option_bytes(struct search_options *o, unsigned code, const char *value, size_t len)
{
    assert_true(len < 256 && o->len + len + 2 <= sizeof(o->bytes));
    o->bytes[o->len++] = (char)code;
    o->bytes[o->len++] = (char)len;
    memcpy(o->bytes + o->len, value, len);
    o->len += len;
}

static inline void
search_option(struct search_options *o, unsigned code, const char *text)
{
    search_option_bytes(o, code, text, strlen(text));
}

static inline void
search_u16(struct search_options *o, size_t value)
{
    o->bytes[o->len++] = (char)(value >> 8);
    o->bytes[o->len++] = (char)(value & 0xFF);
}

static inline void
search_option6(struct search_options *o, unsigned code, const char *text)
{
    search_u16(o, code);
    search_u16(o, strlen(text));
    memcpy(o->bytes + o->len, text, strlen(text));
    o->len += strlen(text);
}

/* Option 17 with sub-option 1 (RFC 8415). */
static inline void
search_vendor6(struct search_options *o, const char *text)
{
    search_u16(o, 17);
    search_u16(o, 8 + strlen(text));
    search_u16(o, 0);
    search_u16(o, 32473);
    search_u16(o, 1);
    search_u16(o, strlen(text));
    memcpy(o->bytes + o->len, text, strlen(text));
    o->len += strlen(text);
}

/* An exact heap copy, so that ASan sees what reads on behind the end or after the answer. */
static inline void
search_answer_dhcp(struct search *s, bool v6, const struct search_options *o)
{
    char *copy = malloc(o->len > 0 ? o->len : 1);

    assert_non_null(copy);
    memcpy(copy, o->bytes, o->len);
    prov_discover_dhcp(&s->d, s->now_ms, v6, (struct prov_str){ copy, o->len });
    free(copy);
}

static inline void
search_answer(struct search *s, enum prov_need need, const char *address)
{
    char *a = prov_copy_exact(address);
    char *raw = prov_copy_exact(address);

    prov_discover_address(&s->d, s->now_ms, need, (struct prov_str){ a, strlen(address) },
                          prov_str_z("192.0.2.1:5060"), (struct prov_str){ raw, strlen(address) });
    free(a);
    free(raw);
}

/* ---- What is expected ---- */

static inline void
search_is(const struct search *s, size_t index, enum prov_source_outcome outcome,
          const char *reason)
{
    assert_int_equal(outcome, s->records[index].outcome);
    assert_string_equal(reason, s->records[index].reason);
}

static inline void
search_text_is(struct prov_str text, const char *expected)
{
    if (!prov_str_is(text.ptr, text.len, expected))
        fail_msg("'%.*s' should be '%s'", (int)text.len, text.ptr, expected);
}

static inline void
search_url_is(const struct search *s, const char *url)
{
    search_text_is(prov_discover_url(&s->d).url, url);
}

/* ---- A search of `auerswald-d` at its second step, both of it asked ---- */

enum { DHCP, REDIRECT, PNP, MANUAL }; /* numbers of its records */

#define SEARCH_SERVICE "https://service.example/{mac}"

static inline void
search_step_two(struct search *s, const char *manual)
{
    search_setup(s);
    s->options.redirect_url = prov_str_z(SEARCH_SERVICE);
    s->options.manual_url = prov_str_z(manual);
    search_begin(s, "auerswald-d");
    search_expect_need(s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_expect(s, PROV_DISCOVER_WAIT);
    prov_discover_nothing(&s->d, s->now_ms, PROV_NEED_DHCP4, "no DHCP data");
    search_expect_need(s, PROV_DISCOVER_ASK, PROV_NEED_REDIRECT);
    search_expect_need(s, PROV_DISCOVER_ASK, PROV_NEED_PNP);
    search_expect(s, PROV_DISCOVER_WAIT);
    search_expect(s, PROV_DISCOVER_WAIT); /* as often as wished */
}

/* ---- One of `panasonic-utg`: DHCP has answered for 160, 159 and 66, PnP has not ---- */

static inline void
search_dhcp(struct search *s, const struct search_options *o)
{
    search_setup(s);
    search_begin(s, "panasonic-utg");
    search_expect_need(s, PROV_DISCOVER_ASK, PROV_NEED_PNP);
    prov_discover_nothing(&s->d, s->now_ms, PROV_NEED_PNP, "no answer");
    search_expect_need(s, PROV_DISCOVER_ASK, PROV_NEED_DHCP4);
    search_answer_dhcp(s, false, o);
}

#endif /* PROV_TEST_DISCOVER_H */
