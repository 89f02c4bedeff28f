/* SPDX-License-Identifier: MIT */
#include "standin.h"

#include <stdlib.h>
#include <string.h>

#include <prov/adapters/posix.h>

#define TRIES 1000u /* for a stand-in that nothing else has; short secrets need a few */

struct entry {
    uint64_t name[2]; /* keyed hashes: the secret itself is not kept */
    size_t len;
    char *text;
};

struct standins {
    uint64_t key[2];
    struct entry *entries;
    size_t count, cap;
};

/* ---- SipHash-2-4: a hash with a key, made for short inputs ---- */

static uint64_t
turned(uint64_t x, unsigned by)
{
    return (x << by) | (x >> (64 - by));
}

static void
sip_rounds(uint64_t v[4], unsigned rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turned(v[1], 13) ^ v[0];
        v[3] = turned(v[3], 16) ^ v[2];
        v[0] = turned(v[0], 32) + v[3];
        v[2] += v[1];
        v[1] = turned(v[1], 17) ^ v[2];
        v[3] = turned(v[3], 21) ^ v[0];
        v[2] = turned(v[2], 32);
    }
}

/* Up to eight bytes, the first one lowest. */
static uint64_t
word_of(const unsigned char *p, size_t n)
{
    uint64_t w = 0;

    for (size_t i = 0; i < n; i++)
        w |= (uint64_t)p[i] << (8 * i);
    return w;
}

/* `purpose` keeps hashes for different uses apart. */
static uint64_t
keyed_hash(const struct standins *s, uint64_t purpose, struct prov_str in)
{
    const unsigned char *p = (const unsigned char *)in.ptr;
    uint64_t v[4] = { s->key[0] ^ 0x736f6d6570736575u, s->key[1] ^ 0x646f72616e646f6du,
                      s->key[0] ^ 0x6c7967656e657261u, s->key[1] ^ 0x7465646279746573u };
    size_t at = 0;

    v[3] ^= purpose;
    sip_rounds(v, 2);
    v[0] ^= purpose;
    for (; in.len - at >= 8; at += 8) {
        const uint64_t w = word_of(p + at, 8);

        v[3] ^= w;
        sip_rounds(v, 2);
        v[0] ^= w;
    }
    const uint64_t last = word_of(at < in.len ? p + at : p, in.len - at) | ((uint64_t)in.len & 0xFF)
                                                                               << 56;

    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xFF;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- The table ---- */

struct standins *
standins_new(void)
{
    struct standins *s = tool_alloc(sizeof(*s));

    if (prov_posix_seed(&s->key[0]) == PROV_OK && prov_posix_seed(&s->key[1]) == PROV_OK)
        return s;
    free(s);
    return NULL;
}

/* A plain memset() before free() would be optimised away. */
static void
forget(void *p, size_t len)
{
    volatile unsigned char *byte = p;

    while (len-- > 0)
        *byte++ = 0;
}

void
standins_free(struct standins *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(s->entries[i].text);
    free(s->entries);
    forget(s, sizeof(*s));
    free(s);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_switch(struct prov_str s)
{
    static const char *const words[] = { "true", "false", "yes", "no", "on",
                                         "off",  "y",     "n",   "0",  "1" };

    for (size_t i = 0; i < TOOL_COUNT(words); i++) {
        if (prov_str_eq_nocase(s, prov_str_z(words[i])))
            return true;
    }
    return false;
}

/* The smallest alphabet that holds all of a text; its last one if none does. */
static struct prov_str
alphabet_of(struct prov_str s)
{
    static const char *const alphabets[] = { "0123456789", "0123456789abcdef", "0123456789ABCDEF",
                                             "abcdefghijklmnopqrstuvwxyz",
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ" };
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    for (size_t i = 0; i < TOOL_COUNT(alphabets); i++) {
        size_t k = 0;

        while (k < s.len &&
               (is_blank(s.ptr[k]) || (s.ptr[k] != '\0' && strchr(alphabets[i], s.ptr[k]) != NULL)))
            k++;
        if (k == s.len)
            return prov_str_z(alphabets[i]);
    }
    return prov_str_z(all);
}

/* One try. A number that does not begin with 0 gets another one that does not. */
static void
fill(const struct standins *s, struct prov_str secret, uint64_t attempt, char *out)
{
    const struct prov_str alphabet = alphabet_of(secret);
    const uint64_t seed = keyed_hash(s, attempt + 2, secret);
    char bytes[sizeof(seed)];

    memcpy(bytes, &seed, sizeof(bytes));
    for (size_t i = 0; i < secret.len; i++) {
        const bool first = i == 0 && secret.ptr[0] != '0' && alphabet.ptr[0] == '0';
        const struct prov_str letters = prov_str_cut(alphabet, first ? 1 : 0, alphabet.len);
        const uint64_t random = keyed_hash(s, i, (struct prov_str){ bytes, sizeof(bytes) });

        out[i] = is_blank(secret.ptr[i]) ? secret.ptr[i] : letters.ptr[random % letters.len];
    }
}

static bool
is_taken(const struct standins *s, const char *text, size_t len)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->entries[i].len == len && memcmp(s->entries[i].text, text, len) == 0)
            return true;
    }
    return false;
}

static const struct entry *
add_entry(struct standins *s, const uint64_t name[2], struct prov_str secret)
{
    if (s->count == s->cap) {
        s->cap = s->cap > 0 ? 2 * s->cap : 16;
        s->entries = tool_resize(s->entries, s->cap * sizeof(*s->entries));
    }
    struct entry *e = &s->entries[s->count];

    *e = (struct entry){ { name[0], name[1] }, secret.len, tool_alloc(secret.len) };
    for (uint64_t i = 0; i < TRIES; i++) {
        fill(s, secret, i, e->text);
        if (!is_taken(s, e->text, e->len) && memcmp(e->text, secret.ptr, e->len) != 0)
            break;
    }
    s->count++;
    return e;
}

static const struct entry *
entry_of(struct standins *s, struct prov_str secret)
{
    const uint64_t name[2] = { keyed_hash(s, 0, secret), keyed_hash(s, 1, secret) };

    for (size_t i = 0; i < s->count; i++) {
        const struct entry *e = &s->entries[i];

        if (e->len == secret.len && e->name[0] == name[0] && e->name[1] == name[1])
            return e;
    }
    return add_entry(s, name, secret);
}

void
standins_add(struct standins *s, struct prov_str secret, struct text *out)
{
    size_t from = 0, to = secret.len;

    while (from < to && is_blank(secret.ptr[from]))
        from++;
    while (to > from && is_blank(secret.ptr[to - 1]))
        to--;
    const struct prov_str inner = prov_str_cut(secret, from, to);

    text_add(out, prov_str_cut(secret, 0, from));
    if (inner.len == 0 || is_switch(inner)) {
        text_add(out, inner);
    } else {
        const struct entry *e = entry_of(s, inner);

        text_add(out, (struct prov_str){ e->text, e->len });
    }
    text_add(out, prov_str_cut(secret, to, secret.len));
}

void
standins_digest(const struct standins *s, uint8_t *digest)
{
    char copy[32];

    memcpy(copy, digest, sizeof(copy));
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t h = keyed_hash(s, UINT64_MAX - i, (struct prov_str){ copy, sizeof(copy) });

        for (unsigned k = 0; k < 8; k++)
            digest[8 * i + k] = (uint8_t)(h >> (8 * k));
    }
}

/* ---- Addresses ---- */

/* `user:password@`; what is not of this form is one secret. */
static void
add_user(struct standins *s, struct prov_str part, struct text *out)
{
    size_t colon = 0;

    if (part.len == 0 || part.ptr[part.len - 1] != '@') {
        standins_add(s, part, out);
        return;
    }
    while (part.ptr[colon] != ':' && colon < part.len - 1)
        colon++;
    standins_add(s, prov_str_cut(part, 0, colon), out);
    if (colon < part.len - 1) {
        text_add_z(out, ":");
        standins_add(s, prov_str_cut(part, colon + 1, part.len - 1), out);
    }
    text_add_z(out, "@");
}

void
standins_add_users(struct standins *s, struct prov_str text, struct text *out)
{
    size_t from, to, done = 0;

    while (text_find_user(text, done, &from, &to)) {
        text_add(out, prov_str_cut(text, done, from));
        add_user(s, prov_str_cut(text, from, to), out);
        done = to;
    }
    text_add(out, prov_str_cut(text, done, text.len));
}
