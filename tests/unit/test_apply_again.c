/* SPDX-License-Identifier: MIT */

/* What was checked is not checked again. That must not show: several changes, one after the other in
 * one pool, end like each of them on settings that were written and read anew. */

#include <prov/schema.h>

#include "support/prov_settings.h"

#define ARENA (1u << 19)
#define IN_A_ROW 3u

static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 256 };

#define CONFIGURATION(sections) "<configuration>" sections "</configuration>"
#define KEYS(keys) "<keys><phoneXtensions>" keys "</phoneXtensions></keys>"
#define KEY(n, label) "<key keyNumber=\"" n "\" label=\"" label "\"/>"
#define USERS "<users><user name=\"u\"><role>user</role></user></users>"

static const char *const settings[] = {
    CONFIGURATION(KEYS(KEY("1", "a")) USERS),
    CONFIGURATION(USERS),
    /* The second section is looked at only when the first one is gone. */
    CONFIGURATION(KEYS(KEY("1", "a")) KEYS("<key keyNumber=\"9\"><wrong/></key>")),
    /* Every change of the section is discarded, unless what is wrong goes with it. */
    CONFIGURATION(KEYS("<key keyNumber=\"1\" label=\"a\"><wrong/></key>") USERS),
    CONFIGURATION(KEYS(KEY("1", "a") KEY("5", "b") KEY("5", "c"))),
};

static const char *const changes[] = {
    CONFIGURATION(KEYS(KEY("2", "b"))),
    CONFIGURATION(KEYS("<key keyNumber=\"2\"><parameters><parameter name=\"p\" value=\"v\"/>"
                       "</parameters></key>")),
    CONFIGURATION(KEYS("<key keyNumber=\"2\"><wrong/></key>")),
    CONFIGURATION(KEYS(KEY("0", "c"))),
    CONFIGURATION(
        "<keys patch=\"replace\"><phoneXtensions>" KEY("3", "r") "</phoneXtensions></keys>"),
    CONFIGURATION(KEYS(KEY("4", "d")) USERS KEYS("<key/>")),
    CONFIGURATION("<users><user name=\"u\"><role>nobody</role></user></users>"),
    "<operations><delete path=\"/keys\"/></operations>",
    "<operations><delete path=\"/keys/phoneXtensions/key[@keyNumber='1']\"/></operations>",
    "<operations><add "
    "path=\"/keys/phoneXtensions/key[@keyNumber='2']/\"><wrong/></add></operations>",
    "<operations><replace path=\"/keys/phoneXtensions/key[@keyNumber='2']\">" KEY(
        "1", "x") "</replace>"
                  "</operations>",
    "<diff><replace sel=\"configuration/keys/phoneXtensions/key[1]/@keyNumber\">2</replace></diff>",
    "<diff><replace sel=\"configuration/keys/phoneXtensions/key[1]/@label\">y</replace></diff>",
    "<diff><add sel=\"configuration/keys/phoneXtensions/key[1]\">text</add></diff>",
    "<diff><remove sel=\"configuration/keys[1]\"/></diff>",
};

static void
open_all(struct world *w, const char *text)
{
    const struct prov_dialect *d = prov_dialect_find(prov_str_z("auerswald-d"));

    assert_int_equal(PROV_OK, world_open(w, "auerswald-d", text, ARENA, &small, NULL));
    w->dialect.schema_count = d->schema_count;
    w->dialect.migration_count = d->migration_count;
}

/* The first section of this name, all of it, is as the schema says. */
static void
is_sound(struct world *w, struct prov_str name)
{
    const struct prov_schema *schema = prov_schema_find(&w->dialect, name);
    uint32_t n = prov_xml_first(&w->x, w->root);

    while (n != PROV_XML_NONE && !prov_xml_is(&w->x, n, name))
        n = prov_xml_next(&w->x, n);
    if (n != PROV_XML_NONE)
        assert_int_equal(PROV_OK, prov_schema_check(&w->x, n, schema, NULL));
}

static size_t
count_sections(const struct world *w)
{
    size_t count = 0;

    for (uint32_t n = prov_xml_first(&w->x, w->root); n != PROV_XML_NONE; count++)
        n = prov_xml_next(&w->x, n);
    return count;
}

static void
apply(struct world *w, const char *change)
{
    const struct prov_account *account = &w->a.account;
    const uint32_t before = account->section_count;
    const size_t there = count_sections(w);

    assert_int_equal(PROV_OK,
                     prov_apply_change(&w->a, world_parse(w, change), w->dialect.file_types, NULL));
    /* One that is gone may have had another one of its name behind it. */
    for (uint32_t i = before; i < account->section_count && count_sections(w) >= there; i++) {
        if (account->sections[i].changed && account->sections[i].action != PROV_SECTION_DISCARDED)
            is_sound(w, account->sections[i].name);
    }
}

/* On settings read anew; how each section ended is compared with the account of all from `from` on. */
static char *
apply_anew(const char *text, const char *change, const struct world *all, uint32_t *from)
{
    struct world w;
    char *written;

    open_all(&w, text);
    apply(&w, change);
    for (uint32_t i = 0; i < w.a.account.section_count; i++) {
        const struct prov_section_result *one = &w.a.account.sections[i];
        const struct prov_section_result *other = &all->a.account.sections[(*from)++];

        assert_int_equal(one->action, other->action);
        assert_int_equal(one->changed, other->changed);
        assert_int_equal(one->why.code, other->why.code);
    }
    written = world_written(&w);
    world_close(&w);
    return written;
}

static bool
apply_in_a_row(const char *before, const char *const row[IN_A_ROW])
{
    char *text = prov_copy_exact(before), *together;
    struct world w;
    uint32_t sections = 0;
    bool discarded;

    text = realloc(text, strlen(before) + 1);
    assert_non_null(text);
    text[strlen(before)] = '\0';
    open_all(&w, before);
    for (size_t i = 0; i < IN_A_ROW; i++)
        apply(&w, row[i]);
    for (size_t i = 0; i < IN_A_ROW; i++) {
        char *next = apply_anew(text, row[i], &w, &sections);

        free(text);
        text = next;
    }
    together = world_written(&w);
    assert_string_equal(text, together);
    assert_int_equal(sections, w.a.account.section_count);
    discarded = w.a.partial;
    free(together);
    free(text);
    world_close(&w);
    return discarded;
}

static void
ends_as_if_each_change_came_alone(void **state)
{
    const size_t n = PROV_COUNT(changes);
    size_t discarded = 0, rows = 0;

    (void)state;
    for (size_t s = 0; s < PROV_COUNT(settings); s++) {
        for (size_t i = 0; i < n * n * n; i++, rows++) {
            const char *const row[IN_A_ROW] = { changes[i / n / n], changes[i / n % n],
                                                changes[i % n] };

            discarded += apply_in_a_row(settings[s], row);
        }
    }
    assert_true(discarded > rows / 4 && discarded < rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_as_if_each_change_came_alone),
    };
    return cmocka_run_group_tests_name("apply_again", tests, NULL, NULL);
}
