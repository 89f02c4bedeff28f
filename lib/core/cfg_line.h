/* SPDX-License-Identifier: MIT */
#ifndef PROV_CORE_CFG_LINE_H
#define PROV_CORE_CFG_LINE_H

/* One line of a text configuration file. Private to the module cfg. */

#include <prov/cfg.h>

/* A line while it is taken apart. */
struct prov_cfg_work {
    const struct prov_cfg_rules *rules;
    struct prov_str s;    /* without its line end */
    size_t from;          /* bytes of s before the line proper: a byte order mark */
    size_t fault;         /* byte of the line that its code is about */
    size_t need;          /* limit that is exceeded */
    struct prov_str name; /* for the warning; empty as long as it might be part of a value */
    struct prov_cfg_line line;
};

/* Where a line stops inside a parameter, if it does. */
enum prov_cfg_stop {
    PROV_CFG_STOP_NOT,
    PROV_CFG_STOP_NAME,   /* behind the name */
    PROV_CFG_STOP_EQUALS, /* behind the = */
    PROV_CFG_STOP_VALUE,  /* inside the value */
};

static inline bool
prov_cfg_is_byte(struct prov_str s, size_t at, char c)
{
    return at < s.len && s.ptr[at] == c;
}

static inline bool
prov_cfg_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

/* The line has a whole line end. */
static inline bool
prov_cfg_ends(struct prov_str raw)
{
    return prov_cfg_is_byte(raw, raw.len - 1, '\n');
}

/* Its line end: maybe empty, or a CR that has lost its LF at the end of the text. */
static inline struct prov_str
prov_cfg_line_end(struct prov_str raw)
{
    size_t at = raw.len;

    if (at > 0 && raw.ptr[at - 1] == '\n')
        at--;
    if (at > 0 && raw.ptr[at - 1] == '\r')
        at--;
    return prov_str_cut(raw, at, raw.len);
}

/* Where the name that begins at a byte ends; the same byte if there is none. */
size_t prov_cfg_name_end(struct prov_str s, size_t at);

/* Read the line at the reader's place and move on. False at the end. No diagnostics. */
bool prov_cfg_read_line(struct prov_cfg *c, struct prov_cfg_work *w);

enum prov_cfg_stop prov_cfg_stops(const struct prov_cfg_work *w);

#endif /* PROV_CORE_CFG_LINE_H */
