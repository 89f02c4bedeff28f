/* SPDX-License-Identifier: MIT */
#ifndef PROV_XML_H
#define PROV_XML_H

/**
 * @file
 * @brief XML documents that keep their own bytes: read, walk, edit, undo, write (DOC-2).
 *
 * Layer: core (pure, but for the heap inside expat).
 *
 * One pool holds the settings and all changes of a run. A document is its
 * source bytes plus one 32-byte record for each element: extents and links,
 * no pointers, no copies. Names and values are read in the source when they
 * are compared or printed.
 *
 * An edit links elements of a change into the settings tree. Elements that
 * were read as part of their parent are never unlinked, only marked, so the
 * bytes around them keep their place; the writer copies everything that was
 * not touched verbatim. Every edit can be undone back to a mark.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An element's number in its pool. */
#define PROV_XML_NONE 0u

/** The C library's trio, or the vendor's. Expat allows no context pointer. */
struct prov_xml_heap {
    void *(*alloc)(size_t bytes);
    void *(*resize)(void *p, size_t bytes);
    void (*release)(void *p);
};

/** One element. Private: use the functions below. */
struct prov_xml_node {
    uint32_t
        tag; /**< Start tag: offset of `<` in @p tag_source; it ends at the first unquoted `>`. */
    uint32_t body;      /**< First byte after the start tag as it was read, in @p source. */
    uint32_t end;       /**< First byte after the end tag, in @p source; equals @p body for an
                           empty-element tag. */
    uint32_t parent;    /**< #PROV_XML_NONE for a root. */
    uint32_t next;      /**< Next in the parent's list, #PROV_XML_NONE for the last. */
    uint32_t prev;      /**< Previous in the list; that of the first is the last. */
    uint32_t first;     /**< First in the own list. */
    uint8_t source;     /**< Where @p body and @p end count. */
    uint8_t tag_source; /**< The same, or 0 if the tag was rewritten: then @p tag counts in the
                           arena. */
    uint8_t flags;      /**< Private. */
    uint8_t reserved;
};

/** A text that was read into the pool. */
struct prov_xml_source {
    struct prov_str name; /**< For diagnostics: file name or redacted URL. */
    struct prov_str text; /**< The bytes as they were given. */
};

/** A pool of documents. In the caller's memory; set up by prov_xml_init(); members are private. */
struct prov_xml {
    struct prov_arena *arena;
    struct prov_limits limits;
    struct prov_xml_heap heap;
    uint64_t hash_salt;
    struct prov_xml_node *nodes;     /**< Entry 0 is not used. */
    struct prov_xml_source *sources; /**< Entry 0 is the arena itself. */
    uint32_t node_count;
    uint32_t source_count;
    struct prov_xml_undo *undo;     /**< Newest first, in scratch memory. */
    struct prov_xml_index *indexes; /**< In perm memory. */
    uint32_t open_marks;
};

/** A place in a source. */
struct prov_xml_place {
    struct prov_str source; /**< Its name. */
    uint32_t line;          /**< From 1. */
    uint32_t column;        /**< In bytes, from 1. */
};

/**
 * Set up a pool.
 *
 * @param[out]    x          The pool. MUST NOT be NULL.
 * @param[in,out] arena      Takes `pool_nodes` records and 256 sources at once (perm), later edited
 * tags and indexes (perm) and the undo journal (scratch). Borrowed as long as @p x is used.
 * @param[in]     limits     NULL = the defaults.
 * @param[in]     heap       For expat; NULL = the C library. Copied; all three or none.
 * @param[in]     hash_salt  Random bits against collision attacks on expat's hash table; 0 =
 * expat's own.
 *
 * @retval PROV_OK       Ready.
 * @retval PROV_E_ARG    A pointer is NULL, @p heap is not complete, or a limit is outside its
 * range.
 * @retval PROV_E_ABI    `limits->size` does not fit.
 * @retval PROV_E_SPACE  The arena is too small; `arena->need` would have done.
 * @threads   A pool is used by one thread at a time.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_init(struct prov_xml *x, struct prov_arena *arena,
                                                       const struct prov_limits *limits,
                                                       const struct prov_xml_heap *heap,
                                                       uint64_t hash_salt);

/**
 * Read a document into the pool (DOC-2).
 *
 * UTF-8, with or without a byte order mark. A declared encoding that is not
 * UTF-8 or US-ASCII, well formed or not, is read as UTF-8 with a warning. A
 * DOCTYPE is refused.
 *
 * @param[in,out] x      The pool.
 * @param[in]     name   For diagnostics. Borrowed as long as the pool is used.
 * @param[in]     text   The bytes, below 2^31. Borrowed, unchanged, as long as the pool is used.
 * @param[out]    root   The root element. Unless #PROV_OK it is left as it was, and so is the pool.
 * @param[in,out] diags  Gets one error on every result but #PROV_OK, and warnings. May be NULL.
 *
 * @retval PROV_OK        Read.
 * @retval PROV_E_ARG     @p x or @p root is NULL, or the text has 2^31 bytes or more.
 * @retval PROV_E_SYNTAX  Empty, cut off, not well formed, not UTF-8, or with a DOCTYPE; line and
 * column are of the first wrong byte. An HTML page has a number of its own.
 * @retval PROV_E_LIMIT   Too deep, too many attributes or elements, or 255 sources are in the pool.
 * @retval PROV_E_MEMORY  The heap gave no memory. Everything taken is given back.
 * @memory    Expat's heap only, freed on every path.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_parse(struct prov_xml *x, struct prov_str name,
                                                        struct prov_str text, uint32_t *root,
                                                        struct prov_diags *diags);

/* ---- Walking. Deleted elements are never seen. ---- */

/** First child element, #PROV_XML_NONE if there is none. */
PROV_API uint32_t prov_xml_first(const struct prov_xml *x, uint32_t node);

/** Next sibling element, #PROV_XML_NONE if there is none. */
PROV_API uint32_t prov_xml_next(const struct prov_xml *x, uint32_t node);

/** Parent element, #PROV_XML_NONE for a root. */
PROV_API uint32_t prov_xml_parent(const struct prov_xml *x, uint32_t node);

/** Name as written, with its prefix. */
PROV_API struct prov_str prov_xml_name(const struct prov_xml *x, uint32_t node);

/** Name without its prefix. */
PROV_API struct prov_str prov_xml_local_name(const struct prov_xml *x, uint32_t node);

/** The element has this name as written. Cheaper than prov_xml_name(). */
PROV_API bool prov_xml_is(const struct prov_xml *x, uint32_t node, struct prov_str name);

/**
 * Walk the attributes of an element, `xmlns` ones included.
 *
 * @param[in,out] cursor  0 before the first call.
 * @param[out]    name    As written.
 * @param[out]    raw     Between the quotes, entities not replaced.
 * @return    False if there are no more.
 */
PROV_API bool prov_xml_attr_next(const struct prov_xml *x, uint32_t node, uint32_t *cursor,
                                 struct prov_str *name, struct prov_str *raw);

/** Raw value of the attribute of this name; false if there is none. */
PROV_API bool prov_xml_attr(const struct prov_xml *x, uint32_t node, struct prov_str name,
                            struct prov_str *raw);

/** A raw attribute value equals a plain text once entities are replaced and white space is
 * normalised as XML asks. */
PROV_API bool prov_xml_raw_is(struct prov_str raw, struct prov_str plain);

/** Append a raw attribute value with its entities replaced. #PROV_E_SPACE, @p out unchanged, if it
 * does not fit. */
PROV_API PROV_NODISCARD enum prov_status prov_xml_raw_decode(struct prov_str raw,
                                                             struct prov_buf *out);

/** Append the element's own character data: entities replaced, CDATA unpacked, CR LF as LF,
 * comments and child elements left out. #PROV_E_SPACE, @p out unchanged, if it does not fit. */
PROV_API PROV_NODISCARD enum prov_status prov_xml_text(const struct prov_xml *x, uint32_t node,
                                                       struct prov_buf *out);

/** The element's own character data equals a plain text. */
PROV_API bool prov_xml_text_is(const struct prov_xml *x, uint32_t node, struct prov_str plain);

/** The element's own character data is white space only (or there is none). */
PROV_API bool prov_xml_text_is_blank(const struct prov_xml *x, uint32_t node);

/**
 * Two elements mean the same: name, attributes in any order, character data, children in order.
 * White space between elements, comments and processing instructions do not count; in an element
 * without children white space counts.
 *
 * @cost      O(size of both); attributes of one element pairwise.
 */
PROV_API bool prov_xml_equal(const struct prov_xml *x, uint32_t a, uint32_t b);

/** Where an element's start tag stands in its own source. @cost O(offset). */
PROV_API void prov_xml_where(const struct prov_xml *x, uint32_t node, struct prov_xml_place *out);

/** Where a byte of a source of this pool stands; @p at points into a source (an attribute's value,
 * say). False if it points into none. @cost O(offset). */
PROV_API bool prov_xml_where_at(const struct prov_xml *x, const char *at,
                                struct prov_xml_place *out);

/**
 * Child of @p parent with this name whose attribute has this value.
 *
 * The first call for a parent, name and attribute makes an index; edits keep it
 * true. With no room for an index the children are walked.
 *
 * @param[in]  value  Plain text.
 * @param[out] hits   0, 1, or 2 for "more than one". May be NULL.
 * @return    The first in document order, #PROV_XML_NONE if there is none.
 * @cost      Amortised constant; the first call O(children).
 */
PROV_API uint32_t prov_xml_find_keyed(struct prov_xml *x, uint32_t parent, struct prov_str name,
                                      struct prov_str attribute, struct prov_str value,
                                      uint32_t *hits);

/* ---- Editing. Every function answers PROV_OK, or PROV_E_SPACE with nothing changed; PROV_E_ARG
 * for a node that does not exist, is deleted, or (parent, root) does not fit. Without an open mark
 * nothing is journalled. ---- */

/** Begin a stretch that can be undone. Marks nest. */
PROV_API size_t prov_xml_mark(struct prov_xml *x);

/** Undo everything since the mark, and close it. */
PROV_API void prov_xml_rollback(struct prov_xml *x, size_t mark);

/** Keep everything since the mark, and close it. */
PROV_API void prov_xml_keep(struct prov_xml *x, size_t mark);

/** Take an element out of its parent's list. The white space before it goes with it, comments stay.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_delete(struct prov_xml *x, uint32_t node);

/** Put @p with in the place of @p node. @p with is taken out of its own tree, which is not to be
 * written any more. */
PROV_API PROV_NODISCARD enum prov_status prov_xml_replace(struct prov_xml *x, uint32_t node,
                                                          uint32_t with);

/** Put @p node after the last child of @p parent, indented like its siblings. Taken out as for
 * prov_xml_replace(). */
PROV_API PROV_NODISCARD enum prov_status prov_xml_append(struct prov_xml *x, uint32_t parent,
                                                         uint32_t node);

/**
 * Give @p node the attributes of @p from: one of the same name is replaced, a new one is added at
 * the end. Attributes of @p node that are named in @p drop are left out, and those of @p from
 * likewise. The tag is rewritten (perm memory) only if something changes; untouched attributes keep
 * their bytes. @p from may equal @p node (only to drop).
 *
 * @param[out] changed  An attribute was added, dropped or got another value. May be NULL.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_merge_attrs(struct prov_xml *x, uint32_t node,
                                                              uint32_t from,
                                                              const struct prov_str *drop,
                                                              size_t drop_count, bool *changed);

/* ---- Writing ---- */

/** A walk over the pieces of a document. In the caller's memory; members are private. */
struct prov_xml_writer {
    const struct prov_xml *x;
    uint32_t root;
    uint32_t node;
    uint32_t at;
    uint32_t stage;
    uint32_t aux[4];
    char close[4];
};

/** Start to write the document of a root: what stands before and after the root is written too. */
PROV_API void prov_xml_writer_init(struct prov_xml_writer *w, const struct prov_xml *x,
                                   uint32_t root);

/**
 * The next piece. Untouched stretches come in one piece, verbatim.
 *
 * @param[out] piece  Points into a source, the arena or @p w; valid until the next call or edit.
 * Never empty.
 * @return    False if everything is written.
 * @cost      O(pieces) in all; no recursion, constant stack.
 */
PROV_API bool prov_xml_writer_next(struct prov_xml_writer *w, struct prov_str *piece);

/** Append the whole document. #PROV_E_SPACE with @p out unchanged and `*need` (may be NULL) set if
 * it does not fit. */
PROV_API PROV_NODISCARD enum prov_status prov_xml_write(const struct prov_xml *x, uint32_t root,
                                                        struct prov_buf *out, size_t *need);

#ifdef __cplusplus
}
#endif
#endif /* PROV_XML_H */
