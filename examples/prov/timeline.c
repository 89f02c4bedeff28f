/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <stdio.h>
#include <string.h>

#define BAR 24u
#define DUMP_ROW 16u

static uint64_t
since(const struct timeline *t, uint64_t ms)
{
    return ms > t->began_ms ? ms - t->began_ms : 0;
}

/* The longest time of all, at least 1. */
static uint64_t
whole_ms(const struct timeline *t)
{
    uint64_t whole = 1;

    for (size_t i = 0; i < t->count; i++) {
        const uint64_t end = since(t, t->sources[i].ended_ms);

        if (t->sources[i].begun && end > whole)
            whole = end;
    }
    return whole;
}

/* ---- for people ---- */

static void
print_bar(const struct timeline *t, const struct prov_source_record *s, uint64_t whole)
{
    char bar[BAR + 1];
    const uint64_t from = since(t, s->began_ms), to = since(t, s->ended_ms);
    size_t first = (size_t)(from * BAR / whole), last = (size_t)(to * BAR / whole);

    memset(bar, ' ', BAR);
    bar[BAR] = '\0';
    if (s->begun) {
        first = first < BAR ? first : BAR - 1;
        last = last < BAR ? last : BAR - 1;
        memset(bar + first, '=', last >= first ? last - first + 1 : 1);
        printf(" |%s| %6.3f-", bar, (double)from / 1000);
        if (s->ended)
            printf("%.3f s", (double)to / 1000);
        else
            printf("       ");
    } else {
        printf(" |%s|               ", bar);
    }
}

static void
print_line(const char *title, struct prov_str text)
{
    struct text hidden = { 0 }, shown = { 0 };

    if (text.len == 0)
        return;
    text_add_redacted(&hidden, text);
    text_add_shown(&shown, text_str(&hidden));
    printf("      %s%s\n", title, shown.ptr);
    text_free(&hidden);
    text_free(&shown);
}

/* One row of a dump: offset, bytes, and what of them is readable. */
static void
print_row(struct prov_str bytes, size_t from)
{
    char shown[DUMP_ROW + 1] = { 0 };

    printf("        %04zx ", from);
    for (size_t i = 0; i < DUMP_ROW; i++) {
        const unsigned char c = from + i < bytes.len ? (unsigned char)bytes.ptr[from + i] : 0;

        if (i == DUMP_ROW / 2)
            printf(" ");
        if (from + i < bytes.len) {
            printf(" %02x", (unsigned)c);
            shown[i] = c >= 0x20 && c < 0x7F ? (char)c : '.';
        } else {
            printf("   ");
        }
    }
    printf("  |%s|\n", shown);
}

static void
print_dump(struct prov_str bytes)
{
    printf("      received, %zu bytes:\n", bytes.len);
    for (size_t from = 0; from < bytes.len; from += DUMP_ROW)
        print_row(bytes, from);
}

static void
add_hex(struct text *t, struct prov_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        text_addf(t, "%s%02x", i > 0 ? ":" : "", (unsigned)(unsigned char)bytes.ptr[i]);
}

static void
print_details(const struct timeline *t, const struct prov_source_record *s)
{
    print_line("asked:          ", s->asked);
    print_line("answered by:    ", s->from);
    print_line("before markers: ", s->before);
    print_line("after markers:  ", s->url);
    print_line("also answered:  ", s->conflict);
    if (t->hex && s->raw.len > 0)
        print_dump(s->raw);
}

void
timeline_print(const struct timeline *t)
{
    const uint64_t whole = whole_ms(t);

    puts("sources:");
    for (size_t i = 0; i < t->count; i++) {
        const struct prov_source_record *s = &t->sources[i];

        printf("  %u %-9s", (unsigned)s->step, prov_source_name(s->kind));
        if (t->times)
            print_bar(t, s, whole);
        printf(" %s%s%s\n",
               s->begun && !s->ended ? "not ended" : prov_source_outcome_name(s->outcome),
               s->reason != NULL && s->reason[0] != '\0' ? ": " : "",
               s->reason != NULL ? s->reason : "");
        print_details(t, s);
    }
}

/* ---- JSON ---- */

static void
add_times(const struct timeline *t, const struct prov_source_record *s, json_t *j)
{
    if (!t->times || !s->begun)
        return;
    json_object_set_new(j, "beganMs", json_integer((json_int_t)since(t, s->began_ms)));
    if (s->ended)
        json_object_set_new(j, "endedMs", json_integer((json_int_t)since(t, s->ended_ms)));
}

static json_t *
source_json(const struct timeline *t, const struct prov_source_record *s)
{
    struct text hex = { 0 };
    json_t *j = json_pack(
        "{s:s, s:i, s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o}", "name", prov_source_name(s->kind),
        "step", (int)s->step, "outcome", prov_source_outcome_name(s->outcome), "reason",
        s->reason != NULL ? s->reason : "", "url", report_address(s->url), "before",
        report_address(s->before), "won", (int)s->won, "asked", report_address(s->asked), "from",
        report_address(s->from), "conflict", report_address(s->conflict));

    add_times(t, s, j);
    if (t->hex && s->raw.len > 0) {
        add_hex(&hex, s->raw);
        json_object_set_new(j, "received", json_string(hex.ptr));
    }
    text_free(&hex);
    return j;
}

json_t *
timeline_json(const struct timeline *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->count; i++)
        json_array_append_new(list, source_json(t, &t->sources[i]));
    return list;
}
