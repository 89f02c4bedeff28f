/* SPDX-License-Identifier: MIT */
/*
 * usage: net_search run --state DIR --interface IF --dialect NAME --mac HEX [--model S] [--fwver S]
 *                       [--url URL] [--redirect-url URL] [--disable SOURCE]... [--once] [--json]
 *
 * A run like that of the tool, for dialects whose files the tool has no engine for: their markers,
 * sources and address rules, with the files of `generic`. Prints the same record, the sources only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <prov/adapters/curl.h>
#include <prov/adapters/lan.h>
#include <prov/adapters/posix.h>
#include <prov/prov.h>
#include <prov/session.h>

struct search {
    const char *state, *interface, *dialect, *mac, *model, *fwver, *url, *redirect_url;
    struct prov_dialect table;
    struct prov_identity identity;
    struct prov_discover_options options;
    struct prov_posix_store *store;
    struct prov_curl *curl;
    struct prov_lan *lan;
    struct prov_session *session;
    void *memory;
};

static int
fail(const char *what)
{
    fprintf(stderr, "net_search: %s\n", what);
    return 2;
}

static bool
disable(struct search *s, const char *name)
{
    for (unsigned kind = 0; kind < PROV_SOURCE_KINDS; kind++) {
        if (strcmp(name, prov_source_name((enum prov_source_kind)kind)) == 0) {
            s->options.disabled |= PROV_SOURCE_BIT(kind);
            return true;
        }
    }
    return false;
}

static bool
read_options(struct search *s, int argc, char **argv)
{
    const struct {
        const char *name, **value;
    } known[] = {
        { "--state", &s->state },     { "--interface", &s->interface },
        { "--dialect", &s->dialect }, { "--mac", &s->mac },
        { "--model", &s->model },     { "--fwver", &s->fwver },
        { "--url", &s->url },         { "--redirect-url", &s->redirect_url },
        { "--serial", NULL },
    };
    const size_t count = sizeof(known) / sizeof(known[0]);

    for (int i = 2; i < argc; i++) {
        size_t k = 0;

        if (strcmp(argv[i], "--once") == 0 || strcmp(argv[i], "--json") == 0)
            continue;
        while (k < count && strcmp(argv[i], known[k].name) != 0)
            k++;
        if (i + 1 == argc || (k == count && strcmp(argv[i], "--disable") != 0))
            return false;
        i++;
        if (k == count && !disable(s, argv[i]))
            return false;
        if (k < count && known[k].value != NULL)
            *known[k].value = argv[i];
    }
    return s->state != NULL && s->interface != NULL && s->dialect != NULL && s->mac != NULL;
}

/* The side of the search is the dialect's, the side of the files is that of `generic`. */
static bool
make_dialect(struct search *s)
{
    const struct prov_dialect *from = prov_dialect_find(prov_str_z(s->dialect));
    const struct prov_dialect *files = prov_dialect_find(prov_str_z("generic"));

    if (from == NULL || files == NULL)
        return false;
    s->table = *files;
    s->table.markers = from->markers;
    s->table.marker_count = from->marker_count;
    s->table.sources = from->sources;
    s->table.source_count = from->source_count;
    s->table.address_flags = from->address_flags;
    s->table.address_max = from->address_max;
    s->table.default_file = from->default_file;
    s->table.redirect_url = from->redirect_url;
    s->table.needs_time = from->needs_time;
    s->identity = (struct prov_identity){ .size = sizeof(s->identity),
                                          .mac = prov_str_z(s->mac),
                                          .model = prov_str_z(s->model),
                                          .fwver = prov_str_z(s->fwver),
                                          .vendor = prov_str_z("Lab") };
    return true;
}

static bool
open_all(struct search *s)
{
    const struct prov_lan_options lan = { .size = sizeof(lan), .interface = s->interface };
    struct prov_session_config config = { .size = sizeof(config) };
    struct prov_diag diag = { 0 };
    size_t bytes;

    s->options.size = sizeof(s->options);
    s->options.redirect_url = prov_str_z(s->redirect_url);
    if (prov_posix_store_open(&s->store, s->state) != PROV_OK ||
        prov_curl_new(&s->curl, NULL) != PROV_OK || prov_lan_new(&s->lan, &lan) != PROV_OK ||
        prov_lan_mode(s->lan, &s->options.mode) != PROV_OK ||
        prov_session_memory(NULL, &bytes) != PROV_OK || (s->memory = malloc(bytes)) == NULL ||
        prov_posix_seed(&config.seed) != PROV_OK)
        return false;
    config.dialect = &s->table;
    config.identity = &s->identity;
    config.url = prov_str_z(s->url);
    config.discover = &s->options;
    config.attempts = 1;
    return prov_session_init(&s->session, s->memory, bytes, &config, &diag) == PROV_OK;
}

static json_t *
text(struct prov_str t)
{
    json_t *value = t.len > 0 ? json_stringn(t.ptr, t.len) : json_string("");

    return value != NULL ? value : json_null();
}

static void
print_record(const struct prov_record *record)
{
    json_t *sources = json_array();
    json_t *winner = json_null();

    for (uint32_t i = 0; i < record->source_count; i++) {
        const struct prov_source_record *r = &record->sources[i];

        if (r->won)
            winner = json_string(prov_source_name(r->kind));
        json_array_append_new(sources,
                              json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:b}", "name",
                                        prov_source_name(r->kind), "step", (int)r->step, "outcome",
                                        prov_source_outcome_name(r->outcome), "reason",
                                        r->reason != NULL ? r->reason : "", "url", text(r->url),
                                        "from", text(r->from), "won", (int)r->won));
    }
    json_t *diagnostics = json_array();

    for (uint32_t i = 0; record->diags != NULL && i < record->diags->count; i++) {
        char said[512];
        struct prov_buf out = { said, sizeof(said), 0 };

        if (prov_diag_format(&record->diags->items[i], &out) == PROV_OK)
            json_array_append_new(diagnostics, text(prov_buf_str(&out)));
    }
    json_t *doc =
        json_pack("{s:s, s:o, s:o, s:[], s:o}", "outcome", prov_outcome_name(record->outcome),
                  "sources", sources, "winner", winner, "fetches", "diagnostics", diagnostics);

    json_dumpf(doc, stdout, JSON_INDENT(2));
    json_decref(doc);
}

static int
run(struct search *s)
{
    const struct prov_net net = prov_lan_net(s->lan, prov_curl_net(s->curl));
    const struct prov_store store = prov_posix_store_table(s->store);
    const struct prov_clock clock = prov_posix_clock();
    struct prov_run run;

    if (prov_run_init(&run, s->session, &net, &store, &clock, NULL) != PROV_OK ||
        prov_run_loop(&run) != PROV_OK)
        return fail("the run broke off");
    const struct prov_record *record = prov_session_record(s->session);

    print_record(record);
    switch (record->outcome) {
    case PROV_OUTCOME_NOTHING:
        return 5;
    case PROV_OUTCOME_REFUSED:
        return 1;
    case PROV_OUTCOME_FAILED:
        return 3;
    default:
        return 0;
    }
}

int
main(int argc, char **argv)
{
    struct search s = { .model = "", .fwver = "" };
    int code = 2;

    if (!read_options(&s, argc, argv))
        return fail("usage");
    if (!make_dialect(&s) || !open_all(&s))
        fail("it cannot begin");
    else
        code = run(&s);
    prov_lan_free(&s.lan);
    prov_curl_free(&s.curl);
    prov_posix_store_close(&s.store);
    free(s.memory);
    return code;
}
