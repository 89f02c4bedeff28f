/* SPDX-License-Identifier: MIT */
#ifndef PROV_SESSION_LINES_H
#define PROV_SESSION_LINES_H

/* Texts of our own in the store: one `key value` a line. */

#include <prov/buf.h>

/* Take one line off; false if there is none that ends. */
bool prov_line_take(struct prov_str *text, struct prov_str *line);

/* Value of a line with this key. */
bool prov_line_value(struct prov_str line, struct prov_str key, struct prov_str *value);

/* 64 hexadecimal digits. False, and maybe half of it set, for anything else. */
bool prov_line_digest(struct prov_str value, uint8_t out[32]);

/* Decimal, from 1, without a leading 0. False, and nothing set, for anything else. */
bool prov_line_number(struct prov_str value, uint64_t *out);

void prov_line_put_digest(struct prov_buf *out, const uint8_t *digest);

#endif /* PROV_SESSION_LINES_H */
