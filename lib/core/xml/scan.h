/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_XML_SCAN_H
#define PROV_CORE_XML_SCAN_H

/* Looking at a text that may not be well formed: for diagnostics and the XML declaration. */

#include <prov/str.h>

#include "base/str.h"

#define BOM PROV_STR_INIT("\xEF\xBB\xBF")

static inline bool
is_delimiter(char c)
{
    return prov_is_blank(c) || memchr("<>/='\"&;", c, 8) != NULL;
}

static inline struct prov_str
word_at(struct prov_str text, size_t at)
{
    size_t to = at;

    while (to < text.len && !is_delimiter(text.ptr[to]))
        to++;
    return prov_str_cut(text, at, to);
}

static inline bool
starts_at(struct prov_str text, size_t at, struct prov_str with)
{
    return at <= text.len && text.len - at >= with.len &&
           prov_str_eq_nocase(prov_str_cut(text, at, at + with.len), with);
}

static inline size_t
skip_blanks(struct prov_str text, size_t at)
{
    while (at < text.len && prov_is_blank(text.ptr[at]))
        at++;
    return at;
}

static inline size_t
skip_mark(struct prov_str text)
{
    const struct prov_str bom = BOM;

    return starts_at(text, 0, bom) ? bom.len : 0;
}

/* The offset after the next `mark`; the offset given if there is none. */
static inline size_t
skip_to(struct prov_str text, size_t at, struct prov_str mark)
{
    for (size_t i = at; i < text.len; i++) {
        if (starts_at(text, i, mark))
            return i + mark.len;
    }
    return at;
}

#endif /* PROV_CORE_XML_SCAN_H */
