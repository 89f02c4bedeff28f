/* SPDX-License-Identifier: MIT */

/* A trace as lines for people, and as normalised events. */

#include <inttypes.h>
#include <stdio.h>

#include "trace_steps.h"

static const char *
lane(const struct steps *s, size_t i)
{
    return s->lanes[i].name.ptr;
}

/* The phone stands first, whoever speaks. */
static void
print_who(const struct steps *s, const struct step *p, int width)
{
    if (p->from == p->to)
        printf("%-*s", width + 9, p->style == STEP_FAILED ? "!" : "*");
    else if (p->from == 0)
        printf("phone -> %-*s", width, lane(s, p->to));
    else
        printf("phone <- %-*s", width, lane(s, p->from));
}

void
steps_print(const struct trace_file *file, const struct steps *s)
{
    const json_t *head = file->lines[0].json;
    const json_t *device = json_object_get(head, "device");
    size_t width = 0;

    for (size_t i = 1; i < s->lane_count; i++)
        width = s->lanes[i].name.len > width ? s->lanes[i].name.len : width;
    struct text t = { 0 };

    text_addf(&t, "%s, %s, %s, recorded by prov %s", trace_text(head, "dialect"),
              trace_text(device, "model"), trace_text(device, "mac"), trace_text(head, "tool"));
    struct text shown = { 0 };

    text_add_shown(&shown, text_str(&t));
    printf("%s\n", shown.ptr);
    text_free(&t);
    text_free(&shown);
    for (size_t i = 0; i < s->count; i++) {
        const struct step *p = &s->items[i];

        printf("%10.3f  ", (double)p->ms / 1000);
        print_who(s, p, width < 40 ? (int)width : 40);
        printf("  %s\n", p->label.ptr);
    }
    if (!file->ended)
        puts("the trace ends before the run");
}

static const char *
kind_of(const struct step *p)
{
    static const char *const names[] = { "plain", "failed", "decision" };

    return names[p->style];
}

json_t *
steps_json(const struct trace_file *file, const struct steps *s)
{
    json_t *list = json_array(), *lanes = json_array();

    for (size_t i = 0; i < s->lane_count; i++)
        json_array_append_new(lanes, json_string(lane(s, i)));
    for (size_t i = 0; i < s->count; i++) {
        const struct step *p = &s->items[i];

        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "ms", (json_int_t)p->ms,
                                        "line", (json_int_t)p->line, "from", lane(s, p->from), "to",
                                        lane(s, p->to), "kind", kind_of(p), "text", p->label.ptr));
    }
    return json_pack("{s:O, s:b, s:o, s:o}", "head", file->lines[0].json, "complete",
                     (int)file->ended, "lanes", lanes, "events", list);
}
