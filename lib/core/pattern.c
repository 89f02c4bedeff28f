/* SPDX-License-Identifier: MIT */
#include "core/pattern.h"

#include "base/str.h"

#define MOST_GROUPS 8u
#define MOST_TEXT 1024u

enum op {
    OP_CHAR,
    OP_ANY,
    OP_CLASS,
    OP_SPLIT, /* to the next instruction, and by a jump */
    OP_JUMP,  /* of 0: to the end of its group, which is not known yet */
    OP_BEGIN,
    OP_END,
    OP_MATCH,
};

/* The first code point of a text, and how many bytes it has; 0 for what is no UTF-8. */
static size_t
decode(struct prov_str s, size_t at, uint32_t *character)
{
    const unsigned char lead = (unsigned char)s.ptr[at];
    const size_t len = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;

    if (len == 0 || len > s.len - at)
        return 0;
    *character = len == 1 ? lead : lead & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        const unsigned char next = (unsigned char)s.ptr[at + i];

        if ((next & 0xC0) != 0x80)
            return 0;
        *character = *character << 6 | (next & 0x3F);
    }
    return len;
}

static bool
is_punctuation(uint32_t c)
{
    return c > 0x20 && c < 0x7F && !prov_is_alpha((char)c) && !prov_is_digit((char)c);
}

/* A character that stands for itself, with or without a backslash before it; 0 if there is none. */
static size_t
read_char(struct prov_str s, size_t at, uint32_t *character)
{
    const bool escaped = at < s.len && s.ptr[at] == '\\';

    if (at + escaped >= s.len)
        return 0;
    const size_t len = decode(s, at + escaped, character);

    if (len == 0 || (escaped && !is_punctuation(*character)))
        return 0;
    return len + escaped;
}

/* ---- Compiling ---- */

/* An open group: where it began, its present way, and in that the last piece, which `*` is for. */
struct group {
    uint8_t start, way, piece;
    bool has_piece;
};

struct compiler {
    struct prov_pattern *p;
    size_t at;
    struct group groups[MOST_GROUPS];
    uint8_t depth;
};

static bool
emit(struct compiler *c, enum op op, int to)
{
    struct prov_pattern *p = c->p;

    if (p->count == PROV_PATTERN_MOST)
        return false;
    p->code[p->count++] = (struct prov_pattern_insn){ (uint8_t)op, (int8_t)to, (uint16_t)c->at };
    return true;
}

/* Jumps are relative: what is moved as a whole stays true. */
static bool
insert(struct compiler *c, uint8_t at, int to)
{
    struct prov_pattern_insn *code = c->p->code;

    if (!emit(c, OP_SPLIT, to))
        return false;
    const struct prov_pattern_insn split = code[c->p->count - 1];

    memmove(&code[at + 1], &code[at], (size_t)(c->p->count - 1 - at) * sizeof(*code));
    code[at] = split;
    return true;
}

static bool
add_piece(struct compiler *c, enum op op, size_t len)
{
    struct group *g = &c->groups[c->depth];

    g->piece = c->p->count;
    g->has_piece = true;
    if (!emit(c, op, 0))
        return false;
    c->at += len;
    return true;
}

/* `?`, `*` or `+` after a piece. */
static bool
repeat(struct compiler *c, char how)
{
    struct group *g = &c->groups[c->depth];
    const int len = c->p->count - g->piece;

    if (!g->has_piece)
        return false;
    g->has_piece = false;
    c->at++;
    if (how == '+')
        return emit(c, OP_SPLIT, -len);
    if (!insert(c, g->piece, how == '*' ? len + 2 : len + 1))
        return false;
    return how == '?' || emit(c, OP_JUMP, -(len + 1));
}

/* `|`: what came before is one way; at its end it goes on behind the group. */
static bool
next_way(struct compiler *c)
{
    struct group *g = &c->groups[c->depth];
    const int len = c->p->count - g->way;

    c->at++;
    if (!insert(c, g->way, len + 2) || !emit(c, OP_JUMP, 0))
        return false;
    g->way = c->p->count;
    g->has_piece = false;
    return true;
}

static bool
open_group(struct compiler *c)
{
    const uint8_t start = c->p->count;

    if (c->depth + 1u == MOST_GROUPS)
        return false;
    c->groups[++c->depth] = (struct group){ start, start, start, false };
    c->at++;
    return true;
}

/* Every way of the innermost group now knows where it goes on. */
static void
end_ways(struct compiler *c)
{
    for (int i = c->groups[c->depth].start; i < c->p->count; i++) {
        if (c->p->code[i].op == OP_JUMP && c->p->code[i].to == 0)
            c->p->code[i].to = (int8_t)(c->p->count - i);
    }
}

static bool
close_group(struct compiler *c)
{
    if (c->depth == 0)
        return false;
    end_ways(c);
    const uint8_t start = c->groups[c->depth--].start;

    c->groups[c->depth].piece = start;
    c->groups[c->depth].has_piece = c->p->count > start;
    c->at++;
    return true;
}

/* One member of a class: a character, or a range. 0: malformed. */
static size_t
read_member(struct prov_str s, size_t at, uint32_t *from, uint32_t *to)
{
    size_t len = read_char(s, at, from);

    *to = *from;
    if (len == 0 || at + len + 1 >= s.len || s.ptr[at + len] != '-' || s.ptr[at + len + 1] == ']')
        return len;
    const size_t more = read_char(s, at + len + 1, to);

    return more > 0 && *from <= *to ? len + 1 + more : 0;
}

/* Bytes of the class that begins here, both brackets included; 0: malformed. */
static size_t
class_length(struct prov_str s, size_t at)
{
    const size_t start = at;
    uint32_t from = 0, to = 0;

    at += at + 1 < s.len && s.ptr[at + 1] == '^' ? 2 : 1;
    if (at < s.len && s.ptr[at] == ']')
        return 0;
    while (at < s.len && s.ptr[at] != ']') {
        const size_t len = read_member(s, at, &from, &to);

        if (len == 0)
            return 0;
        at += len;
    }
    return at < s.len ? at + 1 - start : 0;
}

static bool
compile_one(struct compiler *c)
{
    const struct prov_str s = c->p->text;
    uint32_t character;

    switch (s.ptr[c->at]) {
    case '^':
    case '$':
        c->groups[c->depth].has_piece = false;
        return emit(c, s.ptr[c->at++] == '^' ? OP_BEGIN : OP_END, 0);
    case '?':
    case '*':
    case '+':
        return repeat(c, s.ptr[c->at]);
    case '|':
        return next_way(c);
    case '(':
        return open_group(c);
    case ')':
        return close_group(c);
    case '.':
        return add_piece(c, OP_ANY, 1);
    case '[':
        return class_length(s, c->at) > 0 && add_piece(c, OP_CLASS, class_length(s, c->at));
    case ']':
    case '{':
    case '}':
        return false;
    }
    const size_t len = read_char(s, c->at, &character);

    return len > 0 && add_piece(c, OP_CHAR, len);
}

bool
prov_pattern_compile(struct prov_str text, struct prov_pattern *out)
{
    struct compiler c = { .p = out };

    out->text = text;
    out->count = 0;
    if (text.len > MOST_TEXT || (text.ptr == NULL && text.len > 0))
        return false;
    while (c.at < text.len) {
        if (!compile_one(&c))
            return false;
    }
    end_ways(&c);
    return c.depth == 0 && emit(&c, OP_MATCH, 0);
}

/* ---- Matching ---- */

static bool
is_in_class(struct prov_str s, size_t at, uint32_t character)
{
    const bool negated = s.ptr[at + 1] == '^';
    bool found = false;

    at += negated ? 2 : 1;
    while (s.ptr[at] != ']' && !found) {
        uint32_t from = 0, to = 0;

        at += read_member(s, at, &from, &to);
        found = character >= from && character <= to;
    }
    return found != negated;
}

static bool
takes(const struct prov_pattern *p, const struct prov_pattern_insn *insn, uint32_t character)
{
    uint32_t own = 0;

    if (insn->op == OP_CLASS)
        return is_in_class(p->text, insn->at, character);
    if (insn->op == OP_CHAR)
        return read_char(p->text, insn->at, &own) > 0 && own == character;
    return insn->op == OP_ANY;
}

/* Where an instruction that takes no character leads to. */
static uint64_t
leads_to(const struct prov_pattern_insn *insn, unsigned i, bool first, bool last)
{
    const uint64_t next = UINT64_C(2) << i;

    switch ((enum op)insn->op) {
    case OP_SPLIT:
        return next | UINT64_C(1) << ((int)i + insn->to);
    case OP_JUMP:
        return UINT64_C(1) << ((int)i + insn->to);
    case OP_BEGIN:
        return first ? next : 0;
    case OP_END:
        return last ? next : 0;
    case OP_CHAR:
    case OP_ANY:
    case OP_CLASS:
    case OP_MATCH:
        break;
    }
    return 0;
}

/* All instructions that can be reached without a character. */
static uint64_t
close_over(const struct prov_pattern *p, uint64_t set, bool first, bool last)
{
    uint64_t todo = set;

    while (todo != 0) {
        uint64_t more = 0;

        for (unsigned i = 0; i < p->count; i++) {
            if ((todo >> i & 1) != 0)
                more |= leads_to(&p->code[i], i, first, last);
        }
        todo = more & ~set;
        set |= more;
    }
    return set;
}

static bool
has_match(const struct prov_pattern *p, uint64_t set)
{
    return (set >> (p->count - 1) & 1) != 0;
}

void
prov_pattern_begin(struct prov_pattern_run *run, const struct prov_pattern *pattern)
{
    *run = (struct prov_pattern_run){ .pattern = pattern };
    run->set = close_over(pattern, 1, true, false);
    run->hit = has_match(pattern, run->set);
}

/* A match may also begin behind this character. */
static void
step(struct prov_pattern_run *run)
{
    const struct prov_pattern *p = run->pattern;
    uint64_t next = 1;

    run->inside = true;
    for (unsigned i = 0; i < p->count; i++) {
        if ((run->set >> i & 1) != 0 && takes(p, &p->code[i], run->character))
            next |= UINT64_C(2) << i;
    }
    run->set = close_over(p, next, false, false);
    run->hit = run->hit || has_match(p, run->set);
}

void
prov_pattern_feed(struct prov_pattern_run *run, unsigned char byte)
{
    if (run->missing > 0 && (byte & 0xC0) == 0x80) {
        run->character = run->character << 6 | (byte & 0x3F);
        run->missing--;
    } else {
        run->missing = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0;
        run->character = byte < 0x80 ? byte : byte & (0x3Fu >> run->missing);
    }
    if (run->missing == 0)
        step(run);
}

bool
prov_pattern_end(struct prov_pattern_run *run)
{
    const struct prov_pattern *p = run->pattern;

    return run->hit || has_match(p, close_over(p, run->set, !run->inside, true));
}
