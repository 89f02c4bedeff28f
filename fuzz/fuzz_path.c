/* SPDX-License-Identifier: MIT */
#include <prov/path.h>

#include "fuzz_in.h"

/* Settings with lists, repeated names, entities and white space. */
static const char doc[] =
    "<c><keys v='1'><phone><key n='1' l='a'><t>x</t></key><key n='2' l='b'>y</key>"
    "<key n='2'/></phone><module><key n='1' l='&lt;'><t>z</t></key></module></keys>"
    "<list><e>1</e><e>2</e><f>2</f><e q='a&amp;b'>3 &gt; 4</e></list><list/></c>";

#define NODES 64

struct world {
    struct prov_limits limits;
    struct prov_arena arena;
    struct prov_xml x;
    uint32_t root;
};

static void
open_world(struct world *w, void *memory, size_t bytes)
{
    const struct prov_limits in = { .size = sizeof(in), .xml_nodes = NODES, .path_steps = 6 };

    FUZZ_CHECK(prov_limits_resolve(&in, &w->limits) == PROV_OK);
    prov_arena_init(&w->arena, memory, bytes);
    FUZZ_CHECK(prov_xml_init(&w->x, &w->arena, &w->limits, NULL, 1) == PROV_OK);
    FUZZ_CHECK(prov_xml_parse(&w->x, prov_str_z("d"), prov_str_z(doc), &w->root, NULL) == PROV_OK);
}

/* The parts lie in the text, in order, and are not empty. */
static void
check_parts(const struct prov_path *p, struct prov_str text, const struct prov_limits *limits)
{
    uint32_t predicates = 0;

    FUZZ_CHECK(p->step_count >= 1 && p->step_count <= limits->path_steps);
    FUZZ_CHECK(p->predicate_count <= limits->path_steps);
    for (uint32_t i = 0; i < p->step_count; i++) {
        const struct prov_path_step *s = &p->steps[i];

        FUZZ_CHECK(s->name.len > 0 && s->name.ptr == text.ptr + s->column - 1);
        FUZZ_CHECK(s->name.ptr[-1] == '/');
        FUZZ_CHECK(s->predicate_first == predicates);
        predicates += s->predicate_count;
    }
    FUZZ_CHECK(predicates == p->predicate_count);
    for (uint32_t i = 0; i < p->predicate_count; i++)
        FUZZ_CHECK(p->predicates[i].test != PROV_PATH_POSITION || p->predicates[i].position > 0);
}

/* One hit: with a further position 1 it is the same element, with 2 there is none. */
static void
check_hit(struct world *w, struct prov_str text, uint32_t node)
{
    static const char *const more[] = { "[1]", "[2]" };
    const size_t slash = text.len > 1 && text.ptr[text.len - 1] == '/';

    for (size_t i = 0; i < 2; i++) {
        char *longer = malloc(text.len + 4);
        struct prov_path p;
        uint32_t again = PROV_XML_NONE;

        FUZZ_CHECK(longer != NULL);
        memcpy(longer, text.ptr, text.len - slash);
        memcpy(longer + text.len - slash, more[i], 3);
        const struct prov_str s = { longer, text.len - slash + 3 };

        if (prov_path_parse(s, &w->limits, &w->arena, &p, NULL) == PROV_OK) {
            const enum prov_status st = prov_path_find(&w->x, w->root, &p, &again, NULL);

            FUZZ_CHECK(i == 0 ? st == PROV_OK && again == node : st == PROV_E_NO_MATCH);
        }
        free(longer);
    }
}

static void
find(struct world *w, struct prov_str text, const struct prov_path *p)
{
    struct prov_diag diag = { 0 };
    uint32_t node = 12345;

    switch (prov_path_find(&w->x, w->root, p, &node, &diag)) {
    case PROV_OK:
        FUZZ_CHECK(node != 12345 && diag.status == PROV_OK);
        check_hit(w, text, node);
        break;
    case PROV_E_NO_MATCH:
    case PROV_E_AMBIGUOUS:
        FUZZ_CHECK(node == 12345 && diag.column >= 2 && diag.column <= text.len);
        break;
    default: /* not in the documented set */
        FUZZ_CHECK(false);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char memory[1 << 16];
    struct world w;
    struct prov_path p;
    struct prov_diag diag = { 0 };
    const struct prov_str text = { (const char *)data, size };

    open_world(&w, memory, sizeof(memory));
    const size_t before = prov_arena_mark(&w.arena);

    switch (prov_path_parse(text, &w.limits, &w.arena, &p, &diag)) {
    case PROV_OK:
        check_parts(&p, text, &w.limits);
        find(&w, text, &p);
        break;
    case PROV_E_SYNTAX:
        FUZZ_CHECK(diag.column >= 1 && diag.column <= size + 1);
        FUZZ_CHECK(diag.code >= PROV_D_PATH_EMPTY && diag.code <= PROV_D_PATH_POSITION);
        FUZZ_CHECK(prov_arena_mark(&w.arena) == before);
        break;
    case PROV_E_LIMIT:
        FUZZ_CHECK(diag.need == w.limits.path_steps);
        break;
    default: /* not in the documented set; the memory is enough */
        FUZZ_CHECK(false);
    }
    return 0;
}
