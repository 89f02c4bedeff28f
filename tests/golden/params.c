/* SPDX-License-Identifier: MIT */

/*
 * One folder a case, of families whose settings are parameters: `dialect`, any of the files initial,
 * master, product, standard and user, and expected.txt: what is found in them, and then every
 * parameter in force with the file and line it comes from and those it beat. A file with `later` in
 * front of its name was set after all the others.
 */

#include <stdio.h>

#include <prov/dialect.h>
#include <prov/layer.h>

#include "golden_case.h"
#include "support/prov_cmocka.h"

#define MEMORY (8u << 20)

struct run {
    const char *name;
    const struct prov_layer_rules *rules;
    struct prov_arena arena;
    struct prov_xml x;
    struct prov_diag kept[32];
    struct prov_diags diags;
    struct prov_buf report;
    struct text files[PROV_LAYERS];
    char names[PROV_LAYERS][32];
    struct prov_params lists[PROV_LAYERS];
    struct prov_layer_input inputs[PROV_LAYERS];
    size_t count;
};

static enum prov_status
read_params(struct run *r, unsigned layer)
{
    const struct prov_str name = prov_str_z(r->names[layer]);
    const struct prov_str text = { r->files[layer].ptr, r->files[layer].len };
    uint32_t root;
    enum prov_status status;

    if (r->rules->params->cfg != NULL)
        return prov_params_read_text(&r->lists[layer], r->rules->params, name, text, &r->arena,
                                     &r->diags);
    status = prov_xml_parse(&r->x, name, text, &root, &r->diags);
    return status == PROV_OK ? prov_params_read_xml(&r->lists[layer], r->rules->params, &r->x, root,
                                                    &r->arena, &r->diags)
                             : status;
}

/* A file is there under its own name, or as one that was set later. */
static bool
find_file(struct run *r, unsigned layer, bool *later)
{
    for (unsigned i = 0; i < 2; i++) {
        *later = i == 1;
        snprintf(r->names[layer], sizeof(r->names[layer]), "%s%s", *later ? "later-" : "",
                 prov_layer_name((enum prov_layer)layer));
        if (case_read(r->name, r->names[layer], &r->files[layer]))
            return true;
    }
    return false;
}

static void
read_files(struct run *r)
{
    for (unsigned i = PROV_LAYER_INITIAL; i < PROV_LAYERS; i++) {
        bool later;

        if (!find_file(r, i, &later))
            continue;
        const enum prov_status status = read_params(r, i);

        if (status == PROV_OK) {
            r->inputs[r->count++] = (struct prov_layer_input){ .layer = (enum prov_layer)i,
                                                               .stamp = later ? 2 : 1,
                                                               .params = &r->lists[i] };
            case_say(&r->report, "file %s: %u parameters\n", r->names[i],
                     (unsigned)r->lists[i].count);
        } else {
            case_say(&r->report, "file %s: refused, %s\n", r->names[i], prov_status_name(status));
        }
    }
    for (uint32_t i = 0; i < r->diags.count; i++) {
        assert_int_equal(PROV_OK, prov_diag_format(&r->diags.items[i], &r->report));
        case_say(&r->report, "\n");
    }
}

static void
tell_item(struct run *r, const struct prov_layered *item)
{
    const struct prov_layer_value *v = item->values;
    const struct prov_param *p = item->ruling;

    assert_int_equal(PROV_OK,
                     prov_param_label(r->rules->params, item->name, item->index, &r->report));
    case_say(&r->report, "=%.*s\n    %.*s:%u", (int)v->param->value.len, v->param->value.ptr,
             (int)v->input->params->source.len, v->input->params->source.ptr,
             (unsigned)v->param->line);
    for (uint32_t i = 1; i < item->count; i++)
        case_say(&r->report, ", beats %.*s:%u", (int)item->values[i].input->params->source.len,
                 item->values[i].input->params->source.ptr, (unsigned)item->values[i].param->line);
    if (p != NULL && p->perm > 0)
        case_say(&r->report, ", perm \"%.*s\"", (int)r->rules->params->perms[p->perm - 1].text.len,
                 r->rules->params->perms[p->perm - 1].text.ptr);
    if (p != NULL && p->access.len > 0)
        case_say(&r->report, ", access %.*s", (int)p->access.len, p->access.ptr);
    case_say(&r->report, "%s\n", item->read_only ? ", read-only" : "");
}

/* What is in force can be written as a file, and read again it is the same. */
static void
check_written(struct run *r, const struct prov_layers *merged)
{
    struct prov_params all, again;
    struct prov_params_diff diff = { .before = &all, .after = &again };
    struct prov_param_difference one;
    struct prov_buf out = { malloc(MEMORY), MEMORY, 0 };
    uint32_t root = PROV_XML_NONE;

    assert_int_equal(PROV_OK, prov_layers_params(merged, prov_str_z("all"), &r->arena, &all));
    assert_int_equal(PROV_OK, prov_params_write(&all, &out, NULL));
    const struct prov_str text = prov_buf_str(&out), name = prov_str_z("again");

    if (r->rules->params->cfg != NULL) {
        assert_int_equal(
            PROV_OK, prov_params_read_text(&again, r->rules->params, name, text, &r->arena, NULL));
    } else {
        assert_int_equal(PROV_OK, prov_xml_parse(&r->x, name, text, &root, NULL));
        assert_int_equal(
            PROV_OK, prov_params_read_xml(&again, r->rules->params, &r->x, root, &r->arena, NULL));
    }
    assert_false(prov_params_diff_next(&diff, &one));
    free(out.ptr);
}

static const struct prov_layer_rules *
rules_of(const char *name)
{
    struct text text;

    assert_true(case_read(name, "dialect", &text));
    const struct prov_dialect *d =
        prov_dialect_find(prov_str_trim((struct prov_str){ text.ptr, text.len }));

    free(text.ptr);
    assert_true(d != NULL && d->layers != NULL);
    return d->layers;
}

static void
runs_the_case(void **state)
{
    struct run *r = calloc(1, sizeof(*r));
    void *memory = malloc(MEMORY);
    struct prov_layers merged;

    assert_true(r != NULL && memory != NULL);
    r->name = *state;
    r->rules = rules_of(r->name);
    r->diags = (struct prov_diags){ .items = r->kept, .cap = PROV_COUNT(r->kept) };
    r->report = (struct prov_buf){ malloc(65536), 65536, 0 };
    prov_arena_init(&r->arena, memory, MEMORY);
    assert_int_equal(PROV_OK, prov_xml_init(&r->x, &r->arena, NULL, NULL, 1));
    read_files(r);
    assert_int_equal(PROV_OK, prov_layers_merge(&merged, r->rules, r->inputs, r->count, &r->arena));
    for (uint32_t i = 0; i < merged.count; i++)
        tell_item(r, &merged.items[i]);
    case_compare(r->name, "expected.txt", prov_buf_str(&r->report));
    check_written(r, &merged);
    for (unsigned i = 0; i < PROV_LAYERS; i++)
        free(r->files[i].ptr);
    free(r->report.ptr);
    free(memory);
    free(r);
}

int
main(int argc, char **argv)
{
    return case_main(argc, argv, "dialect", runs_the_case);
}
