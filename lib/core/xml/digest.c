/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"
#include "core/xml/xml.h"

/*
 * The canonical form, which is taken in and never stands in memory: for each element its name,
 * attributes by name, text, children, an end. Bytes below a blank keep the parts apart; but for
 * white space XML has none of them.
 */
#define MARK_ELEMENT "\x01"
#define MARK_ATTRIBUTE "\x02"
#define MARK_VALUE "\x03"
#define MARK_TEXT "\x04"
#define MARK_END "\x05"

static void
put(struct prov_sha256 *h, const char *mark, struct prov_str s)
{
    prov_sha256_update(h, mark, 1);
    prov_sha256_update(h, s.ptr, s.len);
}

static void
put_value(struct prov_sha256 *h, struct prov_str raw)
{
    struct prov_xml_chars chars;
    int b;

    prov_sha256_update(h, MARK_VALUE, 1);
    prov_xml_chars_raw(&chars, raw);
    while ((b = prov_xml_chars_next(&chars)) >= 0) {
        const unsigned char byte = (unsigned char)b;

        prov_sha256_update(h, &byte, 1);
    }
}

static bool
is_before(struct prov_str a, struct prov_str b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

    return order < 0 || (order == 0 && a.len < b.len);
}

/* The attribute whose name comes next after the last one; false if there is none. */
static bool
next_by_name(struct prov_str tag, struct prov_str last, struct prov_xml_attribute *out)
{
    struct prov_xml_attribute it;
    uint32_t cursor = 0;
    bool found = false;

    while (prov_xml_attribute_next(tag, &cursor, &it)) {
        if (is_before(last, it.name) && (!found || is_before(it.name, out->name))) {
            *out = it;
            found = true;
        }
    }
    return found;
}

static struct prov_str
name_in(struct prov_str tag)
{
    size_t end = 1;

    while (end < tag.len && !prov_is_blank(tag.ptr[end]) && tag.ptr[end] != '/' &&
           tag.ptr[end] != '>')
        end++;
    return prov_str_cut(tag, 1, end);
}

static void
put_tag(struct prov_sha256 *h, struct prov_str tag)
{
    struct prov_xml_attribute it = { .name = { NULL, 0 } };

    put(h, MARK_ELEMENT, name_in(tag));
    while (next_by_name(tag, it.name, &it)) {
        put(h, MARK_ATTRIBUTE, it.name);
        put_value(h, it.raw);
    }
}

/* Beside children runs of white space are one blank, and those at both ends are nothing. */
static void
put_text(struct prov_sha256 *h, const struct prov_xml *x, uint32_t node)
{
    const bool squeeze = prov_xml_first(x, node) != PROV_XML_NONE;
    struct prov_xml_chars chars;
    bool started = false, blank = false;
    int b;

    prov_sha256_update(h, MARK_TEXT, 1);
    prov_xml_chars_text(&chars, x, node);
    while ((b = prov_xml_chars_next(&chars)) >= 0) {
        const unsigned char byte = (unsigned char)b;

        if (squeeze && prov_is_blank((char)b)) {
            blank = started;
            continue;
        }
        if (blank)
            prov_sha256_update(h, " ", 1);
        prov_sha256_update(h, &byte, 1);
        blank = false;
        started = true;
    }
}

static void
put_element(struct prov_sha256 *h, const struct prov_xml *x, uint32_t node, struct prov_str tag)
{
    put_tag(h, tag);
    put_text(h, x, node);
}

/* Everything below an element, and the ends of all, its own included. */
static void
put_inside(struct prov_sha256 *h, const struct prov_xml *x, uint32_t top)
{
    uint32_t node = top, next = prov_xml_first(x, top);

    for (;;) {
        if (next != PROV_XML_NONE) {
            node = next;
            put_element(h, x, node, prov_xml_tag(x, node));
            next = prov_xml_first(x, node);
            continue;
        }
        prov_sha256_update(h, MARK_END, 1);
        if (node == top)
            return;
        next = prov_xml_living(x, x->nodes[node].next);
        node = x->nodes[node].parent;
    }
}

/* The bytes of the start tag as it was read stay where they were. */
static struct prov_str
tag_as_read(const struct prov_xml *x, uint32_t node)
{
    return prov_xml_bytes(x, node, prov_xml_tag_start(x, node), x->nodes[node].body);
}

void
prov_xml_digest_of(const struct prov_xml *x, uint32_t node, bool tag_only, bool as_read,
                   uint8_t out[PROV_DIGEST_BYTES])
{
    const struct prov_str tag = as_read ? tag_as_read(x, node) : prov_xml_tag(x, node);
    struct prov_sha256 h;

    prov_sha256_init(&h);
    if (tag_only) {
        put_tag(&h, tag);
    } else {
        put_element(&h, x, node, tag);
        put_inside(&h, x, node);
    }
    prov_sha256_final(&h, out);
}

bool
prov_xml_digest(const struct prov_xml *x, uint32_t node, uint8_t out[PROV_DIGEST_BYTES])
{
    if (x == NULL || out == NULL || !prov_xml_exists(x, node))
        return false;
    prov_xml_digest_of(x, node, false, false, out);
    return true;
}
