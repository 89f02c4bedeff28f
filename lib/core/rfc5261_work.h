/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_RFC5261_WORK_H
#define PROV_CORE_RFC5261_WORK_H

/* What the files of the RFC 5261 front end share. */

#include <prov/rfc5261.h>

#include "core/apply_work.h"
#include "core/xml/xml.h"

/* ---- Namespaces (rfc5261_ns.c). A URI is as written in its declaration; empty = none. ---- */

struct prov_str prov_ns_prefix(struct prov_str name);
struct prov_str prov_ns_local(struct prov_str name);
bool prov_ns_same(struct prov_str a, struct prov_str b);

/* The attribute is `xmlns` or `xmlns:prefix`. */
bool prov_ns_declares(struct prov_str attribute, struct prov_str *prefix);

/* What a prefix stands for at an element, from there up to its root. False: nothing, which for the
 * empty prefix cannot be. */
bool prov_ns_find(const struct prov_xml *x, uint32_t node, struct prov_str prefix,
                  struct prov_str *uri);

/* The prefix that stands for a URI at an element, to be written instead of another one; not the
 * empty one. */
bool prov_ns_prefix_of(const struct prov_xml *x, uint32_t node, struct prov_str uri,
                       struct prov_str like, struct prov_str *prefix);

/* No prefix and no declaration in a whole tree. */
bool prov_ns_is_plain(const struct prov_xml *x, uint32_t root);

/* An element below, or this one, has a name whose prefix is declared at this element. */
bool prov_ns_in_use(const struct prov_xml *x, uint32_t node, struct prov_str prefix);

/* The element after this one in document order, inside a tree; PROV_XML_NONE at the end. */
uint32_t prov_ns_walk(const struct prov_xml *x, uint32_t root, uint32_t node);

/*
 * An element is about to move below another one: its names must mean there what they mean here.
 * Prefixes are changed to those in force there, or declared. PROV_E_INVALID, with the prefix, if one
 * means nothing here.
 */
enum prov_status prov_ns_adapt(struct prov_xml *x, uint32_t node, uint32_t target,
                               struct prov_str *prefix);

/* ---- Tags (rfc5261_tag.c) ---- */

/* What becomes of one prefix in a tag. */
struct prov_tag_prefix {
    struct prov_tag_prefix *next;
    struct prov_str prefix, uri;
    struct prov_str with; /* the prefix to write instead */
    bool renamed;
    bool declared; /* at the element that moves: `uri` is added to its tag */
    bool of_attribute;
    bool own; /* the tree declares it at the element that is written, or between: it stays there */
};

/* Write a tag again: one attribute is set, added at the end or taken out, prefixes are changed. */
struct prov_tag_edit {
    struct prov_str name; /* of the attribute, as written; empty: none */
    uint32_t value_of;    /* its value is the character data of this element; PROV_XML_NONE: it is
                               taken out */
    struct prov_tag_prefix *prefixes; /* may be NULL */
    bool declares;                    /* the prefixes that are to be declared are declared here */
};
enum prov_status prov_tag_rewrite(struct prov_xml *x, uint32_t node,
                                  const struct prov_tag_edit *edit);

/* ---- Selectors (rfc5261_sel.c, rfc5261_find.c) ---- */

struct prov_sel_name {
    struct prov_str uri;
    struct prov_str local;
    bool any; /* `*` */
};

enum prov_sel_test_kind {
    PROV_SEL_ATTRIBUTE_IS = 0, /* [@a='v'] */
    PROV_SEL_POSITION = 1,     /* [n] */
    PROV_SEL_CHILD_IS = 2,     /* [child='v'] */
    PROV_SEL_SELF_IS = 3,      /* [.='v'] */
};

struct prov_sel_test {
    enum prov_sel_test_kind kind;
    uint32_t position;
    struct prov_sel_name name;
    struct prov_str value;
};

struct prov_sel_step {
    struct prov_sel_name name;
    uint32_t test_first, test_count;
};

/* What the last part of a selector locates in the element of the last step. */
enum prov_sel_target {
    PROV_SEL_ELEMENT = 0, /* the element itself */
    PROV_SEL_TEXT = 1,
    PROV_SEL_COMMENT = 2,
    PROV_SEL_INSTRUCTION = 3,
    PROV_SEL_ATTRIBUTE = 4,
    PROV_SEL_NAMESPACE = 5,
};

/* Spans point into the selector; steps and tests live in scratch memory. */
struct prov_sel {
    struct prov_sel_step *steps;
    struct prov_sel_test *tests;
    uint32_t step_count, test_count;
    enum prov_sel_target target;
    struct prov_sel_name name; /* of an attribute; prefix or instruction's target in `local` */
    uint32_t position;         /* 0: none is given */
};

/* What is wrong, and where in the selector, from 0. */
struct prov_sel_error {
    enum prov_diag_code code;
    size_t at;
    struct prov_str subject;
};

/* Prefixes are those of the operation. Unless PROV_OK, memory is given back. */
enum prov_status prov_sel_parse(struct prov_xml *x, uint32_t root, uint32_t operation,
                                struct prov_str text, struct prov_sel *out,
                                struct prov_sel_error *error);

struct prov_sel_hit {
    uint32_t node;             /* the element, or the one that holds what was located */
    uint32_t nth;              /* among those in it that the selector's last part allows */
    struct prov_str attribute; /* name as written */
};

/* PROV_OK only for exactly one. plain: the settings have no namespaces. */
enum prov_status prov_sel_find(struct prov_xml *x, uint32_t root, const struct prov_sel *sel,
                               bool plain, struct prov_sel_hit *hit, struct prov_sel_error *error);

/* The item that was located; its element is relaid. Of a text the first item. */
uint32_t prov_sel_item(const struct prov_xml *x, const struct prov_sel *sel,
                       const struct prov_sel_hit *hit);

/* ---- Edits (rfc5261_edit.c) ---- */

enum prov_diff_kind {
    PROV_DIFF_NONE = 0,
    PROV_DIFF_ADD = 1,
    PROV_DIFF_REPLACE = 2,
    PROV_DIFF_REMOVE = 3,
};
enum prov_diff_kind prov_diff_kind(const struct prov_xml *x, uint32_t node);

/* Where new nodes go, and which white space goes with a removed one. */
enum prov_diff_place {
    PROV_DIFF_INSIDE = 0,
    PROV_DIFF_PREPEND = 1,
    PROV_DIFF_BEFORE = 2,
    PROV_DIFF_AFTER = 3,
    PROV_DIFF_BOTH = 4,
};

/* One operation, located. */
struct prov_diff_op {
    struct prov_apply *a;
    uint32_t node;
    enum prov_diff_kind kind;
    enum prov_diff_place place;
    struct prov_str type; /* plain; empty: none */
    struct prov_sel sel;
    struct prov_sel_hit hit;
    bool text_told;              /* the change of a text is entered */
    struct prov_sel_error error; /* on every status of the class "input" */
};

/* The element whose tag or content is edited. */
uint32_t prov_diff_container(const struct prov_diff_op *op);

enum prov_status prov_diff_edit(struct prov_diff_op *op);

#endif /* PROV_CORE_RFC5261_WORK_H */
