/* SPDX-License-Identifier: MIT */
#include "params.h"

#include <stdlib.h>
#include <string.h>

#include <prov/cert.h>
#include <prov/layer.h>

#include "account.h"
#include "file.h"

/* A file among others. */
struct input {
    struct document doc;
    struct prov_params params;
    enum prov_file_type type;
    const char *place; /* what it is to the phone */
    int code;          /* check: how it ended */
};

struct work {
    const struct params_job *job;
    const struct prov_layer_rules *rules;
    struct report report;
    struct documents docs;
    struct input *inputs; /* the settings, the changes, perhaps the user's */
    size_t count;
    struct prov_layer_input *layers;
    struct prov_layers merged;
    struct prov_params result;
    uint32_t changes;
    bool wrote;
};

/* ---- Reading ---- */

static const char *
input_name(const struct work *w, size_t i)
{
    return i < w->job->name_count ? w->job->names[i] : w->job->user;
}

/* All files are looked at, so that every unreadable one is told. */
static int
read_inputs(struct work *w)
{
    const struct prov_limits *l = &w->job->device->limits;
    int worst = TOOL_DONE;

    for (size_t i = 0; i < w->count; i++) {
        struct input *in = &w->inputs[i];

        in->code = document_read(&in->doc, input_name(w, i), l->file_bytes, &w->report);
        worst = in->code > worst ? in->code : worst;
    }
    return worst;
}

static enum prov_status
read_xml(struct work *w, struct input *in)
{
    uint32_t root;
    const enum prov_status status = documents_parse(&w->docs, &in->doc, &root);

    if (status != PROV_OK)
        return status;
    in->type = prov_file_detect(&w->docs.x, root, w->job->device->dialect, PROV_XML_NONE);
    return prov_params_read_xml(&in->params, w->rules->params, &w->docs.x, root, &w->docs.arena,
                                &w->docs.diags);
}

static enum prov_status
read_params(struct work *w, struct input *in)
{
    const struct prov_cfg_rules *cfg = w->rules->params->cfg;
    const struct prov_str text = text_str(&in->doc.text);

    in->type = PROV_FILE_UNKNOWN;
    if (cfg == NULL)
        return read_xml(w, in);
    if (prov_cfg_is(text, cfg))
        in->type = PROV_FILE_PARAMS_TEXT;
    return prov_params_read_text(&in->params, w->rules->params, in->doc.name, text, &w->docs.arena,
                                 &w->docs.diags);
}

/* ---- Layers ---- */

/* Everything in it stands in the first group, which no file of the other kind has. */
static bool
is_initial(const struct prov_params *p)
{
    uint32_t n = 0;

    while (n < p->count && p->items[n].group == 0)
        n++;
    return p->rules->group_count > 1 && p->count > 0 && n == p->count;
}

/* Which layer the n-th change is, from 0: they come in the order standard, product, master. */
static enum prov_layer
layer_of(const struct prov_params *p, size_t n)
{
    static const enum prov_layer layers[] = { PROV_LAYER_STANDARD, PROV_LAYER_PRODUCT,
                                              PROV_LAYER_MASTER };

    if (is_initial(p))
        return PROV_LAYER_INITIAL;
    return layers[n < TOOL_COUNT(layers) ? n : TOOL_COUNT(layers) - 1];
}

/* The settings are below everything. Files of one rank go by time; else the earlier one is the
 * stronger one, also among those that share a layer. */
static void
place_inputs(struct work *w)
{
    const struct prov_layer_rule *r = w->rules->layers;
    const bool by_time = r[PROV_LAYER_STANDARD].rank == r[PROV_LAYER_MASTER].rank;
    size_t n = 0;

    w->layers[0] = (struct prov_layer_input){ PROV_LAYER_INITIAL, 0, &w->inputs[0].params };
    w->inputs[0].place = "settings";
    for (size_t i = 1; i < w->count; i++) {
        const bool user = i >= w->job->name_count;
        const struct prov_params *p = &w->inputs[i].params;
        const enum prov_layer layer = user ? PROV_LAYER_USER : layer_of(p, n);

        n += !user && layer != PROV_LAYER_INITIAL;
        w->layers[i] = (struct prov_layer_input){ layer, by_time || user ? i : w->count - i, p };
        w->inputs[i].place = by_time && !user ? "file" : prov_layer_name(layer);
    }
}

static enum prov_status
attempt(struct work *w)
{
    enum prov_status status = PROV_OK;

    for (size_t i = 0; i < w->count && status == PROV_OK; i++)
        status = read_params(w, &w->inputs[i]);
    if (status != PROV_OK)
        return status;
    place_inputs(w);
    status = prov_layers_merge(&w->merged, w->rules, w->layers, w->count, &w->docs.arena);
    if (status != PROV_OK)
        return status;
    return prov_layers_params(&w->merged, w->inputs[0].doc.name, &w->docs.arena, &w->result);
}

/* ---- The new settings ---- */

static void
add_label(struct text *t, const struct prov_params *p, struct prov_str name, uint32_t index)
{
    const size_t room = name.len + 16;
    struct prov_buf label = { tool_alloc(room), room, 0 };

    if (prov_param_label(p->rules, name, index, &label) == PROV_OK)
        text_add(t, prov_buf_str(&label));
    free(label.ptr);
}

/* The old file with what differs changed. False: a value does not fit; reported. */
static bool
write_text(struct work *w, struct text *out)
{
    struct prov_params_diff d = { &w->inputs[0].params, &w->result, 0, 0 };
    struct prov_cfg_change *changes = tool_alloc((w->changes + 1) * sizeof(*changes));
    struct text *labels = tool_alloc((w->changes + 1) * sizeof(*labels));
    struct prov_buf buf = { NULL, 0, 0 };
    struct prov_param_difference it;
    struct prov_diag diag = { 0 };
    struct prov_cfg old;
    size_t n = 0;

    for (; prov_params_diff_next(&d, &it); n++) {
        labels[n] = (struct text){ 0 };
        add_label(&labels[n], &w->result, it.after->name, it.after->index);
        changes[n] =
            (struct prov_cfg_change){ .name = text_str(&labels[n]), .value = it.after->value };
    }
    enum prov_status status = prov_cfg_begin(
        &old, w->inputs[0].doc.name, text_str(&w->inputs[0].doc.text), w->rules->params->cfg, NULL);

    if (status == PROV_OK)
        status = prov_cfg_write(&old, changes, n, &buf, &diag);
    if (status == PROV_E_SPACE) {
        buf = (struct prov_buf){ tool_alloc(diag.need), diag.need, 0 };
        status = prov_cfg_write(&old, changes, n, &buf, &diag);
    }
    text_add(out, prov_buf_str(&buf));
    if (status != PROV_OK)
        report_diag(&w->report, &diag);
    for (size_t i = 0; i < n; i++)
        text_free(&labels[i]);
    free(buf.ptr);
    free(labels);
    free(changes);
    return status == PROV_OK;
}

static void
write_xml(const struct work *w, struct text *out)
{
    struct prov_buf buf = { NULL, 0, 0 };
    size_t need = 0;

    if (prov_params_write(&w->result, &buf, &need) == PROV_OK)
        return;
    buf = (struct prov_buf){ tool_alloc(need), need, 0 };
    if (prov_params_write(&w->result, &buf, NULL) == PROV_OK)
        text_add(out, prov_buf_str(&buf));
    free(buf.ptr);
}

static int
deliver(struct work *w)
{
    const char *output = w->job->output;
    struct text out = { 0 };
    int code = TOOL_DONE;

    if (w->changes == 0)
        text_add(&out, text_str(&w->inputs[0].doc.text));
    else if (w->rules->params->cfg == NULL)
        write_xml(w, &out);
    else if (!write_text(w, &out))
        code = TOOL_REFUSED;
    if (code == TOOL_DONE && output == NULL && !w->job->json)
        fwrite(out.ptr, 1, out.len, stdout);
    if (code == TOOL_DONE && output != NULL &&
        (w->changes > 0 || !file_same(output, w->job->names[0]))) {
        w->wrote = file_write(output, text_str(&out), &w->report);
        code = w->wrote ? TOOL_DONE : TOOL_OUTSIDE;
    }
    text_free(&out);
    return code;
}

static int
merge(struct work *w)
{
    enum prov_status status = PROV_E_SPACE;
    struct prov_params_diff d = { &w->inputs[0].params, &w->result, 0, 0 };
    struct prov_param_difference it;
    size_t bytes = 0;

    for (size_t i = 0; i < w->count; i++)
        bytes += w->inputs[i].doc.text.len;
    documents_init(&w->docs, w->job->device, 16 * bytes);
    while (status == PROV_E_SPACE && documents_grow(&w->docs))
        status = attempt(w);
    const int code = documents_report(&w->docs, status, &w->report);

    if (code != TOOL_DONE)
        return code;
    while (prov_params_diff_next(&d, &it))
        w->changes++;
    return deliver(w);
}

/* ---- What happened ---- */

static json_t *
label_json(const struct prov_params *p, struct prov_str name, uint32_t index)
{
    struct text t = { 0 };

    add_label(&t, p, name, index);
    json_t *json = report_string(text_str(&t));

    text_free(&t);
    return json;
}

static const char *
change_name(enum prov_param_change kind)
{
    static const char *const names[] = { [PROV_PARAM_ADDED] = "added",
                                         [PROV_PARAM_REMOVED] = "removed",
                                         [PROV_PARAM_VALUE] = "replaced",
                                         [PROV_PARAM_RIGHTS] = "attributes" };

    return names[kind];
}

static const char *
why_name(enum prov_layer_why why)
{
    static const char *const names[] = { [PROV_LAYER_WHY_SOLE] = "sole",
                                         [PROV_LAYER_WHY_RANK] = "rank",
                                         [PROV_LAYER_WHY_STAMP] = "time",
                                         [PROV_LAYER_WHY_LAYER] = "layer",
                                         [PROV_LAYER_WHY_PERM] = "permission" };

    return names[why];
}

static const char *
place_of(const struct work *w, const struct prov_layer_value *v)
{
    return w->inputs[v->input - w->layers].place;
}

static void
explain_lines(const struct work *w, const struct prov_layered *item)
{
    for (uint32_t n = 0; n < item->count; n++) {
        const struct prov_layer_value *v = &item->values[n];
        struct text t = { 0 }, shown = { 0 };

        if (n == 0)
            add_label(&t, &w->result, item->name, item->index);
        text_add_z(&t, n == 0 ? ": " : "beat ");
        text_add(&t, v->input->params->source);
        text_addf(&t, ":%u:%u: %s", (unsigned)v->param->line, (unsigned)v->param->column,
                  place_of(w, v));
        if (n > 0)
            text_addf(&t, ", by %s", why_name(prov_layers_why(&w->merged, item, n - 1)));
        else if (item->read_only)
            text_add_z(&t, ", read-only");
        text_add_shown(&shown, text_str(&t));
        fprintf(stderr, "%s%s\n", n == 0 ? "" : "  ", shown.ptr);
        text_free(&t);
        text_free(&shown);
    }
}

static json_t *
explain_json(const struct work *w, const struct prov_layered *item)
{
    json_t *values = json_array();

    for (uint32_t n = 0; n < item->count; n++) {
        const struct prov_layer_value *v = &item->values[n];

        json_array_append_new(
            values, json_pack("{s:s, s:o, s:I, s:I, s:s}", "layer", place_of(w, v), "file",
                              report_string(v->input->params->source), "line",
                              (json_int_t)v->param->line, "column", (json_int_t)v->param->column,
                              "why", why_name(prov_layers_why(&w->merged, item, n))));
    }
    return json_pack("{s:o, s:b, s:o}", "path", label_json(&w->result, item->name, item->index),
                     "readOnly", (int)item->read_only, "values", values);
}

/* A name that is nowhere is told by the exit code. */
static int
explain(struct work *w, json_t *list)
{
    int code = TOOL_DONE;

    for (size_t i = 0; i < w->job->explain->count; i++) {
        struct prov_str name;
        const uint32_t index =
            prov_param_split(w->rules->params, prov_str_z(w->job->explain->items[i]), &name);
        const struct prov_layered *item = prov_layers_find(&w->merged, name, index);

        if (item == NULL) {
            report_tool(&w->report, PROV_D_PARAM_NOT_THERE, prov_str_z("--explain"),
                        w->job->explain->items[i], 0);
            code = TOOL_REFUSED;
        } else if (list != NULL) {
            json_array_append_new(list, explain_json(w, item));
        } else {
            explain_lines(w, item);
        }
    }
    return code;
}

static const char *
status_name(const struct work *w, int code)
{
    if (code != TOOL_DONE)
        return "refused";
    return w->changes > 0 ? "applied" : "unchanged";
}

static json_t *
changes_json(const struct work *w)
{
    struct prov_params_diff d = { &w->inputs[0].params, &w->result, 0, 0 };
    struct prov_param_difference it;
    json_t *list = json_array();

    while (prov_params_diff_next(&d, &it)) {
        json_t *path = label_json(&w->result, it.after->name, it.after->index);

        json_array_append_new(list, json_pack("{s:o, s:s, s:b}", "path", path, "kind",
                                              change_name(it.kind), "restart", 0));
    }
    return list;
}

static json_t *
file_json(const struct input *in)
{
    return json_pack("{s:o, s:s, s:I}", "name", report_string(in->doc.name), "type",
                     prov_file_type_name(in->type), "parameters", (json_int_t)in->params.count);
}

static void
print_json(struct work *w, int code, json_t *origins)
{
    json_t *files = json_array();

    for (size_t i = 1; i < w->count; i++) {
        json_t *file = file_json(&w->inputs[i]);

        if (w->inputs[i].place != NULL)
            json_object_set_new(file, "layer", json_string(w->inputs[i].place));
        json_array_append_new(files, file);
    }
    json_t *doc =
        json_pack("{s:s, s:o, s:[], s:o}", "status", status_name(w, code), "files", files,
                  "sections", "changes", code == TOOL_DONE ? changes_json(w) : json_array());

    if (origins != NULL)
        json_object_set_new(doc, "explain", origins);
    report_document(&w->report, doc);
}

static void
print_lines(const struct work *w, int code)
{
    struct prov_params_diff d = { &w->inputs[0].params, &w->result, 0, 0 };
    struct prov_param_difference it;

    for (size_t i = 1; code == TOOL_DONE && i < w->count; i++)
        fprintf(stderr, "%s: %s, %s, %u parameters\n", w->inputs[i].doc.shown.ptr,
                prov_file_type_name(w->inputs[i].type), w->inputs[i].place,
                (unsigned)w->inputs[i].params.count);
    while (code == TOOL_DONE && prov_params_diff_next(&d, &it)) {
        struct text t = { 0 }, shown = { 0 };

        add_label(&t, &w->result, it.after->name, it.after->index);
        text_add_shown(&shown, text_str(&t));
        fprintf(stderr, "  %s: %s\n", shown.ptr, change_name(it.kind));
        text_free(&t);
        text_free(&shown);
    }
    fprintf(stderr, "result: %s", status_name(w, code));
    if (code != TOOL_DONE)
        fputs(", nothing written", stderr);
    else if (w->job->output != NULL)
        fprintf(stderr, ", output file %s", w->wrote ? "written" : "left as it is");
    fputs("\n", stderr);
}

/* ---- Commands ---- */

static void
start(struct work *w, size_t count)
{
    w->rules = w->job->device->dialect->layers;
    w->count = count;
    w->inputs = tool_alloc(count * sizeof(*w->inputs));
    w->layers = tool_alloc(count * sizeof(*w->layers));
    memset(w->inputs, 0, count * sizeof(*w->inputs));
    report_init(&w->report, w->job->json);
}

static int
finish(struct work *w, int code)
{
    documents_free(&w->docs);
    for (size_t i = 0; i < w->count; i++)
        document_free(&w->inputs[i].doc);
    free(w->inputs);
    free(w->layers);
    return report_end(&w->report, code);
}

int
params_apply(const struct params_job *job)
{
    struct work w = { .job = job };
    json_t *origins = job->json && job->explain->count > 0 ? json_array() : NULL;

    start(&w, job->name_count + (job->user != NULL));
    int code = read_inputs(&w);

    if (code == TOOL_DONE)
        code = merge(&w);
    if (!job->json)
        print_lines(&w, code);
    const int explained = code == TOOL_DONE ? explain(&w, origins) : code;

    if (job->json)
        print_json(&w, code, origins);
    return finish(&w, explained);
}

/* PEM, or the SEQUENCE that a certificate in DER is. */
static bool
looks_like_certificate(const struct work *w, struct prov_str text)
{
    static const char pem[] = "-----BEGIN ", der[] = "\x30\x82";

    return w->job->device->dialect->cert_count > 0 &&
           ((text.len >= sizeof(pem) - 1 && memcmp(text.ptr, pem, sizeof(pem) - 1) == 0) ||
            (text.len >= sizeof(der) - 1 && memcmp(text.ptr, der, sizeof(der) - 1) == 0));
}

/* A root certificate, as the first file names them (PAN-3). */
static void
check_certificate(struct work *w, struct input *in)
{
    struct prov_certs certs;
    struct prov_diag diag;

    in->type = PROV_FILE_CERTIFICATE;
    if (prov_cert_read(in->doc.name, text_str(&in->doc.text), &certs, &diag) == PROV_OK)
        return;
    report_diag(&w->report, &diag);
    in->code = TOOL_REFUSED;
}

static void
check_one(struct work *w, struct input *in)
{
    enum prov_status status = PROV_E_SPACE;

    if (in->code != TOOL_DONE)
        return;
    if (looks_like_certificate(w, text_str(&in->doc.text))) {
        check_certificate(w, in);
        return;
    }
    documents_init(&w->docs, w->job->device, 16 * in->doc.text.len);
    while (status == PROV_E_SPACE && documents_grow(&w->docs))
        status = read_params(w, in);
    in->code = documents_report(&w->docs, status, &w->report);
    documents_free(&w->docs);
}

static const char *
result_name(int code)
{
    return code == TOOL_DONE ? "ok" : "refused";
}

int
params_check(const struct params_job *job)
{
    struct work w = { .job = job };
    json_t *files = json_array();

    start(&w, job->name_count);
    int code = read_inputs(&w);

    for (size_t i = 0; i < w.count; i++) {
        struct input *in = &w.inputs[i];

        check_one(&w, in);
        code = in->code > code ? in->code : code;
        json_t *file = file_json(in);

        json_object_set_new(file, "result", json_string(result_name(in->code)));
        json_array_append_new(files, file);
        if (job->json)
            continue;
        printf("%s: ", in->doc.shown.ptr);
        if (in->code == TOOL_DONE)
            printf("%s", prov_file_type_name(in->type));
        if (in->code == TOOL_DONE && in->type != PROV_FILE_CERTIFICATE)
            printf(", %u parameters", (unsigned)in->params.count);
        if (in->code == TOOL_DONE)
            fputs(": ", stdout);
        printf("%s\n", result_name(in->code));
    }
    json_t *doc =
        json_pack("{s:s, s:O, s:[], s:[]}", "status", code == TOOL_DONE ? "unchanged" : "refused",
                  "files", files, "sections", "changes");

    json_decref(files);
    if (job->json)
        report_document(&w.report, doc);
    else
        json_decref(doc);
    return finish(&w, code);
}
