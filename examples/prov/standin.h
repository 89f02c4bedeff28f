/* SPDX-License-Identifier: MIT */
#ifndef TOOL_STANDIN_H
#define TOOL_STANDIN_H

/* Stand-ins for secrets: what is written in their place so that a phone decides the same. */

#include "text.h"

struct standins;

/* With a key of its own that is never shown. NULL if the system gives no random bytes. */
struct standins *standins_new(void);

/* Key and table are overwritten. NULL is no error. */
void standins_free(struct standins *s);

/*
 * Append what stands for a secret: as many bytes, the same for the same secret and another one for
 * another one, made of the same kind of letters or digits. White space stays where it is. Words that
 * switch something (true, no, 1 ...) stay as they are: there is nothing to hide in one bit, but much
 * depends on it.
 */
void standins_add(struct standins *s, struct prov_str secret, struct text *out);

/* Append a text with the user parts of all addresses replaced; it is as long as before. */
void standins_add_users(struct standins *s, struct prov_str text, struct text *out);

/* Let another digest stand in the place of one: the same for the same. */
void standins_digest(const struct standins *s, uint8_t *digest);

#endif /* TOOL_STANDIN_H */
