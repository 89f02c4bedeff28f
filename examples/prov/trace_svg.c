/* SPDX-License-Identifier: MIT */

/* A trace as a sequence diagram: one file that a browser shows, in a light or a dark window. */

#include <string.h>

#include "trace_steps.h"

#define LEFT 96u     /* for the times */
#define LANE 190u    /* from one lifeline to the next */
#define RIGHT 150u   /* behind the last one */
#define TOP 84u      /* title and names */
#define ROW 28u      /* from one step to the next */
#define LETTER 6.3   /* mean width of a letter */
#define NAME_MAX 30u /* letters of a lane's name */

#define COLOURS(page, ink, quiet, life, bad, note, edge) \
    "svg { background: " page "; } text { fill: " ink "; } .time { fill: " quiet "; }\n" \
    ".life { stroke: " life "; } .box { fill: " page "; stroke: " quiet "; }\n" \
    ".arrow { stroke: " ink "; } .tip { fill: " ink "; } .label { stroke: " page "; }\n" \
    ".bad .arrow { stroke: " bad "; } .bad .tip, .bad text { fill: " bad "; }\n" \
    ".note rect { fill: " note "; stroke: " edge "; } .note.bad rect { stroke: " bad "; }\n"

/* No variables: they are more than some viewers know. */
static const char style[] =
    "<style>\n"
    "text { font-family: system-ui, sans-serif; font-size: 11px; }\n"
    ".head { font-size: 14px; font-weight: 600; } .name { font-weight: 600; text-anchor: middle; "
    "}\n"
    ".time { text-anchor: end; } .life { stroke-dasharray: 3 3; }\n"
    ".label { paint-order: stroke; stroke-width: 3px; } .bad .arrow { stroke-dasharray: 6 3; "
    "}\n" COLOURS(
        "#ffffff", "#1c1c1c", "#767676", "#c4c4c4", "#b3261e", "#fff6d8",
        "#d6b656") "@media (prefers-color-scheme: dark) {\n" COLOURS("#16181c", "#e6e6e6",
                                                                     "#9a9a9a", "#454a52",
                                                                     "#ff8a80", "#33301f",
                                                                     "#8a7a3a") "}\n</style>\n";

/* Where the letter after the one at `i` begins. */
static size_t
next_letter(struct prov_str s, size_t i)
{
    i++;
    while (i < s.len && ((unsigned char)s.ptr[i] & 0xC0) == 0x80)
        i++;
    return i;
}

static size_t
letters(struct prov_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i = next_letter(s, i))
        n++;
    return n;
}

/* XML has no place for U+FFFE and U+FFFF, nor for control bytes. */
static bool
is_no_character(struct prov_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;

    return (s.len == 3 && p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE) ||
           (s.len == 1 && p[0] < 0x20);
}

static void
add_escaped(struct text *out, struct prov_str s)
{
    static const struct {
        char c;
        const char *as;
    } rows[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
    };

    for (size_t i = 0, end; i < s.len; i = end) {
        struct prov_str letter;
        size_t k = 0;

        end = next_letter(s, i);
        letter = prov_str_cut(s, i, end);
        while (k < TOOL_COUNT(rows) && rows[k].c != s.ptr[i])
            k++;
        if (k < TOOL_COUNT(rows))
            text_add_z(out, rows[k].as);
        else if (is_no_character(letter))
            text_add_z(out, "?");
        else
            text_add(out, letter);
    }
}

/* At most so many letters. */
static void
add_short(struct text *out, struct prov_str s, size_t most)
{
    size_t end = 0, n = 0;

    if (letters(s) <= most) {
        add_escaped(out, s);
        return;
    }
    for (; n + 1 < most; n++)
        end = next_letter(s, end);
    add_escaped(out, prov_str_cut(s, 0, end));
    text_add_z(out, "\xE2\x80\xA6");
}

static unsigned
lane_x(size_t lane)
{
    return LEFT + LANE / 2 + (unsigned)lane * LANE;
}

static unsigned
width_of(const struct steps *s)
{
    return lane_x(s->lane_count - 1) + LANE / 2 + RIGHT;
}

static void
add_text(struct text *out, const char *class, unsigned x, unsigned y, struct prov_str s,
         size_t most)
{
    text_addf(out, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
    add_short(out, s, most);
    text_add_z(out, "</text>\n");
}

static void
add_lanes(struct text *out, const struct steps *s, unsigned height)
{
    for (size_t i = 0; i < s->lane_count; i++) {
        const unsigned x = lane_x(i);

        text_addf(out, "<line class=\"life\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>\n", x,
                  TOP - 10, x, height - 12);
        text_addf(out,
                  "<g><rect class=\"box\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"24\" "
                  "rx=\"4\"/><title>",
                  x - LANE / 2 + 4, TOP - 34, LANE - 8);
        add_escaped(out, text_str(&s->lanes[i].name));
        text_add_z(out, "</title>");
        add_text(out, "name", x, TOP - 18, text_str(&s->lanes[i].name), NAME_MAX);
        text_add_z(out, "</g>\n");
    }
}

/* A note begins at the phone's lifeline and may lie over the others. */
static void
add_note(struct text *out, const struct steps *s, const struct step *p, unsigned y)
{
    const unsigned x = lane_x(p->from) - 10, room = width_of(s) - x - 10;
    const size_t most = (size_t)((room - 12) / LETTER);
    const size_t n = letters(text_str(&p->label)) < most ? letters(text_str(&p->label)) : most;

    text_addf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"20\" rx=\"3\"/>\n", x, y - 14,
              (unsigned)((double)n * LETTER) + 14);
    add_text(out, "said", x + 6, y, text_str(&p->label), most);
}

static void
add_arrow(struct text *out, const struct steps *s, const struct step *p, unsigned y)
{
    const unsigned from = lane_x(p->from), to = lane_x(p->to);
    const unsigned left = from < to ? from : to;
    const int back = from < to ? -7 : 7;
    const size_t most = (size_t)((width_of(s) - left - 16) / LETTER);

    text_addf(out, "<line class=\"arrow\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>\n", from, y + 4,
              to, y + 4);
    text_addf(out, "<path class=\"tip\" d=\"M%u %u l%d -4 v8 z\"/>\n", to, y + 4, back);
    add_text(out, "label", left + 8, y, text_str(&p->label), most);
}

static void
add_step(struct text *out, const struct steps *s, const struct step *p, unsigned y)
{
    const bool note = p->from == p->to;

    text_addf(out, "<g class=\"%s%s\"><title>", note ? "note" : "message",
              p->style == STEP_FAILED ? " bad" : "");
    add_escaped(out, text_str(&p->label));
    text_addf(out, "</title>\n");
    if (note)
        add_note(out, s, p, y);
    else
        add_arrow(out, s, p, y);
    text_add_z(out, "</g>\n");
}

/* A time stands where it is another one than above. */
static void
add_times(struct text *out, const struct steps *s)
{
    unsigned y = TOP + ROW;

    for (size_t i = 0; i < s->count; i++, y += ROW) {
        if (i == 0 || s->items[i].ms != s->items[i - 1].ms)
            text_addf(out, "<text class=\"time\" x=\"%u\" y=\"%u\">%.3f s</text>\n", LEFT - 12, y,
                      (double)s->items[i].ms / 1000);
    }
}

void
steps_svg(const struct trace_file *file, const struct steps *s, struct text *out)
{
    const json_t *head = file->lines[0].json, *device = json_object_get(head, "device");
    const unsigned height = TOP + ROW * ((unsigned)s->count + 1) + 24;
    struct text title = { 0 }, shown = { 0 };
    unsigned y = TOP + ROW;

    text_addf(&title, "%s, %s, %s%s", trace_text(head, "dialect"), trace_text(device, "model"),
              trace_text(device, "mac"), file->ended ? "" : " (the trace ends before the run)");
    text_add_shown(&shown, text_str(&title));
    text_addf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
        "width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\">\n<title>",
        width_of(s), height, width_of(s), height);
    add_escaped(out, text_str(&shown));
    text_addf(out, "</title>\n%s", style);
    add_text(out, "head", 12, 28, text_str(&shown), 100);
    add_lanes(out, s, height);
    add_times(out, s);
    for (size_t i = 0; i < s->count; i++, y += ROW)
        add_step(out, s, &s->items[i], y);
    text_add_z(out, "</svg>\n");
    text_free(&title);
    text_free(&shown);
}
