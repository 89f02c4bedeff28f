/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_PATTERN_H
#define PROV_CORE_PATTERN_H

/*
 * Patterns of schema tables: literals, `.`, classes with ranges and `^`, `?` `*` `+`, `|`, groups,
 * `^` and `$`; a backslash takes the meaning off a punctuation mark. Without `^` or `$` a pattern
 * may begin or end anywhere in the text. Characters are code points.
 *
 * A pattern becomes a program of at most 64 instructions, and the states of all its ways are one
 * 64-bit set: the time is O(length of the text * instructions), whatever pattern and text are.
 */

#include <prov/str.h>

#define PROV_PATTERN_MOST 64u

struct prov_pattern_insn {
    uint8_t op;
    int8_t to;   /* of a jump: how far */
    uint16_t at; /* of a character or class: where it stands in the text */
};

/* A program. The text is borrowed. */
struct prov_pattern {
    struct prov_str text;
    uint8_t count;
    struct prov_pattern_insn code[PROV_PATTERN_MOST];
};

/* False if the pattern is malformed or too large. */
bool prov_pattern_compile(struct prov_str text, struct prov_pattern *out);

/* One text on its way through a program, byte by byte. */
struct prov_pattern_run {
    const struct prov_pattern *pattern;
    uint64_t set;       /* instructions that can be reached */
    bool inside;        /* behind the first character */
    bool hit;           /* a match has ended already */
    uint8_t missing;    /* bytes of the present character that are still to come */
    uint32_t character; /* what there is of it */
};

void prov_pattern_begin(struct prov_pattern_run *run, const struct prov_pattern *pattern);
void prov_pattern_feed(struct prov_pattern_run *run, unsigned char byte);
bool prov_pattern_end(struct prov_pattern_run *run); /* does the text match? */

#endif /* PROV_CORE_PATTERN_H */
