/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_XML_XML_H
#define PROV_CORE_XML_XML_H

/*
 * What the files of the XML module share.
 *
 * An element is "original" while it stands where it was read. Originals that
 * are deleted or replaced stay in their parent's list as tombstones, so the
 * bytes between neighbours can always be told: what stands between the end of
 * one original and the start of the next is the gap in front of the latter.
 * An original that is moved elsewhere leaves a hole: its bytes are then inside
 * a gap, and the parent is flagged so that gaps are searched for elements.
 *
 * A list is: originals, each directly followed by what stands in its place,
 * then what was appended.
 */

#include <prov/xml.h>

#include "base/str.h"

enum prov_xml_flag {
    NODE_ORIGINAL = 1, /* stands where it was read, below its parent */
    NODE_DELETED = 2,
    NODE_REPLACED = 4,  /* the next in the list is in its place */
    NODE_IN_PLACE = 8,  /* stands for the replaced original before it */
    NODE_APPENDED = 16, /* after all originals */
    NODE_DIRTY = 32,    /* it, or something below it, is not as it was read */
    NODE_HOLED = 64,    /* an original child was moved away */
};

#define NODE_DEAD (NODE_DELETED | NODE_REPLACED)
#define NODE_PLACE (NODE_ORIGINAL | NODE_IN_PLACE | NODE_APPENDED)

static inline bool
prov_xml_exists(const struct prov_xml *x, uint32_t node)
{
    return node != PROV_XML_NONE && node <= x->node_count;
}

static inline bool
prov_xml_has(const struct prov_xml *x, uint32_t node, unsigned flags)
{
    return (x->nodes[node].flags & flags) != 0;
}

static inline bool
prov_xml_is_live(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_exists(x, node) && !prov_xml_has(x, node, NODE_DEAD);
}

/* Bytes [from, to) of the text in which body and end of the node count. */
static inline struct prov_str
prov_xml_bytes(const struct prov_xml *x, uint32_t node, uint32_t from, uint32_t to)
{
    return prov_str_cut(x->sources[x->nodes[node].source].text, from, to);
}

/* tree.c */
uint32_t prov_xml_tag_start(const struct prov_xml *x, uint32_t node); /* as it was read */
uint32_t prov_xml_close_start(const struct prov_xml *x, uint32_t node);
struct prov_str prov_xml_tag(const struct prov_xml *x, uint32_t node); /* as it is now */
const char *prov_xml_tag_end(const char *tag, const char *end);
void prov_xml_locate(struct prov_str text, size_t at, struct prov_xml_place *out);

/* One attribute in a tag: blanks and all up to the closing quote. */
struct prov_xml_attribute {
    struct prov_str whole; /* with the blanks before it */
    struct prov_str text;  /* from the name to the closing quote */
    struct prov_str name;
    struct prov_str raw;
};
bool prov_xml_attribute_next(struct prov_str tag, uint32_t *cursor, struct prov_xml_attribute *out);

/* decode.c: what an element contains, token by token */
enum prov_xml_token {
    TOKEN_TEXT = 0,  /* character data, with entities */
    TOKEN_CDATA = 1, /* what stands inside a CDATA section */
    TOKEN_MISC = 2,  /* comment or processing instruction */
    TOKEN_START = 3,
    TOKEN_EMPTY = 4,
    TOKEN_END = 5,
};
bool prov_xml_token_next(const char **at, const char *end, enum prov_xml_token *kind,
                         struct prov_str *token);

/* The stretches between the children of an element, in document order. */
struct prov_xml_gaps {
    const struct prov_xml *x;
    uint32_t node;
    uint32_t child; /* next of the list that was not passed yet */
    uint32_t at;    /* first byte that was not passed yet */
    bool ended;
};
struct prov_xml_gap {
    uint32_t from, to; /* what is kept of it */
    uint32_t child;    /* living element that follows; PROV_XML_NONE: it is gone, or the end */
    bool last;
    bool split; /* something must keep it apart from the next one */
};
void prov_xml_gaps_init(struct prov_xml_gaps *g, const struct prov_xml *x, uint32_t node);
bool prov_xml_gap_next(struct prov_xml_gaps *g, struct prov_xml_gap *out);

/* Decoded bytes of an attribute value or of an element's own character data. */
struct prov_xml_chars {
    struct prov_xml_gaps gaps;
    const char *run, *run_end; /* tokens of the present gap that are still to be read */
    const char *at, *end;      /* the present token */
    unsigned char held[4];     /* the rest of a decoded character, last byte first */
    uint8_t held_count;
    uint8_t kind; /* of the present token */
    bool attribute;
};
void prov_xml_chars_raw(struct prov_xml_chars *c, struct prov_str raw);
void prov_xml_chars_text(struct prov_xml_chars *c, const struct prov_xml *x, uint32_t node);
int prov_xml_chars_next(struct prov_xml_chars *c); /* a byte, -1 at the end */
bool prov_xml_is_reference(struct prov_str text);  /* begins with `&`, and stands for something */
bool prov_xml_chars_equal(struct prov_xml_chars *a, struct prov_xml_chars *b);

/* index.c */
/* An element has come to its parent: at the end, or in the place of another one (or of its former
 * self, with other attributes). is_new: it was never below this parent before. */
void prov_xml_index_put(struct prov_xml *x, uint32_t node, uint32_t instead_of, bool is_new);
void prov_xml_index_drop_all(struct prov_xml *x);

#endif /* PROV_CORE_XML_XML_H */
