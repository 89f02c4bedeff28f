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
 *
 * An element can be "relaid": then its list is all that stands between its tags,
 * in order, as it would be written, and nothing is told from gaps any more. What is
 * no element has a record of its own there, a text item: its bytes are [tag, end) of
 * its source, or of the arena. It carries both marks of the dead, which no element
 * does, so that walks over elements pass it by.
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
    NODE_RELAID = 128,  /* its list is its whole content */
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

/* The first living element of a list, from this one on. */
static inline uint32_t
prov_xml_living(const struct prov_xml *x, uint32_t node)
{
    while (node != PROV_XML_NONE && prov_xml_has(x, node, NODE_DEAD))
        node = x->nodes[node].next;
    return node;
}

/* The tag is not the one that was read: it stands in the arena. */
static inline bool
prov_xml_is_rewritten(const struct prov_xml *x, uint32_t node)
{
    return x->nodes[node].tag_source == 0;
}

/* Bytes [from, to) of the text in which body and end of the node count. */
static inline struct prov_str
prov_xml_bytes(const struct prov_xml *x, uint32_t node, uint32_t from, uint32_t to)
{
    return prov_str_cut(x->sources[x->nodes[node].source].text, from, to);
}

/* A text item of a relaid list. */
static inline bool
prov_xml_is_text(const struct prov_xml *x, uint32_t node)
{
    return (x->nodes[node].flags & NODE_DEAD) == NODE_DEAD;
}

/* tree.c */
/* Elements of a tree that is as it was read: none of it is NODE_DIRTY. */
uint32_t prov_xml_size(const struct prov_xml *x, uint32_t node);
uint32_t prov_xml_tag_start(const struct prov_xml *x, uint32_t node); /* as it was read */
uint32_t prov_xml_close_start(const struct prov_xml *x, uint32_t node);
struct prov_str prov_xml_tag(const struct prov_xml *x, uint32_t node); /* as it is now */
const char *prov_xml_tag_end(const char *tag, const char *end);
void prov_xml_locate(struct prov_str text, size_t at, struct prov_xml_place *out);

/* Own character data of both means the same; if the first has children, white space hardly counts. */
bool prov_xml_same_text(const struct prov_xml *x, uint32_t a, uint32_t b);
bool prov_xml_same_attributes(const struct prov_xml *x, uint32_t a, uint32_t b); /* in any order */

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
    uint32_t owner;    /* record in whose source it stands */
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

/* make.c */
/*
 * A new element outside any tree: `<name attribute="value">text</name>`, plain texts; no attribute
 * if that is empty. Its bytes live in perm memory, so it has no place in a file. PROV_E_SPACE, or
 * PROV_E_LIMIT if the pool holds no more elements or sources; then only memory was spent.
 */
enum prov_status prov_xml_make(struct prov_xml *x, struct prov_str name, struct prov_str attribute,
                               struct prov_str value, struct prov_str text, uint32_t *node);

/* The source is the arena: what stands in it has no line. */
bool prov_xml_is_made(const struct prov_xml *x, uint32_t source);

/* digest.c: of an element, or of its start tag alone; and with the tag as it is now, or as it was
 * read. The element exists. */
void prov_xml_digest_of(const struct prov_xml *x, uint32_t node, bool tag_only, bool as_read,
                        uint8_t out[PROV_DIGEST_BYTES]);

/* journal.c */
/* Records touched by one edit, apart from ancestors that become dirty: the element, the other one,
 * two parents, and five neighbours. */
#define PROV_XML_EDIT_IMAGES 12u
bool prov_xml_reserve(struct prov_xml *x, size_t images);
struct prov_xml_node *prov_xml_touch(struct prov_xml *x, uint32_t node);
struct prov_xml_node *prov_xml_touch_tag(struct prov_xml *x, uint32_t node);

/* edit.c: one edit is a reservation of journal room, then changes that cannot fail. */
size_t prov_xml_clean_above(const struct prov_xml *x, uint32_t node);
void prov_xml_unlink(struct prov_xml *x, uint32_t node);
void prov_xml_link_after(struct prov_xml *x, uint32_t at, uint32_t node);
void prov_xml_link_last(struct prov_xml *x, uint32_t parent, uint32_t node);
void prov_xml_set_kind(struct prov_xml *x, uint32_t node, unsigned kind);
void prov_xml_add_flags(struct prov_xml *x, uint32_t node, unsigned flags);
void prov_xml_set_dirty(struct prov_xml *x, uint32_t node);
void prov_xml_detach(struct prov_xml *x, uint32_t node);

/* Give an element another start tag: well formed, and of the same form (`/>` or `>`). The end tag
 * takes the name of the new one. */
enum prov_status prov_xml_retag(struct prov_xml *x, uint32_t node, struct prov_str tag);

/* write.c: what stands between the tags of an element that is not relaid, text and elements in
 * turn, as it would be written. */
void prov_xml_writer_inside(struct prov_xml_writer *w, const struct prov_xml *x, uint32_t node);
bool prov_xml_writer_item(struct prov_xml_writer *w, struct prov_str *text, uint32_t *child);

/* relay.c: items of a list, which are elements, character data, comments and processing
 * instructions. Character data may come in several items side by side: together they are one text
 * node. */
enum prov_xml_item {
    ITEM_ELEMENT = 0,
    ITEM_TEXT = 1, /* with CDATA sections */
    ITEM_COMMENT = 2,
    ITEM_INSTRUCTION = 3,
};

/* Make a list of everything the element contains. What is written stays the same. PROV_E_SPACE, or
 * PROV_E_LIMIT if the pool has too few records. O(its list), once. */
enum prov_status prov_xml_relay(struct prov_xml *x, uint32_t node);

static inline uint32_t
prov_xml_item_next(const struct prov_xml *x, uint32_t item)
{
    return x->nodes[item].next;
}
uint32_t prov_xml_item_first(const struct prov_xml *x, uint32_t parent);
uint32_t prov_xml_item_prev(const struct prov_xml *x, uint32_t item);
enum prov_xml_item prov_xml_item_kind(const struct prov_xml *x, uint32_t item);
struct prov_str prov_xml_item_bytes(const struct prov_xml *x, uint32_t item); /* no element */

/* One item from the front of a text without elements, which may be cut anywhere in this way. */
struct prov_str prov_xml_item_cut(struct prov_str *rest, enum prov_xml_item *kind);

/* Move an item (or an element from anywhere) into a relaid list, before another one; PROV_XML_NONE:
 * at the end. It must not be, or hold, that list's element. */
enum prov_status prov_xml_item_put(struct prov_xml *x, uint32_t parent, uint32_t before,
                                   uint32_t item);

/* Take an item out of a relaid list. */
enum prov_status prov_xml_item_take(struct prov_xml *x, uint32_t item);

/* Text that came together at the front of an item must not become something else: `]]` and `>`, CR
 * and LF. */
enum prov_status prov_xml_item_mend(struct prov_xml *x, uint32_t item);

/* index.c */
/* An element has come to its parent: at the end, or in the place of another one (or of its former
 * self, with other attributes). is_new: it was never below this parent before. */
void prov_xml_index_put(struct prov_xml *x, uint32_t node, uint32_t instead_of, bool is_new);
void prov_xml_index_drop_all(struct prov_xml *x);

/*
 * No other element of this name below the same parent has this value of the attribute, which this
 * one has. False if that cannot be told at once.
 */
bool prov_xml_is_sole(struct prov_xml *x, uint32_t node, struct prov_str attribute,
                      struct prov_str raw);

#endif /* PROV_CORE_XML_XML_H */
