/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prov/discover.h>

#include "address.h"
#include "commands.h"
#include "device.h"
#include "dhcp_data.h"
#include "documents.h"
#include "file.h"
#include "policy.h"
#include "timeline.h"

/* In hexadecimal digits with gaps a byte takes three characters, and a datagram has 65,535 bytes. */
#define CONTENT_MAX (4u * 65536u)
#define ARENA_FIRST 262144u

/* Stands for the service of a dialect that names none; what it answers is given by --redirect. */
#define ANY_SERVICE "https://redirect.invalid/"

struct plan {
    const struct command *command;
    struct device device;
    struct policy policy;
    struct report report;
    const char *dhcp[2]; /* names of files */
    const char *pnp, *redirect, *manual, *settings_name, *provisioned;
    bool raw, hex, json;

    struct text answers[2]; /* of DHCP and DHCPv6 */
    struct document settings;
    struct documents docs; /* with XML settings */
    uint32_t root;

    void *mem;
    struct prov_arena arena;
    struct prov_discover search;
    struct prov_source_record records[PROV_DISCOVER_SOURCES];
    struct prov_diag *items;
    struct prov_diags diags;
};

/* ---- What is given ---- */

/* TOOL_GO_ON, or an exit code after a message. */
static int
read_dhcp(struct plan *p, bool v6)
{
    struct text content = { 0 }, bytes = { 0 };
    int code = TOOL_GO_ON;

    if (p->dhcp[v6] == NULL)
        return code;
    switch (file_read(p->dhcp[v6], CONTENT_MAX, &content, &p->report)) {
    case FILE_READ:
        if (!dhcp_data_decode(text_str(&content), p->dhcp[v6], &bytes, &p->report))
            code = TOOL_REFUSED;
        break;
    case FILE_UNREADABLE:
        code = TOOL_OUTSIDE;
        break;
    case FILE_TOO_LARGE:
        code = TOOL_REFUSED;
        break;
    }
    if (code == TOOL_GO_ON)
        dhcp_data_wrap(v6 ? DHCP_CONTENT_V6 : DHCP_CONTENT_V4, text_str(&bytes), &p->answers[v6]);
    text_free(&content);
    text_free(&bytes);
    return code;
}

static bool
has_xml(const struct plan *p)
{
    return p->device.dialect->settings_form != PROV_SETTINGS_LINES;
}

static int
read_settings(struct plan *p)
{
    enum prov_status status = PROV_E_SPACE;
    int code;

    if (p->settings_name == NULL)
        return TOOL_GO_ON;
    code =
        document_read(&p->settings, p->settings_name, p->device.limits.settings_bytes, &p->report);
    if (code != TOOL_DONE || !has_xml(p))
        return code == TOOL_DONE ? TOOL_GO_ON : code;
    documents_init(&p->docs, &p->device, p->settings.text.len);
    while (status == PROV_E_SPACE && documents_grow(&p->docs))
        status = documents_parse(&p->docs, &p->settings, &p->root);
    code = documents_report(&p->docs, status, &p->report);
    return code == TOOL_DONE ? TOOL_GO_ON : code;
}

static int
read_all(struct plan *p)
{
    int code = read_dhcp(p, false);

    if (code == TOOL_GO_ON)
        code = read_dhcp(p, true);
    if (code == TOOL_GO_ON)
        code = read_settings(p);
    return code;
}

/* ---- The search ---- */

static enum prov_status
read_switches(struct plan *p, struct prov_discover_settings *out)
{
    const struct prov_dialect *d = p->device.dialect;

    if (p->settings_name == NULL)
        return PROV_OK;
    return has_xml(p) ? prov_discover_read_xml(d, &p->docs.x, p->root, &p->arena, out, &p->diags)
                      : prov_discover_read_text(d, p->settings.name, text_str(&p->settings.text),
                                                &p->arena, out, &p->diags);
}

static enum prov_status
begin(struct plan *p)
{
    struct prov_discover_options *options = &p->policy.options;
    struct prov_discover_settings settings = { 0 };
    const struct prov_trust_known known = { p->provisioned != NULL, prov_str_z(p->provisioned) };
    const struct prov_discover_config config = {
        .size = sizeof(config),
        .dialect = p->device.dialect,
        .macros = &p->device.markers.set,
        .options = options,
        .settings = &settings,
        .limits = &p->device.limits,
        .arena = &p->arena,
        .records = p->records,
        .diags = &p->diags,
        .known = &known,
    };
    const enum prov_status status = read_switches(p, &settings);

    options->manual_url = prov_str_z(p->manual);
    options->macro_raw = p->raw;
    if (p->device.dialect->redirect_url.len == 0)
        options->redirect_url = prov_str_z(ANY_SERVICE);
    return status == PROV_OK ? prov_discover_init(&p->search, &config, NULL) : status;
}

static void
answer_url(struct plan *p, enum prov_need need, const char *url)
{
    if (url != NULL)
        prov_discover_address(&p->search, 0, need, prov_str_z(url), prov_str_z(""),
                              prov_str_z(url));
    else
        prov_discover_nothing(&p->search, 0, need, "no answer is given");
}

static void
answer(struct plan *p, enum prov_need need)
{
    switch (need) {
    case PROV_NEED_DHCP4:
    case PROV_NEED_DHCP6:
        if (p->dhcp[need] != NULL)
            prov_discover_dhcp(&p->search, 0, need == PROV_NEED_DHCP6, text_str(&p->answers[need]));
        else
            prov_discover_nothing(&p->search, 0, need, "no DHCP data is given");
        break;
    case PROV_NEED_PNP:
        answer_url(p, need, p->pnp);
        break;
    case PROV_NEED_REDIRECT:
        answer_url(p, need, p->redirect);
        break;
    }
}

/* All that were asked together answer in the order of asking, so the first of the table wins. */
static enum prov_status
search(struct plan *p)
{
    enum prov_discover_do what = PROV_DISCOVER_WAIT;
    enum prov_need owed[4], need = PROV_NEED_DHCP4;
    enum prov_status status;
    size_t count = 0;

    do {
        status = prov_discover_next(&p->search, 0, &what, &need);
        if (status == PROV_OK && what == PROV_DISCOVER_ASK)
            owed[count++] = need;
        for (size_t i = 0; status == PROV_OK && what == PROV_DISCOVER_WAIT && i < count; i++)
            answer(p, owed[i]);
        if (what == PROV_DISCOVER_WAIT)
            count = 0;
    } while (status == PROV_OK && what != PROV_DISCOVER_FOUND && what != PROV_DISCOVER_NOTHING);
    return status;
}

/* In as much memory as it takes. */
static enum prov_status
search_in_memory(struct plan *p)
{
    enum prov_status status;
    size_t bytes = ARENA_FIRST;

    p->items = tool_alloc(p->device.limits.diags * sizeof(*p->items));
    do {
        free(p->mem);
        p->mem = tool_alloc(bytes);
        prov_arena_init(&p->arena, p->mem, bytes);
        p->diags = (struct prov_diags){ p->items, p->device.limits.diags, 0, 0 };
        status = begin(p);
        if (status == PROV_OK)
            status = search(p);
        bytes *= 2;
    } while (status == PROV_E_SPACE);
    return status;
}

/* ---- What came out ---- */

/* On paper there is no service to name. */
static void
hide_service(struct plan *p)
{
    for (size_t i = 0; i < prov_discover_count(&p->search); i++) {
        if (p->records[i].kind == PROV_SOURCE_REDIRECT && p->records[i].asked.len > 0 &&
            p->device.dialect->redirect_url.len == 0)
            p->records[i].asked = prov_str_z("the redirection service");
    }
}

static json_t *
urls_of(const struct plan *p, bool json)
{
    json_t *urls = json ? json_array() : NULL;
    struct prov_discover_candidate c;

    for (size_t i = 0; prov_discover_at(&p->search, i, &c); i++)
        address_print(c.url, urls);
    return urls;
}

static void
show(struct plan *p)
{
    const struct prov_source_record *winner = prov_discover_winner(&p->search);
    const struct timeline t = {
        .sources = p->records,
        .count = prov_discover_count(&p->search),
        .hex = p->hex,
    };
    const char *mode = prov_mode_name(p->policy.options.mode);

    hide_service(p);
    if (p->json) {
        report_document(
            &p->report,
            json_pack("{s:s, s:o, s:o, s:o}", "mode", mode, "sources", timeline_json(&t), "winner",
                      winner != NULL ? json_string(prov_source_name(winner->kind)) : json_null(),
                      "urls", urls_of(p, true)));
        return;
    }
    timeline_print(&t);
    if (winner != NULL)
        printf("winner: %s (%s)\n", prov_source_name(winner->kind), winner->reason);
    else
        puts("winner: none");
    json_decref(urls_of(p, false));
}

static void
show_nothing(struct plan *p)
{
    if (p->json)
        report_document(&p->report, json_pack("{s:[], s:n, s:[]}", "sources", "winner", "urls"));
}

static int
make_plan(struct plan *p)
{
    int code = read_all(p);

    if (code == TOOL_GO_ON) {
        const enum prov_status status = search_in_memory(p);

        report_diags(&p->report, &p->diags);
        if (status != PROV_OK)
            code = TOOL_REFUSED; /* the settings are no text of the dialect */
        else if (prov_discover_winner(&p->search) != NULL)
            code = TOOL_DONE;
        else
            code =
                prov_discover_status(&p->search) == PROV_E_NOT_FOUND ? TOOL_NOTHING : TOOL_REFUSED;
        if (status == PROV_OK)
            show(p);
        else
            show_nothing(p);
    } else {
        show_nothing(p);
    }
    documents_free(&p->docs);
    document_free(&p->settings);
    text_free(&p->answers[0]);
    text_free(&p->answers[1]);
    free(p->items);
    free(p->mem);
    return report_end(&p->report, code);
}

static void
plan_options(struct plan *p, struct command_line *line)
{
    const struct option options[] = {
        { .name = "dhcp4",
          .value = "FILE",
          .text = &p->dhcp[0],
          .help = "what DHCP brings: options or a message, as for 'prov dhcp'" },
        { .name = "dhcp6", .value = "FILE", .text = &p->dhcp[1], .help = "what DHCPv6 brings" },
        { .name = "pnp", .value = "URL", .text = &p->pnp, .help = "what SIP PnP answers" },
        { .name = "redirect",
          .value = "URL",
          .text = &p->redirect,
          .help = "what the redirection service answers" },
        { .name = "manual", .value = "URL", .text = &p->manual, .help = "the address set by hand" },
        { .name = "settings",
          .value = "FILE",
          .text = &p->settings_name,
          .help = "settings of the phone: switches, and its address set by hand" },
        { .name = "provisioned",
          .value = "URL",
          .text = &p->provisioned,
          .help = "the phone has been provisioned, first from there (--first-only, --pin)" },
        { .name = "raw", .flag = &p->raw, .help = "write marker values as they are" },
        { .name = "hex", .flag = &p->hex, .help = "show the bytes that sources received" },
        { .name = "json", .flag = &p->json, .help = "print one JSON document" },
    };

    command_line_add(line, options, TOOL_COUNT(options));
    policy_options(&p->policy, line);
    device_options(&p->device, line);
}

int
command_plan(const struct command *self, int argc, char **argv)
{
    static struct plan p;
    struct command_line line = { .command = self };

    p = (struct plan){ .command = self };
    plan_options(&p, &line);
    int code = command_line_parse(&line, argc, argv);
    if (code != TOOL_GO_ON)
        return code;
    code = device_finish(&p.device, self);
    if (code == TOOL_GO_ON)
        code = policy_finish(&p.policy, self);
    if (code == TOOL_GO_ON && line.operand_count > 0)
        code = tool_usage(self, "there are no operands");
    if (code == TOOL_GO_ON) {
        report_init(&p.report, p.json);
        code = make_plan(&p);
    }
    free(line.operands);
    return code;
}
