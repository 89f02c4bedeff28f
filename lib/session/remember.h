/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_REMEMBER_H
#define PROV_SESSION_REMEMBER_H

/*
 * The text of PROV_ITEM_TREE: the files of a run, in the order of applying, and what tells whether
 * they have changed. One `key value` a line, between a line with the version and a line `end`; `url`
 * begins a file. Numbers count from 1.
 */

#include <prov/buf.h>

#define PROV_REMEMBER_NONE UINT32_MAX
/* Longest validator that is kept. */
#define PROV_REMEMBER_VALIDATOR 128u
/* Room in the text for each file, on average; and for the rest. */
#define PROV_REMEMBER_FILE 256u
#define PROV_REMEMBER_HEAD 128u

/* One file. No address has a user part. */
struct prov_remembered {
    struct prov_str url;      /* asked for */
    struct prov_str final;    /* where redirects led; empty = nowhere else */
    struct prov_str etag;     /* as received; empty = none */
    struct prov_str modified; /* of a file without ETag: Last-Modified; empty = none */
    uint32_t parent; /* place in the list, before its own; PROV_REMEMBER_NONE of the first */
    uint32_t type;   /* enum prov_file_type */
    uint32_t layer;  /* enum prov_layer, in dialects that have them */
    bool auth;       /* the user part of the first file's address belongs to this one too */
};

/*
 * False for a text that is not exactly of our making; then what is in files does not count. Keys
 * that are not known are left for later versions. Spans of files point into the text.
 */
bool prov_remember_read(struct prov_str text, uint32_t url_bytes, uint8_t digest[32],
                        struct prov_remembered *files, uint32_t cap, uint32_t *count);

/* In this order: head, each file, end. */
void prov_remember_put_head(const uint8_t digest[32], struct prov_buf *out);
void prov_remember_put_file(const struct prov_remembered *file, struct prov_buf *out);
void prov_remember_put_end(struct prov_buf *out);

/* Can it be sent back as it is? */
bool prov_remember_is_validator(struct prov_str value);

#endif /* PROV_SESSION_REMEMBER_H */
