/* SPDX-License-Identifier: MIT */

/*
 * One folder a case: settings.xml, change-1.xml and so on, and what they lead to: expected.xml, the
 * new settings byte for byte, and expected.txt, all that is told about them. Optional files:
 * `dialect` (its name, or `made`) and `refuse` (lines `element text`: a section that holds such an element
 * fails the check), `expected-error.xml` (the first finding as a document of RFC 5261).
 */

#include <stdio.h>

#include <prov/apply.h>
#include <prov/rfc5261.h>

#include "golden_case.h"
#include "support/prov_made.h"

#define MEMORY (8u << 20)
#define MOST_CHANGES 9

/* What one case has under way. */
struct run {
    const char *name;
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_apply apply;
    struct prov_diag kept[32];
    struct prov_diags diags;
    struct prov_buf report;
    struct text refuse;
    struct text files[MOST_CHANGES + 1];
    char names[MOST_CHANGES + 1][32];
    uint32_t last_root; /* of the last change that was read */
};

/* A line `element text` of the file `refuse` that this element is. */
static bool
is_refused(const struct run *r, const struct prov_xml *x, uint32_t node)
{
    struct prov_str rest = { r->refuse.ptr, r->refuse.len };

    while (rest.len > 0) {
        const char *blank = memchr(rest.ptr, ' ', rest.len);
        const char *end = memchr(rest.ptr, '\n', rest.len);

        assert_true(blank != NULL && end != NULL && blank < end);
        const struct prov_str element = { rest.ptr, (size_t)(blank - rest.ptr) };
        const struct prov_str text = { blank + 1, (size_t)(end - blank - 1) };

        if (prov_xml_is(x, node, element) && prov_xml_text_is(x, node, text))
            return true;
        rest = prov_str_cut(rest, (size_t)(end + 1 - rest.ptr), rest.len);
    }
    return false;
}

static enum prov_status
check_section(void *ctx, const struct prov_xml *x, uint32_t section, struct prov_diag *diag)
{
    const struct run *r = ctx;
    struct prov_xml_place place;
    uint32_t n = section;

    for (;;) {
        if (is_refused(r, x, n)) {
            prov_xml_where(x, n, &place);
            *diag = (struct prov_diag){ .code = PROV_D_CHECK_FAILED,
                                        .source = place.source,
                                        .line = place.line,
                                        .column = place.column,
                                        .subject = prov_xml_name(x, section) };
            return PROV_E_INVALID;
        }
        uint32_t next = prov_xml_first(x, n);

        while (next == PROV_XML_NONE && n != section) {
            next = prov_xml_next(x, n);
            n = next == PROV_XML_NONE ? prov_xml_parent(x, n) : n;
        }
        if (next == PROV_XML_NONE)
            return PROV_OK;
        n = next;
    }
}

/* Returns false, having said so, if a file is refused. */
static bool
apply_files(struct run *r, uint32_t types)
{
    for (size_t i = 1; i <= MOST_CHANGES; i++) {
        enum prov_file_type type = PROV_FILE_UNKNOWN;
        uint32_t root;

        snprintf(r->names[i], sizeof(r->names[i]), "change-%u.xml", (unsigned)i);
        if (!case_read(r->name, r->names[i], &r->files[i]))
            return true;
        const struct prov_str text = { r->files[i].ptr, r->files[i].len };
        enum prov_status status =
            prov_xml_parse(&r->x, prov_str_z(r->names[i]), text, &root, &r->diags);

        if (status == PROV_OK) {
            r->last_root = root;
            status = prov_apply_change(&r->apply, root, types, &type);
        }
        case_say(&r->report, "file %s %s%s%s\n", r->names[i], prov_file_type_name(type),
                 status == PROV_OK ? "" : " ", status == PROV_OK ? "" : prov_status_name(status));
        if (status != PROV_OK)
            return false;
    }
    return true;
}

static void
tell_account(struct run *r)
{
    for (uint32_t i = 0; i < r->diags.count; i++) {
        assert_int_equal(PROV_OK, prov_diag_format(&r->diags.items[i], &r->report));
        case_say(&r->report, "\n");
    }
    for (uint32_t i = 0; i < r->apply.account.section_count; i++) {
        const struct prov_section_result *s = &r->apply.account.sections[i];

        case_say(&r->report, "section %u %.*s %s", s->file, (int)s->name.len, s->name.ptr,
                 prov_section_action_name(s->action));
        if (s->operations > 0)
            case_say(&r->report, " operations=%u", s->operations);
        if (s->why.code != PROV_D_NONE)
            case_say(&r->report, " PROV-%04u", (unsigned)s->why.code);
        if (s->stripped > 0)
            case_say(&r->report, " stripped=%u", s->stripped);
        if (s->unchecked)
            case_say(&r->report, " unchecked");
        case_say(&r->report, "%s\n", s->changed ? " changed" : "");
    }
    for (uint32_t i = 0; i < r->apply.account.change_count; i++) {
        const struct prov_change *c = &r->apply.account.changes[i];

        case_say(&r->report, "change %u %s ", c->file, prov_change_kind_name(c->kind));
        assert_int_equal(PROV_OK, prov_change_path(&r->apply, c, &r->report));
        case_say(&r->report, "%s\n", prov_change_restart(&r->apply, c) ? " restart" : "");
    }
}

/* The first finding as a document of RFC 5261, in cases that have one. */
static void
tell_error(struct run *r)
{
    char mem[4096];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct text want;

    if (!case_read(r->name, "expected-error.xml", &want))
        return;
    free(want.ptr);
    assert_true(r->diags.count > 0);
    assert_int_equal(PROV_OK, prov_rfc5261_error(&r->kept[0], &r->x, r->last_root, &out));
    case_compare(r->name, "expected-error.xml", prov_buf_str(&out));
}

/* What was written is read again, and means the same. */
static void
check_written(struct run *r, struct prov_str text, uint32_t root)
{
    uint32_t again;

    assert_int_equal(PROV_OK, prov_xml_parse(&r->x, prov_str_z("again"), text, &again, NULL));
    assert_true(prov_xml_equal(&r->x, root, again));
}

static void
tell_outcome(struct run *r, bool applied, uint32_t root)
{
    struct prov_buf out = { malloc(MEMORY), MEMORY, 0 };
    const char *outcome = r->apply.partial ? "partial" : "applied";

    if (!prov_apply_changed(&r->apply) && !r->apply.partial)
        outcome = "unchanged";
    case_say(&r->report, "outcome %s\n", applied ? outcome : "refused");
    assert_int_equal(PROV_OK, prov_xml_write(&r->x, root, &out, NULL));
    case_compare(r->name, "expected.txt", prov_buf_str(&r->report));
    case_compare(r->name, "expected.xml", prov_buf_str(&out));
    check_written(r, prov_buf_str(&out), root);
    free(out.ptr);
}

static const struct prov_dialect *
dialect_of(const char *name)
{
    struct text text;
    struct prov_str word = PROV_STR_INIT("auerswald-d");

    if (case_read(name, "dialect", &text))
        word = prov_str_trim((struct prov_str){ text.ptr, text.len });
    const bool is_made = prov_str_eq(word, made.name);
    const struct prov_dialect *d = is_made ? &made : prov_dialect_find(word);

    free(text.ptr);
    assert_non_null(d);
    return d;
}

static void
runs_the_case(void **state)
{
    struct run *r = calloc(1, sizeof(*r));
    void *memory = malloc(MEMORY);
    const struct prov_limits limits = { .size = sizeof(limits), .xml_nodes = 4096 };
    uint32_t root;

    assert_true(r != NULL && memory != NULL);
    r->name = *state;
    r->diags = (struct prov_diags){ .items = r->kept, .cap = PROV_COUNT(r->kept) };
    r->report = (struct prov_buf){ malloc(65536), 65536, 0 };
    const struct prov_dialect *dialect = dialect_of(r->name);
    const struct prov_check check = { check_section, r };

    prov_arena_init(&r->arena, memory, MEMORY);
    assert_int_equal(PROV_OK, prov_xml_init(&r->x, &r->arena, &limits, NULL, 1));
    const bool refuses = case_read(r->name, "refuse", &r->refuse);

    assert_true(case_read(r->name, "settings.xml", &r->files[0]));
    const struct prov_str text = { r->files[0].ptr, r->files[0].len };

    assert_int_equal(PROV_OK, prov_xml_parse(&r->x, prov_str_z("settings.xml"), text, &root, NULL));
    assert_int_equal(PROV_OK, prov_apply_init(&r->apply, &r->x, root, dialect,
                                              refuses ? &check : NULL, &r->diags));
    const bool applied = apply_files(r, dialect->first_types);

    tell_account(r);
    tell_error(r);
    tell_outcome(r, applied, root);
    for (size_t i = 0; i <= MOST_CHANGES; i++)
        free(r->files[i].ptr);
    free(r->refuse.ptr);
    free(r->report.ptr);
    free(memory);
    free(r);
}

int
main(int argc, char **argv)
{
    return case_main(argc, argv, "settings.xml", runs_the_case);
}
