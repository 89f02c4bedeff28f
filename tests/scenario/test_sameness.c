/* SPDX-License-Identifier: MIT */

/* The same events give the same actions, byte for byte; how bytes are cut into pieces, and whether
 * the port blocks, makes no difference to the result. */

#include "world.h"

#define REFS \
    "<referencedSettings><url>p</url><url>http://a:b@g/q?{mac}</url><url>o</url>" \
    "</referencedSettings>"

static const struct world_reply replies[] = {
    { .url = "http://h/r", .body = "", .http = 503, .retry_after_s = 7 },
    { .url = "http://h/r", .body = "moved", .http = 302, .location = "/d/r" },
    { .url = "http://h/d/r", .body = REFS, .delay_ms = 3 },
    { .url = "http://h/d/p",
      .body = "<configuration><telephony><a>9</a></telephony></configuration>",
      .delay_ms = 9 },
    { .url = "http://g/q?0080f0c571eb",
      .body = "<configuration><keys><key id=\"2\">two</key></keys></configuration>",
      .delay_ms = 9 },
    { .url = "http://h/d/o",
      .body = "<operations><delete path=\"/telephony/b\"/>"
              "<delete path=\"/nowhere/b\"/></operations>",
      .delay_ms = 1 },
    { .url = NULL },
};

static struct world *
start(uint64_t seed)
{
    struct world *w = world_new("http://u:v@h/r", replies);

    w->config.seed = seed;
    w->config.attempts = 0;
    w->config.user_agent = prov_str_z("{MODEL}");
    return w;
}

static void
assert_same_result(const struct world *a, const struct world *b)
{
    assert_int_equal(a->record->outcome, b->record->outcome);
    assert_int_equal(a->record->fetch_count, b->record->fetch_count);
    for (uint32_t i = 0; i < a->record->fetch_count; i++) {
        const struct prov_fetch_record *x = &a->record->fetches[i], *y = &b->record->fetches[i];

        assert_true(prov_str_eq(x->final_url, y->final_url));
        assert_int_equal(x->bytes, y->bytes);
        assert_int_equal(x->change, y->change);
        assert_int_equal(x->parent, y->parent);
        assert_int_equal(x->type, y->type);
    }
    assert_int_equal(a->record->diags->count, b->record->diags->count);
    assert_true(world_same(a, b, PROV_ITEM_SETTINGS));
    assert_true(world_same(a, b, PROV_ITEM_STATE));
}

static void
does_the_same_for_the_same_seed_and_events(void **state)
{
    struct world *a = start(7), *b = start(7), *c = start(8);

    (void)state;
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(a));
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(b));
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(c));
    assert_int_equal(a->log_len, b->log_len);
    assert_memory_equal(a->log, b->log, a->log_len);
    assert_int_equal(a->now_ms, b->now_ms);
    assert_int_not_equal(a->now_ms, c->now_ms); /* another seed, another delay */
    assert_same_result(a, b);
    world_free(a);
    world_free(b);
    world_free(c);
}

static void
does_the_same_however_bodies_are_cut(void **state)
{
    static const size_t chunks[] = { 1, 2, 3, 7, 16, 100 };
    struct world *whole = start(7);

    (void)state;
    world_set(whole, PROV_ITEM_STATE, "libprov-state 2\n");
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(whole));
    for (size_t i = 0; i < PROV_COUNT(chunks); i++) {
        struct world *w = start(7);

        world_set(w, PROV_ITEM_STATE, "libprov-state 2\n");
        w->chunk = chunks[i];
        assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(w));
        assert_int_equal(whole->log_len, w->log_len);
        assert_memory_equal(whole->log, w->log, w->log_len);
        assert_same_result(whole, w);
        world_free(w);
    }
    world_free(whole);
}

static void
gives_the_same_result_with_a_port_that_blocks(void **state)
{
    struct world *event = start(7), *blocking = start(7), *mixed = start(7);

    (void)state;
    blocking->blocking = true;
    mixed->interleave = true;
    mixed->backwards = true;
    mixed->chunk = 5;
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(event));
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(blocking));
    assert_int_equal(PROV_OUTCOME_PARTIAL, world_run(mixed));
    assert_int_equal(1, blocking->most_flights);
    assert_int_equal(3, event->most_flights);
    assert_same_result(event, blocking);
    assert_same_result(event, mixed);
    world_free(event);
    world_free(blocking);
    world_free(mixed);
}

/* A blocking port has no cancel: what failed before is simply not followed by more. */
static void
stops_a_blocking_port_after_a_failure(void **state)
{
    static const struct world_reply bad[] = {
        { .url = "http://h/r",
          .body = "<referencedSettings><url>p</url><url>q</url></referencedSettings>" },
        { .url = "http://h/p", .body = "", .http = 404 },
        { .url = "http://h/q", .body = "<configuration/>" },
        { .url = NULL },
    };
    struct world *w = world_new("http://h/r", bad);

    (void)state;
    w->blocking = true;
    assert_int_equal(PROV_OUTCOME_FAILED, world_run(w));
    assert_int_equal(2, w->fetch_count);
    assert_false(w->record->fetches[2].ended);
    world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_the_same_for_the_same_seed_and_events),
        cmocka_unit_test(does_the_same_however_bodies_are_cut),
        cmocka_unit_test(gives_the_same_result_with_a_port_that_blocks),
        cmocka_unit_test(stops_a_blocking_port_after_a_failure),
    };
    return cmocka_run_group_tests_name("scenario sameness", tests, NULL, NULL);
}
