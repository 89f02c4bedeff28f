/* SPDX-License-Identifier: MIT */
#ifndef PROV_RFC5261_H
#define PROV_RFC5261_H

/**
 * @file
 * @brief Diff documents: add, replace and remove of RFC 5261, a second front end of the engine of
 * operations (OPS-6, OPS-1..5).
 *
 * Layer: core (pure). Called by prov_apply_change(), which tells kinds apart.
 *
 * **Selectors** (`sel`). Absolute or relative, which is the same: the first step is the root element
 * of the settings. Steps are names or `*`, each with any number of tests `[n]`, `[@a='v']`,
 * `[child='v']`, `[.='v']`; the last part may be `text()`, `comment()`,
 * `processing-instruction('x')`, each with `[n]`, or `@name`, or `namespace::prefix`. Prefixes, and
 * the default namespace for element names without one, are those in force at the operation; in the
 * settings the same namespace may have another prefix. Exactly one node must be hit. A comparison
 * with the text of an element that has child elements is refused. `id()` is refused too: settings
 * have no document type, and `xml:id` is not supported. An `add` cannot select an attribute or a
 * declaration. What stands beside the root element is never located, unlike in the RFC.
 *
 * **Edits** are literal: all nodes of an `add` go in as they stand, with white space; nothing is
 * indented; bytes that are not addressed stay as they are, so an element that loses its content
 * keeps its end tag. `replace` allows white space around the one node it brings. `ws` takes white
 * space however it is written. Text that comes to stand beside text is one text node from then on;
 * where plain bytes would change their meaning (`]]` and `>`, CR and LF), the first one is written
 * as a reference. The value of an attribute or declaration is text without CDATA sections.
 *
 * **Namespaces.** Elements and attributes that are added mean the same as in the diff document. A
 * prefix stays if it stands for the same namespace in the settings. Otherwise that of the element
 * around is taken (of the element itself for `type="@p:a"`); or else, of all that stand for the
 * namespace there, the last one in alphabetical order that does not come after the old one, or the
 * first; no prefix comes before all others, and is never taken for attributes. If there is none, or
 * the added content uses it for something else, the old prefix is declared with the element. An
 * attribute of `type` needs a prefix in the settings; names in `type` are of ASCII characters.
 * `type="namespace::p"` is refused where `p` is in force already, and the removal of a declaration
 * where it is in use.
 *
 * **Sections** (OPS-5). The second step names the section that an operation belongs to; where it is
 * `*`, the section that the selector hits before the document is applied. An `add` of elements to
 * the root, or beside a section, belongs to the new section; there must be none of that name, and
 * one operation adds one. What concerns the root alone (its attributes, text and comments between
 * sections) is a group of its own, with the root's name. A section can be replaced by one of its own
 * name, and removed. The root can be neither. Groups are worked on in the order of first mention and
 * kept or undone each as a whole, like the sections of an operations document; operations that
 * belong nowhere are discarded one by one.
 */

#include <prov/apply.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest text of a diagnostic that becomes a `phrase`, bytes; a longer one is left out. */
#define PROV_RFC5261_PHRASE 512

/**
 * Apply a diff document.
 *
 * @param[in,out] a     From prov_apply_init(). Gets results and changes under the number
 * `a->file_count`, which stays as it is.
 * @param[in]     root  Parent of the operations, a document root. Consumed: bodies move into the
 * settings.
 *
 * @retval PROV_OK         Done; `a->partial` is set if a section was discarded. Each discarded one
 * has a diagnostic with a number of its own for each mistake, at the operation, or at the byte of
 * its selector.
 * @retval PROV_E_ARG      A pointer is NULL, or @p root is not the root of a change.
 * @retval PROV_E_SPACE    No room for edits. Everything of this document is undone.
 * @retval PROV_E_CALLBACK The check broke its contract. Everything of this document is undone.
 * @memory    As prov_ops_apply(). In each element whose content is edited, every text, comment and
 * processing instruction between children takes a record of the pool; if there are none left the
 * section is discarded (#PROV_D_XML_POOL_NODES). Rewritten tags are perm memory.
 * @threads   As its pool: one thread at a time.
 * @cost      As prov_ops_apply(), plus O(children) for each element whose content is edited, once;
 * with namespaces, elements are looked for by walking their list.
 */
PROV_API PROV_NODISCARD enum prov_status prov_rfc5261_apply(struct prov_apply *a, uint32_t root);

/**
 * The error condition of RFC 5261 for a diagnostic, such as `unlocated-node`.
 *
 * @param[in] code  Any; what has no condition of its own is `invalid-patch-directive`, and every
 * mistake of reading XML `invalid-diff-format` at least.
 * @return    Constant text.
 */
PROV_API const char *prov_rfc5261_condition(enum prov_diag_code code);

/**
 * Append a `patch-ops-error` document for a diagnostic: an element named by the condition, with the
 * text of the diagnostic as its `phrase`, and the operation that failed inside; none for
 * `invalid-diff-format` and `invalid-character-set`, which have no content.
 *
 * @param[in]     diag  From a run of changes. MUST NOT be NULL.
 * @param[in]     x     The pool of the diff document. NULL: no operation is shown.
 * @param[in]     root  Root of the diff document; the operation is the one in which the place of
 * @p diag lies. #PROV_XML_NONE: none is shown.
 * @param[in,out] out   Appended to.
 *
 * @retval PROV_OK       Appended.
 * @retval PROV_E_ARG    @p diag or @p out is NULL, or the root does not exist.
 * @retval PROV_E_SPACE  It does not fit; @p out is as it was.
 * @threads   As the pool.
 * @cost      O(size of the diff document).
 */
PROV_API PROV_NODISCARD enum prov_status prov_rfc5261_error(const struct prov_diag *diag,
                                                            const struct prov_xml *x, uint32_t root,
                                                            struct prov_buf *out);

#ifdef __cplusplus
}
#endif
#endif /* PROV_RFC5261_H */
