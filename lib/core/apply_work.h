/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_APPLY_WORK_H
#define PROV_CORE_APPLY_WORK_H

/*
 * What patches and operations share: a document that is undone as a whole if memory runs out, and
 * in it sections that are kept or discarded one by one.
 */

#include <prov/apply.h>

/* ---- One change document ---- */

/* The root is that of a document in the pool, and not the settings. */
bool prov_work_is_change(const struct prov_apply *a, uint32_t root);

struct prov_work_doc {
    size_t scratch, mark;
    uint32_t sections, sections_dropped;
    uint32_t changes, changes_dropped;
    uint32_t elements;
    bool partial;
};

void prov_work_doc_begin(struct prov_apply *a, struct prov_work_doc *doc);

/* Keep everything, or, unless PROV_OK, undo everything and say why. Answers the status. */
enum prov_status prov_work_doc_end(struct prov_apply *a, const struct prov_work_doc *doc,
                                   enum prov_status status);

/* ---- One section ---- */

struct prov_work {
    struct prov_apply *a;
    struct prov_section_result result; /* result.why is to be filled on every status but PROV_OK */
    size_t mark;
    uint32_t changes, changes_dropped;
    uint32_t elements; /* of the settings, without this section */
    bool again;        /* an earlier change has touched it */
};

/* section: as it is in the settings, PROV_XML_NONE if it is not there. */
void prov_work_begin(struct prov_work *w, struct prov_apply *a, struct prov_str name,
                     enum prov_section_action action, uint32_t section);

/*
 * Check the section, keep or discard it, and enter the result. Any status of the class "input"
 * discards it and answers PROV_OK. section: as it is now, PROV_XML_NONE if it is gone.
 */
enum prov_status prov_work_end(struct prov_work *w, uint32_t section, enum prov_status status);

/* Enter a section that is discarded before anything was done. */
void prov_work_discard(struct prov_apply *a, const struct prov_section_result *result);

/* Fill why, with the place of a node, and answer PROV_E_INVALID. */
enum prov_status prov_work_refuse(const struct prov_xml *x, uint32_t node, enum prov_diag_code code,
                                  struct prov_str subject, struct prov_diag *why);

/* The settings' section of this name, PROV_XML_NONE if there is none. */
uint32_t prov_work_section(const struct prov_apply *a, struct prov_str name);

/* Enter a change. Before a removal, after anything else. Position and file are filled in here. */
void prov_work_enter(struct prov_apply *a, struct prov_change change);

/* Append `[@key='value']`, or nothing if the element has no such attribute. PROV_E_SPACE if it does
 * not fit. */
enum prov_status prov_work_put_key(const struct prov_xml *x, uint32_t node, struct prov_str key,
                                   struct prov_buf *out);

/* Where an element stands among its siblings of the same name; 0 if it is the only one, or gone. */
uint32_t prov_work_position(const struct prov_xml *x, uint32_t node);

/*
 * A raw attribute value as plain text: itself, or decoded into scratch memory, which the caller
 * gives back.
 */
enum prov_status prov_work_plain(struct prov_xml *x, struct prov_str raw, struct prov_str *plain);

/* Elements of a tree, its root included. */
uint32_t prov_work_count(const struct prov_xml *x, uint32_t root);

/* ---- Lists (lists.c) ---- */

/* The rule of a list whose members have this name below this parent in the settings, or NULL. */
const struct prov_list_rule *prov_list_rule_find(const struct prov_apply *a, uint32_t parent,
                                                 struct prov_str name);

/*
 * The section keeps to the rules of its lists and to the limits of a document. elements: how many
 * it has.
 */
enum prov_status prov_section_verify(struct prov_apply *a, uint32_t section, uint32_t *elements,
                                     struct prov_diag *why);

/* A copy in perm memory, which lasts as long as diagnostics and results that show it. */
enum prov_status prov_work_keep(struct prov_xml *x, struct prov_str *text);

/* ---- The operations of a document, sorted by section (order.c) ---- */

/* In scratch memory, which the caller gives back. */
struct prov_order {
    struct prov_apply *a;
    struct prov_order_op *ops;
    struct prov_order_group *first, *last;
    struct prov_order_group *recent; /* neighbours mostly work on the same section */
    uint32_t count;
    uint32_t at; /* of those that were given out */
};

/* Operations that are kept or undone together, in document order. */
struct prov_order_unit {
    struct prov_str name; /* of the section; of the operation, if it is alone */
    uint32_t at, left;
    uint32_t count;
    bool is_alone; /* no section can be told from its only operation */
    bool is_root;  /* what is inside the root element, but in no section */
};

/* Room for all children of the root of a document. */
enum prov_status prov_order_begin(struct prov_order *o, struct prov_apply *a, uint32_t root);

/* The group of a section, or of the root, if there is one already. */
struct prov_order_group *prov_order_find(const struct prov_order *o, struct prov_str section,
                                         bool is_root);

/* The section of the last operation that was put; empty if there is none. */
struct prov_str prov_order_recent(const struct prov_order *o);

/* The next operation. group: what was found. An empty section that is not the root: none can be
 * told. The name is borrowed as long as the order is used. */
enum prov_status prov_order_put(struct prov_order *o, uint32_t node, struct prov_order_group *group,
                                struct prov_str section, bool is_root);

/* The units in the order of first mention, and the operations of each; PROV_XML_NONE at the end. */
bool prov_order_next(struct prov_order *o, struct prov_order_unit *out);
uint32_t prov_order_take(const struct prov_order *o, struct prov_order_unit *u);

/* ---- Operations (ops.c) ---- */

enum prov_op_kind {
    PROV_OP_NONE = 0,
    PROV_OP_DELETE = 1,
    PROV_OP_REPLACE = 2,
    PROV_OP_ADD = 3,
};

/* Which operation an element is; PROV_OP_NONE for another element. */
enum prov_op_kind prov_op_kind(const struct prov_xml *x, uint32_t node);

/* ---- Diffs (rfc5261.c) ---- */

/* The root is that of a diff document (DOC-1). */
bool prov_diff_is_document(const struct prov_xml *x, uint32_t root);

/* ---- Merging (merge.c) ---- */

/* Merge a section of a change into the one of the settings (PAT-2..4). */
enum prov_status prov_section_merge(struct prov_apply *a, uint32_t section, uint32_t *settings,
                                    struct prov_diag *why);

#endif /* PROV_CORE_APPLY_WORK_H */
