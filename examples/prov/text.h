/* SPDX-License-Identifier: MIT */
#ifndef TOOL_TEXT_H
#define TOOL_TEXT_H

/* Text that grows, and text made fit to be shown. */

#include <stdbool.h>
#include <stddef.h>

#include <prov/base.h>

#define TOOL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__GNUC__)
#define TOOL_PRINTF(at) __attribute__((format(printf, at, at + 1)))
#else
#define TOOL_PRINTF(at)
#endif

/* Always NUL-terminated once something was added; all zero = empty. */
struct text {
    char *ptr;
    size_t len;
    size_t cap;
};

/* Memory or the end of the program: a desk tool cannot do anything sensible without. */
void *tool_alloc(size_t bytes);
void *tool_resize(void *p, size_t bytes);

void text_free(struct text *t);
void text_reserve(struct text *t, size_t more);
void text_add(struct text *t, struct prov_str s);
void text_add_z(struct text *t, const char *z);
void text_addf(struct text *t, const char *format, ...) TOOL_PRINTF(2);
struct prov_str text_str(const struct text *t);

/* Append; control bytes and what is no UTF-8 become \xNN, so nobody steers the terminal. */
void text_add_shown(struct text *t, struct prov_str s);

/* Append with every user part of an address hidden, wherever in the text it stands. */
void text_add_redacted(struct text *t, struct prov_str s);

/* The user part of the next address at or after a position: from its first byte to behind the '@'.
 * False if there is no more. */
bool text_find_user(struct prov_str s, size_t at, size_t *from, size_t *to);

/* As above for text that is no address itself. Same number of lines. */
void text_add_without_users(struct text *t, struct prov_str s);

/* As above for an operand: a file name may hold an @, only an address has something to hide. */
void text_add_operand(struct text *t, struct prov_str s);

/* A copy that is fit for a message about something the user wrote. The caller frees it. */
char *tool_show_operand(const char *z);

#endif /* TOOL_TEXT_H */
