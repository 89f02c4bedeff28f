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
    uint8_t flags;
    uint8_t epoch; /**< Innermost open stretch of the journal that has an image of it, from 1. */
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
    struct prov_xml_node *nodes;      /**< Entry 0 is not used. */
    struct prov_xml_source *sources;  /**< Entry 0 is the arena itself. */
    uint32_t node_count;              /**< Records in use, entry 0 not counted. */
    uint32_t source_count;            /**< Texts in use, entry 0 not counted. */
    struct prov_xml_journal *journal; /**< Newest chunk first. */
    struct prov_xml_journal *spare;   /**< Chunks for later use. */
    struct prov_xml_indexes *indexes;
    size_t undo_count;   /**< Images in the journal. */
    size_t undo_room;    /**< Images that fit without another chunk. */
    uint32_t open_marks; /**< Stretches of the journal; a record is copied once in each. */
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
 * @param[in,out] arena      Borrowed, at a fixed address, as long as @p x is used; see memory.
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
 * @memory    All of it is perm memory, so the caller's marks in scratch memory and those of
 * prov_xml_mark() do not have to be nested in each other. At once: `pool_nodes` + 1 records of 32
 * bytes and 256 sources. Later, as it is needed: the rewritten tags of prov_xml_merge_attrs(); the
 * journal, about 23 bytes for each record that is changed between two marks, used again after the
 * outermost mark is closed; at most 16 indexes of about 17 bytes for each child, used again for
 * other lists, 6 bytes for each of `pool_nodes` in all.
 * @threads   A pool is used by one thread at a time.
 * @cost      O(pool_nodes): the memory is cleared.
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
 * DOCTYPE is refused. Names are taken as written: there is no namespace processing. Columns
 * count bytes, without a byte order mark; CR LF, LF and CR each end a line.
 *
 * Reading is no edit: prov_xml_rollback() does not take documents back.
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
 * @memory    Expat's heap only, freed on every path: a copy of the text, at most 32 KiB of it at a
 * time (more if one tag or comment is longer), and about 20 KiB.
 * @threads   As for prov_xml_init(); a heap of the caller is used from the calling thread.
 * @cost      O(text.len).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_parse(struct prov_xml *x, struct prov_str name,
                                                        struct prov_str text, uint32_t *root,
                                                        struct prov_diags *diags);

/* ---- Walking. Deleted and replaced elements are never seen, but stay readable by their number:
 * name, attributes, text, parent, place. A number that is no element gives PROV_XML_NONE, an empty
 * name, or false. All of it is O(what is looked at), takes no memory and changes nothing. ---- */

/** First child element, #PROV_XML_NONE if there is none. */
PROV_API uint32_t prov_xml_first(const struct prov_xml *x, uint32_t node);

/** Next sibling element, #PROV_XML_NONE if there is none. Ask before an edit that deletes, replaces
 * or moves @p node. */
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

/**
 * Append a raw attribute value, decoded as for prov_xml_raw_is(); what begins no known entity stays
 * as it is.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p out is NULL.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_raw_decode(struct prov_str raw,
                                                             struct prov_buf *out);

/**
 * Append the element's own character data: entities replaced, CDATA unpacked, CR LF as LF, comments
 * and child elements left out.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p out is NULL or the element does not exist.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_text(const struct prov_xml *x, uint32_t node,
                                                       struct prov_buf *out);

/** The element's own character data equals a plain text. */
PROV_API bool prov_xml_text_is(const struct prov_xml *x, uint32_t node, struct prov_str plain);

/** The element's own character data is white space only (or there is none). */
PROV_API bool prov_xml_text_is_blank(const struct prov_xml *x, uint32_t node);

/**
 * Two elements mean the same: name, attributes in any order, character data, children in order.
 * White space between elements, comments and processing instructions do not count; in an element
 * without children white space counts. Text beside children (mixed content) is compared as a whole,
 * with runs of white space as one blank.
 *
 * @cost      O(size of both); attributes of one element pairwise.
 */
PROV_API bool prov_xml_equal(const struct prov_xml *x, uint32_t a, uint32_t b);

/** Bytes of a digest: SHA-256. */
#define PROV_DIGEST_BYTES 32u

/**
 * Name what an element means without showing it: SHA-256 over its canonical form. Elements that are
 * equal for prov_xml_equal() have one digest, others have not. A digest of something short, such as a
 * PIN, can be found by trying: keep digests where the settings may be seen.
 *
 * @param[in]  x     The pool.
 * @param[in]  node  The element; also one that was replaced or deleted.
 * @param[out] out   The digest.
 * @return    False, @p out unchanged, if a pointer is NULL or the element does not exist.
 * @cost      O(size); attributes of one element pairwise.
 */
PROV_API bool prov_xml_digest(const struct prov_xml *x, uint32_t node,
                              uint8_t out[PROV_DIGEST_BYTES]);

/** Where an element's start tag stands in its own source, also after its attributes were edited;
 * all zero if it does not exist. @cost O(offset). */
PROV_API void prov_xml_where(const struct prov_xml *x, uint32_t node, struct prov_xml_place *out);

/** Where a byte of a source of this pool stands; @p at points into a source (an attribute's value,
 * say). False, @p out unchanged, if it points into none, as in a rewritten tag. @cost O(offset). */
PROV_API bool prov_xml_where_at(const struct prov_xml *x, const char *at,
                                struct prov_xml_place *out);

/**
 * Child of @p parent with this name whose attribute has this value.
 *
 * The first call for a parent, name and attribute makes an index; edits keep it
 * true. With no room for an index the children are walked.
 *
 * @param[in]  value  Plain text. All three texts are borrowed for the call only.
 * @param[out] hits   0, 1, or 2 for "more than one". May be NULL.
 * @return    The first in document order, #PROV_XML_NONE if there is none.
 * @memory    Perm, as in prov_xml_init(); that it runs out is no failure.
 * @cost      Amortised constant; the first call, and the first after prov_xml_rollback() or when
 * more than 16 lists are used in turn, O(children).
 */
PROV_API uint32_t prov_xml_find_keyed(struct prov_xml *x, uint32_t parent, struct prov_str name,
                                      struct prov_str attribute, struct prov_str value,
                                      uint32_t *hits);

/* ---- Editing. An element that comes from another place is moved, not copied: what is left there
 * stays a correct document without it. Inside an edited list everything keeps its bytes; limits
 * for one document are not checked here, but by prov_xml_check(). Every function answers PROV_OK,
 * or PROV_E_SPACE with nothing changed; PROV_E_ARG for a node that does not exist, is deleted, or
 * (parent, root) does not fit. Without an open mark nothing is journalled. ---- */

/** Begin a stretch that can be undone. Marks nest; inner ones are closed first. */
PROV_API size_t prov_xml_mark(struct prov_xml *x);

/** Undo everything since the mark, and close it. */
PROV_API void prov_xml_rollback(struct prov_xml *x, size_t mark);

/** Keep everything since the mark, and close it. */
PROV_API void prov_xml_keep(struct prov_xml *x, size_t mark);

/**
 * Take an element out of its parent's list. The white space before it goes with it, comments stay.
 *
 * @param[in] node  The element; it stays readable.
 *
 * @retval PROV_OK       Done.
 * @retval PROV_E_ARG    @p node does not exist, is deleted, or is a root.
 * @retval PROV_E_SPACE  No room for the journal; nothing has changed.
 * @cost      O(depth).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_delete(struct prov_xml *x, uint32_t node);

/**
 * Put an element in the place of another.
 *
 * @param[in] node  The element that goes; it is then in no list any more, but stays readable.
 * @param[in] with  Taken out of its own tree. May be a root, or stand inside @p node, but not
 *                  around it.
 *
 * @retval PROV_OK       Done.
 * @retval PROV_E_ARG    A node does not exist or is deleted, @p node is a root, or @p with holds it.
 * @retval PROV_E_SPACE  No room for the journal; nothing has changed.
 * @cost      O(depth).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_replace(struct prov_xml *x, uint32_t node,
                                                          uint32_t with);

/**
 * Put an element after the last child of another, indented like its siblings.
 *
 * @param[in] parent  Gets the element.
 * @param[in] node    Taken out of its own tree, as for prov_xml_replace().
 *
 * @retval PROV_OK       Done.
 * @retval PROV_E_ARG    A node does not exist or is deleted, or @p node is or holds @p parent.
 * @retval PROV_E_SPACE  No room for the journal; nothing has changed.
 * @cost      O(depth).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_append(struct prov_xml *x, uint32_t parent,
                                                         uint32_t node);

/**
 * Give @p node the attributes of @p from: one of the same name is replaced, a new one is added at
 * the end. Attributes of @p node that are named in @p drop are left out, and those of @p from
 * likewise. The tag is rewritten (perm memory) only if something changes; untouched attributes keep
 * their bytes. @p from may equal @p node (only to drop).
 *
 * @param[out] changed  An attribute was added, dropped or got another value. May be NULL.
 *
 * @retval PROV_OK       Done; @p changed is set.
 * @retval PROV_E_ARG    A node does not exist or is deleted.
 * @retval PROV_E_SPACE  No room for the tag or the journal; nothing has changed.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_merge_attrs(struct prov_xml *x, uint32_t node,
                                                              uint32_t from,
                                                              const struct prov_str *drop,
                                                              size_t drop_count, bool *changed);

/**
 * Give an element another name. The start tag is rewritten in perm memory, its attributes keep their
 * bytes; the writer ends the element with the new name. The same name changes nothing.
 *
 * @param[in,out] x     The pool.
 * @param[in]     node  The element.
 * @param[in]     name  Plain. Copied.
 *
 * @retval PROV_OK       It has the name.
 * @retval PROV_E_ARG    @p x is NULL, the element does not exist or is deleted, or the name is empty
 * or holds a blank or one of `<>/='"&`.
 * @retval PROV_E_SPACE  No room for the tag or the journal; nothing has changed.
 * @threads   A pool is used by one thread at a time.
 * @cost      O(length of the tag).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_rename(struct prov_xml *x, uint32_t node,
                                                         struct prov_str name);

/**
 * Does the document, as it is after edits, keep the limits for one document? One that does not
 * could be written but not read again.
 *
 * @param[in]     root   The root, or any element that is not deleted.
 * @param[in,out] diags  Gets one error on every result but #PROV_OK, at the element at fault. May
 * be NULL.
 *
 * @retval PROV_OK       It does.
 * @retval PROV_E_ARG    @p x is NULL, or @p root does not exist or is deleted.
 * @retval PROV_E_LIMIT  Too deep, too many attributes or elements; `need` is the limit.
 * @cost      O(elements and their tags).
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_check(const struct prov_xml *x, uint32_t root,
                                                        struct prov_diags *diags);

/* ---- Writing ---- */

/** A walk over the pieces of a document. In the caller's memory; members are private. */
struct prov_xml_writer {
    const struct prov_xml *x;
    uint32_t root;
    uint32_t node;  /**< The element being written. */
    uint32_t child; /**< Next of its list. */
    uint32_t at;    /**< Next byte of its content. */
    uint32_t stage;
};

/** Start to write the document of a root: what stands before and after the root is written too. Of
 * any other element only the element itself is written. */
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

/**
 * Append the whole document.
 *
 * @param[out] need  With #PROV_E_SPACE the capacity that would do. May be NULL.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p x or @p out is NULL, or @p root does not exist.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 */
PROV_API PROV_NODISCARD enum prov_status prov_xml_write(const struct prov_xml *x, uint32_t root,
                                                        struct prov_buf *out, size_t *need);

#ifdef __cplusplus
}
#endif
#endif /* PROV_XML_H */
